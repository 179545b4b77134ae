/* tests/support/flux_series.h - heat and mass currents of a made-up mixture with a known
 * conductivity
 *
 * Independent Ornstein-Uhlenbeck processes u, p_j, q_j for each component of each replica:
 *   mass current j   w_j = p_j + q_j,                 mixed among species: C = (lower triangle) w
 *   heat current     u + sum_j (c p_j + d q_j)
 * What a regression on w_j leaves of c p_j + d q_j has the spectrum (c - d)^2 P Q/(P + Q) of their
 * spectra P and Q, so that with their integrals kappa = U + sum_j (c - d)^2 P Q/(P + Q): an Onsager
 * matrix in which neither part is zero.  The last species is given by total momentum.
 * Every replica has a volume and a temperature of its own.  Include after tests/support/expect.h.
 */
#pragma once

#include "tests/support/random.h"

#include "tests/support/ou_series.h"

#include "md/md_units.h"
#include "properties/prop_thermal.h"

enum { FLUX_MAX_SPECIES = 6 };

typedef struct {
  int n, nreplica, nspecies;
  double step, tau; /* [fs] */
  double kappa;     /* [eV/(fs Å K)] U */
} flux_case;

typedef struct {
  prop_heat_flux *replica;
  const double **pointer; /* [nreplica, 3 nspecies] */
  double *data;           /* [nreplica, 3 (nspecies + 1), n] heat, then species */
  double exact;           /* [eV/(fs Å K)] */
} flux_data;

/* P = 2 U, Q = U, c = 3, d = 2: each mass current brings 22 U, of which 2/3 U is left. */
static inline double flux_exact(const flux_case *c)
{
  return c->kappa * (1.0 + 2.0 / 3.0 * (c->nspecies - 1));
}

static inline double flux_mass(int species)
{
  return 1.0 + 0.7 * species;
}

/* One component of a replica: heat and nspecies currents, each [n], `stride` apart */
static inline void flux_component(random_stream *stream, const flux_case *c, double unit,
                                  double *heat, double *sum, int stride)
{
  const int n = c->n, last = c->nspecies - 1;
  const double power = unit * c->kappa;
  double *p = calloc(2 * (size_t)n, sizeof(double)), *q = p + n;

  for (int i = 0; i < n; i++) heat[i] = 0.0;
  for (int k = 0; k < c->nspecies * stride; k++) sum[k / stride * stride + k % n] = 0.0;
  ou_add(stream, c->tau, power / c->tau, c->step, n, heat);
  for (int j = 0; j < last; j++) {
    memset(p, 0, sizeof(double) * (size_t)(2 * n));
    ou_add(stream, 0.5 * c->tau, 4.0 * power / c->tau, c->step, n, p);
    ou_add(stream, 1.5 * c->tau, power / c->tau / 1.5, c->step, n, q);
    for (int i = 0; i < n; i++) {
      heat[i] += 3.0 * p[i] + 2.0 * q[i];
      for (int s = j; s < last; s++) sum[s * stride + i] += (p[i] + q[i]) / (1.0 + s - j);
    }
  }
  for (int s = 0; s < last; s++) {
    for (int i = 0; i < n; i++)
      sum[last * stride + i] -= flux_mass(s) / flux_mass(last) * sum[s * stride + i];
  }
  free(p);
}

static inline flux_data flux_create(random_stream *stream, const flux_case *c)
{
  const int each = 3 * (c->nspecies + 1) * c->n;
  flux_data d = {.exact = flux_exact(c)};

  d.replica = calloc((size_t)c->nreplica, sizeof(*d.replica));
  d.pointer = malloc(sizeof(*d.pointer) * (size_t)(3 * c->nspecies * c->nreplica));
  d.data = malloc(sizeof(double) * (size_t)each * (size_t)c->nreplica);
  for (int r = 0; r < c->nreplica; r++) {
    const double volume = 1e4 + 100.0 * r, t = 1000.0 + 20.0 * r;
    double *x = d.data + (size_t)each * (size_t)r;
    const double **at = d.pointer + (size_t)(3 * c->nspecies * r);

    d.replica[r] = (prop_heat_flux){.n = c->n, .volume = volume, .temperature = t, .sum = at};
    for (int a = 0; a < 3; a++) {
      d.replica[r].heat[a] = x + a * c->n;
      flux_component(stream, c, MD_BOLTZMANN * t * t * volume, x + a * c->n, x + (3 + a) * c->n,
                     3 * c->n);
    }
    for (int k = 0; k < 3 * c->nspecies; k++) at[k] = x + (3 + k) * c->n;
  }
  return d;
}

static inline void flux_clear(flux_data *d)
{
  free(d->replica);
  free(d->pointer);
  free(d->data);
}

/* Adds e_s times the current of each species to heat currents: other zeros of energy.  heat
   [nreplica, 3, n] is replaced by the caller's own. */
static inline void flux_shift(const flux_case *c, flux_data *d, const double e[])
{
  for (int r = 0; r < c->nreplica; r++) {
    double *x = d->data + (size_t)(3 * (c->nspecies + 1) * c->n) * (size_t)r;

    for (int k = 0; k < 3 * c->nspecies; k++) {
      for (int i = 0; i < c->n; i++) x[k % 3 * c->n + i] += e[k / 3] * x[(3 + k) * c->n + i];
    }
  }
}

typedef struct {
  double mean, deviation, error, one, two, flagged, missing, order;
} flux_statistics;

/* How often the truth lies within the error bars; these come from the known statistics of a
   spectrum, the 95 % interval is 1.96 of them */
static inline flux_statistics flux_collect(const flux_case *c, uint64_t seed, int repetitions)
{
  const double share = 1.0 / repetitions;
  random_stream stream = {seed};
  flux_statistics s = {0};
  double square = 0.0;

  for (int k = 0; k < repetitions; k++) {
    flux_data d = flux_create(&stream, c);
    prop_thermal t;
    double value, error;

    expect_ok(prop_thermal_estimate(c->nreplica, d.replica, c->nspecies, c->step, NULL, &t));
    value = t.estimate.mean / d.exact;
    error = t.estimate.error / d.exact;
    flux_clear(&d);
    if (!(error > 0.0)) {
      s.missing += share;
      continue;
    }
    s.mean += value * share;
    square += value * value * share;
    s.error += error * error * share;
    s.one += fabs(value - 1.0) < error ? share : 0.0;
    s.two += fabs(value - 1.0) < 1.96 * error ? share : 0.0;
    s.flagged += t.estimate.flags & ~PROP_FLAG_ONE_REPLICA ? share : 0.0;
    s.order += t.order * share;
  }
  s.deviation = sqrt(square - s.mean * s.mean);
  s.error = sqrt(s.error);
  print_message("%d species, %d replicas of %d: mean %.3f deviation %.3f error %.3f covered %.3f "
                "%.3f flagged %.2f missing %.2f P %.1f\n",
                c->nspecies, c->nreplica, c->n, s.mean, s.deviation, s.error, s.one, s.two,
                s.flagged, s.missing, s.order);
  return s;
}
