/* mtp/mtp_neigh.h - ghost images of a periodic cell and full neighbour lists by linked cells
 *
 * Kernels never apply a minimum image: every periodic image within reach of a local atom is a ghost
 * atom with a position of its own, so that cells thinner than the cut-off (an atom is its own
 * neighbour's image, several times) need no special case.  Local atoms are 0..nlocal-1, ghosts
 * nlocal..nall-1; ghost g is the image of local atom parent[g - nlocal], displaced by
 * shift[g - nlocal] . h from nb->x of the parent.  The list is full: j stands in i's row and i in
 * j's.  Rows are sorted by (type, parent, shift), where a local atom is its own parent with shift
 * 0, so that the order of summation does not depend on how the cell was searched and kernels find
 * the neighbours of one type together.  nb->x has room for one number more than 3 nall, so that a
 * kernel may load four at once.
 *
 * The list holds pairs closer than cutoff + skin at the build.  It stays valid while no pair that
 * was left out can have come closer than the cut-off: mtp_neighbors_stale() decides from
 * displacements AND the change of the cell.  A kernel skips the pairs beyond its own cut-off.
 *
 * Restart, bit for bit: everything in the list is a function of the arguments of the build and of
 * the last update.  mtp_neighbors_build() with the x_build and h_build that an earlier list
 * recorded, followed by mtp_neighbors_update() with the same x and h, gives the same nb->x and the
 * same rows to the last bit.  A checkpoint therefore keeps x_build and h_build.
 */
#pragma once

#include <petscsys.h>

typedef struct mtp_neigh_work mtp_neigh_work;

/* Open struct; start with {0}, end with mtp_neighbors_clear().  All arrays are owned. */
typedef struct {
  PetscInt nlocal, nghost, nall; /* nall = nlocal + nghost + nremote */
  PetscInt nremote;       /* ghosts that stand behind one's own: atoms of others, 0 in most lists */
  PetscInt nperiodic;     /* the first nperiodic rows of h are periodic */
  PetscReal cutoff, skin; /* [Å] */
  PetscReal h[3][3];      /* [Å] current cell */
  PetscInt (
      *wrap)[3];    /* [nlocal] lattice translation that took an atom into the cell at the build */
  PetscReal *x;     /* [nall,3, Å] current: x + wrap . h of the caller's atoms, then ghosts */
  PetscInt *type;   /* [nall] */
  PetscInt *parent; /* [nghost] local index */
  PetscInt (*shift)[3]; /* [nghost] lattice translation, not 0 */
  PetscInt *remote;     /* [nremote] which of the others it is; whoever owns it moves it in nb->x */
  PetscInt *first;      /* [nlocal+1] row i is index[first[i] .. first[i+1]-1] */
  PetscInt *index;      /* [first[nlocal]] 0..nall-1 */
  PetscReal h_build[3][3];
  PetscReal *x_build; /* [nlocal,3, Å] positions at the build, as the caller gave them */
  size_t capacity_local, capacity_all, capacity_index; /* allocated */
  mtp_neigh_work *work;                                /* scratch of the build, kept for the next */
} mtp_neighbors;

/* mtp_neighbors_build - (re)builds ghosts and rows
 *
 * Not collective.
 * In:   n >= 0, x [n,3, Å], type [n]  local atoms; positions may lie anywhere (unwrapped
 *                                     trajectories): they are wrapped inside
 *       h, nperiodic                  rows of h are lattice vectors; rows >= nperiodic are not read
 *       cutoff > 0, skin >= 0         [Å]
 * Out:  nb  start with {0}; storage is reused between builds; mtp_neighbors_clear() frees it
 * Returns PETSC_ERR_ARG_OUTOFRANGE for a singular cell, a position that is not finite or lies more
 * than 2^30 cells away, and for cutoff or skin out of range; PETSC_ERR_MEM when a list would exceed
 * PETSC_MAX_INT entries or memory ends.  After an error the list can only be built anew or cleared.
 * Cost: O(nlocal + nghost) by linked cells of the local atoms.
 * Verified by: tests/unit/mtp/test_mtp_neigh.c (all pairs in skewed and thin cells). */
PetscErrorCode mtp_neighbors_build(PetscInt n, const PetscReal x[], const PetscInt type[],
                                   const PetscReal h[3][3], PetscInt nperiodic, PetscReal cutoff,
                                   PetscReal skin, mtp_neighbors *nb);

/* mtp_neighbors_locate - where in a cell of three lattice vectors atoms are, as a build would say
 * In:   n, x [n,3, Å], h [3,3, Å]
 * Out:  s [n,3] fractional coordinates of the wrapped positions, 0 <= s < 1
 *       wrap [n] lattice translation that wraps; may be NULL
 *       edge [3, Å] distances between opposite faces; may be NULL
 * Positions must be finite and h regular: nothing is checked.
 * Verified by: tests/unit/mtp/test_mtp_neigh.c */
void mtp_neighbors_locate(PetscInt n, const PetscReal x[], const PetscReal h[3][3], PetscReal s[],
                          PetscInt (*wrap)[3], PetscReal edge[3]);

/* Atoms that other processes own, as candidates for neighbours: those of them that are within reach
 * of a local atom become ghosts nlocal + nghost .. nall-1, in the order given. */
typedef struct {
  PetscInt n;
  const PetscReal *x; /* [n,3, Å] where they are, as images near the wrapped local atoms: no further
                         images of them are looked for */
  const PetscInt *type; /* [n] */
} mtp_neigh_others;

/* mtp_neighbors_build_among - mtp_neighbors_build() in three periodic directions for a process that
 * owns only some of the atoms of a cell.  Rows are sorted by type, then local atoms and their own
 * images as above, then others.  mtp_neighbors_update() and mtp_neighbors_fold() leave the others
 * alone; mtp_neighbors_stale() answers for the local atoms: the list is valid while it is for every
 * process.  n = 0 has no neighbours.
 * Verified by: tests/unit/mtp/test_mtp_neigh.c */
PetscErrorCode mtp_neighbors_build_among(PetscInt n, const PetscReal x[], const PetscInt type[],
                                         const PetscReal h[3][3], PetscReal cutoff, PetscReal skin,
                                         const mtp_neigh_others *others, mtp_neighbors *nb);

/* Takes new local positions [nlocal,3, Å] and a new cell for the same list; ghosts follow as
 * parent + shift . h.  x must continue x_build: no atom may have been wrapped in between. */
PetscErrorCode mtp_neighbors_update(const PetscReal x[], const PetscReal h[3][3],
                                    mtp_neighbors *nb);

/* PETSC_TRUE when a pair that is not in the list may be closer than the cut-off.  With F the linear
 * map of the cell since the build (h = h_build F; the normals of a partly periodic cell turn with
 * it) and d_i the displacement from the affinely moved position, x_i - x_build_i F, the list is
 * valid while (cutoff + skin) * smallest stretch of F - 2 max d_i >= cutoff.
 * Positions that are not finite make it stale.  Cost: O(nlocal). */
PetscBool mtp_neighbors_stale(const PetscReal x[], const PetscReal h[3][3],
                              const mtp_neighbors *nb);

/* Adds what fell on ghosts to their parents: a[parent] += a[ghost], `width` numbers an atom.
 * a is [nall,width]; what stood on the ghosts remains there. */
void mtp_neighbors_fold(const mtp_neighbors *nb, PetscInt width, PetscReal a[]);

PetscErrorCode mtp_neighbors_clear(mtp_neighbors *nb);
