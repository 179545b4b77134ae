/* screening/screen_process.c - see the header */
#include "screening/screen_process.h"

#include "screening/screen_run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FD_MAX = 4096 }; /* descriptors that a child closes */

void screen_process_clean_environment(void)
{
  static const char *const prefix[] = {"PMI_", "PMIX_", "HYD", "MPI_LOCAL", "MPIR_CVAR_CH4_OFI"};
  extern char **environ;

  for (char **e = environ; *e;) {
    char name[128];
    size_t n = strcspn(*e, "=");
    PetscBool drop = PETSC_FALSE;

    for (size_t i = 0; i < sizeof(prefix) / sizeof(prefix[0]); i++) {
      if (!strncmp(*e, prefix[i], strlen(prefix[i])) && n < sizeof(name)) drop = PETSC_TRUE;
    }
    if (!drop) {
      e++;
      continue;
    }
    memcpy(name, *e, n);
    name[n] = 0;
    unsetenv(name);
  }
}

/* File `path` becomes descriptor `fd`. */
static PetscBool becomes(int fd, const char *path, int flags)
{
  const int file = open(path, flags, 0666);
  const PetscBool good = (PetscBool)(file >= 0 && dup2(file, fd) == fd);

  if (file > 2) close(file);
  return good;
}

static void handle(void (*what)(int))
{
  static const int number[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE};

  for (size_t k = 0; k < sizeof(number) / sizeof(number[0]); k++) signal(number[k], what);
}

/* In the grandchild: never returns. */
static void become_shell(const char *command, const char *folder, const char *home)
{
  sigset_t none;

  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  handle(SIG_DFL);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  screen_process_clean_environment();
  if (home) setenv("LIQUIDUS_ORACLE_HOME", home, 1);
  if (chdir(folder) || !becomes(0, "/dev/null", O_RDONLY) ||
      !becomes(1, "out", O_WRONLY | O_CREAT | O_TRUNC) ||
      !becomes(2, "err", O_WRONLY | O_CREAT | O_TRUNC))
    _exit(126);
  execl("/bin/sh", "sh", "-c", command, (char *)NULL);
  _exit(127);
}

/* Whether the leader of the group has ended; it stays a zombie, so that the group keeps its
   number. */
static PetscBool has_ended(pid_t leader)
{
  siginfo_t info = {0};

  return (PetscBool)(waitid(P_PID, (id_t)leader, &info, WEXITED | WNOHANG | WNOWAIT) ||
                     info.si_pid == leader);
}

/* The rest of the group ends with its leader; the orphans are this process's (subreaper). */
static int bury(pid_t leader)
{
  int status = -1, each;
  pid_t pid;

  kill(-leader, SIGKILL);
  while ((pid = waitpid(-leader, &each, 0)) > 0 || (pid < 0 && errno == EINTR)) {
    if (pid == leader) status = each;
  }
  return status;
}

/* Waits for the end of the command, or of those who asked for it. */
static int watch(int fd, int children, pid_t leader)
{
  struct pollfd wake[2] = {{.fd = children, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
  struct signalfd_siginfo info;
  double grace = 0.0;

  while (!has_ended(leader)) {
    const double left = grace > 0.0 ? grace - screen_seconds() : 0.0;

    if (grace > 0.0 && left <= 0.0) break;
    if (poll(wake, 2, grace > 0.0 ? (int)(1e3 * left) + 1 : -1) <= 0) continue;
    if (wake[0].revents && read(children, &info, sizeof(info)) < 0) continue;
    if (wake[1].revents) {
      kill(-leader, SIGTERM);
      grace = screen_seconds() + SCREEN_PROCESS_GRACE;
      wake[1].fd = -1; /* poll leaves it alone */
    }
  }
  return bury(leader);
}

/* In the child: never returns. */
static void become_guardian(int fd, const char *command, const char *folder, const char *home)
{
  sigset_t child;
  pid_t leader;
  int children, status = -1;

  setsid(); /* Ctrl-C is for those at the terminal */
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  handle(SIG_IGN);
  signal(SIGCHLD, SIG_DFL);
  for (int k = 3; k < FD_MAX; k++) {
    if (k != fd) close(k);
  }
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_SETMASK, &child, NULL);
  children = signalfd(-1, &child, SFD_CLOEXEC);
  leader = fork();
  if (leader == 0) become_shell(command, folder, home);
  if (leader > 0) {
    setpgid(leader, leader); /* it does so itself, too: whoever is first */
    status = watch(fd, children, leader);
  }
  if (write(fd, &status, sizeof(status)) < 0) _exit(1);
  _exit(0);
}

PetscErrorCode screen_process_start(const char *command, const char *folder, const char *home,
                                    PetscReal limit, screen_process *process)
{
  int pair[2];
  pid_t pid;

  PetscFunctionBegin;
  *process = (screen_process){.fd = -1};
  PetscCheck(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), PETSC_COMM_SELF,
             PETSC_ERR_SYS, "No socket for a process: %s", strerror(errno));
  pid = fork();
  if (pid == 0) become_guardian(pair[1], command, folder, home);
  close(pair[1]);
  if (pid < 0) {
    const int error = errno;

    close(pair[0]);
    SETERRQ(PETSC_COMM_SELF, PETSC_ERR_SYS, "No process can be made: %s", strerror(error));
  }
  process->guardian = pid;
  process->fd = pair[0];
  process->begun = screen_seconds();
  process->until = limit > 0.0 ? process->begun + limit : 0.0;
  PetscFunctionReturn(0);
}

/* What the guardian said, and its end. */
static void finish(screen_process *p, screen_process_end *end)
{
  ssize_t n;
  int status = -1;

  do {
    n = read(p->fd, &status, sizeof(status));
  } while (n < 0 && errno == EINTR);
  if (n != (ssize_t)sizeof(status)) status = -1;
  while (waitpid(p->guardian, NULL, 0) < 0 && errno == EINTR) {
  }
  close(p->fd);
  *end = (screen_process_end){
      .late = p->late, .status = status, .seconds = screen_seconds() - p->begun};
  *p = (screen_process){.fd = -1};
}

static void dismiss(screen_process *p)
{
  shutdown(p->fd, SHUT_WR);
  p->until = 0.0;
}

/* [ms] until the next limit, -1: none.  Those whose time is over are told. */
static int next_limit(PetscInt n, screen_process process[])
{
  const double now = screen_seconds();
  double left = -1.0;

  for (PetscInt k = 0; k < n; k++) {
    screen_process *p = &process[k];

    if (p->fd < 0 || p->until <= 0.0) continue;
    if (p->until <= now) {
      p->late = PETSC_TRUE;
      dismiss(p);
    } else if (left < 0.0 || p->until - now < left) {
      left = p->until - now;
    }
  }
  return left < 0.0 ? -1 : (int)(1e3 * PetscMin(left, 1e6)) + 1;
}

PetscErrorCode screen_process_wait(PetscInt n, screen_process process[], PetscInt *which,
                                   screen_process_end *end)
{
  struct pollfd *wake;
  PetscInt running = 0;

  PetscFunctionBegin;
  *which = -1;
  PetscCall(PetscCalloc1(n, &wake));
  for (PetscInt k = 0; k < n; k++) {
    wake[k] = (struct pollfd){.fd = process[k].fd, .events = POLLIN};
    if (process[k].fd >= 0) running++;
  }
  while (running > 0 && *which < 0) {
    if (poll(wake, (nfds_t)n, next_limit(n, process)) <= 0) continue;
    for (PetscInt k = 0; k < n && *which < 0; k++) {
      if (wake[k].fd < 0 || !wake[k].revents) continue;
      finish(&process[k], end);
      *which = k;
    }
  }
  PetscCall(PetscFree(wake));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_process_kill(screen_process *process)
{
  screen_process_end end;

  PetscFunctionBegin;
  if (process->fd < 0) PetscFunctionReturn(0);
  dismiss(process);
  finish(process, &end);
  PetscFunctionReturn(0);
}

char *screen_process_said(int status, size_t size, char out[])
{
  out[0] = 0;
  if (status == -1)
    snprintf(out, size, "its guardian was killed");
  else if (WIFSIGNALED(status))
    snprintf(out, size, "signal %d", WTERMSIG(status));
  else if (WEXITSTATUS(status))
    snprintf(out, size, "exit code %d", WEXITSTATUS(status));
  return out;
}
