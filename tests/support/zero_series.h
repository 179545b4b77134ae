/* tests/support/zero_series.h - how often error bars of zero-frequency limits cover the truth
 *
 * Include after tests/support/expect.h.
 */
#pragma once

#include "tests/support/random.h"

#include "tests/support/ou_series.h"

#include "properties/prop_zero.h"

/* Sequences of block means of 10 fs, all of them of one kind */
typedef enum { ZERO_ONE, ZERO_TWO, ZERO_WHITE, ZERO_CAGED, ZERO_SHORT, ZERO_TAIL } zero_kind;
enum { ZERO_STEP = 10 };

static inline double zero_fill(random_stream *stream, zero_kind kind, int n, double out[])
{
  const double h = ZERO_STEP;

  for (int i = 0; i < n; i++) out[i] = 0.0;
  switch (kind) {
  case ZERO_ONE:
    ou_add(stream, 300.0, 1.0, h, n, out);
    return 300.0;
  case ZERO_TWO:
    ou_add(stream, 300.0, 1.0, h, n, out);
    ou_add(stream, 50.0, 4.0, h, n, out);
    return 500.0;
  case ZERO_TAIL: /* a quarter of the integral is slow, in a peak a tenth as wide as the rest */
    ou_add(stream, 1000.0, 0.25, h, n, out);
    ou_add(stream, 100.0, 7.5, h, n, out);
    return 1000.0;
  case ZERO_WHITE:
    for (int i = 0; i < n; i++) out[i] = random_normal(stream);
    return 0.5 * h;
  case ZERO_CAGED:
    caged_add(stream, 60.0, 200.0, 0.6, h, n, out);
    return caged_integral(60.0, 0.6, h);
  default:
    ou_add(stream, 1e4, 1.0, h, n, out);
    return 1e4;
  }
}

typedef struct {
  zero_kind kind;
  const prop_zero_model *model;
  int n, nreplica, ncomponent;
} zero_case;

typedef struct {
  double mean, deviation,
      error;       /* over the exact value: mean, true scatter, mean square error bar */
  double one, two; /* covered by one error, by the 95 % interval */
  double clean;    /* without FEW_SAMPLES and NO_PLATEAU */
  double missing;
} zero_statistics;

/* The true scatter and the fractions of `repetitions` with which an estimate lies within its error
   bars; the error of the limit does not come from few samples, but from the known statistics of a
   periodogram: the 95 % interval is 1.96 errors. */
static inline zero_statistics zero_collect(const zero_case *c, uint64_t seed, int repetitions)
{
  const int nseq = c->nreplica * c->ncomponent;
  const double share = 1.0 / repetitions;
  double *x = malloc(sizeof(double) * (size_t)c->n * (size_t)nseq), square = 0.0;
  prop_sequence *sequence = malloc(sizeof(*sequence) * (size_t)nseq);
  random_stream stream = {seed};
  zero_statistics s = {0};

  for (int k = 0; k < repetitions; k++) {
    double exact = 0.0;
    prop_zero zero;

    for (int q = 0; q < nseq; q++) {
      double *xq = x + (size_t)q * (size_t)c->n;

      exact = zero_fill(&stream, c->kind, c->n, xq);
      sequence[q] = (prop_sequence){.n = c->n, .x = xq, .scale = 1.0};
    }
    expect_ok(
        prop_zero_sequences(c->nreplica, c->ncomponent, sequence, ZERO_STEP, c->model, &zero));
    if (!(zero.error > 0.0)) {
      s.missing += share;
      continue;
    }
    s.mean += zero.value / exact * share;
    square += PetscSqr(zero.value / exact) * share;
    s.error += PetscSqr(zero.error / exact) * share;
    s.one += fabs(zero.value - exact) < zero.error ? share : 0.0;
    s.two += fabs(zero.value - exact) < 1.96 * zero.error ? share : 0.0;
    s.clean += zero.flags & (PROP_FLAG_FEW_SAMPLES | PROP_FLAG_NO_PLATEAU) ? 0.0 : share;
  }
  free(x);
  free(sequence);
  s.deviation = sqrt(square - s.mean * s.mean);
  s.error = sqrt(s.error);
  print_message("kind %d, form %d, %d x %d x %d: mean %.3f deviation %.3f error %.3f covered %.3f "
                "%.3f clean %.2f missing %.2f\n",
                (int)c->kind, (int)c->model->form, c->nreplica, c->ncomponent, c->n, s.mean,
                s.deviation, s.error, s.one, s.two, s.clean, s.missing);
  return s;
}
