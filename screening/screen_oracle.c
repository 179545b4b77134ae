/* screening/screen_oracle.c - an oracle as the file describes it */
#include "screening/screen_oracle_impl.h"

#include "screening/screen_schema.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY "train.active_learning.oracle"

enum { TEMPLATE_MAX = 1 << 20 }; /* bytes */

const screen_oracle_kind *screen__oracle_kind(screen_oracle_type type)
{
  static const screen_oracle_kind *const kinds[] = {[SCREEN_ORACLE_FILES] = &screen__oracle_files,
                                                    [SCREEN_ORACLE_CP2K] = &screen__oracle_cp2k,
                                                    [SCREEN_ORACLE_ESPRESSO] =
                                                        &screen__oracle_espresso};

  return kinds[type];
}

/* The absolute name of the folder of `path`. */
static PetscErrorCode find_home(const char *path, char **home)
{
  char *beside, *real;

  PetscFunctionBegin;
  PetscCall(screen_yaml_beside(path, ".", &beside));
  real = realpath(beside, NULL);
  PetscCall(PetscFree(beside));
  if (real) PetscCall(PetscStrallocpy(real, home));
  free(real);
  PetscFunctionReturn(0);
}

static PetscErrorCode read_template(const screen_yaml *node, screen_oracle *oracle,
                                    screen_notes *notes)
{
  FILE *from = fopen(oracle->template, "re");
  char *text;
  size_t n;

  PetscFunctionBegin;
  if (!from) {
    PetscCall(screen_notes_add(notes, node->line, node->column, node->path, "%s cannot be read: %s",
                               oracle->template, strerror(errno)));
    PetscFunctionReturn(0);
  }
  PetscCall(PetscMalloc1(TEMPLATE_MAX + 2, &text));
  oracle->template_text = text;
  n = fread(text, 1, TEMPLATE_MAX + 1, from);
  text[n] = 0;
  (void)fclose(from);
  if (n > TEMPLATE_MAX || strlen(text) != n)
    PetscCall(screen_notes_add(notes, node->line, node->column, node->path,
                               "%s: got %s, wanted a text of at most 1 MiB", oracle->template,
                               n > TEMPLATE_MAX ? "more" : "a zero byte"));
  else
    PetscCall(screen__template_check(screen__oracle_kind(oracle->type)->form, oracle->template,
                                     text, node, notes));
  PetscFunctionReturn(0);
}

static PetscErrorCode take_template(const screen_yaml *root, const char *path,
                                    screen_oracle *oracle, screen_notes *notes)
{
  const screen_yaml *node = screen_schema_node(root, KEY ".template");
  const screen_yaml *map = screen_schema_node(root, KEY);

  PetscFunctionBegin;
  if (oracle->type == SCREEN_ORACLE_FILES) {
    if (node)
      PetscCall(screen_notes_add(notes, node->key_line, node->key_column, node->path,
                                 "got it with `type: files`, which has none"));
    PetscFunctionReturn(0);
  }
  if (!node) {
    PetscCall(screen_notes_add(notes, map->key_line, map->key_column, map->path,
                               "got no `template`, wanted an input of the program with %s in "
                               "place of cell and atoms",
                               oracle->type == SCREEN_ORACLE_CP2K ? "@CELL@ and @COORD@"
                                                                  : "@CELL@, @COORD@ and @NAT@"));
    PetscFunctionReturn(0);
  }
  PetscCall(screen_yaml_beside(path, node->text, &oracle->template));
  PetscCall(read_template(node, oracle, notes));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_oracle_read(const screen_yaml *root, const char *path, screen_oracle *oracle,
                                  screen_notes *notes)
{
  PetscFunctionBegin;
  *oracle = (screen_oracle){0};
  if (!screen_schema_node(root, KEY)) PetscFunctionReturn(0);
  oracle->type = (screen_oracle_type)screen_schema_choice(root, KEY ".type");
  PetscCall(PetscStrallocpy(screen_schema_text(root, KEY ".command"), &oracle->command));
  oracle->time_limit = screen_schema_real(root, KEY ".time_limit");
  oracle->tries = (PetscInt)screen_schema_integer(root, KEY ".tries");
  oracle->jobs = (PetscInt)screen_schema_integer(root, KEY ".jobs");
  oracle->max_force = screen_schema_real(root, KEY ".max_force");
  oracle->max_net_force = screen_schema_real(root, KEY ".max_net_force");
  PetscCall(find_home(path, &oracle->home));
  PetscCall(take_template(root, path, oracle, notes));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_oracle_clear(screen_oracle *oracle)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(oracle->command));
  PetscCall(PetscFree(oracle->home));
  PetscCall(PetscFree(oracle->template));
  PetscCall(PetscFree(oracle->template_text));
  PetscFunctionReturn(0);
}
