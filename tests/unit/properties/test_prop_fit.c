/* tests/unit/properties/test_prop_fit.c */
#include "properties/prop_fit_impl.h"
#include "tests/support/expect.h"

static const char help[] = "Correlations against temperature: exact data, by hand, refusals\n";

static prop_fit fit(prop_fit_model model, PetscInt n, const PetscReal t[], const prop_value y[])
{
  prop_fit f;

  expect_ok(prop_fit_temperature(model, n, t, y, &f));
  return f;
}

/* Two points: the line through them.  Error at T: sqrt of the squares of u1 (T2 - T)/d, u2 (T -
   T1)/d. */
static void test_chord(void **state)
{
  const PetscReal t[] = {900.0, 1100.0};
  const prop_value y[] = {{2100.0, 4.0, 50.0, PROP_FLAG_ONE_REPLICA}, {2000.0, 3.0, 50.0, 0}};
  const prop_fit f = fit(PROP_FIT_LINEAR, 2, t, y);
  prop_value v;
  PetscBool outside;

  (void)state;
  assert_int_equal(f.reason, PROP_FIT_OK);
  expect_near(f.coefficient[0], 2550.0, 1e-12, "intercept");
  expect_near(f.coefficient[1], -0.5, 1e-12, "slope");
  expect_near(f.covariance[3], 25.0 / 4e4, 1e-11, "variance of the slope");
  expect_near(f.covariance[0], (16.0 * 1100.0 * 1100.0 + 9.0 * 900.0 * 900.0) / 4e4, 1e-11,
              "variance of the intercept");
  expect_near(f.covariance[1], -(16.0 * 1100.0 + 9.0 * 900.0) / 4e4, 1e-11, "covariance");
  expect(f.dof == 0 && isnan(f.probability) && isinf(f.aicc) && f.widening == 1.0, "no judgement");
  expect_ok(prop_fit_predict(&f, 950.0, &v, &outside));
  expect_near(v.value, 2075.0, 1e-12, "interpolated");
  expect_near(v.error, sqrt(9.0 + 9.0 / 16.0), 1e-11, "its error");
  expect(!outside && v.flags == PROP_FLAG_ONE_REPLICA, "inside; flags passed on");
  expect_ok(prop_fit_predict(&f, 1200.0, &v, &outside));
  expect_near(v.error, sqrt(4.0 + 20.25), 1e-11, "extrapolated: grows");
  expect(outside, "outside");
}

/* y = 3 + 0.1 x about the weighted mean: chi-square of a known pattern.  Residuals +1, -1, -1, +1
   errors at equal spacing are orthogonal to constant and line: chi2 = 4. */
static void test_chi2(void **state)
{
  const PetscReal t[] = {100.0, 200.0, 300.0, 400.0};
  prop_value y[4];
  PetscReal r[4];
  prop_fit f;

  (void)state;
  for (PetscInt i = 0; i < 4; i++) {
    y[i] = (prop_value){.value = 3.0 + 0.1 * t[i] + (i % 3 ? -0.2 : 0.2), .error = 0.2};
  }
  f = fit(PROP_FIT_LINEAR, 4, t, y);
  expect_near(f.chi2, 4.0, 1e-10, "chi-square");
  expect_near(f.probability, exp(-2.0), 1e-10, "its probability, 2 degrees");
  expect_near(f.aicc, 4.0 + 4.0 + 12.0, 1e-10, "AICc");
  expect_near(f.residual_max, 1.0, 1e-10, "largest residual");
  expect_near(f.covariance[3], 0.04 / 5e4, 1e-10, "variance of the slope");
  expect_ok(prop_fit_residuals(&f, 4, t, y, r));
  expect_near(r[1], -1.0, 1e-10, "residual in errors");
  for (PetscInt i = 0; i < 4; i++) y[i].error = 0.05;
  f = fit(PROP_FIT_LINEAR, 4, t, y);
  expect_near(f.chi2, 64.0, 1e-10, "four times as far out");
  expect_near(f.widening, sqrt(32.0), 1e-10, "a rejected model widens its predictions");
}

/* Two values at each of two temperatures with equal errors: least squares of y go through their
   arithmetic means, where those of ln y would go through geometric ones; chi2 is that of y. */
static void test_unbiased(void **state)
{
  const PetscReal t[] = {900.0, 900.0, 1100.0, 1100.0};
  const prop_value y[] = {
      {1.0, 0.2, 0.0, 0}, {2.0, 0.2, 0.0, 0}, {5.0, 1.0, 0.0, 0}, {3.0, 1.0, 0.0, 0}};
  const prop_fit f = fit(PROP_FIT_ARRHENIUS, 4, t, y);
  PetscReal r[4];
  prop_value v;

  (void)state;
  expect_ok(prop_fit_predict(&f, 900.0, &v, NULL));
  expect_near(v.value, 1.5, 1e-8, "mean at the first temperature");
  expect_near(v.error, 0.2 / sqrt(2.0) * f.widening, 1e-8, "its error");
  expect_ok(prop_fit_predict(&f, 1100.0, &v, NULL));
  expect_near(v.value, 4.0, 1e-8, "mean at the second");
  expect_near(f.chi2, 2.0 * 6.25 + 2.0, 1e-7, "chi-square of y");
  expect_ok(prop_fit_residuals(&f, 4, t, y, r));
  expect_near(r[0], -2.5, 1e-7, "residual in errors");
}

/* Coefficients in, exact data, coefficients out: measured correlations of CaCl2 and KCl, and a VFT
   such as molecular electrolytes have */
static void test_recovered(void **state)
{
  static const struct {
    prop_fit_model model;
    PetscReal c[4], tlow, thigh, tolerance;
  } cases[] = {
      {PROP_FIT_LINEAR, {2530.0, -0.423}, 1060.0, 1223.0, 1e-10},
      {PROP_FIT_CONSTANT, {102.533}, 1060.0, 1223.0, 1e-12},
      {PROP_FIT_QUADRATIC, {60.0, 0.05, -2e-5}, 900.0, 1200.0, 1e-8},
      {PROP_FIT_HEAT, {60.0, 0.02, 1e6, 3e-6}, 700.0, 1500.0, 1e-6},
      {PROP_FIT_ARRHENIUS, {-2.648, 2874.5}, 1050.0, 1180.0, 1e-9},
      {PROP_FIT_LOG10, {-0.545, 597.0, 5.46e5}, 987.0, 1239.0, 1e-6},
      {PROP_FIT_VFT, {-8.5, 600.0, 160.0}, 250.0, 350.0, 1e-6},
      {PROP_FIT_VFT, {1.2, -450.0, 200.0}, 250.0, 350.0, 1e-6},
  };

  (void)state;
  for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
    PetscReal t[7];
    prop_value y[7], v;
    prop_fit f = {.model = cases[k].model, .reason = PROP_FIT_OK, .widening = 1.0, .nparam = 0};

    for (PetscInt i = 0; i < 4; i++) f.coefficient[i] = cases[k].c[i];
    for (PetscInt i = 0; i < 7; i++) {
      t[i] = cases[k].tlow + (cases[k].thigh - cases[k].tlow) * (PetscReal)i / 6.0;
      expect_ok(prop_fit_predict(&f, t[i], &v, NULL));
      y[i] = (prop_value){.value = v.value, .error = 0.01 * fabs(v.value)};
    }
    f = fit(cases[k].model, 7, t, y);
    print_message("%s: reason %d chi2 %g coefficients %.9g %.9g %.9g\n", prop_fit_name(f.model),
                  (int)f.reason, f.chi2, f.coefficient[0], f.coefficient[1], f.coefficient[2]);
    assert_int_equal(f.reason, PROP_FIT_OK);
    for (PetscInt i = 0; i < f.nparam; i++) {
      expect_near(f.coefficient[i], cases[k].c[i], cases[k].tolerance, "coefficient");
    }
  }
}

/* Too few, all at one temperature, not positive, without error bars, VFT of Arrhenius data */
static void test_refused(void **state)
{
  const PetscReal t[] = {1000.0, 1000.0, 1100.0, 1200.0, 1300.0}, bad[] = {0.0};
  prop_value y[5], v;
  prop_fit f;

  (void)state;
  for (PetscInt i = 0; i < 5; i++) {
    y[i] = (prop_value){.value = exp(-6.0 + 3000.0 / t[i]), .error = 1e-3};
  }
  f = fit(PROP_FIT_LINEAR, 2, t, y);
  assert_int_equal(f.reason, PROP_FIT_TOO_FEW);
  expect_ok(prop_fit_predict(&f, 1000.0, &v, NULL));
  expect(v.flags == PROP_FLAG_MISSING, "no prediction from a refused model");
  assert_int_equal(fit(PROP_FIT_CONSTANT, 0, t, y).reason, PROP_FIT_TOO_FEW);
  assert_int_equal(fit(PROP_FIT_VFT, 3, t, y).reason, PROP_FIT_TOO_FEW);
  f = fit(PROP_FIT_VFT, 5, t, y);
  assert_int_equal(f.reason, PROP_FIT_AT_BOUND);
  y[2].value = -1e-3;
  y[3] = prop_value_missing;
  y[4].error = 0.0;
  f = fit(PROP_FIT_ARRHENIUS, 5, t, y);
  expect(f.nleft == 3 && f.npoint == 2 && f.reason == PROP_FIT_TOO_FEW, "what cannot be used");
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_fit_temperature(PROP_FIT_LINEAR, 1, bad, y, &f));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_fit_temperature(PROP_FIT_NMODEL, 1, t, y, &f));
}

/* C_p through enthalpies: exact ones of every model; two enthalpies give the chord with its error
   whatever their common constant; and a fit of C_p has the error of the slopes it is made of. */
static void test_heat_capacity(void **state)
{
  const PetscReal c[4] = {60.0, 0.02, 1e6, 3e-6};
  const prop_fit_model list[] = {PROP_FIT_CONSTANT, PROP_FIT_LINEAR, PROP_FIT_HEAT};
  PetscReal t[8];
  prop_value h[8], v;
  prop_fit f;

  (void)state;
  for (PetscInt m = 0; m < 3; m++) {
    const PetscInt k = m == 2 ? 4 : m + 1;

    for (PetscInt i = 0; i < 8; i++) {
      t[i] = 700.0 + 100.0 * (PetscReal)i;
      h[i] = (prop_value){.value = -5e5 + c[0] * t[i], .error = 50.0};
      if (k > 1) h[i].value += 0.5 * c[1] * t[i] * t[i];
      if (k > 2) h[i].value += -c[2] / t[i] + c[3] / 3.0 * t[i] * t[i] * t[i];
    }
    expect_ok(prop_fit_heat_capacity(list[m], 8, t, h, &f));
    expect(f.reason == PROP_FIT_OK && f.nparam == k && f.dof == 8 - k - 1, "one constant more");
    for (PetscInt i = 0; i < k; i++) expect_near(f.coefficient[i], c[i], 1e-5, "coefficient");
  }
  expect_ok(prop_fit_heat_capacity(PROP_FIT_CONSTANT, 2, t, h, &f));
  expect_near(f.covariance[0], 2.0 * 2500.0 / 1e4, 1e-10, "variance of a chord");
  expect_near(f.coefficient[0], (h[1].value - h[0].value) / 100.0, 1e-10, "chord");
  expect_ok(prop_fit_heat_capacity(PROP_FIT_LINEAR, 2, t, h, &f));
  expect(f.reason == PROP_FIT_TOO_FEW, "two enthalpies have no curvature");
  /* a line: sum of (T - mean)^2 over eight points 100 K apart is 42 * 10^4 */
  expect_ok(prop_fit_heat_capacity(PROP_FIT_CONSTANT, 8, t, h, &f));
  expect_ok(prop_fit_predict(&f, 1000.0, &v, NULL));
  expect_near(v.error / f.widening, 50.0 / sqrt(42e4), 1e-9, "error of a slope");
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_fit_heat_capacity(PROP_FIT_VFT, 8, t, h, &f));
}

/* No error bars: the scatter of the residuals +s, -s, -s, +s about a line gives s^2 4/2. */
static void test_unweighted(void **state)
{
  const PetscReal t[] = {100.0, 200.0, 300.0, 400.0};
  prop_value y[4], v;
  prop_fit f;

  (void)state;
  for (PetscInt i = 0; i < 4; i++) {
    y[i] = (prop_value){.value = 3.0 + 0.1 * t[i] + (i % 3 ? -0.2 : 0.2), .error = PROP_NAN};
  }
  f = fit(PROP_FIT_LINEAR, 4, t, y);
  assert_int_equal(f.reason, PROP_FIT_UNWEIGHTED);
  expect_near(f.covariance[3], 0.08 / 5e4, 1e-10, "variance of the slope from residuals");
  expect(isnan(f.probability), "nothing to judge by");
  f = fit(PROP_FIT_LINEAR, 2, t, y);
  expect_ok(prop_fit_predict(&f, 150.0, &v, NULL));
  expect(isfinite(v.value) && isnan(v.error) && v.flags & PROP_FLAG_FEW_SAMPLES,
         "two bare points: a line without an error bar");
}

/* The rule of choice on its own */
static void test_choice(void **state)
{
  prop_fit f[3] = {{.reason = 1, .nparam = 2, .aicc = 10.0, .probability = 0.5},
                   {.reason = 1, .nparam = 3, .aicc = 9.0, .probability = 0.5},
                   {.reason = 1, .nparam = 4, .aicc = PROP_INFINITY, .probability = PROP_NAN}};
  prop_fit_model list[PROP_FIT_NMODEL];

  (void)state;
  expect(prop_fit_choose(3, f) == 1, "smallest AICc");
  f[1].probability = 1e-4;
  expect(prop_fit_choose(3, f) == 2, "a rejected one does not give way to a poorer one");
  f[1].reason = PROP_FIT_AT_BOUND;
  expect(prop_fit_choose(3, f) == 0, "among the usable");
  f[0].probability = 1e-4;
  expect(prop_fit_choose(3, f) == 2, "a rejected one gives way to a richer one");
  f[2].reason = PROP_FIT_TOO_FEW;
  expect(prop_fit_choose(3, f) == 0, "if there is one");
  f[0].reason = PROP_FIT_TOO_FEW;
  expect(prop_fit_choose(3, f) == -1, "none");
  expect(prop_fit_models("density", list) == 1 && list[0] == PROP_FIT_LINEAR, "density");
  expect(prop_fit_models("viscosity", list) == 3 && list[1] == PROP_FIT_VFT, "viscosity");
  expect(prop_fit_models("rdf_peak", list) == 0, "no correlation");
  assert_string_equal(prop_fit_formula(PROP_FIT_VFT), "ln y = a + b/(T - c)");
}

/* The variance of a prediction far from the coefficients' origin keeps its digits in R. */
static void test_factor(void **state)
{
  PetscReal t[9];
  prop_value y[9], v;
  prop_fit f;

  (void)state;
  for (PetscInt i = 0; i < 9; i++) {
    t[i] = 1000.0 + 2.0 * (PetscReal)i;
    y[i] = (prop_value){.value = 5.0, .error = 0.1};
  }
  f = fit(PROP_FIT_HEAT, 9, t, y);
  expect_ok(prop_fit_predict(&f, 1008.0, &v, NULL));
  /* A cubic through nine equal errors has in the middle the variance 59/231 (Savitzky-Golay); the
     four functions are a cubic over so short a range. */
  expect_near(v.error, 0.1 * sqrt(59.0 / 231.0), 1e-3, "error in the middle");
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_chord),         cmocka_unit_test(test_chi2),
      cmocka_unit_test(test_recovered),     cmocka_unit_test(test_unbiased),
      cmocka_unit_test(test_heat_capacity), cmocka_unit_test(test_refused),
      cmocka_unit_test(test_unweighted),    cmocka_unit_test(test_choice),
      cmocka_unit_test(test_factor),
  };

  return expect_main(argc, argv, help, tests);
}
