/* mtp/mtp_maxvol.h - MaxVol: from many rows the n that span the largest volume
 *
 * The active set A [n,n] begins as `initial` on the diagonal, so small that every real row is worth
 * more.  Candidates B [m,n] have the coordinates C = B A^-1; putting row i of B in the place of row
 * k of A multiplies |det A| by |C_ik|, the grade of row i.  While the largest |C_ik| exceeds the
 * threshold those two rows change places (the old one stays a candidate), and with e_k the unit row
 *   A^-1 -= A^-1[:,k] (C[i,:] - e_k) / C_ik
 *   C    -= (C[:,k] + e_i) (C[i,:] - e_k) / C_ik
 *   ln |det A| += ln |C_ik|
 * At the end no candidate has a grade above the threshold.  The set is a local maximum: others
 * exist, and how far their volumes differ is a matter of the order in which rows came.
 *
 * Accuracy: after at most n swaps C and the residual |A A^-1 - 1| are computed anew; when the
 * residual has grown, so is A^-1, by LU.  The choice always rests on fresh numbers in the end.
 *
 * Source: S. A. Goreinov et al., in Matrix Methods: Theory, Algorithms and Applications (World
 * Scientific, 2010), 247, doi:10.1142/9789812836021_0015; for potentials E. V. Podryabinkin, A. V.
 * Shapeev, Comput. Mater. Sci. 140, 171 (2017), doi:10.1016/j.commatsci.2017.08.031.
 */
#pragma once

#include "mtp/mtp_selection.h"

/* MLIP's values */
#define MTP_MAXVOL_INITIAL   1e-6
#define MTP_MAXVOL_THRESHOLD 1.001

typedef struct mtp_maxvol mtp_maxvol;

/* mtp_maxvol_create - n rows never replaced: A = initial on the diagonal, initial > 0 */
PetscErrorCode mtp_maxvol_create(PetscInt n, PetscReal initial, mtp_maxvol **mv);
/* The matrices and rows of a selection, to go on from. */
PetscErrorCode mtp_maxvol_create_from(const mtp_selection *sel, mtp_maxvol **mv);
PetscErrorCode mtp_maxvol_destroy(mtp_maxvol **mv);

/* mtp_maxvol_offer - candidates; swaps rows until no grade of theirs exceeds the threshold
 *
 * Not collective.
 * In:   threshold > 1
 * InOut:rows [m,n], source [m]  candidates and where they come from; finite.  What was swapped out
 *                               of A stands in them afterwards
 * Out:  swaps  how often
 * Returns PETSC_ERR_ARG_OUTOFRANGE for a threshold not above 1, PETSC_ERR_FP for a row that is not
 * finite, PETSC_ERR_NOT_CONVERGED after 1000 (n + m) swaps, at
 * most PETSC_MAX_INT.
 * Cost: 2 m n^2 for C, 4 m n + 4 n^2 a swap; memory m n reals.
 * Verified by: tests/unit/mtp/test_mtp_maxvol.c (against all subsets; updates against LU) */
PetscErrorCode mtp_maxvol_offer(mtp_maxvol *mv, PetscInt m, PetscReal rows[],
                                mtp_selection_row source[], PetscReal threshold, PetscInt *swaps);

/* mtp_maxvol_refresh - A^-1 by LU when that is closer to an inverse than what the updates left */
PetscErrorCode mtp_maxvol_refresh(mtp_maxvol *mv);

/* What there is now; pointers live until the next call. */
typedef struct {
  PetscInt n;
  PetscReal log_det;                /* ln |det A| */
  PetscReal residual;               /* max |A A^-1 - 1| when it was last computed */
  PetscInt nswap, nsweep, nrefresh; /* in all: swaps, times C was computed, inverses by LU */
  const PetscReal *matrix;          /* [n,n] */
  const PetscReal *inverse;         /* [n,n] transposed, see mtp_selection.h */
  const mtp_selection_row *source;  /* [n] (-1, -1): never replaced */
} mtp_maxvol_info;
PetscErrorCode mtp_maxvol_get_info(const mtp_maxvol *mv, mtp_maxvol_info *info);
