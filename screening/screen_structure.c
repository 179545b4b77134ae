/* screening/screen_structure.c - the estimators of structure of a stage: begun, fed, saved, read */
#include "screening/screen_structure.h"

#include <string.h>

static const char structure_tag[8] = "scrstruc";
enum { STRUCTURE_VERSION = 2 };

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
  if (structure->wish.reach > 0.0)
    PetscCall(prop_ligand_create(atoms->nspecies, structure->wish.reach, &structure->ligand));
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

static PetscErrorCode see_ligands(const md_sample *sample, void *context)
{
  md_atoms storage;
  const md_atoms *atoms;

  PetscFunctionBegin;
  PetscCall(md_sample_atoms(sample, &storage, &atoms));
  if (atoms) PetscCall(prop_ligand_add(((screen_structure *)context)->ligand, atoms));
  PetscCall(md_atoms_clear(&storage));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_structure_observe(const screen_campaign *campaign,
                                        screen_structure *structure, md_run *run)
{
  PetscFunctionBegin;
  if (structure->wish.qmax > 0.0)
    PetscCall(md_run_observe_with(run, stride(campaign, SCREEN_SQ_TIME), 0, see_waves, structure));
  if (structure->wish.reach > 0.0)
    PetscCall(
        md_run_observe_with(run, stride(campaign, SCREEN_LIGAND_TIME), 0, see_ligands, structure));
  PetscFunctionReturn(0);
}

/* The wishes as numbers, in one order for all directions */
enum { NWISH = 2 };
static void wish_numbers(const screen_structure_wish *wish, double number[NWISH])
{
  number[0] = wish->qmax;
  number[1] = wish->reach;
}

static void take_numbers(const double number[NWISH], screen_structure_wish *wish)
{
  wish->qmax = number[0];
  wish->reach = number[1];
}

PetscErrorCode screen_structure_share(MPI_Comm comm, screen_structure *structure)
{
  double number[NWISH];

  PetscFunctionBegin;
  wish_numbers(&structure->wish, number);
  PetscCallMPI(MPI_Bcast(number, NWISH, MPI_DOUBLE, 0, comm));
  take_numbers(number, &structure->wish);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_structure_save(const screen_structure *structure, md_blob *blob)
{
  double number[NWISH];

  PetscFunctionBegin;
  if (!structure->sq && !structure->ligand) PetscFunctionReturn(0);
  wish_numbers(&structure->wish, number);
  PetscCall(md_blob_put_tag(blob, structure_tag, STRUCTURE_VERSION));
  PetscCall(md_blob_put(blob, number, sizeof(number)));
  if (structure->sq) PetscCall(prop_sq_save(structure->sq, blob));
  if (structure->ligand) PetscCall(prop_ligand_save(structure->ligand, blob));
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
  double number[NWISH];

  PetscFunctionBegin;
  if (!is_next(blob)) PetscFunctionReturn(0);
  PetscCall(md_blob_expect_tag(blob, structure_tag, STRUCTURE_VERSION));
  PetscCall(md_blob_get(blob, number, sizeof(number)));
  for (int k = 0; k < NWISH; k++)
    PetscCheck(number[k] >= 0.0 && number[k] < 1e3, PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
               "Saved state has a setting of structure of %g", number[k]);
  take_numbers(number, &structure->wish);
  PetscCall(screen_structure_create(atoms, structure));
  if (structure->sq) PetscCall(prop_sq_load(structure->sq, blob));
  if (structure->ligand) PetscCall(prop_ligand_load(structure->ligand, blob));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_structure_clear(screen_structure *structure)
{
  PetscFunctionBegin;
  PetscCall(prop_sq_destroy(&structure->sq));
  PetscCall(prop_ligand_destroy(&structure->ligand));
  *structure = (screen_structure){0};
  PetscFunctionReturn(0);
}
