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
    const PetscInt type = atoms->type[i / 3];

    atoms->x[i] += (random_uniform(stream) - 0.5) * (1.0 + type);
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
  expect_ok(prop_msd_create(&atoms, 2.0, &msd));
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

/* Every lag with an origin must be in the curve, and no other. */
static void expect_brute_force(const prop_msd *msd, const PetscReal *x, PetscInt n,
                               PetscInt species)
{
  const PetscInt nsample = (PetscInt)prop_msd_samples(msd);
  PetscReal lag[ROOM], value[ROOM], error[ROOM];
  PetscInt nlag, at = 0;

  expect_ok(prop_msd_curve(msd, species, &nlag, lag, value, error));
  for (PetscInt every = 1; every < nsample; every *= 2) {
    for (PetscInt k = every > 1 ? 9 : 1; k <= 16 && k * every < nsample; k++) {
      assert_true(at < nlag);
      expect_abs(lag[at], k * every, 0.0, "lag");
      expect_near(value[at], brute_force(x, nsample, n, species, k * every, every), 1e-12,
                  "multiple-tau equals brute force");
      at++;
    }
  }
  assert_int_equal(nlag, at);
}

/* Level 0 uses every origin, level l those that 2^l divides; looked at while the run grows. */
static void test_brute_force(void **state)
{
  enum { N = 5, SAMPLES = 650 };
  static PetscReal x[SAMPLES * N * 3];
  random_stream stream = {21};
  prop_msd *msd;
  md_atoms atoms;

  (void)state;
  make_atoms(N, 2, &atoms);
  expect_ok(prop_msd_create(&atoms, 1.0, &msd));
  for (PetscInt s = 0; s < SAMPLES; s++) {
    memcpy(x + s * N * 3, atoms.x, N * 3 * sizeof(PetscReal));
    expect_ok(prop_msd_add(msd, &atoms));
    if (s < 70 || s % 64 < 2 || s % 64 == 63) {
      expect_brute_force(msd, x, N, 0);
      expect_brute_force(msd, x, N, 1);
    }
    walk(&stream, &atoms);
  }
  expect_ok(prop_msd_destroy(&msd));
  expect_ok(md_atoms_clear(&atoms));
}

/* Straight flight, one Å a sample: the square of the lag at every lag.  Level 15 has its longest
   lag at 16 2^15 samples and is the last. */
static void test_longest(void **state)
{
  PetscReal lag[ROOM], value[ROOM], error[ROOM];
  prop_msd *msd;
  md_atoms atoms;
  PetscInt n;

  (void)state;
  make_atoms(1, 1, &atoms);
  expect_ok(prop_msd_create(&atoms, 1.0, &msd));
  for (PetscInt s = 0; s < 600000; s++) {
    atoms.x[1] = s;
    expect_ok(prop_msd_add(msd, &atoms));
  }
  expect_ok(prop_msd_curve(msd, 0, &n, lag, value, error));
  assert_int_equal(n, 16 + 15 * 8);
  expect_abs(lag[n - 1], 16 << 15, 0.0, "the longest lag there is");
  for (PetscInt i = 0; i < n; i++) expect_near(value[i], lag[i] * lag[i], 1e-9, "straight flight");
  expect_ok(prop_msd_destroy(&msd));
  expect_ok(md_atoms_clear(&atoms));
}

/* Variance of a mean over origins in a stretch: 2/L times the integral over s < t, L of
   (1 - s/L)(1 - s/t)^2, a cubic, for which Simpson's rule is exact */
static PetscReal stretch_variance(PetscReal length, PetscReal t)
{
  const PetscReal h = PetscMin(length, t), m = h / 2.0;

  return h / (3.0 * length) *
         (1.0 + 4.0 * (1.0 - m / length) * PetscSqr(1.0 - m / t) +
          (1.0 - h / length) * PetscSqr(1.0 - h / t));
}

typedef struct {
  PetscInt nsample, lag, every; /* every: spacing of the origins */
  PetscInt length, ngroup;      /* origins 0..length-1, ... the last group takes the rest */
} group_case;

/* Error bar of the first atom's displacements from groups of origins */
static PetscReal group_error(const PetscReal *x, const group_case *c)
{
  const PetscInt norigin = c->nsample - c->lag;
  PetscReal value[16] = {0}, count[16] = {0}, mean = 0.0, scatter = 0.0, expected = 0.0,
            total = 0.0;

  for (PetscInt o = 0; o < norigin; o += c->every) {
    const PetscInt g = PetscMin(o / c->length, c->ngroup - 1);

    for (PetscInt a = 0; a < 3; a++) value[g] += PetscSqr(x[3 * (o + c->lag) + a] - x[3 * o + a]);
    count[g] += c->every;
    total += c->every;
  }
  for (PetscInt g = 0; g < c->ngroup; g++) mean += value[g] * c->every / total;
  for (PetscInt g = 0; g < c->ngroup; g++) {
    scatter += count[g] / total * PetscSqr(value[g] * c->every / count[g] - mean);
    expected += count[g] / total * stretch_variance(count[g], c->lag);
  }
  total = stretch_variance(total, c->lag);
  return sqrt(scatter * total / (expected - total));
}

/* Parts have 1 sample up to 16 samples, 2 up to 32, ... 64 up to 1024; a group has lag / part of
   them, rounded. */
static void test_error_bars(void **state)
{
  static const group_case cases[] = {
      {16, 1, 1, 1, 15},    {20, 2, 1, 2, 9},    {27, 4, 1, 4, 6},      {27, 5, 1, 6, 4},
      {32, 10, 1, 10, 2},   {33, 10, 1, 12, 2},  {600, 3, 1, 64, 9},    {600, 72, 8, 64, 8},
      {600, 96, 8, 128, 4}, {650, 80, 8, 64, 9}, {650, 192, 16, 192, 2}};
  static PetscReal x[650 * 3];
  PetscReal lag[ROOM], value[ROOM], error[ROOM];
  PetscInt n, seen = 0;
  random_stream stream = {24};
  prop_msd *msd;
  md_atoms atoms;

  (void)state;
  make_atoms(1, 1, &atoms);
  expect_ok(prop_msd_create(&atoms, 1.0, &msd));
  for (PetscInt s = 0; s < 650; s++) {
    memcpy(x + 3 * s, atoms.x, 3 * sizeof(PetscReal));
    expect_ok(prop_msd_add(msd, &atoms));
    walk(&stream, &atoms);
    expect_ok(prop_msd_curve(msd, 0, &n, lag, value, error));
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
      for (PetscInt i = 0; i < n && cases[c].nsample == s + 1; i++) {
        if (lag[i] != cases[c].lag) continue;
        expect_near(error[i], group_error(x, &cases[c]), 1e-9, "error bar from groups of parts");
        seen++;
      }
    }
    for (PetscInt i = 0; i < n; i++) {
      if (3.0 * lag[i] <= s + 1.0) expect(!isnan(error[i]), "error bar up to a third of the run");
      if (2.0 * lag[i] > s + 1.0) expect(isnan(error[i]), "none beyond half of the run");
    }
  }
  assert_int_equal(seen, sizeof(cases) / sizeof(cases[0]));
  expect_ok(prop_msd_destroy(&msd));
  expect_ok(md_atoms_clear(&atoms));
}

/* All that can be asked of an estimator */
typedef struct {
  md_blob blob;
  PetscInt n[2];
  PetscReal lag[2][ROOM], value[2][ROOM], error[2][ROOM];
  prop_estimate est[2];
} answers;

static void ask(const prop_msd *msd, answers *a)
{
  *a = (answers){0};
  expect_ok(prop_msd_save(msd, &a->blob));
  for (PetscInt s = 0; s < 2; s++) {
    expect_ok(prop_msd_curve(msd, s, &a->n[s], a->lag[s], a->value[s], a->error[s]));
    expect_ok(prop_msd_diffusion(msd, s, &a->est[s]));
  }
}

/* Bits, so that NaN equals NaN */
static void expect_same_bits(const prop_msd *msd, const answers *want)
{
  static answers got;

  ask(msd, &got);
  assert_int_equal(got.blob.size, want->blob.size);
  assert_memory_equal(got.blob.data, want->blob.data, want->blob.size);
  assert_memory_equal(got.n, want->n, sizeof(want->n));
  assert_memory_equal(got.lag, want->lag, sizeof(want->lag));
  assert_memory_equal(got.value, want->value, sizeof(want->value));
  assert_memory_equal(got.error, want->error, sizeof(want->error));
  for (PetscInt s = 0; s < 2; s++) {
    assert_memory_equal(&got.est[s].mean, &want->est[s].mean, sizeof(PetscReal));
    assert_memory_equal(&got.est[s].error, &want->est[s].error, sizeof(PetscReal));
    assert_memory_equal(&got.est[s].variance, &want->est[s].variance, sizeof(PetscReal));
    assert_memory_equal(&got.est[s].neff, &want->est[s].neff, sizeof(PetscReal));
    assert_int_equal(got.est[s].flags, want->est[s].flags);
  }
  expect_ok(md_blob_clear(&got.blob));
}

/* Lengths around those at which parts are merged and levels begun */
static PetscBool is_length(PetscInt s)
{
  static const PetscInt at[] = {1,  2,  15,  16,  17,  30,  31,  32,  33,  60,  61,  64, 65,
                                90, 97, 120, 121, 128, 129, 180, 240, 241, 256, 257, 270};

  for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
    if (s == at[i]) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

/* Goes on from `cut` samples saved by a run of that length, and compares at all longer lengths. */
static void lengthen(PetscInt cut, PetscInt nsample, const PetscReal *x, const answers *want,
                     md_atoms *atoms)
{
  md_blob blob = {0};
  prop_msd *msd;

  expect_ok(prop_msd_create(atoms, 1.0, &msd));
  md_blob_view(&blob, want[cut].blob.data, want[cut].blob.size);
  expect_ok(prop_msd_load(msd, &blob));
  expect(blob.read == blob.size, "load reads what save wrote");
  expect(prop_msd_samples(msd) == cut, "samples are counted");
  for (PetscInt s = cut; s <= nsample; s++) {
    if (s == cut || is_length(s)) expect_same_bits(msd, &want[s]);
    if (s == nsample) break;
    memcpy(atoms->x, x + 3 * s * atoms->n, 3 * (size_t)atoms->n * sizeof(PetscReal));
    expect_ok(prop_msd_add(msd, atoms));
  }
  expect_ok(prop_msd_destroy(&msd));
}

/* A run of every length up to 270, saved, continued in a fresh estimator and compared with the run
   that was never interrupted */
static void test_lengthen(void **state)
{
  enum { N = 3, SAMPLES = 270 };
  static PetscReal x[SAMPLES * N * 3];
  static answers want[SAMPLES + 1];
  random_stream stream = {22};
  prop_msd *whole;
  md_atoms atoms;

  (void)state;
  make_atoms(N, 2, &atoms);
  expect_ok(prop_msd_create(&atoms, 1.0, &whole));
  for (PetscInt s = 0; s <= SAMPLES; s++) {
    ask(whole, &want[s]);
    if (s == SAMPLES) break;
    memcpy(x + s * N * 3, atoms.x, N * 3 * sizeof(PetscReal));
    expect_ok(prop_msd_add(whole, &atoms));
    walk(&stream, &atoms);
  }
  expect(!isnan(want[SAMPLES].est[1].error), "there is something to compare");
  for (PetscInt cut = 0; cut <= SAMPLES; cut++) lengthen(cut, SAMPLES, x, want, &atoms);
  for (PetscInt s = 0; s <= SAMPLES; s++) expect_ok(md_blob_clear(&want[s].blob));
  expect_ok(prop_msd_destroy(&whole));
  expect_ok(md_atoms_clear(&atoms));
}

/* What belongs to something else is refused. */
static void test_bad_states(void **state)
{
  prop_msd *msd, *other;
  md_atoms atoms;
  md_blob blob = {0};

  (void)state;
  make_atoms(4, 2, &atoms);
  expect_ok(prop_msd_create(&atoms, 1.0, &msd));
  expect_ok(prop_msd_add(msd, &atoms));
  expect_ok(prop_msd_save(msd, &blob));
  expect_error(PETSC_ERR_ARG_WRONGSTATE, prop_msd_load(msd, &blob));
  expect_ok(prop_msd_create(&atoms, 1.5, &other));
  expect_error(PETSC_ERR_FILE_UNEXPECTED, prop_msd_load(other, &blob));
  expect_ok(prop_msd_destroy(&other));
  blob.read = 0;
  atoms.type[0] = 1;
  expect_ok(prop_msd_create(&atoms, 1.0, &other));
  expect_error(PETSC_ERR_FILE_UNEXPECTED, prop_msd_load(other, &blob));
  expect_error(PETSC_ERR_ARG_INCOMP, prop_msd_add(msd, &atoms));
  atoms.type[0] = 0;
  blob.read = 0;
  blob.size -= 8;
  expect_ok(prop_msd_destroy(&other));
  expect_ok(prop_msd_create(&atoms, 1.0, &other));
  expect_error(PETSC_ERR_FILE_UNEXPECTED, prop_msd_load(other, &blob));
  expect_ok(prop_msd_destroy(&other));
  atoms.x[7] = PROP_NAN;
  expect_error(PETSC_ERR_FP, prop_msd_add(msd, &atoms));
  expect(prop_msd_samples(msd) == 1, "a refused sample does not count");
  expect_ok(prop_msd_destroy(&msd));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_msd_create(&atoms, 0.0, &msd));
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
  expect_ok(prop_msd_create(&atoms, 1.0, &msd));
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
      cmocka_unit_test(test_longest),      cmocka_unit_test(test_error_bars),
      cmocka_unit_test(test_lengthen),     cmocka_unit_test(test_bad_states),
      cmocka_unit_test(test_without_data),
  };

  return expect_main(argc, argv, help, tests);
}
