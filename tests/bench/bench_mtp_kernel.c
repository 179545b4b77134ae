/* tests/bench/bench_mtp_kernel.c - what kernels, grades, committees and neighbour lists cost, level
   by level
 *
 * 864 atoms of a liquid, 2 species, cut-off 5 Å (46.5 neighbours an atom), skin 1 Å.  Prints tables
 * in Markdown, for tests/bench/README.md.  Printed, not judged: a time on a shared machine fails
 * nobody.  With BENCH_ROUNDS=200 in the environment the minima are over more rounds.
 */
#include "mtp/mtp_bench_impl.h"
#include "mtp/mtp_potential_impl.h"
#include "mtp/mtp_select.h"
#include "tests/support/expect.h"
#include "tests/support/random.h"

#include <time.h>

static const char help[] = "Cost of kernels, grades, committees and neighbour lists\n";

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

/* Grades and committees ---------------------------------------------------------------------- */

#define TURN 2e-3 /* [s] */
enum { MEMBERS = 8 };

/* CPU time of this process [s] */
static PetscReal seconds(void)
{
  struct timespec t;

  expect(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) == 0, "the system has a CPU clock");
  return (PetscReal)t.tv_sec + 1e-9 * (PetscReal)t.tv_nsec;
}

/* What is timed: forces, with grades where there is an active set */
typedef struct {
  mtp_engine *engine;
  PetscInt members, repeat;
  mtp_result out[MEMBERS];
  PetscReal best; /* [s] an evaluation */
} subject;

static subject make_subject(PetscInt members, const mtp_potential *const pot[],
                            mtp_kernel_kind kernel, const mtp_selection *sel,
                            const mtp_neighbors *nb)
{
  const mtp_engine_options options = {.kernel = kernel, .selection = sel};
  subject s = {.members = members, .best = PETSC_MAX_REAL};

  expect_ok(mtp_engine_create_committee(members, pot, &options, &s.engine));
  for (PetscInt m = 0; m < members; m++) {
    s.out[m].skip = MTP_SKIP_ENERGY | MTP_SKIP_VIRIAL;
    expect_ok(PetscMalloc1(3 * nb->nall, &s.out[m].force));
  }
  if (sel) expect_ok(PetscMalloc1(nb->nlocal, &s.out[0].grade));
  return s;
}

static void clear_subject(subject *s)
{
  for (PetscInt m = 0; m < s->members; m++) expect_ok(PetscFree(s->out[m].force));
  expect_ok(PetscFree(s->out[0].grade));
  expect_ok(mtp_engine_destroy(&s->engine));
}

static PetscReal time_turn(subject *s, const mtp_neighbors *nb)
{
  const PetscReal start = seconds();

  for (PetscInt k = 0; k < s->repeat; k++) expect_ok(mtp_engine_evaluate(s->engine, nb, s->out));
  return (seconds() - start) / (PetscReal)s->repeat;
}

/* All in turns on one core, the smallest time of each. */
static void take_turns(PetscInt n, subject s[], const mtp_neighbors *nb)
{
  mtp_bench_pin *pin;
  PetscInt core;

  expect_ok(mtp__bench_pin(&pin, &core));
  for (PetscInt k = 0; k < n; k++) {
    for (int warm = 0; warm < 2; warm++) {
      s[k].repeat = 1;
      s[k].repeat = 1 + (PetscInt)(TURN / PetscMax(time_turn(&s[k], nb), 1e-7));
    }
  }
  for (PetscInt r = 0; r < rounds(); r++) {
    for (PetscInt k = 0; k < n; k++) s[k].best = PetscMin(s[k].best, time_turn(&s[k], nb));
  }
  expect_ok(mtp__bench_unpin(&pin));
}

static void build_list(const mtp_config *c, mtp_neighbors *nb)
{
  expect_ok(mtp_neighbors_build(c->n, c->x, c->type, (const PetscReal(*)[3])c->h, c->nlattice, 5.0,
                                1.0, nb));
}

/* An active set of atoms of the liquid: its grades there are at most MaxVol's threshold. */
static mtp_selection *select_from(const mtp_potential *pot, const mtp_config_list *list)
{
  const char *const name = "liquid";
  const mtp_select_request request = {
      .weights = {.site_energy = 1.0}, .nlist = 1, .list = &list, .name = &name};
  PetscBool *selected;
  mtp_selection *sel;
  mtp_select_report report;
  mtp_diag diag = {0};

  expect_ok(PetscCalloc1(list->n, &selected));
  expect_ok(mtp_select(pot, &request, &sel, &selected, &report, &diag));
  if (diag.n) fail_msg("%s", diag.text[0]);
  expect_ok(PetscFree(selected));
  return sel;
}

static void grade_row(PetscInt level, const mtp_potential *pot, const mtp_selection *sel,
                      mtp_kernel_kind kernel, const mtp_neighbors *nb)
{
  const PetscReal ns = 1e9 / (PetscReal)nb->nlocal;
  subject s[2] = {make_subject(1, &pot, kernel, NULL, nb), make_subject(1, &pot, kernel, sel, nb)};

  take_turns(2, s, nb);
  expect_abs(s[1].out[0].max_grade, 1.0, 1.1e-3, "the largest grade of what was selected from");
  printf("| %d | %s | %" PetscInt_FMT " | %.0f | %.0f | **%.2f** |\n", (int)level,
         mtp_kernel_name(kernel), mtp_selection_size(sel), (double)(ns * s[0].best),
         (double)(ns * s[1].best), (double)(s[1].best / s[0].best));
  (void)fflush(stdout);
  clear_subject(&s[0]);
  clear_subject(&s[1]);
}

static void test_grades(void **state)
{
  mtp_config_list list = {0};
  mtp_neighbors nb = {0};

  (void)state;
  read_liquid(&list);
  build_list(&list.config[0], &nb);
  printf("\n| level | kernel | coefficients | forces | forces and grades | ratio |\n"
         "|---|---|---|---|---|---|\n");
  for (PetscInt level = 8; level <= LEVEL_FILES; level += 4) {
    mtp_potential *pot = get_potential(level);
    mtp_selection *sel = select_from(pot, &list);

    for (int kernel = MTP_KERNEL_AVX512; kernel >= MTP_KERNEL_AVX2; kernel--) {
      if (mtp_kernel_available((mtp_kernel_kind)kernel))
        grade_row(level, pot, sel, (mtp_kernel_kind)kernel, &nb);
    }
    expect_ok(mtp_selection_destroy(&sel));
    expect_ok(mtp_potential_destroy(&pot));
  }
  expect_ok(mtp_neighbors_clear(&nb));
  expect_ok(mtp_config_list_clear(&list));
}

/* Member m of a committee: the potential with other coefficients */
static mtp_potential *get_member(PetscInt level, int m)
{
  mtp_potential *pot = get_potential(level);
  const PetscInt n = pot->nspecies * pot->nspecies * pot->radial_funcs * pot->radial_size;

  for (PetscInt k = 0; k < n; k++) pot->radial[k] *= 1.0 + 0.1 * m * sin((double)k);
  for (PetscInt k = 0; k < pot->nscalar; k++)
    pot->moment_coeff[k] *= 1.0 + 0.1 * m * cos((double)k);
  return pot;
}

/* Committees of 1 to 8; times in units of so many single ones. */
static void committee_row(PetscInt level, const mtp_potential *const pot[], mtp_kernel_kind kernel,
                          const mtp_neighbors *nb)
{
  subject s[MEMBERS];
  mtp_engine_info info;

  for (int k = 0; k < MEMBERS; k++) s[k] = make_subject(1 + k, pot, kernel, NULL, nb);
  take_turns(MEMBERS, s, nb);
  printf("| %d | %s | %.0f |", (int)level, mtp_kernel_name(kernel),
         (double)(1e9 * s[0].best / (PetscReal)nb->nlocal));
  for (int k = 1; k < MEMBERS; k++) {
    for (PetscInt i = 0; i < 3 * nb->nall; i++)
      expect_abs(s[k].out[0].force[i], s[0].out[0].force[i], 1e-9, "the first member as alone");
    printf(" %.2f |", (double)(s[k].best / s[0].best) / (double)(1 + k));
  }
  mtp_engine_get_info(s[MEMBERS - 1].engine, &info);
  printf(" %.0f |\n", 1e-3 * (double)info.scratch);
  (void)fflush(stdout);
  for (int k = 0; k < MEMBERS; k++) clear_subject(&s[k]);
}

static void test_committees(void **state)
{
  mtp_config_list list = {0};
  mtp_neighbors nb = {0};

  (void)state;
  read_liquid(&list);
  build_list(&list.config[0], &nb);
  printf("\n| level | kernel | one | 2 members | 3 | 4 | 5 | 6 | 7 | 8 | scratch of 8 |\n"
         "|---|---|---|---|---|---|---|---|---|---|---|\n");
  for (PetscInt level = 8; level <= LEVEL_FILES; level += 4) {
    mtp_potential *pot[MEMBERS];

    for (int m = 0; m < MEMBERS; m++) pot[m] = get_member(level, m);
    for (int kernel = MTP_KERNEL_AVX512; kernel >= MTP_KERNEL_AVX2; kernel--) {
      if (mtp_kernel_available((mtp_kernel_kind)kernel))
        committee_row(level, (const mtp_potential *const *)pot, (mtp_kernel_kind)kernel, &nb);
    }
    for (int m = 0; m < MEMBERS; m++) expect_ok(mtp_potential_destroy(&pot[m]));
  }
  expect_ok(mtp_neighbors_clear(&nb));
  expect_ok(mtp_config_list_clear(&list));
}

/* Neighbour lists ---------------------------------------------------------------------------- */

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
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_kernels), cmocka_unit_test(test_reference),
      cmocka_unit_test(test_grades), cmocka_unit_test(test_committees),
      cmocka_unit_test(test_lists)};

  return expect_main(argc, argv, help, tests);
}
