/* tests/support/md_ranks_statistics.h - means of a liquid on several ranks against those on one
 *
 * All ranks together run one liquid at constant volume, then at constant pressure, and each alone
 * another one with random numbers of its own.  Chaos makes them different trajectories of one
 * ensemble: means agree within their errors.
 *
 * 108 argon atoms at T* = 1.2, cut at 2 sigma with the force shifted, 8 fs; Langevin thermostat,
 * and stochastic cell rescaling at P* = 2.3.  Stages have settled before they are sampled, so
 * nothing is discarded: looking for the best start makes error bars of 20 effective samples too
 * short.
 *
 * Include after tests/support/expect.h.
 */
#pragma once

#include "tests/support/md_systems.h"

#include "properties/prop_series.h"

enum {
  RANKS_NVT_ENERGY,
  RANKS_NVT_TEMP,
  RANKS_PRESSURE,
  RANKS_NPT_ENERGY,
  RANKS_NPT_TEMP,
  RANKS_NPT_PRESSURE,
  RANKS_DENSITY,
  RANKS_NMEAN
};
static const char *const ranks_name[RANKS_NMEAN] = {
    "potential energy, NVT", "temperature, NVT", "pressure, NVT", "potential energy, NPT",
    "temperature, NPT",      "pressure, NPT",    "density, NPT"};

/* Reduced units. */
typedef struct {
  prop_series energy, temperature, pressure, density;
} ranks_series;

static inline PetscErrorCode ranks_observe(const md_sample *sample, void *context)
{
  const PetscReal cube = SYSTEM_SIGMA * SYSTEM_SIGMA * SYSTEM_SIGMA, n = (PetscReal)sample->total;
  const PetscReal p = (sample->pressure[0] + sample->pressure[4] + sample->pressure[8]) / 3.0;
  ranks_series *s = context;

  expect_ok(prop_series_add(&s->energy, sample->potential / SYSTEM_EPSILON / n));
  expect_ok(prop_series_add(&s->temperature, sample->temperature / SYSTEM_LJ_TEMP));
  expect_ok(prop_series_add(&s->pressure, p * cube / SYSTEM_EPSILON));
  expect_ok(prop_series_add(&s->density, n * cube / sample->volume));
  return 0;
}

/* One stage; with `out`, energy, temperature, pressure and density of its second part. */
static inline void ranks_stage(md_run *run, md_ensemble ensemble, uint64_t key, PetscInt64 steps,
                               prop_estimate out[4])
{
  const md_guard guard = system_no_guard();
  md_protocol protocol = system_protocol(ensemble);
  ranks_series s;

  protocol.dt = 8.0;
  protocol.temperature = 1.2 * SYSTEM_LJ_TEMP;
  protocol.pressure = 2.3 * SYSTEM_EPSILON / (SYSTEM_SIGMA * SYSTEM_SIGMA * SYSTEM_SIGMA);
  protocol.tau_t = 100.0;
  protocol.tau_p = 100.0;
  protocol.rng.key = key;
  expect_ok(md_run_start(run, &protocol, &guard));
  system_advance(run, 400);
  expect_ok(prop_series_create(&s.energy));
  expect_ok(prop_series_create(&s.temperature));
  expect_ok(prop_series_create(&s.pressure));
  expect_ok(prop_series_create(&s.density));
  expect_ok(md_run_observe(run, 8, ranks_observe, &s));
  system_advance(run, steps);
  expect_ok(prop_series_stationary(s.energy.nblock, s.energy.block, &out[0]));
  expect_ok(prop_series_stationary(s.temperature.nblock, s.temperature.block, &out[1]));
  expect_ok(prop_series_stationary(s.pressure.nblock, s.pressure.block, &out[2]));
  expect_ok(prop_series_stationary(s.density.nblock, s.density.block, &out[3]));
  expect_ok(prop_series_clear(&s.energy));
  expect_ok(prop_series_clear(&s.temperature));
  expect_ok(prop_series_clear(&s.pressure));
  expect_ok(prop_series_clear(&s.density));
}

typedef struct {
  double mean[RANKS_NMEAN], error[RANKS_NMEAN];
} ranks_means;

static inline void ranks_measure(MPI_Comm comm, uint64_t key, PetscInt64 steps, ranks_means *out)
{
  md_potential *pot = system_argon_potential();
  md_atoms atoms = system_fcc(3, 0.7);
  prop_estimate est[8];
  md_run *run;
  int k = 0;

  expect_ok(md_run_create_on(comm, &atoms, pot, &run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_run_thermalise(run, 3.0 * SYSTEM_LJ_TEMP, (md_rng){.key = key}));
  ranks_stage(run, MD_NVT_LANGEVIN, key + 1, steps, est);
  ranks_stage(run, MD_NPT_SCR_LANGEVIN, key + 2, steps, est + 4);
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
  for (int e = 0; e < 8; e++) {
    if (e == 3) continue; /* the density does not change */
    out->mean[k] = (double)est[e].mean;
    out->error[k++] = (double)est[e].error;
  }
}

/* How far means may be apart, in their errors, and how improbable chi-square of all may be. */
typedef struct {
  PetscInt64 steps; /* sampled */
  double z;
  PetscReal chance;
} ranks_test;

/* 20 effective samples of energy and density, whose errors are known to a quarter: z of 16 pairs of
   runs on one rank had a root mean square of 1.3. */
static const ranks_test ranks_short = {2500, 5.0, 1e-6};
/* 500 of them. */
static const ranks_test ranks_long = {60000, 4.0, 1e-4};
/* 250 of them, for ranks that share cores. */
static const ranks_test ranks_crowded = {30000, 4.0, 1e-4};

/* Mean of those on one rank [n] against that of all ranks, and all n + 1 among each other. */
static inline void ranks_compare(int k, int n, const ranks_means one[], const ranks_means *all,
                                 const ranks_test *test)
{
  double weights = 1.0 / pow(all->error[k], 2), sum = weights * all->mean[k], chi2 = 0.0;
  double mean = 0.0, variance = 0.0, z;
  PetscReal chance;

  for (int r = 0; r < n; r++) {
    const double w = 1.0 / pow(one[r].error[k], 2);

    weights += w;
    sum += w * one[r].mean[k];
    mean += one[r].mean[k] / n;
    variance += pow(one[r].error[k] / n, 2);
  }
  for (int r = 0; r < n; r++) {
    chi2 += pow((one[r].mean[k] - sum / weights) / one[r].error[k], 2);
  }
  chi2 += pow((all->mean[k] - sum / weights) / all->error[k], 2);
  expect_ok(prop_chi2_survival((PetscReal)n, (PetscReal)chi2, &chance));
  z = (all->mean[k] - mean) / sqrt(variance + pow(all->error[k], 2));
  printf("%s: %.4f +- %.4f on %d ranks, %.4f +- %.4f on one, z %+.2f, chance %.3f\n", ranks_name[k],
         all->mean[k], all->error[k], n, mean, sqrt(variance), z, (double)chance);
  fflush(stdout);
  expect_abs(z, 0.0, test->z, ranks_name[k]);
  expect(chance > test->chance, ranks_name[k]);
}

/* Both on the world's ranks. */
static inline void ranks_statistics(const ranks_test *test)
{
  enum { MOST = 16 };
  ranks_means one[MOST], all, own;
  PetscMPIInt size, rank;
  uint64_t key; /* no number of ranks repeats what another did */

  MPI_Comm_size(PETSC_COMM_WORLD, &size);
  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  expect(size <= MOST, "not so many ranks");
  key = 1000 * (uint64_t)size;
  ranks_measure(PETSC_COMM_WORLD, key, test->steps, &all);
  ranks_measure(PETSC_COMM_SELF, key + 10 * (uint64_t)(rank + 1), test->steps, &own);
  MPI_Allgather(&own, 2 * RANKS_NMEAN, MPI_DOUBLE, one, 2 * RANKS_NMEAN, MPI_DOUBLE,
                PETSC_COMM_WORLD);
  if (rank > 0) return;
  for (int k = 0; k < RANKS_NMEAN; k++) ranks_compare(k, size, one, &all, test);
}
