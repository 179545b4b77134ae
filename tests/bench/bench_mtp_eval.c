/* tests/bench/bench_mtp_eval.c - what the reference kernel and the neighbour list cost
 *
 * 864 atoms of a liquid, cut-off 5 Å (46.5 neighbours an atom) and skin 1 Å: microseconds of CPU
 * time per atom, best of seven.  Printed, not judged: a time on a shared machine fails nobody.
 */
#include "mtp/mtp_config.h"
#include "mtp/mtp_potential.h"
#include "tests/support/expect.h"

#include <time.h>

static const char help[] = "Cost of the reference kernel and of neighbour lists\n";

typedef struct {
  PetscReal build, update, evaluate; /* [us per atom] */
} cost;

/* CPU time of this process */
static PetscReal seconds(void)
{
  struct timespec t;

  expect(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) == 0, "the system has a CPU clock");
  return (PetscReal)t.tv_sec + 1e-9 * (PetscReal)t.tv_nsec;
}

/* Best of seven rounds; a round repeats the short ones. */
static cost measure(const mtp_potential *pot, const mtp_config *c)
{
  enum { BUILDS = 5, UPDATES = 50 };
  const PetscReal(*h)[3] = (const PetscReal(*)[3])c->h;
  const PetscReal scale = 1e6 / (PetscReal)c->n;
  mtp_neighbors nb = {0};
  mtp_result result = {0};
  cost best = {1e9, 1e9, 1e9};

  for (int round = 0; round < 7; round++) {
    PetscReal t[4];

    t[0] = seconds();
    for (int k = 0; k < BUILDS; k++) {
      expect_ok(mtp_neighbors_build(c->n, c->x, c->type, h, c->nlattice, 5.0, 1.0, &nb));
    }
    t[1] = seconds();
    for (int k = 0; k < UPDATES; k++) expect_ok(mtp_neighbors_update(c->x, h, &nb));
    t[2] = seconds();
    if (!result.force) {
      result.force = malloc(3 * (size_t)nb.nall * sizeof(PetscReal));
      result.site_energy = malloc((size_t)c->n * sizeof(PetscReal));
      t[2] = seconds();
    }
    expect_ok(mtp_potential_evaluate(pot, &nb, &result));
    t[3] = seconds();
    best.build = PetscMin(best.build, (t[1] - t[0]) * scale / BUILDS);
    best.update = PetscMin(best.update, (t[2] - t[1]) * scale / UPDATES);
    best.evaluate = PetscMin(best.evaluate, (t[3] - t[2]) * scale);
  }
  free(result.force);
  free(result.site_energy);
  expect_ok(mtp_neighbors_clear(&nb));
  return best;
}

static cost bench(const char *name)
{
  char path[512];
  mtp_potential *pot = NULL;
  mtp_config_list list = {0};
  mtp_diag diag = {0};
  cost c;

  (void)snprintf(path, sizeof(path), "%s/mtp/random/rand_%s.almtp", TEST_DATA, name);
  expect_ok(mtp_potential_read(path, &pot, &diag));
  (void)snprintf(path, sizeof(path), "%s/mtp/random/liquid%c.cfg", TEST_DATA, name[0]);
  expect_ok(mtp_cfg_read(path, &list, &diag));
  if (diag.n) fail_msg("%s", diag.text[0]);
  c = measure(pot, &list.config[0]);
  print_message("  %s: forces %.2f, build %.2f, update %.3f us per atom\n", name, c.evaluate,
                c.build, c.update);
  expect_ok(mtp_config_list_clear(&list));
  expect_ok(mtp_potential_destroy(&pot));
  expect_ok(mtp_diag_clear(&diag));
  return c;
}

static void test_cost(void **state)
{
  static const char *const names[] = {"2sp_08", "2sp_10", "2sp_12", "2sp_14",
                                      "2sp_16", "2sp_20", "3sp_08", "3sp_12"};

  (void)state;
  for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) (void)bench(names[k]);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_cost)};

  return expect_main(argc, argv, help, tests);
}
