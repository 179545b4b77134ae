/* screening/screen_yaml.h - a YAML document as a tree that remembers where everything stood
 *
 * One document of maps, lists and scalars, nothing else of YAML: anchors, aliases and tags are
 * refused with the remedy, because a campaign file should say what it says where it says it (and a
 * few hundred bytes of nested aliases expand to gigabytes).  Scalars stay text; what they mean is
 * decided by the schema.
 */
#pragma once

#include "screening/screen_notes.h"

enum {
  SCREEN_YAML_SIZE_MAX = 1 << 20, /* bytes of a file */
  SCREEN_YAML_NODE_MAX = 10000,
  SCREEN_YAML_DEPTH_MAX = 16,
  SCREEN_YAML_KEY_MAX = 63 /* bytes of a key */
};

typedef enum { SCREEN_YAML_SCALAR, SCREEN_YAML_LIST, SCREEN_YAML_MAP } screen_yaml_kind;

typedef struct screen_yaml screen_yaml;
struct screen_yaml {
  screen_yaml_kind kind;
  PetscInt line, column;         /* of the value, 1-based; columns count characters */
  PetscInt key_line, key_column; /* of the key, in a map; else of the value */
  char *path;        /* "system.components.CaCl2", "potential.species[2]"; "" for the root */
  char *key;         /* in a map; else NULL */
  char *text;        /* scalar: its value; else NULL */
  PetscBool quoted;  /* scalar in quotes or a block: never null, true or false */
  PetscBool refused; /* there is a note about it: later checks leave it alone */
  PetscInt n, capacity;
  screen_yaml **child; /* [n] in the order of the file */
};

/* screen_yaml_parse - text to tree
 *
 * Not collective.
 * Out:  root   new, owned by the caller; NULL when the text is no YAML, is empty or is over a limit
 *       notes  syntax errors with libyaml's words and place; things refused
 * Keys given twice stay in the tree (screen_schema_check refuses them).
 * Returns 0 also for bad input.  Verified by: tests/unit/screening/test_screen_yaml.c,
 * tests/fuzz/fuzz_campaign.c */
PetscErrorCode screen_yaml_parse(const char *text, size_t size, screen_yaml **root,
                                 screen_notes *notes);
PetscErrorCode screen_yaml_destroy(screen_yaml **root);

/* screen_yaml_read - the same from the file notes->file; one that cannot be read is a note, but
 * where `optional` one that is not there is none: *root is NULL then.
 * Verified by: tests/cli/train.sh, tests/cli/submit.sh */
PetscErrorCode screen_yaml_read(PetscBool optional, screen_yaml **root, screen_notes *notes);

/* `name` as the file `of` means it: relative to its folder.  Allocated. */
PetscErrorCode screen_yaml_beside(const char *of, const char *name, char **path);

/* First child with this key, or NULL; NULL for a node that is no map. */
screen_yaml *screen_yaml_get(const screen_yaml *map, const char *key);
/* An empty value, ~ or null. */
PetscBool screen_yaml_is_null(const screen_yaml *node);
/* true, false (as YAML 1.2 writes them); PETSC_FALSE when it is neither. */
PetscBool screen_yaml_is_boolean(const screen_yaml *node, PetscBool *value);
/* "0.2.5": of the library that reads. */
const char *screen_yaml_version(void);
/* What is there, for "got ...": "a list", "'900'", "nothing". */
char *screen_yaml_describe(const screen_yaml *node, size_t size, char out[]);
