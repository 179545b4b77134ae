/* properties/prop_spectrum.h - pooled power spectrum of block means, scaled so that its limit at
 * frequency zero is the Green-Kubo integral
 *
 * For a sequence x_0 .. x_{N-1} of block means of length h and its factor a,
 *
 *     S(f_k) = a^2 h / (2 N) |sum_n x_n exp(-2 pi i k n / N)|^2,     f_k = k / (N h),
 *
 * whose mean goes to integral_0^infinity <a x(0) a x(t)> dt as f_k -> 0.  Averaging in blocks
 * leaves that limit as it is.  No mean is subtracted: it would sit in bin 0 alone, which can be
 * left out.  Bins of a Gaussian process are independent, and each is its mean times chi^2_d / d:
 * d = 2 for every sequence, 1 for bin 0 and for the bin at half the sampling rate.
 *
 * Bins at high frequency are merged, so that a spectrum of any length has a few hundred of them: a
 * merged bin is the mean of its members, its degrees of freedom are their sum.
 */
#pragma once

#include "properties/prop_sequence.h"

/* Bins up to this number stay single; above it, bin k is merged with about k/PROP_SPECTRUM_SINGLE
 * neighbours: relative widths of at most 1/PROP_SPECTRUM_SINGLE. */
enum { PROP_SPECTRUM_SINGLE = 48, PROP_SPECTRUM_MIN = 64 };

typedef struct {
  PetscInt nblock;      /* blocks of a sequence */
  PetscReal step;       /* [fs] length of a block */
  PetscInt nreplica;    /* replicas, >= 1 */
  PetscInt nbin;        /* merged bins */
  PetscReal *frequency; /* [nbin, 1/fs] mean over the members of a bin, ascending */
  PetscReal *points;    /* [nbin] members of a bin */
  PetscReal *dof;       /* [nbin] degrees of freedom of `value` */
  PetscReal *value;     /* [nbin, unit of (scale x)^2 fs] mean over sequences and members */
  PetscReal *replica;   /* [nreplica, nbin] the same for each replica */
} prop_spectrum;

/* prop_spectrum_create - spectrum of several sequences; its owner frees it with
 * prop_spectrum_clear()
 *
 * Not collective.
 * In:   nreplica    >= 1
 *       ncomponent  >= 1, sequences of a replica
 *       sequence    [nreplica, ncomponent] all of the same n >= PROP_SPECTRUM_MIN, statistically
 *                   independent, with the same true spectrum
 *       step        [fs] > 0, length of a block
 *       zero        whether bin 0 is kept: only where the true mean is known to be zero and is not
 *                   held there (total momentum)
 * Out:  spectrum    every field set
 * Returns PETSC_ERR_ARG_OUTOFRANGE for counts or a step outside these ranges,
 * PETSC_ERR_ARG_INCOMP for sequences of unequal length, PETSC_ERR_FP for a sample or a factor that
 * is infinity or NaN; *spectrum is then empty.
 * Plans of FFTW are made by FFTW_ESTIMATE: the same data give the same bits.
 * Cost: O(N log N) a sequence, and one sequence of scratch.
 * Verified by: tests/unit/properties/test_prop_spectrum.c */
PetscErrorCode prop_spectrum_create(PetscInt nreplica, PetscInt ncomponent,
                                    const prop_sequence sequence[], PetscReal step, PetscBool zero,
                                    prop_spectrum *spectrum);

/* prop_spectrum_resample - a spectrum of some of the replicas, for a bootstrap
 *
 * Not collective.
 * In:   from    a spectrum
 *       n       >= 1, replicas drawn
 *       drawn   [n] numbers 0..from->nreplica-1, with repetition
 * Out:  to      spectrum of n replicas; freed by prop_spectrum_clear()
 * Returns PETSC_ERR_ARG_OUTOFRANGE for a number outside the range.
 * Verified by: tests/unit/properties/test_prop_spectrum.c */
PetscErrorCode prop_spectrum_resample(const prop_spectrum *from, PetscInt n, const PetscInt drawn[],
                                      prop_spectrum *to);

/* Frees the arrays and zeroes everything; harmless on {0} and when called twice. */
PetscErrorCode prop_spectrum_clear(prop_spectrum *spectrum);
