/* mtp/mtp_gradient.h - derivatives of site energies by the potential's coefficients
 *
 * Order of the coefficients theta, the same as in MLIP's active sets and parameter vectors:
 *   radial_coeffs c[t_i][t_j][mu][k] row-major (S^2 K R), species_coeffs (S), moment_coeffs (ns);
 * n = mtp_potential_info.ncoeff of them.  These rows are what extrapolation grades and active sets
 * are made of (mtp_grade.h, mtp_maxvol.h).
 */
#pragma once

#include "mtp/mtp_potential.h"

/* mtp_gradient_sites - dV_i/dtheta of the local atoms first .. first+count-1
 *
 * Not collective.
 * In:   nb     a list with cutoff >= the potential's; types 0..S-1
 *       first >= 0, count >= 0, first + count <= nb->nlocal
 * Out:  rows   [count,n, eV per unit of the coefficient] every number is set
 *
 *   dV_i/dc[t_i][t][mu][k] = sum_{j of type t} Q_k(r_ij) sum_{q basic, of this mu} G_q u^(a,b,c)
 *   dV_i/de[t]             = delta(t, t_i)
 *   dV_i/dw_k              = M[mapping_k]
 *
 * with G_q = dV_i/dM_q at the present coefficients: V_i is linear in e and w, not in c.  The wall
 * of RBChebyshev_repuls has no coefficients.
 * Returns the errors of mtp_potential_evaluate(), and PETSC_ERR_ARG_OUTOFRANGE for atoms that the
 * list does not have.
 * Source: E. V. Podryabinkin, A. V. Shapeev, Comput. Mater. Sci. 140, 171 (2017),
 * doi:10.1016/j.commatsci.2017.08.031, there for the linear coefficients.
 * Cost: about that of the energy and forces in the same reference code, without n numbers an atom.
 * Verified by: tests/verify/test_mtp_gradient.c (central differences in every coefficient). */
PetscErrorCode mtp_gradient_sites(const mtp_potential *pot, const mtp_neighbors *nb, PetscInt first,
                                  PetscInt count, PetscReal rows[]);
