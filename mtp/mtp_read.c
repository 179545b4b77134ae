/* mtp/mtp_read.c - .mtp and .almtp files: the keys and what stands behind them
 *
 * The keys and their order are those of MLIP-2 and MLIP-3, version 1.1.0 (mtp/README.md).  One
 * table says for each key its place in the order and whether it may be left out.  How reading is
 * cut into parts is told in mtp_read_impl.h.
 */
#include "mtp/mtp_read_impl.h"

#include <string.h>

typedef struct {
  const char *name, *alias;
  int rank; /* keys of equal rank may stand in any order */
  PetscBool required;
} key_rule;

static const key_rule key_rules[MTP_KEY_COUNT] = {
    [MTP_KEY_VERSION] = {"version", NULL, 1, PETSC_TRUE},
    [MTP_KEY_NAME] = {"potential_name", NULL, 2, PETSC_FALSE},
    [MTP_KEY_SCALING] = {"scaling", NULL, 2, PETSC_FALSE},
    [MTP_KEY_SPECIES] = {"species_count", NULL, 2, PETSC_FALSE},
    [MTP_KEY_TAG] = {"potential_tag", NULL, 2, PETSC_FALSE},
    [MTP_KEY_BASIS] = {"radial_basis_type", NULL, 3, PETSC_TRUE},
    [MTP_KEY_INNER] = {"scaling", NULL, 4, PETSC_FALSE},
    [MTP_KEY_MIN] = {"min_dist", "min_val", 4, PETSC_TRUE},
    [MTP_KEY_MAX] = {"max_dist", "max_val", 4, PETSC_TRUE},
    [MTP_KEY_SIZE] = {"radial_basis_size", "basis_size", 4, PETSC_TRUE},
    [MTP_KEY_FUNCS] = {"radial_funcs_count", NULL, 5, PETSC_TRUE},
    [MTP_KEY_RADIAL] = {"radial_coeffs", NULL, 6, PETSC_FALSE},
    [MTP_KEY_MOMENTS] = {"alpha_moments_count", NULL, 7, PETSC_TRUE},
    [MTP_KEY_NBASIC] = {"alpha_index_basic_count", NULL, 8, PETSC_TRUE},
    [MTP_KEY_BASIC] = {"alpha_index_basic", NULL, 9, PETSC_TRUE},
    [MTP_KEY_NTIMES] = {"alpha_index_times_count", NULL, 10, PETSC_TRUE},
    [MTP_KEY_TIMES] = {"alpha_index_times", NULL, 11, PETSC_TRUE},
    [MTP_KEY_NSCALAR] = {"alpha_scalar_moments", NULL, 12, PETSC_TRUE},
    [MTP_KEY_MAPPING] = {"alpha_moment_mapping", NULL, 13, PETSC_TRUE},
    [MTP_KEY_SPECIES_COEFFS] = {"species_coeffs", NULL, 14, PETSC_FALSE},
    [MTP_KEY_MOMENT_COEFFS] = {"moment_coeffs", NULL, 15, PETSC_FALSE},
};

const char *mtp__key_name(mtp_key key)
{
  return key_rules[key].name;
}

/* The piece from the cursor to the end of its line, trimmed; the cursor stops before its end. */
static mtp_span rest_of_line(mtp_text *t)
{
  const char *newline = memchr(t->at, '\n', (size_t)(t->end - t->at));
  mtp_span rest = {t->at, (size_t)((newline ? newline : t->end) - t->at)};

  t->at += rest.n;
  return mtp_text_trim(rest);
}

/* Keys --------------------------------------------------------------------------------------- */

static mtp_span key_word(mtp_text *t)
{
  mtp_span word = {t->at, 0};

  while (t->at < t->end && *t->at != '=' && *t->at != '\n' && !mtp_text_is_blank(*t->at)) {
    t->at++;
    word.n++;
  }
  return word;
}

static mtp_key find_key(const mtp_reader *r, mtp_span word)
{
  for (int k = 0; k < MTP_KEY_COUNT; k++) {
    if (k == MTP_KEY_INNER) continue;
    if (!mtp_span_is(word, key_rules[k].name) &&
        !(key_rules[k].alias && mtp_span_is(word, key_rules[k].alias)))
      continue;
    return k == MTP_KEY_SCALING && r->line[MTP_KEY_BASIS] ? MTP_KEY_INNER : (mtp_key)k;
  }
  return MTP_KEY_COUNT;
}

/* The reason why a word is no key.  Remarks of the template and unknown "key = value" lines are
   stepped over; behind anything else nothing can be told apart. */
static PetscErrorCode refuse_key(mtp_reader *r, mtp_span word)
{
  const char *what = "is not a key of this format";
  const PetscInt line = r->t.line;
  const PetscBool remark = (PetscBool)(word.n >= 3 && memcmp(word.at, "<<<", 3) == 0);
  mtp_span rest;

  PetscFunctionBegin;
  if (remark)
    what = "is a remark of the template, wanted the line without it";
  else if (mtp_span_is(word, "magnetic_basis_type"))
    what = "belongs to magnetic potentials, which are not supported";
  else if (*word.at == '^')
    what = "begins a selection state of MLIP-2 (.als), wanted the potential alone (.mtp)";
  else if (*word.at == '{' || *word.at == '}')
    what = "does not belong to any list";
  else if (r->line[MTP_KEY_MOMENT_COEFFS])
    what = "follows the end of the potential";
  rest = rest_of_line(&r->t);
  r->stop = (PetscBool)(!remark && (mtp_span_is(word, "magnetic_basis_type") || rest.n == 0 ||
                                    *rest.at != '='));
  PetscCall(mtp_text_error(&r->t, line, "%s %s", mtp_span_quote(word).text, what));
  PetscFunctionReturn(0);
}

/* Notes the key; a second one or one out of order is reported. */
static PetscErrorCode note_key(mtp_reader *r, mtp_key key)
{
  PetscFunctionBegin;
  if (r->line[key]) {
    PetscCall(mtp_text_error(&r->t, r->t.line, "%s is given twice, first in line %" PetscInt_FMT,
                             key_rules[key].name, r->line[key]));
    r->stop = PETSC_TRUE;
  } else if (key_rules[key].rank < r->rank) {
    PetscCall(mtp_text_error(&r->t, r->t.line, "%s comes too late, wanted the order of MLIP",
                             key_rules[key].name));
  }
  r->line[key] = r->t.line;
  r->rank = PetscMax(r->rank, key_rules[key].rank);
  PetscFunctionReturn(0);
}

/* Scalars ------------------------------------------------------------------------------------ */

/* The value of "key = value"; an empty span and a message when there is none. */
static PetscErrorCode scalar_value(mtp_reader *r, mtp_key key, const char *wanted, mtp_span *value)
{
  PetscFunctionBegin;
  *value = rest_of_line(&r->t);
  for (size_t i = 0; i + 3 <= value->n; i++) {
    if (memcmp(value->at + i, "<<<", 3) != 0) continue;
    const mtp_span remark = {value->at + i, value->n - i};
    PetscCall(mtp_text_error(&r->t, r->line[key],
                             "%s has the remark %s of the template, wanted %s alone",
                             key_rules[key].name, mtp_span_quote(remark).text, wanted));
    value->n = 0;
    PetscFunctionReturn(0);
  }
  if (value->n == 0)
    PetscCall(mtp_text_error(&r->t, r->line[key], "%s has no value, wanted %s", key_rules[key].name,
                             wanted));
  PetscFunctionReturn(0);
}

static PetscErrorCode read_int(mtp_reader *r, mtp_key key, PetscInt low, PetscInt high,
                               PetscInt *out)
{
  char wanted[96];
  mtp_span value;
  mtp_number number;

  PetscFunctionBegin;
  (void)snprintf(wanted, sizeof(wanted), "a whole number from %" PetscInt_FMT " to %" PetscInt_FMT,
                 low, high);
  PetscCall(scalar_value(r, key, wanted, &value));
  if (value.n == 0) PetscFunctionReturn(0);
  number = mtp_text_int(value, out);
  if (number == MTP_NUMBER_OK && *out >= low && *out <= high) {
    r->good[key] = PETSC_TRUE;
  } else {
    PetscCall(mtp_text_error(&r->t, r->line[key], "%s is %s, wanted %s", key_rules[key].name,
                             mtp_span_quote(value).text, wanted));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode read_real(mtp_reader *r, mtp_key key, const char *wanted, PetscReal *out)
{
  mtp_span value;

  PetscFunctionBegin;
  PetscCall(scalar_value(r, key, wanted, &value));
  if (value.n == 0) PetscFunctionReturn(0);
  if (mtp_text_real(value, out) == MTP_NUMBER_OK) {
    r->good[key] = PETSC_TRUE;
  } else {
    PetscCall(mtp_text_error(&r->t, r->line[key], "%s is %s, wanted %s", key_rules[key].name,
                             mtp_span_quote(value).text, wanted));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode read_text(mtp_reader *r, mtp_key key, char **out, PetscBool *present)
{
  const mtp_span text = rest_of_line(&r->t);

  PetscFunctionBegin;
  if (text.n > 0 && memchr(text.at, 0, text.n))
    PetscCall(mtp_text_error(&r->t, r->line[key], "%s is %s, wanted text without zero bytes",
                             key_rules[key].name, mtp_span_quote(text).text));
  PetscCall(PetscFree(*out));
  PetscCall(mtp_span_copy(text, out));
  *present = r->good[key] = PETSC_TRUE;
  PetscFunctionReturn(0);
}

static PetscErrorCode read_version(mtp_reader *r, mtp_key key)
{
  mtp_span value;

  PetscFunctionBegin;
  PetscCall(scalar_value(r, key, "1.1.0", &value));
  r->good[key] = mtp_span_is(value, "1.1.0");
  if (!r->good[key]) r->stop = PETSC_TRUE;
  if (!r->good[key] && value.n > 0)
    PetscCall(mtp_text_error(&r->t, r->line[key], "version is %s, wanted 1.1.0",
                             mtp_span_quote(value).text));
  PetscFunctionReturn(0);
}

/* Another basis means other keys and another formula: it ends the reading. */
static PetscErrorCode read_basis(mtp_reader *r, mtp_key key)
{
  const char *wanted = "RBChebyshev or RBChebyshev_repuls";
  mtp_span value;

  PetscFunctionBegin;
  PetscCall(scalar_value(r, key, wanted, &value));
  r->pot->repulsive = mtp_span_is(value, "RBChebyshev_repuls");
  r->good[key] = (PetscBool)(r->pot->repulsive || mtp_span_is(value, "RBChebyshev"));
  if (!r->good[key]) r->stop = PETSC_TRUE;
  if (!r->good[key] && value.n > 0)
    PetscCall(mtp_text_error(&r->t, r->line[key],
                             "radial_basis_type is %s, which is not supported, wanted %s",
                             mtp_span_quote(value).text, wanted));
  PetscFunctionReturn(0);
}

/* Values ------------------------------------------------------------------------------------- */

static PetscErrorCode read_header_value(mtp_reader *r, mtp_key key)
{
  mtp_potential *p = r->pot;

  PetscFunctionBegin;
  switch (key) {
  case MTP_KEY_VERSION:
    PetscCall(read_version(r, key));
    break;
  case MTP_KEY_NAME:
    PetscCall(read_text(r, key, &p->name, &p->has_name));
    break;
  case MTP_KEY_TAG:
    PetscCall(read_text(r, key, &p->tag, &p->has_tag));
    break;
  case MTP_KEY_SCALING:
    PetscCall(read_real(r, key, "a number", &r->scaling));
    break;
  case MTP_KEY_INNER:
    PetscCall(read_real(r, key, "a number", &r->inner));
    break;
  case MTP_KEY_SPECIES:
    PetscCall(read_int(r, key, 1, MTP_MAX_SPECIES, &p->nspecies));
    break;
  case MTP_KEY_BASIS:
    PetscCall(read_basis(r, key));
    break;
  case MTP_KEY_MIN:
    PetscCall(read_real(r, key, "a distance in A", &p->min_dist));
    break;
  case MTP_KEY_MAX:
    PetscCall(read_real(r, key, "a distance in A", &p->cutoff));
    break;
  case MTP_KEY_SIZE:
    PetscCall(read_int(r, key, 2, MTP_MAX_RADIAL, &p->radial_size));
    break;
  case MTP_KEY_FUNCS:
    PetscCall(read_int(r, key, 1, MTP_MAX_RADIAL, &p->radial_funcs));
    break;
  default:
    SETERRQ(PETSC_COMM_SELF, PETSC_ERR_PLIB, "No header key");
  }
  PetscFunctionReturn(0);
}

/* The end of the line behind a list. */
static PetscErrorCode end_of_list(mtp_reader *r, mtp_key key)
{
  const PetscInt line = r->t.line;
  mtp_span rest;

  PetscFunctionBegin;
  if (r->stop) PetscFunctionReturn(0);
  rest = rest_of_line(&r->t);
  r->good[key] = PETSC_TRUE;
  if (rest.n == 0) PetscFunctionReturn(0);
  PetscCall(mtp_text_error(&r->t, line, "%s follows %s, wanted the end of the line",
                           mtp_span_quote(rest).text, key_rules[key].name));
  r->stop = PETSC_TRUE;
  PetscFunctionReturn(0);
}

static PetscErrorCode read_table_value(mtp_reader *r, mtp_key key)
{
  const char *name = key_rules[key].name;
  const PetscInt before = r->t.nerror;
  PetscInt n = 0;

  PetscFunctionBegin;
  switch (key) {
  case MTP_KEY_MOMENTS:
    PetscCall(read_int(r, key, 1, PETSC_MAX_INT, &r->pot->nmoment));
    break;
  case MTP_KEY_NBASIC:
    PetscCall(read_int(r, key, 1, PETSC_MAX_INT, &r->nbasic));
    break;
  case MTP_KEY_NTIMES:
    PetscCall(read_int(r, key, 0, PETSC_MAX_INT, &r->ntimes));
    break;
  case MTP_KEY_NSCALAR:
    PetscCall(read_int(r, key, 1, PETSC_MAX_INT, &r->pot->nscalar));
    break;
  case MTP_KEY_BASIC:
    PetscCall(mtp__read_rows(r, name, &r->basic));
    break;
  case MTP_KEY_TIMES:
    PetscCall(mtp__read_rows(r, name, &r->times));
    break;
  case MTP_KEY_MAPPING:
    PetscCall(mtp__read_list(r, name, 0, &r->mapping, NULL, &n));
    break;
  case MTP_KEY_SPECIES_COEFFS:
    PetscCall(mtp__read_list(r, name, 0, NULL, &r->species_coeff, &n));
    break;
  case MTP_KEY_MOMENT_COEFFS:
    PetscCall(mtp__read_list(r, name, 0, NULL, &r->moment_coeff, &n));
    break;
  default:
    SETERRQ(PETSC_COMM_SELF, PETSC_ERR_PLIB, "No table key");
  }
  PetscCall(end_of_list(r, key));
  r->good[key] = (PetscBool)(r->good[key] && r->t.nerror == before);
  PetscFunctionReturn(0);
}

/* One key and its value. */
static PetscErrorCode read_key(mtp_reader *r)
{
  const mtp_span word = key_word(&r->t);
  const mtp_key key = find_key(r, word);

  PetscFunctionBegin;
  if (key == MTP_KEY_COUNT) {
    const mtp_span shown = word.n > 0 ? word : (mtp_span){r->t.at, 1};
    PetscCall(refuse_key(r, shown));
    PetscFunctionReturn(0);
  }
  PetscCall(note_key(r, key));
  if (r->stop) PetscFunctionReturn(0);
  if (key == MTP_KEY_RADIAL) {
    PetscCall(mtp__read_radial(r));
    PetscFunctionReturn(0);
  }
  while (r->t.at < r->t.end && mtp_text_is_blank(*r->t.at)) r->t.at++;
  if (r->t.at >= r->t.end || *r->t.at != '=') {
    PetscCall(mtp_text_error(&r->t, r->t.line, "%s is not followed by '='", key_rules[key].name));
    r->stop = PETSC_TRUE;
    PetscFunctionReturn(0);
  }
  r->t.at++;
  PetscCall(key <= MTP_KEY_FUNCS ? read_header_value(r, key) : read_table_value(r, key));
  PetscFunctionReturn(0);
}

/* The file ------------------------------------------------------------------------------------ */

/* The first word must be MTP. */
static PetscErrorCode read_magic(mtp_reader *r)
{
  mtp_span word;

  PetscFunctionBegin;
  mtp_text_skip(&r->t);
  word = key_word(&r->t);
  if (mtp_span_is(word, "MTP")) PetscFunctionReturn(0);
  r->stop = PETSC_TRUE;
  if (r->t.at >= r->t.end && word.n == 0)
    PetscCall(mtp_text_error(&r->t, 1, "the file is empty, wanted a potential beginning with MTP"));
  else
    PetscCall(mtp_text_error(&r->t, r->t.line, "the file begins with %s, wanted MTP",
                             mtp_span_quote(word).text));
  PetscFunctionReturn(0);
}

static PetscErrorCode report_missing(mtp_reader *r)
{
  PetscFunctionBegin;
  for (int k = 0; k < MTP_KEY_COUNT; k++) {
    if (!key_rules[k].required || r->line[k]) continue;
    PetscCall(mtp_text_error(&r->t, mtp_text_last_line(&r->t, r->begin),
                             "the file ends and %s is missing", key_rules[k].name));
    r->stop = PETSC_TRUE;
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode read_all(mtp_reader *r)
{
  PetscFunctionBegin;
  PetscCall(read_magic(r));
  while (!r->stop) {
    mtp_text_skip(&r->t);
    if (r->t.at >= r->t.end) break;
    if (*r->t.at == '#' && r->line[MTP_KEY_MAPPING]) break;
    PetscCall(read_key(r));
  }
  if (!r->stop) PetscCall(report_missing(r));
  if (!r->stop) PetscCall(mtp__read_check(r));
  if (!r->stop && r->t.nerror == 0 && r->t.at < r->t.end) PetscCall(mtp__read_selection(r));
  PetscFunctionReturn(0);
}

static PetscErrorCode reader_clear(mtp_reader *r)
{
  PetscFunctionBegin;
  PetscCall(mtp_potential_destroy(&r->pot));
  PetscCall(PetscFree(r->label.v));
  PetscCall(PetscFree(r->radial.v));
  PetscCall(PetscFree(r->basic.v));
  PetscCall(PetscFree(r->times.v));
  PetscCall(PetscFree(r->mapping.v));
  PetscCall(PetscFree(r->species_coeff.v));
  PetscCall(PetscFree(r->moment_coeff.v));
  PetscFunctionReturn(0);
}

static PetscBool ends_with(const char *name, const char *end)
{
  const size_t n = strlen(name), m = strlen(end);

  return (PetscBool)(n >= m && strcmp(name + n - m, end) == 0);
}

static PetscErrorCode read_into(mtp_reader *r, mtp_potential **pot)
{
  PetscFunctionBegin;
  PetscCall(PetscNew(&r->pot));
  PetscCall(PetscStrallocpy("", &r->pot->name));
  PetscCall(PetscStrallocpy("", &r->pot->tag));
  PetscCall(read_all(r));
  if (r->t.nerror > 0) PetscFunctionReturn(0);
  r->pot->format =
      r->pot->selection || ends_with(r->t.name, ".almtp") ? MTP_FORMAT_MLIP3 : MTP_FORMAT_MLIP2;
  *pot = r->pot;
  r->pot = NULL;
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_potential_parse(const char *name, const char *text, size_t length,
                                   mtp_potential **pot, mtp_diag *diag)
{
  mtp_reader r = {.t = {.name = name, .at = text, .end = text + length, .line = 1, .diag = diag},
                  .begin = text,
                  .scaling = 1.0,
                  .inner = 1.0};
  PetscErrorCode ierr;
  locale_t old;

  PetscFunctionBegin;
  *pot = NULL;
  PetscCall(mtp_text_locale_push(&old));
  ierr = read_into(&r, pot);
  mtp_text_locale_pop(old);
  PetscCall(reader_clear(&r));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_potential_read(const char *path, mtp_potential **pot, mtp_diag *diag)
{
  PetscErrorCode ierr = 0;
  size_t length;
  char *text;

  PetscFunctionBegin;
  *pot = NULL;
  PetscCall(mtp_text_load(path, &text, &length, diag));
  if (text) ierr = mtp_potential_parse(path, text, length, pot, diag);
  PetscCall(PetscFree(text));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}
