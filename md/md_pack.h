/* md/md_pack.h - starting configurations: packed at random or from a file; frames to a file
 *
 * Nothing here is collective.
 */
#pragma once

#include "md/md_atoms.h"
#include "md/md_rng.h"

typedef struct {
  PetscInt nspecies;
  const PetscInt *count;     /* [nspecies] atoms of each species, >= 0 */
  const PetscReal *mass;     /* [nspecies, eV fs^2/Å^2] */
  const PetscReal *min_dist; /* [nspecies,nspecies, Å] symmetric: pairs are pushed apart to these */
  PetscReal volume;          /* [Å^3] of the cubic cell */
  md_rng rng;
} md_pack_spec;

/* md_pack_random - random positions in a cube, pushed apart until no pair is closer than min_dist
 *
 * In:   spec   borrowed for the call
 * Out:  atoms  overwritten; species in blocks, positions in the cell, velocities and forces zero;
 *              the caller frees it with md_atoms_clear(), also after an error
 *       worst  smallest ratio r_ij / min_dist_ij reached, images included; 1 means all satisfied
 *
 * Deterministic in (spec).  A density that cannot be reached is a physical outcome, seen in *worst;
 * the best configuration found is handed out.  PETSC_ERR_ARG_OUTOFRANGE for nonsense (no atoms,
 * volume <= 0, a distance that is negative or not symmetric).
 * Method: the energy sum of (d_ij - r_ij)^2 / 2 over pairs closer than d_ij = 1.02 min_dist_ij is
 * minimised by FIRE; when it comes to rest with overlaps, the worst placed atoms are put elsewhere.
 * Source: Bitzek et al., Phys. Rev. Lett. 97, 170201 (2006), doi:10.1103/PhysRevLett.97.170201.
 * Cost: O(n) a step; some hundred steps at the density of a melt.
 * Verified by: tests/unit/md/test_md_pack.c */
PetscErrorCode md_pack_random(const md_pack_spec *spec, md_atoms *atoms, PetscReal *worst);

/* md_atoms_read - a starting configuration from a file: .cfg, .xyz/.extxyz or LAMMPS data (.data,
 * .lmp), told by the ending of the name
 *
 * In:   species [nspecies]  element symbols; types become indices into it (.cfg: are such indices)
 *       mass    [nspecies, eV fs^2/Å^2]
 * Out:  atoms   overwritten; velocities and forces zero; of several configurations the last one;
 *               empty (n = 0, no arrays) when there is a problem
 *       diag    problems: "path:line: ...", three lattice vectors are wanted among others
 * Returns 0 also for bad input.  Verified by: tests/unit/md/test_md_xyz.c */
PetscErrorCode md_atoms_read(const char *path, PetscInt nspecies, const char *const species[],
                             const PetscReal mass[], md_atoms *atoms, mtp_diag *diag);

/* md_atoms_write_xyz - appends a frame in extended XYZ
 *
 * In:   species [atoms->nspecies]  element symbols
 *       time    [fs], energy [eV]  written as Time and energy
 * Positions are unwrapped [Å], velocities in Å/fs (column vel), 17 significant digits.
 * PETSC_ERR_FILE_WRITE when the stream fails.  Verified by: tests/unit/md/test_md_xyz.c */
PetscErrorCode md_atoms_write_xyz(const md_atoms *atoms, const char *const species[],
                                  PetscReal time, PetscReal energy, FILE *out);
