/* md/md_rng.h - counter-based random numbers: the same number for the same question, whoever asks
 *
 * Philox4x32-10 (Random123; Salmon et al., SC'11, doi:10.1145/2063384.2063405).  A draw is a pure
 * function of (key, purpose, step, index, kind of draw): no state to save, nothing depends on the
 * order of evaluation or the number of ranks.  Asking the same function the same question twice
 * gives the same number twice; different functions (uniform2, normal2, normal3, chi2) have streams
 * of their own.
 *
 * The counter of 128 bits is: step, low word | step, high word | index | purpose (8 bits), kind of
 * draw (3 bits), sub-draw (21 bits); the key of 64 bits is md_rng.key, low word first.
 *
 * Not collective.  Verified by: tests/unit/md/test_md_rng.c
 */
#pragma once

#include <petscsys.h>
#include <stdint.h>

typedef struct {
  uint64_t key; /* hash of campaign point, replica and stage */
} md_rng;

typedef enum { /* what a number is for; distinct streams; < 255 */
               MD_RNG_PACK = 1,
               MD_RNG_VELOCITY,
               MD_RNG_LANGEVIN,
               MD_RNG_BUSSI,
               MD_RNG_BAROSTAT,
               MD_RNG_TEST
} md_rng_purpose;

/* The bare generator: 128 random bits of a counter and a key. */
void md_rng_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);
/* Two uniforms in the open interval (0,1): odd multiples of 2^-53, so that neither 0 nor 1 occurs
 * and all 53 bits of the significand are used. */
void md_rng_uniform2(md_rng rng, md_rng_purpose purpose, uint64_t step, uint32_t index,
                     PetscReal out[2]);
/* Two independent standard normals (Box-Muller); no value beyond +-8.6. */
void md_rng_normal2(md_rng rng, md_rng_purpose purpose, uint64_t step, uint32_t index,
                    PetscReal out[2]);
/* Three standard normals for a vector quantity of atom `index`. */
void md_rng_normal3(md_rng rng, md_rng_purpose purpose, uint64_t step, uint32_t index,
                    PetscReal out[3]);
/* Sum of n squares of independent standard normals, 0 for n <= 0: twice a gamma variate of shape
 * n/2, by rejection with counted sub-draws.  O(1) for any n.
 * Source: Marsaglia & Tsang, ACM Trans. Math. Softw. 26, 363 (2000), doi:10.1145/358407.358414. */
PetscReal md_rng_chi2(md_rng rng, md_rng_purpose purpose, uint64_t step, uint32_t index,
                      PetscInt n);
/* A new key from an old one and a number: replica, stage.  Distinct numbers give distinct keys up
 * to the chance of a 64-bit collision; derivations can be chained and their order matters. */
md_rng md_rng_derive(md_rng rng, uint64_t number);
