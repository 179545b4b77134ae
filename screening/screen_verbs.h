/* screening/screen_verbs.h - the verbs of the program; each gets its own arguments and returns an
   exit code */
#pragma once

#include <petscsys.h>

typedef enum {
  SCREEN_EXIT_DONE = 0,
  SCREEN_EXIT_PARTIAL = 1,     /* finished, but some points failed or missed their target */
  SCREEN_EXIT_BAD_INPUT = 2,   /* nothing started */
  SCREEN_EXIT_ENVIRONMENT = 3, /* disk, MPI, memory */
  SCREEN_EXIT_HUNG = 70,       /* of mpiexec alone: a group hung and the job is started again */
  SCREEN_EXIT_RESUMABLE = 75   /* stopped before the walltime */
} screen_exit;

typedef struct {
  const char *name, *arguments, *help;
  PetscErrorCode (*run)(int argc, char **argv, screen_exit *code); /* argv[0] is the verb */
} screen_verb;

PetscErrorCode screen_verb_plan(int argc, char **argv, screen_exit *code);
PetscErrorCode screen_verb_run(int argc, char **argv, screen_exit *code);
PetscErrorCode screen_verb_submit(int argc, char **argv, screen_exit *code);
PetscErrorCode screen_verb_status(int argc, char **argv, screen_exit *code);
PetscErrorCode screen_verb_log(int argc, char **argv, screen_exit *code);
PetscErrorCode screen_verb_explain(int argc, char **argv, screen_exit *code);
PetscErrorCode screen_verb_analyze(int argc, char **argv, screen_exit *code);
PetscErrorCode screen_verb_merge(int argc, char **argv, screen_exit *code);
PetscErrorCode screen_verb_compare(int argc, char **argv, screen_exit *code);
PetscErrorCode screen_verb_export(int argc, char **argv, screen_exit *code);
PetscErrorCode screen_verb_report(int argc, char **argv, screen_exit *code);
PetscErrorCode screen_verb_potential(int argc, char **argv, screen_exit *code);
PetscErrorCode screen_verb_grade(int argc, char **argv, screen_exit *code);
PetscErrorCode screen_verb_select(int argc, char **argv, screen_exit *code);
PetscErrorCode screen_verb_train(int argc, char **argv, screen_exit *code);
PetscErrorCode screen_verb_schema(int argc, char **argv, screen_exit *code);
PetscErrorCode screen_verb_version(int argc, char **argv, screen_exit *code);
