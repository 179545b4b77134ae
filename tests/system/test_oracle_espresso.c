/* tests/system/test_oracle_espresso.c - the oracle with pw.x itself
 *
 * Skips where pw.x is not on PATH or its package's pseudopotentials are not there.
 */
#include "mtp/mtp_text.h"
#include "tests/support/alas_espresso.h"
#include "tests/support/expect.h"

#include <unistd.h>

static const char help[] = "Labels by pw.x\n";

static char folder[] = "/tmp/liquidus-pw-XXXXXX";

static char *load(const char *path)
{
  mtp_diag diag = {0};
  char *text;
  size_t n;

  expect_ok(mtp_text_load(path, &text, &n, &diag));
  expect(text != NULL, path);
  expect_ok(PetscRealloc(n + 1, &text));
  text[n] = 0;
  return text;
}

/* What was recorded of version 6.7 (tests/data/oracle/alas.out), to what conv_thr and the printed
 * digits leave. */
static void test_alas(void **state)
{
  char command[] = "OMP_NUM_THREADS=1 exec pw.x -in in.in", jobs[100], file[100];
  screen_oracle oracle = {.type = SCREEN_ORACLE_ESPRESSO,
                          .command = command,
                          .template_text = load(TEST_DATA "/oracle/alas.in"),
                          .time_limit = 600.0,
                          .tries = 1,
                          .jobs = 1};
  mtp_config config, recorded;
  mtp_config_list labels = {0};
  const mtp_config_list ask = {.n = 1, .config = &config};
  screen_names species;
  screen_refusal why = {0};
  screen_oracle_count count;
  mtp_diag diag = {0};
  char *text = load(TEST_DATA "/oracle/alas.out");

  (void)state;
  expect_ok(alas_espresso(&config, &species));
  expect_ok(mtp_config_create(config.n, &recorded));
  expect_ok(screen__output_parse(&screen__espresso_output, text, strlen(text), &config, &species,
                                 &recorded, &why));
  snprintf(jobs, sizeof(jobs), "%s/jobs", folder);
  snprintf(file, sizeof(file), "%s/labels.cfg", folder);
  expect_ok(screen_oracle_label(&oracle, &ask, &species, jobs, file, NULL, NULL, &count));
  assert_int_equal(count.done, 1);
  expect_ok(mtp_cfg_read(file, &labels, &diag));
  assert_int_equal(labels.n, 1);
  expect_abs(labels.config[0].energy, recorded.energy, 1e-5, "energy");
  for (PetscInt k = 0; k < 6; k++)
    expect_abs(labels.config[0].force[k], recorded.force[k], 1e-4, "force");
  for (int k = 0; k < 6; k++)
    expect_abs(labels.config[0].stress[k], recorded.stress[k], 1e-3, "stress");
  assert_string_equal(mtp_config_feature(&labels.config[0], "EFS_by"), "Quantum ESPRESSO");
  expect_ok(mtp_config_list_clear(&labels));
  expect_ok(mtp_config_clear(&config));
  expect_ok(mtp_config_clear(&recorded));
  expect_ok(PetscFree(text));
  expect_ok(PetscFree(oracle.template_text));
}

static int teardown(void **state)
{
  char command[100];

  (void)state;
  snprintf(command, sizeof(command), "rm -rf %s", folder);
  return system(command);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test_teardown(test_alas, teardown)};

  if (!getenv("ESPRESSO_PSEUDO")) setenv("ESPRESSO_PSEUDO", "/usr/share/espresso/pseudo", 1);
  if (system("command -v pw.x >/dev/null 2>&1 && test -e \"$ESPRESSO_PSEUDO\"/Al.pz-vbc.UPF")) {
    printf("pw.x or its pseudopotentials are not here: skipped\n");
    return EXPECT_SKIP;
  }
  if (!mkdtemp(folder)) return 1;
  return expect_main(argc, argv, help, tests);
}
