/* screening/screen_committee.c - members of a committee side by side, then together */
#include "screening/screen_committee.h"

#include <stdio.h>
#include <string.h>

#include "properties/prop_committee.h"

/* One point ----------------------------------------------------------------------------------- */

PetscErrorCode screen_committee_create(const screen_campaign *campaign, screen_result *result)
{
  PetscFunctionBegin;
  PetscCall(screen_result_create(campaign->nspecies, result));
  if (!campaign->nmember) PetscFunctionReturn(0);
  PetscCall(PetscCalloc1(campaign->nmember, &result->member));
  result->nmember = campaign->nmember;
  PetscFunctionReturn(0);
}

/* All members, or the only potential, with one of the functions of screen_result.h. */
typedef PetscErrorCode (*computation)(const screen_campaign *, const screen_grid *,
                                      const queue_tasks *, PetscInt, const char *, screen_result *);

static PetscErrorCode compute_with(computation compute, const screen_campaign *campaign,
                                   const screen_grid *grid, const queue_tasks *tasks,
                                   PetscInt point, const char *directory, screen_result *result)
{
  PetscFunctionBegin;
  if (!campaign->nmember) {
    PetscCall(compute(campaign, grid, tasks, point, directory, result));
    PetscFunctionReturn(0);
  }
  PetscCall(screen_committee_create(campaign, result));
  for (PetscInt m = 0; m < campaign->nmember; m++)
    PetscCall(
        compute(campaign, grid, tasks, m * grid->npoint + point, directory, &result->member[m]));
  PetscCall(screen_committee_combine(campaign, result));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_committee_compute(const screen_campaign *campaign, const screen_grid *grid,
                                        const queue_tasks *tasks, PetscInt point,
                                        const char *directory, screen_result *result)
{
  PetscFunctionBegin;
  PetscCall(compute_with(screen_result_compute, campaign, grid, tasks, point, directory, result));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_committee_compute_finished(const screen_campaign *campaign,
                                                 const screen_grid *grid, const queue_tasks *tasks,
                                                 PetscInt point, const char *directory,
                                                 screen_result *result)
{
  PetscFunctionBegin;
  PetscCall(compute_with(screen_result_compute_finished, campaign, grid, tasks, point, directory,
                         result));
  PetscFunctionReturn(0);
}

static PetscErrorCode copy_one(const screen_campaign *campaign, const screen_result *from,
                               screen_result *to)
{
  PetscFunctionBegin;
  PetscCall(screen_result_create(campaign->nspecies, to));
  if (!from->value) PetscFunctionReturn(0); /* of a member that nobody has looked at */
  PetscCall(screen_result_copy_values(from, to));
  to->state = from->state;
  to->replicas_done = from->replicas_done;
  to->replicas_failed = from->replicas_failed;
  PetscFunctionReturn(0);
}

PetscErrorCode screen_committee_copy(const screen_campaign *campaign, const screen_result *from,
                                     screen_result *to)
{
  PetscFunctionBegin;
  PetscCall(copy_one(campaign, from, to));
  if (!from->nmember) PetscFunctionReturn(0);
  PetscCall(PetscCalloc1(from->nmember, &to->member));
  to->nmember = from->nmember;
  for (PetscInt m = 0; m < from->nmember; m++)
    PetscCall(copy_one(campaign, &from->member[m], &to->member[m]));
  PetscFunctionReturn(0);
}

/* Combining ----------------------------------------------------------------------------------- */

static PetscBool is_lost(const screen_result *r)
{
  return (PetscBool)(r->state == SCREEN_POINT_FAILED || r->state == SCREEN_POINT_QUARANTINED);
}

/* The reason of a member. */
static void take_reason(const screen_campaign *campaign, PetscInt m, screen_result *r)
{
  const screen_result *member = &r->member[m];

  r->state = member->state;
  r->reason = member->reason;
  snprintf(r->detail, sizeof(r->detail), "potential %s: %.80s", campaign->member[m].name,
           member->detail);
}

/* State, and the reason of the first member that was lost, or else lost replicas. */
static void combine_states(const screen_campaign *campaign, screen_result *r)
{
  PetscInt done = 0, planned = 0, partial = -1;

  if (r->member[0].state == SCREEN_POINT_EXCLUDED) { /* of all */
    r->state = r->member[0].state;
    r->reason = r->member[0].reason;
    snprintf(r->detail, sizeof(r->detail), "%s", r->member[0].detail);
    return;
  }
  r->reason = 0;
  r->detail[0] = '\0';
  for (PetscInt m = 0; m < r->nmember; m++) {
    const screen_result *member = &r->member[m];

    done += member->state == SCREEN_POINT_DONE || member->state == SCREEN_POINT_PARTIAL;
    planned += member->state == SCREEN_POINT_PLANNED;
    if (member->state == SCREEN_POINT_PARTIAL && partial < 0) partial = m;
    if (!is_lost(member)) continue;
    take_reason(campaign, m, r);
    return;
  }
  if (partial >= 0) take_reason(campaign, partial, r);
  if (partial >= 0 && done == r->nmember) return;
  r->state = done == r->nmember      ? SCREEN_POINT_DONE
             : planned == r->nmember ? SCREEN_POINT_PLANNED
                                     : SCREEN_POINT_RUNNING;
  if (r->state == SCREEN_POINT_DONE) r->reason = MD_COMPLETED;
}

/* The larger of two that may not be numbers: NaN is none known. */
static PetscReal larger(PetscReal a, PetscReal b)
{
  if (PetscIsNanReal(a)) return b;
  return PetscIsNanReal(b) || fabs(b) <= fabs(a) ? a : b;
}

static void combine_account(screen_result *r)
{
  PetscInt boxes = 0;

  r->replicas_done = r->replicas_failed = 0;
  r->wall_seconds = 0.0;
  r->box = r->energy_drift = r->grade_max = PROP_NAN;
  for (PetscInt m = 0; m < r->nmember; m++) {
    const screen_result *member = &r->member[m];

    r->replicas_done += member->replicas_done;
    r->replicas_failed += member->replicas_failed;
    r->wall_seconds += member->wall_seconds;
    r->energy_drift = larger(r->energy_drift, member->energy_drift);
    r->grade_max = larger(r->grade_max, member->grade_max);
    if (PetscIsNanReal(member->box)) continue;
    r->box = (boxes ? r->box : 0.0) + member->box;
    boxes++;
  }
  if (boxes) r->box /= (PetscReal)boxes;
}

/* Mean of those that have one. */
static PetscReal mean_truncation(const screen_result *r, PetscInt i)
{
  PetscReal sum = 0.0;
  PetscInt n = 0;

  for (PetscInt m = 0; m < r->nmember; m++) {
    const PetscReal t = r->member[m].truncation[i];

    if (PetscIsNanReal(t)) continue;
    sum += t;
    n++;
  }
  return n ? sum / (PetscReal)n : PROP_NAN;
}

/* All values; `scratch` has room for one of each member. */
static PetscErrorCode combine_values(screen_result *r, prop_value scratch[])
{
  const PetscInt n = screen_result_count(r->nspecies);

  PetscFunctionBegin;
  for (PetscInt i = 0; i < n; i++) {
    prop_committee c;

    for (PetscInt m = 0; m < r->nmember; m++) scratch[m] = r->member[m].value[i];
    PetscCall(prop_committee_combine(is_lost(r) ? 0 : r->nmember, scratch, &c));
    r->value[i] = c.value;
    if (c.nmember && c.nmember < r->nmember) r->value[i].flags |= PROP_FLAG_PARTIAL;
    r->model_error[i] = c.model_error;
    r->model_error95[i] = c.model_error95;
    r->truncation[i] = c.nmember ? mean_truncation(r, i) : PROP_NAN;
  }
  PetscFunctionReturn(0);
}

static void take_curve(screen_curve *from, screen_curve *to)
{
  if (to->n || !from->n) return;
  *to = *from;
  *from = (screen_curve){0};
}

/* Curves go over from the first member that has them. */
static void take_curves(screen_result *r)
{
  for (PetscInt m = 0; m < r->nmember && !is_lost(r); m++) {
    screen_result *from = &r->member[m];

    for (int k = 0; k < SCREEN_NCURVE; k++) take_curve(&from->curve[k], &r->curve[k]);
    for (int k = 0; k < SCREEN_NTABLE; k++) take_curve(&from->table[k], &r->table[k]);
    if (!r->nrdf && from->nrdf) {
      r->nrdf = from->nrdf;
      r->rdf_r = from->rdf_r;
      r->rdf_g = from->rdf_g;
      r->rdf_n = from->rdf_n;
      from->rdf_r = from->rdf_g = from->rdf_n = NULL;
      from->nrdf = 0;
    }
    if (!r->nmsd && from->nmsd) {
      r->nmsd = from->nmsd;
      r->msd_t = from->msd_t;
      r->msd = from->msd;
      r->msd_error = from->msd_error;
      from->msd_t = from->msd = from->msd_error = NULL;
      from->nmsd = 0;
    }
  }
}

PetscErrorCode screen_committee_combine(const screen_campaign *campaign, screen_result *r)
{
  prop_value *scratch;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  combine_states(campaign, r);
  combine_account(r);
  take_curves(r);
  PetscCall(PetscMalloc1(r->nmember, &scratch));
  ierr = combine_values(r, scratch);
  PetscCall(PetscFree(scratch));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* All points ---------------------------------------------------------------------------------- */

/* Values of the whole table go back to the points of this rank. */
static PetscErrorCode take_values(PetscInt nmine, const PetscInt mine[], const screen_result all[],
                                  screen_result *const result[])
{
  PetscFunctionBegin;
  for (PetscInt k = 0; k < nmine; k++)
    PetscCall(screen_result_copy_values(&all[mine[k]], result[k]));
  PetscFunctionReturn(0);
}

/* The points of one member, or of the only potential (member -1): gathered, coupled, given back. */
static PetscErrorCode one_table(MPI_Comm comm, const screen_campaign *campaign,
                                const screen_grid *grid, PetscInt nmine, const PetscInt mine[],
                                screen_result result[], PetscInt member, screen_result **all)
{
  screen_result **own, *copy;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(PetscMalloc2(nmine, &own, nmine, &copy));
  for (PetscInt k = 0; k < nmine; k++) {
    own[k] = member < 0 ? &result[k] : &result[k].member[member];
    copy[k] = *own[k];
  }
  ierr = screen_table_gather(comm, campaign, grid, nmine, mine, copy, all);
  if (!ierr) ierr = screen_table_couple(campaign, grid, *all);
  if (!ierr) ierr = take_values(nmine, mine, *all, own);
  PetscCall(PetscFree2(own, copy));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* A member's table becomes part of that of all; what it held goes over. */
static PetscErrorCode put_member(const screen_grid *grid, PetscInt m, screen_result **from,
                                 screen_result all[])
{
  PetscFunctionBegin;
  for (PetscInt p = 0; p < grid->npoint; p++) all[p].member[m] = (*from)[p];
  PetscCall(PetscFree(*from));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_committee_table(MPI_Comm comm, const screen_campaign *campaign,
                                      const screen_grid *grid, PetscInt nmine,
                                      const PetscInt mine[], screen_result result[],
                                      screen_result **all)
{
  PetscFunctionBegin;
  if (!campaign->nmember) {
    PetscCall(one_table(comm, campaign, grid, nmine, mine, result, -1, all));
    PetscFunctionReturn(0);
  }
  PetscCall(PetscCalloc1((size_t)grid->npoint, all));
  for (PetscInt p = 0; p < grid->npoint; p++)
    PetscCall(screen_committee_create(campaign, &(*all)[p]));
  for (PetscInt m = 0; m < campaign->nmember; m++) {
    screen_result *table;

    PetscCall(one_table(comm, campaign, grid, nmine, mine, result, m, &table));
    PetscCall(put_member(grid, m, &table, *all));
  }
  for (PetscInt p = 0; p < grid->npoint; p++)
    PetscCall(screen_committee_combine(campaign, &(*all)[p]));
  for (PetscInt k = 0; k < nmine; k++) PetscCall(screen_committee_combine(campaign, &result[k]));
  PetscFunctionReturn(0);
}
