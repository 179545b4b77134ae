/* screening/screen_units.h - values as people write them, "0.1 ps", into internal units
 *
 * A value is a decimal number, then its unit; blanks between them are optional.  Units that differ
 * by a power of ten from the base unit move the decimal point in the text before it is converted
 * to binary, so that 2.3 ps is the double nearest to 2300 fs, with no rounding on the way.
 */
#pragma once

#include <petscsys.h>

typedef enum {
  SCREEN_DIM_FRACTION,        /* 1; a number alone, or % */
  SCREEN_DIM_CHARGE,          /* e; a number alone, or e */
  SCREEN_DIM_MASS,            /* u; a number alone, or u */
  SCREEN_DIM_NUMBER,          /* 1; a number alone */
  SCREEN_DIM_TIME,            /* fs */
  SCREEN_DIM_TEMPERATURE,     /* K */
  SCREEN_DIM_LENGTH,          /* Å */
  SCREEN_DIM_PRESSURE,        /* eV/Å^3 */
  SCREEN_DIM_DENSITY,         /* eV fs^2/Å^2 / Å^3 */
  SCREEN_DIM_COMPRESSIBILITY, /* Å^3/eV */
  SCREEN_DIM_ENERGY,          /* eV; K stands for k_B times it */
  SCREEN_DIM_C6,              /* eV Å^6 */
  SCREEN_DIM_C8,              /* eV Å^8 */
  SCREEN_DIM_MOLARITY,        /* mol/L of the solution */
  SCREEN_DIM_MOLALITY,        /* mol/kg of the solvent */
  SCREEN_DIM_UNITS,           /* 1; a number of formula units in the cell */
  SCREEN_DIM_FORCE,           /* eV/Å */
  SCREEN_DIM_WAVE,            /* 1/Å */
  SCREEN_DIM_WALLTIME,        /* s of a clock on the wall */
  SCREEN_NDIM
} screen_dimension;

enum { SCREEN_PROBLEM_MAX = 256 };

/* "time"; "fs, ps, ns, us, s"; "1 ps". */
const char *screen_dimension_name(screen_dimension dimension);
const char *screen_dimension_example(screen_dimension dimension);
/* Writes the units offered to the author, separated by `separator`. Returns `out`. */
char *screen_dimension_units(screen_dimension dimension, const char *separator, size_t size,
                             char out[]);
/* All spellings, one by one: k = 0, 1, ... until NULL. "" stands for a number without a unit. */
const char *screen_dimension_spelling(screen_dimension dimension, PetscInt k);

/* "a temperature in K, such as 900 K" */
char *screen_dimension_describe(screen_dimension dimension, size_t size, char out[]);

/* screen_quantity_parse - "0.1 ps" -> 100 (fs)
 *
 * Out:  value    in the internal unit of the dimension; untouched when PETSC_FALSE
 *       problem  when PETSC_FALSE: "got '5', wanted ...", one line
 * Bounds are the caller's business.  Verified by: tests/unit/screening/test_screen_units.c */
PetscBool screen_quantity_parse(const char *text, screen_dimension dimension, PetscReal *value,
                                char problem[SCREEN_PROBLEM_MAX]);

/* screen_integer_parse - the same for a whole number without a unit */
PetscBool screen_integer_parse(const char *text, PetscInt64 *value,
                               char problem[SCREEN_PROBLEM_MAX]);
