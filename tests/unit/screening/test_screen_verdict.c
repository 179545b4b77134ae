static const char purpose[] =
    "Verdicts: means and errors by hand, an injected bias is found, noise is called noise\n";

#include "screening/screen_compare.h"
#include "screening/screen_verdict.h"
#include "tests/support/expect.h"
#include "tests/support/random.h"

/* Two sources, by hand: source 0 has d = 0.02, 0.04 with our error 0.01 each and its own of 0.01;
 * source 1 has d = 0.00 with ours 0.02 and none stated, for which 0.01 is assumed. */
static void test_by_hand(void **state)
{
  const screen_pair pair[] = {{1000, 0.5, 102, 1, 100, 1, 0},
                              {1100, 0.5, 104, 1, 100, 1, 0},
                              {1000, 0.5, 100, 2, 100, PROP_NAN, 1},
                              {1000, 0.5, PROP_NAN, 2, 100, 1, 1}};
  /* source 0: mean 0.03, variance 0.01^2/2 + 0.01^2 = 1.5e-4; source 1: 0, 4e-4 + 1e-4 */
  const PetscReal w0 = 1.0 / 1.5e-4, w1 = 1.0 / 5e-4, mean = 0.03 * w0 / (w0 + w1);
  const PetscReal birge = sqrt(w0 * pow(0.03 - mean, 2.0) + w1 * mean * mean);
  screen_verdict v;

  (void)state;
  expect_ok(screen_verdict_make(4, pair, &v));
  expect(v.n == 3 && v.nsource == 2 && v.unstated, "what counts");
  expect_near(v.bias, mean, 1e-12, "bias");
  expect_near(v.bias_u, birge / sqrt(w0 + w1), 1e-12, "its error, widened: the sources disagree");
  expect_near(v.random, sqrt(w0 * w0 * 0.5e-4 + w1 * w1 * 4e-4) / (w0 + w1), 1e-12, "our part");
  expect_near(v.systematic, 0.01 * sqrt(w0 * w0 + w1 * w1) / (w0 + w1), 1e-12, "their part");
  expect_near(v.mape, 0.02, 1e-12, "mean of 0.02, 0.04, 0");
  expect_near(v.rmse, sqrt((4e-4 + 16e-4) / 3.0), 1e-12, "root mean square");
  expect_near(v.chi2, (2.0 + 8.0) / 3.0, 1e-12, "z^2 = 2, 8, 0");
  expect_near(v.coverage, 2.0 / 3.0, 1e-12, "|z| < 2");
  expect(isnan(v.trend_x) && v.trend_t > 0.0, "one composition, two temperatures");
}

/* d = 0.01 + 1e-4 (T - 1000) + 0.05 x without noise */
static void test_trend(void **state)
{
  screen_pair pair[12];
  screen_verdict v;

  (void)state;
  for (int i = 0; i < 12; i++) {
    const PetscReal t = 1000.0 + 20.0 * (i % 4), x = 0.25 * (i / 4.0 - (i % 4) / 4.0);

    pair[i] =
        (screen_pair){t, x, 100.0 * (1.01 + 1e-4 * (t - 1000.0) + 0.05 * x), 0.1, 100.0, 0.1, 0};
  }
  expect_ok(screen_verdict_make(12, pair, &v));
  expect_near(v.trend_t, 0.01, 1e-9, "over 100 K");
  expect_near(v.trend_x, 0.05, 1e-9, "over composition");
}

/* 400 made-up comparisons of 8 points: how often a bias is found. */
static PetscReal found(PetscReal bias, PetscReal ours, PetscReal theirs, uint64_t seed,
                       screen_verdict_kind kind)
{
  enum { RUNS = 400, N = 8 };
  random_stream random = {seed};
  PetscInt n = 0;

  for (int run = 0; run < RUNS; run++) {
    const PetscReal shift = theirs * random_normal(&random);
    screen_pair pair[N];
    screen_verdict v;

    for (int i = 0; i < N; i++)
      pair[i] = (screen_pair){1000.0 + 10.0 * i,
                              0.5,
                              100.0 * (1.0 + bias + shift + ours * random_normal(&random)),
                              100.0 * ours,
                              100.0,
                              100.0 * theirs,
                              0};
    expect_ok(screen_verdict_make(N, pair, &v));
    n += v.kind == kind ? 1 : 0;
  }
  return (PetscReal)n / RUNS;
}

/* Without a bias it is called one in 4.6 % of cases (|normal| > 2); to 4 standard deviations. */
static void test_decisions(void **state)
{
  (void)state;
  expect(found(0.0, 0.005, 0.0, 1, SCREEN_VERDICT_BIASED) < 0.09, "noise is no bias");
  expect(found(0.0, 0.005, 0.005, 2, SCREEN_VERDICT_BIASED) < 0.09, "nor is the sources' error");
  expect(found(0.02, 0.005, 0.0, 3, SCREEN_VERDICT_BIASED) > 0.99, "2 % beside 0.2 % is found");
  expect(found(0.02, 0.005, 0.005, 4, SCREEN_VERDICT_BIASED) > 0.9, "also beside 0.5 % of theirs");
  expect(found(0.0, 0.05, 0.005, 5, SCREEN_VERDICT_INCONCLUSIVE) > 0.9, "5 % see nothing");
  expect(found(0.0, 0.002, 0.005, 6, SCREEN_VERDICT_CONSISTENT) > 0.9, "precise and equal");
}

static void test_nothing(void **state)
{
  const screen_pair pair = {1000, 0.5, 1, 0, 1, 1, 0};
  screen_verdict v;

  (void)state;
  expect_ok(screen_verdict_make(1, &pair, &v));
  expect(v.n == 0 && v.kind == SCREEN_VERDICT_NOTHING, "a value without an error is no evidence");
}

static void expect_expression(const char *expression, int wanted)
{
  const screen_verdict verdict[] = {{.n = 8, .bias = -0.03, .mape = 0.03, .coverage = 0.5},
                                    {.n = 2, .bias = 0.001, .mape = 0.001, .coverage = 1.0}};
  const char *const name[] = {"density", "viscosity"};
  char problem[256];
  PetscBool holds;

  screen_compare_fails(expression, 2, verdict, name, &holds, problem);
  expect(wanted < 0 ? problem[0] != 0 : problem[0] == 0 && (int)holds == wanted, expression);
}

static void test_expressions(void **state)
{
  (void)state;
  expect_expression("density.mape>2%", 1);
  expect_expression("viscosity.mape > 2%", 0);
  expect_expression("mape > 0.02", 1);
  expect_expression("bias >= 3 % ", -1); /* a blank before the % */
  expect_expression("bias > 2.9%", 1);
  expect_expression("density.mape>2% and viscosity.coverage<0.8", 0);
  expect_expression("density.mape>2% and viscosity.coverage<0.8 or n < 3", 1);
  expect_expression("density.mape<2% or density.n>8", 0);
  expect_expression("density.mape", -1);
  expect_expression("density.colour > 1", -1);
  expect_expression("gravity.mape > 1", -1);
  expect_expression("mape > 1 xor n > 1", -1);
  expect_expression("mape > 1 or", -1);
  expect_expression("", -1);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_by_hand), cmocka_unit_test(test_trend),
                                     cmocka_unit_test(test_decisions),
                                     cmocka_unit_test(test_nothing),
                                     cmocka_unit_test(test_expressions)};
  return expect_main(argc, argv, purpose, tests);
}
