static const char about[] = "What processes did with their time, and where errors are largest\n";
#include "screening/screen_use.h"
#include "tests/support/expect.h"

/* Two groups for 100 s: 150 s of segments, 10 s of journals, 40 s without an order. */
static void test_shares(void **state)
{
  const screen_use use = {
      .groups = 2, .seconds = 100.0, .busy = 150.0, .occupied = 160.0, .processor = 0.7};
  const screen_use none = {.groups = 2};

  (void)state;
  expect_near(screen_use_of(&use).idle, 0.2, 1e-14, "idle");
  expect_near(screen_use_of(&use).journal, 0.05, 1e-14, "journal");
  expect_near(screen_use_of(&use).dispatcher, 0.007, 1e-14, "dispatcher");
  expect_near(screen_use_of(&none).idle + 1.0, 1.0, 1e-14, "before the first second");
}

/* A target makes an error worse or better than a larger one without. */
static void test_worst(void **state)
{
  enum { POINTS = 2 };
  screen_campaign campaign = {.nspecies = 0};
  screen_point point[POINTS] = {{.index = 0}, {.index = 1}};
  screen_grid grid = {.npoint = POINTS, .point = point};
  screen_session session = {.campaign = &campaign, .grid = &grid};
  const prop_id density = screen_target_value(SCREEN_TARGET_DENSITY);
  const prop_id viscosity = screen_target_value(SCREEN_TARGET_VISCOSITY);
  screen_result result[POINTS];

  (void)state;
  campaign.target[SCREEN_TARGET_DENSITY] = 0.001;
  for (int p = 0; p < POINTS; p++) {
    expect_ok(screen_result_create(0, &result[p]));
    *screen_result_at(&result[p], density) = (prop_value){.value = 2.0, .error = 0.006};
    *screen_result_at(&result[p], viscosity) = (prop_value){.value = -4.0, .error = p ? 16.0 : 1.0};
  }
  expect_ok(screen_use_look(&session, result));
  assert_int_equal(session.worst[0].target, SCREEN_TARGET_DENSITY);
  expect_near(session.worst[0].badness, 3.0, 1e-14, "error over target");
  expect_near(session.worst[0].error, 0.003, 1e-14, "relative error");
  assert_int_equal(session.worst[1].target, SCREEN_TARGET_VISCOSITY);
  expect_near(session.worst[1].error, 4.0, 1e-14, "without a target");
  for (int p = 0; p < POINTS; p++) expect_ok(screen_result_clear(&result[p]));
  expect_ok(PetscFree(session.worst));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_shares), cmocka_unit_test(test_worst)};

  return expect_main(argc, argv, about, tests);
}
