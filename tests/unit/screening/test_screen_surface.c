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

/* Values with flags are left out where the others are enough, and used where they are not; without
 * values there is a reason, and a line that says so. */
static void test_flags(void **state)
{
  screen_result *all = make();
  FILE *out = tmpfile();
  screen_surfaces s;
  char text[2048];
  prop_value v;

  (void)state;
  assert_non_null(out);
  for (int p = 0; p < NPOINT; p++)
    screen_result_at(&all[p], PROP_ID_VISCOSITY)->flags = PROP_FLAG_NO_PLATEAU;
  screen_result_at(&all[NPOINT - 1], PROP_ID_DENSITY)->value *= 1.5;
  screen_result_at(&all[NPOINT - 1], PROP_ID_DENSITY)->flags = PROP_FLAG_PARTIAL;
  expect_ok(screen_surfaces_create(&campaign, &grid, all, &s));
  expect(s.surface[0].surface.flags == 0 && s.surface[0].surface.npoint == NPOINT - 1, "left out");
  expect_ok(prop_surface_predict(&s.surface[0].surface, mole[NPOINT - 1], 1200.0, &v, NULL));
  expect_near(v.value, volume(1.0, 1200.0), 1e-9, "not bent by it");
  expect(s.surface[0].residual[NPOINT - 1] < -100.0, "but set beside it");
  expect(fabs(s.surface[0].residual[0]) < 1e-3, "a good one");
  expect(s.surface[1].surface.flags == PROP_FLAG_NO_PLATEAU, "all have the flag: so has the fit");
  expect_ok(screen_surfaces_clear(&s));
  for (int p = 0; p < NPOINT; p++) *screen_result_at(&all[p], PROP_ID_DENSITY) = prop_value_missing;
  expect_ok(screen_surfaces_create(&campaign, &grid, all, &s));
  expect(s.surface[0].surface.reason == PROP_FIT_TOO_FEW && isnan(s.surface[0].residual[0]),
         "none");
  expect_ok(screen_surfaces_print(&campaign, &s, out));
  rewind(out);
  text[fread(text, 1, sizeof(text) - 1, out)] = 0;
  fclose(out);
  expect(
      strstr(text, "\nNo surface over composition and temperature for: density (too few points)\n"),
      text);
  expect_ok(screen_surfaces_clear(&s));
  expect_ok(screen_table_free(NPOINT, &all));
}

/* Two axes of composition of a ternary: points 3 a + b at one temperature. */
static void test_ternary(void **state)
{
  static PetscReal share[3] = {0.1, 0.3, 0.5}, one[1] = {1000.0};
  static screen_component three[3] = {
      {.name = "A", .mass_u = 110.0}, {.name = "B", .mass_u = 74.0}, {.name = "C", .mass_u = 58.0}};
  static screen_grid_axis ternary[4] = {{.name = "A", .n = 3, .value = share},
                                        {.name = "B", .n = 3, .value = share},
                                        {.name = "temperature", .n = 1, .value = one},
                                        {.name = "pressure", .n = 1, .value = p_value}};
  screen_campaign c = campaign;
  screen_grid g = {.naxis = 4, .axis = ternary, .npoint = 9, .point = points};
  PetscReal fractions[9][3];
  screen_result *all = make();
  screen_surfaces s;
  prop_value v;

  (void)state;
  c.ncomponent = 3;
  c.component = three;
  c.balance = 2;
  c.want_density = PETSC_FALSE;
  for (int p = 0; p < 9; p++) {
    const PetscReal a = share[p / 3], b = share[p % 3];
    const PetscReal eta = exp(-6.0 * a - 7.0 * b - 5.0 * (1.0 - a - b) + 2.0 * a * b);

    fractions[p][0] = a;
    fractions[p][1] = b;
    fractions[p][2] = 1.0 - a - b;
    points[p] = (screen_point){.index = p, .mole = fractions[p], .temperature = 1000.0};
    *screen_result_at(&all[p], PROP_ID_VISCOSITY) = (prop_value){eta, 1e-3 * eta, 100.0, 0};
  }
  fractions[8][2] = 1e-12; /* 1 - 0.5 - 0.5 may be below zero */
  expect_ok(screen_surfaces_create(&c, &g, all, &s));
  assert_int_equal(s.n, 1);
  expect(s.surface[0].surface.reason == PROP_FIT_OK && s.surface[0].surface.npair == 3, "pairs");
  expect_ok(
      prop_surface_predict(&s.surface[0].surface, (PetscReal[]){0.2, 0.4, 0.4}, 1000.0, &v, NULL));
  expect_near(v.value, exp(-1.2 - 2.8 - 2.0 + 0.16), 1e-6, "between the points");
  assert_non_null(s.surface[0].mole);
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
                                     cmocka_unit_test(test_none), cmocka_unit_test(test_flags),
                                     cmocka_unit_test(test_ternary)};

  return expect_main(argc, argv, help, tests);
}
