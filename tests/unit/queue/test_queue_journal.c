static const char about[] = "Journals: the bytes, round trips, generations, every error message\n";
#include "tests/support/queue_support.h"

#include <zlib.h>

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

/* Appends n segments of task `id`, done = 1 .. n, with payloads of 10 done bytes. */
static void append_segments(int64_t generation, int32_t group, unsigned id, int n)
{
  unsigned char payload[10 * 64];
  queue_journal *journal;

  expect_ok(queue_journal_open(folder, generation, group, &journal));
  for (int done = 1; done <= n; done++) {
    const queue_record r = record_of(QUEUE_RECORD_SEGMENT, id, done, payload, 10 * (size_t)done);

    expect_ok(queue_journal_append(journal, &r, PETSC_TRUE, NULL));
  }
  expect_ok(queue_journal_close(&journal));
  assert_null(journal);
}

typedef struct {
  int n, wrong;
  int32_t group[64];
  int64_t done[64];
  queue_place place[64];
} seen;

/* Tasks of these tests are numbered as the groups that ran them: 0 .. 7. */
static PetscBool is_of_some_task(const queue_record *record)
{
  PetscBool found = PETSC_FALSE;

  for (unsigned id = 0; id < 8 && !found; id++) {
    found = is_record_of(record, QUEUE_RECORD_SEGMENT, id, record->done, 10 * (size_t)record->done);
  }
  return found;
}

static PetscErrorCode visit(const queue_record *record, queue_place place, void *context)
{
  seen *s = context;

  PetscFunctionBegin;
  if (record->kind == QUEUE_RECORD_SEGMENT && s->n < 64) {
    s->wrong += !is_of_some_task(record);
    s->group[s->n] = place.group;
    s->done[s->n] = record->done;
    s->place[s->n] = place;
    s->n++;
  }
  PetscFunctionReturn(0);
}

/* Replays the folder; generation and torn are compared. */
static seen replay(int64_t want_generation, PetscInt want_torn)
{
  seen s = {0};
  int64_t generation = -1;
  PetscInt torn = -1;

  expect_ok(queue_journal_replay(folder, &generation, &torn, visit, &s));
  assert_int_equal(generation, want_generation);
  assert_int_equal(torn, want_torn);
  assert_int_equal(s.wrong, 0);
  return s;
}

static uint32_t crc_of(const unsigned char *p, size_t n)
{
  return (uint32_t)crc32(crc32(0, NULL, 0), p, (uInt)n);
}

static uint64_t little(const unsigned char *p, int n)
{
  uint64_t v = 0;

  while (n-- > 0) v = v << 8 | p[n];
  return v;
}

/* The format is a contract with files written by other versions: byte by byte. */
static void test_format(void **state)
{
  const queue_record r = {.kind = QUEUE_RECORD_FAILED,
                          .key = key_of(5),
                          .replica = 3,
                          .stage = 2,
                          .origin = -2,
                          .done = 1000000000000,
                          .total = 0x0102030405060708,
                          .status = -7,
                          .seconds = 1.5,
                          .size = 3,
                          .payload = "abc"};
  queue_journal *journal;
  queue_place place;
  unsigned char *b;
  size_t n;

  (void)state;
  expect_ok(queue_journal_open(folder, 0, 12, &journal));
  expect_ok(queue_journal_append(journal, &r, PETSC_FALSE, &place));
  expect_ok(queue_journal_close(&journal));
  b = scratch_read(folder, "journal.0.12", &n);
  assert_int_equal(n, 32 + 96 + 3 + 4);
  assert_memory_equal(b, "LQJRNL\r\n\1\0\0\0", 12);
  assert_int_equal(little(b + 12, 4), 0x01020304);
  assert_int_equal(little(b + 16, 8), 0);
  assert_int_equal(little(b + 24, 4), 12);
  assert_int_equal(little(b + 28, 4), crc_of(b, 28));
  assert_int_equal(place.offset, 32);
  assert_int_equal(place.group, 12);
  assert_int_equal(place.generation, 0);
  assert_memory_equal(b + 32, "LQR1\1\0\4\0", 8);
  assert_memory_equal(b + 40, r.key.byte, 32);
  assert_memory_equal(b + 72, "\3\0\0\0\2\0\0\0", 8);
  assert_memory_equal(b + 80, "\xfe\xff\xff\xff\xff\xff\xff\xff", 8);
  assert_int_equal(little(b + 88, 8), 1000000000000);
  assert_memory_equal(b + 96, "\10\7\6\5\4\3\2\1", 8);
  assert_memory_equal(b + 104, "\xf9\xff\xff\xff", 4);
  assert_memory_equal(b + 108, "\0\0\0\0\0\0\xf8\x3f", 8); /* 1.5 */
  assert_int_equal(little(b + 116, 8), 3);
  assert_int_equal(little(b + 124, 4), crc_of(b + 32, 92));
  assert_memory_equal(b + 128, "abc", 3);
  memmove(b + 124, b + 128, 3); /* header and payload without the checksum between them */
  assert_int_equal(little(b + 131, 4), crc_of(b + 32, 95));
  free(b);
}

static void test_round_trip(void **state)
{
  queue_record record;
  void *payload;
  seen s;

  (void)state;
  append_segments(0, 0, 0, 5);
  append_segments(0, 3, 3, 2);
  s = replay(0, 0);
  assert_int_equal(s.n, 7);
  for (int i = 0; i < 7; i++) {
    assert_int_equal(s.group[i], i < 5 ? 0 : 3);
    assert_int_equal(s.done[i], i < 5 ? i + 1 : i - 4);
    expect_ok(queue_journal_fetch(folder, s.place[i], &record, &payload));
    assert_true(record.payload == payload);
    assert_true(is_record_of(&record, QUEUE_RECORD_SEGMENT, (unsigned)s.group[i], s.done[i],
                             10 * (size_t)s.done[i]));
    expect_ok(PetscFree(payload));
  }
  append_segments(0, 0, 0, 1); /* opened again: goes on where it ended */
  s = replay(0, 0);
  assert_int_equal(s.n, 8);
  assert_int_equal(s.done[5], 1);
}

static void test_empty_payload(void **state)
{
  const queue_record r = record_of(QUEUE_RECORD_STARTED, 1, 4, NULL, 0);
  queue_journal *journal;
  queue_record record;
  queue_place place;
  void *payload = &place;

  (void)state;
  expect_ok(queue_journal_open(folder, 0, 0, &journal));
  expect_ok(queue_journal_append(journal, &r, PETSC_FALSE, &place));
  expect_ok(queue_journal_close(&journal));
  expect_ok(queue_journal_fetch(folder, place, &record, &payload));
  assert_null(payload);
  assert_true(is_record_of(&record, QUEUE_RECORD_STARTED, 1, 4, 0));
}

static void test_torn_tail_is_cut(void **state)
{
  unsigned char *b;
  size_t n, m;

  (void)state;
  append_segments(0, 0, 0, 3);
  b = scratch_read(folder, "journal.0.0", &n);
  scratch_write(folder, "journal.0.0", b, n - 5);
  assert_int_equal(replay(0, 1).n, 2);
  append_segments(0, 0, 0, 1);
  assert_int_equal(replay(0, 0).n, 3);
  free(b);
  b = scratch_read(folder, "journal.0.0", &m);
  assert_int_equal(m, 32 + 2 * 100 + 30 + 110);
  free(b);
}

/* A crash while the file was created leaves it empty or with a part of its header. */
static void test_torn_file_header(void **state)
{
  unsigned char *b;
  size_t n;

  (void)state;
  append_segments(0, 0, 0, 1);
  b = scratch_read(folder, "journal.0.0", &n);
  for (size_t cut = 0; cut < 32; cut += 31) {
    scratch_write(folder, "journal.0.0", b, cut);
    assert_int_equal(replay(0, 1).n, 0);
    append_segments(0, 0, 0, 1);
    assert_int_equal(replay(0, 0).n, 1);
  }
  free(b);
}

/* A bad payload costs its record only, also when the file is opened again for appending. */
static void test_damage_in_the_middle(void **state)
{
  unsigned char *b;
  size_t n;
  seen s;

  (void)state;
  append_segments(0, 0, 0, 3);
  b = scratch_read(folder, "journal.0.0", &n);
  b[32 + 110 + 96 + 3] ^= 1;
  scratch_write(folder, "journal.0.0", b, n);
  free(b);
  s = replay(0, 1);
  assert_int_equal(s.n, 2);
  assert_int_equal(s.done[1], 3);
  append_segments(0, 0, 0, 1);
  assert_int_equal(replay(0, 1).n, 3);
  b = scratch_read(folder, "journal.0.0", &n);
  b[3] ^= 1; /* a damaged file header: records are still told from their own checksums */
  scratch_write(folder, "journal.0.0", b, n);
  free(b);
  assert_int_equal(replay(0, 2).n, 3);
}

static void test_newest_generation(void **state)
{
  int64_t generation = -1;
  char names[4096];
  unsigned char *b;
  size_t n;
  seen s;

  (void)state;
  assert_int_equal(replay(0, 0).n, 0);
  append_segments(0, 0, 0, 2);
  expect_ok(queue_tasks_compact(folder, "salt", &generation));
  assert_int_equal(generation, 1);
  scratch_names(folder, names);
  assert_string_equal(names, "journal.1.base ");
  append_segments(1, 4, 4, 3);
  append_segments(0, 0, 0, 2);                        /* an older one, left over */
  append_segments(7, 2, 2, 1);                        /* a newer one without base */
  scratch_write(folder, "journal.9.base.tmp", "", 0); /* a compaction that did not end */
  scratch_write(folder, "journal.07.0", "", 0);       /* names that are nobody's */
  scratch_write(folder, "journal.x", "", 0);
  scratch_write(folder, "journal.1.-1", "", 0);
  scratch_write(folder, "journal.99999999999999999999.0", "", 0);
  s = replay(1, 0);
  assert_int_equal(s.n, 4);
  assert_int_equal(s.group[0], -1);
  assert_int_equal(s.done[0], 2);
  assert_int_equal(s.group[3], 4);
  expect_ok(queue_tasks_compact(folder, "salt", &generation));
  assert_int_equal(generation, 10);
  scratch_names(folder, names);
  assert_string_equal(names, "journal.07.0 journal.1.-1 journal.10.base "
                             "journal.99999999999999999999.0 journal.x ");
  b = scratch_read(folder, "journal.10.base", &n); /* name, task 0 at 2, task 4 at 3 */
  assert_int_equal(n, 32 + 104 + 120 + 130);
  assert_memory_equal(b + 32 + 96, "salt", 4);
  free(b);
}

/* Errors ------------------------------------------------------------------------------------- */

static PetscErrorCode visit_nothing(const queue_record *record, queue_place place, void *context)
{
  (void)record, (void)place, (void)context;
  return 0;
}

static PetscErrorCode refuse_visit(const queue_record *record, queue_place place, void *context)
{
  (void)record, (void)place, (void)context;
  PetscFunctionBegin;
  SETERRQ(PETSC_COMM_SELF, PETSC_ERR_USER, "not this one");
}

/* Puts a file header with one field changed, and its checksum made to fit, before the records. */
static void change_header(const char *name, size_t at, unsigned char value)
{
  size_t n;
  unsigned char *b = scratch_read(folder, name, &n);
  uint32_t crc;

  b[at] = value;
  crc = crc_of(b, 28);
  for (int i = 0; i < 4; i++) b[28 + i] = (unsigned char)(crc >> (8 * i));
  scratch_write(folder, name, b, n);
  free(b);
}

static void test_open_errors(void **state)
{
  queue_journal *journal;
  char *deep = malloc(5001);

  (void)state;
  expect_message(PETSC_ERR_ARG_OUTOFRANGE, "A journal to append to has a group >= 0, got -1",
                 queue_journal_open(folder, 0, -1, &journal));
  expect_message(PETSC_ERR_ARG_OUTOFRANGE,
                 "No journal has generation -4 and group 0: both must be >= 0",
                 queue_journal_open(folder, -4, 0, &journal));
  assert_null(journal);
  memset(deep, 'd', 5000);
  deep[5000] = '\0';
  expect_message(PETSC_ERR_ARG_OUTOFRANGE,
                 "Path of a journal is longer than 4095 bytes: "
                 "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd...",
                 queue_journal_open(deep, 0, 0, &journal));
  free(deep);
  expect_message(PETSC_ERR_FILE_OPEN,
                 "journal.0.0: cannot open for appending: No such file or directory",
                 queue_journal_open("/nowhere/at/all", 0, 0, &journal));
  scratch_write(folder, "journal.0.1", "a letter to somebody else, not a journal", 40);
  expect_message(PETSC_ERR_FILE_UNEXPECTED,
                 "journal.0.1: does not begin with the header of a journal",
                 queue_journal_open(folder, 0, 1, &journal));
  assert_null(journal);
}

static void test_one_writer(void **state)
{
  queue_journal *first, *second;
  int64_t generation = -1;

  (void)state;
  expect_ok(queue_journal_open(folder, 0, 0, &first));
  expect_message(PETSC_ERR_FILE_OPEN, "journal.0.0: another process is writing to it",
                 queue_journal_open(folder, 0, 0, &second));
  expect_message(PETSC_ERR_FILE_OPEN, "journal.0.0: another process is writing to it",
                 queue_tasks_compact(folder, "salt", &generation));
  assert_int_equal(generation, -1);
  assert_null(second);
  expect_ok(queue_journal_close(&first));
  expect_ok(queue_journal_open(folder, 0, 0, &second));
  expect_ok(queue_journal_close(&second));
  expect_ok(queue_journal_close(&second)); /* NULL-safe */
}

/* Each field out of its range, by the message that names it. */
static void test_append_errors(void **state)
{
  queue_record good = record_of(QUEUE_RECORD_SEGMENT, 0, 1, NULL, 0), bad;
  queue_journal *journal;

  (void)state;
  expect_ok(queue_journal_open(folder, 0, 0, &journal));
#define REFUSED(what, text)                                                                        \
  bad = good;                                                                                      \
  bad.what;                                                                                        \
  expect_message(PETSC_ERR_ARG_OUTOFRANGE, "journal.0.0: the record to append has a " text,        \
                 queue_journal_append(journal, &bad, PETSC_FALSE, NULL))
  REFUSED(kind = (queue_record_kind)0, "kind out of range");
  REFUSED(kind = (queue_record_kind)6, "kind out of range");
  REFUSED(replica = -1, "replica out of range");
  REFUSED(stage = -1, "stage out of range");
  REFUSED(done = -1, "done out of range");
  REFUSED(total = -1, "total out of range");
  REFUSED(seconds = (double)NAN, "seconds out of range");
  REFUSED(seconds = -1e-9, "seconds out of range");
  REFUSED(size = QUEUE_PAYLOAD_MAX + 1, "size out of range");
  REFUSED(size = 1, "size but no payload");
#undef REFUSED
  expect_ok(queue_journal_append(journal, &good, PETSC_FALSE, NULL));
  expect_ok(queue_journal_close(&journal));
  {
    size_t n;

    free(scratch_read(folder, "journal.0.0", &n));
    assert_int_equal(n, 32 + 100);
  }
}

static void test_fetch_errors(void **state)
{
  queue_place place = {.group = 0, .generation = 3, .offset = 32};
  queue_record record;
  void *payload = &place;
  unsigned char *b;
  size_t n;

  (void)state;
  expect_message(PETSC_ERR_FILE_OPEN,
                 "journal.3.0: is not there: a compaction may have replaced it",
                 queue_journal_fetch(folder, place, &record, &payload));
  assert_null(payload);
  append_segments(3, 0, 0, 2);
  expect_ok(queue_journal_fetch(folder, place, &record, &payload));
  expect_ok(PetscFree(payload));
  for (int64_t bad = -40; bad < 400; bad++) {
    if (bad == 32 || bad == 142) continue;
    place.offset = bad;
    expect_error(PETSC_ERR_FILE_READ, queue_journal_fetch(folder, place, &record, &payload));
  }
  b = scratch_read(folder, "journal.3.0", &n);
  b[32 + 96] ^= 4;
  scratch_write(folder, "journal.3.0", b, n);
  free(b);
  place.offset = 32; /* not the next one instead */
  expect_message(PETSC_ERR_FILE_READ,
                 "journal.3.0: no whole record with a fitting checksum begins at byte 32",
                 queue_journal_fetch(folder, place, &record, &payload));
}

static void test_replay_errors(void **state)
{
  int64_t generation;
  char path[QUEUE_PATH_MAX + 16];

  (void)state;
  expect_message(PETSC_ERR_FILE_OPEN,
                 "/nowhere: cannot read the directory: No such file or directory",
                 queue_journal_replay("/nowhere", &generation, NULL, visit_nothing, NULL));
  append_segments(0, 0, 0, 2);
  expect_message(PETSC_ERR_USER, "not this one",
                 queue_journal_replay(folder, &generation, NULL, refuse_visit, NULL));
  change_header("journal.0.0", 8, 2);
  expect_message(PETSC_ERR_FILE_UNEXPECTED,
                 "journal.0.0: has format version 2, this program reads version 1",
                 queue_journal_replay(folder, &generation, NULL, visit_nothing, NULL));
  change_header("journal.0.0", 8, 1);
  change_header("journal.0.0", 12, 1);
  expect_message(PETSC_ERR_FILE_UNEXPECTED,
                 "journal.0.0: was written by a machine with another byte order",
                 queue_journal_replay(folder, &generation, NULL, visit_nothing, NULL));
  change_header("journal.0.0", 12, 4);
  change_header("journal.0.0", 24, 9);
  expect_message(PETSC_ERR_FILE_UNEXPECTED, "journal.0.0: was written under another name",
                 queue_journal_replay(folder, &generation, NULL, visit_nothing, NULL));
  change_header("journal.0.0", 24, 0);
  assert_int_equal(replay(0, 0).n, 2);
  snprintf(path, sizeof(path), "%s/journal.0.5", folder);
  mkdir(path, 0777);
  expect_message(PETSC_ERR_FILE_OPEN, "journal.0.5: is not a file",
                 queue_journal_replay(folder, &generation, NULL, visit_nothing, NULL));
  rmdir(path);
}

/* Finished work without a base to start from is an error, never a silent fresh start. */
static void test_lost_base(void **state)
{
  int64_t generation = -1;
  unsigned char *b;
  char wanted[2 * QUEUE_PATH_MAX];
  size_t n;

  (void)state;
  snprintf(
      wanted, sizeof(wanted),
      "%s: holds journals but no whole journal.<generation>.base to start from; restore it, or "
      "remove journal.* to begin anew",
      folder);
  append_segments(0, 0, 0, 2);
  expect_ok(queue_tasks_compact(folder, "salt", &generation));
  append_segments(1, 1, 1, 1);
  b = scratch_read(folder, "journal.1.base", &n);
  scratch_write(folder, "journal.1.base", b, 100); /* inside the CAMPAIGN record */
  quietly(&(PetscErrorCode){0},
          queue_journal_replay(folder, &generation, NULL, visit_nothing, NULL));
  assert_string_equal(last_message, wanted);
  quietly(&(PetscErrorCode){0}, queue_tasks_compact(folder, "salt", &generation));
  assert_string_equal(last_message, wanted);
  b[32 + 96] ^= 1; /* a base of which the name is damaged, though a record after it is not */
  scratch_write(folder, "journal.1.base", b, n);
  b[32 + 96] ^= 1;
  last_message[0] = '\0';
  quietly(&(PetscErrorCode){0},
          queue_journal_replay(folder, &generation, NULL, visit_nothing, NULL));
  assert_string_equal(last_message, wanted);
  scratch_write(folder, "journal.1.base", b, n); /* restored: all is there */
  free(b);
  assert_int_equal(replay(1, 0).n, 2);
}

/* Names are read as they are written, and nothing else is one. */
static void test_names(void **state)
{
  static const char *const wrong[] = {"journal",
                                      "journal.",
                                      "journal.1",
                                      "journal.1.",
                                      "journal.01.0",
                                      "journal.1.00",
                                      "journal.1.0.tmp",
                                      "journal.-1.0",
                                      "journal.1.bases",
                                      "journal.1.+2",
                                      "journal.1.base.tm",
                                      "journals.1.0",
                                      "journal.1.0 ",
                                      "journal. 1.0",
                                      "journal.1.2147483648",
                                      "journal.9223372036854775807.0",
                                      "journal.9223372036854775808.0"};
  const queue__name right[] = {{0, 0}, {1, 2147483647}, {INT64_MAX - 1, 7}, {10, -1}, {3, -2}};
  char path[QUEUE_PATH_MAX];
  queue__name got;

  (void)state;
  for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
    if (queue__parse_name(wrong[i], &got)) fail_msg("%s is taken for a journal", wrong[i]);
  }
  for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
    expect_ok(queue__path("", right[i], path));
    assert_true(queue__parse_name(path + 1, &got));
    assert_true(got.generation == right[i].generation && got.group == right[i].group);
  }
}

int main(int argc, char **argv)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_format),
      TEST(test_round_trip),
      TEST(test_empty_payload),
      TEST(test_torn_tail_is_cut),
      TEST(test_torn_file_header),
      TEST(test_damage_in_the_middle),
      TEST(test_newest_generation),
      TEST(test_open_errors),
      TEST(test_one_writer),
      TEST(test_append_errors),
      TEST(test_fetch_errors),
      TEST(test_replay_errors),
      TEST(test_lost_base),
      TEST(test_names),
  };

  return expect_main(argc, argv, about, tests);
}
