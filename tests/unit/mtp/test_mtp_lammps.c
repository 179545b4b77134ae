/* tests/unit/mtp/test_mtp_lammps.c */
#include "tests/support/expect.h"

#include "mtp/mtp_config.h"

static const char help[] = "LAMMPS data files: both styles, boxes, elements, and every message\n";

static const char *const species[] = {"Ca", "K", "Cl"};

static void parse(const char *text, mtp_config *config, mtp_diag *diag)
{
  expect_ok(mtp_lammps_parse("in.data", text, strlen(text), 3, species, config, diag));
}

static void accept(const char *text, mtp_config *config)
{
  mtp_diag diag = {0};

  parse(text, config, &diag);
  for (PetscInt i = 0; i < diag.n; i++) print_message("%s\n", diag.text[i]);
  assert_int_equal(diag.n, 0);
}

/* The message is the only one. */
static void refuse(const char *text, const char *message)
{
  mtp_config config;
  mtp_diag diag = {0};

  parse(text, &config, &diag);
  if (diag.n == 0) fail_msg("nothing was said, wanted: %s", message);
  assert_string_equal(diag.text[0], message);
  assert_int_equal(diag.n, 1);
  assert_int_equal(config.n, 0);
  assert_null(config.x);
  expect_ok(mtp_diag_clear(&diag));
}

#define BOX    "0 10 xlo xhi\n0 10 ylo yhi\n0 10 zlo zhi\n"
#define HEADER "title\n2 atoms\n2 atom types\n" BOX /* 6 lines */
#define MASSES "Masses\n\n1 40.08\n2 35.45\n"       /* to line 10 */
#define ATOMS  "Atoms\n\n1 1 1 2 3\n2 2 4 5 6\n"

static void test_atomic(void **state)
{
  mtp_config config;
  const PetscReal x[6] = {1.0, 2.0, 3.0, 4.0, 5.0, 6.0};

  (void)state;
  accept(HEADER MASSES ATOMS, &config);
  assert_int_equal(config.n, 2);
  assert_int_equal(config.nlattice, 3);
  assert_null(config.charge);
  assert_int_equal(config.type[0], 0); /* by mass */
  assert_int_equal(config.type[1], 2);
  assert_memory_equal(config.x, x, sizeof(x));
  assert_true(config.h[0][0] == 10.0 && config.h[1][1] == 10.0 && config.h[2][2] == 10.0);
  assert_true(config.h[1][0] == 0.0 && config.h[2][0] == 0.0 && config.h[2][1] == 0.0);
  expect_ok(mtp_config_clear(&config));
}

static void test_charge_tilt_origin(void **state)
{
  mtp_config config;

  (void)state;
  accept("t\r\n1 atoms\r\n1 atom types\r\n-1 9 xlo xhi\r\n2 4 ylo yhi\r\n3 8 zlo zhi\r\n"
         "0.5 0.25 -0.125 xy xz yz\r\n\r\nAtoms # charge\r\n\r\n7 1 -0.5 0 2.5 4 -1 0 3 # last\r\n",
         &config);
  assert_int_equal(config.n, 1);
  assert_int_equal(config.type[0], 0); /* no Masses: in the order of the species */
  assert_true(config.charge[0] == -0.5);
  assert_true(config.x[0] == 1.0 && config.x[1] == 0.5 && config.x[2] == 1.0);
  assert_true(config.h[1][0] == 0.5 && config.h[2][0] == 0.25 && config.h[2][1] == -0.125);
  assert_true(config.h[0][0] == 10.0 && config.h[1][1] == 2.0 && config.h[2][2] == 5.0);
  expect_ok(mtp_config_clear(&config));
}

/* The comment wins over the mass; text that names no element does not. */
static void test_names(void **state)
{
  mtp_config config;

  (void)state;
  accept(HEADER "Masses\n\n1 1.0 # K+ cation\n2 35.45 # the_anion\n" ATOMS, &config);
  assert_int_equal(config.type[0], 1);
  assert_int_equal(config.type[1], 2);
  expect_ok(mtp_config_clear(&config));
}

/* Tabs for blanks, no newline at the end */
static void test_layout(void **state)
{
  mtp_config config;

  (void)state;
  accept("\tt\n2\tatoms\n2\tatom\ttypes\t#\n\t0\t10\txlo xhi\n0 10 ylo yhi\t\n0 10 zlo zhi\n"
         "\tMasses\t\n\t\n1\t40.08\t#\tCa\n2 35.45\nAtoms\t#\tatomic\n\n1\t1\t1\t2\t3\n2 2 4 5 6",
         &config);
  assert_int_equal(config.n, 2);
  assert_int_equal(config.type[1], 2);
  assert_true(config.x[5] == 6.0);
  expect_ok(mtp_config_clear(&config));
}

/* Without species the numbers of the file are all there is. */
static void test_no_species(void **state)
{
  const char *const text = "t\n1 atoms\n5 atom types\n" BOX "Masses\n\n5 1e9 # Xx\n4 -1 # Cu\n"
                           "Atoms\n\n1 5 1 2 3\n";
  mtp_config config;
  mtp_diag diag = {0};

  (void)state;
  expect_ok(mtp_lammps_parse("in.data", text, strlen(text), 0, NULL, &config, &diag));
  assert_int_equal(diag.n, 0);
  assert_int_equal(config.type[0], 4);
  expect_ok(mtp_config_clear(&config));
}

static void test_other_lines(void **state)
{
  mtp_config config;

  (void)state;
  accept(
      "# title\n\n0 bonds # none\n0 bond types\n2 extra bond per atom\n2 atoms\n2 atom types\n" BOX
      "Pair Coeffs # lj/cut\n\n1 1 1\n2 1 1\nPairIJ Coeffs\n\n1 2 1 1\n" MASSES ATOMS
      "Velocities\n\n2 0 0 1e-3\n1 0 0 0\n",
      &config);
  assert_int_equal(config.n, 2);
  expect_ok(mtp_config_clear(&config));
}

static void test_bad_header(void **state)
{
  (void)state;
  refuse("t\n2 atoms\n3 atoms\n2 atom types\n" BOX MASSES ATOMS,
         "in.data:3: number of atoms is given twice");
  refuse("t\n-2 atoms\n", "in.data:2: number of atoms is '-2', wanted an integer 1..2147483647");
  refuse("t\n2 atoms\n5000 atom types\n",
         "in.data:3: number of atom types is '5000', wanted an integer 1..4096");
  refuse("t\n2 moles\n",
         "in.data:2: '2 moles' is not a header line, wanted 'N atoms', 'N atom types', "
         "'LO HI xlo xhi' or 'XY XZ YZ xy xz yz'");
  refuse("t\n10 0 xlo xhi\n",
         "in.data:2: box edge x goes from 10 to 0 Å, wanted a positive length");
  refuse("t\n0 1 ylo yhi\n0 1 ylo yhi\n", "in.data:3: box edge y is given twice");
  refuse("t\n0 1z zlo zhi\n", "in.data:2: '1z', wanted a finite number");
  refuse("t\n0 1e999 zlo zhi\n", "in.data:2: '1e999', wanted a finite number");
  refuse("t\n-1e308 1e308 zlo zhi\n",
         "in.data:2: box edge z goes from -1e+308 to 1e+308 Å, wanted a positive length");
  refuse("t\n2 atoms\n2 atom types\n0 10 xlo xhi\n0 10 zlo zhi\n" MASSES ATOMS,
         "in.data: no line 'LO HI ylo yhi'");
  refuse("t\n2 atom types\n" BOX MASSES ATOMS, "in.data: no line 'N atoms'");
  refuse("t\n2 atoms\n" BOX MASSES ATOMS, "in.data:6: no line 'N atom types' before this section");
}

static void test_bad_sections(void **state)
{
  (void)state;
  refuse(HEADER MASSES ATOMS "Bonds\n\n1 1 1 2\n",
         "in.data:15: section 'Bonds', wanted Masses, Atoms or Velocities");
  refuse(HEADER MASSES "Atoms # full\n\n1 1 1 0 1 2 3\n",
         "in.data:11: atom style 'full', wanted atomic or charge");
  refuse(HEADER MASSES ATOMS ATOMS, "in.data:15: a second section Atoms");
  refuse(HEADER "Masses\n\n1\n2 35.45\n" ATOMS, "in.data:9: 1 words, wanted a type and its mass");
  refuse(HEADER "Masses\n\n3 40.08\n", "in.data:9: atom type is '3', wanted an integer 1..2");
  refuse(HEADER "Masses\n\n1 40.08 # Cu\n2 35.45\n" ATOMS,
         "in.data:9: type 1 is 'Cu', which is not among the species");
  refuse(HEADER "Masses\n\n1 41.5\n2 35.45\n" ATOMS,
         "in.data:9: no one species has the mass 41.5 of type 1; name it: '1 41.5 # Ca'");
  refuse(HEADER "Masses\n\n2 35.45\n" ATOMS, "in.data: type 1 has no mass");
  refuse(HEADER MASSES ATOMS "Velocities\n\n1 0 0\n", "in.data:17: 3 columns, wanted id vx vy vz");
}

static void test_bad_atoms(void **state)
{
  (void)state;
  refuse(HEADER MASSES, "in.data: no atoms: wanted a section Atoms");
  refuse(HEADER MASSES "Atoms\n\n1 1 1 2 3\n",
         "in.data: 1 atoms in section Atoms, wanted 2 as the header says");
  refuse("title\n1000000000 atoms\n2 atom types\n" BOX MASSES ATOMS,
         "in.data: 2 atoms in section Atoms, wanted 1000000000 as the header says");
  refuse(HEADER MASSES "Atoms\n\n1 1 1 2 3\n1 2 4 5 6\n",
         "in.data:14: atom 1 was already given in line 13");
  refuse(HEADER MASSES "Atoms\n\n1 1 1 2 3\n2 3 4 5 6\n",
         "in.data:14: atom type is '3', wanted an integer 1..2");
  refuse(HEADER MASSES "Atoms\n\n1 1 1 2 3\n2 2 4 5\n",
         "in.data:14: 4 columns, wanted id type x y z [ix iy iz]");
  refuse(HEADER MASSES "Atoms # charge\n\n1 1 0 1 2 3\n2 2 4 5 6\n",
         "in.data:14: 5 columns, wanted id type q x y z [ix iy iz]");
  refuse(HEADER MASSES "Atoms\n\n1 1 1\n",
         "in.data:13: 3 columns, wanted 5 to 9: id type [q] x y z [ix iy iz]");
  refuse(HEADER MASSES "Atoms\n\n1 1 1 2 -nan\n2 2 4 5 6\n",
         "in.data:13: '-nan', wanted a finite number");
  refuse(HEADER MASSES "Atoms\n\n1 1 1 2 3 0 0.5 0\n2 2 4 5 6\n",
         "in.data:13: image flag is '0.5', wanted an integer -2147483648..2147483647");
  refuse("t\n1 atoms\n4 atom types\n" BOX "Atoms\n\n1 4 1 2 3\n",
         "in.data: type 4 has no section Masses and only 3 species are given");
  refuse("t\n1 atoms\n1 atom types\n-1e308 0 xlo xhi\n0 10 ylo yhi\n0 10 zlo zhi\nAtoms\n\n1 1 "
         "1e308 2 3\n",
         "in.data:9: atom 1 is infinitely far away");
}

/* All problems at once, but not thousands. */
static void test_many(void **state)
{
  const char *const head = HEADER MASSES "Atoms\n\n", *const row = "1 9 1 2 x\n";
  char text[8192];
  size_t used = strlen(head);
  mtp_config config;
  mtp_diag diag = {0};

  (void)state;
  memcpy(text, head, used + 1);
  for (int i = 0; i < 100; i++, used += strlen(row)) memcpy(text + used, row, strlen(row) + 1);
  parse(text, &config, &diag);
  assert_int_equal(diag.n, 20);
  assert_string_equal(diag.text[0], "in.data:13: atom type is '9', wanted an integer 1..2");
  assert_string_equal(diag.text[1], "in.data:13: 'x', wanted a finite number");
  assert_string_equal(diag.text[2], "in.data:14: atom type is '9', wanted an integer 1..2");
  expect_ok(mtp_diag_clear(&diag));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_atomic),     cmocka_unit_test(test_charge_tilt_origin),
      cmocka_unit_test(test_names),      cmocka_unit_test(test_other_lines),
      cmocka_unit_test(test_bad_header), cmocka_unit_test(test_bad_sections),
      cmocka_unit_test(test_bad_atoms),  cmocka_unit_test(test_many),
      cmocka_unit_test(test_no_species), cmocka_unit_test(test_layout),
  };
  return expect_main(argc, argv, help, tests);
}
