/* screening/screen_process.h - commands that run beside this process and end with it
 *
 * Between this process and the command stands a guardian, a forked copy that only waits.  A socket
 * joins it to this process; when its other end is gone, because this process closed it (a time
 * limit) or because it ended, be it by kill -9, the guardian ends the command's process group:
 * SIGTERM, and SIGKILL after SCREEN_PROCESS_GRACE.  So no signal handler is needed here, nothing is
 * left running, and nobody asks in a loop: both sides sleep in poll().
 */
#pragma once

#include <petscsys.h>
#include <sys/types.h>

#define SCREEN_PROCESS_GRACE 2.0 /* [s] between SIGTERM and SIGKILL */

/* Open struct; start with {.fd = -1}. */
typedef struct {
  pid_t guardian;
  int fd;              /* -1: nothing runs */
  double begun, until; /* [s] of screen_seconds(); until 0: no limit */
  PetscBool late;      /* it was ended at its limit */
} screen_process;

typedef struct {
  PetscBool late; /* ended at its time limit */
  int status;     /* as waitpid() gives it; -1: the guardian was killed */
  double seconds; /* of the wall */
} screen_process_end;

/* screen_process_start - `sh -c command` in `folder`, a process group of its own
 *
 * Not collective.
 * In:   home   value of LIQUIDUS_ORACLE_HOME; NULL: not set
 *       limit  [s] of the wall; 0: none
 * Standard input is empty, standard output and error are the files out and err of the folder.  The
 * variables by which MPI's launcher knows the ranks of this process are taken out of the
 * environment, so that a program of MPI starts as one of its own.
 * Returns PETSC_ERR_SYS when no process can be made; a folder or shell that is not there shows as
 * exit code 126 or 127.  Verified by: tests/unit/screening/test_screen_process.c */
PetscErrorCode screen_process_start(const char *command, const char *folder, const char *home,
                                    PetscReal limit, screen_process *process);

/* Sleeps until one of the running ones of process[n] has ended, and all of its group with it;
 * *which is its index, -1 when none runs.  Time limits are kept meanwhile. */
PetscErrorCode screen_process_wait(PetscInt n, screen_process process[], PetscInt *which,
                                   screen_process_end *end);

/* Ends it, with its group, and waits until it has ended; nothing where nothing runs. */
PetscErrorCode screen_process_kill(screen_process *process);

/* Takes the variables of MPI's launcher out of this process's environment. */
void screen_process_clean_environment(void);

/* "exit code 3", "signal 9", for messages; "" for success */
char *screen_process_said(int status, size_t size, char out[]);
