/* mtp/mtp_text.c - lines, words and numbers; the conventions stand in the header */
#include "mtp/mtp_text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Files -------------------------------------------------------------------------------------- */

/* Reads to the end of the stream; its length is not asked for first, so pipes work too.
   *error is errno when the stream fails. */
static PetscErrorCode load_stream(FILE *in, char **text, size_t *length, int *error)
{
  size_t capacity = 1 << 16, got;
  char *larger;

  PetscFunctionBegin;
  *length = 0;
  *error = 0;
  PetscCall(PetscMalloc1(capacity, text));
  while ((got = fread(*text + *length, 1, capacity - *length, in)) > 0) {
    *length += got;
    if (*length < capacity) continue;
    PetscCall(PetscMalloc1(2 * capacity, &larger));
    PetscCall(PetscMemcpy(larger, *text, *length));
    PetscCall(PetscFree(*text));
    *text = larger;
    capacity *= 2;
  }
  if (ferror(in)) *error = errno ? errno : EIO;
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_text_load(const char *path, char **text, size_t *length, mtp_diag *diag)
{
  FILE *in;
  PetscErrorCode ierr;
  int error;

  PetscFunctionBegin;
  *text = NULL;
  *length = 0;
  errno = 0;
  in = fopen(path, "rb");
  if (!in) {
    PetscCall(mtp_diag_add(diag, path, 0, 0, "cannot be opened: %s", strerror(errno)));
    PetscFunctionReturn(0);
  }
  errno = 0;
  ierr = load_stream(in, text, length, &error);
  (void)fclose(in);
  if (ierr || error) PetscCall(PetscFree(*text));
  PetscCall(ierr);
  if (error) PetscCall(mtp_diag_add(diag, path, 0, 0, "cannot be read: %s", strerror(error)));
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_text_locale_push(locale_t *old)
{
  locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);

  PetscFunctionBegin;
  PetscCheck(plain != (locale_t)0, PETSC_COMM_SELF, PETSC_ERR_MEM, "No memory for the C locale");
  *old = uselocale(plain);
  PetscFunctionReturn(0);
}

void mtp_text_locale_pop(locale_t old)
{
  freelocale(uselocale(old));
}

/* Messages ----------------------------------------------------------------------------------- */

PetscErrorCode mtp_text_error(mtp_text *t, PetscInt line, const char *format, ...)
{
  char message[512];
  va_list args;

  PetscFunctionBegin;
  t->nerror++;
  if (t->diag->n >= MTP_DIAG_MAX) PetscFunctionReturn(0); /* it would be dropped */
  va_start(args, format);
  (void)vsnprintf(message, sizeof(message), format, args);
  va_end(args);
  PetscCall(mtp_diag_add(t->diag, t->name, line, 0, "%s", message));
  PetscFunctionReturn(0);
}

mtp_quote mtp_span_quote(mtp_span s)
{
  enum { KEEP = MTP_QUOTE_SIZE - 6 }; /* two quotes, three dots, a zero */
  mtp_quote quote;
  size_t n = 0, keep = s.n > KEEP ? KEEP : s.n;

  quote.text[n++] = '\'';
  for (size_t i = 0; i < keep; i++) {
    quote.text[n++] = (char)(s.at[i] >= ' ' && s.at[i] <= '~' ? s.at[i] : '?');
  }
  for (int i = 0; i < 3 && keep < s.n; i++) quote.text[n++] = '.';
  quote.text[n++] = '\'';
  quote.text[n] = 0;
  return quote;
}

/* Lines and words ---------------------------------------------------------------------------- */

PetscBool mtp_text_is_blank(char c)
{
  return (PetscBool)(c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f');
}

PetscBool mtp_text_line(mtp_text *t, mtp_span *line, PetscInt *number)
{
  const char *newline;

  if (t->at >= t->end) return PETSC_FALSE;
  newline = memchr(t->at, '\n', (size_t)(t->end - t->at));
  line->at = t->at;
  line->n = (size_t)((newline ? newline : t->end) - t->at);
  while (line->n > 0 && line->at[line->n - 1] == '\r') line->n--;
  t->at = newline ? newline + 1 : t->end;
  *number = t->line++;
  return PETSC_TRUE;
}

PetscErrorCode mtp_text_find_zero(mtp_text *t, PetscBool *found)
{
  const size_t length = (size_t)(t->end - t->at);
  const char *zero = length ? memchr(t->at, 0, length) : NULL;
  PetscInt line = t->line;

  PetscFunctionBegin;
  *found = (PetscBool)(zero != NULL);
  for (const char *c = t->at; c < zero; c++) line += *c == '\n';
  if (zero) PetscCall(mtp_text_error(t, line, "a zero byte, wanted a text file"));
  PetscFunctionReturn(0);
}

PetscBool mtp_text_word(mtp_span *rest, mtp_span *word)
{
  while (rest->n > 0 && mtp_text_is_blank(*rest->at)) {
    rest->at++;
    rest->n--;
  }
  word->at = rest->at;
  word->n = 0;
  while (rest->n > 0 && !mtp_text_is_blank(*rest->at)) {
    rest->at++;
    rest->n--;
    word->n++;
  }
  return (PetscBool)(word->n > 0);
}

PetscInt mtp_text_last_line(const mtp_text *t, const char *begin)
{
  PetscInt line = t->line;

  for (const char *c = t->at; c > begin && (c[-1] == '\n' || mtp_text_is_blank(c[-1])); c--)
    line -= c[-1] == '\n';
  return line;
}

void mtp_text_skip(mtp_text *t)
{
  for (; t->at < t->end && (*t->at == '\n' || mtp_text_is_blank(*t->at)); t->at++) {
    if (*t->at == '\n') t->line++;
  }
}

mtp_span mtp_text_trim(mtp_span s)
{
  while (s.n > 0 && mtp_text_is_blank(*s.at)) {
    s.at++;
    s.n--;
  }
  while (s.n > 0 && mtp_text_is_blank(s.at[s.n - 1])) s.n--;
  return s;
}

PetscBool mtp_span_is(mtp_span s, const char *word)
{
  return (PetscBool)(s.n == strlen(word) && memcmp(s.at, word, s.n) == 0);
}

PetscErrorCode mtp_span_copy(mtp_span s, char **out)
{
  PetscFunctionBegin;
  PetscCall(PetscMalloc1(s.n + 1, out));
  PetscCall(PetscMemcpy(*out, s.at, s.n));
  (*out)[s.n] = 0;
  PetscFunctionReturn(0);
}

/* Numbers ------------------------------------------------------------------------------------ */

static PetscBool is_digit(char c)
{
  return (PetscBool)(c >= '0' && c <= '9');
}

/* Infinity and NaN as printf and others write them, any case. */
static PetscBool is_not_finite_word(mtp_span s)
{
  const char *const words[] = {"nan", "inf", "infinity", "1.#qnan", "1.#inf", "1.#ind"};
  char lower[16];

  if (s.n > 0 && (*s.at == '+' || *s.at == '-')) {
    s.at++;
    s.n--;
  }
  if (s.n >= sizeof(lower)) return PETSC_FALSE;
  for (size_t i = 0; i < s.n; i++) {
    lower[i] = (char)(s.at[i] >= 'A' && s.at[i] <= 'Z' ? s.at[i] + ('a' - 'A') : s.at[i]);
  }
  lower[s.n] = 0;
  for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
    if (strcmp(lower, words[i]) == 0) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

/* sign, digits with at most one point, exponent: what strtod takes of it in the C locale, but
   not its hexadecimal numbers and names */
static PetscBool is_decimal(mtp_span s)
{
  size_t i = 0, digits = 0;

  if (i < s.n && (s.at[i] == '+' || s.at[i] == '-')) i++;
  for (; i < s.n && is_digit(s.at[i]); i++) digits++;
  if (i < s.n && s.at[i] == '.') {
    for (i++; i < s.n && is_digit(s.at[i]); i++) digits++;
  }
  if (digits == 0) return PETSC_FALSE;
  if (i < s.n && (s.at[i] == 'e' || s.at[i] == 'E')) {
    i++;
    if (i < s.n && (s.at[i] == '+' || s.at[i] == '-')) i++;
    if (i >= s.n || !is_digit(s.at[i])) return PETSC_FALSE;
    while (i < s.n && is_digit(s.at[i])) i++;
  }
  return (PetscBool)(i == s.n);
}

mtp_number mtp_text_real(mtp_span s, PetscReal *value)
{
  enum { LONGEST = 1200 }; /* every double has an exact decimal form that is shorter */
  char copy[LONGEST + 1];

  *value = 0.0;
  if (is_not_finite_word(s)) return MTP_NUMBER_RANGE;
  if (s.n > LONGEST || !is_decimal(s)) return MTP_NUMBER_SYNTAX;
  memcpy(copy, s.at, s.n);
  copy[s.n] = 0;
  *value = (PetscReal)strtod(copy, NULL);
  if (!PetscIsInfOrNanReal(*value)) return MTP_NUMBER_OK;
  *value = 0.0;
  return MTP_NUMBER_RANGE;
}

mtp_number mtp_text_int(mtp_span s, PetscInt *value)
{
  const PetscBool negative = (PetscBool)(s.n > 0 && *s.at == '-');
  PetscInt v = 0;
  size_t i = s.n > 0 && (*s.at == '-' || *s.at == '+');
  mtp_number result = MTP_NUMBER_OK;

  *value = 0;
  if (i >= s.n) return MTP_NUMBER_SYNTAX;
  for (; i < s.n; i++) {
    if (!is_digit(s.at[i])) return MTP_NUMBER_SYNTAX;
    if (v > (PETSC_MAX_INT - (s.at[i] - '0')) / 10) result = MTP_NUMBER_RANGE;
    if (result == MTP_NUMBER_OK) v = 10 * v + (s.at[i] - '0');
  }
  *value = result == MTP_NUMBER_OK ? (negative ? -v : v) : 0;
  return result;
}

/* Memory ------------------------------------------------------------------------------------- */

PetscErrorCode mtp_text_grow(PetscInt n, PetscInt *capacity, size_t size, void **array)
{
  const PetscInt wanted = *capacity ? *capacity : 16;
  char *larger;

  PetscFunctionBegin;
  if (n < *capacity) PetscFunctionReturn(0);
  PetscCheck(wanted < PETSC_MAX_INT / 2, PETSC_COMM_SELF, PETSC_ERR_MEM,
             "A list of more than %" PetscInt_FMT " entries", *capacity);
  PetscCall(PetscMalloc1((size_t)(2 * wanted) * size, &larger));
  if (n > 0) PetscCall(PetscMemcpy(larger, *array, (size_t)n * size));
  PetscCall(PetscFree(*array));
  *array = larger;
  *capacity = 2 * wanted;
  PetscFunctionReturn(0);
}
