/* tests/verify/test_md_rnemd_ranks.c - an imposed flux on several ranks against the same on one */
#include "md/md_profile.h"
#include "md/md_run_impl.h"
#include "tests/support/expect.h"
#include "tests/support/md_systems.h"

static const char help[] = "Ranks choose the same pair, and add up the same profile\n";

enum { SLABS = 6 };
static PetscMPIInt size, rank;

static md_protocol flux_protocol(md_rnemd_kind kind)
{
  md_protocol protocol = system_protocol(MD_NVT_BUSSI);

  protocol.rnemd = (md_rnemd){.kind = kind, .slabs = SLABS, .period = 6, .swaps = 2};
  return protocol;
}

/* A started run of the liquid's atoms with its profile; every sample is a block at first. */
static md_run *start(MPI_Comm comm, const md_run *liquid, md_rnemd_kind kind,
                     const md_potential *pot, md_profile *profile)
{
  const md_protocol protocol = flux_protocol(kind);
  const md_guard guard = system_no_guard();
  md_run *run;

  expect_ok(md_run_create_on(comm, md_run_atoms(liquid), pot, &run));
  expect_ok(md_profile_create(SLABS, md_run_atoms(liquid), profile));
  expect_ok(md_run_start(run, &protocol, &guard));
  expect_ok(md_run_observe_with(run, 1, 0, md_profile_observe, profile));
  return run;
}

static void compare_profiles(const md_profile *many, const md_profile *one)
{
  md_profile_row a[SLABS], b[SLABS];
  md_profile total;
  PetscReal p, q;

  expect_ok(md_profile_total(many, PETSC_COMM_WORLD, &total));
  expect_ok(md_profile_average(&total, 0, total.nblock, a));
  expect_ok(md_profile_average(one, 0, one->nblock, b));
  for (int k = 0; k < SLABS; k++) {
    expect_near(a[k].temperature, b[k].temperature, 1e-8, "temperature");
    expect_abs(a[k].velocity, b[k].velocity, 1e-11, "velocity");
    expect_near(a[k].density, b[k].density, 1e-14, "density");
  }
  expect_ok(md_profile_flux(&total, 0, total.nblock, &p));
  expect_ok(md_profile_flux(one, 0, one->nblock, &q));
  expect_near(p, q, 1e-9, "flux");
  expect_ok(md_profile_clear(&total));
}

/* 36 steps of 4 fs, 12 exchanges, of which the last may find a profile too steep: the same pairs,
   while chaos allows. */
static void the_same_pairs(void **state)
{
  md_potential *pot = system_argon_potential();
  md_run *liquid = system_argon_liquid(3, 0.8, pot);

  (void)state;
  for (int kind = MD_RNEMD_HEAT; kind < (int)MD_RNEMD_NKIND; kind++) {
    md_profile p, q;
    md_run *many = start(PETSC_COMM_WORLD, liquid, (md_rnemd_kind)kind, pot, &p);
    md_run *one = start(PETSC_COMM_SELF, liquid, (md_rnemd_kind)kind, pot, &q);
    const md_rnemd_tally *a = md_run_tally(many), *b = md_run_tally(one);

    system_advance(many, 36);
    system_advance(one, 36);
    expect(a->done == b->done && a->missed == b->missed && a->done >= 8, "exchanges");
    expect_near(a->exchanged, b->exchanged, 1e-9, "what was exchanged");
    compare_profiles(&p, &q);
    expect_ok(md_profile_clear(&p));
    expect_ok(md_profile_clear(&q));
    expect_ok(md_run_destroy(&many));
    expect_ok(md_run_destroy(&one));
  }
  expect_ok(md_run_destroy(&liquid));
  expect_ok(md_potential_destroy(&pot));
}

static void expect_same_bytes(const md_blob *a, const md_blob *b)
{
  expect(a->size == b->size && (a->size > 0) == (rank == 0), "sizes");
  if (rank == 0) expect(memcmp(a->data, b->data, a->size) == 0, "bytes");
}

/* Run and profile saved after 20 steps and continued for 25: the same bytes as without. */
static void continued_to_the_bit(void **state)
{
  md_potential *pot = system_argon_potential();
  md_run *liquid = system_argon_liquid(3, 0.8, pot), *run, *again;
  md_blob blob = {0}, whole = {0}, part = {0};
  md_profile p, q;

  (void)state;
  run = start(PETSC_COMM_WORLD, liquid, MD_RNEMD_HEAT, pot, &p);
  system_advance(run, 20);
  expect_ok(md_run_save(run, &blob));
  expect_ok(md_profile_save(&p, PETSC_COMM_WORLD, &blob));
  again = start(PETSC_COMM_WORLD, liquid, MD_RNEMD_SHEAR, pot, &q);
  expect_ok(md_run_load(again, &blob));
  expect_ok(md_profile_load(&q, PETSC_COMM_WORLD, &blob));
  system_advance(run, 25);
  system_advance(again, 25);
  expect_ok(md_run_save(run, &whole));
  expect_ok(md_profile_save(&p, PETSC_COMM_WORLD, &whole));
  expect_ok(md_run_save(again, &part));
  expect_ok(md_profile_save(&q, PETSC_COMM_WORLD, &part));
  expect_same_bytes(&whole, &part);
  expect_ok(md_run_destroy(&again));
  expect_ok(md_run_destroy(&run));
  expect_ok(md_run_destroy(&liquid));
  expect_ok(md_profile_clear(&p));
  expect_ok(md_profile_clear(&q));
  expect_ok(md_blob_clear(&blob));
  expect_ok(md_blob_clear(&whole));
  expect_ok(md_blob_clear(&part));
  expect_ok(md_potential_destroy(&pot));
}

/* What one rank saved, continued by all, and back: nothing is counted twice or lost. */
static void other_ranks(void **state)
{
  md_potential *pot = system_argon_potential();
  md_run *liquid = system_argon_liquid(3, 0.8, pot), *one, *many;
  md_profile p, q, home;
  md_blob blob = {0};

  (void)state;
  one = start(PETSC_COMM_SELF, liquid, MD_RNEMD_HEAT, pot, &p);
  system_advance(one, 10);
  expect_ok(md_run_save(one, &blob));
  expect_ok(md_profile_save(&p, PETSC_COMM_SELF, &blob));
  many = start(PETSC_COMM_WORLD, liquid, MD_RNEMD_HEAT, pot, &q);
  expect_ok(md_run_load(many, &blob));
  expect_ok(md_profile_load(&q, PETSC_COMM_WORLD, &blob));
  system_advance(one, 10);
  system_advance(many, 10);
  compare_profiles(&q, &p);
  expect_ok(md_blob_clear(&blob));
  expect_ok(md_profile_save(&q, PETSC_COMM_WORLD, &blob));
  if (rank == 0) {
    md_profile_row a[SLABS], b[SLABS];

    expect_ok(md_profile_create(SLABS, md_run_atoms(liquid), &home));
    expect_ok(md_profile_load(&home, PETSC_COMM_SELF, &blob));
    assert_int_equal(home.nblock, 20);
    expect_ok(md_profile_average(&home, 0, 20, a));
    expect_ok(md_profile_average(&p, 0, 20, b));
    for (int k = 0; k < SLABS; k++) {
      expect_near(a[k].temperature, b[k].temperature, 1e-8, "temperature");
      expect_near(a[k].z, b[k].z, 1e-14, "shared numbers are not added up");
    }
    expect_ok(md_profile_clear(&home));
    blob.data[0] ^= 1;
    blob.read = 0;
  }
  expect_error(PETSC_ERR_FILE_UNEXPECTED, md_profile_load(&q, PETSC_COMM_WORLD, &blob));
  expect_ok(md_blob_clear(&blob));
  expect_ok(md_profile_clear(&p));
  expect_ok(md_profile_clear(&q));
  expect_ok(md_run_destroy(&one));
  expect_ok(md_run_destroy(&many));
  expect_ok(md_run_destroy(&liquid));
  expect_ok(md_potential_destroy(&pot));
}

static int where_am_i(void **state)
{
  (void)state;
  MPI_Comm_size(PETSC_COMM_WORLD, &size);
  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  return 0;
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup(the_same_pairs, where_am_i),
                                     cmocka_unit_test_setup(continued_to_the_bit, where_am_i),
                                     cmocka_unit_test_setup(other_ranks, where_am_i)};

  return expect_main(argc, argv, help, tests);
}
