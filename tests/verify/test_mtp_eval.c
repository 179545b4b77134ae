/* tests/verify/test_mtp_eval.c - the reference kernel against what must hold for any such function
 *
 * Forces and virials are derivatives (central differences, error falling as h^2), everything goes
 * to zero at the cut-off with its derivative, turning, moving and renumbering a structure changes
 * nothing else, a cell may be smaller than the cut-off, per-atom virials are what DESIGN says, and
 * a potential small enough for a formula on paper gives that formula.
 *
 * Tolerances of comparisons in exact arithmetic are 1e-11 of the size of the numbers: sums of some
 * 1000 terms of which the largest are about 100 times the result, so 1e-16 * 1e2 * sqrt(1e3) =
 * 3e-13 is expected; measured differences are below 2e-13.
 */
#include "mtp/mtp_potential.h"
#include "tests/support/expect.h"

static const char help[] = "Moment tensor potentials: derivatives, invariance, cut-off\n";

enum { MAX_ATOMS = 16, MAX_ALL = 4096 };

/* A structure with everything the kernel says about it, ghosts folded. */
typedef struct {
  PetscInt n, nperiodic;
  PetscReal h[3][3], x[3 * MAX_ATOMS];
  PetscInt type[MAX_ATOMS];
  PetscReal energy, virial[9];
  PetscReal site[MAX_ATOMS], force[3 * MAX_ATOMS], atom_virial[9 * MAX_ATOMS];
} structure;

static PetscReal uniform(uint64_t *state)
{
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (PetscReal)(*state >> 11) * 0x1p-53;
}

static mtp_potential *load(const char *name)
{
  char path[512];
  mtp_potential *pot = NULL;
  mtp_diag diag = {0};

  (void)snprintf(path, sizeof(path), "%s/mtp/random/%s", TEST_DATA, name);
  expect_ok(mtp_potential_read(path, &pot, &diag));
  if (!pot) fail_msg("%s", diag.n ? diag.text[0] : "no potential and no message");
  expect_ok(mtp_diag_clear(&diag));
  return pot;
}

static PetscReal cutoff_of(const mtp_potential *pot)
{
  mtp_potential_info info;

  expect_ok(mtp_potential_get_info(pot, &info));
  return info.cutoff;
}

static void evaluate(const mtp_potential *pot, structure *s)
{
  static PetscReal force[3 * MAX_ALL], atom_virial[9 * MAX_ALL];
  mtp_neighbors nb = {0};
  mtp_result result = {.site_energy = s->site, .force = force, .atom_virial = atom_virial};

  expect_ok(mtp_neighbors_build(s->n, s->x, s->type, (const PetscReal(*)[3])s->h, s->nperiodic,
                                cutoff_of(pot), 0.3, &nb));
  expect(nb.nall <= MAX_ALL, "a test structure fits");
  expect_ok(mtp_potential_evaluate(pot, &nb, &result));
  mtp_neighbors_fold(&nb, 3, force);
  mtp_neighbors_fold(&nb, 9, atom_virial);
  s->energy = result.energy;
  memcpy(s->virial, result.virial, sizeof(s->virial));
  memcpy(s->force, force, 3 * (size_t)s->n * sizeof(force[0]));
  memcpy(s->atom_virial, atom_virial, 9 * (size_t)s->n * sizeof(force[0]));
  expect_ok(mtp_neighbors_clear(&nb));
}

static PetscReal norm(PetscInt n, const PetscReal a[])
{
  PetscReal sum = 0.0;

  for (PetscInt i = 0; i < n; i++) sum += a[i] * a[i];
  return sqrt(sum);
}

static void expect_same(PetscInt n, const PetscReal got[], const PetscReal want[], PetscReal tol,
                        const char *what)
{
  const PetscReal scale = 1.0 + norm(n, want);

  for (PetscInt i = 0; i < n; i++) expect_abs(got[i], want[i], tol * scale, what);
}

/* True when no two atoms are closer than `near` and no pair is within `margin` of the cut-off. */
static int is_clear(const structure *s, PetscReal cutoff, PetscReal near, PetscReal margin)
{
  mtp_neighbors nb = {0};
  int clear = 1;

  expect_ok(mtp_neighbors_build(s->n, s->x, s->type, (const PetscReal(*)[3])s->h, s->nperiodic,
                                cutoff + margin, 0.0, &nb));
  for (PetscInt i = 0; i < s->n; i++) {
    for (PetscInt k = nb.first[i]; k < nb.first[i + 1]; k++) {
      PetscReal d[3];

      for (int a = 0; a < 3; a++) d[a] = nb.x[3 * nb.index[k] + a] - nb.x[3 * i + a];
      if (norm(3, d) < near || fabs(norm(3, d) - cutoff) < margin) clear = 0;
    }
  }
  expect_ok(mtp_neighbors_clear(&nb));
  return clear;
}

static const struct {
  const char *name, *potential;
  PetscInt n, nperiodic, nspecies;
  PetscReal h[3][3];
} cases[] = {
    {"triclinic cell smaller than the cut-off",
     "rand_2sp_10.almtp",
     3,
     3,
     2,
     {{4.1, 0.2, -0.3}, {1.3, 3.9, 0.4}, {-0.8, 0.5, 4.4}}},
    {"one atom, its own neighbour",
     "rand_3sp_08.almtp",
     1,
     3,
     3,
     {{3.1, 0.2, 0.1}, {1.2, 2.9, 0.3}, {0.4, 1.1, 3.3}}},
    {"triclinic cell, three species",
     "rand_3sp_12.almtp",
     8,
     3,
     3,
     {{7.5, 0, 0}, {2.1, 7.0, 0}, {-1.0, 1.5, 6.8}}},
    {"film", "rand_2sp_08.almtp", 6, 2, 2, {{4.5, 0.3, 0.2}, {0.9, 5.1, -0.4}, {0, 0, 0}}},
    {"cluster", "rand_2sp_14.almtp", 7, 0, 2, {{0}}},
};
enum { NCASE = sizeof(cases) / sizeof(cases[0]) };

/* The structure of case c: the first seed that keeps atoms 1.9 Å apart and all pairs off the
   cut-off, where the second derivative jumps and differences would see it. */
static void make(int c, const mtp_potential *pot, structure *s)
{
  uint64_t seed = 100 * (uint64_t)c;

  *s = (structure){.n = cases[c].n, .nperiodic = cases[c].nperiodic};
  memcpy(s->h, cases[c].h, sizeof(s->h));
  for (int tries = 0; tries < 200000; tries++) {
    for (PetscInt i = 0; i < s->n; i++) {
      PetscReal t[3] = {uniform(&seed), uniform(&seed), uniform(&seed)};

      for (int a = 0; a < 3; a++) {
        s->x[3 * i + a] = 0.0;
        for (int k = 0; k < 3; k++) {
          s->x[3 * i + a] += t[k] * (k < s->nperiodic ? s->h[k][a] : 4.5 * (a == k));
        }
      }
      s->type[i] = i % cases[c].nspecies;
    }
    if (is_clear(s, cutoff_of(pot), 1.9, 0.008)) return;
  }
  fail_msg("%s: no structure found", cases[c].name);
}

/* -(E(+h) - E(-h)) / 2h by every coordinate */
static void force_by_differences(const mtp_potential *pot, const structure *s, PetscReal h,
                                 PetscReal force[])
{
  structure moved = *s;

  for (PetscInt a = 0; a < 3 * s->n; a++) {
    PetscReal plus;

    moved.x[a] = s->x[a] + h;
    evaluate(pot, &moved);
    plus = moved.energy;
    moved.x[a] = s->x[a] - h;
    evaluate(pot, &moved);
    force[a] = -(plus - moved.energy) / (2.0 * h);
    moved.x[a] = s->x[a];
  }
}

/* The structure with every row vector v replaced by v + e v_a in component b */
static PetscReal strained_energy(const mtp_potential *pot, const structure *s, int a, int b,
                                 PetscReal e)
{
  structure strained = *s;

  for (PetscInt i = 0; i < s->n; i++) strained.x[3 * i + b] += e * s->x[3 * i + a];
  for (int k = 0; k < 3; k++) strained.h[k][b] += e * s->h[k][a];
  evaluate(pot, &strained);
  return strained.energy;
}

/* W_ab = -dE/de_ab by central differences */
static void virial_by_differences(const mtp_potential *pot, const structure *s, PetscReal h,
                                  PetscReal virial[9])
{
  for (int ab = 0; ab < 9; ab++) {
    virial[ab] = -(strained_energy(pot, s, ab / 3, ab % 3, h) -
                   strained_energy(pot, s, ab / 3, ab % 3, -h)) /
                 (2.0 * h);
  }
}

/* Error of differences with h and h / 2: their ratio is 4 up to terms of h^2 (measured: 4 within
   5e-4), and Richardson's combination of both is exact to h^4 and round-off (measured: 3e-9). */
static void check_order(const char *name, PetscInt n, const PetscReal exact[],
                        const PetscReal coarse[], const PetscReal fine[])
{
  PetscReal first[3 * MAX_ATOMS], second[3 * MAX_ATOMS], third[3 * MAX_ATOMS];

  for (PetscInt a = 0; a < n; a++) {
    first[a] = coarse[a] - exact[a];
    second[a] = fine[a] - exact[a];
    third[a] = (4.0 * fine[a] - coarse[a]) / 3.0 - exact[a];
  }
  print_message("  %s: |exact| %.3g, errors %.3g %.3g, ratio %.5f, extrapolated %.2g\n", name,
                norm(n, exact), norm(n, first), norm(n, second), norm(n, first) / norm(n, second),
                norm(n, third));
  expect_abs(norm(n, first) / norm(n, second), 4.0, 0.002, name);
  expect_abs(norm(n, third), 0.0, 1e-8 * norm(n, exact), name);
}

static void test_derivatives(void **state)
{
  (void)state;
  for (int c = 0; c < NCASE; c++) {
    PetscReal coarse[3 * MAX_ATOMS], fine[3 * MAX_ATOMS];
    mtp_potential *pot = load(cases[c].potential);
    structure s;

    make(c, pot, &s);
    evaluate(pot, &s);
    if (s.n > 1) { /* the force on a single atom is zero by symmetry */
      force_by_differences(pot, &s, 4e-3, coarse);
      force_by_differences(pot, &s, 2e-3, fine);
      check_order(cases[c].name, 3 * s.n, s.force, coarse, fine);
    }
    virial_by_differences(pot, &s, 1e-3, coarse);
    virial_by_differences(pot, &s, 5e-4, fine);
    check_order(cases[c].name, 9, s.virial, coarse, fine);
    expect_ok(mtp_potential_destroy(&pot));
  }
}

/* W_j[a][b] = -sum_i r_ij,a dU_i/dx_j,b in a cluster, where x_j is in r_ij alone: from site
   energies
   by differences, extrapolated to h^4. */
static void test_atom_virial(void **state)
{
  const int c = NCASE - 1;
  const PetscReal h = 4e-3, weight[2] = {-1.0 / 3.0, 4.0 / 3.0};
  mtp_potential *pot = load(cases[c].potential);
  structure s, moved;

  (void)state;
  make(c, pot, &s);
  evaluate(pot, &s);
  for (PetscInt j = 0; j < s.n; j++) {
    PetscReal want[9] = {0.0};

    for (int b = 0; b < 3; b++) {
      for (int k = 0; k < 4; k++) {
        const PetscReal step = (k % 2 ? -1.0 : 1.0) * h / (k < 2 ? 1.0 : 2.0);

        moved = s;
        moved.x[3 * j + b] += step;
        evaluate(pot, &moved);
        for (PetscInt i = 0; i < s.n; i++) {
          for (int a = 0; a < 3; a++) {
            const PetscReal r = s.x[3 * j + a] - s.x[3 * i + a];

            want[3 * a + b] -= r * weight[k / 2] * moved.site[i] / (2.0 * step);
          }
        }
      }
    }
    for (int ab = 0; ab < 9; ab++) {
      expect_abs(s.atom_virial[9 * j + ab], want[ab], 1e-8 * (1.0 + norm(9, want)),
                 "virial of a neighbour");
    }
  }
  expect_ok(mtp_potential_destroy(&pot));
}

/* Sums over atoms: energies, no net force, virials (transposed indices), a symmetric total. */
static void test_sums(void **state)
{
  (void)state;
  for (int c = 0; c < NCASE; c++) {
    PetscReal energy = 0.0, force[3] = {0.0}, virial[9] = {0.0}, transposed[9], zero[3] = {0.0};
    PetscReal magnitude;
    mtp_potential *pot = load(cases[c].potential);
    structure s;

    make(c, pot, &s);
    evaluate(pot, &s);
    magnitude = 1.0 + norm(9 * s.n, s.atom_virial);
    for (PetscInt i = 0; i < s.n; i++) {
      energy += s.site[i];
      for (int a = 0; a < 3; a++) force[a] += s.force[3 * i + a];
      for (int ab = 0; ab < 9; ab++) virial[ab] += s.atom_virial[9 * i + ab];
    }
    for (int ab = 0; ab < 9; ab++) transposed[ab] = s.virial[3 * (ab % 3) + ab / 3];
    expect_abs(energy, s.energy, 1e-11 * (1.0 + fabs(energy)), "site energies sum to the energy");
    expect_same(3, force, zero, 1e-11 * magnitude, "no net force");
    expect_same(9, virial, transposed, 1e-11, "atoms' virials sum to the total");
    expect_same(9, s.virial, transposed, 1e-11, "the total virial is symmetric");
    expect_ok(mtp_potential_destroy(&pot));
  }
}

static void turn(const PetscReal q[3][3], PetscReal v[3])
{
  const PetscReal old[3] = {v[0], v[1], v[2]};

  for (int a = 0; a < 3; a++) v[a] = old[0] * q[0][a] + old[1] * q[1][a] + old[2] * q[2][a];
}

/* Q^T W Q of a row-major tensor */
static void turn_tensor(const PetscReal q[3][3], PetscReal w[9])
{
  PetscReal out[9] = {0.0};

  for (int ab = 0; ab < 9; ab++) {
    for (int cd = 0; cd < 9; cd++) {
      out[ab] += q[cd / 3][ab / 3] * w[cd] * q[cd % 3][ab % 3];
    }
  }
  memcpy(w, out, sizeof(out));
}

static void expect_same_structure(const structure *got, const structure *want, const char *what)
{
  expect_abs(got->energy, want->energy, 1e-11 * (1.0 + fabs(want->energy)), what);
  expect_same(got->n, got->site, want->site, 1e-11, what);
  expect_same(3 * got->n, got->force, want->force, 1e-11, what);
  expect_same(9, got->virial, want->virial, 1e-11, what);
  expect_same(9 * got->n, got->atom_virial, want->atom_virial, 1e-11, what);
}

static void test_rotation(void **state)
{
  /* An improper rotation: a turn by the unit quaternion (1, 2, 3, 4) / sqrt(30), then inversion */
  const PetscReal q[3][3] = {{20.0 / 30.0, -20.0 / 30.0, -10.0 / 30.0},
                             {-4.0 / 30.0, 10.0 / 30.0, -28.0 / 30.0},
                             {-22.0 / 30.0, -20.0 / 30.0, -4.0 / 30.0}};

  (void)state;
  for (int c = 0; c < NCASE; c++) {
    mtp_potential *pot = load(cases[c].potential);
    structure s, turned;

    make(c, pot, &s);
    evaluate(pot, &s);
    turned = s;
    for (int k = 0; k < 3; k++) turn(q, turned.h[k]);
    for (PetscInt i = 0; i < s.n; i++) {
      turn(q, turned.x + 3 * i);
      turn(q, s.force + 3 * i);
      turn_tensor(q, s.atom_virial + 9 * i);
    }
    turn_tensor(q, s.virial);
    evaluate(pot, &turned);
    expect_same_structure(&turned, &s, "rotation");
    expect_ok(mtp_potential_destroy(&pot));
  }
}

/* A common translation, and another lattice translation for every atom */
static void test_translation(void **state)
{
  (void)state;
  for (int c = 0; c < NCASE; c++) {
    mtp_potential *pot = load(cases[c].potential);
    structure s, moved;

    make(c, pot, &s);
    evaluate(pot, &s);
    moved = s;
    for (PetscInt i = 0; i < s.n; i++) {
      for (int a = 0; a < 3; a++) {
        moved.x[3 * i + a] += 3.7 - 5.1 * a;
        for (PetscInt k = 0; k < s.nperiodic; k++) {
          moved.x[3 * i + a] += (PetscReal)((i * 5 + k * 3) % 7 - 3) * s.h[k][a];
        }
      }
    }
    evaluate(pot, &moved);
    expect_same_structure(&moved, &s, "translation");
    expect_ok(mtp_potential_destroy(&pot));
  }
}

static void test_permutation(void **state)
{
  (void)state;
  for (int c = 0; c < NCASE; c++) {
    mtp_potential *pot = load(cases[c].potential);
    structure s, mixed, back;

    make(c, pot, &s);
    evaluate(pot, &s);
    mixed = back = s;
    for (PetscInt i = 0; i < s.n; i++) {
      const PetscInt to = (i * 3 + 1) % s.n;

      if (s.n % 3 == 0) break; /* not a permutation then */
      memcpy(mixed.x + 3 * to, s.x + 3 * i, 3 * sizeof(PetscReal));
      mixed.type[to] = s.type[i];
    }
    evaluate(pot, &mixed);
    for (PetscInt i = 0; i < s.n; i++) {
      const PetscInt from = s.n % 3 == 0 ? i : (i * 3 + 1) % s.n;

      back.site[i] = mixed.site[from];
      memcpy(back.force + 3 * i, mixed.force + 3 * from, 3 * sizeof(PetscReal));
      memcpy(back.atom_virial + 9 * i, mixed.atom_virial + 9 * from, 9 * sizeof(PetscReal));
    }
    back.energy = mixed.energy;
    memcpy(back.virial, mixed.virial, sizeof(back.virial));
    expect_same_structure(&back, &s, "permutation");
    expect_ok(mtp_potential_destroy(&pot));
  }
}

/* The same crystal in a cell twice as long, and described by other lattice vectors */
static void test_supercell(void **state)
{
  (void)state;
  for (int c = 0; c < NCASE; c++) {
    mtp_potential *pot;
    structure s, sheared, twice;

    if (cases[c].nperiodic == 0) continue;
    pot = load(cases[c].potential);
    make(c, pot, &s);
    evaluate(pot, &s);
    sheared = twice = s;
    for (int a = 0; a < 3; a++) {
      if (s.nperiodic > 1) sheared.h[1][a] += 2.0 * s.h[0][a];
      twice.h[0][a] = 2.0 * s.h[0][a];
      for (PetscInt i = 0; i < s.n; i++) {
        twice.x[3 * (s.n + i) + a] = s.x[3 * i + a] + s.h[0][a];
        twice.type[s.n + i] = s.type[i];
      }
    }
    twice.n = 2 * s.n;
    evaluate(pot, &sheared);
    expect_same_structure(&sheared, &s, "other lattice vectors");
    evaluate(pot, &twice);
    expect_abs(twice.energy, 2.0 * s.energy, 1e-11 * fabs(s.energy), "energy of two cells");
    expect_same(3 * s.n, twice.force, s.force, 1e-11, "forces in the first of two cells");
    expect_same(3 * s.n, twice.force + 3 * s.n, s.force, 1e-11, "forces in the second");
    expect_same(9 * s.n, twice.atom_virial + 9 * s.n, s.atom_virial, 1e-11, "virials there");
    expect_ok(mtp_potential_destroy(&pot));
  }
}

/* A third atom leaves a pair: the energy falls as the square of the distance to the cut-off, the
   force linearly, and both stay what they are without it from there on. */
static void test_cutoff(void **state)
{
  mtp_potential *pot = load("rand_2sp_10.almtp");
  const PetscReal cutoff = cutoff_of(pot);
  structure s = {.n = 3, .x = {0.1, 0.2, 0.3, 2.1, 0.3, 0.2}, .type = {0, 1, 1}}, without;
  PetscReal energy[2], force[2];

  (void)state;
  without = s;
  without.x[6] = 100.0;
  evaluate(pot, &without);
  for (int k = 0; k < 2; k++) {
    /* near the first atom only: beyond it, away from the second */
    s.x[6] = 0.1 - (cutoff - 5e-4 / (k + 1));
    s.x[7] = 0.2;
    s.x[8] = 0.3;
    evaluate(pot, &s);
    energy[k] = s.energy - without.energy;
    force[k] = norm(3, s.force + 6);
  }
  print_message("  at 5e-4 Å inside: energy %.3g, force %.3g\n", energy[0], force[0]);
  expect(fabs(energy[0]) < 1e-6 && fabs(energy[0]) > 1e-12, "a small energy is left");
  /* the next order is about 30 / Å of these (Chebyshev slopes at the cut-off grow as k^2): 1 % */
  expect_abs(energy[0] / energy[1], 4.0, 0.08, "energy falls as the square");
  expect_abs(force[0] / force[1], 2.0, 0.04, "force falls linearly");
  for (int k = 0; k < 2; k++) {
    s.x[6] = 0.1 - cutoff * (1.0 + 1e-15) - k;
    evaluate(pot, &s);
    expect_abs(s.energy, without.energy, 0.0, "nothing is left at the cut-off");
    expect_same(9, s.force, without.force, 0.0, "no force either");
  }
  expect_ok(mtp_potential_destroy(&pot));
}

/* R = 2, one radial function f = s (r - Rc)^2 (c_0 + c_1 xi), scalars M0 = sum f and
   |sum f u|^2 / 1: two species, so that order of centre and neighbour shows. */
static const char tiny[] = "MTP\nversion = 1.1.0\npotential_name = tiny\nscaling = 0.5\n"
                           "species_count = 2\npotential_tag = \n"
                           "radial_basis_type = RBChebyshev\n\tmin_dist = 1\n\tmax_dist = 5\n"
                           "\tradial_basis_size = 2\n\tradial_funcs_count = 1\n\tradial_coeffs\n"
                           "\t\t0-0\n\t\t\t{0.3, 0.1}\n\t\t0-1\n\t\t\t{0.2, -0.4}\n"
                           "\t\t1-0\n\t\t\t{0.7, 0.6}\n\t\t1-1\n\t\t\t{-0.5, 0.9}\n"
                           "alpha_moments_count = 7\nalpha_index_basic_count = 4\n"
                           "alpha_index_basic = {{0, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, "
                           "{0, 0, 0, 1}}\nalpha_index_times_count = 5\n"
                           "alpha_index_times = {{0, 0, 2, 4}, {1, 1, 1, 5}, {2, 2, 1, 5}, "
                           "{3, 3, 1, 5}, {0, 5, 3, 6}}\nalpha_scalar_moments = 4\n"
                           "alpha_moment_mapping = {0, 4, 5, 6}\nspecies_coeffs = {1.5, -2.5}\n"
                           "moment_coeffs = {0.25, -0.5, 2, 0.125}\n";

/* f and f' of the tiny potential */
static void tiny_radial(PetscReal c0, PetscReal c1, PetscReal r, PetscReal *f, PetscReal *df)
{
  const PetscReal xi = (2.0 * r - 6.0) / 4.0, d = r - 5.0;

  *f = 0.5 * d * d * (c0 + c1 * xi);
  *df = 0.5 * (2.0 * d * (c0 + c1 * xi) + d * d * c1 * 0.5);
}

/* V of one neighbour: M0 = f, M4 = 2 f^2, M5 = f^2 |u|^2 = f^2, M6 = 3 f^3 */
static void test_formula(void **state)
{
  const PetscReal r = 2.75;
  mtp_potential *pot = NULL;
  mtp_diag diag = {0};
  structure s = {.n = 2,
                 .x = {1.0, 1.0, 1.0, 1.0 + r * 2.0 / 3.0, 1.0 - r / 3.0, 1.0 + r * 2.0 / 3.0}};
  PetscReal f[2], df[2], slope = 0.0;

  (void)state;
  expect_ok(mtp_potential_parse("tiny.mtp", tiny, strlen(tiny), &pot, &diag));
  if (!pot) fail_msg("%s", diag.n ? diag.text[0] : "no potential and no message");
  s.type[1] = 1;
  evaluate(pot, &s);
  tiny_radial(0.2, -0.4, r, &f[0], &df[0]);
  tiny_radial(0.7, 0.6, r, &f[1], &df[1]);
  for (int i = 0; i < 2; i++) {
    const PetscReal f2 = f[i] * f[i];

    expect_near(s.site[i],
                (i ? -2.5 : 1.5) + 0.25 * f[i] - 0.5 * 2.0 * f2 + 2.0 * f2 +
                    0.125 * 3.0 * f2 * f[i],
                1e-14, "energy on paper");
    slope += (0.25 + 2.0 * f[i] + 1.125 * f2) * df[i];
  }
  expect_near(s.force[3], -slope * 2.0 / 3.0, 1e-13, "force on paper, x");
  expect_near(s.force[4], slope / 3.0, 1e-13, "force on paper, y");
  expect_near(s.force[2], slope * 2.0 / 3.0, 1e-13, "force on the other");
  expect_near(s.virial[0], -slope * r * 4.0 / 9.0, 1e-13, "virial on paper");
  expect_ok(mtp_potential_destroy(&pot));
  expect_ok(mtp_diag_clear(&diag));
}

/* Arrays that are not asked for change nothing; a longer list changes nothing, bit for bit. */
static void test_optional_results(void **state)
{
  mtp_potential *pot = load(cases[2].potential);
  structure s;
  mtp_neighbors nb = {0};
  mtp_result result = {.energy = 7.0, .virial = {7.0}};

  (void)state;
  make(2, pot, &s);
  evaluate(pot, &s);
  expect_ok(mtp_neighbors_build(s.n, s.x, s.type, (const PetscReal(*)[3])s.h, s.nperiodic,
                                cutoff_of(pot), 1.7, &nb));
  expect_ok(mtp_potential_evaluate(pot, &nb, &result));
  expect_abs(result.energy, s.energy, 0.0, "energy without arrays");
  for (int ab = 0; ab < 9; ab++)
    expect_abs(result.virial[ab], s.virial[ab], 0.0, "virial likewise");
  expect_ok(mtp_neighbors_clear(&nb));
  expect_ok(mtp_potential_destroy(&pot));
}

static void test_refusals(void **state)
{
  static const char cut[] = "radial_coeffs";
  const PetscReal x[6] = {0, 0, 0, 2, 0, 0}, h[3][3] = {{0}};
  PetscInt type[2] = {0, 2};
  mtp_potential *pot = load("rand_2sp_08.almtp"), *untrained = NULL;
  mtp_neighbors nb = {0};
  mtp_result result = {0};
  mtp_diag diag = {0};
  char text[sizeof(tiny)];
  const char *from = strstr(tiny, cut), *to = strstr(tiny, "alpha_moments_count");
  const char *end = strstr(tiny, "species_coeffs");

  (void)state;
  expect_ok(mtp_neighbors_build(2, x, type, h, 0, 5.0, 0.0, &nb));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_potential_evaluate(pot, &nb, &result));
  type[1] = -1;
  expect_ok(mtp_neighbors_build(2, x, type, h, 0, 5.0, 0.0, &nb));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_potential_evaluate(pot, &nb, &result));
  type[1] = 1;
  expect_ok(mtp_neighbors_build(2, x, type, h, 0, 4.9, 0.5, &nb));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_potential_evaluate(pot, &nb, &result));
  expect_ok(mtp_neighbors_build(2, x, type, h, 0, 5.0, 0.0, &nb));
  expect_ok(mtp_potential_evaluate(pot, &nb, &result));
  (void)snprintf(text, sizeof(text), "%.*s%.*s", (int)(from - tiny), tiny, (int)(end - to), to);
  expect_ok(mtp_potential_parse("untrained.mtp", text, strlen(text), &untrained, &diag));
  if (!untrained) fail_msg("%s", diag.n ? diag.text[0] : "no potential and no message");
  expect_error(PETSC_ERR_ARG_WRONGSTATE, mtp_potential_evaluate(untrained, &nb, &result));
  expect_ok(mtp_potential_destroy(&untrained));
  expect_ok(mtp_potential_destroy(&pot));
  expect_ok(mtp_neighbors_clear(&nb));
  expect_ok(mtp_diag_clear(&diag));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_derivatives), cmocka_unit_test(test_atom_virial),
      cmocka_unit_test(test_sums),        cmocka_unit_test(test_rotation),
      cmocka_unit_test(test_translation), cmocka_unit_test(test_permutation),
      cmocka_unit_test(test_supercell),   cmocka_unit_test(test_cutoff),
      cmocka_unit_test(test_formula),     cmocka_unit_test(test_optional_results),
      cmocka_unit_test(test_refusals),
  };

  return expect_main(argc, argv, help, tests);
}
