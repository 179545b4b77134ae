/* screening/screen_potential_files.c - files beside a potential, the same for all verbs */
#include "screening/screen_potential_files.h"

#include "mtp/mtp_eval_config.h"
#include "screening/screen_cli.h"

#include <errno.h>
#include <string.h>

PetscErrorCode screen_potential_read(const char *path, const screen_names *species,
                                     mtp_potential **pot, mtp_diag *diag)
{
  mtp_potential_info info;

  PetscFunctionBegin;
  PetscCall(mtp_potential_read(path, pot, diag));
  if (!*pot || species->n == 0) PetscFunctionReturn(0);
  PetscCall(mtp_potential_get_info(*pot, &info));
  if (species->n != info.nspecies)
    PetscCall(mtp_diag_add(diag, NULL, 0, 0,
                           "%s: the potential has %" PetscInt_FMT " species, --species names "
                           "%" PetscInt_FMT,
                           path, info.nspecies, species->n));
  PetscFunctionReturn(0);
}

/* XYZ and LAMMPS data say the place of a species; a .cfg has the potential's own numbers. */
static PetscErrorCode number_types(const mtp_potential_info *info, const char *path,
                                   mtp_config_list *list, mtp_diag *diag)
{
  PetscFunctionBegin;
  for (PetscInt c = 0; c < list->n; c++) {
    for (PetscInt i = 0; i < list->config[c].n; i++) {
      PetscInt *type = &list->config[c].type[i];

      if (*type >= info->nspecies)
        PetscCall(mtp_diag_add(diag, NULL, 0, 0,
                               "%s: configuration %" PetscInt_FMT ": atom %" PetscInt_FMT
                               ": species %" PetscInt_FMT ", the potential has %" PetscInt_FMT,
                               path, c + 1, i + 1, *type + 1, info->nspecies));
      else if (info->format == MTP_FORMAT_MLIP3)
        *type = info->species_label[*type];
    }
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_potential_read_configs(const mtp_potential *pot, const char *path,
                                             const screen_names *species, mtp_config_list *list,
                                             mtp_diag *diag)
{
  const screen_file_kind kind = screen_file_kind_of(path);
  const PetscInt before = diag->n;
  mtp_potential_info info;

  PetscFunctionBegin;
  PetscCall(screen_config_read(path, species, list, diag));
  if (!pot) PetscFunctionReturn(0);
  PetscCall(mtp_potential_get_info(pot, &info));
  if (diag->n == before && (kind == SCREEN_FILE_XYZ || kind == SCREEN_FILE_LAMMPS))
    PetscCall(number_types(&info, path, list, diag));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_potential_check_files(const char *verb, PetscInt nin, const char *const in[],
                                            PetscInt nout, const char *const out[],
                                            const screen_names *species, screen_exit *code)
{
  PetscBool xyz = PETSC_FALSE;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < nin; i++)
    xyz = (PetscBool)(xyz || (in[i] && screen_file_kind_of(in[i]) == SCREEN_FILE_XYZ));
  for (PetscInt o = 0; o < nout; o++) {
    PetscBool input = PETSC_FALSE;

    if (!out[o]) continue;
    xyz = (PetscBool)(xyz || screen_file_kind_of(out[o]) == SCREEN_FILE_XYZ);
    for (PetscInt i = 0; i < nin; i++)
      input = (PetscBool)(input || (in[i] && screen_same_file(in[i], out[o])));
    if (input) {
      PetscCall(screen_cli_refuse(verb, code, "%s would overwrite an input file", out[o]));
      PetscFunctionReturn(0);
    }
    if (screen_file_kind_of(out[o]) == SCREEN_FILE_LAMMPS) {
      PetscCall(screen_cli_refuse(verb, code, "%s: LAMMPS data hold no forces, wanted .cfg or .xyz",
                                  out[o]));
      PetscFunctionReturn(0);
    }
  }
  if (xyz && species->n == 0)
    PetscCall(screen_cli_refuse(verb, code,
                                "extended XYZ names elements, wanted --species with those of the "
                                "potential in its order"));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_potential_write_configs(const char *verb, const mtp_potential *pot,
                                              mtp_config_list *list, const char *path,
                                              const screen_names *species, screen_exit *code)
{
  mtp_potential_info info;

  PetscFunctionBegin;
  PetscCall(mtp_potential_get_info(pot, &info));
  for (PetscInt c = 0; c < list->n && screen_file_kind_of(path) == SCREEN_FILE_XYZ; c++) {
    for (PetscInt i = 0; i < list->config[c].n; i++)
      list->config[c].type[i] = mtp_eval_species(&info, list->config[c].type[i]);
  }
  PetscCall(screen_config_write(verb, list, path, PETSC_FALSE, species, code));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_potential_write(const char *verb, const mtp_potential *pot, mtp_format format,
                                      const char *path, screen_exit *code)
{
  PetscErrorCode ierr;

  PetscFunctionBegin;
  errno = 0;
  PetscCall(PetscPushErrorHandler(PetscReturnErrorHandler, NULL));
  ierr = mtp_potential_write(pot, format, path);
  PetscCall(PetscPopErrorHandler());
  if (ierr == PETSC_ERR_FILE_OPEN || ierr == PETSC_ERR_FILE_WRITE) {
    fprintf(stderr, "liquidus %s: %s: cannot be written (%s)\n", verb, path,
            strerror(errno ? errno : EIO));
    *code = SCREEN_EXIT_ENVIRONMENT;
    ierr = 0;
  }
  PetscCall(ierr);
  PetscFunctionReturn(0);
}
