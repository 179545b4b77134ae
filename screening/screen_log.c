/* screening/screen_log.c - `liquidus log DIR [POINT]`: reads, never touches */
#include "screening/screen_cli.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names of the points, as status.json has them; NULL where there is none. */
static json_t *read_points(const char *directory)
{
  char path[4200];
  json_t *root, *table;

  snprintf(path, sizeof(path), "%s/status.json", directory);
  root = json_load_file(path, 0, NULL);
  table = json_incref(json_object_get(root, "table"));
  json_decref(root);
  return table;
}

static const char *name_at(const void *table, PetscInt i)
{
  const char *name =
      json_string_value(json_object_get(json_array_get((const json_t *)table, (size_t)i), "point"));

  return name ? name : "";
}

/* Lines of the log that have `want` in them; all, where it is "". */
static void print_lines(FILE *from, const char *want)
{
  char *line = NULL;
  size_t room = 0;

  while (getline(&line, &room, from) >= 0) {
    if (strstr(line, want)) fputs(line, stdout);
  }
  free(line);
}

/* `point="NAME"`, as the log has it */
static PetscErrorCode choose(const char *directory, const char *text, size_t size, char want[],
                             screen_exit *code)
{
  json_t *table = read_points(directory);
  const screen_choice_names names = {
      .n = (PetscInt)json_array_size(table), .name = name_at, .of = table};
  const PetscInt k = screen_choice_find(&names, text);

  PetscFunctionBegin;
  if (k >= 0)
    snprintf(want, size, "point=\"%s\"", name_at(table, k));
  else
    PetscCall(screen_choice_refuse("log", &names, text, k, code));
  json_decref(table);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_verb_log(int argc, char **argv, screen_exit *code)
{
  char path[4200], want[512] = "";
  FILE *from;

  PetscFunctionBegin;
  if (argc < 2 || argc > 3 || argv[1][0] == '-') {
    PetscCall(screen_cli_refuse("log", code, "wanted one directory and at most one point"));
    PetscFunctionReturn(0);
  }
  snprintf(path, sizeof(path), "%s/log", argv[1]);
  from = fopen(path, "re");
  if (!from) {
    PetscCall(screen_cli_refuse("log", code, "%s: %s", path, strerror(errno)));
    PetscFunctionReturn(0);
  }
  if (argc == 3) PetscCall(choose(argv[1], argv[2], sizeof(want), want, code));
  if (*code == SCREEN_EXIT_DONE) print_lines(from, want);
  fclose(from);
  PetscFunctionReturn(0);
}
