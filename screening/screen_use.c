/* screening/screen_use.c - the part of status.json beside the points; contract in the header */
#include "screening/screen_use.h"

#include <math.h>
#include <time.h>

enum { MAX_WORST = 5 };

double screen_processor_seconds(void)
{
  struct timespec now;

  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

screen_use_shares screen_use_of(const screen_use *use)
{
  const double all = use->seconds * (double)use->groups;

  if (!(all > 0.0)) return (screen_use_shares){0};
  return (screen_use_shares){.idle = fmax(0.0, 1.0 - use->occupied / all),
                             .journal = fmax(0.0, use->occupied - use->busy) / all,
                             .dispatcher = use->processor / use->seconds};
}

/* Relative; NaN: not known */
static double relative(const prop_value *v)
{
  return fabs((double)(v->error / v->value));
}

PetscErrorCode screen_use_look(screen_session *session, const screen_result result[])
{
  const screen_grid *grid = session->grid;

  PetscFunctionBegin;
  if (!session->worst) PetscCall(PetscCalloc1(grid->npoint, &session->worst));
  for (PetscInt p = 0; p < grid->npoint; p++) {
    screen_worst *worst = &session->worst[p];

    *worst = (screen_worst){.badness = 0.0, .species = -1};
    for (int k = 0; k < SCREEN_NTARGET; k++) {
      const PetscReal target = session->campaign->target[k], goal = target > 0.0 ? target : 1.0;
      PetscInt species;
      const prop_value value =
          screen_target_worst(&grid->point[p], (screen_target_id)k, &result[p], goal, &species);
      const double error = relative(&value), bad = error / (double)goal;

      if (!isfinite(bad) || !(bad > worst->badness)) continue;
      *worst = (screen_worst){
          .badness = bad, .error = error, .target = (screen_target_id)k, .species = species};
    }
  }
  PetscFunctionReturn(0);
}

/* JSON ----------------------------------------------------------------------------------------- */

static json_t *worst_json(const screen_session *session, PetscInt p)
{
  const screen_worst *w = &session->worst[p];
  const PetscReal target = session->campaign->target[w->target];

  return json_pack("{s:s, s:s, s:s?, s:f, s:o}", "point", session->grid->point[p].name, "property",
                   prop_get((PetscInt)screen_target_value(w->target))->name, "species",
                   w->species >= 0 ? session->campaign->species[w->species] : NULL, "error",
                   w->error, "target", target > 0.0 ? json_real((double)target) : json_null());
}

/* The worst first. */
static json_t *worst_points(const screen_session *session)
{
  PetscInt best[MAX_WORST], n = 0;
  json_t *array = json_array();

  for (PetscInt p = 0; session->worst && p < session->grid->npoint; p++) {
    PetscInt k = n;

    if (!(session->worst[p].badness > 0.0)) continue;
    while (k > 0 && session->worst[best[k - 1]].badness < session->worst[p].badness) k--;
    if (k == MAX_WORST) continue;
    n = PetscMin(n + 1, MAX_WORST);
    for (PetscInt j = n - 1; j > k; j--) best[j] = best[j - 1];
    best[k] = p;
  }
  for (PetscInt k = 0; k < n && array; k++)
    json_array_append_new(array, worst_json(session, best[k]));
  return array;
}

static json_t *hours_json(const screen_session *session, const queue_tasks *tasks)
{
  const double cores = (double)session->options.group / 3600.0;
  const PetscReal budget = session->campaign->budget;
  double used = 0.0, left[3];

  for (PetscInt i = 0; i < queue_tasks_count(tasks); i++)
    used += queue_tasks_get(tasks, i)->seconds;
  queue_tasks_forecast(tasks, 1, left);
  return json_pack("{s:f, s:f, s:f, s:f, s:o}", "used", used * cores, "left", left[0] * cores,
                   "left_low", left[1] * cores, "left_high", left[2] * cores, "budget",
                   budget > 0.0 ? json_real((double)budget / 3600.0) : json_null());
}

static json_t *use_json(const screen_use *use)
{
  const screen_use_shares share = screen_use_of(use);

  return json_pack("{s:f, s:I, s:f, s:f, s:f}", "seconds", use->seconds, "groups",
                   (json_int_t)use->groups, "idle", share.idle, "journal", share.journal,
                   "dispatcher", share.dispatcher);
}

void screen_use_json(const screen_session *session, const queue_tasks *tasks, json_t *root)
{
  const PetscInt groups = PetscMax(1, (session->options.ranks - 1) / session->options.group);
  double left[3];

  queue_tasks_forecast(tasks, groups, left);
  json_object_set_new(root, "seconds_left", json_real(left[0]));
  json_object_set_new(root, "seconds_left_low", json_real(left[1]));
  json_object_set_new(root, "seconds_left_high", json_real(left[2]));
  json_object_set_new(root, "core_hours", hours_json(session, tasks));
  json_object_set_new(root, "use", use_json(&session->use));
  json_object_set_new(root, "worst", worst_points(session));
}
