/* screening/screen_cli.h - the command line: verbs, help, and how an error reaches the user */
#pragma once

#include "mtp/mtp_diag.h"
#include "screening/screen_verbs.h"

/* Runs the verb argv[1].  Errors are one line on stderr, "liquidus: ...".  Under MPI with several
 * ranks an error of the environment ends the whole job (MPI_Abort with SCREEN_EXIT_ENVIRONMENT). */
screen_exit screen_cli_main(int argc, char **argv);

/* Prints the messages of `diag` to stderr and gives SCREEN_EXIT_BAD_INPUT; *code is not touched
   when there are none. */
PetscErrorCode screen_cli_report(const mtp_diag *diag, screen_exit *code);

/* One "liquidus VERB: message" line on stderr and SCREEN_EXIT_BAD_INPUT. */
PetscErrorCode screen_cli_refuse(const char *verb, screen_exit *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Names that a user may give by number from 0, whole, or by a part that one alone has. */
typedef struct {
  PetscInt n;
  const char *(*name)(const void *of, PetscInt i);
  const void *of;
} screen_choice_names;
/* -1: none, -2: several.  Verified by: tests/unit/screening/test_screen_explain.c */
PetscInt screen_choice_find(const screen_choice_names *names, const char *text);
/* screen_cli_refuse() for a text that found -1 or -2, and the names below it */
PetscErrorCode screen_choice_refuse(const char *verb, const screen_choice_names *names,
                                    const char *text, PetscInt found, screen_exit *code);

/* Prints "usage: liquidus VERB arguments", the help text and the options; for --help. */
void screen_cli_usage(const char *verb, FILE *out);

/* Text of the first PETSc error since the start, one line; "" when there was none. */
const char *screen_cli_error(void);
/* Forgets it: the error was handled (a failed job). */
void screen_cli_error_clear(void);
