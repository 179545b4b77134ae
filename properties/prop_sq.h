/* properties/prop_sq.h - partial structure factors of species pairs
 *
 * S_ab(q) = 1 + N (<Re rho_a(q) rho_b(q)*> - delta_ab N_a) / (N_a N_b'),
 * rho_a(q) = sum over atoms i of species a of exp(i q r_i), N_b' = N_b - delta_ab, N = all atoms:
 * the form of Faber and Ziman, 1 for an ideal gas and for q without end, and the transform of g_ab
 * of prop_rdf.h,  S_ab(q) = 1 + 4 pi (N/V) int r^2 (g_ab(r) - 1) sin(q r)/(q r) dr.  That of
 * Ashcroft and Langreth is delta_ab + sqrt(c_a c_b) (S_ab - 1) but for terms of the order 1/N.
 *
 * The wave vectors are those of the instantaneous cell, q = 2 pi (k h^-T) for whole numbers k, one
 * of q and -q, sorted into shells of equal width by |q|.  Small shells are taken whole; of larger
 * ones about `most` vectors, others in each sample: the columns of fixed k_1, k_2 get a random
 * number each, and the vectors of a shell are taken from columns below what the shell may keep.
 *
 * For error bars, sums are also kept in up to PROP_SQ_BLOCKS equal blocks of time that merge in
 * pairs when full, as in prop_rdf.  Memory is constant, whatever the length of the run.
 *
 * Source: Faber & Ziman, Phil. Mag. 11, 153 (1965), doi:10.1080/14786436508211931; Ashcroft &
 * Langreth, Phys. Rev. 156, 685 (1967), doi:10.1103/PhysRev.156.685.
 */
#pragma once

#include "md/md_atoms.h"
#include "properties/prop_series.h"

enum { PROP_SQ_BLOCKS = 16 };

typedef struct prop_sq prop_sq;

/* prop_sq_create - an empty estimator
 *
 * None of the functions is collective.
 * In:   nspecies >= 1, qmax > 0 [1/Å], nshell >= 1, most >= 1, else PETSC_ERR_ARG_OUTOFRANGE
 * Out:  sq  freed with prop_sq_destroy() */
PetscErrorCode prop_sq_create(PetscInt nspecies, PetscReal qmax, PetscInt nshell, PetscInt most,
                              prop_sq **sq);

/* prop_sq_add - one more sample
 *
 * A function of the atoms and of the number of samples before it.  Returns PETSC_ERR_ARG_INCOMP
 * when the numbers of atoms of the species differ from those of the first sample.  Positions must
 * be finite and the cell regular.
 * Cost: O(nshell most n).
 * Verified by: tests/unit/properties/test_prop_sq.c, tests/verify/test_prop_sq_liquid.c */
PetscErrorCode prop_sq_add(prop_sq *sq, const md_atoms *atoms);

/* prop_sq_save, prop_sq_load - the state, bit for bit; load goes into an estimator created with the
 * same arguments, else PETSC_ERR_FILE_UNEXPECTED; it can then only be destroyed. */
PetscErrorCode prop_sq_save(const prop_sq *sq, md_blob *blob);
PetscErrorCode prop_sq_load(prop_sq *sq, md_blob *blob);

/* NULL-safe; sets *sq to NULL. */
PetscErrorCode prop_sq_destroy(prop_sq **sq);

PetscInt prop_sq_nshell(const prop_sq *sq);
PetscInt64 prop_sq_samples(const prop_sq *sq);

/* prop_sq_curve - the structure factor of a pair, of one replica
 *
 * In:   a, b   0..nspecies-1, else PETSC_ERR_ARG_OUTOFRANGE
 * Out:  q      [nshell, 1/Å] centres of the shells
 *       s      [nshell] NaN in shells without a vector, and for a pair that does not exist
 *       error  [nshell] one standard error: the larger of the scatters of blocks and of pairs of
 *              blocks; NaN with fewer than 4 blocks that have vectors in the shell */
PetscErrorCode prop_sq_curve(const prop_sq *sq, PetscInt a, PetscInt b, PetscReal q[],
                             PetscReal s[], PetscReal error[]);

/* prop_block_error - standard error of a mean from n means of adjoining blocks of equal length: the
 * larger of the scatter of blocks and of that of pairs of them; NaN for n < 4 and without scatter
 * Verified by: tests/unit/properties/test_prop_sq.c */
PetscReal prop_block_error(PetscInt n, const PetscReal x[]);
