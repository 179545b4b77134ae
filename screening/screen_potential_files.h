/* screening/screen_potential_files.h - configurations read and written for a potential, and the
 * potential itself
 *
 * A .cfg has the potential's own type numbers; extended XYZ and LAMMPS data count species by place,
 * and --species says which element each is.
 */
#pragma once

#include "mtp/mtp_potential.h"
#include "screening/screen_config_file.h"

/* screen_potential_read - mtp_potential_read(); a number of elements in `species`, if any, that is
 * not the potential's number of species goes to `diag`, too */
PetscErrorCode screen_potential_read(const char *path, const screen_names *species,
                                     mtp_potential **pot, mtp_diag *diag);

/* screen_potential_read_configs - all configurations of a file, types as the potential has them
 * pot may be NULL after a failed read: the file's own problems are still found. */
PetscErrorCode screen_potential_read_configs(const mtp_potential *pot, const char *path,
                                             const screen_names *species, mtp_config_list *list,
                                             mtp_diag *diag);

/* screen_potential_check_files - names that cannot be: extended XYZ without --species, LAMMPS data
 * as output (they hold neither forces nor grades), an output that is also an input
 * In:   in [nin], out [nout]  names; NULL: not given */
PetscErrorCode screen_potential_check_files(const char *verb, PetscInt nin, const char *const in[],
                                            PetscInt nout, const char *const out[],
                                            const screen_names *species, screen_exit *code);

/* screen_potential_write_configs - all configurations to .cfg, or to extended XYZ by the name
 * Types in the list become places of species when it is XYZ.  Refusals as screen_config_write(). */
PetscErrorCode screen_potential_write_configs(const char *verb, const mtp_potential *pot,
                                              mtp_config_list *list, const char *path,
                                              const screen_names *species, screen_exit *code);

/* screen_potential_write - mtp_potential_write(); a file that cannot be written is one line on
 * stderr and SCREEN_EXIT_ENVIRONMENT */
PetscErrorCode screen_potential_write(const char *verb, const mtp_potential *pot, mtp_format format,
                                      const char *path, screen_exit *code);
