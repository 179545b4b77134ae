/* tests/unit/screening/test_screen_units.c */
#include "md/md_units.h"
#include "screening/screen_units.h"
#include "tests/support/expect.h"

static const char about[] = "Values with units: exact conversion, every unit, every refusal\n";

static double parsed(const char *text, screen_dimension dimension)
{
  char problem[SCREEN_PROBLEM_MAX];
  PetscReal value = 0.0;

  if (!screen_quantity_parse(text, dimension, &value, problem)) fail_msg("'%s': %s", text, problem);
  return value;
}

static void expect_problem(const char *text, screen_dimension dimension, const char *want)
{
  char problem[SCREEN_PROBLEM_MAX] = "";
  PetscReal value = 42.0;

  expect(!screen_quantity_parse(text, dimension, &value, problem), text);
  assert_string_equal(problem, want);
  expect(value == 42.0, "a refused value leaves the output alone");
}

/* Powers of ten move the decimal point: no rounding beside that of the decimal number itself. */
static void test_exact(void **state)
{
  (void)state;
  expect(parsed("2.3 ps", SCREEN_DIM_TIME) == 2300.0, "2.3 ps");
  expect(parsed("0.1 ps", SCREEN_DIM_TIME) == 100.0, "0.1 ps");
  expect(parsed("1.1e-3 ns", SCREEN_DIM_TIME) == 1100.0, "1.1e-3 ns");
  expect(parsed("4.35 nm", SCREEN_DIM_LENGTH) == 43.5, "4.35 nm");
  expect(parsed("28.2 %", SCREEN_DIM_FRACTION) == 0.282, "28.2 %");
  expect(parsed("0.282", SCREEN_DIM_FRACTION) == 0.282, "a fraction without a unit");
  expect(parsed("-1", SCREEN_DIM_CHARGE) == -1.0, "a charge without a unit");
  expect(parsed("+2 e", SCREEN_DIM_CHARGE) == 2.0, "a charge in e");
}

static void test_every_unit(void **state)
{
  static const struct {
    const char *text;
    screen_dimension dimension;
    double want; /* in the base unit of the dimension, SI where there is one */
  } rows[] = {
      {"3 fs", SCREEN_DIM_TIME, 3.0},           {"3 ps", SCREEN_DIM_TIME, 3e3},
      {"3 ns", SCREEN_DIM_TIME, 3e6},           {"3 us", SCREEN_DIM_TIME, 3e9},
      {"3 \xC2\xB5s", SCREEN_DIM_TIME, 3e9},    {"3 s", SCREEN_DIM_TIME, 3e15},
      {"900 K", SCREEN_DIM_TEMPERATURE, 900.0}, {"10 A", SCREEN_DIM_LENGTH, 10.0},
      {"10 \xC3\x85", SCREEN_DIM_LENGTH, 10.0}, {"10 \xE2\x84\xAB", SCREEN_DIM_LENGTH, 10.0},
      {"10 nm", SCREEN_DIM_LENGTH, 100.0},      {"10 pm", SCREEN_DIM_LENGTH, 0.1},
      {"1e-9 m", SCREEN_DIM_LENGTH, 10.0},
  };

  (void)state;
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    expect_near(parsed(rows[i].text, rows[i].dimension), rows[i].want, 0.0, rows[i].text);
  }
}

/* Pressure, density and compressibility, against the constants of md_units.h; 2 roundings. */
static void test_physical(void **state)
{
  const double bar = 1e5 / MD_PRESSURE_PA, density = MD_ATOMIC_MASS / MD_DENSITY_SI;

  (void)state;
  expect_near(parsed("1 bar", SCREEN_DIM_PRESSURE), bar, 4e-16, "bar");
  expect_near(parsed("0.1 MPa", SCREEN_DIM_PRESSURE), bar, 4e-16, "MPa");
  expect_near(parsed("1e-4 GPa", SCREEN_DIM_PRESSURE), bar, 4e-16, "GPa");
  expect_near(parsed("100 kPa", SCREEN_DIM_PRESSURE), bar, 4e-16, "kPa");
  expect_near(parsed("1e5 Pa", SCREEN_DIM_PRESSURE), bar, 4e-16, "Pa");
  expect_near(parsed("1 atm", SCREEN_DIM_PRESSURE), 1.01325 * bar, 4e-16, "atm");
  expect_near(parsed("1000 kg/m3", SCREEN_DIM_DENSITY), 1000.0 * density, 4e-16, "kg/m3");
  expect_near(parsed("1.7 g/cm3", SCREEN_DIM_DENSITY), 1700.0 * density, 4e-16, "g/cm3");
  expect_near(parsed("1.7g/cm\xC2\xB3", SCREEN_DIM_DENSITY), 1700.0 * density, 4e-16, "cm3");
  expect_near(parsed("119.8 K", SCREEN_DIM_ENERGY), 119.8 * MD_BOLTZMANN, 4e-16, "k_B times K");
  expect_near(parsed("10.3 meV", SCREEN_DIM_ENERGY), 0.0103, 4e-16, "meV");
  expect_near(parsed("96.485332123 kJ/mol", SCREEN_DIM_ENERGY), 1.0, 1e-10, "Faraday's constant");
  expect_near(parsed("7 eV A^6", SCREEN_DIM_C6), 7.0, 4e-16, "C/r^6");
  expect_near(parsed("9 eV \xC3\x85^8", SCREEN_DIM_C8), 9.0, 4e-16, "D/r^8");
  expect_near(parsed("2e-10 1/Pa", SCREEN_DIM_COMPRESSIBILITY), 2e-10 * MD_PRESSURE_PA, 4e-16,
              "Pa");
  expect_near(parsed("0.2 1/GPa", SCREEN_DIM_COMPRESSIBILITY), 2e-10 * MD_PRESSURE_PA, 4e-16,
              "GPa");
  expect_near(parsed("1 1/atm", SCREEN_DIM_COMPRESSIBILITY), MD_PRESSURE_PA / 101325.0, 4e-16,
              "atm");
}

static void test_refusals(void **state)
{
  const screen_dimension T = SCREEN_DIM_TEMPERATURE, t = SCREEN_DIM_TIME;

  (void)state;
  expect_problem("900", T, "got '900' without a unit, wanted a temperature in K, such as 900 K");
  expect_problem("0", t,
                 "got '0' without a unit, wanted a time in fs, ps, ns, us, s, such as 1 ps");
  expect_problem("900 kelvin", T,
                 "got '900 kelvin' with the unknown unit 'kelvin', wanted a temperature in K, such "
                 "as 900 K");
  expect_problem("627 \xC2\xB0"
                 "C",
                 T,
                 "got '627 \xC2\xB0"
                 "C', wanted it in K: add 273.15 to degrees Celsius");
  expect_problem("5 fs", T,
                 "got '5 fs', which is a time, wanted a temperature in K, such as 900 K");
  expect_problem("hot", T, "got 'hot', wanted a temperature in K, such as 900 K");
  expect_problem("", T, "got '', wanted a temperature in K, such as 900 K");
  expect_problem("1e999 K", T,
                 "got '1e999 K', wanted a number of at most 64 digits and below 1e308");
  expect_problem("2", SCREEN_DIM_COMPRESSIBILITY,
                 "got '2' without a unit, wanted a compressibility in 1/Pa, 1/MPa, 1/GPa, 1/bar, "
                 "such as 2e-10 1/Pa");
}

/* What strtod would take and people do not mean. */
static void test_not_decimal(void **state)
{
  static const char *const texts[] = {"inf K",   "nan K", "0x10 K", ".5 K", "1. K",   "1,5 K",
                                      "1 000 K", "--1 K", "1e K",   "e5 K", "1_000 K"};
  char problem[SCREEN_PROBLEM_MAX];
  PetscReal value;

  (void)state;
  for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
    expect(!screen_quantity_parse(texts[i], SCREEN_DIM_TEMPERATURE, &value, problem), texts[i]);
  }
}

/* Every spelling of every dimension is read; those of one dimension are refused by the others. */
static void test_spellings(void **state)
{
  char text[64], problem[SCREEN_PROBLEM_MAX];
  const char *name;
  PetscReal value;

  (void)state;
  for (int d = 0; d < SCREEN_NDIM; d++) {
    for (PetscInt k = 0; (name = screen_dimension_spelling((screen_dimension)d, k)); k++) {
      snprintf(text, sizeof(text), "2 %s", name);
      for (int other = 0; other < SCREEN_NDIM; other++) {
        const PetscBool ok = screen_quantity_parse(text, (screen_dimension)other, &value, problem);
        const PetscBool bare = (PetscBool)(!name[0] && other <= SCREEN_DIM_NUMBER);
        const PetscBool kelvin =
            (PetscBool)(!strcmp(name, "K") &&
                        (other == SCREEN_DIM_ENERGY || other == SCREEN_DIM_TEMPERATURE));
        const PetscBool second = (PetscBool)(!strcmp(name, "s") && (other == SCREEN_DIM_TIME ||
                                                                    other == SCREEN_DIM_WALLTIME));

        expect(ok == (other == d || bare || kelvin || second), text);
      }
    }
    expect(screen_quantity_parse(screen_dimension_example((screen_dimension)d), (screen_dimension)d,
                                 &value, problem),
           "the example of the dimension can be read");
  }
}

static void test_integers(void **state)
{
  char problem[SCREEN_PROBLEM_MAX];
  PetscInt64 value = 7;

  (void)state;
  expect(screen_integer_parse("832", &value, problem) && value == 832, "832");
  expect(screen_integer_parse("-3", &value, problem) && value == -3, "-3");
  expect(!screen_integer_parse("8.5", &value, problem), "8.5");
  assert_string_equal(problem, "got '8.5', wanted a whole number");
  expect(!screen_integer_parse("99999999999999999999", &value, problem), "too large");
  assert_string_equal(problem,
                      "got '99999999999999999999', wanted a whole number of at most 18 digits");
  expect(value == -3, "a refused number leaves the output alone");
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_exact),       cmocka_unit_test(test_every_unit),
      cmocka_unit_test(test_physical),    cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_not_decimal), cmocka_unit_test(test_spellings),
      cmocka_unit_test(test_integers),
  };

  return expect_main(argc, argv, about, tests);
}
