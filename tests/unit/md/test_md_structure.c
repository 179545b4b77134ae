/* tests/unit/md/test_md_structure.c */
#include "tests/support/expect.h"
#include "tests/support/md_systems.h"
#include "tests/support/random.h"

#include "md/md_run_impl.h"

static const char help[] = "What guards measure: order, voids, segregation, displacements\n";

/* Three species without interaction; the list reaches `cutoff`. */
static md_potential *ideal(PetscReal cutoff)
{
  const PetscReal epsilon[9] = {0.0}, sigma[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
  md_potential *pot;

  expect_ok(md_potential_create_lj(3, epsilon, sigma, cutoff, PETSC_FALSE, &pot));
  return pot;
}

/* A started run at rest, without forces, of atoms that are given up. */
static md_run *still_run(md_atoms *atoms, const md_potential *pot)
{
  const md_guard guard = system_no_guard();
  const md_protocol protocol = system_protocol(MD_NVE);
  md_run *run;

  expect_ok(md_run_create(atoms, pot, &run));
  expect_ok(md_atoms_clear(atoms));
  expect_ok(md_run_start(run, &protocol, &guard));
  return run;
}

/* The same crystal turned by a rotation of rows (1 2 2) (2 1 -2) (2 -2 1) / 3 and reflected. */
static void turn(md_atoms *atoms)
{
  static const PetscReal r[3][3] = {
      {1 / 3., 2 / 3., 2 / 3.}, {2 / 3., 1 / 3., -2 / 3.}, {2 / 3., -2 / 3., 1 / 3.}};

  for (PetscInt i = -3; i < atoms->n; i++) {
    PetscReal *x = i < 0 ? atoms->h[i + 3] : &atoms->x[3 * i], y[3] = {0.0};

    for (int a = 0; a < 3; a++) {
      for (int b = 0; b < 3; b++) y[a] += r[a][b] * x[b];
    }
    memcpy(x, y, sizeof(y));
  }
}

/* m^3 atoms of a simple lattice of edge 3, with a second atom in the middle of each cube or not. */
static md_atoms cubic(PetscInt m, PetscBool centred)
{
  const PetscInt per = centred ? 2 : 1;
  md_atoms atoms;

  expect_ok(md_atoms_create(per * m * m * m, 1, &atoms));
  atoms.mass[0] = SYSTEM_MASS;
  for (int k = 0; k < 3; k++) atoms.h[k][k] = 3.0 * (PetscReal)m;
  for (PetscInt i = 0; i < atoms.n; i++) {
    const PetscInt c = i / per, cell[3] = {c % m, c / m % m, c / m / m};

    for (int k = 0; k < 3; k++) atoms.x[3 * i + k] = 3.0 * ((PetscReal)cell[k] + 0.5 * (i % per));
  }
  return atoms;
}

static double legendre(int l, double z)
{
  double before = 1.0, now = z;

  for (int k = 1; k < l; k++) {
    const double next = ((2 * k + 1) * z * now - k * before) / (k + 1);

    before = now;
    now = next;
  }
  return now;
}

/* By the addition theorem: Q_l^2 is the mean of P_l(cos) over all pairs of bonds. */
static double brute_order(const md_run *run, int l)
{
  enum { MOST = 4000 };
  static double u[MOST][3];
  const double reach = 1.35 * md__spacing(run);
  double sum = 0.0;
  int n = 0;

  for (PetscInt i = 0; i < run->nb.nlocal; i++) {
    for (PetscInt k = run->nb.first[i]; k < run->nb.first[i + 1]; k++) {
      const PetscReal *x = &run->nb.x[3 * i], *y = &run->nb.x[3 * run->nb.index[k]];
      const double r = sqrt(pow(y[0] - x[0], 2) + pow(y[1] - x[1], 2) + pow(y[2] - x[2], 2));

      if (r >= reach) continue;
      assert_true(n < MOST);
      for (int a = 0; a < 3; a++) u[n][a] = (y[a] - x[a]) / r;
      n++;
    }
  }
  for (int b = 0; b < n; b++) {
    for (int c = 0; c < n; c++)
      sum += legendre(l, u[b][0] * u[c][0] + u[b][1] * u[c][1] + u[b][2] * u[c][2]);
  }
  return sqrt(sum) / n;
}

/* fcc has 12 neighbours, sc 6, bcc 8 + 6; known in closed form are fcc and sc. */
static void test_bond_order_of_crystals(void **state)
{
  const double exact[2][2] = {{sqrt(7.0 / 192.0), sqrt(169.0 / 512.0)},
                              {sqrt(7.0 / 12.0), sqrt(1.0 / 8.0)}};
  md_potential *pot = ideal(6.5);

  (void)state;
  for (int kind = 0; kind < 3; kind++) {
    for (int turned = 0; turned < 2; turned++) {
      md_atoms atoms = kind == 0 ? system_fcc(3, 0.9) : cubic(4, (PetscBool)(kind == 2));
      PetscReal q[2];
      md_run *run;

      if (turned) turn(&atoms);
      run = still_run(&atoms, pot);
      expect_ok(md__bond_order(run, q));
      for (int k = 0; k < 2; k++) {
        expect_abs(q[k], brute_order(run, 4 + 2 * k), 1e-9, "Q by the addition theorem");
        if (kind < 2) expect_abs(q[k], exact[kind][k], 1e-12, "Q of the lattice");
      }
      expect_ok(md_run_destroy(&run));
    }
  }
  expect_ok(md_potential_destroy(&pot));
}

/* Uniform in a skewed cell of unit density. */
static md_atoms random_gas(PetscInt n, PetscInt nspecies, random_stream *dice)
{
  const PetscReal edge = cbrt((double)n);
  md_atoms atoms;

  expect_ok(md_atoms_create(n, nspecies, &atoms));
  for (PetscInt t = 0; t < nspecies; t++) atoms.mass[t] = SYSTEM_MASS;
  for (int k = 0; k < 3; k++) atoms.h[k][k] = edge;
  atoms.h[1][0] = 0.4 * edge;
  atoms.h[2][0] = -0.3 * edge;
  atoms.h[2][1] = 0.35 * edge;
  for (PetscInt i = 0; i < n; i++) {
    for (int a = 0; a < 3; a++) {
      const double s = random_uniform(dice);

      for (int k = 0; k < 3; k++) atoms.x[3 * i + k] += s * atoms.h[a][k];
    }
    for (int k = 0; k < 3; k++) atoms.x[3 * i + k] += (double)(i % 5 - 2) * atoms.h[i % 3][k];
  }
  return atoms;
}

/* No order: Q_l^2 is 1/bonds in the mean, every pair counted once, and 2l+1 squares of normal
   numbers make it up: a relative deviation of sqrt(2/(2l+1)) each, 5 standard errors allowed. */
static void test_bond_order_of_a_gas(void **state)
{
  enum { SAMPLES = 200 };
  md_potential *pot = ideal(1.5);
  random_stream dice = {11};
  double mean[2] = {0.0, 0.0};

  (void)state;
  for (int k = 0; k < SAMPLES; k++) {
    md_atoms atoms = random_gas(64, 1, &dice);
    md_run *run = still_run(&atoms, pot);
    const double bonds = 64.0 * 63.0 / 2.0 * 4.0 / 3.0 * PETSC_PI * pow(1.35, 3) / 64.0;
    PetscReal q[2];

    expect_ok(md__bond_order(run, q));
    if (k < 3) expect_abs(q[1], brute_order(run, 6), 1e-9, "Q6 by the addition theorem");
    for (int l = 0; l < 2; l++) mean[l] += q[l] * q[l] * bonds / SAMPLES;
    expect_ok(md_run_destroy(&run));
  }
  expect_abs(mean[0], 1.0, 5.0 * sqrt(2.0 / 9.0 / SAMPLES), "Q4^2 x bonds");
  expect_abs(mean[1], 1.0, 5.0 * sqrt(2.0 / 13.0 / SAMPLES), "Q6^2 x bonds");
  expect_ok(md_potential_destroy(&pot));
}

/* Atoms within the radius of a place, all images looked at. */
static int brute_count(const md_atoms *atoms, const double place[3], double radius)
{
  int count = 0;

  for (PetscInt i = 0; i < atoms->n; i++) {
    double s[3];

    /* lower triangular cell */
    for (int a = 2; a >= 0; a--) {
      s[a] = atoms->x[3 * i + a] - place[a];
      for (int b = a + 1; b < 3; b++) s[a] -= s[b] * atoms->h[b][a];
      s[a] /= atoms->h[a][a];
    }
    for (int code = 0; code < 343; code++) {
      const int n[3] = {code / 49 - 3, code / 7 % 7 - 3, code % 7 - 3};
      double d2 = 0.0;

      for (int k = 0; k < 3; k++) {
        double d = 0.0;

        for (int a = 0; a < 3; a++) d += (s[a] - floor(s[a]) + n[a]) * atoms->h[a][k];
        d2 += d * d;
      }
      count += d2 < radius * radius;
    }
  }
  return count;
}

/* Spheres around the points that the grid has: n of them along each vector. */
static double brute_rarest(const md_atoms *atoms, double radius, const int n[3])
{
  int least = INT_MAX;

  for (int p = 0; p < n[0] * n[1] * n[2]; p++) {
    const int at[3] = {p / n[2] / n[1], p / n[2] % n[1], p % n[2]};
    double place[3] = {0.0, 0.0, 0.0};
    int count;

    for (int a = 0; a < 3; a++) {
      for (int k = 0; k < 3; k++) place[k] += atoms->h[a][k] * at[a] / n[a];
    }
    count = brute_count(atoms, place, radius);
    if (count < least) least = count;
  }
  return least;
}

static void test_rarest_sphere(void **state)
{
  md_potential *pot = ideal(1.5);
  random_stream dice = {12};

  (void)state;
  for (int k = 0; k < 6; k++) {
    const double radius = (const double[]){0.5, 0.9, 1.2, 1.5, 2.1, 3.9}[k];
    md_atoms atoms = random_gas(60, 1, &dice), copy;
    PetscReal atoms_there;
    double rarest;
    md_run *run;
    int n[3];

    expect_ok(md_atoms_copy(&atoms, &copy));
    run = still_run(&atoms, pot);
    for (int a = 0; a < 3; a++) {
      const PetscReal *u = copy.h[(a + 1) % 3], *v = copy.h[(a + 2) % 3];
      const double area =
          sqrt(pow(u[1] * v[2] - u[2] * v[1], 2) + pow(u[2] * v[0] - u[0] * v[2], 2) +
               pow(u[0] * v[1] - u[1] * v[0], 2));

      n[a] = (int)ceil(60.0 / area / (radius / 3.0));
    }
    rarest = brute_rarest(&copy, radius, n);
    expect_ok(md__rarest(run, radius, PETSC_MAX_REAL, &atoms_there));
    expect_abs(atoms_there, rarest, 0.0, "atoms in the rarest sphere");
    expect_ok(md__rarest(run, radius, rarest + 0.5, &atoms_there));
    expect_abs(atoms_there, rarest, 0.0, "the only spheres that have less");
    expect_ok(md__rarest(run, radius, rarest, &atoms_there));
    expect(atoms_there == rarest, "no sphere has less");
    for (int k2 = 1; k2 < 10; k2++) {
      expect_ok(md__rarest(run, radius, 0.1 * k2 * rarest, &atoms_there));
      expect(atoms_there >= 0.1 * k2 * rarest && atoms_there <= rarest, "a bound");
    }
    expect_ok(md_run_destroy(&run));
    expect_ok(md_atoms_clear(&copy));
  }
  expect_ok(md_potential_destroy(&pot));
}

/* A fine lattice of atoms all around a sphere that has none, which touches it everywhere: no cell
   that the bound takes may reach out of the sphere. */
static void test_empty_sphere(void **state)
{
  enum { M = 36 };
  const double radius = 6.0;
  md_potential *pot = ideal(1.5);
  random_stream dice = {15};
  md_atoms gas = random_gas(M * M * M, 1, &dice), atoms;
  const double nothing[3] = {0.0, 0.0, 0.0};
  PetscReal least;
  md_run *run;

  (void)state;
  expect_ok(md_atoms_copy(&gas, &atoms));
  atoms.n = 0;
  for (int i = 0; i < M * M * M; i++) {
    const int at[3] = {i % M, i / M % M, i / M / M};
    const double s[3] = {(at[0] + 0.5) / M, (at[1] + 0.5) / M, (at[2] + 0.5) / M};

    gas.n = 1;
    for (int k = 0; k < 3; k++)
      gas.x[k] = s[0] * gas.h[0][k] + s[1] * gas.h[1][k] + s[2] * gas.h[2][k];
    if (brute_count(&gas, nothing, radius)) continue;
    memcpy(&atoms.x[3 * atoms.n], gas.x, 3 * sizeof(PetscReal));
    atoms.id[atoms.n] = atoms.n;
    atoms.n++;
  }
  expect_ok(md_atoms_clear(&gas));
  run = still_run(&atoms, pot);
  expect_ok(md__rarest(run, radius, 1.0, &least));
  expect_abs(least, 0.0, 0.0, "atoms in the empty sphere");
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
}

/* Species dealt out at random: the mean index is 0 whatever the shares and wherever the atoms are,
   with the scatter of chi square.  Few enough of each species that waves do not count. */
static void test_segregation_at_random(void **state)
{
  enum { N = 400, SAMPLES = 1000 };
  md_potential *pot = ideal(1.5);
  random_stream dice = {13};
  double mean[3] = {0.0}, square[3] = {0.0};

  (void)state;
  for (int k = 0; k < SAMPLES; k++) {
    md_atoms atoms = random_gas(N, 3, &dice);
    PetscReal index[3];
    PetscBool told;
    md_run *run;

    for (PetscInt i = 0; i < N; i++) atoms.type[i] = i < 40 ? 0 : i < 100 ? 1 : 2;
    run = still_run(&atoms, pot);
    expect_ok(md__segregation(run, index, &told));
    assert_true(told);
    for (int t = 0; t < 3; t++) {
      mean[t] += index[t] / SAMPLES;
      square[t] += index[t] * index[t] / SAMPLES;
      expect(index[t] < 0.15, "nothing random comes near the limit");
    }
    expect_ok(md_run_destroy(&run));
  }
  for (int t = 0; t < 3; t++) {
    const double error = sqrt((square[t] - mean[t] * mean[t]) / SAMPLES);

    expect_abs(mean[t], 0.0, 5.0 * error, "mean index");
    expect_abs(sqrt(square[t]), sqrt(2.0 * 26.0) / (N - 26), 0.005, "scatter of chi square");
  }
  expect_ok(md_potential_destroy(&pot));
}

/* The lower third of the cell for one species: every sub-cell is pure. A slab anywhere, along z,
   y and the diagonal between them: the waves see it. */
static void test_segregation_apart(void **state)
{
  md_potential *pot = ideal(1.5);
  random_stream dice = {14};

  (void)state;
  for (int shift = 0; shift < 5; shift++) {
    md_atoms atoms = random_gas(800, 2, &dice);
    PetscReal index[2];
    PetscBool told;
    md_run *run;

    for (PetscInt i = 0; i < atoms.n; i++) {
      const double *x = &atoms.x[3 * i], z = x[2] / atoms.h[2][2];
      const double y = (x[1] - z * atoms.h[2][1]) / atoms.h[1][1];
      const double s = (shift % 2 ? y : z) + (shift == 4 ? y : 0.0) + 0.1 * shift;

      atoms.type[i] = s - floor(s) < 1.0 / 3.0;
    }
    run = still_run(&atoms, pot);
    expect_ok(md__segregation(run, index, &told));
    assert_true(told);
    if (shift == 0) expect_abs(index[1], 1.0, 1e-12, "pure sub-cells");
    for (int t = 0; t < 2; t++) expect(index[t] > 0.8 && index[t] < 1.3, "a slab");
    expect_ok(md_run_destroy(&run));
  }
  expect_ok(md_potential_destroy(&pot));
}

/* What plans say of small cells: the number of atoms from which on demixing is told. */
static void test_least(void **state)
{
  md_guard guard = md_guard_default();
  md_potential *pot = ideal(1.5);
  random_stream dice = {16};
  PetscInt voids, demixing;

  (void)state;
  md_guard_least(&guard, &voids, &demixing);
  assert_int_equal(voids, 120);
  for (PetscInt n = demixing - 1; n <= demixing; n++) {
    md_atoms atoms = random_gas(n, 2, &dice);
    PetscReal index[2];
    PetscBool told;
    md_run *run;

    for (int a = 0; a < 3; a++) { /* a cube */
      for (int k = 0; k < 3; k++) atoms.h[a][k] = a == k ? cbrt((double)n) : 0.0;
    }
    for (PetscInt i = 0; i < n; i++) atoms.type[i] = i % 2;
    run = still_run(&atoms, pot);
    expect_ok(md__segregation(run, index, &told));
    assert_int_equal(told, n == demixing);
    expect_ok(md_run_destroy(&run));
  }
  guard.void_atoms = guard.segregation = 0.0;
  md_guard_least(&guard, &voids, &demixing);
  assert_true(voids == 0 && demixing == 0);
  expect_ok(md_potential_destroy(&pot));
}

/* One species, or too few atoms for 27 sub-cells of 12. */
static void test_segregation_is_not_told(void **state)
{
  md_potential *pot = ideal(1.5);
  random_stream dice = {15};

  (void)state;
  for (int k = 0; k < 3; k++) {
    md_atoms atoms = random_gas(k == 1 ? 323 : 324, k == 0 ? 1 : 2, &dice);
    PetscReal index[2];
    PetscBool told;
    md_run *run;

    for (int a = 0; a < 3; a++) { /* a cube: three sub-cells each way */
      for (int b = 0; b < a; b++) atoms.h[a][b] = 0.0;
    }
    run = still_run(&atoms, pot);
    expect_ok(md__segregation(run, index, &told));
    assert_int_equal(told, k == 2);
    expect_ok(md_run_destroy(&run));
  }
  expect_ok(md_potential_destroy(&pot));
}

static void test_displacement(void **state)
{
  md_potential *pot = ideal(1.5);
  random_stream dice = {16};
  md_atoms atoms = random_gas(50, 3, &dice);
  PetscReal square[3];
  md_run *run;

  (void)state;
  for (PetscInt i = 0; i < 50; i++) atoms.type[i] = i < 10;
  run = still_run(&atoms, pot);
  /* the whole system moves, and the cell grows by 3 % and is sheared */
  for (PetscInt i = -3; i < 50; i++) {
    PetscReal *x = i < 0 ? run->atoms.h[i + 3] : &run->atoms.x[3 * i];

    for (int k = 0; k < 3; k++) x[k] *= 1.03;
    x[0] += 0.1 * x[2];
    if (i >= 0) x[1] += 7.0;
  }
  expect_ok(md__displacement(run, square));
  expect_abs(square[0], 0.0, 1e-24, "nobody has moved");
  expect_abs(square[1], 0.0, 1e-24, "nobody has moved");
  expect(square[2] == PETSC_MAX_REAL, "a species of no atoms");
  /* one atom of ten by 2, so that the mean of all 50 is 2/50 */
  run->atoms.x[3 * 4] += 2.0;
  expect_ok(md__displacement(run, square));
  expect_abs(square[0], pow(0.04, 2), 1e-14, "those who stand still");
  expect_abs(square[1], (pow(1.96, 2) + 9.0 * pow(0.04, 2)) / 10.0, 1e-14, "those who move");
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_bond_order_of_crystals),
      cmocka_unit_test(test_bond_order_of_a_gas),
      cmocka_unit_test(test_rarest_sphere),
      cmocka_unit_test(test_empty_sphere),
      cmocka_unit_test(test_least),
      cmocka_unit_test(test_segregation_at_random),
      cmocka_unit_test(test_segregation_apart),
      cmocka_unit_test(test_segregation_is_not_told),
      cmocka_unit_test(test_displacement),
  };
  return expect_main(argc, argv, help, tests);
}
