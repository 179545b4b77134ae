/* screening/screen_grid.c - axes and points; compositions are made in screen_grid_mixture.c */
#include "screening/screen_grid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "md/md_ewald.h"
#include "md/md_units.h"
#include "screening/screen_flux.h"
#include "screening/screen_grid_impl.h"

enum { SAME_KIND_MAX = 5 };

/* What one composition puts into the cell. */
typedef struct {
  PetscInt index, n;
  PetscInt *count; /* [n] atoms of each species */
} content;

static int compare_contents(const void *a, const void *b)
{
  const content *p = a, *q = b;

  for (PetscInt s = 0; s < p->n; s++) {
    if (p->count[s] != q->count[s]) return p->count[s] < q->count[s] ? -1 : 1;
  }
  return p->index < q->index ? -1 : 1;
}

/* One message, as long as there are few of its kind. */
static PetscErrorCode add_problem(const char *problem, PetscInt *found, mtp_diag *diag)
{
  PetscFunctionBegin;
  if (problem[0] && ++*found <= SAME_KIND_MAX) {
    PetscCall(mtp_diag_add(diag, NULL, 0, 0, "%s", problem));
  }
  PetscFunctionReturn(0);
}

/* Two compositions with the same atoms are one state point: the same runs would serve both. */
static PetscErrorCode check_distinct(const screen_campaign *c, PetscInt n, content e[],
                                     screen_mixture *m, PetscInt *found, mtp_diag *diag)
{
  char problem[SCREEN_MIXTURE_PROBLEM], a[128], b[128];

  PetscFunctionBegin;
  qsort(e, (size_t)n, sizeof(e[0]), compare_contents);
  for (PetscInt i = 1; i < n; i++) {
    if (memcmp(e[i].count, e[i - 1].count, (size_t)e[i].n * sizeof(e[i].count[0])) != 0) continue;
    PetscCall(screen__mixture_make(c, e[i - 1].index, m, problem));
    screen__mixture_name(c, m, sizeof(a), a);
    PetscCall(screen__mixture_make(c, e[i].index, m, problem));
    screen__mixture_name(c, m, sizeof(b), b);
    snprintf(problem, sizeof(problem),
             "got %s and %s, the same cell of %" PetscInt_FMT " atoms, wanted more atoms or %s", a,
             b, m->natoms, "values further apart");
    PetscCall(add_problem(problem, found, diag));
  }
  PetscFunctionReturn(0);
}

/* Rigid ions are summed over all pairs: there is a limit to them, in cells of imposed fluxes, too.
 * Where system.atoms is beyond it, that has been said. */
static void check_ions(const screen_campaign *c, const screen_mixture *m, const content *e,
                       char problem[SCREEN_MIXTURE_PROBLEM])
{
  screen_point cell = {.units = m->units, .count = e->count, .natoms = m->natoms};
  PetscInt most = m->natoms;
  char name[128];

  if (c->model != SCREEN_TOSI_FUMI || c->atoms > MD_EWALD_MAX_IONS || problem[0]) return;
  for (PetscInt k = 0; k < c->nflux; k++)
    most = PetscMax(most, screen_stage_atoms(c, &cell, (screen_stage)(SCREEN_FLUX + k)));
  if (most <= MD_EWALD_MAX_IONS) return;
  screen__mixture_name(c, m, sizeof(name), name);
  snprintf(problem, SCREEN_MIXTURE_PROBLEM,
           "got %" PetscInt_FMT " ions at %s%s, wanted at most %d with potential.type tosi-fumi",
           most, name, most > m->natoms ? " in a cell of imposed fluxes" : "", MD_EWALD_MAX_IONS);
}

static PetscErrorCode check_each(const screen_campaign *c, PetscInt n, content e[],
                                 screen_mixture *m, PetscInt *found, mtp_diag *diag)
{
  char problem[SCREEN_MIXTURE_PROBLEM];

  PetscFunctionBegin;
  for (PetscInt i = 0; i < n; i++) {
    PetscCall(screen__mixture_make(c, i, m, problem));
    for (PetscInt s = 0; s < c->nspecies; s++) {
      for (PetscInt k = 0; k < c->ncomponent; k++) {
        e[i].count[s] += m->units[k] * c->component[k].count[s];
      }
    }
    check_ions(c, m, &e[i], problem);
    PetscCall(add_problem(problem, found, diag));
  }
  if (*found == 0) PetscCall(check_distinct(c, n, e, m, found, diag));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_grid_check(const screen_campaign *c, mtp_diag *diag)
{
  const PetscInt n = screen__mixture_count(c);
  PetscErrorCode ierr;
  PetscInt found = 0, *count;
  screen_mixture m;
  content *e;

  PetscFunctionBegin;
  if (n > SCREEN_POINT_MAX) {
    PetscCall(mtp_diag_add(diag, NULL, 0, 0, "got more than %d compositions, wanted fewer",
                           SCREEN_POINT_MAX));
    PetscFunctionReturn(0);
  }
  PetscCall(PetscCalloc2((size_t)n * c->nspecies, &count, n, &e));
  for (PetscInt i = 0; i < n; i++) e[i] = (content){i, c->nspecies, count + i * c->nspecies};
  ierr = screen__mixture_create(c, &m);
  if (!ierr) ierr = check_each(c, n, e, &m, &found, diag);
  PetscCall(screen__mixture_clear(&m));
  PetscCall(PetscFree2(count, e));
  PetscCall(ierr);
  if (found > SAME_KIND_MAX) {
    PetscCall(mtp_diag_add(diag, NULL, 0, 0,
                           "got %" PetscInt_FMT " compositions like these, wanted none", found));
  }
  PetscFunctionReturn(0);
}

/* To 14 digits: 1 bar is stored as 100000 Pa, not as 99999.99999999999. */
static PetscReal rounded(PetscReal value)
{
  char text[32];

  snprintf(text, sizeof(text), "%.14g", (double)value);
  return strtod(text, NULL);
}

static PetscErrorCode set_axis(screen_grid_axis *axis, const char *name, const char *units,
                               const char *long_name, const screen_axis *from, PetscReal scale)
{
  PetscFunctionBegin;
  snprintf(axis->name, sizeof(axis->name), "%s", name);
  axis->units = units;
  axis->long_name = long_name;
  axis->n = from->n;
  PetscCall(PetscMalloc1(from->n, &axis->value));
  for (PetscInt i = 0; i < from->n; i++) axis->value[i] = rounded(from->value[i] * scale);
  PetscFunctionReturn(0);
}

/* The axis of a component; concentrations in SI. */
static PetscErrorCode set_composition_axis(const screen_campaign *c, PetscInt k,
                                           screen_grid_axis *axis)
{
  static const struct {
    const char *units, *long_name;
    PetscReal scale;
  } solute[SCREEN_NSHARE] = {
      [SCREEN_SHARE_MOLARITY] = {"mol m-3", "molarity of the component, asked for", 1e3},
      [SCREEN_SHARE_MOLALITY] = {"mol kg-1", "molality of the component, asked for", 1.0},
      [SCREEN_SHARE_UNITS] = {"1", "formula units of the component in the cell", 1.0}};
  static const char *const fraction[] = {"mole fraction of the component, asked for",
                                         "mass fraction of the component, asked for",
                                         "volume fraction of the component, asked for"};
  const screen_share share = screen__share(c, k);

  PetscFunctionBegin;
  if (c->in_ratio && c->in_ratio[k])
    PetscCall(set_axis(axis, c->component[k].name, "1",
                       "part of the component in its ratio, asked for", &c->composition[k], 1.0));
  else if (share == SCREEN_SHARE_FRACTION)
    PetscCall(
        set_axis(axis, c->component[k].name, "1", fraction[c->fraction], &c->composition[k], 1.0));
  else
    PetscCall(set_axis(axis, c->component[k].name, solute[share].units, solute[share].long_name,
                       &c->composition[k], solute[share].scale));
  PetscFunctionReturn(0);
}

static PetscErrorCode make_axes(const screen_campaign *c, screen_grid *grid)
{
  PetscFunctionBegin;
  PetscCall(PetscCalloc1(c->ncomponent + 2, &grid->axis));
  for (PetscInt k = 0; k < c->ncomponent; k++) {
    if (k == c->balance) continue;
    PetscCall(set_composition_axis(c, k, &grid->axis[grid->naxis++]));
  }
  PetscCall(set_axis(&grid->axis[grid->naxis++], "temperature", "K", "temperature", &c->temperature,
                     1.0));
  PetscCall(set_axis(&grid->axis[grid->naxis++], "pressure", "Pa", "pressure", &c->pressure,
                     MD_PRESSURE_PA));
  PetscFunctionReturn(0);
}

/* "CaCl2=0.282 T=1100K p=1bar"; the pressure only where there are several. */
static void name_point(const screen_campaign *c, screen_point *point)
{
  const size_t size = SCREEN_POINT_WORDS;
  size_t used = 0;

  for (PetscInt k = 0; k < c->ncomponent && used < size; k++) {
    if (k == c->balance) continue;
    used += (size_t)snprintf(point->name + used, size - used, "%s=%.6g%s ", c->component[k].name,
                             (double)point->fraction[k], screen__share_suffix(c, k));
  }
  if (used < size) {
    used +=
        (size_t)snprintf(point->name + used, size - used, "T=%.6gK", (double)point->temperature);
  }
  if (used < size && c->pressure.n > 1) {
    snprintf(point->name + used, size - used, " p=%.6gbar",
             (double)rounded(point->pressure * MD_PRESSURE_PA) / 1e5);
  }
}

static PetscErrorCode fill_point(const screen_campaign *c, const screen_mixture *m, PetscInt t,
                                 PetscInt p, screen_point *point)
{
  PetscInt axis = 0;

  PetscFunctionBegin;
  PetscCall(PetscCalloc1(c->ncomponent + 2, &point->cell));
  PetscCall(PetscMalloc1(c->ncomponent, &point->fraction));
  PetscCall(PetscMalloc1(c->ncomponent, &point->mole));
  PetscCall(PetscMalloc1(c->ncomponent, &point->units));
  PetscCall(PetscCalloc1(c->nspecies, &point->count));
  PetscCall(PetscArraycpy(point->fraction, m->fraction, c->ncomponent));
  PetscCall(PetscArraycpy(point->mole, m->mole, c->ncomponent));
  PetscCall(PetscArraycpy(point->units, m->units, c->ncomponent));
  for (PetscInt k = 0; k < c->ncomponent; k++) {
    if (k != c->balance) point->cell[axis++] = m->cell[k];
    for (PetscInt s = 0; s < c->nspecies; s++) {
      point->count[s] += m->units[k] * c->component[k].count[s];
    }
  }
  point->cell[axis++] = t;
  point->cell[axis] = p;
  point->natoms = m->natoms;
  point->deviation = m->deviation;
  point->temperature = c->temperature.value[t];
  point->pressure = c->pressure.value[p];
  point->liquidus = screen_campaign_liquidus(c, point->fraction);
  if (point->temperature >= point->liquidus) point->liquidus = 0.0;
  name_point(c, point);
  PetscCall(screen__point_key(c, point));
  PetscFunctionReturn(0);
}

/* The same points for the other members of a committee; the first keeps plain names. */
static PetscErrorCode make_members(const screen_campaign *c, screen_grid *grid)
{
  PetscFunctionBegin;
  for (PetscInt m = 1; m < c->nmember; m++) {
    for (PetscInt i = 0; i < grid->npoint; i++) {
      screen_point *point = &screen_grid_member(grid, m)[i];
      const size_t used = strlen(grid->point[i].name);

      *point = grid->point[i];
      point->member = m;
      snprintf(point->name + used, sizeof(point->name) - used, " [%s]", c->member[m].name);
      PetscCall(screen__point_key(c, point));
    }
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode make_points(const screen_campaign *c, screen_mixture *m, screen_grid *grid)
{
  const PetscInt conditions = c->temperature.n * c->pressure.n;
  char problem[SCREEN_MIXTURE_PROBLEM];

  PetscFunctionBegin;
  PetscCall(PetscCalloc1(grid->npoint * screen_campaign_members(c), &grid->point));
  for (PetscInt i = 0; i < grid->npoint; i++) {
    screen_point *point = &grid->point[i];

    if (i % conditions == 0) PetscCall(screen__mixture_make(c, i / conditions, m, problem));
    point->index = i;
    PetscCall(fill_point(c, m, i % conditions / c->pressure.n, i % c->pressure.n, point));
    if (i > 0) point->skipped = point[-1].skipped + (point[-1].liquidus > 0.0);
  }
  PetscCall(make_members(c, grid));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_grid_create(const screen_campaign *c, screen_grid **grid, mtp_diag *diag)
{
  const PetscInt before = diag->n, replicas = screen_grid_replicas(c) * screen_campaign_members(c);
  PetscErrorCode ierr;
  PetscReal size;
  screen_mixture m;

  PetscFunctionBegin;
  *grid = NULL;
  size = (PetscReal)screen__mixture_count(c) * c->temperature.n * c->pressure.n;
  if (size * replicas > SCREEN_POINT_MAX) {
    PetscCall(mtp_diag_add(diag, NULL, 0, 0,
                           "got %.0f points with %" PetscInt_FMT " replicas, wanted at most %d %s",
                           (double)size, replicas, SCREEN_POINT_MAX, "replicas in all"));
  }
  PetscCall(screen_grid_check(c, diag));
  if (diag->n > before) PetscFunctionReturn(0);
  PetscCall(PetscNew(grid));
  (*grid)->npoint = (PetscInt)size;
  (*grid)->nmember = c->nmember;
  PetscCall(make_axes(c, *grid));
  ierr = screen__mixture_create(c, &m);
  if (!ierr) ierr = make_points(c, &m, *grid);
  PetscCall(screen__mixture_clear(&m));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

screen_point *screen_grid_member(const screen_grid *grid, PetscInt m)
{
  return grid->point + (size_t)m * (size_t)grid->npoint;
}

const screen_point *screen_grid_point(const screen_grid *grid, const queue_task_spec *spec)
{
  for (PetscInt m = 1; m < grid->nmember; m++) {
    const screen_point *point = &screen_grid_member(grid, m)[spec->point];

    if (!memcmp(point->key.byte, spec->key.byte, QUEUE_KEY_SIZE)) return point;
  }
  return &grid->point[spec->point];
}

PetscErrorCode screen_grid_destroy(screen_grid **grid)
{
  screen_grid *g = *grid;

  PetscFunctionBegin;
  if (!g) PetscFunctionReturn(0);
  for (PetscInt i = 0; i < g->npoint && g->point; i++) {
    PetscCall(PetscFree(g->point[i].cell));
    PetscCall(PetscFree(g->point[i].fraction));
    PetscCall(PetscFree(g->point[i].mole));
    PetscCall(PetscFree(g->point[i].units));
    PetscCall(PetscFree(g->point[i].count));
  }
  PetscCall(PetscFree(g->point));
  for (PetscInt a = 0; a < g->naxis; a++) PetscCall(PetscFree(g->axis[a].value));
  PetscCall(PetscFree(g->axis));
  PetscCall(PetscFree(*grid));
  PetscFunctionReturn(0);
}
