/* tests/verify/test_lj_mixture.c */
#include "tests/support/expect.h"
#include "tests/support/lj_mixture.h"

static const char help[] =
    "Short form of test_lj_mixture_long: zero of energy of a binary and a ternary mixture\n";

enum { REPLICAS = 3 };
static const lj_flux still = {.side = 3,
                              .cells = 3,
                              .density = 0.75,
                              .temperature = 1.3,
                              .dt = 0.005,
                              .settle = 5.0,
                              .sample = 20.0};

static prop_thermal value_of(const mix_currents *c, PetscInt nspecies, PetscInt order)
{
  const prop_thermal_options options = {.order = order, .cutoff = order ? 1.0 / lj_time() : 0.0};
  prop_thermal t;

  expect_ok(prop_thermal_estimate(c->nreplica, c->replica, nspecies, mix_step(), &options, &t));
  return t;
}

/* Species 1, 2 are moved by 100 and -40 epsilon an atom: 1.0 and -0.4 eV. */
static void check_gauge(PetscInt nspecies)
{
  mix_currents c = mix_create(&still, nspecies, REPLICAS);
  const prop_thermal fixed = value_of(&c, nspecies, 4), several = value_of(&c, nspecies, 0),
                     alone = value_of(&c, 1, 0);
  prop_thermal after;

  mix_shift(&c, 0, 100.0);
  if (nspecies > 2) mix_shift(&c, 1, -40.0);
  after = value_of(&c, nspecies, 4);
  expect_near(after.estimate.mean, fixed.estimate.mean, 1e-10, "fixed number of cosines");
  after = value_of(&c, nspecies, 0);
  expect_near(after.estimate.mean, several.estimate.mean, 1e-10, "automatic");
  expect_near(after.estimate.error, several.estimate.error, 1e-10, "and its error");
  print_message(
      "%d species: %.2f +- %.2f, after the shift %.1e of it more; heat current alone %.2f "
      "+- %.2f",
      (int)nspecies, (double)(several.estimate.mean / lj_conductivity()),
      (double)(several.estimate.error / lj_conductivity()),
      (double)(after.estimate.mean / several.estimate.mean - 1.0),
      (double)(alone.estimate.mean / lj_conductivity()),
      (double)(alone.estimate.error / lj_conductivity()));
  after = value_of(&c, 1, 0);
  print_message(", after %.2f +- %.2f\n", (double)(after.estimate.mean / lj_conductivity()),
                (double)(after.estimate.error / lj_conductivity()));
  expect(after.estimate.mean > 10.0 * alone.estimate.mean, "the heat current alone fails");
  expect(several.estimate.mean / lj_conductivity() > 2.0 &&
             several.estimate.mean / lj_conductivity() < 12.0,
         "a conductivity of a dense liquid");
  mix_clear(&c);
}

static void binary(void **state)
{
  (void)state;
  check_gauge(2);
}

static void ternary(void **state)
{
  (void)state;
  check_gauge(3);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(binary), cmocka_unit_test(ternary)};

  return expect_main(argc, argv, help, tests);
}
