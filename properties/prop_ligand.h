/* properties/prop_ligand.h - how many neighbours atoms have, and at which angles
 *
 * Around every atom of a species (the centre) the neighbours of one species (ligands) are counted
 * and the angles ligand - centre - ligand of every two of them taken, out to a radius that need not
 * be known while the run lasts: counts are kept for radii in steps of PROP_LIGAND_STEP, angles by
 * the larger of the two distances.  The radius of the shell, from g(r) of all replicas, is put in
 * afterwards, between two steps by a straight line.  Periodic images are atoms like others, as in
 * prop_rdf.  Memory is constant, whatever the length of the run.
 */
#pragma once

#include "md/md_atoms.h"
#include "properties/prop_series.h"

#define PROP_LIGAND_STEP 0.1 /* [Å] */
enum {
  PROP_LIGAND_MOST = 12,  /* more ligands than this are counted together */
  PROP_LIGAND_ANGLES = 90 /* bins of 2 degrees */
};

typedef struct prop_ligand prop_ligand;

/* prop_ligand_create - an empty estimator
 *
 * None of the functions is collective.
 * In:   nspecies >= 1
 *       reach     [Å] largest radius, rounded down to steps; at least one step, else
 *                 PETSC_ERR_ARG_OUTOFRANGE
 * Out:  ligand    freed with prop_ligand_destroy() */
PetscErrorCode prop_ligand_create(PetscInt nspecies, PetscReal reach, prop_ligand **ligand);

/* prop_ligand_add - one more sample
 *
 * Builds a neighbour list of its own, as prop_rdf_add() does.  Returns PETSC_ERR_ARG_INCOMP for
 * another number of species, and what
 * mtp_neighbors_build() returns.
 * Cost: O(n m^2) for m ligands of one species within reach.
 * Verified by: tests/unit/properties/test_prop_ligand.c */
PetscErrorCode prop_ligand_add(prop_ligand *ligand, const md_atoms *atoms);

/* prop_ligand_save, prop_ligand_load - the state, bit for bit; load goes into an estimator created
 * with the same arguments, else PETSC_ERR_FILE_UNEXPECTED; it can then only be destroyed. */
PetscErrorCode prop_ligand_save(const prop_ligand *ligand, md_blob *blob);
PetscErrorCode prop_ligand_load(prop_ligand *ligand, md_blob *blob);

/* NULL-safe; sets *ligand to NULL. */
PetscErrorCode prop_ligand_destroy(prop_ligand **ligand);

PetscInt64 prop_ligand_samples(const prop_ligand *ligand);

/* prop_ligand_counts - shares of the centres a that have 0, 1, .. ligands b within r
 *
 * In:   a, b   0..nspecies-1, else PETSC_ERR_ARG_OUTOFRANGE
 *       r      [Å]; beyond the reach (or NaN) the shares are NaN
 * Out:  share  [PROP_LIGAND_MOST + 2] they add up to 1; the last is that of more than
 *              PROP_LIGAND_MOST ligands; NaN without a centre */
PetscErrorCode prop_ligand_counts(const prop_ligand *ligand, PetscInt a, PetscInt b, PetscReal r,
                                  PetscReal share[PROP_LIGAND_MOST + 2]);

/* prop_ligand_pairing - how the centres a are paired with b: what prop_ligand_counts() says of ions
 * and counter-ions
 *
 * In:   a, b, r  as above; r the first minimum of g_ab
 * Out:  share  [PROP_PAIRING] of the centres with no b within r (apart: separated by solvent or
 *              farther), with one (a contact pair), with two or more (in an aggregate); they add
 *              up to 1; NaN as above
 * Verified by: tests/unit/properties/test_prop_ligand.c */
typedef enum { PROP_APART, PROP_CONTACT, PROP_AGGREGATE, PROP_PAIRING } prop_pairing;
PetscErrorCode prop_ligand_pairing(const prop_ligand *ligand, PetscInt a, PetscInt b, PetscReal r,
                                   PetscReal share[PROP_PAIRING]);

/* prop_ligand_angles - distribution of the angles b - a - b, both b within r of a
 *
 * In:   a, b, r  as above
 * Out:  angle    [PROP_LIGAND_ANGLES, degrees] centres of the bins
 *       density  [PROP_LIGAND_ANGLES, 1/degree] its integral over the angle is 1; ligands at random
 *                have sin(angle)/2 a radian; NaN where there is no pair of ligands */
PetscErrorCode prop_ligand_angles(const prop_ligand *ligand, PetscInt a, PetscInt b, PetscReal r,
                                  PetscReal angle[PROP_LIGAND_ANGLES],
                                  PetscReal density[PROP_LIGAND_ANGLES]);
