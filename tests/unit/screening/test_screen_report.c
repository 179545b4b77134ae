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

/* Columns of a line of text, where ± is two bytes and one column. */
static int columns_of(const char *line)
{
  int n = 0;

  for (; *line && *line != '\n'; line++) n += ((unsigned char)*line & 0xc0) != 0x80;
  return n;
}

/* What does not fit into a line goes into a second block with the same axes; the reason of a point
   stands in the first only. */
static void test_blocks(void **state)
{
  enum { MANY = 9 };
  static char names[MANY][4] = {"Li", "Na", "K", "Rb", "Cs", "F", "Cl", "Br", "I"};
  static PetscInt many[MANY] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
  screen_campaign campaign = {.nspecies = MANY, .species = names, .want_diffusion = PETSC_TRUE};
  screen_point wide = {.cell = cell, .count = many};
  screen_grid table = {.naxis = 1, .axis = &axis, .npoint = 1, .point = &wide};
  const screen_session session = {.campaign = &campaign, .grid = &table};
  screen_result result;
  char text[4096];
  FILE *out = tmpfile();
  int blocks = 0;

  (void)state;
  assert_non_null(out);
  expect_ok(screen_result_create(MANY, &result));
  result.state = SCREEN_POINT_FAILED;
  snprintf(result.detail, sizeof(result.detail), "too hot");
  expect_ok(screen_report_table(&session, &result, out));
  rewind(out);
  text[fread(text, 1, sizeof(text) - 1, out)] = 0;
  fclose(out);
  for (const char *at = text; (at = strstr(at, "temperature K")); at++) {
    expect(columns_of(at) <= 132, "a line is not longer than a screen");
    blocks++;
  }
  assert_int_equal(blocks, 2);
  expect(strstr(text, "D(Li)") && strstr(text, "D(I) 1e-9 m2/s"), "all columns are there");
  expect(strstr(text, "failed: too hot") && !strstr(strstr(text, "D(I)"), "too hot"),
         "the reason stands in the first block");
  expect_ok(screen_result_clear(&result));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_flags), cmocka_unit_test(test_unwatched),
                                     cmocka_unit_test(test_blocks)};

  return expect_main(argc, argv, help, tests);
}
