/* tests/verify/test_lj_liquid_long.c */
#include "tests/support/expect.h"
#include "tests/support/lj_liquid.h"

static const char help[] = "Density, energy and pressure of the Lennard-Jones liquid\n";

enum { SIDE = 5, NATOM = 4 * SIDE * SIDE * SIDE };
/* 250 of each gave errors of 0.13 % (density), 0.15 % (energy) and 0.11 % (pressure). */
static const PetscReal settle = 20.0, sample_nvt = 500.0, sample_npt = 800.0;

static void compare(PetscReal value, PetscReal error, PetscReal published, PetscReal their_error,
                    const char *what)
{
  const PetscReal z = (value - published) / sqrt(error * error + their_error * their_error);

  printf("%s %.5f +- %.5f, published %.5f +- %.5f, z %.2f\n", what, (double)value, (double)error,
         (double)published, (double)their_error, (double)z);
  expect_abs(z, 0.0, 3.0, what);
}

/* The pressure nearly vanishes, so 0.1 % of it says nothing: what it is known to is compared with
   rho dp/d rho, i.e. 0.1 % of the density.  That derivative is k_B T V/Var V of the NPT run, and
   carries the error of the published density over to the pressure. */
static void liquid_at_coexistence(void **state)
{
  md_potential *pot;
  md_run *run = lj_liquid(SIDE, &pot);
  lj_means npt, nvt;
  PetscReal density, density_error, modulus;

  (void)state;
  lj_liquid_stage(run, MD_NVT_LANGEVIN, settle, NULL);
  lj_liquid_stage(run, MD_NVT_BUSSI, sample_nvt, &nvt);
  lj_liquid_stage(run, MD_NPT_SCR, settle, NULL);
  lj_liquid_stage(run, MD_NPT_SCR, sample_npt, &npt);
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
  density = NATOM / npt.volume.mean;
  density_error = density * npt.volume.error / npt.volume.mean;
  modulus = lj_nist.temperature * npt.volume.mean / npt.volume.variance;
  printf("flags %d %d %d %d, neff %.0f %.0f %.0f %.0f, modulus %.2f\n", (int)npt.volume.flags,
         (int)npt.energy.flags, (int)nvt.energy.flags, (int)nvt.pressure.flags,
         (double)npt.volume.neff, (double)npt.energy.neff, (double)nvt.energy.neff,
         (double)nvt.pressure.neff, (double)modulus);
  assert_int_equal(npt.volume.flags | npt.energy.flags | nvt.energy.flags | nvt.pressure.flags, 0);
  compare(density, density_error, lj_nist.density, lj_nist.density_error, "density, NPT");
  compare(npt.energy.mean, npt.energy.error, lj_nist.energy, lj_nist.energy_error, "energy, NPT");
  compare(nvt.energy.mean, nvt.energy.error, lj_nist.energy, lj_nist.energy_error, "energy, NVT");
  compare(nvt.pressure.mean, nvt.pressure.error, lj_nist.pressure,
          modulus * lj_nist.density_error / lj_nist.density, "pressure, NVT");
  expect_abs(density_error / density, 0.0, 1e-3, "own error of the density");
  expect_abs(npt.energy.error / lj_nist.energy, 0.0, 1e-3, "own error of the energy, NPT");
  expect_abs(nvt.energy.error / lj_nist.energy, 0.0, 1e-3, "own error of the energy, NVT");
  expect_abs(nvt.pressure.error / modulus, 0.0, 1e-3, "own error of the pressure");
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(liquid_at_coexistence)};

  return expect_main(argc, argv, help, tests);
}
