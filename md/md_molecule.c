/* md/md_molecule.c - the geometry of a molecule from a file */
#include "md/md_pack.h"

static const PetscReal CLOSEST = 0.5; /* [Å] nearer than any bond: two atoms on one place */
enum { MANY = 1000 };                 /* atoms of a molecule */

static PetscErrorCode check(const char *path, const mtp_config *config, mtp_diag *diag)
{
  PetscFunctionBegin;
  if (config->n > MANY) {
    PetscCall(mtp_diag_add(diag, path, 0, 0,
                           "%" PetscInt_FMT " atoms, wanted a molecule of at most %d", config->n,
                           MANY));
    PetscFunctionReturn(0);
  }
  for (PetscInt i = 0; i < config->n; i++) {
    for (PetscInt j = 0; j < i; j++) {
      const PetscReal *a = &config->x[3 * (size_t)i], *b = &config->x[3 * (size_t)j];
      const PetscReal d2 = PetscSqr(a[0] - b[0]) + PetscSqr(a[1] - b[1]) + PetscSqr(a[2] - b[2]);

      if (d2 >= CLOSEST * CLOSEST) continue;
      PetscCall(mtp_diag_add(diag, path, 0, 0,
                             "atoms %" PetscInt_FMT " and %" PetscInt_FMT
                             " are %.2f Å apart, wanted %.1f Å or more",
                             j + 1, i + 1, (double)PetscSqrtReal(d2), (double)CLOSEST));
      PetscFunctionReturn(0);
    }
  }
  PetscFunctionReturn(0);
}

PetscErrorCode md_molecule_read(const char *path, PetscInt nspecies, const char *const species[],
                                md_molecule *molecule, mtp_diag *diag)
{
  const PetscInt before = diag->n;
  mtp_config_list list = {0};

  PetscFunctionBegin;
  *molecule = (md_molecule){0};
  PetscCall(mtp_xyz_read(path, nspecies, species, &list, diag));
  if (diag->n == before && (list.n == 0 || list.config[0].n == 0)) {
    PetscCall(mtp_diag_add(diag, path, 0, 0, "no atoms in the file"));
  }
  if (diag->n == before) PetscCall(check(path, &list.config[0], diag));
  if (diag->n == before) {
    const mtp_config *c = &list.config[0];

    molecule->n = c->n;
    PetscCall(PetscMalloc1(c->n, &molecule->type));
    PetscCall(PetscMalloc1(3 * (size_t)c->n, &molecule->x));
    PetscCall(PetscArraycpy(molecule->type, c->type, c->n));
    PetscCall(PetscArraycpy(molecule->x, c->x, 3 * (size_t)c->n));
  }
  PetscCall(mtp_config_list_clear(&list));
  PetscFunctionReturn(0);
}

PetscErrorCode md_molecule_clear(md_molecule *molecule)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(molecule->type));
  PetscCall(PetscFree(molecule->x));
  *molecule = (md_molecule){0};
  PetscFunctionReturn(0);
}
