/* tests/verify/test_md_anneal.c */
#include "tests/support/expect.h"
#include "tests/support/md_systems.h"

static const char help[] = "Temperature schedules: corners, exact mean of K on a ramp, work\n";

static const double sigmas = 4.0;

static md_protocol ramp_protocol(md_ensemble ensemble)
{
  md_protocol p = system_protocol(ensemble);

  p.nknot = 3;
  p.knot[0] = (md_knot){.step = 20, .temperature = 300.0};
  p.knot[1] = (md_knot){.step = 30, .temperature = 300.0};
  p.knot[2] = (md_knot){.step = 70, .temperature = 60.0};
  return p;
}

static void target_is_piecewise_linear(void **state)
{
  const md_protocol p = ramp_protocol(MD_NVT_BUSSI), still = system_protocol(MD_NVT_BUSSI);
  const double at[][2] = {{0, 120},  {1, 129},  {10, 210}, {20, 300}, {25, 300},
                          {30, 300}, {31, 294}, {69, 66},  {70, 60},  {1e9, 60}};

  (void)state;
  for (size_t k = 0; k < sizeof(at) / sizeof(at[0]); k++) {
    expect_near(md_protocol_temperature(&p, (PetscInt64)at[k][0]), at[k][1], 1e-14, "target");
    expect_abs(md_protocol_temperature(&still, (PetscInt64)at[k][0]), 120.0, 0.0, "no schedule");
  }
}

/* Without forces the mean over noise of K after a step is c <K> + (1-c) Nf k_B T(step)/2 with
 * c = exp(-dt/tau), squared for Langevin.  Every key starts from the same velocities. */
enum { KEYS = 4000, NSTEP = 60, NATOM = 3, DEGREES = 3 * NATOM - 3 };

typedef struct {
  double sum[NSTEP], square[NSTEP], worst_conserved, first_conserved;
} mean_of_keys;

static PetscErrorCode add_kinetic(const md_sample *sample, void *context)
{
  mean_of_keys *m = context;

  m->sum[sample->step - 1] += sample->kinetic;
  m->square[sample->step - 1] += sample->kinetic * sample->kinetic;
  m->worst_conserved = fmax(m->worst_conserved, fabs(sample->conserved - m->first_conserved));
  return 0;
}

static md_atoms gas_of_three(void)
{
  static const double v[9] = {3, -1, 2, -1, 4, -3, -2, -3, 1};
  md_atoms atoms;

  expect_ok(md_atoms_create(NATOM, 1, &atoms));
  atoms.mass[0] = SYSTEM_MASS;
  for (int k = 0; k < 3; k++) atoms.h[k][k] = 50.0;
  for (int k = 0; k < 9; k++) {
    atoms.x[k] = 5.0 * k;
    atoms.v[k] = 5e-4 * v[k];
  }
  return atoms;
}

static void ramp_many(md_ensemble ensemble, const md_atoms *start, mean_of_keys *m)
{
  const md_guard guard = system_no_guard();
  md_potential *pot = system_ideal_potential(2.0);
  md_protocol protocol = ramp_protocol(ensemble);

  *m = (mean_of_keys){.first_conserved = md_atoms_kinetic(start)};
  for (uint64_t key = 1; key <= KEYS; key++) {
    md_run *run;

    protocol.rng.key = key;
    expect_ok(md_run_create(start, pot, &run));
    expect_ok(md_run_start(run, &protocol, &guard));
    expect_ok(md_run_observe(run, 1, add_kinetic, m));
    system_advance(run, NSTEP);
    expect_ok(md_run_destroy(&run));
  }
  expect_ok(md_potential_destroy(&pot));
}

static void check_ramp(md_ensemble ensemble)
{
  const md_protocol protocol = ramp_protocol(ensemble);
  const double c = exp(-(ensemble == MD_NVT_LANGEVIN ? 2.0 : 1.0) * protocol.dt / protocol.tau_t);
  md_atoms start = gas_of_three();
  double want = md_atoms_kinetic(&start);
  static mean_of_keys m;

  ramp_many(ensemble, &start, &m);
  for (int s = 0; s < NSTEP; s++) {
    const double kt = MD_BOLTZMANN * md_protocol_temperature(&protocol, s + 1);
    const double mean = m.sum[s] / KEYS, spread = m.square[s] / KEYS - mean * mean;

    want = c * want + (1.0 - c) * 0.5 * DEGREES * kt;
    expect_abs(mean, want, sigmas * sqrt(spread / KEYS), "mean kinetic energy on a ramp");
  }
  /* 60 steps of sums of some 0.1 eV. */
  expect_abs(m.worst_conserved, 0.0, 1e-14, "kinetic energy of a gas minus work");
  expect_ok(md_atoms_clear(&start));
}

static void gas_follows_the_ramp(void **state)
{
  (void)state;
  check_ramp(MD_NVT_BUSSI);
  check_ramp(MD_NVT_LANGEVIN);
}

/* A liquid heated and cooled slowly has the temperature of the schedule, in every ensemble with a
   thermostat. */
enum { WINDOWS = 5, WINDOW = 2000 };

typedef struct {
  double sum[WINDOWS], count[WINDOWS];
} windows;

static PetscErrorCode add_temperature(const md_sample *sample, void *context)
{
  windows *w = context;
  const PetscInt64 k = (sample->step - 1) / WINDOW;

  w->sum[k] += sample->temperature;
  w->count[k] += 1.0;
  return 0;
}

static void check_liquid(md_ensemble ensemble, const md_potential *pot)
{
  const md_guard guard = system_no_guard();
  md_protocol p = system_protocol(ensemble);
  md_run *run = system_argon_liquid(2, 0.8, pot);
  windows w = {.count = {0.0}};

  p.pressure = 2.0 * SYSTEM_EPSILON / pow(SYSTEM_SIGMA, 3);
  p.nknot = 3;
  p.knot[0] = (md_knot){.step = WINDOW, .temperature = 240.0};
  p.knot[1] = (md_knot){.step = 3 * WINDOW, .temperature = 240.0};
  p.knot[2] = (md_knot){.step = 4 * WINDOW, .temperature = 120.0};
  expect_ok(md_run_start(run, &p, &guard));
  expect_ok(md_run_observe(run, 1, add_temperature, &w));
  system_advance(run, WINDOWS * WINDOW);
  for (int k = 0; k < WINDOWS; k++) {
    /* Middle of a ramp, or what holds. T lags behind a ramp by less than 0.2 ps x 15 K/ps = 3 K.
       Standard error of 8 ps: T sqrt(2/93) = 35 K, correlated over twice 0.2 ps or less: 8 K. */
    const double want = k == 0 || k == 3 ? 180.0 : k == 4 ? 120.0 : 240.0;

    expect_abs(w.sum[k] / w.count[k], want, 3.0 + sigmas * 8.0 * want / 240.0,
               "temperature of a liquid on a schedule");
  }
  expect_ok(md_run_destroy(&run));
}

static void liquid_follows_the_schedule(void **state)
{
  md_potential *pot = system_argon_potential();

  (void)state;
  for (int e = (int)MD_NVE + 1; e < (int)MD_NENSEMBLE; e++) check_liquid((md_ensemble)e, pot);
  expect_ok(md_potential_destroy(&pot));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(target_is_piecewise_linear),
                                     cmocka_unit_test(gas_follows_the_ramp),
                                     cmocka_unit_test(liquid_follows_the_schedule)};

  return expect_main(argc, argv, help, tests);
}
