/* md/md_h5md.c - H5MD by HDF5; layout and promises stand in the header
 *
 * HDF5 changes its metadata in place, in several writes: a process killed between them leaves a
 * file that cannot be opened.  Its mode for readers beside a writer (SWMR) leaves a mark in the
 * file instead, which plain readers refuse.  Hence the copy: frames are collected in memory, and a
 * flush makes the next generation of the file beside the old one.  Only what lies before the last
 * flush is ever needed, because a run that goes on does so from its last checkpoint.
 *
 * A full disk is met before HDF5 writes: room for all frames is reserved behind the copy, and given
 * back when the file is closed, since HDF5 cuts a file at its end.
 */
#include "md/md_h5md.h"

#include "md/md_file.h"
#include "md/md_units.h"

#include <hdf5.h>
#include <string.h>
#include <unistd.h>

#define GROUP     "/particles/trajectory"
#define FS_PER_PS 1000.0
enum { MAX_OPEN = 16, WORDS = 256, CHUNK = 8192, SLACK = 1 << 17, MEMORY = 64 << 20, LEVEL = 4 };

/* Datasets that grow by a row a frame. */
enum { STEP, TIME, EDGES, POSITION, VELOCITY, ENERGY, TEMPERATURE, NSERIES };
static const char *const series_path[NSERIES] = {
    GROUP "/position/step",          GROUP "/position/time",  GROUP "/box/edges/value",
    GROUP "/position/value",         GROUP "/velocity/value", "/observables/potential_energy/value",
    "/observables/temperature/value"};
static const char *const series_unit[NSERIES] = {
    NULL, "fs", "Angstrom", "Angstrom", "Angstrom ps-1", "eV", "K"};

struct md_h5md {
  char *path, *fresh; /* of the file, and of the one that is being made */
  md_h5md_spec spec;  /* molecule is not kept */
  PetscInt n, nspecies;
  int *type, *id, *molecule; /* [n]; molecule NULL: not known */
  PetscReal *mass;           /* [n, u] */
  int64_t after;             /* frames of later steps do not stay */
  hsize_t rows, keep;        /* frames in the file, and those that stay */
  PetscInt count, capacity;  /* frames in memory, and room for them */
  int64_t *step;             /* [capacity] */
  PetscReal *data[NSERIES];  /* [capacity, numbers a frame]; none of STEP */
  PetscErrorCode code;       /* what an error of HDF5 is called now */
  hid_t open[MAX_OPEN];      /* what the present work has opened */
  int nopen;
};

/* Calls ------------------------------------------------------------------------------------- */

/* The innermost description of what went wrong. */
static herr_t describe(unsigned n, const H5E_error2_t *error, void *context)
{
  if (n == 0) (void)snprintf((char *)context, WORDS, "%s: %s", error->func_name, error->desc);
  return 0;
}

#define H5Call(h, object, ...)                                                                     \
  do {                                                                                             \
    if ((__VA_ARGS__) < 0) {                                                                       \
      char words_[WORDS] = "no reason given";                                                      \
      H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, describe, words_);                                    \
      SETERRQ(PETSC_COMM_SELF, (h)->code, "%s: HDF5 fails at %s: %s", (h)->path, (object),         \
              words_);                                                                             \
    }                                                                                              \
  } while (0)

/* Opens an object that close_opened() closes. */
#define H5Open(h, object, id, ...)                                                                 \
  do {                                                                                             \
    H5Call(h, object, (id) = (__VA_ARGS__));                                                       \
    (h)->open[(h)->nopen++] = (id);                                                                \
  } while (0)

/* Closes what was opened after `mark`, last first; true when all could be closed, else words
 * [WORDS] say what the first of them failed at. */
static PetscBool close_opened(md_h5md *h, int mark, char words[])
{
  PetscBool good = PETSC_TRUE;

  while (h->nopen > mark) {
    if (H5Idec_ref(h->open[--h->nopen]) >= 0 || !good) continue;
    good = PETSC_FALSE;
    (void)snprintf(words, WORDS, "no reason given");
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, describe, words);
  }
  return good;
}

/* The same for a part of the file.  HDF5 keeps small writes until then: one that fails shows here
 * and nowhere else. */
static PetscErrorCode close_object(md_h5md *h, const char *object, int mark)
{
  char words[WORDS];

  PetscFunctionBegin;
  PetscCheck(close_opened(h, mark, words), PETSC_COMM_SELF, h->code, "%s: HDF5 cannot close %s: %s",
             h->path, object, words);
  PetscFunctionReturn(0);
}

/* Making a file ----------------------------------------------------------------------------- */

/* A text of variable length, as the units module wants it, or of fixed length, as H5MD does. */
static PetscErrorCode put_text(md_h5md *h, hid_t object, const char *name, const char *text,
                               PetscBool variable)
{
  const int mark = h->nopen;
  hid_t type, space, attribute;

  PetscFunctionBegin;
  H5Open(h, name, type, H5Tcopy(H5T_C_S1));
  H5Call(h, name, H5Tset_size(type, variable ? H5T_VARIABLE : strlen(text)));
  H5Open(h, name, space, H5Screate(H5S_SCALAR));
  H5Open(h, name, attribute, H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT));
  H5Call(h, name, H5Awrite(attribute, type, variable ? (const void *)&text : (const void *)text));
  PetscCall(close_object(h, name, mark));
  PetscFunctionReturn(0);
}

/* n = 0: a scalar */
static PetscErrorCode put_ints(md_h5md *h, hid_t object, const char *name, hsize_t n,
                               const int value[])
{
  const int mark = h->nopen;
  hid_t space, attribute;

  PetscFunctionBegin;
  H5Open(h, name, space, n ? H5Screate_simple(1, &n, NULL) : H5Screate(H5S_SCALAR));
  H5Open(h, name, attribute,
         H5Acreate2(object, name, H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT));
  H5Call(h, name, H5Awrite(attribute, H5T_NATIVE_INT, value));
  PetscCall(close_object(h, name, mark));
  PetscFunctionReturn(0);
}

/* Groups are made with those above them; *group is open for the caller. */
static PetscErrorCode make_group(md_h5md *h, hid_t file, hid_t link, const char *path, hid_t *group)
{
  PetscFunctionBegin;
  H5Open(h, path, *group, H5Gcreate2(file, path, link, H5P_DEFAULT, H5P_DEFAULT));
  PetscFunctionReturn(0);
}

static PetscErrorCode make_metadata(md_h5md *h, hid_t file, hid_t link)
{
  static const int h5md[2] = {1, 1}, units[2] = {1, 0};
  const int mark = h->nopen;
  hid_t group;

  PetscFunctionBegin;
  PetscCall(make_group(h, file, link, "/h5md", &group));
  PetscCall(put_ints(h, group, "version", 2, h5md));
  PetscCall(make_group(h, file, link, "/h5md/author", &group));
  PetscCall(put_text(h, group, "name", "unknown", PETSC_FALSE));
  PetscCall(make_group(h, file, link, "/h5md/creator", &group));
  PetscCall(put_text(h, group, "name", "Liquidus", PETSC_FALSE));
  PetscCall(put_text(h, group, "version", h->spec.version, PETSC_FALSE));
  PetscCall(make_group(h, file, link, "/h5md/modules/units", &group));
  PetscCall(put_ints(h, group, "version", 2, units));
  PetscCall(put_text(h, group, "system", "Angstrom, fs, eV, u, K", PETSC_TRUE));
  PetscCall(close_object(h, "/h5md", mark));
  PetscFunctionReturn(0);
}

static PetscErrorCode make_box(md_h5md *h, hid_t file, hid_t link)
{
  static const char boundary[3][8] = {"periodic", "periodic",
                                      "periodic"}; /* no zeros at the ends */
  static const int dimension = 3;
  const hsize_t three = 3;
  const int mark = h->nopen;
  hid_t group, type, space, attribute;

  PetscFunctionBegin;
  PetscCall(make_group(h, file, link, GROUP "/box", &group));
  PetscCall(put_ints(h, group, "dimension", 0, &dimension));
  H5Open(h, "boundary", type, H5Tcopy(H5T_C_S1));
  H5Call(h, "boundary", H5Tset_size(type, sizeof(boundary[0])));
  H5Open(h, "boundary", space, H5Screate_simple(1, &three, NULL));
  H5Open(h, "boundary", attribute,
         H5Acreate2(group, "boundary", type, space, H5P_DEFAULT, H5P_DEFAULT));
  H5Call(h, "boundary", H5Awrite(attribute, type, boundary));
  PetscCall(close_object(h, "box", mark));
  PetscFunctionReturn(0);
}

/* Element symbols as names of an enumeration of 32 bits. */
static PetscErrorCode species_type(md_h5md *h, hid_t base, hid_t *type)
{
  PetscFunctionBegin;
  H5Open(h, "species", *type, H5Tenum_create(base));
  for (int s = 0; s < (int)h->nspecies; s++) {
    H5Call(h, h->spec.species[s], H5Tenum_insert(*type, h->spec.species[s], &s));
  }
  PetscFunctionReturn(0);
}

/* What does not change in time, [n]; types of the file and in memory. */
static PetscErrorCode make_fixed(md_h5md *h, hid_t file, hid_t link, const char *path, hid_t type,
                                 hid_t memory, const void *data)
{
  const hsize_t n = (hsize_t)h->n;
  const int mark = h->nopen;
  hid_t space, plist, set;

  PetscFunctionBegin;
  H5Open(h, path, space, H5Screate_simple(1, &n, NULL));
  H5Open(h, path, plist, H5Pcreate(H5P_DATASET_CREATE));
  H5Call(h, path, H5Pset_obj_track_times(plist, 0));
  H5Open(h, path, set, H5Dcreate2(file, path, type, space, link, plist, H5P_DEFAULT));
  H5Call(h, path, H5Dwrite(set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
  H5Call(h, path, H5Dflush(set));
  if (!strcmp(path, GROUP "/mass")) PetscCall(put_text(h, set, "unit", "u", PETSC_TRUE));
  PetscCall(close_object(h, path, mark));
  PetscFunctionReturn(0);
}

static PetscErrorCode make_atoms(md_h5md *h, hid_t file, hid_t link)
{
  const int mark = h->nopen;
  hid_t species;

  PetscFunctionBegin;
  PetscCall(species_type(h, H5T_NATIVE_INT, &species));
  PetscCall(make_fixed(h, file, link, GROUP "/species", species, species, h->type));
  PetscCall(make_fixed(h, file, link, GROUP "/mass", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, h->mass));
  PetscCall(make_fixed(h, file, link, GROUP "/id", H5T_STD_I32LE, H5T_NATIVE_INT, h->id));
  if (h->molecule)
    PetscCall(
        make_fixed(h, file, link, GROUP "/molecule", H5T_STD_I32LE, H5T_NATIVE_INT, h->molecule));
  PetscCall(close_object(h, "atoms", mark));
  PetscFunctionReturn(0);
}

/* Extents of a row behind the number of the frame; returns how many there are. */
static int row_extents(const md_h5md *h, int series, hsize_t extent[2])
{
  extent[0] = series == EDGES ? 3 : (hsize_t)h->n;
  extent[1] = 3;
  return series == EDGES || series == POSITION || series == VELOCITY ? 2 : 0;
}

/* Numbers in a row. */
static size_t row_width(const md_h5md *h, int series)
{
  hsize_t extent[2];

  return row_extents(h, series, extent) ? (size_t)(extent[0] * extent[1]) : 1;
}

static PetscBool has_series(const md_h5md *h, int series)
{
  return series != VELOCITY || h->spec.velocities ? PETSC_TRUE : PETSC_FALSE;
}

static PetscErrorCode make_series(md_h5md *h, hid_t file, hid_t link, int s)
{
  const PetscBool small = s == POSITION || s == VELOCITY ? !h->spec.doubles : PETSC_FALSE;
  const hid_t type = s == STEP ? H5T_STD_I64LE : (small ? H5T_IEEE_F32LE : H5T_IEEE_F64LE);
  const size_t row = row_width(h, s) * (small ? 4 : 8);
  hsize_t extent[3] = {0}, most[3], chunk[3];
  const int rank = 1 + row_extents(h, s, extent + 1), mark = h->nopen;
  hid_t space, plist, set;

  PetscFunctionBegin;
  for (int k = 1; k < rank; k++) most[k] = chunk[k] = extent[k];
  most[0] = H5S_UNLIMITED;
  chunk[0] = row < CHUNK ? CHUNK / row : 1;
  H5Open(h, series_path[s], space, H5Screate_simple(rank, extent, most));
  H5Open(h, series_path[s], plist, H5Pcreate(H5P_DATASET_CREATE));
  H5Call(h, series_path[s], H5Pset_obj_track_times(plist, 0));
  H5Call(h, series_path[s], H5Pset_chunk(plist, rank, chunk));
  if (H5Zfilter_avail(H5Z_FILTER_DEFLATE) > 0) {
    H5Call(h, series_path[s], H5Pset_shuffle(plist));
    H5Call(h, series_path[s], H5Pset_deflate(plist, LEVEL));
  }
  H5Open(h, series_path[s], set,
         H5Dcreate2(file, series_path[s], type, space, link, plist, H5P_DEFAULT));
  if (series_unit[s]) PetscCall(put_text(h, set, "unit", series_unit[s], PETSC_TRUE));
  PetscCall(close_object(h, series_path[s], mark));
  PetscFunctionReturn(0);
}

/* Every element of the frames has the one step and the one time. */
static PetscErrorCode link_times(md_h5md *h, hid_t file)
{
  static const char *const element[] = {GROUP "/box/edges", GROUP "/velocity",
                                        "/observables/potential_energy",
                                        "/observables/temperature"};
  static const char *const name[2] = {"step", "time"};
  char path[128];

  PetscFunctionBegin;
  for (int e = 0; e < 4; e++) {
    if (e == 1 && !h->spec.velocities) continue;
    for (int k = 0; k < 2; k++) {
      PetscCall(PetscSNPrintf(path, sizeof(path), "%s/%s", element[e], name[k]));
      H5Call(h, path,
             H5Lcreate_hard(file, series_path[k == 0 ? STEP : TIME], file, path, H5P_DEFAULT,
                            H5P_DEFAULT));
    }
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode make_contents(md_h5md *h)
{
  hid_t file, link;

  PetscFunctionBegin;
  H5Open(h, "the file", file, H5Fcreate(h->fresh, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
  H5Open(h, "the file", link, H5Pcreate(H5P_LINK_CREATE));
  H5Call(h, "the file", H5Pset_create_intermediate_group(link, 1));
  PetscCall(make_metadata(h, file, link));
  PetscCall(make_box(h, file, link));
  PetscCall(make_atoms(h, file, link));
  for (int s = 0; s < NSERIES; s++) {
    if (has_series(h, s)) PetscCall(make_series(h, file, link, s));
  }
  PetscCall(link_times(h, file));
  PetscFunctionReturn(0);
}

/* Appending --------------------------------------------------------------------------------- */

/* Rows from `keep` on are replaced by those in memory. */
static PetscErrorCode append_series(md_h5md *h, hid_t file, int s)
{
  const void *data = s == STEP ? (const void *)h->step : h->data[s];
  const hid_t type = s == STEP ? H5T_NATIVE_INT64 : H5T_NATIVE_DOUBLE;
  const int mark = h->nopen;
  hsize_t extent[3] = {h->keep + (hsize_t)h->count}, start[3] = {h->keep}, rows[3];
  const int rank = 1 + row_extents(h, s, extent + 1);
  hid_t set, space, memory;

  PetscFunctionBegin;
  H5Open(h, series_path[s], set, H5Dopen2(file, series_path[s], H5P_DEFAULT));
  if (h->keep < h->rows) {
    const hsize_t cut[3] = {h->keep, extent[1], extent[2]};

    H5Call(h, series_path[s], H5Dset_extent(set, cut));
  }
  H5Call(h, series_path[s], H5Dset_extent(set, extent));
  for (int k = 0; k < rank; k++) rows[k] = k ? extent[k] : (hsize_t)h->count;
  if (h->count > 0) {
    H5Open(h, series_path[s], space, H5Dget_space(set));
    H5Call(h, series_path[s], H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, rows, NULL));
    H5Open(h, series_path[s], memory, H5Screate_simple(rank, rows, NULL));
    H5Call(h, series_path[s], H5Dwrite(set, type, memory, space, H5P_DEFAULT, data));
    H5Call(h, series_path[s], H5Dflush(set));
  }
  PetscCall(close_object(h, series_path[s], mark));
  PetscFunctionReturn(0);
}

static PetscErrorCode append_frames(md_h5md *h)
{
  hid_t file;

  PetscFunctionBegin;
  H5Open(h, "the file", file, H5Fopen(h->fresh, H5F_ACC_RDWR, H5P_DEFAULT));
  for (int s = 0; s < NSERIES; s++) {
    if (has_series(h, s)) PetscCall(append_series(h, file, s));
  }
  PetscFunctionReturn(0);
}

/* Does `work` and closes what it opened, whatever happens. */
static PetscErrorCode with_closing(md_h5md *h, PetscErrorCode (*work)(md_h5md *))
{
  char words[WORDS];
  PetscErrorCode ierr;
  PetscBool closed;

  PetscFunctionBegin;
  ierr = work(h);
  closed = close_opened(h, 0, words);
  PetscCall(ierr);
  PetscCheck(closed, PETSC_COMM_SELF, h->code, "%s: HDF5 cannot close it: %s", h->path, words);
  PetscFunctionReturn(0);
}

/* [byte] a frame takes in memory, an upper bound of what it takes in the file. */
static size_t frame_bytes(const md_h5md *h)
{
  size_t n = sizeof(h->step[0]);

  for (int s = TIME; s < NSERIES; s++)
    n += has_series(h, s) ? row_width(h, s) * sizeof(PetscReal) : 0;
  return n;
}

/* The next generation of the file, under its own name. */
static PetscErrorCode make_next(md_h5md *h)
{
  const int64_t more = SLACK + (int64_t)(frame_bytes(h) * (size_t)h->count);
  const int64_t fixed = SLACK + 24 * (int64_t)h->n;
  const PetscBool exists = access(h->path, F_OK) == 0 ? PETSC_TRUE : PETSC_FALSE;

  PetscFunctionBegin;
  if (exists) {
    PetscCall(md_file_copy(h->path, h->fresh, more));
  } else {
    PetscCall(md_file_copy(NULL, h->fresh, fixed + more));
    PetscCall(with_closing(h, make_contents));
  }
  PetscCall(with_closing(h, append_frames));
  PetscCall(md_file_publish(h->fresh, h->path));
  PetscFunctionReturn(0);
}

PetscErrorCode md_h5md_flush(md_h5md *h)
{
  PetscErrorCode ierr;

  PetscFunctionBegin;
  if (h->count == 0 && h->keep == h->rows) PetscFunctionReturn(0);
  h->code = PETSC_ERR_FILE_WRITE;
  ierr = make_next(h);
  if (ierr) (void)unlink(h->fresh);
  PetscCall(ierr);
  h->rows = h->keep = h->keep + (hsize_t)h->count;
  h->count = 0;
  PetscFunctionReturn(0);
}

/* A file that exists ------------------------------------------------------------------------- */

static PetscErrorCode read_extents(md_h5md *h, hid_t file, int s, int rank, hsize_t extent[3])
{
  const int mark = h->nopen;
  hid_t set, space;

  PetscFunctionBegin;
  H5Open(h, series_path[s], set, H5Dopen2(file, series_path[s], H5P_DEFAULT));
  H5Open(h, series_path[s], space, H5Dget_space(set));
  PetscCheck(H5Sget_simple_extent_ndims(space) == rank, PETSC_COMM_SELF, h->code,
             "%s: %s has %d dimensions, wanted %d", h->path, series_path[s],
             H5Sget_simple_extent_ndims(space), rank);
  H5Call(h, series_path[s], H5Sget_simple_extent_dims(space, extent, NULL));
  PetscCall(close_object(h, series_path[s], mark));
  PetscFunctionReturn(0);
}

static PetscErrorCode expect_species(md_h5md *h, hid_t file)
{
  const int mark = h->nopen;
  PetscBool same;
  int *found;
  hid_t set, type;
  herr_t bad;

  PetscFunctionBegin;
  H5Open(h, "species", set, H5Dopen2(file, GROUP "/species", H5P_DEFAULT));
  PetscCall(species_type(h, H5T_NATIVE_INT, &type));
  PetscCall(PetscMalloc1(h->n, &found));
  bad = H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found);
  same =
      bad < 0 || memcmp(found, h->type, sizeof(int) * (size_t)h->n) != 0 ? PETSC_FALSE : PETSC_TRUE;
  PetscCall(PetscFree(found));
  PetscCheck(same, PETSC_COMM_SELF, h->code, "%s: its atoms are of other species", h->path);
  PetscCall(close_object(h, "species", mark));
  PetscFunctionReturn(0);
}

/* How many frames stay. */
static PetscErrorCode count_frames(md_h5md *h, hid_t file)
{
  int64_t *step;
  hid_t set;
  herr_t bad;

  PetscFunctionBegin;
  H5Open(h, series_path[STEP], set, H5Dopen2(file, series_path[STEP], H5P_DEFAULT));
  PetscCall(PetscMalloc1(h->rows + 1, &step));
  bad = H5Dread(set, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, step);
  for (h->keep = h->rows; h->keep > 0 && step[h->keep - 1] > h->after;) h->keep--;
  PetscCall(PetscFree(step));
  H5Call(h, series_path[STEP], bad);
  PetscFunctionReturn(0);
}

static PetscErrorCode look_into(md_h5md *h)
{
  hsize_t extent[3];
  htri_t has;
  hid_t file;

  PetscFunctionBegin;
  H5Open(h, "the file", file, H5Fopen(h->path, H5F_ACC_RDONLY, H5P_DEFAULT));
  PetscCall(read_extents(h, file, POSITION, 3, extent));
  PetscCheck(extent[1] == (hsize_t)h->n && extent[2] == 3, PETSC_COMM_SELF, h->code,
             "%s: it is of %llu atoms, wanted %" PetscInt_FMT, h->path,
             (unsigned long long)extent[1], h->n);
  PetscCall(expect_species(h, file));
  PetscCall(read_extents(h, file, STEP, 1, extent));
  h->rows = extent[0];
  H5Call(h, "velocity", has = H5Lexists(file, GROUP "/velocity", H5P_DEFAULT));
  h->spec.velocities = has > 0 ? PETSC_TRUE : PETSC_FALSE;
  PetscCall(count_frames(h, file));
  PetscFunctionReturn(0);
}

/* Object ------------------------------------------------------------------------------------- */

static PetscErrorCode copy_atoms(const md_h5md_spec *spec, const md_atoms *atoms, md_h5md *h)
{
  PetscFunctionBegin;
  h->n = atoms->n;
  h->nspecies = atoms->nspecies;
  PetscCall(PetscMalloc3(h->n, &h->type, h->n, &h->id, h->n, &h->mass));
  if (spec->molecule) PetscCall(PetscMalloc1(h->n, &h->molecule));
  for (PetscInt i = 0; i < h->n; i++) {
    h->type[i] = (int)atoms->type[i];
    h->id[i] = (int)i;
    h->mass[i] = atoms->mass[atoms->type[i]] / MD_ATOMIC_MASS;
    if (spec->molecule) h->molecule[i] = (int)spec->molecule[i];
  }
  PetscFunctionReturn(0);
}

PetscErrorCode md_h5md_open(const char *path, const md_h5md_spec *spec, const md_atoms *atoms,
                            PetscInt64 after, md_h5md **h5md)
{
  const size_t room = strlen(path) + 8;
  md_h5md *h;

  PetscFunctionBegin;
  PetscCall(PetscNew(&h));
  *h5md = h;
  h->spec = *spec;
  h->spec.molecule = NULL;
  PetscCall(PetscStrallocpy(path, &h->path));
  PetscCall(PetscMalloc1(room, &h->fresh));
  PetscCall(PetscSNPrintf(h->fresh, room, "%s.new", path));
  PetscCall(copy_atoms(spec, atoms, h));
  h->code = PETSC_ERR_FILE_OPEN;
  H5Call(h, "its messages", H5Eset_auto2(H5E_DEFAULT, NULL, NULL)); /* they are in ours */
  h->after = after;
  if (access(path, F_OK) == 0) PetscCall(with_closing(h, look_into));
  PetscFunctionReturn(0);
}

/* Room for one frame more. */
static PetscErrorCode grow(md_h5md *h)
{
  const PetscInt capacity = 2 * h->capacity + 8;

  PetscFunctionBegin;
  if (h->count < h->capacity) PetscFunctionReturn(0);
  PetscCall(PetscRealloc(sizeof(h->step[0]) * (size_t)capacity, &h->step));
  for (int s = TIME; s < NSERIES; s++) {
    if (!has_series(h, s)) continue;
    PetscCall(PetscRealloc(sizeof(PetscReal) * row_width(h, s) * (size_t)capacity, &h->data[s]));
  }
  h->capacity = capacity;
  PetscFunctionReturn(0);
}

PetscErrorCode md_h5md_add(md_h5md *h, const md_h5md_frame *frame, const md_atoms *atoms)
{
  size_t k, n3 = 3 * (size_t)h->n;

  PetscFunctionBegin;
  PetscCheck(atoms->n == h->n, PETSC_COMM_SELF, PETSC_ERR_ARG_SIZ,
             "A frame of %" PetscInt_FMT " atoms, wanted %" PetscInt_FMT, atoms->n, h->n);
  PetscCall(grow(h));
  k = (size_t)h->count++;
  h->step[k] = frame->step;
  h->data[TIME][k] = frame->time;
  h->data[ENERGY][k] = frame->energy;
  h->data[TEMPERATURE][k] = frame->temperature;
  PetscCall(PetscArraycpy(h->data[EDGES] + 9 * k, &atoms->h[0][0], 9));
  PetscCall(PetscArraycpy(h->data[POSITION] + n3 * k, atoms->x, n3));
  for (size_t c = 0; c < n3 && h->spec.velocities; c++)
    h->data[VELOCITY][n3 * k + c] = FS_PER_PS * atoms->v[c];
  if (frame_bytes(h) * (size_t)h->count >= MEMORY) PetscCall(md_h5md_flush(h));
  PetscFunctionReturn(0);
}

PetscErrorCode md_h5md_close(md_h5md **h5md)
{
  md_h5md *h = *h5md;
  char words[WORDS];

  PetscFunctionBegin;
  if (!h) PetscFunctionReturn(0);
  (void)close_opened(h, 0, words);
  PetscCall(PetscFree(h->step));
  for (int s = TIME; s < NSERIES; s++) PetscCall(PetscFree(h->data[s]));
  PetscCall(PetscFree3(h->type, h->id, h->mass));
  PetscCall(PetscFree(h->molecule));
  PetscCall(PetscFree(h->path));
  PetscCall(PetscFree(h->fresh));
  PetscCall(PetscFree(*h5md));
  PetscFunctionReturn(0);
}
