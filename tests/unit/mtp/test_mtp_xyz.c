#include "mtp/mtp_config.h"
#include "tests/unit/mtp/mtp_files.h"

static const char help[] =
    "Extended XYZ: what is read, exact messages, exact text, every bit back\n";

static const char *const species[] = {"Ca", "K", "Cl"};

static const char full[] =
    "2\n"
    "Lattice=\"4 0 0 1 5 0 0 1 8\" "
    "Properties=species:S:1:pos:R:3:tag:I:2:forces:R:3:energies:R:1:magmoms:R:3:ghost:I:1 "
    "pbc=\"T T T\" energy=-3.25 stress=\"1 2 3 4 5 6\" name=\"a \\\"b\\\" c\" flag \"odd key\"='x "
    "y' list=[1,2]\n"
    "Ca 0 0.5 1 7 7 1 2 3 -1.5 11 12 13 0\n"
    "Cl 1 1.5 2 7 7 -1 -2 -3 -2.5 21 22 23 1\n";

static mtp_config_list parse(const char *text)
{
  mtp_config_list list = {0};
  mtp_diag diag = {0};

  expect_ok(mtp_xyz_parse("c.xyz", text, strlen(text), 3, species, &list, &diag));
  expect_messages(&diag, "");
  return list;
}

static void test_every_field(void **state)
{
  mtp_config_list list = parse(full);
  const mtp_config *c = &list.config[0];
  const PetscReal x[6] = {0, 0.5, 1, 1, 1.5, 2}, force[6] = {1, 2, 3, -1, -2, -3};

  (void)state;
  expect(list.n == 1 && c->n == 2 && c->nlattice == 3, "sizes");
  expect(c->h[1][0] == 1 && c->h[1][1] == 5 && c->h[2][1] == 1 && c->h[2][2] == 8, "lattice rows");
  expect_same_bits(c->x, x, 6, "positions");
  expect_same_bits(c->force, force, 6, "forces");
  expect(c->type[0] == 0 && c->type[1] == 2, "types are places in the list of species");
  assert_string_equal(c->element[0], "Ca");
  assert_string_equal(c->element[1], "Cl");
  expect(c->site_energy[1] == -2.5 && c->magmom[5] == 23 && c->ghost[1] == 1, "other columns");
  expect(c->has_energy && c->energy == -3.25, "energy");
  for (int k = 0; k < 6; k++)
    expect_near(c->stress[k], -160.0 * (k + 1), 1e-15, "PlusStress is minus volume times stress");
  expect(c->nfeature == 4, "other pairs are features");
  assert_string_equal(mtp_config_feature(c, "name"), "a \"b\" c");
  assert_string_equal(mtp_config_feature(c, "flag"), "T");
  assert_string_equal(mtp_config_feature(c, "odd key"), "x y");
  assert_string_equal(mtp_config_feature(c, "list"), "1,2");
  expect_ok(mtp_config_list_clear(&list));
}

/* Several frames, plain XYZ, periodic directions, nine numbers, virial before stress, collinear
   moments left out. */
static void test_forms(void **state)
{
  static const char text[] =
      "1\nfree text here\nK 1 2 3\n\n"
      "1\r\nLattice=\"4 0 0 0 5 0 0 0 6\" pbc=[F,True,1]\r\nK 1 2 3\r\n"
      "1\nLattice=\"4 0 0 0 5 0 0 0 6\" Properties=pos:R:3:species:S:1:magmoms:R:1 pbc=\"F F F\" "
      "virial=\"1 2 3 4 5 6 7 8 9\" stress=\"1 1 1 1 1 1\"\n1 2 3 Cl 0.5";
  mtp_config_list list = parse(text);
  const PetscReal stress[6] = {1, 5, 9, 7, 5, 3};

  (void)state;
  expect(list.n == 3, "three frames");
  assert_string_equal(mtp_config_feature(&list.config[0], "comment"), "free text here");
  expect(list.config[0].nlattice == 0 && list.config[0].type[0] == 1, "plain XYZ");
  expect(list.config[1].nlattice == 2, "two periodic directions");
  expect(list.config[1].h[0][1] == 5 && list.config[1].h[1][2] == 6, "and they come first");
  expect(list.config[2].nlattice == 0 && list.config[2].magmom == NULL, "cluster");
  expect_same_bits(list.config[2].stress, stress, 6,
                   "virial is PlusStress, its mean over both triangles");
  expect_ok(mtp_config_list_clear(&list));
}

static void expect_refused(const char *text, size_t length, PetscInt whole, const char *messages)
{
  mtp_config_list list = {0};
  mtp_diag diag = {0};

  expect_ok(mtp_xyz_parse("c", text, length, 3, species, &list, &diag));
  expect_messages(&diag, messages);
  expect(list.n == whole, "faulty frames are left out, the others are there");
  expect_ok(mtp_config_list_clear(&list));
}

/* Features are counted, so that a comment full of them cannot take for ever. */
static void test_many_features(void **state)
{
  enum { N = 1001 };
  char *text = malloc(16 * N + 64);
  size_t n;

  (void)state;
  expect(text != NULL, "memory");
  n = (size_t)sprintf(text, "1\n");
  for (int i = 0; i < N; i++) n += (size_t)sprintf(text + n, "k%d=%d ", i % 900, i);
  n += (size_t)sprintf(text + n, "\nCa 0 0 0\n");
  expect_refused(text, n, 0, "c:2: more than 1000 features in a frame\n");
  free(text);
}

static void test_messages(void **state)
{
  static const struct {
    const char *from, *to, *messages;
  } cases[] = {
      {"2\nLattice", "x\nLattice", "c:1: got 'x', wanted the number of atoms, 1 or more\n"},
      {"2\nLattice", "0\nLattice", "c:1: got '0', wanted the number of atoms, 1 or more\n"},
      {"2\nLattice", "1000000000000\nLattice",
       "c:1: got '1000000000000', wanted the number of atoms, 1 or more\n"},
      {"2\nLattice", "2000000000\nLattice", "c:5: the file ends after 2 atoms of 2000000000\n"},
      {"2\nLattice", "3\nLattice", "c:5: the file ends after 2 atoms of 3\n"},
      {"4 0 0 1 5", "4 0 0 1", "c:2: Lattice has 8 numbers, wanted 9\n"},
      {"4 0 0 1 5", "4 0 nan 1 5", "c:2: Lattice: got 'nan', wanted a finite number\n"},
      {"4 0 0 1 5", "0 0 0 1 5",
       "c:2: Lattice has vectors that depend on each other, wanted none\n"},
      {"Lattice=\"4 0 0 1 5 0 0 1 8\" ", "",
       "c:2: pbc has a periodic direction, but there is no Lattice\n"},
      {"T T T", "T T", "c:2: pbc is 'T T', wanted three of T and F\n"},
      {"T T T", "T T X", "c:2: pbc is 'T T X', wanted three of T and F\n"},
      {"pbc=", "pbc=\"F F F\" pbc=", "c:2: 'pbc' is given twice\n"},
      {"-3.25", "nan", "c:2: energy is 'nan', wanted a finite number of eV\n"},
      {"energy=-3.25", "energy=-3.25 energy=1", "c:2: 'energy' is given twice\n"},
      {"1 2 3 4 5 6", "1 2 3 4 5", "c:2: stress has 5 numbers, wanted 9 or 6\n"},
      {"1 2 3 4 5 6", "1 2 3 4 5 x", "c:2: stress: got 'x', wanted a finite number\n"},
      {"1 2 3 4 5 6", "1e308 2 3 4 5 6", "c:2: stress times the volume is not finite\n"},
      {"pos:R:3", "pos:R:2", "c:2: Properties: 'pos' has 2 columns, wanted 3\n"},
      {"pos:R:3", "pos:R:x",
       "c:2: Properties: got 'pos' with type 'R' and 'x' columns, wanted name:S, R, I or L:number "
       "of columns\n"},
      {"pos:R:3", "pos:Q:3",
       "c:2: Properties: got 'pos' with type 'Q' and '3' columns, wanted name:S, R, I or L:number "
       "of columns\n"},
      {"pos:R:3", "other:R:3", "c:2: Properties has no pos:R:3\n"},
      {"species:S:1:", "", "c:2: Properties has no species:S:1\n"},
      {"tag:I:2", "tag:I:2000",
       "c:2: Properties: got 'tag' with type 'I' and '2000' columns, wanted name:S, R, I or "
       "L:number of columns\n"},
      {"tag:I:2", "pos:R:3", "c:2: Properties: 'pos' is given twice\n"},
      {"x y'", "x y", "c:2: a quote or bracket is not closed: 'x y list=[1,2]'\n"},
      {"list=[1,2]", "list=[1,2", "c:2: a quote or bracket is not closed: '1,2'\n"},
      {"flag", "=x", "c:2: the comment has a value 'x' without a key\n"},
      {"Ca 0 0.5", "Ba 0 0.5",
       "c:3: atom 1: got the element 'Ba', which is not among the species asked for\n"},
      {"Ca 0 0.5", "Calcium 0 0.5",
       "c:3: atom 1: got the element 'Calcium', which is not among the species asked for\n"},
      {"Ca 0 0.5", "Ca 0 zero", "c:3: atom 1: pos is 'zero', wanted a finite number\n"},
      {"Ca 0 0.5", "Ca 0.5", "c:3: atom 1 has 13 columns, wanted 14 as Properties says\n"},
      {"13 0\n", "13 0 0\n", "c:3: atom 1 has 15 columns, wanted 14 as Properties says\n"},
      {"13 0\n", "13 2\n", "c:3: atom 1: ghost is '2', wanted 0 or 1\n"},
  };

  (void)state;
  for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
    char *text = edited(full, cases[k].from, cases[k].to);

    expect_refused(text, strlen(text), 0, cases[k].messages);
    free(text);
  }
}

static void test_no_xyz(void **state)
{
  char *bad = edited(full, "Cl 1", "Br 1"), *text = malloc(3 * sizeof(full));
  mtp_config_list list = {0};
  mtp_diag diag = {0};

  (void)state;
  expect(text != NULL, "memory");
  (void)sprintf(text, "%s%s%s", full, bad, full);
  expect_refused(text, strlen(text), 2,
                 "c:8: atom 2: got the element 'Br', which is not among the species asked for\n");
  expect_refused("", 0, 0, "c:1: the file is empty, wanted frames of extended XYZ\n");
  expect_refused("1\n\nK 1 2 \0003\n", 12, 0, "c:3: a zero byte, wanted a text file\n");
  expect_ok(mtp_xyz_read("/nowhere/x.xyz", 3, species, &list, &diag));
  expect_messages(&diag, "/nowhere/x.xyz: cannot be opened: No such file or directory\n");
  (void)sprintf(text, "%srubbish\n", full);
  expect_refused(text, strlen(text), 1,
                 "c:5: got 'rubbish', wanted the number of atoms, 1 or more\n");
  free(text);
  free(bad);
}

/* Cut off anywhere before its last number: a message, nothing read beyond the end. */
static void test_cut_anywhere(void **state)
{
  (void)state;
  for (size_t n = 1; n < strlen(full) - 2; n++) {
    mtp_config_list list = {0};
    mtp_diag diag = {0};
    char *copy = malloc(n);

    expect(copy != NULL, "memory");
    memcpy(copy, full, n);
    expect_ok(mtp_xyz_parse("cut", copy, n, 3, species, &list, &diag));
    if (list.n != 0 || diag.n == 0) fail_msg("cut after %d bytes", (int)n);
    expect_ok(mtp_diag_clear(&diag));
    free(copy);
  }
}

/* Writing ------------------------------------------------------------------------------------ */

static char *written(const mtp_config *config)
{
  FILE *out = tmpfile();
  char *text;

  expect(out != NULL, "a scratch file");
  expect_ok(mtp_xyz_write(config, 3, species, out));
  text = stream_text(out, NULL);
  fclose(out);
  return text;
}

static void test_exact_text(void **state)
{
  static const char in[] = "1\nLattice=\"2 0 0 0 2 0 0 0 2\" energy=-1 virial=\"8 16 24 0 0 0\" "
                           "n=\"a b\" \"o k\"=v\nK 1 2 3\n";
  static const char want[] =
      "1\nProperties=species:S:1:pos:R:3 pbc=\"T T T\" "
      "Lattice=\"2.0000000000000000e+00 0.0000000000000000e+00 0.0000000000000000e+00 "
      "0.0000000000000000e+00 2.0000000000000000e+00 0.0000000000000000e+00 "
      "0.0000000000000000e+00 0.0000000000000000e+00 2.0000000000000000e+00\" "
      "energy=-1.0000000000000000e+00 "
      "virial=\"8.0000000000000000e+00 0.0000000000000000e+00 0.0000000000000000e+00 "
      "0.0000000000000000e+00 1.6000000000000000e+01 0.0000000000000000e+00 "
      "0.0000000000000000e+00 0.0000000000000000e+00 2.4000000000000000e+01\" "
      "stress=\"-1.0000000000000000e+00 -0.0000000000000000e+00 -0.0000000000000000e+00 "
      "-0.0000000000000000e+00 -2.0000000000000000e+00 -0.0000000000000000e+00 "
      "-0.0000000000000000e+00 -0.0000000000000000e+00 -3.0000000000000000e+00\" "
      "n=\"a b\" \"o k\"=\"v\"\n"
      "K 1.0000000000000000e+00 2.0000000000000000e+00 3.0000000000000000e+00\n";
  mtp_config_list list = parse(in);
  char *text = written(&list.config[0]);

  (void)state;
  assert_string_equal(text, want);
  free(text);
  expect_ok(mtp_config_list_clear(&list));
}

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

/* Random bits in every array, and a second writing that repeats the first byte by byte. */
static void test_every_bit(void **state)
{
  enum { N = 200 };
  mtp_config c;
  mtp_config_list list;
  PetscReal **const arrays[] = {&c.x,      &c.force,    &c.site_energy, &c.charge,
                                &c.magmom, &c.en_der_m, &c.nbh_grade};
  const int widths[] = {3, 3, 1, 1, 3, 3, 1};
  char *text, *again;

  (void)state;
  expect_ok(mtp_config_create(N, &c));
  c.nlattice = 2;
  c.h[0][0] = 1.0 / 3.0;
  c.h[1][1] = 1.0 / 7.0;
  c.has_energy = c.has_stress = PETSC_TRUE;
  c.energy = random_real();
  for (int k = 0; k < 6; k++) c.stress[k] = random_real();
  for (int k = 0; k < 7; k++) {
    if (k > 0) expect_ok(PetscMalloc1(widths[k] * N, arrays[k]));
    for (int i = 0; i < widths[k] * N; i++) (*arrays[k])[i] = random_real();
  }
  for (int i = 0; i < N; i++) c.type[i] = i % 3;
  expect_ok(mtp_config_add_feature(&c, "a key=\"\\", "b\\ \"c\"\nd"));
  text = written(&c);
  list = parse(text);
  again = written(&list.config[0]);
  assert_string_equal(again, text);
  for (int k = 0; k < 7; k++) {
    PetscReal *const got[] = {list.config[0].x,           list.config[0].force,
                              list.config[0].site_energy, list.config[0].charge,
                              list.config[0].magmom,      list.config[0].en_der_m,
                              list.config[0].nbh_grade};

    expect_same_bits(got[k], *arrays[k], widths[k] * N, "array");
  }
  expect_same_bits(list.config[0].stress, c.stress, 6, "stress");
  expect_same_bits(&list.config[0].energy, &c.energy, 1, "energy");
  expect_same_bits(&list.config[0].h[0][0], &c.h[0][0], 9, "lattice");
  assert_string_equal(mtp_config_feature(&list.config[0], "a key=\"\\"), "b\\ \"c\"\nd");
  free(again);
  free(text);
  expect_ok(mtp_config_list_clear(&list));
  expect_ok(mtp_config_clear(&c));
}

static void test_failures(void **state)
{
  mtp_config c;
  FILE *full_disk = fopen("/dev/full", "w"), *out = tmpfile();

  (void)state;
  expect_ok(mtp_config_create(1, &c));
  if (full_disk) {
    expect_error(PETSC_ERR_FILE_WRITE, mtp_xyz_write(&c, 3, species, full_disk));
    fclose(full_disk);
  }
  c.type[0] = 3;
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_xyz_write(&c, 3, species, out));
  c.type[0] = 0;
  expect_ok(mtp_config_add_feature(&c, "energy", "x"));
  expect_error(PETSC_ERR_ARG_WRONG, mtp_xyz_write(&c, 3, species, out));
  fclose(out);
  expect_ok(mtp_config_clear(&c));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_field), cmocka_unit_test(test_forms),
      cmocka_unit_test(test_messages),    cmocka_unit_test(test_many_features),
      cmocka_unit_test(test_no_xyz),      cmocka_unit_test(test_cut_anywhere),
      cmocka_unit_test(test_exact_text),  cmocka_unit_test(test_every_bit),
      cmocka_unit_test(test_failures),
  };

  return expect_main(argc, argv, help, tests);
}
