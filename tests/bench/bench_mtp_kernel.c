/* tests/bench/bench_mtp_kernel.c - what kernels and neighbour lists cost, level by level
 *
 * 864 atoms of a liquid, 2 species, cut-off 5 Å (46.5 neighbours an atom), skin 1 Å.  Prints tables
 * in Markdown, for tests/bench/README.md.  Printed, not judged: a time on a shared machine fails
 * nobody.  With BENCH_ROUNDS=200 in the environment the minima are over more rounds.
 */
#include "mtp/mtp_bench.h"
#include "mtp/mtp_potential_impl.h"
#include "tests/support/expect.h"
#include "tests/support/random.h"

#include <time.h>

static const char help[] = "Cost of kernels and of neighbour lists\n";

enum {
  LEVEL_FILES = 20,
  LEVEL_LAST = 24
}; /* potentials of levels above LEVEL_FILES are made here */

static PetscInt rounds(void)
{
  const char *text = getenv("BENCH_ROUNDS");

  return text ? (PetscInt)strtol(text, NULL, 10) : MTP_BENCH_ROUNDS;
}

/* Reading ------------------------------------------------------------------------------------ */

static void read_liquid(mtp_config_list *list)
{
  mtp_diag diag = {0};

  expect_ok(mtp_cfg_read(TEST_DATA "/mtp/random/liquid2.cfg", list, &diag));
  if (diag.n) fail_msg("%s", diag.text[0]);
}

static PetscReal *random_numbers(PetscInt n, random_stream *stream)
{
  PetscReal *a;

  expect_ok(PetscMalloc1(n, &a));
  for (PetscInt k = 0; k < n; k++) a[k] = 2.0 * random_uniform(stream) - 1.0;
  return a;
}

/* Random coefficients, like the files */
static mtp_potential *make_potential(PetscInt level)
{
  random_stream stream = {(uint64_t)level};
  mtp_potential *pot;

  expect_ok(mtp_potential_create(level, 2, 8, 1.8, 5.0, &pot));
  pot->scaling = 0.05;
  pot->radial = random_numbers(4 * pot->radial_funcs * pot->radial_size, &stream);
  pot->species_coeff = random_numbers(2, &stream);
  pot->moment_coeff = random_numbers(pot->nscalar, &stream);
  return pot;
}

static mtp_potential *get_potential(PetscInt level)
{
  char path[512];
  mtp_potential *pot = NULL;
  mtp_diag diag = {0};

  if (level > LEVEL_FILES) return make_potential(level);
  (void)snprintf(path, sizeof(path), "%s/mtp/random/rand_2sp_%02d.almtp", TEST_DATA, (int)level);
  expect_ok(mtp_potential_read(path, &pot, &diag));
  if (diag.n) fail_msg("%s", diag.text[0]);
  return pot;
}

/* Kernels ------------------------------------------------------------------------------------ */

static mtp_bench_result run(const mtp_potential *pot, const mtp_config *c, mtp_kernel_kind kernel,
                            PetscBool tables)
{
  const mtp_bench_options options = {
      .engine = {.kernel = kernel, .tables = tables}, .rounds = rounds(), .skin = 1.0};
  mtp_bench_result r;

  expect_ok(mtp_bench_run(pot, c, &options, &r));
  return r;
}

static double percent_more(PetscReal more, PetscReal less)
{
  return 100.0 * (double)(more / less - 1.0);
}

/* Code of its own, then tables: a row. */
static void row(PetscInt level, const mtp_bench_result *r, const mtp_bench_result *t)
{
  printf("| %d | %s | %.0f | %.0f | %.2f | %+.0f %% | %+.0f %% | ", (int)level, r->engine.kernel,
         (double)r->forces, (double)r->floor, (double)r->ratio,
         percent_more(r->energies, r->forces), percent_more(r->atom_virial, r->forces));
  if (r->engine.generated)
    printf("%.0f | %.2f | ", (double)t->forces, (double)(t->forces / r->forces));
  else
    printf("%.0f | no code | ", (double)t->forces);
  printf("%.1f | %.0f, %.1f |\n", (double)r->peak / 1e9,
         100.0 * (double)PetscMin(r->share, t->share),
         100.0 * (double)PetscMax(r->stolen, t->stolen));
  (void)fflush(stdout);
}

static void test_kernels(void **state)
{
  char processor[320];
  mtp_config_list list = {0};

  (void)state;
  read_liquid(&list);
  mtp_bench_processor(processor, sizeof(processor));
  printf("\n%s, %d rounds\n\n"
         "| level | kernel | forces | floor | ratio | with energies, virial | with atom virials | "
         "tables | tables / code | peak | core %%, stolen %% |\n"
         "|---|---|---|---|---|---|---|---|---|---|---|\n",
         processor, (int)rounds());
  for (PetscInt level = 8; level <= LEVEL_LAST; level += 2) {
    mtp_potential *pot = get_potential(level);

    for (int kernel = MTP_KERNEL_AVX512; kernel >= MTP_KERNEL_PORTABLE; kernel--) {
      mtp_bench_result r, t;

      if (!mtp_kernel_available((mtp_kernel_kind)kernel)) continue;
      r = run(pot, &list.config[0], (mtp_kernel_kind)kernel, PETSC_FALSE);
      t = run(pot, &list.config[0], (mtp_kernel_kind)kernel, PETSC_TRUE);
      expect(r.operations > 0.0 && !t.engine.generated, "the kernel asked for ran");
      expect_abs(r.neighbours, 46.5, 0.05, "neighbours of the liquid");
      row(level, &r, &t);
    }
    expect_ok(mtp_potential_destroy(&pot));
  }
  expect_ok(mtp_config_list_clear(&list));
}

static void test_reference(void **state)
{
  mtp_config_list list = {0};

  (void)state;
  read_liquid(&list);
  printf("\n| level | reference kernel, µs |\n|---|---|\n");
  for (PetscInt level = 8; level <= LEVEL_FILES; level += 2) {
    mtp_potential *pot = get_potential(level);
    const mtp_bench_result r = run(pot, &list.config[0], MTP_KERNEL_REFERENCE, PETSC_FALSE);

    printf("| %d | %.1f |\n", (int)level, 1e-3 * (double)r.forces);
    expect_ok(mtp_potential_destroy(&pot));
  }
  expect_ok(mtp_config_list_clear(&list));
}

/* Neighbour lists ---------------------------------------------------------------------------- */

/* CPU time of this process [s] */
static PetscReal seconds(void)
{
  struct timespec t;

  expect(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) == 0, "the system has a CPU clock");
  return (PetscReal)t.tv_sec + 1e-9 * (PetscReal)t.tv_nsec;
}

static void test_lists(void **state)
{
  enum { BUILDS = 3, UPDATES = 50 };
  PetscReal build = 1e9, update = 1e9;
  mtp_config_list list = {0};
  mtp_neighbors nb = {0};

  (void)state;
  read_liquid(&list);
  for (PetscInt r = 0; r < rounds(); r++) {
    const mtp_config *c = &list.config[0];
    const PetscReal(*h)[3] = (const PetscReal(*)[3])c->h;
    PetscReal t[3];

    t[0] = seconds();
    for (int k = 0; k < BUILDS; k++)
      expect_ok(mtp_neighbors_build(c->n, c->x, c->type, h, c->nlattice, 5.0, 1.0, &nb));
    t[1] = seconds();
    for (int k = 0; k < UPDATES; k++) expect_ok(mtp_neighbors_update(c->x, h, &nb));
    t[2] = seconds();
    build = PetscMin(build, (t[1] - t[0]) / BUILDS);
    update = PetscMin(update, (t[2] - t[1]) / UPDATES);
  }
  printf("\nNeighbour list: build %.0f ns, update %.1f ns an atom; %.1f entries an atom\n\n",
         1e9 / 864 * (double)build, 1e9 / 864 * (double)update, (double)nb.first[nb.nlocal] / 864);
  expect_ok(mtp_neighbors_clear(&nb));
  expect_ok(mtp_config_list_clear(&list));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_kernels),
                                     cmocka_unit_test(test_reference),
                                     cmocka_unit_test(test_lists)};

  return expect_main(argc, argv, help, tests);
}
