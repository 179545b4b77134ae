/* screening/screen_flux.c - from settings to images and steps */
#include "screening/screen_flux.h"

#include "screening/screen_cell.h"

void screen_flux_repeat(const screen_campaign *c, const screen_point *point, PetscInt run,
                        PetscInt repeat[3])
{
  const screen_flux *flux = &c->flux[run];
  screen_cell cell;

  if (flux->is_size) screen_cell_make(c, point->units, point->count, &cell);
  for (int k = 0; k < 3; k++) {
    const PetscReal images = flux->is_size ? flux->slab[k] / cell.edge[k] : flux->slab[k];

    repeat[k] = PetscMax(1, (PetscInt)(images + 0.5));
  }
  repeat[2] *= flux->along;
}

PetscInt screen_stage_atoms(const screen_campaign *c, const screen_point *point, screen_stage stage)
{
  PetscInt repeat[3];

  if (stage < SCREEN_FLUX) return point->natoms;
  screen_flux_repeat(c, point, (PetscInt)stage - SCREEN_FLUX, repeat);
  return point->natoms * repeat[0] * repeat[1] * repeat[2];
}

/* [fs] between exchanges that make the difference that a run is to have. */
static PetscReal period_for(const screen_campaign *c, const screen_point *point, PetscInt run)
{
  const screen_stage stage = (screen_stage)(SCREEN_FLUX + run);
  const PetscReal atoms = (PetscReal)screen_stage_atoms(c, point, stage);
  const PetscReal diffusivity =
      c->flux[run].kind == MD_RNEMD_HEAT ? 4.0 * SCREEN_FLUX_DIFFUSIVITY : SCREEN_FLUX_VISCOSITY;
  PetscInt repeat[3];
  PetscReal length;
  screen_cell cell;

  screen_cell_make(c, point->units, point->count, &cell);
  screen_flux_repeat(c, point, run, repeat);
  length = cell.edge[2] * (PetscReal)repeat[2];
  return length * length / (atoms * diffusivity * c->flux[run].span);
}

md_rnemd screen_flux_exchange(const screen_campaign *c, const screen_point *point, PetscInt run)
{
  const screen_flux *flux = &c->flux[run];
  const PetscReal every =
      flux->every > 0.0 ? flux->every * (PetscReal)flux->along : period_for(c, point, run);

  return (md_rnemd){.kind = flux->kind,
                    .slabs = flux->slabs,
                    .period = PetscMax(1, (PetscInt)(every / c->dt + 0.5)),
                    .swaps = 1};
}

PetscReal screen_flux_settle(const screen_campaign *c, PetscInt run)
{
  return c->flux[run].first ? PetscMax(SCREEN_FLUX_SETTLE, c->equilibration) : 0.0;
}
