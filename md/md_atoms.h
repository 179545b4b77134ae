/* md/md_atoms.h - the atoms of one periodic system */
#pragma once

#include "mtp/mtp_config.h"

/* Open struct of plain arrays.  Positions may lie anywhere; they are never wrapped, so that x is the unwrapped
 * coordinate that displacements are taken from (the neighbour list wraps copies of its own). */
typedef struct {
  PetscInt n;
  PetscInt nspecies;
  PetscInt *type;   /* [n] 0..nspecies-1 */
  PetscReal *mass;  /* [nspecies, eV fs^2/Å^2] */
  PetscReal *x;     /* [n,3, Å] unwrapped */
  PetscReal *v;     /* [n,3, Å/fs] */
  PetscReal *f;     /* [n,3, eV/Å] */
  PetscReal h[3][3]; /* [Å] rows are lattice vectors, all three periodic */
} md_atoms;

PetscErrorCode md_atoms_create(PetscInt n, PetscInt nspecies, md_atoms *atoms);
PetscErrorCode md_atoms_clear(md_atoms *atoms);
PetscReal md_atoms_volume(const md_atoms *atoms);         /* [Å^3] > 0 for a right-handed cell; absolute value */
PetscReal md_atoms_kinetic(const md_atoms *atoms);        /* [eV] */
PetscReal md_atoms_temperature(const md_atoms *atoms);    /* [K] 2 K / ((3n-3) k_B): momentum is zero; n = 1: 3 degrees */
PetscReal md_atoms_total_mass(const md_atoms *atoms);     /* [eV fs^2/Å^2] */
/* Kinetic part of the pressure times volume: sum m v_a v_b [eV], row-major. */
void md_atoms_kinetic_tensor(const md_atoms *atoms, PetscReal k[9]);
/* Takes the centre-of-mass velocity out. */
void md_atoms_stop_drift(md_atoms *atoms);

/* md_elements: standard atomic weights (CIAAW 2021, abridged values) and a guess of the volume per atom in a liquid.
 * In: symbol "Ca"; Out: mass in u (conventional value), volume guess in Å^3.  PETSC_FALSE when unknown. */
PetscBool md_element_lookup(const char *symbol, PetscReal *mass_u, PetscReal *volume);
