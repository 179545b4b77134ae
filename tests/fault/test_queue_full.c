static const char about[] =
    "A really full disk: a small file system in memory, mounted for the test\n";
/* What injected faults cannot show: which operations a full file system lets through.  Needs the
   right to mount; skipped without it. */
#include "tests/support/queue_support.h"

#include <errno.h>
#include <sys/mount.h>
#include <sys/vfs.h>

enum { SIZE = 3000 };

static char folder[QUEUE_PATH_MAX];

static int setup(void **state)
{
  (void)state;
  scratch_make(folder);
  return mount("none", folder, "tmpfs", 0, "size=256k,nr_inodes=64");
}

static int teardown(void **state)
{
  (void)state;
  umount2(folder, MNT_DETACH);
  rmdir(folder);
  return 0;
}

typedef struct {
  int64_t newest;
  int wrong;
} told;

static PetscErrorCode visit(const queue_record *r, queue_place place, void *context)
{
  told *t = context;

  PetscFunctionBegin;
  (void)place;
  if (r->kind == QUEUE_RECORD_CAMPAIGN) PetscFunctionReturn(0);
  t->wrong += !is_record_of(r, QUEUE_RECORD_SEGMENT, 0, r->done, SIZE);
  t->newest = PetscMax(t->newest, r->done);
  PetscFunctionReturn(0);
}

static void expect_newest(int64_t newest)
{
  int64_t generation;
  PetscInt torn;
  told t = {0};

  expect_ok(queue_journal_replay(folder, &generation, &torn, visit, &t));
  assert_int_equal(t.wrong, 0);
  assert_int_equal(t.newest, newest);
  assert_int_equal(torn, 0);
}

static PetscErrorCode append(queue_journal *journal, int64_t done)
{
  unsigned char payload[SIZE];
  const queue_record r = record_of(QUEUE_RECORD_SEGMENT, 0, done, payload, SIZE);

  return queue_journal_append(journal, &r, PETSC_TRUE, NULL);
}

/* Until the disk is full; the refused record is not there, all others are.  Room is made: the same
   open journal goes on, and so does compaction. */
static void test_full_disk(void **state)
{
  static const char filler[100000] = {0};
  queue_journal *journal;
  PetscErrorCode ierr = 0;
  int64_t done = 0, generation = 0;
  char path[QUEUE_PATH_MAX + 16], names[4096];

  (void)state;
  scratch_write(folder, "filler", filler, sizeof(filler));
  expect_ok(queue_journal_open(folder, 0, 0, &journal));
  while (!ierr && done < 1000) quietly(&ierr, append(journal, ++done));
  assert_int_equal(ierr, PETSC_ERR_FILE_WRITE);
  assert_non_null(strstr(last_message, "No space left on device"));
  assert_true(done > 20 && done < 100);
  expect_newest(--done);
  expect_message(PETSC_ERR_FILE_WRITE,
                 "journal.0.0: cannot append a record of 3100 bytes: No space left on device",
                 append(journal, done + 1));
  expect_newest(done);
  snprintf(path, sizeof(path), "%s/filler", folder);
  assert_int_equal(unlink(path), 0);
  expect_ok(append(journal, ++done));
  expect_newest(done);
  expect_ok(queue_journal_close(&journal));
  expect_ok(queue_tasks_compact(folder, "salt", &generation));
  assert_int_equal(generation, 1);
  scratch_names(folder, names);
  assert_string_equal(names, "journal.1.base ");
  expect_newest(done);
}

/* No room for the new base: the old generation stays, whole, and nothing else is left behind. */
static void test_no_room_to_compact(void **state)
{
  static const char filler[4096] = {0};
  queue_journal *journal;
  PetscErrorCode ierr;
  int64_t generation = -1;
  struct statfs info;
  char names[4096], before[4096], name[32];

  (void)state;
  expect_ok(queue_journal_open(folder, 0, 0, &journal));
  for (int64_t done = 1; done <= 10; done++) expect_ok(append(journal, done));
  expect_ok(queue_journal_close(&journal));
  for (int i = 0; statfs(folder, &info) == 0 && info.f_bavail > 0; i++) {
    snprintf(name, sizeof(name), "filler%d", i);
    scratch_write(folder, name, filler, sizeof(filler));
  }
  scratch_names(folder, before);
  quietly(&ierr, queue_tasks_compact(folder, "salt", &generation));
  assert_int_equal(ierr, PETSC_ERR_FILE_WRITE);
  assert_non_null(strstr(last_message, "/journal.1.base.tmp: cannot "));
  assert_non_null(strstr(last_message, ": No space left on device"));
  assert_int_equal(generation, -1);
  scratch_names(folder, names);
  assert_string_equal(names, before);
  expect_newest(10);
}

int main(int argc, char **argv)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_full_disk),
      TEST(test_no_room_to_compact),
  };

  char *trial = strdup(P_tmpdir "/liquidus-mount-XXXXXX");
  int denied = !mkdtemp(trial) || mount("none", trial, "tmpfs", 0, "size=16k") ? errno : 0;

  if (!denied) umount2(trial, MNT_DETACH);
  rmdir(trial);
  free(trial);
  if (denied) {
    printf("skipped: no right to mount a file system: %s\n", strerror(denied));
    return EXPECT_SKIP;
  }
  return expect_main(argc, argv, about, tests);
}
