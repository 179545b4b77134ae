/* tests/verify/test_mtp_kernel.c - fast kernels agree with the reference kernel to round-off
 *
 * Every kernel that this processor has, through generated code and through tables, on the random
 * liquid of 864 atoms.  Tolerances as the issue of round-off demands: forces 1e-12 of the largest
 * derivative of a site energy by a distance, here bounded by the largest force, and energies 1e-12
 * of the largest sum of the absolute terms of a site energy, here bounded by the site energy.
 */
#include "mtp/mtp_config.h"
#include "mtp/mtp_kernel.h"
#include "tests/support/expect.h"

static const char help[] = "Fast kernels against the reference kernel\n";

static void read_both(const char *name, mtp_potential **pot, mtp_config_list *list)
{
  char path[512];
  mtp_diag diag = {0};

  (void)snprintf(path, sizeof(path), "%s/mtp/random/rand_%s.almtp", TEST_DATA, name);
  expect_ok(mtp_potential_read(path, pot, &diag));
  (void)snprintf(path, sizeof(path), "%s/mtp/random/liquid%c.cfg", TEST_DATA, name[0]);
  expect_ok(mtp_cfg_read(path, list, &diag));
  if (diag.n) fail_msg("%s", diag.text[0]);
}

static void allocate(const mtp_neighbors *nb, mtp_result *r)
{
  r->force = calloc(3 * (size_t)nb->nall, sizeof(PetscReal));
  r->site_energy = calloc((size_t)nb->nlocal, sizeof(PetscReal));
  r->atom_virial = calloc(9 * (size_t)nb->nall, sizeof(PetscReal));
}

static void release(mtp_result *r)
{
  free(r->force);
  free(r->site_energy);
  free(r->atom_virial);
}

static PetscReal largest(PetscInt n, const PetscReal a[])
{
  PetscReal m = 0.0;

  for (PetscInt i = 0; i < n; i++) m = PetscMax(m, PetscAbsReal(a[i]));
  return m;
}

static void compare(const char *what, PetscInt n, const PetscReal got[], const PetscReal want[],
                    PetscReal tolerance)
{
  for (PetscInt i = 0; i < n; i++) expect_abs(got[i], want[i], tolerance, what);
}

static void check(const mtp_potential *pot, const mtp_neighbors *nb, const mtp_result *want,
                  mtp_engine_options options, PetscBool generated)
{
  mtp_engine *engine = NULL;
  mtp_engine_info info;
  mtp_result got = {0};

  expect_ok(mtp_engine_create(pot, &options, &engine));
  mtp_engine_get_info(engine, &info);
  expect(!strcmp(info.kernel, mtp_kernel_name(options.kernel)), "the kernel asked for");
  if (options.tables || generated) expect(info.generated != options.tables, "the path asked for");
  allocate(nb, &got);
  expect_ok(mtp_engine_evaluate(engine, nb, &got));
  compare("force", 3 * nb->nall, got.force, want->force,
          1e-12 * largest(3 * nb->nall, want->force));
  compare("site energy", nb->nlocal, got.site_energy, want->site_energy,
          1e-12 * PetscMax(1.0, largest(nb->nlocal, want->site_energy)));
  compare("virial", 9, got.virial, want->virial, 1e-12 * (PetscReal)nb->nall);
  compare("virial of an atom", 9 * nb->nall, got.atom_virial, want->atom_virial,
          1e-12 * PetscMax(1.0, largest(9 * nb->nall, want->atom_virial)));
  expect_abs(got.energy, want->energy, 1e-12 * (PetscReal)nb->nlocal, "energy");
  release(&got);
  expect_ok(mtp_engine_destroy(&engine));
}

static void check_potential(const char *name)
{
  mtp_potential *pot = NULL;
  mtp_config_list list = {0};
  mtp_neighbors nb = {0};
  mtp_result want = {0};
  mtp_potential_info info;
  const mtp_config *c;

  read_both(name, &pot, &list);
  c = &list.config[0];
  expect_ok(mtp_potential_get_info(pot, &info));
  expect_ok(mtp_neighbors_build(c->n, c->x, c->type, (const PetscReal(*)[3])c->h, c->nlattice,
                                info.cutoff, 1.0, &nb));
  allocate(&nb, &want);
  expect_ok(mtp_potential_evaluate(pot, &nb, &want));
  for (int kind = MTP_KERNEL_PORTABLE; kind < MTP_KERNEL_COUNT; kind++) {
    if (!mtp_kernel_available((mtp_kernel_kind)kind)) continue;
    for (int tables = 0; tables < 2; tables++) {
      const mtp_engine_options options = {(mtp_kernel_kind)kind, (PetscBool)tables, NULL};

      check(pot, &nb, &want, options, (PetscBool)(info.level == 8));
    }
  }
  release(&want);
  expect_ok(mtp_neighbors_clear(&nb));
  expect_ok(mtp_config_list_clear(&list));
  expect_ok(mtp_potential_destroy(&pot));
}

static void test_random_liquid(void **state)
{
  const char *const names[] = {"2sp_08", "2sp_10", "2sp_12", "2sp_14", "2sp_16",
                               "2sp_18", "2sp_20", "3sp_08", "3sp_12"};

  (void)state;
  for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) check_potential(names[k]);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_liquid)};

  return expect_main(argc, argv, help, tests);
}
