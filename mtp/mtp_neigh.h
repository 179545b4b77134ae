/* mtp/mtp_neigh.h - ghost images of a periodic cell and full neighbour lists by linked cells
 *
 * Kernels never apply a minimum image: every periodic image within reach of the cell is a ghost atom with a
 * position of its own, so that cells thinner than the cut-off (an atom is its own neighbour's image, several times)
 * need no special case.  Local atoms are 0..nlocal-1, ghosts nlocal..nall-1; ghost g is the image of local atom
 * parent[g - nlocal], displaced by shift . h from nb->x of the parent.  The list is full: j stands in i's row and i in j's.  Rows are sorted by
 * (parent, shift), so that the order of summation does not depend on how the cell was searched.
 *
 * The list holds pairs closer than cutoff + skin at the build.  It stays valid while no pair that was left out can
 * have come closer than the cut-off: mtp_neighbors_stale() decides from displacements AND the change of the cell.
 */
#pragma once

#include <petscsys.h>

typedef struct {
  PetscInt nlocal, nghost, nall;
  PetscInt nperiodic;       /* the first nperiodic rows of h are periodic */
  PetscReal cutoff, skin;   /* [Å] */
  PetscReal h[3][3];        /* [Å] current cell */
  PetscInt (*wrap)[3];      /* [nlocal] lattice translation that brought a local atom into the cell at the build */
  PetscReal *x;             /* [nall,3, Å] current positions: x + wrap . h of the caller's atoms, then ghosts */
  PetscInt *type;           /* [nall] */
  PetscInt *parent;         /* [nghost] local index */
  PetscInt (*shift)[3];     /* [nghost] lattice translation */
  PetscInt *first;          /* [nlocal+1] row i is index[first[i] .. first[i+1]-1] */
  PetscInt *index;          /* [first[nlocal]] 0..nall-1 */
  PetscReal h_build[3][3];  /* cell at the build */
  PetscReal *x_build;       /* [nlocal,3, Å] positions at the build */
  size_t capacity_all, capacity_index; /* allocated */
} mtp_neighbors;

/* mtp_neighbors_build - (re)builds ghosts and rows
 *
 * Not collective.
 * In:   n, x [n,3, Å], type [n]   local atoms; positions may lie anywhere (unwrapped trajectories): they are wrapped inside
 *       h, nperiodic              rows of h are lattice vectors; rows >= nperiodic are not periodic
 *       cutoff > 0, skin >= 0     [Å]
 * Out:  nb  start with {0}; storage is reused between builds; mtp_neighbors_clear() frees it
 * Returns PETSC_ERR_ARG_OUTOFRANGE for a singular cell or a non-finite position;
 * PETSC_ERR_MEM-like errors when a list would exceed 2^31 entries.
 * Cost: O(n + ghosts) with linked cells of edge >= cutoff + skin.
 * Verified by: tests/unit/mtp/test_mtp_neigh.c (all pairs in skewed and thin cells). */
PetscErrorCode mtp_neighbors_build(PetscInt n, const PetscReal x[], const PetscInt type[], const PetscReal h[3][3],
                                   PetscInt nperiodic, PetscReal cutoff, PetscReal skin, mtp_neighbors *nb);

/* Takes new local positions and a new cell for the same list; ghosts follow as parent + shift . h. */
PetscErrorCode mtp_neighbors_update(const PetscReal x[], const PetscReal h[3][3], mtp_neighbors *nb);

/* PETSC_TRUE when a pair that is not in the list may be closer than the cut-off.  With F the map of the cell since the
 * build and d_i the displacement from the affinely moved position, the list is valid while
 * (cutoff + skin) * smallest stretch of F - 2 max d_i >= cutoff. */
PetscBool mtp_neighbors_stale(const PetscReal x[], const PetscReal h[3][3], const mtp_neighbors *nb);

/* Adds what fell on ghosts to their parents: a[parent] += a[ghost], `width` numbers an atom. */
void mtp_neighbors_fold(const mtp_neighbors *nb, PetscInt width, PetscReal a[]);

PetscErrorCode mtp_neighbors_clear(mtp_neighbors *nb);
