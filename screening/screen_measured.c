/* screening/screen_measured.c - CSV files of others' numbers; the format stands in the header */
#include "screening/screen_measured.h"

#include "md/md_units.h"
#include "screening/screen_basis.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_COLUMNS = 64 };

/* What may be compared, in which units ----------------------------------------------------- */

typedef struct {
  prop_id id;
  const char *unit;
  PetscReal scale; /* to SI */
} unit_entry;
static const unit_entry units[] = {{PROP_ID_DENSITY, "kg/m3", 1.0},
                                   {PROP_ID_DENSITY, "g/cm3", 1e3},
                                   {PROP_ID_THERMAL_EXPANSION, "1/K", 1.0},
                                   {PROP_ID_HEAT_CAPACITY, "J/(kg K)", 1.0},
                                   {PROP_ID_HEAT_CAPACITY, "J/(g K)", 1e3},
                                   {PROP_ID_HEAT_CAPACITY_ATOMS, "J/(mol K)", 1.0},
                                   {PROP_ID_HEAT_CAPACITY_FORMULA, "J/(mol K)", 1.0},
                                   {PROP_ID_SPEED_OF_SOUND, "m/s", 1.0},
                                   {PROP_ID_VISCOSITY, "Pa s", 1.0},
                                   {PROP_ID_VISCOSITY, "mPa s", 1e-3},
                                   {PROP_ID_VISCOSITY, "cP", 1e-3},
                                   {PROP_ID_DIFFUSION, "m2/s", 1.0},
                                   {PROP_ID_DIFFUSION, "cm2/s", 1e-4},
                                   {PROP_ID_DIFFUSION, "1e-9 m2/s", 1e-9},
                                   {PROP_ID_IONIC_CONDUCTIVITY, "S/m", 1.0},
                                   {PROP_ID_IONIC_CONDUCTIVITY, "S/cm", 1e2},
                                   {PROP_ID_IONIC_CONDUCTIVITY, "mS/cm", 0.1},
                                   {PROP_ID_THERMAL_CONDUCTIVITY, "W/(m K)", 1.0}};
enum { NUNIT = sizeof(units) / sizeof(units[0]) };

typedef struct {
  const char *name;
  PetscInt n; /* coefficients */
} form_entry;
static const form_entry forms[SCREEN_NFORM] = {[SCREEN_FORM_POINT] = {"point", 1},
                                               [SCREEN_FORM_LINEAR] = {"linear", 2},
                                               [SCREEN_FORM_QUADRATIC] = {"quadratic", 3},
                                               [SCREEN_FORM_CUBIC] = {"cubic", 4},
                                               [SCREEN_FORM_ARRHENIUS] = {"arrhenius", 2},
                                               [SCREEN_FORM_LOG10] = {"log10", 3},
                                               [SCREEN_FORM_HEAT] = {"heat", 4}};
static const char *const kinds[SCREEN_NKIND] = {"measured", "evaluated", "estimated"};

/* Columns that are no component. */
static const char *const reserved[] = {"property", "unit",       "T_K",    "value",   "T_min_K",
                                       "T_max_K",  "form",       "D1",     "D2",      "D3",
                                       "D4",       "u",          "kind",   "species", "source",
                                       "basis",    "confidence", "solute", "amount",  "solvents"};

/* CALiSol's columns and ours */
static const char *const calisol[][2] = {{"k", "value"},
                                         {"k_raw", "value"},
                                         {"T", "T_K"},
                                         {"doi", "source"},
                                         {"c", "amount"},
                                         {"salt", "solute"},
                                         {"c units", "basis"},
                                         {"c_units", "basis"},
                                         {"solvent ratio type", "solvents"},
                                         {"solvent_ratio_type", "solvents"}};

static const struct {
  const char *name;
  PetscReal whole;
  screen_part part;
  screen_amount amount;
} bases[] = {{"mole fraction", 1.0, SCREEN_OF_MOLES, SCREEN_AS_FRACTION},
             {"mole percent", 100.0, SCREEN_OF_MOLES, SCREEN_AS_FRACTION},
             {"mass fraction", 1.0, SCREEN_OF_MASS, SCREEN_AS_FRACTION},
             {"volume fraction", 1.0, SCREEN_OF_VOLUME, SCREEN_AS_FRACTION},
             {"molality", 1.0, SCREEN_OF_MASS, SCREEN_AS_MOLALITY},
             {"mol/kg", 1.0, SCREEN_OF_MASS, SCREEN_AS_MOLALITY},
             {"molarity", 1.0, SCREEN_OF_MASS, SCREEN_AS_MOLARITY},
             {"mol/l", 1.0, SCREEN_OF_MASS, SCREEN_AS_MOLARITY}};
static const char *const parts[][2] = {[SCREEN_OF_MOLES] = {"mole fraction", "n"},
                                       [SCREEN_OF_MASS] = {"mass fraction", "w"},
                                       [SCREEN_OF_VOLUME] = {"volume fraction", "v"}};

const char *screen_kind_name(screen_kind kind)
{
  return kinds[kind];
}

void screen_measured_units(prop_id id, size_t size, char text[])
{
  size_t at = 0;

  text[0] = 0;
  for (int i = 0; i < NUNIT && at < size; i++) {
    if (units[i].id == id)
      at += (size_t)snprintf(text + at, size - at, "%s%s", at ? ", " : "", units[i].unit);
  }
}

/* One file -------------------------------------------------------------------------------- */

typedef struct {
  const screen_measured_components *components;
  const char *path;
  PetscInt line, file;
  char *header;
  const char *title[MAX_COLUMNS]; /* of the columns, pointing into the header */
  const char *name[MAX_COLUMNS];  /* the same in our words */
  PetscInt ncolumn;
  char *common[MAX_COLUMNS]; /* "name = value" of the lines #:, owned, name cut off by a zero */
  char *common_value[MAX_COLUMNS];
  PetscInt ncommon;
  screen_measurements *all;
  mtp_diag *diag;
} reader;

/* Cuts blanks off both ends, in place. */
static char *trim(char *text)
{
  char *end;

  text += strspn(text, " \t");
  end = text + strlen(text);
  while (end > text && (end[-1] == ' ' || end[-1] == '\t')) end--;
  *end = 0;
  return text;
}

/* The next field, in place: up to a comma, or what is between quotes, "" standing for ". */
static char *next_field(char **rest)
{
  char *at = *rest, *out = at, *start = at;
  PetscBool quoted = (PetscBool)(*at == '"');

  if (quoted) at++;
  while (*at && (quoted || *at != ',')) {
    if (quoted && at[0] == '"' && at[1] != '"') {
      quoted = PETSC_FALSE;
      at++;
      continue;
    }
    if (quoted && at[0] == '"') at++;
    *out++ = *at++;
  }
  *rest = *at == ',' ? at + 1 : NULL;
  *out = 0;
  return trim(start);
}

static PetscInt split(char *text, char *field[])
{
  PetscInt n = 0;

  text[strcspn(text, "\r\n")] = 0;
  for (char *rest = text; rest && n < MAX_COLUMNS;) field[n++] = next_field(&rest);
  return n;
}

/* What a row says under a name, or all of the file; NULL: nothing. */
static const char *field_of(const reader *r, char *const field[], const char *name)
{
  for (PetscInt i = 0; i < r->ncolumn; i++) {
    if (!strcmp(r->name[i], name)) return field[i];
  }
  for (PetscInt i = 0; i < r->ncommon; i++) {
    if (!strcmp(r->common[i], name)) return r->common_value[i];
  }
  return NULL;
}

static PetscErrorCode complain(const reader *r, const char *column, const char *got,
                               const char *wanted, PetscBool *ok)
{
  PetscFunctionBegin;
  *ok = PETSC_FALSE;
  for (PetscInt i = 0; i < r->ncolumn; i++) {
    if (strcmp(r->name[i], column)) continue;
    column = r->title[i];
    break;
  }
  PetscCall(mtp_diag_add(r->diag, r->path, r->line, 0, "column %s: got '%.60s', wanted %s", column,
                         got ? got : "no such column", wanted));
  PetscFunctionReturn(0);
}

static PetscErrorCode number(const reader *r, char *const field[], const char *name,
                             PetscReal *value, PetscBool *ok)
{
  const char *text = field_of(r, field, name);
  char *end = NULL;

  PetscFunctionBegin;
  *value = text ? strtod(text, &end) : 0.0;
  if (!text || end == text || *end || !(PetscAbsReal(*value) < 1e30))
    PetscCall(complain(r, name, text, "a number", ok));
  PetscFunctionReturn(0);
}

/* Parts of a row --------------------------------------------------------------------------- */

static PetscErrorCode read_property(const reader *r, char *const field[], screen_measurement *m,
                                    PetscBool *ok)
{
  const char *name = field_of(r, field, "property"), *unit = field_of(r, field, "unit");
  const char *species = field_of(r, field, "species");
  char wanted[256] = "";
  PetscBool known = PETSC_FALSE, found = PETSC_FALSE;

  PetscFunctionBegin;
  for (int i = 0; i < NUNIT; i++) {
    const char *each = prop_get((PetscInt)units[i].id)->name;

    if (!strstr(wanted, each))
      PetscCall(PetscSNPrintf(wanted + strlen(wanted), sizeof(wanted) - strlen(wanted), "%s%s",
                              wanted[0] ? ", " : "", each));
    if (!name || strcmp(name, each)) continue;
    known = PETSC_TRUE;
    m->id = units[i].id;
    if (!unit || strcmp(unit, units[i].unit)) continue;
    found = PETSC_TRUE;
    m->scale = units[i].scale;
  }
  if (!known) PetscCall(complain(r, "property", name, wanted, ok));
  if (known) screen_measured_units(m->id, sizeof(wanted), wanted);
  if (known && !found) PetscCall(complain(r, "unit", unit, wanted, ok));
  if (known && m->id == PROP_ID_DIFFUSION && (!species || !species[0]))
    PetscCall(complain(r, "species", species, "the element that diffuses", ok));
  if (species) PetscCall(PetscStrncpy(m->species, species, sizeof(m->species)));
  PetscFunctionReturn(0);
}

static PetscErrorCode read_form(const reader *r, char *const field[], screen_measurement *m,
                                PetscBool *ok)
{
  static const char *const name[] = {"D1", "D2", "D3", "D4"};
  const char *form = field_of(r, field, "form");

  PetscFunctionBegin;
  if (!form && field_of(r, field, "T_K")) {
    PetscCall(number(r, field, "T_K", &m->t_min, ok));
    PetscCall(number(r, field, "value", &m->c[0], ok));
    m->t_max = m->t_min;
    PetscFunctionReturn(0);
  }
  for (PetscInt k = SCREEN_FORM_LINEAR; k < SCREEN_NFORM; k++) {
    if (form && !strcmp(form, forms[k].name)) m->form = (screen_form)k;
  }
  if (m->form == SCREEN_FORM_POINT)
    PetscCall(complain(r, "form", form, "linear, quadratic, cubic, arrhenius, log10 or heat", ok));
  PetscCall(number(r, field, "T_min_K", &m->t_min, ok));
  PetscCall(number(r, field, "T_max_K", &m->t_max, ok));
  for (PetscInt k = 0; k < PetscMax(forms[m->form].n, 2); k++)
    PetscCall(number(r, field, name[k], &m->c[k], ok));
  if (*ok && !(m->t_min > 0.0 && m->t_max >= m->t_min))
    PetscCall(complain(r, "T_max_K", field_of(r, field, "T_max_K"),
                       "a temperature not below T_min_K", ok));
  PetscFunctionReturn(0);
}

/* "1 %", "0.02"; what it is stands in `confidence`. */
static PetscErrorCode read_uncertainty(const reader *r, char *const field[], screen_measurement *m,
                                       PetscBool *ok)
{
  const char *text = field_of(r, field, "u"), *level = field_of(r, field, "confidence");
  char *end = NULL;
  PetscReal factor = 1.0;

  PetscFunctionBegin;
  m->u = PROP_NAN;
  if (level && !strcmp(level, "95 %")) factor = 1.96;
  if (level && !strcmp(level, "k=2")) factor = 2.0;
  if (level && level[0] && factor == 1.0 && strcmp(level, "standard"))
    PetscCall(complain(r, "confidence", level, "standard, 95 % or k=2", ok));
  if (!text || !text[0]) PetscFunctionReturn(0);
  m->u = strtod(text, &end);
  m->relative = (PetscBool)(end > text && strcmp(end + strspn(end, " "), "%") == 0);
  if (end == text || (*end && !m->relative) || !(m->u > 0.0) || !(m->u < 1e30))
    PetscCall(complain(r, "u", text, "a positive number, or one in %", ok));
  m->u *= (m->relative ? 0.01 : m->scale) / factor;
  PetscFunctionReturn(0);
}

static PetscErrorCode read_kind(const reader *r, char *const field[], screen_measurement *m,
                                PetscBool *ok)
{
  const char *text = field_of(r, field, "kind");
  PetscBool known = (PetscBool)(!text || !text[0]);

  PetscFunctionBegin;
  for (PetscInt k = 0; text && k < SCREEN_NKIND; k++) {
    if (strcmp(text, kinds[k])) continue;
    m->kind = (screen_kind)k;
    known = PETSC_TRUE;
  }
  if (!known) PetscCall(complain(r, "kind", text, "measured, evaluated or estimated", ok));
  PetscFunctionReturn(0);
}

/* Composition ------------------------------------------------------------------------------ */

static PetscBool is_component(const char *column)
{
  for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
    if (!strcmp(column, reserved[i])) return PETSC_FALSE;
  }
  return (PetscBool)(column[0] && strncmp(column, "density ", 8) != 0);
}

static PetscInt index_of(const reader *r, const char *name)
{
  for (PetscInt k = 0; k < r->components->n; k++) {
    if (!strcmp(r->components->name[k], name)) return k;
  }
  return -1;
}

/* Fractions as they stand; have[k]: there is a column.  *sum: of all columns. */
static PetscErrorCode read_fractions(const reader *r, char *const field[], PetscReal x[],
                                     PetscBool have[], PetscReal *sum, screen_measurement *m,
                                     PetscBool *ok)
{
  PetscFunctionBegin;
  *sum = 0.0;
  for (PetscInt i = 0; i < r->ncolumn; i++) {
    const PetscInt k = is_component(r->name[i]) ? index_of(r, r->name[i]) : -2;
    PetscReal value = 0.0;

    if (k == -2) continue;
    PetscCall(number(r, field, r->name[i], &value, ok));
    if (value < 0.0) PetscCall(complain(r, r->name[i], field[i], "a fraction from 0 on", ok));
    *sum += value;
    if (k >= 0) {
      x[k] = value;
      have[k] = PETSC_TRUE;
    } else if (value > 0.0) {
      PetscCall(PetscStrncpy(m->foreign, r->name[i], sizeof(m->foreign)));
    }
  }
  PetscFunctionReturn(0);
}

/* The components without a column: 0 where the others are all there is, else one takes the rest. */
static PetscErrorCode take_rest(const reader *r, PetscReal whole, PetscReal x[],
                                const PetscBool have[], PetscReal sum, PetscBool *ok)
{
  PetscInt rest = -1;

  PetscFunctionBegin;
  if (fabs(sum - whole) <= 1e-4 * whole) PetscFunctionReturn(0);
  for (PetscInt k = 0; k < r->components->n; k++) {
    if (have[k]) continue;
    if (rest >= 0) {
      *ok = PETSC_FALSE;
      PetscCall(mtp_diag_add(r->diag, r->path, r->line, 0,
                             "no columns for both %s and %s, wanted all components but one",
                             r->components->name[rest], r->components->name[k]));
      PetscFunctionReturn(0);
    }
    rest = k;
  }
  if (rest < 0 || sum > whole) {
    *ok = PETSC_FALSE;
    PetscCall(mtp_diag_add(r->diag, r->path, r->line, 0, "got fractions that sum to %g, wanted %g",
                           sum, whole));
  } else {
    x[rest] = whole - sum;
  }
  PetscFunctionReturn(0);
}

/* The solute of a row and how much; its column, if any, is no longer one of the fractions. */
static PetscErrorCode read_solute(const reader *r, char *const field[], PetscBool have[],
                                  PetscReal *sum, screen_measurement *m, PetscBool *ok)
{
  const char *name = field_of(r, field, "solute");
  PetscInt n = 0;

  PetscFunctionBegin;
  m->solute = name ? index_of(r, name) : -1;
  for (PetscInt k = 0; !name && k < r->components->n; k++) {
    if (have[k]) continue;
    m->solute = k;
    n++;
  }
  if (name ? !name[0] : n != 1) {
    PetscCall(complain(r, "solute", name, "the component that the concentration counts", ok));
  } else if (m->solute < 0) {
    PetscCall(PetscStrncpy(m->foreign, name, sizeof(m->foreign)));
  } else if (field_of(r, field, "amount")) {
    PetscCall(number(r, field, "amount", &m->concentration, ok));
    if (m->concentration < 0.0)
      PetscCall(complain(r, "amount", field_of(r, field, "amount"), "an amount from 0 on", ok));
  } else if (have[m->solute]) {
    m->concentration = m->mole[m->solute];
    *sum -= m->concentration;
  } else {
    PetscCall(complain(r, "amount", NULL, "a number", ok));
  }
  if (m->amount == SCREEN_AS_MOLARITY) m->concentration *= 1e3; /* mol/m3 */
  if (m->solute >= 0) {
    m->mole[m->solute] = 0.0;
    have[m->solute] = PETSC_TRUE;
  }
  PetscFunctionReturn(0);
}

/* Volume fractions to mass fractions where the file has the densities of all that is there. */
static PetscErrorCode use_densities(const reader *r, char *const field[], screen_measurement *m,
                                    PetscBool *ok)
{
  PetscReal pure[MAX_COLUMNS] = {0.0};
  char name[64];

  PetscFunctionBegin;
  for (PetscInt k = 0; k < r->components->n; k++) {
    snprintf(name, sizeof(name), "density %.50s", r->components->name[k]);
    if (m->mole[k] == 0.0) continue;
    if (!field_of(r, field, name)) PetscFunctionReturn(0);
    PetscCall(number(r, field, name, &pure[k], ok));
    if (*ok && pure[k] <= 0.0)
      PetscCall(complain(r, name, field_of(r, field, name), "a density in kg/m3", ok));
  }
  for (PetscInt k = 0; k < r->components->n; k++) {
    if (m->mole[k] != 0.0) m->mole[k] *= pure[k];
  }
  m->part = SCREEN_OF_MASS;
  PetscFunctionReturn(0);
}

/* Fractions to mole fractions, or to wait for our densities. */
static PetscErrorCode to_moles(const reader *r, char *const field[], screen_measurement *m,
                               PetscBool *ok)
{
  const screen_measured_components *c = r->components;

  PetscFunctionBegin;
  if (m->part == SCREEN_OF_VOLUME) PetscCall(use_densities(r, field, m, ok));
  for (PetscInt k = 0; k < c->n && *ok; k++) {
    const PetscBool there = (PetscBool)(m->mole[k] != 0.0 || (m->amount && k == m->solute));

    if (there && (!c->molar_mass || !(c->molar_mass[k] > 0.0)))
      PetscCall(complain(r, "basis", field_of(r, field, "basis"),
                         "mole fraction: the molar masses of the components are not known", ok));
  }
  m->pending = (PetscBool)(m->part == SCREEN_OF_VOLUME || m->amount == SCREEN_AS_MOLARITY);
  if (*ok && m->amount == SCREEN_AS_MOLARITY && m->form != SCREEN_FORM_POINT)
    PetscCall(complain(r, "basis", "molarity",
                       "points (T_K, value): at one molarity the composition changes with "
                       "temperature",
                       ok));
  if (*ok && !m->pending) (void)screen_basis_convert(c, m, NULL, PROP_NAN, m->mole);
  PetscFunctionReturn(0);
}

static PetscErrorCode read_basis(const reader *r, char *const field[], screen_measurement *m,
                                 PetscReal *whole, PetscBool *ok)
{
  const char *basis = field_of(r, field, "basis"), *solvents = field_of(r, field, "solvents");
  PetscBool known = PETSC_FALSE;

  PetscFunctionBegin;
  *whole = 1.0;
  if (!basis || !basis[0]) PetscFunctionReturn(0);
  for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
    if (strcmp(basis, bases[i].name)) continue;
    *whole = bases[i].whole;
    m->part = bases[i].part;
    m->amount = bases[i].amount;
    known = PETSC_TRUE;
  }
  if (!known)
    PetscCall(complain(r, "basis", basis,
                       "mole fraction, mole percent, mass fraction, volume fraction, molality or "
                       "molarity",
                       ok));
  if (!m->amount || !solvents || !solvents[0]) PetscFunctionReturn(0);
  known = PETSC_FALSE;
  for (int i = SCREEN_OF_MOLES; i <= SCREEN_OF_VOLUME; i++) {
    if (strcmp(solvents, parts[i][0]) && strcmp(solvents, parts[i][1])) continue;
    m->part = (screen_part)i;
    known = PETSC_TRUE;
  }
  if (!known)
    PetscCall(
        complain(r, "solvents", solvents, "mass fraction, mole fraction or volume fraction", ok));
  PetscFunctionReturn(0);
}

static PetscErrorCode read_composition(const reader *r, char *const field[], screen_measurement *m,
                                       PetscBool *ok)
{
  PetscBool have[MAX_COLUMNS] = {PETSC_FALSE}, good = PETSC_TRUE;
  PetscReal sum = 0.0, whole = 1.0;

  PetscFunctionBegin;
  PetscCall(read_basis(r, field, m, &whole, &good));
  PetscCall(read_fractions(r, field, m->mole, have, &sum, m, &good));
  if (good && m->amount) PetscCall(read_solute(r, field, have, &sum, m, &good));
  if (!good) *ok = PETSC_FALSE;
  if (!good || m->foreign[0]) PetscFunctionReturn(0);
  PetscCall(take_rest(r, whole, m->mole, have, sum, &good));
  if (!good) *ok = PETSC_FALSE;
  for (PetscInt k = 0; k < r->components->n; k++) m->mole[k] /= whole;
  if (good && (m->part != SCREEN_OF_MOLES || m->amount)) PetscCall(to_moles(r, field, m, ok));
  PetscFunctionReturn(0);
}

/* Rows ------------------------------------------------------------------------------------- */

static PetscErrorCode find_text(const char *text, PetscInt *n, char ***list, PetscInt *at)
{
  PetscFunctionBegin;
  for (*at = 0; *at < *n; (*at)++) {
    if (!strcmp((*list)[*at], text)) PetscFunctionReturn(0);
  }
  PetscCall(PetscRealloc(sizeof(char *) * (size_t)(*n + 1), list));
  PetscCall(PetscStrallocpy(text, &(*list)[*n]));
  (*n)++;
  PetscFunctionReturn(0);
}

static PetscErrorCode keep_row(const reader *r, char *const field[], screen_measurement *m)
{
  const char *source = field_of(r, field, "source"), *slash = strrchr(r->path, '/');
  screen_measurements *all = r->all;

  PetscFunctionBegin;
  if (!source || !source[0]) source = slash ? slash + 1 : r->path;
  PetscCall(find_text(source, &all->nsource, &all->source, &m->source));
  PetscCall(PetscRealloc(sizeof(*m) * (size_t)(all->n + 1), &all->row));
  all->row[all->n++] = *m;
  PetscFunctionReturn(0);
}

static PetscErrorCode read_row(const reader *r, char *const field[])
{
  screen_measurement m = {.scale = 1.0, .file = r->file, .line = r->line};
  PetscBool ok = PETSC_TRUE;

  PetscFunctionBegin;
  PetscCall(PetscCalloc1(r->components->n, &m.mole));
  PetscCall(read_property(r, field, &m, &ok));
  PetscCall(read_form(r, field, &m, &ok));
  PetscCall(read_uncertainty(r, field, &m, &ok));
  PetscCall(read_kind(r, field, &m, &ok));
  PetscCall(read_composition(r, field, &m, &ok));
  if (ok)
    PetscCall(keep_row(r, field, &m));
  else
    PetscCall(PetscFree(m.mole));
  PetscFunctionReturn(0);
}

/* "#: name = value" */
static PetscErrorCode read_common(reader *r, char *text)
{
  char *equals, *copy;

  PetscFunctionBegin;
  text[strcspn(text, "\r\n")] = 0;
  equals = strchr(text, '=');
  if (!equals || r->ncommon == MAX_COLUMNS) {
    PetscCall(mtp_diag_add(r->diag, r->path, r->line, 0,
                           "got '%.60s', wanted a line such as #: source = Janz 1992", text));
    PetscFunctionReturn(0);
  }
  PetscCall(PetscStrallocpy(text + 2, &copy));
  equals = strchr(copy, '=');
  *equals = 0;
  r->common[r->ncommon] = copy;
  r->common_value[r->ncommon] = trim(equals + 1);
  memmove(copy, trim(copy), strlen(trim(copy)) + 1);
  if (is_component(copy))
    PetscCall(mtp_diag_add(r->diag, r->path, r->line, 0,
                           "got '%.60s', wanted unit, u, confidence, kind, basis, species, source, "
                           "property or another column",
                           copy));
  r->ncommon++;
  PetscFunctionReturn(0);
}

/* Names of columns; CALiSol's in our words. */
static PetscErrorCode read_header(reader *r, char *text)
{
  char property[] = "#: property = ionic_conductivity", unit[] = "#: unit = mS/cm";
  char *field[MAX_COLUMNS];
  PetscBool doi = PETSC_FALSE, concentration = PETSC_FALSE;

  PetscFunctionBegin;
  r->header = text;
  r->ncolumn = split(text, field);
  for (PetscInt i = 0; i < r->ncolumn; i++) {
    r->name[i] = r->title[i] = field[i];
    doi = (PetscBool)(doi || !strcmp(field[i], "doi"));
    concentration = (PetscBool)(concentration || !strcmp(field[i], "c"));
  }
  if (!doi || !concentration) PetscFunctionReturn(0);
  for (PetscInt i = 0; i < r->ncolumn; i++) {
    for (size_t j = 0; j < sizeof(calisol) / sizeof(calisol[0]); j++) {
      if (!strcmp(r->title[i], calisol[j][0])) r->name[i] = calisol[j][1];
    }
  }
  PetscCall(read_common(r, property));
  PetscCall(read_common(r, unit));
  PetscFunctionReturn(0);
}

/* Takes a line; `*text` is taken over where it is the header. */
static PetscErrorCode read_line(reader *r, char **text, size_t *capacity)
{
  char *field[MAX_COLUMNS];
  PetscInt n;

  PetscFunctionBegin;
  if (!strncmp(*text, "#:", 2)) {
    PetscCall(read_common(r, *text));
  } else if (**text == '#' || **text == '\n' || **text == '\r') {
    PetscFunctionReturn(0);
  } else if (!r->header) {
    PetscCall(read_header(r, *text));
    *text = NULL;
    *capacity = 0;
  } else {
    n = split(*text, field);
    if (n != r->ncolumn)
      PetscCall(mtp_diag_add(r->diag, r->path, r->line, 0,
                             "got %d fields, wanted %d as in the header", (int)n, (int)r->ncolumn));
    else
      PetscCall(read_row(r, field));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_measured_parse(const screen_measured_components *components, const char *name,
                                     FILE *in, screen_measurements *all, mtp_diag *diag)
{
  reader r = {.components = components, .path = name, .all = all, .diag = diag};
  char *text = NULL;
  size_t capacity = 0;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  ierr = find_text(name, &all->nfile, &all->file, &r.file);
  if (components->n > MAX_COLUMNS) ierr = PETSC_ERR_ARG_OUTOFRANGE;
  while (!ierr && getline(&text, &capacity, in) >= 0) {
    r.line++;
    ierr = read_line(&r, &text, &capacity);
  }
  if (!ierr && !r.header)
    ierr = mtp_diag_add(diag, name, 0, 0, "has no header, wanted property,unit,...,form,D1,D2");
  for (PetscInt i = 0; i < r.ncommon; i++) PetscCall(PetscFree(r.common[i]));
  free(text);
  free(r.header);
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_measured_read(const screen_measured_components *components, const char *path,
                                    screen_measurements *all, mtp_diag *diag)
{
  FILE *in = fopen(path, "re");
  PetscErrorCode ierr;

  PetscFunctionBegin;
  if (!in) {
    PetscCall(mtp_diag_add(diag, path, 0, 0, "cannot be read: %s", strerror(errno)));
    PetscFunctionReturn(0);
  }
  ierr = screen_measured_parse(components, path, in, all, diag);
  fclose(in);
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_measured_clear(screen_measurements *all)
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < all->n; i++) {
    PetscCall(PetscFree(all->row[i].mole));
    PetscCall(PetscFree(all->row[i].u_mole));
  }
  for (PetscInt i = 0; i < all->nsource; i++) PetscCall(PetscFree(all->source[i]));
  for (PetscInt i = 0; i < all->nfile; i++) PetscCall(PetscFree(all->file[i]));
  PetscCall(PetscFree(all->row));
  PetscCall(PetscFree(all->source));
  PetscCall(PetscFree(all->file));
  *all = (screen_measurements){0};
  PetscFunctionReturn(0);
}

/* Use -------------------------------------------------------------------------------------- */

PetscReal screen_measured_at(const screen_measurement *m, PetscReal t, PetscReal *u)
{
  const PetscReal *c = m->c;
  PetscReal value = c[0];

  switch (m->form) {
  case SCREEN_FORM_POINT:
  case SCREEN_NFORM:
    break;
  case SCREEN_FORM_LINEAR:
  case SCREEN_FORM_QUADRATIC:
  case SCREEN_FORM_CUBIC:
    value = c[0] + t * (c[1] + t * (c[2] + t * c[3]));
    break;
  case SCREEN_FORM_ARRHENIUS:
    value = c[0] * exp(c[1] / (MD_GAS_CONSTANT * t));
    break;
  case SCREEN_FORM_LOG10:
    value = pow(10.0, c[0] + c[1] / t + c[2] / (t * t));
    break;
  case SCREEN_FORM_HEAT:
    value = c[0] + c[1] * t + c[2] / (t * t) + c[3] * t * t;
    break;
  }
  value *= m->scale;
  if (u) *u = m->relative ? m->u * fabs(value) : m->u;
  return value;
}

PetscBool screen_measured_same(const screen_measurement *m, PetscInt ncomponent,
                               const PetscReal mole[])
{
  if (m->foreign[0] || m->pending) return PETSC_FALSE;
  for (PetscInt k = 0; k < ncomponent; k++) {
    if (PetscAbsReal(m->mole[k] - mole[k]) > SCREEN_MEASURED_DX) return PETSC_FALSE;
  }
  return PETSC_TRUE;
}

PetscBool screen_measured_fits(const screen_measurement *m, PetscInt ncomponent,
                               const PetscReal mole[], PetscReal t)
{
  const PetscReal dt = m->form == SCREEN_FORM_POINT ? SCREEN_MEASURED_DT : 1e-9;

  if (t < m->t_min - dt || t > m->t_max + dt) return PETSC_FALSE;
  return screen_measured_same(m, ncomponent, mole);
}

const screen_measurement *screen_measured_find(const screen_measurements *all, prop_id id,
                                               PetscInt ncomponent, const PetscReal mole[],
                                               PetscReal t)
{
  for (PetscInt i = 0; i < all->n; i++) {
    if (all->row[i].id == id && screen_measured_fits(&all->row[i], ncomponent, mole, t))
      return &all->row[i];
  }
  return NULL;
}
