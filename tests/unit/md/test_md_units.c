/* tests/unit/md/test_md_units.c */
#include "tests/support/expect.h"

#include "md/md_units.h"

static const char help[] = "Every derived constant from the SI numbers it comes from\n";

/* The defining constants of the SI of 2019, and u of CODATA 2018
   (doi:10.1103/RevModPhys.93.025010). */
#define SI_E   1.602176634e-19
#define SI_K   1.380649e-23
#define SI_N   6.02214076e23
#define SI_U   1.66053906660e-27
#define SI_EPS 8.8541878128e-12 /* F/m, CODATA 2018 */
#define SI_ME  9.1093837015e-31 /* kg, CODATA 2018 */
#define SI_H   6.62607015e-34   /* J s, exact */
#define SI_ANG 1e-10
#define SI_FS  1e-15

/* Two roundings of constants and two or three of arithmetic. */
static const double tol = 4.0 * 2.220446049250313e-16;

static void test_defining(void **state)
{
  (void)state;
  expect(MD_ELEMENTARY_CHARGE_C == SI_E, "e");
  expect(MD_AVOGADRO == SI_N, "Avogadro");
  expect(MD_ATOMIC_MASS_KG == SI_U, "u");
}

static void test_derived(void **state)
{
  const double bohr = SI_EPS * SI_H * SI_H / (M_PI * SI_ME * SI_E * SI_E);
  const double atomic = 1e-9; /* CODATA adjusts all of them: me and epsilon_0 are good to 3e-10 */

  (void)state;
  expect_near(MD_BOLTZMANN, SI_K / SI_E, tol, "eV/K");
  expect_near(MD_GAS_CONSTANT, SI_K * SI_N, tol, "R");
  expect_near(MD_ATOMIC_MASS, SI_U * (SI_ANG * SI_ANG) / (SI_FS * SI_FS) / SI_E, tol, "u");
  expect_near(MD_PRESSURE_PA, SI_E / (SI_ANG * SI_ANG * SI_ANG), tol, "eV/A^3 in Pa");
  expect_near(MD_DENSITY_SI, SI_U / (SI_ANG * SI_ANG * SI_ANG), tol, "u/A^3 in kg/m^3");
  expect_near(MD_COULOMB, SI_E / (4.0 * M_PI * SI_EPS) / SI_ANG, tol, "two charges at 1 A");
  expect_near(MD_BOHR, bohr / SI_ANG, atomic, "Bohr radius in A");
  expect_near(MD_HARTREE, SI_E / (4.0 * M_PI * SI_EPS) / bohr, atomic, "hartree in eV");
  expect_near(MD_DIFFUSION_SI, SI_ANG * SI_ANG / SI_FS, tol, "A^2/fs in m^2/s");
  expect_near(MD_CONDUCTIVITY_SI, SI_E / (SI_FS * SI_ANG), tol, "eV/(fs A K) in W/(m K)");
  expect_near(MD_VISCOSITY_SI, SI_E * SI_FS / (SI_ANG * SI_ANG * SI_ANG), tol, "in Pa s");
}

/* Known numbers that use several constants at once: the gas constant, the thermal speed of argon,
 * and an atmosphere of ideal gas (Loschmidt's number, CODATA 2018: 2.686780111e25 1/m^3). */
static void test_together(void **state)
{
  const double atmosphere = 101325.0 / MD_PRESSURE_PA;
  const double speed = sqrt(3.0 * MD_BOLTZMANN * 300.0 / (39.948 * MD_ATOMIC_MASS));

  (void)state;
  expect_near(MD_BOLTZMANN * MD_ELEMENTARY_CHARGE_C * MD_AVOGADRO, 8.31446261815324, 1e-14, "R");
  expect_near(atmosphere / (MD_BOLTZMANN * 273.15) * 1e30, 2.686780111e25, 1e-9, "Loschmidt");
  expect_near(speed * 1e5, sqrt(3.0 * SI_K * 300.0 / (39.948 * SI_U)), 1e-14, "argon in m/s");
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_defining),
      cmocka_unit_test(test_derived),
      cmocka_unit_test(test_together),
  };
  return expect_main(argc, argv, help, tests);
}
