/* screening/screen_share.c - one line of a composition; see the header */
#include "screening/screen_share.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

screen_range screen_share_bounds(screen_share share)
{
  static const screen_range bounds[SCREEN_NSHARE] = {
      [SCREEN_SHARE_FRACTION] = {SCREEN_DIM_FRACTION, "0", "1"},
      [SCREEN_SHARE_MOLARITY] = {SCREEN_DIM_MOLARITY, "0 mol/L", "60 mol/L"},
      [SCREEN_SHARE_MOLALITY] = {SCREEN_DIM_MOLALITY, "0 mol/kg", "100 mol/kg"},
      [SCREEN_SHARE_UNITS] = {SCREEN_DIM_UNITS, "0 units", "1000000 units"}};

  return bounds[share];
}

/* The first number that stands there; NULL for none. */
static const char *first_text(const screen_yaml *node)
{
  if (node->kind == SCREEN_YAML_LIST) return node->n ? node->child[0]->text : NULL;
  if (node->kind == SCREEN_YAML_SCALAR) return node->text;
  node = screen_yaml_get(node, "from");
  return node ? node->text : NULL;
}

void screen_share_range(const screen_yaml *node, screen_share *share, screen_range *range)
{
  const char *text = first_text(node);
  char problem[SCREEN_PROBLEM_MAX];
  PetscReal value;

  *share = SCREEN_SHARE_FRACTION;
  for (int k = 1; text && k < SCREEN_NSHARE; k++) {
    const screen_range own = screen_share_bounds((screen_share)k);

    if (screen_quantity_parse(text, own.dimension, &value, problem)) *share = (screen_share)k;
  }
  *range = screen_share_bounds(*share);
}

PetscBool screen_ratio_is(const screen_yaml *node)
{
  return (PetscBool)(node->key && strchr(node->key, ':') != NULL);
}

PetscBool screen_ratio_names(const screen_yaml *node, PetscInt *n,
                             char name[SCREEN_RATIO_MAX][SCREEN_YAML_KEY_MAX + 1])
{
  const char *at = node->key;

  *n = 0;
  while (*n < SCREEN_RATIO_MAX) {
    const size_t length = strcspn(at, ":");

    if (length == 0 || length > SCREEN_YAML_KEY_MAX) return PETSC_FALSE;
    snprintf(name[*n], SCREEN_YAML_KEY_MAX + 1, "%.*s", (int)length, at);
    ++*n;
    if (!at[length]) return PETSC_TRUE;
    at += length + 1;
  }
  return PETSC_FALSE;
}

/* The numbers of "3:7" as fractions; PETSC_FALSE when it has others than n of them, a negative one,
   or nothing but zeros. */
static PetscBool parse_ratio(const char *text, PetscInt n, PetscReal fraction[])
{
  char part[64], problem[SCREEN_PROBLEM_MAX];
  PetscReal sum = 0.0;

  for (PetscInt i = 0; i < n; i++) {
    const size_t length = strcspn(text, ":");

    if (length >= sizeof(part) || (text[length] == ':') != (i + 1 < n)) return PETSC_FALSE;
    snprintf(part, sizeof(part), "%.*s", (int)length, text);
    if (!screen_quantity_parse(part, SCREEN_DIM_NUMBER, &fraction[i], problem)) return PETSC_FALSE;
    if (fraction[i] < 0.0) return PETSC_FALSE;
    sum += fraction[i];
    text += length + 1;
  }
  for (PetscInt i = 0; i < n && sum > 0.0; i++) fraction[i] /= sum;
  return (PetscBool)(sum > 0.0);
}

static PetscErrorCode refuse(screen_yaml *node, screen_notes *notes, const char *wanted)
{
  char got[64];

  PetscFunctionBegin;
  node->refused = PETSC_TRUE;
  PetscCall(screen_notes_add(notes, node->line, node->column, node->path, "got %s, wanted %s",
                             screen_yaml_describe(node, sizeof(got), got), wanted));
  PetscFunctionReturn(0);
}

/* One value of the ratio into row[n]. */
static PetscErrorCode read_item(screen_yaml *item, PetscInt n, PetscReal row[], screen_notes *notes)
{
  static const char *const wanted[] = {"a ratio of two numbers, such as 3:7",
                                       "a ratio of as many numbers as its key names components"};

  PetscFunctionBegin;
  if (item->refused) PetscFunctionReturn(0);
  if (item->kind != SCREEN_YAML_SCALAR || screen_yaml_is_null(item) ||
      !parse_ratio(item->text, n, row)) {
    PetscCall(refuse(item, notes, wanted[n > 2]));
  }
  PetscFunctionReturn(0);
}

static int compare_reals(const void *a, const void *b)
{
  const PetscReal x = *(const PetscReal *)a, y = *(const PetscReal *)b;

  return x < y ? -1 : x > y;
}

/* Two components: the fractions of the first, sorted, each once. */
static PetscErrorCode read_pairs(screen_yaml *node, PetscInt nitem, screen_yaml *const item[],
                                 screen_axis *axis, screen_notes *notes)
{
  PetscReal row[2] = {0.0, 0.0};

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(nitem, &axis->value));
  for (PetscInt i = 0; i < nitem; i++) {
    PetscCall(read_item(item[i], 2, row, notes));
    node->refused = (PetscBool)(node->refused || item[i]->refused);
    axis->value[i] = row[0];
  }
  axis->n = nitem;
  if (node->refused) PetscFunctionReturn(0);
  qsort(axis->value, (size_t)nitem, sizeof(PetscReal), compare_reals);
  for (PetscInt i = 1; i < nitem; i++) {
    if (axis->value[i] - axis->value[i - 1] > 1e-9) continue;
    PetscCall(refuse(node, notes, "each ratio once"));
    break;
  }
  PetscFunctionReturn(0);
}

/* More components: one value, an axis of one fraction for each but the last. */
static PetscErrorCode read_many(screen_yaml *node, PetscInt n, screen_yaml *item,
                                screen_axis axis[], screen_notes *notes)
{
  PetscReal row[SCREEN_RATIO_MAX] = {0.0};

  PetscFunctionBegin;
  PetscCall(read_item(item, n, row, notes));
  node->refused = (PetscBool)(node->refused || item->refused);
  for (PetscInt i = 0; i + 1 < n && !node->refused; i++) {
    PetscCall(PetscMalloc1(1, &axis[i].value));
    axis[i].value[0] = row[i];
    axis[i].n = 1;
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_ratio_read(screen_yaml *node, screen_axis axis[SCREEN_RATIO_MAX],
                                 screen_notes *notes)
{
  const PetscBool list = (PetscBool)(node->kind == SCREEN_YAML_LIST);
  char name[SCREEN_RATIO_MAX][SCREEN_YAML_KEY_MAX + 1];
  const PetscInt nitem = list ? node->n : 1;
  PetscInt n;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < SCREEN_RATIO_MAX; i++) axis[i] = (screen_axis){0, NULL};
  if (!screen_ratio_names(node, &n, name)) {
    PetscCall(refuse(node, notes, "two to eight components with a colon between them as the key"));
  } else if (nitem == 0 || nitem > SCREEN_AXIS_MAX || node->kind == SCREEN_YAML_MAP) {
    PetscCall(refuse(node, notes, "a ratio or a list of them, such as [3:7, 1:1]"));
  } else if (n == 2) {
    PetscCall(read_pairs(node, nitem, list ? node->child : &node, &axis[0], notes));
  } else if (nitem > 1) {
    PetscCall(refuse(node, notes, "one ratio of three or more components"));
  } else {
    PetscCall(read_many(node, n, list ? node->child[0] : node, axis, notes));
  }
  for (PetscInt i = 0; i < SCREEN_RATIO_MAX && node->refused; i++) {
    PetscCall(PetscFree(axis[i].value));
    axis[i].n = 0;
  }
  PetscFunctionReturn(0);
}
