/* tests/verify/test_lj_green_kubo_long.c */
#include "tests/support/expect.h"

#include "tests/support/lj_stress.h"

static const char help[] = "Viscosity of the Lennard-Jones liquid near its triple point\n";

/* The state and the published number of test_lj_transport_long.c: T* = 0.722, rho* = 0.8442,
   truncated at 2.5 sigma.  500 atoms, six stretches of 400 time units. */
static const lj_flux state_point = {.side = 5,
                                    .cells = 5,
                                    .density = 0.8442,
                                    .temperature = 0.722,
                                    .dt = 0.005,
                                    .coupling = 20.0,
                                    .settle = 5.0,
                                    .sample = 400.0};

/* Viscardy, Servantie & Gaspard, J. Chem. Phys. 126, 184512 (2007), doi:10.1063/1.2724820 */
static void test_viscosity(void **state)
{
  prop_viscosity v;
  double z[4];

  (void)state;
  lj_green_kubo(&state_point, 6, &v);
  lj_green_kubo_compare(&v, 3.268, 0.055, z);
  for (int m = 0; m < 4; m++) expect_abs(z[m], 0.0, 3.0, "published viscosity");
  expect_abs(v.primary.error / v.primary.mean, 0.0, 0.05, "own error over value");
  assert_int_equal(v.primary.flags, 0);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_viscosity)};

  return expect_main(argc, argv, help, tests);
}
