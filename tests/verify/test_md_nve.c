/* tests/verify/test_md_nve.c */
#include "tests/support/expect.h"
#include "tests/support/md_systems.h"
#include "tests/support/mtp_files.h"

static const char help[] = "Velocity Verlet: exact oscillator, order 2, momentum, time reversal\n";

enum { SPRING_STEPS = 2000 };
#define SPRING_K 2.0 /* [eV/Å^2] */

static md_run *spring_run(const md_potential *pot, md_protocol protocol)
{
  const md_guard guard = system_no_guard();
  md_atoms atoms = system_pair(1.5);
  md_run *run;

  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_run_start(run, &protocol, &guard));
  return run;
}

/* Angular frequency [1/fs] of the pair: sqrt(k / reduced mass). */
static double spring_omega(void)
{
  return sqrt(SPRING_K / (10.0 * 30.0 / 40.0 * MD_ATOMIC_MASS));
}

typedef struct {
  double dt, worst;
} oscillation;

/* Velocity Verlet on an oscillator from rest is exactly x_n = x_0 cos(n w dt) with cos(w dt) = 1 -
   (omega dt)^2 / 2. */
static PetscErrorCode compare_with_cosine(const md_sample *sample, void *context)
{
  oscillation *o = context;
  const double phase = acos(1.0 - 0.5 * pow(spring_omega() * o->dt, 2));
  const double want = 1.5 * cos((double)sample->step * phase);
  const double got = sample->atoms->x[3] - sample->atoms->x[0];

  o->worst = fmax(o->worst, fabs(got - want));
  return 0;
}

static void oscillator_is_exact(void **state)
{
  md_potential *pot;

  (void)state;
  expect_ok(md_potential_create_harmonic(2, SPRING_K, 0.0, 6.0, &pot));
  for (int k = 0; k < 3; k++) {
    oscillation o = {.dt = (0.05 + 0.4 * k) / spring_omega()};
    md_protocol protocol = {.ensemble = MD_NVE, .dt = o.dt};
    md_run *run = spring_run(pot, protocol);

    expect_ok(md_run_observe(run, 1, compare_with_cosine, &o));
    system_advance(run, SPRING_STEPS);
    /* Round-off of positions at 30 Å, 2000 times: 2000 x 30 x 2^-53 = 7e-12; measured 2e-12. */
    expect_abs(o.worst, 0.0, 1e-11, "distance of the pair from the exact discrete oscillation");
    expect_ok(md_run_destroy(&run));
  }
  expect_ok(md_potential_destroy(&pot));
}

typedef struct {
  double n, sum, square;
} moments;

static PetscErrorCode add_energy(const md_sample *sample, void *context)
{
  moments *m = context;
  const double e = sample->kinetic + sample->potential;

  m->n += 1.0;
  m->sum += e;
  m->square += e * e;
  expect_abs(sample->conserved, e, 1e-15 * fabs(e), "nothing works on a system at constant energy");
  return 0;
}

/* [eV] root mean square fluctuation of the total energy in `time` fs */
static double fluctuation(md_run *run, double dt, double time)
{
  const md_guard guard = system_no_guard();
  const md_protocol protocol = {.ensemble = MD_NVE, .dt = dt};
  moments m = {0};

  expect_ok(md_run_start(run, &protocol, &guard));
  expect_ok(md_run_observe(run, 1, add_energy, &m));
  system_advance(run, (PetscInt64)(time / dt + 0.5));
  return sqrt(fmax(0.0, m.square / m.n - m.sum / m.n * m.sum / m.n));
}

static void spring_energy_has_order_two(void **state)
{
  md_potential *pot;
  double rms[3];

  (void)state;
  expect_ok(md_potential_create_harmonic(2, SPRING_K, 1.0, 6.0, &pot));
  for (int k = 0; k < 3; k++) {
    const double dt = 0.2 / spring_omega() / (1 << k);
    md_protocol protocol = {.ensemble = MD_NVE, .dt = dt};
    md_run *run = spring_run(pot, protocol);

    rms[k] = fluctuation(run, dt, 200.0 / spring_omega());
    expect_ok(md_run_destroy(&run));
  }
  /* The next term of the error is smaller by (omega dt)^2 / 4 = 0.01 at the largest step. */
  expect_abs(log2(rms[0] / rms[1]), 2.0, 0.02, "order of the energy fluctuation, coarse");
  expect_abs(log2(rms[1] / rms[2]), 2.0, 0.02, "order of the energy fluctuation, fine");
  expect_ok(md_potential_destroy(&pot));
}

static void liquid_energy_has_order_two(void **state)
{
  md_potential *pot = system_argon_potential();
  md_atoms start;
  double rms[3];

  (void)state;
  {
    md_run *melt = system_argon_liquid(2, 0.8, pot);

    expect_ok(md_atoms_copy(md_run_atoms(melt), &start));
    expect_ok(md_run_destroy(&melt));
  }
  for (int k = 0; k < 3; k++) {
    md_run *run;

    expect_ok(md_run_create(&start, pot, &run));
    rms[k] = fluctuation(run, 16.0 / (1 << k), 2000.0);
    expect_ok(md_run_destroy(&run));
  }
  /* Measured 2.008 and 2.001; trajectories with other steps part after some 2 ps, which moves the
     sampled fluctuation by a few per cent on other machines: 0.1 in the order. */
  expect_abs(log2(rms[0] / rms[1]), 2.0, 0.1, "order of the energy fluctuation, 16 and 8 fs");
  expect_abs(log2(rms[1] / rms[2]), 2.0, 0.1, "order of the energy fluctuation, 8 and 4 fs");
  expect_ok(md_atoms_clear(&start));
  expect_ok(md_potential_destroy(&pot));
}

/* 32 atoms of two species on a lattice that is no rest for a random potential, and heavy, so
   that they are still there after 200 steps: nothing keeps atoms of such a potential apart. */
static md_atoms heavy_lattice(void)
{
  md_atoms fcc = system_fcc(2, pow(SYSTEM_SIGMA, 3) / 11.6), atoms;

  expect_ok(md_atoms_create(fcc.n, 2, &atoms));
  memcpy(atoms.x, fcc.x, sizeof(fcc.x[0]) * 3 * (size_t)fcc.n);
  memcpy(atoms.h, fcc.h, sizeof(fcc.h));
  for (PetscInt k = 0; k < 3 * atoms.n; k++) atoms.x[k] += 0.2 * sin(7.0 * (double)k);
  for (PetscInt i = 0; i < atoms.n; i++) atoms.type[i] = i % 3 == 0;
  atoms.mass[0] = 90.0 * SYSTEM_MASS;
  atoms.mass[1] = 30.0 * SYSTEM_MASS;
  expect_ok(md_atoms_clear(&fcc));
  return atoms;
}

static void moment_tensors_have_order_two(void **state)
{
  mtp_potential *mtp = load(TEST_DATA "/mtp/random/rand_2sp_16.almtp");
  const md_mtp_options options = {.kernel = MTP_KERNEL_AUTO};
  md_potential *pot;
  md_atoms start;
  double rms[3];

  (void)state;
  expect_ok(md_potential_create_mtp_with(&mtp, &options, &pot));
  start = heavy_lattice();
  for (int k = 0; k < 3; k++) {
    md_run *run;

    expect_ok(md_run_create(&start, pot, &run));
    rms[k] = fluctuation(run, 1.0 / (1 << k), 200.0);
    expect_ok(md_run_destroy(&run));
  }
  /* Sums of squares of 100 eV have the round-off of some 1e-6 eV.  Measured 2.05 and 2.005. */
  expect(rms[2] > 5e-6, "above round-off");
  expect_abs(log2(rms[0] / rms[1]), 2.0, 0.1, "order of the energy fluctuation, 1 and 1/2 fs");
  expect_abs(log2(rms[1] / rms[2]), 2.0, 0.05, "order of the energy fluctuation, 1/2 and 1/4 fs");
  expect_ok(md_atoms_clear(&start));
  expect_ok(md_potential_destroy(&pot));
}

static void energy_does_not_drift(void **state)
{
  const md_guard guard = system_no_guard();
  const md_protocol protocol = system_protocol(MD_NVE);
  md_potential *pot = system_argon_potential();
  md_run *run = system_argon_liquid(2, 0.8, pot);
  moments first = {0}, last = {0};

  (void)state;
  expect_ok(md_run_start(run, &protocol, &guard));
  expect_ok(md_run_observe(run, 1, add_energy, &first));
  system_advance(run, 5000);
  {
    md_protocol again = protocol;

    expect_ok(md_run_start(run, &again, &guard));
    system_advance(run, 40000);
    expect_ok(md_run_observe(run, 1, add_energy, &last));
    system_advance(run, 5000);
  }
  {
    const double change = last.sum / last.n - first.sum / first.n;
    const double rms = sqrt(first.square / first.n - first.sum / first.n * first.sum / first.n);

    /* 180 ps: the mean moved by less than the fluctuation of a single step (measured 0.003 of
       it). */
    expect_abs(change, 0.0, 0.5 * rms, "mean energy of 20 ps, 180 ps later");
  }
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
}

static void momentum_is_conserved(void **state)
{
  const md_guard guard = system_no_guard();
  const md_protocol protocol = system_protocol(MD_NVE);
  md_potential *pot = system_argon_potential();
  md_run *run = system_argon_liquid(2, 0.8, pot);
  const md_atoms *atoms = md_run_atoms(run);

  (void)state;
  expect_ok(md_run_start(run, &protocol, &guard));
  system_advance(run, 5000);
  for (int a = 0; a < 3; a++) {
    double p = 0.0, size = 0.0;

    for (PetscInt i = 0; i < atoms->n; i++) {
      p += atoms->v[3 * i + a];
      size += fabs(atoms->v[3 * i + a]);
    }
    /* A pair across the boundary is computed from both sides, with positions of some 10 Å
       rounded to 1e-15 Å: 32 forces of 1e-15 in 5000 steps add up to 1e-15 sqrt(160000) = 4e-13 of
       one kick, which is some percent of a velocity; measured 4e-14 of one of the 32 velocities. */
    expect_abs(p, 0.0, 1e-14 * size, "momentum of the liquid over the sum of its sizes");
  }
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
}

/* Runs n steps, turns all velocities round, runs n steps: the largest distance [Å] from the
   start. */
static double way_back(const md_atoms *start, const md_potential *pot, PetscInt64 n)
{
  const md_guard guard = system_no_guard();
  const md_protocol protocol = system_protocol(MD_NVE);
  md_atoms turned;
  md_run *run;
  double worst = 0.0;

  expect_ok(md_run_create(start, pot, &run));
  expect_ok(md_run_start(run, &protocol, &guard));
  system_advance(run, n);
  expect_ok(md_atoms_copy(md_run_atoms(run), &turned));
  expect_ok(md_run_destroy(&run));
  for (PetscInt k = 0; k < 3 * turned.n; k++) turned.v[k] = -turned.v[k];
  expect_ok(md_run_create(&turned, pot, &run));
  expect_ok(md_atoms_clear(&turned));
  expect_ok(md_run_start(run, &protocol, &guard));
  system_advance(run, n);
  for (PetscInt k = 0; k < 3 * start->n; k++) {
    worst = fmax(worst, fabs(md_run_atoms(run)->x[k] - start->x[k]));
  }
  expect_ok(md_run_destroy(&run));
  return worst;
}

static void time_can_be_reversed(void **state)
{
  md_potential *pot = system_argon_potential();
  md_run *melt = system_argon_liquid(2, 0.8, pot);
  md_atoms start;

  (void)state;
  expect_ok(md_atoms_copy(md_run_atoms(melt), &start));
  expect_ok(md_run_destroy(&melt));
  /* Round-off of 1e-15 Å a step grows by about e in 0.5 ps, the Lyapunov time, there and back: some
       1e-15 e^4; measured 5e-15. */
  expect_abs(way_back(&start, pot, 250), 0.0, 1e-13, "1 ps forth and back");
  expect_ok(md_atoms_clear(&start));
  expect_ok(md_potential_destroy(&pot));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(oscillator_is_exact),
                                     cmocka_unit_test(spring_energy_has_order_two),
                                     cmocka_unit_test(liquid_energy_has_order_two),
                                     cmocka_unit_test(moment_tensors_have_order_two),
                                     cmocka_unit_test(energy_does_not_drift),
                                     cmocka_unit_test(momentum_is_conserved),
                                     cmocka_unit_test(time_can_be_reversed)};

  return expect_main(argc, argv, help, tests);
}
