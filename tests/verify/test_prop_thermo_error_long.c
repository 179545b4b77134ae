/* tests/verify/test_prop_thermo_error_long.c - 3000 repetitions, of which a fraction of 68 %
 * is known to 0.8 %: 68 +- 5 % and 95 +- 2.5 % */
#include "tests/support/thermo_calibration.h"

static const char help[] = "Error bars of heat capacities and fits against known truth\n";

static const calibration wanted = {3000, 0.05, 0.025}, cheap = {4000, 0.05, 0.025};

static void test_gaussian(void **state)
{
  (void)state;
  calibrate_gaussian(&wanted, 1, 101);
  calibrate_gaussian(&wanted, 4, 102);
  calibrate_gaussian(&wanted, 10, 103);
}

static void test_ideal(void **state)
{
  (void)state;
  calibrate_ideal(&cheap, 104);
}

static void test_slopes(void **state)
{
  (void)state;
  calibrate_slopes(&cheap, 0.0, 105);
  calibrate_slopes(&cheap, 0.05, 106);
}

static void test_fits(void **state)
{
  const prop_fit line = truth_of(PROP_FIT_LINEAR, 2530.0, -0.423, 0.0);
  const prop_fit arrhenius = truth_of(PROP_FIT_ARRHENIUS, -9.55, 2875.0, 0.0);
  const prop_fit vft = truth_of(PROP_FIT_VFT, -8.5, 600.0, 160.0);
  const prop_fit heat = truth_of(PROP_FIT_LINEAR, 60.0, 0.02, 0.0);
  const PetscReal melt[3] = {900.0, 1200.0, 1010.0}, solvent[3] = {250.0, 350.0, 285.0};

  (void)state;
  expect(calibrate_fit(&cheap, "density", &line, melt, 1e-3, 107) > 0.999, "the only model");
  expect(calibrate_fit(&cheap, "viscosity", &arrhenius, melt, 0.03, 108) > 0.9,
         "AICc keeps Arrhenius where it is true");
  expect(calibrate_fit(&wanted, "diffusion", &vft, solvent, 0.03, 109) > 0.95, "and finds VFT");
  expect(calibrate_fit(&cheap, "heat_capacity", &heat, melt, 0.01, 110) > 0.9, "and a line");
  calibrate_heat_capacity(&cheap, 112);
}

static void test_surface(void **state)
{
  (void)state;
  calibrate_surface(&cheap, 111);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_gaussian), cmocka_unit_test(test_ideal),
      cmocka_unit_test(test_slopes),   cmocka_unit_test(test_fits),
      cmocka_unit_test(test_surface),
  };

  return expect_main(argc, argv, help, tests);
}
