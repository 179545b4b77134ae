/* md/md_read.c - a starting configuration from whatever file the user has */
#include "md/md_pack.h"

#include <string.h>
#include <strings.h>

static PetscBool ends_in(const char *path, const char *ending)
{
  const size_t n = strlen(path), m = strlen(ending);

  return (PetscBool)(n > m && strcasecmp(path + n - m, ending) == 0);
}

/* The last configuration of a list, taken out of it. */
static void take_last(mtp_config_list *list, mtp_config *config)
{
  if (list->n == 0) return;
  *config = list->config[--list->n];
}

/* Reads by the ending of the name; *config stays empty when there is a problem. */
static PetscErrorCode read_any(const char *path, PetscInt nspecies, const char *const species[],
                               mtp_config *config, mtp_diag *diag)
{
  const PetscInt before = diag->n;
  mtp_config_list list = {0};

  PetscFunctionBegin;
  *config = (mtp_config){0};
  if (ends_in(path, ".data") || ends_in(path, ".lmp")) {
    PetscCall(mtp_lammps_read(path, nspecies, species, config, diag));
    PetscFunctionReturn(0);
  }
  if (ends_in(path, ".cfg")) {
    PetscCall(mtp_cfg_read(path, &list, diag));
  } else if (ends_in(path, ".xyz") || ends_in(path, ".extxyz")) {
    PetscCall(mtp_xyz_read(path, nspecies, species, &list, diag));
  } else {
    PetscCall(mtp_diag_add(diag, path, 0, 0,
                           "unknown kind of file, wanted a name that ends in .cfg, .xyz, .extxyz, "
                           ".data or .lmp"));
  }
  if (diag->n == before) take_last(&list, config);
  if (diag->n == before && config->n == 0) {
    PetscCall(mtp_diag_add(diag, path, 0, 0, "no configuration with atoms in the file"));
  }
  PetscCall(mtp_config_list_clear(&list));
  PetscFunctionReturn(0);
}

/* What a periodic run needs of a configuration. */
static PetscErrorCode check_config(const char *path, PetscInt nspecies, const mtp_config *config,
                                   mtp_diag *diag)
{
  md_atoms cell = {0};

  PetscFunctionBegin;
  if (config->nlattice != 3) {
    PetscCall(mtp_diag_add(diag, path, 0, 0,
                           "%" PetscInt_FMT " lattice vectors, wanted three: a liquid is periodic",
                           config->nlattice));
    PetscFunctionReturn(0);
  }
  PetscCall(PetscArraycpy(&cell.h[0][0], &config->h[0][0], 9));
  if (!(md_atoms_volume(&cell) > 0.0)) {
    PetscCall(mtp_diag_add(diag, path, 0, 0, "lattice vectors span no volume"));
  }
  for (PetscInt i = 0; i < config->n; i++) {
    if (config->type[i] < nspecies) continue;
    PetscCall(mtp_diag_add(diag, path, 0, 0,
                           "atom %" PetscInt_FMT " has type %" PetscInt_FMT
                           ", wanted 0..%" PetscInt_FMT ": one for each species",
                           i + 1, config->type[i], nspecies - 1));
    break;
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode fill(const mtp_config *config, PetscInt nspecies, const PetscReal mass[],
                           md_atoms *atoms)
{
  PetscFunctionBegin;
  PetscCall(md_atoms_create(config->n, nspecies, atoms));
  PetscCall(PetscArraycpy(atoms->mass, mass, nspecies));
  PetscCall(PetscArraycpy(atoms->type, config->type, config->n));
  PetscCall(PetscArraycpy(atoms->x, config->x, 3 * (size_t)config->n));
  PetscCall(PetscArraycpy(&atoms->h[0][0], &config->h[0][0], 9));
  PetscFunctionReturn(0);
}

PetscErrorCode md_atoms_read(const char *path, PetscInt nspecies, const char *const species[],
                             const PetscReal mass[], md_atoms *atoms, mtp_diag *diag)
{
  const PetscInt before = diag->n;
  mtp_config config;

  PetscFunctionBegin;
  *atoms = (md_atoms){0};
  PetscCall(read_any(path, nspecies, species, &config, diag));
  if (diag->n == before) PetscCall(check_config(path, nspecies, &config, diag));
  if (diag->n == before) PetscCall(fill(&config, nspecies, mass, atoms));
  PetscCall(mtp_config_clear(&config));
  PetscFunctionReturn(0);
}
