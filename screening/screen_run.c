/* screening/screen_run.c - `liquidus run`: from the command line to the table */
#include "screening/screen_run.h"
#include "screening/screen_cli.h"
#include "screening/screen_surface.h"
#include "screening/screen_use.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Command line ------------------------------------------------------------------------------- */

static PetscErrorCode parse_ranks(const char *text, PetscInt *ranks, screen_exit *code)
{
  char *end;
  long n;

  PetscFunctionBegin;
  errno = 0;
  n = strtol(text, &end, 10);
  if (errno || *end || end == text || n < 0 || n > 1000000) {
    PetscCall(screen_cli_refuse(
        "run", code, "--ranks: got '%s', wanted a number of MPI processes, 2 or more", text));
  } else if (n < 2) {
    PetscCall(screen_cli_refuse("run", code,
                                "--ranks %ld leaves no worker: one rank dispatches and the others "
                                "compute; wanted 2 or more",
                                n));
  }
  *ranks = (PetscInt)n;
  PetscFunctionReturn(0);
}

static PetscErrorCode parse_group(const char *text, PetscInt *group, screen_exit *code)
{
  char *end;
  long n;

  PetscFunctionBegin;
  errno = 0;
  n = strtol(text, &end, 10);
  if (errno || *end || end == text || n < 1 || n > 100000) {
    PetscCall(screen_cli_refuse(
        "run", code, "--group: got '%s', wanted a number of ranks that share a task, 1 or more",
        text));
  }
  *group = (PetscInt)n;
  PetscFunctionReturn(0);
}

/* Ranks beside the dispatcher make whole groups. */
static PetscErrorCode check_groups(PetscInt ranks, PetscInt group, screen_exit *code)
{
  PetscFunctionBegin;
  if (*code == SCREEN_EXIT_DONE && ranks && group && (ranks - 1) % group != 0) {
    PetscCall(screen_cli_refuse("run", code,
                                "%" PetscInt_FMT " ranks are a dispatcher and %" PetscInt_FMT
                                " others, no whole groups of %" PetscInt_FMT
                                "; wanted --ranks 1 + a multiple of --group",
                                ranks, ranks - 1, group));
  }
  PetscFunctionReturn(0);
}

/* 0, as the supervisor passes it on: choose. */
static PetscErrorCode parse_segment(const char *text, PetscReal *seconds, screen_exit *code)
{
  char *end;

  PetscFunctionBegin;
  *seconds = strtod(text, &end);
  if (*end || end == text || !((*seconds >= 0.01 && *seconds <= 86400.0) || *seconds == 0.0)) {
    PetscCall(
        screen_cli_refuse("run", code, "--segment: got '%s', wanted seconds, 0.01 to 86400", text));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode parse_wait(const char *text, PetscReal *seconds, screen_exit *code)
{
  char *end;

  PetscFunctionBegin;
  *seconds = strtod(text, &end);
  if (*end || end == text || !(*seconds >= 0.0 && *seconds <= 86400.0)) {
    PetscCall(screen_cli_refuse("run", code, "--wait: got '%s', wanted seconds, 0 to 86400", text));
  }
  PetscFunctionReturn(0);
}

/* Without slashes at the end, which would be doubled in what is printed. */
static PetscErrorCode parse_directory(const char *text, screen_run_options *options,
                                      screen_exit *code)
{
  size_t n = strlen(text);

  PetscFunctionBegin;
  while (n > 1 && text[n - 1] == '/') n--;
  if (n == 0 || n + 64 > sizeof(options->directory)) {
    PetscCall(screen_cli_refuse("run", code, "--out: got %s, wanted a directory",
                                n ? "a path that is too long" : "''"));
    PetscFunctionReturn(0);
  }
  PetscCall(PetscStrncpy(options->directory, text, n + 1));
  PetscFunctionReturn(0);
}

static PetscErrorCode parse(int argc, char **argv, screen_run_options *options, screen_exit *code)
{
  static const struct option known[] = {
      {"ranks", required_argument, NULL, 'n'},  {"out", required_argument, NULL, 'o'},
      {"quiet", no_argument, NULL, 'q'},        {"segment", required_argument, NULL, 's'},
      {"kernel", required_argument, NULL, 'k'}, {"group", required_argument, NULL, 'g'},
      {"wait", required_argument, NULL, 'w'},   {NULL, 0, NULL, 0}};
  int c;

  PetscFunctionBegin;
  *options = (screen_run_options){.segment = 0.0};
  optind = 1;
  opterr = 0;
  while (*code == SCREEN_EXIT_DONE &&
         (c = getopt_long(argc, argv, "n:o:qs:k:g:w:", known, NULL)) != -1) {
    if (c == 'n')
      PetscCall(parse_ranks(optarg, &options->ranks, code));
    else if (c == 'g')
      PetscCall(parse_group(optarg, &options->group, code));
    else if (c == 'w')
      PetscCall(parse_wait(optarg, &options->wait, code));
    else if (c == 'o')
      PetscCall(parse_directory(optarg, options, code));
    else if (c == 's')
      PetscCall(parse_segment(optarg, &options->segment, code));
    else if (c == 'k')
      PetscCall(screen_session_kernel("run", optarg, &options->kernel, code));
    else if (c == 'q')
      options->quiet = PETSC_TRUE;
    else
      PetscCall(screen_cli_refuse("run", code,
                                  "unknown option or missing value: %s; see liquidus run --help",
                                  argv[optind - 1]));
  }
  if (*code == SCREEN_EXIT_DONE && optind != argc - 1) {
    PetscCall(screen_cli_refuse(
        "run", code, "wanted one campaign file, got %d; see liquidus run --help", argc - optind));
  }
  PetscCall(check_groups(options->ranks, options->group, code));
  options->campaign = argv[argc - 1];
  PetscFunctionReturn(0);
}

/* Every rank read the same file?  It may have been edited between two reads. */
static PetscErrorCode check_same(MPI_Comm comm, const screen_session *session)
{
  const unsigned char *text = (const unsigned char *)session->campaign->text;
  PetscInt64 sum = (PetscInt64)session->campaign->text_size, range[2], seen[2];

  PetscFunctionBegin;
  for (size_t i = 0; i < session->campaign->text_size; i++) sum = (sum * 31 + text[i]) & 0xffffffff;
  range[0] = sum;
  range[1] = -sum;
  PetscCallMPI(MPI_Allreduce(range, seen, 2, MPIU_INT64, MPI_MAX, comm));
  PetscCheck(seen[0] == -seen[1], comm, PETSC_ERR_FILE_UNEXPECTED,
             "%s changed while the ranks read it; run again", session->options.campaign);
  PetscFunctionReturn(0);
}

/* Ranks -------------------------------------------------------------------------------------- */

/* Rank 0 before the work: the directory, crashes of an earlier start, a fresh generation of
   journals. */
static PetscErrorCode take_over(screen_session *session, screen_directory *directory,
                                queue_tasks **tasks, screen_exit *code)
{
  const char *relaunch = getenv(SCREEN_ENV_RELAUNCH);
  queue_journal *journal = NULL;
  char *name = NULL;

  PetscFunctionBegin;
  PetscCall(screen_directory_prepare("run", session->options.directory, code));
  if (*code != SCREEN_EXIT_DONE) PetscFunctionReturn(0);
  PetscCall(screen_directory_open("run", session->options.directory, session->options.wait,
                                  directory, code));
  if (*code != SCREEN_EXIT_DONE) PetscFunctionReturn(0);
  PetscCall(screen_session_tasks(session, tasks, &session->generation, &name));
  PetscCall(screen_session_check_name(session, name, code));
  PetscCall(PetscFree(name));
  if (*code != SCREEN_EXIT_DONE) PetscFunctionReturn(0);
  if (relaunch && session->generation > 0) {
    PetscCall(queue_journal_open(session->options.directory, session->generation, 0, &journal));
    PetscCall(queue_tasks_note_crashes(*tasks, session->options.directory, journal));
    PetscCall(queue_journal_close(&journal));
    PetscCall(screen_directory_log(directory, "relaunch", "number=%s", relaunch));
  }
  PetscCall(queue_tasks_compact(session->options.directory, session->campaign->name,
                                &session->generation));
  PetscCall(queue_tasks_destroy(tasks));
  PetscCall(screen_session_tasks(session, tasks, &session->generation, NULL));
  PetscCall(screen_directory_log(directory, "start",
                                 "campaign=%s points=%" PetscInt_FMT " tasks=%" PetscInt_FMT
                                 " generation=%lld kernel=%s grade_period=%" PetscInt_FMT,
                                 session->campaign->name, session->grid->npoint,
                                 queue_tasks_count(*tasks), (long long)session->generation,
                                 session->campaign->kernel,
                                 md_potential_grade_period(session->potential)));
  PetscFunctionReturn(0);
}

/* Where one more point of the grid would be worth most. */
static PetscErrorCode print_next(const screen_session *session, const screen_result result[])
{
  screen_surfaces surfaces;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(screen_surfaces_create(session->campaign, session->grid, result, &surfaces));
  ierr = screen_surfaces_print(session->campaign, &surfaces, stdout);
  PetscCall(screen_surfaces_clear(&surfaces));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_print_table(const screen_session *session, const screen_result result[])
{
  PetscFunctionBegin;
  PetscCall(screen_report_table(session, result, stdout));
  if (session->gap)
    PetscCall(screen_target_print(session->campaign, session->grid, session->gap, stdout));
  PetscCall(print_next(session, result));
  printf("\nResults: %s/results.h5  (ncdump -h, h5py, xarray.open_dataset, MATLAB; every value has "
         "_error, _neff, _flag)\n",
         session->options.directory);
  fflush(stdout);
  PetscFunctionReturn(0);
}

/* The dispatcher sleeps while the workers write results.h5: collective calls of more ranks than
 * cores cost a time slice each, and HDF5 makes hundreds. */
static PetscErrorCode wait_for_results(MPI_Comm comm, const screen_session *session,
                                       screen_directory *directory, PetscInt *failed,
                                       screen_result **table)
{
  int there = 0;

  PetscFunctionBegin;
  for (;;) {
    PetscCallMPI(MPI_Iprobe(1, SCREEN_TAG_FINISHED, comm, &there, MPI_STATUS_IGNORE));
    if (there) break;
    screen_directory_beat(directory);
    screen_message_nap();
  }
  PetscCallMPI(MPI_Recv(failed, 1, MPIU_INT, 1, SCREEN_TAG_FINISHED, comm, MPI_STATUS_IGNORE));
  PetscCall(
      screen_table_receive(comm, 1, SCREEN_TAG_FINISHED, session->campaign, session->grid, table));
  PetscFunctionReturn(0);
}

/* All workers: their share of the points; then one of them gives the dispatcher the table. */
static PetscErrorCode write_results(MPI_Comm comm, PetscMPIInt rank, const screen_session *session)
{
  MPI_Group all, others;
  MPI_Comm workers;
  screen_result *table;
  PetscInt failed;
  const int dispatcher = 0;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_group(comm, &all));
  PetscCallMPI(MPI_Group_excl(all, 1, &dispatcher, &others));
  PetscCallMPI(MPI_Comm_create_group(comm, others, SCREEN_TAG_FINISHED, &workers));
  PetscCall(screen_finish(workers, session, &failed, &table));
  if (rank == 1) {
    PetscCallMPI(MPI_Send(&failed, 1, MPIU_INT, dispatcher, SCREEN_TAG_FINISHED, comm));
    PetscCall(screen_table_send(comm, dispatcher, SCREEN_TAG_FINISHED, session->grid, table));
  }
  PetscCall(screen_table_free(session->grid->npoint, &table));
  PetscCallMPI(MPI_Comm_free(&workers));
  PetscCallMPI(MPI_Group_free(&others));
  PetscCallMPI(MPI_Group_free(&all));
  PetscFunctionReturn(0);
}

static PetscErrorCode dispatch_all(MPI_Comm comm, screen_session *session,
                                   screen_directory *directory, queue_tasks *tasks,
                                   screen_exit *code)
{
  screen_progress progress;
  screen_result *table;
  PetscInt failed;

  PetscFunctionBegin;
  PetscCall(screen_dispatch(comm, session, directory, tasks, code));
  PetscCall(wait_for_results(comm, session, directory, &failed, &table));
  PetscCall(screen_session_look(session, tasks, table));
  PetscCall(screen_use_look(session, table));
  if (*code == SCREEN_EXIT_DONE && (failed || screen_session_missed(session)))
    *code = SCREEN_EXIT_PARTIAL;
  PetscCall(screen_print_table(session, table));
  PetscCall(screen_table_free(session->grid->npoint, &table));
  PetscCall(screen_progress_begin(session, &progress));
  PetscCall(screen_progress_save(session, tasks,
                                 *code == SCREEN_EXIT_RESUMABLE ? "stopped" : "complete",
                                 (int)*code, &progress));
  PetscCall(screen_directory_log(directory, "end", "code=%d failed_points=%" PetscInt_FMT,
                                 (int)*code, failed));
  PetscFunctionReturn(0);
}

/* All ranks.  Rank 0 says whether to begin; nobody else decides. */
static PetscErrorCode run_ranks(MPI_Comm comm, screen_session *session, screen_exit *code)
{
  screen_directory directory = {.lock.fd = -1};
  queue_tasks *tasks = NULL;
  PetscInt64 begin[2] = {0};
  PetscMPIInt rank;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  PetscCall(check_same(comm, session));
  if (rank == 0) {
    PetscCall(take_over(session, &directory, &tasks, code));
    begin[0] = (PetscInt64)*code;
    begin[1] = (PetscInt64)session->generation;
  }
  PetscCallMPI(MPI_Bcast(begin, 2, MPIU_INT64, 0, comm));
  *code = (screen_exit)begin[0];
  session->generation = (int64_t)begin[1];
  if (*code == SCREEN_EXIT_DONE && rank == 0) {
    PetscCall(dispatch_all(comm, session, &directory, tasks, code));
  } else if (*code == SCREEN_EXIT_DONE) {
    PetscCall(screen_work(comm, session));
    PetscCall(write_results(comm, rank, session));
  }
  PetscCall(queue_tasks_destroy(&tasks));
  PetscCall(screen_directory_close(&directory));
  PetscFunctionReturn(0);
}

/* N processes that do not know of each other are the sign of two MPIs: refuse instead of running N
   times. */
static PetscErrorCode check_size(PetscMPIInt size)
{
  const char *wanted = getenv(SCREEN_ENV_RANKS);

  PetscFunctionBegin;
  PetscCheck(
      !wanted || atoi(wanted) == size, PETSC_COMM_SELF, PETSC_ERR_MPI,
      "%s ranks were started but each sees %d: the launcher is of another MPI than the program "
      "(liquidus version names it; use its mpiexec)",
      wanted, (int)size);
  PetscFunctionReturn(0);
}

static PetscBool under_launcher(void)
{
  static const char *const signs[] = {SCREEN_ENV_RANKS, "PMI_RANK", "PMIX_RANK",
                                      "OMPI_COMM_WORLD_RANK"};

  for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
    if (getenv(signs[i])) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

static PetscErrorCode run_session(screen_session *session, screen_exit *code)
{
  PetscMPIInt size, rank;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  if (under_launcher()) {
    PetscCall(check_size(size));
    if (size < 2) {
      PetscCall(screen_cli_refuse(
          "run", code,
          "1 rank leaves no worker: one rank dispatches and the others compute; wanted 2 or more"));
      PetscFunctionReturn(0);
    }
    PetscCall(check_groups(size, session->options.group, code));
    if (*code != SCREEN_EXIT_DONE) PetscFunctionReturn(0);
    session->options.ranks = size;
    PetscCall(run_ranks(PETSC_COMM_WORLD, session, code));
    PetscFunctionReturn(0);
  }
  PetscCall(screen_directory_prepare("run", session->options.directory, code));
  if (*code == SCREEN_EXIT_DONE) PetscCall(screen_supervise(session, code));
  PetscFunctionReturn(0);
}

/* A sum over all pairs of ions has no use for several ranks. */
static PetscErrorCode check_potential(const screen_session *session, PetscMPIInt rank,
                                      screen_exit *code)
{
  PetscFunctionBegin;
  if (*code != SCREEN_EXIT_DONE || session->options.group == 1 || !session->potential->one_rank)
    PetscFunctionReturn(0);
  *code = SCREEN_EXIT_BAD_INPUT;
  if (rank == 0) {
    PetscCall(screen_cli_refuse("run", code,
                                "--group %" PetscInt_FMT
                                ": potential %s needs all atoms on one rank; wanted --group 1",
                                session->options.group, session->potential->ops->name));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_verb_run(int argc, char **argv, screen_exit *code)
{
  screen_run_options options;
  screen_session session = {0};
  mtp_diag diag = {0};
  PetscMPIInt rank;

  PetscFunctionBegin;
  PetscCall(parse(argc, argv, &options, code));
  if (*code != SCREEN_EXIT_DONE) PetscFunctionReturn(0);
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCall(screen_session_open(&options, &session, &diag));
  if (rank == 0)
    PetscCall(screen_cli_report(&diag, code));
  else if (diag.n)
    *code = SCREEN_EXIT_BAD_INPUT;
  PetscCall(check_potential(&session, rank, code));
  if (*code == SCREEN_EXIT_DONE) PetscCall(run_session(&session, code));
  PetscCall(screen_session_close(&session));
  PetscCall(mtp_diag_clear(&diag));
  PetscFunctionReturn(0);
}
