/* screening/screen_result_flux.c - from the profiles of imposed fluxes to the conductivity
 *
 * Of the slabs between the two of the exchange a tenth of all is left out beside each: there the
 * velocities have not become Maxwell's again.
 */
#include "md/md_units.h"
#include "properties/prop_rnemd.h"
#include "screening/screen_result_impl.h"

#define ANGSTROM    1e-10
#define DRIFT_LIMIT 0.01 /* of the kinetic energy, as in the NVE production */

static const screen_job_state *flux_state(const screen_result_states *s, PetscInt run, PetscInt r)
{
  return &s->flux[run * s->nreplica + r];
}

/* What is said of all values: by the runs, by the only cell, by electrons. */
static PetscInt flux_flags(const screen_campaign *c, const screen_result_states *s)
{
  PetscInt flags = PROP_FLAG_FINITE_SIZE | screen_result_electronic(c);

  if (!s->flux_whole) flags |= PROP_FLAG_PARTIAL;
  for (PetscInt i = 0; i < c->nflux * s->nreplica; i++) {
    if (PetscAbsReal(s->flux[i].drift) > DRIFT_LIMIT) flags |= PROP_FLAG_DRIFT;
    if (c->grade_save > 0.0 && !(s->flux[i].grade_max <= c->grade_save)) /* NaN, too */
      flags |= PROP_FLAG_EXTRAPOLATING;
  }
  return flags;
}

/* One flux, all replicas. */
static PetscErrorCode estimate_run(const screen_result_states *s, PetscInt run, screen_estimates *e,
                                   prop_value *value)
{
  PetscFunctionBegin;
  e->n = 0;
  for (PetscInt r = 0; r < s->nreplica; r++) {
    const md_profile *profile = &flux_state(s, run, r)->profile;
    prop_rnemd one;

    if (profile->nblock == 0) continue;
    PetscCall(prop_rnemd_estimate(profile, MD_RNEMD_HEAT, profile->slabs / 10, &one));
    e->est[e->n++] = one.transport;
  }
  PetscCall(prop_combine_spread(e->n, e->est, MD_CONDUCTIVITY_SI, value));
  PetscFunctionReturn(0);
}

/* Means over replicas of the height and temperature of a slab, and the scatter of the latter. */
typedef struct {
  PetscReal z, mean, scatter;
} slab_mean;

/* n: profiles so far, this one included. */
static PetscErrorCode add_profile(const md_profile *profile, PetscInt n, slab_mean mean[])
{
  md_profile_row *row;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(profile->slabs, &row));
  ierr = md_profile_average(profile, profile->nblock / 2, profile->nblock, row);
  for (PetscInt k = 0; k < profile->slabs && !ierr; k++) {
    const PetscReal change = row[k].temperature - mean[k].mean;

    mean[k].z += (row[k].z - mean[k].z) / (PetscReal)n;
    mean[k].mean += change / (PetscReal)n;
    mean[k].scatter += change * (row[k].temperature - mean[k].mean);
  }
  PetscCall(PetscFree(row));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

static PetscErrorCode put_curve(PetscInt slabs, PetscInt n, const slab_mean mean[],
                                screen_curve *curve)
{
  PetscFunctionBegin;
  curve->n = slabs;
  PetscCall(PetscMalloc1(slabs, &curve->x));
  PetscCall(PetscMalloc1(slabs, &curve->y));
  PetscCall(PetscMalloc1(slabs, &curve->error));
  for (PetscInt k = 0; k < slabs; k++) {
    curve->x[k] = ANGSTROM * mean[k].z;
    curve->y[k] = mean[k].mean;
    curve->error[k] = n > 1 ? PetscSqrtReal(mean[k].scatter / (PetscReal)(n * (n - 1))) : PROP_NAN;
  }
  PetscFunctionReturn(0);
}

/* The second halves of the runs with one flux. */
static PetscErrorCode profile_curve(const screen_result_states *s, PetscInt run,
                                    screen_curve *curve)
{
  PetscInt n = 0, slabs = 0;
  slab_mean *mean = NULL;
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  for (PetscInt r = 0; r < s->nreplica && !ierr; r++) {
    const md_profile *profile = &flux_state(s, run, r)->profile;

    if (profile->nblock == 0) continue;
    if (n == 0) ierr = PetscCalloc1(profile->slabs, &mean);
    slabs = profile->slabs;
    if (!ierr) ierr = add_profile(profile, ++n, mean);
  }
  if (n > 0 && !ierr) ierr = put_curve(slabs, n, mean, curve);
  PetscCall(PetscFree(mean));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* Fluctuations and imposed flux measure the same. */
static void compare(prop_value *a, prop_value *b)
{
  const PetscReal joint = PetscSqrtReal(PetscSqr(a->error) + PetscSqr(b->error));

  if ((a->flags | b->flags) & PROP_FLAG_MISSING) return;
  if (!(PetscAbsReal(a->value - b->value) > PROP_RNEMD_Z * joint)) return;
  a->flags |= PROP_FLAG_METHODS_DISAGREE;
  b->flags |= PROP_FLAG_METHODS_DISAGREE;
}

PetscErrorCode screen_result_fill_flux(const screen_campaign *c, const screen_result_states *s,
                                       screen_estimates *e, screen_result *result)
{
  prop_value rate[SCREEN_MAX_FLUX],
      *value = screen_result_at(result, PROP_ID_THERMAL_CONDUCTIVITY_RNEMD);

  PetscFunctionBegin;
  if (!c->want_rnemd_heat) PetscFunctionReturn(0);
  for (PetscInt k = 0; k < c->nflux; k++) {
    PetscCall(estimate_run(s, k, e, &rate[k]));
    PetscCall(profile_curve(s, k, &result->curve[SCREEN_CURVE_PROFILE + k]));
  }
  PetscCall(prop_rnemd_rates(c->nflux, rate, value));
  screen_result_flag(value, flux_flags(c, s));
  compare(value, screen_result_at(result, PROP_ID_THERMAL_CONDUCTIVITY));
  PetscFunctionReturn(0);
}
