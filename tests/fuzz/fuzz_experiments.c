/* tests/fuzz/fuzz_experiments.c - the reader of CSV files of experiments */
#include "screening/screen_measured.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
  const char *const name[] = {"CaCl2", "KCl", "x"};
  const PetscReal mass[] = {0.111, 0.0746, PROP_NAN};
  const screen_measured_components components = {1 + (PetscInt)(size % 3), name, mass};
  screen_measurements e = {0};
  mtp_diag diag = {0};
  char text[4096];
  FILE *in;

  if (size == 0 || size > sizeof(text)) return 0;
  memcpy(text, data, size);
  in = fmemopen(text, size, "r");
  if (!in) return 0;
  if (screen_measured_parse(&components, "fuzz", in, &e, &diag)) abort();
  fclose(in);
  if (screen_measured_clear(&e) || mtp_diag_clear(&diag)) abort();
  return 0;
}
