/* properties/prop_running.c - running integrals by FFTW, their truncation, the Einstein form
 *
 * Autocorrelations come from zero-padded transforms, so that nothing wraps round; lag k is averaged
 * over the N - k products that a piece has.  Times beyond a quarter of a piece would only show its
 * own noise.
 */
#include "properties/prop_running.h"

#include <fftw3.h>
#include <math.h>

enum { FINE = 40 };                        /* points before they thin out */
static const PetscReal thinning = 1.03;    /* ratio of times after that */
static const PetscReal proportional = 0.2; /* |t I/G - 1| of a straight G */
static const PetscReal sure = 3.0;         /* errors */

static PetscErrorCode check(PetscInt n, const prop_sequence sequence[], PetscReal step)
{
  PetscFunctionBegin;
  PetscCheck(n >= 1, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Running integrals need at least one sequence, got %" PetscInt_FMT, n);
  PetscCheck(step > 0.0 && !PetscIsInfOrNanReal(step), PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "The length of a block is %g fs, wanted a positive number", (double)step);
  PetscCall(prop_sequence_check(n, sequence));
  PetscFunctionReturn(0);
}

/* Lag of the point after that of lag m */
static PetscInt next_lag(PetscInt m)
{
  return m < FINE ? m + 1 : PetscMax(m + 1, (PetscInt)(thinning * (PetscReal)m));
}

/* Workspace of the transforms: pieces of n blocks, padded to `size` */
typedef struct {
  PetscInt n, size;
  double *x;
  fftw_complex *f;
  fftw_plan forward, backward;
} correlator;

static void correlator_free(correlator *c)
{
  if (c->forward) fftw_destroy_plan(c->forward);
  if (c->backward) fftw_destroy_plan(c->backward);
  fftw_free(c->x);
  fftw_free(c->f);
}

static PetscErrorCode correlator_make(PetscInt n, correlator *c)
{
  PetscBool ready;

  PetscFunctionBegin;
  *c = (correlator){.n = n, .size = 2};
  while (c->size < n + n / 4 + 2) c->size *= 2;
  c->x = fftw_alloc_real((size_t)c->size);
  c->f = fftw_alloc_complex((size_t)c->size / 2 + 1);
  if (c->x && c->f) {
    c->forward = fftw_plan_dft_r2c_1d((int)c->size, c->x, c->f, FFTW_ESTIMATE);
    c->backward = fftw_plan_dft_c2r_1d((int)c->size, c->f, c->x, FFTW_ESTIMATE);
  }
  ready = (PetscBool)(c->forward && c->backward);
  if (!ready) correlator_free(c);
  PetscCheck(ready, PETSC_COMM_SELF, PETSC_ERR_MEM,
             "No memory for a transform of %" PetscInt_FMT " blocks", c->size);
  PetscFunctionReturn(0);
}

/* Autocorrelation of x[0..n-1] into c->x, not yet divided by the number of products */
static void correlate(const PetscReal x[], PetscReal scale, correlator *c)
{
  double *f = (double *)c->f;

  for (PetscInt i = 0; i < c->size; i++) c->x[i] = i < c->n ? scale * x[i] : 0.0;
  fftw_execute(c->forward);
  for (PetscInt k = 0; k <= c->size / 2; k++) {
    f[2 * k] = (PetscSqr(f[2 * k]) + PetscSqr(f[2 * k + 1])) / (PetscReal)c->size;
    f[2 * k + 1] = 0.0;
  }
  fftw_execute(c->backward);
}

/* I and G of one piece at the points of `run`, from its autocorrelation */
static void integrate(const correlator *c, const prop_running *run, PetscReal integral[],
                      PetscReal moment[])
{
  PetscReal sum = 0.0, g = 0.0;

  for (PetscInt m = 0, next = 0, p = 0; p < run->npoint; m++) {
    sum += run->step * c->x[m] / (PetscReal)(c->n - m) * (m == 0 ? 0.5 : 1.0);
    g += run->step * sum;
    if (m < next) continue;
    integral[p] = sum;
    moment[p++] = g;
    next = next_lag(m);
  }
}

static PetscErrorCode allocate(PetscInt npiece, PetscInt n, PetscReal step, prop_running *run)
{
  PetscFunctionBegin;
  for (PetscInt m = 0; m < n / 4; m = next_lag(m)) run->npoint++;
  run->npiece = npiece;
  run->duration = (PetscReal)n * step;
  PetscCall(
      PetscMalloc3(run->npoint, &run->time, run->npoint, &run->mean, run->npoint, &run->error));
  PetscCall(PetscMalloc2(npiece * run->npoint, &run->piece, npiece * run->npoint, &run->moment));
  for (PetscInt m = 0, p = 0; m < n / 4; m = next_lag(m)) {
    run->time[p++] = ((PetscReal)m + 0.5) * step;
  }
  PetscFunctionReturn(0);
}

/* Mean and standard error of n values, `stride` apart */
static void mean_of(PetscInt n, const PetscReal x[], PetscInt stride, PetscReal *mean,
                    PetscReal *error)
{
  PetscReal sum = 0.0;

  *mean = 0.0;
  for (PetscInt i = 0; i < n; i++) *mean += x[i * stride] / (PetscReal)n;
  for (PetscInt i = 0; i < n; i++) sum += PetscSqr(x[i * stride] - *mean);
  *error = n > 1 ? sqrt(sum / (PetscReal)(n * (n - 1))) : PROP_NAN;
}

PetscErrorCode prop_running_create(PetscInt n, const prop_sequence sequence[], PetscReal step,
                                   prop_running *run)
{
  PetscInt part, length;
  correlator c;

  PetscFunctionBegin;
  *run = (prop_running){.step = step};
  PetscCall(check(n, sequence, step));
  part = PetscMin((PROP_RUNNING_PIECES + n - 1) / n, sequence[0].n / PROP_RUNNING_MIN);
  if (part < 1) PetscFunctionReturn(0);
  length = sequence[0].n / part;
  PetscCall(allocate(n * part, length, step, run));
  PetscCall(correlator_make(length, &c));
  for (PetscInt q = 0; q < run->npiece; q++) {
    const prop_sequence *s = &sequence[q / part];

    correlate(s->x + (q % part) * length, s->scale, &c);
    integrate(&c, run, run->piece + q * run->npoint, run->moment + q * run->npoint);
  }
  correlator_free(&c);
  for (PetscInt p = 0; p < run->npoint; p++) {
    mean_of(run->npiece, run->piece + p, run->npoint, &run->mean[p], &run->error[p]);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode prop_running_clear(prop_running *run)
{
  PetscFunctionBegin;
  PetscCall(PetscFree3(run->time, run->mean, run->error));
  PetscCall(PetscFree2(run->piece, run->moment));
  *run = (prop_running){0};
  PetscFunctionReturn(0);
}

static const prop_running_value nothing = {.estimate = {.mean = PROP_NAN,
                                                        .error = PROP_NAN,
                                                        .variance = PROP_NAN,
                                                        .flags = PROP_FLAG_FEW_SAMPLES},
                                           .from = PROP_NAN,
                                           .to = PROP_NAN};

/* Mean and error of x [npiece], and NO_PLATEAU where the `change` [npiece] is surely not zero */
static void conclude(PetscInt n, const PetscReal x[], const PetscReal change[],
                     prop_estimate *estimate)
{
  PetscReal mean, error;

  mean_of(n, x, 1, &estimate->mean, &estimate->error);
  estimate->variance = PetscSqr(estimate->error) * (PetscReal)n;
  estimate->neff = (PetscReal)n;
  estimate->flags = n < PROP_NEFF_MIN ? PROP_FLAG_FEW_SAMPLES : 0;
  mean_of(n, change, 1, &mean, &error);
  if (!(PetscAbsReal(mean) <= sure * error)) estimate->flags |= PROP_FLAG_NO_PLATEAU;
}

/* I of piece q at a time within the range */
static PetscReal interpolate(const prop_running *run, PetscInt q, PetscReal time)
{
  const PetscReal *t = run->time, *x = run->piece + q * run->npoint;
  PetscInt i = 1;

  if (time <= t[0]) return x[0] * time / t[0];
  while (i < run->npoint - 1 && t[i] < time) i++;
  return x[i - 1] + (x[i] - x[i - 1]) * (time - t[i - 1]) / (t[i] - t[i - 1]);
}

PetscErrorCode prop_running_truncated(const prop_running *run, PetscReal time,
                                      prop_running_value *out)
{
  PetscReal *x, *change;

  PetscFunctionBegin;
  *out = nothing;
  if (run->npoint < 2 || !(time >= run->time[0]) || time > run->time[run->npoint - 1]) {
    PetscFunctionReturn(0);
  }
  PetscCall(PetscMalloc2(run->npiece, &x, run->npiece, &change));
  for (PetscInt q = 0; q < run->npiece; q++) {
    x[q] = interpolate(run, q, time);
    change[q] = x[q] - interpolate(run, q, 0.5 * time);
  }
  conclude(run->npiece, x, change, &out->estimate);
  out->from = 0.0;
  out->to = time;
  PetscCall(PetscFree2(x, change));
  PetscFunctionReturn(0);
}

/* The last point not beyond `time` */
static PetscInt point_at(const prop_running *run, PetscReal time)
{
  PetscInt i = 0;

  while (i < run->npoint - 1 && run->time[i + 1] <= time) i++;
  return i;
}

/* Whether G, mean over pieces, is proportional to t at point i, as far as its noise lets one see */
static PetscBool is_straight(const prop_running *run, PetscInt i)
{
  PetscReal g = 0.0;

  for (PetscInt q = 0; q < run->npiece; q++) g += run->moment[q * run->npoint + i];
  g = g / (PetscReal)run->npiece - 0.5 * run->step * run->mean[i]; /* from time + h/2 to time */
  return (PetscBool)(PetscAbsReal(run->time[i] * run->mean[i] - g) <=
                     proportional * g + run->time[i] * run->error[i]);
}

/* The first point from which on, to twice its time, G is straight; npoint where there is none */
static PetscInt find_straight(const prop_running *run)
{
  PetscInt from = 0;

  for (PetscInt i = 0; i < run->npoint; i++) {
    if (!is_straight(run, i)) from = i + 1;
    if (from <= i && run->time[i] >= 2.0 * run->time[from]) return from;
  }
  return run->npoint;
}

/* Slope of G of piece q between points i and j */
static PetscReal slope(const prop_running *run, PetscInt q, PetscInt i, PetscInt j)
{
  const PetscReal *g = run->moment + q * run->npoint;

  return (g[j] - g[i]) / (run->time[j] - run->time[i]);
}

/* Slopes over [t, 2t] and [2t, 4t] from point i on, concluded; `out` keeps where they are from. */
static PetscErrorCode slope_from(const prop_running *run, PetscInt i, prop_running_value *out)
{
  const PetscInt j = PetscMax(i + 1, point_at(run, 2.0 * run->time[i]));
  const PetscInt k = PetscMax(j, point_at(run, 4.0 * run->time[i]));
  PetscReal *x, *change;

  PetscFunctionBegin;
  PetscCall(PetscMalloc2(run->npiece, &x, run->npiece, &change));
  for (PetscInt q = 0; q < run->npiece; q++) {
    x[q] = slope(run, q, i, j);
    change[q] = k > j ? slope(run, q, j, k) - x[q] : 0.0;
  }
  conclude(run->npiece, x, change, &out->estimate);
  out->from = run->time[i];
  out->to = run->time[j];
  PetscCall(PetscFree2(x, change));
  PetscFunctionReturn(0);
}

/* Straight within 20 % is not straight enough for a slope that is known better than that: while the
 * next octave is surely another, the window moves on by one, as long as two more octaves are there
 * to tell. */
PetscErrorCode prop_running_einstein(const prop_running *run, prop_running_value *out)
{
  PetscInt i = run->npoint > 1 ? find_straight(run) : run->npoint;

  PetscFunctionBegin;
  *out = nothing;
  if (run->npoint > 1) out->estimate.flags |= PROP_FLAG_NO_PLATEAU;
  if (i >= run->npoint) PetscFunctionReturn(0);
  PetscCall(slope_from(run, i, out));
  while ((out->estimate.flags & PROP_FLAG_NO_PLATEAU) &&
         8.0 * run->time[i] <= run->time[run->npoint - 1]) {
    i = PetscMax(i + 1, point_at(run, 2.0 * run->time[i]));
    PetscCall(slope_from(run, i, out));
  }
  if (run->time[run->npoint - 1] < 4.0 * run->time[i]) out->estimate.flags |= PROP_FLAG_FEW_SAMPLES;
  PetscFunctionReturn(0);
}
