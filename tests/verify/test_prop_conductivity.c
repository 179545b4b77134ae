/* tests/verify/test_prop_conductivity.c - conductivity and Onsager matrix of made-up electrolytes
 *
 * Fractions of 200 repetitions are known to 0.033 (of 0.68) and 0.015 (of 0.95).
 */
#include "tests/support/expect.h"

#include "tests/support/ion_currents.h"

static const char help[] = "Currents with a known Onsager matrix\n";

enum { REPETITIONS = 200 };

static void test_calibration(void **state)
{
  ion_statistics s[ION_VALUES];

  (void)state;
  ion_collect(101, REPETITIONS, s);
  for (int i = 0; i < ION_TESTED; i++) {
    expect_abs(s[i].mean, s[i].truth, 0.4 * s[i].scatter, s[i].what);
    expect_abs(s[i].one, 0.68, 0.11, s[i].what);
    expect_abs(s[i].two, 0.95, 0.05, s[i].what);
  }
}

static ion_data *data(uint64_t seed)
{
  ion_data *d = malloc(sizeof(*d));
  random_stream stream = {seed};

  ion_fill(&stream, d);
  return d;
}

static prop_onsager onsager(const prop_ions *ions, const ion_data *d, prop_frame frame)
{
  const PetscBool solvent[] = {PETSC_FALSE, PETSC_FALSE, PETSC_TRUE};
  prop_onsager o;

  expect_ok(prop_onsager_create(ions, ION_REPLICAS, d->run, ION_STEP, frame, solvent, &o));
  return o;
}

/* Symmetric, without momentum, sigma and t consistent with it, all |z| small */
static void test_matrix(void **state)
{
  const prop_ions ions = ion_melt();
  ion_data *d = data(102);
  prop_onsager o = onsager(&ions, d, PROP_FRAME_BARYCENTRIC);
  PetscReal sigma = 0.0;

  (void)state;
  for (int s = 0; s < 3; s++) {
    PetscReal momentum = 0.0;

    for (int t = 0; t < 3; t++) {
      momentum += ion_mass[t] * o.l[3 * s + t];
      sigma += ion_charge[s] * ion_charge[t] * o.l[3 * s + t];
      expect(o.l[3 * s + t] == o.l[3 * t + s], "symmetric, to the bit");
      expect_abs(o.l[3 * s + t], ion_truth(s, t), 4.0 * o.error[3 * s + t], "element");
    }
    expect_abs(momentum, 0.0, 1e-9 * ion_mass[s] * o.l[3 * s + s], "no momentum");
  }
  expect_near(o.sigma, sigma, 1e-12, "conductivity");
  expect_near(o.transference[0] + o.transference[1], 1.0, 1e-12, "all current is carried");
  expect(o.transference[2] == 0.0 && isnan(o.transference_error[2]), "none by the solvent");
  expect(o.flags == 0 && o.neff > 100.0, "clean");
  assert_string_equal(prop_frame_name(o.frame), "barycentric");
  expect_ok(prop_onsager_clear(&o));
  expect_ok(prop_onsager_clear(&o));
  free(d);
}

/* The solvent rests; sigma is what it was; t as computed by hand from the barycentric matrix */
static void test_solvent_frame(void **state)
{
  const prop_ions ions = ion_melt();
  const PetscReal x = ion_number[0] / ion_number[2];
  ion_data *d = data(103);
  prop_onsager a = onsager(&ions, d, PROP_FRAME_BARYCENTRIC), b = onsager(&ions, d, 1);

  (void)state;
  expect_near(b.sigma, a.sigma, 1e-9, "conductivity is the same in every frame");
  expect_near(b.l[1], a.l[1] - x * a.l[2] - x * a.l[5] + x * x * a.l[8], 1e-9, "change of frame");
  expect_near(b.transference[0], a.transference[0] - x * (a.l[6] - a.l[7]) / a.sigma, 1e-9,
              "its transference");
  expect(fabs(b.transference[0] - a.transference[0]) > 0.01, "which is another");
  for (int t = 0; t < 3; t++) {
    expect(b.l[6 + t] == 0.0 && isnan(b.error[6 + t]), "the solvent does not move");
  }
  assert_string_equal(prop_frame_name(b.frame), "solvent");
  expect_ok(prop_onsager_clear(&a));
  expect_ok(prop_onsager_clear(&b));
  free(d);
}

/* A cell that drifts as a whole conducts no more, and charges that go with mass carry no current:
   q + c m is no neutral cell, but its current seen from the centre of mass is the same. */
static void test_invariance(void **state)
{
  const prop_ions ions = ion_melt();
  PetscReal shifted[3];
  prop_ions other = ions;
  ion_data *d = data(104);
  prop_onsager a = onsager(&ions, d, PROP_FRAME_BARYCENTRIC), b;
  prop_conductivity before, after;

  (void)state;
  expect_ok(prop_conductivity_estimate(&ions, ION_REPLICAS, d->run, ION_STEP, 3000.0, &before));
  for (int c = 0; c < 3 * ION_SPECIES; c++) {
    for (int i = 0; i < ION_BLOCKS; i++) {
      for (int r = 0; r < ION_REPLICAS; r++) d->x[r][c][i] += ion_number[c / 3] * 0.01 * (i % 7);
    }
  }
  b = onsager(&ions, d, PROP_FRAME_BARYCENTRIC);
  expect_ok(prop_conductivity_estimate(&ions, ION_REPLICAS, d->run, ION_STEP, 3000.0, &after));
  expect_near(after.primary.mean, before.primary.mean, 1e-7, "drift carries no current");
  for (int i = 0; i < 9; i++) expect_near(b.l[i], a.l[i], 1e-7, "nor any flux");
  for (int s = 0; s < 3; s++) shifted[s] = ion_charge[s] + 0.5 * ion_mass[s];
  {
    PetscReal sigma = 0.0;

    for (int s = 0; s < 3; s++) {
      for (int t = 0; t < 3; t++) sigma += shifted[s] * shifted[t] * a.l[3 * s + t];
    }
    expect_near(sigma, a.sigma, 1e-8, "charges that go with mass carry no current");
  }
  other.charge = shifted;
  expect_ok(prop_conductivity_estimate(&other, ION_REPLICAS, d->run, ION_STEP, 3000.0, &after));
  expect(isnan(after.primary.mean) && after.primary.flags & PROP_FLAG_MISSING, "not neutral");
  expect_ok(prop_onsager_clear(&a));
  expect_ok(prop_onsager_clear(&b));
  free(d);
}

/* Metal, mixed conductor, no charges, no replicas, too short, samples that are no numbers */
static void test_refused(void **state)
{
  const PetscReal none[] = {0.0, 0.0, 0.0};
  prop_ions ions = ion_melt();
  ion_data *d = data(105);
  prop_conductivity c;
  prop_onsager o;

  (void)state;
  ions.kind = PROP_IONIC_MIXED;
  expect_ok(prop_conductivity_estimate(&ions, ION_REPLICAS, d->run, ION_STEP, 3000.0, &c));
  expect(c.primary.mean > 0.0 && c.primary.flags == PROP_FLAG_MIXED_CONDUCTOR, "mixed");
  ions.kind = PROP_IONIC_METAL;
  expect_ok(prop_conductivity_estimate(&ions, ION_REPLICAS, d->run, ION_STEP, 3000.0, &c));
  expect(isnan(c.primary.mean) && c.primary.flags & PROP_FLAG_MISSING, "a metal is refused");
  o = onsager(&ions, d, PROP_FRAME_BARYCENTRIC);
  expect(isnan(o.l[0]) && isnan(o.sigma) && o.flags & PROP_FLAG_MISSING, "its matrix, too");
  expect_ok(prop_onsager_clear(&o));
  ions = ion_melt();
  ions.charge = none;
  expect_ok(prop_conductivity_estimate(&ions, ION_REPLICAS, d->run, ION_STEP, 3000.0, &c));
  expect(isnan(c.primary.mean) && c.primary.flags & PROP_FLAG_MISSING, "no ions");
  ions = ion_melt();
  expect_ok(prop_conductivity_estimate(&ions, 0, d->run, ION_STEP, 3000.0, &c));
  expect(isnan(c.primary.mean) && c.primary.flags & PROP_FLAG_MISSING, "no replicas");
  for (int r = 0; r < ION_REPLICAS; r++) d->run[r].n = 40;
  expect_ok(prop_conductivity_estimate(&ions, ION_REPLICAS, d->run, ION_STEP, 3000.0, &c));
  expect(isnan(c.primary.mean) && c.primary.flags & PROP_FLAG_FEW_SAMPLES, "too short");
  o = onsager(&ions, d, PROP_FRAME_BARYCENTRIC);
  expect(isnan(o.sigma) && o.flags & PROP_FLAG_FEW_SAMPLES, "too short for a matrix");
  expect_ok(prop_onsager_clear(&o));
  d->x[1][4][7] = PROP_NAN;
  expect_error(PETSC_ERR_FP,
               prop_conductivity_estimate(&ions, ION_REPLICAS, d->run, ION_STEP, 3000.0, &c));
  d->run[1].n = 39;
  expect_error(PETSC_ERR_ARG_INCOMP,
               prop_conductivity_estimate(&ions, ION_REPLICAS, d->run, ION_STEP, 3000.0, &c));
  free(d);
}

/* z, an integral that is cut too early, curves */
static void test_curves(void **state)
{
  const prop_ions ions = ion_melt();
  ion_data *d = data(106);
  prop_conductivity c;
  prop_spectrum spectrum;
  prop_running run;

  (void)state;
  expect_ok(prop_conductivity_estimate(&ions, ION_REPLICAS, d->run, ION_STEP, 60.0, &c));
  expect_abs(c.z_einstein,
             (c.einstein.estimate.mean - c.primary.mean) /
                 hypot(c.einstein.estimate.error, c.primary.error),
             1e-12, "z of the second method");
  expect(c.truncated.estimate.mean < 0.7 * c.primary.mean, "cut too early: too small");
  expect(c.truncated.estimate.flags & PROP_FLAG_NO_PLATEAU, "and flagged");
  expect_ok(prop_conductivity_running(&ions, ION_REPLICAS, d->run, ION_STEP, &run));
  expect_abs(run.mean[run.npoint / 2], ion_sigma(), 5.0 * run.error[run.npoint / 2], "plateau");
  expect_ok(prop_running_clear(&run));
  expect_ok(prop_conductivity_spectrum(&ions, ION_REPLICAS, d->run, ION_STEP, &spectrum));
  expect(spectrum.nreplica == ION_REPLICAS && spectrum.frequency[0] > 0.0, "without bin 0");
  expect_ok(prop_spectrum_clear(&spectrum));
  free(d);
}

/* By hand: 50 of either kind in 2e4 Å^3 at 300 K; SI by other constants */
static void test_nernst_einstein(void **state)
{
  const prop_ions ions = ion_melt();
  const prop_value d[] = {{1e-9, 1e-10, 30.0, PROP_FLAG_NO_SIZE_CORRECTION},
                          {3e-9, 1e-10, 60.0, PROP_FLAG_ONE_REPLICA},
                          {PROP_NAN, PROP_NAN, 0.0, PROP_FLAG_MISSING}};
  const PetscReal joint[9] = {1.0, 0.5, 0.0, 0.5, 1.0, 0.0, 0.0, 0.0, 1.0};
  const PetscReal factor = 50.0 * pow(1.602176634e-19, 2) / (2e4 * 1e-30 * 1.380649e-23 * 300.0);
  const prop_value sigma = {2.0 * factor * 1e-9, factor * 1e-10, 100.0, 0};
  prop_value ne, haven, bad[3] = {d[0], {PROP_NAN, PROP_NAN, 0.0, PROP_FLAG_MISSING}, d[2]};

  (void)state;
  expect_ok(prop_conductivity_nernst_einstein(&ions, 2e4, 300.0, d, NULL, &ne));
  expect_near(ne.value, factor * 4e-9, 1e-9, "Nernst-Einstein");
  expect_near(ne.error, factor * 1e-10 * sqrt(2.0), 1e-9, "its error");
  expect_near(ne.neff, 4.0 / (1.0 / 30.0 + 1.0 / 60.0), 1e-9, "neff");
  assert_int_equal(ne.flags, PROP_FLAG_ONE_REPLICA);
  expect_ok(prop_conductivity_haven(&ne, &sigma, 0.0, &haven));
  expect_near(haven.value, 2.0, 1e-9, "Haven ratio");
  expect_near(haven.error, 2.0 * sqrt(2.0 / 1600.0 + 1.0 / 400.0), 1e-9, "its error");
  expect_ok(prop_conductivity_nernst_einstein(&ions, 2e4, 300.0, d, joint, &ne));
  expect_near(ne.error, factor * 1e-10 * sqrt(3.0), 1e-9, "correlated errors");
  expect_ok(prop_conductivity_nernst_einstein(&ions, 2e4, 300.0, bad, NULL, &ne));
  assert_int_equal(ne.flags, PROP_FLAG_MISSING);
  expect_near(PROP_CONDUCTIVITY_SI, 1.602176634e-19 / (1e-10 * 1e-15), 1e-14, "S/m");
  expect_near(PROP_ONSAGER_SI, PROP_CONDUCTIVITY_SI / pow(MD_ELEMENTARY_CHARGE_C * MD_AVOGADRO, 2),
              1e-12, "sigma = F^2 sum z z L");
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_matrix),      cmocka_unit_test(test_solvent_frame),
      cmocka_unit_test(test_invariance),  cmocka_unit_test(test_refused),
      cmocka_unit_test(test_curves),      cmocka_unit_test(test_nernst_einstein),
      cmocka_unit_test(test_calibration),
  };

  return expect_main(argc, argv, help, tests);
}
