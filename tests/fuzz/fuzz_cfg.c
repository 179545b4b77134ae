/* tests/fuzz/fuzz_cfg.c - the reader of .cfg, text and binary: what it accepts comes back to the
   last bit when it is written and read, in both forms */
#include "mtp/mtp_config.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void must(int ok)
{
  if (!ok) abort();
}

static int write_text(const mtp_config *config, FILE *out)
{
  return mtp_cfg_write(config, MTP_CFG_LOSSLESS, out);
}

static int write_binary(const mtp_config *config, FILE *out)
{
  return mtp_cfg_write_binary(config, out);
}

static void write_all(const mtp_config_list *list, int (*write)(const mtp_config *, FILE *),
                      char **text, size_t *length)
{
  FILE *out = open_memstream(text, length);

  must(out != NULL);
  for (PetscInt i = 0; i < list->n; i++) must(write(&list->config[i], out) == 0);
  must(fclose(out) == 0);
}

/* Written, read and written again: the same bytes. */
static void check_form(const mtp_config_list *list, int (*write)(const mtp_config *, FILE *))
{
  mtp_config_list again = {0};
  mtp_diag diag = {0};
  char *first, *second;
  size_t n, m;

  write_all(list, write, &first, &n);
  must(mtp_cfg_parse("again", first, n, &again, &diag) == 0);
  must(diag.n == 0 && again.n == list->n);
  write_all(&again, write, &second, &m);
  must(n == m && memcmp(first, second, n) == 0);
  free(first);
  free(second);
  must(mtp_config_list_clear(&again) == 0);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
  mtp_config_list list = {0};
  mtp_diag diag = {0};

  must(mtp_cfg_parse("fuzz", (const char *)data, size, &list, &diag) == 0);
  must(list.n > 0 || diag.n > 0);
  must(mtp_diag_clear(&diag) == 0);
  if (list.n > 0) {
    check_form(&list, write_text);
    check_form(&list, write_binary);
  }
  must(mtp_config_list_clear(&list) == 0);
  return 0;
}
