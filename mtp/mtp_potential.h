/* mtp/mtp_potential.h - a moment tensor potential: its file and its evaluation
 *
 * Form, units and signs: mtp/README.md.  Types 0..S-1 are positions in the file's species order.
 */
#pragma once

#include "mtp/mtp_diag.h"
#include "mtp/mtp_neigh.h"

typedef struct mtp_potential mtp_potential;

typedef enum {
  MTP_FORMAT_MLIP2, /* .mtp: no selection state */
  MTP_FORMAT_MLIP3  /* .almtp: the selection state (active set), if any, follows the text */
} mtp_format;

/* mtp_potential_read - reads MLIP-2 .mtp (version 1.1.0) or MLIP-3 .almtp
 *
 * Not collective.
 * Out:  pot   new, owned by the caller; NULL when anything is wrong
 *       diag  "path:line: what, wanted" for each problem
 * Returns 0 also for bad or missing files; otherwise an allocation error.
 * Supported radial_basis_type: RBChebyshev and RBChebyshev_repuls; others are refused by name.  A
 * file without coefficients (untrained) is read; mtp_potential_trained() tells.
 * Verified by: tests/unit/mtp/test_mtp_read.c, tests/conformance/test_mtp_files.c,
 * tests/fuzz/fuzz_mtp.c */
PetscErrorCode mtp_potential_read(const char *path, mtp_potential **pot, mtp_diag *diag);
PetscErrorCode mtp_potential_parse(const char *name, const char *text, size_t length,
                                   mtp_potential **pot, mtp_diag *diag);

/* mtp_potential_write - writes it back: reading the result gives the same numbers to the last bit
 * The selection state is carried byte for byte in MTP_FORMAT_MLIP3 and left out in
 * MTP_FORMAT_MLIP2.
 * Blanks and '#' in the name become '_', which is what MLIP-3 can read.
 * Returns PETSC_ERR_FILE_OPEN or PETSC_ERR_FILE_WRITE with the path in the message.
 * Verified by: tests/unit/mtp/test_mtp_write.c, tests/conformance/test_mtp_files.c */
PetscErrorCode mtp_potential_write(const mtp_potential *pot, mtp_format format, const char *path);

/* mtp_potential_create - an untrained potential of a level, no template needed
 *
 * Not collective.
 * In:   level        2..28: decides the moments and K, see mtp_basis.h
 *       nspecies     S >= 1; labels are 0..S-1
 *       radial_size  R >= 2
 *       min_dist, cutoff  [Å] 0 <= min_dist < cutoff, both finite
 * Out:  pot          new, owned by the caller; RBChebyshev, scaling 1, no coefficients
 * Returns PETSC_ERR_ARG_OUTOFRANGE, and no potential, for arguments outside these ranges or more
 * coefficients than PetscInt can count.
 * Verified by: tests/unit/mtp/test_mtp_basis.c */
PetscErrorCode mtp_potential_create(PetscInt level, PetscInt nspecies, PetscInt radial_size,
                                    PetscReal min_dist, PetscReal cutoff, mtp_potential **pot);

/* mtp_potential_raise - makes a potential of a higher level give what a trained lower one gives
 *
 * Not collective.
 * In:   low   trained
 * InOut:high  of the same species and at least its radial size and functions, with coefficients
 *             (mtp_fit_start()): distances, labels and coefficients become those of `low`, scalars
 *             that `low` has not get 0, radial functions that it has not are kept
 * Scalars are found by what they contract, wherever they stand in the tables.
 * Returns PETSC_ERR_ARG_WRONGSTATE for a potential without coefficients, PETSC_ERR_ARG_INCOMP where
 * `high` cannot hold `low`.
 * Verified by: tests/unit/mtp/test_mtp_raise.c (energies, forces, stresses stay the same). */
PetscErrorCode mtp_potential_raise(const mtp_potential *low, mtp_potential *high);

/* mtp_potential_renumber - gives the species other type numbers, for files of the given format
 *
 * In:   type  [nspecies] number of the species that stands at this position now, all different.
 *             MTP_FORMAT_MLIP3: the new labels, 0 to MTP_LABELS - 1 (MLIP-3 reads two digits).
 *             MTP_FORMAT_MLIP2: new positions, a permutation of 0..nspecies-1; the coefficients
 *             move, the labels become positions, a selection state is dropped
 * The potential's format becomes the given one.  Energies of the same elements stay, but for the
 * order of sums.
 * Returns PETSC_ERR_ARG_OUTOFRANGE for other numbers, PETSC_ERR_ARG_WRONG for other labels beside
 * a selection state, whose configurations have the old ones; nothing is changed then.
 * Verified by: tests/unit/mtp/test_mtp_write.c, tests/cli/potential_convert.sh */
enum { MTP_LABELS = 100 };
PetscErrorCode mtp_potential_renumber(mtp_potential *pot, mtp_format format, const PetscInt type[]);

PetscErrorCode mtp_potential_destroy(mtp_potential **pot);

/* What it is.  Pointers live as long as the potential. */
typedef struct {
  const char *name, *tag, *radial_basis_type;
  PetscInt nspecies;
  const PetscInt *species_label; /* [nspecies] the numbers in the A-B labels: MLIP-3's type ids */
  PetscInt radial_size;          /* R, Chebyshev polynomials per radial function */
  PetscInt radial_funcs;         /* K */
  PetscInt nmoment, nbasic, ntimes, nscalar;
  PetscInt ncoeff;            /* S^2 K R + S + nscalar */
  PetscInt level;             /* of the standard template with these counts; 0 if none */
  PetscReal scaling;          /* total */
  PetscReal min_dist, cutoff; /* [Å] */
  PetscBool trained;
  PetscBool has_selection; /* MLIP-3 selection state present */
  mtp_format format;
} mtp_potential_info;
PetscErrorCode mtp_potential_get_info(const mtp_potential *pot, mtp_potential_info *info);
PetscBool mtp_potential_trained(const mtp_potential *pot);

/* All coefficients of a trained potential, and new ones for any: theta [ncoeff] in the order of
 * mtp_gradient.h.  Setting them makes a potential trained, and drops a selection state, whose rows
 * belong to the coefficients before.
 * Verified by: tests/unit/mtp/test_mtp_loss.c */
PetscErrorCode mtp_potential_get_coefficients(const mtp_potential *pot, PetscReal theta[]);
PetscErrorCode mtp_potential_set_coefficients(mtp_potential *pot, const PetscReal theta[]);

/* Name and free text of the file, copied; both of one line. */
PetscErrorCode mtp_potential_describe(mtp_potential *pot, const char *name, const char *tag);

/* Result of an evaluation over one neighbour list, for every kind of potential (md/ uses it too).
 * The caller allocates; NULL arrays are not computed.  All are SET, not added to.
 * nall = nlocal + nghost; what falls on a ghost belongs to its parent: mtp_neighbors_fold(). */
enum { MTP_SKIP_ENERGY = 1, MTP_SKIP_VIRIAL = 2 };

typedef struct {
  unsigned skip;          /* in: MTP_SKIP_*, what this step does not need; it may be left NaN */
  PetscReal energy;       /* [eV] sum over local atoms */
  PetscReal virial[9];    /* [eV] W_ab = -sum_i sum_j g_ij,a r_ij,b: MLIP's PlusStress, row-major */
  PetscReal *site_energy; /* [nlocal, eV] */
  PetscReal *force;       /* [nall,3, eV/Å] */
  PetscReal *grade;       /* [nlocal] extrapolation grades; only an engine with an active set */
  PetscReal max_grade;    /* their largest; of the configuration; set when `grade` is asked for */
  PetscReal *atom_virial; /* [nall,9, eV] of the NEIGHBOUR j: W_j[a][b] = -sum_i r_ij,a g_ij,b */
} mtp_result;

/* mtp_potential_evaluate - energy, forces, virial: the reference kernel, to be checked by eye
 *
 * Not collective.
 * In:   nb   a list with cutoff >= the potential's; types 0..S-1
 * Out:  out  see mtp_result
 * Returns PETSC_ERR_ARG_OUTOFRANGE for a type that the potential does not have or a list with a
 * shorter cut-off, PETSC_ERR_ARG_WRONGSTATE for an untrained potential.  Not finite results are not
 * errors.
 * Source: Shapeev, Multiscale Model. Simul. 14, 1153 (2016), doi:10.1137/15M1054183; formulas in
 * mtp/README.md.
 * Verified by: tests/verify/test_mtp_eval.c, tests/conformance/test_conformance.c */
PetscErrorCode mtp_potential_evaluate(const mtp_potential *pot, const mtp_neighbors *nb,
                                      mtp_result *out);
