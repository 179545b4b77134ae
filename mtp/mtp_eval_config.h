/* mtp/mtp_eval_config.h - what a potential says about one configuration of a file */
#pragma once

#include "mtp/mtp_config.h"
#include "mtp/mtp_potential.h"

/* mtp_eval_species - position 0..S-1 in the potential of a type number in a .cfg file; -1: unknown
 *
 * MLIP-2 (.mtp) numbers types by position.  MLIP-3 (.almtp) looks them up among the numbers of the
 * A-B labels of radial_coeffs; in most files these are 0, 1, ... too and both rules agree.
 * Verified by: tests/cli/potential.sh */
PetscInt mtp_eval_species(const mtp_potential_info *info, PetscInt type);

/* mtp_eval_neighbors - the list of a configuration of a file, for any function that takes one
 *
 * Not collective.
 * In:   nb      start with {0} and pass the same for the next configuration: storage is reused
 * Out:  nb      cut-off of the potential, no skin, types 0..S-1
 *       good    PETSC_FALSE when there is a message; nb can then only be built anew or cleared
 *       diag    as for mtp_eval_config()
 * Returns 0 also for such configurations; otherwise an allocation error. */
PetscErrorCode mtp_eval_neighbors(const mtp_potential *pot, const char *where,
                                  const mtp_config *config, mtp_neighbors *nb, PetscBool *good,
                                  mtp_diag *diag);

/* mtp_eval_finite - a message unless all n numbers are finite
 *
 * Two atoms in one place have no direction, and everything computed from them is NaN.
 * In:   what  "a grade that is": "WHERE: got WHAT not finite, are two atoms in one place?"
 * InOut:good  set to PETSC_FALSE with the message, else left; nothing is done when it is that
 *             already, so that several arrays give one message */
PetscErrorCode mtp_eval_finite(const char *where, const char *what, size_t n, const PetscReal a[],
                               PetscBool *good, mtp_diag *diag);

/* mtp_eval_config - energy, site energies, forces and PlusStress of one configuration
 *
 * Not collective.
 * In:   nb      start with {0} and pass the same for the next configuration: storage is reused;
 *               holds the configuration's list afterwards
 * Out:  config  energy, stress, site_energy [n, eV] and force [n,3, eV/Å] are set (allocated where
 *               NULL); everything else stays.  stress is the symmetric part of the virial.
 *       diag    type numbers that the potential does not have ("atom 3: ...", one message an atom,
 *               `where` stands before it), ghost atoms, positions that are not finite; a cell
 *               without volume; an untrained potential; results that are not finite, as of two
 *               atoms in one place.  config is then not changed.
 * Returns 0 also for such configurations; otherwise an allocation error.
 * Verified by: tests/conformance/test_conformance.c, tests/cli/potential.sh */
PetscErrorCode mtp_eval_config(const mtp_potential *pot, const char *where, mtp_neighbors *nb,
                               mtp_config *config, mtp_diag *diag);
