/* tests/verify/test_prop_series_error_long.c - calibration of means by 4000 repetitions
 *
 * Fractions are known to 0.008 (of 0.68) and 0.004 (of 0.95).
 */
#include "tests/support/expect.h"

#include "tests/support/mean_series.h"

static const char help[] = "Error bars of means of AR(1) series, 4000 repetitions each\n";

enum { REPETITIONS = 4000 };

static void test_calibration(void **state)
{
  (void)state;
  for (int k = 0; k < MEAN_CASES; k++) {
    const mean_statistics s = mean_collect(&mean_cases[k], 211 + k, REPETITIONS);

    expect_abs(s.one, 0.6827, 0.05, "one error covers the truth in 68 %");
    expect_abs(s.two, 0.95, 0.025, "the 95 % interval covers the truth in 95 %");
  }
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_calibration)};

  return expect_main(argc, argv, help, tests);
}
