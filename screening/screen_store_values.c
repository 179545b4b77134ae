/* screening/screen_store_values.c - the numbers of results.h5: properties, the list of points,
   curves */
#include "screening/screen_store_impl.h"

#include <ctype.h>
#include <string.h>

/* Properties -------------------------------------------------------------------------------- */

/* The variables of a property: four always, the next where it has a truncation, the last two of a
   committee. */
typedef enum {
  PART_VALUE,
  PART_ERROR,
  PART_NEFF,
  PART_FLAG,
  PART_TRUNCATION,
  PART_MODEL,
  PART_MODEL95,
  NPART
} value_part;
static const char *const part_suffix[NPART] = {
    "", "_error", "_neff", "_flag", "_truncation", "_model_error", "_model_error95"};

/* Whether the table, or /member with `member`, has this part of a property. */
static PetscBool has_part(const screen_store_table *t, const prop_definition *p, value_part part,
                          PetscBool member)
{
  if (part == PART_TRUNCATION) return (PetscBool)(p->truncation && !member);
  if (part == PART_MODEL || part == PART_MODEL95)
    return (PetscBool)(t->campaign->nmember > 0 && !member);
  return PETSC_TRUE;
}

static const char *property_dimension(const prop_definition *p)
{
  switch (p->shape) {
  case PROP_PER_POINT:
    break;
  case PROP_PER_SPECIES:
    return "/species";
  case PROP_PER_PAIR:
    return "/pair";
  }
  return NULL;
}

PetscErrorCode screen_store_flag_attributes(const screen_store_table *t, const char *path)
{
  PetscInt mask[PROP_NFLAG];
  char meanings[PROP_NFLAG * 40] = "";

  PetscFunctionBegin;
  for (PetscInt i = 0; i < PROP_NFLAG; i++) {
    mask[i] = 1 << i;
    if (i > 0) PetscCall(PetscStrlcat(meanings, " ", sizeof(meanings)));
    PetscCall(PetscStrlcat(meanings, prop_flag_name(i), sizeof(meanings)));
  }
  PetscCall(screen_h5_attr_ints(t->h5, path, "flag_masks", SCREEN_H5_INT, PROP_NFLAG, mask));
  PetscCall(screen_h5_attr_text(t->h5, path, "flag_meanings", meanings));
  PetscFunctionReturn(0);
}

/* Attributes of the value itself. */
static PetscErrorCode value_attributes(const screen_store_table *t, const prop_definition *p,
                                       PetscBool member, const char *path)
{
  char companions[(NPART + 1) * SCREEN_STORE_NAME] = "", each[2 * SCREEN_STORE_NAME];

  PetscFunctionBegin;
  for (int part = PART_ERROR; part < NPART; part++) {
    if (!has_part(t, p, (value_part)part, member)) continue;
    PetscCall(PetscSNPrintf(each, sizeof(each), "%s%s%s", part > PART_ERROR ? " " : "", p->name,
                            part_suffix[part]));
    PetscCall(PetscStrlcat(companions, each, sizeof(companions)));
  }
  PetscCall(screen_store_attrs(t, path,
                               (const screen_store_attr[]){{"units", p->units},
                                                           {"long_name", p->long_name},
                                                           {"standard_name", p->standard_name},
                                                           {"ancillary_variables", companions},
                                                           {"comment", p->method},
                                                           {NULL, NULL}}));
  PetscFunctionReturn(0);
}

static PetscErrorCode part_attributes(const screen_store_table *t, const prop_definition *p,
                                      value_part part, PetscBool member, const char *path)
{
  static const char *const about[NPART] = {
      [PART_ERROR] = "standard error of the mean",
      [PART_NEFF] = "effective number of samples",
      [PART_FLAG] = "quality flags",
      [PART_MODEL] = "standard deviation between the potentials beyond their sampling errors",
      [PART_MODEL95] =
          "upper end of the 95 % interval of the standard deviation between potentials"};
  const char *units[NPART] = {[PART_ERROR] = p->units,
                              [PART_NEFF] = "1",
                              [PART_TRUNCATION] = "s",
                              [PART_MODEL] = p->units,
                              [PART_MODEL95] = p->units};
  char long_name[256];

  PetscFunctionBegin;
  if (part == PART_VALUE) {
    PetscCall(value_attributes(t, p, member, path));
    PetscFunctionReturn(0);
  }
  PetscCall(PetscSNPrintf(long_name, sizeof(long_name), "%s: %s", p->long_name,
                          part == PART_TRUNCATION ? p->truncation : about[part]));
  PetscCall(screen_h5_attr_text(t->h5, path, "long_name", long_name));
  if (units[part]) PetscCall(screen_h5_attr_text(t->h5, path, "units", units[part]));
  if (part == PART_FLAG) PetscCall(screen_store_flag_attributes(t, path));
  PetscFunctionReturn(0);
}

/* Part of number i among all of a result; flags are an integer of their own. */
static PetscReal part_of(const screen_result *r, PetscInt i, value_part part)
{
  switch (part) {
  case PART_VALUE:
    return r->value[i].value;
  case PART_ERROR:
    return r->value[i].error;
  case PART_NEFF:
    return r->value[i].neff;
  case PART_TRUNCATION:
    return r->truncation[i];
  case PART_MODEL:
    return r->model_error[i];
  case PART_MODEL95:
    return r->model_error95[i];
  default:
    return PROP_NAN;
  }
}

/* Copies one part of the values of a result: reals, or flags into `flag`. */
static void collect_result(const screen_result *r, const prop_definition *p, value_part part,
                           PetscInt width, PetscReal real[], PetscInt flag[])
{
  const prop_value *values = screen_result_values(r, p->name);

  for (PetscInt i = 0; i < width; i++) {
    flag[i] = values ? values[i].flags : prop_value_missing.flags;
    real[i] = values              ? part_of(r, (PetscInt)(values - r->value) + i, part)
              : part == PART_NEFF ? prop_value_missing.neff
                                  : PROP_NAN;
  }
}

/* The same of all points of this rank, or of all their members. */
static void collect_part(const screen_store_table *t, const prop_definition *p, value_part part,
                         PetscBool member, PetscReal real[], PetscInt flag[])
{
  const PetscInt width = prop_width(p, t->campaign->nspecies);
  PetscInt n = 0;

  for (PetscInt k = 0; k < t->nrow; k++) {
    const screen_result *r = &t->result[k];

    for (PetscInt m = 0; m < (member ? r->nmember : 1); m++, n += width)
      collect_result(member ? &r->member[m] : r, p, part, width, real + n, flag + n);
  }
}

static PetscErrorCode write_part(const screen_store_table *t, const prop_definition *p,
                                 value_part part, PetscBool member, PetscReal real[],
                                 PetscInt flag[])
{
  const char *last = property_dimension(p);
  const char *dimension[SCREEN_H5_MAX_RANK];
  char name[SCREEN_H5_MAX_RANK][SCREEN_STORE_NAME], path[2 * SCREEN_STORE_NAME];
  PetscInt rank;

  PetscFunctionBegin;
  PetscCall(screen_store_dimensions(t, member ? "/member/member" : last, member ? last : NULL, name,
                                    dimension, &rank));
  PetscCall(PetscSNPrintf(path, sizeof(path), "%s/%s%s", member ? "/member" : "", p->name,
                          part_suffix[part]));
  PetscCall(screen_h5_variable(t->h5, path, part == PART_FLAG ? SCREEN_H5_INT : SCREEN_H5_REAL,
                               rank, dimension));
  PetscCall(part_attributes(t, p, part, member, path));
  collect_part(t, p, part, member, real, flag);
  PetscCall(screen_h5_write(t->h5, path, (last ? 1 : 0) + (member ? 1 : 0), t->nrow, t->row,
                            part == PART_FLAG ? (const void *)flag : (const void *)real));
  PetscFunctionReturn(0);
}

/* All properties asked for; `real` and `flag` have room for the widest. */
static PetscErrorCode write_properties(const screen_store_table *t, PetscBool member,
                                       PetscReal real[], PetscInt flag[])
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < prop_count(); i++) {
    if (!screen_result_wanted(t->campaign, prop_get(i)->name)) continue;
    for (int part = 0; part < NPART; part++)
      if (has_part(t, prop_get(i), (value_part)part, member))
        PetscCall(write_part(t, prop_get(i), (value_part)part, member, real, flag));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode write_all(const screen_store_table *t, PetscBool member)
{
  const PetscInt members = member ? t->campaign->nmember : 1;
  const PetscInt widest = t->campaign->nspecies * t->campaign->nspecies * members;
  PetscReal *real;
  PetscInt *flag;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(PetscMalloc2(t->nrow * widest, &real, t->nrow * widest, &flag));
  ierr = write_properties(t, member, real, flag);
  PetscCall(PetscFree2(real, flag));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_store_write_values(const screen_store_table *t)
{
  PetscFunctionBegin;
  PetscCall(write_all(t, PETSC_FALSE));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_store_write_members(const screen_store_table *t)
{
  const screen_campaign *c = t->campaign;
  const char **text;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  if (!c->nmember) PetscFunctionReturn(0);
  PetscCall(screen_h5_group(t->h5, "/member"));
  PetscCall(PetscMalloc1(c->nmember, &text));
  for (PetscInt m = 0; m < c->nmember; m++) text[m] = c->member[m].name;
  ierr = screen_store_labels(t, "/member/member", "potential, by its file", c->nmember, text);
  PetscCall(PetscFree(text));
  PetscCall(ierr);
  PetscCall(write_all(t, PETSC_TRUE));
  PetscFunctionReturn(0);
}

/* The list of points ------------------------------------------------------------------------ */

typedef struct {
  const char *name, *units, *long_name;
  screen_h5_type type;
  const char *last; /* second dimension; NULL: none */
} point_column;

/* Makes /point/<name> and writes this rank's rows. */
static PetscErrorCode write_column(const screen_store_table *t, const point_column *c,
                                   const void *data)
{
  const char *dimension[] = {"/point/point", c->last};
  char path[SCREEN_STORE_NAME];

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(path, sizeof(path), "/point/%s", c->name));
  PetscCall(screen_h5_variable(t->h5, path, c->type, c->last ? 2 : 1, dimension));
  PetscCall(screen_store_attrs(
      t, path,
      (const screen_store_attr[]){{"units", c->units}, {"long_name", c->long_name}, {NULL, NULL}}));
  if (c->type == SCREEN_H5_CHAR) PetscCall(screen_h5_attr_text(t->h5, path, "_Encoding", "utf-8"));
  PetscCall(screen_h5_write(t->h5, path, c->last ? 1 : 0, t->nrow, t->row, data));
  PetscFunctionReturn(0);
}

/* Texts of the points: name, key, detail.  `get` puts one into a field of `size` characters. */
static PetscErrorCode
write_text_column(const screen_store_table *t, const char *name, const char *long_name,
                  PetscInt size, void (*get)(const screen_store_table *, PetscInt, char *, size_t))
{
  char dimension[SCREEN_STORE_NAME], *text;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(dimension, sizeof(dimension), "/point/%s_length", name));
  PetscCall(screen_h5_dimension(t->h5, dimension, size));
  PetscCall(PetscMalloc1((size_t)(t->nrow * size), &text));
  for (PetscInt k = 0; k < t->nrow; k++) get(t, k, text + (size_t)(k * size), (size_t)size);
  ierr = write_column(t, &(point_column){name, NULL, long_name, SCREEN_H5_CHAR, dimension}, text);
  PetscCall(PetscFree(text));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

static const screen_point *point_of(const screen_store_table *t, PetscInt k)
{
  return &t->grid->point[t->row[k]];
}

static void get_name(const screen_store_table *t, PetscInt k, char *field, size_t size)
{
  screen_h5_put_text(point_of(t, k)->name, size, field);
}

static void get_detail(const screen_store_table *t, PetscInt k, char *field, size_t size)
{
  char text[SCREEN_STORE_DETAIL + 1] = "";

  memcpy(text, t->result[k].detail, SCREEN_STORE_DETAIL);
  screen_h5_put_text(text, size, field);
}

static void get_key(const screen_store_table *t, PetscInt k, char *field, size_t size)
{
  static const char hex[] = "0123456789abcdef";

  for (size_t i = 0; i < size; i++) {
    const unsigned byte = point_of(t, k)->key.byte[i / 2];

    field[i] = hex[i % 2 == 0 ? byte >> 4 : byte & 15];
  }
}

/* Appends a clause as one word: blanks and punctuation become underscores. */
static PetscErrorCode append_word(char *words, size_t size, const char *clause)
{
  const size_t begin = strlen(words) + (words[0] ? 1 : 0);

  PetscFunctionBegin;
  if (words[0]) PetscCall(PetscStrlcat(words, " ", size));
  PetscCall(PetscStrlcat(words, clause, size));
  for (char *c = words + PetscMin(begin, strlen(words)); *c; c++) {
    if (!isalnum((unsigned char)*c)) *c = '_';
  }
  PetscFunctionReturn(0);
}

/* An enumeration: an integer with the values that may stand there and a word for each. */
static PetscErrorCode write_enumeration(const screen_store_table *t, const char *name,
                                        const char *long_name, PetscInt n, const PetscInt value[],
                                        const char *const clause[], const PetscInt data[])
{
  char path[SCREEN_STORE_NAME], meanings[1024] = "";

  PetscFunctionBegin;
  for (PetscInt i = 0; i < n; i++) PetscCall(append_word(meanings, sizeof(meanings), clause[i]));
  PetscCall(PetscSNPrintf(path, sizeof(path), "/point/%s", name));
  PetscCall(write_column(t, &(point_column){name, NULL, long_name, SCREEN_H5_INT, NULL}, data));
  PetscCall(screen_h5_attr_ints(t->h5, path, "flag_values", SCREEN_H5_INT, n, value));
  PetscCall(screen_h5_attr_text(t->h5, path, "flag_meanings", meanings));
  PetscFunctionReturn(0);
}

static PetscErrorCode write_states(const screen_store_table *t, PetscInt data[])
{
  enum { NSTATE = SCREEN_POINT_NSTATE };
  PetscInt value[NSTATE];
  const char *clause[NSTATE];

  PetscFunctionBegin;
  for (PetscInt i = 0; i < NSTATE; i++) {
    value[i] = i;
    clause[i] = screen_point_state_name((screen_point_state)i);
  }
  for (PetscInt k = 0; k < t->nrow; k++) data[k] = (PetscInt)t->result[k].state;
  PetscCall(write_enumeration(t, "state", "state of the point", NSTATE, value, clause, data));
  PetscFunctionReturn(0);
}

static PetscErrorCode write_reasons(const screen_store_table *t, PetscInt data[])
{
  static const PetscInt value[] = {MD_RUNNING,
                                   MD_COMPLETED,
                                   MD_NOT_FINITE,
                                   MD_TOO_HOT,
                                   MD_CLOSE_PAIR,
                                   MD_LOST_ATOM,
                                   MD_DENSITY_COLLAPSE,
                                   MD_ENERGY_DRIFT,
                                   MD_EXTRAPOLATING,
                                   MD_HIGH_FORCE,
                                   MD_HIGH_PRESSURE,
                                   MD_EVAPORATING,
                                   MD_FROZEN,
                                   MD_DEMIXED,
                                   SCREEN_REASON_ERROR,
                                   SCREEN_REASON_CRASHED,
                                   SCREEN_REASON_EXCLUDED};
  enum { NREASON = sizeof(value) / sizeof(value[0]) };
  const char *clause[NREASON];

  PetscFunctionBegin;
  for (PetscInt i = 0; i < NREASON; i++) clause[i] = screen_result_reason_text(value[i]);
  for (PetscInt k = 0; k < t->nrow; k++) data[k] = (PetscInt)t->result[k].reason;
  PetscCall(write_enumeration(t, "reason", "why the point ended, of its lowest replica that failed",
                              NREASON, value, clause, data));
  PetscFunctionReturn(0);
}

/* Values of the axes at each point: the auxiliary coordinates of the list. */
static PetscErrorCode write_coordinates(const screen_store_table *t, PetscReal data[])
{
  PetscFunctionBegin;
  for (PetscInt a = 0; a < t->grid->naxis; a++) {
    const screen_grid_axis *axis = &t->grid->axis[a];

    for (PetscInt k = 0; k < t->nrow; k++) data[k] = axis->value[point_of(t, k)->cell[a]];
    PetscCall(write_column(
        t, &(point_column){t->axis[a], axis->units, axis->long_name, SCREEN_H5_REAL, NULL}, data));
  }
  PetscFunctionReturn(0);
}

/* What was really simulated: whole formula units and atoms. */
static PetscErrorCode write_composition(const screen_store_table *t, PetscReal real[],
                                        PetscInt integer[])
{
  const PetscInt nc = t->campaign->ncomponent, ns = t->campaign->nspecies;

  PetscFunctionBegin;
  for (PetscInt k = 0; k < t->nrow; k++)
    PetscCall(PetscArraycpy(real + k * nc, point_of(t, k)->mole, nc));
  PetscCall(write_column(t,
                         &(point_column){"mole_fraction", "1",
                                         "mole fraction really simulated, in whole formula units",
                                         SCREEN_H5_REAL, "/component"},
                         real));
  for (PetscInt k = 0; k < t->nrow; k++) real[k] = point_of(t, k)->deviation;
  PetscCall(
      write_column(t,
                   &(point_column){"composition_deviation", "1",
                                   "largest difference of a mole fraction from that asked for",
                                   SCREEN_H5_REAL, NULL},
                   real));
  for (PetscInt k = 0; k < t->nrow; k++)
    PetscCall(PetscArraycpy(integer + k * nc, point_of(t, k)->units, nc));
  PetscCall(
      write_column(t,
                   &(point_column){"formula_units", "1", "number of formula units in the cell",
                                   SCREEN_H5_INT, "/component"},
                   integer));
  for (PetscInt k = 0; k < t->nrow; k++)
    PetscCall(PetscArraycpy(integer + k * ns, point_of(t, k)->count, ns));
  PetscCall(write_column(
      t, &(point_column){"atoms", "1", "number of atoms in the cell", SCREEN_H5_INT, "/species"},
      integer));
  PetscFunctionReturn(0);
}

/* How the point was run. */
static PetscErrorCode write_account(const screen_store_table *t, PetscReal real[],
                                    PetscInt integer[])
{
  PetscFunctionBegin;
  for (PetscInt k = 0; k < t->nrow; k++) integer[k] = t->result[k].replicas_done;
  PetscCall(write_column(t,
                         &(point_column){"replicas_done", "1", "replicas that reached their length",
                                         SCREEN_H5_INT, NULL},
                         integer));
  for (PetscInt k = 0; k < t->nrow; k++) integer[k] = t->result[k].replicas_failed;
  PetscCall(write_column(
      t, &(point_column){"replicas_failed", "1", "replicas that failed", SCREEN_H5_INT, NULL},
      integer));
  for (PetscInt k = 0; k < t->nrow; k++) real[k] = t->result[k].box;
  PetscCall(write_column(
      t, &(point_column){"box", "m", "edge of the mean cubic cell", SCREEN_H5_REAL, NULL}, real));
  for (PetscInt k = 0; k < t->nrow; k++) real[k] = t->result[k].energy_drift;
  PetscCall(write_column(t,
                         &(point_column){"energy_drift", "W mol-1",
                                         "drift of the total energy in the NVE production",
                                         SCREEN_H5_REAL, NULL},
                         real));
  for (PetscInt k = 0; k < t->nrow; k++) real[k] = t->result[k].grade_max;
  PetscCall(write_column(t,
                         &(point_column){"grade_max", "1",
                                         "largest extrapolation grade in the productions",
                                         SCREEN_H5_REAL, NULL},
                         real));
  for (PetscInt k = 0; k < t->nrow; k++) real[k] = t->result[k].wall_seconds;
  PetscCall(write_column(
      t, &(point_column){"wall_seconds", "s", "wall time of all replicas", SCREEN_H5_REAL, NULL},
      real));
  PetscFunctionReturn(0);
}

/* CF's list of auxiliary coordinates, on the columns that are measured at a point. */
static PetscErrorCode write_coordinate_lists(const screen_store_table *t)
{
  static const char *const column[] = {
      "state",         "reason",       "mole_fraction", "composition_deviation",
      "formula_units", "atoms",        "replicas_done", "replicas_failed",
      "box",           "energy_drift", "grade_max",     "wall_seconds"};
  char list[SCREEN_H5_PATH_MAX] = "", path[SCREEN_STORE_NAME];

  PetscFunctionBegin;
  for (PetscInt a = 0; a < t->grid->naxis; a++) {
    PetscCall(PetscStrlcat(list, t->axis[a], sizeof(list)));
    PetscCall(PetscStrlcat(list, " ", sizeof(list)));
  }
  PetscCall(PetscStrlcat(list, "name", sizeof(list)));
  for (size_t i = 0; i < sizeof(column) / sizeof(column[0]); i++) {
    PetscCall(PetscSNPrintf(path, sizeof(path), "/point/%s", column[i]));
    PetscCall(screen_h5_attr_text(t->h5, path, "coordinates", list));
  }
  PetscFunctionReturn(0);
}

/* All columns; `real` and `integer` have room for the widest. */
static PetscErrorCode write_columns(const screen_store_table *t, PetscReal real[],
                                    PetscInt integer[])
{
  PetscFunctionBegin;
  PetscCall(write_text_column(t, "name", "the point in words", SCREEN_STORE_POINT_NAME, get_name));
  PetscCall(write_coordinates(t, real));
  PetscCall(write_states(t, integer));
  PetscCall(write_reasons(t, integer));
  PetscCall(write_text_column(t, "detail", "the reason in words", SCREEN_STORE_DETAIL, get_detail));
  PetscCall(write_composition(t, real, integer));
  PetscCall(write_account(t, real, integer));
  PetscCall(write_text_column(t, "key", "content hash of the point", 2 * QUEUE_KEY_SIZE, get_key));
  PetscCall(write_coordinate_lists(t));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_store_write_points(const screen_store_table *t)
{
  const PetscInt width = PetscMax(t->campaign->nspecies, t->campaign->ncomponent);
  PetscReal *real;
  PetscInt *integer;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(screen_h5_group(t->h5, "/point"));
  PetscCall(screen_h5_dimension(t->h5, "/point/point", t->grid->npoint));
  PetscCall(PetscMalloc2(t->nrow * width, &real, t->nrow * width, &integer));
  ierr = write_columns(t, real, integer);
  PetscCall(PetscFree2(real, integer));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}
