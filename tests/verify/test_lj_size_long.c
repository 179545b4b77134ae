/* tests/verify/test_lj_size_long.c */
#include "tests/support/expect.h"

#include "tests/support/lj_size.h"

static const char help[] = "Self-diffusion of the Lennard-Jones liquid in cells of three sizes\n";

/* T* = 0.722, rho* = 0.8442, as in test_lj_green_kubo_long.c.  Published in reduced units:
 * viscosity by Viscardy, Servantie & Gaspard, J. Chem. Phys. 126, 184512 (2007),
 * doi:10.1063/1.2724820; diffusion in a cell of 1372 atoms, about 0.0325, by Meier, Laesecke &
 * Kabelac, J. Chem. Phys. 121, 9526 (2004), doi:10.1063/1.1786579, whose error bar is taken as 1 %.
 */
static const prop_value published_viscosity = {.value = 3.268, .error = 0.055, .neff = 100.0};
static const PetscReal published_diffusion = 0.0325, published_error = 0.0003;

enum { NSIZE = 3 };
static const int side[NSIZE] = {3, 5, 7}; /* 108, 500, 1372 atoms */
static const PetscReal stretch[NSIZE] = {1000.0, 250.0, 100.0};

static PetscReal z_of(const prop_value *a, PetscReal value, PetscReal error)
{
  return (a->value - value) / hypot(a->error, error);
}

/* xi k_B T/(6 pi eta) from D(L) = D(infinity) - slope/L of the smallest and the largest cell */
static PetscReal slope_of(const prop_value d[], const PetscReal edge[], PetscReal *error)
{
  const PetscReal difference = 1.0 / edge[0] - 1.0 / edge[NSIZE - 1];

  *error = hypot(d[0].error, d[NSIZE - 1].error) / difference;
  return (d[NSIZE - 1].value - d[0].value) / difference;
}

static void test_sizes(void **state)
{
  const PetscReal t = 0.722, rho = 0.8442;
  const PetscReal slope = PROP_FINITE_XI * t / (6.0 * PETSC_PI * published_viscosity.value);
  prop_value d[NSIZE], infinite[NSIZE];
  PetscReal edge[NSIZE], measured, error;

  (void)state;
  for (int k = 0; k < NSIZE; k++) {
    const lj_flux f = {.side = side[k],
                       .cells = side[k],
                       .density = rho,
                       .temperature = t,
                       .dt = 0.005,
                       .coupling = 2.0,
                       .settle = 5.0,
                       .sample = stretch[k]};

    edge[k] = side[k] * pow(4.0 / rho, 1.0 / 3.0);
    d[k] = lj_diffusion(&f, 10);
    infinite[k] = lj_infinite(&f, &d[k], &published_viscosity);
    expect_abs(d[k].error / d[k].value, 0.0, 0.01, "own error over value");
    assert_int_equal(d[k].flags & PROP_FLAG_NOT_DIFFUSIVE, 0);
  }
  for (int k = 1; k < NSIZE; k++) {
    const PetscReal own = d[k].error; /* the viscosity is common to both */

    expect_abs(z_of(&infinite[0], infinite[k].value, own), 0.0, 3.0, "corrected values agree");
  }
  measured = slope_of(d, edge, &error);
  print_message("slope in 1/L %.4f +- %.4f, from the viscosity %.4f\n", measured, error, slope);
  expect_abs((measured - slope) / error, 0.0, 3.0, "slope in 1/L");
  expect(measured > 4.0 * error, "the cells differ, so that a correction is needed");
  expect_abs(z_of(&d[NSIZE - 1], published_diffusion, published_error), 0.0, 3.0,
             "published diffusion");
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_sizes)};

  return expect_main(argc, argv, help, tests);
}
