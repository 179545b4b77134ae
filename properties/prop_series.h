/* properties/prop_series.h - streaming mean of a correlated series with equilibration detection and
 * an honest error bar
 *
 * Samples are averaged into equal blocks; when PROP_SERIES_BLOCKS are full, neighbours are merged
 * and the block length doubles.  So memory is constant, nothing is strided away, and any length of
 * run is covered: the time resolution is always finer than 1/2048 of the run.
 *
 * prop_series -> prop_estimate (one replica) -> prop_value (all replicas, SI).
 */
#pragma once

#include "md/md_blob.h"
#include "properties/prop.h"
#include "properties/prop_stat.h"

enum {
  PROP_SERIES_BLOCKS = 4096,
  PROP_SERIES_MIN = 8 /* fewer blocks than this give no error bar */
};

typedef struct {
  PetscInt64 nsample;  /* samples taken */
  PetscInt64 length;   /* samples a block, a power of two */
  PetscInt nblock;     /* complete blocks, < PROP_SERIES_BLOCKS */
  PetscInt64 npartial; /* samples in the block being filled, < length */
  PetscReal partial;   /* [unit of the series] their sum */
  PetscReal *block; /* [PROP_SERIES_BLOCKS, unit of the series] means of complete blocks; owned */
} prop_series;

/* prop_series_create - an empty series; its owner frees it with prop_series_clear()
 *
 * None of the functions on a series is collective. */
PetscErrorCode prop_series_create(prop_series *series);

/* prop_series_add - one more sample, equally spaced in time
 *
 * Returns PETSC_ERR_FP for infinity or NaN; the message names the index, the series is unchanged.
 * Cost: O(1), and O(PROP_SERIES_BLOCKS) at each doubling.
 * Verified by: tests/unit/properties/test_prop_series.c */
PetscErrorCode prop_series_add(prop_series *series, PetscReal sample);

/* prop_series_save, prop_series_load - the state, bit for bit; load goes into a created series
 *
 * load returns PETSC_ERR_FILE_UNEXPECTED for a blob that does not hold a series or whose numbers
 * contradict each other; the series is then empty.
 * Verified by: tests/unit/properties/test_prop_series.c */
PetscErrorCode prop_series_save(const prop_series *series, md_blob *blob);
PetscErrorCode prop_series_load(prop_series *series, md_blob *blob);

/* Frees the blocks and zeroes everything; harmless on {0} and when called twice. */
PetscErrorCode prop_series_clear(prop_series *series);

/* One replica.  error and neff are those of the mean, corrected for correlation in time. */
typedef struct {
  PetscReal mean;      /* [unit of the series] NaN without data */
  PetscReal error;     /* [unit of the series] one standard error; NaN when there is none */
  PetscReal variance;  /* [unit squared] of the block means of the stationary part */
  PetscReal neff;      /* effective samples behind the mean; 0: unknown */
  PetscReal discarded; /* fraction of the series before t0 */
  PetscInt flags;      /* FEW_SAMPLES, NOT_STATIONARY, NO_PLATEAU, and what the estimator adds */
} prop_estimate;

/* prop_series_estimate - mean of the stationary part of a series
 *
 * In:   series  complete blocks are used; the block being filled, less than 1/2048 of a series
 *               with blocks longer than one sample, is not
 * Out:  est     every field set.  Fewer than PROP_SERIES_MIN blocks: mean of all, error NaN,
 *               neff 0, FEW_SAMPLES; no block: mean NaN too.  A constant series: error NaN, neff 1,
 *               FEW_SAMPLES, for its fluctuation is not known.  Never a zero error bar.
 * Returns 0 whatever the data say; read est->flags.
 *
 * Method: g = 1 + 2 sum of the autocorrelation, summed in pairs of lags while they are positive
 * and decreasing, times 1 + (2 W + 1)/n for the lags W used (bias of the subtracted mean) and
 * 1 + 2 (g - 1)/n, at least 1.  t0 maximises the number of effective samples (n - t0)/g of the
 * rest, if that is 1.6 times what the whole series has (6 times, where t0 > n/3); after it, or from
 * the beginning, 2 (g - 1) blocks more are left out, a quarter of the rest at most.
 * error = s sqrt(g/n), neff = n/g; n counts block means, so that a run of any length has at most
 * PROP_SERIES_BLOCKS effective samples.
 * NOT_STATIONARY: more than n/2 left out, or a straight line through the rest rises or falls by
 * more than 3 of its errors (widened to the variance of Student's t with prop_series_dof(neff), at
 * least 4).  NO_PLATEAU: the error from 64 to 127 long blocks, found in the same way, is more
 * than 1.6 times as large, and is reported then, with neff = s^2/error^2; or the sum over lags did
 * not end within n/2.
 * FEW_SAMPLES: neff < PROP_NEFF_MIN.
 * Source: equilibration: Chodera, JCTC 12, 1799 (2016), doi:10.1021/acs.jctc.5b00784; truncation:
 * Geyer, Stat. Sci. 7, 473 (1992), doi:10.1214/ss/1177011137; bias: Wolff, Comput. Phys. Commun.
 * 156, 143 (2004), doi:10.1016/S0010-4655(03)00467-3; blocking: Flyvbjerg & Petersen, J. Chem.
 * Phys. 91, 461 (1989), doi:10.1063/1.457480.
 * Cost: O(n g) for each of at most 70 values of t0, n <= PROP_SERIES_BLOCKS.
 * Verified by: tests/verify/test_prop_series_error.c */
PetscErrorCode prop_series_estimate(const prop_series *series, prop_estimate *est);

/* prop_series_dof - degrees of freedom of the error bar of a mean, for Student's factors
 *
 * The sum over lags has the relative variance 2 (2 W + 1)/n (Wolff 2004), about 6/neff where W is
 * three correlation times; the square of an error bar with d degrees of freedom has 2/d.  So
 * neff/3, at least 1; of one replica. */
static inline PetscReal prop_series_dof(PetscReal neff)
{
  return PetscMax(1.0, neff / 3.0);
}

/* prop_series_stationary - the same for block means known to be stationary: nothing is discarded
 *
 * In:   n  block means, >= 0; neighbours are merged while n exceeds PROP_SERIES_BLOCKS
 *       x  [n, any unit]
 * Out:  est  as in prop_series_estimate(), with discarded 0
 * Returns PETSC_ERR_FP for infinity or NaN; the message names the index.
 * Verified by: tests/unit/properties/test_prop_series.c */
PetscErrorCode prop_series_stationary(PetscInt n, const PetscReal x[], prop_estimate *est);

/* prop_combine - replicas of the same thing into one value
 *
 * In:   n      replicas, >= 0
 *       est    [n, unit of the estimates] replicas without data (mean NaN) are left out
 *       scale  > 0, converts the estimates' unit to SI
 * Out:  value  missing when no replica has data
 * Returns PETSC_ERR_ARG_OUTOFRANGE for n < 0 or a scale that is not positive and finite.
 *
 * Method: with w_i = neff_i / sum neff, value = sum w_i m_i; error is the larger of within =
 * sqrt(sum w_i^2 e_i^2) and between = sqrt(sum w_i (m_i - value)^2 / (n - 1)). Replicas without an
 * error bar of their own weigh nothing, unless all are such: then they weigh the same and the error
 * is `between`.  neff adds up, unless the replicas disagree and between is larger: then it is q sum
 * neff + (1 - q) n with q = (within/between)^2, which goes to n. FEW_SAMPLES is set from that neff,
 * the other flags of the replicas are kept.  ONE_REPLICA: fewer than two behind the mean.
 * REPLICAS_DISAGREE: chi-square of the means about their 1/e^2 mean with n - 1 degrees of freedom
 * is improbable at 1 %; e_i^2 is taken times dof/(dof - 2), the variance of Student's t with
 * dof = prop_series_dof(neff_i), at least 4, because error bars from few samples are themselves
 * uncertain.
 * Verified by: tests/unit/properties/test_prop_combine.c (by hand),
 * tests/verify/test_prop_series_error.c (false alarms) */
PetscErrorCode prop_combine(PetscInt n, const prop_estimate est[], PetscReal scale,
                            prop_value *value);

/* prop_combine_spread - the same for replicas whose true values differ by construction
 *
 * Constant-energy replicas start from different points of the canonical ensemble: their mean
 * temperatures have the variance k_B T^2 / C_V and must not be tested for agreement.  Equal
 * weights; error is the larger of within and between; no chi-square test; neff as of replicas that
 * disagree: where the spread is the error, its samples are the replicas.  So for everything that
 * is measured at constant energy and depends on it, diffusion included.
 * Verified by: tests/unit/properties/test_prop_combine.c */
PetscErrorCode prop_combine_spread(PetscInt n, const prop_estimate est[], PetscReal scale,
                                   prop_value *value);
