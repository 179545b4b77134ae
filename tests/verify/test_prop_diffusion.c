/* tests/verify/test_prop_diffusion.c - diffusion coefficients against motions with known answers
 *
 * A free Langevin particle has velocity correlation <v^2> exp(-gamma t), so that per component
 *     <dx^2>(t) = 2 D (t - (1 - exp(-gamma t)) / gamma),   D = <v^2> / gamma,
 * and it can be propagated exactly over any step: (dx, v) are jointly Gaussian given v.
 */
#include "properties/prop_msd.h"
#include "tests/support/expect.h"
#include "tests/support/random.h"

static const char help[] =
    "Diffusion of Brownian and Langevin particles, and what is not diffusion\n";

enum { ROOM = PROP_MSD_LAGS * PROP_MSD_LEVELS };

/* Atoms of one species in a cube with (V/N)^(1/3) = spacing */
static void make_atoms(PetscInt n, PetscReal spacing, md_atoms *atoms)
{
  expect_ok(md_atoms_create(n, 1, atoms));
  for (int a = 0; a < 3; a++) atoms->h[a][a] = spacing * cbrt((PetscReal)n);
}

/* A motion changes atoms by one sample interval. */
typedef void (*motion)(random_stream *stream, md_atoms *atoms);

static prop_estimate diffuse(random_stream *stream, PetscInt n, PetscReal spacing, PetscInt samples,
                             PetscReal sample_time, motion move)
{
  prop_estimate est;
  prop_msd *msd;
  md_atoms atoms;

  make_atoms(n, spacing, &atoms);
  for (PetscInt i = 0; i < 3 * n; i++) atoms.v[i] = random_normal(stream);
  expect_ok(prop_msd_create(&atoms, sample_time, &msd));
  for (PetscInt s = 0; s < samples; s++) {
    expect_ok(prop_msd_add(msd, &atoms));
    move(stream, &atoms);
  }
  expect_ok(prop_msd_diffusion(msd, 0, &est));
  expect_ok(prop_msd_destroy(&msd));
  expect_ok(md_atoms_clear(&atoms));
  return est;
}

/* <dx^2> = 1 a sample and component: D = 1/2 over the sample time */
static void brownian(random_stream *stream, md_atoms *atoms)
{
  for (PetscInt i = 0; i < 3 * atoms->n; i++) atoms->x[i] += random_normal(stream);
}

/* Langevin with gamma dt = 0.25, <v^2> = 1 (in units of the sample time): D = 1/0.25 = 4.
   Given v: mean dx = v (1 - c)/gamma, c = exp(-gamma dt); the noise of v has variance 1 - c^2, that
   of dx (2 g - 3 + 4 c - c^2)/gamma^2 with g = gamma dt, their covariance is (1 - c)^2/gamma. */
static void langevin(random_stream *stream, md_atoms *atoms)
{
  const PetscReal g = 0.25, c = exp(-g), vv = 1.0 - c * c;
  const PetscReal xx = (2.0 * g - 3.0 + 4.0 * c - c * c) / (g * g), xv = (1.0 - c) * (1.0 - c) / g;

  for (PetscInt i = 0; i < 3 * atoms->n; i++) {
    const PetscReal noise = random_normal(stream);

    atoms->x[i] += atoms->v[i] * (1.0 - c) / g + xv / sqrt(vv) * noise +
                   sqrt(xx - xv * xv / vv) * random_normal(stream);
    atoms->v[i] = c * atoms->v[i] + sqrt(vv) * noise;
  }
}

/* Brownian motion, D = 1/2, about a place in a cage that is left in 40 samples: MSD = 3 t +
   6 a (1 - exp(-t/40)) with a = 8; the cage is kept in v.  At 16 samples beta
   is 0.94, the slope 1.27 D. */
static void slow_cage(random_stream *stream, md_atoms *atoms)
{
  const PetscReal c = exp(-1.0 / 40.0), a = 8.0;

  for (PetscInt i = 0; i < 3 * atoms->n; i++) {
    const PetscReal u = c * atoms->v[i] + sqrt(a * (1.0 - c * c)) * random_normal(stream);

    atoms->x[i] += u - atoms->v[i] + random_normal(stream);
    atoms->v[i] = u;
  }
}

static void ballistic(random_stream *stream, md_atoms *atoms)
{
  (void)stream;
  for (PetscInt i = 0; i < 3 * atoms->n; i++) atoms->x[i] += atoms->v[i];
}

/* Vibration about a place: positions independent from sample to sample */
static void vibration(random_stream *stream, md_atoms *atoms)
{
  for (PetscInt i = 0; i < 3 * atoms->n; i++) atoms->x[i] = 0.3 * random_normal(stream);
}

typedef struct {
  PetscReal mean, scatter, error; /* of D over realisations; root mean square error bar */
  PetscReal covered, clean;       /* fractions */
} statistics;

static statistics collect(uint64_t seed, PetscReal truth, PetscInt realisations, PetscInt n,
                          PetscReal spacing, PetscInt samples, PetscReal sample_time, motion move)
{
  const PetscReal share = 1.0 / (PetscReal)realisations;
  random_stream stream = {seed};
  statistics s = {0};

  for (PetscInt k = 0; k < realisations; k++) {
    const prop_estimate est = diffuse(&stream, n, spacing, samples, sample_time, move);

    s.mean += est.mean * share;
    s.scatter += PetscSqr(est.mean - truth) * share;
    s.error += PetscSqr(est.error) * share;
    /* a run of 8 t2 has origins for seven stretches as long as t2 */
    s.covered += fabs(est.mean - truth) < prop_student95(6) * est.error ? share : 0.0;
    s.clean += est.flags == (PROP_FLAG_NO_SIZE_CORRECTION | PROP_FLAG_FEW_SAMPLES) ? share : 0.0;
    expect(est.neff >= 12.0 - 1e-9 && est.neff < 16.0, "neff = 3 T / (2 t2), t2 about T/8");
  }
  s.scatter = sqrt(s.scatter);
  s.error = sqrt(s.error);
  print_message("D %.4f of %.4f, scatter %.4f, error %.4f, covered %.3f, clean %.3f\n", s.mean,
                truth, s.scatter, s.error, s.covered, s.clean);
  return s;
}

/* 400 realisations of 8 particles over 1200 samples of 2 fs.  The scatter is known to 3.5 %;
   measured: error 1.07 of it, covered 0.982; with weights t^-3 the scatter was 1.6 times as
   large. */
static void test_brownian(void **state)
{
  const statistics s = collect(31, 0.25, 400, 8, 3.0, 1200, 2.0, brownian);

  (void)state;
  expect_abs(s.mean, 0.25, 4.0 * s.scatter / 20.0, "mean over realisations is the known D");
  expect_abs(s.error / s.scatter, 1.09, 0.14, "error bars are the scatter, or a little longer");
  expect_abs(s.covered, 0.945, 0.04, "95 % interval covers the truth in 90 to 98 %");
  expect(s.clean >= 0.97, "diffusion is recognised");
}

/* Measured: error 1.02 of the scatter, which is known to 5 %; covered 0.975.
   The intercept -D/gamma and the ballistic start must not disturb the slope. */
static void test_langevin(void **state)
{
  const statistics s = collect(32, 4.0, 200, 8, 3.0, 3000, 1.0, langevin);

  (void)state;
  expect_abs(s.mean, 4.0, 4.0 * s.scatter / sqrt(200.0), "mean over realisations is the known D");
  expect_abs(s.error / s.scatter, 1.09, 0.19, "error bars are the scatter, or a little longer");
  expect_abs(s.covered, 0.94, 0.05, "95 % interval covers the truth");
  expect(s.clean >= 0.97, "diffusion is recognised");
}

/* 20 runs of 64 particles: what the exponent lets pass, the comparison of slopes does not.
   Measured: D 0.517, rms of z 1.6; by the exponent alone 0.69 and 113, with weights t^-3
   0.66 and 57. */
static void test_slow_cage(void **state)
{
  random_stream stream = {39};
  PetscReal mean = 0.0, z2 = 0.0;

  (void)state;
  for (PetscInt k = 0; k < 20; k++) {
    const prop_estimate est = diffuse(&stream, 64, 3.0, 6000, 1.0, slow_cage);

    mean += est.mean / 20.0;
    z2 += PetscSqr((est.mean - 0.5) / est.error) / 20.0;
  }
  print_message("slow cage: D %.4f of 0.5, rms of z %.2f\n", mean, sqrt(z2));
  expect_abs(mean, 0.5, 0.025, "no bias worth mentioning");
  expect(z2 < 4.0, "error bars cover what is left of it");
}

/* 400 Brownian runs of 4 particles, asked while they grow: parts are from 1/9 to 1/16 of the run,
   and groups from 0.7 to 1.3 of t2.  Measured: error 0.90 to 1.11 of the scatter, covered 0.927 to
   0.977; known to 3.5 % and to 0.012. */
static void test_every_length(void **state)
{
  enum { LENGTHS = 8, RUNS = 400 };
  static const PetscInt length[LENGTHS] = {260, 300, 350, 400, 450, 500, 600, 700};
  PetscReal scatter[LENGTHS] = {0}, error[LENGTHS] = {0}, covered[LENGTHS] = {0};
  random_stream stream = {38};
  prop_estimate est;
  prop_msd *msd;
  md_atoms atoms;

  (void)state;
  make_atoms(4, 3.0, &atoms);
  for (PetscInt k = 0; k < RUNS; k++) {
    PetscInt l = 0;

    expect_ok(prop_msd_create(&atoms, 1.0, &msd));
    for (PetscInt s = 1; l < LENGTHS; s++) {
      expect_ok(prop_msd_add(msd, &atoms));
      brownian(&stream, &atoms);
      if (s != length[l]) continue;
      expect_ok(prop_msd_diffusion(msd, 0, &est));
      scatter[l] += PetscSqr(est.mean - 0.5) / RUNS;
      error[l] += PetscSqr(est.error) / RUNS;
      covered[l] += fabs(est.mean - 0.5) < prop_student95(6) * est.error ? 1.0 / RUNS : 0.0;
      l++;
    }
    expect_ok(prop_msd_destroy(&msd));
  }
  for (PetscInt l = 0; l < LENGTHS; l++) {
    print_message("%d samples: error %.3f of the scatter, covered %.3f\n", (int)length[l],
                  sqrt(error[l] / scatter[l]), covered[l]);
    expect_abs(sqrt(error[l] / scatter[l]), 1.07, 0.19, "error bars are the scatter, or longer");
    expect_abs(covered[l], 0.96, 0.04, "95 % interval covers the truth in 92 to 100 %");
  }
  expect_ok(md_atoms_clear(&atoms));
}

/* The exact curve of Langevin particles, within five of its error bars at every lag */
static void test_langevin_curve(void **state)
{
  enum { N = 200, SAMPLES = 4000 };
  PetscReal lag[ROOM], value[ROOM], error[ROOM];
  random_stream stream = {33};
  prop_msd *msd;
  md_atoms atoms;
  PetscInt n, with_error = 0;

  (void)state;
  make_atoms(N, 3.0, &atoms);
  for (PetscInt i = 0; i < 3 * N; i++) atoms.v[i] = random_normal(&stream);
  expect_ok(prop_msd_create(&atoms, 1.0, &msd));
  for (PetscInt s = 0; s < SAMPLES; s++) {
    expect_ok(prop_msd_add(msd, &atoms));
    langevin(&stream, &atoms);
  }
  expect_ok(prop_msd_curve(msd, 0, &n, lag, value, error));
  for (PetscInt i = 0; i < n; i++) {
    const PetscReal exact = 24.0 * (lag[i] - (1.0 - exp(-0.25 * lag[i])) / 0.25);

    expect_near(value[i], exact, 0.2, "curve of a Langevin particle");
    if (lag[i] <= SAMPLES / 8.0) {
      expect_abs(value[i], exact, 5.0 * error[i], "within the error bar");
      with_error++;
    }
    if (lag[i] <= SAMPLES / 3.0) expect(!isnan(error[i]), "error bars up to 1/3 of the run");
    if (lag[i] > SAMPLES / 2.0) expect(isnan(error[i]), "no error bars beyond 1/2 of the run");
  }
  expect(with_error > 50, "error bars are there");
  expect_ok(prop_msd_destroy(&msd));
  expect_ok(md_atoms_clear(&atoms));
}

/* v^2 t^2 to round-off, and not diffusion */
static void test_ballistic(void **state)
{
  PetscReal lag[ROOM], value[ROOM], error[ROOM], v2 = 0.0;
  random_stream stream = {34};
  prop_estimate est;
  prop_msd *msd;
  md_atoms atoms;
  PetscInt n;

  (void)state;
  make_atoms(3, 3.0, &atoms);
  for (PetscInt i = 0; i < 9; i++) atoms.v[i] = random_normal(&stream);
  for (PetscInt i = 0; i < 9; i++) v2 += atoms.v[i] * atoms.v[i] / 3.0;
  expect_ok(prop_msd_create(&atoms, 1.0, &msd));
  for (PetscInt s = 0; s < 1000; s++) {
    expect_ok(prop_msd_add(msd, &atoms));
    ballistic(&stream, &atoms);
  }
  expect_ok(prop_msd_curve(msd, 0, &n, lag, value, error));
  for (PetscInt i = 0; i < n; i++) {
    expect_near(value[i], v2 * lag[i] * lag[i], 1e-10, "ballistic displacement");
  }
  expect_ok(prop_msd_diffusion(msd, 0, &est));
  expect(est.flags & PROP_FLAG_NOT_DIFFUSIVE, "straight flight is not diffusion");
  expect_ok(prop_msd_destroy(&msd));
  expect_ok(md_atoms_clear(&atoms));
}

/* A solid: no growth.  And true Brownian motion, watched too briefly to leave its place: rms
   displacement at a quarter of 400 samples is sqrt(300), the spacing 18 or 16. */
static void test_gates(void **state)
{
  random_stream stream = {35};
  prop_estimate est;

  (void)state;
  est = diffuse(&stream, 20, 3.0, 1000, 1.0, vibration);
  expect(est.flags & PROP_FLAG_NOT_DIFFUSIVE, "vibration is not diffusion");
  expect_abs(est.mean, 0.0, 5.0 * est.error, "a solid has D = 0 within its error bar");
  est = diffuse(&stream, 500, 18.0, 401, 1.0, brownian);
  expect(est.flags & PROP_FLAG_NOT_DIFFUSIVE, "atoms that stay at home");
  est = diffuse(&stream, 500, 16.0, 401, 1.0, brownian);
  expect(!(est.flags & PROP_FLAG_NOT_DIFFUSIVE), "atoms that have left");
  expect(est.flags & PROP_FLAG_NO_SIZE_CORRECTION, "always");
  expect_near(est.neff, 1.5 * 400.0 / 96.0, 1e-12, "the window was extended to a quarter: lag 96");
  expect_near(est.mean, 0.5, 0.1, "known D");
}

/* A single Langevin particle watched for 16 correlation times of its velocity: beta = 1.63 at the
   end of its window.  One particle scatters widely, but noise must not excuse everything. */
static void test_noisy_flight(void **state)
{
  random_stream stream = {37};
  PetscInt flagged = 0;

  (void)state;
  for (PetscInt k = 0; k < 100; k++) {
    const prop_estimate est = diffuse(&stream, 1, 0.1, 65, 1.0, langevin);

    flagged += (est.flags & PROP_FLAG_NOT_DIFFUSIVE) != 0;
  }
  print_message("%d of 100 flagged\n", (int)flagged);
  expect(flagged >= 80, "noise excuses a slope of 0.3 at most");
}

/* Atoms that never move have slope zero and are not diffusing. */
static void frozen(random_stream *stream, md_atoms *atoms)
{
  (void)stream, (void)atoms;
}

static void test_frozen(void **state)
{
  random_stream stream = {36};
  const prop_estimate est = diffuse(&stream, 4, 3.0, 500, 1.0, frozen);

  (void)state;
  expect_abs(est.mean, 0.0, 0.0, "no motion, no diffusion");
  expect(est.flags & PROP_FLAG_NOT_DIFFUSIVE, "flagged");
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_brownian),       cmocka_unit_test(test_langevin),
      cmocka_unit_test(test_langevin_curve), cmocka_unit_test(test_ballistic),
      cmocka_unit_test(test_gates),          cmocka_unit_test(test_frozen),
      cmocka_unit_test(test_noisy_flight),   cmocka_unit_test(test_every_length),
      cmocka_unit_test(test_slow_cage),
  };

  return expect_main(argc, argv, help, tests);
}
