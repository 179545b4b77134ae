/* tests/verify/test_lj_green_kubo.c */
#include "tests/support/expect.h"

#include "tests/support/lj_stress.h"

static const char help[] = "Short form of test_lj_green_kubo_long: 108 atoms\n";

/* The state and the published number of test_lj_transport_long.c.  The error is some 15 %; what a
   cell of 108 atoms does to the viscosity is less. */
static const lj_flux state_point = {.side = 3,
                                    .cells = 3,
                                    .density = 0.8442,
                                    .temperature = 0.722,
                                    .dt = 0.005,
                                    .coupling = 20.0,
                                    .settle = 2.0,
                                    .sample = 60.0};

static void test_viscosity(void **state)
{
  prop_viscosity v;
  double z[4];

  (void)state;
  lj_green_kubo(&state_point, 3, &v);
  lj_green_kubo_compare(&v, 3.268, 0.055, z);
  for (int m = 0; m < 4; m++) expect_abs(z[m], 0.0, 4.0, "published viscosity");
  expect_abs(v.primary.error / v.primary.mean, 0.15, 0.10, "an error bar of 5 to 25 %");
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_viscosity)};

  return expect_main(argc, argv, help, tests);
}
