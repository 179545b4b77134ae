/* properties/prop_conductivity_impl.h - currents out of block means, for prop_conductivity.c and
 * prop_onsager.c */
#pragma once

#include "properties/prop_conductivity.h"

/* Sequences of one current: the components of all replicas, with 1/sqrt(V k_B T) as their factor */
typedef struct {
  PetscReal *x;            /* [nreplica, 3, n, unit of the weights Å/fs] */
  prop_sequence *sequence; /* [nreplica, 3] */
} prop__current;

/* All that callers may have done wrong; the codes are those of prop_conductivity_estimate(). */
PetscErrorCode prop__ions_check(const prop_ions *ions, PetscInt nreplica, const prop_ion_run run[],
                                PetscReal step);

/* Whether currents of these ions have an ionic conductivity at all: no metal, neutral, charges. */
PetscBool prop__ions_conduct(const prop_ions *ions);

/* [nspecies] what the C_s are multiplied by, to add up to j */
void prop__charge_weights(const prop_ions *ions, PetscReal weight[]);

/* [nspecies] .. to add up to J of one species, in a frame; `solvent` may be NULL for BARYCENTRIC.
   PETSC_FALSE: that frame has no mass. */
PetscBool prop__species_weights(const prop_ions *ions, PetscInt species, prop_frame frame,
                                const PetscBool solvent[], PetscReal weight[]);

/* Sum of weight_s C_s; nreplica >= 1.  Freed by prop__current_clear(). */
PetscErrorCode prop__current_create(PetscInt nspecies, const PetscReal weight[], PetscInt nreplica,
                                    const prop_ion_run run[], prop__current *current);
PetscErrorCode prop__current_clear(prop__current *current);

/* Limit of the spectrum of j at zero frequency by a + b f^2, as for the Onsager matrix, up to the
   cut-off [1/fs] of j alone.  NaN and FEW_SAMPLES without one.  nreplica >= 1. */
PetscErrorCode prop__charge_limit(const prop_ions *ions, PetscInt nreplica,
                                  const prop_ion_run run[], PetscReal step, prop_estimate *est,
                                  PetscReal *cutoff);
