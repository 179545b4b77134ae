/* tests/unit/md/test_md_grade.c */
#include "mtp/mtp_grade.h"
#include "tests/support/expect.h"
#include "tests/support/md_systems.h"

#include "md/md_pack.h"

static const char help[] = "Extrapolation is watched: when, how often, in which words\n";

static void test_period(void **state)
{
  const struct {
    PetscReal cost;
    PetscInt period;
  } want[] = {{0.0, 0}, {0.57, 50}, {2.5, 50}, {2.51, 51}, {3.0, 60}, {40.0, 800}};

  (void)state;
  for (size_t k = 0; k < sizeof(want) / sizeof(want[0]); k++) {
    const md_potential pot = {.grade_cost = want[k].cost};

    assert_int_equal(md_potential_grade_period(&pot), want[k].period);
  }
}

/* No forces; grades as told, asked for at these calls. */
typedef struct {
  PetscReal grade[2], max;
  PetscInt calls, asked, first;
} script;

static PetscErrorCode scripted(const void *data, const mtp_neighbors *nb, mtp_result *out)
{
  script *s = *(script *const *)data;

  memset(out->virial, 0, sizeof(out->virial));
  memset(out->force, 0, 3 * (size_t)nb->nall * sizeof(PetscReal));
  out->energy = 0.0;
  s->calls++;
  if (!out->grade) return 0;
  if (s->asked++ == 0) s->first = s->calls;
  memcpy(out->grade, s->grade, sizeof(s->grade));
  out->max_grade = s->max;
  return 0;
}

static const md_potential_ops scripted_ops = {"scripted", scripted, NULL};

/* Runs two atoms at rest for 200 steps and says how that ended. */
static void run_scripted(script *s, PetscBool sites, PetscReal limit, md_reason *reason,
                         char detail[160], md_sample *sample)
{
  const md_potential pot = {.ops = &scripted_ops,
                            .data = &s,
                            .cutoff = 4.0,
                            .nspecies = 2,
                            .grade_cost = 0.5,
                            .site_grades = sites};
  const md_guard guard = {.every = 1000, .grade_break = limit};
  const md_protocol protocol = system_protocol(MD_NVE);
  md_atoms atoms = system_pair(2.0);
  md_run *run;

  expect_ok(md_run_create(&atoms, &pot, &run));
  expect_ok(md_run_start(run, &protocol, &guard));
  expect_ok(md_run_sample(run, sample));
  assert_true(sample->grade_max == 0.0);
  expect_ok(md_run_advance(run, 200, reason, detail));
  expect_ok(md_run_sample(run, sample));
  expect_ok(md_run_destroy(&run));
  expect_ok(md_atoms_clear(&atoms));
}

static void test_words(void **state)
{
  const PetscReal nan = (PetscReal)NAN;
  const struct {
    PetscReal grade[2], max, limit;
    PetscBool sites;
    const char *message; /* "": goes on */
  } want[] = {
      {{3.0, 13.25},
       13.25,
       11.0,
       PETSC_TRUE,
       "species 1 atom 2 has extrapolation grade 13.2 at step 50 (limit 11)"},
      {{3.0, 13.25}, 13.25, 0.0, PETSC_TRUE, ""},
      {{3.0, 11.0}, 11.0, 11.0, PETSC_TRUE, ""},
      {{0.0, 0.0},
       12.0,
       11.5,
       PETSC_FALSE,
       "the configuration has extrapolation grade 12.0 at step 50 (limit 11.5)"},
      {{1.0, nan},
       nan,
       11.0,
       PETSC_TRUE,
       "species 1 atom 2 has extrapolation grade nan at step 50 (limit 11)"},
      {{1.0, nan}, nan, 0.0, PETSC_TRUE, ""},
  };

  (void)state;
  for (size_t k = 0; k < sizeof(want) / sizeof(want[0]); k++) {
    script s = {.grade = {want[k].grade[0], want[k].grade[1]}, .max = want[k].max};
    const PetscBool ends = (PetscBool)(want[k].message[0] != 0);
    md_reason reason;
    md_sample sample;
    char detail[160];

    run_scripted(&s, want[k].sites, want[k].limit, &reason, detail, &sample);
    assert_string_equal(detail, want[k].message);
    assert_int_equal(reason, ends ? MD_EXTRAPOLATING : MD_RUNNING);
    assert_int_equal(s.first, 51); /* the start is the first call and not graded */
    assert_int_equal(s.asked, ends ? 1 : 4);
    assert_true(isnan(want[k].max) ? isnan(sample.grade_max) : sample.grade_max == want[k].max);
  }
  assert_string_equal(md_reason_text(MD_EXTRAPOLATING), "the potential extrapolates");
}

/* Grades are asked of those only who have them. */
static void test_no_active_set(void **state)
{
  md_potential *pot = system_argon_potential();
  md_run *run = system_argon_liquid(2, 0.7, pot);
  mtp_neighbors nb = {0};
  mtp_result out = {0};
  PetscReal grade[32];
  md_sample sample;

  (void)state;
  expect_ok(md_run_sample(run, &sample));
  assert_true(sample.grade_max == 0.0);
  expect_ok(mtp_neighbors_build(32, sample.atoms->x, sample.atoms->type,
                                (const PetscReal(*)[3])sample.atoms->h, 3, pot->cutoff, 0.0, &nb));
  out.grade = grade;
  expect_error(PETSC_ERR_ARG_WRONGSTATE, md_potential_evaluate(pot, &nb, &out));
  expect_ok(mtp_neighbors_clear(&nb));
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
}

/* The shipped potential with its active set, of 235 atoms' rows. ------------------------------- */

static const char *const names[] = {"Ca", "K", "Cl"};

static void read_shipped(mtp_potential **mtp, mtp_selection **selection)
{
  const char *path = TEST_SOURCE "/campaigns/potentials/cacl2-kcl-l10.almtp";
  mtp_diag diag = {0};

  expect_ok(mtp_potential_read(path, mtp, &diag));
  expect_ok(mtp_selection_parse(*mtp, path, selection, &diag));
  assert_int_equal(diag.n, 0);
  expect_ok(mtp_diag_clear(&diag));
}

static md_potential *shipped_potential(void)
{
  md_mtp_options options = {.kernel = MTP_KERNEL_AUTO};
  mtp_potential *mtp;
  md_potential *pot;

  read_shipped(&mtp, &options.selection);
  expect_ok(md_potential_create_mtp_with(&mtp, &options, &pot));
  assert_null(mtp);
  expect(md_potential_grade_period(pot) >= 50, "the shipped potential has grades");
  return pot;
}

/* Packed ions, cold: no liquid yet, and further from the training than a liquid is. */
static md_run *packed_run(md_guard guard, const md_potential *pot)
{
  const PetscInt count[3] = {6, 6, 18};
  const PetscReal mass[3] = {40.078 * MD_ATOMIC_MASS, 39.098 * MD_ATOMIC_MASS,
                             35.45 * MD_ATOMIC_MASS};
  const PetscReal min_dist[9] = {3.0, 3.0, 2.3, 3.0, 3.0, 2.3, 2.3, 2.3, 2.8};
  const md_pack_spec spec = {.nspecies = 3,
                             .count = count,
                             .mass = mass,
                             .min_dist = min_dist,
                             .volume = 30.0 * 33.0,
                             .rng = {.key = 5}};
  md_protocol protocol = system_protocol(MD_NVT_BUSSI);
  md_atoms atoms;
  PetscReal worst;
  md_run *run;

  protocol.dt = 0.5;
  protocol.temperature = 300.0;
  protocol.max_step = 0.02;
  expect_ok(md_pack_random(&spec, &atoms, &worst));
  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_run_set_names(run, names));
  expect_ok(md_run_thermalise(run, 300.0, protocol.rng));
  expect_ok(md_run_start(run, &protocol, &guard));
  return run;
}

/* [1] the largest grade of the atoms of a run, by the reference path, and whose it is */
static PetscReal reference_grade(const md_run *run, PetscInt *worst)
{
  const md_atoms *atoms = md_run_atoms(run);
  mtp_selection *selection;
  mtp_neighbors nb = {0};
  PetscReal *site, grade;
  mtp_potential *mtp;

  read_shipped(&mtp, &selection);
  expect_ok(mtp_neighbors_build(atoms->n, atoms->x, atoms->type, (const PetscReal(*)[3])atoms->h, 3,
                                6.0, 0.0, &nb));
  expect_ok(PetscMalloc1(atoms->n, &site));
  expect_ok(mtp_grade_evaluate(mtp, selection, &nb, site, &grade));
  for (*worst = 0; site[*worst] < grade;) ++*worst;
  expect_ok(PetscFree(site));
  expect_ok(mtp_neighbors_clear(&nb));
  expect_ok(mtp_selection_destroy(&selection));
  expect_ok(mtp_potential_destroy(&mtp));
  return grade;
}

static void test_active_set(void **state)
{
  md_potential *pot = shipped_potential();
  const PetscInt period = md_potential_grade_period(pot);
  md_guard guard = system_no_guard();
  md_run *run = packed_run(guard, pot);
  char detail[160], want[160];
  md_reason reason;
  md_sample sample;
  PetscReal grade;
  PetscInt worst;

  (void)state;
  system_advance(run, period - 1);
  expect_ok(md_run_sample(run, &sample));
  assert_true(sample.grade_max == 0.0);
  system_advance(run, 1);
  expect_ok(md_run_sample(run, &sample));
  grade = reference_grade(run, &worst);
  expect_near(sample.grade_max, grade, 1e-7 * grade, "grade of the run and of the reference path");
  expect_ok(md_run_destroy(&run));
  for (int ends = 0; ends < 2; ends++) {
    guard.grade_break = ends ? 0.999 * grade : 1.001 * grade;
    run = packed_run(guard, pot);
    expect_ok(md_run_advance(run, period, &reason, detail));
    assert_int_equal(reason, ends ? MD_EXTRAPOLATING : MD_RUNNING);
    snprintf(want, sizeof(want), "%s %d has extrapolation grade %.1f at step %d (limit %g)",
             names[md_run_atoms(run)->type[worst]], (int)worst + 1, grade, (int)period,
             guard.grade_break);
    assert_string_equal(detail, ends ? want : "");
    expect_ok(md_run_destroy(&run));
  }
  expect_ok(md_potential_destroy(&pot));
}

/* The largest grade travels with the checkpoint and starts again with the next stage. */
static void test_checkpoint(void **state)
{
  md_potential *pot = shipped_potential();
  const PetscInt period = md_potential_grade_period(pot);
  const md_guard guard = {.every = 1000, .grade_break = 1e6};
  md_run *run = packed_run(guard, pot), *other;
  md_sample sample, loaded;
  md_protocol protocol = *md_run_protocol(run);
  md_blob blob[2] = {{0}, {0}};

  (void)state;
  system_advance(run, 2 * period + 7);
  expect_ok(md_run_sample(run, &sample));
  expect(sample.grade_max > 0.0, "grades were looked at");
  expect_ok(md_run_save(run, &blob[0]));
  other = packed_run(system_no_guard(), pot);
  expect_ok(md_run_load(other, &blob[0]));
  expect_ok(md_run_sample(other, &loaded));
  assert_true(loaded.grade_max == sample.grade_max);
  expect_ok(md_run_save(other, &blob[1]));
  assert_int_equal(blob[0].size, blob[1].size);
  assert_memory_equal(blob[0].data, blob[1].data, blob[0].size);
  expect_ok(md_run_start(other, &protocol, &guard));
  expect_ok(md_run_sample(other, &loaded));
  assert_true(loaded.grade_max == 0.0);
  for (int k = 0; k < 2; k++) expect_ok(md_blob_clear(&blob[k]));
  expect_ok(md_run_destroy(&run));
  expect_ok(md_run_destroy(&other));
  expect_ok(md_potential_destroy(&pot));
}

/* An active set of another potential is refused, and both remain the caller's. */
static void test_refused(void **state)
{
  md_mtp_options options = {.kernel = MTP_KERNEL_AUTO};
  mtp_potential *mtp, *other;
  md_potential *pot;
  mtp_diag diag = {0};

  (void)state;
  read_shipped(&mtp, &options.selection);
  expect_ok(mtp_potential_read(TEST_DATA "/mtp/random/rand_2sp_08.almtp", &other, &diag));
  assert_int_equal(diag.n, 0);
  expect_error(PETSC_ERR_ARG_SIZ, md_potential_create_mtp_with(&other, &options, &pot));
  assert_null(pot);
  assert_int_equal(mtp_selection_size(options.selection), 235);
  expect_ok(mtp_potential_destroy(&other));
  expect_ok(mtp_potential_destroy(&mtp));
  expect_ok(mtp_selection_destroy(&options.selection));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_period),        cmocka_unit_test(test_words),
      cmocka_unit_test(test_no_active_set), cmocka_unit_test(test_active_set),
      cmocka_unit_test(test_checkpoint),    cmocka_unit_test(test_refused)};

  return expect_main(argc, argv, help, tests);
}
