/* mtp/mtp_grade.h - extrapolation grades: how far a configuration is from what the potential knows
 *
 * gamma = b A^-1 are the coordinates of a row b in the active set A (mtp_selection.h); the grade is
 * max_k |gamma_k|.  Up to 1: the potential interpolates.  Above about 2 a configuration is worth
 * learning, above about 10 the potential should not be trusted (MLIP-3 has 2.1 and 11).
 *   neighbourhood mode   b = dV_i/dtheta, a grade for each atom, the configuration has the largest
 *   configuration mode   b = (weight / N^(scaling/2)) sum_i dV_i/dtheta, one grade
 * Rows of the active set that were never replaced (1e-6 on the diagonal) give grades of 1e3 and
 * more in the directions that nothing spans: that is meant.
 */
#pragma once

#include "mtp/mtp_selection.h"

/* mtp_grade_rows - grades of given rows: grade[i] = max_k |sum_j rows[i][j] inverse[k][j]|
 * rows [count,n], grade [count]; a row with a NaN has the grade NaN. */
PetscErrorCode mtp_grade_rows(const mtp_selection *sel, PetscInt count, const PetscReal rows[],
                              PetscReal grade[]);

/* mtp_grade_evaluate - grades over a neighbour list, reference quality
 *
 * Not collective: the list's local atoms are the configuration.
 * In:   nb     a list with cutoff >= the potential's; types 0..S-1; at least one atom
 * Out:  site   [nlocal] or NULL; set in neighbourhood mode only
 *       grade  of the configuration; 0 without atoms
 * Returns the errors of mtp_potential_evaluate(), PETSC_ERR_ARG_SIZ for a selection of another
 * number of coefficients, PETSC_ERR_SUP for MTP_SELECTION_OTHER.
 * Cost: n^2 multiplications an atom in neighbourhood mode, beside the rows (mtp_gradient.h).
 * Source: E. V. Podryabinkin, A. V. Shapeev, Comput. Mater. Sci. 140, 171 (2017),
 * doi:10.1016/j.commatsci.2017.08.031 (configurations); I. S. Novikov et al., Mach. Learn.: Sci.
 * Technol. 2, 025002 (2021), doi:10.1088/2632-2153/abc9fe (MLIP); neighbourhoods as in MLIP-3.
 * Verified by: tests/conformance/test_mtp_grade.c, tests/unit/mtp/test_mtp_maxvol.c */
PetscErrorCode mtp_grade_evaluate(const mtp_potential *pot, const mtp_selection *sel,
                                  const mtp_neighbors *nb, PetscReal site[], PetscReal *grade);

/* mtp_grade_config - grades of one configuration of a file
 *
 * In:   nb      start with {0} and pass the same for the next configuration
 * Out:  config  nbh_grade [n] in neighbourhood mode, and the feature MV_grade, "%.6f" as MLIP
 *               writes it; everything else stays
 *       grade   of the configuration
 *       diag    what mtp_eval_config() says about the configuration; two atoms in one place; a
 *               selection that has no grades (mixed weights).  config is then not changed
 * Returns 0 also then; otherwise PETSC_ERR_ARG_SIZ or an allocation error. */
PetscErrorCode mtp_grade_config(const mtp_potential *pot, const mtp_selection *sel,
                                const char *where, mtp_neighbors *nb, mtp_config *config,
                                PetscReal *grade, mtp_diag *diag);

/* mtp_grade_config_rows - the rows that a configuration offers to an active set
 *
 * In:   mode     neighbourhood or configuration; weights give the factor of the latter
 *       nb       the configuration's list
 * Out:  rows     [nlocal,n] or [1,n]
 * Errors as for mtp_grade_evaluate(). */
PetscErrorCode mtp_grade_config_rows(const mtp_potential *pot, const mtp_selection_weights *weights,
                                     mtp_selection_mode mode, const mtp_neighbors *nb,
                                     PetscReal rows[]);
