/* mtp/mtp_eval_ref_impl.h - steps of the reference kernel that other plain code builds upon
 *
 * mtp_eval_ref.c defines them and evaluates with them; mtp_gradient.c takes the moments and their
 * adjoints of an atom for the derivatives by the coefficients.
 */
#pragma once

#include "mtp/mtp_potential_impl.h"

/* Arrays of one atom; [K][n] stands for K rows of `stride` numbers of which n are in use. */
typedef struct {
  PetscInt stride, n, rank;  /* rank: largest power of a component, at least 1 */
  PetscReal *storage;        /* all of the below */
  PetscReal *r, *inverse_r;  /* [n, Å] [n, 1/Å] */
  PetscReal *vector;         /* [3][n, Å] r_ij = x_j - x_i */
  PetscReal *f, *df;         /* [K][n] radial functions and their derivatives */
  PetscReal *power, *slope;  /* [3][rank+1][n] u^a and a u^(a-1) */
  PetscReal *gradient;       /* [3][n, eV/Å] g_ij */
  PetscReal *moment;         /* [nmoment] M */
  PetscReal *adjoint;        /* [nmoment, eV] G = dV_i/dM */
  PetscReal *basis, *dbasis; /* [R] Q_k and Q'_k of one neighbour */
  PetscInt *neighbour;       /* [n] index into the list's atoms */
} mtp_ref_work;

/* Row a of u^a (or of a u^(a-1)) along an axis: [n] */
static inline const PetscReal *mtp__ref_row(const mtp_ref_work *w, const PetscReal *table,
                                            PetscInt axis, PetscInt a)
{
  return table + (axis * (w->rank + 1) + a) * w->stride;
}

/* Room for the longest row of the list; mtp__ref_destroy() frees it. */
PetscErrorCode mtp__ref_create(const mtp_potential *pot, const mtp_neighbors *nb, mtp_ref_work *w);
PetscErrorCode mtp__ref_destroy(mtp_ref_work *w);
/* The errors of mtp_potential_evaluate(): untrained, unknown type, list too short. */
PetscErrorCode mtp__ref_check(const mtp_potential *pot, const mtp_neighbors *nb);
/* Neighbours of local atom i, radial functions, powers of the unit vectors, moments. */
void mtp__ref_moments(const mtp_potential *pot, const mtp_neighbors *nb, PetscInt i,
                      mtp_ref_work *w);
/* G = dV_i/dM after mtp__ref_moments(). */
void mtp__ref_adjoints(const mtp_potential *pot, mtp_ref_work *w);
/* Q_k(r) and dQ_k/dr, [R] each. */
void mtp__ref_radial_basis(const mtp_potential *pot, PetscReal r, PetscReal q[], PetscReal dq[]);
