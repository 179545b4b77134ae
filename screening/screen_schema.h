/* screening/screen_schema.h - every key of a campaign file, in one table
 *
 * The table (top of screen_schema.c) is what the file is checked against, where defaults and bounds
 * come from, what `liquidus schema` prints as JSON Schema and what the reference table of
 * screening/README.md is made of; tests/unit/screening/test_screen_schema.c holds them together.
 *
 * A path names a key by the maps it lies in, "simulation.production.npt"; "*" stands for a name
 * that the author chooses.  Keys that DESIGN.md promises for later versions are in the table as
 * well (SCREEN_KEY_LATER), so that a file written for them is refused with a reason and not
 * misread.
 */
#pragma once

#include "screening/screen_axis.h"

typedef enum {
  SCREEN_KEY_MAP,      /* keys of the table below it */
  SCREEN_KEY_NAMES,    /* names chosen by the author; path.* says what they hold */
  SCREEN_KEY_SWITCH,   /* a property: nothing, {}, true, false or keys of the table */
  SCREEN_KEY_TEXT,     /* any text of one value */
  SCREEN_KEY_NAME,     /* letters, digits, '_', '-', '.' */
  SCREEN_KEY_FILE,     /* a file name, relative to the campaign file */
  SCREEN_KEY_FILES,    /* a list of them */
  SCREEN_KEY_FORMULA,  /* CaCl2 */
  SCREEN_KEY_ELEMENTS, /* [Ca, K, Cl] */
  SCREEN_KEY_INTEGER,  /* a whole number */
  SCREEN_KEY_QUANTITY, /* a number with a unit of `dimension` */
  SCREEN_KEY_SHORT,    /* the same, or a map of the table below it, which says more */
  SCREEN_KEY_LIMIT,    /* the same, or `off` */
  SCREEN_KEY_AXIS,     /* a quantity, a list of them, or { from, to, step } */
  SCREEN_KEY_SHARE,    /* a line of the composition: screen_share.h */
  SCREEN_KEY_CELL,     /* "3.6 x 3.6 x 18 nm" or "1 x 1 x 5" */
  SCREEN_KEY_SOME,     /* a file name or a list of them */
  SCREEN_KEY_WORDS,    /* a list of names given elsewhere in the file */
  SCREEN_KEY_MAPS,     /* a list of maps; path.* says what they hold */
  SCREEN_KEY_CURVE,  /* { CaCl2: 0.737, T: 914 K }, a list of them, or a CSV file; its reader looks
                          into it */
  SCREEN_KEY_CHOICE, /* one of `choices` */
  SCREEN_KEY_SET,    /* one or several of them, as a list */
  SCREEN_KEY_LATER   /* known, refused; `help` says what to do */
} screen_key_kind;

typedef struct {
  const char *path;
  screen_key_kind kind;
  screen_dimension dimension; /* quantity, short, axis, share */
  PetscBool required;
  const char *min, *max; /* inclusive, as one would write them; NULL: none */
  const char *standard;  /* default, as one would write it; NULL: none */
  const char *choices;   /* "insulator|mixed|metal" */
  const char *help;      /* a clause for people, without a full stop */
} screen_key;

const screen_key *screen_schema_keys(PetscInt *n);
/* The entry of exactly this path of the table ("system.components.*.formula"), or NULL. */
const screen_key *screen_schema_key(const char *path);
/* The entry for the key `name` in the map of entry path `parent` ("" for the top), or NULL. */
const screen_key *screen_schema_child(const char *parent, const char *name);
/* The k-th entry directly below `parent`, in the order of the table; NULL after the last. */
const screen_key *screen_schema_below(const char *parent, PetscInt k);
/* Its last part: "formula". */
const char *screen_key_name(const screen_key *key);
/* "file, species": the keys that can be given below `path` ("" for the top). */
char *screen_schema_list(const char *path, size_t size, char out[]);
/* What it wants, for "wanted ...": "a time in fs, ps, ns, us, s, such as 1 ps". */
char *screen_key_describe(const screen_key *key, size_t size, char out[]);

/* screen_schema_check - keys, types, units and bounds of the whole tree against the table
 *
 * Every fault becomes a note and its node is marked `refused`.  Unknown keys are answered with the
 * nearest known one (Levenshtein).  What values mean together is not looked at. */
PetscErrorCode screen_schema_check(screen_yaml *root, screen_notes *notes);

/* The same for a tree of one key of the top, `name`, and nothing else (the site's file). */
PetscErrorCode screen_schema_check_only(screen_yaml *root, const char *name, screen_notes *notes);

/* Values of a checked tree by path; the default of the table where the key is absent or refused,
 * 0, "" or NULL where there is no default.  Paths are constants of this program. */
screen_yaml *screen_schema_node(const screen_yaml *root, const char *path);
/* [internal unit]; 0 for `off` */
PetscReal screen_schema_real(const screen_yaml *root, const char *path);
PetscInt64 screen_schema_integer(const screen_yaml *root, const char *path);
const char *screen_schema_text(const screen_yaml *root, const char *path);
PetscInt screen_schema_choice(const screen_yaml *root, const char *path); /* index in choices */
PetscBool screen_schema_switch(const screen_yaml *root, const char *path);
/* Allocated values; the caller frees axis->value. */
PetscErrorCode screen_schema_axis(const screen_yaml *root, const char *path, screen_axis *axis);

/* JSON Schema (2020-12) and the Markdown reference; allocated, free with PetscFree. */
PetscErrorCode screen_schema_json(char **text);
PetscErrorCode screen_schema_markdown(char **text);
