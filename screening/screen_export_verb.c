/* screening/screen_export_verb.c - `liquidus export DIR FORMAT...`: the list of formats */
#include "screening/screen_cli.h"
#include "screening/screen_export.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static const screen_export_format formats[] = {
    {"netcdf", "results.h5 itself, as netCDF-4", screen_export_netcdf},
    {"csv", "tables as text, tidy and wide, and gnuplot scripts", screen_export_csv},
    {"openfoam", "thermophysicalProperties with polynomials, one a composition",
     screen_export_openfoam},
    {"mstdb-tp", "correlations in JSON, as Saline and MOOSE read them", screen_export_mstdb},
    {"moose", "TabulatedFluidProperties, pressure x temperature", screen_export_moose},
    {"modelica", "tables over composition and temperature, and a record", screen_export_modelica},
    {"comsol", "interpolation files on a grid", screen_export_comsol},
    {"fluent", "piecewise linear tables of at most 30 points", screen_export_fluent},
    {"fmu", "FMI 2.0 and FMI 3.0: tables with errors and derivatives, for simulators",
     screen_export_fmu},
    {NULL, NULL, NULL}};

const screen_export_format *screen_export_format_get(PetscInt i)
{
  return i >= 0 && i < (PetscInt)(sizeof(formats) / sizeof(formats[0])) - 1 ? &formats[i] : NULL;
}

static const screen_export_format *find(const char *name)
{
  for (const screen_export_format *f = formats; f->name; f++) {
    if (strcmp(f->name, name) == 0) return f;
  }
  return NULL;
}

/* The command line ----------------------------------------------------------------------------- */

enum { MAX_FORMATS = 32 };
typedef struct {
  const char *directory, *out;
  PetscBool flagged;
  PetscInt n;
  const screen_export_format *format[MAX_FORMATS];
} options;

static PetscErrorCode refuse_format(const char *name, screen_exit *code)
{
  char known[512] = "";

  PetscFunctionBegin;
  for (const screen_export_format *f = formats; f->name; f++) {
    if (known[0]) PetscCall(PetscStrlcat(known, ", ", sizeof(known)));
    PetscCall(PetscStrlcat(known, f->name, sizeof(known)));
  }
  PetscCall(screen_cli_refuse("export", code, "got format '%s', wanted some of %s", name, known));
  PetscFunctionReturn(0);
}

static PetscErrorCode add_format(options *o, const char *name, screen_exit *code)
{
  const screen_export_format *f = find(name);

  PetscFunctionBegin;
  if (!f) {
    PetscCall(refuse_format(name, code));
    PetscFunctionReturn(0);
  }
  for (PetscInt i = 0; i < o->n; i++) {
    if (o->format[i] == f) PetscFunctionReturn(0);
  }
  if (o->n < MAX_FORMATS) o->format[o->n++] = f;
  PetscFunctionReturn(0);
}

static PetscErrorCode parse(int argc, char **argv, options *o, screen_exit *code)
{
  PetscFunctionBegin;
  *o = (options){0};
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--include-flagged") == 0)
      o->flagged = PETSC_TRUE;
    else if ((strcmp(argv[i], "--out") == 0 || strcmp(argv[i], "-o") == 0) && i + 1 < argc)
      o->out = argv[++i];
    else if (argv[i][0] == '-')
      PetscCall(screen_cli_refuse("export", code, "got '%s', wanted --out DIR or --include-flagged",
                                  argv[i]));
    else if (!o->directory)
      o->directory = argv[i];
    else
      PetscCall(add_format(o, argv[i], code));
  }
  if (*code == SCREEN_EXIT_DONE && (!o->directory || o->n == 0))
    PetscCall(screen_cli_refuse(
        "export", code, "wanted a directory and formats, as in liquidus export run csv openfoam"));
  PetscFunctionReturn(0);
}

/* Writing -------------------------------------------------------------------------------------- */

/* How many numbers of each property leave the house, and why the others do not. */
static void report_numbers(const screen_export *e)
{
  const screen_dataset *d = e->data;

  for (PetscInt i = 0; i < d->nproperty; i++) {
    const screen_dataset_property *p = &d->property[i];
    PetscInt good = 0, missing = 0, all = d->npoint * p->width, flags = 0;
    char text[512];

    for (PetscInt k = 0; k < all; k++) {
      if (screen_dataset_exportable(&p->value[k], e->flagged))
        good++;
      else if (p->value[k].flags & PROP_FLAG_MISSING)
        missing++;
      if (!(p->value[k].flags & PROP_FLAG_MISSING)) flags |= p->value[k].flags;
    }
    screen_dataset_flags(flags, sizeof(text), text);
    fprintf(e->report,
            "%s: %" PetscInt_FMT " of %" PetscInt_FMT " numbers, %" PetscInt_FMT
            " missing, %" PetscInt_FMT " left out%s%s\n",
            p->definition->name, good, all, missing, all - good - missing,
            text[0] ? "; flags: " : "", text);
  }
}

static PetscErrorCode write_formats(const options *o, const char *out, screen_export *e,
                                    screen_exit *code)
{
  char folder[SCREEN_PATH_MAX];

  PetscFunctionBegin;
  for (PetscInt i = 0; i < o->n; i++) {
    PetscInt before = e->nfile;

    PetscCall(PetscSNPrintf(folder, sizeof(folder), "%s/%s", out, o->format[i]->name));
    e->directory = folder;
    fprintf(e->report, "\n%s: %s\n", o->format[i]->name, o->format[i]->what);
    PetscCall(o->format[i]->write(e));
    fprintf(e->report, "  %" PetscInt_FMT " files in %s\n", e->nfile - before, o->format[i]->name);
    printf("%s/: %" PetscInt_FMT " files\n", folder, e->nfile - before);
    if (e->nfile == before) *code = SCREEN_EXIT_PARTIAL;
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode export_all(const options *o, const screen_dataset *data, screen_exit *code)
{
  char out[SCREEN_PATH_MAX];
  screen_export e = {.data = data, .flagged = o->flagged};
  screen_export_file report;

  PetscFunctionBegin;
  if (o->out)
    PetscCall(PetscStrncpy(out, o->out, sizeof(out)));
  else
    PetscCall(PetscSNPrintf(out, sizeof(out), "%s.export", data->campaign));
  e.directory = out;
  PetscCall(screen_export_open(&e, "export.txt", &report));
  e.report = report.out;
  screen_export_head(&e, report.out, "");
  fputc('\n', report.out);
  report_numbers(&e);
  PetscCall(write_formats(o, out, &e, code));
  e.directory = out;
  PetscCall(screen_export_close(&e, &report));
  printf("%s/export.txt: what was written, what was left out, and how well\n", out);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_verb_export(int argc, char **argv, screen_exit *code)
{
  options o;
  screen_dataset data = {0};
  mtp_diag diag = {0};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(parse(argc, argv, &o, code));
  if (*code != SCREEN_EXIT_DONE) PetscFunctionReturn(0);
  ierr = screen_dataset_read(o.directory, &data, &diag);
  if (!ierr) ierr = screen_cli_report(&diag, code);
  if (!ierr && *code == SCREEN_EXIT_DONE) ierr = export_all(&o, &data, code);
  PetscCall(screen_dataset_clear(&data));
  PetscCall(mtp_diag_clear(&diag));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}
