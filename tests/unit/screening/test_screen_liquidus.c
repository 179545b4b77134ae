/* tests/unit/screening/test_screen_liquidus.c */
#include "screening/screen_result.h"
#include "tests/support/expect.h"

static const char about[] = "The liquidus of a campaign: interpolation, and words about it\n";

static PetscReal at(const screen_campaign *c, double x)
{
  const PetscReal fraction[2] = {x, 1.0 - x};

  return screen_campaign_liquidus(c, fraction);
}

/* 900 K at 0.2, 1000 K at 0.6, 950 K at 1: lines between them, nothing below 0.2. */
static void test_lines(void **state)
{
  screen_liquidus curve[] = {{0.2, 900.0}, {0.6, 1000.0}, {1.0, 950.0}};
  const screen_campaign c = {.ncomponent = 2, .nliquidus = 3, .liquidus = curve};

  (void)state;
  expect(at(&c, 0.2) == 900.0 && at(&c, 0.6) == 1000.0 && at(&c, 1.0) == 950.0, "its points");
  expect_near(at(&c, 0.3), 925.0, 1e-12, "a quarter of the first line");
  expect_near(at(&c, 0.9), 962.5, 1e-12, "three quarters of the second");
  expect(at(&c, 0.1) == 0.0 && at(&c, 0.2 - 1e-5) == 0.0, "the curve is not extended");
  expect(at(&c, 0.2 - 1e-9) == 900.0, "round-off of a fraction");
}

/* The other component is the coordinate. */
static void test_coordinate(void **state)
{
  screen_liquidus curve[] = {{0.0, 900.0}, {0.5, 1000.0}};
  const screen_campaign c = {
      .ncomponent = 2, .nliquidus = 2, .liquidus = curve, .liquidus_component = 1};

  (void)state;
  expect_near(at(&c, 0.9), 920.0, 1e-12, "at 0.1 of the second component");
  expect(at(&c, 0.4) == 0.0, "outside");
}

static void test_single(void **state)
{
  screen_liquidus curve[] = {{0.737, 914.0}};
  screen_campaign c = {.ncomponent = 2, .nliquidus = 1, .liquidus = curve};

  (void)state;
  expect(at(&c, 0.737) == 914.0 && at(&c, 0.736) == 0.0, "one composition");
  c.liquidus_component = -1;
  expect(at(&c, 0.1) == 914.0, "all compositions");
  c.nliquidus = 0;
  expect(at(&c, 0.1) == 0.0, "none");
}

static void test_words(void **state)
{
  char source[] = "Somebody, 1950", text[160];
  const screen_point point = {.temperature = 900.0, .liquidus = 914.25};
  screen_campaign c = {.liquidus_source = source};

  (void)state;
  screen_result_excluded_text(&c, &point, text);
  assert_string_equal(text, "900 K is below the liquidus, 914.2 K (Somebody, 1950)");
  c.liquidus_source = NULL;
  screen_result_excluded_text(&c, &point, text);
  assert_string_equal(text, "900 K is below the liquidus, 914.2 K");
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_lines),
      cmocka_unit_test(test_coordinate),
      cmocka_unit_test(test_single),
      cmocka_unit_test(test_words),
  };
  return expect_main(argc, argv, about, tests);
}
