/* properties/prop_diffusion.c - the curve of the mean squared displacement and its slope
 *
 * Error bars come from groups of consecutive parts of the run, never from the scatter of particles,
 * whose motions are correlated.  A group lasts about as long as the lag t, at least 2/3 of it:
 * whole parts, their number rounded.  The last takes what is left and is between half and one and a
 * half times as long as the others.  Groups share displacements: those which start in one and end
 * in the next.  For Brownian motion the squared displacements over t that start at times s apart
 * have the correlation (1 - s/t)^2, s < t.  Their mean over origins in a stretch of length L has
 * the variance, in units of that of one,
 *     V(L) = 2 t / (3 L) - t^2 / (6 L^2)          L >= t
 *     V(L) = 1 - 2 L / (3 t) + L^2 / (6 t^2)      L <= t.
 * With weights w_g = L_g / L the weighed mean m of the groups' values is the mean over the whole
 * stretch of origins, and
 *     < sum w_g (v_g - m)^2 > = sum w_g V(L_g) - V(L),     < (m - truth)^2 > = V(L),
 * the ratio of which turns scatter into an error bar, whatever the lengths of the groups.  A slope
 * is less correlated than the MSD at the end of its window: for slopes V is taken at half that lag,
 * which is right for Brownian motion to a few per cent (README.md).
 *
 * The slope is fitted by generalised least squares with the covariance of multi-origin MSDs of
 * Brownian motion over a long run, for lags s <= t in common units
 *     C(s, t) = s^2 t - s^3/3,
 * the integral of the squared overlap of two intervals over the distance of their starts.  For
 * Brownian motion that fit is the best there is; its scatter is 0.6 of that with weights t^-3.  It
 * leans on the early lags of the window, where a liquid is least Brownian: so the start has to pass
 * a second test, that the slope is the same from every later octave on.  Why an intercept: the
 * ballistic start leaves a constant behind (-2 D / friction for a Langevin particle), which a line
 * through the origin would turn into a bias.
 */
#include "properties/prop_msd_impl.h"

enum {
  NLAG_MAX = PROP_MSD_LAGS * PROP_MSD_LEVELS,
  SHARE = 8,      /* the window ends at 1/8 of the run ... */
  LONG_SHARE = 4, /* ... or at 1/4, if displacements are too short */
  MIN_LAGS = 4    /* lag in samples at which the shortest window ends */
};

static const PetscReal beta_tolerance = 0.1, beta_tolerance_most = 0.3;
static const PetscReal same_slope = 4.0; /* errors by which slopes may differ */

/* One species: lags with data */
typedef struct {
  PetscInt n;                /* lags */
  PetscInt index[NLAG_MAX];  /* lag index in prop_msd */
  PetscReal lag[NLAG_MAX];   /* [fs] */
  PetscReal value[NLAG_MAX]; /* [Å^2] over all parts */
} curve;

/* Window of lags first..last, and the linear combination of MSD values that is the slope */
typedef struct {
  PetscInt first, last;
  PetscReal factor[NLAG_MAX]; /* [1/fs] entries first..last */
} window;

/* Adds sums and counts of parts at lag index i. */
static void gather(const prop_msd *msd, PetscInt first_part, PetscInt end_part, PetscInt i,
                   PetscInt species, PetscReal *sum, PetscInt64 *count)
{
  const PetscReal *level = msd->level[i / PROP_MSD_LAGS].sum;

  *sum = 0.0;
  *count = 0;
  for (PetscInt p = first_part; p < end_part; p++) {
    const size_t at = (size_t)p * PROP_MSD_LAGS + (size_t)(i % PROP_MSD_LAGS);

    *sum += level[at * (size_t)msd->nspecies + (size_t)species];
    *count += prop__msd_count(msd, p, i);
  }
}

static void curve_fill(const prop_msd *msd, PetscInt species, curve *c)
{
  c->n = 0;
  if (msd->order.natom[species] == 0) return;
  for (PetscInt i = 0; i < prop__msd_nlag(msd); i++) {
    PetscReal sum;
    PetscInt64 count;

    gather(msd, 0, prop__msd_npart(msd), i, species, &sum, &count);
    if (count == 0) continue;
    c->index[c->n] = i;
    c->lag[c->n] = (PetscReal)prop__msd_lag(i) * msd->sample_time;
    c->value[c->n] = sum / (PetscReal)count;
    c->n++;
  }
}

/* The run cut into groups of parts; only stretches from which the lag was reached count */
typedef struct {
  PetscInt n;
  PetscReal value[PROP_MSD_PARTS];
  PetscReal length[PROP_MSD_PARTS]; /* [fs] origins times their spacing, at the last lag */
} groups;

/* sum over lags of factor * MSD for parts first..end-1, all of which have origins at some lag;
   *length: of the stretch of origins at the last one [fs] */
static PetscReal group_value(const prop_msd *msd, const curve *c, PetscInt species, const window *w,
                             PetscInt first, PetscInt end, PetscReal *length)
{
  const PetscInt level = c->index[w->last] / PROP_MSD_LAGS;
  PetscReal value = 0.0;
  PetscInt64 count = 0;

  for (PetscInt i = w->first; i <= w->last; i++) {
    PetscReal sum;

    gather(msd, first, end, c->index[i], species, &sum, &count);
    value += w->factor[i] * sum / (PetscReal)count;
  }
  *length = (PetscReal)(count << level) * msd->sample_time;
  return value;
}

/* Groups of about the lag's length, the number of parts in each and that of groups rounded; the
   last takes all that is left.  n = 0 when there are fewer than two. */
static void group_parts(const prop_msd *msd, const curve *c, PetscInt species, const window *w,
                        groups *g)
{
  const PetscInt64 lag = prop__msd_lag(c->index[w->last]), origins = msd->nsample - lag;
  const PetscInt64 join = PetscMax(1, (2 * lag + msd->chunk) / (2 * msd->chunk)),
                   length = join * msd->chunk;

  g->n = (PetscInt)((2 * origins + length) / (2 * length));
  if (g->n < 2) g->n = 0;
  for (PetscInt k = 0; k < g->n; k++) {
    const PetscInt first = k * (PetscInt)join;
    const PetscInt end = k == g->n - 1 ? prop__msd_npart(msd) : first + (PetscInt)join;

    g->value[k] = group_value(msd, c, species, w, first, end, &g->length[k]);
  }
}

/* V(length) at lag t of the top of this file */
static PetscReal brownian_variance(PetscReal length, PetscReal t)
{
  const PetscReal u = length / t;

  return u < 1.0 ? 1.0 - 2.0 * u / 3.0 + u * u / 6.0 : (4.0 - 1.0 / u) / (6.0 * u);
}

/* Standard error of sum factor * MSD from the scatter of groups; NaN with fewer than two.
   *variance: of the groups about their mean. */
static PetscReal scatter_error(const prop_msd *msd, const curve *c, PetscInt species,
                               const window *w, PetscReal *variance)
{
  const PetscReal t = w->last > w->first ? 0.5 * c->lag[w->last] : c->lag[w->last];
  PetscReal total = 0.0, mean = 0.0, scatter = 0.0, expected = 0.0, whole;
  groups g;

  *variance = 0.0;
  group_parts(msd, c, species, w, &g);
  if (g.n < 2) return PROP_NAN;
  for (PetscInt k = 0; k < g.n; k++) total += g.length[k];
  for (PetscInt k = 0; k < g.n; k++) mean += g.length[k] / total * g.value[k];
  for (PetscInt k = 0; k < g.n; k++) {
    scatter += g.length[k] / total * PetscSqr(g.value[k] - mean);
    expected += g.length[k] / total * brownian_variance(g.length[k], t);
  }
  whole = brownian_variance(total, t);
  *variance = scatter * (PetscReal)g.n / (PetscReal)(g.n - 1);
  return PetscSqrtReal(scatter * whole / (expected - whole));
}

/* [Å^2] standard error of the curve at lag i */
static PetscReal curve_error(const prop_msd *msd, const curve *c, PetscInt species, PetscInt i)
{
  window w = {.first = i, .last = i};
  PetscReal variance;

  w.factor[i] = 1.0;
  return scatter_error(msd, c, species, &w, &variance);
}

static PetscErrorCode check_species(const prop_msd *msd, PetscInt species)
{
  PetscFunctionBegin;
  PetscCheck(species >= 0 && species < msd->nspecies, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Species %" PetscInt_FMT " of %" PetscInt_FMT " does not exist", species,
             msd->nspecies);
  PetscFunctionReturn(0);
}

PetscErrorCode prop_msd_curve(const prop_msd *msd, PetscInt species, PetscInt *n, PetscReal lag[],
                              PetscReal value[], PetscReal error[])
{
  curve c;

  PetscFunctionBegin;
  PetscCall(check_species(msd, species));
  curve_fill(msd, species, &c);
  *n = c.n;
  for (PetscInt i = 0; i < c.n; i++) {
    lag[i] = c.lag[i];
    value[i] = c.value[i];
    error[i] = curve_error(msd, &c, species, i);
  }
  PetscFunctionReturn(0);
}

/* Last lag not longer than 1/share of the run so far; -1 when there is none */
static PetscInt last_lag(const prop_msd *msd, const curve *c, PetscInt share)
{
  const PetscReal most =
      (PetscReal)(msd->nsample - 1) * msd->sample_time / (PetscReal)share * (1.0 + 1e-12);
  PetscInt last = -1;

  for (PetscInt i = 0; i < c->n && c->lag[i] <= most; i++) last = i;
  return last;
}

/* Whether the root mean square displacement at lag i is about the distance of neighbours */
static PetscBool moved_enough(const prop_msd *msd, const curve *c, PetscInt i)
{
  return (PetscBool)(c->value[i] >= msd->spacing * msd->spacing);
}

/* Index of twice lag i, or -1; the lags of an octave are twice those of the octave before. */
static PetscInt twice(const curve *c, PetscInt i)
{
  for (PetscInt j = i + 1; j < c->n; j++) {
    if (prop__msd_lag(c->index[j]) == 2 * prop__msd_lag(c->index[i])) return j;
  }
  return -1;
}

/* Whether MSD doubles from lag i to lag j = 2 i, within tolerance and noise */
static PetscBool is_linear(const prop_msd *msd, const curve *c, PetscInt species, PetscInt i,
                           PetscInt j)
{
  PetscReal beta, noise;

  if (j < 0 || !(c->value[i] > 0.0) || !(c->value[j] > 0.0)) return PETSC_FALSE;
  beta = PetscLog2Real(c->value[j] / c->value[i]);
  noise = curve_error(msd, c, species, j) / c->value[j] / PetscLogReal(2.0);
  if (PetscIsNanReal(noise)) noise = 0.0;
  return (PetscBool)(PetscAbsReal(beta - 1.0) <=
                     PetscMin(beta_tolerance + 2.0 * noise, beta_tolerance_most));
}

/* Fills w->first for a window that ends at w->last; PETSC_FALSE: no linear octave, the last octave
   is taken all the same. */
static PetscBool find_first(const prop_msd *msd, const curve *c, PetscInt species, window *w)
{
  PetscBool found = PETSC_FALSE;

  for (w->first = w->last; w->first > 0 && 2.0 * c->lag[w->first] > c->lag[w->last]; w->first--) {
  }
  for (PetscInt i = w->first; i >= 0; i--) {
    if (!is_linear(msd, c, species, i, twice(c, i))) break;
    w->first = i;
    found = PETSC_TRUE;
  }
  return found;
}

/* Lower triangle of n x n: [i (i + 1)/2 + j], j <= i */
static PetscReal *element(PetscReal lower[], PetscInt i, PetscInt j)
{
  return lower + i * (i + 1) / 2 + j;
}

/* lower: Cholesky's factor L of C over n lags t */
static void factorise(PetscInt n, const PetscReal t[], PetscReal lower[])
{
  for (PetscInt i = 0; i < n; i++) {
    for (PetscInt j = 0; j <= i; j++) {
      PetscReal sum = t[j] * t[j] * (t[i] - t[j] / 3.0);

      for (PetscInt k = 0; k < j; k++) sum -= *element(lower, i, k) * *element(lower, j, k);
      *element(lower, i, j) = i == j ? PetscSqrtReal(sum) : sum / *element(lower, j, j);
    }
  }
}

/* x = L^-1 x */
static void solve(PetscInt n, PetscReal lower[], PetscReal x[])
{
  for (PetscInt i = 0; i < n; i++) {
    for (PetscInt k = 0; k < i; k++) x[i] -= *element(lower, i, k) * x[k];
    x[i] /= *element(lower, i, i);
  }
}

/* x = L^-T x */
static void solve_transposed(PetscInt n, PetscReal lower[], PetscReal x[])
{
  for (PetscInt i = n - 1; i >= 0; i--) {
    for (PetscInt k = i + 1; k < n; k++) x[i] -= *element(lower, k, i) * x[k];
    x[i] /= *element(lower, i, i);
  }
}

/* Generalised least squares for a + b t: the factors with which MSD values add up to b.  Lags in
   units of the first. */
static PetscErrorCode fit_line(const curve *c, window *w)
{
  const PetscInt n = w->last - w->first + 1;
  PetscReal *lower, t[NLAG_MAX], one[NLAG_MAX], line[NLAG_MAX], s11 = 0.0, s1t = 0.0, stt = 0.0;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(n * (n + 1) / 2, &lower));
  for (PetscInt i = 0; i < n; i++) {
    line[i] = t[i] = c->lag[w->first + i] / c->lag[w->first];
    one[i] = 1.0;
  }
  factorise(n, t, lower);
  solve(n, lower, one);
  solve(n, lower, line);
  for (PetscInt i = 0; i < n; i++) {
    s11 += one[i] * one[i];
    s1t += one[i] * line[i];
    stt += line[i] * line[i];
  }
  for (PetscInt i = 0; i < n; i++) {
    line[i] = (s11 * line[i] - s1t * one[i]) / (s11 * stt - s1t * s1t) / c->lag[w->first];
  }
  solve_transposed(n, lower, line);
  PetscCall(PetscArraycpy(w->factor + w->first, line, n));
  PetscCall(PetscFree(lower));
  PetscFunctionReturn(0);
}

/* sum over lags of factor * MSD, of the whole run */
static PetscReal slope_of(const curve *c, const window *w)
{
  PetscReal slope = 0.0;

  for (PetscInt i = w->first; i <= w->last; i++) slope += w->factor[i] * c->value[i];
  return slope;
}

/* Whether all fits that start one octave later, or two, ... give the same slope as the window */
static PetscErrorCode is_same_later(const prop_msd *msd, const curve *c, PetscInt species,
                                    const window *w, PetscBool *same)
{
  PetscFunctionBegin;
  *same = PETSC_TRUE;
  for (PetscInt next = twice(c, w->first); *same && next >= 0; next = twice(c, next)) {
    window later = {.first = next, .last = w->last}, difference = *w;
    PetscReal error, variance;

    if (2.0 * c->lag[next] > c->lag[w->last]) break;
    PetscCall(fit_line(c, &later));
    for (PetscInt i = next; i <= w->last; i++) difference.factor[i] -= later.factor[i];
    error = scatter_error(msd, c, species, &difference, &variance);
    *same = (PetscBool) !(PetscAbsReal(slope_of(c, &difference)) > same_slope * error);
  }
  PetscFunctionReturn(0);
}

/* Fits the window, and moves its start up until later starts no longer change the slope, as long as
   two octaves are left.  Where it had to be moved it is moved once more, to twice that lag: what is
   not diffusion yet is lost in the noise before it is over. */
static PetscErrorCode fit_window(const prop_msd *msd, const curve *c, PetscInt species, window *w)
{
  const PetscInt first = w->first;
  PetscInt next;
  PetscBool same;

  PetscFunctionBegin;
  PetscCall(fit_line(c, w));
  for (;;) {
    PetscCall(is_same_later(msd, c, species, w, &same));
    if (same) break;
    w->first++;
    PetscCall(fit_line(c, w));
  }
  next = twice(c, w->first);
  if (w->first > first && next >= 0 && 2.0 * c->lag[next] <= c->lag[w->last]) {
    w->first = next;
    PetscCall(fit_line(c, w));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode prop_msd_diffusion(const prop_msd *msd, PetscInt species, prop_estimate *est)
{
  curve c;
  window w;

  PetscFunctionBegin;
  PetscCall(check_species(msd, species));
  *est = (prop_estimate){.mean = PROP_NAN, .error = PROP_NAN};
  est->flags = PROP_FLAG_NO_SIZE_CORRECTION | PROP_FLAG_FEW_SAMPLES;
  curve_fill(msd, species, &c);
  w.last = last_lag(msd, &c, SHARE);
  if (w.last < MIN_LAGS - 1) PetscFunctionReturn(0);

  if (!moved_enough(msd, &c, w.last)) w.last = last_lag(msd, &c, LONG_SHARE);
  if (!find_first(msd, &c, species, &w)) est->flags |= PROP_FLAG_NOT_DIFFUSIVE;
  if (!moved_enough(msd, &c, w.last)) est->flags |= PROP_FLAG_NOT_DIFFUSIVE;
  PetscCall(fit_window(msd, &c, species, &w));
  est->mean = slope_of(&c, &w) / 6.0;
  est->error = scatter_error(msd, &c, species, &w, &est->variance) / 6.0;
  est->variance /= 36.0;
  est->neff = 1.5 * (PetscReal)(msd->nsample - 1) * msd->sample_time / c.lag[w.last];
  if (est->neff >= PROP_NEFF_MIN) est->flags &= ~PROP_FLAG_FEW_SAMPLES;
  PetscFunctionReturn(0);
}
