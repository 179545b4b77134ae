/* screening/screen_schema_json.c - the table of keys as JSON Schema, draft 2020-12
 *
 * For editors: they complete keys, show help and mark what the program would refuse.  Units are a
 * pattern for each dimension, under $defs.  Bounds of values with units cannot be said in JSON
 * Schema, so they stand in the description; the program checks them.  Keys of later versions are
 * there with { "not": {} }, which nothing matches, and the reason.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "screening/screen_schema.h"
#include "screening/screen_share.h"

#define NUMBER "[+-]?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?"

static PetscErrorCode object_for(const screen_key *key, json_t **object);

/* Takes `value`. */
static PetscErrorCode put(json_t *object, const char *key, json_t *value)
{
  PetscFunctionBegin;
  PetscCheck(json_object_set_new(object, key, value) == 0, PETSC_COMM_SELF, PETSC_ERR_MEM,
             "No memory for the JSON Schema at %s", key);
  PetscFunctionReturn(0);
}

static PetscErrorCode put_text(json_t *object, const char *key, const char *text)
{
  PetscFunctionBegin;
  PetscCall(put(object, key, json_string(text)));
  PetscFunctionReturn(0);
}

/* Unit names as a regular expression: "^" is the only special character in them. */
static size_t put_spelling(const char *name, size_t size, char out[])
{
  size_t used = 0;

  for (; *name && used + 3 < size; name++) {
    if (*name == '^') out[used++] = '\\';
    out[used++] = *name;
  }
  out[used] = '\0';
  return used;
}

/* "^number *(fs|ps)$" */
static PetscErrorCode put_pattern(json_t *object, screen_dimension dimension)
{
  char text[512];
  const char *name;
  size_t used = (size_t)snprintf(text, sizeof(text), "^[ \t]*" NUMBER "[ \t]*(");

  PetscFunctionBegin;
  for (PetscInt k = 0; (name = screen_dimension_spelling(dimension, k)); k++) {
    if (k) text[used++] = '|';
    used += put_spelling(name, sizeof(text) - used, text + used);
    PetscCheck(used + 8 < sizeof(text), PETSC_COMM_SELF, PETSC_ERR_PLIB, "Too many units of %s",
               screen_dimension_name(dimension));
  }
  snprintf(text + used, sizeof(text) - used, ")$");
  PetscCall(put_text(object, "pattern", text));
  PetscFunctionReturn(0);
}

static PetscBool takes_bare(screen_dimension dimension)
{
  const char *name;

  for (PetscInt k = 0; (name = screen_dimension_spelling(dimension, k)); k++) {
    if (!name[0]) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

static PetscErrorCode put_dimensions(json_t *defs)
{
  char text[SCREEN_PROBLEM_MAX];

  PetscFunctionBegin;
  for (int d = 0; d < SCREEN_NDIM; d++) {
    const screen_dimension dimension = (screen_dimension)d;
    json_t *def = json_object();

    PetscCall(put(defs, screen_dimension_name(dimension), def));
    if (takes_bare(dimension))
      PetscCall(put(def, "type", json_pack("[ss]", "number", "string")));
    else
      PetscCall(put_text(def, "type", "string"));
    PetscCall(put_pattern(def, dimension));
    PetscCall(
        put_text(def, "description", screen_dimension_describe(dimension, sizeof(text), text)));
  }
  PetscFunctionReturn(0);
}

static json_t *reference(screen_dimension dimension)
{
  char text[64];

  snprintf(text, sizeof(text), "#/$defs/%s", screen_dimension_name(dimension));
  return json_pack("{ss}", "$ref", text);
}

/* A value, a list or a range. */
static PetscErrorCode put_values(json_t *any, screen_dimension dimension)
{
  json_t *range = json_object(), *parts;
  int failed = 0;

  PetscFunctionBegin;
  failed |= json_array_append_new(any, reference(dimension));
  failed |= json_array_append_new(any, json_pack("{ss so si si sb}", "type", "array", "items",
                                                 reference(dimension), "minItems", 1, "maxItems",
                                                 SCREEN_AXIS_MAX, "uniqueItems", 1));
  parts = json_pack("{so so so}", "from", reference(dimension), "to", reference(dimension), "step",
                    reference(dimension));
  failed |= json_array_append_new(any, range);
  PetscCall(put_text(range, "type", "object"));
  PetscCall(put(range, "properties", parts));
  PetscCall(put(range, "required", json_pack("[sss]", "from", "to", "step")));
  PetscCall(put(range, "additionalProperties", json_false()));
  PetscCheck(!failed, PETSC_COMM_SELF, PETSC_ERR_MEM, "No memory for the JSON Schema");
  PetscFunctionReturn(0);
}

/* Values of an axis; for shares also those with units of their own, ratios and `balance`. */
static PetscErrorCode put_axis(json_t *object, const screen_key *key)
{
  const char *ratio = "^[0-9.eE+]+(:[0-9.eE+]+)+$";
  json_t *any = json_array();
  int failed = 0;

  PetscFunctionBegin;
  PetscCall(put(object, "anyOf", any));
  PetscCall(put_values(any, key->dimension));
  if (key->kind != SCREEN_KEY_SHARE) PetscFunctionReturn(0);
  for (int k = 1; k < SCREEN_NSHARE; k++)
    PetscCall(put_values(any, screen_share_bounds((screen_share)k).dimension));
  failed |= json_array_append_new(any, json_pack("{ss}", "const", "balance"));
  failed |= json_array_append_new(any, json_pack("{ss ss}", "type", "string", "pattern", ratio));
  failed |=
      json_array_append_new(any, json_pack("{ss s{ss ss} si}", "type", "array", "items", "type",
                                           "string", "pattern", ratio, "minItems", 1));
  PetscCheck(!failed, PETSC_COMM_SELF, PETSC_ERR_MEM, "No memory for the JSON Schema");
  PetscFunctionReturn(0);
}

/* A value or `off`. */
static PetscErrorCode put_limit(json_t *object, const screen_key *key)
{
  json_t *any = json_array();
  int failed = 0;

  PetscFunctionBegin;
  PetscCall(put(object, "anyOf", any));
  failed |= json_array_append_new(any, reference(key->dimension));
  failed |= json_array_append_new(any, json_pack("{ss}", "const", "off"));
  PetscCheck(!failed, PETSC_COMM_SELF, PETSC_ERR_MEM, "No memory for the JSON Schema");
  PetscFunctionReturn(0);
}

/* One file or several. */
static PetscErrorCode put_some(json_t *object)
{
  json_t *any = json_pack("[{ss si} {ss s{ss} si}]", "type", "string", "minLength", 1, "type",
                          "array", "items", "type", "string", "minItems", 1);

  PetscFunctionBegin;
  PetscCheck(any, PETSC_COMM_SELF, PETSC_ERR_MEM, "No memory for the JSON Schema");
  PetscCall(put(object, "anyOf", any));
  PetscFunctionReturn(0);
}

/* A file, a point, or several. */
static PetscErrorCode put_curve(json_t *object)
{
  json_t *any = json_pack("[{ss si} {ss s[s]} {ss s{ss s[s]} si}]", "type", "string", "minLength",
                          1, "type", "object", "required", "T", "type", "array", "items", "type",
                          "object", "required", "T", "minItems", 1);

  PetscFunctionBegin;
  PetscCheck(any, PETSC_COMM_SELF, PETSC_ERR_MEM, "No memory for the JSON Schema");
  PetscCall(put(object, "anyOf", any));
  PetscFunctionReturn(0);
}

/* {"type": "array", "items": {"type": "string", ...}} */
static PetscErrorCode put_list(json_t *object, const char *pattern)
{
  json_t *items = json_object();

  PetscFunctionBegin;
  PetscCall(put_text(object, "type", "array"));
  PetscCall(put(object, "items", items));
  PetscCall(put_text(items, "type", "string"));
  if (pattern) PetscCall(put_text(items, "pattern", pattern));
  PetscCall(put(object, "minItems", json_integer(1)));
  PetscFunctionReturn(0);
}

static PetscErrorCode put_choices(json_t *object, const char *choices)
{
  json_t *list = json_array();

  PetscFunctionBegin;
  PetscCall(put(object, "enum", list));
  while (choices) {
    const char *end = strchr(choices, '|');
    const size_t length = strcspn(choices, "|");

    PetscCheck(json_array_append_new(list, json_stringn(choices, length)) == 0, PETSC_COMM_SELF,
               PETSC_ERR_MEM, "No memory for the JSON Schema");
    choices = end ? end + 1 : NULL;
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode put_set(json_t *object, const char *choices)
{
  json_t *items = json_object();

  PetscFunctionBegin;
  PetscCall(put_text(object, "type", "array"));
  PetscCall(put(object, "items", items));
  PetscCall(put_choices(items, choices));
  PetscCall(put(object, "minItems", json_integer(1)));
  PetscFunctionReturn(0);
}

static PetscErrorCode put_integer(json_t *object, const screen_key *key)
{
  char problem[SCREEN_PROBLEM_MAX];
  PetscInt64 value = 0;

  PetscFunctionBegin;
  PetscCall(put_text(object, "type", "integer"));
  if (screen_integer_parse(key->min, &value, problem)) {
    PetscCall(put(object, "minimum", json_integer(value)));
  }
  if (screen_integer_parse(key->max, &value, problem)) {
    PetscCall(put(object, "maximum", json_integer(value)));
  }
  if (key->standard && screen_integer_parse(key->standard, &value, problem)) {
    PetscCall(put(object, "default", json_integer(value)));
  }
  PetscFunctionReturn(0);
}

/* Help, and the bounds that only the program can check. */
static PetscErrorCode put_description(json_t *object, const screen_key *key)
{
  char text[512];

  PetscFunctionBegin;
  snprintf(text, sizeof(text), "%s%s%s%s%s%s",
           key->kind == SCREEN_KEY_LATER ? "not in this version: " : "", key->help,
           key->min ? "; from " : "", key->min ? key->min : "", key->max ? " to " : "",
           key->max ? key->max : "");
  PetscCall(put_text(object, "description", text));
  PetscFunctionReturn(0);
}

/* What may stand at `key`, without description and default. */
static PetscErrorCode put_value(json_t *object, const screen_key *key)
{
  PetscFunctionBegin;
  switch (key->kind) {
  case SCREEN_KEY_TEXT:
    PetscCall(put_text(object, "type", "string"));
    break;
  case SCREEN_KEY_NAME:
    PetscCall(put_text(object, "type", "string"));
    PetscCall(put_text(object, "pattern", "^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$"));
    break;
  case SCREEN_KEY_FILE:
    PetscCall(put_text(object, "type", "string"));
    PetscCall(put(object, "minLength", json_integer(1)));
    break;
  case SCREEN_KEY_FORMULA:
    PetscCall(put_text(object, "type", "string"));
    PetscCall(put_text(object, "pattern", "^[A-Za-z0-9()]+$"));
    break;
  case SCREEN_KEY_SOME:
    PetscCall(put_some(object));
    break;
  case SCREEN_KEY_CURVE:
    PetscCall(put_curve(object));
    break;
  case SCREEN_KEY_CELL:
    PetscCall(put_text(object, "type", "string"));
    PetscCall(put_text(object, "pattern",
                       "^[ \t]*" NUMBER "[ \t]*x[ \t]*" NUMBER "[ \t]*x[ \t]*" NUMBER
                       "[ \t]*[^0-9]*$"));
    break;
  case SCREEN_KEY_WORDS:
  case SCREEN_KEY_FILES:
    PetscCall(put_list(object, NULL));
    break;
  case SCREEN_KEY_ELEMENTS:
    PetscCall(put_list(object, "^[A-Z][a-z]?$"));
    break;
  case SCREEN_KEY_INTEGER:
    PetscCall(put_integer(object, key));
    break;
  case SCREEN_KEY_QUANTITY:
    PetscCall(
        put(object, "$ref", json_sprintf("#/$defs/%s", screen_dimension_name(key->dimension))));
    break;
  case SCREEN_KEY_LIMIT:
    PetscCall(put_limit(object, key));
    break;
  case SCREEN_KEY_AXIS:
  case SCREEN_KEY_SHARE:
    PetscCall(put_axis(object, key));
    break;
  case SCREEN_KEY_CHOICE:
    PetscCall(put_choices(object, key->choices));
    break;
  case SCREEN_KEY_SET:
    PetscCall(put_set(object, key->choices));
    break;
  default:
    PetscCall(put(object, "not", json_object()));
    break;
  }
  PetscFunctionReturn(0);
}

/* The keys of a map; the entry "*" becomes additionalProperties. */
static PetscErrorCode put_children(json_t *object, const char *path)
{
  json_t *properties = json_object(), *required = json_array(), *child, *others = NULL;
  const screen_key *key;

  PetscFunctionBegin;
  PetscCall(put(object, "properties", properties));
  PetscCall(put(object, "required", required));
  for (PetscInt k = 0; (key = screen_schema_below(path, k)); k++) {
    PetscCall(object_for(key, &child));
    if (strcmp(screen_key_name(key), "*")) {
      PetscCall(put(properties, screen_key_name(key), child));
    } else {
      others = child;
    }
    if (key->required) json_array_append_new(required, json_string(screen_key_name(key)));
  }
  PetscCall(put(object, "additionalProperties", others ? others : json_false()));
  PetscFunctionReturn(0);
}

/* Either the value or the map; keys of maps mean nothing to a value. */
static PetscErrorCode put_short(json_t *object, const screen_key *key)
{
  json_t *any = json_array(), *map = json_object();

  PetscFunctionBegin;
  PetscCall(put(object, "anyOf", any));
  PetscCheck(json_array_append_new(any, reference(key->dimension)) == 0 &&
                 json_array_append_new(any, map) == 0,
             PETSC_COMM_SELF, PETSC_ERR_MEM, "No memory for the JSON Schema");
  PetscCall(put_text(map, "type", "object"));
  PetscCall(put_children(object, key->path));
  if (key->standard) PetscCall(put_text(object, "default", key->standard));
  PetscFunctionReturn(0);
}

/* A list of maps. */
static PetscErrorCode put_maps(json_t *object, const screen_key *key)
{
  json_t *items;

  PetscFunctionBegin;
  PetscCall(put_text(object, "type", "array"));
  PetscCall(put(object, "minItems", json_integer(1)));
  PetscCall(object_for(screen_schema_below(key->path, 0), &items));
  PetscCall(put(object, "items", items));
  PetscFunctionReturn(0);
}

static PetscErrorCode object_for(const screen_key *key, json_t **object)
{
  PetscFunctionBegin;
  *object = json_object();
  PetscCall(put_description(*object, key));
  if (key->kind == SCREEN_KEY_MAP || key->kind == SCREEN_KEY_NAMES) {
    PetscCall(put_text(*object, "type", "object"));
    PetscCall(put_children(*object, key->path));
  } else if (key->kind == SCREEN_KEY_SWITCH) {
    PetscCall(put(*object, "type", json_pack("[sss]", "object", "null", "boolean")));
    PetscCall(put_children(*object, key->path));
  } else if (key->kind == SCREEN_KEY_SHORT) {
    PetscCall(put_short(*object, key));
  } else if (key->kind == SCREEN_KEY_MAPS) {
    PetscCall(put_maps(*object, key));
  } else {
    PetscCall(put_value(*object, key));
    if (key->standard && key->kind != SCREEN_KEY_INTEGER) {
      PetscCall(put_text(*object, "default", key->standard));
    }
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode fill(json_t *root)
{
  json_t *defs = json_object();

  PetscFunctionBegin;
  PetscCall(put_text(root, "$schema", "https://json-schema.org/draft/2020-12/schema"));
  PetscCall(put_text(root, "title", "Liquidus campaign"));
  PetscCall(put_text(root, "type", "object"));
  PetscCall(put_children(root, ""));
  PetscCall(put(root, "$defs", defs));
  PetscCall(put_dimensions(defs));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_schema_json(char **text)
{
  json_t *root = json_object();
  const PetscErrorCode ierr = fill(root);
  char *dump = ierr ? NULL : json_dumps(root, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
  const PetscErrorCode copied = dump ? PetscStrallocpy(dump, text) : PETSC_ERR_MEM;

  PetscFunctionBegin;
  free(dump);
  json_decref(root);
  PetscCall(ierr);
  PetscCall(copied);
  PetscFunctionReturn(0);
}
