#include "mtp/mtp_config.h"
#include "tests/unit/mtp/mtp_files.h"

static const char help[] =
    "Binary .cfg: exact bytes, every bit back, cut anywhere, messages with the byte\n";

/* Bytes with zeros among them. */
typedef struct {
  size_t n;
  char at[2048];
} bytes;

static void put(bytes *b, const void *data, size_t n)
{
  expect(b->n + n <= sizeof(b->at), "a test file fits");
  memcpy(b->at + b->n, data, n);
  b->n += n;
}

/* This machine is little-endian, or the test of exact bytes fails and says so. */
static void put_int(bytes *b, int32_t value)
{
  put(b, &value, sizeof(value));
}

static void put_reals(bytes *b, int n, const double v[])
{
  put(b, v, (size_t)n * sizeof(v[0]));
}

static void put_piece(bytes *b, const char *text)
{
  put_int(b, (int32_t)strlen(text));
  put(b, text, strlen(text));
}

static const double cell[9] = {4, 0, 0, 1, 5, 0, 0, 1, 8};
static const double x[6] = {0.5, 1, 1.5, -2, 0.25, 3}, force[6] = {1, 2, 3, -1, -2, -3};
static const double magmom[6] = {11, 12, 13, 31, 32, 33}, en_der_m[6] = {21, 22, 23, 41, 42, 43};
static const double site[2] = {-1.5, -2.5}, charge[2] = {0.5, -0.5}, energy = -3.25;
static const double stress[6] = {6, 5, 4, 1, 3, 2}; /* xx yy zz xy yz xz */

/* Two atoms with every record in MLIP's order.  Places: n 0, l 5, p 78, t 127, f 136, m 185, d 234,
   v 283, c 300, g 317, s 320, e 369, F 378, F 405, # 419 */
static bytes full(void)
{
  bytes b = {0};

  put(&b, "n", 1), put_int(&b, 2);
  put(&b, "l", 1), put_reals(&b, 9, cell);
  put(&b, "p", 1), put_reals(&b, 6, x);
  put(&b, "t", 1), put_int(&b, 3), put_int(&b, 0);
  put(&b, "f", 1), put_reals(&b, 6, force);
  put(&b, "m", 1), put_reals(&b, 6, magmom);
  put(&b, "d", 1), put_reals(&b, 6, en_der_m);
  put(&b, "v", 1), put_reals(&b, 2, site);
  put(&b, "c", 1), put_reals(&b, 2, charge);
  put(&b, "g01", 3);
  put(&b, "s", 1), put_reals(&b, 6, stress);
  put(&b, "e", 1), put_reals(&b, 1, &energy);
  put(&b, "F", 1), put_piece(&b, "EFS_by"), put_piece(&b, "two\nlines   ");
  put(&b, "F", 1), put_piece(&b, "a key"), put_piece(&b, "");
  put(&b, "#", 1);
  expect(b.n == 420, "the places in these tests are right");
  return b;
}

/* From a block of exactly this size, so that a sanitizer sees a byte read beyond it. */
static mtp_config_list read_all(const char *at, size_t n, mtp_diag *diag)
{
  mtp_config_list list = {0};
  char *copy = malloc(n + 1);

  expect(copy != NULL, "memory");
  memcpy(copy + 1, at, n);
  expect_ok(mtp_cfg_parse("b", copy + 1, n, &list, diag));
  free(copy);
  return list;
}

static mtp_config_list parse(const char *at, size_t n)
{
  mtp_diag diag = {0};
  mtp_config_list list = read_all(at, n, &diag);

  expect_messages(&diag, "");
  return list;
}

static void expect_refused(const bytes *b, PetscInt whole, const char *messages)
{
  mtp_diag diag = {0};
  mtp_config_list list = read_all(b->at, b->n, &diag);

  expect_messages(&diag, messages);
  expect(list.n == whole, "faulty configurations are left out, the others are there");
  expect_ok(mtp_config_list_clear(&list));
}

static char *written(const mtp_config *config, size_t *length)
{
  FILE *out = tmpfile();
  char *text;

  expect(out != NULL, "a scratch file");
  expect_ok(mtp_cfg_write_binary(config, out));
  text = stream_text(out, length);
  fclose(out);
  return text;
}

static void expect_same(const mtp_config *a, const mtp_config *b)
{
  expect(a->n == b->n && a->nlattice == b->nlattice && a->nfeature == b->nfeature, "sizes");
  expect_same_bits(&a->h[0][0], &b->h[0][0], 9, "lattice");
  expect_same_bits(a->x, b->x, 3 * a->n, "positions");
  expect_same_bits(a->force, b->force, 3 * a->n, "forces");
  expect_same_bits(a->site_energy, b->site_energy, a->n, "site energies");
  expect_same_bits(a->charge, b->charge, a->n, "charges");
  expect_same_bits(a->magmom, b->magmom, 3 * a->n, "moments");
  expect_same_bits(a->en_der_m, b->en_der_m, 3 * a->n, "derivatives");
  assert_memory_equal(a->type, b->type, (size_t)a->n * sizeof(*a->type));
  expect(!a->ghost == !b->ghost, "ghosts");
  if (a->ghost) assert_memory_equal(a->ghost, b->ghost, (size_t)a->n * sizeof(*a->ghost));
  expect(a->has_energy == b->has_energy && a->has_stress == b->has_stress, "totals");
  expect_same_bits(&a->energy, &b->energy, 1, "energy");
  expect_same_bits(a->stress, b->stress, 6, "stress");
  for (PetscInt i = 0; i < a->nfeature; i++) {
    assert_string_equal(a->feature[i].key, b->feature[i].key);
    assert_string_equal(a->feature[i].value, b->feature[i].value);
  }
}

/* Reading ------------------------------------------------------------------------------------ */

static void test_every_record(void **state)
{
  const bytes b = full();
  const PetscReal plus[6] = {6, 5, 4, 3, 2, 1};
  mtp_config_list list = parse(b.at, b.n);
  const mtp_config *c = &list.config[0];
  size_t n;
  char *again;

  (void)state;
  expect(list.n == 1 && c->n == 2 && c->nlattice == 3, "sizes");
  expect_same_bits(&c->h[0][0], cell, 9, "lattice rows");
  expect_same_bits(c->x, x, 6, "positions");
  expect_same_bits(c->force, force, 6, "forces");
  expect_same_bits(c->magmom, magmom, 6, "moments");
  expect_same_bits(c->en_der_m, en_der_m, 6, "derivatives by moments");
  expect_same_bits(c->site_energy, site, 2, "site energies");
  expect_same_bits(c->charge, charge, 2, "charges");
  expect_same_bits(c->stress, plus, 6, "stress in our order");
  expect(c->type[0] == 3 && c->type[1] == 0 && c->ghost[0] == 0 && c->ghost[1] == 1, "integers");
  expect(c->has_energy && c->energy == energy && c->has_stress && !c->nbh_grade, "totals");
  expect(c->nfeature == 2, "features");
  assert_string_equal(mtp_config_feature(c, "EFS_by"), "two\nlines   ");
  assert_string_equal(mtp_config_feature(c, "a key"), "");
  again = written(c, &n);
  expect(n == b.n && memcmp(again, b.at, n) == 0, "it is written byte for byte");
  free(again);
  expect_ok(mtp_config_list_clear(&list));
}

/* Only what must be there, in another order, blanks between; partly periodic; two configurations;
   line ends of Windows in a value. */
static void test_small_forms(void **state)
{
  const double none[9] = {0}, film[9] = {3, 0, 0, 0, 4, 0, 0, 0, 0};
  bytes b = {0};
  mtp_config_list list;

  (void)state;
  put(&b, "n", 1), put_int(&b, 1), put(&b, "\n ", 2);
  put(&b, "F", 1), put_piece(&b, "k"), put_piece(&b, "a\r\n\rb\r\r\n\r");
  put(&b, "p", 1), put_reals(&b, 3, x), put(&b, "\r\n", 2);
  put(&b, "l", 1), put_reals(&b, 9, none);
  put(&b, "#\n", 2);
  put(&b, "n", 1), put_int(&b, 2);
  put(&b, "l", 1), put_reals(&b, 9, film);
  put(&b, "p", 1), put_reals(&b, 6, x);
  put(&b, "#", 1);
  list = parse(b.at, b.n);
  expect(list.n == 2 && list.config[0].n == 1 && list.config[1].n == 2, "two configurations");
  expect(list.config[0].nlattice == 0 && list.config[1].nlattice == 2, "periodic directions");
  expect(list.config[0].type[0] == 0 && list.config[1].type[1] == 0, "types are 0");
  expect(!list.config[0].force && !list.config[0].has_energy && !list.config[0].has_stress, "no");
  assert_string_equal(mtp_config_feature(&list.config[0], "k"), "a\n\rb\n");
  expect_ok(mtp_config_list_clear(&list));
}

/* Cut anywhere: one message at or before the cut, no configuration. */
static void test_cut_anywhere(void **state)
{
  const bytes b = full();

  (void)state;
  for (size_t n = 1; n < b.n; n++) {
    mtp_diag diag = {0};
    mtp_config_list list = read_all(b.at, n, &diag);
    unsigned long byte = 0;

    if (list.n != 0 || diag.n != 1)
      fail_msg("cut after %d bytes: %d messages", (int)n, (int)diag.n);
    if (sscanf(diag.text[0], "b: byte %lu: ", &byte) != 1 || byte > n)
      fail_msg("cut after %d bytes: %s", (int)n, diag.text[0]);
    expect_ok(mtp_diag_clear(&diag));
    expect_ok(mtp_config_list_clear(&list));
  }
}

/* Any one bit changed: a configuration or messages, never both or neither. */
static void test_every_byte_flipped(void **state)
{
  bytes b = full();

  (void)state;
  for (size_t k = 1; k < b.n; k++) {
    for (int bit = 0; bit < 8; bit++) {
      mtp_diag diag = {0};
      mtp_config_list list;

      b.at[k] = (char)(b.at[k] ^ (1 << bit));
      list = read_all(b.at, b.n, &diag);
      /* where a letter became '#', a good configuration ends and the rest is none */
      if ((list.n == 0) == (diag.n == 0) && !(list.n == 1 && b.at[k] == '#'))
        fail_msg("bit %d of byte %d", bit, (int)k);
      b.at[k] = (char)(b.at[k] ^ (1 << bit));
      expect_ok(mtp_diag_clear(&diag));
      expect_ok(mtp_config_list_clear(&list));
    }
  }
}

static void test_messages(void **state)
{
  static const char nan_bytes[] = "\0\0\0\0\0\0\370\177", big[] = "\0\312\232\073";
  static const char minus[] = "\377\377\377\377";
  static const struct {
    size_t at, n; /* bytes to replace */
    const char *by, *messages;
  } cases[] = {
      {1, 4, big,
       "b: byte 1: 1000000000 atoms and 415 bytes behind, wanted 1 or more atoms and 24 bytes for "
       "each (a file that begins with 'n' is a binary .cfg)\n"},
      {1, 4, minus,
       "b: byte 1: -1 atoms and 415 bytes behind, wanted 1 or more atoms and 24 bytes for each (a "
       "file that begins with 'n' is a binary .cfg)\n"},
      {1, 1, "\0",
       "b: byte 1: 0 atoms and 415 bytes behind, wanted 1 or more atoms and 24 bytes for each (a "
       "file that begins with 'n' is a binary .cfg)\n"},
      {1, 1, "\021", "b: byte 79: positions: 341 bytes are left, wanted 51 times 8\n"},
      {1, 1, "\022",
       "b: byte 1: 18 atoms and 415 bytes behind, wanted 1 or more atoms and 24 bytes for each (a "
       "file that begins with 'n' is a binary .cfg)\n"},
      {5, 1, "x",
       "b: byte 5: 'x', wanted one of the letters of a record (l p t f m d v c g s e F #)\n"},
      {5, 1, "\0",
       "b: byte 5: '?', wanted one of the letters of a record (l p t f m d v c g s e F #)\n"},
      {136, 1, "p", "b: byte 136: record 'p' a second time, first at byte 78\n"},
      {5, 1, "n",
       "b: byte 5: 'n', wanted one of the letters of a record (l p t f m d v c g s e F #)\n"},
      {6, 8, nan_bytes, "b: byte 6: lattice, number 1: nan, wanted a finite number\n"},
      {12, 2, "\0\0", "b: byte 6: lattice vectors depend on each other, wanted none that do\n"},
      {95, 8, nan_bytes, "b: byte 95: positions, number 3: nan, wanted a finite number\n"},
      {370, 8, nan_bytes, "b: byte 370: energy, number 1: nan, wanted a finite number\n"},
      {361, 8, nan_bytes, "b: byte 361: stress, number 6: nan, wanted a finite number\n"},
      {128, 4, minus, "b: byte 128: types, atom 1: -1, wanted 0 or more\n"},
      {319, 1, "t", "b: byte 319: ghost flags, atom 2: the byte 116, wanted '0' or '1'\n"},
      {379, 4, minus, "b: byte 379: key of a feature: length -1, but 37 bytes are left\n"},
      {389, 4, big, "b: byte 389: value of a feature: length 1000000000, but 27 bytes are left\n"},
      {384, 1, "\0", "b: byte 379: feature 'E?S_by', wanted a key and a value of text\n"},
      {395, 1, "\0", "b: byte 379: feature 'EFS_by', wanted a key and a value of text\n"},
      {419, 1, " ",
       "b: byte 420: the file ends, wanted '#', the end of the configuration that begins at byte "
       "0\n"},
  };

  (void)state;
  for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
    bytes b = full();

    memcpy(b.at + cases[k].at, cases[k].by, cases[k].n);
    expect_refused(&b, 0, cases[k].messages);
  }
}

/* Problems of values do not end the reading: all are told, other configurations are kept. */
static void test_good_ones_are_kept(void **state)
{
  const bytes one = full();
  bytes b = full();
  bytes rest = {0};

  (void)state;
  put(&b, one.at, one.n);
  put(&b, one.at, one.n);
  memset(b.at + 420 + 128 + 3, -1, 1);
  memset(b.at + 420 + 318, 'x', 1);
  expect_refused(&b, 2,
                 "b: byte 548: types, atom 1: -16777213, wanted 0 or more\n"
                 "b: byte 738: ghost flags, atom 1: the byte 120, wanted '0' or '1'\n");
  put(&rest, one.at, one.n);
  put(&rest, "trailing", 8);
  expect_refused(&rest, 1, "b: byte 420: 't', wanted 'n', which begins a configuration\n");
}

static void test_many_features(void **state)
{
  enum { N = 1001 };
  char text[32];
  char *b = malloc(32 * N + 8);
  mtp_config_list list = {0};
  mtp_diag diag = {0};
  size_t n = 0;

  (void)state;
  expect(b != NULL, "memory");
  memcpy(b, "n\001\0\0\0", 5);
  n = 5;
  for (int i = 0; i < N; i++) {
    const char length = (char)snprintf(text, sizeof(text), "k%04d", i);
    const char head[5] = {'F', length, 0, 0, 0}, value[4] = {0};

    memcpy(b + n, head, 5);
    memcpy(b + n + 5, text, (size_t)length);
    memcpy(b + n + 5 + length, value, 4);
    n += 9 + (size_t)length;
  }
  list = read_all(b, n, &diag);
  expect_messages(&diag, "b: byte 14006: more than 1000 features in a configuration\n");
  expect(list.n == 0, "nothing");
  free(b);
}

static void test_incomplete(void **state)
{
  const double sheared[9] = {1, 2, 3, 2, 4, 6, 0, 0, 1};
  bytes b = {0}, flat = {0}, twice = {0};

  (void)state;
  put(&b, "n", 1), put_int(&b, 1), put(&b, "e", 1), put_reals(&b, 4, x), put(&b, "#", 1);
  b.n -= 25; /* n e, but as many bytes as positions need */
  put(&b, "#                        ", 25);
  expect_refused(&b, 0,
                 "b: byte 14: the configuration ends without record 'l' (lattice)\n"
                 "b: byte 14: the configuration ends without record 'p' (positions)\n");
  put(&flat, "n", 1), put_int(&flat, 1), put(&flat, "l", 1), put_reals(&flat, 9, sheared);
  put(&flat, "p", 1), put_reals(&flat, 3, x), put(&flat, "#", 1);
  expect_refused(&flat, 0,
                 "b: byte 6: lattice vectors depend on each other, wanted none that do\n");
  put(&twice, "n", 1), put_int(&twice, 1), put(&twice, "l", 1), put_reals(&twice, 9, cell);
  put(&twice, "p", 1), put_reals(&twice, 3, x);
  put(&twice, "F", 1), put_piece(&twice, "k"), put_piece(&twice, "1");
  put(&twice, "F", 1), put_piece(&twice, "k"), put_piece(&twice, "2");
  put(&twice, "F", 1), put_piece(&twice, ""), put_piece(&twice, "2");
  put(&twice, "#", 1);
  expect_refused(&twice, 0,
                 "b: byte 115: feature 'k' is given twice\n"
                 "b: byte 126: feature '', wanted a key and a value of text\n");
}

/* Writing ------------------------------------------------------------------------------------ */

/* A finite number with random bits. */
static PetscReal random_real(void)
{
  static uint64_t bits = 88172645463325252u;
  PetscReal value;

  do {
    bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17; /* xorshift64 */
    memcpy(&value, &bits, sizeof(value));
  } while (PetscIsInfOrNanReal(value));
  return value;
}

static void test_every_bit(void **state)
{
  enum { N = 200 };
  mtp_config c;
  mtp_config_list list;
  PetscReal **const arrays[] = {&c.x, &c.force, &c.site_energy, &c.charge, &c.magmom, &c.en_der_m};
  const int widths[] = {3, 3, 1, 1, 3, 3};
  size_t n;
  char *text;

  (void)state;
  expect_ok(mtp_config_create(N, &c));
  c.nlattice = 3;
  c.has_energy = c.has_stress = PETSC_TRUE;
  c.energy = random_real();
  for (int k = 0; k < 6; k++) c.stress[k] = random_real();
  for (int k = 0; k < 9; k++) c.h[k / 3][k % 3] = (k % 4 == 0 ? 10 : 0) + 1.0 / (k + 3);
  for (int k = 0; k < 6; k++) {
    if (k > 0) expect_ok(PetscMalloc1(widths[k] * N, arrays[k]));
    for (int i = 0; i < widths[k] * N; i++) (*arrays[k])[i] = random_real();
  }
  c.x[0] = -0.0;
  expect_ok(PetscCalloc1(N, &c.ghost));
  for (int i = 0; i < N; i++) c.ghost[i] = i % 2;
  for (int i = 0; i < N; i++) c.type[i] = i == 7 ? 2147483647 : i;
  expect_ok(mtp_config_add_feature(&c, "a \n\\key", "value\n\n with  blanks "));
  text = written(&c, &n);
  list = parse(text, n);
  expect(list.n == 1, "one configuration");
  expect_same(&list.config[0], &c);
  free(text);
  expect_ok(mtp_config_list_clear(&list));
  expect_ok(mtp_config_clear(&c));
}

static void test_failures(void **state)
{
  mtp_config c, none;
  FILE *full_disk = fopen("/dev/full", "w"), *out = tmpfile();

  (void)state;
  expect_ok(mtp_config_create(0, &none));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_cfg_write_binary(&none, out));
  expect_ok(mtp_config_create(1, &c));
  c.type[0] = -1;
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_cfg_write_binary(&c, out));
  c.type[0] = 0;
  if (full_disk) {
    expect_error(PETSC_ERR_FILE_WRITE, mtp_cfg_write_binary(&c, full_disk));
    fclose(full_disk);
  }
  expect_ok(mtp_config_add_feature(&c, "", "x"));
  expect_error(PETSC_ERR_ARG_WRONG, mtp_cfg_write_binary(&c, out));
  expect(ftell(out) == 0, "nothing was written");
  fclose(out);
  expect_ok(mtp_config_clear(&c));
  expect_ok(mtp_config_clear(&none));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_record), cmocka_unit_test(test_small_forms),
      cmocka_unit_test(test_cut_anywhere), cmocka_unit_test(test_every_byte_flipped),
      cmocka_unit_test(test_messages),     cmocka_unit_test(test_good_ones_are_kept),
      cmocka_unit_test(test_incomplete),   cmocka_unit_test(test_every_bit),
      cmocka_unit_test(test_failures),     cmocka_unit_test(test_many_features),
  };

  return expect_main(argc, argv, help, tests);
}
