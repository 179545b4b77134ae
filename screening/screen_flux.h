/* screening/screen_flux.h - runs with an imposed flux (md/md_rnemd.h): their cell, their exchanges
 *
 * Cell.  Whole images of the cell in which the replica's last production ended, so that composition
 * and molecules are those of the point.  Without a setting one along x and y and three along z,
 * along which the flux runs; a setting without a unit says how many; one with a unit is rounded to
 * whole images of the starting cell (screen_cell.h); each of `lengths` is so many of these along z.
 * A run with a flux of another kind, or in a cell of another length, does not go on from the one
 * before but begins with new images.  The images are heated apart by a random force (2 ps), then
 * the pressure of the point is kept until SCREEN_FLUX_SETTLE or the length of the equilibration,
 * whichever is longer, has passed; from there on energy and volume are constant, at the volume that
 * the replica has then, as in the NVE production.
 *
 * Exchanges of heat.  One moves about 4 k_B T.  With N atoms of 4 k_B each in a cell of length L
 * and a diffusivity of heat D, one exchange every
 *
 *   tau = L^2 / (4 N D s)
 *
 * makes a difference of s T between the two slabs: L/2 times the gradient 4 k_B T/(2 A tau kappa)
 * with kappa = 4 k_B N D/(A L).  Where the campaign has no swap_every, s is 0.2 and 0.1 with D =
 * SCREEN_FLUX_DIFFUSIVITY; the difference that comes out is D over the liquid's own D times as
 * large.
 *
 * Exchanges of momentum.  One moves about 4 m v, v = sqrt(k_B T/m): the fastest of 10 to 100 atoms
 * have 1.5 to 2.5 v.  With a kinematic viscosity nu one exchange every
 *
 *   tau = L^2 / (N nu s)
 *
 * makes a difference of s v: L/2 times the shear rate 4 m v/(2 A tau eta), eta = nu m N/(A L).
 * Without swap_every s is 0.4 and 0.2 with nu = SCREEN_FLUX_VISCOSITY.  In a cell of argon of 54 Å
 * that is a shear rate of 0.06 in reduced units, where it begins to thin the liquid.
 *
 * In a cell that is n times as long a swap_every is n times as long, too: the difference stays.
 *
 * Pure functions.  Verified by: tests/unit/screening/test_screen_flux.c
 */
#pragma once

#include "screening/screen_grid.h"

#define SCREEN_FLUX_WARM        2000.0 /* [fs] */
#define SCREEN_FLUX_SETTLE      4000.0 /* [fs] */
#define SCREEN_FLUX_DIFFUSIVITY 0.02   /* [Å^2/fs] 2e-7 m2/s: molten salts 2 to 4, argon 0.7 */
#define SCREEN_FLUX_VISCOSITY   0.03   /* [Å^2/fs] 3e-7 m2/s: molten salts 5 to 8, argon 2 */

/* Images of the point's cell along each of its edges in stage SCREEN_FLUX + run; >= 1. */
void screen_flux_repeat(const screen_campaign *campaign, const screen_point *point, PetscInt run,
                        PetscInt repeat[3]);
/* Atoms of a stage: those of the point, or of all images. */
PetscInt screen_stage_atoms(const screen_campaign *campaign, const screen_point *point,
                            screen_stage stage);
/* What is exchanged in stage SCREEN_FLUX + run. */
md_rnemd screen_flux_exchange(const screen_campaign *campaign, const screen_point *point,
                              PetscInt run);
/* [fs] before the first flux in a cell; 0 for others, which go on from there. */
PetscReal screen_flux_settle(const screen_campaign *campaign, PetscInt run);
