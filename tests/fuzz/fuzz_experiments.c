/* tests/fuzz/fuzz_experiments.c - the reader of CSV files of experiments */
#include "screening/screen_compare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
  screen_component components[3] = {{.name = "CaCl2"}, {.name = "KCl"}, {.name = "x"}};
  const screen_campaign campaign = {.ncomponent = 1 + (PetscInt)(size % 3),
                                    .component = components};
  screen_experiments e = {0};
  mtp_diag diag = {0};
  char text[4096];
  FILE *in;

  if (size == 0 || size > sizeof(text)) return 0;
  memcpy(text, data, size);
  in = fmemopen(text, size, "r");
  if (!in) return 0;
  if (screen_experiments_parse(&campaign, "fuzz", in, &e, &diag)) abort();
  fclose(in);
  if (screen_experiments_clear(&e) || mtp_diag_clear(&diag)) abort();
  return 0;
}
