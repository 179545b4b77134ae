/* tests/unit/md/test_md_checkpoint.c */
#include "tests/support/expect.h"
#include "tests/support/md_systems.h"

static const char help[] = "State of a run to bytes and back; every refusal\n";

static char message[512];

static PetscErrorCode keep_message(MPI_Comm comm, int line, const char *function, const char *file,
                                   PetscErrorCode code, PetscErrorType type, const char *text,
                                   void *context)
{
  (void)comm, (void)line, (void)function, (void)file, (void)context;
  if (type == PETSC_ERROR_INITIAL) snprintf(message, sizeof(message), "%s", text);
  return code;
}

/* Loading `blob` must fail with this message. */
static void expect_refused(md_run *run, const md_blob *blob, const char *want)
{
  PetscErrorCode ierr;
  md_blob view = {0};

  md_blob_view(&view, blob->data, blob->size);
  PetscPushErrorHandler(keep_message, NULL);
  ierr = md_run_load(run, &view);
  PetscPopErrorHandler();
  assert_int_equal(ierr, PETSC_ERR_FILE_UNEXPECTED);
  if (want) assert_string_equal(message, want);
}

/* A run of argon in the middle of constant pressure, and its checkpoint. */
static md_run *saved_run(const md_potential *pot, md_blob *blob)
{
  const md_guard guard = {.every = 7, .hot_factor = 11.0, .max_move = 3.0};
  md_protocol protocol = system_protocol(MD_NPT_SCR);
  md_run *run = system_argon_liquid(2, 0.8, pot);

  protocol.max_step = 0.5;
  expect_ok(md_run_start(run, &protocol, &guard));
  system_advance(run, 137);
  *blob = (md_blob){0};
  expect_ok(md_run_save(run, blob));
  return run;
}

/* A fresh run of the same system at other places. */
static md_run *fresh_run(PetscInt m, const md_potential *pot)
{
  md_atoms atoms = system_fcc(m, 0.6);
  md_run *run;

  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_atoms_clear(&atoms));
  return run;
}

static void test_round_trip(void **state)
{
  md_potential *pot = system_argon_potential();
  md_blob blob, again = {0}, view = {0};
  md_run *run = saved_run(pot, &blob), *copy = fresh_run(2, pot);
  md_sample a, b;

  (void)state;
  md_blob_view(&view, blob.data, blob.size);
  expect_ok(md_run_load(copy, &view));
  assert_int_equal(view.read, blob.size); /* all of it, nothing more */
  expect_ok(md_run_save(copy, &again));
  assert_int_equal(again.size, blob.size);
  assert_memory_equal(again.data, blob.data, blob.size);
  expect_ok(md_run_sample(run, &a));
  expect_ok(md_run_sample(copy, &b));
  expect(a.potential == b.potential && a.conserved == b.conserved && a.volume == b.volume &&
             a.step == b.step && a.time == b.time,
         "a sample of the copy is that of the original, bit for bit");
  assert_memory_equal(a.pressure, b.pressure, sizeof(a.pressure));
  assert_memory_equal(md_run_atoms(run)->f, md_run_atoms(copy)->f, 96 * sizeof(PetscReal));
  expect(md_run_protocol(copy)->max_step == 0.5 && md_run_protocol(copy)->rng.key == 20240607,
         "the protocol comes with the blob");
  assert_int_equal(md_run_builds(copy), md_run_builds(run));
  expect_ok(md_run_destroy(&run));
  expect_ok(md_run_destroy(&copy));
  expect_ok(md_blob_clear(&blob));
  expect_ok(md_blob_clear(&again));
  expect_ok(md_potential_destroy(&pot));
}

/* Other objects may stand before and after in the same blob. */
static void test_among_others(void **state)
{
  md_potential *pot = system_argon_potential();
  md_run *run = system_argon_liquid(2, 0.8, pot), *copy = fresh_run(2, pot);
  md_blob blob = {0};
  double before = 1.5, after = 2.5;

  (void)state;
  expect_ok(md_blob_put(&blob, &before, sizeof(before)));
  expect_ok(md_run_save(run, &blob));
  expect_ok(md_blob_put(&blob, &after, sizeof(after)));
  before = after = 0.0;
  expect_ok(md_blob_get(&blob, &before, sizeof(before)));
  expect_ok(md_run_load(copy, &blob));
  expect_ok(md_blob_get(&blob, &after, sizeof(after)));
  expect(before == 1.5 && after == 2.5, "neighbours in the blob are untouched");
  expect_ok(md_run_destroy(&run));
  expect_ok(md_run_destroy(&copy));
  expect_ok(md_blob_clear(&blob));
  expect_ok(md_potential_destroy(&pot));
}

static void test_ended_run(void **state)
{
  const md_guard guard = {.every = 10, .hot_factor = 0.01};
  const md_protocol protocol = system_protocol(MD_NVT_BUSSI);
  md_potential *pot = system_argon_potential();
  md_run *run = system_argon_liquid(2, 0.8, pot), *copy = fresh_run(2, pot);
  char detail[160], copied[160];
  md_blob blob = {0};
  md_reason reason;

  (void)state;
  expect_ok(md_run_start(run, &protocol, &guard));
  expect_ok(md_run_advance(run, 100, &reason, detail));
  assert_int_equal(reason, MD_TOO_HOT);
  expect_ok(md_run_save(run, &blob));
  expect_ok(md_run_load(copy, &blob));
  expect_ok(md_run_advance(copy, 100, &reason, copied));
  assert_int_equal(reason, MD_TOO_HOT);
  assert_string_equal(copied, detail);
  assert_int_equal(md_run_step(copy), 10);
  /* saved once more, without a list, it says the same */
  expect_ok(md_blob_clear(&blob));
  expect_ok(md_run_save(copy, &blob));
  expect_ok(md_run_load(run, &blob));
  expect_ok(md_run_advance(run, 100, &reason, copied));
  assert_string_equal(copied, detail);
  expect_ok(md_run_destroy(&run));
  expect_ok(md_run_destroy(&copy));
  expect_ok(md_blob_clear(&blob));
  expect_ok(md_potential_destroy(&pot));
}

static void test_truncated(void **state)
{
  md_potential *pot = system_argon_potential();
  md_blob blob;
  md_run *run = saved_run(pot, &blob);

  (void)state;
  for (size_t size = 0; size < blob.size; size++) {
    md_run *copy = fresh_run(2, pot);
    md_blob part = {.data = blob.data, .size = size};

    expect_refused(copy, &part, NULL);
    expect_ok(md_run_destroy(&copy));
  }
  expect_ok(md_run_destroy(&run));
  expect_ok(md_blob_clear(&blob));
  expect_ok(md_potential_destroy(&pot));
}

/* One bit of every byte, another one each; a refused checkpoint leaves the run as it was. */
static void test_damaged(void **state)
{
  md_potential *pot = system_argon_potential();
  md_blob blob;
  md_run *run = saved_run(pot, &blob), *copy = fresh_run(2, pot);

  (void)state;
  for (size_t i = 0; i < blob.size; i++) {
    blob.data[i] ^= (unsigned char)(1u << i % 8);
    expect_refused(copy, &blob, NULL);
    blob.data[i] ^= (unsigned char)(1u << i % 8);
  }
  blob.data[blob.size / 2] ^= 1;
  expect_refused(copy, &blob, NULL);
  expect(strstr(message, "Saved state is damaged: ") == message, "the reason is the checksum");
  blob.data[blob.size / 2] ^= 1;
  expect_ok(md_run_load(copy, &blob));
  expect_ok(md_run_destroy(&run));
  expect_ok(md_run_destroy(&copy));
  expect_ok(md_blob_clear(&blob));
  expect_ok(md_potential_destroy(&pot));
}

/* The content under a good seal, but with the cell, where it is first, scaled along one edge. */
static void scaled_cell(const md_run *run, const md_blob *from, PetscReal factor, md_blob *to)
{
  const md_atoms *atoms = md_run_atoms(run);
  md_blob view = {0}, inside = {0};
  PetscReal h[3][3];
  size_t at, place = 0;

  md_blob_view(&view, from->data, from->size);
  expect_ok(md_blob_open(&view, &inside));
  expect_ok(md_blob_seal_begin(to, &at));
  expect_ok(md_blob_put(to, inside.data, inside.size));
  while (memcmp(to->data + at + place, atoms->h, sizeof(h)) != 0) place++;
  memcpy(h, atoms->h, sizeof(h));
  for (int k = 0; k < 3; k++) h[1][k] *= factor;
  memcpy(to->data + at + place, h, sizeof(h));
  expect_ok(md_blob_seal_end(to, at));
}

/* A cell that no list could be built in, by a fault of what wrote it. */
static void test_thin_cell(void **state)
{
  static const PetscReal factor[] = {0.0, 1e-6, 1e300};
  md_potential *pot = system_argon_potential();
  md_blob blob, thin = {0};
  md_run *run = saved_run(pot, &blob);

  (void)state;
  for (int k = 0; k < 3; k++) {
    md_run *copy = fresh_run(2, pot);

    scaled_cell(run, &blob, factor[k], &thin);
    expect_refused(copy, &thin, NULL);
    expect(strstr(message, "The checkpoint is damaged: its cell is ") == message, message);
    expect_ok(md_run_destroy(&copy));
    expect_ok(md_blob_clear(&thin));
  }
  expect_ok(md_run_destroy(&run));
  expect_ok(md_blob_clear(&blob));
  expect_ok(md_potential_destroy(&pot));
}

static void test_other_system(void **state)
{
  const PetscReal epsilon = 1.01 * SYSTEM_EPSILON, sigma = SYSTEM_SIGMA;
  md_potential *pot = system_argon_potential(), *other;
  md_atoms atoms = system_fcc(2, 0.8);
  md_blob blob;
  md_run *run = saved_run(pot, &blob), *copy;

  (void)state;
  copy = fresh_run(3, pot);
  expect_refused(copy, &blob,
                 "The checkpoint is of another system: 32 atoms of 1 species, wanted 108 of 1");
  expect_ok(md_run_destroy(&copy));

  atoms.mass[0] *= 2.0;
  expect_ok(md_run_create(&atoms, pot, &copy));
  expect_refused(copy, &blob, "The checkpoint is of another system: masses differ");
  expect_ok(md_run_destroy(&copy));

  expect_ok(md_potential_create_lj(1, &epsilon, &sigma, 2.5 * sigma, PETSC_TRUE, &other));
  copy = fresh_run(2, other);
  expect_refused(
      copy, &blob,
      "The checkpoint is of another potential: its cut-off and skin are 6.800000 and 1.000000 A, "
      "wanted 8.500000 and 1.000000 A");
  expect_ok(md_run_destroy(&copy));
  expect_ok(md_potential_destroy(&other));

  expect_ok(md_potential_create_lj(1, &epsilon, &sigma, 2.0 * sigma, PETSC_TRUE, &other));
  copy = fresh_run(2, other);
  expect_refused(copy, &blob, NULL);
  expect(strstr(message, "The checkpoint is of another potential: energy ") == message,
         "a potential with the same cut-off is told by its energy");
  expect_ok(md_run_destroy(&copy));
  expect_ok(md_potential_destroy(&other));

  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_run_destroy(&run));
  expect_ok(md_blob_clear(&blob));
  expect_ok(md_potential_destroy(&pot));
}

/* The same counts, but the first two atoms are exchanged. */
static void test_other_types(void **state)
{
  const md_guard guard = system_no_guard();
  const md_protocol protocol = system_protocol(MD_NVE);
  md_potential *pot;
  md_atoms atoms = system_pair(2.0);
  md_blob blob = {0};
  md_run *run, *copy;

  (void)state;
  expect_ok(md_potential_create_harmonic(2, 0.5, 0.0, 6.0, &pot));
  expect_ok(md_run_create(&atoms, pot, &run));
  atoms.type[0] = 1;
  atoms.type[1] = 0;
  expect_ok(md_run_create(&atoms, pot, &copy));
  expect_error(PETSC_ERR_ARG_WRONGSTATE, md_run_save(run, &blob)); /* not started */
  assert_int_equal(blob.size, 0);
  expect_ok(md_run_start(run, &protocol, &guard));
  expect_ok(md_run_save(run, &blob));
  expect_refused(copy, &blob, "The checkpoint is of another system: types of atoms differ");
  expect_ok(md_run_destroy(&run));
  expect_ok(md_run_destroy(&copy));
  expect_ok(md_blob_clear(&blob));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
}

static void test_other_tag(void **state)
{
  md_potential *pot = system_argon_potential();
  md_run *copy = fresh_run(2, pot);
  md_blob blob = {0};
  size_t at;

  (void)state;
  expect_ok(md_blob_seal_begin(&blob, &at));
  expect_ok(md_blob_put_tag(&blob, "md_run", 999));
  expect_ok(md_blob_seal_end(&blob, at));
  expect_refused(copy, &blob, NULL);
  expect(strstr(message, "Saved state has \"md_run\" version 999") == message,
         "version of the state");
  expect_ok(md_run_destroy(&copy));
  expect_ok(md_blob_clear(&blob));
  expect_ok(md_potential_destroy(&pot));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_round_trip),   cmocka_unit_test(test_among_others),
      cmocka_unit_test(test_ended_run),    cmocka_unit_test(test_truncated),
      cmocka_unit_test(test_damaged),      cmocka_unit_test(test_thin_cell),
      cmocka_unit_test(test_other_system), cmocka_unit_test(test_other_types),
      cmocka_unit_test(test_other_tag),
  };
  return expect_main(argc, argv, help, tests);
}
