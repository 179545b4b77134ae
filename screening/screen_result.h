/* screening/screen_result.h - from finished replicas to the numbers of one point, and the table of
   all */
#pragma once

#include "screening/screen_job.h"

typedef enum {
  SCREEN_POINT_PLANNED,
  SCREEN_POINT_RUNNING,
  SCREEN_POINT_DONE,
  SCREEN_POINT_FAILED,
  SCREEN_POINT_QUARANTINED,
  SCREEN_POINT_EXCLUDED, /* below the liquidus that the campaign gives: never run, no failure */
  SCREEN_POINT_PARTIAL,  /* over; some replicas were lost, values are those of the others */
  SCREEN_POINT_NSTATE
} screen_point_state;
const char *screen_point_state_name(screen_point_state state);
/* Whether a point in this state can have values. */
PetscBool screen_point_has_values(screen_point_state state);

/* Curves of a point over axes of their own: lengths and values of x differ between points. */
typedef enum {
  SCREEN_CURVE_VISCOSITY,          /* running Green-Kubo integral over time */
  SCREEN_CURVE_VISCOSITY_SPECTRUM, /* spectrum of the pressure over frequency */
  SCREEN_CURVE_IONIC,              /* the same of the charge current */
  SCREEN_CURVE_IONIC_SPECTRUM,
  SCREEN_CURVE_THERMAL_SPECTRUM, /* spectrum of the heat current without that of matter */
  SCREEN_CURVE_PROFILE,          /* temperature over height, one for each imposed flux of heat */
  SCREEN_CURVE_PROFILE_LAST = SCREEN_CURVE_PROFILE + SCREEN_MAX_FLUX - 1,
  SCREEN_CURVE_LENGTH, /* conductivity over the inverse length of the cell, of several */
  SCREEN_CURVE_SHEAR,  /* velocity over height, one for each imposed flux of momentum */
  SCREEN_CURVE_SHEAR_LAST = SCREEN_CURVE_SHEAR + SCREEN_MAX_RATES - 1,
  SCREEN_NCURVE
} screen_curve_id;
typedef struct {
  PetscInt n;
  PetscReal *x, *y, *error; /* [n] SI; error NULL: none */
  /* of profiles under an imposed flux, else NULL: density [n, kg/m^3] and mole fractions
     [n,nspecies] of the slabs */
  PetscReal *density, *fraction;
} screen_curve;

/* Tables over an axis that all points share, as far as they know it. */
typedef enum {
  SCREEN_TABLE_FACTOR,  /* [pairs] structure factor over wave number */
  SCREEN_TABLE_LIGANDS, /* [pairs] share of centres over number of ligands; the last: more */
  SCREEN_TABLE_ANGLES,  /* [pairs] density of angles ligand - centre - ligand over angle */
  SCREEN_NTABLE
} screen_table_id;

typedef struct screen_result screen_result;
/* All arrays hang on the result; species arrays [nspecies], pair arrays [nspecies*nspecies]
   (centre, neighbour). */
struct screen_result {
  screen_point_state state;
  PetscInt
      /* md_reason or SCREEN_REASON_... of the lowest replica that failed, also of one whose others
         have values; MD_COMPLETED when done */
      reason;
  char detail[160];
  PetscInt replicas_done, replicas_failed;
  PetscReal box; /* [m] edge of the cube with the mean volume */
  PetscReal
      energy_drift;    /* [W/mol of atoms] of the total energy in the NVE production, of the replica
                             where it is largest; NaN: none known */
  PetscReal grade_max; /* largest extrapolation grade in the productions; NaN: none known */
  PetscReal wall_seconds;
  PetscInt nspecies;
  prop_value *value;     /* of every property of the registry (prop.h), SI: screen_result_at() */
  PetscReal *truncation; /* [s] beside each value; NaN: none */
  /* SI, beside each value: spread of a committee, and its upper limit (prop_committee.h); NaN: none
   * known, and without a committee */
  PetscReal *model_error, *model_error95;
  PetscInt nmember;      /* of a committee; 0: none */
  screen_result *member; /* [nmember] each by itself (screen_committee.h) */
  screen_curve curve[SCREEN_NCURVE];
  screen_curve table[SCREEN_NTABLE];  /* y, error [rows, n] */
  PetscInt nrdf, nmsd;                /* bins, lags; 0 when absent */
  PetscReal *rdf_r, *rdf_g;           /* [nrdf, m], [pairs, nrdf] */
  PetscReal *rdf_n;                   /* [pairs, nrdf] running coordination number */
  PetscReal *msd_t, *msd, *msd_error; /* [nmsd, s], [nspecies, nmsd, m^2] */
};

/* Makes a result and computes one point from the journals of `directory` and the tasks' places.
   Values are those of the replicas that were not lost, with the flag `survivors` where some were;
   of a point without any, or in quarantine, they are missing.  point: index into grid->point, a
   member's among them. */
PetscErrorCode screen_result_compute(const screen_campaign *campaign, const screen_grid *grid,
                                     const queue_tasks *tasks, PetscInt point,
                                     const char *directory, screen_result *result);

/* The same from replicas that are finished, without what others have so far: a part of a replica
 * would be compared with whole ones. */
PetscErrorCode screen_result_compute_finished(const screen_campaign *campaign,
                                              const screen_grid *grid, const queue_tasks *tasks,
                                              PetscInt point, const char *directory,
                                              screen_result *result);

/* screen_result_create - a result in which every value is missing; its owner clears it
 * screen_result_clear - frees what it holds; harmless on {0} and when called twice */
PetscErrorCode screen_result_create(PetscInt nspecies, screen_result *result);
PetscErrorCode screen_result_clear(screen_result *result);
/* Values of all properties together. */
PetscInt screen_result_count(PetscInt nspecies);

/* screen_result_copy_values - values, truncations and model errors of one result into another that
 * exists */
PetscErrorCode screen_result_copy_values(const screen_result *from, screen_result *to);

/* Values of a property of the registry in a result that exists, [prop_width()], and what stands in
 * truncation beside them. */
prop_value *screen_result_at(const screen_result *result, prop_id id);
PetscReal *screen_result_truncation(const screen_result *result, prop_id id);

/* Whether the campaign asks for a property of the registry (prop.h), by name. */
PetscBool screen_result_wanted(const screen_campaign *campaign, const char *property);
/* Values of a property by name; NULL for a name that the registry does not have and of a result
 * that does not exist. */
const prop_value *screen_result_values(const screen_result *result, const char *property);

/* Causes that are not physics (a program error, a crashed process); md_reason has the small
   negative numbers. */
enum { SCREEN_REASON_ERROR = -1000, SCREEN_REASON_CRASHED = -1001, SCREEN_REASON_EXCLUDED = -1002 };
/* "800 K is below the liquidus, 914 K (source)" */
void screen_result_excluded_text(const screen_campaign *campaign, const screen_point *point,
                                 char text[160]);
/* One clause for an md_reason or a status. */
const char *screen_result_reason_text(PetscInt reason);
