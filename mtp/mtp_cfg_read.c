/* mtp/mtp_cfg_read.c - MLIP's .cfg files
 *
 * The text is read by lines: a line whose first word is the name of a section opens it, the lines
 * behind it belong to it.  A wrong value is reported and reading goes on at the next line, so one
 * pass finds everything; only configurations without any fault are handed out.  An array is
 * allocated when the text left is long enough to hold its rows, not on the word of Size.
 */
#include "mtp/mtp_config_impl.h"

#include <string.h>

typedef enum {
  SECTION_BEGIN,
  SECTION_SIZE,
  SECTION_CELL,
  SECTION_ATOMS,
  SECTION_ENERGY,
  SECTION_STRESS,
  SECTION_MINUS,
  SECTION_FEATURE,
  SECTION_FEATURES,
  SECTION_END,
  SECTION_COUNT
} section;

static const struct {
  const char *word;
  section section;
} section_words[] = {
    {"BEGIN_CFG", SECTION_BEGIN}, {"Size", SECTION_SIZE},          {"Supercell", SECTION_CELL},
    {"SuperCell", SECTION_CELL},  {"AtomData:", SECTION_ATOMS},    {"Atomic_data:", SECTION_ATOMS},
    {"Energy", SECTION_ENERGY},   {"PlusStress:", SECTION_STRESS}, {"Virial:", SECTION_STRESS},
    {"Stress:", SECTION_MINUS},   {"Feature", SECTION_FEATURE},    {"Features:", SECTION_FEATURES},
    {"END_CFG", SECTION_END},
};

/* What a column holds: a field of the table with its component, or one of these. */
enum { COLUMN_DIRECT = MTP_CONFIG_NFIELD, COLUMN_ID, COLUMN_TYPE, COLUMN_GHOST, COLUMN_UNKNOWN };
enum { MAX_COLUMNS = 24 };

typedef struct {
  int kind;
  PetscInt component;
  mtp_span name;
} column;

typedef struct {
  mtp_text t;
  mtp_config_list *list;
  mtp_config config;            /* the one being read */
  PetscInt line[SECTION_COUNT]; /* of each section of it; line[SECTION_BEGIN] == 0 outside */
  PetscInt nerror;              /* messages before it */
  PetscInt nfeature;            /* lines of features */
  PetscBool direct, virial;     /* positions are fractional; the stress came as Virial */
  PetscBool lost;               /* a line that belongs nowhere was reported */
} cfg_reader;

/* Small steps -------------------------------------------------------------------------------- */

static section find_section(mtp_span word)
{
  for (size_t i = 0; i < sizeof(section_words) / sizeof(section_words[0]); i++) {
    if (mtp_span_is(word, section_words[i].word)) return section_words[i].section;
  }
  return SECTION_COUNT;
}

/* The next line that is not blank, unless it opens a section: then PETSC_FALSE and the cursor
   stays. */
static PetscBool section_line(cfg_reader *r, mtp_span *line, PetscInt *number)
{
  mtp_text before = r->t;
  mtp_span rest, word;

  while (mtp_text_line(&r->t, line, number)) {
    rest = *line;
    if (!mtp_text_word(&rest, &word)) {
      before = r->t;
      continue;
    }
    if (find_section(word) == SECTION_COUNT) return PETSC_TRUE;
    break;
  }
  r->t.at = before.at;
  r->t.line = before.line;
  *number = before.line;
  return PETSC_FALSE;
}

/* One number behind a section's word: in the rest of its line or in the next one. */
static PetscErrorCode one_value(cfg_reader *r, const char *name, const char *wanted, mtp_span rest,
                                PetscInt *line, mtp_span *value)
{
  mtp_span more;

  PetscFunctionBegin;
  *line = r->t.line - 1;
  if (!mtp_text_word(&rest, value)) {
    if (!section_line(r, &rest, line)) {
      PetscCall(mtp_text_error(&r->t, *line, "%s has no value, wanted %s", name, wanted));
      PetscFunctionReturn(0);
    }
    (void)mtp_text_word(&rest, value);
  }
  if (mtp_text_word(&rest, &more))
    PetscCall(mtp_text_error(&r->t, *line, "%s is followed by %s, wanted one value", name,
                             mtp_span_quote(more).text));
  PetscFunctionReturn(0);
}

/* Size, Supercell, Energy, stress -------------------------------------------------------------- */

static PetscErrorCode read_size(cfg_reader *r, mtp_span rest)
{
  static const char wanted[] = "a whole number of atoms, 1 or more";
  mtp_span value;
  PetscInt line;

  PetscFunctionBegin;
  PetscCall(one_value(r, "Size", wanted, rest, &line, &value));
  if (value.n == 0) PetscFunctionReturn(0);
  if (mtp_text_int(value, &r->config.n) == MTP_NUMBER_OK && r->config.n > 0) PetscFunctionReturn(0);
  r->config.n = 0;
  PetscCall(
      mtp_text_error(&r->t, line, "Size is %s, wanted %s", mtp_span_quote(value).text, wanted));
  PetscFunctionReturn(0);
}

/* Exactly n finite numbers in a line. */
static PetscErrorCode read_numbers(cfg_reader *r, const char *name, mtp_span rest, PetscInt line,
                                   PetscInt n, PetscReal out[])
{
  mtp_span word;
  PetscInt k = 0;

  PetscFunctionBegin;
  for (; mtp_text_word(&rest, &word); k++) {
    PetscReal value;

    if (mtp_text_real(word, &value) != MTP_NUMBER_OK)
      PetscCall(mtp_text_error(&r->t, line, "%s: got %s, wanted a finite number", name,
                               mtp_span_quote(word).text));
    if (k < n) out[k] = value;
  }
  if (k != n)
    PetscCall(mtp_text_error(
        &r->t, line, "%s: got %" PetscInt_FMT " numbers, wanted %" PetscInt_FMT, name, k, n));
  PetscFunctionReturn(0);
}

static PetscErrorCode read_cell(cfg_reader *r)
{
  mtp_config *c = &r->config;
  PetscInt before = r->t.nerror, line;
  mtp_span row;

  PetscFunctionBegin;
  for (PetscInt k = 0; section_line(r, &row, &line); k++) {
    if (k == 3) {
      PetscCall(mtp_text_error(&r->t, line, "Supercell has a fourth row, wanted 1 to 3"));
      PetscFunctionReturn(0);
    }
    PetscCall(read_numbers(r, "Supercell", row, line, 3, c->h[k]));
    c->nlattice = k + 1;
  }
  if (c->nlattice == 0)
    PetscCall(mtp_text_error(&r->t, r->line[SECTION_CELL],
                             "Supercell has no row, wanted 1 to 3 lattice vectors"));
  if (r->t.nerror == before && !(mtp_config_extent(c) > 0.0))
    PetscCall(mtp_text_error(&r->t, r->line[SECTION_CELL],
                             "Supercell has vectors that depend on each other, wanted none"));
  PetscFunctionReturn(0);
}

static PetscErrorCode read_energy(cfg_reader *r, mtp_span rest)
{
  static const char wanted[] = "a finite number of eV";
  mtp_span value;
  PetscInt line;

  PetscFunctionBegin;
  PetscCall(one_value(r, "Energy", wanted, rest, &line, &value));
  if (value.n == 0) PetscFunctionReturn(0);
  if (mtp_text_real(value, &r->config.energy) != MTP_NUMBER_OK)
    PetscCall(
        mtp_text_error(&r->t, line, "Energy is %s, wanted %s", mtp_span_quote(value).text, wanted));
  r->config.has_energy = PETSC_TRUE;
  PetscFunctionReturn(0);
}

/* Place of a stress component in our order, or 6. */
static PetscInt stress_component(mtp_span word)
{
  const char *const names[12] = {"xx", "yy", "zz", "yz", "xz", "xy",
                                 "xx", "yy", "zz", "zy", "zx", "yx"};

  for (PetscInt k = 0; k < 12; k++) {
    if (mtp_span_is(word, names[k])) return k % 6;
  }
  return 6;
}

static PetscErrorCode read_stress(cfg_reader *r, const char *name, mtp_span rest)
{
  PetscInt place[6] = {6, 6, 6, 6, 6, 6}, n = 0, seen = 0, line = r->t.line - 1;
  PetscReal value[6] = {0};
  mtp_span word, row;

  PetscFunctionBegin;
  for (; mtp_text_word(&rest, &word); n++) {
    if (n < 6) place[n] = stress_component(word);
    if (n < 6 && place[n] < 6) seen |= 1 << place[n];
  }
  if (n != 6 || seen != 63)
    PetscCall(mtp_text_error(&r->t, line,
                             "%s does not name the six components, wanted "
                             "xx yy zz yz xz xy in any order",
                             name));
  if (!section_line(r, &row, &line)) {
    PetscCall(mtp_text_error(&r->t, line, "%s has no values, wanted six numbers", name));
    PetscFunctionReturn(0);
  }
  PetscCall(read_numbers(r, name, row, line, 6, value));
  for (int k = 0; k < 6; k++) {
    if (place[k] < 6) r->config.stress[place[k]] = value[k];
  }
  r->config.has_stress = PETSC_TRUE;
  PetscFunctionReturn(0);
}

/* Atoms -------------------------------------------------------------------------------------- */

static column find_column(mtp_span word)
{
  static const struct {
    const char *name;
    int kind;
    PetscInt component;
  } others[] = {{"id", COLUMN_ID, 0},           {"type", COLUMN_TYPE, 0},
                {"ghost", COLUMN_GHOST, 0},     {"direct_x", COLUMN_DIRECT, 0},
                {"direct_y", COLUMN_DIRECT, 1}, {"direct_z", COLUMN_DIRECT, 2}};

  for (int k = 0; k < MTP_CONFIG_NFIELD; k++) {
    for (PetscInt c = 0; c < mtp__config_fields[k].width; c++) {
      if (mtp_span_is(word, mtp__config_fields[k].column[c])) return (column){k, c, word};
    }
  }
  for (size_t k = 0; k < sizeof(others) / sizeof(others[0]); k++) {
    if (mtp_span_is(word, others[k].name))
      return (column){others[k].kind, others[k].component, word};
  }
  return (column){COLUMN_UNKNOWN, 0, word};
}

/* The words of the AtomData line; a message for each that is unknown or given twice. */
static PetscErrorCode read_columns(cfg_reader *r, mtp_span rest, column columns[], PetscInt *n)
{
  const PetscInt line = r->line[SECTION_ATOMS];
  mtp_span word;

  PetscFunctionBegin;
  for (*n = 0; mtp_text_word(&rest, &word);) {
    const column c = find_column(word);
    PetscBool twice = PETSC_FALSE;

    if (c.kind == COLUMN_UNKNOWN) {
      PetscCall(mtp_text_error(&r->t, line, "AtomData has the column %s, which .cfg does not know",
                               mtp_span_quote(word).text));
    } else {
      for (PetscInt k = 0; k < *n; k++)
        twice = (PetscBool)(twice ||
                            (columns[k].kind == c.kind && columns[k].component == c.component));
      if (twice)
        PetscCall(mtp_text_error(&r->t, line, "AtomData has the column %s twice",
                                 mtp_span_quote(word).text));
    }
    if (c.kind == COLUMN_UNKNOWN || twice) continue;
    columns[(*n)++] = c; /* fewer than MAX_COLUMNS exist */
  }
  PetscFunctionReturn(0);
}

/* Vectors need all their columns, and positions there must be, in one form. */
static PetscErrorCode check_columns(cfg_reader *r, const column columns[], PetscInt n)
{
  const PetscInt line = r->line[SECTION_ATOMS];
  PetscInt count[COLUMN_UNKNOWN] = {0};

  PetscFunctionBegin;
  for (PetscInt k = 0; k < n; k++) count[columns[k].kind]++;
  for (int k = 1; k < MTP_CONFIG_NFIELD; k++) {
    if (count[k] > 0 && count[k] != mtp__config_fields[k].width)
      PetscCall(mtp_text_error(&r->t, line,
                               "AtomData has only some of %s, %s, %s, wanted all or none",
                               mtp__config_fields[k].column[0], mtp__config_fields[k].column[1],
                               mtp__config_fields[k].column[2]));
  }
  if (count[0] + count[COLUMN_DIRECT] != 3 || count[0] * count[COLUMN_DIRECT] != 0)
    PetscCall(mtp_text_error(&r->t, line,
                             "AtomData has no full set of positions, wanted either "
                             "cartes_x cartes_y cartes_z or direct_x direct_y direct_z"));
  r->direct = (PetscBool)(count[COLUMN_DIRECT] > 0);
  if (count[COLUMN_GHOST] && !r->config.ghost)
    PetscCall(PetscCalloc1((size_t)r->config.n, &r->config.ghost));
  for (int k = 1; k < MTP_CONFIG_NFIELD; k++) {
    if (count[k])
      PetscCall(PetscCalloc1((size_t)(r->config.n * mtp__config_fields[k].width),
                             mtp__config_array(&r->config, &mtp__config_fields[k])));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode store_integer(cfg_reader *r, PetscInt i, PetscInt line, const column *c,
                                    mtp_span word)
{
  const PetscBool no = mtp_span_is(word, "false"),
                  flag = (PetscBool)(no || mtp_span_is(word, "true"));
  PetscInt value;
  const char *wanted = NULL;

  PetscFunctionBegin;
  if (c->kind == COLUMN_GHOST && flag)
    value = no ? 0 : 1;
  else if (mtp_text_int(word, &value) != MTP_NUMBER_OK)
    wanted = c->kind == COLUMN_GHOST ? "true or false" : "a whole number";
  else if (c->kind == COLUMN_ID && value != i + 1)
    wanted = "the atoms in the order 1, 2, 3 ...";
  else if (c->kind == COLUMN_TYPE && value < 0)
    wanted = "0 or more";
  else if (c->kind == COLUMN_GHOST && value != 0 && value != 1)
    wanted = "true or false";
  if (wanted)
    PetscCall(mtp_text_error(&r->t, line, "atom %" PetscInt_FMT ": %.*s is %s, wanted %s", i + 1,
                             (int)c->name.n, c->name.at, mtp_span_quote(word).text, wanted));
  if (c->kind == COLUMN_TYPE) r->config.type[i] = value;
  if (c->kind == COLUMN_GHOST) r->config.ghost[i] = value;
  PetscFunctionReturn(0);
}

static PetscErrorCode store_value(cfg_reader *r, PetscInt i, PetscInt line, const column *c,
                                  mtp_span word)
{
  const mtp_config_field *field = &mtp__config_fields[c->kind < MTP_CONFIG_NFIELD ? c->kind : 0];
  PetscReal value;

  PetscFunctionBegin;
  if (c->kind > COLUMN_DIRECT) {
    PetscCall(store_integer(r, i, line, c, word));
    PetscFunctionReturn(0);
  }
  if (mtp_text_real(word, &value) != MTP_NUMBER_OK)
    PetscCall(mtp_text_error(&r->t, line,
                             "atom %" PetscInt_FMT ": %.*s is %s, wanted a finite number", i + 1,
                             (int)c->name.n, c->name.at, mtp_span_quote(word).text));
  (*mtp__config_array(&r->config, field))[field->width * i + c->component] = value;
  PetscFunctionReturn(0);
}

static PetscErrorCode read_rows(cfg_reader *r, const column columns[], PetscInt n)
{
  mtp_span row, word;
  PetscInt line;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < r->config.n; i++) {
    PetscInt k = 0;

    if (!section_line(r, &row, &line)) {
      PetscCall(mtp_text_error(
          &r->t, line, "AtomData ends after %" PetscInt_FMT " atoms, wanted Size = %" PetscInt_FMT,
          i, r->config.n));
      PetscFunctionReturn(0);
    }
    for (; mtp_text_word(&row, &word); k++) {
      if (k < n) PetscCall(store_value(r, i, line, &columns[k], word));
    }
    if (k != n)
      PetscCall(mtp_text_error(&r->t, line,
                               "atom %" PetscInt_FMT " has %" PetscInt_FMT
                               " values, wanted %" PetscInt_FMT " as AtomData says",
                               i + 1, k, n));
  }
  PetscFunctionReturn(0);
}

/* Skips the rows of a table that cannot be read. */
static void skip_rows(cfg_reader *r)
{
  mtp_span row;
  PetscInt line;

  while (section_line(r, &row, &line)) continue;
}

/* Lines with something in them before the configuration ends: no more atoms than these can come. */
static PetscInt lines_left(const cfg_reader *r)
{
  mtp_text t = r->t;
  mtp_span line, word;
  PetscInt number, n = 0;

  while (mtp_text_line(&t, &line, &number)) {
    if (!mtp_text_word(&line, &word)) continue;
    if (mtp_span_is(word, "END_CFG") || mtp_span_is(word, "BEGIN_CFG")) break;
    n++;
  }
  return n;
}

static PetscErrorCode read_atoms(cfg_reader *r, mtp_span rest)
{
  const PetscInt size = r->config.n, before = r->t.nerror, left = lines_left(r);
  column columns[MAX_COLUMNS];
  mtp_span row;
  PetscInt n, line;

  PetscFunctionBegin;
  PetscCall(read_columns(r, rest, columns, &n));
  if (!r->line[SECTION_SIZE])
    PetscCall(mtp_text_error(&r->t, r->line[SECTION_ATOMS],
                             "AtomData comes before Size, wanted Size first"));
  if (size > left)
    PetscCall(mtp_text_error(&r->t, r->line[SECTION_SIZE],
                             "Size is %" PetscInt_FMT ", but the configuration ends %" PetscInt_FMT
                             " lines after AtomData",
                             size, left));
  if (size > 0 && r->t.nerror == before) {
    PetscCall(PetscCalloc1(3 * (size_t)size, &r->config.x));
    PetscCall(PetscCalloc1((size_t)size, &r->config.type));
    PetscCall(check_columns(r, columns, n));
    if (r->t.nerror == before) {
      PetscCall(read_rows(r, columns, n));
      if (section_line(r, &row, &line))
        PetscCall(mtp_text_error(
            &r->t, line, "AtomData goes on, wanted its end after Size = %" PetscInt_FMT " atoms",
            size));
    }
  }
  skip_rows(r);
  PetscFunctionReturn(0);
}

/* Features ----------------------------------------------------------------------------------- */

/* \_ \t \n \r \\ in a key, in place */
static void unescape(char *key)
{
  static const char codes[] = "_tnr\\", chars[] = " \t\n\r\\";
  char *out = key;

  for (const char *in = key; *in; in++) {
    const char *code = *in == '\\' && in[1] ? strchr(codes, in[1]) : NULL;

    *out++ = *in;
    if (!code) continue;
    out[-1] = chars[code - codes];
    in++;
  }
  *out = 0;
}

static PetscErrorCode add_feature(cfg_reader *r, mtp_span key_text, mtp_span value_text)
{
  PetscErrorCode ierr;
  char *key, *value;

  PetscFunctionBegin;
  if (++r->nfeature > MTP_MAX_FEATURES) {
    if (r->nfeature == MTP_MAX_FEATURES + 1)
      PetscCall(mtp_text_error(&r->t, r->t.line - 1, "more than %d features in a configuration",
                               MTP_MAX_FEATURES));
    PetscFunctionReturn(0);
  }
  PetscCall(mtp_span_copy(key_text, &key));
  unescape(key);
  ierr = mtp_span_copy(value_text, &value);
  if (!ierr) {
    ierr = mtp_config_add_feature(&r->config, key, value);
    PetscCall(PetscFree(value));
  }
  PetscCall(PetscFree(key));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* "Feature KEY\tVALUE": the value is everything behind the tab, or behind the blanks if there is
   none */
static PetscErrorCode read_feature(cfg_reader *r, mtp_span rest)
{
  mtp_span key;

  PetscFunctionBegin;
  if (!mtp_text_word(&rest, &key)) {
    PetscCall(
        mtp_text_error(&r->t, r->t.line - 1, "Feature has no key, wanted 'Feature KEY VALUE'"));
    PetscFunctionReturn(0);
  }
  if (rest.n > 0 && *rest.at == '\t') {
    rest.at++;
    rest.n--;
  } else {
    while (rest.n > 0 && mtp_text_is_blank(*rest.at)) {
      rest.at++;
      rest.n--;
    }
  }
  PetscCall(add_feature(r, key, rest));
  PetscFunctionReturn(0);
}

/* The older form: keys in the line of "Features:", as many words in the lines behind it. */
static PetscErrorCode read_features(cfg_reader *r, mtp_span keys)
{
  mtp_span key, value, row = {r->t.at, 0};
  PetscInt line;

  PetscFunctionBegin;
  while (mtp_text_word(&keys, &key)) {
    while (!mtp_text_word(&row, &value)) {
      if (section_line(r, &row, &line)) continue;
      PetscCall(mtp_text_error(&r->t, line, "Features: no value for %s", mtp_span_quote(key).text));
      PetscFunctionReturn(0);
    }
    PetscCall(add_feature(r, key, value));
  }
  if (mtp_text_word(&row, &value))
    PetscCall(mtp_text_error(&r->t, r->t.line - 1, "Features: the value %s has no key",
                             mtp_span_quote(value).text));
  PetscFunctionReturn(0);
}

/* Configurations ----------------------------------------------------------------------------- */

/* Forgets the configuration being read. */
static PetscErrorCode forget(cfg_reader *r)
{
  PetscFunctionBegin;
  PetscCall(mtp_config_clear(&r->config));
  PetscCall(PetscArrayzero(r->line, SECTION_COUNT));
  r->direct = r->virial = r->lost = PETSC_FALSE;
  r->nfeature = 0;
  r->nerror = r->t.nerror;
  PetscFunctionReturn(0);
}

/* Fractional positions times the lattice; Virial over the volume, as MLIP takes it. */
static PetscErrorCode convert(cfg_reader *r)
{
  mtp_config *c = &r->config;
  PetscBool finite = PETSC_TRUE;

  PetscFunctionBegin;
  if (r->direct && c->nlattice != 3)
    PetscCall(mtp_text_error(&r->t, r->line[SECTION_ATOMS],
                             "direct positions need a Supercell of three vectors"));
  if (r->virial && c->nlattice != 3)
    PetscCall(mtp_text_error(&r->t, r->line[SECTION_STRESS],
                             "Virial needs a Supercell of three vectors, wanted PlusStress"));
  if (r->t.nerror != r->nerror) PetscFunctionReturn(0);
  for (int k = 0; k < 6 && r->virial; k++) c->stress[k] /= mtp_config_extent(c);
  for (PetscInt i = 0; i < c->n && r->direct; i++) {
    const PetscReal s[3] = {c->x[3 * i], c->x[3 * i + 1], c->x[3 * i + 2]};

    for (int a = 0; a < 3; a++)
      c->x[3 * i + a] = s[0] * c->h[0][a] + s[1] * c->h[1][a] + s[2] * c->h[2][a];
  }
  for (PetscInt k = 0; k < 6; k++)
    finite = (PetscBool)(finite && !PetscIsInfOrNanReal(c->stress[k]));
  for (PetscInt k = 0; k < 3 * c->n; k++)
    finite = (PetscBool)(finite && !PetscIsInfOrNanReal(c->x[k]));
  if (!finite)
    PetscCall(
        mtp_text_error(&r->t, r->line[SECTION_CELL],
                       "positions or stress are not finite after the conversion with Supercell"));
  PetscFunctionReturn(0);
}

static PetscErrorCode end_config(cfg_reader *r, PetscInt line)
{
  PetscFunctionBegin;
  if (!r->line[SECTION_SIZE])
    PetscCall(mtp_text_error(&r->t, line, "the configuration has no Size"));
  if (!r->line[SECTION_ATOMS])
    PetscCall(mtp_text_error(&r->t, line, "the configuration has no AtomData"));
  PetscCall(convert(r));
  if (r->t.nerror == r->nerror) PetscCall(mtp_config_list_take(r->list, &r->config));
  PetscCall(forget(r));
  PetscFunctionReturn(0);
}

/* A section word where none was wanted: BEGIN_CFG inside, or anything but it outside. */
static PetscErrorCode misplaced(cfg_reader *r, section s, mtp_span word, PetscInt line)
{
  PetscFunctionBegin;
  if (s == SECTION_BEGIN) {
    PetscCall(mtp_text_error(&r->t, line,
                             "BEGIN_CFG before the END_CFG of the configuration in line "
                             "%" PetscInt_FMT,
                             r->line[SECTION_BEGIN]));
    PetscCall(forget(r));
    r->line[SECTION_BEGIN] = line;
  } else if (!r->lost) {
    PetscCall(mtp_text_error(&r->t, line, "got %s, wanted %s", mtp_span_quote(word).text,
                             r->line[SECTION_BEGIN] ? "a section of a configuration or END_CFG"
                                                    : "BEGIN_CFG"));
    r->lost = PETSC_TRUE;
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode read_section(cfg_reader *r, section s, mtp_span word, mtp_span rest)
{
  PetscFunctionBegin;
  switch (s) {
  case SECTION_SIZE:
    PetscCall(read_size(r, rest));
    break;
  case SECTION_CELL:
    PetscCall(read_cell(r));
    break;
  case SECTION_ATOMS:
    PetscCall(read_atoms(r, rest));
    break;
  case SECTION_ENERGY:
    PetscCall(read_energy(r, rest));
    break;
  case SECTION_STRESS:
    r->virial = mtp_span_is(word, "Virial:");
    PetscCall(read_stress(r, r->virial ? "Virial" : "PlusStress", rest));
    break;
  case SECTION_MINUS:
    PetscCall(mtp_text_error(&r->t, r->t.line - 1,
                             "Stress is the negative of what is wanted, give PlusStress"));
    skip_rows(r);
    break;
  case SECTION_FEATURE:
    PetscCall(read_feature(r, rest));
    break;
  case SECTION_FEATURES:
    PetscCall(read_features(r, rest));
    break;
  default:
    SETERRQ(PETSC_COMM_SELF, PETSC_ERR_PLIB, "No section");
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode read_line(cfg_reader *r, mtp_span rest, PetscInt line)
{
  const PetscBool inside = (PetscBool)(r->line[SECTION_BEGIN] > 0);
  mtp_span word;
  section s;

  PetscFunctionBegin;
  if (!mtp_text_word(&rest, &word)) PetscFunctionReturn(0);
  s = find_section(word);
  if (s == SECTION_COUNT || (s == SECTION_BEGIN) == inside) {
    PetscCall(misplaced(r, s, word, line));
    PetscFunctionReturn(0);
  }
  r->lost = PETSC_FALSE;
  if (s == SECTION_BEGIN) r->nerror = r->t.nerror;
  if (r->line[s] && s != SECTION_FEATURE) {
    PetscCall(mtp_text_error(&r->t, line, "%.*s is given twice, first in line %" PetscInt_FMT,
                             (int)word.n, word.at, r->line[s]));
    if (s != SECTION_END) skip_rows(r);
    PetscFunctionReturn(0);
  }
  r->line[s] = line;
  if (s == SECTION_BEGIN) PetscFunctionReturn(0);
  PetscCall(s == SECTION_END ? end_config(r, line) : read_section(r, s, word, rest));
  PetscFunctionReturn(0);
}

/* Files that are not .cfg text at all: PETSC_TRUE and one message. */
static PetscErrorCode refuse_file(cfg_reader *r, PetscBool *refused)
{
  mtp_text rest = r->t;

  PetscFunctionBegin;
  *refused = PETSC_TRUE;
  mtp_text_skip(&rest);
  if (rest.at >= rest.end) {
    PetscCall(mtp_text_error(&r->t, 1, "the file is empty, wanted configurations: BEGIN_CFG ..."));
  } else {
    PetscCall(mtp_text_find_zero(&r->t, refused));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode read_configs(cfg_reader *r)
{
  PetscBool refused;
  mtp_span line;
  PetscInt number;

  PetscFunctionBegin;
  PetscCall(refuse_file(r, &refused));
  if (refused) PetscFunctionReturn(0);
  while (mtp_text_line(&r->t, &line, &number)) PetscCall(read_line(r, line, number));
  if (r->line[SECTION_BEGIN])
    PetscCall(mtp_text_error(&r->t, r->t.line,
                             "the file ends inside the configuration that begins in line "
                             "%" PetscInt_FMT,
                             r->line[SECTION_BEGIN]));
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_cfg_parse(const char *name, const char *text, size_t length,
                             mtp_config_list *list, mtp_diag *diag)
{
  cfg_reader r = {.t = {.name = name, .at = text, .end = text + length, .line = 1, .diag = diag},
                  .list = list};
  PetscErrorCode ierr;
  locale_t old;

  PetscFunctionBegin;
  if (length > 0 && text[0] == 'n') {
    PetscCall(mtp__cfg_parse_binary(name, text, length, list, diag));
    PetscFunctionReturn(0);
  }
  PetscCall(mtp_text_locale_push(&old));
  ierr = read_configs(&r);
  mtp_text_locale_pop(old);
  PetscCall(mtp_config_clear(&r.config));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_cfg_read(const char *path, mtp_config_list *list, mtp_diag *diag)
{
  PetscErrorCode ierr = 0;
  size_t length;
  char *text;

  PetscFunctionBegin;
  PetscCall(mtp_text_load(path, &text, &length, diag));
  if (text) ierr = mtp_cfg_parse(path, text, length, list, diag);
  PetscCall(PetscFree(text));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}
