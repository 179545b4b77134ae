/* screening/screen_surface.c - surfaces over the grid, and where one point more is worth most */
#include "screening/screen_surface.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KILOGRAM 1e-3 /* of a mole for each u */

static const prop_id ids[] = {PROP_ID_DENSITY, PROP_ID_VISCOSITY, PROP_ID_DIFFUSION,
                              PROP_ID_IONIC_CONDUCTIVITY};
enum { NID = sizeof(ids) / sizeof(ids[0]) };

void screen_surface_name(prop_id id, const char *species, size_t size, char name[])
{
  snprintf(name, size, "%s%s%s", prop_get((PetscInt)id)->name, species ? "_" : "",
           species ? species : "");
}

/* What all surfaces are made of: points of the grid, and places between them. */
typedef struct {
  const screen_campaign *campaign;
  const screen_grid *grid;
  PetscReal *x, *t;   /* [npoint,ncomponent], [npoint, K] */
  prop_value *y;      /* [npoint] */
  prop_value *clean;  /* [npoint] those without flags, others missing */
  PetscInt n;         /* candidates */
  PetscReal *cx, *ct; /* [n,ncomponent], [n, K] */
} scratch;

/* Several compositions, and one pressure. */
static PetscBool has_surfaces(const screen_grid *grid)
{
  PetscBool several = PETSC_FALSE;

  for (PetscInt a = 0; a < grid->naxis; a++) {
    const screen_grid_axis *axis = &grid->axis[a];

    if (axis->n < 2 || strcmp(axis->name, "temperature") == 0) continue;
    if (strcmp(axis->name, "pressure") == 0) return PETSC_FALSE;
    several = PETSC_TRUE;
  }
  return several;
}

/* The place half-way between two points that are both run. */
static void add_candidate(scratch *s, PetscInt p, PetscInt q)
{
  const PetscInt m = s->campaign->ncomponent;

  if (s->grid->point[p].liquidus > 0.0 || s->grid->point[q].liquidus > 0.0) return;
  for (PetscInt k = 0; k < m; k++) s->cx[s->n * m + k] = 0.5 * (s->x[p * m + k] + s->x[q * m + k]);
  s->ct[s->n++] = 0.5 * (s->t[p] + s->t[q]);
}

/* Points lie in C order of the axes. */
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

/* What is left at the points. */
static PetscErrorCode find_residuals(const scratch *s, screen_surface *out)
{
  const PetscInt m = s->campaign->ncomponent;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(s->grid->npoint, &out->residual));
  for (PetscInt p = 0; p < s->grid->npoint; p++) {
    const prop_value *y = &s->y[p];
    prop_value at;

    out->residual[p] = PROP_NAN;
    if (y->flags & PROP_FLAG_MISSING || !(y->error > 0.0) || out->surface.reason <= 0) continue;
    PetscCall(prop_surface_predict(&out->surface, &s->x[p * m], s->t[p], &at, NULL));
    out->residual[p] = (y->value - at.value) / y->error;
  }
  PetscFunctionReturn(0);
}

/* Through the values without flags, else through all. */
static PetscErrorCode fit_either(scratch *s, screen_surface *out)
{
  const PetscInt m = s->campaign->ncomponent;
  const prop_surface_scale scale =
      out->id == PROP_ID_DENSITY ? PROP_SURFACE_VALUE : PROP_SURFACE_LOG;
  const prop_surface_points clean = {s->grid->npoint, m, s->x, s->t, s->clean};
  const prop_surface_points all = {s->grid->npoint, m, s->x, s->t, s->y};

  PetscFunctionBegin;
  for (PetscInt p = 0; p < s->grid->npoint; p++)
    s->clean[p] = s->y[p].flags ? prop_value_missing : s->y[p];
  PetscCall(prop_surface_best(&clean, scale, &out->surface));
  if (out->surface.reason > 0) PetscFunctionReturn(0);
  PetscCall(prop_surface_clear(&out->surface));
  PetscCall(prop_surface_best(&all, scale, &out->surface));
  PetscFunctionReturn(0);
}

static PetscErrorCode fit(scratch *s, screen_surface *out)
{
  const PetscInt m = s->campaign->ncomponent;
  PetscInt best;

  PetscFunctionBegin;
  PetscCall(fit_either(s, out));
  PetscCall(find_residuals(s, out));
  PetscCall(prop_surface_next(&out->surface, s->n, s->cx, s->ct, &best, &out->error));
  if (best < 0) PetscFunctionReturn(0);
  PetscCall(PetscMalloc1(m, &out->mole));
  PetscCall(PetscArraycpy(out->mole, &s->cx[best * m], m));
  out->temperature = s->ct[best];
  PetscFunctionReturn(0);
}

static PetscErrorCode fit_all(scratch *s, const screen_result all[], screen_surfaces *out)
{
  PetscFunctionBegin;
  for (int i = 0; i < NID; i++) {
    const prop_definition *d = prop_get((PetscInt)ids[i]);
    const PetscInt width = prop_width(d, s->campaign->nspecies);

    if (!screen_result_wanted(s->campaign, d->name)) continue;
    for (PetscInt w = 0; w < width; w++) {
      screen_surface *next = &out->surface[out->n++];

      *next = (screen_surface){.id = ids[i], .species = width > 1 ? w : -1};
      PetscCall(load(s, all, ids[i], w));
      PetscCall(fit(s, next));
    }
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_surfaces_create(const screen_campaign *campaign, const screen_grid *grid,
                                      const screen_result all[], screen_surfaces *surfaces)
{
  scratch s = {.campaign = campaign, .grid = grid};
  const PetscInt n = grid->npoint, m = campaign->ncomponent;
  PetscInt most;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  *surfaces = (screen_surfaces){0};
  if (!has_surfaces(grid)) PetscFunctionReturn(0);
  PetscCall(PetscCalloc1(NID + campaign->nspecies, &surfaces->surface));
  most = n * grid->naxis; /* candidates: one to the next point on each axis */
  PetscCall(PetscMalloc6(n * m, &s.x, n, &s.t, n, &s.y, n, &s.clean, most * m, &s.cx, most, &s.ct));
  for (PetscInt p = 0; p < n; p++) {
    PetscCall(PetscArraycpy(&s.x[p * m], grid->point[p].mole, m));
    s.t[p] = grid->point[p].temperature;
  }
  add_candidates(&s);
  ierr = fit_all(&s, all, surfaces);
  PetscCall(PetscFree6(s.x, s.t, s.y, s.clean, s.cx, s.ct));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_surfaces_clear(screen_surfaces *surfaces)
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < surfaces->n; i++) {
    PetscCall(prop_surface_clear(&surfaces->surface[i].surface));
    PetscCall(PetscFree(surfaces->surface[i].residual));
    PetscCall(PetscFree(surfaces->surface[i].mole));
  }
  PetscCall(PetscFree(surfaces->surface));
  *surfaces = (screen_surfaces){0};
  PetscFunctionReturn(0);
}

/* Those that could not be fitted, and why. */
static void print_missing(const screen_campaign *campaign, const screen_surfaces *surfaces,
                          FILE *out)
{
  PetscInt n = 0;

  for (PetscInt i = 0; i < surfaces->n; i++) {
    const screen_surface *s = &surfaces->surface[i];

    if (s->surface.reason > 0) continue;
    fprintf(out, "%s%s", n++ ? ", " : "\nNo surface over composition and temperature for: ",
            prop_get((PetscInt)s->id)->name);
    if (s->species >= 0) fprintf(out, " of %s", campaign->species[s->species]);
    fprintf(out, " (%s)",
            s->surface.reason == PROP_FIT_TOO_FEW ? "too few points" : "the points do not fix it");
  }
  if (n) fputc('\n', out);
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
  print_missing(campaign, surfaces, out);
  PetscFunctionReturn(0);
}
