/* tests/unit/md/test_md_potential.c */
#include "tests/support/expect.h"
#include "tests/support/md_systems.h"

#include "md/md_potential.h"
#include "md/md_rng.h"

static const char help[] =
    "Pair potentials: exact values, central differences, virials, lattice sums\n";

enum { N = 12 };

/* A system and everything that is computed of it. */
typedef struct {
  PetscInt n;
  PetscInt type[N];
  PetscReal x[3 * N], h[3][3];
} box;

typedef struct {
  mtp_neighbors nb;
  mtp_result out;
} answer;

static void evaluate(const md_potential *pot, const box *b, answer *a)
{
  *a = (answer){0};
  expect_ok(mtp_neighbors_build(b->n, b->x, b->type, b->h, 3, pot->cutoff, 0.0, &a->nb));
  expect_ok(PetscMalloc3(b->n, &a->out.site_energy, 3 * a->nb.nall, &a->out.force, 9 * a->nb.nall,
                         &a->out.atom_virial));
  for (PetscInt i = 0; i < 3 * a->nb.nall; i++) a->out.force[i] = 777.0; /* SET, not added to */
  for (PetscInt i = 0; i < 9 * a->nb.nall; i++) a->out.atom_virial[i] = 777.0;
  for (PetscInt i = 0; i < b->n; i++) a->out.site_energy[i] = 777.0;
  a->out.energy = 777.0;
  expect_ok(md_potential_evaluate(pot, &a->nb, &a->out));
  mtp_neighbors_fold(&a->nb, 3, a->out.force);
}

static void finish(answer *a)
{
  expect_ok(PetscFree3(a->out.site_energy, a->out.force, a->out.atom_virial));
  expect_ok(mtp_neighbors_clear(&a->nb));
}

static PetscReal energy(const md_potential *pot, const box *b)
{
  answer a;
  PetscReal e;

  evaluate(pot, b, &a);
  e = a.out.energy;
  finish(&a);
  return e;
}

/* Twelve atoms of two species on a disturbed 3 x 2 x 2 grid in a skewed cell thinner than twice the
   cut-off, so that atoms meet several images of each other and of themselves. */
static void make_box(box *b)
{
  const PetscReal h[3][3] = {{7.5, 0.2, -0.3}, {1.1, 5.6, 0.4}, {-0.6, 0.9, 5.3}};
  const md_rng rng = {.key = 7};

  *b = (box){.n = N};
  memcpy(b->h, h, sizeof(h));
  for (PetscInt i = 0; i < N; i++) {
    const PetscInt k[3] = {i % 3, i / 3 % 2, i / 6};
    const PetscReal s[3] = {k[0] / 3.0, k[1] / 2.0, k[2] / 2.0};
    PetscReal d[3];

    b->type[i] = i % 2;
    md_rng_normal3(rng, MD_RNG_TEST, 0, (uint32_t)i, d);
    for (int c = 0; c < 3; c++) {
      b->x[3 * i + c] = s[0] * h[0][c] + s[1] * h[1][c] + s[2] * h[2][c] + 0.12 * d[c];
    }
  }
}

/* Force-shifted for differences: pairs crossing the cut-off would spoil the order h^2 otherwise. */
static void make_lj(PetscBool force_shift, md_potential **pot)
{
  const PetscReal epsilon[4] = {0.30, 0.45, 0.45, 0.20}, sigma[4] = {2.3, 2.1, 2.1, 1.9};

  expect_ok(md_potential_create_lj(2, epsilon, sigma, 5.0, force_shift, pot));
}

/* A dimer in a large cell, across its boundary.  Positions near 40 Å carry round-off of 7e-15 Å,
   slopes are up to 25 eV/Å. */
static void dimer(const md_potential *pot, PetscReal r, PetscReal u, PetscReal slope)
{
  box b = {.n = 2, .h = {{40.0, 0.0, 0.0}, {0.0, 40.0, 0.0}, {0.0, 0.0, 40.0}}};
  answer a;

  for (int c = 0; c < 3; c++) b.x[c] = 39.9;
  b.x[3] = 39.9 + r / 3.0;
  b.x[4] = 39.9 + 2.0 * r / 3.0;
  b.x[5] = 39.9 - 2.0 * r / 3.0;
  evaluate(pot, &b, &a);
  expect_abs(a.out.energy, u, 1e-12, "energy of a dimer");
  expect_abs(a.out.site_energy[0], 0.5 * u, 1e-12, "half of it belongs to the first atom");
  expect_abs(a.out.site_energy[1], 0.5 * u, 1e-12, "and half to the second");
  expect_abs(a.out.force[0], slope / 3.0, 1e-12, "force on the first atom");
  expect_abs(a.out.force[5], 2.0 * slope / 3.0, 1e-12, "force on the second atom");
  expect_abs(a.out.virial[0] + a.out.virial[4] + a.out.virial[8], -r * slope, 1e-11,
             "virial trace");
  finish(&a);
}

static void test_lj_dimer(void **state)
{
  const PetscReal e = 0.25, s = 3.0, rc = 6.0, minimum = s * pow(2.0, 1.0 / 6.0);
  /* (s/rc)^6 = 1/64: u(rc) = 4 e (1/4096 - 1/64) and u'(rc) = 24 e / rc (1/64 - 2/4096) */
  const PetscReal uc = -63.0 * e / 1024.0, fc = 24.0 * e / rc * (1.0 / 64.0 - 2.0 / 4096.0);
  md_potential *cut, *smooth;

  (void)state;
  expect_ok(md_potential_create_lj(1, &e, &s, rc, PETSC_FALSE, &cut));
  expect_ok(md_potential_create_lj(1, &e, &s, rc, PETSC_TRUE, &smooth));
  assert_true(cut->cutoff == 6.0 && cut->min_dist == 0.0 && cut->nspecies == 1);
  dimer(cut, s, -uc, -24.0 * e / s);
  dimer(cut, minimum, -e - uc, 0.0);
  dimer(cut, 6.0 * (1.0 - 1e-14), 0.0, fc);
  dimer(cut, 6.0 * (1.0 + 1e-14), 0.0, 0.0);
  dimer(smooth, s, -uc - fc * (s - rc), -24.0 * e / s - fc);
  dimer(smooth, minimum, -e - uc - fc * (minimum - rc), -fc);
  dimer(smooth, 6.0 * (1.0 - 1e-14), 0.0, 0.0);
  expect_ok(md_potential_destroy(&cut));
  expect_ok(md_potential_destroy(&cut));
  expect_ok(md_potential_destroy(&smooth));
}

/* Each pair of types has its own parameters: u at sigma is minus the shift of the pair. */
static void test_lj_species(void **state)
{
  const PetscReal epsilon[4] = {0.30, 0.45, 0.45, 0.20}, sigma[4] = {2.3, 2.1, 2.1, 1.9};
  md_potential *pot;

  (void)state;
  expect_ok(md_potential_create_lj(2, epsilon, sigma, 5.0, PETSC_FALSE, &pot));
  for (int k = 0; k < 4; k++) {
    const PetscReal s6 = pow(sigma[k] / 5.0, 6.0);
    box b = {.n = 2, .type = {k / 2, k % 2}, .x = {1.0, 1.0, 1.0, 1.0 + sigma[k], 1.0, 1.0}};
    answer a;

    for (int c = 0; c < 3; c++) b.h[c][c] = 20.0;
    evaluate(pot, &b, &a);
    expect_near(a.out.energy, -4.0 * epsilon[k] * s6 * (s6 - 1.0), 1e-12, "energy at sigma");
    expect_near(a.out.force[0], -24.0 * epsilon[k] / sigma[k], 1e-12, "force at sigma");
    finish(&a);
  }
  expect_ok(md_potential_destroy(&pot));
}

static void test_harmonic_dimer(void **state)
{
  md_potential *spring, *tether;

  (void)state;
  expect_ok(md_potential_create_harmonic(1, 3.0, 2.0, 6.0, &spring));
  dimer(spring, 2.0, -24.0, 0.0);
  dimer(spring, 2.5, 0.375 - 24.0, 1.5);
  dimer(spring, 1.0, 1.5 - 24.0, -3.0);
  dimer(spring, 6.0 * (1.0 - 1e-14), 0.0, 12.0);
  dimer(spring, 6.1, 0.0, 0.0);
  expect_ok(md_potential_destroy(&spring));
  expect_ok(md_potential_create_harmonic(1, 3.0, 0.0, 6.0, &tether));
  dimer(tether, 2.0, 6.0 - 54.0, 6.0);
  dimer(tether, 0.0, -54.0, 0.0); /* r0 = 0: atoms may sit on each other */
  expect_ok(md_potential_destroy(&tether));
}

/* Largest difference between forces and central differences of step d. */
static PetscReal force_error(const md_potential *pot, const box *b, const answer *a, PetscReal d)
{
  PetscReal worst = 0.0;

  for (PetscInt k = 0; k < 3 * b->n; k++) {
    box moved = *b;
    PetscReal up, down;

    moved.x[k] = b->x[k] + d;
    up = energy(pot, &moved);
    moved.x[k] = b->x[k] - d;
    down = energy(pot, &moved);
    worst = PetscMax(worst, PetscAbsReal(-(up - down) / (2.0 * d) - a->out.force[k]));
  }
  return worst;
}

/* Energy of the box with every length mapped by 1 + d e_a e_b^T: x_a += d x_b. */
static PetscReal strained(const md_potential *pot, const box *b, int ab, PetscReal d)
{
  box moved = *b;
  const int to = ab / 3, from = ab % 3;

  for (PetscInt i = 0; i < b->n; i++) moved.x[3 * i + to] += d * b->x[3 * i + from];
  for (int k = 0; k < 3; k++) moved.h[k][to] += d * b->h[k][from];
  return energy(pot, &moved);
}

static PetscReal virial_error(const md_potential *pot, const box *b, const answer *a, PetscReal d)
{
  PetscReal worst = 0.0;

  for (int ab = 0; ab < 9; ab++) {
    const PetscReal slope = (strained(pot, b, ab, d) - strained(pot, b, ab, -d)) / (2.0 * d);

    worst = PetscMax(worst, PetscAbsReal(-slope - a->out.virial[ab]));
  }
  return worst;
}

/* The error of a central difference falls by four when its step is halved; 3.9 to 4.1 leaves room
   for the next order at this step. */
static void test_differences(void **state)
{
  md_potential *pot;
  box b;
  answer a;
  PetscReal coarse, fine;

  (void)state;
  make_box(&b);
  make_lj(PETSC_TRUE, &pot);
  evaluate(pot, &b, &a);
  coarse = force_error(pot, &b, &a, 2e-3);
  fine = force_error(pot, &b, &a, 1e-3);
  expect_abs(coarse / fine, 4.0, 0.1, "error of the force falls as h^2");
  coarse = virial_error(pot, &b, &a, 4e-4);
  fine = virial_error(pot, &b, &a, 2e-4);
  expect_abs(coarse / fine, 4.0, 0.1, "error of the virial falls as h^2");
  finish(&a);
  expect_ok(md_potential_destroy(&pot));
}

/* Sums that hold for every potential; round-off of some hundred terms of order ten. */
static void check_sums(const md_potential *pot, const box *b)
{
  PetscReal sum[9] = {0.0}, force[3] = {0.0}, site = 0.0;
  answer a;

  evaluate(pot, b, &a);
  for (PetscInt i = 0; i < b->n; i++) site += a.out.site_energy[i];
  for (PetscInt k = 0; k < 3 * b->n; k++) force[k % 3] += a.out.force[k];
  for (PetscInt k = 0; k < 9 * a.nb.nall; k++) sum[k % 9] += a.out.atom_virial[k];
  expect_near(site, a.out.energy, 1e-12, "site energies add up to the energy");
  for (int c = 0; c < 3; c++) expect_abs(force[c], 0.0, 1e-11, "no force on the whole");
  for (int ab = 0; ab < 9; ab++) {
    expect_abs(sum[ab], a.out.virial[ab], 1e-11, "atom virials add up to the virial");
    expect_abs(a.out.virial[ab], a.out.virial[3 * (ab % 3) + ab / 3], 1e-11, "symmetric virial");
  }
  finish(&a);
}

static void test_sums(void **state)
{
  md_potential *pot;
  box b;

  (void)state;
  make_box(&b);
  make_lj(PETSC_FALSE, &pot);
  check_sums(pot, &b);
  expect_ok(md_potential_destroy(&pot));
  expect_ok(md_potential_create_harmonic(2, 1.5, 3.0, 5.0, &pot));
  check_sums(pot, &b);
  expect_ok(md_potential_destroy(&pot));
}

/* The virial of an atom belongs to the neighbour.  A dimer shares it evenly whatever the
   convention, so the row of the second atom is taken away: all that is left then falls on the
   second atom. */
static void test_atom_virial_of_neighbour(void **state)
{
  box b = {.n = 2, .x = {5.0, 5.0, 5.0, 8.0, 5.0, 5.0}};
  md_potential *pot;
  answer a;

  (void)state;
  for (int k = 0; k < 3; k++) b.h[k][k] = 40.0;
  expect_ok(md_potential_create_harmonic(1, 3.0, 2.0, 6.0, &pot)); /* slope 3 eV/Å at 3 Å */
  evaluate(pot, &b, &a);
  a.nb.first[2] = a.nb.first[1]; /* the second row is empty now */
  expect_ok(md_potential_evaluate(pot, &a.nb, &a.out));
  expect_abs(a.out.atom_virial[0], 0.0, 0.0, "nothing falls on the centre");
  expect_abs(a.out.atom_virial[9], -0.5 * 9.0, 1e-13, "-r g falls on the neighbour");
  finish(&a);
  expect_ok(md_potential_destroy(&pot));
}

/* Arrays that are NULL are left out, and change nothing else. */
static void test_null_arrays(void **state)
{
  md_potential *pot;
  box b;
  answer a;
  mtp_result bare = {.energy = 777.0};

  (void)state;
  make_box(&b);
  make_lj(PETSC_TRUE, &pot);
  evaluate(pot, &b, &a);
  expect_ok(md_potential_evaluate(pot, &a.nb, &bare));
  expect(bare.energy == a.out.energy, "the same energy");
  assert_memory_equal(bare.virial, a.out.virial, sizeof(bare.virial));
  finish(&a);
  expect_ok(md_potential_destroy(&pot));
}

/* [eV] unshifted energy per atom of an infinite fcc crystal of Lennard-Jones atoms, nearest
   neighbours at distance d, within the cut-off: a sum over the lattice that needs no list. */
static PetscReal fcc_sum(PetscReal e, PetscReal s, PetscReal d, PetscReal rc, PetscInt *count)
{
  PetscReal sum = 0.0;

  *count = 0;
  for (int i = -20; i <= 20; i++) {
    for (int j = -20; j <= 20; j++) {
      for (int k = -20; k <= 20; k++) {
        const PetscReal r2 = 0.5 * d * d * (i * i + j * j + k * k), s6 = pow(s * s / r2, 3.0);

        if ((i + j + k) % 2 != 0 || r2 == 0.0 || r2 >= rc * rc) continue;
        sum += 2.0 * e * s6 * (s6 - 1.0);
        ++*count;
      }
    }
  }
  return sum;
}

/* The primitive cell: one atom and its own images, nearest neighbours at 2^(1/6) sigma, where an
   infinite cut-off gives 2 e (12.13188 / 4 - 14.45392 / 2) (Kittel, Introduction to Solid State
   Physics, lattice sums of fcc).  The tail beyond the cut-off is integrated. */
static void test_fcc(void **state)
{
  const PetscReal e = 1.0, s = 1.0, d = pow(2.0, 1.0 / 6.0), a = d * PETSC_SQRT2, rc = 8.0;
  box b = {.n = 1, .h = {{0.0, a / 2, a / 2}, {a / 2, 0.0, a / 2}, {a / 2, a / 2, 0.0}}};
  const PetscReal infinite = -2.0 * e * (14.45392 / 2.0 - 12.13188 / 4.0);
  const PetscReal tail = -8.0 * PETSC_PI / 3.0 * e / (rc * rc * rc) * (PETSC_SQRT2 / (d * d * d));
  md_potential *pot;
  PetscInt count;
  PetscReal sum;
  answer r;

  (void)state;
  expect_ok(md_potential_create_lj(1, &e, &s, rc, PETSC_FALSE, &pot));
  sum = fcc_sum(e, s, d, rc, &count);
  evaluate(pot, &b, &r);
  assert_int_equal(r.nb.first[1], count);
  sum -= 0.5 * (PetscReal)count * 4.0 * e * (pow(s / rc, 12.0) - pow(s / rc, 6.0));
  expect_near(r.out.energy, sum, 1e-12, "lattice sum");
  sum = fcc_sum(e, s, d, rc, &count);
  expect_near(sum + tail, infinite, 1e-3, "published lattice sums");
  for (int c = 0; c < 3; c++) expect_abs(r.out.force[c], 0.0, 1e-12, "no force by symmetry");
  expect_near(r.out.virial[0], r.out.virial[4], 1e-12, "cubic virial");
  expect_abs(r.out.virial[1], 0.0, 1e-12, "no shear");
  finish(&r);
  expect_ok(md_potential_destroy(&pot));
}

static void test_ideal_gas(void **state)
{
  const PetscReal zero = 0.0, one = 1.0;
  box b = {.n = 2, .h = {{3.0, 0.0, 0.0}, {0.0, 3.0, 0.0}, {0.0, 0.0, 3.0}}};
  md_potential *pot;
  answer a;

  (void)state;
  expect_ok(md_potential_create_lj(1, &zero, &one, 4.0, PETSC_TRUE, &pot));
  evaluate(pot, &b, &a); /* both atoms in the same place */
  assert_true(a.out.energy == 0.0);
  for (int k = 0; k < 6; k++) assert_true(a.out.force[k] == 0.0);
  for (int ab = 0; ab < 9; ab++) assert_true(a.out.virial[ab] == 0.0);
  finish(&a);
  expect_ok(md_potential_destroy(&pot));
}

static void test_refusals(void **state)
{
  const PetscReal bad[4] = {1.0, 2.0, 3.0, 1.0}, good[4] = {1.0, 1.0, 1.0, 1.0};
  const PetscReal minus = -1.0, nan_value = (PetscReal)NAN, one = 1.0;
  md_potential *pot;
  box b;
  answer a;

  (void)state;
  expect_error(PETSC_ERR_ARG_OUTOFRANGE,
               md_potential_create_lj(0, &one, &one, 5.0, PETSC_FALSE, &pot));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE,
               md_potential_create_lj(2, bad, good, 5.0, PETSC_FALSE, &pot));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE,
               md_potential_create_lj(2, good, bad, 5.0, PETSC_FALSE, &pot));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE,
               md_potential_create_lj(1, &minus, &one, 5.0, PETSC_FALSE, &pot));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE,
               md_potential_create_lj(1, &nan_value, &one, 5.0, PETSC_FALSE, &pot));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE,
               md_potential_create_lj(1, &one, &minus, 5.0, PETSC_FALSE, &pot));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE,
               md_potential_create_lj(1, &one, &one, 0.0, PETSC_FALSE, &pot));
  assert_null(pot);
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, md_potential_create_harmonic(1, -1.0, 1.0, 5.0, &pot));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, md_potential_create_harmonic(1, 1.0, -1.0, 5.0, &pot));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, md_potential_create_harmonic(1, 1.0, 1.0, -5.0, &pot));
  assert_null(pot);
  make_box(&b);
  make_lj(PETSC_TRUE, &pot);
  evaluate(pot, &b, &a);
  a.nb.type[3] = 2;
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, md_potential_evaluate(pot, &a.nb, &a.out));
  a.nb.type[3] = 1;
  a.nb.cutoff = 4.9;
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, md_potential_evaluate(pot, &a.nb, &a.out));
  finish(&a);
  expect_ok(md_potential_destroy(&pot));
}

/* One basic moment, two polynomials: V_i = e + w sum_j s (r - Rc)^2 (c0 + c1 xi), by hand. */
static const char mtp_head[] = "MTP\nversion = 1.1.0\npotential_name = small\nscaling = 0.5\n"
                               "species_count = 1\npotential_tag = \n"
                               "radial_basis_type = RBChebyshev\n\tmin_dist = 2\n\tmax_dist = 6\n"
                               "\tradial_basis_size = 2\n\tradial_funcs_count = 1\n";
static const char mtp_radial[] = "\tradial_coeffs\n\t\t0-0\n\t\t\t{0.75, -0.25}\n";
static const char mtp_tables[] = "alpha_moments_count = 1\nalpha_index_basic_count = 1\n"
                                 "alpha_index_basic = {{0, 0, 0, 0}}\n"
                                 "alpha_index_times_count = 0\nalpha_index_times = {}\n"
                                 "alpha_scalar_moments = 1\nalpha_moment_mapping = {0}\n";
static const char mtp_linear[] = "species_coeffs = {-3}\nmoment_coeffs = {0.4}\n";

static mtp_potential *read_mtp(PetscBool trained)
{
  mtp_potential *mtp;
  mtp_diag diag = {0};
  char text[2048];

  snprintf(text, sizeof(text), "%s%s%s%s", mtp_head, trained ? mtp_radial : "", mtp_tables,
           trained ? mtp_linear : "");
  expect_ok(mtp_potential_parse("small.mtp", text, strlen(text), &mtp, &diag));
  for (PetscInt i = 0; i < diag.n; i++) print_message("%s\n", diag.text[i]);
  assert_int_equal(diag.n, 0);
  return mtp;
}

static void test_mtp(void **state)
{
  mtp_potential *mtp = read_mtp(PETSC_TRUE);
  md_potential *pot;

  (void)state;
  expect_ok(md_potential_create_mtp(&mtp, &pot));
  assert_null(mtp); /* taken */
  assert_true(pot->cutoff == 6.0 && pot->min_dist == 2.0 && pot->nspecies == 1);
  for (int k = 0; k < 7; k++) {
    const PetscReal r = 2.5 + 0.5 * k, xi = (2.0 * r - 8.0) / 4.0, c = 0.75 - 0.25 * xi,
                    q = 0.4 * 0.5 * (r - 6.0);

    dimer(pot, r, 2.0 * (-3.0 + q * (r - 6.0) * c), 2.0 * q * (2.0 * c - 0.125 * (r - 6.0)));
  }
  expect_ok(md_potential_destroy(&pot));
}

/* What is skipped is not a number, also where a potential has it for nothing, and the forces are
   those of a whole evaluation. */
static void expect_skipping(const md_potential *pot)
{
  md_atoms atoms = system_fcc(2, 0.8);
  mtp_neighbors nb = {0};
  mtp_result whole = {0}, part = {0};
  size_t bytes;

  for (PetscInt i = 0; i < 3 * atoms.n; i++) atoms.x[i] += 0.2 * sin(1.0 + 3.0 * (double)i);
  expect_ok(mtp_neighbors_build(atoms.n, atoms.x, atoms.type, (const PetscReal(*)[3])atoms.h, 3,
                                pot->cutoff, 0.0, &nb));
  bytes = 3 * (size_t)nb.nall * sizeof(PetscReal);
  expect_ok(PetscMalloc1(3 * nb.nall, &whole.force));
  expect_ok(PetscMalloc1(3 * nb.nall, &part.force));
  expect_ok(md_potential_evaluate(pot, &nb, &whole));
  for (part.skip = 1; part.skip <= (MTP_SKIP_ENERGY | MTP_SKIP_VIRIAL); part.skip++) {
    expect_ok(md_potential_evaluate(pot, &nb, &part));
    assert_memory_equal(part.force, whole.force, bytes);
    if (part.skip & MTP_SKIP_ENERGY)
      assert_true(isnan(part.energy));
    else
      assert_true(part.energy == whole.energy);
    for (int ab = 0; ab < 9; ab++) {
      if (part.skip & MTP_SKIP_VIRIAL)
        assert_true(isnan(part.virial[ab]));
      else
        assert_true(part.virial[ab] == whole.virial[ab]);
    }
  }
  expect_ok(PetscFree(whole.force));
  expect_ok(PetscFree(part.force));
  expect_ok(mtp_neighbors_clear(&nb));
  expect_ok(md_atoms_clear(&atoms));
}

static void test_skipping(void **state)
{
  md_potential *pot = system_argon_potential();

  (void)state;
  expect_skipping(pot);
  expect_ok(md_potential_destroy(&pot));
  for (int kernel = MTP_KERNEL_REFERENCE; kernel < (int)MTP_KERNEL_COUNT; kernel++) {
    const md_mtp_options options = {.kernel = (mtp_kernel_kind)kernel};
    const char *name = mtp_kernel_name(options.kernel);
    mtp_potential *mtp = read_mtp(PETSC_TRUE);

    if (!mtp_kernel_available(options.kernel)) {
      expect_error(PETSC_ERR_SUP, md_potential_create_mtp_with(&mtp, &options, &pot));
      assert_null(pot);
      expect_ok(mtp_potential_destroy(&mtp)); /* still ours */
      continue;
    }
    expect_ok(md_potential_create_mtp_with(&mtp, &options, &pot));
    expect(!strncmp(pot->kernel, name, strlen(name)), pot->kernel);
    expect_skipping(pot);
    expect_ok(md_potential_destroy(&pot));
  }
}

static void test_mtp_untrained(void **state)
{
  mtp_potential *mtp = read_mtp(PETSC_FALSE);
  md_potential *pot;

  (void)state;
  expect_error(PETSC_ERR_ARG_WRONGSTATE, md_potential_create_mtp(&mtp, &pot));
  assert_null(pot);
  assert_non_null(mtp); /* still ours */
  expect_ok(mtp_potential_destroy(&mtp));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_lj_dimer),
      cmocka_unit_test(test_lj_species),
      cmocka_unit_test(test_harmonic_dimer),
      cmocka_unit_test(test_differences),
      cmocka_unit_test(test_sums),
      cmocka_unit_test(test_atom_virial_of_neighbour),
      cmocka_unit_test(test_null_arrays),
      cmocka_unit_test(test_fcc),
      cmocka_unit_test(test_ideal_gas),
      cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_mtp),
      cmocka_unit_test(test_skipping),
      cmocka_unit_test(test_mtp_untrained),
  };
  return expect_main(argc, argv, help, tests);
}
