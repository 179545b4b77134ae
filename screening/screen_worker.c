/* screening/screen_worker.c - a worker: takes an order, runs the segment, writes its journal,
   answers */
#include "screening/screen_cli.h"
#include "screening/screen_run.h"

#include <time.h>

void screen_message_nap(void)
{
  const struct timespec millisecond = {.tv_nsec = 1000000};

  nanosleep(&millisecond, NULL);
}

static PetscErrorCode wait_for_order(MPI_Comm comm, screen_order *order)
{
  int there = 0;

  PetscFunctionBegin;
  for (;;) {
    PetscCallMPI(MPI_Iprobe(0, SCREEN_TAG_ORDER, comm, &there, MPI_STATUS_IGNORE));
    if (there) break;
    screen_message_nap();
  }
  PetscCallMPI(
      MPI_Recv(order, (int)sizeof(*order), MPI_BYTE, 0, SCREEN_TAG_ORDER, comm, MPI_STATUS_IGNORE));
  PetscFunctionReturn(0);
}

/* The task list is not known to a worker; the order's task number is decoded by the grid's rule. */
typedef struct {
  const screen_session *session;
  queue_task_spec *spec; /* [ntask] */
  PetscInt ntask;
  queue_journal *journal;
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

static PetscErrorCode segment_open(const worker *w, const screen_order *order, segment *seg)
{
  const screen_session *s = w->session;
  const queue_task_spec *spec = &w->spec[order->task];
  queue_record record;

  PetscFunctionBegin;
  if (order->has_place) {
    PetscCall(queue_journal_fetch(s->options.directory, order->place, &record, &seg->payload));
    md_blob_view(&seg->start, seg->payload, (size_t)record.size);
  }
  PetscCall(screen_job_create(s->campaign, &s->grid->point[spec->point], s->potential,
                              spec->replica, screen_grid_stage(s->campaign, spec->stage),
                              order->has_place ? &seg->start : NULL,
                              order->same_stage ? PETSC_TRUE : PETSC_FALSE, &seg->job));
  PetscCall(screen_job_trajectory(seg->job, s->options.directory));
  PetscFunctionReturn(0);
}

static PetscErrorCode segment_run(const worker *w, const screen_order *order, segment *seg,
                                  md_blob *end, screen_answer *answer)
{
  md_reason reason = MD_RUNNING;

  PetscFunctionBegin;
  PetscCall(segment_open(w, order, seg));
  PetscCall(screen_job_advance(seg->job, order->steps, &reason, answer->detail));
  answer->done = screen_job_done(seg->job);
  answer->status = (int32_t)reason;
  answer->kind = reason < 0 ? QUEUE_RECORD_FAILED : QUEUE_RECORD_SEGMENT;
  if (reason >= 0) PetscCall(screen_job_save(seg->job, end));
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
  segment seg = {0};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  ierr = segment_run(w, order, &seg, end, answer);
  if (ierr && !of_the_environment(ierr)) {
    answer->kind = QUEUE_RECORD_FAILED;
    answer->status = SCREEN_REASON_ERROR;
    PetscCall(PetscStrncpy(answer->detail, screen_cli_error(), sizeof(answer->detail)));
    screen_cli_error_clear();
    ierr = 0;
  }
  PetscCall(screen_job_destroy(&seg.job));
  PetscCall(md_blob_clear(&seg.start));
  PetscCall(PetscFree(seg.payload));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

static PetscErrorCode journal_answer(worker *w, const screen_order *order, const md_blob *end,
                                     screen_answer *answer)
{
  queue_record record;

  PetscFunctionBegin;
  fill_record(w, order, (queue_record_kind)answer->kind, &record);
  record.done = answer->done;
  record.status = answer->status;
  record.seconds = answer->seconds;
  record.payload = answer->kind == QUEUE_RECORD_FAILED ? (const void *)answer->detail : end->data;
  record.size = answer->kind == QUEUE_RECORD_FAILED ? sizeof(answer->detail) : end->size;
  PetscCall(queue_journal_append(w->journal, &record, PETSC_TRUE, &answer->place));
  PetscFunctionReturn(0);
}

static PetscErrorCode obey(MPI_Comm comm, worker *w, const screen_order *order)
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
  PetscCallMPI(MPI_Send(&answer, (int)sizeof(answer), MPI_BYTE, 0, SCREEN_TAG_ANSWER, comm));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_work(MPI_Comm comm, screen_session *session)
{
  worker w = {.session = session};
  screen_order order;
  PetscMPIInt rank;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  PetscCall(screen_session_specs(session, &w.ntask, &w.spec));
  PetscCall(queue_journal_open(session->options.directory, session->generation, rank, &w.journal));
  for (;;) {
    PetscCall(wait_for_order(comm, &order));
    if (order.kind == SCREEN_STOP) break;
    PetscCheck(order.task >= 0 && order.task < w.ntask, PETSC_COMM_SELF, PETSC_ERR_PLIB,
               "Task %d of %" PetscInt_FMT, (int)order.task, w.ntask);
    PetscCall(obey(comm, &w, &order));
  }
  PetscCall(queue_journal_close(&w.journal));
  PetscCall(PetscFree(w.spec));
  PetscFunctionReturn(0);
}
