/* md/md_potential.h - what pushes atoms: one interface for MTP and for potentials with exact answers
 *
 * Every potential works on an mtp_neighbors list and fills an mtp_result (mtp/mtp_potential.h) under the same
 * conventions: forces on locals and ghosts, W_ab = -sum r_b g_a, per-atom virial of the neighbour.
 */
#pragma once

#include "mtp/mtp_potential.h"

typedef struct md_potential md_potential;

typedef struct {
  const char *name;
  PetscErrorCode (*evaluate)(const void *data, const mtp_neighbors *nb, mtp_result *out);
  PetscErrorCode (*destroy)(void *data);
} md_potential_ops;

/* Open for those who add a potential; users call the functions below. */
struct md_potential {
  const md_potential_ops *ops;
  void *data;         /* owned */
  PetscReal cutoff;   /* [Å] */
  PetscReal min_dist; /* [Å] shortest distance the potential knows; 0: any */
  PetscInt nspecies;
};

/* Takes ownership of `pot` (set to NULL).  Refuses an untrained potential. */
PetscErrorCode md_potential_create_mtp(mtp_potential **pot, md_potential **out);
/* 12-6 Lennard-Jones for every pair, [nspecies,nspecies] epsilon [eV] and sigma [Å], truncated and shifted at the cut-off
 * (energy continuous; `force_shift` makes the force continuous too).  epsilon 0 is an ideal gas. */
PetscErrorCode md_potential_create_lj(PetscInt nspecies, const PetscReal epsilon[], const PetscReal sigma[], PetscReal cutoff,
                                      PetscBool force_shift, md_potential **out);
/* Harmonic pair springs between nearest images within the cut-off: k/2 (r - r0)^2 - constant so that U(cutoff) = 0,
 * [eV/Å^2, Å]: exact frequencies for two atoms.  */
PetscErrorCode md_potential_create_harmonic(PetscInt nspecies, PetscReal k, PetscReal r0, PetscReal cutoff, md_potential **out);
PetscErrorCode md_potential_evaluate(const md_potential *pot, const mtp_neighbors *nb, mtp_result *out);
PetscErrorCode md_potential_destroy(md_potential **pot);
