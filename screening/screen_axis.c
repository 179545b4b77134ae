/* screening/screen_axis.c - lists and ranges of quantities; see the header */
#include "screening/screen_axis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static PetscErrorCode refuse(screen_yaml *node, screen_notes *notes, const char *text)
{
  PetscFunctionBegin;
  node->refused = PETSC_TRUE;
  PetscCall(screen_notes_add(notes, node->line, node->column, node->path, "%s", text));
  PetscFunctionReturn(0);
}

/* The value of a bound; bounds come from the table, and a test parses all of them. */
static PetscBool bound(const char *text, screen_dimension dimension, PetscReal *value)
{
  char problem[SCREEN_PROBLEM_MAX];

  return (PetscBool)(text && screen_quantity_parse(text, dimension, value, problem));
}

PetscErrorCode screen_quantity_check(screen_yaml *node, const screen_range *range, PetscReal *value,
                                     screen_notes *notes)
{
  char problem[2 * SCREEN_PROBLEM_MAX], got[64], wanted[SCREEN_PROBLEM_MAX / 2];
  PetscReal number, limit;

  PetscFunctionBegin;
  if (node->kind != SCREEN_YAML_SCALAR || screen_yaml_is_null(node)) {
    screen_yaml_describe(node, sizeof(got), got);
    screen_dimension_describe(range->dimension, sizeof(wanted), wanted);
    snprintf(problem, sizeof(problem), "got %s, wanted %s", got, wanted);
    PetscCall(refuse(node, notes, problem));
    PetscFunctionReturn(0);
  }
  if (!screen_quantity_parse(node->text, range->dimension, &number, problem)) {
    PetscCall(refuse(node, notes, problem));
    PetscFunctionReturn(0);
  }
  screen_yaml_describe(node, sizeof(got), got);
  if (bound(range->min, range->dimension, &limit) && number < limit) {
    snprintf(problem, sizeof(problem), "got %s, wanted at least %s", got, range->min);
    PetscCall(refuse(node, notes, problem));
  } else if (bound(range->max, range->dimension, &limit) && number > limit) {
    snprintf(problem, sizeof(problem), "got %s, wanted at most %s", got, range->max);
    PetscCall(refuse(node, notes, problem));
  } else {
    *value = number;
  }
  PetscFunctionReturn(0);
}

typedef struct {
  PetscReal value;
  screen_yaml *node;
} entry;

static int compare_entries(const void *a, const void *b)
{
  const entry *p = a, *q = b;

  if (p->value != q->value) return p->value < q->value ? -1 : 1;
  return p->node->line != q->node->line ? (p->node->line < q->node->line ? -1 : 1)
                                        : (p->node->column < q->node->column ? -1 : 1);
}

/* Two numbers that differ by rounding only are the same point of the grid. */
static PetscBool same(PetscReal a, PetscReal b)
{
  return (PetscBool)(PetscAbsReal(a - b) <= 1e-9 * PetscMax(PetscAbsReal(a), PetscAbsReal(b)));
}

static PetscErrorCode sort_entries(PetscInt n, entry e[], screen_yaml *list, screen_axis *axis,
                                   screen_notes *notes)
{
  char text[128], got[64];

  PetscFunctionBegin;
  qsort(e, (size_t)n, sizeof(e[0]), compare_entries);
  for (PetscInt i = 1; i < n; i++) {
    if (!same(e[i].value, e[i - 1].value)) continue;
    screen_yaml_describe(e[i].node, sizeof(got), got);
    snprintf(text, sizeof(text), "got %s a second time, wanted each value once", got);
    PetscCall(refuse(e[i].node, notes, text));
    list->refused = PETSC_TRUE;
  }
  for (PetscInt i = 0; i < n; i++) axis->value[i] = e[i].value;
  axis->n = list->refused ? 0 : n;
  PetscFunctionReturn(0);
}

static PetscErrorCode read_list(screen_yaml *node, const screen_range *range, screen_axis *axis,
                                screen_notes *notes)
{
  entry *e;
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  if (node->n == 0) PetscCall(refuse(node, notes, "got an empty list, wanted at least one value"));
  if (node->n > SCREEN_AXIS_MAX) {
    PetscCall(refuse(node, notes, "got more than 4096 values, wanted fewer"));
  }
  if (node->refused) PetscFunctionReturn(0);
  PetscCall(PetscMalloc1(node->n, &axis->value));
  PetscCall(PetscMalloc1(node->n, &e));
  for (PetscInt i = 0; i < node->n && !ierr; i++) {
    e[i] = (entry){.node = node->child[i]};
    if (!node->child[i]->refused) {
      ierr = screen_quantity_check(node->child[i], range, &e[i].value, notes);
    }
    if (node->child[i]->refused) node->refused = PETSC_TRUE;
  }
  if (!ierr && !node->refused) ierr = sort_entries(node->n, e, node, axis, notes);
  PetscCall(PetscFree(e));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* One of from, to, step. */
static PetscErrorCode read_end(screen_yaml *node, const char *name, const screen_range *range,
                               PetscReal *value, screen_notes *notes)
{
  const screen_range step = {range->dimension, NULL, NULL};
  char text[128];

  PetscFunctionBegin;
  *value = 0.0;
  for (PetscInt i = 0; i < node->n; i++) {
    screen_yaml *child = node->child[i];

    if (strcmp(child->key, name)) continue;
    if (!child->refused) {
      PetscCall(screen_quantity_check(child, strcmp(name, "step") ? range : &step, value, notes));
    }
    if (child->refused) node->refused = PETSC_TRUE;
    PetscFunctionReturn(0);
  }
  snprintf(text, sizeof(text), "got a range without '%s', wanted { from, to, step }", name);
  PetscCall(refuse(node, notes, text));
  PetscFunctionReturn(0);
}

static PetscErrorCode check_range_keys(screen_yaml *node, screen_notes *notes)
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < node->n; i++) {
    screen_yaml *child = node->child[i];
    const char *what = NULL;

    if (strcmp(child->key, "from") && strcmp(child->key, "to") && strcmp(child->key, "step")) {
      what = "got an unknown key, wanted from, to and step";
    } else if (screen_yaml_get(node, child->key) != child) {
      what = "got the key a second time, wanted it once";
    }
    if (!what) continue;
    child->refused = node->refused = PETSC_TRUE;
    PetscCall(screen_notes_add(notes, child->key_line, child->key_column, child->path, "%s", what));
  }
  PetscFunctionReturn(0);
}

/* The text of a part of a range, short. */
static const char *part(const screen_yaml *node, const char *name, char out[32])
{
  return screen_shown(screen_yaml_get(node, name)->text, 32, out);
}

static PetscErrorCode fill_range(screen_yaml *node, PetscReal from, PetscReal to, PetscReal step,
                                 screen_axis *axis, screen_notes *notes)
{
  const PetscReal steps = (to - from) / step;
  char text[256], a[32], b[32], c[32];

  PetscFunctionBegin;
  part(node, "from", a);
  part(node, "to", b);
  part(node, "step", c);
  text[0] = '\0';
  if (!(step > 0.0)) {
    snprintf(text, sizeof(text), "got a step of %s, wanted one above zero", c);
  } else if (to < from) {
    snprintf(text, sizeof(text), "got a range from %s down to %s, wanted from <= to", a, b);
  } else if (!(steps < SCREEN_AXIS_MAX)) {
    snprintf(text, sizeof(text), "got a range of more than %d values, wanted fewer",
             SCREEN_AXIS_MAX);
  } else if (PetscAbsReal(steps - PetscFloorReal(steps + 0.5)) > 1e-6) {
    snprintf(text, sizeof(text), "got steps of %s that miss the end %s from %s, wanted %s", c, b, a,
             "a whole number of steps");
  }
  if (text[0]) {
    PetscCall(refuse(node, notes, text));
    PetscFunctionReturn(0);
  }
  axis->n = (PetscInt)(steps + 0.5) + 1;
  PetscCall(PetscMalloc1(axis->n, &axis->value));
  for (PetscInt i = 0; i < axis->n; i++) {
    axis->value[i] = axis->n == 1 ? from : from + (to - from) * (PetscReal)i / (axis->n - 1);
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode read_range(screen_yaml *node, const screen_range *range, screen_axis *axis,
                                 screen_notes *notes)
{
  PetscReal from, to, step;

  PetscFunctionBegin;
  PetscCall(check_range_keys(node, notes));
  PetscCall(read_end(node, "from", range, &from, notes));
  PetscCall(read_end(node, "to", range, &to, notes));
  PetscCall(read_end(node, "step", range, &step, notes));
  if (!node->refused) PetscCall(fill_range(node, from, to, step, axis, notes));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_axis_read(screen_yaml *node, const screen_range *range, screen_axis *axis,
                                screen_notes *notes)
{
  PetscReal value = 0.0;

  PetscFunctionBegin;
  *axis = (screen_axis){0, NULL};
  if (node->kind == SCREEN_YAML_LIST) {
    PetscCall(read_list(node, range, axis, notes));
  } else if (node->kind == SCREEN_YAML_MAP) {
    PetscCall(read_range(node, range, axis, notes));
  } else {
    PetscCall(screen_quantity_check(node, range, &value, notes));
    if (node->refused) PetscFunctionReturn(0);
    axis->n = 1;
    PetscCall(PetscMalloc1(1, &axis->value));
    axis->value[0] = value;
  }
  if (node->refused) {
    PetscCall(PetscFree(axis->value));
    axis->n = 0;
  }
  PetscFunctionReturn(0);
}
