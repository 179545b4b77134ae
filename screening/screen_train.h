/* screening/screen_train.h - what `liquidus train FILE` was asked for */
#pragma once

#include "mtp/mtp_fit.h"
#include "mtp/mtp_selection.h"
#include "screening/screen_oracle.h"
#include "screening/screen_potential_files.h"
#include "screening/screen_sha256.h"

/* Configurations of several files and what they are called in messages. */
typedef struct {
  PetscInt nfile, room;
  char **file;             /* [nfile] owned, relative to the working directory */
  mtp_config_list *list;   /* [nfile] */
  PetscInt nconfig, natom; /* of all */
} screen_train_set;

/* `active_learning`: the loop around fits, screen_learn.h. */
typedef struct {
  PetscBool wanted;
  char *campaign, *folder; /* owned; folder: NAME.learn beside the file */
  PetscInt rounds, labels, seeds, ranks;
  PetscReal nearest; /* [Å] frames with closer atoms are not asked about; 0: of the potential */
  screen_oracle oracle;
} screen_train_loop;

typedef struct {
  char name[64];
  char *file, *out; /* owned: what was read; NAME.almtp beside it */
  screen_names species;
  screen_train_set data, validation; /* validation.nfile 0: none */
  char *start;                       /* owned; NULL: from random numbers */
  PetscBool raised;                  /* `level` is given beside `start` */
  PetscInt level, radial_size, starts, seed;
  PetscReal cutoff, min_distance; /* [Å]; min_distance 0: from the data */
  mtp_loss_weights weights;
  mtp_fit_options fit;
  mtp_selection_mode mode; /* MTP_SELECTION_OTHER: no active set */
  screen_train_loop loop;
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

/* One more file of data, after reading; its problems go to diag. */
PetscErrorCode screen_train_add(screen_train *train, const char *path, mtp_diag *diag);

/* The smallest distance between two atoms, images among them, of a configuration [Å]; `reach` where
   none is nearer. */
PetscErrorCode screen_train_closest(const mtp_config *config, PetscReal reach, PetscReal *nearest);
/* The smallest distance between two atoms, images among them, of all configurations [Å]; `reach`
   where none is nearer. */
PetscErrorCode screen_train_nearest(const screen_train_set *set, PetscReal reach,
                                    PetscReal *nearest);

/* Where an interrupted `liquidus train` goes on: NAME.fit beside the potential. */
typedef struct {
  unsigned char digest[SCREEN_SHA256_SIZE]; /* of all files that say what is fitted, when read */
  PetscInt start;                           /* from 1: the fit on its way */
  PetscReal best_loss;                      /* of the starts before; start 1: nothing */
  PetscReal *best;                          /* [fit.n] its coefficients */
  mtp_fit_state fit;
} screen_train_kept;

/* screen_train_keep - writes it with the digest that screen_train_kept_read() made, beside and then
 * renamed; one process
 * screen_train_kept_read - reads it; not collective
 * In:   n      coefficients that the fit has
 * Out:  kept   owned by the caller, ends with screen_train_kept_clear(), found or not
 *       found  there is one, whole, of the same files, keys and version
 * Verified by: tests/cli/train.sh (killed between rounds: the same potential to the bit). */
PetscErrorCode screen_train_keep(const screen_train *train, const screen_train_kept *kept);
PetscErrorCode screen_train_kept_read(const screen_train *train, PetscInt n,
                                      screen_train_kept *kept, PetscBool *found);
PetscErrorCode screen_train_kept_clear(screen_train_kept *kept);
/* The fit is done: removes NAME.fit. */
void screen_train_forget(const screen_train *train);
