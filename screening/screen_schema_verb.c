/* screening/screen_schema_verb.c - `liquidus schema`: the table of keys for editors and for people
   */
#include <stdio.h>
#include <string.h>

#include "screening/screen_cli.h"
#include "screening/screen_schema.h"

PetscErrorCode screen_verb_schema(int argc, char **argv, screen_exit *code)
{
  const PetscBool markdown = (PetscBool)(argc == 2 && !strcmp(argv[1], "--markdown"));
  char *text = NULL;

  PetscFunctionBegin;
  if (argc > 1 && !markdown) {
    PetscCall(screen_cli_refuse("schema", code, "wanted no argument or --markdown"));
    PetscFunctionReturn(0);
  }
  if (markdown)
    PetscCall(screen_schema_markdown(&text));
  else
    PetscCall(screen_schema_json(&text));
  printf("%s%s", text, markdown ? "" : "\n");
  PetscCall(PetscFree(text));
  PetscFunctionReturn(0);
}
