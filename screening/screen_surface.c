/* screening/screen_surface.c - surfaces over the grid, and where one point more is worth most */
#include "screening/screen_surface.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KILOGRAM 1e-3 /* of a mole for each u */

static const prop_id ids[] = {PROP_ID_DENSITY, PROP_ID_VISCOSITY, PROP_ID_DIFFUSION,
                              PROP_ID_IONIC_CONDUCTIVITY};
enum { NID = sizeof(ids) / sizeof(ids[0]) };

/* What all surfaces are made of: points of the grid, and places between them. */
typedef struct {
  const screen_campaign *campaign;
  const screen_grid *grid;
  PetscReal *x, *t;   /* [npoint,ncomponent], [npoint, K] */
  prop_value *y;      /* [npoint] */
  PetscInt n;         /* candidates */
  PetscReal *cx, *ct; /* [n,ncomponent], [n, K] */
} scratch;

/* The axis of composition, if it is the only one and the pressure is one; -1 otherwise. */
static PetscInt find_axis(const screen_grid *grid)
{
  PetscInt found = -1;

  for (PetscInt a = 0; a < grid->naxis; a++) {
    const screen_grid_axis *axis = &grid->axis[a];

    if (axis->n < 2 || strcmp(axis->name, "temperature") == 0) continue;
    if (found >= 0 || strcmp(axis->name, "pressure") == 0) return -1;
    found = a;
  }
  return found;
}

/* The place half-way between two points that are both run. */
static void add_candidate(scratch *s, PetscInt p, PetscInt q)
{
  const PetscInt m = s->campaign->ncomponent;

  if (s->grid->point[p].liquidus > 0.0 || s->grid->point[q].liquidus > 0.0) return;
  for (PetscInt k = 0; k < m; k++) s->cx[s->n * m + k] = 0.5 * (s->x[p * m + k] + s->x[q * m + k]);
  s->ct[s->n++] = 0.5 * (s->t[p] + s->t[q]);
}

/* Points lie in C order of the axes, two of which have more than one value. */
static void add_candidates(scratch *s)
{
  PetscInt stride = 1;

  for (PetscInt a = s->grid->naxis; a-- > 0; stride *= s->grid->axis[a].n)
    for (PetscInt p = 0; p < s->grid->npoint; p++)
      if (p / stride % s->grid->axis[a].n + 1 < s->grid->axis[a].n) add_candidate(s, p, p + stride);
}

/* Values of one property of one species, as the surface takes them. */
static PetscErrorCode load(scratch *s, const screen_result all[], prop_id id, PetscInt w)
{
  const PetscInt m = s->campaign->ncomponent;
  PetscReal *mass;
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(m, &mass));
  for (PetscInt k = 0; k < m; k++) mass[k] = KILOGRAM * s->campaign->component[k].mass_u;
  for (PetscInt p = 0; p < s->grid->npoint && !ierr; p++) {
    const prop_value *v = screen_result_at(&all[p], id) + w;

    if (id == PROP_ID_DENSITY)
      ierr = prop_surface_molar_volume(m, &s->x[p * m], mass, v, &s->y[p]);
    else
      s->y[p] = *v;
  }
  PetscCall(PetscFree(mass));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* One surface; *kept: it could be fitted. */
static PetscErrorCode fit(scratch *s, screen_surface *out, PetscBool *kept)
{
  const PetscInt m = s->campaign->ncomponent;
  const prop_surface_points points = {s->grid->npoint, m, s->x, s->t, s->y};
  PetscInt best;

  PetscFunctionBegin;
  PetscCall(prop_surface_best(
      &points, out->id == PROP_ID_DENSITY ? PROP_SURFACE_VALUE : PROP_SURFACE_LOG, &out->surface));
  *kept = (PetscBool)(out->surface.reason > 0);
  if (!*kept) {
    PetscCall(prop_surface_clear(&out->surface));
    PetscFunctionReturn(0);
  }
  PetscCall(prop_surface_next(&out->surface, s->n, s->cx, s->ct, &best, &out->error));
  if (best < 0) PetscFunctionReturn(0);
  PetscCall(PetscMalloc1(m, &out->mole));
  PetscCall(PetscArraycpy(out->mole, &s->cx[best * m], m));
  out->temperature = s->ct[best];
  PetscFunctionReturn(0);
}

static PetscErrorCode fit_all(scratch *s, const screen_result all[], screen_surfaces *out)
{
  PetscBool kept = PETSC_FALSE;

  PetscFunctionBegin;
  for (int i = 0; i < NID; i++) {
    const prop_definition *d = prop_get((PetscInt)ids[i]);
    const PetscInt width = prop_width(d, s->campaign->nspecies);

    if (!screen_result_wanted(s->campaign, d->name)) continue;
    for (PetscInt w = 0; w < width; w++) {
      screen_surface *next = &out->surface[out->n];

      *next = (screen_surface){.id = ids[i], .species = width > 1 ? w : -1};
      PetscCall(load(s, all, ids[i], w));
      PetscCall(fit(s, next, &kept));
      out->n += kept ? 1 : 0;
    }
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_surfaces_create(const screen_campaign *campaign, const screen_grid *grid,
                                      const screen_result all[], screen_surfaces *surfaces)
{
  scratch s = {.campaign = campaign, .grid = grid};
  const PetscInt n = grid->npoint, m = campaign->ncomponent;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  *surfaces = (screen_surfaces){0};
  if (find_axis(grid) < 0) PetscFunctionReturn(0);
  PetscCall(PetscCalloc1(NID + campaign->nspecies, &surfaces->surface));
  PetscCall(PetscMalloc5(n * m, &s.x, n, &s.t, n, &s.y, 2 * n * m, &s.cx, 2 * n, &s.ct));
  for (PetscInt p = 0; p < n; p++) {
    PetscCall(PetscArraycpy(&s.x[p * m], grid->point[p].mole, m));
    s.t[p] = grid->point[p].temperature;
  }
  add_candidates(&s);
  ierr = fit_all(&s, all, surfaces);
  PetscCall(PetscFree5(s.x, s.t, s.y, s.cx, s.ct));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_surfaces_clear(screen_surfaces *surfaces)
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < surfaces->n; i++) {
    PetscCall(prop_surface_clear(&surfaces->surface[i].surface));
    PetscCall(PetscFree(surfaces->surface[i].mole));
  }
  PetscCall(PetscFree(surfaces->surface));
  *surfaces = (screen_surfaces){0};
  PetscFunctionReturn(0);
}

/* "viscosity 12 % at CaCl2 0.392, 1125 K" */
static void print_place(const screen_campaign *campaign, const screen_surface *s, FILE *out)
{
  fprintf(out, "%s", prop_get((PetscInt)s->id)->name);
  if (s->species >= 0) fprintf(out, " of %s", campaign->species[s->species]);
  fprintf(out, " %.2g %% at", 100.0 * s->error);
  for (PetscInt k = 0; k < campaign->ncomponent; k++)
    if (k != campaign->balance) fprintf(out, " %s %.4g,", campaign->component[k].name, s->mole[k]);
  fprintf(out, " %.6g K\n", s->temperature);
}

PetscErrorCode screen_surfaces_print(const screen_campaign *campaign,
                                     const screen_surfaces *surfaces, FILE *out)
{
  const screen_surface *worst = NULL;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < surfaces->n; i++) {
    const screen_surface *s = &surfaces->surface[i];

    if (!s->mole) continue;
    if (!worst) fprintf(out, "\nLeast certain between the points of the grid (mole fractions):\n");
    if (!worst || s->error > worst->error) worst = s;
    fprintf(out, "  ");
    print_place(campaign, s, out);
  }
  if (worst) {
    fprintf(out, "A next point would be worth most for ");
    print_place(campaign, worst, out);
  }
  PetscFunctionReturn(0);
}
