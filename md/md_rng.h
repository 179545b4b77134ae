/* md/md_rng.h - counter-based random numbers: the same number for the same question, whoever asks
 *
 * Philox4x32-10 (Random123; Salmon et al., SC'11, doi:10.1145/2063384.2063405).  A draw is a pure function of
 * (key, purpose, step, index): no state to save, nothing depends on the order of evaluation or the number of ranks.
 */
#pragma once

#include <petscsys.h>
#include <stdint.h>

typedef struct {
  uint64_t key; /* hash of campaign point, replica and stage */
} md_rng;

typedef enum { /* what a number is for; distinct streams */
  MD_RNG_PACK = 1,
  MD_RNG_VELOCITY,
  MD_RNG_LANGEVIN,
  MD_RNG_BUSSI,
  MD_RNG_BAROSTAT,
  MD_RNG_TEST
} md_rng_purpose;

/* Four uniforms in (0,1), 53 bits each where two words are used: out[0..1]; */
void md_rng_uniform2(md_rng rng, md_rng_purpose purpose, uint64_t step, uint32_t index, PetscReal out[2]);
/* Two independent standard normals (Box-Muller). */
void md_rng_normal2(md_rng rng, md_rng_purpose purpose, uint64_t step, uint32_t index, PetscReal out[2]);
/* Three standard normals for a vector quantity of atom `index`. */
void md_rng_normal3(md_rng rng, md_rng_purpose purpose, uint64_t step, uint32_t index, PetscReal out[3]);
/* Sum of n squares of independent standard normals, n >= 0 (gamma distribution; Marsaglia & Tsang 2000). */
PetscReal md_rng_chi2(md_rng rng, md_rng_purpose purpose, uint64_t step, uint32_t index, PetscInt n);
/* A new key from an old one and a number: replica, stage. */
md_rng md_rng_derive(md_rng rng, uint64_t number);
