/* tests/unit/mtp/mtp_files.h - helpers of the tests of readers and writers: edited texts, lists of
   messages */
#pragma once

#include "mtp/mtp_diag.h"
#include "tests/support/expect.h"

/* A copy of `text` in which the only occurrence of `from` is `to`. */
static inline char *edited(const char *text, const char *from, const char *to)
{
  const char *at = strstr(text, from);
  size_t before, n;
  char *out;

  if (!at || strstr(at + 1, from)) fail_msg("'%s' stands not exactly once in the text", from);
  before = (size_t)(at - text);
  n = strlen(text) - strlen(from) + strlen(to) + 1;
  out = malloc(n);
  if (!out) fail_msg("no memory");
  memcpy(out, text, before);
  (void)snprintf(out + before, n - before, "%s%s", to, at + strlen(from));
  return out;
}

/* All messages, each followed by a newline. */
static inline char *joined(const mtp_diag *diag)
{
  size_t n = 1;
  char *out;

  for (PetscInt i = 0; i < diag->n; i++) n += strlen(diag->text[i]) + 1;
  out = calloc(n, 1);
  if (!out) fail_msg("no memory");
  for (PetscInt i = 0; i < diag->n; i++) {
    strcat(out, diag->text[i]);
    strcat(out, "\n");
  }
  return out;
}

/* The messages are exactly these (each followed by a newline); the list is cleared. */
static inline void expect_messages(mtp_diag *diag, const char *wanted)
{
  char *got = joined(diag);

  if (strcmp(got, wanted) != 0) fail_msg("got the messages\n%swanted\n%s", got, wanted);
  free(got);
  expect_ok(mtp_diag_clear(diag));
}

static inline void expect_same_bits(const PetscReal *a, const PetscReal *b, PetscInt n,
                                    const char *what)
{
  if (!a != !b) fail_msg("%s: one is missing", what);
  for (PetscInt i = 0; a && i < n; i++) {
    if (memcmp(&a[i], &b[i], sizeof(*a)) != 0)
      fail_msg("%s, entry %d: got %.17g, want %.17g", what, (int)i, (double)a[i], (double)b[i]);
  }
}

/* What stands in an open temporary stream, from its begin. */
static inline char *stream_text(FILE *stream, size_t *length)
{
  char *out;
  long n;

  expect(fseek(stream, 0, SEEK_END) == 0, "the stream can be read back");
  n = ftell(stream);
  rewind(stream);
  out = malloc((size_t)n + 1);
  if (!out || fread(out, 1, (size_t)n, stream) != (size_t)n) fail_msg("the stream is cut");
  out[n] = 0;
  if (length) *length = (size_t)n;
  return out;
}
