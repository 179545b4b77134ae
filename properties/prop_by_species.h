/* properties/prop_by_species.h - vectors of atoms kept by species, for sums that are quick to take
 *
 * Displacements and velocities are multiplied dozens of times a sample, and each product is summed
 * over the atoms of a species.  Where these lie side by side, a sum is one over adjoining numbers.
 * A saved state has the atoms in their own order.
 * Verified by: tests/unit/properties/test_prop_msd.c, tests/unit/properties/test_prop_vacf.c
 */
#pragma once

#include "md/md_blob.h"

/* Start with {0}. */
typedef struct {
  PetscInt n, nspecies;
  PetscInt *natom; /* [nspecies] */
  PetscInt *place; /* [n] of an atom among the atoms by species, those of one as they come */
} prop__by_species;

/* type: [n] of 0..nspecies-1; freed by prop__by_species_clear(). */
PetscErrorCode prop__by_species_create(PetscInt n, PetscInt nspecies, const PetscInt type[],
                                       prop__by_species *order);
PetscErrorCode prop__by_species_clear(prop__by_species *order);

/* sorted [3 n] from x [3 n, in the order of the atoms] */
void prop__by_species_take(const prop__by_species *order, const PetscReal x[], PetscReal sorted[]);
/* Adds to sum[species] the mean over its atoms of a . b, or of |b - a|^2; both [3 n], sorted. */
void prop__by_species_products(const prop__by_species *order, const PetscReal a[],
                               const PetscReal b[], PetscReal sum[]);
void prop__by_species_distances(const prop__by_species *order, const PetscReal a[],
                                const PetscReal b[], PetscReal sum[]);

/* count vectors [count, 3 n, sorted] to and from a blob, there in the order of the atoms */
PetscErrorCode prop__by_species_put(const prop__by_species *order, PetscInt count,
                                    const PetscReal sorted[], md_blob *blob);
PetscErrorCode prop__by_species_get(const prop__by_species *order, PetscInt count, md_blob *blob,
                                    PetscReal sorted[]);

/* The first of n numbers that is infinity or NaN; n where all are finite. */
size_t prop__first_not_finite(size_t n, const PetscReal x[]);
