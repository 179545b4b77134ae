/* queue/queue_drop.c - points that are given up: the rule stands in queue_tasks.h
 *
 * Replicas of a point are neighbours and ascend, so one walk over them with a count is all.  Only
 * the numbers before a replica decide about it: one that ran ahead and failed closes nothing for
 * those before it, which run to their ends, and the count at which the point closes is reached at
 * the same replica whoever was faster.
 */
#include "queue/queue_impl.h"

#include <string.h>

static PetscBool same_point(const queue_task_spec *a, const queue_task_spec *b)
{
  return (PetscBool)(a->point == b->point && !memcmp(a->key.byte, b->key.byte, QUEUE_KEY_SIZE));
}

/* Two chains of one point. */
static PetscBool belong(const queue_tasks *tasks, PetscInt a, PetscInt b)
{
  return same_point(&tasks->task[tasks->chain[a].first].spec,
                    &tasks->task[tasks->chain[b].first].spec);
}

static PetscBool has_failed(const queue_tasks *tasks, const queue__chain *chain)
{
  for (PetscInt i = chain->first; i < chain->first + chain->n; i++) {
    const queue_state state = tasks->task[i].state;

    if (state == QUEUE_FAILED || state == QUEUE_QUARANTINED) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

/* Tasks of a replica that have not run; one that runs is met again when its segment has ended. */
static PetscErrorCode drop_chain(queue_tasks *tasks, PetscInt c)
{
  const queue__chain *chain = &tasks->chain[c];
  PetscBool running = PETSC_FALSE;

  PetscFunctionBegin;
  for (PetscInt i = chain->first; i < chain->first + chain->n; i++)
    running = (PetscBool)(running || tasks->task[i].state == QUEUE_RUNNING);
  for (PetscInt i = chain->first; i < chain->first + chain->n && !running; i++) {
    const queue_state state = tasks->task[i].state;

    if (state == QUEUE_WAITING || state == QUEUE_READY)
      PetscCall(queue__enter(tasks, i, QUEUE_EVENT_DROP));
  }
  queue__schedule_update(tasks, c);
  PetscFunctionReturn(0);
}

/* The replicas of one point from its first chain on; *end: the chain after the last. */
static PetscErrorCode drop_point(queue_tasks *tasks, PetscInt first, PetscInt *end)
{
  PetscInt failed = 0, c = first;

  PetscFunctionBegin;
  for (; c < tasks->nchain && belong(tasks, c, first); c++) {
    if (failed >= tasks->max_failed) PetscCall(drop_chain(tasks, c));
    failed += has_failed(tasks, &tasks->chain[c]) ? 1 : 0;
  }
  *end = c;
  PetscFunctionReturn(0);
}

PetscErrorCode queue__drop_around(queue_tasks *tasks, PetscInt chain)
{
  PetscInt first = chain, end;

  PetscFunctionBegin;
  if (tasks->max_failed == 0) PetscFunctionReturn(0);
  while (first > 0 && belong(tasks, first - 1, chain)) first--;
  PetscCall(drop_point(tasks, first, &end));
  PetscFunctionReturn(0);
}

PetscErrorCode queue__drop_all(queue_tasks *tasks)
{
  PetscFunctionBegin;
  for (PetscInt c = 0; c < tasks->nchain && tasks->max_failed > 0;)
    PetscCall(drop_point(tasks, c, &c));
  PetscFunctionReturn(0);
}

/* Replicas of a point in ascending order. */
static PetscErrorCode check_order(const queue_tasks *tasks)
{
  PetscFunctionBegin;
  for (PetscInt c = 1; c < tasks->nchain; c++) {
    const queue_task_spec *a = &tasks->task[tasks->chain[c - 1].first].spec;
    const queue_task_spec *b = &tasks->task[tasks->chain[c].first].spec;

    PetscCheck(!same_point(a, b) || a->replica < b->replica, PETSC_COMM_SELF,
               PETSC_ERR_ARG_OUTOFRANGE,
               "Replica %d of point %" PetscInt_FMT " stands behind replica %d", (int)b->replica,
               b->point, (int)a->replica);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode queue_tasks_give_up_after(queue_tasks *tasks, PetscInt failed)
{
  PetscFunctionBegin;
  PetscCheck(failed >= 0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Got %" PetscInt_FMT " failed replicas, wanted 0 or more", failed);
  PetscCall(check_order(tasks));
  tasks->max_failed = failed;
  PetscCall(queue__drop_all(tasks));
  PetscFunctionReturn(0);
}
