/* tests/unit/md/test_md_profile.c */
#include "tests/support/expect.h"
#include "tests/support/md_systems.h"

#include "md/md_profile.h"

static const char help[] = "Slabs by hand, blocks that merge, states that come back\n";

/* Four atoms in a cell of 10 x 10 x 20 Å: two light ones in slab 0, a light and a heavy one in slab
   3 of four; one sample moves them by `drift` along x. */
static md_atoms four_atoms(PetscReal drift)
{
  static const PetscReal v[4][3] = {
      {0.001, 0.002, 0.0}, {0.003, -0.002, 0.001}, {0.0, 0.001, 0.001}, {0.002, 0.0, -0.001}};
  static const PetscReal z[4] = {1.0, 24.0, 17.0, -1.0};
  md_atoms atoms;

  expect_ok(md_atoms_create(4, 2, &atoms));
  atoms.mass[0] = 2.0;
  atoms.mass[1] = 6.0;
  atoms.type[3] = 1;
  atoms.h[0][0] = atoms.h[1][1] = 10.0;
  atoms.h[2][2] = 20.0;
  for (PetscInt i = 0; i < 4; i++) {
    atoms.x[3 * i + 2] = z[i];
    for (int a = 0; a < 3; a++) atoms.v[3 * i + a] = v[i][a];
    atoms.v[3 * i] += drift;
  }
  return atoms;
}

static md_sample sample_of(const md_atoms *atoms, PetscReal time, PetscReal exchanged)
{
  return (md_sample){.step = (PetscInt64)time,
                     .time = time,
                     .total = atoms->n,
                     .atoms = atoms,
                     .volume = md_atoms_volume(atoms),
                     .exchanged = exchanged};
}

/* Two samples, 4 fs apart, in which all atoms are 2e-3 Å/fs faster along x in the second. */
static void two_samples(md_profile *profile)
{
  for (int k = 0; k < 2; k++) {
    md_atoms atoms = four_atoms(2e-3 * k);
    const md_sample sample = sample_of(&atoms, 4.0 * (k + 1), 0.5 * (k + 1));

    if (k == 0) expect_ok(md_profile_create(4, &atoms, profile));
    expect_ok(md_profile_observe(&sample, profile));
    expect_ok(md_atoms_clear(&atoms));
  }
}

/* Slab 0: v_x 1, 3 and 3, 5: mean 3, squares about it 4, 0, 0, 4; v_y^2 = 4, v_z^2 = 0, 1, twice:
   sum 8 + 16 + 2 = 26 (1e-6), four atoms of mass 2, N/(N-1) = 4/3. */
static void rows_by_hand(void **state)
{
  md_profile profile;
  md_profile_row row[4];
  PetscReal x[8], flux;

  (void)state;
  two_samples(&profile);
  assert_int_equal(profile.nblock, 2);
  expect_ok(md_profile_average(&profile, 0, 2, row));
  expect_near(row[0].z, 2.5, 1e-15, "middle of slab 0");
  expect_near(row[3].z, 17.5, 1e-15, "middle of slab 3");
  expect_near(row[0].velocity, 3e-3, 1e-14, "velocity of slab 0");
  expect_near(row[0].temperature, 4.0 / 3.0 * 2.0 * 26e-6 / (3.0 * MD_BOLTZMANN * 4.0), 1e-13,
              "temperature of slab 0");
  expect_near(row[0].density, 4.0 / 500.0, 1e-15, "mass density of slab 0");
  /* slab 3: masses 2 and 6, v_x 0, 2 and 2, 4: (2 x 2 + 6 x 6)/16 = 2.5 */
  expect_near(row[3].velocity, 2.5e-3, 1e-14, "velocity of slab 3 is weighted by mass");
  expect_near(row[3].density, 8.0 / 500.0, 1e-15, "mass density of slab 3");
  expect(row[1].density == 0.0 && isnan(row[1].temperature), "slab 1 is empty");
  expect_ok(md_profile_composition(&profile, 0, 2, x));
  expect(x[0] == 1.0 && x[1] == 0.0 && x[6] == 0.5 && x[7] == 0.5, "composition");
  /* only the second sample knows how long ago the first was */
  expect_ok(md_profile_flux(&profile, 0, 2, &flux));
  expect_near(flux, 0.5 / (2.0 * 100.0 * 4.0), 1e-14, "flux");
  expect_ok(md_profile_clear(&profile));
}

/* The temperature of one block is about the flow of all: slab 0 of block 0 has v_x 1, 3 about 3. */
static void flow_is_that_of_the_run(void **state)
{
  md_profile profile;
  md_profile_row row[4];

  (void)state;
  two_samples(&profile);
  expect_ok(md_profile_average(&profile, 0, 1, row));
  expect_near(row[0].velocity, 2e-3, 1e-14, "velocity of the block");
  expect_near(row[0].temperature, 4.0 / 3.0 * 2.0 * 13e-6 / (3.0 * MD_BOLTZMANN * 2.0), 1e-13,
              "temperature of the block");
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, md_profile_average(&profile, 0, 3, row));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, md_profile_average(&profile, 1, 1, row));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, md_profile_average(&profile, -1, 1, row));
  expect_ok(md_profile_clear(&profile));
}

/* Sample k has the drift k; the mean over the first 2^m of them is exact whatever was merged. */
static void blocks_merge(void **state)
{
  md_atoms atoms = four_atoms(0.0);
  md_profile profile;
  md_profile_row row[4], error[4];

  (void)state;
  expect_ok(md_profile_create(4, &atoms, &profile));
  for (int k = 0; k < 300; k++) {
    const md_sample sample = sample_of(&atoms, k + 1.0, 2.0 * (k + 1.0));

    expect_ok(md_profile_observe(&sample, &profile));
    for (PetscInt i = 0; i < 4; i++) atoms.v[3 * i] += 1e-3;
  }
  assert_int_equal(profile.length, 4);
  assert_int_equal(profile.nblock, 75);
  expect_ok(md_profile_average(&profile, 0, 64, row));
  expect_near(row[0].velocity, 2e-3 + 127.5e-3, 1e-13, "mean over 256 samples");
  expect_ok(md_profile_average(&profile, 64, 75, row));
  expect_near(row[0].velocity, 2e-3 + (256.0 + 21.5) * 1e-3, 1e-13, "mean over the last 44");
  /* 15 groups ... of a ramp: 16 groups of 4 blocks, means 16 apart: sqrt((16^2 - 1)/12 16^2/15) */
  expect_ok(md_profile_error(&profile, error));
  expect_near(error[0].velocity, 16e-3 * sqrt(255.0 / 12.0 / 15.0), 1e-12, "error of a ramp");
  expect_abs(error[0].density, 0.0, 1e-18, "error of what does not change");
  expect_ok(md_profile_clear(&profile));
  expect_ok(md_atoms_clear(&atoms));
}

/* A stage that starts anew sets clock and tally back: that step is left out. */
static void new_stages_do_not_count_backwards(void **state)
{
  static const PetscReal time[4] = {10.0, 20.0, 5.0, 15.0}, moved[4] = {1.0, 2.0, 0.3, 1.3};
  md_atoms atoms = four_atoms(0.0);
  md_profile profile;
  PetscReal flux;

  (void)state;
  expect_ok(md_profile_create(4, &atoms, &profile));
  for (int k = 0; k < 4; k++) {
    const md_sample sample = sample_of(&atoms, time[k], moved[k]);

    expect_ok(md_profile_observe(&sample, &profile));
  }
  expect_ok(md_profile_flux(&profile, 0, 4, &flux));
  expect_near(flux, 2.0 / (2.0 * 100.0 * 20.0), 1e-14, "flux of both stages");
  expect_ok(md_profile_clear(&profile));
  expect_ok(md_atoms_clear(&atoms));
}

static PetscBool same(const md_profile *a, const md_profile *b)
{
  const size_t width = MD_PROFILE_NSHARED + 4 * 4;

  return (PetscBool)(a->nblock == b->nblock && a->length == b->length &&
                     a->npartial == b->npartial && a->time == b->time && a->total == b->total &&
                     a->exchanged == b->exchanged &&
                     !memcmp(a->block, b->block, sizeof(PetscReal) * MD_PROFILE_BLOCKS * width));
}

static void saved_in_the_middle_is_the_same(void **state)
{
  md_atoms atoms = four_atoms(0.0);
  md_profile whole, part, other;
  md_blob blob = {0};

  (void)state;
  expect_ok(md_profile_create(4, &atoms, &whole));
  expect_ok(md_profile_create(4, &atoms, &part));
  for (int k = 0; k < 201; k++) {
    const md_sample sample = sample_of(&atoms, k + 1.0, 0.1 * k * k);

    if (k == 131) { /* 65 blocks of two, and one sample over */
      expect_ok(md_profile_save(&part, PETSC_COMM_SELF, &blob));
      expect_ok(md_profile_clear(&part));
      expect_ok(md_profile_create(4, &atoms, &part));
      expect_ok(md_profile_load(&part, PETSC_COMM_SELF, &blob));
    }
    expect_ok(md_profile_observe(&sample, &whole));
    expect_ok(md_profile_observe(&sample, &part));
    for (PetscInt i = 0; i < 4; i++) atoms.v[3 * i] *= 1.01;
  }
  expect(same(&whole, &part), "saved and loaded on the way");
  expect_ok(md_profile_total(&whole, PETSC_COMM_SELF, &other));
  expect(same(&whole, &other), "the total of one rank");
  expect_ok(md_profile_clear(&other));
  expect_ok(md_profile_create(5, &atoms, &other));
  blob.read = 0;
  expect_error(PETSC_ERR_FILE_UNEXPECTED, md_profile_load(&other, PETSC_COMM_SELF, &blob));
  expect_ok(md_profile_clear(&other));
  atoms.mass[1] = 7.0;
  expect_ok(md_profile_create(4, &atoms, &other));
  blob.read = 0;
  expect_error(PETSC_ERR_FILE_UNEXPECTED, md_profile_load(&other, PETSC_COMM_SELF, &blob));
  expect_ok(md_profile_clear(&other));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, md_profile_create(0, &atoms, &other));
  expect_ok(md_blob_clear(&blob));
  expect_ok(md_profile_clear(&whole));
  expect_ok(md_profile_clear(&part));
  expect_ok(md_atoms_clear(&atoms));
}

/* In equilibrium every slab has the temperature of the system on average, exactly: the kinetic
   energy per atom is the same everywhere, and N/(N-1) is the total momentum's. Langevin velocities
   live 12 steps, so the 16 groups of 250 are independent; 18 numbers with 15 degrees of freedom
   exceed 4 errors in 2 % of cases.  Densities of slabs live longer than a group: 5 % of the mean,
   of which up to 3.7 % were measured. */
static void equilibrium_is_flat(void **state)
{
  md_potential *pot = system_argon_potential();
  md_run *run = system_argon_liquid(3, 0.8, pot);
  const md_protocol protocol = system_protocol(MD_NVT_LANGEVIN);
  const PetscReal density = 108.0 * SYSTEM_MASS / md_atoms_volume(md_run_atoms(run));
  const md_guard guard = system_no_guard();
  md_profile profile;
  md_profile_row row[6], error[6];

  (void)state;
  expect_ok(md_profile_create(6, md_run_atoms(run), &profile));
  expect_ok(md_run_start(run, &protocol, &guard));
  expect_ok(md_run_observe(run, 5, md_profile_observe, &profile));
  system_advance(run, 4000);
  expect_ok(md_profile_average(&profile, 0, profile.nblock, row));
  expect_ok(md_profile_error(&profile, error));
  for (int k = 0; k < 6; k++) {
    /* measured: 1.2 to 1.7 K */
    expect(error[k].temperature > 0.4 && error[k].temperature < 3.0, "error bars of a liquid");
    expect_abs(row[k].temperature, SYSTEM_LJ_TEMP, 4.0 * error[k].temperature, "temperature");
    expect_abs(row[k].velocity, 0.0, 4.0 * error[k].velocity, "velocity");
    expect_near(row[k].density, density, 0.05, "density");
  }
  expect_ok(md_profile_clear(&profile));
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(rows_by_hand),
                                     cmocka_unit_test(flow_is_that_of_the_run),
                                     cmocka_unit_test(blocks_merge),
                                     cmocka_unit_test(new_stages_do_not_count_backwards),
                                     cmocka_unit_test(saved_in_the_middle_is_the_same),
                                     cmocka_unit_test(equilibrium_is_flat)};

  return expect_main(argc, argv, help, tests);
}
