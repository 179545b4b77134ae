static const char about[] = "Records of several directories: what is kept, what is in conflict\n";
#include "tests/support/queue_support.h"

enum { SIZE = 24, NTASK = 4 };

static char folder[3][QUEUE_PATH_MAX]; /* two sources and where they go */

static int setup(void **state)
{
  (void)state;
  for (int i = 0; i < 3; i++) scratch_make(folder[i]);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  for (int i = 0; i < 3; i++) scratch_remove(folder[i]);
  return 0;
}

/* A segment of task `id` that ends at step `done`; `other`: with other bits than record_of()'s. */
static void put(int where, int32_t group, unsigned id, int64_t done, PetscBool other)
{
  unsigned char payload[SIZE];
  const queue_record r = record_of(QUEUE_RECORD_SEGMENT, id, done, payload, SIZE);
  queue_journal *journal;

  if (other) payload[3] ^= 1;
  expect_ok(queue_journal_open(folder[where], 0, group, &journal));
  expect_ok(queue_journal_append(journal, &r, PETSC_TRUE, NULL));
  expect_ok(queue_journal_close(&journal));
}

typedef struct {
  int64_t done[NTASK];
  int records, other;
  char name[32];
} told;

static PetscErrorCode visit(const queue_record *r, queue_place place, void *context)
{
  told *t = context;

  PetscFunctionBegin;
  (void)place;
  if (r->kind == QUEUE_RECORD_CAMPAIGN) {
    memcpy(t->name, r->payload, (size_t)r->size);
    PetscFunctionReturn(0);
  }
  for (unsigned id = 0; id < NTASK; id++) {
    const queue_key key = key_of(id);

    if (memcmp(&key, &r->key, sizeof(key)) != 0) continue;
    t->done[id] = r->done;
    t->other += !is_record_of(r, QUEUE_RECORD_SEGMENT, id, r->done, SIZE);
  }
  t->records++;
  PetscFunctionReturn(0);
}

typedef struct {
  int n;
  int64_t done;
  PetscInt first, second;
} conflicts;

static PetscErrorCode report(const queue_record *record, PetscInt first, PetscInt second,
                             void *context)
{
  conflicts *c = context;

  PetscFunctionBegin;
  c->n++;
  c->done = record->done;
  c->first = first;
  c->second = second;
  PetscFunctionReturn(0);
}

static conflicts merge(int first, int second, told *t)
{
  const char *source[2] = {folder[first], folder[second]};
  conflicts c = {0};
  int64_t generation;
  PetscInt torn;

  *t = (told){.records = 0};
  expect_ok(queue_tasks_merge(2, source, folder[2], "salt", report, &c, &generation));
  expect_ok(queue_journal_replay(folder[2], &generation, &torn, visit, t));
  assert_string_equal(t->name, "salt");
  return c;
}

/* Task 0 in both, task 1 farther in the second, task 2 and 3 in one each. */
static void fill(PetscBool other)
{
  put(0, 0, 0, 5, PETSC_FALSE);
  put(0, 0, 1, 2, PETSC_FALSE);
  put(0, 1, 2, 9, PETSC_FALSE);
  put(1, 0, 0, 5, other);
  put(1, 2, 1, 7, PETSC_FALSE);
  put(1, 0, 3, 1, PETSC_FALSE);
}

static void expect_all(const told *t, int other)
{
  static const int64_t done[NTASK] = {5, 7, 9, 1};

  assert_int_equal(t->records, NTASK);
  for (int id = 0; id < NTASK; id++) assert_int_equal(t->done[id], done[id]);
  assert_int_equal(t->other, other);
}

static void test_each_once_and_again(void **state)
{
  char before[2][4096], after[4096];
  told t;

  (void)state;
  fill(PETSC_FALSE);
  for (int i = 0; i < 2; i++) scratch_names(folder[i], before[i]);
  assert_int_equal(merge(0, 1, &t).n, 0);
  expect_all(&t, 0);
  assert_int_equal(merge(1, 0, &t).n, 0); /* into what is there, in the other order */
  expect_all(&t, 0);
  for (int i = 0; i < 2; i++) {
    scratch_names(folder[i], after);
    assert_string_equal(after, before[i]);
  }
}

static void test_conflict(void **state)
{
  conflicts c;
  told t;

  (void)state;
  fill(PETSC_TRUE);
  c = merge(0, 1, &t);
  assert_int_equal(c.n, 1);
  assert_int_equal(c.done, 5);
  assert_int_equal(c.first, 0);
  assert_int_equal(c.second, 1);
  expect_all(&t, 0); /* the first's bits */
  scratch_clear(folder[2]);
  assert_int_equal(merge(1, 0, &t).n, 1);
  expect_all(&t, 1);
}

int main(int argc, char **argv)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
  const struct CMUnitTest tests[] = {TEST(test_each_once_and_again), TEST(test_conflict)};

  return expect_main(argc, argv, about, tests);
}
