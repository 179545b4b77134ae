/* tests/unit/mtp/test_mtp_raise.c - a raised potential gives what the lower one gave */
#include "mtp/mtp_fit.h"
#include "tests/support/small_systems.h"
#include "tests/support/training_set.h"

static const char help[] = "potentials of a higher level from trained lower ones\n";

enum { NCONFIG = 3 };

/* Both on the same cells; wider: radial functions of a longer basis. */
static void raise_to(const char *name, PetscInt level, PetscInt wider)
{
  static const mtp_loss_weights weights = MTP_LOSS_WEIGHTS_DEFAULT;
  mtp_potential *low = load_random(name), *high;
  mtp_config config[NCONFIG];
  mtp_loss_errors e;
  mtp_loss *loss;
  mtp_diag diag = {0};

  training_make(low, NCONFIG, 31, config);
  expect_ok(mtp_potential_create(level, low->nspecies, low->radial_size + wider, 1.0, 2.0, &high));
  expect_ok(mtp_fit_start(high, 3));
  expect_ok(mtp_potential_raise(low, high));
  expect_ok(mtp_loss_create(PETSC_COMM_SELF, &weights, &loss));
  for (PetscInt k = 0; k < NCONFIG; k++)
    expect_ok(mtp_loss_add(loss, high, "set", &config[k], 1.0, &diag));
  if (diag.n) fail_msg("%s", diag.text[0]);
  expect_ok(mtp_loss_measure(loss, high, -1, &e, NULL));
  print_message("  %s to level %d: off by %.1e eV, %.1e eV/A\n", name, (int)level, e.energy.max,
                e.force.max);
  expect(e.energy.n == NCONFIG && e.energy.max < 1e-10 && e.force.max < 1e-9 &&
             e.stress.max < 1e-10,
         "the raised one gives the same numbers");
  expect_ok(mtp_loss_destroy(&loss));
  training_clear(NCONFIG, config);
  expect_ok(mtp_potential_destroy(&low));
  expect_ok(mtp_potential_destroy(&high));
}

static void test_raise(void **state)
{
  (void)state;
  raise_to("rand_2sp_08.almtp", 8, 0);
  raise_to("rand_2sp_08.almtp", 10, 0);
  raise_to("rand_2sp_10.almtp", 16, 0);
  raise_to("rand_2sp_12.almtp", 20, 3);
  raise_to("rand_2sp_16.almtp", 18, 1);
}

/* New radial functions are there, for the coefficients of the scalars that use them to grow. */
static void test_new_functions(void **state)
{
  mtp_potential *low = load_random("rand_2sp_08.almtp"), *high;
  PetscReal length = 0.0;

  (void)state;
  expect_ok(mtp_potential_create(16, 2, low->radial_size, 1.0, 2.0, &high));
  expect_ok(mtp_fit_start(high, 3));
  expect_ok(mtp_potential_raise(low, high));
  expect(high->radial_funcs > low->radial_funcs, "there are some");
  for (PetscInt k = 0; k < high->radial_size; k++)
    length += pow(high->radial[low->radial_funcs * high->radial_size + k], 2);
  expect(length > 1e-4, "and they are not zero");
  expect_ok(mtp_potential_destroy(&low));
  expect_ok(mtp_potential_destroy(&high));
}

static void test_refusals(void **state)
{
  mtp_potential *low = load_random("rand_2sp_12.almtp"), *high;

  (void)state;
  expect_ok(mtp_potential_create(8, 2, low->radial_size, 1.0, 2.0, &high));
  expect_ok(PetscPushErrorHandler(PetscReturnErrorHandler, NULL));
  expect(mtp_potential_raise(low, high) == PETSC_ERR_ARG_WRONGSTATE, "no coefficients");
  expect_ok(mtp_fit_start(high, 1));
  expect(mtp_potential_raise(low, high) == PETSC_ERR_ARG_INCOMP, "a lower level");
  expect_ok(PetscPopErrorHandler());
  expect_ok(mtp_potential_destroy(&low));
  expect_ok(mtp_potential_destroy(&high));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_raise),
      cmocka_unit_test(test_new_functions),
      cmocka_unit_test(test_refusals),
  };

  return expect_main(argc, argv, help, tests);
}
