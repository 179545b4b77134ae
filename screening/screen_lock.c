/* screening/screen_lock.c - taking, beating and letting go of a lock; see the header */
#include "screening/screen_lock.h"
#include "screening/screen_run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

static void parse(const char *bytes, screen_lock_text *text)
{
  *text = (screen_lock_text){.owner = ""};
  if (sscanf(bytes, "process %ld on %127s beat %ld", &text->process, text->host, &text->beat) < 2 ||
      text->process <= 0) {
    *text = (screen_lock_text){.owner = ""};
    return;
  }
  snprintf(text->owner, sizeof(text->owner), "process %ld on %s", text->process, text->host);
}

static void read_text(int fd, screen_lock_text *text)
{
  char bytes[256] = "";

  if (pread(fd, bytes, sizeof(bytes) - 1, 0) < 0) bytes[0] = 0;
  parse(bytes, text);
}

void screen_lock_read(const char *path, screen_lock_text *text)
{
  const int fd = open(path, O_RDONLY | O_CLOEXEC);

  *text = (screen_lock_text){.owner = ""};
  if (fd < 0) return;
  read_text(fd, text);
  close(fd);
}

/* Whether the number moves while it is watched.  The file is opened anew for each look: what a
   network file system has in memory of an open one may be old. */
static PetscBool beats(const char *path, const screen_lock_text *owner)
{
  const struct timespec nap = {.tv_nsec = 200000000};
  const double begin = screen_seconds();
  screen_lock_text now;

  while (screen_seconds() - begin < SCREEN_BEAT_WATCH) {
    nanosleep(&nap, NULL);
    screen_lock_read(path, &now);
    if (!now.owner[0]) return PETSC_FALSE;
    if (now.beat != owner->beat || strcmp(now.owner, owner->owner) != 0) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

/* Whether the owner named in the file lives.  The kernel's word on processes of this machine is
   final where it has locks; else a number of a process that is gone is. */
static PetscBool is_alive(const char *path, const screen_lock_text *owner, PetscBool locked)
{
  char host[128] = "";

  if (!owner->owner[0]) return PETSC_FALSE;
  gethostname(host, sizeof(host) - 1);
  if (!strcmp(host, owner->host)) {
    if (locked) return PETSC_FALSE;
    if (kill((pid_t)owner->process, 0) && errno == ESRCH) return PETSC_FALSE;
  }
  return beats(path, owner);
}

static PetscErrorCode write_owner(const char *path, screen_lock *lock)
{
  char host[128] = "";

  PetscFunctionBegin;
  gethostname(host, sizeof(host) - 1);
  lock->beat = 1;
  lock->last = screen_seconds();
  PetscCheck(!ftruncate(lock->fd, 0) && lseek(lock->fd, 0, SEEK_SET) == 0 &&
                 dprintf(lock->fd, "process %ld on %s\nbeat %010ld\n", (long)getpid(), host,
                         lock->beat) > 0,
             PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: %s", path, strerror(errno));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_lock_take(const char *path, screen_lock *lock, screen_lock_text *found)
{
  PetscBool locked, held;

  PetscFunctionBegin;
  *lock = (screen_lock){.fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0666)};
  PetscCheck(lock->fd >= 0, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: %s", path, strerror(errno));
  locked = (PetscBool)!flock(lock->fd, LOCK_EX | LOCK_NB);
  held = (PetscBool)(!locked && errno == EWOULDBLOCK);
  read_text(lock->fd, found);
  if (held || is_alive(path, found, locked)) {
    close(lock->fd);
    lock->fd = -1;
    PetscFunctionReturn(0);
  }
  PetscCall(write_owner(path, lock));
  PetscFunctionReturn(0);
}

void screen_lock_beat(screen_lock *lock)
{
  const double now = screen_seconds();
  screen_lock_text text;
  char line[32];

  if (lock->fd < 0 || now - lock->last < SCREEN_BEAT_SECONDS) return;
  lock->last = now;
  read_text(lock->fd, &text);
  if (!text.owner[0]) return;
  snprintf(line, sizeof(line), "%010ld", ++lock->beat % 10000000000L);
  /* behind "process N on HOST\nbeat " */
  if (pwrite(lock->fd, line, strlen(line), (off_t)(strlen(text.owner) + strlen("\nbeat "))) < 0)
    return;
}

void screen_lock_release(screen_lock *lock)
{
  if (lock->fd < 0) return;
  if (ftruncate(lock->fd, 0)) lock->beat = 0; /* the next owner finds a dead one's name */
  close(lock->fd);
  lock->fd = -1;
}
