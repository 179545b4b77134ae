/* tests/unit/properties/test_prop_heat.c */
#include "md/md_units.h"
#include "properties/prop_heat.h"
#include "tests/support/expect.h"

static const char help[] = "Fluctuations and slopes by hand\n";

/* 100 u, so that numbers are round; 1000 K */
static const prop_heat_cell cell = {
    .mass = 100.0 * MD_ATOMIC_MASS, .temperature = 1000.0, .natom = 4, .nformula = 2.0};

/* Sixteen single samples; offsets anywhere */
static const PetscReal v[16] = {1000.0, 1010.0, 990.0,  1004.0, 1008.0, 996.0, 992.0,  1000.0,
                                1006.0, 994.0,  1002.0, 998.0,  1012.0, 988.0, 1001.0, 999.0};
static const PetscReal h[16] = {-10.0, -9.4,  -10.4, -9.9,  -9.5, -10.0, -10.6, -9.8,
                                -9.7,  -10.5, -9.8,  -10.3, -9.2, -10.8, -10.1, -10.0};

typedef struct {
  PetscReal vv[16], hh[16], hv[16];
} products;

static prop_heat_run run_of(PetscInt n, PetscInt from, PetscReal v0, PetscReal h0, products *p)
{
  for (PetscInt i = from; i < from + n; i++) {
    p->vv[i] = (v[i] - v0) * (v[i] - v0);
    p->hh[i] = (h[i] - h0) * (h[i] - h0);
    p->hv[i] = (h[i] - h0) * (v[i] - v0);
  }
  return (prop_heat_run){.n = n,
                         .length = 1.0,
                         .v = v + from,
                         .h = h + from,
                         .vv = p->vv + from,
                         .hh = p->hh + from,
                         .hv = p->hv + from,
                         .v0 = v0,
                         .h0 = h0};
}

/* Sums over the sixteen samples about their means, over 16 */
static PetscReal moment(const PetscReal a[], const PetscReal b[])
{
  PetscReal ma = 0.0, mb = 0.0, sum = 0.0;

  for (PetscInt i = 0; i < 16; i++) {
    ma += a[i] / 16.0;
    mb += b[i] / 16.0;
  }
  for (PetscInt i = 0; i < 16; i++) sum += (a[i] - ma) * (b[i] - mb) / 16.0;
  return sum;
}

/* Samples without correlation: g is about 1, so that the variance of the mean is near var/n, and
   restored moments near var (1 + 1/n).  Offsets and the cut into replicas must not matter. */
static void test_fluctuation(void **state)
{
  products p = {.vv = {0.0}}, q = {.vv = {0.0}};
  const prop_heat_run one[] = {run_of(16, 0, 995.0, -10.0, &p)};
  prop_value a[PROP_HEAT_NQUANTITY], b[PROP_HEAT_NQUANTITY], c[PROP_HEAT_NQUANTITY];
  const PetscReal kt2 = MD_BOLTZMANN * 1e6,
                  si = MD_ELEMENTARY_CHARGE_C / (100.0 * MD_ATOMIC_MASS_KG);
  const PetscReal ratio = moment(h, v) / moment(v, v);

  (void)state;
  expect_ok(prop_heat_fluctuation(&cell, 1, one, a));
  expect_near(a[PROP_HEAT_CP].value, moment(h, h) / kt2 * si, 0.15, "C_p from the variance of H");
  expect(a[PROP_HEAT_CP].value > moment(h, h) / kt2 * si, "what the mean took is restored");
  expect_near(a[PROP_HEAT_KAPPA_T].value,
              moment(v, v) / (MD_BOLTZMANN * 1e3 * 1000.0) / MD_PRESSURE_PA, 0.15, "kappa_T");
  expect_near(a[PROP_HEAT_EXPANSION].value, moment(h, v) / (kt2 * 1000.0), 0.15, "alpha");
  expect_near(a[PROP_HEAT_CV].value, (moment(h, h) - ratio * moment(h, v)) / kt2 * si, 0.15, "C_v");
  expect_near(a[PROP_HEAT_KAPPA_S].value / a[PROP_HEAT_KAPPA_T].value,
              a[PROP_HEAT_CV].value / a[PROP_HEAT_CP].value, 1e-12, "kappa_S/kappa_T = C_v/C_p");
  expect_near(a[PROP_HEAT_SOUND].value,
              sqrt(1000.0 * 1e-30 / (100.0 * MD_ATOMIC_MASS_KG * a[PROP_HEAT_KAPPA_S].value)), 1e-3,
              "speed of sound");
  for (PetscInt i = 0; i < PROP_HEAT_NQUANTITY; i++) {
    expect(a[i].error > 0.0 && a[i].flags & PROP_FLAG_FEW_SAMPLES, "16 samples are few");
    expect(a[i].flags & PROP_FLAG_ONE_REPLICA, "one replica");
  }
  {
    const prop_heat_run other[] = {run_of(16, 0, 1003.0, -9.0, &q)};

    expect_ok(prop_heat_fluctuation(&cell, 1, other, b));
  }
  for (PetscInt i = 0; i < PROP_HEAT_NQUANTITY; i++) {
    expect_near(b[i].value, a[i].value, 1e-9, "another offset");
    expect_near(b[i].error, a[i].error, 1e-6, "another offset, error");
  }
  {
    const prop_heat_run halves[] = {run_of(8, 0, 1003.0, -9.0, &q), run_of(8, 8, 990.0, -11.0, &q)};

    expect_ok(prop_heat_fluctuation(&cell, 2, halves, c));
  }
  expect_near(c[PROP_HEAT_CP].value, a[PROP_HEAT_CP].value, 0.1, "two replicas have one variance");
  expect(!(c[PROP_HEAT_CP].flags & PROP_FLAG_ONE_REPLICA), "two replicas");
}

/* Block means over pairs with means of products: the variance of the samples, not of the blocks. */
static void test_blocks(void **state)
{
  products p = {.vv = {0.0}};
  const prop_heat_run fine[] = {run_of(16, 0, 995.0, -10.0, &p)};
  PetscReal bv[8], bh[8], bvv[8], bhh[8], bhv[8];
  const prop_heat_run coarse[] = {{.n = 8,
                                   .length = 2.0,
                                   .v = bv,
                                   .h = bh,
                                   .vv = bvv,
                                   .hh = bhh,
                                   .hv = bhv,
                                   .v0 = 995.0,
                                   .h0 = -10.0}};
  prop_value a[PROP_HEAT_NQUANTITY], b[PROP_HEAT_NQUANTITY];

  (void)state;
  for (PetscInt i = 0; i < 8; i++) {
    bv[i] = 0.5 * (v[2 * i] + v[2 * i + 1]);
    bh[i] = 0.5 * (h[2 * i] + h[2 * i + 1]);
    bvv[i] = 0.5 * (p.vv[2 * i] + p.vv[2 * i + 1]);
    bhh[i] = 0.5 * (p.hh[2 * i] + p.hh[2 * i + 1]);
    bhv[i] = 0.5 * (p.hv[2 * i] + p.hv[2 * i + 1]);
  }
  expect_ok(prop_heat_fluctuation(&cell, 1, fine, a));
  expect_ok(prop_heat_fluctuation(&cell, 1, coarse, b));
  expect_near(b[PROP_HEAT_CP].value, a[PROP_HEAT_CP].value, 0.08, "blocks of two samples");
  expect_near(b[PROP_HEAT_KAPPA_T].value, a[PROP_HEAT_KAPPA_T].value, 0.08,
              "blocks of two samples");
}

static void test_refusals(void **state)
{
  products p = {.vv = {0.0}};
  const PetscReal same[16] = {1000.0, 1000.0, 1000.0, 1000.0, 1000.0, 1000.0, 1000.0, 1000.0,
                              1000.0, 1000.0, 1000.0, 1000.0, 1000.0, 1000.0, 1000.0, 1000.0};
  const PetscReal zero[16] = {0}, bad[1] = {PROP_NAN};
  prop_heat_run run = run_of(4, 0, 995.0, -10.0, &p);
  prop_heat_cell broken = cell, hydrogen = cell;
  prop_value a[PROP_HEAT_NQUANTITY];

  (void)state;
  expect_ok(prop_heat_fluctuation(&cell, 0, NULL, a));
  expect(a[PROP_HEAT_CP].flags == PROP_FLAG_MISSING, "no replica");
  expect_ok(prop_heat_fluctuation(&cell, 1, &run, a));
  expect(isfinite(a[PROP_HEAT_CP].value) && isnan(a[PROP_HEAT_CP].error) &&
             a[PROP_HEAT_CP].flags & PROP_FLAG_FEW_SAMPLES,
         "four blocks: a value without an error bar");
  hydrogen.classical = PETSC_TRUE;
  expect_ok(prop_heat_fluctuation(&hydrogen, 1, &run, a));
  expect(a[PROP_HEAT_CP].flags & PROP_FLAG_CLASSICAL && a[PROP_HEAT_CV].flags & PROP_FLAG_CLASSICAL,
         "hydrogen");
  expect(!(a[PROP_HEAT_EXPANSION].flags & PROP_FLAG_CLASSICAL), "expansion is not concerned");
  run = (prop_heat_run){.n = 16,
                        .length = 1.0,
                        .v = same,
                        .h = h,
                        .vv = zero,
                        .hh = zero,
                        .hv = zero,
                        .v0 = 1000.0,
                        .h0 = -10.0};
  expect_ok(prop_heat_fluctuation(&cell, 1, &run, a));
  expect(a[PROP_HEAT_KAPPA_T].flags == PROP_FLAG_MISSING, "a volume that does not fluctuate");
  run.n = 1;
  run.hv = bad;
  expect_error(PETSC_ERR_FP, prop_heat_fluctuation(&cell, 1, &run, a));
  broken.mass = 0.0;
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_heat_fluctuation(&broken, 1, &run, a));
  expect_near(prop_heat_per_atom(&cell), 0.025, 1e-9, "100 g/mol over 4 atoms");
  expect_near(prop_heat_per_formula(&cell), 0.05, 1e-9, "over 2 formula units");
}

/* One, two, three, many temperatures; neff of the chord: both points count for their variance. */
static void test_slopes(void **state)
{
  const PetscReal t[] = {900.0, 1000.0, 1100.0};
  prop_value y[3] = {
      {100.0, 3.0, 50.0, 0}, {150.0, 4.0, 50.0, PROP_FLAG_DRIFT}, {220.0, 3.0, 50.0, 0}};
  prop_heat_slope s[3];

  (void)state;
  expect_ok(prop_heat_slopes(1, t, y, s));
  expect(s[0].slope.flags == PROP_FLAG_MISSING && s[0].degree == 0, "one temperature has no slope");
  expect_ok(prop_heat_slopes(2, t, y, s));
  expect_near(s[0].slope.value, 0.5, 1e-12, "chord");
  expect_near(s[1].slope.error, 0.05, 1e-12, "its error");
  expect_near(s[0].slope.neff, 625.0 / (81.0 / 50.0 + 256.0 / 50.0), 1e-10, "Welch-Satterthwaite");
  assert_int_equal(s[0].slope.flags, PROP_FLAG_DRIFT);
  /* second difference 20, its error sqrt(9 + 64 + 9): accepted as a line */
  expect_ok(prop_heat_slopes(3, t, y, s));
  expect(s[1].degree == 1 && s[1].npoint == 3, "a line that chi-square accepts");
  expect_near(s[0].slope.value, 0.6, 1e-12, "slope of the line: ends with equal errors");
  expect_near(s[0].slope.error, sqrt(18.0) / 200.0, 1e-12, "its error");
  for (PetscInt i = 0; i < 3; i++) y[i].error *= 0.1;
  expect_ok(prop_heat_slopes(3, t, y, s));
  expect(s[0].degree == 2, "a line that is rejected");
  expect_near(s[0].slope.value, 0.4, 1e-12, "parabola at its first point: (-3 y0 + 4 y1 - y2)/2d");
  expect_near(s[1].slope.value, 0.6, 1e-12, "in the middle");
  expect_near(s[2].slope.value, 0.8, 1e-12, "at its last");
  expect_near(s[0].slope.error, sqrt(9.0 * 0.09 + 16.0 * 0.16 + 0.09) / 200.0, 1e-10, "its error");
  y[1] = prop_value_missing;
  expect_ok(prop_heat_slopes(3, t, y, s));
  expect(s[1].slope.flags == PROP_FLAG_MISSING, "no slope where there is no value");
  expect_near(s[0].slope.value, 0.6, 1e-12, "chord over the hole");
}

/* A step of the slope in the middle of 21 points, known exactly but for tiny errors: far windows
   are rejected, and the slopes well inside either half are the local ones. */
static void test_local(void **state)
{
  PetscReal t[21];
  prop_value y[21];
  prop_heat_slope s[21];

  (void)state;
  for (PetscInt i = 0; i < 21; i++) {
    const PetscReal x = (PetscReal)(i - 10);

    t[i] = 1000.0 + 10.0 * x;
    y[i] = (prop_value){.value = i < 10 ? 10.0 * x : 30.0 * x, .error = 0.5};
  }
  expect_ok(prop_heat_slopes(21, t, y, s));
  expect_abs(s[3].slope.value, 1.0, 0.02, "below the step");
  expect_abs(s[17].slope.value, 3.0, 0.02, "above the step");
  expect(s[3].npoint < 21, "with a window of its own");
}

/* alpha of rho = A exp(-alpha T) is alpha, whatever the points */
static void test_expansion(void **state)
{
  PetscReal t[5];
  prop_value rho[5];
  prop_heat_slope s[5];

  (void)state;
  for (PetscInt i = 0; i < 5; i++) {
    t[i] = 900.0 + 50.0 * (PetscReal)i;
    rho[i] = (prop_value){.value = 3000.0 * exp(-3e-4 * t[i]), .neff = 100.0};
    rho[i].error = 1e-3 * rho[i].value;
  }
  expect_ok(prop_heat_expansion(5, t, rho, s));
  expect_near(s[2].slope.value, 3e-4, 1e-10, "alpha");
  expect_near(s[2].slope.error, 1e-3 / sqrt(25000.0), 1e-10, "its error");
  expect_near(s[2].slope.neff, PetscSqr(10.0) / (34.0 / 100.0), 1e-9, "samples: weights 2 1 0 1 2");
  rho[2].value = -1.0;
  expect_ok(prop_heat_expansion(5, t, rho, s));
  expect(s[2].slope.flags == PROP_FLAG_MISSING && s[1].npoint == 4, "negative density");
}

/* Argon-like numbers; the derivatives of C_v = C_p - T a^2/(rho k) by hand */
static void test_derive(void **state)
{
  const prop_value x[4] = {{1000.0, 10.0, 100.0, PROP_FLAG_CLASSICAL},
                           {4e-4, 1e-5, 50.0, 0},
                           {2e-10, 1e-11, 40.0, 0},
                           {2000.0, 2.0, 400.0, 0}};
  const PetscReal loss = 1000.0 * 1.6e-7 / (2000.0 * 2e-10);
  const PetscReal d[4] = {10.0, 2.0 * loss * 0.025, loss * 0.05, loss * 1e-3};
  PetscReal r[16] = {1.0, 0, 0, 0, 0, 1.0, 0.9, 0, 0, 0.9, 1.0, 0, 0, 0, 0, 1.0};
  prop_value out[PROP_HEAT_NQUANTITY], y[4] = {x[0], x[1], x[2], x[3]};
  PetscReal dc;

  (void)state;
  expect_ok(prop_heat_derive(1000.0, x, NULL, out));
  expect_near(out[PROP_HEAT_CV].value, 600.0, 1e-12, "C_v");
  expect_near(out[PROP_HEAT_CV].error, sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2] + d[3] * d[3]),
              1e-6, "its error");
  expect_near(out[PROP_HEAT_KAPPA_S].value, 1.2e-10, 1e-12, "kappa_S");
  expect_near(out[PROP_HEAT_SOUND].value, sqrt(1.0 / (2000.0 * 1.2e-10)), 1e-12, "speed of sound");
  /* kappa_S = k - T a^2/(rho C_p): no error of k enters but its own */
  dc = sqrt(PetscSqr(1e-11) + PetscSqr(8e-11) * (0.01 * 0.01 + 0.05 * 0.05 + 1e-6));
  expect_near(out[PROP_HEAT_KAPPA_S].error, dc, 1e-6, "error of kappa_S");
  assert_int_equal(out[PROP_HEAT_SOUND].flags, PROP_FLAG_CLASSICAL);
  expect_ok(prop_heat_derive(1000.0, x, r, out));
  expect_near(out[PROP_HEAT_CV].error,
              sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2] + d[3] * d[3] - 1.8 * d[1] * d[2]), 1e-6,
              "alpha and kappa_T correlated: they cancel");
  y[1].value = 2e-3;
  expect_ok(prop_heat_derive(1000.0, y, NULL, out));
  expect(out[PROP_HEAT_CV].flags == PROP_FLAG_MISSING, "a C_v below zero is none");
  y[1] = prop_value_missing;
  expect_ok(prop_heat_derive(1000.0, y, NULL, out));
  expect(out[PROP_HEAT_SOUND].flags == PROP_FLAG_MISSING && out[PROP_HEAT_CP].value == 1000.0,
         "without alpha");
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_fluctuation), cmocka_unit_test(test_blocks),
      cmocka_unit_test(test_refusals),    cmocka_unit_test(test_slopes),
      cmocka_unit_test(test_local),       cmocka_unit_test(test_expansion),
      cmocka_unit_test(test_derive),
  };

  return expect_main(argc, argv, help, tests);
}
