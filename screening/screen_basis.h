/* screening/screen_basis.h - from what others count by to mole fractions
 *
 * Of n_k moles of each component, with molar masses M_k and densities rho_k of the pure liquids:
 *
 *   mass fractions w      n_k = w_k / M_k
 *   volume fractions phi  n_k = phi_k rho_k / M_k, volumes before mixing
 *   molality b            n_solute = b sum over the solvents of n_k M_k
 *   molarity c            the same with b = c / (rho - c M_solute), rho the density of the solution
 *
 * Densities are those of our table: rho_k at the composition where there is only k, rho between the
 * two compositions on either side with the same ratios of solvents; both linear between
 * temperatures.  Beyond the last composition its density is taken.
 */
#pragma once

#include "screening/screen_dataset.h"
#include "screening/screen_measured.h"

/* screen_basis_convert - mole fractions of a row from its fractions and concentration
 *
 * In:   c        molar masses [kg/mol]
 *       pure     [n] densities [kg/m3] of pure components, for volume fractions; else NULL
 *       density  [kg/m3] of the solution, for molarity; else not read
 * Out:  mole     [n] may be m->mole
 * Returns PETSC_FALSE, and leaves mole alone, where the amount does not fit into the density or the
 * sum is no positive number.
 * Verified by: tests/unit/screening/test_screen_measured.c */
PetscBool screen_basis_convert(const screen_measured_components *c, const screen_measurement *m,
                               const PetscReal pure[], PetscReal density, PetscReal mole[]);

/* screen_basis_resolve - what waits for densities gets its mole fractions from those of a table
 *
 * Not collective.  u_mole becomes the change of the mole fractions with all densities that were
 * used a standard error higher.  Rows for whose temperature or ratio of solvents the table has no
 * density stay pending.
 * Out:  diag  file:line: rows that this table can never convert: it has no density, or none of a
 *             pure component whose volume fraction the row has
 * Verified by: tests/system/compare.sh */
PetscErrorCode screen_basis_resolve(const screen_dataset *data, screen_measurements *measured,
                                    mtp_diag *diag);

/* screen_basis_error - what the error of a row's composition makes of our value at a point
 * Our slope towards the nearest other composition of the same temperature times u_mole, [SI] of the
 * property; 0 where no density of ours was used or there is no other composition. */
PetscReal screen_basis_error(const screen_dataset *data, const screen_measurement *m,
                             PetscInt point);
