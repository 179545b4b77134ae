/* tests/unit/properties/test_prop_combine.c */
#include "properties/prop_series.h"
#include "tests/support/expect.h"

static const char help[] = "Replicas combined by hand\n";

static const prop_estimate nothing = {
    .mean = PROP_NAN, .error = PROP_NAN, .flags = PROP_FLAG_FEW_SAMPLES};

static prop_value combine(PetscInt n, const prop_estimate est[], PetscReal scale)
{
  prop_value value = {0};

  expect_ok(prop_combine(n, est, scale, &value));
  return value;
}

/* Weights 1/4 and 3/4: mean 10.75; within = sqrt((0.4/4)^2 + (0.6*3/4)^2); between =
   sqrt((0.75^2/4 + 0.25^2*3/4)/1) = 0.4330..., within = 0.4609... is larger. */
static void test_weights(void **state)
{
  const prop_estimate est[] = {{.mean = 10.0, .error = 0.4, .neff = 25.0},
                               {.mean = 11.0, .error = 0.6, .neff = 75.0}};
  prop_value value = combine(2, est, 1000.0);

  (void)state;
  expect_near(value.value, 10750.0, 1e-14, "mean weighted by effective samples, scaled");
  expect_near(value.error, 1000.0 * sqrt(0.1 * 0.1 + 0.45 * 0.45), 1e-14, "within-replica error");
  expect_near(value.neff, 100.0, 1e-14, "effective samples add up");
  assert_int_equal(value.flags, 0);
}

/* The same with error bars ten times smaller: between is larger, and the replicas disagree.  Of the
   square of the error, 0.1875, then 0.25, only 0.002125, then 0.0013, is known from within: the
   error bar rests on two replicas and not on 100 samples. */
static void test_between(void **state)
{
  const prop_estimate est[] = {{.mean = 10.0, .error = 0.04, .neff = 25.0},
                               {.mean = 11.0, .error = 0.06, .neff = 75.0}};
  prop_value value = combine(2, est, 1.0);

  (void)state;
  expect_near(value.error, sqrt(0.25 * 0.75 * 0.75 + 0.75 * 0.25 * 0.25), 1e-14, "spread");
  expect_near(value.neff, (0.002125 * 100.0 + (0.1875 - 0.002125) * 2.0) / 0.1875, 1e-12,
              "samples within replicas that disagree do not add up");
  assert_int_equal(value.flags, PROP_FLAG_REPLICAS_DISAGREE | PROP_FLAG_FEW_SAMPLES);
  expect_ok(prop_combine_spread(2, est, 1.0, &value));
  expect_near(value.value, 10.5, 1e-14, "equal weights");
  expect_near(value.error, 0.5, 1e-14, "spread of two over sqrt(2)");
  expect_near(value.neff, (0.0013 * 100.0 + (0.25 - 0.0013) * 2.0) / 0.25, 1e-12,
              "the samples of a spread are the replicas");
  assert_int_equal(value.flags, PROP_FLAG_FEW_SAMPLES);
}

/* Two replicas with equal errors e and many samples differ by d: chi-square is d^2 / (2 e^2), at
   1 % and one degree of freedom 6.635: d = 3.643 e. */
static void test_gate(void **state)
{
  prop_estimate est[] = {{.mean = 0.0, .error = 1.0, .neff = 1e6},
                         {.mean = 3.60, .error = 1.0, .neff = 1e6}};

  (void)state;
  assert_int_equal(combine(2, est, 1.0).flags, 0);
  est[1].mean = 3.69;
  assert_int_equal(combine(2, est, 1.0).flags, PROP_FLAG_REPLICAS_DISAGREE);
  /* 30 samples: variance of t with 10 degrees of freedom, 10/8, so d = 4.07 e */
  est[0].neff = est[1].neff = 30.0;
  est[1].mean = 4.0;
  assert_int_equal(combine(2, est, 1.0).flags, 0);
  est[1].mean = 4.15;
  expect(combine(2, est, 1.0).flags & PROP_FLAG_REPLICAS_DISAGREE, "further apart than chance");
}

static void test_one_and_none(void **state)
{
  const prop_estimate est[] = {nothing, {.mean = 2.0, .error = 0.1, .neff = 30.0}, nothing};
  prop_value value = combine(1, est + 1, 1.0);

  (void)state;
  expect_near(value.value, 2.0, 1e-15, "one replica");
  expect_near(value.error, 0.1, 1e-15, "its error");
  assert_int_equal(value.flags, PROP_FLAG_ONE_REPLICA);
  value = combine(3, est, 1.0);
  expect_near(value.value, 2.0, 1e-15, "replicas without data are left out");
  assert_int_equal(value.flags, PROP_FLAG_ONE_REPLICA);
  value = combine(1, est, 1.0);
  expect(isnan(value.value) && isnan(value.error), "no data, no number");
  assert_int_equal(value.flags, PROP_FLAG_MISSING);
  assert_int_equal(combine(0, est, 1.0).flags, PROP_FLAG_MISSING);
}

/* Replicas too short for an error bar of their own still give a spread; one alone gives none. */
static void test_without_errors(void **state)
{
  const prop_estimate est[] = {{.mean = 1.0, .error = PROP_NAN, .flags = PROP_FLAG_FEW_SAMPLES},
                               {.mean = 3.0, .error = PROP_NAN, .flags = PROP_FLAG_FEW_SAMPLES},
                               {.mean = 7.0, .error = 0.2, .neff = 40.0}};
  prop_value value = combine(2, est, 1.0);

  (void)state;
  expect_near(value.value, 2.0, 1e-15, "equal weights");
  expect_near(value.error, 1.0, 1e-15, "sqrt(((1-2)^2 + (3-2)^2)/2 / 1)");
  assert_int_equal(value.flags, PROP_FLAG_FEW_SAMPLES);
  value = combine(1, est, 1.0);
  expect(isnan(value.error), "one number has no error bar");
  assert_int_equal(value.flags, PROP_FLAG_FEW_SAMPLES | PROP_FLAG_ONE_REPLICA);
  value = combine(3, est, 1.0);
  expect_near(value.value, 7.0, 1e-15, "who knows no error weighs nothing beside one who does");
  assert_int_equal(value.flags, PROP_FLAG_ONE_REPLICA);
}

/* FEW_SAMPLES is about the total; what else a replica reports is kept. */
static void test_flags(void **state)
{
  const prop_estimate est[] = {
      {.mean = 1.0, .error = 0.1, .neff = 12.0, .flags = PROP_FLAG_FEW_SAMPLES},
      {.mean = 1.0,
       .error = 0.1,
       .neff = 12.0,
       .flags = PROP_FLAG_FEW_SAMPLES | PROP_FLAG_NOT_DIFFUSIVE}};
  prop_value value;

  (void)state;
  assert_int_equal(combine(2, est, 1.0).flags, PROP_FLAG_NOT_DIFFUSIVE);
  assert_int_equal(combine(1, est, 1.0).flags, PROP_FLAG_FEW_SAMPLES | PROP_FLAG_ONE_REPLICA);
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_combine(-1, est, 1.0, &value));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_combine(2, est, 0.0, &value));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_combine(2, est, PROP_NAN, &value));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_weights),        cmocka_unit_test(test_between),
      cmocka_unit_test(test_gate),           cmocka_unit_test(test_one_and_none),
      cmocka_unit_test(test_without_errors), cmocka_unit_test(test_flags),
  };

  return expect_main(argc, argv, help, tests);
}
