/* mtp/mtp_tangent.h - derivatives by the coefficients of any mixture of energy, forces and virial
 *
 * A loss function has one derivative by each predicted number, weights for short: s of the energy,
 * lambda_i of the force on atom i, sigma of the virial.  The derivative of the loss by the
 * coefficients is then that of
 *
 *   J = s E + sum_i lambda_i . F_i + sum_ab sigma_ab W_ab
 *     = sum_i { s V_i + sum_j h_ij . g_ij },   h_ij = lambda_i - lambda_j - sigma r_ij
 *
 * with weights that do not change.  The sum over j is the derivative of V_i in the direction h_i,
 * so one pass forward with moments M and their derivatives M' in that direction, and one backward
 * through both, give all of them: no derivative of a single force by a coefficient is formed.
 */
#pragma once

#include "mtp/mtp_potential.h"

typedef struct {
  PetscReal energy;       /* s */
  const PetscReal *force; /* [nlocal,3] lambda; NULL: 0 */
  PetscReal virial[9];    /* sigma, row-major like mtp_result.virial */
} mtp_tangent_weights;

typedef struct mtp_tangent mtp_tangent;

/* mtp_tangent_create - tables and scratch for potentials of one shape
 *
 * Not collective.
 * In:   pot  only its tables are looked at, coefficients may change afterwards */
PetscErrorCode mtp_tangent_create(const mtp_potential *pot, mtp_tangent **tangent);
PetscErrorCode mtp_tangent_destroy(mtp_tangent **tangent);

/* mtp_tangent_add - adds dJ/dtheta
 *
 * Not collective.
 * In:   pot       the coefficients, of the shape that the tables were made for
 *       nb        a list with cutoff >= the potential's; types 0..S-1
 * In/out: gradient  [ncoeff, order of mtp_gradient.h]
 * The wall of RBChebyshev_repuls has no coefficients.
 * Returns the errors of mtp_potential_evaluate().
 * Memory: two times 8 (3 + K + monomials) numbers a neighbour and 4 a moment, for one atom.
 * Source: the chain rule; A. V. Shapeev, Multiscale Model. Simul. 14, 1153 (2016),
 * doi:10.1137/15M1054183 for the form.
 * Verified by: tests/verify/test_mtp_tangent.c (central differences in every coefficient). */
PetscErrorCode mtp_tangent_add(mtp_tangent *tangent, const mtp_potential *pot,
                               const mtp_neighbors *nb, const mtp_tangent_weights *weights,
                               PetscReal gradient[]);
