/* screening/screen_target.c - error over target for each point and property
 *
 * Time is counted in replicas: what a replica costs is the sum of its stages at the measured cost
 * of a step.  Lengthening would do as well for what does not rest on the spread of replicas, but a
 * longer stage moves the start of the next one, whose work would be lost; a replica more loses
 * nothing.
 */
#include "screening/screen_target.h"
#include "properties/prop_plan.h"

#include <math.h>
#include <string.h>

static const struct {
  prop_id value;
  screen_stage stage;
} rows[SCREEN_NTARGET] = {
    [SCREEN_TARGET_DENSITY] = {PROP_ID_DENSITY, SCREEN_NPT},
    [SCREEN_TARGET_HEAT_CAPACITY] = {PROP_ID_HEAT_CAPACITY, SCREEN_NPT},
    [SCREEN_TARGET_VISCOSITY] = {PROP_ID_VISCOSITY, SCREEN_NVE},
    [SCREEN_TARGET_DIFFUSION] = {PROP_ID_DIFFUSION, SCREEN_NVE},
    [SCREEN_TARGET_IONIC_CONDUCTIVITY] = {PROP_ID_IONIC_CONDUCTIVITY, SCREEN_NVE},
    [SCREEN_TARGET_THERMAL_CONDUCTIVITY] = {PROP_ID_THERMAL_CONDUCTIVITY, SCREEN_NVE}};

prop_id screen_target_value(screen_target_id target)
{
  return rows[target].value;
}

screen_stage screen_target_stage(screen_target_id target)
{
  return rows[target].stage;
}

const char *screen_gap_name(screen_gap_state state)
{
  static const char *const names[] = {"none", "met", "open", "unknown", "barred"};

  return names[state];
}

PetscBool screen_target_any(const screen_campaign *campaign)
{
  for (int k = 0; k < SCREEN_NTARGET; k++)
    if (campaign->target[k] > 0.0) return PETSC_TRUE;
  return PETSC_FALSE;
}

/* Gaps --------------------------------------------------------------------------------------- */

/* [] of |value|; NaN where there is none */
static PetscReal relative(const prop_value *v)
{
  if (v->flags & PROP_FLAG_MISSING || !(v->error > 0.0) || v->value == 0.0) return PROP_NAN;
  return v->error / PetscAbsReal(v->value);
}

prop_value screen_target_worst(const screen_point *point, screen_target_id target,
                               const screen_result *result, PetscReal goal, PetscInt *species)
{
  const prop_value *v = screen_result_at(result, rows[target].value), *worst = NULL;

  *species = -1;
  if (prop_get((PetscInt)rows[target].value)->shape != PROP_PER_SPECIES) return *v;
  for (PetscInt s = 0; s < result->nspecies; s++) {
    if (point->count[s] == 0) continue;
    if (worst && !(prop_plan_ratio(&v[s], goal) > prop_plan_ratio(worst, goal))) continue;
    worst = &v[s];
    *species = s;
  }
  return worst ? *worst : prop_value_missing;
}

/* What the tasks of a point say. */
typedef struct {
  PetscReal replicas[SCREEN_NSTAGE]; /* that have done a stage, with fractions */
  double seconds;                    /* [s] of a group for one replica */
} effort;

/* Whether the replica that task i is a stage of has done all of them. */
static PetscBool is_finished(const screen_campaign *campaign, const screen_grid *grid,
                             const queue_tasks *tasks, PetscInt i)
{
  const queue_task_spec *s = &queue_tasks_get(tasks, i)->spec;
  PetscInt n;

  screen_grid_first_task(campaign, grid, s->point, s->replica, &n);
  return (PetscBool)(queue_tasks_get(tasks, i - s->stage + n - 1)->state == QUEUE_DONE);
}

static void measure(const screen_campaign *campaign, const screen_grid *grid,
                    const queue_tasks *tasks, PetscBool whole, effort e[])
{
  for (PetscInt i = 0; i < queue_tasks_count(tasks); i++) {
    const queue_task *t = queue_tasks_get(tasks, i);
    const screen_stage stage = screen_grid_stage(campaign, t->spec.stage);

    if (stage >= SCREEN_NSTAGE) continue;
    if (!whole || is_finished(campaign, grid, tasks, i))
      e[t->spec.point].replicas[stage] += (PetscReal)t->done / (PetscReal)t->spec.total;
    if (t->spec.replica == 0) /* of each member of a committee */
      e[t->spec.point].seconds +=
          t->spec.cost * (double)t->spec.total / (double)screen_campaign_members(campaign);
  }
}

/* Flags of numbers that more samples do not make right. */
static PetscBool is_barred(const screen_result *r, PetscInt flags)
{
  if (r->state == SCREEN_POINT_FAILED || r->state == SCREEN_POINT_QUARANTINED ||
      r->state == SCREEN_POINT_PARTIAL || flags & PROP_FLAG_SURVIVORS)
    return PETSC_TRUE;
  if (r->state == SCREEN_POINT_DONE && flags & PROP_FLAG_MISSING) return PETSC_TRUE;
  return (PetscBool)((flags & (PROP_FLAG_NOT_LIQUID | PROP_FLAG_NOT_DIFFUSIVE)) != 0);
}

static PetscErrorCode close_gap(const effort *e, const prop_value *value, screen_gap *gap)
{
  const prop_plan_known known = {.value = *value, .time = 1.0, .replicas = gap->replicas};
  prop_plan_missing need;

  PetscFunctionBegin;
  PetscCall(prop_plan_need(&known, gap->target, &need));
  gap->ratio = need.ratio;
  gap->need = PetscMax(need.replicas, PetscCeilReal(known.replicas));
  gap->seconds = need.met ? 0.0 : (double)(gap->need - known.replicas) * e->seconds;
  PetscFunctionReturn(0);
}

static PetscErrorCode find_gap(const screen_campaign *campaign, const screen_point *point,
                               screen_target_id k, const screen_result *r, const effort *e,
                               screen_gap *gap)
{
  prop_value value;

  PetscFunctionBegin;
  *gap = (screen_gap){.state = SCREEN_GAP_NONE,
                      .target = campaign->target[k],
                      .error = PROP_NAN,
                      .ratio = PROP_INFINITY,
                      .species = -1,
                      .need = PROP_NAN,
                      .seconds = (double)NAN};
  if (!(gap->target > 0.0) || point->liquidus > 0.0) PetscFunctionReturn(0);
  value = screen_target_worst(point, k, r, gap->target, &gap->species);
  gap->error = relative(&value);
  gap->neff = value.neff;
  gap->replicas = e->replicas[rows[k].stage];
  if (gap->error > 0.0 && gap->replicas > 0.0) PetscCall(close_gap(e, &value, gap));
  if (is_barred(r, value.flags))
    gap->state = SCREEN_GAP_BARRED;
  else if (PetscIsInfOrNanReal(gap->ratio))
    gap->state = r->state == SCREEN_POINT_DONE ? SCREEN_GAP_BARRED : SCREEN_GAP_UNKNOWN;
  else
    gap->state = gap->ratio <= 1.0 ? SCREEN_GAP_MET : SCREEN_GAP_OPEN;
  PetscFunctionReturn(0);
}

PetscErrorCode screen_target_gaps(const screen_campaign *campaign, const screen_grid *grid,
                                  const queue_tasks *tasks, PetscBool whole,
                                  const screen_result result[], screen_gap gap[])
{
  effort *e;
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  PetscCall(PetscCalloc1(grid->npoint, &e));
  measure(campaign, grid, tasks, whole, e);
  for (PetscInt i = 0; i < grid->npoint * SCREEN_NTARGET && !ierr; i++) {
    const PetscInt p = i / SCREEN_NTARGET;

    ierr = find_gap(campaign, &grid->point[p], (screen_target_id)(i % SCREEN_NTARGET), &result[p],
                    &e[p], &gap[i]);
  }
  PetscCall(PetscFree(e));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

screen_target_sum screen_target_total(const screen_grid *grid, const screen_gap gap[])
{
  screen_target_sum sum = {0};

  for (PetscInt i = 0; i < grid->npoint * SCREEN_NTARGET; i++) {
    if (gap[i].state == SCREEN_GAP_NONE) continue;
    sum.asked++;
    sum.met += gap[i].state == SCREEN_GAP_MET;
    sum.barred += gap[i].state == SCREEN_GAP_BARRED;
    if (gap[i].state == SCREEN_GAP_OPEN) sum.seconds += gap[i].seconds;
  }
  return sum;
}
