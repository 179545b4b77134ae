/* screening/screen_frames.h - the configurations at which replicas ended, for those who learn from
 * them
 *
 * A replica that a guard ends leaves its last good configuration and the bad one in the record of
 * its failure, as frames in extended XYZ.  DIR/ended.xyz is made of these records, like the table:
 * in the order of tasks, written beside and renamed.  `liquidus select` reads it.
 *
 * DIR/extrapolating.xyz is made in the same way of what the others keep in their states: of each
 * production the worst configurations between potential.extrapolation.save and break
 * (screen_novel.h).
 *
 * What a frame says of itself: point, replica, stage, step (of the phase of the stage), role (`last
 * good`, `bad` or `extrapolating`), reason (one clause), detail (the guard's line, of all frames of
 * a replica that ended) and, where role is `extrapolating`, grade.
 * Verified by: tests/unit/screening/test_screen_job.c, tests/system/guards.sh
 */
#pragma once

#include "queue/queue_tasks.h"
#include "screening/screen_job.h"

enum { SCREEN_DETAIL = 160 }; /* characters of a failure's line, with which its record begins */

typedef struct {
  const char *point, *stage, *role, *reason, *detail;
  PetscInt replica;
  PetscInt64 step;
  double grade; /* 0: not said */
} screen_frame;

/* Appends a frame; species [atoms->nspecies] are element symbols. */
PetscErrorCode screen_frames_put(const screen_frame *frame, const md_atoms *atoms,
                                 const char *const species[], md_blob *out);

/* Appends what is kept as frames like `like`, with role, step and grade of their own.  `atoms` are
 * the system's; their positions and cell are overwritten. */
PetscErrorCode screen_frames_put_novel(const screen_frame *like, const screen_novel *novel,
                                       md_atoms *atoms, const char *const species[], md_blob *out);

/* Writes DIR/ended.xyz and DIR/extrapolating.xyz from the journals; without frames there is no
 * file.  By one rank.  novel [npoint] or NULL: which points have states worth a look (not 0).
 * PETSC_ERR_FILE_OPEN or PETSC_ERR_FILE_WRITE with path and reason. */
typedef struct {
  const screen_campaign *campaign;
  const screen_grid *grid;
  const queue_tasks *tasks;
  const char *directory;
  const int *novel;
} screen_frames_source;
PetscErrorCode screen_frames_collect(const screen_frames_source *source);
