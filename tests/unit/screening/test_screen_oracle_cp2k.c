/* tests/unit/screening/test_screen_oracle_cp2k.c
 *
 * tests/data/oracle/nacl.out and not-converged.out are CP2K's outputs for nacl.inp with the cell of
 * tests/support/nacl_cp2k.h (the second with MAX_SCF 3), without the parts that say on what machine
 * they ran, the banner, the literature and the timings.
 */
#include "mtp/mtp_text.h"
#include "tests/support/expect.h"
#include "tests/support/nacl_cp2k.h"

static const char help[] = "Inputs and outputs of CP2K\n";

/* CODATA 2018, doi:10.1103/RevModPhys.93.025010 */
#define HARTREE 27.211386245988 /* eV */
#define BOHR    0.529177210903  /* A */
#define VOLUME  (5.9 * 5.9 * 5.8)
#define GPA     (VOLUME / 160.2176634) /* eV */

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
  expect_ok(nacl_cp2k(&asked, &species));
  good = load("nacl.out", &length);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  expect_ok(mtp_config_clear(&asked));
  expect_ok(PetscFree(good));
  return 0;
}

static screen_refusal parse(const char *text, size_t n, const mtp_config *of, mtp_config *label)
{
  screen_refusal why = {0};

  expect_ok(mtp_config_create(of->n, label));
  expect_ok(screen__output_parse(&screen__cp2k_output, text, n, of, &species, label, &why));
  return why;
}

static void test_values(void **state)
{
  mtp_config label;
  const screen_refusal why = parse(good, length, &asked, &label);

  (void)state;
  assert_string_equal(why.text, "");
  expect(label.has_energy && label.has_stress, "energy and stress");
  expect_near(label.energy, -249.244125182305311 * HARTREE, 1e-15, "energy");
  expect_near(label.force[0], 0.0386043354 * HARTREE / BOHR, 1e-14, "force on the first");
  expect_near(label.force[10], -0.1357423745 * HARTREE / BOHR, 1e-14, "force on the fourth");
  expect_near(label.force[23], 0.0003760638 * HARTREE / BOHR, 1e-14, "force on the last");
  expect_near(label.stress[0], -1.15225129718 * GPA, 1e-14, "xx");
  expect_near(label.stress[1], 0.887836891013 * GPA, 1e-14, "yy");
  expect_near(label.stress[2], 0.899055735209 * GPA, 1e-14, "zz");
  expect_near(label.stress[3], -0.547236924211 * GPA, 1e-14, "yz");
  expect_near(label.stress[4], -0.0835335783107 * GPA, 1e-14, "xz");
  expect_near(label.stress[5], -0.589116062916 * GPA, 1e-14, "xy");
  assert_string_equal(mtp_config_feature(&label, "oracle_version"), "CP2K version 2023.1");
  expect_ok(mtp_config_clear(&label));
}

static void test_not_converged(void **state)
{
  size_t n;
  char *text = load("not-converged.out", &n);
  mtp_config label;
  const screen_refusal why = parse(text, n, &asked, &label);

  (void)state;
  assert_string_equal(why.text, "SCF run NOT converged");
  expect(why.final, "the same would come out again");
  expect(!label.has_energy && !label.has_stress, "no label");
  expect_ok(mtp_config_clear(&label));
  expect_ok(PetscFree(text));
}

/* A program that was killed anywhere left no label, and never one that looks whole. */
static void test_cut(void **state)
{
  const size_t end = (size_t)(strstr(good, "PROGRAM ENDED AT") - good) + strlen("PROGRAM ENDED AT");

  (void)state;
  for (size_t n = 0; n<end; n += n + 40> end || n % 3 ? 1 : 29) {
    mtp_config label;
    const screen_refusal why = parse(good, n, &asked, &label);

    expect(why.text[0] && !why.final && !label.has_energy, "an output that is cut");
    expect_ok(mtp_config_clear(&label));
  }
}

/* The good output with `from` replaced by `to`, once. */
static char *changed(const char *from, const char *to)
{
  const char *at = strstr(good, from);
  char *text;
  size_t before;

  expect(at != NULL, from);
  before = (size_t)(at - good);
  expect_ok(PetscMalloc1(length + strlen(to) + 1, &text));
  snprintf(text, length + strlen(to) + 1, "%.*s%s%s", (int)before, good, to, at + strlen(from));
  return text;
}

static void test_refusals(void **state)
{
  static const struct {
    const char *from, *to, *why;
  } bad[] = {
      {"energy [a.u.]", "energy [eV]", "out:98: energy in a.u. wanted: got 'eV'"},
      {"-249.244125182305311", "*******************", "out:98: an energy wanted: got "},
      {"-249.244125182305311", "NaN", "out:98: an energy wanted: got "},
      {"FORCES in [a.u.]", "FORCES in [eV/A]", "out:100: forces in a.u. wanted: got "},
      {"3      1      Na", "3      2      Cl",
       "out:105: forces of 8 atoms in the order of the input wanted: got '3      2      Cl"},
      {"3      1      Na", "5      1      Na", "out:105: forces of 8 atoms in the order"},
      {"0.1340294803", "************", "out:105: forces of 8 atoms in the order"},
      {" SUM OF ATOMIC", "      9      2      Cl  0.0 0.0 0.0\n SUM OF ATOMIC",
       "out:111: forces of 8 atoms in the order"},
      {"      8      2      Cl          0.0071246900    -0.0001101906     0.0003760638\n", "",
       "out:100: got forces of 7 atoms, wanted 8"},
      {"Analytical stress tensor [GPa]", "Analytical stress tensor [kbar]",
       "out:113: stress in GPa or bar wanted: got "},
      {"STRESS|      z       -8.3", "STRES|       z       -8.3",
       "out:117: three rows of the stress wanted: got "},
      {"ENERGY|", "ENERGIE|", "out: got no total energy (ENERGY| Total FORCE_EVAL)"},
      {"ATOMIC FORCES", "FORCES", "out: got no forces (ATOMIC FORCES in [a.u.])"},
      {"STRESS| Analytical", "STRESS| Numerical",
       "out: got no stress (STRESS| Analytical stress tensor)"},
      {"PROGRAM ENDED", "PROGRAM", "out: got the end without PROGRAM ENDED AT"},
      {" ATOMIC FORCES", " ENERGY| Total FORCE_EVAL ( QS ) energy [a.u.]: -1.0\n ATOMIC FORCES",
       "out: got total energy (ENERGY| Total FORCE_EVAL) 2 times, wanted once"},
  };

  (void)state;
  for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
    char *text = changed(bad[k].from, bad[k].to);
    mtp_config label;
    const screen_refusal why = parse(text, strlen(text), &asked, &label);

    if (strncmp(why.text, bad[k].why, strlen(bad[k].why)) != 0)
      fail_msg("got '%s', wanted '%s'", why.text, bad[k].why);
    expect(!why.final && !label.has_energy && !label.has_stress, "no label, another try");
    expect_ok(mtp_config_clear(&label));
    expect_ok(PetscFree(text));
  }
}

static void test_units(void **state)
{
  char *text = changed("Analytical stress tensor [GPa]", "Analytical stress tensor [bar]");
  mtp_config label;
  screen_refusal why = parse(text, strlen(text), &asked, &label);

  (void)state;
  assert_string_equal(why.text, "");
  expect_near(label.stress[0], -1.15225129718e-4 * GPA, 1e-14, "bar");
  expect_ok(mtp_config_clear(&label));
  expect_ok(PetscFree(text));
  text = changed("energy [a.u.]", "energy [hartree]");
  why = parse(text, strlen(text), &asked, &label);
  assert_string_equal(why.text, "");
  expect_near(label.energy, -249.244125182305311 * HARTREE, 1e-15, "energy");
  expect_ok(mtp_config_clear(&label));
  expect_ok(PetscFree(text));
}

static void test_input(void **state)
{
  static const char template_text[] = "&CELL\n  @CELL@\n&END\n &COORD\n\t @COORD@ \n &END";
  mtp_config two;
  char *input;

  (void)state;
  expect_ok(mtp_config_create(2, &two));
  two.nlattice = 3;
  two.h[0][0] = 5.0;
  two.h[1][0] = 0.25;
  two.h[1][1] = 1.0 / 3.0;
  two.h[2][2] = 1e-7;
  two.x[0] = -0.1;
  two.x[5] = 2.5;
  two.type[1] = 2;
  expect_ok(screen__template_fill(&screen__cp2k_form, template_text, &two, &species, &input));
  assert_string_equal(input, "&CELL\n"
                             "  A 5 0 0\n"
                             "  B 0.25 0.33333333333333331 0\n"
                             "  C 0 0 9.9999999999999995e-08\n"
                             "&END\n &COORD\n"
                             "\t Na -0.10000000000000001 0 0\n"
                             "\t Cl 0 0 2.5\n"
                             " &END\n");
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
      cmocka_unit_test(test_units),
      cmocka_unit_test_teardown(test_input, teardown),
  };

  return expect_main(argc, argv, help, tests);
}
