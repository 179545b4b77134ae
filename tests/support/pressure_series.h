/* tests/support/pressure_series.h - pressures of a made-up liquid with a known viscosity
 *
 * Five independent Ornstein-Uhlenbeck processes u_c are turned into the six components of a
 * pressure, P_xx = p + 2 u_0/sqrt(3), P_yy = p - u_0/sqrt(3) + u_1, P_zz = p - u_0/sqrt(3) - u_1,
 * and P_yz, P_xz, P_xy; p fluctuates, too, and much more.  Every replica has a volume and a
 * temperature of its own.  Include after tests/support/expect.h.
 */
#pragma once

#include "tests/support/random.h"

#include "tests/support/ou_series.h"

#include "md/md_units.h"
#include "properties/prop_viscosity.h"

typedef struct {
  int n, nreplica;
  double step;
  double eta, tau; /* [eV fs/Å^3], [fs]: of the slow memory */
  double fast;     /* share of a memory of tau/6 in the viscosity */
} liquid;

typedef struct {
  prop_pressure *replica;
  double *data; /* [nreplica, 6, n] */
} liquid_pressures;

static inline void liquid_fill(random_stream *stream, const liquid *l, int r, prop_pressure *p,
                               double data[])
{
  const int n = l->n;
  double *u = calloc(6 * (size_t)n, sizeof(double));

  *p = (prop_pressure){.n = n, .volume = 1e4 + 100.0 * r, .temperature = 1000.0 + 20.0 * r};
  for (int c = 0; c < 6; c++) {
    const double unit = MD_BOLTZMANN * p->temperature / p->volume * (c == 5 ? 400.0 : 1.0);

    ou_add(stream, l->tau, unit * (1.0 - l->fast) * l->eta / l->tau, l->step, n, u + c * n);
    if (l->fast > 0.0) {
      ou_add(stream, l->tau / 6.0, unit * l->fast * l->eta / l->tau * 6.0, l->step, n, u + c * n);
    }
  }
  for (int i = 0; i < n; i++) {
    const double first = u[i] / sqrt(3.0), second = u[n + i], mean = 0.02 + u[5 * n + i];

    data[i] = mean + 2.0 * first;
    data[n + i] = mean - first + second;
    data[2 * n + i] = mean - first - second;
    for (int c = 3; c < 6; c++) data[c * n + i] = u[(c - 1) * n + i];
  }
  for (int c = 0; c < 6; c++) p->pressure[c] = data + c * n;
  free(u);
}

static inline liquid_pressures liquid_create(random_stream *stream, const liquid *l)
{
  liquid_pressures p;

  p.replica = malloc(sizeof(*p.replica) * (size_t)l->nreplica);
  p.data = malloc(sizeof(double) * 6 * (size_t)l->n * (size_t)l->nreplica);
  for (int r = 0; r < l->nreplica; r++) {
    liquid_fill(stream, l, r, &p.replica[r], p.data + 6 * (size_t)l->n * (size_t)r);
  }
  return p;
}

static inline void liquid_clear(liquid_pressures *p)
{
  free(p->replica);
  free(p->data);
}

typedef struct {
  double mean, deviation, error, one, two, flagged;
} liquid_statistics;

/* Fractions of repetitions with which the four estimators cover the truth: primary, decomposition,
   Einstein, truncated; `disagree` of the primary's flags */
static inline double liquid_collect(const liquid *l, double cutoff, uint64_t seed, int repetitions,
                                    liquid_statistics s[4])
{
  static const char *const name[] = {"primary", "decomposed", "Einstein", "truncated"};
  const double share = 1.0 / repetitions;
  random_stream stream = {seed};
  double square[4] = {0.0}, disagree = 0.0;

  for (int m = 0; m < 4; m++) s[m] = (liquid_statistics){0};
  for (int k = 0; k < repetitions; k++) {
    liquid_pressures p = liquid_create(&stream, l);
    prop_viscosity v;

    expect_ok(prop_viscosity_estimate(l->nreplica, p.replica, l->step, cutoff, &v));
    liquid_clear(&p);
    disagree += v.primary.flags & PROP_FLAG_METHODS_DISAGREE ? share : 0.0;
    for (int m = 0; m < 4; m++) {
      const prop_estimate *all[] = {&v.primary, &v.decomposition.value.estimate,
                                    &v.einstein.estimate, &v.truncated.estimate};
      const prop_estimate *e = all[m];
      const double factor = m == 0 ? 1.96 : prop_student95((PetscInt)e->neff - 1);

      s[m].mean += e->mean / l->eta * share;
      square[m] += PetscSqr(e->mean / l->eta) * share;
      s[m].error += PetscSqr(e->error / l->eta) * share;
      s[m].one += fabs(e->mean - l->eta) < e->error ? share : 0.0;
      s[m].two += fabs(e->mean - l->eta) < factor * e->error ? share : 0.0;
      s[m].flagged += e->flags ? share : 0.0;
    }
  }
  for (int m = 0; m < 4; m++) {
    s[m].deviation = sqrt(square[m] - PetscSqr(s[m].mean));
    s[m].error = sqrt(s[m].error);
    print_message("%s: mean %.3f deviation %.3f error %.3f covered %.3f %.3f flagged %.2f\n",
                  name[m], s[m].mean, s[m].deviation, s[m].error, s[m].one, s[m].two, s[m].flagged);
  }
  print_message("disagree %.3f\n", disagree);
  return disagree;
}
