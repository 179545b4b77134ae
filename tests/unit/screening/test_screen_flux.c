/* tests/unit/screening/test_screen_flux.c */
#include "screening/screen_flux.h"
#include "tests/unit/screening/job_support.h"

static const char about[] = "Runs with an imposed flux: cells, exchanges, stages\n";

/* Two fluxes of heat, 2 ps each, in three images of the point's cell. */
static screen_campaign with_flux(void)
{
  screen_campaign c = campaign;

  c.want_rnemd_heat = PETSC_TRUE;
  c.nflux = 2;
  c.flux[0] = (screen_flux){.kind = MD_RNEMD_HEAT,
                            .every = 40.0,
                            .length = 2000.0,
                            .slab = {1.0, 1.0, 3.0},
                            .along = 1,
                            .slabs = 12,
                            .first = PETSC_TRUE};
  c.flux[1] = c.flux[0];
  c.flux[1].every = 100.0;
  c.flux[1].first = PETSC_FALSE;
  return c;
}

/* One component of 12 formula units NaCl of 64 Å^3: a cube of 9.158 Å. */
static void add_system(screen_campaign *c, screen_component *component, screen_point *p)
{
  static PetscInt one[NSPECIES] = {1, 1}, units[1] = {12};

  *component = (screen_component){.name = "NaCl", .count = one, .mass_u = 58.44};
  c->ncomponent = 1;
  c->component = component;
  c->density_guess = (mass[0] + mass[1]) / 64.0;
  p->units = units;
}

static void test_cell(void **state)
{
  screen_campaign c = with_flux();
  screen_component component;
  screen_point p = point;
  PetscInt repeat[3];

  (void)state;
  add_system(&c, &component, &p);
  screen_flux_repeat(&c, &p, 0, repeat);
  expect(repeat[0] == 1 && repeat[1] == 1 && repeat[2] == 3, "so many images");
  assert_int_equal(screen_stage_atoms(&c, &p, SCREEN_NVE), 24);
  assert_int_equal(screen_stage_atoms(&c, &p, SCREEN_FLUX + 1), 72);
  c.flux[0].along = 2;
  assert_int_equal(screen_stage_atoms(&c, &p, SCREEN_FLUX), 144);
  c.flux[0].is_size = PETSC_TRUE;
  c.flux[0].along = 1;
  c.flux[0].slab[0] = 4.0;
  c.flux[0].slab[1] = 14.0;
  c.flux[0].slab[2] = 40.0;
  screen_flux_repeat(&c, &p, 0, repeat);
  expect(repeat[0] == 1 && repeat[1] == 2 && repeat[2] == 4, "lengths in whole images of 9.16 Å");
  assert_int_equal(screen_stage_atoms(&c, &p, SCREEN_FLUX), 24 * 8);
}

static void test_exchange(void **state)
{
  screen_campaign c = with_flux();
  screen_component component;
  screen_point p = point;
  md_rnemd r;

  (void)state;
  add_system(&c, &component, &p);
  r = screen_flux_exchange(&c, &p, 1);
  expect(r.kind == MD_RNEMD_HEAT && r.slabs == 12 && r.period == 50 && r.swaps == 1, "100 of 2 fs");
  c.flux[0].every = 0.0;
  c.flux[0].span = 0.01;
  r = screen_flux_exchange(&c, &p, 0);
  assert_int_equal(r.period, 6552); /* (3 x 9.1577)^2/(4 x 72 x 0.02 x 0.01) = 13103 fs */
  c.flux[0].kind = MD_RNEMD_SHEAR;
  r = screen_flux_exchange(&c, &p, 0);
  expect(r.kind == MD_RNEMD_SHEAR && r.period == 17472, "(3 x 9.1577)^2/(72 x 0.03 x 0.01)");
  c.flux[0].along = 3; /* L^2/N */
  assert_int_equal(screen_flux_exchange(&c, &p, 0).period, 52415);
  c.flux[0].every = 40.0;
  assert_int_equal(screen_flux_exchange(&c, &p, 0).period, 60);
}

/* Stages and their lengths; nothing changes for what comes before. */
static void test_stages(void **state)
{
  const screen_campaign c = with_flux();
  screen_campaign other = c;
  screen_phase phase[SCREEN_MAX_PHASES];
  PetscInt n;

  (void)state;
  assert_int_equal(screen_stage_steps(&campaign, SCREEN_FLUX), 0);
  assert_int_equal(screen_stage_steps(&c, SCREEN_FLUX), 3000);     /* 4 ps to settle, 2 ps */
  assert_int_equal(screen_stage_steps(&c, SCREEN_FLUX + 1), 1000); /* goes on from there */
  assert_int_equal(screen_stage_steps(&c, SCREEN_FLUX + 2), 0);
  assert_string_equal(screen_stage_name(SCREEN_FLUX), "rnemd-1");
  for (int s = 0; s < SCREEN_FLUX; s++)
    expect(screen_stage_origin(&c, (screen_stage)s) ==
               screen_stage_origin(&campaign, (screen_stage)s),
           "records of the other stages stay good");
  other.flux[0].slab[2] = 4.0;
  expect(screen_stage_origin(&other, SCREEN_FLUX) != screen_stage_origin(&c, SCREEN_FLUX), "cell");
  other = c;
  other.flux[1].every = 200.0;
  expect(screen_stage_origin(&other, SCREEN_FLUX) == screen_stage_origin(&c, SCREEN_FLUX) &&
             screen_stage_origin(&other, SCREEN_FLUX + 1) !=
                 screen_stage_origin(&c, SCREEN_FLUX + 1),
         "each has its own flux");
  screen_job_phases(&c, &point, SCREEN_FLUX, &n, phase);
  assert_int_equal(n, 3);
  expect(phase[0].end == 1000 && phase[1].end == 2000, "images apart, then pressure");
  expect(phase[2].protocol.ensemble == MD_NVE && phase[2].protocol.rnemd.period == 20, "flux");
  expect(phase[1].protocol.rnemd.kind == MD_RNEMD_OFF, "and none before");
  screen_job_phases(&c, &point, SCREEN_FLUX + 1, &n, phase);
  expect(n == 1 && phase[0].protocol.rnemd.period == 50, "the next one at once");
}

/* A replica through both fluxes, in one piece and in segments: the same state, and a profile in
 * which heat runs from the middle to the ends. */
static void test_runs(void **state)
{
  const screen_campaign plain = campaign;
  md_blob whole = {0}, cut = {0};
  screen_job_state s = {0};
  md_profile_row row[12];
  PetscReal flux;

  (void)state;
  campaign = with_flux();
  campaign.want_structure = campaign.want_diffusion = PETSC_FALSE;
  campaign.want_density = campaign.want_potential_energy = PETSC_FALSE;
  campaign.want_viscosity = PETSC_FALSE;
  campaign.only_rnemd_heat = PETSC_TRUE;
  expect(screen_stage_steps(&campaign, SCREEN_NVE) == 0, "nothing needs the NVE production");
  for (int stage = 0; stage < SCREEN_NSTAGE; stage++)
    run_stage((screen_stage)stage, 0, INT64_MAX, &whole);
  for (int stage = 0; stage < SCREEN_NSTAGE; stage++) {
    run_stage((screen_stage)stage, 0, 730, &cut);
    if (stage != SCREEN_FLUX) continue;
    expect_ok(screen_job_state_read(&campaign, &point, &cut, &s));
    assert_int_equal(s.profile.nblock * s.profile.length + s.profile.npartial,
                     100); /* of the flux */
    expect_ok(screen_job_state_clear(&s));
    cut.read = 0;
  }
  expect(whole.size == cut.size && memcmp(whole.data, cut.data, whole.size) == 0,
         "segments do not matter");
  expect_ok(screen_job_state_read(&campaign, &point, &whole, &s));
  assert_int_equal(s.stage, SCREEN_FLUX + 1);
  assert_int_equal(s.done, 1000);
  assert_int_equal(s.atoms.n, 72);
  expect(s.flux == MD_RNEMD_HEAT && s.profile.slabs == 12 && s.profile.total == 72, "profile");
  assert_int_equal(s.profile.nblock * s.profile.length + s.profile.npartial, 100); /* of 20 fs */
  expect(fabs(s.drift) < 0.02, "exchanges keep the energy");
  expect_ok(md_profile_flux(&s.profile, 0, s.profile.nblock, &flux));
  expect_ok(md_profile_average(&s.profile, 0, s.profile.nblock, row));
  expect(flux > 0.0 && row[6].temperature > row[0].temperature + 50.0, "heat is moved");
  expect_ok(screen_job_state_clear(&s));
  expect_ok(md_blob_clear(&whole));
  expect_ok(md_blob_clear(&cut));
  campaign = plain;
}

/* Two images, then four, then one with a flux of momentum, each settled anew from the same cell: in
 * one piece and in segments the same bytes, which carry the point's own positions to the end. */
static void test_cells(void **state)
{
  const screen_campaign plain = campaign;
  md_blob whole = {0}, cut = {0};
  screen_job_state first = {0}, last = {0};
  screen_phase phase[SCREEN_MAX_PHASES];
  md_profile_row row[12];
  PetscReal flux;
  PetscInt n;

  (void)state;
  campaign = with_flux();
  campaign.want_structure = campaign.want_diffusion = PETSC_FALSE;
  campaign.want_density = campaign.want_potential_energy = PETSC_FALSE;
  campaign.only_rnemd_heat = campaign.only_rnemd_shear = PETSC_TRUE;
  campaign.nflux = 3;
  for (int k = 0; k < 3; k++) {
    campaign.flux[k] = campaign.flux[0];
    campaign.flux[k].slab[2] = 2.0;
    campaign.flux[k].along = 1 + k % 2;
  }
  campaign.flux[2].kind = MD_RNEMD_SHEAR;
  expect(screen_stage_steps(&campaign, SCREEN_FLUX + 1) == 3000, "each settles");
  screen_job_phases(&campaign, &point, SCREEN_FLUX + 1, &n, phase);
  expect(n == 3 && phase[1].end == 2000 && phase[1].protocol.rnemd.kind == MD_RNEMD_OFF, "first");
  for (int stage = 0; stage < SCREEN_NSTAGE; stage++) {
    run_stage((screen_stage)stage, 0, INT64_MAX, &whole);
    if (stage != SCREEN_FLUX) continue;
    expect_ok(screen_job_state_read(&campaign, &point, &whole, &first));
    whole.read = 0;
  }
  for (int stage = 0; stage < SCREEN_NSTAGE; stage++) run_stage((screen_stage)stage, 0, 730, &cut);
  expect(whole.size == cut.size && memcmp(whole.data, cut.data, whole.size) == 0,
         "segments do not matter");
  expect_ok(screen_job_state_read(&campaign, &point, &whole, &last));
  expect(last.stage == SCREEN_FLUX + 2 && last.atoms.n == 48 && first.atoms.n == 48, "atoms");
  assert_int_equal(last.base.n, point.natoms);
  for (PetscInt i = 0; i < 3 * point.natoms; i++)
    expect(first.base.x[i] == last.base.x[i], "the cell that all are made of");
  expect(last.flux == MD_RNEMD_SHEAR, "of momentum");
  expect_ok(md_profile_flux(&last.profile, 0, last.profile.nblock, &flux));
  expect_ok(md_profile_average(&last.profile, 0, last.profile.nblock, row));
  expect(flux > 0.0 && row[0].velocity > row[6].velocity, "momentum is moved");
  expect_ok(screen_job_state_clear(&first));
  expect_ok(screen_job_state_clear(&last));
  expect_ok(md_blob_clear(&whole));
  expect_ok(md_blob_clear(&cut));
  campaign = plain;
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_cell), cmocka_unit_test(test_exchange),
                                     cmocka_unit_test(test_stages), cmocka_unit_test(test_runs),
                                     cmocka_unit_test(test_cells)};
  int failed;

  if (PetscInitialize(&argc, &argv, NULL, about)) return 99;
  failed = cmocka_run_group_tests_name("screen_flux", tests, begin, end);
  if (PetscFinalize()) return 98;
  return failed;
}
