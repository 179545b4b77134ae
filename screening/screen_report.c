/* screening/screen_report.c - the table on the terminal: value ± error, what experiment says,
   flags, and why a line is empty */
#include "screening/screen_compare.h"
#include "screening/screen_run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CELL = 64 }; /* bytes of the text of a cell */

/* Appends one letter a flag, explained below the table. */
static void append_flags(PetscInt flags, char text[CELL])
{
  size_t n = strlen(text);

  if (flags && n + 1 < CELL) text[n++] = ' ';
  for (PetscInt bit = 0; bit < PROP_NFLAG && n + 1 < CELL; bit++) {
    if (flags & (1 << bit)) text[n++] = (char)('a' + (int)bit);
  }
  text[n] = 0;
}

/* "1612 ± 9 bc": one significant digit of the error, two when it begins with 1; flags */
static void with_error(prop_value v, PetscReal scale, char text[CELL])
{
  const PetscReal value = v.value * scale, error = v.error * scale;
  int digits;

  if (v.flags & PROP_FLAG_MISSING || !isfinite(value)) {
    snprintf(text, CELL, "-");
  } else if (!isfinite(error) || error <= 0.0) {
    snprintf(text, CELL, "%.4g ± ?", value);
  } else {
    digits = -(int)floor(log10(error));
    if (error * pow(10.0, digits) < 2.0) digits++;
    if (digits < 0) digits = 0;
    snprintf(text, CELL, "%.*f ± %.*f", digits, value, digits, error);
  }
  append_flags(v.flags, text);
}

/* Pads to `width` columns; ± is two bytes and one column. */
static void cell(FILE *out, const char *text, int width)
{
  int columns = 0;

  for (const char *c = text; *c; c++) columns += ((unsigned char)*c & 0xc0) != 0x80;
  fprintf(out, "%*s%s  ", width > columns ? width - columns : 0, "", text);
}

static void header(const screen_campaign *c, const screen_grid *grid, PetscBool compared, FILE *out)
{
  char text[SCREEN_NAME_MAX + 16];

  fputc('\n', out);
  for (PetscInt a = 0; a < grid->naxis; a++) {
    if (grid->axis[a].n < 2 && !strcmp(grid->axis[a].name, "pressure")) continue;
    snprintf(text, sizeof(text), "%s%s", grid->axis[a].name,
             !strcmp(grid->axis[a].name, "temperature") ? " K" : "");
    cell(out, text, 11);
  }
  if (c->want_density) cell(out, "density kg/m3", 18);
  if (compared) cell(out, "measured  dev.", 15);
  if (c->want_potential_energy) cell(out, "U kJ/mol", 18);
  for (PetscInt s = 0; s < c->nspecies && c->want_diffusion; s++) {
    snprintf(text, sizeof(text), "D(%s) 1e-9 m2/s", c->species[s]);
    cell(out, text, 18);
  }
  fputc('\n', out);
}

static void axes(const screen_grid *grid, const screen_point *point, FILE *out)
{
  char text[48];

  for (PetscInt a = 0; a < grid->naxis; a++) {
    if (grid->axis[a].n < 2 && !strcmp(grid->axis[a].name, "pressure")) continue;
    snprintf(text, sizeof(text), "%.4g", grid->axis[a].value[point->cell[a]]);
    cell(out, text, 11);
  }
}

static void measured(const screen_experiments *experiments, const screen_campaign *c,
                     const screen_point *point, prop_value density, FILE *out)
{
  char text[48] = "-";
  PetscReal value;

  if (screen_experiments_find(experiments, c, point, "density", &value)) {
    if (density.flags & PROP_FLAG_MISSING)
      snprintf(text, sizeof(text), "%.0f        ", value);
    else
      snprintf(text, sizeof(text), "%.0f  %+.1f %%", value, 100.0 * (density.value / value - 1.0));
  }
  cell(out, text, 15);
}

/* Flags of the values that a line shows: those asked for, of species that the point has. */
static PetscInt shown_flags(const screen_campaign *c, const screen_point *point,
                            const screen_result *r)
{
  PetscInt flags = 0;

  if (c->want_density) flags |= screen_result_at(r, PROP_ID_DENSITY)->flags;
  if (c->want_potential_energy) flags |= screen_result_at(r, PROP_ID_POTENTIAL_ENERGY)->flags;
  for (PetscInt s = 0; s < c->nspecies && c->want_diffusion; s++) {
    if (point->count[s] > 0) flags |= screen_result_at(r, PROP_ID_DIFFUSION)[s].flags;
  }
  return flags;
}

/* A value; that a point without values has none needs no flag: the line says why. */
static void value_cell(const screen_result *r, prop_value v, PetscReal scale, FILE *out)
{
  char text[CELL];

  with_error(v, scale, text);
  cell(out, r->state != SCREEN_POINT_DONE && v.flags & PROP_FLAG_MISSING ? "-" : text, 18);
}

static void line(const screen_campaign *c, const screen_grid *grid, PetscInt p,
                 const screen_result *r, const screen_experiments *experiments, FILE *out)
{
  axes(grid, &grid->point[p], out);
  if (c->want_density) value_cell(r, *screen_result_at(r, PROP_ID_DENSITY), 1.0, out);
  if (experiments->n)
    measured(experiments, c, &grid->point[p], *screen_result_at(r, PROP_ID_DENSITY), out);
  if (c->want_potential_energy)
    value_cell(r, *screen_result_at(r, PROP_ID_POTENTIAL_ENERGY), 1e-3, out);
  for (PetscInt s = 0; s < c->nspecies && c->want_diffusion; s++) {
    if (grid->point[p].count[s] > 0)
      value_cell(r, screen_result_at(r, PROP_ID_DIFFUSION)[s], 1e9, out);
    else
      cell(out, "", 18);
  }
  if (r->state != SCREEN_POINT_DONE)
    fprintf(out, "%s%s%s", screen_point_state_name(r->state), r->detail[0] ? ": " : "", r->detail);
  fputc('\n', out);
}

static void legend(const screen_campaign *c, const screen_grid *grid, const screen_result result[],
                   FILE *out)
{
  PetscInt seen = 0;

  for (PetscInt p = 0; p < grid->npoint; p++) {
    if (result[p].state != SCREEN_POINT_DONE) continue;
    seen |= shown_flags(c, &grid->point[p], &result[p]);
  }
  fprintf(out, "\n± is one standard error.");
  for (PetscInt bit = 0; bit < PROP_NFLAG; bit++) {
    if (seen & (1 << bit))
      fprintf(out, "\n%c  %s: %s", 'a' + (int)bit, prop_flag_name(bit), prop_flag_text(bit));
  }
  fputc('\n', out);
}

PetscErrorCode screen_report_table(const screen_session *session, const screen_result result[],
                                   FILE *out)
{
  const screen_campaign *campaign = session->campaign;
  const screen_grid *grid = session->grid;

  PetscFunctionBegin;
  header(campaign, grid, session->experiments.n > 0 ? PETSC_TRUE : PETSC_FALSE, out);
  for (PetscInt p = 0; p < grid->npoint; p++) {
    line(campaign, grid, p, &result[p], &session->experiments, out);
  }
  legend(campaign, grid, result, out);
  if (session->unwatched) fprintf(out, "%s: extrapolation is not watched\n", session->unwatched);
  PetscFunctionReturn(0);
}
