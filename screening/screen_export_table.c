/* screening/screen_export_table.c - Modelica, COMSOL, Fluent: tables for interpolation
 *
 *   modelica/<series of pressure>/<property>.txt  CombiTable2D over composition and temperature
 *                                   where one axis of composition has several values, else
 *                                   CombiTable1D over temperature, one file a series; beside the
 *                                   values a table of errors
 *   modelica/package.mo             names, units, ranges
 *   comsol/<property>.txt           spreadsheet format: coordinates, value, error in columns
 *   fluent/<series>.txt             at most 30 points of a piecewise linear table, placed by error
 *
 * A node of a table is the number that was computed there; one that is missing or flagged is taken
 * from the correlation over temperature where that is there and reaches so far, and counted in the
 * report; a composition with a hole that cannot be filled is left out of two-dimensional tables.
 * Sources: Modelica Standard Library 4, Blocks.Tables; COMSOL 6.1 reference, spreadsheet data
 * format; Fluent user's guide, piecewise-linear properties.
 */
#include "screening/screen_export.h"

#include <string.h>

/* Nodes ---------------------------------------------------------------------------------------- */

PetscBool screen_export_node_at(const screen_export *e, const screen_dataset_property *p,
                                PetscInt s, PetscInt t, PetscInt w, screen_export_node *n)
{
  const prop_value *v = &p->value[screen_dataset_point(e->data, s, t) * p->width + w];
  const PetscReal kelvin = screen_dataset_temperatures(e->data)[t];
  const prop_fit *fit = p->fit ? &p->fit[s * p->width + w] : NULL;

  *n = (screen_export_node){.value = v->value, .error = v->error};
  if (screen_dataset_exportable(v, e->flagged)) return PETSC_TRUE;
  if (!fit || fit->reason <= 0 || (fit->flags && !e->flagged) || kelvin < fit->tmin ||
      kelvin > fit->tmax)
    return PETSC_FALSE;
  n->filled = PETSC_TRUE;
  n->value = screen_export_at(fit, kelvin, &n->error);
  return (PetscBool)isfinite(n->value);
}

/* Whether a series has a number at every temperature; counts those that were filled. */
static PetscBool whole(const screen_export *e, const screen_dataset_property *p, PetscInt s,
                       PetscInt w, PetscInt *filled)
{
  screen_export_node n;

  for (PetscInt t = 0; t < e->data->ntemperature; t++) {
    if (!screen_export_node_at(e, p, s, t, w, &n)) return PETSC_FALSE;
    if (n.filled) (*filled)++;
  }
  return PETSC_TRUE;
}

/* Modelica ------------------------------------------------------------------------------------- */

/* The one axis beside temperature that has several values; -1: none, -2: more than one. */
static PetscInt only_axis(const screen_dataset *d)
{
  PetscInt found = -1;

  for (PetscInt a = 0; a < d->naxis; a++) {
    if (a == d->temperature || d->axis[a].n == 1) continue;
    if (found >= 0) return -2;
    found = a;
  }
  return found;
}

static void put_row_1d(const screen_export *e, const screen_dataset_property *p, PetscInt s,
                       PetscInt w, FILE *out)
{
  const screen_dataset *d = e->data;
  screen_export_node n;

  fprintf(out, "double %s(%" PetscInt_FMT ",3) # T [K], value, error [%s]\n", p->definition->name,
          d->ntemperature, p->definition->units);
  for (PetscInt t = 0; t < d->ntemperature; t++) {
    (void)screen_export_node_at(e, p, s, t, w, &n);
    fprintf(out, "%.17g %.17g %.17g\n", screen_dataset_temperatures(d)[t], n.value,
            isfinite(n.error) ? n.error : 0.0);
  }
}

/* Values or errors over composition (rows) and temperature (columns), of the series `use`. */
static void put_table_2d(const screen_export *e, const screen_dataset_property *p, PetscInt axis,
                         PetscInt w, const PetscBool use[], PetscBool error, FILE *out)
{
  const screen_dataset *d = e->data;
  PetscInt rows = 0;
  screen_export_node n;

  for (PetscInt s = 0; s < d->nseries; s++)
    if (use[s]) rows++;
  fprintf(out,
          "double %s%s(%" PetscInt_FMT ",%" PetscInt_FMT
          ") # rows: %s [%s], columns: T [K], in %s\n",
          p->definition->name, error ? "_error" : "", rows + 1, d->ntemperature + 1,
          d->axis[axis].name, d->axis[axis].units, p->definition->units);
  fputs("0", out);
  for (PetscInt t = 0; t < d->ntemperature; t++)
    fprintf(out, " %.17g", screen_dataset_temperatures(d)[t]);
  for (PetscInt s = 0; s < d->nseries; s++) {
    if (!use[s]) continue;
    fprintf(out, "\n%.17g",
            d->axis[axis].value[screen_dataset_index(d, screen_dataset_point(d, s, 0), axis)]);
    for (PetscInt t = 0; t < d->ntemperature; t++) {
      (void)screen_export_node_at(e, p, s, t, w, &n);
      fprintf(out, " %.17g", error ? (isfinite(n.error) ? n.error : 0.0) : n.value);
    }
  }
  fputc('\n', out);
}

/* Which series have a number everywhere; their count. */
static PetscInt choose(const screen_export *e, const screen_dataset_property *p, PetscInt w,
                       PetscBool use[], PetscInt *filled)
{
  PetscInt n = 0;

  for (PetscInt s = 0; s < e->data->nseries; s++) {
    use[s] = whole(e, p, s, w, filled);
    if (use[s]) n++;
  }
  return n;
}

/* "diffusion_Ca" */
static void member_name(const screen_export *e, const screen_dataset_property *p, PetscInt w,
                        size_t size, char name[])
{
  const char *member = screen_export_member(e->data, p, w);
  char raw[256];

  snprintf(raw, sizeof(raw), "%s%s%s", p->definition->name, member[0] ? "_" : "", member);
  screen_export_name(raw, size, name);
}

/* One property of a campaign with one axis of composition. */
static PetscErrorCode modelica_2d(screen_export *e, const screen_dataset_property *p, PetscInt axis,
                                  PetscInt w, const PetscBool use[])
{
  char name[200], path[216];
  screen_export_file file;

  PetscFunctionBegin;
  member_name(e, p, w, sizeof(name), name);
  snprintf(path, sizeof(path), "%s.txt", name);
  PetscCall(screen_export_open(e, path, &file));
  fputs("#1\n", file.out);
  screen_export_head(e, file.out, "# ");
  put_table_2d(e, p, axis, w, use, PETSC_FALSE, file.out);
  put_table_2d(e, p, axis, w, use, PETSC_TRUE, file.out);
  PetscCall(screen_export_close(e, &file));
  PetscFunctionReturn(0);
}

static PetscErrorCode modelica_1d(screen_export *e, const screen_dataset_property *p, PetscInt w,
                                  const PetscBool use[])
{
  char name[200], series[256], path[480];
  screen_export_file file;

  PetscFunctionBegin;
  member_name(e, p, w, sizeof(name), name);
  for (PetscInt s = 0; s < e->data->nseries; s++) {
    if (!use[s]) continue;
    screen_export_series_name(e->data, s, sizeof(series), series);
    snprintf(path, sizeof(path), "%s/%s.txt", series, name);
    PetscCall(screen_export_open(e, path, &file));
    fputs("#1\n", file.out);
    screen_export_head(e, file.out, "# ");
    put_row_1d(e, p, s, w, file.out);
    PetscCall(screen_export_close(e, &file));
  }
  PetscFunctionReturn(0);
}

static void put_record(const screen_export *e, const screen_dataset_property *p, PetscInt w,
                       PetscInt axis, FILE *out)
{
  char name[200];

  member_name(e, p, w, sizeof(name), name);
  for (char *c = name; *c; c++) *c = (char)(*c == '-' || *c == '.' ? '_' : *c);
  fprintf(out, "  constant String %s_table = \"%s\" ", name, p->definition->name);
  screen_export_quote(out, p->definition->long_name);
  fprintf(out, ";\n  constant String %s_unit = \"%s\";\n", name, p->definition->units);
  if (axis >= 0)
    fprintf(out, "  constant String %s_error_table = \"%s_error\" \"one standard error\";\n", name,
            p->definition->name);
}

static void put_ranges(const screen_dataset *d, FILE *out)
{
  for (PetscInt a = 0; a < d->naxis; a++) {
    char name[SCREEN_DATASET_NAME];

    screen_export_name(d->axis[a].name, sizeof(name), name);
    for (char *c = name; *c; c++) *c = (char)(*c == '-' || *c == '.' ? '_' : *c);
    fprintf(out, "  constant Real %s_min(unit=\"%s\") = %.17g;\n", name, d->axis[a].units,
            d->axis[a].value[0]);
    fprintf(out, "  constant Real %s_max(unit=\"%s\") = %.17g;\n", name, d->axis[a].units,
            d->axis[a].value[d->axis[a].n - 1]);
  }
}

PetscErrorCode screen_export_modelica(screen_export *e)
{
  const screen_dataset *d = e->data;
  const PetscInt axis = only_axis(d);
  screen_export_file record;
  PetscBool *use;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(d->nseries, &use));
  PetscCall(screen_export_open(e, "LiquidProperties.mo", &record));
  screen_export_head(e, record.out, "// ");
  fputs("record LiquidProperties ", record.out);
  screen_export_quote(record.out, d->campaign);
  fputc('\n', record.out);
  put_ranges(d, record.out);
  for (PetscInt i = 0; i < d->nproperty; i++) {
    const screen_dataset_property *p = &d->property[i];

    for (PetscInt w = 0; p->definition->shape != PROP_PER_PAIR && w < p->width; w++) {
      PetscInt filled = 0;
      const PetscInt n = choose(e, p, w, use, &filled);

      fprintf(e->report,
              "  %s %s: %" PetscInt_FMT " of %" PetscInt_FMT " series, %" PetscInt_FMT
              " nodes from the correlation\n",
              p->definition->name, screen_export_member(d, p, w), n, d->nseries, filled);
      if (n == 0) continue;
      put_record(e, p, w, axis, record.out);
      PetscCall(axis >= 0 && n > 1 ? modelica_2d(e, p, axis, w, use) : modelica_1d(e, p, w, use));
    }
  }
  fputs("end LiquidProperties;\n", record.out);
  PetscCall(screen_export_close(e, &record));
  PetscCall(PetscFree(use));
  PetscFunctionReturn(0);
}

/* COMSOL --------------------------------------------------------------------------------------- */

static PetscErrorCode comsol_property(screen_export *e, const screen_dataset_property *p,
                                      PetscInt w)
{
  const screen_dataset *d = e->data;
  char name[200], path[216];
  screen_export_file file;
  PetscInt filled = 0;
  screen_export_node n;

  PetscFunctionBegin;
  member_name(e, p, w, sizeof(name), name);
  snprintf(path, sizeof(path), "%s.txt", name);
  PetscCall(screen_export_open(e, path, &file));
  screen_export_head(e, file.out, "% ");
  fputs("% columns:", file.out);
  for (PetscInt a = 0; a < d->naxis; a++)
    if (d->axis[a].n > 1) fprintf(file.out, " %s [%s]", d->axis[a].name, d->axis[a].units);
  fprintf(file.out, " %s %s_error [%s]\n", name, name, p->definition->units);
  for (PetscInt i = 0; i < d->npoint; i++) {
    const PetscInt t = screen_dataset_index(d, i, d->temperature);
    const PetscInt s = i / (d->stride * d->ntemperature) * d->stride + i % d->stride;

    if (!screen_export_node_at(e, p, s, t, w, &n)) continue;
    if (n.filled) filled++;
    for (PetscInt a = 0; a < d->naxis; a++)
      if (d->axis[a].n > 1)
        fprintf(file.out, "%.17g ", d->axis[a].value[screen_dataset_index(d, i, a)]);
    fprintf(file.out, "%.17g %.17g\n", n.value, isfinite(n.error) ? n.error : 0.0);
  }
  PetscCall(screen_export_close(e, &file));
  fprintf(e->report, "  %s: %" PetscInt_FMT " nodes from the correlation\n", path, filled);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_export_comsol(screen_export *e)
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < e->data->nproperty; i++) {
    const screen_dataset_property *p = &e->data->property[i];

    for (PetscInt w = 0; p->definition->shape != PROP_PER_PAIR && w < p->width; w++)
      PetscCall(comsol_property(e, p, w));
  }
  PetscFunctionReturn(0);
}

/* Fluent --------------------------------------------------------------------------------------- */

enum { FLUENT_MAX = 30, FLUENT_FINE = 401 };

/* Nodes of a piecewise linear table, placed where the worst deviation is, until it is below a tenth
 * of the error of the correlation there, or FLUENT_MAX.  mark [FLUENT_FINE]: which of the fine
 * points are nodes. Returns the largest relative deviation. */
static PetscReal place_nodes(const prop_fit *fit, const PetscReal t[], const PetscReal y[],
                             PetscBool mark[], PetscInt *n)
{
  PetscReal deviation = 0.0, error;

  memset(mark, 0, FLUENT_FINE * sizeof(mark[0]));
  mark[0] = mark[FLUENT_FINE - 1] = PETSC_TRUE;
  for (*n = 2;; (*n)++) {
    PetscInt left = 0, worst = 0;

    deviation = 0.0;
    for (PetscInt k = 1; k < FLUENT_FINE; k++) {
      if (!mark[k]) continue;
      for (PetscInt j = left + 1; j < k; j++) {
        const PetscReal line = y[left] + (y[k] - y[left]) * (t[j] - t[left]) / (t[k] - t[left]);

        if (fabs(line / y[j] - 1.0) > deviation) {
          deviation = fabs(line / y[j] - 1.0);
          worst = j;
        }
      }
      left = k;
    }
    (void)screen_export_at(fit, t[worst], &error);
    if (*n == FLUENT_MAX || deviation <= PetscMax(1e-9, 0.1 * error / fabs(y[worst]))) break;
    mark[worst] = PETSC_TRUE;
  }
  return deviation;
}

static void fluent_property(screen_export *e, const prop_fit *fit, const char *words,
                            const char *units, FILE *out)
{
  PetscReal t[FLUENT_FINE], y[FLUENT_FINE], deviation;
  PetscBool mark[FLUENT_FINE];
  PetscInt n;

  for (PetscInt k = 0; k < FLUENT_FINE; k++) {
    t[k] = fit->tmin + (fit->tmax - fit->tmin) * (PetscReal)k / (FLUENT_FINE - 1);
    y[k] = screen_export_at(fit, t[k], NULL);
  }
  deviation = place_nodes(fit, t, y, mark, &n);
  fprintf(out, "; %s [%s], %" PetscInt_FMT " points, within %.2g of the correlation\n", words,
          units, n, deviation);
  for (PetscInt k = 0; k < FLUENT_FINE; k++) {
    if (mark[k]) fprintf(out, "%.17g %.17g\n", t[k], y[k]);
  }
  fprintf(e->report, "  %s: %" PetscInt_FMT " points within %.2g\n", words, n, deviation);
}

PetscErrorCode screen_export_fluent(screen_export *e)
{
  static const struct {
    prop_id id;
    const char *words, *units;
  } list[] = {{PROP_ID_DENSITY, "density", "kg/m3"},
              {PROP_ID_HEAT_CAPACITY, "cp", "J/(kg K)"},
              {PROP_ID_VISCOSITY, "viscosity", "kg/(m s)"},
              {PROP_ID_THERMAL_CONDUCTIVITY, "thermal conductivity", "W/(m K)"}};
  char name[256], path[272], where[256];
  screen_export_file file;

  PetscFunctionBegin;
  for (PetscInt s = 0; s < e->data->nseries; s++) {
    PetscBool open = PETSC_FALSE;

    screen_export_series_name(e->data, s, sizeof(name), name);
    screen_dataset_composition(e->data, screen_dataset_point(e->data, s, 0), sizeof(where), where);
    snprintf(path, sizeof(path), "%s.txt", name);
    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
      const prop_fit *fit = screen_export_fit(e, list[i].id, s);

      if (!fit || !(fit->tmax > fit->tmin)) continue;
      if (!open) {
        PetscCall(screen_export_open(e, path, &file));
        screen_export_head(e, file.out, "; ");
        fprintf(file.out, "; %s; temperature [K], value; Fluent clamps outside the range\n", where);
      }
      open = PETSC_TRUE;
      fluent_property(e, fit, list[i].words, list[i].units, file.out);
    }
    if (open) PetscCall(screen_export_close(e, &file));
  }
  PetscFunctionReturn(0);
}
