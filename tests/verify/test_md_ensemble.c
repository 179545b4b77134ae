/* tests/verify/test_md_ensemble.c */
#include "tests/support/expect.h"
#include "tests/support/md_systems.h"

static const char help[] =
    "Distributions of a liquid: kinetic energy, two temperatures, two pressures, two masses\n";

/* For states 1 and 2 of one system the densities of states cancel:
 *
 *   ln p2(x) / p1(x) = const + b x,   b = -(beta2 - beta1)   for x = E at constant volume,
 *                                     b = -(beta2 - beta1)   for x = E + P V at constant pressure,
 *                                     b = -beta (P2 - P1)    for x = V at one temperature.
 *
 * b is estimated by maximum likelihood (the logistic regression of the state on x) and compared
 * with what it must be; its error is that of the likelihood times sqrt(g), g the statistical
 * inefficiency of the series.  Source: Shirts, J. Chem. Theory Comput. 9, 909 (2013),
 * doi:10.1021/ct300688p; Merz & Shirts, PLoS ONE 13, e0202764 (2018),
 * doi:10.1371/journal.pone.0202764.
 * The liquid is argon of 32 atoms above its critical point.  test_md_ensemble_long.c is the same
 * with runs LENGTH times as long. */
#ifndef LENGTH
#define LENGTH 1
#endif
static const double sigmas = 4.0;

enum { SKIP = 2000, STRIDE = 4, SAMPLES = 8000 * LENGTH };

typedef struct {
  int n;
  double kinetic[SAMPLES], energy[SAMPLES], volume[SAMPLES], light[SAMPLES];
} series;

static PetscErrorCode watch(const md_sample *sample, void *context)
{
  series *s = context;
  const md_atoms *atoms = sample->atoms;

  s->kinetic[s->n] = sample->kinetic;
  s->energy[s->n] = sample->kinetic + sample->potential;
  s->volume[s->n] = sample->volume;
  s->light[s->n] = 0.0;
  for (PetscInt i = 0; i < atoms->n; i++) {
    const PetscReal *v = &atoms->v[3 * i];

    if (atoms->type[i] != 1) continue;
    s->light[s->n] += 0.5 * atoms->mass[1] * (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
  }
  s->n++;
  return 0;
}

/* Statistics */

static double mean(int n, const double x[])
{
  double sum = 0.0;

  for (int i = 0; i < n; i++) sum += x[i] / n;
  return sum;
}

static double covariance(int n, const double x[], double m, int lag)
{
  double sum = 0.0;

  for (int i = 0; i + lag < n; i++) sum += (x[i] - m) * (x[i + lag] - m);
  return sum / (n - lag);
}

static double variance(int n, const double x[])
{
  return covariance(n, x, mean(n, x), 0);
}

/* Samples that count as one: 1 + 2 sum of correlations, up to five times the sum so far (Sokal). */
static double inefficiency(int n, const double x[])
{
  const double m = mean(n, x), c0 = covariance(n, x, m, 0);
  double g = 1.0;

  for (int lag = 1; lag < n / 10 && lag < 2.5 * g + 5.0; lag++) {
    g += 2.0 * covariance(n, x, m, lag) / c0;
  }
  return fmax(g, 1.0);
}

/* Regularised incomplete gamma function P(a, x) by its series. */
static double gamma_cdf(double a, double x)
{
  double term = 1.0, sum = 1.0;

  for (int k = 1; k < 2000 && term > 1e-15 * sum; k++) {
    term *= x / (a + k);
    sum += term;
  }
  return sum * exp(a * log(x) - x - lgamma(a + 1.0));
}

static int ascending(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

/* Kinetic energies far enough apart against their gamma distribution: Kolmogorov's distance times
   sqrt(n) is above 1.95 once in a thousand. */
static void check_distribution(const series *s, double degrees, double kt, const char *what)
{
  static double x[SAMPLES];
  const int apart = 1 + (int)(2.0 * inefficiency(s->n, s->kinetic));
  double worst = 0.0;
  int n = 0;

  for (int i = 0; i < s->n; i += apart) x[n++] = s->kinetic[i];
  qsort(x, (size_t)n, sizeof(x[0]), ascending);
  for (int i = 0; i < n; i++) {
    const double f = gamma_cdf(0.5 * degrees, x[i] / kt);

    worst = fmax(worst, fmax(fabs(f - (double)i / n), fabs(f - (i + 1.0) / n)));
  }
  expect(n >= 200, "the run is long enough");
  expect_abs(worst * sqrt(n), 0.0, 1.95, what);
}

static void check_kinetic(const series *s, double degrees, double kt, const char *what)
{
  static double square[SAMPLES];
  const double m = mean(s->n, s->kinetic), var = 0.5 * degrees * kt * kt;

  for (int i = 0; i < s->n; i++) square[i] = pow(s->kinetic[i] - m, 2);
  expect_abs(m, 0.5 * degrees * kt, sigmas * sqrt(var * inefficiency(s->n, s->kinetic) / s->n),
             what);
  expect_near(variance(s->n, s->kinetic), var,
              sigmas * sqrt((2.0 + 12.0 / degrees) * inefficiency(s->n, square) / s->n), what);
  check_distribution(s, degrees, kt, what);
}

typedef struct {
  double slope, error;
} line;

/* Newton's steps for the two parameters; x is moved to the middle and scaled. */
static line fit_ratio(int n, const double x1[], const double x2[])
{
  const double m1 = mean(n, x1), m2 = mean(n, x2), unit = sqrt(variance(n, x1));
  const double middle = 0.5 * (m1 + m2);
  const double g = fmax(inefficiency(n, x1), inefficiency(n, x2));
  double a = 0.0, b = 0.0, h[3] = {1.0, 0.0, 1.0};

  for (int step = 0; step < 30; step++) {
    double da = 0.0, db = 0.0;

    h[0] = h[1] = h[2] = 0.0;
    for (int i = 0; i < 2 * n; i++) {
      const double x = ((i < n ? x1[i] : x2[i - n]) - middle) / unit;
      const double f = 1.0 / (1.0 + exp(-(a + b * x))), w = f * (1.0 - f), d = (i >= n) - f;

      da += d;
      db += d * x;
      h[0] += w;
      h[1] += w * x;
      h[2] += w * x * x;
    }
    a += (h[2] * da - h[1] * db) / (h[0] * h[2] - h[1] * h[1]);
    b += (h[0] * db - h[1] * da) / (h[0] * h[2] - h[1] * h[1]);
  }
  return (line){b / unit, sqrt(g * h[0] / (h[0] * h[2] - h[1] * h[1])) / unit};
}

static void check_ratio(int n, const double x1[], const double x2[], double want, const char *what)
{
  const line got = fit_ratio(n, x1, x2);

  expect_abs(got.slope, want, sigmas * got.error, what);
  expect(got.error < 0.16 / sqrt((double)LENGTH) * fabs(want), "the runs are long enough");
}

/* Runs */

#define COLD     (1.5 * SYSTEM_LJ_TEMP)
#define HOT      (1.85 * SYSTEM_LJ_TEMP)
#define LOW      0.85 /* reduced pressures */
#define HIGH     1.25
#define PRESSURE (SYSTEM_EPSILON / pow(SYSTEM_SIGMA, 3))

static md_protocol protocol_at(md_ensemble ensemble, md_shape shape, double temperature,
                               double pressure)
{
  md_protocol p = system_protocol(ensemble);

  p.dt = 8.0;
  p.temperature = temperature;
  p.pressure = pressure * PRESSURE;
  p.shape = shape;
  p.tau_t = 100.0;
  p.tau_p = 400.0;
  p.compressibility = 1500.0;
  p.rng.key = (uint64_t)(temperature + 1e4 * pressure);
  return p;
}

/* Argon, half of it four times lighter; masses do not matter to the rest. */
static md_atoms mixture(void)
{
  md_atoms one = system_fcc(2, 0.55), atoms;

  expect_ok(md_atoms_create(one.n, 2, &atoms));
  memcpy(atoms.x, one.x, sizeof(one.x[0]) * 3 * (size_t)one.n);
  memcpy(atoms.h, one.h, sizeof(one.h));
  atoms.mass[0] = SYSTEM_MASS;
  atoms.mass[1] = 0.25 * SYSTEM_MASS;
  for (PetscInt i = 0; i < one.n; i++) atoms.type[i] = i % 2;
  expect_ok(md_atoms_clear(&one));
  return atoms;
}

static void sample_state(const md_protocol *protocol, series *s)
{
  const PetscReal epsilon[4] = {SYSTEM_EPSILON, SYSTEM_EPSILON, SYSTEM_EPSILON, SYSTEM_EPSILON};
  const PetscReal sigma[4] = {SYSTEM_SIGMA, SYSTEM_SIGMA, SYSTEM_SIGMA, SYSTEM_SIGMA};
  const md_guard guard = system_no_guard();
  md_protocol melt = *protocol;
  md_atoms atoms = mixture();
  md_potential *pot;
  md_run *run;

  melt.ensemble = MD_NVT_LANGEVIN;
  s->n = 0;
  expect_ok(md_potential_create_lj(2, epsilon, sigma, 2.0 * SYSTEM_SIGMA, PETSC_TRUE, &pot));
  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_run_thermalise(run, 2.0 * protocol->temperature, melt.rng));
  expect_ok(md_run_start(run, &melt, &guard));
  system_advance(run, 500);
  expect_ok(md_run_start(run, protocol, &guard));
  system_advance(run, SKIP);
  expect_ok(md_run_observe(run, STRIDE, watch, s));
  system_advance(run, (PetscInt64)STRIDE * SAMPLES);
  expect_ok(md_run_destroy(&run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
}

enum { NATOM = 32, DEGREES = 3 * NATOM - 3 };

/* Momentum zero takes 3 kT/2 m_i/M from each atom. */
static void check_equipartition(const series *s, double kt, const char *what)
{
  const double want = 1.5 * kt * (NATOM / 2.0 - 0.25 / 1.25);

  expect_abs(mean(s->n, s->light), want,
             sigmas * sqrt(variance(s->n, s->light) * inefficiency(s->n, s->light) / s->n), what);
}

static series a, b;

static void check_constant_volume(md_ensemble ensemble, const char *what)
{
  const md_protocol cold = protocol_at(ensemble, MD_ISOTROPIC, COLD, LOW);
  const md_protocol hot = protocol_at(ensemble, MD_ISOTROPIC, HOT, LOW);

  sample_state(&cold, &a);
  sample_state(&hot, &b);
  check_kinetic(&a, DEGREES, MD_BOLTZMANN * COLD, what);
  check_equipartition(&a, MD_BOLTZMANN * COLD, what);
  check_ratio(a.n, a.energy, b.energy, 1.0 / (MD_BOLTZMANN * COLD) - 1.0 / (MD_BOLTZMANN * HOT),
              what);
}

static void thermostats_sample_the_canonical_ensemble(void **state)
{
  (void)state;
  check_constant_volume(MD_NVT_LANGEVIN, "Langevin");
  check_constant_volume(MD_NVT_BUSSI, "stochastic velocity rescaling");
  check_constant_volume(MD_NVT_NHC, "Nosé-Hoover chain");
}

static void add_work(double pressure, series *s)
{
  for (int i = 0; i < s->n; i++) s->energy[i] += pressure * PRESSURE * s->volume[i];
}

/* <V>_1 - <V>_2 = beta (P2 - P1) Var V between the two, but for the third derivative of ln Z: a
   fluctuation against the slope of the equation of state. */
static void check_slope(const series *low, const series *high, double kt, const char *what)
{
  static double square[SAMPLES];
  const double change = mean(low->n, low->volume) - mean(high->n, high->volume);
  const double v1 = variance(low->n, low->volume), v2 = variance(high->n, high->volume);
  const double want = (HIGH - LOW) * PRESSURE / kt * 0.5 * (v1 + v2);
  const double m = mean(low->n, low->volume);
  double error =
      (v1 * inefficiency(low->n, low->volume) + v2 * inefficiency(high->n, high->volume)) / low->n;

  for (int i = 0; i < low->n; i++) square[i] = pow(low->volume[i] - m, 2);
  error += pow((HIGH - LOW) * PRESSURE / kt, 2) * 0.5 * variance(low->n, square) *
           inefficiency(low->n, square) / low->n;
  /* The trapezium rule errs by about a third of this square where Var V falls exponentially. */
  expect_abs(change, want, sigmas * sqrt(error) + want * pow((v1 - v2) / (v1 + v2), 2), what);
}

static void check_constant_pressure(md_ensemble ensemble, md_shape shape, const char *what)
{
  const double kt = MD_BOLTZMANN * COLD;
  md_protocol p = protocol_at(ensemble, shape, COLD, LOW);

  sample_state(&p, &a);
  check_kinetic(&a, DEGREES, kt, what);
  check_equipartition(&a, kt, what);
  p = protocol_at(ensemble, shape, COLD, HIGH);
  sample_state(&p, &b);
  check_ratio(a.n, a.volume, b.volume, -(HIGH - LOW) * PRESSURE / kt, what);
  check_slope(&a, &b, kt, what);
  p = protocol_at(ensemble, shape, HOT, LOW);
  sample_state(&p, &b);
  add_work(LOW, &a);
  add_work(LOW, &b);
  check_ratio(a.n, a.energy, b.energy, 1.0 / kt - 1.0 / (MD_BOLTZMANN * HOT), what);
}

static void barostats_sample_constant_pressure(void **state)
{
  (void)state;
  check_constant_pressure(MD_NPT_SCR, MD_ISOTROPIC, "stochastic cell rescaling");
  check_constant_pressure(MD_NPT_SCR, MD_UNIAXIAL, "stochastic cell rescaling along z");
  check_constant_pressure(MD_NPT_SCR_LANGEVIN, MD_ISOTROPIC, "cell rescaling and Langevin");
  check_constant_pressure(MD_NPT_MTK, MD_ISOTROPIC, "Martyna-Tobias-Klein");
  check_constant_pressure(MD_NPT_MTK, MD_UNIAXIAL, "Martyna-Tobias-Klein along z");
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(thermostats_sample_the_canonical_ensemble),
                                     cmocka_unit_test(barostats_sample_constant_pressure)};

  return expect_main(argc, argv, help, tests);
}
