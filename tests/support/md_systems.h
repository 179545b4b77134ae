/* tests/support/md_systems.h - small systems for tests of dynamics: argon-like liquid, ideal gas,
 * spring
 *
 * Include after tests/support/expect.h.  Every function ends the test when something fails.
 */
#pragma once

#include "md/md_run.h"
#include "md/md_units.h"

/* Lennard-Jones argon: sigma and epsilon of Rahman, Phys. Rev. 136, A405 (1964). */
#define SYSTEM_SIGMA   3.4                      /* [Å] */
#define SYSTEM_EPSILON (120.0 * MD_BOLTZMANN)   /* [eV] */
#define SYSTEM_MASS    (39.95 * MD_ATOMIC_MASS) /* [eV fs^2/Å^2] */
#define SYSTEM_LJ_TEMP 120.0                    /* [K] reduced temperature 1 */

/* Argon pairs within two sigma, energy and force continuous there. */
static inline md_potential *system_argon_potential(void)
{
  const PetscReal epsilon = SYSTEM_EPSILON, sigma = SYSTEM_SIGMA;
  md_potential *pot;

  expect_ok(md_potential_create_lj(1, &epsilon, &sigma, 2.0 * SYSTEM_SIGMA, PETSC_TRUE, &pot));
  return pot;
}

/* No interaction; the list reaches `cutoff`. */
static inline md_potential *system_ideal_potential(PetscReal cutoff)
{
  const PetscReal epsilon = 0.0, sigma = 1.0;
  md_potential *pot;

  expect_ok(md_potential_create_lj(1, &epsilon, &sigma, cutoff, PETSC_FALSE, &pot));
  return pot;
}

/* 4 m^3 atoms at rest on a face-centred lattice at reduced density rho sigma^3. */
static inline md_atoms system_fcc(PetscInt m, PetscReal reduced_density)
{
  static const PetscReal basis[4][3] = {{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}};
  const PetscReal a = SYSTEM_SIGMA * pow(4.0 / reduced_density, 1.0 / 3.0);
  md_atoms atoms;

  expect_ok(md_atoms_create(4 * m * m * m, 1, &atoms));
  atoms.mass[0] = SYSTEM_MASS;
  for (int k = 0; k < 3; k++) atoms.h[k][k] = a * (PetscReal)m;
  for (PetscInt i = 0; i < atoms.n; i++) {
    const PetscInt cell[3] = {i / 4 % m, i / 4 / m % m, i / 4 / m / m};

    for (int k = 0; k < 3; k++) {
      atoms.x[3 * i + k] = a * (basis[i % 4][k] + (PetscReal)cell[k] + 0.25);
    }
  }
  return atoms;
}

/* Two atoms of masses m and 3 m, `distance` apart along x in a cube of 60 Å. */
static inline md_atoms system_pair(PetscReal distance)
{
  md_atoms atoms;

  expect_ok(md_atoms_create(2, 2, &atoms));
  atoms.mass[0] = 10.0 * MD_ATOMIC_MASS;
  atoms.mass[1] = 30.0 * MD_ATOMIC_MASS;
  atoms.type[1] = 1;
  for (int k = 0; k < 3; k++) {
    atoms.h[k][k] = 60.0;
    atoms.x[k] = atoms.x[3 + k] = 30.0;
  }
  atoms.x[3] += distance;
  return atoms;
}

/* Guards that never speak: statistics of small systems leave every sensible limit now and then. */
static inline md_guard system_no_guard(void)
{
  return (md_guard){.every = 1000000};
}

/* Protocol of argon: 4 fs, 120 K, and a barostat that relaxes in about tau_p. */
static inline md_protocol system_protocol(md_ensemble ensemble)
{
  return (md_protocol){.ensemble = ensemble,
                       .dt = 4.0,
                       .temperature = SYSTEM_LJ_TEMP,
                       .pressure = 0.01 * SYSTEM_EPSILON,
                       .tau_t = 50.0,
                       .tau_p = 500.0,
                       .compressibility = 400.0,
                       .rng = {.key = 20240607}};
}

/* Advances and wants no guard to speak. */
static inline void system_advance(md_run *run, PetscInt64 nsteps)
{
  md_reason reason;
  char detail[160];

  expect_ok(md_run_advance(run, nsteps, &reason, detail));
  if (reason != MD_RUNNING) fail_msg("run ended: %s", detail);
}

/* A started run of melted argon: 4 m^3 atoms, 2 ps of Langevin dynamics from a hot lattice. */
static inline md_run *system_argon_liquid(PetscInt m, PetscReal reduced_density,
                                          const md_potential *pot)
{
  const md_guard guard = system_no_guard();
  md_protocol protocol = system_protocol(MD_NVT_LANGEVIN);
  md_atoms atoms = system_fcc(m, reduced_density);
  md_run *run;

  protocol.rng.key = 1;
  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_run_thermalise(run, 2.0 * SYSTEM_LJ_TEMP, protocol.rng));
  expect_ok(md_run_start(run, &protocol, &guard));
  system_advance(run, 500);
  return run;
}
