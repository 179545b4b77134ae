static const char about[] =
    "Journals under kill -9: at random bytes, at random times, while read\n";
/* Children append to one directory, compact it, and tell each acknowledged record through a pipe.
   Each is killed somewhere; the next one starts from what it left.  After every kill the journals
   must tell everything that any child was acknowledged, and nothing that none tried.
   usage: test_queue_kill [-kills N] */
#include "queue/queue_fault.h"
#include "tests/support/queue_support.h"
#include "tests/support/random.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

enum { NTASK = 5, MAX_SIZE = 5000 };

static PetscInt kills = 60;
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

/* [byte] payload of a task's record; some are longer than a page */
static size_t size_of(unsigned id, int64_t done)
{
  return (size_t)((id * 1237 + (uint64_t)done * 311) % MAX_SIZE);
}

typedef struct {
  int64_t newest[NTASK], generation;
  int wrong;
} told;

static PetscErrorCode visit(const queue_record *record, queue_place place, void *context)
{
  told *t = context;
  PetscBool known = (PetscBool)(record->kind == QUEUE_RECORD_CAMPAIGN);

  PetscFunctionBegin;
  (void)place;
  for (unsigned id = 0; id < NTASK && !known; id++) {
    const queue_key key = key_of(id);

    if (memcmp(&key, &record->key, sizeof(key))) continue;
    known = is_record_of(record, QUEUE_RECORD_SEGMENT, id, record->done, size_of(id, record->done));
    if (known) t->newest[id] = PetscMax(t->newest[id], record->done);
  }
  t->wrong += !known;
  PetscFunctionReturn(0);
}

static PetscErrorCode look(told *t)
{
  PetscFunctionBegin;
  memset(t, 0, sizeof(*t));
  PetscCall(queue_journal_replay(folder, &t->generation, NULL, visit, t));
  PetscFunctionReturn(0);
}

/* The life of a child ------------------------------------------------------------------------ */

typedef struct {
  uint32_t id;
  int64_t done;
} acknowledgement;

static PetscErrorCode append_some(int64_t generation, int32_t group, told *t, int n, int out,
                                  random_stream *dice)
{
  static unsigned char payload[MAX_SIZE];
  queue_journal *journal;

  PetscFunctionBegin;
  PetscCall(queue_journal_open(folder, generation, group, &journal));
  for (int k = 0; k < n; k++) {
    const unsigned id = (unsigned)(random_bits(dice) % NTASK);
    const int64_t done = t->newest[id] + 1;
    const queue_record r = record_of(QUEUE_RECORD_SEGMENT, id, done, payload, size_of(id, done));
    const acknowledgement ack = {.id = id, .done = done};

    PetscCall(queue_journal_append(journal, &r, PETSC_TRUE, NULL));
    t->newest[id] = done;
    if (out >= 0 && write(out, &ack, sizeof(ack)) != (ssize_t)sizeof(ack)) raise(SIGKILL);
  }
  PetscCall(queue_journal_close(&journal));
  PetscFunctionReturn(0);
}

/* `rest` [ns] between rounds lets a reader come in between on a busy machine. */
static PetscErrorCode live(int rounds, long rest, int out, random_stream *dice)
{
  const struct timespec wait = {.tv_nsec = rest};
  told t;

  PetscFunctionBegin;
  PetscCall(look(&t));
  for (int round = 0; round < rounds; round++) {
    const int32_t group = (int32_t)(random_bits(dice) % 3);

    PetscCall(append_some(t.generation, group, &t, 6, out, dice));
    if (random_uniform(dice) < 0.5) {
      PetscCall(queue_tasks_compact(folder, "salt", &t.generation));
    }
    if (rest) nanosleep(&wait, NULL);
  }
  PetscFunctionReturn(0);
}

/* Forks a child that lives and ends; returns its process and the reading end of its pipe. */
static pid_t give_birth(const queue_fault *fault, int rounds, long rest, uint64_t seed, int *in)
{
  random_stream dice = {.state = seed};
  int ends[2];
  pid_t child;

  if (pipe(ends)) fail_msg("no pipe");
  fflush(stdout);
  child = fork();
  if (child == 0) {
    close(ends[0]);
    if (fault) queue_fault_arm(fault);
    _exit(live(rounds, rest, ends[1], &dice) ? 3 : 0);
  }
  close(ends[1]);
  *in = ends[0];
  return child;
}

/* Takes down what the child was acknowledged until its end of the pipe closes. */
static int listen_to(int in, int64_t acknowledged[NTASK])
{
  acknowledgement ack;
  int n = 0;

  while (read(in, &ack, sizeof(ack)) == (ssize_t)sizeof(ack)) {
    if (ack.done != acknowledged[ack.id] + 1 && ack.done != acknowledged[ack.id] + 2) {
      fail_msg("task %u goes from %d to %d", ack.id, (int)acknowledged[ack.id], (int)ack.done);
    }
    acknowledged[ack.id] = ack.done;
    n++;
  }
  close(in);
  return n;
}

/* One record that was written but not acknowledged may be there; it is then the truth. */
static void expect_told(int64_t acknowledged[NTASK], int kill_number)
{
  int beyond = 0;
  told t;

  expect_ok(look(&t));
  if (t.wrong) fail_msg("kill %d: %d wrong records", kill_number, t.wrong);
  for (int id = 0; id < NTASK; id++) {
    if (t.newest[id] < acknowledged[id] || t.newest[id] > acknowledged[id] + 1) {
      fail_msg("kill %d: task %d is at %d, acknowledged %d", kill_number, id, (int)t.newest[id],
               (int)acknowledged[id]);
    }
    beyond += t.newest[id] > acknowledged[id];
    acknowledged[id] = t.newest[id];
  }
  if (beyond > 1) fail_msg("kill %d: %d records that were not acknowledged", kill_number, beyond);
}

/* The Nth operation ends the child after some bytes of it: every place where a process can die,
   with the seed it can be repeated. */
static void test_killed_at_random_bytes(void **state)
{
  random_stream dice = {.state = 2024};
  int64_t acknowledged[NTASK] = {0};
  int killed = 0, records = 0;

  (void)state;
  for (int k = 0; k < (int)kills; k++) {
    const queue_fault fault = {
        .kind = QUEUE_FAULT_KILL,
        .nth = 1 + (long)(random_bits(&dice) % 120),
        .bytes = (size_t)(random_bits(&dice) % 3 * random_bits(&dice) % MAX_SIZE)};
    int in, status;
    int64_t generation;
    pid_t child;

    /* now and then a start gets through its compaction, else files grow until all die reading */
    if (k % 2) expect_ok(queue_tasks_compact(folder, "salt", &generation));
    child = give_birth(&fault, 4, 0, random_bits(&dice), &in);

    records += listen_to(in, acknowledged);
    waitpid(child, &status, 0);
    if (!WIFSIGNALED(status) && WEXITSTATUS(status)) {
      fail_msg("child %d ended with %d", k, WEXITSTATUS(status));
    }
    killed += WIFSIGNALED(status);
    expect_told(acknowledged, k);
  }
  print_message("%d children, %d killed, %d records acknowledged\n", (int)kills, killed, records);
  assert_true(killed > kills / 2 && records > 3 * kills);
}

/* From outside, at a time nobody chose. */
static void test_killed_at_random_times(void **state)
{
  random_stream dice = {.state = 4711};
  int64_t acknowledged[NTASK] = {0};
  int records = 0;

  (void)state;
  for (int k = 0; k < (int)kills / 2; k++) {
    const struct timespec wait = {.tv_nsec = (long)(random_bits(&dice) % 4000000)};
    int in, status;
    const pid_t child = give_birth(NULL, 1000000, 0, random_bits(&dice), &in);

    nanosleep(&wait, NULL);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    if (!WIFSIGNALED(status)) fail_msg("child %d ended with %d", k, WEXITSTATUS(status));
    records += listen_to(in, acknowledged);
    expect_told(acknowledged, k);
  }
  print_message("%d children killed, %d records acknowledged\n", (int)kills / 2, records);
  assert_true(records > kills / 2);
}

/* A reader of another process sees every task only advance, whatever the writer is doing. */
static void test_read_while_written(void **state)
{
  int64_t before[NTASK] = {0};
  int in, status = 0, looks = 0, generations = 0;
  int64_t generation = 0;
  const pid_t child = give_birth(NULL, 300, 200000, 99, &in);

  (void)state;
  fcntl(in, F_SETFL, O_NONBLOCK);
  for (PetscBool alive = PETSC_TRUE; alive;) {
    acknowledgement ack[64];
    told t;

    alive = (PetscBool)(waitpid(child, &status, WNOHANG) == 0);
    while (read(in, ack, sizeof(ack)) > 0) continue;
    expect_ok(look(&t));
    assert_int_equal(t.wrong, 0);
    for (int id = 0; id < NTASK; id++) {
      if (t.newest[id] < before[id]) {
        fail_msg("task %d went back from %d to %d", id, (int)before[id], (int)t.newest[id]);
      }
      before[id] = t.newest[id];
    }
    generations += t.generation > generation;
    generation = t.generation;
    looks++;
  }
  close(in);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  assert_int_equal(before[0] + before[1] + before[2] + before[3] + before[4], 300 * 6);
  print_message("%d looks at %d generations\n", looks, generations);
  assert_true(looks > 5 && generations > 2);
}

int main(int argc, char **argv)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_killed_at_random_bytes),
      TEST(test_killed_at_random_times),
      TEST(test_read_while_written),
  };

  if (argc == 3 && !strcmp(argv[1], "-kills")) kills = atoi(argv[2]);
  return expect_main(argc, argv, about, tests);
}
