/* screening/screen_message.h - what the dispatcher and its workers say to each other
 *
 * Small fixed structs, sent as bytes between processes of one program; the state of a replica does
 * not travel: it lies in
 * a journal and the message says where.  Nobody blocks in MPI: MPICH waits by spinning, which would
 * burn the core that the dispatcher shares with a worker, so both sides look for messages and sleep
 * a millisecond in between.
 */
#pragma once

#include "queue/queue_journal.h"

#include <mpi.h>

typedef enum { SCREEN_WORK, SCREEN_STOP } screen_order_kind;

typedef struct {
  int32_t kind;       /* screen_order_kind */
  int32_t task;       /* index in the task list */
  int64_t done;       /* steps of the stage behind it */
  int64_t steps;      /* of this segment */
  int64_t beat;       /* steps between two signs of life, the same for all ranks of a group */
  int32_t has_place;  /* there is a state to start from */
  int32_t same_stage; /* it is of this stage, not the end of the one before */
  queue_place place;  /* where it lies */
  double seconds;     /* wall time this stage has cost so far */
} screen_order;

typedef struct {
  int32_t task;
  int32_t kind;      /* QUEUE_RECORD_SEGMENT or QUEUE_RECORD_FAILED */
  int64_t done;      /* steps of the stage */
  int32_t status;    /* reason of a failure */
  queue_place place; /* of the record */
  double seconds;    /* wall time of the stage */
  double busy;       /* wall time of this segment */
  double occupied;   /* the same, with the journal */
  char detail[160];  /* of a failure */
} screen_answer;

enum {
  SCREEN_TAG_ORDER = 11,
  SCREEN_TAG_ANSWER = 12,
  SCREEN_TAG_FINISHED = 13,
  SCREEN_TAG_GROUP = 14,
  SCREEN_TAG_BEAT = 15 /* from a group at work: the task, an int32_t */
};

/* [s] Work between two signs of life of a group, about. */
#define SCREEN_ALIVE_SECONDS 2.0

/* Sleeps between two looks. */
void screen_message_nap(void);
