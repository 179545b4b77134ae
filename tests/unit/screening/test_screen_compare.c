static const char purpose[] =
    "Correlations of experiments: rows, lookup, and what is wrong with a file\n";

#include "screening/screen_compare.h"
#include "tests/support/expect.h"

/* A campaign of two components, without a file behind it. */
static screen_component components[2] = {{.name = "CaCl2"}, {.name = "KCl"}};
static const screen_campaign campaign = {.ncomponent = 2, .component = components};

static void parse(const char *text, screen_experiments *e, mtp_diag *diag)
{
  char copy[1024];
  FILE *in;

  *e = (screen_experiments){0};
  snprintf(copy, sizeof(copy), "%s", text);
  in = fmemopen(copy, strlen(copy), "r");
  expect(in != NULL, "fmemopen");
  expect_ok(screen_experiments_parse(&campaign, "x.csv", in, e, diag));
  fclose(in);
}

static void clear(screen_experiments *e, mtp_diag *diag)
{
  expect_ok(screen_experiments_clear(e));
  expect_ok(mtp_diag_clear(diag));
}

static void test_rows_and_lookup(void **state)
{
  PetscReal mole[2] = {0.282, 0.718}, value = 0.0;
  screen_point point = {.temperature = 1100.0, .mole = mole};
  mtp_diag diag = {0};
  screen_experiments e;

  (void)state;
  parse("# source\nproperty,unit,CaCl2,T_min_K,T_max_K,form,D1,D2\n"
        "density,g/cm3,0.282,1090,1170,linear,2.265,-0.00055242\r\n"
        "density,kg/m3,0.5,1000,1100,linear,2000,-0.5\n",
        &e, &diag);
  expect(diag.n == 0 && e.n == 2, "two good rows");
  expect(screen_experiments_find(&e, &campaign, &point, "density", &value), "found");
  expect_near(value, 1657.338, 1e-12, "density at 1100 K of the NIST correlation");
  point.temperature = 1089.0;
  expect(!screen_experiments_find(&e, &campaign, &point, "density", &value),
         "no extrapolation in T");
  point.temperature = 1100.0;
  mole[0] = 0.290;
  mole[1] = 0.710;
  expect(!screen_experiments_find(&e, &campaign, &point, "density", &value),
         "no other composition");
  mole[0] = mole[1] = 0.5;
  expect(screen_experiments_find(&e, &campaign, &point, "density", &value),
         "upper edge of T belongs");
  expect_near(value, 1450.0, 1e-12, "kg/m3 is taken as it is");
  expect(!screen_experiments_find(&e, &campaign, &point, "viscosity", &value), "another property");
  clear(&e, &diag);
}

static void expect_messages(const char *text, PetscInt n, const char *const want[])
{
  mtp_diag diag = {0};
  screen_experiments e;

  parse(text, &e, &diag);
  for (PetscInt i = 0; i < n && i < diag.n; i++) assert_string_equal(diag.text[i], want[i]);
  expect(diag.n == n, "as many messages as problems");
  clear(&e, &diag);
}

static void test_messages(void **state)
{
  const char *const empty[] = {"x.csv: has no header, wanted property,unit,...,form,D1,D2"};
  const char *const bad[] = {"x.csv:2: column unit: got 'lb/ft3', wanted kg/m3 or g/cm3",
                             "x.csv:2: column form: got 'cubic', wanted linear",
                             "x.csv:2: column property: got 'colour', wanted density",
                             "x.csv:2: column D1: got 'two', wanted a number",
                             "x.csv:3: got 3 fields, wanted 8 as in the header"};
  const char *const missing[] = {
      "x.csv:2: no columns for both CaCl2 and KCl, wanted all components but one",
      "x.csv:2: column T_max_K: got 'no such column', wanted a number"};

  (void)state;
  expect_messages("# only a remark\n", 1, empty);
  expect_messages("property,unit,CaCl2,T_min_K,T_max_K,form,D1,D2\n"
                  "colour,lb/ft3,0.5,1000,1100,cubic,two,3\na,b,c\n",
                  5, bad);
  expect_messages("property,unit,T_min_K,form,D1,D2\ndensity,kg/m3,1000,linear,1,2\n", 2, missing);
}

static void test_shipped_file(void **state)
{
  screen_campaign c = campaign;
  char *files[] = {(char[]){TEST_SOURCE "/campaigns/experiments/janz1992-cacl2-kcl.csv"}};
  mtp_diag diag = {0};
  screen_experiments e;

  (void)state;
  c.ncompare = 1;
  c.compare = files;
  expect_ok(screen_experiments_read(&c, &e, &diag));
  expect(diag.n == 0 && e.n == 8, "the shipped correlations are read");
  clear(&e, &diag);
  files[0] = (char[]){"no/such.csv"};
  expect_ok(screen_experiments_read(&c, &e, &diag));
  assert_string_equal(diag.text[0], "no/such.csv: cannot be read: No such file or directory");
  clear(&e, &diag);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows_and_lookup),
                                     cmocka_unit_test(test_messages),
                                     cmocka_unit_test(test_shipped_file)};
  return expect_main(argc, argv, purpose, tests);
}
