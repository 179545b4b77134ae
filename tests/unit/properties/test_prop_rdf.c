/* tests/unit/properties/test_prop_rdf.c */
#include "properties/prop_rdf.h"
#include "tests/support/expect.h"
#include "tests/support/random.h"

static const char help[] = "Radial distributions: counts by hand, states, merging, refusals\n";

enum { NBIN = 40 };

static void make_box(PetscInt n, PetscInt nspecies, PetscReal edge, md_atoms *atoms)
{
  expect_ok(md_atoms_create(n, nspecies, atoms));
  for (PetscInt i = 0; i < n; i++) atoms->type[i] = i % nspecies;
  for (int a = 0; a < 3; a++) atoms->h[a][a] = edge;
}

static void scatter_atoms(random_stream *stream, md_atoms *atoms)
{
  for (PetscInt i = 0; i < 3 * atoms->n; i++) {
    atoms->x[i] = atoms->h[0][0] * (3.0 * random_uniform(stream) - 1.0);
  }
}

/* Two atoms 1.5 Å apart in a cube of 10 and then of 20 Å, rmax 4, bins of 0.1: all is in bin 15,
   with the shell 4/3 pi (1.6^3 - 1.5^3); g = (1000 + 8000)/2 * 1 / (1 * 1 * shell). */
static void test_by_hand(void **state)
{
  PetscReal r[NBIN], g[NBIN], n[NBIN];
  const PetscReal shell = 4.0 / 3.0 * PETSC_PI * (1.6 * 1.6 * 1.6 - 1.5 * 1.5 * 1.5);
  prop_rdf *rdf;
  md_atoms atoms;

  (void)state;
  make_box(2, 2, 10.0, &atoms);
  atoms.x[0] = 9.9; /* neighbours across the boundary, one of them far from home */
  atoms.x[3] = 11.45 - 30.0;
  expect_ok(prop_rdf_create(2, 4.0, NBIN, &rdf));
  assert_int_equal(prop_rdf_nbin(rdf), NBIN);
  expect_ok(prop_rdf_add(rdf, &atoms));
  for (int a = 0; a < 3; a++) atoms.h[a][a] = 20.0;
  atoms.x[3] = 11.45;
  expect_ok(prop_rdf_add(rdf, &atoms));
  expect(prop_rdf_samples(rdf) == 2, "samples are counted");
  for (PetscInt a = 0; a < 2; a++) {
    expect_ok(prop_rdf_curve(rdf, a, 1 - a, r, g, n));
    for (PetscInt k = 0; k < NBIN; k++) {
      expect_near(r[k], 0.1 * k + 0.05, 1e-14, "bin centre");
      expect_near(g[k], k == 15 ? 4500.0 / shell : 0.0, 1e-12, "g of a pair");
      expect_abs(n[k], k >= 15 ? 1.0 : 0.0, 0.0, "one neighbour");
    }
    expect_ok(prop_rdf_curve(rdf, a, a, r, g, n));
    expect(isnan(g[15]), "an only atom has no g of its kind");
    expect_abs(n[NBIN - 1], 0.0, 0.0, "and no neighbour of its kind");
  }
  expect_ok(prop_rdf_destroy(&rdf));
  expect_ok(prop_rdf_destroy(&rdf));
  expect_ok(md_atoms_clear(&atoms));
}

static void expect_same_bits(const prop_rdf *one, const prop_rdf *two)
{
  md_blob a = {0}, b = {0};

  expect_ok(prop_rdf_save(one, &a));
  expect_ok(prop_rdf_save(two, &b));
  assert_int_equal(a.size, b.size);
  assert_memory_equal(a.data, b.data, a.size);
  expect_ok(md_blob_clear(&a));
  expect_ok(md_blob_clear(&b));
}

/* Interrupted before sample 0, 1, 15, 16, 37 and continued in a fresh estimator */
static void test_save_load(void **state)
{
  static const PetscInt cuts[] = {0, 1, 15, 16, 37};
  md_atoms atoms;

  (void)state;
  make_box(12, 3, 6.0, &atoms);
  for (size_t c = 0; c < sizeof(cuts) / sizeof(cuts[0]); c++) {
    random_stream stream = {41};
    prop_rdf *whole, *part;

    expect_ok(prop_rdf_create(3, 5.0, NBIN, &whole));
    expect_ok(prop_rdf_create(3, 5.0, NBIN, &part));
    for (PetscInt s = 0; s < 50; s++) {
      if (s == cuts[c]) {
        md_blob blob = {0};

        expect_ok(prop_rdf_save(part, &blob));
        expect_ok(prop_rdf_destroy(&part));
        expect_ok(prop_rdf_create(3, 5.0, NBIN, &part));
        expect_ok(prop_rdf_load(part, &blob));
        expect(blob.read == blob.size, "load reads what save wrote");
        expect_ok(md_blob_clear(&blob));
      }
      scatter_atoms(&stream, &atoms);
      expect_ok(prop_rdf_add(whole, &atoms));
      expect_ok(prop_rdf_add(part, &atoms));
    }
    expect_same_bits(whole, part);
    expect_ok(prop_rdf_destroy(&whole));
    expect_ok(prop_rdf_destroy(&part));
  }
  expect_ok(md_atoms_clear(&atoms));
}

/* Samples 0..29 in one estimator, or 0..9 and 10..29 merged: the same curves. */
static void test_merge(void **state)
{
  random_stream stream = {42};
  PetscReal r[NBIN], g[2][NBIN], n[2][NBIN];
  prop_rdf *whole, *into, *from, *empty;
  prop_estimate peak, number;
  PetscBool found;
  md_atoms atoms;

  (void)state;
  make_box(10, 2, 6.0, &atoms);
  expect_ok(prop_rdf_create(2, 5.0, NBIN, &whole));
  expect_ok(prop_rdf_create(2, 5.0, NBIN, &into));
  expect_ok(prop_rdf_create(2, 5.0, NBIN, &from));
  expect_ok(prop_rdf_create(2, 5.0, NBIN, &empty));
  for (PetscInt s = 0; s < 30; s++) {
    for (int a = 0; a < 3; a++) atoms.h[a][a] = 6.0 + 0.01 * s;
    scatter_atoms(&stream, &atoms);
    expect_ok(prop_rdf_add(whole, &atoms));
    expect_ok(prop_rdf_add(s < 10 ? into : from, &atoms));
  }
  expect_ok(prop_rdf_merge(into, empty));
  expect_ok(prop_rdf_merge(into, from));
  expect(prop_rdf_samples(into) == 30, "samples add up");
  expect_ok(prop_rdf_merge(empty, into));
  for (PetscInt a = 0; a < 2; a++) {
    for (PetscInt b = 0; b < 2; b++) {
      expect_ok(prop_rdf_curve(whole, a, b, r, g[0], n[0]));
      expect_ok(prop_rdf_curve(empty, a, b, r, g[1], n[1]));
      for (PetscInt k = 0; k < NBIN; k++) {
        expect_near(g[1][k], g[0][k], 1e-13, "merged g");
        expect_abs(n[1][k], n[0][k], 0.0, "merged counts are exact");
      }
    }
  }
  expect_error(PETSC_ERR_ARG_WRONGSTATE, prop_rdf_add(into, &atoms));
  expect_ok(prop_rdf_estimate(into, into, 0, 1, &peak, &number, &found));
  expect(isnan(number.error) && number.neff == 0.0, "merged replicas have no error bar");
  expect_ok(prop_rdf_destroy(&whole));
  expect_ok(prop_rdf_destroy(&into));
  expect_ok(prop_rdf_destroy(&from));
  expect_ok(prop_rdf_destroy(&empty));
  expect_ok(md_atoms_clear(&atoms));
}

static void test_refusals(void **state)
{
  random_stream stream = {43};
  PetscReal r[NBIN], g[NBIN], n[NBIN], number;
  prop_rdf *rdf, *other;
  md_atoms atoms, fewer;
  md_blob blob = {0};
  PetscBool found;

  (void)state;
  make_box(10, 2, 6.0, &atoms);
  make_box(9, 2, 6.0, &fewer);
  scatter_atoms(&stream, &atoms);
  scatter_atoms(&stream, &fewer);
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_rdf_create(0, 5.0, NBIN, &rdf));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_rdf_create(1, 0.0, NBIN, &rdf));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_rdf_create(1, PROP_NAN, NBIN, &rdf));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_rdf_create(1, 5.0, 0, &rdf));
  expect_ok(prop_rdf_create(2, 5.0, NBIN, &rdf));
  expect_ok(prop_rdf_curve(rdf, 0, 1, r, g, n));
  expect(isnan(g[0]) && isnan(n[0]), "nothing sampled, nothing known");
  expect_ok(prop_rdf_coordination(rdf, 0, 1, r, g, &number, &found));
  expect(!found && isnan(number), "nothing sampled, no shell");
  expect_ok(prop_rdf_add(rdf, &atoms));
  expect_error(PETSC_ERR_ARG_INCOMP, prop_rdf_add(rdf, &fewer));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_rdf_curve(rdf, 0, 2, r, g, n));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_rdf_coordination(rdf, -1, 0, r, g, &number, &found));
  expect_ok(prop_rdf_save(rdf, &blob));
  expect_ok(prop_rdf_create(2, 4.0, NBIN, &other));
  expect_error(PETSC_ERR_ARG_INCOMP, prop_rdf_merge(other, rdf));
  expect_error(PETSC_ERR_FILE_UNEXPECTED, prop_rdf_load(other, &blob));
  expect_ok(prop_rdf_destroy(&other));
  expect_ok(prop_rdf_create(2, 5.0, NBIN, &other));
  expect_ok(prop_rdf_add(other, &fewer));
  expect_error(PETSC_ERR_ARG_INCOMP, prop_rdf_merge(other, rdf));
  expect_ok(prop_rdf_destroy(&other));
  blob.read = 0;
  blob.size -= 4;
  expect_ok(prop_rdf_create(2, 5.0, NBIN, &other));
  expect_error(PETSC_ERR_FILE_UNEXPECTED, prop_rdf_load(other, &blob));
  expect_ok(prop_rdf_destroy(&other));
  expect_ok(prop_rdf_destroy(&rdf));
  expect_ok(md_blob_clear(&blob));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_atoms_clear(&fewer));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_by_hand),
                                     cmocka_unit_test(test_save_load), cmocka_unit_test(test_merge),
                                     cmocka_unit_test(test_refusals)};

  return expect_main(argc, argv, help, tests);
}
