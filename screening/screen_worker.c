/* screening/screen_worker.c - a worker: takes an order, runs the segment, writes its journal,
   answers */
#include "screening/screen_cli.h"
#include "screening/screen_group.h"
#include "screening/screen_run.h"

#include <signal.h>
#include <time.h>

void screen_message_nap(void)
{
  const struct timespec millisecond = {.tv_nsec = 1000000};

  nanosleep(&millisecond, NULL);
}

/* The task list is not known to a worker; the order's task number is decoded by the grid's rule. */
typedef struct {
  const screen_session *session;
  queue_task_spec *spec; /* [ntask] */
  PetscInt ntask;
  screen_group group;
  queue_journal *journal; /* of the rank that speaks for the group; NULL on the others */
} worker;

static void fill_record(const worker *w, const screen_order *order, queue_record_kind kind,
                        queue_record *record)
{
  const queue_task_spec *spec = &w->spec[order->task];

  *record = (queue_record){.kind = kind,
                           .key = spec->key,
                           .replica = spec->replica,
                           .stage = spec->stage,
                           .origin = spec->origin,
                           .total = spec->total,
                           .seconds = order->seconds};
}

/* What a segment holds; destroyed at the job boundary whatever happened inside. */
typedef struct {
  screen_job *job;
  void *payload; /* the state it starts from */
  md_blob start; /* a view of it */
} segment;

/* The state an order starts from; rank 0 of the group only. */
static PetscErrorCode fetch_start(const worker *w, const screen_order *order, segment *seg)
{
  queue_record record;

  PetscFunctionBegin;
  PetscCall(
      queue_journal_fetch(w->session->options.directory, order->place, &record, &seg->payload));
  md_blob_view(&seg->start, seg->payload, (size_t)record.size);
  PetscFunctionReturn(0);
}

static PetscErrorCode segment_open(const worker *w, const screen_order *order, segment *seg)
{
  const screen_session *s = w->session;
  const queue_task_spec *spec = &w->spec[order->task];
  const screen_point *point = screen_grid_point(s->grid, spec);
  const screen_job_order job = {.comm = w->group.comm,
                                .campaign = s->campaign,
                                .point = point,
                                .pot = screen_session_potential(s, point->member),
                                .replica = spec->replica,
                                .stage = screen_grid_stage(s->campaign, spec->stage),
                                .has_start = (PetscBool)order->has_place,
                                .same_stage = (PetscBool)order->same_stage,
                                .start = &seg->start};

  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  if (order->has_place && w->group.rank == 0) ierr = fetch_start(w, order, seg);
  PetscCall(screen_group_agree(&w->group, ierr));
  PetscCall(screen_job_create_on(&job, &seg->job));
  PetscCall(screen_job_trajectory(seg->job, s->options.directory));
  PetscFunctionReturn(0);
}

/* A sign of life to the dispatcher, from whoever speaks for the group. */
static PetscErrorCode give_sign(const worker *w, const screen_order *order, double *last)
{
  const double now = screen_seconds();

  PetscFunctionBegin;
  if (w->group.rank > 0 || now - *last < 0.5 * SCREEN_ALIVE_SECONDS) PetscFunctionReturn(0);
  *last = now;
  PetscCallMPI(MPI_Send(&order->task, 1, MPI_INT32_T, 0, SCREEN_TAG_BEAT, w->group.world));
  PetscFunctionReturn(0);
}

/* All steps of an order, or up to where the dynamics end; a sign of life now and then. */
static PetscErrorCode segment_advance(const worker *w, const screen_order *order, segment *seg,
                                      md_reason *reason, char detail[160])
{
  double last = screen_seconds();

  PetscFunctionBegin;
  for (int64_t left = order->steps; left > 0 && *reason >= 0; left -= order->beat) {
    PetscCall(screen_job_advance(seg->job, PetscMin(left, order->beat), reason, detail));
    PetscCall(give_sign(w, order, &last));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode segment_run(const worker *w, const screen_order *order, segment *seg,
                                  md_blob *end, screen_answer *answer)
{
  md_reason reason = MD_RUNNING;

  PetscFunctionBegin;
  PetscCall(segment_open(w, order, seg));
  PetscCall(segment_advance(w, order, seg, &reason, answer->detail));
  answer->done = screen_job_done(seg->job);
  answer->status = (int32_t)reason;
  answer->kind = reason < 0 ? QUEUE_RECORD_FAILED : QUEUE_RECORD_SEGMENT;
  if (reason >= 0) {
    PetscCall(screen_job_save(seg->job, end));
  } else {
    PetscCall(md_blob_put(end, answer->detail, sizeof(answer->detail)));
    PetscCall(screen_job_frames(seg->job, reason, answer->detail, end));
  }
  PetscFunctionReturn(0);
}

/* The disk, not the replica. */
static PetscBool of_the_environment(PetscErrorCode ierr)
{
  return ierr == PETSC_ERR_FILE_OPEN || ierr == PETSC_ERR_FILE_WRITE ? PETSC_TRUE : PETSC_FALSE;
}

/* The job boundary: an error inside becomes the failure of this replica, with the error's text, and
 * nothing else stops.  A file that cannot be written (trajectories) says nothing about the replica:
 * that ends the run, which goes on once there is room. */
static PetscErrorCode segment_or_failure(const worker *w, const screen_order *order, md_blob *end,
                                         screen_answer *answer)
{
  const PetscBool speaker = (PetscBool)(w->group.rank == 0);
  segment seg = {0};
  PetscErrorCode ierr = 0;
  PetscBool failed;

  PetscFunctionBegin;
  ierr = segment_run(w, order, &seg, end, answer);
  PetscCall(screen_group_meet(&w->group, ierr, &failed));
  if (failed && !(speaker && of_the_environment(ierr))) {
    answer->kind = QUEUE_RECORD_FAILED;
    answer->status = SCREEN_REASON_ERROR;
    PetscCall(PetscStrncpy(answer->detail, ierr ? screen_cli_error() : "a rank of the group failed",
                           sizeof(answer->detail)));
    screen_cli_error_clear();
    ierr = 0;
  }
  PetscCall(screen_job_destroy(&seg.job));
  PetscCall(md_blob_clear(&seg.start));
  PetscCall(PetscFree(seg.payload));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* A segment's state; of a failure the detail, then frames, or the detail alone where the program
   failed. */
static PetscErrorCode journal_answer(worker *w, const screen_order *order, const md_blob *end,
                                     screen_answer *answer)
{
  queue_record record;

  PetscFunctionBegin;
  fill_record(w, order, (queue_record_kind)answer->kind, &record);
  record.done = answer->done;
  record.status = answer->status;
  record.seconds = answer->seconds;
  record.payload = answer->status == SCREEN_REASON_ERROR ? (const void *)answer->detail : end->data;
  record.size = answer->status == SCREEN_REASON_ERROR ? sizeof(answer->detail) : end->size;
  PetscCall(queue_journal_append(w->journal, &record, PETSC_TRUE, &answer->place));
  PetscFunctionReturn(0);
}

/* Rank 0 of the group: journal before and after, and the answer. */
static PetscErrorCode obey(worker *w, const screen_order *order)
{
  const double begin = screen_seconds();
  screen_answer answer = {.task = order->task};
  queue_record started;
  md_blob end = {0};

  PetscFunctionBegin;
  fill_record(w, order, QUEUE_RECORD_STARTED, &started);
  started.done = order->done;
  PetscCall(queue_journal_append(w->journal, &started, PETSC_FALSE, NULL));
  PetscCall(segment_or_failure(w, order, &end, &answer));
  answer.busy = screen_seconds() - begin;
  answer.seconds = order->seconds + answer.busy;
  PetscCall(journal_answer(w, order, &end, &answer));
  PetscCall(md_blob_clear(&end));
  answer.occupied = screen_seconds() - begin;
  PetscCallMPI(
      MPI_Send(&answer, (int)sizeof(answer), MPI_BYTE, 0, SCREEN_TAG_ANSWER, w->group.world));
  PetscFunctionReturn(0);
}

/* The other ranks of the group. */
static PetscErrorCode help_out(worker *w, const screen_order *order)
{
  screen_answer unused = {.task = order->task};
  md_blob end = {0};

  PetscFunctionBegin;
  PetscCall(segment_or_failure(w, order, &end, &unused));
  PetscCall(md_blob_clear(&end));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_work(MPI_Comm comm, screen_session *session)
{
  worker w = {.session = session};
  screen_order order;

  PetscFunctionBegin;
  signal(SIGUSR1, SIG_IGN); /* a batch system may send it to all processes of a job */
  PetscCall(screen_group_create(comm, session->options.group, &w.group));
  PetscCall(screen_session_specs(session, &w.ntask, &w.spec));
  if (w.group.rank == 0) {
    PetscCall(queue_journal_open(session->options.directory, session->generation,
                                 1 + w.group.number, &w.journal));
  }
  for (;;) {
    PetscCall(screen_group_order(&w.group, &order));
    if (order.kind == SCREEN_STOP) break;
    PetscCheck(order.task >= 0 && order.task < w.ntask, PETSC_COMM_SELF, PETSC_ERR_PLIB,
               "Task %d of %" PetscInt_FMT, (int)order.task, w.ntask);
    if (w.group.rank == 0)
      PetscCall(obey(&w, &order));
    else
      PetscCall(help_out(&w, &order));
  }
  if (w.journal) PetscCall(queue_journal_close(&w.journal));
  PetscCall(PetscFree(w.spec));
  PetscCall(screen_group_destroy(&w.group));
  PetscFunctionReturn(0);
}
