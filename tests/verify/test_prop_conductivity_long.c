/* tests/verify/test_prop_conductivity_long.c - calibration of the error bars with 1000 repetitions
 *
 * Fractions are known to 0.015 (of 0.68) and 0.007 (of 0.95).
 */
#define ION_BLOCKS 8192

#include "tests/support/expect.h"

#include "tests/support/ion_currents.h"

static const char help[] = "Calibration of conductivities and Onsager coefficients\n";

static void test_calibration(void **state)
{
  ion_statistics s[ION_VALUES];

  (void)state;
  ion_collect(111, 1000, s);
  for (int i = 0; i < ION_TESTED; i++) {
    expect_abs(s[i].mean, s[i].truth, 0.3 * s[i].scatter, s[i].what);
    expect_abs(s[i].one, 0.68, 0.05, s[i].what);
    expect_abs(s[i].two, 0.95, 0.025, s[i].what);
  }
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_calibration)};

  return expect_main(argc, argv, help, tests);
}
