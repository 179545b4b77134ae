/* screening/screen_axis.h - one axis of the grid: a value, a list, or from/to/step */
#pragma once

#include "screening/screen_units.h"
#include "screening/screen_yaml.h"

enum { SCREEN_AXIS_MAX = 4096 };

typedef struct {
  PetscInt n;
  PetscReal *value; /* [n, internal unit] strictly increasing */
} screen_axis;

/* What a single value of an axis must be. */
typedef struct {
  screen_dimension dimension;
  const char *min, *max; /* inclusive, with units; NULL: none */
} screen_range;

/* screen_quantity_check - a scalar with a unit, within bounds
 * Out:  value  [internal unit]; untouched when there is a note */
PetscErrorCode screen_quantity_check(screen_yaml *node, const screen_range *range, PetscReal *value,
                                     screen_notes *notes);

/* screen_axis_read - 900 K | [900 K, 1000 K] | { from: 900 K, to: 1100 K, step: 50 K }
 *
 * Lists may come in any order and are sorted; a value given twice is refused.  A range includes
 * both ends, so `to` must be a whole number of steps (to 1e-6 of one) from `from`; value i is
 * from + i (to - from)/(n - 1), which has no accumulated rounding.
 * Out:  axis  values allocated (free axis->value); n = 0 when there is a note, the node is refused
 * Verified by: tests/unit/screening/test_screen_schema.c */
PetscErrorCode screen_axis_read(screen_yaml *node, const screen_range *range, screen_axis *axis,
                                screen_notes *notes);
