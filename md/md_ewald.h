/* md/md_ewald.h - electrostatics of point charges in a periodic cell by a plain Ewald sum
 *
 * The energy of charges q_i in a neutral, periodic cell surrounded by a conductor (no surface term)
 * is
 *
 *   U = 1/2 sum'_ij,n k q_i q_j erfc(alpha r)/r            pairs of the neighbour list
 *     + 1/(2V) sum_K f(K) |S(K)|^2                         K = 2 pi (m1, m2, m3) h^-T, not 0
 *     - k alpha/sqrt(pi) sum_i q_i^2                       what the middle line has too much
 *
 * with k = e^2/(4 pi epsilon_0), f(K) = 4 pi k exp(-K^2/4 alpha^2)/K^2, S(K) = sum_j q_j exp(i K
 * r_j).  Cells may be triclinic; the set of K is made anew when the cell changes, so that it is a
 * function of the cell alone.
 *
 * alpha and the largest K follow from the cut-off r_c of the list and an accuracy: with p^2 =
 * ln(10/accuracy) both sums are cut where their terms carry the factor exp(-p^2), alpha = p/r_c and
 * |K| <= 2 alpha p.  What that means in numbers, root mean square error of the forces over their
 * root mean square in a disturbed crystal of NaCl: at most the accuracy
 * (tests/verify/test_md_ewald.c).
 *
 * Per atom, as sums over pairs with the energy halved between both (mtp_result):
 *
 *   U_i       = q_i/(2V) sum_K f(K) Re(exp(i K r_i) S*(K)) - k alpha/sqrt(pi) q_i^2 + pairs/2
 *   W_j[a][b] = q_j/(2V) sum_K f(K) Re(exp(i K r_j) S*(K)) (delta_ab - 2 K_a K_b/K^2 (1 + K^2/4
 *               alpha^2)) + pairs
 *
 * The second is the lattice sum of -r_a du/dr_b/2 of the smooth part, u(r) = k erf(alpha r)/r: the
 * Fourier transform of -r_a du/dr_b is d(K_b f)/dK_a.  It vanishes at r = 0: there is no self term.
 * Sums over pairs of charges converge conditionally; like the energy, both are those of
 * conducting surroundings (K = 0 left out), for which they do not depend on alpha.
 * Sources: Ewald, Ann. Phys. 369, 253 (1921), doi:10.1002/andp.19213690304; de Leeuw, Perram &
 * Smith, Proc. R. Soc. Lond. A 373, 27 (1980), doi:10.1098/rspa.1980.0135; for the heat current
 * Bernu & Vieillefosse, Phys. Rev. A 18, 2345 (1978), doi:10.1103/PhysRevA.18.2345.
 *
 * Cost: O(n K), K about V (2 p^2/r_c)^3/(24 pi^2): meant for at most MD_EWALD_MAX_IONS.
 * Not collective: all ions are on this rank.  Verified by: tests/verify/test_md_ewald.c
 */
#pragma once

#include "mtp/mtp_potential.h"

enum { MD_EWALD_MAX_IONS = 512 };

typedef struct md_ewald md_ewald;

/* charge [nspecies, e] is copied; cutoff > 0 [Å]; accuracy 1e-14 to 0.1.  PETSC_ERR_ARG_OUTOFRANGE
 * otherwise. */
PetscErrorCode md_ewald_create(PetscInt nspecies, const PetscReal charge[], PetscReal cutoff,
                               PetscReal accuracy, md_ewald **ewald);
PetscErrorCode md_ewald_destroy(md_ewald **ewald);
/* [1/Å] */
PetscReal md_ewald_alpha(const md_ewald *ewald);

/* The real part of one pair: energy [eV] and u'(r)/r [eV/Å^2] at distance r [Å]. */
void md_ewald_pair(const md_ewald *ewald, PetscInt ti, PetscInt tj, PetscReal r, PetscReal *u,
                   PetscReal *slope);

/* Adds the reciprocal sum and the self energy to energy, virial and the arrays of `out` that are
 * not NULL; forces and virials fall on local atoms.  PETSC_ERR_SUP for more than MD_EWALD_MAX_IONS
 * ions or a cell that is not periodic in three directions, PETSC_ERR_ARG_WRONG for a charged
 * cell. */
PetscErrorCode md_ewald_add_reciprocal(md_ewald *ewald, const mtp_neighbors *nb, mtp_result *out);
