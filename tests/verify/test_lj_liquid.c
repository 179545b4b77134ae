/* tests/verify/test_lj_liquid.c */
#include "tests/support/expect.h"
#include "tests/support/lj_liquid.h"

static const char help[] = "Short form of test_lj_liquid_long: 256 atoms, 8 time units\n";

/* Fluctuations of 256 atoms and how long they live: volume 1.5 % and 0.5 time units, so 0.5 % over
   8; energy 1 % and 1, 0.5 %; pressure 0.35 and 0.1, 0.06.  Allowed is three times that. */
static void liquid_at_coexistence(void **state)
{
  md_potential *pot;
  md_run *run = lj_liquid(4, &pot);
  lj_means npt, nvt;

  (void)state;
  lj_liquid_stage(run, MD_NVT_LANGEVIN, 3.0, NULL);
  lj_liquid_stage(run, MD_NVT_BUSSI, 8.0, &nvt);
  lj_liquid_stage(run, MD_NPT_SCR, 2.0, NULL);
  lj_liquid_stage(run, MD_NPT_SCR, 8.0, &npt);
  expect_near(256.0 / npt.volume.mean, lj_nist.density, 0.015, "density, NPT");
  expect_near(npt.energy.mean, lj_nist.energy, 0.015, "energy, NPT");
  expect_near(nvt.energy.mean, lj_nist.energy, 0.015, "energy, NVT");
  expect_abs(nvt.pressure.mean, lj_nist.pressure, 0.18, "pressure, NVT");
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(liquid_at_coexistence)};

  return expect_main(argc, argv, help, tests);
}
