/* tests/unit/screening/test_screen_extend.c - which point gets a replica more */
#include "screening/screen_extend.h"
#include "tests/support/expect.h"

static const char help[] = "Gain of a replica, points at their limits, the budget\n";

enum { NPOINT = 2, REPLICAS = 4, MOST = 8, STEPS = 1000, NGAP = NPOINT * SCREEN_NTARGET };

static screen_point points[NPOINT] = {{.index = 0, .key = {{1}}, .natoms = 96},
                                      {.index = 1, .key = {{2}}, .natoms = 96}};
static screen_grid grid = {.npoint = NPOINT, .point = points};
static screen_campaign campaign = {.dt = 1.0,
                                   .production_npt = STEPS,
                                   .replicas = REPLICAS,
                                   .max_replicas = MOST,
                                   .want_density = PETSC_TRUE,
                                   .target = {[SCREEN_TARGET_DENSITY] = 0.01}};

/* Seconds a step of the two points. */
static queue_tasks *make_tasks(double first, double second)
{
  PetscReal cost[NPOINT] = {first, second};
  queue_task_spec *spec;
  queue_tasks *tasks;
  PetscInt n;

  expect_ok(screen_grid_tasks(&campaign, &grid, cost, &n, &spec));
  assert_int_equal(n, NPOINT * MOST);
  expect_ok(queue_tasks_create(n, spec, 1, &tasks));
  expect_ok(PetscFree(spec));
  return tasks;
}

/* A replica to its end, at its expected cost. */
static void finish(queue_tasks *tasks, PetscInt i)
{
  const queue_task_spec *s = &queue_tasks_get(tasks, i)->spec;
  const queue_record record = {.kind = QUEUE_RECORD_SEGMENT,
                               .key = s->key,
                               .replica = s->replica,
                               .stage = s->stage,
                               .origin = s->origin,
                               .done = s->total,
                               .total = s->total,
                               .seconds = s->cost * (double)s->total};
  const queue_place place = {.group = 0};

  expect_ok(queue_tasks_apply(tasks, i, QUEUE_EVENT_ASSIGN, NULL, NULL));
  expect_ok(queue_tasks_apply(tasks, i, QUEUE_EVENT_FINISH, &record, &place));
}

static void finish_all(queue_tasks *tasks)
{
  for (PetscInt p = 0; p < NPOINT; p++)
    for (PetscInt r = 0; r < REPLICAS; r++) finish(tasks, p * MOST + r);
}

/* Gaps of the density from four replicas. */
static void make_gaps(PetscReal first, PetscReal second, screen_gap gap[NGAP])
{
  for (int i = 0; i < NGAP; i++) gap[i] = (screen_gap){.state = SCREEN_GAP_NONE};
  for (int p = 0; p < NPOINT; p++) {
    const PetscReal ratio = p ? second : first;

    gap[p * SCREEN_NTARGET] = (screen_gap){.state = ratio > 1.0 ? SCREEN_GAP_OPEN : SCREEN_GAP_MET,
                                           .ratio = ratio,
                                           .replicas = REPLICAS};
  }
}

static PetscInt choose(const queue_tasks *tasks, const screen_gap gap[], double *gain)
{
  screen_extension choice;

  expect_ok(screen_extend_choose(&campaign, &grid, tasks, gap, 2, &choice));
  *gain = choice.gain;
  return choice.point < 0 ? -1 : choice.point * MOST + choice.replica;
}

/* Ratio 2 from 4: a fifth replica takes 2 - 2 sqrt(4/5) off, at 1 s; one that costs five times as
 * much needs five times the gain. */
static void test_gain(void **state)
{
  queue_tasks *tasks = make_tasks(1e-3, 5e-3);
  screen_gap gap[NGAP];
  double gain;

  (void)state;
  make_gaps(2.0, 3.0, gap);
  assert_int_equal(choose(tasks, gap, &gain), -1); /* nobody has the minimum */
  finish_all(tasks);
  assert_int_equal(choose(tasks, gap, &gain), REPLICAS);
  expect_near(gain, 2.0 - 2.0 * sqrt(0.8), 1e-12, "a replica of a second");
  make_gaps(1.0, 3.0, gap);
  assert_int_equal(choose(tasks, gap, &gain), MOST + REPLICAS);
  expect_near(gain, (3.0 - 3.0 * sqrt(0.8)) / 5.0, 1e-12, "one of five seconds");
  make_gaps(1.0, 1.05, gap);
  assert_int_equal(choose(tasks, gap, &gain), MOST + REPLICAS);
  expect_near(gain, 0.05 / 5.0, 1e-10, "no more than the target is a gain");
  make_gaps(0.9, 1.0, gap);
  assert_int_equal(choose(tasks, gap, &gain), -1);
  gap[0] = (screen_gap){.state = SCREEN_GAP_BARRED, .ratio = 5.0, .replicas = REPLICAS};
  assert_int_equal(choose(tasks, gap, &gain), -1);
  expect_ok(queue_tasks_destroy(&tasks));
}

/* What has been asked for counts before it has run: 1.2 sqrt(4/6) < 1. */
static void test_asked(void **state)
{
  queue_tasks *tasks = make_tasks(1e-3, 1e-3);
  screen_gap gap[NGAP];
  double gain;

  (void)state;
  finish_all(tasks);
  make_gaps(1.2, 1.0, gap);
  for (PetscInt r = REPLICAS; r < REPLICAS + 2; r++) {
    assert_int_equal(choose(tasks, gap, &gain), r);
    expect_ok(queue_tasks_release(tasks, r));
  }
  assert_int_equal(choose(tasks, gap, &gain), -1);
  make_gaps(9.0, 1.0, gap);
  for (PetscInt r = REPLICAS + 2; r < MOST; r++) {
    assert_int_equal(choose(tasks, gap, &gain), r);
    expect_ok(queue_tasks_release(tasks, r));
  }
  assert_int_equal(choose(tasks, gap, &gain), -1); /* max_replicas */
  expect_ok(queue_tasks_destroy(&tasks));
}

/* Eight replicas of one second on groups of two cost 16 s; the ninth makes 18. */
static void test_budget(void **state)
{
  queue_tasks *tasks = make_tasks(1e-3, 1e-3);
  screen_gap gap[NGAP];
  double gain;

  (void)state;
  finish_all(tasks);
  make_gaps(9.0, 1.0, gap);
  campaign.budget = 17.9;
  assert_int_equal(choose(tasks, gap, &gain), -1);
  campaign.budget = 18.1;
  assert_int_equal(choose(tasks, gap, &gain), REPLICAS);
  expect_ok(queue_tasks_release(tasks, REPLICAS));
  assert_int_equal(choose(tasks, gap, &gain), -1); /* what will be spent is spent */
  campaign.budget = 0.0;
  expect_ok(queue_tasks_destroy(&tasks));
}

/* Two potentials: the replica is released for both, costs both, and four replicas of each are eight
 * behind the ratio.  After a start at which only one of them has a segment the other follows. */
static void test_committee(void **state)
{
  screen_point both[NPOINT * 2] = {points[0], points[1], points[0], points[1]};
  const screen_grid pair = {.npoint = NPOINT, .nmember = 2, .point = both};
  screen_campaign asked = campaign;
  PetscReal cost[NPOINT] = {1e-3, 5e-3};
  queue_task_spec *spec;
  screen_extension choice;
  screen_gap gap[NGAP];
  queue_tasks *tasks;
  PetscInt n;

  (void)state;
  asked.nmember = 2;
  both[2].key.byte[1] = both[3].key.byte[1] = 9;
  both[2].member = both[3].member = 1;
  expect_ok(screen_grid_tasks(&asked, &pair, cost, &n, &spec));
  assert_int_equal(n, 2 * NPOINT * MOST);
  expect_ok(queue_tasks_create(n, spec, 1, &tasks));
  expect_ok(PetscFree(spec));
  make_gaps(2.0, 1.0, gap);
  gap[0].replicas = 2 * REPLICAS;
  for (PetscInt i = 0; i < n; i++)
    if (i % MOST < REPLICAS) {
      expect_ok(screen_extend_choose(&asked, &pair, tasks, gap, 2, &choice));
      expect(choice.point < 0 || i >= 2 * MOST, "both have to have the minimum");
      finish(tasks, i);
    }
  expect_ok(screen_extend_choose(&asked, &pair, tasks, gap, 2, &choice));
  assert_int_equal(choice.point, 0);
  assert_int_equal(choice.replica, REPLICAS);
  expect_near(choice.gain, (2.0 - 2.0 * sqrt(0.8)) / 2.0, 1e-12, "two of a second");
  expect_ok(queue_tasks_release(tasks, REPLICAS));
  expect_ok(screen_extend_choose(&asked, &pair, tasks, gap, 2, &choice));
  assert_int_equal(choice.replica, REPLICAS);
  expect_ok(screen_extend_release(&asked, &pair, &choice, tasks));
  assert_int_equal(queue_tasks_get(tasks, MOST + REPLICAS)->state, QUEUE_READY);
  expect_ok(screen_extend_choose(&asked, &pair, tasks, gap, 2, &choice));
  assert_int_equal(choice.replica, REPLICAS + 1);
  expect_ok(queue_tasks_destroy(&tasks));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_gain), cmocka_unit_test(test_asked),
                                     cmocka_unit_test(test_budget),
                                     cmocka_unit_test(test_committee)};

  return expect_main(argc, argv, help, tests);
}
