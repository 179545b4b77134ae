/* tests/fuzz/fuzz_lammps.c - any bytes as a LAMMPS data file: a configuration or a message, never
 * both
 *
 * What is handed out must be whole: types of species, finite positions, a cell with a volume.  When
 * it is written and read, the atoms are the same to the last bit; only a cell whose tilts overflow
 * when they are reduced may be refused by the writer.
 */
#include "mtp/mtp_config.h"

#include <stdlib.h>
#include <string.h>

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

static void check_again(const mtp_config *c, const char *const species[])
{
  const size_t n = (size_t)c->n;
  mtp_config again;
  mtp_diag diag = {0};
  char *text;
  size_t size;
  FILE *out = open_memstream(&text, &size);
  PetscErrorCode ierr;

  require(out != NULL);
  require(PetscPushErrorHandler(PetscReturnErrorHandler, NULL) == 0);
  ierr = mtp_lammps_write(c, 3, species, out);
  require(PetscPopErrorHandler() == 0 && fclose(out) == 0);
  require(ierr == 0 || ierr == PETSC_ERR_ARG_WRONG);
  if (!ierr) {
    require(mtp_lammps_parse("again", text, size, 3, species, &again, &diag) == 0);
    require(diag.n == 0 && again.n == c->n && !again.charge == !c->charge);
    require(memcmp(again.x, c->x, 3 * n * sizeof(PetscReal)) == 0);
    require(memcmp(again.type, c->type, n * sizeof(PetscInt)) == 0);
    require(!c->charge || memcmp(again.charge, c->charge, n * sizeof(PetscReal)) == 0);
    require(mtp_config_clear(&again) == 0);
  }
  free(text);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
  static const char *const species[] = {"Ca", "K", "Cl"};
  mtp_config config;
  mtp_diag diag = {0};

  require(mtp_lammps_parse("fuzz", (const char *)data, size, 3, species, &config, &diag) == 0);
  require((config.n > 0) == (diag.n == 0));
  require(diag.n <= 40);
  if (config.n > 0) {
    check_config(&config);
    check_again(&config, species);
  }
  require(mtp_config_clear(&config) == 0);
  require(mtp_diag_clear(&diag) == 0);
  return 0;
}
