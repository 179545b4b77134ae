/* screening/screen_submit.c - `liquidus submit`: a job that runs a campaign until it is complete
 *
 * The script's successor is this verb again, with --again: it compares the steps in the journals
 * with those when the job before was submitted (environment variable BATCH, "steps:jobs without
 * progress:tasks"), so that a campaign that does not get on ends with a message and not in a loop,
 * and asks for as many tasks a node as the first, wherever it was submitted.
 */
#include "screening/screen_submit.h"
#include "screening/screen_cli.h"
#include "screening/screen_run.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BATCH "LIQUIDUS_BATCH"
enum {
  MAX_STALLED = 2,
  JOB_PATIENCE = 600 /* [s] that a job waits for the one before it, whose node may be dying */
};

typedef struct {
  screen_run_options run;
  const char *system; /* NULL: as the campaign says */
  PetscBool dry, again;
} submit_options;

/* What is made of them */
typedef struct {
  char program[PATH_MAX], campaign[PATH_MAX], folder[PATH_MAX], directory[PATH_MAX];
  char script[PATH_MAX + 16], output[PATH_MAX + 16], environment[96];
  char *work, *again; /* owned */
} job_texts;

static PetscErrorCode parse(int argc, char **argv, submit_options *o, screen_exit *code)
{
  static const struct option known[] = {{"out", required_argument, NULL, 'o'},
                                        {"system", required_argument, NULL, 's'},
                                        {"dry-run", no_argument, NULL, 'd'},
                                        {"again", no_argument, NULL, 'a'},
                                        {NULL, 0, NULL, 0}};
  int c;

  PetscFunctionBegin;
  *o = (submit_options){0};
  optind = 1;
  opterr = 0;
  while ((c = getopt_long(argc, argv, "o:", known, NULL)) != -1) {
    if (c == 'o' && optarg[0] && strlen(optarg) + 64 < sizeof(o->run.directory))
      PetscCall(PetscStrncpy(o->run.directory, optarg, sizeof(o->run.directory)));
    else if (c == 's')
      o->system = optarg;
    else if (c == 'd')
      o->dry = PETSC_TRUE;
    else if (c == 'a')
      o->again = PETSC_TRUE;
    else
      optind = argc + 1; /* as if there were no campaign */
  }
  if (optind != argc - 1)
    PetscCall(screen_cli_refuse(
        "submit", code, "wanted one campaign file and options; see liquidus submit --help"));
  else
    o->run.campaign = argv[argc - 1];
  PetscFunctionReturn(0);
}

/* The site's file, where it would be. */
static void site_file(size_t size, char path[])
{
  const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

  if (base && base[0])
    snprintf(path, size, "%s/liquidus/site.yaml", base);
  else
    snprintf(path, size, "%s/.config/liquidus/site.yaml", home ? home : "");
}

static PetscErrorCode choose_system(const char *name, screen_queue *queue, screen_exit *code)
{
  PetscFunctionBegin;
  if (!name) PetscFunctionReturn(0);
  for (int k = 0; queue_batch_name((queue_batch_system)k); k++) {
    if (!strcmp(queue_batch_name((queue_batch_system)k), name)) {
      queue->system = (queue_batch_system)k;
      PetscFunctionReturn(0);
    }
  }
  PetscCall(screen_cli_refuse("submit", code,
                              "--system: got '%s', wanted local, slurm, pbs or torque", name));
  PetscFunctionReturn(0);
}

static PetscErrorCode quoted_command(const char *const word[], char **command)
{
  char *all, *next;

  PetscFunctionBegin;
  PetscCall(PetscStrallocpy("", &all));
  for (; *word; word++) {
    const size_t size = strlen(all) + 4 * strlen(*word) + 4;
    char *quoted;

    PetscCall(queue_batch_quote(*word, &quoted));
    PetscCall(PetscMalloc1(size, &next));
    PetscCall(PetscSNPrintf(next, size, "%s%s%s", all, all[0] ? " " : "", quoted));
    PetscCall(PetscFree(quoted));
    PetscCall(PetscFree(all));
    all = next;
  }
  *command = all;
  PetscFunctionReturn(0);
}

/* `path`, which need not exist, as an absolute one */
static PetscErrorCode absolute(const char *folder, const char *path, char out[PATH_MAX])
{
  PetscFunctionBegin;
  if (path[0] == '/')
    PetscCall(PetscStrncpy(out, path, PATH_MAX));
  else
    PetscCall(PetscSNPrintf(out, PATH_MAX, "%s/%s", folder, path));
  PetscFunctionReturn(0);
}

static PetscErrorCode write_commands(const screen_queue *queue, job_texts *t)
{
  const PetscInt groups = queue->nodes * queue->tasks / PetscMax(queue->group, 1);
  char ranks[32], group[32], patience[32];
  const char *const run[] = {t->program, "run",     t->campaign, "--out", t->directory,
                             "--ranks",  ranks,     "--group",   group,   "--wait",
                             patience,   "--quiet", NULL};
  const char *const again[] = {t->program,
                               "submit",
                               t->campaign,
                               "--out",
                               t->directory,
                               "--system",
                               queue_batch_name(queue->system),
                               "--again",
                               NULL};

  PetscFunctionBegin;
  /* and the dispatcher, which sleeps */
  PetscCall(PetscSNPrintf(ranks, sizeof(ranks), "%" PetscInt_FMT, groups * queue->group + 1));
  PetscCall(PetscSNPrintf(group, sizeof(group), "%" PetscInt_FMT, queue->group));
  PetscCall(PetscSNPrintf(patience, sizeof(patience), "%d", JOB_PATIENCE));
  PetscCall(quoted_command(run, &t->work));
  PetscCall(quoted_command(again, &t->again));
  PetscFunctionReturn(0);
}

static PetscErrorCode fill_texts(const screen_session *session, const screen_queue *queue,
                                 job_texts *t)
{
  const ssize_t n = readlink("/proc/self/exe", t->program, sizeof(t->program) - 1);

  PetscFunctionBegin;
  t->program[n > 0 ? n : 0] = 0;
  PetscCheck(n > 0 && getcwd(t->folder, sizeof(t->folder)), PETSC_COMM_SELF, PETSC_ERR_SYS, "%s",
             strerror(errno));
  PetscCall(absolute(t->folder, session->options.campaign, t->campaign));
  PetscCall(absolute(t->folder, session->options.directory, t->directory));
  PetscCall(PetscSNPrintf(t->script, sizeof(t->script), "%s/job.sh", t->directory));
  PetscCall(PetscSNPrintf(t->output, sizeof(t->output), "%s/job.out", t->directory));
  PetscCall(write_commands(queue, t));
  PetscFunctionReturn(0);
}

/* The steps for the successor, and how many jobs in a row have not added to them */
static PetscErrorCode note_progress(const screen_session *session, const submit_options *o,
                                    const screen_queue *q, job_texts *t, screen_exit *code)
{
  const char *before = getenv(BATCH);
  double steps, last = -1.0;
  int stalled = 0;

  PetscFunctionBegin;
  PetscCall(screen_session_steps(session, &steps, code));
  if (o->again && before && sscanf(before, "%lf:%d", &last, &stalled) == 2)
    stalled = steps > last ? 0 : stalled + 1;
  if (stalled >= MAX_STALLED) {
    fprintf(stderr,
            "liquidus submit: %d jobs in a row did no step: no more is submitted. Is the walltime "
            "too short for a segment, or did the job die? See %s/log and %s\n",
            stalled, t->directory, t->output);
    *code = SCREEN_EXIT_ENVIRONMENT;
  }
  PetscCall(PetscSNPrintf(t->environment, sizeof(t->environment), BATCH "=%.0f:%d:%" PetscInt_FMT,
                          steps, stalled, q->tasks));
  PetscFunctionReturn(0);
}

static queue_batch_job job_of(const screen_session *session, const screen_queue *q,
                              const job_texts *t)
{
  return (queue_batch_job){.system = q->system,
                           .name = session->campaign->name,
                           .nodes = q->nodes,
                           .tasks = q->tasks,
                           .walltime = q->walltime,
                           .margin = screen_queue_margin(q->walltime),
                           .partition = q->partition,
                           .account = q->account,
                           .memory = q->memory,
                           .directives = q->directives,
                           .setup = q->setup,
                           .folder = t->folder,
                           .output = t->output,
                           .environment = t->environment,
                           .work = t->work,
                           .again = t->again};
}

static void print_word(const char *what, const char *word)
{
  if (word && word[0]) printf(", %s %s", what, word);
}

/* "2 nodes with 32 processes, 12 h, partition standard" */
static void print_request(const screen_queue *q)
{
  printf("%" PetscInt_FMT " node%s with %" PetscInt_FMT " computing process%s", q->nodes,
         q->nodes == 1 ? "" : "s", q->tasks, q->tasks == 1 ? "" : "es");
  if (q->group > 1) printf(" in groups of %" PetscInt_FMT, q->group);
  if (q->walltime > 0.0) printf(", walltime %.4g h", (double)(q->walltime / 3600.0));
  print_word("partition", q->partition);
  print_word("account", q->account);
  print_word("memory", q->memory);
}

static PetscErrorCode hand_in(const screen_queue *q, const job_texts *t, const char *script,
                              screen_exit *code)
{
  char id[64], error[256];

  PetscFunctionBegin;
  PetscCall(screen_directory_prepare("submit", t->directory, code));
  if (*code != SCREEN_EXIT_DONE) PetscFunctionReturn(0);
  PetscCall(screen_directory_replace(t->directory, "job.sh", script));
  PetscCheck(!chmod(t->script, 0755), PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: %s", t->script,
             strerror(errno));
  PetscCall(queue_batch_submit(q->system, t->script, t->output, id, error));
  if (error[0]) {
    fprintf(stderr, "liquidus submit: not submitted: %s\n", error);
    *code = SCREEN_EXIT_ENVIRONMENT;
    PetscFunctionReturn(0);
  }
  printf("%s %s (%s): ", q->system == QUEUE_BATCH_LOCAL ? "process" : "job", id,
         queue_batch_name(q->system));
  print_request(q);
  printf("\nscript  %s\noutput  %s\n", t->script, t->output);
  PetscFunctionReturn(0);
}

/* Without a number in the campaign: that of the job before, else the cores here. */
static void choose_tasks(const screen_session *session, const submit_options *o, screen_queue *q)
{
  const char *before = getenv(BATCH);
  double steps;
  int stalled, tasks;

  if (q->tasks) return;
  q->tasks = PetscMax(1, session->options.ranks - 1);
  if (o->again && before && sscanf(before, "%lf:%d:%d", &steps, &stalled, &tasks) == 3 && tasks > 0)
    q->tasks = tasks;
}

static PetscErrorCode submit(const screen_session *session, const submit_options *o,
                             screen_queue *q, screen_exit *code)
{
  job_texts t = {.work = NULL};
  char *script = NULL;

  PetscFunctionBegin;
  PetscCall(choose_system(o->system, q, code));
  choose_tasks(session, o, q);
  if (*code == SCREEN_EXIT_DONE && q->group > q->nodes * q->tasks)
    PetscCall(screen_cli_refuse("submit", code,
                                "queue.group: got %" PetscInt_FMT
                                ", wanted at most the %" PetscInt_FMT
                                " processes of the job (nodes x tasks_per_node)",
                                q->group, q->nodes * q->tasks));
  PetscCall(fill_texts(session, q, &t));
  if (*code == SCREEN_EXIT_DONE) PetscCall(note_progress(session, o, q, &t, code));
  if (*code == SCREEN_EXIT_DONE) {
    const queue_batch_job job = job_of(session, q, &t);

    PetscCall(queue_batch_script(&job, &script));
    if (o->dry)
      fputs(script, stdout);
    else if (!o->again && screen_directory_busy(t.directory)) /* a successor waits for its turn */
      PetscCall(screen_cli_refuse("submit", code, "%s: a run works here; wait for it or stop it",
                                  t.directory));
    else
      PetscCall(hand_in(q, &t, script, code));
  }
  PetscCall(PetscFree(script));
  PetscCall(PetscFree(t.work));
  PetscCall(PetscFree(t.again));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_verb_submit(int argc, char **argv, screen_exit *code)
{
  screen_session session = {0};
  submit_options options;
  screen_queue queue = {0};
  mtp_diag diag = {0};
  char site[4200];

  PetscFunctionBegin;
  PetscCall(parse(argc, argv, &options, code));
  if (*code != SCREEN_EXIT_DONE) PetscFunctionReturn(0);
  site_file(sizeof(site), site);
  PetscCall(screen_session_open(&options.run, &session, &diag));
  if (session.campaign) PetscCall(screen_queue_read(session.campaign, site, &queue, &diag));
  PetscCall(screen_cli_report(&diag, code));
  if (diag.n == 0) PetscCall(submit(&session, &options, &queue, code));
  PetscCall(screen_queue_clear(&queue));
  PetscCall(screen_session_close(&session));
  PetscCall(mtp_diag_clear(&diag));
  PetscFunctionReturn(0);
}
