/* md/md_lattice.h - crystals as starting points: lattices by name, replicated and filled
 *
 * A lattice is an orthorhombic conventional cell with sites on one or two sublattices.  Ions of one
 * sign go on one of them, everything in a metal on the only one; species that share a sublattice
 * are shuffled.  Where there are fewer atoms than sites the last layers along z stay empty, so that
 * a slab can have any number of atoms.
 *
 * Nothing here is collective.  Verified by: tests/unit/md/test_md_lattice.c (nearest neighbours and
 * coordination numbers of each lattice).
 */
#pragma once

#include "md/md_rng.h"

enum { MD_LATTICE_SITES = 12 };

typedef struct {
  const char *name;
  PetscReal shape[3]; /* edges of the conventional cell, in units of the first */
  PetscInt nsite;     /* in the conventional cell */
  PetscInt count[2];  /* of them on each sublattice; count[1] == 0: there is one only */
  PetscReal site[MD_LATTICE_SITES][3]; /* fractions of the edges, sublattice 0 first */
} md_lattice;

/* "rocksalt", "fluorite", ...; NULL when there is no such lattice.  Static storage. */
const md_lattice *md_lattice_find(const char *name);
/* The k-th of all, NULL after the last. */
const md_lattice *md_lattice_get(PetscInt k);

/* md_lattice_replicate - how often the conventional cell stands along each edge
 * In:   wanted  > 0, number of sites
 *       shape   of the block: its edges in units of any length
 * Out:  n       the product of the numbers times nsite is near to `wanted` and the edges are near
 *               to `shape`: the sum of the relative miss of the sites and twice the largest
 *               relative difference between edges, both as logarithms, is the smallest */
void md_lattice_replicate(const md_lattice *lattice, PetscReal wanted, const PetscReal shape[3],
                          PetscInt n[3]);

typedef struct {
  const md_lattice *lattice;
  PetscInt n[3];             /* conventional cells along each edge, >= 1 */
  PetscReal edge[3], low[3]; /* [Å] of the block and its lower corner: cells fill it evenly */
  PetscInt nspecies;
  const PetscInt *count;      /* [nspecies] atoms */
  const PetscInt *sublattice; /* [nspecies] 0 or 1 */
  md_rng rng;
} md_crystal;

/* md_crystal_fill - atoms on the sites of a block
 * Out:  x  [sum of count, 3, Å] species in blocks
 * Returns PETSC_ERR_ARG_OUTOFRANGE when a sublattice has fewer sites than atoms; nothing is written
 * then. */
PetscErrorCode md_crystal_fill(const md_crystal *crystal, PetscReal x[]);
