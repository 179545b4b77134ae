/* md/md_profile.h - temperature, velocity, density and composition of slabs along the third lattice
 * vector, in consecutive blocks of time
 *
 * The slabs are those of md_rnemd.h: equal parts of the fractional coordinate, so that they follow
 * a cell that changes.  Samples are summed into blocks; when MD_PROFILE_BLOCKS are full, neighbours
 * merge and the length doubles, as in properties/prop_series.h: memory is constant and a run of any
 * length is seen at 1/128 of it or finer.  Everything is kept as sums over atoms and samples, which
 * are linear: the ranks of a run sum up the atoms that they hold and are added when somebody reads
 * (md_profile_total), so that sampling needs no communication.
 *
 * With sums over the atoms of a slab and the samples of some blocks,
 *
 *   velocity     v = sum m v_x / sum m
 *   temperature  T = N/(N-1) (sum m |v|^2 - 2 u sum m v_x + u^2 sum m) / (3 k_B sum 1)
 *   density      sum m / (V/slabs summed over the samples)
 *   composition  sum over the atoms of one species / sum over all
 *
 * u is the velocity v of the slab over all blocks: flow along x is not heat.  Subtracting a mean
 * over the whole run, instead of the slab's momentum at each sample, takes no degree of freedom
 * away, but for the total momentum, which is zero: hence N/(N-1), N atoms in the system.  A slab in
 * which the flow rises by d from side to side is too hot by m d^2/(36 k_B).
 *
 * Verified by: tests/unit/md/test_md_profile.c, tests/verify/test_md_rnemd_ranks.c
 */
#pragma once

#include "md/md_run.h"

enum { MD_PROFILE_BLOCKS = 128 };

/* Numbers of a block that all ranks know alike; the sums of slabs follow them. */
typedef enum {
  MD_PROFILE_SAMPLES,
  MD_PROFILE_LENGTH, /* [Å] of the cell normal to the slabs, summed over samples */
  MD_PROFILE_AREA,   /* [Å^2] of a slab, likewise */
  MD_PROFILE_VOLUME, /* [Å^3] of the cell, likewise */
  MD_PROFILE_TIME,   /* [fs] since the sample before, likewise */
  MD_PROFILE_MOVED,  /* md_rnemd_tally.exchanged since the sample before, likewise */
  MD_PROFILE_NSHARED
} md_profile_shared;

/* Open struct; start with {0}, end with md_profile_clear(). */
typedef struct {
  PetscInt slabs, nspecies;
  PetscInt total;      /* atoms in the system; 0 before the first sample */
  PetscInt nblock;     /* complete blocks, < MD_PROFILE_BLOCKS */
  PetscInt64 length;   /* samples a block, a power of two */
  PetscInt64 npartial; /* samples in the block being filled, which is block[nblock] */
  PetscReal time;      /* [fs] of the last sample in its stage; negative: none yet */
  PetscReal exchanged; /* md_sample.exchanged then */
  PetscReal *mass;     /* [nspecies, eV fs^2/Å^2] owned */
  PetscReal *block;    /* [MD_PROFILE_BLOCKS, width] sums; owned.  width = MD_PROFILE_NSHARED +
                          slabs (2 + nspecies): shared numbers, then for every slab sum m |v|^2
                          [eV], sum m v_x [eV fs/Å] and the atoms of each species */
} md_profile;

/* md_profile_create - an empty profile of slabs >= 1 for atoms like these
 * Not collective.  PETSC_ERR_ARG_OUTOFRANGE for less than one slab. */
PetscErrorCode md_profile_create(PetscInt slabs, const md_atoms *atoms, md_profile *profile);

/* md_profile_observe - an md_observer with the profile as context; samples must be equally spaced
 *
 * It needs nothing but positions and velocities: md_run_observe_with(run, every, 0, ...).
 * Not collective.  The atoms of this rank.  Time and exchange since the sample before are not known
 * at the first sample, nor when the clock has been set back by a new stage: they are left out then,
 * and the flux is right all the same. */
PetscErrorCode md_profile_observe(const md_sample *sample, void *profile);

/* md_profile_total - the sum over the ranks of a run, for reading
 *
 * Collective on comm.  In: the profile of every rank, after the same samples.  Out: total, the same
 * on all ranks, freed by the caller; do not go on sampling into it.  PETSC_COMM_SELF: a copy. */
PetscErrorCode md_profile_total(const md_profile *profile, MPI_Comm comm, md_profile *total);

/* md_profile_save, md_profile_load - the state as bytes on rank 0, and back
 *
 * Collective on the ranks of the run (PETSC_COMM_SELF: one).  load goes into created profiles of
 * the same slabs and masses, else PETSC_ERR_FILE_UNEXPECTED on all ranks; the profile is as it was
 * or can only be cleared then.  Bit for bit with as many ranks as have saved; with others the sums
 * of slabs are added up on rank 0. */
PetscErrorCode md_profile_save(const md_profile *profile, MPI_Comm comm, md_blob *blob);
PetscErrorCode md_profile_load(md_profile *profile, MPI_Comm comm, md_blob *blob);
PetscErrorCode md_profile_clear(md_profile *profile);

typedef struct {
  PetscReal z;           /* [Å] of the middle of the slab above the bottom of the cell */
  PetscReal temperature; /* [K] NaN for a slab that was always empty */
  PetscReal velocity;    /* [Å/fs] along x; likewise */
  PetscReal density;     /* [eV fs^2/Å^5] of mass */
} md_profile_row;

/* md_profile_average - row [slabs], means over the complete blocks first..last-1
 * md_profile_error - row [slabs], their standard errors from the scatter of up to 16 groups of
 * consecutive blocks; z is 0.  They hold when a group is long against the slowest fluctuation of a
 * slab, the hydrodynamic mode of the cell: L^2/(4 pi^2 D) with D of heat or momentum.  NaN with
 * fewer than two blocks.
 * md_profile_composition - x [slabs,nspecies], mole fractions; NaN for an empty slab
 * md_profile_flux - exchanged / (2 A t): [eV/(fs Å^2)] of heat from slab 0, or [eV/Å^3] of x
 * momentum to slab 0, through each of the two sides; 0 without exchanges
 *
 * Not collective.  PETSC_ERR_ARG_OUTOFRANGE unless 0 <= first < last <= nblock. */
PetscErrorCode md_profile_average(const md_profile *profile, PetscInt first, PetscInt last,
                                  md_profile_row row[]);
PetscErrorCode md_profile_error(const md_profile *profile, md_profile_row row[]);
PetscErrorCode md_profile_composition(const md_profile *profile, PetscInt first, PetscInt last,
                                      PetscReal x[]);
PetscErrorCode md_profile_flux(const md_profile *profile, PetscInt first, PetscInt last,
                               PetscReal *flux);
