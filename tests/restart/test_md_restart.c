/* tests/restart/test_md_restart.c */
#include "tests/support/expect.h"
#include "tests/support/md_systems.h"

#include "md/md_currents.h"
#include "md/md_pack.h"
#include "md/md_profile.h"

static const char help[] =
    "A run split by checkpoints, or watched otherwise, is the same run bit for bit\n";

enum { STEPS = 400, NATOM = 32 };

/* What an observer saw after each step, and where the atoms were in the end. */
typedef struct {
  PetscReal series[STEPS][4]; /* potential, kinetic, conserved, volume */
  PetscReal x[3 * NATOM], v[3 * NATOM], f[3 * NATOM], h[3][3];
  PetscInt64 builds;
} record;

static PetscErrorCode write_down(const md_sample *sample, void *context)
{
  record *r = context;
  const PetscReal now[4] = {sample->potential, sample->kinetic, sample->conserved, sample->volume};

  memcpy(r->series[sample->step - 1], now, sizeof(now));
  return 0;
}

static void finish(const md_run *run, record *r)
{
  const md_atoms *atoms = md_run_atoms(run);

  assert_int_equal(md_run_step(run), STEPS);
  memcpy(r->x, atoms->x, sizeof(r->x));
  memcpy(r->v, atoms->v, sizeof(r->v));
  memcpy(r->f, atoms->f, sizeof(r->f));
  memcpy(r->h, atoms->h, sizeof(r->h));
  r->builds = md_run_builds(run);
}

/* The start of every run of an ensemble: the liquid, far from the origin as after long
   diffusion. */
static md_run *start_run(md_ensemble ensemble, PetscReal max_step, md_guard guard,
                         const md_potential *pot)
{
  md_protocol protocol = system_protocol(ensemble);
  md_run *melt = system_argon_liquid(2, 0.8, pot), *run;
  md_atoms atoms;

  expect_ok(md_atoms_copy(md_run_atoms(melt), &atoms));
  for (PetscInt i = 0; i < NATOM; i++) atoms.x[3 * i + i % 3] += (i % 7 - 3) * 11.5;
  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_run_destroy(&melt));
  protocol.max_step = max_step;
  protocol.pressure = SYSTEM_EPSILON / pow(SYSTEM_SIGMA, 3); /* it stays a liquid */
  if (max_step == 0.0) { /* a cell that changes its shape, a target that moves */
    protocol.shape = MD_ANISOTROPIC;
    protocol.nknot = 2;
    protocol.knot[0] = (md_knot){.step = STEPS / 2, .temperature = 2.0 * SYSTEM_LJ_TEMP};
    protocol.knot[1] = (md_knot){.step = STEPS, .temperature = SYSTEM_LJ_TEMP};
  }
  expect_ok(md_run_start(run, &protocol, &guard));
  return run;
}

/* Saves, destroys, and loads into a new run that was made from other positions. */
static void through_checkpoint(md_run **run, const md_potential *pot)
{
  md_atoms atoms = system_fcc(2, 0.5);
  md_blob blob = {0};

  expect_ok(md_run_save(*run, &blob));
  expect_ok(md_run_destroy(run));
  expect_ok(md_run_create(&atoms, pot, run));
  expect_ok(md_run_load(*run, &blob));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_blob_clear(&blob));
}

/* A checkpoint after every step number in `cut` (ascending, n of them). */
static void split_run(md_ensemble ensemble, PetscReal max_step, const md_potential *pot, int n,
                      const int cut[], record *r)
{
  md_run *run = start_run(ensemble, max_step, system_no_guard(), pot);

  *r = (record){.builds = 0};
  expect_ok(md_run_observe(run, 1, write_down, r));
  for (int k = 0; k < n; k++) {
    system_advance(run, cut[k] - md_run_step(run));
    through_checkpoint(&run, pot);
    expect_ok(md_run_observe(run, 1, write_down, r));
  }
  system_advance(run, STEPS - md_run_step(run));
  finish(run, r);
  expect_ok(md_run_destroy(&run));
}

static PetscBool same(const PetscReal a[4], const PetscReal b[4])
{
  return (PetscBool)(a[0] == b[0] && a[1] == b[1] && a[2] == b[2] && a[3] == b[3]);
}

static void compare(const record *a, const record *b, const char *what)
{
  for (int k = 0; k < STEPS; k++) {
    if (!same(a->series[k], b->series[k])) {
      fail_msg("%s: first difference after step %d: energy %.17g and %.17g", what, k + 1,
               a->series[k][0], b->series[k][0]);
    }
  }
  assert_memory_equal(a->x, b->x, sizeof(a->x));
  assert_memory_equal(a->v, b->v, sizeof(a->v));
  assert_memory_equal(a->f, b->f, sizeof(a->f));
  assert_memory_equal(a->h, b->h, sizeof(a->h));
  assert_int_equal(a->builds, b->builds);
}

static void splitting_changes_nothing(void **state)
{
  static const int start[] = {0}, middle[] = {1, 2, 3, 150, 399}, end[] = {400};
  static const char *const name[MD_NENSEMBLE] = {"NVE",
                                                 "Langevin",
                                                 "Bussi",
                                                 "cell rescaling",
                                                 "Nosé-Hoover",
                                                 "Martyna-Tobias-Klein",
                                                 "cell rescaling and Langevin"};
  static record whole, part;
  md_potential *pot = system_argon_potential();
  int every[STEPS / 5];

  (void)state;
  for (int k = 0; k < STEPS / 5; k++) every[k] = 5 * k + 3;
  for (int e = 0; e < (int)MD_NENSEMBLE; e++) {
    /* Half of the thermal displacement: the limit acts in every step. */
    for (int limited = 0; limited < 2; limited++) {
      const PetscReal max_step = limited ? 0.01 : 0.0;
      const md_ensemble ensemble = (md_ensemble)e;

      split_run(ensemble, max_step, pot, 0, NULL, &whole);
      expect(whole.builds >= 5 || limited, "the list was rebuilt on the way");
      split_run(ensemble, max_step, pot, 1, start, &part);
      compare(&whole, &part, name[e]);
      split_run(ensemble, max_step, pot, 5, middle, &part);
      compare(&whole, &part, name[e]);
      split_run(ensemble, max_step, pot, STEPS / 5, every, &part);
      compare(&whole, &part, name[e]);
      split_run(ensemble, max_step, pot, 1, end, &part);
      compare(&whole, &part, name[e]);
    }
  }
  expect_ok(md_potential_destroy(&pot));
}

static PetscErrorCode count(const md_sample *sample, void *context)
{
  (void)sample;
  ++*(int *)context;
  return 0;
}

/* Other observers, other periods, samples in between, other guards, other portions. */
static void watching_changes_nothing(void **state)
{
  static record quiet, watched;
  md_potential *pot = system_argon_potential();

  (void)state;
  for (int e = 0; e < (int)MD_NENSEMBLE; e++) {
    md_run *run = start_run((md_ensemble)e, 0.0, system_no_guard(), pot);
    int seen = 0;

    quiet = (record){.builds = 0};
    system_advance(run, STEPS);
    finish(run, &quiet);
    expect_ok(md_run_destroy(&run));

    run = start_run((md_ensemble)e, 0.0, md_guard_default(), pot);
    expect_ok(md_run_observe(run, 1, count, &seen));
    expect_ok(md_run_observe(run, 7, count, &seen));
    watched = (record){.builds = 0};
    while (md_run_step(run) < STEPS) {
      md_sample sample;

      system_advance(run, PetscMin(13, STEPS - md_run_step(run)));
      expect_ok(md_run_sample(run, &sample));
    }
    assert_int_equal(seen, STEPS + STEPS / 7);
    finish(run, &watched);
    compare(&quiet, &watched, "watched");
    expect_ok(md_run_destroy(&run));
  }
  expect_ok(md_potential_destroy(&pot));
}

/* Puts the atoms into a new run, without a checkpoint. */
static void into_new_run(md_run **run, const md_potential *pot)
{
  md_run *next;

  expect_ok(md_run_create(md_run_atoms(*run), pot, &next));
  expect_ok(md_run_destroy(run));
  *run = next;
}

/* The next stage knows only where the atoms are: not whether the stage before went on in the same
   process, came through a checkpoint or was another run. */
static void stages_start_from_atoms_alone(void **state)
{
  enum { SAME_RUN, CHECKPOINT, NEW_RUN, NWAY };
  const md_guard guard = system_no_guard();
  const md_protocol next = system_protocol(MD_NVE);
  static record record_of[NWAY];
  md_potential *pot = system_argon_potential();

  (void)state;
  for (int way = 0; way < NWAY; way++) {
    md_run *run = start_run(MD_NPT_SCR, 0.0, guard, pot);

    record_of[way] = (record){.builds = 0};
    system_advance(run, 77);
    if (way == CHECKPOINT) through_checkpoint(&run, pot);
    if (way == NEW_RUN) into_new_run(&run, pot);
    expect_ok(md_run_start(run, &next, &guard));
    expect_ok(md_run_observe(run, 1, write_down, &record_of[way]));
    system_advance(run, STEPS);
    finish(run, &record_of[way]);
    expect_ok(md_run_destroy(&run));
  }
  compare(&record_of[SAME_RUN], &record_of[CHECKPOINT], "second stage after a checkpoint");
  compare(&record_of[SAME_RUN], &record_of[NEW_RUN], "second stage in a new run");
  expect_ok(md_potential_destroy(&pot));
}

/* Molten CaCl2 with the shipped moment tensor potential, from random packing: the cell of 12
   formula
   units is thinner than twice the cut-off. */
static md_run *melt_run(md_ensemble ensemble, md_guard guard, const md_potential *pot)
{
  const PetscInt count[3] = {12, 0, 24};
  const PetscReal mass[3] = {40.078 * MD_ATOMIC_MASS, 39.098 * MD_ATOMIC_MASS,
                             35.45 * MD_ATOMIC_MASS};
  const PetscReal min_dist[9] = {3.0, 3.0, 2.3, 3.0, 3.0, 2.3, 2.3, 2.3, 2.8};
  const md_pack_spec spec = {.nspecies = 3,
                             .count = count,
                             .mass = mass,
                             .min_dist = min_dist,
                             .volume = 36.0 * 29.0,
                             .rng = {.key = 1}};
  md_protocol protocol = system_protocol(ensemble);
  md_atoms atoms;
  PetscReal worst;
  md_run *run;

  protocol.dt = 1.0;
  protocol.temperature = 1100.0;
  protocol.compressibility = 60.0;
  protocol.max_step = 0.05;
  expect_ok(md_pack_random(&spec, &atoms, &worst));
  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_run_thermalise(run, 1100.0, protocol.rng));
  expect_ok(md_run_start(run, &protocol, &guard));
  return run;
}

static md_potential *shipped_potential(mtp_kernel_kind kernel)
{
  const char *path = TEST_SOURCE "/campaigns/potentials/cacl2-kcl-l10.almtp";
  md_mtp_options options = {.kernel = kernel};
  mtp_diag diag = {0};
  mtp_potential *mtp;
  md_potential *pot;

  expect_ok(mtp_potential_read(path, &mtp, &diag));
  expect(mtp != NULL, "the shipped potential can be read");
  expect_ok(mtp_selection_parse(mtp, path, &options.selection, &diag));
  expect(options.selection != NULL, "so can its active set");
  expect_ok(mtp_diag_clear(&diag));
  expect_ok(md_potential_create_mtp_with(&mtp, &options, &pot));
  return pot;
}

static void expect_same_blobs(md_blob blob[2], const char *what)
{
  expect(blob[0].size == blob[1].size && !memcmp(blob[0].data, blob[1].data, blob[0].size), what);
  for (int k = 0; k < 2; k++) expect_ok(md_blob_clear(&blob[k]));
}

static void moment_tensor_potential_restarts(void **state)
{
  md_potential *pot = shipped_potential(MTP_KERNEL_AUTO);
  md_blob blob[2] = {{0}, {0}}, view = {0};

  (void)state;
  for (int interrupted = 0; interrupted < 2; interrupted++) {
    md_run *run = melt_run(MD_NPT_SCR, system_no_guard(), pot);

    system_advance(run, 53);
    if (interrupted) {
      md_blob middle = {0};

      expect_ok(md_run_save(run, &middle));
      expect_ok(md_run_destroy(&run));
      run = melt_run(MD_NPT_SCR, system_no_guard(), pot);
      md_blob_view(&view, middle.data, middle.size);
      expect_ok(md_run_load(run, &view));
      expect_ok(md_blob_clear(&middle));
    }
    system_advance(run, 100);
    expect(md_run_builds(run) >= 3, "the list was rebuilt on the way");
    expect_ok(md_run_save(run, &blob[interrupted]));
    expect_ok(md_run_destroy(&run));
  }
  expect_same_blobs(blob, "a run through a checkpoint");
  expect_ok(md_potential_destroy(&pot));
}

/* A liquid with a flux of this kind through it and the profile of what comes of it: to step
   `until`, then state and profile as bytes, in one blob. */
enum { IMPOSED_SLABS = 6, IMPOSED_STEPS = 403 };

static void advance_flux(md_run *run, md_profile *profile, PetscInt64 until, md_blob *blob)
{
  expect_ok(md_run_observe_with(run, 3, 0, md_profile_observe, profile));
  system_advance(run, until - md_run_step(run));
  expect_ok(md_run_save(run, blob));
  expect_ok(md_profile_save(profile, PETSC_COMM_SELF, blob));
}

static void continue_flux(const md_potential *pot, PetscInt64 until, md_blob *from, md_blob *to)
{
  md_atoms atoms = system_fcc(3, 0.7);
  md_profile profile;
  md_run *run;

  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_profile_create(IMPOSED_SLABS, &atoms, &profile));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_run_load(run, from));
  expect_ok(md_profile_load(&profile, PETSC_COMM_SELF, from));
  advance_flux(run, &profile, until, to);
  expect_ok(md_profile_clear(&profile));
  expect_ok(md_run_destroy(&run));
}

static void start_flux(const md_protocol *protocol, const md_potential *pot, PetscInt64 until,
                       md_blob *blob)
{
  const md_guard guard = system_no_guard();
  md_run *run = system_argon_liquid(3, 0.8, pot);
  md_profile profile;

  expect_ok(md_profile_create(IMPOSED_SLABS, md_run_atoms(run), &profile));
  expect_ok(md_run_start(run, protocol, &guard));
  advance_flux(run, &profile, until, blob);
  assert_int_equal(md_run_tally(run)->done, until / protocol->rnemd.period);
  expect_ok(md_profile_clear(&profile));
  expect_ok(md_run_destroy(&run));
}

/* Cuts at an exchange, beside one, and between samples of the profile. */
static void imposed_flux_restarts(void **state)
{
  static const md_ensemble ensemble[] = {MD_NVE, MD_NVT_BUSSI, MD_NPT_SCR};
  static const PetscInt64 cut[] = {1, 30, 200, 301};
  md_potential *pot = system_argon_potential();

  (void)state;
  for (int k = 0; k < 6; k++) {
    md_protocol protocol = system_protocol(ensemble[k / 2]);
    md_blob blob[2] = {{0}, {0}};

    protocol.rnemd = (md_rnemd){.kind = k % 2 ? MD_RNEMD_SHEAR : MD_RNEMD_HEAT,
                                .slabs = IMPOSED_SLABS,
                                .period = 10,
                                .swaps = 1};
    start_flux(&protocol, pot, IMPOSED_STEPS, &blob[0]);
    start_flux(&protocol, pot, cut[0], &blob[1]);
    for (int c = 1; c <= 4; c++) {
      md_blob from = blob[1];

      blob[1] = (md_blob){0};
      continue_flux(pot, c < 4 ? cut[c] : IMPOSED_STEPS, &from, &blob[1]);
      expect_ok(md_blob_clear(&from));
    }
    expect_same_blobs(blob, "a run with an imposed flux");
  }
  expect_ok(md_potential_destroy(&pot));
}

static PetscErrorCode want_numbers(const md_sample *sample, void *context)
{
  PetscReal sum = sample->potential + sample->conserved;

  for (int ab = 0; ab < 9; ab++) sum += sample->pressure[ab];
  expect(isfinite(sum), "observers have energy and pressure");
  ++*(int *)context;
  return 0;
}

/* With every kernel a step without energy and virial moves atoms to the same places as one with
   them: quiet needs the energy at its end only, watched at every third step, other portions. */
static void energies_on_request_change_nothing(void **state)
{
  enum { LENGTH = 100 };

  (void)state;
  for (int kernel = MTP_KERNEL_REFERENCE; kernel < (int)MTP_KERNEL_COUNT; kernel++) {
    md_potential *pot;

    if (!mtp_kernel_available((mtp_kernel_kind)kernel)) continue;
    pot = shipped_potential((mtp_kernel_kind)kernel);
    for (int e = 0; e < (int)MD_NENSEMBLE; e++) {
      md_blob blob[2] = {{0}, {0}};

      for (int watched = 0; watched < 2; watched++) {
        md_run *run = melt_run((md_ensemble)e, system_no_guard(), pot);
        int seen = 0;

        if (watched) expect_ok(md_run_observe(run, 3, want_numbers, &seen));
        while (md_run_step(run) < LENGTH) {
          system_advance(run, PetscMin(watched ? 13 : LENGTH, LENGTH - md_run_step(run)));
        }
        assert_int_equal(seen, watched ? LENGTH / 3 : 0);
        expect_ok(md_run_save(run, &blob[watched]));
        expect_ok(md_run_destroy(&run));
      }
      expect_same_blobs(blob, mtp_kernel_name((mtp_kernel_kind)kernel));
    }
    expect_ok(md_potential_destroy(&pot));
  }
}

enum { FLUX_STEPS = 60 };

typedef struct {
  PetscReal at[FLUX_STEPS][9]; /* heat, kinetic part, charge */
} flux_record;

static PetscErrorCode write_currents(const md_sample *sample, void *context)
{
  static const PetscReal charge[3] = {2.0, 1.0, -1.0};
  PetscReal *now = ((flux_record *)context)->at[sample->step - 1];

  md_current_heat(sample, now);
  memcpy(now + 3, sample->heat.kinetic, sizeof(sample->heat.kinetic));
  md_current_charge(sample, charge, now + 6);
  return 0;
}

/* Currents at every step, at no step, and through checkpoints: one trajectory, one series. */
static void currents_change_nothing(void **state)
{
  enum { QUIET, WATCHED, INTERRUPTED, NWAY };

  (void)state;
  for (int kernel = MTP_KERNEL_REFERENCE; kernel < (int)MTP_KERNEL_COUNT; kernel++) {
    static flux_record r[NWAY];
    md_blob blob[NWAY] = {{0}, {0}, {0}}, copy = {0};
    md_potential *pot;

    if (!mtp_kernel_available((mtp_kernel_kind)kernel)) continue;
    pot = shipped_potential((mtp_kernel_kind)kernel);
    for (int way = QUIET; way < NWAY; way++) {
      const PetscInt portion = way == INTERRUPTED ? 17 : FLUX_STEPS;
      md_run *run = melt_run(MD_NVE, system_no_guard(), pot);

      while (md_run_step(run) < FLUX_STEPS) {
        if (way == INTERRUPTED) {
          md_blob middle = {0};

          expect_ok(md_run_save(run, &middle));
          expect_ok(md_run_destroy(&run));
          run = melt_run(MD_NVE, system_no_guard(), pot);
          expect_ok(md_run_load(run, &middle));
          expect_ok(md_blob_clear(&middle));
        }
        if (way != QUIET)
          expect_ok(md_run_observe_with(run, 1, MD_NEED_HEAT | MD_NEED_CURRENTS, write_currents,
                                        &r[way]));
        system_advance(run, PetscMin(portion, FLUX_STEPS - md_run_step(run)));
      }
      expect_ok(md_run_save(run, &blob[way]));
      expect_ok(md_run_destroy(&run));
    }
    expect(fabs(r[WATCHED].at[FLUX_STEPS - 1][0]) > 0.0, "there is a current");
    assert_memory_equal(&r[WATCHED], &r[INTERRUPTED], sizeof(flux_record));
    expect_ok(md_blob_put(&copy, blob[WATCHED].data, blob[WATCHED].size));
    expect_same_blobs((md_blob[2]){blob[QUIET], blob[WATCHED]}, "watched");
    expect_same_blobs((md_blob[2]){blob[INTERRUPTED], copy}, "through checkpoints");
    expect_ok(md_potential_destroy(&pot));
  }
}

typedef enum { CRYSTAL, ISLAND, LEFT_ALONE, NSTRUCTURE } structure;

/* 32 atoms of a lattice at 40 K under guards that look at the structure every 50 steps: a crystal,
   an island in a void (the cell has become larger), and a crystal with limits out of reach. */
static md_run *frozen_run(structure kind, const md_potential *pot)
{
  static const PetscReal order[NSTRUCTURE] = {6.0, 0.0, 1e3};
  md_guard guard = system_no_guard();
  md_protocol protocol = system_protocol(MD_NVT_BUSSI);
  md_atoms atoms = system_fcc(2, 0.95);
  md_run *run;

  guard.every = 10;
  guard.every_structure = 50;
  guard.window = 800.0; /* 200 steps */
  guard.stall = 0.3;
  guard.order = order[kind];
  guard.void_atoms = kind == ISLAND ? 10.0 : 0.0;
  for (int a = 0; a < 3; a++) atoms.h[a][a] *= kind == ISLAND ? 1.6 : 1.0;
  protocol.temperature = 40.0;
  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_run_thermalise(run, 40.0, protocol.rng));
  expect_ok(md_run_start(run, &protocol, &guard));
  return run;
}

/* 590 steps, or less, in n + 1 parts; the state and the last good configuration then. */
static void end_of_structure(structure kind, const md_potential *pot, int n, const int cut[],
                             char detail[160], md_blob *blob)
{
  static const md_reason want[NSTRUCTURE] = {MD_FROZEN, MD_EVAPORATING, MD_RUNNING};
  md_run *run = frozen_run(kind, pot);
  md_reason reason = MD_RUNNING;
  PetscInt64 step;
  md_atoms good;

  for (int c = 0; c < n && reason == MD_RUNNING; c++) {
    expect_ok(md_run_advance(run, cut[c] - md_run_step(run), &reason, NULL));
    if (reason == MD_RUNNING) through_checkpoint(&run, pot);
  }
  expect_ok(md_run_advance(run, 590 - md_run_step(run), &reason, detail));
  assert_int_equal(reason, want[kind]);
  expect_ok(md_run_save(run, blob));
  expect_ok(md_run_last_good(run, &good, &step));
  expect_ok(md_blob_put(blob, good.x, 3 * (size_t)good.n * sizeof(PetscReal)));
  expect_ok(md_blob_put(blob, &step, sizeof(step)));
  expect_ok(md_atoms_clear(&good));
  expect_ok(md_run_destroy(&run));
}

/* What guards of structure remember goes through checkpoints: a run ends at the same step in the
   same words and knows the same last good configuration, wherever it was cut. */
static void guards_of_structure_restart(void **state)
{
  static const int cut[] = {1, 99, 150, 199, 333, 577};
  md_potential *pot = system_argon_potential();

  (void)state;
  for (int kind = 0; kind < (int)NSTRUCTURE; kind++) {
    md_blob blob[2] = {{0}, {0}};
    char whole[160], part[160];

    end_of_structure((structure)kind, pot, 0, cut, whole, &blob[0]);
    end_of_structure((structure)kind, pot, 6, cut, part, &blob[1]);
    assert_string_equal(part, whole);
    expect_same_blobs(blob, "the state in the end");
  }
  expect_ok(md_potential_destroy(&pot));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(splitting_changes_nothing),
                                     cmocka_unit_test(watching_changes_nothing),
                                     cmocka_unit_test(stages_start_from_atoms_alone),
                                     cmocka_unit_test(moment_tensor_potential_restarts),
                                     cmocka_unit_test(imposed_flux_restarts),
                                     cmocka_unit_test(energies_on_request_change_nothing),
                                     cmocka_unit_test(currents_change_nothing),

                                     cmocka_unit_test(guards_of_structure_restart)};

  return expect_main(argc, argv, help, tests);
}
