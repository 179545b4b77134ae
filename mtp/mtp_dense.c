/* mtp/mtp_dense.c - products and inverses by PETSc's dense matrices, which call BLAS and LAPACK
 *
 * PETSc counts columns first: a row-major array handed to it is the transposed matrix.
 */
#include "mtp/mtp_dense.h"

#include <petscmat.h>

PetscErrorCode mtp__dense_product(PetscInt m, PetscInt p, PetscInt n, PetscReal a[], PetscReal b[],
                                  PetscReal c[])
{
  const PetscScalar *values;
  Mat at, bt, ct; /* transposed: n x m, n x p, p x m */

  PetscFunctionBegin;
  if (m == 0 || p == 0) PetscFunctionReturn(0);
  PetscCall(MatCreateSeqDense(PETSC_COMM_SELF, n, m, a, &at));
  PetscCall(MatCreateSeqDense(PETSC_COMM_SELF, n, p, b, &bt));
  PetscCall(MatTransposeMatMult(bt, at, MAT_INITIAL_MATRIX, PETSC_DEFAULT, &ct));
  PetscCall(MatDenseGetArrayRead(ct, &values));
  PetscCall(PetscArraycpy(c, values, (size_t)m * (size_t)p));
  PetscCall(MatDenseRestoreArrayRead(ct, &values));
  PetscCall(MatDestroy(&ct));
  PetscCall(MatDestroy(&bt));
  PetscCall(MatDestroy(&at));
  PetscFunctionReturn(0);
}

PetscErrorCode mtp__dense_residual(PetscInt n, PetscReal a[], PetscReal inverse[],
                                   PetscReal *residual)
{
  PetscReal *product;

  PetscFunctionBegin;
  *residual = 0.0;
  PetscCall(PetscMalloc1((size_t)n * (size_t)n, &product));
  PetscCall(mtp__dense_product(n, n, n, a, inverse, product));
  for (PetscInt i = 0; i < n; i++) {
    for (PetscInt k = 0; k < n; k++) {
      const PetscReal one = i == k ? 1.0 : 0.0;
      const PetscReal d = PetscAbsReal(product[(size_t)i * (size_t)n + (size_t)k] - one);

      if (!(d <= *residual) && !PetscIsNanReal(*residual)) *residual = d;
    }
  }
  PetscCall(PetscFree(product));
  PetscFunctionReturn(0);
}

/* Factors lu, an array of size n x n in PETSc's order, and solves for the unit vectors. */
static PetscErrorCode factor_and_solve(PetscInt n, PetscReal lu[], PetscReal inverse[],
                                       PetscBool *regular)
{
  PetscErrorCode ierr;
  Mat factor, unit, x;

  PetscFunctionBegin;
  PetscCall(MatCreateSeqDense(PETSC_COMM_SELF, n, n, lu, &factor));
  PetscCall(PetscPushErrorHandler(PetscReturnErrorHandler, NULL));
  ierr = MatLUFactor(factor, NULL, NULL, NULL);
  PetscCall(PetscPopErrorHandler());
  *regular = (PetscBool)(ierr == 0);
  if (ierr != PETSC_ERR_MAT_LU_ZRPVT) PetscCall(ierr);
  if (*regular) {
    PetscCall(MatCreateSeqDense(PETSC_COMM_SELF, n, n, NULL, &unit));
    PetscCall(MatCreateSeqDense(PETSC_COMM_SELF, n, n, inverse, &x));
    PetscCall(MatShift(unit, 1.0));
    PetscCall(MatMatSolve(factor, unit, x));
    PetscCall(MatDestroy(&x));
    PetscCall(MatDestroy(&unit));
  }
  PetscCall(MatDestroy(&factor));
  PetscFunctionReturn(0);
}

PetscErrorCode mtp__dense_invert(PetscInt n, const PetscReal a[], PetscReal inverse[],
                                 PetscReal *log_det, PetscBool *regular)
{
  const size_t size = (size_t)n;
  PetscReal *lu;

  PetscFunctionBegin;
  *log_det = 0.0;
  PetscCall(PetscMalloc1(size * size, &lu));
  for (size_t i = 0; i < size; i++) {
    for (size_t k = 0; k < size; k++) lu[k * size + i] = a[i * size + k];
  }
  PetscCall(factor_and_solve(n, lu, inverse, regular));
  for (size_t i = 0; i < size && *regular; i++)
    *log_det += PetscLogReal(PetscAbsReal(lu[i * size + i]));
  PetscCall(PetscFree(lu));
  PetscFunctionReturn(0);
}
