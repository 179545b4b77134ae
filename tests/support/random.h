/* tests/support/random.h - a small deterministic generator for synthetic data in tests
 *
 * splitmix64 (Steele, Lea & Flood, OOPSLA 2014, doi:10.1145/2660193.2660195): a counter that grows
 * by an odd constant, and a mixing of its bits.  Independent of md_rng on purpose: what is tested
 * must not supply its own dice.  The same seed gives the same numbers on every machine.
 */
#pragma once

#include <math.h>
#include <stdint.h>

typedef struct {
  uint64_t state;
} random_stream;

static inline uint64_t random_bits(random_stream *stream)
{
  uint64_t z = stream->state += UINT64_C(0x9e3779b97f4a7c15);

  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/* Uniform in the open interval (0,1) */
static inline double random_uniform(random_stream *stream)
{
  return ((double)(random_bits(stream) >> 12) + 0.5) * 0x1p-52;
}

/* Standard normal (Box-Muller; the second one is not kept, so that a stream has no hidden state) */
static inline double random_normal(random_stream *stream)
{
  const double radius = sqrt(-2.0 * log(random_uniform(stream)));

  return radius * cos(6.283185307179586 * random_uniform(stream));
}
