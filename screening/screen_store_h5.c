/* screening/screen_store_h5.c - netCDF-4 by parallel HDF5; the rules stand in the header
 *
 * Full disks.  A collective transfer of HDF5 1.10 that fails on one rank leaves the others waiting
 * for ever (measured: it returns before its second MPI_File_set_view), and a file that could not be
 * written whole cannot be closed.  Therefore:
 *
 *   - data are written rank by rank; with contiguous datasets that are allocated at once this needs
 *     nobody else, and it is faster too on busy cores (measured: four times with three ranks on
 *     two), because a rank that waits spins;
 *   - metadata stay in a large cache until the end; before they are written, collectively, the
 *     blocks of the whole file are reserved, so that a full disk is met by a call that can fail;
 *   - a file that is given up is not closed but forgotten.
 *
 * Every public function is a pair: a local one that makes the HDF5 calls and returns this rank's
 * error, and a wrapper that keeps it.  Each write and the end begin with an agreement on the errors
 * kept so far, one small reduction, so that all ranks give up in the same call.  Creating objects
 * and attributes is local work on the same metadata in all ranks; a rank that failed in it goes on
 * making the same calls until then.  What a local function opens is hung on the file object first
 * (`open`), so that an early return leaks nothing.
 */
#define _GNU_SOURCE /* fallocate; NOLINT(bugprone-reserved-identifier) */
#include "screening/screen_store_h5.h"

#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <hdf5_hl.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

/* Elements selected in one write: the coordinates of a selection cost 8 bytes a dimension and
   element. */
enum {
  BATCH = 32768,
  LONG_ROW = 256,
  MAX_OPEN = 16,
  HDF5_TEXT = 256,
  CACHE = 32 << 20,
  SLACK = 1 << 16
};

struct screen_h5 {
  MPI_Comm comm;
  PetscMPIInt rank;
  char *path;
  hid_t file;
  hid_t open[MAX_OPEN]; /* what the call in progress has opened */
  PetscInt nopen;
  PetscErrorCode failed; /* first error of this rank that the others do not know yet */
  hsize_t bytes;         /* of all data */
  PetscInt ndimension;   /* netCDF's numbers of dimensions, in order of creation */
};

/* HDF5 is opened before MPI and told not to close itself: closing the library, which it would hang
 * on MPI_Finalize() and on exit(), would close the files that were given up, and crash.  Every
 * whole file is closed here; there is nothing left for HDF5 to do. */
__attribute__((constructor)) static void open_library(void)
{
  (void)H5dont_atexit();
  (void)H5open();
}

/* The innermost description of what went wrong, as HDF5 tells it. */
static herr_t describe(unsigned n, const H5E_error2_t *error, void *context)
{
  char *text = (char *)context;

  if (n == 0) snprintf(text, HDF5_TEXT, "%s: %s", error->func_name, error->desc);
  return 0;
}

/* Calls HDF5; a negative answer is an error of this rank with HDF5's words. */
#define H5Call(h5, object, ...)                                                                    \
  do {                                                                                             \
    if ((__VA_ARGS__) < 0) {                                                                       \
      char h5_text_[HDF5_TEXT] = "no reason given";                                                \
      H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, describe, h5_text_);                                  \
      SETERRQ(PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: cannot write %s: %s", (h5)->path,        \
              (object), h5_text_);                                                                 \
    }                                                                                              \
  } while (0)

/* Opens an HDF5 object and hangs it on the file. */
#define H5Open(h5, object, id, ...)                                                                \
  do {                                                                                             \
    H5Call(h5, object, (id) = (__VA_ARGS__));                                                      \
    (h5)->open[(h5)->nopen++] = (id);                                                              \
  } while (0)

static void close_id(hid_t id)
{
  switch (H5Iget_type(id)) {
  case H5I_GROUP:
    H5Gclose(id);
    break;
  case H5I_DATASET:
    H5Dclose(id);
    break;
  case H5I_DATASPACE:
    H5Sclose(id);
    break;
  case H5I_DATATYPE:
    H5Tclose(id);
    break;
  case H5I_ATTR:
    H5Aclose(id);
    break;
  case H5I_GENPROP_LST:
    H5Pclose(id);
    break;
  default:
    break;
  }
}

/* Closes what was opened after `mark`, last first. */
static void close_opened(screen_h5 *h5, PetscInt mark)
{
  while (h5->nopen > mark) close_id(h5->open[--h5->nopen]);
}

/* Keeps this rank's first error until the next agreement and closes what the call has opened. */
static PetscErrorCode keep(screen_h5 *h5, PetscErrorCode ierr)
{
  PetscFunctionBegin;
  close_opened(h5, 0);
  if (!h5->failed) h5->failed = ierr;
  PetscFunctionReturn(0);
}

/* One error for all: a rank that had none names the lowest one that had. */
static PetscErrorCode agree(const screen_h5 *h5, PetscErrorCode code)
{
  PetscMPIInt mine, lowest, size;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_size(h5->comm, &size));
  mine = h5->failed ? h5->rank : size;
  PetscCallMPI(MPI_Allreduce(&mine, &lowest, 1, MPI_INT, MPI_MIN, h5->comm));
  if (h5->failed) PetscFunctionReturn(code);
  PetscCheck(lowest == size, PETSC_COMM_SELF, code, "%s: writing failed on rank %d", h5->path,
             lowest);
  PetscFunctionReturn(0);
}

/* Types ------------------------------------------------------------------------------------- */

static hid_t type_in_file(screen_h5_type type)
{
  switch (type) {
  case SCREEN_H5_REAL:
    return H5T_IEEE_F64LE;
  case SCREEN_H5_FLOAT:
    return H5T_IEEE_F32LE;
  case SCREEN_H5_INT:
    return H5T_STD_I32LE;
  case SCREEN_H5_INT64:
    return H5T_STD_I64LE;
  case SCREEN_H5_BYTE:
    return H5T_STD_I8LE;
  case SCREEN_H5_UBYTE:
    return H5T_STD_U8LE;
  case SCREEN_H5_CHAR:
    break;
  }
  return H5T_C_S1;
}

static hid_t type_in_memory(screen_h5_type type)
{
  switch (type) {
  case SCREEN_H5_REAL:
  case SCREEN_H5_FLOAT:
    return H5T_NATIVE_DOUBLE;
  case SCREEN_H5_INT:
    return sizeof(PetscInt) == 8 ? H5T_NATIVE_INT64 : H5T_NATIVE_INT32;
  case SCREEN_H5_INT64:
    return H5T_NATIVE_INT64;
  case SCREEN_H5_BYTE:
    return H5T_NATIVE_INT8;
  case SCREEN_H5_UBYTE:
    return H5T_NATIVE_UINT8;
  case SCREEN_H5_CHAR:
    break;
  }
  return H5T_C_S1;
}

static size_t size_in_memory(screen_h5_type type)
{
  switch (type) {
  case SCREEN_H5_REAL:
  case SCREEN_H5_FLOAT:
    return sizeof(double);
  case SCREEN_H5_INT:
    return sizeof(PetscInt);
  case SCREEN_H5_INT64:
    return sizeof(int64_t);
  default:
    return 1;
  }
}

/* File and groups --------------------------------------------------------------------------- */

/* Keeps all metadata until the end. */
static PetscErrorCode set_cache(screen_h5 *h5, hid_t access)
{
  H5AC_cache_config_t cache = {.version = H5AC__CURR_CACHE_CONFIG_VERSION};

  PetscFunctionBegin;
  H5Call(h5, "the file", H5Pget_mdc_config(access, &cache));
  cache.set_initial_size = 1;
  cache.initial_size = cache.max_size = CACHE;
  cache.dirty_bytes_threshold = CACHE / 2;
  H5Call(h5, "the file", H5Pset_mdc_config(access, &cache));
  PetscFunctionReturn(0);
}

/* The file's creation, on this rank; metadata are written collectively, objects remember their
   order. */
static PetscErrorCode create_local(screen_h5 *h5)
{
  hid_t access, creation;

  PetscFunctionBegin;
  H5Open(h5, "the file", access, H5Pcreate(H5P_FILE_ACCESS));
  H5Call(h5, "the file", H5Pset_fapl_mpio(access, h5->comm, MPI_INFO_NULL));
  H5Call(h5, "the file", H5Pset_coll_metadata_write(access, 1));
  H5Call(h5, "the file", H5Pset_all_coll_metadata_ops(access, 1));
  H5Call(h5, "the file", H5Pset_fclose_degree(access, H5F_CLOSE_STRONG));
  PetscCall(set_cache(h5, access));
  H5Open(h5, "the file", creation, H5Pcreate(H5P_FILE_CREATE));
  H5Call(h5, "the file", H5Pset_obj_track_times(creation, 0));
  H5Call(h5, "the file",
         H5Pset_link_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED));
  H5Call(h5, "the file",
         H5Pset_attr_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED));
  H5Call(h5, "the file", h5->file = H5Fcreate(h5->path, H5F_ACC_TRUNC, creation, access));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_h5_create(MPI_Comm comm, const char *path, screen_h5 **h5)
{
  screen_h5 *made;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  *h5 = NULL;
  PetscCall(PetscNew(&made));
  made->file = H5I_INVALID_HID;
  PetscCall(PetscStrallocpy(path, &made->path));
  PetscCallMPI(MPI_Comm_dup(comm, &made->comm));
  PetscCallMPI(MPI_Comm_rank(comm, &made->rank));
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  PetscCall(keep(made, create_local(made)));
  ierr = agree(made, PETSC_ERR_FILE_OPEN);
  if (ierr) PetscCall(screen_h5_destroy(&made));
  PetscCall(ierr);
  *h5 = made;
  PetscFunctionReturn(0);
}

/* Takes the disk blocks of the whole file, where the file system can; a full disk is met here.
 * HDF5 does not tell how long the file will be: it is the data, the metadata in the cache and a
 * little between them; what is too much is given back when the file is closed. */
static PetscErrorCode reserve_local(screen_h5 *h5)
{
  size_t metadata = 0;
  int fd, error = 0;
  off_t size;

  PetscFunctionBegin;
  H5Call(h5, "the end of the file", H5Fget_mdc_size(h5->file, NULL, NULL, &metadata, NULL));
  if (h5->rank > 0) PetscFunctionReturn(0);
  size = (off_t)(h5->bytes + metadata + SLACK);
  fd = open(h5->path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || fallocate(fd, 0, 0, size) != 0) error = errno;
  if (fd >= 0) close(fd);
  PetscCheck(error == 0 || error == EOPNOTSUPP || error == ENOSYS, PETSC_COMM_SELF,
             PETSC_ERR_FILE_WRITE, "%s: cannot be written: %s", h5->path, strerror(error));
  PetscFunctionReturn(0);
}

static PetscErrorCode close_local(screen_h5 *h5)
{
  const hid_t file = h5->file;

  PetscFunctionBegin;
  h5->file = H5I_INVALID_HID;
  H5Call(h5, "the end of the file", H5Fclose(file));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_h5_close(screen_h5 **h5)
{
  PetscFunctionBegin;
  PetscCall(keep(*h5, reserve_local(*h5)));
  PetscCall(agree(*h5, PETSC_ERR_FILE_WRITE));
  PetscCall(keep(*h5, close_local(*h5)));
  PetscCall(agree(*h5, PETSC_ERR_FILE_WRITE));
  PetscCall(screen_h5_destroy(h5));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_h5_destroy(screen_h5 **h5)
{
  PetscFunctionBegin;
  if (!*h5) PetscFunctionReturn(0);
  close_opened(*h5, 0);
  PetscCallMPI(MPI_Comm_free(&(*h5)->comm));
  PetscCall(PetscFree((*h5)->path));
  PetscCall(PetscFree(*h5));
  PetscFunctionReturn(0);
}

static PetscErrorCode group_local(screen_h5 *h5, const char *path)
{
  hid_t creation, group;

  PetscFunctionBegin;
  H5Open(h5, path, creation, H5Pcreate(H5P_GROUP_CREATE));
  H5Call(h5, path, H5Pset_obj_track_times(creation, 0));
  H5Call(h5, path,
         H5Pset_link_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED));
  H5Call(h5, path,
         H5Pset_attr_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED));
  H5Open(h5, path, group, H5Gcreate2(h5->file, path, H5P_DEFAULT, creation, H5P_DEFAULT));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_h5_group(screen_h5 *h5, const char *path)
{
  PetscFunctionBegin;
  PetscCall(keep(h5, group_local(h5, path)));
  PetscFunctionReturn(0);
}

/* Attributes -------------------------------------------------------------------------------- */

/* One attribute of an open object; n < 0: a scalar. */
static PetscErrorCode attr_local(screen_h5 *h5, hid_t object, const char *path, const char *name,
                                 hid_t in_file, hid_t in_memory, PetscInt n, const void *value)
{
  const hsize_t size = (hsize_t)n;
  hid_t space, attr;

  PetscFunctionBegin;
  H5Open(h5, path, space, n < 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &size, NULL));
  H5Open(h5, path, attr, H5Acreate2(object, name, in_file, space, H5P_DEFAULT, H5P_DEFAULT));
  H5Call(h5, path, H5Awrite(attr, in_memory, value));
  PetscFunctionReturn(0);
}

static PetscErrorCode attr_text_local(screen_h5 *h5, const char *path, const char *name,
                                      const char *text)
{
  hid_t object, type;

  PetscFunctionBegin;
  H5Open(h5, path, object, H5Oopen(h5->file, path, H5P_DEFAULT));
  H5Open(h5, path, type, H5Tcopy(H5T_C_S1));
  H5Call(h5, path, H5Tset_size(type, strlen(text)));
  H5Call(h5, path, H5Tset_strpad(type, H5T_STR_NULLPAD));
  H5Call(h5, path, H5Tset_cset(type, H5T_CSET_UTF8));
  PetscCall(attr_local(h5, object, path, name, type, type, -1, text));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_h5_attr_text(screen_h5 *h5, const char *path, const char *name,
                                   const char *text)
{
  PetscFunctionBegin;
  if (!text || !text[0]) PetscFunctionReturn(0);
  PetscCall(keep(h5, attr_text_local(h5, path, name, text)));
  PetscFunctionReturn(0);
}

static PetscErrorCode attr_path_local(screen_h5 *h5, const char *path, const char *name,
                                      hid_t in_file, hid_t in_memory, PetscInt n, const void *value)
{
  hid_t object;

  PetscFunctionBegin;
  H5Open(h5, path, object, H5Oopen(h5->file, path, H5P_DEFAULT));
  PetscCall(attr_local(h5, object, path, name, in_file, in_memory, n, value));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_h5_attr_ints(screen_h5 *h5, const char *path, const char *name,
                                   screen_h5_type type, PetscInt n, const PetscInt value[])
{
  PetscFunctionBegin;
  PetscCall(keep(h5, attr_path_local(h5, path, name, type_in_file(type),
                                     type_in_memory(SCREEN_H5_INT), n, value)));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_h5_attr_int64(screen_h5 *h5, const char *path, const char *name,
                                    int64_t value)
{
  PetscFunctionBegin;
  PetscCall(keep(h5, attr_path_local(h5, path, name, H5T_STD_I64LE, H5T_NATIVE_INT64, -1, &value)));
  PetscFunctionReturn(0);
}

/* Dimensions and variables ------------------------------------------------------------------ */

/* A dataset of fixed size.  Its place in the file is taken at once and nothing is written there:
 * every element is written later, and a fill would be a collective write in the middle of a local
 * function. */
static PetscErrorCode dataset_local(screen_h5 *h5, const char *path, screen_h5_type type,
                                    PetscInt rank, const hsize_t size[], hid_t *dataset)
{
  const double nan_value = (double)NAN;
  hsize_t bytes = H5Tget_size(type_in_file(type));
  hid_t creation, space;

  PetscFunctionBegin;
  for (PetscInt d = 0; d < rank; d++) bytes *= size[d];
  h5->bytes += bytes;
  H5Open(h5, path, space, H5Screate_simple((int)rank, size, NULL));
  H5Open(h5, path, creation, H5Pcreate(H5P_DATASET_CREATE));
  H5Call(h5, path, H5Pset_obj_track_times(creation, 0));
  H5Call(h5, path,
         H5Pset_attr_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED));
  H5Call(h5, path, H5Pset_alloc_time(creation, H5D_ALLOC_TIME_EARLY));
  H5Call(h5, path, H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER));
  if (type == SCREEN_H5_REAL || type == SCREEN_H5_FLOAT)
    H5Call(h5, path, H5Pset_fill_value(creation, H5T_NATIVE_DOUBLE, &nan_value));
  H5Open(h5, path, *dataset,
         H5Dcreate2(h5->file, path, type_in_file(type), space, H5P_DEFAULT, creation, H5P_DEFAULT));
  PetscFunctionReturn(0);
}

/* The last part of a path. */
static const char *base_name(const char *path)
{
  const char *slash = strrchr(path, '/');

  return slash ? slash + 1 : path;
}

/* Makes a dataset the next dimension; `name` is what netCDF reads. */
static PetscErrorCode scale_local(screen_h5 *h5, const char *path, hid_t dataset, const char *name)
{
  const int32_t number = (int32_t)h5->ndimension++;

  PetscFunctionBegin;
  H5Call(h5, path, H5DSset_scale(dataset, name));
  PetscCall(
      attr_local(h5, dataset, path, "_Netcdf4Dimid", H5T_STD_I32LE, H5T_NATIVE_INT32, -1, &number));
  PetscFunctionReturn(0);
}

static PetscErrorCode dimension_local(screen_h5 *h5, const char *path, PetscInt n)
{
  const hsize_t size = (hsize_t)n;
  char name[96];
  hid_t dataset;

  PetscFunctionBegin;
  /* The words and the width of the number are netCDF's mark of a dimension that is not a variable.
     */
  snprintf(name, sizeof(name), "This is a netCDF dimension but not a netCDF variable.%10d", (int)n);
  PetscCall(dataset_local(h5, path, SCREEN_H5_UBYTE, 1, &size, &dataset));
  PetscCall(scale_local(h5, path, dataset, name));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_h5_dimension(screen_h5 *h5, const char *path, PetscInt n)
{
  PetscFunctionBegin;
  PetscCheck(n >= 1, h5->comm, PETSC_ERR_ARG_OUTOFRANGE,
             "Dimension %s needs at least one entry, got %" PetscInt_FMT, path, n);
  PetscCall(keep(h5, dimension_local(h5, path, n)));
  PetscFunctionReturn(0);
}

static PetscErrorCode axis_local(screen_h5 *h5, const char *path, PetscInt n)
{
  const hsize_t size = (hsize_t)n;
  hid_t dataset;

  PetscFunctionBegin;
  PetscCall(dataset_local(h5, path, SCREEN_H5_REAL, 1, &size, &dataset));
  PetscCall(scale_local(h5, path, dataset, base_name(path)));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_h5_axis(screen_h5 *h5, const char *path, PetscInt n, const PetscReal value[])
{
  const PetscInt zero = 0;

  PetscFunctionBegin;
  PetscCheck(n >= 1, h5->comm, PETSC_ERR_ARG_OUTOFRANGE,
             "Axis %s needs at least one value, got %" PetscInt_FMT, path, n);
  PetscCall(keep(h5, axis_local(h5, path, n)));
  PetscCall(screen_h5_write(h5, path, 1, h5->rank == 0 ? 1 : 0, &zero, value));
  PetscFunctionReturn(0);
}

/* Number and length of an existing dimension. */
static PetscErrorCode dimension_look(screen_h5 *h5, const char *path, hid_t *dataset,
                                     int32_t *number, hsize_t *size)
{
  hsize_t extent[2];
  hid_t space, attr;

  PetscFunctionBegin;
  H5Open(h5, path, *dataset, H5Dopen2(h5->file, path, H5P_DEFAULT));
  H5Open(h5, path, space, H5Dget_space(*dataset));
  H5Call(h5, path, H5Sget_simple_extent_dims(space, extent, NULL));
  H5Open(h5, path, attr, H5Aopen(*dataset, "_Netcdf4Dimid", H5P_DEFAULT));
  H5Call(h5, path, H5Aread(attr, H5T_NATIVE_INT32, number));
  *size = extent[0];
  PetscFunctionReturn(0);
}

static PetscErrorCode labels_local(screen_h5 *h5, const char *path, const char *length_path,
                                   PetscInt n, hsize_t *length)
{
  int32_t number[2];
  hsize_t size[2];
  hid_t dataset;

  PetscFunctionBegin;
  PetscCall(dimension_look(h5, length_path, &dataset, &number[1], length));
  close_opened(h5, 0);
  size[0] = (hsize_t)n;
  size[1] = *length;
  number[0] = (int32_t)h5->ndimension;
  PetscCall(dataset_local(h5, path, SCREEN_H5_CHAR, 2, size, &dataset));
  PetscCall(scale_local(h5, path, dataset, base_name(path)));
  PetscCall(attr_local(h5, dataset, path, "_Netcdf4Coordinates", H5T_STD_I32LE, H5T_NATIVE_INT32, 2,
                       number));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_h5_labels(screen_h5 *h5, const char *path, const char *length_path,
                                PetscInt n, const char *const text[])
{
  const PetscInt zero = 0;
  hsize_t length = 0;
  char *field;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(keep(h5, labels_local(h5, path, length_path, n, &length)));
  PetscCall(screen_h5_attr_text(h5, path, "_Encoding", "utf-8"));
  PetscCall(PetscMalloc1((size_t)n * length, &field));
  for (PetscInt i = 0; i < n; i++) screen_h5_put_text(text[i], length, field + (size_t)i * length);
  ierr = screen_h5_write(h5, path, 2, h5->rank == 0 ? 1 : 0, &zero, field);
  PetscCall(PetscFree(field));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* Attaches existing dimensions to a new dataset. */
static PetscErrorCode attach_local(screen_h5 *h5, const char *path, hid_t dataset, PetscInt rank,
                                   const char *const dimension[])
{
  const PetscInt mark = h5->nopen;
  hid_t scale;

  PetscFunctionBegin;
  for (PetscInt d = 0; d < rank; d++) {
    H5Open(h5, path, scale, H5Dopen2(h5->file, dimension[d], H5P_DEFAULT));
    H5Call(h5, path, H5DSattach_scale(dataset, scale, (unsigned)d));
    close_opened(h5, mark);
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode variable_local(screen_h5 *h5, const char *path, screen_h5_type type,
                                     PetscInt rank, const char *const dimension[])
{
  const double nan_value = (double)NAN;
  hsize_t size[SCREEN_H5_MAX_RANK] = {0};
  int32_t number;
  hid_t dataset, scale;

  PetscFunctionBegin;
  for (PetscInt d = 0; d < rank; d++) {
    PetscCall(dimension_look(h5, dimension[d], &scale, &number, &size[d]));
    close_opened(h5, 0);
  }
  PetscCall(dataset_local(h5, path, type, rank, size, &dataset));
  PetscCall(attach_local(h5, path, dataset, rank, dimension));
  if (type == SCREEN_H5_REAL || type == SCREEN_H5_FLOAT)
    PetscCall(attr_local(h5, dataset, path, "_FillValue", type_in_file(type), H5T_NATIVE_DOUBLE, 1,
                         &nan_value));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_h5_variable(screen_h5 *h5, const char *path, screen_h5_type type,
                                  PetscInt rank, const char *const dimension[])
{
  PetscFunctionBegin;
  PetscCheck(rank >= 1 && rank <= SCREEN_H5_MAX_RANK, h5->comm, PETSC_ERR_ARG_OUTOFRANGE,
             "Variable %s has %" PetscInt_FMT " dimensions, HDF5 allows 1 to %d", path, rank,
             SCREEN_H5_MAX_RANK);
  PetscCall(keep(h5, variable_local(h5, path, type, rank, dimension)));
  PetscFunctionReturn(0);
}

/* Writing ----------------------------------------------------------------------------------- */

/* A variable that is being written to. */
typedef struct {
  hid_t dataset, space;
  screen_h5_type type;
  PetscInt rank, inner;
  hsize_t size[SCREEN_H5_MAX_RANK];
  hsize_t lead, row; /* rows; elements of a row */
} target;

static PetscErrorCode target_open(screen_h5 *h5, const char *path, PetscInt inner, target *t)
{
  hid_t type;

  PetscFunctionBegin;
  H5Open(h5, path, t->dataset, H5Dopen2(h5->file, path, H5P_DEFAULT));
  H5Open(h5, path, t->space, H5Dget_space(t->dataset));
  H5Open(h5, path, type, H5Dget_type(t->dataset));
  t->rank = H5Sget_simple_extent_dims(t->space, t->size, NULL);
  for (t->type = SCREEN_H5_REAL; t->type < SCREEN_H5_CHAR; t->type++) {
    if (H5Tequal(type, type_in_file(t->type)) > 0) break;
  }
  t->inner = inner;
  t->lead = t->row = 1;
  for (PetscInt d = 0; d < t->rank; d++) {
    if (d < t->rank - inner)
      t->lead *= t->size[d];
    else
      t->row *= t->size[d];
  }
  PetscFunctionReturn(0);
}

/* Coordinates of elements first, first + 1, ... of the rows this rank gives, counted over its rows.
   */
static void coordinates(const target *t, const PetscInt row[], hsize_t first, size_t n,
                        hsize_t coordinate[])
{
  for (size_t k = 0; k < n; k++) {
    const hsize_t element = first + k;
    hsize_t flat = (hsize_t)row[element / t->row] * t->row + element % t->row;

    for (PetscInt d = t->rank - 1; d >= 0; d--) {
      coordinate[k * (size_t)t->rank + (size_t)d] = flat % t->size[d];
      flat /= t->size[d];
    }
  }
}

/* One write of n >= 1 elements, by this rank alone. */
static PetscErrorCode write_batch(screen_h5 *h5, const char *path, const target *t, hsize_t n,
                                  const hsize_t coordinate[], const void *data)
{
  const PetscInt mark = h5->nopen;
  hid_t memory;

  PetscFunctionBegin;
  H5Open(h5, path, memory, H5Screate_simple(1, &n, NULL));
  H5Call(h5, path, H5Sselect_elements(t->space, H5S_SELECT_SET, n, coordinate));
  H5Call(h5, path,
         H5Dwrite(t->dataset, type_in_memory(t->type), memory, t->space, H5P_DEFAULT, data));
  close_opened(h5, mark);
  PetscFunctionReturn(0);
}

/* A long row as it lies, by this rank alone: much faster than element by element. */
static PetscErrorCode write_row(screen_h5 *h5, const char *path, const target *t, PetscInt row,
                                const void *data)
{
  const PetscInt mark = h5->nopen;
  hsize_t start[SCREEN_H5_MAX_RANK], count[SCREEN_H5_MAX_RANK];
  hid_t memory;

  PetscFunctionBegin;
  coordinates(t, &row, 0, 1, start);
  for (PetscInt d = 0; d < t->rank; d++) count[d] = d < t->rank - t->inner ? 1 : t->size[d];
  H5Open(h5, path, memory, H5Screate_simple(1, &t->row, NULL));
  H5Call(h5, path, H5Sselect_hyperslab(t->space, H5S_SELECT_SET, start, NULL, count, NULL));
  H5Call(h5, path,
         H5Dwrite(t->dataset, type_in_memory(t->type), memory, t->space, H5P_DEFAULT, data));
  close_opened(h5, mark);
  PetscFunctionReturn(0);
}

/* All elements of this rank, batch by batch. */
static PetscErrorCode write_batches(screen_h5 *h5, const char *path, const target *t, PetscInt nrow,
                                    const PetscInt row[], const void *data, hsize_t coordinate[])
{
  const hsize_t total = (hsize_t)nrow * t->row;

  PetscFunctionBegin;
  if (t->row >= LONG_ROW) {
    for (PetscInt k = 0; k < nrow; k++)
      PetscCall(write_row(h5, path, t, row[k],
                          (const char *)data + (size_t)k * t->row * size_in_memory(t->type)));
    PetscFunctionReturn(0);
  }
  for (hsize_t first = 0; first < total; first += BATCH) {
    const hsize_t n = PetscMin((hsize_t)BATCH, total - first);

    coordinates(t, row, first, (size_t)n, coordinate);
    PetscCall(write_batch(h5, path, t, n, coordinate,
                          (const char *)data + (size_t)first * size_in_memory(t->type)));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode check_rows(const screen_h5 *h5, const char *path, const target *t,
                                 PetscInt nrow, const PetscInt row[])
{
  PetscFunctionBegin;
  for (PetscInt k = 0; k < nrow; k++)
    PetscCheck(row[k] >= 0 && (hsize_t)row[k] < t->lead, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE,
               "%s: row %" PetscInt_FMT " of %s does not exist, it has %lld", h5->path, row[k],
               path, (long long)t->lead);
  PetscFunctionReturn(0);
}

/* Opens the variable and allocates room for coordinates. */
static PetscErrorCode write_prepare(screen_h5 *h5, const char *path, PetscInt inner, PetscInt nrow,
                                    const PetscInt row[], target *t, hsize_t **coordinate)
{
  PetscFunctionBegin;
  PetscCall(target_open(h5, path, inner, t));
  PetscCall(check_rows(h5, path, t, nrow, row));
  PetscCall(PetscMalloc1((size_t)BATCH * (size_t)t->rank, coordinate));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_h5_write(screen_h5 *h5, const char *path, PetscInt inner, PetscInt nrow,
                               const PetscInt row[], const void *data)
{
  hsize_t *coordinate = NULL;
  target t = {0};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(agree(h5, PETSC_ERR_FILE_WRITE));
  ierr = write_prepare(h5, path, inner, nrow, row, &t, &coordinate);
  if (!ierr) ierr = write_batches(h5, path, &t, nrow, row, data, coordinate);
  PetscCall(PetscFree(coordinate));
  PetscCall(keep(h5, ierr));
  PetscFunctionReturn(0);
}

/* Texts ------------------------------------------------------------------------------------- */

/* Bytes of the UTF-8 character that starts here, by its lead byte; 0: not one */
static size_t utf8_length(const unsigned char *c)
{
  const size_t n = c[0] < 0x80                   ? 1
                   : c[0] >= 0xc2 && c[0] < 0xe0 ? 2
                   : c[0] >= 0xe0 && c[0] < 0xf0 ? 3
                   : c[0] >= 0xf0 && c[0] < 0xf5 ? 4
                                                 : 0;

  for (size_t i = 1; i < n; i++) {
    if ((c[i] & 0xc0) != 0x80) return 0;
  }
  return n;
}

void screen_h5_put_text(const char *text, size_t size, char field[])
{
  const unsigned char *c = (const unsigned char *)text;
  size_t at = 0;

  memset(field, 0, size);
  while (*c) {
    const size_t n = utf8_length(c), room = n > 0 ? n : 1;

    if (at + room > size) return;
    if (n > 0)
      memcpy(field + at, c, n);
    else
      field[at] = '?';
    at += room;
    c += room;
  }
}

PetscErrorCode screen_h5_version(char *text, size_t size)
{
  unsigned major, minor, release;

  PetscFunctionBegin;
  PetscCheck(H5get_libversion(&major, &minor, &release) >= 0, PETSC_COMM_SELF, PETSC_ERR_LIB,
             "HDF5 does not tell its version");
  PetscCall(PetscSNPrintf(text, size, "%u.%u.%u", major, minor, release));
  PetscFunctionReturn(0);
}
