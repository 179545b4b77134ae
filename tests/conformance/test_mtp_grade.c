/* tests/conformance/test_mtp_grade.c - extrapolation grades and selection states of other programs
 *
 * Others' files lie outside the repository; skipped where absent.
 *   MLIP-3, neighbourhood mode: two trained potentials with their active sets, grades of an
 *     864-atom liquid.  The printed reference has positions of 6 decimals, which change grades by
 *     3e-5, so the grades are computed at the positions that MLIP-3 read (random/liquid2.cfg).
 *   MLIP-2, configuration mode: state.als of the example calc-grade, 25 graded configurations with
 *     grades up to 4.7e5, because 9 of 11 rows were never replaced.
 * Printed are 5 decimals an atom and 6 a configuration: half of the last digit is allowed.
 * Further, every state of the reference data is read, and what MLIP-3 wrote comes back byte for
 * byte.
 */
#include "mtp/mtp_grade.h"
#include "mtp/mtp_potential_impl.h"
#include "mtp/mtp_selection_impl.h"
#include "tests/support/mtp_files.h"

static const char help[] = "Extrapolation grades and selection states against MLIP-2 and MLIP-3\n";

/* Grades at the positions of `config`; returns that of the configuration. */
static PetscReal grade_of(const mtp_potential *pot, const mtp_selection *sel, mtp_config *config)
{
  PetscReal grade = -1.0;
  mtp_neighbors nb = {0};
  mtp_diag diag = {0};

  expect_ok(mtp_grade_config(pot, sel, "test", &nb, config, &grade, &diag));
  no_messages(&diag);
  expect_ok(mtp_neighbors_clear(&nb));
  return grade;
}

static PetscReal printed_grade(const mtp_config *config)
{
  const char *text = mtp_config_feature(config, "MV_grade");

  expect(text != NULL, "the reference has a grade");
  return strtod(text, NULL);
}

static void check_mlip3(const char *level, PetscReal maximum)
{
  char path[512];
  mtp_config_list reference, liquid = configurations(TEST_DATA "/mtp/random/liquid2.cfg");
  mtp_selection *sel;
  mtp_potential *pot;
  mtp_diag diag = {0};
  PetscReal worst = 0.0, grade;

  (void)snprintf(path, sizeof(path), "%s/data/mtp/active-sets/trained_lj_%s.almtp", TEST_SHARED,
                 level);
  need(path);
  pot = load(path);
  expect_ok(mtp_selection_parse(pot, path, &sel, &diag));
  no_messages(&diag);
  (void)snprintf(path, sizeof(path), "%s/data/mtp/active-sets/ref_mlip3_grade_lj_%s.cfg",
                 TEST_SHARED, level);
  reference = configurations(path);
  expect(reference.n == 1 && reference.config[0].n == 864 && liquid.config[0].n == 864, "sizes");
  grade = grade_of(pot, sel, &liquid.config[0]);
  for (PetscInt i = 0; i < 864; i++)
    worst = PetscMax(worst, fabs(liquid.config[0].nbh_grade[i] - reference.config[0].nbh_grade[i]));
  print_message("  level %s: site grades differ by %.2e, the configuration's by %.2e\n", level,
                worst, fabs(grade - printed_grade(&reference.config[0])));
  expect_abs(worst, 0.0, 5.01e-6, "site grades, 5 decimals");
  expect_abs(grade, printed_grade(&reference.config[0]), 5.01e-7, "largest grade, 6 decimals");
  expect_abs(grade, maximum, 5.01e-7, "largest grade as the data's README has it");
  assert_string_equal(mtp_config_feature(&liquid.config[0], "MV_grade"),
                      mtp_config_feature(&reference.config[0], "MV_grade"));
  expect_ok(mtp_selection_destroy(&sel));
  expect_ok(mtp_potential_destroy(&pot));
  expect_ok(mtp_config_list_clear(&reference));
  expect_ok(mtp_config_list_clear(&liquid));
}

static void test_mlip3_neighbourhoods(void **state)
{
  (void)state;
  check_mlip3("08", 4.990066);
  check_mlip3("12", 5.437971);
}

static void test_mlip2_configurations(void **state)
{
  static const char folder[] = TEST_SHARED "/data/mtp/mlip2_examples/04.calc-grade";
  char path[512];
  mtp_config_list list;
  mtp_selection_info info;
  mtp_selection *sel;
  mtp_potential *pot;
  mtp_diag diag = {0};
  PetscReal worst = 0.0, largest = 0.0;

  (void)state;
  need(folder);
  (void)snprintf(path, sizeof(path), "%s/pot.mtp", folder);
  pot = load(path);
  (void)snprintf(path, sizeof(path), "%s/sample_out/state.als", folder);
  expect_ok(mtp_selection_read_als(pot, path, &sel, &diag));
  no_messages(&diag);
  expect_ok(mtp_selection_get_info(sel, &info));
  expect(info.mode == MTP_SELECTION_CONFIGURATION && info.n == 11 && info.nunused == 9 &&
             info.configs->n == 2,
         "what state.als holds");
  expect(info.row[0].config == 0 && info.row[5].config == 1 && info.row[5].equation == 0 &&
             info.row[1].config == -1,
         "rows of the empty configuration were never replaced");
  (void)snprintf(path, sizeof(path), "%s/sample_out/graded.cfg", folder);
  list = configurations(path);
  expect(list.n == 25, "25 graded configurations");
  for (PetscInt c = 0; c < list.n; c++) {
    const PetscReal want = printed_grade(&list.config[c]);

    largest = PetscMax(largest, want);
    worst = PetscMax(worst, fabs(grade_of(pot, sel, &list.config[c]) - want));
    expect(list.config[c].nbh_grade == NULL, "no grades of atoms in configuration mode");
  }
  print_message("  MLIP-2: 25 grades up to %.0f differ by %.2e\n", largest, worst);
  expect_abs(worst, 0.0, 5.01e-7, "grades, 6 decimals");
  expect_ok(mtp_config_list_clear(&list));
  expect_ok(mtp_selection_destroy(&sel));
  expect_ok(mtp_potential_destroy(&pot));
}

static void test_states_of_mlip3_come_back(void **state)
{
  static const char *const levels[] = {"08", "12"};

  (void)state;
  for (int k = 0; k < 2; k++) {
    char path[512], *kept;
    mtp_selection *sel;
    mtp_potential *pot;
    mtp_diag diag = {0};
    size_t size;

    (void)snprintf(path, sizeof(path), "%s/data/mtp/active-sets/trained_lj_%s.almtp", TEST_SHARED,
                   levels[k]);
    need(path);
    pot = load(path);
    expect_ok(mtp_selection_parse(pot, path, &sel, &diag));
    no_messages(&diag);
    size = pot->selection_size;
    kept = malloc(size);
    memcpy(kept, pot->selection, size);
    expect_ok(mtp_selection_attach(sel, pot));
    expect(pot->selection_size == size, "the same number of bytes");
    assert_memory_equal(pot->selection, kept, size);
    free(kept);
    expect_ok(mtp_selection_destroy(&sel));
    expect_ok(mtp_potential_destroy(&pot));
  }
}

static void test_other_states_of_mlip2(void **state)
{
  static const char *const files[][2] = {
      {"05.select-add/pot.mtp", "05.select-add/sample_out/state.als"},
      {"07.relax-active-learning/pot.mtp", "07.relax-active-learning/state.als"}};

  (void)state;
  for (int k = 0; k < 2; k++) {
    char path[512];
    mtp_selection_info info;
    mtp_selection *sel;
    mtp_potential *pot;
    mtp_diag diag = {0};

    (void)snprintf(path, sizeof(path), "%s/data/mtp/mlip2_examples/%s", TEST_SHARED, files[k][0]);
    need(path);
    pot = load(path);
    (void)snprintf(path, sizeof(path), "%s/data/mtp/mlip2_examples/%s", TEST_SHARED, files[k][1]);
    expect_ok(mtp_selection_read_als(pot, path, &sel, &diag));
    no_messages(&diag);
    expect_ok(mtp_selection_get_info(sel, &info));
    expect(info.n == 11 && info.nunused == 1 && info.configs->n == 10, "what the state holds");
    for (PetscInt c = 0; c < info.configs->n; c++)
      expect_abs(grade_of(pot, sel, &sel->configs.config[c]), 1.0, 1e-9,
                 "an active configuration has the grade 1");
    expect_ok(mtp_selection_destroy(&sel));
    expect_ok(mtp_potential_destroy(&pot));
  }
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_mlip3_neighbourhoods),
      cmocka_unit_test(test_mlip2_configurations),
      cmocka_unit_test(test_states_of_mlip3_come_back),
      cmocka_unit_test(test_other_states_of_mlip2),
  };

  return expect_main(argc, argv, help, tests);
}
