/* tests/unit/md/test_md_blob.c */
#include "tests/support/expect.h"

#include "md/md_blob.h"

static const char help[] =
    "Buffers of bytes: round trips, tags, sealed blocks, and every refusal with its message\n";

static char message[2048];

static PetscErrorCode keep_message(MPI_Comm comm, int line, const char *function, const char *file,
                                   PetscErrorCode code, PetscErrorType type, const char *text,
                                   void *context)
{
  (void)comm, (void)line, (void)function, (void)file, (void)context;
  if (type == PETSC_ERROR_INITIAL) snprintf(message, sizeof(message), "%s", text);
  return code;
}

#define expect_refusal(code, text, ...)                                                            \
  do {                                                                                             \
    PetscErrorCode refusal_;                                                                       \
    message[0] = '\0';                                                                             \
    PetscPushErrorHandler(keep_message, NULL);                                                     \
    refusal_ = (__VA_ARGS__);                                                                      \
    PetscPopErrorHandler();                                                                        \
    assert_int_equal(refusal_, code);                                                              \
    assert_string_equal(message, text);                                                            \
  } while (0)

static void test_round_trip(void **state)
{
  enum { N = 5000 };
  md_blob blob = {0}, view = {0};
  const double tenth = 0.1;
  double back;

  (void)state;
  for (int i = 0; i < N; i++) {
    expect_ok(md_blob_put(&blob, &i, sizeof(i)));
    expect_ok(md_blob_put(&blob, &tenth, sizeof(tenth)));
  }
  assert_int_equal(blob.size, N * (sizeof(int) + sizeof(double)));
  assert_int_equal(blob.capacity, 65536); /* doubled, not grown put by put: the cost stays linear */
  md_blob_view(&view, blob.data, blob.size);
  for (int i = 0; i < N; i++) {
    int got;

    expect_ok(md_blob_get(&view, &got, sizeof(got)));
    expect_ok(md_blob_get(&view, &back, sizeof(back)));
    assert_int_equal(got, i);
    assert_memory_equal(&back, &tenth, sizeof(back));
  }
  assert_int_equal(view.read, view.size);
  expect_ok(md_blob_clear(&view)); /* borrowed: leaves the bytes alone */
  assert_null(view.data);
  assert_int_equal(blob.data[sizeof(int)], ((const unsigned char *)&tenth)[0]);
  expect_ok(md_blob_clear(&blob));
  expect_ok(md_blob_clear(&blob));
}

static void test_past_the_end(void **state)
{
  md_blob blob = {0};
  int x[2] = {7, 8};

  (void)state;
  expect_ok(md_blob_put(&blob, x, sizeof(x[0])));
  expect_ok(md_blob_put(&blob, NULL, 0));
  expect_refusal(PETSC_ERR_FILE_UNEXPECTED,
                 "Saved state ends too early: 8 bytes wanted at byte 0, 4 left",
                 md_blob_get(&blob, x, sizeof(x)));
  expect_refusal(PETSC_ERR_FILE_UNEXPECTED,
                 "Saved state ends too early: 18446744073709551615 bytes wanted at byte 0, 4 left",
                 md_blob_get(&blob, x, SIZE_MAX));
  x[0] = 0;
  expect_ok(md_blob_get(&blob, x, sizeof(x[0]))); /* the refusals did not move the position */
  assert_int_equal(x[0], 7);
  expect_ok(md_blob_get(&blob, NULL, 0));
  expect_ok(md_blob_clear(&blob));
}

static void test_tags(void **state)
{
  md_blob blob = {0};

  (void)state;
  expect_ok(md_blob_put_tag(&blob, "md_run", 3));
  expect_ok(md_blob_put_tag(&blob, "eightletters", 1)); /* cut to eight */
  expect_refusal(PETSC_ERR_FILE_UNEXPECTED,
                 "Saved state has \"md_run\" version 3 at byte 0, wanted \"md_run\" version 4",
                 md_blob_expect_tag(&blob, "md_run", 4));
  expect_refusal(PETSC_ERR_FILE_UNEXPECTED,
                 "Saved state has \"md_run\" version 3 at byte 0, wanted \"md_runs\" version 3",
                 md_blob_expect_tag(&blob, "md_runs", 3));
  expect_ok(md_blob_expect_tag(&blob, "md_run", 3));
  expect_ok(md_blob_expect_tag(&blob, "eightlet", 1));
  expect_refusal(PETSC_ERR_FILE_UNEXPECTED,
                 "Saved state ends too early: \"more\" version 1 wanted at byte 24, 0 bytes left",
                 md_blob_expect_tag(&blob, "more", 1));
  expect_ok(md_blob_clear(&blob));
}

static void test_foreign_bytes(void **state)
{
  const unsigned char bytes[12] = {0xff, '\n', 'x', 0, 1, 2, 3, 4, 1, 0, 0, 0};
  md_blob view = {0};

  (void)state;
  md_blob_view(&view, bytes, sizeof(bytes));
  expect_refusal(PETSC_ERR_FILE_UNEXPECTED,
                 "Saved state has \"?\?x\" version 1 at byte 0, wanted \"md_run\" version 1",
                 md_blob_expect_tag(&view, "md_run", 1));
  expect_refusal(PETSC_ERR_ARG_WRONGSTATE,
                 "A saved state that is a view of borrowed memory cannot be written to",
                 md_blob_put(&view, bytes, 1));
  expect_ok(md_blob_clear(&view));
}

/* A block of 5 bytes inside one that holds a number before and after it, at byte 3 of the blob. */
static md_blob sealed_blocks(void)
{
  const double number = 0.1;
  md_blob blob = {0};
  size_t outer, inner;

  expect_ok(md_blob_put(&blob, "abc", 3));
  expect_ok(md_blob_seal_begin(&blob, &outer));
  expect_ok(md_blob_put(&blob, &number, sizeof(number)));
  expect_ok(md_blob_seal_begin(&blob, &inner));
  expect_ok(md_blob_put(&blob, "hello", 5));
  expect_ok(md_blob_seal_end(&blob, inner));
  expect_ok(md_blob_put(&blob, &number, sizeof(number)));
  expect_ok(md_blob_seal_end(&blob, outer));
  return blob;
}

static void test_sealed(void **state)
{
  md_blob blob = sealed_blocks(), outer = {0}, inner = {0};
  double number = 0.0;
  char text[5];
  size_t at;

  (void)state;
  assert_int_equal(blob.size, 3 + 2 * 24 + 16 + 5);
  expect_ok(md_blob_get(&blob, text, 3));
  expect_ok(md_blob_open(&blob, &outer));
  assert_int_equal(blob.read, blob.size);
  expect_ok(md_blob_get(&outer, &number, sizeof(number)));
  assert_true(number == 0.1);
  expect_ok(md_blob_open(&outer, &inner));
  assert_int_equal(inner.size, 5);
  expect_ok(md_blob_get(&inner, text, 5));
  assert_memory_equal(text, "hello", 5);
  expect_ok(md_blob_get(&outer, &number, sizeof(number)));
  assert_int_equal(outer.read, outer.size);
  expect_refusal(PETSC_ERR_ARG_WRONGSTATE, "No sealed block begins at byte 50 of 72",
                 md_blob_seal_end(&blob, 50));
  expect_ok(md_blob_clear(&blob));

  expect_ok(md_blob_seal_begin(&blob, &at)); /* nothing in it */
  expect_ok(md_blob_seal_end(&blob, at));
  expect_ok(md_blob_open(&blob, &inner));
  assert_int_equal(inner.size, 0);
  expect_ok(md_blob_clear(&blob));
}

/* CRC-32 as zlib, gzip and PNG have it, over tag, length and content: these bytes are from Python's
   zlib.crc32. */
static void test_sealed_bytes(void **state)
{
  static const unsigned char want[33] = {'l', 'q',  's',  'e',  'a',  'l', 'e', 'd', 1,   0,   0,
                                         0,   0x33, 0xa1, 0xd9, 0xfa, 9,   0,   0,   0,   0,   0,
                                         0,   0,    '1',  '2',  '3',  '4', '5', '6', '7', '8', '9'};
  md_blob blob = {0};
  size_t at;

  (void)state;
  expect_ok(md_blob_seal_begin(&blob, &at));
  expect_ok(md_blob_put(&blob, "123456789", 9));
  expect_ok(md_blob_seal_end(&blob, at));
  assert_int_equal(blob.size, sizeof(want));
  assert_memory_equal(blob.data, want, sizeof(want));
  expect_ok(md_blob_clear(&blob));
}

static void test_sealed_damage(void **state)
{
  md_blob blob = sealed_blocks(), view = {0}, inside = {0};
  char text[128];

  (void)state;
  blob.read = 3;
  for (size_t size = 3; size < blob.size; size++) {
    md_blob_view(&view, blob.data, size);
    view.read = 3;
    expect_error(PETSC_ERR_FILE_UNEXPECTED, md_blob_open(&view, &inside));
    assert_int_equal(view.read, 3);
  }
  expect_refusal(PETSC_ERR_FILE_UNEXPECTED,
                 "Saved state is cut short: 45 bytes wanted at byte 27, 44 left",
                 md_blob_open(&view, &inside));
  for (size_t bit = 8 * 3; bit < 8 * blob.size; bit++) {
    blob.data[bit / 8] ^= (unsigned char)(1u << bit % 8);
    expect_error(PETSC_ERR_FILE_UNEXPECTED, md_blob_open(&blob, &inside));
    assert_int_equal(blob.read, 3);
    blob.data[bit / 8] ^= (unsigned char)(1u << bit % 8);
  }
  blob.data[71] ^= 1;
  snprintf(text, sizeof(text),
           "Saved state is damaged: the checksum of the 45 bytes at byte 27 differs");
  expect_refusal(PETSC_ERR_FILE_UNEXPECTED, text, md_blob_open(&blob, &inside));
  blob.data[71] ^= 1;
  expect_ok(md_blob_open(&blob, &inside));
  expect_ok(md_blob_clear(&blob));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_round_trip),    cmocka_unit_test(test_past_the_end),
      cmocka_unit_test(test_tags),          cmocka_unit_test(test_foreign_bytes),
      cmocka_unit_test(test_sealed),        cmocka_unit_test(test_sealed_bytes),
      cmocka_unit_test(test_sealed_damage),
  };
  return expect_main(argc, argv, help, tests);
}
