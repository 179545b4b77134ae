/* properties/prop_msd.h - multi-origin mean squared displacement per species, and the
 * self-diffusion coefficient
 *
 * Multiple-tau: level l keeps the last PROP_MSD_LAGS unwrapped positions taken every 2^l samples; a
 * new entry is the end point of a displacement from every origin kept, except those whose lag a
 * finer level knows better.  So level 0 has the lags 1..16 samples, level l > 0 the lags 9..16
 * times 2^l: eight lags an octave, each with origins every 2^l samples.  A level is begun when the
 * one below is full, by copying every other entry.  Memory O(levels * lags * n), any length of run.
 *
 * Origins are also sorted into consecutive parts of the run, whose scatter gives the error of one
 * replica.  A part is 2^j samples; when PROP_MSD_PARTS are full neighbours are merged and the
 * length doubles, so that 9 to 16 parts are in use.  The length of the run need not be known: the
 * state is a function of the samples seen, and a run that is lengthened later ends with the same
 * bits as one that was meant to be long.
 *
 * Positions are taken as they are, in the frame in which the run keeps the total momentum zero; the
 * cell must not change (displacements under a barostat contain its scaling): constant-volume runs.
 */
#pragma once

#include "md/md_atoms.h"
#include "properties/prop_series.h"

enum { PROP_MSD_LAGS = 16, PROP_MSD_LEVELS = 16, PROP_MSD_PARTS = 16 };

typedef struct prop_msd prop_msd;

/* prop_msd_create - an estimator for one stage of one replica
 *
 * None of the functions is collective.
 * In:   atoms        types and cell are copied; positions are not looked at
 *       sample_time  [fs] > 0 between calls of add
 * Out:  msd          freed with prop_msd_destroy()
 * Returns PETSC_ERR_ARG_OUTOFRANGE for a time that is not positive. */
PetscErrorCode prop_msd_create(const md_atoms *atoms, PetscReal sample_time, prop_msd **msd);

/* prop_msd_add - the next sample; atoms with unwrapped positions, the same as at creation
 *
 * Returns PETSC_ERR_ARG_INCOMP for another number of atoms or other types, PETSC_ERR_FP for a
 * position that is infinity or NaN; the estimator is unchanged then.
 * Cost: at most 24 displacements an atom, on average over samples.
 * Verified by: tests/unit/properties/test_prop_msd.c */
PetscErrorCode prop_msd_add(prop_msd *msd, const md_atoms *atoms);

/* prop_msd_save, prop_msd_load - the state, bit for bit; load goes into an estimator created with
 * the same arguments, still without samples (else PETSC_ERR_ARG_WRONGSTATE)
 *
 * A run continued from a saved state, to whatever length, ends with the bits of one that was never
 * interrupted.
 * load returns PETSC_ERR_FILE_UNEXPECTED when the blob holds something else or belongs to other
 * atoms or another sample time; the estimator can then only be destroyed.
 * Verified by: tests/unit/properties/test_prop_msd.c */
PetscErrorCode prop_msd_save(const prop_msd *msd, md_blob *blob);
PetscErrorCode prop_msd_load(prop_msd *msd, md_blob *blob);

/* NULL-safe; sets *msd to NULL. */
PetscErrorCode prop_msd_destroy(prop_msd **msd);

/* Samples taken so far. */
PetscInt64 prop_msd_samples(const prop_msd *msd);

/* prop_msd_curve - the mean squared displacement of a species
 *
 * In:   species  0..nspecies-1, else PETSC_ERR_ARG_OUTOFRANGE
 * Out:  n        lags with data, in rising order; 0 when the species has no atoms
 *       lag, value, error  [*n, fs, Å^2, Å^2]; the caller gives room for PROP_MSD_LAGS *
 *                PROP_MSD_LEVELS numbers each.  error: one standard error from the scatter of
 *                groups of parts about as long as the lag; NaN where origins do not fill one and a
 *                half such groups: nowhere up to 1/3 of the run, always beyond 1/2.
 * Verified by: tests/unit/properties/test_prop_msd.c, tests/verify/test_prop_diffusion.c */
PetscErrorCode prop_msd_curve(const prop_msd *msd, PetscInt species, PetscInt *n, PetscReal lag[],
                              PetscReal value[], PetscReal error[]);

/* prop_msd_diffusion - self-diffusion coefficient of one replica
 *
 * In:   species  0..nspecies-1, else PETSC_ERR_ARG_OUTOFRANGE
 * Out:  est      mean D, error [Å^2/fs], variance of the parts' D [Å^4/fs^2], neff, flags.
 *                NaN, neff 0 for a species without atoms or fewer than 33 samples.
 *
 * Method: MSD(t) = a + 6 D t fitted over a window t1..t2 by generalised least squares with the
 * covariance of multi-origin MSDs of Brownian motion, C(s, t) = s^2 t - s^3/3 for s <= t.
 *   t2  largest lag up to 1/8 of the run; up to 1/4 when atoms have moved too little by then.
 *   t1  smallest lag such that beta = log2(MSD(2 t)/MSD(t)) is within 1 +- tolerance for all t from
 *       t1 to t2/2; tolerance 0.1 plus twice the error of beta, 0.3 at most.  Then moved up, one
 *       lag after the other, while the slope over t1..t2 differs from one over 2 t1..t2, 4 t1..t2,
 *       .. by more than 4 errors of their difference; where it moved, it is doubled in the end.
 * error: scatter of D over groups of consecutive parts, a group being about as long as t2,
 * corrected for displacements which reach over from one group into the next (prop_diffusion.c).
 * neff = 3 T / (2 t2), the number of independent displacement windows in the run of length T.
 * NOT_DIFFUSIVE: no such t1 (the window is then the last octave before t2), or the root mean
 * square displacement at t2 is less than (V/N)^(1/3), about the distance of neighbours.
 * FEW_SAMPLES: neff < PROP_NEFF_MIN, as always in a single replica.  NO_SIZE_CORRECTION: always.
 * Verified by: tests/verify/test_prop_diffusion.c */
PetscErrorCode prop_msd_diffusion(const prop_msd *msd, PetscInt species, prop_estimate *est);
