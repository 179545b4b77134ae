/* mtp/mtp_lammps_read.c - reads LAMMPS data files of point atoms
 *
 * The format: a title line, header lines that start with numbers ("832 atoms", "0 30 xlo xhi"),
 * then sections that start with a word ("Masses", "Atoms # charge"), each a list of lines.  '#'
 * starts a comment; two comments mean something, the style behind Atoms and the element behind a
 * mass.  Lines are told apart by their first character, so the reader is a loop over lines with the
 * section as its only state.
 *
 * Numbers of the header are not trusted: rows are collected as they come and counted afterwards, so
 * that an absurd count costs a message and not memory.
 */
#include "mtp/mtp_config_impl.h"

#include <ctype.h>
#include <string.h>

enum { MAX_ERROR = 20, MAX_TYPES = 4096, MAX_WORDS = 12 };

typedef enum {
  SECTION_HEADER,
  SECTION_MASSES,
  SECTION_ATOMS,
  SECTION_VELOCITIES,
  SECTION_SKIP
} section;

typedef struct {
  PetscInt line;    /* of Masses; 0: none */
  PetscReal mass;   /* [u] */
  PetscInt species; /* by name; -1: not named */
  PetscBool used;
} atom_type;

typedef struct {
  PetscInt id, type, line; /* type is 0-based */
  PetscReal q, x[3];
} atom_row;

typedef struct {
  mtp_text t;
  PetscInt nspecies;
  const char *const *species;
  section section;
  PetscInt natoms, ntypes; /* -1: not given */
  PetscBool has_box[3], has_masses, has_atoms;
  PetscReal low[3], high[3], tilt[3]; /* [Å] tilt: xy xz yz */
  atom_type *type;                    /* [ntypes] */
  PetscInt nrow, capacity;
  atom_row *row;
  PetscInt base; /* columns of Atoms without image flags: 5 atomic, 6 charge, 0 not known yet */
} reader;

/* Words of a line; more than MAX_WORDS are counted and not kept. */
typedef struct {
  PetscInt n;
  mtp_span word[MAX_WORDS];
} words;

static words split(mtp_span line)
{
  words w = {0};
  mtp_span one;

  while (mtp_text_word(&line, &one)) {
    if (w.n < MAX_WORDS) w.word[w.n] = one;
    w.n++;
  }
  return w;
}

/* Are these the words, whatever blanks stand between them? */
static PetscBool phrase_is(mtp_span phrase, const char *wanted)
{
  mtp_span rest = {wanted, strlen(wanted)}, want, got;

  while (mtp_text_word(&rest, &want)) {
    if (!mtp_text_word(&phrase, &got) || got.n != want.n || memcmp(got.at, want.at, got.n) != 0)
      return PETSC_FALSE;
  }
  return (PetscBool)!mtp_text_word(&phrase, &got);
}

static PetscErrorCode read_real(reader *r, PetscInt line, mtp_span word, PetscReal *value)
{
  PetscFunctionBegin;
  *value = 0.0;
  if (mtp_text_real(word, value) != MTP_NUMBER_OK) {
    PetscCall(mtp_text_error(&r->t, line, "%s, wanted a finite number", mtp_span_quote(word).text));
  }
  PetscFunctionReturn(0);
}

/* An integer in low..high; *value is low after a message. */
static PetscErrorCode read_int(reader *r, PetscInt line, mtp_span word, PetscInt low, PetscInt high,
                               const char *what, PetscInt *value)
{
  PetscFunctionBegin;
  if (mtp_text_int(word, value) != MTP_NUMBER_OK || *value < low || *value > high) {
    PetscCall(mtp_text_error(&r->t, line,
                             "%s is %s, wanted an integer %" PetscInt_FMT "..%" PetscInt_FMT, what,
                             mtp_span_quote(word).text, low, high));
    *value = low;
  }
  PetscFunctionReturn(0);
}

/* Header ------------------------------------------------------------------------------------- */

static PetscErrorCode read_count(reader *r, PetscInt line, mtp_span word, PetscInt high,
                                 const char *what, PetscInt *count)
{
  PetscFunctionBegin;
  if (*count >= 0) PetscCall(mtp_text_error(&r->t, line, "%s is given twice", what));
  PetscCall(read_int(r, line, word, 1, high, what, count));
  PetscFunctionReturn(0);
}

static PetscErrorCode read_bounds(reader *r, PetscInt line, const words *w, int axis)
{
  const PetscInt before = r->t.nerror;
  PetscReal length;

  PetscFunctionBegin;
  if (r->has_box[axis]) {
    PetscCall(mtp_text_error(&r->t, line, "box edge %c is given twice", 'x' + axis));
  }
  r->has_box[axis] = PETSC_TRUE;
  PetscCall(read_real(r, line, w->word[0], &r->low[axis]));
  PetscCall(read_real(r, line, w->word[1], &r->high[axis]));
  length = r->high[axis] - r->low[axis];
  if (r->t.nerror == before && !(length > 0.0 && !PetscIsInfOrNanReal(length))) {
    PetscCall(mtp_text_error(&r->t, line,
                             "box edge %c goes from %g to %g Å, wanted a positive length",
                             'x' + axis, (double)r->low[axis], (double)r->high[axis]));
  }
  PetscFunctionReturn(0);
}

/* Counts of things that a file of point atoms may mention but not have, and rooms to reserve. */
static PetscBool is_other_count(mtp_span phrase)
{
  static const char *const known[] = {"bonds",          "angles",        "dihedrals",
                                      "impropers",      "bond types",    "angle types",
                                      "dihedral types", "improper types"};

  for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
    if (phrase_is(phrase, known[i])) return PETSC_TRUE;
  }
  return (PetscBool)(phrase.n > 6 && memcmp(phrase.at, "extra", 5) == 0 &&
                     mtp_text_is_blank(phrase.at[5]));
}

static PetscErrorCode read_header(reader *r, PetscInt line, mtp_span text)
{
  static const char *const bounds[] = {"xlo xhi", "ylo yhi", "zlo zhi"};
  const words w = split(text);
  mtp_span phrase = text, number;
  PetscInt n = 0;

  PetscFunctionBegin;
  while (phrase.n > 0 && !isalpha((unsigned char)phrase.at[0])) {
    if (!mtp_text_word(&phrase, &number)) break;
    phrase = mtp_text_trim(phrase);
    n++;
  }
  for (int axis = 0; axis < 3; axis++) {
    if (n != 2 || !phrase_is(phrase, bounds[axis])) continue;
    PetscCall(read_bounds(r, line, &w, axis));
    PetscFunctionReturn(0);
  }
  if (n == 1 && phrase_is(phrase, "atoms")) {
    PetscCall(read_count(r, line, w.word[0], PETSC_MAX_INT, "number of atoms", &r->natoms));
  } else if (n == 1 && phrase_is(phrase, "atom types")) {
    PetscCall(read_count(r, line, w.word[0], MAX_TYPES, "number of atom types", &r->ntypes));
  } else if (n == 3 && phrase_is(phrase, "xy xz yz")) {
    for (int k = 0; k < 3; k++) PetscCall(read_real(r, line, w.word[k], &r->tilt[k]));
  } else if (n != 1 || !is_other_count(phrase)) {
    PetscCall(mtp_text_error(&r->t, line,
                             "%s is not a header line, wanted 'N atoms', 'N atom types', "
                             "'LO HI xlo xhi' or 'XY XZ YZ xy xz yz'",
                             mtp_span_quote(text).text));
  }
  PetscFunctionReturn(0);
}

/* Sections ----------------------------------------------------------------------------------- */

/* The number of types has to be known before the first section that uses types. */
static PetscErrorCode need_types(reader *r, PetscInt line)
{
  PetscFunctionBegin;
  if (!r->type && r->ntypes < 0) {
    PetscCall(mtp_text_error(&r->t, line, "no line 'N atom types' before this section"));
    r->ntypes = 0; /* said once */
  } else if (!r->type && r->ntypes > 0) {
    PetscCall(PetscCalloc1(r->ntypes, &r->type));
    for (PetscInt i = 0; i < r->ntypes; i++) r->type[i].species = -1;
  }
  if (!r->type) r->section = SECTION_SKIP;
  PetscFunctionReturn(0);
}

static PetscErrorCode begin_atoms(reader *r, PetscInt line, mtp_span comment)
{
  mtp_span style;

  PetscFunctionBegin;
  if (r->has_atoms) PetscCall(mtp_text_error(&r->t, line, "a second section Atoms"));
  r->has_atoms = PETSC_TRUE;
  r->section = SECTION_ATOMS;
  if (!mtp_text_word(&comment, &style)) PetscFunctionReturn(0);
  if (mtp_span_is(style, "atomic"))
    r->base = 5;
  else if (mtp_span_is(style, "charge"))
    r->base = 6;
  else {
    PetscCall(mtp_text_error(&r->t, line, "atom style %s, wanted atomic or charge",
                             mtp_span_quote(style).text));
    r->section = SECTION_SKIP;
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode begin_section(reader *r, PetscInt line, mtp_span name, mtp_span comment)
{
  const char *const coeffs = "Coeffs";
  const size_t n = strlen(coeffs);

  PetscFunctionBegin;
  if (mtp_span_is(name, "Masses")) {
    r->section = SECTION_MASSES;
    r->has_masses = PETSC_TRUE;
    PetscCall(need_types(r, line));
  } else if (mtp_span_is(name, "Atoms")) {
    PetscCall(begin_atoms(r, line, comment));
    if (r->section == SECTION_ATOMS) PetscCall(need_types(r, line));
  } else if (mtp_span_is(name, "Velocities")) {
    r->section = SECTION_VELOCITIES;
  } else {
    r->section = SECTION_SKIP;
    if (name.n > n && memcmp(name.at + name.n - n, coeffs, n) == 0) PetscFunctionReturn(0);
    PetscCall(mtp_text_error(&r->t, line, "section %s, wanted Masses, Atoms or Velocities",
                             mtp_span_quote(name).text));
  }
  PetscFunctionReturn(0);
}

/* The species that a comment names by its first letters ("Ca", "Cl-", "K chloride"): >= 0; -1 when
   it names nothing; -2 when it names an element that is not among the species. */
static PetscInt named_species(const reader *r, mtp_span comment)
{
  char symbol[4] = "";
  mtp_span word;
  size_t n = 0;

  if (r->nspecies == 0 || !mtp_text_word(&comment, &word)) return -1;
  while (n < word.n && isalpha((unsigned char)word.at[n])) n++;
  if (n == 0 || n >= sizeof(symbol)) return -1;
  memcpy(symbol, word.at, n);
  for (PetscInt s = 0; s < r->nspecies; s++) {
    if (strcmp(symbol, r->species[s]) == 0) return s;
  }
  return mtp_element_mass(symbol, NULL) ? -2 : -1;
}

static PetscErrorCode read_mass(reader *r, PetscInt line, mtp_span text, mtp_span comment)
{
  const words w = split(text);
  PetscInt type;
  atom_type *t;

  PetscFunctionBegin;
  if (w.n != 2) {
    PetscCall(
        mtp_text_error(&r->t, line, "%" PetscInt_FMT " words, wanted a type and its mass", w.n));
    PetscFunctionReturn(0);
  }
  PetscCall(read_int(r, line, w.word[0], 1, r->ntypes, "atom type", &type));
  t = &r->type[type - 1];
  t->line = line;
  PetscCall(read_real(r, line, w.word[1], &t->mass));
  t->species = named_species(r, comment);
  if (t->species == -2) {
    PetscCall(mtp_text_error(&r->t, line,
                             "type %" PetscInt_FMT " is %s, which is not among the species", type,
                             mtp_span_quote(mtp_text_trim(comment)).text));
  }
  PetscFunctionReturn(0);
}

/* Tells the style from the number of columns when the section does not name it. */
static PetscErrorCode check_columns(reader *r, PetscInt line, PetscInt n, PetscBool *good)
{
  PetscFunctionBegin;
  if (r->base == 0 && (n == 5 || n == 8)) r->base = 5;
  if (r->base == 0 && (n == 6 || n == 9)) r->base = 6;
  *good = (PetscBool)(r->base != 0 && (n == r->base || n == r->base + 3));
  if (!*good) {
    const char *wanted = "5 to 9: id type [q] x y z [ix iy iz]";

    if (r->base == 5) wanted = "id type x y z [ix iy iz]";
    if (r->base == 6) wanted = "id type q x y z [ix iy iz]";
    PetscCall(mtp_text_error(&r->t, line, "%" PetscInt_FMT " columns, wanted %s", n, wanted));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode read_atom(reader *r, PetscInt line, mtp_span text)
{
  const words w = split(text);
  PetscBool good;
  PetscInt flag;
  atom_row row = {.line = line};

  PetscFunctionBegin;
  PetscCall(check_columns(r, line, w.n, &good));
  if (!good) PetscFunctionReturn(0);
  PetscCall(read_int(r, line, w.word[0], 1, PETSC_MAX_INT, "atom id", &row.id));
  PetscCall(read_int(r, line, w.word[1], 1, r->ntypes, "atom type", &row.type));
  r->type[--row.type].used = PETSC_TRUE;
  if (r->base == 6) PetscCall(read_real(r, line, w.word[2], &row.q));
  for (PetscInt a = 0; a < 3; a++) {
    PetscCall(read_real(r, line, w.word[r->base - 3 + a], &row.x[a]));
  }
  for (PetscInt a = r->base; a < w.n; a++) {
    PetscCall(read_int(r, line, w.word[a], PETSC_MIN_INT, PETSC_MAX_INT, "image flag", &flag));
  }
  PetscCall(mtp_text_grow(r->nrow, &r->capacity, sizeof(row), (void **)&r->row));
  r->row[r->nrow++] = row;
  PetscFunctionReturn(0);
}

static PetscErrorCode read_velocity(reader *r, PetscInt line, mtp_span text)
{
  const words w = split(text);
  PetscReal v;

  PetscFunctionBegin;
  if (w.n != 4) {
    PetscCall(mtp_text_error(&r->t, line, "%" PetscInt_FMT " columns, wanted id vx vy vz", w.n));
    PetscFunctionReturn(0);
  }
  for (int a = 1; a < 4; a++) PetscCall(read_real(r, line, w.word[a], &v));
  PetscFunctionReturn(0);
}

static PetscErrorCode read_line(reader *r, PetscInt line, mtp_span text, mtp_span comment)
{
  PetscFunctionBegin;
  if (isalpha((unsigned char)text.at[0])) {
    PetscCall(begin_section(r, line, text, comment));
  } else if (r->section == SECTION_HEADER) {
    PetscCall(read_header(r, line, text));
  } else if (r->section == SECTION_MASSES) {
    PetscCall(read_mass(r, line, text, comment));
  } else if (r->section == SECTION_ATOMS) {
    PetscCall(read_atom(r, line, text));
  } else if (r->section == SECTION_VELOCITIES) {
    PetscCall(read_velocity(r, line, text));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode read_lines(reader *r)
{
  mtp_span text, comment;
  PetscInt line;

  PetscFunctionBegin;
  (void)mtp_text_line(&r->t, &text, &line); /* the title says nothing */
  while (r->t.nerror < MAX_ERROR && mtp_text_line(&r->t, &text, &line)) {
    const char *hash = text.n > 0 ? memchr(text.at, '#', text.n) : NULL;

    comment = (mtp_span){text.at + text.n, 0};
    if (hash) {
      comment = (mtp_span){hash + 1, text.n - (size_t)(hash + 1 - text.at)};
      text.n = (size_t)(hash - text.at);
    }
    text = mtp_text_trim(text);
    if (text.n > 0) PetscCall(read_line(r, line, text, comment));
  }
  PetscFunctionReturn(0);
}

/* What the whole file has to be -------------------------------------------------------------- */

/* The one species within 1 percent of a mass, or -1. */
static PetscInt species_of_mass(const reader *r, PetscReal mass)
{
  PetscInt found = -1;

  for (PetscInt s = 0; s < r->nspecies; s++) {
    PetscReal weight;

    if (!mtp_element_mass(r->species[s], &weight)) continue;
    if (PetscAbsReal(mass - weight) > 0.01 * weight) continue;
    if (found >= 0) return -1;
    found = s;
  }
  return found;
}

static PetscErrorCode find_species(reader *r)
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < r->ntypes; i++) {
    atom_type *t = &r->type[i];

    if (!t->used || t->species >= 0) continue;
    if (r->nspecies == 0 || (!r->has_masses && i < r->nspecies)) {
      t->species = i;
      continue;
    }
    if (!r->has_masses) {
      PetscCall(mtp_text_error(&r->t, 0,
                               "type %" PetscInt_FMT
                               " has no section Masses and only %" PetscInt_FMT
                               " species are given",
                               i + 1, r->nspecies));
      continue;
    }
    if (t->line == 0) {
      PetscCall(mtp_text_error(&r->t, 0, "type %" PetscInt_FMT " has no mass", i + 1));
      continue;
    }
    t->species = species_of_mass(r, t->mass);
    if (t->species < 0) {
      PetscCall(mtp_text_error(&r->t, t->line,
                               "no one species has the mass %g of type %" PetscInt_FMT
                               "; name it: '%" PetscInt_FMT " %g # Ca'",
                               (double)t->mass, i + 1, i + 1, (double)t->mass));
    }
  }
  PetscFunctionReturn(0);
}

static int compare_ids(const void *a, const void *b)
{
  const atom_row *x = a, *y = b;

  return x->id != y->id ? (x->id > y->id) - (x->id < y->id)
                        : (x->line > y->line) - (x->line < y->line);
}

static PetscErrorCode check_rows(reader *r)
{
  PetscFunctionBegin;
  if (r->nrow == 0) {
    PetscCall(mtp_text_error(&r->t, 0, "no atoms: wanted a section Atoms"));
    PetscFunctionReturn(0);
  }
  if (r->natoms >= 0 && r->natoms != r->nrow) {
    PetscCall(mtp_text_error(&r->t, 0,
                             "%" PetscInt_FMT " atoms in section Atoms, wanted %" PetscInt_FMT
                             " as the header says",
                             r->nrow, r->natoms));
  }
  qsort(r->row, (size_t)r->nrow, sizeof(r->row[0]), compare_ids);
  for (PetscInt i = 1; i < r->nrow && r->t.nerror < MAX_ERROR; i++) {
    if (r->row[i].id != r->row[i - 1].id) continue;
    PetscCall(mtp_text_error(&r->t, r->row[i].line,
                             "atom %" PetscInt_FMT " was already given in line %" PetscInt_FMT,
                             r->row[i].id, r->row[i - 1].line));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode check_file(reader *r)
{
  PetscFunctionBegin;
  for (int axis = 0; axis < 3; axis++) {
    if (r->has_box[axis]) continue;
    PetscCall(mtp_text_error(&r->t, 0, "no line 'LO HI %clo %chi'", 'x' + axis, 'x' + axis));
  }
  if (r->natoms < 0) PetscCall(mtp_text_error(&r->t, 0, "no line 'N atoms'"));
  PetscCall(check_rows(r));
  if (r->type) PetscCall(find_species(r));
  for (PetscInt k = 0; k < 3 * r->nrow && r->t.nerror < MAX_ERROR; k++) {
    const atom_row *row = &r->row[k / 3];

    if (!PetscIsInfOrNanReal(row->x[k % 3] - r->low[k % 3])) continue;
    PetscCall(
        mtp_text_error(&r->t, row->line, "atom %" PetscInt_FMT " is infinitely far away", row->id));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode hand_out(const reader *r, mtp_config *config)
{
  PetscFunctionBegin;
  PetscCall(mtp_config_create(r->nrow, config));
  if (r->base == 6) PetscCall(PetscMalloc1(r->nrow, &config->charge));
  config->nlattice = 3;
  for (int k = 0; k < 3; k++) config->h[k][k] = r->high[k] - r->low[k];
  config->h[1][0] = r->tilt[0];
  config->h[2][0] = r->tilt[1];
  config->h[2][1] = r->tilt[2];
  for (PetscInt i = 0; i < r->nrow; i++) {
    const atom_row *row = &r->row[i];

    config->type[i] = r->type[row->type].species;
    if (config->charge) config->charge[i] = row->q;
    for (int a = 0; a < 3; a++) config->x[3 * (size_t)i + a] = row->x[a] - r->low[a];
  }
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_lammps_parse(const char *name, const char *text, size_t length,
                                PetscInt nspecies, const char *const species[], mtp_config *config,
                                mtp_diag *diag)
{
  reader r = {.nspecies = nspecies, .species = species, .natoms = -1, .ntypes = -1};
  locale_t old;

  PetscFunctionBegin;
  *config = (mtp_config){0};
  r.t = (mtp_text){.name = name, .at = text, .end = text + length, .line = 1, .diag = diag};
  PetscCall(mtp_text_locale_push(&old));
  PetscCall(read_lines(&r));
  if (r.t.nerror == 0) PetscCall(check_file(&r));
  if (r.t.nerror == 0) PetscCall(hand_out(&r, config));
  mtp_text_locale_pop(old);
  PetscCall(PetscFree(r.type));
  PetscCall(PetscFree(r.row));
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_lammps_read(const char *path, PetscInt nspecies, const char *const species[],
                               mtp_config *config, mtp_diag *diag)
{
  char *text;
  size_t length;

  PetscFunctionBegin;
  *config = (mtp_config){0};
  PetscCall(mtp_text_load(path, &text, &length, diag));
  if (!text) PetscFunctionReturn(0);
  PetscCall(mtp_lammps_parse(path, text, length, nspecies, species, config, diag));
  PetscCall(PetscFree(text));
  PetscFunctionReturn(0);
}
