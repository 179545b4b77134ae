/* tests/fuzz/fuzz_campaign.c - any bytes as a campaign file: YAML, table of keys, formulas, axes
 *
 * What reads other files (potential, starting configuration) is left out: it has targets of its
 * own. Whatever comes in, the reader must answer with a tree or with notes, each of one line. */
#include <petscsys.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "screening/screen_formula.h"
#include "screening/screen_schema.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Formulas wherever a text stands. */
static void visit(const screen_yaml *node)
{
  char problem[SCREEN_FORMULA_PROBLEM];
  screen_formula formula;

  if (node->text) screen_formula_parse(node->text, &formula, problem);
  for (PetscInt i = 0; i < node->n; i++) visit(node->child[i]);
}

/* One input; any error is a bug. */
static PetscErrorCode read_bytes(const unsigned char *data, size_t size)
{
  screen_notes notes = {.file = "fuzz.yaml"};
  mtp_diag diag = {0};
  screen_yaml *root;
  screen_axis axis;

  PetscFunctionBegin;
  PetscCall(screen_yaml_parse((const char *)data, size, &root, &notes));
  PetscCheck(root || notes.n, PETSC_COMM_SELF, PETSC_ERR_PLIB, "Neither a tree nor a note");
  if (root) {
    PetscCall(screen_schema_check(root, &notes));
    visit(root);
    PetscCall(screen_schema_axis(root, "conditions.temperature", &axis));
    PetscCall(PetscFree(axis.value));
  }
  PetscCall(screen_notes_report(&notes, &diag));
  for (PetscInt i = 0; i < diag.n; i++) {
    PetscCheck(!strchr(diag.text[i], '\n'), PETSC_COMM_SELF, PETSC_ERR_PLIB, "A note of two lines");
  }
  PetscCall(mtp_diag_clear(&diag));
  PetscCall(screen_notes_clear(&notes));
  PetscCall(screen_yaml_destroy(&root));
  PetscFunctionReturn(0);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
  static PetscBool begun = PETSC_FALSE;

  if (!begun && PetscInitializeNoArguments()) abort();
  begun = PETSC_TRUE;
  if (read_bytes(data, size)) abort();
  return 0;
}
