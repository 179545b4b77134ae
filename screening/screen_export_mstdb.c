/* screening/screen_export_mstdb.c - mstdb-tp.json, as ORNL's Saline and through it MOOSE read it
 *
 * One system, components in alphabetical order, one entry a composition ("0.282-0.718", mole
 * fractions).  Units and forms are those of MSTDB-TP:
 *
 *   density               A - B T           g/cm3
 *   viscosity             A exp(B/(R T))    mPa s, B in J/mol; or 10^(A + B/T + C/T^2)
 *   thermal_conductivity  A + B T           W/(m K)
 *   heat_capacity         a + b T + c/T^2 + d T^2   J/(mol K), a mole of formula units
 *
 * The percentage beside each is the largest relative error of the correlation in its range, at 95 %
 * (1.96 standard errors). There is no field for diffusion and ionic conductivity. A viscosity with
 * another form (Vogel, Fulcher, Tammann) is written as 10^(...), fitted to it over its range.
 * Source: MSTDB-TP and the schema of Saline (code.ornl.gov/neams/saline).
 */
#include "screening/screen_export.h"

#include "md/md_units.h"

#include <jansson.h>
#include <string.h>

/* Reals of 17 digits. */
static json_t *reals(PetscInt n, const PetscReal x[])
{
  json_t *list = json_array();

  for (PetscInt i = 0; i < n; i++) json_array_append_new(list, json_real(x[i]));
  return list;
}

static PetscReal percent_of(const prop_fit *fit)
{
  PetscReal worst = 0.0;

  for (PetscInt k = 0; k <= 100; k++) {
    const PetscReal t = fit->tmin + (fit->tmax - fit->tmin) * (PetscReal)k / 100.0;
    PetscReal u;
    const PetscReal y = screen_export_at(fit, t, &u);

    worst = PetscMax(worst, 196.0 * fabs(u / y));
  }
  return worst;
}

static void add_property(const screen_export *e, json_t *entry, const char *name,
                         const prop_fit *fit, PetscInt n, const PetscReal value[])
{
  json_t *p = json_object();
  char notes[640], flags[512], reference[256];

  screen_dataset_flags(fit->flags, sizeof(flags), flags);
  snprintf(notes, sizeof(notes), "largest 95 %% error of the correlation in its range%s%s",
           flags[0] ? "; flagged " : "", flags);
  snprintf(reference, sizeof(reference), "liquidus, campaign %s, results SHA-256 %.64s",
           e->data->campaign, e->data->sha256);
  json_object_set_new(p, "values", reals(n, value));
  json_object_set_new(p, "range", reals(2, (const PetscReal[]){fit->tmin, fit->tmax}));
  json_object_set_new(p, "pct_uncertainty", json_real(percent_of(fit)));
  json_object_set_new(p, "uncertainty_notes", json_string(notes));
  json_object_set_new(p, "reference", json_string(reference));
  json_object_set_new(p, "DOI", json_string(""));
  json_object_set_new(entry, name, p);
}

/* log10 y in mPa s = A + B/T + C/T^2 through three temperatures of a correlation: exact at the ends
 * and in the middle of 1/T. Returns the largest relative deviation on 101 points. */
static PetscReal through_three(const prop_fit *fit, PetscReal v[3])
{
  const PetscReal b[3] = {1.0 / fit->tmin, 0.5 * (1.0 / fit->tmin + 1.0 / fit->tmax),
                          1.0 / fit->tmax};
  PetscReal y[3], first, second, worst = 0.0;

  for (int k = 0; k < 3; k++) y[k] = log10(1e3 * screen_export_at(fit, 1.0 / b[k], NULL));
  first = (y[1] - y[0]) / (b[1] - b[0]);
  second = ((y[2] - y[1]) / (b[2] - b[1]) - first) / (b[2] - b[0]);
  v[2] = second;
  v[1] = first - second * (b[0] + b[1]);
  v[0] = y[0] - v[1] * b[0] - v[2] * b[0] * b[0];
  for (PetscInt k = 0; k <= 100; k++) {
    const PetscReal t = fit->tmin + (fit->tmax - fit->tmin) * (PetscReal)k / 100.0;
    const PetscReal z = pow(10.0, v[0] + v[1] / t + v[2] / (t * t));

    worst = PetscMax(worst, fabs(z / (1e3 * screen_export_at(fit, t, NULL)) - 1.0));
  }
  return worst;
}

static void add_viscosity(screen_export *e, json_t *entry, const prop_fit *fit)
{
  const PetscReal *c = fit->coefficient;
  PetscReal v[3], deviation;

  if (fit->model == PROP_FIT_ARRHENIUS) {
    add_property(e, entry, "viscosity", fit, 2,
                 (const PetscReal[]){1e3 * exp(c[0]), MD_GAS_CONSTANT * c[1]});
  } else if (fit->model == PROP_FIT_LOG10) {
    add_property(e, entry, "viscosity", fit, 3, (const PetscReal[]){c[0] + 3.0, c[1], c[2]});
  } else {
    deviation = through_three(fit, v);
    fprintf(e->report, "  viscosity as 10^(A+B/T+C/T^2): within %.2g of the correlation\n",
            deviation);
    if (1e2 * deviation <= percent_of(fit)) add_property(e, entry, "viscosity", fit, 3, v);
  }
}

static void add_heat_capacity(const screen_export *e, json_t *entry, const prop_fit *fit,
                              PetscReal mass)
{
  const PetscReal *c = fit->coefficient;
  PetscReal v[4] = {mass * c[0], 0.0, 0.0, 0.0};

  if (fit->model == PROP_FIT_LINEAR) v[1] = mass * c[1];
  if (fit->model == PROP_FIT_QUADRATIC) {
    v[1] = mass * c[1];
    v[3] = mass * c[2];
  }
  if (fit->model == PROP_FIT_HEAT) {
    for (int k = 1; k < 4; k++) v[k] = mass * c[k];
  }
  add_property(e, entry, "heat_capacity", fit, 4, v);
}

static json_t *entry_of(screen_export *e, PetscInt s)
{
  const PetscReal mass = screen_dataset_molar_mass(e->data, screen_dataset_point(e->data, s, 0));
  const prop_fit *fit;
  json_t *entry = json_object();

  json_object_set_new(entry, "molecular_weight", json_real(1e3 * mass));
  fit = screen_export_fit(e, PROP_ID_DENSITY, s);
  if (fit && fit->model == PROP_FIT_LINEAR)
    add_property(e, entry, "density", fit, 2,
                 (const PetscReal[]){1e-3 * fit->coefficient[0], -1e-3 * fit->coefficient[1]});
  fit = screen_export_fit(e, PROP_ID_VISCOSITY, s);
  if (fit) add_viscosity(e, entry, fit);
  fit = screen_export_fit(e, PROP_ID_THERMAL_CONDUCTIVITY, s);
  if (fit && fit->model == PROP_FIT_LINEAR)
    add_property(e, entry, "thermal_conductivity", fit, 2, fit->coefficient);
  fit = screen_export_fit(e, PROP_ID_HEAT_CAPACITY, s);
  if (fit) add_heat_capacity(e, entry, fit, mass);
  return entry;
}

/* Components in alphabetical order: order[k] is the k-th. */
static void sort_components(const screen_dataset *d, PetscInt order[])
{
  for (PetscInt k = 0; k < d->ncomponent; k++) {
    PetscInt j = k;

    for (; j > 0 && strcmp(d->component[order[j - 1]], d->component[k]) > 0; j--)
      order[j] = order[j - 1];
    order[j] = k;
  }
}

/* "CaCl2-KCl", or "0.282-0.718" of a point. */
static void key_of(const screen_dataset *d, const PetscInt order[], PetscInt point, size_t size,
                   char key[])
{
  size_t at = 0;

  key[0] = 0;
  for (PetscInt k = 0; k < d->ncomponent && at < size; k++) {
    const PetscInt c = order[k];

    if (point < 0)
      at += (size_t)snprintf(key + at, size - at, "%s%s", k ? "-" : "", d->component[c]);
    else
      at += (size_t)snprintf(key + at, size - at, "%s%.6g", k ? "-" : "",
                             d->mole[point * d->ncomponent + c]);
  }
}

static PetscErrorCode write_json(screen_export *e, const json_t *root)
{
  screen_export_file file;
  char *text = json_dumps(root, JSON_INDENT(1) | JSON_SORT_KEYS | JSON_REAL_PRECISION(17));

  PetscFunctionBegin;
  PetscCheck(text, PETSC_COMM_SELF, PETSC_ERR_MEM, "mstdb-tp.json: a number is not finite");
  PetscCall(screen_export_open(e, "mstdb-tp.json", &file));
  fputs(text, file.out);
  fputc('\n', file.out);
  free(text);
  PetscCall(screen_export_close(e, &file));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_export_mstdb(screen_export *e)
{
  const screen_dataset *d = e->data;
  json_t *root = json_object(), *tp = json_object(), *kind = json_object(), *system = json_object();
  char key[1024];
  PetscInt *order, left = 0;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(d->ncomponent, &order));
  sort_components(d, order);
  for (PetscInt s = 0; s < d->nseries; s++) {
    const PetscInt point = screen_dataset_point(d, s, 0);
    json_t *entry;

    if (screen_dataset_index(d, point, d->pressure) != 0 ||
        !(screen_dataset_molar_mass(d, point) > 0.0)) {
      left++;
      continue;
    }
    entry = entry_of(e, s);
    key_of(d, order, point, sizeof(key), key);
    if (json_object_size(entry) > 1)
      json_object_set_new(system, key, entry);
    else
      json_decref(entry);
  }
  if (left)
    fprintf(e->report, "  %" PetscInt_FMT " series left out: the format has one pressure\n", left);
  key_of(d, order, -1, sizeof(key), key);
  PetscCall(PetscFree(order));
  if (json_object_size(system) == 0) {
    fprintf(e->report, "  nothing to write\n");
    json_decref(system);
  } else {
    json_object_set_new(kind, key, system);
  }
  json_object_set_new(tp, "evaluated", kind);
  json_object_set_new(root, "MSTDBTP", tp);
  if (json_object_size(kind)) PetscCall(write_json(e, root));
  json_decref(root);
  PetscFunctionReturn(0);
}
