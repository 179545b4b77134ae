/* tests/unit/screening/test_screen_schema.c */
#include <jansson.h>
#include <regex.h>

#include "screening/screen_campaign.h"
#include "screening/screen_schema.h"
#include "tests/support/expect.h"

static const char about[] = "The table of keys, what is generated from it, and axes\n";

/* Every bound and default of the table can be read, defaults lie within bounds, and what lies below
 * something lies below a map: the table has no slip that only a rare campaign would show. */
static void test_table(void **state)
{
  PetscInt n;
  const screen_key *keys = screen_schema_keys(&n);

  (void)state;
  for (PetscInt k = 0; k < n; k++) {
    const screen_key *key = &keys[k];
    const char *texts[3] = {key->min, key->standard, key->max};
    double last = -1e300;

    expect(screen_schema_key(key->path) == key, "paths are unique");
    expect(key->help && key->help[0], key->path);
    for (int i = 0; i < 3; i++) {
      char problem[SCREEN_PROBLEM_MAX];
      PetscInt64 whole = 0;
      PetscReal value = 0.0;

      if (!texts[i] || key->kind == SCREEN_KEY_CHOICE) continue;
      if (key->kind == SCREEN_KEY_INTEGER) {
        expect(screen_integer_parse(texts[i], &whole, problem), key->path);
        value = (PetscReal)whole;
      } else {
        expect(screen_quantity_parse(texts[i], key->dimension, &value, problem), key->path);
      }
      expect(value >= last, key->path);
      last = value;
    }
    if (key->kind == SCREEN_KEY_CHOICE) expect(strstr(key->choices, key->standard), key->path);
  }
}

static void test_parents(void **state)
{
  PetscInt n;
  const screen_key *keys = screen_schema_keys(&n);

  (void)state;
  for (PetscInt k = 0; k < n; k++) {
    char path[256];
    const char *dot = strrchr(keys[k].path, '.');
    const screen_key *parent;

    if (!dot) continue;
    snprintf(path, sizeof(path), "%.*s", (int)(dot - keys[k].path), keys[k].path);
    parent = screen_schema_key(path);
    expect(parent && parent < &keys[k], "a parent stands before what lies in it");
    expect(parent->kind == SCREEN_KEY_MAP || parent->kind == SCREEN_KEY_NAMES ||
               parent->kind == SCREEN_KEY_SWITCH || parent->kind == SCREEN_KEY_SHORT ||
               parent->kind == SCREEN_KEY_MAPS,
           keys[k].path);
  }
}

static void test_lookup(void **state)
{
  (void)state;
  expect(screen_schema_child("", "campaign") == screen_schema_key("campaign"), "top");
  expect(screen_schema_child("system.composition", "unit")->kind == SCREEN_KEY_CHOICE, "unit");
  expect(screen_schema_child("system.composition", "KCl")->kind == SCREEN_KEY_SHARE, "a name");
  expect(!screen_schema_child("simulation", "production.npt"), "a dot is no way down");
  expect(!screen_schema_child("system.composition", "*"), "a star is no name");
  assert_string_equal(screen_key_name(screen_schema_key("simulation.production.npt")), "npt");
}

/* The node at a path of JSON Schema, through "properties". */
static json_t *schema_at(json_t *root, const char *path)
{
  char part[64];

  while (*path && root) {
    const size_t length = strcspn(path, ".");

    snprintf(part, sizeof(part), "%.*s", (int)length, path);
    if (strcmp(part, "*"))
      root = json_object_get(json_object_get(root, "properties"), part);
    else if (json_object_get(root, "items"))
      root = json_object_get(root, "items");
    else
      root = json_object_get(root, "additionalProperties");
    path += length + (path[length] == '.');
  }
  return root;
}

static json_t *load_schema(void)
{
  char *text;
  json_t *root;

  expect_ok(screen_schema_json(&text));
  root = json_loads(text, 0, NULL);
  expect_ok(PetscFree(text));
  assert_non_null(root);
  return root;
}

static void test_json_keys(void **state)
{
  PetscInt n;
  const screen_key *keys = screen_schema_keys(&n);
  json_t *root = load_schema();

  (void)state;
  assert_string_equal(json_string_value(json_object_get(root, "$schema")),
                      "https://json-schema.org/draft/2020-12/schema");
  for (PetscInt k = 0; k < n; k++) {
    json_t *node = schema_at(root, keys[k].path);
    json_t *standard = json_object_get(node, "default");

    expect(node && json_object_get(node, "description"), keys[k].path);
    expect((json_object_get(node, "not") != NULL) == (keys[k].kind == SCREEN_KEY_LATER),
           keys[k].path);
    expect((standard != NULL) == (keys[k].standard != NULL), keys[k].path);
    if (json_is_string(standard)) {
      assert_string_equal(json_string_value(standard), keys[k].standard);
    }
  }
  expect(json_is_false(json_object_get(schema_at(root, "simulation"), "additionalProperties")),
         "unknown keys are refused");
  expect(json_array_size(json_object_get(root, "required")) == 6, "required keys of the top");
  json_decref(root);
}

/* The pattern of each dimension takes what the parser takes, and refuses what it refuses. */
static void test_json_patterns(void **state)
{
  static const char *const texts[] = {"1 fs",       "1fs",   "-2.5e-3 ps", "900 K",    "900",
                                      "0.2 %",      "+2 e",  "1 g/cm^3",   "0.1 1/Pa", "1 Pa^-1",
                                      "1. K",       ".5 K",  "1 PaX-1",    "1 g/cm4",  "one K",
                                      "1 fs K",     "inf K", "0x1 K",      "1e K",     "1e3 K",
                                      "5 \xC3\x85", "10 A",  "2 bar",      "",         " 3 K"};
  json_t *root = load_schema(), *defs = json_object_get(root, "$defs");

  (void)state;
  for (int d = 0; d < SCREEN_NDIM; d++) {
    const screen_dimension dimension = (screen_dimension)d;
    json_t *def = json_object_get(defs, screen_dimension_name(dimension));
    regex_t pattern;

    assert_int_equal(regcomp(&pattern, json_string_value(json_object_get(def, "pattern")),
                             REG_EXTENDED | REG_NOSUB),
                     0);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
      char problem[SCREEN_PROBLEM_MAX];
      PetscReal value;
      const int taken = screen_quantity_parse(texts[i], dimension, &value, problem);

      if (taken != (regexec(&pattern, texts[i], 0, NULL, 0) == 0)) {
        fail_msg("'%s' as %s: parser and pattern differ", texts[i],
                 screen_dimension_name(dimension));
      }
    }
    regfree(&pattern);
  }
  json_decref(root);
}

/* The reference table of the README is the one that is generated. */
static void test_readme(void **state)
{
  FILE *in = fopen(TEST_SOURCE "/screening/README.md", "rb");
  char *readme = calloc(1, 1 << 20), *table;

  (void)state;
  assert_non_null(in);
  assert_non_null(readme);
  expect(fread(readme, 1, (1 << 20) - 1, in) > 0, "screening/README.md can be read");
  fclose(in);
  expect_ok(screen_schema_markdown(&table));
  expect(strstr(readme, table) != NULL,
         "screening/README.md must hold the output of `liquidus schema --markdown`");
  expect_ok(PetscFree(table));
  free(readme);
}

/* A tree from a text that is valid YAML. */
static screen_yaml *tree(const char *text)
{
  screen_notes notes = {.file = "x.yaml"};
  screen_yaml *root;

  expect_ok(screen_yaml_parse(text, strlen(text), &root, &notes));
  assert_int_equal(notes.n, 0);
  return root;
}

/* Values of an axis [K]; n = 0 and the message where it is refused. */
static void expect_axis(const char *text, PetscInt n, const double want[], const char *message)
{
  const screen_range range = {SCREEN_DIM_TEMPERATURE, "1 K", "20000 K"};
  screen_notes notes = {.file = "x.yaml"};
  screen_yaml *root = tree(text);
  screen_axis axis;

  expect_ok(screen_axis_read(root->child[0], &range, &axis, &notes));
  if (notes.n) assert_string_equal(notes.note[0].text, message);
  assert_int_equal(axis.n, n);
  assert_int_equal(notes.n, message ? 1 : 0);
  for (PetscInt i = 0; i < n; i++) expect_near(axis.value[i], want[i], 0.0, text);
  expect_ok(PetscFree(axis.value));
  expect_ok(screen_yaml_destroy(&root));
  expect_ok(screen_notes_clear(&notes));
}

static void test_axes(void **state)
{
  (void)state;
  expect_axis("T: 900 K", 1, (const double[]){900}, NULL);
  expect_axis("T: [1100 K, 900 K]", 2, (const double[]){900, 1100}, NULL);
  expect_axis("T: {from: 0.3 K, to: 1.5 K, step: 0.3 K}", 0, NULL,
              "T.from: got '0.3 K', wanted at "
              "least 1 K");
  expect_axis("T: {from: 1.1 K, to: 1.7 K, step: 0.2 K}", 4,
              (const double[]){1.1, 1.1 + (1.7 - 1.1) * 1 / 3, 1.1 + (1.7 - 1.1) * 2 / 3, 1.7},
              NULL);
  expect_axis("T: {from: 900 K, to: 900 K, step: 50 K}", 1, (const double[]){900}, NULL);
  expect_axis("T: {from: 1 K, to: 9000 K, step: 1 K}", 0, NULL,
              "T: got a range of more than 4096 values, wanted fewer");
  expect_axis("T: {from: 1 K, to: 2 K, step: 0 K}", 0, NULL,
              "T: got a step of 0 K, wanted one above zero");
  expect_axis("T: {from: 1 K, to: 2 K, step: 1 K, step: 1 K}", 0, NULL,
              "T.step: got the key a second time, wanted it once");
  expect_axis("T: [[900 K]]", 0, NULL,
              "T[0]: got a list, wanted a temperature in K, such as 900 K");
}

/* Values by path: given, absent with a default, absent without one. */
static void test_values(void **state)
{
  screen_yaml *root = tree("simulation: {timestep: 2 fs, replicas: 7, electronic: metal}\n"
                           "properties: {density: {}, diffusion: false, structure: }\n");
  screen_axis axis;

  (void)state;
  expect(screen_schema_real(root, "simulation.timestep") == 2.0, "given");
  expect(screen_schema_real(root, "simulation.barostat_time") == 1000.0, "default");
  expect(screen_schema_real(root, "system.density") == 0.0, "none");
  expect(screen_schema_integer(root, "simulation.replicas") == 7, "given");
  expect(screen_schema_integer(root, "simulation.seed") == 1, "default");
  expect(screen_schema_choice(root, "simulation.electronic") == SCREEN_METAL, "given");
  expect(screen_schema_choice(root, "system.composition.unit") == SCREEN_MOLE_FRACTION, "default");
  assert_string_equal(screen_schema_text(root, "description"), "");
  expect(screen_schema_switch(root, "properties.density"), "{}");
  expect(screen_schema_switch(root, "properties.structure"), "nothing");
  expect(!screen_schema_switch(root, "properties.diffusion"), "false");
  expect(!screen_schema_switch(root, "properties.potential_energy"), "absent");
  expect_ok(screen_schema_axis(root, "conditions.pressure", &axis));
  expect(axis.n == 1 && axis.value[0] == 0.0, "default axis");
  expect_ok(PetscFree(axis.value));
  expect_ok(screen_schema_axis(root, "conditions.temperature", &axis));
  expect(axis.n == 0 && !axis.value, "no axis");
  expect_ok(screen_yaml_destroy(&root));
}

/* Nearest known key: slips of letters and case, a key in the wrong map, nothing near. */
static void test_nearest(void **state)
{
  static const struct {
    const char *text, *hint;
  } rows[] = {
      {"Campaign: x", "; did you mean 'campaign'?"},
      {"campain: x", "; did you mean 'campaign'?"},
      {"propertys: x", "; did you mean 'properties'?"},
      {"timestep: x", "; did you mean 'simulation.timestep'?"},
      {"exporrt: x", NULL}, /* of a later version */
      {"quux: x", NULL},
  };

  (void)state;
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    screen_notes notes = {.file = "x.yaml"};
    screen_yaml *root = tree(rows[i].text);
    const char *text;

    expect_ok(screen_schema_check(root, &notes));
    text = notes.note[0].text;
    expect(strstr(text, "got an unknown key"), text);
    if (rows[i].hint)
      expect(strstr(text, rows[i].hint), text);
    else
      expect(!strstr(text, "did you mean"), text);
    expect_ok(screen_notes_clear(&notes));
    expect_ok(screen_yaml_destroy(&root));
  }
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_table),         cmocka_unit_test(test_parents),
      cmocka_unit_test(test_lookup),        cmocka_unit_test(test_json_keys),
      cmocka_unit_test(test_json_patterns), cmocka_unit_test(test_readme),
      cmocka_unit_test(test_axes),          cmocka_unit_test(test_values),
      cmocka_unit_test(test_nearest),
  };

  return expect_main(argc, argv, about, tests);
}
