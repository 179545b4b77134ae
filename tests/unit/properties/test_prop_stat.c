/* tests/unit/properties/test_prop_stat.c */
#include "properties/prop.h"
#include "properties/prop_stat.h"
#include "tests/support/expect.h"

static const char help[] = "Chi-square and Student's t against closed forms and printed tables\n";

static PetscReal survival(PetscReal dof, PetscReal x)
{
  PetscReal q = PROP_NAN;

  expect_ok(prop_chi2_survival(dof, x, &q));
  return q;
}

/* Even dof: exp(-x/2) times a finite sum of (x/2)^k / k!; one: erfc(sqrt(x/2)).  Both branches of
   the function (series below x = dof + 2, fraction above) are crossed. */
static void test_chi2_closed_forms(void **state)
{
  (void)state;
  for (PetscReal x = 0.05; x < 120.0; x *= 1.4) {
    PetscReal term = exp(-0.5 * x), sum = 0.0;

    expect_near(survival(1.0, x), erfc(sqrt(0.5 * x)), 1e-12, "one degree of freedom");
    for (int half = 1; half <= 20; half++) {
      sum += term;
      term *= 0.5 * x / half;
      expect_near(survival(2.0 * half, x), sum, 1e-12, "even degrees of freedom");
    }
  }
}

/* Upper 1 % points, National Institute of Standards and Technology, Engineering Statistics
   Handbook, table 1.3.6.7.4, three decimals. */
static void test_chi2_table(void **state)
{
  static const PetscReal table[][2] = {{1, 6.635},   {2, 9.210},    {3, 11.345},  {4, 13.277},
                                       {5, 15.086},  {9, 21.666},   {10, 23.209}, {19, 36.191},
                                       {50, 76.154}, {100, 135.807}};

  (void)state;
  for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
    expect_near(survival(table[i][0], table[i][1]), 0.01, 5e-4, "upper 1 % point");
  }
}

static void test_chi2_ends(void **state)
{
  PetscReal q;

  (void)state;
  expect_abs(survival(3.0, 0.0), 1.0, 0.0, "nothing exceeds zero for sure");
  expect_abs(survival(3.0, (PetscReal)INFINITY), 0.0, 0.0, "nothing exceeds infinity");
  expect_abs(survival(2.0, 2000.0), 0.0, 1e-300, "far tail");
  expect_near(survival(1e4, 1e4), 0.498119, 1e-5, "many degrees: 1/2 - sqrt(2/dof)/(6 sqrt(pi/2))");
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_chi2_survival(0.0, 1.0, &q));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_chi2_survival(1.0, -1.0, &q));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_chi2_survival(1.0, PROP_NAN, &q));
}

/* One degree: the Cauchy distribution; two: t = p sqrt(2/(1 - p^2)).  Others: at the quantile the
   expansion about 1 of Abramowitz & Stegun 26.7.5 ends after 1/dof^2 with 0.25. */
static void test_student68(void **state)
{
  const PetscReal p = 0.682689492137086;

  (void)state;
  expect_near(prop_student68(1), tan(0.5 * p * PETSC_PI), 1e-12, "one degree");
  expect_near(prop_student68(2), p * sqrt(2.0 / (1.0 - p * p)), 1e-12, "two degrees");
  for (PetscInt dof = 20; dof < 400; dof += 7) {
    const PetscReal d = (PetscReal)dof;

    expect_abs(prop_student68(dof), 1.0 + 0.5 / d + 0.25 / (d * d), 1.0 / (d * d * d), "expansion");
  }
  expect(isnan(prop_student68(0)), "no interval without a degree of freedom");
}

/* The same handbook, table 1.3.6.7.2, column 0.975; dof 1 and 2 in closed form */
static void test_student(void **state)
{
  static const PetscReal table[][2] = {{3, 3.182},  {4, 2.776},  {5, 2.571},  {6, 2.447},
                                       {7, 2.365},  {10, 2.228}, {19, 2.093}, {30, 2.042},
                                       {60, 2.000}, {100, 1.984}};

  (void)state;
  expect_near(prop_student95(1), tan(0.475 * PETSC_PI), 1e-12, "one degree: Cauchy");
  expect_near(prop_student95(2), 0.95 * sqrt(2.0 / (1.0 - 0.95 * 0.95)), 1e-12, "two degrees");
  for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
    expect_abs(prop_student95((PetscInt)table[i][0]), table[i][1], 5.1e-4, "table");
  }
  /* the two methods meet, and the limit is the normal quantile */
  expect_abs(prop_student95(200) - prop_student95(201), 5.9e-5, 2e-6, "methods meet at 200");
  expect_near(prop_student95(1000000000), 1.959963984540054, 1e-8, "normal limit");
  expect(isnan(prop_student95(0)), "no interval without a degree of freedom");
  for (PetscInt dof = 1; dof < 400; dof++) {
    expect(prop_student95(dof) > prop_student95(dof + 1), "falls with the degrees of freedom");
  }
}

/* psi(1) = -gamma, psi(1/2) = -gamma - 2 ln 2, psi'(1) = pi^2/6, psi'(1/2) = pi^2/2; recurrences
   psi(x + 1) = psi(x) + 1/x, psi'(x + 1) = psi'(x) - 1/x^2 across the change of method at 10. */
static void test_polygamma(void **state)
{
  const PetscReal gamma = 0.57721566490153286;
  PetscReal one, half, next, psi;

  (void)state;
  expect_abs(prop_polygamma(1.0, &one), -gamma, 1e-10, "psi(1)");
  expect_abs(prop_polygamma(0.5, &half), -gamma - 2.0 * log(2.0), 1e-10, "psi(1/2)");
  expect_abs(one, PETSC_PI * PETSC_PI / 6.0, 1e-10, "psi'(1)");
  expect_abs(half, PETSC_PI * PETSC_PI / 2.0, 1e-10, "psi'(1/2)");
  for (PetscReal x = 0.3; x < 40.0; x *= 1.3) {
    psi = prop_polygamma(x, &one);
    expect_abs(prop_polygamma(x + 1.0, &next), psi + 1.0 / x, 1e-10, "psi(x + 1)");
    expect_abs(next, one - 1.0 / (x * x), 1e-10, "psi'(x + 1)");
  }
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_chi2_closed_forms), cmocka_unit_test(test_chi2_table),
      cmocka_unit_test(test_chi2_ends),         cmocka_unit_test(test_student),
      cmocka_unit_test(test_student68),         cmocka_unit_test(test_polygamma),
  };

  return expect_main(argc, argv, help, tests);
}
