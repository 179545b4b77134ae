/* mtp/mtp_read_list.c - lists in braces and the radial coefficients of .mtp files
 *
 * A list may stretch over lines; blanks and newlines between its parts mean nothing.  A number
 * that is none is reported, zero takes its place and the list goes on; anything else that does
 * not fit ends the reading, because what follows could not be told apart.
 */
#include "mtp/mtp_read_impl.h"

typedef struct {
  char text[80];
} label_text;

/* "alpha_index_times, row 12" or "species_coeffs" */
static label_text list_name(const char *what, PetscInt row)
{
  label_text name;

  if (row > 0)
    (void)snprintf(name.text, sizeof(name.text), "%.48s, row %" PetscInt_FMT, what, row);
  else
    (void)snprintf(name.text, sizeof(name.text), "%.48s", what);
  return name;
}

/* Everything up to a blank, comma, brace or newline. */
static mtp_span list_word(mtp_text *t)
{
  mtp_span word = {t->at, 0};

  for (; t->at < t->end && *t->at != '\n' && *t->at != ',' && *t->at != '{' && *t->at != '}' &&
         !mtp_text_is_blank(*t->at);
       t->at++)
    word.n++;
  return word;
}

/* Steps over `c` if it comes next. */
static PetscBool accept_char(mtp_text *t, char c)
{
  mtp_text_skip(t);
  if (t->at >= t->end || *t->at != c) return PETSC_FALSE;
  t->at++;
  return PETSC_TRUE;
}

/* What stands at the cursor does not fit into the list. */
static PetscErrorCode broken_list(mtp_reader *r, const char *what, PetscInt row, const char *wanted)
{
  mtp_text *t = &r->t;
  mtp_span got;

  PetscFunctionBegin;
  r->stop = PETSC_TRUE;
  mtp_text_skip(t);
  if (t->at >= t->end) {
    PetscCall(mtp_text_error(t, mtp_text_last_line(t, r->begin),
                             "the file ends inside %s, wanted %s", list_name(what, row).text,
                             wanted));
    PetscFunctionReturn(0);
  }
  got = list_word(t);
  if (got.n == 0) got = (mtp_span){t->at, 1};
  PetscCall(mtp_text_error(t, t->line, "%s: got %s, wanted %s", list_name(what, row).text,
                           mtp_span_quote(got).text, wanted));
  PetscFunctionReturn(0);
}

static PetscErrorCode add_int(mtp_reader *r, const char *what, PetscInt row, mtp_span word,
                              mtp_ints *ints)
{
  PetscInt value;

  PetscFunctionBegin;
  if (mtp_text_int(word, &value) != MTP_NUMBER_OK)
    PetscCall(mtp_text_error(&r->t, r->t.line, "%s: got %s, wanted a whole number",
                             list_name(what, row).text, mtp_span_quote(word).text));
  PetscCall(mtp_text_grow(ints->n, &ints->capacity, sizeof(*ints->v), (void **)&ints->v));
  ints->v[ints->n++] = value;
  PetscFunctionReturn(0);
}

static PetscErrorCode add_real(mtp_reader *r, const char *what, PetscInt row, mtp_span word,
                               mtp_reals *reals)
{
  PetscReal value;

  PetscFunctionBegin;
  if (mtp_text_real(word, &value) != MTP_NUMBER_OK)
    PetscCall(mtp_text_error(&r->t, r->t.line, "%s: got %s, wanted a finite number",
                             list_name(what, row).text, mtp_span_quote(word).text));
  PetscCall(mtp_text_grow(reals->n, &reals->capacity, sizeof(*reals->v), (void **)&reals->v));
  reals->v[reals->n++] = value;
  PetscFunctionReturn(0);
}

PetscErrorCode mtp__read_list(mtp_reader *r, const char *what, PetscInt row, mtp_ints *ints,
                              mtp_reals *reals, PetscInt *n)
{
  PetscFunctionBegin;
  if (!accept_char(&r->t, '{')) {
    PetscCall(broken_list(r, what, row, "'{'"));
    PetscFunctionReturn(0);
  }
  if (accept_char(&r->t, '}')) PetscFunctionReturn(0);
  do {
    mtp_span word;

    mtp_text_skip(&r->t);
    word = list_word(&r->t);
    if (word.n == 0) {
      PetscCall(broken_list(r, what, row, "a number"));
      PetscFunctionReturn(0);
    }
    PetscCall(ints ? add_int(r, what, row, word, ints) : add_real(r, what, row, word, reals));
    (*n)++;
  } while (accept_char(&r->t, ','));
  if (!accept_char(&r->t, '}')) PetscCall(broken_list(r, what, row, "',' or '}'"));
  PetscFunctionReturn(0);
}

PetscErrorCode mtp__read_rows(mtp_reader *r, const char *what, mtp_ints *ints)
{
  PetscInt row = 0;

  PetscFunctionBegin;
  if (!accept_char(&r->t, '{')) {
    PetscCall(broken_list(r, what, 0, "'{'"));
    PetscFunctionReturn(0);
  }
  if (accept_char(&r->t, '}')) PetscFunctionReturn(0);
  do {
    const PetscInt begin = ints->n;
    PetscInt n = 0;

    row++;
    PetscCall(mtp__read_list(r, what, row, ints, NULL, &n));
    if (r->stop) PetscFunctionReturn(0);
    if (n == 4) continue;
    PetscCall(mtp_text_error(&r->t, r->t.line, "%s has %" PetscInt_FMT " numbers, wanted 4",
                             list_name(what, row).text, n));
    ints->n = begin; /* rows stay rows of four */
  } while (accept_char(&r->t, ','));
  if (!accept_char(&r->t, '}')) PetscCall(broken_list(r, what, row, "',' or '}'"));
  PetscFunctionReturn(0);
}

/* Radial coefficients ------------------------------------------------------------------------ */

/* A label A-B at the cursor: PETSC_FALSE, with the cursor where it was, for anything else. */
static PetscBool read_label(mtp_text *t, mtp_quote *name, PetscInt label[2])
{
  const char *begin = t->at;
  mtp_span word = list_word(t), a = {word.at, 0}, b;

  while (a.n < word.n && word.at[a.n] != '-') a.n++;
  b = (mtp_span){word.at + a.n + 1, a.n < word.n ? word.n - a.n - 1 : 0};
  if (mtp_text_int(a, &label[0]) == MTP_NUMBER_OK && mtp_text_int(b, &label[1]) == MTP_NUMBER_OK &&
      label[0] >= 0 && label[1] >= 0) {
    (void)snprintf(name->text, sizeof(name->text), "radial_coeffs %.*s", (int)PetscMin(word.n, 24),
                   word.at);
    return PETSC_TRUE;
  }
  t->at = begin;
  return PETSC_FALSE;
}

/* The K rows of R numbers of one pair. */
static PetscErrorCode read_pair(mtp_reader *r, const char *name)
{
  const PetscInt line = r->t.line;
  const PetscBool known = (PetscBool)(r->good[MTP_KEY_FUNCS] && r->good[MTP_KEY_SIZE]);
  PetscInt row = 0;

  PetscFunctionBegin;
  mtp_text_skip(&r->t);
  while (r->t.at < r->t.end && *r->t.at == '{') {
    PetscInt n = 0;

    PetscCall(mtp__read_list(r, name, ++row, NULL, &r->radial, &n));
    if (r->stop) PetscFunctionReturn(0);
    if (known && n != r->pot->radial_size)
      PetscCall(mtp_text_error(&r->t, r->t.line,
                               "%s has %" PetscInt_FMT
                               " numbers, wanted radial_basis_size = %" PetscInt_FMT,
                               list_name(name, row).text, n, r->pot->radial_size));
    mtp_text_skip(&r->t);
  }
  if (known && row != r->pot->radial_funcs)
    PetscCall(mtp_text_error(
        &r->t, line, "%s has %" PetscInt_FMT " rows, wanted radial_funcs_count = %" PetscInt_FMT,
        name, row, r->pot->radial_funcs));
  PetscFunctionReturn(0);
}

PetscErrorCode mtp__read_radial(mtp_reader *r)
{
  const PetscInt before = r->t.nerror;
  mtp_ints *label = &r->label;
  mtp_quote name;
  PetscInt ab[3];

  PetscFunctionBegin;
  for (mtp_text_skip(&r->t); read_label(&r->t, &name, ab); mtp_text_skip(&r->t)) {
    ab[2] = r->t.line;
    for (int k = 0; k < 3; k++) {
      PetscCall(mtp_text_grow(label->n, &label->capacity, sizeof(*label->v), (void **)&label->v));
      label->v[label->n++] = ab[k];
    }
    PetscCall(read_pair(r, name.text));
    if (r->stop) PetscFunctionReturn(0);
  }
  r->good[MTP_KEY_RADIAL] = (PetscBool)(r->t.nerror == before);
  PetscFunctionReturn(0);
}
