/* tests/unit/properties/test_prop_life.c */
#include "properties/prop_life.h"
#include "tests/support/expect.h"
#include "tests/support/random.h"

static const char help[] = "Lifetimes of neighbours: exchange at a known rate, tolerance, states\n";

enum { NPAIR = 12 };

/* Centres 20 Å apart along x, each with an atom of its own, 2 or 6 Å away. */
static void make_atoms(md_atoms *atoms)
{
  expect_ok(md_atoms_create(2 * NPAIR, 2, atoms));
  atoms->h[0][0] = 20.0 * NPAIR;
  atoms->h[1][1] = atoms->h[2][2] = 20.0;
  for (PetscInt i = 0; i < 2 * NPAIR; i++) {
    atoms->type[i] = i % 2;
    atoms->x[3 * i] = 20.0 * (PetscReal)(i - i % 2) / 2.0;
  }
}

static void place(md_atoms *atoms, PetscInt pair, PetscBool bound)
{
  atoms->x[3 * (2 * pair + 1) + 1] = bound ? 2.0 : 6.0;
}

/* Bonds of mean `mean` samples, exponential, then 30 samples apart; with `flicker` a bond is absent
 * for two samples now and then, and there are visits of one sample.  n samples into `life`. */
static void exchange(random_stream *stream, PetscReal mean, PetscInt n, PetscBool flicker,
                     prop_life *life)
{
  PetscReal until[NPAIR];
  md_atoms atoms;

  make_atoms(&atoms);
  for (PetscInt p = 0; p < NPAIR; p++) until[p] = -mean * log(random_uniform(stream));
  for (PetscInt s = 0; s < n; s++) {
    for (PetscInt p = 0; p < NPAIR; p++) {
      PetscBool bound = (PetscBool)(s < until[p]);

      if (s >= until[p] + 30.0) {
        until[p] = s - mean * log(random_uniform(stream));
        bound = PETSC_TRUE;
      }
      /* five before the end of a bond, so that an absence is no end of it */
      if (flicker && bound && s % 16 < 2 && s < until[p] - 5.0) bound = PETSC_FALSE;
      if (flicker && !bound && s > until[p] + 10.0 && s < until[p] + 11.0) bound = PETSC_TRUE;
      place(&atoms, p, bound);
    }
    expect_ok(prop_life_add(life, &atoms));
  }
  expect_ok(md_atoms_clear(&atoms));
}

static prop_life *create(PetscReal tolerance)
{
  const prop_life_settings set = {0, 1, 3.0, tolerance, 10.0};
  prop_life *life;

  expect_ok(prop_life_create(&set, &life));
  return life;
}

/* A mean of 50 samples of 10 fs, over 600 samples: the mean of 60 runs has no bias, their scatter
 * is that which they say. */
static void run_many(PetscReal tolerance, PetscBool flicker, PetscReal bias)
{
  random_stream stream = {11};
  PetscReal sum = 0.0, square = 0.0, weight = 0.0;

  for (PetscInt r = 0; r < 60; r++) {
    prop_life *life = create(tolerance);
    prop_estimate est;

    exchange(&stream, 50.0, 600, flicker, life);
    expect_ok(prop_life_estimate(life, &est));
    expect(est.neff > 20.0 && est.neff < 130.0 && est.flags == 0, "ninety bonds or so have ended");
    sum += est.mean / 60.0;
    square += PetscSqr((est.mean - 500.0) / est.error) / 60.0;
    weight += est.error / 60.0;
    expect_ok(prop_life_destroy(&life));
  }
  expect_abs(sum, 500.0, bias + 3.5 * weight / sqrt(60.0), "mean lifetime");
  expect(square > 0.5 && square < 1.5, "error bars");
}

static void test_exchange(void **state)
{
  (void)state;
  run_many(0.0, PETSC_FALSE, 0.0);
}

/* Absences of two samples and visits of one do not count with a tolerance of three. */
static void test_tolerance(void **state)
{
  random_stream stream = {12};
  prop_life *strict = create(0.0);
  prop_estimate est;

  (void)state;
  run_many(30.0, PETSC_TRUE, 10.0);
  exchange(&stream, 50.0, 600, PETSC_TRUE, strict);
  expect_ok(prop_life_estimate(strict, &est));
  expect(est.mean < 200.0, "without tolerance they do");
  expect_ok(prop_life_destroy(&strict));
}

/* By hand: a bond of 5 samples that ended, one of 4 that has not: 4 + 3 kept, 1 ended. */
static void test_by_hand(void **state)
{
  prop_life *life = create(0.0);
  prop_estimate est;
  md_atoms atoms;

  (void)state;
  make_atoms(&atoms);
  for (PetscInt p = 0; p < NPAIR; p++) place(&atoms, p, PETSC_FALSE);
  for (PetscInt s = 0; s < 7; s++) {
    place(&atoms, 0, (PetscBool)(s < 5));
    place(&atoms, 1, (PetscBool)(s >= 3));
    expect_ok(prop_life_add(life, &atoms));
    expect_ok(prop_life_estimate(life, &est));
    if (s < 5) expect(isnan(est.mean) && est.flags == PROP_FLAG_FEW_SAMPLES, "none has ended");
  }
  expect(prop_life_samples(life) == 7, "samples");
  expect_near(est.mean, -10.0 / log(7.0 / 8.0), 1e-13, "lifetime");
  expect(est.error >= est.mean && est.error < 1.5 * est.mean, "error of one bond");
  expect_near(est.neff, PetscSqr(est.mean / est.error), 1e-13, "at most one");
  expect_ok(prop_life_destroy(&life));
  expect_ok(prop_life_destroy(&life));
  expect_ok(md_atoms_clear(&atoms));
}

/* A tolerance of three samples: absent for three a bond goes on, for four it is over.  Ten samples,
 * absent, ten samples, absent for long: 22 - 3 kept and one ended; or 6 + 6 and two. */
static void test_absence(void **state)
{
  (void)state;
  for (PetscInt absent = 3; absent <= 4; absent++) {
    const PetscReal kept = absent == 3 ? 19.0 : 12.0, ended = absent == 3 ? 1.0 : 2.0;
    prop_life *life = create(30.0);
    prop_estimate est;
    md_atoms atoms;

    make_atoms(&atoms);
    for (PetscInt p = 0; p < NPAIR; p++) place(&atoms, p, PETSC_FALSE);
    for (PetscInt s = 0; s < 40; s++) {
      place(&atoms, 3, (PetscBool)(s < 10 || (s >= 10 + absent && s < 20 + absent)));
      expect_ok(prop_life_add(life, &atoms));
    }
    expect_ok(prop_life_estimate(life, &est));
    expect_near(est.mean, -10.0 / log(kept / (kept + ended)), 1e-13, "lifetime");
    expect_ok(prop_life_destroy(&life));
    expect_ok(md_atoms_clear(&atoms));
  }
}

/* Two images of an atom in reach are one neighbour; like atoms make one bond a pair, none with
 * their own images. */
static void test_images(void **state)
{
  (void)state;
  for (PetscInt like = 0; like < 2; like++) {
    const prop_life_settings set = {0, 1 - like, 3.0, 0.0, 10.0};
    prop_life *life;
    prop_estimate est;
    md_atoms atoms;

    expect_ok(md_atoms_create(2, 2, &atoms));
    atoms.type[1] = 1 - like;
    atoms.h[0][0] = like ? 2.9 : 5.0;
    atoms.h[1][1] = atoms.h[2][2] = 20.0;
    expect_ok(prop_life_create(&set, &life));
    for (PetscInt s = 0; s < 3; s++) {
      atoms.x[3] = like ? 1.0 : 2.5;
      atoms.x[4] = s < 2 ? 0.0 : 8.0;
      expect_ok(prop_life_add(life, &atoms));
    }
    expect_ok(prop_life_estimate(life, &est));
    expect_near(est.mean, -10.0 / log(0.5), 1e-13, "one bond");
    expect_near(est.neff, 1.0, 1e-13, "one bond");
    expect_ok(prop_life_destroy(&life));
    expect_ok(md_atoms_clear(&atoms));
  }
}

/* Bonds in flight are saved: continued, the same bits. */
static void test_save_load(void **state)
{
  static const PetscInt cuts[] = {0, 1, 40, 100};
  const prop_life_settings wrong = {0, 1, 3.1, 30.0, 10.0}, bad = {0, 1, 0.0, 30.0, 10.0};
  prop_life *other;

  (void)state;
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_life_create(&bad, &other));
  for (size_t c = 0; c < sizeof(cuts) / sizeof(cuts[0]); c++) {
    random_stream one = {5}, two = {5};
    prop_life *whole = create(30.0), *part = create(30.0);
    md_blob a = {0}, b = {0};

    exchange(&one, 20.0, cuts[c], PETSC_FALSE, whole);
    exchange(&two, 20.0, cuts[c], PETSC_FALSE, part);
    expect_ok(prop_life_save(part, &a));
    expect_ok(prop_life_destroy(&part));
    part = create(30.0);
    expect_ok(prop_life_load(part, &a));
    expect(a.read == a.size, "load reads what save wrote");
    a.read = 0;
    expect_ok(prop_life_create(&wrong, &other));
    expect_error(PETSC_ERR_FILE_UNEXPECTED, prop_life_load(other, &a));
    expect_ok(prop_life_destroy(&other));
    expect_ok(md_blob_clear(&a));
    exchange(&one, 20.0, 70, PETSC_FALSE, whole);
    exchange(&two, 20.0, 70, PETSC_FALSE, part);
    expect_ok(prop_life_save(whole, &a));
    expect_ok(prop_life_save(part, &b));
    expect(a.size == b.size && memcmp(a.data, b.data, a.size) == 0, "the same bits");
    expect_ok(md_blob_clear(&a));
    expect_ok(md_blob_clear(&b));
    expect_ok(prop_life_destroy(&whole));
    expect_ok(prop_life_destroy(&part));
  }
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_exchange), cmocka_unit_test(test_tolerance),
      cmocka_unit_test(test_by_hand),  cmocka_unit_test(test_absence),
      cmocka_unit_test(test_images),   cmocka_unit_test(test_save_load)};

  return expect_main(argc, argv, help, tests);
}
