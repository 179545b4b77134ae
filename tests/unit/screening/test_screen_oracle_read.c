/* tests/unit/screening/test_screen_oracle_read.c */
#include "screening/screen_oracle.h"
#include "screening/screen_schema.h"
#include "tests/support/expect.h"

#include <unistd.h>

static const char help[] = "The oracle as a training file describes it\n";

static char folder[] = "/tmp/liquidus-oracle-read-XXXXXX";

static void put(const char *name, const char *text)
{
  char path[200];
  FILE *out;

  snprintf(path, sizeof(path), "%s/%s", folder, name);
  out = fopen(path, "w");
  expect(out && fputs(text, out) >= 0 && fclose(out) == 0, path);
}

static int setup(void **state)
{
  (void)state;
  expect(mkdtemp(folder) != NULL, "a folder");
  put("good.inp", "&CELL\n  @CELL@\n&END\n@SET X 1\n&COORD\n @COORD@\n&END ! @NOTE@\n");
  put("bad.inp", "&CELL\n @CELL@ @CELL@\n @CELLS@\n&END\n");
  put("twice.inp", "@CELL@\n@COORD@\n@COORD@\n");
  put("empty.inp", "");
  return 0;
}

static int teardown(void **state)
{
  char command[100];

  (void)state;
  snprintf(command, sizeof(command), "rm -rf %s", folder);
  return system(command);
}

/* The file with this map as its oracle; `want`: all notes, a line each. */
static void read_oracle(const char *map, screen_oracle *oracle, const char *want)
{
  static char text[2000], path[200], got[4000];
  screen_notes notes = {.file = "t.yaml"};
  screen_yaml *root = NULL;

  snprintf(text, sizeof(text),
           "train:\n  name: x\n  species: [Ca, Cl]\n  data: d.cfg\n"
           "  active_learning:\n    oracle: { %s }\n    campaign: c.yaml\n",
           map);
  snprintf(path, sizeof(path), "%s/t.yaml", folder);
  expect_ok(screen_yaml_parse(text, strlen(text), &root, &notes));
  expect(root != NULL, "YAML");
  expect_ok(screen_schema_check_only(root, "train", &notes));
  if (notes.n == 0) expect_ok(screen_oracle_read(root, path, oracle, &notes));
  got[0] = 0;
  for (PetscInt k = 0; k < notes.n; k++) {
    char *at = notes.note[k].text, *in;

    while ((in = strstr(at, folder)) != NULL)
      memmove(in, in + strlen(folder) + 1, strlen(in + strlen(folder)));
    snprintf(got + strlen(got), sizeof(got) - strlen(got), "%d:%d: %s\n", (int)notes.note[k].line,
             (int)notes.note[k].column, at);
  }
  assert_string_equal(got, want);
  expect_ok(screen_notes_clear(&notes));
  expect_ok(screen_yaml_destroy(&root));
}

static void test_files(void **state)
{
  screen_oracle o = {0};

  (void)state;
  read_oracle("command: python3 lj.py", &o, "");
  expect(o.type == SCREEN_ORACLE_FILES && !o.template && !o.template_text, "files");
  assert_string_equal(o.command, "python3 lj.py");
  expect(o.home && o.home[0] == '/' && strstr(o.home, folder + 5), "home");
  expect_abs(o.time_limit, 3600.0, 0.0, "time limit");
  expect_abs(o.max_force, 50.0, 0.0, "limit of forces");
  expect_abs(o.max_net_force, 0.05, 0.0, "limit of their sum");
  assert_int_equal(o.tries, 2);
  assert_int_equal(o.jobs, 1);
  expect_ok(screen_oracle_clear(&o));
  read_oracle("command: x, time_limit: 20 min, tries: 3, jobs: 4, max_force: 15 eV/A", &o, "");
  expect_abs(o.time_limit, 1200.0, 0.0, "time limit");
  expect_abs(o.max_force, 15.0, 0.0, "limit of forces");
  assert_int_equal(o.tries, 3);
  assert_int_equal(o.jobs, 4);
  expect_ok(screen_oracle_clear(&o));
  read_oracle("command: x, max_force: off", &o, "");
  expect_abs(o.max_force, 0.0, 0.0, "no limit of forces");
  expect_ok(screen_oracle_clear(&o));
  read_oracle("command: x, template: good.inp", &o,
              "6:27: train.active_learning.oracle.template: got it with `type: files`, which has "
              "none\n");
  expect_ok(screen_oracle_clear(&o));
}

static void test_cp2k(void **state)
{
  screen_oracle o = {0};

  (void)state;
  read_oracle("type: cp2k, command: cp2k -i in.inp, template: good.inp", &o, "");
  expect(o.type == SCREEN_ORACLE_CP2K, "cp2k");
  expect(strstr(o.template, "/good.inp") && !strncmp(o.template, folder, strlen(folder)),
         "the template lies beside the file");
  expect(!strncmp(o.template_text, "&CELL\n", 6), "its text");
  expect_ok(screen_oracle_clear(&o));
}

static void test_faults(void **state)
{
  static const struct {
    const char *map, *want;
  } bad[] = {
      {"type: cp2k, command: x",
       "6:5: train.active_learning.oracle: got no `template`, wanted an input of the program "
       "with @CELL@ and @COORD@ in place of cell and atoms\n"},
      {"type: cp2k, command: x, template: no.inp",
       "6:49: train.active_learning.oracle.template: no.inp cannot be read: No such file or "
       "directory\n"},
      {"type: cp2k, command: x, template: bad.inp",
       "6:49: train.active_learning.oracle.template: bad.inp:2: got @CELL@ beside something else, "
       "wanted it alone on its line\n"
       "6:49: train.active_learning.oracle.template: bad.inp:2: got @CELL@ beside something else, "
       "wanted it alone on its line\n"
       "6:49: train.active_learning.oracle.template: bad.inp:3: got @CELLS@, wanted @CELL@ or "
       "@COORD@\n"
       "6:49: train.active_learning.oracle.template: bad.inp:4: got the end without @CELL@\n"
       "6:49: train.active_learning.oracle.template: bad.inp:4: got the end without @COORD@\n"},
      {"type: cp2k, command: x, template: twice.inp",
       "6:49: train.active_learning.oracle.template: twice.inp:3: got @COORD@ again, it is on line "
       "2\n"},
      {"type: cp2k, command: x, template: empty.inp",
       "6:49: train.active_learning.oracle.template: empty.inp:1: got the end without @CELL@\n"
       "6:49: train.active_learning.oracle.template: empty.inp:1: got the end without @COORD@\n"},
  };

  (void)state;
  for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
    screen_oracle o = {0};

    read_oracle(bad[k].map, &o, bad[k].want);
    expect_ok(screen_oracle_clear(&o));
  }
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(test_files, setup),
      cmocka_unit_test(test_cp2k),
      cmocka_unit_test_teardown(test_faults, teardown),
  };

  return expect_main(argc, argv, help, tests);
}
