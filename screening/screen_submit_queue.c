/* screening/screen_submit_queue.c - `queue` of the campaign and of the site's file */
#include "screening/screen_schema.h"
#include "screening/screen_submit.h"

#include <stdio.h>
#include <string.h>

/* Two trees, checked; NULL where there is none.  The first that has a key says it. */
typedef struct {
  screen_yaml *tree[2];
  screen_notes *notes[2];
} sources;

static int source_of(const sources *s, const char *path)
{
  return s->tree[0] && screen_schema_node(s->tree[0], path)   ? 0
         : s->tree[1] && screen_schema_node(s->tree[1], path) ? 1
                                                              : 0;
}

/* A word for a directive: one line. */
static PetscErrorCode read_word(const sources *s, const char *path, PetscBool lines, char **text)
{
  const int k = source_of(s, path);
  const screen_yaml *node = s->tree[k] ? screen_schema_node(s->tree[k], path) : NULL;

  PetscFunctionBegin;
  PetscCall(PetscStrallocpy(node && node->text ? node->text : "", text));
  if (node && !lines && strchr(*text, '\n')) {
    PetscCall(screen_notes_add(s->notes[k], node->line, node->column, node->path,
                               "got several lines, wanted one"));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode read_settings(const sources *s, screen_queue *q)
{
  PetscFunctionBegin;
#define FROM(key) s->tree[source_of(s, key)]
  q->system = (queue_batch_system)screen_schema_choice(FROM("queue.system"), "queue.system");
  q->nodes = (PetscInt)screen_schema_integer(FROM("queue.nodes"), "queue.nodes");
  q->tasks = (PetscInt)screen_schema_integer(FROM("queue.tasks_per_node"), "queue.tasks_per_node");
  q->group = (PetscInt)screen_schema_integer(FROM("queue.group"), "queue.group");
  q->walltime = screen_schema_real(FROM("queue.walltime"), "queue.walltime");
#undef FROM
  PetscCall(read_word(s, "queue.partition", PETSC_FALSE, &q->partition));
  PetscCall(read_word(s, "queue.account", PETSC_FALSE, &q->account));
  PetscCall(read_word(s, "queue.memory", PETSC_FALSE, &q->memory));
  PetscCall(read_word(s, "queue.directives", PETSC_TRUE, &q->directives));
  PetscCall(read_word(s, "queue.setup", PETSC_TRUE, &q->setup));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_queue_read(const screen_campaign *campaign, const char *site,
                                 screen_queue *queue, mtp_diag *diag)
{
  screen_notes own = {.file = campaign->file}, sites = {.file = site};
  sources s = {.notes = {&own, &sites}};

  PetscFunctionBegin;
  *queue = (screen_queue){0};
  /* read before: it is a campaign */
  PetscCall(screen_yaml_parse(campaign->text, campaign->text_size, &s.tree[0], &own));
  PetscCall(screen_yaml_read(PETSC_TRUE, &s.tree[1], &sites));
  if (s.tree[1]) PetscCall(screen_schema_check_only(s.tree[1], "queue", &sites));
  if (own.n == 0 && sites.n == 0) PetscCall(read_settings(&s, queue));
  PetscCall(screen_notes_report(&own, diag));
  PetscCall(screen_notes_report(&sites, diag));
  PetscCall(screen_notes_clear(&own));
  PetscCall(screen_notes_clear(&sites));
  PetscCall(screen_yaml_destroy(&s.tree[0]));
  PetscCall(screen_yaml_destroy(&s.tree[1]));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_queue_clear(screen_queue *queue)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(queue->partition));
  PetscCall(PetscFree(queue->account));
  PetscCall(PetscFree(queue->memory));
  PetscCall(PetscFree(queue->directives));
  PetscCall(PetscFree(queue->setup));
  PetscFunctionReturn(0);
}

PetscReal screen_queue_margin(PetscReal walltime)
{
  return PetscMin(0.5 * walltime, PetscMax(30.0, PetscMin(300.0, 0.1 * walltime)));
}
