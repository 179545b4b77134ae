/* tests/verify/test_prop_thermal_long.c */
#include "tests/support/expect.h"

#include "tests/support/flux_series.h"

static const char help[] = "Error bars of the thermal conductivity, 1000 repetitions\n";

enum { REPETITIONS = 1000 };

static void check_calibration(int nreplica, int nspecies, uint64_t seed)
{
  const flux_case c = {.n = 2048,
                       .nreplica = nreplica,
                       .nspecies = nspecies,
                       .step = 10.0,
                       .tau = 80.0,
                       .kappa = 3e-7};
  const flux_statistics s = flux_collect(&c, seed, REPETITIONS);

  expect_abs(s.missing, 0.0, 0.0, "every repetition has a value");
  expect_abs(s.mean, 1.0, 0.3 * s.deviation, "no bias worth mentioning");
  expect_abs(s.one, 0.68, 0.05, "one error covers the truth in 68 %");
  expect_abs(s.two, 0.95, 0.025, "the 95 % interval covers the truth in 95 %");
}

static void one_species(void **state)
{
  (void)state;
  check_calibration(4, 1, 11);
}

static void two_species(void **state)
{
  (void)state;
  check_calibration(4, 2, 12);
}

/* More currents than components of one replica */
static void five_species(void **state)
{
  (void)state;
  check_calibration(5, 5, 13);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(one_species), cmocka_unit_test(two_species),
                                     cmocka_unit_test(five_species)};

  return expect_main(argc, argv, help, tests);
}
