/* properties/prop_thermal_length.c - conductivities with an imposed flux against each other and
 * extrapolated to a cell of infinite length
 */
#include <math.h>

#include "properties/prop_thermal.h"

PetscReal prop_thermal_z(const prop_estimate *a, const prop_estimate *b)
{
  const PetscReal error = hypot(a->error, b->error);

  return error > 0.0 && !PetscIsInfOrNanReal(error) ? (a->mean - b->mean) / error : PROP_NAN;
}

/* Weighted sums over runs of 1/kappa against 1/L */
typedef struct {
  PetscInt n;
  PetscReal w, x, y, xx, xy, yy;
} sums;

static PetscBool usable(const prop_rnemd *run)
{
  return (PetscBool)(run->transport.mean > 0.0 && run->transport.error > 0.0 &&
                     !PetscIsInfOrNanReal(run->transport.error));
}

static void add(PetscReal length, const prop_estimate *e, sums *s)
{
  const PetscReal x = 1.0 / length, y = 1.0 / e->mean, w = PetscSqr(e->mean * e->mean / e->error);

  s->n++;
  s->w += w;
  s->x += w * x;
  s->y += w * y;
  s->xx += w * x * x;
  s->xy += w * x * y;
  s->yy += w * y * y;
}

/* a of y = a + b x, its variance and chi^2; false without two different x */
static PetscBool intercept(const sums *s, PetscReal *a, PetscReal *variance, PetscReal *chi2)
{
  const PetscReal xx = s->xx - s->x * s->x / s->w, xy = s->xy - s->x * s->y / s->w;

  if (s->n < 2 || !(xx > 1e-12 * s->xx)) return PETSC_FALSE;
  *a = (s->y - s->x * xy / xx) / s->w;
  *variance = 1.0 / s->w + PetscSqr(s->x / s->w) / xx;
  *chi2 = PetscMax(0.0, s->yy - s->y * s->y / s->w - xy * xy / xx);
  return PETSC_TRUE;
}

static PetscErrorCode check_lengths(PetscInt n, const PetscReal length[])
{
  PetscFunctionBegin;
  PetscCheck(n >= 0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE, "%" PetscInt_FMT " runs", n);
  for (PetscInt i = 0; i < n; i++) {
    PetscCheck(length[i] > 0.0 && !PetscIsInfOrNanReal(length[i]), PETSC_COMM_SELF,
               PETSC_ERR_ARG_OUTOFRANGE, "Length %" PetscInt_FMT " is %g, wanted a positive number",
               i, (double)length[i]);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode prop_thermal_length(PetscInt n, const PetscReal length[], const prop_rnemd run[],
                                   prop_estimate *out)
{
  sums s = {0};
  PetscReal a, variance, chi2, q = 1.0;

  PetscFunctionBegin;
  *out = (prop_estimate){.mean = PROP_NAN, .error = PROP_NAN, .variance = PROP_NAN};
  PetscCall(check_lengths(n, length));
  for (PetscInt i = 0; i < n; i++) {
    out->flags |= run[i].transport.flags;
    if (usable(&run[i])) add(length[i], &run[i].transport, &s);
  }
  if (!intercept(&s, &a, &variance, &chi2)) {
    out->flags |= PROP_FLAG_FEW_SAMPLES | (s.n == 0 ? PROP_FLAG_MISSING : 0);
    PetscFunctionReturn(0);
  }
  if (!(a > 0.0)) {
    out->flags |= PROP_FLAG_NOT_LINEAR;
    PetscFunctionReturn(0);
  }
  if (s.n > 2) {
    PetscCall(prop_chi2_survival((PetscReal)(s.n - 2), chi2, &q));
    variance *= PetscMax(1.0, chi2 / (PetscReal)(s.n - 2));
  }
  if (q < 0.01) out->flags |= PROP_FLAG_REPLICAS_DISAGREE;
  out->mean = 1.0 / a;
  out->error = sqrt(variance) / (a * a);
  out->neff = PetscSqr(out->mean / out->error);
  if (out->neff < PROP_NEFF_MIN) out->flags |= PROP_FLAG_FEW_SAMPLES;
  PetscFunctionReturn(0);
}

/* The longest cell that has a value; -1: none has one. */
static PetscInt longest(PetscInt n, const PetscReal length[], const prop_value cell[])
{
  PetscInt best = -1;

  for (PetscInt i = 0; i < n; i++) {
    if (cell[i].flags & PROP_FLAG_MISSING) continue;
    if (best < 0 || length[i] > length[best]) best = i;
  }
  return best;
}

/* Whether a limit was found, well enough and not far from what was measured. */
static PetscBool is_limit(const prop_estimate *limit, PetscReal last)
{
  if (limit->flags & (PROP_FLAG_MISSING | PROP_FLAG_REPLICAS_DISAGREE)) return PETSC_FALSE;
  return (PetscBool)(limit->mean > 0.0 && limit->mean <= PROP_THERMAL_REACH * last &&
                     limit->error > 0.0 && limit->error <= PROP_THERMAL_KNOWN * limit->mean);
}

PetscErrorCode prop_thermal_cells(PetscInt n, const PetscReal length[], const prop_value cell[],
                                  prop_value *out)
{
  const PetscInt last = longest(n, length, cell);
  PetscInt flags = 0;
  prop_estimate limit;
  prop_rnemd *run;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(check_lengths(n, length));
  *out = last < 0 ? prop_value_missing : cell[last];
  if (last < 0) PetscFunctionReturn(0);
  PetscCall(PetscCalloc1(n, &run));
  for (PetscInt i = 0; i < n; i++) {
    run[i].transport.mean = cell[i].value;
    run[i].transport.error = cell[i].error;
    flags |= cell[i].flags & ~PROP_FLAG_MISSING;
    if (!(cell[i].flags & PROP_FLAG_MISSING)) out->neff = PetscMin(out->neff, cell[i].neff);
  }
  ierr = prop_thermal_length(n, length, run, &limit);
  PetscCall(PetscFree(run));
  PetscCall(ierr);
  out->flags = flags;
  if (is_limit(&limit, out->value)) {
    out->value = limit.mean;
    out->error = limit.error;
  } else {
    out->flags |= PROP_FLAG_FINITE_SIZE;
  }
  PetscFunctionReturn(0);
}
