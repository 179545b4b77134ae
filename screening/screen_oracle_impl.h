/* screening/screen_oracle_impl.h - what the screen_oracle*.c share */
#pragma once

#include "mtp/mtp_text.h"
#include "screening/screen_oracle.h"
#include "screening/screen_process.h"

#include <sys/types.h>

enum { SCREEN_ORACLE_ID = 201, SCREEN_ORACLE_REASON = 400 };

/* Why there is no label; text "" when there is one. */
typedef struct {
  PetscBool final; /* the same would come out again: no further try */
  char text[SCREEN_ORACLE_REASON];
} screen_refusal;

/* The first reason is kept. */
void screen__oracle_refuse(screen_refusal *why, PetscBool final, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A job as its type sees it. */
typedef struct {
  const screen_oracle *oracle;
  const screen_names *species;
  const mtp_config *asked;
  const char *folder; /* of this job */
  int status;         /* as waitpid() gives it; read only */
} screen_oracle_job;

/* What a template must hold: the first `nplace` of @CELL@, @COORD@, @NAT@. */
typedef struct {
  int nplace;
  PetscBool letters; /* A, B, C before lattice vectors */
} screen_template_form;

/* An output on its way to a label. */
typedef struct {
  mtp_text t;
  const mtp_config *asked;
  const screen_names *species;
  mtp_config *label;
  screen_refusal *why;
  PetscInt energies, forces, stresses; /* seen */
  PetscInt volumes, sites;             /* seen, where a code repeats its input */
  PetscBool converged, ended;
  PetscReal energy, stress[6]; /* [eV], [eV/Å^3] */
} screen_output;

/* What a code's output is looked through for. */
typedef struct {
  PetscErrorCode (*line)(screen_output *o, mtp_span line, PetscInt number); /* trimmed */
  const char *energy, *forces, *stress; /* what these are called, for messages */
  const char *unconverged, *end;        /* words for SCF that did not converge, and for the end */
  PetscBool repeats;                    /* the output has volume and atoms of its input */
} screen_output_form;

/* What an oracle's type is: how its input is written and its output read. */
typedef struct {
  const char *by;                   /* feature EFS_by */
  const screen_template_form *form; /* NULL: no template */
  const screen_output_form *output; /* NULL: no output of a code is read */
  /* Files in the empty folder.  An input that cannot be made of this configuration is refused. */
  PetscErrorCode (*write)(const screen_oracle_job *job, screen_refusal *why);
  /* label has the geometry and the features already: force, energy, stress are set, or why. */
  PetscErrorCode (*read)(const screen_oracle_job *job, mtp_config *label, screen_refusal *why);
} screen_oracle_kind;

extern const screen_oracle_kind screen__oracle_files, screen__oracle_cp2k, screen__oracle_espresso;
extern const screen_template_form screen__cp2k_form, screen__espresso_form;
const screen_oracle_kind *screen__oracle_kind(screen_oracle_type type);

/* Reads folder/name; *text NULL (and no error) where it cannot be read.  Free with PetscFree. */
PetscErrorCode screen__oracle_load(const char *folder, const char *name, char **text,
                                   size_t *length);
/* Writes folder/name. */
PetscErrorCode screen__oracle_write(const char *folder, const char *name, const char *text,
                                    size_t length);

/* Every problem of a template a note at `node`, with the template's line. */
PetscErrorCode screen__template_check(const screen_template_form *form, const char *path,
                                      const char *text, const screen_yaml *node,
                                      screen_notes *notes);
/* The input; allocated (free with PetscFree). */
PetscErrorCode screen__template_fill(const screen_template_form *form, const char *template_text,
                                     const mtp_config *config, const screen_names *species,
                                     char **input);
/* The job's input as the file `name`; a configuration without a cell is refused. */
PetscErrorCode screen__template_write(const screen_oracle_job *job, const char *name,
                                      screen_refusal *why);

/* screen__output_parse - energy, forces and stress of an output in memory
 * In:   asked  its number of atoms, elements and volume are those of the output
 * Out:  label  force (allocated when NULL), energy, stress, feature oracle_version; as it was,
 *              but for the force, when refused
 *       why    the first of what is missing, not converged, of another unit or atom, with its line
 * Verified by: tests/unit/screening/test_screen_oracle_cp2k.c, test_screen_oracle_espresso.c,
 * tests/fuzz/fuzz_cp2k.c, tests/fuzz/fuzz_espresso.c */
PetscErrorCode screen__output_parse(const screen_output_form *form, const char *text, size_t length,
                                    const mtp_config *asked, const screen_names *species,
                                    mtp_config *label, screen_refusal *why);
extern const screen_output_form screen__cp2k_output, screen__espresso_output;
/* The same for the job's file `out`; an exit code other than 0 is a refusal, too. */
PetscErrorCode screen__output_read(const screen_oracle_job *job, mtp_config *label,
                                   screen_refusal *why);

/* Three rows as they are printed, the last three or more numbers of a line each: the symmetric part
   times `scale`, in MLIP's order. */
void screen__output_stress(screen_output *o, PetscInt at, int ncolumn, const char *begins,
                           PetscReal scale);
/* Feature oracle_version: NAME and the words, printable. */
PetscErrorCode screen__output_version(screen_output *o, const char *name, mtp_span words);
/* Not as many forces as atoms: a refusal. */
void screen__output_count(screen_output *o, PetscInt at, PetscInt n);

PetscBool screen__begins(mtp_span s, const char *with);
PetscBool screen__contains(mtp_span s, const char *what);
/* What stands between the first '[' and the ']' behind it. */
mtp_span screen__unit_of(mtp_span s);
/* The last `n` words of a line, as numbers. */
PetscBool screen__last_numbers(mtp_span line, int n, PetscReal value[]);
/* "out:NUMBER: what: got ..." */
void screen__refuse_line(screen_refusal *why, PetscInt number, const char *what, mtp_span got);

/* Files that only grow, a whole entry with one write and one fsync. */
typedef struct {
  int fd; /* -1: not open */
  off_t end;
  const char *path; /* borrowed */
} screen_oracle_file;

/* IDs that are settled; {0} to begin with. */
typedef struct {
  PetscInt n, capacity;
  char **id; /* [n] owned */
} screen_oracle_ids;

/* Opens `labels` and FOLDER/failed, cuts half an entry off their ends, collects their IDs. */
PetscErrorCode screen__oracle_open_labels(const char *path, screen_oracle_file *file,
                                          screen_oracle_ids *ids);
PetscErrorCode screen__oracle_open_failed(const char *path, screen_oracle_file *file,
                                          screen_oracle_ids *ids);
PetscErrorCode screen__oracle_append(screen_oracle_file *file, const char *text, size_t length);
PetscErrorCode screen__oracle_close(screen_oracle_file *file);
PetscBool screen__oracle_has(const screen_oracle_ids *ids, const char *id);
PetscErrorCode screen__oracle_ids_clear(screen_oracle_ids *ids);

/* Removes a folder and all in it; what is not there is removed.  *error: errno of what stays, or
   0. */
PetscErrorCode screen__oracle_remove(const char *folder, int *error);
