/* tests/unit/md/test_md_blob.c */
#include "tests/support/expect.h"

#include "md/md_blob.h"

static const char help[] =
    "Buffers of bytes: round trips, tags, and every refusal with its message\n";

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

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_round_trip),
      cmocka_unit_test(test_past_the_end),
      cmocka_unit_test(test_tags),
      cmocka_unit_test(test_foreign_bytes),
  };
  return expect_main(argc, argv, help, tests);
}
