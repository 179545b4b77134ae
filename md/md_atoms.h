/* md/md_atoms.h - the atoms of one periodic system
 *
 * Open struct of plain arrays.  Positions may lie anywhere; they are never wrapped, so that x is
 * the unwrapped coordinate that displacements are taken from (the neighbour list wraps copies of
 * its own).  In a run on several ranks each holds some of the atoms, in an order of its own: who an
 * atom is, says `id`.  Nothing here is collective: sums are over the atoms that are here.
 * Verified by: tests/unit/md/test_md_atoms.c
 */
#pragma once

#include "mtp/mtp_config.h"

/* Start with {0}, end with md_atoms_clear(). */
typedef struct {
  PetscInt n;
  PetscInt nspecies;
  PetscInt *id;      /* [n] 0.. number of the atom in the whole system; create: 0..n-1 */
  PetscInt *type;    /* [n] 0..nspecies-1 */
  PetscReal *mass;   /* [nspecies, eV fs^2/Å^2] */
  PetscReal *x;      /* [n,3, Å] unwrapped */
  PetscReal *v;      /* [n,3, Å/fs] */
  PetscReal *f;      /* [n,3, eV/Å] */
  PetscReal h[3][3]; /* [Å] rows are lattice vectors, all three periodic */
} md_atoms;

/* Arrays for n >= 1 atoms of nspecies >= 1 species, all zero but id; else PETSC_ERR_ARG_OUTOFRANGE.
 * `atoms` is overwritten; the caller frees it with md_atoms_clear(), also after an error. */
PetscErrorCode md_atoms_create(PetscInt n, PetscInt nspecies, md_atoms *atoms);
/* A copy with arrays of its own; `to` is overwritten. */
PetscErrorCode md_atoms_copy(const md_atoms *from, md_atoms *to);
PetscErrorCode md_atoms_clear(md_atoms *atoms);
/* So many images along each lattice vector as one larger system: image after image, the third
 * direction running fastest; an atom's number grows by from->n from image to image, and it keeps
 * its velocity.  Numbers in from->id must be 0..n-1 in order.  PETSC_ERR_ARG_OUTOFRANGE for
 * repeat < 1 or more atoms than a PetscInt counts. */
PetscErrorCode md_atoms_repeat(const md_atoms *from, const PetscInt repeat[3], md_atoms *to);
PetscReal md_atoms_volume(const md_atoms *atoms);  /* [Å^3] >= 0, also for left-handed cells */
PetscReal md_atoms_kinetic(const md_atoms *atoms); /* [eV] */
/* [K] 2 K / ((3n-3) k_B): the total momentum is zero and carries no temperature; n = 1: 3 of them.
   */
PetscReal md_atoms_temperature(const md_atoms *atoms);
PetscReal md_atoms_total_mass(const md_atoms *atoms); /* [eV fs^2/Å^2] */
/* Kinetic part of the pressure times volume: sum m v_a v_b [eV], row-major; its trace is 2 K. */
void md_atoms_kinetic_tensor(const md_atoms *atoms, PetscReal k[9]);
/* Takes the centre-of-mass velocity out. */
void md_atoms_stop_drift(md_atoms *atoms);

/* md_element_lookup - what an element weighs, and how much room an atom of it takes in a liquid
 *
 * In:   symbol   "Ca", with its capital
 * Out:  mass_u   [u] standard atomic weight, conventional value where the standard is an interval
 *       volume   [Å^3] guess; additive over the atoms of a melt, aimed at about 1100 K for salts
 *                and metals and 300 K for the elements of molecular liquids (md/README.md)
 * Either may be NULL.  PETSC_FALSE, outputs unchanged, for an unknown symbol and for an element
 * without a standard atomic weight (Tc, Pm, Po to Ac, beyond U).
 * Source: IUPAC/CIAAW Standard Atomic Weights 2021, abridged values, doi:10.1515/pac-2019-0603.
 * Verified by: tests/unit/md/test_md_elements.c (densities of melts against experiment) */
PetscBool md_element_lookup(const char *symbol, PetscReal *mass_u, PetscReal *volume);
