/* properties/prop_vacf.h - velocity autocorrelation per species and the self-diffusion coefficient
 * from its integral
 *
 *     D = integral_0^infinity C(t) dt,      C(t) = <v(0) . v(t)> / 3
 *
 * Multiple-tau: level 0 keeps the last PROP_VACF_LAGS velocities, level l the last means over 2^l
 * of them; each correlates with itself at the lags 0..15 of its own spacing h_l.  For means over
 * blocks the partial sums
 *     I(t) = h_l (C_l(0)/2 + sum_{k=1}^{m} C_l(k)),      t = (m + 1/2) h_l,
 * are the integral over C with a weight that is 1 up to m h_l and falls to 0 at (m + 1) h_l: there
 * is nothing to be patched together where levels meet. Memory O(levels * lags * n), whatever the
 * length of the run. Samples are single velocities: they must be close enough for the fastest
 * vibration, a quarter of its period at most (trapezoidal sum).
 *
 * Origins are sorted into parts of the run, as in prop_msd.h, whose scatter gives the error of one
 * replica.  Replicas: prop_combine_spread() of their estimates.
 *
 * Hooking it in: prop_vacf_create() beside prop_msd_create() for the constant-energy stage, with
 * `sample_time` = a whole number of steps, 2 to 5 fs; prop_vacf_add(vacf, atoms) with all atoms
 * (md_sample_atoms()) in an order that does not change, at every such step, the start of the stage
 * included; save and load beside those of prop_msd in the state of the job.
 */
#pragma once

#include "md/md_atoms.h"
#include "properties/prop_series.h"

enum { PROP_VACF_LAGS = 16, PROP_VACF_LEVELS = 12, PROP_VACF_PARTS = 16 };

typedef struct prop_vacf prop_vacf;

/* prop_vacf_create - an estimator for one stage of one replica
 *
 * None of the functions is collective.
 * In:   atoms        types are copied; velocities are not looked at
 *       sample_time  [fs] > 0 between calls of add
 *       longest      [fs] > 0, times up to this are covered at least, PROP_VACF_LEVELS at most
 * Out:  vacf         freed with prop_vacf_destroy()
 * Returns PETSC_ERR_ARG_OUTOFRANGE for a time that is not positive. */
PetscErrorCode prop_vacf_create(const md_atoms *atoms, PetscReal sample_time, PetscReal longest,
                                prop_vacf **vacf);

/* prop_vacf_add - the next sample; atoms with velocities, the same as at creation
 *
 * Returns PETSC_ERR_ARG_INCOMP for another number of atoms or other types, PETSC_ERR_FP for a
 * velocity that is infinity or NaN; the estimator is unchanged then.
 * Cost: at most 32 products of vectors an atom, on average over samples.
 * Verified by: tests/unit/properties/test_prop_vacf.c */
PetscErrorCode prop_vacf_add(prop_vacf *vacf, const md_atoms *atoms);

/* prop_vacf_save, prop_vacf_load - the state, bit for bit; load goes into an estimator created with
 * the same arguments, still without samples (else PETSC_ERR_ARG_WRONGSTATE)
 *
 * load returns PETSC_ERR_FILE_UNEXPECTED when the blob holds something else or belongs to other
 * atoms or other times; the estimator can then only be destroyed.
 * Verified by: tests/unit/properties/test_prop_vacf.c */
PetscErrorCode prop_vacf_save(const prop_vacf *vacf, md_blob *blob);
PetscErrorCode prop_vacf_load(prop_vacf *vacf, md_blob *blob);

/* NULL-safe; sets *vacf to NULL. */
PetscErrorCode prop_vacf_destroy(prop_vacf **vacf);

/* Samples taken so far. */
PetscInt64 prop_vacf_samples(const prop_vacf *vacf);

/* One point of the curves */
typedef struct {
  PetscReal time;        /* [fs] lag of `correlation` */
  PetscReal correlation; /* [Å^2/fs^2] C, averaged over 2^l samples on either side */
  PetscReal upper;       /* [fs] upper limit of `integral`: time + h_l/2 */
  PetscReal integral;    /* [Å^2/fs] I */
  PetscReal error;       /* [Å^2/fs] of `integral`, from the parts; NaN: fewer than two groups */
} prop_vacf_point;
enum { PROP_VACF_POINTS = PROP_VACF_LAGS + (PROP_VACF_LEVELS - 1) * PROP_VACF_LAGS / 2 };

/* prop_vacf_curve - autocorrelation and running integral of a species
 *
 * In:   species  0..nspecies-1, else PETSC_ERR_ARG_OUTOFRANGE
 * Out:  n        points with data, in rising order; 0 when the species has no atoms
 *       point    [PROP_VACF_POINTS] *n of them are set
 * Verified by: tests/unit/properties/test_prop_vacf.c */
PetscErrorCode prop_vacf_curve(const prop_vacf *vacf, PetscInt species, PetscInt *n,
                               prop_vacf_point point[]);

/* prop_vacf_diffusion - D of one replica from the plateau of the integral
 *
 * In:   species  0..nspecies-1, else PETSC_ERR_ARG_OUTOFRANGE
 * Out:  est      mean D [Å^2/fs], error, variance of the groups' D, neff, flags; NaN and
 *                FEW_SAMPLES, NO_PLATEAU where there is none
 *       from, to [fs] the window; NaN without; may be NULL
 *
 * Method: with G(t) = integral_0^t I, the window is [t1, 2 t1], t1 the first time from which on
 * |t I(t)/G(t) - 1| <= 0.1 up to 2 t1 (an exponential memory tau is past at 11 tau);
 * D = (G(2 t1) - G(t1))/t1, the mean of I over the window. t1 goes to 1/16 of the run at most.
 * error: scatter over groups of parts, each at least 2 t1 long; products that reach from one group
 * into the next belong to one of them alone, and groups are uncorrelated where velocities forget.
 * neff: number of groups, those that the error rests on.
 * NO_PLATEAU: no such t1, or the mean over [2 t1, 4 t1] differs by more than 3 errors of the
 * difference.  FEW_SAMPLES: neff < PROP_NEFF_MIN, as always in a single replica.
 * NO_SIZE_CORRECTION: always.
 * Verified by: tests/unit/properties/test_prop_vacf.c (Langevin particles: bias, calibration) */
PetscErrorCode prop_vacf_diffusion(const prop_vacf *vacf, PetscInt species, prop_estimate *est,
                                   PetscReal *from, PetscReal *to);
