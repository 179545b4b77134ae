/* screening/screen_surface.h - a campaign's properties as surfaces over composition and temperature
 *
 * For campaigns with several compositions and one pressure: Redlich-Kister surfaces
 * (properties/prop_surface.h) of the molar volume, of ln viscosity, ln diffusion of each species
 * and ln ionic conductivity, and from their covariance the place between the grid points that is
 * least certain.  They go through the values without flags; where these do not determine one,
 * through all, and the surface has their flags.
 */
#pragma once

#include "properties/prop_surface.h"
#include "screening/screen_table.h"

typedef struct {
  prop_id id;            /* PROP_ID_DENSITY: the surface is that of the molar volume */
  PetscInt species;      /* -1: one value a point */
  prop_surface surface;  /* reason <= 0: it could not be fitted */
  PetscReal *residual;   /* [npoint] (value - surface)/error, also of points left out; NaN: missing,
                           or no error, or no surface */
  PetscReal *mole;       /* [ncomponent] where it is least certain, NULL: nowhere */
  PetscReal temperature; /* [K] */
  PetscReal error;       /* relative, there */
} screen_surface;

typedef struct screen_surfaces {
  PetscInt n;
  screen_surface *surface; /* [n] those that the campaign asks for */
} screen_surfaces;

/* screen_surface_name - "viscosity", "diffusion_Cl": its group under /fit/surface of results.h5 */
void screen_surface_name(prop_id id, const char *species, size_t size, char name[]);

/* screen_surfaces_create - surfaces of all values of a campaign; none where the grid has one
 * composition, or several pressures
 *
 * Not collective; a pure function of the values.
 * Candidates for the next point lie half-way between neighbours of the grid, along composition and
 * along temperature.
 * Out:  surfaces  free with screen_surfaces_clear(), harmless on {0}
 * Verified by: tests/unit/screening/test_screen_surface.c */
PetscErrorCode screen_surfaces_create(const screen_campaign *campaign, const screen_grid *grid,
                                      const screen_result all[], screen_surfaces *surfaces);
PetscErrorCode screen_surfaces_clear(screen_surfaces *surfaces);

/* screen_surfaces_print - the least certain place of each surface, the worst of them last; then
 * those that could not be fitted */
PetscErrorCode screen_surfaces_print(const screen_campaign *campaign,
                                     const screen_surfaces *surfaces, FILE *out);
