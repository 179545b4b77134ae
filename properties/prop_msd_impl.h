/* properties/prop_msd_impl.h - the struct behind prop_msd, for prop_msd.c and prop_diffusion.c
 *
 * Sample s (from 0) is entry s >> l of level l when 2^l divides s.  Entry m lies in slot m % 16 of
 * its level; before it is stored, the slots hold the entries m-16..m-1.  Lag index i = 16 l + k - 1
 * means k 2^l samples; for l > 0 only k > 8 are used.
 */
#pragma once

#include "properties/prop_msd.h"

struct prop_msd {
  PetscInt n, nspecies, nlevel;
  PetscInt *type;        /* [n] */
  PetscInt *natom;       /* [nspecies] */
  PetscReal sample_time; /* [fs] */
  PetscReal spacing;     /* [Å] (V/N)^(1/3) */
  PetscInt64 total;      /* samples expected */
  PetscInt64 nsample;    /* samples taken */
  PetscReal *ring;       /* [nlevel, PROP_MSD_LAGS, 3 n, Å] origins */
  PetscReal *sum;    /* [PROP_MSD_PARTS, 16 nlevel, nspecies, Å^2] over origins, of atom means */
  PetscInt64 *count; /* [PROP_MSD_PARTS, 16 nlevel] origins */
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
