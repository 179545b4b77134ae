/* md/md_checkpoint_file.c - two generations of a file; what holds when is said in the header
 *
 * Order of operations, and what a reader finds when it stops after each:
 *
 *   write PATH.new      PATH (PATH.new is not whole)
 *   sync PATH.new       PATH.new
 *   PATH -> .previous   PATH.new (PATH is missing)
 *   PATH.new -> PATH    PATH
 *   sync the folder     PATH, also after a power failure
 *
 * PATH.new that is whole is newer than PATH: it is removed when writing fails, and becomes PATH
 * when it succeeds.
 */
#include "md/md_checkpoint_file.h"

#include "md/md_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NGENERATION = 3 };
static const char *const suffix[NGENERATION] = {".new", "", ".previous"};

/* Keeps the words of an error instead of printing them. */
static PetscErrorCode keep_words(MPI_Comm comm, int line, const char *function, const char *file,
                                 PetscErrorCode code, PetscErrorType type, const char *text,
                                 void *context)
{
  (void)comm, (void)line, (void)function, (void)file;
  if (type == PETSC_ERROR_INITIAL) snprintf((char *)context, MD_CHECKPOINT_WHY, "%s", text);
  return code;
}

PetscErrorCode md_checkpoint_check(const md_blob *blob, PetscBool *whole,
                                   char why[MD_CHECKPOINT_WHY])
{
  md_blob view = {0}, inside = {0};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  why[0] = '\0';
  md_blob_view(&view, blob->data, blob->size);
  PetscCall(PetscPushErrorHandler(keep_words, why));
  ierr = md_blob_open(&view, &inside);
  PetscCall(PetscPopErrorHandler());
  if (!ierr && view.read != view.size)
    PetscCall(PetscSNPrintf(why, MD_CHECKPOINT_WHY, "Saved state has %zu bytes too many",
                            view.size - view.read));
  *whole = !ierr && view.read == view.size ? PETSC_TRUE : PETSC_FALSE;
  PetscFunctionReturn(0);
}

/* Reading ----------------------------------------------------------------------------------- */

/* Bytes of an open file; *whole false where it cannot be read. */
static PetscErrorCode read_bytes(int fd, md_blob *blob, PetscBool *whole)
{
  struct stat about;
  ssize_t got = 1;

  PetscFunctionBegin;
  *whole = PETSC_FALSE;
  if (fstat(fd, &about) != 0 || about.st_size < 0) PetscFunctionReturn(0);
  PetscCall(PetscMalloc1((size_t)about.st_size + 1, &blob->data));
  blob->capacity = (size_t)about.st_size + 1;
  while (blob->size < (size_t)about.st_size && got > 0) {
    got = read(fd, blob->data + blob->size, (size_t)about.st_size - blob->size);
    if (got > 0) blob->size += (size_t)got;
    if (got < 0 && errno == EINTR) got = 1;
  }
  *whole = got >= 0 ? PETSC_TRUE : PETSC_FALSE;
  PetscFunctionReturn(0);
}

/* One generation: whether there is a file, and whether it is whole. */
static PetscErrorCode read_generation(const char *path, md_blob *blob, PetscBool *exists,
                                      PetscBool *whole, char why[MD_CHECKPOINT_WHY])
{
  char words[MD_CHECKPOINT_WHY] = "";
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  PetscErrorCode ierr;

  PetscFunctionBegin;
  *exists = fd >= 0 ? PETSC_TRUE : PETSC_FALSE;
  *whole = PETSC_FALSE;
  PetscCheck(fd >= 0 || errno == ENOENT, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN,
             "%s: cannot be opened: %s", path, strerror(errno));
  if (fd < 0) PetscFunctionReturn(0);
  ierr = read_bytes(fd, blob, whole);
  if (!*whole) (void)snprintf(words, sizeof(words), "cannot be read: %s", strerror(errno));
  close(fd);
  PetscCall(ierr);
  if (*whole) PetscCall(md_checkpoint_check(blob, whole, words));
  if (!*whole) PetscCall(PetscSNPrintf(why, MD_CHECKPOINT_WHY, "%s: %s", path, words));
  PetscFunctionReturn(0);
}

PetscErrorCode md_checkpoint_file_read(const char *path, md_blob *blob, md_checkpoint_found *found,
                                       char why[MD_CHECKPOINT_WHY])
{
  PetscBool any = PETSC_FALSE, whole = PETSC_FALSE, exists;
  char words[MD_CHECKPOINT_WHY], name[PETSC_MAX_PATH_LEN];

  PetscFunctionBegin;
  *found = MD_CHECKPOINT_NONE;
  why[0] = '\0';
  for (int k = 0; k < NGENERATION && !whole; k++) {
    PetscCall(PetscSNPrintf(name, sizeof(name), "%s%s", path, suffix[k]));
    words[0] = '\0';
    PetscCall(md_blob_clear(blob));
    PetscCall(read_generation(name, blob, &exists, &whole, words));
    if (whole) *found = k < 2 ? MD_CHECKPOINT_NEWEST : MD_CHECKPOINT_PREVIOUS;
    any = any || (exists && k > 0) ? PETSC_TRUE : PETSC_FALSE;
    /* a PATH.new that is not whole is nothing but the end of a killed process */
    if (k > 0 && words[0] && !why[0]) PetscCall(PetscStrncpy(why, words, sizeof(words)));
    if (k == 1 && !exists && !whole)
      PetscCall(PetscSNPrintf(why, MD_CHECKPOINT_WHY, "%s: is missing", name));
  }
  if (whole) PetscFunctionReturn(0);
  PetscCall(md_blob_clear(blob));
  PetscCheck(!any, PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED, "No checkpoint is whole: %s", why);
  why[0] = '\0';
  PetscFunctionReturn(0);
}

/* Writing ----------------------------------------------------------------------------------- */

static PetscErrorCode write_bytes(int fd, const md_blob *blob, const char *path)
{
  PetscFunctionBegin;
  PetscCheck(md_file_put(fd, blob->data, blob->size) == 0, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE,
             "%s: cannot be written: %s", path, strerror(errno));
  PetscCheck(fsync(fd) == 0, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE,
             "%s: cannot be brought to the disk: %s", path, strerror(errno));
  PetscFunctionReturn(0);
}

static PetscErrorCode shift_generations(const char *fresh, const char *path)
{
  char previous[PETSC_MAX_PATH_LEN];

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(previous, sizeof(previous), "%s%s", path, suffix[2]));
  PetscCheck(rename(path, previous) == 0 || errno == ENOENT, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE,
             "%s: cannot be renamed: %s", path, strerror(errno));
  PetscCheck(rename(fresh, path) == 0, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE,
             "%s: cannot be renamed: %s", fresh, strerror(errno));
  PetscFunctionReturn(0);
}

PetscErrorCode md_checkpoint_file_write(const char *path, const md_blob *blob)
{
  char fresh[PETSC_MAX_PATH_LEN], why[MD_CHECKPOINT_WHY];
  PetscBool whole;
  PetscErrorCode ierr;
  int fd, closed;

  PetscFunctionBegin;
  PetscCall(md_checkpoint_check(blob, &whole, why));
  PetscCheck(whole, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "%s: not written: %s", path, why);
  PetscCheck(strlen(path) + 16 < sizeof(fresh), PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN,
             "%s: the name is too long", path);
  PetscCall(PetscSNPrintf(fresh, sizeof(fresh), "%s%s", path, suffix[0]));
  fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  PetscCheck(fd >= 0, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: cannot be made: %s", fresh,
             strerror(errno));
  ierr = write_bytes(fd, blob, fresh);
  closed = close(fd);
  if (ierr || closed != 0) (void)unlink(fresh);
  PetscCall(ierr);
  PetscCheck(closed == 0, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: cannot be closed: %s", fresh,
             strerror(errno));
  PetscCall(shift_generations(fresh, path));
  PetscCall(md_file_sync_folder(path));
  PetscFunctionReturn(0);
}
