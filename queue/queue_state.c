/* queue/queue_state.c - the table of queue_state.h as functions */
#include "queue/queue_state.h"

typedef struct {
  const char *id, *name, *text;
} word;

#define WORD(id, name, text) {#id, name, text},
static const word state_word[QUEUE_NSTATE] = {QUEUE_STATES(WORD)};
static const word event_word[QUEUE_NEVENT] = {QUEUE_EVENTS(WORD)};
#undef WORD

/* Cells hold the next state plus one, so that those the table does not name are zero. */
#define CELL(state, event, next) [QUEUE_##state][QUEUE_EVENT_##event] = QUEUE_##next + 1,
static const signed char transition[QUEUE_NSTATE][QUEUE_NEVENT] = {QUEUE_TRANSITIONS(CELL)};
#undef CELL

static PetscBool is_state(queue_state state)
{
  return (PetscBool)((int)state >= 0 && (int)state < QUEUE_NSTATE);
}

static PetscBool is_event(queue_event event)
{
  return (PetscBool)((int)event >= 0 && (int)event < QUEUE_NEVENT);
}

queue_state queue_state_next(queue_state state, queue_event event)
{
  if (!is_state(state) || !is_event(event)) return QUEUE_INVALID;
  return (queue_state)(transition[state][event] - 1);
}

const char *queue_state_name(queue_state state)
{
  return is_state(state) ? state_word[state].name : "invalid";
}

const char *queue_state_text(queue_state state)
{
  return is_state(state) ? state_word[state].text : "not a state";
}

const char *queue_event_name(queue_event event)
{
  return is_event(event) ? event_word[event].name : "invalid";
}

const char *queue_event_text(queue_event event)
{
  return is_event(event) ? event_word[event].text : "not an event";
}

static void print_words(FILE *out, const char *title, int n, const word words[])
{
  fprintf(out, "| %s | meaning |\n|---|---|\n", title);
  for (int i = 0; i < n; i++) fprintf(out, "| %s | %s |\n", words[i].name, words[i].text);
  fprintf(out, "\n");
}

static void print_matrix(FILE *out)
{
  fprintf(out, "| in state |");
  for (int e = 0; e < QUEUE_NEVENT; e++) fprintf(out, " %s |", event_word[e].name);
  fprintf(out, "\n|---|");
  for (int e = 0; e < QUEUE_NEVENT; e++) fprintf(out, "---|");
  for (int s = 0; s < QUEUE_NSTATE; s++) {
    fprintf(out, "\n| %s |", state_word[s].name);
    for (int e = 0; e < QUEUE_NEVENT; e++) {
      fprintf(out, " %s |", transition[s][e] ? state_word[transition[s][e] - 1].name : "·");
    }
  }
  fprintf(out, "\n\n");
}

PetscErrorCode queue_state_print(FILE *out)
{
  PetscFunctionBegin;
  print_words(out, "state", QUEUE_NSTATE, state_word);
  print_words(out, "event", QUEUE_NEVENT, event_word);
  print_matrix(out);
  fprintf(out, "```mermaid\nstateDiagram-v2\n  [*] --> %s\n", state_word[0].id);
#define ARROW(state, event, next)                                                                  \
  fprintf(out, "  %s --> %s: %s\n", #state, #next, event_word[QUEUE_EVENT_##event].name);
  QUEUE_TRANSITIONS(ARROW)
#undef ARROW
  fprintf(out, "```\n");
  PetscCheck(!ferror(out), PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE,
             "The table of states could not be written");
  PetscFunctionReturn(0);
}
