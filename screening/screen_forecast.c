/* screening/screen_forecast.c - expected errors, and what targets need */
#include "screening/screen_forecast.h"
#include "md/md_units.h"
#include "properties/prop_plan.h"

#include <math.h>
#include <stdio.h>

/* Typical melts. */
#define ATOM_VOLUME   25.0 /* [Å^3] */
#define ATOM_HEAT     4.0  /* [k_B] heat capacity of an atom */
#define MEMORY_VISCO  1e3  /* [fs] of the pressure */
#define MEMORY_IONIC  2e2  /* of the charge current */
#define MEMORY_HEAT   1e2  /* of the heat current */
#define MEMORY_MOTION 5e2  /* of an atom, until it has left its cage */
#define SENSE_MOTION  3.0  /* d ln y/d ln T: E/(R T) of viscosity and diffusion */
#define SENSE_IONIC   2.0
#define SENSE_HEAT    0.5

/* Guesses ------------------------------------------------------------------------------------ */

/* Relative error of the density of all replicas: the volume fluctuates by sqrt(k_B T kappa/V). */
static PetscReal guess_density(const screen_campaign *c, const screen_point *point)
{
  const PetscReal volume = ATOM_VOLUME * (PetscReal)point->natoms;
  const PetscReal s =
      PetscSqrtReal(MD_BOLTZMANN * point->temperature * c->compressibility / volume);

  return prop_plan_mean(s, c->production_npt * (PetscReal)c->replicas, c->tau_p);
}

/* Of a heat capacity: the variance of the enthalpy, k_B T^2 C, is known to sqrt(2/n) of itself from
 * n samples; its means at several temperatures give the slope C with the error
 * sqrt(k_B T^2 C/n/sum (T_i - mean T)^2). */
static PetscReal guess_heat(const screen_campaign *c, const screen_point *point)
{
  const PetscReal time = c->production_npt * (PetscReal)c->replicas;
  const screen_axis *t = &c->temperature;
  PetscReal mean = 0.0, spread = 0.0;

  if (t->n < 2) return prop_plan_mean(PetscSqrtReal(2.0), time, c->tau_p);
  for (PetscInt i = 0; i < t->n; i++) mean += t->value[i] / (PetscReal)t->n;
  for (PetscInt i = 0; i < t->n; i++) spread += (t->value[i] - mean) * (t->value[i] - mean);
  return prop_plan_mean(point->temperature /
                            PetscSqrtReal(ATOM_HEAT * (PetscReal)point->natoms * spread),
                        time, c->tau_p);
}

/* Of what is transported: noise of the spectra, and replicas of different energies. */
static PetscReal guess_transport(const screen_campaign *c, const screen_point *point,
                                 PetscReal sequences, PetscReal memory, PetscReal sense)
{
  const PetscReal replicas = (PetscReal)c->replicas;
  const PetscReal noise = prop_plan_transport(sequences * replicas, c->production_nve, memory);
  const PetscReal spread =
      c->rescaling > 0.0 ? 0.0 : prop_plan_energies((PetscReal)point->natoms, sense);

  return PetscSqrtReal(noise * noise + spread * spread / replicas);
}

/* Atoms of the rarest species in the cell. */
static PetscReal rarest(const screen_campaign *c, const screen_point *point)
{
  PetscInt least = point->natoms;

  for (PetscInt s = 0; s < c->nspecies; s++)
    if (point->count[s] > 0) least = PetscMin(least, point->count[s]);
  return (PetscReal)least;
}

static PetscReal guess(const screen_campaign *c, const screen_point *point, screen_target_id k)
{
  switch (k) {
  case SCREEN_TARGET_DENSITY:
    return guess_density(c, point);
  case SCREEN_TARGET_HEAT_CAPACITY:
    return guess_heat(c, point);
  case SCREEN_TARGET_VISCOSITY:
    return guess_transport(c, point, PROP_PLAN_VISCOSITY, MEMORY_VISCO, SENSE_MOTION);
  case SCREEN_TARGET_DIFFUSION:
    return guess_transport(c, point, 3.0 * rarest(c, point), MEMORY_MOTION, SENSE_MOTION);
  case SCREEN_TARGET_IONIC_CONDUCTIVITY:
    return guess_transport(c, point, PROP_PLAN_CURRENT, MEMORY_IONIC, SENSE_IONIC);
  case SCREEN_TARGET_THERMAL_CONDUCTIVITY:
    return guess_transport(c, point, PROP_PLAN_CURRENT, MEMORY_HEAT, SENSE_HEAT);
  case SCREEN_NTARGET:
    break;
  }
  return PROP_NAN;
}

static PetscBool is_wanted(const screen_campaign *c, int k)
{
  return screen_result_wanted(c,
                              prop_get((PetscInt)screen_target_value((screen_target_id)k))->name);
}

PetscErrorCode screen_forecast_guess(const screen_campaign *campaign, const screen_grid *grid,
                                     PetscReal error[])
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < grid->npoint * SCREEN_NTARGET; i++) {
    const int k = (int)(i % SCREEN_NTARGET);

    error[i] = is_wanted(campaign, k) && grid->point[i / SCREEN_NTARGET].liquidus == 0.0
                   ? guess(campaign, &grid->point[i / SCREEN_NTARGET], (screen_target_id)k)
                   : PROP_NAN;
  }
  PetscFunctionReturn(0);
}

/* Experience --------------------------------------------------------------------------------- */

/* Error of the campaign's replicas; NaN where the point does not know. */
static PetscReal own_error(const screen_campaign *c, const screen_gap *gap)
{
  if (!(gap->error > 0.0 && gap->replicas > 0.0)) return PROP_NAN;
  return gap->error * PetscSqrtReal(gap->replicas / (PetscReal)c->replicas);
}

/* Effective samples of the campaign's replicas. */
static PetscReal own_samples(const screen_campaign *c, const screen_gap *gap)
{
  return gap->neff * (PetscReal)c->replicas / gap->replicas;
}

/* One property at all points. */
static void learn_property(const screen_campaign *c, PetscInt npoint, int k, const screen_gap gap[],
                           PetscReal error[], PetscReal neff[], PetscBool told[])
{
  PetscReal sum = 0.0, samples = 0.0, n = 0.0;

  for (PetscInt p = 0; p < npoint; p++) {
    const screen_gap *g = &gap[p * SCREEN_NTARGET + k];
    const PetscReal own = own_error(c, g);

    if (!(own > 0.0)) continue;
    sum += own * own;
    samples += own_samples(c, g);
    n += 1.0;
    told[p] = PETSC_TRUE;
  }
  for (PetscInt p = 0; p < npoint && n > 0.0; p++) {
    const PetscInt i = p * SCREEN_NTARGET + k;
    const PetscReal own = own_error(c, &gap[i]);

    if (!(error[i] > 0.0)) continue;
    error[i] = own > 0.0 ? own : PetscSqrtReal(sum / n);
    neff[i] = own > 0.0 ? own_samples(c, &gap[i]) : samples / n;
  }
}

PetscErrorCode screen_forecast_learn(const screen_campaign *campaign, const screen_grid *grid,
                                     const screen_gap gap[], PetscReal error[], PetscReal neff[],
                                     PetscInt *npoint)
{
  PetscBool *told;

  PetscFunctionBegin;
  *npoint = 0;
  PetscCall(PetscCalloc1(grid->npoint, &told));
  for (int k = 0; k < SCREEN_NTARGET; k++) {
    if (is_wanted(campaign, k)) learn_property(campaign, grid->npoint, k, gap, error, neff, told);
  }
  for (PetscInt p = 0; p < grid->npoint; p++) *npoint += told[p] ? 1 : 0;
  PetscCall(PetscFree(told));
  PetscFunctionReturn(0);
}

/* Table -------------------------------------------------------------------------------------- */

/* Replicas that a target needs at a point, at least the campaign's. */
static PetscReal replicas_for(const screen_campaign *c, int k, PetscReal error, PetscReal neff)
{
  const prop_plan_known known = {.value = {.value = 1.0, .error = error, .neff = neff},
                                 .time = 1.0,
                                 .replicas = (PetscReal)c->replicas};
  prop_plan_missing need;

  if (!(error > 0.0) || prop_plan_need(&known, c->target[k], &need)) return known.replicas;
  return need.replicas;
}

static void print_hours(double seconds, FILE *out)
{
  if (seconds > 0.0)
    fprintf(out, " %14.3g", seconds / 3600.0);
  else
    fprintf(out, " %14s", "-");
}

static void print_row(const screen_campaign *c, const screen_grid *grid, int k,
                      const PetscReal error[], const PetscReal neff[], const double seconds[],
                      FILE *out)
{
  const PetscReal target = c->target[k];
  PetscReal least = PROP_INFINITY, most = 0.0, replicas = 0.0;
  double all = 0.0;

  for (PetscInt p = 0; p < grid->npoint; p++) {
    const PetscReal e = error[p * SCREEN_NTARGET + k];
    const PetscReal need = target > 0.0 ? replicas_for(c, k, e, neff[p * SCREEN_NTARGET + k]) : 0.0;

    if (!(e > 0.0)) continue;
    least = PetscMin(least, e);
    most = PetscMax(most, e);
    replicas = PetscMax(replicas, need);
    all += (double)need * seconds[p];
  }
  fprintf(out, "%-22s %8.2g to %5.2g %%",
          prop_get((PetscInt)screen_target_value((screen_target_id)k))->name, 100.0 * least,
          100.0 * most);
  if (target > 0.0) {
    fprintf(out, " %8.3g %% %10.0f", 100.0 * target, replicas);
    print_hours(all, out);
  } else
    fprintf(out, " %10s %10s %14s", "-", "-", "-");
  fputc('\n', out);
}

/* Each point with as many replicas as its most demanding target needs. */
static void print_all(const screen_campaign *c, const screen_grid *grid, const PetscReal error[],
                      const PetscReal neff[], const double seconds[], FILE *out)
{
  double all = 0.0;

  for (PetscInt p = 0; p < grid->npoint; p++) {
    PetscReal need = (PetscReal)c->replicas;

    for (int k = 0; k < SCREEN_NTARGET; k++) {
      const PetscInt i = p * SCREEN_NTARGET + k;

      if (c->target[k] > 0.0 && error[i] > 0.0)
        need = PetscMax(need, replicas_for(c, k, error[i], neff[i]));
    }
    if (grid->point[p].liquidus == 0.0) all += (double)need * seconds[p];
  }
  fprintf(out, "%-22s %20s %10s %10s", "all targets", "", "", "");
  print_hours(all, out);
  fputc('\n', out);
}

PetscErrorCode screen_forecast_print(const screen_campaign *campaign, const screen_grid *grid,
                                     const PetscReal error[], const PetscReal neff[],
                                     const double seconds[], FILE *out)
{
  PetscBool any = PETSC_FALSE;

  PetscFunctionBegin;
  fprintf(out, "%-22s %20s %10s %10s %14s\n", "property", "error over points", "target", "replicas",
          "core-hours");
  for (int k = 0; k < SCREEN_NTARGET; k++) {
    if (!is_wanted(campaign, k)) continue;
    print_row(campaign, grid, k, error, neff, seconds, out);
    any = (PetscBool)(any || campaign->target[k] > 0.0);
  }
  if (any) print_all(campaign, grid, error, neff, seconds, out);
  PetscFunctionReturn(0);
}
