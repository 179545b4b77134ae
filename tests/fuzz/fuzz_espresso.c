/* tests/fuzz/fuzz_espresso.c - the reader of outputs of pw.x and of its templates: a label has all
   its numbers, or there is a reason; a template that is accepted gives an input */
#include "tests/support/alas_espresso.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void must(int ok)
{
  if (!ok) abort();
}

static void read_output(const char *text, size_t size, const mtp_config *asked,
                        const screen_names *species)
{
  mtp_config label;
  screen_refusal why = {0};

  must(mtp_config_create(asked->n, &label) == 0);
  must(PetscMalloc1(3 * asked->n, &label.force) == 0);
  for (PetscInt k = 0; k < 3 * asked->n; k++) label.force[k] = nan("");
  must(screen__espresso_parse(text, size, asked, species, &label, &why) == 0);
  must((why.text[0] != 0) == !label.has_energy && label.has_energy == label.has_stress);
  must(strlen(why.text) < sizeof(why.text) && !strchr(why.text, '\n'));
  for (PetscInt k = 0; label.has_energy && k < 3 * asked->n; k++)
    must(!PetscIsNanReal(label.force[k]));
  must(mtp_config_clear(&label) == 0);
}

static void read_template(const unsigned char *data, size_t size, const mtp_config *asked,
                          const screen_names *species)
{
  screen_yaml node = {.kind = SCREEN_YAML_SCALAR};
  screen_notes notes = {.file = "fuzz"};
  char *text, *input;

  must(PetscMalloc1(size + 1, &text) == 0);
  memcpy(text, data, size);
  text[size] = 0;
  must(screen__template_check(&screen__espresso_form, "fuzz", text, &node, &notes) == 0);
  if (notes.n == 0) {
    must(screen__template_fill(&screen__espresso_form, text, asked, species, &input) == 0);
    must(strlen(input) > 30);
    must(PetscFree(input) == 0);
  }
  must(screen_notes_clear(&notes) == 0);
  must(PetscFree(text) == 0);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
  static screen_names species;
  mtp_config asked;

  must(alas_espresso(&asked, &species) == 0);
  read_output((const char *)data, size, &asked, &species);
  read_template(data, size, &asked, &species);
  must(mtp_config_clear(&asked) == 0);
  return 0;
}
