/* mtp/mtp_potential_impl.h - the struct behind mtp_potential; only for mtp/ and its tests */
#pragma once

#include "mtp/mtp_potential.h"

struct mtp_potential {
  char *name, *tag;            /* owned; "" when absent */
  PetscBool has_name, has_tag; /* line present in the file */
  mtp_format format;
  PetscInt nspecies;          /* S */
  PetscInt *species_label;    /* [S] */
  PetscReal scaling;          /* s * s2 of the file; the basis functions carry it */
  PetscReal min_dist, cutoff; /* [Å] */
  PetscBool repulsive;        /* RBChebyshev_repuls: f held below min_dist, a wall added */
  PetscInt radial_size;       /* R >= 2 */
  PetscInt radial_funcs;      /* K = 1 + largest mu */
  PetscReal *radial;          /* [S,S,K,R] c of (centre, neighbour, mu, k); NULL if untrained */
  PetscInt nmoment;           /* alpha_moments_count */
  PetscInt nbasic;            /* moments 0..nbasic-1 are basic */
  PetscInt (*basic)[4];       /* [nbasic] mu a b c */
  PetscInt ntimes;
  PetscInt (*times)[4]; /* [ntimes] p q m o: M_o += m M_p M_q, in this order */
  PetscInt nscalar;
  PetscInt *mapping;        /* [nscalar] moment of each scalar */
  PetscReal *species_coeff; /* [S, eV] NULL if untrained */
  PetscReal *moment_coeff;  /* [nscalar, eV] NULL if untrained */
  char *selection; /* [selection_size] bytes after the text, from "\n#MVS" on; NULL if none */
  size_t selection_size;
};
