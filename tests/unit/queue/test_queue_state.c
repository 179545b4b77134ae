static const char about[] = "The table of states: every pair, every word, and README.md\n";
/* The table is walked against a second, independent description of a task's life: which states are
   ends, and which events can happen to what. */
#include "tests/support/queue_support.h"

static const struct {
  queue_state state;
  queue_event event;
  queue_state next;
} wanted[] = {
    {QUEUE_WAITING, QUEUE_EVENT_UNBLOCK, QUEUE_READY},
    {QUEUE_WAITING, QUEUE_EVENT_FAIL, QUEUE_FAILED},
    {QUEUE_WAITING, QUEUE_EVENT_GIVE_UP, QUEUE_QUARANTINED},
    {QUEUE_WAITING, QUEUE_EVENT_DROP, QUEUE_DROPPED},
    {QUEUE_READY, QUEUE_EVENT_ASSIGN, QUEUE_RUNNING},
    {QUEUE_READY, QUEUE_EVENT_FINISH, QUEUE_DONE},
    {QUEUE_READY, QUEUE_EVENT_FAIL, QUEUE_FAILED},
    {QUEUE_READY, QUEUE_EVENT_GIVE_UP, QUEUE_QUARANTINED},
    {QUEUE_READY, QUEUE_EVENT_DROP, QUEUE_DROPPED},
    {QUEUE_RUNNING, QUEUE_EVENT_SEGMENT, QUEUE_READY},
    {QUEUE_RUNNING, QUEUE_EVENT_FINISH, QUEUE_DONE},
    {QUEUE_RUNNING, QUEUE_EVENT_FAIL, QUEUE_FAILED},
    {QUEUE_RUNNING, QUEUE_EVENT_LOSE, QUEUE_READY},
    {QUEUE_RUNNING, QUEUE_EVENT_CRASH, QUEUE_READY},
    {QUEUE_HELD, QUEUE_EVENT_RELEASE, QUEUE_WAITING},
};
enum { NWANTED = sizeof(wanted) / sizeof(wanted[0]) };

static queue_state lookup(queue_state state, queue_event event)
{
  for (int i = 0; i < NWANTED; i++) {
    if (wanted[i].state == state && wanted[i].event == event) return wanted[i].next;
  }
  return QUEUE_INVALID;
}

static void test_every_pair(void **state)
{
  int legal = 0;

  (void)state;
  for (int s = 0; s < QUEUE_NSTATE; s++) {
    for (int e = 0; e < QUEUE_NEVENT; e++) {
      const queue_state got = queue_state_next((queue_state)s, (queue_event)e);

      if (got != lookup((queue_state)s, (queue_event)e)) {
        fail_msg("%s + %s leads to %s", queue_state_name((queue_state)s),
                 queue_event_name((queue_event)e), queue_state_name(got));
      }
      legal += got != QUEUE_INVALID;
    }
  }
  assert_int_equal(legal, NWANTED);
}

static void test_outside_the_table(void **state)
{
  (void)state;
  assert_int_equal(queue_state_next(QUEUE_NSTATE, QUEUE_EVENT_FAIL), QUEUE_INVALID);
  assert_int_equal(queue_state_next(QUEUE_INVALID, QUEUE_EVENT_FAIL), QUEUE_INVALID);
  assert_int_equal(queue_state_next(QUEUE_READY, QUEUE_NEVENT), QUEUE_INVALID);
  assert_string_equal(queue_state_name(QUEUE_INVALID), "invalid");
  assert_string_equal(queue_state_text(QUEUE_NSTATE), "not a state");
  assert_string_equal(queue_event_name(QUEUE_NEVENT), "invalid");
  assert_string_equal(queue_event_text(QUEUE_NEVENT), "not an event");
}

static void test_words(void **state)
{
  (void)state;
  assert_string_equal(queue_state_name(QUEUE_READY), "ready");
  assert_string_equal(queue_state_name(QUEUE_QUARANTINED), "quarantined");
  assert_string_equal(queue_state_text(QUEUE_RUNNING), "a segment is with a group");
  assert_string_equal(queue_event_name(QUEUE_EVENT_GIVE_UP), "give up");
  assert_string_equal(queue_event_text(QUEUE_EVENT_ASSIGN), "a group takes a segment");
}

/* From every state that is not an end an end can be reached, and ends are left by nothing. */
static void test_no_trap(void **state)
{
  const PetscBool is_end[QUEUE_NSTATE] = {[QUEUE_DONE] = PETSC_TRUE,
                                          [QUEUE_FAILED] = PETSC_TRUE,
                                          [QUEUE_QUARANTINED] = PETSC_TRUE,
                                          [QUEUE_DROPPED] = PETSC_TRUE};
  PetscBool reaches[QUEUE_NSTATE];

  (void)state;
  memcpy(reaches, is_end, sizeof(reaches));
  for (int round = 0; round < QUEUE_NSTATE; round++) {
    for (int s = 0; s < QUEUE_NSTATE; s++) {
      for (int e = 0; e < QUEUE_NEVENT; e++) {
        const queue_state next = queue_state_next((queue_state)s, (queue_event)e);

        if (next == QUEUE_INVALID) continue;
        assert_false(is_end[s]);
        if (reaches[next]) reaches[s] = PETSC_TRUE;
      }
    }
  }
  for (int s = 0; s < QUEUE_NSTATE; s++) assert_true(reaches[s]);
}

/* `test_queue_state -print` writes what README.md has to contain. */
static void test_readme_shows_the_table(void **state)
{
  char *table = NULL;
  unsigned char *readme;
  size_t size, readme_size;
  FILE *out = open_memstream(&table, &size);

  (void)state;
  expect_ok(queue_state_print(out));
  fclose(out);
  readme = scratch_read(TEST_SOURCE, "queue/README.md", &readme_size);
  readme[readme_size] = '\0';
  if (!strstr((const char *)readme, table)) {
    fail_msg("queue/README.md lacks this table:\n%s", table);
  }
  free(readme);
  free(table);
}

static void test_unwritable_table(void **state)
{
  FILE *out = fopen("/dev/null", "r");

  (void)state;
  expect_message(PETSC_ERR_FILE_WRITE, "The table of states could not be written",
                 queue_state_print(out));
  fclose(out);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_pair),
      cmocka_unit_test(test_outside_the_table),
      cmocka_unit_test(test_words),
      cmocka_unit_test(test_no_trap),
      cmocka_unit_test(test_unwritable_table),
      cmocka_unit_test(test_readme_shows_the_table),
  };

  if (argc == 2 && !strcmp(argv[1], "-print")) return queue_state_print(stdout) != 0;
  return expect_main(argc, argv, about, tests);
}
