/* tests/fuzz/fuzz_fmu_table.c - the reader of tables inside FMUs, with a checksum that fits */
#include "screening/fmu/fmu_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Looks everything up in and around the table. */
static void use(const fmu_table *t)
{
  for (int f = 0; f < t->nfunction && f < 4; f++) {
    for (int k = -1; k <= 4; k++) {
      double x[FMU_MAX_AXES];
      fmu_result r;

      for (int a = 0; a < t->naxis; a++) {
        const fmu_axis *axis = &t->axis[a];

        x[a] = axis->knot[0] + 0.3 * k * (axis->knot[axis->n - 1] - axis->knot[0]);
        if (!isfinite(x[a])) return;
      }
      fmu_table_at(t, f, x, k % 2 ? FMU_POLICY_LINEAR : FMU_POLICY_CLAMP, &r);
      if ((r.has & FMU_HAS_VALUE) && !isfinite(r.value)) abort();
    }
  }
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
  char text[4096 + 16], message[FMU_MESSAGE];
  fmu_table *t;

  if (size > 4096) return 0;
  memcpy(text, data, size);
  t = fmu_table_parse(text, size, message);
  if (!t && !message[0]) abort();
  fmu_table_free(t);
  snprintf(text + size, 16, "crc %08lx\n", (unsigned long)fmu_crc32(text, size));
  t = fmu_table_parse(text, size + 13, message);
  if (t) use(t);
  fmu_table_free(t);
  return 0;
}
