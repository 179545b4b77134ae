/* screening/screen_merge.c - `liquidus merge A B`: campaigns joined
 *
 * Points are known by content keys and their random numbers hang on these, so the records of two
 * directories are parts of one campaign wherever their keys are: a point that both have is taken
 * once, replicas join, the farther one of two counts, and what differs although it should not is
 * named.  The table is that of a run of the whole campaign, bit for bit where kernels and groups
 * were the same.  Nothing is written to the directories that are merged.
 */
#include "screening/screen_cli.h"
#include "screening/screen_run.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 64 };

typedef struct {
  PetscInt n; /* directories */
  const char *source[MOST];
  const char *campaign; /* NULL: one of the sources' */
  const char *out;      /* NULL: by the campaign's name */
} merge_options;

static PetscErrorCode parse(int argc, char **argv, merge_options *options, screen_exit *code)
{
  static const struct option known[] = {{"out", required_argument, NULL, 'o'},
                                        {"campaign", required_argument, NULL, 'c'},
                                        {NULL, 0, NULL, 0}};
  int c;

  PetscFunctionBegin;
  *options = (merge_options){.n = 0};
  optind = 1;
  opterr = 0;
  while (*code == SCREEN_EXIT_DONE && (c = getopt_long(argc, argv, "o:c:", known, NULL)) != -1) {
    if (c == 'o')
      options->out = optarg;
    else if (c == 'c')
      options->campaign = optarg;
    else
      PetscCall(screen_cli_refuse("merge", code,
                                  "unknown option or missing value: %s; see liquidus merge --help",
                                  argv[optind - 1]));
  }
  options->n = argc - optind;
  if (*code == SCREEN_EXIT_DONE && (options->n < 2 || options->n > MOST))
    PetscCall(screen_cli_refuse("merge", code,
                                "wanted 2 to %d directories, got %" PetscInt_FMT
                                "; see liquidus merge --help",
                                MOST, options->n));
  for (PetscInt i = 0; i < options->n && i < MOST; i++) options->source[i] = argv[optind + i];
  PetscFunctionReturn(0);
}

/* Which campaign ---------------------------------------------------------------------------- */

static int compare_keys(const void *a, const void *b)
{
  return memcmp(((const queue_key *)a)->byte, ((const queue_key *)b)->byte, QUEUE_KEY_SIZE);
}

/* The keys of a campaign's points, of all members of a committee, sorted; PetscFree(*key). */
static PetscErrorCode list_keys(const screen_session *session, PetscInt *n, queue_key **key)
{
  queue_task_spec *spec;

  PetscFunctionBegin;
  PetscCall(screen_session_specs(session, n, &spec));
  PetscCall(PetscMalloc1(*n, key));
  for (PetscInt i = 0; i < *n; i++) (*key)[i] = spec[i].key;
  qsort(*key, (size_t)*n, sizeof(**key), compare_keys);
  PetscCall(PetscFree(spec));
  PetscFunctionReturn(0);
}

static PetscErrorCode holds_all(const screen_session *whole, const screen_session *part,
                                PetscBool *all)
{
  PetscInt n, npart;
  queue_key *key, *wanted;

  PetscFunctionBegin;
  *all = PETSC_TRUE;
  PetscCall(list_keys(whole, &n, &key));
  PetscCall(list_keys(part, &npart, &wanted));
  for (PetscInt i = 0; i < npart; i++) {
    if (!bsearch(&wanted[i], key, (size_t)n, sizeof(*key), compare_keys)) *all = PETSC_FALSE;
  }
  PetscCall(PetscFree(key));
  PetscCall(PetscFree(wanted));
  PetscFunctionReturn(0);
}

/* Opens a campaign file; what is wrong with it is said by the first rank. */
static PetscErrorCode open_campaign(const char *file, screen_session *session, screen_exit *code)
{
  const screen_run_options options = {.campaign = file};
  mtp_diag diag = {0};
  PetscMPIInt rank;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCall(screen_session_open(&options, session, &diag));
  if (rank == 0)
    PetscCall(screen_cli_report(&diag, code));
  else if (diag.n)
    *code = SCREEN_EXIT_BAD_INPUT;
  PetscCall(mtp_diag_clear(&diag));
  PetscFunctionReturn(0);
}

/* Whether the open campaign has the points of all sources. */
static PetscErrorCode covers(const screen_session *session, PetscInt n, const screen_source from[],
                             PetscBool *all, screen_exit *code)
{
  PetscFunctionBegin;
  *all = PETSC_TRUE;
  for (PetscInt i = 0; i < n && *all && *code == SCREEN_EXIT_DONE; i++) {
    screen_session part = {0};

    if (!strcmp(from[i].campaign, session->options.campaign)) continue;
    PetscCall(open_campaign(from[i].campaign, &part, code));
    if (*code == SCREEN_EXIT_DONE) PetscCall(holds_all(session, &part, all));
    PetscCall(screen_session_close(&part));
  }
  PetscFunctionReturn(0);
}

/* The campaign that was given, or the first source's that has the points of all. */
static PetscErrorCode choose(const merge_options *options, const screen_source from[],
                             screen_session *session, screen_exit *code)
{
  PetscBool all = PETSC_FALSE;

  PetscFunctionBegin;
  if (options->campaign) {
    PetscCall(open_campaign(options->campaign, session, code));
    PetscFunctionReturn(0);
  }
  for (PetscInt i = 0; i < options->n && !all && *code == SCREEN_EXIT_DONE; i++) {
    PetscCall(screen_session_close(session));
    PetscCall(open_campaign(from[i].campaign, session, code));
    if (*code == SCREEN_EXIT_DONE) PetscCall(covers(session, options->n, from, &all, code));
  }
  if (!all && *code == SCREEN_EXIT_DONE)
    PetscCall(screen_cli_refuse("merge", code,
                                "none of these campaigns has the points of all; give one that has "
                                "with --campaign CAMPAIGN.yaml"));
  PetscFunctionReturn(0);
}

/* Where to ----------------------------------------------------------------------------------- */

static PetscErrorCode set_directory(const merge_options *options, screen_session *session,
                                    screen_exit *code)
{
  char *out = session->options.directory, whole[PATH_MAX], other[PATH_MAX];
  const size_t size = sizeof(session->options.directory);

  PetscFunctionBegin;
  if (options->out)
    PetscCall(PetscSNPrintf(out, size, "%s", options->out));
  else
    PetscCall(PetscSNPrintf(out, size, "%s.merged.run", session->campaign->name));
  for (size_t n = strlen(out); n > 1 && out[n - 1] == '/'; n--) out[n - 1] = 0;
  for (PetscInt i = 0; i < options->n && realpath(out, whole) && *code == SCREEN_EXIT_DONE; i++) {
    if (realpath(options->source[i], other) && !strcmp(whole, other))
      PetscCall(screen_cli_refuse("merge", code,
                                  "--out %s is one of the directories that are merged, which are "
                                  "only read; give another",
                                  out));
  }
  PetscFunctionReturn(0);
}

/* Records ------------------------------------------------------------------------------------ */

typedef struct {
  const screen_session *session;
  const merge_options *options;
  PetscInt conflicts;
} merging;

static const char *name_of(const screen_session *session, const queue_key *key)
{
  for (PetscInt p = 0; p < session->grid->npoint; p++) {
    if (!memcmp(session->grid->point[p].key.byte, key->byte, QUEUE_KEY_SIZE))
      return session->grid->point[p].name;
  }
  return "a point that is not in the campaign";
}

static PetscErrorCode report(const queue_record *record, PetscInt first, PetscInt second,
                             void *context)
{
  merging *m = context;
  const char *const *source = m->options->source;
  const PetscInt n = m->options->n;

  PetscFunctionBegin;
  m->conflicts++;
  fprintf(stderr,
          "liquidus merge: %s, replica %d, %s: %s and %s differ after %lld steps; that of %s is "
          "kept\n",
          name_of(m->session, &record->key), (int)record->replica,
          screen_stage_name(screen_grid_stage(m->session->campaign, record->stage)), source[first],
          second < n ? source[second] : m->session->options.directory, (long long)record->done,
          source[first]);
  PetscFunctionReturn(0);
}

/* Rank 0: the directory with the records of all in it. */
static PetscErrorCode join(const merge_options *options, screen_session *session,
                           screen_directory *directory, queue_tasks **tasks, screen_exit *code)
{
  merging m = {.session = session, .options = options};
  const char *out = session->options.directory;
  char *name = NULL;

  PetscFunctionBegin;
  PetscCall(screen_directory_prepare("merge", out, code));
  if (*code == SCREEN_EXIT_DONE)
    PetscCall(screen_directory_open("merge", out, 0.0, directory, code));
  if (*code != SCREEN_EXIT_DONE) PetscFunctionReturn(0);
  PetscCall(screen_session_tasks(session, tasks, &session->generation, &name));
  if (name && strcmp(name, session->campaign->name))
    PetscCall(screen_cli_refuse("merge", code,
                                "%s: holds the results of campaign '%s', not of '%s'", out, name,
                                session->campaign->name));
  PetscCall(PetscFree(name));
  PetscCall(queue_tasks_destroy(tasks));
  if (*code != SCREEN_EXIT_DONE) PetscFunctionReturn(0);
  PetscCall(queue_tasks_merge(options->n, options->source, out, session->campaign->name, report, &m,
                              &session->generation));
  for (PetscInt i = 0; i < options->n; i++)
    PetscCall(screen_directory_log(directory, "merge", "from=\"%s\" conflicts=%" PetscInt_FMT,
                                   options->source[i], m.conflicts));
  PetscCall(screen_session_tasks(session, tasks, &session->generation, NULL));
  if (m.conflicts) *code = SCREEN_EXIT_PARTIAL;
  PetscFunctionReturn(0);
}

/* Tables ------------------------------------------------------------------------------------- */

static PetscBool is_whole(const queue_tasks *tasks)
{
  for (PetscInt i = 0; i < queue_tasks_count(tasks); i++) {
    if (queue_tasks_get(tasks, i)->state <= QUEUE_RUNNING) return PETSC_FALSE;
  }
  return PETSC_TRUE;
}

/* Rank 0, after the table was written. */
static PetscErrorCode conclude(screen_session *session, const queue_tasks *tasks,
                               const screen_result table[], screen_exit *code)
{
  screen_progress progress;

  PetscFunctionBegin;
  PetscCall(screen_session_look(session, tasks, table));
  if (screen_session_missed(session)) *code = SCREEN_EXIT_PARTIAL;
  PetscCall(screen_print_table(session, table));
  PetscCall(screen_progress_begin(session, &progress));
  PetscCall(screen_progress_save(session, tasks, is_whole(tasks) ? "complete" : "stopped",
                                 (int)*code, &progress));
  PetscFunctionReturn(0);
}

/* All ranks. */
static PetscErrorCode merge(MPI_Comm comm, const merge_options *options, screen_session *session,
                            screen_exit *code)
{
  screen_directory directory = {.lock.fd = -1};
  queue_tasks *tasks = NULL;
  screen_result *table = NULL;
  PetscInt failed = 0;
  PetscMPIInt rank, begin;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  if (rank == 0) PetscCall(join(options, session, &directory, &tasks, code));
  begin = (PetscMPIInt)*code;
  PetscCallMPI(MPI_Bcast(&begin, 1, MPI_INT, 0, comm));
  *code = (screen_exit)begin;
  if (*code == SCREEN_EXIT_DONE || *code == SCREEN_EXIT_PARTIAL) {
    PetscCall(screen_finish(comm, session, &failed, &table));
    if (failed) *code = SCREEN_EXIT_PARTIAL;
    if (rank == 0) PetscCall(conclude(session, tasks, table, code));
    PetscCall(screen_table_free(session->grid->npoint, &table));
  }
  PetscCall(queue_tasks_destroy(&tasks));
  PetscCall(screen_directory_close(&directory));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_verb_merge(int argc, char **argv, screen_exit *code)
{
  screen_source *from;
  screen_session session = {0};
  merge_options options;

  PetscFunctionBegin;
  PetscCall(parse(argc, argv, &options, code));
  if (*code != SCREEN_EXIT_DONE) PetscFunctionReturn(0);
  PetscCall(PetscCalloc1(options.n, &from));
  for (PetscInt i = 0; i < options.n && *code == SCREEN_EXIT_DONE; i++)
    PetscCall(screen_directory_source("merge", options.source[i], &from[i], code));
  if (*code == SCREEN_EXIT_DONE) PetscCall(choose(&options, from, &session, code));
  if (*code == SCREEN_EXIT_DONE) PetscCall(set_directory(&options, &session, code));
  if (*code == SCREEN_EXIT_DONE) {
    if (from[0].kernel[0]) /* what made the records, not what this machine would take */
      PetscCall(PetscStrncpy(session.campaign->kernel, from[0].kernel, MD_KERNEL_TEXT));
    PetscCall(merge(PETSC_COMM_WORLD, &options, &session, code));
  }
  PetscCall(screen_session_close(&session));
  PetscCall(PetscFree(from));
  PetscFunctionReturn(0);
}
