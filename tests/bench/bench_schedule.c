/* tests/bench/bench_schedule.c - the dispatcher without dynamics: a million tasks, ten thousand
 * workers
 *
 * What is timed is the code that a run uses: queue_tasks_next(), queue_tasks_segment(),
 * queue_tasks_apply().  The world around it is made up.  The lengths of replicas are log-normal
 * (standard deviation 1 of the logarithm, mean 600 s), and what they take is what was predicted
 * times a log-normal factor of 20 %.  Every replica is a point of its own, so that nobody learns
 * from others; in the last case 4 replicas of 2 stages make a point and do, and the deviation is
 * 0.7, because with 1 the longest replica alone would be longer than everybody's share.
 *
 * Time in the world.  One dispatcher serves one answer after the other, in the order of arrival,
 * and spends HANDLING on each: what 10^4 answers a second allow, whatever this machine can do.  An
 * answer is found a nap of a millisecond late and an order as well.  A worker is idle from its
 * answer to its next order, before its first and after its last.
 *
 * Limits: 10^4 tasks handed out and taken back in a second of processor time, 2 % idle, a kilobyte
 * of memory a task that does not grow during the campaign.
 */
static const char about[] = "Scheduling: a million tasks on ten thousand workers\n";
#include "tests/support/queue_support.h"
#include "tests/support/random.h"

#include <malloc.h>
#include <time.h>

#define MEAN_SECONDS 600.0
#define PREDICTED    0.2
#define HANDLING     1e-4
#define NAP          1e-3
enum { STEPS = 100000 };

/* A segment at work. */
typedef struct {
  double end; /* [s] */
  PetscInt task;
  int64_t steps;
  double seconds;
} flight;

/* Workers at work, the first to end on top. */
typedef struct {
  flight *heap; /* [workers] */
  PetscInt n, workers;
  double *truth;                   /* [task] [s] a step */
  double free_at, busy, last, now; /* [s] dispatcher, sum of workers, last end */
  PetscInt segments;
} world;

static void push(world *w, flight f)
{
  PetscInt i = w->n++;

  for (; i > 0 && f.end < w->heap[(i - 1) / 2].end; i = (i - 1) / 2)
    w->heap[i] = w->heap[(i - 1) / 2];
  w->heap[i] = f;
}

static flight pop(world *w)
{
  const flight top = w->heap[0], f = w->heap[--w->n];
  PetscInt i = 0;

  for (PetscInt child = 1; child < w->n; child = 2 * i + 1) {
    if (child + 1 < w->n && w->heap[child + 1].end < w->heap[child].end) child++;
    if (!(w->heap[child].end < f.end)) break;
    w->heap[i] = w->heap[child];
    i = child;
  }
  w->heap[i] = f;
  return top;
}

/* The dispatcher spends its time on one worker. */
static double serve(world *w, double asked)
{
  w->free_at = PetscMax(w->free_at, asked + NAP) + HANDLING;
  return w->free_at;
}

static PetscBool hand_out(world *w, queue_tasks *tasks, double now, double segment)
{
  const PetscInt i = queue_tasks_next(tasks);
  flight f = {.task = i};

  if (i < 0) return PETSC_FALSE;
  f.steps = queue_tasks_segment(tasks, i, segment, w->workers);
  f.seconds = (double)f.steps * w->truth[i];
  f.end = now + NAP + f.seconds;
  expect_ok(queue_tasks_apply(tasks, i, QUEUE_EVENT_ASSIGN, NULL, NULL));
  push(w, f);
  return PETSC_TRUE;
}

static void take(queue_tasks *tasks, const flight *f)
{
  const queue_task *t = queue_tasks_get(tasks, f->task);
  const queue_place place = {.group = 0};
  const queue_record record = {.kind = QUEUE_RECORD_SEGMENT,
                               .key = t->spec.key,
                               .replica = t->spec.replica,
                               .stage = t->spec.stage,
                               .done = t->done + f->steps,
                               .total = t->spec.total,
                               .seconds = t->seconds + f->seconds};
  const PetscBool last = (PetscBool)(record.done == record.total);

  expect_ok(queue_tasks_apply(tasks, f->task, last ? QUEUE_EVENT_FINISH : QUEUE_EVENT_SEGMENT,
                              &record, &place));
}

/* All tasks from the first order to the last answer. */
static void run_world(world *w, queue_tasks *tasks, double segment)
{
  PetscInt idle = w->workers;

  for (;;) {
    while (idle > 0 && hand_out(w, tasks, serve(w, w->now), segment)) idle--;
    if (w->n == 0) break;
    {
      const flight f = pop(w);

      w->now = w->last = f.end;
      w->busy += f.seconds;
      w->segments++;
      take(tasks, &f);
      idle++;
    }
  }
}

static queue_key key_of_point(PetscInt point)
{
  queue_key key = key_of((unsigned)point);

  memcpy(key.byte, &point, sizeof(point));
  return key;
}

/* `replicas` of each point have the same length; `stages` share it. */
static queue_tasks *make_tasks(PetscInt n, int replicas, int stages, double spread, double truth[])
{
  random_stream dice = {.state = 1};
  queue_task_spec *spec = calloc((size_t)n, sizeof(*spec));
  queue_tasks *tasks;
  double length = 0.0, factor = 0.0;

  for (PetscInt i = 0; i < n; i++) {
    const PetscInt point = i / (replicas * stages);

    if (i % (replicas * stages) == 0) {
      length = MEAN_SECONDS * exp(spread * random_normal(&dice) - 0.5 * spread * spread);
      factor = exp(PREDICTED * random_normal(&dice));
    }
    spec[i] = (queue_task_spec){.key = key_of_point(point),
                                .point = point,
                                .replica = (int32_t)(i / stages % replicas),
                                .stage = (int32_t)(i % stages),
                                .total = STEPS,
                                .cost = length / (double)stages / STEPS};
    truth[i] = spec[i].cost * factor;
  }
  expect_ok(queue_tasks_create(n, spec, 1, &tasks));
  free(spec);
  return tasks;
}

/* [s] of processor time */
static double cpu_seconds(void)
{
  struct timespec now;

  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double allocated(void)
{
  const struct mallinfo2 info = mallinfo2();

  return (double)info.uordblks + (double)info.hblkhd;
}

/* One line of the table, and the limits. */
static void measure(const char *name, PetscInt n, int replicas, int stages, double spread,
                    double segment)
{
  const PetscInt workers = n / 100;
  world w = {.workers = workers};
  const double empty = allocated();
  double begin, made, end, before, after, idle, rate;
  queue_tasks *tasks;

  w.truth = calloc((size_t)n, sizeof(double));
  w.heap = calloc((size_t)workers, sizeof(flight));
  begin = cpu_seconds();
  tasks = make_tasks(n, replicas, stages, spread, w.truth);
  made = cpu_seconds();
  before = allocated() - empty;
  run_world(&w, tasks, segment);
  end = cpu_seconds();
  after = allocated() - empty;
  idle = 1.0 - w.busy / ((double)workers * w.last);
  rate = (double)w.segments / (end - made);
  print_message("| %-22s | %8d | %9d | %8.0f | %7.2f | %6.0f | %5.1f | %5.2f %% |\n", name, (int)n,
                (int)w.segments, w.last, made - begin, rate * 1e-3, after / (double)n,
                100.0 * idle);
  for (PetscInt i = 0; i < n; i++)
    if (queue_tasks_get(tasks, i)->state != QUEUE_DONE) fail_msg("task %d is not done", (int)i);
  expect_ok(queue_tasks_destroy(&tasks));
  free(w.truth);
  free(w.heap);
  if (rate < 1e4) fail_msg("%s: %.0f tasks a second, wanted 10000", name, rate);
  if (idle > 0.02) fail_msg("%s: %.2f %% idle, wanted 2 %%", name, 100.0 * idle);
  if (after > 1024.0 * (double)n || after > before + 65536.0)
    fail_msg("%s: %.0f bytes a task, %.0f after creation", name, after / (double)n,
             before / (double)n);
}

static void test_a_million_tasks(void **state)
{
  PetscInt n = 1000000;

  (void)state;
  expect_ok(PetscOptionsGetInt(NULL, NULL, "-tasks", &n, NULL));
  print_message("| case                   |    tasks |  segments | time [s] | made [s] | 1000/s | "
                "byte/task | idle |\n");
  measure("whole tasks", n, 1, 1, 1.0, 1e9);
  measure("segments of 300 s", n, 1, 1, 1.0, 300.0);
  measure("4 replicas, 2 stages", n, 4, 2, 0.7, 300.0);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_million_tasks)};

  return expect_main(argc, argv, about, tests);
}
