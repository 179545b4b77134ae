/* screening/screen_dispatch.c - rank 0: hands out segments and sleeps between messages
 *
 * The loop: take answers, hand work to idle workers, show where things stand, nap a millisecond. 
 * All that matters is in the journals before an answer is sent, so nothing here needs to be saved:
 * the next start replays them. Points fail alone: a replica that ended for a physical reason fails
 * its own chain and the others go on, all to their end, so that what the table says does not depend
 * on who was faster.
 */
#include "screening/screen_deadline.h"
#include "screening/screen_extend.h"
#include "screening/screen_group.h"
#include "screening/screen_use.h"

#include "queue/queue_batch.h"

#include <signal.h>
#include <stdlib.h>

static volatile sig_atomic_t stop_asked;

static void ask_to_stop(int number)
{
  (void)number;
  stop_asked = 1;
}

typedef struct {
  MPI_Comm comm;
  screen_session *session;
  screen_directory *directory;
  queue_tasks *tasks;
  PetscInt workers; /* groups */
  int32_t *busy;    /* [workers] task of each worker, -1 idle */
  double *since;    /* [workers] [s] when it was given what it does */
  double *sign;     /* [workers] [s] when each was last heard of */
  double patience;  /* [s] of silence after which a group hangs */
  PetscInt nbusy;
  double begun, looked;    /* [s] */
  double processor;        /* [s] processor time before */
  double worked, occupied; /* [s] of finished segments: without and with their journals */
  PetscBool *announced;    /* [npoint] its end was said */
  int32_t *lowest;         /* [npoint] replica that gave the point's reason */
  screen_progress progress;
  screen_extend extend;
  double committed;   /* [s] when results.h5 was last written */
  double commit_cost; /* [s] how long that took */
  PetscBool timed;    /* some task of the campaign has been timed */
  double deadline;    /* [s] of the batch job by the clock of screen_seconds(); 0: none */
} dispatcher;

/* Seconds between two writes of results.h5 during a run. */
#define COMMIT_SECONDS 60.0

static PetscErrorCode say(dispatcher *d, PetscInt i, const char *event, const char *detail)
{
  const queue_task *task = queue_tasks_get(d->tasks, i);
  const screen_point *point = screen_grid_point(d->session->grid, &task->spec);

  PetscFunctionBegin;
  PetscCall(screen_directory_log(
      d->directory, event, "point=\"%s\" replica=%d stage=%s done=%lld total=%lld seconds=%.1f%s%s",
      point->name, (int)task->spec.replica,
      screen_stage_name(screen_grid_stage(d->session->campaign, task->spec.stage)),
      (long long)task->done, (long long)task->spec.total, task->seconds,
      detail[0] ? " reason=" : "", detail));
  PetscFunctionReturn(0);
}

/* [s] of the next segment of a task: as was asked for, or as its state is large. */
static double segment_seconds(const dispatcher *d, const queue_task *task)
{
  const screen_campaign *c = d->session->campaign;

  if (d->session->options.segment > 0.0) return d->session->options.segment;
  return screen_segment_seconds(c, screen_grid_stage(c, task->spec.stage), task->done,
                                SCREEN_SEGMENT_SECONDS);
}

/* The state a segment starts from: its own stage's, else the end of the stage before. */
static PetscErrorCode fill_order(const dispatcher *d, PetscInt i, screen_order *order)
{
  const queue_task *task = queue_tasks_get(d->tasks, i);
  const queue_task *before = task->spec.stage > 0 ? queue_tasks_get(d->tasks, i - 1) : NULL;

  PetscFunctionBegin;
  *order = (screen_order){.kind = SCREEN_WORK, .task = (int32_t)i, .done = task->done};
  order->steps = queue_tasks_segment(d->tasks, i, segment_seconds(d, task), d->workers);
  order->beat = (int64_t)PetscMax(
      1.0, PetscMin((double)order->steps,
                    SCREEN_ALIVE_SECONDS / PetscMax(task->spec.cost, PETSC_SMALL)));
  if (task->has_place && task->done > 0) {
    order->has_place = order->same_stage = 1;
    order->place = task->place;
    order->seconds = task->seconds;
  } else if (before) {
    PetscCheck(before->has_place, PETSC_COMM_SELF, PETSC_ERR_PLIB,
               "Task %" PetscInt_FMT " is ready without a start", i);
    order->has_place = 1;
    order->place = before->place;
  }
  PetscFunctionReturn(0);
}

/* Where targets are missed, one replica more; *found: there is something to do again. */
static PetscErrorCode extend(dispatcher *d, PetscBool *found)
{
  const screen_session *s = d->session;
  screen_extension choice;

  PetscFunctionBegin;
  *found = PETSC_FALSE;
  if (!d->extend.on || d->extend.idle) PetscFunctionReturn(0);
  PetscCall(screen_extend_next(d->session, d->tasks, &d->extend, &choice));
  d->extend.idle = (PetscBool)(choice.point < 0);
  if (choice.point < 0) PetscFunctionReturn(0);
  PetscCall(screen_extend_release(s->campaign, s->grid, &choice, d->tasks));
  d->announced[choice.point] = PETSC_FALSE;
  PetscCall(screen_directory_log(d->directory, "extend", "point=\"%s\" replica=%d gain=%.3g",
                                 s->grid->point[choice.point].name, (int)choice.replica,
                                 choice.gain));
  *found = PETSC_TRUE;
  PetscFunctionReturn(0);
}

/* The task for a free group; -1: none. */
static PetscErrorCode find_task(dispatcher *d, PetscInt *i)
{
  PetscBool found = PETSC_TRUE;

  PetscFunctionBegin;
  *i = queue_tasks_next(d->tasks);
  while (*i < 0 && found) { /* what is released may be in quarantine: the next, then */
    PetscCall(extend(d, &found));
    *i = queue_tasks_next(d->tasks);
  }
  PetscFunctionReturn(0);
}

/* A segment that may not end before the deadline of the batch job becomes shorter
   (screen_deadline.h), with time for a second and the table.  False: there is no time left for
   any. */
static PetscBool fits(const dispatcher *d, PetscInt i, screen_order *order)
{
  const double left = d->deadline - screen_seconds() - 1.0 - 2.0 * d->commit_cost;

  if (d->deadline <= 0.0) return PETSC_TRUE;
  order->steps = PetscMin(order->steps, screen_deadline_steps(d->tasks, i, d->timed, left));
  return (PetscBool)(order->steps >= 1 && left >= 1.0);
}

static PetscErrorCode hand_out(dispatcher *d)
{
  PetscInt i;
  screen_order order;

  PetscFunctionBegin;
  for (PetscInt w = 0; w < d->workers && !stop_asked; w++) {
    if (d->busy[w] >= 0) continue;
    PetscCall(find_task(d, &i));
    if (i < 0) break;
    PetscCall(fill_order(d, i, &order));
    if (!fits(d, i, &order)) {
      stop_asked = 1;
      PetscCall(
          screen_directory_log(d->directory, "drain", "deadline=%s", getenv(QUEUE_BATCH_DEADLINE)));
      break;
    }
    PetscCall(queue_tasks_apply(d->tasks, i, QUEUE_EVENT_ASSIGN, NULL, NULL));
    PetscCallMPI(MPI_Send(&order, (int)sizeof(order), MPI_BYTE,
                          screen_group_speaker(w, d->session->options.group), SCREEN_TAG_ORDER,
                          d->comm));
    d->busy[w] = (int32_t)i;
    d->since[w] = screen_seconds();
    d->sign[w] = screen_seconds();
    d->nbusy++;
  }
  PetscFunctionReturn(0);
}

/* A point is over when none of its tasks, which stand together, can change any more. */
static PetscBool point_over(const screen_session *session, const queue_tasks *tasks, PetscInt point)
{
  PetscInt n;
  PetscInt i = screen_grid_first_task(session->campaign, session->grid, point, 0, &n);

  for (; i >= 0 && i < queue_tasks_count(tasks); i++) {
    const queue_task *task = queue_tasks_get(tasks, i);
    if (task->spec.point != point) break;
    if (task->state == QUEUE_WAITING || task->state == QUEUE_READY || task->state == QUEUE_RUNNING)
      return PETSC_FALSE;
  }
  return PETSC_TRUE;
}

/* results.h5 with what is there so far, by this rank alone. */
static PetscErrorCode commit(dispatcher *d)
{
  screen_result *table;
  PetscInt failed;

  PetscFunctionBegin;
  d->committed = screen_seconds();
  PetscCall(screen_finish(PETSC_COMM_SELF, d->session, &failed, &table));
  PetscCall(screen_session_look(d->session, d->tasks, table));
  PetscCall(screen_use_look(d->session, table));
  PetscCall(screen_table_free(d->session->grid->npoint, &table));
  d->commit_cost = screen_seconds() - d->committed;
  PetscFunctionReturn(0);
}

static PetscErrorCode look_at_point(dispatcher *d, PetscInt point)
{
  PetscFunctionBegin;
  if (d->announced[point] || !point_over(d->session, d->tasks, point)) PetscFunctionReturn(0);
  d->announced[point] = PETSC_TRUE;
  PetscCall(screen_progress_point(d->session, d->tasks, point, &d->progress));
  PetscCall(screen_directory_log(d->directory, "point-over", "point=\"%s\"",
                                 d->session->grid->point[point].name));
  if (screen_seconds() - d->committed > PetscMax(COMMIT_SECONDS, 50.0 * d->commit_cost) &&
      (d->deadline <= 0.0 || d->deadline - screen_seconds() > 4.0 * d->commit_cost)) {
    PetscCall(commit(d));
  }
  PetscFunctionReturn(0);
}

/* The failure's text; of a committee with its member, as in the results file. */
static void put_reason(const dispatcher *d, PetscInt member, const char *detail, char reason[160])
{
  const screen_campaign *c = d->session->campaign;

  if (c->nmember)
    snprintf(reason, 160, "potential %s: %.80s", c->member[member].name, detail);
  else
    snprintf(reason, 160, "%s", detail);
}

/* What a failure's record says is the point's reason; of several replicas the lowest speaks, of the
 * first member of a committee that has any, as in the results file. */
static PetscErrorCode learn_reason(dispatcher *d, const queue_task *task)
{
  const PetscInt member = screen_grid_point(d->session->grid, &task->spec)->member;
  const PetscInt place = member * screen_grid_replicas(d->session->campaign) + task->spec.replica;
  char *reason = d->session->reason[task->spec.point], detail[160] = "";
  queue_record record;
  void *payload;

  PetscFunctionBegin;
  if (!task->has_place || (reason[0] && place > d->lowest[task->spec.point])) {
    PetscFunctionReturn(0);
  }
  PetscCall(queue_journal_fetch(d->session->options.directory, task->place, &record, &payload));
  if (record.kind == QUEUE_RECORD_FAILED) {
    PetscCall(PetscStrncpy(detail, (const char *)payload, PetscMin(160, (size_t)record.size)));
    put_reason(d, member, detail, reason);
    d->lowest[task->spec.point] = place;
  }
  PetscCall(PetscFree(payload));
  PetscFunctionReturn(0);
}

static PetscErrorCode take(dispatcher *d, PetscInt w, const screen_answer *answer)
{
  const queue_task *task = queue_tasks_get(d->tasks, answer->task);
  const queue_record record = {.kind = (queue_record_kind)answer->kind,
                               .key = task->spec.key,
                               .replica = task->spec.replica,
                               .stage = task->spec.stage,
                               .origin = task->spec.origin,
                               .done = answer->done,
                               .total = task->spec.total,
                               .status = answer->status,
                               .seconds = answer->seconds};
  queue_event event = QUEUE_EVENT_FAIL;

  PetscFunctionBegin;
  if (answer->kind == QUEUE_RECORD_SEGMENT) {
    event = answer->done >= task->spec.total ? QUEUE_EVENT_FINISH : QUEUE_EVENT_SEGMENT;
  }
  PetscCall(queue_tasks_apply(d->tasks, answer->task, event, &record, &answer->place));
  d->busy[w] = -1;
  d->worked += answer->busy;
  d->occupied += answer->occupied;
  d->nbusy--;
  d->timed = (PetscBool)(d->timed || answer->seconds > 0.0);
  d->extend.idle = PETSC_FALSE;
  if (event != QUEUE_EVENT_SEGMENT) d->extend.changed = PETSC_TRUE;
  PetscCall(say(d, answer->task, queue_event_name(event), answer->detail));
  if (event == QUEUE_EVENT_FAIL) PetscCall(learn_reason(d, task));
  PetscCall(look_at_point(d, task->spec.point));
  PetscFunctionReturn(0);
}

static PetscErrorCode take_answers(dispatcher *d)
{
  screen_answer answer;
  MPI_Status status;
  int there;

  PetscFunctionBegin;
  for (;;) {
    PetscCallMPI(MPI_Iprobe(MPI_ANY_SOURCE, SCREEN_TAG_ANSWER, d->comm, &there, &status));
    if (!there) break;
    PetscCallMPI(MPI_Recv(&answer, (int)sizeof(answer), MPI_BYTE, status.MPI_SOURCE,
                          SCREEN_TAG_ANSWER, d->comm, MPI_STATUS_IGNORE));
    PetscCall(take(d, (status.MPI_SOURCE - 1) / d->session->options.group, &answer));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode take_signs(dispatcher *d)
{
  MPI_Status status;
  int32_t task;
  int there;

  PetscFunctionBegin;
  for (;;) {
    PetscCallMPI(MPI_Iprobe(MPI_ANY_SOURCE, SCREEN_TAG_BEAT, d->comm, &there, &status));
    if (!there) break;
    PetscCallMPI(MPI_Recv(&task, 1, MPI_INT32_T, status.MPI_SOURCE, SCREEN_TAG_BEAT, d->comm,
                          MPI_STATUS_IGNORE));
    d->sign[(status.MPI_SOURCE - 1) / d->session->options.group] = screen_seconds();
  }
  PetscFunctionReturn(0);
}

/* A group that says nothing for too long ends the job: the next start finds its segment without an
   answer, as after a death, and runs it alone. */
static PetscErrorCode watch_groups(dispatcher *d)
{
  const double now = screen_seconds();

  PetscFunctionBegin;
  for (PetscInt w = 0; w < d->workers; w++) {
    if (d->busy[w] < 0 || now - d->sign[w] < d->patience) continue;
    PetscCall(say(d, d->busy[w], "hung", "no sign of life"));
    fprintf(
        stderr,
        "liquidus run: group %" PetscInt_FMT " gave no sign of life for %.0f s (%s); the job "
        "is ended\n",
        w, now - d->sign[w],
        screen_grid_point(d->session->grid, &queue_tasks_get(d->tasks, d->busy[w])->spec)->name);
    fflush(stderr);
    screen_message_nap();
    MPI_Abort(d->comm, SCREEN_EXIT_HUNG);
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode send_home(dispatcher *d)
{
  const screen_order order = {.kind = SCREEN_STOP};

  PetscFunctionBegin;
  for (PetscInt w = 0; w < d->workers; w++) {
    PetscCallMPI(MPI_Send(&order, (int)sizeof(order), MPI_BYTE,
                          screen_group_speaker(w, d->session->options.group), SCREEN_TAG_ORDER,
                          d->comm));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode begin(MPI_Comm comm, screen_session *session, screen_directory *directory,
                            queue_tasks *tasks, dispatcher *d)
{
  const char *deadline = getenv(QUEUE_BATCH_DEADLINE);
  const double until = deadline ? strtod(deadline, NULL) : 0.0;
  PetscMPIInt size;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_size(comm, &size));
  *d = (dispatcher){.comm = comm,
                    .session = session,
                    .directory = directory,
                    .tasks = tasks,
                    .workers = screen_group_count(size, session->options.group)};
  PetscCall(PetscMalloc1(d->workers, &d->busy));
  PetscCall(PetscCalloc1(d->workers, &d->since));
  PetscCall(PetscCalloc1(d->workers, &d->sign));
  for (PetscInt w = 0; w < d->workers; w++) d->busy[w] = -1;
  PetscCall(PetscCalloc1(session->grid->npoint, &d->announced));
  for (PetscInt p = 0; p < session->grid->npoint; p++)
    d->announced[p] = point_over(session, tasks, p);
  PetscCall(PetscCalloc1(session->grid->npoint, &d->lowest));
  for (PetscInt i = 0; i < queue_tasks_count(tasks); i++) {
    if (queue_tasks_get(tasks, i)->state == QUEUE_FAILED) {
      PetscCall(learn_reason(d, queue_tasks_get(tasks, i)));
    }
  }
  d->committed = d->begun = screen_seconds();
  d->processor = screen_processor_seconds();
  d->timed = screen_deadline_any(tasks);
  /* the calendar is asked once: a clock that is set while the run goes on moves no deadline */
  if (until > 0.0) d->deadline = screen_seconds() + PetscMax(until - screen_calendar(), 1e-3);
  d->patience = screen_patience();
  PetscCall(screen_progress_begin(session, &d->progress));
  PetscCall(screen_extend_create(session, &d->extend));
  signal(SIGTERM, ask_to_stop);
  signal(SIGUSR1, SIG_IGN);
  PetscFunctionReturn(0);
}

/* What runs now counts as work so far. */
static void note_use(dispatcher *d)
{
  const double now = screen_seconds();
  double flying = 0.0;

  for (PetscInt w = 0; w < d->workers; w++) flying += d->busy[w] >= 0 ? now - d->since[w] : 0.0;
  d->session->use = (screen_use){.groups = d->workers,
                                 .seconds = now - d->begun,
                                 .busy = d->worked + flying,
                                 .occupied = d->occupied + flying,
                                 .processor = screen_processor_seconds() - d->processor};
}

/* What goes through all groups, once a second: the loop turns a thousand times in that. */
static PetscErrorCode look_round(dispatcher *d)
{
  PetscFunctionBegin;
  if (screen_seconds() - d->looked < 1.0) PetscFunctionReturn(0);
  d->looked = screen_seconds();
  note_use(d);
  PetscCall(watch_groups(d));
  PetscFunctionReturn(0);
}

static PetscErrorCode say_use(dispatcher *d)
{
  const screen_use_shares share = screen_use_of(&d->session->use);

  PetscFunctionBegin;
  PetscCall(screen_directory_log(d->directory, "use",
                                 "seconds=%.1f groups=%" PetscInt_FMT " idle=%.4f journal=%.4f "
                                 "dispatcher=%.4f",
                                 d->session->use.seconds, d->workers, share.idle, share.journal,
                                 share.dispatcher));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_dispatch(MPI_Comm comm, screen_session *session, screen_directory *directory,
                               queue_tasks *tasks, screen_exit *code)
{
  dispatcher d;

  PetscFunctionBegin;
  PetscCall(begin(comm, session, directory, tasks, &d));
  for (;;) {
    PetscCall(take_answers(&d));
    PetscCall(take_signs(&d));
    PetscCall(hand_out(&d));
    if (d.nbusy == 0) break;
    PetscCall(look_round(&d));
    screen_directory_beat(directory);
    PetscCall(screen_progress_show(session, tasks, d.workers, PETSC_FALSE, &d.progress));
    screen_message_nap();
  }
  PetscCall(send_home(&d));
  note_use(&d);
  PetscCall(say_use(&d));
  if (stop_asked) {
    *code = SCREEN_EXIT_RESUMABLE;
    PetscCall(screen_directory_log(directory, "stopped", "signal=TERM"));
  }
  PetscCall(screen_progress_save(session, tasks, stop_asked ? "stopped" : "running",
                                 stop_asked ? (int)SCREEN_EXIT_RESUMABLE : -1, &d.progress));
  if (d.extend.on)
    PetscCall(screen_directory_log(directory, "estimates", "seconds=%.3f", d.extend.seconds));
  PetscCall(screen_extend_clear(session, &d.extend));
  PetscCall(PetscFree(d.busy));
  PetscCall(PetscFree(d.since));
  PetscCall(PetscFree(d.sign));
  PetscCall(PetscFree(d.announced));
  PetscCall(PetscFree(d.lowest));
  PetscFunctionReturn(0);
}
