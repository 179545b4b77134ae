/* tests/unit/properties/test_prop_surface.c */
#include "properties/prop_surface.h"
#include "tests/support/expect.h"
#include "tests/support/random.h"

static const char help[] = "Redlich-Kister surfaces: exact data, refusals, next point\n";

enum { NX = 5, NT = 4, N = NX * NT };

/* A binary grid: x_0 = 0, 1/4 ... 1; T = 900 ... 1200 K */
typedef struct {
  PetscReal x[2 * N], t[N];
  prop_value y[N];
  prop_surface_points p;
} grid;

static void grid_make(grid *g)
{
  for (PetscInt i = 0; i < N; i++) {
    const PetscInt row = i / NX;

    g->x[2 * i] = 0.25 * (PetscReal)(i % NX);
    g->x[2 * i + 1] = 1.0 - g->x[2 * i];
    g->t[i] = 900.0 + 100.0 * (PetscReal)row;
  }
  g->p = (prop_surface_points){.npoint = N, .ncomponent = 2, .x = g->x, .t = g->t, .y = g->y};
}

/* Molar volumes of two chlorides, an excess with a skew, in m3/mol */
static PetscReal volume(const PetscReal x[2], PetscReal t)
{
  return x[0] * (4.0e-5 + 1.2e-8 * t) + x[1] * (3.6e-5 + 1.6e-8 * t) +
         x[0] * x[1] * (2e-6 - 1e-6 * (x[0] - x[1]));
}

static void test_exact(void **state)
{
  grid g;
  prop_surface s;
  prop_value v;
  PetscBool outside;
  const PetscReal middle[2] = {0.6, 0.4}, beyond[2] = {-0.1, 1.1};
  const PetscReal want[6] = {4.0e-5, 1.2e-8, 3.6e-5, 1.6e-8, 2e-6, -1e-6};

  (void)state;
  grid_make(&g);
  for (PetscInt i = 0; i < N; i++) {
    g.y[i] = (prop_value){.value = volume(g.x + 2 * i, g.t[i]), .error = 4e-8, .flags = 0};
  }
  g.y[3].flags = PROP_FLAG_ONE_REPLICA;
  expect_ok(prop_surface_fit(&g.p, PROP_SURFACE_VALUE, 1, 2, 1, &s));
  assert_int_equal(s.reason, PROP_FIT_OK);
  expect(s.nparam == 6 && s.npair == 1 && s.dof == N - 6, "six coefficients");
  for (PetscInt i = 0; i < 6; i++) expect_near(s.coefficient[i], want[i], 1e-8, "coefficient");
  expect_ok(prop_surface_predict(&s, middle, 1010.0, &v, &outside));
  expect_near(v.value, volume(middle, 1010.0), 1e-10, "between the points");
  expect(!outside && v.error > 0.0 && v.error < 4e-8 && v.flags == PROP_FLAG_ONE_REPLICA,
         "more certain than a single point");
  expect_ok(prop_surface_predict(&s, beyond, 1010.0, &v, &outside));
  expect(outside, "a fraction outside");
  expect_ok(prop_surface_predict(&s, middle, 1300.0, &v, &outside));
  expect(outside, "a temperature outside");
  expect_ok(prop_surface_clear(&s));
  expect_ok(prop_surface_best(&g.p, PROP_SURFACE_VALUE, &s));
  expect(s.order == 1 && s.nideal == 2 && s.nexcess == 1, "AICc finds the orders of exact data");
  expect_ok(prop_surface_clear(&s));
  expect_ok(prop_surface_clear(&s));
}

/* ln y linear in x at one temperature with points at the ends only: the error between them is that
   of a weighted mean, sqrt(x^2 u^2 + (1 - x)^2 w^2). */
static void test_error(void **state)
{
  const PetscReal x[] = {0.0, 1.0, 1.0, 0.0}, t[] = {1000.0, 1000.0}, at[2] = {0.3, 0.7};
  const prop_value y[] = {{2e-3, 2e-5, 0.0, 0}, {4e-3, 8e-5, 0.0, 0}};
  const prop_surface_points p = {.npoint = 2, .ncomponent = 2, .x = x, .t = t, .y = y};
  prop_surface s;
  prop_value v;

  (void)state;
  expect_ok(prop_surface_best(&p, PROP_SURFACE_LOG, &s));
  expect(s.reason == PROP_FIT_OK && s.order == -1 && s.nideal == 1, "all that two points allow");
  expect_ok(prop_surface_predict(&s, at, 1000.0, &v, NULL));
  expect_near(v.value, pow(4e-3, 0.3) * pow(2e-3, 0.7), 1e-12, "geometric mean");
  expect_near(v.error / v.value, hypot(0.3 * 0.02, 0.7 * 0.01), 1e-10, "relative error");
  expect_ok(prop_surface_clear(&s));
}

/* ln y with terms in 1/T: what goes in comes out. */
static void test_logarithm(void **state)
{
  const PetscReal want[8] = {-8.0, 3000.0, -7.0, 2500.0, 0.4, -300.0, 0.1, 50.0};
  grid g;
  prop_surface s;

  (void)state;
  grid_make(&g);
  for (PetscInt i = 0; i < N; i++) {
    const PetscReal a = g.x[2 * i], b = g.x[2 * i + 1], r = 1.0 / g.t[i];
    const PetscReal f = a * (-8.0 + 3000.0 * r) + b * (-7.0 + 2500.0 * r) +
                        a * b * (0.4 - 300.0 * r + (a - b) * (0.1 + 50.0 * r));

    g.y[i] = (prop_value){.value = exp(f), .error = 0.01 * exp(f)};
  }
  expect_ok(prop_surface_fit(&g.p, PROP_SURFACE_LOG, 1, 2, 2, &s));
  for (PetscInt i = 0; i < 8; i++) expect_near(s.coefficient[i], want[i], 1e-7, "coefficient");
  expect_ok(prop_surface_clear(&s));
}

/* Two values for either component: least squares of y, hence arithmetic means */
static void test_unbiased(void **state)
{
  const PetscReal x[] = {0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0}, t[] = {1e3, 1e3, 1e3, 1e3};
  const prop_value y[] = {
      {1.0, 0.2, 0.0, 0}, {1.5, 0.2, 0.0, 0}, {5.0, 1.0, 0.0, 0}, {4.0, 1.0, 0.0, 0}};
  const prop_surface_points p = {.npoint = 4, .ncomponent = 2, .x = x, .t = t, .y = y};
  prop_surface s;
  prop_value v;

  (void)state;
  expect_ok(prop_surface_fit(&p, PROP_SURFACE_LOG, -1, 1, 1, &s));
  expect_ok(prop_surface_predict(&s, x, 1000.0, &v, NULL));
  expect_near(v.value, 1.25, 1e-8, "mean of the second component");
  expect_near(s.chi2, 2.0 * 1.5625 + 0.5, 1e-7, "chi-square of y");
  expect_near(s.residual_max, 1.25, 1e-7, "largest residual in errors");
  expect_ok(prop_surface_clear(&s));
}

/* Three components, two pairs that meet: the third pair has no terms. */
static void test_ternary(void **state)
{
  enum { M = 12 };
  PetscReal x[3 * M], t[M];
  prop_value y[M];
  const prop_surface_points p = {.npoint = M, .ncomponent = 3, .x = x, .t = t, .y = y};
  prop_surface s;

  (void)state;
  for (PetscInt i = 0; i < M; i++) {
    const PetscReal share = (PetscReal)(i % 6) / 5.0;

    x[3 * i] = 1.0 - share;
    x[3 * i + 1] = i < 6 ? share : 0.0;
    x[3 * i + 2] = i < 6 ? 0.0 : share;
    t[i] = 1000.0;
    y[i] = (prop_value){.error = 1e-3};
    y[i].value = exp(x[3 * i] - 2.0 * x[3 * i + 1] + 0.5 * x[3 * i + 2] +
                     0.7 * x[3 * i] * x[3 * i + 1] - 0.3 * x[3 * i] * x[3 * i + 2]);
  }
  expect_ok(prop_surface_fit(&p, PROP_SURFACE_LOG, 0, 1, 1, &s));
  expect(s.reason == PROP_FIT_OK && s.npair == 2 && s.nparam == 5, "pairs that meet");
  expect(s.pair[2] == 0 && s.pair[3] == 2, "the second pair is 0-2");
  expect_near(s.coefficient[1], -2.0, 1e-9, "component");
  expect_near(s.coefficient[3], 0.7, 1e-8, "pair 0-1");
  expect_near(s.coefficient[4], -0.3, 1e-8, "pair 0-2");
  expect_ok(prop_surface_clear(&s));
}

static void test_refused(void **state)
{
  grid g;
  prop_surface s;
  prop_value v;
  PetscInt best;
  PetscReal error;
  const PetscReal x[2] = {0.5, 0.5};

  (void)state;
  grid_make(&g);
  for (PetscInt i = 0; i < N; i++) g.y[i] = (prop_value){.value = 1.0, .error = 0.1};
  for (PetscInt i = 0; i < N; i++) g.t[i] = 1000.0;
  expect_ok(prop_surface_fit(&g.p, PROP_SURFACE_LOG, 0, 2, 1, &s));
  expect(s.reason == PROP_FIT_DEGENERATE && !s.coefficient, "one temperature, two powers of it");
  expect_ok(prop_surface_predict(&s, x, 1000.0, &v, NULL));
  expect(v.flags == PROP_FLAG_MISSING, "no prediction");
  expect_ok(prop_surface_next(&s, 1, x, g.t, &best, &error));
  expect(best == -1 && isnan(error), "nothing to suggest");
  expect_ok(prop_surface_clear(&s));
  g.p.npoint = 3;
  expect_ok(prop_surface_fit(&g.p, PROP_SURFACE_LOG, 1, 1, 1, &s));
  expect(s.reason == PROP_FIT_TOO_FEW, "three points, four coefficients");
  expect_ok(prop_surface_clear(&s));
  g.y[0].value = -1.0;
  g.y[1].error = 0.0;
  expect_ok(prop_surface_fit(&g.p, PROP_SURFACE_LOG, -1, 1, 1, &s));
  expect(s.nleft == 2 && s.npoint == 1 && s.reason == PROP_FIT_TOO_FEW, "what cannot be used");
  expect_ok(prop_surface_clear(&s));
  g.p.npoint = 0;
  expect_ok(prop_surface_best(&g.p, PROP_SURFACE_LOG, &s));
  expect(s.reason == PROP_FIT_TOO_FEW, "no points");
  expect_ok(prop_surface_clear(&s));
  g.p.npoint = N;
  g.x[1] = 0.9;
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_surface_fit(&g.p, PROP_SURFACE_LOG, 0, 1, 1, &s));
  g.x[1] = 1.0;
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_surface_fit(&g.p, PROP_SURFACE_LOG, 4, 1, 1, &s));
}

/* The suggested point is the one whose measurement is missed most: with the pure second component
   known ten times worse than the rest, it; and the middle when the ends are
   well known. */
static void test_next(void **state)
{
  grid g;
  prop_surface s;
  PetscInt best;
  PetscReal error, cx[2 * 5], ct[5];

  (void)state;
  grid_make(&g);
  for (PetscInt i = 0; i < N; i++) {
    g.y[i] = (prop_value){.value = volume(g.x + 2 * i, g.t[i])};
    g.y[i].error = g.y[i].value * (i % NX == 0 ? 1e-2 : 1e-3);
  }
  for (PetscInt i = 0; i < 5; i++) {
    cx[2 * i] = 0.25 * (PetscReal)i;
    cx[2 * i + 1] = 1.0 - cx[2 * i];
    ct[i] = 1050.0;
  }
  expect_ok(prop_surface_fit(&g.p, PROP_SURFACE_VALUE, 1, 2, 1, &s));
  expect_ok(prop_surface_next(&s, 5, cx, ct, &best, &error));
  expect(best == 0 && error > 1e-3 && error < 1e-2, "the end that is known worst");
  expect_ok(prop_surface_clear(&s));
  for (PetscInt i = 0; i < N; i++) {
    g.y[i].error = g.y[i].value * (i % NX == 0 || i % NX == NX - 1 ? 1e-4 : 1e-2);
  }
  expect_ok(prop_surface_fit(&g.p, PROP_SURFACE_VALUE, 0, 2, 1, &s));
  expect_ok(prop_surface_next(&s, 5, cx, ct, &best, &error));
  expect(best == 2, "the middle");
  expect_ok(prop_surface_clear(&s));
}

static void test_density(void **state)
{
  const PetscReal x[2] = {0.5, 0.5}, mass[2] = {0.110984, 0.0745513};
  const prop_value rho = {2000.0, 10.0, 77.0, PROP_FLAG_DRIFT};
  prop_value v, back;

  (void)state;
  expect_ok(prop_surface_molar_volume(2, x, mass, &rho, &v));
  expect_near(v.value, 0.5 * (mass[0] + mass[1]) / 2000.0, 1e-14, "M/rho");
  expect_near(v.error / v.value, 0.005, 1e-12, "its relative error");
  expect_ok(prop_surface_density(2, x, mass, &v, &back));
  expect_near(back.value, 2000.0, 1e-12, "and back");
  expect(back.flags == PROP_FLAG_DRIFT && fabs(back.neff - 77.0) < 1e-9, "flags and samples");
  expect_ok(prop_surface_density(2, x, mass, &prop_value_missing, &back));
  expect(back.flags == PROP_FLAG_MISSING, "missing");
}

/* What each coefficient multiplies, in their order. */
static void test_terms(void **state)
{
  const PetscInt want[8][4] = {{0, -1, 0, 0}, {0, -1, 0, -1}, {1, -1, 0, 0}, {1, -1, 0, -1},
                               {0, 1, 0, 0},  {0, 1, 0, -1},  {0, 1, 1, 0},  {0, 1, 1, -1}};
  PetscInt term[8 * PROP_SURFACE_TERM];
  prop_surface s;
  grid g;

  (void)state;
  grid_make(&g);
  for (PetscInt i = 0; i < N; i++) g.y[i] = (prop_value){.value = 1.0 + 0.1 * i, .error = 0.1};
  expect_ok(prop_surface_fit(&g.p, PROP_SURFACE_LOG, 1, 2, 2, &s));
  expect_ok(prop_surface_terms(&s, term));
  assert_memory_equal(term, want, sizeof(term));
  expect_ok(prop_surface_clear(&s));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_exact),     cmocka_unit_test(test_error),
      cmocka_unit_test(test_ternary),   cmocka_unit_test(test_refused),
      cmocka_unit_test(test_next),      cmocka_unit_test(test_unbiased),
      cmocka_unit_test(test_logarithm), cmocka_unit_test(test_density),
      cmocka_unit_test(test_terms),
  };

  return expect_main(argc, argv, help, tests);
}
