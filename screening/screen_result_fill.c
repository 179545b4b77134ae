/* screening/screen_result_fill.c - from the estimators of replicas to values in SI units
 *
 * Density and potential energy: prop_combine() over replicas. What is measured at constant energy
 * differs between replicas by construction, temperature and diffusion alike: prop_combine_spread().
 * What comes from a run that drifted, or has not reached its length, says so in its flags.
 * So do displacements and pairs from a run whose own scalars are not stationary: they have no test
 * of that kind themselves.
 */
#include "md/md_units.h"
#include "properties/prop_derived.h"
#include "screening/screen_result_impl.h"

#include <string.h>

#include <math.h>

#define DRIFT_LIMIT                                                                                \
  0.01 /* change of total energy over kinetic energy: half a percent of the temperature */
#define ANGSTROM    1e-10
#define FEMTOSECOND 1e-15
#define CAGE_TIME   5e-13 /* [s] earlier, liquids have cages, too */

static const PetscReal density_si = MD_DENSITY_SI / MD_ATOMIC_MASS;
static const PetscReal energy_si = MD_ELEMENTARY_CHARGE_C * MD_AVOGADRO; /* eV per atom to J/mol */

/* One series of every replica's state, found at the same place in each. */
static PetscErrorCode estimate_series(const screen_result_states *s,
                                      const screen_job_state states[], size_t offset,
                                      screen_estimates *e)
{
  PetscFunctionBegin;
  e->n = 0;
  for (PetscInt r = 0; r < s->nreplica; r++) {
    const char *at = (const char *)&states[r] + offset;

    if (states[r].done > 0)
      PetscCall(prop_series_estimate((const prop_series *)(const void *)at, &e->est[e->n++]));
  }
  PetscFunctionReturn(0);
}

void screen_result_flag(prop_value *value, PetscInt flags)
{
  if (!(value->flags & PROP_FLAG_MISSING)) value->flags |= flags;
}

/* A flag of the whole point. */
static void flag_all(screen_result *result, PetscInt flag)
{
  for (PetscInt i = 0; i < prop_count(); i++) {
    prop_value *value = screen_result_at(result, (prop_id)i);

    for (PetscInt k = 0; k < prop_width(prop_get(i), result->nspecies); k++)
      screen_result_flag(&value[k], flag);
  }
}

/* Density, energy and box of the NPT production. */
static PetscErrorCode fill_npt(const screen_result_states *s, screen_estimates *e,
                               screen_result *result)
{
  const PetscInt flags = s->npt_whole ? 0 : PROP_FLAG_PARTIAL;
  prop_value volume;

  PetscFunctionBegin;
  PetscCall(estimate_series(s, s->npt, offsetof(screen_job_state, density), e));
  PetscCall(prop_combine(e->n, e->est, density_si, screen_result_at(result, PROP_ID_DENSITY)));
  screen_result_flag(screen_result_at(result, PROP_ID_DENSITY), flags);
  PetscCall(estimate_series(s, s->npt, offsetof(screen_job_state, potential), e));
  PetscCall(
      prop_combine(e->n, e->est, energy_si, screen_result_at(result, PROP_ID_POTENTIAL_ENERGY)));
  screen_result_flag(screen_result_at(result, PROP_ID_POTENTIAL_ENERGY), flags);
  PetscCall(estimate_series(s, s->npt, offsetof(screen_job_state, volumes), e));
  PetscCall(prop_combine(e->n, e->est, 1.0, &volume));
  if (!(volume.flags & PROP_FLAG_MISSING)) result->box = ANGSTROM * cbrt(volume.value);
  PetscFunctionReturn(0);
}

/* PARTIAL and DRIFT of the NVE production. */
static PetscInt nve_flags(const screen_result_states *s)
{
  PetscInt flags = s->nve_whole ? 0 : PROP_FLAG_PARTIAL;

  for (PetscInt r = 0; r < s->nreplica; r++) {
    if (s->nve[r].done > 0 && PetscAbsReal(s->nve[r].drift) > DRIFT_LIMIT) flags |= PROP_FLAG_DRIFT;
  }
  return flags;
}

PetscInt screen_result_nve_flags(const screen_result_states *s, const screen_result *result)
{
  const prop_value *temperature = screen_result_at(result, PROP_ID_KINETIC_TEMPERATURE);

  return nve_flags(s) | (temperature->flags & PROP_FLAG_NOT_STATIONARY);
}

/* [W/mol] the drift of the total energy that is largest in size; NaN where nothing ran. */
static PetscReal largest_drift(const screen_campaign *campaign, const screen_result_states *s)
{
  PetscReal largest = PROP_NAN;

  for (PetscInt r = 0; r < s->nreplica; r++) {
    const screen_job_state *nve = &s->nve[r];
    const PetscReal time = FEMTOSECOND * campaign->dt * (PetscReal)nve->nkinetic;
    PetscReal rate;

    if (nve->nkinetic == 0) continue;
    rate = energy_si * (nve->energy_now - nve->energy_begin) / ((PetscReal)nve->atoms.n * time);
    if (!(PetscAbsReal(rate) <= PetscAbsReal(largest))) largest = rate;
  }
  return largest;
}

/* Temperature of the NVE production; its energy and box where there is no NPT production. */
static PetscErrorCode fill_nve(const screen_campaign *campaign, const screen_result_states *s,
                               screen_estimates *e, screen_result *result)
{
  const PetscInt flags = nve_flags(s);
  PetscReal volume = 0.0;

  PetscFunctionBegin;
  result->energy_drift = largest_drift(campaign, s);
  PetscCall(estimate_series(s, s->nve, offsetof(screen_job_state, temperature), e));
  PetscCall(prop_combine_spread(e->n, e->est, 1.0,
                                screen_result_at(result, PROP_ID_KINETIC_TEMPERATURE)));
  screen_result_flag(screen_result_at(result, PROP_ID_KINETIC_TEMPERATURE), flags);
  if (e->n == 0 || screen_stage_steps(campaign, SCREEN_NPT) > 0) PetscFunctionReturn(0);
  PetscCall(estimate_series(s, s->nve, offsetof(screen_job_state, potential), e));
  PetscCall(prop_combine_spread(e->n, e->est, energy_si,
                                screen_result_at(result, PROP_ID_POTENTIAL_ENERGY)));
  screen_result_flag(screen_result_at(result, PROP_ID_POTENTIAL_ENERGY), flags);
  for (PetscInt r = 0; r < s->nreplica; r++) volume += s->nve[r].volume / (PetscReal)e->n;
  result->box = ANGSTROM * cbrt(volume);
  PetscFunctionReturn(0);
}

/* Diffusion ---------------------------------------------------------------------------------- */

/* D from velocities, beside that from displacements.  Both are of the same atoms: their errors are
   taken for independent, which makes z rather too small. */
static PetscErrorCode fill_vacf(const screen_result_states *s, PetscInt species, PetscInt flags,
                                screen_estimates *e, screen_result *result)
{
  prop_value *other = screen_result_at(result, PROP_ID_DIFFUSION_VACF) + species;
  PetscReal z;

  PetscFunctionBegin;
  e->n = 0;
  for (PetscInt r = 0; r < s->nreplica; r++) {
    if (s->nve[r].vacf)
      PetscCall(prop_vacf_diffusion(s->nve[r].vacf, species, &e->est[e->n++], NULL, NULL));
  }
  PetscCall(prop_combine_spread(e->n, e->est, MD_DIFFUSION_SI, other));
  screen_result_flag(other, flags);
  if (other->flags & PROP_FLAG_NO_PLATEAU) PetscFunctionReturn(0);
  PetscCall(prop_derived_agreement(screen_result_at(result, PROP_ID_DIFFUSION_CELL) + species,
                                   other, 0.0, &z));
  PetscFunctionReturn(0);
}

/* D in the cell, which is D until screen_result_fill_finite() corrects it; after fill_nve(). */
static PetscErrorCode fill_diffusion(const screen_campaign *campaign, const screen_result_states *s,
                                     screen_estimates *e, screen_result *result)
{
  const PetscInt flags = screen_result_nve_flags(s, result);
  prop_value *cell = screen_result_at(result, PROP_ID_DIFFUSION_CELL);

  PetscFunctionBegin;
  for (PetscInt a = 0; a < campaign->nspecies; a++) {
    e->n = 0;
    for (PetscInt r = 0; r < s->nreplica; r++) {
      if (s->nve[r].msd) PetscCall(prop_msd_diffusion(s->nve[r].msd, a, &e->est[e->n++]));
    }
    PetscCall(prop_combine_spread(e->n, e->est, MD_DIFFUSION_SI, &cell[a]));
    screen_result_flag(&cell[a], flags);
    PetscCall(fill_vacf(s, a, flags, e, result));
    screen_result_at(result, PROP_ID_DIFFUSION)[a] = cell[a];
  }
  PetscFunctionReturn(0);
}

enum { MAX_LAG = PROP_MSD_LAGS * PROP_MSD_LEVELS };

/* Curves of one species, replica by replica; `sum` holds running sums per lag. */
typedef struct {
  PetscInt n;                 /* lags of the longest */
  PetscReal lag[MAX_LAG];     /* [fs] */
  PetscReal count[MAX_LAG];   /* replicas that have the lag */
  PetscReal mean[MAX_LAG];    /* [Å^2] */
  PetscReal scatter[MAX_LAG]; /* [Å^4] sum of squared deviations */
  PetscReal within[MAX_LAG];  /* [Å^4] sum of squared errors; NaN where one is not known */
} curve_sum;

static PetscErrorCode add_curve(const prop_msd *msd, PetscInt species, curve_sum *c)
{
  PetscReal lag[MAX_LAG], value[MAX_LAG], error[MAX_LAG];
  PetscInt n;

  PetscFunctionBegin;
  PetscCall(prop_msd_curve(msd, species, &n, lag, value, error));
  for (PetscInt k = 0; k < n; k++) {
    const PetscReal change = value[k] - c->mean[k];

    c->lag[k] = lag[k];
    c->count[k] += 1.0;
    c->mean[k] += change / c->count[k];
    c->scatter[k] += change * (value[k] - c->mean[k]);
    c->within[k] += error[k] * error[k];
  }
  c->n = PetscMax(c->n, n);
  PetscFunctionReturn(0);
}

/* [Å^2] the larger of the errors within and between replicas; NaN when neither is known. */
static PetscReal curve_error(const curve_sum *c, PetscInt k)
{
  const PetscReal n = c->count[k];
  const PetscReal within = PetscSqrtReal(c->within[k]) / n;

  if (n < 1.5) return within;
  return fmax(within, PetscSqrtReal(c->scatter[k] / (n * (n - 1.0))));
}

/* Lags are those of the species that has atoms: the same for all that have. */
static PetscErrorCode fill_msd(const screen_campaign *campaign, const screen_result_states *s,
                               screen_result *result)
{
  const PetscInt ns = campaign->nspecies;
  curve_sum *sum;

  PetscFunctionBegin;
  PetscCall(PetscCalloc1(ns, &sum));
  for (PetscInt a = 0; a < ns; a++) {
    for (PetscInt r = 0; r < s->nreplica; r++) {
      if (s->nve[r].msd) PetscCall(add_curve(s->nve[r].msd, a, &sum[a]));
    }
    result->nmsd = PetscMax(result->nmsd, sum[a].n);
  }
  PetscCall(PetscMalloc1(result->nmsd, &result->msd_t));
  PetscCall(PetscMalloc1(ns * result->nmsd, &result->msd));
  PetscCall(PetscMalloc1(ns * result->nmsd, &result->msd_error));
  for (PetscInt a = 0; a < ns; a++) {
    for (PetscInt k = 0; k < result->nmsd; k++) {
      const PetscInt at = a * result->nmsd + k;
      const PetscBool known = (PetscBool)(k < sum[a].n);

      if (known) result->msd_t[k] = FEMTOSECOND * sum[a].lag[k];
      result->msd[at] = known ? ANGSTROM * ANGSTROM * sum[a].mean[k] : PROP_NAN;
      result->msd_error[at] = known ? ANGSTROM * ANGSTROM * curve_error(&sum[a], k) : PROP_NAN;
    }
  }
  PetscCall(PetscFree(sum));
  PetscFunctionReturn(0);
}

/* Whether atoms of a species stay where they are: over a factor of 4 in time, up to half the
 * longest lag, their mean squared displacement grows by less than half.  A liquid's grows by 2.5 or
 * more as soon as cages are left. */
static PetscBool is_caged(const screen_result *r, PetscInt species)
{
  PetscInt late = -1, early = -1;

  for (PetscInt k = 0; k < r->nmsd; k++) {
    if (2.0 * r->msd_t[k] <= r->msd_t[r->nmsd - 1]) late = k;
  }
  for (PetscInt k = 0; k < late; k++) {
    if (4.0 * r->msd_t[k] <= r->msd_t[late]) early = k;
  }
  if (early < 0 || r->msd_t[early] < CAGE_TIME) return PETSC_FALSE;
  return (PetscBool)(r->msd[species * r->nmsd + late] < 1.5 * r->msd[species * r->nmsd + early]);
}

/* A species that does not diffuse makes a crystal or a glass of the point; after fill_msd(), and
   after all values. */
static void fill_not_liquid(const screen_campaign *campaign, const screen_result_states *s,
                            screen_result *result)
{
  PetscBool caged = PETSC_FALSE;

  for (PetscInt a = 0; a < campaign->nspecies; a++) {
    if (s->point->count[a] > 0) caged = (PetscBool)(caged || is_caged(result, a));
  }
  if (caged) flag_all(result, PROP_FLAG_NOT_LIQUID);
}

/* Extrapolation ------------------------------------------------------------------------------ */

/* The largest grade in these states; 0 where nobody looked, infinity where one was not a number. */
static PetscReal largest_grade(PetscInt n, const screen_job_state state[])
{
  PetscReal largest = 0.0;

  for (PetscInt i = 0; i < n; i++)
    largest =
        PetscMax(largest, PetscIsNanReal(state[i].grade_max) ? PETSC_INFINITY : state[i].grade_max);
  return largest;
}

/* A flag of what comes from imposed fluxes. */
static void flag_fluxes(screen_result *result, PetscInt flag)
{
  for (PetscInt i = 0; i < prop_count(); i++) {
    const prop_definition *d = prop_get(i);

    for (PetscInt k = 0; k < prop_width(d, result->nspecies) && strstr(d->group, "rnemd"); k++)
      screen_result_flag(screen_result_at(result, (prop_id)i) + k, flag);
  }
}

/* The last step: one atom that extrapolated spoils every value whose average it was in: in an
   imposed flux those of fluxes. */
static void fill_grade(const screen_campaign *campaign, const screen_result_states *s,
                       screen_result *result)
{
  const PetscReal rest =
      PetscMax(largest_grade(s->nreplica, s->npt), largest_grade(s->nreplica, s->nve));
  const PetscReal flux = largest_grade(SCREEN_MAX_FLUX * s->nreplica, s->flux);
  const PetscReal save = campaign->grade_save;

  result->grade_max = PetscMax(rest, flux) > 0.0 ? PetscMax(rest, flux) : PROP_NAN;
  if (save > 0.0 && rest > save) flag_all(result, PROP_FLAG_EXTRAPOLATING);
  if (save > 0.0 && flux > save) flag_fluxes(result, PROP_FLAG_EXTRAPOLATING);
}

PetscErrorCode screen_result_fill(const screen_campaign *campaign,
                                  const screen_result_states *states, screen_result *result)
{
  screen_estimates first, second;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(states->nreplica, &first.est));
  PetscCall(PetscMalloc1(states->nreplica, &second.est));
  PetscCall(fill_npt(states, &first, result));
  PetscCall(screen_result_fill_thermo(campaign, states, &first, result));
  PetscCall(fill_nve(campaign, states, &first, result));
  PetscCall(fill_diffusion(campaign, states, &first, result));
  PetscCall(fill_msd(campaign, states, result));
  PetscCall(screen_result_fill_transport(campaign, states, result));
  PetscCall(screen_result_fill_flux(campaign, states, &first, result));
  PetscCall(screen_result_fill_structure(campaign, states, &first, &second, result));
  PetscCall(screen_result_fill_finite(campaign, states, result));
  fill_not_liquid(campaign, states, result);
  if (screen_campaign_layered(campaign)) flag_all(result, PROP_FLAG_INTERFACE);
  fill_grade(campaign, states, result);
  PetscCall(PetscFree(first.est));
  PetscCall(PetscFree(second.est));
  PetscFunctionReturn(0);
}
