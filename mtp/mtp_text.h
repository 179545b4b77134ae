/* mtp/mtp_text.h - reading text files: lines, words, numbers, and words about them
 *
 * Shared by the readers of .mtp, .cfg and extended XYZ, and by md/ and screening/.  A text is a
 * block of memory that need not end in a zero byte; a span is a piece of it.  The cursor counts
 * lines as it goes, so a message is right also behind a line of several megabytes.  Blanks are
 * space, tab, carriage return, vertical tab and form feed; "\n" ends a line, so "\r\n" does too.
 *
 * Numbers are decimal, independent of the locale of the process, and rounded correctly (strtod):
 * what was written with 17 significant digits comes back to the last bit.  The public readers
 * and writers work between mtp_text_locale_push() and mtp_text_locale_pop().
 */
#pragma once

#include "mtp/mtp_diag.h"

#include <locale.h>

typedef struct {
  const char *at;
  size_t n;
} mtp_span;

/* A cursor over a text.  `diag` gets what mtp_text_error() says, with `name` and `line`. */
typedef struct {
  const char *name;
  const char *at, *end;
  PetscInt line; /* 1-based, of `at` */
  PetscInt nerror;
  mtp_diag *diag;
} mtp_text;

typedef enum { MTP_NUMBER_OK, MTP_NUMBER_SYNTAX, MTP_NUMBER_RANGE } mtp_number;

/* How much of a word a message repeats. */
enum { MTP_QUOTE_SIZE = 48 };
typedef struct {
  char text[MTP_QUOTE_SIZE];
} mtp_quote;

/* Reads a whole file.  A file that cannot be read is a diagnostic and gives *text = NULL; the
   caller frees *text. */
PetscErrorCode mtp_text_load(const char *path, char **text, size_t *length, mtp_diag *diag);

/* The C locale for this thread until _pop; the previous one is kept in *old. */
PetscErrorCode mtp_text_locale_push(locale_t *old);
void mtp_text_locale_pop(locale_t old);

/* A message at a line of the text. */
PetscErrorCode mtp_text_error(mtp_text *t, PetscInt line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Text has no zero bytes: PETSC_TRUE in *found and a message at the first one. */
PetscErrorCode mtp_text_find_zero(mtp_text *t, PetscBool *found);

/* The next line without its end; PETSC_FALSE at the end of the text.  t->line is then the line
   AFTER it, *number its own. */
PetscBool mtp_text_line(mtp_text *t, mtp_span *line, PetscInt *number);
/* Cuts the next blank-separated word off the front of `rest`; PETSC_FALSE when only blanks are
   left. */
PetscBool mtp_text_word(mtp_span *rest, mtp_span *word);
/* The line of the last word before the cursor: where a text that ends too early does so. */
PetscInt mtp_text_last_line(const mtp_text *t, const char *begin);
/* Moves over blanks and ends of lines. */
void mtp_text_skip(mtp_text *t);
PetscBool mtp_text_is_blank(char c);
/* Without blanks at both ends. */
mtp_span mtp_text_trim(mtp_span s);
PetscBool mtp_span_is(mtp_span s, const char *word);
/* A zero-terminated copy, owned by the caller. */
PetscErrorCode mtp_span_copy(mtp_span s, char **out);
/* The span for a message: in quotes, shortened, control characters and bytes above 126 as '?'. */
mtp_quote mtp_span_quote(mtp_span s);

/* A finite decimal number.  RANGE: too large for a double, or infinity or NaN in words. */
mtp_number mtp_text_real(mtp_span s, PetscReal *value);
/* A decimal integer.  RANGE: does not fit into PetscInt. */
mtp_number mtp_text_int(mtp_span s, PetscInt *value);

/* Room for at least one more entry of `size` bytes in *array, which is doubled; NULL with
   *capacity 0 to begin with. */
PetscErrorCode mtp_text_grow(PetscInt n, PetscInt *capacity, size_t size, void **array);
