/* mtp/mtp_xyz.c - extended XYZ: frames of a count, a comment of pairs, and one line an atom
 *
 * The comment says what the columns are (Properties), the cell (Lattice, pbc) and the totals
 * (energy, stress or virial); other pairs become features.  Frames follow each other without a
 * mark, so a wrong count ends the reading, while a wrong value is reported and the frame left out.
 * Conventions of ASE: stress is eV/A^3, tension positive; virial is eV, -dE/d(strain), the same as
 * PlusStress, and wins when both are there because nothing has to be computed.
 */
#include "mtp/mtp_config_impl.h"

#include <string.h>

enum { MAX_PROPERTIES = 64, MAX_COLUMNS = 1000 };
enum { KIND_SPECIES = MTP_CONFIG_NFIELD, KIND_GHOST, KIND_OTHER };

typedef struct {
  int kind;       /* a field of the table or one of the above */
  PetscInt width; /* columns */
  mtp_span name;
} property;

typedef struct {
  mtp_text t;
  PetscInt nspecies;
  const char *const *species;
  mtp_config_list *list;
  mtp_config config;
  PetscInt n, line; /* atoms of the frame; line of its comment */
  property properties[MAX_PROPERTIES];
  PetscInt nproperty, ncolumn, nfeature;
  PetscBool has_lattice, has_pbc, has_stress, has_virial, has_properties;
  PetscBool pbc[3];
  PetscReal lattice[3][3]; /* [Å] as given, also of directions that are not periodic */
  PetscReal stress[6];     /* [eV/Å^3] ASE's sign, our order */
} xyz_reader;

/* The comment -------------------------------------------------------------------------------- */

static PetscBool is_quote(char c)
{
  return (PetscBool)(c == '"' || c == '\'');
}

/* Cuts a key or value off the front: quoted, in braces, or up to a blank or `stop`.
   *closed is PETSC_FALSE when the quote is not. */
static mtp_span cut_piece(mtp_span *rest, char stop, PetscBool *quoted, PetscBool *closed)
{
  const char open = (char)(rest->n ? *rest->at : 0);
  const char close = (char)(open == '{' ? '}' : open == '[' ? ']' : open);
  mtp_span piece = {rest->at, 0};

  *quoted = (PetscBool)(is_quote(open) || open == '{' || open == '[');
  *closed = PETSC_TRUE;
  if (*quoted) {
    piece.at++;
    while (piece.n + 1 < rest->n && piece.at[piece.n] != close)
      piece.n += piece.at[piece.n] == '\\' && is_quote(open) && piece.n + 2 < rest->n ? 2 : 1;
    *closed = (PetscBool)(piece.n + 1 < rest->n);
    if (!*closed) piece.n = rest->n - 1;
    rest->at += piece.n + (*closed ? 2 : 1);
    rest->n -= piece.n + (*closed ? 2 : 1);
    return piece;
  }
  while (piece.n < rest->n && piece.at[piece.n] != stop && !mtp_text_is_blank(piece.at[piece.n]))
    piece.n++;
  rest->at += piece.n;
  rest->n -= piece.n;
  return piece;
}

/* \" \\ \n of a quoted piece, in place */
static void unescape(char *text)
{
  char *out = text;

  for (const char *in = text; *in; in++) {
    if (*in == '\\' && in[1]) {
      in++;
      *out++ = (char)(*in == 'n' ? '\n' : *in);
    } else {
      *out++ = *in;
    }
  }
  *out = 0;
}

/* Numbers between blanks or commas; *n is how many there are, also beyond `most`. */
static PetscErrorCode comment_numbers(xyz_reader *r, const char *key, mtp_span value, PetscInt most,
                                      PetscReal out[], PetscInt *n)
{
  mtp_span word;
  PetscBool quoted, closed;

  PetscFunctionBegin;
  for (*n = 0;; (*n)++) {
    PetscReal number;

    while (value.n > 0 && (*value.at == ',' || mtp_text_is_blank(*value.at))) {
      value.at++;
      value.n--;
    }
    if (value.n == 0) break;
    word = cut_piece(&value, ',', &quoted, &closed);
    if (mtp_text_real(word, &number) != MTP_NUMBER_OK)
      PetscCall(mtp_text_error(&r->t, r->line, "%s: got %s, wanted a finite number", key,
                               mtp_span_quote(word).text));
    if (*n < most) out[*n] = number;
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode read_lattice(xyz_reader *r, mtp_span value)
{
  PetscReal v[9] = {0};
  PetscInt n;

  PetscFunctionBegin;
  PetscCall(comment_numbers(r, "Lattice", value, 9, v, &n));
  if (n != 9)
    PetscCall(mtp_text_error(&r->t, r->line, "Lattice has %" PetscInt_FMT " numbers, wanted 9", n));
  for (int k = 0; k < 9; k++) r->lattice[k / 3][k % 3] = v[k];
  r->has_lattice = PETSC_TRUE;
  PetscFunctionReturn(0);
}

static PetscErrorCode read_pbc(xyz_reader *r, mtp_span value)
{
  const char *const yes[] = {"T", "True", "true", "1"}, *const no[] = {"F", "False", "false", "0"};
  mtp_span word, rest = value;
  PetscBool quoted, closed, known = PETSC_TRUE;
  PetscInt n = 0;

  PetscFunctionBegin;
  for (;; n++) {
    PetscBool on = PETSC_FALSE, off = PETSC_FALSE;

    while (rest.n > 0 && (*rest.at == ',' || mtp_text_is_blank(*rest.at))) {
      rest.at++;
      rest.n--;
    }
    if (rest.n == 0) break;
    word = cut_piece(&rest, ',', &quoted, &closed);
    for (int k = 0; k < 4; k++) {
      on = (PetscBool)(on || mtp_span_is(word, yes[k]));
      off = (PetscBool)(off || mtp_span_is(word, no[k]));
    }
    known = (PetscBool)(known && (on || off));
    if (n < 3) r->pbc[n] = on;
  }
  if (n != 3 || !known)
    PetscCall(mtp_text_error(&r->t, r->line, "pbc is %s, wanted three of T and F",
                             mtp_span_quote(value).text));
  r->has_pbc = PETSC_TRUE;
  PetscFunctionReturn(0);
}

/* Nine numbers (rows) or six (xx yy zz yz xz xy) to six. */
static PetscErrorCode read_tensor(xyz_reader *r, const char *key, mtp_span value, PetscReal out[6])
{
  PetscReal v[9] = {0};
  PetscInt n;

  PetscFunctionBegin;
  PetscCall(comment_numbers(r, key, value, 9, v, &n));
  if (n != 9 && n != 6)
    PetscCall(
        mtp_text_error(&r->t, r->line, "%s has %" PetscInt_FMT " numbers, wanted 9 or 6", key, n));
  if (n == 6) PetscCall(PetscArraycpy(out, v, 6));
  if (n == 9) {
    const PetscReal symmetric[6] = {v[0],
                                    v[4],
                                    v[8],
                                    0.5 * v[5] + 0.5 * v[7],
                                    0.5 * v[2] + 0.5 * v[6],
                                    0.5 * v[1] + 0.5 * v[3]};

    PetscCall(PetscArraycpy(out, symmetric, 6));
  }
  PetscFunctionReturn(0);
}

/* Properties --------------------------------------------------------------------------------- */

static int find_kind(mtp_span name)
{
  if (mtp_span_is(name, "species") || mtp_span_is(name, "element")) return KIND_SPECIES;
  if (mtp_span_is(name, "ghost")) return KIND_GHOST;
  for (int k = 0; k < MTP_CONFIG_NFIELD; k++) {
    for (int a = 0; a < 4 && mtp__config_fields[k].xyz[a]; a++) {
      if (mtp_span_is(name, mtp__config_fields[k].xyz[a])) return k;
    }
  }
  return KIND_OTHER;
}

static PetscInt kind_width(int kind)
{
  return kind < MTP_CONFIG_NFIELD ? mtp__config_fields[kind].width : 1;
}

/* The piece up to the next colon. */
static mtp_span cut_colon(mtp_span *rest)
{
  mtp_span piece = {rest->at, 0};

  while (piece.n < rest->n && piece.at[piece.n] != ':') piece.n++;
  rest->at += piece.n < rest->n ? piece.n + 1 : piece.n;
  rest->n -= piece.n < rest->n ? piece.n + 1 : piece.n;
  return piece;
}

static PetscBool is_type(char c)
{
  return (PetscBool)(c == 'S' || c == 'R' || c == 'I' || c == 'L');
}

static PetscErrorCode add_property(xyz_reader *r, mtp_span name, mtp_span type, mtp_span columns)
{
  property p = {find_kind(name), 0, name};

  PetscFunctionBegin;
  if (mtp_text_int(columns, &p.width) != MTP_NUMBER_OK || p.width < 1 ||
      p.width > MAX_COLUMNS - r->ncolumn || type.n != 1 || !is_type(*type.at) || name.n == 0) {
    PetscCall(mtp_text_error(&r->t, r->line,
                             "Properties: got %s with type %s and %s columns, wanted "
                             "name:S, R, I or L:number of columns",
                             mtp_span_quote(name).text, mtp_span_quote(type).text,
                             mtp_span_quote(columns).text));
    PetscFunctionReturn(0);
  }
  /* ASE writes collinear moments as one column; a configuration has no place for them. */
  if (p.kind < MTP_CONFIG_NFIELD && &mtp__config_fields[p.kind] == &mtp__config_fields[4] &&
      p.width == 1)
    p.kind = KIND_OTHER;
  if (p.kind != KIND_OTHER && p.width != kind_width(p.kind))
    PetscCall(mtp_text_error(&r->t, r->line,
                             "Properties: %s has %" PetscInt_FMT " columns, wanted %" PetscInt_FMT,
                             mtp_span_quote(name).text, p.width, kind_width(p.kind)));
  for (PetscInt k = 0; k < r->nproperty; k++) {
    if (p.kind != KIND_OTHER && r->properties[k].kind == p.kind)
      PetscCall(mtp_text_error(&r->t, r->line, "Properties: %s is given twice",
                               mtp_span_quote(name).text));
  }
  r->properties[r->nproperty++] = p;
  r->ncolumn += p.width;
  PetscFunctionReturn(0);
}

static PetscErrorCode read_properties(xyz_reader *r, mtp_span value)
{
  PetscBool have[KIND_OTHER + 1] = {PETSC_FALSE};
  const PetscInt before = r->t.nerror;

  PetscFunctionBegin;
  r->has_properties = PETSC_TRUE;
  while (value.n > 0 && r->nproperty < MAX_PROPERTIES) {
    const mtp_span name = cut_colon(&value), type = cut_colon(&value), n = cut_colon(&value);

    PetscCall(add_property(r, name, type, n));
    if (r->t.nerror > before) PetscFunctionReturn(0);
  }
  if (value.n > 0)
    PetscCall(
        mtp_text_error(&r->t, r->line, "Properties has more than %d entries", (int)MAX_PROPERTIES));
  for (PetscInt k = 0; k < r->nproperty; k++) have[r->properties[k].kind] = PETSC_TRUE;
  if (!have[0] || !have[KIND_SPECIES])
    PetscCall(mtp_text_error(&r->t, r->line, "Properties has no %s",
                             have[0] ? "species:S:1" : "pos:R:3"));
  PetscFunctionReturn(0);
}

/* Pairs -------------------------------------------------------------------------------------- */

static PetscErrorCode read_energy(xyz_reader *r, mtp_span value)
{
  PetscFunctionBegin;
  if (mtp_text_real(mtp_text_trim(value), &r->config.energy) != MTP_NUMBER_OK)
    PetscCall(mtp_text_error(&r->t, r->line, "energy is %s, wanted a finite number of eV",
                             mtp_span_quote(value).text));
  r->config.has_energy = PETSC_TRUE;
  PetscFunctionReturn(0);
}

static PetscErrorCode keep_feature(xyz_reader *r, const char *key, mtp_span value, PetscBool quoted)
{
  PetscErrorCode ierr;
  char *text;

  PetscFunctionBegin;
  if (++r->nfeature > MTP_MAX_FEATURES) {
    if (r->nfeature == MTP_MAX_FEATURES + 1)
      PetscCall(
          mtp_text_error(&r->t, r->line, "more than %d features in a frame", MTP_MAX_FEATURES));
    PetscFunctionReturn(0);
  }
  PetscCall(mtp_span_copy(value, &text));
  if (quoted) unescape(text);
  ierr = mtp_config_add_feature(&r->config, key, text);
  PetscCall(PetscFree(text));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* One key=value of the comment. */
static PetscErrorCode use_pair(xyz_reader *r, const char *name, mtp_span value, PetscBool quoted)
{
  const mtp_span key = {name, strlen(name)};
  mtp_config *c = &r->config;
  PetscBool twice = PETSC_FALSE;

  PetscFunctionBegin;
  if (mtp_span_is(key, "Lattice")) {
    twice = r->has_lattice;
    PetscCall(read_lattice(r, value));
  } else if (mtp_span_is(key, "Properties")) {
    twice = r->has_properties;
    if (!twice) PetscCall(read_properties(r, value));
  } else if (mtp_span_is(key, "pbc")) {
    twice = r->has_pbc;
    PetscCall(read_pbc(r, value));
  } else if (mtp_span_is(key, "energy")) {
    twice = c->has_energy;
    PetscCall(read_energy(r, value));
  } else if (mtp_span_is(key, "stress")) {
    twice = r->has_stress;
    PetscCall(read_tensor(r, "stress", value, r->stress));
    r->has_stress = PETSC_TRUE;
  } else if (mtp_span_is(key, "virial")) {
    twice = r->has_virial;
    PetscCall(read_tensor(r, "virial", value, c->stress));
    r->has_virial = PETSC_TRUE;
  } else {
    PetscCall(keep_feature(r, name, value, quoted));
  }
  if (twice)
    PetscCall(mtp_text_error(&r->t, r->line, "%s is given twice", mtp_span_quote(key).text));
  PetscFunctionReturn(0);
}

static PetscErrorCode read_pairs(xyz_reader *r, mtp_span rest)
{
  PetscFunctionBegin;
  for (rest = mtp_text_trim(rest); rest.n > 0; rest = mtp_text_trim(rest)) {
    PetscBool key_quoted, quoted = PETSC_FALSE, closed, value_closed = PETSC_TRUE;
    const mtp_span key = cut_piece(&rest, '=', &key_quoted, &closed);
    mtp_span value = {"T", 1}; /* a key alone is a flag that is set */
    PetscErrorCode ierr;
    char *name;

    if (rest.n > 0 && *rest.at == '=') {
      rest.at++;
      rest.n--;
      value = cut_piece(&rest, ' ', &quoted, &value_closed);
    }
    if (!closed || !value_closed) {
      PetscCall(mtp_text_error(&r->t, r->line, "a quote or bracket is not closed: %s",
                               mtp_span_quote(closed ? value : key).text));
      PetscFunctionReturn(0);
    }
    if (key.n == 0) {
      PetscCall(mtp_text_error(&r->t, r->line, "the comment has a value %s without a key",
                               mtp_span_quote(value).text));
      continue;
    }
    PetscCall(mtp_span_copy(key, &name));
    if (key_quoted) unescape(name);
    ierr = use_pair(r, name, value, quoted);
    PetscCall(PetscFree(name));
    PetscCall(ierr);
  }
  PetscFunctionReturn(0);
}

/* The whole comment; one without any '=' is the free text of plain XYZ. */
static PetscErrorCode read_comment(xyz_reader *r, mtp_span comment)
{
  static const char plain[] = "species:S:1:pos:R:3";

  PetscFunctionBegin;
  comment = mtp_text_trim(comment);
  if (comment.n > 0 && memchr(comment.at, '=', comment.n))
    PetscCall(read_pairs(r, comment));
  else if (comment.n > 0)
    PetscCall(keep_feature(r, "comment", comment, PETSC_FALSE));
  if (!r->has_properties) PetscCall(read_properties(r, (mtp_span){plain, sizeof(plain) - 1}));
  PetscFunctionReturn(0);
}

/* Periodic directions first: the order of lattice vectors means nothing. */
static PetscErrorCode set_cell(xyz_reader *r)
{
  mtp_config *c = &r->config;
  mtp_config full = {.nlattice = 3};
  const PetscInt before = r->t.nerror;

  PetscFunctionBegin;
  for (int a = 0; a < 3; a++) {
    if (r->has_pbc ? !r->pbc[a] : !r->has_lattice) continue;
    for (int b = 0; b < 3; b++) c->h[c->nlattice][b] = r->lattice[a][b];
    c->nlattice++;
  }
  if (c->nlattice > 0 && !r->has_lattice)
    PetscCall(
        mtp_text_error(&r->t, r->line, "pbc has a periodic direction, but there is no Lattice"));
  else if (!(mtp_config_extent(c) > 0.0))
    PetscCall(mtp_text_error(&r->t, r->line,
                             "Lattice has vectors that depend on each other, wanted none"));
  c->has_stress = (PetscBool)(r->has_virial || r->has_stress);
  if (r->t.nerror > before || r->has_virial || !r->has_stress) PetscFunctionReturn(0);
  PetscCall(PetscArraycpy(&full.h[0][0], &r->lattice[0][0], 9));
  if (!r->has_lattice || !(mtp_config_extent(&full) > 0.0))
    PetscCall(mtp_text_error(&r->t, r->line, "stress needs a Lattice with a volume"));
  for (int k = 0; k < 6; k++) {
    c->stress[k] = -mtp_config_extent(&full) * r->stress[k];
    if (PetscIsInfOrNanReal(c->stress[k]))
      PetscCall(mtp_text_error(&r->t, r->line, "stress times the volume is not finite"));
  }
  PetscFunctionReturn(0);
}

/* Atoms -------------------------------------------------------------------------------------- */

static PetscErrorCode allocate(xyz_reader *r)
{
  mtp_config *c = &r->config;

  PetscFunctionBegin;
  c->n = r->n;
  PetscCall(PetscCalloc1((size_t)c->n, &c->type));
  PetscCall(PetscCalloc1((size_t)c->n, &c->element));
  for (PetscInt k = 0; k < r->nproperty; k++) {
    const property *p = &r->properties[k];

    if (p->kind == KIND_GHOST) PetscCall(PetscCalloc1((size_t)c->n, &c->ghost));
    if (p->kind < MTP_CONFIG_NFIELD)
      PetscCall(PetscCalloc1((size_t)(c->n * p->width),
                             mtp__config_array(c, &mtp__config_fields[p->kind])));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode store_species(xyz_reader *r, PetscInt i, PetscInt line, mtp_span word)
{
  mtp_config *c = &r->config;
  PetscInt type = 0;

  PetscFunctionBegin;
  while (type < r->nspecies && !mtp_span_is(word, r->species[type])) type++;
  if (type == r->nspecies || word.n >= sizeof(c->element[i])) {
    PetscCall(mtp_text_error(&r->t, line,
                             "atom %" PetscInt_FMT ": got the element %s, which is not among the "
                             "species asked for",
                             i + 1, mtp_span_quote(word).text));
    PetscFunctionReturn(0);
  }
  c->type[i] = type;
  PetscCall(PetscMemcpy(c->element[i], word.at, word.n));
  PetscFunctionReturn(0);
}

static PetscErrorCode store_value(xyz_reader *r, PetscInt i, PetscInt line, const property *p,
                                  PetscInt a, mtp_span word)
{
  mtp_config *c = &r->config;
  PetscReal value;

  PetscFunctionBegin;
  if (p->kind == KIND_OTHER) PetscFunctionReturn(0);
  if (p->kind == KIND_SPECIES) {
    PetscCall(store_species(r, i, line, word));
  } else if (p->kind == KIND_GHOST) {
    const PetscBool known = (PetscBool)(mtp_span_is(word, "0") || mtp_span_is(word, "1"));

    c->ghost[i] = mtp_span_is(word, "1");
    if (!known)
      PetscCall(mtp_text_error(&r->t, line, "atom %" PetscInt_FMT ": ghost is %s, wanted 0 or 1",
                               i + 1, mtp_span_quote(word).text));
  } else {
    if (mtp_text_real(word, &value) != MTP_NUMBER_OK)
      PetscCall(mtp_text_error(
          &r->t, line, "atom %" PetscInt_FMT ": %.*s is %s, wanted a finite number", i + 1,
          (int)PetscMin(p->name.n, 32), p->name.at, mtp_span_quote(word).text));
    (*mtp__config_array(c, &mtp__config_fields[p->kind]))[p->width * i + a] = value;
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode read_atom(xyz_reader *r, PetscInt i)
{
  mtp_span row = {r->t.at, 0}, word;
  PetscInt line = r->t.line, n = 0;

  PetscFunctionBegin;
  (void)mtp_text_line(&r->t, &row, &line);
  for (PetscInt k = 0; k < r->nproperty; k++) {
    for (PetscInt a = 0; a < r->properties[k].width && mtp_text_word(&row, &word); a++, n++)
      PetscCall(store_value(r, i, line, &r->properties[k], a, word));
  }
  while (mtp_text_word(&row, &word)) n++;
  if (n != r->ncolumn)
    PetscCall(mtp_text_error(&r->t, line,
                             "atom %" PetscInt_FMT " has %" PetscInt_FMT
                             " columns, wanted %" PetscInt_FMT " as Properties says",
                             i + 1, n, r->ncolumn));
  PetscFunctionReturn(0);
}

/* Frames ------------------------------------------------------------------------------------- */

/* How many lines follow, counted up to n. */
static PetscInt lines_left(const xyz_reader *r, PetscInt n)
{
  mtp_text t = r->t;
  mtp_span line;
  PetscInt number, k = 0;

  while (k < n && mtp_text_line(&t, &line, &number)) k++;
  return k;
}

static PetscErrorCode read_frame(xyz_reader *r)
{
  const PetscInt before = r->t.nerror;
  mtp_span comment = {r->t.at, 0}, row;
  PetscInt left, line;

  PetscFunctionBegin;
  r->line = r->t.line;
  (void)mtp_text_line(&r->t, &comment, &r->line);
  PetscCall(read_comment(r, comment));
  if (r->t.nerror == before) PetscCall(set_cell(r));
  left = lines_left(r, r->n);
  if (left < r->n) {
    PetscCall(mtp_text_error(&r->t, r->t.line + left,
                             "the file ends after %" PetscInt_FMT " atoms of %" PetscInt_FMT, left,
                             r->n));
    r->t.at = r->t.end;
    PetscFunctionReturn(0);
  }
  if (r->t.nerror > before) {
    for (PetscInt i = 0; i < r->n; i++) (void)mtp_text_line(&r->t, &row, &line);
    PetscFunctionReturn(0);
  }
  PetscCall(allocate(r));
  for (PetscInt i = 0; i < r->n; i++) PetscCall(read_atom(r, i));
  if (r->t.nerror == before) PetscCall(mtp_config_list_take(r->list, &r->config));
  PetscFunctionReturn(0);
}

/* Ready for the next frame. */
static PetscErrorCode forget(xyz_reader *r)
{
  PetscFunctionBegin;
  PetscCall(mtp_config_clear(&r->config));
  r->nproperty = r->ncolumn = r->nfeature = 0;
  r->has_lattice = r->has_pbc = r->has_stress = r->has_virial = r->has_properties = PETSC_FALSE;
  PetscCall(PetscArrayzero(&r->lattice[0][0], 9));
  PetscFunctionReturn(0);
}

static PetscErrorCode read_frames(xyz_reader *r)
{
  mtp_span line;
  PetscInt number, frames = 0;
  PetscBool zero;

  PetscFunctionBegin;
  PetscCall(mtp_text_find_zero(&r->t, &zero));
  if (zero) PetscFunctionReturn(0);
  while (mtp_text_line(&r->t, &line, &number)) {
    line = mtp_text_trim(line);
    if (line.n == 0) continue;
    if (mtp_text_int(line, &r->n) != MTP_NUMBER_OK || r->n < 1) {
      PetscCall(mtp_text_error(&r->t, number, "got %s, wanted the number of atoms, 1 or more",
                               mtp_span_quote(line).text));
      PetscFunctionReturn(0);
    }
    frames++;
    PetscCall(read_frame(r));
    PetscCall(forget(r));
  }
  if (frames == 0)
    PetscCall(mtp_text_error(&r->t, 1, "the file is empty, wanted frames of extended XYZ"));
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_xyz_parse(const char *name, const char *text, size_t length, PetscInt nspecies,
                             const char *const species[], mtp_config_list *list, mtp_diag *diag)
{
  xyz_reader r = {.t = {.name = name, .at = text, .end = text + length, .line = 1, .diag = diag},
                  .nspecies = nspecies,
                  .species = species,
                  .list = list};
  PetscErrorCode ierr;
  locale_t old;

  PetscFunctionBegin;
  PetscCall(mtp_text_locale_push(&old));
  ierr = read_frames(&r);
  mtp_text_locale_pop(old);
  PetscCall(mtp_config_clear(&r.config));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_xyz_read(const char *path, PetscInt nspecies, const char *const species[],
                            mtp_config_list *list, mtp_diag *diag)
{
  PetscErrorCode ierr = 0;
  size_t length;
  char *text;

  PetscFunctionBegin;
  PetscCall(mtp_text_load(path, &text, &length, diag));
  if (text) ierr = mtp_xyz_parse(path, text, length, nspecies, species, list, diag);
  PetscCall(PetscFree(text));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}
