/* tests/verify/test_md_thermostat.c */
#include "tests/support/expect.h"
#include "tests/support/md_systems.h"

static const char help[] = "Langevin and Bussi thermostats against exact moments\n";

/* Tolerances are multiples of the standard error that follows from the number of independent
   samples. Random numbers are counted, so the outcome is the same in every run. */
static const double sigmas = 4.0;

typedef struct {
  double n, sum, square;
} moments;

static void add(moments *m, double x)
{
  m->n += 1.0;
  m->sum += x;
  m->square += x * x;
}

static double mean(const moments *m)
{
  return m->sum / m->n;
}

static double variance(const moments *m)
{
  return (m->square - m->sum * m->sum / m->n) / (m->n - 1.0);
}

/* One step from the same state with many keys
 *
 * Without forces a step of either thermostat is its exact propagator.  In mass-weighted velocities
 * u each of the Nf degrees is u' = c u + sqrt((1 - c^2) kT) xi for Langevin; Bussi's kinetic energy
 * has the same law with c^2 = exp(-dt/tau).  Hence
 *   <K'> = c^2 K + (1 - c^2) Nf kT/2,  Var K' = (1 - c^2)^2 Nf kT^2/2 + 2 c^2 (1 - c^2) kT K. */

enum { KEYS = 20000, NATOM = 3, DEGREES = 3 * NATOM - 3 };

typedef struct {
  moments kinetic, component;
  double turned; /* how often the velocity of the first atom turned round */
} one_step;

/* Three atoms of an ideal gas with different velocities and zero momentum. */
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

static one_step many_first_steps(md_ensemble ensemble, const md_atoms *start, double dt)
{
  const md_guard guard = system_no_guard();
  md_potential *pot = system_ideal_potential(2.0);
  md_protocol protocol = system_protocol(ensemble);
  one_step out = {.turned = 0.0};

  protocol.dt = dt;
  for (uint64_t key = 1; key <= KEYS; key++) {
    const md_atoms *now;
    md_run *run;

    protocol.rng.key = key;
    expect_ok(md_run_create(start, pot, &run));
    expect_ok(md_run_start(run, &protocol, &guard));
    system_advance(run, 1);
    now = md_run_atoms(run);
    add(&out.kinetic, md_atoms_kinetic(now));
    add(&out.component, now->v[0]);
    out.turned += now->v[0] * start->v[0] < 0.0;
    expect_ok(md_run_destroy(&run));
  }
  expect_ok(md_potential_destroy(&pot));
  return out;
}

/* c2 is exp(-dt/tau) for Bussi and its square for Langevin. */
static void check_propagator(const one_step *got, double k, double c2)
{
  const double kt = MD_BOLTZMANN * SYSTEM_LJ_TEMP, nf = DEGREES;
  const double mean_k = c2 * k + (1.0 - c2) * nf * kt / 2.0;
  const double var_k = pow(1.0 - c2, 2) * nf * kt * kt / 2.0 + 2.0 * c2 * (1.0 - c2) * kt * k;

  expect_abs(mean(&got->kinetic), mean_k, sigmas * sqrt(var_k / KEYS), "mean of K after one step");
  /* Excess kurtosis of a chi-square of 6 degrees is 2: the variance has the relative error
     sqrt((2 + 2) / n). */
  expect_near(variance(&got->kinetic), var_k, sigmas * sqrt(4.0 / KEYS),
              "variance of K after one step");
}

static void bussi_propagator_is_exact(void **state)
{
  md_atoms start = gas_of_three();
  const double k = md_atoms_kinetic(&start), kt = MD_BOLTZMANN * SYSTEM_LJ_TEMP;
  const double ratio[] = {0.1, 1.0, 3.0};

  (void)state;
  for (int r = 0; r < 3; r++) {
    const double c = exp(-ratio[r]);
    const double turned = 0.5 * erfc(sqrt(c / ((1.0 - c) * kt / (2.0 * k))) / sqrt(2.0));
    const one_step got = many_first_steps(MD_NVT_BUSSI, &start, 50.0 * ratio[r]);

    check_propagator(&got, k, c);
    /* alpha < 0 when R < -sqrt(c Nf K / ((1-c) K0)): a normal below that bound; binomial error */
    expect_abs(got.turned / KEYS, turned, sigmas * sqrt(turned * (1.0 - turned) / KEYS) + 1e-12,
               "fraction of negative scale factors");
  }
  expect_ok(md_atoms_clear(&start));
}

static void langevin_propagator_is_exact(void **state)
{
  md_atoms start = gas_of_three();
  const double k = md_atoms_kinetic(&start), kt = MD_BOLTZMANN * SYSTEM_LJ_TEMP;
  const double ratio[] = {0.1, 1.0};

  (void)state;
  for (int r = 0; r < 2; r++) {
    const double c = exp(-ratio[r]);
    /* The noise without its centre of mass has (1 - 1/n) of the variance in each component. */
    const double var_v = (1.0 - c * c) * kt / SYSTEM_MASS * (1.0 - 1.0 / NATOM);
    const one_step got = many_first_steps(MD_NVT_LANGEVIN, &start, 50.0 * ratio[r]);

    check_propagator(&got, k, c * c);
    expect_abs(mean(&got.component), c * start.v[0], sigmas * sqrt(var_v / KEYS),
               "mean velocity after one step");
    expect_near(variance(&got.component), var_v, sigmas * sqrt(2.0 / KEYS),
                "variance of a velocity after one step");
  }
  expect_ok(md_atoms_clear(&start));
}

/* The canonical ensemble of a liquid */

enum { SAMPLES = 2500, STRIDE = 40 };

typedef struct {
  moments kinetic, potential;
  double worst_drift; /* [Å/fs] largest velocity of the centre of mass */
  double first_conserved, worst_conserved;
} liquid;

static PetscErrorCode watch_liquid(const md_sample *sample, void *context)
{
  liquid *l = context;

  add(&l->kinetic, sample->kinetic);
  add(&l->potential, sample->potential);
  for (int a = 0; a < 3; a++) {
    double p = 0.0;

    for (PetscInt i = 0; i < sample->atoms->n; i++) p += sample->atoms->v[3 * i + a];
    l->worst_drift = fmax(l->worst_drift, fabs(p / (double)sample->atoms->n));
  }
  if (l->kinetic.n == 1.0) l->first_conserved = sample->conserved;
  l->worst_conserved = fmax(l->worst_conserved, fabs(sample->conserved - l->first_conserved));
  return 0;
}

static liquid sample_liquid(md_ensemble ensemble)
{
  const md_guard guard = system_no_guard();
  md_potential *pot = system_argon_potential();
  const md_protocol protocol = system_protocol(ensemble);
  md_run *run = system_argon_liquid(2, 0.7, pot);
  liquid l = {.worst_drift = 0.0};

  expect_ok(md_run_start(run, &protocol, &guard));
  system_advance(run, 1000);
  expect_ok(md_run_observe(run, STRIDE, watch_liquid, &l));
  system_advance(run, (PetscInt64)SAMPLES * STRIDE);
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
  return l;
}

/* Samples are 160 fs apart.  With tau_t = 50 fs the kinetic energy forgets exp(-3.2) = 4 % (Bussi)
   or 0.2 % (Langevin) in between directly; the exchange with the potential energy of this liquid
   adds some more: half of the samples are counted as independent. */
static void check_kinetic(const liquid *l)
{
  const double kt = MD_BOLTZMANN * SYSTEM_LJ_TEMP, nf = 3.0 * 32.0 - 3.0, n = SAMPLES / 2.0;
  const double want_mean = nf * kt / 2.0, want_var = nf * kt * kt / 2.0;

  /* 1.3 %: 3n degrees would be 3.2 % off.  Verlet's own error at 4 fs, (omega dt)^2 / 8, is 0.03
     %. */
  expect_abs(mean(&l->kinetic), want_mean, sigmas * sqrt(want_var / n), "mean kinetic energy");
  expect_near(variance(&l->kinetic), want_var, sigmas * sqrt((2.0 + 12.0 / nf) / n),
              "variance of the kinetic energy");
  /* Thermal velocities are 2e-3 Å/fs; round-off of 1e5 steps: 1e-19 sqrt(1e5). */
  expect_abs(l->worst_drift, 0.0, 1e-16, "velocity of the centre of mass");
  /* Verlet's fluctuation at 4 fs is 3e-5 eV; work and heat over 400 ps amount to more than 100 eV.
     Measured 3e-4 eV (Bussi) and 5e-4 eV (Langevin): the noise turns the fluctuation into a
     walk. */
  expect_abs(l->worst_conserved, 0.0, 2e-3, "total energy minus work of the thermostat");
}

static void thermostats_sample_the_canonical_ensemble(void **state)
{
  const liquid langevin = sample_liquid(MD_NVT_LANGEVIN), bussi = sample_liquid(MD_NVT_BUSSI);
  /* The potential energy has a correlation time of about 0.5 ps, so some 3 x 2 samples count
     once. */
  const double n = SAMPLES / 6.0;
  const double error = sqrt((variance(&langevin.potential) + variance(&bussi.potential)) / n);

  (void)state;
  check_kinetic(&langevin);
  check_kinetic(&bussi);
  expect_abs(mean(&bussi.potential), mean(&langevin.potential), sigmas * error,
             "mean potential energy under both thermostats");
  expect_near(variance(&bussi.potential), variance(&langevin.potential),
              sigmas * sqrt(2.0 * 2.0 / n), "variance of the potential energy under both");
}

/* BAOAB is exact for the positions of an oscillator at any stable step */

static PetscErrorCode watch_potential(const md_sample *sample, void *context)
{
  add(context, sample->potential);
  return 0;
}

static void langevin_oscillator_has_exact_potential_energy(void **state)
{
  enum { STEPS = 400000 };
  const double k = 0.5, cutoff = 6.0, kt = MD_BOLTZMANN * SYSTEM_LJ_TEMP;
  const double omega = sqrt(k / (7.5 * MD_ATOMIC_MASS)), zero = -0.5 * k * cutoff * cutoff;
  const md_guard guard = system_no_guard();
  md_protocol protocol = system_protocol(MD_NVT_LANGEVIN);
  md_potential *pot;
  md_atoms atoms = system_pair(0.3);
  moments m = {0};
  md_run *run;

  (void)state;
  protocol.dt = 1.0 / omega; /* 6.3 steps a period: other splittings are off by 10 to 25 % here */
  protocol.tau_t = 1.0 / omega;
  expect_ok(md_potential_create_harmonic(2, k, 0.0, cutoff, &pot));
  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_run_start(run, &protocol, &guard));
  expect_ok(md_run_observe(run, 1, watch_potential, &m));
  system_advance(run, STEPS);
  /* <U> = 3/2 kT, Var U = 3/2 kT^2; a sample in 4 is independent (correlation time about 2 /
     omega) */
  expect_abs(mean(&m) - zero, 1.5 * kt, sigmas * sqrt(1.5 * kt * kt * 4.0 / STEPS),
             "mean energy of a spring");
  expect_near(variance(&m), 1.5 * kt * kt, sigmas * sqrt((2.0 + 4.0) * 4.0 / STEPS),
              "variance of the energy of a spring");
  expect_ok(md_run_destroy(&run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bussi_propagator_is_exact), cmocka_unit_test(langevin_propagator_is_exact),
      cmocka_unit_test(thermostats_sample_the_canonical_ensemble),
      cmocka_unit_test(langevin_oscillator_has_exact_potential_energy)};

  return expect_main(argc, argv, help, tests);
}
