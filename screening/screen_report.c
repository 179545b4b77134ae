/* screening/screen_report.c - the table on the terminal: value ± error, what experiment says,
 * flags, and why a line is empty
 *
 * What does not fit into a line of LINE columns goes into further blocks with the same axes.
 */
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

/* Places behind the point for one significant digit of an error, two when it begins with 1. */
static int places(PetscReal error)
{
  int digits = -(int)floor(log10(error));

  if (error * pow(10.0, digits) < 2.0) digits++;
  return PetscMax(0, digits);
}

/* Appends " ± 20", the model error of a committee. */
static void append_model(PetscReal error, char text[CELL])
{
  const size_t n = strlen(text);

  if (isnan(error))
    snprintf(text + n, CELL - n, " ± ?");
  else if (error > 0.0)
    snprintf(text + n, CELL - n, " ± %.*f", places(error), error);
  else
    snprintf(text + n, CELL - n, " ± 0");
}

/* "1612 ± 9 bc", "1612 ± 9 ± 20 bc" with the model error of a committee (NULL: none); flags */
static void with_error(prop_value v, PetscReal scale, const PetscReal *model, char text[CELL])
{
  const PetscReal value = v.value * scale, error = v.error * scale;

  if (v.flags & PROP_FLAG_MISSING || !isfinite(value)) {
    snprintf(text, CELL, "-");
  } else if (!isfinite(error) || error <= 0.0) {
    snprintf(text, CELL, "%.4g ± ?", value);
  } else {
    snprintf(text, CELL, "%.*f ± %.*f", places(error), value, places(error), error);
  }
  if (model && isfinite(v.value)) append_model(*model * scale, text);
  append_flags(v.flags, text);
}

/* Pads to `width` columns; ± is two bytes and one column. */
static void cell(FILE *out, const char *text, int width)
{
  int columns = 0;

  for (const char *c = text; *c; c++) columns += ((unsigned char)*c & 0xc0) != 0x80;
  fprintf(out, "%*s%s  ", width > columns ? width - columns : 0, "", text);
}

/* Columns ------------------------------------------------------------------------------------ */

/* Properties that have a column, and the unit in it. */
static const struct {
  prop_id id;
  const char *symbol, *unit;
  PetscReal scale; /* SI into the unit */
} shown[] = {
    {PROP_ID_DENSITY, "density", "kg/m3", 1.0},
    {PROP_ID_POTENTIAL_ENERGY, "U", "kJ/mol", 1e-3},
    {PROP_ID_HEAT_CAPACITY, "cp", "J/(kg K)", 1.0},
    {PROP_ID_VISCOSITY, "viscosity", "mPa s", 1e3},
    {PROP_ID_VISCOSITY_RNEMD, "viscosity rnemd", "mPa s", 1e3},
    {PROP_ID_IONIC_CONDUCTIVITY, "σ", "S/m", 1.0},
    {PROP_ID_THERMAL_CONDUCTIVITY, "κ", "W/(m K)", 1.0},
    {PROP_ID_THERMAL_CONDUCTIVITY_RNEMD, "κ rnemd", "W/(m K)", 1.0},
    {PROP_ID_DIFFUSION, "D", "1e-9 m2/s", 1e9},
};
enum { NSHOWN = sizeof(shown) / sizeof(shown[0]) };

/* One column: values, or what experiment says beside those before. */
typedef struct {
  prop_id id;
  PetscInt species; /* -1: the property has one value */
  PetscBool measured, committee;
  PetscReal scale;
  char title[48];
} column;

enum {
  VALUE_WIDTH = 18,
  MODEL_WIDTH = 26,
  MEASURED_WIDTH = 15,
  AXIS_WIDTH = 11,
  GAP = 2,
  LINE = 132
};

static int width_of(const column *c)
{
  return c->measured ? MEASURED_WIDTH : c->committee ? MODEL_WIDTH : VALUE_WIDTH;
}

/* The columns of one property, behind the n that are there. */
static PetscInt add_columns(const screen_campaign *c, PetscBool compared, int k, PetscInt n,
                            column list[])
{
  const prop_definition *definition = prop_get(shown[k].id);
  const PetscBool each = (PetscBool)(definition->shape == PROP_PER_SPECIES);

  if (!screen_result_wanted(c, definition->name)) return n;
  for (PetscInt s = 0; s < (each ? c->nspecies : 1); s++) {
    column *new = &list[n++];

    *new = (column){.id = shown[k].id,
                    .species = each ? s : -1,
                    .committee = (PetscBool)(c->nmember > 0),
                    .scale = shown[k].scale};
    snprintf(new->title, sizeof(new->title), "%s%s%s%s %s", shown[k].symbol, each ? "(" : "",
             each ? c->species[s] : "", each ? ")" : "", shown[k].unit);
  }
  if (compared && shown[k].id == PROP_ID_DENSITY) {
    list[n] = (column){.id = shown[k].id, .measured = PETSC_TRUE, .species = -1};
    snprintf(list[n++].title, sizeof(list[0].title), "measured  dev.");
  }
  return n;
}

/* All columns; PetscFree(*list). */
static PetscErrorCode make_columns(const screen_campaign *c, PetscBool compared, PetscInt *n,
                                   column **list)
{
  PetscFunctionBegin;
  *n = 0;
  PetscCall(PetscMalloc1((NSHOWN + 1) * PetscMax(1, c->nspecies), list));
  for (int k = 0; k < NSHOWN; k++) *n = add_columns(c, compared, k, *n, *list);
  PetscFunctionReturn(0);
}

/* Axes ---------------------------------------------------------------------------------------- */

/* A pressure that all points have in common is not repeated in every line. */
static PetscBool is_shown(const screen_grid_axis *axis)
{
  return (PetscBool)(axis->n > 1 || strcmp(axis->name, "pressure") != 0);
}

static PetscInt count_axes(const screen_grid *grid)
{
  PetscInt n = 0;

  for (PetscInt a = 0; a < grid->naxis; a++) n += is_shown(&grid->axis[a]) ? 1 : 0;
  return n;
}

static void axes(const screen_grid *grid, const screen_point *point, FILE *out)
{
  char text[SCREEN_NAME_MAX + 16];

  for (PetscInt a = 0; a < grid->naxis; a++) {
    const screen_grid_axis *axis = &grid->axis[a];

    if (!is_shown(axis)) continue;
    if (point)
      snprintf(text, sizeof(text), "%.4g", axis->value[point->cell[a]]);
    else
      snprintf(text, sizeof(text), "%s%s", axis->name,
               !strcmp(axis->name, "temperature") ? " K" : "");
    cell(out, text, AXIS_WIDTH);
  }
}

/* Lines --------------------------------------------------------------------------------------- */

static void measured(const screen_measurements *experiments, const screen_campaign *c,
                     const screen_point *point, prop_value density, FILE *out)
{
  const screen_measurement *found = screen_measured_find(
      experiments, PROP_ID_DENSITY, c->ncomponent, point->mole, point->temperature);
  char text[48] = "-";

  if (found) {
    const PetscReal value = screen_measured_at(found, point->temperature, NULL);

    if (density.flags & PROP_FLAG_MISSING)
      snprintf(text, sizeof(text), "%.0f        ", value);
    else
      snprintf(text, sizeof(text), "%.0f  %+.1f %%", value, 100.0 * (density.value / value - 1.0));
  }
  cell(out, text, MEASURED_WIDTH);
}

/* The value of a column; NULL for a species that the point does not have. */
static const prop_value *value_of(const column *c, const screen_point *point,
                                  const screen_result *r)
{
  if (c->species >= 0 && point->count[c->species] == 0) return NULL;
  return screen_result_at(r, c->id) + (c->species < 0 ? 0 : c->species);
}

/* A value; that a point without values has none needs no flag: the line says why. */
static void value_cell(const screen_result *r, const prop_value *v, const column *c, FILE *out)
{
  char text[CELL] = "";

  if (v) with_error(*v, c->scale, c->committee ? &r->model_error[v - r->value] : NULL, text);
  if (v && r->state != SCREEN_POINT_DONE && v->flags & PROP_FLAG_MISSING)
    snprintf(text, sizeof(text), "-");
  cell(out, text, width_of(c));
}

static void line(const screen_session *session, PetscInt p, const screen_result *r, PetscInt n,
                 const column list[], FILE *out)
{
  const screen_point *point = &session->grid->point[p];

  axes(session->grid, point, out);
  for (PetscInt i = 0; i < n; i++) {
    const prop_value *v = value_of(&list[i], point, r);

    if (list[i].measured)
      measured(&session->experiments, session->campaign, point, *v, out);
    else
      value_cell(r, v, &list[i], out);
  }
}

/* As many columns as a line takes, at least one; what experiment says stays beside its values. */
static PetscInt take_columns(const screen_grid *grid, PetscInt n, const column list[])
{
  int width = (AXIS_WIDTH + GAP) * (int)count_axes(grid);
  PetscInt taken = 0;

  while (taken < n) {
    width += width_of(&list[taken]) + GAP;
    if (taken > 0 && width > LINE && !list[taken].measured) break;
    taken++;
  }
  return taken;
}

/* Some columns of all points; the first block says why a point has no values. */
static void block(const screen_session *session, const screen_result result[], PetscBool first,
                  PetscInt n, const column list[], FILE *out)
{
  fputc('\n', out);
  axes(session->grid, NULL, out);
  for (PetscInt i = 0; i < n; i++) cell(out, list[i].title, width_of(&list[i]));
  fputc('\n', out);
  for (PetscInt p = 0; p < session->grid->npoint; p++) {
    const screen_result *r = &result[p];

    line(session, p, r, n, list, out);
    if (r->state != SCREEN_POINT_DONE)
      fprintf(out, "%s%s%s", screen_point_state_name(r->state), first && r->detail[0] ? ": " : "",
              first ? r->detail : "");
    fputc('\n', out);
  }
}

/* Flags of the values that are shown. */
static void legend(const screen_session *session, const screen_result result[], PetscInt n,
                   const column list[], FILE *out)
{
  PetscInt seen = 0;

  for (PetscInt p = 0; p < session->grid->npoint; p++) {
    const PetscBool over = (PetscBool)(result[p].state == SCREEN_POINT_DONE ||
                                       result[p].state == SCREEN_POINT_PARTIAL);

    for (PetscInt i = 0; i < n && over; i++) {
      const prop_value *v = value_of(&list[i], &session->grid->point[p], &result[p]);

      if (v) seen |= v->flags;
    }
  }
  fprintf(out, "\n± is one standard error.");
  if (session->campaign->nmember)
    fprintf(out,
            " The second ± is the model error: how much the %" PetscInt_FMT
            " potentials differ\nbeyond that (one standard deviation; 0: no more than that).",
            session->campaign->nmember);
  for (PetscInt bit = 0; bit < PROP_NFLAG; bit++) {
    if (seen & (1 << bit))
      fprintf(out, "\n%c  %s: %s", 'a' + (int)bit, prop_flag_name(bit), prop_flag_text(bit));
  }
  fputc('\n', out);
}

PetscErrorCode screen_report_table(const screen_session *session, const screen_result result[],
                                   FILE *out)
{
  column *list;
  PetscInt n;

  PetscFunctionBegin;
  PetscCall(make_columns(session->campaign, (PetscBool)(session->experiments.n > 0), &n, &list));
  for (PetscInt at = 0, taken; at < n || at == 0; at += taken) {
    taken = take_columns(session->grid, n - at, list + at);
    block(session, result, (PetscBool)(at == 0), taken, list + at, out);
    if (taken == 0) break;
  }
  legend(session, result, n, list, out);
  PetscCall(PetscFree(list));
  if (session->unwatched) fprintf(out, "%s: extrapolation is not watched\n", session->unwatched);
  PetscFunctionReturn(0);
}
