static const char about[] = "Structure beside g(r): asked for, sampled, saved, and not asked for\n";
#include "tests/unit/screening/job_support.h"

/* The end of NPT with these wishes, run in segments of so many steps */
static void run_npt(const screen_structure_wish *wish, int64_t segment, md_blob *end_state)
{
  campaign.structure = (screen_structure_wish){0};
  run_stage(SCREEN_EQUILIBRATION, 0, INT64_MAX, end_state);
  campaign.structure = *wish;
  run_stage(SCREEN_NPT, 0, segment, end_state);
  campaign.structure = (screen_structure_wish){0};
}

/* Samples at the end, and the same bytes however the stage was cut. */
static void test_segments(void **state)
{
  const screen_structure_wish wish = {.qmax = 4.0,
                                      .reach = 6.0,
                                      .nlife = 2,
                                      .life = {{0, 1, 3.4}, {1, 1, 4.5}},
                                      .tolerance = 400.0};
  const PetscReal length = campaign.production_npt;
  md_blob whole = {0}, cut = {0};
  screen_job_state s = {0};

  (void)state;
  campaign.production_npt = 4400.0;
  run_npt(&wish, INT64_MAX, &whole);
  run_npt(&wish, 389, &cut);
  campaign.production_npt = length;
  expect(whole.size == cut.size && memcmp(whole.data, cut.data, whole.size) == 0,
         "estimators do not depend on how the stage was cut");
  expect_ok(screen_job_state_read(&campaign, &point, &whole, &s));
  expect(s.structure.wish.qmax == 4.0, "the settings are kept by a state that is read without");
  assert_int_equal(prop_sq_nshell(s.structure.sq), 80);
  assert_int_equal(prop_sq_samples(s.structure.sq), 2);
  assert_int_equal(prop_ligand_samples(s.structure.ligand), 2);
  assert_int_equal(prop_life_samples(s.structure.life[1]), 22);
  expect(s.structure.life_time == 200.0 && !s.structure.life[2], "lifetimes of two pairs");
  expect_ok(screen_job_state_clear(&s));
  expect_ok(md_blob_clear(&whole));
  expect_ok(md_blob_clear(&cut));
}

/* Bytes of the state of a job before its dynamics */
static size_t estimator_bytes(const md_blob *blob)
{
  screen_job_state s = {0};
  md_blob view = {0};

  md_blob_view(&view, blob->data, blob->size);
  expect_ok(screen_job_state_read(&campaign, &point, &view, &s));
  expect_ok(screen_job_state_clear(&s));
  return view.read;
}

/* Without wishes there is no section; with them the dynamics are the same. */
static void test_nothing_asked(void **state)
{
  const screen_structure_wish none = {0}, wish = {.qmax = 4.0,
                                                  .reach = 6.0,
                                                  .nlife = 2,
                                                  .life = {{0, 1, 3.4}, {1, 1, 4.5}},
                                                  .tolerance = 400.0};
  md_blob without = {0}, with = {0};
  screen_job_state s = {0};
  size_t a, b;

  (void)state;
  run_npt(&none, INT64_MAX, &without);
  run_npt(&wish, INT64_MAX, &with);
  a = estimator_bytes(&without);
  b = estimator_bytes(&with);
  expect(a < b, "what is not asked for is not kept");
  expect(without.size - a == with.size - b &&
             memcmp(without.data + a, with.data + b, with.size - b) == 0,
         "watching does not change the dynamics");
  expect_ok(screen_job_state_read(&campaign, &point, &without, &s));
  assert_null(s.structure.sq);
  assert_null(s.structure.ligand);
  assert_null(s.structure.life[0]);
  expect_ok(screen_job_state_clear(&s));
  expect_ok(md_blob_clear(&without));
  expect_ok(md_blob_clear(&with));
}

/* A record without what is asked for is not taken for one with it. */
static void test_origins(void **state)
{
  const int64_t npt = screen_stage_origin(&campaign, SCREEN_NPT);
  const int64_t nve = screen_stage_origin(&campaign, SCREEN_NVE);

  (void)state;
  campaign.structure.qmax = 4.0;
  expect(screen_stage_origin(&campaign, SCREEN_NPT) != npt, "structure factors");
  expect(screen_stage_origin(&campaign, SCREEN_NVE) == nve, "NVE has none");
  campaign.structure = (screen_structure_wish){0};
  campaign.structure_every = 50.0;
  expect(screen_stage_origin(&campaign, SCREEN_NPT) != npt, "time between samples");
  campaign.structure_every = 200.0;
  expect(screen_stage_origin(&campaign, SCREEN_NPT) == npt, "the usual time is not named");
  campaign.structure = (screen_structure_wish){.reach = 6.0};
  expect(screen_stage_origin(&campaign, SCREEN_NPT) != npt, "ligands");
  campaign.structure = (screen_structure_wish){.nlife = 1, .life = {{0, 1, 3.4}}};
  expect(screen_stage_origin(&campaign, SCREEN_NPT) != npt, "lifetimes");
  campaign.structure = (screen_structure_wish){0};
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_segments),
                                     cmocka_unit_test(test_nothing_asked),
                                     cmocka_unit_test(test_origins)};
  int failed;

  if (PetscInitialize(&argc, &argv, NULL, about)) return 99;
  failed = cmocka_run_group_tests(tests, begin, end);
  if (PetscFinalize()) return 98;
  return failed;
}
