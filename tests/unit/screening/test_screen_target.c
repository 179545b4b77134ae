/* tests/unit/screening/test_screen_target.c - what targets miss, and what lengths will reach */
#include "screening/screen_forecast.h"
#include "tests/support/expect.h"

#include <stdio.h>
#include <string.h>

static const char help[] = "Error over target at every point, replicas that close it, forecasts\n";

enum { NPOINT = 2, REPLICAS = 2, STEPS = 10000 };

static char species[2][4] = {"Na", "Cl"};
static PetscReal kelvin[NPOINT] = {1000.0, 1200.0};
static PetscInt count[2][2] = {{48, 48}, {0, 96}};
static screen_grid_axis axis = {.name = "temperature", .n = NPOINT, .value = kelvin};
static screen_point points[NPOINT] = {{.index = 0,
                                       .key = {{1}},
                                       .count = count[0],
                                       .natoms = 96,
                                       .temperature = 1000.0,
                                       .name = "NaCl=1 T=1000K"},
                                      {.index = 1,
                                       .key = {{2}},
                                       .count = count[1],
                                       .natoms = 96,
                                       .temperature = 1200.0,
                                       .name = "NaCl=1 T=1200K"}};
static screen_grid grid = {.naxis = 1, .axis = &axis, .npoint = NPOINT, .point = points};
static screen_campaign campaign = {
    .nspecies = 2,
    .species = species,
    .dt = 1.0,
    .equilibration = STEPS,
    .production_npt = STEPS,
    .production_nve = 2.0 * STEPS,
    .replicas = REPLICAS,
    .max_replicas = 100,
    .tau_p = 1000.0,
    .compressibility = 1.0,
    .temperature = {NPOINT, kelvin},
    .want_density = PETSC_TRUE,
    .want_heat_capacity = PETSC_TRUE,
    .want_viscosity = PETSC_TRUE,
    .want_diffusion = PETSC_TRUE,
    .target = {[SCREEN_TARGET_DENSITY] = 0.001, [SCREEN_TARGET_DIFFUSION] = 0.05}};

/* Tasks of which `nreplica` replicas of every point are done, a millisecond a step. */
static queue_tasks *make_tasks(PetscInt nreplica)
{
  PetscReal cost[NPOINT] = {1e-3, 1e-3};
  queue_task_spec *spec;
  queue_tasks *tasks;
  PetscInt n;

  expect_ok(screen_grid_tasks(&campaign, &grid, cost, &n, &spec));
  expect_ok(queue_tasks_create(n, spec, 1, &tasks));
  for (PetscInt i = 0; i < n; i++) {
    const queue_record record = {.kind = QUEUE_RECORD_SEGMENT,
                                 .key = spec[i].key,
                                 .replica = spec[i].replica,
                                 .stage = spec[i].stage,
                                 .origin = spec[i].origin,
                                 .done = spec[i].total,
                                 .total = spec[i].total,
                                 .seconds = 1e-3 * (double)spec[i].total};
    const queue_place place = {.group = 0};

    if (spec[i].replica >= nreplica) continue;
    expect_ok(queue_tasks_apply(tasks, i, QUEUE_EVENT_ASSIGN, NULL, NULL));
    expect_ok(queue_tasks_apply(tasks, i, QUEUE_EVENT_FINISH, &record, &place));
  }
  expect_ok(PetscFree(spec));
  return tasks;
}

/* Density 0.09 % at both; D of Na 4 %, of Cl 9.8 % at the first, of Cl 4.9 % at the second. */
static void make_results(screen_result r[NPOINT])
{
  for (PetscInt p = 0; p < NPOINT; p++) {
    expect_ok(screen_result_create(2, &r[p]));
    r[p].state = SCREEN_POINT_DONE;
    *screen_result_at(&r[p], PROP_ID_DENSITY) = (prop_value){1500.0, 1.35, 100.0, 0};
  }
  screen_result_at(&r[0], PROP_ID_DIFFUSION)[0] = (prop_value){1e-8, 4e-10, 40.0, 0};
  screen_result_at(&r[0], PROP_ID_DIFFUSION)[1] = (prop_value){1e-8, 9.8e-10, 40.0, 0};
  screen_result_at(&r[1], PROP_ID_DIFFUSION)[1] = (prop_value){1e-8, 4.9e-10, 40.0, 0};
}

static void clear_results(screen_result r[NPOINT])
{
  for (PetscInt p = 0; p < NPOINT; p++) expect_ok(screen_result_clear(&r[p]));
}

static void find(const screen_result r[], PetscInt nreplica,
                 screen_gap gap[NPOINT * SCREEN_NTARGET])
{
  queue_tasks *tasks = make_tasks(nreplica);

  expect_ok(screen_target_gaps(&campaign, &grid, tasks, PETSC_FALSE, r, gap));
  expect_ok(queue_tasks_destroy(&tasks));
}

/* The first point needs 2 * (9.8/5 * 1.003)^2 = 7.7, so 8 replicas of 40 s; Student's factor is
   1.0129 with 39 degrees of freedom and 1.003 with 155. */
static void test_gaps(void **state)
{
  screen_gap gap[NPOINT * SCREEN_NTARGET];
  const screen_gap *first = &gap[SCREEN_TARGET_DIFFUSION],
                   *second = &gap[SCREEN_NTARGET + SCREEN_TARGET_DIFFUSION];
  screen_target_sum sum;
  screen_result r[NPOINT];

  (void)state;
  make_results(r);
  find(r, REPLICAS, gap);
  assert_int_equal(gap[SCREEN_TARGET_DENSITY].state, SCREEN_GAP_MET);
  assert_int_equal(gap[SCREEN_TARGET_VISCOSITY].state, SCREEN_GAP_NONE);
  assert_int_equal(first->state, SCREEN_GAP_OPEN);
  assert_int_equal(first->species, 1);
  expect_near(first->error, 0.098, 1e-14, "the worst species counts");
  expect_near(first->ratio, 1.96 * 1.0129, 1e-4, "twice the target");
  expect_near(first->neff, 40.0, 1e-14, "samples of the worst");
  expect_near(first->need, 8.0, 1e-14, "four times the replicas");
  expect_near(first->seconds, 6.0 * 40.0, 1e-12, "six more of 40000 steps");
  assert_int_equal(second->state, SCREEN_GAP_MET);
  assert_int_equal(second->species, 1);
  sum = screen_target_total(&grid, gap);
  assert_int_equal(sum.asked, 4);
  assert_int_equal(sum.met, 3);
  assert_int_equal(sum.barred, 0);
  expect_near(sum.seconds, 240.0, 1e-12, "what is missing in all");
  clear_results(r);
}

/* Nothing known yet; and what more of the same does not cure. */
static void test_states(void **state)
{
  screen_gap gap[NPOINT * SCREEN_NTARGET];
  screen_result r[NPOINT];

  (void)state;
  make_results(r);
  r[0].state = SCREEN_POINT_RUNNING;
  screen_result_at(&r[0], PROP_ID_DIFFUSION)[0] = prop_value_missing;
  screen_result_at(&r[1], PROP_ID_DIFFUSION)[1].flags = PROP_FLAG_NOT_DIFFUSIVE;
  find(r, 1, gap);
  assert_int_equal(gap[SCREEN_TARGET_DIFFUSION].state, SCREEN_GAP_UNKNOWN);
  assert_int_equal(gap[SCREEN_TARGET_DIFFUSION].species, 0);
  assert_int_equal(gap[SCREEN_NTARGET + SCREEN_TARGET_DIFFUSION].state, SCREEN_GAP_BARRED);
  expect_near(gap[SCREEN_TARGET_DENSITY].replicas, 1.0, 1e-14, "one of two is done");
  r[0].state = SCREEN_POINT_DONE;
  r[1].state = SCREEN_POINT_FAILED;
  find(r, REPLICAS, gap);
  assert_int_equal(gap[SCREEN_TARGET_DIFFUSION].state, SCREEN_GAP_BARRED);
  assert_int_equal(gap[SCREEN_NTARGET + SCREEN_TARGET_DENSITY].state, SCREEN_GAP_BARRED);
  assert_int_equal(screen_target_total(&grid, gap).barred, 3);
  clear_results(r);
}

/* A small error from few samples is not met: of Na, 3 % from 10, of which 20 are needed. */
static void test_samples(void **state)
{
  screen_gap gap[NPOINT * SCREEN_NTARGET];
  FILE *out = tmpfile();
  screen_result r[NPOINT];
  char text[4096];

  (void)state;
  assert_non_null(out);
  make_results(r);
  screen_result_at(&r[0], PROP_ID_DIFFUSION)[0] = (prop_value){1e-8, 3e-10, 10.0, 0};
  screen_result_at(&r[0], PROP_ID_DIFFUSION)[1] = (prop_value){1e-8, 4e-10, 40.0, 0};
  find(r, REPLICAS, gap);
  assert_int_equal(gap[SCREEN_TARGET_DIFFUSION].state, SCREEN_GAP_OPEN);
  assert_int_equal(gap[SCREEN_TARGET_DIFFUSION].species, 0);
  expect_near(gap[SCREEN_TARGET_DIFFUSION].ratio, PetscSqrtReal(2.0), 1e-14, "sqrt(20/10)");
  expect_near(gap[SCREEN_TARGET_DIFFUSION].need, 4.0, 1e-14, "twice the replicas");
  expect_ok(screen_target_print(&campaign, &grid, gap, out));
  rewind(out);
  text[fread(text, 1, sizeof(text) - 1, out)] = 0;
  fclose(out);
  expect(strstr(text, "diffusion of Na 3 % from 10 samples of 20 (target 5 %); 4 replicas"), text);
  clear_results(r);
}

static void test_words(void **state)
{
  screen_gap gap[NPOINT * SCREEN_NTARGET];
  screen_result r[NPOINT];
  FILE *out = tmpfile();
  char text[4096];

  (void)state;
  assert_non_null(out);
  make_results(r);
  find(r, REPLICAS, gap);
  expect_ok(screen_target_print(&campaign, &grid, gap, out));
  expect_ok(screen_target_say(&campaign, gap, 2, out));
  rewind(out);
  text[fread(text, 1, sizeof(text) - 1, out)] = 0;
  fclose(out);
  expect(strstr(text,
                "\nTargets: 3 of 4 met\n  NaCl=1 T=1000K: diffusion of Cl 9.8 % (target 5 %); "
                "8 replicas instead of 2 would do, about 4 min more of core time\n"),
         text);
  expect(strstr(text, "  target: density: 0.09 % (target 0.1 %), met\n"), text);
  expect(strstr(text, "not met; 8 replicas instead of 2 would do, about 8 min more"), text);
  clear_results(r);
}

/* By hand.  Density: sqrt(k_B 1000 K 1 A^3/eV/(96 * 25 A^3)) = 0.005992 at a moment, times
 * sqrt(2 * 1/20).  Heat capacity at 1000 K: sum (T - mean)^2 = 20000 K^2, 1000/sqrt(4 * 96 * 20000)
 * times the same.  Viscosity: noise 5 sqrt(1/(10 * 20)), spread 3/sqrt(288) over sqrt(2). */
static void test_guess(void **state)
{
  const PetscReal n = PetscSqrtReal(0.1), noise = 5.0 / PetscSqrtReal(200.0);
  const PetscReal spread = 3.0 / PetscSqrtReal(288.0);
  PetscReal error[NPOINT * SCREEN_NTARGET];

  (void)state;
  expect_ok(screen_forecast_guess(&campaign, &grid, error));
  expect_near(error[SCREEN_TARGET_DENSITY], 0.0059921 * n, 1e-4, "density");
  expect_near(error[SCREEN_TARGET_HEAT_CAPACITY], 1000.0 / PetscSqrtReal(7.68e6) * n, 1e-12,
              "heat capacity");
  expect_near(error[SCREEN_TARGET_VISCOSITY], PetscSqrtReal(noise * noise + spread * spread / 2.0),
              1e-12, "viscosity");
  expect(isnan(error[SCREEN_TARGET_IONIC_CONDUCTIVITY]), "nobody asked");
}

/* One point has run one replica of the two: its error falls by sqrt(2), and the other's is the
 * same. */
static void test_learn(void **state)
{
  PetscReal error[NPOINT * SCREEN_NTARGET], neff[NPOINT * SCREEN_NTARGET] = {0.0};
  screen_gap gap[NPOINT * SCREEN_NTARGET];
  PetscInt npoint;

  (void)state;
  for (int i = 0; i < NPOINT * SCREEN_NTARGET; i++) {
    error[i] = 0.5;
    gap[i] = (screen_gap){.error = PROP_NAN};
  }
  gap[SCREEN_NTARGET + SCREEN_TARGET_VISCOSITY].error = 0.2;
  gap[SCREEN_NTARGET + SCREEN_TARGET_VISCOSITY].replicas = 1.0;
  gap[SCREEN_NTARGET + SCREEN_TARGET_VISCOSITY].neff = 7.0;
  expect_ok(screen_forecast_learn(&campaign, &grid, gap, error, neff, &npoint));
  assert_int_equal(npoint, 1);
  expect_near(error[SCREEN_TARGET_VISCOSITY], 0.2 / PetscSqrtReal(2.0), 1e-14, "as the other");
  expect_near(error[SCREEN_NTARGET + SCREEN_TARGET_VISCOSITY], 0.2 / PetscSqrtReal(2.0), 1e-14,
              "its own");
  expect_near(error[SCREEN_TARGET_DENSITY], 0.5, 1e-14, "nobody knows");
  expect_near(neff[SCREEN_TARGET_VISCOSITY], 14.0, 1e-14, "samples of two replicas");
  expect_near(neff[SCREEN_TARGET_DENSITY], 0.0, 1e-14, "nobody knows");
}

/* Viscosity 20 % at both, target 10 %: 2 * 4 replicas of 900 s at two points, 4 core-hours. */
static void test_table(void **state)
{
  const double seconds[NPOINT] = {900.0, 900.0};
  PetscReal error[NPOINT * SCREEN_NTARGET], neff[NPOINT * SCREEN_NTARGET] = {0.0};
  screen_campaign asked = campaign;
  FILE *out = tmpfile();
  char text[4096];

  (void)state;
  assert_non_null(out);
  for (int i = 0; i < NPOINT * SCREEN_NTARGET; i++) error[i] = 0.2;
  asked.target[SCREEN_TARGET_DENSITY] = asked.target[SCREEN_TARGET_DIFFUSION] = 0.0;
  asked.target[SCREEN_TARGET_VISCOSITY] = 0.1;
  expect_ok(screen_forecast_print(&asked, &grid, error, neff, seconds, out));
  rewind(out);
  text[fread(text, 1, sizeof(text) - 1, out)] = 0;
  fclose(out);
  expect(strstr(text, "viscosity                    20 to    20 %       10 %"
                      "          8              4\n"),
         text);
  expect(strstr(text, "all targets"), text);
  expect(!strstr(text, "ionic"), text);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_gaps),    cmocka_unit_test(test_states),
                                     cmocka_unit_test(test_samples), cmocka_unit_test(test_words),
                                     cmocka_unit_test(test_guess),   cmocka_unit_test(test_learn),
                                     cmocka_unit_test(test_table)};

  return expect_main(argc, argv, help, tests);
}
