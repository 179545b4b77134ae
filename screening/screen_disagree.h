/* screening/screen_disagree.h - how far potentials disagree about the forces of configurations */
#pragma once

#include "mtp/mtp_potential.h"
#include "screening/screen_config_file.h"

enum { SCREEN_MAX_MEMBERS = 16 };

/* One configuration: with s_i = sqrt( sum_m |F_i^m - mean_i|^2 / m ) of mtp_committee_forces(),
 * the largest s_i and the root of the mean s_i^2 [eV/Å] */
typedef struct {
  PetscReal largest, rms;
} screen_disagreement;

/* screen_disagree - disagreement of n potentials about each configuration
 *
 * In:   pot [n]  of the same species; each may have a level, cut-off and basis of its own
 *       path     of the configurations, for messages
 * Out:  out  [list->n]
 *       list  each configuration has the features force_disagreement and force_disagreement_rms
 *       diag  what mtp_eval_neighbors() says about a configuration, forces that are not finite
 * Returns 0 also then; otherwise an allocation error.
 * Verified by: tests/cli/grade_committee.sh */
PetscErrorCode screen_disagree(PetscInt n, const mtp_potential *const pot[], const char *path,
                               mtp_config_list *list, screen_disagreement out[], mtp_diag *diag);

/* A row a configuration and one for all: the largest of all, and the rms over all atoms. */
void screen_disagree_print(PetscInt n, const char *path, const mtp_config_list *list,
                           const screen_disagreement out[]);
