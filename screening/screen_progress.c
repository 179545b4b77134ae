/* screening/screen_progress.c - where a run stands: one line on the terminal, status.json for
   everybody else */
#include "screening/screen_use.h"

#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define SHOW_TERMINAL 1.0 /* [s] between two progress lines */
#define SHOW_PLAIN    30.0
#define SAVE_SECONDS  3.0 /* between two writes of status.json */

double screen_seconds(void)
{
  struct timespec now;

  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double screen_calendar(void)
{
  struct timespec now;

  clock_gettime(CLOCK_REALTIME, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Counts of one campaign at one moment. */
typedef struct {
  PetscInt done, partial, failed, running, open; /* points */
  double fraction;                               /* of the work, by estimated seconds */
} standing;

static PetscBool ended_badly(const queue_task *t)
{
  return (PetscBool)(t->state == QUEUE_FAILED || t->state == QUEUE_QUARANTINED);
}

/* Replicas of the tasks from `first` on that ended badly; of the member of a committee that has
   most. */
static PetscInt count_failures(const queue_tasks *tasks, PetscInt first, PetscInt end)
{
  PetscInt n = 0, most = 0, last = -1;

  for (PetscInt i = first; i < end; i++) {
    const queue_task *t = queue_tasks_get(tasks, i);

    if (memcmp(t->spec.key.byte, queue_tasks_get(tasks, first)->spec.key.byte, QUEUE_KEY_SIZE)) {
      n = 0; /* the next member */
      last = -1;
      first = i;
    }
    if (!ended_badly(t) || t->spec.replica == last) continue;
    last = t->spec.replica;
    n++;
    most = PetscMax(most, n);
  }
  return most;
}

/* First task after the ones of the same member of a committee. */
static PetscInt end_of_member(const queue_tasks *tasks, PetscInt first, PetscInt end)
{
  PetscInt i = first;

  while (i < end && !memcmp(queue_tasks_get(tasks, i)->spec.key.byte,
                            queue_tasks_get(tasks, first)->spec.key.byte, QUEUE_KEY_SIZE))
    i++;
  return i;
}

/* Whether a replica is done with its last stage. */
static PetscBool has_whole(const queue_tasks *tasks, PetscInt first, PetscInt end)
{
  for (PetscInt i = first; i < end; i++) {
    const PetscBool last =
        (PetscBool)(i + 1 == end || queue_tasks_get(tasks, i + 1)->spec.replica !=
                                        queue_tasks_get(tasks, i)->spec.replica);

    if (last && queue_tasks_get(tasks, i)->state == QUEUE_DONE) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

static screen_point_state state_of(const screen_campaign *c, const queue_tasks *tasks,
                                   PetscInt first, PetscInt end)
{
  PetscBool begun = PETSC_FALSE, open = PETSC_FALSE, crashed = PETSC_FALSE, some = PETSC_TRUE;
  const PetscInt failed = count_failures(tasks, first, end);

  for (PetscInt i = first; i < end; i++) {
    const queue_task *t = queue_tasks_get(tasks, i);
    begun = begun || t->done > 0 || t->state == QUEUE_RUNNING ? PETSC_TRUE : PETSC_FALSE;
    open = open || t->state <= QUEUE_RUNNING ? PETSC_TRUE : PETSC_FALSE;
    crashed = crashed || t->state == QUEUE_QUARANTINED ? PETSC_TRUE : PETSC_FALSE;
  }
  if (open) return begun ? SCREEN_POINT_RUNNING : SCREEN_POINT_PLANNED;
  if (c->give_up_after > 0 && failed >= c->give_up_after) return SCREEN_POINT_QUARANTINED;
  for (PetscInt i = first; i < end && failed > 0 && some; i = end_of_member(tasks, i, end))
    some = has_whole(tasks, i, end_of_member(tasks, i, end));
  if (failed > 0 && some) return SCREEN_POINT_PARTIAL;
  if (crashed) return SCREEN_POINT_QUARANTINED;
  return failed > 0 ? SCREEN_POINT_FAILED : SCREEN_POINT_DONE;
}

/* First task after the ones of the point that task `first` belongs to. */
static PetscInt end_of_point(const queue_tasks *tasks, PetscInt first)
{
  const PetscInt point = queue_tasks_get(tasks, first)->spec.point;
  PetscInt i = first;

  while (i < queue_tasks_count(tasks) && queue_tasks_get(tasks, i)->spec.point == point) i++;
  return i;
}

static standing count(const screen_campaign *c, const queue_tasks *tasks)
{
  double all = 0.0, behind = 0.0;
  standing s = {0};

  for (PetscInt first = 0, end; first < queue_tasks_count(tasks); first = end) {
    end = end_of_point(tasks, first);
    const screen_point_state state = state_of(c, tasks, first, end);
    s.done += state == SCREEN_POINT_DONE;
    s.partial += state == SCREEN_POINT_PARTIAL;
    s.failed += state == SCREEN_POINT_FAILED || state == SCREEN_POINT_QUARANTINED;
    s.running += state == SCREEN_POINT_RUNNING;
    s.open += state == SCREEN_POINT_PLANNED;
    for (PetscInt i = first; i < end; i++) {
      const queue_task *t = queue_tasks_get(tasks, i);
      const PetscBool over = t->state > QUEUE_RUNNING ? PETSC_TRUE : PETSC_FALSE;
      all += t->spec.cost * (double)(over ? t->done : t->spec.total);
      behind += t->spec.cost * (double)t->done;
    }
  }
  s.fraction = all > 0.0 ? behind / all : 1.0;
  return s;
}

const char *screen_duration(double seconds, char text[32])
{
  if (seconds >= 3600.0)
    snprintf(text, 32, "%d h %02d min", (int)(seconds / 3600.0), (int)(seconds / 60.0) % 60);
  else if (seconds >= 90.0)
    snprintf(text, 32, "%d min", (int)(seconds / 60.0 + 0.5));
  else
    snprintf(text, 32, "%.*f s", seconds < 10.0, seconds);
  return text;
}

PetscErrorCode screen_progress_begin(const screen_session *session, screen_progress *progress)
{
  const char *terminal = getenv(SCREEN_ENV_TERMINAL);

  PetscFunctionBegin;
  *progress = (screen_progress){.quiet = session->options.quiet};
  progress->terminal =
      (terminal && terminal[0] == '1') || isatty(STDOUT_FILENO) ? PETSC_TRUE : PETSC_FALSE;
  progress->started = screen_seconds();
  progress->shown = progress->saved = -1e9;
  PetscFunctionReturn(0);
}

static void close_line(screen_progress *progress)
{
  if (progress->line_open) fputs("\r\033[K", stdout);
  progress->line_open = PETSC_FALSE;
}

PetscErrorCode screen_progress_show(const screen_session *session, const queue_tasks *tasks,
                                    PetscInt workers, PetscBool now, screen_progress *progress)
{
  const double clock = screen_seconds();
  char left[32], partial[48] = "";
  standing s;

  PetscFunctionBegin;
  if (clock - progress->saved > SAVE_SECONDS) {
    PetscCall(screen_progress_save(session, tasks, "running", -1, progress));
  }
  if (progress->quiet ||
      (!now && clock - progress->shown < (progress->terminal ? SHOW_TERMINAL : SHOW_PLAIN))) {
    PetscFunctionReturn(0);
  }
  progress->shown = clock;
  s = count(session->campaign, tasks);
  close_line(progress);
  if (s.partial > 0) snprintf(partial, sizeof(partial), ", %" PetscInt_FMT " partial", s.partial);
  printf("%3.0f %%  %" PetscInt_FMT " of %" PetscInt_FMT " points done, %" PetscInt_FMT
         " running, %" PetscInt_FMT " failed%s; about %s left%s",
         100.0 * s.fraction, s.done, session->grid->npoint, s.running, s.failed, partial,
         screen_duration(queue_tasks_remaining(tasks, workers), left),
         progress->terminal ? "" : "\n");
  progress->line_open = progress->terminal;
  fflush(stdout);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_progress_point(const screen_session *session, const queue_tasks *tasks,
                                     PetscInt point, screen_progress *progress)
{
  const char *reason = session->reason[point];
  PetscInt n;
  const PetscInt first = screen_grid_first_task(session->campaign, session->grid, point, 0, &n);

  PetscFunctionBegin;
  if (progress->quiet) PetscFunctionReturn(0);
  close_line(progress);
  if (first >= 0)
    printf("%s: %s%s%s\n", session->grid->point[point].name,
           screen_point_state_name(
               state_of(session->campaign, tasks, first, end_of_point(tasks, first))),
           reason[0] ? ": " : "", reason);
  fflush(stdout);
  PetscFunctionReturn(0);
}

/* Targets ------------------------------------------------------------------------------------ */

static json_t *number(double value)
{
  return isfinite(value) ? json_real(value) : json_null();
}

/* The targets of one point [SCREEN_NTARGET]; numbers that are not known are null. */
static json_t *targets_json(const screen_session *session, const screen_gap gap[])
{
  json_t *object = json_object();

  for (int k = 0; k < SCREEN_NTARGET && object; k++) {
    const screen_gap *g = &gap[k];

    if (g->state == SCREEN_GAP_NONE) continue;
    json_object_set_new(
        object, prop_get((PetscInt)screen_target_value((screen_target_id)k))->name,
        json_pack("{s:s, s:f, s:o, s:o, s:f, s:s?, s:f, s:o, s:o}", "state",
                  screen_gap_name(g->state), "target", (double)g->target, "error", number(g->error),
                  "ratio", number(g->ratio), "samples", (double)g->neff, "species",
                  g->species >= 0 ? session->campaign->species[g->species] : NULL, "replicas",
                  (double)g->replicas, "replicas_needed", number(g->need), "core_seconds_needed",
                  number(g->seconds * (double)session->options.group)));
  }
  return object;
}

/* All targets together; seconds are of a core. */
static json_t *sum_json(const screen_session *session)
{
  const screen_target_sum sum = screen_target_total(session->grid, session->gap);

  return json_pack("{s:I, s:I, s:I, s:f}", "asked", (json_int_t)sum.asked, "met",
                   (json_int_t)sum.met, "barred", (json_int_t)sum.barred, "core_seconds_needed",
                   sum.seconds * (double)session->options.group);
}

/* Points ------------------------------------------------------------------------------------- */

static json_t *point_json(const screen_session *session, const queue_tasks *tasks, PetscInt first,
                          PetscInt end)
{
  const screen_point *point = &session->grid->point[queue_tasks_get(tasks, first)->spec.point];
  double done = 0.0, total = 0.0, seconds = 0.0;
  PetscInt crashes = 0;
  json_t *row;

  for (PetscInt i = first; i < end; i++) {
    const queue_task *t = queue_tasks_get(tasks, i);
    if (t->state == QUEUE_HELD) continue;
    done += (double)t->done;
    total += (double)t->spec.total;
    seconds += t->seconds;
    crashes += t->crashes;
  }
  row = json_pack("{s:s, s:s, s:I, s:I, s:f, s:I, s:s}", "point", point->name, "state",
                  screen_point_state_name(state_of(session->campaign, tasks, first, end)),
                  "steps_done", (json_int_t)done, "steps", (json_int_t)total, "seconds", seconds,
                  "crashes", (json_int_t)crashes, "reason", session->reason[point->index]);
  if (row && session->gap)
    json_object_set_new(row, "targets",
                        targets_json(session, session->gap + point->index * SCREEN_NTARGET));
  return row;
}

/* A point that the campaign excludes has no tasks. */
static json_t *excluded_json(const screen_session *session, const screen_point *point)
{
  char why[160];

  screen_result_excluded_text(session->campaign, point, why);
  return json_pack("{s:s, s:s, s:I, s:I, s:f, s:I, s:s}", "point", point->name, "state",
                   screen_point_state_name(SCREEN_POINT_EXCLUDED), "steps_done", (json_int_t)0,
                   "steps", (json_int_t)0, "seconds", 0.0, "crashes", (json_int_t)0, "reason", why);
}

/* All points in the order of the grid, which is that of the tasks; returns how many of them the
   campaign excludes. */
static PetscInt table_json(const screen_session *session, const queue_tasks *tasks, json_t *points)
{
  PetscInt first = 0, excluded = 0;

  for (PetscInt p = 0; points && p < session->grid->npoint; p++) {
    const screen_point *point = &session->grid->point[p];

    if (point->liquidus > 0.0) {
      json_array_append_new(points, excluded_json(session, point));
      excluded++;
    } else if (first < queue_tasks_count(tasks)) {
      const PetscInt end = end_of_point(tasks, first);

      json_array_append_new(points, point_json(session, tasks, first, end));
      first = end;
    }
  }
  return excluded;
}

static json_t *status_json(const screen_session *session, const queue_tasks *tasks,
                           const char *state, int code)
{
  const standing s = count(session->campaign, tasks);
  json_t *points = json_array(), *root;
  char file[PATH_MAX];

  const PetscInt excluded = table_json(session, tasks, points);
  if (!realpath(session->campaign->file, file))
    snprintf(file, sizeof(file), "%s", session->campaign->file);
  root = json_pack(
      "{s:s, s:s, s:s, s:s, s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:I, s:o}", "campaign",
      session->campaign->name, "file", file, "kernel", session->campaign->kernel, "state", state,
      "exit_code", code, "points", (json_int_t)session->grid->npoint, "done", (json_int_t)s.done,
      "partial", (json_int_t)s.partial, "failed", (json_int_t)s.failed, "running",
      (json_int_t)s.running, "planned", (json_int_t)s.open, "excluded", (json_int_t)excluded,
      "fraction", s.fraction, "updated", (json_int_t)screen_calendar(), "table", points);
  if (root) screen_use_json(session, tasks, root);
  if (root && session->gap) json_object_set_new(root, "targets", sum_json(session));
  return root;
}

PetscErrorCode screen_progress_save(const screen_session *session, const queue_tasks *tasks,
                                    const char *state, int code, screen_progress *progress)
{
  json_t *root = status_json(session, tasks, state, code);
  char *text = root ? json_dumps(root, JSON_INDENT(1) | JSON_PRESERVE_ORDER) : NULL;
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  PetscCheck(text, PETSC_COMM_SELF, PETSC_ERR_MEM, "No memory for status.json");
  progress->saved = screen_seconds();
  ierr = screen_directory_replace(session->options.directory, "status.json", text);
  free(text);
  json_decref(root);
  PetscCall(ierr);
  PetscFunctionReturn(0);
}
