/* queue/queue_fault.c - injected faults; see the header */
#include "queue/queue_fault.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static queue_fault armed;
static PetscBool is_armed, was_hit;
static long operations;
static char trace[4096];
static size_t ntrace;

void queue_fault_arm(const queue_fault *fault)
{
  armed = *fault;
  is_armed = PETSC_TRUE;
  was_hit = PETSC_FALSE;
  operations = 0;
  trace[ntrace = 0] = '\0';
}

long queue_fault_disarm(PetscBool *hit)
{
  is_armed = PETSC_FALSE;
  if (hit) *hit = was_hit;
  return operations;
}

const char *queue_fault_trace(void)
{
  return trace;
}

/* What happens to the operation about to be done; its letter is 0 if it changes nothing. */
static queue_fault_kind strike(char letter)
{
  if (!is_armed) return QUEUE_FAULT_COUNT;
  operations++;
  if (letter && ntrace + 1 < sizeof(trace)) {
    trace[ntrace++] = letter;
    trace[ntrace] = '\0';
  }
  if (armed.kind == QUEUE_FAULT_COUNT) return QUEUE_FAULT_COUNT;
  if (operations != armed.nth && !(armed.stays && operations > armed.nth)) return QUEUE_FAULT_COUNT;
  was_hit = PETSC_TRUE;
  return armed.kind;
}

/* For operations that are done or not done.  Returns whether to do it; sets errno if not. */
static PetscBool proceed(queue_fault_kind kind)
{
  if (kind == QUEUE_FAULT_KILL && armed.bytes == 0) raise(SIGKILL);
  if (kind == QUEUE_FAULT_ERROR) errno = armed.error;
  if (kind == QUEUE_FAULT_INTERRUPT) errno = EINTR;
  return (PetscBool)(kind != QUEUE_FAULT_ERROR && kind != QUEUE_FAULT_INTERRUPT);
}

static int finish(queue_fault_kind kind, int result)
{
  if (kind == QUEUE_FAULT_KILL) raise(SIGKILL);
  return result;
}

static size_t at_most(size_t n)
{
  return armed.bytes < n ? armed.bytes : n;
}

int queue_fault_open(const char *path, int flags, mode_t mode)
{
  const queue_fault_kind kind = strike(0);

  return proceed(kind) ? finish(kind, open(path, flags, mode)) : -1;
}

ssize_t queue_fault_pread(int fd, void *buffer, size_t n, off_t offset)
{
  const queue_fault_kind kind = strike(0);

  if (!proceed(kind)) return -1;
  if (kind == QUEUE_FAULT_KILL) raise(SIGKILL);
  if (kind == QUEUE_FAULT_SHORT) n = at_most(n) ? at_most(n) : 1;
  return pread(fd, buffer, n, offset);
}

ssize_t queue_fault_pwrite(int fd, const void *buffer, size_t n, off_t offset)
{
  const queue_fault_kind kind = strike('w');

  switch (kind) {
  case QUEUE_FAULT_ERROR:
    if (at_most(n) && pwrite(fd, buffer, at_most(n), offset) < 0) return -1;
    errno = armed.error;
    return -1;
  case QUEUE_FAULT_KILL:
    if (!at_most(n) || pwrite(fd, buffer, at_most(n), offset) >= 0) raise(SIGKILL);
    return -1;
  case QUEUE_FAULT_SHORT:
    return pwrite(fd, buffer, at_most(n) ? at_most(n) : 1, offset);
  case QUEUE_FAULT_INTERRUPT:
    errno = EINTR;
    return -1;
  default:
    return pwrite(fd, buffer, n, offset);
  }
}

int queue_fault_fsync(int fd)
{
  const queue_fault_kind kind = strike('s');

  return proceed(kind) ? finish(kind, fsync(fd)) : -1;
}

int queue_fault_fdatasync(int fd)
{
  const queue_fault_kind kind = strike('d');

  return proceed(kind) ? finish(kind, fdatasync(fd)) : -1;
}

int queue_fault_ftruncate(int fd, off_t length)
{
  const queue_fault_kind kind = strike('t');

  return proceed(kind) ? finish(kind, ftruncate(fd, length)) : -1;
}

int queue_fault_rename(const char *from, const char *to)
{
  const queue_fault_kind kind = strike('m');

  return proceed(kind) ? finish(kind, rename(from, to)) : -1;
}

int queue_fault_unlink(const char *path)
{
  const queue_fault_kind kind = strike('u');

  return proceed(kind) ? finish(kind, unlink(path)) : -1;
}
