/* screening/screen_notes.h - what is wrong with a campaign file, collected with its place
 *
 * Checks run in the order that suits them: the shape of the file, then units and bounds, then what
 * the values mean together.  Notes keep line and column, so that the author reads them in the order
 * of the file, whichever check found them.  A note reads
 *   file:line:col: key.path: got ..., wanted ...
 */
#pragma once

#include "mtp/mtp_diag.h"

typedef struct {
  PetscInt line, column; /* 1-based; 0: the file as a whole */
  char *text;            /* owned; "key.path: got ..., wanted ..." */
} screen_note;

/* Open struct; start with {.file = name}, end with screen_notes_clear(). */
typedef struct {
  const char *file; /* as the user wrote it; borrowed */
  PetscInt n, capacity;
  screen_note *note; /* [n] owned */
} screen_notes;

/* screen_notes_add - one more note
 *
 * Not collective.
 * In:   path    key path; NULL or "" leaves it out
 *       format  printf format of the rest of the line
 * Returns 0, or an allocation error. */
PetscErrorCode screen_notes_add(screen_notes *notes, PetscInt line, PetscInt column,
                                const char *path, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Appends all notes to diag in the order of the file (equal places: in the order of adding). */
PetscErrorCode screen_notes_report(const screen_notes *notes, mtp_diag *diag);
PetscErrorCode screen_notes_clear(screen_notes *notes);

/* `text` as it can stand in a message of one line: control characters become '?', what is longer
 * than `size` - 1 bytes ends in "..." and is never cut inside a UTF-8 character.  Returns `out`. */
char *screen_shown(const char *text, size_t size, char out[]);
