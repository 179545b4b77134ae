/* tests/unit/properties/test_prop_derived.c */
#include "properties/prop_derived.h"
#include "tests/support/expect.h"
#include "tests/support/random.h"

static const char help[] = "Products of powers with error bars\n";

static const prop_value eta = {2e-3, 1e-4, 40.0, PROP_FLAG_NO_PLATEAU};
static const prop_value rho = {2000.0, 20.0, 400.0, 0};
static const prop_value cp = {1000.0, 30.0, 100.0, PROP_FLAG_CLASSICAL};
static const prop_value kappa = {0.5, 0.05, 25.0, PROP_FLAG_ONE_REPLICA};
static const prop_value diff = {4e-9, 2e-10, 64.0, PROP_FLAG_NO_SIZE_CORRECTION};

/* Relative errors: eta 5 %, rho 1 %, cp 3 %, kappa 10 %, D 5 % */
static void test_numbers(void **state)
{
  prop_value y;

  (void)state;
  expect_ok(prop_derived_kinematic_viscosity(&eta, &rho, NULL, &y));
  expect_near(y.value, 1e-6, 1e-14, "eta/rho");
  expect_near(y.error, 1e-6 * sqrt(0.05 * 0.05 + 0.01 * 0.01), 1e-12, "its error");
  expect_near(y.neff, pow(0.0026, 2) / (pow(0.0025, 2) / 40.0 + pow(0.0001, 2) / 400.0), 1e-12,
              "Welch-Satterthwaite");
  assert_int_equal(y.flags, PROP_FLAG_NO_PLATEAU);
  expect_ok(prop_derived_thermal_diffusivity(&kappa, &rho, &cp, NULL, &y));
  expect_near(y.value, 0.5 / 2e6, 1e-14, "kappa/(rho cp)");
  expect_near(y.error, 2.5e-7 * sqrt(0.01 + 0.0001 + 0.0009), 1e-12, "its error");
  assert_int_equal(y.flags, PROP_FLAG_CLASSICAL | PROP_FLAG_ONE_REPLICA);
  expect_ok(prop_derived_prandtl(&eta, &cp, &kappa, NULL, &y));
  expect_near(y.value, 4.0, 1e-14, "eta cp/kappa");
  expect_near(y.error, 4.0 * sqrt(0.0025 + 0.0009 + 0.01), 1e-12, "its error");
  expect_ok(prop_derived_schmidt(&eta, &rho, &diff, NULL, &y));
  expect_near(y.value, 250.0, 1e-14, "eta/(rho D)");
  expect_near(y.error, 250.0 * sqrt(0.0025 + 0.0001 + 0.0025), 1e-12, "its error");
  assert_int_equal(y.flags, PROP_FLAG_NO_PLATEAU | PROP_FLAG_NO_SIZE_CORRECTION);
}

/* eta and D measured in the same run with correlation r: in eta/D the errors add with -2 r */
static void test_correlated(void **state)
{
  const PetscReal r[9] = {1.0, 0.0, -0.8, 0.0, 1.0, 0.0, -0.8, 0.0, 1.0};
  const PetscReal bad[4] = {1.0, 1.5, 1.5, 1.0};
  prop_value y;

  (void)state;
  expect_ok(prop_derived_schmidt(&eta, &rho, &diff, r, &y));
  expect_near(y.error, 250.0 * sqrt(0.0025 + 0.0001 + 0.0025 + 2.0 * 0.8 * 0.05 * 0.05), 1e-12,
              "anticorrelated inputs of a quotient add up");
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_derived_kinematic_viscosity(&eta, &rho, bad, &y));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_derived_product(0, &eta, NULL, NULL, &y));
}

/* 10^5 draws of three normal variables, two of them correlated at 0.6 */
static void test_draws(void **state)
{
  random_stream stream = {7};
  const prop_value x[3] = {{10.0, 0.2, 50.0, 0}, {5.0, 0.15, 50.0, 0}, {2.0, 0.02, 50.0, 0}};
  const PetscReal power[3] = {1.0, -2.0, 0.5};
  const PetscReal r[9] = {1.0, 0.6, 0.0, 0.6, 1.0, 0.0, 0.0, 0.0, 1.0};
  PetscReal sum = 0.0, squares = 0.0;
  prop_value y;

  (void)state;
  for (PetscInt i = 0; i < 100000; i++) {
    const PetscReal a = random_normal(&stream), b = random_normal(&stream);
    const PetscReal c = random_normal(&stream);
    const PetscReal f =
        (10.0 + 0.2 * a) * pow(5.0 + 0.15 * (0.6 * a + 0.8 * b), -2.0) * sqrt(2.0 + 0.02 * c);

    sum += f;
    squares += f * f;
  }
  sum /= 1e5;
  expect_ok(prop_derived_product(3, x, power, r, &y));
  expect_near(y.error, sqrt(squares / 1e5 - sum * sum), 0.02, "error against the scatter of draws");
}

/* What is not known stays unknown. */
static void test_missing(void **state)
{
  const prop_value zero = {0.0, 1.0, 10.0, 0}, bare = {2e-3, PROP_NAN, 0.0, 0};
  const prop_value exact = {2e-3, 0.0, 0.0, 0};
  prop_value y;

  (void)state;
  expect_ok(prop_derived_kinematic_viscosity(&prop_value_missing, &rho, NULL, &y));
  expect(isnan(y.value) && isnan(y.error) && y.flags == PROP_FLAG_MISSING, "missing input");
  expect_ok(prop_derived_kinematic_viscosity(&eta, &zero, NULL, &y));
  expect(isnan(y.value) && y.flags == PROP_FLAG_MISSING, "division by zero");
  expect_ok(prop_derived_kinematic_viscosity(&bare, &rho, NULL, &y));
  expect_near(y.value, 1e-6, 1e-14, "the value is known");
  expect(isnan(y.error) && y.flags == PROP_FLAG_FEW_SAMPLES, "without an error bar");
  expect_ok(prop_derived_kinematic_viscosity(&exact, &rho, NULL, &y));
  expect(isnan(y.error), "an error bar of zero is none");
}

static void test_agreement(void **state)
{
  prop_value a = {10.0, 0.3, 50.0, 0}, b = {11.6, 0.4, 50.0, 0};
  PetscReal z;

  (void)state;
  expect_ok(prop_derived_agreement(&a, &b, 0.0, &z));
  expect_near(z, -3.2, 1e-12, "difference over joint error");
  assert_int_equal(a.flags, PROP_FLAG_METHODS_DISAGREE);
  a.flags = 0;
  expect_ok(prop_derived_agreement(&a, &b, -0.5, &z));
  expect_near(z, -1.6 / sqrt(0.09 + 0.16 + 0.12), 1e-12, "correlated");
  assert_int_equal(a.flags, 0);
  b.error = PROP_NAN;
  expect_ok(prop_derived_agreement(&a, &b, 0.0, &z));
  expect(isnan(z) && a.flags == 0, "nothing to compare with");
  expect_ok(prop_derived_agreement(&a, &prop_value_missing, 0.0, &z));
  expect(isnan(z) && a.flags == 0, "the other one is missing");
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_numbers),   cmocka_unit_test(test_correlated),
      cmocka_unit_test(test_draws),     cmocka_unit_test(test_missing),
      cmocka_unit_test(test_agreement),
  };

  return expect_main(argc, argv, help, tests);
}
