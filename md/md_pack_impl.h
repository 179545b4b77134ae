/* md/md_pack_impl.h - rigid bodies for the packing
 *
 * A body has a centre c and a rotation q; its atoms stand at c + R(q) y with y from the geometry,
 * so that distances within it are those of the geometry to round-off however many steps are taken.
 * Its six coordinates are scaled to unit mass: sqrt(n) c and sqrt(I) theta, where theta is a small
 * rotation about the centre and I = 2/3 sum |y|^2 the mean moment of inertia of unit masses.  The
 * forces on them are sum f / sqrt(n) and torque / sqrt(I).  A single atom is a body with n = 1 and
 * no rotation.
 */
#pragma once

#include "md/md_pack.h"

typedef struct {
  PetscInt first, n;      /* its atoms */
  const PetscReal *y;     /* [n,3, Å] from its centre, borrowed */
  PetscReal centre[3];    /* [Å] */
  PetscReal q[4];         /* unit quaternion, scalar part first */
  PetscReal root_n;       /* sqrt(n) */
  PetscReal root_inertia; /* [Å] sqrt(I); 0 for an atom */
  PetscReal radius;       /* [Å] largest |y| */
  PetscReal low, high;    /* [Å] walls; low == high: none */
  PetscBool fixed;
  PetscReal v[6], f[6]; /* speeds and forces of the scaled coordinates */
} md__body;

/* What depends on the geometry only. */
void md__body_shape(PetscInt n, const PetscReal y[], md__body *body);
/* Positions of its atoms into x [natoms,3]. */
void md__body_atoms(const md__body *body, PetscReal x[]);
/* Forces on its atoms, f [natoms,3], into body->f. */
void md__body_collect(md__body *body, const PetscReal x[], const PetscReal f[]);
/* Moves it by dt body->v, no coordinate of its centre further than `limit` [Å], nor an atom by the
 * rotation. */
void md__body_move(md__body *body, PetscReal dt, PetscReal limit);
