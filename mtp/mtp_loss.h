/* mtp/mtp_loss.h - how far a potential is from energies, forces and stresses that it should have
 *
 * With K configurations, N atoms in each, and weights v of configurations:
 *
 *   L = 1/K sum v { w_E / N^p (E - E0)^2 + w_F / N^q sum_i |F_i - F0_i|^2
 *                   + w_S / N sum_ab (W_ab - W0_ab)^2 } + w_c P
 *   P = sum_mu (|c_mu|^2 - 1)^2 + sum_{mu < mu'} (c_mu . c_mu')^2
 *
 * c_mu are all radial coefficients of one mu.  P holds what no data can: c and w may exchange
 * factors.  What a configuration does not have (energy, forces, stress) is left out of its sum.
 * The sums are those of MLIP-3 (mtp/README.md), so that errors and times can be compared.
 *
 * Configurations are spread over the ranks of a communicator: each rank adds its own.
 */
#pragma once

#include "mtp/mtp_config.h"
#include "mtp/mtp_potential.h"

typedef struct {
  PetscReal energy, force, stress; /* w_E, w_F, w_S */
  PetscReal scaling;               /* p */
  PetscReal scaling_forces;        /* q */
  PetscReal norm;                  /* w_c */
} mtp_loss_weights;
#define MTP_LOSS_WEIGHTS_DEFAULT                                                                   \
  {                                                                                                \
    .energy = 1.0, .force = 0.01, .stress = 0.001, .scaling = 1.0, .norm = 1e-6                    \
  }

/* How far off: n numbers, root of the mean square, mean and largest modulus. */
typedef struct {
  PetscInt n;
  PetscReal rmse, mae, max;
} mtp_loss_error;

typedef struct {
  mtp_loss_error energy; /* [eV per atom] */
  mtp_loss_error force;  /* [eV/Å] components */
  mtp_loss_error stress; /* [eV/Å^3] components of W / V; periodic in three directions only */
} mtp_loss_errors;

typedef struct mtp_loss mtp_loss;

/* mtp_loss_create - an empty sum over the ranks of comm; collective */
PetscErrorCode mtp_loss_create(MPI_Comm comm, const mtp_loss_weights *weights, mtp_loss **loss);
PetscErrorCode mtp_loss_destroy(mtp_loss **loss);

/* mtp_loss_add - one configuration of this rank
 *
 * Not collective.
 * In:   pot     trained, says the cut-off and which types there are; its coefficients do not matter
 *       where   names the configuration in messages
 *       config  copied; with at least one of energy, forces, stress
 *       weight  v >= 0
 * Out:  diag    what is wrong with it: it is then not added */
PetscErrorCode mtp_loss_add(mtp_loss *loss, const mtp_potential *pot, const char *where,
                            const mtp_config *config, PetscReal weight, mtp_diag *diag);

/* What is added from now on belongs to group >= 0 (0 at first), which only mtp_loss_measure() looks
   at. */
void mtp_loss_set_group(mtp_loss *loss, PetscInt group);

/* Configurations and atoms of all ranks; collective. */
PetscErrorCode mtp_loss_size(mtp_loss *loss, PetscInt *nconfig, PetscInt *natom);

/* mtp_loss_evaluate - L and its derivatives at the coefficients of pot
 *
 * Collective; the results are the same to the bit on all ranks.
 * Out:  value     L
 *       gradient  [ncoeff] dL/dtheta, order of mtp_gradient.h; NULL: not wanted
 * L is not finite where two atoms are in one place.
 * Cost: forces by the best kernel, and mtp_tangent_add() for the gradient.
 * Source: I. S. Novikov et al., Mach. Learn.: Sci. Technol. 2, 025002 (2021),
 * doi:10.1088/2632-2153/abc9fe, and the files of MLIP-3 for the powers of N.
 * Verified by: tests/unit/mtp/test_mtp_loss.c (against the sums written out, central differences,
 * 1, 2 and 3 ranks). */
PetscErrorCode mtp_loss_evaluate(mtp_loss *loss, const mtp_potential *pot, PetscReal *value,
                                 PetscReal gradient[]);

/* mtp_loss_measure - errors of the potential's predictions, all configurations alike; collective
 *
 * In:   group    of which group; -1: of all
 * Out:  species  [nspecies] of forces on atoms of each species; NULL: not wanted
 * Verified by: tests/unit/mtp/test_mtp_loss.c */
PetscErrorCode mtp_loss_measure(mtp_loss *loss, const mtp_potential *pot, PetscInt group,
                                mtp_loss_errors *errors, mtp_loss_error species[]);

/* The linear part of a loss at given radial coefficients: L = |y - y0|^2 + what is left, with
 * w = T y for w = (e, w).  In the coordinates y the loss is a sphere. */
typedef struct {
  PetscInt n;    /* linear coefficients, S + number of scalars */
  PetscInt rank; /* directions that the data see, at most n */
  PetscReal *T;  /* [rank][n] owned; column r of T is T[r * n ...] */
} mtp_loss_linear;
PetscErrorCode mtp_loss_linear_clear(mtp_loss_linear *linear);

/* mtp_loss_solve_linear - the species and moment coefficients that make L smallest, others kept
 *
 * Collective; pot is changed to the same bits on all ranks.
 * A weighted linear least-squares problem of one row for each number, by orthogonal triangular
 * factorisation piece by piece (never by normal equations, which would lose half of the digits),
 * columns scaled to length 1, singular values below 1e-12 of the largest left out: scalars are
 * linearly dependent from level 16 on.
 * Out:  linear  start with {0}; mtp_loss_linear_clear() frees it; NULL: not wanted
 * Memory: derivatives of all moments by the neighbours of one atom, 3 nmoment numbers a neighbour.
 * Verified by: tests/unit/mtp/test_mtp_loss.c (coefficients of a known potential come back; the
 * gradient vanishes; the loss is a sphere in y). */
PetscErrorCode mtp_loss_solve_linear(mtp_loss *loss, mtp_potential *pot, mtp_loss_linear *linear);
