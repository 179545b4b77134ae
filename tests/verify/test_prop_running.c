/* tests/verify/test_prop_running.c - running integrals against sums by hand and exact integrals
 *
 * For an Ornstein-Uhlenbeck process the mean of I over the block about t is
 * variance tau (1 - exp(-t/tau) sinh(h/2 tau)/(h/2 tau)).
 */
#include "properties/prop_running.h"
#include "tests/support/expect.h"
#include "tests/support/random.h"

#include "tests/support/ou_series.h"

static const char help[] = "Running integrals, Einstein slopes, time decomposition\n";

enum { SEQUENCES = 40, SHORT = 64, LONG = 4096 };
static double data[SEQUENCES][LONG];
static prop_sequence sequences[SEQUENCES];

static void fill(random_stream *stream, int n, double tau1, double tau2, double variance2)
{
  for (int s = 0; s < SEQUENCES; s++) {
    for (int i = 0; i < n; i++) data[s][i] = 0.0;
    ou_add(stream, tau1, 1.0, 10.0, n, data[s]);
    if (tau2 > 0.0) ou_add(stream, tau2, variance2, 10.0, n, data[s]);
    sequences[s] = (prop_sequence){.n = n, .x = data[s], .scale = 1.0};
  }
}

static double autocorrelation(int n, const double x[], int lag)
{
  double sum = 0.0;

  for (int i = 0; i + lag < n; i++) sum += x[i] * x[i + lag];
  return sum / (n - lag);
}

/* Every sequence is one piece; all points of I and G of one of them by the definition */
static void test_definition(void **state)
{
  random_stream stream = {71};
  prop_running run;
  double sum = 0.0, g = 0.0;

  (void)state;
  fill(&stream, SHORT, 30.0, 0.0, 0.0);
  sequences[3].scale = 2.0;
  expect_ok(prop_running_create(SEQUENCES, sequences, 10.0, &run));
  assert_int_equal(run.npiece, SEQUENCES);
  assert_int_equal(run.npoint, SHORT / 4);
  for (int m = 0; m < run.npoint; m++) {
    double mean = 0.0;

    sum += 4.0 * 10.0 * autocorrelation(SHORT, data[3], m) * (m == 0 ? 0.5 : 1.0);
    g += 10.0 * sum;
    expect_near(run.time[m], 10.0 * (m + 0.5), 1e-14, "times are half blocks");
    expect_abs(run.piece[3 * run.npoint + m], sum, 1e-11, "I of a piece");
    expect_abs(run.moment[3 * run.npoint + m], g, 1e-9, "G of a piece");
    for (int q = 0; q < SEQUENCES; q++) mean += run.piece[q * run.npoint + m] / SEQUENCES;
    expect_abs(run.mean[m], mean, 1e-11, "mean over pieces");
  }
  expect_ok(prop_running_clear(&run));
  expect_ok(prop_running_clear(&run));
}

/* Few sequences are cut: the pieces of one are those of its parts. */
static void test_pieces(void **state)
{
  random_stream stream = {72};
  const double *third = data[1] + 2 * LONG / 8;
  prop_running run;

  (void)state;
  fill(&stream, LONG, 30.0, 0.0, 0.0);
  expect_ok(prop_running_create(4, sequences, 10.0, &run));
  assert_int_equal(run.npiece, 32);
  expect_abs(run.duration, LONG * 1.25, 0.0, "length of a piece");
  expect_abs(run.piece[(8 + 2) * run.npoint], 0.5 * 10.0 * autocorrelation(LONG / 8, third, 0),
             1e-10, "third part of the second");
  expect_ok(prop_running_clear(&run));
}

/* Mean of I about t, and the other estimators, for one exponential: within 4 of their errors, which
   are of the right size */
static void test_exact(void **state)
{
  const double tau = 120.0, a = 10.0 / 2.0 / tau;
  random_stream stream = {73};
  prop_running_value truncated, einstein;
  prop_running_fit decomposed;
  prop_running run;

  (void)state;
  fill(&stream, LONG, tau, 0.0, 0.0);
  expect_ok(prop_running_create(SEQUENCES, sequences, 10.0, &run));
  for (PetscInt p = 0; p < run.npoint; p += 5) {
    const double exact = tau * (1.0 - exp(-run.time[p] / tau) * sinh(a) / a);

    expect_abs(run.mean[p], exact, 4.0 * run.error[p], "I(t)");
  }
  expect_ok(prop_running_truncated(&run, 100.0, &truncated));
  expect_abs(truncated.estimate.mean, tau * (1.0 - exp(-100.0 / tau)),
             4.0 * truncated.estimate.error, "cut in the middle of the rise");
  expect(truncated.estimate.flags & PROP_FLAG_NO_PLATEAU, "which says so");
  expect_abs(truncated.to, 100.0, 0.0, "time of truncation");
  expect_ok(prop_running_truncated(&run, 1000.0, &truncated));
  expect_abs(truncated.estimate.mean, tau, 4.0 * truncated.estimate.error, "cut on the plateau");
  assert_int_equal(truncated.estimate.flags, 0);
  expect_ok(prop_running_einstein(&run, &einstein));
  expect_abs(einstein.estimate.mean, tau, 4.0 * einstein.estimate.error, "Einstein");
  assert_int_equal(einstein.estimate.flags, 0);
  expect(einstein.from > 3.0 * tau && einstein.from < 9.0 * tau, "straight from six tau on");
  expect_ok(prop_running_decompose(&run, 5, &decomposed));
  expect_abs(decomposed.value.estimate.mean, tau, 4.0 * decomposed.value.estimate.error,
             "time decomposition");
  assert_int_equal(decomposed.value.estimate.flags, 0);
  expect(decomposed.exponent > 0.2 && decomposed.exponent < 1.0, "scatter grows as a power");
  expect_ok(prop_running_clear(&run));
}

/* Two memories of 20 and 300, of equal integrals */
static void test_two(void **state)
{
  random_stream stream = {74};
  prop_running_fit fit;
  prop_running run;

  (void)state;
  fill(&stream, LONG, 300.0, 20.0, 15.0);
  expect_ok(prop_running_create(SEQUENCES, sequences, 10.0, &run));
  expect_ok(prop_running_decompose(&run, 5, &fit));
  print_message("%g +- %g: %g of %g, %g of %g\n", fit.value.estimate.mean, fit.value.estimate.error,
                fit.weight[0], fit.tau[0], fit.weight[1], fit.tau[1]);
  expect_abs(fit.value.estimate.mean, 600.0, 4.0 * fit.value.estimate.error, "both together");
  expect_near(fit.tau[0], 20.0, 0.2, "the shorter time");
  expect_near(fit.weight[0], 300.0, 0.2, "and its share");
  expect_ok(prop_running_clear(&run));
}

/* Slow memories that are a quarter and three eighths of the integral: G is straight within 20 %
   long before they are over, and the next octave says so.  (At the first window the values are 4
   and 14 errors off.) */
static void test_slow(void **state)
{
  static const double fast[] = {20.0, 10.0}, slow[] = {300.0, 200.0}, variance[] = {0.02, 0.03};
  random_stream stream = {75};
  prop_running_value einstein;
  prop_running run;

  (void)state;
  for (int c = 0; c < 2; c++) {
    fill(&stream, LONG, fast[c], slow[c], variance[c]);
    expect_ok(prop_running_create(SEQUENCES, sequences, 10.0, &run));
    expect_ok(prop_running_einstein(&run, &einstein));
    print_message("%g +- %g from %g on\n", einstein.estimate.mean, einstein.estimate.error,
                  einstein.from);
    expect_abs(einstein.estimate.mean, fast[c] + slow[c] * variance[c],
               3.0 * einstein.estimate.error, "the window moves on");
    assert_int_equal(einstein.estimate.flags & PROP_FLAG_NO_PLATEAU, 0);
    expect_ok(prop_running_clear(&run));
  }
}

typedef struct {
  double one[3], two[3], mean[3], square[3], error[3];
} covered;

static void count(const prop_estimate *e, double exact, int k, covered *c)
{
  c->one[k] += fabs(e->mean - exact) < e->error;
  c->two[k] += fabs(e->mean - exact) < prop_student95((PetscInt)e->neff - 1) * e->error;
  c->mean[k] += e->mean / exact;
  c->square[k] += PetscSqr(e->mean / exact);
  c->error[k] += PetscSqr(e->error / exact);
}

/* 200 repetitions; fractions are known to 0.033 and 0.015 */
static void test_calibration(void **state)
{
  enum { REPETITIONS = 200, N = 1024 };
  static const char *const name[] = {"truncated", "Einstein", "decomposed"};
  random_stream stream = {75};
  covered c = {.one = {0.0}};

  (void)state;
  for (int k = 0; k < REPETITIONS; k++) {
    prop_running_value truncated, einstein;
    prop_running_fit fit;
    prop_running run;

    fill(&stream, N, 120.0, 0.0, 0.0);
    expect_ok(prop_running_create(SEQUENCES, sequences, 10.0, &run));
    expect_ok(prop_running_truncated(&run, 800.0, &truncated));
    expect_ok(prop_running_einstein(&run, &einstein));
    expect_ok(prop_running_decompose(&run, 5, &fit));
    expect_ok(prop_running_clear(&run));
    count(&truncated.estimate, 120.0, 0, &c);
    count(&einstein.estimate, 120.0, 1, &c);
    count(&fit.value.estimate, 120.0, 2, &c);
  }
  for (int k = 0; k < 3; k++) {
    const double n = REPETITIONS, deviation = sqrt(c.square[k] / n - PetscSqr(c.mean[k] / n));

    print_message("%s: mean %.3f deviation %.3f error %.3f covered %.3f %.3f\n", name[k],
                  c.mean[k] / n, deviation, sqrt(c.error[k] / n), c.one[k] / n, c.two[k] / n);
    expect_abs(c.mean[k] / n, 1.0, 0.4 * deviation, "no bias worth mentioning");
    expect_abs(c.one[k] / n, 0.68, 0.11, "one error covers the truth in 68 %");
    expect_abs(c.two[k] / n, 0.95, 0.05, "the 95 % interval covers the truth in 95 %");
  }
}

/* White noise, too short a run, a memory longer than the run, errors */
static void test_edges(void **state)
{
  random_stream stream = {76};
  prop_running_value value;
  prop_running_fit fit;
  prop_running run;
  prop_sequence bad[2];

  (void)state;
  fill(&stream, 512, 0.01, 0.0, 0.0);
  expect_ok(prop_running_create(SEQUENCES, sequences, 10.0, &run));
  expect_ok(prop_running_einstein(&run, &value));
  expect_abs(value.estimate.mean, 0.01, 4.0 * value.estimate.error, "white: straight at once");
  expect_ok(prop_running_truncated(&run, 1e6, &value));
  expect(isnan(value.estimate.mean) && value.estimate.flags & PROP_FLAG_FEW_SAMPLES,
         "no value beyond a quarter of a piece");
  expect_ok(prop_running_clear(&run));
  fill(&stream, 512, 1e5, 0.0, 0.0);
  expect_ok(prop_running_create(SEQUENCES, sequences, 10.0, &run));
  expect_ok(prop_running_einstein(&run, &value));
  expect(value.estimate.flags & PROP_FLAG_NO_PLATEAU, "a memory longer than the run: no slope");
  expect_ok(prop_running_decompose(&run, 1, &fit));
  expect(fit.value.estimate.flags & PROP_FLAG_NO_PLATEAU, "and no limit");
  expect_ok(prop_running_clear(&run));
  fill(&stream, 15, 10.0, 0.0, 0.0);
  expect_ok(prop_running_create(SEQUENCES, sequences, 10.0, &run));
  expect_ok(prop_running_decompose(&run, 1, &fit));
  expect(isnan(fit.value.estimate.mean) && fit.value.estimate.flags & PROP_FLAG_FEW_SAMPLES,
         "too short");
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_running_decompose(&run, 0, &fit));
  expect_ok(prop_running_clear(&run));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_running_create(0, sequences, 10.0, &run));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_running_create(1, sequences, -1.0, &run));
  bad[0] = bad[1] = sequences[0];
  bad[1].n--;
  expect_error(PETSC_ERR_ARG_INCOMP, prop_running_create(2, bad, 10.0, &run));
  data[0][3] = (double)NAN;
  expect_error(PETSC_ERR_FP, prop_running_create(1, sequences, 10.0, &run));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_definition), cmocka_unit_test(test_pieces),
      cmocka_unit_test(test_exact),      cmocka_unit_test(test_two),
      cmocka_unit_test(test_slow),       cmocka_unit_test(test_calibration),
      cmocka_unit_test(test_edges),
  };

  return expect_main(argc, argv, help, tests);
}
