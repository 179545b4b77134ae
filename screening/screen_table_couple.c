/* screening/screen_table_couple.c - slopes over temperature, and numbers made of other numbers */
#include "properties/prop_derived.h"
#include "properties/prop_finite.h"
#include "screening/screen_result_impl.h"
#include "screening/screen_table.h"

/* Slopes --------------------------------------------------------------------------------------- */

/* One series: [ntemperature] */
typedef struct {
  PetscReal *t; /* [K] */
  prop_value *y;
  prop_heat_slope *slope;
} scratch;

static void load(const screen_series *series, PetscInt s, prop_id id, const screen_result all[],
                 scratch *x)
{
  for (PetscInt t = 0; t < series->ntemperature; t++)
    x->y[t] = *screen_result_at(&all[screen_series_point(series, s, t)], id);
}

/* A slope becomes the value of `to` where there is one, and is compared with `check`. */
static PetscErrorCode take_slope(const prop_value *slope, prop_id to, prop_id check,
                                 screen_result *result)
{
  prop_value *value = screen_result_at(result, to);
  PetscReal z;

  PetscFunctionBegin;
  if (slope->flags & PROP_FLAG_MISSING) PetscFunctionReturn(0);
  *value = *slope;
  PetscCall(prop_derived_agreement(value, screen_result_at(result, check), 0.0, &z));
  PetscFunctionReturn(0);
}

/* The activation energy of every species, at all points of the series that have its D. */
static PetscErrorCode couple_activation(const screen_campaign *campaign,
                                        const screen_series *series, PetscInt s, scratch *x,
                                        screen_result all[])
{
  PetscFunctionBegin;
  for (PetscInt a = 0; a < campaign->nspecies; a++) {
    prop_value energy;

    for (PetscInt t = 0; t < series->ntemperature; t++)
      x->y[t] = screen_result_at(&all[screen_series_point(series, s, t)], PROP_ID_DIFFUSION)[a];
    PetscCall(
        prop_finite_activation(PROP_ACTIVATION_RISES, series->ntemperature, x->t, x->y, &energy));
    for (PetscInt t = 0; t < series->ntemperature; t++) {
      screen_result *r = &all[screen_series_point(series, s, t)];

      if (!(x->y[t].flags & PROP_FLAG_MISSING))
        screen_result_at(r, PROP_ID_DIFFUSION_ACTIVATION)[a] = energy;
    }
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode couple_series(const screen_campaign *campaign, const screen_grid *grid,
                                    const screen_series *series, PetscInt s, scratch *x,
                                    screen_result all[])
{
  const PetscInt n = series->ntemperature;

  PetscFunctionBegin;
  PetscCall(couple_activation(campaign, series, s, x, all));
  load(series, s, PROP_ID_DENSITY, all, x);
  PetscCall(prop_heat_expansion(n, x->t, x->y, x->slope));
  for (PetscInt t = 0; t < n; t++)
    PetscCall(take_slope(&x->slope[t].slope, PROP_ID_THERMAL_EXPANSION,
                         PROP_ID_THERMAL_EXPANSION_FLUCTUATION,
                         &all[screen_series_point(series, s, t)]));
  load(series, s, PROP_ID_ENTHALPY, all, x);
  PetscCall(prop_heat_slopes(n, x->t, x->y, x->slope));
  for (PetscInt t = 0; t < n; t++) {
    const PetscInt p = screen_series_point(series, s, t);
    const prop_heat_cell cell = screen_result_cell(campaign, &grid->point[p]);
    prop_value cp = prop_heat_scaled(&x->slope[t].slope, 1.0 / prop_heat_per_atom(&cell));

    if (cell.classical) screen_result_flag(&cp, PROP_FLAG_CLASSICAL);
    PetscCall(take_slope(&cp, PROP_ID_HEAT_CAPACITY, PROP_ID_HEAT_CAPACITY_FLUCTUATION, &all[p]));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode couple_temperatures(const screen_campaign *campaign, const screen_grid *grid,
                                          screen_result all[])
{
  const screen_series series = screen_series_of(grid);
  scratch x;
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  if (series.ntemperature < 2) PetscFunctionReturn(0);
  PetscCall(PetscMalloc3(series.ntemperature, &x.t, series.ntemperature, &x.y, series.ntemperature,
                         &x.slope));
  for (PetscInt t = 0; t < series.ntemperature; t++) x.t[t] = grid->axis[series.axis].value[t];
  for (PetscInt s = 0; s < series.nseries && !ierr; s++)
    ierr = couple_series(campaign, grid, &series, s, &x, all);
  PetscCall(PetscFree3(x.t, x.y, x.slope));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* Derived numbers of a point ------------------------------------------------------------------- */

/* C_v, speed of sound and adiabatic compressibility from the best of what they hang on.  Where all
 * of that is from fluctuations they are, too, with the covariances, and stay as they are. */
static PetscErrorCode derive_heat(PetscReal temperature, screen_result *r)
{
  const prop_value x[4] = {*screen_result_at(r, PROP_ID_HEAT_CAPACITY),
                           *screen_result_at(r, PROP_ID_THERMAL_EXPANSION),
                           *screen_result_at(r, PROP_ID_ISOTHERMAL_COMPRESSIBILITY),
                           *screen_result_at(r, PROP_ID_DENSITY)};
  prop_value out[PROP_HEAT_NQUANTITY];

  PetscFunctionBegin;
  if (x[0].value == screen_result_at(r, PROP_ID_HEAT_CAPACITY_FLUCTUATION)->value &&
      x[1].value == screen_result_at(r, PROP_ID_THERMAL_EXPANSION_FLUCTUATION)->value)
    PetscFunctionReturn(0);
  PetscCall(prop_heat_derive(temperature, x, NULL, out));
  *screen_result_at(r, PROP_ID_HEAT_CAPACITY_CV) = out[PROP_HEAT_CV];
  *screen_result_at(r, PROP_ID_SPEED_OF_SOUND) = out[PROP_HEAT_SOUND];
  *screen_result_at(r, PROP_ID_ADIABATIC_COMPRESSIBILITY) = out[PROP_HEAT_KAPPA_S];
  PetscFunctionReturn(0);
}

static PetscErrorCode derive_thermal(screen_result *r)
{
  const prop_value *kappa = screen_result_at(r, PROP_ID_THERMAL_CONDUCTIVITY);
  const prop_value *cp = screen_result_at(r, PROP_ID_HEAT_CAPACITY);

  PetscFunctionBegin;
  PetscCall(prop_derived_thermal_diffusivity(kappa, screen_result_at(r, PROP_ID_DENSITY), cp, NULL,
                                             screen_result_at(r, PROP_ID_THERMAL_DIFFUSIVITY)));
  PetscCall(prop_derived_prandtl(screen_result_at(r, PROP_ID_VISCOSITY), cp, kappa, NULL,
                                 screen_result_at(r, PROP_ID_PRANDTL)));
  PetscFunctionReturn(0);
}

static PetscErrorCode derive(const screen_campaign *campaign, const screen_point *point,
                             screen_result *r)
{
  const prop_heat_cell cell = screen_result_cell(campaign, point);
  const prop_value *cp = screen_result_at(r, PROP_ID_HEAT_CAPACITY);

  PetscFunctionBegin;
  *screen_result_at(r, PROP_ID_HEAT_CAPACITY_ATOMS) =
      prop_heat_scaled(cp, prop_heat_per_atom(&cell));
  *screen_result_at(r, PROP_ID_HEAT_CAPACITY_FORMULA) =
      prop_heat_scaled(cp, prop_heat_per_formula(&cell));
  PetscCall(derive_heat(point->temperature, r));
  PetscCall(prop_derived_kinematic_viscosity(screen_result_at(r, PROP_ID_VISCOSITY),
                                             screen_result_at(r, PROP_ID_DENSITY), NULL,
                                             screen_result_at(r, PROP_ID_KINEMATIC_VISCOSITY)));
  PetscCall(derive_thermal(r));
  for (PetscInt a = 0; a < campaign->nspecies; a++)
    PetscCall(prop_derived_schmidt(screen_result_at(r, PROP_ID_VISCOSITY),
                                   screen_result_at(r, PROP_ID_DENSITY),
                                   &screen_result_at(r, PROP_ID_DIFFUSION)[a], NULL,
                                   &screen_result_at(r, PROP_ID_SCHMIDT)[a]));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_table_couple(const screen_campaign *campaign, const screen_grid *grid,
                                   screen_result all[])
{
  PetscFunctionBegin;
  PetscCall(couple_temperatures(campaign, grid, all));
  for (PetscInt p = 0; p < grid->npoint; p++) PetscCall(derive(campaign, &grid->point[p], &all[p]));
  PetscFunctionReturn(0);
}
