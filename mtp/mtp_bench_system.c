/* mtp/mtp_bench_system.c - the structure that benchmarks run on; the contract is in mtp_bench.h
 *
 * A jittered lattice instead of a relaxed packing: the time of a kernel depends on how many
 * neighbours there are and how they fall into lanes, not on where they are, and a lattice needs no
 * iteration and gives any number of atoms.
 */
#include "mtp/mtp_bench.h"

#include <stdint.h>

#define JITTER 0.146 /* of the distance of sites */

/* SplitMix64 (Steele, Lea, Flood, OOPSLA 2014, doi:10.1145/2660193.2660195) */
static uint64_t next(uint64_t *state)
{
  uint64_t z = *state += 0x9e3779b97f4a7c15u;

  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/* -1..1 */
static PetscReal uniform(uint64_t *state)
{
  return (PetscReal)(next(state) >> 11) * 0x1p-52 - 1.0;
}

/* Evenly in the unit ball */
static void ball(uint64_t *state, PetscReal d[3])
{
  do {
    for (int k = 0; k < 3; k++) d[k] = uniform(state);
  } while (d[0] * d[0] + d[1] * d[1] + d[2] * d[2] > 1.0);
}

/* Site s of n^3 cells of four, in cells. */
static void site_position(int64_t s, int64_t n, PetscReal x[3])
{
  static const PetscReal basis[4][3] = {{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}};
  const int64_t cell[3] = {s / 4 / (n * n), s / 4 / n % n, s / 4 % n};

  for (int k = 0; k < 3; k++) x[k] = (PetscReal)cell[k] + basis[s % 4][k];
}

static void mix_types(uint64_t *state, PetscInt nspecies, mtp_config *config)
{
  for (PetscInt i = 0; i < config->n; i++) config->type[i] = i % nspecies;
  for (PetscInt i = config->n - 1; i > 0; i--) {
    const PetscInt j = (PetscInt)(next(state) % (uint64_t)(i + 1)), type = config->type[i];

    config->type[i] = config->type[j];
    config->type[j] = type;
  }
}

PetscErrorCode mtp_bench_system(PetscInt natom, PetscInt nspecies, mtp_config *config)
{
  const PetscReal edge = PetscPowReal((PetscReal)natom / MTP_BENCH_DENSITY, 1.0 / 3.0);
  uint64_t state = 1;
  int64_t n = 1;

  PetscFunctionBegin;
  PetscCheck(natom >= 1 && nspecies >= 1, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Got %" PetscInt_FMT " atoms of %" PetscInt_FMT " species, wanted at least one", natom,
             nspecies);
  PetscCall(mtp_config_create(natom, config));
  config->nlattice = 3;
  for (int k = 0; k < 3; k++) config->h[k][k] = edge;
  while (4 * n * n * n < natom) n++;
  for (PetscInt i = 0; i < natom; i++) {
    const PetscReal a = edge / (PetscReal)n;
    PetscReal x[3], d[3];

    site_position((int64_t)i * 4 * n * n * n / natom, n, x);
    ball(&state, d);
    for (int k = 0; k < 3; k++) config->x[3 * i + k] = a * (x[k] + JITTER * PETSC_SQRT2 / 2 * d[k]);
  }
  mix_types(&state, nspecies, config);
  PetscFunctionReturn(0);
}
