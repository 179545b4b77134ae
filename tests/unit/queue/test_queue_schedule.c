static const char about[] = "Scheduling: order, suspects, segments, bounds on the makespan\n";
#include "tests/support/queue_support.h"
#include "tests/support/random.h"

#include <petsctime.h>

enum { MAX_CHAIN = 64 };

/* n replicas of as many points, one stage each, of these costs [s] and one step of that length, or
   of `steps` steps of cost / steps. */
static queue_tasks *make_tasks(PetscInt n, const double cost[], int64_t steps, PetscInt max_crashes)
{
  queue_task_spec spec[MAX_CHAIN];
  queue_tasks *tasks;

  for (PetscInt i = 0; i < n; i++) {
    spec[i] = (queue_task_spec){
        .key = key_of((unsigned)i), .point = i, .total = steps, .cost = cost[i] / (double)steps};
  }
  expect_ok(queue_tasks_create(n, spec, max_crashes, &tasks));
  return tasks;
}

static queue_record about_task(const queue_tasks *tasks, PetscInt i, int64_t done, double seconds)
{
  const queue_task_spec *s = &queue_tasks_get(tasks, i)->spec;

  return (queue_record){.kind = QUEUE_RECORD_SEGMENT,
                        .key = s->key,
                        .replica = s->replica,
                        .stage = s->stage,
                        .origin = s->origin,
                        .done = done,
                        .total = s->total,
                        .seconds = seconds};
}

static void apply(queue_tasks *tasks, PetscInt i, queue_event event)
{
  const queue_place place = {.group = 0};

  expect_ok(queue_tasks_apply(tasks, i, event, NULL, &place));
}

static void progress(queue_tasks *tasks, PetscInt i, int64_t steps, double seconds)
{
  const queue_task *t = queue_tasks_get(tasks, i);
  const queue_record r = about_task(tasks, i, t->done + steps, t->seconds + seconds);
  const queue_place place = {.group = 0};

  expect_ok(queue_tasks_apply(
      tasks, i, r.done == r.total ? QUEUE_EVENT_FINISH : QUEUE_EVENT_SEGMENT, &r, &place));
}

static void test_longest_first(void **state)
{
  const double cost[] = {3, 9, 1, 9, 5};
  const PetscInt order[] = {1, 3, 4, 0, 2};
  queue_tasks *tasks = make_tasks(5, cost, 1, 1);

  (void)state;
  for (int k = 0; k < 5; k++) {
    assert_int_equal(queue_tasks_next(tasks), order[k]);
    apply(tasks, order[k], QUEUE_EVENT_ASSIGN);
  }
  assert_int_equal(queue_tasks_next(tasks), -1);
  apply(tasks, 4, QUEUE_EVENT_LOSE);
  assert_int_equal(queue_tasks_next(tasks), 4);
  expect_ok(queue_tasks_destroy(&tasks));
}

/* A chain is as long as all its stages: a short first stage with a long second one goes first. */
static void test_chain_counts_whole(void **state)
{
  queue_task_spec spec[3] = {{.key = key_of(0), .total = 10, .cost = 1.0},
                             {.key = key_of(1), .total = 1, .cost = 1.0},
                             {.key = key_of(1), .total = 10, .stage = 1, .cost = 1.0}};
  queue_tasks *tasks;

  (void)state;
  spec[1].point = spec[2].point = 1;
  expect_ok(queue_tasks_create(3, spec, 1, &tasks));
  assert_int_equal(queue_tasks_next(tasks), 1);
  apply(tasks, 1, QUEUE_EVENT_ASSIGN);
  assert_int_equal(queue_tasks_next(tasks), 0);
  progress(tasks, 1, 1, 1.0);
  assert_int_equal(queue_tasks_next(tasks), 0); /* 10 and 10: the first */
  progress((apply(tasks, 0, QUEUE_EVENT_ASSIGN), tasks), 0, 1, 1.0);
  assert_int_equal(queue_tasks_next(tasks), 2);
  expect_ok(queue_tasks_destroy(&tasks));
}

/* Whoever asks for it goes first, and what is longest among those. */
static void test_priorities(void **state)
{
  const double cost[] = {3, 9, 1, 2};
  const PetscInt order[] = {3, 2, 1, 0};
  queue_task_spec spec[4];
  queue_tasks *tasks;

  (void)state;
  for (PetscInt i = 0; i < 4; i++)
    spec[i] = (queue_task_spec){
        .key = key_of((unsigned)i), .point = i, .total = 1, .cost = cost[i], .priority = i > 1};
  expect_ok(queue_tasks_create(4, spec, 1, &tasks));
  for (int k = 0; k < 4; k++) {
    assert_int_equal(queue_tasks_next(tasks), order[k]);
    apply(tasks, order[k], QUEUE_EVENT_ASSIGN);
  }
  expect_ok(queue_tasks_destroy(&tasks));
}

/* What has been measured moves the estimates of what has not, and with them the order and the range
   of the time left. */
static void test_pace(void **state)
{
  queue_task_spec spec[4] = {{.total = 100, .cost = 1.0},
                             {.total = 10, .cost = 1.0, .stage = 1},
                             {.total = 30, .cost = 1.0},
                             {.total = 100, .cost = 1.0, .stage = 1}};
  queue_tasks *tasks;
  double left[3];

  (void)state;
  for (int i = 0; i < 4; i++) {
    spec[i].key = key_of((unsigned)(i / 2));
    spec[i].point = i / 2;
  }
  expect_ok(queue_tasks_create(4, spec, 1, &tasks));
  queue_tasks_forecast(tasks, 1, left);
  expect_near(left[0], 240.0, 1e-14, "as estimated");
  expect_near(left[1], 120.0, 1e-14, "nothing is measured: half");
  expect_near(left[2], 480.0, 1e-14, "nothing is measured: twice");
  assert_int_equal(queue_tasks_next(tasks), 2); /* 130 s against 110 s */
  apply(tasks, 0, QUEUE_EVENT_ASSIGN);
  progress(tasks, 0, 50, 150.0);
  expect_near(queue_tasks_get(tasks, 2)->spec.cost, 3.0, 1e-14, "the same stage elsewhere");
  expect_near(queue_tasks_get(tasks, 3)->spec.cost, 3.0, 1e-14, "another stage");
  apply(tasks, 0, QUEUE_EVENT_ASSIGN);
  progress(tasks, 0, 50, 160.0); /* 3.1 s a step so far: prices of others stay */
  expect_near(queue_tasks_get(tasks, 2)->spec.cost, 3.0, 1e-14, "no new prices for little");
  apply(tasks, 1, QUEUE_EVENT_ASSIGN);
  progress(tasks, 1, 5, 2.5); /* half a second a step: stage 1 has a pace of its own now */
  expect_near(queue_tasks_get(tasks, 3)->spec.cost, 0.5, 1e-14, "a stage of its own pace");
  expect_near(queue_tasks_get(tasks, 2)->spec.cost, 3.0, 1e-14, "the other one keeps its own");
  queue_tasks_forecast(tasks, 1, left);
  expect_near(left[0], 2.5 + 90.0 + 50.0, 1e-14, "what is left");
  expect_near(left[1], left[0] / 1.25, 1e-14, "paces are known: a quarter");
  expect_near(left[2], left[0] * 1.25, 1e-14, "paces are known: a quarter");
  expect_ok(queue_tasks_destroy(&tasks));
}

static void test_suspects_run_alone(void **state)
{
  const double cost[] = {9, 8, 7, 6};
  queue_tasks *tasks = make_tasks(4, cost, 10, 2);

  (void)state;
  for (int i = 0; i < 2; i++) {
    apply(tasks, i, QUEUE_EVENT_ASSIGN);
    apply(tasks, i, QUEUE_EVENT_CRASH);
  }
  assert_int_equal(queue_tasks_next(tasks), 0);
  apply(tasks, 0, QUEUE_EVENT_ASSIGN);
  assert_int_equal(queue_tasks_next(tasks), 2); /* not 1: one suspect at a time */
  apply(tasks, 2, QUEUE_EVENT_ASSIGN);
  assert_int_equal(queue_tasks_next(tasks), 3);
  apply(tasks, 3, QUEUE_EVENT_ASSIGN);
  assert_int_equal(queue_tasks_next(tasks), -1);
  progress(tasks, 0, 1, 0.9); /* cleared */
  assert_int_equal(queue_tasks_next(tasks), 0);
  apply(tasks, 0, QUEUE_EVENT_ASSIGN);
  assert_int_equal(queue_tasks_next(tasks), 1);
  apply(tasks, 1, QUEUE_EVENT_ASSIGN);
  apply(tasks, 1, QUEUE_EVENT_CRASH);
  assert_int_equal(queue_tasks_next(tasks), 1);
  apply(tasks, 1, QUEUE_EVENT_ASSIGN);
  apply(tasks, 1, QUEUE_EVENT_CRASH); /* the third, two are allowed */
  assert_int_equal(queue_tasks_get(tasks, 1)->state, QUEUE_QUARANTINED);
  assert_int_equal(queue_tasks_next(tasks), -1);
  expect_ok(queue_tasks_destroy(&tasks));
}

static void test_segments(void **state)
{
  const double cost[] = {1000, 1000};
  queue_tasks *tasks = make_tasks(2, cost, 1000, 1); /* 1 s a step, 2000 s in all */

  (void)state;
  assert_int_equal(queue_tasks_segment(tasks, 0, 10.0, 2), 10);
  assert_int_equal(queue_tasks_segment(tasks, 0, 100.0, 2), 20); /* 2 % of 1000 s */
  assert_int_equal(queue_tasks_segment(tasks, 0, 33.0, 1), 33);  /* 31 equal ones; 2 % are 40 s */
  assert_int_equal(queue_tasks_segment(tasks, 0, 500.0, 2), 31); /* 500 / 16 s, whole steps */
  assert_int_equal(queue_tasks_segment(tasks, 0, 1e5, 1), 1000); /* what remains */
  assert_int_equal(queue_tasks_segment(tasks, 0, 0.001, 2), 1);
  assert_int_equal(queue_tasks_segment(tasks, -1, 100.0, 2), 0);
  assert_int_equal(queue_tasks_segment(tasks, 2, 100.0, 2), 0);
  apply(tasks, 0, QUEUE_EVENT_ASSIGN);
  progress(tasks, 0, 1000, 1000.0);
  assert_int_equal(queue_tasks_segment(tasks, 0, 100.0, 2), 0);
  expect_ok(queue_tasks_destroy(&tasks));
  { /* costs of zero and lengths beyond what a real holds exactly */
    const double none[] = {0.0}, huge[] = {1e300};

    tasks = make_tasks(1, none, INT64_MAX, 1);
    assert_true(queue_tasks_segment(tasks, 0, 1.0, 1) == INT64_MAX);
    expect_ok(queue_tasks_destroy(&tasks));
    tasks = make_tasks(1, huge, INT64_MAX, 1);
    assert_int_equal(queue_tasks_segment(tasks, 0, 1.0, 1), 1);
    expect_ok(queue_tasks_destroy(&tasks));
  }
}

/* A run of the scheduler in a world of its own time ------------------------------------------ */

typedef struct {
  PetscInt group_task[16];
  double group_end[16];
  int64_t group_steps[16];
  double now, busy;
  int64_t steps[MAX_CHAIN]; /* finished, by task */
  PetscInt crashes, running_suspects;
} world;

static void hand_out(world *w, queue_tasks *tasks, int groups, double segment)
{
  for (int g = 0; g < groups; g++) {
    const PetscInt i = w->group_task[g] < 0 ? queue_tasks_next(tasks) : -1;

    if (i < 0) continue;
    w->group_task[g] = i;
    w->group_steps[g] = queue_tasks_segment(tasks, i, segment, groups);
    w->group_end[g] = w->now + (double)w->group_steps[g] * queue_tasks_get(tasks, i)->spec.cost;
    w->running_suspects += queue_tasks_get(tasks, i)->crashes > 0;
    assert_true(w->running_suspects <= 1);
    apply(tasks, i, QUEUE_EVENT_ASSIGN);
  }
}

/* The group that ends first; -1: none runs. */
static int first_to_end(const world *w, int groups)
{
  int first = -1;

  for (int g = 0; g < groups; g++) {
    if (w->group_task[g] >= 0 && (first < 0 || w->group_end[g] < w->group_end[first])) first = g;
  }
  return first;
}

/* Runs all tasks; each segment is lost with probability `loss`, half of them as a crash.  Returns
   the makespan. */
static double simulate(queue_tasks *tasks, int groups, double segment, double loss, world *w,
                       random_stream *dice)
{
  int g;

  *w = (world){0};
  for (g = 0; g < groups; g++) w->group_task[g] = -1;
  for (hand_out(w, tasks, groups, segment); (g = first_to_end(w, groups)) >= 0;
       hand_out(w, tasks, groups, segment)) {
    const PetscInt i = w->group_task[g];
    const double seconds = w->group_end[g] - w->now;

    w->now = w->group_end[g];
    w->group_task[g] = -1;
    w->running_suspects -= queue_tasks_get(tasks, i)->crashes > 0;
    if (random_uniform(dice) < loss) {
      const PetscBool crash = (PetscBool)(random_uniform(dice) < 0.5);

      apply(tasks, i, crash ? QUEUE_EVENT_CRASH : QUEUE_EVENT_LOSE);
      w->crashes += crash ? 1 : 0;
    } else {
      w->steps[i] += w->group_steps[g];
      progress(tasks, i, w->group_steps[g],
               (double)w->group_steps[g] * queue_tasks_get(tasks, i)->spec.cost);
    }
    w->busy += seconds;
  }
  return w->now;
}

/* Best makespan of n <= 10 whole tasks on m groups, by trying all assignments. */
static double best_makespan(int n, const double cost[], int m, double load[], int k, double best)
{
  double most = 0.0;

  for (int g = 0; g < m; g++) most = PetscMax(most, load[g]);
  if (most >= best || k == n) return PetscMin(most, best);
  for (int g = 0; g < m; g++) {
    load[g] += cost[k];
    best = best_makespan(n, cost, m, load, k + 1, best);
    load[g] -= cost[k];
    if (load[g] == 0.0) break; /* empty groups are alike */
  }
  return best;
}

/* Whole tasks: Graham's bound 4/3 - 1/(3 m) against the best of all assignments, and the example
   that attains it: 2 m + 1 tasks of 2m-1, 2m-1, ..., m+1, m+1, m, m, m. */
static void test_graham_bound(void **state)
{
  random_stream dice = {.state = 7};
  world w;

  (void)state;
  for (int m = 2; m <= 7; m++) {
    const double bound = 4.0 / 3.0 - 1.0 / (3.0 * m);
    double cost[MAX_CHAIN];
    queue_tasks *tasks;
    double makespan;

    for (int trial = 0; trial < 12; trial++) {
      const int n = 5 + trial % 5;
      double load[7] = {0}, best;

      for (int i = 0; i < n; i++) cost[i] = 1.0 + (double)(random_bits(&dice) % 40);
      best = best_makespan(n, cost, m, load, 0, 1e9);
      tasks = make_tasks(n, cost, 1, 1);
      makespan = simulate(tasks, m, 1e9, 0.0, &w, &dice);
      expect_ok(queue_tasks_destroy(&tasks));
      if (makespan < best || makespan > bound * best) {
        fail_msg("%d tasks on %d groups: %g s, best %g, bound %g", n, m, makespan, best,
                 bound * best);
      }
    }
    for (int i = 0; i < 2 * m + 1; i++) cost[i] = i < 2 * m ? 2 * m - 1 - i / 2 : m;
    tasks = make_tasks(2 * m + 1, cost, 1, 1);
    makespan = simulate(tasks, m, 1e9, 0.0, &w, &dice);
    expect_near(makespan, bound * 3.0 * m, 1e-14, "the worst case of longest-first is attained");
    expect_ok(queue_tasks_destroy(&tasks));
  }
}

/* Segments that move between groups: within one last segment of the bound nobody can beat. */
static void test_segments_end_together(void **state)
{
  random_stream dice = {.state = 11};
  world w;

  (void)state;
  for (int m = 2; m <= 7; m++) {
    double cost[MAX_CHAIN], work = 0.0, longest = 0.0, makespan;
    const int n = 3 * m + 1;
    queue_tasks *tasks;

    for (int i = 0; i < n; i++) {
      cost[i] = 500.0 + 1500.0 * random_uniform(&dice);
      work += cost[i];
      longest = PetscMax(longest, cost[i]);
    }
    tasks = make_tasks(n, cost, 10000, 1);
    makespan = simulate(tasks, m, 60.0, 0.0, &w, &dice);
    for (int i = 0; i < n; i++) assert_int_equal(w.steps[i], 10000);
    /* the last segments are of 60/16 s up to rounding to steps of at most 0.2 s */
    if (makespan > PetscMax(work / m, longest) + 60.0 / 16.0 + 0.2) {
      fail_msg("%d groups: %g s, bound %g s", m, makespan, PetscMax(work / m, longest));
    }
    expect_near(w.busy + 0.0, w.busy, 0.0, "time is finite");
    expect_abs(queue_tasks_remaining(tasks, m), 0.0, 1e-9, "nothing remains");
    expect_ok(queue_tasks_destroy(&tasks));
  }
}

/* Whatever is lost on the way, each step of each task is done exactly once. */
static void test_random_failures(void **state)
{
  random_stream dice = {.state = 5};

  (void)state;
  for (int trial = 0; trial < 20; trial++) {
    double cost[MAX_CHAIN];
    const int n = 20, m = 2 + trial % 6;
    queue_tasks *tasks;
    world w;

    for (int i = 0; i < n; i++) cost[i] = 10.0 + 100.0 * random_uniform(&dice);
    tasks = make_tasks(n, cost, 200, 1000);
    simulate(tasks, m, 10.0, 0.2, &w, &dice);
    assert_true(w.crashes > 10);
    for (int i = 0; i < n; i++) {
      assert_int_equal(w.steps[i], 200);
      assert_int_equal(queue_tasks_get(tasks, i)->state, QUEUE_DONE);
      assert_int_equal(queue_tasks_get(tasks, i)->crashes, 0);
    }
    expect_ok(queue_tasks_destroy(&tasks));
  }
}

/* The heaps against a plain search through all tasks, over a long random history with changing
   costs and three stages a replica. */
static void test_next_is_the_longest(void **state)
{
  enum { CHAINS = 40, STAGES = 3 };
  random_stream dice = {.state = 3};
  queue_task_spec spec[CHAINS * STAGES];
  queue_tasks *tasks;
  int running = 0;

  (void)state;
  for (int i = 0; i < CHAINS * STAGES; i++) {
    spec[i] = (queue_task_spec){.key = key_of((unsigned)(i / STAGES / 4)),
                                .point = i / STAGES / 4,
                                .replica = i / STAGES % 4,
                                .stage = i % STAGES,
                                .total = 50 + i,
                                .cost = 1.0 + random_uniform(&dice)};
  }
  expect_ok(queue_tasks_create(CHAINS * STAGES, spec, 1 << 20, &tasks));
  for (int event = 0; event < 20000; event++) {
    const PetscInt next = queue_tasks_next(tasks);
    PetscInt want = -1, suspects = 0, i;
    double longest = -1.0;

    for (i = 0; i < CHAINS * STAGES; i++) {
      const queue_task *t = queue_tasks_get(tasks, i);

      suspects += t->state == QUEUE_RUNNING && t->crashes > 0;
    }
    for (i = 0; i < CHAINS * STAGES; i++) {
      const queue_task *t = queue_tasks_get(tasks, i);
      double sum = 0.0;

      if (t->state != QUEUE_READY || (t->crashes > 0 && suspects > 0)) continue;
      for (PetscInt j = i; j < (i / STAGES + 1) * STAGES; j++) {
        const queue_task *u = queue_tasks_get(tasks, j);

        sum += (double)(u->spec.total - u->done) * u->spec.cost;
      }
      if (sum > longest) {
        longest = sum;
        want = i;
      }
    }
    assert_int_equal(next, want);
    if (next >= 0 && (running < 8 || random_uniform(&dice) < 0.2)) {
      apply(tasks, next, QUEUE_EVENT_ASSIGN);
      running++;
    } else if (running > 0) {
      const double what = random_uniform(&dice);

      i = (PetscInt)(random_bits(&dice) % (CHAINS * STAGES));
      while (queue_tasks_get(tasks, i)->state != QUEUE_RUNNING) i = (i + 1) % (CHAINS * STAGES);
      running--;
      if (what < 0.2)
        apply(tasks, i, QUEUE_EVENT_LOSE);
      else if (what < 0.4)
        apply(tasks, i, QUEUE_EVENT_CRASH);
      else if (what < 0.401)
        apply(tasks, i, QUEUE_EVENT_FAIL);
      else
        progress(tasks, i, 1, 2.0 * random_uniform(&dice));
    }
  }
  expect_ok(queue_tasks_destroy(&tasks));
}

/* 100000 tasks: creation and a whole campaign of one segment each, in time that is linear up to a
   logarithm.  A search through all tasks for each would take minutes. */
static void test_many_tasks(void **state)
{
  enum { MANY = 99000 };
  queue_task_spec *spec = calloc(MANY, sizeof(*spec));
  queue_tasks *tasks;
  PetscLogDouble begin, end;
  PetscInt done = 0;

  (void)state;
  for (int i = 0; i < MANY; i++) {
    spec[i] = (queue_task_spec){.key = key_of((unsigned)(i / 30)),
                                .point = i / 30,
                                .replica = i / 3 % 10,
                                .stage = i % 3,
                                .total = 10,
                                .cost = 1.0 + i % 7};
  }
  PetscTime(&begin);
  expect_ok(queue_tasks_create(MANY, spec, 1, &tasks));
  for (PetscInt i = queue_tasks_next(tasks); i >= 0; i = queue_tasks_next(tasks), done++) {
    assert_true(queue_tasks_segment(tasks, i, 1e9, 1) > 0);
    apply(tasks, i, QUEUE_EVENT_ASSIGN);
    progress(tasks, i, 10, 20.0);
  }
  PetscTime(&end);
  assert_int_equal(done, MANY);
  print_message("%d tasks in %.3f s: %.2f us each\n", MANY, end - begin,
                1e6 * (end - begin) / MANY);
  assert_true(end - begin < 20.0); /* measured 0.3 s; quadratic would be some 200 s */
  expect_ok(queue_tasks_destroy(&tasks));
  free(spec);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_longest_first),
      cmocka_unit_test(test_chain_counts_whole),
      cmocka_unit_test(test_suspects_run_alone),
      cmocka_unit_test(test_segments),
      cmocka_unit_test(test_graham_bound),
      cmocka_unit_test(test_segments_end_together),
      cmocka_unit_test(test_random_failures),
      cmocka_unit_test(test_next_is_the_longest),
      cmocka_unit_test(test_many_tasks),
      cmocka_unit_test(test_priorities),
      cmocka_unit_test(test_pace),
  };

  return expect_main(argc, argv, about, tests);
}
