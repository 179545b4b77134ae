/* queue/queue_tasks.h - the tasks of a campaign: chains of stages, replayed from journals, handed out longest first
 *
 * A task is one stage of one replica of one state point; stages of a replica run in order, each from the end state of
 * the one before.  Which segment of it runs next is decided here; what it computes is not known here.
 */
#pragma once

#include "queue/queue_journal.h"
#include "queue/queue_state.h"

typedef struct {
  queue_key key;
  PetscInt point;       /* caller's index */
  int32_t replica, stage;
  int64_t origin;       /* what earlier stages must have been for a record to count */
  int64_t total;        /* steps wanted, >= 1 */
  double cost;          /* seconds a step, estimated; updated from finished segments */
} queue_task_spec;

/* Open for reading. */
typedef struct {
  queue_task_spec spec;
  queue_state state;
  int64_t done;         /* steps in the journal */
  PetscBool has_place;
  queue_place place;    /* newest usable record: segment or failure */
  int32_t status;       /* of that record */
  double seconds;       /* wall time spent, of that record */
  PetscInt crashes;     /* since the last progress */
  int32_t group;        /* running: where; else -1 */
} queue_task;

typedef struct queue_tasks queue_tasks;

/* Specs of one replica must be consecutive in stage order (0, 1, ...). Copies. */
PetscErrorCode queue_tasks_create(PetscInt n, const queue_task_spec spec[], PetscInt max_crashes, queue_tasks **tasks);
PetscErrorCode queue_tasks_destroy(queue_tasks **tasks);
PetscInt queue_tasks_count(const queue_tasks *tasks);
const queue_task *queue_tasks_get(const queue_tasks *tasks, PetscInt i);

/* queue_tasks_replay - brings the tasks to the state the journals tell
 * A record counts if key, replica, stage and origin fit and done <= total; the newest (largest done) wins.
 * `*generation` is that of the journals read (0: none), `*name` the campaign's name in the base (allocated, NULL if none).
 * Idempotent; order of records does not matter. */
PetscErrorCode queue_tasks_replay(queue_tasks *tasks, const char *directory, int64_t *generation, char **name);

/* Crash bookkeeping: STARTED records without a later SEGMENT/FAILED of the same task are counted once each as a crash (only
 * called by a start that knows the processes died by themselves).  Appends CRASHED records to `journal`. */
PetscErrorCode queue_tasks_note_crashes(queue_tasks *tasks, const char *directory, queue_journal *journal);

/* queue_tasks_compact - writes the records still of use into journal.<new>.base and removes older generations
 * Kept: of every (key, replica, stage), also of points no longer in the campaign, the newest record.  Returns the new
 * generation.  Crash-safe at any point. */
PetscErrorCode queue_tasks_compact(const char *directory, const char *campaign_name, int64_t *generation);

/* Next task for `group`, or -1.  Longest remaining chain first; a task that crashed before runs only while no other such
 * task does.  The caller applies QUEUE_EVENT_ASSIGN. */
PetscInt queue_tasks_next(const queue_tasks *tasks);
/* Remaining seconds of the whole campaign if `groups` share it, from the costs known. */
double queue_tasks_remaining(const queue_tasks *tasks, PetscInt groups);
/* Steps of the next segment: about `seconds` of work, at least 1, at most what remains; shorter towards the end so that
 * groups finish together. */
int64_t queue_tasks_segment(const queue_tasks *tasks, PetscInt i, double seconds, PetscInt groups);

/* Applies an event; `record` (may be NULL) is the journal record behind it.  PETSC_ERR_PLIB for a transition that the
 * table does not have.  FINISH unblocks the next stage; FAIL and GIVE_UP fail the rest of the replica. */
PetscErrorCode queue_tasks_apply(queue_tasks *tasks, PetscInt i, queue_event event, const queue_record *record, const queue_place *place);
