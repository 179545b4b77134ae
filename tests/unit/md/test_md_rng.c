/* tests/unit/md/test_md_rng.c
 *
 * The streams are fixed, so every figure below is reproducible; the bounds are five standard errors
 * of the estimate, which a wrong distribution of this size exceeds and a right one almost never. */
#include "tests/support/expect.h"

#include "md/md_rng.h"

static const char help[] = "Counter-based random numbers: known answers, moments, independence\n";

enum { N = 200000 };
static const md_rng rng = {.key = 0x0123456789abcdefULL};

static void check_bits(const uint32_t counter[4], const uint32_t key[2], const uint32_t want[4])
{
  uint32_t got[4];

  md_rng_philox(counter, key, got);
  for (int i = 0; i < 4; i++) assert_int_equal(got[i], want[i]);
}

/* The known-answer vectors of Random123 (file kat_vectors, "philox 4 32 10"). */
static void test_known_answers(void **state)
{
  (void)state;
  check_bits((const uint32_t[4]){0, 0, 0, 0}, (const uint32_t[2]){0, 0},
             (const uint32_t[4]){0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  check_bits((const uint32_t[4]){0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
             (const uint32_t[2]){0xffffffff, 0xffffffff},
             (const uint32_t[4]){0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  check_bits((const uint32_t[4]){0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
             (const uint32_t[2]){0xa4093822, 0x299f31d0},
             (const uint32_t[4]){0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

/* The layout of the counter is a promise: trajectories hang on it. */
static void test_counter_layout(void **state)
{
  const uint32_t counter[4] = {0x89abcdef, 0x01234567, 17, (uint32_t)MD_RNG_TEST << 24};
  const uint32_t key[2] = {0x89abcdef, 0x01234567};
  const uint64_t step = 0x0123456789abcdefULL;
  uint32_t word[4];
  PetscReal u[2];

  (void)state;
  md_rng_philox(counter, key, word);
  md_rng_uniform2(rng, MD_RNG_TEST, step, 17, u);
  for (int i = 0; i < 2; i++) {
    const uint64_t k = ((uint64_t)word[2 * i] << 32 | word[2 * i + 1]) >> 12;

    assert_true(u[i] * 0x1p53 == (double)(2 * k + 1));
  }
}

static void test_open_interval(void **state)
{
  PetscReal low = 1.0, high = 0.0, u[2];

  (void)state;
  for (uint32_t i = 0; i < N; i++) {
    md_rng_uniform2(rng, MD_RNG_TEST, 0, i, u);
    low = PetscMin(low, PetscMin(u[0], u[1]));
    high = PetscMax(high, PetscMax(u[0], u[1]));
    assert_true(u[0] > 0.0 && u[0] < 1.0 && u[1] > 0.0 && u[1] < 1.0);
    assert_true(fmod(u[0] * 0x1p53, 2.0) ==
                1.0); /* the last bit is in use and makes 0 impossible */
  }
  expect(low < 5.0 / N && high > 1.0 - 5.0 / N, "the ends of the interval are reached");
}

typedef void draw(uint64_t step, PetscReal out[2]);

static void draw_uniform(uint64_t step, PetscReal out[2])
{
  md_rng_uniform2(rng, MD_RNG_TEST, step, 3, out);
}

static void draw_normal2(uint64_t step, PetscReal out[2])
{
  md_rng_normal2(rng, MD_RNG_TEST, step, 3, out);
}

/* The last two of three, to see the sub-draw too. */
static void draw_normal3(uint64_t step, PetscReal out[2])
{
  PetscReal x[3];

  md_rng_normal3(rng, MD_RNG_TEST, step, 3, x);
  out[0] = x[1];
  out[1] = x[2];
}

/* Central moments m2, m4 of both numbers, and their covariance, against the exact ones. */
static void check_moments(draw *f, double mean, double m2, double m4, double m8, const char *what)
{
  double s[2][3] = {{0}}, cross = 0.0, lag = 0.0, before = 0.0;
  PetscReal x[2];

  for (int i = 0; i < N; i++) {
    f((uint64_t)i, x);
    for (int a = 0; a < 2; a++) {
      const double y = x[a] - mean;

      s[a][0] += y / N;
      s[a][1] += y * y / N;
      s[a][2] += y * y * y * y / N;
    }
    cross += (x[0] - mean) * (x[1] - mean) / N;
    lag += (x[0] - mean) * before / N;
    before = x[0] - mean;
  }
  for (int a = 0; a < 2; a++) {
    expect_abs(s[a][0], 0.0, 5.0 * sqrt(m2 / N), what);
    expect_abs(s[a][1], m2, 5.0 * sqrt((m4 - m2 * m2) / N), what);
    expect_abs(s[a][2], m4, 5.0 * sqrt((m8 - m4 * m4) / N), what);
  }
  expect_abs(cross, 0.0, 5.0 * m2 / sqrt(N), what);
  expect_abs(lag, 0.0, 5.0 * m2 / sqrt(N), what);
}

static void test_moments(void **state)
{
  (void)state;
  check_moments(draw_uniform, 0.5, 1.0 / 12.0, 1.0 / 80.0, 1.0 / 2304.0, "uniform moments");
  check_moments(draw_normal2, 0.0, 1.0, 3.0, 105.0, "normal2 moments");
  check_moments(draw_normal3, 0.0, 1.0, 3.0, 105.0, "normal3 moments");
}

/* Largest distance between the distribution of n samples and the normal one: the probability that
   sqrt(n) D exceeds 1.95 is 0.001 (Kolmogorov). */
static int compare_reals(const void *a, const void *b)
{
  const PetscReal x = *(const PetscReal *)a, y = *(const PetscReal *)b;

  return (x > y) - (x < y);
}

static void test_normal_distribution(void **state)
{
  enum { M = 3 * 20000 };
  static PetscReal x[M];
  double worst = 0.0;

  (void)state;
  for (uint32_t i = 0; i < M / 3; i++) md_rng_normal3(rng, MD_RNG_TEST, 1, i, &x[3 * i]);
  qsort(x, M, sizeof(x[0]), compare_reals);
  for (int i = 0; i < M; i++) {
    const double p = 0.5 * erfc(-x[i] / sqrt(2.0));

    worst = fmax(worst, fmax(fabs(p - (double)i / M), fabs(p - (i + 1.0) / M)));
  }
  expect_abs(worst * sqrt(M), 0.0, 1.95, "Kolmogorov distance of normal3 from the normal");
}

/* Covariance of two streams of normals that differ in one part of the question. */
static double covariance(md_rng other, md_rng_purpose purpose, uint64_t step, uint32_t index)
{
  double sum = 0.0;

  for (uint32_t i = 0; i < N; i++) {
    PetscReal a[2], b[2];

    md_rng_normal2(rng, MD_RNG_TEST, i, 0, a);
    md_rng_normal2(other, purpose, i + step, index, b);
    sum += a[0] * b[0] / N;
  }
  return sum;
}

static void test_independence(void **state)
{
  const double five = 5.0 / sqrt(N);
  PetscReal a[2], b[2], c[3];

  (void)state;
  expect_abs(covariance(rng, MD_RNG_TEST, 0, 0), 1.0, 5.0 * sqrt(2.0 / N), "the same question");
  expect_abs(covariance(rng, MD_RNG_PACK, 0, 0), 0.0, five, "another purpose");
  expect_abs(covariance(rng, MD_RNG_TEST, 1ULL << 32, 0), 0.0, five, "another step");
  expect_abs(covariance(rng, MD_RNG_TEST, 0, 1), 0.0, five, "another index");
  expect_abs(covariance(md_rng_derive(rng, 1), MD_RNG_TEST, 0, 0), 0.0, five, "another key");
  md_rng_normal2(rng, MD_RNG_TEST, 9, 9, a);
  md_rng_normal2(rng, MD_RNG_TEST, 9, 9, b);
  assert_memory_equal(a, b, sizeof(a));
  md_rng_normal3(rng, MD_RNG_TEST, 9, 9, c);
  expect(a[0] != c[0], "normal2 and normal3 have streams of their own");
}

/* Mean n and variance 2n, kurtosis included in the error of the variance: the fourth central moment
   of chi^2_n is 12 n (n + 4). */
static void check_chi2(PetscInt n)
{
  const double m2 = 2.0 * n, m4 = 12.0 * n * (n + 4.0);
  double mean = 0.0, variance = 0.0;
  char what[64];

  for (uint32_t i = 0; i < N; i++) {
    const double y = md_rng_chi2(rng, MD_RNG_TEST, 5, i, n) - n;

    assert_true(y > -n);
    mean += y / N;
    variance += y * y / N;
  }
  snprintf(what, sizeof(what), "mean of chi2 with n = %d", (int)n);
  expect_abs(mean, 0.0, 5.0 * sqrt(m2 / N), what);
  snprintf(what, sizeof(what), "variance of chi2 with n = %d", (int)n);
  expect_abs(variance, m2, 5.0 * sqrt((m4 - m2 * m2) / N), what);
}

static void test_chi2_moments(void **state)
{
  const PetscInt n[] = {1, 2, 3, 4, 7, 300, 2493, 1000000};

  (void)state;
  for (size_t i = 0; i < sizeof(n) / sizeof(n[0]); i++) check_chi2(n[i]);
  assert_true(md_rng_chi2(rng, MD_RNG_TEST, 5, 0, 0) == 0.0);
  assert_true(md_rng_chi2(rng, MD_RNG_TEST, 5, 1, 5) == md_rng_chi2(rng, MD_RNG_TEST, 5, 1, 5));
}

/* P(chi2_3 < x) = erf(sqrt(x/2)) - sqrt(2x/pi) exp(-x/2): the shape below that the rejection has to
   get right, not only two moments. */
static void test_chi2_distribution(void **state)
{
  enum { M = 50000 };
  static PetscReal x[M];
  double worst = 0.0;

  (void)state;
  for (uint32_t i = 0; i < M; i++) x[i] = md_rng_chi2(rng, MD_RNG_TEST, 6, i, 3);
  qsort(x, M, sizeof(x[0]), compare_reals);
  for (int i = 0; i < M; i++) {
    const double p = erf(sqrt(0.5 * x[i])) - sqrt(2.0 * x[i] / M_PI) * exp(-0.5 * x[i]);

    worst = fmax(worst, fmax(fabs(p - (double)i / M), fabs(p - (i + 1.0) / M)));
  }
  expect_abs(worst * sqrt(M), 0.0, 1.95, "Kolmogorov distance of chi2 from its distribution");
}

static int compare_keys(const void *a, const void *b)
{
  const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

  return (x > y) - (x < y);
}

static void test_derive(void **state)
{
  enum { M = 20000 };
  static uint64_t key[M];
  const md_rng ab = md_rng_derive(md_rng_derive(rng, 1), 2);
  const md_rng ba = md_rng_derive(md_rng_derive(rng, 2), 1);

  (void)state;
  assert_true(md_rng_derive(rng, 1).key == md_rng_derive(rng, 1).key);
  assert_true(ab.key != ba.key);
  assert_true(md_rng_derive(rng, 1).key != md_rng_derive(rng, 1ULL << 32 | 1).key);
  assert_true(md_rng_derive(rng, 0).key != rng.key);
  for (uint64_t i = 0; i < M; i++) key[i] = md_rng_derive(rng, i).key;
  qsort(key, M, sizeof(key[0]), compare_keys);
  for (int i = 1; i < M; i++) assert_true(key[i] != key[i - 1]);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_known_answers),
      cmocka_unit_test(test_counter_layout),
      cmocka_unit_test(test_open_interval),
      cmocka_unit_test(test_moments),
      cmocka_unit_test(test_normal_distribution),
      cmocka_unit_test(test_independence),
      cmocka_unit_test(test_chi2_moments),
      cmocka_unit_test(test_chi2_distribution),
      cmocka_unit_test(test_derive),
  };
  return expect_main(argc, argv, help, tests);
}
