/* queue/queue_fault.h - every file operation of the queue passes through here, so that tests can
 * make the Nth one fail
 *
 * Not armed, which is always so outside tests, each function is the system call it is named after.
 * Armed, operations are counted (opens, reads, writes, syncs, cuts, renames, removals alike) and
 * one of them goes wrong in a chosen way.  The switch is global to the process.
 */
#pragma once

#include <petscsys.h>
#include <sys/types.h>

typedef enum {
  QUEUE_FAULT_COUNT,     /* nothing goes wrong; operations are only counted */
  QUEUE_FAULT_ERROR,     /* fails with `error`, a write after `bytes` bytes: torn */
  QUEUE_FAULT_SHORT,     /* a read or write moves only `bytes` bytes (at least 1) and succeeds */
  QUEUE_FAULT_INTERRUPT, /* fails with EINTR and nothing done, as a signal handler causes it */
  QUEUE_FAULT_KILL       /* the process gets SIGKILL: a write after `bytes` bytes, any other
                            operation before it (bytes 0) or after it */
} queue_fault_kind;

typedef struct {
  queue_fault_kind kind;
  long nth;        /* which operation, 1 for the first after arming */
  PetscBool stays; /* and all later ones too: a disk that is gone */
  int error;       /* errno of QUEUE_FAULT_ERROR */
  size_t bytes;
} queue_fault;

void queue_fault_arm(const queue_fault *fault);
/* Returns the number of operations since arming; *hit (may be NULL): whether one went wrong. */
long queue_fault_disarm(PetscBool *hit);

/* The operations that change something, since arming, a letter each: w write, s sync of a file or
 * directory, d sync of data, t truncate, m rename (move), u unlink.  The first 4095 of them. */
const char *queue_fault_trace(void);

int queue_fault_open(const char *path, int flags, mode_t mode);
ssize_t queue_fault_pread(int fd, void *buffer, size_t n, off_t offset);
ssize_t queue_fault_pwrite(int fd, const void *buffer, size_t n, off_t offset);
int queue_fault_fsync(int fd);
int queue_fault_fdatasync(int fd);
int queue_fault_ftruncate(int fd, off_t length);
int queue_fault_rename(const char *from, const char *to);
int queue_fault_unlink(const char *path);
