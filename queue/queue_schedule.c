/* queue/queue_schedule.c - which task next, how much of it, how long still
 *
 * Longest first: the chain (replica) with the most seconds left goes first, so that no long one is
 * begun when the others are about to end.  For whole tasks that is Graham's LPT rule, whose
 * makespan is at most 4/3 - 1/(3 m) of the best one on m groups (SIAM J. Appl. Math. 17, 416
 * (1969), doi:10.1137/0117039).  Segments move between groups, which makes it better: about
 * max(work / m, longest chain), the bound nobody can beat.
 *
 * Chains whose next stage is ready stand in one of two binary heaps, ordinary ones and suspects
 * (crashed before), each entry knowing its slot, so that a changed cost moves it in O(log n).
 * next() looks at the tops only.
 *
 * Costs.  Tasks of the same point and stage share one measured cost a step, seconds over steps of
 * all their finished work, because the first segment of the first replica tells what the others
 * will take; before that the caller's estimate stands.
 */
#include "queue/queue_impl.h"

static PetscBool goes_before(const queue_tasks *tasks, PetscInt a, PetscInt b)
{
  const double x = tasks->chain[a].remaining, y = tasks->chain[b].remaining;

  return (PetscBool)(x > y || (x == y && a < b));
}

static void place_at(queue_tasks *tasks, PetscInt heap, PetscInt slot, PetscInt chain)
{
  tasks->heap[heap][slot] = chain;
  tasks->chain[chain].slot = slot;
}

static void sift_up(queue_tasks *tasks, PetscInt heap, PetscInt slot)
{
  const PetscInt chain = tasks->heap[heap][slot];

  while (slot > 0 && goes_before(tasks, chain, tasks->heap[heap][(slot - 1) / 2])) {
    place_at(tasks, heap, slot, tasks->heap[heap][(slot - 1) / 2]);
    slot = (slot - 1) / 2;
  }
  place_at(tasks, heap, slot, chain);
}

static void sift_down(queue_tasks *tasks, PetscInt heap, PetscInt slot)
{
  const PetscInt chain = tasks->heap[heap][slot], n = tasks->nheap[heap];

  for (PetscInt child = 2 * slot + 1; child < n; child = 2 * slot + 1) {
    if (child + 1 < n &&
        goes_before(tasks, tasks->heap[heap][child + 1], tasks->heap[heap][child])) {
      child++;
    }
    if (!goes_before(tasks, tasks->heap[heap][child], chain)) break;
    place_at(tasks, heap, slot, tasks->heap[heap][child]);
    slot = child;
  }
  place_at(tasks, heap, slot, chain);
}

static void heap_insert(queue_tasks *tasks, PetscInt heap, PetscInt chain)
{
  tasks->chain[chain].heap = heap;
  place_at(tasks, heap, tasks->nheap[heap], chain);
  sift_up(tasks, heap, tasks->nheap[heap]++);
}

static void heap_remove(queue_tasks *tasks, PetscInt chain)
{
  const PetscInt heap = tasks->chain[chain].heap, slot = tasks->chain[chain].slot;
  const PetscInt last = heap < 0 ? -1 : tasks->heap[heap][--tasks->nheap[heap]];

  tasks->chain[chain].heap = -1;
  if (heap < 0 || last == chain) return;
  place_at(tasks, heap, slot, last);
  sift_up(tasks, heap, slot);
  sift_down(tasks, heap, tasks->chain[last].slot);
}

static PetscBool is_open(queue_state state)
{
  return (PetscBool)(state == QUEUE_WAITING || state == QUEUE_READY || state == QUEUE_RUNNING);
}

/* [s] */
static double chain_remaining(const queue_tasks *tasks, const queue__chain *chain)
{
  double sum = 0.0;

  for (PetscInt i = chain->first; i < chain->first + chain->n; i++) {
    const queue_task *task = &tasks->task[i];

    if (is_open(task->state)) sum += (double)(task->spec.total - task->done) * task->spec.cost;
  }
  return sum;
}

void queue__schedule_update(queue_tasks *tasks, PetscInt c)
{
  queue__chain *chain = &tasks->chain[c];
  PetscInt current = chain->first;

  heap_remove(tasks, c);
  tasks->work -= chain->remaining;
  chain->remaining = chain_remaining(tasks, chain);
  tasks->work += chain->remaining;
  while (current < chain->first + chain->n && tasks->task[current].state == QUEUE_DONE) current++;
  chain->current =
      current < chain->first + chain->n && is_open(tasks->task[current].state) ? current : -1;
  if (chain->current < 0 || tasks->task[chain->current].state != QUEUE_READY) return;
  heap_insert(tasks, tasks->task[chain->current].crashes > 0, c);
}

void queue__schedule_learn(queue_tasks *tasks, PetscInt i)
{
  queue__link *link = &tasks->link[i];
  queue__class *cost = &tasks->cost[link->cost_class];

  cost->seconds += tasks->task[i].seconds - link->seconds;
  cost->steps += (double)tasks->task[i].done - link->steps;
  link->seconds = tasks->task[i].seconds;
  link->steps = (double)tasks->task[i].done;
}

void queue__schedule_price(queue_tasks *tasks, PetscInt cost_class)
{
  const queue__class *cost = &tasks->cost[cost_class];
  const double measured =
      cost->seconds > 0.0 && cost->steps > 0.0 ? cost->seconds / cost->steps : 0;

  if (!(measured > 0.0)) return;
  for (PetscInt i = cost->first; i >= 0; i = tasks->link[i].next) {
    tasks->task[i].spec.cost = measured;
  }
}

PetscInt queue_tasks_next(const queue_tasks *tasks)
{
  PetscInt chain = tasks->nheap[0] ? tasks->heap[0][0] : -1;

  if (tasks->nheap[1] && tasks->suspects == 0) {
    const PetscInt suspect = tasks->heap[1][0];

    if (chain < 0 || goes_before(tasks, suspect, chain)) chain = suspect;
  }
  return chain < 0 ? -1 : tasks->chain[chain].current;
}

double queue_tasks_remaining(const queue_tasks *tasks, PetscInt groups)
{
  double work = 0.0, longest = 0.0;

  for (PetscInt c = 0; c < tasks->nchain; c++) {
    work += tasks->chain[c].remaining;
    longest = PetscMax(longest, tasks->chain[c].remaining);
  }
  return PetscMax(work / (double)PetscMax(groups, 1), longest);
}

int64_t queue_tasks_segment(const queue_tasks *tasks, PetscInt i, double seconds, PetscInt groups)
{
  const queue_task *task = queue_tasks_get(tasks, i);
  const double share = task ? tasks->work / (2.0 * (double)PetscMax(groups, 1)) : 0.0;
  const double goal = PetscMin(seconds, PetscMax(share, seconds / 16.0));
  int64_t left, n, pieces;

  if (!task || task->done >= task->spec.total) return 0;
  left = task->spec.total - task->done;
  /* the comparison as doubles keeps the conversion below within range */
  if (!(task->spec.cost * (double)left > goal)) return left;
  n = PetscMax((int64_t)(goal / task->spec.cost), 1);
  pieces = left / n + (left % n > 0);
  return left / pieces + (left % pieces > 0);
}
