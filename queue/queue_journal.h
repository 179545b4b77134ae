/* queue/queue_journal.h - append-only, checksummed journals: the truth about what was done
 *
 * A campaign directory holds one generation of journals: journal.<generation>.base, written by compaction and renamed
 * into place, and journal.<generation>.<group>, one a group, appended to.  The invariants and what holds after a crash at
 * any point stand at the top of queue_journal.c.  The payload is bytes: the queue knows nothing of physics.
 */
#pragma once

#include <petscsys.h>
#include <stdint.h>

enum { QUEUE_KEY_SIZE = 32, QUEUE_PATH_MAX = 4096 };

typedef struct {
  unsigned char byte[QUEUE_KEY_SIZE]; /* content hash of the state point */
} queue_key;

typedef enum {
  QUEUE_RECORD_CAMPAIGN = 1, /* first record of a base: payload is the campaign's name */
  QUEUE_RECORD_STARTED = 2,  /* a group has begun a segment; not synced to disk */
  QUEUE_RECORD_SEGMENT = 3,  /* a segment is finished: payload is its state */
  QUEUE_RECORD_FAILED = 4,   /* the replica ended for a physical reason: payload is the reason and state */
  QUEUE_RECORD_CRASHED = 5   /* the process died while it was running (written by the next start) */
} queue_record_kind;

/* One record; `payload` is borrowed when writing. */
typedef struct {
  queue_record_kind kind;
  queue_key key;
  int32_t replica, stage; /* of the point; 0-based */
  int64_t origin;         /* hash of the lengths of earlier stages: a record with another origin is not used */
  int64_t done, total;    /* steps of this stage done and, when it was written, wanted */
  int32_t status;         /* payload owner's reason code; 0 for a healthy segment */
  double seconds;         /* wall time of this stage so far */
  uint64_t size;          /* payload bytes */
  const void *payload;
} queue_record;

/* Where a record lies; enough for another process to read the payload. */
typedef struct {
  int32_t group;  /* -1: the base */
  int64_t generation;
  int64_t offset; /* of the record in its file */
} queue_place;

typedef struct queue_journal queue_journal; /* an open journal being appended to */

/* Opens journal.<generation>.<group> for appending (creates it). */
PetscErrorCode queue_journal_open(const char *directory, int64_t generation, int32_t group, queue_journal **journal);
/* One write(2) of header, payload and CRC; `sync` waits for the disk.  *place may be NULL. */
PetscErrorCode queue_journal_append(queue_journal *journal, const queue_record *record, PetscBool sync, queue_place *place);
PetscErrorCode queue_journal_close(queue_journal **journal);

/* Reads one record with its payload; the caller frees *payload with PetscFree.  A checksum that does not fit is
 * PETSC_ERR_FILE_READ. */
PetscErrorCode queue_journal_fetch(const char *directory, queue_place place, queue_record *record, void **payload);

typedef PetscErrorCode (*queue_visit)(const queue_record *record, queue_place place, void *context);
/* queue_journal_replay - visits all whole records of the newest generation, base first, then group 0, 1, ...;
 * read-only, so that `status` may call it while a run goes on.  A torn or damaged tail ends that file; *torn counts them.
 * *generation is 0 when the directory has none. */
PetscErrorCode queue_journal_replay(const char *directory, int64_t *generation, PetscInt *torn, queue_visit visit, void *context);
