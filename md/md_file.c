/* md/md_file.c - copies, names and what is on the disk */
#define _GNU_SOURCE /* copy_file_range; NOLINT(bugprone-reserved-identifier) */
#include "md/md_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 1 << 20 };

PetscErrorCode md_file_sync_folder(const char *path)
{
  char folder[PETSC_MAX_PATH_LEN];
  char *slash;
  int fd, bad;

  PetscFunctionBegin;
  PetscCall(PetscStrncpy(folder, path, sizeof(folder)));
  slash = strrchr(folder, '/');
  if (slash == folder) slash++; /* the root is its own name */
  if (slash) *slash = '\0';
  fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bad = fd < 0 || (fsync(fd) != 0 && errno != EINVAL); /* some file systems cannot, and need not */
  if (fd >= 0) close(fd);
  PetscCheck(!bad, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: its folder cannot be synced: %s",
             path, strerror(errno));
  PetscFunctionReturn(0);
}

PetscErrorCode md_file_publish(const char *fresh, const char *path)
{
  const int fd = open(fresh, O_RDONLY | O_CLOEXEC);
  const int bad = fd < 0 || fsync(fd) != 0 || rename(fresh, path) != 0;

  PetscFunctionBegin;
  if (fd >= 0) close(fd);
  PetscCheck(!bad, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: cannot be brought to the disk: %s",
             fresh, strerror(errno));
  PetscCall(md_file_sync_folder(path));
  PetscFunctionReturn(0);
}

int md_file_put(int fd, const void *data, size_t n)
{
  const char *bytes = (const char *)data;

  for (size_t done = 0; done < n;) {
    const ssize_t put = write(fd, bytes + done, n - done);

    if (put < 0 && errno != EINTR) return -1;
    if (put > 0) done += (size_t)put;
  }
  return 0;
}

/* 0 when all bytes of `in` stand in `out`; by reference where the file system can. */
static int copy_bytes(int in, int out)
{
  static char piece[PIECE];
  ssize_t n = 1;

  while (n > 0) n = copy_file_range(in, NULL, out, NULL, (size_t)1 << 30, 0);
  if (n == 0) return 0;
  if (errno != EXDEV && errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP) return -1;
  while ((n = read(in, piece, sizeof(piece))) > 0) {
    if (md_file_put(out, piece, (size_t)n) != 0) return -1;
  }
  return n == 0 ? 0 : -1;
}

/* 0 when there is room for `more` bytes behind the end.  The file becomes longer. */
static int reserve(int fd, int64_t more)
{
  struct stat about;

  if (fstat(fd, &about) != 0) return -1;
  errno = posix_fallocate(fd, about.st_size, (off_t)PetscMax(1, more));
  return errno == 0 || errno == EINVAL || errno == EOPNOTSUPP ? 0 : -1;
}

PetscErrorCode md_file_copy(const char *from, const char *to, int64_t more)
{
  const int in = from ? open(from, O_RDONLY | O_CLOEXEC) : -1;
  int out, bad;

  PetscFunctionBegin;
  PetscCheck(!from || in >= 0, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: cannot be opened: %s",
             from, strerror(errno));
  out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  bad = out < 0 || (from && copy_bytes(in, out) != 0) || reserve(out, more) != 0;
  if (out >= 0) close(out);
  if (in >= 0) close(in);
  PetscCheck(!bad, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: cannot be written: %s", to,
             strerror(errno));
  PetscFunctionReturn(0);
}
