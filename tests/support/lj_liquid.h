/* tests/support/lj_liquid.h - density, energy and pressure of the Lennard-Jones liquid beside its
 * vapour, against published numbers
 *
 * The state: T* = 0.70 (the triple point of the full potential is at 0.69), force shifted so that
 * it ends at 3 sigma, which md_potential_create_lj() does as well: no correction for a tail.  NIST
 * Standard Reference Simulation Website, SAT-TMMC, liquid-vapor coexistence properties, linear
 * force shift at 3.0 sigma: grand-canonical transition-matrix Monte Carlo in a volume of 512
 * sigma^3.
 *
 * At the pressure of coexistence NPT must find the density and the energy; at that density NVT must
 * find the energy and the pressure.  Include after tests/support/expect.h.
 */
#pragma once

#include "tests/support/md_systems.h"

#include "properties/prop_series.h"

static const struct {
  PetscReal temperature, pressure;  /* exact */
  PetscReal density, density_error; /* 7.852E-01 +/- 8.085E-05, and 3E-05 of rounding */
  PetscReal energy, energy_error;   /* -4.880E+00 +/- 1.079E-03 an atom */
} lj_nist = {0.70, 4.931e-3, 0.7852, 8.6e-5, -4.880, 1.1e-3};

typedef struct {
  prop_series volume, energy, pressure; /* [sigma^3], [epsilon an atom], [epsilon/sigma^3] */
} lj_series;

static inline PetscErrorCode lj_liquid_observe(const md_sample *sample, void *context)
{
  const PetscReal cube = SYSTEM_SIGMA * SYSTEM_SIGMA * SYSTEM_SIGMA;
  lj_series *s = context;

  expect_ok(prop_series_add(&s->volume, sample->volume / cube));
  expect_ok(
      prop_series_add(&s->energy, sample->potential / SYSTEM_EPSILON / (PetscReal)sample->total));
  expect_ok(prop_series_add(&s->pressure,
                            (sample->pressure[0] + sample->pressure[4] + sample->pressure[8]) /
                                3.0 * cube / SYSTEM_EPSILON));
  return 0;
}

typedef struct {
  prop_estimate volume, energy, pressure;
} lj_means;

/* One stage of `time` sigma sqrt(m/epsilon) at 0.005 of them a step, sampled when out is not NULL.
   */
static inline void lj_liquid_stage(md_run *run, md_ensemble ensemble, PetscReal time, lj_means *out)
{
  const PetscReal unit = SYSTEM_SIGMA * sqrt(SYSTEM_MASS / SYSTEM_EPSILON);
  const PetscReal cube = SYSTEM_SIGMA * SYSTEM_SIGMA * SYSTEM_SIGMA;
  const md_guard guard = {.every = 1000};
  md_protocol protocol = {.ensemble = ensemble,
                          .dt = 0.005 * unit,
                          .temperature = lj_nist.temperature * SYSTEM_LJ_TEMP,
                          .pressure = lj_nist.pressure * SYSTEM_EPSILON / cube,
                          .tau_t = 0.2 * unit,
                          .tau_p = 0.3 * unit,
                          .compressibility = 0.1 * cube / SYSTEM_EPSILON,
                          .rng = {.key = 70}};
  lj_series s;

  expect_ok(md_run_start(run, &protocol, &guard));
  if (out) {
    expect_ok(prop_series_create(&s.volume));
    expect_ok(prop_series_create(&s.energy));
    expect_ok(prop_series_create(&s.pressure));
    expect_ok(md_run_observe(run, 5, lj_liquid_observe, &s));
  }
  system_advance(run, (PetscInt64)(time / 0.005 + 0.5));
  if (!out) return;
  expect_ok(prop_series_estimate(&s.volume, &out->volume));
  expect_ok(prop_series_estimate(&s.energy, &out->energy));
  expect_ok(prop_series_estimate(&s.pressure, &out->pressure));
  expect_ok(prop_series_clear(&s.volume));
  expect_ok(prop_series_clear(&s.energy));
  expect_ok(prop_series_clear(&s.pressure));
}

/* A melted run of 4 m^3 atoms at the published density. */
static inline md_run *lj_liquid(PetscInt m, md_potential **pot)
{
  const PetscReal epsilon = SYSTEM_EPSILON, sigma = SYSTEM_SIGMA;
  md_atoms atoms = system_fcc(m, lj_nist.density);
  md_run *run;

  expect_ok(md_potential_create_lj(1, &epsilon, &sigma, 3.0 * SYSTEM_SIGMA, PETSC_TRUE, pot));
  expect_ok(md_run_create(&atoms, *pot, &run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_run_thermalise(run, 5.0 * SYSTEM_LJ_TEMP, (md_rng){.key = 71}));
  lj_liquid_stage(run, MD_NVE, 2.0, NULL); /* hot: melts */
  return run;
}
