/* screening/screen_store_h5.h - netCDF-4 in terms of parallel HDF5: dimensions, variables,
 * attributes
 *
 * The narrow gate to HDF5 (screen_store_h5.c is the only file of this folder with hdf5.h).  It
 * knows how a netCDF-4 file is built, not what stands in it:
 *
 *   - a dimension is a dimension scale; one without values is named "This is a netCDF dimension but
 *     not a netCDF variable", as the netCDF library does; a table of labels (2-D characters) is the
 *     scale of its first dimension and names both in _Netcdf4Coordinates, because a scale cannot
 *     have scales of its own;
 *   - objects are called by their path; parents must exist; every variable is of fixed size, so all
 *     is known at creation;
 *   - no variable-length strings (cannot be written collectively), no arrays of fixed-length
 *     strings (crash ncdump 4.9.0), no times of modification: the bytes depend on the content
 *     alone.
 *
 * All calls are collective on the file's communicator and take the same arguments on all ranks, but
 * for the rows and data of screen_h5_write().  Collective agreement: what fails on one rank fails
 * on all, in the same call, though perhaps a later one than it happened in: the next
 * screen_h5_write(), or screen_h5_close(), whose success means that all is written.  After an error
 * the file can only be abandoned with screen_h5_destroy().  Errors are PETSC_ERR_FILE_OPEN for the
 * creation and PETSC_ERR_FILE_WRITE for all that follows, with the path of the file, the object and
 * HDF5's own words.
 */
#pragma once

#include <petscsys.h>
#include <stdint.h>

typedef struct screen_h5 screen_h5;

/* Element types in the file; in memory PetscReal (double), PetscInt, int8_t, uint8_t, char. */
typedef enum {
  SCREEN_H5_REAL,  /* NC_DOUBLE; _FillValue NaN */
  SCREEN_H5_FLOAT, /* NC_FLOAT, in memory PetscReal; _FillValue NaN */
  SCREEN_H5_INT,   /* NC_INT */
  SCREEN_H5_INT64, /* NC_INT64, in memory int64_t */
  SCREEN_H5_BYTE,  /* NC_BYTE */
  SCREEN_H5_UBYTE, /* NC_UBYTE */
  SCREEN_H5_CHAR   /* NC_CHAR */
} screen_h5_type;

enum { SCREEN_H5_MAX_RANK = 32, SCREEN_H5_PATH_MAX = 512 };

/* Creates the file anew.  `comm` is duplicated. */
PetscErrorCode screen_h5_create(MPI_Comm comm, const char *path, screen_h5 **h5);
/* Flushes and closes; an error means that the file is not whole. */
PetscErrorCode screen_h5_close(screen_h5 **h5);
/* Gives the file up: frees the object, but neither writes nor closes the file, whose descriptor
 * stays open until the end of the process.  NULL-safe. */
PetscErrorCode screen_h5_destroy(screen_h5 **h5);

PetscErrorCode screen_h5_group(screen_h5 *h5, const char *path);

/* A dimension of n >= 1 without values. */
PetscErrorCode screen_h5_dimension(screen_h5 *h5, const char *path, PetscInt n);
/* A dimension with values: a coordinate variable [n]. */
PetscErrorCode screen_h5_axis(screen_h5 *h5, const char *path, PetscInt n, const PetscReal value[]);
/* A dimension with names: characters [n, length] where `length_path` is a dimension that exists and
 * has room. UTF-8, padded with zeros (see screen_h5_put_text). */
PetscErrorCode screen_h5_labels(screen_h5 *h5, const char *path, const char *length_path,
                                PetscInt n, const char *const text[]);

/* screen_h5_variable - a variable over existing dimensions
 * In:  dimension [rank] paths, slowest first; all different (two of equal length for a square
 * array) */
PetscErrorCode screen_h5_variable(screen_h5 *h5, const char *path, screen_h5_type type,
                                  PetscInt rank, const char *const dimension[]);

/* screen_h5_write - rows of a variable Its leading dimensions, those before the last `inner` ones,
 * are taken as one; row[k] is a flat C-order index into them.
 * In:  nrow       rows that this rank gives, 0 is fine; no row is given by two ranks
 *      data       [nrow, size of the inner dimensions] in the type's form in memory */
PetscErrorCode screen_h5_write(screen_h5 *h5, const char *path, PetscInt inner, PetscInt nrow,
                               const PetscInt row[], const void *data);

/* Attributes of an object ("/" for the file).  Empty texts are left out: netCDF has no word for
   them that all tools read. */
PetscErrorCode screen_h5_attr_text(screen_h5 *h5, const char *path, const char *name,
                                   const char *text);
PetscErrorCode screen_h5_attr_ints(screen_h5 *h5, const char *path, const char *name,
                                   screen_h5_type type, PetscInt n, const PetscInt value[]);
PetscErrorCode screen_h5_attr_int64(screen_h5 *h5, const char *path, const char *name,
                                    int64_t value);

/* Copies `text` into a field of `size` characters: padded with zeros, cut at a whole character, and
 * bytes that are not UTF-8 become '?', so that every reader can decode the field.  Not collective.
 */
void screen_h5_put_text(const char *text, size_t size, char field[]);

/* "1.10.8" */
PetscErrorCode screen_h5_version(char *text, size_t size);
