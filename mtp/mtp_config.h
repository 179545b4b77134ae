/* mtp/mtp_config.h - atomic configurations and their files: MLIP .cfg, extended XYZ, LAMMPS data
 *
 * Conventions: rows of `h` are lattice vectors; positions in Å, energies in eV, forces in eV/Å;
 * `stress` is MLIP's PlusStress, -dE/d(strain) in eV, positive in compression, ordered
 * xx yy zz yz xz xy.  Types are numbered as in the file (0, 1, ...); what element a type is stands
 * in the potential or the campaign, except in extended XYZ, which names elements.
 */
#pragma once

#include "mtp/mtp_diag.h"

typedef struct {
  char *key, *value; /* owned */
} mtp_feature;

/* Open struct; NULL arrays were not in the file.  All arrays are owned. */
typedef struct {
  PetscInt n;         /* atoms */
  PetscInt nlattice;  /* lattice vectors given, 0..3; the first nlattice rows of h are periodic */
  PetscReal h[3][3];  /* [3,3, Å] rows are lattice vectors; rows >= nlattice are zero */
  PetscReal *x;       /* [n,3, Å] Cartesian */
  PetscInt *type;     /* [n] >= 0 */
  char (*element)[4]; /* [n] element symbols, extended XYZ only */
  PetscReal *force;   /* [n,3, eV/Å] */
  PetscReal *site_energy; /* [n, eV] */
  PetscReal *charge;      /* [n, e] */
  PetscReal *magmom;      /* [n,3] */
  PetscReal *en_der_m;    /* [n,3] */
  PetscReal *nbh_grade;   /* [n] extrapolation grade per atom */
  PetscInt *ghost;        /* [n] 0 or 1; false and true in .cfg */
  PetscBool has_energy, has_stress;
  PetscReal energy;    /* [eV] */
  PetscReal stress[6]; /* [eV] PlusStress: xx yy zz yz xz xy */
  PetscInt nfeature;
  mtp_feature *feature; /* [nfeature] in the order of the file */
} mtp_config;

/* Open struct; start with {0}, end with mtp_config_list_clear(). */
typedef struct {
  PetscInt n, capacity;
  mtp_config *config; /* [n] owned */
} mtp_config_list;

typedef enum { MTP_CFG_PLAIN, MTP_CFG_LOSSLESS } mtp_cfg_precision;

/* mtp_config_create - an empty configuration with room for n atoms (x, type allocated, zero)
 * The caller frees it with mtp_config_clear(). */
PetscErrorCode mtp_config_create(PetscInt n, mtp_config *config);
PetscErrorCode mtp_config_clear(mtp_config *config);
/* A copy of everything; *to is the caller's, uninitialised before. */
PetscErrorCode mtp_config_copy(const mtp_config *from, mtp_config *to);
PetscErrorCode mtp_config_list_clear(mtp_config_list *list);
/* Appends a configuration and takes its memory; *config is {0} afterwards. */
PetscErrorCode mtp_config_list_take(mtp_config_list *list, mtp_config *config);
/* [Å^nlattice] length, area or volume that the lattice vectors span; 1 without any */
PetscReal mtp_config_extent(const mtp_config *config);

/* The value of a feature, or NULL.  A key given several times has one line of it each time. */
const char *mtp_config_feature(const mtp_config *config, const char *key);
/* Adds a feature, or, when the key is there already, one more line to its value, as MLIP does. */
PetscErrorCode mtp_config_add_feature(mtp_config *config, const char *key, const char *value);
/* The only value of the key from now on; the place of a feature that was there is kept. */
PetscErrorCode mtp_config_set_feature(mtp_config *config, const char *key, const char *value);

/* mtp_cfg_read - all configurations of a .cfg file, text or binary
 *
 * Not collective.
 * Out:  list  caller's storage, {0} before; the configurations without problems
 *       diag  what is wrong: path:line: ..., of a binary file path: byte ...  Messages of all
 *             configurations are collected.
 * Returns 0 also for bad input and for a missing file (a diagnostic), else an allocation error.
 * Format: .cfg of MLIP-2 and MLIP-3, all fields (mtp/README.md).  "Virial" is accepted and divided
 * by the volume as MLIP does, "Stress" is refused.  A file whose first byte is 'n' is binary; in
 * its features carriage returns at ends of lines are dropped, as they are in text.
 * Verified by: tests/unit/mtp/test_mtp_cfg.c, tests/unit/mtp/test_mtp_cfg_binary.c,
 * tests/fuzz/fuzz_cfg.c */
PetscErrorCode mtp_cfg_read(const char *path, mtp_config_list *list, mtp_diag *diag);
/* The same from memory; `name` stands in the messages. */
PetscErrorCode mtp_cfg_parse(const char *name, const char *text, size_t length,
                             mtp_config_list *list, mtp_diag *diag);

/* mtp_cfg_write - appends one configuration to an open stream
 * MTP_CFG_LOSSLESS writes 17 significant digits.
 * MTP_CFG_PLAIN has MLIP's own decimals and blanks: what MLIP wrote comes back byte for byte.
 * Returns PETSC_ERR_FILE_WRITE when the stream fails, PETSC_ERR_ARG_WRONG for an empty feature key.
 * Verified by: tests/unit/mtp/test_mtp_cfg.c, tests/conformance/test_mtp_files.c */
PetscErrorCode mtp_cfg_write(const mtp_config *config, mtp_cfg_precision precision, FILE *out);

/* mtp_cfg_write_binary - appends one configuration to an open stream, as MLIP's binary .cfg
 * Every bit comes back, on any machine.  The format has no place for nbh_grade: it is left out.
 * Returns PETSC_ERR_ARG_OUTOFRANGE for no atoms or a number or type above 2^31 - 1,
 * PETSC_ERR_ARG_WRONG for an empty feature key, PETSC_ERR_FILE_WRITE when the stream fails.
 * Verified by: tests/unit/mtp/test_mtp_cfg_binary.c */
PetscErrorCode mtp_cfg_write_binary(const mtp_config *config, FILE *out);

/* mtp_xyz_read - all frames of an extended XYZ file as ASE writes it
 * Types are indices into `species` (element symbols, [nspecies]); an element that is not there is
 * a diagnostic.  Same contract as mtp_cfg_read.  stress (eV/Å^3, ASE sign) becomes
 * PlusStress = -V stress; virial is PlusStress itself and wins when both are there.  Periodic
 * directions come first in h, whatever pbc says.  Pairs of the comment that mean nothing here
 * become features; a comment without '=' becomes the feature "comment".
 * Verified by: tests/unit/mtp/test_mtp_xyz.c, tests/fuzz/fuzz_xyz.c */
PetscErrorCode mtp_xyz_read(const char *path, PetscInt nspecies, const char *const species[],
                            mtp_config_list *list, mtp_diag *diag);
PetscErrorCode mtp_xyz_parse(const char *name, const char *text, size_t length, PetscInt nspecies,
                             const char *const species[], mtp_config_list *list, mtp_diag *diag);
/* mtp_xyz_write - appends one frame with 17 significant digits to an open stream
 * Returns PETSC_ERR_ARG_OUTOFRANGE for a type without species, PETSC_ERR_ARG_WRONG for a feature
 * whose key is empty or means something in the format (energy, pbc ...), PETSC_ERR_FILE_WRITE when
 * the stream fails.  Verified by: tests/unit/mtp/test_mtp_xyz.c */
PetscErrorCode mtp_xyz_write(const mtp_config *config, PetscInt nspecies,
                             const char *const species[], FILE *out);

/* mtp_lammps_read - a LAMMPS data file in units of Å and g/mol ("metal", "real")
 *
 * Not collective.
 * In:   species  [nspecies] element symbols; types become indices into it.  0: types are the
 *                file's own numbers less 1, names and masses are not looked at
 * Out:  config   caller's storage, overwritten; charges where the file has them; empty (n = 0) when
 *                there is a problem; ends with mtp_config_clear()
 *       diag     every problem as "path:line: ..." (at most 20)
 * Returns 0 also for bad input and missing files.
 * Atom styles atomic and charge, named ("Atoms # charge") or told from the number of columns; boxes
 * with or without tilt; image flags and velocities are checked and left out.  Atoms come in the
 * order of their ids, positions relative to the lower corner of the box.  The element of a type is
 * the comment behind its mass ("1 40.078 # Ca"), else the one species of that mass (1 percent); a
 * file without masses numbers its types as `species`.
 * Verified by: tests/unit/mtp/test_mtp_lammps.c, tests/fuzz/fuzz_lammps.c */
PetscErrorCode mtp_lammps_read(const char *path, PetscInt nspecies, const char *const species[],
                               mtp_config *config, mtp_diag *diag);
/* The same from memory; `name` stands in the messages. */
PetscErrorCode mtp_lammps_parse(const char *name, const char *text, size_t length,
                                PetscInt nspecies, const char *const species[], mtp_config *config,
                                mtp_diag *diag);

/* mtp_lammps_write - one configuration as a LAMMPS data file, 17 significant digits
 *
 * In:   config   three lattice vectors that span a volume; types 0..
 *       species  [nspecies] element symbols: a section Masses with them as comments; 0: none, and
 *                as many types as the largest number asks for
 * Atom style charge where there are charges, else atomic.  The box has its lower corner at 0; the
 * cell is turned as mtp_config_turn_lower() does, then lattice vectors are added to each other
 * until no tilt is more than half of its edge, as LAMMPS wants it: the same crystal.  Positions
 * are turned, not wrapped.  The format has no place for energies, forces, stresses, features.
 * Returns PETSC_ERR_ARG_WRONG for a cell that is not of three vectors with a volume (or whose
 * numbers overflow in turning) or a species whose mass is not known, PETSC_ERR_ARG_OUTOFRANGE for
 * a type without species, PETSC_ERR_FILE_WRITE when the stream fails.
 * Verified by: tests/unit/mtp/test_mtp_lammps_write.c */
PetscErrorCode mtp_lammps_write(const mtp_config *config, PetscInt nspecies,
                                const char *const species[], FILE *out);

/* mtp_config_turn_lower - turns a structure so that h is lower triangular, diagonal positive
 *
 * The convention of LAMMPS: the first lattice vector along x, the second in the xy plane.
 * Positions, forces, moments, dE/dm and stress are turned with it.  A left-handed cell is mirrored
 * as well (z -> -z): energies and distances stay; moments are treated as plain vectors.
 * A cell that is lower triangular already stays as it is, to the last bit.
 * Returns PETSC_ERR_ARG_WRONG, nothing changed, unless there are three vectors with a volume.
 * Verified by: tests/unit/mtp/test_mtp_lammps_write.c */
PetscErrorCode mtp_config_turn_lower(mtp_config *config);

/* mtp_element_mass - standard atomic weight of an element
 * In:   symbol  "Ca", with its capital
 * Out:  mass_u  [u] the conventional value where the standard is an interval; may be NULL
 * PETSC_FALSE, *mass_u unchanged, for an unknown symbol and for an element without a standard
 * atomic weight (Tc, Pm, Po to Ac, beyond U).
 * Source: IUPAC/CIAAW Standard Atomic Weights 2021, abridged values, doi:10.1515/pac-2019-0603.
 * Verified by: tests/unit/md/test_md_elements.c */
PetscBool mtp_element_mass(const char *symbol, PetscReal *mass_u);
