/* mtp/mtp_renumber.c - gives the species of a potential other type numbers
 *
 * MLIP-3 finds a type among the labels A-B, so new numbers are new labels.  MLIP-2 and LAMMPS go by
 * position, so the species change places, and with them everything that is listed by species.
 */
#include "mtp/mtp_potential_impl.h"

static PetscErrorCode check(const mtp_potential *p, mtp_format format, const PetscInt type[])
{
  const PetscInt high = format == MTP_FORMAT_MLIP2 ? p->nspecies : MTP_LABELS;
  PetscBool same = PETSC_TRUE;

  PetscFunctionBegin;
  for (PetscInt s = 0; s < p->nspecies; s++) {
    PetscCheck(type[s] >= 0 && type[s] < high, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
               "Type %" PetscInt_FMT ", wanted 0 to %" PetscInt_FMT, type[s], high - 1);
    for (PetscInt t = 0; t < s; t++)
      PetscCheck(type[t] != type[s], PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
                 "Type %" PetscInt_FMT " for two species", type[s]);
    same = (PetscBool)(same && type[s] == (format == MTP_FORMAT_MLIP2 ? s : p->species_label[s]));
  }
  PetscCheck(same || !p->selection || format == MTP_FORMAT_MLIP2, PETSC_COMM_SELF,
             PETSC_ERR_ARG_WRONG, "The selection state has configurations with the old types");
  PetscFunctionReturn(0);
}

/* Species s goes to position to[s]: radial coefficients by pairs, species coefficients. */
static PetscErrorCode move_species(mtp_potential *p, const PetscInt to[])
{
  const PetscInt S = p->nspecies, block = p->radial_funcs * p->radial_size;
  PetscReal *radial, *coeff;

  PetscFunctionBegin;
  if (!mtp_potential_trained(p)) PetscFunctionReturn(0);
  PetscCall(PetscMalloc1(S * S * block, &radial));
  if (PetscMalloc1(S, &coeff)) {
    PetscCall(PetscFree(radial));
    SETERRQ(PETSC_COMM_SELF, PETSC_ERR_MEM, "No memory for the coefficients");
  }
  for (PetscInt i = 0; i < S; i++) {
    coeff[to[i]] = p->species_coeff[i];
    for (PetscInt j = 0; j < S; j++) {
      const PetscInt from = S * i + j, place = S * to[i] + to[j];

      for (PetscInt k = 0; k < block; k++) radial[place * block + k] = p->radial[from * block + k];
    }
  }
  PetscCall(PetscFree(p->radial));
  PetscCall(PetscFree(p->species_coeff));
  p->radial = radial;
  p->species_coeff = coeff;
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_potential_renumber(mtp_potential *pot, mtp_format format, const PetscInt type[])
{
  PetscFunctionBegin;
  PetscCall(check(pot, format, type));
  if (format == MTP_FORMAT_MLIP2) {
    PetscCall(move_species(pot, type));
    PetscCall(PetscFree(pot->selection));
    pot->selection_size = 0;
  }
  for (PetscInt s = 0; s < pot->nspecies; s++)
    pot->species_label[s] = format == MTP_FORMAT_MLIP2 ? s : type[s];
  pot->format = format;
  PetscFunctionReturn(0);
}
