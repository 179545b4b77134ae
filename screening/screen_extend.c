/* screening/screen_extend.c - which point gets a replica more */
#include "screening/screen_extend.h"
#include "screening/screen_committee.h"

#include <math.h>
#include <time.h>

#define FREE_SECONDS 10.0 /* of processor time for estimates */
#define FREE_SHARE   0.02 /* and of the time of the run */

/* Replicas of a point, by what became of them; of a committee, replicas of all members together. */
typedef struct {
  PetscInt asked, finished; /* not held; all stages done */
  PetscInt failed;          /* a stage ended by a guard, or was given up */
  PetscInt held;            /* the lowest replica that is held, by any member; -1: none */
  double cost;              /* [s] of a replica */
} standing;

/* What the tasks of a replica say, of all members. */
typedef struct {
  PetscInt ntask, done, lost, held;
  double cost; /* [s] */
} replica_standing;

static replica_standing look_at_replica(const screen_campaign *c, const screen_grid *grid,
                                        const queue_tasks *tasks, PetscInt point, PetscInt replica)
{
  replica_standing s = {0};

  for (PetscInt m = 0; m < screen_campaign_members(c); m++) {
    PetscInt n;
    const PetscInt first =
        screen_grid_first_task(c, grid, point, m * screen_grid_replicas(c) + replica, &n);

    for (PetscInt i = first; first >= 0 && i < first + n; i++) {
      const queue_task *t = queue_tasks_get(tasks, i);

      s.ntask++;
      s.done += t->state == QUEUE_DONE;
      s.lost += t->state == QUEUE_FAILED || t->state == QUEUE_QUARANTINED;
      s.held += t->state == QUEUE_HELD;
      s.cost += t->spec.cost * (double)t->spec.total;
    }
  }
  return s;
}

static standing look_at(const screen_campaign *c, const screen_grid *grid, const queue_tasks *tasks,
                        PetscInt point)
{
  standing s = {.held = -1};

  for (PetscInt r = 0; r < screen_grid_replicas(c); r++) {
    const replica_standing one = look_at_replica(c, grid, tasks, point, r);

    if (r == 0) s.cost = one.cost;
    if (one.held > 0 && s.held < 0) s.held = r;
    if (one.held > 0 || one.ntask == 0) continue;
    s.asked++;
    s.finished += one.done == one.ntask;
    s.failed += one.lost > 0;
  }
  return s;
}

/* Estimates ----------------------------------------------------------------------------------- */

PetscErrorCode screen_extend_create(const screen_session *session, screen_extend *extend)
{
  const PetscInt n = session->grid->npoint;

  PetscFunctionBegin;
  *extend = (screen_extend){
      .on = screen_target_any(session->campaign), .changed = PETSC_TRUE, .begun = screen_seconds()};
  if (!extend->on) PetscFunctionReturn(0);
  PetscCall(PetscCalloc1(n, &extend->raw));
  PetscCall(PetscCalloc1(n, &extend->seen));
  PetscCall(PetscCalloc1(n * SCREEN_NTARGET, &extend->gap));
  for (PetscInt p = 0; p < n; p++)
    PetscCall(screen_committee_create(session->campaign, &extend->raw[p]));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_extend_clear(const screen_session *session, screen_extend *extend)
{
  PetscFunctionBegin;
  if (extend->raw) PetscCall(screen_table_free(session->grid->npoint, &extend->raw));
  PetscCall(PetscFree(extend->seen));
  PetscCall(PetscFree(extend->gap));
  *extend = (screen_extend){0};
  PetscFunctionReturn(0);
}

static double processor_seconds(void)
{
  struct timespec now;

  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* A point whose number of finished or failed replicas has changed. */
static PetscErrorCode estimate(const screen_session *session, const queue_tasks *tasks, PetscInt p,
                               screen_extend *extend)
{
  const standing s = look_at(session->campaign, session->grid, tasks, p);

  PetscFunctionBegin;
  if (s.finished + s.failed < session->campaign->replicas ||
      s.finished + s.failed == extend->seen[p])
    PetscFunctionReturn(0);
  extend->seen[p] = s.finished + s.failed;
  PetscCall(screen_result_clear(&extend->raw[p]));
  PetscCall(screen_committee_compute_finished(session->campaign, session->grid, tasks, p,
                                              session->options.directory, &extend->raw[p]));
  PetscFunctionReturn(0);
}

/* Gaps after what takes all points together, and of a committee all members; of copies, because
   that changes values. */
static PetscErrorCode find_gaps(const screen_session *session, const queue_tasks *tasks,
                                screen_extend *extend)
{
  const PetscInt n = session->grid->npoint;
  screen_result *copy, *all = NULL;
  PetscInt *index;
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  PetscCall(PetscCalloc1(n, &copy));
  PetscCall(PetscMalloc1(n, &index));
  for (PetscInt p = 0; p < n && !ierr; p++) {
    index[p] = p;
    ierr = screen_committee_copy(session->campaign, &extend->raw[p], &copy[p]);
  }
  if (!ierr)
    ierr = screen_committee_table(PETSC_COMM_SELF, session->campaign, session->grid, n, index, copy,
                                  &all);
  if (!ierr)
    ierr =
        screen_target_gaps(session->campaign, session->grid, tasks, PETSC_TRUE, all, extend->gap);
  if (all) PetscCall(screen_table_free(n, &all));
  PetscCall(screen_table_free(n, &copy));
  PetscCall(PetscFree(index));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_extend_look(screen_session *session, const queue_tasks *tasks,
                                  screen_extend *extend)
{
  const PetscInt n = session->grid->npoint;
  const double begin = processor_seconds();

  PetscFunctionBegin;
  for (PetscInt p = 0; p < n; p++) PetscCall(estimate(session, tasks, p, extend));
  PetscCall(find_gaps(session, tasks, extend));
  if (!session->gap) PetscCall(PetscMalloc1(n * SCREEN_NTARGET, &session->gap));
  PetscCall(PetscArraycpy(session->gap, extend->gap, n * SCREEN_NTARGET));
  extend->changed = PETSC_FALSE;
  extend->seconds += processor_seconds() - begin;
  PetscFunctionReturn(0);
}

/* Choice -------------------------------------------------------------------------------------- */

/* What all targets of a point gain by a replica beyond those asked for. */
static double gain_of(const screen_gap gap[], const standing *s, PetscInt members)
{
  const double asked = (double)(s->asked * members);
  double gain = 0.0;

  for (int k = 0; k < SCREEN_NTARGET; k++) {
    const double x = gap[k].ratio * sqrt(gap[k].replicas / asked);

    if (gap[k].state == SCREEN_GAP_OPEN && x > 1.0)
      gain += x - fmax(1.0, x * sqrt(asked / (asked + (double)members)));
  }
  return gain;
}

/* [s] of a core spent and still to be spent on what was asked for */
static double committed(const queue_tasks *tasks, PetscInt group)
{
  double seconds = queue_tasks_remaining(tasks, 1);

  for (PetscInt i = 0; i < queue_tasks_count(tasks); i++)
    seconds += queue_tasks_get(tasks, i)->seconds;
  return seconds * (double)group;
}

PetscErrorCode screen_extend_choose(const screen_campaign *campaign, const screen_grid *grid,
                                    const queue_tasks *tasks, const screen_gap gap[],
                                    PetscInt group, screen_extension *choice)
{
  const double left =
      campaign->budget > 0.0 ? campaign->budget - committed(tasks, group) : (double)INFINITY;

  PetscFunctionBegin;
  *choice = (screen_extension){.point = -1, .replica = -1};
  for (PetscInt p = 0; p < grid->npoint; p++) {
    const standing s = look_at(campaign, grid, tasks, p);
    double each;

    if (s.held < 0 || s.failed > 0 || s.finished < campaign->replicas) continue;
    if (s.cost * (double)group > left) continue;
    each = gain_of(&gap[p * SCREEN_NTARGET], &s, screen_campaign_members(campaign)) / s.cost;
    if (!(each > choice->gain)) continue;
    *choice = (screen_extension){.point = p, .replica = s.held, .gain = each};
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_extend_release(const screen_campaign *campaign, const screen_grid *grid,
                                     const screen_extension *choice, queue_tasks *tasks)
{
  PetscFunctionBegin;
  for (PetscInt m = 0; m < screen_campaign_members(campaign); m++) {
    const PetscInt replica = m * screen_grid_replicas(campaign) + choice->replica;
    PetscInt n;
    const PetscInt first = screen_grid_first_task(campaign, grid, choice->point, replica, &n);

    if (queue_tasks_get(tasks, first)->state == QUEUE_HELD)
      PetscCall(queue_tasks_release(tasks, first));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_extend_next(screen_session *session, const queue_tasks *tasks,
                                  screen_extend *extend, screen_extension *choice)
{
  const double allowed = FREE_SECONDS + FREE_SHARE * (screen_seconds() - extend->begun);
  const PetscInt group = session->options.group;

  PetscFunctionBegin;
  if (extend->changed && extend->seconds < allowed)
    PetscCall(screen_extend_look(session, tasks, extend));
  PetscCall(
      screen_extend_choose(session->campaign, session->grid, tasks, extend->gap, group, choice));
  if (choice->point >= 0 || !extend->changed) PetscFunctionReturn(0);
  PetscCall(screen_extend_look(session, tasks, extend));
  PetscCall(
      screen_extend_choose(session->campaign, session->grid, tasks, extend->gap, group, choice));
  PetscFunctionReturn(0);
}
