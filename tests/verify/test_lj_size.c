/* tests/verify/test_lj_size.c - short form of test_lj_size_long.c
 *
 * A small cell, corrected with the published viscosity, against the published diffusion in a larger
 * one, likewise corrected.
 */
#include "tests/support/expect.h"

#include "tests/support/lj_size.h"

static const char help[] = "Self-diffusion of the Lennard-Jones liquid in a small cell\n";

static void test_small_cell(void **state)
{
  const prop_value eta = {.value = 3.268, .error = 0.055, .neff = 100.0};
  const prop_value published = {.value = 0.0325, .error = 0.0003, .neff = 100.0};
  lj_flux f = {.side = 7,
               .cells = 7,
               .density = 0.8442,
               .temperature = 0.722,
               .dt = 0.005,
               .coupling = 20.0,
               .settle = 5.0,
               .sample = 100.0};
  const prop_value expected = lj_infinite(&f, &published, &eta);
  prop_value d, infinite;

  (void)state;
  f.side = f.cells = 3;
  d = lj_diffusion(&f, 3);
  infinite = lj_infinite(&f, &d, &eta);
  expect_abs((infinite.value - expected.value) / hypot(infinite.error, expected.error), 0.0, 3.0,
             "corrected diffusion");
  expect(d.value + 2.0 * d.error < expected.value, "uncorrected diffusion is smaller");
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_small_cell)};

  return expect_main(argc, argv, help, tests);
}
