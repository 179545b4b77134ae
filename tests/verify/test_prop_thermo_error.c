/* tests/verify/test_prop_thermo_error.c - the short form; the long one has 3000 and more */
#include "tests/support/thermo_calibration.h"

static const char help[] = "Error bars of heat capacities and fits against known truth\n";

static const calibration wanted = {200, 0.11, 0.05};

static void test_fluctuations(void **state)
{
  (void)state;
  calibrate_gaussian(&wanted, 1, 1);
  calibrate_gaussian(&wanted, 4, 2);
  calibrate_ideal(&wanted, 3);
}

static void test_slopes(void **state)
{
  (void)state;
  calibrate_slopes(&wanted, 0.0, 4);
  calibrate_slopes(&wanted, 0.05, 5);
}

static void test_fits(void **state)
{
  const prop_fit line = truth_of(PROP_FIT_LINEAR, 2530.0, -0.423, 0.0);
  const prop_fit arrhenius = truth_of(PROP_FIT_ARRHENIUS, -9.55, 2875.0, 0.0);
  const prop_fit vft = truth_of(PROP_FIT_VFT, -8.5, 600.0, 160.0);
  const prop_fit heat = truth_of(PROP_FIT_LINEAR, 60.0, 0.02, 0.0);
  const PetscReal melt[3] = {900.0, 1200.0, 1010.0}, solvent[3] = {250.0, 350.0, 285.0};

  (void)state;
  expect(calibrate_fit(&wanted, "density", &line, melt, 1e-3, 6) > 0.999, "the only model");
  expect(calibrate_fit(&wanted, "viscosity", &arrhenius, melt, 0.03, 7) > 0.9,
         "AICc keeps Arrhenius where it is true");
  expect(calibrate_fit(&wanted, "diffusion", &vft, solvent, 0.03, 8) > 0.95, "and finds VFT");
  expect(calibrate_fit(&wanted, "heat_capacity", &heat, melt, 0.01, 9) > 0.9, "and a line");
  calibrate_heat_capacity(&wanted, 13);
}

static void test_covariance(void **state)
{
  const prop_fit line = truth_of(PROP_FIT_LINEAR, 2530.0, -0.423, 0.0);
  const prop_fit vft = truth_of(PROP_FIT_VFT, -8.5, 600.0, 160.0);

  (void)state;
  compare_covariance(&line, 900.0, 1200.0, 1e-3, 1000, 10);
  compare_covariance(&vft, 250.0, 350.0, 3e-3, 400, 11);
}

static void test_surface(void **state)
{
  (void)state;
  calibrate_surface(&wanted, 12);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_fluctuations), cmocka_unit_test(test_slopes),
      cmocka_unit_test(test_fits),         cmocka_unit_test(test_covariance),
      cmocka_unit_test(test_surface),
  };

  return expect_main(argc, argv, help, tests);
}
