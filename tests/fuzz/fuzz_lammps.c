/* tests/fuzz/fuzz_lammps.c - any bytes as a LAMMPS data file: a configuration or a message, never
 * both
 *
 * What is handed out must be whole: types of species, finite positions, a cell with a volume.
 */
#include "md/md_pack.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void require(int fact)
{
  if (!fact) abort();
}

static void check_config(const mtp_config *c)
{
  require(c->nlattice == 3);
  for (PetscInt i = 0; i < c->n; i++) require(c->type[i] >= 0 && c->type[i] < 3);
  for (PetscInt k = 0; k < 3 * c->n; k++) require(!PetscIsInfOrNanReal(c->x[k]));
  for (PetscInt k = 0; k < 3; k++) require(c->h[k][k] > 0.0 && !PetscIsInfOrNanReal(c->h[k][k]));
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
  static const char *const species[] = {"Ca", "K", "Cl"};
  mtp_config config;
  mtp_diag diag = {0};

  require(md_atoms_parse_lammps("fuzz", (const char *)data, size, 3, species, &config, &diag) == 0);
  require((config.n > 0) == (diag.n == 0));
  require(diag.n <= 40);
  if (config.n > 0) check_config(&config);
  require(mtp_config_clear(&config) == 0);
  require(mtp_diag_clear(&diag) == 0);
  return 0;
}
