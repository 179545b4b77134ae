/* mtp/mtp_grade.c - extrapolation grades from rows and the inverse of the active set
 *
 * Atoms go through in pieces, so that memory does not grow with the configuration.
 */
#include "mtp/mtp_grade.h"

#include "mtp/mtp_eval_config.h"
#include "mtp/mtp_gradient.h"

enum { PIECE = 64 }; /* atoms whose rows are held at once */

/* The larger one; a NaN stays. */
static PetscReal larger(PetscReal a, PetscReal b)
{
  return b > a || PetscIsNanReal(b) ? b : a;
}

PetscErrorCode mtp_grade_rows(const mtp_selection *sel, PetscInt count, const PetscReal rows[],
                              PetscReal grade[])
{
  const size_t n = (size_t)mtp_selection_size(sel);
  const PetscReal *inverse = mtp_selection_inverse(sel);

  PetscFunctionBegin;
  for (size_t i = 0; i < (size_t)count; i++) {
    grade[i] = 0.0;
    for (size_t k = 0; k < n; k++) {
      PetscReal gamma = 0.0;

      for (size_t j = 0; j < n; j++) gamma += rows[i * n + j] * inverse[k * n + j];
      grade[i] = larger(grade[i], PetscAbsReal(gamma));
    }
  }
  PetscFunctionReturn(0);
}

/* sum_i dV_i/dtheta times weight / N^(scaling/2) */
static PetscErrorCode energy_row(const mtp_potential *pot, const mtp_selection_weights *weights,
                                 PetscInt n, const mtp_neighbors *nb, PetscReal row[])
{
  const PetscReal atoms = (PetscReal)nb->nlocal;
  const PetscReal factor = weights->energy / PetscPowReal(atoms, 0.5 * (PetscReal)weights->scaling);
  PetscReal *rows;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1((size_t)PIECE * (size_t)n, &rows));
  PetscCall(PetscArrayzero(row, n));
  for (PetscInt first = 0; first < nb->nlocal; first += PIECE) {
    const PetscInt count = PetscMin((PetscInt)PIECE, nb->nlocal - first);

    PetscCall(mtp_gradient_sites(pot, nb, first, count, rows));
    for (PetscInt i = 0; i < count; i++) {
      for (PetscInt k = 0; k < n; k++) row[k] += rows[(size_t)i * (size_t)n + (size_t)k];
    }
  }
  for (PetscInt k = 0; k < n; k++) row[k] *= factor;
  PetscCall(PetscFree(rows));
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_grade_config_rows(const mtp_potential *pot, const mtp_selection_weights *weights,
                                     mtp_selection_mode mode, const mtp_neighbors *nb,
                                     PetscReal rows[])
{
  mtp_potential_info info;

  PetscFunctionBegin;
  PetscCheck(mode != MTP_SELECTION_OTHER, PETSC_COMM_SELF, PETSC_ERR_SUP,
             "Rows of a selection by forces, stresses or several kinds of equations");
  PetscCall(mtp_potential_get_info(pot, &info));
  if (mode == MTP_SELECTION_NEIGHBOURHOOD)
    PetscCall(mtp_gradient_sites(pot, nb, 0, nb->nlocal, rows));
  else
    PetscCall(energy_row(pot, weights, info.ncoeff, nb, rows));
  PetscFunctionReturn(0);
}

/* Grades of all atoms; the largest. */
static PetscErrorCode site_grades(const mtp_potential *pot, const mtp_selection *sel, PetscInt n,
                                  const mtp_neighbors *nb, PetscReal site[], PetscReal *grade)
{
  PetscReal *rows, piece[PIECE];

  PetscFunctionBegin;
  PetscCall(PetscMalloc1((size_t)PIECE * (size_t)n, &rows));
  for (PetscInt first = 0; first < nb->nlocal; first += PIECE) {
    const PetscInt count = PetscMin((PetscInt)PIECE, nb->nlocal - first);

    PetscCall(mtp_gradient_sites(pot, nb, first, count, rows));
    PetscCall(mtp_grade_rows(sel, count, rows, piece));
    for (PetscInt i = 0; i < count; i++) {
      *grade = larger(*grade, piece[i]);
      if (site) site[first + i] = piece[i];
    }
  }
  PetscCall(PetscFree(rows));
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_grade_evaluate(const mtp_potential *pot, const mtp_selection *sel,
                                  const mtp_neighbors *nb, PetscReal site[], PetscReal *grade)
{
  mtp_selection_info state;
  mtp_potential_info info;
  PetscReal *row;

  PetscFunctionBegin;
  *grade = 0.0;
  PetscCall(mtp_potential_get_info(pot, &info));
  PetscCall(mtp_selection_get_info(sel, &state));
  PetscCheck(state.n == info.ncoeff, PETSC_COMM_SELF, PETSC_ERR_ARG_SIZ,
             "An active set of %" PetscInt_FMT " rows for a potential of %" PetscInt_FMT
             " coefficients",
             state.n, info.ncoeff);
  PetscCheck(state.mode != MTP_SELECTION_OTHER, PETSC_COMM_SELF, PETSC_ERR_SUP,
             "Grades of a selection by forces, stresses or several kinds of equations");
  if (state.mode == MTP_SELECTION_NEIGHBOURHOOD) {
    PetscCall(site_grades(pot, sel, info.ncoeff, nb, site, grade));
    PetscFunctionReturn(0);
  }
  PetscCall(PetscMalloc1(info.ncoeff, &row));
  PetscCall(energy_row(pot, &state.weights, info.ncoeff, nb, row));
  if (nb->nlocal > 0) PetscCall(mtp_grade_rows(sel, 1, row, grade));
  PetscCall(PetscFree(row));
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_grade_config(const mtp_potential *pot, const mtp_selection *sel,
                                const char *where, mtp_neighbors *nb, mtp_config *config,
                                PetscReal *grade, mtp_diag *diag)
{
  const mtp_selection_mode mode = mtp_selection_get_mode(sel);
  PetscReal *site;
  PetscBool good;
  char text[64];

  PetscFunctionBegin;
  if (mode == MTP_SELECTION_OTHER) {
    PetscCall(mtp_diag_add(diag, NULL, 0, 0,
                           "%s: the active set has rows of forces, stresses or several kinds, "
                           "wanted one of atoms or one of energies",
                           where));
    PetscFunctionReturn(0);
  }
  PetscCall(mtp_eval_neighbors(pot, where, config, nb, &good, diag));
  if (!good) PetscFunctionReturn(0);
  PetscCall(PetscMalloc1(config->n, &site));
  PetscCall(mtp_grade_evaluate(pot, sel, nb, site, grade));
  PetscCall(mtp_eval_finite(where, "a grade that is", 1, grade, &good, diag));
  if (!good) {
    PetscCall(PetscFree(site));
    PetscFunctionReturn(0);
  }
  if (mode == MTP_SELECTION_NEIGHBOURHOOD) {
    PetscCall(PetscFree(config->nbh_grade));
    config->nbh_grade = site;
  } else {
    PetscCall(PetscFree(site));
  }
  (void)snprintf(text, sizeof(text), "%.6f", (double)*grade);
  PetscCall(mtp_config_set_feature(config, "MV_grade", text));
  PetscFunctionReturn(0);
}
