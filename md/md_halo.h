/* md/md_halo.h - atoms of other ranks that those of a rank see, and numbers between the two
 *
 * Never included outside md/ and tests/unit/md.  Used by runs on several ranks only.
 *
 * At a build of the neighbour list every rank offers the atoms that lie within reach of another
 * rank's brick, as images where that rank sees them; the other keeps those that are neighbours of
 * an atom of its own.  The kept ones are the leaves of a star forest (PetscSF) whose roots are the
 * atoms: positions go from roots to leaves, forces are summed from leaves to roots.  No leaf is a
 * root, so one exchange a direction is enough, whatever the cell, also where it is thinner than the
 * cut-off.
 */
#pragma once

#include "md/md_domain.h"
#include "mtp/mtp_neigh.h"
#include <petscsf.h>

enum { MD__WIDTHS = 10 }; /* numbers an atom that can be exchanged: 1..9 */

/* An atom as another rank sees it. */
typedef struct {
  PetscReal x[3];    /* [Å] of the image, in the frame of wrapped positions */
  PetscInt shift[3]; /* lattice translation from the wrapped atom to it */
  PetscInt index;    /* on its owner */
  PetscInt id, type;
} md__visitor;

typedef struct md__halo {
  MPI_Comm comm; /* PETSc's own copy: what is sent here meets nobody else's */
  PetscMPIInt tag;
  PetscMPIInt rank, size;
  md__domain domain;
  PetscSF sf;           /* of the list in use */
  PetscInt nremote;     /* leaves */
  md__visitor *visitor; /* [nremote] as they were at the build */
  MPI_Datatype width[MD__WIDTHS];
} md__halo;

PetscErrorCode md__halo_create(MPI_Comm comm, md__halo **halo);
PetscErrorCode md__halo_destroy(md__halo **halo);

/* md__halo_build - the list of the atoms of this rank, with neighbours on all ranks
 * Collective.  In: n, x [n,3, Å], type [n], id [n], h [Å] rows lattice vectors, cutoff, skin [Å];
 * atoms must be on the ranks that own them.  Out: nb, whose remote ghosts have the positions of
 * the build. */
typedef struct {
  PetscInt n;
  const PetscReal *x;
  const PetscInt *type, *id;
  PetscReal h[3][3], cutoff, skin;
} md__halo_input;
PetscErrorCode md__halo_build(md__halo *halo, const md__halo_input *in, mtp_neighbors *nb);
/* Positions of remote ghosts from those of the atoms, both in nb->x; cell from nb->h. */
PetscErrorCode md__halo_update(const md__halo *halo, mtp_neighbors *nb);
/* Remote part of md__spread() and md__fold(). */
PetscErrorCode md__halo_spread(const md__halo *halo, const mtp_neighbors *nb, PetscInt width,
                               PetscReal a[]);
PetscErrorCode md__halo_fold(const md__halo *halo, const mtp_neighbors *nb, PetscInt width,
                             PetscReal a[]);
