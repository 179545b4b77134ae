/* screening/screen_store_impl.h - what the parts of the results store share; not for others */
#pragma once

#include "screening/screen_store.h"
#include "screening/screen_store_h5.h"

enum { SCREEN_STORE_NAME = 80, SCREEN_STORE_DETAIL = 160, SCREEN_STORE_POINT_NAME = 96 };

/* One table on its way to the file: what all ranks know, and this rank's rows in ascending order of
   points. */
typedef struct {
  screen_h5 *h5;
  MPI_Comm comm;
  const screen_campaign *campaign;
  const screen_grid *grid;
  char (*axis)[SCREEN_STORE_NAME];        /* [naxis] dataset name of each axis */
  PetscInt nrow;                          /* points of this rank */
  const PetscInt *row;                    /* [nrow] their indices */
  const screen_result *result;            /* [nrow] */
  const screen_fits *fits;                /* of all points, the same on all ranks; NULL: none */
  const screen_series_source *series;     /* NULL: none */
  const struct screen_surfaces *surfaces; /* the same on all ranks; NULL: none */
  const unsigned char
      *potential; /* text of the potential on rank 0; NULL on others and when it is missing */
  size_t potential_size;         /* on all ranks; 0: missing */
  const PetscInt *member_size;   /* [campaign->nmember] bytes of each file in it, on all ranks */
  const char *potential_missing; /* why; "" when it is there */
  const char *history;           /* the same on all ranks */
} screen_store_table;

/* Names under which axes are written: letters, digits and underscores, starting with a letter,
 * different from each other and from all names that the file uses itself; where that fails, "x_" is
 * put before.  `axis` has grid->naxis rows. */
PetscErrorCode screen_store_axis_names(const screen_grid *grid, char axis[][SCREEN_STORE_NAME]);

/* Lists the paths of all axes, then up to two more dimensions (NULL: none). */
PetscErrorCode screen_store_dimensions(const screen_store_table *table, const char *more,
                                       const char *most, char path[][SCREEN_STORE_NAME],
                                       const char *dimension[], PetscInt *n);

/* The parts of the file, in this order.  Collective. */
PetscErrorCode
screen_store_write_head(const screen_store_table *table); /* attributes, dimensions, texts */
PetscErrorCode screen_store_write_values(const screen_store_table *table);   /* /<property>... */
PetscErrorCode screen_store_write_members(const screen_store_table *table);  /* /member */
PetscErrorCode screen_store_write_points(const screen_store_table *table);   /* /point */
PetscErrorCode screen_store_write_curves(const screen_store_table *table);   /* /curve */
PetscErrorCode screen_store_write_fits(const screen_store_table *table);     /* /fit */
PetscErrorCode screen_store_write_surfaces(const screen_store_table *table); /* /fit/surface */

/* flag_masks and flag_meanings of a variable of prop_flag bits. */
PetscErrorCode screen_store_flag_attributes(const screen_store_table *table, const char *path);

/* flag_values and flag_meanings of a variable of prop_fit_reason. */
PetscErrorCode screen_store_reason_attributes(const screen_store_table *table, const char *path);

PetscErrorCode screen_store_write_series(const screen_store_table *table); /* /series */

/* A dimension with names, [n] texts, and beside it the dimension of their length. */
PetscErrorCode screen_store_labels(const screen_store_table *table, const char *path,
                                   const char *long_name, PetscInt n, const char *const text[]);

/* Sets several text attributes; ends with a NULL name. */
typedef struct {
  const char *name, *text;
} screen_store_attr;
PetscErrorCode screen_store_attrs(const screen_store_table *table, const char *path,
                                  const screen_store_attr attr[]);
