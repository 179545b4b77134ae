/* properties/prop_zero.c - scan of the cut-off, choice and average over it, gates
 *
 * For cut-offs f_c on a logarithmic grid, the model is fitted to the spectrum with weights
 * w = 1/(1 + (f/f_c)^8).  How well it holds up to f_c is judged in two ways.  By cross-validation:
 * from the fit, parameters are corrected, to first order, once by the lower half of the frequencies
 * (f < 0.625 f_c, by the same smooth weights) and once by the upper half (up to 1.25 f_c); their
 * difference d has a known covariance C_d if the model is right.  And by the mean residuals below
 * f_c/2, f_c/4, ..., each with the variance that the fit has left of it: a narrow peak at zero, of
 * a slow memory that is a small part of the whole, stands out there and is lost in a half.  So
 *
 *     criterion = (d^T C_d^-1 d + largest z^2 of these residuals)/2 + q ln(error of S(0))
 *
 * falls while more data make the error smaller, and rises steeply once the model no longer fits.
 * exp(-criterion) weighs the cut-offs: the value is the mean of this mixture, the variance that of
 * the fits plus their spread.  The choice of the cut-off so enters the error bar.
 *
 * The published criterion does without the residuals and has, in the place of the last term,
 * (ln det C_d)/2, the precision of all parameters.  That rewards a high cut-off for knowing the
 * curvature: a polynomial then passed an Ornstein-Uhlenbeck peak by, 20 % off at an error bar of
 * 9 %.  Without the residuals the viscosity of the Lennard-Jones liquid near its triple point came
 * out a quarter too small, unflagged.
 *
 * Replicas are checked by what each of them would correct, to first order.
 */
#include "properties/prop_zero.h"

#include "properties/prop_zero_impl.h"

#include <math.h>

#include "md/md_rng.h"

enum {
  MAX_CUTOFF = 256,
  LOW_POINTS = 4,     /* frequencies, at least, for a test of a low part */
  RESTART = 8,        /* every so many cut-offs, fits begin anew */
  BOOTSTRAP = 64,     /* resamples: the error bar from them is known to 9 % */
  BOOTSTRAP_FROM = 20 /* replicas */
};

static const PetscReal grid_ratio = 1.0645; /* exp(1/16) */
static const PetscReal least_points = 5.0;  /* frequencies a parameter, at the lowest cut-off */
static const PetscReal reach = 1.25;        /* the two halves together go so far beyond f_c */
static const PetscReal hopeless = 50.0;     /* the scan ends so far above the best criterion */

/* q above.  Measured: with larger ones, models reach into peaks that they cannot follow; with
   smaller ones, too many low cut-offs are kept and error bars are too long. */
static const PetscReal power = 3.0;

const prop_zero_model prop_zero_poly0 = {PROP_ZERO_POLY, 1};
const prop_zero_model prop_zero_poly01 = {PROP_ZERO_POLY, 3};
const prop_zero_model prop_zero_poly012 = {PROP_ZERO_POLY, 7};
const prop_zero_model prop_zero_poly02 = {PROP_ZERO_POLY, 5};
const prop_zero_model prop_zero_pade = {PROP_ZERO_PADE, 0};
const prop_zero_model prop_zero_lorentz = {PROP_ZERO_LORENTZ, 0};

/* One cut-off */
typedef struct {
  PetscReal cutoff, points, criterion, z_criterion, z_cost;
  prop__zero_fit fit;
  PetscReal z_slow, slow; /* of a narrow peak at zero; what it would add to ln S(0) */
  PetscReal share;        /* of the mixture */
} scan_entry;

typedef struct {
  prop__zero_data data;
  PetscReal *alpha, *weight, *left, *right; /* [data.n] */
  PetscInt n;
  scan_entry entry[MAX_CUTOFF];
} scan;

static PetscReal switch_off(PetscReal f, PetscReal cutoff)
{
  const PetscReal x2 = PetscSqr(f / cutoff), x4 = x2 * x2, w = 1.0 / (1.0 + x4 * x4);

  return w < 1e-3 ? 0.0 : w;
}

/* (cost - its expectation)/its deviation, of the bins' own scatter about the fit */
static PetscReal score_cost(const prop__zero_data *data, const PetscReal weight[],
                            const prop__zero_fit *fit)
{
  PetscReal excess = 0.5 * (PetscReal)fit->p, variance = 0.0, d[PROP__ZERO_P];

  for (PetscInt k = 0; k < data->n; k++) {
    const PetscReal a = data->alpha[k], w = weight[k];
    PetscReal u, psi, psi1;

    if (w == 0.0) continue;
    u = a * data->value[k] * exp(-prop__zero_log(fit, fit->b, data->frequency[k], d));
    psi = prop_polygamma(a, &psi1);
    excess += w * (u - a - (a - 1.0) * (log(PetscMax(u, 1e-300)) - psi));
    variance += w * w * (PetscSqr(a - 1.0) * psi1 - a + 2.0);
  }
  return excess / sqrt(variance);
}

/* m += a d d^T */
static void add_square(PetscInt p, PetscReal a, const PetscReal d[],
                       PetscReal m[PROP__ZERO_P][PROP__ZERO_P])
{
  for (PetscInt i = 0; i < p; i++) {
    for (PetscInt j = 0; j < p; j++) m[i][j] += a * d[i] * d[j];
  }
}

/* out += sign x m y^T */
static void add_product(PetscInt p, PetscReal sign, PetscReal x[PROP__ZERO_P][PROP__ZERO_P],
                        PetscReal m[PROP__ZERO_P][PROP__ZERO_P],
                        PetscReal y[PROP__ZERO_P][PROP__ZERO_P],
                        PetscReal out[PROP__ZERO_P][PROP__ZERO_P])
{
  for (PetscInt i = 0; i < p; i++) {
    for (PetscInt j = 0; j < p; j++) {
      for (PetscInt k = 0; k < p; k++) {
        for (PetscInt l = 0; l < p; l++) out[i][j] += sign * x[i][k] * m[k][l] * y[j][l];
      }
    }
  }
}

/* Sums over bins of the two halves: information, its square by weights, and the residuals */
typedef struct {
  PetscReal a[2][PROP__ZERO_P][PROP__ZERO_P];
  PetscReal square[3][PROP__ZERO_P][PROP__ZERO_P]; /* left left, right right, left right */
  PetscReal residual[2][PROP__ZERO_P];
} halves;

static void sum_halves(const scan *s, const prop__zero_fit *fit, halves *h)
{
  const prop__zero_data *data = &s->data;
  PetscReal d[PROP__ZERO_P];

  *h = (halves){.residual = {{0.0}}};
  for (PetscInt k = 0; k < data->n; k++) {
    const PetscReal a = data->alpha[k], l = s->left[k], r = s->right[k];
    PetscReal log, rest;

    if (l == 0.0 && r == 0.0) continue;
    log = prop__zero_log(fit, fit->b, data->frequency[k], d);
    if (!(log > -HUGE_VAL)) continue;
    rest = data->value[k] * exp(-log) - 1.0;
    add_square(fit->p, a * l, d, h->a[0]);
    add_square(fit->p, a * r, d, h->a[1]);
    add_square(fit->p, a * l * l, d, h->square[0]);
    add_square(fit->p, a * r * r, d, h->square[1]);
    add_square(fit->p, a * l * r, d, h->square[2]);
    for (PetscInt i = 0; i < fit->p; i++) {
      h->residual[0][i] += a * l * rest * d[i];
      h->residual[1][i] += a * r * rest * d[i];
    }
  }
}

/* chi^2 of d, the difference of the two corrections; negative where the halves do not determine the
   parameters */
static PetscReal compare_halves(const scan *s, const prop__zero_fit *fit)
{
  const PetscInt p = fit->p;
  PetscReal inverse[2][PROP__ZERO_P][PROP__ZERO_P], cov[PROP__ZERO_P][PROP__ZERO_P] = {{0.0}};
  PetscReal precision[PROP__ZERO_P][PROP__ZERO_P], d[PROP__ZERO_P] = {0.0}, chi2 = 0.0, logdet;
  halves h;

  sum_halves(s, fit, &h);
  if (!prop__zero_invert(p, h.a[0], inverse[0], &logdet)) return -1.0;
  if (!prop__zero_invert(p, h.a[1], inverse[1], &logdet)) return -1.0;
  add_product(p, 1.0, inverse[0], h.square[0], inverse[0], cov);
  add_product(p, 1.0, inverse[1], h.square[1], inverse[1], cov);
  add_product(p, -1.0, inverse[0], h.square[2], inverse[1], cov);
  add_product(p, -1.0, inverse[1], h.square[2], inverse[0], cov);
  if (!prop__zero_invert(p, cov, precision, &logdet)) return -1.0;
  for (PetscInt i = 0; i < p; i++) {
    for (PetscInt j = 0; j < p; j++) {
      d[i] += inverse[0][i][j] * h.residual[0][j] - inverse[1][i][j] * h.residual[1][j];
    }
  }
  for (PetscInt i = 0; i < p; i++) {
    for (PetscInt j = 0; j < p; j++) chi2 += d[i] * precision[i][j] * d[j];
  }
  return PetscMax(0.0, chi2);
}

/* Sums over the bins below some frequency */
typedef struct {
  PetscReal points, residual, variance, a[PROP__ZERO_P], square[PROP__ZERO_P];
} low_part;

static void add_bin(const prop__zero_data *data, const prop__zero_fit *fit, PetscReal w, PetscInt k,
                    low_part *o)
{
  const PetscReal a = w * data->alpha[k];
  PetscReal d[PROP__ZERO_P] = {0.0};
  const PetscReal log = prop__zero_log(fit, fit->b, data->frequency[k], d);

  o->residual += a * (data->value[k] * exp(-log) - 1.0);
  o->variance += w * a;
  for (PetscInt i = 0; i < fit->p; i++) {
    o->a[i] += a * d[i];
    o->square[i] += w * a * d[i];
  }
}

/* z^2 of a low part's residual, whose variance is what the fit has left of it */
static PetscReal score_low_part(const prop__zero_fit *fit, const low_part *o)
{
  PetscReal variance = o->variance;

  for (PetscInt i = 0; i < fit->p; i++) {
    for (PetscInt j = 0; j < fit->p; j++) {
      variance += o->a[i] * (fit->cov[i][j] * o->a[j] - 2.0 * fit->response[i][j] * o->square[j]);
    }
  }
  return PetscSqr(o->residual) / PetscMax(variance, 0.05 * o->variance);
}

/* The largest z^2 of what lies below f_c/2, f_c/4, ... down to LOW_POINTS frequencies */
static PetscReal score_low_parts(const prop_spectrum *spectrum, const scan *s, const scan_entry *e)
{
  low_part o = {.points = 0.0};
  PetscReal largest = 0.0, edge = e->cutoff;

  while (edge > 2.0 * s->data.frequency[0]) edge *= 0.5;
  for (PetscInt k = 0; k < s->data.n && edge < e->cutoff; k++) {
    if (s->data.frequency[k] > edge) {
      if (o.points >= LOW_POINTS) largest = PetscMax(largest, score_low_part(&e->fit, &o));
      edge *= 2.0;
    }
    add_bin(&s->data, &e->fit, s->weight[k], k, &o);
    o.points += spectrum->points[k];
  }
  return largest;
}

/* Criterion of the cut-off and its z; false where the halves do not determine the parameters */
static PetscBool cross_validate(const prop_spectrum *spectrum, const scan *s, scan_entry *e)
{
  const PetscReal both = compare_halves(s, &e->fit), p = (PetscReal)e->fit.p;
  const PetscReal low = score_low_parts(spectrum, s, e);

  if (both < 0.0) return PETSC_FALSE;
  e->criterion = 0.5 * (both + low) + 0.5 * power * log(e->fit.cov[0][0]);
  e->z_criterion = PetscMax((both - p) / sqrt(2.0 * p), sqrt(low) - 1.0);
  return PETSC_TRUE;
}

/* A start without knowledge: white, or a Lorentzian of a given width over a white level */
static void start_anew(const scan *s, PetscReal width, prop__zero_fit *fit)
{
  PetscReal sum = 0.0, norm = 0.0;

  for (PetscInt k = 0; k < s->data.n; k++) {
    sum += s->weight[k] * s->data.alpha[k] * s->data.value[k];
    norm += s->weight[k] * s->data.alpha[k];
  }
  for (PetscInt i = 0; i < fit->p; i++) fit->b[i] = 0.0;
  fit->b[0] = log(sum / norm);
  if (fit->model.form == PROP_ZERO_POLY) return;
  fit->b[1] = PetscMin(width, 2.0 * log(fit->widest));
  fit->b[2] = 0.3;
}

/* The best of fits from that at the cut-off before and, at some cut-offs, from new starts.  A
   polynomial has one maximum. */
static void fit_entry(const scan *s, const prop__zero_fit *before, scan_entry *e)
{
  static const PetscReal width[] = {0.0, 2.2, 4.4};
  const PetscBool poly = (PetscBool)(e->fit.model.form == PROP_ZERO_POLY);
  const PetscInt nstart = before->found && s->n % RESTART ? 0 : poly ? 1 : 3;
  prop__zero_fit best = e->fit;

  for (PetscInt start = before->found ? -1 : 0; start < nstart; start++) {
    prop__zero_fit fit = e->fit;

    if (start >= 0) {
      start_anew(s, width[start], &fit);
    } else {
      for (PetscInt i = 0; i < fit.p; i++) fit.b[i] = before->b[i];
      if (!poly) fit.b[1] += 2.0 * log(fit.unit / before->unit);
    }
    prop__zero_maximise(&s->data, s->weight, &fit);
    if (fit.found && (!best.found || fit.cost < best.cost)) best = fit;
  }
  e->fit = best;
}

static void weigh(const prop_spectrum *spectrum, PetscReal cutoff, scan *s, PetscReal *points)
{
  *points = 0.0;
  for (PetscInt k = 0; k < s->data.n; k++) {
    const PetscReal f = s->data.frequency[k];

    s->weight[k] = switch_off(f, cutoff);
    s->left[k] = switch_off(f, 0.5 * reach * cutoff);
    s->right[k] = switch_off(f, reach * cutoff) - s->left[k];
    *points += s->weight[k] * spectrum->points[k];
  }
}

/* Fits and criteria for all cut-offs */
static void scan_cutoffs(const prop_spectrum *spectrum, const prop_zero_model *model, scan *s)
{
  const PetscReal duration = (PetscReal)spectrum->nblock * spectrum->step;
  const PetscInt p = prop__zero_parameters(model);
  prop__zero_fit before = {.found = PETSC_FALSE};
  PetscReal best = HUGE_VAL;

  s->n = 0;
  for (PetscReal f = least_points * (PetscReal)p / duration;
       f < 0.25 / spectrum->step && s->n < MAX_CUTOFF; f *= grid_ratio) {
    scan_entry *e = &s->entry[s->n];

    *e = (scan_entry){.cutoff = f, .fit = {.model = *model, .p = p, .unit = f}};
    e->fit.widest = f * duration;
    weigh(spectrum, f, s, &e->points);
    fit_entry(s, &before, e);
    if (!e->fit.found) continue;
    before = e->fit;
    if (!cross_validate(spectrum, s, e)) continue;
    e->z_cost = score_cost(&s->data, s->weight, &e->fit);
    e->z_slow = prop__zero_slow(&s->data, s->weight, f, &e->fit, &e->slow);
    best = PetscMin(best, e->criterion);
    s->n++;
    if (e->criterion > best + hopeless) break;
  }
}

/* Shares of the cut-offs that count; false where none does.  A Lorentzian counts where it is a peak
   whose width is known. */
static PetscBool share_out(scan *s)
{
  PetscReal best = HUGE_VAL, sum = 0.0;

  for (PetscInt j = 0; j < s->n; j++) {
    scan_entry *e = &s->entry[j];
    const PetscBool peak = (PetscBool)(e->fit.b[2] < 1.0 && e->fit.cov[1][1] < 1.0);

    e->share = e->fit.model.form != PROP_ZERO_LORENTZ || peak ? 1.0 : 0.0;
    if (e->share > 0.0) best = PetscMin(best, e->criterion);
  }
  for (PetscInt j = 0; j < s->n; j++) {
    if (s->entry[j].share > 0.0) s->entry[j].share = exp(best - s->entry[j].criterion);
    sum += s->entry[j].share;
  }
  for (PetscInt j = 0; j < s->n; j++) s->entry[j].share /= sum;
  return (PetscBool)(best < HUGE_VAL);
}

/* [fs] of the Lorentzian; without meaning for others */
static PetscReal tau_of(const prop__zero_fit *fit)
{
  return exp(0.5 * fit->b[1]) / (2.0 * PETSC_PI * fit->unit);
}

/* Means of the mixture */
static void mix(const scan *s, prop_zero *out)
{
  out->value = out->points = out->cutoff = out->tau = out->z_cost = out->z_criterion = 0.0;
  for (PetscInt j = 0; j < s->n; j++) {
    const scan_entry *e = &s->entry[j];

    out->value += e->share * exp(e->fit.b[0]);
    out->points += e->share * e->points;
    out->cutoff += e->share * e->cutoff;
    out->z_cost += e->share * e->z_cost;
    out->z_criterion += e->share * e->z_criterion;
    out->tau += e->share * tau_of(&e->fit);
  }
}

/* Adds to effect[k] what a relative change of bin k does to the value of the mixture, by its entry
   e, to first order. */
static void add_effect(const scan *s, const scan_entry *e, PetscReal effect[])
{
  const PetscReal value = e->share * exp(e->fit.b[0]);
  PetscReal d[PROP__ZERO_P];

  for (PetscInt k = 0; k < s->data.n; k++) {
    const PetscReal w = switch_off(s->data.frequency[k], e->cutoff) * s->data.alpha[k];

    if (w == 0.0) continue;
    prop__zero_log(&e->fit, e->fit.b, s->data.frequency[k], d);
    for (PetscInt i = 0; i < e->fit.p; i++) {
      effect[k] += value * w * e->fit.response[0][i] * d[i];
    }
  }
}

/* Variance of the mixture at fixed shares.  Fits at different cut-offs share their bins, whose
   relative variance is 1/alpha. */
static PetscReal variance_of(const scan *s)
{
  PetscReal sum = 0.0, *effect = s->left; /* used no more once the scan is over */

  for (PetscInt k = 0; k < s->data.n; k++) effect[k] = 0.0;
  for (PetscInt j = 0; j < s->n; j++) {
    if (s->entry[j].share > 1e-6) add_effect(s, &s->entry[j], effect);
  }
  for (PetscInt k = 0; k < s->data.n; k++) sum += PetscSqr(effect[k]) / s->data.alpha[k];
  return sum;
}

/* How much of that scatter is not counted: shares come from the same data, so that the mixture
   varies by a little more than it would at fixed ones.  Measured on one and two memories. */
static const PetscReal expected = 0.8;

/* Deviations of the mixture.  The fits scatter about their mean by apart^2; because each has some
   bins to itself, they would do so by own^2 less the variance of the mixture if the model held at
   all cut-offs.  Only what is more tells that it does not. */
static void spread(const scan *s, prop_zero *out)
{
  const PetscReal variance = variance_of(s);
  PetscReal own = 0.0, own_tau = 0.0, apart = 0.0, apart_tau = 0.0;

  for (PetscInt j = 0; j < s->n; j++) {
    const scan_entry *e = &s->entry[j];
    const PetscReal value = exp(e->fit.b[0]), tau = tau_of(&e->fit);

    own += e->share * PetscSqr(value) * e->fit.cov[0][0];
    own_tau += e->share * 0.5 * tau * sqrt(e->fit.cov[1][1]);
    apart += e->share * PetscSqr(value - out->value);
    apart_tau += e->share * PetscSqr(tau - out->tau);
  }
  out->within = sqrt(variance + PetscMax(0.0, apart - expected * PetscMax(0.0, own - variance)));
  out->tau_error = sqrt(own_tau * own_tau + apart_tau);
}

/* [1] relative deviation of the value that one replica alone would bring about, to first order */
static PetscReal deviation_of(const scan *s, const PetscReal replica[])
{
  PetscReal sum = 0.0, d[PROP__ZERO_P];

  for (PetscInt j = 0; j < s->n; j++) {
    const scan_entry *e = &s->entry[j];
    PetscReal correction = 0.0;

    if (e->share < 1e-6) continue;
    for (PetscInt k = 0; k < s->data.n; k++) {
      const PetscReal w = switch_off(s->data.frequency[k], e->cutoff) * s->data.alpha[k];
      PetscReal rest;

      if (w == 0.0) continue;
      rest = replica[k] * exp(-prop__zero_log(&e->fit, e->fit.b, s->data.frequency[k], d)) - 1.0;
      for (PetscInt i = 0; i < e->fit.p; i++) correction += e->fit.response[0][i] * w * rest * d[i];
    }
    sum += e->share * correction;
  }
  return sum;
}

/* Standard error from the scatter of the replicas, by what each alone would bring about */
static PetscErrorCode scatter(const scan *s, const prop_spectrum *spectrum, prop_zero *out)
{
  const PetscInt n = spectrum->nreplica;
  PetscReal *x, mean = 0.0, sum = 0.0;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(n, &x));
  for (PetscInt r = 0; r < n; r++) {
    x[r] = deviation_of(s, spectrum->replica + r * spectrum->nbin);
    mean += x[r] / (PetscReal)n;
  }
  for (PetscInt r = 0; r < n; r++) sum += PetscSqr(x[r] - mean);
  PetscCall(PetscFree(x));
  out->between = out->value * sqrt(sum / (PetscReal)(n * (n - 1)));
  PetscFunctionReturn(0);
}

static PetscErrorCode scan_create(const prop_spectrum *spectrum, scan **s)
{
  const PetscInt n = spectrum->nbin;

  PetscFunctionBegin;
  PetscCall(PetscNew(s));
  PetscCall(PetscMalloc4(n, &(*s)->alpha, n, &(*s)->weight, n, &(*s)->left, n, &(*s)->right));
  for (PetscInt k = 0; k < n; k++) (*s)->alpha[k] = 0.5 * spectrum->dof[k];
  (*s)->data = (prop__zero_data){
      .n = n, .frequency = spectrum->frequency, .value = spectrum->value, .alpha = (*s)->alpha};
  PetscFunctionReturn(0);
}

static PetscErrorCode scan_destroy(scan **s)
{
  PetscFunctionBegin;
  PetscCall(PetscFree4((*s)->alpha, (*s)->weight, (*s)->left, (*s)->right));
  PetscCall(PetscFree(*s));
  PetscFunctionReturn(0);
}

/* The mixture, with a substitute for the Lorentzian where there is no peak; false without a fit */
static PetscBool limit_of(const prop_spectrum *spectrum, const prop_zero_model *model, scan *s,
                          prop_zero *out)
{
  out->model = *model;
  scan_cutoffs(spectrum, &out->model, s);
  if (!share_out(s)) {
    if (model->form != PROP_ZERO_LORENTZ) return PETSC_FALSE;
    out->model = prop_zero_poly02;
    scan_cutoffs(spectrum, &out->model, s);
    if (!share_out(s)) return PETSC_FALSE;
  }
  out->parameters = prop__zero_parameters(&out->model);
  mix(s, out);
  spread(s, out);
  return PETSC_TRUE;
}

/* The same by all that is done here with replicas drawn anew; the draws are the same every time */
static PetscErrorCode bootstrap(const prop_spectrum *spectrum, const prop_zero_model *model,
                                prop_zero *out)
{
  const PetscInt n = spectrum->nreplica;
  PetscReal sum = 0.0, square = 0.0;
  PetscInt *drawn, found = 0;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(n, &drawn));
  for (PetscInt b = 0; b < BOOTSTRAP; b++) {
    prop_spectrum some;
    prop_zero again;
    scan *s;

    for (PetscInt r = 0; r < n; r++) {
      const uint32_t counter[4] = {(uint32_t)r, (uint32_t)b, 0, 0}, key[2] = {0x5a45524f, 0};
      uint32_t bits[4];

      md_rng_philox(counter, key, bits);
      drawn[r] = (PetscInt)(bits[0] % (uint32_t)n);
    }
    PetscCall(prop_spectrum_resample(spectrum, n, drawn, &some));
    PetscCall(scan_create(&some, &s));
    if (limit_of(&some, model, s, &again)) {
      found++;
      sum += again.value - out->value;
      square += PetscSqr(again.value - out->value);
    }
    PetscCall(scan_destroy(&s));
    PetscCall(prop_spectrum_clear(&some));
  }
  PetscCall(PetscFree(drawn));
  if (found > 1)
    out->between = sqrt((square - sum * sum / (PetscReal)found) / (PetscReal)(found - 1));
  PetscFunctionReturn(0);
}

/* Means over the mixture of z of a slow peak and of the relative change that it would bring */
static PetscReal slow_of(const scan *s, PetscReal *change)
{
  PetscReal z = 0.0;

  *change = 0.0;
  for (PetscInt j = 0; j < s->n; j++) {
    z += s->entry[j].share * s->entry[j].z_slow;
    *change += s->entry[j].share * s->entry[j].slow;
  }
  return z;
}

/* Doubt about a slow memory that the fits pass by: the error bar knows of it */
static void doubt(const scan *s, prop_zero *out)
{
  PetscReal change;

  if (slow_of(s, &change) <= PROP_ZERO_SLOW) return;
  out->error = PetscSqrtReal(PetscSqr(out->error) + PetscSqr(out->value * change));
  out->neff = PetscSqr(out->value / out->error);
  out->flags |= PROP_FLAG_NO_PLATEAU;
  if (out->neff < PROP_NEFF_MIN) out->flags |= PROP_FLAG_FEW_SAMPLES;
}

/* The error bar, and what the numbers do not pass.  The scatter of n replicas is itself known to
   1/sqrt(2 (n - 1)) only; always to take the larger error would make error bars too long.  Replicas
   of the same truth exceed the margin in 5 to 6 %. */
static void judge(const prop_spectrum *spectrum, prop_zero *out)
{
  const PetscReal duration = (PetscReal)spectrum->nblock * spectrum->step;
  const PetscReal margin = 1.0 + 1.5 / sqrt(2.0 * (PetscReal)PetscMax(1, spectrum->nreplica - 1));

  out->error = out->between > out->within * margin ? out->between : out->within;
  out->neff = PetscSqr(out->value / out->error);
  out->flags = spectrum->nreplica > 1 ? 0 : PROP_FLAG_ONE_REPLICA;
  if (out->points < PROP_ZERO_POINTS * (PetscReal)out->parameters) {
    out->flags |= PROP_FLAG_FEW_SAMPLES;
  }
  if (out->neff < PROP_NEFF_MIN) out->flags |= PROP_FLAG_FEW_SAMPLES;
  if (out->z_cost > PROP_ZERO_Z || out->z_criterion > PROP_ZERO_Z) {
    out->flags |= PROP_FLAG_NO_PLATEAU;
  }
  if (out->model.form != PROP_ZERO_LORENTZ) {
    out->tau = out->tau_error = PROP_NAN;
  } else if (duration < PROP_ZERO_WIDTH * 2.0 * PETSC_PI * out->tau) {
    out->flags |= PROP_FLAG_NO_PLATEAU;
  }
}

static PetscErrorCode check_model(const prop_zero_model *model)
{
  PetscFunctionBegin;
  if (model->form != PROP_ZERO_POLY) PetscFunctionReturn(0);
  PetscCheck(model->degrees > 0 && model->degrees >> (PROP_ZERO_MAX_DEGREE + 1) == 0 &&
                 (model->degrees & 1),
             PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Degrees of a polynomial are 0 and others up to %d, got the bits %" PetscInt_FMT,
             PROP_ZERO_MAX_DEGREE, model->degrees);
  PetscCheck(prop__zero_parameters(model) <= PROP_ZERO_MAX_PARAMETER, PETSC_COMM_SELF,
             PETSC_ERR_ARG_OUTOFRANGE, "At most %d degrees, got %" PetscInt_FMT,
             PROP_ZERO_MAX_PARAMETER, prop__zero_parameters(model));
  PetscFunctionReturn(0);
}

/* Whether there is nothing to fit */
static PetscBool is_zero(const prop_spectrum *spectrum)
{
  PetscReal sum = 0.0;

  for (PetscInt k = 0; k < spectrum->nbin; k++) sum += spectrum->value[k];
  return (PetscBool) !(sum > 0.0);
}

PetscErrorCode prop_zero_estimate(const prop_spectrum *spectrum, const prop_zero_model *model,
                                  prop_zero *out)
{
  scan *s;

  PetscFunctionBegin;
  *out = (prop_zero){.model = *model, .parameters = prop__zero_parameters(model)};
  out->value = out->error = out->within = out->between = PROP_NAN;
  out->tau = out->tau_error = out->z_cost = out->z_criterion = PROP_NAN;
  out->flags = PROP_FLAG_FEW_SAMPLES;
  PetscCall(check_model(model));
  if (is_zero(spectrum)) {
    out->flags |= PROP_FLAG_MISSING;
    PetscFunctionReturn(0);
  }
  PetscCall(scan_create(spectrum, &s));
  if (limit_of(spectrum, model, s, out)) {
    if (spectrum->nreplica >= BOOTSTRAP_FROM)
      PetscCall(bootstrap(spectrum, model, out));
    else if (spectrum->nreplica > 1)
      PetscCall(scatter(s, spectrum, out));
    judge(spectrum, out);
    doubt(s, out);
  }
  PetscCall(scan_destroy(&s));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_zero_sequences(PetscInt nreplica, PetscInt ncomponent,
                                   const prop_sequence sequence[], PetscReal step,
                                   const prop_zero_model *model, prop_zero *out)
{
  static const prop_spectrum none = {0};
  prop_spectrum spectrum;

  PetscFunctionBegin;
  PetscCall(check_model(model));
  if (nreplica >= 1 && ncomponent >= 1 && sequence[0].n < PROP_SPECTRUM_MIN) {
    PetscCall(prop_zero_estimate(&none, model, out));
    out->flags = PROP_FLAG_FEW_SAMPLES;
    PetscFunctionReturn(0);
  }
  PetscCall(prop_spectrum_create(nreplica, ncomponent, sequence, step, PETSC_FALSE, &spectrum));
  PetscCall(prop_zero_estimate(&spectrum, model, out));
  PetscCall(prop_spectrum_clear(&spectrum));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_zero_deviations(PetscInt nreplica, PetscInt ncomponent,
                                    const prop_sequence sequence[], PetscReal step,
                                    const prop_zero_model *model, PetscReal deviation[])
{
  prop_spectrum spectrum;
  prop_zero out;
  scan *s;

  PetscFunctionBegin;
  PetscCall(check_model(model));
  for (PetscInt r = 0; r < nreplica; r++) deviation[r] = PROP_NAN;
  if (nreplica < 1 || ncomponent < 1 || sequence[0].n < PROP_SPECTRUM_MIN) PetscFunctionReturn(0);
  PetscCall(prop_spectrum_create(nreplica, ncomponent, sequence, step, PETSC_FALSE, &spectrum));
  PetscCall(scan_create(&spectrum, &s));
  if (!is_zero(&spectrum) && limit_of(&spectrum, model, s, &out)) {
    for (PetscInt r = 0; r < nreplica; r++)
      deviation[r] = deviation_of(s, spectrum.replica + r * spectrum.nbin);
  }
  PetscCall(scan_destroy(&s));
  PetscCall(prop_spectrum_clear(&spectrum));
  PetscFunctionReturn(0);
}

prop_estimate prop_zero_to_estimate(const prop_zero *zero)
{
  return (prop_estimate){.mean = zero->value,
                         .error = zero->error,
                         .variance = PROP_NAN,
                         .neff = zero->neff,
                         .flags = zero->flags};
}
