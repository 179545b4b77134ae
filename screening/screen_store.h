/* screening/screen_store.h - results.h5: an HDF5 file that is also a netCDF-4 file (layout: screening/README.md) */
#pragma once

#include "screening/screen_result.h"

/* screen_store_write - writes DIR/results.h5 anew: beside it, then renamed into place
 *
 * Collective on comm.  Each rank gives the results of its points: result[k] belongs to point mine[k]; every point is given
 * by exactly one rank.
 * Errors: PETSC_ERR_FILE_OPEN / PETSC_ERR_FILE_WRITE on all ranks or on none. */
PetscErrorCode screen_store_write(MPI_Comm comm, const screen_campaign *campaign, const screen_grid *grid, PetscInt nmine,
                                  const PetscInt mine[], const screen_result result[], const char *directory);
