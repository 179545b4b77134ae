/* screening/screen_job.c - a replica taken through its stages
 *
 * Equilibration of a random start has three phases that end at fixed times, whatever the length of
 * the stage, so that a longer equilibration continues a shorter one:
 *
 *   settle  0.5 ps  Langevin with strong friction at 0.3 of the temperature, displacements limited:
 *                   overlaps relax and the heat they give off is taken away.  Cold, because a
 *                   potential may have holes behind barriers that a hot random start climbs
 *                   (measured with the shipped CaCl2-KCl potential, 100 atoms, in 2.5 ps: ions of
 *                   one sign 3.2 Å apart and settled hot, 5 of 9 replicas were lost;
 *                   spread out and settled cold, none of 12).  Only numbers that are not finite end
 *                   it.
 *   warm    2 ps    Langevin at the temperature, friction 1/(100 fs).
 *   npt     rest    thermostat and barostat of the campaign, with its times and its temperature
 *                   schedule, if there is one; beside vacuum the thermostat alone.
 *
 * The extrapolation grade ends a replica from the third phase on: a random start is no liquid yet,
 * and what it passes through on the way says nothing about the liquid (measured, same potential:
 * grade 17 after 0.7 ps in one of 16 replicas).  Structure is watched in productions: what
 * equilibrates may have voids or be a crystal still.
 *
 * With charges, ions of one sign are watched from the end of the first phase on, where distances
 * are: closer than 1.15 of the shortest distance that the potential knows (which ions of opposite
 * sign have) they have fallen into such a hole, where energy is conserved and nothing else would
 * notice.  Where a phase or a stage ends all that guards ask every so many steps is asked.  Only
 * potentials that were trained have such holes; pairs of molten NaCl (Tosi and Fumi, 1100 K) come
 * as close as that once in a nanosecond of 200 ions.
 */
#include "screening/screen_job.h"
#include "screening/screen_flux.h"
#include "screening/screen_frames.h"
#include "screening/screen_start.h"
#include "screening/screen_version.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SETTLE_END  500.0 /* [fs] */
#define WARM_END    SCREEN_ANNEAL_BEGIN
#define SETTLE_COLD 0.3   /* x temperature */
#define SETTLE_TAU  20.0  /* [fs] */
#define WARM_TAU    100.0 /* [fs] */
#define SETTLE_STEP 0.03  /* [Å/fs] six times the thermal velocity of a chlorine atom at 1100 K */
#define ALIKE       1.15  /* x shortest distance of the potential */

struct screen_job {
  MPI_Comm comm; /* the ranks that share the atoms */
  PetscMPIInt rank, size;
  const screen_campaign *campaign;
  const screen_point *point;
  screen_stage stage;
  md_rng rng; /* of the stage */
  md_run *run;
  const char **names; /* [nspecies] borrowed by the run */
  screen_job_state state;
  PetscReal shortest; /* [Å] that the potential knows */
  PetscInt grades;    /* steps between extrapolation grades; 0: none */
  int64_t done, total;
  md_trajectory *trajectory; /* NULL: none */
  PetscInt replica;
  PetscInt phase, nphase; /* phase: the one that runs */
  screen_phase phases[SCREEN_MAX_PHASES];
};

/* Phases ------------------------------------------------------------------------------------ */

static screen_phase make_phase(const screen_campaign *campaign, const screen_point *point,
                               md_ensemble ensemble, PetscReal end)
{
  md_guard guard = campaign->guard;

  guard.grade_break = campaign->grade_break;
  return (screen_phase){.end = end > 0.0 ? (int64_t)(end / campaign->dt + 0.5) : INT64_MAX,
                        .protocol = {.ensemble = ensemble,
                                     .dt = campaign->dt,
                                     .temperature = point->temperature,
                                     .pressure = point->pressure,
                                     .tau_t = campaign->tau_t,
                                     .tau_p = campaign->tau_p,
                                     .shape = campaign->shape,
                                     .compressibility = campaign->compressibility},
                        .guard = guard};
}

/* Beside vacuum a barostat would pull the cell together until the vacuum is gone. */
static md_ensemble volume_ensemble(const screen_campaign *campaign)
{
  switch (campaign->npt) {
  case SCREEN_MTK:
    return MD_NVT_NHC;
  case SCREEN_SCR_LANGEVIN:
    return MD_NVT_LANGEVIN;
  default:
    return MD_NVT_BUSSI;
  }
}

static md_ensemble npt_ensemble(const screen_campaign *campaign)
{
  if (campaign->vacuum > 0.0) return volume_ensemble(campaign);
  switch (campaign->npt) {
  case SCREEN_MTK:
    return MD_NPT_MTK;
  case SCREEN_SCR_LANGEVIN:
    return MD_NPT_SCR_LANGEVIN;
  default:
    return MD_NPT_SCR;
  }
}

/* The campaign's schedule as corners; the phase begins where it begins. */
static void set_schedule(const screen_campaign *campaign, const screen_point *point,
                         md_protocol *protocol)
{
  PetscReal time = 0.0, now = point->temperature;
  PetscInt64 before = 0;

  for (PetscInt i = 0; i < campaign->nanneal; i++) {
    const screen_anneal *step = &campaign->anneal[i];

    time += step->length;
    if (step->to != SCREEN_HOLD)
      now = step->to == SCREEN_POINT_TEMPERATURE ? point->temperature : step->to;
    before = PetscMax(before + 1, (PetscInt64)(time / campaign->dt + 0.5));
    protocol->knot[i] = (md_knot){.step = before, .temperature = now};
  }
  protocol->nknot = campaign->nanneal;
}

/* The production from which transport is taken. */
static screen_phase transport_phase(const screen_campaign *campaign, const screen_point *point)
{
  screen_phase phase =
      make_phase(campaign, point, campaign->rescaling > 0.0 ? MD_NVT_BUSSI : MD_NVE, 0.0);

  if (campaign->rescaling > 0.0) phase.protocol.tau_t = campaign->rescaling;
  return phase;
}

static PetscInt equilibration_phases(const screen_campaign *campaign, const screen_point *point,
                                     screen_phase phase[])
{
  phase[0] = make_phase(campaign, point, MD_NVT_LANGEVIN, SETTLE_END);
  phase[0].protocol.tau_t = SETTLE_TAU;
  phase[0].protocol.temperature *= SETTLE_COLD;
  phase[0].protocol.max_step = SETTLE_STEP * campaign->dt;
  phase[0].guard = (md_guard){.every = campaign->guard.every};
  phase[1] = make_phase(campaign, point, MD_NVT_LANGEVIN, WARM_END);
  phase[1].protocol.tau_t = WARM_TAU;
  phase[1].guard.grade_break = 0.0;
  phase[2] = make_phase(campaign, point, npt_ensemble(campaign), 0.0);
  set_schedule(campaign, point, &phase[2].protocol);
  phase[1].guard.every_structure = phase[2].guard.every_structure = 0;
  return 3;
}

/* A flux that is the first in its cell comes after that has settled: images apart, then the point's
 * pressure. */
static PetscInt flux_phases(const screen_campaign *campaign, const screen_point *point,
                            PetscInt run, screen_phase phase[])
{
  PetscInt n = 0;

  if (campaign->flux[run].first) {
    phase[n] = make_phase(campaign, point, MD_NVT_LANGEVIN, SCREEN_FLUX_WARM);
    phase[n].protocol.tau_t = WARM_TAU;
    phase[n++].guard.every_structure = 0;
    phase[n] =
        make_phase(campaign, point, npt_ensemble(campaign), screen_flux_settle(campaign, run));
    phase[n++].guard.every_structure = 0;
  }
  phase[n] = make_phase(campaign, point, MD_NVE, 0.0);
  phase[n].protocol.rnemd = screen_flux_exchange(campaign, point, run);
  return n + 1;
}

void screen_job_phases(const screen_campaign *campaign, const screen_point *point,
                       screen_stage stage, PetscInt *n, screen_phase phase[SCREEN_MAX_PHASES])
{
  *n = 1;
  if (stage == SCREEN_EQUILIBRATION)
    *n = equilibration_phases(campaign, point, phase);
  else if (stage >= SCREEN_FLUX)
    *n = flux_phases(campaign, point, (PetscInt)stage - SCREEN_FLUX, phase);
  else
    phase[0] = stage == SCREEN_NPT ? make_phase(campaign, point, npt_ensemble(campaign), 0.0)
                                   : transport_phase(campaign, point);
}

/* Productions keep what the potential hardly knows. */
static PetscErrorCode keep_novel(screen_job *job)
{
  const PetscReal limit = job->campaign->grade_save;

  PetscFunctionBegin;
  if (job->stage != SCREEN_EQUILIBRATION && job->phase + 1 == job->nphase && limit > 0.0)
    PetscCall(screen_novel_observe(&job->state.novel, job->grades, limit, job->run));
  PetscFunctionReturn(0);
}

/* What a run does not remember of the phase that it is in. */
static PetscErrorCode watch_phase(screen_job *job, PetscInt phase)
{
  const screen_campaign *c = job->campaign;
  const PetscBool settles = (PetscBool)(job->stage == SCREEN_EQUILIBRATION && phase == 0);
  const PetscBool holes = (PetscBool)(c->has_charges && c->model == SCREEN_MTP && !settles);

  PetscFunctionBegin;
  job->phase = phase;
  PetscCall(md_run_keep_apart(job->run, c->charge, holes ? ALIKE * job->shortest : 0.0));
  PetscCall(screen_job_state_observe(c, job->point, &job->state, job->run));
  PetscCall(keep_novel(job));
  PetscFunctionReturn(0);
}

static PetscErrorCode start_phase(screen_job *job, PetscInt phase)
{
  md_protocol protocol = job->phases[phase].protocol;

  PetscFunctionBegin;
  protocol.rng = md_rng_derive(job->rng, 1 + (uint64_t)phase);
  PetscCall(md_run_start(job->run, &protocol, &job->phases[phase].guard));
  PetscCall(watch_phase(job, phase));
  PetscFunctionReturn(0);
}

/* Together ----------------------------------------------------------------------------------- */

/* What rank 0 did alone went wrong or not: the same answer everywhere. */
static PetscErrorCode together(const screen_job *job, PetscErrorCode ierr)
{
  int code = (int)ierr;

  PetscFunctionBegin;
  if (job->size > 1) PetscCallMPI(MPI_Bcast(&code, 1, MPI_INT, 0, job->comm));
  PetscCall(ierr);
  PetscCheck(code == 0, PETSC_COMM_SELF, (PetscErrorCode)code,
             "the first rank of the group failed");
  PetscFunctionReturn(0);
}

/* Beginnings -------------------------------------------------------------------------------- */

static PetscErrorCode create_run(screen_job *job, const md_atoms *atoms, const md_potential *pot)
{
  PetscFunctionBegin;
  PetscCall(md_run_create_on(job->comm, atoms, pot, &job->run));
  PetscCall(PetscMalloc1(job->campaign->nspecies, &job->names));
  for (PetscInt s = 0; s < job->campaign->nspecies; s++) job->names[s] = job->campaign->species[s];
  PetscCall(md_run_set_names(job->run, job->names));
  PetscFunctionReturn(0);
}

/* Estimators and first phase of a stage whose run stands ready. */
static PetscErrorCode begin_stage(screen_job *job)
{
  PetscErrorCode ierr = 0;
  md_sample sample;
  md_atoms whole;

  PetscFunctionBegin;
  PetscCall(md_run_gather(job->run, &whole));
  screen_job_state_follow(job->campaign, job->stage, &job->state);
  if (job->rank == 0) ierr = screen_job_state_begin(job->campaign, job->stage, &whole, &job->state);
  PetscCall(md_atoms_clear(&whole));
  PetscCall(together(job, ierr));
  PetscCall(start_phase(job, 0));
  PetscCall(md_run_sample(job->run, &sample));
  job->state.energy_begin = job->state.energy_now = sample.potential + sample.kinetic;
  PetscFunctionReturn(0);
}

/* What cells of imposed fluxes are made of: the run's cell, or what a stage before has kept of it;
 * on rank 0. */
static PetscErrorCode take_base(screen_job *job, md_atoms *base)
{
  PetscFunctionBegin;
  if (job->state.stage < SCREEN_FLUX) {
    PetscCall(md_run_gather(job->run, base));
  } else {
    *base = job->state.base;
    job->state.base = (md_atoms){0};
  }
  PetscFunctionReturn(0);
}

/* A new run of images of the point's cell, with velocities of their own. */
static PetscErrorCode widen(screen_job *job, const md_atoms *base, const md_potential *pot)
{
  md_atoms wide = {0};
  PetscInt repeat[3];
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  screen_flux_repeat(job->campaign, job->point, (PetscInt)job->stage - SCREEN_FLUX, repeat);
  if (job->rank == 0) ierr = md_atoms_repeat(base, repeat, &wide);
  ierr = together(job, ierr);
  if (!ierr) ierr = md_run_destroy(&job->run);
  if (!ierr) ierr = PetscFree(job->names);
  if (!ierr) ierr = create_run(job, &wide, pot);
  PetscCall(md_atoms_clear(&wide));
  PetscCall(ierr);
  PetscCall(md_run_thermalise(job->run, job->point->temperature, job->rng));
  PetscFunctionReturn(0);
}

/* A stage with an imposed flux begins: in a cell of its own, or in that of the stage before. */
static PetscErrorCode begin_flux(screen_job *job, const md_potential *pot)
{
  md_atoms base = {0};
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  PetscCall(take_base(job, &base));
  if (job->campaign->flux[job->stage - SCREEN_FLUX].first) ierr = widen(job, &base, pot);
  if (!ierr) ierr = screen_job_state_clear(&job->state);
  if (!ierr) ierr = begin_stage(job);
  if (job->rank > 0) PetscCall(md_atoms_clear(&base));
  job->state.base = base;
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* A fresh replica: positions and velocities from its own stream. */
static PetscErrorCode begin_replica(screen_job *job, const md_potential *pot, md_rng rng)
{
  md_atoms atoms = {0};
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  if (job->rank == 0) ierr = screen_start_create(job->campaign, job->point, pot, rng, &atoms);
  ierr = together(job, ierr);
  if (!ierr) ierr = create_run(job, &atoms, pot);
  PetscCall(md_atoms_clear(&atoms));
  PetscCall(ierr);
  PetscCall(md_run_thermalise(job->run, job->point->temperature, rng));
  if (job->stage >= SCREEN_FLUX)
    PetscCall(begin_flux(job, pot));
  else
    PetscCall(begin_stage(job));
  PetscFunctionReturn(0);
}

/* The saved estimators, on rank 0; `same`: they are of this stage, else of one before. */
static PetscErrorCode read_state(screen_job *job, PetscBool same, md_blob *start)
{
  PetscFunctionBegin;
  PetscCall(screen_job_state_read(job->campaign, job->point, start, &job->state));
  PetscCheck(same || job->state.stage < job->stage, PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
             "%s cannot start from the end of %s", screen_stage_name(job->stage),
             screen_stage_name(job->state.stage));
  PetscCheck(!same || job->state.stage == job->stage, PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
             "%s cannot be continued from a state of %s", screen_stage_name(job->stage),
             screen_stage_name(job->state.stage));
  PetscFunctionReturn(0);
}

/* What the other ranks must know of the estimators, to look when they do. */
static PetscErrorCode share_state(screen_job *job)
{
  screen_job_state *s = &job->state;
  double head[8] = {(double)s->stage, (double)s->done,       (double)s->nbin,     s->sample_time,
                    s->rmax,          (double)s->has_stream, (double)s->has_heat, s->vacf_time};

  PetscFunctionBegin;
  if (job->size == 1) PetscFunctionReturn(0);
  PetscCallMPI(MPI_Bcast(head, 8, MPI_DOUBLE, 0, job->comm));
  s->stage = (screen_stage)head[0];
  s->done = (int64_t)head[1];
  s->nbin = (PetscInt64)head[2];
  s->sample_time = head[3];
  s->rmax = head[4];
  s->has_stream = (PetscBool)(head[5] > 0.0);
  s->has_heat = (PetscBool)(head[6] > 0.0);
  s->vacf_time = head[7];
  PetscCall(screen_structure_share(job->comm, &s->structure));
  PetscCall(screen_novel_share(job->comm, &s->novel));
  PetscFunctionReturn(0);
}

/* The end of the stage before becomes the start of this one, or the state of this one goes on. */
static PetscErrorCode take_up(screen_job *job, const md_potential *pot, PetscBool same,
                              md_blob *start)
{
  PetscInt phase = 0;
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  if (job->rank == 0) ierr = read_state(job, same, start);
  PetscCall(together(job, ierr));
  PetscCall(share_state(job));
  PetscCall(create_run(job, &job->state.atoms, pot));
  PetscCall(md_run_load(job->run, start));
  if (!same && job->stage >= SCREEN_FLUX) {
    PetscCall(begin_flux(job, pot));
    PetscFunctionReturn(0);
  }
  if (!same) {
    PetscCall(screen_job_state_clear(&job->state));
    PetscCall(begin_stage(job));
    PetscFunctionReturn(0);
  }
  job->done = job->state.done;
  while (phase + 1 < job->nphase && job->done >= job->phases[phase].end) phase++;
  PetscCall(watch_phase(job, phase));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_job_create_on(const screen_job_order *o, screen_job **job)
{
  const md_rng rng = screen_start_rng(o->point, o->replica); /* then stage, then phase */
  screen_job *j;

  PetscFunctionBegin;
  PetscCall(PetscNew(&j));
  *job = j;
  j->comm = o->comm;
  PetscCallMPI(MPI_Comm_rank(j->comm, &j->rank));
  PetscCallMPI(MPI_Comm_size(j->comm, &j->size));
  j->campaign = o->campaign;
  j->point = o->point;
  j->replica = o->replica;
  j->stage = o->stage;
  j->rng = md_rng_derive(rng, 1 + (uint64_t)o->stage);
  j->shortest = o->pot->min_dist;
  j->grades = md_potential_grade_period(o->pot);
  j->total = screen_stage_steps(o->campaign, o->stage);
  screen_job_phases(o->campaign, o->point, o->stage, &j->nphase, j->phases);
  if (o->has_start)
    PetscCall(take_up(j, o->pot, o->same_stage, o->start));
  else
    PetscCall(begin_replica(j, o->pot, rng));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_job_create(const screen_campaign *campaign, const screen_point *point,
                                 const md_potential *pot, PetscInt replica, screen_stage stage,
                                 md_blob *start, PetscBool same_stage, screen_job **job)
{
  const screen_job_order order = {.comm = PETSC_COMM_SELF,
                                  .campaign = campaign,
                                  .point = point,
                                  .pot = pot,
                                  .replica = replica,
                                  .stage = stage,
                                  .has_start = (PetscBool)(start != NULL),
                                  .same_stage = same_stage,
                                  .start = start};

  PetscFunctionBegin;
  PetscCall(screen_job_create_on(&order, job));
  PetscFunctionReturn(0);
}

/* Running ----------------------------------------------------------------------------------- */

/* Up to n steps, but not beyond the end of the phase, where guards look and the next one begins. */
static PetscErrorCode advance_part(screen_job *job, int64_t n, md_reason *reason, char detail[160])
{
  const PetscInt64 before = md_run_step(job->run);
  const int64_t end = PetscMin(job->phases[job->phase].end, job->total);

  PetscFunctionBegin;
  PetscCall(md_run_advance(job->run, PetscMin(n, end - job->done), reason, detail));
  job->done += md_run_step(job->run) - before;
  if (*reason >= 0 && job->done == end) PetscCall(md_run_check(job->run, reason, detail));
  if (*reason >= 0 && job->done == job->phases[job->phase].end)
    PetscCall(start_phase(job, job->phase + 1));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_job_advance(screen_job *job, int64_t n, md_reason *reason, char detail[160])
{
  const int64_t left = job->total - job->done, end = job->done + (n < left ? n : left);
  md_sample sample;

  PetscFunctionBegin;
  *reason = MD_RUNNING;
  while (job->done < end && *reason >= 0)
    PetscCall(advance_part(job, end - job->done, reason, detail));
  PetscCall(md_run_sample(job->run, &sample));
  job->state.done = job->done;
  job->state.volume = sample.volume;
  job->state.grade_max = sample.grade_max;
  if (*reason < 0 && job->trajectory) /* nobody will save this state */
    PetscCall(md_trajectory_flush(job->trajectory, &job->state.frames));
  PetscFunctionReturn(0);
}

int64_t screen_job_done(const screen_job *job)
{
  return job->done;
}

const md_atoms *screen_job_atoms(const screen_job *job)
{
  return md_run_atoms(job->run);
}

PetscErrorCode screen_job_save(screen_job *job, md_blob *blob)
{
  PetscFunctionBegin;
  if (job->trajectory) PetscCall(md_trajectory_flush(job->trajectory, &job->state.frames));
  if (job->rank == 0) PetscCall(screen_job_state_write(&job->state, blob));
  PetscCall(md_run_save(job->run, blob));
  PetscFunctionReturn(0);
}

/* Where it ended ---------------------------------------------------------------------------- */

static PetscBool is_finite(const md_atoms *atoms)
{
  PetscReal sum = 0.0;

  for (size_t k = 0; k < 3 * (size_t)atoms->n; k++) sum += PetscAbsReal(atoms->x[k]);
  return (PetscBool)!PetscIsInfOrNanReal(sum);
}

PetscErrorCode screen_job_frames(const screen_job *job, md_reason reason, const char detail[160],
                                 md_blob *frames)
{
  screen_frame frame = {.point = job->point->name,
                        .stage = screen_stage_name(job->stage),
                        .role = "last good",
                        .reason = md_reason_text(reason),
                        .detail = detail,
                        .replica = job->replica};
  md_atoms good = {0}, bad = {0};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  ierr = md_run_last_good(job->run, &good, &frame.step);
  if (!ierr && job->rank == 0) ierr = screen_frames_put(&frame, &good, job->names, frames);
  if (!ierr) ierr = md_run_gather(job->run, &bad);
  frame.role = "bad";
  frame.step = md_run_step(job->run);
  if (!ierr && job->rank == 0 && is_finite(&bad))
    ierr = screen_frames_put(&frame, &bad, job->names, frames);
  if (!ierr && job->rank == 0)
    ierr = screen_frames_put_novel(&frame, &job->state.novel, &bad, job->names, frames);
  PetscCall(md_atoms_clear(&good));
  PetscCall(md_atoms_clear(&bad));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* Trajectory -------------------------------------------------------------------------------- */

/* "DIR/trajectory/CaCl2=0.282_T=1100K.replica0.npt.xyz"; makes the folder. */
static PetscErrorCode trajectory_path(const screen_job *job, const char *directory, char path[],
                                      size_t size)
{
  char name[sizeof(job->point->name)];

  PetscFunctionBegin;
  PetscCall(PetscStrncpy(name, job->point->name, sizeof(name)));
  for (char *c = name; *c; c++) {
    if (*c == '/' || *c == ' ') *c = '_';
  }
  PetscCall(PetscSNPrintf(path, size, "%s/trajectory", directory));
  PetscCheck(mkdir(path, 0777) == 0 || errno == EEXIST, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN,
             "%s: cannot be made: %s", path, strerror(errno));
  PetscCall(PetscSNPrintf(path, size, "%s/trajectory/%s.replica%" PetscInt_FMT ".%s.%s", directory,
                          name, job->replica, screen_stage_name(job->stage),
                          job->campaign->trajectory_h5md ? "h5md" : "xyz"));
  PetscFunctionReturn(0);
}

/* Molecules of the atoms, for the file; NULL where there are none or nobody knows them. */
static PetscErrorCode list_molecules(const screen_job *job, PetscInt **molecule)
{
  const screen_campaign *c = job->campaign;

  PetscFunctionBegin;
  *molecule = NULL;
  if (c->nmolecule == 0 || c->initial) PetscFunctionReturn(0);
  PetscCall(PetscMalloc1(job->point->natoms, molecule));
  PetscCall(screen_start_molecules(c, job->point, *molecule, NULL));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_job_trajectory(screen_job *job, const char *directory)
{
  const screen_campaign *c = job->campaign;
  const PetscReal steps = c->trajectory / c->dt + 0.5;
  const PetscInt every = (PetscInt)PetscClipInterval(steps, 1.0, (PetscReal)PETSC_MAX_INT);
  char path[SCREEN_PATH_MAX];
  PetscInt *molecule;
  PetscErrorCode ierr;
  md_trajectory_spec spec = {.format = c->trajectory_h5md ? MD_TRAJECTORY_H5MD : MD_TRAJECTORY_XYZ,
                             .path = path,
                             .species = job->names,
                             .version = LIQUIDUS_VERSION,
                             .velocities = c->trajectory_velocities,
                             .doubles = c->trajectory_double};

  PetscFunctionBegin;
  if (c->trajectory <= 0.0 || (job->stage != SCREEN_NPT && job->stage != SCREEN_NVE))
    PetscFunctionReturn(0);
  PetscCall(together(job, trajectory_path(job, directory, path, sizeof(path))));
  PetscCall(list_molecules(job, &molecule));
  spec.molecule = molecule;
  ierr = md_trajectory_open(job->run, &spec, job->state.frames, &job->trajectory);
  PetscCall(PetscFree(molecule));
  PetscCall(ierr);
  PetscCall(
      md_run_observe_with(job->run, every, MD_NEED_ENERGY, md_trajectory_see, job->trajectory));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_job_destroy(screen_job **job)
{
  PetscFunctionBegin;
  if (!*job) PetscFunctionReturn(0);
  PetscCall(md_trajectory_close(&(*job)->trajectory));
  PetscCall(md_run_destroy(&(*job)->run));
  PetscCall(PetscFree((*job)->names));
  PetscCall(screen_job_state_clear(&(*job)->state));
  PetscCall(PetscFree(*job));
  PetscFunctionReturn(0);
}
