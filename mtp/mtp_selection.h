/* mtp/mtp_selection.h - the active set of a potential: what extrapolation is measured against
 *
 * n rows, as many as the potential has coefficients, span what the potential was fitted to.  A row
 * b is the derivative by the coefficients of a quantity that a configuration has: in neighbourhood
 * mode of the site energy of one atom, in configuration mode of the energy (mtp_grade.h).  With the
 * rows as the matrix A, a new row is b = gamma A, and its extrapolation grade is max |gamma_k|: at
 * most 1 inside what is spanned.  mtp_maxvol.h builds active sets.
 *
 * Array conventions: A [n,n] row-major, row k is the k-th active row, columns in the order of the
 * coefficients (mtp_gradient.h).  The inverse is kept as MLIP files have it, TRANSPOSED:
 *   inverse[k][j] = (A^-1)[j][k],   gamma_k = sum_j b_j inverse[k][j]
 * so that a grade is n scalar products of contiguous rows.
 */
#pragma once

#include "mtp/mtp_config.h"
#include "mtp/mtp_potential.h"

typedef struct mtp_selection mtp_selection;

/* What the rows are, from the weights: */
typedef enum {
  MTP_SELECTION_NEIGHBOURHOOD, /* only site_energy > 0: rows are atoms */
  MTP_SELECTION_CONFIGURATION, /* only energy > 0: rows are configurations */
  MTP_SELECTION_OTHER          /* forces or stresses, or several kinds: read and written only */
} mtp_selection_mode;

typedef struct {
  PetscReal energy, force, stress, site_energy; /* >= 0 */
  PetscInt scaling; /* rows of energies are divided by N^(scaling/2), N atoms */
} mtp_selection_weights;

/* Where a row comes from.  Equations of a configuration of N atoms: 0 energy; 1..3N forces;
 * 3N+1..3N+9 stress; 3N+10+i site energy of atom i.  (-1, -1): never replaced, still the row of
 * 1e-6 on the diagonal that MaxVol began with.  (config, -1): MLIP-2 does not say which atom. */
typedef struct {
  PetscInt config, equation;
} mtp_selection_row;

typedef struct {
  mtp_selection_mode mode;
  mtp_selection_weights weights;
  PetscInt n;                   /* rows and columns */
  PetscInt nunused;             /* rows never replaced */
  PetscReal residual;           /* max |A A^-1 - 1|: how far the grade of an active row is from 1 */
  const PetscReal *matrix;      /* [n,n] A */
  const PetscReal *inverse;     /* [n,n] transposed, see above */
  const mtp_selection_row *row; /* [n] */
  const mtp_config_list *configs; /* the selected ones, types as in the potential's file */
} mtp_selection_info;

/* A residual above this is taken for damage.  Files of MLIP-2 and MLIP-3: up to 7e-8 seen. */
#define MTP_SELECTION_RESIDUAL 1e-3

/* mtp_selection_parse - the selection state that an .almtp file carries behind its text
 *
 * Not collective.
 * In:   name  of the file, for the messages
 * Out:  sel   new, owned by the caller; NULL when anything is wrong
 *       diag  no state; a state for another number of coefficients, cut off or damaged: weights,
 *             a matrix with infinity or NaN, A A^-1 further from 1 than MTP_SELECTION_RESIDUAL,
 *             rows that speak of configurations, atoms or equations that are not there
 * Returns 0 also for a bad state; otherwise an allocation error.
 * Format: "#MVS_v1.1" of MLIP-3 and the older one without names (mtp/README.md).
 * Cost: 2 n^3 operations for the residual.
 * Verified by: tests/unit/mtp/test_mtp_selection.c, tests/conformance/test_mtp_grade.c,
 * tests/fuzz/fuzz_mtp.c */
PetscErrorCode mtp_selection_parse(const mtp_potential *pot, const char *name, mtp_selection **sel,
                                   mtp_diag *diag);

/* mtp_selection_read_als - the selection state of MLIP-2, a file of its own
 *
 * The same contract.  The file repeats the potential; one that differs from `pot` in a coefficient
 * is refused, because grades would be wrong without a sign of it.
 * Rows of atoms come without the atom (equation -1), see mtp_selection_attach(). */
PetscErrorCode mtp_selection_read_als(const mtp_potential *pot, const char *path,
                                      mtp_selection **sel, mtp_diag *diag);
PetscErrorCode mtp_selection_parse_als(const mtp_potential *pot, const char *name, const char *text,
                                       size_t length, mtp_selection **sel, mtp_diag *diag);

/* mtp_selection_attach - gives the potential this state, in MLIP-3's layout, for
 * mtp_potential_write(MTP_FORMAT_MLIP3)
 *
 * A state that the potential had is replaced.  What MLIP-3 wrote comes back byte for byte.
 * The feature selected_eqn_inds of the configurations is set from the rows.  Types of a potential
 * from .mtp, which are positions, become the numbers of its A-B labels.
 * Returns PETSC_ERR_ARG_SIZ for another number of coefficients, PETSC_ERR_ARG_INCOMP for rows
 * without equation (from .als), which the layout cannot say.
 * Verified by: tests/unit/mtp/test_mtp_selection.c, tests/conformance/test_mtp_grade.c */
PetscErrorCode mtp_selection_attach(const mtp_selection *sel, mtp_potential *pot);

/* Pointers live as long as the selection. */
PetscErrorCode mtp_selection_get_info(const mtp_selection *sel, mtp_selection_info *info);
/* A copy of a selected configuration, 0 <= c < configs->n, with its rows in the feature
 * selected_eqn_inds ("202,206", ascending), as MLIP writes it; the caller's to clear. */
PetscErrorCode mtp_selection_copy_config(const mtp_selection *sel, PetscInt c, mtp_config *config);
/* [n,n] transposed inverse, as in the info; for kernels. */
const PetscReal *mtp_selection_inverse(const mtp_selection *sel);
PetscInt mtp_selection_size(const mtp_selection *sel);
mtp_selection_mode mtp_selection_get_mode(const mtp_selection *sel);
mtp_selection_mode mtp_selection_weights_mode(const mtp_selection_weights *weights);
/* "neighbourhood", "configuration"; "mixed" for the others */
const char *mtp_selection_mode_name(mtp_selection_mode mode);

PetscErrorCode mtp_selection_destroy(mtp_selection **sel);
