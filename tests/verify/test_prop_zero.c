/* tests/verify/test_prop_zero.c - zero-frequency limits of block means with known integrals
 *
 * Fractions of 200 repetitions are known to 0.033 (of 0.68) and 0.015 (of 0.95).
 */
#include "tests/support/expect.h"

#include "tests/support/zero_series.h"

static const char help[] = "Zero-frequency limits and their error bars against exact integrals\n";

enum { REPETITIONS = 200 };

/* One and two exponential memories, in runs of 68 and of 273 times the longer one */
static void test_calibration(void **state)
{
  const zero_case cases[] = {{ZERO_ONE, &prop_zero_lorentz, 2048, 3, 5},
                             {ZERO_TWO, &prop_zero_lorentz, 8192, 2, 5},
                             {ZERO_ONE, &prop_zero_pade, 2048, 4, 3}};

  (void)state;
  for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
    const zero_statistics s = zero_collect(&cases[k], 31 + k, REPETITIONS);

    expect_abs(s.mean, 1.0, 0.25 * s.deviation, "no bias worth mentioning");
    expect_abs(s.one, 0.68, 0.11, "one error covers the truth in 68 %");
    expect_abs(s.two, 0.95, 0.05, "the 95 % interval covers the truth in 95 %");
    expect_abs(s.missing, 0.0, 0.0, "always a value");
  }
}

/* Where the shape is not that of the model, error bars may be long but not short. */
static void test_conservative(void **state)
{
  const zero_case cases[] = {{ZERO_WHITE, &prop_zero_lorentz, 1024, 2, 5},
                             {ZERO_WHITE, &prop_zero_poly0, 1024, 2, 5},
                             {ZERO_WHITE, &prop_zero_pade, 1024, 2, 5},
                             {ZERO_CAGED, &prop_zero_pade, 4096, 4, 3}};

  (void)state;
  for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
    const zero_statistics s = zero_collect(&cases[k], 41 + k, REPETITIONS / 4);

    expect_abs(s.mean, 1.0, 0.6 * s.deviation, "no bias worth mentioning");
    expect(s.one >= 0.55 && s.two >= 0.90, "error bars cover the truth");
    expect(s.error < 2.5 * s.deviation, "error bars are not out of proportion");
  }
}

/* A quarter of the integral in a peak a tenth as wide as the rest, seen at four of its errors: one
   Lorentzian cannot follow both, and what the cut-offs that see the peak say must weigh enough.
   (Without the test of low parts the value was 12 % low, or more.) */
static void test_slow_tail(void **state)
{
  const zero_case tail = {ZERO_TAIL, &prop_zero_lorentz, 8192, 4, 5};
  const zero_statistics s = zero_collect(&tail, 71, REPETITIONS / 4);

  (void)state;
  expect_abs(s.mean, 1.0, 0.11, "most of a slow memory is found");
  expect(s.error > 0.09, "and the error bar knows of the doubt");
  expect(s.clean < 0.65, "and so do the flags");
}

/* A memory of 10 ps in runs of 20 ps, and runs too short to be fitted */
static void test_too_short(void **state)
{
  const zero_case memory = {ZERO_SHORT, &prop_zero_lorentz, 2048, 4, 5};
  const zero_case blocks = {ZERO_ONE, &prop_zero_lorentz, 60, 1, 3};
  const zero_statistics s = zero_collect(&memory, 51, REPETITIONS / 4);

  (void)state;
  expect(s.clean <= 0.02, "a memory that the runs do not cover is flagged");
  expect_abs(zero_collect(&blocks, 52, 2).missing, 1.0, 0.0, "no value from 60 blocks");
}

/* Numbers of one estimate: the width of the peak, the two errors, flags; the same bits again */
static void test_one(void **state)
{
  enum { N = 8192, R = 4 };
  static double x[R][N];
  random_stream stream = {61};
  prop_sequence sequence[R];
  prop_zero zero, again;
  PetscReal deviation[R], mean = 0.0, sum = 0.0;

  (void)state;
  for (int r = 0; r < R; r++) {
    zero_fill(&stream, ZERO_ONE, N, x[r]);
    sequence[r] = (prop_sequence){.n = N, .x = x[r], .scale = 2.0};
  }
  expect_ok(prop_zero_sequences(R, 1, sequence, ZERO_STEP, &prop_zero_lorentz, &zero));
  expect_abs(zero.value, 1200.0, 3.0 * zero.error, "the factor enters squared");
  expect_abs(zero.tau, 300.0, 4.0 * zero.tau_error, "memory time");
  expect(zero.tau_error > 1.0 && zero.tau_error < 60.0, "and its error bar");
  expect(zero.error >= zero.within && zero.error >= 0.7 * zero.between, "the larger of the errors");
  expect_near(zero.neff, PetscSqr(zero.value / zero.error), 1e-12, "effective samples");
  assert_int_equal(zero.flags, 0);
  expect_ok(prop_zero_sequences(R, 1, sequence, ZERO_STEP, &prop_zero_lorentz, &again));
  expect(zero.value == again.value && zero.error == again.error, "the same bits");
  expect_ok(prop_zero_deviations(R, 1, sequence, ZERO_STEP, &prop_zero_lorentz, deviation));
  for (int r = 0; r < R; r++) mean += deviation[r] / R;
  for (int r = 0; r < R; r++) sum += PetscSqr(deviation[r] - mean);
  expect_near(zero.value * sqrt(sum / (R * (R - 1))), zero.between, 1e-9, "scatter of replicas");
  sequence[1].scale = 10.0;
  expect_ok(prop_zero_sequences(R, 1, sequence, ZERO_STEP, &prop_zero_lorentz, &zero));
  expect(zero.between > 3.0 * zero.within, "a replica that is different shows in the scatter");
  expect_near(zero.error, zero.between, 1e-12, "and in the error bar");
  expect_ok(prop_zero_sequences(1, 1, sequence, ZERO_STEP, &prop_zero_lorentz, &zero));
  expect(zero.flags & PROP_FLAG_ONE_REPLICA && isnan(zero.between), "one replica");
}

/* From 20 replicas on, a bootstrap; it must say the same as the likelihood where all is well. */
static void test_bootstrap(void **state)
{
  enum { N = 512, R = 24 };
  static double x[R][N];
  random_stream stream = {62};
  prop_sequence sequence[R];
  prop_zero zero;

  (void)state;
  for (int r = 0; r < R; r++) {
    zero_fill(&stream, ZERO_TWO, N, x[r]);
    sequence[r] = (prop_sequence){.n = N, .x = x[r], .scale = 1.0};
  }
  expect_ok(prop_zero_sequences(R, 1, sequence, ZERO_STEP, &prop_zero_poly02, &zero));
  print_message("value %g within %g between %g\n", zero.value, zero.within, zero.between);
  expect_near(zero.between, zero.within, 0.4, "error bars from replicas and from the likelihood");
}

static void test_errors(void **state)
{
  const prop_zero_model without_zero = {PROP_ZERO_POLY, 2}, high = {PROP_ZERO_POLY, 1 + (1 << 5)},
                        many = {PROP_ZERO_POLY, 15};
  static const double x[128] = {0.0};
  const prop_sequence sequence = {128, x, 1.0};
  prop_zero zero;

  (void)state;
  expect_error(PETSC_ERR_ARG_OUTOFRANGE,
               prop_zero_sequences(1, 1, &sequence, 1.0, &without_zero, &zero));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_zero_sequences(1, 1, &sequence, 1.0, &high, &zero));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_zero_sequences(1, 1, &sequence, 1.0, &many, &zero));
  expect_ok(prop_zero_sequences(1, 1, &sequence, 1.0, &prop_zero_lorentz, &zero));
  expect(isnan(zero.value) && isnan(zero.error), "nothing comes of nothing");
  assert_int_equal(zero.flags, PROP_FLAG_MISSING | PROP_FLAG_FEW_SAMPLES);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_calibration), cmocka_unit_test(test_conservative),
      cmocka_unit_test(test_slow_tail),   cmocka_unit_test(test_too_short),
      cmocka_unit_test(test_one),         cmocka_unit_test(test_bootstrap),
      cmocka_unit_test(test_errors),
  };

  return expect_main(argc, argv, help, tests);
}
