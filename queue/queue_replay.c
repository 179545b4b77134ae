/* queue/queue_replay.c - reading journals: which generation, file after file, record after record
 *
 * A file is read up to the size it had when it was opened, so that replay ends although a writer
 * goes on.  Sizes found in a file are believed only after their checksum, and only as far as the
 * file reaches: a damaged length can neither run past the end nor allocate more than it holds.
 *
 * A record header whose checksum does not fit ends its file, because the next record cannot be
 * found without its size.  A payload whose checksum does not fit is stepped over: what follows it
 * is not less true for a bad sector in front.
 */
#include "queue/queue_fault.h"
#include "queue/queue_impl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_ATTEMPTS = 8 };

/* Returns 0 or an errno; *got < n only at the end of the file. */
static int read_all(int fd, unsigned char *p, size_t n, int64_t offset, size_t *got)
{
  *got = 0;
  while (*got < n) {
    const ssize_t rc = queue_fault_pread(fd, p + *got, n - *got, (off_t)(offset + (int64_t)*got));

    if (rc < 0 && errno == EINTR) continue;
    if (rc < 0) return errno;
    if (rc == 0) break;
    *got += (size_t)rc;
  }
  return 0;
}

static PetscErrorCode read_some(const queue__scan *scan, unsigned char *p, size_t n, int64_t offset,
                                size_t *got)
{
  const int error = read_all(scan->fd, p, n, offset, got);

  PetscFunctionBegin;
  PetscCheck(!error, PETSC_COMM_SELF, PETSC_ERR_FILE_READ,
             "%s: cannot read at byte %" PRId64 ": %s", scan->path, offset, strerror(error));
  PetscFunctionReturn(0);
}

/* A header cut short or damaged is survivable; one that fits and says something else is not. */
static PetscErrorCode check_header(queue__scan *scan, queue__name name)
{
  unsigned char h[QUEUE_FILE_HEADER] = {0};
  uint32_t version;
  size_t got;

  PetscFunctionBegin;
  PetscCall(read_some(scan, h, sizeof(h), 0, &got));
  scan->header = got < sizeof(h) ? QUEUE_HEADER_DAMAGED : queue__decode_file(h, name, &version);
  PetscCheck(scan->header != QUEUE_HEADER_VERSION, PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
             "%s: has format version %u, this program reads version 1", scan->path, version);
  PetscCheck(scan->header != QUEUE_HEADER_ORDER, PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
             "%s: was written by a machine with another byte order", scan->path);
  PetscCheck(scan->header != QUEUE_HEADER_NAME, PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
             "%s: was written under another name", scan->path);
  if (scan->header == QUEUE_HEADER_DAMAGED) scan->torn++;
  scan->next = scan->whole = PetscMin(QUEUE_FILE_HEADER, scan->size);
  PetscFunctionReturn(0);
}

/* Opens scan->path; fd stays -1 when there is no such file. */
static PetscErrorCode open_for_reading(queue__scan *scan)
{
  struct stat info;

  PetscFunctionBegin;
  do scan->fd = queue_fault_open(scan->path, O_RDONLY | O_CLOEXEC, 0);
  while (scan->fd < 0 && errno == EINTR);
  if (scan->fd < 0 && errno == ENOENT) PetscFunctionReturn(0);
  PetscCheck(scan->fd >= 0 && fstat(scan->fd, &info) == 0, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN,
             "%s: cannot open for reading: %s", scan->path, strerror(errno));
  PetscCheck(S_ISREG(info.st_mode), PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: is not a file",
             scan->path);
  scan->size = (int64_t)info.st_size;
  PetscFunctionReturn(0);
}

PetscErrorCode queue__scan_open(const char *directory, queue__name name, queue__scan **scan)
{
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(PetscNew(scan));
  (*scan)->fd = -1;
  ierr = queue__path(directory, name, (*scan)->path);
  if (!ierr) ierr = open_for_reading(*scan);
  if (!ierr && (*scan)->fd >= 0) ierr = check_header(*scan, name);
  if (ierr || (*scan)->fd < 0) PetscCall(queue__scan_close(scan));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode queue__scan_close(queue__scan **scan)
{
  PetscFunctionBegin;
  if (!*scan) PetscFunctionReturn(0);
  if ((*scan)->fd >= 0) close((*scan)->fd);
  PetscCall(PetscFree((*scan)->buffer));
  PetscCall(PetscFree(*scan));
  PetscFunctionReturn(0);
}

static PetscErrorCode reserve(queue__scan *scan, size_t n)
{
  PetscFunctionBegin;
  if (n <= scan->capacity) PetscFunctionReturn(0);
  scan->capacity = 0;
  PetscCall(PetscFree(scan->buffer));
  PetscCall(PetscMalloc1(n, &scan->buffer));
  scan->capacity = n;
  PetscFunctionReturn(0);
}

/* Ends the file: nothing after this point can be trusted. */
static void end_torn(queue__scan *scan)
{
  scan->torn++;
  scan->next = scan->size;
}

/* Reads the record at scan->next; *found is PETSC_FALSE if it is torn or its payload damaged. */
static PetscErrorCode read_record(queue__scan *scan, queue_record *record, PetscBool *found)
{
  unsigned char h[QUEUE_RECORD_HEADER];
  const int64_t left = scan->size - scan->next;
  size_t want, got;

  PetscFunctionBegin;
  *found = PETSC_FALSE;
  if (left < QUEUE_RECORD_EXTRA) {
    end_torn(scan);
    PetscFunctionReturn(0);
  }
  PetscCall(read_some(scan, h, sizeof(h), scan->next, &got));
  if (got < sizeof(h) || !queue__decode_record(h, record) ||
      record->size > (uint64_t)(left - QUEUE_RECORD_EXTRA)) {
    end_torn(scan);
    PetscFunctionReturn(0);
  }
  want = (size_t)record->size + QUEUE_RECORD_EXTRA - QUEUE_RECORD_HEADER;
  PetscCall(reserve(scan, want));
  PetscCall(read_some(scan, scan->buffer, want, scan->next + QUEUE_RECORD_HEADER, &got));
  if (got < want) { /* the writer is cutting off its own tail just now */
    end_torn(scan);
    PetscFunctionReturn(0);
  }
  scan->next += QUEUE_RECORD_HEADER + (int64_t)want;
  *found = queue__payload_fits(h, record->size, scan->buffer);
  if (*found)
    scan->whole = scan->next;
  else
    scan->torn++;
  record->payload = record->size ? scan->buffer : NULL;
  PetscFunctionReturn(0);
}

PetscErrorCode queue__scan_next(queue__scan *scan, queue_record *record, int64_t *offset,
                                PetscBool *found)
{
  PetscFunctionBegin;
  *found = PETSC_FALSE;
  while (!*found && scan->next < scan->size) {
    *offset = scan->next;
    PetscCall(read_record(scan, record, found));
  }
  PetscFunctionReturn(0);
}

/* Generation, then group; temporary files and bases come first. */
static int compare_names(const void *a, const void *b)
{
  const queue__name *x = a, *y = b;

  if (x->generation != y->generation) return x->generation < y->generation ? -1 : 1;
  return (x->group > y->group) - (x->group < y->group);
}

static PetscErrorCode add_name(queue__name name, PetscInt *n, PetscInt *capacity, queue__name **all)
{
  PetscFunctionBegin;
  if (*n == *capacity) {
    const PetscInt larger = 2 * *capacity + 16;

    PetscCall(PetscRealloc((size_t)larger * sizeof(**all), all));
    *capacity = larger;
  }
  (*all)[(*n)++] = name;
  PetscFunctionReturn(0);
}

PetscErrorCode queue__list(const char *directory, PetscInt *n, queue__name **all)
{
  PetscErrorCode ierr = 0;
  PetscInt capacity = 0;
  DIR *stream = opendir(directory);
  queue__name name;

  PetscFunctionBegin;
  *n = 0;
  *all = NULL;
  PetscCheck(stream, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: cannot read the directory: %s",
             directory, strerror(errno));
  for (struct dirent *entry = readdir(stream); entry && !ierr; entry = readdir(stream)) {
    if (queue__parse_name(entry->d_name, &name)) ierr = add_name(name, n, &capacity, all);
  }
  closedir(stream);
  PetscCall(ierr);
  if (*n) qsort(*all, (size_t)*n, sizeof(**all), compare_names);
  PetscFunctionReturn(0);
}

/* A base is complete when it begins with a whole CAMPAIGN record. */
static PetscErrorCode is_complete(const char *directory, queue__name base, PetscBool *complete)
{
  PetscErrorCode ierr;
  queue__scan *scan;
  queue_record record;
  int64_t offset = 0;

  PetscFunctionBegin;
  *complete = PETSC_FALSE;
  PetscCall(queue__scan_open(directory, base, &scan));
  if (!scan) PetscFunctionReturn(0);
  ierr = queue__scan_next(scan, &record, &offset, complete);
  PetscCall(queue__scan_close(&scan));
  PetscCall(ierr);
  if (*complete) {
    *complete = (PetscBool)(offset == QUEUE_FILE_HEADER && record.kind == QUEUE_RECORD_CAMPAIGN);
  }
  PetscFunctionReturn(0);
}

/* *generation < 0: journals above generation 0 are there, but no base to start from. */
static PetscErrorCode choose_generation(const char *directory, PetscInt n, const queue__name name[],
                                        int64_t *generation)
{
  PetscBool complete = PETSC_FALSE;

  PetscFunctionBegin;
  *generation = 0;
  for (PetscInt i = n - 1; i >= 0; i--) {
    if (name[i].generation > 0 && name[i].group != QUEUE_GROUP_TMP) *generation = -1;
    if (name[i].group != QUEUE_GROUP_BASE) continue;
    PetscCall(is_complete(directory, name[i], &complete));
    if (!complete) continue;
    *generation = name[i].generation;
    PetscFunctionReturn(0);
  }
  PetscFunctionReturn(0);
}

typedef struct {
  const char *directory;
  queue_visit visit;
  void *context;
  PetscInt torn;
  PetscBool stale; /* a file of the list is gone: a compaction took the generation */
} replay;

static PetscErrorCode visit_records(replay *r, queue__name name, queue__scan *scan)
{
  queue_place place = {.group = name.group, .generation = name.generation};
  queue_record record;
  PetscBool found;

  PetscFunctionBegin;
  PetscCall(queue__scan_next(scan, &record, &place.offset, &found));
  while (found) {
    PetscCall(r->visit(&record, place, r->context));
    PetscCall(queue__scan_next(scan, &record, &place.offset, &found));
  }
  r->torn += scan->torn;
  PetscFunctionReturn(0);
}

static PetscErrorCode visit_file(replay *r, queue__name name)
{
  PetscErrorCode ierr;
  queue__scan *scan;

  PetscFunctionBegin;
  PetscCall(queue__scan_open(r->directory, name, &scan));
  if (!scan) {
    r->stale = PETSC_TRUE;
    PetscFunctionReturn(0);
  }
  ierr = visit_records(r, name, scan);
  PetscCall(queue__scan_close(&scan));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* One pass over the newest generation of the listed journals. */
static PetscErrorCode visit_generation(replay *r, PetscInt n, const queue__name name[],
                                       int64_t *generation)
{
  PetscFunctionBegin;
  r->torn = 0;
  PetscCall(choose_generation(r->directory, n, name, generation));
  r->stale = (PetscBool)(*generation < 0);
  for (PetscInt i = 0; i < n && !r->stale; i++) {
    if (name[i].generation == *generation && name[i].group != QUEUE_GROUP_TMP) {
      PetscCall(visit_file(r, name[i]));
    }
  }
  PetscFunctionReturn(0);
}

PetscErrorCode queue_journal_replay(const char *directory, int64_t *generation, PetscInt *torn,
                                    queue_visit visit, void *context)
{
  replay r = {.directory = directory, .visit = visit, .context = context, .stale = PETSC_TRUE};
  PetscErrorCode ierr;
  queue__name *name;
  PetscInt n;

  PetscFunctionBegin;
  *generation = 0;
  for (int attempt = 0; attempt < MAX_ATTEMPTS && r.stale; attempt++) {
    PetscCall(queue__list(directory, &n, &name));
    ierr = visit_generation(&r, n, name, generation);
    PetscCall(PetscFree(name));
    PetscCall(ierr);
  }
  PetscCheck(!r.stale, PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
             "%s: holds journals but no whole journal.<generation>.base to start from; restore it, "
             "or remove journal.* to begin anew",
             directory);
  if (torn) *torn = r.torn;
  PetscFunctionReturn(0);
}

static PetscErrorCode fetch_from(queue__scan *scan, queue_place place, queue_record *record,
                                 void **payload)
{
  PetscBool found = PETSC_FALSE;

  PetscFunctionBegin;
  if (place.offset >= QUEUE_FILE_HEADER && place.offset < scan->size) {
    scan->next = place.offset;
    PetscCall(read_record(scan, record, &found));
  }
  PetscCheck(found, PETSC_COMM_SELF, PETSC_ERR_FILE_READ,
             "%s: no whole record with a fitting checksum begins at byte %" PRId64, scan->path,
             place.offset);
  if (record->size) {
    PetscCall(PetscMalloc1((size_t)record->size, (unsigned char **)payload));
    memcpy(*payload, record->payload, (size_t)record->size);
  }
  record->payload = *payload;
  PetscFunctionReturn(0);
}

PetscErrorCode queue_journal_fetch(const char *directory, queue_place place, queue_record *record,
                                   void **payload)
{
  const queue__name name = {.generation = place.generation, .group = place.group};
  char path[QUEUE_PATH_MAX];
  PetscErrorCode ierr;
  queue__scan *scan;

  PetscFunctionBegin;
  *payload = NULL;
  PetscCall(queue__scan_open(directory, name, &scan));
  if (!scan) {
    PetscCall(queue__path(directory, name, path));
    SETERRQ(PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN,
            "%s: is not there: a compaction may have replaced it", path);
  }
  ierr = fetch_from(scan, place, record, payload);
  PetscCall(queue__scan_close(&scan));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}
