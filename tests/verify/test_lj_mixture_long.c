/* tests/verify/test_lj_mixture_long.c */
#include "tests/support/expect.h"
#include "tests/support/lj_mixture.h"

static const char help[] =
    "Conductivity of a Lennard-Jones mixture: fluctuations and imposed flux agree\n";

enum { SPECIES = 2, REPLICAS = 4 };
static const lj_flux still = {.side = 4,
                              .cells = 4,
                              .density = 0.75,
                              .temperature = 1.3,
                              .dt = 0.005,
                              .settle = 20.0,
                              .sample = 150.0};
/* The slowest thing is the profile of composition: L^2/(4 pi^2 D) = 50 time units. */
static lj_flux driven(PetscInt cells, PetscInt period)
{
  return (lj_flux){.side = 4,
                   .cells = cells,
                   .density = 0.75,
                   .temperature = 1.3,
                   .dt = 0.005,
                   .coupling = 5.0,
                   .settle = 150.0,
                   .sample = 800.0,
                   .flux = {MD_RNEMD_HEAT, 2 * cells, period, 1}};
}

static prop_rnemd impose(PetscInt cells, PetscInt period)
{
  const lj_flux f = driven(cells, period);
  md_potential *pot = mix_potential(SPECIES);
  md_protocol flow = lj_protocol(&f, MD_NVT_BUSSI, f.temperature);
  lj_flux melt = f;
  md_run *run;
  md_atoms atoms = mix_atoms(&f, SPECIES);
  md_profile profile;
  prop_rnemd r;

  melt.settle = 20.0;
  flow.tau_t = f.coupling * lj_time();
  flow.rnemd = f.flux;
  run = mix_melt(&melt, SPECIES, pot, 20260300);
  expect_ok(md_profile_create(f.flux.slabs, &atoms, &profile));
  expect_ok(md_atoms_clear(&atoms));
  lj_stage(run, &flow, f.settle, NULL);
  lj_stage(run, &flow, f.sample, &profile);
  assert_int_equal(md_run_tally(run)->missed, 0);
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
  expect_ok(prop_rnemd_estimate(&profile, MD_RNEMD_HEAT, 1, &r));
  expect_ok(md_profile_clear(&profile));
  printf("imposed, %d cells, every %d: %.3f +- %.3f, flags %d, R^2 %.4f, T %.4f, span %.3f\n",
         (int)cells, (int)period, (double)(r.transport.mean / lj_conductivity()),
         (double)(r.transport.error / lj_conductivity()), (int)r.transport.flags,
         (double)r.linearity, (double)(r.temperature / SYSTEM_LJ_TEMP), (double)r.span);
  (void)fflush(stdout);
  return r;
}

static prop_thermal report(const mix_currents *c, PetscInt nspecies, const char *what)
{
  prop_thermal t;

  expect_ok(prop_thermal_estimate(c->nreplica, c->replica, nspecies, mix_step(), NULL, &t));
  printf("%s: %.3f +- %.3f, flags %d, P %d, bins %d, half %.3f twice %.3f coupled %.3f\n", what,
         (double)(t.estimate.mean / lj_conductivity()),
         (double)(t.estimate.error / lj_conductivity()), (int)t.estimate.flags, (int)t.order,
         (int)t.bins, (double)(t.half / lj_conductivity()), (double)(t.twice / lj_conductivity()),
         (double)t.coupled);
  (void)fflush(stdout);
  return t;
}

static void mixture(void **state)
{
  mix_currents c;
  prop_thermal several, alone, shifted, moved;
  prop_rnemd slow, fast;

  (void)state;
  c = mix_create(&still, SPECIES, REPLICAS);
  several = report(&c, SPECIES, "several currents");
  alone = report(&c, 1, "heat current alone");
  mix_shift(&c, 0, 10.0);
  shifted = report(&c, SPECIES, "several, shifted by 10 epsilon");
  moved = report(&c, 1, "alone, shifted by 10 epsilon");
  mix_clear(&c);
  expect_near(shifted.estimate.mean, several.estimate.mean, 1e-9, "zero of energy");
  expect(moved.estimate.mean - alone.estimate.mean > 3.0 * moved.estimate.error,
         "the heat current alone depends on it");
  assert_int_equal(several.estimate.flags, 0);
  fast = impose(8, 20);
  slow = impose(8, 40);
  expect_abs(prop_thermal_z(&slow.transport, &fast.transport), 0.0, 3.0, "two rates");
  printf("z of rates %.2f, z with fluctuations %.2f %.2f\n",
         (double)prop_thermal_z(&slow.transport, &fast.transport),
         (double)prop_thermal_z(&slow.transport, &several.estimate),
         (double)prop_thermal_z(&fast.transport, &several.estimate));
  assert_int_equal(fast.transport.flags | slow.transport.flags, 0);
  expect_abs(prop_thermal_z(&fast.transport, &several.estimate), 0.0, 3.0, "imposed flux");
  expect_abs(prop_thermal_z(&slow.transport, &several.estimate), 0.0, 3.0, "half of it");
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(mixture)};

  return expect_main(argc, argv, help, tests);
}
