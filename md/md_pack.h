/* md/md_pack.h - starting configurations: packed at random or from a file; frames to a file
 *
 * Nothing here is collective.
 */
#pragma once

#include "md/md_atoms.h"
#include "md/md_rng.h"

/* What is packed: a molecule that keeps its shape, or a single atom.  Arrays are owned; start with
 * {0}, end with md_molecule_clear(). */
typedef struct {
  PetscInt n;
  PetscInt *type; /* [n] */
  PetscReal *x;   /* [n,3, Å] origin anywhere */
} md_molecule;

/* md_molecule_read - the geometry of a molecule from an .xyz file
 *
 * In:   species [nspecies]  element symbols; types become indices into it
 * Out:  molecule  overwritten; of several frames the first; empty when there is a problem
 *       diag      problems: "path:line: ...": an element that is not among the species, two atoms
 *                 closer than 0.5 Å
 * A cell in the file is not looked at.  Returns 0 also for bad input.
 * Verified by: tests/unit/md/test_md_pack_molecule.c */
PetscErrorCode md_molecule_read(const char *path, PetscInt nspecies, const char *const species[],
                                md_molecule *molecule, mtp_diag *diag);
PetscErrorCode md_molecule_clear(md_molecule *molecule);

/* Copies of one molecule. */
typedef struct {
  PetscInt count;              /* >= 0 */
  const md_molecule *molecule; /* borrowed */
  PetscReal low, high;         /* [Å] atoms are kept between these z; low == high: anywhere */
  const PetscReal *place;      /* [count,n,3, Å] where they stand and stay; NULL: packed */
} md_pack_kind;

typedef struct {
  PetscInt nspecies;
  const PetscReal *mass;     /* [nspecies, eV fs^2/Å^2] */
  const PetscReal *min_dist; /* [nspecies,nspecies, Å] symmetric; of different molecules */
  PetscInt nkind;
  const md_pack_kind *kind; /* [nkind] */
  PetscReal h[3][3];        /* [Å] rows are lattice vectors, any shape */
  md_rng rng;
} md_pack_cell;

/* md_pack_molecules - rigid molecules and atoms at random places and orientations, pushed apart
 * until no two atoms of different molecules are closer than min_dist
 *
 * In:   cell   borrowed for the call; with low < high the third vector of h is along z and the
 *              others are normal to it
 * Out:  atoms  overwritten; kinds in blocks, copy after copy, each with the atoms of its molecule
 *              in their order; a molecule is whole, its centre in the cell; velocities and forces
 *              are zero; the caller frees it with md_atoms_clear(), also after an error
 *       worst  smallest ratio r_ij / min_dist_ij reached, images included, also those of the same
 *              molecule; 1 means all satisfied.  Pairs of copies that have a place do not count
 *
 * Deterministic in (cell).  A density that cannot be reached is a physical outcome, seen in *worst;
 * the best configuration found is handed out.  Distances within a molecule are those of its
 * geometry to round-off.  Walls at low and high push softly: where it is crowded an atom may stand
 * a little beyond.  PETSC_ERR_ARG_OUTOFRANGE for nonsense (no atoms, a cell without volume, a
 * distance that is negative or not symmetric, walls in a cell that is not upright).
 * Method: the energy sum of (d_ij - r_ij)^2 / 2 over pairs closer than d_ij = 1.02 min_dist_ij is
 * minimised over centres and rotations by FIRE; when it comes to rest with overlaps, some of the
 * molecules in them are put elsewhere.  What is asked for is what PACKMOL asks for (Martínez et
 * al., J. Comput. Chem. 30, 2157 (2009), doi:10.1002/jcc.21224); the way there is another.
 * Source: Bitzek et al., Phys. Rev. Lett. 97, 170201 (2006), doi:10.1103/PhysRevLett.97.170201.
 * Cost: O(n) a step; some hundred steps at the density of a liquid.
 * Verified by: tests/unit/md/test_md_pack_molecule.c */
PetscErrorCode md_pack_molecules(const md_pack_cell *cell, md_atoms *atoms, PetscReal *worst);

/* Single atoms in a cube. */
typedef struct {
  PetscInt nspecies;
  const PetscInt *count;     /* [nspecies] atoms of each species, >= 0 */
  const PetscReal *mass;     /* [nspecies, eV fs^2/Å^2] */
  const PetscReal *min_dist; /* [nspecies,nspecies, Å] symmetric: pairs are pushed apart to these */
  PetscReal volume;          /* [Å^3] of the cubic cell */
  md_rng rng;
} md_pack_spec;

/* md_pack_random - md_pack_molecules() for single atoms in a cube; species in blocks
 * PETSC_ERR_ARG_OUTOFRANGE for nonsense (no atoms, volume <= 0, a bad distance).
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

/* md_atoms_append_xyz - one configuration more in a file, and why it is kept
 *
 * As md_atoms_write_xyz(), with reason="..." in the line of the frame.  For configurations that
 * active learning asks about: the last good one and the bad one.  Returns PETSC_ERR_FILE_OPEN or
 * PETSC_ERR_FILE_WRITE with path and reason.  Verified by: tests/unit/md/test_md_xyz.c */
PetscErrorCode md_atoms_append_xyz(const char *path, const md_atoms *atoms,
                                   const char *const species[], PetscReal time, PetscReal energy,
                                   const char *reason);
