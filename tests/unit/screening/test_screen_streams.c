/* tests/unit/screening/test_screen_streams.c */
#include "tests/unit/screening/job_support.h"

static const char about[] = "Block means of the productions: what is in their channels\n";

/* Mean over the complete blocks of a channel. */
static PetscReal channel_mean(const prop_stream *stream, PetscInt channel)
{
  PetscReal *x, sum = 0.0;

  expect_ok(PetscMalloc1(stream->nblock, &x));
  expect_ok(prop_stream_channel(stream, channel, x));
  for (PetscInt i = 0; i < stream->nblock; i++) sum += x[i];
  expect_ok(PetscFree(x));
  return sum / (PetscReal)stream->nblock;
}

static PetscReal series_mean(const prop_series *series)
{
  PetscReal sum = 0.0;

  assert_int_equal(series->length, 1);
  for (PetscInt i = 0; i < series->nblock; i++) sum += series->block[i];
  return sum / (PetscReal)series->nblock;
}

/* Block means of the NPT production are those of what the series holds; the enthalpy is made of
 * them with the pressure of the point. */
static void test_npt_stream(void **state)
{
  const PetscReal freedom = 3.0 * 24 - 3.0; /* of the thermostat: no momentum */
  md_blob blob = {0};
  screen_job_state s = {0};
  PetscReal volume, potential, temperature, enthalpy;

  (void)state;
  run_stage(SCREEN_EQUILIBRATION, 0, INT64_MAX, &blob);
  run_stage(SCREEN_NPT, 0, INT64_MAX, &blob);
  expect_ok(screen_job_state_read(&campaign, &point, &blob, &s));
  assert_int_equal(s.npt_stream.nchannel, PROP_NPT_CHANNELS);
  assert_int_equal(s.nve_stream.nchannel, 0);
  assert_int_equal(s.npt_stream.nblock, 40);
  expect_abs(prop_stream_block_time(&s.npt_stream), 10.0, 0.0, "10 fs a block");
  volume = channel_mean(&s.npt_stream, PROP_NPT_VOLUME);
  potential = channel_mean(&s.npt_stream, PROP_NPT_POTENTIAL);
  temperature = channel_mean(&s.npt_stream, PROP_NPT_TEMPERATURE);
  enthalpy = channel_mean(&s.npt_stream, PROP_NPT_ENTHALPY);
  expect_near(volume, series_mean(&s.volumes), 1e-13, "volume");
  expect_near(potential, 24.0 * series_mean(&s.potential), 1e-13, "potential energy");
  expect_near(temperature, series_mean(&s.temperature), 1e-13, "temperature");
  expect_near(enthalpy,
              potential + 0.5 * freedom * MD_BOLTZMANN * temperature + point.pressure * volume,
              1e-12, "enthalpy");
  expect(point.pressure * volume > 1e-3 * PetscAbsReal(enthalpy), "pressure counts in it");
  expect_ok(screen_job_state_clear(&s));
  expect_ok(md_blob_clear(&blob));
}

/* Where a block is one sample, products are those of the other channels. */
static void test_npt_products(void **state)
{
  const PetscReal dt = campaign.dt;
  md_blob blob = {0};
  screen_job_state s = {0};
  PetscReal x[PROP_NPT_CHANNELS][64];

  (void)state;
  campaign.dt = 7.0;
  run_stage(SCREEN_EQUILIBRATION, 0, INT64_MAX, &blob);
  run_stage(SCREEN_NPT, 0, INT64_MAX, &blob);
  campaign.dt = dt;
  expect_ok(screen_job_state_read(&campaign, &point, &blob, &s));
  assert_int_equal(s.npt_stream.nblock, 57);
  for (PetscInt c = 0; c < PROP_NPT_CHANNELS; c++)
    expect_ok(prop_stream_channel(&s.npt_stream, c, x[c]));
  for (PetscInt i = 0; i < s.npt_stream.nblock; i++) {
    const PetscReal dv = x[PROP_NPT_VOLUME][i] - x[PROP_NPT_VOLUME][0];
    const PetscReal dh = x[PROP_NPT_ENTHALPY][i] - x[PROP_NPT_ENTHALPY][0];

    expect_near(x[PROP_NPT_VV][i], dv * dv, 1e-14, "fluctuation of the volume");
    expect_near(x[PROP_NPT_HH][i], dh * dh, 1e-14, "of the enthalpy");
    expect_near(x[PROP_NPT_HV][i], dh * dv, 1e-14, "of both");
  }
  expect(x[PROP_NPT_HH][30] > 0.0 && x[PROP_NPT_VV][30] > 0.0, "something fluctuates");
  expect_ok(screen_job_state_clear(&s));
  expect_ok(md_blob_clear(&blob));
}

/* What an observer of its own sees of a run: samples of the channels, in their order. */
enum { SEEN = 40, NVE_CHANNELS = 6 + 3 * NSPECIES + 2 + 3 };
typedef struct {
  PetscInt n;
  PetscReal x[SEEN][NVE_CHANNELS];
} seen_samples;

static PetscErrorCode see(const md_sample *sample, void *context)
{
  seen_samples *seen = (seen_samples *)context;
  const PetscReal *p = sample->pressure;
  PetscReal *x = seen->x[seen->n++];

  PetscFunctionBegin;
  x[0] = p[0], x[1] = p[4], x[2] = p[8];
  x[3] = (p[5] + p[7]) / 2, x[4] = (p[2] + p[6]) / 2, x[5] = (p[1] + p[3]) / 2;
  for (PetscInt a = 0; a < 3; a++) {
    x[6 + a] = sample->current[0][a];
    x[9 + a] = sample->current[1][a];
    x[14 + a] = sample->heat.kinetic[a] + sample->heat.potential[a] + sample->heat.virial[a];
  }
  x[12] = sample->temperature;
  x[13] = sample->potential;
  PetscFunctionReturn(0);
}

/* Every channel of the NVE production holds what its place says; a block is one sample here. */
static void test_nve_stream(void **state)
{
  const unsigned needs = MD_NEED_ENERGY | MD_NEED_PRESSURE | MD_NEED_CURRENTS | MD_NEED_HEAT;
  const PetscReal dt = campaign.dt;
  const md_protocol protocol = {.ensemble = MD_NVE, .dt = 7.0, .temperature = 400.0};
  seen_samples seen = {.n = 0};
  screen_job_state s = {0};
  md_reason reason;
  char detail[160];
  md_atoms atoms;
  md_run *run;
  PetscReal x[SEEN];

  (void)state;
  campaign.dt = 7.0;
  expect_ok(screen_start_create(&campaign, &point, pot, screen_start_rng(&point, 0), &atoms));
  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_run_thermalise(run, 400.0, screen_start_rng(&point, 0)));
  expect_ok(md_run_start(run, &protocol, &(md_guard){.every = 10}));
  expect_ok(screen_job_state_begin(&campaign, SCREEN_NVE, &atoms, &s));
  expect_ok(screen_job_state_observe(&campaign, &point, &s, run));
  expect_ok(md_run_observe_with(run, 1, needs, see, &seen));
  expect_ok(md_run_advance(run, SEEN, &reason, detail));
  assert_int_equal(seen.n, SEEN);
  assert_int_equal(s.nve_stream.nchannel, NVE_CHANNELS);
  assert_int_equal(s.nve_stream.nblock, SEEN);
  for (PetscInt c = 0; c < NVE_CHANNELS; c++) {
    expect_ok(prop_stream_channel(&s.nve_stream, c, x));
    for (PetscInt i = 0; i < SEEN; i++) expect_near(x[i], seen.x[i][c], 1e-14, "a channel");
    expect(x[0] != x[SEEN - 1], "a channel that moves");
  }
  campaign.dt = dt;
  expect_ok(screen_job_state_clear(&s));
  expect_ok(md_run_destroy(&run));
  expect_ok(md_atoms_clear(&atoms));
}

/* In the state that is saved: as many blocks as the production has, and no momentum. */
static void test_nve_saved(void **state)
{
  md_blob blob = {0};
  screen_job_state s = {0};

  (void)state;
  for (int stage = 0; stage < SCREEN_FLUX; stage++)
    run_stage((screen_stage)stage, 0, INT64_MAX, &blob);
  expect_ok(screen_job_state_read(&campaign, &point, &blob, &s));
  assert_int_equal(s.nve_stream.nsample, 600);
  assert_int_equal(s.nve_stream.nblock, 120);
  expect_abs(prop_stream_block_time(&s.nve_stream), 10.0, 0.0, "10 fs a block");
  for (PetscInt a = 0; a < 3; a++) {
    const PetscReal na = channel_mean(&s.nve_stream, prop_nve_current(0) + a);
    const PetscReal cl = channel_mean(&s.nve_stream, prop_nve_current(1) + a);

    expect(PetscAbsReal(na) > 1e-6, "species move against each other");
    expect_near(mass[1] * cl, -mass[0] * na, 1e-6, "momentum");
  }
  expect_ok(screen_job_state_clear(&s));
  expect_ok(md_blob_clear(&blob));
}

/* What is not asked for is not there, and does not move an atom. */
static void test_without_streams(void **state)
{
  const screen_campaign all = campaign;
  md_blob with = {0}, without = {0};
  screen_job_state a = {0}, b = {0};

  (void)state;
  for (int stage = 0; stage < SCREEN_FLUX; stage++) {
    run_stage((screen_stage)stage, 0, INT64_MAX, &with);
    campaign.want_viscosity = campaign.want_thermal_conductivity = PETSC_FALSE;
    run_stage((screen_stage)stage, 0, INT64_MAX, &without);
    campaign = all;
  }
  expect_ok(screen_job_state_read(&campaign, &point, &with, &a));
  expect_ok(screen_job_state_read(&campaign, &point, &without, &b));
  expect(a.has_stream && a.has_heat && !b.has_stream && !b.has_heat, "who has a stream");
  assert_int_equal(b.nve_stream.nchannel, 0);
  expect(with.size - with.read == without.size - without.read &&
             !memcmp(with.data + with.read, without.data + without.read, with.size - with.read),
         "the dynamics is the same to the last bit");
  expect_ok(screen_job_state_clear(&a));
  expect_ok(screen_job_state_clear(&b));
  expect_ok(md_blob_clear(&with));
  expect_ok(md_blob_clear(&without));
}

/* Velocities are looked at as often as the lightest element needs it. */
static void test_velocities(void **state)
{
  const PetscReal sodium = mass[0];
  screen_job_state s = {0};

  (void)state;
  screen_job_state_follow(&campaign, SCREEN_NVE, &s);
  expect_abs(s.vacf_time, 20.0, 0.0, "ions");
  mass[0] = 1.008 * MD_ATOMIC_MASS;
  screen_job_state_follow(&campaign, SCREEN_NVE, &s);
  mass[0] = sodium;
  expect_abs(s.vacf_time, 2.0, 0.0, "hydrogen: 2.5 fs in whole steps of 2 fs");
  s = (screen_job_state){0};
  screen_job_state_follow(&campaign, SCREEN_NPT, &s);
  expect_abs(s.vacf_time, 0.0, 0.0, "not in NPT");
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_npt_stream),      cmocka_unit_test(test_npt_products),
      cmocka_unit_test(test_nve_stream),      cmocka_unit_test(test_nve_saved),
      cmocka_unit_test(test_without_streams), cmocka_unit_test(test_velocities),
  };
  int failed;

  if (PetscInitialize(&argc, &argv, NULL, about)) return 99;
  failed = cmocka_run_group_tests_name("screen_streams", tests, begin, end);
  if (PetscFinalize()) return 98;
  return failed;
}
