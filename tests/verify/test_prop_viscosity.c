/* tests/verify/test_prop_viscosity.c - viscosity of made-up liquids with known viscosities
 *
 * Fractions of 200 repetitions are known to 0.033 (of 0.68) and 0.015 (of 0.95).
 */
#include "tests/support/expect.h"

#include "tests/support/pressure_series.h"

static const char help[] = "Viscosity by four methods against exact integrals\n";

enum { REPETITIONS = 200 };

static void check_calibration(const liquid *l, uint64_t seed, int repetitions, double bias)
{
  liquid_statistics s[4];

  expect(liquid_collect(l, 10.0 * l->tau, seed, repetitions, s) <= 0.04,
         "methods agree where they should");
  for (int m = 0; m < 4; m++) {
    expect_abs(s[m].mean, 1.0, bias * s[m].deviation, "no bias worth mentioning");
    expect_abs(s[m].one, 0.68, 0.11, "one error covers the truth in 68 %");
    expect_abs(s[m].two, 0.95, 0.05, "the 95 % interval covers the truth in 95 %");
  }
}

static void test_calibration(void **state)
{
  const liquid one = {.n = 2048, .nreplica = 6, .step = 10.0, .eta = 5.0, .tau = 200.0};

  (void)state;
  check_calibration(&one, 81, REPETITIONS, 0.4);
}

/* All fields of one estimate, and the curves */
static void test_one(void **state)
{
  const liquid l = {.n = 8192, .nreplica = 4, .step = 10.0, .eta = 5.0, .tau = 200.0, .fast = 0.3};
  random_stream stream = {83};
  liquid_pressures p = liquid_create(&stream, &l);
  prop_spectrum spectrum;
  prop_running run;
  prop_viscosity v;

  (void)state;
  expect_ok(prop_viscosity_estimate(4, p.replica, 10.0, 100.0, &v));
  expect_abs(v.primary.mean, 5.0, 3.0 * v.primary.error, "viscosity");
  expect(v.primary.error < 0.5, "to ten per cent");
  expect_abs(v.primary.error, v.zero.error, 0.0, "primary is the limit at zero frequency");
  expect_abs(v.z_einstein,
             (v.einstein.estimate.mean - v.primary.mean) /
                 hypot(v.einstein.estimate.error, v.primary.error),
             1e-12, "z of the second method");
  expect(v.truncated.estimate.mean < 0.8 * v.primary.mean, "cut too early: too small");
  expect(v.truncated.estimate.flags & PROP_FLAG_NO_PLATEAU, "and flagged");
  expect(!(v.primary.flags & PROP_FLAG_METHODS_DISAGREE), "methods agree");
  expect_ok(prop_viscosity_running(4, p.replica, 10.0, &run));
  assert_int_equal(run.npiece, 40);
  expect_abs(run.mean[run.npoint / 2], 5.0, 5.0 * run.error[run.npoint / 2], "its plateau");
  expect_ok(prop_running_clear(&run));
  expect_ok(prop_viscosity_spectrum(4, p.replica, 10.0, &spectrum));
  assert_int_equal(spectrum.nreplica, 4);
  expect_abs(spectrum.dof[0], 40.0, 0.0,
             "two degrees of freedom of five components of four replicas");
  expect_ok(prop_spectrum_clear(&spectrum));
  liquid_clear(&p);
}

/* Memories longer than the run, runs too short, none at all; errors */
static void test_edges(void **state)
{
  const liquid glass = {.n = 2048, .nreplica = 4, .step = 10.0, .eta = 5.0, .tau = 2e4};
  random_stream stream = {84};
  liquid_pressures p = liquid_create(&stream, &glass);
  prop_viscosity v;

  (void)state;
  expect_ok(prop_viscosity_estimate(4, p.replica, 10.0, 1000.0, &v));
  expect(v.primary.flags & (PROP_FLAG_NO_PLATEAU | PROP_FLAG_FEW_SAMPLES), "a glass is flagged");
  expect_ok(prop_viscosity_estimate(0, p.replica, 10.0, 1000.0, &v));
  expect(isnan(v.primary.mean) && v.primary.flags == PROP_FLAG_MISSING, "no replicas, no value");
  for (int r = 0; r < 4; r++) p.replica[r].n = 40;
  expect_ok(prop_viscosity_estimate(4, p.replica, 10.0, 1000.0, &v));
  expect(isnan(v.primary.mean) && v.primary.flags & PROP_FLAG_FEW_SAMPLES, "too short");
  expect(isnan(v.z_einstein) || !isnan(v.einstein.estimate.mean), "no z without two values");
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_viscosity_estimate(4, p.replica, 0.0, 1.0, &v));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE,
               prop_viscosity_estimate(4, p.replica, 1.0, (double)NAN, &v));
  p.replica[1].n = 39;
  expect_error(PETSC_ERR_ARG_INCOMP, prop_viscosity_estimate(4, p.replica, 10.0, 1.0, &v));
  p.replica[1].n = 40;
  p.replica[1].temperature = -1.0;
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_viscosity_estimate(4, p.replica, 10.0, 1.0, &v));
  p.replica[1].temperature = 300.0;
  p.data[3] = HUGE_VAL;
  expect_error(PETSC_ERR_FP, prop_viscosity_estimate(4, p.replica, 10.0, 1.0, &v));
  liquid_clear(&p);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_calibration),
      cmocka_unit_test(test_one),
      cmocka_unit_test(test_edges),
  };

  return expect_main(argc, argv, help, tests);
}
