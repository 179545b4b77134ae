/* properties/prop_msd.h - multi-origin mean squared displacement per species, and the self-diffusion coefficient
 *
 * Multiple-tau: level l keeps the last PROP_MSD_LAGS unwrapped positions taken every 2^l samples; every new entry is
 * an end point against all origins kept.  Memory O(levels * lags * n), any length of run.  Origins are also sorted into
 * PROP_MSD_PARTS consecutive parts of the run, whose scatter gives the error of one replica.
 */
#pragma once

#include "md/md_run.h"
#include "properties/prop_series.h"

enum { PROP_MSD_LAGS = 16, PROP_MSD_LEVELS = 16, PROP_MSD_PARTS = 8 };

typedef struct prop_msd prop_msd;

/* sample_time [fs] between calls of add; total_samples expected in the whole stage (parts are cut from it). */
PetscErrorCode prop_msd_create(const md_atoms *atoms, PetscReal sample_time, PetscInt64 total_samples, prop_msd **msd);
PetscErrorCode prop_msd_add(prop_msd *msd, const md_atoms *atoms);
PetscErrorCode prop_msd_save(const prop_msd *msd, md_blob *blob);
PetscErrorCode prop_msd_load(prop_msd *msd, md_blob *blob);
PetscErrorCode prop_msd_destroy(prop_msd **msd);

/* The curve of a species: *n lags; caller gives room for PROP_MSD_LAGS*PROP_MSD_LEVELS numbers each. */
PetscErrorCode prop_msd_curve(const prop_msd *msd, PetscInt species, PetscInt *n, PetscReal lag[], PetscReal value[],
                              PetscReal error[]); /* [fs], [Å^2] */
/* D of one replica, [Å^2/fs]: see prop_msd.c for window, weights and gates. */
PetscErrorCode prop_msd_diffusion(const prop_msd *msd, PetscInt species, prop_estimate *est);
