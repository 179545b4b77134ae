/* tests/unit/md/test_md_xyz.c */
#include "tests/support/expect.h"

#include "md/md_pack.h"

#include <unistd.h>

static const char help[] =
    "Starting configurations from three kinds of files; frames written back\n";

static const char *const species[] = {"Ca", "K", "Cl"};
static const PetscReal mass[] = {40.0, 39.0, 35.0};

static void read_fixture(const char *name, md_atoms *atoms, mtp_diag *diag)
{
  char path[1024];

  snprintf(path, sizeof(path), "%s/md/%s", TEST_DATA, name);
  expect_ok(md_atoms_read(path, 3, species, mass, atoms, diag));
}

/* The same system stands in all three files: in the .cfg after another configuration, in the LAMMPS
   file out of order and away from the origin.  All its numbers are exact in binary. */
static void test_same_system(void **state)
{
  const char *const names[] = {"cacl2-kcl.xyz", "cacl2-kcl.cfg", "cacl2-kcl.data"};
  const PetscReal h[3][3] = {{10.0, 0.0, 0.0}, {0.5, 8.0, 0.0}, {-0.25, 1.0, 9.0}};
  const PetscInt type[7] = {0, 2, 2, 1, 2, 0, 2};
  const PetscReal x[21] = {0.0, 0.0, 0.0, 6.5, 0.75, 2.125, 3.0, 2.5, 6.0, 7.0, 5.5,
                           8.0, 9.0, 1.5, 7.0, 5.0,  3.5,   3.0, 4.5, 7.0, 0.5};

  (void)state;
  for (int k = 0; k < 3; k++) {
    md_atoms atoms;
    mtp_diag diag = {0};

    read_fixture(names[k], &atoms, &diag);
    for (PetscInt i = 0; i < diag.n; i++) print_message("%s\n", diag.text[i]);
    assert_int_equal(diag.n, 0);
    assert_int_equal(atoms.n, 7);
    assert_int_equal(atoms.nspecies, 3);
    assert_memory_equal(atoms.mass, mass, sizeof(mass));
    assert_memory_equal(atoms.h, h, sizeof(h));
    assert_memory_equal(atoms.type, type, sizeof(type));
    for (int c = 0; c < 21; c++) {
      expect_abs(atoms.x[c], x[c], 0.0, names[k]);
      assert_true(atoms.v[c] == 0.0 && atoms.f[c] == 0.0);
    }
    expect_ok(md_atoms_clear(&atoms));
  }
}

static void refuse(const char *path, PetscInt ns, const char *message)
{
  md_atoms atoms;
  mtp_diag diag = {0};

  expect_ok(md_atoms_read(path, ns, species, mass, &atoms, &diag));
  assert_int_equal(diag.n, 1);
  assert_string_equal(diag.text[0], message);
  assert_int_equal(atoms.n, 0);
  assert_null(atoms.x);
  expect_ok(mtp_diag_clear(&diag));
}

static void test_refusals(void **state)
{
  (void)state;
  refuse(
      "start.pdb", 3,
      "start.pdb: unknown kind of file, wanted a name that ends in .cfg, .xyz, .extxyz, .data or "
      ".lmp");
  refuse(TEST_DATA "/md/slab.xyz", 3,
         TEST_DATA "/md/slab.xyz: 2 lattice vectors, wanted three: a liquid is periodic");
  refuse(TEST_DATA "/md/cacl2-kcl.cfg", 2,
         TEST_DATA "/md/cacl2-kcl.cfg: atom 2 has type 2, wanted 0..1: one for each species");
}

/* A missing file is a message of the reader of its kind, whichever that is. */
static void test_missing(void **state)
{
  const char *const names[] = {"none.cfg", "none.xyz", "none.extxyz", "none.data", "none.lmp"};

  (void)state;
  for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
    md_atoms atoms;
    mtp_diag diag = {0};

    expect_ok(md_atoms_read(names[k], 3, species, mass, &atoms, &diag));
    assert_int_equal(diag.n, 1);
    assert_non_null(strstr(diag.text[0], names[k]));
    assert_int_equal(atoms.n, 0);
    expect_ok(mtp_diag_clear(&diag));
  }
}

/* Numbers that are not exact in binary or decimal come back to the last bit. */
static void fill(md_atoms *atoms)
{
  expect_ok(md_atoms_create(3, 3, atoms));
  for (PetscInt i = 0; i < 3; i++) atoms->type[i] = 2 - i;
  for (int k = 0; k < 9; k++) {
    atoms->x[k] = (k - 4) * 100.0 / 3.0;
    atoms->v[k] = (4 - k) * 1e-3 / 7.0;
    (&atoms->h[0][0])[k] = (k % 4 == 0 ? 20.0 : 1.0) / 3.0;
  }
}

static void test_round_trip(void **state)
{
  md_atoms atoms;
  mtp_config_list list = {0};
  mtp_diag diag = {0};
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);

  (void)state;
  fill(&atoms);
  expect_ok(md_atoms_write_xyz(&atoms, species, 0.1, -1.0 / 3.0, out));
  expect_ok(md_atoms_write_xyz(&atoms, species, 0.2, -2.0 / 3.0, out));
  assert_int_equal(fclose(out), 0);
  assert_non_null(strstr(text, "Properties=species:S:1:pos:R:3:vel:R:3"));
  assert_non_null(strstr(text, "\nCl -133.33333333333334 -100 "));
  expect_ok(mtp_xyz_parse("frames", text, size, 3, species, &list, &diag));
  for (PetscInt i = 0; i < diag.n; i++) print_message("%s\n", diag.text[i]);
  assert_int_equal(diag.n, 0);
  assert_int_equal(list.n, 2);
  for (int f = 0; f < 2; f++) {
    assert_memory_equal(list.config[f].x, atoms.x, sizeof(PetscReal[9]));
    assert_memory_equal(list.config[f].h, atoms.h, sizeof(atoms.h));
    assert_memory_equal(list.config[f].type, atoms.type, sizeof(PetscInt[3]));
    assert_true(list.config[f].has_energy && list.config[f].energy == -(f + 1) / 3.0);
  }
  expect(strtod(mtp_config_feature(&list.config[1], "Time"), NULL) == 0.2, "time of the frame");
  expect_ok(mtp_config_list_clear(&list));
  expect_ok(md_atoms_clear(&atoms));
  free(text);
}

/* Velocities stand in the last three columns with all their digits. */
static void test_velocities(void **state)
{
  md_atoms atoms;
  char *text = NULL, *line;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);

  (void)state;
  fill(&atoms);
  expect_ok(md_atoms_write_xyz(&atoms, species, 0.0, 0.0, out));
  assert_int_equal(fclose(out), 0);
  line = text;
  for (int skip = 0; skip < 2; skip++) line = strchr(line, '\n') + 1;
  for (int i = 0; i < 3; i++, line = strchr(line, '\n') + 1) {
    double x[3], v[3];

    assert_int_equal(
        sscanf(line, "%*s %lf %lf %lf %lf %lf %lf", &x[0], &x[1], &x[2], &v[0], &v[1], &v[2]), 6);
    assert_memory_equal(v, &atoms.v[3 * i], sizeof(v));
  }
  expect_ok(md_atoms_clear(&atoms));
  free(text);
}

static void test_write_failure(void **state)
{
  md_atoms atoms;

  (void)state;
  fill(&atoms);
  for (int buffered = 0; buffered < 2; buffered++) { /* fails in a print, or in the flush */
    FILE *full = fopen("/dev/full", "w");

    if (!full) skip();
    assert_int_equal(setvbuf(full, NULL, buffered ? _IOFBF : _IONBF, 4096), 0);
    expect_error(PETSC_ERR_FILE_WRITE, md_atoms_write_xyz(&atoms, species, 0.0, 0.0, full));
    (void)fclose(full);
  }
  expect_ok(md_atoms_clear(&atoms));
}

/* Two configurations kept for a reason, the second with words that could end its line. */
static void test_append(void **state)
{
  char path[] = "/tmp/liquidus-kept-XXXXXX";
  md_atoms atoms;
  mtp_config_list list = {0};
  mtp_diag diag = {0};
  const int fd = mkstemp(path);

  (void)state;
  assert_true(fd >= 0);
  close(fd);
  fill(&atoms);
  expect_ok(md_atoms_append_xyz(path, &atoms, species, 10.0, -1.5, "the last good one"));
  expect_ok(md_atoms_append_xyz(path, &atoms, species, 20.0, -2.5, "Cl 3 is \"lost\"\nat step 20"));
  expect_ok(mtp_xyz_read(path, 3, species, &list, &diag));
  assert_int_equal(diag.n, 0);
  assert_int_equal(list.n, 2);
  assert_string_equal(mtp_config_feature(&list.config[0], "reason"), "the last good one");
  assert_string_equal(mtp_config_feature(&list.config[1], "reason"), "Cl 3 is 'lost' at step 20");
  assert_memory_equal(list.config[1].x, atoms.x, sizeof(PetscReal[9]));
  expect_error(PETSC_ERR_FILE_WRITE,
               md_atoms_append_xyz("/dev/full", &atoms, species, 0.0, 0.0, "full"));
  expect_error(PETSC_ERR_FILE_OPEN,
               md_atoms_append_xyz("/nowhere/at/all", &atoms, species, 0.0, 0.0, "nowhere"));
  expect_ok(mtp_config_list_clear(&list));
  expect_ok(md_atoms_clear(&atoms));
  unlink(path);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_same_system), cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_missing),     cmocka_unit_test(test_round_trip),
      cmocka_unit_test(test_velocities),  cmocka_unit_test(test_write_failure),
      cmocka_unit_test(test_append),
  };
  return expect_main(argc, argv, help, tests);
}
