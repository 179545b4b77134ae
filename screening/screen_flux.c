/* screening/screen_flux.c - from settings to images and steps */
#include "screening/screen_flux.h"

#include "screening/screen_cell.h"

void screen_flux_repeat(const screen_campaign *c, const screen_point *point, PetscInt repeat[3])
{
  screen_cell cell;

  if (c->slab_is_size) screen_cell_make(c, point->units, point->count, &cell);
  for (int k = 0; k < 3; k++) {
    const PetscReal images = c->slab_is_size ? c->slab[k] / cell.edge[k] : c->slab[k];

    repeat[k] = PetscMax(1, (PetscInt)(images + 0.5));
  }
}

PetscInt screen_stage_atoms(const screen_campaign *c, const screen_point *point, screen_stage stage)
{
  PetscInt repeat[3];

  if (stage < SCREEN_FLUX) return point->natoms;
  screen_flux_repeat(c, point, repeat);
  return point->natoms * repeat[0] * repeat[1] * repeat[2];
}

/* [fs] between exchanges that make a difference of `span` T. */
static PetscReal period_for(const screen_campaign *c, const screen_point *point, PetscReal span)
{
  const PetscReal atoms = (PetscReal)screen_stage_atoms(c, point, SCREEN_FLUX);
  PetscInt repeat[3];
  PetscReal length;
  screen_cell cell;

  screen_cell_make(c, point->units, point->count, &cell);
  screen_flux_repeat(c, point, repeat);
  length = cell.edge[2] * (PetscReal)repeat[2];
  return length * length / (4.0 * atoms * SCREEN_FLUX_DIFFUSIVITY * span);
}

md_rnemd screen_flux_exchange(const screen_campaign *c, const screen_point *point, PetscInt run)
{
  const screen_flux *flux = &c->flux[run];
  const PetscReal every = flux->every > 0.0 ? flux->every : period_for(c, point, flux->span);

  return (md_rnemd){.kind = flux->kind,
                    .slabs = c->slabs,
                    .period = PetscMax(1, (PetscInt)(every / c->dt + 0.5)),
                    .swaps = 1};
}

PetscReal screen_flux_settle(const screen_campaign *c, PetscInt run)
{
  return run == 0 ? PetscMax(SCREEN_FLUX_SETTLE, c->equilibration) : 0.0;
}
