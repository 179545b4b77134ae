/* mtp/mtp_maxvol.c - MaxVol; the algorithm is described in the header
 *
 * inverse[k][j] = (A^-1)[j][k] (mtp_selection.h), so the update of A^-1 works on rows:
 *   inverse[l][:] -= inverse[k][:] (gamma_l - delta_lk) / gamma_k        for all l
 * with gamma = b A^-1 of the row b that comes in.  gamma is computed from the row itself at every
 * swap, not taken from C, which has gone through all updates since it was computed.
 */
#include "mtp/mtp_maxvol.h"

#include "mtp/mtp_dense.h"

/* A residual above this, or ten times the last one by LU, asks for a new inverse. */
#define RESIDUAL_WANTED 1e-10

struct mtp_maxvol {
  PetscInt n;
  PetscReal *matrix, *inverse; /* [n,n] */
  PetscReal *gamma;            /* [n] */
  mtp_selection_row *source;   /* [n] */
  PetscReal log_det, residual;
  PetscReal floor; /* residual that LU left last time */
  PetscInt nswap, nsweep, nrefresh;
};

/* The candidates of one call. */
typedef struct {
  PetscInt m;
  PetscReal *rows, *c; /* [m,n] B and C */
  mtp_selection_row *source;
  PetscInt i, k; /* place of the largest |C_ik| */
  PetscReal largest;
} candidates;

static PetscErrorCode allocate(PetscInt n, mtp_maxvol **mv)
{
  const size_t size = (size_t)n;

  PetscFunctionBegin;
  PetscCall(PetscNew(mv));
  (*mv)->n = n;
  PetscCall(PetscMalloc4(size * size, &(*mv)->matrix, size * size, &(*mv)->inverse, size,
                         &(*mv)->gamma, size, &(*mv)->source));
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_maxvol_create(PetscInt n, PetscReal initial, mtp_maxvol **mv)
{
  const size_t size = (size_t)n;

  PetscFunctionBegin;
  PetscCheck(n >= 1 && initial > 0.0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "An active set of %" PetscInt_FMT " rows that begins with %g", n, (double)initial);
  PetscCall(allocate(n, mv));
  PetscCall(PetscArrayzero((*mv)->matrix, size * size));
  PetscCall(PetscArrayzero((*mv)->inverse, size * size));
  for (size_t k = 0; k < size; k++) {
    (*mv)->matrix[k * size + k] = initial;
    (*mv)->inverse[k * size + k] = 1.0 / initial;
    (*mv)->source[k] = (mtp_selection_row){-1, -1};
  }
  (*mv)->log_det = (PetscReal)n * PetscLogReal(initial);
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_maxvol_create_from(const mtp_selection *sel, mtp_maxvol **mv)
{
  mtp_selection_info info;

  PetscFunctionBegin;
  PetscCall(mtp_selection_get_info(sel, &info));
  PetscCall(allocate(info.n, mv));
  PetscCall(PetscArraycpy((*mv)->matrix, info.matrix, (size_t)info.n * (size_t)info.n));
  PetscCall(PetscArraycpy((*mv)->source, info.row, info.n));
  PetscCall(PetscArraycpy((*mv)->inverse, info.inverse, (size_t)info.n * (size_t)info.n));
  (*mv)->residual = info.residual;
  PetscCall(mtp_maxvol_refresh(*mv));
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_maxvol_destroy(mtp_maxvol **mv)
{
  PetscFunctionBegin;
  if (!*mv) PetscFunctionReturn(0);
  PetscCall(PetscFree4((*mv)->matrix, (*mv)->inverse, (*mv)->gamma, (*mv)->source));
  PetscCall(PetscFree(*mv));
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_maxvol_get_info(const mtp_maxvol *mv, mtp_maxvol_info *info)
{
  PetscFunctionBegin;
  *info = (mtp_maxvol_info){.n = mv->n,
                            .log_det = mv->log_det,
                            .residual = mv->residual,
                            .nswap = mv->nswap,
                            .nsweep = mv->nsweep,
                            .nrefresh = mv->nrefresh,
                            .matrix = mv->matrix,
                            .inverse = mv->inverse,
                            .source = mv->source};
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_maxvol_refresh(mtp_maxvol *mv)
{
  const size_t size = (size_t)mv->n * (size_t)mv->n;
  PetscReal *inverse, log_det, residual;
  PetscBool regular;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(size, &inverse));
  PetscCall(mtp__dense_invert(mv->n, mv->matrix, inverse, &log_det, &regular));
  PetscCheck(regular, PETSC_COMM_SELF, PETSC_ERR_MAT_LU_ZRPVT,
             "An active set of %" PetscInt_FMT " rows is singular", mv->n);
  PetscCall(mtp__dense_residual(mv->n, mv->matrix, inverse, &residual));
  PetscCall(mtp__dense_residual(mv->n, mv->matrix, mv->inverse, &mv->residual));
  mv->floor = residual;
  mv->log_det = log_det;
  mv->nrefresh++;
  if (!(mv->residual <= residual)) {
    PetscCall(PetscArraycpy(mv->inverse, inverse, size));
    mv->residual = residual;
  }
  PetscCall(PetscFree(inverse));
  PetscFunctionReturn(0);
}

/* The largest |C_ik|; of equal ones the first. */
static void find_largest(PetscInt n, candidates *b)
{
  b->largest = 0.0;
  for (PetscInt i = 0; i < b->m; i++) {
    const PetscReal *row = b->c + (size_t)i * (size_t)n;

    for (PetscInt k = 0; k < n; k++) {
      if (!(PetscAbsReal(row[k]) > b->largest)) continue;
      b->largest = PetscAbsReal(row[k]);
      b->i = i;
      b->k = k;
    }
  }
}

/* C from the rows, the inverse anew if it has lost accuracy. */
static PetscErrorCode recompute(mtp_maxvol *mv, candidates *b)
{
  PetscFunctionBegin;
  PetscCall(mtp__dense_residual(mv->n, mv->matrix, mv->inverse, &mv->residual));
  if (!(mv->residual <= PetscMax(RESIDUAL_WANTED, 10.0 * mv->floor)))
    PetscCall(mtp_maxvol_refresh(mv));
  PetscCall(mtp__dense_product(b->m, mv->n, mv->n, b->rows, mv->inverse, b->c));
  find_largest(mv->n, b);
  mv->nsweep++;
  PetscFunctionReturn(0);
}

/* C -= (C[:,k] + e_i) (gamma - e_k) / gamma_k */
static void update_coordinates(const mtp_maxvol *mv, candidates *b)
{
  const size_t n = (size_t)mv->n, k = (size_t)b->k;

  for (size_t l = 0; l < (size_t)b->m; l++) {
    PetscReal *row = b->c + l * n;
    const PetscReal factor = (row[k] + (l == (size_t)b->i ? 1.0 : 0.0)) / mv->gamma[k];

    if (factor == 0.0) continue;
    for (size_t j = 0; j < n; j++) row[j] -= factor * mv->gamma[j];
    row[k] += factor;
  }
}

static void update_inverse(mtp_maxvol *mv, size_t k)
{
  const size_t n = (size_t)mv->n;
  const PetscReal *from = mv->inverse + k * n;

  for (size_t l = 0; l < n; l++) {
    const PetscReal factor = mv->gamma[l] / mv->gamma[k];

    for (size_t j = 0; l != k && j < n; j++) mv->inverse[l * n + j] -= factor * from[j];
  }
  for (size_t j = 0; j < n; j++) mv->inverse[k * n + j] /= mv->gamma[k];
}

/* Row b->i of the candidates and row b->k of A change places.  PETSC_FALSE in *done when the fresh
   gamma says that it is not worth it: C must be computed anew. */
static PetscErrorCode swap_rows(mtp_maxvol *mv, candidates *b, PetscReal threshold, PetscBool *done)
{
  const size_t n = (size_t)mv->n, k = (size_t)b->k;
  PetscReal *in = b->rows + (size_t)b->i * n, *out = mv->matrix + k * n;
  const mtp_selection_row source = mv->source[k];

  PetscFunctionBegin;
  PetscCall(mtp__dense_product(1, mv->n, mv->n, in, mv->inverse, mv->gamma));
  *done = (PetscBool)(PetscAbsReal(mv->gamma[k]) > threshold);
  if (!*done) PetscFunctionReturn(0);
  mv->log_det += PetscLogReal(PetscAbsReal(mv->gamma[k]));
  update_coordinates(mv, b);
  update_inverse(mv, k);
  for (size_t j = 0; j < n; j++) {
    const PetscReal kept = out[j];

    out[j] = in[j];
    in[j] = kept;
  }
  mv->source[k] = b->source[b->i];
  b->source[b->i] = source;
  mv->nswap++;
  PetscFunctionReturn(0);
}

/* Up to n swaps on one C. */
static PetscErrorCode sweep(mtp_maxvol *mv, candidates *b, PetscReal threshold, PetscInt *swaps)
{
  PetscBool done = PETSC_TRUE;

  PetscFunctionBegin;
  PetscCall(recompute(mv, b));
  for (*swaps = 0; b->largest > threshold && done && *swaps < mv->n;) {
    PetscCall(swap_rows(mv, b, threshold, &done));
    *swaps += done ? 1 : 0;
    find_largest(mv->n, b);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_maxvol_offer(mtp_maxvol *mv, PetscInt m, PetscReal rows[],
                                mtp_selection_row source[], PetscReal threshold, PetscInt *swaps)
{
  const size_t size = (size_t)m * (size_t)mv->n;
  const PetscInt64 wanted = (PetscInt64)1000 * ((PetscInt64)mv->n + m);
  /* a sweep more than allowed, of n swaps at most, still fits into *swaps */
  const PetscInt limit = (PetscInt)PetscMin(wanted, (PetscInt64)(PETSC_MAX_INT - mv->n));
  candidates b = {.m = m, .rows = rows, .source = source};
  PetscInt some = 0;

  PetscFunctionBegin;
  *swaps = 0;
  PetscCheck(threshold > 1.0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "A threshold of %g, wanted more than 1", (double)threshold);
  for (size_t j = 0; j < size; j++)
    PetscCheck(!PetscIsInfOrNanReal(rows[j]), PETSC_COMM_SELF, PETSC_ERR_FP,
               "Candidate %" PetscInt_FMT " has a number that is not finite",
               (PetscInt)(j / (size_t)mv->n));
  PetscCall(PetscMalloc1(size, &b.c));
  do {
    PetscCall(sweep(mv, &b, threshold, &some));
    *swaps += some;
  } while (some > 0 && *swaps < limit);
  PetscCall(PetscFree(b.c));
  PetscCheck(some == 0, PETSC_COMM_SELF, PETSC_ERR_NOT_CONVERGED,
             "MaxVol does not end within %" PetscInt_FMT " swaps", limit);
  PetscFunctionReturn(0);
}
