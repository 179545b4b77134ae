/* tests/fuzz/fuzz_cp2k.c - outputs and templates of CP2K */
#include "tests/support/nacl_cp2k.h"

#include "tests/support/fuzz_oracle.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
  static screen_names species;
  mtp_config asked;

  must(nacl_cp2k(&asked, &species) == 0);
  read_output(&screen__cp2k_output, (const char *)data, size, &asked, &species);
  read_template(&screen__cp2k_form, data, size, &asked, &species);
  must(mtp_config_clear(&asked) == 0);
  return 0;
}
