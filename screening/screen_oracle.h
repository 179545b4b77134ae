/* screening/screen_oracle.h - the oracle of active learning: a program that computes labels
 *
 * An oracle gives energy, forces and stress of a configuration: a code of density functional theory
 * or anything else.  Liquidus writes what it reads into a folder, runs a command there, reads what
 * it left, and keeps the label.  How a job's input and output look is the oracle's type:
 *   FILES  in.cfg and in.xyz are there; the command leaves out.cfg or out.xyz (screening/README.md)
 *   CP2K   in.inp is made from a template; standard output, `out`, is read
 *   ESPRESSO  the same for pw.x of Quantum ESPRESSO with in.in
 *
 * What is there is the state: a label in the .cfg file is done, a line in FOLDER/failed is given
 * up, everything else is to be computed.  A process that is killed loses what was being computed;
 * a label that was half written is cut off.  Jobs end with the process that asked, however it ends
 * (screen_process.h).
 */
#pragma once

#include "screening/screen_config_file.h"
#include "screening/screen_yaml.h"

typedef enum { SCREEN_ORACLE_FILES, SCREEN_ORACLE_CP2K, SCREEN_ORACLE_ESPRESSO } screen_oracle_type;

/* Open struct; start with {0}, end with screen_oracle_clear(). */
typedef struct {
  screen_oracle_type type;
  char *command;        /* owned; run by `sh -c` in the folder of the job */
  char *home;           /* owned, absolute: where the file is that names the oracle; NULL: unknown.
                           The command finds it in LIQUIDUS_ORACLE_HOME */
  char *template;       /* owned, relative to the working directory; NULL for FILES */
  char *template_text;  /* owned, its contents */
  PetscReal time_limit; /* [s] of the wall, of one try; 0: none */
  PetscInt tries, jobs; /* at most so many tries of a configuration, so many jobs at a time */
  PetscReal max_force;  /* [eV/Å] labels with a larger force are refused; 0: no limit */
  /* [eV/Å] and those whose forces add up to more for each atom; 0: no limit */
  PetscReal max_net_force;
} screen_oracle;

typedef struct {
  PetscInt asked;    /* configurations in the list */
  PetscInt done;     /* labelled now */
  PetscInt before;   /* labelled, or given up, in an earlier call */
  PetscInt failed;   /* given up now */
  PetscReal seconds; /* [s] of the wall that all tries of this call took, one after the other */
} screen_oracle_count;

/* Hears one line an event: start, done (seconds, energy), failed (reason), timed out. */
typedef PetscErrorCode (*screen_oracle_say)(void *context, const char *line);

/* screen_oracle_read - takes keys `train.active_learning.oracle.*` of a checked file
 *
 * Not collective.
 * In:   root    passed screen_schema_check_only()
 *       path    the file: the template's name is relative to its folder
 * Out:  oracle  {0} before; end with screen_oracle_clear() whatever was found
 *       notes   a template that is missing, cannot be read, or whose placeholders are not those of
 *               the type: "key.path: TEMPLATE:line: got ..., wanted ..."
 * Returns 0 also for bad input.
 * Verified by: tests/unit/screening/test_screen_oracle_read.c */
PetscErrorCode screen_oracle_read(const screen_yaml *root, const char *path, screen_oracle *oracle,
                                  screen_notes *notes);
PetscErrorCode screen_oracle_clear(screen_oracle *oracle);

/* screen_oracle_label - asks for the labels of some configurations and keeps them
 *
 * Not collective: one process.
 * In:   ask      every configuration has a feature ID of its own, a name of at most 200 letters,
 *                digits, '_', '-', '.' that begins with none of the latter two
 *       species  elements of types 0, 1, ...
 *       folder   made if it is not there (its parent must be); a job runs in FOLDER/ID, which is
 *                emptied before each try, removed after success, and kept after the last failure
 *                with what the program printed (files out, err)
 *       labels   .cfg file to append to, 17 digits; each label is there, with one write and an
 *                fsync, before its event is told
 *       say      may be NULL; an error it returns ends the call
 * Out:  count    may be NULL
 * A label has the geometry asked for, energy, forces, stress, all features of the configuration
 * asked for, and EFS_by, oracle_command, oracle_seconds, oracle_tries; CP2K and Quantum ESPRESSO
 * also oracle_version and oracle_template_sha256.  A job is tried again when its program failed,
 * took too long, or left something unreadable, after the others that wait; what is complete but
 * refused (SCF that did not converge, too large a force or sum of forces) is not.  Configurations
 * that are in `labels` or FOLDER/failed ("ID TRIES REASON", one a line) by their ID are not asked
 * again.  That labels fail is no error.
 * Returns PETSC_ERR_ARG_WRONG for an ID that is missing, no such name, or given twice;
 * PETSC_ERR_FILE_UNEXPECTED when `labels` is not a .cfg file; PETSC_ERR_FILE_OPEN or
 * PETSC_ERR_FILE_WRITE when folder, labels or an input cannot be written (a label written in part
 * is cut off); PETSC_ERR_SYS when no process can be made.  Then the jobs have been ended.
 * Verified by: tests/unit/screening/test_screen_oracle.c, tests/system/test_oracle_cp2k.c,
 * tests/system/test_oracle_espresso.c */
PetscErrorCode screen_oracle_label(const screen_oracle *oracle, const mtp_config_list *ask,
                                   const screen_names *species, const char *folder,
                                   const char *labels, screen_oracle_say say, void *context,
                                   screen_oracle_count *count);
