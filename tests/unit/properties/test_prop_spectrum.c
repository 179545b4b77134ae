/* tests/unit/properties/test_prop_spectrum.c - scale, degrees of freedom, merging, errors */
#include "properties/prop_spectrum.h"
#include "tests/support/expect.h"
#include "tests/support/random.h"

static const char help[] = "Pooled spectra against sums done by hand\n";

enum { N = 100, LONG_N = 5001 };

/* a^2 h/(2N) |sum x exp(-2 pi i k n/N)|^2 by the definition */
static double periodogram(int n, const double x[], double scale, double step, int k)
{
  double re = 0.0, im = 0.0;

  for (int i = 0; i < n; i++) {
    re += x[i] * cos(2.0 * PETSC_PI * k * i / n);
    im -= x[i] * sin(2.0 * PETSC_PI * k * i / n);
  }
  return scale * scale * step / (2.0 * n) * (re * re + im * im);
}

static void fill(uint64_t seed, int n, double x[])
{
  random_stream stream = {seed};

  for (int i = 0; i < n; i++) x[i] = random_normal(&stream);
}

/* Two replicas of one sequence each, with factors of their own; every bin by the definition */
static void test_definition(void **state)
{
  double x[2][N];
  const prop_sequence sequence[2] = {{N, x[0], 3.0}, {N, x[1], 0.5}};
  prop_spectrum s;

  (void)state;
  fill(1, N, x[0]);
  fill(2, N, x[1]);
  expect_ok(prop_spectrum_create(2, 1, sequence, 4.0, PETSC_TRUE, &s));
  assert_int_equal(s.nbin, N / 2 + 1); /* all of them single */
  for (int b = 0; b < s.nbin; b++) {
    const double one = periodogram(N, x[0], 3.0, 4.0, b), two = periodogram(N, x[1], 0.5, 4.0, b);

    expect_near(s.frequency[b], b / 400.0, 1e-14, "frequency of a bin");
    expect_abs(s.replica[b], one, 1e-11, "periodogram of the first replica");
    expect_abs(s.replica[s.nbin + b], two, 1e-11, "periodogram of the second replica");
    expect_abs(s.value[b], 0.5 * (one + two), 1e-11, "mean over replicas");
    expect_abs(s.dof[b], b == 0 || b == N / 2 ? 2.0 : 4.0, 0.0,
               "two degrees of freedom a sequence, one at zero and at the end");
  }
  expect_ok(prop_spectrum_clear(&s));
  expect_ok(prop_spectrum_clear(&s));
}

/* Parseval: the members of all bins add up to the variance, whatever is merged. */
static void test_merging(void **state)
{
  static double x[LONG_N];
  const prop_sequence sequence = {LONG_N, x, 2.0};
  double sum = 0.0, square = 0.0, points = 0.0;
  prop_spectrum s;

  (void)state;
  fill(3, LONG_N, x);
  for (int i = 0; i < LONG_N; i++) square += x[i] * x[i];
  expect_ok(prop_spectrum_create(1, 1, &sequence, 5.0, PETSC_TRUE, &s));
  for (PetscInt b = 0; b < s.nbin; b++) {
    sum += s.value[b] * s.dof[b];
    points += s.points[b];
    if (b > 0) expect(s.frequency[b] > s.frequency[b - 1], "frequencies ascend");
    expect(s.points[b] <= 1.0 + s.frequency[b] * 5.0 * LONG_N / PROP_SPECTRUM_SINGLE,
           "a merged bin is narrow");
  }
  expect_near(sum, 4.0 * 5.0 / 2.0 * square, 1e-12, "Parseval");
  expect_abs(points, (LONG_N + 1) * 0.5, 0.0, "every frequency is in one bin");
  expect(s.nbin < 300, "a few hundred bins");
  expect_ok(prop_spectrum_clear(&s));
  expect_ok(prop_spectrum_create(1, 1, &sequence, 5.0, PETSC_FALSE, &s));
  expect_near(s.frequency[0], 1.0 / (5.0 * LONG_N), 1e-14, "without the bin at zero");
  expect_ok(prop_spectrum_clear(&s));
}

static void test_resample(void **state)
{
  double x[3][N];
  const prop_sequence sequence[3] = {{N, x[0], 1.0}, {N, x[1], 1.0}, {N, x[2], 1.0}};
  const PetscInt drawn[2] = {2, 2}, wrong[1] = {3};
  prop_spectrum s, t;

  (void)state;
  for (int r = 0; r < 3; r++) fill(4 + (uint64_t)r, N, x[r]);
  expect_ok(prop_spectrum_create(3, 1, sequence, 1.0, PETSC_FALSE, &s));
  expect_ok(prop_spectrum_resample(&s, 2, drawn, &t));
  for (PetscInt b = 0; b < s.nbin; b++) {
    expect_near(t.value[b], s.replica[2 * s.nbin + b], 1e-15, "twice the same replica");
    expect_near(t.dof[b], s.dof[b] * 2.0 / 3.0, 1e-15, "degrees of freedom of two replicas");
    expect_abs(t.frequency[b], s.frequency[b], 0.0, "the same frequencies");
  }
  expect_ok(prop_spectrum_clear(&t));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_spectrum_resample(&s, 1, wrong, &t));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_spectrum_resample(&s, 0, drawn, &t));
  expect_ok(prop_spectrum_clear(&s));
}

static void test_errors(void **state)
{
  double x[N] = {0.0}, bad[N] = {0.0};
  prop_sequence two[2] = {{N, x, 1.0}, {N - 1, x, 1.0}};
  const prop_sequence few = {PROP_SPECTRUM_MIN - 1, x, 1.0};
  prop_spectrum s;

  (void)state;
  bad[7] = (double)NAN;
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_spectrum_create(0, 1, two, 1.0, PETSC_TRUE, &s));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_spectrum_create(1, 1, two, 0.0, PETSC_TRUE, &s));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_spectrum_create(1, 1, &few, 1.0, PETSC_TRUE, &s));
  expect_error(PETSC_ERR_ARG_INCOMP, prop_spectrum_create(1, 2, two, 1.0, PETSC_TRUE, &s));
  two[1] = (prop_sequence){N, bad, 1.0};
  expect_error(PETSC_ERR_FP, prop_spectrum_create(1, 2, two, 1.0, PETSC_TRUE, &s));
  two[1] = (prop_sequence){N, x, HUGE_VAL};
  expect_error(PETSC_ERR_FP, prop_spectrum_create(1, 2, two, 1.0, PETSC_TRUE, &s));
  expect(s.nbin == 0 && !s.value, "nothing is left of a spectrum that could not be made");
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_definition),
      cmocka_unit_test(test_merging),
      cmocka_unit_test(test_resample),
      cmocka_unit_test(test_errors),
  };

  return expect_main(argc, argv, help, tests);
}
