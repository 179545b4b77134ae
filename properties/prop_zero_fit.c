/* properties/prop_zero_fit.c - maximum likelihood of a model for a part of a spectrum
 *
 * A bin of value C and alpha = dof/2 is distributed as a gamma variate of shape alpha about S, so
 * that minus the logarithm of its likelihood is alpha (ln S + C/S) and a constant.  The information
 * about the parameters is alpha (d ln S)(d ln S)^T, which is never negative: steps are taken with
 * it (Fisher's scoring), damped as by Levenberg and Marquardt.  With weights w, the covariance of
 * the parameters is A^-1 B A^-1, A the sum of information times w, B of information times w^2.
 *
 * A weak prior keeps the two shape parameters of the Lorentzian finite where the data say nothing
 * about them (a white spectrum): ln(half width) about ln(cut-off/3) with deviation 1.5, the white
 * level about half of S(0) with deviation 1.5 of it.
 */
#include "properties/prop_zero_impl.h"

#include <math.h>

enum { MAX_STEPS = 60 };

/* Of b[1] = -2 ln(half width/unit) and of b[2] */
static const PetscReal prior_mean[PROP__ZERO_P] = {0.0, 2.2, 0.5};
static const PetscReal prior_weight[PROP__ZERO_P] = {0.0, 1.0 / 9.0, 1.0 / 2.25};

PetscInt prop__zero_parameters(const prop_zero_model *model)
{
  PetscInt p = 0;

  if (model->form != PROP_ZERO_POLY) return 3;
  for (PetscInt s = 0; s <= PROP_ZERO_MAX_DEGREE; s++) p += (model->degrees >> s) & 1;
  return p;
}

static PetscReal log_poly(PetscInt degrees, const PetscReal b[], PetscReal x, PetscReal gradient[])
{
  PetscReal sum = 0.0, power = 1.0;

  for (PetscInt s = 0, i = 0; s <= PROP_ZERO_MAX_DEGREE; s++, power *= x) {
    if (!((degrees >> s) & 1)) continue;
    gradient[i] = power;
    sum += b[i++] * power;
  }
  return sum;
}

/* A finite run of length T lets the periodogram of an exponential memory fall below its limit: bins
   have the mean S - (1/T) integral_0^T t C(t) cos(2 pi f t) dt, a fraction of tau/T less.  The
   derivatives leave that out. */
static PetscReal log_pade(const prop__zero_fit *fit, const PetscReal b[], PetscReal x,
                          PetscReal gradient[])
{
  const PetscReal q = exp(b[1]), z = q * x * x, top = 1.0 + b[2] * z;
  const PetscReal tau = sqrt(q) / (2.0 * PETSC_PI * fit->widest); /* tau/T */
  const PetscReal end = tau * (1.0 - b[2]) * (1.0 - z) / ((1.0 + z) * top);

  if (top < 0.01) return -HUGE_VAL;
  gradient[0] = 1.0;
  gradient[1] = b[2] * z / top - z / (1.0 + z);
  gradient[2] = z / top;
  return b[0] + log(top / (1.0 + z) * (1.0 - PetscClipInterval(end, -0.3, 0.3)));
}

PetscReal prop__zero_log(const prop__zero_fit *fit, const PetscReal b[], PetscReal frequency,
                         PetscReal gradient[])
{
  const PetscReal x = frequency / fit->unit;

  return fit->model.form == PROP_ZERO_POLY ? log_poly(fit->model.degrees, b, x, gradient)
                                           : log_pade(fit, b, x, gradient);
}

/* Cholesky factor in the lower triangle; false where a pivot is not positive */
static PetscBool factorise(PetscInt p, PetscReal l[PROP__ZERO_P][PROP__ZERO_P])
{
  for (PetscInt i = 0; i < p; i++) {
    for (PetscInt j = 0; j <= i; j++) {
      PetscReal sum = l[i][j];

      for (PetscInt k = 0; k < j; k++) sum -= l[i][k] * l[j][k];
      if (i > j)
        l[i][j] = sum / l[j][j];
      else if (sum > 0.0)
        l[i][i] = sqrt(sum);
      else
        return PETSC_FALSE;
    }
  }
  return PETSC_TRUE;
}

static void back_substitute(PetscInt p, PetscReal l[PROP__ZERO_P][PROP__ZERO_P], PetscReal x[])
{
  for (PetscInt i = 0; i < p; i++) {
    for (PetscInt k = 0; k < i; k++) x[i] -= l[i][k] * x[k];
    x[i] /= l[i][i];
  }
  for (PetscInt i = p - 1; i >= 0; i--) {
    for (PetscInt k = i + 1; k < p; k++) x[i] -= l[k][i] * x[k];
    x[i] /= l[i][i];
  }
}

PetscBool prop__zero_invert(PetscInt p, const PetscReal m[PROP__ZERO_P][PROP__ZERO_P],
                            PetscReal inverse[PROP__ZERO_P][PROP__ZERO_P], PetscReal *logdet)
{
  PetscReal l[PROP__ZERO_P][PROP__ZERO_P] = {{0.0}};

  for (PetscInt i = 0; i < p; i++) {
    for (PetscInt j = 0; j < p; j++) l[i][j] = m[i][j] * (i == j ? 1.0 + 1e-9 : 1.0);
  }
  *logdet = 0.0;
  if (!factorise(p, l)) return PETSC_FALSE;
  for (PetscInt i = 0; i < p; i++) *logdet -= 2.0 * log(l[i][i]);
  for (PetscInt j = 0; j < p; j++) {
    PetscReal column[PROP__ZERO_P] = {0.0};

    column[j] = 1.0;
    back_substitute(p, l, column);
    for (PetscInt i = 0; i < p; i++) inverse[i][j] = column[i];
  }
  return PETSC_TRUE;
}

/* A set of parameters and what the data say about it */
typedef struct {
  PetscReal b[PROP__ZERO_P];
  PetscReal cost; /* infinite outside the domain */
  PetscReal gradient[PROP__ZERO_P];
  PetscReal information[PROP__ZERO_P][PROP__ZERO_P];
  PetscReal square[PROP__ZERO_P][PROP__ZERO_P]; /* the same with squares of the weights */
} trial;

static void start_from_prior(const prop__zero_fit *fit, trial *t)
{
  t->cost = 0.0;
  for (PetscInt i = 0; i < fit->p; i++) {
    const PetscReal weight = fit->model.form == PROP_ZERO_POLY ? 0.0 : prior_weight[i];

    t->cost += 0.5 * weight * PetscSqr(t->b[i] - prior_mean[i]);
    t->gradient[i] = weight * (t->b[i] - prior_mean[i]);
    for (PetscInt j = 0; j < fit->p; j++)
      t->information[i][j] = t->square[i][j] = i == j ? weight : 0.0;
  }
}

/* Cost, its gradient and the information at t->b */
static void evaluate(const prop__zero_data *data, const PetscReal weight[],
                     const prop__zero_fit *fit, trial *t)
{
  PetscReal d[PROP__ZERO_P] = {0.0};

  start_from_prior(fit, t);
  for (PetscInt k = 0; k < data->n && t->cost < HUGE_VAL; k++) {
    const PetscReal w = weight[k] * data->alpha[k];
    PetscReal log, ratio;

    if (w == 0.0) continue;
    log = prop__zero_log(fit, t->b, data->frequency[k], d);
    ratio = data->value[k] * exp(-log);
    t->cost = log > -HUGE_VAL ? t->cost + w * (log + ratio) : HUGE_VAL;
    for (PetscInt i = 0; i < fit->p; i++) {
      t->gradient[i] += w * (1.0 - ratio) * d[i];
      for (PetscInt j = 0; j < fit->p; j++) {
        t->information[i][j] += w * d[i] * d[j];
        t->square[i][j] += weight[k] * w * d[i] * d[j];
      }
    }
  }
}

/* A damped step from `here`, kept within bounds; false if the matrix cannot be factorised */
static PetscBool propose(const prop__zero_fit *fit, const trial *here, PetscReal damping,
                         trial *there)
{
  PetscReal l[PROP__ZERO_P][PROP__ZERO_P] = {{0.0}}, step[PROP__ZERO_P] = {0.0};

  for (PetscInt i = 0; i < fit->p; i++) {
    step[i] = -here->gradient[i];
    for (PetscInt j = 0; j < fit->p; j++) {
      l[i][j] = here->information[i][j] * (i == j ? 1.0 + 1e-12 + damping : 1.0);
    }
  }
  if (!factorise(fit->p, l)) return PETSC_FALSE;
  back_substitute(fit->p, l, step);
  for (PetscInt i = 0; i < fit->p; i++) {
    there->b[i] = here->b[i] + PetscClipInterval(step[i], -2.0, 2.0);
  }
  if (fit->model.form != PROP_ZERO_POLY)
    there->b[1] = PetscMin(there->b[1], 2.0 * log(fit->widest));
  return PETSC_TRUE;
}

/* A^-1 and A^-1 B A^-1 of the information A and of that with squares of the weights, B: the
   response and the scatter of a maximum of a weighted likelihood */
static PetscBool covariance(PetscInt p, const trial *t,
                            PetscReal inverse[PROP__ZERO_P][PROP__ZERO_P],
                            PetscReal cov[PROP__ZERO_P][PROP__ZERO_P])
{
  PetscReal logdet;

  if (!prop__zero_invert(p, t->information, inverse, &logdet)) return PETSC_FALSE;
  for (PetscInt i = 0; i < p; i++) {
    for (PetscInt j = 0; j < p; j++) {
      cov[i][j] = 0.0;
      for (PetscInt k = 0; k < p; k++) {
        for (PetscInt l = 0; l < p; l++) {
          cov[i][j] += inverse[i][k] * t->square[k][l] * inverse[l][j];
        }
      }
    }
  }
  return PETSC_TRUE;
}

void prop__zero_maximise(const prop__zero_data *data, const PetscReal weight[], prop__zero_fit *fit)
{
  trial here = {.cost = 0.0}, there = {.cost = 0.0};
  PetscReal damping = 1e-3;

  for (PetscInt i = 0; i < fit->p; i++) here.b[i] = fit->b[i];
  evaluate(data, weight, fit, &here);
  fit->found = PETSC_FALSE;
  if (!(here.cost < HUGE_VAL)) return;
  for (PetscInt step = 0; step < MAX_STEPS && damping < 1e8; step++) {
    PetscBool settled;

    there.cost = HUGE_VAL;
    if (propose(fit, &here, damping, &there)) evaluate(data, weight, fit, &there);
    if (!(there.cost <= here.cost)) {
      damping *= 8.0;
      continue;
    }
    settled = (PetscBool)(here.cost - there.cost < 1e-5 && damping <= 1.0);
    here = there;
    damping *= 0.2;
    if (settled) break;
  }
  for (PetscInt i = 0; i < fit->p; i++) fit->b[i] = here.b[i];
  fit->cost = here.cost;
  fit->found = covariance(fit->p, &here, fit->response, fit->cov);
}
