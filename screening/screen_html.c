/* screening/screen_html.c - `liquidus report DIR [DATA.csv...] [--out FILE]`: one page of HTML */
#include "screening/screen_html.h"

#include "screening/screen_cli.h"
#include "screening/screen_compare.h"
#include "screening/screen_export.h"
#include "screening/screen_version.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Curves of more points than this would make a page that nobody scrolls through. */
enum { MAX_POINTS = 24, MAX_FILES = 64 };

/* What the page is made of. */
typedef struct {
  const screen_dataset *data;
  const screen_compare_view *compare; /* NULL: no measurements given */
  screen_figures figures;
  PetscInt *property;         /* [nproperty] their figures */
  PetscInt npoint;            /* with curves */
  screen_html_curves *curves; /* [npoint] */
} page;

void screen_html_text(FILE *out, const char *text)
{
  for (; *text; text++) {
    switch (*text) {
    case '&':
      fputs("&amp;", out);
      break;
    case '<':
      fputs("&lt;", out);
      break;
    case '>':
      fputs("&gt;", out);
      break;
    case '"':
      fputs("&quot;", out);
      break;
    default:
      fputc(iscntrl((unsigned char)*text) && *text != '\n' ? ' ' : *text, out);
    }
  }
}

/* Head and provenance ------------------------------------------------------------------------- */

static const char style[] =
    "body{font-family:system-ui,sans-serif;line-height:1.45;margin:0 auto;max-width:72rem;"
    "padding:1rem;color:#1b1b1b;background:#fff}"
    "h1{font-size:1.6rem}h2{font-size:1.25rem;margin-top:2rem;border-bottom:1px solid #ccc}"
    "h3{font-size:1.05rem}.scroll{overflow-x:auto}"
    "table{border-collapse:collapse;font-size:.85rem}"
    "th,td{padding:.25rem .5rem;border-bottom:1px solid #ddd;text-align:right;white-space:nowrap}"
    "th:first-child,td:first-child{text-align:left}thead th{border-bottom:2px solid #888}"
    "sup{color:#a40000}.hole{color:#777}"
    ".figures{display:flex;flex-wrap:wrap;gap:1rem}"
    "figure{margin:0;flex:1 1 20rem;max-width:42rem}figure svg{width:100%;height:auto}"
    "figcaption{font-size:.85rem;color:#444}pre{overflow-x:auto;font-size:.75rem;"
    "background:#f5f5f5;padding:.5rem}dt{font-weight:600}dd{margin:0 0 .3rem 1rem;"
    "overflow-wrap:anywhere}@media print{details{display:block}.scroll{overflow:visible}}";

static void put_entry(FILE *out, const char *name, const char *text)
{
  if (!text[0]) return;
  fprintf(out, "<dt>%s</dt><dd>", name);
  screen_html_text(out, text);
  fputs("</dd>\n", out);
}

static void put_head(const screen_dataset *d, FILE *out)
{
  fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>",
        out);
  screen_html_text(out, d->campaign);
  fprintf(out, ": liquid properties</title><style>%s</style></head><body>\n<h1>", style);
  screen_html_text(out, d->campaign);
  fputs("</h1>\n<p>", out);
  screen_html_text(out, d->description);
  fputs("</p>\n<h2 id=\"provenance\">Where it is from</h2>\n<dl>\n", out);
  put_entry(out, "Method", d->source);
  put_entry(out, "Program", d->version);
  put_entry(out, "History", d->history);
  put_entry(out, "SHA-256 of results.h5", d->sha256);
  put_entry(out, "SHA-256 of the campaign file", d->campaign_sha256);
  put_entry(out, "SHA-256 of the potential", d->potential_sha256);
  fputs("</dl>\n", out);
}

/* Table of values ----------------------------------------------------------------------------- */

/* Letters of the flags of a value: a for bit 0, and so on. */
static void put_flags(PetscInt flags, FILE *out)
{
  if (!(flags & ~PROP_FLAG_MISSING)) return;
  fputs("<sup>", out);
  for (PetscInt bit = 1; bit < PROP_NFLAG; bit++)
    if (flags & (1 << bit)) fputc('a' + (int)bit, out);
  fputs("</sup>", out);
}

static void put_value(const prop_value *v, FILE *out)
{
  if (v->flags & PROP_FLAG_MISSING || !isfinite(v->value)) {
    fputs("<td class=\"hole\">&ndash;</td>", out);
    return;
  }
  fprintf(out, "<td>%.5g", v->value);
  if (isfinite(v->error)) fprintf(out, " &plusmn; %.2g", v->error);
  put_flags(v->flags, out);
  fputs("</td>", out);
}

static void put_columns(const screen_dataset *d, FILE *out)
{
  fputs("<thead><tr><th scope=\"col\">point</th><th scope=\"col\">state</th>", out);
  for (PetscInt i = 0; i < d->nproperty; i++) {
    const screen_dataset_property *p = &d->property[i];

    for (PetscInt w = 0; p->definition->shape != PROP_PER_PAIR && w < p->width; w++)
      fprintf(out, "<th scope=\"col\">%s %s<br>%s</th>", p->definition->name,
              screen_export_member(d, p, w), p->definition->units);
  }
  fputs("</tr></thead>\n", out);
}

static void put_table(const screen_dataset *d, FILE *out)
{
  PetscInt seen = 0;

  fputs("<h2 id=\"values\">Values</h2>\n<p>&plusmn; is one standard error. Letters are flags, "
        "explained below the table.</p>\n<div class=\"scroll\"><table>\n",
        out);
  put_columns(d, out);
  fputs("<tbody>\n", out);
  for (PetscInt i = 0; i < d->npoint; i++) {
    fputs("<tr><th scope=\"row\">", out);
    screen_html_text(out, d->point[i]);
    fprintf(out, "</th><td>%s</td>", screen_point_state_name((screen_point_state)d->state[i]));
    for (PetscInt k = 0; k < d->nproperty; k++) {
      const screen_dataset_property *p = &d->property[k];

      for (PetscInt w = 0; p->definition->shape != PROP_PER_PAIR && w < p->width; w++) {
        put_value(&p->value[i * p->width + w], out);
        seen |= p->value[i * p->width + w].flags;
      }
    }
    fputs("</tr>\n", out);
  }
  fputs("</tbody></table></div>\n<dl>\n", out);
  for (PetscInt bit = 1; bit < PROP_NFLAG; bit++)
    if (seen & (1 << bit))
      fprintf(out, "<dt>%c %s</dt><dd>%s</dd>\n", 'a' + (int)bit, prop_flag_name(bit),
              prop_flag_text(bit));
  fputs("</dl>\n", out);
}

/* Points without values, and why. */
static void put_reasons(const screen_dataset *d, FILE *out)
{
  PetscBool any = PETSC_FALSE;

  for (PetscInt i = 0; i < d->npoint; i++) {
    if (d->state[i] == SCREEN_POINT_DONE) continue;
    if (!any) fputs("<h2 id=\"reasons\">Points that did not end well</h2>\n<ul>\n", out);
    any = PETSC_TRUE;
    fputs("<li>", out);
    screen_html_text(out, d->point[i]);
    fprintf(out, ": %s, ", screen_point_state_name((screen_point_state)d->state[i]));
    screen_html_text(out, screen_result_reason_text(d->reason[i]));
    fputs(d->detail[i][0] ? ": " : "", out);
    screen_html_text(out, d->detail[i]);
    fputs("</li>\n", out);
  }
  if (any) fputs("</ul>\n", out);
}

/* Figures and maps ---------------------------------------------------------------------------- */

static void put_figure(const screen_figures *f, PetscInt k, FILE *out)
{
  if (k < 0) return;
  fputs("<figure role=\"img\" aria-label=\"", out);
  screen_html_text(out, f->figure[k].alt);
  fputs("\">", out);
  fputs(f->figure[k].svg, out);
  fputs("<figcaption>", out);
  screen_html_text(out, f->figure[k].alt);
  fputs("</figcaption></figure>\n", out);
}

/* The one axis besides temperature with several values; -1: none or several. */
static PetscInt map_axis(const screen_dataset *d)
{
  PetscInt found = -1;

  for (PetscInt a = 0; a < d->naxis; a++) {
    if (a == d->temperature || d->axis[a].n == 1) continue;
    if (found >= 0) return -1;
    found = a;
  }
  return d->ntemperature > 1 ? found : -1;
}

static void range_of(const screen_dataset_property *p, PetscInt n, PetscReal *low, PetscReal *high)
{
  *low = PROP_INFINITY;
  *high = -PROP_INFINITY;
  for (PetscInt i = 0; i < n; i++) {
    if (!isfinite(p->value[i].value)) continue;
    *low = PetscMin(*low, p->value[i].value);
    *high = PetscMax(*high, p->value[i].value);
  }
}

/* A map: a table whose cells are shaded by the value, light to dark; readable without colour. */
static void put_map(const screen_dataset *d, const screen_dataset_property *p, PetscInt axis,
                    FILE *out)
{
  PetscReal low, high;

  range_of(p, d->npoint, &low, &high);
  if (!(high > low)) return;
  fprintf(out,
          "<div class=\"scroll\"><table><caption>%s over %s and temperature</caption><thead>"
          "<tr><th scope=\"col\">%s</th>",
          p->definition->long_name, d->axis[axis].name, d->axis[axis].name);
  for (PetscInt t = 0; t < d->ntemperature; t++)
    fprintf(out, "<th scope=\"col\">%.6g K</th>", screen_dataset_temperatures(d)[t]);
  fputs("</tr></thead><tbody>\n", out);
  for (PetscInt s = 0; s < d->nseries; s++) {
    fprintf(out, "<tr><th scope=\"row\">%.6g</th>",
            d->axis[axis].value[screen_dataset_index(d, screen_dataset_point(d, s, 0), axis)]);
    for (PetscInt t = 0; t < d->ntemperature; t++) {
      const prop_value *v = &p->value[screen_dataset_point(d, s, t)];
      const PetscReal share = (v->value - low) / (high - low);

      if (isfinite(v->value))
        fprintf(out, "<td style=\"background:hsl(210,70%%,%.0f%%)\">%.4g", 96.0 - 36.0 * share,
                v->value);
      else
        fputs("<td class=\"hole\">&ndash;", out);
      put_flags(v->flags, out);
      fputs("</td>", out);
    }
    fputs("</tr>\n", out);
  }
  fputs("</tbody></table></div>\n", out);
}

static void put_properties(const page *g, FILE *out)
{
  const PetscInt axis = map_axis(g->data);

  if (g->data->ntemperature == 1) return;
  fputs("<h2 id=\"properties\">Properties over temperature and composition</h2>\n"
        "<p>Bars are one standard error, lines the correlations of the results file.</p>\n",
        out);
  for (PetscInt i = 0; i < g->data->nproperty; i++) {
    const screen_dataset_property *p = &g->data->property[i];

    if (g->property[i] < 0) continue;
    fprintf(out, "<h3>%s</h3>\n<p>%s</p>\n<div class=\"figures\">", p->definition->long_name,
            p->definition->method ? p->definition->method : "");
    put_figure(&g->figures, g->property[i], out);
    fputs("</div>\n", out);
    if (axis >= 0 && p->width == 1) put_map(g->data, p, axis, out);
  }
}

static void put_curves(const page *g, FILE *out)
{
  fputs("<h2 id=\"convergence\">Convergence and structure</h2>\n<p>Running integrals and spectra "
        "with the result as a line, mean squared displacements with both axes logarithmic, and "
        "radial distribution functions.",
        out);
  if (g->npoint < g->data->npoint)
    fprintf(out,
            " Of the first %" PetscInt_FMT " of %" PetscInt_FMT " points; all are in /curve of "
            "results.h5.",
            g->npoint, g->data->npoint);
  fputs("</p>\n", out);
  for (PetscInt i = 0; i < g->npoint; i++) {
    const screen_html_curves *c = &g->curves[i];
    const PetscInt list[] = {c->viscosity,
                             c->viscosity_spectrum,
                             c->ionic,
                             c->ionic_spectrum,
                             c->thermal_spectrum,
                             c->msd,
                             c->rdf};
    PetscBool any = PETSC_FALSE;

    for (size_t k = 0; k < sizeof(list) / sizeof(list[0]); k++)
      if (list[k] >= 0) any = PETSC_TRUE;
    if (!any) continue;
    fprintf(out, "<details%s><summary>", i == 0 ? " open" : "");
    screen_html_text(out, g->data->point[i]);
    fputs("</summary><div class=\"figures\">\n", out);
    for (size_t k = 0; k < sizeof(list) / sizeof(list[0]); k++)
      put_figure(&g->figures, list[k], out);
    fputs("</div></details>\n", out);
  }
}

static void put_cost(const screen_dataset *d, FILE *out)
{
  PetscReal all = 0.0;

  for (PetscInt i = 0; i < d->npoint; i++) all += isfinite(d->seconds[i]) ? d->seconds[i] : 0.0;
  fprintf(out,
          "<h2 id=\"cost\">Cost</h2>\n<p>%.3g core-hours in all.</p>\n<div class=\"scroll\">"
          "<table><thead><tr><th scope=\"col\">point</th><th scope=\"col\">core-hours</th>"
          "</tr></thead><tbody>\n",
          all / 3600.0);
  for (PetscInt i = 0; i < d->npoint; i++) {
    fputs("<tr><th scope=\"row\">", out);
    screen_html_text(out, d->point[i]);
    fprintf(out, "</th><td>%.3g</td></tr>\n", d->seconds[i] / 3600.0);
  }
  fputs("</tbody></table></div>\n", out);
}

/* Measurements -------------------------------------------------------------------------------- */

static PetscErrorCode put_compare(const page *g, FILE *out)
{
  char *text = NULL;
  size_t size = 0;
  FILE *memory;

  PetscFunctionBegin;
  if (!g->compare) PetscFunctionReturn(0);
  memory = open_memstream(&text, &size);
  PetscCheck(memory, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for the comparison");
  screen_compare_print(g->compare, memory);
  fclose(memory);
  fputs("<h2 id=\"measurements\">Beside measurements</h2>\n<pre>", out);
  screen_html_text(out, text);
  fputs("</pre>\n", out);
  free(text);
  PetscFunctionReturn(0);
}

/* The page ------------------------------------------------------------------------------------ */

static PetscErrorCode collect(page *g)
{
  const screen_dataset *d = g->data;
  screen_h5_in *in;
  char problem[256];
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  PetscCall(screen_figures_begin(&g->figures));
  PetscCall(PetscMalloc1(d->nproperty, &g->property));
  for (PetscInt i = 0; i < d->nproperty; i++)
    PetscCall(screen_html_property(d, &d->property[i], &g->figures, &g->property[i]));
  g->npoint = PetscMin(d->npoint, MAX_POINTS);
  PetscCall(PetscMalloc1(g->npoint, &g->curves));
  PetscCall(screen_h5_in_open(d->path, &in, problem));
  PetscCheck(in, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: %s", d->path, problem);
  for (PetscInt i = 0; i < g->npoint && !ierr; i++)
    ierr = screen_html_point(d, in, i, &g->figures, &g->curves[i]);
  PetscCall(screen_h5_in_close(&in));
  PetscCall(ierr);
  PetscCall(screen_figures_draw(&g->figures));
  PetscFunctionReturn(0);
}

static PetscErrorCode write_page(const page *g, FILE *out)
{
  PetscFunctionBegin;
  put_head(g->data, out);
  put_table(g->data, out);
  put_reasons(g->data, out);
  PetscCall(put_compare(g, out));
  put_properties(g, out);
  put_curves(g, out);
  put_cost(g->data, out);
  fprintf(out, "<p>Made by liquidus %s.</p>\n</body></html>\n", LIQUIDUS_VERSION);
  PetscFunctionReturn(0);
}

static PetscErrorCode make_page(const screen_dataset *data, const screen_compare_view *compare,
                                const char *path)
{
  page g = {.data = data, .compare = compare};
  screen_export e = {.data = data, .directory = "."};
  screen_export_file file;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  ierr = collect(&g);
  if (!ierr) {
    if (strchr(path, '/')) e.directory = path[0] == '/' ? "" : ".";
    ierr = screen_export_open(&e, path[0] == '/' ? path + 1 : path, &file);
  }
  if (!ierr) {
    ierr = write_page(&g, file.out);
    if (!ierr) ierr = screen_export_close(&e, &file);
  }
  PetscCall(screen_figures_clear(&g.figures));
  PetscCall(PetscFree(g.property));
  PetscCall(PetscFree(g.curves));
  PetscCall(ierr);
  printf("%s: %" PetscInt_FMT " properties of %" PetscInt_FMT " points\n", path, data->nproperty,
         data->npoint);
  PetscFunctionReturn(0);
}

/* The verb ------------------------------------------------------------------------------------ */

typedef struct {
  const char *directory, *out, *file[MAX_FILES];
  PetscInt n;
} options;

static PetscErrorCode parse(int argc, char **argv, options *o, screen_exit *code)
{
  PetscFunctionBegin;
  *o = (options){0};
  for (int i = 1; i < argc; i++) {
    if ((!strcmp(argv[i], "--out") || !strcmp(argv[i], "-o")) && i + 1 < argc)
      o->out = argv[++i];
    else if (argv[i][0] == '-')
      PetscCall(screen_cli_refuse("report", code, "got '%s', wanted --out FILE", argv[i]));
    else if (!o->directory)
      o->directory = argv[i];
    else if (o->n < MAX_FILES)
      o->file[o->n++] = argv[i];
  }
  if (*code == SCREEN_EXIT_DONE && !o->directory)
    PetscCall(screen_cli_refuse("report", code, "wanted a directory"));
  PetscFunctionReturn(0);
}

static PetscErrorCode report(const options *o, const screen_dataset *data,
                             const screen_measurements *measured)
{
  char path[SCREEN_PATH_MAX];
  screen_comparisons all = {0};
  const screen_compare_view view = {data, measured, &all, PETSC_FALSE};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  if (o->out)
    PetscCall(PetscStrncpy(path, o->out, sizeof(path)));
  else
    PetscCall(PetscSNPrintf(path, sizeof(path), "%s.html", data->campaign));
  PetscCall(screen_compare_make(data, measured, PETSC_FALSE, &all));
  ierr = make_page(data, o->n ? &view : NULL, path);
  PetscCall(screen_compare_clear(&all));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_verb_report(int argc, char **argv, screen_exit *code)
{
  options o;
  screen_dataset data = {0};
  screen_measurements measured = {0};
  mtp_diag diag = {0};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(parse(argc, argv, &o, code));
  if (*code != SCREEN_EXIT_DONE) PetscFunctionReturn(0);
  ierr = screen_compare_read(o.directory, o.n, o.file, &data, &measured, &diag);
  if (!ierr) ierr = screen_cli_report(&diag, code);
  if (!ierr && *code == SCREEN_EXIT_DONE) ierr = report(&o, &data, &measured);
  PetscCall(screen_measured_clear(&measured));
  PetscCall(screen_dataset_clear(&data));
  PetscCall(mtp_diag_clear(&diag));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}
