/* tests/unit/screening/test_screen_formula.c */
#include "screening/screen_formula.h"
#include "tests/support/expect.h"

static const char about[] = "Chemical formulas into counts\n";

static PetscInt count(const screen_formula *f, const char *symbol)
{
  for (PetscInt i = 0; i < f->n; i++) {
    if (!strcmp(f->symbol[i], symbol)) return f->count[i];
  }
  return 0;
}

static screen_formula parsed(const char *text)
{
  char problem[SCREEN_FORMULA_PROBLEM];
  screen_formula f;

  if (!screen_formula_parse(text, &f, problem)) fail_msg("%s", problem);
  return f;
}

static void test_counts(void **state)
{
  screen_formula f = parsed("CaCl2");

  (void)state;
  expect(f.n == 2 && count(&f, "Ca") == 1 && count(&f, "Cl") == 2, "CaCl2");
  expect(!strcmp(f.symbol[0], "Ca"), "elements stand in the order of the formula");
  f = parsed("Ca(OH)2");
  expect(f.n == 3 && count(&f, "O") == 2 && count(&f, "H") == 2, "Ca(OH)2");
  f = parsed("C3H4O3");
  expect(count(&f, "C") == 3 && count(&f, "H") == 4 && count(&f, "O") == 3, "C3H4O3");
  f = parsed("CH3OCOOC2H5");
  expect(count(&f, "C") == 4 && count(&f, "H") == 8 && count(&f, "O") == 3,
         "repeated elements add");
  f = parsed("Al2((SO4)3)2");
  expect(count(&f, "O") == 24 && count(&f, "S") == 6 && count(&f, "Al") == 2, "nested groups");
}

/* Standard atomic weights of CIAAW: Ca 40.078, Cl 35.45, K 39.098, La 138.91. */
static void test_mass(void **state)
{
  (void)state;
  expect_abs(parsed("CaCl2").mass_u, 40.078 + 2 * 35.45, 0.011, "CaCl2");
  expect_abs(parsed("KCl").mass_u, 39.098 + 35.45, 0.011, "KCl");
  expect_abs(parsed("LaCl3").mass_u, 138.91 + 3 * 35.45, 0.011, "LaCl3");
}

static void test_refusals(void **state)
{
  static const char *const rows[][2] = {
      {"", "got '', wanted element symbols, counts and parentheses, such as CaCl2 or Ca(OH)2"},
      {"CaXx2", "got 'CaXx2' with 'Xx', wanted chemical elements"},
      {"cacl2", "got 'cacl2', wanted element symbols, counts and parentheses, such as CaCl2 or "
                "Ca(OH)2"},
      {"Ca(OH", "got 'Ca(OH', wanted a closing parenthesis"},
      {"CaOH)2", "got 'CaOH)2', wanted an opening parenthesis for each closing one"},
      {"Ca()2", "got 'Ca()2', wanted something between the parentheses"},
      {"CaCl0", "got 'CaCl0', wanted counts that do not begin with 0"},
      {"Ca99999999999999999999", "got 'Ca99999999999999999999', wanted at most 10000 atoms in a "
                                 "formula unit"},
      {"(Ca9999)9999", "got '(Ca9999)9999', wanted at most 10000 atoms in a formula unit"},
      {"((((((((((Na))))))))))", "got '((((((((((Na))))))))))', wanted parentheses at most 8 deep"},
      {"Na+",
       "got 'Na+', wanted element symbols, counts and parentheses, such as CaCl2 or Ca(OH)2"},
      {"HHeLiBeBCNOFNeNaMgAlSiPSCl",
       "got 'HHeLiBeBCNOFNeNaMgAlSiPSCl', wanted at most 16 different "
       "elements"},
  };
  char problem[SCREEN_FORMULA_PROBLEM];
  screen_formula f;

  (void)state;
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    expect(!screen_formula_parse(rows[i][0], &f, problem), rows[i][0]);
    assert_string_equal(problem, rows[i][1]);
  }
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_counts),
      cmocka_unit_test(test_mass),
      cmocka_unit_test(test_refusals),
  };

  return expect_main(argc, argv, about, tests);
}
