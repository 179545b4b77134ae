/* screening/screen_structure.c - the estimators of structure of a stage: begun, fed, saved, read */
#include "screening/screen_structure.h"

#include <string.h>

static const char structure_tag[8] = "scrstruc";
enum { STRUCTURE_VERSION = 1 };

void screen_structure_follow(const screen_campaign *campaign, screen_structure *structure)
{
  structure->wish = campaign->structure;
}

PetscErrorCode screen_structure_create(const md_atoms *atoms, screen_structure *structure)
{
  const PetscReal qmax = structure->wish.qmax;

  PetscFunctionBegin;
  if (qmax > 0.0)
    PetscCall(prop_sq_create(atoms->nspecies, qmax,
                             (PetscInt)PetscCeilReal(qmax / SCREEN_SQ_WIDTH - 1e-6), SCREEN_SQ_MOST,
                             &structure->sq));
  PetscFunctionReturn(0);
}

/* Steps between samples that are `time` apart, at least 1 */
static PetscInt stride(const screen_campaign *campaign, PetscReal time)
{
  return PetscMax(1, (PetscInt)(time / campaign->dt + 0.5));
}

static PetscErrorCode see_waves(const md_sample *sample, void *context)
{
  md_atoms storage;
  const md_atoms *atoms;

  PetscFunctionBegin;
  PetscCall(md_sample_atoms(sample, &storage, &atoms));
  if (atoms) PetscCall(prop_sq_add(((screen_structure *)context)->sq, atoms));
  PetscCall(md_atoms_clear(&storage));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_structure_observe(const screen_campaign *campaign,
                                        screen_structure *structure, md_run *run)
{
  PetscFunctionBegin;
  if (structure->wish.qmax > 0.0)
    PetscCall(md_run_observe_with(run, stride(campaign, SCREEN_SQ_TIME), 0, see_waves, structure));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_structure_share(MPI_Comm comm, screen_structure *structure)
{
  double wish[1] = {structure->wish.qmax};

  PetscFunctionBegin;
  PetscCallMPI(MPI_Bcast(wish, 1, MPI_DOUBLE, 0, comm));
  structure->wish.qmax = wish[0];
  PetscFunctionReturn(0);
}

PetscErrorCode screen_structure_save(const screen_structure *structure, md_blob *blob)
{
  const double wish[1] = {structure->wish.qmax};

  PetscFunctionBegin;
  if (!structure->sq) PetscFunctionReturn(0);
  PetscCall(md_blob_put_tag(blob, structure_tag, STRUCTURE_VERSION));
  PetscCall(md_blob_put(blob, wish, sizeof(wish)));
  if (structure->sq) PetscCall(prop_sq_save(structure->sq, blob));
  PetscFunctionReturn(0);
}

/* Whether the section stands next in the blob */
static PetscBool is_next(const md_blob *blob)
{
  return (PetscBool)(blob->size - blob->read >= sizeof(structure_tag) &&
                     memcmp(blob->data + blob->read, structure_tag, sizeof(structure_tag)) == 0);
}

PetscErrorCode screen_structure_load(const md_atoms *atoms, md_blob *blob,
                                     screen_structure *structure)
{
  double wish[1];

  PetscFunctionBegin;
  if (!is_next(blob)) PetscFunctionReturn(0);
  PetscCall(md_blob_expect_tag(blob, structure_tag, STRUCTURE_VERSION));
  PetscCall(md_blob_get(blob, wish, sizeof(wish)));
  PetscCheck(wish[0] >= 0.0 && wish[0] < 1e3, PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
             "Saved state has structure factors up to %g 1/Å", wish[0]);
  structure->wish.qmax = wish[0];
  PetscCall(screen_structure_create(atoms, structure));
  if (structure->sq) PetscCall(prop_sq_load(structure->sq, blob));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_structure_clear(screen_structure *structure)
{
  PetscFunctionBegin;
  PetscCall(prop_sq_destroy(&structure->sq));
  *structure = (screen_structure){0};
  PetscFunctionReturn(0);
}
