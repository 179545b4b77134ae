/* properties/prop_sequence.h - the form in which estimators of transport take their data
 *
 * A sequence holds the means of equal, adjoining blocks of time of one component of one replica: a
 * pressure component, a component of a current.  Blocks, not single samples: what oscillates within
 * a block averages out in it, where striding would fold it onto low frequencies.  Several sequences
 * (components times replicas) go into one estimate; all have the same number n of blocks and the
 * same block length h [fs], so that they have the same frequencies.  The caller cuts them to the
 * shortest.  Estimators read the blocks; the caller keeps them.
 */
#pragma once

#include <petscsys.h>

typedef struct {
  PetscInt n;         /* blocks */
  const PetscReal *x; /* [n] block means, any unit; borrowed */
  PetscReal scale;    /* what x is multiplied by, for instance sqrt(V/(k_B T)) of its replica */
} prop_sequence;

/* prop_sequence_check - PETSC_ERR_ARG_INCOMP for sequences of unequal length, PETSC_ERR_FP for a
 * factor or a block that is infinity or NaN; not collective, n >= 0
 * Verified by: tests/unit/properties/test_prop_spectrum.c, tests/verify/test_prop_running.c */
PetscErrorCode prop_sequence_check(PetscInt n, const prop_sequence sequence[]);
