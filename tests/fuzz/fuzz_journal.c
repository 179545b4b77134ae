/* tests/fuzz/fuzz_journal.c - any bytes as a journal
 *
 * The bytes become a group file (first byte even) or a base (odd).  Whatever they are: reading ends
 * without a crash; a record that is visited is within its ranges and can be fetched again from its
 * place; and after a compaction or the next append the journals tell what they told before.
 */
#include "queue/queue_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static char folder[64];

static void must(int cond, const char *what)
{
  if (cond) return;
  fprintf(stderr, "fuzz_journal: %s\n", what);
  abort();
}

static void end(void)
{
  rmdir(folder);
}

/* In memory if the machine has such a place: the compactions sync. */
static void start(void)
{
  const char *root = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : P_tmpdir;

  static PetscBool started = PETSC_FALSE;

  if (started) return;
  started = PETSC_TRUE;
  must(!PetscInitializeNoArguments(), "PETSc does not start");
  must(!PetscPushErrorHandler(PetscReturnErrorHandler, NULL), "no error handler");
  snprintf(folder, sizeof(folder), "%s/liquidus-fuzz-XXXXXX", root);
  must(mkdtemp(folder) != NULL, "no scratch folder");
  must(atexit(end) == 0, "atexit");
}

static PetscErrorCode visit(const queue_record *record, queue_place place, void *context)
{
  queue_record again;
  void *payload;

  PetscFunctionBegin;
  ++*(int *)context;
  must(!queue__invalid_field(record), "a field is out of range");
  must(!queue_journal_fetch(folder, place, &again, &payload), "cannot be fetched again");
  must(again.size == record->size && again.done == record->done &&
           (!again.size || !memcmp(again.payload, record->payload, again.size)),
       "is another record when fetched");
  PetscCall(PetscFree(payload));
  PetscFunctionReturn(0);
}

static void remove_all(void)
{
  PetscInt n;
  queue__name *name;
  char path[QUEUE_PATH_MAX];

  must(!queue__list(folder, &n, &name), "the folder cannot be read");
  for (PetscInt i = 0; i < n; i++) {
    must(!queue__path(folder, name[i], path) && !unlink(path), "a file cannot be removed");
  }
  PetscFree(name);
}

static void write_input(queue__name name, const unsigned char *data, size_t size)
{
  char path[QUEUE_PATH_MAX];
  FILE *out;

  must(!queue__path(folder, name, path), "path");
  out = fopen(path, "wb");
  must(out && fwrite(data, 1, size, out) == size && !fclose(out), "the input cannot be written");
}

/* The journal goes on after its last whole record. */
static void check_append(int n)
{
  const queue_record r = {.kind = QUEUE_RECORD_SEGMENT, .done = 1, .total = 1};
  queue_journal *journal;
  int64_t generation;
  int again = 0;

  if (queue_journal_open(folder, 0, 0, &journal)) return;
  must(!queue_journal_append(journal, &r, PETSC_FALSE, NULL), "append");
  must(!queue_journal_close(&journal), "close");
  must(!queue_journal_replay(folder, &generation, NULL, visit, &again), "replay after append");
  must(again == n + 1, "an append does not add one record");
}

static void check_compaction(void)
{
  int64_t first, second;
  int one = 0, two = 0;

  must(!queue_tasks_compact(folder, "fuzz", &first), "compact");
  must(!queue_journal_replay(folder, &second, NULL, visit, &one), "replay of the base");
  must(first == second, "the new base does not count");
  must(!queue_tasks_compact(folder, "fuzz", &first), "compact again");
  must(!queue_journal_replay(folder, &second, NULL, visit, &two), "replay of the second base");
  must(one == two, "compacting twice is not compacting once");
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
  const queue__name name = {.generation = size > 0 && data[0] % 2,
                            .group = size > 0 && data[0] % 2 ? QUEUE_GROUP_BASE : 0};
  int64_t generation;
  int n = 0;

  if (size < 1) return 0;
  start();
  write_input(name, data + 1, size - 1);
  if (!queue_journal_replay(folder, &generation, NULL, visit, &n)) {
    if (name.group == 0) check_append(n);
    check_compaction();
  }
  remove_all();
  return 0;
}
