/* tests/verify/test_md_guards_silent.c */
#include "tests/support/expect.h"
#include "tests/support/md_systems.h"

#include "md/md_pack.h"
#include "md/md_run_impl.h"

static const char help[] =
    "Guards of structure, force and pressure are silent in healthy liquids\n";

/* The farthest that a liquid came towards each limit, in looks every half picosecond. */
typedef struct {
  PetscInt looks;
  PetscReal rare;        /* least share of the atoms that a sphere of 40 should have */
  PetscReal order[2];    /* largest N Q4^2, N Q6^2 */
  PetscReal apart;       /* largest index of segregation; -1 where it is not told */
  PetscReal pressure[2]; /* sum and sum of squares, in units of density x k_B T */
  PetscReal force;       /* [eV/Å] largest */
  PetscReal stall; /* least r.m.s. displacement of a species after 4.5 ps, over the distance of
                      atoms */
  const md_run *run;
} farthest;

static PetscErrorCode look(const md_sample *sample, void *context)
{
  farthest *far = context;
  const md_run *run = far->run;
  const PetscReal spacing = md__spacing(run), wanted = 40.0;
  const PetscReal ideal =
      (PetscReal)sample->total * MD_BOLTZMANN * sample->temperature / sample->volume;
  const PetscReal z = md__trace(sample->pressure) / 3.0 / ideal;
  PetscReal atoms, q[2], index[3], square[3];
  PetscBool told;

  PetscFunctionBegin;
  PetscCall(md__rarest(run, spacing * cbrt(3.0 * wanted / (4.0 * PETSC_PI)), wanted, &atoms));
  far->rare = PetscMin(far->rare, atoms / wanted);
  PetscCall(md__bond_order(run, q));
  for (int k = 0; k < 2; k++)
    far->order[k] = PetscMax(far->order[k], q[k] * q[k] * (PetscReal)sample->total);
  PetscCall(md__segregation(run, index, &told));
  for (PetscInt t = 0; told && t < run->atoms.nspecies; t++)
    far->apart = PetscMax(far->apart, index[t]);
  for (PetscInt i = 0; i < run->atoms.n; i++) {
    const PetscReal *f = &run->atoms.f[3 * i];

    far->force = PetscMax(far->force, sqrt(f[0] * f[0] + f[1] * f[1] + f[2] * f[2]));
  }
  if ((PetscReal)(sample->step - run->memory.anchor_step) * run->protocol.dt >= 4500.0) {
    PetscCall(md__displacement(run, square));
    for (PetscInt t = 0; t < run->atoms.nspecies; t++) {
      if (square[t] < PetscSqr(far->stall * spacing)) far->stall = sqrt(square[t]) / spacing;
    }
  }
  far->pressure[0] += z;
  far->pressure[1] += z * z;
  far->looks++;
  PetscFunctionReturn(0);
}

/* A stage of `steps` steps under the default guards; what it came to is printed. */
static PetscBool silent(md_run *run, const md_protocol *protocol, PetscInt64 steps,
                        const char *what)
{
  farthest far = {.rare = 9.0, .apart = -1.0, .stall = 9.0, .run = run};
  PetscReal mean;
  md_reason reason;
  char detail[160];

  expect_ok(md_run_start(run, protocol, NULL));
  expect_ok(md_run_observe(run, (PetscInt)(500.0 / protocol->dt), look, &far));
  expect_ok(md_run_advance(run, steps, &reason, detail));
  if (reason == MD_HIGH_PRESSURE || reason == MD_EVAPORATING || reason == MD_FROZEN ||
      reason == MD_DEMIXED)
    fail_msg("false alarm: %s", detail);
  mean = far.pressure[0] / (PetscReal)PetscMax(far.looks, 1);
  print_message(
      "%-34s %4d looks: rarest %.2f, N Q4^2 %.2f, N Q6^2 %.2f, apart %.2f, "
      "pressure %.1f +- %.1f, force %.1f eV/Å, moved %.2f%s%s\n",
      what, (int)far.looks, far.rare, far.order[0], far.order[1], far.apart, mean,
      sqrt(PetscMax(far.pressure[1] / (PetscReal)PetscMax(far.looks, 1) - mean * mean, 0.0)),
      far.force, far.stall, reason ? "; ended: " : "", detail);
  return (PetscBool)(reason == MD_RUNNING);
}

/* Argon of two kinds that are the same, so that species are at random. */
static md_run *argon(PetscInt m, PetscReal density, PetscReal temperature, const md_potential *pot)
{
  const md_guard none = system_no_guard();
  md_protocol protocol = system_protocol(MD_NVT_LANGEVIN);
  md_atoms lattice = system_fcc(m, density), atoms;
  md_run *run;

  expect_ok(md_atoms_create(lattice.n, 2, &atoms));
  atoms.mass[0] = atoms.mass[1] = SYSTEM_MASS;
  memcpy(atoms.x, lattice.x, 3 * (size_t)lattice.n * sizeof(PetscReal));
  memcpy(atoms.h, lattice.h, sizeof(atoms.h));
  for (PetscInt i = 0; i < atoms.n; i++) atoms.type[i] = i % 2;
  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_run_thermalise(run, 360.0, protocol.rng));
  for (int cool = 0; cool < 2; cool++) {
    protocol.temperature = cool ? temperature : 360.0;
    protocol.rng.key = 5 + (uint64_t)cool;
    expect_ok(md_run_start(run, &protocol, &none));
    system_advance(run, 2000);
  }
  expect_ok(md_atoms_clear(&lattice));
  expect_ok(md_atoms_clear(&atoms));
  return run;
}

/* From the triple point to far above the critical point; the stage is at constant energy. */
static void test_argon(void **state)
{
  static const PetscReal where[][2] = {
      {0.84, 0.8}, {0.84, 1.5}, {0.75, 1.0}, {0.65, 1.2}, {0.5, 2.0}};
  const PetscReal e = SYSTEM_EPSILON, s = SYSTEM_SIGMA;
  const PetscReal epsilon[4] = {e, e, e, e}, sigma[4] = {s, s, s, s};
  md_potential *pot;

  (void)state;
  expect_ok(md_potential_create_lj(2, epsilon, sigma, 2.0 * s, PETSC_TRUE, &pot));
  for (size_t k = 0; k < 2 * sizeof(where) / sizeof(where[0]); k++) {
    const PetscInt m = k % 2 ? 5 : 3;
    const PetscReal *at = where[k / 2];
    const md_protocol protocol = system_protocol(MD_NVE);
    md_run *run = argon(m, at[0], at[1] * SYSTEM_LJ_TEMP, pot);
    char what[64];

    snprintf(what, sizeof(what), "argon %d, density %.2f, %.0f K", (int)(4 * m * m * m),
             (double)at[0], (double)(at[1] * SYSTEM_LJ_TEMP));
    assert_true(silent(run, &protocol, k % 2 ? 10000 : 40000, what));
    expect_ok(md_run_destroy(&run));
  }
  expect_ok(md_potential_destroy(&pot));
}
static md_potential *shipped_potential(void)
{
  const char *path = TEST_SOURCE "/campaigns/potentials/cacl2-kcl-l10.almtp";
  md_mtp_options options = {.kernel = MTP_KERNEL_AUTO};
  mtp_diag diag = {0};
  mtp_potential *mtp;
  md_potential *pot;

  expect_ok(mtp_potential_read(path, &mtp, &diag));
  expect_ok(mtp_selection_parse(mtp, path, &options.selection, &diag));
  expect(options.selection != NULL, "the shipped potential and its active set can be read");
  expect_ok(mtp_diag_clear(&diag));
  expect_ok(md_potential_create_mtp_with(&mtp, &options, &pot));
  return pot;
}

/* Ca, K and Cl packed at random: 0.5 ps cold under a limit of the step, 2 ps at temperature, 5 ps
   at constant pressure, then a stage at constant pressure under all guards.  PETSC_FALSE when the
   replica has fallen into a hole of the potential, as the older guards say. */
static PetscBool melt_lives(const PetscInt count[3], uint64_t key, PetscInt64 steps,
                            const md_potential *pot)
{
  static const char *const names[] = {"Ca", "K", "Cl"};
  static const PetscReal min_dist[9] = {4.2, 4.2, 2.4, 4.2, 4.2, 2.4, 2.4, 2.4, 3.2};
  const PetscReal mass[3] = {40.078 * MD_ATOMIC_MASS, 39.0983 * MD_ATOMIC_MASS,
                             35.45 * MD_ATOMIC_MASS};
  const md_guard none = system_no_guard();
  const md_pack_spec spec = {.nspecies = 3,
                             .count = count,
                             .mass = mass,
                             .min_dist = min_dist,
                             .volume = 30.0 * (PetscReal)(count[0] + count[1] + count[2]),
                             .rng = {.key = key}};
  md_protocol protocol = {.ensemble = MD_NVT_LANGEVIN,
                          .dt = 1.0,
                          .temperature = 330.0,
                          .tau_t = 20.0,
                          .tau_p = 1000.0,
                          .compressibility = 32.0,
                          .max_step = 0.03,
                          .rng = {.key = key}};
  PetscReal worst;
  md_reason reason[3];
  PetscBool alive;
  md_atoms atoms;
  md_run *run;
  char what[64];

  expect_ok(md_pack_random(&spec, &atoms, &worst));
  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_run_set_names(run, names));
  expect_ok(md_run_thermalise(run, 1100.0, protocol.rng));
  expect_ok(md_run_start(run, &protocol, &none));
  expect_ok(md_run_advance(run, 500, &reason[0], NULL));
  protocol.temperature = 1100.0;
  protocol.max_step = 0.0;
  protocol.tau_t = 100.0;
  expect_ok(md_run_start(run, &protocol, &none));
  expect_ok(md_run_advance(run, 2000, &reason[1], NULL));
  protocol.ensemble = MD_NPT_SCR;
  expect_ok(md_run_start(run, &protocol, &none));
  expect_ok(md_run_advance(run, 5000, &reason[2], NULL));
  snprintf(what, sizeof(what), "%d CaCl2 + %d KCl, 1100 K", (int)count[0], (int)count[1]);
  alive = (PetscBool)(reason[0] == MD_RUNNING && reason[1] == MD_RUNNING &&
                      reason[2] == MD_RUNNING && silent(run, &protocol, steps, what));
  expect_ok(md_run_destroy(&run));
  return alive;
}

/* Small and large cells; the large ones have room for sub-cells.  Seven tries each: the potential
   has holes on the side of KCl. */
static void test_melts(void **state)
{
  static const PetscInt count[5][3] = {
      {33, 0, 66}, {24, 7, 55}, {14, 14, 42}, {109, 0, 218}, {112, 32, 256}};
  md_potential *pot = shipped_potential();

  (void)state;
  for (int k = 0; k < 5; k++) {
    PetscBool alive = PETSC_FALSE;

    for (uint64_t key = 1; key < 8 && !alive; key++)
      alive = melt_lives(count[k], key, k < 3 ? 60000 : 20000, pot);
    expect(alive, "one of seven replicas reaches its end");
  }
  expect_ok(md_potential_destroy(&pot));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_argon), cmocka_unit_test(test_melts)};
  return expect_main(argc, argv, help, tests);
}
