/* tests/support/fuzz_oracle.h - the readers of an oracle's output and template, for fuzz targets
 *
 * A label has all its numbers, or there is a reason; a template that is accepted gives an input.
 * Include after a header that declares the cell, see tests/fuzz/fuzz_cp2k.c.
 */
#pragma once

#include <math.h>
#include <stdlib.h>
#include <string.h>

static inline void must(int ok)
{
  if (!ok) abort();
}

static inline void read_output(const screen_output_form *form, const char *text, size_t size,
                               const mtp_config *asked, const screen_names *species)
{
  mtp_config label;
  screen_refusal why = {0};

  must(mtp_config_create(asked->n, &label) == 0);
  must(PetscMalloc1(3 * asked->n, &label.force) == 0);
  for (PetscInt k = 0; k < 3 * asked->n; k++) label.force[k] = nan("");
  must(screen__output_parse(form, text, size, asked, species, &label, &why) == 0);
  must((why.text[0] != 0) == !label.has_energy && label.has_energy == label.has_stress);
  must(strlen(why.text) < sizeof(why.text) && !strchr(why.text, '\n'));
  for (PetscInt k = 0; label.has_energy && k < 3 * asked->n; k++)
    must(!PetscIsNanReal(label.force[k]));
  must(mtp_config_clear(&label) == 0);
}

static inline void read_template(const screen_template_form *form, const unsigned char *data,
                                 size_t size, const mtp_config *asked, const screen_names *species)
{
  screen_yaml node = {.kind = SCREEN_YAML_SCALAR};
  screen_notes notes = {.file = "fuzz"};
  char *text, *input;

  must(PetscMalloc1(size + 1, &text) == 0);
  memcpy(text, data, size);
  text[size] = 0;
  must(screen__template_check(form, "fuzz", text, &node, &notes) == 0);
  if (notes.n == 0) {
    must(screen__template_fill(form, text, asked, species, &input) == 0);
    must(strlen(input) > 30);
    must(PetscFree(input) == 0);
  }
  must(screen_notes_clear(&notes) == 0);
  must(PetscFree(text) == 0);
}
