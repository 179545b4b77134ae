/* md/md_trajectory.h - frames of a run in a file that survives kills and restarts
 *
 *   XYZ    extended XYZ, 17 digits, positions and velocities: appended frame by frame.  What a run
 *          must remember of the file, in its checkpoint, is a mark: the length up to which it
 *          counts.  The rest is cut off when the run goes on.
 *   H5MD   HDF5, compact (md_h5md.h): written at flushes; frames of steps after that of the run
 *          are cut off when it goes on.
 *
 * Flush, then keep the checkpoint: then the file of a run that was killed and went on is, after its
 * next flush, that of a run which never was: XYZ byte for byte, H5MD dataset for dataset.
 *
 * Collective on the run; rank 0 writes, atoms in the order of their numbers.  Watching changes
 * nothing.  Errors (on all ranks) are PETSC_ERR_FILE_OPEN and PETSC_ERR_FILE_WRITE with path and
 * reason; then the object can only be closed.
 * Verified by: tests/unit/md/test_md_trajectory.c, tests/restart/kill_resume.sh
 */
#pragma once

#include "md/md_run.h"

typedef enum { MD_TRAJECTORY_XYZ, MD_TRAJECTORY_H5MD } md_trajectory_format;

typedef struct {
  md_trajectory_format format;
  const char *path;
  const char *const *species; /* [nspecies] element symbols, borrowed */
  const char *version;        /* of the program, H5MD */
  const PetscInt *molecule;   /* [atoms in the system] or NULL; H5MD; needed to open only */
  PetscBool velocities;       /* H5MD; XYZ has them always */
  PetscBool doubles;          /* H5MD: 8 bytes a number */
} md_trajectory_spec;

typedef struct md_trajectory md_trajectory;

/* md_trajectory_open - for a run that was started or loaded, at its step
 * In:   mark   of the checkpoint, 0 at the start; a shorter or missing file is continued as it is
 * The run is borrowed; it must outlive the trajectory. */
PetscErrorCode md_trajectory_open(md_run *run, const md_trajectory_spec *spec, int64_t mark,
                                  md_trajectory **trajectory);
/* An observer: md_run_observe_with(run, every, MD_NEED_ENERGY, md_trajectory_see, trajectory). */
PetscErrorCode md_trajectory_see(const md_sample *sample, void *trajectory);
/* All frames so far are on the disk; *mark is for the checkpoint.  Of an H5MD file it is the mark
 * that it was opened with, so that a run may change the format and change back. */
PetscErrorCode md_trajectory_flush(md_trajectory *trajectory, int64_t *mark);
/* Without a flush, frames since the last one may be lost.  NULL-safe. */
PetscErrorCode md_trajectory_close(md_trajectory **trajectory);
