/* mtp/mtp_selection_impl.h - the struct behind mtp_selection; only for mtp/ and its tests */
#pragma once

#include "mtp/mtp_selection.h"
#include "mtp/mtp_text.h"

struct mtp_selection {
  PetscInt n;
  mtp_selection_weights weights;
  PetscReal residual;
  PetscReal *matrix, *inverse; /* [n,n] each, row-major, the inverse transposed */
  mtp_selection_row *row;      /* [n] */
  mtp_config_list configs;
};

/* Room for n rows: matrices uninitialised, rows (-1, -1), no configurations. */
PetscErrorCode mtp__selection_create(PetscInt n, mtp_selection **sel);

/* n raw little-endian doubles at `bytes` */
void mtp__selection_load_reals(const char *bytes, size_t n, PetscReal out[]);
/* 2 n^2 little-endian doubles at `bytes`: A, then the transposed inverse. */
void mtp__selection_load_matrices(const char *bytes, mtp_selection *sel);

/* What holds for every state: weights, finite matrices, residual, rows; `als`: rows need not say
   which equation they are.  Messages begin with `name`; *good says whether there was none. */
PetscErrorCode mtp__selection_check(const char *name, PetscBool als, mtp_selection *sel,
                                    PetscBool *good, mtp_diag *diag);
