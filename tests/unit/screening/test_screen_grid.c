/* tests/unit/screening/test_screen_grid.c */
#include "md/md_units.h"
#include "screening/screen_grid.h"
#include "tests/support/expect.h"

static const char about[] = "Grids: order, whole formula units, keys, stages, tasks\n";

/* CaCl2 and KCl in the species Ca, K, Cl; masses in u. */
static PetscInt cacl2[] = {1, 0, 2}, kcl[] = {0, 1, 1}, nacl[] = {0, 2, 2};
static char species[][4] = {"Ca", "K", "Cl"};
static PetscReal mass[] = {40.078 * MD_ATOMIC_MASS, 39.098 * MD_ATOMIC_MASS,
                           35.45 * MD_ATOMIC_MASS};
static screen_component components[] = {{.name = "CaCl2", .count = cacl2, .mass_u = 110.978},
                                        {.name = "KCl", .count = kcl, .mass_u = 74.548},
                                        {.name = "KCl2", .count = nacl, .mass_u = 149.096}};
static PetscReal fractions[3][4096], temperatures[] = {1100.0, 1150.0}, pressures[] = {0.0, 0.0};
static screen_axis axes[3];

/* A binary with KCl as the balance; fractions of CaCl2 are set by the test. */
static screen_campaign binary(PetscInt nfraction, const PetscReal x[], PetscInt atoms)
{
  screen_campaign c = {.nspecies = 3,
                       .species = species,
                       .mass = mass,
                       .ncomponent = 2,
                       .component = components,
                       .composition = axes,
                       .balance = 1,
                       .atoms = atoms,
                       .temperature = {2, temperatures},
                       .pressure = {1, pressures},
                       .dt = 2.0,
                       .equilibration = 100.0,
                       .production_npt = 200.0,
                       .production_nve = 300.0,
                       .replicas = 2,
                       .tau_t = 100.0,
                       .tau_p = 1000.0,
                       .compressibility = 32.0,
                       .seed = 1,
                       .want_density = PETSC_TRUE,
                       .want_diffusion = PETSC_TRUE,
                       .rdf_rmax = 8.0,
                       .guard = md_guard_default()};

  memset(c.potential_sha256, 'a', 64);
  for (PetscInt i = 0; i < nfraction; i++) fractions[0][i] = x[i];
  axes[0] = (screen_axis){nfraction, fractions[0]};
  axes[1] = axes[2] = (screen_axis){0, NULL};
  return c;
}

static screen_grid *make(const screen_campaign *c)
{
  mtp_diag diag = {0};
  screen_grid *grid;

  expect_ok(screen_grid_create(c, &grid, &diag));
  if (diag.n) fail_msg("%s", diag.text[0]);
  return grid;
}

static void expect_refused(const screen_campaign *c, const char *message)
{
  mtp_diag diag = {0};
  screen_grid *grid;

  expect_ok(screen_grid_create(c, &grid, &diag));
  expect(grid == NULL && diag.n > 0, message);
  assert_string_equal(diag.text[0], message);
  expect_ok(mtp_diag_clear(&diag));
}

static void test_order(void **state)
{
  screen_campaign c = binary(3, (const PetscReal[]){0.0, 0.5, 1.0}, 120);
  screen_grid *grid;
  const screen_point *p;

  (void)state;
  pressures[1] = 1e5 / MD_PRESSURE_PA;
  c.pressure.n = 2;
  grid = make(&c);
  expect(grid->naxis == 3 && grid->npoint == 12, "axes and points");
  assert_string_equal(grid->axis[0].name, "CaCl2");
  assert_string_equal(grid->axis[1].name, "temperature");
  assert_string_equal(grid->axis[2].units, "Pa");
  expect(grid->axis[2].value[1] == 1e5, "1 bar is 100000 Pa, not 99999.99999999999");
  p = &grid->point[7]; /* ((1 * 2) + 1) * 2 + 1 */
  expect(p->index == 7 && p->cell[0] == 1 && p->cell[1] == 1 && p->cell[2] == 1, "C order");
  expect(p->temperature == 1150.0 && p->pressure == pressures[1], "conditions of the cell");
  expect(p->fraction[0] == 0.5 && p->fraction[1] == 0.5, "the balance takes the rest");
  assert_string_equal(p->name, "CaCl2=0.5 T=1150K p=1bar");
  expect(p->natoms == 120 && p->count[0] == 24 && p->count[1] == 24 && p->count[2] == 72, "atoms");
  p = &grid->point[5]; /* ((1 * 2) + 0) * 2 + 1: the pressure runs fastest */
  expect(p->cell[1] == 0 && p->cell[2] == 1 && p->temperature == 1100.0, "C order");
  p = &grid->point[0];
  expect(p->units[0] == 0 && p->units[1] == 60 && p->mole[1] == 1.0, "the pure end of a range");
  expect(grid->point[11].units[1] == 0 && grid->point[11].natoms == 120, "the other pure end");
  expect_ok(screen_grid_destroy(&grid));
  c.pressure.n = 1;
  grid = make(&c);
  assert_string_equal(grid->point[3].name, "CaCl2=0.5 T=1150K");
  expect_ok(screen_grid_destroy(&grid));
}

/* The rule of screen_grid.h, by looking at every pair of numbers of units. */
static void brute_force(PetscReal x, PetscInt wanted, PetscInt best[2])
{
  const PetscReal slack = PetscMax(0.05 * wanted, 3.0);
  PetscReal best_rank[3] = {2.0, 0.0, 0.0};

  for (PetscInt a = 0; 3 * a <= wanted + slack; a++) {
    for (PetscInt b = 0; 3 * a + 2 * b <= wanted + slack; b++) {
      const PetscReal miss = PetscAbsReal((PetscReal)(3 * a + 2 * b - wanted));
      const PetscReal off = a + b ? PetscAbsReal((PetscReal)a / (a + b) - x) : 1.0;
      const PetscBool near = (PetscBool)(off <= 0.001 + 1e-9);
      const PetscReal rank[3] = {near ? 0.0 : 1.0, near ? miss : off, near ? off : miss};

      if (miss > slack || (a == 0) != (x == 0.0) || (b == 0) != (x == 1.0)) continue;
      for (int k = 0; k < 3; k++) {
        if (PetscAbsReal(rank[k] - best_rank[k]) <= 1e-9) continue;
        if (rank[k] < best_rank[k]) {
          memcpy(best_rank, rank, sizeof(rank));
          best[0] = a;
          best[1] = b;
        }
        break;
      }
    }
  }
}

static void test_units(void **state)
{
  static const PetscReal x[] = {0.0, 0.1, 0.282, 1.0 / 3.0, 0.501, 0.737, 0.777, 0.95, 1.0};
  static const PetscInt sizes[] = {30, 64, 100, 101, 232, 500, 832};

  (void)state;
  for (size_t n = 0; n < sizeof(sizes) / sizeof(sizes[0]); n++) {
    for (size_t k = 0; k < sizeof(x) / sizeof(x[0]); k++) {
      screen_campaign c = binary(1, &x[k], sizes[n]);
      screen_grid *grid = make(&c);
      const screen_point *p = &grid->point[0];
      PetscInt best[2] = {-1, -1};

      brute_force(x[k], sizes[n], best);
      if (p->units[0] != best[0] || p->units[1] != best[1]) {
        fail_msg("x = %g, N = %d: got %d and %d units, wanted %d and %d", (double)x[k],
                 (int)sizes[n], (int)p->units[0], (int)p->units[1], (int)best[0], (int)best[1]);
      }
      expect_near(p->mole[0], (double)best[0] / (best[0] + best[1]), 1e-15, "fraction simulated");
      expect_ok(screen_grid_destroy(&grid));
    }
  }
}

/* A large cell: three components, exact fractions, the number of atoms asked for. */
static void test_large(void **state)
{
  screen_campaign c = binary(1, (const PetscReal[]){0.282}, 100000000);
  screen_grid *grid;

  (void)state;
  c.ncomponent = 3;
  c.balance = -1;
  fractions[1][0] = 0.318;
  fractions[2][0] = 0.4;
  axes[1] = (screen_axis){1, fractions[1]};
  axes[2] = (screen_axis){1, fractions[2]};
  grid = make(&c);
  expect(grid->naxis == 5, "three composition axes");
  expect_abs(grid->point[0].natoms, 1e8, 4.0, "within one formula unit");
  for (int k = 0; k < 3; k++) expect_abs(grid->point[0].mole[k], fractions[k][0], 1e-7, "fraction");
  expect_ok(screen_grid_destroy(&grid));
}

/* 50 mass per cent: x = (1/110.978) / (1/110.978 + 1/74.548) = 74.548 / 185.526. */
static void test_mass_fractions(void **state)
{
  screen_campaign c = binary(1, (const PetscReal[]){0.5}, 50000);
  screen_grid *grid;

  (void)state;
  c.fraction = SCREEN_MASS_FRACTION;
  grid = make(&c);
  expect_abs(grid->point[0].mole[0], 74.548 / 185.526, 1e-4, "mole fraction from mass fraction");
  expect(grid->point[0].fraction[0] == 0.5, "the fraction asked for is kept");
  expect_ok(screen_grid_destroy(&grid));
}

static void test_refusals(void **state)
{
  PetscInt counts[] = {8, 4, 20};
  screen_campaign c = binary(2, (const PetscReal[]){0.2, 1.02}, 100);

  (void)state;
  expect_refused(&c, "got fractions that sum to 1.02 (CaCl2=1.02), wanted at most 1");
  c = binary(1, (const PetscReal[]){0.999}, 50);
  expect_refused(&c, "got 50 atoms, too few for whole formula units (CaCl2=0.999), wanted about "
                     "2999 or more");
  c = binary(2, (const PetscReal[]){0.5, 0.5004}, 100);
  expect_refused(&c,
                 "got CaCl2=0.5 and CaCl2=0.5004, the same cell of 100 atoms, wanted more atoms "
                 "or values further apart");
  c = binary(1, (const PetscReal[]){0.5}, 100);
  c.replicas = 600000;
  expect_refused(&c, "got 2 points with 600000 replicas, wanted at most 1000000 replicas in all");
  c = binary(1, (const PetscReal[]){0.5}, 32);
  c.initial = species[0];
  c.initial_count = counts;
  expect_refused(&c, "got a composition (CaCl2=0.5) that 32 atoms cannot have, wanted that of the "
                     "file under 'initial'");
  c = binary(1, (const PetscReal[]){2.0 / 3.0}, 32);
  c.initial = species[0];
  c.initial_count = counts;
  expect_ok(screen_grid_destroy(&(screen_grid *){make(&c)}));
  counts[0] = 7;
  expect_refused(&c,
                 "got a composition with 8 atoms of Ca, wanted 7 as in the file under 'initial'");
}

/* Few messages for many bad compositions. */
static void test_many(void **state)
{
  PetscReal x[20];
  mtp_diag diag = {0};
  screen_campaign c;

  (void)state;
  for (int i = 0; i < 20; i++) x[i] = 1.5 + i;
  c = binary(20, x, 100);
  expect_ok(screen_grid_check(&c, &diag));
  assert_int_equal(diag.n, 6);
  assert_string_equal(diag.text[5], "got 20 compositions like these, wanted none");
  expect_ok(mtp_diag_clear(&diag));
}

static queue_key key_of(const screen_campaign *c)
{
  screen_grid *grid = make(c);
  const queue_key key = grid->point[0].key;

  expect_ok(screen_grid_destroy(&grid));
  return key;
}

static PetscBool same_key(const screen_campaign *a, const screen_campaign *b)
{
  const queue_key p = key_of(a), q = key_of(b);

  return (PetscBool)!memcmp(p.byte, q.byte, sizeof(p.byte));
}

/* Those that a campaign may set; the last one stands for the looks, which are whole numbers. */
static PetscReal *const *limits_of(md_guard *g)
{
  static PetscReal *limit[13], none;
  PetscReal *const all[13] = {
      &g->close_factor, &g->max_move,    &g->max_force, &g->hot_factor, &g->pressure_factor,
      &g->volume_low,   &g->volume_high, &g->drift,     &g->void_atoms, &g->order,
      &g->segregation,  &g->window,      &none};

  memcpy(limit, all, sizeof(all));
  return limit;
}

/* What decides the trajectory is in the key. */
static void test_key_changes(void **state)
{
  const PetscReal half = 0.5;
  const screen_campaign base = binary(1, &half, 100);
  screen_campaign c[13];
  PetscReal hot[] = {1101.0}, high[] = {1e-6}, heavy[] = {mass[0], mass[1], 1.001 * mass[2]};
  char sodium[][4] = {"Ca", "Na", "Cl"};

  (void)state;
  for (int i = 0; i < 13; i++) c[i] = base;
  c[0].temperature = (screen_axis){1, hot};
  c[1].pressure = (screen_axis){1, high};
  c[2].potential_sha256[0] = 'b';
  c[3].dt = 1.0;
  c[4].tau_t = 101.0;
  c[5].tau_p = 1001.0;
  c[6].compressibility = 33.0;
  c[7].seed = 2;
  c[8].density_guess = 1.0;
  c[9].atoms = 150;
  c[10].npt = SCREEN_MTK;
  c[11].shape = MD_UNIAXIAL;
  c[12].nanneal = 1;
  c[12].anneal[0] = (screen_anneal){.length = 1e5, .to = SCREEN_POINT_TEMPERATURE};
  for (int i = 0; i < 13; i++)
    expect(!same_key(&base, &c[i]), "a change of physics is a new point");
  c[0] = base;
  c[0].mass = heavy;
  expect(!same_key(&base, &c[0]), "masses");
  c[0] = base;
  c[0].species = sodium;
  expect(!same_key(&base, &c[0]), "elements");
  c[0] = c[1] = base;
  c[0].has_active_set = c[1].has_active_set = PETSC_TRUE;
  c[1].grade_break = 12.0;
  expect(!same_key(&c[0], &c[1]), "the grade that ends a replica, where there are grades");
  for (int k = 0; k < 13; k++) {
    c[0] = base;
    *limits_of(&c[0].guard)[k] *= 0.5;
    if (k == 12) c[0].guard.every_structure = 250;
    expect(!same_key(&base, &c[0]), "limits of guards");
  }
  c[0] = base;
  c[0].guard.every = 100;
  expect(!same_key(&base, &c[0]), "how often guards look");
}

/* What does not decide it is not. */
static void test_key_stays(void **state)
{
  const PetscReal half = 0.5;
  const screen_campaign base = binary(1, &half, 100);
  screen_campaign c = base;
  screen_component renamed[] = {{.name = "Salt", .count = cacl2, .mass_u = 110.978},
                                {.name = "KCl", .count = kcl, .mass_u = 74.548}};

  (void)state;
  snprintf(c.name, sizeof(c.name), "other");
  c.component = renamed;
  c.equilibration = 999.0;
  c.production_npt = c.production_nve = 5000.0;
  c.replicas = 7;
  c.trajectory = 10.0;
  c.want_structure = c.want_potential_energy = PETSC_TRUE;
  c.want_diffusion = PETSC_FALSE;
  c.atoms = 101; /* gives the same cell */
  c.rescaling = 1000.0;
  c.grade_break = c.grade_save = 3.0; /* nothing to watch without an active set */
  expect(same_key(&base, &c), "names, lengths, replicas and properties are not in the key");
}

/* Inserting a value leaves the keys of the others. */
static void test_key_grows(void **state)
{
  screen_campaign c = binary(2, (const PetscReal[]){0.25, 0.75}, 100);
  screen_grid *before = make(&c), *after;

  (void)state;
  c = binary(3, (const PetscReal[]){0.25, 0.5, 0.75}, 100);
  after = make(&c);
  expect(!memcmp(&before->point[2].key, &after->point[4].key, sizeof(queue_key)),
         "CaCl2=0.75 T=1100K is the same point in both grids");
  for (PetscInt i = 1; i < after->npoint; i++) {
    expect(memcmp(&after->point[i].key, &after->point[0].key, sizeof(queue_key)) != 0, "distinct");
  }
  expect_ok(screen_grid_destroy(&before));
  expect_ok(screen_grid_destroy(&after));
}

static void test_steps(void **state)
{
  const PetscReal half = 0.5;
  screen_campaign c = binary(1, &half, 100);

  (void)state;
  expect(screen_stage_steps(&c, SCREEN_EQUILIBRATION) == 50, "100 fs of 2 fs");
  expect(screen_stage_steps(&c, SCREEN_NPT) == 100 && screen_stage_steps(&c, SCREEN_NVE) == 150,
         "");
  c.production_npt = 200.9;
  expect(screen_stage_steps(&c, SCREEN_NPT) == 100, "rounded down");
  c.production_npt = 201.1;
  expect(screen_stage_steps(&c, SCREEN_NPT) == 101, "rounded up");
  c.production_npt = 0.1;
  expect(screen_stage_steps(&c, SCREEN_NPT) == 1, "at least one step");
  c.want_density = PETSC_FALSE;
  expect(screen_stage_steps(&c, SCREEN_NPT) == 0, "no property needs it");
  c.want_diffusion = PETSC_FALSE;
  expect(screen_stage_steps(&c, SCREEN_NVE) == 0, "no property needs it");
  c.want_potential_energy = PETSC_TRUE;
  expect(screen_stage_steps(&c, SCREEN_NPT) == 1 && screen_stage_steps(&c, SCREEN_NVE) == 0,
         "potential energy is taken from NPT");
  c.production_npt = 0.0;
  expect(screen_stage_steps(&c, SCREEN_NVE) == 150, "or from NVE where there is no NPT");
}

static void test_origins(void **state)
{
  const PetscReal half = 0.5;
  const screen_campaign base = binary(1, &half, 100);
  const int64_t eq = screen_stage_origin(&base, SCREEN_EQUILIBRATION);
  const int64_t npt = screen_stage_origin(&base, SCREEN_NPT);
  const int64_t nve = screen_stage_origin(&base, SCREEN_NVE);
  screen_campaign c = base;

  (void)state;
  expect(eq != npt && npt != nve && eq != nve && eq >= 0 && npt >= 0 && nve >= 0, "distinct");
  c.production_nve = 900.0;
  expect(screen_stage_origin(&c, SCREEN_NVE) == nve, "a stage may grow");
  c.production_npt = 900.0;
  expect(screen_stage_origin(&c, SCREEN_NPT) == npt, "a stage may grow");
  expect(screen_stage_origin(&c, SCREEN_NVE) != nve, "but then what follows starts elsewhere");
  c = base;
  c.equilibration = 900.0;
  expect(screen_stage_origin(&c, SCREEN_EQUILIBRATION) == eq, "the first stage may grow");
  expect(screen_stage_origin(&c, SCREEN_NPT) != npt && screen_stage_origin(&c, SCREEN_NVE) != nve,
         "what follows starts elsewhere");
  c = base;
  c.want_structure = PETSC_TRUE;
  expect(screen_stage_origin(&c, SCREEN_NPT) != npt, "a record without g(r) cannot give it");
  expect(screen_stage_origin(&c, SCREEN_NVE) == nve, "watching does not change the trajectory");
  c = base;
  c.rescaling = 1000.0;
  expect(screen_stage_origin(&c, SCREEN_NVE) != nve, "a thermostat in the NVE production");
  expect(screen_stage_origin(&c, SCREEN_NPT) == npt, "does not touch what comes before");
}

/* A record without block means cannot give them; one that has them serves all who want the same. */
static void test_origins_of_streams(void **state)
{
  const PetscReal half = 0.5;
  const screen_campaign base = binary(1, &half, 100);
  screen_campaign c = base;
  int64_t npt = screen_stage_origin(&c, SCREEN_NPT), nve = screen_stage_origin(&c, SCREEN_NVE);

  (void)state;
  c.want_heat_capacity = PETSC_TRUE;
  expect(screen_stage_origin(&c, SCREEN_NPT) == npt, "density has the same ones");
  c.want_viscosity = PETSC_TRUE;
  expect(screen_stage_origin(&c, SCREEN_NPT) == npt, "those of NVE are not in NPT");
  expect(screen_stage_origin(&c, SCREEN_NVE) != nve, "diffusion has none");
  nve = screen_stage_origin(&c, SCREEN_NVE);
  c.want_ionic_conductivity = PETSC_TRUE;
  expect(screen_stage_origin(&c, SCREEN_NVE) == nve, "viscosity has those of conductivity");
  c.want_thermal_conductivity = PETSC_TRUE;
  expect(screen_stage_origin(&c, SCREEN_NVE) != nve, "but no heat current");
  c = base;
  c.want_density = PETSC_FALSE;
  c.want_structure = PETSC_TRUE;
  npt = screen_stage_origin(&c, SCREEN_NPT);
  c.want_heat_capacity = PETSC_TRUE;
  expect(screen_stage_origin(&c, SCREEN_NPT) != npt, "structure has none");
}

/* Journals grow slowly also where a state is large: 20 channels of 32768 blocks are 5.2 MB. */
static void test_segments(void **state)
{
  const PetscReal half = 0.5;
  screen_campaign c = binary(1, &half, 100);
  double seconds;

  (void)state;
  expect_abs(screen_segment_seconds(&c, SCREEN_NVE, 1 << 30, 20.0), 20.0, 0.0, "no block means");
  c.want_thermal_conductivity = PETSC_TRUE;
  expect_abs(screen_segment_seconds(&c, SCREEN_NVE, 1000, 20.0), 20.0, 0.0, "few block means");
  expect_abs(screen_stage_series_bytes(&c, SCREEN_NVE, 1000), 8.0 * 20 * 200, 0.0,
             "5 samples of 2 fs in a block, 20 channels of three species");
  seconds = screen_segment_seconds(&c, SCREEN_NVE, 1 << 30, 20.0);
  expect(seconds > 52.0 && seconds < 105.0, "half of the blocks to all of them");
  expect_abs(screen_segment_seconds(&c, SCREEN_EQUILIBRATION, 1 << 30, 20.0), 20.0, 0.0, "nothing");
}

static void test_tasks(void **state)
{
  const PetscReal half = 0.5, cost[] = {0.25, 0.5};
  screen_campaign c = binary(1, &half, 100);
  screen_grid *grid = make(&c);
  queue_task_spec *spec;
  PetscInt n;

  (void)state;
  expect_ok(screen_grid_tasks(&c, grid, cost, &n, &spec));
  assert_int_equal(n, 2 * 2 * 3);
  for (PetscInt i = 0; i < n; i++) {
    const screen_stage stage = (screen_stage)(i % 3);

    expect(spec[i].point == i / 6 && spec[i].replica == i / 3 % 2 && spec[i].stage == i % 3,
           "order");
    expect(spec[i].cost == cost[i / 6] && spec[i].total == screen_stage_steps(&c, stage), "work");
    expect(spec[i].origin == screen_stage_origin(&c, stage), "origin");
    expect(!memcmp(&spec[i].key, &grid->point[i / 6].key, sizeof(queue_key)), "key");
    expect(screen_grid_stage(&c, spec[i].stage) == stage, "stage of a number");
  }
  expect_ok(PetscFree(spec));
  c.want_density = PETSC_FALSE; /* NPT is not run: stage 1 is NVE */
  expect_ok(screen_grid_tasks(&c, grid, cost, &n, &spec));
  expect(n == 8 && spec[1].stage == 1 && spec[1].total == 150, "numbers have no gaps");
  expect(screen_grid_stage(&c, 1) == SCREEN_NVE && screen_grid_stage(&c, 2) == SCREEN_NSTAGE, "");
  assert_string_equal(screen_stage_name(SCREEN_NVE), "nve");
  expect_ok(PetscFree(spec));
  expect_ok(screen_grid_destroy(&grid));
}

/* A committee of those of these hashes. */
static screen_campaign committee(PetscInt n, const char *first, screen_member member[])
{
  const PetscReal half = 0.5;
  screen_campaign c = binary(1, &half, 100);

  memset(member, 0, (size_t)n * sizeof(*member));
  for (PetscInt m = 0; m < n; m++) {
    snprintf(member[m].name, sizeof(member[m].name), "p%c", first[m]);
    memset(member[m].sha256, first[m], 64);
    member[m].sha256[64] = '\0';
    member[m].has_active_set = (PetscBool)(first[m] == 'c');
  }
  memset(c.potential_sha256, first[0], 64);
  c.grade_break = 11.0;
  c.nmember = n;
  c.member = member;
  return c;
}

/* A member's key hangs on its own file, wherever it stands in the list. */
static void test_committee_keys(void **state)
{
  const PetscReal half = 0.5;
  screen_member of_two[2], of_three[3];
  screen_campaign one = binary(1, &half, 100), two = committee(2, "ab", of_two),
                  three = committee(3, "bca", of_three);
  screen_grid *g1, *g2, *g3;

  (void)state;
  one.temperature = (screen_axis){2, temperatures};
  g1 = make(&one);
  two.temperature = three.temperature = one.temperature;
  g2 = make(&two);
  g3 = make(&three);
  for (PetscInt p = 0; p < 2; p++) {
    const queue_key *a = &screen_grid_member(g2, 0)[p].key, *b = &screen_grid_member(g2, 1)[p].key;

    expect(!memcmp(a, &g1->point[p].key, sizeof(*a)), "the first has the keys of its file alone");
    expect(memcmp(a, b, sizeof(*a)) != 0, "the second has others");
    expect(!memcmp(a, &screen_grid_member(g3, 2)[p].key, sizeof(*a)), "a in another committee");
    expect(!memcmp(b, &screen_grid_member(g3, 0)[p].key, sizeof(*a)), "b in another committee");
    expect(screen_grid_member(g3, 1)[p].member == 1 && screen_grid_member(g3, 1)[p].index == p,
           "member and point");
  }
  of_three[1].has_active_set = PETSC_FALSE;
  expect_ok(screen_grid_destroy(&g2));
  g2 = make(&three);
  expect(memcmp(&screen_grid_member(g2, 1)->key, &screen_grid_member(g3, 1)->key,
                sizeof(queue_key)) != 0 &&
             !memcmp(&g2->point->key, &g3->point->key, sizeof(queue_key)),
         "an active set is the member's own");
  assert_string_equal(g3->point[0].name, g1->point[0].name);
  assert_string_equal(screen_grid_member(g3, 1)[1].name, "CaCl2=0.5 T=1150K [pc]");
  expect_ok(screen_grid_destroy(&g1));
  expect_ok(screen_grid_destroy(&g2));
  expect_ok(screen_grid_destroy(&g3));
}

/* Point by point, member by member, replica by replica; a task knows its member. */
static void test_committee_tasks(void **state)
{
  const PetscReal cost[] = {0.25, 0.5};
  screen_member member[3];
  screen_campaign c = committee(3, "abc", member);
  screen_grid *grid;
  queue_task_spec *spec;
  PetscInt n;

  (void)state;
  c.temperature = (screen_axis){2, temperatures};
  grid = make(&c);
  expect_ok(screen_grid_tasks(&c, grid, cost, &n, &spec));
  assert_int_equal(n, 2 * 3 * 2 * 3);
  for (PetscInt i = 0; i < n; i++) {
    const screen_point *point = screen_grid_point(grid, &spec[i]);

    expect(spec[i].point == i / 18 && spec[i].replica == i / 3 % 2 && spec[i].stage == i % 3,
           "order");
    expect(point->index == i / 18 && point->member == i / 6 % 3, "the member's point");
    expect(!memcmp(&spec[i].key, &point->key, sizeof(queue_key)), "its key");
  }
  expect_ok(PetscFree(spec));
  expect_ok(screen_grid_destroy(&grid));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_order),          cmocka_unit_test(test_units),
      cmocka_unit_test(test_large),          cmocka_unit_test(test_mass_fractions),
      cmocka_unit_test(test_refusals),       cmocka_unit_test(test_many),
      cmocka_unit_test(test_key_changes),    cmocka_unit_test(test_key_stays),
      cmocka_unit_test(test_key_grows),      cmocka_unit_test(test_steps),
      cmocka_unit_test(test_origins),        cmocka_unit_test(test_origins_of_streams),
      cmocka_unit_test(test_segments),       cmocka_unit_test(test_tasks),
      cmocka_unit_test(test_committee_keys), cmocka_unit_test(test_committee_tasks),
  };

  return expect_main(argc, argv, about, tests);
}
