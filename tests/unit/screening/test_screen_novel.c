/* tests/unit/screening/test_screen_novel.c */
#include "screening/screen_novel.h"
#include "tests/support/expect.h"
#include "tests/support/md_systems.h"
#include "tests/support/random.h"

static const char help[] = "Configurations above a grade: the worst of each picosecond, bounded\n";

enum { PERIOD = 50, LOOKS = 200 };

/* Grades as told, look by look; no forces. */
typedef struct {
  PetscReal grade[LOOKS];
  PetscInt looks;
} script;

static PetscErrorCode scripted(const void *data, const mtp_neighbors *nb, mtp_result *out)
{
  script *s = *(script *const *)data;

  memset(out->virial, 0, sizeof(out->virial));
  memset(out->force, 0, 3 * (size_t)nb->nall * sizeof(PetscReal));
  out->energy = 0.0;
  if (!out->grade) return 0;
  assert_true(s->looks < LOOKS);
  out->grade[0] = 0.1;
  out->grade[1] = out->max_grade = s->grade[s->looks++];
  return 0;
}

static const md_potential_ops scripted_ops = {"scripted", scripted, NULL};

/* The numbers of the looks, from 1, that are to be kept: in every picosecond the one with the
   largest grade, of these the four largest; in their order. */
static int expected(const script *s, PetscInt looks, PetscReal limit, int per_ps,
                    int kept[SCREEN_NOVEL])
{
  int best[LOOKS] = {0}, nbest = 0, n = 0;

  for (int ps = 0; ps * per_ps <= looks; ps++) {
    int most = 0;

    for (int k = PetscMax(1, ps * per_ps); k < (ps + 1) * per_ps && k <= looks; k++) {
      if (s->grade[k - 1] > limit && (!most || s->grade[k - 1] > s->grade[most - 1])) most = k;
    }
    if (most) best[nbest++] = most;
  }
  for (int i = 0; i < nbest; i++) {
    int above = 0;

    for (int j = 0; j < nbest; j++) above += s->grade[best[j] - 1] > s->grade[best[i] - 1];
    if (above < SCREEN_NOVEL) kept[n++] = best[i];
  }
  return n;
}

static void compare(const screen_novel *novel, const script *s, PetscReal limit, double dt,
                    double speed)
{
  int kept[SCREEN_NOVEL];
  const int n = expected(s, s->looks, limit, (int)(1000.0 / dt / PERIOD + 0.5), kept);

  assert_int_equal(novel->n, n);
  for (int k = 0; k < n; k++) {
    const screen_novel_frame *f = &novel->frame[k];

    assert_int_equal(f->step, kept[k] * PERIOD);
    assert_true(f->grade == s->grade[kept[k] - 1]);
    assert_true(f->h[1][1] == 60.0);
    expect_abs(f->x[4], 30.0 + speed * dt * (double)f->step, 1e-8, "positions of that step");
  }
}

/* A run in portions, what is kept saved and read between them, as in segments. */
static void test_kept(void **state)
{
  const double speed = 1e-4;
  random_stream dice = {21};

  (void)state;
  for (int trial = 0; trial < 20; trial++) {
    const PetscReal limit = trial % 4 == 3 ? 9.5 : 2.0;
    script s = {{0.0}, 0}, *handle = &s;
    const md_potential pot = {.ops = &scripted_ops,
                              .data = &handle,
                              .cutoff = 4.0,
                              .nspecies = 2,
                              .grade_cost = 0.5,
                              .site_grades = PETSC_TRUE};
    const md_guard guard = {.every = 1000};
    md_protocol protocol = system_protocol(MD_NVE);
    md_atoms atoms = system_pair(2.0);
    screen_novel novel = {.n = 0};
    md_run *run;

    protocol.dt = 4.0;
    for (int k = 0; k < LOOKS; k++) s.grade[k] = 10.0 * random_uniform(&dice);
    atoms.v[4] = speed;
    expect_ok(md_run_create(&atoms, &pot, &run));
    expect_ok(md_atoms_clear(&atoms));
    expect_ok(md_run_start(run, &protocol, &guard));
    expect_ok(screen_novel_observe(&novel, md_potential_grade_period(&pot), limit, run));
    for (int part = 0; part < 9; part++) {
      md_blob blob = {0};
      md_reason reason;

      expect_ok(
          md_run_advance(run, 1 + (PetscInt64)(2000.0 * random_uniform(&dice)) / 2, &reason, NULL));
      assert_int_equal(reason, MD_RUNNING);
      compare(&novel, &s, limit, protocol.dt, speed);
      expect_ok(screen_novel_save(&novel, 2, &blob));
      expect_ok(screen_novel_clear(&novel));
      expect_ok(screen_novel_load(2, &blob, &novel));
      novel.limit = limit;
      assert_int_equal(blob.read, blob.size);
      expect_ok(md_blob_clear(&blob));
    }
    expect_ok(screen_novel_clear(&novel));
    expect_ok(md_run_destroy(&run));
  }
}

/* Without an active set nothing is kept; a section that says too much is refused. */
static void test_edges(void **state)
{
  const int64_t many = SCREEN_NOVEL + 1;
  screen_novel novel = {.n = 0};
  md_blob blob = {0};

  (void)state;
  expect_ok(screen_novel_observe(&novel, 0, 2.0, NULL));
  expect_ok(md_blob_put(&blob, &many, sizeof(many)));
  expect_error(PETSC_ERR_FILE_UNEXPECTED, screen_novel_load(2, &blob, &novel));
  expect_ok(screen_novel_clear(&novel));
  expect_ok(md_blob_clear(&blob));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_kept), cmocka_unit_test(test_edges)};

  return expect_main(argc, argv, help, tests);
}
