/* screening/screen_store.h - results.h5: an HDF5 file that is also a netCDF-4 file (layout:
 * screening/README.md)
 *
 * The file is a pure function of campaign, potential and results, whatever the number of ranks, but
 * for the time in the attribute `history` (which SOURCE_DATE_EPOCH, seconds since 1970, sets) and
 * the wall times of the points.
 */
#pragma once

#include "screening/screen_table.h"

/* Where block means come from (screen_streams.h); neither function is collective. */
typedef struct {
  void *context;
  /* Samples that the stream of a replica's production has; 0: there is none. */
  PetscInt64 (*samples)(void *context, PetscInt point, PetscInt replica, screen_stage stage);
  /* The stream itself, into {0}, where there are samples; the caller clears it. */
  PetscErrorCode (*read)(void *context, PetscInt point, PetscInt replica, screen_stage stage,
                         prop_stream *stream);
  PetscReal bytes; /* of one production; neighbouring blocks are merged until they fit */
} screen_series_source;
#define SCREEN_SERIES_BYTES 1e9

/* What is written beside the results of points; NULL: nothing. */
typedef struct {
  const screen_fits *fits;            /* of all points, the same on all ranks; NULL: no /fit */
  const screen_series_source *series; /* asked on each rank for all points, and read there for its
                                         own; NULL: no /series */
  const struct screen_surfaces *surfaces; /* the same on all ranks; NULL: no /fit/surface */
} screen_store_more;

/* screen_store_write - writes DIR/results.h5 anew: beside it (results.h5.tmp), flushed to disk,
 * then renamed into place
 *
 * Collective on comm.  Each rank gives the results of its points: result[k] belongs to point
 * mine[k]; every point is given by exactly one rank, in any order; a rank may have none.
 * Errors: PETSC_ERR_FILE_OPEN / PETSC_ERR_FILE_WRITE on all ranks or on none, with path and reason;
 * the file that was there before is then untouched.  PETSC_ERR_ARG_WRONG when a point is given
 * twice or not at all. A potential file that is gone or no longer has the campaign's checksum
 * leaves /potential_text out, and the attribute potential_text_missing says why.
 * Verified by: tests/unit/screening/test_screen_store.c, tests/system/results_file.sh */
PetscErrorCode screen_store_write(MPI_Comm comm, const screen_campaign *campaign,
                                  const screen_grid *grid, PetscInt nmine, const PetscInt mine[],
                                  const screen_result result[], const screen_store_more *more,
                                  const char *directory);

/* Version of the HDF5 library, "1.10.8". */
PetscErrorCode screen_store_hdf5_version(char *text, size_t size);
