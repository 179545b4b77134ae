/* mtp/mtp_cfg_binary.c - MLIP's binary .cfg: one letter, then bytes, record after record
 *
 *   n  int32 atoms, first                        l  9 doubles, lattice rows; must be there
 *   p  [n,3] doubles, positions; must be there   t  [n] int32 types; absent: all 0
 *   f m d  [n,3] doubles: forces, moments, dE/dm v c  [n] doubles: site energies, charges
 *   g  [n] characters '0', '1': ghosts           s  6 doubles, PlusStress xx yy zz xy yz xz
 *   e  double, energy                            F  int32 length, key, int32 length, value
 *   #  end of the configuration
 *
 * Integers and doubles are little-endian whatever the machine.  Behind n records may stand in any
 * order, blanks between them (MLIP steps over those); a lattice vector that is zero is not
 * periodic.  There is no record for extrapolation grades.
 *
 * Nothing is allocated before the bytes that a count speaks of are there.  A wrong value is
 * reported and reading goes on; where the next record begins cannot be known (an unknown letter,
 * the end of the file), reading ends.  Messages name the byte, counted from 0.
 */
#include "mtp/mtp_config_impl.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

/* Records that hold one field of the configuration for each atom: the place in the table. */
static const struct {
  char tag;
  int field;
  const char *name;
} field_records[] = {{'p', 0, "positions"},     {'f', 2, "forces"},
                     {'m', 4, "moments"},       {'d', 5, "derivatives by moments"},
                     {'v', 1, "site energies"}, {'c', 3, "charges"}};
enum { NFIELD_RECORD = sizeof(field_records) / sizeof(field_records[0]) };

/* Place of the k-th stress in our order xx yy zz yz xz xy */
static const int stress_place[6] = {0, 1, 2, 5, 3, 4};

typedef struct {
  const char *name;
  const unsigned char *begin, *at, *end;
  mtp_diag *diag;
  mtp_config_list *list;
  mtp_config config;   /* the one being read */
  size_t seen[1 << 7]; /* place of the record of this letter + 1; 0: not yet */
  PetscInt nerror;     /* messages about this configuration */
  PetscBool stop;
} binary_reader;

/* Bytes -------------------------------------------------------------------------------------- */

static size_t place(const binary_reader *r)
{
  return (size_t)(r->at - r->begin);
}

static size_t bytes_left(const binary_reader *r)
{
  return (size_t)(r->end - r->at);
}

/* A message at a byte of the file. */
static PetscErrorCode error_at(binary_reader *r, size_t byte, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static PetscErrorCode error_at(binary_reader *r, size_t byte, const char *format, ...)
{
  char message[384];
  va_list args;

  PetscFunctionBegin;
  r->nerror++;
  if (r->diag->n >= MTP_DIAG_MAX) PetscFunctionReturn(0); /* it would be dropped */
  va_start(args, format);
  (void)vsnprintf(message, sizeof(message), format, args);
  va_end(args);
  PetscCall(mtp_diag_add(r->diag, r->name, 0, 0, "byte %zu: %s", byte, message));
  PetscFunctionReturn(0);
}

/* Are `count` things of `size` bytes left?  If not, a message, and reading ends. */
static PetscErrorCode need(binary_reader *r, size_t count, size_t size, const char *what,
                           PetscBool *enough)
{
  PetscFunctionBegin;
  *enough = (PetscBool)(bytes_left(r) / size >= count);
  if (*enough) PetscFunctionReturn(0);
  r->stop = PETSC_TRUE;
  PetscCall(error_at(r, place(r), "%s: %zu bytes are left, wanted %zu times %zu", what,
                     bytes_left(r), count, size));
  PetscFunctionReturn(0);
}

static uint64_t take_bits(binary_reader *r, int nbyte)
{
  uint64_t bits = 0;

  for (int k = 0; k < nbyte; k++) bits |= (uint64_t)r->at[k] << (8 * k);
  r->at += nbyte;
  return bits;
}

static int32_t take_int(binary_reader *r)
{
  const uint32_t bits = (uint32_t)take_bits(r, 4);
  int32_t value;

  memcpy(&value, &bits, sizeof(value));
  return value;
}

/* n numbers, which must be finite; the bytes are there. */
static PetscErrorCode take_reals(binary_reader *r, const char *what, size_t n, PetscReal out[])
{
  PetscFunctionBegin;
  for (size_t k = 0; k < n; k++) {
    const uint64_t bits = take_bits(r, 8);
    double value;

    memcpy(&value, &bits, sizeof(value));
    if (PetscIsInfOrNanReal((PetscReal)value)) {
      PetscCall(error_at(r, place(r) - 8, "%s, number %zu: %g, wanted a finite number", what, k + 1,
                         value));
      value = 0.0;
    }
    out[k] = (PetscReal)value;
  }
  PetscFunctionReturn(0);
}

/* Records ------------------------------------------------------------------------------------ */

/* The count is believed when the positions, which must follow, can still be there. */
static PetscErrorCode read_size(binary_reader *r)
{
  const size_t byte = place(r);
  PetscBool enough;
  int32_t n;

  PetscFunctionBegin;
  PetscCall(need(r, 1, 4, "number of atoms", &enough));
  if (!enough) PetscFunctionReturn(0);
  n = take_int(r);
  if (n > 0 && bytes_left(r) / 24 >= (size_t)n) {
    r->config.n = n;
    PetscFunctionReturn(0);
  }
  r->stop = PETSC_TRUE;
  PetscCall(error_at(r, byte,
                     "%ld atoms and %zu bytes behind, wanted 1 or more atoms and 24 bytes for each "
                     "(a file that begins with 'n' is a binary .cfg)",
                     (long)n, bytes_left(r)));
  PetscFunctionReturn(0);
}

static PetscErrorCode read_lattice(binary_reader *r)
{
  const size_t byte = place(r);
  const PetscInt before = r->nerror;
  PetscReal(*h)[3] = r->config.h;
  PetscBool enough;

  PetscFunctionBegin;
  PetscCall(need(r, 9, 8, "lattice", &enough));
  if (!enough) PetscFunctionReturn(0);
  PetscCall(take_reals(r, "lattice", 9, &h[0][0]));
  for (PetscInt a = 0; a < 3; a++) {
    if (h[a][0] != 0.0 || h[a][1] != 0.0 || h[a][2] != 0.0) r->config.nlattice = a + 1;
  }
  if (r->nerror == before && !(mtp_config_extent(&r->config) > 0.0))
    PetscCall(error_at(r, byte, "lattice vectors depend on each other, wanted none that do"));
  PetscFunctionReturn(0);
}

static PetscErrorCode read_field(binary_reader *r, int record)
{
  const mtp_config_field *field = &mtp__config_fields[field_records[record].field];
  const size_t n = (size_t)r->config.n * (size_t)field->width;
  PetscReal **values = mtp__config_array(&r->config, field);
  PetscBool enough;

  PetscFunctionBegin;
  PetscCall(need(r, n, 8, field_records[record].name, &enough));
  if (!enough) PetscFunctionReturn(0);
  PetscCall(PetscMalloc1(n, values));
  PetscCall(take_reals(r, field_records[record].name, n, *values));
  PetscFunctionReturn(0);
}

static PetscErrorCode read_types(binary_reader *r)
{
  PetscBool enough;

  PetscFunctionBegin;
  PetscCall(need(r, (size_t)r->config.n, 4, "types", &enough));
  if (!enough) PetscFunctionReturn(0);
  PetscCall(PetscMalloc1((size_t)r->config.n, &r->config.type));
  for (PetscInt i = 0; i < r->config.n; i++) {
    r->config.type[i] = take_int(r);
    if (r->config.type[i] >= 0) continue;
    PetscCall(error_at(r, place(r) - 4,
                       "types, atom %" PetscInt_FMT ": %" PetscInt_FMT ", wanted 0 or more", i + 1,
                       r->config.type[i]));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode read_ghosts(binary_reader *r)
{
  PetscBool enough;

  PetscFunctionBegin;
  PetscCall(need(r, (size_t)r->config.n, 1, "ghost flags", &enough));
  if (!enough) PetscFunctionReturn(0);
  PetscCall(PetscMalloc1((size_t)r->config.n, &r->config.ghost));
  for (PetscInt i = 0; i < r->config.n; i++) {
    const unsigned char flag = *r->at++;

    r->config.ghost[i] = flag == '1';
    if (flag == '0' || flag == '1') continue;
    PetscCall(error_at(r, place(r) - 1,
                       "ghost flags, atom %" PetscInt_FMT ": the byte %d, wanted '0' or '1'", i + 1,
                       flag));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode read_energy(binary_reader *r)
{
  PetscBool enough;

  PetscFunctionBegin;
  PetscCall(need(r, 1, 8, "energy", &enough));
  if (!enough) PetscFunctionReturn(0);
  PetscCall(take_reals(r, "energy", 1, &r->config.energy));
  r->config.has_energy = PETSC_TRUE;
  PetscFunctionReturn(0);
}

static PetscErrorCode read_stress(binary_reader *r)
{
  PetscReal value[6];
  PetscBool enough;

  PetscFunctionBegin;
  PetscCall(need(r, 6, 8, "stress", &enough));
  if (!enough) PetscFunctionReturn(0);
  PetscCall(take_reals(r, "stress", 6, value));
  for (int k = 0; k < 6; k++) r->config.stress[stress_place[k]] = value[k];
  r->config.has_stress = PETSC_TRUE;
  PetscFunctionReturn(0);
}

/* A length and as many bytes. */
static PetscErrorCode take_piece(binary_reader *r, const char *what, mtp_span *piece)
{
  PetscBool enough;
  size_t byte;
  int32_t n;

  PetscFunctionBegin;
  *piece = (mtp_span){NULL, 0};
  PetscCall(need(r, 1, 4, what, &enough));
  if (!enough) PetscFunctionReturn(0);
  byte = place(r);
  n = take_int(r);
  if (n < 0 || bytes_left(r) < (size_t)n) {
    r->stop = PETSC_TRUE;
    PetscCall(
        error_at(r, byte, "%s: length %ld, but %zu bytes are left", what, (long)n, bytes_left(r)));
    PetscFunctionReturn(0);
  }
  *piece = (mtp_span){(const char *)r->at, (size_t)n};
  r->at += n;
  PetscFunctionReturn(0);
}

/* What a key must not have: text .cfg escapes blanks, tabs and ends of lines, but other characters
   that separate words it cannot hold. */
static PetscBool is_bad_key(mtp_span key)
{
  for (size_t i = 0; i < key.n; i++) {
    if (key.at[i] == 0 || key.at[i] == '\v' || key.at[i] == '\f') return PETSC_TRUE;
  }
  return (PetscBool)(key.n == 0);
}

/* Carriage returns at the ends of lines come from text with line ends of Windows; the reader of
   text drops them too. */
static void drop_returns(char *value)
{
  char *out = value;

  for (const char *in = value; *in; in++) {
    const char *next = in + strspn(in, "\r");

    if (*next == '\n' || !*next) in = next;
    if (!*in) break;
    *out++ = *in;
  }
  *out = 0;
}

/* Copies key and value into the configuration. */
static PetscErrorCode add_feature(binary_reader *r, mtp_span key_bytes, mtp_span value_bytes,
                                  PetscBool *twice)
{
  PetscErrorCode ierr;
  char *key, *value;

  PetscFunctionBegin;
  *twice = PETSC_FALSE;
  PetscCall(mtp_span_copy(key_bytes, &key));
  *twice = (PetscBool)(mtp_config_feature(&r->config, key) != NULL);
  ierr = mtp_span_copy(value_bytes, &value);
  if (!ierr) {
    drop_returns(value);
    if (!*twice) ierr = mtp_config_add_feature(&r->config, key, value);
    PetscCall(PetscFree(value));
  }
  PetscCall(PetscFree(key));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

static PetscErrorCode read_feature(binary_reader *r)
{
  const size_t byte = place(r);
  PetscBool twice;
  mtp_span key, value;

  PetscFunctionBegin;
  PetscCall(take_piece(r, "key of a feature", &key));
  if (r->stop) PetscFunctionReturn(0);
  PetscCall(take_piece(r, "value of a feature", &value));
  if (r->stop) PetscFunctionReturn(0);
  if (is_bad_key(key) || (value.n > 0 && memchr(value.at, 0, value.n))) {
    PetscCall(error_at(r, byte, "feature %s, wanted a key and a value of text",
                       mtp_span_quote(key).text));
    PetscFunctionReturn(0);
  }
  if (r->config.nfeature >= MTP_MAX_FEATURES) {
    r->stop = PETSC_TRUE;
    PetscCall(error_at(r, byte, "more than %d features in a configuration", MTP_MAX_FEATURES));
    PetscFunctionReturn(0);
  }
  PetscCall(add_feature(r, key, value, &twice));
  if (twice) PetscCall(error_at(r, byte, "feature %s is given twice", mtp_span_quote(key).text));
  PetscFunctionReturn(0);
}

/* Configurations ----------------------------------------------------------------------------- */

static PetscErrorCode read_record(binary_reader *r, char tag)
{
  PetscFunctionBegin;
  for (int k = 0; k < NFIELD_RECORD; k++) {
    if (field_records[k].tag != tag) continue;
    PetscCall(read_field(r, k));
    PetscFunctionReturn(0);
  }
  switch (tag) {
  case 'n':
    PetscCall(read_size(r));
    break;
  case 'l':
    PetscCall(read_lattice(r));
    break;
  case 't':
    PetscCall(read_types(r));
    break;
  case 'g':
    PetscCall(read_ghosts(r));
    break;
  case 's':
    PetscCall(read_stress(r));
    break;
  case 'e':
    PetscCall(read_energy(r));
    break;
  case 'F':
    PetscCall(read_feature(r));
    break;
  default:
    SETERRQ(PETSC_COMM_SELF, PETSC_ERR_PLIB, "No record");
  }
  PetscFunctionReturn(0);
}

/* Behind '#': a configuration without problems goes to the list. */
static PetscErrorCode end_config(binary_reader *r)
{
  PetscFunctionBegin;
  for (const char *tag = "lp"; *tag; tag++) {
    if (r->seen[(int)*tag]) continue;
    PetscCall(error_at(r, place(r) - 1, "the configuration ends without record '%c' (%s)", *tag,
                       *tag == 'l' ? "lattice" : "positions"));
  }
  if (r->nerror == 0 && !r->config.type)
    PetscCall(PetscCalloc1((size_t)r->config.n, &r->config.type));
  if (r->nerror == 0) PetscCall(mtp_config_list_take(r->list, &r->config));
  PetscCall(mtp_config_clear(&r->config));
  PetscCall(PetscArrayzero(r->seen, sizeof(r->seen) / sizeof(r->seen[0])));
  r->nerror = 0;
  PetscFunctionReturn(0);
}

/* A letter where a record begins. */
static PetscErrorCode read_tag(binary_reader *r)
{
  const size_t byte = place(r);
  const unsigned char tag = *r->at++;
  const PetscBool inside = (PetscBool)(r->seen['n'] > 0);

  PetscFunctionBegin;
  if (inside && tag == '#') {
    PetscCall(end_config(r));
    PetscFunctionReturn(0);
  }
  if ((inside && (tag == 0 || !strchr("lptfmdvcgseF", tag))) || (!inside && tag != 'n')) {
    const char letter[1] = {(char)tag};

    r->stop = PETSC_TRUE;
    PetscCall(error_at(r, byte, "%s, wanted %s", mtp_span_quote((mtp_span){letter, 1}).text,
                       inside ? "one of the letters of a record (l p t f m d v c g s e F #)"
                              : "'n', which begins a configuration"));
    PetscFunctionReturn(0);
  }
  if (tag != 'F' && r->seen[tag]) {
    r->stop = PETSC_TRUE;
    PetscCall(
        error_at(r, byte, "record '%c' a second time, first at byte %zu", tag, r->seen[tag] - 1));
    PetscFunctionReturn(0);
  }
  r->seen[tag] = byte + 1;
  PetscCall(read_record(r, (char)tag));
  PetscFunctionReturn(0);
}

static PetscErrorCode read_configs(binary_reader *r)
{
  PetscFunctionBegin;
  while (!r->stop) {
    while (r->at < r->end && (*r->at == '\n' || mtp_text_is_blank((char)*r->at))) r->at++;
    if (r->at >= r->end) break;
    PetscCall(read_tag(r));
  }
  if (!r->stop && r->seen['n'])
    PetscCall(error_at(r, place(r),
                       "the file ends, wanted '#', the end of the configuration that "
                       "begins at byte %zu",
                       r->seen['n'] - 1));
  PetscFunctionReturn(0);
}

PetscErrorCode mtp__cfg_parse_binary(const char *name, const char *bytes, size_t length,
                                     mtp_config_list *list, mtp_diag *diag)
{
  const unsigned char *begin = (const unsigned char *)bytes;
  binary_reader r = {
      .name = name, .begin = begin, .at = begin, .end = begin + length, .diag = diag, .list = list};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  ierr = read_configs(&r);
  PetscCall(mtp_config_clear(&r.config));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* Writing ------------------------------------------------------------------------------------ */

static void put_bits(FILE *out, uint64_t bits, int nbyte)
{
  for (int k = 0; k < nbyte; k++) (void)fputc((int)((bits >> (8 * k)) & 255), out);
}

static void put_int(FILE *out, PetscInt value)
{
  put_bits(out, (uint64_t)(int64_t)value, 4);
}

static void put_reals(FILE *out, PetscInt n, const PetscReal v[])
{
  for (PetscInt k = 0; k < n; k++) {
    const double value = (double)v[k];
    uint64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    put_bits(out, bits, 8);
  }
}

static void put_piece(FILE *out, const char *text)
{
  put_int(out, (PetscInt)strlen(text));
  (void)fputs(text, out);
}

/* Per atom, in MLIP's order: p t f m d v c g */
static void write_atoms(const mtp_config *c, FILE *out)
{
  for (int k = 0; k < NFIELD_RECORD; k++) {
    const mtp_config_field *field = &mtp__config_fields[field_records[k].field];
    const PetscReal *values = mtp__config_values(c, field);

    if (!values) continue;
    (void)fputc(field_records[k].tag, out);
    put_reals(out, c->n * field->width, values);
    if (k > 0) continue;
    (void)fputc('t', out);
    for (PetscInt i = 0; i < c->n; i++) put_int(out, c->type[i]);
  }
  if (!c->ghost) return;
  (void)fputc('g', out);
  for (PetscInt i = 0; i < c->n; i++) (void)fputc(c->ghost[i] ? '1' : '0', out);
}

static void write_totals(const mtp_config *c, FILE *out)
{
  if (c->has_stress) {
    (void)fputc('s', out);
    for (int k = 0; k < 6; k++) put_reals(out, 1, &c->stress[stress_place[k]]);
  }
  if (c->has_energy) {
    (void)fputc('e', out);
    put_reals(out, 1, &c->energy);
  }
  for (PetscInt i = 0; i < c->nfeature; i++) {
    (void)fputc('F', out);
    put_piece(out, c->feature[i].key);
    put_piece(out, c->feature[i].value);
  }
}

static PetscErrorCode check(const mtp_config *c)
{
  PetscFunctionBegin;
  PetscCheck(c->n > 0 && (int64_t)c->n <= INT32_MAX, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "A configuration of %" PetscInt_FMT " atoms, wanted 1 to 2^31 - 1 for a binary .cfg",
             c->n);
  for (PetscInt i = 0; i < c->n; i++)
    PetscCheck(c->type[i] >= 0 && (int64_t)c->type[i] <= INT32_MAX, PETSC_COMM_SELF,
               PETSC_ERR_ARG_OUTOFRANGE,
               "Atom %" PetscInt_FMT " has type %" PetscInt_FMT
               ", wanted 0 to 2^31 - 1 for a binary .cfg",
               i + 1, c->type[i]);
  for (PetscInt i = 0; i < c->nfeature; i++)
    PetscCheck(c->feature[i].key[0] && strlen(c->feature[i].key) <= INT32_MAX &&
                   strlen(c->feature[i].value) <= INT32_MAX,
               PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG,
               "Feature %" PetscInt_FMT " has an empty key or is longer than 2^31 bytes", i + 1);
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_cfg_write_binary(const mtp_config *config, FILE *out)
{
  PetscFunctionBegin;
  PetscCall(check(config));
  (void)fputc('n', out);
  put_int(out, config->n);
  (void)fputc('l', out);
  put_reals(out, 9, &config->h[0][0]);
  write_atoms(config, out);
  write_totals(config, out);
  (void)fputc('#', out);
  PetscCheck(!ferror(out) && fflush(out) == 0, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE,
             "Cannot write a configuration of %" PetscInt_FMT " atoms", config->n);
  PetscFunctionReturn(0);
}
