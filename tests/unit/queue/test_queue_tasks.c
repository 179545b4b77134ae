static const char about[] = "Tasks: replay in any order, events, crashes, edits, compaction\n";
#include "tests/support/queue_support.h"
#include "tests/support/random.h"

static char folder[QUEUE_PATH_MAX];

static int setup(void **state)
{
  (void)state;
  scratch_make(folder);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  scratch_remove(folder);
  return 0;
}

/* Two replicas of point 7 and one of point 8, each with stages 0, 1, 2 of 100 steps, 1 s a step. */
enum { N = 9 };

static void fill_specs(queue_task_spec spec[N])
{
  for (int i = 0; i < N; i++) {
    spec[i] = (queue_task_spec){.key = key_of(i < 6 ? 7 : 8),
                                .point = i < 6 ? 7 : 8,
                                .replica = i / 3 % 2,
                                .stage = i % 3,
                                .origin = 40 + i % 3,
                                .total = 100,
                                .cost = 1.0};
  }
}

static queue_tasks *make_tasks(PetscInt max_crashes)
{
  queue_task_spec spec[N];
  queue_tasks *tasks;

  fill_specs(spec);
  expect_ok(queue_tasks_create(N, spec, max_crashes, &tasks));
  return tasks;
}

static queue_record about_task(const queue_tasks *tasks, PetscInt i, queue_record_kind kind,
                               int64_t done)
{
  const queue_task_spec *s = &queue_tasks_get(tasks, i)->spec;

  return (queue_record){.kind = kind,
                        .key = s->key,
                        .replica = s->replica,
                        .stage = s->stage,
                        .origin = s->origin,
                        .done = done,
                        .total = s->total,
                        .status = kind == QUEUE_RECORD_FAILED ? -2 : 0,
                        .seconds = 3.0 * (double)done};
}

static void append(int64_t generation, int32_t group, const queue_record *record)
{
  queue_journal *journal;

  expect_ok(queue_journal_open(folder, generation, group, &journal));
  expect_ok(queue_journal_append(journal, record, PETSC_FALSE, NULL));
  expect_ok(queue_journal_close(&journal));
}

static void tell(const queue_tasks *tasks, int32_t group, PetscInt i, queue_record_kind kind,
                 int64_t done)
{
  const queue_record r = about_task(tasks, i, kind, done);

  append(0, group, &r);
}

static int64_t read_again(queue_tasks *tasks)
{
  int64_t generation = -1;

  expect_ok(queue_tasks_replay(tasks, folder, &generation, NULL));
  return generation;
}

static int64_t compact(void)
{
  int64_t generation = -1;

  expect_ok(queue_tasks_compact(folder, "salt", &generation));
  return generation;
}

/* One letter a task: Waiting, rEady, Running, Done, Failed, Quarantined. */
static const char *states(const queue_tasks *tasks)
{
  static char text[N + 1];

  for (int i = 0; i < N; i++) text[i] = "WERDFQ"[queue_tasks_get(tasks, i)->state];
  return text;
}

static void test_create(void **state)
{
  queue_tasks *tasks = make_tasks(1);

  (void)state;
  assert_int_equal(queue_tasks_count(tasks), N);
  assert_string_equal(states(tasks), "EWWEWWEWW");
  assert_null(queue_tasks_get(tasks, -1));
  assert_null(queue_tasks_get(tasks, N));
  assert_int_equal(queue_tasks_get(tasks, 4)->group, -1);
  expect_ok(queue_tasks_destroy(&tasks));
  assert_null(tasks);
  expect_ok(queue_tasks_destroy(&tasks));
  expect_ok(queue_tasks_create(0, NULL, 0, &tasks));
  assert_int_equal(queue_tasks_next(tasks), -1);
  assert_int_equal(read_again(tasks), 0);
  expect_ok(queue_tasks_destroy(&tasks));
}

static void test_create_errors(void **state)
{
  queue_task_spec spec[N];
  queue_tasks *tasks;

  (void)state;
#define REFUSED(change, text)                                                                      \
  fill_specs(spec);                                                                                \
  change;                                                                                          \
  expect_message(PETSC_ERR_ARG_OUTOFRANGE, text, queue_tasks_create(N, spec, 1, &tasks));          \
  assert_null(tasks)
  REFUSED(spec[3].total = 0, "Task 3 wants 0 steps, at least 1 is needed");
  REFUSED(spec[2].stage = -1, "Task 2 has replica 0 and stage -1, both must be >= 0");
  REFUSED(spec[1].cost = -2.0, "Task 1 has a cost of -2. s a step, a finite one >= 0 is needed");
  REFUSED(spec[1].stage = 0, "Task 1 is stage 0 of its replica, but follows stage 0");
  REFUSED(spec[7].stage = 2;
          spec[8].stage = 1, "Task 8 is stage 1 of its replica, but follows stage 2");
  REFUSED(spec[6].key = key_of(7),
          "Task 6 belongs to the same replica as task 0, but others stand between them");
#undef REFUSED
  fill_specs(spec);
  expect_message(PETSC_ERR_ARG_OUTOFRANGE,
                 "Got 9 tasks that may crash -1 times, neither can be negative",
                 queue_tasks_create(N, spec, -1, &tasks));
  spec[1].stage = 5; /* a stage left out is no error */
  spec[2].stage = 9;
  expect_ok(queue_tasks_create(N, spec, 1, &tasks));
  expect_ok(queue_tasks_destroy(&tasks));
}

/* Which record counts: right identity, right origin, not longer than wanted, largest done. */
static void test_which_record_counts(void **state)
{
  queue_tasks *tasks = make_tasks(1);
  const queue_task *t = queue_tasks_get(tasks, 0);
  queue_record r;

  (void)state;
  tell(tasks, 2, 0, QUEUE_RECORD_SEGMENT, 40);
  tell(tasks, 1, 0, QUEUE_RECORD_SEGMENT, 60);
  tell(tasks, 0, 0, QUEUE_RECORD_SEGMENT, 20);
  tell(tasks, 0, 0, QUEUE_RECORD_SEGMENT, 101);
  r = about_task(tasks, 0, QUEUE_RECORD_SEGMENT, 80);
  r.origin++;
  append(0, 0, &r);
  r = about_task(tasks, 0, QUEUE_RECORD_SEGMENT, 90);
  r.key.byte[31] ^= 1;
  append(0, 0, &r);
  r = about_task(tasks, 0, QUEUE_RECORD_SEGMENT, 95);
  r.replica = 1;
  append(0, 0, &r); /* of task 3 */
  read_again(tasks);
  assert_int_equal(t->done, 60);
  assert_int_equal(t->place.group, 1);
  assert_true(t->has_place);
  assert_int_equal(t->kind, QUEUE_RECORD_SEGMENT);
  expect_abs(t->seconds, 180.0, 0.0, "wall time of the newest record");
  assert_int_equal(queue_tasks_get(tasks, 3)->done, 95);
  expect_ok(queue_tasks_destroy(&tasks));
}

static void test_chain_of_finished_stages(void **state)
{
  queue_tasks *tasks = make_tasks(1);

  (void)state;
  tell(tasks, 0, 0, QUEUE_RECORD_SEGMENT, 100);
  tell(tasks, 0, 1, QUEUE_RECORD_SEGMENT, 100);
  tell(tasks, 1, 2, QUEUE_RECORD_SEGMENT, 30);
  tell(tasks, 1, 4, QUEUE_RECORD_SEGMENT, 100); /* but stage 0 of that replica is not there */
  tell(tasks, 1, 6, QUEUE_RECORD_FAILED, 50);
  tell(tasks, 0, 6, QUEUE_RECORD_SEGMENT, 50);
  read_again(tasks);
  assert_string_equal(states(tasks), "DDEEWWFFF");
  assert_int_equal(queue_tasks_get(tasks, 6)->status, -2);
  assert_int_equal(queue_tasks_get(tasks, 6)->kind, QUEUE_RECORD_FAILED);
  { /* when the missing stage is finished, the next one takes up its record and finishes too */
    const queue_record r = about_task(tasks, 3, QUEUE_RECORD_SEGMENT, 100);
    const queue_place place = {.group = 3};

    expect_ok(queue_tasks_apply(tasks, 3, QUEUE_EVENT_ASSIGN, NULL, &place));
    assert_int_equal(queue_tasks_get(tasks, 3)->group, 3);
    expect_ok(queue_tasks_apply(tasks, 3, QUEUE_EVENT_FINISH, &r, &place));
  }
  assert_string_equal(states(tasks), "DDEDDEFFF");
  assert_int_equal(queue_tasks_get(tasks, 3)->group, -1);
  expect_ok(queue_tasks_destroy(&tasks));
}

/* A digest of everything replay decides, without where it was found. */
static void digest(const queue_tasks *tasks, char text[1024])
{
  text[0] = '\0';
  for (int i = 0; i < N; i++) {
    const queue_task *t = queue_tasks_get(tasks, i);

    snprintf(text + strlen(text), 1024 - strlen(text), "%s %d %d %d %d %d %g;",
             queue_state_name(t->state), (int)t->done, (int)t->kind, (int)t->crashes,
             (int)t->started, (int)t->status, t->spec.cost);
  }
}

/* The same records dealt to other groups in another order tell the same, also when read twice and
   after a compaction. */
static void test_order_does_not_matter(void **state)
{
  enum { NRECORD = 60, ROUNDS = 25 };
  random_stream dice = {.state = 20};
  queue_tasks *tasks = make_tasks(1);
  queue_record record[NRECORD];
  char first[1024] = "", now[1024];

  (void)state;
  for (int k = 0; k < NRECORD; k++) {
    static const queue_record_kind kinds[] = {QUEUE_RECORD_SEGMENT, QUEUE_RECORD_SEGMENT,
                                              QUEUE_RECORD_SEGMENT, QUEUE_RECORD_STARTED,
                                              QUEUE_RECORD_CRASHED, QUEUE_RECORD_FAILED};
    const PetscInt i = (PetscInt)(random_bits(&dice) % N);
    const queue_record_kind kind = kinds[random_bits(&dice) % (i < 3 ? 6 : 5)];

    record[k] = about_task(tasks, i, kind, 25 * (int64_t)(random_bits(&dice) % 5));
    if (kind == QUEUE_RECORD_CRASHED) record[k].status = 1 + (int32_t)(random_bits(&dice) % 2);
  }
  for (int round = 0; round < ROUNDS; round++) {
    queue_journal *journal[3];

    scratch_clear(folder);
    for (int g = 0; g < 3; g++) expect_ok(queue_journal_open(folder, 0, g, &journal[g]));
    for (int k = NRECORD - 1; k > 0; k--) {
      const int j = (int)(random_bits(&dice) % (uint64_t)(k + 1));
      const queue_record swap = record[k];

      record[k] = record[j];
      record[j] = swap;
    }
    for (int k = 0; k < NRECORD; k++) {
      expect_ok(
          queue_journal_append(journal[random_bits(&dice) % 3], &record[k], PETSC_FALSE, NULL));
    }
    for (int g = 0; g < 3; g++) expect_ok(queue_journal_close(&journal[g]));
    read_again(tasks);
    digest(tasks, now);
    if (round == 0) strcpy(first, now);
    assert_string_equal(now, first);
    read_again(tasks);
    digest(tasks, now);
    assert_string_equal(now, first);
  }
  assert_non_null(strstr(first, "failed"));
  assert_non_null(strstr(first, "done"));
  expect_ok(queue_tasks_destroy(&tasks));
}

static void run(queue_tasks *tasks, PetscInt i)
{
  expect_ok(queue_tasks_apply(tasks, i, QUEUE_EVENT_ASSIGN, NULL, NULL));
}

static PetscErrorCode end(queue_tasks *tasks, PetscInt i, queue_event event, queue_record_kind kind,
                          int64_t done)
{
  const queue_record r = about_task(tasks, i, kind, done);
  const queue_place place = {.group = 1, .generation = 2, .offset = 333};

  return queue_tasks_apply(tasks, i, event, &r, &place);
}

static void test_events(void **state)
{
  queue_tasks *tasks = make_tasks(1);
  const queue_task *t = queue_tasks_get(tasks, 0);

  (void)state;
  run(tasks, 0);
  expect_ok(end(tasks, 0, QUEUE_EVENT_SEGMENT, QUEUE_RECORD_SEGMENT, 30));
  assert_string_equal(states(tasks), "EWWEWWEWW");
  assert_int_equal(t->done, 30);
  assert_int_equal(t->place.offset, 333);
  run(tasks, 0);
  expect_ok(queue_tasks_apply(tasks, 0, QUEUE_EVENT_LOSE, NULL, NULL));
  assert_int_equal(t->crashes, 0);
  run(tasks, 0);
  expect_ok(end(tasks, 0, QUEUE_EVENT_FINISH, QUEUE_RECORD_SEGMENT, 100));
  assert_string_equal(states(tasks), "DEWEWWEWW");
  run(tasks, 1);
  expect_ok(end(tasks, 1, QUEUE_EVENT_FAIL, QUEUE_RECORD_FAILED, 70));
  assert_string_equal(states(tasks), "DFFEWWEWW");
  run(tasks, 3);
  expect_ok(queue_tasks_apply(tasks, 3, QUEUE_EVENT_FAIL, NULL, NULL));
  assert_string_equal(states(tasks), "DFFFFFEWW");
  run(tasks, 6);
  expect_ok(queue_tasks_apply(tasks, 6, QUEUE_EVENT_CRASH, NULL, NULL));
  assert_string_equal(states(tasks), "DFFFFFEWW");
  run(tasks, 6);
  expect_ok(queue_tasks_apply(tasks, 6, QUEUE_EVENT_CRASH, NULL, NULL)); /* beyond one allowed */
  assert_string_equal(states(tasks), "DFFFFFQQQ");
  expect_ok(queue_tasks_destroy(&tasks));
}

/* A wrong event or record is refused and changes nothing. */
static void test_event_errors(void **state)
{
  queue_tasks *tasks = make_tasks(1);
  queue_record other;
  const queue_place place = {0};
  char before[1024], after[1024];

  (void)state;
  digest(tasks, before);
  expect_message(PETSC_ERR_PLIB, "Task 9 does not exist, there are 9",
                 queue_tasks_apply(tasks, 9, QUEUE_EVENT_ASSIGN, NULL, NULL));
  expect_message(PETSC_ERR_PLIB, "Task 1 is waiting: it cannot take the event \"assign\"",
                 queue_tasks_apply(tasks, 1, QUEUE_EVENT_ASSIGN, NULL, NULL));
  expect_message(PETSC_ERR_PLIB, "Task 0 is ready: it cannot take the event \"segment\"",
                 end(tasks, 0, QUEUE_EVENT_SEGMENT, QUEUE_RECORD_SEGMENT, 30));
  digest(tasks, after);
  assert_string_equal(before, after);
  run(tasks, 0);
  digest(tasks, before);
  expect_message(PETSC_ERR_PLIB, "Task 0: the event \"segment\" needs a record and its place",
                 queue_tasks_apply(tasks, 0, QUEUE_EVENT_SEGMENT, NULL, &place));
  other = about_task(tasks, 3, QUEUE_RECORD_SEGMENT, 30);
  expect_message(PETSC_ERR_PLIB, "Task 0: the record of \"segment\" is of another task",
                 queue_tasks_apply(tasks, 0, QUEUE_EVENT_SEGMENT, &other, &place));
  other = about_task(tasks, 0, QUEUE_RECORD_SEGMENT, 30);
  other.origin = 0;
  expect_error(PETSC_ERR_PLIB, queue_tasks_apply(tasks, 0, QUEUE_EVENT_SEGMENT, &other, &place));
#define MISFIT(event, kind, done, text)                                                            \
  expect_message(PETSC_ERR_PLIB, "Task 0 has done 0 of 100 steps: a record of kind " text,         \
                 end(tasks, 0, event, kind, done))
  MISFIT(QUEUE_EVENT_SEGMENT, QUEUE_RECORD_SEGMENT, 100,
         "3 with 100 steps cannot stand for \"segment\"");
  MISFIT(QUEUE_EVENT_SEGMENT, QUEUE_RECORD_SEGMENT, 0,
         "3 with 0 steps cannot stand for \"segment\"");
  MISFIT(QUEUE_EVENT_FINISH, QUEUE_RECORD_SEGMENT, 99,
         "3 with 99 steps cannot stand for \"finish\"");
  MISFIT(QUEUE_EVENT_FINISH, QUEUE_RECORD_FAILED, 100,
         "4 with 100 steps cannot stand for \"finish\"");
  MISFIT(QUEUE_EVENT_FAIL, QUEUE_RECORD_SEGMENT, 50, "3 with 50 steps cannot stand for \"fail\"");
  MISFIT(QUEUE_EVENT_FAIL, QUEUE_RECORD_FAILED, 101, "4 with 101 steps cannot stand for \"fail\"");
#undef MISFIT
  digest(tasks, after);
  assert_string_equal(before, after);
  expect_ok(queue_tasks_destroy(&tasks));
}

static PetscInt note(queue_tasks *tasks, int64_t generation, PetscInt i)
{
  queue_journal *journal;

  expect_ok(queue_journal_open(folder, generation, 0, &journal));
  expect_ok(queue_tasks_note_crashes(tasks, folder, journal));
  expect_ok(queue_journal_close(&journal));
  return queue_tasks_get(tasks, i)->crashes;
}

/* One death after another, with and without a compaction between, noted once or twice. */
static void test_crashes_are_counted_once(void **state)
{
  queue_tasks *tasks = make_tasks(3);
  queue_record r;
  int64_t generation;

  (void)state;
  tell(tasks, 1, 0, QUEUE_RECORD_STARTED, 0);
  tell(tasks, 1, 0, QUEUE_RECORD_SEGMENT, 10);
  tell(tasks, 1, 0, QUEUE_RECORD_STARTED, 10);
  read_again(tasks);
  assert_int_equal(queue_tasks_get(tasks, 0)->started, 1);
  assert_int_equal(queue_tasks_get(tasks, 0)->crashes, 0); /* a kill -9 by somebody is no crash */
  assert_int_equal(note(tasks, 0, 0), 1);
  assert_int_equal(note(tasks, 0, 0), 1);
  generation = compact();
  assert_int_equal(note(tasks, generation, 0), 1);
  assert_int_equal(queue_tasks_get(tasks, 0)->started, 0);
  r = about_task(tasks, 0, QUEUE_RECORD_STARTED, 10);
  append(generation, 2, &r);
  assert_int_equal(note(tasks, generation, 0), 2);
  append(generation, 1, &r); /* a second death before the compaction */
  assert_int_equal(note(tasks, generation, 0), 3);
  generation = compact();
  generation = compact();
  assert_int_equal(note(tasks, generation, 0), 3);
  assert_string_equal(states(tasks), "EWWEWWEWW");
  append(generation, 1, &r);
  assert_int_equal(note(tasks, generation, 0), 4);
  assert_string_equal(states(tasks), "QQQEWWEWW");
  generation = compact();
  read_again(tasks);
  assert_string_equal(states(tasks), "QQQEWWEWW");
  expect_ok(queue_tasks_destroy(&tasks));
}

static void test_progress_clears_crashes(void **state)
{
  queue_tasks *tasks = make_tasks(3);

  (void)state;
  tell(tasks, 1, 0, QUEUE_RECORD_STARTED, 0);
  assert_int_equal(note(tasks, 0, 0), 1);
  tell(tasks, 2, 0, QUEUE_RECORD_STARTED, 0);
  tell(tasks, 2, 0, QUEUE_RECORD_SEGMENT, 10);
  assert_int_equal(note(tasks, 0, 0), 0);
  tell(tasks, 2, 0, QUEUE_RECORD_STARTED, 10);
  tell(tasks, 2, 0, QUEUE_RECORD_FAILED, 10); /* fails in its first step: an answer */
  assert_int_equal(note(tasks, 0, 0), 0);
  tell(tasks, 2, 3, QUEUE_RECORD_STARTED, 0); /* answered by a record too long for this campaign */
  tell(tasks, 2, 3, QUEUE_RECORD_SEGMENT, 200);
  assert_int_equal(note(tasks, 0, 3), 0);
  run(tasks, 6);
  expect_ok(queue_tasks_apply(tasks, 6, QUEUE_EVENT_CRASH, NULL, NULL));
  run(tasks, 6);
  expect_ok(end(tasks, 6, QUEUE_EVENT_SEGMENT, QUEUE_RECORD_SEGMENT, 1));
  assert_int_equal(queue_tasks_get(tasks, 6)->crashes, 0);
  expect_ok(queue_tasks_destroy(&tasks));
}

/* An edited campaign after a compaction: longer goes on, shorter begins anew, other origins keep
   their own, points that were taken out come back. */
static void test_edited_campaign(void **state)
{
  queue_tasks *tasks = make_tasks(1), *edited;
  queue_task_spec spec[N];
  int64_t generation;
  char *name;

  (void)state;
  for (PetscInt i = 0; i < N; i++) {
    tell(tasks, i % 4, i, QUEUE_RECORD_SEGMENT, 50);
    tell(tasks, i % 3, i, QUEUE_RECORD_SEGMENT, 100);
  }
  expect_ok(queue_tasks_destroy(&tasks));
  assert_int_equal(compact(), 1);
  fill_specs(spec);
  for (int i = 0; i < 3; i++) spec[i].total = i == 0 ? 150 : 100; /* replica 0: a longer stage 0 */
  spec[1].origin = spec[2].origin = 99;
  spec[3].total = 80;                                 /* replica 1: a shorter one */
  expect_ok(queue_tasks_create(6, spec, 1, &edited)); /* and point 8 taken out */
  expect_ok(queue_tasks_replay(edited, folder, &generation, &name));
  assert_int_equal(generation, 1);
  assert_string_equal(name, "salt");
  expect_ok(PetscFree(name));
  assert_int_equal(queue_tasks_get(edited, 0)->done, 100);
  assert_int_equal(queue_tasks_get(edited, 0)->state, QUEUE_READY);
  assert_int_equal(queue_tasks_get(edited, 1)->done, 0);
  assert_int_equal(queue_tasks_get(edited, 3)->done, 0);
  assert_int_equal(queue_tasks_get(edited, 4)->state, QUEUE_WAITING);
  { /* stage 1 of replica 0 runs under its new origin */
    const queue_record r = about_task(edited, 1, QUEUE_RECORD_SEGMENT, 70);

    append(1, 5, &r);
  }
  expect_ok(queue_tasks_destroy(&edited));
  assert_int_equal(compact(), 2);
  tasks = make_tasks(1); /* changed back */
  assert_int_equal(read_again(tasks), 2);
  assert_string_equal(states(tasks), "DDDDDDDDD");
  expect_ok(queue_tasks_destroy(&tasks));
  spec[0].total = 100;
  expect_ok(queue_tasks_create(6, spec, 1, &edited));
  expect_ok(queue_tasks_replay(edited, folder, &generation, NULL));
  assert_int_equal(queue_tasks_get(edited, 1)->done, 70);
  expect_ok(queue_tasks_destroy(&edited));
}

/* More tasks than any table here begins with. */
static void test_many_records(void **state)
{
  enum { MANY = 1000 };
  queue_task_spec *spec = calloc(MANY, sizeof(*spec));
  queue_journal *journal;
  queue_tasks *tasks;

  (void)state;
  for (int i = 0; i < MANY; i++) {
    spec[i] = (queue_task_spec){.key = key_of(3), .replica = i, .total = MANY, .cost = 1.0};
  }
  expect_ok(queue_tasks_create(MANY, spec, 1, &tasks));
  expect_ok(queue_journal_open(folder, 0, 0, &journal));
  for (int i = 0; i < MANY; i++) {
    const queue_record r = about_task(tasks, i, QUEUE_RECORD_SEGMENT, i + 1);

    expect_ok(queue_journal_append(journal, &r, PETSC_FALSE, NULL));
  }
  expect_ok(queue_journal_close(&journal));
  compact();
  assert_int_equal(read_again(tasks), 1);
  for (int i = 0; i < MANY; i++) assert_int_equal(queue_tasks_get(tasks, i)->done, i + 1);
  expect_ok(queue_tasks_destroy(&tasks));
  free(spec);
}

/* Costs come from finished segments and are shared inside a stage of a point; where nothing was
   finished, estimates are corrected by what others took over theirs. */
static void test_costs(void **state)
{
  queue_tasks *tasks = make_tasks(1);

  (void)state;
  run(tasks, 0);
  expect_ok(end(tasks, 0, QUEUE_EVENT_SEGMENT, QUEUE_RECORD_SEGMENT, 20)); /* 60 s: 3 s a step */
  expect_near(queue_tasks_get(tasks, 0)->spec.cost, 3.0, 1e-15, "own cost");
  expect_near(queue_tasks_get(tasks, 3)->spec.cost, 3.0, 1e-15, "the other replica's");
  expect_near(queue_tasks_get(tasks, 1)->spec.cost, 3.0, 1e-15, "another stage's, at this pace");
  expect_near(queue_tasks_get(tasks, 6)->spec.cost, 3.0, 1e-15, "another point's, at this pace");
  /* replica 0 has 280 steps of 3 s left, replica 1 300, point 8 300 */
  expect_near(queue_tasks_remaining(tasks, 1), 840.0 + 900.0 + 900.0, 1e-14, "all the work");
  expect_near(queue_tasks_remaining(tasks, 2), 1320.0, 1e-14, "shared by two");
  expect_near(queue_tasks_remaining(tasks, 8), 900.0, 1e-14, "the longest chain");
  tell(tasks, 0, 0, QUEUE_RECORD_SEGMENT, 20);
  read_again(tasks);
  expect_near(queue_tasks_remaining(tasks, 1), 2640.0, 1e-14, "the same after a replay");
  run(tasks, 6);
  expect_ok(end(tasks, 6, QUEUE_EVENT_FAIL, QUEUE_RECORD_FAILED, 0));
  expect_near(queue_tasks_remaining(tasks, 1), 1740.0, 1e-14, "what failed is not work");
  expect_ok(queue_tasks_destroy(&tasks));
}

/* Replica 1 of point 7 is held: no work until it is released, and again after a start at which it
 * has no segment; with one it goes on by itself. */
static void test_held(void **state)
{
  queue_task_spec spec[N];
  queue_tasks *tasks;

  (void)state;
  fill_specs(spec);
  for (int i = 3; i < 6; i++) spec[i].held = PETSC_TRUE;
  expect_ok(queue_tasks_create(N, spec, 1, &tasks));
  for (int i = 3; i < 6; i++) assert_int_equal(queue_tasks_get(tasks, i)->state, QUEUE_HELD);
  expect_near(queue_tasks_remaining(tasks, 1), 600.0, 1e-14, "what is held is not work");
  expect_ok(queue_tasks_release(tasks, 4));
  assert_string_equal(states(tasks), "EWWEWWEWW");
  expect_near(queue_tasks_remaining(tasks, 1), 900.0, 1e-14, "what is released is");
  run(tasks, 0);
  run(tasks, 6);
  assert_int_equal(queue_tasks_next(tasks), 3);
  expect_error(PETSC_ERR_PLIB, queue_tasks_release(tasks, 3));
  tell(tasks, 0, 3, QUEUE_RECORD_STARTED, 0);
  read_again(tasks);
  assert_int_equal(queue_tasks_get(tasks, 3)->state, QUEUE_HELD);
  assert_int_equal(queue_tasks_get(tasks, 5)->state, QUEUE_HELD);
  tell(tasks, 0, 3, QUEUE_RECORD_SEGMENT, 20);
  read_again(tasks);
  assert_string_equal(states(tasks), "EWWEWWEWW");
  assert_int_equal(queue_tasks_get(tasks, 3)->done, 20);
  expect_error(PETSC_ERR_PLIB, queue_tasks_release(tasks, N));
  expect_ok(queue_tasks_destroy(&tasks));
}

/* What is held and crashes its process before its first segment is held again once, with one crash
 * allowed; then it is given up, after every later start, too. */
static void test_held_crashes(void **state)
{
  queue_task_spec spec[N];
  queue_tasks *tasks;

  (void)state;
  fill_specs(spec);
  for (int i = 3; i < 6; i++) spec[i].held = PETSC_TRUE;
  expect_ok(queue_tasks_create(N, spec, 1, &tasks));
  tell(tasks, 0, 3, QUEUE_RECORD_STARTED, 0);
  assert_int_equal(note(tasks, 0, 3), 1);
  read_again(tasks);
  assert_int_equal(queue_tasks_get(tasks, 3)->state, QUEUE_HELD);
  tell(tasks, 0, 3, QUEUE_RECORD_STARTED, 0);
  assert_int_equal(note(tasks, 0, 3), 2);
  for (int again = 0; again < 2; again++) {
    read_again(tasks);
    for (int i = 3; i < 6; i++)
      assert_int_equal(queue_tasks_get(tasks, i)->state, QUEUE_QUARANTINED);
    assert_int_equal(queue_tasks_get(tasks, 3)->crashes, 2);
    expect_error(PETSC_ERR_PLIB, queue_tasks_release(tasks, 3));
  }
  expect_near(queue_tasks_remaining(tasks, 1), 600.0, 1e-14, "no work");
  expect_ok(queue_tasks_destroy(&tasks));
}

int main(int argc, char **argv)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_create),
      TEST(test_create_errors),
      TEST(test_which_record_counts),
      TEST(test_chain_of_finished_stages),
      TEST(test_order_does_not_matter),
      TEST(test_events),
      TEST(test_event_errors),
      TEST(test_crashes_are_counted_once),
      TEST(test_progress_clears_crashes),
      TEST(test_edited_campaign),
      TEST(test_many_records),
      TEST(test_costs),
      TEST(test_held),
      TEST(test_held_crashes),
  };

  return expect_main(argc, argv, about, tests);
}
