/* screening/screen_result_flux.c - from the profiles of imposed fluxes to conductivity
 * and viscosity
 *
 * Of the slabs between the two of the exchange a tenth of all is left out beside each: there the
 * velocities have not become Maxwell's again.
 */
#include "md/md_units.h"
#include "properties/prop_derived.h"
#include "properties/prop_thermal.h"
#include "screening/screen_result_impl.h"

#define ANGSTROM          1e-10
#define METRES_PER_SECOND 1e5  /* of 1 Å/fs */
#define DRIFT_LIMIT       0.01 /* of the kinetic energy, as in the NVE production */

static const screen_job_state *flux_state(const screen_result_states *s, PetscInt run, PetscInt r)
{
  return &s->flux[run * s->nreplica + r];
}

/* What the runs of a kind say of all its values. */
static PetscInt flux_flags(const screen_campaign *c, const screen_result_states *s,
                           md_rnemd_kind kind)
{
  PetscInt flags = 0;

  for (PetscInt i = 0; i < c->nflux * s->nreplica; i++) {
    const screen_job_state *state = &s->flux[i];

    if (c->flux[i / s->nreplica].kind != kind) continue;
    if (!s->flux_whole[i / s->nreplica]) flags |= PROP_FLAG_PARTIAL;
    if (PetscAbsReal(state->drift) > DRIFT_LIMIT) flags |= PROP_FLAG_DRIFT;
    if (c->grade_save > 0.0 && !(state->grade_max <= c->grade_save)) /* NaN, too */
      flags |= PROP_FLAG_EXTRAPOLATING;
  }
  return flags;
}

/* One flux, all replicas. */
static PetscErrorCode estimate_run(const screen_campaign *c, const screen_result_states *s,
                                   PetscInt run, screen_estimates *e, prop_value *value)
{
  const md_rnemd_kind kind = c->flux[run].kind;

  PetscFunctionBegin;
  e->n = 0;
  for (PetscInt r = 0; r < s->nreplica; r++) {
    const md_profile *profile = &flux_state(s, run, r)->profile;
    prop_rnemd one;

    if (profile->nblock == 0) continue;
    PetscCall(prop_rnemd_estimate(profile, kind, profile->slabs / 10, &one));
    e->est[e->n++] = one.transport;
  }
  PetscCall(prop_combine_spread(
      e->n, e->est, kind == MD_RNEMD_HEAT ? MD_CONDUCTIVITY_SI : MD_VISCOSITY_SI, value));
  PetscFunctionReturn(0);
}

/* Means over replicas of the height of a slab, of its temperature or velocity with the scatter
 * between them, and of its density [eV fs^2/Å^5]. */
typedef struct {
  PetscReal z, mean, scatter, density;
} slab_mean;

typedef struct {
  PetscInt n; /* profiles */
  PetscInt slabs, nspecies;
  slab_mean *slab;     /* [slabs] */
  PetscReal *fraction; /* [slabs,nspecies] mean mole fractions */
} profile_mean;

static PetscErrorCode clear_mean(profile_mean *m)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(m->slab));
  PetscCall(PetscFree(m->fraction));
  PetscFunctionReturn(0);
}

/* One profile more; row [slabs] and x [slabs,nspecies] are its second half. */
static void add_rows(md_rnemd_kind kind, const md_profile_row row[], const PetscReal x[],
                     profile_mean *m)
{
  m->n++;
  for (PetscInt k = 0; k < m->slabs; k++) {
    slab_mean *s = &m->slab[k];
    const PetscReal y =
        kind == MD_RNEMD_HEAT ? row[k].temperature : METRES_PER_SECOND * row[k].velocity;
    const PetscReal change = y - s->mean;

    s->z += (row[k].z - s->z) / (PetscReal)m->n;
    s->mean += change / (PetscReal)m->n;
    s->scatter += change * (y - s->mean);
    s->density += (row[k].density - s->density) / (PetscReal)m->n;
  }
  for (PetscInt i = 0; i < m->slabs * m->nspecies; i++)
    m->fraction[i] += (x[i] - m->fraction[i]) / (PetscReal)m->n;
}

static PetscErrorCode add_profile(const md_profile *profile, md_rnemd_kind kind, profile_mean *m)
{
  const PetscInt first = profile->nblock / 2, last = profile->nblock;
  md_profile_row *row;
  PetscReal *x;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  if (m->n == 0) {
    m->slabs = profile->slabs;
    m->nspecies = profile->nspecies;
    PetscCall(PetscCalloc1(m->slabs, &m->slab));
    PetscCall(PetscCalloc1(m->slabs * m->nspecies, &m->fraction));
  }
  PetscCall(PetscMalloc2(m->slabs, &row, m->slabs * m->nspecies, &x));
  ierr = md_profile_average(profile, first, last, row);
  if (!ierr) ierr = md_profile_composition(profile, first, last, x);
  if (!ierr) add_rows(kind, row, x, m);
  PetscCall(PetscFree2(row, x));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

static PetscErrorCode put_curve(const profile_mean *m, screen_curve *curve)
{
  const PetscReal n = (PetscReal)m->n;

  PetscFunctionBegin;
  curve->n = m->slabs;
  PetscCall(PetscMalloc1(m->slabs, &curve->x));
  PetscCall(PetscMalloc1(m->slabs, &curve->y));
  PetscCall(PetscMalloc1(m->slabs, &curve->error));
  PetscCall(PetscMalloc1(m->slabs, &curve->density));
  PetscCall(PetscMalloc1(m->slabs * m->nspecies, &curve->fraction));
  for (PetscInt k = 0; k < m->slabs; k++) {
    curve->x[k] = ANGSTROM * m->slab[k].z;
    curve->y[k] = m->slab[k].mean;
    curve->error[k] = m->n > 1 ? PetscSqrtReal(m->slab[k].scatter / (n * (n - 1.0))) : PROP_NAN;
    curve->density[k] = m->slab[k].density * (MD_DENSITY_SI / MD_ATOMIC_MASS);
  }
  PetscCall(PetscArraycpy(curve->fraction, m->fraction, m->slabs * m->nspecies));
  PetscFunctionReturn(0);
}

/* The second halves of the runs with one flux. */
static PetscErrorCode profile_curve(const screen_result_states *s, md_rnemd_kind kind, PetscInt run,
                                    screen_curve *curve)
{
  profile_mean mean = {.n = 0};
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  for (PetscInt r = 0; r < s->nreplica && !ierr; r++) {
    const md_profile *profile = &flux_state(s, run, r)->profile;

    if (profile->nblock > 0) ierr = add_profile(profile, kind, &mean);
  }
  if (mean.n > 0 && !ierr) ierr = put_curve(&mean, curve);
  PetscCall(clear_mean(&mean));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* [m] of the cell along the flux, mean over replicas; NaN: nothing ran. */
static PetscReal cell_length(const screen_result_states *s, PetscInt run)
{
  PetscReal sum = 0.0;
  PetscInt n = 0;

  for (PetscInt r = 0; r < s->nreplica; r++) {
    const screen_job_state *state = flux_state(s, run, r);

    if (state->profile.nblock == 0) continue;
    sum += ANGSTROM * PetscAbsReal(state->atoms.h[2][2]);
    n++;
  }
  return n > 0 ? sum / (PetscReal)n : PROP_NAN;
}

/* Values of one kind by cell. */
typedef struct {
  PetscInt n;
  PetscReal length[SCREEN_MAX_FLUX]; /* [n, m] rising */
  prop_value value[SCREEN_MAX_FLUX]; /* [n] */
} cell_values;

/* The runs of one kind in one cell from `first` on; *next: those of another. */
static PetscErrorCode estimate_cell(const screen_campaign *c, const screen_result_states *s,
                                    PetscInt first, screen_estimates *e, PetscInt *next,
                                    cell_values *cells)
{
  prop_value rate[SCREEN_MAX_FLUX];
  PetscInt n = 0;

  PetscFunctionBegin;
  do {
    PetscCall(estimate_run(c, s, first + n, e, &rate[n]));
    n++;
  } while (first + n < c->nflux && !c->flux[first + n].first);
  *next = first + n;
  cells->length[cells->n] = cell_length(s, first);
  if (PetscIsInfOrNanReal(cells->length[cells->n])) PetscFunctionReturn(0);
  PetscCall(prop_rnemd_rates(n, rate, &cells->value[cells->n++]));
  PetscFunctionReturn(0);
}

/* All cells of a kind. */
static PetscErrorCode estimate_cells(const screen_campaign *c, const screen_result_states *s,
                                     md_rnemd_kind kind, screen_estimates *e, cell_values *cells)
{
  PetscInt next;

  PetscFunctionBegin;
  cells->n = 0;
  for (PetscInt k = 0; k < c->nflux; k = next) {
    next = k + 1;
    if (c->flux[k].kind == kind) PetscCall(estimate_cell(c, s, k, e, &next, cells));
  }
  PetscFunctionReturn(0);
}

/* Conductivity over inverse length, from the longest cell to the shortest. */
static PetscErrorCode length_curve(const cell_values *cells, screen_curve *curve)
{
  PetscFunctionBegin;
  if (cells->n < 2) PetscFunctionReturn(0);
  curve->n = cells->n;
  PetscCall(PetscMalloc1(cells->n, &curve->x));
  PetscCall(PetscMalloc1(cells->n, &curve->y));
  PetscCall(PetscMalloc1(cells->n, &curve->error));
  for (PetscInt k = 0; k < cells->n; k++) {
    const PetscInt from = cells->n - 1 - k;

    curve->x[k] = 1.0 / cells->length[from];
    curve->y[k] = cells->value[from].value;
    curve->error[k] = cells->value[from].error;
  }
  PetscFunctionReturn(0);
}

/* Fluctuations and imposed flux measure the same: z, and flags where they disagree. */
static PetscErrorCode compare(const screen_result *result, prop_id imposed, prop_id still,
                              prop_id ratio)
{
  prop_value *a = screen_result_at(result, imposed), *b = screen_result_at(result, still);
  PetscReal z, same;

  PetscFunctionBegin;
  PetscCall(prop_derived_agreement(a, b, 0.0, &z));
  PetscCall(prop_derived_agreement(b, a, 0.0, &same));
  if (PetscIsInfOrNanReal(z)) PetscFunctionReturn(0);
  *screen_result_at(result, ratio) =
      (prop_value){.value = z,
                   .error = 1.0,
                   .neff = PetscMin(a->neff, b->neff),
                   .flags = (a->flags | b->flags) & PROP_FLAG_METHODS_DISAGREE};
  PetscFunctionReturn(0);
}

/* The profiles of a kind, and its values in cells. */
static PetscErrorCode fill_kind(const screen_campaign *c, const screen_result_states *s,
                                md_rnemd_kind kind, screen_estimates *e, prop_value *value,
                                screen_result *result)
{
  screen_curve *curve = result->curve;
  cell_values cells;

  PetscFunctionBegin;
  curve += kind == MD_RNEMD_HEAT ? SCREEN_CURVE_PROFILE : SCREEN_CURVE_SHEAR;
  for (PetscInt k = 0; k < c->nflux; k++)
    if (c->flux[k].kind == kind) PetscCall(profile_curve(s, kind, k, curve++));
  PetscCall(estimate_cells(c, s, kind, e, &cells));
  if (kind == MD_RNEMD_HEAT) PetscCall(length_curve(&cells, &result->curve[SCREEN_CURVE_LENGTH]));
  PetscCall(prop_thermal_cells(cells.n, cells.length, cells.value, value));
  screen_result_flag(value, flux_flags(c, s, kind));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_result_fill_flux(const screen_campaign *c, const screen_result_states *s,
                                       screen_estimates *e, screen_result *result)
{
  prop_value *kappa = screen_result_at(result, PROP_ID_THERMAL_CONDUCTIVITY_RNEMD);

  PetscFunctionBegin;
  if (c->want_rnemd_heat) {
    PetscCall(fill_kind(c, s, MD_RNEMD_HEAT, e, kappa, result));
    screen_result_flag(kappa, screen_result_electronic(c));
    PetscCall(compare(result, PROP_ID_THERMAL_CONDUCTIVITY_RNEMD, PROP_ID_THERMAL_CONDUCTIVITY,
                      PROP_ID_THERMAL_CONDUCTIVITY_Z));
  }
  if (c->want_rnemd_shear) {
    PetscCall(fill_kind(c, s, MD_RNEMD_SHEAR, e, screen_result_at(result, PROP_ID_VISCOSITY_RNEMD),
                        result));
    PetscCall(compare(result, PROP_ID_VISCOSITY_RNEMD, PROP_ID_VISCOSITY, PROP_ID_VISCOSITY_Z));
  }
  PetscFunctionReturn(0);
}
