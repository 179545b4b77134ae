/* tests/support/lj_size.h - self-diffusion in the Lennard-Jones liquid of lj_flux.h, in cells of
 * several sizes
 *
 * Include after tests/support/expect.h.
 */
#pragma once

#include "tests/support/lj_flux.h"

#include "properties/prop_finite.h"
#include "properties/prop_msd.h"

/* [Å^2/fs] of one reduced unit of diffusion */
static inline PetscReal lj_diffusion_unit(void)
{
  return SYSTEM_SIGMA * SYSTEM_SIGMA / lj_time();
}

static inline PetscErrorCode lj_displacements(const md_sample *sample, void *context)
{
  expect_ok(prop_msd_add(context, sample->atoms));
  return 0;
}

/* D of one stretch of f->sample time units */
static inline void lj_diffusion_stretch(md_run *run, const lj_flux *f, const md_protocol *protocol,
                                        const md_atoms *atoms, prop_estimate *est)
{
  enum { EVERY = 20 };
  const md_guard guard = {.every = 1000, .hot_factor = 3.0, .max_move = 1.0};
  prop_msd *msd;

  expect_ok(prop_msd_create(atoms, EVERY * protocol->dt, &msd));
  expect_ok(md_run_start(run, protocol, &guard));
  expect_ok(md_run_observe_with(run, EVERY, 0, lj_displacements, msd));
  system_advance(run, (PetscInt64)(f->sample / f->dt + 0.5));
  expect_ok(prop_msd_diffusion(msd, 0, est));
  expect_ok(prop_msd_destroy(&msd));
}

/* D(L) in reduced units, of `nreplica` stretches that are f->settle apart; they share the
 * temperature, which a slow thermostat keeps */
static inline prop_value lj_diffusion(const lj_flux *f, int nreplica)
{
  md_potential *pot = lj_truncated();
  md_atoms atoms = lj_slab(f);
  md_protocol protocol = lj_protocol(f, MD_NVT_LANGEVIN, 2.0 * f->temperature);
  prop_estimate *est = calloc((size_t)nreplica, sizeof(*est));
  prop_value d;
  md_run *run;

  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_run_thermalise(run, 2.0 * protocol.temperature, protocol.rng));
  lj_stage(run, &protocol, 5.0, NULL);
  protocol = lj_protocol(f, MD_NVT_LANGEVIN, f->temperature);
  lj_stage(run, &protocol, 10.0, NULL);
  protocol = lj_protocol(f, MD_NVT_BUSSI, f->temperature);
  protocol.tau_t = f->coupling * lj_time();
  for (int r = 0; r < nreplica; r++) {
    lj_stage(run, &protocol, f->settle, NULL);
    lj_diffusion_stretch(run, f, &protocol, &atoms, &est[r]);
  }
  expect_ok(prop_combine(nreplica, est, 1.0 / lj_diffusion_unit(), &d));
  free(est);
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
  return d;
}

/* D(infinity) of D(L), all in reduced units; eta of the same liquid */
static inline prop_value lj_infinite(const lj_flux *f, const prop_value *d, const prop_value *eta)
{
  const PetscReal edge = (PetscReal)f->side * pow(4.0 / f->density, 1.0 / 3.0);
  /* prop_finite_diffusion() wants SI; k_B = 1 here */
  const PetscReal kelvin = f->temperature / MD_BOLTZMANN / MD_ELEMENTARY_CHARGE_C;
  prop_value infinite;

  expect_ok(prop_finite_diffusion(d, eta, kelvin, edge, 0.0, &infinite, NULL));
  print_message("%4d atoms: D* %.5f +- %.5f, corrected %.5f +- %.5f, flags %d\n",
                (int)(4 * f->side * f->side * f->cells), d->value, d->error, infinite.value,
                infinite.error, (int)d->flags);
  return infinite;
}
