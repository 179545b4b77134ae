/* screening/screen_export.h - what all export formats share
 *
 * A format is one function that writes files of its own into a folder, from a table in memory
 * (screen_dataset.h).  The rules are the same for all:
 *
 *   - numbers with flags are left out, and counted; with --include-flagged they are written and the
 *     file says which they are.  What is no property of the liquid (flags ionic_only, interface) is
 *     never written;
 *   - a function of temperature is the correlation of /fit, never used outside its range; what a
 *     format cannot hold exactly is approximated, and the largest deviation stands in the report
 *     beside the error of the numbers;
 *   - each file says where it is from: campaign, hash of results.h5, hash of the potential;
 *   - numbers have 17 digits: what was read comes back to the last bit.
 */
#pragma once

#include "screening/screen_dataset.h"

#include <stdio.h>

typedef struct {
  const screen_dataset *data;
  const char *directory; /* of this format; it exists */
  PetscBool flagged;     /* numbers with flags, too */
  FILE *report;          /* what was written and what was left out; goes to export.txt */
  PetscInt nfile;        /* written so far */
} screen_export;

typedef struct {
  const char *name, *what;
  PetscErrorCode (*write)(screen_export *e);
} screen_export_format;
/* NULL after the last. */
const screen_export_format *screen_export_format_get(PetscInt i);

PetscErrorCode screen_export_netcdf(screen_export *e);
PetscErrorCode screen_export_csv(screen_export *e);
PetscErrorCode screen_export_openfoam(screen_export *e);
PetscErrorCode screen_export_mstdb(screen_export *e);
PetscErrorCode screen_export_moose(screen_export *e);
PetscErrorCode screen_export_modelica(screen_export *e);
PetscErrorCode screen_export_comsol(screen_export *e);
PetscErrorCode screen_export_fluent(screen_export *e);
PetscErrorCode screen_export_fmu(screen_export *e);

/* Files ---------------------------------------------------------------------------------------- */

/* A file on its way: written beside its place, renamed into it. */
typedef struct {
  FILE *out;
  char path[SCREEN_PATH_MAX], partial[SCREEN_PATH_MAX + 8];
} screen_export_file;

/* screen_export_open, screen_export_close - `name` may have folders in it, which are made
 * Errors: PETSC_ERR_FILE_OPEN, PETSC_ERR_FILE_WRITE with the path and the reason. */
PetscErrorCode screen_export_open(screen_export *e, const char *name, screen_export_file *file);
PetscErrorCode screen_export_close(screen_export *e, screen_export_file *file);

/* Where the numbers are from, as comments: each line begins with `mark`. */
void screen_export_head(const screen_export *e, FILE *out, const char *mark);
/* The first line of a text in words: control characters become blanks, at most `size` - 1 bytes. */
void screen_export_line(const char *text, size_t size, char line[]);
/* A text in double quotes for gnuplot, with `set terminal ... noenhanced`, or for Modelica. */
void screen_export_quote(FILE *out, const char *text);
/* Letters, digits, '.', '_', '-' and '+' of a text; other characters become '_'. */
void screen_export_name(const char *text, size_t size, char name[]);
/* Name of a series for files: "CaCl2-0.282", its coordinates on the axes with several values; "all"
   where there is one series. */
void screen_export_series_name(const screen_dataset *data, PetscInt s, size_t size, char name[]);
/* "Ca", "Ca-Cl", or "" for one value a point. */
const char *screen_export_member(const screen_dataset *data, const screen_dataset_property *p,
                                 PetscInt w);

/* Nodes of tables ------------------------------------------------------------------------------ */

typedef struct {
  PetscReal value, error; /* error: not finite where the data give none */
  PetscBool filled;       /* from the correlation */
} screen_export_node;

/* screen_export_node_at - the number of series s at temperature t, member w
 *
 * The one that was computed; where it is missing or flagged, the correlation's where that is there
 * and reaches so far.  PETSC_FALSE: a hole. */
PetscBool screen_export_node_at(const screen_export *e, const screen_dataset_property *p,
                                PetscInt s, PetscInt t, PetscInt w, screen_export_node *n);

/* Functions of temperature --------------------------------------------------------------------- */

/* screen_export_fit - the correlation of a property at a series, where it may be used
 * Returns NULL, with a line in the report, where there is none, or it hangs on flagged numbers. */
const prop_fit *screen_export_fit(screen_export *e, prop_id id, PetscInt s);
/* A correlation's value at a temperature, and its error (may be NULL). */
PetscReal screen_export_at(const prop_fit *fit, PetscReal t, PetscReal *error);

/* screen_export_polynomial - coefficients c_0 + c_1 T + ... of a correlation
 *
 * Exact where the form is one; else the Chebyshev series over tmin..tmax, cut at the lowest degree
 * that deviates by less than a tenth of the smallest relative error, or by 1e-6, at most degree 7.
 * Out:  c          [8] zeros behind the last
 *       deviation  largest relative difference from the correlation on 401 points
 * PETSC_FALSE: the deviation exceeds the error of the correlation, or a value is not positive.
 * Source: Trefethen, Approximation Theory and Approximation Practice (2013), chapter 3.
 * Verified by: tests/unit/screening/test_screen_export.c */
enum { SCREEN_EXPORT_NCOEFFICIENT = 8 };
PetscBool screen_export_polynomial(const prop_fit *fit, PetscReal c[], PetscReal *deviation);
