/* tests/unit/md/test_md_run.c */
#include "tests/support/expect.h"
#include "tests/support/md_systems.h"

static const char help[] =
    "Life of a run: start, velocities, observers, samples, limits, refusals\n";

static char message[512];

static PetscErrorCode keep_message(MPI_Comm comm, int line, const char *function, const char *file,
                                   PetscErrorCode code, PetscErrorType type, const char *text,
                                   void *context)
{
  (void)comm, (void)line, (void)function, (void)file, (void)context;
  if (type == PETSC_ERROR_INITIAL) snprintf(message, sizeof(message), "%s", text);
  return code;
}

/* The call must fail with this code and exactly this message. */
#define expect_refusal(code, want, call)                                                           \
  do {                                                                                             \
    PetscErrorCode ierr_;                                                                          \
                                                                                                   \
    PetscPushErrorHandler(keep_message, NULL);                                                     \
    ierr_ = (call);                                                                                \
    PetscPopErrorHandler();                                                                        \
    assert_int_equal(ierr_, code);                                                                 \
    assert_string_equal(message, want);                                                            \
  } while (0)

static void test_thermalise(void **state)
{
  md_potential *pot = system_argon_potential();
  md_atoms atoms = system_fcc(2, 0.8);
  const md_atoms *now;
  md_run *run;
  double sum = 0.0, fourth = 0.0;

  (void)state;
  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_run_thermalise(run, 300.0, (md_rng){.key = 5}));
  now = md_run_atoms(run);
  expect_near(md_atoms_temperature(now), 300.0, 1e-14, "exactly the temperature asked for");
  for (int a = 0; a < 3; a++) {
    double p = 0.0;

    for (PetscInt i = 0; i < now->n; i++) p += now->v[3 * i + a];
    expect_abs(p, 0.0, 1e-16, "momentum");
  }
  for (PetscInt k = 0; k < 3 * now->n; k++) {
    sum += pow(now->v[k], 2) / (double)(3 * now->n);
    fourth += pow(now->v[k], 4) / (double)(3 * now->n);
  }
  /* A Gaussian has 3, a uniform distribution 1.8; 96 samples: 3 +- 0.5 */
  expect_abs(fourth / (sum * sum), 3.0, 1.0, "shape of the distribution");
  expect_ok(md_run_thermalise(run, 0.0, (md_rng){.key = 5}));
  expect(md_atoms_kinetic(now) == 0.0, "at 0 K nothing moves");
  expect_ok(md_run_destroy(&run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
}

/* Lighter atoms are faster: m <v^2> is the same for both species. */
static void test_thermalise_masses(void **state)
{
  md_potential *pot;
  md_atoms atoms;
  md_run *run;
  double k[2] = {0.0, 0.0};

  (void)state;
  expect_ok(md_potential_create_harmonic(2, 0.0, 0.0, 2.0, &pot));
  expect_ok(md_atoms_create(2000, 2, &atoms));
  atoms.mass[0] = MD_ATOMIC_MASS;
  atoms.mass[1] = 100.0 * MD_ATOMIC_MASS;
  for (int a = 0; a < 3; a++) atoms.h[a][a] = 100.0;
  for (PetscInt i = 0; i < 2000; i++) atoms.type[i] = i % 2;
  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_run_thermalise(run, 300.0, (md_rng){.key = 6}));
  for (PetscInt c = 0; c < 6000; c++) {
    const PetscInt t = (c / 3) % 2;

    k[t] += 0.5 * atoms.mass[t] * pow(md_run_atoms(run)->v[c], 2) / 1000.0;
  }
  /* 3/2 kT with the relative error sqrt(2/3000) = 2.6 % */
  expect_near(k[0], 1.5 * MD_BOLTZMANN * 300.0, 0.1, "kinetic energy of a light atom");
  expect_near(k[1], 1.5 * MD_BOLTZMANN * 300.0, 0.1, "kinetic energy of a heavy atom");
  expect_ok(md_run_destroy(&run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
}

/* A thermostat's stage starts without momentum; a stage at constant energy keeps it. */
static void test_start_and_momentum(void **state)
{
  md_potential *pot = system_argon_potential();
  md_atoms atoms = system_fcc(2, 0.8);
  md_protocol nve = system_protocol(MD_NVE), nvt = system_protocol(MD_NVT_BUSSI);
  md_run *run;

  (void)state;
  for (PetscInt i = 0; i < atoms.n; i++) atoms.v[3 * i] = 0.001;
  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_run_start(run, &nve, NULL));
  expect_near(md_run_atoms(run)->v[0], 0.001, 1e-15, "NVE keeps the momentum it finds");
  expect_ok(md_run_start(run, &nvt, NULL));
  expect_abs(md_run_atoms(run)->v[0], 0.0, 1e-17, "NVT takes it out");
  expect_ok(md_run_destroy(&run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
}

static char seen[256];

static PetscErrorCode write_down(const md_sample *sample, void *context)
{
  snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), "%s%d ", (const char *)context,
           (int)sample->step);
  return 0;
}

static void test_observers(void **state)
{
  md_potential *pot = system_argon_potential();
  md_run *run = system_argon_liquid(2, 0.8, pot);
  const md_protocol protocol = system_protocol(MD_NVE);
  char a[] = "a", b[] = "b";

  (void)state;
  expect_ok(md_run_start(run, &protocol, NULL));
  expect_ok(md_run_observe(run, 3, write_down, b));
  expect_ok(md_run_observe(run, 2, write_down, a));
  seen[0] = '\0';
  system_advance(run, 4);
  system_advance(run, 0);
  system_advance(run, 3);
  assert_string_equal(seen, "a2 b3 a4 b6 a6 ");
  assert_int_equal(md_run_step(run), 7);
  expect_ok(md_run_start(run, &protocol, NULL));
  system_advance(run, 6);
  assert_string_equal(seen, "a2 b3 a4 b6 a6 "); /* dropped by the new stage */
  for (int k = 0; k < MD_MAX_OBSERVERS; k++) expect_ok(md_run_observe(run, 1, write_down, a));
  expect_refusal(PETSC_ERR_ARG_OUTOFRANGE, "A run has at most 16 observers",
                 md_run_observe(run, 1, write_down, a));
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
}

/* Two atoms on a spring: every number of a sample by hand. */
static void test_sample(void **state)
{
  const double k = 0.5, cutoff = 6.0, r = 1.5, v = 0.002, m = 30.0 * MD_ATOMIC_MASS;
  const double volume = pow(60.0, 3), kinetic = 0.5 * m * v * v;
  const md_guard guard = system_no_guard();
  md_protocol protocol = system_protocol(MD_NVE);
  md_potential *pot;
  md_atoms atoms = system_pair(r);
  md_sample s;
  md_run *run;

  (void)state;
  atoms.v[4] = v;
  expect_ok(md_potential_create_harmonic(2, k, 0.0, cutoff, &pot));
  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_run_start(run, &protocol, &guard));
  expect_ok(md_run_sample(run, &s));
  assert_int_equal(s.step, 0);
  expect_near(s.potential, 0.5 * k * (r * r - cutoff * cutoff), 1e-14, "potential energy");
  expect_near(s.kinetic, kinetic, 1e-14, "kinetic energy");
  expect_near(s.conserved, s.potential + s.kinetic, 1e-14, "conserved energy");
  expect_near(s.temperature, 2.0 * kinetic / (3.0 * MD_BOLTZMANN), 1e-14, "temperature");
  expect_near(s.volume, volume, 1e-14, "volume");
  /* W_xx = -r dU/dr = -k r^2: a stretched spring pulls the cell together */
  expect_near(s.pressure[0], -k * r * r / volume, 1e-13, "pressure along the spring");
  expect_near(s.pressure[4], m * v * v / volume, 1e-13, "pressure along the velocity");
  expect_abs(s.pressure[8], 0.0, 1e-20, "pressure along nothing");
  system_advance(run, 5);
  expect_ok(md_run_sample(run, &s));
  assert_int_equal(s.step, 5);
  expect(s.time == 5.0 * protocol.dt, "time");
  expect(s.atoms == md_run_atoms(run) && s.nb->nlocal == 2, "atoms and list are those of the run");
  expect_ok(md_run_destroy(&run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
}

typedef struct {
  double x[96], worst, top;
} journey;

static PetscErrorCode measure_steps(const md_sample *sample, void *context)
{
  journey *j = context;
  const double *x = sample->atoms->x;

  for (PetscInt i = 0; i < 32; i++) {
    const double d = hypot(hypot(x[3 * i] - j->x[3 * i], x[3 * i + 1] - j->x[3 * i + 1]),
                           x[3 * i + 2] - j->x[3 * i + 2]);

    j->worst = fmax(j->worst, d);
  }
  memcpy(j->x, x, sizeof(j->x));
  j->top = fmax(j->top, sample->temperature);
  return 0;
}

/* Overlapping atoms blow up without a limit; with one they part, no atom moves more than max_step a
   step, and the work that was taken out is in the balance. */
static void test_max_step(void **state)
{
  const md_guard guard = system_no_guard();
  const md_ensemble ensembles[] = {MD_NVE, MD_NVT_LANGEVIN, MD_NVT_BUSSI};
  md_potential *pot = system_argon_potential();

  (void)state;
  for (int e = 0; e < 3; e++) {
    md_protocol protocol = system_protocol(ensembles[e]);
    md_atoms atoms = system_fcc(2, 0.8);
    journey j;
    md_run *run;

    atoms.x[0] = atoms.x[3] + 0.3; /* a tenth of sigma from its neighbour: 1e12 epsilon */
    atoms.x[1] = atoms.x[4];
    atoms.x[2] = atoms.x[5];
    protocol.max_step = 0.05;
    expect_ok(md_run_create(&atoms, pot, &run));
    expect_ok(md_run_start(run, &protocol, &guard));
    j = (journey){.worst = 0.0};
    memcpy(j.x, atoms.x, sizeof(j.x));
    expect_ok(md_run_observe(run, 1, measure_steps, &j));
    system_advance(run, 1000);
    /* In Langevin dynamics the two halves of a step may each use half of the limit. */
    expect(j.worst <= 0.05 * (1.0 + 1e-9), "no atom moves further than the limit in a step");
    expect(j.worst > 0.04, "the limit was reached");
    expect(md_atoms_temperature(md_run_atoms(run)) < 1000.0, "the overlap is gone");
    for (int a = 0; a < 3; a++) {
      double p = 0.0;

      for (PetscInt i = 0; i < 32; i++) p += md_run_atoms(run)->v[3 * i + a];
      expect_abs(p, 0.0, 1e-14, "momentum stays zero");
    }
    expect_ok(md_run_destroy(&run));
    expect_ok(md_atoms_clear(&atoms));
  }
  expect_ok(md_potential_destroy(&pot));
}

/* Under a barostat the cell's edge obeys the same limit. */
static void test_max_step_of_cell(void **state)
{
  const md_guard guard = system_no_guard();
  md_protocol protocol = system_protocol(MD_NPT_SCR);
  md_potential *pot = system_argon_potential();
  md_run *run = system_argon_liquid(2, 0.8, pot);
  double edge = md_run_atoms(run)->h[0][0];

  (void)state;
  protocol.pressure = 100.0; /* would end the run in its first step */
  protocol.max_step = 0.01;
  expect_ok(md_run_start(run, &protocol, &guard));
  for (int k = 0; k < 20; k++) {
    const double before = edge;

    system_advance(run, 1);
    edge = md_run_atoms(run)->h[0][0];
    /* dL/L = 2/3 dlambda/lambda to first order; the next term is 1e-3 of it. */
    expect_near(before - edge, 0.01, 2e-3, "step of the cell's edge");
  }
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
}

/* The list is kept for many steps, and rebuilt. */
static void test_list_is_kept(void **state)
{
  const md_protocol protocol = system_protocol(MD_NPT_SCR);
  const md_guard guard = system_no_guard();
  md_potential *pot = system_argon_potential();
  md_run *run = system_argon_liquid(2, 0.8, pot);

  (void)state;
  expect_ok(md_run_start(run, &protocol, &guard));
  assert_int_equal(md_run_builds(run), 1);
  system_advance(run, 2000);
  /* Measured 70 in 2000 steps of 4 fs at 120 K. */
  expect(md_run_builds(run) > 20 && md_run_builds(run) < 200, "builds of the list in 2000 steps");
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
}

static void test_refusals(void **state)
{
  md_potential *pot = system_argon_potential();
  md_atoms atoms = system_fcc(1, 0.8);
  const md_protocol good = system_protocol(MD_NPT_SCR);
  md_guard guard = md_guard_default();
  md_protocol bad;
  md_reason reason;
  md_run *run;

  (void)state;
  expect_ok(md_run_create(&atoms, pot, &run));
  expect_refusal(PETSC_ERR_ARG_WRONGSTATE, "A run must be started or loaded before it can advance",
                 md_run_advance(run, 1, &reason, NULL));
#define REFUSE(field, value, text)                                                                 \
  do {                                                                                             \
    bad = good;                                                                                    \
    bad.field = (value);                                                                           \
    expect_refusal(PETSC_ERR_ARG_OUTOFRANGE, text, md_run_start(run, &bad, NULL));                 \
  } while (0)
  REFUSE(ensemble, (md_ensemble)7, "protocol.ensemble is 7, wanted 0..6");
  REFUSE(shape, (md_shape)4, "protocol.shape is 4, wanted 0..3");
  REFUSE(nknot, 17, "protocol.nknot is 17, wanted 0..16");
  REFUSE(nknot, 1, "protocol.knot[0].step is 0, wanted more than 0");
  REFUSE(dt, 0.0, "protocol.dt is 0., wanted > 0");
  REFUSE(dt, (PetscReal)NAN, "protocol.dt is nan., wanted > 0");
  REFUSE(temperature, -5.0, "protocol.temperature is -5., wanted > 0");
  REFUSE(tau_t, (PetscReal)INFINITY, "protocol.tau_t is inf., wanted > 0");
  REFUSE(tau_p, 0.0, "protocol.tau_p is 0., wanted > 0");
  REFUSE(compressibility, -1.0, "protocol.compressibility is -1., wanted > 0");
  REFUSE(pressure, (PetscReal)NAN, "protocol.pressure is not finite");
  REFUSE(max_step, -0.1, "protocol.max_step is -0.1, wanted >= 0");
#undef REFUSE
  guard.every = 0;
  expect_refusal(PETSC_ERR_ARG_OUTOFRANGE, "guard.every is 0, wanted >= 1",
                 md_run_start(run, &good, &guard));
  guard.every = 1;
  guard.drift = -1.0;
  expect_refusal(PETSC_ERR_ARG_OUTOFRANGE, "guard.drift is -1., wanted >= 0",
                 md_run_start(run, &good, &guard));
  expect_refusal(PETSC_ERR_ARG_OUTOFRANGE, "temperature is -1., wanted >= 0",
                 md_run_thermalise(run, -1.0, good.rng));
  expect_refusal(PETSC_ERR_ARG_OUTOFRANGE, "An observer is called every 0 steps, wanted >= 1",
                 md_run_observe(run, 0, write_down, NULL));
  expect_ok(md_run_destroy(&run));
  expect_ok(md_run_destroy(&run)); /* twice is once */
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
}

static void test_refused_atoms(void **state)
{
  md_potential *pot = system_argon_potential();
  md_atoms atoms = system_fcc(1, 0.8);
  md_run *run;

  (void)state;
  atoms.type[2] = 1;
  expect_refusal(PETSC_ERR_ARG_OUTOFRANGE, "Atom 3 has type 1, wanted 0..0",
                 md_run_create(&atoms, pot, &run));
  assert_null(run);
  atoms.type[2] = 0;
  atoms.mass[0] = 0.0;
  expect_refusal(PETSC_ERR_ARG_OUTOFRANGE, "Mass of species 0 is 0. eV fs^2/A^2, wanted > 0",
                 md_run_create(&atoms, pot, &run));
  atoms.mass[0] = 1.0;
  memset(atoms.h, 0, sizeof(atoms.h));
  expect_refusal(PETSC_ERR_ARG_OUTOFRANGE, "The cell has no volume",
                 md_run_create(&atoms, pot, &run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_thermalise),
      cmocka_unit_test(test_thermalise_masses),
      cmocka_unit_test(test_start_and_momentum),
      cmocka_unit_test(test_observers),
      cmocka_unit_test(test_sample),
      cmocka_unit_test(test_max_step),
      cmocka_unit_test(test_max_step_of_cell),
      cmocka_unit_test(test_list_is_kept),
      cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_refused_atoms),
  };
  return expect_main(argc, argv, help, tests);
}
