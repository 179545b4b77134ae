/* screening/screen_job.h - one stage of one replica of one point: the boundary where physics meets
 * the queue
 *
 * A job turns (point, replica, stage, state so far) into a longer state. The state holds dynamics
 * and estimators, so the result of a stage does not depend on how it was cut into segments, to the
 * last bit. Failures of physics are a reason; what goes wrong in the program is an error, which the
 * worker turns into a failed record.
 *
 *   stage          ensemble                       what is measured
 *   equilibration  three phases (screen_job.c)    nothing
 *   npt            thermostat and barostat        density, volume, potential energy, temperature at
 *                  of the campaign                every step, block means with enthalpy; radial
 *                                                 distributions every 200 fs; of structure what
 *                                                 else is asked for (screen_structure.h)
 *   nve            velocity Verlet from the end   potential energy, temperature at every step;
 *                  of npt, volume and energy      block means of pressure and currents;
 *                                                 displacements every 20 fs, velocities every 20
 *                                                 fs (with hydrogen 2.5); drift of the energy
 *   rnemd-1, ...   settling (the first), then     profiles of temperature and what was exchanged,
 *                  velocity Verlet with           every 20 fs of the flux; drift of the energy; no
 *                  exchanges in a cell of its     frames are written
 *                  own (screen_flux.h)
 *
 * Only what the campaign asks for is computed and kept; the origin of a stage (screen_grid.h) says
 * what that is, so that a record without it is not taken for one with it.
 *
 * Random numbers hang on (point's key, replica, stage, phase).
 * Verified by: tests/unit/screening/test_screen_job.c, test_screen_streams.c
 */
#pragma once

#include "md/md_profile.h"
#include "md/md_trajectory.h"
#include "properties/prop_channels.h"
#include "properties/prop_msd.h"
#include "properties/prop_rdf.h"
#include "properties/prop_series.h"
#include "properties/prop_vacf.h"
#include "screening/screen_grid.h"
#include "screening/screen_novel.h"
#include "screening/screen_structure.h"

typedef struct screen_job screen_job;

/* screen_job_create - a replica, ready to go on
 *
 * Not collective, like all functions here; see screen_job_create_on().
 * In:   start       the newest state of this stage, or the end state of the stage before, or NULL
 *                   for a fresh replica; read from, not kept
 *       same_stage  which of the two
 * Campaign, point and potential are borrowed for the life of the job.
 * Returns PETSC_ERR_FILE_UNEXPECTED for a state of another stage, system, potential or build, or
 * without its end. `job` is set as soon as it exists: destroy it also after an error. */
PetscErrorCode screen_job_create(const screen_campaign *campaign, const screen_point *point,
                                 const md_potential *pot, PetscInt replica, screen_stage stage,
                                 md_blob *start, PetscBool same_stage, screen_job **job);
/* screen_job_create_on - a replica whose atoms are spread over the ranks of a group
 * Collective on comm, as are then all functions that take the job; borrowed like the rest.  `start`
 * is read on rank 0, which alone keeps the estimators and files.  An error of rank 0 in what it
 * does alone is one of all. */
typedef struct {
  MPI_Comm comm;
  const screen_campaign *campaign;
  const screen_point *point;
  const md_potential *pot;
  PetscInt replica;
  screen_stage stage;
  PetscBool has_start, same_stage; /* has_start is the same on all ranks */
  md_blob *start;
} screen_job_order;
PetscErrorCode screen_job_create_on(const screen_job_order *order, screen_job **job);
/* Runs n more steps of the stage, at most to its end. reason < 0: ended by a guard, `detail` says
 * how. */
PetscErrorCode screen_job_advance(screen_job *job, int64_t n, md_reason *reason, char detail[160]);
int64_t screen_job_done(const screen_job *job);
/* The newest state, on several ranks in the blob of rank 0; frames so far are on the disk. */
PetscErrorCode screen_job_save(screen_job *job, md_blob *blob);
/* Of a job that a guard has ended: its last good configuration and, where positions are numbers,
 * the bad one, and what its stage kept as novel, as frames (screen_frames.h) behind what is in
 * `frames`, on the first rank. */
PetscErrorCode screen_job_frames(const screen_job *job, md_reason reason, const char detail[160],
                                 md_blob *frames);
PetscErrorCode screen_job_destroy(screen_job **job);

/* screen_job_trajectory - writes frames of the productions as the campaign asks
 * (simulation.trajectory); none: nothing
 *
 * Into DIR/trajectory/<point>.replica<r>.<stage>.xyz or .h5md (md/md_trajectory.h), with unwrapped
 * positions. Call it once, after creation. What a segment wrote that never reached the journal is
 * cut off when the segment is run again, so that the file has every frame once; a replica that a
 * guard ends keeps its frames. Watching changes nothing: states are the same with and without, but
 * for the length of the file in them.
 * Returns PETSC_ERR_FILE_OPEN or PETSC_ERR_FILE_WRITE (here and in advance and save) with path and
 * reason.  H5MD files of campaigns with molecules say which atoms belong together (`molecule`, as
 * screen_start_molecules() has it). */
PetscErrorCode screen_job_trajectory(screen_job *job, const char *directory);

/* Atoms of this rank now; borrowed. */
const md_atoms *screen_job_atoms(const screen_job *job);

/* The phases of a stage: *n of them, each with its last step, protocol (without its random stream)
 * and guards. A pure function of campaign, point and stage. */
enum { SCREEN_MAX_PHASES = 4 };
typedef struct {
  int64_t end; /* steps of the stage done when it ends */
  md_protocol protocol;
  md_guard guard;
} screen_phase;
void screen_job_phases(const screen_campaign *campaign, const screen_point *point,
                       screen_stage stage, PetscInt *n, screen_phase phase[SCREEN_MAX_PHASES]);

/* What the estimators of a stage know; read from a saved state without building dynamics. Start
 * with {0}. */
typedef struct {
  int64_t done;
  int64_t frames; /* mark of the trajectory (md_trajectory.h) */
  screen_stage stage;
  md_atoms atoms;             /* types, masses and, for NVE, the cell; positions are zero */
  prop_series density;        /* [eV fs^2/Å^2/Å^3] NPT */
  prop_series volumes;        /* [Å^3] NPT */
  prop_series potential;      /* [eV per atom] NPT and NVE */
  prop_series temperature;    /* [K] NPT and NVE */
  PetscBool has_stream;       /* one of the next two, that of the stage */
  PetscBool has_heat;         /* the heat current in nve_stream */
  prop_stream npt_stream;     /* NPT (prop_channels.h); {0} when not asked */
  prop_stream nve_stream;     /* NVE; {0} when not asked */
  PetscReal pressure;         /* [eV/Å^3] in the enthalpy of npt_stream; set by _observe() */
  prop_rdf *rdf;              /* NPT; NULL when not asked */
  screen_structure structure; /* NPT; {0} when not asked */
  prop_msd *msd;              /* NVE; NULL when not asked */
  prop_vacf *vacf;            /* NVE; NULL when not asked */
  PetscReal vacf_time;        /* [fs] between its samples; 0 without */
  md_rnemd_kind flux;         /* of a run with an imposed flux; else MD_RNEMD_OFF */
  md_profile profile;         /* of that; {0} without */
  md_atoms base;              /* then also: the point's cell before the first flux, of which cells
                                 are made; no velocities */
  PetscReal rmax;             /* [Å] of rdf; 0 without */
  PetscInt64 nbin;
  PetscReal sample_time; /* [fs] of msd; 0 without */
  PetscReal drift;       /* NVE: change of total energy, less the work of a thermostat, over mean
                            kinetic energy; 0 before a step */
  PetscReal volume;      /* [Å^3] at the end */
  screen_novel novel;    /* configurations above potential.extrapolation.save */
  PetscReal grade_max;   /* largest extrapolation grade of the stage (md_run.h); 0: none known */
  /* What drift is made of [eV]: total energy at the start and now, sum of kinetic energies. */
  PetscReal energy_begin, energy_now, kinetic_sum;
  PetscInt64 nkinetic;
} screen_job_state;

/* Reads up to the dynamics; blob->read is left there. PETSC_ERR_FILE_UNEXPECTED for another build
 * or another point's atoms. After an error the state can only be cleared. */
PetscErrorCode screen_job_state_read(const screen_campaign *campaign, const screen_point *point,
                                     md_blob *blob, screen_job_state *state);
/* Only what stands at its beginning: the atoms, numbers, and what is kept in `novel`. */
PetscErrorCode screen_job_state_read_front(const screen_campaign *campaign,
                                           const screen_point *point, md_blob *blob,
                                           screen_job_state *state);
PetscErrorCode screen_job_state_write(const screen_job_state *state, md_blob *blob);
/* Empty estimators for a stage that begins with these atoms. */
PetscErrorCode screen_job_state_begin(const screen_campaign *campaign, screen_stage stage,
                                      const md_atoms *atoms, screen_job_state *state);
/* On the ranks that have no estimators: the times at which those of rank 0 look. */
void screen_job_state_follow(const screen_campaign *campaign, screen_stage stage,
                             screen_job_state *state);
/* Lets the estimators see a run; `state` is borrowed by it. */
PetscErrorCode screen_job_state_observe(const screen_campaign *campaign, const screen_point *point,
                                        screen_job_state *state, md_run *run);
PetscErrorCode screen_job_state_clear(screen_job_state *state);

/* Times between samples and the bins of g(r). */
#define SCREEN_MSD_TIME  20.0 /* [fs] */
#define SCREEN_FLUX_TIME 20.0 /* [fs] between samples of a profile */
/* of velocities [fs]: a fifth of a period of an ion, a quarter of one of hydrogen; and how far */
#define SCREEN_VACF_TIME     20.0
#define SCREEN_VACF_HYDROGEN 2.5
#define SCREEN_VACF_LONGEST  20e3
#define SCREEN_RDF_WIDTH     0.05 /* [Å] */
