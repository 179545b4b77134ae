static const char about[] = "A replica's stages: cut into segments, failures, starts\n";
/* The same stages run at once and in uneven segments, each in a job of its own with the state saved
 * and loaded in between, must end in the same bytes. */
#include "tests/unit/screening/job_support.h"

#include <unistd.h>

static void test_segments(void **state)
{
  md_blob whole = {0}, cut = {0};

  (void)state;
  for (int stage = 0; stage < SCREEN_FLUX; stage++) {
    run_stage((screen_stage)stage, 0, INT64_MAX, &whole);
    run_stage((screen_stage)stage, 0, 37 + stage, &cut);
    assert_int_equal(whole.size, cut.size);
    expect(memcmp(whole.data, cut.data, whole.size) == 0,
           "estimators and dynamics do not depend on how the stage was cut");
  }
  expect_ok(md_blob_clear(&whole));
  expect_ok(md_blob_clear(&cut));
}

/* Segments that end exactly where a phase ends (250, 1250 steps) are nothing special. */
static void test_segment_at_phase_end(void **state)
{
  md_blob whole = {0}, cut = {0};

  (void)state;
  run_stage(SCREEN_EQUILIBRATION, 1, INT64_MAX, &whole);
  run_stage(SCREEN_EQUILIBRATION, 1, 250, &cut);
  expect(whole.size == cut.size && memcmp(whole.data, cut.data, whole.size) == 0,
         "a segment may end with a phase");
  expect_ok(md_blob_clear(&whole));
  expect_ok(md_blob_clear(&cut));
}

/* A longer stage continues a shorter one: equilibration phases do not depend on its length. */
static void test_longer_equilibration(void **state)
{
  const PetscReal length = campaign.equilibration;
  md_blob whole = {0}, grown = {0};
  screen_job *job;
  md_reason reason;
  char detail[160];

  (void)state;
  run_stage(SCREEN_EQUILIBRATION, 0, INT64_MAX, &whole);
  campaign.equilibration = 1000.0;
  run_stage(SCREEN_EQUILIBRATION, 0, INT64_MAX, &grown);
  campaign.equilibration = length;
  expect_ok(
      screen_job_create(&campaign, &point, pot, 0, SCREEN_EQUILIBRATION, &grown, PETSC_TRUE, &job));
  assert_int_equal(screen_job_done(job), 500);
  expect_ok(screen_job_advance(job, INT64_MAX, &reason, detail));
  expect_ok(md_blob_clear(&grown));
  expect_ok(screen_job_save(job, &grown));
  expect_ok(screen_job_destroy(&job));
  expect(whole.size == grown.size && memcmp(whole.data, grown.data, whole.size) == 0,
         "a longer equilibration continues a shorter one");
  expect_ok(md_blob_clear(&whole));
  expect_ok(md_blob_clear(&grown));
}

/* A production stage from `start`, run to `shorter` [fs] and then to its full length */
static void grow(screen_stage stage, PetscReal *length, PetscReal shorter, const md_blob *start,
                 md_blob *grown)
{
  const PetscReal full = *length;
  screen_job *job;
  md_reason reason;
  char detail[160];

  expect_ok(md_blob_put(grown, start->data, start->size));
  *length = shorter;
  run_stage(stage, 0, INT64_MAX, grown);
  *length = full;
  expect_ok(screen_job_create(&campaign, &point, pot, 0, stage, grown, PETSC_TRUE, &job));
  expect(screen_job_done(job) < screen_stage_steps(&campaign, stage), "there is more to do");
  expect_ok(screen_job_advance(job, INT64_MAX, &reason, detail));
  expect_ok(md_blob_clear(grown));
  expect_ok(screen_job_save(job, grown));
  expect_ok(screen_job_destroy(&job));
}

/* Production stages that are lengthened keep what they measured, displacements among it. */
static void test_longer_production(void **state)
{
  PetscReal *const length[SCREEN_FLUX] = {NULL, &campaign.production_npt, &campaign.production_nve};
  md_blob whole = {0}, grown = {0}, start = {0};

  (void)state;
  run_stage(SCREEN_EQUILIBRATION, 0, INT64_MAX, &whole);
  for (int stage = SCREEN_NPT; stage <= SCREEN_NVE; stage++) {
    expect_ok(md_blob_put(&start, whole.data, whole.size));
    run_stage((screen_stage)stage, 0, INT64_MAX, &whole);
    for (int part = 1; part <= 3; part++) {
      grow((screen_stage)stage, length[stage], *length[stage] * part / 4.0, &start, &grown);
      expect(whole.size == grown.size && memcmp(whole.data, grown.data, whole.size) == 0,
             "a lengthened stage ends like one that was long from the beginning");
      expect_ok(md_blob_clear(&grown));
    }
    expect_ok(md_blob_clear(&start));
  }
  expect_ok(md_blob_clear(&whole));
}

/* Frames every 100 fs of 400: a job that was lost after 3 of them and run again leaves 4, and the
 * dynamics are those of a run that wrote none. */
static void test_trajectory(void **state)
{
  char directory[] = "/tmp/test_screen_job.XXXXXX", path[256], line[512];
  md_blob start = {0}, plain = {0}, watched = {0};
  screen_job_state s = {0};
  PetscInt frames = 0;
  FILE *in;

  (void)state;
  assert_non_null(mkdtemp(directory));
  run_stage(SCREEN_EQUILIBRATION, 0, INT64_MAX, &start);
  for (int k = 0; k < 3; k++) { /* without frames; lost with frames; again with frames */
    screen_job *job;
    md_reason reason;
    char detail[160];

    campaign.trajectory = k > 0 ? 100.0 : 0.0;
    start.read = 0;
    expect_ok(screen_job_create(&campaign, &point, pot, 0, SCREEN_NPT, &start, PETSC_FALSE, &job));
    expect_ok(screen_job_trajectory(job, directory));
    expect_ok(screen_job_advance(job, k == 1 ? 160 : 200, &reason, detail));
    if (k != 1) expect_ok(screen_job_save(job, k == 0 ? &plain : &watched));
    expect_ok(screen_job_destroy(&job));
  }
  campaign.trajectory = 0.0;
  snprintf(path, sizeof(path), "%s/trajectory/NaCl_T=400K.replica0.npt.xyz", directory);
  in = fopen(path, "r");
  assert_non_null(in);
  while (fgets(line, sizeof(line), in)) frames += strcmp(line, "24\n") == 0;
  assert_int_equal(frames, 4);
  expect_ok(screen_job_state_read(&campaign, &point, &watched, &s));
  assert_int_equal(s.frames, ftell(in));
  fclose(in);
  expect(plain.size == watched.size &&
             memcmp(plain.data + watched.read, watched.data + watched.read,
                    plain.size - watched.read) == 0,
         "what is written does not change the dynamics");
  expect_ok(screen_job_state_clear(&s));
  expect_ok(md_blob_clear(&start));
  expect_ok(md_blob_clear(&plain));
  expect_ok(md_blob_clear(&watched));
  unlink(path);
  snprintf(path, sizeof(path), "%s/trajectory", directory);
  rmdir(path);
  rmdir(directory);
}

/* What is measured in each stage; NVE starts where NPT ended. */
static void test_states(void **state)
{
  md_blob blob = {0};
  screen_job_state s = {0};
  PetscReal volume;

  (void)state;
  run_stage(SCREEN_EQUILIBRATION, 0, INT64_MAX, &blob);
  run_stage(SCREEN_NPT, 0, INT64_MAX, &blob);
  expect_ok(screen_job_state_read(&campaign, &point, &blob, &s));
  blob.read = 0;
  assert_int_equal(s.stage, SCREEN_NPT);
  assert_int_equal(s.done, 200);
  assert_int_equal(s.density.nsample, 200);
  assert_int_equal(s.volumes.nsample, 200);
  assert_int_equal(s.temperature.nsample, 200);
  assert_int_equal(prop_rdf_nbin(s.rdf), 100);
  assert_int_equal(prop_rdf_samples(s.rdf), 2); /* every 200 fs of 400 */
  assert_null(s.msd);
  volume = s.volume;
  expect_ok(screen_job_state_clear(&s));
  run_stage(SCREEN_NVE, 0, INT64_MAX, &blob);
  expect_ok(screen_job_state_read(&campaign, &point, &blob, &s));
  assert_int_equal(s.density.nsample, 0);
  assert_int_equal(s.potential.nsample, 600);
  assert_int_equal(prop_msd_samples(s.msd), 60);   /* every 20 fs of 1200 */
  assert_int_equal(prop_vacf_samples(s.vacf), 60); /* every 20 fs */
  assert_null(s.rdf);
  expect(s.volume == volume, "the cell of NVE is the last one of NPT");
  expect(s.drift != 0.0 && PetscAbsReal(s.drift) < 0.02, "the total energy is watched, and kept");
  expect_ok(screen_job_state_clear(&s));
  expect_ok(md_blob_clear(&blob));
}

static void test_replicas_differ(void **state)
{
  screen_job *a, *b;
  PetscReal dx = 0.0;

  (void)state;
  expect_ok(
      screen_job_create(&campaign, &point, pot, 0, SCREEN_EQUILIBRATION, NULL, PETSC_FALSE, &a));
  expect_ok(
      screen_job_create(&campaign, &point, pot, 1, SCREEN_EQUILIBRATION, NULL, PETSC_FALSE, &b));
  for (PetscInt i = 0; i < 72; i++)
    dx += PetscAbsReal(screen_job_atoms(a)->x[i] - screen_job_atoms(b)->x[i]);
  expect(dx > 1.0, "replicas start from configurations of their own");
  expect_near(md_atoms_temperature(screen_job_atoms(a)), 400.0, 1e-12, "temperature at the start");
  expect_ok(screen_job_destroy(&a));
  expect_ok(screen_job_destroy(&b));
}

/* Nothing but its own states may continue a stage. */
static void test_wrong_states(void **state)
{
  md_blob blob = {0};
  screen_job *job = NULL;
  screen_point other = point;

  (void)state;
  run_stage(SCREEN_EQUILIBRATION, 0, INT64_MAX, &blob);
  expect_error(PETSC_ERR_FILE_UNEXPECTED,
               screen_job_create(&campaign, &point, pot, 0, SCREEN_NPT, &blob, PETSC_TRUE, &job));
  expect_ok(screen_job_destroy(&job));
  blob.read = 0;
  expect_error(
      PETSC_ERR_FILE_UNEXPECTED,
      screen_job_create(&campaign, &point, pot, 0, SCREEN_EQUILIBRATION, &blob, PETSC_FALSE, &job));
  expect_ok(screen_job_destroy(&job));
  blob.read = 0;
  other.natoms = 26;
  expect_error(PETSC_ERR_FILE_UNEXPECTED,
               screen_job_create(&campaign, &other, pot, 0, SCREEN_NPT, &blob, PETSC_FALSE, &job));
  expect_ok(screen_job_destroy(&job));
  blob.read = 0;
  blob.size /= 2;
  expect_error(PETSC_ERR_FILE_UNEXPECTED,
               screen_job_create(&campaign, &point, pot, 0, SCREEN_NPT, &blob, PETSC_FALSE, &job));
  expect_ok(screen_job_destroy(&job));
  expect_ok(md_blob_clear(&blob));
}

/* Starts ------------------------------------------------------------------------------------ */

/* [Å] shortest distance between atoms of the same, or of different, species; nearest images */
static PetscReal shortest_pair(const md_atoms *atoms, PetscBool same)
{
  const PetscReal edge = atoms->h[0][0];
  PetscReal shortest = PETSC_INFINITY;

  for (PetscInt i = 0; i < atoms->n; i++) {
    for (PetscInt j = 0; j < i; j++) {
      PetscReal d2 = 0.0;

      if ((atoms->type[i] == atoms->type[j]) != same) continue;
      for (PetscInt k = 0; k < 3; k++) {
        const PetscReal d = atoms->x[3 * i + k] - atoms->x[3 * j + k];

        d2 += PetscSqr(d - edge * rint(d / edge));
      }
      shortest = PetscMin(shortest, d2);
    }
  }
  return PetscSqrtReal(shortest);
}

/* Ions of one sign keep further apart than opposite ones; without charges all the same. */
static void test_packing(void **state)
{
  md_atoms atoms = {0};
  PetscReal spacing;

  (void)state;
  campaign.density_guess = 1500.0 / MD_DENSITY_SI * MD_ATOMIC_MASS;
  expect_ok(screen_start_create(&campaign, &point, pot, (md_rng){5}, &atoms));
  expect_near(md_atoms_total_mass(&atoms) / md_atoms_volume(&atoms), campaign.density_guess, 1e-12,
              "density of the start");
  spacing = cbrt(md_atoms_volume(&atoms) / 12.0);
  expect(shortest_pair(&atoms, PETSC_FALSE) >= 2.2, "opposite ions: 1.1 of the shortest distance");
  expect(shortest_pair(&atoms, PETSC_TRUE) >= 0.7 * spacing, "ions of one sign are spread out");
  expect(shortest_pair(&atoms, PETSC_FALSE) < 0.7 * spacing, "opposite ones are not");
  expect_ok(md_atoms_clear(&atoms));
  campaign.has_charges = PETSC_FALSE;
  expect_ok(screen_start_create(&campaign, &point, pot, (md_rng){5}, &atoms));
  spacing = cbrt(md_atoms_volume(&atoms) / 24.0);
  expect(shortest_pair(&atoms, PETSC_FALSE) >= 0.7 * spacing,
         "without charges all pairs are spread out");
  expect_ok(md_atoms_clear(&atoms));
  campaign.density_guess *= 20.0;
  expect_error(PETSC_ERR_ARG_OUTOFRANGE,
               screen_start_create(&campaign, &point, pot, (md_rng){5}, &atoms));
  expect_ok(md_atoms_clear(&atoms));
  campaign.density_guess = 0.0;
  campaign.has_charges = PETSC_TRUE;
}

/* From a file; and what is said when it is not the point's. */
static void test_initial_file(void **state)
{
  char path[] = "/tmp/test_screen_job.XXXXXX.xyz";
  md_atoms atoms = {0};
  const int fd = mkstemps(path, 4);
  FILE *out = fdopen(fd, "w");

  (void)state;
  assert_non_null(out);
  fprintf(out, "4\nLattice=\"8 0 0 0 8 0 0 0 8\" Properties=species:S:1:pos:R:3\n"
               "Cl 0 0 0\nNa 3 0 0\nCl 4 4 0\nNa 0 4 4\n");
  fclose(out);
  campaign.initial = path;
  expect_error(PETSC_ERR_FILE_UNEXPECTED,
               screen_start_create(&campaign, &point, pot, (md_rng){5}, &atoms));
  expect_ok(md_atoms_clear(&atoms));
  count[0] = count[1] = 2;
  expect_ok(screen_start_create(&campaign, &point, pot, (md_rng){5}, &atoms));
  assert_int_equal(atoms.type[0], 1);
  expect_abs(atoms.x[3], 3.0, 0.0, "positions come from the file");
  expect_ok(md_atoms_clear(&atoms));
  unlink(path);
  expect_error(PETSC_ERR_FILE_UNEXPECTED,
               screen_start_create(&campaign, &point, pot, (md_rng){5}, &atoms));
  expect_ok(md_atoms_clear(&atoms));
  count[0] = count[1] = 12;
  campaign.initial = NULL;
}

/* Runs an equilibration until it ends, `segment` steps at a time, each in a job of its own. */
static md_reason run_until_end(const md_potential *of, int64_t segment, int64_t *done,
                               char detail[160])
{
  md_reason reason = MD_RUNNING;
  md_blob blob = {0};
  screen_job *job;

  for (*done = 0; reason >= 0 && *done < 10000;) {
    expect_ok(screen_job_create(&campaign, &point, of, 0, SCREEN_EQUILIBRATION,
                                *done ? &blob : NULL, *done ? PETSC_TRUE : PETSC_FALSE, &job));
    expect_ok(screen_job_advance(job, segment, &reason, detail));
    *done = screen_job_done(job);
    expect_ok(md_blob_clear(&blob));
    if (reason >= 0) expect_ok(screen_job_save(job, &blob));
    expect_ok(screen_job_destroy(&job));
  }
  expect_ok(md_blob_clear(&blob));
  return reason;
}

/* Ions of one sign that fall onto each other end the replica, with a reason that names them, at the
 * same step however the stage is cut. */
static void test_alike(void **state)
{
  const PetscReal epsilon[4] = {0.5, 0.001, 0.001, 0.02},
                  sigma[4] = {1.9, 2.5, 2.5, 3.2}; /* Na-Na at 2.1 Å */
  const PetscReal length = campaign.equilibration;
  const int64_t segment[2] = {INT64_MAX, 37};
  md_potential *hole;
  char detail[2][160] = {"", ""};
  int64_t done[2];

  (void)state;
  expect_ok(md_potential_create_lj(NSPECIES, epsilon, sigma, 5.0, PETSC_TRUE, &hole));
  hole->min_dist = 2.0;
  campaign.equilibration = 20000.0;
  for (int k = 0; k < 2; k++) {
    assert_int_equal(run_until_end(hole, segment[k], &done[k], detail[k]), MD_CLOSE_PAIR);
  }
  expect(strstr(detail[0], "Na ") && strstr(detail[0], "charges of one sign") &&
             strstr(detail[0], "(limit 2.30 Å)"),
         detail[0]);
  expect(done[0] > 250 && (done[0] - (done[0] > 1250 ? 1250 : 250)) % 200 == 0,
         "looked at where distances are, every 200 steps of a phase");
  assert_int_equal(done[1], done[0]);
  assert_string_equal(detail[1], detail[0]);
  expect_ok(md_potential_destroy(&hole));
  campaign.equilibration = length;
}

/* The campaign's limit of the grade holds everywhere but in the first phases of a packed start,
   which is no liquid yet. */
static void test_grade_limits(void **state)
{
  screen_campaign limited = campaign;
  const screen_point hot = {.temperature = 1000.0};
  screen_phase phase[SCREEN_MAX_PHASES];
  PetscInt n;

  (void)state;
  limited.grade_break = 7.0;
  for (int stage = 0; stage < SCREEN_FLUX; stage++) {
    screen_job_phases(&limited, &hot, (screen_stage)stage, &n, phase);
    for (PetscInt k = 0; k < n; k++) {
      const PetscBool settles = (PetscBool)(stage == SCREEN_EQUILIBRATION && k < 2);

      assert_true(phase[k].guard.grade_break == (settles ? 0.0 : 7.0));
    }
  }
}

/* The ensembles and the schedule of a campaign, in the phases they belong to. */
static void test_ensembles(void **state)
{
  const screen_point hot = {.temperature = 1000.0};
  screen_campaign c = campaign;
  screen_phase phase[SCREEN_MAX_PHASES];
  const md_protocol *p;
  PetscInt n;

  (void)state;
  c.npt = SCREEN_MTK;
  c.shape = MD_UNIAXIAL;
  c.rescaling = 2000.0;
  c.nanneal = 3;
  c.anneal[0] = (screen_anneal){.length = 1000.0, .to = 1500.0};
  c.anneal[1] = (screen_anneal){.length = 500.0, .to = SCREEN_HOLD};
  c.anneal[2] = (screen_anneal){.length = 2000.0, .to = SCREEN_POINT_TEMPERATURE};
  screen_job_phases(&c, &hot, SCREEN_EQUILIBRATION, &n, phase);
  assert_int_equal(n, 3);
  assert_int_equal(phase[1].protocol.nknot, 0);
  p = &phase[2].protocol;
  expect(p->ensemble == MD_NPT_MTK && p->shape == MD_UNIAXIAL, "barostat of the equilibration");
  assert_int_equal(p->nknot, 3);
  for (int k = 0; k < 3; k++) {
    const double time[] = {1000.0, 1500.0, 3500.0};

    expect_abs((double)p->knot[k].step * c.dt, time[k], 0.5 * c.dt, "corner of the schedule");
    assert_true(p->knot[k].temperature == (k < 2 ? 1500.0 : hot.temperature));
  }
  screen_job_phases(&c, &hot, SCREEN_NPT, &n, phase);
  expect(phase[0].protocol.ensemble == MD_NPT_MTK && phase[0].protocol.nknot == 0, "production");
  screen_job_phases(&c, &hot, SCREEN_NVE, &n, phase);
  expect(phase[0].protocol.ensemble == MD_NVT_BUSSI && phase[0].protocol.tau_t == 2000.0,
         "rescaled");
  screen_job_phases(&campaign, &hot, SCREEN_NVE, &n, phase);
  expect(phase[0].protocol.ensemble == MD_NVE, "constant energy");
  screen_job_phases(&campaign, &hot, SCREEN_NPT, &n, phase);
  expect(phase[0].protocol.ensemble == MD_NPT_SCR, "stochastic cell rescaling");
}

/* Beside vacuum every ensemble keeps the volume, under the thermostat that was asked for. */
static void test_vacuum(void **state)
{
  const struct {
    screen_npt asked;
    md_ensemble run;
  } pairs[] = {
      {SCREEN_SCR, MD_NVT_BUSSI}, {SCREEN_SCR_LANGEVIN, MD_NVT_LANGEVIN}, {SCREEN_MTK, MD_NVT_NHC}};
  const screen_point hot = {.temperature = 1000.0};
  screen_campaign c = campaign;
  screen_phase phase[SCREEN_MAX_PHASES];
  PetscInt n;

  (void)state;
  c.vacuum = 20.0;
  for (int k = 0; k < 3; k++) {
    c.npt = pairs[k].asked;
    for (int stage = SCREEN_EQUILIBRATION; stage <= SCREEN_NPT; stage++) {
      screen_job_phases(&c, &hot, (screen_stage)stage, &n, phase);
      assert_int_equal(phase[n - 1].protocol.ensemble, pairs[k].run);
    }
  }
}

/* Limits of the campaign hold from the second phase on, structure is watched in productions. */
static void test_guards(void **state)
{
  screen_campaign own = campaign;
  const screen_point hot = {.temperature = 1000.0};
  screen_phase phase[SCREEN_MAX_PHASES];
  PetscInt n;

  (void)state;
  own.guard.max_force = 30.0;
  own.guard.every_structure = 200;
  own.guard.every = 150;
  for (int stage = 0; stage < SCREEN_FLUX; stage++) {
    screen_job_phases(&own, &hot, (screen_stage)stage, &n, phase);
    for (PetscInt k = 0; k < n; k++) {
      const md_guard *g = &phase[k].guard;
      const PetscBool settles = (PetscBool)(stage == SCREEN_EQUILIBRATION && k == 0);

      assert_true(g->max_force == (settles ? 0.0 : 30.0) && g->every == 150);
      if (!settles) assert_int_equal(g->every_structure, stage == SCREEN_EQUILIBRATION ? 0 : 200);
      if (settles) assert_true(g->pressure_factor == 0.0 && g->close_factor == 0.0);
    }
  }
}

/* A replica that a guard ends leaves two frames that say where they are from. */
static void test_frames(void **state)
{
  static const char *const symbols[NSPECIES] = {"Na", "Cl"};
  const PetscReal limit = campaign.guard.max_force;
  md_reason reason = MD_RUNNING;
  mtp_config_list list = {0};
  mtp_diag diag = {0};
  md_blob frames = {0};
  screen_job *job;
  char detail[160];

  (void)state;
  campaign.guard.max_force = 0.01;
  expect_ok(
      screen_job_create(&campaign, &point, pot, 1, SCREEN_EQUILIBRATION, NULL, PETSC_FALSE, &job));
  expect_ok(screen_job_advance(job, 1000, &reason, detail));
  assert_int_equal(reason, MD_HIGH_FORCE);
  expect_ok(screen_job_frames(job, reason, detail, &frames));
  expect_ok(mtp_xyz_parse("frames", (const char *)frames.data, frames.size, NSPECIES, symbols,
                          &list, &diag));
  assert_int_equal(diag.n, 0);
  assert_int_equal(list.n, 2);
  for (PetscInt k = 0; k < 2; k++) {
    const mtp_config *c = &list.config[k];

    assert_int_equal(c->n, point.natoms);
    assert_string_equal(mtp_config_feature(c, "role"), k ? "bad" : "last good");
    assert_string_equal(mtp_config_feature(c, "point"), point.name);
    assert_string_equal(mtp_config_feature(c, "stage"), "equilibration");
    assert_string_equal(mtp_config_feature(c, "replica"), "1");
    assert_string_equal(mtp_config_feature(c, "step"), k ? "1" : "0");
    assert_string_equal(mtp_config_feature(c, "reason"), "a force is too large");
    assert_string_equal(mtp_config_feature(c, "detail"), detail);
    expect(!strncmp(detail, "force on ", 9), detail);
  }
  assert_memory_equal(list.config[1].x, screen_job_atoms(job)->x,
                      3 * (size_t)point.natoms * sizeof(PetscReal));
  expect(list.config[0].x[0] != list.config[1].x[0], "the good one is another");
  expect_ok(mtp_config_list_clear(&list));
  expect_ok(md_blob_clear(&frames));
  expect_ok(screen_job_destroy(&job));
  campaign.guard.max_force = limit;
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_segments),
                                     cmocka_unit_test(test_segment_at_phase_end),
                                     cmocka_unit_test(test_longer_equilibration),
                                     cmocka_unit_test(test_longer_production),
                                     cmocka_unit_test(test_states),
                                     cmocka_unit_test(test_replicas_differ),
                                     cmocka_unit_test(test_wrong_states),
                                     cmocka_unit_test(test_packing),
                                     cmocka_unit_test(test_grade_limits),
                                     cmocka_unit_test(test_ensembles),
                                     cmocka_unit_test(test_vacuum),
                                     cmocka_unit_test(test_guards),
                                     cmocka_unit_test(test_frames),
                                     cmocka_unit_test(test_initial_file),
                                     cmocka_unit_test(test_alike),
                                     cmocka_unit_test(test_trajectory)};
  int failed;

  if (PetscInitialize(&argc, &argv, NULL, about)) return 99;
  failed = cmocka_run_group_tests_name("screen_job", tests, begin, end);
  if (PetscFinalize()) return 98;
  return failed;
}
