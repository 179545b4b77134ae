/* screening/screen_surface.h - a campaign's properties as surfaces over composition and temperature
 *
 * For campaigns with one axis of composition and one pressure: Redlich-Kister surfaces
 * (properties/prop_surface.h) of the molar volume, of ln viscosity, ln diffusion of each species
 * and ln ionic conductivity, and from their covariance the place between the grid points that is
 * least certain.
 */
#pragma once

#include "properties/prop_surface.h"
#include "screening/screen_table.h"

typedef struct {
  prop_id id;       /* PROP_ID_DENSITY: the surface is that of the molar volume */
  PetscInt species; /* -1: one value a point */
  prop_surface surface;
  PetscReal *mole;       /* [ncomponent] where it is least certain, NULL: nowhere */
  PetscReal temperature; /* [K] */
  PetscReal error;       /* relative, there */
} screen_surface;

typedef struct {
  PetscInt n;
  screen_surface *surface; /* [n] those that the campaign asks for and that could be fitted */
} screen_surfaces;

/* screen_surfaces_create - surfaces of all values of a campaign; none where the grid has none or
 * several axes of composition, or several pressures
 *
 * Not collective; a pure function of the values.
 * Candidates for the next point lie half-way between neighbours of the grid, along composition and
 * along temperature.
 * Out:  surfaces  free with screen_surfaces_clear(), harmless on {0}
 * Verified by: tests/unit/screening/test_screen_surface.c */
PetscErrorCode screen_surfaces_create(const screen_campaign *campaign, const screen_grid *grid,
                                      const screen_result all[], screen_surfaces *surfaces);
PetscErrorCode screen_surfaces_clear(screen_surfaces *surfaces);

/* screen_surfaces_print - the least certain place of each surface, the worst of them last */
PetscErrorCode screen_surfaces_print(const screen_campaign *campaign,
                                     const screen_surfaces *surfaces, FILE *out);
