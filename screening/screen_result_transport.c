/* screening/screen_result_transport.c - from the NVE streams of replicas to the estimators of
 * transport */
#include "md/md_units.h"
#include "properties/prop_channels.h"
#include "properties/prop_finite.h"
#include "properties/prop_thermal.h"
#include "properties/prop_viscosity.h"
#include "screening/screen_result_impl.h"

#define ANGSTROM    1e-10
#define FEMTOSECOND 1e-15

/* Streams ------------------------------------------------------------------------------------ */

/* Samples of the longest replica, and the longest block of those that count. */
static void survey(const screen_result_states *s, PetscInt64 *most, PetscInt64 *length)
{
  *most = *length = 0;
  for (PetscInt r = 0; r < s->nreplica; r++) *most = PetscMax(*most, s->nve[r].nve_stream.nsample);
  for (PetscInt r = 0; r < s->nreplica; r++) {
    const prop_stream *stream = &s->nve[r].nve_stream;

    if (stream->nblock > 0 && 2 * stream->nsample >= *most)
      *length = PetscMax(*length, stream->length);
  }
}

/* Whether a replica counts, and its stream has blocks of the common length. */
static PetscErrorCode prepare(prop_stream *stream, PetscInt64 most, PetscInt64 length,
                              PetscBool *usable)
{
  PetscFunctionBegin;
  *usable = PETSC_FALSE;
  if (stream->nblock == 0 || 2 * stream->nsample < most) PetscFunctionReturn(0);
  PetscCall(prop_stream_coarsen(stream, length));
  *usable = (PetscBool)(stream->nblock > 0);
  PetscFunctionReturn(0);
}

/* One replica's channels behind those that are there; its volume and temperature.  A channel that
 * is longer than the shortest replica's runs into the place of the next one, which comes later. */
static PetscErrorCode add_replica(const screen_job_state *nve, PetscInt replica, screen_flows *f)
{
  const prop_stream *stream = &nve->nve_stream;
  PetscReal *out;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(stream->nchannel * stream->nblock, &out));
  f->channel[f->n] = out;
  f->replica[f->n] = replica;
  f->volume[f->n] = nve->volume;
  f->temperature[f->n] = 0.0;
  for (PetscInt c = 0; c < stream->nchannel; c++)
    PetscCall(prop_stream_channel(stream, c, out + c * f->nblock));
  out += prop_nve_temperature(f->nspecies) * f->nblock;
  for (PetscInt i = 0; i < f->nblock; i++) f->temperature[f->n] += out[i] / (PetscReal)f->nblock;
  f->n++;
  PetscFunctionReturn(0);
}

PetscErrorCode screen_flows_create(const screen_result_states *s, screen_flows *f)
{
  PetscInt64 most, length;
  PetscBool *usable;

  PetscFunctionBegin;
  *f = (screen_flows){0};
  survey(s, &most, &length);
  PetscCall(PetscCalloc1(s->nreplica, &f->channel));
  PetscCall(PetscCalloc1(s->nreplica, &f->volume));
  PetscCall(PetscCalloc1(s->nreplica, &f->temperature));
  PetscCall(PetscCalloc1(s->nreplica, &f->replica));
  PetscCall(PetscCalloc1(s->nreplica, &usable));
  for (PetscInt r = 0; r < s->nreplica; r++) {
    const screen_job_state *nve = &s->nve[r];

    PetscCall(prepare(&s->nve[r].nve_stream, most, length, &usable[r]));
    if (!usable[r]) continue;
    f->nblock =
        f->nblock > 0 ? PetscMin(f->nblock, nve->nve_stream.nblock) : nve->nve_stream.nblock;
    f->step = prop_stream_block_time(&nve->nve_stream);
    f->nspecies = nve->atoms.nspecies;
    f->heat = nve->has_heat;
  }
  for (PetscInt r = 0; r < s->nreplica; r++) {
    if (usable[r]) PetscCall(add_replica(&s->nve[r], r, f));
  }
  PetscCall(PetscFree(usable));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_flows_clear(screen_flows *f)
{
  PetscFunctionBegin;
  for (PetscInt r = 0; r < f->n; r++) PetscCall(PetscFree(f->channel[r]));
  PetscCall(PetscFree(f->channel));
  PetscCall(PetscFree(f->volume));
  PetscCall(PetscFree(f->temperature));
  PetscCall(PetscFree(f->replica));
  *f = (screen_flows){0};
  PetscFunctionReturn(0);
}

const PetscReal *screen_flows_channel(const screen_flows *f, PetscInt r, PetscInt channel)
{
  return f->channel[r] + channel * f->nblock;
}

/* Common to all estimators --------------------------------------------------------------------- */

prop_value screen_result_value(const prop_estimate *e, PetscReal scale)
{
  prop_value v = {
      .value = e->mean * scale, .error = e->error * scale, .neff = e->neff, .flags = e->flags};

  if (PetscIsNanReal(v.value)) v.flags |= PROP_FLAG_MISSING;
  if (!(v.error > 0.0)) v.error = PROP_NAN;
  return v;
}

PetscErrorCode screen_result_curve(PetscInt n, const PetscReal x[], PetscReal x_si,
                                   const PetscReal y[], const PetscReal error[], PetscReal y_si,
                                   screen_curve *curve)
{
  PetscFunctionBegin;
  curve->n = n;
  PetscCall(PetscMalloc1(n, &curve->x));
  PetscCall(PetscMalloc1(n, &curve->y));
  if (error) PetscCall(PetscMalloc1(n, &curve->error));
  for (PetscInt i = 0; i < n; i++) {
    curve->x[i] = x[i] * x_si;
    curve->y[i] = y[i] * y_si;
    if (error) curve->error[i] = error[i] * y_si;
  }
  PetscFunctionReturn(0);
}

void screen_result_put(const prop_estimate *e, PetscReal scale, PetscReal truncation,
                       PetscInt flags, prop_id id, screen_result *result)
{
  prop_value *value = screen_result_at(result, id);

  *value = screen_result_value(e, scale);
  if (value->flags & PROP_FLAG_MISSING) return;
  value->flags |= flags;
  *screen_result_truncation(result, id) = FEMTOSECOND * truncation;
}

/* Viscosity ------------------------------------------------------------------------------------ */

static PetscErrorCode viscosity_curves(PetscInt n, const prop_pressure replica[], PetscReal step,
                                       screen_result *result)
{
  prop_running run = {0};
  prop_spectrum spectrum = {0};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(prop_viscosity_running(n, replica, step, &run));
  ierr = screen_result_curve(run.npoint, run.time, FEMTOSECOND, run.mean, run.error,
                             MD_VISCOSITY_SI, &result->curve[SCREEN_CURVE_VISCOSITY]);
  PetscCall(prop_running_clear(&run));
  PetscCall(ierr);
  if (replica[0].n < PROP_SPECTRUM_MIN) PetscFunctionReturn(0);
  PetscCall(prop_viscosity_spectrum(n, replica, step, &spectrum));
  ierr =
      screen_result_curve(spectrum.nbin, spectrum.frequency, 1.0 / FEMTOSECOND, spectrum.value,
                          NULL, MD_VISCOSITY_SI, &result->curve[SCREEN_CURVE_VISCOSITY_SPECTRUM]);
  PetscCall(prop_spectrum_clear(&spectrum));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* What each replica alone would change, in the places of the point's replicas. */
static PetscErrorCode viscosity_deviations(const screen_flows *f, const prop_pressure replica[],
                                           PetscReal deviation[])
{
  PetscReal *own;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(f->n, &own));
  PetscCall(prop_viscosity_deviations(f->n, replica, f->step, own));
  for (PetscInt k = 0; k < f->n; k++) deviation[f->replica[k]] = own[k];
  PetscCall(PetscFree(own));
  PetscFunctionReturn(0);
}

static PetscErrorCode fill_viscosity(const screen_campaign *campaign, const screen_flows *f,
                                     PetscInt flags, PetscReal deviation[], screen_result *result)
{
  const PetscReal si = MD_VISCOSITY_SI;
  prop_pressure *replica;
  prop_viscosity v;

  PetscFunctionBegin;
  if (!campaign->want_viscosity || campaign->only_rnemd_shear || f->n == 0) PetscFunctionReturn(0);
  PetscCall(PetscCalloc1(f->n, &replica));
  for (PetscInt r = 0; r < f->n; r++) {
    replica[r] =
        (prop_pressure){.n = f->nblock, .volume = f->volume[r], .temperature = f->temperature[r]};
    for (int k = 0; k < PROP_PRESSURE; k++)
      replica[r].pressure[k] = screen_flows_channel(f, r, PROP_NVE_PRESSURE + k);
  }
  PetscCall(prop_viscosity_estimate(f->n, replica, f->step, campaign->viscosity_cutoff, &v));
  PetscCall(viscosity_curves(f->n, replica, f->step, result));
  PetscCall(viscosity_deviations(f, replica, deviation));
  PetscCall(PetscFree(replica));
  screen_result_put(&v.primary, si, 1.0 / v.zero.cutoff, flags, PROP_ID_VISCOSITY, result);
  screen_result_put(&v.decomposition.value.estimate, si, v.decomposition.value.to, flags,
                    PROP_ID_VISCOSITY_DECOMPOSITION, result);
  screen_result_put(&v.einstein.estimate, si, v.einstein.from, flags, PROP_ID_VISCOSITY_EINSTEIN,
                    result);
  screen_result_put(&v.truncated.estimate, si, v.truncated.to, flags, PROP_ID_VISCOSITY_TRUNCATED,
                    result);
  PetscFunctionReturn(0);
}

/* Thermal conductivity ------------------------------------------------------------------------ */

PetscInt screen_result_electronic(const screen_campaign *campaign)
{
  if (campaign->electronic == SCREEN_METAL) return PROP_FLAG_IONIC_ONLY;
  return campaign->electronic == SCREEN_MIXED ? PROP_FLAG_MIXED_CONDUCTOR : 0;
}

/* Heat currents of the replicas beside the currents of the species that are there. */
typedef struct {
  PetscInt nspecies;
  prop_heat_flux *replica; /* [f->n] owned, as is the next */
  const PetscReal **sum;   /* [f->n, 3 nspecies] */
} heat_flows;

static PetscErrorCode create_heat_flows(const screen_point *point, const screen_flows *f,
                                        heat_flows *h)
{
  PetscInt at = 0;

  PetscFunctionBegin;
  *h = (heat_flows){0};
  for (PetscInt a = 0; a < f->nspecies; a++) h->nspecies += point->count[a] > 0 ? 1 : 0;
  PetscCall(PetscCalloc1(f->n, &h->replica));
  PetscCall(PetscCalloc1(f->n * 3 * h->nspecies, &h->sum));
  for (PetscInt r = 0; r < f->n; r++) {
    prop_heat_flux *replica = &h->replica[r];

    *replica = (prop_heat_flux){.n = f->nblock,
                                .sum = h->nspecies > 1 ? h->sum + at : NULL,
                                .volume = f->volume[r],
                                .temperature = f->temperature[r]};
    for (int k = 0; k < 3; k++)
      replica->heat[k] = screen_flows_channel(f, r, prop_nve_heat(f->nspecies) + k);
    for (PetscInt c = 0; c < 3 * f->nspecies; c++) {
      if (point->count[c / 3] > 0)
        h->sum[at++] = screen_flows_channel(f, r, prop_nve_current(c / 3) + c % 3);
    }
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode thermal_curve(const heat_flows *h, const screen_flows *f,
                                    screen_result *result)
{
  prop_thermal_curve c = {0};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  if (f->nblock < PROP_THERMAL_MIN || h->nspecies > 3 * f->n) PetscFunctionReturn(0);
  PetscCall(prop_thermal_spectrum(f->n, h->replica, h->nspecies, f->step, NULL, &c));
  ierr = screen_result_curve(c.n, c.frequency, 1.0 / FEMTOSECOND, c.reduced, c.error,
                             MD_CONDUCTIVITY_SI, &result->curve[SCREEN_CURVE_THERMAL_SPECTRUM]);
  PetscCall(prop_thermal_curve_clear(&c));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

static PetscErrorCode fill_thermal(const screen_campaign *campaign, const screen_point *point,
                                   const screen_flows *f, PetscInt flags, screen_result *result)
{
  heat_flows h;
  prop_thermal out;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  if (!campaign->want_thermal_conductivity || f->n == 0 || !f->heat) PetscFunctionReturn(0);
  PetscCall(create_heat_flows(point, f, &h));
  ierr = prop_thermal_estimate(f->n, h.replica, h.nspecies, f->step, NULL, &out);
  if (!ierr) ierr = thermal_curve(&h, f, result);
  PetscCall(PetscFree(h.replica));
  PetscCall(PetscFree(h.sum));
  PetscCall(ierr);
  screen_result_put(&out.estimate, MD_CONDUCTIVITY_SI, out.time,
                    flags | screen_result_electronic(campaign), PROP_ID_THERMAL_CONDUCTIVITY,
                    result);
  PetscFunctionReturn(0);
}

/* Diffusion of the infinite liquid ------------------------------------------------------------ */

/* [m] edge of the cubic cell of the NVE production; NaN: it is not a cube, or nothing ran. */
static PetscReal cube_edge(const screen_result_states *s)
{
  for (PetscInt r = 0; r < s->nreplica; r++) {
    if (s->nve[r].done > 0)
      return ANGSTROM * prop_finite_edge((const PetscReal(*)[3])s->nve[r].atoms.h);
  }
  return PROP_NAN;
}

/* [m] R_h of a species: the campaign's, else half its first like-pair peak. */
static prop_value radius_of(const screen_campaign *campaign, const screen_result *result,
                            PetscInt species)
{
  const prop_value *peak = screen_result_at(result, PROP_ID_RDF_PEAK);

  if (campaign->radius && campaign->radius[species] > 0.0)
    return (prop_value){.value = ANGSTROM * campaign->radius[species]};
  return prop_finite_radius(&peak[species * (campaign->nspecies + 1)]);
}

/* Correlation of the errors of D of a species and of the viscosity, by the replicas. */
static PetscErrorCode correlation_of(const screen_result_states *s, PetscInt species,
                                     const prop_value *cell, const prop_value *viscosity,
                                     PetscReal *r)
{
  PetscReal *x, *y;

  PetscFunctionBegin;
  PetscCall(PetscMalloc2(s->nreplica, &x, s->nreplica, &y));
  for (PetscInt k = 0; k < s->nreplica; k++) {
    prop_estimate e = {.mean = PROP_NAN};

    if (s->nve[k].msd) PetscCall(prop_msd_diffusion(s->nve[k].msd, species, &e));
    x[k] = MD_DIFFUSION_SI * e.mean;
    y[k] = viscosity->value * s->viscosity[k];
  }
  *r = prop_finite_correlation(s->nreplica, x, y, cell->error, viscosity->error);
  PetscCall(PetscFree2(x, y));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_result_fill_finite(const screen_campaign *campaign,
                                         const screen_result_states *s, screen_result *result)
{
  const prop_value *viscosity = screen_result_at(result, PROP_ID_VISCOSITY);
  const prop_value *cell = screen_result_at(result, PROP_ID_DIFFUSION_CELL);
  const PetscReal measured = screen_result_at(result, PROP_ID_KINETIC_TEMPERATURE)->value;
  const PetscReal temperature = measured > 0.0 ? measured : s->point->temperature;
  const PetscReal edge = cube_edge(s);

  PetscFunctionBegin;
  for (PetscInt a = 0; a < campaign->nspecies; a++) {
    prop_value *d = &screen_result_at(result, PROP_ID_DIFFUSION)[a];
    const prop_value radius = radius_of(campaign, result, a);
    PetscReal joint;

    if (cell[a].flags & PROP_FLAG_MISSING) continue;
    PetscCall(correlation_of(s, a, &cell[a], viscosity, &joint));
    PetscCall(prop_finite_diffusion(&cell[a], viscosity, temperature, edge, joint, d, &joint));
    PetscCall(prop_finite_stokes_einstein(d, viscosity, &radius, temperature, joint,
                                          &screen_result_at(result, PROP_ID_STOKES_EINSTEIN)[a]));
  }
  PetscFunctionReturn(0);
}

/* All --------------------------------------------------------------------------------------- */

PetscErrorCode screen_result_fill_transport(const screen_campaign *campaign,
                                            const screen_result_states *s, screen_result *result)
{
  const PetscInt flags = screen_result_nve_flags(s, result);
  screen_flows f;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  for (PetscInt r = 0; r < s->nreplica; r++) s->viscosity[r] = PROP_NAN;
  PetscCall(screen_flows_create(s, &f));
  ierr = fill_viscosity(campaign, &f, flags, s->viscosity, result);
  if (!ierr) ierr = screen_result_fill_ionic(campaign, s->point, &f, flags, result);
  if (!ierr) ierr = fill_thermal(campaign, s->point, &f, flags, result);
  PetscCall(screen_flows_clear(&f));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}
