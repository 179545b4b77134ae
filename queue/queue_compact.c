/* queue/queue_compact.c - a new base from what is still of use in the journals of one directory or
 * of several
 *
 * Two passes over the newest generation, each holding one record: the first finds the newest record
 * of every (key, replica, stage, origin), the second copies those into journal.<new>.base.tmp.
 * Then, in this order, each on disk before the next: the contents, the name journal.<new>.base, the
 * removal of everything else.  See the invariants 6 and 7 in queue_journal.c.
 *
 * Which record could a later, edited campaign still use?  With more steps wanted: the one with the
 * most steps done.  With other lengths of earlier stages: those written under that other origin,
 * so each origin keeps its own.  With fewer steps wanted than done: only an older record, and
 * keeping all of them is what a compaction is there to end; that stage is computed again, to the
 * same bits.  Points that are no longer in the campaign are kept: they may come back.
 */
#include "queue/queue_fault.h"
#include "queue/queue_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

typedef struct {
  queue__identity identity;
  queue__history history;
  PetscInt source; /* whose record history.best is */
  uint32_t check;  /* CRC-32 of its payload, where several directories are merged */
} entry;

typedef struct {
  PetscInt nsource;
  const char *const *source; /* directories, the one that gets the base last */
  queue_conflict *report;
  void *context;
  queue__index *index;
  entry *all;
  PetscInt n, capacity, ncopied;
  PetscInt reading;    /* which source */
  queue_journal *base; /* being written */
} compaction;

static PetscErrorCode find_or_add(compaction *c, const queue__identity *identity, entry **found)
{
  PetscInt i = queue__index_find(c->index, identity);

  PetscFunctionBegin;
  if (i < 0) {
    i = c->n;
    if (c->n == c->capacity) {
      const PetscInt larger = 2 * c->capacity + 64;

      PetscCall(PetscRealloc((size_t)larger * sizeof(*c->all), &c->all));
      c->capacity = larger;
    }
    PetscCall(queue__index_insert(c->index, identity, i));
    c->all[i].identity = *identity;
    queue__history_clear(&c->all[i].history);
    c->n++;
  }
  *found = &c->all[i];
  PetscFunctionReturn(0);
}

static queue__identity identity_of(const queue_record *record)
{
  return (queue__identity){.key = record->key,
                           .replica = record->replica,
                           .stage = record->stage,
                           .origin = record->origin};
}

static PetscBool is_result(const queue_record *record)
{
  return (PetscBool)(record->kind == QUEUE_RECORD_SEGMENT || record->kind == QUEUE_RECORD_FAILED);
}

static uint32_t check_of(const queue_record *record)
{
  return (uint32_t)crc32(0, record->payload, (uInt)record->size);
}

/* A record as far as one from an earlier source says the same, or is in conflict with it: that of
   the earlier source stays. */
static PetscErrorCode compare(const compaction *c, const entry *known, const queue_record *record,
                              PetscBool *settled)
{
  const queue_record *best = &known->history.best;

  PetscFunctionBegin;
  *settled =
      (PetscBool)(known->history.has_best && known->source != c->reading && is_result(record) &&
                  record->done == best->done && record->kind == best->kind);
  if (!*settled || !c->report) PetscFunctionReturn(0);
  if (record->size != best->size || check_of(record) != known->check)
    PetscCall(c->report(record, known->source, c->reading, c->context));
  PetscFunctionReturn(0);
}

static PetscErrorCode visit_index(const queue_record *record, queue_place place, void *context)
{
  const queue__identity identity = identity_of(record);
  compaction *c = context;
  entry *found = NULL;
  PetscBool settled;
  int64_t before;

  PetscFunctionBegin;
  if (record->kind == QUEUE_RECORD_CAMPAIGN) PetscFunctionReturn(0);
  PetscCall(find_or_add(c, &identity, &found));
  PetscCall(compare(c, found, record, &settled));
  if (settled) PetscFunctionReturn(0);
  before = found->history.has_best ? found->history.place.offset : -1;
  queue__history_add(&found->history, -1, record, place);
  if (!is_result(record) || found->history.place.offset != place.offset ||
      (before == place.offset && found->source == c->reading))
    PetscFunctionReturn(0);
  found->source = c->reading;
  if (c->report) found->check = check_of(record);
  PetscFunctionReturn(0);
}

static PetscErrorCode visit_copy(const queue_record *record, queue_place place, void *context)
{
  compaction *c = context;
  const queue__identity identity = identity_of(record);
  const PetscInt i = queue__index_find(c->index, &identity);

  PetscFunctionBegin;
  if (i < 0 || !c->all[i].history.has_best || c->all[i].source != c->reading)
    PetscFunctionReturn(0);
  if (place.generation != c->all[i].history.place.generation ||
      place.group != c->all[i].history.place.group ||
      place.offset != c->all[i].history.place.offset) {
    PetscFunctionReturn(0);
  }
  PetscCall(queue_journal_append(c->base, record, PETSC_FALSE, NULL));
  c->ncopied++;
  PetscFunctionReturn(0);
}

/* All sources, one after the other. */
static PetscErrorCode read_sources(compaction *c, queue_visit visit)
{
  int64_t generation;

  PetscFunctionBegin;
  for (c->reading = 0; c->reading < c->nsource; c->reading++)
    PetscCall(queue_journal_replay(c->source[c->reading], &generation, NULL, visit, c));
  PetscFunctionReturn(0);
}

static PetscErrorCode write_name(queue_journal *base, const char *campaign_name)
{
  const queue_record record = {
      .kind = QUEUE_RECORD_CAMPAIGN, .size = strlen(campaign_name), .payload = campaign_name};

  PetscFunctionBegin;
  PetscCall(queue_journal_append(base, &record, PETSC_FALSE, NULL));
  PetscFunctionReturn(0);
}

static PetscErrorCode write_crashes(compaction *c, const entry *e)
{
  const int64_t done = e->history.has_best ? e->history.best.done : 0;
  const queue_record record = {.kind = QUEUE_RECORD_CRASHED,
                               .key = e->identity.key,
                               .replica = e->identity.replica,
                               .stage = e->identity.stage,
                               .origin = e->identity.origin,
                               .done = done,
                               .total = done,
                               .status = (int32_t)queue__history_crashes(&e->history, done)};

  PetscFunctionBegin;
  if (record.status > 0) PetscCall(queue_journal_append(c->base, &record, PETSC_FALSE, NULL));
  PetscFunctionReturn(0);
}

/* The second pass, up to a synced and closed .base.tmp. */
static PetscErrorCode write_base(compaction *c, const char *directory, const char *campaign_name,
                                 int64_t generation)
{
  const queue__name tmp = {.generation = generation, .group = QUEUE_GROUP_TMP};
  PetscInt nbest = 0;

  PetscFunctionBegin;
  PetscCall(queue__journal_create(directory, tmp, &c->base));
  PetscCall(write_name(c->base, campaign_name));
  PetscCall(read_sources(c, visit_copy));
  for (PetscInt i = 0; i < c->n; i++) {
    nbest += c->all[i].history.has_best ? 1 : 0;
    PetscCall(write_crashes(c, &c->all[i]));
  }
  PetscCheck(c->ncopied == nbest, PETSC_COMM_SELF, PETSC_ERR_FILE_READ,
             "%s: journals changed while they were compacted: %" PetscInt_FMT
             " records copied, %" PetscInt_FMT " expected",
             directory, c->ncopied, nbest);
  PetscCall(queue__journal_sync(c->base));
  PetscCall(queue_journal_close(&c->base));
  PetscFunctionReturn(0);
}

/* A removal that finds nothing has been done already. */
static PetscErrorCode remove_file(const char *directory, queue__name name)
{
  char path[QUEUE_PATH_MAX];
  int rc;

  PetscFunctionBegin;
  PetscCall(queue__path(directory, name, path));
  do rc = queue_fault_unlink(path);
  while (rc < 0 && errno == EINTR);
  PetscCheck(rc == 0 || errno == ENOENT, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE,
             "%s: cannot remove: %s", path, strerror(errno));
  PetscFunctionReturn(0);
}

static PetscErrorCode publish(const char *directory, int64_t generation)
{
  const queue__name tmp = {.generation = generation, .group = QUEUE_GROUP_TMP};
  const queue__name base = {.generation = generation, .group = QUEUE_GROUP_BASE};
  char from[QUEUE_PATH_MAX], to[QUEUE_PATH_MAX];
  int rc;

  PetscFunctionBegin;
  PetscCall(queue__path(directory, tmp, from));
  PetscCall(queue__path(directory, base, to));
  do rc = queue_fault_rename(from, to);
  while (rc < 0 && errno == EINTR);
  PetscCheck(rc == 0, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: cannot rename to %s: %s", from,
             to, strerror(errno));
  PetscCall(queue__sync_directory(directory));
  PetscFunctionReturn(0);
}

/* Another process with one of these open would go on writing into a file about to be removed. */
static PetscErrorCode check_idle(const char *directory, queue__name name)
{
  PetscErrorCode ierr;
  char path[QUEUE_PATH_MAX];
  int fd;

  PetscFunctionBegin;
  PetscCall(queue__path(directory, name, path));
  do fd = queue_fault_open(path, O_RDWR | O_CLOEXEC, 0);
  while (fd < 0 && errno == EINTR);
  PetscCheck(fd >= 0, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: cannot open: %s", path,
             strerror(errno));
  ierr = queue__lock(fd, path);
  close(fd);
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

static PetscErrorCode build(compaction *c, const char *directory, const char *campaign_name,
                            int64_t generation)
{
  PetscFunctionBegin;
  PetscCall(queue__index_create(0, &c->index));
  PetscCall(read_sources(c, visit_index));
  PetscCall(write_base(c, directory, campaign_name, generation));
  PetscFunctionReturn(0);
}

/* Builds the new base; a failure leaves no .base.tmp behind if it can be removed. */
static PetscErrorCode build_or_clean(compaction *c, const char *directory,
                                     const char *campaign_name, int64_t generation)
{
  const queue__name tmp = {.generation = generation, .group = QUEUE_GROUP_TMP};
  PetscErrorCode ierr = build(c, directory, campaign_name, generation);
  char path[QUEUE_PATH_MAX];

  PetscFunctionBegin;
  PetscCall(queue__index_destroy(&c->index));
  PetscCall(PetscFree(c->all));
  if (ierr) {
    if (!queue__path(directory, tmp, path)) (void)queue_fault_unlink(path);
    PetscCall(queue_journal_close(&c->base));
  }
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* In place of the n journals that are listed. */
static PetscErrorCode replace_listed(compaction *c, const char *campaign_name, PetscInt n,
                                     const queue__name old[], int64_t *generation)
{
  const char *directory = c->source[c->nsource - 1];
  const int64_t next = n > 0 ? old[n - 1].generation + 1 : 1;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < n; i++) {
    if (old[i].group >= 0) PetscCall(check_idle(directory, old[i]));
  }
  PetscCall(build_or_clean(c, directory, campaign_name, next));
  PetscCall(publish(directory, next));
  /* The list has a base before its groups: a reader that still finds the old base has found all
     files of its generation, or meets one that is gone and looks for the new one. */
  for (PetscInt i = 0; i < n; i++) PetscCall(remove_file(directory, old[i]));
  *generation = next;
  PetscFunctionReturn(0);
}

static PetscErrorCode compact(compaction *c, const char *campaign_name, int64_t *generation)
{
  PetscErrorCode ierr;
  queue__name *old;
  PetscInt n;

  PetscFunctionBegin;
  PetscCall(queue__list(c->source[c->nsource - 1], &n, &old));
  ierr = replace_listed(c, campaign_name, n, old, generation);
  PetscCall(PetscFree(old));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode queue_tasks_compact(const char *directory, const char *campaign_name,
                                   int64_t *generation)
{
  compaction c = {.nsource = 1, .source = &directory};

  PetscFunctionBegin;
  PetscCall(compact(&c, campaign_name, generation));
  PetscFunctionReturn(0);
}

PetscErrorCode queue_tasks_merge(PetscInt n, const char *const source[], const char *directory,
                                 const char *campaign_name, queue_conflict *report, void *context,
                                 int64_t *generation)
{
  compaction c = {.nsource = n + 1, .report = report, .context = context};
  PetscErrorCode ierr;
  const char **all;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(n + 1, &all));
  for (PetscInt i = 0; i < n; i++) all[i] = source[i];
  all[n] = directory;
  c.source = all;
  ierr = compact(&c, campaign_name, generation);
  PetscCall(PetscFree(all));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}
