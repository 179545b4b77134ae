/* tests/unit/properties/test_prop_rnemd.c */
#include "properties/prop_rnemd.h"
#include "tests/support/expect.h"
#include "tests/support/random.h"

#include "md/md_units.h"

static const char help[] = "Conductivities and viscosities of profiles made by hand\n";

/* Blocks of one sample, written straight into a profile: cell 20 x 20 x 100 Å, ten slabs of 100
   atoms of mass 1000 (argon is 4140), 5 fs between samples. */
enum { SLABS = 10, NATOM = 1000 };
#define MASS 1000.0

static md_profile empty_profile(void)
{
  PetscReal mass = MASS;
  const md_atoms like = {.nspecies = 1, .mass = &mass};
  md_profile profile;

  expect_ok(md_profile_create(SLABS, &like, &profile));
  profile.total = NATOM;
  return profile;
}

/* One more block with temperature [K] and velocity [Å/fs] of each slab, and what was exchanged. */
static void add_block(md_profile *p, const PetscReal temperature[], const PetscReal velocity[],
                      PetscReal exchanged)
{
  const PetscReal frame = (NATOM - 1.0) / NATOM;
  PetscReal *block = p->block + (size_t)p->nblock++ * (MD_PROFILE_NSHARED + 3 * SLABS);
  PetscReal *slab = block + MD_PROFILE_NSHARED;

  block[MD_PROFILE_SAMPLES] = 1.0;
  block[MD_PROFILE_LENGTH] = 100.0;
  block[MD_PROFILE_AREA] = 400.0;
  block[MD_PROFILE_VOLUME] = 40000.0;
  block[MD_PROFILE_TIME] = 5.0;
  block[MD_PROFILE_MOVED] = exchanged;
  for (int k = 0; k < SLABS; k++, slab += 3) {
    slab[2] = 100.0;
    slab[1] = 100.0 * MASS * velocity[k];
    slab[0] = frame * 3.0 * 100.0 * MD_BOLTZMANN * temperature[k] +
              100.0 * MASS * velocity[k] * velocity[k];
  }
}

/* Distance of slab k from slab 0, the short way, in slabs */
static int distance(int k)
{
  return k <= SLABS / 2 ? k : SLABS - k;
}

/* 10 Å a slab, and mirror images count alike.  Heat: 1.5 and 2.5 K a slab, and 0.4 eV every 5 fs
   through 2 x 400 Å^2: 1e-4/(0.2). */
static void exact_profiles(void **state)
{
  md_profile heat = empty_profile(), shear = empty_profile();
  prop_rnemd r;

  (void)state;
  for (int b = 0; b < 20; b++) {
    PetscReal temperature[SLABS], velocity[SLABS], none[SLABS] = {0.0}, flat[SLABS];

    for (int k = 0; k < SLABS; k++) {
      const PetscReal tilt = k < SLABS / 2 ? 0.75 : 1.25;

      temperature[k] = 300.0 + 2.0 * tilt * distance(k) + (k % 5 == 0 ? 50.0 : 0.0);
      velocity[k] = 1e-3 - 4e-4 * tilt * distance(k);
      flat[k] = 500.0;
    }
    add_block(&heat, temperature, none, 0.4);
    add_block(&shear, flat, velocity, 8.0);
  }
  expect_ok(prop_rnemd_estimate(&heat, MD_RNEMD_HEAT, 0, &r));
  expect_near(r.flux, 1e-4, 1e-13, "heat flux");
  expect_near(r.gradient, 0.2, 1e-11, "gradient of temperature");
  expect_near(r.transport.mean, 5e-4, 1e-11, "conductivity");
  expect_near(r.temperature, 305.0, 1e-13, "mean temperature of the fit");
  expect_near(r.span, 10.0 / 305.0, 1e-11, "span");
  expect_near(r.linearity, 1.0, 1e-10, "linearity");
  expect(isnan(r.transport.error), "no error bar without fluctuation");
  expect_ok(prop_rnemd_estimate(&heat, MD_RNEMD_HEAT, 1, &r));
  expect_near(r.transport.mean, 5e-4, 1e-11, "conductivity of slabs 2 and 3");

  expect_ok(prop_rnemd_estimate(&shear, MD_RNEMD_SHEAR, 0, &r));
  expect_near(r.flux, 2e-3, 1e-13, "flux of momentum");
  expect_near(r.gradient, 4e-5, 1e-11, "shear rate");
  expect_near(r.transport.mean, 50.0, 1e-11, "viscosity");
  expect_near(r.temperature, 500.0, 1e-11, "temperature without the flow");
  expect_near(r.span, 2e-3 / sqrt(MD_BOLTZMANN * 500.0 / MASS), 1e-11, "span over thermal speed");
  expect_ok(md_profile_clear(&heat));
  expect_ok(md_profile_clear(&shear));
}

/* Independent noise on the slope of each block: 0.2 K/Å +- 20 %. */
static void noisy(md_profile *p, PetscInt nblock, int transient, uint64_t seed)
{
  random_stream rng = {.state = seed};

  *p = empty_profile();
  for (int b = 0; b < nblock; b++) {
    const PetscReal decay = b < transient ? (PetscReal)b / transient : 1.0;
    const PetscReal slope = 2.0 * decay + 0.4 * random_normal(&rng);
    PetscReal temperature[SLABS], none[SLABS] = {0.0};

    for (int k = 0; k < SLABS; k++) temperature[k] = 300.0 + slope * distance(k);
    add_block(p, temperature, none, 0.4);
  }
}

/* The value deviates from the true one as its error bar says: 200 runs of 100 blocks, error 2 %;
   the mean square of 200 deviations is known to 10 %, and errors from correlation are up to 7 %
   off. */
static void error_bars_are_honest(void **state)
{
  PetscReal square = 0.0;

  (void)state;
  for (uint64_t seed = 1; seed <= 200; seed++) {
    md_profile p;
    prop_rnemd r;

    noisy(&p, 100, 0, seed);
    expect_ok(prop_rnemd_estimate(&p, MD_RNEMD_HEAT, 0, &r));
    square += PetscSqr((r.transport.mean - 5e-4) / r.transport.error) / 200.0;
    expect(!(r.transport.flags & (PROP_FLAG_FEW_SAMPLES | PROP_FLAG_NOT_LINEAR)), "clean");
    expect_ok(md_profile_clear(&p));
  }
  expect_abs(square, 1.0, 0.4, "mean square deviation over error");
}

/* A gradient that builds up in the first quarter is left out. */
static void transient_is_left_out(void **state)
{
  md_profile p;
  prop_rnemd r;

  (void)state;
  noisy(&p, 120, 30, 5);
  expect_ok(prop_rnemd_estimate(&p, MD_RNEMD_HEAT, 0, &r));
  expect(r.transport.discarded > 0.1 && r.transport.discarded < 0.4,
         "where the steady part begins");
  expect_abs(r.transport.mean, 5e-4, 3.0 * r.transport.error, "conductivity");
  expect_abs(r.transport.error / r.transport.mean, 0.2 / sqrt(90.0), 0.007, "error");
  expect_ok(md_profile_clear(&p));
}

/* A bent profile, too few blocks, an empty slab: each has its flag or is no number. */
static void gates(void **state)
{
  md_profile p = empty_profile();
  prop_rnemd r;

  (void)state;
  for (int b = 0; b < 40; b++) {
    PetscReal temperature[SLABS], none[SLABS] = {0.0};

    if (b == PROP_SERIES_MIN - 1) {
      expect_ok(prop_rnemd_estimate(&p, MD_RNEMD_HEAT, 0, &r));
      expect(isnan(r.transport.mean) && (r.transport.flags & PROP_FLAG_FEW_SAMPLES), "too few");
    }
    for (int k = 0; k < SLABS; k++) temperature[k] = 300.0 + pow(distance(k), 2.0) + 0.01 * (b % 7);
    add_block(&p, temperature, none, 0.4);
  }
  expect_ok(prop_rnemd_estimate(&p, MD_RNEMD_HEAT, 0, &r));
  expect(r.linearity > 0.9 && r.linearity < 0.98, "a parabola is nearly straight");
  expect(r.transport.flags & PROP_FLAG_NOT_LINEAR, "but not quite");
  p.block[MD_PROFILE_NSHARED + 3 * 2 + 2] = 0.0; /* slab 2 of block 0 has no atoms */
  expect_ok(prop_rnemd_estimate(&p, MD_RNEMD_HEAT, 0, &r));
  expect(isnan(r.transport.mean) && r.transport.flags, "an empty slab gives no number");
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_rnemd_estimate(&p, MD_RNEMD_OFF, 0, &r));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_rnemd_estimate(&p, MD_RNEMD_HEAT, -1, &r));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_rnemd_estimate(&p, MD_RNEMD_HEAT, 2, &r));
  expect_ok(md_profile_clear(&p));
}

/* Two fluxes: weights 1/error^2; too far apart, the weaker one stands. */
static void rates(void **state)
{
  prop_value rate[3] = {{.value = 2.0, .error = 0.3, .neff = 15.0, .flags = PROP_FLAG_FEW_SAMPLES},
                        {.value = 2.5, .error = 0.6, .neff = 12.0, .flags = PROP_FLAG_FEW_SAMPLES},
                        {.flags = PROP_FLAG_MISSING}};
  prop_value v;

  (void)state;
  rate[2] = prop_value_missing;
  expect_ok(prop_rnemd_rates(3, rate, &v));
  expect_near(v.value, 2.1, 1e-14, "(2.0 x 4 + 2.5)/5");
  expect_near(v.error, sqrt(0.072), 1e-14, "1/sqrt(1/0.09 + 1/0.36)");
  expect_near(v.neff, 27.0, 1e-14, "samples add up");
  assert_int_equal(v.flags, 0);
  rate[1].value = 3.6;
  expect_ok(prop_rnemd_rates(2, rate, &v));
  expect_near(v.error, sqrt(0.072 * (1.6 * 1.6 / 0.45)), 1e-12, "they scatter more than they say");
  assert_int_equal(v.flags, 0);
  rate[1].value = 4.1;
  rate[0].flags |= PROP_FLAG_NO_PLATEAU;
  expect_ok(prop_rnemd_rates(2, rate, &v));
  expect_near(v.value, 4.1, 1e-14, "the last is the weakest");
  expect_near(v.error, 0.6, 1e-14, "with its error");
  assert_int_equal(v.flags, PROP_FLAG_NOT_LINEAR | PROP_FLAG_NO_PLATEAU | PROP_FLAG_FEW_SAMPLES);
  rate[0].error = rate[1].error = PROP_NAN;
  expect_ok(prop_rnemd_rates(2, rate, &v));
  expect(v.value == 4.1 && isnan(v.error), "without errors the weakest alone");
  expect_ok(prop_rnemd_rates(1, rate + 2, &v));
  assert_int_equal(v.flags, PROP_FLAG_MISSING);
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_rnemd_rates(-1, rate, &v));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(exact_profiles), cmocka_unit_test(error_bars_are_honest),
      cmocka_unit_test(transient_is_left_out), cmocka_unit_test(gates), cmocka_unit_test(rates)};

  return expect_main(argc, argv, help, tests);
}
