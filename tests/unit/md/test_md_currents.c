/* tests/unit/md/test_md_currents.c - currents of small systems by hand; who gets what, and when */
#include "tests/support/expect.h"
#include "tests/support/md_systems.h"

#include "md/md_currents.h"

static const char help[] = "Currents of charge, mass and heat; needs of observers\n";

enum { STEPS = 12, NOTHING = 0 };

/* Everything that a sample may leave out */
typedef struct {
  PetscReal potential, pressure, heat[3], charge[3], mass[2][3], relative[2][3];
} numbers;

typedef struct {
  PetscInt calls;
  numbers at[STEPS + 1];
} notebook;

static PetscErrorCode write_down(const md_sample *sample, void *context)
{
  static const PetscReal charge[2] = {1.0, -1.0};
  notebook *book = context;
  numbers *n = &book->at[sample->step];

  book->calls++;
  n->potential = sample->potential;
  n->pressure = sample->pressure[0];
  md_current_heat(sample, n->heat);
  md_current_charge(sample, charge, n->charge);
  for (PetscInt s = 0; s < sample->atoms->nspecies && s < 2; s++) {
    md_current_mass(sample, s, n->mass[s]);
    md_current_mass_relative(sample, s, n->relative[s]);
  }
  return 0;
}

/* Two atoms of masses m and 3 m on a spring along x, moving along x and y. */
static void test_spring_by_hand(void **state)
{
  const PetscReal k = 0.5, cutoff = 6.0, r = 1.5, v[2][2] = {{0.002, 0.001}, {-0.003, 0.004}};
  const PetscReal m[2] = {10.0 * MD_ATOMIC_MASS, 30.0 * MD_ATOMIC_MASS};
  const PetscReal site = 0.25 * k * (r * r - cutoff * cutoff); /* half of the spring's energy */
  const PetscReal w = -0.5 * k * r * r;                        /* -r (k r / 2), on each atom */
  const md_guard guard = system_no_guard();
  const md_protocol protocol = {.ensemble = MD_NVE, .dt = 1e-12};
  md_atoms atoms = system_pair(r);
  static notebook book;
  md_potential *pot;
  md_run *run;

  (void)state;
  for (int i = 0; i < 2; i++) {
    for (int a = 0; a < 2; a++) atoms.v[3 * i + a] = v[i][a];
  }
  expect_ok(md_potential_create_harmonic(2, k, 0.0, cutoff, &pot));
  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_run_start(run, &protocol, &guard));
  expect_ok(md_run_observe_with(run, 1, MD_NEED_HEAT | MD_NEED_CURRENTS, write_down, &book));
  system_advance(run, 1);
  for (int a = 0; a < 3; a++) {
    PetscReal heat = 0.0, p = 0.0;

    for (int i = 0; i < 2 && a < 2; i++) {
      const PetscReal kinetic = 0.5 * m[i] * (v[i][0] * v[i][0] + v[i][1] * v[i][1]);

      heat += (kinetic + site) * v[i][a] + (a == 0 ? w * v[i][0] : 0.0);
      p += m[i] * v[i][a];
    }
    expect_abs(book.at[1].heat[a], heat, 1e-12, "heat current");
    for (int s = 0; s < 2; s++) {
      const PetscReal mass = a < 2 ? m[s] * v[s][a] : 0.0;

      expect_abs(book.at[1].mass[s][a], mass, 1e-10, "mass current");
      expect_abs(book.at[1].relative[s][a], mass - m[s] / (m[0] + m[1]) * p, 1e-10,
                 "mass current seen from the centre of mass");
    }
    expect_abs(book.at[1].charge[a], a < 2 ? v[0][a] - v[1][a] : 0.0, 1e-12, "charge current");
  }
  expect_ok(md_run_destroy(&run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
}

/* The argon liquid with every second atom of another, heavier species */
static md_run *salt(const md_potential *pot, md_ensemble ensemble)
{
  const md_guard guard = system_no_guard();
  const md_protocol protocol = system_protocol(ensemble);
  md_run *melt = system_argon_liquid(2, 0.8, pot), *run;
  md_atoms atoms;

  expect_ok(md_atoms_create(md_run_atoms(melt)->n, 2, &atoms));
  memcpy(atoms.x, md_run_atoms(melt)->x, 3 * sizeof(PetscReal) * (size_t)atoms.n);
  memcpy(atoms.h, md_run_atoms(melt)->h, sizeof(atoms.h));
  atoms.mass[0] = SYSTEM_MASS;
  atoms.mass[1] = 3.0 * SYSTEM_MASS;
  for (PetscInt i = 0; i < atoms.n; i++) atoms.type[i] = i % 2;
  expect_ok(md_run_destroy(&melt));
  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_run_thermalise(run, SYSTEM_LJ_TEMP, protocol.rng));
  expect_ok(md_run_start(run, &protocol, &guard));
  expect_ok(md_atoms_clear(&atoms));
  return run;
}

static md_potential *salt_potential(void)
{
  const PetscReal epsilon[4] = {SYSTEM_EPSILON, SYSTEM_EPSILON, SYSTEM_EPSILON, SYSTEM_EPSILON};
  const PetscReal sigma[4] = {SYSTEM_SIGMA, SYSTEM_SIGMA, SYSTEM_SIGMA, SYSTEM_SIGMA};
  md_potential *pot;

  expect_ok(md_potential_create_lj(2, epsilon, sigma, 2.0 * SYSTEM_SIGMA, PETSC_TRUE, &pot));
  return pot;
}

/* Zero momentum: mass currents cancel, and the charge current of a neutral salt of two species is
   that of one of them times 1 + m_0 / m_1. */
static void test_momentum_zero(void **state)
{
  md_potential *pot = salt_potential();

  (void)state;
  for (int e = 0; e < (int)MD_NENSEMBLE; e++) {
    static notebook book;
    md_run *run = salt(pot, (md_ensemble)e);

    book = (notebook){.calls = 0};
    expect_ok(md_run_observe_with(run, 1, MD_NEED_CURRENTS, write_down, &book));
    system_advance(run, STEPS);
    for (int k = 1; k <= STEPS; k++) {
      const numbers *n = &book.at[k];

      for (int a = 0; a < 3; a++) {
        const PetscReal current = n->mass[0][a] / SYSTEM_MASS; /* of the lighter species */

        expect(fabs(current) > 1e-6, "there is a current");
        expect_abs(n->mass[0][a] + n->mass[1][a], 0.0, 1e-10, "sum of the mass currents");
        expect_abs(n->charge[a], current * (1.0 + 1.0 / 3.0), 1e-13, "charge current");
        expect_abs(n->relative[0][a], n->mass[0][a], 1e-10, "the centre of mass rests");
      }
    }
    expect_ok(md_run_destroy(&run));
  }
  expect_ok(md_potential_destroy(&pot));
}

/* All atoms moved along with u in NVE, which keeps it: mass and charge of 16 atoms of each species
   more flow, and from the centre of mass it looks as before. */
static void test_moving_frame(void **state)
{
  static const PetscReal u[3] = {0.003, -0.002, 0.001};
  static notebook book[2];
  md_potential *pot = salt_potential();
  const md_guard guard = system_no_guard();
  const md_protocol protocol = {.ensemble = MD_NVE, .dt = 1e-9};
  md_run *rest = salt(pot, MD_NVE), *run[2];
  md_atoms atoms;

  (void)state;
  expect_ok(md_atoms_copy(md_run_atoms(rest), &atoms));
  for (int moving = 0; moving < 2; moving++) {
    book[moving] = (notebook){.calls = 0};
    for (PetscInt k = 0; k < 3 * atoms.n && moving; k++) atoms.v[k] += u[k % 3];
    expect_ok(md_run_create(&atoms, pot, &run[moving]));
    expect_ok(md_run_start(run[moving], &protocol, &guard));
    expect_ok(md_run_observe_with(run[moving], 1, MD_NEED_CURRENTS, write_down, &book[moving]));
    system_advance(run[moving], 1);
    expect_ok(md_run_destroy(&run[moving]));
  }
  for (int a = 0; a < 3; a++) {
    const numbers *slow = &book[0].at[1], *fast = &book[1].at[1];

    for (int s = 0; s < 2; s++) {
      const PetscReal m = s == 0 ? SYSTEM_MASS : 3.0 * SYSTEM_MASS;

      expect_abs(fast->mass[s][a] - slow->mass[s][a], 16.0 * m * u[a], 1e-9, "mass flows along");
      expect_abs(fast->relative[s][a], slow->relative[s][a], 1e-9, "relative mass current");
    }
    expect_abs(fast->charge[a], slow->charge[a], 1e-12, "a neutral salt carries no charge along");
  }
  expect_ok(md_run_destroy(&rest));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
}

static PetscBool finite3(const PetscReal a[3])
{
  return (PetscBool)(isfinite(a[0]) && isfinite(a[1]) && isfinite(a[2]));
}

static PetscBool none3(const PetscReal a[3])
{
  return (PetscBool)(isnan(a[0]) && isnan(a[1]) && isnan(a[2]));
}

/* What was asked for is there, the rest is not a number. */
static void expect_exactly(const numbers *n, unsigned needs)
{
  const PetscBool currents = (needs & MD_NEED_CURRENTS) ? PETSC_TRUE : PETSC_FALSE;

  expect(isfinite(n->potential) == !!(needs & (MD_NEED_ENERGY | MD_NEED_HEAT)), "energy");
  expect(isfinite(n->pressure) == !!(needs & MD_NEED_PRESSURE), "pressure");
  expect(needs & MD_NEED_HEAT ? finite3(n->heat) : none3(n->heat), "heat current");
  expect(currents ? finite3(n->charge) : none3(n->charge), "charge current");
  for (int s = 0; s < 2; s++) {
    expect(currents ? finite3(n->mass[s]) : none3(n->mass[s]), "mass current");
    expect(currents ? finite3(n->relative[s]) : none3(n->relative[s]), "relative mass current");
  }
}

/* Pair potentials compute energies and virials always; that they are NaN all the same is
   md_potential_evaluate()'s doing, so this test sees what the run asked for. */
static void test_needs(void **state)
{
  md_potential *pot = salt_potential();

  (void)state;
  for (unsigned needs = NOTHING; needs < 2 * MD_NEED_HEAT; needs++) {
    static notebook book;
    md_run *run = salt(pot, MD_NVE);

    book = (notebook){.calls = 0};
    expect_ok(md_run_observe_with(run, 1, needs, write_down, &book));
    system_advance(run, STEPS);
    assert_int_equal(book.calls, STEPS);
    for (int k = 1; k < STEPS; k++) expect_exactly(&book.at[k], needs);
    /* where a run stops it has energy and pressure for whoever looks */
    expect_exactly(&book.at[STEPS], needs | MD_NEED_ENERGY | MD_NEED_PRESSURE);
    expect_ok(md_run_destroy(&run));
  }
  expect_ok(md_potential_destroy(&pot));
}

/* Each step has what those who look at it need together, and the numbers are the same for all. */
static void test_needs_of_several(void **state)
{
  static notebook rare, often, all;
  md_potential *pot = salt_potential();
  md_run *run = salt(pot, MD_NVE);

  (void)state;
  rare = often = all = (notebook){.calls = 0};
  expect_ok(md_run_observe_with(run, 4, MD_NEED_HEAT, write_down, &rare));
  expect_ok(md_run_observe_with(run, 3, MD_NEED_CURRENTS, write_down, &often));
  system_advance(run, STEPS);
  expect_ok(md_run_destroy(&run));
  run = salt(pot, MD_NVE);
  expect_ok(md_run_observe_with(run, 1, 2 * MD_NEED_HEAT - 1, write_down, &all));
  system_advance(run, STEPS);
  expect_ok(md_run_destroy(&run));
  expect_exactly(&rare.at[4], MD_NEED_HEAT);
  expect_exactly(&rare.at[8], MD_NEED_HEAT);
  expect_exactly(&often.at[3], MD_NEED_CURRENTS);
  expect_exactly(&often.at[12], 2 * MD_NEED_HEAT - 1);
  assert_int_equal(rare.calls, 3);
  assert_int_equal(often.calls, 4);
  assert_memory_equal(rare.at[8].heat, all.at[8].heat, sizeof(rare.at[8].heat));
  assert_memory_equal(often.at[3].mass, all.at[3].mass, sizeof(often.at[3].mass));
  assert_memory_equal(&often.at[12], &all.at[12], sizeof(numbers));
  expect_ok(md_potential_destroy(&pot));
}

/* Samples between calls: what stands in the memory of earlier steps is not handed out. */
static void test_samples_of_the_caller(void **state)
{
  static notebook book;
  md_potential *pot = salt_potential();
  md_run *run = salt(pot, MD_NVE);
  md_sample sample;

  (void)state;
  book = (notebook){.calls = 0};
  expect_ok(md_run_sample(run, &sample));
  expect(!sample.current && none3(sample.heat.virial), "nobody asked");
  expect_ok(md_run_observe_with(run, 4, MD_NEED_HEAT | MD_NEED_CURRENTS, write_down, &book));
  system_advance(run, 8);
  expect_ok(md_run_sample(run, &sample));
  expect(sample.current && finite3(sample.heat.virial), "the same as the observer's");
  for (int a = 0; a < 3; a++)
    expect(SYSTEM_MASS * sample.current[0][a] == book.at[8].mass[0][a], "to the bit");
  system_advance(run, 1);
  expect_ok(md_run_sample(run, &sample));
  expect(!sample.current && none3(sample.heat.kinetic) && none3(sample.heat.potential) &&
             none3(sample.heat.virial),
         "no observer looks at step 9");
  expect(isfinite(sample.potential), "energies are there between calls");
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_spring_by_hand),   cmocka_unit_test(test_momentum_zero),
      cmocka_unit_test(test_moving_frame),     cmocka_unit_test(test_needs),
      cmocka_unit_test(test_needs_of_several), cmocka_unit_test(test_samples_of_the_caller)};

  return expect_main(argc, argv, help, tests);
}
