/* tests/unit/properties/test_prop_vacf.c - against direct sums, and D of Langevin particles */
#include "properties/prop_vacf.h"
#include "tests/support/expect.h"
#include "tests/support/random.h"

static const char help[] = "Velocity autocorrelation and its integral\n";

enum { N = 5, SAMPLES = 1000 };

static const PetscInt types[N] = {0, 1, 0, 1, 1};

/* Velocities that remember 4 samples: <v^2> = 1 a component, correlation exp(-k/4) */
static void move(random_stream *stream, md_atoms *atoms)
{
  const PetscReal c = exp(-0.25);

  for (PetscInt i = 0; i < 3 * atoms->n; i++) {
    atoms->v[i] = c * atoms->v[i] + sqrt(1.0 - c * c) * random_normal(stream);
  }
}

/* Its integral by a trapezoidal sum over samples, in units of their time: (1/2) coth(1/8) */
static PetscReal langevin_diffusion(void)
{
  return 0.5 / tanh(0.125);
}

static void make_atoms(PetscInt n, PetscInt nspecies, random_stream *stream, md_atoms *atoms)
{
  expect_ok(md_atoms_create(n, nspecies, atoms));
  for (PetscInt i = 0; i < 3 * n; i++) atoms->v[i] = random_normal(stream);
  for (PetscInt i = 0; i < n && nspecies > 1; i++) atoms->type[i] = types[i];
}

/* [SAMPLES, 3 N] */
static PetscReal *record(md_atoms *atoms, prop_vacf *vacf, random_stream *stream)
{
  PetscReal *v = malloc(sizeof(*v) * SAMPLES * 3 * N);

  for (PetscInt s = 0; s < SAMPLES; s++) {
    memcpy(v + s * 3 * N, atoms->v, sizeof(*v) * 3 * N);
    expect_ok(prop_vacf_add(vacf, atoms));
    move(stream, atoms);
  }
  return v;
}

/* Correlation of means over `width` samples at lag k of them, straight from its definition */
static PetscReal direct(const PetscReal *v, PetscInt species, PetscInt width, PetscInt k)
{
  const PetscInt entries = SAMPLES / width;
  PetscReal sum = 0.0, natom = 0.0;

  for (PetscInt i = 0; i < N; i++) natom += types[i] == species;
  for (PetscInt m = 0; m + k < entries; m++) {
    for (PetscInt i = 0; i < 3 * N; i++) {
      PetscReal a = 0.0, b = 0.0;

      if (types[i / 3] != species) continue;
      for (PetscInt j = 0; j < width; j++) {
        a += v[(m * width + j) * 3 * N + i] / width;
        b += v[((m + k) * width + j) * 3 * N + i] / width;
      }
      sum += a * b;
    }
  }
  return sum / (3.0 * natom * (entries - k));
}

/* Every point of the curves of both species */
static void test_direct(void **state)
{
  random_stream stream = {81};
  prop_vacf_point point[PROP_VACF_POINTS];
  prop_vacf *vacf;
  md_atoms atoms;
  PetscReal *v;
  PetscInt n;

  (void)state;
  make_atoms(N, 2, &stream, &atoms);
  expect_ok(prop_vacf_create(&atoms, 2.0, 200.0, &vacf));
  v = record(&atoms, vacf, &stream);
  assert_int_equal(prop_vacf_samples(vacf), SAMPLES);
  for (PetscInt species = 0; species < 2; species++) {
    expect_ok(prop_vacf_curve(vacf, species, &n, point));
    assert_int_equal(n, 16 + 3 * 8);
    for (PetscInt i = 0; i < n; i++) {
      const PetscInt width = i < 16 ? 1 : 1 << (1 + (i - 16) / 8), k = i < 16 ? i : 8 + i % 8;
      PetscReal sum = 0.5 * direct(v, species, width, 0);

      for (PetscInt j = 1; j <= k; j++) sum += direct(v, species, width, j);
      expect_near(point[i].time, 2.0 * k * width, 1e-14, "lag");
      expect_near(point[i].upper, 2.0 * (k + 0.5) * width, 1e-14, "upper limit");
      expect_abs(point[i].correlation, direct(v, species, width, k), 1e-12, "correlation");
      expect_abs(point[i].integral, 2.0 * width * sum, 1e-11, "integral");
      if (i) expect(point[i].upper > point[i - 1].upper, "rising");
    }
  }
  free(v);
  expect_ok(prop_vacf_destroy(&vacf));
  expect_ok(md_atoms_clear(&atoms));
}

/* Interrupted after 1, 16, 17, 333 and 640 samples: the same bits as without */
static void test_continued(void **state)
{
  const PetscInt stop[] = {1, 16, 17, 333, 640};

  (void)state;
  for (int k = 0; k < 5; k++) {
    random_stream stream = {82};
    md_blob a = {0}, b = {0}, c = {0};
    prop_vacf *whole, *part, *rest;
    md_atoms atoms;

    make_atoms(N, 2, &stream, &atoms);
    expect_ok(prop_vacf_create(&atoms, 2.0, 1000.0, &whole));
    expect_ok(prop_vacf_create(&atoms, 2.0, 1000.0, &part));
    expect_ok(prop_vacf_create(&atoms, 2.0, 1000.0, &rest));
    for (PetscInt s = 0; s < SAMPLES; s++) {
      if (s == stop[k]) {
        expect_ok(prop_vacf_save(part, &c));
        expect_ok(prop_vacf_load(rest, &c));
      }
      expect_ok(prop_vacf_add(whole, &atoms));
      expect_ok(prop_vacf_add(s < stop[k] ? part : rest, &atoms));
      move(&stream, &atoms);
    }
    expect_ok(prop_vacf_save(whole, &a));
    expect_ok(prop_vacf_save(rest, &b));
    assert_int_equal(a.size, b.size);
    assert_memory_equal(a.data, b.data, a.size);
    expect_ok(md_blob_clear(&a));
    expect_ok(md_blob_clear(&b));
    expect_ok(md_blob_clear(&c));
    expect_ok(prop_vacf_destroy(&whole));
    expect_ok(prop_vacf_destroy(&part));
    expect_ok(prop_vacf_destroy(&rest));
    expect_ok(md_atoms_clear(&atoms));
  }
}

static prop_estimate diffuse(random_stream *stream, PetscInt n, PetscInt samples)
{
  PetscReal from, to;
  prop_estimate est;
  prop_vacf *vacf;
  md_atoms atoms;

  make_atoms(n, 1, stream, &atoms);
  expect_ok(prop_vacf_create(&atoms, 1.0, samples, &vacf));
  for (PetscInt s = 0; s < samples; s++) {
    expect_ok(prop_vacf_add(vacf, &atoms));
    move(stream, &atoms);
  }
  expect_ok(prop_vacf_diffusion(vacf, 0, &est, &from, &to));
  if (!isnan(est.mean)) {
    expect_near(to, 2.0 * from, 1e-14, "an octave");
    expect(from >= 20.0 && from <= samples / 16.0, "past the memory of 4 samples");
  }
  expect_ok(prop_vacf_destroy(&vacf));
  expect_ok(md_atoms_clear(&atoms));
  return est;
}

/* 200 runs of 16 particles over 750 memories */
static void test_langevin(void **state)
{
  enum { RUNS = 200 };
  const PetscReal truth = langevin_diffusion();
  PetscReal mean = 0.0, scatter = 0.0, error = 0.0, two = 0.0, one = 0.0, flagged = 0.0, sum = 0.0;
  random_stream stream = {83};

  (void)state;
  for (int k = 0; k < RUNS; k++) {
    const prop_estimate est = diffuse(&stream, 16, 3000);
    const PetscInt dof = (PetscInt)est.neff - 1;

    if (est.flags & PROP_FLAG_NO_PLATEAU) flagged += 1.0 / RUNS;
    if (!(est.error > 0.0)) continue;
    sum += 1.0;
    mean += est.mean;
    scatter += PetscSqr(est.mean - truth);
    error += PetscSqr(est.error);
    one += fabs(est.mean - truth) < (1.0 + 0.5 / dof + 0.25 / (dof * dof)) * est.error;
    two += fabs(est.mean - truth) < prop_student95(dof) * est.error;
  }
  mean /= sum;
  scatter = sqrt(scatter / sum);
  error = sqrt(error / sum);
  print_message("%.0f: D %.4f of %.4f, scatter %.4f, error %.4f, covered %.3f %.3f, flagged %.3f\n",
                sum, mean, truth, scatter, error, one / sum, two / sum, flagged);
  expect(sum >= 0.95 * RUNS && flagged <= 0.06, "a plateau is found");
  expect_abs(mean, truth, 4.0 * scatter / sqrt(RUNS), "no bias");
  expect_abs(one / sum, 0.68, 0.11, "one error covers the truth in 68 %");
  expect_abs(two / sum, 0.95, 0.05, "the 95 % interval covers it in 95 %");
}

/* Straight flight, nothing but noise of too few samples, no atoms */
static void test_gates(void **state)
{
  random_stream stream = {84};
  prop_vacf_point point[PROP_VACF_POINTS];
  prop_estimate est;
  prop_vacf *vacf;
  md_atoms atoms;
  PetscInt n;

  (void)state;
  make_atoms(N, 1, &stream, &atoms);
  atoms.nspecies = 2;
  expect_ok(prop_vacf_create(&atoms, 1.0, 100.0, &vacf));
  for (PetscInt s = 0; s < 500; s++) expect_ok(prop_vacf_add(vacf, &atoms));
  expect_ok(prop_vacf_diffusion(vacf, 0, &est, NULL, NULL));
  expect(isnan(est.mean) && est.flags & PROP_FLAG_NO_PLATEAU, "straight flight has no plateau");
  expect_ok(prop_vacf_diffusion(vacf, 1, &est, NULL, NULL));
  expect(isnan(est.mean) && isnan(est.error) && est.neff == 0.0, "no atoms");
  expect_ok(prop_vacf_curve(vacf, 1, &n, point));
  assert_int_equal(n, 0);
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_vacf_diffusion(vacf, 2, &est, NULL, NULL));
  atoms.v[4] = PROP_NAN;
  expect_error(PETSC_ERR_FP, prop_vacf_add(vacf, &atoms));
  atoms.v[4] = 0.0;
  atoms.type[2] = 1;
  expect_error(PETSC_ERR_ARG_INCOMP, prop_vacf_add(vacf, &atoms));
  assert_int_equal(prop_vacf_samples(vacf), 500);
  expect_ok(prop_vacf_destroy(&vacf));
  expect_ok(prop_vacf_destroy(&vacf));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_vacf_create(&atoms, 0.0, 1.0, &vacf));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_vacf_create(&atoms, 1.0, PROP_NAN, &vacf));
  expect_ok(md_atoms_clear(&atoms));
  est = diffuse(&stream, 1, 20);
  expect(isnan(est.mean) && est.flags & PROP_FLAG_FEW_SAMPLES, "twenty samples");
}

/* A blob of other atoms, of another time, cut short, into an estimator that has samples */
static void test_foreign(void **state)
{
  random_stream stream = {85};
  prop_vacf *from, *other;
  md_blob blob = {0}, cut = {0};
  md_atoms atoms;

  (void)state;
  make_atoms(N, 2, &stream, &atoms);
  expect_ok(prop_vacf_create(&atoms, 1.0, 100.0, &from));
  for (PetscInt s = 0; s < 50; s++) expect_ok(prop_vacf_add(from, &atoms));
  expect_ok(prop_vacf_save(from, &blob));
  expect_ok(prop_vacf_create(&atoms, 2.0, 200.0, &other));
  expect_error(PETSC_ERR_FILE_UNEXPECTED, prop_vacf_load(other, &blob));
  expect_ok(prop_vacf_destroy(&other));
  blob.read = 0;
  expect_error(PETSC_ERR_ARG_WRONGSTATE, prop_vacf_load(from, &blob));
  atoms.type[0] = 1;
  expect_ok(prop_vacf_create(&atoms, 1.0, 100.0, &other));
  expect_error(PETSC_ERR_FILE_UNEXPECTED, prop_vacf_load(other, &blob));
  expect_ok(prop_vacf_destroy(&other));
  atoms.type[0] = 0;
  expect_ok(prop_vacf_create(&atoms, 1.0, 100.0, &other));
  md_blob_view(&cut, blob.data, blob.size - 1);
  expect_error(PETSC_ERR_FILE_UNEXPECTED, prop_vacf_load(other, &cut));
  expect_ok(prop_vacf_destroy(&other));
  expect_ok(prop_vacf_destroy(&from));
  expect_ok(md_blob_clear(&blob));
  expect_ok(md_atoms_clear(&atoms));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_direct),   cmocka_unit_test(test_continued),
      cmocka_unit_test(test_gates),    cmocka_unit_test(test_foreign),
      cmocka_unit_test(test_langevin),
  };

  return expect_main(argc, argv, help, tests);
}
