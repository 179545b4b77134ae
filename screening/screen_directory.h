/* screening/screen_directory.h - the directory of a campaign's results: who may work in it, its
 * log, its status
 *
 *   results.h5            the table; rebuilt from the journals and renamed into place
 *   journal.<gen>.*       the truth (queue/)
 *   status.json           what `liquidus status` shows; replaced as a whole every few seconds
 *   log                   one line an event: time, what, key=value ...
 *   job.sh, job.out       the batch job and what it printed, where `liquidus submit` made one
 *   lock                  held by the dispatcher while it works (screen_lock.h); free again however
 *                         it died
 */
#pragma once

#include "screening/screen_lock.h"
#include "screening/screen_verbs.h"

typedef struct {
  char path[4096];  /* the directory */
  screen_lock lock; /* fd -1: not held */
  FILE *log;        /* NULL unless held */
} screen_directory;

/* screen_directory_prepare - creates DIR if needed and checks that it can be written and is empty
 * or a campaign's
 *
 * Not collective; nothing is left behind but the directory.
 * Refusals (not writable: SCREEN_EXIT_ENVIRONMENT; something else's directory:
 * SCREEN_EXIT_BAD_INPUT) are said on stderr
 * and set *code.  Verified by: tests/cli/run_refusals.sh */
PetscErrorCode screen_directory_prepare(const char *verb, const char *path, screen_exit *code);

/* Takes the lock and opens the log.  Another process at work, after `patience` seconds still: *code
   = SCREEN_EXIT_BAD_INPUT and one line that names it.  A lock that a dead process left is taken
   over: the log names that process, and stderr if it was on another machine.
   Verified by: tests/cli/locks.sh, tests/cli/turns.sh */
PetscErrorCode screen_directory_open(const char *verb, const char *path, PetscReal patience,
                                     screen_directory *directory, screen_exit *code);
PetscErrorCode screen_directory_close(screen_directory *directory);

/* A sign of life, from the loops of whoever holds the directory. */
void screen_directory_beat(screen_directory *directory);

/* One line: UTC time, event, then the formatted key=value pairs. */
PetscErrorCode screen_directory_log(screen_directory *directory, const char *event,
                                    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* PETSC_TRUE when some process holds the lock of DIR. */
PetscBool screen_directory_busy(const char *path);

/* Replaces DIR/name by `text` as a whole: written beside, flushed, renamed.  No fsync: status only.
   */
PetscErrorCode screen_directory_replace(const char *path, const char *name, const char *text);
