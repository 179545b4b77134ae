/* screening/screen_child.c - this program, started again for a part of the work */
#include "screening/screen_child.h"
#include "screening/screen_process.h"
#include "screening/screen_run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { NARGUMENT = 32 };

static volatile sig_atomic_t interrupted;
static volatile sig_atomic_t child;

static void interrupt(int number)
{
  (void)number;
  interrupted = 1;
  if (child > 0) kill((pid_t)child, SIGTERM);
}

static void redirect(const char *out)
{
  const int fd = out ? open(out, O_WRONLY | O_CREAT | O_TRUNC, 0666) : -1;

  if (out && (fd < 0 || dup2(fd, STDOUT_FILENO) < 0)) {
    fprintf(stderr, "liquidus: %s: %s\n", out, strerror(errno));
    _exit(SCREEN_EXIT_ENVIRONMENT);
  }
}

/* In the child: never returns. */
static void become(PetscInt ranks, const char *const argv[], const char *out)
{
  const char *all[NARGUMENT + 5] = {NULL};
  char self[4096], number[32];
  ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
  int k = 0;

  self[n > 0 ? n : 0] = 0;
  snprintf(number, sizeof(number), "%d", (int)ranks);
  if (ranks > 1) {
    all[k++] = screen_launcher();
    all[k++] = "-n";
    all[k++] = number;
  }
  all[k++] = self;
  for (int i = 0; argv[i] && i < NARGUMENT; i++) all[k++] = argv[i];
  screen_process_clean_environment();
  redirect(out);
  for (int fd = 3; fd < 1024; fd++) close(fd);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  execvp(all[0], (char *const *)(uintptr_t)all);
  fprintf(stderr, "liquidus: %s cannot be started (%s)\n", all[0], strerror(errno));
  _exit(SCREEN_EXIT_ENVIRONMENT);
}

/* Until the child has ended; what waitpid says of it. */
static PetscErrorCode wait_for(pid_t pid, screen_child_idle idle, void *context, int *status)
{
  const struct timespec nap = {.tv_nsec = 20000000};
  pid_t ended = 0;

  PetscFunctionBegin;
  while (ended == 0) {
    ended = waitpid(pid, status, WNOHANG);
    PetscCheck(ended >= 0 || errno == EINTR, PETSC_COMM_SELF, PETSC_ERR_SYS, "waitpid: %s",
               strerror(errno));
    if (ended < 0) ended = 0;
    if (ended == 0) nanosleep(&nap, NULL);
    if (idle) idle(context);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_child_run(PetscInt ranks, const char *const argv[], const char *out,
                                screen_child_idle idle, void *context, screen_exit *code)
{
  struct sigaction hand_on = {.sa_handler = interrupt}, of_int, of_term;
  int status = 0;
  pid_t pid;

  PetscFunctionBegin;
  fflush(stdout);
  fflush(stderr);
  interrupted = 0;
  sigaction(SIGINT, &hand_on, &of_int);
  sigaction(SIGTERM, &hand_on, &of_term);
  pid = fork();
  PetscCheck(pid >= 0, PETSC_COMM_SELF, PETSC_ERR_SYS, "fork: %s", strerror(errno));
  if (pid == 0) become(ranks, argv, out);
  child = (sig_atomic_t)pid;
  if (interrupted) kill(pid, SIGTERM);
  PetscCall(wait_for(pid, idle, context, &status));
  child = 0;
  sigaction(SIGINT, &of_int, NULL);
  sigaction(SIGTERM, &of_term, NULL);
  *code = WIFEXITED(status) ? (screen_exit)WEXITSTATUS(status) : SCREEN_EXIT_ENVIRONMENT;
  if (interrupted) *code = SCREEN_EXIT_RESUMABLE;
  PetscFunctionReturn(0);
}
