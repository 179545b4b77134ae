/* queue/queue_state.h - life of a task: the table is the specification, the code, the diagram and the test */
#pragma once

#include <petscsys.h>

/* clang-format off */
#define QUEUE_STATES(X)                                                                   \
  X(WAITING,     "an earlier stage of the same replica is not finished")                 \
  X(READY,       "can run")                                                              \
  X(RUNNING,     "a segment is with a group")                                            \
  X(DONE,        "all steps are finished")                                               \
  X(FAILED,      "ended for a physical reason")                                          \
  X(QUARANTINED, "crashed its process too often")
#define QUEUE_EVENTS(X)                                                                   \
  X(UNBLOCK, "the earlier stage finished")                                               \
  X(ASSIGN,  "a group takes a segment")                                                  \
  X(SEGMENT, "the segment is in the journal, more remain")                               \
  X(FINISH,  "the last segment is in the journal")                                       \
  X(FAIL,    "the dynamics ended for a physical reason, in the journal")                 \
  X(LOSE,    "the group is gone or the run was stopped")                                 \
  X(CRASH,   "the process died while running it")                                        \
  X(GIVE_UP, "crashed more often than allowed")
/*  state        event     next state */
#define QUEUE_TRANSITIONS(X)                                                              \
  X(WAITING,     UNBLOCK,  READY)                                                        \
  X(WAITING,     FAIL,     FAILED)                                                       \
  X(WAITING,     GIVE_UP,  QUARANTINED)                                                  \
  X(READY,       ASSIGN,   RUNNING)                                                      \
  X(READY,       FINISH,   DONE)                                                         \
  X(READY,       FAIL,     FAILED)                                                       \
  X(READY,       GIVE_UP,  QUARANTINED)                                                  \
  X(RUNNING,     SEGMENT,  READY)                                                        \
  X(RUNNING,     FINISH,   DONE)                                                         \
  X(RUNNING,     FAIL,     FAILED)                                                       \
  X(RUNNING,     LOSE,     READY)                                                        \
  X(RUNNING,     CRASH,    READY)
/* clang-format on */

#define QUEUE_STATE_ENUM(name, text) QUEUE_##name,
#define QUEUE_EVENT_ENUM(name, text) QUEUE_EVENT_##name,
typedef enum { QUEUE_STATES(QUEUE_STATE_ENUM) QUEUE_NSTATE, QUEUE_INVALID = -1 } queue_state;
typedef enum { QUEUE_EVENTS(QUEUE_EVENT_ENUM) QUEUE_NEVENT } queue_event;
#undef QUEUE_STATE_ENUM
#undef QUEUE_EVENT_ENUM

/* Pure.  QUEUE_INVALID when the table has no such transition: a bug of the caller. */
queue_state queue_state_next(queue_state state, queue_event event);
const char *queue_state_name(queue_state state); /* "ready" */
const char *queue_state_text(queue_state state);
const char *queue_event_name(queue_event event);
