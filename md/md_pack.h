/* md/md_pack.h - starting configurations */
#pragma once

#include "md/md_atoms.h"
#include "md/md_rng.h"

typedef struct {
  PetscInt nspecies;
  const PetscInt *count;      /* [nspecies] atoms of each species, >= 0 */
  const PetscReal *mass;      /* [nspecies, eV fs^2/Å^2] */
  const PetscReal *min_dist;  /* [nspecies,nspecies, Å] symmetric: pairs are pushed apart to these distances */
  PetscReal volume;           /* [Å^3] of the cubic cell */
  md_rng rng;
} md_pack_spec;

/* md_pack_random - random positions in a cube, pushed apart until no pair is closer than min_dist
 *
 * Deterministic in (spec).  Sources of trouble are physical outcomes: *worst is the smallest ratio
 * r_ij / min_dist_ij reached; 1 means all satisfied.  PETSC_ERR_ARG_OUTOFRANGE for nonsense (no atoms, volume <= 0).
 * Verified by: tests/unit/md/test_md_pack.c */
PetscErrorCode md_pack_random(const md_pack_spec *spec, md_atoms *atoms, PetscReal *worst);

/* md_atoms_read - a starting configuration from a file: .cfg, .xyz/.extxyz or LAMMPS data (.data, .lmp; atom styles
 * atomic and charge, triclinic cells; real species by `species` order or by Masses comments)
 * Types become indices into `species` (element symbols).  Problems go to diag; atoms stay empty then. */
PetscErrorCode md_atoms_read(const char *path, PetscInt nspecies, const char *const species[], const PetscReal mass[],
                             md_atoms *atoms, mtp_diag *diag);
PetscErrorCode md_atoms_read_lammps(const char *path, PetscInt nspecies, const char *const species[], mtp_config *config,
                                    mtp_diag *diag);

/* Appends a frame in extended XYZ (unwrapped positions, velocities, energy, Time). */
PetscErrorCode md_atoms_write_xyz(const md_atoms *atoms, const char *const species[], PetscReal time, PetscReal energy, FILE *out);
