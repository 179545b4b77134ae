/* fmu_model.h - one instance: arguments, policy, mode; what both versions of the standard share
 *
 * Value references, with N axes and functions f = 0, 1, ...:
 *
 *   0            time
 *   1 + a        argument of axis a (composition..., pressure, temperature)
 *   1 + N        extrapolation: fmu_policy
 *   2 + N + 2 f  function f,  3 + N + 2 f  its standard error
 *
 * Verified by: tests/system/export_fmu.sh */
#pragma once

#include "fmu_table.h"

/* Modes of both standards, as bits. */
typedef enum {
  FMU_INSTANTIATED = 1,
  FMU_INITIALIZATION = 2,
  FMU_EVENT = 4,
  FMU_CONTINUOUS = 8,
  FMU_STEP = 16,
  FMU_TERMINATED = 32
} fmu_mode;
/* Where variables may be read. */
enum { FMU_READABLE = FMU_INITIALIZATION | FMU_EVENT | FMU_CONTINUOUS | FMU_STEP | FMU_TERMINATED };

/* What a question ends with; all but FMU_OK come with a message. */
typedef enum {
  FMU_OK,
  FMU_WARNED,  /* the first number outside the table since the last one inside */
  FMU_NOWHERE, /* outside the table and not allowed there, or beside a hole */
  FMU_WRONG    /* no such variable, or not now */
} fmu_answer;

/* All that changes, and nothing else: what a snapshot of an instance is. */
typedef struct {
  double input[FMU_MAX_AXES], time;
  fmu_policy policy;
  fmu_mode mode;
  bool outside; /* and said so */
} fmu_state;

typedef struct {
  fmu_table *table;
  fmu_state state;
  bool exchange; /* Model Exchange, else Co-Simulation */
  char message[FMU_MESSAGE];
} fmu_model;

/* fmu_model_open - reads `folder`/table.txt; false with a message: no table, or of another token */
FMU_LOCAL bool fmu_model_open(fmu_model *m, const char *folder, const char *token);
FMU_LOCAL void fmu_model_close(fmu_model *m);
/* Start values, as after instantiation. */
FMU_LOCAL void fmu_model_reset(fmu_model *m);

FMU_LOCAL fmu_answer fmu_model_get(fmu_model *m, unsigned reference, double *value);
FMU_LOCAL fmu_answer fmu_model_set(fmu_model *m, unsigned reference, double value);
FMU_LOCAL fmu_answer fmu_model_get_policy(fmu_model *m, unsigned reference, long long *value);
FMU_LOCAL fmu_answer fmu_model_set_policy(fmu_model *m, unsigned reference, long long value);

/* fmu_model_partial - d unknown / d known; unknown: a function, an error, or an argument */
FMU_LOCAL fmu_answer fmu_model_partial(fmu_model *m, unsigned unknown, unsigned known,
                                       double *value);
/* fmu_model_check - whether the arguments may be used as they are */
FMU_LOCAL fmu_answer fmu_model_check(fmu_model *m);
/* fmu_model_allow - FMU_WRONG with a message where the mode is none of `modes` */
FMU_LOCAL fmu_answer fmu_model_allow(fmu_model *m, const char *function, int modes);
