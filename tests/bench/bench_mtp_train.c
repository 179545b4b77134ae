/* tests/bench/bench_mtp_train.c - what a fit costs an atom: loss, gradient, linear coefficients
 *
 * 864 atoms of two species (tests/data/mtp/random) as the one configuration of a loss; its
 * energies, forces and stresses are those of the potential itself.  CPU time of the process, least
 * of 5: with OPENBLAS_NUM_THREADS=1, else idle threads count.  Printed, not judged.
 */
#include "mtp/mtp_loss.h"
#include "tests/support/mtp_files.h"

#include <time.h>

static const char help[] = "Cost of a loss, its gradient and its linear solution\n";

enum { ROUNDS = 5 };
typedef enum { LOSS, GRADIENT, LINEAR, NWHAT } what;

static double cpu_seconds(void)
{
  struct timespec t;

  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double once(what w, mtp_loss *loss, mtp_potential *pot, PetscReal gradient[])
{
  const double begin = cpu_seconds();
  PetscReal value;

  if (w == LINEAR)
    expect_ok(mtp_loss_solve_linear(loss, pot, NULL));
  else
    expect_ok(mtp_loss_evaluate(loss, pot, &value, w == GRADIENT ? gradient : NULL));
  return cpu_seconds() - begin;
}

static void bench_level(int level)
{
  const mtp_loss_weights weights = MTP_LOSS_WEIGHTS_DEFAULT;
  char path[512];
  mtp_potential *pot;
  mtp_potential_info info;
  mtp_config_list list;
  mtp_diag diag = {0};
  mtp_loss *loss;
  PetscReal *gradient;
  double best[NWHAT];

  (void)snprintf(path, sizeof(path), "%s/mtp/random/rand_2sp_%02d.almtp", TEST_DATA, level);
  pot = load(path);
  (void)snprintf(path, sizeof(path), "%s/mtp/random/ref_numpy_2sp_%02d.cfg", TEST_DATA, level);
  list = configurations(path);
  expect_ok(mtp_potential_get_info(pot, &info));
  gradient = calloc((size_t)info.ncoeff, sizeof(*gradient));
  expect_ok(mtp_loss_create(PETSC_COMM_SELF, &weights, &loss));
  expect_ok(mtp_loss_add(loss, pot, path, &list.config[0], 1.0, &diag));
  no_messages(&diag);
  for (int w = 0; w < NWHAT; w++) {
    best[w] = once((what)w, loss, pot, gradient);
    for (int k = 1; k < ROUNDS; k++) best[w] = fmin(best[w], once((what)w, loss, pot, gradient));
    best[w] *= 1e6 / (double)list.config[0].n;
  }
  print_message("  level %2d, us an atom: loss %6.2f, with gradient %6.1f, linear %6.1f\n", level,
                best[LOSS], best[GRADIENT], best[LINEAR]);
  free(gradient);
  expect_ok(mtp_loss_destroy(&loss));
  expect_ok(mtp_config_list_clear(&list));
  expect_ok(mtp_potential_destroy(&pot));
}

static void bench_train(void **state)
{
  (void)state;
  for (int level = 8; level <= 20; level += 4) bench_level(level);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(bench_train)};

  return expect_main(argc, argv, help, tests);
}
