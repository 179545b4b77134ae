/* screening/screen_result.h - from finished replicas to the numbers of one point, and the table of
   all */
#pragma once

#include "screening/screen_job.h"

typedef enum {
  SCREEN_POINT_PLANNED,
  SCREEN_POINT_RUNNING,
  SCREEN_POINT_DONE,
  SCREEN_POINT_FAILED,
  SCREEN_POINT_QUARANTINED
} screen_point_state;
const char *screen_point_state_name(screen_point_state state);

/* All arrays hang on the result; species arrays [nspecies], pair arrays [nspecies*nspecies]
   (centre, neighbour). */
typedef struct {
  screen_point_state state;
  PetscInt
      /* md_reason or SCREEN_REASON_... of the lowest replica that failed; MD_COMPLETED when done */
      reason;
  char detail[160];
  PetscInt replicas_done, replicas_failed;
  PetscReal box; /* [m] edge of the cube with the mean volume */
  PetscReal
      energy_drift;    /* [W/mol of atoms] of the total energy in the NVE production, of the replica
                             where it is largest; NaN: none known */
  PetscReal grade_max; /* largest extrapolation grade in the productions; NaN: none known */
  PetscReal wall_seconds;
  prop_value density;                 /* kg/m^3 */
  prop_value potential_energy;        /* J/mol of atoms */
  prop_value temperature;             /* K, of the NVE production */
  prop_value *diffusion;              /* [nspecies, m^2/s] */
  prop_value *coordination;           /* [pairs] */
  prop_value *rdf_peak;               /* [pairs, m] position of the first maximum */
  PetscInt nrdf, nmsd;                /* bins, lags; 0 when absent */
  PetscReal *rdf_r, *rdf_g;           /* [nrdf, m], [pairs, nrdf] */
  PetscReal *rdf_n;                   /* [pairs, nrdf] running coordination number */
  PetscReal *msd_t, *msd, *msd_error; /* [nmsd, s], [nspecies, nmsd, m^2] */
} screen_result;

/* Computes one point from the journals of `directory` and the tasks' places.  Values of a failed
   point are missing. */
PetscErrorCode screen_result_compute(const screen_campaign *campaign, const screen_grid *grid,
                                     const queue_tasks *tasks, PetscInt point,
                                     const char *directory, screen_result *result);
PetscErrorCode screen_result_clear(screen_result *result);

/* Whether the campaign asks for a property of the registry (prop.h), by name. */
PetscBool screen_result_wanted(const screen_campaign *campaign, const char *property);
/* Where a property of the registry stands in a result: one value, [nspecies] or [pairs] by its
 * shape; NULL for a name that the program does not compute.  Borrowed from the result. */
const prop_value *screen_result_values(const screen_result *result, const char *property);

/* Causes that are not physics (a program error, a crashed process); md_reason has the small
   negative numbers. */
enum { SCREEN_REASON_ERROR = -1000, SCREEN_REASON_CRASHED = -1001 };
/* One clause for an md_reason or a status. */
const char *screen_result_reason_text(PetscInt reason);
