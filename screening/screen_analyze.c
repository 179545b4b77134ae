/* screening/screen_analyze.c - `liquidus analyze DIR`: the table once more, from the journals
 *
 * The same code as at the end of a run (screen_finish()), with today's program and settings; no
 * dynamics.  Settings that do not enter the keys of points (cut-offs of truncated integrals, radii,
 * sizes of charges, `extrapolation.save`) may be edited in the campaign file before, or in a copy
 * that is given as second argument.  What the file asks for beyond the records is missing; where
 * there is no record at all that fits, nothing is written, so that a table is not lost.
 */
#include "screening/screen_cli.h"
#include "screening/screen_run.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

PetscErrorCode screen_directory_source(const char *verb, const char *directory,
                                       screen_source *source, screen_exit *code)
{
  char path[SCREEN_PATH_MAX + 64];
  const char *file, *kernel;
  json_error_t problem;
  json_t *root;

  PetscFunctionBegin;
  *source = (screen_source){.campaign = ""};
  snprintf(path, sizeof(path), "%s/status.json", directory);
  root = json_load_file(path, 0, &problem);
  file = json_string_value(json_object_get(root, "file"));
  kernel = json_string_value(json_object_get(root, "kernel"));
  if (!root)
    PetscCall(screen_cli_refuse(verb, code, "%s: no campaign's results here (%s)", directory,
                                problem.text));
  if (file) PetscCall(PetscStrncpy(source->campaign, file, sizeof(source->campaign)));
  if (kernel) PetscCall(PetscStrncpy(source->kernel, kernel, sizeof(source->kernel)));
  json_decref(root);
  PetscFunctionReturn(0);
}

static PetscErrorCode parse(int argc, char **argv, screen_run_options *options, screen_exit *code)
{
  size_t n = argc > 1 ? strlen(argv[1]) : 0;

  PetscFunctionBegin;
  *options = (screen_run_options){.segment = 0.0};
  while (n > 1 && argv[1][n - 1] == '/') n--;
  if (argc < 2 || argc > 3 || argv[1][0] == '-' || (argc == 3 && argv[2][0] == '-') || n == 0 ||
      n + 64 > sizeof(options->directory)) {
    PetscCall(screen_cli_refuse("analyze", code,
                                "wanted one directory and at most a campaign file; see liquidus "
                                "analyze --help"));
    PetscFunctionReturn(0);
  }
  PetscCall(PetscStrncpy(options->directory, argv[1], n + 1));
  options->campaign = argc == 3 ? argv[2] : NULL;
  PetscFunctionReturn(0);
}

/* Records of this campaign, and of these points? */
static PetscErrorCode check_records(const screen_session *session, const queue_tasks *tasks,
                                    const char *name, screen_exit *code)
{
  PetscInt n = 0;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < queue_tasks_count(tasks); i++)
    n += queue_tasks_get(tasks, i)->has_place ? 1 : 0;
  if (name && strcmp(name, session->campaign->name))
    PetscCall(screen_cli_refuse("analyze", code,
                                "%s: holds the results of campaign '%s', not of '%s'",
                                session->options.directory, name, session->campaign->name));
  else if (n == 0)
    PetscCall(screen_cli_refuse("analyze", code,
                                "%s: no record fits %s, whose points or estimators are others; "
                                "liquidus run computes them, and the table stays as it is",
                                session->options.directory, session->options.campaign));
  PetscFunctionReturn(0);
}

/* Rank 0: nobody works in the directory, and there is something to analyse. */
static PetscErrorCode take_over(screen_session *session, screen_directory *directory,
                                queue_tasks **tasks, screen_exit *code)
{
  char *name = NULL;

  PetscFunctionBegin;
  PetscCall(screen_directory_open("analyze", session->options.directory, 0.0, directory, code));
  if (*code != SCREEN_EXIT_DONE) PetscFunctionReturn(0);
  PetscCall(screen_session_tasks(session, tasks, &session->generation, &name));
  PetscCall(check_records(session, *tasks, name, code));
  PetscCall(PetscFree(name));
  PetscFunctionReturn(0);
}

/* All ranks. */
static PetscErrorCode analyze(MPI_Comm comm, screen_session *session, screen_exit *code)
{
  screen_directory directory = {.lock.fd = -1};
  queue_tasks *tasks = NULL;
  screen_result *table = NULL;
  PetscInt failed = 0;
  PetscMPIInt rank, begin;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  if (rank == 0) PetscCall(take_over(session, &directory, &tasks, code));
  begin = (PetscMPIInt)*code;
  PetscCallMPI(MPI_Bcast(&begin, 1, MPI_INT, 0, comm));
  *code = (screen_exit)begin;
  if (*code == SCREEN_EXIT_DONE) {
    PetscCall(screen_finish(comm, session, &failed, &table));
    if (failed) *code = SCREEN_EXIT_PARTIAL;
    if (rank == 0) {
      PetscCall(screen_session_look(session, tasks, table));
      if (screen_session_missed(session)) *code = SCREEN_EXIT_PARTIAL;
      PetscCall(screen_print_table(session, table));
      PetscCall(screen_directory_log(&directory, "analyze", "file=%s failed_points=%" PetscInt_FMT,
                                     session->options.campaign, failed));
    }
    PetscCall(screen_table_free(session->grid->npoint, &table));
  }
  PetscCall(queue_tasks_destroy(&tasks));
  PetscCall(screen_directory_close(&directory));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_verb_analyze(int argc, char **argv, screen_exit *code)
{
  screen_run_options options;
  screen_session session = {0};
  screen_source source;
  mtp_diag diag = {0};
  PetscMPIInt rank;

  PetscFunctionBegin;
  PetscCall(parse(argc, argv, &options, code));
  if (*code != SCREEN_EXIT_DONE) PetscFunctionReturn(0);
  PetscCall(screen_directory_source("analyze", options.directory, &source, code));
  if (*code != SCREEN_EXIT_DONE) PetscFunctionReturn(0);
  if (!options.campaign) options.campaign = source.campaign;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCall(screen_session_open(&options, &session, &diag));
  if (rank == 0)
    PetscCall(screen_cli_report(&diag, code));
  else if (diag.n)
    *code = SCREEN_EXIT_BAD_INPUT;
  if (*code == SCREEN_EXIT_DONE) {
    if (source.kernel[0]) /* what made the records, not what this machine would take */
      PetscCall(PetscStrncpy(session.campaign->kernel, source.kernel, MD_KERNEL_TEXT));
    PetscCall(analyze(PETSC_COMM_WORLD, &session, code));
  }
  PetscCall(screen_session_close(&session));
  PetscCall(mtp_diag_clear(&diag));
  PetscFunctionReturn(0);
}
