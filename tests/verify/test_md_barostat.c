/* tests/verify/test_md_barostat.c */
#include "tests/support/expect.h"
#include "tests/support/md_systems.h"

static const char help[] = "Stochastic cell rescaling: exact moments of the volume\n";

/* In the measure dV the stationary density is p(V) ~ Z(V) exp(-P0 V / kT) with d ln Z / dV = <P> /
 * kT. Momentum is zero, so an ideal gas has <P> = (N-1) kT / V, Z ~ V^(N-1), and V follows a gamma
 * distribution of shape N: <V> = N kT / P0, Var V = N (kT / P0)^2.
 * For any liquid, integrating d/dV over the density and over V times the density gives
 *   <P> = P0   and   <V (P - P0)> = -kT.
 * Tolerances are multiples of the standard error from the number of independent samples. */
static const double sigmas = 4.0;

typedef struct {
  double n, v, v2, p, w;   /* sums; w = V (P - P0) */
  double weight, weighted; /* sums of exp(-tilt (V - centre)) and of V times that */
  double tilt, centre;     /* [1/Å^3, Å^3] */
  double target;           /* [eV/Å^3] */
  double first_conserved, worst_conserved, largest_energy_change, first_energy;
} volumes;

static PetscErrorCode watch(const md_sample *sample, void *context)
{
  volumes *s = context;
  const double v = sample->volume, energy = sample->kinetic + sample->potential;
  const double p = (sample->pressure[0] + sample->pressure[4] + sample->pressure[8]) / 3.0;

  if (s->n == 0.0) {
    s->first_conserved = sample->conserved;
    s->first_energy = energy;
  }
  s->n += 1.0;
  s->v += v;
  s->v2 += v * v;
  s->p += p;
  s->weight += exp(-s->tilt * (v - s->centre));
  s->weighted += v * exp(-s->tilt * (v - s->centre));
  s->w += v * (p - s->target);
  s->worst_conserved = fmax(s->worst_conserved, fabs(sample->conserved - s->first_conserved));
  s->largest_energy_change = fmax(s->largest_energy_change, fabs(energy - s->first_energy));
  return 0;
}

static double mean_volume(const volumes *s)
{
  return s->v / s->n;
}

static double volume_variance(const volumes *s)
{
  return s->v2 / s->n - pow(s->v / s->n, 2);
}

/* Equilibrates for a tenth of `steps`, then watches every step.  Weights lead half of the way to
   `other_pressure`. */
static volumes sample_volumes(md_run *run, const md_protocol *protocol, PetscInt64 steps,
                              double other_pressure)
{
  const md_guard guard = system_no_guard();
  volumes s = {.target = protocol->pressure,
               .tilt = 0.5 * (other_pressure - protocol->pressure) /
                       (MD_BOLTZMANN * protocol->temperature)};

  expect_ok(md_run_start(run, protocol, &guard));
  system_advance(run, steps / 10);
  s.centre = md_atoms_volume(md_run_atoms(run));
  expect_ok(md_run_observe(run, 1, watch, &s));
  system_advance(run, steps);
  return s;
}

/* Ideal gas */

/* n atoms, heavy ones so that the list of nobody is seldom rebuilt, in a cube near <V>. */
static md_run *gas_run(PetscInt n, double volume, const md_potential *pot)
{
  md_atoms atoms;
  md_run *run;

  expect_ok(md_atoms_create(n, 1, &atoms));
  atoms.mass[0] = 1e4 * SYSTEM_MASS;
  for (int k = 0; k < 3; k++) atoms.h[k][k] = cbrt(volume);
  for (PetscInt k = 0; k < 3 * n; k++) {
    atoms.x[k] = cbrt(volume) * fmod(0.618033988749895 * (double)(k + 1), 1.0);
  }
  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_run_thermalise(run, SYSTEM_LJ_TEMP, (md_rng){.key = 77}));
  return run;
}

static void check_ideal_gas(PetscInt n, PetscInt64 steps)
{
  const double kt = MD_BOLTZMANN * SYSTEM_LJ_TEMP, p0 = kt / 300.0, size = (double)n;
  md_potential *pot = system_ideal_potential(1.0);
  md_protocol protocol = system_protocol(MD_NPT_SCR);
  md_run *run = gas_run(n, size * kt / p0, pot);
  volumes s;
  double count, rel;

  /* With beta = 1/P0, the compressibility of an ideal gas, V relaxes in tau_p = 200 steps. */
  protocol.pressure = p0;
  protocol.compressibility = 1.0 / p0;
  protocol.tau_p = 200.0 * protocol.dt;
  protocol.tau_t = 5.0 * protocol.dt;
  s = sample_volumes(run, &protocol, steps, p0);
  count = (double)steps / 400.0; /* independent samples: one in twice the relaxation time */
  rel = 1.0 / sqrt(size);        /* relative width of the gamma distribution */

  expect_near(mean_volume(&s), size * kt / p0, sigmas * rel / sqrt(count),
              "mean volume of an ideal gas");
  /* Relative error sqrt((2 + excess kurtosis 6/N) / count), and dt / (2 tau_p) for the Euler
     step. */
  expect_near(volume_variance(&s), size * pow(kt / p0, 2),
              sigmas * sqrt((2.0 + 6.0 / size) / count) + 1.0 / 400.0,
              "variance of the volume of an ideal gas");
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
}

static void ideal_gas_has_exact_volume(void **state)
{
  (void)state;
  check_ideal_gas(8, 1600000);
  check_ideal_gas(40, 400000);
}

/* Liquid */

/* Supercritical argon: T* = 1.5, P* near 1, a density of about 0.55 that neither boils nor
   freezes. */
static md_protocol liquid_protocol(double reduced_pressure)
{
  md_protocol protocol = system_protocol(MD_NPT_SCR);

  protocol.temperature = 1.5 * SYSTEM_LJ_TEMP;
  protocol.tau_p = 200.0;
  protocol.compressibility = 1500.0;
  protocol.rng.key = (uint64_t)(100.0 * reduced_pressure);
  protocol.pressure = reduced_pressure * SYSTEM_EPSILON / pow(SYSTEM_SIGMA, 3);
  return protocol;
}

/* Reduced pressures about one standard deviation of V apart. */
#define LOW  0.85
#define HIGH 1.15
enum { STEPS = 300000 };

static volumes sample_liquid(PetscInt m, double reduced_pressure, PetscInt64 steps)
{
  md_potential *pot = system_argon_potential();
  md_run *run = system_argon_liquid(m, 0.55, pot);
  md_protocol protocol = liquid_protocol(reduced_pressure);
  volumes s;

  s = sample_volumes(run, &protocol, steps,
                     liquid_protocol(LOW + HIGH - reduced_pressure).pressure);
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
  return s;
}

/* [eV/Å^3] The sum over the run of d ln V = beta/tau (P - P0) dt + sqrt(2 kT beta / (V tau)) dW
   stays small, so the mean of P - P0 has the error of the mean noise. */
static double pressure_error(const volumes *s, const md_protocol *p)
{
  const double kt = MD_BOLTZMANN * p->temperature, time = STEPS * p->dt;

  return sqrt(2.0 * kt * p->tau_p / (p->compressibility * mean_volume(s) * time));
}

static void check_virial_theorems(const volumes *s, const md_protocol *p)
{
  const double kt = MD_BOLTZMANN * p->temperature, error = pressure_error(s, p);

  expect_abs(s->p / s->n, s->target, sigmas * error, "mean internal pressure");
  expect_abs(s->w / s->n, -kt, sigmas * error * mean_volume(s), "<V (P - P0)> = -kT");
  expect(sigmas * error * mean_volume(s) < kt, "the sample is long enough to tell kT from nothing");
}

/* p_a(V) / p_b(V) = const exp(-(P_a - P_b) V / kT) exactly: samples at either pressure, weighted
   half of the way, are samples at the pressure between.  If the variance were wrong by a factor r
   the two means would differ by (1 - r) (<V>_a - <V>_b). */
static void liquid_has_right_mean_and_variance(void **state)
{
  const md_protocol low = liquid_protocol(LOW), high = liquid_protocol(HIGH);
  const volumes a = sample_liquid(2, LOW, STEPS), b = sample_liquid(2, HIGH, STEPS);
  const double kt = MD_BOLTZMANN * low.temperature;
  const double spread = 0.5 * (volume_variance(&a) + volume_variance(&b));
  /* V relaxes in tau_p kappa / beta with kappa = Var V / (kT V); one sample in two of these counts.
     Weights over half a standard deviation take a fifth of the samples: exp(-1/4). */
  const double relax = low.tau_p * spread / (kt * mean_volume(&a)) / low.compressibility;
  const double count = 0.78 * STEPS * low.dt / (2.0 * relax);

  (void)state;
  check_virial_theorems(&a, &low);
  check_virial_theorems(&b, &high);
  expect_abs(a.weighted / a.weight, b.weighted / b.weight, sigmas * sqrt(2.0 * spread / count),
             "<V> between two pressures, seen from both");
  expect(sigmas * sqrt(2.0 * spread / count) < 0.2 * (mean_volume(&a) - mean_volume(&b)),
         "the sample is long enough to see a variance that is wrong by a fifth");
}

/* The barostat as it is used in production, while the liquid expands from the wrong density. */
static void check_work(md_shape shape)
{
  const md_guard guard = system_no_guard();
  md_protocol protocol = system_protocol(MD_NPT_SCR);
  md_potential *pot = system_argon_potential();
  md_run *run = system_argon_liquid(2, 0.9, pot);
  volumes s = {.target = protocol.pressure};

  protocol.shape = shape;
  expect_ok(md_run_start(run, &protocol, &guard));
  expect_ok(md_run_observe(run, 1, watch, &s));
  system_advance(run, 10000);
  expect(s.largest_energy_change > 0.5, "the liquid has expanded");
  /* Verlet's fluctuation at 4 fs and the trapezium rule add up to a walk; measured
     up to 8e-4 eV. */
  expect_abs(s.worst_conserved, 0.0, 2e-3, "total energy minus work of thermostat and barostat");
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
}

static void work_is_accounted_for(void **state)
{
  (void)state;
  for (int shape = 0; shape < (int)MD_NSHAPE; shape++) check_work((md_shape)shape);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(ideal_gas_has_exact_volume),
                                     cmocka_unit_test(liquid_has_right_mean_and_variance),
                                     cmocka_unit_test(work_is_accounted_for)};

  return expect_main(argc, argv, help, tests);
}
