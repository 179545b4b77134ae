/* queue/queue_journal.c - appending to a journal
 *
 * Invariants.  A record is *acknowledged* when queue_journal_append() returned 0 for it, and
 * *durable* when it did so with sync.
 *
 *   1. Bytes of an acknowledged record are never overwritten, moved or cut off.  A journal only
 *      grows, save for what follows its last whole record.
 *   2. A record is whole or it is not there: header, payload and checksum go out in one write, and
 *      a reader takes nothing whose checksums do not fit.
 *   3. `end` is the end of the last acknowledged record.  The next record is written there, so
 *      that acknowledged records lie one after another from the file header on.
 *   4. A durable record is on the disk, and so are the file header before it and the directory
 *      entry of its file: both were synced when the file was created, before the first append.
 *   5. One writer a file, held by a lock; any number of readers, which lock nothing.
 *   6. A base is complete as soon as it has its name: written as .base.tmp, synced, then renamed.
 *   7. At any moment the newest generation with a base (or generation 0 without one) holds every
 *      acknowledged record that is still of use.  Older ones are removed only after the new base
 *      and its name are on disk; newer ones are appended to only after the compaction returned.
 *   8. A journal that may have lost bytes it was told to keep (sync failed) or whose tail could not
 *      be cut (truncate failed) is broken and takes no more records.
 *
 * What holds after a crash (kill -9 or power) at any point:
 *
 *   crash during                 what is there           what the next start does
 *   ---------------------------  ----------------------  ------------------------------------------
 *   creating a group file        no file, an empty one   queue_journal_open() writes the header
 *                                or part of a header     (nothing in it was acknowledged: 4)
 *   writing a record             a torn tail             replay stops before it, open cuts it off
 *   after the write, before      the record, or a torn   as the one or the other; it was not
 *   the append returned          tail (power only)       acknowledged, and is right if it is there
 *   after a durable append       the record (4)          replays it
 *   after an append without      the record; after a     a STARTED record is lost: one crash is not
 *   sync                         power cut perhaps not   counted
 *   writing .base.tmp            the old generation, a   ignores it; the next compaction removes it
 *                                part of a .base.tmp
 *   renaming it                  old or new name (6)     either generation tells the same
 *   removing the old generation  both, or part of the    takes the new one; the next compaction
 *                                old one                 removes the rest
 *
 * Which function keeps what: 1, 3, 8 queue_journal_append() and take_back(); 2 queue_format.c and
 * queue__scan_next(); 4 queue_journal_open(); 5 queue__lock(); 6, 7 queue_tasks_compact().
 *
 * Why not SQLite, HDF5 or one line of text a record: states are binary and large, an HDF5 file is
 * unreadable when its writer dies, and a database on a cluster's shared file system needs locks
 * that many of them do not have.  Here a reader needs no lock and a writer one file of its own.
 */
#include "queue/queue_journal.h"
#include "queue/queue_fault.h"
#include "queue/queue_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

enum { LOCK_WAIT_MS = 2000, LOCK_POLL_MS = 10 };

struct queue_journal {
  int fd;
  char path[QUEUE_PATH_MAX];
  queue__name name;
  int64_t end;        /* [byte] invariant 3 */
  const char *broken; /* what went wrong, NULL while all is well */
  unsigned char *buffer;
  size_t capacity;
};

/* These return 0 or an errno. */
static int write_all(int fd, const unsigned char *p, size_t n, int64_t offset)
{
  while (n > 0) {
    const ssize_t written = queue_fault_pwrite(fd, p, n, (off_t)offset);

    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return written < 0 ? errno : EIO;
    p += written;
    n -= (size_t)written;
    offset += written;
  }
  return 0;
}

static int sync_file(int fd)
{
  int rc;

  do rc = queue_fault_fsync(fd);
  while (rc < 0 && errno == EINTR);
  return rc < 0 ? errno : 0;
}

/* Data and length, not the time stamps: what is needed to read the record again. */
static int sync_data(int fd)
{
  int rc;

  do rc = queue_fault_fdatasync(fd);
  while (rc < 0 && errno == EINTR);
  return rc < 0 ? errno : 0;
}

static int cut(int fd, int64_t length)
{
  int rc;

  do rc = queue_fault_ftruncate(fd, (off_t)length);
  while (rc < 0 && errno == EINTR);
  return rc < 0 ? errno : 0;
}

static int open_file(const char *path, int flags, int *fd)
{
  do *fd = queue_fault_open(path, flags | O_CLOEXEC, 0666);
  while (*fd < 0 && errno == EINTR);
  return *fd < 0 ? errno : 0;
}

PetscErrorCode queue__sync_directory(const char *directory)
{
  int fd, error;

  PetscFunctionBegin;
  error = open_file(directory, O_RDONLY | O_DIRECTORY, &fd);
  PetscCheck(!error, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: cannot open the directory: %s",
             directory, strerror(error));
  error = sync_file(fd);
  close(fd);
  if (error == EINVAL || error == ENOTSUP) error = 0; /* a file system that has no such thing */
  PetscCheck(!error, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: cannot sync the directory: %s",
             directory, strerror(error));
  PetscFunctionReturn(0);
}

PetscErrorCode queue__lock(int fd, const char *path)
{
  const struct timespec poll = {.tv_nsec = LOCK_POLL_MS * 1000000L};
  int rc = flock(fd, LOCK_EX | LOCK_NB);

  PetscFunctionBegin;
  /* A process that was just killed may take a moment to let go. */
  for (int ms = 0; rc < 0 && errno == EWOULDBLOCK && ms < LOCK_WAIT_MS; ms += LOCK_POLL_MS) {
    nanosleep(&poll, NULL);
    rc = flock(fd, LOCK_EX | LOCK_NB);
  }
  PetscCheck(rc == 0 || errno != EWOULDBLOCK, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN,
             "%s: another process is writing to it", path);
  PetscFunctionReturn(0); /* no locks on this file system: invariant 5 is the operator's */
}

static PetscErrorCode write_header(queue_journal *journal)
{
  unsigned char header[QUEUE_FILE_HEADER];
  int error = cut(journal->fd, 0);

  PetscFunctionBegin;
  queue__encode_file(journal->name, header);
  if (!error) error = write_all(journal->fd, header, sizeof(header), 0);
  PetscCheck(!error, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: cannot write the header: %s",
             journal->path, strerror(error));
  journal->end = QUEUE_FILE_HEADER;
  PetscFunctionReturn(0);
}

PetscErrorCode queue__journal_sync(queue_journal *journal)
{
  const int error = sync_file(journal->fd);

  PetscFunctionBegin;
  PetscCheck(!error, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: cannot sync: %s", journal->path,
             strerror(error));
  PetscFunctionReturn(0);
}

/* Where the last whole record of the existing file ends; 0: it has no header worth keeping. */
static PetscErrorCode find_end(const char *directory, queue__name name, int64_t *end)
{
  PetscErrorCode ierr;
  queue__scan *scan;
  queue_record record;
  PetscBool found = PETSC_TRUE;
  int64_t offset;

  PetscFunctionBegin;
  *end = 0;
  PetscCall(queue__scan_open(directory, name, &scan));
  if (!scan || scan->size <= QUEUE_FILE_HEADER) {
    if (scan && scan->header == QUEUE_HEADER_GOOD) *end = QUEUE_FILE_HEADER;
    PetscCall(queue__scan_close(&scan));
    PetscFunctionReturn(0);
  }
  if (scan->header == QUEUE_HEADER_DAMAGED) {
    ierr = PetscError(PETSC_COMM_SELF, __LINE__, PETSC_FUNCTION_NAME, __FILE__,
                      PETSC_ERR_FILE_UNEXPECTED, PETSC_ERROR_INITIAL,
                      "%s: does not begin with the header of a journal", scan->path);
  } else {
    do ierr = queue__scan_next(scan, &record, &offset, &found);
    while (!ierr && found);
  }
  *end = scan->whole;
  PetscCall(queue__scan_close(&scan));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* Fills in an object that queue_journal_close() can take from any point on. */
static PetscErrorCode open_object(const char *directory, queue__name name, queue_journal *journal)
{
  int error;

  PetscFunctionBegin;
  journal->fd = -1;
  journal->name = name;
  PetscCall(queue__path(directory, name, journal->path));
  error = open_file(journal->path, O_RDWR | O_CREAT, &journal->fd);
  PetscCheck(!error, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: cannot open for appending: %s",
             journal->path, strerror(error));
  PetscCall(queue__lock(journal->fd, journal->path));
  PetscFunctionReturn(0);
}

/* Brings an existing file, or the new empty one, to invariants 3 and 4. */
static PetscErrorCode recover(const char *directory, queue_journal *journal)
{
  int error;

  PetscFunctionBegin;
  PetscCall(find_end(directory, journal->name, &journal->end));
  if (journal->end == 0) {
    PetscCall(write_header(journal));
  } else {
    error = cut(journal->fd, journal->end);
    PetscCheck(!error, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: cannot cut off its tail: %s",
               journal->path, strerror(error));
  }
  PetscCall(queue__journal_sync(journal));
  PetscCall(queue__sync_directory(directory));
  PetscFunctionReturn(0);
}

/* After a failed open: closes without hiding the error that is being returned. */
static void abandon(queue_journal **journal)
{
  if ((*journal)->fd >= 0) close((*journal)->fd);
  (void)PetscFree((*journal)->buffer);
  (void)PetscFree(*journal);
}

PetscErrorCode queue_journal_open(const char *directory, int64_t generation, int32_t group,
                                  queue_journal **journal)
{
  const queue__name name = {.generation = generation, .group = group};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  *journal = NULL;
  PetscCheck(group >= 0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "A journal to append to has a group >= 0, got %d", (int)group);
  PetscCall(PetscNew(journal));
  ierr = open_object(directory, name, *journal);
  if (!ierr) ierr = recover(directory, *journal);
  if (ierr) abandon(journal);
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode queue__journal_create(const char *directory, queue__name name,
                                     queue_journal **journal)
{
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(PetscNew(journal));
  ierr = open_object(directory, name, *journal);
  if (!ierr) ierr = write_header(*journal);
  if (ierr) abandon(journal);
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

static PetscErrorCode check_record(const queue_journal *journal, const queue_record *record)
{
  const char *field = queue__invalid_field(record);

  PetscFunctionBegin;
  PetscCheck(!field, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "%s: the record to append has a %s out of range", journal->path, field);
  PetscCheck(record->payload || !record->size, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "%s: the record to append has a size but no payload", journal->path);
  PetscCheck(!journal->broken, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE,
             "%s: takes no more records since it %s", journal->path, journal->broken);
  PetscFunctionReturn(0);
}

static PetscErrorCode reserve(queue_journal *journal, size_t n)
{
  PetscFunctionBegin;
  if (n <= journal->capacity) PetscFunctionReturn(0);
  journal->capacity = 0;
  PetscCall(PetscFree(journal->buffer));
  PetscCall(PetscMalloc1(n, &journal->buffer));
  journal->capacity = n;
  PetscFunctionReturn(0);
}

/* Invariants 3 and 8 after a failed append. */
static void take_back(queue_journal *journal, PetscBool sync_failed)
{
  if (cut(journal->fd, journal->end)) journal->broken = "could not be cut back";
  if (sync_failed) journal->broken = "could not be synced";
}

PetscErrorCode queue_journal_append(queue_journal *journal, const queue_record *record,
                                    PetscBool sync, queue_place *place)
{
  size_t length;
  int error, sync_error = 0;

  PetscFunctionBegin;
  PetscCall(check_record(journal, record));
  PetscCall(reserve(journal, QUEUE_RECORD_EXTRA + (size_t)record->size));
  length = queue__encode_record(record, journal->buffer);
  error = write_all(journal->fd, journal->buffer, length, journal->end);
  if (!error && sync) error = sync_error = sync_data(journal->fd);
  if (error) {
    take_back(journal, (PetscBool)(sync_error != 0));
    SETERRQ(PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: cannot %s a record of %zu bytes: %s",
            journal->path, sync_error ? "sync" : "append", length, strerror(error));
  }
  if (place) {
    *place = (queue_place){.group = journal->name.group,
                           .generation = journal->name.generation,
                           .offset = journal->end};
  }
  journal->end += (int64_t)length;
  PetscFunctionReturn(0);
}

PetscErrorCode queue_journal_close(queue_journal **journal)
{
  char path[QUEUE_PATH_MAX];
  int error;

  PetscFunctionBegin;
  if (!*journal) PetscFunctionReturn(0);
  PetscCall(PetscStrncpy(path, (*journal)->path, sizeof(path)));
  error = close((*journal)->fd) < 0 && errno != EINTR ? errno : 0;
  PetscCall(PetscFree((*journal)->buffer));
  PetscCall(PetscFree(*journal));
  PetscCheck(!error, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: cannot close: %s", path,
             strerror(error));
  PetscFunctionReturn(0);
}
