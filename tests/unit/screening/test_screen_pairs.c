/* tests/unit/screening/test_screen_pairs.c */
#include "tests/support/expect.h"

#include <unistd.h>

#include "md/md_units.h"
#include "screening/screen_grid.h"
#include "screening/screen_pairs.h"

static const char help[] = "Potentials that stand in the campaign file: numbers, text, keys\n";

static screen_campaign *load(const char *file)
{
  screen_campaign *c;
  mtp_diag diag = {0};

  assert_int_equal(chdir(TEST_DATA "/campaigns"), 0);
  expect_ok(screen_campaign_read(file, &c, &diag));
  if (!c) fail_msg("%s", diag.text[0]);
  return c;
}

/* [eV] of two atoms at distance r [Å], the cut-off below half of the cell */
static PetscReal dimer(const md_potential *pot, PetscInt a, PetscInt b, PetscReal r)
{
  const PetscReal x[6] = {1.0, 1.0, 1.0, 1.0, 1.0 + r, 1.0};
  const PetscReal h[3][3] = {{30.0, 0.0, 0.0}, {0.0, 30.0, 0.0}, {0.0, 0.0, 30.0}};
  const PetscInt type[2] = {a, b};
  mtp_neighbors nb = {0};
  mtp_result out = {0};

  expect_ok(mtp_neighbors_build(2, x, type, h, 3, pot->cutoff, 0.0, &nb));
  expect_ok(md_potential_evaluate(pot, &nb, &out));
  expect_ok(mtp_neighbors_clear(&nb));
  return out.energy;
}

static void test_lj(void **state)
{
  screen_campaign *c = load("pairs_argon.yaml");
  const PetscReal ar = 120.0 * MD_BOLTZMANN, kr = 0.0147, mixed = sqrt(ar * kr);
  md_lj_options options;
  md_potential *pot, *want;
  PetscReal e[4] = {ar, mixed, mixed, kr}, s[4] = {3.4, 3.5, 3.5, 3.6};

  (void)state;
  assert_int_equal(c->model, SCREEN_LJ);
  expect(c->pairs.truncation == MD_FORCE_SHIFTED && !c->potential_file, "as the file says");
  options = (md_lj_options){2, e, s, 8.5, MD_FORCE_SHIFTED, 0.0};
  expect_ok(md_potential_create_lj_with(&options, &want));
  expect_ok(screen_pairs_open(c, &pot));
  expect_near(pot->min_dist, 0.75 * 3.4, 1e-14, "shortest distance");
  for (int ij = 0; ij < 4; ij++)
    expect_near(dimer(pot, ij / 2, ij % 2, 4.0), dimer(want, ij / 2, ij % 2, 4.0), 1e-13, "pair");
  assert_string_equal(c->potential_text,
                      "potential: Lennard-Jones, force-shifted at 8.5 A\n"
                      "pair Ar-Ar: epsilon 0.010340799914574214 eV, sigma 3.4 A\n"
                      "pair Ar-Kr: epsilon 0.01232922376892564 eV, sigma 3.5 A\n"
                      "pair Kr-Kr: epsilon 0.0147 eV, sigma 3.6 A\n");
  expect_ok(md_potential_destroy(&pot));
  expect_ok(md_potential_destroy(&want));
  expect_ok(screen_campaign_destroy(&c));
}

/* Chlorine first in the file, second in the salt */
static void test_salt(void **state)
{
  screen_campaign *c = load("pairs_nacl.yaml");
  md_tosi_fumi_salt salt;
  md_potential *pot;

  (void)state;
  assert_int_equal(c->model, SCREEN_TOSI_FUMI);
  assert_true(md_tosi_fumi_find("NaCl", &salt));
  assert_memory_equal(&c->pairs.born[0], &salt.pair[2], sizeof(md_tosi_fumi_pair));
  assert_memory_equal(&c->pairs.born[1], &salt.pair[1], sizeof(md_tosi_fumi_pair));
  assert_memory_equal(&c->pairs.born[2], &salt.pair[1], sizeof(md_tosi_fumi_pair));
  assert_memory_equal(&c->pairs.born[3], &salt.pair[0], sizeof(md_tosi_fumi_pair));
  expect(c->charge[0] == -1.0 && c->charge[1] == 1.0, "charges");
  expect_ok(screen_pairs_open(c, &pot));
  expect(pot->one_rank, "groups of one rank");
  assert_non_null(
      strstr(c->potential_text, "charges: Cl -1 e, Na 1 e; Ewald sum accurate to 0.0001"));
  expect_ok(md_potential_destroy(&pot));
  expect_ok(screen_campaign_destroy(&c));
}

/* Everything that is written down is in the key of a point. */
static void test_keys(void **state)
{
  screen_campaign *one = load("pairs_argon.yaml"), *two = load("pairs_argon.yaml"),
                  *salt = load("pairs_nacl.yaml");

  (void)state;
  assert_string_equal(one->potential_sha256, two->potential_sha256);
  expect(strlen(salt->potential_sha256) == 64, "a hash");
  expect(strcmp(one->potential_sha256, salt->potential_sha256) != 0, "of the text");
  expect_ok(screen_campaign_destroy(&one));
  expect_ok(screen_campaign_destroy(&two));
  expect_ok(screen_campaign_destroy(&salt));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_lj), cmocka_unit_test(test_salt),
                                     cmocka_unit_test(test_keys)};

  return expect_main(argc, argv, help, tests);
}
