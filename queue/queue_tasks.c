/* queue/queue_tasks.c - states of tasks: from journals at a start, from events afterwards
 *
 * Both ways lead through queue_state_next(): replay sets every task to its beginning and lets it
 * take the events its newest record stands for.  A chain is settled from its first stage on; a
 * stage that is unblocked takes up its own record at once, so that stages finished in an earlier
 * run finish again one after the other.
 */
#include "queue/queue_tasks.h"
#include "queue/queue_impl.h"

#include <inttypes.h>
#include <string.h>

/* Names in the index beside those of tasks, whose stage and replica are >= 0. */
enum { STAGE_OF_CHAIN = -1, REPLICA_OF_CLASS = -2 };

static PetscBool same_replica(const queue_key *key, int32_t replica, const queue_task_spec *s)
{
  return (PetscBool)(replica == s->replica && !memcmp(key->byte, s->key.byte, QUEUE_KEY_SIZE));
}

static PetscErrorCode check_spec(PetscInt i, const queue_task_spec *s)
{
  PetscFunctionBegin;
  PetscCheck(s->total >= 1, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Task %" PetscInt_FMT " wants %" PRId64 " steps, at least 1 is needed", i, s->total);
  PetscCheck(s->replica >= 0 && s->stage >= 0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Task %" PetscInt_FMT " has replica %d and stage %d, both must be >= 0", i,
             (int)s->replica, (int)s->stage);
  PetscCheck(
      !PetscIsInfOrNanReal(s->cost) && s->cost >= 0.0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
      "Task %" PetscInt_FMT " has a cost of %g s a step, a finite one >= 0 is needed", i, s->cost);
  PetscFunctionReturn(0);
}

static PetscErrorCode begin_chain(queue_tasks *tasks, PetscInt i)
{
  const queue_task_spec *s = &tasks->task[i].spec;
  const queue__identity replica = {.key = s->key, .replica = s->replica, .stage = STAGE_OF_CHAIN};
  const PetscInt before = queue__index_find(tasks->index, &replica);

  PetscFunctionBegin;
  PetscCheck(before < 0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Task %" PetscInt_FMT " belongs to the same replica as task %" PetscInt_FMT
             ", but others stand between them",
             i, before);
  PetscCall(queue__index_insert(tasks->index, &replica, i));
  tasks->chain[tasks->nchain++] = (queue__chain){.first = i, .priority = s->priority, .heap = -1};
  PetscFunctionReturn(0);
}

static PetscErrorCode join_class(queue_tasks *tasks, PetscInt i)
{
  const queue_task_spec *s = &tasks->task[i].spec;
  const queue__identity kind = {
      .replica = REPLICA_OF_CLASS, .stage = s->stage, .origin = (int64_t)s->point};
  PetscInt c = queue__index_find(tasks->index, &kind);

  PetscFunctionBegin;
  if (c < 0) {
    c = tasks->nclass++;
    PetscCall(queue__index_insert(tasks->index, &kind, c));
    tasks->cost[c] = (queue__class){.first = -1};
  }
  tasks->link[i].cost_class = c;
  tasks->link[i].next = tasks->cost[c].first;
  tasks->cost[c].first = i;
  PetscFunctionReturn(0);
}

/* Takes spec i into its chain, its class and the index. */
static PetscErrorCode add_task(queue_tasks *tasks, PetscInt i)
{
  const queue_task_spec *s = &tasks->task[i].spec;
  const queue__identity identity = {.key = s->key, .replica = s->replica, .stage = s->stage};

  PetscFunctionBegin;
  PetscCall(check_spec(i, s));
  if (i == 0 || !same_replica(&s->key, s->replica, &tasks->task[i - 1].spec)) {
    PetscCall(begin_chain(tasks, i));
  } else {
    const int32_t before = tasks->task[i - 1].spec.stage;

    PetscCheck(s->stage > before, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
               "Task %" PetscInt_FMT " is stage %d of its replica, but follows stage %d", i,
               (int)s->stage, (int)before);
  }
  tasks->link[i].chain = tasks->nchain - 1;
  tasks->link[i].guess = s->cost;
  tasks->chain[tasks->nchain - 1].n++;
  tasks->chain[tasks->nchain - 1].priority =
      PetscMax(tasks->chain[tasks->nchain - 1].priority, s->priority);
  PetscCall(queue__index_insert(tasks->index, &identity, i));
  PetscCall(join_class(tasks, i));
  PetscFunctionReturn(0);
}

static PetscErrorCode allocate(PetscInt n, queue_tasks *tasks)
{
  PetscFunctionBegin;
  PetscCall(PetscCalloc1(n, &tasks->task));
  PetscCall(PetscCalloc1(n, &tasks->link));
  PetscCall(PetscCalloc1(n, &tasks->chain));
  PetscCall(PetscCalloc1(n, &tasks->cost));
  PetscCall(PetscCalloc1(n, &tasks->heap[0]));
  PetscCall(PetscCalloc1(n, &tasks->heap[1]));
  PetscCall(queue__index_create(3 * n, &tasks->index));
  tasks->n = n;
  PetscFunctionReturn(0);
}

static queue_task *get(queue_tasks *tasks, PetscInt i)
{
  return &tasks->task[i];
}

/* Moves along the table and keeps count of the running suspects. */
PetscErrorCode queue__enter(queue_tasks *tasks, PetscInt i, queue_event event)
{
  queue_task *task = get(tasks, i);
  const queue_state next = queue_state_next(task->state, event);

  PetscFunctionBegin;
  PetscCheck(next != QUEUE_INVALID, PETSC_COMM_SELF, PETSC_ERR_PLIB,
             "Task %" PetscInt_FMT " is %s: it cannot take the event \"%s\"", i,
             queue_state_name(task->state), queue_event_name(event));
  if (task->state == QUEUE_RUNNING && task->crashes > 0) tasks->suspects--;
  if (next == QUEUE_RUNNING && task->crashes > 0) tasks->suspects++;
  if (next != QUEUE_RUNNING) task->group = -1;
  task->state = next;
  PetscFunctionReturn(0);
}

/* What a READY task's own record makes of it; QUEUE_NEVENT: it can run. */
static queue_event pending_event(const queue_tasks *tasks, const queue_task *task)
{
  if (task->has_place && task->kind == QUEUE_RECORD_FAILED) return QUEUE_EVENT_FAIL;
  if (task->done >= task->spec.total) return QUEUE_EVENT_FINISH;
  if (task->crashes > tasks->max_crashes) return QUEUE_EVENT_GIVE_UP;
  return QUEUE_NEVENT;
}

/* Lets READY task i and the stages after it take what follows from their records. */
static PetscErrorCode settle(queue_tasks *tasks, PetscInt i)
{
  const queue__chain *chain = &tasks->chain[tasks->link[i].chain];
  const PetscInt end = chain->first + chain->n;

  PetscFunctionBegin;
  for (queue_event event = QUEUE_EVENT_FINISH; i < end && event == QUEUE_EVENT_FINISH; i++) {
    if (tasks->task[i].state == QUEUE_WAITING)
      PetscCall(queue__enter(tasks, i, QUEUE_EVENT_UNBLOCK));
    event = pending_event(tasks, &tasks->task[i]);
    if (event == QUEUE_NEVENT) break;
    PetscCall(queue__enter(tasks, i, event));
    if (event == QUEUE_EVENT_FINISH) continue;
    for (PetscInt j = i + 1; j < end; j++) PetscCall(queue__enter(tasks, j, event));
  }
  PetscFunctionReturn(0);
}

/* Whether a replica that is to be held has no segment yet, and has not crashed too often either. */
static PetscBool is_held(const queue_tasks *tasks, const queue__chain *chain)
{
  for (PetscInt i = chain->first; i < chain->first + chain->n; i++)
    if (!tasks->task[i].spec.held || tasks->link[i].history.has_best) return PETSC_FALSE;
  return (PetscBool)(queue__history_crashes(&tasks->link[chain->first].history, 0) <=
                     tasks->max_crashes);
}

/* A task as its history tells it, before it takes any event. */
static void begin_task(queue_tasks *tasks, PetscInt i)
{
  const queue__chain *chain = &tasks->chain[tasks->link[i].chain];
  const queue__history *history = &tasks->link[i].history;
  queue_task *task = get(tasks, i);

  *task = (queue_task){.spec = task->spec, .group = -1};
  task->state = chain->first == i ? QUEUE_READY : QUEUE_WAITING;
  if (is_held(tasks, chain)) task->state = QUEUE_HELD;
  if (history->has_best) {
    task->has_place = PETSC_TRUE;
    task->done = history->best.done;
    task->kind = history->best.kind;
    task->place = history->place;
    task->status = history->best.status;
    task->seconds = history->best.seconds;
  }
  task->crashes = queue__history_crashes(history, task->done);
  task->started = queue__history_started(history, task->done);
  tasks->link[i].seconds = tasks->link[i].steps = 0.0;
  queue__schedule_learn(tasks, i);
}

/* All tasks anew from their histories. */
static PetscErrorCode begin_all(queue_tasks *tasks)
{
  PetscFunctionBegin;
  queue__schedule_forget(tasks);
  for (PetscInt i = 0; i < tasks->n; i++) begin_task(tasks, i);
  queue__schedule_repace(tasks);
  for (PetscInt c = 0; c < tasks->nclass; c++) queue__schedule_price(tasks, c);
  tasks->nheap[0] = tasks->nheap[1] = tasks->suspects = 0;
  tasks->work = 0.0;
  for (PetscInt c = 0; c < tasks->nchain; c++) {
    tasks->chain[c].heap = -1;
    tasks->chain[c].remaining = 0.0;
    if (tasks->task[tasks->chain[c].first].state != QUEUE_HELD)
      PetscCall(settle(tasks, tasks->chain[c].first));
    queue__schedule_update(tasks, c);
  }
  PetscCall(queue__drop_all(tasks));
  PetscFunctionReturn(0);
}

static PetscErrorCode fill(PetscInt n, const queue_task_spec spec[], queue_tasks *tasks)
{
  PetscFunctionBegin;
  PetscCall(allocate(n, tasks));
  for (PetscInt i = 0; i < n; i++) {
    tasks->task[i].spec = spec[i];
    queue__history_clear(&tasks->link[i].history);
    PetscCall(add_task(tasks, i));
  }
  PetscCall(begin_all(tasks));
  PetscFunctionReturn(0);
}

PetscErrorCode queue_tasks_create(PetscInt n, const queue_task_spec spec[], PetscInt max_crashes,
                                  queue_tasks **tasks)
{
  PetscErrorCode ierr;

  PetscFunctionBegin;
  *tasks = NULL;
  PetscCheck(n >= 0 && max_crashes >= 0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Got %" PetscInt_FMT " tasks that may crash %" PetscInt_FMT
             " times, neither can be negative",
             n, max_crashes);
  PetscCall(PetscNew(tasks));
  (*tasks)->max_crashes = max_crashes;
  ierr = fill(n, spec, *tasks);
  if (ierr) PetscCall(queue_tasks_destroy(tasks));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode queue_tasks_destroy(queue_tasks **tasks)
{
  PetscFunctionBegin;
  if (!*tasks) PetscFunctionReturn(0);
  PetscCall(queue__index_destroy(&(*tasks)->index));
  PetscCall(PetscFree((*tasks)->task));
  PetscCall(PetscFree((*tasks)->link));
  PetscCall(PetscFree((*tasks)->chain));
  PetscCall(PetscFree((*tasks)->cost));
  PetscCall(PetscFree((*tasks)->heap[0]));
  PetscCall(PetscFree((*tasks)->heap[1]));
  PetscCall(PetscFree(*tasks));
  PetscFunctionReturn(0);
}

PetscInt queue_tasks_count(const queue_tasks *tasks)
{
  return tasks->n;
}

const queue_task *queue_tasks_get(const queue_tasks *tasks, PetscInt i)
{
  return i >= 0 && i < tasks->n ? &tasks->task[i] : NULL;
}

typedef struct {
  queue_tasks *tasks;
  char *name;
} reading;

/* The first record of every pass over a base: forget what an earlier pass, broken off because a
   compaction took its files, has told. */
static PetscErrorCode visit_campaign(reading *r, const queue_record *record)
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < r->tasks->n; i++) queue__history_clear(&r->tasks->link[i].history);
  PetscCall(PetscFree(r->name));
  PetscCall(PetscCalloc1((size_t)record->size + 1, &r->name));
  if (record->size) memcpy(r->name, record->payload, (size_t)record->size);
  PetscFunctionReturn(0);
}

static PetscErrorCode visit_record(const queue_record *record, queue_place place, void *context)
{
  const queue__identity identity = {
      .key = record->key, .replica = record->replica, .stage = record->stage};
  reading *r = context;
  PetscInt i;

  PetscFunctionBegin;
  if (record->kind == QUEUE_RECORD_CAMPAIGN) {
    PetscCall(visit_campaign(r, record));
    PetscFunctionReturn(0);
  }
  i = queue__index_find(r->tasks->index, &identity);
  if (i >= 0 && r->tasks->task[i].spec.origin == record->origin) {
    queue__history_add(&r->tasks->link[i].history, r->tasks->task[i].spec.total, record, place);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode queue_tasks_replay(queue_tasks *tasks, const char *directory, int64_t *generation,
                                  char **name)
{
  reading r = {.tasks = tasks};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  if (name) *name = NULL;
  for (PetscInt i = 0; i < tasks->n; i++) queue__history_clear(&tasks->link[i].history);
  ierr = queue_journal_replay(directory, generation, NULL, visit_record, &r);
  if (!ierr) ierr = begin_all(tasks);
  if (ierr || !name) PetscCall(PetscFree(r.name));
  PetscCall(ierr);
  if (name) *name = r.name;
  PetscFunctionReturn(0);
}

static PetscErrorCode note_crash(queue_tasks *tasks, PetscInt i, queue_journal *journal,
                                 PetscInt *noted)
{
  queue_task *task = get(tasks, i);
  const PetscInt deaths = queue__history_deaths(&tasks->link[i].history, task->done);
  const queue_record record = {.kind = QUEUE_RECORD_CRASHED,
                               .key = task->spec.key,
                               .replica = task->spec.replica,
                               .stage = task->spec.stage,
                               .origin = task->spec.origin,
                               .done = task->done,
                               .total = task->spec.total,
                               .status = (int32_t)PetscMin(deaths, INT32_MAX),
                               .seconds = task->seconds};

  PetscFunctionBegin;
  if (deaths <= task->crashes) PetscFunctionReturn(0);
  PetscCall(queue_journal_append(journal, &record, PETSC_FALSE, NULL));
  task->crashes = deaths;
  ++*noted;
  if (task->state == QUEUE_READY) PetscCall(settle(tasks, i));
  queue__schedule_update(tasks, tasks->link[i].chain);
  PetscFunctionReturn(0);
}

PetscErrorCode queue_tasks_note_crashes(queue_tasks *tasks, const char *directory,
                                        queue_journal *journal)
{
  int64_t generation;
  PetscInt noted = 0;

  PetscFunctionBegin;
  PetscCall(queue_tasks_replay(tasks, directory, &generation, NULL));
  for (PetscInt i = 0; i < tasks->n; i++) PetscCall(note_crash(tasks, i, journal, &noted));
  PetscCall(queue__drop_all(tasks));
  if (noted) PetscCall(queue__journal_sync(journal));
  PetscFunctionReturn(0);
}

/* PETSC_ERR_PLIB unless the record is one that the event can stand for. */
static PetscErrorCode check_record(const queue_task *task, PetscInt i, queue_event event,
                                   const queue_record *record, const queue_place *place)
{
  const queue_task_spec *s = &task->spec;
  const PetscBool failed = (PetscBool)(event == QUEUE_EVENT_FAIL);
  const PetscBool last = (PetscBool)(event == QUEUE_EVENT_FINISH);

  PetscFunctionBegin;
  if (failed && !record) PetscFunctionReturn(0);
  PetscCheck(record && place, PETSC_COMM_SELF, PETSC_ERR_PLIB,
             "Task %" PetscInt_FMT ": the event \"%s\" needs a record and its place", i,
             queue_event_name(event));
  PetscCheck(same_replica(&record->key, record->replica, s) && record->stage == s->stage &&
                 record->origin == s->origin,
             PETSC_COMM_SELF, PETSC_ERR_PLIB,
             "Task %" PetscInt_FMT ": the record of \"%s\" is of another task", i,
             queue_event_name(event));
  PetscCheck(record->kind == (failed ? QUEUE_RECORD_FAILED : QUEUE_RECORD_SEGMENT) &&
                 record->done >= task->done + !(failed || last) && record->done <= s->total &&
                 (failed || (record->done == s->total) == last),
             PETSC_COMM_SELF, PETSC_ERR_PLIB,
             "Task %" PetscInt_FMT " has done %" PRId64 " of %" PRId64
             " steps: a record of kind %d with %" PRId64 " steps cannot stand for \"%s\"",
             i, task->done, s->total, (int)record->kind, record->done, queue_event_name(event));
  PetscFunctionReturn(0);
}

/* Takes in progress, and what it tells about costs. */
static void take_record(queue_tasks *tasks, PetscInt i, const queue_record *record,
                        queue_place place)
{
  const PetscInt cost_class = tasks->link[i].cost_class;
  queue_task *task = get(tasks, i);

  queue__schedule_compare(tasks, i, record->seconds - task->seconds,
                          (double)(record->done - task->done));
  task->has_place = PETSC_TRUE;
  task->done = record->done;
  task->kind = record->kind;
  task->place = place;
  task->status = record->status;
  task->seconds = record->seconds;
  task->crashes = task->started = 0;
  queue__schedule_learn(tasks, i);
  queue__schedule_price(tasks, cost_class);
  for (PetscInt j = tasks->cost[cost_class].first; j >= 0; j = tasks->link[j].next) {
    queue__schedule_update(tasks, tasks->link[j].chain);
  }
  if (!queue__schedule_repace(tasks)) return;
  for (PetscInt c = 0; c < tasks->nchain; c++) queue__schedule_update(tasks, c);
}

/* What an event does to the other stages. */
static PetscErrorCode spread(queue_tasks *tasks, PetscInt i, queue_event event)
{
  const queue__chain *chain = &tasks->chain[tasks->link[i].chain];
  const PetscInt end = chain->first + chain->n;

  PetscFunctionBegin;
  if (event == QUEUE_EVENT_FAIL || event == QUEUE_EVENT_GIVE_UP) {
    for (PetscInt j = i + 1; j < end; j++) PetscCall(queue__enter(tasks, j, event));
  } else if (event == QUEUE_EVENT_FINISH && i + 1 < end) {
    PetscCall(settle(tasks, i + 1));
  } else if (event == QUEUE_EVENT_UNBLOCK || event == QUEUE_EVENT_CRASH) {
    PetscCall(settle(tasks, i));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode queue_tasks_apply(queue_tasks *tasks, PetscInt i, queue_event event,
                                 const queue_record *record, const queue_place *place)
{
  const PetscBool with_record =
      (PetscBool)(event == QUEUE_EVENT_SEGMENT || event == QUEUE_EVENT_FINISH ||
                  event == QUEUE_EVENT_FAIL);

  PetscFunctionBegin;
  PetscCheck(i >= 0 && i < tasks->n, PETSC_COMM_SELF, PETSC_ERR_PLIB,
             "Task %" PetscInt_FMT " does not exist, there are %" PetscInt_FMT, i, tasks->n);
  /* the state is checked first: an event out of turn explains a record that does not fit */
  if (with_record && queue_state_next(tasks->task[i].state, event) != QUEUE_INVALID) {
    PetscCall(check_record(&tasks->task[i], i, event, record, place));
  }
  PetscCall(queue__enter(tasks, i, event));
  if (event == QUEUE_EVENT_ASSIGN) get(tasks, i)->group = place ? place->group : -1;
  if (event == QUEUE_EVENT_CRASH) get(tasks, i)->crashes++;
  if (with_record && record) take_record(tasks, i, record, *place);
  PetscCall(spread(tasks, i, event));
  queue__schedule_update(tasks, tasks->link[i].chain);
  PetscCall(queue__drop_around(tasks, tasks->link[i].chain));
  PetscFunctionReturn(0);
}

PetscErrorCode queue_tasks_release(queue_tasks *tasks, PetscInt i)
{
  const queue__chain *chain;

  PetscFunctionBegin;
  PetscCheck(i >= 0 && i < tasks->n, PETSC_COMM_SELF, PETSC_ERR_PLIB,
             "Task %" PetscInt_FMT " does not exist, there are %" PetscInt_FMT, i, tasks->n);
  chain = &tasks->chain[tasks->link[i].chain];
  for (PetscInt j = chain->first; j < chain->first + chain->n; j++)
    PetscCall(queue__enter(tasks, j, QUEUE_EVENT_RELEASE));
  PetscCall(settle(tasks, chain->first));
  queue__schedule_update(tasks, tasks->link[i].chain);
  PetscCall(queue__drop_around(tasks, tasks->link[i].chain));
  PetscFunctionReturn(0);
}
