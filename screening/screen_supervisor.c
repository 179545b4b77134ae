/* screening/screen_supervisor.c - starts mpiexec, and again when the job died
 *
 * When one rank is killed MPICH ends the whole job, so fault tolerance is a process outside MPI:
 * what is in the journals is done, the rest is started again.  mpiexec's exit code tells little
 * once a rank died; status.json says whether the campaign is complete.  A replica that was running
 * when the job died is remembered as a suspect (SCREEN_ENV_RELAUNCH makes rank 0 note it); after
 * SCREEN_MAX_CRASHES without progress it is quarantined and the others go on.  A dispatcher whose
 * lock does not beat hangs, and its job is killed.
 */
#include "screening/screen_cli.h"
#include "screening/screen_process.h"
#include "screening/screen_run.h"
#include "screening/screen_version.h"

#include "queue/queue_batch.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t interrupted;
static volatile sig_atomic_t child;

/* A terminal sends Ctrl-C to mpiexec, too; kill and timeout signal this process alone. */
static void interrupt(int number)
{
  interrupted = number;
  if (child > 0) kill((pid_t)child, SIGTERM);
}

/* A batch system warns of the end. */
static volatile sig_atomic_t warned;

static void hear_warning(int number)
{
  (void)number;
  warned = 1;
}

double screen_patience(void)
{
  const char *text = getenv(SCREEN_ENV_PATIENCE);
  const double asked = text ? strtod(text, NULL) : SCREEN_PATIENCE;

  return asked >= 1.0 ? asked : SCREEN_PATIENCE;
}

static void read_lock(const char *directory, screen_lock_text *text)
{
  char path[4200];

  snprintf(path, sizeof(path), "%s/lock", directory);
  screen_lock_read(path, text);
}

/* Rank 0 is told to let running segments finish and to hand out no more; another machine's number
   is nobody here. */
static void drain(const char *directory)
{
  screen_lock_text text;
  char host[128] = "";

  read_lock(directory, &text);
  gethostname(host, sizeof(host) - 1);
  if (screen_directory_busy(directory) && text.process > 1 && !strcmp(text.host, host))
    kill((pid_t)text.process, SIGTERM);
}

/* The dispatcher's signs of life, as far as they were seen. */
typedef struct {
  screen_lock_text text;
  double looked, changed; /* [s] */
} pulse;

/* Whether the dispatcher stood still for too long since it took the lock.  Before that it reads
   journals, which takes what it takes. */
static PetscBool stands_still(const char *directory, pulse *p)
{
  const double now = screen_seconds();
  screen_lock_text text;

  if (now - p->looked < 1.0) return PETSC_FALSE;
  p->looked = now;
  read_lock(directory, &text);
  if (strcmp(text.owner, p->text.owner) != 0 || text.beat != p->text.beat) {
    p->text = text;
    p->changed = now;
  }
  return (PetscBool)(p->text.beat > 1 && screen_directory_busy(directory) &&
                     now - p->changed > screen_patience());
}

const char *screen_launcher(void)
{
  const char *own = getenv("LIQUIDUS_MPIEXEC");

  return own && own[0] ? own : LIQUIDUS_MPIEXEC;
}

/* [s] of screen_seconds(): when the batch job ends; 0: nobody said.  The calendar is asked once. */
static double end_of_job(void)
{
  const char *text = getenv(QUEUE_BATCH_DEADLINE);
  const double until = text ? strtod(text, NULL) : 0.0;

  return until > 0.0 ? screen_seconds() + until - screen_calendar() : 0.0;
}

/* The same by the calendar as it is now: it may have been set since the start before. */
static void tell_end_of_job(double end)
{
  char text[32];

  if (end <= 0.0) return;
  snprintf(text, sizeof(text), "%.0f", screen_calendar() + end - screen_seconds());
  setenv(QUEUE_BATCH_DEADLINE, text, 1);
}

/* In the child: never returns. */
static void become_mpiexec(const screen_run_options *options, PetscInt relaunch)
{
  char self[4096], ranks[32], group[32], number[32], segment[32], patience[32];
  ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

  self[n > 0 ? n : 0] = 0;
  snprintf(ranks, sizeof(ranks), "%d", (int)options->ranks);
  snprintf(group, sizeof(group), "%d", (int)options->group);
  snprintf(segment, sizeof(segment), "%.17g", options->segment);
  snprintf(patience, sizeof(patience), "%.17g", options->wait);
  snprintf(number, sizeof(number), "%d", (int)relaunch);
  screen_process_clean_environment(); /* it would confuse the next launcher */
  setenv(SCREEN_ENV_RANKS, ranks, 1);
  setenv(SCREEN_ENV_TERMINAL, isatty(STDOUT_FILENO) ? "1" : "0", 1);
  if (relaunch)
    setenv(SCREEN_ENV_RELAUNCH, number, 1);
  else
    unsetenv(SCREEN_ENV_RELAUNCH);
  for (int fd = 3; fd < 1024; fd++) close(fd);
  prctl(PR_SET_PDEATHSIG, SIGTERM); /* the job ends with its supervisor */
  execlp(screen_launcher(), screen_launcher(), "-n", ranks, self, "run", options->campaign, "--out",
         options->directory, "--segment", segment, "--kernel", mtp_kernel_name(options->kernel),
         "--group", group, "--wait", patience, options->quiet ? "--quiet" : (char *)NULL,
         (char *)NULL);
  fprintf(stderr, "liquidus run: %s cannot be started (%s); set LIQUIDUS_MPIEXEC\n",
          screen_launcher(), strerror(errno));
  _exit(SCREEN_EXIT_ENVIRONMENT);
}

static void end_hung_job(pid_t pid)
{
  fprintf(stderr,
          "liquidus run: the dispatcher gave no sign of life for %.0f s; the job is ended\n",
          screen_patience());
  kill(pid, SIGKILL);
}

static PetscErrorCode launch(const screen_run_options *options, PetscInt relaunch, int *status)
{
  const struct timespec nap = {.tv_nsec = 10000000};
  pulse dispatcher = {.changed = screen_seconds()};
  PetscBool ended_it = PETSC_FALSE;
  pid_t pid;

  PetscFunctionBegin;
  fflush(stdout);
  fflush(stderr);
  pid = fork();
  PetscCheck(pid >= 0, PETSC_COMM_SELF, PETSC_ERR_SYS, "fork: %s", strerror(errno));
  if (pid == 0) become_mpiexec(options, relaunch);
  child = (sig_atomic_t)pid;
  for (pid_t ended = 0; ended == 0;) {
    ended = waitpid(pid, status, WNOHANG);
    PetscCheck(ended >= 0 || errno == EINTR, PETSC_COMM_SELF, PETSC_ERR_SYS, "waitpid: %s",
               strerror(errno));
    if (ended < 0) ended = 0;
    if (ended == 0) nanosleep(&nap, NULL);
    if (warned) drain(options->directory);
    warned = 0;
    if (ended == 0 && !ended_it && stands_still(options->directory, &dispatcher)) {
      end_hung_job(pid);
      ended_it = PETSC_TRUE;
    }
  }
  child = 0;
  PetscFunctionReturn(0);
}

/* The campaign's own conclusion, or -1 when it was not reached. */
static int conclusion(const char *directory)
{
  char path[4200];
  const char *state;
  json_t *root;
  int code = -1;

  snprintf(path, sizeof(path), "%s/status.json", directory);
  root = json_load_file(path, 0, NULL);
  state = json_string_value(json_object_get(root, "state"));
  if (state && (!strcmp(state, "complete") || !strcmp(state, "stopped"))) {
    code = (int)json_integer_value(json_object_get(root, "exit_code"));
  }
  json_decref(root);
  return code;
}

/* PETSC_TRUE once nobody works in the directory, after at most options.wait seconds. */
static PetscBool wait_for_turn(const screen_run_options *options)
{
  const struct timespec nap = {.tv_nsec = 200000000};
  const double begin = screen_seconds();
  PetscBool said = PETSC_FALSE;

  while (screen_directory_busy(options->directory)) {
    if (screen_seconds() - begin >= options->wait || interrupted) return PETSC_FALSE;
    if (!said)
      fprintf(stderr, "liquidus run: %s: another run works here; waiting for it up to %.0f s\n",
              options->directory, (double)options->wait);
    said = PETSC_TRUE;
    nanosleep(&nap, NULL);
  }
  return PETSC_TRUE;
}

/* What the launcher says where the conclusion is not there because the next run, which waited for
   its turn, has taken it away already.  -1: it says nothing; a launcher that was told to end says 0
   whatever became of its ranks. */
static int launcher_says(const char *directory, int status)
{
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  char path[4200];

  snprintf(path, sizeof(path), "%s/status.json", directory);
  if (interrupted || (access(path, F_OK) == 0 && !screen_directory_busy(directory))) return -1;
  return code == SCREEN_EXIT_DONE || code == SCREEN_EXIT_PARTIAL || code == SCREEN_EXIT_RESUMABLE
             ? code
             : -1;
}

/* Nobody else at work here, and no conclusion of an earlier run that could be taken for this one's.
   */
static PetscErrorCode clear_the_way(const screen_session *session, double *steps, screen_exit *code)
{
  char path[4200];

  PetscFunctionBegin;
  if (!wait_for_turn(&session->options)) {
    if (interrupted)
      *code = SCREEN_EXIT_RESUMABLE;
    else
      PetscCall(screen_cli_refuse("run", code, "%s: another run works here; wait for it or stop it",
                                  session->options.directory));
    PetscFunctionReturn(0);
  }
  PetscCall(screen_session_steps(session, steps, code));
  if (*code != SCREEN_EXIT_DONE) PetscFunctionReturn(0);
  snprintf(path, sizeof(path), "%s/status.json", session->options.directory);
  PetscCheck(!unlink(path) || errno == ENOENT, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: %s",
             path, strerror(errno));
  PetscFunctionReturn(0);
}

/* PETSC_TRUE when the job's end is final; *code says how. */
static PetscBool final(const screen_session *session, int status, screen_exit *code)
{
  int concluded = conclusion(session->options.directory);

  if (concluded < 0) concluded = launcher_says(session->options.directory, status);
  if (concluded >= 0) {
    *code = (screen_exit)concluded;
  } else if (interrupted) {
    *code = SCREEN_EXIT_RESUMABLE;
  } else if (WIFEXITED(status) && (WEXITSTATUS(status) == SCREEN_EXIT_ENVIRONMENT ||
                                   WEXITSTATUS(status) == SCREEN_EXIT_BAD_INPUT)) {
    *code = (screen_exit)WEXITSTATUS(status);
  } else {
    return PETSC_FALSE;
  }
  if (*code == SCREEN_EXIT_RESUMABLE)
    fprintf(stderr, "\nStopped; the same command goes on from here.\n");
  return PETSC_TRUE;
}

/* What mpiexec's death leaves running lets go of the directory before the next start. */
static void wait_for_directory(const char *directory)
{
  const struct timespec nap = {.tv_nsec = 20000000};

  for (int i = 0; i < 500 && screen_directory_busy(directory); i++) nanosleep(&nap, NULL);
}

PetscErrorCode screen_supervise(const screen_session *session, screen_exit *code)
{
  const double end = end_of_job();
  double before = 0.0, after = 0.0;
  PetscInt without_progress = 0;
  int status = 0;

  PetscFunctionBegin;
  signal(SIGINT, interrupt);
  signal(SIGTERM, interrupt);
  PetscCall(clear_the_way(session, &before, code));
  if (*code != SCREEN_EXIT_DONE) PetscFunctionReturn(0);
  signal(SIGUSR1, hear_warning);
  for (PetscInt relaunch = 0;; relaunch++) {
    tell_end_of_job(end);
    PetscCall(launch(&session->options, relaunch, &status));
    if (final(session, status, code)) break;
    PetscCall(screen_session_steps(session, &after, code));
    without_progress = after > before ? 0 : without_progress + 1;
    before = after;
    if (without_progress > SCREEN_RELAUNCHES) {
      fprintf(stderr,
              "liquidus run: the job died %d times without progress (last status %d); see %s/log\n",
              (int)without_progress, status, session->options.directory);
      *code = SCREEN_EXIT_ENVIRONMENT;
      break;
    }
    fprintf(stderr, "liquidus run: the job died (%s %d); starting it again\n",
            WIFSIGNALED(status) ? "signal" : "status",
            WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    wait_for_directory(session->options.directory);
  }
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  signal(SIGUSR1, SIG_DFL);
  PetscFunctionReturn(0);
}
