/* tests/verify/test_prop_zero_long.c - calibration of zero-frequency limits by 1000 repetitions
 *
 * Fractions are known to 0.015 (of 0.68) and 0.007 (of 0.95).  Error bars may be a tenth too long:
 * fits at several cut-offs scatter about each other, and that scatter is counted as doubt about the
 * cut-off.  Measured: one memory, ten replicas of 137 tau, 0.742 and 0.976; two memories 0.668 and
 * 0.943; Pade form 0.766 and 0.978.
 */
#include "tests/support/expect.h"

#include "tests/support/zero_series.h"

static const char help[] = "Error bars of zero-frequency limits, 1000 repetitions each\n";

enum { REPETITIONS = 1000 };

static void test_calibration(void **state)
{
  const zero_case cases[] = {{ZERO_ONE, &prop_zero_lorentz, 4096, 10, 5},
                             {ZERO_TWO, &prop_zero_lorentz, 8192, 4, 5},
                             {ZERO_ONE, &prop_zero_pade, 8192, 4, 3}};

  (void)state;
  for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
    const zero_statistics s = zero_collect(&cases[k], 131 + k, REPETITIONS);

    expect_abs(s.mean, 1.0, 0.25 * s.deviation, "no bias worth mentioning");
    expect(s.one > 0.63 && s.one < (cases[k].model->form == PROP_ZERO_PADE ? 0.80 : 0.76),
           "one error covers the truth in 68 % or a little more");
    expect(s.two > 0.925 && s.two < 0.985, "the 95 % interval covers the truth in 95 % or more");
    expect_abs(s.missing, 0.0, 0.0, "always a value");
  }
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_calibration)};

  return expect_main(argc, argv, help, tests);
}
