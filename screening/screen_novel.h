/* screening/screen_novel.h - configurations that a potential hardly knows, kept for those who teach
 * it
 *
 * Where a potential has an active set, a production keeps its configurations whose extrapolation
 * grade is above potential.extrapolation.save (those above `break` end the replica): of each
 * picosecond the worst one, and of these the worst SCREEN_NOVEL of the stage.  Which ones these are
 * follows from the trajectory alone, not from how a stage was cut into segments.  They are part of
 * the stage's saved state; DIR/extrapolating.xyz (screen_frames.h) is made of these.
 * Verified by: tests/unit/screening/test_screen_novel.c, tests/system/extrapolation.sh
 */
#pragma once

#include "md/md_run.h"

enum { SCREEN_NOVEL = 4 };

typedef struct {
  int64_t step;   /* of the stage's last phase */
  double grade;   /* the largest of its atoms */
  double h[3][3]; /* [Å] */
  PetscReal *x;   /* [natoms,3, Å] on the first rank of a group; NULL elsewhere */
} screen_novel_frame;

/* Start with {0}: nothing is kept. */
typedef struct {
  PetscReal limit;                        /* grade above which a configuration is kept */
  PetscInt n;                             /* 0..SCREEN_NOVEL */
  screen_novel_frame frame[SCREEN_NOVEL]; /* [n] steps ascend */
} screen_novel;

/* screen_novel_observe - keeps what a run meets from now on
 * Collective.  `period` steps between grades (0: there are none, nothing is done), limit > 0;
 * `novel` is borrowed by the run. */
PetscErrorCode screen_novel_observe(screen_novel *novel, PetscInt period, PetscReal limit,
                                    md_run *run);
/* Tells steps and grades of rank 0 to all.  Collective. */
PetscErrorCode screen_novel_share(MPI_Comm comm, screen_novel *novel);
/* What is kept of natoms atoms, bit for bit.  load returns PETSC_ERR_FILE_UNEXPECTED for a section
 * that contradicts itself. */
PetscErrorCode screen_novel_save(const screen_novel *novel, PetscInt natoms, md_blob *blob);
PetscErrorCode screen_novel_load(PetscInt natoms, md_blob *blob, screen_novel *novel);
PetscErrorCode screen_novel_clear(screen_novel *novel);
