/* tests/unit/properties/test_prop_series.c */
#include "properties/prop_series.h"
#include "tests/support/expect.h"
#include "tests/support/random.h"

static const char help[] = "Block doubling: exact means, bit-exact states, refusals\n";

static void fill(prop_series *series, PetscInt64 n, uint64_t seed)
{
  random_stream stream = {seed};

  for (PetscInt64 i = 0; i < n; i++) expect_ok(prop_series_add(series, random_normal(&stream)));
}

/* Sample i is i: block k of length L is k L + (L - 1)/2, exactly, whatever was merged. */
static void test_doubling(void **state)
{
  prop_series series;

  (void)state;
  expect_ok(prop_series_create(&series));
  for (PetscInt64 i = 0; i < 3 * PROP_SERIES_BLOCKS + 7; i++) {
    expect_ok(prop_series_add(&series, (PetscReal)i));
    expect(series.nsample == i + 1, "samples are counted");
    expect(series.nsample == series.nblock * series.length + series.npartial, "nothing is lost");
    expect(series.nblock < PROP_SERIES_BLOCKS, "blocks never run over");
  }
  expect(series.length == 4, "12295 samples need blocks of four");
  assert_int_equal(series.nblock, 3 * PROP_SERIES_BLOCKS / 4 + 1);
  for (PetscInt k = 0; k < series.nblock; k++) {
    expect_abs(series.block[k], 4.0 * k + 1.5, 0.0, "block of a ramp");
  }
  expect_abs(series.partial, 12292.0 + 12293.0 + 12294.0, 0.0, "sum of the block being filled");
  expect_ok(prop_series_clear(&series));
  expect_ok(prop_series_clear(&series));
}

/* Saved in the middle of a block of two and continued: the same bits as without. */
static void test_save_load(void **state)
{
  prop_series whole, part, copy;
  md_blob blob = {0};
  random_stream stream = {7};

  (void)state;
  expect_ok(prop_series_create(&whole));
  expect_ok(prop_series_create(&part));
  expect_ok(prop_series_create(&copy));
  fill(&copy, 5, 99); /* what was in it goes away */
  for (PetscInt i = 0; i < 9001; i++) {
    const PetscReal x = random_normal(&stream);

    expect_ok(prop_series_add(&whole, x));
    if (i == 5003) {
      expect(part.npartial == 1, "a block is being filled");
      expect_ok(prop_series_save(&part, &blob));
      expect_ok(prop_series_load(&copy, &blob));
    }
    expect_ok(prop_series_add(i < 5003 ? &part : &copy, x));
  }
  assert_int_equal(copy.nsample, whole.nsample);
  assert_int_equal(copy.length, whole.length);
  assert_int_equal(copy.nblock, whole.nblock);
  assert_int_equal(copy.npartial, whole.npartial);
  assert_memory_equal(&copy.partial, &whole.partial, sizeof(PetscReal));
  assert_memory_equal(copy.block, whole.block, (size_t)whole.nblock * sizeof(PetscReal));
  expect(blob.read == blob.size, "load reads what save wrote");
  expect_ok(md_blob_clear(&blob));
  expect_ok(prop_series_clear(&whole));
  expect_ok(prop_series_clear(&part));
  expect_ok(prop_series_clear(&copy));
}

static void expect_refused(prop_series *series, const prop_series *bad)
{
  md_blob blob = {0};

  expect_ok(prop_series_save(bad, &blob));
  expect_error(PETSC_ERR_FILE_UNEXPECTED, prop_series_load(series, &blob));
  expect(series->nsample == 0 && series->nblock == 0, "a refused state leaves the series empty");
  expect_ok(md_blob_clear(&blob));
}

static void test_bad_states(void **state)
{
  prop_series good, bad, series;
  md_blob blob = {0};

  (void)state;
  expect_ok(prop_series_create(&good));
  expect_ok(prop_series_create(&series));
  fill(&good, 100, 3);
  bad = good, bad.nsample++;
  expect_refused(&series, &bad);
  bad = good, bad.length = 3;
  expect_refused(&series, &bad);
  bad = good, bad.length = 2, bad.nsample = 200;
  expect_refused(&series, &bad); /* long blocks, but fewer than half of them */
  bad = good, bad.npartial = 1, bad.nsample++;
  expect_refused(&series, &bad);
  bad = good, bad.partial = PROP_NAN;
  expect_refused(&series, &bad);
  good.block[50] = (PetscReal)INFINITY;
  expect_refused(&series, &good);
  good.block[50] = 0.0;
  expect_ok(prop_series_save(&good, &blob));
  blob.size--;
  expect_error(PETSC_ERR_FILE_UNEXPECTED, prop_series_load(&series, &blob));
  expect_ok(md_blob_clear(&blob));
  expect_ok(md_blob_put_tag(&blob, "PRPMSD", 1));
  expect_error(PETSC_ERR_FILE_UNEXPECTED, prop_series_load(&series, &blob));
  expect_ok(md_blob_clear(&blob));
  expect_ok(prop_series_clear(&good));
  expect_ok(prop_series_clear(&series));
}

static char message[512];

static PetscErrorCode keep_message(MPI_Comm comm, int line, const char *function, const char *file,
                                   PetscErrorCode code, PetscErrorType type, const char *text,
                                   void *context)
{
  (void)comm, (void)line, (void)function, (void)file, (void)context;
  if (type == PETSC_ERROR_INITIAL) snprintf(message, sizeof(message), "%s", text);
  return code;
}

static void test_refuses_nan(void **state)
{
  prop_series series;
  PetscErrorCode ierr;

  (void)state;
  expect_ok(prop_series_create(&series));
  fill(&series, 41, 1);
  PetscPushErrorHandler(keep_message, NULL);
  ierr = prop_series_add(&series, PROP_NAN);
  PetscPopErrorHandler();
  assert_int_equal(ierr, PETSC_ERR_FP);
  assert_string_equal(message, "Sample 41 of a series is infinity or NaN");
  expect_error(PETSC_ERR_FP, prop_series_add(&series, -(PetscReal)INFINITY));
  assert_int_equal(series.nsample, 41);
  expect_ok(prop_series_clear(&series));
}

/* Short and constant series: a mean where there is one, never an error bar that is not known */
static void test_short(void **state)
{
  (void)state;
  for (PetscInt n = 0; n < PROP_SERIES_MIN; n++) {
    prop_series series;
    prop_estimate est;

    expect_ok(prop_series_create(&series));
    for (PetscInt i = 0; i < n; i++) expect_ok(prop_series_add(&series, (PetscReal)(i * i)));
    expect_ok(prop_series_estimate(&series, &est));
    if (n == 0)
      expect(isnan(est.mean), "no mean of nothing");
    else
      expect_abs(est.mean, (n - 1) * (2 * n - 1) / 6.0, 1e-14, "mean of the first squares");
    expect(isnan(est.error), "too short for an error bar");
    expect_abs(est.neff, 0.0, 0.0, "effective samples unknown");
    assert_int_equal(est.flags, PROP_FLAG_FEW_SAMPLES);
    expect_ok(prop_series_clear(&series));
  }
}

static void test_constant(void **state)
{
  (void)state;
  for (PetscInt n = PROP_SERIES_MIN; n < 20000; n *= 3) {
    prop_series series;
    prop_estimate est;

    expect_ok(prop_series_create(&series));
    for (PetscInt i = 0; i < n; i++) expect_ok(prop_series_add(&series, 0.1));
    expect_ok(prop_series_estimate(&series, &est));
    expect_near(est.mean, 0.1, 1e-14, "mean of equal samples");
    expect(isnan(est.error), "a constant has no known fluctuation");
    expect_abs(est.neff, 1.0, 0.0, "a constant is one sample");
    assert_int_equal(est.flags, PROP_FLAG_FEW_SAMPLES);
    expect_ok(prop_series_clear(&series));
  }
}

/* +1, -1, +1, ... has no positive pair of lags: g is held at 1.  Mean 0, c0 = 1, so that
   error = sqrt(1/n), variance = n/(n - 1), by hand. */
static void test_alternating(void **state)
{
  prop_series series;
  prop_estimate est;

  (void)state;
  expect_ok(prop_series_create(&series));
  for (PetscInt i = 0; i < 64; i++) expect_ok(prop_series_add(&series, i % 2 ? -1.0 : 1.0));
  expect_ok(prop_series_estimate(&series, &est));
  expect_abs(est.mean, 0.0, 1e-15, "mean");
  expect_near(est.error, 0.125, 1e-14, "error");
  expect_near(est.variance, 64.0 / 63.0, 1e-14, "variance");
  expect_near(est.neff, 64.0, 1e-14, "anticorrelation is not turned into more samples");
  expect_abs(est.discarded, 0.0, 0.0, "nothing to discard");
  assert_int_equal(est.flags, 0);
  expect_ok(prop_series_clear(&series));
}

/* Blocks known to be stationary: the same as a series of which nothing is discarded, and neighbours
   are merged where there are more blocks than a series has. */
static void test_stationary(void **state)
{
  static PetscReal x[3 * PROP_SERIES_BLOCKS];
  const PetscInt few = 1000, many = 3 * PROP_SERIES_BLOCKS;
  random_stream stream = {21};
  prop_series series;
  prop_estimate a, b;

  (void)state;
  expect_ok(prop_series_create(&series));
  for (PetscInt i = 0; i < many; i++) x[i] = random_normal(&stream);
  for (PetscInt i = 0; i < few; i++) expect_ok(prop_series_add(&series, x[i]));
  expect_ok(prop_series_estimate(&series, &a));
  expect_ok(prop_series_stationary(few, x, &b));
  expect(a.discarded == 0.0, "the example is stationary from the start");
  expect(a.mean == b.mean && a.error == b.error && a.neff == b.neff && a.flags == b.flags,
         "the same estimate");
  expect_ok(prop_series_clear(&series));
  expect_ok(prop_series_stationary(many, x, &b));
  expect_near(b.error, 1.0 / sqrt((PetscReal)many), 0.1, "merged blocks have the same error");
  expect(b.neff <= PROP_SERIES_BLOCKS, "of merged blocks");
  expect_ok(prop_series_stationary(3, x, &b));
  expect(isnan(b.error) && isfinite(b.mean) && b.flags == PROP_FLAG_FEW_SAMPLES, "three blocks");
  expect_ok(prop_series_stationary(0, x, &b));
  expect(isnan(b.mean), "no block");
  x[5] = PROP_NAN;
  expect_error(PETSC_ERR_FP, prop_series_stationary(10, x, &b));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_doubling),    cmocka_unit_test(test_save_load),
      cmocka_unit_test(test_bad_states),  cmocka_unit_test(test_refuses_nan),
      cmocka_unit_test(test_short),       cmocka_unit_test(test_constant),
      cmocka_unit_test(test_alternating), cmocka_unit_test(test_stationary),
  };

  return expect_main(argc, argv, help, tests);
}
