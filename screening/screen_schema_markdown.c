/* screening/screen_schema_markdown.c - the table of keys for people: part of screening/README.md */
#include <stdio.h>
#include <stdlib.h>

#include "screening/screen_schema.h"

/* Whether `path` up to `length` is a list of maps. */
static PetscBool is_list(const char *path, size_t length)
{
  char list[256];
  const screen_key *key;

  snprintf(list, sizeof(list), "%.*s", (int)length, path);
  key = screen_schema_key(list);
  return (PetscBool)(key && key->kind == SCREEN_KEY_MAPS);
}

/* "`system.components.NAME.formula`", "`simulation.anneal[].to`": what the author writes. */
static void print_path(FILE *out, const char *path)
{
  fputc('`', out);
  for (const char *c = path; *c; c++) {
    if (c[0] == '.' && c[1] == '*' && is_list(path, (size_t)(c - path))) {
      fputs("[]", out);
      c++;
    } else if (*c == '*')
      fputs("NAME", out);
    else
      fputc(*c, out);
  }
  fputc('`', out);
}

static void print_row(FILE *out, const screen_key *key)
{
  char text[384];

  fputs("| ", out);
  print_path(out, key->path);
  fprintf(out, " | %s%s%s%s%s |", screen_key_describe(key, sizeof(text), text),
          key->min ? "; from " : "", key->min ? key->min : "", key->max ? " to " : "",
          key->max ? key->max : "");
  if (key->required)
    fputs(" required", out);
  else if (key->standard)
    fprintf(out, " `%s`", key->standard);
  fprintf(out, " | %s |\n", key->help);
}

static void print_tables(FILE *out)
{
  PetscInt n;
  const screen_key *keys = screen_schema_keys(&n);

  fputs("| Key | Value | Default | Meaning |\n|---|---|---|---|\n", out);
  for (PetscInt k = 0; k < n; k++) {
    if (keys[k].kind != SCREEN_KEY_LATER) print_row(out, &keys[k]);
  }
  fputs("\n| Key of a later version, refused | What to do now |\n|---|---|\n", out);
  for (PetscInt k = 0; k < n; k++) {
    if (keys[k].kind != SCREEN_KEY_LATER) continue;
    fputs("| ", out);
    print_path(out, keys[k].path);
    fprintf(out, " | %s |\n", keys[k].help);
  }
}

PetscErrorCode screen_schema_markdown(char **text)
{
  char *buffer = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&buffer, &size);
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCheck(out, PETSC_COMM_SELF, PETSC_ERR_MEM, "No memory for the table of keys");
  print_tables(out);
  ierr = fclose(out) ? PETSC_ERR_MEM : PetscStrallocpy(buffer, text);
  free(buffer);
  PetscCall(ierr);
  PetscFunctionReturn(0);
}
