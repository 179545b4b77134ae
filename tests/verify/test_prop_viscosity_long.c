/* tests/verify/test_prop_viscosity_long.c - calibration of the viscosity by 1000 repetitions
 *
 * Fractions are known to 0.015 (of 0.68) and 0.007 (of 0.95).
 */
#include "tests/support/expect.h"

#include "tests/support/pressure_series.h"

static const char help[] = "Error bars of the viscosity by four methods, 1000 repetitions\n";

enum { REPETITIONS = 1000 };

static void test_calibration(void **state)
{
  const liquid l[] = {
      {.n = 4096, .nreplica = 6, .step = 10.0, .eta = 5.0, .tau = 200.0},
      {.n = 8192, .nreplica = 6, .step = 10.0, .eta = 5.0, .tau = 200.0, .fast = 0.3}};

  (void)state;
  for (size_t k = 0; k < sizeof(l) / sizeof(l[0]); k++) {
    liquid_statistics s[4];

    expect(liquid_collect(&l[k], 2000.0, 181 + k, REPETITIONS, s) <= 0.02,
           "methods agree where they should");
    for (int m = 0; m < 4; m++) {
      expect_abs(s[m].mean, 1.0, 0.35 * s[m].deviation, "no bias worth mentioning");
      expect_abs(s[m].one, 0.68, 0.05, "one error covers the truth in 68 %");
      expect_abs(s[m].two, 0.95, 0.025, "the 95 % interval covers the truth in 95 %");
    }
  }
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_calibration)};

  return expect_main(argc, argv, help, tests);
}
