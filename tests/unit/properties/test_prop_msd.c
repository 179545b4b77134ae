/* tests/unit/properties/test_prop_msd.c */
#include "properties/prop_msd.h"
#include "tests/support/expect.h"
#include "tests/support/random.h"

static const char help[] = "Mean squared displacements by hand and by brute force\n";

enum { ROOM = PROP_MSD_LAGS * PROP_MSD_LEVELS };

/* n atoms in a cube of edge 10, types 0, 1, 0, 1, ... */
static void make_atoms(PetscInt n, PetscInt nspecies, md_atoms *atoms)
{
  expect_ok(md_atoms_create(n, nspecies, atoms));
  for (PetscInt i = 0; i < n; i++) atoms->type[i] = i % nspecies;
  for (int a = 0; a < 3; a++) atoms->h[a][a] = 10.0;
}

/* All atoms take a step, uniform in a cube, that depends on the species. */
static void walk(random_stream *stream, md_atoms *atoms)
{
  for (PetscInt i = 0; i < 3 * atoms->n; i++) {
    atoms->x[i] += (random_uniform(stream) - 0.5) * (1.0 + atoms->type[i / 3]);
  }
}

/* The only atom jumps by 2 Å along x before samples 3 and 5 of 0..6; dt = 2 fs.
   x = 0 0 0 2 2 4 4.  Lag 1: (0 0 4 0 4 0)/6 = 4/3.  Lag 2: (0 4 4 4 4)/5 = 16/5.
   Lag 3: (4 4 16 4)/4 = 7.  Lag 4: (4 16 16)/3 = 12.  Lag 5: 16.  Lag 6: 16. */
static void test_by_hand(void **state)
{
  static const PetscReal position[] = {0, 0, 0, 2, 2, 4, 4};
  static const PetscReal want[] = {4.0 / 3.0, 3.2, 7.0, 12.0, 16.0, 16.0};
  PetscReal lag[ROOM], value[ROOM], error[ROOM];
  prop_msd *msd;
  md_atoms atoms;
  PetscInt n;

  (void)state;
  make_atoms(1, 1, &atoms);
  expect_ok(prop_msd_create(&atoms, 2.0, 7, &msd));
  for (int s = 0; s < 7; s++) {
    atoms.x[0] = position[s];
    expect_ok(prop_msd_add(msd, &atoms));
  }
  expect_ok(prop_msd_curve(msd, 0, &n, lag, value, error));
  assert_int_equal(n, 6);
  for (PetscInt i = 0; i < n; i++) {
    expect_abs(lag[i], 2.0 * (i + 1), 0.0, "lag");
    expect_near(value[i], want[i], 1e-15, "mean squared displacement");
  }
  expect(isnan(error[5]), "one origin gives no error bar");
  expect_ok(prop_msd_destroy(&msd));
  expect_ok(prop_msd_destroy(&msd));
  expect_ok(md_atoms_clear(&atoms));
}

/* Mean over atoms of a species and over origins 0, every, 2 every, ... */
static PetscReal brute_force(const PetscReal *x, PetscInt nsample, PetscInt n, PetscInt species,
                             PetscInt lag, PetscInt every)
{
  PetscReal sum = 0.0;
  PetscInt count = 0;

  for (PetscInt o = 0; o + lag < nsample; o += every) {
    for (PetscInt i = species; i < n; i += 2) {
      for (PetscInt a = 0; a < 3; a++) {
        sum += PetscSqr(x[((o + lag) * n + i) * 3 + a] - x[(o * n + i) * 3 + a]);
      }
      count++;
    }
  }
  return sum / count;
}

/* Level 0 uses every origin, level l those that 2^l divides. */
static void test_brute_force(void **state)
{
  enum { N = 5, SAMPLES = 600 };
  static PetscReal x[SAMPLES * N * 3];
  PetscReal lag[ROOM], value[ROOM], error[ROOM];
  random_stream stream = {21};
  prop_msd *msd;
  md_atoms atoms;
  PetscInt n;

  (void)state;
  make_atoms(N, 2, &atoms);
  expect_ok(prop_msd_create(&atoms, 1.0, SAMPLES, &msd));
  for (PetscInt s = 0; s < SAMPLES; s++) {
    memcpy(x + s * N * 3, atoms.x, N * 3 * sizeof(PetscReal));
    expect_ok(prop_msd_add(msd, &atoms));
    walk(&stream, &atoms);
  }
  for (PetscInt species = 0; species < 2; species++) {
    expect_ok(prop_msd_curve(msd, species, &n, lag, value, error));
    assert_int_equal(n, 16 + 5 * 8); /* 9 * 2^5 = 288 <= 300 < 9 * 2^6 */
    expect_abs(lag[n - 1], 512.0, 0.0, "longest lag of level 5");
    for (PetscInt i = 0; i < n; i++) {
      const PetscInt every = i < 16 ? 1 : 1 << (i / 8 - 1);

      expect(i == 0 || lag[i] > lag[i - 1], "lags rise");
      expect_near(value[i], brute_force(x, SAMPLES, N, species, (PetscInt)lag[i], every), 1e-12,
                  "multiple-tau equals brute force");
    }
  }
  expect_ok(prop_msd_destroy(&msd));
  expect_ok(md_atoms_clear(&atoms));
}

static void expect_same_bits(const prop_msd *one, const prop_msd *two)
{
  md_blob a = {0}, b = {0};

  expect_ok(prop_msd_save(one, &a));
  expect_ok(prop_msd_save(two, &b));
  assert_int_equal(a.size, b.size);
  assert_memory_equal(a.data, b.data, a.size);
  expect_ok(md_blob_clear(&a));
  expect_ok(md_blob_clear(&b));
}

/* Interrupted at samples 0, 1, 17 and 333 and continued in a fresh estimator */
static void test_save_load(void **state)
{
  static const PetscInt cuts[] = {0, 1, 17, 333};

  (void)state;
  for (size_t c = 0; c < sizeof(cuts) / sizeof(cuts[0]); c++) {
    random_stream stream = {22};
    prop_msd *whole, *part;
    md_atoms atoms;

    make_atoms(4, 2, &atoms);
    expect_ok(prop_msd_create(&atoms, 1.0, 500, &whole));
    expect_ok(prop_msd_create(&atoms, 1.0, 500, &part));
    for (PetscInt s = 0; s < 500; s++) {
      if (s == cuts[c]) {
        md_blob blob = {0};

        expect_ok(prop_msd_save(part, &blob));
        expect_ok(prop_msd_destroy(&part));
        expect_ok(prop_msd_create(&atoms, 1.0, 500, &part));
        expect_ok(prop_msd_load(part, &blob));
        expect(blob.read == blob.size, "load reads what save wrote");
        expect(prop_msd_samples(part) == s, "samples are counted");
        expect_ok(md_blob_clear(&blob));
      }
      expect_ok(prop_msd_add(whole, &atoms));
      expect_ok(prop_msd_add(part, &atoms));
      walk(&stream, &atoms);
    }
    expect_same_bits(whole, part);
    expect_ok(prop_msd_destroy(&whole));
    expect_ok(prop_msd_destroy(&part));
    expect_ok(md_atoms_clear(&atoms));
  }
}

/* What belongs to something else is refused. */
static void test_bad_states(void **state)
{
  prop_msd *msd, *other;
  md_atoms atoms;
  md_blob blob = {0};

  (void)state;
  make_atoms(4, 2, &atoms);
  expect_ok(prop_msd_create(&atoms, 1.0, 100, &msd));
  expect_ok(prop_msd_add(msd, &atoms));
  expect_ok(prop_msd_save(msd, &blob));
  expect_ok(prop_msd_create(&atoms, 1.0, 101, &other));
  expect_error(PETSC_ERR_FILE_UNEXPECTED, prop_msd_load(other, &blob));
  expect_ok(prop_msd_destroy(&other));
  blob.read = 0;
  expect_ok(prop_msd_create(&atoms, 1.5, 100, &other));
  expect_error(PETSC_ERR_FILE_UNEXPECTED, prop_msd_load(other, &blob));
  expect_ok(prop_msd_destroy(&other));
  blob.read = 0;
  atoms.type[0] = 1;
  expect_ok(prop_msd_create(&atoms, 1.0, 100, &other));
  expect_error(PETSC_ERR_FILE_UNEXPECTED, prop_msd_load(other, &blob));
  expect_error(PETSC_ERR_ARG_INCOMP, prop_msd_add(msd, &atoms));
  atoms.type[0] = 0;
  blob.read = 0;
  blob.size -= 8;
  expect_ok(prop_msd_destroy(&other));
  expect_ok(prop_msd_create(&atoms, 1.0, 100, &other));
  expect_error(PETSC_ERR_FILE_UNEXPECTED, prop_msd_load(other, &blob));
  expect_ok(prop_msd_destroy(&other));
  atoms.x[7] = PROP_NAN;
  expect_error(PETSC_ERR_FP, prop_msd_add(msd, &atoms));
  expect(prop_msd_samples(msd) == 1, "a refused sample does not count");
  expect_ok(prop_msd_destroy(&msd));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_msd_create(&atoms, 0.0, 100, &msd));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_msd_create(&atoms, 1.0, 0, &msd));
  expect_ok(md_blob_clear(&blob));
  expect_ok(md_atoms_clear(&atoms));
}

/* No samples, too few samples, no atoms of a species, no such species */
static void test_without_data(void **state)
{
  const PetscInt none = PROP_FLAG_NO_SIZE_CORRECTION | PROP_FLAG_FEW_SAMPLES;
  PetscReal lag[ROOM], value[ROOM], error[ROOM];
  random_stream stream = {23};
  prop_estimate est;
  prop_msd *msd;
  md_atoms atoms;
  PetscInt n;

  (void)state;
  make_atoms(2, 2, &atoms);
  atoms.type[1] = 0;
  expect_ok(prop_msd_create(&atoms, 1.0, 1000, &msd));
  for (PetscInt s = 0; s < 33; s++) {
    expect_ok(prop_msd_curve(msd, 0, &n, lag, value, error));
    if (s <= 17) assert_int_equal(n, PetscMax(s - 1, 0)); /* lags 1..16 appear one by one */
    expect_ok(prop_msd_diffusion(msd, 0, &est));
    expect(isnan(est.mean) && isnan(est.error) && est.neff == 0.0, "too short for a slope");
    assert_int_equal(est.flags, none);
    expect_ok(prop_msd_add(msd, &atoms));
    walk(&stream, &atoms);
  }
  expect_ok(prop_msd_diffusion(msd, 0, &est));
  expect(!isnan(est.mean), "33 samples give a slope");
  expect_ok(prop_msd_diffusion(msd, 1, &est));
  expect(isnan(est.mean) && est.neff == 0.0, "no atoms, no diffusion");
  expect_ok(prop_msd_curve(msd, 1, &n, lag, value, error));
  assert_int_equal(n, 0);
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_msd_diffusion(msd, 2, &est));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_msd_curve(msd, -1, &n, lag, value, error));
  expect_ok(prop_msd_destroy(&msd));
  expect_ok(md_atoms_clear(&atoms));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_by_hand),      cmocka_unit_test(test_brute_force),
      cmocka_unit_test(test_save_load),    cmocka_unit_test(test_bad_states),
      cmocka_unit_test(test_without_data),
  };

  return expect_main(argc, argv, help, tests);
}
