/* md/md_checkpoint_file.h - a checkpoint in a file of its own, and the one before it
 *
 * For runs without a journal.  Two generations: PATH and PATH.previous.  A new one is written to
 * PATH.new and brought to the disk; then PATH becomes PATH.previous and PATH.new becomes PATH. At
 * every moment, also when the process is killed or the power fails, one of the three is whole if
 * one ever was; the newest whole one is what is read.
 *
 * The file is one sealed block (md_blob.h) as md_run_save() makes it and nothing else, so that a
 * file that was cut, prolonged or changed is recognised.
 *
 * Not collective: one rank reads and writes for all.
 * Verified by: tests/unit/md/test_md_checkpoint_file.c, tests/fuzz/fuzz_checkpoint.c
 */
#pragma once

#include "md/md_blob.h"

typedef enum {
  MD_CHECKPOINT_NONE,    /* there is none: no such file */
  MD_CHECKPOINT_NEWEST,  /* the last one that was written */
  MD_CHECKPOINT_PREVIOUS /* the one before, because the last one is missing or damaged */
} md_checkpoint_found;

/* md_checkpoint_file_write - a new generation
 * In:   blob   one whole sealed block; else PETSC_ERR_ARG_WRONG
 * On return it is on the disk.  Returns PETSC_ERR_FILE_OPEN or PETSC_ERR_FILE_WRITE with path and
 * reason (no room, for example); the generations that were there still are. */
PetscErrorCode md_checkpoint_file_write(const char *path, const md_blob *blob);

/* md_checkpoint_file_read - the newest generation that is whole
 * Out:  blob    {0} before; owned by the caller, md_blob_clear(); empty when there is none
 *       found   which one it is
 *       why     "" or what is wrong with the newer one: "run.ckpt: Saved state is damaged: ..."
 * Returns PETSC_ERR_FILE_UNEXPECTED when there are files and none is whole: to start anew then is
 * the caller's decision; PETSC_ERR_FILE_OPEN for one that may not be opened. */
enum { MD_CHECKPOINT_WHY = 256 };
PetscErrorCode md_checkpoint_file_read(const char *path, md_blob *blob, md_checkpoint_found *found,
                                       char why[MD_CHECKPOINT_WHY]);

/* md_checkpoint_check - whether bytes are exactly one whole sealed block
 * Out:  whole  the answer;  why  "" or the reason, as above without a path */
PetscErrorCode md_checkpoint_check(const md_blob *blob, PetscBool *whole,
                                   char why[MD_CHECKPOINT_WHY]);
