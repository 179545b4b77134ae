/* tests/support/mean_series.h - how often error bars of means of short series cover the truth
 *
 * AR(1) series x_{i+1} = phi x_i + e_i of a given number of effective samples n/g, g = (1 + phi)/
 * (1 - phi), with or without a transient on top.  Correlation time: g/2 samples.  Include after
 * tests/support/expect.h.
 */
#pragma once

#include "properties/prop_series.h"
#include "tests/support/random.h"

typedef struct {
  double neff;   /* effective samples of the whole series */
  double offset; /* [standard deviations] of the first sample */
  double decay;  /* [g] time in which that falls by e */
} mean_case;

typedef struct {
  double one, two; /* covered by one error, by the 95 % interval, with Student's factors */
  double z, drift; /* root mean square of deviation/error; flagged NOT_STATIONARY */
} mean_statistics;

/* All cases: settled series, a start that relaxes with the correlation time, one that takes twice
   and four times as long.  The last is not seen in 10 effective samples (measured: 0.67 and
   0.91). */
static const mean_case mean_cases[] = {{10.0, 0.0, 1.0}, {10.0, 5.0, 0.5},  {10.0, 10.0, 1.0},
                                       {20.0, 0.0, 1.0}, {20.0, 5.0, 0.5},  {20.0, 10.0, 1.0},
                                       {20.0, 3.0, 2.0}, {50.0, 0.0, 1.0},  {50.0, 10.0, 1.0},
                                       {50.0, 3.0, 2.0}, {200.0, 0.0, 1.0}, {200.0, 10.0, 1.0}};
enum { MEAN_CASES = sizeof(mean_cases) / sizeof(mean_cases[0]) };

static inline prop_estimate mean_estimate(random_stream *stream, const mean_case *c)
{
  const double phi = 0.8, g = (1.0 + phi) / (1.0 - phi), sigma = 1.0 / sqrt(1.0 - phi * phi);
  double x = sigma * random_normal(stream);
  prop_series series;
  prop_estimate est;

  expect_ok(prop_series_create(&series));
  for (int i = 0; i < (int)lround(c->neff * g); i++) {
    expect_ok(prop_series_add(&series, x + c->offset * sigma * exp(-i / (c->decay * g))));
    x = phi * x + random_normal(stream);
  }
  expect_ok(prop_series_estimate(&series, &est));
  expect_ok(prop_series_clear(&series));
  return est;
}

static inline mean_statistics mean_collect(const mean_case *c, uint64_t seed, int repetitions)
{
  const double share = 1.0 / repetitions;
  random_stream stream = {seed};
  mean_statistics s = {0};

  for (int k = 0; k < repetitions; k++) {
    const prop_estimate est = mean_estimate(&stream, c);
    const double dof = floor(prop_series_dof(est.neff)), z = fabs(est.mean) / est.error;

    s.one += z < 1.0 + 0.5 / dof + 0.25 / (dof * dof) ? share : 0.0;
    s.two += z < prop_student95((PetscInt)dof) ? share : 0.0;
    s.z += z * z * share;
    s.drift += est.flags & PROP_FLAG_NOT_STATIONARY ? share : 0.0;
  }
  s.z = sqrt(s.z);
  print_message("%3.0f effective samples, %2.0f sigma, %.1f g: covered %.3f %.3f, z %.2f, "
                "not stationary %.3f\n",
                c->neff, c->offset, c->decay, s.one, s.two, s.z, s.drift);
  return s;
}
