#include "tests/unit/mtp/mtp_files.h"

static const char help[] = "Lists of messages: places, limits, printing\n";

static void test_places(void **state)
{
  mtp_diag diag = {0};

  (void)state;
  expect_ok(mtp_diag_add(&diag, NULL, 7, 8, "nowhere"));
  expect_ok(mtp_diag_add(&diag, "a.mtp", 0, 8, "file"));
  expect_ok(mtp_diag_add(&diag, "a.mtp", 7, 0, "line %d", 7));
  expect_ok(mtp_diag_add(&diag, "a.mtp", 7, 8, "%s", "column"));
  expect_messages(&diag, "nowhere\na.mtp: file\na.mtp:7: line 7\na.mtp:7:8: column\n");
  expect(diag.n == 0 && diag.text == NULL, "a cleared list is empty");
}

static void test_grows_and_ends(void **state)
{
  mtp_diag diag = {0};

  (void)state;
  for (int i = 1; i <= MTP_DIAG_MAX + 5; i++)
    expect_ok(mtp_diag_add(&diag, "f", i, 0, "message %d", i));
  expect(diag.n == MTP_DIAG_MAX, "the list ends");
  assert_string_equal(diag.text[0], "f:1: message 1");
  assert_string_equal(diag.text[MTP_DIAG_MAX - 2], "f:999: message 999");
  assert_string_equal(diag.text[MTP_DIAG_MAX - 1], "more problems are not listed");
  expect_ok(mtp_diag_clear(&diag));
}

static void test_long_message(void **state)
{
  mtp_diag diag = {0};
  char name[5001];

  (void)state;
  memset(name, 'x', 5000);
  name[5000] = 0;
  expect_ok(mtp_diag_add(&diag, name, 1, 0, "%s", name));
  expect(strlen(diag.text[0]) == 10004, "nothing is cut off");
  expect_ok(mtp_diag_clear(&diag));
}

static void test_print(void **state)
{
  mtp_diag diag = {0};
  FILE *out = tmpfile(), *full = fopen("/dev/full", "w");
  char *text;

  (void)state;
  expect(out != NULL, "a temporary file");
  expect_ok(mtp_diag_add(&diag, "f", 1, 0, "one"));
  expect_ok(mtp_diag_add(&diag, "f", 2, 0, "two"));
  expect_ok(mtp_diag_print(&diag, out));
  text = stream_text(out, NULL);
  assert_string_equal(text, "f:1: one\nf:2: two\n");
  if (full) {
    setvbuf(full, NULL, _IONBF, 0);
    expect_error(PETSC_ERR_FILE_WRITE, mtp_diag_print(&diag, full));
    fclose(full);
  }
  free(text);
  fclose(out);
  expect_ok(mtp_diag_clear(&diag));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_places),
      cmocka_unit_test(test_grows_and_ends),
      cmocka_unit_test(test_long_message),
      cmocka_unit_test(test_print),
  };

  return expect_main(argc, argv, help, tests);
}
