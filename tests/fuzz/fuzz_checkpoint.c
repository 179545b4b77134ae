/* tests/fuzz/fuzz_checkpoint.c - checkpoints: any bytes as a sealed block, and a good one with
   changes under a good seal, where only the content protects itself */
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

static md_run *make_run(const md_potential *pot)
{
  md_atoms atoms;
  md_run *run;

  must(md_atoms_create(2, 1, &atoms) == 0);
  atoms.mass[0] = 4000.0;
  atoms.x[0] = 3.5;
  for (int k = 0; k < 3; k++) atoms.h[k][k] = 20.0;
  must(md_run_create(&atoms, pot, &run) == 0);
  must(md_atoms_clear(&atoms) == 0);
  return run;
}

/* A good checkpoint, without its seal. */
static void save_run(const md_potential *pot, md_blob *content)
{
  const md_protocol protocol = {.ensemble = MD_NPT_SCR,
                                .dt = 2.0,
                                .temperature = 100.0,
                                .tau_t = 100.0,
                                .tau_p = 1000.0,
                                .compressibility = 400.0,
                                .rng = {.key = 7}};
  md_blob blob = {0}, inside = {0};
  md_run *run = make_run(pot);
  md_reason reason;

  must(md_run_thermalise(run, 100.0, protocol.rng) == 0);
  must(md_run_start(run, &protocol, NULL) == 0);
  must(md_run_advance(run, 5, &reason, NULL) == 0);
  must(md_run_save(run, &blob) == 0);
  must(md_blob_open(&blob, &inside) == 0);
  must(md_blob_put(content, inside.data, inside.size) == 0);
  must(md_blob_clear(&blob) == 0 && md_run_destroy(&run) == 0);
}

/* Each 10 bytes are a place in the content of a good checkpoint and 8 bytes for it; a byte that is
   left over says how many are cut off.  Then the seal is right again. */
static void check_content(const md_potential *pot, const unsigned char *data, size_t size)
{
  md_blob content = {0}, blob = {0};
  md_run *run = make_run(pot);
  size_t at;

  save_run(pot, &content);
  for (; size >= 10; data += 10, size -= 10) {
    at = ((size_t)data[0] + 256 * (size_t)data[1]) % (content.size - 7);
    memcpy(content.data + at, data + 2, 8);
  }
  if (size > 0) content.size -= data[0];
  must(md_blob_seal_begin(&blob, &at) == 0);
  must(md_blob_put(&blob, content.data, content.size) == 0);
  must(md_blob_seal_end(&blob, at) == 0);
  PetscPushErrorHandler(PetscIgnoreErrorHandler, NULL);
  (void)md_run_load(run, &blob);
  PetscPopErrorHandler();
  must(md_blob_clear(&blob) == 0 && md_blob_clear(&content) == 0 && md_run_destroy(&run) == 0);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
  const PetscReal epsilon = 0.01, sigma = 3.4;
  md_potential *pot;

  start_petsc();
  check_block(data, size);
  must(md_potential_create_lj(1, &epsilon, &sigma, 6.8, PETSC_TRUE, &pot) == 0);
  check_content(pot, data, size);
  must(md_potential_destroy(&pot) == 0);
  return 0;
}
