/* queue/queue_history.c - what the journals tell about one task, gathered in any order
 *
 * Records of one task lie in the files of several groups, with nothing that says which came first
 * but their `done`.  So everything kept here is a maximum or belongs to one, and reading the files
 * in another order gives the same.
 *
 * Deaths.  A group writes STARTED{done} before a segment that begins at step `done`.  It is
 * answered by a record that reaches further.  After a death, unanswered ones are counted, and the
 * count is written as CRASHED{done, status = count}, never "one more": who counts again after a
 * second death in the middle of the counting gets the same number.  Compaction drops STARTED and
 * keeps the largest CRASHED in the base, hence
 *   count = CRASHED of the base + STARTED in the group files, both beginning where the task is now.
 */
#include "queue/queue_impl.h"

void queue__history_clear(queue__history *history)
{
  *history = (queue__history){.started_done = -1, .crashed_done = -1, .crashed_base_done = -1};
}

#define DIFFER(x, y)                                                                               \
  if ((x) != (y)) return (PetscBool)((x) > (y))

/* A total order, so that the newest of several records does not depend on the order of reading. */
static PetscBool is_newer(const queue_record *a, queue_place at_a, const queue_record *b,
                          queue_place at_b)
{
  DIFFER(a->done, b->done);
  DIFFER(a->kind == QUEUE_RECORD_FAILED, b->kind == QUEUE_RECORD_FAILED);
  DIFFER(a->total, b->total);
  DIFFER(a->status, b->status);
  DIFFER(a->size, b->size);
  DIFFER(at_a.generation, at_b.generation);
  DIFFER(at_a.group, at_b.group);
  return (PetscBool)(at_a.offset > at_b.offset);
}

static void add_result(queue__history *history, int64_t total, const queue_record *record,
                       queue_place place)
{
  const int64_t beyond = record->kind == QUEUE_RECORD_FAILED && record->done < INT64_MAX;

  history->farthest = PetscMax(history->farthest, record->done + beyond);
  if (total >= 0 && record->done > total) return;
  if (history->has_best && !is_newer(record, place, &history->best, history->place)) return;
  history->has_best = PETSC_TRUE;
  history->best = *record;
  history->best.payload = NULL;
  history->place = place;
}

/* The largest count at the largest `done`. */
static void raise_count(int64_t *at, PetscInt *count, int64_t done, PetscInt value)
{
  if (done < *at || (done == *at && value <= *count)) return;
  *at = done;
  *count = value;
}

void queue__history_add(queue__history *history, int64_t total, const queue_record *record,
                        queue_place place)
{
  switch (record->kind) {
  case QUEUE_RECORD_SEGMENT:
  case QUEUE_RECORD_FAILED:
    add_result(history, total, record, place);
    break;
  case QUEUE_RECORD_STARTED:
    raise_count(&history->started_done, &history->started, record->done,
                record->done == history->started_done ? history->started + 1 : 1);
    break;
  case QUEUE_RECORD_CRASHED:
    raise_count(&history->crashed_done, &history->crashed, record->done, record->status);
    if (place.group == QUEUE_GROUP_BASE) {
      raise_count(&history->crashed_base_done, &history->crashed_base, record->done,
                  record->status);
    }
    break;
  default:
    break;
  }
}

PetscInt queue__history_crashes(const queue__history *history, int64_t done)
{
  return history->farthest <= done && history->crashed_done == done ? history->crashed : 0;
}

PetscInt queue__history_started(const queue__history *history, int64_t done)
{
  return history->farthest <= done && history->started_done == done ? history->started : 0;
}

PetscInt queue__history_deaths(const queue__history *history, int64_t done)
{
  const PetscInt base = history->crashed_base_done == done ? history->crashed_base : 0;

  return history->farthest <= done ? base + queue__history_started(history, done) : 0;
}
