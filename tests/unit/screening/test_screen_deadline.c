/* tests/unit/screening/test_screen_deadline.c - segments that end before their batch job */
#include "screening/screen_deadline.h"
#include "tests/support/expect.h"

static const char help[] = "Steps that end in time, by what is known of their cost\n";

enum { NPOINT = 2, REPLICAS = 2, STAGES = 2, N = NPOINT * REPLICAS * STAGES, STEPS = 1000000 };

/* Two points of two replicas of two stages, a millisecond a step as a guess. */
static queue_tasks *make_tasks(void)
{
  queue_task_spec spec[N];
  queue_tasks *tasks;

  for (int i = 0; i < N; i++)
    spec[i] = (queue_task_spec){.key = {{(unsigned char)(1 + i / (REPLICAS * STAGES))}},
                                .point = i / (REPLICAS * STAGES),
                                .replica = i / STAGES % REPLICAS,
                                .stage = i % STAGES,
                                .origin = 1,
                                .total = STEPS,
                                .cost = 1e-3};
  expect_ok(queue_tasks_create(N, spec, 1, &tasks));
  return tasks;
}

/* A segment of task i at so many seconds a step. */
static void run(queue_tasks *tasks, PetscInt i, int64_t steps, double cost)
{
  const queue_task *t = queue_tasks_get(tasks, i);
  const queue_record record = {.kind = QUEUE_RECORD_SEGMENT,
                               .key = t->spec.key,
                               .replica = t->spec.replica,
                               .stage = t->spec.stage,
                               .origin = 1,
                               .done = t->done + steps,
                               .total = STEPS,
                               .seconds = t->seconds + cost * (double)steps};
  const queue_place place = {.group = 0};

  expect_ok(queue_tasks_apply(tasks, i, QUEUE_EVENT_ASSIGN, NULL, NULL));
  expect_ok(queue_tasks_apply(
      tasks, i, record.done == STEPS ? QUEUE_EVENT_FINISH : QUEUE_EVENT_SEGMENT, &record, &place));
}

/* Nothing timed: a tenth of what the guess allows.  One stage timed, ten times as dear as guessed:
 * the other stages and points follow with a third, the stage itself with two thirds. */
static void test_margins(void **state)
{
  queue_tasks *tasks = make_tasks();

  (void)state;
  expect(!screen_deadline_any(tasks), "nothing has run");
  assert_int_equal(screen_deadline_steps(tasks, 0, PETSC_FALSE, 100.0), 10000);
  run(tasks, 0, STEPS, 1e-2);
  expect(screen_deadline_any(tasks), "a stage has run");
  expect_near(queue_tasks_get(tasks, 1)->spec.cost, 1e-2, 1e-12, "the queue scales its guess");
  assert_int_equal(screen_deadline_steps(tasks, 1, PETSC_TRUE, 100.0), 3333);
  assert_int_equal(screen_deadline_steps(tasks, 4, PETSC_TRUE, 100.0), 3333);
  assert_int_equal(screen_deadline_steps(tasks, 2, PETSC_TRUE, 100.0), 6666);
  run(tasks, 1, 1000, 2e-2);
  assert_int_equal(screen_deadline_steps(tasks, 1, PETSC_TRUE, 100.0), 3333);
  assert_int_equal(screen_deadline_steps(tasks, 3, PETSC_TRUE, 100.0), 3333);
  expect_ok(queue_tasks_destroy(&tasks));
}

/* No time, too little for a step, and more than is left to do. */
static void test_ends(void **state)
{
  queue_tasks *tasks = make_tasks();

  (void)state;
  assert_int_equal(screen_deadline_steps(tasks, 0, PETSC_FALSE, 0.0), 0);
  assert_int_equal(screen_deadline_steps(tasks, 0, PETSC_FALSE, -5.0), 0);
  assert_int_equal(screen_deadline_steps(tasks, 0, PETSC_FALSE, 9e-3), 0);
  assert_int_equal(screen_deadline_steps(tasks, 0, PETSC_FALSE, 1e9), STEPS);
  run(tasks, 0, 1000, 1e-3);
  assert_int_equal(screen_deadline_steps(tasks, 0, PETSC_TRUE, 1e9), STEPS - 1000);
  expect_ok(queue_tasks_destroy(&tasks));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_margins), cmocka_unit_test(test_ends)};

  return expect_main(argc, argv, help, tests);
}
