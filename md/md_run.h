/* md/md_run.h - atoms moved in time: ensembles, observers, guards, checkpoints
 *
 * A run owns atoms, neighbour list, thermostat and barostat state.  The trajectory is a pure
 * function of the start and the protocol: splitting it by checkpoints, or observing it, changes
 * nothing, to the last bit.  For that the checkpoint holds the neighbour list's reference
 * (positions and cell of the last build) and random numbers are counted, not drawn.
 *
 * Life: create, [thermalise], start, [observe ...], advance ..., save; or create, load, [observe
 * ...], advance ... .  A run serves one stage after another: start again with the next protocol.
 *
 * Life on several ranks: md_run_create_on(); without it nothing here is collective.  After a PETSc
 * error a run can only be destroyed.
 * Ensembles, guards and checkpoints are described in md/README.md.
 * Verified by: tests/unit/md/test_md_run.c, test_md_guard.c, test_md_checkpoint.c,
 * test_md_currents.c, tests/verify/test_md_nve.c, test_md_thermostat.c, test_md_barostat.c,
 * test_md_chain.c, test_md_cell.c, test_md_anneal.c, test_md_ensemble.c,
 * test_md_endurance.c, tests/restart/
 */
#pragma once

#include "md/md_atoms.h"
#include "md/md_blob.h"
#include "md/md_potential.h"
#include "md/md_rnemd.h"
#include "md/md_rng.h"

typedef enum {
  MD_NVE,          /* velocity Verlet */
  MD_NVT_LANGEVIN, /* BAOAB splitting, friction 1/tau_t */
  MD_NVT_BUSSI,    /* stochastic velocity rescaling, Bussi, Donadio & Parrinello 2007 */
  MD_NPT_SCR,      /* Bussi thermostat + stochastic cell rescaling, Bernetti & Bussi 2020 */
  MD_NVT_NHC,      /* Nosé-Hoover chain, Martyna et al. 1996 */
  MD_NPT_MTK,      /* Nosé-Hoover chains + Martyna-Tobias-Klein barostat, Tuckerman et al. 2006 */
  MD_NPT_SCR_LANGEVIN, /* Langevin thermostat + stochastic cell rescaling */
  MD_NENSEMBLE
} md_ensemble;

/* What a barostat may do to the cell, along the axes x, y and z of space.  All that moves obeys the
 * same pressure; what an axis does to lattice vectors, it does to their components. */
typedef enum {
  MD_ISOTROPIC,      /* all axes by the same factor */
  MD_SEMI_ISOTROPIC, /* x and y by one factor, z by another: a solid slab, a bilayer */
  MD_ANISOTROPIC,    /* each axis by its own factor: crystals */
  MD_UNIAXIAL,       /* z alone: liquids beside each other, whose interface must not shrink */
  MD_NSHAPE
} md_shape;

/* A corner of a temperature schedule. */
enum { MD_MAX_KNOTS = 16 };
typedef struct {
  PetscInt64 step;       /* of the stage */
  PetscReal temperature; /* [K] > 0 */
} md_knot;

typedef struct {
  md_ensemble ensemble;
  PetscReal dt;               /* [fs] > 0 */
  PetscReal temperature;      /* [K] > 0 (target at step 0; NVE: not used) */
  PetscInt nknot;             /* 0..MD_MAX_KNOTS; 0: the target stays */
  md_knot knot[MD_MAX_KNOTS]; /* where the target, a line between corners, goes; steps ascend from
                                 1; after the last it stays */
  PetscReal pressure;         /* [eV/Å^3] target of NPT */
  PetscReal tau_t, tau_p;     /* [fs] > 0 where the ensemble uses them */
  md_shape shape;             /* NPT */
  PetscReal compressibility;  /* [Å^3/eV] > 0, guess for the barostat; scales tau_p only */
  PetscReal max_step; /* [Å] > 0 limits the displacement of an atom, and of the cell's longest
                                edge, in one step (early equilibration); 0: no limit */
  md_rnemd rnemd;     /* imposed flux of heat or momentum; {0}: none.  Not with Langevin dynamics;
                         lattice vectors 1 and 2 without a z component */
  md_rng rng;         /* stream of this stage */
} md_protocol;

/* [K] target at a step of the stage */
PetscReal md_protocol_temperature(const md_protocol *protocol, PetscInt64 step);

/* Why a run ended.  Negative: it no longer describes the liquid asked for; a result about physics,
 * not an error. */
typedef enum {
  MD_RUNNING = 0,
  MD_COMPLETED = 1,
  MD_NOT_FINITE = -1,       /* a position, velocity, force or energy is infinity or NaN */
  MD_TOO_HOT = -2,          /* kinetic temperature above guard.hot_factor x target (NVE: x start) */
  MD_CLOSE_PAIR = -3,       /* a pair closer than guard.close_factor x the potential's min_dist */
  MD_LOST_ATOM = -4,        /* an atom without neighbours within the cut-off, or moving more than
                               guard.max_move a step */
  MD_DENSITY_COLLAPSE = -5, /* volume outside volume_low..volume_high x volume at the start of the
                               stage, or changed by more than a factor of two in one step */
  MD_ENERGY_DRIFT = -6,  /* NVE: total energy changed by more than guard.drift x kinetic energy */
  MD_EXTRAPOLATING = -7, /* an extrapolation grade above guard.grade_break */
  MD_HIGH_FORCE = -8,    /* a force above guard.max_force */
  MD_HIGH_PRESSURE =
      -9,               /* |pressure| above guard.pressure_factor x density x k_B T, beyond where it
                            was at the start and where it should be */
  MD_EVAPORATING = -10, /* a sphere with less than a quarter of the guard.void_atoms atoms
                            that it should hold */
  MD_FROZEN = -11,      /* a species that does not get away, in a bond order above guard.order */
  MD_DEMIXED = -12      /* a species apart from the others by more than guard.segregation */
} md_reason;
/* "atoms too close", ...; one clause without a full stop */
const char *md_reason_text(md_reason reason);

/* A limit of 0 switches its check off, but for MD_NOT_FINITE and the factor of two in one step. */
typedef struct {
  PetscInt every;                    /* 200 steps between checks; forces and positions are checked
                                        at every step, displacements where the list is built, energy
                                        and virial where they are computed, too */
  PetscReal hot_factor;              /* 3 */
  PetscReal close_factor;            /* 0.5 */
  PetscReal max_move;                /* [Å] 1.0; 0 also switches the check for neighbours off */
  PetscReal volume_low, volume_high; /* 0.4, 2.5 */
  PetscReal drift;                   /* 0.1 */
  PetscReal grade_break;     /* 10; seen at steps divisible by md_potential_grade_period() */
  PetscReal max_force;       /* [eV/Å] 50 */
  PetscReal pressure_factor; /* 20 */
  /* Structure is looked at every `every_structure` steps; the reasons below need what they see to
     last for a whole `window`.  Meaning and derivation of the limits: md/README.md. */
  PetscInt every_structure; /* 500; 0: never */
  PetscReal window;         /* [fs] 5000; rounded up to whole looks, at least one */
  PetscReal void_atoms;     /* 40 */
  PetscReal stall;          /* 0.3 of the distance between atoms, root mean square in a window */
  PetscReal order;          /* 6: Q4 or Q6 above sqrt(order / number of atoms); 0: no freezing */
  PetscReal segregation;    /* 0.3, of 0 (at random) to 1 (apart) */
} md_guard;
/* The values above. */
md_guard md_guard_default(void);
/* The fewest atoms of a cell like a cube in which voids and demixing are looked for: with fewer a
 * look says nothing, and these two guards stay silent.  0: switched off.
 * Verified by: tests/unit/md/test_md_structure.c */
void md_guard_least(const md_guard *guard, PetscInt *voids, PetscInt *demixing);

/* Heat current in its three parts [eV Å/fs], not divided by the volume; see md/md_currents.h. */
typedef struct {
  PetscReal kinetic[3];   /* sum_j (m_j v_j^2 / 2) v_j */
  PetscReal potential[3]; /* sum_j U_j v_j, U_j the site energies */
  PetscReal virial[3];    /* sum_j W_j v_j, W_j the virials of atoms */
} md_heat;

typedef struct md_run md_run;

/* What observers see after step `step`; pointers are borrowed for the call.  What no observer of
 * this step needs is NaN or NULL, or there by chance: guards need energy and virial, too. */
typedef struct {
  PetscInt64 step;         /* of this stage, 1-based; 0 is the start */
  PetscReal time;          /* [fs] step * dt */
  PetscInt total;          /* atoms in the system */
  const md_run *run;       /* for md_sample_atoms() */
  const md_atoms *atoms;   /* after the full step; those of this rank */
  const mtp_neighbors *nb; /* the list in use, of the atoms of this rank */
  PetscReal potential;     /* [eV] */
  PetscReal kinetic;       /* [eV] */
  PetscReal conserved;     /* [eV] total energy minus work of thermostat and barostat */
  PetscReal temperature;   /* [K] */
  PetscReal volume;        /* [Å^3] */
  PetscReal pressure[9];   /* [eV/Å^3] (kinetic tensor + virial) / volume, row-major */
  PetscReal exchanged;     /* md_rnemd_tally.exchanged of the stage so far */
  PetscReal grade;     /* largest extrapolation grade of this step; 0 where none was evaluated */
  PetscReal grade_max; /* largest extrapolation grade of the stage so far, which is looked at every
                          md_potential_grade_period() steps; 0 before the first look and without an
                          active set */
  const PetscReal (*current)[3]; /* [nspecies] sum of v_i [Å/fs] over all atoms of the species */
  const PetscReal *count;        /* [nspecies] how many these are */
  md_heat heat;
} md_sample;
/* All atoms for an observer, collective: those of the sample where the run has one rank; else on
 * rank 0 a copy in *storage, which the caller frees with md_atoms_clear(), and NULL elsewhere. */
PetscErrorCode md_sample_atoms(const md_sample *sample, md_atoms *storage, const md_atoms **atoms);
typedef PetscErrorCode (*md_observer)(const md_sample *sample, void *context);

/* What an observer needs computed at its steps, beyond what moves the atoms anyway. */
enum {
  MD_NEED_ENERGY = 1,   /* potential, conserved */
  MD_NEED_PRESSURE = 2, /* pressure */
  MD_NEED_CURRENTS = 4, /* current, count */
  MD_NEED_HEAT = 8      /* heat: energies of sites and virials of atoms */
};

/* md_run_create - copies `atoms`; borrows `pot` for the lifetime of the run
 * Returns PETSC_ERR_ARG_OUTOFRANGE for a type that the potential does not have, a mass <= 0 or a
 * cell without volume. */
PetscErrorCode md_run_create(const md_atoms *atoms, const md_potential *pot, md_run **run);
/* md_run_create_on - a run whose atoms are spread over the ranks of a communicator
 * Collective on comm, which is borrowed, as are all functions of the run from then on but those
 * that return a pointer or a number.  `atoms` is the whole system, read on rank 0 only; errors are
 * those of every rank.  The cell is cut into bricks, one a rank, of equal work; atoms change ranks
 * when the neighbour list is built.  One rank: the same as md_run_create().
 * Trajectories on different numbers of ranks agree to round-off while chaos allows, on the same
 * number to the bit.  PETSC_ERR_SUP for grades of configurations. */
PetscErrorCode md_run_create_on(MPI_Comm comm, const md_atoms *atoms, const md_potential *pot,
                                md_run **run);
/* md_run_gather - all atoms, by number, on rank 0 of the run; elsewhere `whole` is {0}
 * Collective.  The caller frees it with md_atoms_clear().  On one rank it is a copy. */
PetscErrorCode md_run_gather(const md_run *run, md_atoms *whole);
/* Number in the whole system of entry j of the neighbour list of a sample, atom or ghost. */
PetscInt md_run_id(const md_run *run, PetscInt j);
/* Element symbols [nspecies] for the guards' messages; borrowed for the lifetime of the run.
 * Without them (or with NULL) messages say "species 1 atom 17".  Species count from 0, atoms from
 * 1. */
PetscErrorCode md_run_set_names(md_run *run, const char *const names[]);
/* md_run_keep_apart - ions of one sign closer than `limit` end the run: MD_CLOSE_PAIR
 * In:   charge  [nspecies, e] of which only the sign matters; borrowed for the lifetime of the run
 *       limit   [Å]; 0: not looked at, as at the beginning
 * A trained potential knows how near ions of opposite sign come, and may have a hole where those of
 * one sign would: there energy is conserved and no other guard speaks.  Looked at where distances
 * are.  Holds for all stages that follow; like names it is in no checkpoint.
 * Verified by: tests/unit/md/test_md_guard.c, tests/unit/screening/test_screen_job.c,
 * tests/verify/test_md_ranks.c */
PetscErrorCode md_run_keep_apart(md_run *run, const PetscReal charge[], PetscReal limit);
/* Starts a stage: step 0, new protocol; keeps positions, velocities, cell, but a centre-of-mass
 * velocity is taken out where a thermostat counts 3n-3 degrees.  Observers are dropped.  `guard` is
 * copied; NULL: md_guard_default().  The neighbour list is built anew, so that a stage that starts
 * from a checkpoint is the same.  Returns PETSC_ERR_ARG_OUTOFRANGE for a protocol outside the
 * ranges above. */
PetscErrorCode md_run_start(md_run *run, const md_protocol *protocol, const md_guard *guard);
/* Velocities from the Maxwell distribution at T >= 0, momentum zero, scaled to exactly T. */
PetscErrorCode md_run_thermalise(md_run *run, PetscReal temperature, md_rng rng);
/* Calls `observe` after every `every`-th step (every >= 1; step of the stage divisible by it).
 * Context is borrowed.  Order of adding is order of calling.  At most MD_MAX_OBSERVERS. */
enum { MD_MAX_OBSERVERS = 16 };
PetscErrorCode md_run_observe(md_run *run, PetscInt every, md_observer observe, void *context);
/* The same with what it needs, a sum of MD_NEED_*; md_run_observe() needs energy and pressure.
 * Nothing is computed at steps at which nobody needs it, and who needs what does not move an atom.
 * Verified by: tests/unit/md/test_md_currents.c, tests/restart/test_md_restart.c */
PetscErrorCode md_run_observe_with(md_run *run, PetscInt every, unsigned needs, md_observer observe,
                                   void *context);
/* Runs until `nsteps` more steps are done or a guard speaks.  *reason: MD_RUNNING after all steps,
 * or negative; then the state is the bad one, observers have not seen it, and every further call
 * says the same.  `detail` (may be NULL) gets one line:
 * "K 17 and Cl 60 are 0.71 Å apart at step 1040 (limit 1.00 Å)", or "". */
PetscErrorCode md_run_advance(md_run *run, PetscInt64 nsteps, md_reason *reason, char detail[160]);
/* md_run_check - what guards ask at steps divisible by guard.every, of the present state: for the
 * end of a stage, which need not be such a step
 * Collective where the run is.  Out as of md_run_advance().
 * Verified by: tests/unit/md/test_md_guard.c, tests/unit/screening/test_screen_job.c */
PetscErrorCode md_run_check(md_run *run, md_reason *reason, char detail[160]);
PetscInt64 md_run_step(const md_run *run);
/* How often the neighbour list was built since the start of the stage. */
PetscInt64 md_run_builds(const md_run *run);
const md_atoms *md_run_atoms(const md_run *run); /* those of this rank */
const md_protocol *md_run_protocol(const md_run *run);
/* What the imposed flux has moved since the start of the stage; zeros without one. */
const md_rnemd_tally *md_run_tally(const md_run *run);
PetscErrorCode md_run_sample(const md_run *run, md_sample *sample); /* of the present state */
/* md_run_last_good - the last configuration that every check let pass and that was kept
 * Collective where the run is.
 * Out:  atoms  all of them, by number, on rank 0: positions and cell of step *step; velocities and
 *              forces are zero; elsewhere without atoms.  The caller frees it with md_atoms_clear()
 * One is kept at the start of a stage and at every step divisible by guard.every. */
PetscErrorCode md_run_last_good(const md_run *run, md_atoms *atoms, PetscInt64 *step);

/* Full state of dynamics and guard (not of observers and names), as one sealed block (md_blob.h).
 * load: into a run created with the same system and potential; the protocol comes with the blob;
 * observers stay.  Returns PETSC_ERR_FILE_UNEXPECTED for a blob that was cut short or changed, or
 * is of another build, another system or another potential. */
PetscErrorCode md_run_save(const md_run *run, md_blob *blob);
PetscErrorCode md_run_load(md_run *run, md_blob *blob);
PetscErrorCode md_run_destroy(md_run **run);
