/* tests/fuzz/fuzz_xyz.c - the reader of extended XYZ: what it accepts comes back to the last bit
   when it is written and read */
#include "mtp/mtp_config.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static const char *const species[] = {"Ca", "K", "Cl"};

static void must(int ok)
{
  if (!ok) abort();
}

static void write_all(const mtp_config_list *list, char **text, size_t *length)
{
  FILE *out = open_memstream(text, length);

  must(out != NULL);
  for (PetscInt i = 0; i < list->n; i++)
    must(mtp_xyz_write(&list->config[i], 3, species, out) == 0);
  must(fclose(out) == 0);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
  mtp_config_list list = {0}, again = {0};
  mtp_diag diag = {0};
  char *first, *second;
  size_t n, m;

  must(mtp_xyz_parse("fuzz", (const char *)data, size, 3, species, &list, &diag) == 0);
  must(list.n > 0 || diag.n > 0);
  must(mtp_diag_clear(&diag) == 0);
  if (list.n > 0) {
    write_all(&list, &first, &n);
    must(mtp_xyz_parse("again", first, n, 3, species, &again, &diag) == 0);
    must(diag.n == 0 && again.n == list.n);
    write_all(&again, &second, &m);
    must(n == m && memcmp(first, second, n) == 0);
    free(first);
    free(second);
  }
  must(mtp_config_list_clear(&list) == 0 && mtp_config_list_clear(&again) == 0);
  return 0;
}
