/* mtp/mtp_dense.h - dense linear algebra of active sets through PETSc's matrices; only for mtp/
 *
 * Matrices are row-major.  Inverses are kept transposed, as MLIP files have them (mtp_selection.h).
 * Inputs are not changed; they are not const because PETSc takes arrays so.  PETSc must have been
 * initialised.
 * Verified by: tests/unit/mtp/test_mtp_maxvol.c
 */
#pragma once

#include <petscsys.h>

/* c[i][k] = sum_j a[i][j] b[k][j]: a [m,n], b [p,n], c [m,p] */
PetscErrorCode mtp__dense_product(PetscInt m, PetscInt p, PetscInt n, PetscReal a[], PetscReal b[],
                                  PetscReal c[]);

/* max_ik |sum_j a[i][j] inverse[k][j] - delta_ik|, all [n,n] */
PetscErrorCode mtp__dense_residual(PetscInt n, PetscReal a[], PetscReal inverse[],
                                   PetscReal *residual);

/* The transposed inverse of a [n,n] by LU with pivoting, and ln |det a|.  PETSC_FALSE in *regular
   for a singular matrix; the outputs are then undefined. */
PetscErrorCode mtp__dense_invert(PetscInt n, const PetscReal a[], PetscReal inverse[],
                                 PetscReal *log_det, PetscBool *regular);
