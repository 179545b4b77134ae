/* tests/unit/md/test_md_guard.c */
#include "tests/support/expect.h"
#include "tests/support/md_systems.h"

static const char help[] = "Every guard speaks when it should, alone, and in these words\n";

/* A potential that does what it is told at the n-th evaluation; the start of a stage is the
   first. */
typedef struct {
  PetscInt calls, bad_call;
  PetscReal bad_energy, bad_force; /* added at bad_call, the force to atom 2 along y */
  PetscReal rise;                  /* [eV] of the energy in each call */
} script;

static PetscErrorCode scripted(const void *data, const mtp_neighbors *nb, mtp_result *out)
{
  script *s = *(script *const *)data;

  memset(out->virial, 0, sizeof(out->virial));
  memset(out->force, 0, 3 * (size_t)nb->nall * sizeof(PetscReal));
  out->energy = s->rise * (double)s->calls++;
  if (s->calls == s->bad_call) {
    out->energy += s->bad_energy;
    out->force[4] += s->bad_force;
  }
  return 0;
}

static const md_potential_ops scripted_ops = {"scripted", scripted, NULL};

/* Two atoms `distance` apart, velocity `speed` of the second along y. */
static md_run *pair_run(double distance, double speed, const md_potential *pot)
{
  md_atoms atoms = system_pair(distance);
  md_run *run;

  atoms.v[4] = speed;
  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_atoms_clear(&atoms));
  return run;
}

static PetscErrorCode count_calls(const md_sample *sample, void *context)
{
  (void)sample;
  ++*(int *)context;
  return 0;
}

/* The run must end at `step` with this reason and message, show no bad state to observers and stay
   ended; without guards (unless nothing switches them off) it goes on. */
static void expect_end(md_run *run, md_protocol protocol, const md_guard *guard, md_reason want,
                       PetscInt64 step, const char *message)
{
  char detail[160];
  md_reason reason;
  int seen = 0;

  expect_ok(md_run_start(run, &protocol, guard));
  expect_ok(md_run_observe(run, 1, count_calls, &seen));
  for (int again = 0; again < 2; again++) {
    expect_ok(md_run_advance(run, 100, &reason, detail));
    assert_string_equal(detail, message);
    assert_int_equal(reason, want);
    assert_int_equal(md_run_step(run), step);
    assert_int_equal(seen, step - 1);
  }
}

static md_protocol nve(void)
{
  return system_protocol(MD_NVE);
}

static md_guard only_every_ten(void)
{
  return (md_guard){.every = 10};
}

static void test_not_finite(void **state)
{
  const md_guard guard = only_every_ten();
  script s = {0}, *handle = &s;
  md_potential pot = {.ops = &scripted_ops, .data = &handle, .cutoff = 4.0, .nspecies = 2};
  const struct {
    PetscReal energy, force;
    PetscInt call;
    const char *message;
  } faults[] = {
      {(PetscReal)NAN, 0.0, 8, "potential energy or virial is not finite at step 7"},
      {-(PetscReal)INFINITY, 0.0, 8, "potential energy or virial is not finite at step 7"},
      {0.0, (PetscReal)INFINITY, 8, "force on species 1 atom 2 is not finite at step 7"},
      {0.0, (PetscReal)NAN, 1, "position of species 1 atom 2 is not finite at step 1"},
  };

  (void)state;
  for (size_t k = 0; k < sizeof(faults) / sizeof(faults[0]); k++) {
    md_run *run = pair_run(2.0, 0.0, &pot);

    s = (script){
        .bad_call = faults[k].call, .bad_energy = faults[k].energy, .bad_force = faults[k].force};
    expect_end(run, nve(), &guard, MD_NOT_FINITE, faults[k].call == 1 ? 1 : faults[k].call - 1,
               faults[k].message);
    expect_ok(md_run_destroy(&run));
  }
}

/* Nobody looks and no guard is due when the force goes wrong: that is seen at once all the same,
   and the state that ended the run has the energy that the step left out. */
static void test_not_finite_unwatched(void **state)
{
  const md_guard guard = only_every_ten();
  script s = {.bad_call = 8, .bad_force = (PetscReal)NAN, .rise = 1.0}, *handle = &s;
  md_potential pot = {.ops = &scripted_ops, .data = &handle, .cutoff = 4.0, .nspecies = 2};
  md_run *run = pair_run(2.0, 0.0, &pot);
  const md_protocol protocol = nve();
  md_reason reason;
  md_sample sample;
  char detail[160];

  (void)state;
  expect_ok(md_run_start(run, &protocol, &guard));
  expect_ok(md_run_advance(run, 100, &reason, detail));
  assert_string_equal(detail, "force on species 1 atom 2 is not finite at step 7");
  expect_ok(md_run_sample(run, &sample));
  assert_true(sample.potential == 8.0); /* of the ninth call */
  expect_ok(md_run_destroy(&run));
}

/* An energy that is no number ends a run at the next step that guards look at. */
static void test_energy_not_finite_unwatched(void **state)
{
  const md_guard guard = only_every_ten();
  script s = {.bad_call = 31, .bad_energy = (PetscReal)NAN}, *handle = &s;
  md_potential pot = {.ops = &scripted_ops, .data = &handle, .cutoff = 4.0, .nspecies = 2};
  md_run *run = pair_run(2.0, 0.0, &pot);
  const md_protocol protocol = nve();
  md_reason reason;
  char detail[160];

  (void)state;
  expect_ok(md_run_start(run, &protocol, &guard));
  expect_ok(md_run_advance(run, 100, &reason, detail));
  assert_int_equal(reason, MD_NOT_FINITE);
  assert_string_equal(detail, "potential energy or virial is not finite at step 30");
  expect_ok(md_run_destroy(&run));
}

/* A finite force on a light atom makes an infinite velocity. */
static void test_velocity_not_finite(void **state)
{
  const md_guard guard = only_every_ten();
  script s = {.bad_call = 4, .bad_force = 1e305}, *handle = &s;
  md_potential pot = {.ops = &scripted_ops, .data = &handle, .cutoff = 4.0, .nspecies = 2};
  md_atoms atoms = system_pair(2.0);
  md_run *run;

  (void)state;
  atoms.mass[1] = 1e-5;
  expect_ok(md_run_create(&atoms, &pot, &run));
  expect_end(run, nve(), &guard, MD_NOT_FINITE, 3,
             "velocity of species 1 atom 2 is not finite at step 3");
  expect_ok(md_run_destroy(&run));
  expect_ok(md_atoms_clear(&atoms));
}

static void test_far_away(void **state)
{
  const md_guard guard = only_every_ten();
  script s = {0}, *handle = &s;
  md_potential pot = {.ops = &scripted_ops, .data = &handle, .cutoff = 4.0, .nspecies = 2};
  md_run *run = pair_run(2.0, 3e6, &pot);

  (void)state;
  expect_end(run, nve(), &guard, MD_LOST_ATOM, 1,
             "species 1 atom 2 is at 1.2e+07 Å at step 1 (limit 1e+07 Å)");
  expect_ok(md_run_destroy(&run));
}

static void test_too_hot(void **state)
{
  const md_guard guard = {.every = 10, .hot_factor = 3.0}, off = only_every_ten();
  md_potential *pot = system_ideal_potential(4.0);
  md_atoms atoms = system_fcc(2, 0.8);
  md_protocol protocol = system_protocol(MD_NVT_LANGEVIN);
  md_run *run;
  md_reason reason;

  (void)state;
  protocol.tau_t = 1e12; /* no coupling to speak of: the temperature stays */
  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_run_thermalise(run, 400.0, protocol.rng));
  expect_end(run, protocol, &guard, MD_TOO_HOT, 10,
             "temperature is 400 K at step 10 (limit 360 K)");
  expect_ok(md_run_start(run, &protocol, &off));
  expect_ok(md_run_advance(run, 100, &reason, NULL));
  assert_int_equal(reason, MD_RUNNING);
  expect_ok(md_run_thermalise(run, 350.0, protocol.rng));
  expect_ok(md_run_start(run, &protocol, &guard));
  expect_ok(md_run_advance(run, 100, &reason, NULL));
  assert_int_equal(reason, MD_RUNNING);
  expect_ok(md_run_destroy(&run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
}

/* At constant energy the start is the measure: a bond that is pulled long heats the pair up. */
static void test_too_hot_at_constant_energy(void **state)
{
  const md_guard guard = {.every = 1, .hot_factor = 3.0};
  md_protocol protocol = nve();
  md_potential *pot;
  md_run *run;
  md_reason reason;
  char detail[160], want[160];

  (void)state;
  expect_ok(md_potential_create_harmonic(2, 0.5, 0.0, 6.0, &pot));
  run = pair_run(1.0, 1e-4, pot);
  protocol.dt = 1.0;
  expect_ok(md_run_start(run, &protocol, &guard));
  expect_ok(md_run_advance(run, 100, &reason, detail));
  assert_int_equal(reason, MD_TOO_HOT);
  snprintf(want, sizeof(want), "temperature is %.0f K at step 1 (limit 0 K)",
           md_atoms_temperature(md_run_atoms(run)));
  assert_string_equal(detail, want);
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
}

static void test_close_pair(void **state)
{
  static const char *const names[] = {"K", "Cl"};
  const md_guard guard = {.every = 10, .close_factor = 0.5};
  md_potential *pot;
  md_run *run;
  md_reason reason;

  (void)state;
  expect_ok(md_potential_create_harmonic(2, 0.0, 0.0, 4.0, &pot));
  pot->min_dist = 2.0;
  run = pair_run(0.71, 0.0, pot);
  expect_end(run, nve(), &guard, MD_CLOSE_PAIR, 10,
             "species 0 atom 1 and species 1 atom 2 are 0.71 Å apart at step 10 (limit 1.00 Å)");
  expect_ok(md_run_set_names(run, names));
  expect_end(run, nve(), &guard, MD_CLOSE_PAIR, 10,
             "K 1 and Cl 2 are 0.71 Å apart at step 10 (limit 1.00 Å)");
  expect_ok(md_run_destroy(&run));

  run = pair_run(1.01, 0.0, pot);
  expect_ok(md_run_start(run, &(md_protocol){.dt = 1.0}, &guard));
  expect_ok(md_run_advance(run, 100, &reason, NULL));
  assert_int_equal(reason, MD_RUNNING);
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
}

/* Among others: each of the five neighbours of the first atom in turn is the one too close, so rows
   of odd length are looked through to their end. */
static void test_closest_of_several(void **state)
{
  enum { N = 6 };
  const md_guard guard = {.every = 5, .close_factor = 0.5};
  md_potential *pot;

  (void)state;
  expect_ok(md_potential_create_harmonic(1, 0.0, 0.0, 9.0, &pot));
  pot->min_dist = 2.0;
  for (int who = 1; who < N; who++) {
    char want[160];
    md_atoms atoms;
    md_run *run;

    expect_ok(md_atoms_create(N, 1, &atoms));
    atoms.mass[0] = MD_ATOMIC_MASS;
    for (int k = 0; k < 3; k++) atoms.h[k][k] = 60.0;
    for (int i = 0; i < N; i++) {
      atoms.x[3 * i] = 30.0 + 1.2 * i;
      atoms.x[3 * i + 1] = 30.0;
    }
    atoms.x[3 * who] = 30.0;
    atoms.x[3 * who + 1] = 30.9;
    expect_ok(md_run_create(&atoms, pot, &run));
    (void)snprintf(want, sizeof(want),
                   "species 0 atom 1 and species 0 atom %d are 0.90 Å apart at step 5 (limit "
                   "1.00 Å)",
                   who + 1);
    expect_end(run, nve(), &guard, MD_CLOSE_PAIR, 5, want);
    expect_ok(md_run_destroy(&run));
    expect_ok(md_atoms_clear(&atoms));
  }
  expect_ok(md_potential_destroy(&pot));
}

/* Across the wall: the second atom is an image in the list. */
static void test_close_image(void **state)
{
  const md_guard guard = {.every = 5, .close_factor = 0.5};
  md_atoms atoms = system_pair(1.0);
  md_potential *pot;
  md_run *run;

  (void)state;
  expect_ok(md_potential_create_harmonic(2, 0.0, 0.0, 4.0, &pot));
  pot->min_dist = 2.0;
  for (int a = 0; a < 3; a++) {
    atoms.x[a] = 0.25;
    atoms.x[3 + a] = a == 0 ? 59.75 : 0.25;
  }
  expect_ok(md_run_create(&atoms, pot, &run));
  expect_end(run, nve(), &guard, MD_CLOSE_PAIR, 5,
             "species 0 atom 1 and species 1 atom 2 are 0.50 Å apart at step 5 (limit 1.00 Å)");
  expect_ok(md_run_destroy(&run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
}

/* Two ions that fly towards each other, 0.01 Å a step from 2.504 Å: nobody minds when their signs
   differ; with the same signs the first look below 2.3 Å ends it, and the last good configuration
   is that of the look before. */
static void test_apart(void **state)
{
  const PetscReal charge[2][2] = {{1.0, -1.0}, {2.0, 1.0}};
  const md_guard guard = {.every = 10, .close_factor = 0.5};
  const md_protocol protocol = nve();
  md_potential *pot;
  md_run *run;
  md_reason reason;
  md_atoms atoms;
  PetscInt64 step;
  char detail[160];

  (void)state;
  expect_ok(md_potential_create_harmonic(2, 0.0, 0.0, 4.0, &pot));
  pot->min_dist = 2.0;
  for (int k = 0; k < 3; k++) {
    atoms = system_pair(2.504);
    atoms.v[3] = -0.01 / protocol.dt;
    expect_ok(md_run_create(&atoms, pot, &run));
    expect_ok(md_run_keep_apart(run, charge[k % 2], k == 2 ? 0.0 : 2.3));
    expect_ok(md_run_start(run, &protocol, &guard));
    expect_ok(md_run_advance(run, 100, &reason, detail));
    if (k == 1) {
      assert_int_equal(reason, MD_CLOSE_PAIR);
      assert_string_equal(detail, "species 0 atom 1 and species 1 atom 2, charges of one sign, are "
                                  "2.20 Å apart at step 30 (limit 2.30 Å)");
      expect_ok(md_atoms_clear(&atoms));
      expect_ok(md_run_last_good(run, &atoms, &step));
      assert_int_equal(step, 20);
      expect_abs(atoms.x[3] - atoms.x[0], 2.304, 1e-9, "distance of the last good configuration");
    } else {
      assert_int_equal(reason, MD_RUNNING);
    }
    expect_ok(md_run_destroy(&run));
    expect_ok(md_atoms_clear(&atoms));
  }
  expect_ok(md_potential_destroy(&pot));
}

/* The same pair where a stage ends between two looks: guards are asked there, too. */
static void test_check(void **state)
{
  const PetscReal charge[2] = {-1.0, -1.0};
  const md_guard guard = {.every = 30};
  const md_protocol protocol = nve();
  md_atoms atoms = system_pair(2.504);
  md_potential *pot;
  md_run *run;
  md_reason reason;
  char detail[160];

  (void)state;
  expect_ok(md_potential_create_harmonic(2, 0.0, 0.0, 4.0, &pot));
  atoms.v[3] = -0.01 / protocol.dt;
  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_run_keep_apart(run, charge, 2.3));
  expect_ok(md_run_start(run, &protocol, &guard));
  for (int k = 0; k < 2; k++) {
    expect_ok(md_run_advance(run, k ? 3 : 20, &reason, detail));
    assert_int_equal(reason, MD_RUNNING);
    expect_ok(md_run_check(run, &reason, detail));
    assert_int_equal(reason, k ? MD_CLOSE_PAIR : MD_RUNNING);
    assert_string_equal(detail, k ? "species 0 atom 1 and species 1 atom 2, charges of one sign, "
                                    "are 2.27 Å apart at step 23 (limit 2.30 Å)"
                                  : "");
  }
  expect_ok(md_run_advance(run, 1, &reason, detail)); /* it stays ended */
  assert_int_equal(reason, MD_CLOSE_PAIR);
  assert_int_equal(md_run_step(run), 23);
  expect_ok(md_run_destroy(&run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
}

static void test_lost_atom(void **state)
{
  const md_guard guard = {.every = 10, .max_move = 1.0};
  md_potential *pot;
  md_run *run;

  (void)state;
  expect_ok(md_potential_create_harmonic(2, 0.0, 0.0, 4.0, &pot));
  run = pair_run(4.5, 0.0, pot); /* beyond the cut-off, inside the skin */
  expect_end(run, nve(), &guard, MD_LOST_ATOM, 10,
             "species 0 atom 1 has no neighbour within 4.00 Å at step 10");
  expect_ok(md_run_destroy(&run));
  run = pair_run(1.0, 0.375, pot); /* 1.5 Å a step, seen at once whatever guard.every is */
  expect_end(run, nve(), &(md_guard){.every = 40, .max_move = 1.0}, MD_LOST_ATOM, 1,
             "species 1 atom 2 moves 1.50 Å a step at step 1 (limit 1.00 Å)");
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
}

/* Nobody looks and no check is due: an atom that jumps makes the list stale, and where the list is
   built velocities are looked at; where the limit is below the skin they always are. */
static void test_jump_unwatched(void **state)
{
  const double limit[] = {1.0, 0.3}, speed[] = {0.375, 0.1};
  md_potential *pot;

  (void)state;
  expect_ok(md_potential_create_harmonic(2, 0.0, 0.0, 4.0, &pot));
  for (int k = 0; k < 2; k++) {
    const md_guard guard = {.every = 1000, .max_move = limit[k]};
    const md_protocol protocol = nve();
    md_run *run = pair_run(1.0, speed[k], pot);
    md_reason reason;

    expect_ok(md_run_start(run, &protocol, &guard));
    expect_ok(md_run_advance(run, 50, &reason, NULL));
    assert_int_equal(reason, MD_LOST_ATOM);
    assert_int_equal(md_run_step(run), 1);
    expect_ok(md_run_destroy(&run));
  }
  expect_ok(md_potential_destroy(&pot));
}

static void test_density_collapse(void **state)
{
  const md_guard low = {.every = 10, .volume_low = 0.4}, high = {.every = 10, .volume_high = 2.5};
  md_potential *pot = system_ideal_potential(2.0);
  md_atoms atoms = system_fcc(2, 0.8);
  const double start = md_atoms_volume(&atoms);

  (void)state;
  for (int up = 0; up < 2; up++) {
    md_protocol protocol = system_protocol(MD_NPT_SCR);
    char detail[160], want[160];
    md_reason reason;
    md_run *run;
    double volume;

    protocol.pressure = up ? -0.01 : 0.01; /* 3 % a step at tau_p = 500 fs, beta = 400 Å^3/eV */
    expect_ok(md_run_create(&atoms, pot, &run));
    expect_ok(md_run_start(run, &protocol, up ? &high : &low));
    expect_ok(md_run_advance(run, 1000, &reason, detail));
    assert_int_equal(reason, MD_DENSITY_COLLAPSE);
    volume = md_atoms_volume(md_run_atoms(run));
    expect(up ? volume > 2.5 * start : volume < 0.4 * start, "the volume has left its limits");
    expect(up ? volume < 5.0 * start : volume > 0.2 * start, "the check came within ten steps");
    snprintf(want, sizeof(want),
             "volume is %.1f Å^3 at step %d, %.2f times that at the start (limits %s)", volume,
             (int)md_run_step(run), volume / start, up ? "0.00 and 2.50" : "0.40 and 0.00");
    assert_string_equal(detail, want);
    expect_ok(md_run_destroy(&run));
  }
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
}

static void test_collapse_in_one_step(void **state)
{
  const md_guard guard = only_every_ten();
  md_protocol protocol = system_protocol(MD_NPT_SCR);
  md_potential *pot;
  md_run *run;

  (void)state;
  expect_ok(md_potential_create_harmonic(2, 0.0, 0.0, 4.0, &pot));
  run = pair_run(2.0, 0.0, pot);
  protocol.pressure = 10.0;
  expect_end(run, protocol, &guard, MD_DENSITY_COLLAPSE, 1,
             "the barostat changes the volume from 216000 to 0 Å^3 in step 1");
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
}

static void test_energy_drift(void **state)
{
  const md_guard guard = {.every = 10, .drift = 0.1};
  script s = {.rise = 1e-3}, *handle = &s;
  md_potential pot = {.ops = &scripted_ops, .data = &handle, .cutoff = 4.0, .nspecies = 2};
  md_run *run = pair_run(2.0, 1e-3, &pot);
  md_protocol protocol = system_protocol(MD_NVT_BUSSI);
  md_reason reason;

  (void)state;
  /* K = 30 u (1e-3 Å/fs)^2 / 2 = 1.5546e-3 eV */
  expect_end(run, nve(), &guard, MD_ENERGY_DRIFT, 10,
             "total energy changed by 0.01 eV until step 10 (limit 0.000155 eV, 0.1 of the kinetic "
             "energy)");
  expect_ok(md_run_start(run, &protocol, &guard)); /* only at constant energy */
  expect_ok(md_run_advance(run, 100, &reason, NULL));
  assert_int_equal(reason, MD_RUNNING);
  expect_ok(md_run_destroy(&run));
}

/* At the step where it acts, whatever guard.every is. */
static void test_high_force(void **state)
{
  const md_guard guard = {.every = 10, .max_force = 50.0};
  script s = {.bad_call = 18, .bad_force = -50.5}, *handle = &s;
  md_potential pot = {.ops = &scripted_ops, .data = &handle, .cutoff = 4.0, .nspecies = 2};
  md_run *run = pair_run(2.0, 0.0, &pot);
  md_protocol protocol = nve();
  md_reason reason;

  (void)state;
  protocol.dt = 0.1;
  expect_end(run, protocol, &guard, MD_HIGH_FORCE, 17,
             "force on species 1 atom 2 is 50.5 eV/Å at step 17 (limit 50 eV/Å)");
  s = (script){.bad_call = 18, .bad_force = 49.5};
  expect_ok(md_run_start(run, &protocol, &guard));
  expect_ok(md_run_advance(run, 25, &reason, NULL));
  assert_int_equal(reason, MD_RUNNING);
  expect_ok(md_run_destroy(&run));
}

/* A virial that grows by `rise` a step, like the energy of the script. */
static PetscErrorCode squeezed(const void *data, const mtp_neighbors *nb, mtp_result *out)
{
  script *s = *(script *const *)data;

  memset(out->force, 0, 3 * (size_t)nb->nall * sizeof(PetscReal));
  memset(out->virial, 0, sizeof(out->virial));
  out->energy = 0.0;
  for (int k = 0; k < 3; k++) out->virial[4 * k] = s->rise * (double)s->calls;
  s->calls++;
  return 0;
}

static const md_potential_ops squeezed_ops = {"squeezed", squeezed, NULL};

/* Two atoms in a cube of 60 Å at 120 K have an ideal pressure of 2 k_B 120 K / V; with 20 times
   that more, or less, than at the start or the target, whichever is farther, a run ends. */
static void test_high_pressure(void **state)
{
  const md_guard guard = {.every = 10, .pressure_factor = 20.0};
  const double ideal = 2.0 * MD_BOLTZMANN * 120.0 / pow(60.0, 3);

  (void)state;
  for (int k = 0; k < 3; k++) {
    const double sign = k == 1 ? -1.0 : 1.0, target = k == 2 ? 10.0 * ideal : 0.0;
    /* the limit is passed between the checks of steps 30 and 40, or 50 and 60, reached by 0.6 a
       step */
    script s = {.rise = sign * 0.6 * ideal * pow(60.0, 3)}, *handle = &s;
    md_potential pot = {.ops = &squeezed_ops, .data = &handle, .cutoff = 4.0, .nspecies = 2};
    md_run *run = pair_run(2.0, 0.0, &pot);
    md_protocol protocol = system_protocol(MD_NVT_BUSSI);
    char want[160];

    protocol.pressure = target;
    protocol.tau_t = 1e9;
    snprintf(want, sizeof(want), "pressure is %.3g GPa at step %d (limits %.3g and %.3g GPa)",
             1e-9 * MD_PRESSURE_PA * s.rise / pow(60.0, 3) * (k == 2 ? 60.0 : 40.0),
             k == 2 ? 60 : 40, -20.0 * ideal * 1e-9 * MD_PRESSURE_PA,
             (target + 20.0 * ideal) * 1e-9 * MD_PRESSURE_PA);
    expect_end(run, protocol, &guard, MD_HIGH_PRESSURE, k == 2 ? 60 : 40, want);
    expect_ok(md_run_destroy(&run));
  }
}

/* Of a run that ends at step 1234 the configuration of step 1230 is kept, with its cell; at the
   start that of the start. */
static void test_last_good(void **state)
{
  script s = {.bad_call = 1235, .bad_force = (PetscReal)NAN}, *handle = &s;
  md_potential pot = {.ops = &scripted_ops, .data = &handle, .cutoff = 4.0, .nspecies = 2};
  const md_guard guard = only_every_ten();
  const md_protocol protocol = nve();
  md_run *run = pair_run(2.0, 1e-3, &pot);
  md_reason reason;
  PetscInt64 step;
  md_atoms atoms;

  (void)state;
  expect_ok(md_run_start(run, &protocol, &guard));
  for (int k = 0; k < 2; k++) {
    expect_ok(md_run_last_good(run, &atoms, &step));
    assert_int_equal(step, k ? 1230 : 0);
    expect_abs(atoms.x[4], 30.0 + 1e-3 * protocol.dt * (double)step, 1e-9, "position then");
    expect(atoms.v[4] == 0.0 && atoms.type[1] == 1 && atoms.h[2][2] == 60.0, "the rest");
    expect_ok(md_atoms_clear(&atoms));
    expect_ok(md_run_advance(run, 2000, &reason, NULL));
    assert_int_equal(reason, MD_NOT_FINITE);
  }
  expect_ok(md_run_destroy(&run));
}

/* All guards at their defaults let a healthy liquid run, in every ensemble. */
static void test_healthy_liquid(void **state)
{
  md_potential *pot = system_argon_potential();
  md_run *run = system_argon_liquid(2, 0.7, pot);

  (void)state;
  pot->min_dist = 2.8;
  for (int e = 0; e < (int)MD_NENSEMBLE; e++) {
    const md_protocol protocol = system_protocol((md_ensemble)e);

    expect_ok(md_run_start(run, &protocol, NULL));
    system_advance(run, 1000);
  }
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
}

static void test_texts_and_defaults(void **state)
{
  const md_guard guard = md_guard_default();

  (void)state;
  assert_string_equal(md_reason_text(MD_RUNNING), "running");
  assert_string_equal(md_reason_text(MD_COMPLETED), "completed");
  assert_string_equal(md_reason_text(MD_NOT_FINITE), "a number is not finite");
  assert_string_equal(md_reason_text(MD_TOO_HOT), "temperature too high");
  assert_string_equal(md_reason_text(MD_CLOSE_PAIR), "atoms too close");
  assert_string_equal(md_reason_text(MD_LOST_ATOM), "an atom is lost");
  assert_string_equal(md_reason_text(MD_DENSITY_COLLAPSE), "density collapsed");
  assert_string_equal(md_reason_text(MD_ENERGY_DRIFT), "total energy drifts");
  assert_string_equal(md_reason_text(MD_EXTRAPOLATING), "the potential extrapolates");
  assert_string_equal(md_reason_text(MD_HIGH_FORCE), "a force is too large");
  assert_string_equal(md_reason_text(MD_HIGH_PRESSURE), "pressure runs away");
  assert_string_equal(md_reason_text(MD_EVAPORATING), "the liquid evaporates");
  assert_string_equal(md_reason_text(MD_FROZEN), "the liquid has frozen");
  assert_string_equal(md_reason_text(MD_DEMIXED), "the liquid has demixed");
  assert_string_equal(md_reason_text((md_reason)-99), "unknown reason");
  assert_int_equal(guard.every, 200);
  expect(guard.hot_factor == 3.0 && guard.close_factor == 0.5 && guard.max_move == 1.0 &&
             guard.volume_low == 0.4 && guard.volume_high == 2.5 && guard.drift == 0.1 &&
             guard.grade_break == 10.0 && guard.max_force == 50.0 &&
             guard.pressure_factor == 20.0 && guard.window == 5000.0 && guard.void_atoms == 40.0 &&
             guard.stall == 0.3 && guard.order == 6.0 && guard.segregation == 0.3,
         "defaults are those of the header");
  assert_int_equal(guard.every_structure, 500);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_not_finite),
      cmocka_unit_test(test_not_finite_unwatched),
      cmocka_unit_test(test_energy_not_finite_unwatched),
      cmocka_unit_test(test_velocity_not_finite),
      cmocka_unit_test(test_far_away),
      cmocka_unit_test(test_too_hot),
      cmocka_unit_test(test_too_hot_at_constant_energy),
      cmocka_unit_test(test_close_pair),
      cmocka_unit_test(test_closest_of_several),
      cmocka_unit_test(test_close_image),
      cmocka_unit_test(test_apart),
      cmocka_unit_test(test_check),
      cmocka_unit_test(test_lost_atom),
      cmocka_unit_test(test_jump_unwatched),
      cmocka_unit_test(test_density_collapse),
      cmocka_unit_test(test_collapse_in_one_step),
      cmocka_unit_test(test_energy_drift),
      cmocka_unit_test(test_high_force),
      cmocka_unit_test(test_high_pressure),
      cmocka_unit_test(test_last_good),
      cmocka_unit_test(test_healthy_liquid),
      cmocka_unit_test(test_texts_and_defaults),
  };
  return expect_main(argc, argv, help, tests);
}
