/* tests/conformance/test_conformance.c - our numbers against those of other programs
 *
 * Three sources: an independent evaluation in numpy of random potentials, written without loss (in
 * this repository); MLIP-2's example outputs and outputs of MLIP collected by motep, printed with
 * 12, 6 and 5 decimals of energy, forces and PlusStress (others' files: outside the repository,
 * skipped where absent).  Every configuration of every file is compared, with the reference kernel
 * and every other kernel of this processor.  The other example outputs of MLIP-2 (grades,
 * selections) repeat energies and forces of density functional theory: nothing to compare with.
 */
#include "mtp/mtp_eval_config.h"
#include "mtp/mtp_kernel.h"
#include "tests/support/expect.h"

#include <sys/stat.h>

static const char help[] = "Energies, forces and stresses against other programs\n";

/* Largest differences over a file */
typedef struct {
  PetscInt configs, atoms;
  PetscReal energy; /* [eV] per atom */
  PetscReal force;  /* [eV/Å] of a component */
  PetscReal stress; /* [eV] of a component */
} difference;

static PetscReal largest(PetscInt n, const PetscReal a[], const PetscReal b[], PetscReal sofar)
{
  for (PetscInt i = 0; i < n; i++) {
    const PetscReal d = fabs(a[i] - b[i]);

    if (!(d <= sofar)) sofar = d;
  }
  return sofar;
}

/* What mtp_eval_config() does, with another kernel */
static void evaluate(const mtp_potential *pot, mtp_engine *engine, const char *where,
                     mtp_neighbors *nb, mtp_config *config, mtp_diag *diag)
{
  static const int entry[6] = {0, 4, 8, 5, 2, 1};
  PetscBool good;
  mtp_result r = {0};

  expect_ok(mtp_eval_neighbors(pot, where, config, nb, &good, diag));
  if (!good) return;
  r.force = malloc(3 * (size_t)nb->nall * sizeof(PetscReal));
  expect_ok(mtp_engine_evaluate(engine, nb, &r));
  mtp_neighbors_fold(nb, 3, r.force);
  config->energy = r.energy;
  for (int v = 0; v < 6; v++) config->stress[v] = r.virial[entry[v]];
  memcpy(config->force, r.force, 3 * (size_t)config->n * sizeof(PetscReal));
  free(r.force);
}

static void compare(const mtp_potential *pot, mtp_engine *engine, const char *where,
                    mtp_neighbors *nb, mtp_config *config, difference *max)
{
  const PetscInt n = config->n;
  const PetscReal energy = config->energy;
  PetscReal stress[6], *force = malloc(3 * (size_t)n * sizeof(*force));
  mtp_diag diag = {0};

  expect(config->has_energy && config->has_stress && config->force, "a reference is complete");
  memcpy(stress, config->stress, sizeof(stress));
  memcpy(force, config->force, 3 * (size_t)n * sizeof(*force));
  if (engine)
    evaluate(pot, engine, where, nb, config, &diag);
  else
    expect_ok(mtp_eval_config(pot, where, nb, config, &diag));
  if (diag.n) fail_msg("%s", diag.text[0]);
  max->energy = largest(1, &energy, &config->energy, max->energy * (PetscReal)n) / (PetscReal)n;
  max->force = largest(3 * n, force, config->force, max->force);
  max->stress = largest(6, stress, config->stress, max->stress);
  max->configs++;
  max->atoms += n;
  free(force);
}

/* Evaluates every configuration of reference_path with a kernel (MTP_KERNEL_REFERENCE: as
   `liquidus potential eval` does) and prints the largest differences. */
static difference run(const char *potential_path, const char *reference_path, mtp_kernel_kind kind)
{
  mtp_engine *engine = NULL;
  mtp_potential *pot = NULL;
  mtp_config_list list = {0};
  mtp_neighbors nb = {0};
  mtp_diag diag = {0};
  difference max = {0};

  expect_ok(mtp_potential_read(potential_path, &pot, &diag));
  if (!pot) fail_msg("%s", diag.n ? diag.text[0] : "no potential and no message");
  expect_ok(mtp_cfg_read(reference_path, &list, &diag));
  if (diag.n) fail_msg("%s", diag.text[0]);
  if (kind != MTP_KERNEL_REFERENCE) {
    expect_ok(mtp_engine_create(pot, &(mtp_engine_options){.kernel = kind}, &engine));
  }
  for (PetscInt c = 0; c < list.n; c++) {
    compare(pot, engine, reference_path, &nb, &list.config[c], &max);
  }
  expect(max.configs > 0, "a reference has configurations");
  print_message(
      "  %3d configurations, %5d atoms: dE %.1e eV/atom, dF %.1e eV/Å, dW %.1e eV  %-9s %s\n",
      (int)max.configs, (int)max.atoms, max.energy, max.force, max.stress, mtp_kernel_name(kind),
      reference_path + PetscMax(0, (int)strlen(reference_path) - 40));
  expect_ok(mtp_engine_destroy(&engine));
  expect_ok(mtp_neighbors_clear(&nb));
  expect_ok(mtp_config_list_clear(&list));
  expect_ok(mtp_diag_clear(&diag));
  expect_ok(mtp_potential_destroy(&pot));
  return max;
}

/* Every kernel of this processor, the reference kernel among them */
#define FOR_EACH_KIND                                                                              \
  for (mtp_kernel_kind kind = MTP_KERNEL_REFERENCE; kind < MTP_KERNEL_COUNT; kind++)               \
    if (mtp_kernel_available(kind))

/* Numbers without loss: the differences are those of the order of summation.  An energy of 864
   atoms
   is about 2000 eV, PlusStress 1000 eV out of 1e5 terms; measured: 4e-15, 5e-14, 3e-11. */
static void test_random(void **state)
{
  static const char *const names[] = {"2sp_08", "2sp_10", "2sp_12", "2sp_14", "2sp_16",
                                      "2sp_18", "2sp_20", "3sp_08", "3sp_12"};

  (void)state;
  for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
    char pot[512], ref[512];
    difference max;

    (void)snprintf(pot, sizeof(pot), "%s/mtp/random/rand_%s.almtp", TEST_DATA, names[k]);
    (void)snprintf(ref, sizeof(ref), "%s/mtp/random/ref_numpy_%s.cfg", TEST_DATA, names[k]);
    FOR_EACH_KIND
    {
      max = run(pot, ref, kind);
      expect_abs(max.energy, 0.0, 1e-13, "energy per atom");
      expect_abs(max.force, 0.0, 1e-12, "force");
      expect_abs(max.stress, 0.0, 1e-10, "PlusStress");
    }
  }
}

static int absent(const char *path)
{
  struct stat s;

  if (stat(path, &s) == 0) return 0;
  print_message("  skipped: %s is not on this machine (CMake variable LIQUIDUS_SHARED)\n", path);
  return 1;
}

/* Half a unit of the last printed digit of forces and PlusStress; energies are printed to 1e-12 eV.
   Measured: 3e-13, 5.0e-7, 5.0e-6, that is, rounding of the reference and nothing else. */
static void expect_printed(difference max)
{
  expect_abs(max.energy, 0.0, 1e-12, "energy per atom");
  expect_abs(max.force, 0.0, 5.01e-7, "force");
  expect_abs(max.stress, 0.0, 5.01e-6, "PlusStress");
}

static void test_motep(void **state)
{
  static const char *const names[] = {"crystals-cubic-08", "crystals-cubic-16", "crystals-multi-02",
                                      "crystals-multi-04", "crystals-multi-06", "crystals-multi-10",
                                      "molecules-291-02",  "molecules-291-06",  "molecules-291-08",
                                      "molecules-762-04",  "molecules-762-06",  "molecules-762-10"};

  (void)state;
  if (absent(TEST_SHARED "/data/mtp/motep")) skip();
  for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
    char pot[512], ref[512];

    (void)snprintf(pot, sizeof(pot), "%s/data/mtp/motep/%s/pot.mtp", TEST_SHARED, names[k]);
    (void)snprintf(ref, sizeof(ref), "%s/data/mtp/motep/%s/out.cfg", TEST_SHARED, names[k]);
    FOR_EACH_KIND expect_printed(run(pot, ref, kind));
  }
}

static void test_mlip2(void **state)
{
  static const char *const names[] = {"02.calc-efs", "03.calc-errors"};

  (void)state;
  if (absent(TEST_SHARED "/data/mtp/mlip2_examples")) skip();
  for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
    const char *folder = TEST_SHARED "/data/mtp/mlip2_examples";
    char pot[512], ref[512];

    (void)snprintf(pot, sizeof(pot), "%s/%s/pot.mtp", folder, names[k]);
    (void)snprintf(ref, sizeof(ref), "%s/%s/sample_out/calculated.cfg", folder, names[k]);
    FOR_EACH_KIND expect_printed(run(pot, ref, kind));
  }
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_random),
      cmocka_unit_test(test_motep),
      cmocka_unit_test(test_mlip2),
  };

  return expect_main(argc, argv, help, tests);
}
