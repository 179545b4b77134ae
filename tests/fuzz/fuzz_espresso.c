/* tests/fuzz/fuzz_espresso.c - outputs and templates of pw.x */
#include "tests/support/alas_espresso.h"

#include "tests/support/fuzz_oracle.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
  static screen_names species;
  mtp_config asked;

  must(alas_espresso(&asked, &species) == 0);
  read_output(&screen__espresso_output, (const char *)data, size, &asked, &species);
  read_template(&screen__espresso_form, data, size, &asked, &species);
  must(mtp_config_clear(&asked) == 0);
  return 0;
}
