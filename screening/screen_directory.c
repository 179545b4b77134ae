/* screening/screen_directory.c - the directory of a campaign's results; see the header */
#include "screening/screen_directory.h"
#include "screening/screen_run.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static PetscErrorCode refuse(const char *verb, screen_exit code, screen_exit *out, const char *path,
                             const char *what)
{
  PetscFunctionBegin;
  fprintf(stderr, "liquidus %s: %s: %s\n", verb, path, what);
  *out = code;
  PetscFunctionReturn(0);
}

/* mkdir -p; errno is set when it returns nonzero */
static int make_directories(const char *path)
{
  char part[4096];
  size_t n = strlen(path);

  if (n == 0 || n >= sizeof(part)) {
    errno = n ? ENAMETOOLONG : ENOENT;
    return -1;
  }
  memcpy(part, path, n + 1);
  for (char *c = part + 1; *c; c++) {
    if (*c != '/') continue;
    *c = 0;
    if (mkdir(part, 0777) && errno != EEXIST) return -1;
    *c = '/';
  }
  return mkdir(part, 0777) && errno != EEXIST ? -1 : 0;
}

typedef enum { HOLDS_NOTHING, HOLDS_CAMPAIGN, HOLDS_OTHER } content;

static content look_into(const char *path)
{
  DIR *folder = opendir(path);
  content found = HOLDS_NOTHING;

  if (!folder) return HOLDS_NOTHING;
  for (struct dirent *e = readdir(folder); e; e = readdir(folder)) {
    if (!strncmp(e->d_name, "journal.", 8) || !strcmp(e->d_name, "status.json") ||
        !strcmp(e->d_name, "lock") || !strcmp(e->d_name, "job.sh")) {
      found = HOLDS_CAMPAIGN;
      break;
    }
    if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..")) found = HOLDS_OTHER;
  }
  closedir(folder);
  return found;
}

/* errno of creating a file there; root may write where the mode says no, a read-only disk refuses
   even root */
static int try_writing(const char *path)
{
  char name[4200];
  int fd;

  snprintf(name, sizeof(name), "%s/.liquidus-write-test.%ld", path, (long)getpid());
  fd = open(name, O_CREAT | O_EXCL | O_WRONLY, 0666);
  if (fd < 0) return errno;
  close(fd);
  unlink(name);
  return 0;
}

PetscErrorCode screen_directory_prepare(const char *verb, const char *path, screen_exit *code)
{
  char text[256];
  int trouble = make_directories(path) ? errno : try_writing(path);

  PetscFunctionBegin;
  if (trouble) {
    snprintf(text, sizeof(text),
             "the output directory cannot be written (%s); give another with --out DIR",
             strerror(trouble));
    PetscCall(refuse(verb, SCREEN_EXIT_ENVIRONMENT, code, path, text));
  } else if (look_into(path) == HOLDS_OTHER) {
    PetscCall(
        refuse(verb, SCREEN_EXIT_BAD_INPUT, code, path,
               "has files but none of a campaign; give an empty or new directory with --out DIR"));
  }
  PetscFunctionReturn(0);
}

/* Said where somebody may have expected the other run to go on. */
static PetscErrorCode note_stale(const char *verb, screen_directory *directory,
                                 const screen_lock_text *found)
{
  char host[128] = "";

  PetscFunctionBegin;
  if (!found->owner[0]) PetscFunctionReturn(0);
  gethostname(host, sizeof(host) - 1);
  if (strcmp(host, found->host) != 0)
    fprintf(
        stderr,
        "liquidus %s: %s: the lock of %s, which gave no sign of life for %.0f s, is taken over\n",
        verb, directory->path, found->owner, SCREEN_BEAT_WATCH);
  PetscCall(screen_directory_log(directory, "stale-lock", "owner=\"%s\"", found->owner));
  PetscFunctionReturn(0);
}

/* Tries until the lock is ours or patience ends. */
static PetscErrorCode wait_for_lock(const char *name, PetscReal patience, screen_lock *lock,
                                    screen_lock_text *found)
{
  const struct timespec nap = {.tv_nsec = 200000000};
  const double begin = screen_seconds();

  PetscFunctionBegin;
  for (;;) {
    PetscCall(screen_lock_take(name, lock, found));
    if (lock->fd >= 0 || screen_seconds() - begin >= patience) break;
    nanosleep(&nap, NULL);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_directory_open(const char *verb, const char *path, PetscReal patience,
                                     screen_directory *directory, screen_exit *code)
{
  screen_lock_text found;
  char name[4200];

  PetscFunctionBegin;
  *directory = (screen_directory){.lock.fd = -1};
  PetscCall(PetscStrncpy(directory->path, path, sizeof(directory->path)));
  snprintf(name, sizeof(name), "%s/lock", path);
  PetscCall(wait_for_lock(name, patience, &directory->lock, &found));
  if (directory->lock.fd < 0) {
    fprintf(stderr, "liquidus %s: %s: another run works here (%s); wait for it or stop it\n", verb,
            path, found.owner[0] ? found.owner : "it has not said its name yet");
    *code = SCREEN_EXIT_BAD_INPUT;
    PetscFunctionReturn(0);
  }
  snprintf(name, sizeof(name), "%s/log", path);
  directory->log = fopen(name, "ae");
  PetscCheck(directory->log, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: %s", name, strerror(errno));
  PetscCall(note_stale(verb, directory, &found));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_directory_close(screen_directory *directory)
{
  PetscFunctionBegin;
  if (directory->log) fclose(directory->log);
  screen_lock_release(&directory->lock);
  directory->log = NULL;
  PetscFunctionReturn(0);
}

void screen_directory_beat(screen_directory *directory)
{
  screen_lock_beat(&directory->lock);
}

PetscErrorCode screen_directory_log(screen_directory *directory, const char *event,
                                    const char *format, ...)
{
  const time_t now = time(NULL);
  struct tm utc;
  char stamp[32];
  va_list arguments;

  PetscFunctionBegin;
  if (!directory->log) PetscFunctionReturn(0);
  gmtime_r(&now, &utc);
  strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &utc);
  fprintf(directory->log, "%s event=%s ", stamp, event);
  va_start(arguments, format);
  vfprintf(directory->log, format, arguments);
  va_end(arguments);
  fputc('\n', directory->log);
  PetscCheck(!fflush(directory->log), PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s/log: %s",
             directory->path, strerror(errno));
  PetscFunctionReturn(0);
}

PetscBool screen_directory_busy(const char *path)
{
  char name[4200];
  int fd, busy;

  snprintf(name, sizeof(name), "%s/lock", path);
  fd = open(name, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return PETSC_FALSE;
  busy = flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK;
  close(fd);
  return busy ? PETSC_TRUE : PETSC_FALSE;
}

PetscErrorCode screen_directory_replace(const char *path, const char *name, const char *text)
{
  char target[4200], beside[4220];
  FILE *out;
  PetscBool written;

  PetscFunctionBegin;
  snprintf(target, sizeof(target), "%s/%s", path, name);
  snprintf(beside, sizeof(beside), "%s.tmp", target);
  out = fopen(beside, "we");
  PetscCheck(out, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: %s", beside, strerror(errno));
  written = fputs(text, out) >= 0 ? PETSC_TRUE : PETSC_FALSE;
  written = fclose(out) == 0 && written ? PETSC_TRUE : PETSC_FALSE;
  PetscCheck(written && !rename(beside, target), PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: %s",
             target, strerror(errno));
  PetscFunctionReturn(0);
}
