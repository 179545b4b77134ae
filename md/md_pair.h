/* md/md_pair.h - the loop over pairs that pair potentials share; not for use outside md/ */
#pragma once

#include "md/md_potential.h"

/* Energy u [eV] of a pair of types (ti, tj) at squared distance r2 < cutoff^2 [Å^2], and u'(r)/r
 * [eV/Å^2]. */
typedef void (*md__pair_function)(const void *data, PetscInt ti, PetscInt tj, PetscReal r2,
                                  PetscReal *u, PetscReal *slope);

/* Sums a pair potential over a full list under the conventions of mtp_result. */
void md__pair_evaluate(md__pair_function pair, const void *data, PetscReal cutoff,
                       const mtp_neighbors *nb, mtp_result *out);

/* Zeros in every array of `out` that is not NULL, in energy and in virial. */
void md__clear_result(const mtp_neighbors *nb, mtp_result *out);

/* A potential without data yet; `data` goes to ops->destroy with it. */
PetscErrorCode md__potential_create(const md_potential_ops *ops, PetscInt nspecies,
                                    PetscReal cutoff, md_potential **out);
