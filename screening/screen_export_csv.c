/* screening/screen_export_csv.c - tables as text: tidy, wide, and gnuplot scripts
 *
 *   table.csv       one row a point and number: tools that group and filter
 *   points.csv      one row a point, with a second row of units: spreadsheets
 *   <property>.gp   gnuplot: the property over temperature with error bars and its correlation;
 *                   the numbers are in the script, which draws <property>.svg beside itself
 *
 * Lines before the table begin with '#'.  A field with a comma, a quote or a line break is quoted
 * (RFC 4180).  Numbers have 17 digits.
 */
#include "screening/screen_export.h"

#include <string.h>

/* Fields -------------------------------------------------------------------------------------- */

static void put_text(FILE *out, const char *text)
{
  if (!strpbrk(text, ",\"\r\n")) {
    fputs(text, out);
    return;
  }
  fputc('"', out);
  for (; *text; text++) {
    if (*text == '"') fputc('"', out);
    fputc(*text, out);
  }
  fputc('"', out);
}

/* A number, or nothing where there is none. */
static void put_number(FILE *out, PetscReal x)
{
  if (isfinite(x)) fprintf(out, "%.17g", x);
}

/* Names and units of a point's coordinates, then those of the mole fractions. */
static void put_axis_names(const screen_dataset *d, FILE *out, PetscBool units)
{
  char name[2 * SCREEN_DATASET_NAME];

  for (PetscInt a = 0; a < d->naxis; a++) {
    put_text(out, units ? d->axis[a].units : d->axis[a].name);
    fputc(',', out);
  }
  for (PetscInt k = 0; k < d->ncomponent; k++) {
    snprintf(name, sizeof(name), "mole_fraction_%s", d->component[k]);
    put_text(out, units ? "1" : name);
    fputc(',', out);
  }
}

static void put_axis_values(const screen_dataset *d, PetscInt point, FILE *out)
{
  for (PetscInt a = 0; a < d->naxis; a++) {
    put_number(out, d->axis[a].value[screen_dataset_index(d, point, a)]);
    fputc(',', out);
  }
  for (PetscInt k = 0; k < d->ncomponent; k++) {
    put_number(out, d->mole[point * d->ncomponent + k]);
    fputc(',', out);
  }
}

/* Tidy ---------------------------------------------------------------------------------------- */

static void put_row(const screen_export *e, const screen_dataset_property *p, PetscInt point,
                    PetscInt w, FILE *out)
{
  const PetscInt i = point * p->width + w;
  const prop_value *v = &p->value[i];
  char flags[512];

  put_axis_values(e->data, point, out);
  put_text(out, p->definition->name);
  fputc(',', out);
  put_text(out, screen_export_member(e->data, p, w));
  fprintf(out, ",%s,%.17g,", p->definition->units, v->value);
  put_number(out, v->error);
  fputc(',', out);
  put_number(out, v->neff > 0.0 ? v->neff : PROP_NAN);
  fputc(',', out);
  if (p->model_error) put_number(out, p->model_error[i]);
  screen_dataset_flags(v->flags, sizeof(flags), flags);
  fputc(',', out);
  put_text(out, flags);
  fputc('\n', out);
}

static PetscErrorCode write_tidy(screen_export *e)
{
  const screen_dataset *d = e->data;
  screen_export_file file;

  PetscFunctionBegin;
  PetscCall(screen_export_open(e, "table.csv", &file));
  screen_export_head(e, file.out, "# ");
  put_axis_names(d, file.out, PETSC_FALSE);
  fputs("property,member,units,value,standard_error,effective_samples,model_error,flags\n",
        file.out);
  for (PetscInt i = 0; i < d->nproperty; i++) {
    const screen_dataset_property *p = &d->property[i];

    for (PetscInt k = 0; k < d->npoint * p->width; k++) {
      if (screen_dataset_exportable(&p->value[k], e->flagged))
        put_row(e, p, k / p->width, k % p->width, file.out);
    }
  }
  PetscCall(screen_export_close(e, &file));
  PetscFunctionReturn(0);
}

/* Wide ---------------------------------------------------------------------------------------- */

static void put_column(const screen_dataset *d, const screen_dataset_property *p, PetscInt w,
                       const char *suffix, FILE *out)
{
  const char *member = screen_export_member(d, p, w);
  char name[256];

  snprintf(name, sizeof(name), "%s%s%s%s", p->definition->name, member[0] ? "_" : "", member,
           suffix);
  fputc(',', out);
  put_text(out, name);
}

static void put_wide_names(const screen_dataset *d, FILE *out)
{
  put_axis_names(d, out, PETSC_FALSE);
  fputs("state", out);
  for (PetscInt i = 0; i < d->nproperty; i++) {
    for (PetscInt w = 0; w < d->property[i].width; w++) {
      put_column(d, &d->property[i], w, "", out);
      put_column(d, &d->property[i], w, "_error", out);
      put_column(d, &d->property[i], w, "_flags", out);
    }
  }
  fputc('\n', out);
  put_axis_names(d, out, PETSC_TRUE);
  for (PetscInt i = 0; i < d->nproperty; i++) {
    for (PetscInt w = 0; w < d->property[i].width; w++)
      fprintf(out, ",%s,%s,", d->property[i].definition->units, d->property[i].definition->units);
  }
  fputc('\n', out);
}

static void put_wide_row(const screen_export *e, PetscInt point, FILE *out)
{
  const screen_dataset *d = e->data;
  char flags[512];

  put_axis_values(d, point, out);
  put_text(out, screen_point_state_name((screen_point_state)d->state[point]));
  for (PetscInt i = 0; i < d->nproperty; i++) {
    const screen_dataset_property *p = &d->property[i];

    for (PetscInt w = 0; w < p->width; w++) {
      const prop_value *v = &p->value[point * p->width + w];
      const PetscBool good = screen_dataset_exportable(v, e->flagged);

      fputc(',', out);
      put_number(out, good ? v->value : PROP_NAN);
      fputc(',', out);
      put_number(out, good ? v->error : PROP_NAN);
      screen_dataset_flags(v->flags, sizeof(flags), flags);
      fputc(',', out);
      put_text(out, flags);
    }
  }
  fputc('\n', out);
}

static PetscErrorCode write_wide(screen_export *e)
{
  screen_export_file file;

  PetscFunctionBegin;
  PetscCall(screen_export_open(e, "points.csv", &file));
  screen_export_head(e, file.out, "# ");
  put_wide_names(e->data, file.out);
  for (PetscInt i = 0; i < e->data->npoint; i++) put_wide_row(e, i, file.out);
  PetscCall(screen_export_close(e, &file));
  PetscFunctionReturn(0);
}

/* Figures ------------------------------------------------------------------------------------- */

/* The numbers of one curve: temperature, value, error, correlation. */
static PetscInt put_block(const screen_export *e, const screen_dataset_property *p, PetscInt s,
                          PetscInt w, PetscInt number, FILE *out)
{
  const screen_dataset *d = e->data;
  PetscInt n = 0;

  fprintf(out, "$curve%" PetscInt_FMT " << EOD\n", number);
  for (PetscInt t = 0; t < d->ntemperature; t++) {
    const prop_value *v = &p->value[screen_dataset_point(d, s, t) * p->width + w];

    if (!screen_dataset_exportable(v, e->flagged)) continue;
    fprintf(out, "%.17g %.17g %.17g\n", screen_dataset_temperatures(d)[t], v->value,
            isfinite(v->error) ? v->error : 0.0);
    n++;
  }
  fputs("EOD\n", out);
  return n;
}

/* Points of the correlation between the ends of its range. */
static PetscBool put_fit(const screen_export *e, const screen_dataset_property *p, PetscInt s,
                         PetscInt w, PetscInt number, FILE *out)
{
  enum { N = 50 };
  const prop_fit *fit = p->fit ? &p->fit[s * p->width + w] : NULL;

  if (!fit || fit->reason <= 0 || !(fit->tmax > fit->tmin) || (fit->flags && !e->flagged))
    return PETSC_FALSE;
  fprintf(out, "$fit%" PetscInt_FMT " << EOD\n", number);
  for (PetscInt k = 0; k <= N; k++) {
    const PetscReal t = fit->tmin + (fit->tmax - fit->tmin) * (PetscReal)k / N;

    fprintf(out, "%.17g %.17g\n", t, screen_export_at(fit, t, NULL));
  }
  fputs("EOD\n", out);
  return PETSC_TRUE;
}

/* One curve of the plot command. */
static void put_curve(const screen_export *e, const screen_dataset_property *p, PetscInt s,
                      PetscInt w, PetscInt number, PetscBool fit, PetscBool first, FILE *out)
{
  char where[256], title[320];
  const char *member = screen_export_member(e->data, p, w);

  screen_dataset_composition(e->data, screen_dataset_point(e->data, s, 0), sizeof(where), where);
  snprintf(title, sizeof(title), "%s%s%s", member, member[0] ? ": " : "", where);
  fprintf(out,
          "%s $curve%" PetscInt_FMT " using 1:2:3 with yerrorbars linecolor %" PetscInt_FMT
          " title ",
          first ? "plot" : ", \\\n    ", number, number % 8 + 1);
  screen_export_quote(out, title);
  if (fit)
    fprintf(out, ", \\\n     $fit%" PetscInt_FMT " with lines linecolor %" PetscInt_FMT " notitle",
            number, number % 8 + 1);
}

static PetscErrorCode write_script(screen_export *e, const screen_dataset_property *p)
{
  const PetscInt n = e->data->nseries * p->width;
  char name[128];
  screen_export_file file;
  PetscBool *fit, any = PETSC_FALSE;
  PetscInt *points;

  PetscFunctionBegin;
  snprintf(name, sizeof(name), "%s.gp", p->definition->name);
  PetscCall(PetscMalloc2(n, &fit, n, &points));
  PetscCall(screen_export_open(e, name, &file));
  screen_export_head(e, file.out, "# ");
  fprintf(file.out, "set terminal svg size 800,560 noenhanced\nset output \"%s.svg\"\n",
          p->definition->name);
  fputs("set xlabel \"temperature / K\"\nset key outside below\nset grid\nset ylabel ", file.out);
  snprintf(name, sizeof(name), "%s / (%s)", p->definition->long_name, p->definition->units);
  screen_export_quote(file.out, name);
  fputc('\n', file.out);
  for (PetscInt i = 0; i < n; i++) {
    points[i] = put_block(e, p, i / p->width, i % p->width, i, file.out);
    fit[i] = points[i] ? put_fit(e, p, i / p->width, i % p->width, i, file.out) : PETSC_FALSE;
  }
  for (PetscInt i = 0; i < n; i++) {
    if (points[i] == 0) continue;
    put_curve(e, p, i / p->width, i % p->width, i, fit[i], (PetscBool)!any, file.out);
    any = PETSC_TRUE;
  }
  fputc('\n', file.out);
  PetscCall(PetscFree2(fit, points));
  PetscCall(screen_export_close(e, &file));
  PetscFunctionReturn(0);
}

/* Whether there is anything to draw. */
static PetscBool is_drawn(const screen_export *e, const screen_dataset_property *p)
{
  if (p->definition->shape == PROP_PER_PAIR) return PETSC_FALSE;
  for (PetscInt i = 0; i < e->data->npoint * p->width; i++) {
    if (screen_dataset_exportable(&p->value[i], e->flagged)) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

PetscErrorCode screen_export_csv(screen_export *e)
{
  PetscFunctionBegin;
  PetscCall(write_tidy(e));
  PetscCall(write_wide(e));
  for (PetscInt i = 0; i < e->data->nproperty; i++) {
    if (is_drawn(e, &e->data->property[i])) PetscCall(write_script(e, &e->data->property[i]));
  }
  PetscFunctionReturn(0);
}
