/* screening/screen_dataset.h - a finished table: what results.h5 holds, for exports and reports
 *
 * A process engineer has the results file and nothing else: no campaign, no potential, no journals.
 * So everything here comes from the file (screen_store_read.h): axes, the list of points, the
 * properties that this program knows by name, and the correlations over temperature under /fit.
 *
 * Points lie in C order of the axes.  Points that differ in temperature alone form a series; series
 * are numbered in C order of the other axes.
 */
#pragma once

#include "properties/prop_fit.h"
#include "screening/screen_result.h"

enum { SCREEN_DATASET_NAME = 80 };

typedef struct {
  char name[SCREEN_DATASET_NAME]; /* of the dimension */
  char *component; /* whose fraction it is, as the campaign calls it; "" for other axes */
  char *units, *long_name;
  PetscInt n;
  PetscReal *value; /* [n] in `units` */
} screen_dataset_axis;

typedef struct {
  const prop_definition *definition;
  PetscInt width;         /* 1, nspecies or nspecies^2 */
  prop_value *value;      /* [npoint,width] SI */
  PetscReal *model_error; /* [npoint,width] of a committee; NULL: none */
  prop_fit *fit;          /* [nseries,width]; NULL: the file has none */
  PetscReal *residual;    /* [npoint,width] (value - fit)/error; NULL with fit */
} screen_dataset_property;

typedef struct {
  char *path, sha256[65]; /* of the file's bytes */
  char *campaign, *description, *campaign_sha256, *potential_sha256, *source, *version, *history;
  PetscInt naxis, npoint;
  screen_dataset_axis *axis;              /* [naxis] */
  PetscInt temperature, pressure;         /* which axes these are */
  PetscInt nseries, ntemperature, stride; /* stride: points between two temperatures */
  PetscInt nspecies, ncomponent, npair;
  char **species, **component, **pair;      /* pair: "Ca-Cl", centre-neighbour */
  PetscReal *molar_mass;                    /* [ncomponent, kg mol-1] NaN: not in the file */
  char **point, **detail;                   /* [npoint] names, reasons in words */
  PetscReal *seconds;                       /* [npoint] of computing */
  PetscInt *state, *reason, *atoms, *units; /* [npoint], [npoint,nspecies], [.,ncomponent] */
  PetscReal *mole;                          /* [npoint,ncomponent] really simulated */
  PetscInt nproperty;
  screen_dataset_property *property; /* [nproperty] in the order of the registry */
} screen_dataset;

/* screen_dataset_read - DIR/results.h5, or the file itself
 *
 * Not collective.
 * Out:  data  clear it with screen_dataset_clear()
 *       diag  what is wrong with the file: "path: got ..., wanted ..."; data is then not to be used
 * A file without points' list, temperature or a property is refused.  Properties and correlations
 * that this program does not know are left out.
 * Verified by: tests/unit/screening/test_screen_dataset.c */
PetscErrorCode screen_dataset_read(const char *path, screen_dataset *data, mtp_diag *diag);
/* Harmless on {0} and when called twice. */
PetscErrorCode screen_dataset_clear(screen_dataset *data);

/* NULL: not in the file. */
const screen_dataset_property *screen_dataset_find(const screen_dataset *data, prop_id id);
/* Point at temperature t of series s. */
PetscInt screen_dataset_point(const screen_dataset *data, PetscInt s, PetscInt t);
/* Index of a point on an axis. */
PetscInt screen_dataset_index(const screen_dataset *data, PetscInt point, PetscInt axis);
/* Temperatures [K] of a series: the axis' values. */
const PetscReal *screen_dataset_temperatures(const screen_dataset *data);

/* screen_dataset_molar_mass - [kg mol-1 of formula units] of a point, of natural elements
 * NaN where an element is not known or a point has no atoms. */
PetscReal screen_dataset_molar_mass(const screen_dataset *data, PetscInt point);

/* "CaCl2 0.282, KCl 0.718": mole fractions really simulated, 4 digits; "p = 1e5 Pa" behind it where
 * there are several pressures. */
void screen_dataset_composition(const screen_dataset *data, PetscInt point, size_t size,
                                char text[]);

/* screen_dataset_exportable - whether a value may leave the house
 * Never one that is missing, or that is no property of a liquid (flags ionic_only, interface); one
 * with other flags where `flagged`. */
PetscBool screen_dataset_exportable(const prop_value *value, PetscBool flagged);
/* Names of flags with blanks between; "" for 0. */
void screen_dataset_flags(PetscInt flags, size_t size, char text[]);
