/* screening/screen_units.c - the table of units and the one parser of numbers in a campaign file
 *
 * Numbers are checked by a grammar of our own before strtod sees them, so that what strtod accepts
 * beside decimal numbers (inf, nan, 0x10, 1.) never enters a campaign by accident.
 */
#include "screening/screen_units.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "md/md_units.h"
#include "screening/screen_notes.h"

typedef struct {
  const char *name;
  screen_dimension dimension;
  int exponent;     /* power of ten to the base unit of the dimension */
  PetscReal factor; /* what is left after the power of ten: 1, but for the atmosphere */
  PetscBool shown;  /* named in messages and documents; others are spellings of the same */
} unit;

static const PetscReal ATMOSPHERE = 101325.0; /* [Pa] exact, 10th CGPM (1954), resolution 4 */

#define SHOWN PETSC_TRUE
#define ALSO  PETSC_FALSE
static const unit units[] = {
    {"", SCREEN_DIM_FRACTION, 0, 1.0, ALSO},
    {"%", SCREEN_DIM_FRACTION, -2, 1.0, SHOWN},
    {"", SCREEN_DIM_CHARGE, 0, 1.0, ALSO},
    {"e", SCREEN_DIM_CHARGE, 0, 1.0, SHOWN},
    {"", SCREEN_DIM_NUMBER, 0, 1.0, ALSO},
    {"fs", SCREEN_DIM_TIME, 0, 1.0, SHOWN},
    {"ps", SCREEN_DIM_TIME, 3, 1.0, SHOWN},
    {"ns", SCREEN_DIM_TIME, 6, 1.0, SHOWN},
    {"us", SCREEN_DIM_TIME, 9, 1.0, SHOWN},
    {"\xC2\xB5s", SCREEN_DIM_TIME, 9, 1.0, ALSO}, /* micro sign */
    {"\xCE\xBCs", SCREEN_DIM_TIME, 9, 1.0, ALSO}, /* Greek mu */
    {"s", SCREEN_DIM_TIME, 15, 1.0, SHOWN},
    {"K", SCREEN_DIM_TEMPERATURE, 0, 1.0, SHOWN},
    {"A", SCREEN_DIM_LENGTH, 0, 1.0, SHOWN},
    {"\xC3\x85", SCREEN_DIM_LENGTH, 0, 1.0, SHOWN},    /* A with ring */
    {"\xE2\x84\xAB", SCREEN_DIM_LENGTH, 0, 1.0, ALSO}, /* angstrom sign */
    {"A\xCC\x8A", SCREEN_DIM_LENGTH, 0, 1.0, ALSO},    /* A and combining ring */
    {"angstrom", SCREEN_DIM_LENGTH, 0, 1.0, ALSO},
    {"pm", SCREEN_DIM_LENGTH, -2, 1.0, SHOWN},
    {"nm", SCREEN_DIM_LENGTH, 1, 1.0, SHOWN},
    {"m", SCREEN_DIM_LENGTH, 10, 1.0, SHOWN},
    {"Pa", SCREEN_DIM_PRESSURE, 0, 1.0, SHOWN},
    {"kPa", SCREEN_DIM_PRESSURE, 3, 1.0, SHOWN},
    {"MPa", SCREEN_DIM_PRESSURE, 6, 1.0, SHOWN},
    {"GPa", SCREEN_DIM_PRESSURE, 9, 1.0, SHOWN},
    {"bar", SCREEN_DIM_PRESSURE, 5, 1.0, SHOWN},
    {"kbar", SCREEN_DIM_PRESSURE, 8, 1.0, ALSO},
    {"atm", SCREEN_DIM_PRESSURE, 0, ATMOSPHERE, SHOWN},
    {"kg/m3", SCREEN_DIM_DENSITY, 0, 1.0, SHOWN},
    {"kg/m^3", SCREEN_DIM_DENSITY, 0, 1.0, ALSO},
    {"kg/m\xC2\xB3", SCREEN_DIM_DENSITY, 0, 1.0, ALSO},
    {"g/cm3", SCREEN_DIM_DENSITY, 3, 1.0, SHOWN},
    {"g/cm^3", SCREEN_DIM_DENSITY, 3, 1.0, ALSO},
    {"g/cm\xC2\xB3", SCREEN_DIM_DENSITY, 3, 1.0, ALSO},
    {"1/Pa", SCREEN_DIM_COMPRESSIBILITY, 0, 1.0, SHOWN},
    {"/Pa", SCREEN_DIM_COMPRESSIBILITY, 0, 1.0, ALSO},
    {"Pa^-1", SCREEN_DIM_COMPRESSIBILITY, 0, 1.0, ALSO},
    {"1/MPa", SCREEN_DIM_COMPRESSIBILITY, -6, 1.0, SHOWN},
    {"1/GPa", SCREEN_DIM_COMPRESSIBILITY, -9, 1.0, SHOWN},
    {"GPa^-1", SCREEN_DIM_COMPRESSIBILITY, -9, 1.0, ALSO},
    {"1/bar", SCREEN_DIM_COMPRESSIBILITY, -5, 1.0, SHOWN},
    {"1/atm", SCREEN_DIM_COMPRESSIBILITY, 0, 1.0 / ATMOSPHERE, ALSO},
    {"eV", SCREEN_DIM_ENERGY, 0, 1.0, SHOWN},
    {"meV", SCREEN_DIM_ENERGY, -3, 1.0, SHOWN},
    {"K", SCREEN_DIM_ENERGY, 0, MD_BOLTZMANN, SHOWN},
    {"kJ/mol", SCREEN_DIM_ENERGY, 3, 1.0 / (MD_AVOGADRO * MD_ELEMENTARY_CHARGE_C), SHOWN},
    {"eV A^6", SCREEN_DIM_C6, 0, 1.0, SHOWN},
    {"eV A6", SCREEN_DIM_C6, 0, 1.0, ALSO},
    {"eV \xC3\x85^6", SCREEN_DIM_C6, 0, 1.0, ALSO},
    {"eV A^8", SCREEN_DIM_C8, 0, 1.0, SHOWN},
    {"eV A8", SCREEN_DIM_C8, 0, 1.0, ALSO},
    {"eV \xC3\x85^8", SCREEN_DIM_C8, 0, 1.0, ALSO},
    {"", SCREEN_DIM_MASS, 0, 1.0, ALSO},
    {"u", SCREEN_DIM_MASS, 0, 1.0, SHOWN},
    {"Da", SCREEN_DIM_MASS, 0, 1.0, ALSO},
    {"mol/L", SCREEN_DIM_MOLARITY, 0, 1.0, SHOWN},
    {"mol/l", SCREEN_DIM_MOLARITY, 0, 1.0, ALSO},
    {"mol/dm3", SCREEN_DIM_MOLARITY, 0, 1.0, ALSO},
    {"mol/m3", SCREEN_DIM_MOLARITY, -3, 1.0, SHOWN},
    {"mmol/L", SCREEN_DIM_MOLARITY, -3, 1.0, ALSO},
    {"mol/kg", SCREEN_DIM_MOLALITY, 0, 1.0, SHOWN},
    {"mmol/kg", SCREEN_DIM_MOLALITY, -3, 1.0, ALSO},
    {"units", SCREEN_DIM_UNITS, 0, 1.0, SHOWN},
    {"unit", SCREEN_DIM_UNITS, 0, 1.0, ALSO},
    {"molecules", SCREEN_DIM_UNITS, 0, 1.0, ALSO},
    {"eV/A", SCREEN_DIM_FORCE, 0, 1.0, SHOWN},
    {"eV/\xC3\x85", SCREEN_DIM_FORCE, 0, 1.0, SHOWN},
    {"1/A", SCREEN_DIM_WAVE, 0, 1.0, SHOWN},
    {"1/\xC3\x85", SCREEN_DIM_WAVE, 0, 1.0, SHOWN},
    {"1/nm", SCREEN_DIM_WAVE, -1, 1.0, SHOWN},
    {"s", SCREEN_DIM_WALLTIME, 0, 1.0, SHOWN},
    {"min", SCREEN_DIM_WALLTIME, 0, 60.0, SHOWN},
    {"h", SCREEN_DIM_WALLTIME, 0, 3600.0, SHOWN},
    {"d", SCREEN_DIM_WALLTIME, 0, 86400.0, SHOWN},
};
enum { NUNIT = sizeof(units) / sizeof(units[0]), SHOWN_MAX = 48, DIGITS_MAX = 64 };

static const struct {
  const char *name, *example;
  PetscReal times, over; /* base unit to internal unit: multiply, then divide */
} dimensions[SCREEN_NDIM] = {
    [SCREEN_DIM_FRACTION] = {"fraction", "0.25", 1.0, 1.0},
    [SCREEN_DIM_CHARGE] = {"charge", "+1", 1.0, 1.0},
    [SCREEN_DIM_NUMBER] = {"number", "11", 1.0, 1.0},
    [SCREEN_DIM_TIME] = {"time", "1 ps", 1.0, 1.0},
    [SCREEN_DIM_TEMPERATURE] = {"temperature", "900 K", 1.0, 1.0},
    [SCREEN_DIM_LENGTH] = {"length", "10 A", 1.0, 1.0},
    [SCREEN_DIM_PRESSURE] = {"pressure", "0 bar", 1.0, MD_PRESSURE_PA},
    [SCREEN_DIM_DENSITY] = {"density", "1.7 g/cm3", MD_ATOMIC_MASS, MD_DENSITY_SI},
    [SCREEN_DIM_COMPRESSIBILITY] = {"compressibility", "2e-10 1/Pa", MD_PRESSURE_PA, 1.0},
    [SCREEN_DIM_ENERGY] = {"energy", "0.01 eV", 1.0, 1.0},
    [SCREEN_DIM_C6] = {"C6-coefficient", "7 eV A^6", 1.0, 1.0},
    [SCREEN_DIM_C8] = {"C8-coefficient", "9 eV A^8", 1.0, 1.0},
    [SCREEN_DIM_MASS] = {"mass", "2.014", 1.0, 1.0},
    [SCREEN_DIM_MOLARITY] = {"molarity", "1 mol/L", 1.0, 1.0},
    [SCREEN_DIM_MOLALITY] = {"molality", "1 mol/kg", 1.0, 1.0},
    [SCREEN_DIM_UNITS] = {"count", "8 units", 1.0, 1.0},
    [SCREEN_DIM_FORCE] = {"force", "50 eV/A", 1.0, 1.0},
    [SCREEN_DIM_WAVE] = {"wave number", "8 1/A", 1.0, 1.0},
    [SCREEN_DIM_WALLTIME] = {"walltime", "12 h", 1.0, 1.0},
};

const char *screen_dimension_name(screen_dimension dimension)
{
  return dimensions[dimension].name;
}

const char *screen_dimension_example(screen_dimension dimension)
{
  return dimensions[dimension].example;
}

char *screen_dimension_units(screen_dimension dimension, const char *separator, size_t size,
                             char out[])
{
  size_t used = 0;

  out[0] = '\0';
  for (size_t k = 0; k < NUNIT; k++) {
    if (units[k].dimension != dimension || !units[k].shown) continue;
    if (used < size) {
      used +=
          (size_t)snprintf(out + used, size - used, "%s%s", used ? separator : "", units[k].name);
    }
  }
  return out;
}

const char *screen_dimension_spelling(screen_dimension dimension, PetscInt k)
{
  for (size_t i = 0; i < NUNIT; i++) {
    if (units[i].dimension == dimension && k-- == 0) return units[i].name;
  }
  return NULL;
}

static const unit *find_unit(const char *name, screen_dimension dimension)
{
  for (size_t k = 0; k < NUNIT; k++) {
    if (units[k].dimension == dimension && !strcmp(units[k].name, name)) return &units[k];
  }
  return NULL;
}

char *screen_dimension_describe(screen_dimension dimension, size_t size, char out[])
{
  char names[128];
  const PetscBool bare = (PetscBool)(find_unit("", dimension) != NULL);

  screen_dimension_units(dimension, ", ", sizeof(names), names);
  snprintf(out, size, "%s %s %s%s, such as %s",
           strchr("aeiou", dimensions[dimension].name[0]) ? "an" : "a", dimensions[dimension].name,
           !names[0] ? "without a unit" : (bare ? "alone or in " : "in "), names,
           dimensions[dimension].example);
  return out;
}

/* The dimension that has this unit, or SCREEN_NDIM. */
static screen_dimension find_dimension(const char *name)
{
  for (size_t k = 0; k < NUNIT; k++) {
    if (name[0] && !strcmp(units[k].name, name)) return units[k].dimension;
  }
  return SCREEN_NDIM;
}

static const char *skip_digits(const char *s)
{
  while (isdigit((unsigned char)*s)) s++;
  return s;
}

static const char *skip_blanks(const char *s)
{
  while (*s == ' ' || *s == '\t') s++;
  return s;
}

/* A decimal number at the start of `s`: [+-] digits [. digits] [e [+-] digits]. */
typedef struct {
  size_t mantissa;  /* characters of sign, digits and point; 0: no number here */
  int exponent;     /* after the e, limited to +-9999 */
  const char *rest; /* first character after the number */
} decimal;

static decimal scan_decimal(const char *s)
{
  const char *p = s + (*s == '+' || *s == '-'), *whole = p;
  decimal d = {.rest = s};

  p = skip_digits(p);
  if (p == whole) return d;
  if (*p == '.' && isdigit((unsigned char)p[1])) p = skip_digits(p + 1);
  d.mantissa = (size_t)(p - s);
  d.rest = p;
  if (*p == 'e' || *p == 'E') {
    const char *digits = p + 1 + (p[1] == '+' || p[1] == '-');

    if (isdigit((unsigned char)*digits)) {
      const long e = strtol(p + 1, NULL, 10);

      d.exponent = e > 9999 ? 9999 : e < -9999 ? -9999 : (int)e;
      d.rest = skip_digits(digits);
    }
  }
  return d;
}

/* The number d of `s` times ten to `shift`; PETSC_FALSE when it is too long or overflows. */
static PetscBool convert(const char *s, decimal d, int shift, PetscReal *value)
{
  char text[DIGITS_MAX + 16];

  if (d.mantissa > DIGITS_MAX) return PETSC_FALSE;
  snprintf(text, sizeof(text), "%.*se%d", (int)d.mantissa, s, d.exponent + shift);
  *value = strtod(text, NULL);
  return (PetscBool)!PetscIsInfOrNanReal(*value);
}

static PetscBool refuse_unit(const char *text, const char *name, screen_dimension dimension,
                             char problem[SCREEN_PROBLEM_MAX])
{
  const screen_dimension other = find_dimension(name);
  char wanted[SCREEN_PROBLEM_MAX / 2], shown[SHOWN_MAX], unit_shown[24];

  screen_dimension_describe(dimension, sizeof(wanted), wanted);
  screen_shown(text, sizeof(shown), shown);
  screen_shown(name, sizeof(unit_shown), unit_shown);
  if (!name[0]) {
    snprintf(problem, SCREEN_PROBLEM_MAX, "got '%s' without a unit, wanted %s", shown, wanted);
  } else if (dimension == SCREEN_DIM_TEMPERATURE && (!strcmp(name, "C") || !strcmp(name, "\xC2\xB0"
                                                                                         "C"))) {
    snprintf(problem, SCREEN_PROBLEM_MAX, "got '%s', wanted it in K: add 273.15 to degrees Celsius",
             shown);
  } else if (other != SCREEN_NDIM) {
    snprintf(problem, SCREEN_PROBLEM_MAX, "got '%s', which is a %s, wanted %s", shown,
             dimensions[other].name, wanted);
  } else {
    snprintf(problem, SCREEN_PROBLEM_MAX, "got '%s' with the unknown unit '%s', wanted %s", shown,
             unit_shown, wanted);
  }
  return PETSC_FALSE;
}

PetscBool screen_quantity_parse(const char *text, screen_dimension dimension, PetscReal *value,
                                char problem[SCREEN_PROBLEM_MAX])
{
  const char *start = skip_blanks(text);
  const decimal d = scan_decimal(start);
  const char *name = skip_blanks(d.rest);
  const unit *u = find_unit(name, dimension);
  char wanted[SCREEN_PROBLEM_MAX / 2], shown[SHOWN_MAX];
  PetscReal number;

  if (d.mantissa == 0) {
    screen_dimension_describe(dimension, sizeof(wanted), wanted);
    snprintf(problem, SCREEN_PROBLEM_MAX, "got '%s', wanted %s",
             screen_shown(text, sizeof(shown), shown), wanted);
    return PETSC_FALSE;
  }
  if (!u) return refuse_unit(text, name, dimension, problem);
  if (!convert(start, d, u->exponent, &number)) {
    snprintf(problem, SCREEN_PROBLEM_MAX, "got '%s', wanted a number of at most %d digits and %s",
             screen_shown(text, sizeof(shown), shown), DIGITS_MAX, "below 1e308");
    return PETSC_FALSE;
  }
  *value = number * u->factor * dimensions[dimension].times / dimensions[dimension].over;
  return PETSC_TRUE;
}

PetscBool screen_integer_parse(const char *text, PetscInt64 *value,
                               char problem[SCREEN_PROBLEM_MAX])
{
  const char *start = skip_blanks(text), *digits = start + (*start == '+' || *start == '-');
  char shown[SHOWN_MAX];
  long long number;

  if (skip_digits(digits) == digits || *skip_digits(digits)) {
    snprintf(problem, SCREEN_PROBLEM_MAX, "got '%s', wanted a whole number",
             screen_shown(text, sizeof(shown), shown));
    return PETSC_FALSE;
  }
  errno = 0;
  number = strtoll(start, NULL, 10);
  if (errno) {
    snprintf(problem, SCREEN_PROBLEM_MAX, "got '%s', wanted a whole number of at most 18 digits",
             screen_shown(text, sizeof(shown), shown));
    return PETSC_FALSE;
  }
  *value = (PetscInt64)number;
  return PETSC_TRUE;
}
