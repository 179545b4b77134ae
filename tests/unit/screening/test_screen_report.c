/* tests/unit/screening/test_screen_report.c - the table on the terminal */
#include "screening/screen_run.h"
#include "tests/support/expect.h"

#include <stdio.h>
#include <string.h>

static const char help[] = "Values and flags of the printed table\n";

static char species[2][4] = {"Na", "Cl"};
static PetscReal kelvin[1] = {1100.0};
static PetscInt cell[1] = {0}, count[2] = {0, 12};
static screen_grid_axis axis = {.name = "temperature", .n = 1, .value = kelvin};
static screen_point point = {.cell = cell, .count = count, .natoms = 12};
static screen_grid grid = {.naxis = 1, .axis = &axis, .npoint = 1, .point = &point};

static const char *unwatched; /* of the session */

/* A finished point: energy flagged, density and the absent sodium missing. */
static void fill(screen_result *result)
{
  expect_ok(screen_result_create(2, result));
  result->state = SCREEN_POINT_DONE;
  screen_result_at(result, PROP_ID_DIFFUSION)[1] =
      (prop_value){.value = 7e-9, .error = 5e-10, .flags = PROP_FLAG_NOT_DIFFUSIVE};
  *screen_result_at(result, PROP_ID_DENSITY) =
      (prop_value){.value = 1612.0, .error = 9.0, .flags = PROP_FLAG_MISSING};
  *screen_result_at(result, PROP_ID_POTENTIAL_ENERGY) =
      (prop_value){.value = -3e5, .error = 4e2, .flags = PROP_FLAG_NO_PLATEAU};
}

static void print_table(screen_campaign *campaign, char text[4096])
{
  const screen_session session = {.campaign = campaign, .grid = &grid, .unwatched = unwatched};
  FILE *out = tmpfile();
  screen_result result;
  size_t n;

  assert_non_null(out);
  fill(&result);
  expect_ok(screen_report_table(&session, &result, out));
  rewind(out);
  n = fread(text, 1, 4095, out);
  text[n] = 0;
  fclose(out);
  expect_ok(screen_result_clear(&result));
}

/* A table says once that nobody watched whether the potential extrapolated. */
static void test_unwatched(void **state)
{
  screen_campaign campaign = {.nspecies = 2, .species = species};
  char text[4096];

  (void)state;
  print_table(&campaign, text);
  expect(!strstr(text, "extrapolation"), "nothing to say");
  unwatched = "no active set";
  print_table(&campaign, text);
  expect(strstr(text, "\nno active set: extrapolation is not watched\n") != NULL, text);
  unwatched = NULL;
}

/* Every value that is printed brings its flags, also the energy; one that is not printed, or of a
   species that the point does not have, brings none. */
static void test_flags(void **state)
{
  screen_campaign campaign = {.nspecies = 2, .species = species};
  char text[4096];

  (void)state;
  campaign.want_potential_energy = PETSC_TRUE;
  print_table(&campaign, text);
  expect(strstr(text, " -300.0 ± 0.4 e  \n") != NULL, "an energy has the flags of an energy");
  expect(strstr(text, "e  no_plateau") != NULL, "which are explained");
  expect(!strstr(text, "missing"), "a density that nobody asked for is not missed");
  campaign.want_diffusion = PETSC_TRUE;
  print_table(&campaign, text);
  expect(strstr(text, " 7.0 ± 0.5 f  ") != NULL, "no sodium, so nothing is missing");
  expect(!strstr(text, "missing"), "nor explained");
  campaign.want_density = PETSC_TRUE;
  print_table(&campaign, text);
  expect(strstr(text, " - a  ") != NULL, "a density that was asked for is missed");
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_flags),
                                     cmocka_unit_test(test_unwatched)};

  return expect_main(argc, argv, help, tests);
}
