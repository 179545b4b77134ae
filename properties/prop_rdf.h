/* properties/prop_rdf.h - radial distribution functions and coordination numbers per pair of species
 *
 * g_ab(r) = V <n_ab(r)> / (N_a N_b' 4 pi r^2 dr), N_b' = N_b - delta_ab; shells have their exact volumes; the volume is
 * the instantaneous one.  Distances from full neighbour lists with ghosts, so r may exceed half the cell.
 */
#pragma once

#include "md/md_run.h"
#include "properties/prop_series.h"

typedef struct prop_rdf prop_rdf;

PetscErrorCode prop_rdf_create(PetscInt nspecies, PetscReal rmax, PetscInt nbin, prop_rdf **rdf);
PetscErrorCode prop_rdf_add(prop_rdf *rdf, const md_atoms *atoms);
PetscErrorCode prop_rdf_merge(prop_rdf *into, const prop_rdf *from); /* replicas of one point */
PetscErrorCode prop_rdf_save(const prop_rdf *rdf, md_blob *blob);
PetscErrorCode prop_rdf_load(prop_rdf *rdf, md_blob *blob);
PetscErrorCode prop_rdf_destroy(prop_rdf **rdf);

PetscInt prop_rdf_nbin(const prop_rdf *rdf);
/* r [nbin, Å] bin centres; g [nbin]; n [nbin] running coordination number of b around a up to the bin's outer edge. */
PetscErrorCode prop_rdf_curve(const prop_rdf *rdf, PetscInt a, PetscInt b, PetscReal r[], PetscReal g[], PetscReal n[]);
/* First maximum and following minimum of g, and the coordination number of b around a up to that minimum.
 * found = PETSC_FALSE when g has no clear first shell. */
PetscErrorCode prop_rdf_coordination(const prop_rdf *rdf, PetscInt a, PetscInt b, PetscReal *r_peak, PetscReal *r_min,
                                     PetscReal *number, PetscBool *found);
