/* screening/screen_learn_seed.c - configurations to begin with where there is neither potential nor
 * data
 */
#include "screening/screen_learn.h"
#include "screening/screen_start.h"

#include <math.h>
#include <stdio.h>

/* Volumes of seeds, in parts of the one that the campaign starts with. */
#define LEAST_VOLUME 0.80
#define MOST_VOLUME  1.35

/* Seed s of its point: packed with random numbers of its own, then shrunk or blown up as a whole.
   Volumes are spread evenly, however many there are (multiples of the golden section). */
static PetscErrorCode make_seed(const screen_campaign *campaign, const screen_point *point,
                                PetscInt s, PetscInt replica, mtp_config *config)
{
  const PetscReal spread = fmod(0.5 + 0.6180339887498949 * (PetscReal)s, 1.0);
  const PetscReal factor = cbrt(LEAST_VOLUME + (MOST_VOLUME - LEAST_VOLUME) * spread);
  md_atoms atoms = {0};
  char text[64];

  PetscFunctionBegin;
  PetscCall(screen_start_build(campaign, point, SCREEN_SHORTEST_GUESS,
                               screen_start_rng(point, replica), &atoms, NULL));
  PetscCall(mtp_config_create(atoms.n, config));
  config->nlattice = 3;
  for (int k = 0; k < 9; k++) config->h[k / 3][k % 3] = factor * atoms.h[k / 3][k % 3];
  for (PetscInt k = 0; k < 3 * atoms.n; k++) config->x[k] = factor * atoms.x[k];
  PetscCall(PetscArraycpy(config->type, atoms.type, atoms.n));
  PetscCall(md_atoms_clear(&atoms));
  snprintf(text, sizeof(text), "%.4f", (double)(factor * factor * factor));
  PetscCall(mtp_config_set_feature(config, "point", point->name));
  PetscCall(mtp_config_set_feature(config, "role", "seed"));
  PetscCall(mtp_config_set_feature(config, "volume_factor", text));
  PetscFunctionReturn(0);
}

static PetscErrorCode make_seeds(const screen_train *train, const screen_campaign *campaign,
                                 const screen_grid *grid, mtp_config_list *ask)
{
  char id[128];

  PetscFunctionBegin;
  PetscCall(PetscCalloc1(train->loop.seeds, &ask->config));
  ask->capacity = train->loop.seeds;
  for (PetscInt s = 0; s < train->loop.seeds; s++) {
    PetscCall(
        make_seed(campaign, &grid->point[s % grid->npoint], s, s / grid->npoint, &ask->config[s]));
    screen_learn_id(train, -1, s + 1, id);
    PetscCall(mtp_config_set_feature(&ask->config[s], "ID", id));
    ask->n++;
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_learn_seeds(const screen_train *train, mtp_config_list *ask, mtp_diag *diag)
{
  screen_campaign *campaign = NULL;
  screen_grid *grid = NULL;

  PetscFunctionBegin;
  PetscCall(screen_campaign_plan(train->loop.campaign, &campaign, diag));
  if (campaign) PetscCall(screen_grid_create(campaign, &grid, diag));
  if (grid && diag->n == 0) PetscCall(make_seeds(train, campaign, grid, ask));
  PetscCall(screen_grid_destroy(&grid));
  PetscCall(screen_campaign_destroy(&campaign));
  PetscFunctionReturn(0);
}
