/* tests/support/md_endurance.h - a run of very many steps: energy, momentum, memory
 *
 * 32 argon atoms at constant energy in a cell thinner than twice the cut-off, so that atoms meet
 * several images of one another; guards on, an observer that needs everything.  After every segment
 * the run is saved, loaded into a new run and destroyed.
 *
 * How far the energy may get.  Within smooth forces velocity Verlet keeps a shadow of the energy, H
 * + dt^2 (v U'' v/12 - f^2/(24 m)) + O(dt^4), for ever.  The force of a pair ends at the cut-off
 * with a bend, k = u''(r_c).  In the step that crosses it, at the fraction theta of its way, the
 * trapezoid of the force misses the energy by k (v dt)^2 theta (1 - theta)/2, v the relative
 * velocity along the pair; the shadow jumps by the mean of that over theta, k (v dt)^2/12.  What is
 * left has mean zero and the variance (k v^2 dt^2)^2 (1/30 - 1/36)/4: a walk, whose steps are
 * independent.  Crossings: 4 pi r_c^2 rho <|v|> an atom and time, each shared by two; v has the
 * variance s^2 = 2 k_B T/m, <|v|> = s sqrt(2/pi), and weighted with |v|, <v^4> = 8 s^4.
 *
 * Memory.  A run that ended has given back every byte that PETSc lends.  A living one has as many
 * entries in its list as there are pairs, which fluctuates by some percent.  What else is taken,
 * by whatever library, shows in what the process keeps resident: allowed are 64 kB beyond the
 * first segment; measured are 12 in segments of 10^4 steps, none in those of 10^6.  The C library
 * would keep up to seven freed blocks of every size for each thread, which looks like a leak until
 * all sizes have come by (0.2 MB after some twenty runs, then some pages in 10^6 steps): the test
 * runs itself without these stores.
 *
 * Include after tests/support/expect.h.
 */
#pragma once

#include "tests/support/md_systems.h"

#include "properties/prop_series.h"

#include <unistd.h>

typedef struct {
  prop_series energy; /* [eV] */
  double n, temperature;
} endurance_sums;

static inline PetscErrorCode endurance_observe(const md_sample *sample, void *context)
{
  endurance_sums *m = context;

  expect_ok(prop_series_add(&m->energy, sample->kinetic + sample->potential));
  m->n += 1.0;
  m->temperature += sample->temperature;
  expect(isfinite(sample->pressure[0]) && isfinite(sample->heat.virial[0]) && sample->current,
         "the observer gets what it needs");
  return 0;
}

/* [eV^2/fs] variance a time of the walk of the energy */
static inline double endurance_walk(const md_atoms *atoms, double temperature, double dt)
{
  const double cut = 2.0 * SYSTEM_SIGMA, x8 = pow(2.0, -8), x14 = pow(2.0, -14);
  const double k = 4.0 * SYSTEM_EPSILON / (SYSTEM_SIGMA * SYSTEM_SIGMA) * (156.0 * x14 - 42.0 * x8);
  const double density = (double)atoms->n / (double)md_atoms_volume(atoms);
  const double s2 = 2.0 * MD_BOLTZMANN * temperature / SYSTEM_MASS;
  const double rate =
      0.5 * (double)atoms->n * 4.0 * PETSC_PI * cut * cut * density * sqrt(s2 * 2.0 / PETSC_PI);

  return rate * k * k * 8.0 * s2 * s2 * pow(dt, 4) / 720.0;
}

/* Two kicks a step round n velocities to at most 2^-52 of them, evenly spread: so far the sum
   walks, over that of 3 n sizes, 0.8 of a velocity each. */
static inline double endurance_round_off(PetscInt n, PetscInt64 steps)
{
  return pow(2.0, -52) / sqrt(12.0) * sqrt(2.0 * (double)(n * steps)) / (0.8 * 3.0 * (double)n);
}

typedef struct {
  PetscLogDouble live, empty, resident; /* [bytes] with a run, without, of the process */
} endurance_memory;

/* The run goes on in a new one; what it takes up is measured on the way. */
static inline md_run *endurance_reload(md_run *run, const md_atoms *start, const md_potential *pot,
                                       endurance_memory *memory)
{
  md_blob blob = {0}, again = {0}, view = {0};
  md_run *next;

  expect_ok(PetscMallocGetCurrentUsage(&memory->live));
  expect_ok(md_run_save(run, &blob));
  expect_ok(md_run_destroy(&run));
  expect_ok(PetscMallocGetCurrentUsage(&memory->empty));
  memory->empty -= (PetscLogDouble)blob.size;
  expect_ok(md_run_create(start, pot, &next));
  md_blob_view(&view, blob.data, blob.size);
  expect_ok(md_run_load(next, &view));
  expect_ok(md_run_save(next, &again));
  expect(again.size == blob.size && memcmp(again.data, blob.data, blob.size) == 0,
         "the new run is the old one");
  expect_ok(md_blob_clear(&again));
  expect_ok(md_blob_clear(&blob));
  expect_ok(PetscMemoryGetCurrentUsage(&memory->resident));
  return next;
}

/* Sum of momenta over the sum of their sizes. */
static inline double endurance_momentum(const md_atoms *atoms)
{
  double worst = 0.0, size = 0.0;

  for (int a = 0; a < 3; a++) {
    double p = 0.0;

    for (PetscInt i = 0; i < atoms->n; i++) {
      p += atoms->v[3 * i + a];
      size += fabs(atoms->v[3 * i + a]);
    }
    worst = fmax(worst, fabs(p));
  }
  return worst / size;
}

typedef struct {
  double energy, error; /* [eV] mean of the segment */
  double temperature;   /* [K] */
  double momentum;
  endurance_memory memory;
} endurance_segment;

static inline md_run *endurance_advance(md_run *run, const md_atoms *start, const md_potential *pot,
                                        PetscInt64 steps, endurance_segment *out)
{
  const unsigned all = MD_NEED_ENERGY | MD_NEED_PRESSURE | MD_NEED_CURRENTS | MD_NEED_HEAT;
  endurance_sums m = {.n = 0.0};
  prop_estimate mean;

  expect_ok(prop_series_create(&m.energy));
  expect_ok(md_run_observe_with(run, 10, all, endurance_observe, &m));
  system_advance(run, steps);
  expect_ok(prop_series_estimate(&m.energy, &mean));
  expect_ok(prop_series_clear(&m.energy));
  out->energy = (double)mean.mean;
  out->error = (double)mean.error;
  out->temperature = m.temperature / m.n;
  out->momentum = endurance_momentum(md_run_atoms(run));
  return endurance_reload(run, start, pot, &out->memory);
}

/* Segment k against the first.  A walk averaged over two stretches of length 1 whose centres are k
   apart differs by the variance k - 1/3. */
static inline void endurance_compare(int k, const endurance_segment *now,
                                     const endurance_segment *first, double walk, double round)
{
  const double change = now->energy - first->energy;
  const double error =
      sqrt(walk * (k - 1.0 / 3.0) + now->error * now->error + first->error * first->error);

  printf("segment %d: energy %+.2e eV (z %+.2f), known to %.1e eV, momentum %.1e, bytes %.0f "
         "without a run, %.0f with, %.0f resident\n",
         k + 1, change, change / error, now->error, now->momentum, now->memory.empty,
         now->memory.live, now->memory.resident);
  fflush(stdout);
  expect_abs(change / error, 0.0, 4.5, "energy since the first segment over what it may walk");
  expect_abs(now->momentum, 0.0, 5.0 * round * sqrt(k + 1.0), "momentum");
  expect(now->memory.empty > 0.0, "PETSc counts");
  expect(now->memory.empty == first->memory.empty, "a run gives back all that it took");
  expect(now->memory.live <= 1.25 * first->memory.live, "a run does not grow");
#ifndef __SANITIZE_ADDRESS__ /* which keeps for a while what was given back */
  expect(now->memory.resident <= first->memory.resident + 65536.0, "resident memory is flat");
#endif
}

static inline void endurance(int nsegment, PetscInt64 steps)
{
  const md_protocol protocol = system_protocol(MD_NVE);
  md_potential *pot = system_argon_potential();
  md_run *run = system_argon_liquid(2, 0.8, pot);
  endurance_segment first, now;
  md_atoms start;
  double walk, kinetic;

  expect_ok(md_atoms_copy(md_run_atoms(run), &start));
  expect_ok(md_run_start(run, &protocol, NULL));
  run = endurance_advance(run, &start, pot, steps, &first);
  walk = endurance_walk(&start, first.temperature, protocol.dt) * (double)steps * protocol.dt;
  kinetic = 1.5 * (double)(start.n - 1) * MD_BOLTZMANN * first.temperature;
  printf("kinetic energy %.4f eV; a segment: walk %.2e eV, mean known to %.1e eV\n", kinetic,
         sqrt(walk), first.error);
  for (int k = 1; k < nsegment; k++) {
    run = endurance_advance(run, &start, pot, steps, &now);
    endurance_compare(k, &now, &first, walk, endurance_round_off(start.n, steps));
  }
  expect(md_run_step(run) == nsegment * steps, "all steps");
  expect_abs(now.energy, first.energy, 1e-4 * kinetic, "drift of the energy");
  expect_ok(md_run_destroy(&run));
  expect_ok(md_atoms_clear(&start));
  expect_ok(md_potential_destroy(&pot));
}

/* With PETSc counting what is allocated, which builds without debugging do not by default, and
   without stores of freed blocks, which only the beginning of a process can do without. */
static inline int endurance_again(char **argv)
{
  static const char none[] = "glibc.malloc.tcache_count=0";
  const char *now = getenv("GLIBC_TUNABLES");

  if (now && !strcmp(now, none)) return 0;
  if (setenv("GLIBC_TUNABLES", none, 1)) return 97;
  if (setenv("PETSC_OPTIONS", "-malloc_debug", 1)) return 97;
  (void)execv("/proc/self/exe", argv);
  return 97;
}

#define endurance_main(argc, argv, help, tests)                                                    \
  (endurance_again(argv) ? 97 : expect_main(argc, argv, help, tests))
