/* screening/screen_html_figures.c - figures of a report: collected, drawn by gnuplot, inlined */
#include "screening/screen_export.h"
#include "screening/screen_html.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_SAMPLES = 160, MAX_PAIRS = 10 };

/* Collecting ---------------------------------------------------------------------------------- */

PetscErrorCode screen_figures_begin(screen_figures *f)
{
  PetscFunctionBegin;
  *f = (screen_figures){0};
  f->script = open_memstream(&f->text, &f->size);
  PetscCheck(f->script, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for figures");
  fputs("set terminal svg size 640,420 noenhanced font 'sans-serif,13' background '#ffffff'\n"
        "set grid linecolor '#dddddd'\nset border linecolor '#555555'\nset offsets graph 0.05, "
        "graph 0.05, graph 0.05, graph 0.05\n",
        f->script);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_figures_add(screen_figures *f, const char *alt, PetscInt *k)
{
  PetscFunctionBegin;
  PetscCall(PetscRealloc(sizeof(screen_figure) * (size_t)(f->n + 1), &f->figure));
  f->figure[f->n] = (screen_figure){0};
  PetscCall(PetscStrallocpy(alt, &f->figure[f->n].alt));
  *k = f->n++;
  fprintf(f->script,
          "set output \"%" PetscInt_FMT ".svg\"\nunset logscale\nset key outside below\n"
          "set autoscale\nunset xrange\nunset yrange\n",
          *k);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_figures_clear(screen_figures *f)
{
  PetscFunctionBegin;
  if (f->script) fclose(f->script);
  free(f->text);
  for (PetscInt k = 0; k < f->n; k++) {
    PetscCall(PetscFree(f->figure[k].alt));
    free(f->figure[k].svg);
  }
  PetscCall(PetscFree(f->figure));
  *f = (screen_figures){0};
  PetscFunctionReturn(0);
}

/* Drawing ------------------------------------------------------------------------------------- */

/* The SVG of a file from its tag <svg on; NULL: not there. */
static char *read_svg(const char *path)
{
  FILE *in = fopen(path, "re");
  char *text = NULL, *start;
  size_t size = 0;
  FILE *to;

  if (!in) return NULL;
  to = open_memstream(&text, &size);
  for (int c; to && (c = fgetc(in)) != EOF;) fputc(c, to);
  fclose(in);
  if (to) fclose(to);
  start = text ? strstr(text, "<svg") : NULL;
  if (start) memmove(text, start, strlen(start) + 1);
  return text;
}

/* Runs gnuplot in a folder on its script; what it says goes to the file `said` there. */
static int run_gnuplot(const char *folder)
{
  const pid_t child = fork();
  int status = -1;

  if (child == 0) {
    if (chdir(folder) == 0 && freopen("said", "we", stderr) && freopen("/dev/null", "re", stdin))
      execlp("gnuplot", "gnuplot", "script.gp", (char *)NULL);
    _exit(127);
  }
  if (child < 0 || waitpid(child, &status, 0) != child) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void remove_folder(const char *folder, PetscInt n)
{
  char path[512];

  for (PetscInt k = 0; k < n; k++) {
    snprintf(path, sizeof(path), "%s/%" PetscInt_FMT ".svg", folder, k);
    (void)unlink(path);
  }
  snprintf(path, sizeof(path), "%s/script.gp", folder);
  (void)unlink(path);
  snprintf(path, sizeof(path), "%s/said", folder);
  (void)unlink(path);
  (void)rmdir(folder);
}

static PetscErrorCode draw_in(screen_figures *f, const char *folder)
{
  char path[512], said[256] = "";
  FILE *file;
  int code;

  PetscFunctionBegin;
  snprintf(path, sizeof(path), "%s/script.gp", folder);
  file = fopen(path, "we");
  PetscCheck(file && fwrite(f->text, 1, f->size, file) == f->size && fclose(file) == 0,
             PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: %s", path, strerror(errno));
  code = run_gnuplot(folder);
  PetscCheck(code != 127, PETSC_COMM_SELF, PETSC_ERR_SYS,
             "gnuplot is needed to draw the figures, and is not installed (Debian: gnuplot-nox)");
  snprintf(path, sizeof(path), "%s/said", folder);
  file = fopen(path, "re");
  if (file && !fgets(said, sizeof(said), file)) said[0] = 0;
  if (file) fclose(file);
  PetscCheck(code == 0, PETSC_COMM_SELF, PETSC_ERR_SYS, "gnuplot refused a figure: %s", said);
  for (PetscInt k = 0; k < f->n; k++) {
    snprintf(path, sizeof(path), "%s/%" PetscInt_FMT ".svg", folder, k);
    f->figure[k].svg = read_svg(path);
    PetscCheck(f->figure[k].svg, PETSC_COMM_SELF, PETSC_ERR_SYS, "gnuplot drew no figure '%s'",
               f->figure[k].alt);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_figures_draw(screen_figures *f)
{
  const char *place = getenv("TMPDIR");
  char folder[256];
  PetscErrorCode ierr;

  PetscFunctionBegin;
  fputs("set output\n", f->script);
  fflush(f->script);
  if (f->n == 0) PetscFunctionReturn(0);
  snprintf(folder, sizeof(folder), "%s/liquidus-report-XXXXXX", place && place[0] ? place : "/tmp");
  PetscCheck(mkdtemp(folder), PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: %s", folder,
             strerror(errno));
  ierr = draw_in(f, folder);
  remove_folder(folder, f->n);
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* A property over temperature ----------------------------------------------------------------- */

/* The numbers of one curve and its correlation; their count. */
static PetscInt put_series(const screen_dataset *d, const screen_dataset_property *p, PetscInt s,
                           PetscInt w, FILE *out)
{
  enum { N = 40 };
  const PetscInt i = s * p->width + w;
  const prop_fit *fit = p->fit && p->fit[i].reason > 0 ? &p->fit[i] : NULL;
  PetscInt n = 0;

  fprintf(out, "$v%" PetscInt_FMT " << EOD\n", i);
  for (PetscInt t = 0; t < d->ntemperature; t++) {
    const prop_value *v = &p->value[screen_dataset_point(d, s, t) * p->width + w];

    if (!screen_dataset_exportable(v, PETSC_TRUE)) continue;
    fprintf(out, "%.9g %.9g %.9g %d\n", screen_dataset_temperatures(d)[t], v->value,
            isfinite(v->error) ? v->error : 0.0, v->flags ? 1 : 0);
    n++;
  }
  fprintf(out, "EOD\n$f%" PetscInt_FMT " << EOD\n", i);
  for (PetscInt k = 0; n && fit && k <= N; k++) {
    const PetscReal t = fit->tmin + (fit->tmax - fit->tmin) * (PetscReal)k / N;

    fprintf(out, "%.9g %.9g\n", t, screen_export_at(fit, t, NULL));
  }
  fputs("EOD\n", out);
  return n;
}

static void plot_series(const screen_dataset *d, const screen_dataset_property *p, PetscInt s,
                        PetscInt w, PetscBool first, FILE *out)
{
  const PetscInt i = s * p->width + w, colour = i % 8 + 1;
  const char *member = screen_export_member(d, p, w);
  char where[200], title[256];

  screen_dataset_composition(d, screen_dataset_point(d, s, 0), sizeof(where), where);
  snprintf(title, sizeof(title), "%s%s%s", member, member[0] ? ": " : "", where);
  fprintf(out,
          "%s $v%" PetscInt_FMT " using 1:2:3 with yerrorbars linecolor %" PetscInt_FMT
          " pointtype 7 pointsize 0.5 title ",
          first ? "plot" : ", \\\n    ", i, colour);
  screen_export_quote(out, title);
  if (p->fit && p->fit[i].reason > 0)
    fprintf(out, ", $f%" PetscInt_FMT " with lines linecolor %" PetscInt_FMT " notitle", i, colour);
}

PetscErrorCode screen_html_property(const screen_dataset *d, const screen_dataset_property *p,
                                    screen_figures *f, PetscInt *k)
{
  const PetscInt n = d->nseries * p->width;
  PetscBool first = PETSC_TRUE, any = PETSC_FALSE;
  char alt[512];
  PetscInt *count;

  PetscFunctionBegin;
  *k = -1;
  for (PetscInt i = 0; i < d->npoint * p->width; i++)
    if (screen_dataset_exportable(&p->value[i], PETSC_TRUE)) any = PETSC_TRUE;
  if (!any || p->definition->shape == PROP_PER_PAIR || d->ntemperature == 1) PetscFunctionReturn(0);
  snprintf(alt, sizeof(alt), "%s over temperature, %d curves with error bars",
           p->definition->long_name, (int)n);
  PetscCall(screen_figures_add(f, alt, k));
  PetscCall(PetscMalloc1(n, &count));
  fputs("set xlabel \"temperature / K\"\nset ylabel ", f->script);
  snprintf(alt, sizeof(alt), "%s / (%s)", p->definition->long_name, p->definition->units);
  screen_export_quote(f->script, alt);
  fputc('\n', f->script);
  for (PetscInt i = 0; i < n; i++)
    count[i] = put_series(d, p, i / p->width, i % p->width, f->script);
  for (PetscInt i = 0; i < n; i++) {
    if (count[i] == 0) continue;
    plot_series(d, p, i / p->width, i % p->width, first, f->script);
    first = PETSC_FALSE;
  }
  fputc('\n', f->script);
  PetscCall(PetscFree(count));
  PetscFunctionReturn(0);
}

/* Curves of a point --------------------------------------------------------------------------- */

/* What a dataset holds of a point: *rows of *n values; NULL: it is not there.  One with a single
   dimension is the same for all points. */
static PetscErrorCode read_row(const screen_dataset *d, screen_h5_in *in, const char *path,
                               PetscInt point, PetscInt *rows, PetscInt *n, PetscReal **row)
{
  PetscInt rank, dims[SCREEN_H5_IN_RANK], at[SCREEN_H5_IN_RANK], fixed = 0, size = 1;

  PetscFunctionBegin;
  *row = NULL;
  if (!screen_h5_in_shape(in, path, &rank, dims) || rank < 1) PetscFunctionReturn(0);
  if (rank > d->naxis) fixed = d->naxis;
  for (PetscInt k = 0; k < fixed; k++) at[k] = screen_dataset_index(d, point, k);
  for (PetscInt k = fixed; k < rank; k++) size *= dims[k];
  *n = dims[rank - 1];
  *rows = size / *n;
  PetscCall(PetscMalloc1(size, row));
  if (!screen_h5_in_part(in, path, fixed, at, size, *row)) PetscCall(PetscFree(*row));
  PetscFunctionReturn(0);
}

/* What a figure of curves needs. */
typedef struct {
  const char *x, *y, *error; /* datasets */
  const char *alt, *xlabel, *ylabel;
  PetscBool logarithmic; /* both axes */
  PetscReal line;        /* a horizontal line with its error; NaN: none */
  PetscReal line_error;
  char *const *names; /* of the rows; NULL: one */
} curve_figure;

/* Data of one row, thinned to MAX_SAMPLES; how many. */
static PetscInt put_curve(const curve_figure *c, PetscInt r, PetscInt n, const PetscReal x[],
                          const PetscReal y[], const PetscReal error[], FILE *out)
{
  const PetscInt step = PetscMax(1, n / MAX_SAMPLES);
  PetscInt count = 0;

  fprintf(out, "$c%" PetscInt_FMT " << EOD\n", r);
  for (PetscInt k = 0; k < n; k += c->logarithmic ? 1 : step) {
    if (!isfinite(x[k]) || !isfinite(y[r * n + k])) continue;
    if (c->logarithmic && !(x[k] > 0.0 && y[r * n + k] > 0.0)) continue;
    fprintf(out, "%.7g %.7g %.7g\n", x[k], y[r * n + k],
            error && isfinite(error[r * n + k]) ? error[r * n + k] : 0.0);
    count++;
  }
  fputs("EOD\n", out);
  return count;
}

static void plot_curves(const curve_figure *c, PetscInt rows, const PetscInt count[],
                        PetscBool error, FILE *out)
{
  PetscBool first = PETSC_TRUE;

  fputs("set xlabel ", out);
  screen_export_quote(out, c->xlabel);
  fputs("\nset ylabel ", out);
  screen_export_quote(out, c->ylabel);
  fputs(c->logarithmic ? "\nset logscale xy\n" : "\n", out);
  for (PetscInt r = 0; r < rows; r++) {
    if (count[r] == 0) continue;
    fprintf(out, "%s $c%" PetscInt_FMT " using 1:2 with lines linecolor %" PetscInt_FMT " title ",
            first ? "plot" : ", \\\n    ", r, r % 8 + 1);
    screen_export_quote(out, c->names ? c->names[r] : c->alt);
    if (error)
      fprintf(out,
              ", $c%" PetscInt_FMT " using 1:($2-$3) with lines dashtype 3 linecolor %" PetscInt_FMT
              " notitle, $c%" PetscInt_FMT
              " using 1:($2+$3) with lines dashtype 3 linecolor %" PetscInt_FMT " notitle",
              r, r % 8 + 1, r, r % 8 + 1);
    first = PETSC_FALSE;
  }
  if (isfinite(c->line))
    fprintf(out,
            ", %.9g with lines linecolor 'black' title \"result\", %.9g with lines dashtype 2 "
            "linecolor 'black' notitle, %.9g with lines dashtype 2 linecolor 'black' notitle",
            c->line, c->line - c->line_error, c->line + c->line_error);
  fputc('\n', out);
}

static PetscErrorCode add_curves(const screen_dataset *d, screen_h5_in *in, PetscInt point,
                                 const curve_figure *c, screen_figures *f, PetscInt *k)
{
  PetscReal *x, *y, *error = NULL;
  PetscInt rows = 0, n = 0, m = 0, other, any = 0, count[256] = {0};
  char alt[512];

  PetscFunctionBegin;
  *k = -1;
  PetscCall(read_row(d, in, c->x, point, &other, &m, &x));
  PetscCall(read_row(d, in, c->y, point, &rows, &n, &y));
  if (c->error) PetscCall(read_row(d, in, c->error, point, &other, &m, &error));
  if (x && y && n == m) {
    PetscInt most = PetscMin(rows, 256);

    for (PetscInt i = 0; i < most * n; i++) any += isfinite(y[i]) ? 1 : 0;
    if (any > 1) {
      snprintf(alt, sizeof(alt), "%s, %s", c->alt, d->point[point]);
      PetscCall(screen_figures_add(f, alt, k));
      for (PetscInt r = 0; r < most; r++) count[r] = put_curve(c, r, n, x, y, error, f->script);
      plot_curves(c, most, count, (PetscBool)(error != NULL && rows == 1), f->script);
    }
  }
  PetscCall(PetscFree(x));
  PetscCall(PetscFree(y));
  PetscCall(PetscFree(error));
  PetscFunctionReturn(0);
}

/* A horizontal line at the value of a property of the point. */
static curve_figure with_line(const screen_dataset *d, prop_id id, PetscInt point, curve_figure c)
{
  const screen_dataset_property *p = screen_dataset_find(d, id);

  c.line = p && p->width == 1 ? p->value[point].value : PROP_NAN;
  c.line_error = p && p->width == 1 ? p->value[point].error : PROP_NAN;
  return c;
}

PetscErrorCode screen_html_point(const screen_dataset *d, screen_h5_in *in, PetscInt point,
                                 screen_figures *f, screen_html_curves *curves)
{
  const struct {
    PetscInt *k;
    prop_id id; /* whose value is a line; PROP_NID: none */
    curve_figure c;
  } list[] = {
      {&curves->viscosity,
       PROP_ID_VISCOSITY,
       {"/curve/viscosity/time", "/curve/viscosity/running_integral",
        "/curve/viscosity/running_integral_error", "running integral of the viscosity", "time / s",
        "Pa s", PETSC_FALSE, 0, 0, NULL}},
      {&curves->viscosity_spectrum,
       PROP_ID_VISCOSITY,
       {"/curve/viscosity/frequency", "/curve/viscosity/spectrum", NULL, "spectrum of the pressure",
        "frequency / Hz", "Pa s", PETSC_FALSE, 0, 0, NULL}},
      {&curves->ionic,
       PROP_ID_IONIC_CONDUCTIVITY,
       {"/curve/ionic_conductivity/time", "/curve/ionic_conductivity/running_integral",
        "/curve/ionic_conductivity/running_integral_error",
        "running integral of the ionic conductivity", "time / s", "S/m", PETSC_FALSE, 0, 0, NULL}},
      {&curves->ionic_spectrum,
       PROP_ID_IONIC_CONDUCTIVITY,
       {"/curve/ionic_conductivity/frequency", "/curve/ionic_conductivity/spectrum", NULL,
        "spectrum of the charge current", "frequency / Hz", "S/m", PETSC_FALSE, 0, 0, NULL}},
      {&curves->thermal_spectrum,
       PROP_ID_THERMAL_CONDUCTIVITY,
       {"/curve/thermal_conductivity/frequency", "/curve/thermal_conductivity/spectrum", NULL,
        "spectrum of the heat current", "frequency / Hz", "W/(m K)", PETSC_FALSE, 0, 0, NULL}},
      {&curves->msd,
       PROP_NID,
       {"/curve/diffusion/lag", "/curve/diffusion/msd", "/curve/diffusion/msd_error",
        "mean squared displacement", "time / s", "m2", PETSC_TRUE, 0, 0, d->species}},
      {&curves->rdf,
       PROP_NID,
       {"/curve/structure/r", "/curve/structure/rdf", NULL, "radial distribution functions",
        "r / m", "g(r)", PETSC_FALSE, 0, 0, d->pair}}};

  PetscFunctionBegin;
  for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
    curve_figure c = list[i].c;

    c.line = PROP_NAN;
    if (list[i].id != PROP_NID) c = with_line(d, list[i].id, point, c);
    PetscCall(add_curves(d, in, point, &c, f, list[i].k));
  }
  PetscFunctionReturn(0);
}
