/* tests/unit/screening/test_screen_oracle_espresso.c
 *
 * tests/data/oracle/alas.out and alas-not-converged.out are outputs of pw.x 6.7 for alas.in with
 * the cell of tests/support/alas_espresso.h (the second with electron_maxstep 3), without the parts
 * that say where files lie and how long it took.
 */
#include "mtp/mtp_text.h"
#include "tests/support/alas_espresso.h"
#include "tests/support/expect.h"

static const char help[] = "Inputs and outputs of pw.x\n";

/* CODATA 2018, doi:10.1103/RevModPhys.93.025010 */
#define RYDBERG 13.605693122994 /* eV */
#define BOHR    0.529177210903  /* A */
#define VOLUME  44.69525        /* A^3 */

static mtp_config asked;
static screen_names species;
static char *good;
static size_t length;

static char *load(const char *name, size_t *n)
{
  mtp_diag diag = {0};
  char path[1000], *text;

  snprintf(path, sizeof(path), "%s/oracle/%s", TEST_DATA, name);
  expect_ok(mtp_text_load(path, &text, n, &diag));
  expect(text != NULL, path);
  expect_ok(PetscRealloc(*n + 1, &text));
  text[*n] = 0;
  return text;
}

static int setup(void **state)
{
  (void)state;
  expect_ok(alas_espresso(&asked, &species));
  good = load("alas.out", &length);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  expect_ok(mtp_config_clear(&asked));
  expect_ok(PetscFree(good));
  return 0;
}

static screen_refusal parse(const char *text, size_t n, mtp_config *label)
{
  screen_refusal why = {0};

  expect_ok(mtp_config_create(asked.n, label));
  expect_ok(screen__output_parse(&screen__espresso_output, text, n, &asked, &species, label, &why));
  return why;
}

static void test_values(void **state)
{
  const double unit = VOLUME / (BOHR * BOHR * BOHR) * RYDBERG;
  mtp_config label;
  const screen_refusal why = parse(good, length, &label);

  (void)state;
  assert_string_equal(why.text, "");
  expect_near(label.energy, -16.85744198 * RYDBERG, 1e-14, "energy");
  expect_near(label.force[0], 0.01029218 * RYDBERG / BOHR, 1e-14, "force on the first");
  expect_near(label.force[4], 0.02862703 * RYDBERG / BOHR, 1e-14, "force on the second");
  expect_near(label.stress[0], 0.00026716 * unit, 1e-12, "xx");
  expect_near(label.stress[1], 0.00037135 * unit, 1e-12, "yy");
  expect_near(label.stress[2], 0.00029680 * unit, 1e-12, "zz");
  expect_near(label.stress[3], -0.00013403 * unit, 1e-12, "yz");
  expect_near(label.stress[4], 0.00019830 * unit, 1e-12, "xz");
  expect_near(label.stress[5], -0.00033907 * unit, 1e-12, "xy");
  expect_near((label.stress[0] + label.stress[1] + label.stress[2]) / 3.0 / VOLUME * 1602.176634,
              45.86, 4e-4, "P, kbar, as the output has it beside the stress");
  assert_string_equal(mtp_config_feature(&label, "oracle_version"), "PWSCF v.6.7MaX");
  expect_ok(mtp_config_clear(&label));
}

static void test_not_converged(void **state)
{
  size_t n;
  char *text = load("alas-not-converged.out", &n);
  mtp_config label;
  const screen_refusal why = parse(text, n, &label);

  (void)state;
  assert_string_equal(why.text, "convergence NOT achieved");
  expect(why.final, "the same would come out again");
  expect(!label.has_energy && !label.has_stress, "no label");
  expect_ok(mtp_config_clear(&label));
  expect_ok(PetscFree(text));
}

/* A program that was killed anywhere left no label, and never one that looks whole. */
static void test_cut(void **state)
{
  const size_t end = (size_t)(strstr(good, "JOB DONE") - good) + strlen("JOB DONE");

  (void)state;
  for (size_t n = 0; n<end; n += n + 40> end ? 1 : 17) {
    mtp_config label;
    const screen_refusal why = parse(good, n, &label);

    expect(why.text[0] && !label.has_energy, "an output that is cut");
    expect_ok(mtp_config_clear(&label));
  }
}

static void test_refusals(void **state)
{
  static const struct {
    const char *from, *to, *why;
  } bad[] = {
      {"!    total energy              =     -16.85744198 Ry", "!    total energy = -16.8 eV",
       "out:LINE: an energy in Ry wanted: got "},
      {"!    total energy              =     -16.85744198 Ry", "!    total energy = *** Ry",
       "out:LINE: an energy in Ry wanted: got "},
      {"301.6185", "301.7185", "out:LINE: a cell of 301.6185 bohr^3 wanted: got "},
      {"As  tau(", "Al  tau(", "out:LINE: the atoms of the input in their order wanted: got "},
      {"axes, Ry/au", "axes, eV/A", "out:LINE: forces in Ry/au wanted: got "},
      {"atom    2 type  2   force", "atom    1 type  2   force",
       "out:LINE: a force for each atom wanted: got "},
      {"-0.02862703", "***********", "out:LINE: a force for each atom wanted: got "},
      {"(Ry/bohr**3)", "(kbar)", "out:LINE: stress in Ry/bohr**3 wanted: got "},
      {"-19.72\n", "**\n", "out:LINE: three rows of the stress wanted: got "},
      {"!    total", "     total", "out: got no total energy (! total energy)"},
      {"Forces acting", "Forces", "out: got no forces (Forces acting on atoms)"},
      {"total   stress", "total stress", "out: got no stress (total   stress)"},
      {"unit-cell volume", "volume", "out: got no unit-cell volume"},
      {"JOB DONE", "JOB", "out: got the end without JOB DONE"},
      {"     Forces acting", "!  total energy = -1.0 Ry\n     Forces acting",
       "out: got total energy (! total energy) 2 times, wanted once"},
  };

  (void)state;
  for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
    const char *at = strstr(good, bad[k].from), *place = strstr(bad[k].why, "LINE");
    char text[40000], want[200];
    mtp_config label;
    screen_refusal why;
    int line = 1;

    expect(at != NULL && length < 30000, bad[k].from);
    for (const char *c = good; c < at; c++) line += *c == '\n';
    snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - good), good, bad[k].to,
             at + strlen(bad[k].from));
    if (place)
      snprintf(want, sizeof(want), "out:%d%s", line, place + 4);
    else
      snprintf(want, sizeof(want), "%s", bad[k].why);
    why = parse(text, strlen(text), &label);
    if (strncmp(why.text, want, strlen(want)) != 0)
      fail_msg("got '%s', wanted '%s'", why.text, want);
    expect(!label.has_energy && !label.has_stress, "no label");
    expect_ok(mtp_config_clear(&label));
  }
}

static void test_input(void **state)
{
  static const char template_text[] = "  nat = @NAT@, ntyp = 3 ! @NAT@\nCELL_PARAMETERS angstrom\n"
                                      "@CELL@\nATOMIC_POSITIONS angstrom\n@COORD@\n";
  mtp_config two;
  char *input;

  (void)state;
  expect_ok(mtp_config_create(2, &two));
  two.nlattice = 3;
  two.h[0][0] = 5.0;
  two.h[1][0] = 0.25;
  two.h[1][1] = 4.0;
  two.h[2][2] = 3.5;
  two.x[5] = 2.5;
  two.type[1] = 2;
  expect_ok(screen__template_fill(&screen__espresso_form, template_text, &two, &species, &input));
  assert_string_equal(input, "  nat = 2, ntyp = 3 ! @NAT@\nCELL_PARAMETERS angstrom\n"
                             "5 0 0\n0.25 4 0\n0 0 3.5\n"
                             "ATOMIC_POSITIONS angstrom\nAl 0 0 0\nAs 0 0 2.5\n");
  expect_ok(PetscFree(input));
  expect_ok(mtp_config_clear(&two));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(test_values, setup),
      cmocka_unit_test(test_not_converged),
      cmocka_unit_test(test_cut),
      cmocka_unit_test(test_refusals),
      cmocka_unit_test_teardown(test_input, teardown),
  };

  return expect_main(argc, argv, help, tests);
}
