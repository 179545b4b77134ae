static const char about[] = "Journals when the disk fails: every operation, every byte\n";
/* A life: append, compact, append, compact.  Operation N of it is made to go wrong, N = 1, 2, ...
   until the life goes through untouched.  Each time it must either succeed or report an error, and
   the journals must afterwards tell everything that was acknowledged and nothing else. */
#include "queue/queue_fault.h"
#include "tests/support/queue_support.h"

#include <errno.h>

enum { NTASK = 4, PER_TASK = 5, SIZE = 40 };

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
  queue_fault_disarm(NULL);
  scratch_remove(folder);
  return 0;
}

/* What a life has done so far, by task. */
typedef struct {
  int64_t acknowledged[NTASK], tried[NTASK];
} ledger;

/* Task `id` is at a step: a record is written for it. */
static PetscErrorCode advance(queue_journal *journal, ledger *book, unsigned id)
{
  unsigned char payload[SIZE];
  const queue_record r =
      record_of(QUEUE_RECORD_SEGMENT, id, book->acknowledged[id] + 1, payload, sizeof(payload));

  PetscFunctionBegin;
  book->tried[id] = r.done;
  PetscCall(queue_journal_append(journal, &r, PETSC_TRUE, NULL));
  book->acknowledged[id] = r.done;
  PetscFunctionReturn(0);
}

static PetscErrorCode append_round(int64_t generation, int32_t group, ledger *book)
{
  PetscErrorCode ierr = 0, close_error;
  queue_journal *journal;

  PetscFunctionBegin;
  PetscCall(queue_journal_open(folder, generation, group, &journal));
  for (unsigned i = 0; i < PER_TASK * NTASK && !ierr; i++) {
    ierr = advance(journal, book, i % NTASK);
  }
  close_error = queue_journal_close(&journal);
  PetscCall(ierr);
  PetscCall(close_error);
  PetscFunctionReturn(0);
}

static PetscErrorCode life(ledger *book)
{
  int64_t generation = 0;

  PetscFunctionBegin;
  PetscCall(append_round(generation, 0, book));
  PetscCall(queue_tasks_compact(folder, "salt", &generation));
  PetscCall(append_round(generation, 1, book));
  PetscCall(queue_tasks_compact(folder, "salt", &generation));
  PetscFunctionReturn(0);
}

typedef struct {
  int64_t newest[NTASK];
  int wrong;
} told;

static PetscErrorCode visit(const queue_record *record, queue_place place, void *context)
{
  told *t = context;
  PetscBool known = PETSC_FALSE;

  PetscFunctionBegin;
  (void)place;
  if (record->kind == QUEUE_RECORD_CAMPAIGN) {
    t->wrong += record->size != 4 || memcmp(record->payload, "salt", 4) != 0;
    PetscFunctionReturn(0);
  }
  for (unsigned id = 0; id < NTASK && !known; id++) {
    known = is_record_of(record, QUEUE_RECORD_SEGMENT, id, record->done, SIZE);
    if (known) t->newest[id] = PetscMax(t->newest[id], record->done);
  }
  t->wrong += !known;
  PetscFunctionReturn(0);
}

/* All that was acknowledged, nothing that was not tried; `strict`: nothing else at all. */
static void expect_told(const ledger *book, PetscBool strict, const char *what, long nth)
{
  told t = {0};
  int64_t generation;

  expect_ok(queue_journal_replay(folder, &generation, NULL, visit, &t));
  if (t.wrong) fail_msg("%s %ld: %d records that nobody wrote", what, nth, t.wrong);
  for (int id = 0; id < NTASK; id++) {
    const int64_t most = strict ? book->acknowledged[id] : book->tried[id];

    if (t.newest[id] < book->acknowledged[id] || t.newest[id] > most) {
      fail_msg("%s %ld: task %d is at %d, acknowledged %d, tried %d", what, nth, id,
               (int)t.newest[id], (int)book->acknowledged[id], (int)book->tried[id]);
    }
  }
}

/* Faults after which the operations of the life are all done or reported. */
static void walk(const char *what, queue_fault fault, PetscBool must_fail, PetscBool strict)
{
  PetscBool hit = PETSC_TRUE;
  long nfault = 0;

  for (fault.nth = 1; hit; fault.nth++) {
    ledger book = {{0}, {0}};
    PetscErrorCode ierr;
    int64_t generation;

    scratch_clear(folder);
    queue_fault_arm(&fault);
    quietly(&ierr, life(&book));
    queue_fault_disarm(&hit);
    nfault += hit;
    if (hit && must_fail && !ierr) fail_msg("%s %ld was not reported", what, fault.nth);
    if (ierr && (!hit || !must_fail)) fail_msg("%s %ld: %s", what, fault.nth, last_message);
    if (ierr && !strstr(last_message, strerror(fault.error))) {
      fail_msg("%s %ld: the system's text is not in \"%s\"", what, fault.nth, last_message);
    }
    expect_told(&book, strict, what, fault.nth);
    /* and the next start takes over what is there */
    expect_ok(queue_tasks_compact(folder, "salt", &generation));
    expect_told(&book, strict, what, fault.nth);
  }
  if (nfault < 150) fail_msg("%s: only %ld operations were reached", what, nfault);
  print_message("%s: %ld operations made to go wrong\n", what, nfault);
}

static void test_error_once(void **state)
{
  (void)state;
  walk("an error at operation", (queue_fault){.kind = QUEUE_FAULT_ERROR, .error = EIO}, PETSC_TRUE,
       PETSC_TRUE);
}

static void test_torn_write(void **state)
{
  (void)state;
  walk("no space after 50 bytes of operation",
       (queue_fault){.kind = QUEUE_FAULT_ERROR, .error = ENOSPC, .bytes = 50}, PETSC_TRUE,
       PETSC_TRUE);
}

/* Nothing works any more from the Nth operation on, not even cutting back: a record whose append
   was not acknowledged may then be there, but whole. */
static void test_disk_gone(void **state)
{
  (void)state;
  walk("the disk gone from operation",
       (queue_fault){.kind = QUEUE_FAULT_ERROR, .error = EIO, .bytes = 1000, .stays = PETSC_TRUE},
       PETSC_TRUE, PETSC_FALSE);
}

static void test_short_and_interrupted(void **state)
{
  (void)state;
  walk("a short operation", (queue_fault){.kind = QUEUE_FAULT_SHORT, .bytes = 7}, PETSC_FALSE,
       PETSC_TRUE);
  walk("an interrupted operation", (queue_fault){.kind = QUEUE_FAULT_INTERRUPT}, PETSC_FALSE,
       PETSC_TRUE);
}

/* All transfers of one byte each. */
static void test_one_byte_at_a_time(void **state)
{
  const queue_fault fault = {.kind = QUEUE_FAULT_SHORT, .nth = 1, .bytes = 1, .stays = PETSC_TRUE};
  ledger book = {{0}, {0}};

  (void)state;
  queue_fault_arm(&fault);
  expect_ok(life(&book));
  expect_told(&book, PETSC_TRUE, "one byte", 0);
  assert_true(queue_fault_disarm(NULL) > 3000);
}

/* After a full disk the same journal goes on; after a failed sync or cut it refuses. */
static void test_what_breaks_a_journal(void **state)
{
  unsigned char payload[SIZE];
  const queue_record r = record_of(QUEUE_RECORD_SEGMENT, 0, 1, payload, SIZE);
  const queue_fault full = {.kind = QUEUE_FAULT_ERROR, .nth = 1, .error = ENOSPC, .bytes = 11};
  const queue_fault no_sync = {.kind = QUEUE_FAULT_ERROR, .nth = 2, .error = EIO};
  const queue_fault no_cut = {
      .kind = QUEUE_FAULT_ERROR, .nth = 1, .error = ENOSPC, .bytes = 11, .stays = PETSC_TRUE};
  ledger book = {{1}, {1}};
  queue_journal *journal;

  (void)state;
  expect_ok(queue_journal_open(folder, 0, 0, &journal));
  queue_fault_arm(&full);
  expect_message(PETSC_ERR_FILE_WRITE,
                 "journal.0.0: cannot append a record of 140 bytes: No space left on device",
                 queue_journal_append(journal, &r, PETSC_TRUE, NULL));
  queue_fault_disarm(NULL);
  expect_ok(queue_journal_append(journal, &r, PETSC_TRUE, NULL));
  expect_told(&book, PETSC_TRUE, "full", 0);
  queue_fault_arm(&no_sync);
  expect_message(PETSC_ERR_FILE_WRITE,
                 "journal.0.0: cannot sync a record of 140 bytes: Input/output error",
                 queue_journal_append(journal, &r, PETSC_TRUE, NULL));
  queue_fault_disarm(NULL);
  expect_message(PETSC_ERR_FILE_WRITE,
                 "journal.0.0: takes no more records since it could not be synced",
                 queue_journal_append(journal, &r, PETSC_TRUE, NULL));
  expect_ok(queue_journal_close(&journal));
  expect_ok(queue_journal_open(folder, 0, 0, &journal));
  queue_fault_arm(&no_cut);
  quietly(&(PetscErrorCode){0}, queue_journal_append(journal, &r, PETSC_TRUE, NULL));
  queue_fault_disarm(NULL);
  expect_message(PETSC_ERR_FILE_WRITE,
                 "journal.0.0: takes no more records since it could not be cut back",
                 queue_journal_append(journal, &r, PETSC_TRUE, NULL));
  expect_ok(queue_journal_close(&journal));
  expect_told(&book, PETSC_TRUE, "cut", 0);
}

/* What survives a power cut is what was synced before it; nobody here can cut the power, so the
   order of syncs and changes is compared with invariants 4, 6 and 7 of queue_journal.c. */
static void test_order_of_syncs(void **state)
{
  const queue_fault count = {.kind = QUEUE_FAULT_COUNT};
  const queue_record r = record_of(QUEUE_RECORD_SEGMENT, 0, 1, NULL, 0);
  queue_journal *journal;
  int64_t generation;

  (void)state;
  queue_fault_arm(&count);
  expect_ok(queue_journal_open(folder, 0, 0, &journal)); /* header, file, directory */
  assert_string_equal(queue_fault_trace(), "twss");
  queue_fault_arm(&count);
  expect_ok(queue_journal_append(journal, &r, PETSC_FALSE, NULL));
  assert_string_equal(queue_fault_trace(), "w");
  queue_fault_arm(&count);
  expect_ok(queue_journal_append(journal, &r, PETSC_TRUE, NULL));
  assert_string_equal(queue_fault_trace(), "wd");
  expect_ok(queue_journal_close(&journal));
  queue_fault_arm(&count);
  expect_ok(queue_journal_open(folder, 0, 0, &journal)); /* tail, file, directory */
  assert_string_equal(queue_fault_trace(), "tss");
  expect_ok(queue_journal_close(&journal));
  queue_fault_arm(&count);
  /* header, name, one record; the file; its name; the directory; only then the removal */
  expect_ok(queue_tasks_compact(folder, "salt", &generation));
  assert_string_equal(queue_fault_trace(), "twwwsmsu");
}

/* Every byte --------------------------------------------------------------------------------- */

enum { NRECORD = 6 };

/* A journal of records with payloads of 0, 9, 18, ... bytes; returns its bytes. */
static unsigned char *small_journal(size_t *n)
{
  unsigned char payload[9 * NRECORD];
  queue_journal *journal;

  expect_ok(queue_journal_open(folder, 0, 0, &journal));
  for (int i = 0; i < NRECORD; i++) {
    const queue_record r = record_of(QUEUE_RECORD_SEGMENT, 0, i + 1, payload, 9 * (size_t)i);

    expect_ok(queue_journal_append(journal, &r, PETSC_FALSE, NULL));
  }
  expect_ok(queue_journal_close(&journal));
  return scratch_read(folder, "journal.0.0", n);
}

typedef struct {
  int n, wrong;
  int64_t done[NRECORD + 1];
} list;

static PetscErrorCode visit_list(const queue_record *r, queue_place place, void *context)
{
  list *l = context;

  PetscFunctionBegin;
  (void)place;
  l->wrong += l->n >= NRECORD ||
              !is_record_of(r, QUEUE_RECORD_SEGMENT, 0, r->done, 9 * (size_t)(r->done - 1));
  if (l->n < NRECORD) l->done[l->n++] = r->done;
  PetscFunctionReturn(0);
}

static list replay_list(PetscInt *torn)
{
  list l = {0};
  int64_t generation;

  expect_ok(queue_journal_replay(folder, &generation, torn, visit_list, &l));
  assert_int_equal(l.wrong, 0);
  return l;
}

/* [byte] where record i ends */
static size_t end_of(int i)
{
  size_t end = QUEUE_FILE_HEADER;

  for (int k = 0; k <= i; k++) end += QUEUE_RECORD_EXTRA + 9 * (size_t)k;
  return end;
}

/* Cut at any byte, a journal tells the records before the cut; opened again it goes on there. */
static void test_cut_at_every_byte(void **state)
{
  size_t n;
  unsigned char *b = small_journal(&n);
  PetscInt torn;

  (void)state;
  assert_int_equal(n, end_of(NRECORD - 1));
  for (size_t cut = 0; cut <= n; cut++) {
    queue_journal *journal;
    list l;
    int whole = 0;

    while (whole < NRECORD && end_of(whole) <= cut) whole++;
    scratch_write(folder, "journal.0.0", b, cut);
    l = replay_list(&torn);
    assert_int_equal(l.n, whole);
    for (int i = 0; i < whole; i++) assert_int_equal(l.done[i], i + 1);
    assert_int_equal(torn, cut != QUEUE_FILE_HEADER && (!whole || end_of(whole - 1) != cut));
    expect_ok(queue_journal_open(folder, 0, 0, &journal));
    expect_ok(queue_journal_close(&journal));
    l = replay_list(&torn);
    assert_int_equal(l.n, whole);
    assert_int_equal(torn, 0);
  }
  free(b);
}

/* Any byte changed in any bit: no wrong record, at most the one damaged and, when its header is
   hit, those after it are missing. */
static void test_flip_every_bit(void **state)
{
  size_t n;
  unsigned char *b = small_journal(&n);

  (void)state;
  for (size_t at = 0; at < n; at++) {
    int hit = -1;
    size_t begin;

    while (hit + 1 < NRECORD && (hit < 0 ? QUEUE_FILE_HEADER : end_of(hit)) <= at) hit++;
    begin = hit > 0 ? end_of(hit - 1) : QUEUE_FILE_HEADER;
    for (int bit = 0; bit < 8; bit++) {
      PetscInt torn;
      list l;

      b[at] ^= (unsigned char)(1 << bit);
      scratch_write(folder, "journal.0.0", b, n);
      b[at] ^= (unsigned char)(1 << bit);
      l = replay_list(&torn);
      assert_int_equal(torn, 1);
      if (hit < 0)
        assert_int_equal(l.n, NRECORD); /* the file header */
      else if (at < begin + QUEUE_RECORD_HEADER)
        assert_int_equal(l.n, hit);
      else
        assert_int_equal(l.n, NRECORD - 1);
      for (int i = 0; i < l.n; i++)
        assert_int_equal(l.done[i], hit >= 0 && i >= hit ? i + 2 : i + 1);
    }
  }
  free(b);
}

/* A size that a checksum vouches for and the file does not hold: no read beyond, no allocation. */
static void test_absurd_size(void **state)
{
  unsigned char *b = calloc(1, QUEUE_FILE_HEADER + QUEUE_RECORD_EXTRA + 8);
  queue_record r = record_of(QUEUE_RECORD_SEGMENT, 0, 1, NULL, 0);
  const uint64_t sizes[] = {9, 1 << 20, QUEUE_PAYLOAD_MAX, QUEUE_PAYLOAD_MAX + 1, UINT64_MAX};
  queue_record record;
  queue__scan *scan;
  PetscBool found;
  int64_t offset;

  (void)state;
  queue__encode_file((queue__name){0, 0}, b);
  for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
    unsigned char *h = b + QUEUE_FILE_HEADER;
    PetscInt torn;

    queue__encode_record(&r, h);
    for (int k = 0; k < 8; k++) h[84 + k] = (unsigned char)(sizes[i] >> (8 * k));
    { /* the checksum of this header, from the encoder itself: crc32 of 92 bytes */
      uint32_t crc = 0xffffffff;

      for (int k = 0; k < 92; k++) {
        crc ^= h[k];
        for (int j = 0; j < 8; j++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
      }
      crc = ~crc;
      for (int k = 0; k < 4; k++) h[92 + k] = (unsigned char)(crc >> (8 * k));
    }
    scratch_write(folder, "journal.0.0", b, QUEUE_FILE_HEADER + QUEUE_RECORD_EXTRA + 8);
    assert_int_equal(replay_list(&torn).n, 0);
    assert_int_equal(torn, 1);
    expect_ok(queue__scan_open(folder, (queue__name){0, 0}, &scan));
    expect_ok(queue__scan_next(scan, &record, &offset, &found));
    assert_false(found);
    assert_true(scan->capacity <= (size_t)scan->size);
    expect_ok(queue__scan_close(&scan));
  }
  free(b);
}

int main(int argc, char **argv)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_error_once),         TEST(test_torn_write),
      TEST(test_disk_gone),          TEST(test_short_and_interrupted),
      TEST(test_one_byte_at_a_time), TEST(test_what_breaks_a_journal),
      TEST(test_order_of_syncs),     TEST(test_cut_at_every_byte),
      TEST(test_flip_every_bit),     TEST(test_absurd_size),
  };

  return expect_main(argc, argv, about, tests);
}
