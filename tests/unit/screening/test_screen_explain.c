/* tests/unit/screening/test_screen_explain.c - a point explained in words */
#include "screening/screen_explain.h"
#include "tests/support/expect.h"

#include <stdio.h>
#include <string.h>

static const char help[] = "Why numbers are missing, slow or flagged, and what would cure it\n";

static char species[2][4] = {"Na", "Cl"};
static PetscReal kelvin[2] = {1100.0, 1200.0};
static PetscInt count[2] = {0, 12};
static screen_grid_axis axis = {.name = "temperature", .n = 2, .value = kelvin};
static screen_point points[2] = {
    {.index = 0, .key = {{1}}, .count = count, .natoms = 12, .name = "NaCl=1 T=1100K"},
    {.index = 1, .key = {{2}}, .count = count, .natoms = 12, .name = "NaCl=1 T=1200K"}};
static screen_grid grid = {.naxis = 1, .axis = &axis, .npoint = 2, .point = points};
static screen_campaign campaign = {.nspecies = 2,
                                   .species = species,
                                   .dt = 1.0,
                                   .equilibration = 1000.0,
                                   .production_npt = 4e4,
                                   .production_nve = 1e4,
                                   .replicas = 2,
                                   .want_density = PETSC_TRUE,
                                   .want_diffusion = PETSC_TRUE};
static const screen_session session = {.campaign = &campaign, .grid = &grid};

/* Text about point 0 from tasks of which nothing is done. */
static void explain(const screen_result *r, char text[8192])
{
  PetscReal cost[2] = {1e-3, 1e-3};
  queue_task_spec *spec;
  queue_tasks *tasks;
  FILE *out = tmpfile();
  PetscInt n;

  assert_non_null(out);
  expect_ok(screen_grid_tasks(&campaign, &grid, cost, &n, &spec));
  expect_ok(queue_tasks_create(n, spec, 1, &tasks));
  expect_ok(screen_explain_point(&session, tasks, 0, r, out));
  expect_ok(queue_tasks_destroy(&tasks));
  expect_ok(PetscFree(spec));
  rewind(out);
  text[fread(text, 1, 8191, out)] = 0;
  fclose(out);
}

/* An error of 20 % from 40 samples: 16 times the effort makes 5 %; one of 2 % from 5 samples: 4
 * times the effort makes 20 samples.  A clean value is named, an absent species is not missed. */
static void test_flags(void **state)
{
  screen_result r;
  char text[8192];

  (void)state;
  expect_ok(screen_result_create(2, &r));
  r.state = SCREEN_POINT_DONE;
  r.replicas_done = 2;
  *screen_result_at(&r, PROP_ID_DENSITY) = (prop_value){1500.0, 1.0, 100.0, 0};
  screen_result_at(&r, PROP_ID_DIFFUSION)[1] =
      (prop_value){5e-9, 1e-9, 40.0, PROP_FLAG_NOT_DIFFUSIVE};
  *screen_result_at(&r, PROP_ID_KINETIC_TEMPERATURE) =
      (prop_value){1000.0, 20.0, 5.0, PROP_FLAG_FEW_SAMPLES};
  explain(&r, text);
  expect(strstr(text, "NaCl=1 T=1100K: done; 2 of 2 replicas done"), text);
  expect(strstr(text, "  diffusion of Cl: 5e-09 ± 1e-09 m2 s-1 (20.0 %), 40 effective samples: "
                      "not_diffusive\n"),
         text);
  expect(strstr(text, "simulation.replicas 33 instead of 2"), text);
  expect(strstr(text, "production.nve 160 ps instead of 10 ps"), text);
  expect(strstr(text, "simulation.replicas 8 instead of 2"), text);
  expect(strstr(text, "\nnot_diffusive: ") &&
             strstr(text, "\n  cure: Lengthen simulation.production"),
         text);
  expect(!strstr(text, "of Na"), "there is no sodium");
  expect(strstr(text, "  without flags: density\n"), text);
  expect_ok(screen_result_clear(&r));
}

/* An imposed flux costs the time of its runs; of how far it is off nothing more is asked. */
static void test_flux(void **state)
{
  const screen_campaign plain = campaign;
  screen_result r;
  char text[8192];

  (void)state;
  campaign.want_viscosity = campaign.want_rnemd_shear = PETSC_TRUE;
  campaign.production_flux = 2e4;
  expect_ok(screen_result_create(2, &r));
  r.state = SCREEN_POINT_DONE;
  *screen_result_at(&r, PROP_ID_VISCOSITY_RNEMD) =
      (prop_value){1e-3, 1e-4, 100.0, PROP_FLAG_METHODS_DISAGREE};
  *screen_result_at(&r, PROP_ID_VISCOSITY_Z) =
      (prop_value){4.0, 1.0, 50.0, PROP_FLAG_METHODS_DISAGREE};
  explain(&r, text);
  campaign = plain;
  expect(strstr(text, "production.rnemd 80 ps instead of 20 ps"), text);
  expect(strstr(text, "  viscosity_z: 4 ± 1 1 (25.0 %), 50 effective samples: methods_disagree\n"),
         text);
  expect(!strstr(strstr(text, "viscosity_z"), "more:"), text);
  expect_ok(screen_result_clear(&r));
}

/* A point that failed has its reason, and no values are told. */
static void test_failed(void **state)
{
  screen_result r;
  char text[8192];

  (void)state;
  expect_ok(screen_result_create(2, &r));
  r.state = SCREEN_POINT_FAILED;
  r.reason = MD_EXTRAPOLATING;
  snprintf(r.detail, sizeof(r.detail), "Cl 3 has grade 20");
  explain(&r, text);
  expect(strstr(text, "reason: the potential extrapolates: Cl 3 has grade 20\n"), text);
  expect(strstr(text, "cure: the potential does not know"), text);
  expect(!strstr(text, "density"), text);
  expect_ok(screen_result_clear(&r));
}

/* Every flag has a remedy, or says that there is none. */
static void test_words(void **state)
{
  (void)state;
  for (PetscInt bit = 0; bit < PROP_NFLAG; bit++) {
    const char *cure = screen_explain_flag(bit);

    assert_non_null(cure);
    expect(cure[strlen(cure) - 1] == '.', cure);
  }
  assert_null(screen_explain_flag(-1));
  assert_null(screen_explain_flag(PROP_NFLAG));
}

static void test_find(void **state)
{
  const screen_choice_names names = screen_explain_names(&grid);

  (void)state;
  assert_int_equal(screen_choice_find(&names, "1"), 1);
  assert_int_equal(screen_choice_find(&names, "2"), -1);
  assert_int_equal(screen_choice_find(&names, "NaCl=1 T=1100K"), 0);
  assert_int_equal(screen_choice_find(&names, "1200"), -1);
  assert_int_equal(screen_choice_find(&names, "T=1200"), 1);
  assert_int_equal(screen_choice_find(&names, "NaCl"), -2);
  assert_int_equal(screen_choice_find(&names, "KCl"), -1);
}

static void test_names(void **state)
{
  (void)state;
  assert_string_equal(screen_point_state_name(SCREEN_POINT_QUARANTINED), "quarantined");
  assert_string_equal(screen_point_state_name(SCREEN_POINT_PARTIAL), "partial");
  assert_string_equal(screen_result_reason_text(SCREEN_REASON_ERROR), "program error");
  assert_string_equal(screen_result_reason_text(MD_CLOSE_PAIR), md_reason_text(MD_CLOSE_PAIR));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_names), cmocka_unit_test(test_flags),
                                     cmocka_unit_test(test_flux),  cmocka_unit_test(test_failed),
                                     cmocka_unit_test(test_words), cmocka_unit_test(test_find)};

  return expect_main(argc, argv, help, tests);
}
