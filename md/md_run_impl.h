/* md/md_run_impl.h - the struct behind md_run and the moves that ensembles are made of
 *
 * Never included outside md/, tests/unit/md and tests/bench.
 *
 * One step of an ensemble is a sequence of moves: kick (velocities by forces), drift (positions by
 * velocities), forces (list and potential at the new positions), and what the thermostat and the
 * barostat do.  Invariant between steps: nb, result and atoms.f belong to atoms.x and atoms.h.
 *
 * Energy and virial are computed at steps that need them (md__forces()) and NaN at others; between
 * calls of md_run_advance() they are always there, so that samples and checkpoints find them.
 */
#pragma once

#include "md/md_run.h"

struct md__halo;

typedef struct {
  PetscInt every;
  unsigned needs; /* MD_NEED_* */
  md_observer observe;
  void *context;
} md__watcher;

/* Room for what currents are made of; empty in runs that nobody wants currents of. */
typedef struct {
  PetscBool heat;          /* the result at the present state has what the heat current is made of;
                              the same on all ranks, also on those without atoms */
  PetscReal *site_energy;  /* [sites] room for result.site_energy, NULL there where not needed */
  PetscReal *atom_virial;  /* [images,9] room for result.atom_virial, likewise */
  PetscReal *v;            /* [images,3, Å/fs] velocities of atoms and images */
  PetscReal (*current)[3]; /* [nspecies, Å/fs] */
  PetscReal *count;        /* [nspecies] atoms on all ranks */
  size_t sites, images;    /* allocated */
} md__flux;

/* Velocities of a Nosé-Hoover chain; their positions enter energies only through differences. */
enum { MD__CHAIN = 4 };
typedef struct {
  PetscReal v[MD__CHAIN]; /* [1/fs] */
} md__chain;

/* State of thermostat and barostat, the same on all ranks; zero where an ensemble has none. */
typedef struct {
  md__chain particles;
  md__chain cell[3]; /* of the groups of axes of the cell */
  PetscReal rate[3]; /* [1/fs] d ln L / dt of the groups */
} md__extended;

/* Axes of the cell that move together. */
typedef struct {
  int n;        /* groups */
  int moving;   /* axes that move */
  int count[3]; /* [n] axes of a group */
  int group[3]; /* of an axis; -1: it does not move */
} md__axes;

/* What guards remember of earlier steps.  Positions [atoms.n,3, Å] belong to the atoms at the same
   place of run->atoms and go where these go. */
typedef struct {
  PetscInt64 good_step; /* of the last configuration kept as good */
  PetscReal good_h[3][3], *good;
  PetscInt64 anchor_step; /* where the present window of displacements begins */
  PetscReal anchor_h[3][3], *anchor;
  PetscInt64 void_since, apart_since; /* step of the first look of an unbroken row that saw a void,
                                           a species apart; -1: the last look did not */
} md__memory;

struct md_run {
  MPI_Comm comm; /* the ranks that share the atoms; PETSC_COMM_SELF: all are here */
  PetscMPIInt rank, size;
  PetscInt total;          /* atoms on all ranks */
  PetscReal total_mass;    /* [eV fs^2/Å^2] of all atoms */
  struct md__halo *halo;   /* bricks and neighbours on other ranks; NULL on one rank */
  PetscInt atom_capacity;  /* atoms that the arrays of a run on several ranks have room for */
  const md_potential *pot; /* borrowed */
  const char *const *name; /* [nspecies] borrowed, or NULL */
  const PetscReal *charge; /* [nspecies] borrowed; ions of one sign keep `apart` */
  PetscReal apart;         /* [Å]; 0: they need not */
  md_atoms atoms;          /* those of this rank */
  mtp_neighbors nb;
  mtp_result result;     /* of pot at the present state; result.force [force_capacity] */
  size_t force_capacity; /* numbers allocated in result.force */
  PetscInt grade_capacity;
  PetscReal *grade; /* [atoms.n] room for result.grade, which is NULL where no grades are due;
                            NULL before the first */
  md__flux flux;
  md_protocol protocol;
  md_guard guard;
  PetscBool started;
  PetscBool listed; /* there is a list; else it is built at the next forces */
  PetscInt64 step;
  PetscInt64 end;    /* step at which the present advance ends */
  PetscInt64 builds; /* of the neighbour list in this stage */
  PetscInt64 built;  /* step of the last build, where it was after the start of the stage */
  PetscBool strong;  /* a component of a force here is no number or so large that guards have to
                        look at the forces */
  md__extended extended;
  PetscReal work;              /* [eV] put in by thermostat, barostat and the limit of the step */
  PetscReal start_conserved;   /* [eV] at step 0 */
  PetscReal start_volume;      /* [Å^3] at step 0 */
  PetscReal start_temperature; /* [K] at step 0 */
  PetscReal start_pressure;    /* [eV/Å^3] at step 0 */
  PetscReal grade_now;         /* of the last look, all ranks; NaN: one is no number */
  PetscReal grade_max;         /* of the stage so far; 0: not looked at yet */
  md_rnemd_tally tally;        /* of the stage so far */
  md__memory memory;
  md_reason trouble; /* what this rank has seen and not yet told the others */
  md_reason reason;  /* the same on all ranks */
  char detail[160];  /* of trouble; with a reason, the same on all ranks */
  PetscInt nwatcher;
  md__watcher watcher[MD_MAX_OBSERVERS];
};

/* Ensembles: one full step from a consistent state to a consistent state.  run->step is already
 * that of the new state. */
PetscErrorCode md__step_nve(md_run *run);
PetscErrorCode md__step_langevin(md_run *run);
PetscErrorCode md__step_bussi(md_run *run);
PetscErrorCode md__step_scr(md_run *run);
PetscErrorCode md__step_nhc(md_run *run);
PetscErrorCode md__step_mtk(md_run *run);
/* Whether the ensemble has a barostat, which needs the virial at every step. */
PetscBool md__has_barostat(md_ensemble ensemble);

/* Sums over the ranks of a run, in place; nothing happens where there is one rank.  Collective.
 * Every rank gets the same bits. */
PetscErrorCode md__sum(const md_run *run, PetscMPIInt n, PetscReal a[]);
PetscErrorCode md__max(const md_run *run, PetscMPIInt n, PetscReal a[]);
/* The n numbers of every rank, all [ranks,n], on every rank.  Collective. */
PetscErrorCode md__gather(const md_run *run, PetscMPIInt n, const PetscReal mine[],
                          PetscReal all[]);
/* Of all atoms, collective: kinetic energy [eV]; sum m v_a v_b [eV] row-major; and the
   centre-of-mass velocity taken out. */
PetscErrorCode md__kinetic(const md_run *run, PetscReal *kinetic);
PetscErrorCode md__kinetic_tensor(const md_run *run, PetscReal k[9]);
PetscErrorCode md__stop_drift(md_run *run);
/* [K] that thermostat and barostat aim at in this step */
PetscReal md__target(const md_run *run);
/* [K] of a kinetic energy [eV] of all atoms */
PetscReal md__temperature(const md_run *run, PetscReal kinetic);
/* n atoms here; room for them, what is there stays. */
PetscErrorCode md__reserve_atoms(PetscInt n, md_run *run);
/* The cuts moved where the ranks are uneven, and atoms to the ranks that own them; forces are lost.
   Runs on several ranks only, collective. */
PetscErrorCode md__decompose(md_run *run);
/* The same with the cuts there are, and with owners by other positions *place [n,3, Å] of all atoms
   here, in the cell h; they travel with their atoms into a new array. */
PetscErrorCode md__decompose_as(md_run *run, const PetscReal h[3][3], PetscReal **place);
/* The list at positions x [n,3, Å] of the atoms that are here in the cell h; collective. */
PetscErrorCode md__build(md_run *run, const PetscReal x[], const PetscReal h[3][3]);
/* From the ranks to rank 0: `width` numbers an atom, [n,width] to [total,width] by number of the
   atom; elsewhere `whole` is not touched.  Collective. */
PetscErrorCode md__collect(const md_run *run, PetscInt width, const PetscReal a[],
                           PetscReal whole[]);
PetscErrorCode md__collect_types(const md_run *run, PetscInt whole[]);
/* Between atoms and their images in the list, a [nb.nall,width]: spread copies from atoms to
   images, fold adds what fell on images to their atoms (what stands on images remains).
   Collective. */
PetscErrorCode md__spread(const md_run *run, PetscInt width, PetscReal a[]);
PetscErrorCode md__fold(const md_run *run, PetscInt width, PetscReal a[]);
/* Energy and virial of all atoms where the step has them (NaN elsewhere), collective once a step:
   result.energy and result.virial are those of all ranks afterwards. */
PetscErrorCode md__gather_result(md_run *run);
/* Ends the run for a reason that this rank sees: the others learn it in md__agree().  A reason that
   is there already stays.  What follows is a format and its arguments. */
void md__speak(md_run *run, md_reason why, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* From trouble of some rank to the reason of all; *stale (may be NULL) becomes true for all where
   it is for one.  Collective. */
PetscErrorCode md__agree(md_run *run, PetscBool *stale);

/* Moves; all are collective. */
PetscErrorCode md__kick(md_run *run, PetscReal dt);
void md__drift(md_run *run, PetscReal dt);
/* Limits |v| dt to protocol.max_step, if there is one.  Fast atoms are slowed down, the momentum
 * that this leaves is taken out, and if that makes an atom too fast again all are scaled; the
 * energy taken is work. */
PetscErrorCode md__limit_speed(md_run *run);
/* Brings list, forces and, where the step needs them, energy and virial up to the present positions
 * and cell; the list is built anew when it is stale.  Positions that no list can be built from end
 * the run: run->reason.
 * Energy and virial are needed by observers, by guards (steps divisible by guard.every) and where
 * an advance ends; the virial by the barostat at every step.  Grades are evaluated at steps
 * divisible by the potential's period, but not at the start, which belongs to the stage before. */
PetscErrorCode md__forces(md_run *run);
/* Whether an observer looks at this step, and what those who do need: MD_NEED_*. */
PetscBool md__watched(const md_run *run);
unsigned md__needs(const md_run *run);
/* Currents (md_currents.c).  Room for those of species; collective. */
PetscErrorCode md__flux_count(md_run *run);
/* Room in run->result for what the heat current of this step is made of, where it is needed; and
   none, before the next evaluation. */
PetscErrorCode md__flux_ask(md_run *run);
void md__flux_drop(md_run *run);
/* Currents of the present state into a sample, or NULL and NaN; collective. */
PetscErrorCode md__flux_sample(const md_run *run, md_sample *sample);
PetscErrorCode md__flux_clear(md__flux *flux);
/* Energy and virial of the list in use, where the step that ended a run left them out. */
PetscErrorCode md__complete(md_run *run);
/* The exchange of velocities of protocol.rnemd, where one is due at this step.  Collective. */
PetscErrorCode md__rnemd(md_run *run);
/* s = axis . x is the fractional coordinate along the third lattice vector, axis [3, 1/Å]; slab_of
 * wraps it and gives the slab, 0..slabs-1. */
void md__slab_axis(const PetscReal h[3][3], PetscReal axis[3]);
PetscInt md__slab_of(const PetscReal axis[3], const PetscReal x[3], PetscInt slabs);
/* Stochastic velocity rescaling over dt; see md_integrate_bussi.c. */
PetscErrorCode md__bussi(md_run *run, PetscReal dt);
/* Friction and noise over dt; see md_integrate_langevin.c. */
PetscErrorCode md__langevin(md_run *run, PetscReal dt);
/* A chain beside `degrees` degrees of freedom of kinetic energy `kinetic` [eV], over dt, with the
 * time tau [fs]; their velocities are to be multiplied by *scale.  Energy that the chain takes is
 * booked as work; see md_integrate_nhc.c. */
void md__chain_move(md_run *run, PetscReal degrees, PetscReal kinetic, PetscReal tau, PetscReal dt,
                    md__chain *chain, PetscReal *scale);
/* The chain of the particles over dt; collective. */
PetscErrorCode md__chain_particles(md_run *run, PetscReal dt);

/* Cells (md_integrate_cell.c) */
md__axes md__axes_of(md_shape shape);
/* Positions and cell times scale, axis by axis. */
void md__stretch(md_run *run, const PetscReal scale[3]);
/* [Å] longest lattice vector */
PetscReal md__longest_edge(const PetscReal h[3][3]);
/* Factors between one half and two, of the volume and of each axis; others are no fluctuations: the
 * run ends, by a message of all ranks, before a list is built. */
PetscBool md__plausible(md_run *run, const PetscReal scale[3]);

/* Degrees of freedom of the kinetic energy of all n atoms: 3n-3, or 3 for one atom. */
PetscInt md__degrees(const md_run *run);
PetscReal md__trace(const PetscReal a[9]);
/* [skin, Å] of the neighbour list for a cut-off */
PetscReal md__skin(PetscReal cutoff);
/* Ranges of md_protocol and md_guard; PETSC_ERR_ARG_OUTOFRANGE names field, value and range. */
PetscErrorCode md__check_protocol(const md_protocol *protocol, const md_guard *guard);
/* The same for protocol.rnemd, in a cell h. */
PetscErrorCode md__check_rnemd(const md_protocol *protocol, const PetscReal h[3][3]);

/* Whether all n numbers are between -limit and limit, limit >= 0; PETSC_FALSE where one is no
   number. */
PetscBool md__all_within(size_t n, const PetscReal a[], PetscReal limit);
/* Copies result.force to atoms.f and notes in `strong` what guards have to know of it. */
void md__take_forces(md_run *run);
/* Looks at the present state and speaks when something is wrong.  Collective. */
PetscErrorCode md__guard(md_run *run);
/* What guards remember, from the present state: at the start of a stage; the configuration that is
   kept as the last good one. */
PetscErrorCode md__remember(md_run *run);
void md__keep_good(md_run *run);
/* Whether structure is looked at in this step; the look, which speaks.  Collective. */
PetscBool md__structure_due(const md_run *run);
PetscErrorCode md__guard_structure(md_run *run);
/* What they measure (md_structure.c); collective, all ranks get the same numbers.
 * md__rarest: atoms in the sphere of this radius [Å] that has the fewest, where there is one with
 *   less than `enough`; else some number from `enough` up.
 * md__segregation: by species [nspecies], 0 for species at random places, 1 for species apart;
 *   PETSC_FALSE in *told where the cell is too small to say, or there is one species.
 * md__displacement: mean square displacement [nspecies, Å^2] since memory.anchor, with the cell's
 *   own deformation and the mean of all atoms taken out; PETSC_MAX_REAL for a species of no atoms.
 * md__bond_order: Q4 and Q6 of all pairs within 1.35 of the mean distance of atoms. */
PetscErrorCode md__rarest(const md_run *run, PetscReal radius, PetscReal enough, PetscReal *atoms);
PetscErrorCode md__segregation(const md_run *run, PetscReal index[], PetscBool *told);
PetscErrorCode md__displacement(const md_run *run, PetscReal square[]);
PetscErrorCode md__bond_order(const md_run *run, PetscReal q[2]);
/* Sub-cells for it at least, and atoms in each of them */
enum { MD__SUBCELLS = 27, MD__SUBCELL_LEAST = 12 };
/* [Å] cube root of the volume an atom has */
PetscReal md__spacing(const md_run *run);

/* "K 17" or "species 1 atom 17" of local atom `atom`, by its number in the whole system */
enum { MD__LABEL = 48 };
void md__label(const md_run *run, PetscInt atom, char label[MD__LABEL]);

/* Log events, registered once a process. */
typedef struct {
  PetscLogEvent neigh, force, integrate, observe, talk; /* talk: between ranks, inside the others */
} md__events;
PetscErrorCode md__events_get(const md__events **events);
