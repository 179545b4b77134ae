/* tests/bench/bench_md_lammps.c - a step of Lennard-Jones dynamics beside LAMMPS
 *
 * 4,000 atoms at reduced density 0.8442, started as a lattice at reduced temperature 1.44, NVE with
 * a step of 0.005, cut-off 2.5 sigma, shifted; skin of the list 0.3 sigma in LAMMPS and 1 Å = 0.294
 * sigma here.  Both look at every step whether the list is stale (LAMMPS: neigh_modify every 1
 * delay 0 check yes) and print nothing on the way; guards look as by default here.
 * After 300 steps in which the lattice melts, programs take turns on one core, 100 steps a round:
 * LAMMPS as a process of its own that sits where this one does.  CPU time, the smallest of all
 * rounds: of the thread here, of each section there (`timer full`: seconds times %CPU).  "Force
 * kernel" is the evaluation of the potential here and the section Pair there, "beside it" all the
 * rest of the step: lists, ghosts, integration, guards.  The bar: beside the kernel a step takes no
 * longer than LAMMPS'; the kernels are printed and not judged.  BENCH_ROUNDS=50 in the environment:
 * more rounds.  Skipped where there is no program `lmp` (Debian: lammps).
 */
#define _GNU_SOURCE /* sched_setaffinity; NOLINT(bugprone-reserved-identifier) */
#include "tests/support/expect.h"
#include "tests/support/md_systems.h"

#include <sched.h>
#include <time.h>
#include <unistd.h>

static const char help[] = "A step of Lennard-Jones dynamics beside LAMMPS\n";

enum { CELLS = 10, WARM = 300, STEPS = 100 };
#define DENSITY     0.8442
#define TEMPERATURE 1.44
#define TIMESTEP    0.005

typedef struct {
  PetscReal step, kernel, beside; /* [s] a step */
  PetscReal builds;               /* of the list in a round */
} cost;

static void keep_least(cost *least, const cost *c)
{
  if (least->step == 0.0 || c->step < least->step) least->step = c->step;
  if (least->kernel == 0.0 || c->kernel < least->kernel) least->kernel = c->kernel;
  if (least->beside == 0.0 || c->beside < least->beside) least->beside = c->beside;
  least->builds = c->builds;
}

/* [s] CPU time of this thread */
static PetscReal seconds(void)
{
  struct timespec t;

  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (PetscReal)t.tv_sec + 1e-9 * (PetscReal)t.tv_nsec;
}

/* Here --------------------------------------------------------------------------------------- */

typedef struct {
  md_potential *inner;
  PetscReal inside; /* [s] */
} stopwatch;

static PetscErrorCode evaluate_timed(const void *data, const mtp_neighbors *nb, mtp_result *out)
{
  stopwatch *w = *(stopwatch *const *)data;
  const PetscReal start = seconds();

  PetscFunctionBegin;
  PetscCall(w->inner->ops->evaluate(w->inner->data, nb, out));
  w->inside += seconds() - start;
  PetscFunctionReturn(0);
}

static const md_potential_ops timed = {"timed", evaluate_timed, NULL};

static md_run *start_run(const md_potential *pot)
{
  const PetscReal tau = SYSTEM_SIGMA * PetscSqrtReal(SYSTEM_MASS / SYSTEM_EPSILON); /* [fs] */
  const md_protocol protocol = {.ensemble = MD_NVE, .dt = TIMESTEP * tau};
  const md_rng rng = {.key = 1};
  md_atoms atoms = system_fcc(CELLS, DENSITY);
  md_guard guard = md_guard_default();
  md_run *run;

  guard.hot_factor = guard.drift = 0.0; /* the lattice melts */
  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_run_thermalise(run, TEMPERATURE * SYSTEM_LJ_TEMP, rng));
  expect_ok(md_run_start(run, &protocol, &guard));
  expect_ok(md_atoms_clear(&atoms));
  system_advance(run, WARM);
  return run;
}

static cost play_here(md_run *run, stopwatch *w)
{
  const PetscInt64 before = md_run_builds(run);
  const PetscReal start = (w->inside = 0.0, seconds());
  cost c;

  system_advance(run, STEPS);
  c.step = (seconds() - start) / STEPS;
  c.kernel = w->inside / STEPS;
  c.beside = c.step - c.kernel;
  c.builds = (PetscReal)(md_run_builds(run) - before);
  return c;
}

/* There -------------------------------------------------------------------------------------- */

static void write_input(const char *name)
{
  FILE *out = fopen(name, "w");

  assert_non_null(out);
  fprintf(out,
          "units lj\natom_style atomic\nlattice fcc %g\n"
          "region box block 0 %d 0 %d 0 %d\ncreate_box 1 box\ncreate_atoms 1 box\nmass 1 1.0\n"
          "velocity all create %g 87287 loop geom\npair_style lj/cut 2.5\n"
          "pair_coeff 1 1 1.0 1.0 2.5\npair_modify shift yes\nneighbor 0.3 bin\n"
          "neigh_modify every 1 delay 0 check yes\nfix 1 all nve\ntimestep %g\nthermo 100000\n"
          "timer full\nrun %d\nrun %d\n",
          DENSITY, CELLS, CELLS, CELLS, TEMPERATURE, TIMESTEP, WARM, STEPS);
  assert_int_equal(fclose(out), 0);
}

/* Sections of the last breakdown, "Pair | min | avg | max | varavg | %CPU | %total" */
static void read_section(const char *line, cost *c)
{
  double least, mean, most, vary, cpu;
  char name[32];

  if (sscanf(line, "%31s | %lf | %lf | %lf | %lf | %lf", name, &least, &mean, &most, &vary, &cpu) !=
      6)
    return;
  if (!strcmp(name, "Pair")) c->kernel = c->beside = 0.0;
  if (!strcmp(name, "Pair"))
    c->kernel = mean * cpu / 100.0 / STEPS;
  else
    c->beside += mean * cpu / 100.0 / STEPS;
}

static cost play_there(const char *input)
{
  cost c = {0.0, 0.0, 0.0, 0.0};
  char command[512], line[512];
  double share = 1.0; /* CPU time over time, of the whole loop */
  FILE *in;

  snprintf(command, sizeof(command), "OMP_NUM_THREADS=1 lmp -in %s -log none 2>&1", input);
  in = popen(command, "r");
  assert_non_null(in);
  while (fgets(line, sizeof(line), in)) {
    double other, builds;

    read_section(line, &c);
    if (sscanf(line, "%lf%% CPU use", &other) == 1) share = other / 100.0;
    if (sscanf(line, "Other | | %lf", &other) == 1) c.beside += other * share / STEPS;
    if (sscanf(line, "Neighbor list builds = %lf", &builds) == 1) c.builds = builds;
  }
  assert_int_equal(pclose(in), 0);
  c.step = c.kernel + c.beside;
  return c;
}

/* Both --------------------------------------------------------------------------------------- */

/* This process and those it starts, on the core where it is now. */
static void stay(void)
{
  cpu_set_t set;

  CPU_ZERO(&set);
  CPU_SET(sched_getcpu(), &set);
  expect(sched_setaffinity(0, sizeof(set), &set) == 0, "one core");
}

static void report(const char *who, const cost *c)
{
  print_message("  %-8s %7.1f us a step: force kernel %7.1f, beside it %6.1f; %.0f lists in %d "
                "steps\n",
                who, 1e6 * (double)c->step, 1e6 * (double)c->kernel, 1e6 * (double)c->beside,
                (double)c->builds, STEPS);
}

static void test_lammps(void **state)
{
  const char *given = getenv("BENCH_ROUNDS");
  const int rounds = given ? atoi(given) : 5;
  const PetscReal epsilon = SYSTEM_EPSILON, sigma = SYSTEM_SIGMA;
  char input[64];
  cost here = {.step = 0.0}, there = {.step = 0.0};
  stopwatch watch = {.inside = 0.0}, *pointer = &watch;
  md_potential outer;
  md_run *run;

  (void)state;
  stay();
  snprintf(input, sizeof(input), "/tmp/bench_md_lammps.%d", (int)getpid());
  write_input(input);
  expect_ok(md_potential_create_lj(1, &epsilon, &sigma, 2.5 * sigma, PETSC_FALSE, &watch.inner));
  outer = *watch.inner;
  outer.ops = &timed;
  outer.data = &pointer;
  run = start_run(&outer);
  for (int round = 0; round < rounds; round++) {
    const cost a = play_here(run, &watch), b = play_there(input);

    keep_least(&here, &a);
    keep_least(&there, &b);
  }
  unlink(input);
  report("liquidus", &here);
  report("LAMMPS", &there);
  print_message("  beside the kernel: %.2f of LAMMPS' time; kernel: %.2f\n",
                (double)(here.beside / there.beside), (double)(here.kernel / there.kernel));
  expect(here.beside <= there.beside, "not more than LAMMPS' time beside the kernel");
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&watch.inner));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_lammps)};

  if (system("command -v lmp >/dev/null") != 0) { /* NOLINT(cert-env33-c) */
    printf("skipped: no program lmp (Debian: lammps)\n");
    return EXPECT_SKIP;
  }
  return expect_main(argc, argv, help, tests);
}
