/* screening/screen_compare.h - measured values beside ours: correlations of experiments from CSV
 * files
 *
 * One row a correlation:  property,unit,<component>...,T_min_K,T_max_K,form,D1,D2
 *   property   density (others follow with the properties)
 *   unit       kg/m3 or g/cm3
 *   component  one column a component of the campaign, named like it: mole fraction; a component
 *   without a column takes the
 *              rest, if it is the only one
 *   form       linear: D1 + D2 T, T in K
 * Lines that begin with # are remarks: where the numbers are from.  No quotes, no blanks around
 * commas.
 */
#pragma once

#include "screening/screen_grid.h"

typedef struct {
  char property[32];
  PetscReal *mole;        /* [ncomponent] */
  PetscReal t_min, t_max; /* [K] */
  PetscReal d1, d2;       /* [kg/m^3], [kg/m^3/K] */
} screen_correlation;

typedef struct {
  PetscInt n;
  screen_correlation *row; /* [n] owned */
} screen_experiments;

/* screen_experiments_read - all files of campaign->compare
 *
 * Out:  experiments  caller's storage; good rows are kept also when others have problems
 *       diag         problems of all files: file:line: column ...: got ..., wanted ...
 * Returns 0 also for bad input.
 * Verified by: tests/unit/screening/test_screen_compare.c, tests/fuzz/fuzz_experiments.c */
PetscErrorCode screen_experiments_read(const screen_campaign *campaign,
                                       screen_experiments *experiments, mtp_diag *diag);
/* One file from an open stream, appended; `name` stands in the messages. */
PetscErrorCode screen_experiments_parse(const screen_campaign *campaign, const char *name, FILE *in,
                                        screen_experiments *experiments, mtp_diag *diag);
PetscErrorCode screen_experiments_clear(screen_experiments *experiments);

/* screen_experiments_find - the measured value at a point's temperature and (asked) composition
 * Mole fractions must agree within SCREEN_COMPARE_DX; no interpolation in composition, no
 * extrapolation in temperature. */
#define SCREEN_COMPARE_DX 0.006
PetscBool screen_experiments_find(const screen_experiments *experiments,
                                  const screen_campaign *campaign, const screen_point *point,
                                  const char *property, PetscReal *value);
