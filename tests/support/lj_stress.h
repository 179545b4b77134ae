/* tests/support/lj_stress.h - fluctuating pressure of the Lennard-Jones liquid of lj_flux.h, and
 * its viscosity by Green and Kubo
 *
 * Include after tests/support/expect.h.
 */
#pragma once

#include "tests/support/lj_flux.h"

#include "properties/prop_viscosity.h"

/* Samples of every other step, ten steps a block */
enum { LJ_EVERY = 2, LJ_BLOCK = 5 };

typedef struct {
  int nsample, nblock, capacity;
  double *block; /* [6, capacity, eV/Å^3] xx yy zz yz xz xy */
  double temperature, volume;
} lj_stress;

static inline PetscErrorCode lj_stress_observe(const md_sample *sample, void *context)
{
  static const int component[6] = {0, 4, 8, 5, 2, 1};
  lj_stress *s = context;

  if (s->nblock == s->capacity) return 0;
  for (int c = 0; c < 6; c++) {
    s->block[c * s->capacity + s->nblock] += sample->pressure[component[c]] / LJ_BLOCK;
  }
  s->temperature += sample->temperature;
  s->volume = sample->volume;
  s->nblock = ++s->nsample / LJ_BLOCK;
  return 0;
}

/* Viscosity of `nreplica` stretches of f->sample time units each, f->settle apart, of one run at
   f->temperature by a slow thermostat */
static inline void lj_green_kubo(const lj_flux *f, int nreplica, prop_viscosity *v)
{
  const double step = f->dt * lj_time() * LJ_EVERY * LJ_BLOCK;
  md_potential *pot = lj_truncated();
  md_atoms atoms = lj_slab(f);
  const md_guard guard = {.every = 1000, .hot_factor = 3.0, .max_move = 1.0};
  md_protocol protocol = lj_protocol(f, MD_NVT_LANGEVIN, 2.0 * f->temperature);
  lj_stress *s = calloc((size_t)nreplica, sizeof(*s));
  prop_pressure *p = calloc((size_t)nreplica, sizeof(*p));
  md_run *run;

  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_run_thermalise(run, 2.0 * protocol.temperature, protocol.rng));
  lj_stage(run, &protocol, 5.0, NULL);
  protocol = lj_protocol(f, MD_NVT_LANGEVIN, f->temperature);
  lj_stage(run, &protocol, 10.0, NULL);
  protocol = lj_protocol(f, MD_NVT_BUSSI, f->temperature);
  protocol.tau_t = f->coupling * lj_time();
  for (int r = 0; r < nreplica; r++) {
    lj_stage(run, &protocol, f->settle, NULL);
    s[r].capacity = (int)(f->sample / f->dt / (LJ_EVERY * LJ_BLOCK));
    s[r].block = calloc(6 * (size_t)s[r].capacity, sizeof(double));
    expect_ok(md_run_start(run, &protocol, &guard));
    expect_ok(md_run_observe_with(run, LJ_EVERY, MD_NEED_PRESSURE, lj_stress_observe, &s[r]));
    system_advance(run, (PetscInt64)(f->sample / f->dt + 0.5));
    p[r] = (prop_pressure){
        .n = s[r].nblock, .volume = s[r].volume, .temperature = s[r].temperature / s[r].nsample};
    for (int c = 0; c < 6; c++) p[r].pressure[c] = s[r].block + c * s[r].capacity;
  }
  expect_ok(prop_viscosity_estimate(nreplica, p, step, 3.0 * lj_time(), v));
  for (int r = 0; r < nreplica; r++) free(s[r].block);
  free(s);
  free(p);
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
}

/* z against a published number in reduced units, of each of the four estimates */
static inline void lj_green_kubo_compare(const prop_viscosity *v, double published, double error,
                                         double z[4])
{
  static const char *const name[] = {"primary", "decomposed", "Einstein", "truncated"};
  const prop_estimate *all[] = {&v->primary, &v->decomposition.value.estimate,
                                &v->einstein.estimate, &v->truncated.estimate};
  const double unit = lj_viscosity();

  for (int m = 0; m < 4; m++) {
    z[m] = (all[m]->mean / unit - published) / hypot(all[m]->error / unit, error);
    print_message("%s: %.3f +- %.3f, published %.3f +- %.3f, z %.2f, flags %d\n", name[m],
                  all[m]->mean / unit, all[m]->error / unit, published, error, z[m],
                  (int)all[m]->flags);
  }
  print_message("tau %.2f +- %.2f, cut-off %.2f, points %.0f, z of cost %.2f, of criterion %.2f\n",
                v->zero.tau / lj_time(), v->zero.tau_error / lj_time(), v->zero.cutoff * lj_time(),
                v->zero.points, v->zero.z_cost, v->zero.z_criterion);
}
