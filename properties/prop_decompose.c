/* properties/prop_decompose.c - two exponentials through a running integral
 *
 * For given times tau1 < tau2 the best weights are the solution of two linear equations, so that
 * only a plane has to be searched: first on a logarithmic grid over all times that the fit covers,
 * then on finer ones about the best point.  Weights are not negative; where they would be, one
 * exponential alone is tried.  A search needs no start and cannot run away, which matters for the
 * hundred fits of a bootstrap.
 */
#include "properties/prop_running.h"

#include <math.h>

#include "md/md_rng.h"

enum { GRID = 20, REFINE = 5, FINER = 5, RESAMPLES = 100, ENOUGH = 90 };

static const PetscReal rule = 0.4;  /* scatter over integral, where the fit ends */
static const PetscReal apart = 1.5; /* tau2/tau1 at least */

/* The mean of some pieces and how it is to be fitted */
typedef struct {
  PetscInt n; /* points */
  const PetscReal *time;
  PetscReal *mean, *scatter; /* [n] of the integral; of a trajectory's */
  PetscReal *weight;         /* [n] of a point */
  PetscReal *curve;          /* [2, GRID, n] 1 - exp(-t/tau) of the times tried */
  PetscReal exponent;
  PetscReal share[2], tau[2], residue; /* the best */
} decomposition;

static PetscErrorCode create(const prop_running *run, decomposition *d)
{
  const PetscInt n = run->npoint;

  PetscFunctionBegin;
  *d = (decomposition){.time = run->time};
  PetscCall(PetscMalloc4(n, &d->mean, n, &d->scatter, n, &d->weight, 2 * GRID * n, &d->curve));
  PetscFunctionReturn(0);
}

static PetscErrorCode destroy(decomposition *d)
{
  PetscFunctionBegin;
  PetscCall(PetscFree4(d->mean, d->scatter, d->weight, d->curve));
  PetscFunctionReturn(0);
}

/* Mean and scatter over all pieces, up to where the scatter is too large: d->n points */
static void average(const prop_running *run, PetscInt nstress, decomposition *d)
{
  const PetscReal share = 1.0 / (PetscReal)run->npiece;

  for (d->n = 0; d->n < run->npoint; d->n++) {
    PetscReal mean = 0.0, square = 0.0;

    for (PetscInt q = 0; q < run->npiece; q++) {
      mean += run->piece[q * run->npoint + d->n] * share;
    }
    for (PetscInt q = 0; q < run->npiece; q++) {
      square += PetscSqr(run->piece[q * run->npoint + d->n] - mean) * share;
    }
    d->mean[d->n] = mean;
    d->scatter[d->n] = sqrt(square / (PetscReal)nstress);
    if (d->n > 8 && d->scatter[d->n] > rule * mean) break;
  }
}

/* The same for pieces drawn anew, at the d->n points of before and with their weights */
static void average_again(const prop_running *run, const PetscInt drawn[], decomposition *d)
{
  const PetscReal share = 1.0 / (PetscReal)run->npiece;

  for (PetscInt i = 0; i < d->n; i++) {
    d->mean[i] = 0.0;
    for (PetscInt q = 0; q < run->npiece; q++) {
      d->mean[i] += run->piece[drawn[q] * run->npoint + i] * share;
    }
  }
}

/* b of a scatter that grows as t^b, by least squares of its logarithm; weights t^-2b and the width
   of the interval that a point stands for */
static void weigh(decomposition *d)
{
  PetscReal sx = 0.0, sy = 0.0, sxx = 0.0, sxy = 0.0;

  for (PetscInt i = 0; i < d->n; i++) {
    const PetscReal x = log(d->time[i]), y = log(PetscMax(d->scatter[i], 1e-300));

    sx += x;
    sy += y;
    sxx += x * x;
    sxy += x * y;
  }
  d->exponent = ((PetscReal)d->n * sxy - sx * sy) / ((PetscReal)d->n * sxx - sx * sx);
  d->exponent = PetscClipInterval(d->exponent, 0.0, 2.0);
  for (PetscInt i = 0; i < d->n; i++) {
    const PetscReal before = i > 0 ? d->time[i - 1] : 0.0;

    d->weight[i] = (d->time[i] - before) * pow(d->time[i] / d->time[0], -2.0 * d->exponent);
  }
}

/* Sums for the two linear equations of curves x and y [d->n] */
typedef struct {
  PetscReal xx, xy, yy, xm, ym, mm;
} products;

static products multiply(const decomposition *d, const PetscReal x[], const PetscReal y[])
{
  products p = {.mm = 0.0};

  for (PetscInt i = 0; i < d->n; i++) {
    const PetscReal w = d->weight[i], m = d->mean[i];

    p.xx += w * x[i] * x[i];
    p.xy += w * x[i] * y[i];
    p.yy += w * y[i] * y[i];
    p.xm += w * x[i] * m;
    p.ym += w * y[i] * m;
    p.mm += w * m * m;
  }
  return p;
}

/* The best weights of two curves; kept in d if the residue is the least so far */
static void attempt(const PetscReal x[], const PetscReal y[], const PetscReal tau[2],
                    decomposition *d)
{
  const products p = multiply(d, x, y);
  const PetscReal det = p.xx * p.yy - p.xy * p.xy;
  PetscReal u = (p.yy * p.xm - p.xy * p.ym) / det, v = (p.xx * p.ym - p.xy * p.xm) / det, residue;

  if (!(u >= 0.0)) {
    u = 0.0;
    v = p.ym / p.yy;
  } else if (!(v >= 0.0)) {
    u = p.xm / p.xx;
    v = 0.0;
  }
  residue = p.mm - 2.0 * (u * p.xm + v * p.ym) + p.xx * u * u + 2.0 * p.xy * u * v + p.yy * v * v;
  if (!(residue < d->residue) || u + v <= 0.0) return;
  d->residue = residue;
  d->share[0] = u;
  d->share[1] = v;
  d->tau[0] = tau[0];
  d->tau[1] = tau[1];
}

/* All pairs of m times each about the two given ones, at equal ratios */
static void search(PetscInt m, const PetscReal middle[2], PetscReal ratio, decomposition *d)
{
  PetscReal tau[2][GRID];

  for (PetscInt side = 0; side < 2; side++) {
    for (PetscInt k = 0; k < m; k++) {
      PetscReal *curve = d->curve + (side * GRID + k) * d->n;

      tau[side][k] = middle[side] * pow(ratio, (PetscReal)k - 0.5 * (PetscReal)(m - 1));
      for (PetscInt i = 0; i < d->n; i++) curve[i] = -expm1(-d->time[i] / tau[side][k]);
    }
  }
  for (PetscInt k = 0; k < m; k++) {
    for (PetscInt l = 0; l < m; l++) {
      const PetscReal pair[2] = {tau[0][k], tau[1][l]};

      if (pair[1] < apart * pair[0]) continue;
      attempt(d->curve + k * d->n, d->curve + (GRID + l) * d->n, pair, d);
    }
  }
}

/* The best of all pairs between a quarter of the first time and half of the last; false if none */
static PetscBool fit(decomposition *d)
{
  const PetscReal low = 0.5 * d->time[0], high = 0.5 * d->time[d->n - 1];
  const PetscReal middle[2] = {sqrt(low * high), sqrt(low * high)};
  PetscReal ratio = pow(high / low, 1.0 / (PetscReal)(GRID - 1));

  d->residue = HUGE_VAL;
  search(GRID, middle, ratio, d);
  if (!(d->residue < HUGE_VAL)) return PETSC_FALSE;
  for (PetscInt level = 0; level < REFINE; level++) {
    const PetscReal best[2] = {d->tau[0], d->tau[1]};

    ratio = sqrt(ratio);
    search(FINER, best, ratio, d);
  }
  return PETSC_TRUE;
}

/* The fit to the mean of the pieces; false where it fails */
static PetscBool decompose(const prop_running *run, PetscInt nstress, decomposition *d)
{
  average(run, nstress, d);
  if (d->n < 8) return PETSC_FALSE;
  weigh(d);
  return fit(d);
}

/* Half of the width of what holds 68.27 % of n > 1 values, sorted here */
static PetscErrorCode central_width(PetscInt n, PetscReal x[], PetscReal *width)
{
  static const PetscReal quantile[2] = {0.158655, 0.841345};
  PetscReal end[2];

  PetscFunctionBegin;
  PetscCall(PetscSortReal(n, x));
  for (int side = 0; side < 2; side++) {
    const PetscReal at = PetscClipInterval(quantile[side] * (PetscReal)n - 0.5, 0.0, n - 1.0);
    const PetscInt i = PetscMin((PetscInt)at, n - 2);

    end[side] = x[i] + (at - (PetscReal)i) * (x[i + 1] - x[i]);
  }
  *width = 0.5 * (end[1] - end[0]);
  PetscFunctionReturn(0);
}

/* Standard error by fits to pieces drawn anew; the draws are the same every time.  End of the fit
   and weights stay: chosen anew by every resample, which is noisier than the data, they scatter
   more than they do from one set of data to the next.  A few resamples run away to slow memories;
   the standard deviation would be theirs. */
static PetscErrorCode resample(const prop_running *run, decomposition *d, PetscInt drawn[],
                               prop_estimate *estimate)
{
  PetscReal limit[RESAMPLES];
  PetscInt found = 0;

  PetscFunctionBegin;
  for (PetscInt b = 0; b < RESAMPLES; b++) {
    for (PetscInt q = 0; q < run->npiece; q++) {
      const uint32_t counter[4] = {(uint32_t)q, (uint32_t)b, 0, 0}, key[2] = {0x52554e53, 0};
      uint32_t bits[4];

      md_rng_philox(counter, key, bits);
      drawn[q] = (PetscInt)(bits[0] % (uint32_t)run->npiece);
    }
    average_again(run, drawn, d);
    if (fit(d)) limit[found++] = d->share[0] + d->share[1];
  }
  if (found < ENOUGH) estimate->flags |= PROP_FLAG_NO_PLATEAU;
  if (found > 1) PetscCall(central_width(found, limit, &estimate->error));
  PetscFunctionReturn(0);
}

static void fill(const prop_running *run, const decomposition *d, prop_running_fit *out)
{
  prop_estimate *e = &out->value.estimate;

  out->exponent = d->exponent;
  for (PetscInt k = 0; k < 2; k++) {
    out->tau[k] = d->tau[k];
    out->weight[k] = d->share[k];
  }
  e->mean = d->share[0] + d->share[1];
  e->neff = (PetscReal)run->npiece;
  e->flags = run->npiece < PROP_NEFF_MIN ? PROP_FLAG_FEW_SAMPLES : 0;
  out->value.from = 0.0;
  out->value.to = d->time[d->n - 1];
  if (out->value.to < 3.0 * d->tau[d->share[1] > 0.0]) e->flags |= PROP_FLAG_NO_PLATEAU;
}

PetscErrorCode prop_running_decompose(const prop_running *run, PetscInt nstress,
                                      prop_running_fit *out)
{
  PetscInt *drawn;
  decomposition d;

  PetscFunctionBegin;
  PetscCheck(nstress >= 1, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "A trajectory has at least one sequence, got %" PetscInt_FMT, nstress);
  *out = (prop_running_fit){.tau = {PROP_NAN, PROP_NAN},
                            .weight = {PROP_NAN, PROP_NAN},
                            .exponent = PROP_NAN,
                            .value.from = PROP_NAN,
                            .value.to = PROP_NAN};
  out->value.estimate = (prop_estimate){
      .mean = PROP_NAN, .error = PROP_NAN, .variance = PROP_NAN, .flags = PROP_FLAG_FEW_SAMPLES};
  if (run->npoint < 8) PetscFunctionReturn(0);
  PetscCall(create(run, &d));
  PetscCall(PetscMalloc1(run->npiece, &drawn));
  if (decompose(run, nstress, &d)) {
    fill(run, &d, out);
    PetscCall(resample(run, &d, drawn, &out->value.estimate));
    out->value.estimate.variance = PetscSqr(out->value.estimate.error) * (PetscReal)run->npiece;
  } else {
    out->value.estimate.flags = PROP_FLAG_NO_PLATEAU;
  }
  PetscCall(PetscFree(drawn));
  PetscCall(destroy(&d));
  PetscFunctionReturn(0);
}
