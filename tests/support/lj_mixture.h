/* tests/support/lj_mixture.h - Lennard-Jones mixtures: currents of replicas at constant energy, and
 * a flux of heat imposed on them
 *
 * Species of different depth, size and mass (1, 1.5, 0.8; 1, 1, 1.05; 1, 2, 1.3; Lorentz and
 * Berthelot between them) in equal parts, at rho sigma^3 = 0.75 and k_B T/epsilon = 1.3 of the
 * first: a dense liquid in which species change places within tens of time units, so that their
 * flow has died away when a profile is measured.  Force shifted so that it ends at 2.5 sigma: the
 * energy is conserved.  Include after tests/support/expect.h.
 */
#pragma once

#include "tests/support/lj_flux.h"

#include "md/md_currents.h"
#include "properties/prop_thermal.h"

enum { MIX_MAX = 3, MIX_BLOCK = 4 /* steps of 0.005 time units */ };
static const PetscReal mix_density = 0.75, mix_temperature = 1.3, mix_dt = 0.005;

static inline md_potential *mix_potential(PetscInt nspecies)
{
  static const PetscReal depth[MIX_MAX] = {1.0, 1.5, 0.8}, size[MIX_MAX] = {1.0, 1.0, 1.05};
  PetscReal epsilon[MIX_MAX * MIX_MAX], sigma[MIX_MAX * MIX_MAX];
  md_potential *pot;

  for (PetscInt s = 0; s < nspecies; s++) {
    for (PetscInt t = 0; t < nspecies; t++) {
      epsilon[s * nspecies + t] = SYSTEM_EPSILON * sqrt(depth[s] * depth[t]);
      sigma[s * nspecies + t] = 0.5 * SYSTEM_SIGMA * (size[s] + size[t]);
    }
  }
  expect_ok(md_potential_create_lj(nspecies, epsilon, sigma, 2.5 * SYSTEM_SIGMA, PETSC_TRUE, &pot));
  return pot;
}

/* A slab of lj_flux with species in turn: along a line of atoms no two like ones meet, and the
   four of a cell are not the same in the next one. */
static inline md_atoms mix_atoms(const lj_flux *f, PetscInt nspecies)
{
  static const PetscReal mass[MIX_MAX] = {1.0, 2.0, 1.3};
  md_atoms one = lj_slab(f), atoms;

  expect_ok(md_atoms_create(one.n, nspecies, &atoms));
  for (PetscInt s = 0; s < nspecies; s++) atoms.mass[s] = mass[s] * SYSTEM_MASS;
  memcpy(atoms.h, one.h, sizeof(one.h));
  for (PetscInt i = 0; i < one.n; i++) {
    atoms.type[i] = i % nspecies;
    for (int a = 0; a < 3; a++) atoms.x[3 * i + a] = one.x[3 * i + a];
  }
  expect_ok(md_atoms_clear(&one));
  return atoms;
}

/* What is not in the liquid: an equilibrated run, to be started again */
static inline md_run *mix_melt(const lj_flux *f, PetscInt nspecies, const md_potential *pot,
                               uint64_t key)
{
  md_atoms atoms = mix_atoms(f, nspecies);
  md_protocol melt = lj_protocol(f, MD_NVT_LANGEVIN, 2.0 * f->temperature),
              cool = lj_protocol(f, MD_NVT_LANGEVIN, f->temperature);
  md_run *run;

  melt.rng.key = key;
  cool.rng.key = key + 1000;
  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_run_thermalise(run, melt.temperature, melt.rng));
  lj_stage(run, &melt, 5.0, NULL);
  lj_stage(run, &cool, f->settle, NULL);
  return run;
}

/* Block means of replicas */
typedef struct {
  PetscInt nreplica, nspecies, n;
  prop_heat_flux *replica;
  PetscReal *data;           /* [nreplica, 3 (nspecies + 1), n] heat, then species */
  const PetscReal **pointer; /* [nreplica, 3 nspecies] */
  PetscInt at;               /* replica being filled */
  PetscReal temperature;     /* [K] its sum over steps */
} mix_currents;

static inline PetscReal *mix_channel(const mix_currents *c, PetscInt replica, PetscInt k)
{
  return c->data + (replica * 3 * (c->nspecies + 1) + k) * c->n;
}

static inline PetscErrorCode mix_observe(const md_sample *sample, void *context)
{
  mix_currents *c = context;
  const PetscInt block = (PetscInt)((sample->step - 1) / MIX_BLOCK);
  PetscReal heat[3];

  if (sample->step < 1 || block >= c->n) return 0;
  md_current_heat(sample, heat);
  c->temperature += sample->temperature;
  for (PetscInt a = 0; a < 3; a++) {
    mix_channel(c, c->at, a)[block] += heat[a] / MIX_BLOCK;
    for (PetscInt s = 0; s < c->nspecies; s++)
      mix_channel(c, c->at, 3 + 3 * s + a)[block] += sample->current[s][a] / MIX_BLOCK;
  }
  return 0;
}

static inline void mix_replica(const lj_flux *f, const md_potential *pot, mix_currents *c)
{
  const md_guard guard = {.every = 1000, .hot_factor = 3.0, .max_move = 1.0};
  const md_protocol nve = lj_protocol(f, MD_NVE, f->temperature);
  const PetscReal edge = SYSTEM_SIGMA * pow(4.0 / f->density, 1.0 / 3.0);
  md_run *run = mix_melt(f, c->nspecies, pot, 20260200 + (uint64_t)c->at);
  prop_heat_flux *r = &c->replica[c->at];

  c->temperature = 0.0;
  expect_ok(md_run_start(run, &nve, &guard));
  expect_ok(md_run_observe_with(run, 1, MD_NEED_HEAT | MD_NEED_CURRENTS, mix_observe, c));
  system_advance(run, (PetscInt64)c->n * MIX_BLOCK);
  expect_ok(md_run_destroy(&run));
  *r = (prop_heat_flux){.n = c->n, .sum = c->pointer + 3 * c->nspecies * c->at};
  r->volume = (PetscReal)(f->side * f->side * f->cells) * edge * edge * edge;
  r->temperature = c->temperature / (PetscReal)(c->n * MIX_BLOCK);
  for (PetscInt a = 0; a < 3; a++) r->heat[a] = mix_channel(c, c->at, a);
  for (PetscInt k = 0; k < 3 * c->nspecies; k++)
    c->pointer[3 * c->nspecies * c->at + k] = mix_channel(c, c->at, 3 + k);
}

/* Currents of nreplica runs of f->sample time units */
static inline mix_currents mix_create(const lj_flux *f, PetscInt nspecies, PetscInt nreplica)
{
  mix_currents c = {.nreplica = nreplica, .nspecies = nspecies};
  md_potential *pot = mix_potential(nspecies);

  c.n = (PetscInt)(f->sample / f->dt / MIX_BLOCK);
  c.replica = calloc((size_t)nreplica, sizeof(*c.replica));
  c.data = calloc((size_t)nreplica * (size_t)c.n, 3 * sizeof(*c.data) * (size_t)(nspecies + 1));
  c.pointer = malloc(sizeof(*c.pointer) * (size_t)(nreplica * 3 * nspecies));
  for (; c.at < nreplica; c.at++) mix_replica(f, pot, &c);
  expect_ok(md_potential_destroy(&pot));
  return c;
}

static inline void mix_clear(mix_currents *c)
{
  free(c->replica);
  free(c->data);
  free(c->pointer);
}

/* [fs] length of a block */
static inline PetscReal mix_step(void)
{
  return MIX_BLOCK * mix_dt * lj_time();
}

/* Other zeros of energy: adds `shift` epsilon to every atom of a species */
static inline void mix_shift(mix_currents *c, PetscInt species, PetscReal shift)
{
  for (PetscInt r = 0; r < c->nreplica; r++) {
    for (PetscInt a = 0; a < 3; a++) {
      for (PetscInt i = 0; i < c->n; i++)
        mix_channel(c, r, a)[i] +=
            shift * SYSTEM_EPSILON * mix_channel(c, r, 3 + 3 * species + a)[i];
    }
  }
}
