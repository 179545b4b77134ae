/* screening/screen_compare.c - pairs of our numbers and others'; the rules stand in the header */
#include "screening/screen_compare.h"

#include "screening/screen_basis.h"

#include <math.h>
#include <string.h>

static const char *const reasons[] = {"holds a component that the campaign does not have",
                                      "the campaign does not compute it",
                                      "no point of this composition",
                                      "outside its range of temperature or ours",
                                      "we have no number there",
                                      "its basis needs a density of ours, and there is none"};
enum { WHY_FOREIGN, WHY_PROPERTY, WHY_COMPOSITION, WHY_TEMPERATURE, WHY_MISSING, WHY_BASIS };

/* What the functions below share. */
typedef struct {
  const screen_dataset *data;
  const screen_measurements *measured;
  PetscBool flagged;
  screen_comparisons *all;
} builder;

static PetscInt species_of(const screen_dataset *d, const screen_measurement *m)
{
  for (PetscInt k = 0; m->species[0] && k < d->nspecies; k++) {
    if (!strcmp(d->species[k], m->species)) return k;
  }
  return -1;
}

/* The comparison of a property and species; made where there is none. */
static PetscErrorCode comparison_of(builder *b, prop_id id, PetscInt species,
                                    screen_comparison **out)
{
  screen_comparisons *all = b->all;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < all->n; i++) {
    *out = &all->comparison[i];
    if ((*out)->id == id && (*out)->species == species) PetscFunctionReturn(0);
  }
  PetscCall(PetscRealloc(sizeof(**out) * (size_t)(all->n + 1), &all->comparison));
  *out = &all->comparison[all->n++];
  **out = (screen_comparison){.id = id, .species = species};
  PetscFunctionReturn(0);
}

/* Adds a pair: our value v at temperature t of the composition of a point. */
static PetscErrorCode add_pair(builder *b, PetscInt row, PetscInt point, PetscReal t,
                               const prop_value *v, PetscBool from_fit)
{
  const screen_dataset *d = b->data;
  const screen_measurement *m = &b->measured->row[row];
  screen_comparison *c = NULL;
  screen_compared *pair;
  PetscReal u;
  const PetscReal there = screen_measured_at(m, t, &u);

  PetscFunctionBegin;
  PetscCall(comparison_of(b, m->id, species_of(d, m), &c));
  PetscCall(PetscRealloc(sizeof(*pair) * (size_t)(c->n + 1), &c->list));
  pair = &c->list[c->n++];
  *pair = (screen_compared){
      .pair = {.t = t,
               .x = d->mole[point * d->ncomponent],
               .here = v->value,
               .u_here = hypot(v->error, screen_basis_error(d, m, point)),
               .there = there,
               .u_there = u,
               .source = m->source},
      .row = row,
      .point = point,
      .from_fit = from_fit,
      .flags = v->flags,
      .counted = (PetscBool)(v->error > 0.0 && screen_dataset_exportable(v, b->flagged))};
  PetscFunctionReturn(0);
}

/* The numbers of one series beside a row; *why becomes smaller where something was in reach. */
static PetscErrorCode compare_series(builder *b, PetscInt row, const screen_dataset_property *p,
                                     PetscInt s, PetscInt *why)
{
  const screen_dataset *d = b->data;
  const screen_measurement *m = &b->measured->row[row];
  const PetscInt w = PetscMax(species_of(d, m), 0);
  const prop_fit *fit = p->fit ? &p->fit[s * p->width + w] : NULL;
  PetscBool met = PETSC_FALSE;
  prop_value v;

  PetscFunctionBegin;
  for (PetscInt t = 0; t < d->ntemperature; t++) {
    const PetscInt point = screen_dataset_point(d, s, t);
    const PetscReal kelvin = screen_dataset_temperatures(d)[t];

    if (!screen_measured_fits(m, d->ncomponent, d->mole + point * d->ncomponent, kelvin)) continue;
    met = PETSC_TRUE;
    v = p->value[point * p->width + w];
    if (v.flags & PROP_FLAG_MISSING) continue;
    PetscCall(add_pair(b, row, point, kelvin, &v, PETSC_FALSE));
    *why = -1;
  }
  if (!met && m->form == SCREEN_FORM_POINT && fit && fit->reason > 0 && m->t_min >= fit->tmin &&
      m->t_min <= fit->tmax) {
    PetscCall(prop_fit_predict(fit, m->t_min, &v, NULL));
    PetscCall(add_pair(b, row, screen_dataset_point(d, s, 0), m->t_min, &v, PETSC_TRUE));
    *why = -1;
  }
  if (*why >= 0) *why = PetscMax(*why, met ? WHY_MISSING : WHY_TEMPERATURE);
  PetscFunctionReturn(0);
}

static PetscErrorCode exclude(builder *b, PetscInt row, PetscInt why)
{
  screen_comparisons *all = b->all;

  PetscFunctionBegin;
  PetscCall(PetscRealloc(sizeof(PetscInt) * (size_t)(all->nexcluded + 1), &all->excluded));
  PetscCall(PetscRealloc(sizeof(char *) * (size_t)(all->nexcluded + 1), (void **)&all->reason));
  all->excluded[all->nexcluded] = row;
  all->reason[all->nexcluded++] = reasons[why];
  PetscFunctionReturn(0);
}

static PetscErrorCode compare_row(builder *b, PetscInt row)
{
  const screen_dataset *d = b->data;
  const screen_measurement *m = &b->measured->row[row];
  const screen_dataset_property *p = screen_dataset_find(d, m->id);
  PetscInt why = WHY_COMPOSITION;

  PetscFunctionBegin;
  if (m->foreign[0]) {
    why = WHY_FOREIGN;
  } else if (m->pending) {
    why = WHY_BASIS;
  } else if (!p || (p->width > 1 && species_of(d, m) < 0)) {
    why = WHY_PROPERTY;
  } else {
    for (PetscInt s = 0; s < d->nseries; s++) {
      const PetscInt point = screen_dataset_point(d, s, 0);

      if (screen_measured_same(m, d->ncomponent, d->mole + point * d->ncomponent))
        PetscCall(compare_series(b, row, p, s, &why));
    }
  }
  if (why >= 0) PetscCall(exclude(b, row, why));
  PetscFunctionReturn(0);
}

/* Sources beside each other ------------------------------------------------------------------- */

/* Middle of the temperatures that two rows have in common; PETSC_FALSE: none, or other liquids. */
static PetscBool common(const screen_dataset *d, const screen_measurement *a,
                        const screen_measurement *b, PetscReal *t)
{
  const PetscReal dt =
      a->form == SCREEN_FORM_POINT || b->form == SCREEN_FORM_POINT ? SCREEN_MEASURED_DT : 0.0;
  const PetscReal low = PetscMax(a->t_min, b->t_min), high = PetscMin(a->t_max, b->t_max);

  *t = 0.5 * (low + high);
  return (PetscBool)(a->id == b->id && !strcmp(a->species, b->species) && a->source != b->source &&
                     !a->foreign[0] && low <= high + dt &&
                     screen_measured_same(b, d->ncomponent, a->mole));
}

static PetscErrorCode compare_sources(builder *b)
{
  const screen_measurements *m = b->measured;
  screen_comparisons *all = b->all;
  PetscReal t;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < m->n; i++) {
    for (PetscInt j = i + 1; j < m->n; j++) {
      PetscReal u1, u2, y1, y2;

      if (!common(b->data, &m->row[i], &m->row[j], &t)) continue;
      y1 = screen_measured_at(&m->row[i], t, &u1);
      y2 = screen_measured_at(&m->row[j], t, &u2);
      PetscCall(PetscRealloc(sizeof(screen_mutual) * (size_t)(all->nmutual + 1), &all->mutual));
      all->mutual[all->nmutual++] =
          (screen_mutual){.first = i,
                          .second = j,
                          .t = t,
                          .difference = y2 / y1 - 1.0,
                          .u = sqrt(pow(u1 / y1, 2.0) + pow(u2 / y2, 2.0))};
    }
  }
  PetscFunctionReturn(0);
}

/* -------------------------------------------------------------------------------------------- */

static PetscErrorCode judge(screen_comparison *c)
{
  screen_pair *pair;
  PetscInt n = 0;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(c->n, &pair));
  for (PetscInt i = 0; i < c->n; i++) {
    if (c->list[i].counted) pair[n++] = c->list[i].pair;
  }
  ierr = screen_verdict_make(n, pair, &c->verdict);
  PetscCall(PetscFree(pair));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_compare_make(const screen_dataset *data, const screen_measurements *measured,
                                   PetscBool flagged, screen_comparisons *all)
{
  builder b = {data, measured, flagged, all};

  PetscFunctionBegin;
  *all = (screen_comparisons){0};
  for (PetscInt i = 0; i < measured->n; i++) PetscCall(compare_row(&b, i));
  for (PetscInt i = 0; i < all->n; i++) PetscCall(judge(&all->comparison[i]));
  PetscCall(compare_sources(&b));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_compare_clear(screen_comparisons *all)
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < all->n; i++) PetscCall(PetscFree(all->comparison[i].list));
  PetscCall(PetscFree(all->comparison));
  PetscCall(PetscFree(all->mutual));
  PetscCall(PetscFree(all->excluded));
  PetscCall(PetscFree(all->reason));
  *all = (screen_comparisons){0};
  PetscFunctionReturn(0);
}

PetscErrorCode screen_compare_read(const char *directory, PetscInt n, const char *const file[],
                                   screen_dataset *data, screen_measurements *measured,
                                   mtp_diag *diag)
{
  screen_measured_components components;

  PetscFunctionBegin;
  PetscCall(screen_dataset_read(directory, data, diag));
  if (diag->n) PetscFunctionReturn(0);
  components = (screen_measured_components){data->ncomponent, (const char *const *)data->component,
                                            data->molar_mass};
  for (PetscInt i = 0; i < n; i++)
    PetscCall(screen_measured_read(&components, file[i], measured, diag));
  PetscCall(screen_basis_resolve(data, measured, diag));
  PetscFunctionReturn(0);
}
