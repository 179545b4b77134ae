/* screening/screen_schema_check.c - a tree against the table of keys
 *
 * One walk down the tree with the path of the table beside it.  A refused node is left alone from
 * then on, and so is everything in it, so that one mistake makes one message.
 */
#include "screening/screen_schema.h"
#include "screening/screen_share.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { WANTED_MAX = 384 };

static PetscErrorCode check_value(screen_yaml *node, const screen_key *key, screen_notes *notes);

/* "path: got <what is there>, wanted <what the table says>" at the value. */
static PetscErrorCode refuse_type(screen_yaml *node, const screen_key *key, screen_notes *notes)
{
  char got[64], wanted[WANTED_MAX];

  PetscFunctionBegin;
  node->refused = PETSC_TRUE;
  PetscCall(screen_notes_add(notes, node->line, node->column, node->path, "got %s, wanted %s",
                             screen_yaml_describe(node, sizeof(got), got),
                             screen_key_describe(key, sizeof(wanted), wanted)));
  PetscFunctionReturn(0);
}

static size_t smaller(size_t a, size_t b)
{
  return a < b ? a : b;
}

/* Levenshtein's distance: insertions, deletions, substitutions; case counts half a change, so all
 * numbers are doubled. */
static size_t distance(const char *a, const char *b)
{
  const size_t na = strlen(a), nb = strlen(b);
  size_t row[SCREEN_YAML_KEY_MAX + 2];

  if (na > SCREEN_YAML_KEY_MAX || nb > SCREEN_YAML_KEY_MAX) return 2 * (na + nb);
  for (size_t j = 0; j <= nb; j++) row[j] = 2 * j;
  for (size_t i = 1; i <= na; i++) {
    size_t diagonal = row[0];

    row[0] = 2 * i;
    for (size_t j = 1; j <= nb; j++) {
      const int x = (unsigned char)a[i - 1], y = (unsigned char)b[j - 1];
      const size_t change = x == y ? 0 : tolower(x) == tolower(y) ? 1 : 2;
      const size_t above = row[j];

      row[j] = smaller(diagonal + change, smaller(above, row[j - 1]) + 2);
      diagonal = above;
    }
  }
  return row[nb];
}

/* The key below `parent` that `name` is nearest to, if it is near: at most a third of its letters
 * changed, or one.  Keys of later versions are not offered. */
static const screen_key *nearest(const char *parent, const char *name)
{
  const screen_key *child, *best = NULL;
  size_t least = 2 * (strlen(name) > 3 ? strlen(name) / 3 : 1) + 1;

  for (PetscInt k = 0; (child = screen_schema_below(parent, k)); k++) {
    const size_t d = distance(name, screen_key_name(child));

    if (strcmp(screen_key_name(child), "*") && child->kind != SCREEN_KEY_LATER && d < least) {
      least = d;
      best = child;
    }
  }
  return best;
}

/* A key of this very name that lives elsewhere in the table. */
static const screen_key *elsewhere(const char *name)
{
  PetscInt n;
  const screen_key *keys = screen_schema_keys(&n);

  for (PetscInt k = 0; k < n; k++) {
    if (!strcmp(screen_key_name(&keys[k]), name)) return &keys[k];
  }
  return NULL;
}

static PetscErrorCode refuse_unknown(screen_yaml *child, const char *parent, screen_notes *notes)
{
  const screen_key *near = nearest(parent, child->key);
  const screen_key *other = near ? NULL : elsewhere(child->key);
  char wanted[WANTED_MAX], hint[128] = "";

  PetscFunctionBegin;
  child->refused = PETSC_TRUE;
  if (near) snprintf(hint, sizeof(hint), "; did you mean '%s'?", screen_key_name(near));
  if (other) snprintf(hint, sizeof(hint), "; did you mean '%s'?", other->path);
  PetscCall(screen_notes_add(notes, child->key_line, child->key_column, child->path,
                             "got an unknown key, wanted one of %s%s",
                             screen_schema_list(parent, sizeof(wanted), wanted), hint));
  PetscFunctionReturn(0);
}

static PetscErrorCode check_child(screen_yaml *map, screen_yaml *child, const char *parent,
                                  screen_notes *notes)
{
  const screen_yaml *first = screen_yaml_get(map, child->key);
  const screen_key *key = screen_schema_child(parent, child->key);
  char wanted[WANTED_MAX];

  PetscFunctionBegin;
  if (first != child) {
    child->refused = PETSC_TRUE;
    PetscCall(screen_notes_add(notes, child->key_line, child->key_column, child->path,
                               "got the key a second time, wanted it once (first on line "
                               "%" PetscInt_FMT ")",
                               first->key_line));
  } else if (!key) {
    PetscCall(refuse_unknown(child, parent, notes));
  } else if (key->kind == SCREEN_KEY_LATER) {
    child->refused = PETSC_TRUE;
    PetscCall(screen_notes_add(notes, child->key_line, child->key_column, child->path,
                               "got a key of a later version, wanted %s",
                               screen_key_describe(key, sizeof(wanted), wanted)));
  } else {
    PetscCall(check_value(child, key, notes));
  }
  PetscFunctionReturn(0);
}

/* An unknown key was taken for a slip of this one: that message is enough. */
static PetscBool is_misspelt(const screen_yaml *map, const char *parent, const screen_key *key)
{
  for (PetscInt i = 0; i < map->n; i++) {
    const char *name = map->child[i]->key;

    if (!screen_schema_child(parent, name) && nearest(parent, name) == key) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

/* Required keys that are not there are noted at the map that lacks them. */
static PetscErrorCode check_required(const screen_yaml *map, const char *parent,
                                     screen_notes *notes)
{
  const screen_key *key;
  char wanted[WANTED_MAX], path[WANTED_MAX];

  PetscFunctionBegin;
  for (PetscInt k = 0; (key = screen_schema_below(parent, k)); k++) {
    if (!key->required || screen_yaml_get(map, screen_key_name(key))) continue;
    if (is_misspelt(map, parent, key)) continue;
    snprintf(path, sizeof(path), "%.300s%s%s", map->path, map->path[0] ? "." : "",
             screen_key_name(key));
    PetscCall(screen_notes_add(notes, map->line, map->column, path, "got no such key, wanted %s",
                               screen_key_describe(key, sizeof(wanted), wanted)));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode check_map(screen_yaml *map, const char *parent, screen_notes *notes)
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < map->n; i++) {
    PetscCall(check_child(map, map->child[i], parent, notes));
  }
  PetscCall(check_required(map, parent, notes));
  PetscFunctionReturn(0);
}

static PetscBool is_name(const char *text, PetscBool dots)
{
  size_t n = 0;

  if (!isalnum((unsigned char)text[0])) return PETSC_FALSE;
  for (; text[n]; n++) {
    if (!isalnum((unsigned char)text[n]) && !strchr(dots ? "_-." : "_-", text[n])) {
      return PETSC_FALSE;
    }
  }
  return (PetscBool)(n <= SCREEN_YAML_KEY_MAX);
}

/* Names become variables of the results file: they are kept to letters, digits, '_' and '-'. */
static PetscErrorCode check_names(screen_yaml *map, const screen_key *key, screen_notes *notes)
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < map->n; i++) {
    screen_yaml *child = map->child[i];

    if (!is_name(child->key, PETSC_FALSE)) {
      child->refused = PETSC_TRUE;
      PetscCall(screen_notes_add(notes, child->key_line, child->key_column, child->path,
                                 "got a name with other characters, wanted letters, digits, '_' "
                                 "and '-'"));
    }
  }
  for (PetscInt i = 0; i < map->n; i++) {
    if (!map->child[i]->refused) PetscCall(check_child(map, map->child[i], key->path, notes));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode check_list(screen_yaml *list, const screen_key *key, screen_notes *notes)
{
  PetscFunctionBegin;
  if (list->kind != SCREEN_YAML_LIST || list->n == 0) {
    PetscCall(refuse_type(list, key, notes));
    PetscFunctionReturn(0);
  }
  for (PetscInt i = 0; i < list->n; i++) {
    screen_yaml *item = list->child[i];

    if (item->kind == SCREEN_YAML_SCALAR && !screen_yaml_is_null(item)) continue;
    PetscCall(refuse_type(item, key, notes));
    list->refused = PETSC_TRUE;
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode check_maps(screen_yaml *list, const screen_key *key, screen_notes *notes)
{
  char path[WANTED_MAX];
  const screen_key *item;

  PetscFunctionBegin;
  snprintf(path, sizeof(path), "%s.*", key->path);
  item = screen_schema_key(path);
  if (list->kind != SCREEN_YAML_LIST || list->n == 0 || !item) {
    PetscCall(refuse_type(list, key, notes));
    PetscFunctionReturn(0);
  }
  for (PetscInt i = 0; i < list->n; i++) PetscCall(check_value(list->child[i], item, notes));
  PetscFunctionReturn(0);
}

static PetscErrorCode check_integer(screen_yaml *node, const screen_key *key, screen_notes *notes)
{
  char problem[SCREEN_PROBLEM_MAX];
  PetscInt64 value, min, max;

  PetscFunctionBegin;
  if (!screen_integer_parse(node->text, &value, problem)) {
    node->refused = PETSC_TRUE;
    PetscCall(screen_notes_add(notes, node->line, node->column, node->path, "%s", problem));
    PetscFunctionReturn(0);
  }
  screen_integer_parse(key->min, &min, problem);
  screen_integer_parse(key->max, &max, problem);
  if (value < min || value > max) {
    node->refused = PETSC_TRUE;
    PetscCall(screen_notes_add(notes, node->line, node->column, node->path,
                               "got '%s', wanted at %s %s", node->text,
                               value < min ? "least" : "most", value < min ? key->min : key->max));
  }
  PetscFunctionReturn(0);
}

static PetscBool is_choice(const char *choices, const char *text)
{
  const size_t length = strlen(text);

  while (choices) {
    const char *end = strchr(choices, '|');

    if (strcspn(choices, "|") == length && !strncmp(choices, text, length)) return PETSC_TRUE;
    choices = end ? end + 1 : NULL;
  }
  return PETSC_FALSE;
}

/* A list of choices. */
static PetscErrorCode check_set(screen_yaml *list, const screen_key *key, screen_notes *notes)
{
  PetscFunctionBegin;
  PetscCall(check_list(list, key, notes));
  if (list->refused) PetscFunctionReturn(0);
  for (PetscInt i = 0; i < list->n; i++) {
    if (is_choice(key->choices, list->child[i]->text)) continue;
    PetscCall(refuse_type(list->child[i], key, notes));
    list->refused = PETSC_TRUE;
  }
  PetscFunctionReturn(0);
}

/* Kinds whose value is one text; what the text means for files and formulas is looked at later. */
static PetscErrorCode check_scalar(screen_yaml *node, const screen_key *key, screen_notes *notes)
{
  PetscFunctionBegin;
  if (node->kind != SCREEN_YAML_SCALAR || screen_yaml_is_null(node) ||
      (key->kind == SCREEN_KEY_NAME && !is_name(node->text, PETSC_TRUE)) ||
      (key->kind == SCREEN_KEY_CHOICE && !is_choice(key->choices, node->text)) ||
      (key->kind == SCREEN_KEY_FILE && !node->text[0])) {
    PetscCall(refuse_type(node, key, notes));
  } else if (key->kind == SCREEN_KEY_INTEGER) {
    PetscCall(check_integer(node, key, notes));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode check_ratio(screen_yaml *node, screen_notes *notes)
{
  screen_axis axis[SCREEN_RATIO_MAX];

  PetscFunctionBegin;
  PetscCall(screen_ratio_read(node, axis, notes));
  for (PetscInt i = 0; i < SCREEN_RATIO_MAX; i++) PetscCall(PetscFree(axis[i].value));
  PetscFunctionReturn(0);
}

static PetscErrorCode check_axis(screen_yaml *node, const screen_key *key, screen_notes *notes)
{
  screen_range range = {key->dimension, key->min, key->max};
  screen_share share;
  screen_axis axis;

  PetscFunctionBegin;
  if (node->kind == SCREEN_YAML_SCALAR && key->kind == SCREEN_KEY_SHARE &&
      !strcmp(node->text, "balance")) {
    PetscFunctionReturn(0);
  }
  if (screen_yaml_is_null(node)) {
    PetscCall(refuse_type(node, key, notes));
    PetscFunctionReturn(0);
  }
  if (key->kind == SCREEN_KEY_SHARE) screen_share_range(node, &share, &range);
  PetscCall(screen_axis_read(node, &range, &axis, notes));
  PetscCall(PetscFree(axis.value));
  PetscFunctionReturn(0);
}

/* A file name or a list of them. */
static PetscErrorCode check_some(screen_yaml *node, const screen_key *key, screen_notes *notes)
{
  PetscFunctionBegin;
  if (node->kind == SCREEN_YAML_LIST)
    PetscCall(check_list(node, key, notes));
  else if (node->kind == SCREEN_YAML_MAP || screen_yaml_is_null(node))
    PetscCall(refuse_type(node, key, notes));
  PetscFunctionReturn(0);
}

static PetscErrorCode check_value(screen_yaml *node, const screen_key *key, screen_notes *notes)
{
  const screen_range range = {key->dimension, key->min, key->max};
  PetscBool boolean;
  PetscReal value;

  PetscFunctionBegin;
  if (node->refused) PetscFunctionReturn(0);
  switch (key->kind) {
  case SCREEN_KEY_SWITCH:
  case SCREEN_KEY_MAP:
    if (key->kind == SCREEN_KEY_SWITCH &&
        (screen_yaml_is_null(node) || screen_yaml_is_boolean(node, &boolean))) {
      break;
    }
    if (node->kind == SCREEN_YAML_MAP)
      PetscCall(check_map(node, key->path, notes));
    else
      PetscCall(refuse_type(node, key, notes));
    break;
  case SCREEN_KEY_CURVE:
    if (screen_yaml_is_null(node)) PetscCall(refuse_type(node, key, notes));
    break;
  case SCREEN_KEY_MAPS:
    PetscCall(check_maps(node, key, notes));
    break;
  case SCREEN_KEY_NAMES:
    if (node->kind == SCREEN_YAML_MAP && node->n)
      PetscCall(check_names(node, key, notes));
    else
      PetscCall(refuse_type(node, key, notes));
    break;
  case SCREEN_KEY_SOME:
    PetscCall(check_some(node, key, notes));
    break;
  case SCREEN_KEY_FILES:
  case SCREEN_KEY_WORDS:
  case SCREEN_KEY_ELEMENTS:
    PetscCall(check_list(node, key, notes));
    break;
  case SCREEN_KEY_SET:
    PetscCall(check_set(node, key, notes));
    break;
  case SCREEN_KEY_SHORT:
    if (node->kind == SCREEN_YAML_MAP) {
      PetscCall(check_map(node, key->path, notes));
      break;
    }
    PetscCall(screen_quantity_check(node, &range, &value, notes));
    break;
  case SCREEN_KEY_LIMIT:
    if (node->kind == SCREEN_YAML_SCALAR && !strcmp(node->text, "off")) break;
    PetscCall(screen_quantity_check(node, &range, &value, notes));
    break;
  case SCREEN_KEY_QUANTITY:
    PetscCall(screen_quantity_check(node, &range, &value, notes));
    break;
  case SCREEN_KEY_AXIS:
  case SCREEN_KEY_SHARE:
    if (key->kind == SCREEN_KEY_SHARE && screen_ratio_is(node))
      PetscCall(check_ratio(node, notes));
    else
      PetscCall(check_axis(node, key, notes));
    break;
  default:
    PetscCall(check_scalar(node, key, notes));
    break;
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_schema_check(screen_yaml *root, screen_notes *notes)
{
  PetscFunctionBegin;
  if (root->refused) PetscFunctionReturn(0);
  if (root->kind == SCREEN_YAML_MAP) {
    screen_yaml *train = screen_yaml_get(root, "train");

    PetscCall(check_map(root, "", notes));
    if (train) {
      train->refused = PETSC_TRUE;
      PetscCall(screen_notes_add(notes, train->key_line, train->key_column, train->path,
                                 "got it in a campaign, wanted it in a file of its own, for "
                                 "liquidus train"));
    }
  } else {
    root->refused = PETSC_TRUE;
    PetscCall(screen_notes_add(notes, root->line, root->column, NULL,
                               "got no keys, wanted a campaign: key: value"));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_schema_check_only(screen_yaml *root, const char *name, screen_notes *notes)
{
  PetscFunctionBegin;
  if (root->refused) PetscFunctionReturn(0);
  for (PetscInt i = 0; i < root->n; i++) {
    screen_yaml *child = root->child[i];

    if (child->key && !strcmp(child->key, name) && screen_yaml_get(root, name) == child) {
      PetscCall(check_child(root, child, "", notes));
      continue;
    }
    child->refused = PETSC_TRUE;
    PetscCall(screen_notes_add(notes, child->key_line, child->key_column, child->path,
                               "got a key that has no place here, wanted `%s` once", name));
  }
  if (root->kind != SCREEN_YAML_MAP) {
    root->refused = PETSC_TRUE;
    PetscCall(screen_notes_add(notes, root->line, root->column, NULL,
                               "got no keys, wanted %s: { ... }", name));
  }
  PetscFunctionReturn(0);
}
