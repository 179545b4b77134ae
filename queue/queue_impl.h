/* queue/queue_impl.h - shared inside queue/; included elsewhere only by tests/unit/queue */
#pragma once

#include "queue/queue_journal.h"
#include "queue/queue_tasks.h"

/* queue_format.c: names and bytes ----------------------------------------------------------- */

enum {
  QUEUE_GROUP_BASE = -1, /* journal.<generation>.base */
  QUEUE_GROUP_TMP = -2,  /* journal.<generation>.base.tmp: a compaction that did not end */
  QUEUE_FILE_HEADER = 32,
  QUEUE_RECORD_HEADER = 96,
  QUEUE_RECORD_EXTRA = QUEUE_RECORD_HEADER + 4 /* bytes of a record beside its payload */
};

/* Which journal a file is. */
typedef struct {
  int64_t generation;
  int32_t group; /* >= 0, or QUEUE_GROUP_ */
} queue__name;

typedef enum {
  QUEUE_HEADER_GOOD,
  QUEUE_HEADER_DAMAGED, /* magic or CRC do not fit */
  QUEUE_HEADER_VERSION, /* another version of the format; *found says which */
  QUEUE_HEADER_ORDER,   /* payloads are of a machine with the other byte order */
  QUEUE_HEADER_NAME     /* of another journal */
} queue__header;

/* PETSC_ERR_ARG_OUTOFRANGE when the path does not fit. */
PetscErrorCode queue__path(const char *directory, queue__name name, char path[QUEUE_PATH_MAX]);
/* Whether a file name is one that queue__path() makes, and of which journal. */
PetscBool queue__parse_name(const char *text, queue__name *name);
void queue__encode_file(queue__name name, unsigned char h[QUEUE_FILE_HEADER]);
queue__header queue__decode_file(const unsigned char h[QUEUE_FILE_HEADER], queue__name name,
                                 uint32_t *found);
/* Names the first field outside its range, or NULL. */
const char *queue__invalid_field(const queue_record *record);
/* [byte] length; `out` holds QUEUE_RECORD_EXTRA + record->size. */
size_t queue__encode_record(const queue_record *record, unsigned char out[]);
/* Header alone; payload = NULL.  PETSC_FALSE: not the header of a record. */
PetscBool queue__decode_record(const unsigned char h[QUEUE_RECORD_HEADER], queue_record *record);
/* Whether the four bytes after the payload are the checksum of header and payload. */
PetscBool queue__payload_fits(const unsigned char h[QUEUE_RECORD_HEADER], uint64_t size,
                              const unsigned char payload[]);

/* queue_replay.c: reading ------------------------------------------------------------------- */

/* One journal being read from its start; as long as it was when it was opened. */
typedef struct {
  int fd;
  char path[QUEUE_PATH_MAX];
  int64_t size;  /* [byte] when it was opened */
  int64_t next;  /* [byte] where the next record begins */
  int64_t whole; /* [byte] end of the last whole record, or of the file header */
  queue__header header;
  PetscInt torn; /* tails and damaged parts met so far */
  unsigned char *buffer;
  size_t capacity;
} queue__scan;

/* *scan is NULL when there is no such file.  A damaged or short file header counts as torn. */
PetscErrorCode queue__scan_open(const char *directory, queue__name name, queue__scan **scan);
/* *found is PETSC_FALSE at the end.  The payload is borrowed until the next call. */
PetscErrorCode queue__scan_next(queue__scan *scan, queue_record *record, int64_t *offset,
                                PetscBool *found);
PetscErrorCode queue__scan_close(queue__scan **scan);
/* All journals of a directory by generation, then group; free *all with PetscFree(). */
PetscErrorCode queue__list(const char *directory, PetscInt *n, queue__name **all);

/* queue_journal.c: writing ------------------------------------------------------------------ */

/* An empty journal; one that is there is emptied. */
PetscErrorCode queue__journal_create(const char *directory, queue__name name,
                                     queue_journal **journal);
PetscErrorCode queue__journal_sync(queue_journal *journal);
PetscErrorCode queue__sync_directory(const char *directory);
/* Waits up to QUEUE_LOCK_WAIT for the lock on an open file, where the file system has locks. */
PetscErrorCode queue__lock(int fd, const char *path);

/* queue_index.c: from a task's name to its number -------------------------------------------- */

typedef struct {
  queue_key key;
  int32_t replica, stage;
  int64_t origin;
} queue__identity;

typedef struct queue__index queue__index;
PetscErrorCode queue__index_create(PetscInt expected, queue__index **index);
PetscErrorCode queue__index_destroy(queue__index **index);
/* -1 when it is not there */
PetscInt queue__index_find(const queue__index *index, const queue__identity *identity);
/* The identity must not be there yet. */
PetscErrorCode queue__index_insert(queue__index *index, const queue__identity *identity,
                                   PetscInt value);

/* queue_history.c: from the records of one task to where it is ------------------------------- */

/* What the journals tell about one task or one entry of a base, whatever the order of reading. */
typedef struct {
  PetscBool has_best;
  queue_record best; /* newest record that counts; payload NULL */
  queue_place place;
  int64_t farthest;     /* largest `done` of any SEGMENT, of any FAILED plus one */
  int64_t started_done; /* where the farthest STARTED began, -1: none, and how many began there */
  PetscInt started;
  int64_t crashed_done; /* where the farthest CRASHED began, -1: none, and its count */
  PetscInt crashed;
  int64_t crashed_base_done; /* the same of the base alone */
  PetscInt crashed_base;
} queue__history;

void queue__history_clear(queue__history *history);
/* `total` < 0: any record counts.  Identity has been compared by the caller. */
void queue__history_add(queue__history *history, int64_t total, const queue_record *record,
                        queue_place place);
/* Of segments that began at `done`, where the task is now: deaths written down, starts without an
   answer, and the deaths there are if all of those are taken for one. */
PetscInt queue__history_crashes(const queue__history *history, int64_t done);
PetscInt queue__history_started(const queue__history *history, int64_t done);
PetscInt queue__history_deaths(const queue__history *history, int64_t done);

/* queue_tasks.c, queue_schedule.c ------------------------------------------------------------ */

/* The stages of one replica. */
typedef struct {
  PetscInt first, n; /* tasks */
  int32_t priority;  /* the highest of them */
  PetscInt current;  /* first task that is not done; -1 when nothing of it can run any more */
  double remaining;  /* [s] of work left in all its stages */
  PetscInt heap;     /* 0 ordinary, 1 suspect, -1 in neither */
  PetscInt slot;     /* where in that heap */
} queue__chain;

/* Tasks of the same stage of the same point cost the same a step. */
typedef struct {
  PetscInt first; /* task; the others by queue__link.next */
  double seconds; /* [s] spent on `steps` in finished segments */
  double steps;
} queue__class;

typedef struct {
  PetscInt chain, cost_class, next;
  double seconds; /* [s] and steps this task has in its class */
  double steps;
  double guess; /* [s] a step, as the caller estimated */
  queue__history history;
} queue__link;

/* What finished work took beside what the caller had estimated for it. */
typedef struct {
  double seconds, guessed; /* [s] */
  double factor;           /* by which estimates are multiplied now */
} queue__pace;

/* How far single segments were from what was predicted for them. */
typedef struct {
  double n;      /* segments, the older ones forgotten */
  double square; /* sum of the squares of ln(took / predicted) */
} queue__scatter;

enum {
  QUEUE_PACES = 16, /* stages that have a pace of their own; higher ones share the last */
  QUEUE_PACE_ALL = QUEUE_PACES
};

struct queue_tasks {
  PetscInt n, nchain, nclass, max_crashes;
  PetscInt max_failed; /* replicas of a point that may end badly before it is given up; 0: all */
  queue_task *task;    /* [n] */
  queue__link *link;   /* [n] */
  queue__chain *chain; /* [nchain] */
  queue__class *cost;  /* [nclass] */
  queue__index *index; /* (key, replica, stage) with origin 0 */
  PetscInt *heap[2];   /* [nchain] chains that can run, largest `remaining` first */
  PetscInt nheap[2];
  PetscInt suspects; /* running tasks that crashed before */
  double work;       /* [s] sum of `remaining` */
  queue__pace pace[QUEUE_PACES + 1];
  queue__scatter scatter;
};

/* Takes a chain's states, steps and costs into its `remaining`, the sum and the heaps. */
void queue__schedule_update(queue_tasks *tasks, PetscInt chain);
/* Takes the wall time of task i's newest record into the costs of its class. */
void queue__schedule_learn(queue_tasks *tasks, PetscInt i);
/* Forgets all costs that were measured. */
void queue__schedule_forget(queue_tasks *tasks);
/* Gives the members of a class its measured cost; without one the estimate times the pace. */
void queue__schedule_price(queue_tasks *tasks, PetscInt cost_class);
/* Takes in what was learnt since the paces were last used; PETSC_TRUE: estimates have moved by more
   than a quarter, and all classes without a cost of their own have new prices. */
PetscBool queue__schedule_repace(queue_tasks *tasks);
/* A segment of `steps` of task i took so long; before its class learns from it. */
void queue__schedule_compare(queue_tasks *tasks, PetscInt i, double seconds, double steps);
/* queue_drop.c: points that are given up.  Drops what has not run yet, in the point of this chain
   or in all points, and takes it out of the schedule. */
PetscErrorCode queue__drop_around(queue_tasks *tasks, PetscInt chain);
PetscErrorCode queue__drop_all(queue_tasks *tasks);
/* Moves task i along the table. */
PetscErrorCode queue__enter(queue_tasks *tasks, PetscInt i, queue_event event);
