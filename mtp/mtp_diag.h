/* mtp/mtp_diag.h - what is wrong with a file, said to its author: a list of one-line messages
 *
 * Bad input is not a program error: readers return 0, hand out no object and add to a list, so
 * that everything wrong with a file is reported at once.  A message reads
 *   file:line:column: what was got, what was wanted
 * with the parts that are known.  PetscErrorCode is for the machine (memory, disk, MPI).
 *
 * A file of the wrong kind is wrong on every line, so a list ends at MTP_DIAG_MAX messages; the
 * last of them then says that there were more.
 */
#pragma once

#include <petscsys.h>

enum { MTP_DIAG_MAX = 1000 };

/* Open struct; start with {0}, end with mtp_diag_clear(). */
typedef struct {
  PetscInt n;
  PetscInt capacity;
  char **text; /* [n] owned */
} mtp_diag;

/* mtp_diag_add - appends "file:line:column: message"
 *
 * Not collective.
 * In:   file    name as the user wrote it; NULL leaves out the whole place
 *       line    1-based; 0 leaves out line and column
 *       column  1-based; 0 leaves it out
 *       format  printf format of the message, one line without newline
 * The MTP_DIAG_MAX-th message is replaced by "more problems are not listed", later ones are
 * dropped.
 * Returns 0, or an allocation error.  Verified by: tests/unit/mtp/test_mtp_diag.c */
PetscErrorCode mtp_diag_add(mtp_diag *diag, const char *file, PetscInt line, PetscInt column,
                            const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Frees the messages; the list is empty and can be used again. */
PetscErrorCode mtp_diag_clear(mtp_diag *diag);

/* Writes one message a line. */
PetscErrorCode mtp_diag_print(const mtp_diag *diag, FILE *out);
