/* tests/unit/properties/test_prop_sq.c */
#include "properties/prop_sq.h"
#include "tests/support/expect.h"
#include "tests/support/random.h"

static const char help[] = "Structure factors: sums by hand, gases, lattices, states, refusals\n";

enum { NSHELL = 40, ALL = 1000000 };

static void make_atoms(PetscInt n, PetscInt nspecies, const PetscReal h[3][3], md_atoms *atoms)
{
  expect_ok(md_atoms_create(n, nspecies, atoms));
  for (PetscInt i = 0; i < n; i++) atoms->type[i] = i % nspecies;
  memcpy(atoms->h, h, sizeof(atoms->h));
}

/* Anywhere in space: the factors are periodic. */
static void scatter_atoms(random_stream *stream, md_atoms *atoms)
{
  for (PetscInt i = 0; i < atoms->n; i++) {
    for (int a = 0; a < 3; a++) atoms->x[3 * i + a] = 0.0;
    for (int d = 0; d < 3; d++) {
      const PetscReal s = 5.0 * random_uniform(stream) - 2.0;

      for (int a = 0; a < 3; a++) atoms->x[3 * i + a] += s * atoms->h[d][a];
    }
  }
}

/* sum over pairs of cos q (r_i - r_j) for every q of a skewed cell, by hand: q . h = 2 pi k */
static void direct(const md_atoms *atoms, const PetscReal b[3][3], PetscReal qmax, PetscInt a,
                   PetscInt c, PetscReal sum[NSHELL], PetscReal n[NSHELL])
{
  for (PetscInt k = 0; k < NSHELL; k++) sum[k] = n[k] = 0.0;
  for (PetscInt m = 0; m < 41 * 41 * 41; m++) {
    const PetscInt k[3] = {m % 41 - 20, m / 41 % 41 - 20, m / 1681 - 20};
    PetscReal q[3], size, re[2] = {0}, im[2] = {0};
    PetscInt shell;

    for (int d = 0; d < 3; d++)
      q[d] = (double)k[0] * b[0][d] + (double)k[1] * b[1][d] + (double)k[2] * b[2][d];
    size = sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2]);
    if (size >= qmax || size == 0.0) continue;
    shell = (PetscInt)(size / qmax * NSHELL);
    for (PetscInt i = 0; i < atoms->n; i++) {
      const PetscReal *x = &atoms->x[3 * i], angle = q[0] * x[0] + q[1] * x[1] + q[2] * x[2];

      for (int s = 0; s < 2; s++) {
        if (atoms->type[i] != (s ? c : a)) continue;
        re[s] += cos(angle);
        im[s] += sin(angle);
      }
    }
    sum[shell] += re[0] * re[1] + im[0] * im[1];
    n[shell] += 1.0;
  }
}

/* Seven atoms of two species in a skewed cell, every vector. */
static void test_direct_sum(void **state)
{
  const PetscReal h[3][3] = {{9.0, 0.5, 0.0}, {-1.0, 8.0, 1.5}, {2.0, 0.0, 7.0}}, qmax = 5.0;
  const PetscReal natom[2] = {4.0, 3.0};
  const PetscReal volume = 9.0 * 56.0 - 0.5 * (-7.0 - 3.0);
  PetscReal b[3][3], q[NSHELL], s[NSHELL], error[NSHELL], sum[NSHELL], n[NSHELL];
  random_stream stream = {7};
  md_atoms atoms;
  prop_sq *sq;

  (void)state;
  for (int i = 0; i < 3; i++) {
    const PetscReal *u = h[(i + 1) % 3], *v = h[(i + 2) % 3];

    b[i][0] = 2.0 * PETSC_PI / volume * (u[1] * v[2] - u[2] * v[1]);
    b[i][1] = 2.0 * PETSC_PI / volume * (u[2] * v[0] - u[0] * v[2]);
    b[i][2] = 2.0 * PETSC_PI / volume * (u[0] * v[1] - u[1] * v[0]);
  }
  make_atoms(7, 2, h, &atoms);
  scatter_atoms(&stream, &atoms);
  expect_ok(prop_sq_create(2, qmax, NSHELL, ALL, &sq));
  expect_ok(prop_sq_add(sq, &atoms));
  expect(prop_sq_samples(sq) == 1 && prop_sq_nshell(sq) == NSHELL, "counts");
  for (PetscInt a = 0; a < 2; a++) {
    for (PetscInt c = 0; c < 2; c++) {
      const PetscReal pairs = natom[a] * (natom[c] - (a == c ? 1.0 : 0.0));

      direct(&atoms, b, qmax, a, c, sum, n);
      expect_ok(prop_sq_curve(sq, a, c, q, s, error));
      for (PetscInt k = 0; k < NSHELL; k++) {
        expect_near(q[k], 0.125 * (k + 0.5), 1e-14, "centre of a shell");
        expect(isnan(error[k]), "one sample has no error bar");
        expect(isnan(s[k]) == (n[k] == 0.0), "shells with vectors");
        if (n[k] > 0.0)
          expect_abs(s[k], 1.0 + 7.0 * (sum[k] / n[k] - (a == c ? natom[a] : 0.0)) / pairs, 1e-10,
                     "structure factor");
      }
    }
  }
  expect(isnan(s[2]) && !isnan(s[30]), "the cell has a longest wave");
  expect_ok(prop_sq_destroy(&sq));
  expect_ok(prop_sq_destroy(&sq));
  expect_ok(md_atoms_clear(&atoms));
}

/* Ideal gas: 1 everywhere; deviations in units of the error bar have the variance 1 (15/13 or so
 * by Student's t with few blocks).  Few vectors a shell, so that most are left out. */
static void test_ideal_gas(void **state)
{
  const PetscReal h[3][3] = {{12, 0, 0}, {0, 11, 0}, {0, 0, 13}};
  PetscReal q[NSHELL], s[NSHELL], error[NSHELL], z = 0.0, sum[3] = {0};
  random_stream stream = {8};
  PetscInt known = 0;
  md_atoms atoms;
  prop_sq *sq;

  (void)state;
  make_atoms(60, 2, h, &atoms);
  expect_ok(prop_sq_create(2, 6.0, NSHELL, 12, &sq));
  for (PetscInt k = 0; k < 128; k++) {
    scatter_atoms(&stream, &atoms);
    expect_ok(prop_sq_add(sq, &atoms));
  }
  for (PetscInt p = 0; p < 3; p++) {
    expect_ok(prop_sq_curve(sq, p / 2, p > 0, q, s, error));
    for (PetscInt k = 0; k < NSHELL; k++) {
      if (isnan(s[k])) continue;
      expect_abs(s[k], 1.0, 5.0 * error[k], "ideal gas");
      z += PetscSqr((s[k] - 1.0) / error[k]);
      sum[p] += s[k];
      known++;
    }
  }
  expect(known > 3 * (NSHELL - 5), "nearly all shells have vectors");
  expect_abs(z / known, 1.0, 0.45, "error bars");
  for (int p = 0; p < 3; p++) expect_abs(sum[p] / (known / 3.0), 1.0, 0.02, "mean");
  expect_ok(prop_sq_destroy(&sq));
  expect_ok(md_atoms_clear(&atoms));
}

/* Rock salt of 2^3 cells with edge 6, 32 + 32 atoms.  Like ions: rho = 32 at hkl all even or all
 * odd, else 0; unlike: the product is 32^2 at even, -32^2 at odd.  (111) is at 1.814, alone in its
 * shell; (200) at 2.094; (100), (110) and what no lattice has are extinct. */
static void test_rock_salt(void **state)
{
  static const PetscReal basis[8][3] = {{0, 0, 0}, {0, 1, 1}, {1, 0, 1}, {1, 1, 0},
                                        {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 1, 1}};
  const PetscReal h[3][3] = {{12, 0, 0}, {0, 12, 0}, {0, 0, 12}};
  const PetscReal unit = PETSC_PI / 6.0; /* of the cell of 12 */
  const PetscReal peak = 1.0 + 64.0 * (1024.0 - 32.0) / (32.0 * 31.0);
  const PetscReal none = 1.0 - 64.0 * 32.0 / (32.0 * 31.0);
  PetscReal q[60], like[60], unlike[60], error[60];
  md_atoms atoms;
  prop_sq *sq;

  (void)state;
  make_atoms(64, 2, h, &atoms);
  for (PetscInt i = 0; i < 64; i++) {
    atoms.type[i] = i % 8 / 4;
    for (int a = 0; a < 3; a++) atoms.x[3 * i + a] = 3.0 * basis[i % 8][a] + 6.0 * (i / 8 >> a & 1);
  }
  /* Shells of a twentieth of the cell's unit: sqrt of whole numbers are apart up to 3. */
  expect_ok(prop_sq_create(2, 3.9 * unit, 60, ALL, &sq));
  expect_ok(prop_sq_add(sq, &atoms));
  expect_ok(prop_sq_curve(sq, 0, 0, q, like, error));
  expect_ok(prop_sq_curve(sq, 0, 1, q, unlike, error));
  for (PetscInt k = 0; k < 60; k++) {
    const PetscReal square = PetscSqr(q[k] / unit);
    const PetscBool bragg = (PetscBool)(fabs(sqrt(square) - sqrt(12.0)) < 0.033);

    if (isnan(like[k])) continue;
    expect_abs(like[k], bragg ? peak : none, 1e-9, "like ions");
    expect_abs(unlike[k], bragg ? 1.0 - 64.0 : 1.0, 1e-9, "unlike ions");
  }
  expect_ok(prop_sq_destroy(&sq));
  expect_ok(md_atoms_clear(&atoms));
}

static void expect_same_bits(const prop_sq *one, const prop_sq *two)
{
  md_blob a = {0}, b = {0};

  expect_ok(prop_sq_save(one, &a));
  expect_ok(prop_sq_save(two, &b));
  assert_int_equal(a.size, b.size);
  assert_memory_equal(a.data, b.data, a.size);
  expect_ok(md_blob_clear(&a));
  expect_ok(md_blob_clear(&b));
}

/* Interrupted before sample 0, 1, 15, 16, 37 and continued in a fresh estimator; the cell breathes
 * and drops vectors on the way. */
static void test_save_load(void **state)
{
  static const PetscInt cuts[] = {0, 1, 15, 16, 37};
  const PetscReal h[3][3] = {{7, 0, 0}, {0, 7, 0}, {0, 0, 7}};
  md_atoms atoms;

  (void)state;
  make_atoms(13, 3, h, &atoms);
  for (size_t c = 0; c < sizeof(cuts) / sizeof(cuts[0]); c++) {
    random_stream stream = {41};
    prop_sq *whole, *part;

    expect_ok(prop_sq_create(3, 5.0, NSHELL, 5, &whole));
    expect_ok(prop_sq_create(3, 5.0, NSHELL, 5, &part));
    for (PetscInt s = 0; s < 50; s++) {
      if (s == cuts[c]) {
        md_blob blob = {0};

        expect_ok(prop_sq_save(part, &blob));
        expect_ok(prop_sq_destroy(&part));
        expect_ok(prop_sq_create(3, 5.0, NSHELL, 5, &part));
        expect_ok(prop_sq_load(part, &blob));
        expect(blob.read == blob.size, "load reads what save wrote");
        expect_ok(md_blob_clear(&blob));
      }
      for (int a = 0; a < 3; a++) atoms.h[a][a] = 7.0 + 0.02 * (s % 7) - 0.01 * s;
      scatter_atoms(&stream, &atoms);
      expect_ok(prop_sq_add(whole, &atoms));
      expect_ok(prop_sq_add(part, &atoms));
    }
    expect_same_bits(whole, part);
    expect_ok(prop_sq_destroy(&whole));
    expect_ok(prop_sq_destroy(&part));
  }
  expect_ok(md_atoms_clear(&atoms));
}

static void test_block_error(void **state)
{
  const PetscReal up[] = {1, 2, 3, 4}, swing[] = {0, 2, 0, 2, 0, 2}, flat[] = {3, 3, 3, 3};

  (void)state;
  /* singles: 5/12; pairs 1.5 and 3.5: 2/2 = 1 */
  expect_near(prop_block_error(4, up), 1.0, 1e-14, "pairs scatter more than singles");
  expect_near(prop_block_error(6, swing), sqrt(6.0 / 30.0), 1e-14, "singles scatter more");
  expect(isnan(prop_block_error(4, flat)), "no scatter, no error bar");
  expect(isnan(prop_block_error(3, up)), "too few");
}

static void test_refusals(void **state)
{
  const PetscReal h[3][3] = {{7, 0, 0}, {0, 7, 0}, {0, 0, 7}};
  PetscReal q[NSHELL], s[NSHELL], error[NSHELL];
  md_blob blob = {0};
  md_atoms atoms;
  prop_sq *sq, *other;

  (void)state;
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_sq_create(0, 5.0, NSHELL, 5, &sq));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_sq_create(1, 0.0, NSHELL, 5, &sq));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_sq_create(1, 5.0, 0, 5, &sq));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_sq_create(1, 5.0, NSHELL, 0, &sq));
  make_atoms(3, 2, h, &atoms);
  expect_ok(prop_sq_create(2, 5.0, NSHELL, 5, &sq));
  expect_ok(prop_sq_create(2, 5.0, NSHELL, 6, &other));
  expect_ok(prop_sq_curve(sq, 0, 1, q, s, error));
  expect(isnan(s[30]), "nothing was sampled");
  expect_ok(prop_sq_add(sq, &atoms));
  expect_ok(prop_sq_curve(sq, 1, 1, q, s, error));
  expect(isnan(s[30]), "an only atom has no factor of its kind");
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_sq_curve(sq, 0, 2, q, s, error));
  atoms.type[0] = 1;
  expect_error(PETSC_ERR_ARG_INCOMP, prop_sq_add(sq, &atoms));
  expect_ok(prop_sq_save(sq, &blob));
  expect_error(PETSC_ERR_FILE_UNEXPECTED, prop_sq_load(other, &blob));
  expect_ok(md_blob_clear(&blob));
  expect_ok(prop_sq_destroy(&sq));
  expect_ok(prop_sq_destroy(&other));
  expect_ok(md_atoms_clear(&atoms));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_direct_sum),  cmocka_unit_test(test_ideal_gas),
      cmocka_unit_test(test_rock_salt),   cmocka_unit_test(test_save_load),
      cmocka_unit_test(test_block_error), cmocka_unit_test(test_refusals)};

  return expect_main(argc, argv, help, tests);
}
