/* screening/screen_yaml.c - libyaml's events into a tree; the only file that includes yaml.h
 *
 * libyaml's own document API drops the places of keys and shares aliased nodes, so the tree is
 * built here from events.  The loader owns the parser and one event; whatever fails in between,
 * screen_yaml_parse() frees both, and the tree hangs on the root from the first node on.
 */
#include "screening/screen_yaml.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

typedef struct {
  yaml_parser_t parser;
  yaml_event_t event; /* the current one */
  PetscBool has_event;
  PetscBool failed; /* there is a note; nothing more can be read */
  PetscInt nodes;
  const char *text;
  size_t size;
  screen_notes *notes;
} loader;

static PetscErrorCode build(loader *l, const screen_yaml *parent, PetscInt depth,
                            screen_yaml *node);

/* Line and column, 1-based, of a byte. */
static void find_place(const char *text, size_t offset, PetscInt *line, PetscInt *column)
{
  *line = *column = 1;
  for (size_t i = 0; i < offset; i++) {
    if (text[i] == '\n') {
      (*line)++;
      *column = 1;
    } else if (((unsigned char)text[i] & 0xC0) != 0x80) {
      (*column)++;
    }
  }
}

/* libyaml's words for what is wrong, where it says it is. */
static PetscErrorCode note_syntax(loader *l)
{
  const yaml_parser_t *p = &l->parser;
  PetscInt line = (PetscInt)p->problem_mark.line + 1;
  PetscInt column = (PetscInt)p->problem_mark.column + 1;
  const char *problem = p->problem ? p->problem : "unreadable text";

  PetscFunctionBegin;
  l->failed = PETSC_TRUE;
  PetscCheck(p->error != YAML_MEMORY_ERROR, PETSC_COMM_SELF, PETSC_ERR_MEM,
             "No memory while reading %s", l->notes->file);
  if (p->error == YAML_READER_ERROR) {
    find_place(l->text, PetscMin(p->problem_offset, l->size), &line, &column);
  }
  if (p->context) {
    PetscCall(screen_notes_add(l->notes, line, column, NULL,
                               "got YAML with an error: %s, %s that began on line %d, %s", problem,
                               p->context, (int)p->context_mark.line + 1, "wanted valid YAML"));
  } else {
    PetscCall(screen_notes_add(l->notes, line, column, NULL,
                               "got YAML with an error: %s, wanted valid YAML", problem));
  }
  PetscFunctionReturn(0);
}

/* The next event; after a syntax error l->failed. */
static PetscErrorCode advance(loader *l)
{
  PetscFunctionBegin;
  if (l->has_event) yaml_event_delete(&l->event);
  l->has_event = (PetscBool)(yaml_parser_parse(&l->parser, &l->event) != 0);
  if (!l->has_event) PetscCall(note_syntax(l));
  PetscFunctionReturn(0);
}

static PetscErrorCode fail_at(loader *l, const char *what)
{
  const yaml_mark_t *mark = &l->event.start_mark;

  PetscFunctionBegin;
  l->failed = PETSC_TRUE;
  PetscCall(screen_notes_add(l->notes, (PetscInt)mark->line + 1, (PetscInt)mark->column + 1, NULL,
                             "%s", what));
  PetscFunctionReturn(0);
}

static PetscErrorCode refuse(loader *l, screen_yaml *node, const char *what)
{
  PetscFunctionBegin;
  node->refused = PETSC_TRUE;
  PetscCall(screen_notes_add(l->notes, node->line, node->column, node->path, "%s", what));
  PetscFunctionReturn(0);
}

/* Text of the scalar event. */
static PetscErrorCode copy_scalar(loader *l, char **text)
{
  const size_t length = l->event.data.scalar.length;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(length + 1, text));
  memcpy(*text, l->event.data.scalar.value, length);
  (*text)[length] = '\0';
  PetscFunctionReturn(0);
}

static PetscErrorCode append_child(screen_yaml *parent, screen_yaml **child)
{
  PetscFunctionBegin;
  if (parent->n == parent->capacity) {
    const PetscInt capacity = parent->capacity ? 2 * parent->capacity : 8;
    screen_yaml **larger;

    PetscCall(PetscMalloc1(capacity, &larger));
    PetscCall(PetscArraycpy(larger, parent->child, parent->n));
    PetscCall(PetscFree(parent->child));
    parent->child = larger;
    parent->capacity = capacity;
  }
  PetscCall(PetscNew(child));
  parent->child[parent->n++] = *child;
  PetscFunctionReturn(0);
}

/* "a.b" for the key b in a; "a[2]" for the third element of the list a. */
static PetscErrorCode set_path(const screen_yaml *parent, screen_yaml *node)
{
  const size_t size = (parent ? strlen(parent->path) : 0) + SCREEN_YAML_KEY_MAX + 8;
  char shown[SCREEN_YAML_KEY_MAX + 1];

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(size, &node->path));
  if (!parent) {
    node->path[0] = '\0';
  } else if (node->key) {
    screen_shown(node->key, sizeof(shown), shown);
    snprintf(node->path, size, "%s%s%s", parent->path, parent->path[0] ? "." : "", shown);
  } else {
    snprintf(node->path, size, "%s[%d]", parent->path, (int)parent->n - 1);
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode build_scalar(loader *l, screen_yaml *node)
{
  const yaml_scalar_style_t style = l->event.data.scalar.style;
  const size_t length = l->event.data.scalar.length;

  PetscFunctionBegin;
  node->kind = SCREEN_YAML_SCALAR;
  node->quoted = (PetscBool)(style != YAML_PLAIN_SCALAR_STYLE);
  PetscCall(copy_scalar(l, &node->text));
  if (strlen(node->text) != length) {
    PetscCall(refuse(l, node, "got a text with a zero byte, wanted one without"));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode build_list(loader *l, PetscInt depth, screen_yaml *node)
{
  screen_yaml *child;

  PetscFunctionBegin;
  node->kind = SCREEN_YAML_LIST;
  PetscCall(advance(l));
  while (!l->failed && l->event.type != YAML_SEQUENCE_END_EVENT) {
    PetscCall(append_child(node, &child));
    PetscCall(build(l, node, depth + 1, child));
    if (!l->failed) PetscCall(advance(l));
  }
  PetscFunctionReturn(0);
}

/* The current event as the key of a new child. */
static PetscErrorCode build_key(loader *l, screen_yaml *child)
{
  PetscFunctionBegin;
  child->key_line = (PetscInt)l->event.start_mark.line + 1;
  child->key_column = (PetscInt)l->event.start_mark.column + 1;
  if (l->event.type == YAML_ALIAS_EVENT) {
    PetscCall(fail_at(l, "got an alias as a key, wanted a name: aliases are not read"));
    PetscFunctionReturn(0);
  }
  if (l->event.type != YAML_SCALAR_EVENT) {
    PetscCall(fail_at(l, "got a key that is a list or a map, wanted a name"));
    PetscFunctionReturn(0);
  }
  if (l->event.data.scalar.length > SCREEN_YAML_KEY_MAX) {
    PetscCall(fail_at(l, "got a key of more than 63 bytes, wanted a shorter one"));
    PetscFunctionReturn(0);
  }
  PetscCall(copy_scalar(l, &child->key));
  PetscFunctionReturn(0);
}

static PetscErrorCode build_map(loader *l, PetscInt depth, screen_yaml *node)
{
  screen_yaml *child;

  PetscFunctionBegin;
  node->kind = SCREEN_YAML_MAP;
  PetscCall(advance(l));
  while (!l->failed && l->event.type != YAML_MAPPING_END_EVENT) {
    PetscCall(append_child(node, &child));
    PetscCall(build_key(l, child));
    if (!l->failed) PetscCall(advance(l));
    if (!l->failed) PetscCall(build(l, node, depth + 1, child));
    if (!l->failed) PetscCall(advance(l));
  }
  PetscFunctionReturn(0);
}

/* Anchor and tag of the current event, "" where it has none; an alias is its own kind of event. */
static void decorations(const yaml_event_t *event, const char **anchor, const char **tag)
{
  const yaml_char_t *a = NULL, *t = NULL;

  if (event->type == YAML_SCALAR_EVENT) {
    a = event->data.scalar.anchor;
    t = event->data.scalar.tag;
  } else if (event->type == YAML_SEQUENCE_START_EVENT) {
    a = event->data.sequence_start.anchor;
    t = event->data.sequence_start.tag;
  } else if (event->type == YAML_MAPPING_START_EVENT) {
    a = event->data.mapping_start.anchor;
    t = event->data.mapping_start.tag;
  }
  *anchor = a ? (const char *)a : "";
  *tag = t ? (const char *)t : "";
}

/* Everything that may be said about a value before it is read. */
static PetscErrorCode begin_node(loader *l, const screen_yaml *parent, PetscInt depth,
                                 screen_yaml *node)
{
  const char *anchor, *tag;

  PetscFunctionBegin;
  node->line = (PetscInt)l->event.start_mark.line + 1;
  node->column = (PetscInt)l->event.start_mark.column + 1;
  if (!node->key) {
    node->key_line = node->line;
    node->key_column = node->column;
  }
  PetscCall(set_path(parent, node));
  if (++l->nodes > SCREEN_YAML_NODE_MAX) {
    PetscCall(fail_at(l, "got more than 10000 values, wanted a smaller file"));
  } else if (depth > SCREEN_YAML_DEPTH_MAX) {
    PetscCall(fail_at(l, "got values nested more than 16 deep, wanted a flatter file"));
  }
  decorations(&l->event, &anchor, &tag);
  if (!l->failed && anchor[0]) {
    PetscCall(refuse(l, node, "got an anchor (&name), wanted the value alone: write it out"));
  } else if (!l->failed && tag[0]) {
    PetscCall(refuse(l, node, "got a tag (!name), wanted the value alone"));
  }
  PetscFunctionReturn(0);
}

/* The value that the current event begins; the event that ends it is current afterwards. */
static PetscErrorCode build(loader *l, const screen_yaml *parent, PetscInt depth, screen_yaml *node)
{
  PetscFunctionBegin;
  PetscCall(begin_node(l, parent, depth, node));
  if (l->failed) PetscFunctionReturn(0);
  switch (l->event.type) {
  case YAML_SCALAR_EVENT:
    PetscCall(build_scalar(l, node));
    break;
  case YAML_SEQUENCE_START_EVENT:
    PetscCall(build_list(l, depth, node));
    break;
  case YAML_MAPPING_START_EVENT:
    PetscCall(build_map(l, depth, node));
    break;
  case YAML_ALIAS_EVENT:
    node->kind = SCREEN_YAML_SCALAR;
    PetscCall(PetscStrallocpy("", &node->text));
    PetscCall(refuse(l, node, "got an alias (*name), wanted the value itself: write it out"));
    break;
  default:
    SETERRQ(PETSC_COMM_SELF, PETSC_ERR_PLIB, "Event %d begins no value", (int)l->event.type);
  }
  PetscFunctionReturn(0);
}

/* Stream start, document start, the root, document end, stream end. */
static PetscErrorCode load(loader *l, screen_yaml **root)
{
  PetscFunctionBegin;
  PetscCall(advance(l));
  if (!l->failed) PetscCall(advance(l));
  if (l->failed) PetscFunctionReturn(0);
  if (l->event.type == YAML_STREAM_END_EVENT) {
    PetscCall(fail_at(l, "got an empty file, wanted a campaign"));
    PetscFunctionReturn(0);
  }
  PetscCall(advance(l));
  if (l->failed) PetscFunctionReturn(0);
  PetscCall(PetscNew(root));
  PetscCall(build(l, NULL, 0, *root));
  if (!l->failed) PetscCall(advance(l));
  if (!l->failed) PetscCall(advance(l));
  if (!l->failed && l->event.type != YAML_STREAM_END_EVENT) {
    PetscCall(fail_at(l, "got a second document, wanted one campaign a file"));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_yaml_parse(const char *text, size_t size, screen_yaml **root,
                                 screen_notes *notes)
{
  loader l = {.text = text, .size = size, .notes = notes};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  *root = NULL;
  if (size > SCREEN_YAML_SIZE_MAX) {
    PetscCall(screen_notes_add(notes, 0, 0, NULL,
                               "got a file of more than 1 MiB, wanted a campaign file"));
    PetscFunctionReturn(0);
  }
  PetscCheck(yaml_parser_initialize(&l.parser), PETSC_COMM_SELF, PETSC_ERR_MEM,
             "No memory for a YAML parser");
  yaml_parser_set_input_string(&l.parser, (const unsigned char *)text, size);
  ierr = load(&l, root);
  if (l.has_event) yaml_event_delete(&l.event);
  yaml_parser_delete(&l.parser);
  if (ierr || l.failed) PetscCall(screen_yaml_destroy(root));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_yaml_read(PetscBool optional, screen_yaml **root, screen_notes *notes)
{
  FILE *from = fopen(notes->file, "re");
  char *text;
  size_t n;

  PetscFunctionBegin;
  *root = NULL;
  if (!from && !(optional && errno == ENOENT))
    PetscCall(screen_notes_add(notes, 0, 0, NULL, "cannot be read: %s", strerror(errno)));
  if (!from) PetscFunctionReturn(0);
  PetscCall(PetscMalloc1(SCREEN_YAML_SIZE_MAX + 1, &text));
  n = fread(text, 1, SCREEN_YAML_SIZE_MAX + 1, from);
  fclose(from);
  PetscCall(screen_yaml_parse(text, n, root, notes));
  PetscCall(PetscFree(text));
  PetscFunctionReturn(0);
}

const char *screen_yaml_version(void)
{
  return yaml_get_version_string();
}

PetscErrorCode screen_yaml_beside(const char *of, const char *name, char **path)
{
  const char *slash = strrchr(of, '/');
  const size_t folder = name[0] != '/' && slash ? (size_t)(slash - of) + 1 : 0;
  const size_t size = folder + strlen(name) + 1;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(size, path));
  snprintf(*path, size, "%.*s%s", (int)folder, of, name);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_yaml_destroy(screen_yaml **root)
{
  screen_yaml *node = *root;

  PetscFunctionBegin;
  if (!node) PetscFunctionReturn(0);
  for (PetscInt i = 0; i < node->n; i++) PetscCall(screen_yaml_destroy(&node->child[i]));
  PetscCall(PetscFree(node->child));
  PetscCall(PetscFree(node->path));
  PetscCall(PetscFree(node->key));
  PetscCall(PetscFree(node->text));
  PetscCall(PetscFree(*root));
  PetscFunctionReturn(0);
}

screen_yaml *screen_yaml_get(const screen_yaml *map, const char *key)
{
  if (!map || map->kind != SCREEN_YAML_MAP) return NULL;
  for (PetscInt i = 0; i < map->n; i++) {
    if (!strcmp(map->child[i]->key, key)) return map->child[i];
  }
  return NULL;
}

PetscBool screen_yaml_is_null(const screen_yaml *node)
{
  if (node->kind != SCREEN_YAML_SCALAR || node->quoted) return PETSC_FALSE;
  return (PetscBool)(!node->text[0] || !strcmp(node->text, "~") || !strcmp(node->text, "null"));
}

PetscBool screen_yaml_is_boolean(const screen_yaml *node, PetscBool *value)
{
  if (node->kind != SCREEN_YAML_SCALAR || node->quoted) return PETSC_FALSE;
  *value = (PetscBool)!strcmp(node->text, "true");
  return (PetscBool)(*value || !strcmp(node->text, "false"));
}

char *screen_yaml_describe(const screen_yaml *node, size_t size, char out[])
{
  char shown[48];

  if (node->kind == SCREEN_YAML_LIST)
    snprintf(out, size, "a list");
  else if (node->kind == SCREEN_YAML_MAP)
    snprintf(out, size, "a map");
  else if (screen_yaml_is_null(node))
    snprintf(out, size, "nothing");
  else
    snprintf(out, size, "'%s'", screen_shown(node->text, sizeof(shown), shown));
  return out;
}
