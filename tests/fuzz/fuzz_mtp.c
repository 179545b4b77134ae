/* tests/fuzz/fuzz_mtp.c - the reader of potentials: any bytes give a potential or messages, never
   both or neither */
#include "mtp/mtp_potential.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
  mtp_potential *pot = NULL;
  mtp_potential_info info;
  mtp_diag diag = {0};

  if (mtp_potential_parse("fuzz", (const char *)data, size, &pot, &diag)) abort();
  if ((pot == NULL) == (diag.n == 0)) abort();
  if (pot && mtp_potential_get_info(pot, &info)) abort();
  if (mtp_potential_destroy(&pot) || mtp_diag_clear(&diag)) abort();
  return 0;
}
