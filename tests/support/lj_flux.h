/* tests/support/lj_flux.h - Lennard-Jones liquid near its triple point with an imposed flux of heat
 * or momentum, in reduced units
 *
 * Truncated at 2.5 sigma, as in the papers whose numbers the tests are compared with.  Include
 * after tests/support/expect.h.
 */
#pragma once

#include "tests/support/md_systems.h"

#include "properties/prop_rnemd.h"

/* [fs] sigma sqrt(m/epsilon) */
static inline PetscReal lj_time(void)
{
  return SYSTEM_SIGMA * sqrt(SYSTEM_MASS / SYSTEM_EPSILON);
}

/* [eV/(fs Å K)] and [eV fs/Å^3] of one reduced unit of conductivity and viscosity */
static inline PetscReal lj_conductivity(void)
{
  return MD_BOLTZMANN * sqrt(SYSTEM_EPSILON / SYSTEM_MASS) / (SYSTEM_SIGMA * SYSTEM_SIGMA);
}

static inline PetscReal lj_viscosity(void)
{
  return sqrt(SYSTEM_MASS * SYSTEM_EPSILON) / (SYSTEM_SIGMA * SYSTEM_SIGMA);
}

static inline md_potential *lj_truncated(void)
{
  const PetscReal epsilon = SYSTEM_EPSILON, sigma = SYSTEM_SIGMA;
  md_potential *pot;

  expect_ok(md_potential_create_lj(1, &epsilon, &sigma, 2.5 * SYSTEM_SIGMA, PETSC_FALSE, &pot));
  return pot;
}

/* What a test asks for; reduced units. */
typedef struct {
  PetscInt side, cells;     /* fcc cells along x and y, and along z */
  PetscReal density;        /* rho sigma^3 */
  PetscReal temperature;    /* k_B T/epsilon */
  PetscReal dt;             /* in sigma sqrt(m/epsilon) */
  PetscReal coupling;       /* likewise: time constant of the stochastic rescaling */
  PetscReal settle, sample; /* likewise: until the profile is steady, and then */
  md_rnemd flux;
} lj_flux;

/* side x side x cells fcc cells at rest */
static inline md_atoms lj_slab(const lj_flux *f)
{
  const PetscReal a = SYSTEM_SIGMA * pow(4.0 / f->density, 1.0 / 3.0);
  const PetscInt repeat[3] = {f->side, f->side, f->cells};
  const PetscInt n = 4 * f->side * f->side * f->cells;
  md_atoms atoms;

  expect_ok(md_atoms_create(n, 1, &atoms));
  atoms.mass[0] = SYSTEM_MASS;
  for (int k = 0; k < 3; k++) atoms.h[k][k] = a * (PetscReal)repeat[k];
  for (PetscInt i = 0; i < n; i++) {
    const PetscInt cell[3] = {i / 4 % f->side, i / 4 / f->side % f->side,
                              i / 4 / f->side / f->side};

    for (int k = 0; k < 3; k++) {
      const PetscReal basis = i % 4 != 0 && i % 4 != k + 1 ? 0.5 : 0.0;

      atoms.x[3 * i + k] = a * ((PetscReal)cell[k] + basis);
    }
  }
  return atoms;
}

static inline md_protocol lj_protocol(const lj_flux *f, md_ensemble ensemble, PetscReal temperature)
{
  return (md_protocol){.ensemble = ensemble,
                       .dt = f->dt * lj_time(),
                       .temperature = temperature * SYSTEM_LJ_TEMP,
                       .tau_t = 0.5 * lj_time(),
                       .rng = {.key = 20260101}};
}

/* One stage; the observer may be NULL. */
static inline void lj_stage(md_run *run, const md_protocol *protocol, PetscReal time,
                            md_profile *profile)
{
  enum { EVERY = 10 };
  const md_guard guard = {.every = 1000, .hot_factor = 3.0, .max_move = 1.0};

  expect_ok(md_run_start(run, protocol, &guard));
  if (profile) expect_ok(md_run_observe_with(run, EVERY, 0, md_profile_observe, profile));
  system_advance(run, (PetscInt64)(time * lj_time() / protocol->dt + 0.5));
}

/* Melts, cools, lets the flux settle and samples; the caller clears the profile. */
static inline void lj_flux_run(const lj_flux *f, md_profile *profile, md_rnemd_tally *tally)
{
  md_potential *pot = lj_truncated();
  md_atoms atoms = lj_slab(f);
  md_protocol melt = lj_protocol(f, MD_NVT_LANGEVIN, 2.0 * f->temperature),
              cool = lj_protocol(f, MD_NVT_LANGEVIN, f->temperature),
              flow = lj_protocol(f, MD_NVT_BUSSI, f->temperature);
  md_run *run;

  expect_ok(md_profile_create(f->flux.slabs, &atoms, profile));
  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_run_thermalise(run, 2.0 * melt.temperature, melt.rng));
  flow.tau_t = f->coupling * lj_time();
  flow.rnemd = f->flux;
  lj_stage(run, &melt, 5.0, NULL);
  lj_stage(run, &cool, 10.0, NULL);
  lj_stage(run, &flow, f->settle, NULL);
  lj_stage(run, &flow, f->sample, profile);
  *tally = *md_run_tally(run);
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
}
