/* screening/screen_forecast.h - the errors that planned lengths and replicas will reach
 *
 * Two sources.  Before anything has run: fluctuations and correlation times of typical melts, good
 * to a factor of two.  Where points of the campaign have run: their error bars, scaled as
 * 1/sqrt(replicas), also for the points that have not.
 */
#pragma once

#include "screening/screen_target.h"

/* screen_forecast_guess - from rules of thumb
 *
 * Not collective; pure.
 * Out:  error  [grid->npoint,SCREEN_NTARGET] expected relative error of the primary value, of the
 *              worst species; NaN for what the campaign does not ask for
 * Method: means from the fluctuation of volume and enthalpy with the relaxation time of the
 * barostat; transport from prop_plan_transport() with memories of 1 ps (viscosity), 0.2 ps
 * (ionic), 0.1 ps (thermal), 0.5 ps (diffusion, 3 sequences an atom), and prop_plan_energies() with
 * E = 3 R T (viscosity, diffusion), 2 R T (ionic) and 0.5 (thermal) where energy is constant.
 * Verified by: tests/unit/screening/test_screen_target.c */
PetscErrorCode screen_forecast_guess(const screen_campaign *campaign, const screen_grid *grid,
                                     PetscReal error[]);

/* screen_forecast_learn - from the points that have run
 *
 * In:   gap    [grid->npoint,SCREEN_NTARGET] of those points (screen_target_gaps(), with any
 *              target)
 * In/out: error  a point's own error where it has one, scaled to the campaign's replicas; else the
 *              root mean square of the others of the property; where there is none it stays
 *         neff   [grid->npoint,SCREEN_NTARGET] the same of effective samples, with the mean of the
 *              others; 0: not known
 * Out:  npoint  points that have told something
 * Verified by: tests/unit/screening/test_screen_target.c */
PetscErrorCode screen_forecast_learn(const screen_campaign *campaign, const screen_grid *grid,
                                     const screen_gap gap[], PetscReal error[], PetscReal neff[],
                                     PetscInt *npoint);

/* screen_forecast_print - a table: expected errors, targets, what they need (prop_plan_need())
 * In: neff     [grid->npoint,SCREEN_NTARGET] of the campaign's replicas; 0: not known
 *     seconds  [grid->npoint, s] core time of one replica; 0: not known */
PetscErrorCode screen_forecast_print(const screen_campaign *campaign, const screen_grid *grid,
                                     const PetscReal error[], const PetscReal neff[],
                                     const double seconds[], FILE *out);
