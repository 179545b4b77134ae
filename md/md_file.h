/* md/md_file.h - files that are whole at every moment
 *
 * A file is made beside the old one and takes its name when it is on the disk.  Not collective. All
 * functions return PETSC_ERR_FILE_OPEN or PETSC_ERR_FILE_WRITE with path and reason.
 * Verified by: tests/unit/md/test_md_checkpoint_file.c, test_md_h5md.c, test_md_trajectory.c,
 * tests/fault/nth_write.sh
 */
#pragma once

#include <petscsys.h>

/* Brings the names in the folder of `path` to the disk. */
PetscErrorCode md_file_sync_folder(const char *path);
/* Brings the bytes of `fresh` to the disk and gives it the name `path`, also after a power failure.
 */
PetscErrorCode md_file_publish(const char *fresh, const char *path);
/* Makes `to` with the bytes of `from`, and reserves room for `more` bytes behind them, so that a
 * full disk is met here and not by a library that writes next.  No `from`: an empty file. */
PetscErrorCode md_file_copy(const char *from, const char *to, int64_t more);
/* Appends n bytes to an open file, in as many pieces as the system makes of them.  0 when all stand
 * there, else -1 and errno: it has no path for a message, and the caller has. */
int md_file_put(int fd, const void *data, size_t n);
