/* mtp/mtp_plan_grade.c - the inverse of an active set in the order in which kernels form rows */
#include "mtp/mtp_plan.h"

static PetscInt round_up(PetscInt n, PetscInt unit)
{
  return (n + unit - 1) / unit * unit;
}

/* Row j of A^-1 (column j of the file's inverse), times a factor, into the strips of a matrix with
   nrow rows, `to` its place in the first; padding is zero already. */
static void copy_row(const mtp_selection *sel, PetscInt j, double factor, PetscInt nrow,
                     double to[])
{
  const PetscInt n = mtp_selection_size(sel);
  const PetscReal *inverse = mtp_selection_inverse(sel);

  for (PetscInt k = 0; k < n; k++) {
    const PetscInt strip = k / MTP_PLAN_STRIP, column = k % MTP_PLAN_STRIP;

    to[(size_t)(strip * nrow) * MTP_PLAN_STRIP + (size_t)column] =
        factor * inverse[(size_t)k * (size_t)n + (size_t)j];
  }
}

/* The rows that an atom of type `centre` needs. */
static void fill_centre(const mtp_potential *pot, const mtp_plan *plan, const mtp_selection *sel,
                        PetscInt centre, mtp_plan_grade *g)
{
  const PetscInt S = plan->nspecies, K = plan->K, R = plan->R, nradial = S * S * K * R;
  double *matrix = g->matrix + (size_t)(centre * g->nrow) * (size_t)g->ncolumn;
  PetscInt row = 0;

  for (PetscInt t = 0; t < S; t++) {
    for (PetscInt m = 0; m < K; m++, row += g->radial_size) {
      const PetscInt first = ((centre * S + t) * K + plan->mu[m]) * R;

      for (PetscInt k = 0; k < R; k++) {
        copy_row(sel, first + k, pot->scaling, g->nrow, matrix + (row + k) * MTP_PLAN_STRIP);
      }
    }
  }
  copy_row(sel, nradial + centre, 1.0, g->nrow, matrix + row++ * MTP_PLAN_STRIP);
  for (PetscInt k = 0; k < plan->nscalar; k++, row++) {
    copy_row(sel, nradial + S + k, 1.0, g->nrow, matrix + row * MTP_PLAN_STRIP);
  }
}

PetscErrorCode mtp_plan_grade_create(const mtp_potential *pot, const mtp_plan *plan,
                                     const mtp_selection *sel, mtp_plan_grade **grade)
{
  mtp_selection_info info;
  mtp_plan_grade *g;

  PetscFunctionBegin;
  PetscCall(mtp_selection_get_info(sel, &info));
  PetscCall(PetscNew(grade));
  g = *grade;
  g->configuration = (PetscBool)(info.mode == MTP_SELECTION_CONFIGURATION);
  g->weight = info.weights.energy;
  g->scaling = info.weights.scaling;
  g->n = info.n;
  g->radial_size = round_up(plan->R, MTP_PLAN_TILE);
  g->first_scalar = plan->nspecies * plan->K * g->radial_size + 1;
  g->nrow = g->first_scalar + plan->nscalar;
  g->row_stride = round_up(g->nrow, MTP_PLAN_ALIGN) + MTP_PLAN_ALIGN;
  g->ncolumn = round_up(info.n, MTP_PLAN_STRIP);
  PetscCall(PetscCalloc1((size_t)(plan->nspecies * g->nrow) * (size_t)g->ncolumn, &g->matrix));
  for (PetscInt t = 0; t < plan->nspecies; t++) fill_centre(pot, plan, sel, t, g);
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_plan_grade_destroy(mtp_plan_grade **grade)
{
  PetscFunctionBegin;
  if (*grade) PetscCall(PetscFree((*grade)->matrix));
  PetscCall(PetscFree(*grade));
  PetscFunctionReturn(0);
}

PetscReal mtp_plan_grade_operations(const mtp_plan *plan, const mtp_plan_grade *grade,
                                    PetscReal neighbours)
{
  const PetscReal n = grade->configuration ? 1.0 : (PetscReal)grade->ncolumn;

  return (PetscReal)grade->nrow * n + (PetscReal)plan->scalar_first[plan->nscalar] +
         neighbours * (PetscReal)(plan->K * grade->radial_size + 2 * plan->R);
}
