/* properties/prop_rdf_impl.h - the struct behind prop_rdf, for prop_rdf.c and prop_shell.c
 *
 * An unordered pair of species a <= b has the index b (b + 1) / 2 + a; bins of a pair lie together.
 * For a < b each pair of atoms is counted once (centre a), for a = b twice (each is a centre).
 */
#pragma once

#include "mtp/mtp_neigh.h"
#include "properties/prop_rdf.h"

struct prop_rdf {
  PetscInt nspecies, npair, nbin;
  PetscReal rmax;      /* [Å] */
  PetscBool merged;    /* holds other replicas: no blocks */
  PetscInt64 nsample;  /* samples taken */
  PetscInt64 *natom;   /* [nspecies] */
  PetscInt64 *count;   /* [npair, nbin] pairs in all samples */
  PetscReal *weighted; /* [npair, nbin, Å^3] sum of volume times pairs */
  PetscInt64 length;   /* samples a block, a power of two */
  PetscInt nblock;     /* complete blocks, < PROP_RDF_BLOCKS */
  PetscInt64 *block;   /* [PROP_RDF_BLOCKS, npair, nbin] pairs in complete blocks, then in the one
                          being filled */
  PetscInt64 *now;     /* [npair, nbin] scratch of one sample */
  mtp_neighbors nb;    /* scratch */
};

static inline size_t prop__rdf_size(const prop_rdf *rdf)
{
  return (size_t)rdf->npair * (size_t)rdf->nbin;
}

/* Where the bins of a pair begin, whatever the order of its species */
static inline size_t prop__rdf_pair(const prop_rdf *rdf, PetscInt a, PetscInt b)
{
  const PetscInt low = PetscMin(a, b), high = PetscMax(a, b);

  return (size_t)(high * (high + 1) / 2 + low) * (size_t)rdf->nbin;
}

/* [Å^3] volume of the shell of a bin */
static inline PetscReal prop__rdf_shell(const prop_rdf *rdf, PetscInt bin)
{
  const PetscReal dr = rdf->rmax / (PetscReal)rdf->nbin;
  const PetscReal k = (PetscReal)bin;

  return 4.0 / 3.0 * PETSC_PI * dr * dr * dr * (3.0 * k * (k + 1.0) + 1.0);
}

/* Number of pairs of atoms behind a count: the factor N_a N_b' */
static inline PetscReal prop__rdf_pairs(const prop_rdf *rdf, PetscInt a, PetscInt b)
{
  return (PetscReal)rdf->natom[a] * (PetscReal)(rdf->natom[b] - (a == b ? 1 : 0));
}
