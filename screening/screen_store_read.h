/* screening/screen_store_read.h - results.h5 as its reader sees it: datasets and attributes by path
 *
 * The gate to HDF5 for reading (screen_store_read.c), as screen_store_h5.h is for writing.  It
 * knows types and shapes, not what stands in the file; that is screen_dataset.h.  One process, no
 * communicator.
 *
 * A file from elsewhere may be anything.  What is missing or has another type or shape is answered,
 * not an error: NULL, PETSC_FALSE; errors of PETSc are memory alone.
 */
#pragma once

#include <petscsys.h>

typedef struct screen_h5_in screen_h5_in;

/* screen_h5_in_open - opens a file for reading
 * Out:  in       NULL where it cannot be opened; close it with screen_h5_in_close()
 *       problem  then why: "no such file", "not an HDF5 file", ... */
PetscErrorCode screen_h5_in_open(const char *path, screen_h5_in **in, char problem[256]);
/* NULL-safe; sets NULL. */
PetscErrorCode screen_h5_in_close(screen_h5_in **in);

/* Whether there is a dataset or a group of this path. */
PetscBool screen_h5_in_has(screen_h5_in *in, const char *path);

/* screen_h5_in_attribute - a text that hangs on an object ("/" for the file)
 * Out:  text  NULL: none; PetscFree() */
PetscErrorCode screen_h5_in_attribute(screen_h5_in *in, const char *path, const char *name,
                                      char **text);

/* screen_h5_in_shape - number of dimensions and their lengths; PETSC_FALSE: no such dataset
 * Out:  rank, dims  [SCREEN_H5_IN_RANK] */
enum { SCREEN_H5_IN_RANK = 32 };
PetscBool screen_h5_in_shape(screen_h5_in *in, const char *path, PetscInt *rank, PetscInt dims[]);

/* screen_h5_in_dimension - path of the dimension scale of dimension k, without the first '/'
 * "" where there is none. */
void screen_h5_in_dimension(screen_h5_in *in, const char *path, PetscInt k, size_t size,
                            char name[]);

/* screen_h5_in_reals, screen_h5_in_ints - all n values of a dataset, converted from its own type
 * Out:  data  [n] untouched where PETSC_FALSE: no such dataset, another size, no numbers */
PetscBool screen_h5_in_reals(screen_h5_in *in, const char *path, PetscInt n, PetscReal data[]);
PetscBool screen_h5_in_ints(screen_h5_in *in, const char *path, PetscInt n, PetscInt data[]);

/* screen_h5_in_part - the values at one place of the first dimensions
 * In:   nfixed  how many of them, at most SCREEN_H5_IN_RANK
 *       at      [nfixed] the place in each
 *       n       values that remain: the product of the other dimensions
 * Out:  out     [n] untouched where PETSC_FALSE: no such dataset, another size, no numbers */
PetscBool screen_h5_in_part(screen_h5_in *in, const char *path, PetscInt nfixed,
                            const PetscInt at[], PetscInt n, PetscReal out[]);

/* screen_h5_in_labels - a table of characters [n, length] as texts
 * Out:  n     0: no such dataset
 *       text  [n] in one block with the pointers; PetscFree() */
PetscErrorCode screen_h5_in_labels(screen_h5_in *in, const char *path, PetscInt *n, char ***text);

/* screen_h5_in_bytes - a long text kept as unsigned bytes, with a zero at its end
 * Out:  text  NULL: none; PetscFree() */
PetscErrorCode screen_h5_in_bytes(screen_h5_in *in, const char *path, size_t *size, char **text);
