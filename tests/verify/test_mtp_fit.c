/* tests/verify/test_mtp_fit.c - fits of data that a known potential made
 *
 * Twenty cells with the energies, forces and stresses of a potential of level 8.  A start near the
 * truth comes back to it; random starts get most of the way; a watcher stops, a validation set
 * chooses, ranks agree.  Whether the best of ten random starts finds the truth is asked by the long
 * form.
 */
#include "mtp/mtp_fit.h"
#include "tests/support/small_systems.h"
#include "tests/support/training_set.h"

static const char help[] = "fits of a known potential\n";

enum { NCONFIG = 20 };

static const mtp_loss_weights weights = {
    .energy = 1.0, .force = 0.01, .stress = 0.001, .scaling = 1.0, .norm = 0.0};

typedef struct {
  mtp_potential *truth, *pot;
  mtp_config config[NCONFIG];
  mtp_loss *loss;
  PetscReal spread; /* root mean square of the force components of the data */
} problem;

static mtp_loss *fill(problem *p, PetscInt first, PetscInt end)
{
  PetscMPIInt rank, size;
  mtp_diag diag = {0};
  mtp_loss *loss;

  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  MPI_Comm_size(PETSC_COMM_WORLD, &size);
  expect_ok(mtp_loss_create(PETSC_COMM_WORLD, &weights, &loss));
  for (PetscInt k = first + rank; k < end; k += size)
    expect_ok(mtp_loss_add(loss, p->truth, "set", &p->config[k], 1.0, &diag));
  if (diag.n) fail_msg("%s", diag.text[0]);
  return loss;
}

static void begin(problem *p)
{
  PetscReal sum = 0.0;

  p->truth = load_random("rand_2sp_08.almtp");
  p->pot = load_random("rand_2sp_08.almtp");
  training_make(p->truth, NCONFIG, 17, p->config);
  for (PetscInt k = 0; k < NCONFIG; k++) {
    for (PetscInt i = 0; i < 3 * TRAINING_ATOMS; i++) sum += pow(p->config[k].force[i], 2);
  }
  p->spread = sqrt(sum / (3.0 * NCONFIG * TRAINING_ATOMS));
  p->loss = fill(p, 0, NCONFIG);
}

static void finish(problem *p)
{
  expect_ok(mtp_loss_destroy(&p->loss));
  training_clear(NCONFIG, p->config);
  expect_ok(mtp_potential_destroy(&p->pot));
  expect_ok(mtp_potential_destroy(&p->truth));
}

/* Coefficients moved by up to a fraction of themselves. */
static void disturb(mtp_potential *pot, PetscReal fraction)
{
  mtp_potential_info info;
  random_stream dice = {23};

  expect_ok(mtp_potential_get_info(pot, &info));
  for (PetscInt k = 0; k < info.ncoeff; k++)
    *coefficient(pot, k) *= 1.0 + fraction * (2.0 * random_uniform(&dice) - 1.0);
}

static PetscReal force_error(problem *p)
{
  mtp_loss_errors errors;

  expect_ok(mtp_loss_measure(p->loss, p->pot, -1, &errors, NULL));
  return errors.force.rmse / p->spread;
}

static void test_back_to_the_truth(void **state)
{
  const mtp_fit_options options = {.max_steps = 1500, .tolerance = 1e-12};
  mtp_fit_report report;
  problem p;

  (void)state;
  begin(&p);
  disturb(p.pot, 0.1);
  expect_ok(mtp_fit(p.loss, NULL, p.pot, &options, &report));
  print_message(
      "  from 10 %% away: loss %.1e to %.1e, forces off by %.1e of their spread, %d steps\n",
      report.start, report.last.loss, force_error(&p), (int)report.last.step);
  expect(report.last.loss < 1e-6 * report.start, "the loss falls");
  expect(force_error(&p) < 1e-3, "forces are those of the truth");
  finish(&p);
}

static void test_start(void **state)
{
  problem p;
  PetscReal first[200], second[200], length = 0.0;

  (void)state;
  begin(&p);
  expect_ok(mtp_fit_start(p.pot, 4));
  expect_ok(mtp_potential_get_coefficients(p.pot, first));
  expect_ok(mtp_fit_start(p.pot, 4));
  expect_ok(mtp_potential_get_coefficients(p.pot, second));
  assert_memory_equal(first, second, sizeof(PetscReal) * 64);
  expect_ok(mtp_fit_start(p.pot, 5));
  expect_ok(mtp_potential_get_coefficients(p.pot, second));
  expect(first[0] != second[0], "another seed, another start");
  for (PetscInt pair = 0; pair < 4; pair++) {
    for (PetscInt k = 0; k < p.pot->radial_size; k++)
      length += pow(first[pair * p.pot->radial_funcs * p.pot->radial_size + k], 2);
  }
  expect_near(length, 1.0, 1e-14, "the coefficients of one mu have length 1");
  finish(&p);
}

typedef struct {
  PetscInt calls, stop_at;
} watcher;

static PetscErrorCode watch(const mtp_fit_progress *now, const mtp_potential *pot, void *context,
                            PetscBool *stop)
{
  watcher *w = context;

  (void)pot;
  w->calls++;
  *stop = (PetscBool)(now->step >= w->stop_at);
  return 0;
}

static void test_ends(void **state)
{
  watcher w = {0, 7};
  mtp_fit_options options = {.max_steps = 100, .watch = watch, .context = &w};
  mtp_fit_report report;
  PetscReal best, last;
  mtp_loss *validation;
  problem p;

  (void)state;
  begin(&p);
  expect_ok(mtp_fit_start(p.pot, 1));
  expect_ok(mtp_fit(p.loss, NULL, p.pot, &options, &report));
  expect(report.end == MTP_FIT_STOPPED && report.last.step == 7 && w.calls == 8, "stopped at 7");
  options = (mtp_fit_options){.max_steps = 12};
  expect_ok(mtp_fit(p.loss, NULL, p.pot, &options, &report));
  expect(report.end == MTP_FIT_STEPS && report.last.step == 12, "12 steps");
  options = (mtp_fit_options){.max_steps = 500, .tolerance = 0.9, .window = 10};
  expect_ok(mtp_fit(p.loss, NULL, p.pot, &options, &report));
  expect(report.end == MTP_FIT_CONVERGED && report.last.step % 10 == 0, "a window without gain");

  validation = fill(&p, 0, 2); /* two cells to fit would be too few: the others judge */
  expect_ok(mtp_loss_destroy(&p.loss));
  p.loss = validation;
  validation = fill(&p, 2, NCONFIG);
  options = (mtp_fit_options){.max_steps = 400, .tolerance = 0.0, .window = 5, .patience = 6};
  expect_ok(mtp_fit_start(p.pot, 2));
  expect_ok(mtp_fit(p.loss, validation, p.pot, &options, &report));
  expect_ok(mtp_loss_evaluate(validation, p.pot, &best, NULL));
  last = report.last.validation;
  expect(report.end == MTP_FIT_PATIENCE, "the validation set ends it");
  expect(best < 0.99 * last, "and the best for it is kept");
  print_message("  two cells: validation loss %.3g kept, %.3g at the end after %d steps\n", best,
                last, (int)report.last.step);
  expect_ok(mtp_loss_destroy(&validation));
  finish(&p);
}

/* The state between the first two rounds, copied. */
typedef struct {
  mtp_fit_state state;
  PetscReal theta[200], best[200];
  PetscInt calls;
} keeper;

static PetscErrorCode keep(const mtp_fit_state *state, void *context)
{
  keeper *k = context;

  if (k->calls++ > 0) return 0;
  k->state = *state;
  for (PetscInt c = 0; c < state->n; c++) {
    k->theta[c] = state->theta[c];
    k->best[c] = state->best[c];
  }
  k->state.theta = k->theta;
  k->state.best = k->best;
  return 0;
}

static void test_goes_on(void **state)
{
  keeper kept = {.calls = 0};
  mtp_fit_options options = {.max_steps = 130, .window = 20, .keep = keep, .context = &kept};
  mtp_fit_report report, again;
  mtp_potential_info info;
  PetscReal whole[200], parts[200];
  mtp_loss *validation;
  problem p;

  (void)state;
  begin(&p);
  validation = fill(&p, 2, NCONFIG);
  expect_ok(mtp_loss_destroy(&p.loss));
  p.loss = fill(&p, 0, 2); /* too few: the best for the others is early */
  expect_ok(mtp_potential_get_info(p.pot, &info));
  expect_ok(mtp_fit_start(p.pot, 1));
  expect_ok(mtp_fit(p.loss, validation, p.pot, &options, &report));
  expect_ok(mtp_potential_get_coefficients(p.pot, whole));
  expect(kept.calls == 1 && kept.state.step == 100 && kept.state.round == 200, "kept once");
  expect_ok(mtp_fit_start(p.pot, 9));
  options.from = &kept.state;
  expect_ok(mtp_fit(p.loss, validation, p.pot, &options, &again));
  expect_ok(mtp_potential_get_coefficients(p.pot, parts));
  assert_memory_equal(whole, parts, sizeof(PetscReal) * (size_t)info.ncoeff);
  expect(again.last.step == report.last.step && again.end == report.end &&
             again.last.evaluations == report.last.evaluations && again.start == report.start,
         "the same report");
  expect_ok(mtp_loss_destroy(&validation));
  finish(&p);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_back_to_the_truth),
      cmocka_unit_test(test_start),
      cmocka_unit_test(test_ends),
      cmocka_unit_test(test_goes_on),
  };

  return expect_main(argc, argv, help, tests);
}
