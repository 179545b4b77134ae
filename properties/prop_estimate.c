/* properties/prop_estimate.c - from the blocks of a series to a mean with its error bar
 *
 * The autocorrelation gives the error, blocking checks it.  The sum over lags is cut where noise
 * first pushes it below zero, and can miss a weak slow component that lies under the noise at every
 * single lag; averaged over long blocks that component stands out.  So the same sum is taken a
 * second time over 64 to 127 long blocks: it is less precise, and must not be clearly larger.
 *
 * Where the equilibrated part begins is chosen by the effective samples of what follows.  Their
 * number is itself known to sqrt(6/neff) only, and the largest of many is the luckiest: with 20
 * effective samples, error bars of the best start of all are 1.6 times too short.  So a start has
 * to be clearly better than no discarding at all, more so where it leaves less, and candidates grow
 * by a quarter.  Two more correlation times are left out in any case: what relaxes from an odd
 * start does so with the correlation time, and would be seen only where it is larger than the
 * noise.
 */
#include "properties/prop_series.h"

enum {
  TAIL_MIN = PROP_SERIES_MIN, /* blocks that a stationary part must have */
  PLATEAU_BLOCKS = 64         /* the second error is taken with 64 to 127 blocks */
};

/* Measured on AR(1) series: a good series exceeds this ratio in 1 % of cases, a series whose error
   is three times that of its fast part falls short of it in 10 %. */
static const PetscReal plateau_ratio = 1.6;

/* Effective samples that a start must leave, over those of the whole series: within the first
   third, and beyond.  Measured on AR(1) series of 10 to 200 effective samples. */
static const PetscReal better = 1.6, much_better = 6.0;

/* What the sum over lags still misses in a short series, over 1/neff.  Measured: error bars of 10
   effective samples are a tenth too short without it. */
static const PetscReal short_series = 2.0;

/* [correlation times g - 1] left out after the start */
static const PetscReal settling = 2.0;

/* What is known of a stretch of a series that is taken to be stationary */
typedef struct {
  PetscInt n;
  PetscReal mean, c0; /* c0: mean square deviation */
  PetscReal g;        /* statistical inefficiency, 1..n */
  PetscBool constant; /* no fluctuation above round-off: g = n */
  PetscBool open;     /* correlation reaches over half the stretch */
} stretch;

/* The first sample is subtracted before summing, so that the mean of equal samples is exact. */
static PetscReal mean_of(PetscInt n, const PetscReal x[])
{
  PetscReal sum = 0.0;

  for (PetscInt i = 0; i < n; i++) sum += x[i] - x[0];
  return x[0] + sum / (PetscReal)n;
}

/* [unit squared] autocovariance at `lag`, divided by n at every lag */
static PetscReal autocovariance(PetscInt n, const PetscReal x[], PetscReal mean, PetscInt lag)
{
  PetscReal sum = 0.0;

  for (PetscInt i = 0; i + lag < n; i++) sum += (x[i] - mean) * (x[i + lag] - mean);
  return sum / (PetscReal)n;
}

/* Fluctuations that summation of equal samples could produce by rounding */
static PetscBool is_round_off(PetscReal c0, PetscReal mean)
{
  const PetscReal noise = 16.0 * PETSC_MACHINE_EPSILON * PetscAbsReal(mean);

  return (PetscBool)(c0 <= noise * noise);
}

/* Statistical inefficiency: autocovariances in pairs of lags, while positive, never increasing */
static void measure(PetscInt n, const PetscReal x[], stretch *s)
{
  PetscReal sum = 0.0, pair = PETSC_MAX_REAL;
  PetscInt used = 0;

  *s = (stretch){.n = n, .mean = mean_of(n, x), .g = (PetscReal)n};
  s->c0 = autocovariance(n, x, s->mean, 0);
  s->constant = is_round_off(s->c0, s->mean);
  if (s->constant) return;
  for (PetscInt lag = 0;; lag += 2) {
    PetscReal next;

    s->open = (PetscBool)(lag > n / 2);
    if (s->open) break;
    next = autocovariance(n, x, s->mean, lag) + autocovariance(n, x, s->mean, lag + 1);
    if (next <= 0.0) break;
    pair = PetscMin(pair, next);
    sum += 2.0 * pair;
    used = lag + 1;
  }
  s->g = (sum / s->c0 - 1.0) * (1.0 + (2.0 * (PetscReal)used + 1.0) / (PetscReal)n);
  if (s->g > 1.0) s->g *= 1.0 + short_series * (s->g - 1.0) / (PetscReal)n;
  s->g = PetscClipInterval(s->g, 1.0, (PetscReal)n);
  if (s->g <= 1.0) s->open = PETSC_FALSE; /* alternating: a long sum, but of next to nothing */
}

/* [unit] standard error of the mean of a stretch */
static PetscReal error_of(const stretch *s)
{
  return PetscSqrtReal(s->c0 * s->g / (PetscReal)s->n);
}

static PetscReal neff_of(const stretch *s)
{
  return (PetscReal)s->n / s->g;
}

/* The start that leaves clearly more effective samples than 0 does, and the rest measured */
static PetscInt find_start(PetscInt n, const PetscReal x[], stretch *best)
{
  PetscInt t0 = 0;
  PetscReal most;

  measure(n, x, best);
  most = neff_of(best);
  for (PetscInt t = 1; n - t >= TAIL_MIN; t += PetscMax(1, t / 4)) {
    const PetscReal share = 1.0 / (3 * t <= n ? better : much_better);
    stretch s;

    measure(n - t, x + t, &s);
    if (share * neff_of(&s) > most) {
      most = share * neff_of(&s);
      *best = s;
      t0 = t;
    }
  }
  return t0;
}

/* Leaves out what may still be settling, a quarter of the stretch at most; returns how much */
static PetscInt settle(const PetscReal x[], stretch *s)
{
  const PetscInt t = PetscMin((PetscInt)(settling * (s->g - 1.0)), s->n / 4);

  if (s->constant || t < 1 || s->n - t < TAIL_MIN) return 0;
  measure(s->n - t, x + t, s);
  return t;
}

/* Whether long blocks show clearly more correlation than single samples did; *error [unit] is then
   theirs.  What does not fill the last block is left out. */
static PetscBool grows(const PetscReal x[], const stretch *s, PetscReal *error)
{
  PetscReal mean[2 * PLATEAU_BLOCKS];
  PetscInt length = 1, n;
  stretch b;

  while (s->n / (2 * length) >= PLATEAU_BLOCKS) length *= 2;
  if (length == 1) return PETSC_FALSE;
  n = s->n / length;
  for (PetscInt i = 0; i < n; i++) mean[i] = mean_of(length, x + i * length);
  measure(n, mean, &b);
  *error = error_of(&b);
  return (PetscBool)(*error > plateau_ratio * error_of(s));
}

/* Whether a straight line through the stretch rises or falls by more than 3 of its own errors.  The
   fluctuation is measured about the line, or a drift would hide behind the error bar it inflates.
   A slope times the length has sqrt(12) times the error of a mean. */
static PetscBool drifts(const PetscReal x[], const stretch *s)
{
  PetscReal rest[PROP_SERIES_BLOCKS], sxy = 0.0, sxx = 0.0, dof;
  stretch r;

  for (PetscInt i = 0; i < s->n; i++) {
    const PetscReal t = (PetscReal)i - 0.5 * (PetscReal)(s->n - 1);

    sxy += t * (x[i] - s->mean);
    sxx += t * t;
  }
  for (PetscInt i = 0; i < s->n; i++) {
    rest[i] = x[i] - s->mean - ((PetscReal)i - 0.5 * (PetscReal)(s->n - 1)) * sxy / sxx;
  }
  measure(s->n, rest, &r);
  dof = PetscMax(4.0, prop_series_dof(neff_of(&r)));
  return (PetscBool)(PetscAbsReal(sxy / sxx) * (PetscReal)s->n >
                     3.0 * PetscSqrtReal(12.0 * dof / (dof - 2.0)) * error_of(&r));
}

/* Error bar, effective samples and flags of the stationary part x[0..s->n-1], s measured on it */
static void judge(const PetscReal x[], const stretch *s, prop_estimate *est)
{
  PetscReal blocked;

  est->error = error_of(s);
  if (drifts(x, s)) est->flags |= PROP_FLAG_NOT_STATIONARY;
  if (s->open) est->flags |= PROP_FLAG_NO_PLATEAU;
  if (grows(x, s, &blocked)) {
    est->flags |= PROP_FLAG_NO_PLATEAU;
    est->error = blocked;
    est->neff = s->c0 / PetscSqr(blocked);
  }
}

PetscErrorCode prop_series_estimate(const prop_series *series, prop_estimate *est)
{
  const PetscInt n = series->nblock;
  const PetscReal *x = series->block;
  stretch s;
  PetscInt t0;

  PetscFunctionBegin;
  *est = (prop_estimate){.mean = PROP_NAN, .error = PROP_NAN, .flags = PROP_FLAG_FEW_SAMPLES};
  if (n == 0) PetscFunctionReturn(0);
  est->mean = mean_of(n, x);
  if (n < PROP_SERIES_MIN) PetscFunctionReturn(0);

  t0 = find_start(n, x, &s);
  t0 += settle(x + t0, &s);
  est->mean = s.mean;
  est->discarded = (PetscReal)t0 / (PetscReal)n;
  est->variance = s.c0 * (PetscReal)s.n / (PetscReal)(s.n - 1);
  est->neff = neff_of(&s);
  est->flags = 2 * t0 > n ? PROP_FLAG_NOT_STATIONARY : 0;
  if (!s.constant) judge(x + t0, &s, est);
  if (est->neff < PROP_NEFF_MIN) est->flags |= PROP_FLAG_FEW_SAMPLES;
  PetscFunctionReturn(0);
}

/* Means of neighbours, 2^k of them, so many that at most PROP_SERIES_BLOCKS are left; what does not
   fill the last one is left out.  out [PROP_SERIES_BLOCKS]; returns their number. */
static PetscInt merge(PetscInt n, const PetscReal x[], PetscReal out[])
{
  PetscInt length = 1;

  while (n / length > PROP_SERIES_BLOCKS) length *= 2;
  for (PetscInt i = 0; i < n / length; i++) out[i] = mean_of(length, x + i * length);
  return n / length;
}

PetscErrorCode prop_series_stationary(PetscInt n, const PetscReal x[], prop_estimate *est)
{
  PetscReal block[PROP_SERIES_BLOCKS];
  PetscInt nblock;
  stretch s;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < n; i++) {
    PetscCheck(!PetscIsInfOrNanReal(x[i]), PETSC_COMM_SELF, PETSC_ERR_FP,
               "Block %" PetscInt_FMT " of %" PetscInt_FMT " is infinity or NaN", i, n);
  }
  *est = (prop_estimate){.mean = PROP_NAN, .error = PROP_NAN, .flags = PROP_FLAG_FEW_SAMPLES};
  if (n < 1) PetscFunctionReturn(0);
  est->mean = mean_of(n, x);
  nblock = merge(n, x, block);
  if (nblock < PROP_SERIES_MIN) PetscFunctionReturn(0);

  measure(nblock, block, &s);
  est->variance = s.c0 * (PetscReal)s.n / (PetscReal)(s.n - 1);
  est->neff = neff_of(&s);
  est->flags = 0;
  if (!s.constant) judge(block, &s, est);
  if (est->neff < PROP_NEFF_MIN) est->flags |= PROP_FLAG_FEW_SAMPLES;
  PetscFunctionReturn(0);
}
