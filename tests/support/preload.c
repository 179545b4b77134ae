/* tests/support/preload.c - a library put before libc (LD_PRELOAD) that makes a program's file
 * operations and clock go wrong
 *
 * From the environment:
 *   LQ_FAULT_PATH   part of a path: operations on files with it are counted, in each process
 *   LQ_FAULT_NTH    which of them goes wrong, 1 for the first
 *   LQ_FAULT_KIND   "once": it fails with ENOSPC; "stays": it and all that follow; "kill": the
 *                   process gets SIGKILL
 *   LQ_FAULT_NOTE   file that is made when it happened; with "once" nothing goes wrong any more
 *                   while it is there, in any process (a program that was started again)
 *   LQ_CLOCK        file with a number of seconds by which the calendar's clock is wrong, read
 *                   each time
 *
 * Operations: write and its kin, copy_file_range, posix_fallocate, fsync, fdatasync, ftruncate,
 * rename.  What stdio does inside libc is not seen.
 */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): libc's names are reserved */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static long operations;

/* The function that this library stands before. */
#define REAL(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

static int is_there(const char *path)
{
  return path && syscall(SYS_access, path, F_OK) == 0;
}

static void make_note(const char *path)
{
  const long fd = path ? syscall(SYS_open, path, O_CREAT | O_WRONLY, 0666) : -1;

  if (fd >= 0) syscall(SYS_close, fd);
}

/* Whether an operation on this file is to fail. */
static int strikes(const char *path)
{
  const char *part = getenv("LQ_FAULT_PATH"), *nth = getenv("LQ_FAULT_NTH");
  const char *kind = getenv("LQ_FAULT_KIND"), *note = getenv("LQ_FAULT_NOTE");
  long number;

  if (!part || !nth || !kind || !path || !strstr(path, part)) return 0;
  number = __sync_add_and_fetch(&operations, 1);
  if (!strcmp(kind, "once") && is_there(note)) return 0;
  if (number < atol(nth) || (number > atol(nth) && strcmp(kind, "stays") != 0)) return 0;
  make_note(note);
  if (!strcmp(kind, "kill")) raise(SIGKILL);
  errno = ENOSPC;
  return 1;
}

static int strikes_fd(int fd)
{
  char link[64], path[4096];
  ssize_t n;

  if (!getenv("LQ_FAULT_PATH")) return 0;
  snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
  n = readlink(link, path, sizeof(path) - 1);
  if (n <= 0) return 0;
  path[n] = 0;
  return strikes(path);
}

ssize_t write(int fd, const void *buffer, size_t n)
{
  return strikes_fd(fd) ? -1 : (ssize_t)syscall(SYS_write, fd, buffer, n);
}

ssize_t pwrite(int fd, const void *buffer, size_t n, off_t offset)
{
  return strikes_fd(fd) ? -1 : (ssize_t)syscall(SYS_pwrite64, fd, buffer, n, offset);
}

ssize_t pwrite64(int fd, const void *buffer, size_t n, off64_t offset)
{
  return strikes_fd(fd) ? -1 : (ssize_t)syscall(SYS_pwrite64, fd, buffer, n, offset);
}

ssize_t writev(int fd, const struct iovec *part, int n)
{
  return strikes_fd(fd) ? -1 : (ssize_t)syscall(SYS_writev, fd, part, n);
}

ssize_t copy_file_range(int from, off64_t *from_at, int to, off64_t *to_at, size_t n,
                        unsigned flags)
{
  return strikes_fd(to) ? -1
                        : (ssize_t)syscall(SYS_copy_file_range, from, from_at, to, to_at, n, flags);
}

int posix_fallocate(int fd, off_t offset, off_t n)
{
  return strikes_fd(fd) ? ENOSPC : REAL(posix_fallocate)(fd, offset, n);
}

int fsync(int fd)
{
  return strikes_fd(fd) ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
  return strikes_fd(fd) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int ftruncate(int fd, off_t length)
{
  return strikes_fd(fd) ? -1 : (int)syscall(SYS_ftruncate, fd, length);
}

int ftruncate64(int fd, off64_t length)
{
  return strikes_fd(fd) ? -1 : (int)syscall(SYS_ftruncate, fd, length);
}

int rename(const char *from, const char *to)
{
  return strikes(from) || strikes(to) ? -1 : REAL(rename)(from, to);
}

/* [s] */
static long clock_error(void)
{
  const char *path = getenv("LQ_CLOCK");
  char text[32] = "";
  long fd, n;

  if (!path) return 0;
  fd = syscall(SYS_open, path, O_RDONLY, 0);
  if (fd < 0) return 0;
  n = syscall(SYS_read, fd, text, sizeof(text) - 1);
  syscall(SYS_close, fd);
  return n > 0 ? atol(text) : 0;
}

int clock_gettime(clockid_t id, struct timespec *now)
{
  const int rc = (int)syscall(SYS_clock_gettime, id, now);

  if (!rc && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) now->tv_sec += clock_error();
  return rc;
}

time_t time(time_t *out)
{
  struct timespec now;
  time_t t = clock_gettime(CLOCK_REALTIME, &now) ? (time_t)-1 : now.tv_sec;

  if (out) *out = t;
  return t;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
  struct timespec t;

  (void)zone;
  if (clock_gettime(CLOCK_REALTIME, &t)) return -1;
  *now = (struct timeval){.tv_sec = t.tv_sec, .tv_usec = t.tv_nsec / 1000};
  return 0;
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
