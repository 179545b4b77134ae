/* tests/unit/properties/test_prop_stream.c */
#include "properties/prop.h"
#include "properties/prop_channels.h"
#include "tests/support/expect.h"
#include "tests/support/random.h"

static const char help[] = "Streams of several channels: exact means, bit-exact states, refusals\n";

enum { M = 3 };

static void draw(random_stream *random, PetscReal sample[M])
{
  for (PetscInt c = 0; c < M; c++) sample[c] = random_normal(random);
}

static void fill(prop_stream *stream, PetscInt64 n, uint64_t seed)
{
  random_stream random = {seed};
  PetscReal sample[M];

  for (PetscInt64 i = 0; i < n; i++) {
    draw(&random, sample);
    expect_ok(prop_stream_add(stream, sample));
  }
}

static void expect_same(const prop_stream *a, const prop_stream *b)
{
  assert_int_equal(a->nchannel, b->nchannel);
  assert_int_equal(a->first, b->first);
  assert_int_equal(a->length, b->length);
  assert_int_equal(a->nsample, b->nsample);
  assert_int_equal(a->nblock, b->nblock);
  assert_int_equal(a->npartial, b->npartial);
  assert_memory_equal(&a->sample_time, &b->sample_time, sizeof(PetscReal));
  assert_memory_equal(a->origin, b->origin, M * sizeof(PetscReal));
  assert_memory_equal(a->partial, b->partial, M * sizeof(PetscReal));
  assert_memory_equal(a->block, b->block, (size_t)(a->nblock * M) * sizeof(PetscReal));
}

/* The first block is 10 fs; a sample that is longer is a block of its own. */
static void test_first_block(void **state)
{
  const PetscReal dt[] = {0.05, 1.0, 2.0, 4.0, 10.0, 30.0};
  const PetscInt64 first[] = {200, 10, 5, 3, 1, 1};
  prop_stream stream;

  (void)state;
  for (int k = 0; k < 6; k++) {
    expect_ok(prop_stream_create(1, dt[k], &stream));
    assert_int_equal(stream.length, first[k]);
    expect_near(prop_stream_block_time(&stream), dt[k] * (double)first[k], 1e-15, "block length");
    expect_ok(prop_stream_clear(&stream));
  }
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_stream_create(0, 1.0, &stream));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE,
               prop_stream_create(PROP_STREAM_CHANNELS + 1, 1.0, &stream));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_stream_create(1, 0.0, &stream));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_stream_create(1, PROP_NAN, &stream));
}

/* Channel c of sample i is (c + 1) i: block k of length L is (c + 1) (k L + (L - 1)/2), exactly,
   whatever was merged.  Nothing is lost and memory has an end. */
static void test_doubling(void **state)
{
  const PetscInt64 n = 2 * (5 * (PetscInt64)PROP_STREAM_BLOCKS) + 13;
  PetscReal sample[M], *x;
  prop_stream stream;

  (void)state;
  expect_ok(prop_stream_create(M, 5.0, &stream));
  for (PetscInt64 i = 0; i < n; i++) {
    PetscInt64 length;
    PetscInt nblock;

    for (PetscInt c = 0; c < M; c++) sample[c] = (PetscReal)((c + 1) * i);
    expect_ok(prop_stream_add(&stream, sample));
    prop_stream_shape(5.0, i + 1, &length, &nblock);
    expect(length == stream.length && nblock == stream.nblock, "the shape is known beforehand");
    expect(stream.nsample == stream.nblock * stream.length + stream.npartial, "nothing is lost");
    expect(stream.nblock < PROP_STREAM_BLOCKS, "blocks never run over");
    expect(stream.capacity <= PROP_STREAM_BLOCKS, "memory has an end");
  }
  assert_int_equal(stream.first, 2);
  assert_int_equal(stream.length, 16);
  assert_int_equal(stream.nblock, n / 16);
  assert_int_equal(stream.npartial, n % 16);
  expect_ok(PetscMalloc1(stream.nblock, &x));
  for (PetscInt c = 0; c < M; c++) {
    expect_ok(prop_stream_channel(&stream, c, x));
    for (PetscInt k = 0; k < stream.nblock; k++)
      expect_abs(x[k], (c + 1) * (16.0 * k + 7.5), 0.0, "block of a ramp");
  }
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_stream_channel(&stream, M, x));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_stream_channel(&stream, -1, x));
  expect_ok(PetscFree(x));
  expect_ok(prop_stream_clear(&stream));
  expect_ok(prop_stream_clear(&stream));
}

/* Saved in the middle of a block, before and after a doubling, and continued: the same bits. */
static void test_save_load(void **state)
{
  const PetscInt64 n = 3 * (PetscInt64)PROP_STREAM_BLOCKS + 17;
  const PetscInt64 cut[] = {0, 1, 1003, 65535, 65536, 65539, n};
  prop_stream whole, part, copy = {0};
  PetscReal sample[M];

  (void)state;
  expect_ok(prop_stream_create(M, 5.0, &whole));
  fill(&whole, n, 7);
  for (int k = 0; k < 7; k++) {
    random_stream random = {7};
    md_blob blob = {0};

    expect_ok(prop_stream_create(M, 5.0, &part));
    for (PetscInt64 i = 0; i < cut[k]; i++) {
      draw(&random, sample);
      expect_ok(prop_stream_add(&part, sample));
    }
    expect_ok(prop_stream_save(&part, &blob));
    expect_ok(prop_stream_load(&copy, &blob)); /* what was in it goes away */
    expect(blob.read == blob.size, "load reads what save wrote");
    expect_same(&copy, &part);
    for (PetscInt64 i = cut[k]; i < n; i++) {
      draw(&random, sample);
      expect_ok(prop_stream_add(&copy, sample));
    }
    expect_same(&copy, &whole);
    expect_ok(md_blob_clear(&blob));
    expect_ok(prop_stream_clear(&part));
  }
  expect_ok(prop_stream_clear(&whole));
  expect_ok(prop_stream_clear(&copy));
}

static void expect_refused(const prop_stream *bad)
{
  prop_stream stream = {0};
  md_blob blob = {0};

  expect_ok(prop_stream_save(bad, &blob));
  expect_error(PETSC_ERR_FILE_UNEXPECTED, prop_stream_load(&stream, &blob));
  expect(stream.nsample == 0 && stream.nblock == 0, "a refused state leaves the stream empty");
  expect_ok(prop_stream_clear(&stream));
  expect_ok(md_blob_clear(&blob));
}

static void test_bad_heads(void **state)
{
  prop_stream good, bad;

  (void)state;
  expect_ok(prop_stream_create(M, 5.0, &good));
  fill(&good, 101, 3);
  bad = good, bad.nsample++;
  expect_refused(&bad);
  bad = good, bad.length = 3, bad.nsample = 151;
  expect_refused(&bad); /* not twice the first length, or four times, ... */
  bad = good, bad.length = 4, bad.nsample = 201;
  expect_refused(&bad); /* long blocks, but fewer than half of them */
  bad = good, bad.first = 0;
  expect_refused(&bad);
  bad = good, bad.npartial = 2, bad.nsample++;
  expect_refused(&bad);
  bad = good, bad.sample_time = -5.0;
  expect_refused(&bad);
  bad = good, bad.nblock = 0, bad.nsample = 1, bad.nchannel = 0;
  expect_refused(&bad);
  good.partial[1] = PROP_NAN;
  expect_refused(&good);
  good.partial[1] = 0.0, good.origin[2] = (PetscReal)INFINITY;
  expect_refused(&good);
  good.origin[2] = 0.0, good.block[3 * M + 1] = PROP_NAN;
  expect_refused(&good);
  expect_ok(prop_stream_clear(&good));
}

/* Every shortened blob is refused, and one of another object. */
static void test_cut_short(void **state)
{
  prop_stream good, stream = {0};
  md_blob blob = {0};
  size_t size;

  (void)state;
  expect_ok(prop_stream_create(M, 5.0, &good));
  fill(&good, 9, 3);
  expect_ok(prop_stream_save(&good, &blob));
  size = blob.size;
  for (blob.size = 0; blob.size < size; blob.size++) {
    blob.read = 0;
    expect_error(PETSC_ERR_FILE_UNEXPECTED, prop_stream_load(&stream, &blob));
  }
  blob.read = 0;
  expect_ok(prop_stream_load(&stream, &blob));
  expect_same(&stream, &good);
  expect_ok(md_blob_clear(&blob));
  expect_ok(md_blob_put_tag(&blob, "PRPMSD", 1));
  expect_error(PETSC_ERR_FILE_UNEXPECTED, prop_stream_load(&stream, &blob));
  expect_ok(md_blob_clear(&blob));
  expect_ok(prop_stream_clear(&good));
  expect_ok(prop_stream_clear(&stream));
}

static void test_refuses_nan(void **state)
{
  PetscReal sample[M] = {1.0, PROP_NAN, 2.0};
  prop_stream stream, copy;

  (void)state;
  expect_ok(prop_stream_create(M, 5.0, &stream));
  expect_ok(prop_stream_create(M, 5.0, &copy));
  fill(&stream, 41, 1);
  fill(&copy, 41, 1);
  expect_error(PETSC_ERR_FP, prop_stream_add(&stream, sample));
  sample[1] = -(PetscReal)INFINITY;
  expect_error(PETSC_ERR_FP, prop_stream_add(&stream, sample));
  expect_same(&stream, &copy);
  expect_ok(prop_stream_clear(&stream));
  expect_ok(prop_stream_clear(&copy));
}

/* Blocks made longer are means of what they were. */
static void test_coarsen(void **state)
{
  prop_stream stream;
  PetscReal x[12], y[12];

  (void)state;
  expect_ok(prop_stream_create(M, 10.0, &stream));
  fill(&stream, 11, 5);
  expect_ok(prop_stream_channel(&stream, 2, x));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_stream_coarsen(&stream, 3));
  expect_ok(prop_stream_coarsen(&stream, 1));
  assert_int_equal(stream.nblock, 11);
  expect_ok(prop_stream_coarsen(&stream, 4));
  assert_int_equal(stream.nblock, 2);
  expect_abs(prop_stream_block_time(&stream), 40.0, 0.0, "length of a block");
  expect_ok(prop_stream_channel(&stream, 2, y));
  for (int k = 0; k < 2; k++)
    expect_abs(y[k], (x[4 * k] + x[4 * k + 1] + x[4 * k + 2] + x[4 * k + 3]) / 4.0, 1e-15,
               "mean of four blocks");
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_stream_coarsen(&stream, 2));
  expect_ok(prop_stream_clear(&stream));
}

/* Channels follow each other without a gap. */
static void test_channels(void **state)
{
  prop_stream stream;

  (void)state;
  for (PetscInt n = 1; n < 5; n++) {
    assert_int_equal(prop_nve_current(0), 6);
    assert_int_equal(prop_nve_current(n), prop_nve_temperature(n));
    assert_int_equal(prop_nve_potential(n), prop_nve_temperature(n) + 1);
    assert_int_equal(prop_nve_channels(n, PETSC_FALSE), 3 * n + 8);
    assert_int_equal(prop_nve_channels(n, PETSC_TRUE), 3 * n + 11);
    assert_int_equal(prop_nve_heat(n), 3 * n + 8);
    expect_ok(prop_stream_create(prop_nve_channels(n, PETSC_TRUE), 1.0, &stream));
    expect(prop_nve_has_heat(&stream, n), "with heat");
    expect_ok(prop_stream_clear(&stream));
    expect_ok(prop_stream_create(prop_nve_channels(n, PETSC_FALSE), 1.0, &stream));
    expect(!prop_nve_has_heat(&stream, n), "without");
    expect_ok(prop_stream_clear(&stream));
  }
  assert_int_equal(PROP_NPT_CHANNELS, 7);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_first_block), cmocka_unit_test(test_doubling),
      cmocka_unit_test(test_save_load),   cmocka_unit_test(test_bad_heads),
      cmocka_unit_test(test_cut_short),   cmocka_unit_test(test_refuses_nan),
      cmocka_unit_test(test_coarsen),     cmocka_unit_test(test_channels),
  };

  return expect_main(argc, argv, help, tests);
}
