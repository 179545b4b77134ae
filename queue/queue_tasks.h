/* queue/queue_tasks.h - the tasks of a campaign: chains of stages, replayed from journals, handed
 * out longest first
 *
 * A task is one stage of one replica of one state point; stages of a replica run in order, each
 * from the end state of the one before.  Which segment of it runs next is decided here; what it
 * computes is not known here.
 *
 * A start: queue_tasks_create(), queue_tasks_replay(), queue_tasks_note_crashes() if processes died
 * by themselves, queue_tasks_compact(), queue_tasks_replay() again (places have moved).  Then each
 * group opens its journal of the new generation, and the dispatcher loops over queue_tasks_next(),
 * queue_tasks_segment() and queue_tasks_apply().  A group appends STARTED (not synced) before and
 * SEGMENT or FAILED (synced) after each segment, and tells the dispatcher only then.
 *
 * Nothing here is collective: one process owns the tasks.
 */
#pragma once

#include "queue/queue_journal.h"
#include "queue/queue_state.h"

typedef struct {
  queue_key key;
  PetscInt point; /* caller's index; tasks of one point and stage share the cost a step */
  int32_t replica, stage;
  int64_t origin;   /* what earlier stages must have been for a record to count */
  int64_t total;    /* steps wanted, >= 1 */
  double cost;      /* [s] a step, estimated, finite, >= 0; updated from finished segments */
  int32_t priority; /* replicas with a higher one go first, however long the others are */
  PetscBool held;   /* not run before it is released, unless its replica has a record; the same for
                     all stages of a replica.  One that crashed too often before its first record is
                     given up and not held again */
} queue_task_spec;

/* Open for reading. */
typedef struct {
  queue_task_spec spec;
  queue_state state;
  int64_t done;           /* steps in the journal */
  PetscBool has_place;    /* whether there is a usable record */
  queue_record_kind kind; /* of that record; SEGMENT or FAILED */
  queue_place place;      /* newest usable record: segment or failure */
  int32_t status;         /* of that record */
  double seconds;         /* [s] wall time spent, of that record */
  PetscInt crashes;       /* since the last progress */
  PetscInt started;       /* STARTED records since the last progress, as of the last replay: with a
                             run alive, more than `crashes` means that it runs now */
  int32_t group;          /* running: where; else -1 */
} queue_task;

typedef struct queue_tasks queue_tasks;

/* queue_tasks_create - tasks of which nothing is done
 *
 * In:   spec         [n], copied.  Specs of one replica are consecutive and their stages increase
 *                    (a stage with no steps is left out).
 *       max_crashes  a task that crashed more often than this without progress is given up; >= 0
 *
 * Returns PETSC_ERR_ARG_OUTOFRANGE for specs that break these rules; the message names the spec.
 */
PetscErrorCode queue_tasks_create(PetscInt n, const queue_task_spec spec[], PetscInt max_crashes,
                                  queue_tasks **tasks);
/* queue_tasks_give_up_after - when a point is given up
 *
 * In:   failed  replicas of a point that end as FAILED or QUARANTINED before those with higher
 *               numbers are not run any more; 0: all are run (as without this call)
 *
 * A task becomes DROPPED when so many replicas of its point *with lower numbers* have failed: what
 * they and their reasons are then does not depend on who was faster, because all replicas up to the
 * one that closes the point run to their ends.  A running segment ends first.  Nothing is written:
 * the journals tell the same at the next start, and a larger number takes up what was dropped.
 * Replicas of one point must be consecutive among the specs, numbers ascending; else
 * PETSC_ERR_ARG_OUTOFRANGE.  Specs with other keys count as another point, whatever their index.
 * Verified by: tests/unit/queue/test_queue_drop.c */
PetscErrorCode queue_tasks_give_up_after(queue_tasks *tasks, PetscInt failed);
/* queue_tasks_release - lets the replica of task i, which is held, be run
 *
 * Returns PETSC_ERR_PLIB when it is not held.  Nothing is written: until it has finished a segment
 * the next start holds it again, and whoever released it decides anew; from then on it is a replica
 * as any other.
 * Verified by: tests/unit/queue/test_queue_tasks.c */
PetscErrorCode queue_tasks_release(queue_tasks *tasks, PetscInt i);
PetscErrorCode queue_tasks_destroy(queue_tasks **tasks); /* NULL-safe, sets NULL */
PetscInt queue_tasks_count(const queue_tasks *tasks);
const queue_task *queue_tasks_get(const queue_tasks *tasks, PetscInt i); /* NULL: out of range */

/* queue_tasks_replay - brings the tasks to the state the journals tell
 *
 * A record counts if key, replica, stage and origin fit and done <= total; the newest (largest
 * done; a failure before a segment of the same length) wins.  What the tasks were before is
 * forgotten: a running one is ready again.  A stage whose own record is there but whose earlier
 * stage is not finished waits, and takes up its record when it is unblocked.
 *
 * Out:  generation  that of the journals read (0: none)
 *       name        the campaign's name in the base (allocated, the caller frees it with
 *                   PetscFree(); NULL if there is none); may be NULL
 *
 * Idempotent; order of records does not matter.  Returns the errors of queue_journal_replay().
 * Verified by: tests/unit/queue/test_queue_tasks.c
 */
PetscErrorCode queue_tasks_replay(queue_tasks *tasks, const char *directory, int64_t *generation,
                                  char **name);

/* queue_tasks_note_crashes - crash bookkeeping after processes died by themselves
 *
 * STARTED records of the present generation without a later SEGMENT/FAILED of the same task are
 * counted once each as a crash (only called by a start that knows the processes died by
 * themselves).  Replays, appends CRASHED records to `journal` and syncs them; calling it twice
 * counts nothing twice.
 */
PetscErrorCode queue_tasks_note_crashes(queue_tasks *tasks, const char *directory,
                                        queue_journal *journal);

/* queue_tasks_compact - writes the records still of use into journal.<new>.base and removes older
 * generations
 *
 * Kept: of every (key, replica, stage, origin), also of points no longer in the campaign, the
 * newest SEGMENT or FAILED record, and how often it crashed since.  Not kept: what came before it.
 * A campaign edited to fewer steps than a stage has done computes that stage again.
 *
 * No journal of the directory may be open here or elsewhere; one that another process holds is
 * PETSC_ERR_FILE_OPEN.  Out: *generation, the new one; to be appended to only from now on.
 *
 * Crash-safe at any point.  After an error the old generation is untouched, or old and new are
 * both there: nothing may be appended before a new replay has told which one counts.
 * Cost: reads all journals of the generation twice, one record in memory at a time.
 * Verified by: tests/fault/test_queue_io.c, tests/fault/test_queue_kill.c
 */
PetscErrorCode queue_tasks_compact(const char *directory, const char *campaign_name,
                                   int64_t *generation);

/* Two directories hold other results of the same steps of the same task: as far as one is, `record`
 * of source `second` differs from that of source `first`, which is kept. */
typedef PetscErrorCode queue_conflict(const queue_record *record, PetscInt first, PetscInt second,
                                      void *context);

/* queue_tasks_merge - a base in `directory` from the records of n >= 1 others and its own
 *
 * Kept is what a compaction keeps, of all together: of every (key, replica, stage, origin) the
 * record with most steps done, of the first directory that has it.  Payloads of records as far as
 * each other are compared by size and CRC-32, and differences reported (never NULL).  The sources
 * are read only, also while somebody writes to them (a compaction in between is
 * PETSC_ERR_FILE_READ or PETSC_ERR_FILE_UNEXPECTED: try again).  Doing it twice gives the same
 * records.  Crash-safe as queue_tasks_compact().
 * Verified by: tests/unit/queue/test_queue_merge.c, tests/system/merge.sh
 */
PetscErrorCode queue_tasks_merge(PetscInt n, const char *const source[], const char *directory,
                                 const char *campaign_name, queue_conflict *report, void *context,
                                 int64_t *generation);

/* queue_tasks_next - the task to hand out next, or -1
 *
 * The READY task whose replica has the highest priority, of these the one with the most seconds
 * left over all its stages (ties: the first).  A task that crashed before runs only while no other
 * such task does, so that the guilty one is found.  The caller applies QUEUE_EVENT_ASSIGN.
 * Cost: O(1).
 * Verified by: tests/unit/queue/test_queue_schedule.c
 */
PetscInt queue_tasks_next(const queue_tasks *tasks);

/* [s] Remaining wall time of the whole campaign if `groups` >= 1 share it, from the costs known:
 * the larger of the work divided by the groups and the longest replica.  Cost: O(replicas). */
double queue_tasks_remaining(const queue_tasks *tasks, PetscInt groups);

/* queue_tasks_forecast - how long still, and between what
 *
 * Out:  seconds  [3]: what queue_tasks_remaining() says, and the ends of its range [s]
 *
 * The range is one standard deviation of what single segments took against their prediction (at
 * least 5 %, 25 % before ten of them) where a cost was measured; where only other points of the
 * same stage were, a quarter less to a quarter more; where nothing was, half to twice.
 * Cost: O(tasks).  Verified by: tests/unit/queue/test_queue_schedule.c */
void queue_tasks_forecast(const queue_tasks *tasks, PetscInt groups, double seconds[3]);

/* Steps of the next segment of task i: about `seconds` of work, at least 1, at most what remains;
 * 2 % of the time that remains towards the end (but at least seconds / 16), so that groups finish
 * together; what remains is cut into equal segments.  0 when i is no task.  The time that remains
 * is the larger of the work divided by the groups and what is left of this replica.  Cost: O(1). */
int64_t queue_tasks_segment(const queue_tasks *tasks, PetscInt i, double seconds, PetscInt groups);

/* queue_tasks_apply - applies an event to task i
 *
 * In:   record  the journal record behind it; payload not needed.  SEGMENT and FINISH need one,
 *               FAIL may have one; others ignore it.
 *       place   of that record; needed with it.  With ASSIGN, place->group says where it runs
 *               (NULL: -1).
 *
 * FINISH unblocks the next stage; FAIL and GIVE_UP fail the rest of the replica; CRASH adds a crash
 * and, beyond max_crashes, is followed by GIVE_UP.  What fails may close its point
 * (queue_tasks_give_up_after()).  Updates the costs.
 *
 * Returns PETSC_ERR_PLIB for a transition that the table does not have and for a record that is not
 * of this task or does not fit the event; the tasks are then unchanged.
 * Cost: O(replicas of the point x log(all replicas)).
 */
PetscErrorCode queue_tasks_apply(queue_tasks *tasks, PetscInt i, queue_event event,
                                 const queue_record *record, const queue_place *place);
