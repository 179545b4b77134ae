/* screening/screen_deadline.c - steps that end in time */
#include "screening/screen_deadline.h"

#define MARGIN_MEASURED 1.5
#define MARGIN_SCALED   3.0
#define MARGIN_GUESSED  10.0

static PetscBool is_timed(const queue_task *task)
{
  return (PetscBool)(task->done > 0 && task->seconds > 0.0);
}

PetscBool screen_deadline_any(const queue_tasks *tasks)
{
  for (PetscInt i = 0; i < queue_tasks_count(tasks); i++)
    if (is_timed(queue_tasks_get(tasks, i))) return PETSC_TRUE;
  return PETSC_FALSE;
}

/* Whether the stage of task i was timed at its point, whose tasks lie together; `step`: 1 or -1. */
static PetscBool timed_beside(const queue_tasks *tasks, PetscInt i, PetscInt step)
{
  const queue_task *own = queue_tasks_get(tasks, i), *t;

  for (; (t = queue_tasks_get(tasks, i)) && t->spec.point == own->spec.point; i += step)
    if (t->spec.stage == own->spec.stage && is_timed(t)) return PETSC_TRUE;
  return PETSC_FALSE;
}

int64_t screen_deadline_steps(const queue_tasks *tasks, PetscInt i, PetscBool any, double left)
{
  const queue_task *task = queue_tasks_get(tasks, i);
  double margin = any ? MARGIN_SCALED : MARGIN_GUESSED, steps;

  if (timed_beside(tasks, i, 1) || timed_beside(tasks, i, -1)) margin = MARGIN_MEASURED;
  if (!(left > 0.0)) return 0;
  steps = left / (margin * task->spec.cost);
  return steps < (double)(task->spec.total - task->done) ? (int64_t)steps
                                                         : task->spec.total - task->done;
}
