/* screening/screen_cell.h - how large the cell is, of what shape, and which phase is where
 *
 * Volume.  A formula unit takes the room that the density of its region gives it; without one that
 * of system.density; without that of its own component's density; without any the sum of its
 * elements' volumes (md_element_lookup).  Volumes add up.  NPT corrects it, so nothing that is
 * reported depends on it but molarities, whose litre is made of it.
 *
 * Shape.  system.cell gives the edges or their ratio; without it a cube.  Regions are stacked along
 * z in the order of the file, each as high as its volume asks for; the vacuum is above them and not
 * part of the ratio.  A crystal has whole conventional cells along each edge, as near to the ratio
 * and to `atoms` as md_lattice_replicate() finds.
 *
 * Nothing here is collective.  Verified by: tests/unit/screening/test_screen_start.c
 */
#pragma once

#include "screening/screen_campaign.h"

enum { SCREEN_REGION_MAX = 8 };

typedef struct {
  PetscReal edge[3];                                         /* [Å] upright */
  PetscInt nregion;                                          /* 1 where the campaign has none */
  PetscReal low[SCREEN_REGION_MAX], high[SCREEN_REGION_MAX]; /* [Å] along z */
  PetscReal volume[SCREEN_REGION_MAX];                       /* [Å^3] */
  PetscInt repeat[3]; /* conventional cells of a crystal; else 0 */
} screen_cell;

/* screen_cell_parse - "3.6 x 3.6 x 18 nm" or "1 x 1 x 5"
 * Out:  edge     [Å] or any
 *       is_size  whether they are lengths
 *       problem  when PETSC_FALSE: "got ..., wanted ...", one line; the others stay as they were */
PetscBool screen_cell_parse(const char *text, PetscReal edge[3], PetscBool *is_size,
                            char problem[SCREEN_PROBLEM_MAX]);

/* [Å^3] of a formula unit of component k as a pure liquid: its density, else its elements. */
PetscReal screen_component_volume(const screen_campaign *campaign, PetscInt k);
/* [Å^3] that it takes in the cell. */
PetscReal screen_unit_volume(const screen_campaign *campaign, PetscInt k);
/* Whether a component is in a region; always where the campaign has none. */
PetscBool screen_region_has(const screen_campaign *campaign, PetscInt region, PetscInt component);

/* screen_cell_make - the cell of so many formula units
 * In:   units  [ncomponent]
 *       count  [nspecies] atoms, what the units hold; NULL: counted here */
void screen_cell_make(const screen_campaign *campaign, const PetscInt units[],
                      const PetscInt count[], screen_cell *cell);

/* Conventional cells along each edge of the campaign's crystal. */
void screen_cell_repeat(const screen_campaign *campaign, PetscInt repeat[3]);
