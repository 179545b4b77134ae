/* properties/prop_sequence.c - what every estimator refuses */
#include "properties/prop_sequence.h"

PetscErrorCode prop_sequence_check(PetscInt n, const prop_sequence sequence[])
{
  PetscFunctionBegin;
  for (PetscInt s = 0; s < n; s++) {
    PetscCheck(sequence[s].n == sequence[0].n, PETSC_COMM_SELF, PETSC_ERR_ARG_INCOMP,
               "Sequence %" PetscInt_FMT " has %" PetscInt_FMT
               " blocks, sequence 0 has %" PetscInt_FMT,
               s, sequence[s].n, sequence[0].n);
    PetscCheck(!PetscIsInfOrNanReal(sequence[s].scale), PETSC_COMM_SELF, PETSC_ERR_FP,
               "The factor of sequence %" PetscInt_FMT " is infinity or NaN", s);
    for (PetscInt i = 0; i < sequence[s].n; i++) {
      PetscCheck(!PetscIsInfOrNanReal(sequence[s].x[i]), PETSC_COMM_SELF, PETSC_ERR_FP,
                 "Block %" PetscInt_FMT " of sequence %" PetscInt_FMT " is infinity or NaN", i, s);
    }
  }
  PetscFunctionReturn(0);
}
