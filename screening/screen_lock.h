/* screening/screen_lock.h - who works in a campaign's directory: a lock with owner and heartbeat
 *
 * DIR/lock holds "process N on HOST" and a number that its owner raises every SCREEN_BEAT_SECONDS.
 * Where the file system has locks (flock) the kernel tells who is alive and lets go however a
 * process dies.  Where it has none, or keeps them for one machine only, the number does: an owner
 * on another machine whose number stands still for SCREEN_BEAT_WATCH seconds is taken for dead.  No
 * age is ever computed from two clocks, so that clocks which differ or jump make no lock stale and
 * none immortal.  An owner that ends in order leaves the file empty.
 *
 * Verified by: tests/cli/locks.sh
 */
#pragma once

#include <petscsys.h>

#define SCREEN_BEAT_SECONDS 1.0  /* between two beats */
#define SCREEN_BEAT_WATCH   10.0 /* how long a foreign owner is watched for one */

typedef struct {
  int fd;      /* -1: not held */
  long beat;   /* the number last written */
  double last; /* [s] when that was, monotonic */
} screen_lock;

/* What a lock file says. */
typedef struct {
  char owner[192]; /* "process N on HOST"; "" when nobody holds it */
  char host[128];
  long process, beat;
} screen_lock_text;

/* An absent or unreadable file says "". */
void screen_lock_read(const char *path, screen_lock_text *text);

/* screen_lock_take - takes the lock of a file, which is created
 *
 * Out: lock   fd >= 0 when it was taken
 *      found  whose it is, or whose it was: owner "" when it was free
 *
 * Watches an owner on another machine for SCREEN_BEAT_WATCH seconds; nobody is waited for else.
 * Not collective.  PETSC_ERR_FILE_OPEN, PETSC_ERR_FILE_WRITE with path and the system's text. */
PetscErrorCode screen_lock_take(const char *path, screen_lock *lock, screen_lock_text *found);

/* Raises the number, at most every SCREEN_BEAT_SECONDS.  A disk that does not take it is no error:
 * who cannot write will hear of it elsewhere. */
void screen_lock_beat(screen_lock *lock);

/* Empties the file and lets go; a lock that is not held is left alone. */
void screen_lock_release(screen_lock *lock);
