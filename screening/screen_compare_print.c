/* screening/screen_compare_print.c - comparisons as text, JSON, CSV and gnuplot scripts */
#include "screening/screen_compare.h"
#include "screening/screen_export.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

void screen_compare_name(const screen_compare_view *view, const screen_comparison *c, size_t size,
                         char name[])
{
  snprintf(name, size, "%s%s%s", prop_get((PetscInt)c->id)->name, c->species >= 0 ? " " : "",
           c->species >= 0 ? view->data->species[c->species] : "");
}

static const screen_measurement *row_of(const screen_compare_view *view, PetscInt row)
{
  return &view->measured->row[row];
}

static const char *source_of(const screen_compare_view *view, PetscInt row)
{
  return view->measured->source[row_of(view, row)->source];
}

/* Text ---------------------------------------------------------------------------------------- */

static void print_pair(const screen_compare_view *view, const screen_compared *c, FILE *out)
{
  const screen_pair *p = &c->pair;
  const PetscReal z = screen_pair_z(p);
  char where[256], there[64], flags[512];

  screen_dataset_composition(view->data, c->point, sizeof(where), where);
  if (isfinite(p->u_there))
    snprintf(there, sizeof(there), "%.5g +- %.2g", p->there, p->u_there);
  else
    snprintf(there, sizeof(there), "%.5g (1 %% assumed)", p->there);
  screen_dataset_flags(c->flags, sizeof(flags), flags);
  fprintf(out,
          "  %-32s %7.1f K  %11.5g +- %-8.2g %-26s %+7.2f %%  z %+6.1f  E_n %+5.2f  %s%s%s%s\n",
          where, p->t, p->here, p->u_here, there, 100.0 * (p->here / p->there - 1.0), z, 0.5 * z,
          source_of(view, c->row), c->from_fit ? " (our correlation)" : "",
          c->counted ? "" : " NOT COUNTED: ", c->counted ? "" : flags);
}

static void print_trends(const screen_verdict *v, FILE *out)
{
  if (isfinite(v->trend_t))
    fprintf(out, "  trend %+.2f +- %.2f %% over 100 K", 100.0 * v->trend_t, 100.0 * v->trend_t_u);
  if (isfinite(v->trend_x))
    fprintf(out, "%s%+.2f +- %.2f %% over the whole range of composition",
            isfinite(v->trend_t) ? ", " : "  trend ", 100.0 * v->trend_x, 100.0 * v->trend_x_u);
  if (isfinite(v->trend_t) || isfinite(v->trend_x)) fputc('\n', out);
}

/* [core hours] of the whole campaign so far. */
static PetscReal hours_of(const screen_dataset *d)
{
  PetscReal seconds = 0.0;

  for (PetscInt i = 0; i < d->npoint; i++) seconds += isfinite(d->seconds[i]) ? d->seconds[i] : 0.0;
  return seconds / 3600.0;
}

static void print_verdict(const screen_compare_view *view, const screen_verdict *v, FILE *out)
{
  const char *note =
      v->unstated ? " (a source does not state its uncertainty: 1 % is assumed)" : "";

  switch (v->kind) {
  case SCREEN_VERDICT_NOTHING:
  case SCREEN_NVERDICT:
    fprintf(out, "  verdict: nothing to compare: all our numbers there are flagged or missing; "
                 "--include-flagged counts them\n");
    break;
  case SCREEN_VERDICT_CONSISTENT:
    fprintf(out, "  verdict: consistent: %+.2f +- %.2f %%%s\n", 100.0 * v->bias, 100.0 * v->bias_u,
            note);
    break;
  case SCREEN_VERDICT_BIASED:
    fprintf(out, "  verdict: the model is biased by %+.2f +- %.2f %%%s\n", 100.0 * v->bias,
            100.0 * v->bias_u, note);
    break;
  case SCREEN_VERDICT_SOURCES:
    fprintf(out, "  verdict: none: the sources disagree with each other: %+.2f +- %.2f %%%s\n",
            100.0 * v->bias, 100.0 * v->bias_u, note);
    break;
  case SCREEN_VERDICT_TREND:
    fprintf(out,
            "  verdict: right on average (%+.2f +- %.2f %%), but the difference changes from point "
            "to point (probability of that by chance %.1g)%s\n",
            100.0 * v->bias, 100.0 * v->bias_u, v->scatter, note);
    break;
  case SCREEN_VERDICT_INCONCLUSIVE:
    fprintf(out,
            "  verdict: inconclusive: %+.2f +- %.2f %%; %.3g times the sampling so far, about %.3g "
            "more core-hours, would see %.2g %%%s\n",
            100.0 * v->bias, 100.0 * v->bias_u, v->more, (v->more - 1.0) * hours_of(view->data),
            100.0 * v->goal, note);
    break;
  }
}

static void print_comparison(const screen_compare_view *view, const screen_comparison *c, FILE *out)
{
  const screen_verdict *v = &c->verdict;
  char name[128];

  screen_compare_name(view, c, sizeof(name), name);
  fprintf(out, "\n%s [%s]\n", name, prop_get((PetscInt)c->id)->units);
  for (PetscInt i = 0; i < c->n; i++) print_pair(view, &c->list[i], out);
  if (v->n)
    fprintf(out,
            "  n %" PetscInt_FMT " from %" PetscInt_FMT
            " sources: bias %+.2f +- %.2f %%, MAPE %.2f %%, RMSE %.2f %%, reduced chi-square %.3g, "
            "%.0f %% within 2 errors\n",
            v->n, v->nsource, 100.0 * v->bias, 100.0 * v->bias_u, 100.0 * v->mape, 100.0 * v->rmse,
            v->chi2, 100.0 * v->coverage);
  print_trends(v, out);
  print_verdict(view, v, out);
}

static void print_mutual(const screen_compare_view *view, FILE *out)
{
  const screen_comparisons *all = view->all;

  if (all->nmutual) fprintf(out, "\nThe sources beside each other\n");
  for (PetscInt i = 0; i < all->nmutual; i++) {
    const screen_mutual *m = &all->mutual[i];

    fprintf(out, "  %s at %.1f K: %s against %s %+.2f %%",
            prop_get((PetscInt)row_of(view, m->first)->id)->name, m->t, source_of(view, m->second),
            source_of(view, m->first), 100.0 * m->difference);
    if (isfinite(m->u))
      fprintf(out, " +- %.2f %%%s\n", 100.0 * m->u,
              fabs(m->difference) > 2.0 * m->u ? "  THEY DISAGREE" : "");
    else
      fprintf(out, " (uncertainty not stated)\n");
  }
}

void screen_compare_print(const screen_compare_view *view, FILE *out)
{
  const screen_comparisons *all = view->all;

  fprintf(out, "campaign %s, results.h5 SHA-256 %.16s...\n", view->data->campaign,
          view->data->sha256);
  fprintf(out, "+-: one standard error; z: difference over the combined one; E_n = z/2\n");
  for (PetscInt i = 0; i < all->n; i++) print_comparison(view, &all->comparison[i], out);
  print_mutual(view, out);
  if (all->nexcluded) fprintf(out, "\nNot compared\n");
  for (PetscInt i = 0; i < all->nexcluded; i++) {
    const screen_measurement *m = row_of(view, all->excluded[i]);

    fprintf(out, "  %s:%" PetscInt_FMT ": %s: %s\n", view->measured->file[m->file], m->line,
            prop_get((PetscInt)m->id)->name, all->reason[i]);
  }
}

/* JSON ---------------------------------------------------------------------------------------- */

/* null where there is no number */
static json_t *real_or_null(PetscReal x)
{
  return isfinite(x) ? json_real(x) : json_null();
}

static json_t *pair_json(const screen_compare_view *view, const screen_compared *c)
{
  const screen_pair *p = &c->pair;
  json_t *o = json_object();
  char text[512];

  screen_dataset_composition(view->data, c->point, sizeof(text), text);
  json_object_set_new(o, "composition", json_string(text));
  json_object_set_new(o, "temperature", json_real(p->t));
  json_object_set_new(o, "value", real_or_null(p->here));
  json_object_set_new(o, "standard_error", real_or_null(p->u_here));
  json_object_set_new(o, "measured", real_or_null(p->there));
  json_object_set_new(o, "measured_standard_error", real_or_null(p->u_there));
  json_object_set_new(o, "difference", real_or_null(p->here / p->there - 1.0));
  json_object_set_new(o, "z", real_or_null(screen_pair_z(p)));
  json_object_set_new(o, "source", json_string(source_of(view, c->row)));
  json_object_set_new(o, "kind", json_string(screen_kind_name(row_of(view, c->row)->kind)));
  json_object_set_new(o, "from_correlation", json_boolean(c->from_fit));
  json_object_set_new(o, "counted", json_boolean(c->counted));
  screen_dataset_flags(c->flags, sizeof(text), text);
  json_object_set_new(o, "flags", json_string(text));
  return o;
}

static json_t *comparison_json(const screen_compare_view *view, const screen_comparison *c)
{
  const screen_verdict *v = &c->verdict;
  const struct {
    const char *name;
    PetscReal value;
  } list[] = {{"bias", v->n ? v->bias : PROP_NAN}, {"bias_error", v->n ? v->bias_u : PROP_NAN},
              {"mape", v->n ? v->mape : PROP_NAN}, {"rmse", v->n ? v->rmse : PROP_NAN},
              {"chi2", v->n ? v->chi2 : PROP_NAN}, {"coverage", v->n ? v->coverage : PROP_NAN},
              {"trend_100K", v->trend_t},          {"trend_100K_error", v->trend_t_u},
              {"trend_composition", v->trend_x},   {"trend_composition_error", v->trend_x_u},
              {"sampling_factor_needed", v->more}};
  json_t *o = json_object(), *pairs = json_array();
  char name[128];

  screen_compare_name(view, c, sizeof(name), name);
  json_object_set_new(o, "property", json_string(name));
  json_object_set_new(o, "units", json_string(prop_get((PetscInt)c->id)->units));
  json_object_set_new(o, "verdict", json_string(screen_verdict_name(v->kind)));
  json_object_set_new(o, "n", json_integer(v->n));
  json_object_set_new(o, "sources", json_integer(v->nsource));
  for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
    json_object_set_new(o, list[i].name, real_or_null(list[i].value));
  for (PetscInt i = 0; i < c->n; i++) json_array_append_new(pairs, pair_json(view, &c->list[i]));
  json_object_set_new(o, "pairs", pairs);
  return o;
}

PetscErrorCode screen_compare_json(const screen_compare_view *view, FILE *out)
{
  json_t *root = json_object(), *list = json_array(), *left = json_array();
  const screen_comparisons *all = view->all;
  int bad;

  PetscFunctionBegin;
  json_object_set_new(root, "campaign", json_string(view->data->campaign));
  json_object_set_new(root, "results_sha256", json_string(view->data->sha256));
  for (PetscInt i = 0; i < all->n; i++)
    json_array_append_new(list, comparison_json(view, &all->comparison[i]));
  json_object_set_new(root, "comparisons", list);
  for (PetscInt i = 0; i < all->nexcluded; i++) {
    const screen_measurement *m = row_of(view, all->excluded[i]);

    json_array_append_new(left, json_pack("{s:s,s:i,s:s}", "file", view->measured->file[m->file],
                                          "line", (int)m->line, "reason", all->reason[i]));
  }
  json_object_set_new(root, "not_compared", left);
  bad = json_dumpf(root, out, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
  json_decref(root);
  PetscCheck(!bad, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "JSON could not be written");
  fputc('\n', out);
  PetscFunctionReturn(0);
}

/* Files --------------------------------------------------------------------------------------- */

static void put_csv(const screen_compare_view *view, FILE *out)
{
  fputs("property,composition,temperature,value,standard_error,measured,measured_standard_error,"
        "difference,z,E_n,counted,source\n",
        out);
  for (PetscInt i = 0; i < view->all->n; i++) {
    const screen_comparison *c = &view->all->comparison[i];

    for (PetscInt k = 0; k < c->n; k++) {
      const screen_pair *p = &c->list[k].pair;
      char name[128], where[256], source[256];

      screen_compare_name(view, c, sizeof(name), name);
      screen_dataset_composition(view->data, c->list[k].point, sizeof(where), where);
      screen_export_line(source_of(view, c->list[k].row), sizeof(source), source);
      for (char *q = source; *q; q++) *q = (char)(*q == '"' ? '\'' : *q);
      fprintf(out, "%s,\"%s\",%.17g,%.17g,%.17g,%.17g,", name, where, p->t, p->here, p->u_here,
              p->there);
      if (isfinite(p->u_there)) fprintf(out, "%.17g", p->u_there);
      fprintf(out, ",%.17g,%.17g,%.17g,%d,\"%s\"\n", p->here / p->there - 1.0, screen_pair_z(p),
              0.5 * screen_pair_z(p), (int)c->list[k].counted, source);
    }
  }
}

/* Parity and deviation of one property: measured, its error, ours, its error, deviation, its error,
   temperature. */
static void put_figures(const screen_comparison *c, const char *name, FILE *out)
{
  const char *units = prop_get((PetscInt)c->id)->units;

  fputs("$pairs << EOD\n", out);
  for (PetscInt k = 0; k < c->n; k++) {
    const screen_pair *p = &c->list[k].pair;
    const PetscReal u = isfinite(p->u_there) ? p->u_there : 0.0,
                    joint = sqrt(u * u + p->u_here * p->u_here);

    fprintf(out, "%.17g %.17g %.17g %.17g %.17g %.17g %.17g\n", p->there, u, p->here, p->u_here,
            100.0 * (p->here / p->there - 1.0), 100.0 * joint / fabs(p->there), p->t);
  }
  fprintf(out, "EOD\nset terminal svg size 800,560 noenhanced\nset grid\nset key off\n");
  fprintf(
      out,
      "set output \"%s_parity.svg\"\nset xlabel \"measured / (%s)\"\nset ylabel \"here / (%s)\"\n",
      name, units, units);
  fprintf(out, "plot $pairs using 1:3:2:4 with xyerrorbars, x with lines\n");
  fprintf(out,
          "set output \"%s_deviation.svg\"\nset xlabel \"temperature / K\"\nset ylabel "
          "\"here - measured / %%\"\n",
          name);
  fprintf(out, "plot $pairs using 7:5:6 with yerrorbars, 0 with lines\n");
}

PetscErrorCode screen_compare_files(const screen_compare_view *view, const char *directory)
{
  screen_export e = {.data = view->data, .directory = directory, .flagged = view->flagged};
  screen_export_file file;

  PetscFunctionBegin;
  PetscCall(screen_export_open(&e, "compare.csv", &file));
  screen_export_head(&e, file.out, "# ");
  put_csv(view, file.out);
  PetscCall(screen_export_close(&e, &file));
  PetscCall(screen_export_open(&e, "compare.json", &file));
  PetscCall(screen_compare_json(view, file.out));
  PetscCall(screen_export_close(&e, &file));
  for (PetscInt i = 0; i < view->all->n; i++) {
    char name[128], clean[128], path[144];

    screen_compare_name(view, &view->all->comparison[i], sizeof(name), name);
    screen_export_name(name, sizeof(clean), clean);
    snprintf(path, sizeof(path), "%s.gp", clean);
    PetscCall(screen_export_open(&e, path, &file));
    screen_export_head(&e, file.out, "# ");
    put_figures(&view->all->comparison[i], clean, file.out);
    PetscCall(screen_export_close(&e, &file));
  }
  PetscFunctionReturn(0);
}
