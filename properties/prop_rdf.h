/* properties/prop_rdf.h - radial distribution functions and coordination numbers of species pairs
 *
 * g_ab(r) = <V n_ab(r)> / (N_a N_b' v(r)), N_b' = N_b - delta_ab: n_ab is the number of ordered
 * pairs, an atom of species a and an atom of species b or a periodic image of one, in a shell with
 * the exact volume v(r) = 4 pi (r_outer^3 - r_inner^3) / 3; V is the instantaneous volume.
 * Distances come from full neighbour lists with ghosts, so r may exceed half the cell.  (An atom's
 * own images count too: in a lattice they are neighbours like others.)
 *
 * Whole counts are kept beside the volume-weighted sums: coordination numbers are exact, and equal
 * in a cell and in its replica.  For error bars, counts are also kept in up to PROP_RDF_BLOCKS
 * equal blocks of time that merge in pairs when full, as in prop_series.
 */
#pragma once

#include "md/md_atoms.h"
#include "properties/prop_series.h"

enum { PROP_RDF_BLOCKS = 16 };

typedef struct prop_rdf prop_rdf;

/* prop_rdf_create - an empty estimator
 *
 * None of the functions is collective.
 * In:   nspecies >= 1, rmax > 0 [Å], nbin >= 1, else PETSC_ERR_ARG_OUTOFRANGE
 * Out:  rdf  freed with prop_rdf_destroy() */
PetscErrorCode prop_rdf_create(PetscInt nspecies, PetscReal rmax, PetscInt nbin, prop_rdf **rdf);

/* prop_rdf_add - one more sample
 *
 * Builds a neighbour list of its own, from the atoms alone: nothing depends on the list that the
 * dynamics used.  Returns PETSC_ERR_ARG_INCOMP when the numbers of atoms of the species differ from
 * those of the first sample, PETSC_ERR_ARG_WRONGSTATE after prop_rdf_merge(), and what
 * mtp_neighbors_build() returns for a singular cell or a position that is not finite.
 * Cost: O(n (n/V) rmax^3).
 * Verified by: tests/unit/properties/test_prop_rdf.c, tests/verify/test_prop_structure.c */
PetscErrorCode prop_rdf_add(prop_rdf *rdf, const md_atoms *atoms);

/* prop_rdf_merge - adds the samples of another replica of the same point
 *
 * Error bars belong to replicas: prop_rdf_estimate() of the merged `into` has none.
 * Returns PETSC_ERR_ARG_INCOMP for another rmax, nbin, number of species or of atoms. */
PetscErrorCode prop_rdf_merge(prop_rdf *into, const prop_rdf *from);

/* prop_rdf_save, prop_rdf_load - the state, bit for bit; load goes into an estimator created with
 * the same arguments, else PETSC_ERR_FILE_UNEXPECTED; it can then only be destroyed. */
PetscErrorCode prop_rdf_save(const prop_rdf *rdf, md_blob *blob);
PetscErrorCode prop_rdf_load(prop_rdf *rdf, md_blob *blob);

/* NULL-safe; sets *rdf to NULL. */
PetscErrorCode prop_rdf_destroy(prop_rdf **rdf);

PetscInt prop_rdf_nbin(const prop_rdf *rdf);
PetscInt64 prop_rdf_samples(const prop_rdf *rdf); /* of all replicas merged */

/* prop_rdf_curve - g and the running coordination number
 *
 * In:   a, b  0..nspecies-1 (centre, neighbour), else PETSC_ERR_ARG_OUTOFRANGE
 * Out:  r  [nbin, Å] bin centres
 *       g  [nbin] NaN when the pair does not exist (N_a N_b' = 0) or nothing was sampled
 *       n  [nbin] neighbours b around a up to the bin's outer edge; NaN without a or samples */
PetscErrorCode prop_rdf_curve(const prop_rdf *rdf, PetscInt a, PetscInt b, PetscReal r[],
                              PetscReal g[], PetscReal n[]);

/* prop_rdf_coordination - the first shell
 *
 * Out:  r_peak, r_min  [Å] first maximum and following minimum of g
 *       number         neighbours b around a up to r_min
 *       found          PETSC_FALSE when g has no clear first shell; the numbers are NaN then
 *
 * Method: g is smoothed with a Gaussian of 0.08 Å, or 0.7 of a bin where that is more.  A maximum
 * counts when it exceeds 1 and the curve then falls, a minimum when the curve then rises, by at
 * least 0.05 and 4 standard errors of counting.  A minimum that is a plateau (zero between lattice
 * shells) is taken in its middle.  A parabola through three points refines both.
 * Verified by: tests/verify/test_prop_structure.c */
PetscErrorCode prop_rdf_coordination(const prop_rdf *rdf, PetscInt a, PetscInt b, PetscReal *r_peak,
                                     PetscReal *r_min, PetscReal *number, PetscBool *found);

/* prop_rdf_estimate - the first shell of one replica with error bars
 *
 * In:   rdf    one replica, not merged
 *       shell  where the shell is looked for: the merged replicas, so that all count up to the same
 *              r_min; may be `rdf`
 * Out:  peak    [Å] maximum of this replica's own g next to that of `shell`
 *       number  neighbours b around a up to r_min of `shell`
 *       found   as above, for `shell`; peak and number are without data (NaN, neff 0) otherwise
 *
 * error: scatter of the blocks, the larger of s/sqrt(n) for single blocks and for pairs of them;
 * a block's number is counted up to its own minimum next to r_min, so that the error knows how well
 * r_min is known.  neff = (s/error)^2.  Fewer than 4 blocks: NaN, neff 0.  FEW_SAMPLES: neff <
 * PROP_NEFF_MIN, as always in a single replica.
 * Returns PETSC_ERR_ARG_INCOMP when the two do not have the same bins.
 * Verified by: tests/verify/test_prop_structure.c */
PetscErrorCode prop_rdf_estimate(const prop_rdf *rdf, const prop_rdf *shell, PetscInt a, PetscInt b,
                                 prop_estimate *peak, prop_estimate *number, PetscBool *found);
