/* tests/unit/properties/test_prop_finite.c */
#include "properties/prop_finite.h"
#include "tests/support/expect.h"
#include "tests/support/random.h"

static const char help[] = "Finite size of D, Stokes-Einstein factor, activation energy\n";

static const PetscReal k_b = 1.380649e-23, gas = 8.31446261815324; /* exact, SI 2019 */

/* Madelung constant of a unit lattice of charges in a background: minus the energy of a charge with
   its images and the background, by Ewald's sum with width a:
   2 a/sqrt(pi) + pi/a^2 - sum_n erfc(a n)/n - sum_k exp(-pi^2 k^2/a^2)/(pi k^2) */
static double madelung(double a)
{
  double sum = 2.0 * a / sqrt(PETSC_PI) + PETSC_PI / (a * a);

  for (int i = -8; i <= 8; i++) {
    for (int j = -8; j <= 8; j++) {
      for (int k = -8; k <= 8; k++) {
        const double n2 = i * i + j * j + k * k;

        if (n2 == 0.0) continue;
        sum -= erfc(a * sqrt(n2)) / sqrt(n2);
        sum -= exp(-PETSC_PI * PETSC_PI * n2 / (a * a)) / (PETSC_PI * n2);
      }
    }
  }
  return sum;
}

static void test_constant(void **state)
{
  (void)state;
  expect_near(madelung(2.0), PROP_FINITE_XI, 1e-12, "Madelung constant of the cubic lattice");
  expect_near(madelung(3.0), PROP_FINITE_XI, 1e-12, "whatever the width");
}

static void test_edge(void **state)
{
  const PetscReal s = sqrt(0.5);
  const PetscReal cube[3][3] = {{20, 0, 0}, {0, 20, 0}, {0, 0, 20}};
  const PetscReal turned[3][3] = {{20 * s, 20 * s, 0}, {-20 * s, 20 * s, 0}, {0, 0, 20}};
  const PetscReal longer[3][3] = {{20, 0, 0}, {0, 20, 0}, {0, 0, 20.1}};
  const PetscReal sheared[3][3] = {{20, 0, 0}, {0.1, 20, 0}, {0, 0, 20}};

  (void)state;
  expect_near(prop_finite_edge(cube), 20.0, 1e-14, "edge of a cube");
  expect_near(prop_finite_edge(turned), 20.0, 1e-14, "of a cube that is turned");
  expect(isnan(prop_finite_edge(longer)), "no cube: one edge is longer");
  expect(isnan(prop_finite_edge(sheared)), "no cube: sheared");
}

/* Water: D(L) 2.3e-9, eta 0.9 mPa s, 298 K, L 2 nm */
static const prop_value d = {2.3e-9, 2e-11, 60.0, PROP_FLAG_NO_SIZE_CORRECTION};
static const prop_value eta = {0.9e-3, 0.09e-3, 100.0, PROP_FLAG_ONE_REPLICA};

static void test_correction(void **state)
{
  const PetscReal c = 2.837297 * k_b * 298.0 / (6.0 * PETSC_PI * 0.9e-3 * 2e-9);
  const PetscReal v = 4e-22, w = 0.01 * c * c;
  prop_value out;
  PetscReal joint;

  (void)state;
  expect_ok(prop_finite_diffusion(&d, &eta, 298.0, 2e-9, 0.0, &out, &joint));
  expect_near(out.value, 2.3e-9 + c, 1e-6, "D(infinity)");
  expect_near(out.error, sqrt(v + w), 1e-6, "error from both");
  expect_near(out.neff, (v + w) * (v + w) / (v * v / 60.0 + w * w / 100.0), 1e-6, "neff");
  expect_near(joint, -0.1 * c / sqrt(v + w), 1e-6, "D(infinity) falls where eta is high");
  assert_int_equal(out.flags, PROP_FLAG_ONE_REPLICA);
  expect_ok(prop_finite_diffusion(&d, &eta, 298.0, 2e-9, -0.5, &out, NULL));
  expect_near(out.error, sqrt(v + w + 2e-11 * 0.1 * c), 1e-6, "anticorrelated errors add up");
}

/* Coverage of D(infinity) and b from ten replicas whose D and eta are anticorrelated, r = -0.7, as
   far as one and two errors go with Student's factors; with r taken for what it is, or for zero. */
enum { DRAWS = 4000, REPLICAS = 10 };
typedef struct {
  PetscReal one, two;
} coverage;

static void count(PetscReal value, PetscReal error, PetscReal truth, coverage *c)
{
  const PetscReal z = fabs(value - truth) / error;

  c->one += (z < 1.059) / (PetscReal)DRAWS; /* Student's t, 9 degrees of freedom */
  c->two += (z < 2.262) / (PetscReal)DRAWS;
}

/* Mean of n numbers with the error of their scatter */
static prop_value mean_of(PetscInt n, const PetscReal x[])
{
  prop_value v = {.neff = (PetscReal)n};
  PetscReal sum = 0.0;

  for (PetscInt i = 0; i < n; i++) v.value += x[i] / (PetscReal)n;
  for (PetscInt i = 0; i < n; i++) sum += (x[i] - v.value) * (x[i] - v.value);
  v.error = sqrt(sum / (PetscReal)(n * (n - 1)));
  return v;
}

static void draw_replicas(random_stream *stream, PetscReal x[], PetscReal y[])
{
  for (PetscInt i = 0; i < REPLICAS; i++) {
    const PetscReal u = random_normal(stream), w = random_normal(stream);

    x[i] = 2.3e-9 * (1.0 + 0.05 * u);
    y[i] = 0.9e-3 * (1.0 + 0.05 * (-0.7 * u + sqrt(0.51) * w));
  }
}

static void test_correlation(void **state)
{
  const PetscReal shift = 2.837297 * k_b * 298.0 / (6.0 * PETSC_PI * 0.9e-3 * 2e-9);
  const PetscReal truth = k_b * 298.0 / (PETSC_PI * 0.9e-3 * (2.3e-9 + shift) * 2e-10);
  const prop_value radius = {.value = 2e-10};
  coverage with[2] = {{0.0, 0.0}}, without[2] = {{0.0, 0.0}};
  random_stream random = {11};

  (void)state;
  for (int k = 0; k < DRAWS; k++) {
    PetscReal x[REPLICAS], y[REPLICAS], r, joint;
    prop_value a, b, infinite, factor;

    draw_replicas(&random, x, y);
    a = mean_of(REPLICAS, x);
    b = mean_of(REPLICAS, y);
    r = prop_finite_correlation(REPLICAS, x, y, a.error, b.error);
    for (int zero = 0; zero < 2; zero++) {
      coverage *c = zero ? without : with;

      expect_ok(prop_finite_diffusion(&a, &b, 298.0, 2e-9, zero ? 0.0 : r, &infinite, &joint));
      expect_ok(prop_finite_stokes_einstein(&infinite, &b, &radius, 298.0, joint, &factor));
      count(infinite.value, infinite.error, 2.3e-9 + shift, &c[0]);
      count(factor.value, factor.error, truth, &c[1]);
    }
  }
  printf("covered, D: %.3f %.3f (zero: %.3f %.3f), b: %.3f %.3f (zero: %.3f %.3f)\n", with[0].one,
         with[0].two, without[0].one, without[0].two, with[1].one, with[1].two, without[1].one,
         without[1].two);
  for (int k = 0; k < 2; k++) {
    expect(fabs(with[k].one - 0.683) < 0.02 && fabs(with[k].two - 0.95) < 0.01, "calibrated");
  }
  expect(without[1].one > 0.8, "errors of b taken for independent are too long");
}

static void test_correlation_gates(void **state)
{
  const PetscReal x[] = {1.0, 2.0, 3.0, 4.0, PROP_NAN}, y[] = {4.0, 3.0, 2.0, 1.0, 9.0};
  const PetscReal error = sqrt(5.0 / 12.0);

  (void)state;
  expect_near(prop_finite_correlation(5, x, y, error, error), -1.0, 1e-12, "opposite");
  expect_near(prop_finite_correlation(5, x, y, 2.0 * error, error), -0.5, 1e-12,
              "of an error that is more than the scatter");
  expect(prop_finite_correlation(3, x, y, error, error) == 0.0, "three replicas say nothing");
  expect(prop_finite_correlation(5, x, y, PROP_NAN, error) == 0.0, "no error bar");
}

static void test_no_correction(void **state)
{
  const prop_value bad[] = {{PROP_NAN, PROP_NAN, 0.0, PROP_FLAG_MISSING},
                            {1e-3, PROP_NAN, 0.0, 0},
                            {-1e-3, 1e-4, 20.0, 0},
                            {1e-3, 0.0, 20.0, 0}};
  prop_value out;

  (void)state;
  for (int i = 0; i < 4; i++) {
    expect_ok(prop_finite_diffusion(&d, &bad[i], 298.0, 2e-9, 0.0, &out, NULL));
    expect_abs(out.value, d.value, 0.0, "as it was");
    assert_int_equal(out.flags, PROP_FLAG_NO_SIZE_CORRECTION);
  }
  expect_ok(prop_finite_diffusion(&d, &eta, 298.0, PROP_NAN, 0.0, &out, NULL));
  expect(out.value == d.value && out.flags == d.flags, "no cube, no correction");
  expect_ok(prop_finite_diffusion(&prop_value_missing, &eta, 298.0, 2e-9, 0.0, &out, NULL));
  assert_int_equal(out.flags, PROP_FLAG_MISSING);
  expect_error(PETSC_ERR_ARG_OUTOFRANGE,
               prop_finite_diffusion(&d, &eta, 0.0, 2e-9, 0.0, &out, NULL));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE,
               prop_finite_diffusion(&d, &eta, 298.0, -1.0, 0.0, &out, NULL));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE,
               prop_finite_diffusion(&d, &eta, 298.0, 2e-9, 1.1, &out, NULL));
}

/* Draws of D and eta with correlation r: scatter of D(infinity) and of b = k_B T/(pi eta D R) */
static void test_draws(void **state)
{
  enum { N = 100000 };
  const PetscReal r = 0.6, t = 298.0;
  const prop_value radius = {1.5e-10, 3e-12, 30.0, 0}, narrow = {0.9e-3, 0.03e-3, 100.0, 0};
  random_stream stream = {71};
  PetscReal joint, sum[2] = {0.0}, square[2] = {0.0};
  prop_value corrected, b;

  (void)state;
  expect_ok(prop_finite_diffusion(&d, &narrow, t, 2e-9, r, &corrected, &joint));
  expect_ok(prop_finite_stokes_einstein(&corrected, &narrow, &radius, t, joint, &b));
  for (int i = 0; i < N; i++) {
    const PetscReal x = random_normal(&stream), y = r * x + 0.8 * random_normal(&stream);
    const PetscReal e = narrow.value + narrow.error * y;
    const PetscReal draw[2] = {
        d.value + d.error * x + PROP_FINITE_XI * k_b * t / (6.0 * PETSC_PI * e * 2e-9),
        k_b * t / (PETSC_PI * e * (1.5e-10 + 3e-12 * random_normal(&stream)))};

    for (int k = 0; k < 2; k++) {
      const PetscReal v = (k ? draw[1] / draw[0] - b.value : draw[0] - corrected.value);

      sum[k] += v / N;
      square[k] += v * v / N;
    }
  }
  expect_near(corrected.error, sqrt(square[0] - sum[0] * sum[0]), 0.02, "error of D(infinity)");
  expect_near(b.error, sqrt(square[1] - sum[1] * sum[1]), 0.02, "error of b");
  expect_abs(sum[1], 0.0, 0.1 * b.error, "and no bias");
}

static void test_stokes_einstein(void **state)
{
  const prop_value x = {2e-9, 1e-10, 50.0, 0}, given = {1.4e-10, 0.0, 0.0, 0};
  const prop_value peak = {2.8e-10, 2.8e-12, 40.0, PROP_FLAG_ONE_REPLICA};
  const prop_value half = prop_finite_radius(&peak), unknown = {1.4e-10, PROP_NAN, 0.0, 0};
  const PetscReal want = k_b * 300.0 / (PETSC_PI * 0.9e-3 * 2e-9 * 1.4e-10);
  prop_value b;

  (void)state;
  expect_ok(prop_finite_stokes_einstein(&x, &eta, &given, 300.0, 0.0, &b));
  expect_near(b.value, want, 1e-12, "b");
  expect_near(b.error, want * sqrt(0.0025 + 0.01), 1e-12, "error of D and eta, 5 and 10 %");
  expect_ok(prop_finite_stokes_einstein(&x, &eta, &half, 300.0, 0.0, &b));
  expect_near(b.value, want, 1e-12, "half the peak");
  expect_near(b.error, want * sqrt(0.0025 + 0.01 + 0.0001), 1e-12, "and its error, 1 %");
  expect_ok(prop_finite_stokes_einstein(&x, &eta, &unknown, 300.0, 0.0, &b));
  expect(isnan(b.error) && b.flags & PROP_FLAG_FEW_SAMPLES, "a radius without error bar");
  expect_ok(prop_finite_stokes_einstein(&x, &eta, &prop_value_missing, 300.0, 0.0, &b));
  assert_int_equal(b.flags, PROP_FLAG_MISSING);
}

/* 30 kJ/mol: exact points, then 1000 sets with errors of 3 %; a curved one is found out */
static void test_activation(void **state)
{
  enum { N = 6 };
  const PetscReal t[N] = {900, 960, 1020, 1080, 1140, 1200};
  random_stream stream = {72};
  prop_value y[N], energy;
  PetscReal z2 = 0.0;

  (void)state;
  for (int i = 0; i < N; i++) {
    y[i] = (prop_value){1e-7 * exp(-3e4 / (gas * t[i])), 0.0, 50.0, 0};
    y[i].error = 0.03 * y[i].value;
  }
  expect_ok(prop_finite_activation(PROP_ACTIVATION_RISES, N, t, y, &energy));
  expect_near(energy.value, 3e4, 1e-9, "activation energy of diffusion");
  expect(energy.flags == 0 && energy.neff == N, "clean");
  for (int k = 0; k < 1000; k++) {
    prop_value e, noisy[N];

    for (int i = 0; i < N; i++) {
      noisy[i] = y[i];
      noisy[i].value += y[i].error * random_normal(&stream);
    }
    expect_ok(prop_finite_activation(PROP_ACTIVATION_RISES, N, t, noisy, &e));
    z2 += PetscSqr((e.value - 3e4) / energy.error) / 1000.0;
  }
  expect_abs(sqrt(z2), 1.0, 0.08, "error bar is the scatter");
  for (int i = 0; i < N; i++) y[i].value = 1e-4 * exp(3e4 / (gas * t[i]));
  for (int i = 0; i < N; i++) y[i].error = 0.03 * y[i].value;
  expect_ok(prop_finite_activation(PROP_ACTIVATION_FALLS, N, t, y, &energy));
  expect_near(energy.value, 3e4, 1e-9, "activation energy of viscosity");
  for (int i = 0; i < N; i++) y[i].value = exp(1000.0 / (t[i] - 700.0));
  for (int i = 0; i < N; i++) y[i].error = 0.03 * y[i].value;
  expect_ok(prop_finite_activation(PROP_ACTIVATION_FALLS, N, t, y, &energy));
  expect(energy.flags & PROP_FLAG_NOT_LINEAR, "VFT is not Arrhenius");
  expect_ok(prop_finite_activation(PROP_ACTIVATION_FALLS, 1, t, y, &energy));
  assert_int_equal(energy.flags, PROP_FLAG_MISSING);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_constant),    cmocka_unit_test(test_edge),
      cmocka_unit_test(test_correction),  cmocka_unit_test(test_no_correction),
      cmocka_unit_test(test_correlation), cmocka_unit_test(test_correlation_gates),
      cmocka_unit_test(test_draws),       cmocka_unit_test(test_stokes_einstein),
      cmocka_unit_test(test_activation),
  };

  return expect_main(argc, argv, help, tests);
}
