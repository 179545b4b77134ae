#include "mtp/mtp_config.h"
#include "tests/unit/mtp/mtp_files.h"

#include <unistd.h>

static const char help[] =
    "Reading and writing .cfg: every field, exact messages, every bit back\n";

/* Every field; columns not in MLIP's order; positions fractional. */
static const char full[] =
    "BEGIN_CFG\n"
    " Size\n"
    "    2\n"
    " SuperCell\n"
    "    4 0 0\n"
    "    1 5 0\n"
    "    0 1 8\n"
    " AtomData:  id direct_z direct_y direct_x type fz fy fx site_en charge magmom_x magmom_y "
    "magmom_z en_der_mx en_der_my en_der_mz ghost nbh_grades\n"
    "    1 0.5 0.25 0.125 3 3 2 1 -1.5 0.5 11 12 13 21 22 23 false 0.75\n"
    "    2 0 0 -1 0 -3 -2 -1 -2.5 -0.5 31 32 33 41 42 43 true 1.75\n"
    " Energy\n"
    "    -3.25\n"
    " PlusStress:  xy xz yz zz yy xx\n"
    "    1 2 3 4 5 6\n"
    " Feature   a\\_key\tfirst  line \n"
    " Feature   other two words\n"
    " Feature   a\\_key\tsecond\n"
    " Features: k1 k2\n"
    "    v1\n"
    "    v2\n"
    "END_CFG\n";

static mtp_config_list parse(const char *text, size_t length)
{
  mtp_config_list list = {0};
  mtp_diag diag = {0};

  expect_ok(mtp_cfg_parse("c.cfg", text, length, &list, &diag));
  expect_messages(&diag, "");
  return list;
}

static char *written(const mtp_config *config, mtp_cfg_precision precision)
{
  FILE *out = tmpfile();
  char *text;

  expect(out != NULL, "a scratch file");
  expect_ok(mtp_cfg_write(config, precision, out));
  text = stream_text(out, NULL);
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
  expect_same_bits(a->nbh_grade, b->nbh_grade, a->n, "grades");
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

static void expect_refused(const char *text, size_t length, PetscInt whole, const char *messages)
{
  mtp_config_list list = {0};
  mtp_diag diag = {0};

  expect_ok(mtp_cfg_parse("c", text, length, &list, &diag));
  expect_messages(&diag, messages);
  expect(list.n == whole, "faulty configurations are left out, the others are there");
  expect_ok(mtp_config_list_clear(&list));
}

/* Reading ------------------------------------------------------------------------------------ */

static void test_every_field(void **state)
{
  mtp_config_list list = parse(full, strlen(full));
  const mtp_config *c = &list.config[0];
  const PetscReal x[6] = {0.125 * 4 + 0.25 * 1, 0.25 * 5 + 0.5 * 1, 0.5 * 8, -4, 0, 0};
  const PetscReal force[6] = {1, 2, 3, -1, -2, -3}, stress[6] = {6, 5, 4, 3, 2, 1};

  (void)state;
  expect(list.n == 1 && c->n == 2 && c->nlattice == 3, "sizes");
  expect(c->h[0][0] == 4 && c->h[1][0] == 1 && c->h[1][1] == 5 && c->h[2][2] == 8, "lattice rows");
  expect_same_bits(c->x, x, 6, "fractions times rows of the lattice");
  expect_same_bits(c->force, force, 6, "forces by their names");
  expect(c->type[0] == 3 && c->type[1] == 0, "types");
  expect(c->site_energy[1] == -2.5 && c->charge[0] == 0.5 && c->nbh_grade[1] == 1.75, "scalars");
  expect(c->magmom[0] == 11 && c->magmom[5] == 33 && c->en_der_m[4] == 42, "moments");
  expect(c->ghost[0] == 0 && c->ghost[1] == 1, "ghost flags");
  expect(c->has_energy && c->energy == -3.25, "energy");
  expect(c->has_stress, "stress");
  expect_same_bits(c->stress, stress, 6, "stress by its names");
  expect(c->element == NULL, ".cfg has no elements");
  expect(c->nfeature == 4, "features");
  assert_string_equal(c->feature[0].key, "a key");
  assert_string_equal(mtp_config_feature(c, "a key"), "first  line \nsecond");
  assert_string_equal(mtp_config_feature(c, "other"), "two words");
  assert_string_equal(mtp_config_feature(c, "k1"), "v1");
  assert_string_equal(mtp_config_feature(c, "k2"), "v2");
  expect(mtp_config_feature(c, "k3") == NULL, "no such feature");
  expect_ok(mtp_config_list_clear(&list));
}

/* Only positions; lattice of 0, 1, 2 vectors; several configurations; Windows line ends; no last
   newline. */
static void test_small_forms(void **state)
{
  static const char text[] =
      "\r\nBEGIN_CFG\r\nSize 1\r\nAtomData: cartes_x cartes_y cartes_z\r\n1 2 3\r\n"
      "Feature k\tv\r\nEND_CFG\r\n\r\nBEGIN_CFG\nSize\n\n1\nSupercell\n0 0 7\n"
      "Atomic_data: id cartes_x cartes_y cartes_z type\n1 4 5 6 2\nEnergy -1\nEND_CFG\n"
      "BEGIN_CFG\nSize\n1\nSupercell\n3 0 0\n0 3 0\n"
      "AtomData: id type cartes_x cartes_y cartes_z\n1 0 0 0 0\nEND_CFG";
  mtp_config_list list = parse(text, strlen(text));

  (void)state;
  expect(list.n == 3, "three configurations");
  assert_string_equal(mtp_config_feature(&list.config[0], "k"), "v");
  expect(list.config[0].nlattice == 0 && list.config[0].x[2] == 3 && list.config[0].type[0] == 0,
         "1");
  expect(!list.config[0].has_energy && !list.config[0].has_stress && !list.config[0].force, "1");
  expect(list.config[1].nlattice == 1 && list.config[1].h[0][2] == 7, "2");
  expect(list.config[1].type[0] == 2 && list.config[1].energy == -1, "2");
  expect(list.config[2].nlattice == 2 && list.config[2].h[2][0] == 0, "3");
  expect_ok(mtp_config_list_clear(&list));
}

/* MLIP divides what stands behind "Virial:" by the volume. */
static void test_virial(void **state)
{
  static const char cluster[] = "BEGIN_CFG\nSize\n1\nAtomData: cartes_x cartes_y cartes_z\n1 2 3\n"
                                "Virial: xx yy zz yz xz xy\n1 2 3 4 5 6\nEND_CFG\n";
  char *text = edited(full, "PlusStress:", "Virial:");
  mtp_config_list list = parse(text, strlen(text));

  (void)state;
  expect(list.config[0].stress[0] == 6.0 / 160.0 && list.config[0].stress[5] == 1.0 / 160.0,
         "divided by the volume of 160 A^3");
  expect_ok(mtp_config_list_clear(&list));
  free(text);
  expect_refused(cluster, strlen(cluster), 0,
                 "c:6: Virial needs a Supercell of three vectors, wanted PlusStress\n");
}

/* Messages ----------------------------------------------------------------------------------- */

static const struct {
  const char *from, *to, *messages;
} faults[] = {
    {"BEGIN_CFG\n", "BEGIN\n", "c:1: got 'BEGIN', wanted BEGIN_CFG\n"},
    {"    2\n SuperCell", "    0\n SuperCell",
     "c:3: Size is '0', wanted a whole number of atoms, 1 or more\n"},
    {"    2\n SuperCell", "    -2\n SuperCell",
     "c:3: Size is '-2', wanted a whole number of atoms, 1 or more\n"},
    {"    2\n SuperCell", "    2000000000\n SuperCell",
     "c:2: Size is 2000000000, but the configuration ends 12 lines after AtomData\n"},
    {"    2\n SuperCell", "    1000000000000\n SuperCell",
     "c:3: Size is '1000000000000', wanted a whole number of atoms, 1 or more\n"},
    {"    2\n SuperCell", "    3\n SuperCell",
     "c:11: AtomData ends after 2 atoms, wanted Size = 3\n"},
    {"    2\n SuperCell", "    1\n SuperCell",
     "c:10: AtomData goes on, wanted its end after Size = 1 atoms\n"},
    {"    2\n SuperCell", " SuperCell",
     "c:3: Size has no value, wanted a whole number of atoms, 1 or more\n"},
    {"    2\n SuperCell", "    2 2\n SuperCell",
     "c:3: Size is followed by '2', wanted one value\n"},
    {" Size\n    2\n", "",
     "c:6: AtomData comes before Size, wanted Size first\n"
     "c:19: the configuration has no Size\n"},
    {"    4 0 0\n", "    4 0\n", "c:5: Supercell: got 2 numbers, wanted 3\n"},
    {"    4 0 0\n", "    4 0 zero\n", "c:5: Supercell: got 'zero', wanted a finite number\n"},
    {"    4 0 0\n", "    2 10 0\n",
     "c:4: Supercell has vectors that depend on each other, wanted none\n"},
    {"    0 1 8\n", "    0 1 8\n    1 1 1\n", "c:8: Supercell has a fourth row, wanted 1 to 3\n"},
    {"    4 0 0\n    1 5 0\n    0 1 8\n", "",
     "c:4: Supercell has no row, wanted 1 to 3 lattice vectors\n"
     "c:5: direct positions need a Supercell of three vectors\n"},
    {"    0 1 8\n", "", "c:7: direct positions need a Supercell of three vectors\n"},
    {" SuperCell\n    4 0 0\n    1 5 0\n    0 1 8\n", "",
     "c:4: direct positions need a Supercell of three vectors\n"},
    {" type fz", " colour fz", "c:8: AtomData has the column 'colour', which .cfg does not know\n"},
    {" type fz", " fx fz", "c:8: AtomData has the column 'fx' twice\n"},
    {" fz fy fx", " fz fy charge", "c:8: AtomData has the column 'charge' twice\n"},
    {"direct_x", "cartes_x",
     "c:8: AtomData has no full set of positions, wanted either cartes_x cartes_y cartes_z or "
     "direct_x direct_y direct_z\n"},
    {"direct_x type", "type",
     "c:8: AtomData has no full set of positions, wanted either cartes_x cartes_y cartes_z or "
     "direct_x direct_y direct_z\n"},
    {"    1 0.5", "    2 0.5",
     "c:9: atom 1: id is '2', wanted the atoms in the order 1, 2, 3 ...\n"},
    {"    1 0.5", "    1 nan", "c:9: atom 1: direct_z is 'nan', wanted a finite number\n"},
    {"0.125 3 3", "0.125 -3 3", "c:9: atom 1: type is '-3', wanted 0 or more\n"},
    {"0.125 3 3", "0.125 3.0 3", "c:9: atom 1: type is '3.0', wanted a whole number\n"},
    {"false", "maybe", "c:9: atom 1: ghost is 'maybe', wanted true or false\n"},
    {"true 1.75", "true", "c:10: atom 2 has 17 values, wanted 18 as AtomData says\n"},
    {"true 1.75", "true 1.75 9", "c:10: atom 2 has 19 values, wanted 18 as AtomData says\n"},
    {"    2 0 0 -1 0 -3 -2 -1 -2.5 -0.5 31 32 33 41 42 43 true 1.75\n", "",
     "c:10: AtomData ends after 1 atoms, wanted Size = 2\n"},
    {"true 1.75\n", "true 1.75\n 3 0 0\n 4 0 0\n",
     "c:11: AtomData goes on, wanted its end after Size = 2 atoms\n"},
    {"    -3.25\n", "", "c:12: Energy has no value, wanted a finite number of eV\n"},
    {"    -3.25\n", "    1e999\n", "c:12: Energy is '1e999', wanted a finite number of eV\n"},
    {"    -3.25\n", "    -3.25 eV\n", "c:12: Energy is followed by 'eV', wanted one value\n"},
    {"PlusStress:", "Stress:", "c:13: Stress is the negative of what is wanted, give PlusStress\n"},
    {"PlusStress:  xy", "PlusStress:  xx",
     "c:13: PlusStress does not name the six components, wanted xx yy zz yz xz xy in any "
     "order\n"},
    {"PlusStress:  xy", "PlusStress: ",
     "c:13: PlusStress does not name the six components, wanted xx yy zz yz xz xy in any "
     "order\n"},
    {"    1 2 3 4 5 6\n", "", "c:14: PlusStress has no values, wanted six numbers\n"},
    {"    1 2 3 4 5 6\n", "    1 2 3 4 5\n", "c:14: PlusStress: got 5 numbers, wanted 6\n"},
    {"    1 2 3 4 5 6\n", "    1 2 3 4 5 inf\n",
     "c:14: PlusStress: got 'inf', wanted a finite number\n"},
    {" Energy\n    -3.25\n", " Energy\n    -3.25\n Energy\n    -3.25\n",
     "c:13: Energy is given twice, first in line 11\n"},
    {" Feature   other two words\n", " Feature\n",
     "c:16: Feature has no key, wanted 'Feature KEY VALUE'\n"},
    {"    v1\n    v2\n", "    v1\n", "c:20: Features: no value for 'k2'\n"},
    {"    v1\n    v2\n", "    v1 v2 v3\n", "c:19: Features: the value 'v3' has no key\n"},
    {"END_CFG\n", "", "c:21: the file ends inside the configuration that begins in line 1\n"},
    {"END_CFG\n", "BEGIN_CFG\nEND_CFG\n",
     "c:21: BEGIN_CFG before the END_CFG of the configuration in line 1\n"
     "c:22: the configuration has no Size\n"
     "c:22: the configuration has no AtomData\n"},
    {"    1 0.5 0.25 0.125", "    1 0.5 1e308 1e308",
     "c:4: positions or stress are not finite after the conversion with Supercell\n"},
    {" fz fy fx", " fz fy", "c:8: AtomData has only some of fx, fy, fz, wanted all or none\n"},
    {" PlusStress:  xy xz", " PlusStress:  xy xy xz",
     "c:13: PlusStress does not name the six components, wanted xx yy zz yz xz xy in any "
     "order\n"},
    {"    4 0 0\n    1 5 0\n    0 1 8\n", "    0 0 0\n",
     "c:4: Supercell has vectors that depend on each other, wanted none\n"
     "c:6: direct positions need a Supercell of three vectors\n"},
    {"    -3.25\n", "    x\n nonsense\n more\n",
     "c:12: Energy is 'x', wanted a finite number of eV\n"
     "c:13: got 'nonsense', wanted a section of a configuration or END_CFG\n"},
};

static void test_messages(void **state)
{
  (void)state;
  for (size_t k = 0; k < sizeof(faults) / sizeof(faults[0]); k++) {
    char *text = edited(full, faults[k].from, faults[k].to);

    expect_refused(text, strlen(text), 0, faults[k].messages);
    free(text);
  }
}

/* A faulty configuration between two good ones. */
static void test_good_ones_are_kept(void **state)
{
  char *bad = edited(full, "-3.25", "x"), *text = malloc(3 * sizeof(full));

  (void)state;
  expect(text != NULL, "memory");
  (void)sprintf(text, "%s%s%s", full, bad, full);
  expect_refused(text, strlen(text), 2, "c:33: Energy is 'x', wanted a finite number of eV\n");
  free(text);
  free(bad);
}

/* Features are counted, so that a file full of them cannot take for ever. */
static void test_many_features(void **state)
{
  enum { N = 1001 };
  char *text = malloc(32 * N + 256);
  mtp_config_list list;
  size_t n;

  (void)state;
  expect(text != NULL, "memory");
  for (int more = 0; more < 2; more++) {
    n = (size_t)sprintf(text, "BEGIN_CFG\nSize 1\nAtomData: cartes_x cartes_y cartes_z\n1 2 3\n");
    for (int i = 0; i < N - 1 + more; i++)
      n += (size_t)sprintf(text + n, "Feature k%d\t%d\n", i % 900, i);
    n += (size_t)sprintf(text + n, "END_CFG\n");
    if (more) {
      expect_refused(text, n, 0, "c:1005: more than 1000 features in a configuration\n");
    } else {
      list = parse(text, n);
      assert_string_equal(mtp_config_feature(&list.config[0], "k99"), "99\n999");
      expect_ok(mtp_config_list_clear(&list));
    }
  }
  free(text);
}

static void test_no_cfg(void **state)
{
  mtp_config_list list = {0};
  mtp_diag diag = {0};

  (void)state;
  expect_refused("", 0, 0, "c:1: the file is empty, wanted configurations: BEGIN_CFG ...\n");
  expect_refused("\n \n", 3, 0, "c:1: the file is empty, wanted configurations: BEGIN_CFG ...\n");
  expect_refused("BEGIN_CFG\nSi\0ze\n", 16, 0, "c:2: a zero byte, wanted a text file\n");
  expect_refused("hello\nworld\n", 12, 0, "c:1: got 'hello', wanted BEGIN_CFG\n");
  expect_ok(mtp_cfg_read("/nowhere/x.cfg", &list, &diag));
  expect_messages(&diag, "/nowhere/x.cfg: cannot be opened: No such file or directory\n");
  expect(list.n == 0, "nothing");
}

/* Cut off anywhere before the end of END_CFG: a message, no configuration, no byte read beyond the
   end. */
static void test_cut_anywhere(void **state)
{
  (void)state;
  for (size_t n = 1; n < strlen(full) - 1; n++) {
    mtp_config_list list = {0};
    mtp_diag diag = {0};
    char *copy = malloc(n);

    expect(copy != NULL, "memory");
    memcpy(copy, full, n);
    expect_ok(mtp_cfg_parse("cut", copy, n, &list, &diag));
    if (list.n != 0 || diag.n == 0) fail_msg("cut after %d bytes", (int)n);
    expect_ok(mtp_diag_clear(&diag));
    free(copy);
  }
}

/* Writing ------------------------------------------------------------------------------------ */

static void test_plain_text(void **state)
{
  static const char want[] =
      "BEGIN_CFG\n"
      " Size\n"
      "    2\n"
      " Supercell\n"
      "         4.000000      0.000000      0.000000\n"
      "         1.000000      5.000000      0.000000\n"
      "         0.000000      1.000000      8.000000\n"
      " AtomData:  id type       cartes_x      cartes_y      cartes_z            site_en           "
      "fx"
      "          fy          fz      charge      magmom_x     magmom_y     magmom_z      en_der_mx"
      "     en_der_my     en_der_mz     ghost       nbh_grades\n"
      "             1    3       0.750000      1.750000      4.000000    -1.500000000000     "
      "1.000000"
      "    2.000000    3.000000      0.5000     11.000000    12.000000    13.000000       21.00000"
      "      22.00000      23.00000     false          0.75000\n"
      "             2    0      -4.000000      0.000000      0.000000    -2.500000000000    "
      "-1.000000"
      "   -2.000000   -3.000000     -0.5000     31.000000    32.000000    33.000000       41.00000"
      "      42.00000      43.00000     true           1.75000\n"
      " Energy\n"
      "         -3.250000000000\n"
      " PlusStress:  xx          yy          zz          yz          xz          xy\n"
      "         6.00000     5.00000     4.00000     3.00000     2.00000     1.00000\n"
      " Feature   a\\_key\tfirst  line \n"
      " Feature   a\\_key\tsecond\n"
      " Feature   other\ttwo words\n"
      " Feature   k1\tv1\n"
      " Feature   k2\tv2\n"
      "END_CFG\n\n";
  mtp_config_list list = parse(full, strlen(full));
  char *text = written(&list.config[0], MTP_CFG_PLAIN);

  (void)state;
  assert_string_equal(text, want);
  free(text);
  expect_ok(mtp_config_list_clear(&list));
}

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
  PetscReal **const arrays[] = {&c.x,      &c.force,    &c.site_energy, &c.charge,
                                &c.magmom, &c.en_der_m, &c.nbh_grade};
  const int widths[] = {3, 3, 1, 1, 3, 3, 1};
  char *text;

  (void)state;
  expect_ok(mtp_config_create(N, &c));
  c.nlattice = 3;
  c.has_energy = c.has_stress = PETSC_TRUE;
  c.energy = random_real();
  for (int k = 0; k < 6; k++) c.stress[k] = random_real();
  for (int k = 0; k < 9; k++) c.h[k / 3][k % 3] = (k % 4 == 0 ? 10 : 0) + 1.0 / (k + 3);
  for (int k = 0; k < 7; k++) {
    if (k > 0) expect_ok(PetscMalloc1(widths[k] * N, arrays[k]));
    for (int i = 0; i < widths[k] * N; i++) (*arrays[k])[i] = random_real();
  }
  c.x[0] = -0.0;
  expect_ok(PetscCalloc1(N, &c.ghost));
  for (int i = 0; i < N; i++) c.type[i] = c.ghost[i] = i % 2;
  expect_ok(mtp_config_add_feature(&c, "a \\n\t\\_\\\\b\nc\rd", "value\n\n with  blanks "));
  expect_ok(mtp_config_add_feature(&c, "back\\slash", ""));
  text = written(&c, MTP_CFG_LOSSLESS);
  list = parse(text, strlen(text));
  expect(list.n == 1, "one configuration");
  expect_same(&list.config[0], &c);
  expect(strstr(text, " Feature   back\\slash\t\n") != NULL,
         "a harmless backslash is left as MLIP does");
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
    expect_error(PETSC_ERR_FILE_WRITE, mtp_cfg_write(&c, MTP_CFG_PLAIN, full_disk));
    fclose(full_disk);
  }
  expect_ok(mtp_config_add_feature(&c, "", "x"));
  expect_error(PETSC_ERR_ARG_WRONG, mtp_cfg_write(&c, MTP_CFG_PLAIN, out));
  fclose(out);
  expect_ok(mtp_config_clear(&c));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_config_create(-1, &c));
}

/* A copy has everything and shares nothing; a feature that is set has one value, in its place. */
static void test_copy(void **state)
{
  mtp_config_list list = parse(full, sizeof(full) - 1);
  char *want = written(&list.config[0], MTP_CFG_LOSSLESS), *got;
  mtp_config copy;

  (void)state;
  expect_ok(mtp_config_copy(&list.config[0], &copy));
  expect_ok(mtp_config_list_clear(&list));
  got = written(&copy, MTP_CFG_LOSSLESS);
  assert_string_equal(got, want);
  free(got);
  free(want);
  expect_ok(mtp_config_set_feature(&copy, "a key", "one"));
  expect_ok(mtp_config_set_feature(&copy, "new", "two"));
  expect(copy.nfeature == 5, "one more feature");
  assert_string_equal(copy.feature[0].value, "one");
  assert_string_equal(mtp_config_feature(&copy, "new"), "two");
  expect_ok(mtp_config_clear(&copy));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_field),
      cmocka_unit_test(test_small_forms),
      cmocka_unit_test(test_virial),
      cmocka_unit_test(test_messages),
      cmocka_unit_test(test_good_ones_are_kept),
      cmocka_unit_test(test_no_cfg),
      cmocka_unit_test(test_many_features),
      cmocka_unit_test(test_cut_anywhere),
      cmocka_unit_test(test_plain_text),
      cmocka_unit_test(test_every_bit),
      cmocka_unit_test(test_copy),
      cmocka_unit_test(test_failures),
  };

  return expect_main(argc, argv, help, tests);
}
