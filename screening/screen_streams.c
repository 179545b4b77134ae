/* screening/screen_streams.c - from a record of a journal to the stream in it
 *
 * Tasks lie point by point, replica by replica, each with the same stages: a task is found by
 * counting.  Replicas of a committee are counted through all members.
 */
#include "screening/screen_streams.h"

/* The task of a production whose record can have a stream; NULL: there is none. */
static const queue_task *find_task(const screen_streams *s, PetscInt point, PetscInt replica,
                                   screen_stage stage)
{
  const PetscInt replicas =
      screen_grid_replicas(s->campaign) * screen_campaign_members(s->campaign);
  PetscInt nstage = 0, before = 0;
  const queue_task *task;
  PetscInt run;

  if (s->grid->point[point].liquidus > 0.0) return NULL;
  run = point - s->grid->point[point].skipped;
  for (int k = 0; k < SCREEN_NSTAGE; k++) {
    if (screen_stage_steps(s->campaign, (screen_stage)k) == 0) continue;
    if (k < (int)stage) before++;
    nstage++;
  }
  if (screen_stage_steps(s->campaign, stage) == 0) return NULL;
  task = queue_tasks_get(s->tasks, (run * replicas + replica) * nstage + before);
  if (!task || !task->has_place || task->kind != QUEUE_RECORD_SEGMENT) return NULL;
  return task;
}

static PetscInt64 series_samples(void *context, PetscInt point, PetscInt replica,
                                 screen_stage stage)
{
  const queue_task *task = find_task((const screen_streams *)context, point, replica, stage);

  return task ? (PetscInt64)task->done : 0;
}

/* The stream goes over from the state to the caller. */
static void take_stream(screen_job_state *state, prop_stream *stream)
{
  prop_stream *from = state->stage == SCREEN_NPT ? &state->npt_stream : &state->nve_stream;

  *stream = *from;
  *from = (prop_stream){0};
}

static PetscErrorCode series_read(void *context, PetscInt point, PetscInt replica,
                                  screen_stage stage, prop_stream *stream)
{
  const screen_streams *s = (const screen_streams *)context;
  const queue_task *task = find_task(s, point, replica, stage);
  screen_job_state state = {0};
  md_blob blob = {0};
  queue_record record;
  void *payload;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  if (!task) PetscFunctionReturn(0);
  PetscCheck(task->spec.point == point &&
                 task->spec.replica == replica % screen_grid_replicas(s->campaign),
             PETSC_COMM_SELF, PETSC_ERR_PLIB,
             "Tasks do not lie in the order of points and replicas");
  PetscCall(queue_journal_fetch(s->directory, task->place, &record, &payload));
  md_blob_view(&blob, payload, (size_t)record.size);
  ierr = screen_job_state_read(s->campaign, screen_grid_point(s->grid, &task->spec), &blob, &state);
  if (!ierr) take_stream(&state, stream);
  PetscCall(screen_job_state_clear(&state));
  PetscCall(PetscFree(payload));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

screen_series_source screen_streams_source(screen_streams *series)
{
  return (screen_series_source){.context = series,
                                .samples = series_samples,
                                .read = series_read,
                                .bytes = SCREEN_SERIES_BYTES};
}
