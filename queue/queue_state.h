/* queue/queue_state.h - life of a task: the table is the specification, the code, the diagram and
 * the test
 *
 * queue_state_next() is built from the table, queue_state_print() writes the diagram of README.md
 * from it, and tests/unit/queue/test_queue_state.c walks all pairs and compares README.md.
 */
#pragma once

#include <petscsys.h>
#include <stdio.h>

/* clang-format off */
/*  state        name           meaning */
#define QUEUE_STATES(X)                                                                           \
  X(WAITING,     "waiting",     "an earlier stage of the same replica is not finished")           \
  X(READY,       "ready",       "can run")                                                        \
  X(RUNNING,     "running",     "a segment is with a group")                                      \
  X(DONE,        "done",        "all steps are finished")                                         \
  X(FAILED,      "failed",      "ended for a physical reason")                                    \
  X(QUARANTINED, "quarantined", "crashed its process too often")                                  \
  X(DROPPED,     "dropped",     "too many replicas of its point ended before")                    \
  X(HELD,        "held",        "may be run when more samples are wanted")
#define QUEUE_EVENTS(X)                                                                           \
  X(UNBLOCK,     "unblock",     "the earlier stage finished")                                     \
  X(ASSIGN,      "assign",      "a group takes a segment")                                        \
  X(SEGMENT,     "segment",     "the segment is in the journal, more remain")                     \
  X(FINISH,      "finish",      "the last segment is in the journal")                             \
  X(FAIL,        "fail",        "the dynamics ended for a physical reason, in the journal")       \
  X(LOSE,        "lose",        "the group is gone or the run was stopped")                       \
  X(CRASH,       "crash",       "the process died while running it")                              \
  X(GIVE_UP,     "give up",     "crashed more often than allowed")                                \
  X(DROP,        "drop",        "the point is given up")                                          \
  X(RELEASE,     "release",     "more samples are wanted")
/*  state        event     next state */
#define QUEUE_TRANSITIONS(X)                                                                      \
  X(WAITING,     UNBLOCK,  READY)                                                                 \
  X(WAITING,     FAIL,     FAILED)                                                                \
  X(WAITING,     GIVE_UP,  QUARANTINED)                                                           \
  X(WAITING,     DROP,     DROPPED)                                                               \
  X(READY,       ASSIGN,   RUNNING)                                                               \
  X(READY,       FINISH,   DONE)                                                                  \
  X(READY,       FAIL,     FAILED)                                                                \
  X(READY,       GIVE_UP,  QUARANTINED)                                                           \
  X(READY,       DROP,     DROPPED)                                                               \
  X(RUNNING,     SEGMENT,  READY)                                                                 \
  X(RUNNING,     FINISH,   DONE)                                                                  \
  X(RUNNING,     FAIL,     FAILED)                                                                \
  X(RUNNING,     LOSE,     READY)                                                                 \
  X(RUNNING,     CRASH,    READY)                                                                 \
  X(HELD,        RELEASE,  WAITING)
/* clang-format on */

#define QUEUE_STATE_ENUM(id, name, text) QUEUE_##id,
#define QUEUE_EVENT_ENUM(id, name, text) QUEUE_EVENT_##id,
typedef enum { QUEUE_STATES(QUEUE_STATE_ENUM) QUEUE_NSTATE, QUEUE_INVALID = -1 } queue_state;
typedef enum { QUEUE_EVENTS(QUEUE_EVENT_ENUM) QUEUE_NEVENT } queue_event;
#undef QUEUE_STATE_ENUM
#undef QUEUE_EVENT_ENUM

/* Pure.  QUEUE_INVALID when the table has no such transition: a bug of the caller. */
queue_state queue_state_next(queue_state state, queue_event event);

/* "ready" and its meaning; "invalid" for anything that is not in the table. */
const char *queue_state_name(queue_state state);
const char *queue_state_text(queue_state state);
const char *queue_event_name(queue_event event);
const char *queue_event_text(queue_event event);

/* Writes the tables of states and events and the diagram, as Markdown.  Returns
 * PETSC_ERR_FILE_WRITE when `out` does not take it. */
PetscErrorCode queue_state_print(FILE *out);
