/* tests/bench/bench_md_step.c - what a step costs beside the potential, and what currents add
 *
 * 864 atoms of a liquid (tests/data/mtp/random/liquid2.cfg), 2 species, cut-off 5 Å, skin 1 Å,
 * NVE with 1 fs, guards as by default, potentials of random coefficients.  Such
 * potentials hold no liquid together, so atoms are made 1e9 times too heavy and fly straight on
 * with the speeds of Ca and Cl at 1100 K: for the 0.1 ps of a round the structure stays, and lists
 * become stale as they do in a liquid.  Rounds with and without observers take turns on one core.
 * CPU time of the thread, the smallest of all rounds.  The clock is read around the potential, too:
 * "beside it" is the rest of the step.
 *
 * Guards cost too little to be seen in the difference of two steps, so that they are timed alone,
 * many calls in a row: what they do at every step, at a step of checks, at one where structure is
 * looked at (without displacements, which are asked for once a window), and the energies and
 * virials that the potential computes for the checks.  Printed, not judged.  BENCH_ROUNDS=50 in the
 * environment: more rounds.
 */
#include "md/md_currents.h"
#include "md/md_run_impl.h"
#include "md/md_units.h"
#include "mtp/mtp_bench_impl.h"
#include "tests/support/mtp_files.h"
#include "tests/support/random.h"

#include <time.h>

static const char help[] = "Cost of a step of dynamics: potential, the rest, currents\n";

enum { STEPS = 100, NVARIANT = 3 };

static const struct {
  const char *name;
  unsigned needs;
} variants[NVARIANT] = {
    {"nothing", 0},
    {"energy, pressure", MD_NEED_ENERGY | MD_NEED_PRESSURE},
    {"currents and heat", MD_NEED_CURRENTS | MD_NEED_HEAT},
};

/* [s] CPU time of this thread */
static PetscReal seconds(void)
{
  struct timespec t;

  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (PetscReal)t.tv_sec + 1e-9 * (PetscReal)t.tv_nsec;
}

/* A potential with a clock around it ---------------------------------------------------------- */

typedef struct {
  md_potential *inner;
  PetscReal *inside; /* [s] */
} stopwatch;

static PetscErrorCode evaluate_timed(const void *data, const mtp_neighbors *nb, mtp_result *out)
{
  const stopwatch *w = data;
  const PetscReal start = seconds();

  PetscFunctionBegin;
  PetscCall(w->inner->ops->evaluate(w->inner->data, nb, out));
  *w->inside += seconds() - start;
  PetscFunctionReturn(0);
}

static const md_potential_ops timed = {"timed", evaluate_timed, NULL};

/* Rounds ------------------------------------------------------------------------------------- */

typedef struct {
  PetscReal step, inside, beside; /* [s] of a round */
  PetscInt64 builds;
} cost;

static PetscErrorCode look(const md_sample *sample, void *context)
{
  PetscReal j[3];

  md_current_heat(sample, j);
  *(PetscReal *)context += j[0];
  return 0;
}

/* Looked at all the same: these atoms do not see each other, and those close push hard. */
static md_guard patient_guard(void)
{
  md_guard guard = md_guard_default();

  guard.close_factor = 1e-6;
  guard.max_force = guard.pressure_factor = 0.0;
  return guard;
}

static cost play_round(const md_atoms *atoms, md_potential *pot, int variant)
{
  const md_protocol protocol = {.ensemble = MD_NVE, .dt = 1.0};
  PetscReal inside = 0.0, sum = 0.0, start;
  stopwatch watch = {pot, &inside};
  md_potential with_clock = *pot;
  md_reason reason;
  const unsigned needs = variants[variant].needs;
  const md_guard guard = patient_guard();
  char detail[160];
  md_run *run;
  cost c;

  with_clock.ops = &timed;
  with_clock.data = &watch;
  expect_ok(md_run_create(atoms, &with_clock, &run));
  expect_ok(md_run_start(run, &protocol, &guard));
  if (needs) expect_ok(md_run_observe_with(run, 1, needs, look, &sum));
  inside = 0.0;
  start = seconds();
  expect_ok(md_run_advance(run, STEPS, &reason, detail));
  c.step = seconds() - start;
  if (reason != MD_RUNNING) fail_msg("%s", detail);
  c.inside = inside;
  c.beside = c.step - inside;
  c.builds = md_run_builds(run);
  expect_ok(md_run_destroy(&run));
  return c;
}

static PetscInt rounds(void)
{
  const char *text = getenv("BENCH_ROUNDS");

  return text ? (PetscInt)strtol(text, NULL, 10) : 10;
}

static void take_turns(const md_atoms *atoms, md_potential *pot, cost best[NVARIANT])
{
  mtp_bench_pin *pin;
  PetscInt core;

  for (int v = 0; v < NVARIANT; v++)
    best[v] = (cost){PETSC_MAX_REAL, PETSC_MAX_REAL, PETSC_MAX_REAL, 0};
  expect_ok(mtp__bench_pin(&pin, &core));
  for (PetscInt r = 0; r < rounds(); r++) {
    for (int v = 0; v < NVARIANT; v++) {
      const cost c = play_round(atoms, pot, v);

      best[v].step = PetscMin(best[v].step, c.step);
      best[v].inside = PetscMin(best[v].inside, c.inside);
      best[v].beside = PetscMin(best[v].beside, c.beside);
      best[v].builds = c.builds;
    }
  }
  expect_ok(mtp__bench_unpin(&pin));
}

static md_atoms heavy_liquid(void)
{
  static const PetscReal mass[2] = {40.078, 35.45};
  mtp_config_list list = configurations(TEST_DATA "/mtp/random/liquid2.cfg");
  const mtp_config *c = &list.config[0];
  random_stream stream = {5};
  md_atoms atoms;

  expect_ok(md_atoms_create(c->n, 2, &atoms));
  memcpy(atoms.h, c->h, sizeof(atoms.h));
  memcpy(atoms.x, c->x, 3 * sizeof(PetscReal) * (size_t)c->n);
  memcpy(atoms.type, c->type, sizeof(PetscInt) * (size_t)c->n);
  for (int s = 0; s < 2; s++) atoms.mass[s] = 1e9 * mass[s] * MD_ATOMIC_MASS;
  for (PetscInt k = 0; k < 3 * c->n; k++) {
    const PetscReal m = mass[c->type[k / 3]] * MD_ATOMIC_MASS;

    atoms.v[k] = sqrt(1100.0 * MD_BOLTZMANN / m) * random_normal(&stream);
  }
  expect_ok(mtp_config_list_clear(&list));
  return atoms;
}

/* Guards alone ------------------------------------------------------------------------------- */

typedef struct {
  PetscReal copy[2];            /* [s] a copy of the forces without and with a look at them */
  PetscReal step, checks, look; /* [s] a call at an ordinary step, at one of checks, of structure */
  PetscReal forces, all;        /* [s] an evaluation without and with energies and virial */
} guard_cost;

/* [s] a call of the guards at this step, the mean of n */
static PetscReal time_guard(md_run *run, PetscInt64 step, PetscInt n)
{
  PetscReal start;

  run->step = step;
  start = seconds();
  for (PetscInt k = 0; k < n; k++) expect_ok(md__guard(run));
  if (run->reason != MD_RUNNING) fail_msg("%s", run->detail);
  return (seconds() - start) / (PetscReal)n;
}

/* [s] an evaluation, the mean of n */
static PetscReal time_potential(md_run *run, unsigned skip, PetscInt n)
{
  const PetscReal start = seconds();

  run->result.skip = skip;
  for (PetscInt k = 0; k < n; k++)
    expect_ok(md_potential_evaluate(run->pot, &run->nb, &run->result));
  return (seconds() - start) / (PetscReal)n;
}

/* [s] a copy of the forces, with a look at them or without, the mean of n */
static PetscReal time_copy(md_run *run, PetscBool look_at, PetscInt n)
{
  const size_t n3 = 3 * (size_t)run->atoms.n;
  const PetscReal start = seconds();

  for (PetscInt k = 0; k < n; k++) {
    if (look_at)
      md__take_forces(run);
    else
      expect_ok(PetscArraycpy(run->atoms.f, run->result.force, n3));
  }
  return (seconds() - start) / (PetscReal)n;
}

static guard_cost time_guards(const md_atoms *atoms, const md_potential *pot)
{
  const md_protocol protocol = {.ensemble = MD_NVE, .dt = 1.0};
  guard_cost best = {{1e9, 1e9}, 1e9, 1e9, 1e9, 1e9, 1e9};
  md_guard guard = patient_guard();
  md_run *run;

  guard.order = 0.0;
  guard.every_structure = guard.every + 1;
  expect_ok(md_run_create(atoms, pot, &run));
  expect_ok(md_run_start(run, &protocol, &guard));
  for (PetscInt r = 0; r < rounds(); r++) {
    for (int k = 0; k < 2; k++)
      best.copy[k] = PetscMin(best.copy[k], time_copy(run, (PetscBool)k, 500));
    best.step = PetscMin(best.step, time_guard(run, 1, 500));
    best.checks = PetscMin(best.checks, time_guard(run, guard.every, 20));
    best.look = PetscMin(best.look, time_guard(run, guard.every_structure, 20));
    best.forces = PetscMin(best.forces, time_potential(run, MTP_SKIP_ENERGY | MTP_SKIP_VIRIAL, 10));
    best.all = PetscMin(best.all, time_potential(run, 0, 10));
  }
  expect_ok(md_run_destroy(&run));
  return best;
}

static void test_guards(void **state)
{
  const md_guard guard = md_guard_default();
  md_atoms atoms = heavy_liquid();
  mtp_bench_pin *pin;
  PetscInt core;

  (void)state;
  expect_ok(mtp__bench_pin(&pin, &core));
  printf("\nguards, ns an atom\n\n| level | at every step | checks, every %d | their energies and "
         "virials | structure, every %d | together, a step | of the forces |\n"
         "|---|---|---|---|---|---|---|\n",
         (int)guard.every, (int)guard.every_structure);
  for (int level = 8; level <= 16; level += 8) {
    const PetscReal ns = 1e9 / (PetscReal)atoms.n;
    char path[512];
    mtp_potential *mtp;
    md_potential *pot;
    guard_cost c;
    PetscReal every, sum;

    (void)snprintf(path, sizeof(path), TEST_DATA "/mtp/random/rand_2sp_%02d.almtp", level);
    mtp = load(path);
    expect_ok(md_potential_create_mtp(&mtp, &pot));
    c = time_guards(&atoms, pot);
    every = c.copy[1] - c.copy[0] + c.step;
    sum = every + (c.checks - c.step + c.all - c.forces) / (PetscReal)guard.every +
          (c.look - c.step) / (PetscReal)guard.every_structure;
    printf("| %d | %.2f | %.0f | %.0f | %.0f | %.2f | %.2f %% |\n", level, (double)(ns * every),
           (double)(ns * (c.checks - c.step)), (double)(ns * (c.all - c.forces)),
           (double)(ns * (c.look - c.step)), (double)(ns * sum), 100.0 * (double)(sum / c.forces));
    (void)fflush(stdout);
    expect_ok(md_potential_destroy(&pot));
  }
  expect_ok(mtp__bench_unpin(&pin));
  expect_ok(md_atoms_clear(&atoms));
}

/* One rank ----------------------------------------------------------------------------------- */

/* What a step on one rank does for the sake of other ranks: agreement before the list and after the
   guards, a sum each for forces' energies and kinetic energy, and the question whether there is a
   halo.  ns a step. */
static void test_one_rank(void **state)
{
  enum { CALLS = 100000 };
  const md_protocol protocol = {.ensemble = MD_NVE, .dt = 1.0};
  const md_guard guard = patient_guard();
  md_atoms atoms = heavy_liquid();
  PetscReal best = PETSC_MAX_REAL;
  mtp_potential *mtp = load(TEST_DATA "/mtp/random/rand_2sp_16.almtp");
  md_potential *pot;
  md_run *run;

  (void)state;
  expect_ok(md_potential_create_mtp(&mtp, &pot));
  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_run_start(run, &protocol, &guard));
  for (PetscInt r = 0; r < rounds(); r++) {
    const PetscReal start = seconds();
    PetscReal sum = 1.0;

    for (PetscInt k = 0; k < CALLS; k++) {
      PetscBool stale = PETSC_FALSE;

      expect_ok(md__agree(run, &stale));
      expect_ok(md__gather_result(run));
      expect_ok(md__sum(run, 1, &sum));
      expect_ok(md__agree(run, NULL));
    }
    best = PetscMin(best, seconds() - start);
  }
  printf(
      "\none rank: %.1f ns a step for other ranks (agreement, sums), of %d atoms %.4f ns an atom\n",
      (double)(1e9 * best / CALLS), (int)atoms.n, (double)(1e9 * best / CALLS / atoms.n));
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
  expect_ok(md_atoms_clear(&atoms));
}

static void test_steps(void **state)
{
  md_atoms atoms = heavy_liquid();
  char processor[320];

  (void)state;
  mtp_bench_processor(processor, sizeof(processor));
  printf("\n%s; ns an atom and step\n\n"
         "| level | kernel | observed at every step | step | potential | beside it | of the step | "
         "against nothing | builds |\n|---|---|---|---|---|---|---|---|---|\n",
         processor);
  for (int level = 8; level <= 20; level += 4) {
    const PetscReal ns = 1e9 / (PetscReal)(STEPS * atoms.n);
    char path[512];
    cost best[NVARIANT];
    mtp_potential *mtp;
    md_potential *pot;

    (void)snprintf(path, sizeof(path), TEST_DATA "/mtp/random/rand_2sp_%02d.almtp", level);
    mtp = load(path);
    expect_ok(md_potential_create_mtp(&mtp, &pot));
    take_turns(&atoms, pot, best);
    for (int v = 0; v < NVARIANT; v++) {
      const cost *c = &best[v];

      printf("| %d | %s | %s | %.0f | %.0f | %.1f | %.1f %% | %+.1f %% | %d |\n", level,
             pot->kernel, variants[v].name, (double)(ns * c->step), (double)(ns * c->inside),
             (double)(ns * c->beside), 100.0 * (double)(c->beside / c->step),
             100.0 * (double)(c->step / best[0].step - 1.0), (int)c->builds);
    }
    (void)fflush(stdout);
    expect_ok(md_potential_destroy(&pot));
  }
  expect_ok(md_atoms_clear(&atoms));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_steps), cmocka_unit_test(test_guards),
                                     cmocka_unit_test(test_one_rank)};

  return expect_main(argc, argv, help, tests);
}
