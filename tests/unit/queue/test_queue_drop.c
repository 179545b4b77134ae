static const char about[] = "Points that are given up: who is dropped, in any order of events\n";
#include "tests/support/queue_support.h"
#include "tests/support/random.h"

/* Two points of six replicas with two stages each. */
enum { REPLICAS = 6, STAGES = 2, POINTS = 2, N = POINTS * REPLICAS * STAGES, CLOSES = 2 };

static queue_tasks *make_tasks(PetscInt give_up_after)
{
  queue_task_spec spec[N];
  queue_tasks *tasks;

  for (int i = 0; i < N; i++) {
    spec[i] = (queue_task_spec){.key = key_of((unsigned)(i / (REPLICAS * STAGES))),
                                .point = i / (REPLICAS * STAGES),
                                .replica = i / STAGES % REPLICAS,
                                .stage = i % STAGES,
                                .total = 1,
                                .cost = 1.0};
  }
  expect_ok(queue_tasks_create(N, spec, 1, &tasks));
  expect_ok(queue_tasks_give_up_after(tasks, give_up_after));
  return tasks;
}

static PetscInt first_task(PetscInt point, PetscInt replica)
{
  return (point * REPLICAS + replica) * STAGES;
}

static queue_state state_of(const queue_tasks *tasks, PetscInt point, PetscInt replica)
{
  return queue_tasks_get(tasks, first_task(point, replica))->state;
}

static void assign(queue_tasks *tasks, PetscInt i)
{
  expect_ok(queue_tasks_apply(tasks, i, QUEUE_EVENT_ASSIGN, NULL, NULL));
}

static void fail_task(queue_tasks *tasks, PetscInt i)
{
  expect_ok(queue_tasks_apply(tasks, i, QUEUE_EVENT_FAIL, NULL, NULL));
}

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
                               .seconds = 1.0};
  const queue_place place = {.group = 0};

  expect_ok(queue_tasks_apply(tasks, i, QUEUE_EVENT_FINISH, &record, &place));
}

/* The second failure drops those behind it that have not run, of that point only. */
static void test_second_failure(void **state)
{
  queue_tasks *tasks = make_tasks(CLOSES);

  (void)state;
  for (PetscInt r = 0; r < 4; r++) assign(tasks, first_task(0, r));
  fail_task(tasks, first_task(0, 0));
  assert_int_equal(state_of(tasks, 0, 5), QUEUE_READY);
  fail_task(tasks, first_task(0, 2));
  assert_int_equal(state_of(tasks, 0, 1), QUEUE_RUNNING);
  assert_int_equal(state_of(tasks, 0, 3), QUEUE_RUNNING);
  assert_int_equal(state_of(tasks, 0, 4), QUEUE_DROPPED);
  assert_int_equal(state_of(tasks, 0, 5), QUEUE_DROPPED);
  assert_int_equal(queue_tasks_get(tasks, first_task(0, 5) + 1)->state, QUEUE_DROPPED);
  assert_int_equal(state_of(tasks, 1, 5), QUEUE_READY);
  /* the one that ran has ended its stage: its next one is not begun */
  finish(tasks, first_task(0, 3));
  assert_int_equal(queue_tasks_get(tasks, first_task(0, 3) + 1)->state, QUEUE_DROPPED);
  finish(tasks, first_task(0, 1));
  assert_int_equal(queue_tasks_get(tasks, first_task(0, 1) + 1)->state, QUEUE_READY);
  /* 2 stages of the other point's 6 replicas and 1 stage here are left */
  expect_abs(queue_tasks_remaining(tasks, 1), 13.0, 1e-12, "work left");
  expect_ok(queue_tasks_destroy(&tasks));
}

/* Failures of higher numbers close nothing for lower ones. */
static void test_failures_behind(void **state)
{
  queue_tasks *tasks = make_tasks(CLOSES);

  (void)state;
  for (PetscInt r = 4; r < 6; r++) {
    assign(tasks, first_task(0, r));
    fail_task(tasks, first_task(0, r));
  }
  for (PetscInt r = 0; r < 4; r++) assert_int_equal(state_of(tasks, 0, r), QUEUE_READY);
  expect_ok(queue_tasks_destroy(&tasks));
}

/* 0 and a limit that nobody reaches drop nothing; a smaller limit drops at once. */
static void test_limits(void **state)
{
  const PetscInt limit[] = {0, 4};

  (void)state;
  for (int k = 0; k < 2; k++) {
    queue_tasks *tasks = make_tasks(limit[k]);

    for (PetscInt r = 0; r < 3; r++) {
      assign(tasks, first_task(0, r));
      fail_task(tasks, first_task(0, r));
    }
    assert_int_equal(state_of(tasks, 0, 3), QUEUE_READY);
    expect_ok(queue_tasks_give_up_after(tasks, 3));
    assert_int_equal(state_of(tasks, 0, 3), QUEUE_DROPPED);
    expect_ok(queue_tasks_destroy(&tasks));
  }
}

/* Replicas 1, 2 and 4 are bound to fail.  Whatever the order in which four groups answer, replicas
   up to the second failure, 2, are finished or failed, so a walk over them says the same. */
static void test_any_order(void **state)
{
  (void)state;
  for (unsigned seed = 1; seed <= 200; seed++) {
    random_stream dice = {.state = seed};
    queue_tasks *tasks = make_tasks(CLOSES);
    PetscInt busy[4], nbusy = 0;

    for (;;) {
      while (nbusy < 4) {
        const PetscInt i = queue_tasks_next(tasks);

        if (i < 0) break;
        assign(tasks, i);
        busy[nbusy++] = i;
      }
      if (nbusy == 0) break;
      const PetscInt k = (PetscInt)(random_uniform(&dice) * (double)nbusy), i = busy[k];
      const int32_t r = queue_tasks_get(tasks, i)->spec.replica;

      busy[k] = busy[--nbusy];
      if (r == 1 || r == 2 || r == 4)
        fail_task(tasks, i);
      else
        finish(tasks, i);
    }
    for (PetscInt p = 0; p < POINTS; p++) {
      assert_int_equal(queue_tasks_get(tasks, first_task(p, 0) + 1)->state, QUEUE_DONE);
      assert_int_equal(state_of(tasks, p, 1), QUEUE_FAILED);
      assert_int_equal(state_of(tasks, p, 2), QUEUE_FAILED);
    }
    expect_ok(queue_tasks_destroy(&tasks));
  }
}

static void test_order_of_specs(void **state)
{
  queue_task_spec spec[2] = {{.key = key_of(1), .point = 1, .replica = 1, .total = 1, .cost = 1.0},
                             {.key = key_of(1), .point = 1, .replica = 0, .total = 1, .cost = 1.0}};
  queue_tasks *tasks;

  (void)state;
  expect_ok(queue_tasks_create(2, spec, 1, &tasks));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, queue_tasks_give_up_after(tasks, 1));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, queue_tasks_give_up_after(tasks, -1));
  expect_ok(queue_tasks_destroy(&tasks));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_second_failure), cmocka_unit_test(test_failures_behind),
      cmocka_unit_test(test_limits),         cmocka_unit_test(test_any_order),
      cmocka_unit_test(test_order_of_specs),
  };
  return expect_main(argc, argv, about, tests);
}
