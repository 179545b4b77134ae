/* screening/screen_table_fit.c - correlations over temperature for every series of points */
#include "screening/screen_result_impl.h"
#include "screening/screen_table.h"

/* One series of one value: [ntemperature] */
typedef struct {
  const screen_campaign *campaign;
  const screen_grid *grid;
  PetscReal *t; /* [K] */
  prop_value *y;
  prop_value *h; /* enthalpy in the unit of the heat capacity that is fitted, times K */
  PetscReal *residual;
} scratch;

/* C_p values of a series are slopes through the same enthalpies: the enthalpies are fitted. */
static PetscBool is_slope(prop_id id)
{
  return (PetscBool)(id == PROP_ID_HEAT_CAPACITY || id == PROP_ID_HEAT_CAPACITY_ATOMS ||
                     id == PROP_ID_HEAT_CAPACITY_FORMULA);
}

/* Enthalpy [J mol-1 of atoms] to J kg-1, itself, or J mol-1 of formula units */
static prop_value enthalpy_of(const scratch *x, PetscInt point, prop_id id, const screen_result *r)
{
  const prop_heat_cell cell = screen_result_cell(x->campaign, &x->grid->point[point]);
  const PetscReal to_mass = 1.0 / prop_heat_per_atom(&cell);
  const PetscReal factor = id == PROP_ID_HEAT_CAPACITY ? to_mass
                           : id == PROP_ID_HEAT_CAPACITY_FORMULA
                               ? to_mass * prop_heat_per_formula(&cell)
                               : 1.0;

  return prop_heat_scaled(screen_result_at(r, PROP_ID_ENTHALPY), factor);
}

/* The chosen one of the models of a property. */
static PetscErrorCode choose(PetscInt nmodel, const prop_fit_model model[], PetscInt n, prop_id id,
                             const scratch *x, prop_fit *best)
{
  prop_fit fit[PROP_FIT_NMODEL];
  PetscInt at;

  PetscFunctionBegin;
  for (PetscInt k = 0; k < nmodel; k++) {
    if (is_slope(id))
      PetscCall(prop_fit_heat_capacity(model[k], n, x->t, x->h, &fit[k]));
    else
      PetscCall(prop_fit_temperature(model[k], n, x->t, x->y, &fit[k]));
  }
  at = prop_fit_choose(nmodel, fit);
  *best = fit[at < 0 ? 0 : at];
  PetscFunctionReturn(0);
}

/* All series of value w. */
static PetscErrorCode fit_value(const screen_result all[], const screen_series *series, PetscInt w,
                                scratch *x, screen_fit *out)
{
  prop_fit_model model[PROP_FIT_NMODEL];
  const PetscInt nmodel = prop_fit_models(prop_get((PetscInt)out->id)->name, model);
  const PetscInt n = series->ntemperature;

  PetscFunctionBegin;
  for (PetscInt s = 0; s < series->nseries; s++) {
    prop_fit *fit = &out->fit[s * out->width + w];

    for (PetscInt t = 0; t < n; t++) {
      const PetscInt p = screen_series_point(series, s, t);

      x->y[t] = screen_result_at(&all[p], out->id)[w];
      if (is_slope(out->id)) x->h[t] = enthalpy_of(x, p, out->id, &all[p]);
    }
    PetscCall(choose(nmodel, model, n, out->id, x, fit));
    PetscCall(prop_fit_residuals(fit, n, x->t, x->y, x->residual));
    for (PetscInt t = 0; t < n; t++)
      out->residual[screen_series_point(series, s, t) * out->width + w] = x->residual[t];
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode fit_property(const screen_campaign *campaign, const screen_grid *grid,
                                   const screen_result all[], const screen_series *series,
                                   screen_fit *out)
{
  scratch x = {.campaign = campaign, .grid = grid};
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  out->width = prop_width(prop_get((PetscInt)out->id), campaign->nspecies);
  PetscCall(PetscCalloc1(series->nseries * out->width, &out->fit));
  PetscCall(PetscMalloc1(grid->npoint * out->width, &out->residual));
  PetscCall(PetscMalloc4(series->ntemperature, &x.t, series->ntemperature, &x.y,
                         series->ntemperature, &x.h, series->ntemperature, &x.residual));
  for (PetscInt t = 0; t < series->ntemperature; t++) x.t[t] = grid->axis[series->axis].value[t];
  for (PetscInt w = 0; w < out->width && !ierr; w++) ierr = fit_value(all, series, w, &x, out);
  PetscCall(PetscFree4(x.t, x.y, x.h, x.residual));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_fits_create(const screen_campaign *campaign, const screen_grid *grid,
                                  const screen_result all[], screen_fits *fits)
{
  prop_fit_model model[PROP_FIT_NMODEL];

  PetscFunctionBegin;
  *fits = (screen_fits){.series = screen_series_of(grid)};
  if (fits->series.ntemperature < 2) PetscFunctionReturn(0);
  PetscCall(PetscCalloc1(prop_count(), &fits->fit));
  for (PetscInt i = 0; i < prop_count(); i++) {
    const char *name = prop_get(i)->name;

    if (!screen_result_wanted(campaign, name) || prop_fit_models(name, model) == 0) continue;
    fits->fit[fits->n].id = (prop_id)i;
    PetscCall(fit_property(campaign, grid, all, &fits->series, &fits->fit[fits->n++]));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_fits_clear(screen_fits *fits)
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < fits->n; i++) {
    PetscCall(PetscFree(fits->fit[i].fit));
    PetscCall(PetscFree(fits->fit[i].residual));
  }
  PetscCall(PetscFree(fits->fit));
  *fits = (screen_fits){0};
  PetscFunctionReturn(0);
}
