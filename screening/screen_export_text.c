/* screening/screen_export_text.c - files, names and provenance of exports */
#include "screening/screen_export.h"
#include "screening/screen_version.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Makes the folders of a path, those that are not there. */
static void make_folders(const char *path)
{
  char part[SCREEN_PATH_MAX];

  snprintf(part, sizeof(part), "%s", path);
  for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    (void)mkdir(part, 0777); /* what could not be made is met when the file is opened */
    *slash = '/';
  }
}

PetscErrorCode screen_export_open(screen_export *e, const char *name, screen_export_file *file)
{
  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(file->path, sizeof(file->path), "%s/%s", e->directory, name));
  snprintf(file->partial, sizeof(file->partial), "%s.part", file->path);
  make_folders(file->path);
  file->out = fopen(file->partial, "we");
  PetscCheck(file->out, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: %s", file->partial,
             strerror(errno));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_export_close(screen_export *e, screen_export_file *file)
{
  const int bad = ferror(file->out);
  const int ended = fclose(file->out);

  PetscFunctionBegin;
  file->out = NULL;
  if (bad || ended || rename(file->partial, file->path) != 0) {
    const int error = errno;

    (void)unlink(file->partial);
    SETERRQ(PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: %s", file->path, strerror(error));
  }
  e->nfile++;
  PetscFunctionReturn(0);
}

void screen_export_line(const char *text, size_t size, char line[])
{
  size_t n = 0;

  for (; text[n] && n + 1 < size; n++)
    line[n] = (char)(iscntrl((unsigned char)text[n]) ? ' ' : text[n]);
  line[n] = 0;
}

void screen_export_quote(FILE *out, const char *text)
{
  char line[512];

  screen_export_line(text, sizeof(line), line);
  fputc('"', out);
  for (const char *c = line; *c; c++) {
    if (*c == '"' || *c == '\\') fputc('\\', out);
    fputc(*c == '`' ? '\'' : *c, out); /* a command to gnuplot */
  }
  fputc('"', out);
}

void screen_export_name(const char *text, size_t size, char name[])
{
  size_t n = 0;

  for (; text[n] && n + 1 < size; n++) {
    const unsigned char c = (unsigned char)text[n];

    name[n] = (char)(isalnum(c) || c == '.' || c == '-' || c == '+' || c == '_' ? c : '_');
  }
  name[n] = 0;
}

void screen_export_head(const screen_export *e, FILE *out, const char *mark)
{
  const screen_dataset *d = e->data;
  char line[512];

  screen_export_line(d->description, sizeof(line), line);
  fprintf(out, "%sCampaign %s%s%s\n", mark, d->campaign, line[0] ? ": " : "", line);
  fprintf(out, "%sresults.h5 SHA-256 %s\n", mark, d->sha256);
  screen_export_line(d->potential_sha256, sizeof(line), line);
  screen_export_line(d->source, sizeof(line) / 4, line + sizeof(line) / 2);
  fprintf(out, "%sPotential SHA-256 %.200s (%s)\n", mark, line, line + sizeof(line) / 2);
  fprintf(out, "%sComputed by liquidus %s, exported by liquidus %s\n", mark, d->version,
          LIQUIDUS_VERSION);
  fprintf(out, "%sSI units unless said otherwise. Errors are one standard error of the mean.%s\n",
          mark, e->flagged ? " Flagged numbers are included." : " Flagged numbers are left out.");
}

void screen_export_series_name(const screen_dataset *data, PetscInt s, size_t size, char name[])
{
  const PetscInt point = screen_dataset_point(data, s, 0);
  char raw[512];
  size_t at = 0;

  raw[0] = 0;
  for (PetscInt a = 0; a < data->naxis && at < sizeof(raw); a++) {
    const screen_dataset_axis *axis = &data->axis[a];

    if (a == data->temperature || axis->n == 1) continue;
    at += (size_t)snprintf(raw + at, sizeof(raw) - at, "%s%s-%.6g", at ? "_" : "", axis->name,
                           axis->value[screen_dataset_index(data, point, a)]);
  }
  screen_export_name(raw[0] ? raw : "all", size, name);
}

const char *screen_export_member(const screen_dataset *data, const screen_dataset_property *p,
                                 PetscInt w)
{
  switch (p->definition->shape) {
  case PROP_PER_POINT:
    break;
  case PROP_PER_SPECIES:
    return data->species[w];
  case PROP_PER_PAIR:
    return data->npair == p->width ? data->pair[w] : "";
  }
  return "";
}

/* netCDF ---------------------------------------------------------------------- */

/* results.h5 is a netCDF-4 file already; under a name that others' tools look for. */
PetscErrorCode screen_export_netcdf(screen_export *e)
{
  char name[SCREEN_DATASET_NAME + 8], clean[SCREEN_DATASET_NAME], block[65536];
  screen_export_file file;
  FILE *from = fopen(e->data->path, "re");

  PetscFunctionBegin;
  PetscCheck(from, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: %s", e->data->path, strerror(errno));
  screen_export_name(e->data->campaign, sizeof(clean), clean);
  snprintf(name, sizeof(name), "%s.nc", clean);
  if (screen_export_open(e, name, &file)) {
    fclose(from);
    SETERRQ(PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s/%s cannot be written", e->directory, name);
  }
  for (size_t n; (n = fread(block, 1, sizeof(block), from)) > 0;)
    (void)fwrite(block, 1, n, file.out); /* what went wrong is asked when it is closed */
  fclose(from);
  PetscCall(screen_export_close(e, &file));
  fprintf(e->report, "  %s: a copy of results.h5, flagged numbers and their flags included\n",
          name);
  PetscFunctionReturn(0);
}
