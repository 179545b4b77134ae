/* properties/prop_diffusion.c - the curve of the mean squared displacement and its slope
 *
 * Error bars come from groups of consecutive parts of the run, never from the scatter of particles,
 * whose motions are correlated.  A group lasts at least as long as the lag.  Neighbouring groups
 * still share displacements: those which start in one and end in the next.  For Brownian motion the
 * squared displacements over t that start at times s apart have the correlation (1 - s/t)^2, s < t.
 * Averaging over origins in a group of length L >= t gives the correlation of neighbours
 *     rho = t / (8 L - 2 t),
 * 1/6 at L = t, and zero for groups further apart.  With G groups the scatter s^2 then falls short
 * of the variance by 1 - 2 rho / G while the variance of the mean exceeds 1/G by 1 + 2 rho (G-1)/G;
 * the error is corrected for both.  A slope is less correlated than the MSD at the end of its
 * window, for which rho is taken: error bars come out up to 15 % too long.
 *
 * Why weights t^-3 and not the inverse of the full covariance: with it the fit would be optimal for
 * Brownian motion, and lean on differences between the first lags of the window, where a liquid is
 * least Brownian.  Why an intercept: the ballistic start leaves a constant behind (-2 D / friction
 * for a Langevin particle), which a line through the origin would turn into a bias.
 */
#include "properties/prop_msd_impl.h"

enum {
  NLAG_MAX = PROP_MSD_LAGS * PROP_MSD_LEVELS,
  SHARE = 8,      /* the window ends at 1/8 of the run ... */
  LONG_SHARE = 4, /* ... or at 1/4, if displacements are too short */
  MIN_LAGS = 4    /* lag in samples at which the shortest window ends */
};

static const PetscReal beta_tolerance = 0.1, beta_tolerance_most = 0.3;

/* One species: lags with data, and the parts joined into groups of `join` */
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

/* Adds a part's sum and count at lag index i. */
static void gather(const prop_msd *msd, PetscInt part, PetscInt i, PetscInt species, PetscReal *sum,
                   PetscInt64 *count)
{
  const size_t at = (size_t)part * (size_t)prop__msd_nlag(msd) + (size_t)i;

  *sum += msd->sum[at * (size_t)msd->nspecies + (size_t)species];
  *count += msd->count[at];
}

static void curve_fill(const prop_msd *msd, PetscInt species, curve *c)
{
  c->n = 0;
  if (msd->natom[species] == 0) return;
  for (PetscInt i = 0; i < prop__msd_nlag(msd); i++) {
    PetscReal sum = 0.0;
    PetscInt64 count = 0;

    for (PetscInt p = 0; p < PROP_MSD_PARTS; p++) gather(msd, p, i, species, &sum, &count);
    if (count == 0) continue;
    c->index[c->n] = i;
    c->lag[c->n] = (PetscReal)prop__msd_lag(i) * msd->sample_time;
    c->value[c->n] = sum / (PetscReal)count;
    c->n++;
  }
}

/* Parts that one group needs to last as long as `lag` [fs] */
static PetscInt parts_joined(const prop_msd *msd, PetscReal lag)
{
  const PetscReal part = (PetscReal)msd->total * msd->sample_time / PROP_MSD_PARTS;

  return (PetscInt)PetscCeilReal(lag / part * (1.0 - 1e-12));
}

/* sum over lags of factor * MSD for one group; *count origins at the last lag.  A group without
   data at some lag has count 0. */
static PetscReal group_value(const prop_msd *msd, const curve *c, PetscInt species, const window *w,
                             PetscInt first_part, PetscInt end_part, PetscInt64 *count)
{
  PetscReal value = 0.0;

  *count = 0;
  for (PetscInt i = w->first; i <= w->last; i++) {
    PetscReal sum = 0.0;

    *count = 0;
    for (PetscInt p = first_part; p < end_part; p++) {
      gather(msd, p, c->index[i], species, &sum, count);
    }
    if (*count == 0) break;
    value += w->factor[i] * sum / (PetscReal)*count;
  }
  return value;
}

/* Values of the groups and their origins; groups with less than half the origins of the fullest are
   left out: the end of the run, from where no displacement of this lag starts. */
static PetscInt collect_groups(const prop_msd *msd, const curve *c, PetscInt species,
                               const window *w, PetscInt join, PetscReal value[],
                               PetscReal weight[])
{
  const PetscInt ngroup = PROP_MSD_PARTS / join;
  PetscInt64 count[PROP_MSD_PARTS], most = 0;
  PetscInt kept = 0;

  for (PetscInt g = 0; g < ngroup; g++) {
    const PetscInt end = g == ngroup - 1 ? PROP_MSD_PARTS : (g + 1) * join;

    value[g] = group_value(msd, c, species, w, g * join, end, &count[g]);
    most = PetscMax(most, count[g]);
  }
  for (PetscInt g = 0; g < ngroup; g++) {
    if (count[g] == 0 || 2 * count[g] < most) continue;
    value[kept] = value[g];
    weight[kept++] = (PetscReal)count[g];
  }
  return kept;
}

/* Standard error of sum factor * MSD from the scatter of groups; NaN with fewer than two.
   *variance: of the groups about their mean. */
static PetscReal scatter_error(const prop_msd *msd, const curve *c, PetscInt species,
                               const window *w, PetscReal *variance)
{
  const PetscInt join = parts_joined(msd, c->lag[w->last]);
  const PetscReal length =
      (PetscReal)join * (PetscReal)msd->total * msd->sample_time / PROP_MSD_PARTS;
  const PetscReal rho = c->lag[w->last] / (8.0 * length - 2.0 * c->lag[w->last]);
  PetscReal value[PROP_MSD_PARTS], weight[PROP_MSD_PARTS], total = 0.0, mean = 0.0, s2 = 0.0;
  PetscInt n;

  *variance = 0.0;
  if (join > PROP_MSD_PARTS / 2) return PROP_NAN;
  n = collect_groups(msd, c, species, w, join, value, weight);
  if (n < 2) return PROP_NAN;
  for (PetscInt g = 0; g < n; g++) total += weight[g];
  for (PetscInt g = 0; g < n; g++) mean += weight[g] / total * value[g];
  for (PetscInt g = 0; g < n; g++) s2 += weight[g] / total * PetscSqr(value[g] - mean);
  *variance = s2 * (PetscReal)n / (PetscReal)(n - 1);
  s2 *= (1.0 + 2.0 * rho * (PetscReal)(n - 1) / (PetscReal)n) / (1.0 - 2.0 * rho / (PetscReal)n);
  return PetscSqrtReal(s2 / (PetscReal)(n - 1));
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

/* Weighted least squares for a + b t: the factors with which MSD values add up to b */
static void fit_line(const curve *c, window *w)
{
  PetscReal sw = 0.0, st = 0.0, stt = 0.0;

  for (PetscInt i = w->first; i <= w->last; i++) {
    w->factor[i] = PetscPowRealInt(c->lag[w->first] / c->lag[i], 3);
    sw += w->factor[i];
    st += w->factor[i] * c->lag[i];
  }
  for (PetscInt i = w->first; i <= w->last; i++) {
    stt += w->factor[i] * PetscSqr(c->lag[i] - st / sw);
  }
  for (PetscInt i = w->first; i <= w->last; i++) w->factor[i] *= (c->lag[i] - st / sw) / stt;
}

PetscErrorCode prop_msd_diffusion(const prop_msd *msd, PetscInt species, prop_estimate *est)
{
  curve c;
  window w;
  PetscReal slope = 0.0;

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
  fit_line(&c, &w);
  for (PetscInt i = w.first; i <= w.last; i++) slope += w.factor[i] * c.value[i];
  est->mean = slope / 6.0;
  est->error = scatter_error(msd, &c, species, &w, &est->variance) / 6.0;
  est->variance /= 36.0;
  est->neff = 1.5 * (PetscReal)(msd->nsample - 1) * msd->sample_time / c.lag[w.last];
  if (est->neff >= PROP_NEFF_MIN) est->flags &= ~PROP_FLAG_FEW_SAMPLES;
  PetscFunctionReturn(0);
}
