/* tests/unit/properties/test_prop_committee.c */
#include "properties/prop_committee.h"
#include "tests/support/expect.h"
#include "tests/support/random.h"

static const char help[] = "Model error of a committee of potentials\n";

static prop_committee combine(PetscInt n, const prop_value member[])
{
  prop_committee out;

  expect_ok(prop_committee_combine(n, member, &out));
  return out;
}

/* Equal errors e: Q = S/e^2 with S = sum (m - mean)^2, and tau^2 = S/(n - 1) - e^2.  Means 9, 10,
   12: mean 31/3, S = 14/3; with e = 0.5: tau^2 = 7/3 - 1/4.  neff is 0: unknown, so not widened. */
static void test_by_hand(void **state)
{
  const prop_value member[] = {{9.0, 0.5, 0.0, 0},
                               {10.0, 0.5, 0.0, PROP_FLAG_DRIFT},
                               {12.0, 0.5, 0.0, PROP_FLAG_ONE_REPLICA}};
  const prop_committee c = combine(3, member);

  (void)state;
  assert_int_equal(c.nmember, 3);
  expect_near(c.value.value, 31.0 / 3.0, 1e-14, "mean");
  expect_near(c.value.error, 0.5 / sqrt(3.0), 1e-14, "sampling error of the mean");
  expect_near(c.model_error, sqrt(7.0 / 3.0 - 0.25), 1e-13, "spread beyond sampling errors");
  expect_near(c.heterogeneity, exp(-0.5 * 14.0 / 3.0 / 0.25), 1e-10, "chi-square, 2 degrees");
  /* chi-square of 2 degrees at 2.5 %: -2 ln 0.975; S/(e^2 + tau^2) equals it */
  expect_near(c.model_error95, sqrt(14.0 / 3.0 / (-2.0 * log(0.975)) - 0.25), 1e-8, "upper limit");
  assert_int_equal(c.value.flags, PROP_FLAG_DRIFT | PROP_FLAG_ONE_REPLICA);
}

/* Unequal errors: w = 4, 1; Q = d^2/(1/4 + 1) for two; tau^2 = (Q - 1)/(5 - 17/5). */
static void test_unequal(void **state)
{
  const prop_value member[] = {{0.0, 0.5, 0.0, 0}, {3.0, 1.0, 0.0, 0}};
  const PetscReal tau2 = (9.0 / 1.25 - 1.0) / 1.6, w0 = 1.0 / (0.25 + tau2),
                  w1 = 1.0 / (1.0 + tau2);
  const prop_committee c = combine(2, member);

  (void)state;
  expect_near(c.model_error, sqrt(tau2), 1e-13, "tau of two");
  expect_near(c.value.value, 3.0 * w1 / (w0 + w1), 1e-13, "weights of random effects");
  expect_near(c.value.error, sqrt(w0 * w0 * 0.25 + w1 * w1) / (w0 + w1), 1e-13, "sampling error");
}

static void test_edges(void **state)
{
  const prop_value same[] = {{5.0, 0.1, 20.0, 0}, {5.0, 0.1, 20.0, 0}};
  const prop_value bare[] = {{5.0, PROP_NAN, 0.0, 0}, {7.0, PROP_NAN, 0.0, 0}};
  const prop_value one[] = {
      prop_value_missing, {5.0, 0.1, 20.0, PROP_FLAG_DRIFT}, {9.0, PROP_NAN, 0.0, 0}};
  prop_committee c = combine(2, same);

  (void)state;
  expect(c.model_error == 0.0 && c.heterogeneity == 1.0, "members that agree");
  expect(c.model_error95 > 0.1, "which does not prove that models are equal");
  expect_near(c.value.error, 0.1 * sqrt(19.0 / 17.0 / 2.0), 1e-12, "widened: Student's t");
  expect_near(c.value.neff, 40.0, 1e-12, "samples of both");
  c = combine(2, bare);
  expect_near(c.model_error, sqrt(2.0), 1e-14, "all of the scatter");
  expect(isnan(c.value.error) && c.value.flags == PROP_FLAG_FEW_SAMPLES, "no sampling error");
  c = combine(3, one);
  expect(c.nmember == 1 && isnan(c.model_error) && isnan(c.model_error95), "one knows nothing");
  expect(c.value.value == 5.0 && c.value.error == 0.1 && c.value.flags == PROP_FLAG_DRIFT,
         "the value of the one that is left");
  c = combine(1, one);
  expect(c.nmember == 0 && c.value.flags == PROP_FLAG_MISSING && isnan(c.value.value), "nobody");
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_committee_combine(-1, NULL, &c));
}

/* 2000 committees of five whose members scatter by tau = 2 and are sampled with errors 0.5 to 1.5.
   tau^2 is unbiased where it is not cut off at 0 (here it seldom is); the upper limit must be above
   the truth in 97.5 % at least (measured: 99.9 %; members that agree too well make it safe). */
static void test_scatter(void **state)
{
  random_stream stream = {3};
  PetscReal tau2 = 0.0, above = 0.0;

  (void)state;
  for (PetscInt k = 0; k < 2000; k++) {
    prop_value member[5];
    prop_committee c;

    for (PetscInt i = 0; i < 5; i++) {
      const PetscReal e = 0.5 + 0.25 * (PetscReal)i, m = 2.0 * random_normal(&stream);

      member[i] = (prop_value){.value = m + e * random_normal(&stream), .error = e};
    }
    c = combine(5, member);
    tau2 += c.model_error * c.model_error / 2000.0;
    above += c.model_error95 > 2.0 ? 1.0 / 2000.0 : 0.0;
  }
  print_message("tau^2 %.3f above %.4f\n", tau2, above);
  expect_near(tau2, 4.0, 0.06, "variance between models is unbiased");
  expect_abs(above, 1.0, 0.025, "the upper limit is above the truth in 97.5 % or more");
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_by_hand),
      cmocka_unit_test(test_unequal),
      cmocka_unit_test(test_edges),
      cmocka_unit_test(test_scatter),
  };

  return expect_main(argc, argv, help, tests);
}
