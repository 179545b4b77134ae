/* screening/screen_frames.h - the configurations at which replicas ended, for those who learn from
 * them
 *
 * A replica that a guard ends leaves its last good configuration and the bad one in the record of
 * its failure, as frames in extended XYZ.  DIR/ended.xyz is made of these records, like the table:
 * in the order of tasks, written beside and renamed.  `liquidus select` reads it.
 *
 * What a frame says of itself: point, replica, stage, step (of the phase of the stage), role (`last
 * good` or `bad`), reason (one clause) and detail (the guard's line, of both frames).
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
} screen_frame;

/* Appends a frame; species [atoms->nspecies] are element symbols. */
PetscErrorCode screen_frames_put(const screen_frame *frame, const md_atoms *atoms,
                                 const char *const species[], md_blob *out);

/* Writes DIR/ended.xyz from the journals; without frames there is no file.  By one rank.
 * PETSC_ERR_FILE_OPEN or PETSC_ERR_FILE_WRITE with path and reason. */
PetscErrorCode screen_frames_collect(const queue_tasks *tasks, const char *directory);
