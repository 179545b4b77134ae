/* screening/screen_train.h - what `liquidus train FILE` was asked for */
#pragma once

#include "mtp/mtp_fit.h"
#include "mtp/mtp_selection.h"
#include "screening/screen_potential_files.h"

/* Configurations of several files and what they are called in messages. */
typedef struct {
  PetscInt nfile;
  char **file;             /* [nfile] owned, relative to the working directory */
  mtp_config_list *list;   /* [nfile] */
  PetscInt nconfig, natom; /* of all */
} screen_train_set;

typedef struct {
  char name[64];
  char *out; /* owned: NAME.almtp beside the file */
  screen_names species;
  screen_train_set data, validation; /* validation.nfile 0: none */
  char *start;                       /* owned; NULL: from random numbers */
  PetscInt level, radial_size, starts, seed;
  PetscReal cutoff, min_distance; /* [Å]; min_distance 0: from the data */
  mtp_loss_weights weights;
  mtp_fit_options fit;
  mtp_selection_mode mode; /* MTP_SELECTION_OTHER: no active set */
} screen_train;

/* screen_train_read - reads and checks the file and the configurations that it names
 *
 * Not collective: every rank reads all, and keeps its share later.
 * Out:  train  open struct; end with screen_train_clear(), whatever was found
 *       diag   everything that is wrong, in the order of the files
 * Returns 0 also for bad input.
 * Verified by: tests/cli/train.sh */
PetscErrorCode screen_train_read(const char *path, screen_train *train, mtp_diag *diag);
PetscErrorCode screen_train_clear(screen_train *train);

/* The smallest distance between two atoms, images among them, of all configurations [Å]; `reach`
   where none is nearer. */
PetscErrorCode screen_train_nearest(const screen_train_set *set, PetscReal reach,
                                    PetscReal *nearest);
