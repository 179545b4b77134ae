/* properties/prop_life.h - how long neighbours stay in the first shell
 *
 * A pair of atoms, species a and b, is bound from the sample at which they are first closer than
 * `radius` until the last one at which they are, where absences of up to `tolerance` do not count
 * (Impey, Madden & McDonald, J. Phys. Chem. 87, 5071 (1983), doi:10.1021/j150643a008).  Visits
 * shorter than the tolerance are no bonds: only what comes after the first `tolerance` of a bond is
 * looked at.  Then
 *
 *   lifetime = -t / ln(kept / (kept + ended)),
 *
 * t the time between samples, kept the number of times that a bond outlived it, ended that of bonds
 * that did not: the maximum-likelihood value for bonds that break at a constant rate, whatever the
 * length of the run, for bonds that have not ended count, too.  It is the direct method of Hofer,
 * Tran, Schwenk & Rode, J. Comput. Chem. 25, 211 (2004), doi:10.1002/jcc.10374.  Memory is
 * proportional to the number of bonds, constant in the length of the run.
 */
#pragma once

#include "md/md_atoms.h"
#include "properties/prop_series.h"

enum { PROP_LIFE_BLOCKS = 16 };

typedef struct prop_life prop_life;

/* prop_life_create - an empty estimator of one pair of species
 *
 * None of the functions is collective.
 * In:   a, b         species, >= 0; may be the same
 *       radius       [Å] > 0
 *       tolerance    [fs] >= 0
 *       sample_time  [fs] > 0 between calls of add
 * Out:  life         freed with prop_life_destroy()
 * Returns PETSC_ERR_ARG_OUTOFRANGE for anything else. */
typedef struct {
  PetscInt a, b;
  PetscReal radius, tolerance, sample_time;
} prop_life_settings;
PetscErrorCode prop_life_create(const prop_life_settings *settings, prop_life **life);

/* prop_life_add - the next sample; always the same atoms
 *
 * Builds a neighbour list of its own, as prop_rdf_add() does, and returns what
 * mtp_neighbors_build() returns.
 * Cost: O(n) and O(m log m) for m bonds.
 * Verified by: tests/unit/properties/test_prop_life.c */
PetscErrorCode prop_life_add(prop_life *life, const md_atoms *atoms);

/* prop_life_save, prop_life_load - the state, bit for bit; load goes into an estimator created with
 * the same settings, else PETSC_ERR_FILE_UNEXPECTED; it can then only be destroyed. */
PetscErrorCode prop_life_save(const prop_life *life, md_blob *blob);
PetscErrorCode prop_life_load(prop_life *life, md_blob *blob);

/* NULL-safe; sets *life to NULL. */
PetscErrorCode prop_life_destroy(prop_life **life);

PetscInt64 prop_life_samples(const prop_life *life);

/* prop_life_estimate - the lifetime of one replica
 *
 * Out:  est  mean lifetime [fs]; NaN where no bond ended (FEW_SAMPLES).  error: lifetime over the
 *            square root of the number of bonds that ended, as independent ones have, or the
 *            scatter of up to 15 blocks of time where that is more.  neff = (mean/error)^2.
 *            FEW_SAMPLES: neff < PROP_NEFF_MIN.
 * Verified by: tests/unit/properties/test_prop_life.c */
PetscErrorCode prop_life_estimate(const prop_life *life, prop_estimate *est);
