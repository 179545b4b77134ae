/* screening/screen_compare.c - correlations of experiments from CSV files; the format stands in the
   header */
#include "screening/screen_compare.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_COLUMNS = 32 };

/* One file being read. */
typedef struct {
  const screen_campaign *campaign;
  const char *path;
  PetscInt line;
  char *header, *name[MAX_COLUMNS]; /* columns of the header, pointing into it */
  PetscInt ncolumn;
  mtp_diag *diag;
} reader;

/* Cuts a line at its commas, in place. */
static PetscInt split(char *text, char *field[])
{
  PetscInt n = 0;

  text[strcspn(text, "\r\n")] = 0;
  for (char *next = text; next && n < MAX_COLUMNS;) field[n++] = strsep(&next, ",");
  return n;
}

static const char *field_of(const reader *r, char *const field[], const char *name)
{
  for (PetscInt i = 0; i < r->ncolumn; i++) {
    if (!strcmp(r->name[i], name)) return field[i];
  }
  return NULL;
}

static PetscErrorCode number(const reader *r, char *const field[], const char *name,
                             PetscReal *value, PetscBool *ok)
{
  const char *text = field_of(r, field, name);
  char *end = NULL;

  PetscFunctionBegin;
  *value = text ? strtod(text, &end) : 0.0;
  if (!text || end == text || *end || !(PetscAbsReal(*value) < 1e30)) {
    *ok = PETSC_FALSE;
    PetscCall(mtp_diag_add(r->diag, r->path, r->line, 0, "column %s: got '%s', wanted a number",
                           name, text ? text : "no such column"));
  }
  PetscFunctionReturn(0);
}

/* Mole fractions of the row; the one component without a column takes the rest. */
static PetscErrorCode composition(const reader *r, char *const field[], PetscReal mole[],
                                  PetscBool *ok)
{
  const screen_campaign *c = r->campaign;
  PetscReal sum = 0.0;
  PetscInt rest = -1;

  PetscFunctionBegin;
  for (PetscInt k = 0; k < c->ncomponent; k++) {
    if (!field_of(r, field, c->component[k].name)) {
      if (rest >= 0) {
        *ok = PETSC_FALSE;
        PetscCall(mtp_diag_add(r->diag, r->path, r->line, 0,
                               "no columns for both %s and %s, wanted all components but one",
                               c->component[rest].name, c->component[k].name));
        PetscFunctionReturn(0);
      }
      rest = k;
      continue;
    }
    PetscCall(number(r, field, c->component[k].name, &mole[k], ok));
    sum += mole[k];
  }
  if (rest >= 0) mole[rest] = 1.0 - sum;
  PetscFunctionReturn(0);
}

static PetscErrorCode unit(const reader *r, char *const field[], PetscReal *scale, PetscBool *ok)
{
  const char *text = field_of(r, field, "unit"), *form = field_of(r, field, "form");
  const char *property = field_of(r, field, "property");

  PetscFunctionBegin;
  *scale = text && !strcmp(text, "g/cm3") ? 1000.0 : 1.0;
  if (!text || (strcmp(text, "g/cm3") && strcmp(text, "kg/m3"))) {
    *ok = PETSC_FALSE;
    PetscCall(mtp_diag_add(r->diag, r->path, r->line, 0,
                           "column unit: got '%s', wanted kg/m3 or g/cm3",
                           text ? text : "no such column"));
  }
  if (!form || strcmp(form, "linear")) {
    *ok = PETSC_FALSE;
    PetscCall(mtp_diag_add(r->diag, r->path, r->line, 0, "column form: got '%s', wanted linear",
                           form ? form : "no such column"));
  }
  if (!property || strcmp(property, "density")) {
    *ok = PETSC_FALSE;
    PetscCall(mtp_diag_add(r->diag, r->path, r->line, 0,
                           "column property: got '%s', wanted density",
                           property ? property : "no such column"));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode row(const reader *r, char *const field[], screen_experiments *e)
{
  screen_correlation c = {.property = "density"};
  PetscReal scale;
  PetscBool ok = PETSC_TRUE;

  PetscFunctionBegin;
  PetscCall(PetscCalloc1(r->campaign->ncomponent, &c.mole));
  PetscCall(unit(r, field, &scale, &ok));
  PetscCall(composition(r, field, c.mole, &ok));
  PetscCall(number(r, field, "T_min_K", &c.t_min, &ok));
  PetscCall(number(r, field, "T_max_K", &c.t_max, &ok));
  PetscCall(number(r, field, "D1", &c.d1, &ok));
  PetscCall(number(r, field, "D2", &c.d2, &ok));
  c.d1 *= scale;
  c.d2 *= scale;
  if (!ok) {
    PetscCall(PetscFree(c.mole));
    PetscFunctionReturn(0);
  }
  PetscCall(PetscRealloc(sizeof(c) * (size_t)(e->n + 1), &e->row));
  e->row[e->n++] = c;
  PetscFunctionReturn(0);
}

static PetscErrorCode read_stream(reader *r, FILE *in, screen_experiments *e)
{
  char *text = NULL, *field[MAX_COLUMNS];
  size_t capacity = 0;
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  while (!ierr && getline(&text, &capacity, in) >= 0) {
    r->line++;
    if (text[0] == '#' || text[0] == '\n' || text[0] == '\r') continue;
    if (!r->header) {
      r->header = text;
      r->ncolumn = split(text, r->name);
      text = NULL;
      capacity = 0;
      continue;
    }
    const PetscInt n = split(text, field);
    if (n != r->ncolumn) {
      ierr = mtp_diag_add(r->diag, r->path, r->line, 0, "got %d fields, wanted %d as in the header",
                          (int)n, (int)r->ncolumn);
    } else {
      ierr = row(r, field, e);
    }
  }
  free(text);
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_experiments_parse(const screen_campaign *campaign, const char *name, FILE *in,
                                        screen_experiments *experiments, mtp_diag *diag)
{
  reader r = {.campaign = campaign, .path = name, .diag = diag};
  PetscErrorCode ierr;
  PetscBool begun;

  PetscFunctionBegin;
  ierr = read_stream(&r, in, experiments);
  begun = r.header ? PETSC_TRUE : PETSC_FALSE;
  free(r.header);
  PetscCall(ierr);
  if (!begun) {
    PetscCall(mtp_diag_add(diag, name, 0, 0, "has no header, wanted property,unit,...,form,D1,D2"));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_experiments_read(const screen_campaign *campaign,
                                       screen_experiments *experiments, mtp_diag *diag)
{
  PetscFunctionBegin;
  *experiments = (screen_experiments){0};
  for (PetscInt k = 0; k < campaign->ncompare; k++) {
    FILE *in = fopen(campaign->compare[k], "re");
    if (!in) {
      PetscCall(
          mtp_diag_add(diag, campaign->compare[k], 0, 0, "cannot be read: %s", strerror(errno)));
      continue;
    }
    PetscErrorCode ierr =
        screen_experiments_parse(campaign, campaign->compare[k], in, experiments, diag);
    fclose(in);
    PetscCall(ierr);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_experiments_clear(screen_experiments *experiments)
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < experiments->n; i++) PetscCall(PetscFree(experiments->row[i].mole));
  PetscCall(PetscFree(experiments->row));
  *experiments = (screen_experiments){0};
  PetscFunctionReturn(0);
}

PetscBool screen_experiments_find(const screen_experiments *experiments,
                                  const screen_campaign *campaign, const screen_point *point,
                                  const char *property, PetscReal *value)
{
  for (PetscInt i = 0; i < experiments->n; i++) {
    const screen_correlation *c = &experiments->row[i];
    PetscBool fits = !strcmp(c->property, property) && point->temperature >= c->t_min - 1e-9 &&
                             point->temperature <= c->t_max + 1e-9
                         ? PETSC_TRUE
                         : PETSC_FALSE;
    for (PetscInt k = 0; k < campaign->ncomponent && fits; k++) {
      if (PetscAbsReal(c->mole[k] - point->mole[k]) > SCREEN_COMPARE_DX) fits = PETSC_FALSE;
    }
    if (fits) {
      *value = c->d1 + c->d2 * point->temperature;
      return PETSC_TRUE;
    }
  }
  return PETSC_FALSE;
}
