/* screening/screen_share.h - one line of a composition: what a number counts, and ratios
 *
 *   EC: 0.3                  a fraction (of moles, mass or volume: composition.unit) of the
 *                            solvent, which is all components without a unit of their own
 *   LiPF6: 1 mol/L           moles in a litre of the solution
 *   LiCl: [1 mol/kg, ...]    moles for each kilogram of solvent
 *   LiPF6: 8 units           so many formula units in the cell, whatever its size
 *   EC:EMC: [3:7, 1:1]       fractions of two components in one axis; of more than two, one value
 */
#pragma once

#include "screening/screen_axis.h"

typedef enum {
  SCREEN_SHARE_FRACTION,
  SCREEN_SHARE_MOLARITY, /* mol/L */
  SCREEN_SHARE_MOLALITY, /* mol/kg */
  SCREEN_SHARE_UNITS,    /* formula units in the cell */
  SCREEN_NSHARE
} screen_share;

/* What a share is by the unit of its first number, and what its values must be. */
void screen_share_range(const screen_yaml *node, screen_share *share, screen_range *range);
/* The same by number: k = 0.. of screen_share. */
screen_range screen_share_bounds(screen_share share);

/* Its key names several components, "EC:EMC". */
PetscBool screen_ratio_is(const screen_yaml *node);
/* The components that a ratio names; PETSC_FALSE when there are more than SCREEN_RATIO_MAX or one
   is empty. */
enum { SCREEN_RATIO_MAX = 8 };
PetscBool screen_ratio_names(const screen_yaml *node, PetscInt *n,
                             char name[SCREEN_RATIO_MAX][SCREEN_YAML_KEY_MAX + 1]);

/* screen_ratio_read - fractions of the components of a ratio
 *
 * Out:  axis  [n] of the components in their order; 3:7 gives 0.3 and 0.7.  Two components: the
 *             first has the values, sorted, and the last is left empty (it takes the rest).  More:
 *             an axis of one value each, the last again empty.  Values are allocated; all empty
 *             when there is a note, and the node is refused
 * Verified by: tests/unit/screening/test_screen_mixture.c */
PetscErrorCode screen_ratio_read(screen_yaml *node, screen_axis axis[SCREEN_RATIO_MAX],
                                 screen_notes *notes);
