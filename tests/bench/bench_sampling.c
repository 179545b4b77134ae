/* tests/bench/bench_sampling.c - what the estimators of a production add to its dynamics
 *
 * The melt of tests/bench/sampling.yaml, equilibrated for 3.5 ps, then NVE and NPT as a campaign
 * runs them, with 1 fs.  Each variant has its own run, which first goes on for 2 ps, so that
 * displacements have several levels of lags; then the runs take turns of 2000 steps on one core.  A
 * baseline is a run whose observer does nothing but ask for what the potential computes for the
 * variants below it: energies, virial, currents, virials of atoms.  Clocks before the first and
 * after the last estimator of a step give the time of sampling alone (less that of a baseline's
 * clocks), as the mean of all turns; a step is the smallest of all turns.  CPU time of the thread.
 * Printed, not judged.  BENCH_ROUNDS=50 in the environment: more turns; at less than 12 also how
 * the error of g(r) and of numbers of neighbours depends on the time between samples, from five
 * runs of 10 ps at constant pressure.
 */
#include "md/md_units.h"
#include "mtp/mtp_bench_impl.h"
#include "screening/screen_job.h"
#include "tests/support/mtp_files.h"

#include <time.h>

static const char help[] = "Cost of the estimators of a production\n";

enum { BEFORE = 2000, STEPS = 2000, NVARIANT = 14 };

enum { CA, K, CL, NSPECIES }; /* of sampling.yaml */

/* As of hydrogen, for the time between samples of velocities alone. */
static PetscReal light[NSPECIES] = {MD_ATOMIC_MASS, MD_ATOMIC_MASS, MD_ATOMIC_MASS};

/* What is wanted. */
enum {
  DISPLACEMENTS = 1,
  STREAM = 2,
  HEAT = 4,
  PAIRS = 8,
  NOTHING = 16,
  SCALARS = 32,
  FACTORS = 64,
  LIGANDS = 128,
  LIVES = 256,
  FAST = 512 /* velocities as often as with hydrogen */
};

static const struct {
  const char *name;
  screen_stage stage;
  unsigned wanted, needs;
  int baseline;
} variants[NVARIANT] = {
    {"nve: energy", SCREEN_NVE, NOTHING, MD_NEED_ENERGY, 0},
    {"scalars", SCREEN_NVE, SCALARS, 0, 0},
    {"scalars, displacements, velocities", SCREEN_NVE, DISPLACEMENTS, 0, 0},
    {"nve: energy, virial, currents", SCREEN_NVE, NOTHING,
     MD_NEED_ENERGY | MD_NEED_PRESSURE | MD_NEED_CURRENTS, 3},
    {"scalars, displacements, velocities, block means", SCREEN_NVE, DISPLACEMENTS | STREAM, 0, 3},
    {"nve: the same and virials of atoms", SCREEN_NVE, NOTHING,
     MD_NEED_ENERGY | MD_NEED_PRESSURE | MD_NEED_CURRENTS | MD_NEED_HEAT, 5},
    {"scalars, displacements, velocities, block means with heat", SCREEN_NVE,
     DISPLACEMENTS | STREAM | HEAT, 0, 5},
    {"npt: energy", SCREEN_NPT, NOTHING, MD_NEED_ENERGY, 7},
    {"scalars, block means", SCREEN_NPT, STREAM, 0, 7},
    {"scalars, block means, pairs to 10 Å", SCREEN_NPT, STREAM | PAIRS, 0, 7},
    {"the same and structure factors to 8 1/Å", SCREEN_NPT, STREAM | PAIRS | FACTORS, 0, 7},
    {"the same and ligands within 6 Å", SCREEN_NPT, STREAM | PAIRS | FACTORS | LIGANDS, 0, 7},
    {"the same and lifetimes of two pairs", SCREEN_NPT, STREAM | PAIRS | FACTORS | LIGANDS | LIVES,
     0, 7},
    {"nve: scalars, displacements, velocities every 2.5 fs", SCREEN_NVE, DISPLACEMENTS | FAST, 0,
     0},
};

/* [s] CPU time of this thread */
static PetscReal seconds(void)
{
  struct timespec t;

  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (PetscReal)t.tv_sec + 1e-9 * (PetscReal)t.tv_nsec;
}

/* The clock of a variant: it begins before its first estimator and ends after the last. */
typedef struct {
  PetscReal start, inside; /* [s] */
} stopwatch;

static PetscErrorCode begin_sampling(const md_sample *sample, void *context)
{
  (void)sample;
  ((stopwatch *)context)->start = seconds();
  return 0;
}

static PetscErrorCode end_sampling(const md_sample *sample, void *context)
{
  stopwatch *watch = context;

  (void)sample;
  watch->inside += seconds() - watch->start;
  return 0;
}

static PetscErrorCode see_nothing(const md_sample *sample, void *context)
{
  (void)sample, (void)context;
  return 0;
}

typedef struct {
  screen_campaign campaign; /* a copy with other properties; borrows all that is allocated */
  screen_job_state state;
  md_run *run;
  stopwatch watch;
  PetscReal best; /* [s] of a turn */
} contestant;

static void advance(md_run *run, PetscInt64 steps)
{
  md_reason reason;
  char detail[160];

  expect_ok(md_run_advance(run, steps, &reason, detail));
  if (reason != MD_RUNNING) fail_msg("%s", detail);
}

static void set_wanted(screen_campaign *c, unsigned wanted)
{
  c->want_density = c->want_heat_capacity = c->want_potential_energy = PETSC_FALSE;
  c->want_diffusion = (PetscBool)((wanted & DISPLACEMENTS) != 0);
  c->want_viscosity = c->want_density = (PetscBool)((wanted & STREAM) != 0);
  c->want_ionic_conductivity = PETSC_FALSE;
  c->want_thermal_conductivity = (PetscBool)((wanted & HEAT) != 0);
  c->want_structure = (PetscBool)((wanted & PAIRS) != 0);
  c->structure = (screen_structure_wish){.qmax = (wanted & FACTORS) ? 8.0 : 0.0,
                                         .reach = (wanted & LIGANDS) ? SCREEN_LIGAND_REACH : 0.0,
                                         .nlife = (wanted & LIVES) ? 2 : 0,
                                         .life = {{CA, CL, 3.6}, {K, CL, 4.3}},
                                         .tolerance = 500.0};
  if (wanted & FAST) c->mass = light;
}

static void prepare(const screen_campaign *c, const screen_point *point, const md_potential *pot,
                    const md_atoms *atoms, int v, contestant *k)
{
  screen_phase phase[SCREEN_MAX_PHASES];
  PetscInt n;

  *k = (contestant){.campaign = *c, .best = PETSC_MAX_REAL};
  set_wanted(&k->campaign, variants[v].wanted);
  screen_job_phases(c, point, variants[v].stage, &n, phase);
  phase[0].protocol.rng = md_rng_derive((md_rng){.key = 17}, (uint64_t)variants[v].stage);
  expect_ok(md_run_create(atoms, pot, &k->run));
  expect_ok(md_run_start(k->run, &phase[0].protocol, &phase[0].guard));
  expect_ok(md_run_observe_with(k->run, 1, 0, begin_sampling, &k->watch));
  if (variants[v].wanted == NOTHING) {
    expect_ok(md_run_observe_with(k->run, 1, variants[v].needs, see_nothing, NULL));
  } else {
    expect_ok(screen_job_state_begin(&k->campaign, variants[v].stage, atoms, &k->state));
    expect_ok(screen_job_state_observe(&k->campaign, point, &k->state, k->run));
  }
  expect_ok(md_run_observe_with(k->run, 1, 0, end_sampling, &k->watch));
  advance(k->run, BEFORE);
  k->watch.inside = 0.0;
}

static PetscInt turns(void)
{
  const char *text = getenv("BENCH_ROUNDS");

  return text ? (PetscInt)strtol(text, NULL, 10) : 5;
}

static void take_turns(contestant k[NVARIANT])
{
  mtp_bench_pin *pin;
  PetscInt core;

  expect_ok(mtp__bench_pin(&pin, &core));
  for (PetscInt r = 0; r < turns(); r++) {
    for (int v = 0; v < NVARIANT; v++) {
      const PetscReal start = seconds();

      advance(k[v].run, STEPS);
      k[v].best = PetscMin(k[v].best, seconds() - start);
    }
  }
  expect_ok(mtp__bench_unpin(&pin));
}

static void print_costs(const contestant k[NVARIANT], PetscInt natoms)
{
  const PetscReal ns = 1e9 / (PetscReal)(STEPS * natoms);
  char processor[320];

  mtp_bench_processor(processor, sizeof(processor));
  printf("\n%s; %d atoms, ns an atom and step\n\n| observed | step | sampling | of the step |\n"
         "|---|---|---|---|\n",
         processor, (int)natoms);
  for (int v = 0; v < NVARIANT; v++) {
    const contestant *other = &k[variants[v].baseline];
    const PetscReal base = other->best;
    const PetscReal sampling = (k[v].watch.inside - other->watch.inside) / (PetscReal)turns();

    if (variants[v].baseline == v)
      printf("| %s | %.0f | | |\n", variants[v].name, (double)(ns * base));
    else
      printf("| %s | %.0f | %.2f | %.2f %% |\n", variants[v].name, (double)(ns * k[v].best),
             (double)(ns * sampling), 100.0 * (double)(sampling / base));
  }
  (void)fflush(stdout);
}

/* How often g(r) is worth a look ------------------------------------------------------------- */

enum { FINEST = 20, SPACINGS = 6, WATCHED = 3, NLOOK = 500, NRUN = 5, NBIN = 200 };

/* [steps] between samples, and what is watched: g(r) of Ca-Cl in the bin of its maximum, neighbours
   Ca-Cl and K-Cl up to a radius. */
static const PetscInt spacing[SPACINGS] = {1, 5, 10, 20, 50, 100};
static const struct {
  const char *name;
  PetscInt a, b, bin;
  PetscBool height;
} watched[WATCHED] = {{"g(r) of Ca-Cl at 2.7 Å", CA, CL, 53, PETSC_TRUE},
                      {"Cl around Ca to 3.6 Å", CA, CL, 71, PETSC_FALSE},
                      {"Cl around K to 4.3 Å", K, CL, 85, PETSC_FALSE}};

typedef struct {
  PetscInt n;
  PetscReal value[WATCHED][NLOOK];
} looks;

static PetscErrorCode look(const md_sample *sample, void *context)
{
  looks *l = context;
  PetscReal r[NBIN], g[NBIN], number[NBIN];
  prop_rdf *rdf;

  PetscFunctionBegin;
  if (l->n == NLOOK) PetscFunctionReturn(0);
  PetscCall(prop_rdf_create(NSPECIES, 10.0, NBIN, &rdf));
  PetscCall(prop_rdf_add(rdf, sample->atoms));
  for (int w = 0; w < WATCHED; w++) {
    PetscCall(prop_rdf_curve(rdf, watched[w].a, watched[w].b, r, g, number));
    l->value[w][l->n] = watched[w].height ? g[watched[w].bin] : number[watched[w].bin];
  }
  l->n++;
  PetscCall(prop_rdf_destroy(&rdf));
  PetscFunctionReturn(0);
}

/* Variance of the mean of every k-th look */
static PetscReal variance_of(const looks *l, int w, PetscInt k)
{
  PetscReal x[NLOOK];
  prop_estimate e;
  PetscInt n = 0;

  for (PetscInt i = 0; i < l->n; i += k) x[n++] = l->value[w][i];
  expect_ok(prop_series_stationary(n, x, &e));
  return PetscSqr(e.error);
}

/* One run at constant pressure, its looks into l */
static void watch(const screen_campaign *c, const screen_point *point, const md_potential *pot,
                  const md_atoms *atoms, uint64_t number, looks *l)
{
  screen_phase phase[SCREEN_MAX_PHASES];
  PetscInt n;
  md_run *run;

  screen_job_phases(c, point, SCREEN_NPT, &n, phase);
  phase[0].protocol.rng = md_rng_derive((md_rng){.key = 17}, number);
  expect_ok(md_run_create(atoms, pot, &run));
  expect_ok(md_run_start(run, &phase[0].protocol, &phase[0].guard));
  l->n = 0;
  expect_ok(md_run_observe_with(run, FINEST, 0, look, l));
  advance(run, (PetscInt64)FINEST * NLOOK);
  expect_ok(md_run_destroy(&run));
}

static void print_spacings(const screen_campaign *c, const screen_point *point,
                           const md_potential *pot, const md_atoms *atoms)
{
  static looks l;
  PetscReal variance[WATCHED][SPACINGS] = {{0.0}};

  for (int run = 0; run < NRUN; run++) {
    watch(c, point, pot, atoms, 100 + (uint64_t)run, &l);
    for (int w = 0; w < WATCHED; w++)
      for (int k = 0; k < SPACINGS; k++) variance[w][k] += variance_of(&l, w, spacing[k]) / NRUN;
  }
  printf("\nStandard error of the mean of %d ps by time between samples (root mean square of %d "
         "runs)\n\n| fs |",
         FINEST * NLOOK / 1000, NRUN);
  for (int k = 0; k < SPACINGS; k++) printf(" %d |", (int)spacing[k] * FINEST);
  printf("\n|---|---|---|---|---|---|---|\n");
  for (int w = 0; w < WATCHED; w++) {
    printf("| %s |", watched[w].name);
    for (int k = 0; k < SPACINGS; k++) printf(" %.4f |", sqrt((double)variance[w][k]));
    printf("\n");
  }
}

/* The end of the equilibration of the campaign's point. */
static void equilibrate(const screen_campaign *c, const screen_point *point,
                        const md_potential *pot, md_atoms *atoms)
{
  md_reason reason;
  char detail[160];
  screen_job *job;

  expect_ok(screen_job_create(c, point, pot, 0, SCREEN_EQUILIBRATION, NULL, PETSC_FALSE, &job));
  expect_ok(screen_job_advance(job, INT64_MAX, &reason, detail));
  if (reason < 0) fail_msg("%s", detail);
  expect_ok(md_atoms_copy(screen_job_atoms(job), atoms));
  expect_ok(screen_job_destroy(&job));
}

static void test_sampling(void **state)
{
  contestant k[NVARIANT];
  screen_campaign *c;
  screen_grid *grid;
  mtp_diag diag = {0};
  mtp_potential *mtp;
  md_potential *pot;
  md_atoms atoms;

  (void)state;
  expect_ok(screen_campaign_read(TEST_SOURCE "/tests/bench/sampling.yaml", &c, &diag));
  if (!c) fail_msg("%s", diag.text[0]);
  expect_ok(screen_grid_create(c, &grid, &diag));
  mtp = load(c->potential_file);
  expect_ok(md_potential_create_mtp(&mtp, &pot));
  equilibrate(c, &grid->point[0], pot, &atoms);
  for (int v = 0; v < NVARIANT; v++) prepare(c, &grid->point[0], pot, &atoms, v, &k[v]);
  take_turns(k);
  print_costs(k, atoms.n);
  if (turns() < 12) print_spacings(c, &grid->point[0], pot, &atoms);
  for (int v = 0; v < NVARIANT; v++) {
    expect_ok(md_run_destroy(&k[v].run));
    expect_ok(screen_job_state_clear(&k[v].state));
  }
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
  expect_ok(screen_grid_destroy(&grid));
  expect_ok(screen_campaign_destroy(&c));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_sampling)};

  return expect_main(argc, argv, help, tests);
}
