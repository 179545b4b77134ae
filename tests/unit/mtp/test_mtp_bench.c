/* The benchmark counts what it says it counts; times themselves are not judged. */
#define _GNU_SOURCE /* sched_getaffinity; NOLINT(bugprone-reserved-identifier) */
#include "mtp/mtp_bench_impl.h"
#include "tests/support/expect.h"

#include <sched.h>

static const char help[] = "Benchmark: counts, structure, ratio\n";

static mtp_potential *read_level_8(void)
{
  mtp_potential *pot = NULL;
  mtp_diag diag = {0};

  expect_ok(mtp_potential_read(TEST_DATA "/mtp/random/rand_2sp_08.almtp", &pot, &diag));
  if (diag.n) fail_msg("%s", diag.text[0]);
  return pot;
}

/* With a = b = 1 a chain counts its own multiply-adds. */
static void test_loop(void **state)
{
  (void)state;
  for (int kind = MTP_KERNEL_REFERENCE; kind < MTP_KERNEL_COUNT; kind++) {
    const mtp_fma *fma = mtp__fma_of(mtp_kernel_name((mtp_kernel_kind)kind));

    if (!mtp_kernel_available((mtp_kernel_kind)kind)) continue;
    assert_int_equal(fma->operations, MTP_FMA_CHAINS * fma->lanes);
    expect_abs(fma->loop(0, 1.0, 1.0), (double)fma->lanes * 91.0, 0.0, "0 + 1 + ... + 13");
    expect_abs(fma->loop(1000, 1.0, 1.0) - fma->loop(0, 1.0, 1.0), 1000.0 * (double)fma->operations,
               0.0, "multiply-adds of 1000 rounds");
    expect_abs(fma->loop(1, 2.0, 0.0), 2.0 * fma->loop(0, 1.0, 1.0), 0.0, "c = 2 c");
  }
}

/* The loop has as many lanes as the kernel that it is compared with. */
static void test_lanes(void **state)
{
  mtp_potential *pot = read_level_8();

  (void)state;
  for (int kind = MTP_KERNEL_PORTABLE; kind < MTP_KERNEL_COUNT; kind++) {
    const mtp_engine_options options = {.kernel = (mtp_kernel_kind)kind};
    mtp_engine *engine;
    mtp_engine_info info;

    if (!mtp_kernel_available((mtp_kernel_kind)kind)) continue;
    expect_ok(mtp_engine_create(pot, &options, &engine));
    mtp_engine_get_info(engine, &info);
    assert_int_equal(mtp__fma_of(info.kernel)->lanes, info.lanes);
    expect_ok(mtp_engine_destroy(&engine));
  }
  expect_ok(mtp_potential_destroy(&pot));
}

static void test_ticks(void **state)
{
  mtp_bench_ticks t = {0};

  (void)state;
  expect(mtp__bench_parse_ticks("cpu1 100 20 30 400 5 6 7 80 9 10\n", 1, &t), "a line of the core");
  expect_abs(t.all, 648.0, 0.0, "guests are not counted twice");
  expect_abs(t.stolen, 80.0, 0.0, "the eighth number");
  expect(t.known, "known");
  expect(!mtp__bench_parse_ticks("cpu1 100 20 30 400 5 6 7 80\n", 0, &t), "another core");
  expect(!mtp__bench_parse_ticks("cpu10 100 20 30 400 5 6 7 80\n", 1, &t), "core 10 is not 1");
  expect(!mtp__bench_parse_ticks("cpu  100 20 30 400 5 6 7 80\n", 1, &t), "all cores");
  expect(!mtp__bench_parse_ticks("cpu1 100 20 30 400 5 6 7\n", 1, &t), "an old system");
  expect(!mtp__bench_ticks(1000000).known, "a core that is not there");
}

/* Squared distance of atoms i and j in the nearest image but for i itself */
static PetscReal nearest(const mtp_config *c, PetscInt i, PetscInt j)
{
  PetscReal least = PETSC_MAX_REAL;

  for (int s = 0; s < 27; s++) {
    const int shift[3] = {s % 3 - 1, s / 3 % 3 - 1, s / 9 - 1};
    PetscReal r2 = 0.0;

    if (i == j && s == 13) continue;
    for (int k = 0; k < 3; k++) {
      const PetscReal d = c->x[3 * j + k] - c->x[3 * i + k] + shift[k] * c->h[k][k];
      r2 += d * d;
    }
    least = PetscMin(least, r2);
  }
  return least;
}

static void check_system(PetscInt natom, PetscInt nspecies)
{
  const PetscReal volume = (PetscReal)natom / (864.0 / pow(21.5784, 3.0));
  PetscInt cells = 1, count[4] = {0}, pairs = 0;
  PetscReal site, least = PETSC_MAX_REAL;
  mtp_config c, again;

  expect_ok(mtp_bench_system(natom, nspecies, &c));
  expect_ok(mtp_bench_system(natom, nspecies, &again));
  assert_memory_equal(c.x, again.x, 3 * (size_t)natom * sizeof(PetscReal));
  assert_memory_equal(c.type, again.type, (size_t)natom * sizeof(PetscInt));
  expect_near(c.h[0][0] * c.h[1][1] * c.h[2][2], volume, 1e-14, "volume");
  while (4 * cells * cells * cells < natom) cells++;
  site = c.h[0][0] / (PetscReal)cells / sqrt(2.0);
  for (PetscInt i = 0; i < natom; i++) {
    count[c.type[i]]++;
    for (PetscInt j = 0; j <= i; j++) {
      const PetscReal r2 = nearest(&c, i, j);

      least = PetscMin(least, r2);
      pairs += r2 < 25.0 ? 1 : 0;
    }
  }
  expect(sqrt(least) >= 0.708 * site, "no two atoms closer than promised");
  if (natom == 864) expect_abs(2.0 * (double)pairs / 864.0, 46.1, 0.05, "neighbours within 5 Å");
  for (PetscInt t = 0; t < nspecies; t++) {
    expect(count[t] == natom / nspecies || count[t] == natom / nspecies + 1, "equal shares");
  }
  expect_ok(mtp_config_clear(&c));
  expect_ok(mtp_config_clear(&again));
}

static void test_system(void **state)
{
  mtp_config c;

  (void)state;
  check_system(1, 1);
  check_system(2, 3);
  check_system(7, 2);
  check_system(864, 2);
  check_system(865, 3);
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_bench_system(0, 1, &c));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_bench_system(1, 0, &c));
}

/* All pairs of all images, per atom */
static PetscReal all_pairs(const mtp_config *c, PetscReal cutoff)
{
  PetscReal pairs = 0.0;

  for (PetscInt i = 0; i < c->n; i++) {
    for (PetscInt j = 0; j < c->n; j++) {
      for (int s = 0; s < 343; s++) {
        const int shift[3] = {s % 7 - 3, s / 7 % 7 - 3, s / 49 - 3};
        PetscReal r2 = 0.0;

        for (int k = 0; k < 3; k++) {
          const PetscReal d = c->x[3 * j + k] - c->x[3 * i + k] + shift[k] * c->h[k][k];
          r2 += d * d;
        }
        if (r2 < cutoff * cutoff && !(i == j && s == 171)) pairs += 1.0;
      }
    }
  }
  return pairs / (PetscReal)c->n;
}

/* Counts of level 8: 137 multiply-adds a neighbour and 33 in the graph. */
static void check_result(const mtp_bench_result *r, const mtp_config *c, const char *kernel)
{
  assert_string_equal(r->engine.kernel, kernel);
  assert_int_equal(r->atoms, c->n);
  assert_int_equal(r->rounds, 20);
  expect_near(r->neighbours, all_pairs(c, 5.0), 1e-14, "neighbours");
  expect_near(r->entries, all_pairs(c, 6.0), 1e-14, "entries of the list");
  expect(r->forces > 0.0 && r->energies > 0.0 && r->atom_virial > 0.0, "times");
  expect(r->peak > 1e6 && r->peak < 1e13, "a peak");
  expect(r->share > 0.0 && r->share <= 1.0, "a share of the core");
  expect(r->stolen == -1.0 || (r->stolen >= 0.0 && r->stolen <= 1.0), "a share stolen");
  if (!strcmp(kernel, "reference")) {
    expect(r->operations == 0.0 && r->floor == 0.0 && r->ratio == 0.0, "no floor");
    return;
  }
  expect_near(r->operations, 137.0 * r->neighbours + 33.0, 1e-14, "operations");
  expect_near(r->floor, 1e9 * r->operations / r->peak, 1e-14, "floor");
  expect_near(r->ratio, r->forces / r->floor, 1e-14, "ratio");
}

static void test_run(void **state)
{
  mtp_potential *pot = read_level_8();
  mtp_config c;
  cpu_set_t before, after;

  (void)state;
  expect_ok(mtp_bench_system(60, 2, &c));
  expect(sched_getaffinity(0, sizeof(before), &before) == 0, "cores before");
  for (int kind = MTP_KERNEL_REFERENCE; kind < MTP_KERNEL_COUNT; kind++) {
    const mtp_bench_options options = {
        .engine = {.kernel = (mtp_kernel_kind)kind}, .rounds = 20, .skin = 1.0};
    mtp_bench_result r;

    if (!mtp_kernel_available((mtp_kernel_kind)kind)) continue;
    expect_ok(mtp_bench_run(pot, &c, &options, &r));
    check_result(&r, &c, mtp_kernel_name((mtp_kernel_kind)kind));
    expect(CPU_ISSET((size_t)r.core, &before), "a core that we may use");
  }
  expect(sched_getaffinity(0, sizeof(after), &after) == 0, "cores after");
  expect(CPU_EQUAL(&before, &after), "the thread is free again");
  expect_ok(mtp_config_clear(&c));
  expect_ok(mtp_potential_destroy(&pot));
}

static void test_refusals(void **state)
{
  const mtp_bench_options few = {.rounds = 19, .skin = 1.0}, good = {.rounds = 20, .skin = 1.0};
  mtp_potential *pot = read_level_8(), *untrained;
  mtp_bench_result r;
  mtp_config c, none = {0};

  (void)state;
  expect_ok(mtp_bench_system(2, 2, &c));
  expect_ok(mtp_potential_create(8, 2, 8, 1.8, 5.0, &untrained));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_bench_run(pot, &c, &few, &r));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_bench_run(pot, &none, &good, &r));
  expect_error(PETSC_ERR_ARG_WRONGSTATE, mtp_bench_run(untrained, &c, &good, &r));
  expect_ok(mtp_config_clear(&c));
  expect_ok(mtp_potential_destroy(&untrained));
  expect_ok(mtp_potential_destroy(&pot));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_loop),  cmocka_unit_test(test_lanes),
                                     cmocka_unit_test(test_ticks), cmocka_unit_test(test_system),
                                     cmocka_unit_test(test_run),   cmocka_unit_test(test_refusals)};

  return expect_main(argc, argv, help, tests);
}
