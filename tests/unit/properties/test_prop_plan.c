/* tests/unit/properties/test_prop_plan.c */
#include "properties/prop_plan.h"
#include "properties/prop_stat.h"
#include "tests/support/expect.h"

static const char help[] = "Error that a budget buys, effort that a target needs\n";

/* P = 3 and 5 %: M = 1/(60 * 0.0025) = 6.67 sequences: 2 replicas of 5 components, 3 of 3. */
static void test_replicas(void **state)
{
  (void)state;
  expect(prop_plan_replicas(PROP_PLAN_VISCOSITY, 3.0, 0.05) == 2.0, "viscosity to 5 %");
  expect(prop_plan_replicas(PROP_PLAN_CURRENT, 3.0, 0.05) == 3.0, "conductivity to 5 %");
  expect(prop_plan_replicas(PROP_PLAN_VISCOSITY, 3.0, 0.01) == 34.0, "viscosity to 1 %");
  expect(prop_plan_replicas(2496.0, 3.0, 0.05) == 1.0, "never less than one");
  expect(isnan(prop_plan_replicas(5.0, 3.0, 0.0)), "no target");
}

/* By hand: 5 sqrt(1/(20 * 500)) = 0.05; 0.01 sqrt(2 * 1/200) = 0.001; 3/sqrt(3 * 300) = 0.1. */
static void test_guesses(void **state)
{
  (void)state;
  expect_near(prop_plan_transport(20.0, 500.0, 1.0), 0.05, 1e-14, "20 sequences of 500 memories");
  expect_near(prop_plan_mean(0.01, 200.0, 1.0), 0.001, 1e-14, "200 memories, 1 % at a moment");
  expect_near(prop_plan_energies(300.0, 3.0), 0.1, 1e-14, "300 atoms, E = 3 R T");
  expect(isnan(prop_plan_transport(0.0, 1.0, 1.0)), "no sequence");
  expect(isnan(prop_plan_mean(0.1, 0.0, 1.0)), "no time");
  expect(isnan(prop_plan_energies(0.0, 1.0)), "no atoms");
}

static void test_predict(void **state)
{
  const prop_plan_known known = {{10.0, 0.4, 100.0, 0}, 50.0, 4.0};
  prop_plan_known spread = known, bare = known;

  (void)state;
  expect_near(prop_plan_predict(&known, 50.0, 4.0), 0.4, 1e-14, "the same effort");
  expect_near(prop_plan_predict(&known, 200.0, 4.0), 0.2, 1e-14, "four times as long");
  expect_near(prop_plan_predict(&known, 25.0, 8.0), 0.4, 1e-14, "half as long, twice as many");
  spread.value.neff = 5.0;
  expect_near(prop_plan_predict(&spread, 200.0, 4.0), 0.4, 1e-14, "length does not help a spread");
  expect_near(prop_plan_predict(&spread, 50.0, 16.0), 0.2, 1e-14, "replicas do");
  bare.value.error = PROP_NAN;
  expect(isnan(prop_plan_predict(&bare, 50.0, 4.0)), "no error bar");
  expect(isnan(prop_plan_predict(&known, 0.0, 4.0)), "no run");
}

static void test_need(void **state)
{
  prop_plan_known known = {{-10.0, 0.4, 50.0, 0}, 50.0, 4.0};
  prop_plan_missing need;

  (void)state;
  expect_ok(prop_plan_need(&known, 0.02, &need));
  expect_near(need.ratio, 2.0 * prop_student68(49), 1e-14, "twice the target");
  expect_near(need.factor, PetscSqr(2.0 * prop_student68(202)), 1e-4, "four times the effort");
  expect_near(need.time, 50.0 * need.factor, 1e-14, "longer");
  expect_near(need.replicas, 17.0, 1e-14, "or more replicas");
  expect_near(need.certainty, 0.2, 1e-14, "a factor known to 20 %");
  expect(!need.met && !need.only_replicas, "not met");
  expect_near(prop_plan_predict(&known, need.time, 4.0), 0.2, 0.01, "and back");
  known.value.flags = PROP_FLAG_REPLICAS_DISAGREE;
  expect_ok(prop_plan_need(&known, 0.03, &need));
  expect(need.only_replicas && isinf(need.time), "no length will do");
  expect_near(need.replicas, 8.0, 1e-14, "4 * 16/9, rounded up");
  expect_ok(prop_plan_need(&known, 0.05, &need));
  expect(need.met && need.factor == 1.0 && need.replicas == 4.0 && need.time == 50.0, "met");
  known.value = prop_value_missing;
  expect_ok(prop_plan_need(&known, 0.05, &need));
  expect(isinf(need.ratio) && isnan(need.factor) && !need.met, "nothing known");
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_plan_need(&known, 0.0, &need));
}

/* Samples count, too: 5 of 20 want four times the effort, however small the error.  By hand:
 * Student's 68.27 % factor is 1.1416 for 4 degrees and 1.0270 for 19 (t tables). */
static void test_samples(void **state)
{
  prop_plan_known known = {{1.0, 0.01, 5.0, 0}, 50.0, 4.0};
  prop_plan_missing need;

  (void)state;
  expect_ok(prop_plan_need(&known, 0.1, &need));
  expect_near(need.ratio, 2.0, 1e-14, "sqrt(20/5)");
  expect_near(need.replicas, 16.0, 1e-14, "20 samples");
  expect_ok(prop_plan_need(&known, 0.005, &need));
  expect_near(need.ratio, 2.0 * 1.1416, 1e-4, "Student's factor of four degrees");
  expect_near(need.replicas, 17.0, 1e-14, "4 * 4 * 1.027^2");
  known.value.neff = 20.0;
  expect(prop_plan_ratio(&known.value, 0.0103) <= 1.0, "20 samples are enough");
  expect(prop_plan_ratio(&known.value, 0.0102) > 1.0, "but their error bar is uncertain");
  known.value.neff = 0.0;
  expect_near(prop_plan_ratio(&known.value, 0.01), 1.0, 1e-14, "nothing known of samples");
  known.value.neff = 1.0;
  expect(prop_plan_ratio(&known.value, 1.0) > 4.0, "one sample has no error bar to speak of");
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_replicas), cmocka_unit_test(test_guesses),
      cmocka_unit_test(test_predict),  cmocka_unit_test(test_need),
      cmocka_unit_test(test_samples),
  };

  return expect_main(argc, argv, help, tests);
}
