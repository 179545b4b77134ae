/* screening/screen_store_read.c - results.h5 read by one process; the rules stand in the header
 *
 * HDF5's own reports of errors are switched off for the whole program (screen_h5_in_open): what a
 * call could not do is answered to the caller, who has the words for it.
 */
#include "screening/screen_store_read.h"

#include <errno.h>
#include <hdf5.h>
#include <hdf5_hl.h>
#include <string.h>
#include <unistd.h>

/* A file from elsewhere must not make us ask for more memory than this for one dataset. */
#define BYTES_MAX 4e9

struct screen_h5_in {
  hid_t file;
};

PetscErrorCode screen_h5_in_open(const char *path, screen_h5_in **in, char problem[256])
{
  hid_t file;

  PetscFunctionBegin;
  *in = NULL;
  problem[0] = 0;
  if (access(path, R_OK) != 0) {
    snprintf(problem, 256, "%s", strerror(errno));
    PetscFunctionReturn(0);
  }
  (void)H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  if (file < 0) {
    snprintf(problem, 256, "not an HDF5 file, or a damaged one");
    PetscFunctionReturn(0);
  }
  PetscCall(PetscNew(in));
  (*in)->file = file;
  PetscFunctionReturn(0);
}

PetscErrorCode screen_h5_in_close(screen_h5_in **in)
{
  PetscFunctionBegin;
  if (!*in) PetscFunctionReturn(0);
  (void)H5Fclose((*in)->file);
  PetscCall(PetscFree(*in));
  PetscFunctionReturn(0);
}

PetscBool screen_h5_in_has(screen_h5_in *in, const char *path)
{
  const hid_t object = H5Oopen(in->file, path, H5P_DEFAULT);

  if (object < 0) return PETSC_FALSE;
  (void)H5Oclose(object);
  return PETSC_TRUE;
}

/* A text attribute of fixed length. */
static PetscErrorCode read_text(hid_t attribute, char **text)
{
  const hid_t type = H5Aget_type(attribute);
  const size_t size = type < 0 ? 0 : H5Tget_size(type);

  PetscFunctionBegin;
  if (type >= 0 && H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0 && size) {
    PetscErrorCode ierr = PetscCalloc1(size + 1, text);

    if (!ierr && H5Aread(attribute, type, *text) < 0) ierr = PetscFree(*text);
    (void)H5Tclose(type);
    PetscCall(ierr);
    PetscFunctionReturn(0);
  }
  if (type >= 0) (void)H5Tclose(type);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_h5_in_attribute(screen_h5_in *in, const char *path, const char *name,
                                      char **text)
{
  const hid_t attribute = H5Aopen_by_name(in->file, path, name, H5P_DEFAULT, H5P_DEFAULT);
  PetscErrorCode ierr;

  PetscFunctionBegin;
  *text = NULL;
  if (attribute < 0) PetscFunctionReturn(0);
  ierr = read_text(attribute, text);
  (void)H5Aclose(attribute);
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

static PetscBool shape_of(hid_t data, PetscInt *rank, PetscInt dims[])
{
  const hid_t space = H5Dget_space(data);
  hsize_t extent[SCREEN_H5_IN_RANK];
  double bytes = sizeof(PetscReal);
  int n = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);

  if (n > SCREEN_H5_IN_RANK) n = -1;
  if (n > 0 && H5Sget_simple_extent_dims(space, extent, NULL) != n) n = -1;
  if (space >= 0) (void)H5Sclose(space);
  for (int k = 0; k < n; k++) bytes *= (double)extent[k];
  if (n < 0 || bytes > BYTES_MAX) return PETSC_FALSE;
  *rank = n;
  for (int k = 0; k < n; k++) dims[k] = (PetscInt)extent[k];
  return PETSC_TRUE;
}

PetscBool screen_h5_in_shape(screen_h5_in *in, const char *path, PetscInt *rank, PetscInt dims[])
{
  const hid_t data = H5Dopen2(in->file, path, H5P_DEFAULT);
  PetscBool known;

  if (data < 0) return PETSC_FALSE;
  known = shape_of(data, rank, dims);
  (void)H5Dclose(data);
  return known;
}

/* What H5DSiterate_scales() carries along. */
typedef struct {
  size_t size;
  char *name;
} name_target;

static herr_t take_name(hid_t data, unsigned k, hid_t scale, void *context)
{
  const name_target *target = (const name_target *)context;
  char name[512] = "";

  (void)data;
  (void)k;
  if (H5Iget_name(scale, name, sizeof(name)) <= 0) return -1;
  snprintf(target->name, target->size, "%s", name + (name[0] == '/'));
  return 1; /* the first is enough */
}

void screen_h5_in_dimension(screen_h5_in *in, const char *path, PetscInt k, size_t size,
                            char name[])
{
  const hid_t data = H5Dopen2(in->file, path, H5P_DEFAULT);
  name_target target = {size, name};

  name[0] = 0;
  if (data < 0) return;
  (void)H5DSiterate_scales(data, (unsigned)k, NULL, take_name, &target);
  (void)H5Dclose(data);
}

/* All values as `memory`, if there are n of them and they are numbers. */
static PetscBool read_numbers(screen_h5_in *in, const char *path, PetscInt n, hid_t memory,
                              void *out)
{
  const hid_t data = H5Dopen2(in->file, path, H5P_DEFAULT);
  const hid_t type = data < 0 ? -1 : H5Dget_type(data);
  const H5T_class_t class = type < 0 ? H5T_NO_CLASS : H5Tget_class(type);
  PetscInt rank = 0, dims[SCREEN_H5_IN_RANK], m = 1;
  PetscBool good = (PetscBool)(class == H5T_INTEGER || class == H5T_FLOAT);

  if (good) good = shape_of(data, &rank, dims);
  for (PetscInt k = 0; good && k < rank; k++) m *= dims[k];
  if (good && m == n)
    good = (PetscBool)(n == 0 || H5Dread(data, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) >= 0);
  else
    good = PETSC_FALSE;
  if (type >= 0) (void)H5Tclose(type);
  if (data >= 0) (void)H5Dclose(data);
  return good;
}

/* Selects one place of the first dimensions; a space of its own, or negative: there are not n. */
static hid_t select_part(hid_t data, PetscInt nfixed, const PetscInt at[], PetscInt n)
{
  const hid_t space = H5Dget_space(data);
  hsize_t start[SCREEN_H5_IN_RANK], count[SCREEN_H5_IN_RANK];
  PetscInt rank = 0, dims[SCREEN_H5_IN_RANK], m = 1;
  PetscBool good = shape_of(data, &rank, dims);

  good = (PetscBool)(good && rank >= nfixed);
  for (PetscInt k = 0; good && k < rank; k++) {
    start[k] = k < nfixed ? (hsize_t)at[k] : 0;
    count[k] = k < nfixed ? 1 : (hsize_t)dims[k];
    m *= (PetscInt)count[k];
    if (k < nfixed && (at[k] < 0 || at[k] >= dims[k])) good = PETSC_FALSE;
  }
  if (good && m == n && H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0)
    return space;
  if (space >= 0) (void)H5Sclose(space);
  return -1;
}

PetscBool screen_h5_in_part(screen_h5_in *in, const char *path, PetscInt nfixed,
                            const PetscInt at[], PetscInt n, PetscReal out[])
{
  const hid_t data = H5Dopen2(in->file, path, H5P_DEFAULT);
  const hid_t type = data < 0 ? -1 : H5Dget_type(data);
  const hid_t space = data < 0 ? -1 : select_part(data, nfixed, at, n);
  const hsize_t size = (hsize_t)n;
  const hid_t memory = space < 0 ? -1 : H5Screate_simple(1, &size, NULL);
  const PetscBool good =
      (PetscBool)(memory >= 0 && type >= 0 && H5Tget_class(type) == H5T_FLOAT &&
                  H5Dread(data, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, out) >= 0);

  if (memory >= 0) (void)H5Sclose(memory);
  if (space >= 0) (void)H5Sclose(space);
  if (type >= 0) (void)H5Tclose(type);
  if (data >= 0) (void)H5Dclose(data);
  return good;
}

PetscBool screen_h5_in_reals(screen_h5_in *in, const char *path, PetscInt n, PetscReal data[])
{
  return read_numbers(in, path, n, H5T_NATIVE_DOUBLE, data);
}

PetscBool screen_h5_in_ints(screen_h5_in *in, const char *path, PetscInt n, PetscInt data[])
{
  return read_numbers(in, path, n, sizeof(PetscInt) == 8 ? H5T_NATIVE_INT64 : H5T_NATIVE_INT, data);
}

/* Characters of a dataset, as they are. */
static PetscBool read_characters(screen_h5_in *in, const char *path, char out[])
{
  const hid_t data = H5Dopen2(in->file, path, H5P_DEFAULT);
  const hid_t type = data < 0 ? -1 : H5Dget_type(data);
  const PetscBool good = (PetscBool)(type >= 0 && H5Tget_size(type) == 1 &&
                                     H5Dread(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) >= 0);

  if (type >= 0) (void)H5Tclose(type);
  if (data >= 0) (void)H5Dclose(data);
  return good;
}

PetscErrorCode screen_h5_in_labels(screen_h5_in *in, const char *path, PetscInt *n, char ***text)
{
  PetscInt rank, dims[SCREEN_H5_IN_RANK];
  char *raw, *to;
  size_t length;
  PetscBool good;

  PetscFunctionBegin;
  *n = 0;
  *text = NULL;
  if (!screen_h5_in_shape(in, path, &rank, dims) || rank != 2 || dims[0] < 1)
    PetscFunctionReturn(0);
  length = (size_t)dims[1];
  PetscCall(PetscMalloc1((size_t)dims[0] * length + 1, &raw));
  good = read_characters(in, path, raw);
  if (good) {
    PetscErrorCode ierr =
        PetscMalloc((size_t)dims[0] * (sizeof(char *) + length + 1), (void **)text);

    for (PetscInt i = 0; !ierr && i < dims[0]; i++) {
      to = (char *)(*text + dims[0]) + (size_t)i * (length + 1);
      memcpy(to, raw + (size_t)i * length, length);
      to[length] = 0;
      (*text)[i] = to;
    }
    *n = ierr ? 0 : dims[0];
    if (ierr) PetscCall(PetscFree(raw));
    PetscCall(ierr);
  }
  PetscCall(PetscFree(raw));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_h5_in_bytes(screen_h5_in *in, const char *path, size_t *size, char **text)
{
  PetscInt rank, dims[SCREEN_H5_IN_RANK];

  PetscFunctionBegin;
  *size = 0;
  *text = NULL;
  if (!screen_h5_in_shape(in, path, &rank, dims) || rank != 1) PetscFunctionReturn(0);
  PetscCall(PetscCalloc1((size_t)dims[0] + 1, text));
  *size = (size_t)dims[0];
  if (!read_characters(in, path, *text)) PetscCall(PetscFree(*text));
  PetscFunctionReturn(0);
}
