/* screening/screen_result.c - what became of a point: its state, its reason, its saved estimators
 *
 * A replica that failed, or crashed its process too often, is left out with all its stages.  The
 * point has the values of the others, flagged: an average over survivors is not one over all, where
 * what ended the others hangs together with what is measured.  The reason is that of the lowest
 * lost replica, so that it does not depend on which was lost first.  The replica that makes it
 * simulation.give_up_after losses quarantines the point, which then has no values: those behind it
 * are not looked at, whether they ran or not (queue_tasks_give_up_after()).  A point that is not
 * finished has values from what is there, flagged as partial.
 */
#include "screening/screen_result_impl.h"

#include <string.h>

/* State and reason -------------------------------------------------------------------------- */

/* A task of this point, and of its member of a committee. */
static PetscBool is_of(const queue_task *t, const screen_point *point)
{
  return (PetscBool)(t->spec.point == point->index &&
                     !memcmp(t->spec.key.byte, point->key.byte, QUEUE_KEY_SIZE));
}

/* What the tasks of a replica say together. */
typedef struct {
  PetscInt ntask, ndone, nheld;
  PetscBool started;
  const queue_task *failed, *lost; /* first stage that failed, or crashed too often; NULL */
} replica_summary;

static replica_summary summarise(const queue_tasks *tasks, const screen_point *point,
                                 PetscInt replica)
{
  replica_summary s = {0};

  for (PetscInt i = 0; i < queue_tasks_count(tasks); i++) {
    const queue_task *t = queue_tasks_get(tasks, i);

    if (!is_of(t, point) || t->spec.replica != replica) continue;
    s.ntask++;
    s.ndone += t->state == QUEUE_DONE;
    s.nheld += t->state == QUEUE_HELD;
    if (t->done > 0 || t->state == QUEUE_RUNNING) s.started = PETSC_TRUE;
    if (t->state == QUEUE_FAILED && !s.failed) s.failed = t;
    if (t->state == QUEUE_QUARANTINED && !s.lost) s.lost = t;
  }
  return s;
}

/* The reason that stands in a failure's record, with its text. */
static PetscErrorCode read_failure(const queue_task *task, const char *directory,
                                   screen_result *result)
{
  queue_record record;
  void *payload;

  PetscFunctionBegin;
  result->reason = task->status;
  if (!task->has_place || task->kind != QUEUE_RECORD_FAILED) PetscFunctionReturn(0);
  PetscCall(queue_journal_fetch(directory, task->place, &record, &payload));
  memcpy(result->detail, payload, PetscMin((size_t)record.size, sizeof(result->detail) - 1));
  PetscCall(PetscFree(payload));
  PetscFunctionReturn(0);
}

/* State and reason of a point whose first failure is that of this replica. */
static PetscErrorCode take_failure(const screen_campaign *campaign, const replica_summary *s,
                                   const char *directory, screen_result *result)
{
  PetscFunctionBegin;
  if (s->failed) {
    result->state = SCREEN_POINT_FAILED;
    PetscCall(read_failure(s->failed, directory, result));
  } else {
    result->state = SCREEN_POINT_QUARANTINED;
    result->reason = SCREEN_REASON_CRASHED;
    PetscCall(PetscSNPrintf(
        result->detail, sizeof(result->detail),
        "the process running %s crashed %" PetscInt_FMT " times without progress",
        screen_stage_name(screen_grid_stage(campaign, s->lost->spec.stage)), s->lost->crashes));
  }
  PetscFunctionReturn(0);
}

/* State, reason and counts of replicas, from lowest to highest. */
static PetscErrorCode judge(const screen_campaign *campaign, const queue_tasks *tasks,
                            const screen_point *point, const char *directory, screen_result *result)
{
  PetscBool started = PETSC_FALSE, closed = PETSC_FALSE;
  PetscInt wanted = 0;

  PetscFunctionBegin;
  result->state = SCREEN_POINT_PLANNED;
  for (PetscInt r = 0; r < screen_grid_replicas(campaign) && !closed; r++) {
    const replica_summary s = summarise(tasks, point, r);

    if (s.nheld > 0) continue;
    wanted++;
    started = (PetscBool)(started || s.started);
    result->replicas_done += s.ntask > 0 && s.ndone == s.ntask;
    if (!s.failed && !s.lost) continue;
    if (result->replicas_failed++ == 0) PetscCall(take_failure(campaign, &s, directory, result));
    closed = (PetscBool)(result->replicas_failed == campaign->give_up_after);
  }
  if (closed) result->state = SCREEN_POINT_QUARANTINED;
  if (closed || (result->replicas_failed > 0 && result->replicas_done == 0)) PetscFunctionReturn(0);
  if (result->replicas_failed > 0) {
    result->state = result->replicas_done + result->replicas_failed == wanted
                        ? SCREEN_POINT_PARTIAL
                        : SCREEN_POINT_RUNNING;
    PetscFunctionReturn(0);
  }
  if (result->replicas_done == wanted) {
    result->state = SCREEN_POINT_DONE;
    result->reason = MD_COMPLETED;
  } else if (started)
    result->state = SCREEN_POINT_RUNNING;
  PetscFunctionReturn(0);
}

/* Saved estimators -------------------------------------------------------------------------- */

static PetscErrorCode read_state(const screen_campaign *campaign, const screen_point *point,
                                 const queue_task *task, const char *directory,
                                 screen_job_state *state)
{
  md_blob blob = {0};
  queue_record record;
  void *payload;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(queue_journal_fetch(directory, task->place, &record, &payload));
  md_blob_view(&blob, payload, (size_t)record.size);
  ierr = screen_job_state_read(campaign, point, &blob, state);
  PetscCall(PetscFree(payload));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* Replicas that are left alone: those that were lost, and, where finished ones are asked for, those
 * that are not. */
static void find_left(const queue_tasks *tasks, const screen_point *point, PetscInt nreplica,
                      PetscBool finished, PetscBool left[])
{
  for (PetscInt r = 0; r < nreplica; r++) {
    const replica_summary s = summarise(tasks, point, r);

    left[r] = (PetscBool)(s.failed || s.lost || (finished && s.ndone < s.ntask));
  }
}

/* Where the state of a stage of a replica goes; *whole: its flag. */
static screen_job_state *state_at(screen_result_states *states, screen_stage stage, PetscInt r,
                                  PetscBool **whole)
{
  if (stage == SCREEN_NPT) {
    *whole = &states->npt_whole;
    return &states->npt[r];
  }
  if (stage == SCREEN_NVE) {
    *whole = &states->nve_whole;
    return &states->nve[r];
  }
  *whole = &states->flux_whole[stage - SCREEN_FLUX];
  return &states->flux[(stage - SCREEN_FLUX) * states->nreplica + r];
}

static PetscErrorCode read_states(const screen_campaign *campaign, const screen_point *point,
                                  const queue_tasks *tasks, const char *directory,
                                  const PetscBool left[], screen_result_states *states)
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < queue_tasks_count(tasks); i++) {
    const queue_task *t = queue_tasks_get(tasks, i);
    const screen_stage stage = screen_grid_stage(campaign, t->spec.stage);
    const PetscInt r = t->spec.replica;
    screen_job_state *state;
    PetscBool *whole;

    if (!is_of(t, point) || stage == SCREEN_EQUILIBRATION) continue;
    if (stage >= SCREEN_NSTAGE || r >= states->nreplica) continue;
    if (t->state == QUEUE_HELD || left[r]) continue;
    state = state_at(states, stage, r, &whole);
    if (t->state != QUEUE_DONE) *whole = PETSC_FALSE;
    if (!t->has_place || t->kind != QUEUE_RECORD_SEGMENT) continue;
    PetscCall(read_state(campaign, point, t, directory, state));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode clear_states(screen_result_states *states)
{
  PetscFunctionBegin;
  for (PetscInt r = 0; r < states->nreplica; r++) {
    PetscCall(screen_job_state_clear(&states->npt[r]));
    PetscCall(screen_job_state_clear(&states->nve[r]));
  }
  for (PetscInt i = 0; i < SCREEN_MAX_FLUX * states->nreplica; i++)
    PetscCall(screen_job_state_clear(&states->flux[i]));
  PetscCall(PetscFree(states->flux));
  PetscCall(PetscFree(states->npt));
  PetscCall(PetscFree(states->nve));
  PetscCall(PetscFree(states->viscosity));
  PetscFunctionReturn(0);
}

/* Reads what the replicas have and computes the values. */
static PetscErrorCode fill_values(const screen_campaign *campaign, const screen_point *point,
                                  const queue_tasks *tasks, const char *directory,
                                  PetscBool finished, screen_result *result)
{
  const PetscInt nreplica = screen_grid_replicas(campaign);
  screen_result_states states = {
      .point = point, .nreplica = nreplica, .npt_whole = PETSC_TRUE, .nve_whole = PETSC_TRUE};
  PetscBool *left;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  for (int k = 0; k < SCREEN_MAX_FLUX; k++) states.flux_whole[k] = PETSC_TRUE;
  PetscCall(PetscMalloc1(nreplica, &left));
  find_left(tasks, point, nreplica, finished, left);
  PetscCall(PetscCalloc1(nreplica, &states.npt));
  PetscCall(PetscCalloc1(nreplica, &states.nve));
  PetscCall(PetscCalloc1(SCREEN_MAX_FLUX * nreplica, &states.flux));
  PetscCall(PetscCalloc1(nreplica, &states.viscosity));
  ierr = read_states(campaign, point, tasks, directory, left, &states);
  if (!ierr) ierr = screen_result_fill(campaign, &states, result);
  PetscCall(clear_states(&states));
  PetscCall(PetscFree(left));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* Results ----------------------------------------------------------------------------------- */

/* Values of all properties before `id`. */
static PetscInt values_before(PetscInt nspecies, PetscInt id)
{
  PetscInt n = 0;

  for (PetscInt i = 0; i < id; i++) n += prop_width(prop_get(i), nspecies);
  return n;
}

prop_value *screen_result_at(const screen_result *result, prop_id id)
{
  return result->value + values_before(result->nspecies, (PetscInt)id);
}

PetscReal *screen_result_truncation(const screen_result *result, prop_id id)
{
  return result->truncation + values_before(result->nspecies, (PetscInt)id);
}

const prop_value *screen_result_values(const screen_result *result, const char *property)
{
  const prop_definition *definition = prop_find(property);

  if (!definition || !result->value) return NULL;
  return screen_result_at(result, (prop_id)(definition - prop_get(0)));
}

PetscInt screen_result_count(PetscInt nspecies)
{
  return values_before(nspecies, PROP_NID);
}

PetscErrorCode screen_result_create(PetscInt nspecies, screen_result *result)
{
  const PetscInt n = values_before(nspecies, PROP_NID);

  PetscFunctionBegin;
  *result = (screen_result){
      .nspecies = nspecies, .box = PROP_NAN, .energy_drift = PROP_NAN, .grade_max = PROP_NAN};
  PetscCall(PetscMalloc1(n, &result->value));
  PetscCall(PetscMalloc1(n, &result->truncation));
  PetscCall(PetscMalloc1(n, &result->model_error));
  PetscCall(PetscMalloc1(n, &result->model_error95));
  for (PetscInt i = 0; i < n; i++) {
    result->value[i] = prop_value_missing;
    result->truncation[i] = result->model_error[i] = result->model_error95[i] = PROP_NAN;
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_result_copy_values(const screen_result *from, screen_result *to)
{
  const PetscInt n = values_before(from->nspecies, PROP_NID);

  PetscFunctionBegin;
  PetscCheck(from->nspecies == to->nspecies, PETSC_COMM_SELF, PETSC_ERR_ARG_INCOMP,
             "Results of %" PetscInt_FMT " and %" PetscInt_FMT " species", from->nspecies,
             to->nspecies);
  PetscCall(PetscArraycpy(to->value, from->value, n));
  PetscCall(PetscArraycpy(to->truncation, from->truncation, n));
  PetscCall(PetscArraycpy(to->model_error, from->model_error, n));
  PetscCall(PetscArraycpy(to->model_error95, from->model_error95, n));
  PetscFunctionReturn(0);
}

/* State, time and values; of finished replicas only, or of what there is. */
static PetscErrorCode compute(const screen_campaign *campaign, const screen_grid *grid,
                              const queue_tasks *tasks, PetscInt point, const char *directory,
                              PetscBool finished, screen_result *result)
{
  const PetscInt n = grid->npoint * PetscMax(1, grid->nmember);

  PetscFunctionBegin;
  PetscCheck(point >= 0 && point < n, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Point %" PetscInt_FMT " of %" PetscInt_FMT, point, n);
  PetscCall(screen_result_create(campaign->nspecies, result));
  if (grid->point[point].liquidus > 0.0) {
    result->state = SCREEN_POINT_EXCLUDED;
    result->reason = SCREEN_REASON_EXCLUDED;
    screen_result_excluded_text(campaign, &grid->point[point], result->detail);
    PetscFunctionReturn(0);
  }
  PetscCall(judge(campaign, tasks, &grid->point[point], directory, result));
  for (PetscInt i = 0; i < queue_tasks_count(tasks); i++) {
    const queue_task *t = queue_tasks_get(tasks, i);

    if (is_of(t, &grid->point[point])) result->wall_seconds += t->seconds;
  }
  if (screen_point_has_values(result->state))
    PetscCall(fill_values(campaign, &grid->point[point], tasks, directory, finished, result));
  for (PetscInt i = 0; i < screen_result_count(result->nspecies) && result->replicas_failed; i++)
    screen_result_flag(&result->value[i], PROP_FLAG_SURVIVORS);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_result_compute(const screen_campaign *campaign, const screen_grid *grid,
                                     const queue_tasks *tasks, PetscInt point,
                                     const char *directory, screen_result *result)
{
  PetscFunctionBegin;
  PetscCall(compute(campaign, grid, tasks, point, directory, PETSC_FALSE, result));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_result_compute_finished(const screen_campaign *campaign,
                                              const screen_grid *grid, const queue_tasks *tasks,
                                              PetscInt point, const char *directory,
                                              screen_result *result)
{
  PetscFunctionBegin;
  PetscCall(compute(campaign, grid, tasks, point, directory, PETSC_TRUE, result));
  PetscFunctionReturn(0);
}

static PetscErrorCode clear_curve(screen_curve *curve)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(curve->x));
  PetscCall(PetscFree(curve->y));
  PetscCall(PetscFree(curve->error));
  PetscCall(PetscFree(curve->density));
  PetscCall(PetscFree(curve->fraction));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_result_clear(screen_result *result)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(result->value));
  PetscCall(PetscFree(result->truncation));
  PetscCall(PetscFree(result->model_error));
  PetscCall(PetscFree(result->model_error95));
  for (PetscInt m = 0; m < result->nmember; m++) PetscCall(screen_result_clear(&result->member[m]));
  PetscCall(PetscFree(result->member));
  for (int k = 0; k < SCREEN_NCURVE; k++) PetscCall(clear_curve(&result->curve[k]));
  for (int k = 0; k < SCREEN_NTABLE; k++) PetscCall(clear_curve(&result->table[k]));
  PetscCall(PetscFree(result->rdf_r));
  PetscCall(PetscFree(result->rdf_g));
  PetscCall(PetscFree(result->rdf_n));
  PetscCall(PetscFree(result->msd_t));
  PetscCall(PetscFree(result->msd));
  PetscCall(PetscFree(result->msd_error));
  *result = (screen_result){0};
  PetscFunctionReturn(0);
}
