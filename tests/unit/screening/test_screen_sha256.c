/* tests/unit/screening/test_screen_sha256.c */
#include <errno.h>
#include <unistd.h>

#include "screening/screen_sha256.h"
#include "tests/support/expect.h"

static const char about[] = "SHA-256 against the examples of FIPS 180-4\n";

static const struct {
  const char *text, *hex;
} vectors[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};
enum { NVECTOR = sizeof(vectors) / sizeof(vectors[0]) };

static void test_memory(void **state)
{
  unsigned char digest[SCREEN_SHA256_SIZE];
  char hex[65];

  (void)state;
  for (size_t i = 0; i < NVECTOR; i++) {
    screen_sha256(vectors[i].text, strlen(vectors[i].text), digest);
    screen_sha256_hex(digest, hex);
    assert_string_equal(hex, vectors[i].hex);
  }
}

/* A million times "a" crosses many blocks of the reader. */
static void test_file(void **state)
{
  const char *path = "test_screen_sha256.tmp";
  char hex[65];
  FILE *out = fopen(path, "wb");
  int error;

  (void)state;
  assert_non_null(out);
  for (int i = 0; i < 1000000; i++) fputc('a', out);
  fclose(out);
  expect_ok(screen_sha256_file(path, hex, &error));
  unlink(path);
  expect(error == 0, "the file can be read");
  assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void test_unreadable(void **state)
{
  char hex[65];
  int error;

  (void)state;
  expect_ok(screen_sha256_file("no/such/file", hex, &error));
  expect(error == ENOENT && !hex[0], "a missing file is ENOENT");
  expect_ok(screen_sha256_file(".", hex, &error));
  expect(error == EISDIR && !hex[0], "a folder is EISDIR");
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_memory),
      cmocka_unit_test(test_file),
      cmocka_unit_test(test_unreadable),
  };

  return expect_main(argc, argv, about, tests);
}
