/* screening/screen_job.h - one stage of one replica of one point: the boundary where physics meets the queue
 *
 * A job turns (point, replica, stage, state so far) into a longer state.  The state holds dynamics and estimators, so the
 * result of a stage does not depend on how it was cut into segments.  Failures of physics are a reason; program errors
 * inside become QUEUE_RECORD_FAILED with the error text, here and nowhere else.
 */
#pragma once

#include "properties/prop_msd.h"
#include "properties/prop_rdf.h"
#include "properties/prop_series.h"
#include "screening/screen_grid.h"

typedef struct screen_job screen_job;

/* `start`: the newest state of this stage, or the end state of the stage before, or NULL for a fresh replica.
 * `same_stage` tells which.  Campaign, grid and potential are borrowed. */
PetscErrorCode screen_job_create(const screen_campaign *campaign, const screen_point *point, const md_potential *pot,
                                 PetscInt replica, screen_stage stage, md_blob *start, PetscBool same_stage, screen_job **job);
/* Runs n more steps of the stage.  reason < 0: ended by a guard, `detail` says how. */
PetscErrorCode screen_job_advance(screen_job *job, int64_t n, md_reason *reason, char detail[160]);
int64_t screen_job_done(const screen_job *job);
PetscErrorCode screen_job_save(const screen_job *job, md_blob *blob);
PetscErrorCode screen_job_destroy(screen_job **job);

/* What the estimators of a stage know; read from a saved state without building dynamics. */
typedef struct {
  int64_t done;
  screen_stage stage;
  prop_series density;   /* [eV fs^2/Å^2/Å^3] NPT */
  prop_series potential; /* [eV per atom] NPT and NVE */
  prop_series temperature; /* [K] */
  prop_rdf *rdf;         /* NPT; NULL when not asked */
  prop_msd *msd;         /* NVE; NULL when not asked */
  PetscReal drift;       /* NVE: change of total energy over kinetic energy */
  PetscReal volume;      /* [Å^3] at the end */
} screen_job_state;
PetscErrorCode screen_job_state_read(const screen_campaign *campaign, const screen_point *point, md_blob *blob, screen_job_state *state);
PetscErrorCode screen_job_state_clear(screen_job_state *state);
