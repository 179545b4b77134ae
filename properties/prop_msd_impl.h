/* properties/prop_msd_impl.h - the struct behind prop_msd, for prop_msd.c and prop_diffusion.c
 *
 * Sample s (from 0) is entry s >> l of level l when 2^l divides s.  Entry m lies in slot m % 16 of
 * its level; before it is stored, the slots hold the entries m-16..m-1.  Lag index i = 16 l + k - 1
 * means k 2^l samples; for l > 0 only k > 8 are used.
 *
 * nlevel, chunk and the numbers of origins are functions of nsample.  A level l > 0 exists once
 * level l-1 holds its entry 15; it first has a displacement at its entry 9.  An origin of level l
 * with a displacement therefore lies in a run longer than 9 2^l samples, whose parts are multiples
 * of 2^l long: each begins with an origin.
 */
#pragma once

#include "properties/prop_by_species.h"
#include "properties/prop_msd.h"

enum { PROP_MSD_FIRST_K = PROP_MSD_LAGS / 2 + 1 }; /* of levels above 0 */

typedef struct {
  PetscReal *ring; /* [PROP_MSD_LAGS, 3 n, Å] origins, atoms by species */
  PetscReal *sum;  /* [PROP_MSD_PARTS, PROP_MSD_LAGS, nspecies, Å^2] over origins, of atom means */
} prop__msd_level;

struct prop_msd {
  PetscInt n, nspecies;
  PetscInt *type; /* [n] */
  prop__by_species order;
  PetscReal *now;        /* [3 n, Å] scratch: a sample, atoms by species */
  PetscReal sample_time; /* [fs] */
  PetscReal spacing;     /* [Å] (V/N)^(1/3) */
  PetscInt64 nsample;    /* samples taken */
  PetscInt64 chunk;      /* samples a part: least power of two with nsample <= 16 chunk */
  PetscInt nlevel;
  prop__msd_level level[PROP_MSD_LEVELS]; /* [nlevel] owned */
};

/* Samples of lag index i */
static inline PetscInt64 prop__msd_lag(PetscInt i)
{
  return (PetscInt64)(i % PROP_MSD_LAGS + 1) << (i / PROP_MSD_LAGS);
}

static inline PetscInt prop__msd_nlag(const prop_msd *msd)
{
  return msd->nlevel * PROP_MSD_LAGS;
}

/* Parts with samples, the last of which may be incomplete; 0 without samples */
static inline PetscInt prop__msd_npart(const prop_msd *msd)
{
  return (PetscInt)((msd->nsample + msd->chunk - 1) / msd->chunk);
}

/* Multiples of 2^level in 0..n-1, n >= 0 */
static inline PetscInt64 prop__msd_multiples(PetscInt64 n, PetscInt level)
{
  return (n + ((PetscInt64)1 << level) - 1) >> level;
}

/* Origins in a part from which the samples so far reach lag index i */
static inline PetscInt64 prop__msd_count(const prop_msd *msd, PetscInt part, PetscInt i)
{
  const PetscInt level = i / PROP_MSD_LAGS, k = i % PROP_MSD_LAGS + 1;
  const PetscInt64 first = part * msd->chunk;
  const PetscInt64 end = PetscMin(first + msd->chunk, msd->nsample - prop__msd_lag(i));

  if (end <= first || (level > 0 && k < PROP_MSD_FIRST_K)) return 0;
  return prop__msd_multiples(end, level) - prop__msd_multiples(first, level);
}
