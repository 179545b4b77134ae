/* mtp/mtp_select.h - an active set from configurations: which of many are worth keeping
 *
 * Every configuration offers its rows (mtp_grade.h) to MaxVol (mtp_maxvol.h); it is selected if it
 * owns at least one row of the active set in the end.
 */
#pragma once

#include "mtp/mtp_selection.h"

/* What to select from; open struct, nothing is owned. */
typedef struct {
  mtp_selection_weights weights; /* exactly one of energy and site_energy > 0, the others 0 */
  const mtp_selection *start;    /* goes on from this set; NULL: from 1e-6 on the diagonal */
  PetscInt nlist;
  const mtp_config_list *const *list; /* [nlist] offered in this order: a training set first */
  const char *const *name;            /* [nlist] names of their files, for messages */
  PetscReal threshold;                /* > 1; 0: MTP_MAXVOL_THRESHOLD */
  PetscInt max_rows; /* rows offered at once, 2 n max_rows reals; 0: as fit into 512 MiB */
} mtp_select_request;

typedef struct {
  PetscInt nrow;      /* rows that the configurations have in all */
  PetscInt npass;     /* times that all were offered */
  PetscInt nswap;     /* rows that came in */
  PetscInt nrefresh;  /* inverses by LU */
  PetscReal log_det;  /* ln |det A| */
  PetscReal residual; /* max |A A^-1 - 1| */
} mtp_select_report;

/* mtp_select - builds or extends an active set
 *
 * Not collective.
 * In:   request     a start with rows of other weights, or without the atoms of its rows (.als),
 *                   is a message
 * Out:  sel         new, owned by the caller; its configurations are copies, those of `start` first
 *       selected    [nlist] of [list[l]->n] flags, caller's: owns a row; NULL: not wanted
 *       report      what was done
 *       diag        what mtp_eval_config() says about configurations; *sel is then NULL
 *
 * All lists are offered again and again until nothing changes, so no configuration of theirs has a
 * grade above the threshold in the set that comes out.  Configurations that `start` held and lost
 * are gone.
 * Returns 0 also for bad configurations; PETSC_ERR_ARG_WRONG for weights of another kind, the
 * errors of mtp_maxvol_offer().
 * Verified by: tests/unit/mtp/test_mtp_maxvol.c, tests/conformance/test_mtp_select.c */
PetscErrorCode mtp_select(const mtp_potential *pot, const mtp_select_request *request,
                          mtp_selection **sel, PetscBool *const selected[],
                          mtp_select_report *report, mtp_diag *diag);
