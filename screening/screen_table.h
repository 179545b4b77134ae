/* screening/screen_table.h - what the points of a campaign say together
 *
 * Values of one point come from its own replicas (screen_result.h).  Slopes over temperature, and
 * what is made of them, need its neighbours.  The table of all values is put together on every
 * rank, and all of them compute the same from it: results do not depend on how many ranks there
 * are.
 */
#pragma once

#include "properties/prop_fit.h"
#include "screening/screen_result.h"

/* screen_table_gather - state, reason, box and values of all points on every rank
 *
 * Collective on comm.
 * In:   nmine, mine, result  this rank's points, as in screen_store_write()
 * Out:  all  [grid->npoint] made here; no curves, no account of replicas.  Free with
 *            screen_table_free()
 * Bits are those of the owner's values.
 * Verified by: tests/unit/screening/test_screen_table.c */
PetscErrorCode screen_table_gather(MPI_Comm comm, const screen_campaign *campaign,
                                   const screen_grid *grid, PetscInt nmine, const PetscInt mine[],
                                   const screen_result result[], screen_result **all);

PetscErrorCode screen_table_free(PetscInt npoint, screen_result **all);

/* screen_table_send, screen_table_receive - such a table from one rank to another, point by point
 * Verified by: tests/unit/screening/test_screen_table.c */
PetscErrorCode screen_table_send(MPI_Comm comm, PetscMPIInt to, PetscMPIInt tag,
                                 const screen_grid *grid, const screen_result all[]);
PetscErrorCode screen_table_receive(MPI_Comm comm, PetscMPIInt from, PetscMPIInt tag,
                                    const screen_campaign *campaign, const screen_grid *grid,
                                    screen_result **all);

/* screen_table_couple - the values that hang on other points, or on other values of the same point
 *
 * Not collective; a pure function of the values in `all` [grid->npoint], which it completes:
 * slopes over temperature (heat capacity, thermal expansion) take the place of fluctuations where a
 * series has two temperatures or more, and are compared with them; then what is made of them.
 * Verified by: tests/unit/screening/test_screen_table.c */
PetscErrorCode screen_table_couple(const screen_campaign *campaign, const screen_grid *grid,
                                   screen_result all[]);

/* The points of a grid that differ in temperature alone form a series.  Series are numbered in C
 * order of the axes without temperature. */
typedef struct {
  PetscInt nseries, ntemperature;
  PetscInt axis;   /* that of temperature */
  PetscInt stride; /* points between two temperatures */
} screen_series;
screen_series screen_series_of(const screen_grid *grid);
/* Index of the point at temperature t of series s. */
PetscInt screen_series_point(const screen_series *series, PetscInt s, PetscInt t);

/* Correlations of one property: one for each series and each of the property's values. */
typedef struct {
  prop_id id;
  PetscInt width;      /* values at a point: 1 or nspecies */
  prop_fit *fit;       /* [nseries,width] the model that was chosen; where none is usable, the first
                          that was tried, whose reason says why */
  PetscReal *residual; /* [npoint,width] (value - fit)/error */
} screen_fit;

typedef struct {
  screen_series series;
  PetscInt n;
  screen_fit *fit; /* [n] those that the campaign asks for and that have models */
} screen_fits;

/* screen_fits_create - fits of all values of a campaign; none where there is one temperature
 *
 * Not collective; a pure function of the values.
 * Out:  fits  free with screen_fits_clear(), harmless on {0}
 * Verified by: tests/unit/screening/test_screen_table.c */
PetscErrorCode screen_fits_create(const screen_campaign *campaign, const screen_grid *grid,
                                  const screen_result all[], screen_fits *fits);
PetscErrorCode screen_fits_clear(screen_fits *fits);
