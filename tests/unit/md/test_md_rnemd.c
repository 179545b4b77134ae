/* tests/unit/md/test_md_rnemd.c */
#include "tests/support/expect.h"
#include "tests/support/md_systems.h"

#include "md/md_run_impl.h"

static const char help[] = "Exchanged velocities: who is chosen, what is kept, what is counted\n";

/* Eight atoms that do not see each other, in slabs 0 (atoms 0..3) and 2 (4..7) of four; two
   species, the odd atoms four times as heavy.  [Å/fs] velocities: */
enum { NATOM = 8 };
static const PetscReal start_v[NATOM][3] = {
    {-0.003, 0.001, 0.002}, {0.0010, 0.001, 0.001},  {0.004, 0.003, 0.000}, {-0.001, 0.002, -0.001},
    {0.002, 0.000, 0.001},  {0.0015, 0.000, -0.001}, {0.003, 0.001, 0.001}, {-0.002, 0.001, 0.003}};

static md_atoms eight_atoms(void)
{
  md_atoms atoms;

  expect_ok(md_atoms_create(NATOM, 2, &atoms));
  atoms.mass[0] = 10.0 * MD_ATOMIC_MASS;
  atoms.mass[1] = 40.0 * MD_ATOMIC_MASS;
  for (int k = 0; k < 3; k++) atoms.h[k][k] = 40.0;
  for (PetscInt i = 0; i < NATOM; i++) {
    atoms.type[i] = i % 2;
    atoms.x[3 * i] = 9.0 * (PetscReal)(i % 4);
    /* middle of slab 0, whole cells away, or of slab 2 */
    atoms.x[3 * i + 2] = i < 4 ? 5.0 + 40.0 * (PetscReal)(i - 2) : 25.0;
    for (int a = 0; a < 3; a++) atoms.v[3 * i + a] = start_v[i][a];
  }
  return atoms;
}

/* No interaction between two species */
static md_potential *two_gases(void)
{
  const PetscReal zero[4] = {0.0, 0.0, 0.0, 0.0}, one[4] = {1.0, 1.0, 1.0, 1.0};
  md_potential *pot;

  expect_ok(md_potential_create_lj(2, zero, one, 8.0, PETSC_FALSE, &pot));
  return pot;
}

static md_protocol flux_protocol(md_rnemd_kind kind)
{
  md_protocol protocol = system_protocol(MD_NVE);

  protocol.dt = 1.0;
  protocol.rnemd = (md_rnemd){.kind = kind, .slabs = 4, .period = 2, .swaps = 1};
  return protocol;
}

static md_run *flux_run(const md_atoms *atoms, const md_protocol *protocol, const md_potential *pot)
{
  const md_guard guard = system_no_guard();
  md_run *run;

  expect_ok(md_run_create(atoms, pot, &run));
  expect_ok(md_run_start(run, protocol, &guard));
  return run;
}

static void expect_velocity(const md_run *run, PetscInt atom, const PetscReal want[3],
                            const char *what)
{
  const PetscReal *v = &md_run_atoms(run)->v[3 * atom];

  for (int a = 0; a < 3; a++) {
    if (v[a] != want[a]) fail_msg("%s: atom %d component %d is %g", what, (int)atom, a, v[a]);
  }
}

/* Speeds squared in 1e-6 Å²/fs².  Light: cold slab atom 0: 14, atom 2: 25; hot slab atom 4: 5, atom
   6: 11.  The pair 2, 4 moves 10 u/2 x 20.  Heavy: 1: 3, 3: 6; 5: 3.25, 7: 14.  The pair 3, 5 moves
   40 u/2 x 2.75: less. */
static void heat_goes_from_hottest_to_coldest(void **state)
{
  md_atoms atoms = eight_atoms();
  md_potential *pot = two_gases();
  const md_protocol protocol = flux_protocol(MD_RNEMD_HEAT);
  md_run *run = flux_run(&atoms, &protocol, pot);
  const md_rnemd_tally *tally = md_run_tally(run);

  (void)state;
  system_advance(run, 1);
  for (PetscInt i = 0; i < NATOM; i++) expect_velocity(run, i, start_v[i], "before the period");
  assert_int_equal(tally->done, 0);
  system_advance(run, 1);
  expect_velocity(run, 2, start_v[4], "the hottest light atom of slab 0");
  expect_velocity(run, 4, start_v[2], "the coldest light atom of slab 2");
  for (PetscInt i = 0; i < NATOM; i++) {
    if (i != 2 && i != 4) expect_velocity(run, i, start_v[i], "bystanders");
  }
  assert_int_equal(tally->done, 1);
  expect_near(tally->exchanged, 5.0 * MD_ATOMIC_MASS * 20e-6, 1e-14, "energy moved");
  /* The next: light 0 (14) with 6 (11), 10 u/2 x 3; heavy 3 with 5 as before, which is more. */
  system_advance(run, 2);
  expect_velocity(run, 3, start_v[5], "the hottest heavy atom of slab 0");
  expect_velocity(run, 5, start_v[3], "the coldest heavy atom of slab 2");
  expect_near(tally->exchanged, MD_ATOMIC_MASS * (5.0 * 20e-6 + 20.0 * 2.75e-6), 1e-14, "both");
  /* Then the light pair, and then none that would carry heat the right way. */
  system_advance(run, 4);
  assert_int_equal(tally->done, 3);
  assert_int_equal(tally->missed, 1);
  expect_ok(md_run_destroy(&run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
}

/* v_x in 1e-3 Å/fs.  Light: slowest of slab 0 is atom 0 (-3), fastest of slab 2 atom 6 (3): moves
   10 u x 6.  Heavy: 3 (-1) and 5 (1.5): 40 u x 2.5: more. */
static void momentum_goes_against_the_flow(void **state)
{
  md_atoms atoms = eight_atoms();
  md_potential *pot = two_gases();
  md_protocol protocol = flux_protocol(MD_RNEMD_SHEAR);
  PetscReal want[3];
  md_run *run;

  (void)state;
  protocol.rnemd.swaps = 2; /* then the light pair as well */
  run = flux_run(&atoms, &protocol, pot);
  system_advance(run, 2);
  want[0] = start_v[5][0];
  want[1] = start_v[3][1];
  want[2] = start_v[3][2];
  expect_velocity(run, 3, want, "the heavy atom that moved fastest towards -x");
  want[0] = start_v[6][0];
  want[1] = start_v[0][1];
  want[2] = start_v[0][2];
  expect_velocity(run, 0, want, "the light atom that moved fastest towards -x");
  assert_int_equal(md_run_tally(run)->done, 2);
  expect_near(md_run_tally(run)->exchanged, MD_ATOMIC_MASS * (40.0 * 2.5e-3 + 10.0 * 6e-3), 1e-14,
              "momentum moved");
  expect_ok(md_run_destroy(&run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
}

/* Of equals the one with the lowest number, wherever it stands in the arrays. */
static void equals_are_told_apart_by_number(void **state)
{
  md_atoms atoms = eight_atoms();
  md_potential *pot = two_gases();
  const md_protocol protocol = flux_protocol(MD_RNEMD_HEAT);
  md_run *run;

  (void)state;
  for (int a = 0; a < 3; a++) atoms.v[a] = -start_v[2][a]; /* as hot as atom 2 */
  atoms.id[0] = 2;
  atoms.id[2] = 0;
  run = flux_run(&atoms, &protocol, pot);
  system_advance(run, 2);
  expect_velocity(run, 2, start_v[4], "number 0");
  expect_velocity(run, 4, start_v[2], "the atom that it exchanged with");
  expect_ok(md_run_destroy(&run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
}

/* Species of one mass are one class: now the whole of slab 0 meets the whole of slab 2. */
static void equal_masses_are_one_class(void **state)
{
  md_atoms atoms = eight_atoms();
  md_potential *pot = two_gases();
  const md_protocol protocol = flux_protocol(MD_RNEMD_HEAT);
  md_run *run;

  (void)state;
  atoms.mass[1] = atoms.mass[0];
  run = flux_run(&atoms, &protocol, pot);
  system_advance(run, 2);
  expect_velocity(run, 2, start_v[5], "the hottest of slab 0, light");
  expect_velocity(run, 5, start_v[2], "the coldest of slab 2, of the other species");
  expect_ok(md_run_destroy(&run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
}

static void momentum_of(const md_atoms *atoms, PetscReal p[3])
{
  for (int a = 0; a < 3; a++) {
    p[a] = 0.0;
    for (PetscInt i = 0; i < atoms->n; i++) p[a] += atoms->mass[0] * atoms->v[3 * i + a];
  }
}

/* In a liquid: one exchange leaves kinetic energy and momentum where they were to round-off, moves
   the tally between the slabs, and is no work. */
static void conserves(void **state)
{
  md_potential *pot = system_argon_potential();

  (void)state;
  for (int kind = MD_RNEMD_HEAT; kind < (int)MD_RNEMD_NKIND; kind++) {
    md_run *run = system_argon_liquid(3, 0.8, pot);
    PetscReal before, after, p[3], q[3], work;

    run->protocol.rnemd =
        (md_rnemd){.kind = (md_rnemd_kind)kind, .slabs = 6, .period = 1, .swaps = 3};
    momentum_of(&run->atoms, p);
    work = run->work;
    expect_ok(md__kinetic(run, &before));
    expect_ok(md__rnemd(run));
    expect_ok(md__kinetic(run, &after));
    momentum_of(&run->atoms, q);
    assert_int_equal(run->tally.done, 3);
    expect(run->tally.exchanged > 0.0, "something was moved");
    expect_near(after, before, 1e-14, "kinetic energy");
    for (int a = 0; a < 3; a++) {
      expect_abs(q[a], p[a], 1e-13 * sqrt(2.0 * SYSTEM_MASS * before), "momentum");
    }
    expect(run->work == work, "no work is booked");
    expect_ok(md_run_destroy(&run));
  }
  expect_ok(md_potential_destroy(&pot));
}

/* Sum over the atoms of one of six slabs of m v^2/2 [eV] or m v_x [eV fs/Å] */
static PetscReal content(const md_run *run, PetscInt slab)
{
  const md_atoms *atoms = &run->atoms;
  PetscReal axis[3], sum = 0.0;

  md__slab_axis((const PetscReal(*)[3])atoms->h, axis);
  for (PetscInt i = 0; i < atoms->n; i++) {
    const PetscReal *v = &atoms->v[3 * i];

    if (md__slab_of(axis, &atoms->x[3 * i], 6) != slab) continue;
    sum += run->protocol.rnemd.kind == MD_RNEMD_HEAT
               ? 0.5 * SYSTEM_MASS * (v[0] * v[0] + v[1] * v[1] + v[2] * v[2])
               : SYSTEM_MASS * v[0];
  }
  return sum;
}

static void tally_is_what_slabs_gain_and_lose(void **state)
{
  md_potential *pot = system_argon_potential();

  (void)state;
  for (int kind = MD_RNEMD_HEAT; kind < (int)MD_RNEMD_NKIND; kind++) {
    const PetscReal sign = kind == MD_RNEMD_HEAT ? -1.0 : 1.0;
    md_run *run = system_argon_liquid(3, 0.8, pot);
    PetscReal before[6];

    run->protocol.rnemd =
        (md_rnemd){.kind = (md_rnemd_kind)kind, .slabs = 6, .period = 1, .swaps = 2};
    for (PetscInt k = 0; k < 6; k++) before[k] = content(run, k);
    expect_ok(md__rnemd(run));
    for (PetscInt k = 0; k < 6; k++) {
      const PetscReal gain = k == 0 ? sign : k == 3 ? -sign : 0.0;

      expect_abs(content(run, k) - before[k], gain * run->tally.exchanged,
                 1e-13 * fabs(before[k]) + 1e-13 * run->tally.exchanged, "what a slab gains");
    }
    expect_ok(md_run_destroy(&run));
  }
  expect_ok(md_potential_destroy(&pot));
}

/* The exchange makes steps in velocities that the integrator knows nothing of; energy is kept all
   the same, with and without a global thermostat. */
static void energy_of_a_run_is_kept(void **state)
{
  md_potential *pot = system_argon_potential();

  (void)state;
  for (int kind = MD_RNEMD_HEAT; kind < (int)MD_RNEMD_NKIND; kind++) {
    for (int thermostat = 0; thermostat < 2; thermostat++) {
      const md_guard guard = system_no_guard();
      md_protocol protocol = system_protocol(thermostat ? MD_NVT_BUSSI : MD_NVE);
      md_run *run = system_argon_liquid(3, 0.8, pot);
      md_sample first, last;

      protocol.dt = 2.0;
      protocol.tau_t = 1000.0;
      protocol.rnemd =
          (md_rnemd){.kind = (md_rnemd_kind)kind, .slabs = 6, .period = 20, .swaps = 1};
      expect_ok(md_run_start(run, &protocol, &guard));
      expect_ok(md_run_sample(run, &first));
      system_advance(run, 2000);
      expect_ok(md_run_sample(run, &last));
      assert_int_equal(run->tally.done + run->tally.missed, 100);
      assert_int_equal(last.exchanged == run->tally.exchanged, 1);
      expect(kind != MD_RNEMD_HEAT || last.exchanged > 0.5 * first.kinetic, "it matters");
      /* measured: up to 6e-5 eV, while 1.5 eV go round beside a kinetic energy of 1.6 eV */
      expect_abs(last.conserved, first.conserved, 2e-4 * first.kinetic, "total energy minus work");
      expect_ok(md_run_destroy(&run));
    }
  }
  expect_ok(md_potential_destroy(&pot));
}

static void slabs_follow_the_cell(void **state)
{
  const PetscReal h[3][3] = {{10.0, 0.0, 0.0}, {2.0, 11.0, 0.0}, {3.0, -4.0, 20.0}};
  PetscReal axis[3], x[3];

  (void)state;
  md__slab_axis(h, axis);
  for (int k = 0; k < 10; k++) {
    for (int b = 0; b < 3; b++) {
      x[b] = -2.0 * h[0][b] + 0.7 * h[1][b] + ((k + 0.5) / 10.0 - 3.0) * h[2][b];
    }
    assert_int_equal(md__slab_of(axis, x, 10), k);
  }
  x[0] = x[1] = 0.0;
  x[2] = -1e-17; /* rounds to one whole cell: there is no slab 10 */
  assert_int_equal(md__slab_of(axis, x, 10), 9);
}

/* Every refusal, and the limits that are allowed. */
static void bad_protocols_are_refused(void **state)
{
  static const md_rnemd bad[] = {{.kind = (md_rnemd_kind)7, .slabs = 4, .period = 1, .swaps = 1},
                                 {.kind = MD_RNEMD_HEAT, .slabs = 2, .period = 1, .swaps = 1},
                                 {.kind = MD_RNEMD_HEAT, .slabs = 5, .period = 1, .swaps = 1},
                                 {.kind = MD_RNEMD_HEAT, .slabs = 4, .period = 0, .swaps = 1},
                                 {.kind = MD_RNEMD_HEAT, .slabs = 4, .period = 1, .swaps = 0}};
  md_potential *pot = system_argon_potential();
  md_run *run = system_argon_liquid(2, 0.8, pot);
  md_protocol protocol = system_protocol(MD_NVE);

  (void)state;
  for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
    protocol.rnemd = bad[k];
    expect_error(PETSC_ERR_ARG_OUTOFRANGE, md_run_start(run, &protocol, NULL));
  }
  protocol.rnemd = (md_rnemd){.kind = MD_RNEMD_HEAT, .slabs = 4, .period = 1, .swaps = 1};
  protocol.ensemble = MD_NVT_LANGEVIN;
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, md_run_start(run, &protocol, NULL));
  protocol.ensemble = MD_NPT_SCR_LANGEVIN;
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, md_run_start(run, &protocol, NULL));
  protocol.ensemble = MD_NVT_BUSSI;
  expect_ok(md_run_start(run, &protocol, NULL));
  run->atoms.h[1][2] = 0.1;
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, md_run_start(run, &protocol, NULL));
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(heat_goes_from_hottest_to_coldest),
                                     cmocka_unit_test(momentum_goes_against_the_flow),
                                     cmocka_unit_test(equals_are_told_apart_by_number),
                                     cmocka_unit_test(equal_masses_are_one_class),
                                     cmocka_unit_test(conserves),
                                     cmocka_unit_test(tally_is_what_slabs_gain_and_lose),
                                     cmocka_unit_test(energy_of_a_run_is_kept),
                                     cmocka_unit_test(slabs_follow_the_cell),
                                     cmocka_unit_test(bad_protocols_are_refused)};

  return expect_main(argc, argv, help, tests);
}
