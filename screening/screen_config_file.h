/* screening/screen_config_file.h - files of configurations and potentials, told by their names */
#pragma once

#include "mtp/mtp_config.h"
#include "screening/screen_verbs.h"

typedef enum {
  SCREEN_FILE_OTHER,
  SCREEN_FILE_CFG,    /* .cfg, text or binary */
  SCREEN_FILE_XYZ,    /* .xyz, .extxyz */
  SCREEN_FILE_LAMMPS, /* .data, .lmp */
  SCREEN_FILE_MTP,    /* .mtp */
  SCREEN_FILE_ALMTP   /* .almtp */
} screen_file_kind;

screen_file_kind screen_file_kind_of(const char *path);
/* PETSC_TRUE when both names lead to one existing file. */
PetscBool screen_same_file(const char *a, const char *b);

enum { SCREEN_MAX_NAMES = 100 };
/* Element symbols "Ca,K,Cl" in order; open struct, nothing to free, not to be copied. */
typedef struct {
  PetscInt n;
  char text[SCREEN_MAX_NAMES][4];
  const char *name[SCREEN_MAX_NAMES]; /* [n] into text */
} screen_names;
/* A message and SCREEN_EXIT_BAD_INPUT for anything but different symbols of 1 to 3 letters. */
PetscErrorCode screen_names_parse(const char *verb, const char *list, screen_names *names,
                                  screen_exit *code);

/* screen_config_read - all configurations of a file; SCREEN_FILE_OTHER is taken for .cfg
 * Extended XYZ wants species; LAMMPS data without species keep their own numbers.  Problems go to
 * `diag`, as with mtp_cfg_read().  Verified by: tests/cli/potential_convert.sh */
PetscErrorCode screen_config_read(const char *path, const screen_names *species,
                                  mtp_config_list *list, mtp_diag *diag);

/* screen_config_write - all configurations to a file, by its name; SCREEN_FILE_OTHER becomes .cfg
 *
 * In:   binary  .cfg only
 * Nothing is opened before everything has been put into words, so what a format cannot hold leaves
 * an existing file alone.  That gives SCREEN_EXIT_BAD_INPUT, a file that cannot be written
 * SCREEN_EXIT_ENVIRONMENT; both one line on stderr.
 * Verified by: tests/cli/potential_convert.sh */
PetscErrorCode screen_config_write(const char *verb, const mtp_config_list *list, const char *path,
                                   PetscBool binary, const screen_names *species,
                                   screen_exit *code);
