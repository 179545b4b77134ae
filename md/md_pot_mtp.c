/* md/md_pot_mtp.c - a moment tensor potential behind the interface of md */
#include "md/md_pair.h"

static PetscErrorCode mtp_evaluate(const void *data, const mtp_neighbors *nb, mtp_result *out)
{
  PetscFunctionBegin;
  PetscCall(mtp_potential_evaluate(data, nb, out));
  PetscFunctionReturn(0);
}

static PetscErrorCode mtp_destroy(void *data)
{
  mtp_potential *pot = data;

  PetscFunctionBegin;
  PetscCall(mtp_potential_destroy(&pot));
  PetscFunctionReturn(0);
}

static const md_potential_ops mtp_ops = {"mtp", mtp_evaluate, mtp_destroy};

PetscErrorCode md_potential_create_mtp(mtp_potential **pot, md_potential **out)
{
  mtp_potential_info info;

  PetscFunctionBegin;
  *out = NULL;
  PetscCall(mtp_potential_get_info(*pot, &info));
  PetscCheck(info.trained, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONGSTATE,
             "Potential %s has no coefficients: train it before running dynamics with it",
             info.name && info.name[0] ? info.name : "without a name");
  PetscCall(md__potential_create(&mtp_ops, info.nspecies, info.cutoff, out));
  (*out)->min_dist = info.min_dist;
  (*out)->data = *pot;
  *pot = NULL;
  PetscFunctionReturn(0);
}
