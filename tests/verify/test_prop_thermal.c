/* tests/verify/test_prop_thermal.c - thermal conductivity of made-up mixtures with known Onsager
 * matrices
 *
 * Fractions of 200 repetitions are known to 0.033 (of 0.68) and 0.015 (of 0.95).
 */
#include "tests/support/expect.h"

#include "tests/support/flux_series.h"

static const char help[] = "Thermal conductivity from several currents against exact values\n";

enum { REPETITIONS = 200 };

static void check_calibration(const flux_case *c, uint64_t seed)
{
  const flux_statistics s = flux_collect(c, seed, REPETITIONS);

  expect_abs(s.missing, 0.0, 0.0, "every repetition has a value");
  expect_abs(s.mean, 1.0, 0.4 * s.deviation, "no bias worth mentioning");
  expect_abs(s.one, 0.68, 0.11, "one error covers the truth in 68 %");
  expect_abs(s.two, 0.95, 0.05, "the 95 % interval covers the truth in 95 %");
}

static void test_calibration(void **state)
{
  const flux_case one = {
      .n = 2048, .nreplica = 4, .nspecies = 1, .step = 10.0, .tau = 80.0, .kappa = 3e-7};
  const flux_case two = {
      .n = 2048, .nreplica = 4, .nspecies = 2, .step = 10.0, .tau = 80.0, .kappa = 3e-7};
  const flux_case five = {
      .n = 2048, .nreplica = 5, .nspecies = 5, .step = 10.0, .tau = 80.0, .kappa = 3e-7};

  (void)state;
  check_calibration(&one, 1);
  check_calibration(&two, 2);
  check_calibration(&five, 3); /* more currents than components of one replica */
}

/* Zero of energy ------------------------------------------------------------------------------ */

static PetscReal value_of(const flux_case *c, const flux_data *d, PetscInt nspecies, PetscInt order)
{
  const prop_thermal_options fixed = {.order = order, .cutoff = order ? 4e-3 : 0.0};
  prop_thermal t;

  expect_ok(prop_thermal_estimate(c->nreplica, d->replica, nspecies, c->step, &fixed, &t));
  expect(t.estimate.mean > 0.0, "a value");
  return t.estimate.mean;
}

static void check_gauge(int nspecies)
{
  static const double e[FLUX_MAX_SPECIES] = {70.0, -120.0, 55.0, 31.0, -8.0, 90.0};
  const flux_case c = {
      .n = 2048, .nreplica = 4, .nspecies = nspecies, .step = 10.0, .tau = 80.0, .kappa = 3e-7};
  random_stream stream = {40 + (uint64_t)nspecies};
  flux_data d = flux_create(&stream, &c);
  PetscReal before[3], after[3];

  for (int k = 0; k < 2; k++) {
    PetscReal *v = k ? after : before;

    if (k) flux_shift(&c, &d, e);
    v[0] = value_of(&c, &d, nspecies, 5);
    v[1] = value_of(&c, &d, nspecies, 0);
    v[2] = value_of(&c, &d, 1, 0);
  }
  print_message(
      "%d species: shifted by tens of its own currents, kappa changes by %.1e, alone by a "
      "factor %.0f\n",
      nspecies, (double)(after[1] / before[1] - 1.0), (double)(after[2] / before[2]));
  expect_near(after[0], before[0], 1e-10, "fixed number of cosines");
  expect_near(after[1], before[1], 1e-10, "automatic");
  expect(after[2] > 100.0 * before[2], "the heat current alone depends on the zero of energy");
  flux_clear(&d);
}

static void test_gauge(void **state)
{
  (void)state;
  check_gauge(2);
  check_gauge(3);
  check_gauge(6);
}

/* All currents in, or one of them twice, or one that is zero: the same. */
static void test_dependent(void **state)
{
  const flux_case c = {
      .n = 2048, .nreplica = 4, .nspecies = 3, .step = 10.0, .tau = 80.0, .kappa = 3e-7};
  random_stream stream = {50};
  flux_data d = flux_create(&stream, &c);
  const double *more[4][3 * 6];
  double *zero = calloc((size_t)c.n, sizeof(double));
  prop_thermal t, all;

  (void)state;
  expect_ok(prop_thermal_estimate(c.nreplica, d.replica, 3, c.step, NULL, &t));
  assert_int_equal(t.currents, 3);
  assert_int_equal(t.dof, 10);
  for (int r = 0; r < 4; r++) {
    for (int k = 0; k < 9; k++) more[r][k] = d.replica[r].sum[k];
    for (int k = 9; k < 12; k++) more[r][k] = d.replica[r].sum[k - 9];
    for (int k = 12; k < 18; k++) more[r][k] = zero;
    d.replica[r].sum = more[r];
  }
  expect_ok(prop_thermal_estimate(c.nreplica, d.replica, 6, c.step, NULL, &all));
  assert_int_equal(all.currents, 3);
  expect_near(all.estimate.mean, t.estimate.mean, 1e-10, "dependent currents are dropped");
  expect_near(all.estimate.error, t.estimate.error, 1e-10, "and are not counted");
  free(zero);
  flux_clear(&d);
}

/* Estimates ----------------------------------------------------------------------------------- */

/* All fields, and the curve */
static void test_one(void **state)
{
  const flux_case c = {
      .n = 8192, .nreplica = 4, .nspecies = 2, .step = 10.0, .tau = 80.0, .kappa = 3e-7};
  random_stream stream = {60};
  flux_data d = flux_create(&stream, &c);
  const prop_thermal_options wide = {.stretch = 2.0}, fixed = {.cutoff = 2e-3, .order = 7};
  prop_thermal t, other;
  prop_thermal_curve curve;

  (void)state;
  expect_ok(prop_thermal_estimate(4, d.replica, 2, c.step, NULL, &t));
  assert_int_equal(t.estimate.flags, 0);
  expect_abs(t.estimate.mean, d.exact, 3.0 * t.estimate.error, "conductivity");
  expect(t.estimate.error < 0.06 * d.exact, "to six per cent");
  expect_abs(t.coupled, 1.0 - 5.0 / 3.0 / (1.0 + 22.0), 0.02, "share of the mass current");
  expect_ok(prop_thermal_estimate(4, d.replica, 2, c.step, &wide, &other));
  assert_int_equal(other.order, 2 * t.order);
  expect(other.estimate.error > t.within, "more cosines, larger error");
  expect_ok(prop_thermal_estimate(4, d.replica, 2, c.step, &fixed, &other));
  assert_int_equal(other.order, 7);
  assert_int_equal(other.bins, 163);
  /* v (4 P - 2)/N with v = psi'(11) = 0.0952, N + 1 - 2 P = 314 */
  expect_near(other.within / other.estimate.mean, sqrt(0.09516633568 * 26.0 / 314.0), 1e-8,
              "error of the published formula");
  expect_ok(prop_thermal_spectrum(4, d.replica, 2, c.step, NULL, &curve));
  expect_abs(curve.smooth[0], t.estimate.mean, 2.0 * t.estimate.error, "its left end");
  expect(curve.single[0] > 5.0 * curve.reduced[0], "what mass currents carry is taken out");
  expect(isnan(curve.smooth[curve.n - 1]), "no cosines above f*");
  expect_ok(prop_thermal_curve_clear(&curve));
  expect_ok(prop_thermal_curve_clear(&curve));
  flux_clear(&d);
}

static void test_flags(void **state)
{
  const flux_case glass = {
      .n = 512, .nreplica = 2, .nspecies = 1, .step = 10.0, .tau = 2e4, .kappa = 3e-7};
  const flux_case fine = {
      .n = 2048, .nreplica = 4, .nspecies = 2, .step = 10.0, .tau = 80.0, .kappa = 3e-7};
  random_stream stream = {70};
  flux_data d = flux_create(&stream, &glass);
  prop_thermal t;

  (void)state;
  expect_ok(prop_thermal_estimate(2, d.replica, 1, 10.0, NULL, &t));
  expect(t.estimate.flags & (PROP_FLAG_FEW_SAMPLES | PROP_FLAG_NO_PLATEAU), "a glass is flagged");
  flux_clear(&d);
  d = flux_create(&stream, &fine);
  for (int i = 0; i < 9 * fine.n; i++) d.data[i] *= 3.0; /* the first replica */
  expect_ok(prop_thermal_estimate(4, d.replica, 2, 10.0, NULL, &t));
  expect(t.estimate.flags & PROP_FLAG_REPLICAS_DISAGREE, "one replica has nine times the power");
  expect(t.estimate.error > 2.0 * t.within, "and widens the error bar");
  expect_ok(prop_thermal_estimate(1, d.replica, 2, 10.0, NULL, &t));
  expect(t.estimate.flags & PROP_FLAG_ONE_REPLICA, "one replica");
  flux_clear(&d);
}

/* Too short, too few components, no replicas, constant currents; errors */
static void test_edges(void **state)
{
  const flux_case c = {
      .n = 256, .nreplica = 1, .nspecies = 4, .step = 10.0, .tau = 80.0, .kappa = 3e-7};
  const prop_thermal_options bad = {.order = -1};
  random_stream stream = {80};
  flux_data d = flux_create(&stream, &c);
  prop_thermal t;

  (void)state;
  expect_ok(prop_thermal_estimate(1, d.replica, 4, 10.0, NULL, &t));
  expect(isnan(t.estimate.mean) && t.estimate.flags & PROP_FLAG_FEW_SAMPLES, "four of three");
  expect_ok(prop_thermal_estimate(0, NULL, 4, 10.0, NULL, &t));
  expect(isnan(t.estimate.mean) && t.estimate.flags == PROP_FLAG_MISSING, "no replicas");
  d.replica[0].n = PROP_THERMAL_MIN - 1;
  expect_ok(prop_thermal_estimate(1, d.replica, 2, 10.0, NULL, &t));
  expect(isnan(t.estimate.error) && t.estimate.flags & PROP_FLAG_FEW_SAMPLES, "too short");
  d.replica[0].n = c.n;
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_thermal_estimate(1, d.replica, 2, 0.0, NULL, &t));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_thermal_estimate(1, d.replica, 0, 1.0, NULL, &t));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_thermal_estimate(1, d.replica, 2, 1.0, &bad, &t));
  d.replica[0].temperature = PROP_NAN;
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_thermal_estimate(1, d.replica, 2, 1.0, NULL, &t));
  d.replica[0].temperature = 300.0;
  for (int i = 0; i < 3 * c.n; i++) d.data[i] = 7.0;
  expect_ok(prop_thermal_estimate(1, d.replica, 2, 10.0, NULL, &t));
  expect(isnan(t.estimate.mean) && t.estimate.flags & PROP_FLAG_MISSING, "nothing fluctuates");
  d.data[3] = PROP_INFINITY;
  expect_error(PETSC_ERR_FP, prop_thermal_estimate(1, d.replica, 2, 1.0, NULL, &t));
  flux_clear(&d);
}

/* Imposed fluxes ------------------------------------------------------------------------------ */

static prop_rnemd flux_run(PetscReal kappa, PetscReal error)
{
  return (prop_rnemd){.transport = {.mean = kappa, .error = error, .neff = 100.0}};
}

/* 1/kappa = 0.5 + 2/L with equal errors of 1/kappa: intercept and error by hand. */
static void test_length(void **state)
{
  const PetscReal length[4] = {10.0, 20.0, 40.0, 40.0};
  prop_rnemd run[4];
  prop_estimate e;

  (void)state;
  for (int i = 0; i < 3; i++) {
    const PetscReal kappa = 1.0 / (0.5 + 2.0 / length[i]);

    run[i] = flux_run(kappa, 0.01 * kappa * kappa);
  }
  run[3] = flux_run(7.0, PROP_NAN); /* left out */
  run[3].transport.flags = PROP_FLAG_NOT_LINEAR;
  expect_ok(prop_thermal_length(4, length, run, &e));
  expect_near(e.mean, 2.0, 1e-12, "infinite length");
  /* sum x^2/(n sum x^2 - (sum x)^2), x = 0.1, 0.05, 0.025: 0.013125/0.00875 = 1.5 */
  expect_near(e.error, 0.01 * sqrt(1.5) * 4.0, 1e-12, "its error");
  assert_int_equal(e.flags, PROP_FLAG_NOT_LINEAR);
  run[1].transport.mean *= 1.2;
  expect_ok(prop_thermal_length(3, length, run, &e));
  expect(e.flags & PROP_FLAG_REPLICAS_DISAGREE, "no straight line");
  expect(e.error > 0.1, "chi^2 widens the error bar");
  expect_ok(prop_thermal_length(2, length + 2, run, &e));
  expect(isnan(e.mean) && e.flags & PROP_FLAG_FEW_SAMPLES, "one length twice");
  expect_ok(prop_thermal_length(0, NULL, NULL, &e));
  expect(isnan(e.mean) && e.flags == (PROP_FLAG_MISSING | PROP_FLAG_FEW_SAMPLES), "no runs");
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_thermal_length(1, (PetscReal[]){0.0}, run, &e));
}

/* The same 1/kappa = 0.5 + 2/L in values with flags: the limit, or the longest cell. */
static void test_cells(void **state)
{
  PetscReal length[4] = {10.0, 40.0, 20.0, 80.0};
  prop_value cell[4], v;

  (void)state;
  for (int i = 0; i < 3; i++) {
    cell[i] = (prop_value){.value = 1.0 / (0.5 + 2.0 / length[i]), .neff = 50.0 + i};
    cell[i].error = 0.01 * cell[i].value * cell[i].value;
  }
  cell[3] = prop_value_missing;
  cell[2].flags = PROP_FLAG_DRIFT;
  expect_ok(prop_thermal_cells(4, length, cell, &v));
  expect_near(v.value, 2.0, 1e-12, "infinite length");
  expect_near(v.error, 0.01 * sqrt(1.5) * 4.0, 1e-12, "its error");
  expect_near(v.neff, 50.0, 1e-14, "the smallest of effective samples");
  assert_int_equal(v.flags, PROP_FLAG_DRIFT);
  expect_ok(prop_thermal_cells(1, length, cell, &v));
  expect_near(v.value, cell[0].value, 1e-14, "one length");
  assert_int_equal(v.flags, PROP_FLAG_FINITE_SIZE);
  cell[2].value *= 1.2;
  expect_ok(prop_thermal_cells(4, length, cell, &v));
  expect_near(v.value, cell[1].value, 1e-14, "no straight line: the longest");
  expect_near(v.error, cell[1].error, 1e-14, "with its error");
  assert_int_equal(v.flags, PROP_FLAG_DRIFT | PROP_FLAG_FINITE_SIZE);
  length[0] = 20.0; /* kappa 1.43 in 20 and 1.82 in 40: 2.5 without end, in 28 and 40: 5 */
  expect_ok(prop_thermal_cells(2, length, cell, &v));
  expect_near(v.value, 1.0 / (2.0 * 0.55 - 0.7), 1e-12, "of two");
  cell[0].error = 0.2 * cell[0].value;
  expect_ok(
      prop_thermal_cells(2, length, cell, &v)); /* 1/kappa 0.7 +- 0.14 and 0.55 -> 0.4 +- 0.14 */
  assert_int_equal(v.flags, PROP_FLAG_FINITE_SIZE);
  expect_near(v.value, cell[1].value, 1e-14, "not well known");
  length[0] = 28.0;
  cell[0].error = 1e-6;
  expect_ok(prop_thermal_cells(2, length, cell, &v));
  assert_int_equal(v.flags, PROP_FLAG_FINITE_SIZE);
  expect_near(v.value, cell[1].value, 1e-14, "farther off than what was measured");
  expect_ok(prop_thermal_cells(1, length + 3, cell + 3, &v));
  assert_int_equal(v.flags, PROP_FLAG_MISSING);
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_thermal_cells(1, (PetscReal[]){0.0}, cell, &v));
}

static void test_z(void **state)
{
  const prop_estimate a = {.mean = 5.0, .error = 0.3}, b = {.mean = 4.0, .error = 0.4},
                      none = {.mean = 4.0, .error = PROP_NAN};

  (void)state;
  expect_abs(prop_thermal_z(&a, &b), 2.0, 1e-12, "in errors of the difference");
  expect(isnan(prop_thermal_z(&a, &none)), "an error is not known");
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_calibration), cmocka_unit_test(test_gauge),
      cmocka_unit_test(test_dependent),   cmocka_unit_test(test_one),
      cmocka_unit_test(test_flags),       cmocka_unit_test(test_edges),
      cmocka_unit_test(test_length),      cmocka_unit_test(test_cells),
      cmocka_unit_test(test_z),
  };

  return expect_main(argc, argv, help, tests);
}
