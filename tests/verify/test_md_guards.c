/* tests/verify/test_md_guards.c */
#include "tests/support/expect.h"
#include "tests/support/md_systems.h"

static const char help[] = "Liquids that freeze, evaporate or demix are noticed\n";

/* Argon and a twin of it; unlike pairs of `unlike` sigma. */
static md_potential *twins(PetscReal unlike)
{
  const PetscReal e = SYSTEM_EPSILON, s = SYSTEM_SIGMA;
  const PetscReal epsilon[4] = {e, e, e, e}, sigma[4] = {s, unlike * s, unlike * s, s};
  md_potential *pot;

  expect_ok(md_potential_create_lj(2, epsilon, sigma, 2.0 * SYSTEM_SIGMA, PETSC_TRUE, &pot));
  return pot;
}

/* 4 ps with another thermostat, no guards. */
static void lead_to(md_run *run, PetscReal temperature)
{
  md_protocol protocol = system_protocol(MD_NVT_LANGEVIN);
  const md_guard guard = system_no_guard();

  protocol.temperature = temperature;
  protocol.rng.key = 5;
  expect_ok(md_run_start(run, &protocol, &guard));
  system_advance(run, 1000);
}

/* A hot liquid of 4 m^3 atoms at a reduced density, every second one (in no order) of type 1 where
   the potential has two. */
static md_run *hot_liquid(PetscInt m, PetscReal density, const md_potential *pot)
{
  md_protocol protocol = system_protocol(MD_NVT_LANGEVIN);
  const md_guard guard = system_no_guard();
  md_atoms lattice = system_fcc(m, density), atoms;
  md_run *run;

  expect_ok(md_atoms_create(lattice.n, pot->nspecies, &atoms));
  for (PetscInt t = 0; t < pot->nspecies; t++) atoms.mass[t] = SYSTEM_MASS;
  memcpy(atoms.x, lattice.x, 3 * (size_t)lattice.n * sizeof(PetscReal));
  memcpy(atoms.h, lattice.h, sizeof(atoms.h));
  for (PetscInt i = 0; i < atoms.n; i++) {
    atoms.type[i] = pot->nspecies > 1 ? (i * 7919 / 64 + i / 3) % 2 : 0;
  }
  protocol.temperature = 3.0 * SYSTEM_LJ_TEMP;
  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_run_thermalise(run, 3.0 * SYSTEM_LJ_TEMP, protocol.rng));
  expect_ok(md_run_start(run, &protocol, &guard));
  system_advance(run, 1000);
  expect_ok(md_atoms_clear(&lattice));
  expect_ok(md_atoms_clear(&atoms));
  return run;
}

/* Ends with this reason within `steps`, and words that begin so. */
static void expect_reason(md_run *run, md_ensemble ensemble, PetscReal temperature,
                          PetscInt64 steps, md_reason want, const char *words)
{
  md_protocol protocol = system_protocol(ensemble);
  md_reason reason;
  char detail[160];

  protocol.temperature = temperature;
  expect_ok(md_run_start(run, &protocol, NULL));
  expect_ok(md_run_advance(run, steps, &reason, detail));
  print_message("%s\n", detail);
  assert_int_equal(reason, want);
  expect(!strncmp(detail, words, strlen(words)), detail);
}

/* A liquid of 108 atoms, cooled to 60 K at a density of 1.0, crystallises at once; a lattice that
   stands there from the beginning is one window old when it is noticed. */
static void test_freezing(void **state)
{
  md_potential *pot = system_argon_potential();
  md_run *run = hot_liquid(3, 1.0, pot);
  md_atoms atoms = system_fcc(2, 0.95);

  (void)state;
  lead_to(run, 60.0);
  expect_reason(run, MD_NVT_LANGEVIN, 60.0, 20000, MD_FROZEN, "species 0 moved 0.");
  expect_ok(md_run_destroy(&run));
  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_run_thermalise(run, 60.0, (md_rng){.key = 3}));
  expect_reason(run, MD_NVE, 0.0, 1250, MD_RUNNING, "");
  expect_reason(run, MD_NVE, 0.0, 1500, MD_FROZEN, "species 0 moved 0.");
  expect_ok(md_run_destroy(&run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
}

/* 256 atoms at half the density of the liquid and 48 K. */
static void test_evaporation(void **state)
{
  md_potential *pot = system_argon_potential();
  md_run *run = hot_liquid(4, 0.45, pot);

  (void)state;
  lead_to(run, 48.0);
  expect_reason(run, MD_NVT_BUSSI, 48.0, 10000, MD_EVAPORATING, "a sphere of 9.4 Å has ");
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
}

/* Unlike atoms that take 1.3 of the room do not mix; like ones do. */
static void test_demixing(void **state)
{
  for (int apart = 0; apart < 2; apart++) {
    md_potential *pot = twins(apart ? 1.3 : 1.0);
    md_run *run = hot_liquid(5, 0.65, pot);

    (void)state;
    if (apart)
      expect_reason(run, MD_NVT_BUSSI, 120.0, 10000, MD_DEMIXED, "species ");
    else
      expect_reason(run, MD_NVT_BUSSI, 120.0, 4000, MD_RUNNING, "");
    expect_ok(md_run_destroy(&run));
    expect_ok(md_potential_destroy(&pot));
  }
}

/* Two atoms thrown at each other with 200 eV. */
static void test_high_force(void **state)
{
  md_potential *pot = twins(1.0);
  md_atoms atoms = system_pair(3.6);
  md_protocol protocol = system_protocol(MD_NVE);
  md_reason reason;
  char detail[160];
  md_run *run;

  (void)state;
  atoms.v[0] = 0.2;
  protocol.dt = 0.5;
  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_run_start(run, &protocol, NULL));
  expect_ok(md_run_advance(run, 100, &reason, detail));
  print_message("%s\n", detail);
  assert_int_equal(reason, MD_HIGH_FORCE);
  expect_ok(md_run_destroy(&run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
}

/* 20 ps near the triple point under all guards. */
static void test_healthy_argon(void **state)
{
  md_potential *pot = twins(1.0);
  md_run *run = hot_liquid(3, 0.84, pot);

  (void)state;
  lead_to(run, 96.0);
  expect_reason(run, MD_NVE, 0.0, 5000, MD_RUNNING, "");
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_freezing),      cmocka_unit_test(test_evaporation),
      cmocka_unit_test(test_demixing),      cmocka_unit_test(test_high_force),
      cmocka_unit_test(test_healthy_argon),
  };
  return expect_main(argc, argv, help, tests);
}
