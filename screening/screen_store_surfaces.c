/* screening/screen_store_surfaces.c - /fit/surface of results.h5: one group a surface
 *
 * /fit/surface/viscosity, /fit/surface/diffusion_Cl.  What a term of the sum is stands beside its
 * coefficient in numbers, so that a reader needs no rule of ours for their order:
 *
 *   y or ln y = sum over terms  c x_i T^p                       component_2 = -1
 *                             + c x_i x_j (x_i - x_j)^n T^p
 *
 * A surface that could not be fitted has its reason and no terms.  Every rank knows all surfaces,
 * the first one writes them.
 */
#include "screening/screen_store_impl.h"
#include "screening/screen_surface.h"

#include <string.h>

static const char single[] = "/fit/surface/single";

typedef struct {
  const screen_store_table *table;
  const screen_surface *surface;
  char group[SCREEN_STORE_NAME], term[SCREEN_STORE_NAME], column[SCREEN_STORE_NAME];
  PetscBool first;     /* rank */
  const PetscInt *row; /* 0, 1, 2, ... as many as there are terms, components or points */
} target;

/* A variable of the group whose first dimension has n values. */
typedef struct {
  const char *name, *units, *long_name;
  screen_h5_type type;
  PetscInt n, rank;
  const char *const *dimension;
} variable;

static PetscErrorCode write_variable(const target *g, const variable *v, const void *data)
{
  char path[SCREEN_STORE_NAME];

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(path, sizeof(path), "%s/%s", g->group, v->name));
  PetscCall(screen_h5_variable(g->table->h5, path, v->type, v->rank, v->dimension));
  PetscCall(screen_store_attrs(
      g->table, path,
      (const screen_store_attr[]){{"units", v->units}, {"long_name", v->long_name}, {NULL, NULL}}));
  PetscCall(screen_h5_write(g->table->h5, path, v->rank - 1, g->first ? v->n : 0, g->row, data));
  PetscFunctionReturn(0);
}

/* What each term is: in the order of prop_surface.coefficient. */
static PetscErrorCode write_terms(const target *g)
{
  static const char *const names[PROP_SURFACE_TERM][2] = {
      {"component_1", "component i of the term, from 0"},
      {"component_2", "component j of the term, from 0; -1: the term is c x_i T^power"},
      {"order", "n of (x_i - x_j)^n"},
      {"power", "p of T^p"}};
  const PetscInt n = g->surface->surface.nparam;
  const char *const dimension[] = {g->term};
  PetscInt *term, *what;

  PetscFunctionBegin;
  PetscCall(PetscMalloc2(PROP_SURFACE_TERM * n, &term, n, &what));
  PetscCall(prop_surface_terms(&g->surface->surface, term));
  for (int k = 0; k < PROP_SURFACE_TERM; k++) {
    for (PetscInt i = 0; i < n; i++) what[i] = term[i * PROP_SURFACE_TERM + k];
    PetscCall(write_variable(
        g, &(variable){names[k][0], "1", names[k][1], SCREEN_H5_INT, n, 1, dimension}, what));
  }
  PetscCall(PetscFree2(term, what));
  PetscFunctionReturn(0);
}

static PetscErrorCode write_coefficients(const target *g)
{
  const prop_surface *s = &g->surface->surface;
  const char *const square[] = {g->term, g->column};
  const PetscInt n = s->nparam;

  PetscFunctionBegin;
  PetscCall(screen_h5_dimension(g->table->h5, g->term, n));
  PetscCall(screen_h5_dimension(g->table->h5, g->column, n));
  PetscCall(write_variable(
      g, &(variable){"coefficients", NULL, "c of each term", SCREEN_H5_REAL, n, 1, square},
      s->coefficient));
  PetscCall(write_variable(g,
                           &(variable){"covariance", NULL, "covariance of the coefficients",
                                       SCREEN_H5_REAL, n, 2, square},
                           s->covariance));
  PetscCall(write_variable(g,
                           &(variable){"factor", NULL,
                                       "R, upper triangular, of covariance = (R^T R)^-1: the "
                                       "error of a sum g.c is |R^-T g|, with all its digits",
                                       SCREEN_H5_REAL, n, 2, square},
                           s->factor));
  PetscCall(write_terms(g));
  PetscFunctionReturn(0);
}

static PetscErrorCode write_reals(const target *g)
{
  const prop_surface *s = &g->surface->surface;
  const struct {
    const char *name, *units, *long_name;
    PetscReal value;
  } list[] = {{"temperature_min", "K", "lowest temperature fitted", s->tmin},
              {"temperature_max", "K", "highest temperature fitted", s->tmax},
              {"chi2", "1", "sum of squared residuals over errors", s->chi2},
              {"probability", "1", "of a chi-square as large", s->probability},
              {"aicc", "1", "corrected Akaike information criterion of the orders chosen", s->aicc},
              {"widening", "1",
               "factor on errors of predictions: above 1 where the form does not fit",
               s->widening}};
  const char *const one[] = {single}, *const component[] = {"/component"};
  const PetscInt m = s->ncomponent;

  PetscFunctionBegin;
  for (size_t k = 0; k < sizeof(list) / sizeof(list[0]); k++)
    PetscCall(write_variable(
        g, &(variable){list[k].name, list[k].units, list[k].long_name, SCREEN_H5_REAL, 1, 1, one},
        &list[k].value));
  PetscCall(write_variable(g,
                           &(variable){"mole_fraction_min", "1", "smallest mole fraction fitted",
                                       SCREEN_H5_REAL, m, 1, component},
                           s->xmin));
  PetscCall(write_variable(g,
                           &(variable){"mole_fraction_max", "1", "largest mole fraction fitted",
                                       SCREEN_H5_REAL, m, 1, component},
                           s->xmax));
  PetscFunctionReturn(0);
}

static PetscErrorCode write_integers(const target *g)
{
  const prop_surface *s = &g->surface->surface;
  const struct {
    const char *name, *units, *long_name;
    PetscInt value;
  } list[] = {{"reason", NULL, "what became of the fit", (PetscInt)s->reason},
              {"flag", NULL, "quality flags of the points fitted", s->flags},
              {"points", "1", "points fitted", s->npoint},
              {"degrees_of_freedom", "1", "points less coefficients", s->dof}};
  const char *const one[] = {single};
  char path[SCREEN_STORE_NAME];

  PetscFunctionBegin;
  for (size_t k = 0; k < sizeof(list) / sizeof(list[0]); k++)
    PetscCall(write_variable(
        g, &(variable){list[k].name, list[k].units, list[k].long_name, SCREEN_H5_INT, 1, 1, one},
        &list[k].value));
  PetscCall(PetscSNPrintf(path, sizeof(path), "%s/reason", g->group));
  PetscCall(screen_store_reason_attributes(g->table, path));
  PetscCall(PetscSNPrintf(path, sizeof(path), "%s/flag", g->group));
  PetscCall(screen_store_flag_attributes(g->table, path));
  PetscFunctionReturn(0);
}

/* Over the axes of the table. */
static PetscErrorCode write_residual(const target *g)
{
  const screen_store_table *t = g->table;
  const char *dimension[SCREEN_H5_MAX_RANK];
  char name[SCREEN_H5_MAX_RANK][SCREEN_STORE_NAME], path[SCREEN_STORE_NAME];
  PetscInt rank;

  PetscFunctionBegin;
  PetscCall(screen_store_dimensions(t, NULL, NULL, name, dimension, &rank));
  PetscCall(PetscSNPrintf(path, sizeof(path), "%s/residual", g->group));
  PetscCall(screen_h5_variable(t->h5, path, SCREEN_H5_REAL, rank, dimension));
  PetscCall(screen_store_attrs(
      t, path,
      (const screen_store_attr[]){
          {"units", "1"},
          {"long_name", "value less surface over error, also where a flagged value was left out"},
          {NULL, NULL}}));
  PetscCall(screen_h5_write(t->h5, path, 0, g->first ? t->grid->npoint : 0, g->row,
                            g->surface->residual));
  PetscFunctionReturn(0);
}

static PetscErrorCode write_surface(const target *g)
{
  const prop_surface *s = &g->surface->surface;

  PetscFunctionBegin;
  PetscCall(screen_h5_group(g->table->h5, g->group));
  PetscCall(screen_h5_attr_text(
      g->table->h5, g->group, "comment",
      s->scale == PROP_SURFACE_LOG
          ? "ln y = sum of c x_i T^power + sum of c x_i x_j (x_i - x_j)^order T^power; y in the "
            "property's units, T in K, x mole fractions of formula units"
          : "V = sum of c x_i T^power + sum of c x_i x_j (x_i - x_j)^order T^power; V in m3 mol-1 "
            "of formula units, density = sum of x_i M_i over V, T in K, x mole fractions"));
  PetscCall(write_integers(g));
  PetscCall(write_reals(g));
  if (s->reason > 0) PetscCall(write_coefficients(g));
  PetscCall(write_residual(g));
  PetscFunctionReturn(0);
}

static PetscErrorCode write_all(const screen_store_table *t, const PetscInt row[])
{
  PetscMPIInt rank;
  char name[SCREEN_STORE_NAME];

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(t->comm, &rank));
  PetscCall(screen_h5_group(t->h5, "/fit/surface"));
  PetscCall(screen_h5_dimension(t->h5, single, 1));
  for (PetscInt i = 0; i < t->surfaces->n; i++) {
    const screen_surface *s = &t->surfaces->surface[i];
    target g = {.table = t, .surface = s, .first = (PetscBool)(rank == 0), .row = row};

    screen_surface_name(s->id, s->species < 0 ? NULL : t->campaign->species[s->species],
                        sizeof(name), name);
    PetscCall(PetscSNPrintf(g.group, sizeof(g.group), "/fit/surface/%s", name));
    PetscCall(PetscSNPrintf(g.term, sizeof(g.term), "%s/term", g.group));
    PetscCall(PetscSNPrintf(g.column, sizeof(g.column), "%s/term_column", g.group));
    PetscCall(write_surface(&g));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_store_write_surfaces(const screen_store_table *t)
{
  PetscInt *row, n;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  if (!t->surfaces || t->surfaces->n == 0) PetscFunctionReturn(0);
  n = PetscMax(t->grid->npoint, t->campaign->ncomponent);
  for (PetscInt i = 0; i < t->surfaces->n; i++)
    n = PetscMax(n, t->surfaces->surface[i].surface.nparam);
  if (!t->fits || t->fits->n == 0) PetscCall(screen_h5_group(t->h5, "/fit"));
  PetscCall(PetscMalloc1(n, &row));
  for (PetscInt k = 0; k < n; k++) row[k] = k;
  ierr = write_all(t, row);
  PetscCall(PetscFree(row));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}
