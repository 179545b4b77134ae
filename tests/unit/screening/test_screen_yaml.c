static const char about[] = "YAML into a tree with places; what is refused, where\n";
#include "screening/screen_yaml.h"
#include "tests/support/expect.h"

static screen_yaml *root;
static screen_notes notes;

static int set_up(void **state)
{
  (void)state;
  notes = (screen_notes){.file = "x.yaml"};
  root = NULL;
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  expect_ok(screen_yaml_destroy(&root));
  expect_ok(screen_notes_clear(&notes));
  return 0;
}

static void load(const char *text)
{
  expect_ok(screen_yaml_parse(text, strlen(text), &root, &notes));
}

/* The text gives exactly these messages, one a line. */
static void expect_messages(const char *text, const char *want)
{
  char got[4096] = "";
  mtp_diag diag = {0};

  set_up(NULL);
  load(text);
  expect_ok(screen_notes_report(&notes, &diag));
  for (PetscInt i = 0; i < diag.n; i++) {
    strncat(got, diag.text[i], sizeof(got) - strlen(got) - 1);
    strncat(got, "\n", sizeof(got) - strlen(got) - 1);
  }
  expect_ok(mtp_diag_clear(&diag));
  assert_string_equal(got, want);
  tear_down(NULL);
}

static void expect_place(const screen_yaml *node, PetscInt line, PetscInt column, const char *path)
{
  assert_non_null(node);
  assert_string_equal(node->path, path);
  assert_int_equal(node->line, line);
  assert_int_equal(node->column, column);
}

static void test_places(void **state)
{
  const screen_yaml *map;

  (void)state;
  load("# comment\n"
       "a: 1 fs\n"
       "b:\n"
       "  \xC3\xA4: {c: [x, 'y y']}\n");
  assert_non_null(root);
  expect(notes.n == 0 && root->kind == SCREEN_YAML_MAP && root->n == 2, "two keys");
  expect_place(screen_yaml_get(root, "a"), 2, 4, "a");
  assert_string_equal(screen_yaml_get(root, "a")->text, "1 fs");
  map = screen_yaml_get(root, "b");
  expect_place(map->child[0], 4, 6, "b.\xC3\xA4");
  map = screen_yaml_get(map->child[0], "c");
  expect_place(map, 4, 10, "b.\xC3\xA4.c");
  expect(map->key_line == 4 && map->key_column == 7, "the key has its own place");
  expect_place(map->child[1], 4, 14, "b.\xC3\xA4.c[1]");
  expect(map->child[1]->quoted && !map->child[0]->quoted, "quotes are remembered");
}

static void test_scalars(void **state)
{
  PetscBool value;

  (void)state;
  load("{e: , t: ~, n: null, q: '', s: 'null', y: true, f: false, w: 'true', l: []}");
  assert_non_null(root);
  for (int i = 0; i < 3; i++) expect(screen_yaml_is_null(root->child[i]), root->child[i]->key);
  for (int i = 3; i < 9; i++) expect(!screen_yaml_is_null(root->child[i]), root->child[i]->key);
  expect(screen_yaml_is_boolean(screen_yaml_get(root, "y"), &value) && value, "true");
  expect(screen_yaml_is_boolean(screen_yaml_get(root, "f"), &value) && !value, "false");
  expect(!screen_yaml_is_boolean(screen_yaml_get(root, "w"), &value), "a quoted true is a text");
  expect(screen_yaml_get(root, "absent") == NULL && screen_yaml_get(root->child[0], "x") == NULL,
         "what is not there is NULL");
}

static void test_syntax(void **state)
{
  (void)state;
  expect_messages("a: [1, 2\nb: 3\n",
                  "x.yaml:2:2: got YAML with an error: did not find expected ',' or ']', while "
                  "parsing a flow sequence that began on line 1, wanted valid YAML\n");
  expect_messages("a: 'x\n",
                  "x.yaml:2:1: got YAML with an error: found unexpected end of stream, while "
                  "scanning a quoted scalar that began on line 1, wanted valid YAML\n");
  expect_messages(
      "a:\n\tb: 1\n",
      "x.yaml:2:1: got YAML with an error: found character that cannot start any token, "
      "while scanning for the next token that began on line 2, wanted valid YAML\n");
  expect_messages("a: 1\nb: \xFF\n", "x.yaml:2:4: got YAML with an error: invalid leading UTF-8 "
                                     "octet, wanted valid YAML\n");
}

static void test_refused(void **state)
{
  (void)state;
  expect_messages("", "x.yaml:1:1: got an empty file, wanted a campaign\n");
  expect_messages("# nothing\n", "x.yaml:2:1: got an empty file, wanted a campaign\n");
  expect_messages("a: 1\n---\nb: 2\n",
                  "x.yaml:2:1: got a second document, wanted one campaign a file\n");
  expect_messages("a: &x 1\nb: *x\nc: !!str 3\n",
                  "x.yaml:1:4: a: got an anchor (&name), wanted the value alone: write it out\n"
                  "x.yaml:2:4: b: got an alias (*name), wanted the value itself: write it out\n"
                  "x.yaml:3:4: c: got a tag (!name), wanted the value alone\n");
  expect_messages("[a, b]: 1\n", "x.yaml:1:1: got a key that is a list or a map, wanted a name\n");
  expect_messages("a: \"x\\0y\"\n", "x.yaml:1:4: a: got a text with a zero byte, wanted one "
                                    "without\n");
  expect_messages("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg: 1\n",
                  "x.yaml:1:1: got a key of more than 63 bytes, wanted a shorter one\n");
}

static void fill(char *text, const char *part, int times)
{
  text[0] = '\0';
  for (int i = 0; i < times; i++) memcpy(text + i * strlen(part), part, strlen(part) + 1);
}

static void test_limits(void **state)
{
  char *text = malloc(SCREEN_YAML_SIZE_MAX + 64);

  (void)state;
  assert_non_null(text);
  fill(text, "[", 100);
  expect_messages(text,
                  "x.yaml:1:18: got values nested more than 16 deep, wanted a flatter file\n");
  fill(text, "- 1\n", 10001);
  expect_messages(text, "x.yaml:10000:3: got more than 10000 values, wanted a smaller file\n");
  fill(text, "#", SCREEN_YAML_SIZE_MAX + 1);
  expect_messages(text, "x.yaml: got a file of more than 1 MiB, wanted a campaign file\n");
  free(text);
}

/* Messages stay on one line and are not cut inside a character. */
static void test_shown(void **state)
{
  char out[16];

  (void)state;
  assert_string_equal(screen_shown("a\nb\x7F", sizeof(out), out), "a?b?");
  assert_string_equal(screen_shown("0123456789abcde", sizeof(out), out), "0123456789abcde");
  assert_string_equal(screen_shown("0123456789abcdef", sizeof(out), out), "0123456789ab...");
  assert_string_equal(screen_shown("0123456789a\xC3\xA4"
                                   "bcdef",
                                   sizeof(out), out),
                      "0123456789a...");
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_places, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_scalars, set_up, tear_down),
      cmocka_unit_test(test_syntax),
      cmocka_unit_test(test_refused),
      cmocka_unit_test(test_limits),
      cmocka_unit_test(test_shown),
  };

  return expect_main(argc, argv, about, tests);
}
