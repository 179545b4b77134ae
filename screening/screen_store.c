/* screening/screen_store.c - results.h5 is made beside the old one and takes its place only when it
 * is whole
 *
 * Steps: rank 0 tries the directory and reads the potential (with the operating system's own words
 * for what fails), all ranks write DIR/results.h5.tmp and close it, rank 0 flushes it to disk,
 * renames it and flushes the directory.  A reader sees the old file or the new one.  Each step ends
 * with all ranks agreeing; after a failure the .tmp file is removed.
 */
#include "screening/screen_store.h"
#include "screening/screen_sha256.h"
#include "screening/screen_store_impl.h"
#include "screening/screen_version.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MESSAGE = 2 * SCREEN_PATH_MAX };

/* Rank 0's verdict on a step, for all: an empty message is success. */
static PetscErrorCode verdict(MPI_Comm comm, PetscErrorCode code, char message[MESSAGE])
{
  PetscFunctionBegin;
  PetscCallMPI(MPI_Bcast(message, MESSAGE, MPI_CHAR, 0, comm));
  PetscCheck(!message[0], PETSC_COMM_SELF, code, "%s", message);
  PetscFunctionReturn(0);
}

/* Every point must be given by exactly one rank: otherwise the table would have holes that nobody
   marked. */
static PetscErrorCode check_points(MPI_Comm comm, PetscInt npoint, PetscInt nmine,
                                   const PetscInt mine[])
{
  PetscInt *given, outside = 0, wrong = -1;

  PetscFunctionBegin;
  PetscCall(PetscCalloc1(npoint + 1, &given));
  for (PetscInt k = 0; k < nmine; k++) {
    if (mine[k] < 0 || mine[k] >= npoint)
      outside = 1;
    else
      given[mine[k]]++;
  }
  given[npoint] = outside;
  PetscCallMPI(
      MPI_Allreduce(MPI_IN_PLACE, given, (PetscMPIInt)npoint + 1, MPIU_INT, MPI_SUM, comm));
  outside = given[npoint];
  for (PetscInt i = npoint; i-- > 0;) {
    if (given[i] != 1) wrong = i;
  }
  if (wrong >= 0) nmine = given[wrong];
  PetscCall(PetscFree(given));
  PetscCheck(outside == 0, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG,
             "A result is given for a point outside the grid of %" PetscInt_FMT, npoint);
  PetscCheck(wrong < 0, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG,
             "Point %" PetscInt_FMT " is given by %" PetscInt_FMT " ranks, wanted 1", wrong, nmine);
  PetscFunctionReturn(0);
}

/* Whether DIR takes a new file, asked by making it: HDF5 would say only that it could not. */
static void try_directory(const char *path, char message[MESSAGE])
{
  const int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0666);

  if (fd >= 0 && close(fd) == 0) return;
  snprintf(message, MESSAGE, "%s: cannot be written: %s", path, strerror(errno));
}

/* The bytes must be those of the potential that the numbers were made with. */
static void check_bytes(const char *file, const char *sha256, const unsigned char *text,
                        size_t size, char why[MESSAGE])
{
  unsigned char digest[SCREEN_SHA256_SIZE];
  char hex[65];

  screen_sha256(text, size, digest);
  screen_sha256_hex(digest, hex);
  if (strcmp(hex, sha256) != 0)
    snprintf(why, MESSAGE, "%s has changed since the campaign was read", file);
}

/* Appends a file to *text, whose size grows; *why says what is wrong, "" when all is well. */
static PetscErrorCode append_file(const char *file, const char *sha256, unsigned char **text,
                                  size_t *size, char why[MESSAGE])
{
  FILE *in = fopen(file, "rb");
  long length = -1;
  size_t n = 0;

  PetscFunctionBegin;
  if (in && fseek(in, 0, SEEK_END) == 0) length = ftell(in);
  if (length > 0) {
    rewind(in);
    PetscCall(PetscRealloc(*size + (size_t)length, text));
    n = fread(*text + *size, 1, (size_t)length, in);
  }
  if (length <= 0 || n != (size_t)length)
    snprintf(why, MESSAGE, "%s could not be read: %s", file,
             length == 0 ? "it is empty" : strerror(errno));
  else
    check_bytes(file, sha256, *text + *size, n, why);
  if (in) fclose(in);
  *size += n;
  PetscFunctionReturn(0);
}

/* The potential, or all files of a committee, of which each has each[m] bytes.  Rank 0. */
static PetscErrorCode read_potential(const screen_campaign *c, unsigned char **text, size_t *size,
                                     PetscInt each[], char why[MESSAGE])
{
  PetscFunctionBegin;
  if (c->potential_text) {
    *size = strlen(c->potential_text);
    PetscCall(PetscMalloc1(*size, text));
    PetscCall(PetscMemcpy(*text, c->potential_text, *size));
    check_bytes("the potential", c->potential_sha256, *text, *size, why);
  } else if (!c->nmember) {
    PetscCall(append_file(c->potential_file, c->potential_sha256, text, size, why));
  }
  for (PetscInt m = 0; m < c->nmember && !why[0]; m++) {
    const size_t before = *size;

    PetscCall(append_file(c->member[m].file, c->member[m].sha256, text, size, why));
    each[m] = (PetscInt)(*size - before);
  }
  PetscFunctionReturn(0);
}

/* Rank 0 reads the potential; all learn its size, or why it is left out. */
static PetscErrorCode load_potential(MPI_Comm comm, const screen_campaign *campaign,
                                     unsigned char **text, size_t *size, PetscInt each[],
                                     char why[MESSAGE])
{
  unsigned long long bytes;
  PetscMPIInt rank;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  *text = NULL;
  *size = 0;
  if (rank == 0) {
    PetscCall(read_potential(campaign, text, size, each, why));
    if (why[0]) *size = 0;
  }
  bytes = *size;
  PetscCallMPI(MPI_Bcast(&bytes, 1, MPI_UNSIGNED_LONG_LONG, 0, comm));
  PetscCallMPI(MPI_Bcast(why, MESSAGE, MPI_CHAR, 0, comm));
  PetscCallMPI(MPI_Bcast(each, (PetscMPIInt)campaign->nmember, MPIU_INT, 0, comm));
  *size = (size_t)bytes;
  PetscFunctionReturn(0);
}

/* Now, or the time that SOURCE_DATE_EPOCH gives (reproducible-builds.org): then equal results are
   equal files. */
static time_t time_of_writing(void)
{
  const char *given = getenv("SOURCE_DATE_EPOCH");
  char *end = NULL;
  const long long seconds = given ? strtoll(given, &end, 10) : 0;

  return given && end != given && !*end ? (time_t)seconds : time(NULL);
}

/* "2026-02-03T04:05:06Z liquidus 0.1.0: results of 12 points" */
static PetscErrorCode make_history(MPI_Comm comm, PetscInt npoint, char history[128])
{
  const time_t now = time_of_writing();
  struct tm utc;
  size_t n;

  PetscFunctionBegin;
  gmtime_r(&now, &utc);
  n = strftime(history, 128, "%Y-%m-%dT%H:%M:%SZ", &utc);
  snprintf(history + n, 128 - n, " liquidus %s: results of %d points", LIQUIDUS_VERSION,
           (int)npoint);
  PetscCallMPI(MPI_Bcast(history, 128, MPI_CHAR, 0, comm));
  PetscFunctionReturn(0);
}

static PetscErrorCode write_parts(screen_store_table *table, const char *path)
{
  PetscFunctionBegin;
  PetscCall(screen_h5_create(table->comm, path, &table->h5));
  PetscCall(screen_store_write_head(table));
  PetscCall(screen_store_write_values(table));
  PetscCall(screen_store_write_members(table));
  PetscCall(screen_store_write_points(table));
  PetscCall(screen_store_write_curves(table));
  PetscCall(screen_store_write_series(table));
  PetscCall(screen_store_write_fits(table));
  PetscCall(screen_store_write_surfaces(table));
  PetscCall(screen_h5_close(&table->h5));
  PetscFunctionReturn(0);
}

/* Waits until a file's or a directory's content is on the disk. */
static int flush_path(const char *path, int flags)
{
  const int fd = open(path, flags | O_CLOEXEC);
  int bad;

  if (fd < 0) return -1;
  bad = fsync(fd);
  return close(fd) || bad ? -1 : 0;
}

/* Rank 0: the new file takes the place of the old one, durably. */
static void publish(const char *directory, const char *beside, const char *final,
                    char message[MESSAGE])
{
  if (flush_path(beside, O_RDONLY) != 0)
    snprintf(message, MESSAGE, "%s: cannot be flushed to disk: %s", beside, strerror(errno));
  else if (rename(beside, final) != 0)
    snprintf(message, MESSAGE, "%s: cannot be renamed: %s", beside, strerror(errno));
  else if (flush_path(directory, O_RDONLY | O_DIRECTORY) != 0)
    snprintf(message, MESSAGE, "%s: cannot be flushed to disk: %s", directory, strerror(errno));
}

/* All steps; what they allocate hangs on `table`. */
static PetscErrorCode write_and_publish(screen_store_table *table, const char *directory,
                                        const char *beside)
{
  char message[MESSAGE] = "", final[SCREEN_PATH_MAX];
  PetscMPIInt rank;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(table->comm, &rank));
  PetscCall(PetscSNPrintf(final, sizeof(final), "%s/results.h5", directory));
  if (rank == 0) try_directory(beside, message);
  PetscCall(verdict(table->comm, PETSC_ERR_FILE_OPEN, message));
  PetscCall(write_parts(table, beside));
  if (rank == 0) publish(directory, beside, final, message);
  PetscCall(verdict(table->comm, PETSC_ERR_FILE_WRITE, message));
  PetscFunctionReturn(0);
}

static PetscErrorCode clear_table(screen_store_table *table, unsigned char *potential)
{
  PetscFunctionBegin;
  PetscCall(screen_h5_destroy(&table->h5));
  PetscCall(PetscFree(potential));
  PetscCall(PetscFree(table->axis));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_store_write(MPI_Comm comm, const screen_campaign *campaign,
                                  const screen_grid *grid, PetscInt nmine, const PetscInt mine[],
                                  const screen_result result[], const screen_store_more *more,
                                  const char *directory)
{
  screen_store_table table = {.comm = comm, .campaign = campaign, .grid = grid};
  char beside[SCREEN_PATH_MAX], why[MESSAGE] = "", history[128] = "";
  unsigned char *potential = NULL;
  PetscInt *member_size;
  PetscMPIInt rank;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(check_points(comm, grid->npoint, nmine, mine));
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  PetscCall(PetscSNPrintf(beside, sizeof(beside), "%s/results.h5.tmp", directory));
  PetscCall(PetscMalloc1(grid->naxis, &table.axis));
  PetscCall(screen_store_axis_names(grid, table.axis));
  table.nrow = nmine;
  table.row = mine;
  table.result = result;
  if (more) {
    table.fits = more->fits;
    table.series = more->series;
    table.surfaces = more->surfaces;
  }
  PetscCall(PetscCalloc1(campaign->nmember, &member_size));
  PetscCall(load_potential(comm, campaign, &potential, &table.potential_size, member_size, why));
  table.member_size = member_size;
  PetscCall(make_history(comm, grid->npoint, history));
  table.potential = potential;
  table.potential_missing = why;
  table.history = history;
  ierr = write_and_publish(&table, directory, beside);
  PetscCall(clear_table(&table, potential));
  PetscCall(PetscFree(member_size));
  if (ierr && rank == 0) unlink(beside);
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_store_hdf5_version(char *text, size_t size)
{
  PetscFunctionBegin;
  PetscCall(screen_h5_version(text, size));
  PetscFunctionReturn(0);
}
