/* tests/verify/test_mtp_kernel_grade.c - grades of the fast kernels against the reference path
 *
 * Active sets are selected from the configuration itself, so that grades in it are at most the
 * threshold of MaxVol, and a shaken copy extrapolates.  Both modes; two and three species; scalars
 * with a coefficient of zero, which a plan without grades would leave out; forces must be the same
 * to the last bit with and without grades.  Tolerance: a grade is a sum of some hundred products of
 * the inverse's entries, whose condition is about 1e4: 1e-9 of the grade; seen are 1e-12.
 */
#include "mtp/mtp_eval_config.h"
#include "mtp/mtp_grade.h"
#include "mtp/mtp_kernel.h"
#include "mtp/mtp_potential_impl.h"
#include "mtp/mtp_select.h"
#include "tests/support/expect.h"

static const char help[] = "Grades of the fast kernels against the reference path\n";

typedef struct {
  mtp_potential *pot;
  mtp_config_list list;
  mtp_selection *sel;
  mtp_neighbors nb;
} system_of;

static void no_messages(const mtp_diag *diag)
{
  if (diag->n) fail_msg("%s", diag->text[0]);
}

/* Every coordinate moved by up to `by` Å, the same each time. */
static void shake(mtp_config *c, PetscReal by)
{
  uint64_t state = 1;

  for (PetscInt k = 0; k < 3 * c->n; k++) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    c->x[k] += by * (2.0 * (PetscReal)(state >> 11) * 0x1p-53 - 1.0);
  }
}

static void set_up(const char *name, mtp_selection_weights weights, PetscReal shaken, system_of *s)
{
  char path[512];
  mtp_diag diag = {0};
  mtp_select_report report;
  PetscBool *selected = NULL;
  mtp_potential_info info;
  mtp_config *c;

  *s = (system_of){0};
  (void)snprintf(path, sizeof(path), "%s/mtp/random/rand_%s.almtp", TEST_DATA, name);
  expect_ok(mtp_potential_read(path, &s->pot, &diag));
  (void)snprintf(path, sizeof(path), "%s/mtp/random/liquid%c.cfg", TEST_DATA, name[0]);
  expect_ok(mtp_cfg_read(path, &s->list, &diag));
  no_messages(&diag);
  c = &s->list.config[0];
  s->pot->moment_coeff[s->pot->nscalar / 2] = 0.0;
  {
    const mtp_config_list *lists[] = {&s->list};
    const char *names[] = {"liquid"};
    const mtp_select_request request = {
        .weights = weights, .nlist = 1, .list = lists, .name = names};

    expect_ok(PetscCalloc1(s->list.n, &selected));
    expect_ok(mtp_select(s->pot, &request, &s->sel, &selected, &report, &diag));
    expect_ok(PetscFree(selected));
  }
  no_messages(&diag);
  shake(c, shaken);
  expect_ok(mtp_potential_get_info(s->pot, &info));
  expect_ok(mtp_neighbors_build(c->n, c->x, c->type, (const PetscReal(*)[3])c->h, c->nlattice,
                                info.cutoff, 1.0, &s->nb));
}

static void tear_down(system_of *s)
{
  expect_ok(mtp_selection_destroy(&s->sel));
  expect_ok(mtp_neighbors_clear(&s->nb));
  expect_ok(mtp_config_list_clear(&s->list));
  expect_ok(mtp_potential_destroy(&s->pot));
}

/* One kernel against `want`; forces with and without grades */
static void check_kernel(const system_of *s, mtp_engine_options options, const PetscReal want[],
                         PetscReal want_max)
{
  const size_t n = (size_t)s->nb.nlocal, nforce = 3 * (size_t)s->nb.nall;
  PetscReal *grade = calloc(n, sizeof(*grade)), *plain = calloc(nforce, sizeof(*plain));
  mtp_result out = {.force = calloc(nforce, sizeof(PetscReal))};
  mtp_engine *engine = NULL;

  options.selection = s->sel;
  expect_ok(mtp_engine_create(s->pot, &options, &engine));
  expect_ok(mtp_engine_evaluate(engine, &s->nb, &out));
  memcpy(plain, out.force, nforce * sizeof(*plain));
  out.grade = grade;
  expect_ok(mtp_engine_evaluate(engine, &s->nb, &out));
  expect(!memcmp(plain, out.force, nforce * sizeof(*plain)), "grades change no force");
  expect_near(out.max_grade, want_max, 1e-9, "largest grade");
  if (mtp_selection_get_mode(s->sel) == MTP_SELECTION_NEIGHBOURHOOD) {
    for (size_t i = 0; i < n; i++) {
      expect_abs(grade[i], want[i], 1e-9 * PetscMax(1.0, want[i]), "grade of an atom");
    }
  }
  expect(mtp_engine_grade_cost(engine, 46.5) > 0.0, "grades cost something");
  expect_ok(mtp_engine_destroy(&engine));
  free(grade);
  free(plain);
  free(out.force);
}

static void check_all(const system_of *s, PetscReal at_most)
{
  PetscReal *want = calloc((size_t)s->nb.nlocal, sizeof(*want)), want_max;

  expect_ok(mtp_grade_evaluate(s->pot, s->sel, &s->nb, want, &want_max));
  expect(at_most == 0.0 ? want_max > 1.5 : want_max <= at_most, "the case is what it says");
  for (int kind = MTP_KERNEL_REFERENCE; kind < MTP_KERNEL_COUNT; kind++) {
    if (!mtp_kernel_available((mtp_kernel_kind)kind)) continue;
    for (int tables = 0; tables < 2; tables++) {
      check_kernel(s, (mtp_engine_options){(mtp_kernel_kind)kind, (PetscBool)tables, NULL}, want,
                   want_max);
    }
  }
  free(want);
}

static const mtp_selection_weights by_atom = {.site_energy = 1.0};
static const mtp_selection_weights by_energy = {.energy = 1.0, .scaling = 2};

static void test_neighbourhoods(void **state)
{
  const char *const names[] = {"2sp_08", "2sp_12", "3sp_08"};

  (void)state;
  for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
    system_of s;

    set_up(names[k], by_atom, 0.0, &s);
    check_all(&s, 1.001 + 1e-9);
    tear_down(&s);
    set_up(names[k], by_atom, 0.2, &s);
    check_all(&s, 0.0);
    tear_down(&s);
  }
}

static void test_configurations(void **state)
{
  system_of s;

  (void)state;
  set_up("2sp_08", by_energy, 0.1, &s);
  check_all(&s, 0.0);
  tear_down(&s);
}

/* An atom in the row of atom 0, not an image */
static PetscInt local_neighbour(const mtp_neighbors *nb)
{
  for (PetscInt k = nb->first[0]; k < nb->first[1]; k++) {
    const PetscInt j = nb->index[k];

    if (j < nb->nlocal && !memcmp(nb->wrap[0], nb->wrap[j], sizeof(nb->wrap[0]))) return j;
  }
  fail_msg("%s", "atom 0 has no local neighbour");
  return 0;
}

/* An atom where another one is gives derivatives that are not finite: so is its grade. */
static void test_not_finite(void **state)
{
  system_of s;
  mtp_engine *engine = NULL;
  mtp_result out = {0};

  (void)state;
  set_up("2sp_08", by_atom, 0.0, &s);
  memcpy(s.list.config[0].x, s.list.config[0].x + 3 * local_neighbour(&s.nb),
         3 * sizeof(PetscReal));
  expect_ok(
      mtp_neighbors_update(s.list.config[0].x, (const PetscReal(*)[3])s.list.config[0].h, &s.nb));
  out.grade = calloc((size_t)s.nb.nlocal, sizeof(PetscReal));
  expect_ok(mtp_engine_create(s.pot, &(mtp_engine_options){.selection = s.sel}, &engine));
  expect_ok(mtp_engine_evaluate(engine, &s.nb, &out));
  expect(isnan(out.max_grade), "a NaN is not overlooked");
  free(out.grade);
  expect_ok(mtp_engine_destroy(&engine));
  expect_ok(mtp_engine_create(s.pot, NULL, &engine));
  out.grade = calloc((size_t)s.nb.nlocal, sizeof(PetscReal));
  expect_error(PETSC_ERR_ARG_WRONGSTATE, mtp_engine_evaluate(engine, &s.nb, &out));
  free(out.grade);
  expect_ok(mtp_engine_destroy(&engine));
  tear_down(&s);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_neighbourhoods),
                                     cmocka_unit_test(test_configurations),
                                     cmocka_unit_test(test_not_finite)};

  return expect_main(argc, argv, help, tests);
}
