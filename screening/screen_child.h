/* screening/screen_child.h - this program, started again for a part of the work
 */
#pragma once

#include "screening/screen_verbs.h"

/* What is called while a child works, every 20 ms. */
typedef void (*screen_child_idle)(void *context);

/* screen_child_run - starts this program with arguments and waits for its end
 *
 * In:   ranks  1: without mpiexec
 *       argv   NULL behind the last; argv[0] is the verb
 *       out    where its standard output goes; NULL: to ours
 *       idle   NULL: nothing is called
 * Out:  code   its exit code; SCREEN_EXIT_RESUMABLE when SIGINT or SIGTERM came, which it is told
 *              and has answered with its end; SCREEN_EXIT_ENVIRONMENT when a signal ended it
 * Not collective.  The child is told to end (SIGTERM) when this process dies.  PETSC_ERR_SYS when
 * no process can be made.  Verified by: tests/cli/learn.sh */
PetscErrorCode screen_child_run(PetscInt ranks, const char *const argv[], const char *out,
                                screen_child_idle idle, void *context, screen_exit *code);
