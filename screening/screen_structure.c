/* screening/screen_structure.c - the estimators of structure of a stage: begun, fed, saved, read */
#include "screening/screen_structure.h"

#include <string.h>

static const char structure_tag[8] = "scrstruc";
enum { STRUCTURE_VERSION = 3 };

/* Steps between samples that are `time` apart, at least 1 */
static PetscInt stride(const screen_campaign *campaign, PetscReal time)
{
  return PetscMax(1, (PetscInt)(time / campaign->dt + 0.5));
}

/* Steps between samples of what costs more than g(r) */
static PetscInt tenth(const screen_campaign *campaign)
{
  return SCREEN_STRUCTURE_TENTH * stride(campaign, campaign->structure_every);
}

void screen_structure_follow(const screen_campaign *campaign, screen_structure *structure)
{
  structure->wish = campaign->structure;
  structure->life_time = stride(campaign, SCREEN_LIFE_TIME) * campaign->dt;
}

static PetscErrorCode create_lifetimes(screen_structure *structure)
{
  const screen_structure_wish *wish = &structure->wish;

  PetscFunctionBegin;
  for (PetscInt k = 0; k < wish->nlife; k++) {
    const prop_life_settings set = {.a = wish->life[k].a,
                                    .b = wish->life[k].b,
                                    .radius = wish->life[k].radius,
                                    .tolerance = wish->tolerance,
                                    .sample_time = structure->life_time};

    PetscCall(prop_life_create(&set, &structure->life[k]));
  }
  PetscFunctionReturn(0);
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
  PetscCall(create_lifetimes(structure));
  PetscFunctionReturn(0);
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

static PetscErrorCode see_neighbours(const md_sample *sample, void *context)
{
  screen_structure *structure = (screen_structure *)context;
  md_atoms storage;
  const md_atoms *atoms;

  PetscFunctionBegin;
  PetscCall(md_sample_atoms(sample, &storage, &atoms));
  for (PetscInt k = 0; atoms && k < structure->wish.nlife; k++)
    PetscCall(prop_life_add(structure->life[k], atoms));
  PetscCall(md_atoms_clear(&storage));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_structure_observe(const screen_campaign *campaign,
                                        screen_structure *structure, md_run *run)
{
  PetscFunctionBegin;
  if (structure->wish.qmax > 0.0)
    PetscCall(md_run_observe_with(run, tenth(campaign), 0, see_waves, structure));
  if (structure->wish.reach > 0.0)
    PetscCall(md_run_observe_with(run, tenth(campaign), 0, see_ligands, structure));
  if (structure->wish.nlife > 0)
    PetscCall(md_run_observe_with(run, stride(campaign, structure->life_time), 0, see_neighbours,
                                  structure));
  PetscFunctionReturn(0);
}

/* The wishes as numbers, in one order for all directions */
enum { NFIXED = 5, NWISH = NFIXED + 3 * SCREEN_LIFE_MOST };
static void wish_numbers(const screen_structure *structure, double number[NWISH])
{
  const screen_structure_wish *wish = &structure->wish;

  memset(number, 0, NWISH * sizeof(number[0]));
  number[0] = wish->qmax;
  number[1] = wish->reach;
  number[2] = wish->tolerance;
  number[3] = structure->life_time;
  number[4] = (double)wish->nlife;
  for (PetscInt k = 0; k < wish->nlife; k++) {
    number[NFIXED + 3 * k] = (double)wish->life[k].a;
    number[NFIXED + 3 * k + 1] = (double)wish->life[k].b;
    number[NFIXED + 3 * k + 2] = wish->life[k].radius;
  }
}

static void take_numbers(const double number[NWISH], screen_structure *structure)
{
  screen_structure_wish *wish = &structure->wish;

  wish->qmax = number[0];
  wish->reach = number[1];
  wish->tolerance = number[2];
  structure->life_time = number[3];
  wish->nlife = PetscMin((PetscInt)number[4], (PetscInt)SCREEN_LIFE_MOST);
  for (PetscInt k = 0; k < wish->nlife; k++) {
    wish->life[k].a = (PetscInt)number[NFIXED + 3 * k];
    wish->life[k].b = (PetscInt)number[NFIXED + 3 * k + 1];
    wish->life[k].radius = number[NFIXED + 3 * k + 2];
  }
}

PetscErrorCode screen_structure_share(MPI_Comm comm, screen_structure *structure)
{
  double number[NWISH];

  PetscFunctionBegin;
  wish_numbers(structure, number);
  PetscCallMPI(MPI_Bcast(number, NWISH, MPI_DOUBLE, 0, comm));
  take_numbers(number, structure);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_structure_save(const screen_structure *structure, md_blob *blob)
{
  double number[NWISH];

  PetscFunctionBegin;
  if (!structure->sq && !structure->ligand && !structure->life[0]) PetscFunctionReturn(0);
  wish_numbers(structure, number);
  PetscCall(md_blob_put_tag(blob, structure_tag, STRUCTURE_VERSION));
  PetscCall(md_blob_put(blob, number, sizeof(number)));
  if (structure->sq) PetscCall(prop_sq_save(structure->sq, blob));
  if (structure->ligand) PetscCall(prop_ligand_save(structure->ligand, blob));
  for (PetscInt k = 0; k < structure->wish.nlife; k++)
    PetscCall(prop_life_save(structure->life[k], blob));
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
    PetscCheck(number[k] >= 0.0 && number[k] < 1e6, PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
               "Saved state has a setting of structure of %g", number[k]);
  take_numbers(number, structure);
  PetscCall(screen_structure_create(atoms, structure));
  if (structure->sq) PetscCall(prop_sq_load(structure->sq, blob));
  if (structure->ligand) PetscCall(prop_ligand_load(structure->ligand, blob));
  for (PetscInt k = 0; k < structure->wish.nlife; k++)
    PetscCall(prop_life_load(structure->life[k], blob));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_structure_clear(screen_structure *structure)
{
  PetscFunctionBegin;
  PetscCall(prop_sq_destroy(&structure->sq));
  PetscCall(prop_ligand_destroy(&structure->ligand));
  for (PetscInt k = 0; k < SCREEN_LIFE_MOST; k++) PetscCall(prop_life_destroy(&structure->life[k]));
  *structure = (screen_structure){0};
  PetscFunctionReturn(0);
}
