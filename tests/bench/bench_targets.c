/* tests/bench/bench_targets.c - core time to the targets: replicas where they gain most against the
 * same number everywhere
 *
 * The decisions are those of a run: screen_target_gaps(), screen_extend_choose(), prop_combine().
 * The numbers are made up: 12 points with targets of density, viscosity and ionic conductivity.  A
 * replica gives each property five samples of its own; the number of replicas that a target needs
 * is log-normal about 6, where eight tenths of the logarithm belong to the point (a cold melt is
 * slow in all it does) and six to the property.  A replica costs 1 s times a log-normal factor of
 * 30 %.
 *
 * Fixed lengths: all points have as many replicas as the one that needs most, known in hindsight
 * and from the same numbers.  Who has to choose it beforehand takes more, or misses targets.
 *
 * Limit: where the errors of points differ by a factor of 1.5 (one standard deviation), targets
 * take at most half of the core time.
 */
#include "properties/prop_plan.h"
#include "screening/screen_extend.h"
#include "tests/support/expect.h"
#include "tests/support/random.h"

#include <stdio.h>

static const char help[] = "Core time to reach the targets of uneven points\n";

enum { NPOINT = 12, REPLICAS = 4, MOST = 250, STAGES = 2, SAMPLES = 5, CAMPAIGNS = 10 };
#define NEED 6.0
#define COST 0.3

static const struct {
  screen_target_id target;
  prop_id value;
  PetscReal goal;
} asked[] = {{SCREEN_TARGET_DENSITY, PROP_ID_DENSITY, 0.001},
             {SCREEN_TARGET_VISCOSITY, PROP_ID_VISCOSITY, 0.05},
             {SCREEN_TARGET_IONIC_CONDUCTIVITY, PROP_ID_IONIC_CONDUCTIVITY, 0.05}};
enum { NASKED = sizeof(asked) / sizeof(asked[0]) };

static PetscInt count[1] = {100};
static char species[1][4] = {"Na"};
static screen_point points[NPOINT];
static screen_grid grid = {.npoint = NPOINT, .point = points};
static screen_campaign campaign = {.nspecies = 1,
                                   .species = species,
                                   .dt = 1.0,
                                   .production_npt = 500.0,
                                   .production_nve = 500.0,
                                   .replicas = REPLICAS,
                                   .max_replicas = MOST,
                                   .want_density = PETSC_TRUE,
                                   .want_viscosity = PETSC_TRUE,
                                   .want_ionic_conductivity = PETSC_TRUE};

/* One campaign. */
typedef struct {
  random_stream dice;
  PetscReal spread[NPOINT][NASKED]; /* relative standard deviation of a replica's mean */
  PetscReal cost[NPOINT];           /* [s] a step */
  PetscInt n[NPOINT];               /* replicas drawn */
  prop_estimate est[NPOINT][NASKED][MOST];
  screen_result result[NPOINT];
  queue_tasks *tasks;
} world;

static PetscReal cost_of(const world *w, PetscInt p)
{
  return w->cost[p] * 1000.0;
}

/* Noise and prices; `uneven`: standard deviation of the logarithm of an error. */
static void make_world(uint64_t seed, PetscReal uneven, world *w)
{
  queue_task_spec *spec;
  PetscInt n;

  w->dice = (random_stream){seed};
  for (PetscInt p = 0; p < NPOINT; p++) {
    const PetscReal own = random_normal(&w->dice);

    points[p] = (screen_point){.index = p, .key = {{(unsigned char)(p + 1)}}, .count = count};
    points[p].natoms = 100;
    w->n[p] = 0;
    w->cost[p] = 1e-3 * exp(COST * random_normal(&w->dice));
    for (int k = 0; k < NASKED; k++)
      w->spread[p][k] = asked[k].goal * PetscSqrtReal(NEED) *
                        exp(uneven * (0.8 * own + 0.6 * random_normal(&w->dice)));
    expect_ok(screen_result_create(1, &w->result[p]));
    w->result[p].state = SCREEN_POINT_RUNNING;
  }
  for (int k = 0; k < NASKED; k++) campaign.target[asked[k].target] = asked[k].goal;
  expect_ok(screen_grid_tasks(&campaign, &grid, w->cost, &n, &spec));
  assert_int_equal(n, NPOINT * MOST * STAGES);
  expect_ok(queue_tasks_create(n, spec, 1, &w->tasks));
  expect_ok(PetscFree(spec));
}

static void clear_world(world *w)
{
  for (PetscInt p = 0; p < NPOINT; p++) expect_ok(screen_result_clear(&w->result[p]));
  expect_ok(queue_tasks_destroy(&w->tasks));
}

/* The mean of a few samples about 1, with the error that they say. */
static prop_estimate draw(random_stream *dice, PetscReal spread)
{
  PetscReal sum = 0.0, squares = 0.0;

  for (int i = 0; i < SAMPLES; i++) {
    const PetscReal x = spread * PetscSqrtReal(SAMPLES) * random_normal(dice);

    sum += x;
    squares += x * x;
  }
  return (prop_estimate){
      .mean = 1.0 + sum / SAMPLES,
      .error = PetscSqrtReal((squares - sum * sum / SAMPLES) / (SAMPLES * (SAMPLES - 1.0))),
      .neff = SAMPLES};
}

static void combine(world *w, PetscInt p, PetscInt n)
{
  for (int k = 0; k < NASKED; k++)
    expect_ok(prop_combine(n, w->est[p][k], 1.0, screen_result_at(&w->result[p], asked[k].value)));
}

/* The next replica of a point, with both its stages. */
static void run_replica(world *w, PetscInt p)
{
  const PetscInt r = w->n[p]++, first = (p * MOST + r) * STAGES;
  const queue_place place = {.group = 0};

  assert_true(r < MOST);
  for (PetscInt i = first; i < first + STAGES; i++) {
    const queue_task_spec *s = &queue_tasks_get(w->tasks, i)->spec;
    const queue_record record = {.kind = QUEUE_RECORD_SEGMENT,
                                 .key = s->key,
                                 .replica = s->replica,
                                 .stage = s->stage,
                                 .origin = s->origin,
                                 .done = s->total,
                                 .total = s->total,
                                 .seconds = (double)w->cost[p] * (double)s->total};

    expect_ok(queue_tasks_apply(w->tasks, i, QUEUE_EVENT_ASSIGN, NULL, NULL));
    expect_ok(queue_tasks_apply(w->tasks, i, QUEUE_EVENT_FINISH, &record, &place));
  }
  for (int k = 0; k < NASKED; k++) w->est[p][k][r] = draw(&w->dice, w->spread[p][k]);
  combine(w, p, w->n[p]);
}

/* [s] until all targets are met, one decision after the other. */
static PetscReal run_to_targets(world *w)
{
  static screen_gap gap[NPOINT * SCREEN_NTARGET];
  screen_extension choice;
  PetscReal seconds = 0.0;

  for (PetscInt i = 0; i < NPOINT * REPLICAS; i++) run_replica(w, i / REPLICAS);
  for (;;) {
    expect_ok(screen_target_gaps(&campaign, &grid, w->tasks, PETSC_TRUE, w->result, gap));
    expect_ok(screen_extend_choose(&campaign, &grid, w->tasks, gap, 1, &choice));
    if (choice.point < 0) break;
    assert_int_equal(choice.replica, w->n[choice.point]);
    expect_ok(screen_extend_release(&campaign, &grid, &choice, w->tasks));
    run_replica(w, choice.point);
  }
  assert_int_equal(screen_target_total(&grid, gap).met, NPOINT * NASKED);
  for (PetscInt p = 0; p < NPOINT; p++) seconds += (PetscReal)w->n[p] * cost_of(w, p);
  return seconds;
}

/* Whether n replicas meet the targets of a point; more are drawn as needed. */
static PetscBool is_met(world *w, PetscInt p, PetscInt n)
{
  for (; w->n[p] < n; w->n[p]++)
    for (int k = 0; k < NASKED; k++) w->est[p][k][w->n[p]] = draw(&w->dice, w->spread[p][k]);
  combine(w, p, n);
  for (int k = 0; k < NASKED; k++)
    if (prop_plan_ratio(screen_result_at(&w->result[p], asked[k].value), asked[k].goal) > 1.0)
      return PETSC_FALSE;
  return PETSC_TRUE;
}

/* [s] with the smallest number of replicas that meets all targets when all points have it. */
static PetscReal run_fixed(world *w, PetscInt *replicas)
{
  PetscReal each = 0.0;
  PetscInt p = 0;

  for (*replicas = REPLICAS; p < NPOINT; (*replicas)++) {
    for (p = 0; p < NPOINT && is_met(w, p, *replicas);) p++;
    if (p == NPOINT) break;
    assert_true(*replicas < MOST);
  }
  for (p = 0; p < NPOINT; p++) each += cost_of(w, p);
  return each * (PetscReal)*replicas;
}

/* Mean over campaigns of core time with targets over that with fixed lengths. */
static PetscReal compare(PetscReal uneven)
{
  static world w;
  PetscReal target = 0.0, fixed = 0.0, mean = 0.0, most = 0.0;

  for (uint64_t i = 0; i < CAMPAIGNS; i++) {
    PetscInt replicas;

    make_world(100 + i, uneven, &w);
    target += run_to_targets(&w);
    for (PetscInt p = 0; p < NPOINT; p++) mean += (PetscReal)w.n[p] / (NPOINT * CAMPAIGNS);
    fixed += run_fixed(&w, &replicas);
    most += (PetscReal)replicas / CAMPAIGNS;
    clear_world(&w);
  }
  printf("| %.2f | %.1f | %.1f | %.0f | %.0f | %.2f |\n", (double)uneven, (double)mean,
         (double)most, (double)target / CAMPAIGNS, (double)fixed / CAMPAIGNS,
         (double)(fixed / target));
  return fixed / target;
}

static void test_table(void **state)
{
  static const PetscReal uneven[] = {0.0, 0.2, 0.4};
  PetscReal gain[3];

  (void)state;
  printf("| errors differ by (standard deviation of the logarithm) | replicas a point, to the "
         "target | fixed | core-seconds, to the target | fixed | ratio |\n|---|---|---|---|---|---|"
         "\n");
  for (int i = 0; i < 3; i++) gain[i] = compare(uneven[i]);
  expect(gain[0] > 0.95, "even points lose nothing");
  for (int i = 1; i < 3; i++) expect(gain[i] > gain[i - 1], "the less even, the more is gained");
  expect(gain[2] > 2.0, "errors that differ by a factor of 1.5");
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_table)};

  return expect_main(argc, argv, help, tests);
}
