/* tests/bench/bench_md_ranks.c - a run on two ranks against one, and memory of large systems
 *
 * Level 16, two species, 46.5 neighbours within 5 Å, packed at random and then heavy and fast (see
 * bench_md_step.c), NVE, guards as by default.  Blocks of steps on one rank (the other sleeps), on
 * two, and of two separate runs at once take turns, each rank on a core of its own; blocks in which
 * the host took more than 2 % of a core are dropped, and of the rest the mean of the best quarter
 * counts.  Two separate runs share nothing but the machine: what they reach together, the slower
 * counting, is what two ranks could reach here without a word between them.  Beside it the time
 * that the ranks spent in forces (mean, maximum) and talking, and a model of many ranks made of
 * what was measured.  BENCH_ROUNDS=N: turns, 20 without.  Times are printed, not judged; memory is.
 * On one rank: memory only.
 */
#define _GNU_SOURCE
#include "md/md_halo.h"
#include "md/md_pack.h"
#include "md/md_run_impl.h"
#include "md/md_units.h"
#include "mtp/mtp_bench_impl.h"
#include "tests/support/mtp_files.h"
#include "tests/support/random.h"

#include <sched.h>
#include <sys/resource.h>
#include <time.h>

static const char help[] = "A run on two ranks against one; memory of large systems\n";

enum { STEPS = 60, MAX_ROUNDS = 400 };
#define DENSITY (46.5 / (4.0 / 3.0 * PETSC_PI * 125.0)) /* [1/Å^3] */
#define STOLEN  0.02

static PetscMPIInt rank, size;

typedef struct {
  PetscReal wall, force, talk, stolen; /* [s] of a block, this rank; share of the core */
  PetscReal mean;                      /* force of all ranks */
  PetscReal best;                      /* smallest wall */
} block;

static PetscReal now(void)
{
  struct timespec t;

  clock_gettime(CLOCK_MONOTONIC, &t);
  return (PetscReal)t.tv_sec + 1e-9 * (PetscReal)t.tv_nsec;
}

static md_potential *potential(int level)
{
  char path[512];
  mtp_potential *mtp;
  md_potential *pot;

  (void)snprintf(path, sizeof(path), TEST_DATA "/mtp/random/rand_2sp_%02d.almtp", level);
  mtp = load(path);
  expect_ok(md_potential_create_mtp(&mtp, &pot));
  return pot;
}

/* Speeds of Ca and Cl at 1100 K with masses 1e9 times theirs: lists age, nothing is pushed. */
static void make_heavy(md_atoms *atoms)
{
  static const PetscReal mass[2] = {40.078, 35.45};
  random_stream stream = {5};

  for (int s = 0; s < 2; s++) atoms->mass[s] = 1e9 * mass[s] * MD_ATOMIC_MASS;
  for (PetscInt k = 0; k < 3 * atoms->n; k++) {
    const PetscReal m = mass[atoms->type[k / 3]] * MD_ATOMIC_MASS;

    atoms->v[k] = sqrt(1100.0 * MD_BOLTZMANN / m) * random_normal(&stream);
  }
}

static md_atoms packed(PetscInt n)
{
  const PetscInt count[2] = {n / 2, n - n / 2};
  const PetscReal mass[2] = {1.0, 1.0}, apart[4] = {1.9, 1.9, 1.9, 1.9};
  const md_pack_spec spec = {.nspecies = 2,
                             .count = count,
                             .mass = mass,
                             .min_dist = apart,
                             .volume = (PetscReal)n / DENSITY,
                             .rng = {.key = 3}};
  md_atoms atoms;
  PetscReal worst;

  expect_ok(md_pack_random(&spec, &atoms, &worst));
  expect(worst >= 1.0, "packed");
  make_heavy(&atoms);
  return atoms;
}

static PetscReal event_time(PetscLogEvent event)
{
  PetscEventPerfInfo info;

  expect_ok(PetscLogEventGetPerfInfo(PETSC_DETERMINE, event, &info));
  return info.time;
}

/* Guards as by default, but not of distance, force and pressure: these atoms do not see each
   other, and those that lie close push hard. */
static md_guard patient(void)
{
  md_guard guard = md_guard_default();

  guard.close_factor = 1e-6;
  guard.max_force = guard.pressure_factor = 0.0;
  return guard;
}

/* STEPS steps of a run; every rank of its communicator calls. */
static block play(MPI_Comm comm, const md_atoms *atoms, const md_potential *pot)
{
  const md_protocol protocol = {.ensemble = MD_NVE, .dt = 1.0};
  const mtp_bench_ticks ticks = mtp__bench_ticks(rank);
  md_guard guard = patient();
  const md__events *event;
  mtp_bench_ticks end;
  md_reason reason;
  char detail[160];
  md_run *run;
  block b = {0};

  expect_ok(md__events_get(&event));
  expect_ok(md_run_create_on(comm, atoms, pot, &run));
  expect_ok(md_run_start(run, &protocol, &guard));
  b.force = event_time(event->force);
  b.talk = event_time(event->talk);
  MPI_Barrier(comm);
  b.wall = now();
  expect_ok(md_run_advance(run, STEPS, &reason, detail));
  b.wall = now() - b.wall;
  if (reason != MD_RUNNING) fail_msg("%s", detail);
  b.force = event_time(event->force) - b.force;
  b.talk = event_time(event->talk) - b.talk;
  end = mtp__bench_ticks(rank);
  b.stolen =
      end.known && end.all > ticks.all ? (end.stolen - ticks.stolen) / (end.all - ticks.all) : 0.0;
  expect_ok(md_run_destroy(&run));
  return b;
}

/* The other rank sleeps until rank 0 has finished its block. */
static void sleep_meanwhile(void)
{
  const struct timespec nap = {.tv_nsec = 200000};
  MPI_Request request;
  int done = 0;

  MPI_Ibarrier(PETSC_COMM_WORLD, &request);
  for (;;) {
    MPI_Test(&request, &done, MPI_STATUS_IGNORE);
    if (done) break;
    nanosleep(&nap, NULL);
  }
}

static int by_wall(const void *a, const void *b)
{
  const PetscReal x = ((const block *)a)->wall, y = ((const block *)b)->wall;

  return (x > y) - (x < y);
}

/* Mean of the best quarter of the blocks that were not stolen from. */
static block best_quarter(int n, block b[])
{
  block mean = {0};
  int kept = 0;

  for (int i = 0; i < n; i++) {
    if (b[i].stolen <= STOLEN) b[kept++] = b[i];
  }
  if (kept == 0) return mean;
  qsort(b, (size_t)kept, sizeof(*b), by_wall);
  mean.best = b[0].wall;
  n = PetscMax(1, kept / 4);
  for (int i = 0; i < n; i++) {
    mean.wall += b[i].wall / n;
    mean.force += b[i].force / n;
    mean.talk += b[i].talk / n;
    mean.mean += b[i].mean / n;
  }
  mean.stolen = kept;
  return mean;
}

/* Slower of the two ranks in every number, and the mean of their forces. */
static block of_both(block b)
{
  b.mean = b.force / (PetscReal)size;
  MPI_Allreduce(MPI_IN_PLACE, &b.mean, 1, MPIU_REAL, MPI_SUM, PETSC_COMM_WORLD);
  MPI_Allreduce(MPI_IN_PLACE, &b, 4, MPIU_REAL, MPI_MAX, PETSC_COMM_WORLD);
  return b;
}

/* Blocks on each of the two cores alone, on both together, and a separate run on each at once. */
static void take_turns(int rounds, const md_atoms *atoms, const md_potential *pot, block one[],
                       block two[], block apart[])
{
  for (int r = 0; r < rounds; r++) {
    for (PetscMPIInt core = 0; core < 2; core++) {
      if (rank == core) one[r] = play(PETSC_COMM_SELF, atoms, pot);
      sleep_meanwhile();
    }
    two[r] = of_both(play(PETSC_COMM_WORLD, atoms, pot));
    MPI_Barrier(PETSC_COMM_WORLD);
    apart[r] = of_both(play(PETSC_COMM_SELF, atoms, pot));
  }
}

/* One line of the table; returns [ns] an atom and step on one rank.  The ratio is to the mean of
   the two cores, which need not be equally fast. */
static PetscReal compare(PetscInt n, const md_potential *pot)
{
  static block one[MAX_ROUNDS], two[MAX_ROUNDS], apart[MAX_ROUNDS];
  const char *text = getenv("BENCH_ROUNDS");
  const int rounds = text ? PetscMin(MAX_ROUNDS, (int)strtol(text, NULL, 10)) : 20;
  md_atoms atoms = packed(n);
  const PetscReal ns = 1e9 / (STEPS * (PetscReal)n);
  PetscReal wall[2], both[4] = {0.0, 0.0, 0.0, 0.0};
  block a, b, c;

  take_turns(rounds, &atoms, pot, one, two, apart);
  a = best_quarter(rounds, one);
  b = best_quarter(rounds, two);
  c = best_quarter(rounds, apart);
  MPI_Allgather(&a.wall, 1, MPIU_REAL, wall, 1, MPIU_REAL, PETSC_COMM_WORLD);
  both[0] = 0.5 * a.wall;
  both[1] = 0.5 * a.best;
  both[2] = 0.5 * a.force;
  both[3] = a.stolen;
  MPI_Allreduce(MPI_IN_PLACE, both, 4, MPIU_REAL, MPI_SUM, PETSC_COMM_WORLD);
  if (rank == 0) {
    printf("| %d | %.0f / %.0f | %.0f | **%.2f** | %.2f | %.2f | **%.2f** | %.0f | %.0f / %.0f | "
           "%.0f | "
           "%.0f + %.0f + %.0f of %d |\n",
           (int)n, (double)(ns * wall[0]), (double)(ns * wall[1]), (double)(ns * b.wall),
           (double)(both[0] / b.wall), (double)(both[1] / b.best), (double)(2.0 * both[0] / c.wall),
           (double)(0.5 * c.wall / b.wall), (double)(ns * both[2]), (double)(ns * b.mean),
           (double)(ns * b.force), (double)(ns * b.talk), (double)both[3], (double)b.stolen,
           (double)c.stolen, 4 * rounds);
    (void)fflush(stdout);
  }
  expect_ok(md_atoms_clear(&atoms));
  return ns * both[0];
}

/* What a step says to other ranks, alone: positions out, forces back, one agreement.  [s] of the
   fastest of many, of the slower rank; *ghosts: remote atoms of a rank. */
typedef struct {
  PetscReal exchange, agree, ghosts;
} talk;

static PetscReal fastest(md_run *run, PetscBool agree)
{
  PetscReal best = PETSC_MAX_REAL;

  for (int r = 0; r < 2000; r++) {
    PetscReal t;

    MPI_Barrier(PETSC_COMM_WORLD);
    t = now();
    if (agree) {
      expect_ok(md__agree(run, NULL));
    } else {
      expect_ok(md__halo_update(run->halo, &run->nb));
      expect_ok(md__fold(run, 3, run->result.force));
    }
    t = now() - t;
    MPI_Allreduce(MPI_IN_PLACE, &t, 1, MPIU_REAL, MPI_MAX, PETSC_COMM_WORLD);
    best = PetscMin(best, t);
  }
  return best;
}

static talk talk_alone(PetscInt n, const md_potential *pot)
{
  const md_protocol protocol = {.ensemble = MD_NVE, .dt = 1.0};
  md_atoms atoms = packed(n);
  md_guard guard = patient();
  md_run *run;
  talk t;

  expect_ok(md_run_create_on(PETSC_COMM_WORLD, rank == 0 ? &atoms : NULL, pot, &run));
  expect_ok(md_run_start(run, &protocol, &guard));
  t.exchange = fastest(run, PETSC_FALSE);
  t.agree = fastest(run, PETSC_TRUE);
  t.ghosts = (PetscReal)run->nb.nremote;
  expect_ok(md_run_destroy(&run));
  expect_ok(md_atoms_clear(&atoms));
  return t;
}

#define LATENCY   1.5e-6 /* [s] of a message between nodes, assumed */
#define BANDWIDTH 1e10   /* [bytes/s] likewise */
#define LIST_AGE  25.0   /* steps between lists, of liquids at 1 fs and a skin of 1 Å */

/* [s] a step of what lists cost p ranks in words: weights and the four searches of every depth of
   the tree in reductions of log2 p stages, 64 sums for each cut of which there are p - 1, twice
   through the wire; counts of travellers; travellers, counts, offers and the star forest with 26
   ranks each. */
static PetscReal list_talk(int p)
{
  const PetscReal stages = ceil(log2(p)), reductions = 2.0 + 4.0 * stages;
  const PetscReal bytes = 2.0 * 4.0 * 64.0 * (PetscReal)sizeof(PetscReal) * (p - 1.0);

  return (LATENCY * ((reductions + 1.0) * stages + 4.0 * 26.0) + bytes / BANDWIDTH) / LIST_AGE;
}

/* Ranks in cubes of n / P atoms: forces at `ns` an atom, ghosts within reach of a cube at what the
   exchange of two ranks cost a ghost, 26 messages there and back and two reductions of log2 P
   stages at LATENCY each, lists every LIST_AGE steps. */
static void model(PetscReal n, PetscReal ns, PetscReal per_ghost)
{
  printf(
      "| atoms | ranks | atoms a rank | ghosts a rank | forces, µs | ghosts, µs | messages, µs | "
      "lists, µs | efficiency |\n|---|---|---|---|---|---|---|---|---|\n");
  for (int p = 8; p <= 1000; p = p == 512 ? 1000 : 8 * p) {
    const PetscReal mine = n / p, edge = cbrt(mine / DENSITY), wide = edge + 2.0 * 6.0;
    const PetscReal ghosts = DENSITY * (wide * wide * wide - edge * edge * edge);
    const PetscReal force = mine * ns * 1e-9, copy = ghosts * per_ghost;
    const PetscReal messages = LATENCY * (2.0 * 26.0 + 2.0 * log2(p)), lists = list_talk(p);

    printf("| %.0f | %d | %.0f | %.0f | %.0f | %.0f | %.0f | %.0f | %.0f %% |\n", (double)n, p,
           (double)mine, (double)ghosts, 1e6 * (double)force, 1e6 * (double)copy,
           1e6 * (double)messages, 1e6 * (double)lists,
           100.0 * (double)(force / (force + copy + messages + lists)));
  }
}

static int find_ranks(void **state)
{
  cpu_set_t core;

  (void)state;
  MPI_Comm_size(PETSC_COMM_WORLD, &size);
  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  CPU_ZERO(&core);
  CPU_SET(rank, &core);
  (void)sched_setaffinity(0, sizeof(core), &core);
  expect_ok(PetscLogDefaultBegin());
  return 0;
}

static void two_ranks(void **state)
{
  static const PetscInt atoms[] = {832, 4000};
  char processor[320];
  md_potential *pot;
  PetscReal ns = 0.0;
  talk few, many;

  (void)state;
  if (size != 2) return;
  pot = potential(16);
  mtp_bench_processor(processor, sizeof(processor));
  if (rank == 0) {
    printf(
        "\n%s; level 16, %s; ns an atom and step\n\n| atoms | one rank, on either core | two ranks "
        "| ratio | of the best | two separate runs | of that | forces of one | of two, mean / max "
        "| "
        "talk | blocks kept |\n|---|---|---|---|---|---|---|---|---|---|---|\n",
        processor, pot->kernel);
  }
  for (int k = 0; k < 2; k++) ns = compare(atoms[k], pot);
  few = talk_alone(832, pot);
  many = talk_alone(4000, pot);
  if (rank == 0) {
    const PetscReal slope = (many.exchange - few.exchange) / (many.ghosts - few.ghosts);

    printf("\nTalk alone: %.1f µs for %.0f ghosts, %.1f µs for %.0f (%.1f ns a ghost); %.1f µs to "
           "agree\n\n",
           1e6 * (double)few.exchange, (double)few.ghosts, 1e6 * (double)many.exchange,
           (double)many.ghosts, 1e9 * (double)slope, 1e6 * (double)many.agree);
    model(62500.0, ns, slope);
    model(1e6, ns, slope);
  }
  expect_ok(md_potential_destroy(&pot));
}

/* A cubic lattice with displaced atoms: packing a million takes minutes. */
static md_atoms scattered(const PetscInt m[3])
{
  const PetscReal a = pow(DENSITY, -1.0 / 3.0);
  random_stream stream = {9};
  md_atoms atoms;

  expect_ok(md_atoms_create(m[0] * m[1] * m[2], 2, &atoms));
  for (int k = 0; k < 3; k++) atoms.h[k][k] = a * (PetscReal)m[k];
  for (PetscInt i = 0; i < atoms.n; i++) {
    const PetscInt at[3] = {i % m[0], i / m[0] % m[1], i / m[0] / m[1]};

    atoms.type[i] = i % 2;
    for (int k = 0; k < 3; k++) {
      atoms.x[3 * i + k] = a * ((PetscReal)at[k] + 0.15 * (random_uniform(&stream) - 0.5));
    }
  }
  make_heavy(&atoms);
  return atoms;
}

/* Largest memory of all ranks together after a few steps [bytes]. */
static PetscReal peak(void)
{
  struct rusage use;
  PetscReal bytes;

  getrusage(RUSAGE_SELF, &use);
  bytes = 1024.0 * (PetscReal)use.ru_maxrss;
  MPI_Allreduce(MPI_IN_PLACE, &bytes, 1, MPIU_REAL, MPI_SUM, PETSC_COMM_WORLD);
  return bytes;
}

/* [bytes] at the peak, after five steps of so many cells of an atom each way */
static PetscReal peak_of(const PetscInt cells[3], const md_potential *pot)
{
  const md_protocol protocol = {.ensemble = MD_NVE, .dt = 1.0};
  md_guard guard = patient();
  md_atoms atoms = {0};
  md_reason reason;
  char detail[160];
  md_run *run;

  if (rank == 0) atoms = scattered(cells);
  expect_ok(md_run_create_on(PETSC_COMM_WORLD, &atoms, pot, &run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_run_start(run, &protocol, &guard));
  expect_ok(md_run_advance(run, 5, &reason, detail));
  if (reason != MD_RUNNING) fail_msg("%s", detail);
  expect_ok(md_run_destroy(&run));
  return peak();
}

/* The one thing that is judged, because it does not depend on who else is on the machine. */
static void memory(void **state)
{
  static const PetscInt cells[2][3] = {{25, 50, 50}, {100, 100, 100}};
  const PetscReal start = peak();
  md_potential *pot = potential(8);

  (void)state;
  if (rank == 0) printf("\n| atoms | ranks | bytes an atom at the peak |\n|---|---|---|\n");
  for (int k = 0; k < 2; k++) {
    const PetscInt n = cells[k][0] * cells[k][1] * cells[k][2];
    const PetscReal bytes = (peak_of(cells[k], pot) - start) / (PetscReal)n;

    if (rank == 0) printf("| %d | %d | %.0f |\n", (int)n, size, (double)bytes);
    expect(bytes > 100.0 && bytes <= 2000.0, "at most 2 kB an atom");
  }
  expect_ok(md_potential_destroy(&pot));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup(two_ranks, find_ranks),
                                     cmocka_unit_test_setup(memory, find_ranks)};

  return expect_main(argc, argv, help, tests);
}
