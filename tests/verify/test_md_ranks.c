/* tests/verify/test_md_ranks.c - a run on several ranks against the same run on one
 *
 * Forces, energies and pressures of one step agree to round-off, whatever the cell and the number
 * of ranks: compact, skewed, thinner than the cut-off, a slab beside vacuum, more ranks than
 * layers.  A run agrees as long as round-off has not grown, is the same to the bit through
 * checkpoints, and goes on from a checkpoint of other ranks.
 */
#include "md/md_halo.h"
#include "md/md_run_impl.h"
#include "md/md_tosi_fumi.h"
#include "tests/support/expect.h"
#include "tests/support/md_systems.h"
#include "tests/support/random.h"

static const char help[] = "A run on several ranks is the run on one\n";

static PetscMPIInt size, rank;

/* Liquid-like positions: a lattice of m[] cells, displaced at random, in a cell that is sheared by
   `tilt`; z beyond `fill` of the height is vacuum. */
static md_atoms lattice(const PetscInt m[3], PetscReal tilt, PetscReal fill)
{
  const PetscReal a = 1.71 * SYSTEM_SIGMA;
  random_stream seed = {.state = 7};
  md_atoms atoms;

  expect_ok(md_atoms_create(4 * m[0] * m[1] * m[2], 1, &atoms));
  atoms.mass[0] = SYSTEM_MASS;
  for (int k = 0; k < 3; k++) atoms.h[k][k] = a * (PetscReal)m[k] / (k == 2 ? fill : 1.0);
  atoms.h[1][0] = tilt * atoms.h[0][0];
  atoms.h[2][1] = -tilt * atoms.h[1][1];
  for (PetscInt i = 0; i < atoms.n; i++) {
    static const PetscReal basis[4][3] = {{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}};
    const PetscInt at[3] = {i / 4 % m[0], i / 4 / m[0] % m[1], i / 4 / m[0] / m[1]};
    PetscReal s[3];

    for (int k = 0; k < 3; k++) {
      s[k] = (basis[i % 4][k] + (PetscReal)at[k]) / (PetscReal)m[k] * (k == 2 ? fill : 1.0);
    }
    for (int b = 0; b < 3; b++) {
      atoms.x[3 * i + b] = 0.25 * (random_uniform(&seed) - 0.5);
      for (int k = 0; k < 3; k++) atoms.x[3 * i + b] += s[k] * atoms.h[k][b];
    }
  }
  return atoms;
}

static const struct {
  const char *name;
  PetscInt m[3];
  PetscReal tilt, fill;
} cells[] = {{"cube", {4, 4, 4}, 0.0, 1.0},
             {"skewed", {4, 3, 4}, 0.3, 1.0},
             {"thinner than the cut-off", {1, 1, 6}, 0.0, 1.0},
             {"one cell", {1, 1, 1}, 0.2, 1.0},
             {"slab beside vacuum", {3, 3, 3}, 0.0, 0.3}};
enum { NCELL = sizeof(cells) / sizeof(cells[0]) };

/* The same start on all ranks and on this one alone.  Barostats move z alone, x and y apart from z,
   each axis by itself: not all of them the same. */
static void start_both(const md_atoms *atoms, const md_potential *pot, md_ensemble ensemble,
                       md_run **many, md_run **one)
{
  md_protocol protocol = system_protocol(ensemble);
  md_guard guard = md_guard_default();

  protocol.shape = (md_shape)((int)ensemble % (int)MD_NSHAPE);
  guard.every = 1;
  guard.hot_factor = 0.0; /* random starts are hot */
  expect_ok(md_run_create_on(PETSC_COMM_WORLD, rank == 0 ? atoms : NULL, pot, many));
  expect_ok(md_run_create(atoms, pot, one));
  expect_ok(md_run_thermalise(*many, SYSTEM_LJ_TEMP, protocol.rng));
  expect_ok(md_run_thermalise(*one, SYSTEM_LJ_TEMP, protocol.rng));
  expect_ok(md_run_start(*many, &protocol, &guard));
  expect_ok(md_run_start(*one, &protocol, &guard));
}

/* Largest difference of n numbers. */
static PetscReal difference(size_t n, const PetscReal a[], const PetscReal b[])
{
  PetscReal worst = 0.0;

  for (size_t k = 0; k < n; k++) worst = PetscMax(worst, PetscAbsReal(a[k] - b[k]));
  return worst;
}

/* Positions, velocities, forces [in units of the system's] and scalars, relative to 1. */
static void compare(const md_run *many, const md_run *one, PetscReal tolerance, const char *what)
{
  const md_atoms *want = md_run_atoms(one);
  md_sample a, b;
  md_atoms got;

  expect_ok(md_run_gather(many, &got));
  expect_ok(md_run_sample(many, &a));
  expect_ok(md_run_sample(one, &b));
  expect(a.total == b.total && a.step == b.step, what);
  expect_abs(a.potential / SYSTEM_EPSILON, b.potential / SYSTEM_EPSILON,
             tolerance * (PetscReal)a.total, what);
  expect_abs(a.kinetic / SYSTEM_EPSILON, b.kinetic / SYSTEM_EPSILON, tolerance * (PetscReal)a.total,
             what);
  expect_abs(a.volume, b.volume, tolerance * b.volume, what);
  expect_abs(difference(9, a.pressure, b.pressure), 0.0, tolerance * SYSTEM_EPSILON, what);
  if (rank == 0) {
    const size_t n3 = 3 * (size_t)want->n;

    expect_abs(difference(n3, got.x, want->x), 0.0, tolerance * SYSTEM_SIGMA, what);
    expect_abs(difference(n3, got.v, want->v), 0.0, tolerance * 0.01, what);
    expect_abs(difference(n3, got.f, want->f), 0.0, tolerance, what);
  }
  expect_ok(md_atoms_clear(&got));
}

static void one_step(void **state)
{
  md_potential *pot = system_argon_potential();

  (void)state;
  for (int c = 0; c < NCELL; c++) {
    md_atoms atoms = lattice(cells[c].m, cells[c].tilt, cells[c].fill);
    md_run *many, *one;

    start_both(&atoms, pot, MD_NVE, &many, &one);
    compare(many, one, 1e-12, cells[c].name);
    system_advance(many, 1);
    system_advance(one, 1);
    compare(many, one, 1e-12, cells[c].name);
    expect_ok(md_run_destroy(&many));
    expect_ok(md_run_destroy(&one));
    expect_ok(md_atoms_clear(&atoms));
  }
  expect_ok(md_potential_destroy(&pot));
}

/* 40 steps of 4 fs in every ensemble: atoms change ranks, the list is built anew, the cell changes.
   Noise that hung on the place of an atom on its rank, and not on its number, would show here. */
static void a_run(void **state)
{
  md_potential *pot = system_argon_potential();
  md_atoms atoms = lattice((PetscInt[3]){3, 3, 4}, 0.2, 1.0);

  (void)state;
  for (int e = 0; e < (int)MD_NENSEMBLE; e++) {
    char name[32];
    md_run *many, *one;

    (void)snprintf(name, sizeof(name), "ensemble %d", e);
    start_both(&atoms, pot, (md_ensemble)e, &many, &one);
    system_advance(many, 40);
    system_advance(one, 40);
    expect(md_run_builds(many) == md_run_builds(one) && md_run_builds(one) > 1, "lists");
    compare(many, one, 1e-8, name);
    expect_ok(md_run_destroy(&many));
    expect_ok(md_run_destroy(&one));
  }
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
}

/* Continues in a run of `comm` from what rank 0 saved; blob is read on rank 0. */
static md_run *continued(MPI_Comm comm, const md_atoms *atoms, const md_potential *pot,
                         const md_blob *blob)
{
  md_blob view = {0};
  md_run *run;

  md_blob_view(&view, blob->data, blob->size);
  expect_ok(md_run_create_on(comm, atoms, pot, &run));
  expect_ok(md_run_load(run, &view));
  return run;
}

static void expect_same_state(const md_run *a, const md_run *b, const char *what)
{
  md_blob left = {0}, right = {0};

  expect_ok(md_run_save(a, &left));
  expect_ok(md_run_save(b, &right));
  expect(left.size == right.size && (left.size > 0) == (rank == 0), what);
  if (rank == 0) expect(memcmp(left.data, right.data, left.size) == 0, what);
  expect_ok(md_blob_clear(&left));
  expect_ok(md_blob_clear(&right));
}

/* On as many ranks the bits are the same; the save is in the middle of the life of a list. */
static void checkpoints(void **state)
{
  md_potential *pot = system_argon_potential();
  md_atoms atoms = lattice((PetscInt[3]){3, 2, 3}, 0.2, 1.0);

  (void)state;
  for (int e = 0; e < (int)MD_NENSEMBLE; e++) {
    md_run *run, *one, *again;
    md_blob blob = {0};

    start_both(&atoms, pot, (md_ensemble)e, &run, &one);
    system_advance(run, 17);
    expect_ok(md_run_save(run, &blob));
    again = continued(PETSC_COMM_WORLD, &atoms, pot, &blob);
    expect_same_state(run, again, "just loaded");
    system_advance(run, 23);
    system_advance(again, 23);
    expect_same_state(run, again, "23 steps later");
    expect_ok(md_run_destroy(&run));
    expect_ok(md_run_destroy(&one));
    expect_ok(md_run_destroy(&again));
    expect_ok(md_blob_clear(&blob));
  }
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
}

/* From one rank to several and back. */
static void other_ranks(void **state)
{
  md_potential *pot = system_argon_potential();
  md_atoms atoms = lattice((PetscInt[3]){3, 3, 3}, -0.1, 1.0);
  md_run *many, *one, *spread;
  md_blob blob = {0}, back = {0};

  (void)state;
  start_both(&atoms, pot, MD_NPT_SCR, &many, &one);
  system_advance(one, 15);
  expect_ok(md_run_save(one, &blob));
  spread = continued(PETSC_COMM_WORLD, &atoms, pot, &blob);
  compare(spread, one, 1e-11, "spread");
  system_advance(one, 15);
  system_advance(spread, 15);
  compare(spread, one, 1e-9, "spread and moved on");
  expect_ok(md_run_save(spread, &back));
  if (rank == 0) {
    md_run *home = continued(PETSC_COMM_SELF, &atoms, pot, &back);
    const size_t n3 = 3 * (size_t)atoms.n;

    expect_abs(difference(n3, md_run_atoms(home)->x, md_run_atoms(one)->x), 0.0, 1e-8, "back");
    expect_ok(md_run_destroy(&home));
  }
  expect_ok(md_run_destroy(&many));
  expect_ok(md_run_destroy(&one));
  expect_ok(md_run_destroy(&spread));
  expect_ok(md_blob_clear(&blob));
  expect_ok(md_blob_clear(&back));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
}

/* A blob that rank 0 cannot use is an error of all. */
static void refusal(void **state)
{
  md_potential *pot = system_argon_potential();
  md_atoms atoms = lattice((PetscInt[3]){2, 2, 2}, 0.0, 1.0);
  md_run *many, *one;
  md_blob blob = {0};

  (void)state;
  start_both(&atoms, pot, MD_NVE, &many, &one);
  expect_ok(md_run_save(many, &blob));
  if (rank == 0) blob.data[0] ^= 1;
  expect_error(PETSC_ERR_FILE_UNEXPECTED, md_run_load(many, &blob));
  expect_ok(md_run_destroy(&many));
  expect_ok(md_run_destroy(&one));
  expect_ok(md_blob_clear(&blob));
  atoms.mass[0] = 0.0;
  expect_error(PETSC_ERR_ARG_OUTOFRANGE,
               md_run_create_on(PETSC_COMM_WORLD, rank == 0 ? &atoms : NULL, pot, &many));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
}

/* One rank sees it, all stop, with the same words. */
static void guards_agree(void **state)
{
  md_potential *pot = system_argon_potential();
  md_atoms atoms = lattice((PetscInt[3]){3, 3, 3}, 0.0, 1.0);
  md_run *many, *one;
  md_reason reason, want;
  char detail[160], words[160];

  (void)state;
  start_both(&atoms, pot, MD_NVE, &many, &one);
  for (PetscInt i = 0; i < many->atoms.n; i++) {
    if (many->atoms.id[i] == 5) many->atoms.v[3 * i] = 0.3;
  }
  one->atoms.v[15] = 0.3;
  expect_ok(md_run_advance(many, 40, &reason, detail));
  expect_ok(md_run_advance(one, 40, &want, words));
  expect(reason == want && want < 0 && strcmp(detail, words) == 0, detail);
  expect(md_run_step(many) == md_run_step(one), "at the same step");
  expect_ok(md_run_destroy(&many));
  expect_ok(md_run_destroy(&one));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
}

/* The largest and the second largest force [eV/Å]. */
static void two_largest(const md_atoms *atoms, PetscReal top[2])
{
  top[0] = top[1] = 0.0;
  for (PetscInt i = 0; i < atoms->n; i++) {
    const PetscReal *f = &atoms->f[3 * i];
    const PetscReal force = PetscSqrtReal(f[0] * f[0] + f[1] * f[1] + f[2] * f[2]);

    top[1] = PetscMax(top[1], PetscMin(top[0], force));
    top[0] = PetscMax(top[0], force);
  }
}

/* An atom of the last ranks that is pushed hard, in a liquid that all ranks find too hot: the atom
   is named, as on one rank. */
static void force_comes_before_heat(void **state)
{
  md_potential *pot = system_argon_potential();
  md_atoms atoms = lattice((PetscInt[3]){3, 3, 3}, 0.0, 1.0);
  md_run *run[2];
  md_reason reason[2];
  char detail[2][160];
  PetscReal top[2];
  PetscInt last = 0;

  (void)state;
  for (PetscInt i = 1; i < atoms.n; i++) {
    if (atoms.x[3 * i] > atoms.x[3 * last]) last = i;
  }
  atoms.x[3 * last] -= 0.15 * SYSTEM_SIGMA;
  start_both(&atoms, pot, MD_NVE, &run[0], &run[1]);
  two_largest(&run[1]->atoms, top);
  for (int k = 0; k < 2; k++) {
    run[k]->guard.max_force = 0.5 * (top[0] + top[1]);
    run[k]->guard.hot_factor = 1e-3;
    expect_ok(md_run_advance(run[k], 1, &reason[k], detail[k]));
    assert_int_equal(reason[k], MD_HIGH_FORCE);
  }
  assert_string_equal(detail[0], detail[1]);
  for (int k = 0; k < 2; k++) expect_ok(md_run_destroy(&run[k]));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
}

/* Two atoms too close on either side of a cut, where the rank below has the one with the larger
   number: it is named second all the same. */
static void pairs_agree(void **state)
{
  const PetscReal epsilon = SYSTEM_EPSILON, sigma = SYSTEM_SIGMA;
  const md_lj_options options = {.nspecies = 1,
                                 .epsilon = &epsilon,
                                 .sigma = &sigma,
                                 .cutoff = 2.0 * SYSTEM_SIGMA,
                                 .truncation = MD_FORCE_SHIFTED,
                                 .min_dist = 0.95 * SYSTEM_SIGMA};
  const PetscInt low = 4 * (1 + 9) + 3, high = 4 * (1 + 3 + 9); /* neighbours at 1.5 and 1 cells */
  md_atoms atoms = lattice((PetscInt[3]){3, 3, 3}, 0.0, 1.0);
  md_potential *pot;
  md_run *run[2];
  md_reason reason[2];
  char detail[2][160];

  (void)state;
  expect_ok(md_potential_create_lj_with(&options, &pot));
  for (int a = 0; a < 3; a++)
    atoms.x[3 * high + a] += 0.3 * (atoms.x[3 * low + a] - atoms.x[3 * high + a]);
  start_both(&atoms, pot, MD_NVE, &run[0], &run[1]);
  for (int k = 0; k < 2; k++) {
    run[k]->guard.close_factor = 1.0;
    expect_ok(md_run_advance(run[k], 1, &reason[k], detail[k]));
    assert_int_equal(reason[k], MD_CLOSE_PAIR);
  }
  expect(strstr(detail[1], "atom 44 and species 0 atom 53 are"), detail[1]);
  assert_string_equal(detail[0], detail[1]);
  for (int k = 0; k < 2; k++) expect_ok(md_run_destroy(&run[k]));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
}

/* Ions of one sign beside each other, where a stage ends before its first look: the same words on
   all ranks, whichever of them has the pair. */
static void ions_agree(void **state)
{
  const PetscReal charge[1] = {-1.0};
  md_potential *pot = system_argon_potential();
  md_atoms atoms = lattice((PetscInt[3]){3, 3, 3}, 0.0, 1.0);
  md_run *run[2];
  md_reason reason[2];
  char detail[2][160];
  PetscReal nearest = PETSC_MAX_REAL;
  PetscInt other = 0;

  (void)state;
  for (PetscInt i = 0; i < atoms.n; i++) {
    const PetscReal *a = &atoms.x[3 * i], *b = &atoms.x[3 * 50];
    const PetscReal square = PetscSqr(a[0] - b[0]) + PetscSqr(a[1] - b[1]) + PetscSqr(a[2] - b[2]);

    if (i == 50 || square >= nearest) continue;
    nearest = square;
    other = i;
  }
  for (int a = 0; a < 3; a++)
    atoms.x[150 + a] += 0.25 * (atoms.x[3 * other + a] - atoms.x[150 + a]);
  start_both(&atoms, pot, MD_NVE, &run[0], &run[1]);
  for (int k = 0; k < 2; k++) {
    run[k]->guard.every = 1000;
    expect_ok(md_run_keep_apart(run[k], charge, 0.85 * PetscSqrtReal(nearest)));
    expect_ok(md_run_advance(run[k], 1, &reason[k], detail[k]));
    assert_int_equal(reason[k], MD_RUNNING);
    expect_ok(md_run_check(run[k], &reason[k], detail[k]));
    assert_int_equal(reason[k], MD_CLOSE_PAIR);
  }
  expect(strstr(detail[1], "atom 51") && strstr(detail[1], "charges of one sign"), detail[1]);
  assert_string_equal(detail[0], detail[1]);
  for (int k = 0; k < 2; k++) expect_ok(md_run_destroy(&run[k]));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
}

/* Two species that are the same; the second beyond half of the cell. */
static md_potential *halves(md_atoms *atoms)
{
  const PetscReal e = SYSTEM_EPSILON, s = SYSTEM_SIGMA;
  const PetscReal epsilon[4] = {e, e, e, e}, sigma[4] = {s, s, s, s};
  md_potential *pot;

  expect_ok(PetscRealloc(2 * sizeof(*atoms->mass), &atoms->mass));
  atoms->mass[1] = atoms->mass[0];
  atoms->nspecies = 2;
  for (PetscInt i = 0; i < atoms->n; i++) atoms->type[i] = atoms->x[3 * i] > 0.5 * atoms->h[0][0];
  expect_ok(md_potential_create_lj(2, epsilon, sigma, 2.0 * s, PETSC_TRUE, &pot));
  return pot;
}

/* The last good configurations of both. */
static void compare_good(const md_run *many, const md_run *one)
{
  PetscInt64 step[2];
  md_atoms good[2];

  expect_ok(md_run_last_good(many, &good[0], &step[0]));
  expect_ok(md_run_last_good(one, &good[1], &step[1]));
  assert_int_equal(step[0], 39);
  assert_int_equal(step[1], 39);
  if (rank == 0) {
    const size_t n3 = 3 * (size_t)good[1].n;

    expect_abs(difference(n3, good[0].x, good[1].x), 0.0, 1e-8 * SYSTEM_SIGMA, "last good");
    assert_memory_equal(good[0].type, good[1].type, (size_t)good[1].n * sizeof(PetscInt));
  }
  for (int k = 0; k < 2; k++) expect_ok(md_atoms_clear(&good[k]));
}

/* A crystal, a slab beside vacuum and a cell of two halves end as on one rank; atoms change ranks
   in between, which carry what guards remember of them. */
static void structure_agrees(void **state)
{
  static const md_reason want[3] = {MD_FROZEN, MD_EVAPORATING, MD_DEMIXED};

  (void)state;
  for (int kind = 0; kind < 3; kind++) {
    md_atoms atoms = lattice((PetscInt[3]){5, 5, 5}, 0.1, kind == 1 ? 0.5 : 1.0);
    md_potential *pot = halves(&atoms);
    const md_guard guard = {.every = 3,
                            .every_structure = 20,
                            .window = 130.0, /* two looks of 80 fs */
                            .stall = 0.3,
                            .order = kind == 0 ? 6.0 : 0.0,
                            .void_atoms = kind == 1 ? 40.0 : 0.0,
                            .segregation = kind == 2 ? 0.3 : 0.0};
    md_run *run[2];
    md_reason reason[2];
    char detail[2][160];

    start_both(&atoms, pot, MD_NVE, &run[0], &run[1]);
    for (int k = 0; k < 2; k++) {
      const md_protocol protocol = system_protocol(MD_NVE);

      expect_ok(md_run_start(run[k], &protocol, &guard));
      expect_ok(md_run_advance(run[k], 80, &reason[k], detail[k]));
    }
    assert_int_equal(reason[1], want[kind]);
    assert_int_equal(reason[0], want[kind]);
    assert_string_equal(detail[0], detail[1]);
    /* voids and segregation are seen at steps 20 and 60, displacements from 0 to 40 */
    assert_int_equal(md_run_step(run[0]), kind == 0 ? 40 : 60);
    if (kind == 0) compare_good(run[0], run[1]);
    for (int k = 0; k < 2; k++) expect_ok(md_run_destroy(&run[k]));
    expect_ok(md_atoms_clear(&atoms));
    expect_ok(md_potential_destroy(&pot));
  }
}

/* With its active set, so that grades are looked at too. */
static md_potential *shipped_potential(void)
{
  const char *path = TEST_SOURCE "/campaigns/potentials/cacl2-kcl-l10.almtp";
  md_mtp_options options = {.kernel = MTP_KERNEL_AUTO};
  mtp_diag diag = {0};
  mtp_potential *mtp;
  md_potential *pot;

  expect_ok(mtp_potential_read(path, &mtp, &diag));
  expect(mtp != NULL, "the shipped potential can be read");
  expect_ok(mtp_selection_parse(mtp, path, &options.selection, &diag));
  expect_ok(mtp_diag_clear(&diag));
  expect_ok(md_potential_create_mtp_with(&mtp, &options, &pot));
  return pot;
}

/* Many-body forces fall on atoms of three ranks. */
static void moment_tensors(void **state)
{
  md_potential *pot = shipped_potential();
  md_atoms atoms = lattice((PetscInt[3]){3, 3, 2}, 0.1, 1.0);
  md_atoms salt;
  md_run *many, *one;

  (void)state;
  expect_ok(md_atoms_create(atoms.n, 3, &salt));
  expect_ok(PetscArraycpy(salt.x, atoms.x, 3 * (size_t)atoms.n));
  expect_ok(PetscArraycpy(&salt.h[0][0], &atoms.h[0][0], 9));
  for (PetscInt i = 0; i < salt.n; i++) salt.type[i] = i % 3;
  for (int t = 0; t < 3; t++) salt.mass[t] = SYSTEM_MASS;
  start_both(&salt, pot, MD_NPT_SCR, &many, &one);
  compare(many, one, 1e-11, "first forces");
  system_advance(many, 10);
  system_advance(one, 10);
  compare(many, one, 1e-10, "ten steps");
  expect_ok(md_run_destroy(&many));
  expect_ok(md_run_destroy(&one));
  expect_ok(md_atoms_clear(&salt));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
}

static int find_ranks(void **state)
{
  (void)state;
  MPI_Comm_size(PETSC_COMM_WORLD, &size);
  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  return 0;
}

/* Ewald sums are over all ions: such runs are for groups of one rank. */
static void one_rank_only(void **state)
{
  const PetscReal charge = 0.0;
  const md_tosi_fumi_pair pair = {.rho = 1.0};
  const md_tosi_fumi_options options = {.nspecies = 1,
                                        .charge = &charge,
                                        .pair = &pair,
                                        .cutoff = 4.0,
                                        .accuracy = MD_TOSI_FUMI_ACCURACY};
  md_atoms atoms = lattice(cells[0].m, 0.0, 1.0);
  md_potential *pot;
  md_run *run;

  (void)state;
  expect_ok(md_potential_create_tosi_fumi(&options, &pot));
  if (size > 1) {
    expect_error(PETSC_ERR_SUP, md_run_create_on(PETSC_COMM_WORLD, &atoms, pot, &run));
  } else {
    expect_ok(md_run_create_on(PETSC_COMM_WORLD, &atoms, pot, &run));
  }
  expect_ok(md_run_destroy(&run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup(one_step, find_ranks),
                                     cmocka_unit_test_setup(a_run, find_ranks),
                                     cmocka_unit_test_setup(checkpoints, find_ranks),
                                     cmocka_unit_test_setup(other_ranks, find_ranks),
                                     cmocka_unit_test_setup(refusal, find_ranks),
                                     cmocka_unit_test_setup(guards_agree, find_ranks),
                                     cmocka_unit_test_setup(force_comes_before_heat, find_ranks),
                                     cmocka_unit_test_setup(pairs_agree, find_ranks),
                                     cmocka_unit_test_setup(ions_agree, find_ranks),
                                     cmocka_unit_test_setup(structure_agrees, find_ranks),
                                     cmocka_unit_test_setup(moment_tensors, find_ranks),
                                     cmocka_unit_test_setup(one_rank_only, find_ranks)};

  return expect_main(argc, argv, help, tests);
}
