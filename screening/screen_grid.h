/* screening/screen_grid.h - composition x temperature x pressure: the state points and their content keys */
#pragma once

#include "queue/queue_tasks.h"
#include "screening/screen_campaign.h"

/* Stages of a replica, in order; those with zero length are left out of the tasks. */
typedef enum { SCREEN_EQUILIBRATION, SCREEN_NPT, SCREEN_NVE, SCREEN_NSTAGE } screen_stage;
const char *screen_stage_name(screen_stage stage); /* "equilibration", "npt", "nve" */

typedef struct {
  PetscInt index;        /* flat, C order of (composition axes..., temperature, pressure) */
  PetscInt *cell;        /* [naxis] index on each axis */
  PetscReal *fraction;   /* [ncomponent] as asked, in the campaign's unit */
  PetscReal *mole;       /* [ncomponent] mole fractions really simulated */
  PetscInt *units;       /* [ncomponent] formula units */
  PetscInt *count;       /* [nspecies] atoms */
  PetscInt natoms;
  PetscReal temperature; /* [K] */
  PetscReal pressure;    /* [eV/Å^3] */
  queue_key key;         /* SHA-256 of all that determines the result but lengths, replicas and targets */
  char name[96];         /* "CaCl2=0.282 T=1100K", for people and logs */
} screen_point;

/* One axis of the tables. */
typedef struct {
  char name[SCREEN_NAME_MAX]; /* dataset name: "CaCl2", "temperature", "pressure" */
  const char *units, *long_name;
  PetscInt n;
  PetscReal *value; /* [n] in `units` (SI or 1) */
} screen_grid_axis;

typedef struct {
  PetscInt naxis;
  screen_grid_axis *axis; /* composition axes of more than... every non-balance component, then temperature, then pressure */
  PetscInt npoint;        /* product of the axes */
  screen_point *point;    /* [npoint] */
} screen_grid;

/* Points whose fractions do not sum to 1 are diagnostics ("fractions sum to 1.02"). */
PetscErrorCode screen_grid_create(const screen_campaign *campaign, screen_grid **grid, mtp_diag *diag);
PetscErrorCode screen_grid_destroy(screen_grid **grid);

/* Steps of a stage. */
int64_t screen_stage_steps(const screen_campaign *campaign, screen_stage stage);
/* What a stage's record must carry to count: a hash of the lengths of the stages before it. */
int64_t screen_stage_origin(const screen_campaign *campaign, screen_stage stage);
/* The tasks of the whole campaign, replicas' stages consecutive.  seconds_per_step [npoint] measured or guessed.
 * *n and *spec are allocated; free with PetscFree. */
PetscErrorCode screen_grid_tasks(const screen_campaign *campaign, const screen_grid *grid, const PetscReal seconds_per_step[],
                                 PetscInt *n, queue_task_spec **spec);
