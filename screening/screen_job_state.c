/* screening/screen_job_state.c - the estimators of a stage: begun, fed, saved, read
 *
 * A saved state is self-contained: it names its atoms, the bins and times its estimators were made
 * with, so that it can be read by a campaign that no longer asks for them. Scalars are added at
 * every step (it costs nothing beside the forces, and nothing is strided away), and so are pressure
 * and currents, which are computed only where a stream takes them; pair distances and displacements
 * at fixed times.
 */
#include "md/md_currents.h"
#include "md/md_units.h"
#include "screening/screen_flux.h"
#include "screening/screen_job.h"

#include <string.h>

static const char state_tag[] = "scrstate";

/* Steps between samples that are `time` apart, at least 1. */
static PetscInt stride(const screen_campaign *campaign, PetscReal time)
{
  const PetscInt n = (PetscInt)(time / campaign->dt + 0.5);

  return n < 1 ? 1 : n;
}

static PetscErrorCode create_series(screen_job_state *state)
{
  PetscFunctionBegin;
  PetscCall(prop_series_create(&state->density));
  PetscCall(prop_series_create(&state->volumes));
  PetscCall(prop_series_create(&state->potential));
  PetscCall(prop_series_create(&state->temperature));
  PetscFunctionReturn(0);
}

/* Of a stage that begins. */
static PetscErrorCode create_stream(const screen_campaign *campaign, screen_job_state *state)
{
  const PetscInt ns = state->atoms.nspecies;

  PetscFunctionBegin;
  if (!state->has_stream) PetscFunctionReturn(0);
  if (state->stage == SCREEN_NPT)
    PetscCall(prop_stream_create(PROP_NPT_CHANNELS, campaign->dt, &state->npt_stream));
  else
    PetscCall(prop_stream_create(prop_nve_channels(ns, state->has_heat), campaign->dt,
                                 &state->nve_stream));
  PetscFunctionReturn(0);
}

static PetscErrorCode create_estimators(screen_job_state *state)
{
  PetscFunctionBegin;
  PetscCall(create_series(state));
  if (state->nbin > 0)
    PetscCall(
        prop_rdf_create(state->atoms.nspecies, state->rmax, (PetscInt)state->nbin, &state->rdf));
  if (state->sample_time > 0.0)
    PetscCall(prop_msd_create(&state->atoms, state->sample_time, &state->msd));
  if (state->vacf_time > 0.0)
    PetscCall(prop_vacf_create(&state->atoms, state->vacf_time, SCREEN_VACF_LONGEST, &state->vacf));
  PetscFunctionReturn(0);
}

/* [fs] between samples of velocities: hydrogen vibrates fastest */
static PetscReal velocity_time(const screen_campaign *campaign)
{
  PetscReal lightest = campaign->mass[0];

  for (PetscInt s = 1; s < campaign->nspecies; s++)
    lightest = PetscMin(lightest, campaign->mass[s]);
  return lightest < 4.0 * MD_ATOMIC_MASS ? SCREEN_VACF_HYDROGEN : SCREEN_VACF_TIME;
}

void screen_job_state_follow(const screen_campaign *campaign, screen_stage stage,
                             screen_job_state *state)
{
  state->stage = stage;
  if (stage == SCREEN_NPT && campaign->want_structure) {
    state->rmax = campaign->rdf_rmax;
    state->nbin = (PetscInt64)PetscCeilReal(campaign->rdf_rmax / SCREEN_RDF_WIDTH - 1e-6);
    screen_structure_follow(campaign, &state->structure);
  }
  if (stage == SCREEN_NVE && campaign->want_diffusion) {
    state->sample_time = stride(campaign, SCREEN_MSD_TIME) * campaign->dt;
    state->vacf_time = stride(campaign, velocity_time(campaign)) * campaign->dt;
  }
  state->has_stream = (PetscBool)((stage == SCREEN_NPT && screen_campaign_npt_stream(campaign)) ||
                                  (stage == SCREEN_NVE && screen_campaign_nve_stream(campaign)));
  state->flux = stage >= SCREEN_FLUX ? campaign->flux[stage - SCREEN_FLUX].kind : MD_RNEMD_OFF;
  state->has_heat = (PetscBool)(stage == SCREEN_NVE && screen_campaign_heat(campaign));
}

PetscErrorCode screen_job_state_begin(const screen_campaign *campaign, screen_stage stage,
                                      const md_atoms *atoms, screen_job_state *state)
{
  PetscFunctionBegin;
  PetscCall(md_atoms_copy(atoms, &state->atoms));
  PetscCall(PetscArrayzero(state->atoms.x, 3 * state->atoms.n));
  PetscCall(PetscArrayzero(state->atoms.v, 3 * state->atoms.n));
  PetscCall(PetscArrayzero(state->atoms.f, 3 * state->atoms.n));
  screen_job_state_follow(campaign, stage, state);
  state->volume = md_atoms_volume(atoms);
  PetscCall(create_estimators(state));
  PetscCall(screen_structure_create(&state->atoms, &state->structure));
  PetscCall(create_stream(campaign, state));
  if (state->flux != MD_RNEMD_OFF)
    PetscCall(md_profile_create(campaign->flux[stage - SCREEN_FLUX].slabs, &state->atoms,
                                &state->profile));
  PetscFunctionReturn(0);
}

/* Observers --------------------------------------------------------------------------------- */

/* Of the ranks of a group only one has estimators. */
static PetscBool has_estimators(const screen_job_state *state)
{
  return (PetscBool)(state->atoms.n > 0);
}

static PetscErrorCode see_scalars(const md_sample *sample, void *context)
{
  screen_job_state *state = (screen_job_state *)context;

  PetscFunctionBegin;
  if (!has_estimators(state)) PetscFunctionReturn(0);
  PetscCall(prop_series_add(&state->potential, sample->potential / (PetscReal)sample->total));
  PetscCall(prop_series_add(&state->temperature, sample->temperature));
  if (state->stage == SCREEN_NPT) {
    PetscCall(
        prop_series_add(&state->density, md_atoms_total_mass(&state->atoms) / sample->volume));
    PetscCall(prop_series_add(&state->volumes, sample->volume));
  } else {
    state->energy_now = sample->conserved;
    state->kinetic_sum += sample->kinetic;
    state->nkinetic++;
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode see_npt_stream(const md_sample *sample, void *context)
{
  screen_job_state *state = (screen_job_state *)context;
  const PetscReal volume = sample->volume;
  const PetscReal enthalpy = sample->kinetic + sample->potential + state->pressure * volume;
  const PetscReal *origin = state->npt_stream.origin;
  PetscReal x[PROP_NPT_CHANNELS] = {[PROP_NPT_VOLUME] = volume,
                                    [PROP_NPT_ENTHALPY] = enthalpy,
                                    [PROP_NPT_POTENTIAL] = sample->potential,
                                    [PROP_NPT_TEMPERATURE] = sample->temperature};

  PetscFunctionBegin;
  if (!has_estimators(state)) PetscFunctionReturn(0);
  if (state->npt_stream.nsample > 0) {
    const PetscReal dv = volume - origin[PROP_NPT_VOLUME];
    const PetscReal dh = enthalpy - origin[PROP_NPT_ENTHALPY];

    x[PROP_NPT_VV] = dv * dv;
    x[PROP_NPT_HH] = dh * dh;
    x[PROP_NPT_HV] = dh * dv;
  }
  PetscCall(prop_stream_add(&state->npt_stream, x));
  PetscFunctionReturn(0);
}

static PetscErrorCode see_nve_stream(const md_sample *sample, void *context)
{
  static const int voigt[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};
  screen_job_state *state = (screen_job_state *)context;
  const PetscInt ns = state->atoms.nspecies;
  PetscReal x[PROP_STREAM_CHANNELS];

  PetscFunctionBegin;
  if (!has_estimators(state)) PetscFunctionReturn(0);
  for (int k = 0; k < 6; k++) {
    const int a = voigt[k][0], b = voigt[k][1];

    x[PROP_NVE_PRESSURE + k] = 0.5 * (sample->pressure[3 * a + b] + sample->pressure[3 * b + a]);
  }
  for (PetscInt s = 0; s < ns; s++)
    PetscCall(PetscArraycpy(x + prop_nve_current(s), sample->current[s], 3));
  x[prop_nve_temperature(ns)] = sample->temperature;
  x[prop_nve_potential(ns)] = sample->potential;
  if (state->has_heat) md_current_heat(sample, x + prop_nve_heat(ns));
  PetscCall(prop_stream_add(&state->nve_stream, x));
  PetscFunctionReturn(0);
}

static PetscErrorCode see_pairs(const md_sample *sample, void *context)
{
  md_atoms storage;
  const md_atoms *atoms;

  PetscFunctionBegin;
  PetscCall(md_sample_atoms(sample, &storage, &atoms));
  if (atoms) PetscCall(prop_rdf_add(((screen_job_state *)context)->rdf, atoms));
  PetscCall(md_atoms_clear(&storage));
  PetscFunctionReturn(0);
}

static PetscErrorCode see_displacements(const md_sample *sample, void *context)
{
  md_atoms storage;
  const md_atoms *atoms;

  PetscFunctionBegin;
  PetscCall(md_sample_atoms(sample, &storage, &atoms));
  if (atoms) PetscCall(prop_msd_add(((screen_job_state *)context)->msd, atoms));
  PetscCall(md_atoms_clear(&storage));
  PetscFunctionReturn(0);
}

static PetscErrorCode see_velocities(const md_sample *sample, void *context)
{
  md_atoms storage;
  const md_atoms *atoms;

  PetscFunctionBegin;
  PetscCall(md_sample_atoms(sample, &storage, &atoms));
  if (atoms) PetscCall(prop_vacf_add(((screen_job_state *)context)->vacf, atoms));
  PetscCall(md_atoms_clear(&storage));
  PetscFunctionReturn(0);
}

static PetscErrorCode observe_stream(screen_job_state *state, md_run *run)
{
  const unsigned needs = MD_NEED_ENERGY | MD_NEED_PRESSURE | MD_NEED_CURRENTS;

  PetscFunctionBegin;
  if (!state->has_stream) PetscFunctionReturn(0);
  if (state->stage == SCREEN_NPT)
    PetscCall(md_run_observe_with(run, 1, MD_NEED_ENERGY, see_npt_stream, state));
  else
    PetscCall(md_run_observe_with(run, 1, needs | (state->has_heat ? MD_NEED_HEAT : 0u),
                                  see_nve_stream, state));
  PetscFunctionReturn(0);
}

/* Profile and energy; the first sample is where the drift begins. */
static PetscErrorCode see_flux(const md_sample *sample, void *context)
{
  screen_job_state *state = (screen_job_state *)context;
  md_sample whole = *sample;
  md_atoms storage;

  PetscFunctionBegin;
  PetscCall(md_sample_atoms(sample, &storage, &whole.atoms));
  if (whole.atoms) {
    if (state->nkinetic == 0) state->energy_begin = sample->conserved;
    state->energy_now = sample->conserved;
    state->kinetic_sum += sample->kinetic;
    state->nkinetic++;
    PetscCall(md_profile_observe(&whole, &state->profile));
  }
  PetscCall(md_atoms_clear(&storage));
  PetscFunctionReturn(0);
}

/* Nothing is measured while the cell settles. */
static PetscErrorCode observe_flux(const screen_campaign *campaign, screen_job_state *state,
                                   md_run *run)
{
  PetscFunctionBegin;
  if (md_run_protocol(run)->rnemd.kind == MD_RNEMD_OFF) PetscFunctionReturn(0);
  PetscCall(md_run_observe_with(run, stride(campaign, SCREEN_FLUX_TIME), MD_NEED_ENERGY, see_flux,
                                state));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_job_state_observe(const screen_campaign *campaign, const screen_point *point,
                                        screen_job_state *state, md_run *run)
{
  PetscFunctionBegin;
  if (state->stage == SCREEN_EQUILIBRATION) PetscFunctionReturn(0);
  if (state->stage >= SCREEN_FLUX) {
    PetscCall(observe_flux(campaign, state, run));
    PetscFunctionReturn(0);
  }
  state->pressure = point->pressure;
  PetscCall(md_run_observe_with(run, 1, MD_NEED_ENERGY, see_scalars, state));
  PetscCall(observe_stream(state, run));
  if (state->nbin > 0)
    PetscCall(
        md_run_observe_with(run, stride(campaign, campaign->structure_every), 0, see_pairs, state));
  PetscCall(screen_structure_observe(campaign, &state->structure, run));
  if (state->sample_time > 0.0)
    PetscCall(
        md_run_observe_with(run, stride(campaign, SCREEN_MSD_TIME), 0, see_displacements, state));
  if (state->vacf_time > 0.0)
    PetscCall(
        md_run_observe_with(run, stride(campaign, state->vacf_time), 0, see_velocities, state));
  PetscFunctionReturn(0);
}

/* Saved form -------------------------------------------------------------------------------- */

/* Numbers of the head, in one order for both directions. */
typedef struct {
  int64_t stage, done, frames, natoms, nspecies, nbin, nkinetic, has_stream, has_heat;
  double rmax, sample_time, vacf_time, volume, energy_begin, energy_now, kinetic_sum, grade_max,
      h[3][3];
} saved_head;

/* A profile with what is needed to read it, and what later cells are made of. */
static PetscErrorCode write_profile(const screen_job_state *s, md_blob *blob)
{
  const int64_t head[2] = {s->flux, s->profile.slabs};
  const md_atoms *base = &s->base;

  PetscFunctionBegin;
  PetscCall(md_blob_put(blob, head, sizeof(head)));
  PetscCall(md_profile_save(&s->profile, PETSC_COMM_SELF, blob));
  PetscCall(md_blob_put(blob, base->h, sizeof(base->h)));
  PetscCall(md_blob_put(blob, base->type, (size_t)base->n * sizeof(PetscInt)));
  PetscCall(md_blob_put(blob, base->x, 3 * (size_t)base->n * sizeof(PetscReal)));
  PetscFunctionReturn(0);
}

/* The point's cell. */
static PetscErrorCode read_base(const screen_point *point, screen_job_state *s, md_blob *blob)
{
  md_atoms *base = &s->base;

  PetscFunctionBegin;
  PetscCall(md_atoms_create(point->natoms, s->atoms.nspecies, base));
  PetscCall(PetscArraycpy(base->mass, s->atoms.mass, base->nspecies));
  PetscCall(md_blob_get(blob, base->h, sizeof(base->h)));
  PetscCall(md_blob_get(blob, base->type, (size_t)base->n * sizeof(PetscInt)));
  PetscCall(md_blob_get(blob, base->x, 3 * (size_t)base->n * sizeof(PetscReal)));
  for (PetscInt i = 0; i < base->n; i++)
    PetscCheck(base->type[i] >= 0 && base->type[i] < base->nspecies, PETSC_COMM_SELF,
               PETSC_ERR_FILE_UNEXPECTED, "Saved state has an atom of species %" PetscInt_FMT,
               base->type[i]);
  PetscFunctionReturn(0);
}

static PetscErrorCode read_profile(screen_job_state *s, md_blob *blob)
{
  int64_t head[2];

  PetscFunctionBegin;
  PetscCall(md_blob_get(blob, head, sizeof(head)));
  PetscCheck(head[0] > MD_RNEMD_OFF && head[0] < MD_RNEMD_NKIND && head[1] > 0 &&
                 head[1] <= SCREEN_MAX_SLABS,
             PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
             "Saved state has a flux of kind %lld in %lld slabs", (long long)head[0],
             (long long)head[1]);
  s->flux = (md_rnemd_kind)head[0];
  PetscCall(md_profile_create((PetscInt)head[1], &s->atoms, &s->profile));
  PetscCall(md_profile_load(&s->profile, PETSC_COMM_SELF, blob));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_job_state_write(const screen_job_state *s, md_blob *blob)
{
  saved_head head = {.stage = s->stage,
                     .done = s->done,
                     .frames = s->frames,
                     .natoms = s->atoms.n,
                     .nspecies = s->atoms.nspecies,
                     .nbin = s->rdf ? s->nbin : 0,
                     .nkinetic = s->nkinetic,
                     .has_stream = s->has_stream,
                     .has_heat = s->has_heat,
                     .rmax = s->rmax,
                     .sample_time = s->sample_time,
                     .vacf_time = s->vacf_time,
                     .volume = s->volume,
                     .energy_begin = s->energy_begin,
                     .energy_now = s->energy_now,
                     .kinetic_sum = s->kinetic_sum,
                     .grade_max = s->grade_max};

  PetscFunctionBegin;
  memcpy(head.h, s->atoms.h, sizeof(head.h));
  PetscCall(md_blob_put_tag(blob, state_tag, SCREEN_STATE_VERSION));
  PetscCall(md_blob_put(blob, &head, sizeof(head)));
  PetscCall(md_blob_put(blob, s->atoms.type, (size_t)s->atoms.n * sizeof(PetscInt)));
  PetscCall(screen_novel_save(&s->novel, s->atoms.n, blob));
  if (s->stage == SCREEN_EQUILIBRATION) PetscFunctionReturn(0);
  if (s->stage >= SCREEN_FLUX) {
    PetscCall(write_profile(s, blob));
    PetscFunctionReturn(0);
  }
  PetscCall(prop_series_save(&s->density, blob));
  PetscCall(prop_series_save(&s->volumes, blob));
  PetscCall(prop_series_save(&s->potential, blob));
  PetscCall(prop_series_save(&s->temperature, blob));
  if (s->has_stream)
    PetscCall(prop_stream_save(s->stage == SCREEN_NPT ? &s->npt_stream : &s->nve_stream, blob));
  if (s->rdf) PetscCall(prop_rdf_save(s->rdf, blob));
  if (s->msd) PetscCall(prop_msd_save(s->msd, blob));
  if (s->vacf) PetscCall(prop_vacf_save(s->vacf, blob));
  PetscCall(screen_structure_save(&s->structure, blob));
  PetscFunctionReturn(0);
}

/* The atoms of a saved state must be those of the point. */
static PetscErrorCode read_atoms(const screen_campaign *campaign, const screen_point *point,
                                 const saved_head *head, md_blob *blob, md_atoms *atoms)
{
  const PetscInt natoms = screen_stage_atoms(campaign, point, (screen_stage)head->stage);

  PetscFunctionBegin;
  PetscCheck(head->natoms == natoms && head->nspecies == campaign->nspecies, PETSC_COMM_SELF,
             PETSC_ERR_FILE_UNEXPECTED,
             "Saved state has %lld atoms of %lld species, point %s has %" PetscInt_FMT
             " of %" PetscInt_FMT,
             (long long)head->natoms, (long long)head->nspecies, point->name, natoms,
             campaign->nspecies);
  PetscCall(md_atoms_create(natoms, campaign->nspecies, atoms));
  PetscCall(md_blob_get(blob, atoms->type, (size_t)atoms->n * sizeof(PetscInt)));
  for (PetscInt i = 0; i < atoms->n; i++)
    PetscCheck(atoms->type[i] >= 0 && atoms->type[i] < atoms->nspecies, PETSC_COMM_SELF,
               PETSC_ERR_FILE_UNEXPECTED, "Saved state has an atom of species %" PetscInt_FMT,
               atoms->type[i]);
  PetscCall(PetscArraycpy(atoms->mass, campaign->mass, campaign->nspecies));
  memcpy(atoms->h, head->h, sizeof(atoms->h));
  PetscFunctionReturn(0);
}

static void take_head(const saved_head *head, screen_job_state *state)
{
  state->stage = (screen_stage)head->stage;
  state->done = head->done;
  state->frames = head->frames;
  state->nbin = head->nbin;
  state->nkinetic = head->nkinetic;
  state->has_stream = (PetscBool)(head->has_stream != 0);
  state->has_heat = (PetscBool)(head->has_heat != 0);
  state->rmax = head->rmax;
  state->sample_time = head->sample_time;
  state->vacf_time = head->vacf_time;
  state->volume = head->volume;
  state->energy_begin = head->energy_begin;
  state->energy_now = head->energy_now;
  state->kinetic_sum = head->kinetic_sum;
  state->grade_max = head->grade_max;
  state->drift = head->nkinetic > 0 ? (head->energy_now - head->energy_begin) /
                                          (head->kinetic_sum / (PetscReal)head->nkinetic)
                                    : 0.0;
}

/* A stream with the channels that the stage has. */
static PetscErrorCode read_stream(screen_job_state *state, md_blob *blob)
{
  const PetscBool npt = (PetscBool)(state->stage == SCREEN_NPT);
  const PetscInt wanted =
      npt ? (PetscInt)PROP_NPT_CHANNELS : prop_nve_channels(state->atoms.nspecies, state->has_heat);
  prop_stream *stream = npt ? &state->npt_stream : &state->nve_stream;

  PetscFunctionBegin;
  if (!state->has_stream) PetscFunctionReturn(0);
  PetscCall(prop_stream_load(stream, blob));
  PetscCheck(stream->nchannel == wanted, PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
             "Saved state has a stream of %" PetscInt_FMT " channels, wanted %" PetscInt_FMT,
             stream->nchannel, wanted);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_job_state_read_front(const screen_campaign *campaign,
                                           const screen_point *point, md_blob *blob,
                                           screen_job_state *state)
{
  saved_head head;

  PetscFunctionBegin;
  PetscCall(md_blob_expect_tag(blob, state_tag, SCREEN_STATE_VERSION));
  PetscCall(md_blob_get(blob, &head, sizeof(head)));
  PetscCheck(head.stage >= 0 && head.stage < SCREEN_NSTAGE && head.done >= 0, PETSC_COMM_SELF,
             PETSC_ERR_FILE_UNEXPECTED, "Saved state is of stage %lld after %lld steps",
             (long long)head.stage, (long long)head.done);
  PetscCall(read_atoms(campaign, point, &head, blob, &state->atoms));
  take_head(&head, state);
  PetscCall(screen_novel_load(state->atoms.n, blob, &state->novel));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_job_state_read(const screen_campaign *campaign, const screen_point *point,
                                     md_blob *blob, screen_job_state *state)
{
  PetscFunctionBegin;
  PetscCall(screen_job_state_read_front(campaign, point, blob, state));
  PetscCall(create_estimators(state));
  if (state->stage == SCREEN_EQUILIBRATION) PetscFunctionReturn(0);
  if (state->stage >= SCREEN_FLUX) {
    PetscCall(read_profile(state, blob));
    PetscCall(read_base(point, state, blob));
    PetscFunctionReturn(0);
  }
  PetscCall(prop_series_load(&state->density, blob));
  PetscCall(prop_series_load(&state->volumes, blob));
  PetscCall(prop_series_load(&state->potential, blob));
  PetscCall(prop_series_load(&state->temperature, blob));
  PetscCall(read_stream(state, blob));
  if (state->rdf) PetscCall(prop_rdf_load(state->rdf, blob));
  if (state->msd) PetscCall(prop_msd_load(state->msd, blob));
  if (state->vacf) PetscCall(prop_vacf_load(state->vacf, blob));
  PetscCall(screen_structure_load(&state->atoms, blob, &state->structure));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_job_state_clear(screen_job_state *state)
{
  PetscFunctionBegin;
  PetscCall(md_atoms_clear(&state->atoms));
  PetscCall(md_atoms_clear(&state->base));
  PetscCall(prop_series_clear(&state->density));
  PetscCall(prop_series_clear(&state->volumes));
  PetscCall(prop_series_clear(&state->potential));
  PetscCall(prop_series_clear(&state->temperature));
  PetscCall(prop_stream_clear(&state->npt_stream));
  PetscCall(prop_stream_clear(&state->nve_stream));
  PetscCall(prop_rdf_destroy(&state->rdf));
  PetscCall(prop_msd_destroy(&state->msd));
  PetscCall(prop_vacf_destroy(&state->vacf));
  PetscCall(screen_structure_clear(&state->structure));
  PetscCall(md_profile_clear(&state->profile));
  PetscCall(screen_novel_clear(&state->novel));
  *state = (screen_job_state){0};
  PetscFunctionReturn(0);
}
