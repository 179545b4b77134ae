/* screening/screen_start.h - the starting configuration of a fresh replica
 *
 * Packed at random, on a lattice, in regions one above the other, or read from a file.  Molecules
 * keep their shape.  Atoms come region after region; in a region first the molecules, component by
 * component in the order of the file, copy after copy, then single atoms, species by species.
 *
 * Distances.  Ions of opposite sign are pushed apart to 1.1 times the potential's shortest distance
 * and those of equal sign to 0.9 (V/n)^(1/3) with the n ions of that sign in a region of volume V
 * (the smallest of the regions), at least 1.1 of the potential's; without charges all to
 * 0.9 (V/N)^(1/3).  A pair with an atom of a molecule in it: 2.8 Å, 2.2 Å with one hydrogen, 2.0 Å
 * with two; beside molecules, ions of opposite sign start at least 2.2 Å apart and ions of equal
 * sign at most 4.5 Å.  Where that cannot be packed, distances shrink by steps of 7 % until it can:
 * to the potential's own shortest distance, or with molecules to 0.72 of where they began (2.0 Å
 * between heavy atoms).  A cell in which not even that can be had is an error.
 */
#pragma once

#include "screening/screen_cell.h"
#include "screening/screen_grid.h"

/* Taken for the shortest distance where there is no potential to ask: plans. */
#define SCREEN_SHORTEST_GUESS 2.0 /* [Å] */

/* What came out. */
typedef struct {
  PetscReal edge[3]; /* [Å] lengths of the cell's vectors */
  PetscReal density; /* [eV fs^2/Å^2 / Å^3] */
  PetscReal shrunk;  /* distances asked for, as a part of those one would like */
  PetscReal worst; /* smallest ratio of a distance to the one asked for; 1 in crystals and files */
} screen_start_report;

/* The random stream of a replica. */
md_rng screen_start_rng(const screen_point *point, PetscInt replica);

/* screen_start_build - atoms of a point
 *
 * Not collective.
 * In:   shortest  [Å] the shortest distance that the potential knows
 *       rng       stream of the replica
 * Out:  atoms     overwritten; whole counts of the point, velocities zero; the caller clears it,
 *                 also after an error
 *       report    may be NULL
 *
 * PETSC_ERR_ARG_OUTOFRANGE when it cannot be packed, a lattice does not have the sites that the
 * ions need, or a species on two sublattices has no charge; PETSC_ERR_FILE_UNEXPECTED with the
 * first problem when a file cannot be read any more or its atoms are not the point's.  From a file:
 * all replicas start from the same positions and differ by their velocities.
 * Verified by: tests/unit/screening/test_screen_start.c, tests/unit/screening/test_screen_job.c */
PetscErrorCode screen_start_build(const screen_campaign *campaign, const screen_point *point,
                                  PetscReal shortest, md_rng rng, md_atoms *atoms,
                                  screen_start_report *report);
/* The same with the shortest distance of `pot`. */
PetscErrorCode screen_start_create(const screen_campaign *campaign, const screen_point *point,
                                   const md_potential *pot, md_rng rng, md_atoms *atoms);

/* screen_start_molecules - which molecule an atom belongs to
 *
 * A pure function of campaign and point, so that it can be had whenever a trajectory or a result is
 * looked at: nothing travels with the atoms but their number in the whole system (md_atoms.id).
 * Out:  molecule  [natoms] by that number: 0, 1, ... molecules and single atoms in the order of the
 *                 atoms
 *       kind      [natoms] index into campaign->molecule; -1 for a single atom.  May be NULL
 * A file as the start tells nothing about molecules: each atom is one of its own then. */
PetscErrorCode screen_start_molecules(const screen_campaign *campaign, const screen_point *point,
                                      PetscInt molecule[], PetscInt kind[]);
