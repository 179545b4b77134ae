/* tests/unit/md/test_md_atoms.c */
#include "tests/support/expect.h"

#include "md/md_atoms.h"
#include "md/md_units.h"

static const char help[] = "Sums over atoms against numbers worked out by hand\n";

/* Round-off of a sum of a dozen terms. */
static const double tol = 1e-14;

/* Two species, masses 2 and 3; velocities (1,0,0) (0,2,0) (1,-1,2). */
static void make(md_atoms *atoms)
{
  const PetscReal v[9] = {1.0, 0.0, 0.0, 0.0, 2.0, 0.0, 1.0, -1.0, 2.0};

  expect_ok(md_atoms_create(3, 2, atoms));
  atoms->mass[0] = 2.0;
  atoms->mass[1] = 3.0;
  atoms->type[2] = 1;
  for (int k = 0; k < 9; k++) atoms->v[k] = v[k];
}

static void test_create(void **state)
{
  md_atoms atoms = {0};

  (void)state;
  make(&atoms);
  for (int k = 0; k < 9; k++) assert_true(atoms.x[k] == 0.0 && atoms.f[k] == 0.0);
  assert_int_equal(atoms.type[0], 0);
  expect_ok(md_atoms_clear(&atoms));
  assert_null(atoms.x);
  expect_ok(md_atoms_clear(&atoms));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, md_atoms_create(0, 1, &atoms));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, md_atoms_create(1, 0, &atoms));
  expect_ok(md_atoms_clear(&atoms));
}

static void test_copy(void **state)
{
  md_atoms atoms = {0}, copy = {0};

  (void)state;
  make(&atoms);
  for (int k = 0; k < 9; k++) {
    atoms.x[k] = k;
    atoms.f[k] = -k;
    (&atoms.h[0][0])[k] = 10 + k;
  }
  expect_ok(md_atoms_copy(&atoms, &copy));
  assert_int_equal(copy.n, 3);
  assert_int_equal(copy.nspecies, 2);
  assert_memory_equal(copy.x, atoms.x, sizeof(PetscReal[9]));
  assert_memory_equal(copy.v, atoms.v, sizeof(PetscReal[9]));
  assert_memory_equal(copy.f, atoms.f, sizeof(PetscReal[9]));
  assert_memory_equal(copy.h, atoms.h, sizeof(atoms.h));
  assert_memory_equal(copy.type, atoms.type, sizeof(PetscInt[3]));
  assert_memory_equal(copy.mass, atoms.mass, sizeof(PetscReal[2]));
  copy.x[0] = 99.0;
  expect(atoms.x[0] == 0.0, "the copy has arrays of its own");
  expect_ok(md_atoms_clear(&copy));
  expect_ok(md_atoms_clear(&atoms));
}

static void test_volume(void **state)
{
  const PetscReal right[3][3] = {{2.0, 1.0, 0.0}, {0.0, 3.0, 5.0}, {1.0, 0.0, 4.0}};
  md_atoms atoms = {0};

  (void)state;
  memcpy(atoms.h, right, sizeof(right));
  expect_near(md_atoms_volume(&atoms), 29.0, tol, "2*12 - 1*(0-5)");
  for (int a = 0; a < 3; a++) {
    const PetscReal swap = atoms.h[0][a];

    atoms.h[0][a] = atoms.h[1][a];
    atoms.h[1][a] = swap;
  }
  expect_near(md_atoms_volume(&atoms), 29.0, tol, "a left-handed cell has a volume too");
}

static void test_energies(void **state)
{
  /* K = (2*1 + 2*4 + 3*6)/2 = 14; sum m v_a v_b */
  const PetscReal want[9] = {5.0, -3.0, 6.0, -3.0, 11.0, -6.0, 6.0, -6.0, 12.0};
  md_atoms atoms = {0};
  PetscReal k[9];

  (void)state;
  make(&atoms);
  expect_near(md_atoms_kinetic(&atoms), 14.0, tol, "kinetic energy");
  expect_near(md_atoms_total_mass(&atoms), 7.0, tol, "total mass");
  expect_near(md_atoms_temperature(&atoms), 28.0 / (6.0 * MD_BOLTZMANN), tol, "3n - 3 degrees");
  md_atoms_kinetic_tensor(&atoms, k);
  for (int ab = 0; ab < 9; ab++) expect_abs(k[ab], want[ab], tol, "kinetic tensor");
  expect_near(k[0] + k[4] + k[8], 28.0, tol, "its trace is 2 K");
  atoms.n = 1;
  expect_near(md_atoms_temperature(&atoms), 2.0 / (3.0 * MD_BOLTZMANN), tol, "one atom has three");
  atoms.n = 3;
  expect_ok(md_atoms_clear(&atoms));
}

static void test_drift(void **state)
{
  /* centre of mass: (2*1 + 3*1, 2*2 - 3*1, 3*2) / 7 */
  const PetscReal drift[3] = {5.0 / 7.0, 1.0 / 7.0, 6.0 / 7.0};
  md_atoms atoms = {0}, before = {0};

  (void)state;
  make(&atoms);
  expect_ok(md_atoms_copy(&atoms, &before));
  md_atoms_stop_drift(&atoms);
  for (int k = 0; k < 9; k++) {
    expect_abs(atoms.v[k], before.v[k] - drift[k % 3], tol, "all lose the same velocity");
  }
  for (int a = 0; a < 3; a++) {
    expect_abs(2.0 * atoms.v[a] + 2.0 * atoms.v[3 + a] + 3.0 * atoms.v[6 + a], 0.0, tol,
               "momentum");
  }
  expect_ok(md_atoms_clear(&before));
  expect_ok(md_atoms_clear(&atoms));
}

static void test_repeat(void **state)
{
  const PetscInt repeat[3] = {1, 2, 3}, none[3] = {1, 0, 1};
  md_atoms atoms = {0}, wide = {0};

  (void)state;
  make(&atoms);
  atoms.h[1][0] = 0.5;
  expect_ok(md_atoms_repeat(&atoms, repeat, &wide));
  assert_int_equal(wide.n, 6 * atoms.n);
  for (PetscInt i = 0; i < wide.n; i++) {
    const PetscInt image = i / atoms.n, from = i % atoms.n;

    assert_int_equal(wide.id[i], i);
    assert_int_equal(wide.type[i], atoms.type[from]);
    for (int k = 0; k < 3; k++) {
      const PetscInt row = image / 3;
      const PetscReal shift =
          (PetscReal)row * atoms.h[1][k] + (PetscReal)(image % 3) * atoms.h[2][k];

      expect_abs(wide.x[3 * i + k], atoms.x[3 * from + k] + shift, tol, "image after image");
      expect_abs(wide.v[3 * i + k], atoms.v[3 * from + k], 0.0, "with its velocity");
    }
  }
  expect_near(md_atoms_volume(&wide), 6.0 * md_atoms_volume(&atoms), tol, "volume");
  expect_near(md_atoms_kinetic(&wide), 6.0 * md_atoms_kinetic(&atoms), tol, "kinetic energy");
  expect_ok(md_atoms_clear(&wide));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, md_atoms_repeat(&atoms, none, &wide));
  expect_ok(md_atoms_clear(&atoms));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_create),   cmocka_unit_test(test_copy),  cmocka_unit_test(test_volume),
      cmocka_unit_test(test_energies), cmocka_unit_test(test_drift), cmocka_unit_test(test_repeat),
  };
  return expect_main(argc, argv, help, tests);
}
