/* tests/unit/screening/test_screen_surface.c - surfaces over a grid, and its least certain place */
#include "screening/screen_surface.h"
#include "tests/support/expect.h"

#include <stdio.h>
#include <string.h>

static const char help[] = "Redlich-Kister surfaces of a campaign, the next grid point\n";

/* Six compositions, three temperatures; point = 3 c + t. */
enum { NX = 6, NT = 3, NPOINT = NX * NT, NSPECIES = 2 };

static PetscReal x_value[NX] = {0.0, 0.2, 0.4, 0.6, 0.8, 1.0},
                 t_value[NT] = {1000.0, 1100.0, 1200.0}, p_value[2] = {0.0, 1e5};
static screen_grid_axis axes[3] = {{.name = "CaCl2", .n = NX, .value = x_value},
                                   {.name = "temperature", .n = NT, .value = t_value},
                                   {.name = "pressure", .n = 1, .value = p_value}};
static screen_point points[NPOINT];
static screen_grid grid = {.naxis = 3, .axis = axes, .npoint = NPOINT, .point = points};
static screen_component component[2] = {{.name = "CaCl2", .mass_u = 110.0},
                                        {.name = "KCl", .mass_u = 74.0}};
static char species[NSPECIES][4] = {"Ca", "K"};
static screen_campaign campaign = {.nspecies = NSPECIES,
                                   .species = species,
                                   .ncomponent = 2,
                                   .component = component,
                                   .balance = 1,
                                   .want_density = PETSC_TRUE,
                                   .want_viscosity = PETSC_TRUE};
static PetscReal mole[NPOINT][2];

/* [m3 mol-1] ideal, linear in T */
static PetscReal volume(PetscReal x, PetscReal t)
{
  return (x * 5e-5 + (1.0 - x) * 4.5e-5) * (1.0 + 3e-4 * (t - 1000.0));
}

/* ln of the viscosity: Arrhenius of the components and an excess */
static PetscReal log_viscosity(PetscReal x, PetscReal t)
{
  return x * (-10.0 + 4000.0 / t) + (1.0 - x) * (-9.5 + 3000.0 / t) - 1.0 * x * (1.0 - x);
}

/* Errors of 0.1 and 1 %; of the viscosity 8 % from composition 0.6 on at the highest temperature */
static screen_result *make(void)
{
  screen_result *all;

  expect_ok(PetscCalloc1(NPOINT, &all));
  for (int p = 0; p < NPOINT; p++) {
    const PetscReal x = x_value[p / NT], t = t_value[p % NT];
    const PetscReal rho = 1e-3 * (110.0 * x + 74.0 * (1.0 - x)) / volume(x, t);
    const PetscReal eta = exp(log_viscosity(x, t));
    const PetscReal u = p / NT >= 3 && p % NT == 2 ? 0.08 : 0.01;

    mole[p][0] = x;
    mole[p][1] = 1.0 - x;
    points[p] = (screen_point){.index = p, .mole = mole[p], .temperature = t};
    expect_ok(screen_result_create(NSPECIES, &all[p]));
    *screen_result_at(&all[p], PROP_ID_DENSITY) = (prop_value){rho, 1e-3 * rho, 100.0, 0};
    *screen_result_at(&all[p], PROP_ID_VISCOSITY) = (prop_value){eta, u * eta, 100.0, 0};
  }
  return all;
}

/* Predictions between the points are the functions that made the values; the place proposed is the
 * candidate with the largest predicted error, on the noisy side. */
static void test_surfaces(void **state)
{
  const PetscReal x[2] = {0.5, 0.5};
  screen_result *all = make();
  screen_surfaces s;
  prop_value v;

  (void)state;
  expect_ok(screen_surfaces_create(&campaign, &grid, all, &s));
  assert_int_equal(s.n, 2);
  assert_int_equal(s.surface[0].id, PROP_ID_DENSITY);
  expect_ok(prop_surface_predict(&s.surface[0].surface, x, 1150.0, &v, NULL));
  expect_near(v.value, volume(0.5, 1150.0), 1e-9, "molar volume");
  expect_ok(prop_surface_predict(&s.surface[1].surface, x, 1150.0, &v, NULL));
  expect_near(v.value, exp(log_viscosity(0.5, 1150.0)), 1e-8, "viscosity");
  assert_non_null(s.surface[1].mole);
  expect(s.surface[1].mole[0] > 0.85 && s.surface[1].temperature > 1125.0, "the noisy corner");
  expect_near(s.surface[1].mole[0] + s.surface[1].mole[1], 1.0, 1e-14, "fractions");
  expect_ok(prop_surface_predict(&s.surface[1].surface, s.surface[1].mole, s.surface[1].temperature,
                                 &v, NULL));
  expect_near(v.error / v.value, s.surface[1].error, 1e-9, "the error there");
  expect_ok(screen_surfaces_clear(&s));
  expect_ok(screen_table_free(NPOINT, &all));
}

static void test_print(void **state)
{
  screen_result *all = make();
  FILE *out = tmpfile();
  screen_surfaces s;
  char text[2048];

  (void)state;
  assert_non_null(out);
  expect_ok(screen_surfaces_create(&campaign, &grid, all, &s));
  expect_ok(screen_surfaces_print(&campaign, &s, out));
  rewind(out);
  text[fread(text, 1, sizeof(text) - 1, out)] = 0;
  fclose(out);
  expect(
      strstr(text, "\nLeast certain between the points of the grid (mole fractions):\n  density "),
      text);
  expect(strstr(text, "\nA next point would be worth most for viscosity "), text);
  expect(strstr(text, " at CaCl2 ") && !strstr(text, "KCl"), text);
  expect_ok(screen_surfaces_clear(&s));
  expect_ok(screen_table_free(NPOINT, &all));
}

/* Two pressures, or one composition: no surface. */
static void test_none(void **state)
{
  screen_result *all = make();
  screen_surfaces s;

  (void)state;
  axes[2].n = 2;
  expect_ok(screen_surfaces_create(&campaign, &grid, all, &s));
  assert_int_equal(s.n, 0);
  axes[2].n = 1;
  axes[0].n = 1;
  expect_ok(screen_surfaces_create(&campaign, &grid, all, &s));
  assert_int_equal(s.n, 0);
  expect_ok(screen_surfaces_clear(&s));
  axes[0].n = NX;
  expect_ok(screen_table_free(NPOINT, &all));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_surfaces), cmocka_unit_test(test_print),
                                     cmocka_unit_test(test_none)};

  return expect_main(argc, argv, help, tests);
}
