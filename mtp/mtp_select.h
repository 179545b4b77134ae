/* mtp/mtp_select.h - an active set from configurations: which of many are worth keeping
 *
 * Every configuration offers its rows (mtp_grade.h) to MaxVol (mtp_maxvol.h); it is selected if it
 * owns at least one row of the active set in the end.
 */
#pragma once

#include "mtp/mtp_selection.h"

typedef struct {
  PetscReal threshold; /* > 1; 0: MTP_MAXVOL_THRESHOLD */
  PetscInt max_rows;   /* rows offered at once, 2 n max_rows reals of memory; 0: 512 MiB's worth */
} mtp_select_options;

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
 * In:   weights     exactly one of energy and site_energy > 0, forces and stresses 0
 *       start       goes on from this set; NULL: from 1e-6 on the diagonal.  One with rows of other
 *                   weights, or without the atoms of its rows (.als), is a message
 *       nlist       lists of configurations, offered in this order: a training set first
 *       list, name  [nlist] the configurations and the names of their files, for messages
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
PetscErrorCode mtp_select(const mtp_potential *pot, const mtp_selection_weights *weights,
                          const mtp_selection *start, PetscInt nlist,
                          const mtp_config_list *const list[], const char *const name[],
                          const mtp_select_options *options, mtp_selection **sel,
                          PetscBool *const selected[], mtp_select_report *report, mtp_diag *diag);
