/* queue/queue_journal.h - append-only, checksummed journals: the truth about what was done
 *
 * A campaign directory holds one generation of journals: journal.<generation>.base, written by
 * compaction and renamed into place, and journal.<generation>.<group>, one a group, appended to.
 * Generation 0 is the time before the first compaction and has no base.  The invariants and what
 * holds after a crash at any point stand at the top of queue_journal.c, the bytes of the format in
 * queue_format.c.  The payload is bytes: the queue knows nothing of physics.
 *
 * Nothing here is collective.  Errors name the path and give the system's text.
 */
#pragma once

#include <petscsys.h>
#include <stdint.h>

enum { QUEUE_KEY_SIZE = 32, QUEUE_PATH_MAX = 4096 };

/* [byte] largest payload of one record */
#define QUEUE_PAYLOAD_MAX ((uint64_t)1 << 32)

typedef struct {
  unsigned char byte[QUEUE_KEY_SIZE]; /* content hash of the state point */
} queue_key;

typedef enum {
  QUEUE_RECORD_CAMPAIGN = 1, /* first record of a base: payload is the campaign's name */
  QUEUE_RECORD_STARTED = 2,  /* a group has begun a segment at step `done`; not synced to disk */
  QUEUE_RECORD_SEGMENT = 3,  /* a segment is finished: payload is its state */
  QUEUE_RECORD_FAILED = 4,   /* the replica ended for a physical reason: reason and state */
  QUEUE_RECORD_CRASHED = 5   /* the process died running the segment that began at `done`; written
                                by the next start; `status` says how many such deaths there were */
} queue_record_kind;

/* One record; `payload` is borrowed when writing, and valid only during a visit when reading. */
typedef struct {
  queue_record_kind kind;
  queue_key key;
  int32_t replica, stage; /* of the point; 0-based */
  int64_t origin;         /* hash of the lengths of earlier stages: another origin is not used */
  int64_t done, total;    /* steps of this stage done and, when it was written, wanted; >= 0 */
  int32_t status;         /* payload owner's reason code; 0 for a healthy segment */
  double seconds;         /* [s] wall time of this stage so far; finite, >= 0 */
  uint64_t size;          /* [byte] of the payload */
  const void *payload;
} queue_record;

/* Where a record lies; enough for another process to read the payload. */
typedef struct {
  int32_t group; /* -1: the base */
  int64_t generation;
  int64_t offset; /* [byte] of the record in its file */
} queue_place;

typedef struct queue_journal queue_journal; /* an open journal being appended to */

/* queue_journal_open - opens journal.<generation>.<group> for appending
 *
 * Creates it (file and directory entry are on disk on return), or finds the end of the last whole
 * record of an existing one and cuts off what follows: a torn tail.  The file is locked as long as
 * it is open, where the file system has locks.
 *
 * Out:  *journal  the caller's; queue_journal_close() ends it.  NULL after an error.
 *
 * Returns PETSC_ERR_FILE_OPEN (cannot be opened or created, or another process writes it, after
 * waiting 2 s), PETSC_ERR_FILE_READ, PETSC_ERR_FILE_WRITE, PETSC_ERR_FILE_UNEXPECTED (is longer
 * than a file header and does not start with that of this journal), PETSC_ERR_ARG_OUTOFRANGE
 * (negative generation or group, path too long).
 * Verified by: tests/unit/queue/test_queue_journal.c, tests/fault/test_queue_io.c
 */
PetscErrorCode queue_journal_open(const char *directory, int64_t generation, int32_t group,
                                  queue_journal **journal);

/* queue_journal_append - one write(2) of header, payload and CRC
 *
 * In:   sync   PETSC_TRUE waits for the disk: on return 0 the record survives a power cut.
 *              PETSC_FALSE: it survives the death of this process.
 * Out:  place  where it lies; may be NULL
 *
 * Returns PETSC_ERR_FILE_WRITE when it could not be written: the file then ends where it ended
 * before.  If that could not be had either, or the disk refused to sync, the journal is broken:
 * later appends fail at once, and it can only be closed.  PETSC_ERR_ARG_OUTOFRANGE for a record
 * with fields outside their ranges.
 * Verified by: tests/fault/test_queue_io.c (every operation made to fail in turn)
 */
PetscErrorCode queue_journal_append(queue_journal *journal, const queue_record *record,
                                    PetscBool sync, queue_place *place);

/* NULL-safe, sets NULL.  Syncs nothing: what was to be synced has been.  Returns
 * PETSC_ERR_FILE_WRITE when the system reports a late failure; the journal is freed even then. */
PetscErrorCode queue_journal_close(queue_journal **journal);

/* queue_journal_fetch - reads one record with its payload
 *
 * Out:  record   its payload is *payload
 *       payload  allocated, the caller frees it with PetscFree(); NULL when the payload is empty
 *
 * Returns PETSC_ERR_FILE_OPEN when the file is not there (a compaction took it: replay again),
 * PETSC_ERR_FILE_READ when no whole record with a fitting checksum begins there.
 */
PetscErrorCode queue_journal_fetch(const char *directory, queue_place place, queue_record *record,
                                   void **payload);

typedef PetscErrorCode (*queue_visit)(const queue_record *record, queue_place place, void *context);

/* queue_journal_replay - visits all whole records of the newest generation
 *
 * Base first, then group 0, 1, ...; each file as long as it was when it was opened, in pieces: at
 * most one record is in memory.  Read-only, so that `status` may call it while a run goes on; if a
 * compaction replaces the generation meanwhile, the new one is visited from its start, so that a
 * record may be visited twice.
 *
 * Out:  generation  of the journals visited; 0 when the directory holds none, or generation 0
 *       torn        tails cut off by a crash or being written now, records and file headers whose
 *                   checksum does not fit; may be NULL.  Records before and after a damaged payload
 *                   or file header are visited, those after a damaged record header are not.
 *
 * Newest is the highest generation whose base begins with a whole CAMPAIGN record; everything of
 * other generations is ignored (a compaction removes it).
 *
 * Returns PETSC_ERR_FILE_OPEN, PETSC_ERR_FILE_READ (the system refused), PETSC_ERR_FILE_UNEXPECTED
 * (journals of another format version, byte order or identity; or journals, but no usable base, of
 * a generation above 0: starting anew would throw finished work away), and what `visit` returns.
 * Verified by: tests/unit/queue/test_queue_journal.c, tests/fault/test_queue_io.c (truncated and
 * damaged at every byte), tests/fault/test_queue_kill.c, tests/fuzz/fuzz_journal.c
 */
PetscErrorCode queue_journal_replay(const char *directory, int64_t *generation, PetscInt *torn,
                                    queue_visit visit, void *context);
