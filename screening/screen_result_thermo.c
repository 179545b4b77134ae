/* screening/screen_result_thermo.c - from the NPT streams of replicas to enthalpy and what
 * fluctuates
 *
 * Blocks before the end of equilibration, as the density and the potential energy tell it, are left
 * out.  Slopes over temperature need other points: screen_table_couple().
 */
#include "md/md_units.h"
#include "properties/prop_channels.h"
#include "screening/screen_result_impl.h"

#include <string.h>

static const PetscReal energy_si = MD_ELEMENTARY_CHARGE_C * MD_AVOGADRO; /* eV per atom to J/mol */

prop_heat_cell screen_result_cell(const screen_campaign *campaign, const screen_point *point)
{
  prop_heat_cell cell = {.temperature = point->temperature, .natom = point->natoms};

  for (PetscInt s = 0; s < campaign->nspecies; s++) {
    const char *name = campaign->species[s];

    cell.mass += campaign->mass[s] * (PetscReal)point->count[s];
    if (point->count[s] > 0 && (!strcmp(name, "H") || !strcmp(name, "D")))
      cell.classical = PETSC_TRUE;
  }
  for (PetscInt k = 0; point->units && k < campaign->ncomponent; k++)
    cell.nformula += (PetscReal)point->units[k];
  return cell;
}

/* Blocks of a replica that are equilibration. */
static PetscErrorCode count_discarded(const screen_job_state *npt, PetscInt *n)
{
  prop_estimate density, energy;

  PetscFunctionBegin;
  PetscCall(prop_series_estimate(&npt->density, &density));
  PetscCall(prop_series_estimate(&npt->potential, &energy));
  *n = (PetscInt)PetscCeilReal(PetscMax(density.discarded, energy.discarded) *
                               (PetscReal)npt->npt_stream.nblock);
  *n = PetscMin(*n, npt->npt_stream.nblock);
  PetscFunctionReturn(0);
}

/* Channels of the runs, one after the other. */
typedef struct {
  PetscInt n; /* replicas with a stream */
  prop_heat_run *run;
  PetscReal **store; /* [n] owned, five channels each */
} heat_runs;

static PetscErrorCode add_run(const screen_job_state *npt, heat_runs *h)
{
  static const PetscInt channel[5] = {PROP_NPT_VOLUME, PROP_NPT_ENTHALPY, PROP_NPT_VV, PROP_NPT_HH,
                                      PROP_NPT_HV};
  const prop_stream *stream = &npt->npt_stream;
  prop_heat_run *run = &h->run[h->n];
  const PetscReal **at[5] = {&run->v, &run->h, &run->vv, &run->hh, &run->hv};
  PetscInt skip = 0;

  PetscFunctionBegin;
  PetscCall(count_discarded(npt, &skip));
  PetscCall(PetscMalloc1(5 * stream->nblock + 1, &h->store[h->n]));
  *run = (prop_heat_run){.n = stream->nblock - skip,
                         .length = (PetscReal)stream->length,
                         .v0 = stream->origin[PROP_NPT_VOLUME],
                         .h0 = stream->origin[PROP_NPT_ENTHALPY]};
  for (int k = 0; k < 5; k++) {
    PetscReal *out = h->store[h->n] + k * stream->nblock;

    PetscCall(prop_stream_channel(stream, channel[k], out));
    *at[k] = out + skip;
  }
  h->n++;
  PetscFunctionReturn(0);
}

static PetscErrorCode clear_runs(heat_runs *h)
{
  PetscFunctionBegin;
  for (PetscInt k = 0; k < h->n; k++) PetscCall(PetscFree(h->store[k]));
  PetscCall(PetscFree(h->store));
  PetscCall(PetscFree(h->run));
  PetscFunctionReturn(0);
}

/* Mean enthalpy of every replica. */
static PetscErrorCode estimate_enthalpy(const screen_result_states *s, screen_estimates *e)
{
  PetscFunctionBegin;
  e->n = 0;
  for (PetscInt r = 0; r < s->nreplica; r++) {
    const prop_stream *stream = &s->npt[r].npt_stream;
    prop_series series;
    PetscReal *h;

    if (stream->nblock == 0) continue;
    PetscCall(PetscMalloc1(stream->nblock, &h));
    PetscCall(prop_stream_channel(stream, PROP_NPT_ENTHALPY, h));
    PetscCall(prop_series_create(&series));
    for (PetscInt i = 0; i < stream->nblock; i++) PetscCall(prop_series_add(&series, h[i]));
    PetscCall(PetscFree(h));
    PetscCall(prop_series_estimate(&series, &e->est[e->n++]));
    PetscCall(prop_series_clear(&series));
  }
  PetscFunctionReturn(0);
}

/* Where the six quantities of fluctuations go; C_p and the expansion give way to slopes later. */
static void place(const prop_value value[], PetscInt flags, screen_result *result)
{
  static const struct {
    prop_id id;
    prop_heat_quantity quantity;
  } places[] = {{PROP_ID_HEAT_CAPACITY, PROP_HEAT_CP},
                {PROP_ID_HEAT_CAPACITY_FLUCTUATION, PROP_HEAT_CP},
                {PROP_ID_THERMAL_EXPANSION, PROP_HEAT_EXPANSION},
                {PROP_ID_THERMAL_EXPANSION_FLUCTUATION, PROP_HEAT_EXPANSION},
                {PROP_ID_ISOTHERMAL_COMPRESSIBILITY, PROP_HEAT_KAPPA_T},
                {PROP_ID_HEAT_CAPACITY_CV, PROP_HEAT_CV},
                {PROP_ID_SPEED_OF_SOUND, PROP_HEAT_SOUND},
                {PROP_ID_ADIABATIC_COMPRESSIBILITY, PROP_HEAT_KAPPA_S}};

  for (size_t k = 0; k < sizeof(places) / sizeof(places[0]); k++) {
    prop_value *to = screen_result_at(result, places[k].id);

    *to = value[places[k].quantity];
    screen_result_flag(to, flags);
  }
}

static PetscErrorCode fill_fluctuations(const screen_result_states *s, const prop_heat_cell *cell,
                                        PetscInt flags, screen_result *result)
{
  prop_value value[PROP_HEAT_NQUANTITY];
  heat_runs h = {0};
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  PetscCall(PetscCalloc1(s->nreplica, &h.run));
  PetscCall(PetscCalloc1(s->nreplica, &h.store));
  for (PetscInt r = 0; r < s->nreplica && !ierr; r++) {
    if (s->npt[r].npt_stream.nblock > 0) ierr = add_run(&s->npt[r], &h);
  }
  if (!ierr) ierr = prop_heat_fluctuation(cell, h.n, h.run, value);
  PetscCall(clear_runs(&h));
  PetscCall(ierr);
  place(value, flags, result);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_result_fill_thermo(const screen_campaign *campaign,
                                         const screen_result_states *s, screen_estimates *e,
                                         screen_result *result)
{
  const prop_heat_cell cell = screen_result_cell(campaign, s->point);
  const prop_value *density = screen_result_at(result, PROP_ID_DENSITY);
  const PetscInt scalars =
      density->flags | screen_result_at(result, PROP_ID_POTENTIAL_ENERGY)->flags;
  const PetscInt flags =
      (s->npt_whole ? 0 : PROP_FLAG_PARTIAL) | (scalars & PROP_FLAG_NOT_STATIONARY);
  prop_value *enthalpy = screen_result_at(result, PROP_ID_ENTHALPY);

  PetscFunctionBegin;
  *screen_result_at(result, PROP_ID_NUMBER_DENSITY) =
      prop_heat_scaled(density, MD_AVOGADRO / prop_heat_per_atom(&cell));
  PetscCall(estimate_enthalpy(s, e));
  PetscCall(prop_combine(e->n, e->est, energy_si / (PetscReal)cell.natom, enthalpy));
  screen_result_flag(enthalpy, flags);
  PetscCall(fill_fluctuations(s, &cell, flags, result));
  PetscFunctionReturn(0);
}
