/* tests/fuzz/fuzz_checkpoint.c - checkpoints: any bytes as a sealed block, and any bytes inside a
   good one, where only the content protects itself */
#include "md/md_checkpoint_file.h"
#include "md/md_run.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void must(int ok)
{
  if (!ok) abort();
}

/* A block that is accepted is what sealing its content makes. */
static void check_block(const unsigned char *data, size_t size)
{
  md_blob view = {0}, inside = {0}, again = {0};
  char why[MD_CHECKPOINT_WHY];
  PetscBool whole;
  size_t at;

  md_blob_view(&view, data, size);
  must(md_checkpoint_check(&view, &whole, why) == 0);
  must(whole || why[0]);
  if (!whole) return;
  must(md_blob_open(&view, &inside) == 0);
  must(md_blob_seal_begin(&again, &at) == 0);
  must(md_blob_put(&again, inside.data, inside.size) == 0);
  must(md_blob_seal_end(&again, at) == 0);
  must(again.size == size && memcmp(again.data, data, size) == 0);
  must(md_blob_clear(&again) == 0);
}

/* Runs have log events, and those need PETSc.  Signals stay the fuzzer's. */
static void start_petsc(void)
{
  static int started;

  if (started) return;
  started = 1;
  must(PetscOptionsSetValue(NULL, "-no_signal_handler", "true") == 0);
  must(PetscInitializeNoArguments() == 0);
}

static void setup(md_atoms *atoms, md_potential **pot)
{
  const PetscReal epsilon = 0.01, sigma = 3.4;

  must(md_potential_create_lj(1, &epsilon, &sigma, 6.8, PETSC_TRUE, pot) == 0);
  must(md_atoms_create(2, 1, atoms) == 0);
  atoms->mass[0] = 4000.0;
  atoms->x[0] = 3.5;
  for (int k = 0; k < 3; k++) atoms->h[k][k] = 20.0;
}

/* `data` as the content of a block with a good checksum. */
static void check_content(md_run *run, const unsigned char *data, size_t size)
{
  md_blob blob = {0};
  size_t at;

  must(md_blob_seal_begin(&blob, &at) == 0);
  must(md_blob_put(&blob, data, size) == 0);
  must(md_blob_seal_end(&blob, at) == 0);
  PetscPushErrorHandler(PetscIgnoreErrorHandler, NULL);
  (void)md_run_load(run, &blob);
  PetscPopErrorHandler();
  must(md_blob_clear(&blob) == 0);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
  md_atoms atoms = {0};
  md_potential *pot;
  md_run *run;

  start_petsc();
  check_block(data, size);
  setup(&atoms, &pot);
  must(md_run_create(&atoms, pot, &run) == 0);
  check_content(run, data, size);
  must(md_run_destroy(&run) == 0 && md_atoms_clear(&atoms) == 0 && md_potential_destroy(&pot) == 0);
  return 0;
}
