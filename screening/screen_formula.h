/* screening/screen_formula.h - chemical formulas: CaCl2, Ca(OH)2, LaCl3 */
#pragma once

#include <petscsys.h>

enum {
  SCREEN_FORMULA_ELEMENTS = 16, /* different elements in one formula */
  SCREEN_FORMULA_ATOMS = 10000, /* atoms in one formula unit */
  SCREEN_FORMULA_PROBLEM = 256
};

typedef struct {
  PetscInt n;
  char symbol[SCREEN_FORMULA_ELEMENTS][4]; /* in the order of first appearance */
  PetscInt count[SCREEN_FORMULA_ELEMENTS];
  PetscReal mass_u; /* [u] of one formula unit, standard atomic weights */
} screen_formula;

/* screen_formula_parse - elements and groups in parentheses, each with a count (1 when absent)
 *
 * Out:  formula  sums per element; undefined when PETSC_FALSE
 *       problem  when PETSC_FALSE: "got 'CaXx2', wanted ...", one line
 * Verified by: tests/unit/screening/test_screen_formula.c */
PetscBool screen_formula_parse(const char *text, screen_formula *formula,
                               char problem[SCREEN_FORMULA_PROBLEM]);
