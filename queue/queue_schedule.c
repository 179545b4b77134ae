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
 * will take; before that the caller's estimate stands, times the pace: what finished work of the
 * same stage at other points took over what had been estimated for it.  A pace is used again only
 * when it has moved by a quarter, because that moves all the heap.
 */
#include "queue/queue_impl.h"

static PetscBool goes_before(const queue_tasks *tasks, PetscInt a, PetscInt b)
{
  const queue__chain *p = &tasks->chain[a], *q = &tasks->chain[b];

  if (p->priority != q->priority) return (PetscBool)(p->priority > q->priority);
  if (p->remaining > q->remaining) return PETSC_TRUE;
  return (PetscBool)(!(p->remaining < q->remaining) && a < b);
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

/* Costs ---------------------------------------------------------------------------------------- */

static PetscBool is_measured(const queue__class *cost)
{
  return (PetscBool)(cost->seconds > 0.0 && cost->steps > 0.0);
}

static PetscInt pace_of(int32_t stage)
{
  return PetscMin((PetscInt)stage, QUEUE_PACES - 1);
}

void queue__schedule_forget(queue_tasks *tasks)
{
  for (PetscInt c = 0; c < tasks->nclass; c++) tasks->cost[c].seconds = tasks->cost[c].steps = 0.0;
  for (PetscInt k = 0; k <= QUEUE_PACE_ALL; k++) tasks->pace[k] = (queue__pace){.factor = 1.0};
}

void queue__schedule_learn(queue_tasks *tasks, PetscInt i)
{
  const PetscInt pace[2] = {pace_of(tasks->task[i].spec.stage), QUEUE_PACE_ALL};
  queue__link *link = &tasks->link[i];
  queue__class *cost = &tasks->cost[link->cost_class];
  const double seconds = tasks->task[i].seconds - link->seconds;
  const double steps = (double)tasks->task[i].done - link->steps;

  cost->seconds += seconds;
  cost->steps += steps;
  for (int k = 0; k < 2; k++) {
    tasks->pace[pace[k]].seconds += seconds;
    tasks->pace[pace[k]].guessed += steps * link->guess;
  }
  link->seconds = tasks->task[i].seconds;
  link->steps = (double)tasks->task[i].done;
}

void queue__schedule_compare(queue_tasks *tasks, PetscInt i, double seconds, double steps)
{
  const double predicted = steps * tasks->task[i].spec.cost;
  queue__scatter *s = &tasks->scatter;

  if (!is_measured(&tasks->cost[tasks->link[i].cost_class]) || !(seconds > 0.0) ||
      !(predicted > 0.0))
    return;
  if (s->n >= 1000.0) { /* a machine that has changed is to be seen */
    s->n *= 0.5;
    s->square *= 0.5;
  }
  s->n += 1.0;
  s->square += PetscSqr(PetscLogReal(seconds / predicted));
}

void queue__schedule_price(queue_tasks *tasks, PetscInt cost_class)
{
  const queue__class *cost = &tasks->cost[cost_class];
  const PetscBool measured = is_measured(cost);
  const double each = measured ? cost->seconds / cost->steps : 0.0;

  for (PetscInt i = cost->first; i >= 0; i = tasks->link[i].next) {
    const double factor = tasks->pace[pace_of(tasks->task[i].spec.stage)].factor;

    tasks->task[i].spec.cost = measured ? each : tasks->link[i].guess * factor;
  }
}

/* What work that was finished took over what was estimated for it; 0: there is none. */
static double pace_now(const queue__pace *pace)
{
  return pace->seconds > 0.0 && pace->guessed > 0.0 ? pace->seconds / pace->guessed : 0.0;
}

PetscBool queue__schedule_repace(queue_tasks *tasks)
{
  const double all = pace_now(&tasks->pace[QUEUE_PACE_ALL]);
  PetscBool moved = PETSC_FALSE;

  for (PetscInt k = 0; k < QUEUE_PACES; k++) {
    queue__pace *pace = &tasks->pace[k];
    const double own = pace_now(pace), now = own > 0.0 ? own : all > 0.0 ? all : 1.0;

    if (now < 1.25 * pace->factor && now > 0.8 * pace->factor) continue;
    pace->factor = now;
    moved = PETSC_TRUE;
  }
  for (PetscInt c = 0; c < tasks->nclass && moved; c++)
    if (!is_measured(&tasks->cost[c])) queue__schedule_price(tasks, c);
  return moved;
}

/* Which task, how much of it, how long still --------------------------------------------------- */

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

/* How far one task may be from its price, down and up, as factors. */
static void price_range(const queue_tasks *tasks, PetscInt i, double range[2])
{
  const queue__scatter *s = &tasks->scatter;
  double spread = s->n >= 10.0 ? PetscMax(0.05, PetscSqrtReal(s->square / s->n)) : 0.25;

  if (!is_measured(&tasks->cost[tasks->link[i].cost_class])) {
    const PetscBool paced =
        (PetscBool)(pace_now(&tasks->pace[pace_of(tasks->task[i].spec.stage)]) > 0.0);

    spread = paced ? PetscMax(spread, 0.25) : 1.0;
  }
  range[0] = 1.0 / (1.0 + spread);
  range[1] = 1.0 + spread;
}

void queue_tasks_forecast(const queue_tasks *tasks, PetscInt groups, double seconds[3])
{
  double work = 0.0, end[2] = {0.0, 0.0}, range[2];

  for (PetscInt i = 0; i < tasks->n; i++) {
    const queue_task *task = &tasks->task[i];
    const double left = (double)(task->spec.total - task->done) * task->spec.cost;

    if (!is_open(task->state) || !(left > 0.0)) continue;
    price_range(tasks, i, range);
    work += left;
    for (int k = 0; k < 2; k++) end[k] += range[k] * left;
  }
  seconds[0] = queue_tasks_remaining(tasks, groups);
  for (int k = 0; k < 2; k++) seconds[1 + k] = work > 0.0 ? seconds[0] * end[k] / work : 0.0;
}

int64_t queue_tasks_segment(const queue_tasks *tasks, PetscInt i, double seconds, PetscInt groups)
{
  const queue_task *task = queue_tasks_get(tasks, i);
  double time_left, goal;
  int64_t left, n, pieces;

  if (!task || task->done >= task->spec.total) return 0;
  time_left = PetscMax(tasks->work / (double)PetscMax(groups, 1),
                       tasks->chain[tasks->link[i].chain].remaining);
  goal = PetscMin(seconds, PetscMax(0.02 * time_left, seconds / 16.0));
  left = task->spec.total - task->done;
  /* the comparison as doubles keeps the conversion below within range */
  if (!(task->spec.cost * (double)left > goal)) return left;
  n = PetscMax((int64_t)(goal / task->spec.cost), 1);
  pieces = left / n + (left % n > 0);
  return left / pieces + (left % pieces > 0);
}
