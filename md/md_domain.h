/* md/md_domain.h - who owns which atom: bricks of the cell, cut so that all ranks have equal work
 *
 * Never included outside md/ and tests/unit/md.
 *
 * The unit cube of fractional coordinates is cut in two, each part again, until there are as many
 * bricks as ranks (recursive coordinate bisection; Berger & Bokhari, IEEE Trans. Comput. 36, 570
 * (1987), doi:10.1109/TC.1987.1676942).  Ranks first..end-1 are split at middle =
 * first + (end - first) / 2, across the longest edge of their brick, where the weight below is the
 * share of the ranks below: so that any number of ranks divides any cell, and a slab beside vacuum
 * is cut where the atoms are.  `middle` is different for every cut, 1..size-1, and names it.
 */
#pragma once

#include <petscsys.h>

/* Start with {0}, end with md__domain_clear(). */
typedef struct {
  PetscMPIInt size;
  int *axis;       /* [size] of the cut that separates rank m from those before; 0 is not used */
  PetscReal *at;   /* [size] fractional coordinate of that cut */
  PetscReal *low;  /* [size,3] fractional corners of the bricks, low <= s < high */
  PetscReal *high; /* [size,3] */
} md__domain;

/* Room for `size` ranks; nothing is cut yet. */
PetscErrorCode md__domain_create(PetscMPIInt size, md__domain *domain);
/* md__domain_cut - chooses the cuts
 * Collective on comm, whose ranks get the same bits.
 * In:  s [n,3] fractional coordinates in [0,1) of the atoms that are here, weight [n] of whole
 *      numbers >= 0 (NULL: 1 each), edge [3, Å] distances between the faces of the cell */
PetscErrorCode md__domain_cut(MPI_Comm comm, PetscInt n, const PetscReal s[],
                              const PetscReal weight[], const PetscReal edge[3],
                              md__domain *domain);
/* Bricks from axis[] and at[], which somebody has set. */
void md__domain_bricks(md__domain *domain);
PetscMPIInt md__domain_owner(const md__domain *domain, const PetscReal s[3]);
PetscErrorCode md__domain_clear(md__domain *domain);
