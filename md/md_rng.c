/* md/md_rng.c - counters, uniforms, normals and chi-squares on top of Random123's Philox4x32-10 */
#include "md/md_rng.h"

#include <Random123/philox.h>

/* Kind of draw in the counter: keeps the streams of the public functions apart. */
typedef enum { KIND_UNIFORM, KIND_NORMAL2, KIND_NORMAL3, KIND_CHI2 } draw_kind;

enum { DERIVE_PURPOSE = 255, PURPOSE_SHIFT = 24, KIND_SHIFT = 21 };

/* A question: everything a number depends on but the sub-draw. */
typedef struct {
  md_rng rng;
  uint64_t step;
  uint32_t index;
  uint32_t stream; /* purpose and kind in their places */
} question;

static question ask(md_rng rng, md_rng_purpose purpose, uint64_t step, uint32_t index,
                    draw_kind kind)
{
  const uint32_t stream = ((uint32_t)purpose & 0xffu) << PURPOSE_SHIFT | (uint32_t)kind
                                                                             << KIND_SHIFT;

  return (question){.rng = rng, .step = step, .index = index, .stream = stream};
}

void md_rng_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
  const philox4x32_ctr_t c = {{counter[0], counter[1], counter[2], counter[3]}};
  const philox4x32_key_t k = {{key[0], key[1]}};
  const philox4x32_ctr_t r = philox4x32(c, k);

  for (int i = 0; i < 4; i++) out[i] = r.v[i];
}

static void bits(question q, uint32_t sub, uint32_t out[4])
{
  const uint32_t counter[4] = {(uint32_t)q.step, (uint32_t)(q.step >> 32), q.index, q.stream | sub};
  const uint32_t key[2] = {(uint32_t)q.rng.key, (uint32_t)(q.rng.key >> 32)};

  md_rng_philox(counter, key, out);
}

/* (k + 1/2) 2^-52 for the upper 52 of 64 bits: exact in double precision */
static PetscReal open_unit(uint32_t high, uint32_t low)
{
  const uint64_t k = ((uint64_t)high << 32 | low) >> 12;

  return ((PetscReal)k + 0.5) * 0x1p-52;
}

static void uniform_pair(question q, uint32_t sub, PetscReal out[2])
{
  uint32_t word[4];

  bits(q, sub, word);
  out[0] = open_unit(word[0], word[1]);
  out[1] = open_unit(word[2], word[3]);
}

static void normal_pair(question q, uint32_t sub, PetscReal out[2])
{
  PetscReal u[2], radius;

  uniform_pair(q, sub, u);
  radius = PetscSqrtReal(-2.0 * PetscLogReal(u[0]));
  out[0] = radius * PetscCosReal(2.0 * PETSC_PI * u[1]);
  out[1] = radius * PetscSinReal(2.0 * PETSC_PI * u[1]);
}

void md_rng_uniform2(md_rng rng, md_rng_purpose purpose, uint64_t step, uint32_t index,
                     PetscReal out[2])
{
  uniform_pair(ask(rng, purpose, step, index, KIND_UNIFORM), 0, out);
}

void md_rng_normal2(md_rng rng, md_rng_purpose purpose, uint64_t step, uint32_t index,
                    PetscReal out[2])
{
  normal_pair(ask(rng, purpose, step, index, KIND_NORMAL2), 0, out);
}

void md_rng_normal3(md_rng rng, md_rng_purpose purpose, uint64_t step, uint32_t index,
                    PetscReal out[3])
{
  const question q = ask(rng, purpose, step, index, KIND_NORMAL3);
  PetscReal second[2];

  normal_pair(q, 0, out);
  normal_pair(q, 1, second);
  out[2] = second[0];
}

/* Gamma variate of shape >= 1; attempt k uses the sub-draws 2k (normal) and 2k + 1 (uniform).
   More than 95 % of the attempts succeed, so the 2^20 that can be counted are never used up. */
static PetscReal gamma_variate(question q, PetscReal shape)
{
  const PetscReal d = shape - 1.0 / 3.0, c = 1.0 / PetscSqrtReal(9.0 * d);

  for (uint32_t attempt = 0;; attempt++) {
    PetscReal x[2], u[2], v;

    normal_pair(q, 2 * attempt, x);
    uniform_pair(q, 2 * attempt + 1, u);
    v = (1.0 + c * x[0]) * (1.0 + c * x[0]) * (1.0 + c * x[0]);
    if (v <= 0.0) continue;
    if (PetscLogReal(u[0]) < 0.5 * x[0] * x[0] + d - d * v + d * PetscLogReal(v)) return d * v;
  }
}

PetscReal md_rng_chi2(md_rng rng, md_rng_purpose purpose, uint64_t step, uint32_t index, PetscInt n)
{
  const question q = ask(rng, purpose, step, index, KIND_CHI2);
  PetscReal x[2];

  if (n <= 0) return 0.0;
  if (n >= 3) return 2.0 * gamma_variate(q, 0.5 * (PetscReal)n);
  normal_pair(q, 0, x);
  return x[0] * x[0] + (n == 2 ? x[1] * x[1] : 0.0);
}

md_rng md_rng_derive(md_rng rng, uint64_t number)
{
  const question q = ask(rng, (md_rng_purpose)DERIVE_PURPOSE, number, 0, KIND_UNIFORM);
  uint32_t word[4];

  bits(q, 0, word);
  return (md_rng){.key = (uint64_t)word[1] << 32 | word[0]};
}
