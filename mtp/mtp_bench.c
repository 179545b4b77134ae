/* mtp/mtp_bench.c - kernel and multiply-adds in turns; the contract is in mtp_bench.h
 *
 * Minima, because everything that disturbs makes a turn longer: other jobs that empty the caches,
 * interrupts, a lower clock.  Turns, because the clock of a core changes within seconds: each
 * minimum is then taken over the same time.  Turns are short, so that some have the core to
 * themselves even where it is shared.
 */
#include "mtp/mtp_bench_impl.h"

#include <string.h>
#include <time.h>

#define TURN 2e-3 /* [s] */

typedef enum { FORCES, ENERGIES, ATOM_VIRIAL, NCALL } call_kind;

typedef struct {
  mtp_engine *engine;
  mtp_neighbors nb;
  const mtp_fma *fma;
  PetscReal *force, *atom_virial; /* [nall,3], [nall,9] */
  PetscInt repeat[NCALL];         /* evaluations in a turn */
  int64_t loops;                  /* of multiply-adds in a turn */
  PetscReal best[NCALL];          /* [s] an evaluation */
  PetscReal best_fma;             /* [s] a turn */
  double sum;                     /* of the multiply-adds, so that they are done */
} bench;

const mtp_fma *mtp__fma_of(const char *kernel)
{
#ifdef MTP_HAVE_X86
  if (!strcmp(kernel, mtp_kernel_name(MTP_KERNEL_AVX512))) return &mtp__fma_avx512;
  if (!strcmp(kernel, mtp_kernel_name(MTP_KERNEL_AVX2))) return &mtp__fma_avx2;
#else
  (void)kernel;
#endif
  return &mtp__fma_portable;
}

static PetscReal read_clock(clockid_t clock)
{
  struct timespec t = {0};

  (void)clock_gettime(clock, &t); /* measure() asked whether there is one */
  return (PetscReal)t.tv_sec + 1e-9 * (PetscReal)t.tv_nsec;
}

/* One turn of the kernel. */
static PetscErrorCode turn_kernel(call_kind kind, bench *b, PetscReal *seconds)
{
  mtp_result out = {.force = b->force};
  PetscReal start;

  PetscFunctionBegin;
  if (kind != ENERGIES) out.skip = MTP_SKIP_ENERGY | MTP_SKIP_VIRIAL;
  if (kind == ATOM_VIRIAL) out.atom_virial = b->atom_virial;
  start = read_clock(CLOCK_THREAD_CPUTIME_ID);
  for (PetscInt k = 0; k < b->repeat[kind]; k++) {
    PetscCall(mtp_engine_evaluate(b->engine, &b->nb, &out));
  }
  *seconds = (read_clock(CLOCK_THREAD_CPUTIME_ID) - start) / (PetscReal)b->repeat[kind];
  PetscFunctionReturn(0);
}

/* One turn of multiply-adds, with numbers that stay of order one: its seconds */
static PetscReal turn_fma(bench *b)
{
  const PetscReal start = read_clock(CLOCK_THREAD_CPUTIME_ID);

  b->sum += b->fma->loop(b->loops, 0.9990234375, 0.0007);
  return read_clock(CLOCK_THREAD_CPUTIME_ID) - start;
}

/* How often in a turn.  The first evaluation is not counted: it finds cold caches. */
static PetscErrorCode calibrate(bench *b)
{
  PetscReal seconds;

  PetscFunctionBegin;
  for (int kind = 0; kind < NCALL; kind++) {
    b->repeat[kind] = 1;
    for (int k = 0; k < 2; k++) PetscCall(turn_kernel((call_kind)kind, b, &seconds));
    b->repeat[kind] = 1 + (PetscInt)(TURN / PetscMax(seconds, 1e-7));
    b->best[kind] = PETSC_MAX_REAL;
  }
  b->loops = 1000;
  while (turn_fma(b) < TURN) b->loops *= 2;
  b->best_fma = PETSC_MAX_REAL;
  PetscFunctionReturn(0);
}

static PetscErrorCode take_turns(PetscInt rounds, bench *b)
{
  PetscReal seconds;

  PetscFunctionBegin;
  for (PetscInt r = 0; r < rounds; r++) {
    for (int kind = 0; kind < NCALL; kind++) {
      PetscCall(turn_kernel((call_kind)kind, b, &seconds));
      b->best[kind] = PetscMin(b->best[kind], seconds);
      if (kind == ATOM_VIRIAL) continue; /* two turns of multiply-adds a round */
      seconds = turn_fma(b);
      b->best_fma = PetscMin(b->best_fma, seconds);
    }
  }
  PetscFunctionReturn(0);
}

/* Calibration and rounds, with what else went on on the core. */
static PetscErrorCode watch(PetscInt rounds, bench *b, mtp_bench_result *result)
{
  mtp_bench_ticks before, after;
  PetscReal cpu[2], wall[2];

  PetscFunctionBegin;
  PetscCall(calibrate(b));
  before = mtp__bench_ticks(result->core);
  cpu[0] = read_clock(CLOCK_THREAD_CPUTIME_ID);
  wall[0] = read_clock(CLOCK_MONOTONIC);
  PetscCall(take_turns(rounds, b));
  cpu[1] = read_clock(CLOCK_THREAD_CPUTIME_ID);
  wall[1] = read_clock(CLOCK_MONOTONIC);
  after = mtp__bench_ticks(result->core);
  result->share = PetscMin(1.0, (cpu[1] - cpu[0]) / PetscMax(wall[1] - wall[0], 1e-9));
  result->stolen = -1.0;
  if (before.known && after.known)
    result->stolen = (after.stolen - before.stolen) / PetscMax(after.all - before.all, 1.0);
  PetscFunctionReturn(0);
}

static PetscErrorCode measure(PetscInt rounds, bench *b, mtp_bench_result *result)
{
  mtp_bench_pin *pin;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCheck(!clock_getres(CLOCK_THREAD_CPUTIME_ID, NULL) && !clock_getres(CLOCK_MONOTONIC, NULL),
             PETSC_COMM_SELF, PETSC_ERR_SYS, "The system has no clock of CPU time");
  PetscCall(mtp__bench_pin(&pin, &result->core));
  ierr = watch(rounds, b, result);
  PetscCall(mtp__bench_unpin(&pin));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* Pairs closer than the cut-off, per atom */
static PetscReal count_neighbours(const mtp_neighbors *nb)
{
  PetscReal pairs = 0.0;

  for (PetscInt i = 0; i < nb->nlocal; i++) {
    for (PetscInt k = nb->first[i]; k < nb->first[i + 1]; k++) {
      const PetscReal *x = &nb->x[3 * i], *y = &nb->x[3 * nb->index[k]];
      PetscReal r2 = 0.0;

      for (int d = 0; d < 3; d++) r2 += (y[d] - x[d]) * (y[d] - x[d]);
      if (r2 < nb->cutoff * nb->cutoff) pairs += 1.0;
    }
  }
  return pairs / (PetscReal)nb->nlocal;
}

static void fill(const bench *b, mtp_bench_result *result)
{
  const PetscReal ns = 1e9 / (PetscReal)result->atoms;

  result->forces = ns * b->best[FORCES];
  result->energies = ns * b->best[ENERGIES];
  result->atom_virial = ns * b->best[ATOM_VIRIAL];
  result->peak = (PetscReal)b->loops * (PetscReal)b->fma->operations / b->best_fma;
  result->operations = mtp_engine_operations(b->engine, result->neighbours);
  result->floor = 1e9 * result->operations / result->peak;
  result->ratio = result->floor > 0.0 ? result->forces / result->floor : 0.0;
}

static PetscErrorCode prepare(const mtp_potential *pot, const mtp_config *config,
                              const mtp_bench_options *options, bench *b, mtp_bench_result *result)
{
  const PetscReal(*h)[3] = (const PetscReal(*)[3])config->h;
  mtp_potential_info info;

  PetscFunctionBegin;
  PetscCall(mtp_potential_get_info(pot, &info));
  PetscCall(mtp_engine_create(pot, &options->engine, &b->engine));
  PetscCall(mtp_neighbors_build(config->n, config->x, config->type, h, config->nlattice,
                                info.cutoff, options->skin, &b->nb));
  PetscCall(PetscMalloc2(3 * b->nb.nall, &b->force, 9 * b->nb.nall, &b->atom_virial));
  mtp_engine_get_info(b->engine, &result->engine);
  b->fma = mtp__fma_of(result->engine.kernel);
  result->atoms = config->n;
  result->rounds = options->rounds;
  result->neighbours = count_neighbours(&b->nb);
  result->entries = (PetscReal)b->nb.first[b->nb.nlocal] / (PetscReal)config->n;
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_bench_run(const mtp_potential *pot, const mtp_config *config,
                             const mtp_bench_options *options, mtp_bench_result *result)
{
  bench b = {0};

  PetscFunctionBegin;
  PetscCheck(config->n >= 1 && options->rounds >= 20, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Got %" PetscInt_FMT " atoms and %" PetscInt_FMT " rounds, wanted at least 1 and 20",
             config->n, options->rounds);
  *result = (mtp_bench_result){0};
  PetscCall(prepare(pot, config, options, &b, result));
  PetscCall(measure(options->rounds, &b, result));
  fill(&b, result);
  PetscCall(PetscFree2(b.force, b.atom_virial));
  PetscCall(mtp_neighbors_clear(&b.nb));
  PetscCall(mtp_engine_destroy(&b.engine));
  PetscFunctionReturn(0);
}
