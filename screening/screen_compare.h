/* screening/screen_compare.h - `liquidus compare`: the table beside measurements, property by
 * property
 *
 * A correlation is set beside the numbers of the grid at its own composition, inside its range of
 * temperature.  A measured point is set beside the number of the grid at its temperature, or, off
 * the grid, beside our correlation over temperature there (with its covariance), inside its range.
 * Nothing is extrapolated, and no composition is interpolated; what could not be compared is listed
 * with its reason.
 */
#pragma once

#include "screening/screen_dataset.h"
#include "screening/screen_measured.h"
#include "screening/screen_verdict.h"

#include <stdio.h>

/* One pair and where it is from. */
typedef struct {
  screen_pair pair;
  PetscInt row;       /* of the measurements */
  PetscInt point;     /* of the table: the composition's, and the temperature's where on grid */
  PetscBool from_fit; /* our value is that of the correlation */
  PetscInt flags;     /* of our value */
  PetscBool counted;  /* in the verdict: without flags, or flagged ones are asked for */
} screen_compared;

/* All of one property, or of one species of it. */
typedef struct {
  prop_id id;
  PetscInt species; /* index; -1 */
  PetscInt n;
  screen_compared *list; /* [n] owned */
  screen_verdict verdict;
} screen_comparison;

/* Two sources about the same liquid. */
typedef struct {
  PetscInt first, second;  /* rows */
  PetscReal t;             /* [K] middle of the common range */
  PetscReal difference, u; /* relative; u NaN: not stated by either */
} screen_mutual;

typedef struct {
  PetscInt n, nmutual, nexcluded;
  screen_comparison *comparison; /* [n] */
  screen_mutual *mutual;         /* [nmutual] */
  PetscInt *excluded;            /* [nexcluded] rows that met nothing */
  const char **reason;           /* [nexcluded] why; static texts */
} screen_comparisons;

/* screen_compare_read - a table and what is to be set beside it
 *
 * In:   directory  or its results.h5
 *       file       [n] CSV files
 * Out:  data, measured  clear them, also after problems
 *       diag            what is wrong with any of them */
PetscErrorCode screen_compare_read(const char *directory, PetscInt n, const char *const file[],
                                   screen_dataset *data, screen_measurements *measured,
                                   mtp_diag *diag);

/* screen_compare_make - all pairs, verdicts, rows left out, and sources beside each other
 *
 * Not collective.  `flagged`: numbers with flags count.
 * Out:  all  clear it with screen_compare_clear(), harmless on {0}
 * Verified by: tests/system/compare.sh */
PetscErrorCode screen_compare_make(const screen_dataset *data, const screen_measurements *measured,
                                   PetscBool flagged, screen_comparisons *all);
PetscErrorCode screen_compare_clear(screen_comparisons *all);

/* What is needed to print them. */
typedef struct {
  const screen_dataset *data;
  const screen_measurements *measured;
  const screen_comparisons *all;
  PetscBool flagged;
} screen_compare_view;

void screen_compare_print(const screen_compare_view *view, FILE *out);
/* Machine-readable: every pair, every verdict. */
PetscErrorCode screen_compare_json(const screen_compare_view *view, FILE *out);
/* compare.csv, and for each property parity and deviation as gnuplot scripts, into a directory. */
PetscErrorCode screen_compare_files(const screen_compare_view *view, const char *directory);

/* "diffusion Ca" */
void screen_compare_name(const screen_compare_view *view, const screen_comparison *c, size_t size,
                         char name[]);

/* screen_compare_fails - whether an expression holds for a set of verdicts
 *
 *   density.mape > 2% or coverage < 0.8 and n > 3
 *
 * Comparisons of [property.]statistic with a number (a % is a hundredth), `and` before `or`;
 * statistics: n, bias, mape, rmse, chi2, coverage.  Without a property it holds where it does for
 * any; bias is taken without its sign.
 * Out:  holds    the verdict
 *       problem  "" or what is wrong with the expression
 * Verified by: tests/unit/screening/test_screen_verdict.c */
void screen_compare_fails(const char *expression, PetscInt n, const screen_verdict verdict[],
                          const char *const name[], PetscBool *holds, char problem[256]);
