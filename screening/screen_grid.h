/* screening/screen_grid.h - composition x temperature x pressure: state points and content keys
 *
 * Points lie in C order of the axes (composition axes in the order of system.components, then
 * temperature, then pressure; the last runs fastest).  Rules that people ask about:
 *
 * Whole formula units.  Let x be the mole fractions asked for (mass fractions are converted) and N
 * the atoms wanted.  Numbers of formula units M are tried around N; each is shared out by largest
 * remainders.  Among those within 5 % of N (or within one largest formula unit of it) that have at
 * least one unit of every component with x > 0, the one with the number of atoms nearest to N wins
 * whose mole fractions are all within 0.001 of x; where there is none, the one with the smallest
 * largest deviation.  Ties go to the smaller cell.  What is really in the cell is stored
 * (screen_point.mole) and exported.
 *
 * Key of a point.  What decides its numbers: counts, temperature, pressure, potential, time step,
 * ensemble parameters, start, seed, and a version of the physics of this program.  Not lengths,
 * replicas, names or the list of properties, so that a grid can grow and runs can be prolonged
 * without losing work (screen_stage_origin looks after lengths and estimators).
 *
 * Committees.  Every member runs all points, with a key for each member and point, which hangs on
 * that member's file alone: a member more or less leaves the replicas of the others as they are,
 * and the first member has the keys of a campaign with that one file.
 */
#pragma once

#include "queue/queue_tasks.h"
#include "screening/screen_campaign.h"

/* Stages of a replica, in order; those with zero length are left out of the tasks.  SCREEN_FLUX + k
 * is the run with the campaign's k-th imposed flux (screen_flux.h). */
typedef enum {
  SCREEN_EQUILIBRATION,
  SCREEN_NPT,
  SCREEN_NVE,
  SCREEN_FLUX,
  SCREEN_NSTAGE = SCREEN_FLUX + SCREEN_MAX_FLUX
} screen_stage;
/* "equilibration", "npt", "nve", "rnemd-1", ... */
const char *screen_stage_name(screen_stage stage);

/* Bytes of a name: of the point, then of the member. */
enum { SCREEN_POINT_WORDS = 96, SCREEN_POINT_NAME = SCREEN_POINT_WORDS + SCREEN_NAME_MAX + 4 };
enum { SCREEN_POINT_MAX = 1000000 }; /* points times replicas */

typedef struct {
  PetscInt index;      /* flat, C order of (composition axes..., temperature, pressure) */
  PetscInt member;     /* of the committee that runs it; 0 without one */
  PetscInt *cell;      /* [naxis] index on each axis */
  PetscReal *fraction; /* [ncomponent] as asked, in the campaign's unit */
  PetscReal *mole;     /* [ncomponent] mole fractions really simulated */
  PetscReal deviation; /* largest difference between them and what was asked */
  PetscInt *units;     /* [ncomponent] formula units */
  PetscInt *count;     /* [nspecies] atoms */
  PetscInt natoms;
  PetscReal temperature; /* [K] */
  PetscReal pressure;    /* [eV/Å^3] */
  PetscReal liquidus;    /* [K] where it is above the temperature: excluded, never run; else 0 */
  PetscInt skipped;      /* excluded points before it: these have no tasks */
  queue_key key; /* SHA-256 of all that determines the result but lengths, replicas, targets */
  char name[SCREEN_POINT_NAME]; /* "CaCl2=0.282 T=1100K", of member b "CaCl2=0.282 T=1100K [b]" */
} screen_point;

/* One axis of the tables. */
typedef struct {
  char name[SCREEN_NAME_MAX]; /* dataset name: "CaCl2", "temperature", "pressure" */
  const char *units, *long_name;
  PetscInt n;
  PetscReal *value; /* [n] in `units` (SI or 1), rounded to 14 digits */
} screen_grid_axis;

typedef struct {
  PetscInt naxis;
  screen_grid_axis *axis; /* every component but the balance, then temperature, then pressure */
  PetscInt npoint;        /* product of the axes */
  PetscInt nmember;       /* potentials that run each of them; 0: one */
  screen_point *point;    /* [npoint] of the first member, then [npoint] of each other, which borrow
                             all arrays from the first */
} screen_grid;

/* screen_grid_create - all points
 *
 * Not collective.
 * Out:  grid  new, owned by the caller; NULL when diag has messages
 *       diag  what screen_grid_check() finds; never anything for a campaign that
 *             screen_campaign_read() handed out
 * Verified by: tests/unit/screening/test_screen_grid.c */
PetscErrorCode screen_grid_create(const screen_campaign *campaign, screen_grid **grid,
                                  mtp_diag *diag);
PetscErrorCode screen_grid_destroy(screen_grid **grid);

/* The points of member m in grid->point, and the one that a task is of. */
screen_point *screen_grid_member(const screen_grid *grid, PetscInt m);
const screen_point *screen_grid_point(const screen_grid *grid, const queue_task_spec *spec);

/* screen_grid_check - can every composition be simulated?
 * Messages, without a place: "got fractions that sum to 1.02 (...), wanted ..."; cells too small to
 * hold a component; two compositions that are the same cell; a starting configuration of another
 * composition; a grid that is too large.
 * Temperature and pressure are not looked at.  At most five messages of a kind. */
PetscErrorCode screen_grid_check(const screen_campaign *campaign, mtp_diag *diag);

/* Steps of a stage; 0 when it is not run: the file gives it no length, or no property needs it.
 * Lengths are rounded to whole steps, at least one.  NPT is needed for density, structure and
 * potential energy; NVE for diffusion, and for the potential energy when there is no NPT. */
int64_t screen_stage_steps(const screen_campaign *campaign, screen_stage stage);

/* [byte] of the block means in the state of a stage after `steps` of it */
double screen_stage_series_bytes(const screen_campaign *campaign, screen_stage stage,
                                 int64_t steps);
/* [s] of work in a segment that ends after about `steps` steps: `least`, and more where the state
 * that it leaves in the journal is large, so that journals grow by SCREEN_JOURNAL_RATE at most. */
#define SCREEN_JOURNAL_RATE 5e4 /* [byte/s] of each group */
double screen_segment_seconds(const screen_campaign *campaign, screen_stage stage, int64_t steps,
                              double least);

/* What a stage's record must carry to count: a hash of the form of saved states, the stage's name,
 * the steps of the stages before it (it starts where they end) and the estimators that its own
 * state holds. */
enum { SCREEN_STATE_VERSION = 7 };
int64_t screen_stage_origin(const screen_campaign *campaign, screen_stage stage);

/* screen_grid_tasks - the tasks of the whole campaign, replicas' stages consecutive
 *
 * Point by point, in it member by member, in it replica by replica.  queue_task_spec.point is the
 * point of the table; its key says which member's replica it is.
 * queue_task_spec.stage counts the stages that are run, 0, 1, ...: with an equilibration and an NVE
 * production only, stage 1 is NVE.  screen_grid_stage() translates.  A record of the journal cannot
 * be taken for another stage with the same number, because origins differ.
 * Replicas from campaign->replicas to max_replicas are held: a run takes them up where targets need
 * them.
 * In:   seconds_per_step  [npoint, s] measured or guessed
 * Out:  n, spec           allocated; free with PetscFree */
PetscErrorCode screen_grid_tasks(const screen_campaign *campaign, const screen_grid *grid,
                                 const PetscReal seconds_per_step[], PetscInt *n,
                                 queue_task_spec **spec);
/* Replicas that each point, of each member, has in the list of tasks: with those that are held.  A
 * committee has none of those. */
PetscInt screen_grid_replicas(const screen_campaign *campaign);
/* Whether a replica of a point is held: nothing of it was run, and nobody has asked for it. */
PetscBool screen_grid_held(const screen_campaign *campaign, const screen_grid *grid,
                           const queue_tasks *tasks, PetscInt point, PetscInt replica);
/* Tasks of a replica, counted through all members: the index of the first, and how many; -1 and
 * 0 of a point that is not run. */
PetscInt screen_grid_first_task(const screen_campaign *campaign, const screen_grid *grid,
                                PetscInt point, PetscInt replica, PetscInt *n);
/* The stage with this number among those that are run; SCREEN_NSTAGE when there is none. */
screen_stage screen_grid_stage(const screen_campaign *campaign, int32_t stage);
