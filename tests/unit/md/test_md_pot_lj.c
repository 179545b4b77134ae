/* tests/unit/md/test_md_pot_lj.c */
#include "tests/support/expect.h"

#include "md/md_potential.h"
#include "md/md_rng.h"

static const char help[] =
    "Lennard-Jones mixtures: truncations, mixing, tails, forces to the bit\n";

enum { N = 48 };

typedef struct {
  PetscInt type[N];
  PetscReal x[3 * N], h[3][3];
} box;

/* Forty-eight atoms of three species on a disturbed 4 x 4 x 3 grid in a skewed cell */
static void make_box(box *b)
{
  const PetscReal h[3][3] = {{11.0, 0.2, -0.3}, {1.1, 10.6, 0.4}, {-0.6, 0.9, 8.3}};
  const md_rng rng = {.key = 7};

  *b = (box){.type = {0}};
  memcpy(b->h, h, sizeof(h));
  for (PetscInt i = 0; i < N; i++) {
    const PetscInt k[3] = {i % 4, i / 4 % 4, i / 16};
    const PetscReal s[3] = {(PetscReal)k[0] / 4.0, (PetscReal)k[1] / 4.0, (PetscReal)k[2] / 3.0};
    PetscReal d[3];

    b->type[i] = i % 3;
    md_rng_normal3(rng, MD_RNG_TEST, 0, (uint32_t)i, d);
    for (int c = 0; c < 3; c++)
      b->x[3 * i + c] = s[0] * h[0][c] + s[1] * h[1][c] + s[2] * h[2][c] + 0.15 * d[c];
  }
}

static const PetscReal epsilon3[9] = {0.30, 0.25, 0.10, 0.25, 0.20, 0.0, 0.10, 0.0, 0.15};
static const PetscReal sigma3[9] = {2.3, 2.2, 2.1, 2.2, 2.0, 2.4, 2.1, 2.4, 1.9};

static md_potential *make(md_truncation truncation, PetscReal cutoff)
{
  const md_lj_options options = {.nspecies = 3,
                                 .epsilon = epsilon3,
                                 .sigma = sigma3,
                                 .cutoff = cutoff,
                                 .truncation = truncation,
                                 .min_dist = 1.5};
  md_potential *pot;

  expect_ok(md_potential_create_lj_with(&options, &pot));
  assert_true(pot->min_dist == 1.5);
  return pot;
}

/* [eV] and [eV/Å], written from the definition */
static void definition(md_truncation truncation, PetscReal e, PetscReal s, PetscReal cutoff,
                       PetscReal r, PetscReal *u, PetscReal *slope)
{
  const PetscReal q = pow(s / r, 6.0), qc = pow(s / cutoff, 6.0);

  *u = *slope = 0.0;
  if (r >= cutoff) return;
  *u = 4.0 * e * (q * q - q);
  *slope = -24.0 * e / r * (2.0 * q * q - q);
  if (truncation != MD_TRUNCATED) *u -= 4.0 * e * (qc * qc - qc);
  if (truncation != MD_FORCE_SHIFTED) return;
  *u += (r - cutoff) * 24.0 * e / cutoff * (2.0 * qc * qc - qc);
  *slope += 24.0 * e / cutoff * (2.0 * qc * qc - qc);
}

/* All pairs and images, in the plainest way: half a pair's energy and virial to each atom. */
typedef struct {
  PetscReal energy, virial[9], force[3 * N], site[N], atom[9 * N];
} sums;

static void add_pair(const box *b, md_truncation truncation, PetscReal cutoff, PetscInt i,
                     PetscInt j, const PetscReal r[3], sums *s)
{
  const PetscReal length = sqrt(r[0] * r[0] + r[1] * r[1] + r[2] * r[2]);
  const PetscInt pair = 3 * b->type[i] + b->type[j];
  PetscReal u, slope;

  if (length < 1e-9) return;
  definition(truncation, epsilon3[pair], sigma3[pair], cutoff, length, &u, &slope);
  s->energy += 0.5 * u;
  s->site[i] += 0.5 * u;
  for (int a = 0; a < 3; a++) s->force[3 * i + a] += slope * r[a] / length;
  for (int ab = 0; ab < 9; ab++) {
    const PetscReal w = -0.5 * slope * r[ab / 3] * r[ab % 3] / length;

    s->virial[ab] += w;
    s->atom[9 * j + ab] += w;
  }
}

static void sum_all(const box *b, md_truncation truncation, PetscReal cutoff, sums *s)
{
  memset(s, 0, sizeof(*s));
  for (PetscInt ijk = 0; ijk < N * N * 125; ijk++) {
    const PetscInt i = ijk / 125 / N, j = ijk / 125 % N, k = ijk % 125;
    const PetscInt m[3] = {k % 5 - 2, k / 5 % 5 - 2, k / 25 - 2};
    PetscReal r[3];

    for (int a = 0; a < 3; a++) {
      r[a] = b->x[3 * j + a] - b->x[3 * i + a];
      for (int c = 0; c < 3; c++) r[a] += (PetscReal)m[c] * b->h[c][a];
    }
    add_pair(b, truncation, cutoff, i, j, r, s);
  }
}

typedef struct {
  mtp_neighbors nb;
  PetscReal *force, *site, *atom;
} arrays;

static void make_arrays(const box *b, PetscReal cutoff, arrays *a)
{
  *a = (arrays){0};
  expect_ok(mtp_neighbors_build(N, b->x, b->type, b->h, 3, cutoff, 0.5, &a->nb));
  expect_ok(PetscMalloc3(3 * a->nb.nall, &a->force, N, &a->site, 9 * a->nb.nall, &a->atom));
}

static void free_arrays(arrays *a)
{
  expect_ok(PetscFree3(a->force, a->site, a->atom));
  expect_ok(mtp_neighbors_clear(&a->nb));
}

/* Sums of some thousand terms of order one. */
static void check_against_definition(md_truncation truncation, PetscReal cutoff)
{
  md_potential *pot = make(truncation, cutoff);
  static sums want;
  arrays a;
  box b;

  make_box(&b);
  sum_all(&b, truncation, cutoff, &want);
  make_arrays(&b, cutoff, &a);
  {
    mtp_result out = {.force = a.force, .site_energy = a.site, .atom_virial = a.atom};

    expect_ok(md_potential_evaluate(pot, &a.nb, &out));
    mtp_neighbors_fold(&a.nb, 3, a.force);
    mtp_neighbors_fold(&a.nb, 9, a.atom);
    expect_near(out.energy, want.energy, 1e-12, "energy");
    for (int ab = 0; ab < 9; ab++) expect_abs(out.virial[ab], want.virial[ab], 1e-11, "virial");
  }
  for (int k = 0; k < N; k++) expect_abs(a.site[k], want.site[k], 1e-12, "energy of an atom");
  for (int k = 0; k < 3 * N; k++) expect_abs(a.force[k], want.force[k], 1e-11, "force");
  for (int k = 0; k < 9 * N; k++) expect_abs(a.atom[k], want.atom[k], 1e-11, "virial of an atom");
  free_arrays(&a);
  expect_ok(md_potential_destroy(&pot));
}

/* 4.1 Å: pairs with other atoms of the cell; 8 Å: also with own images */
static void test_definition(void **state)
{
  (void)state;
  for (int truncation = MD_TRUNCATED; truncation <= MD_FORCE_SHIFTED; truncation++) {
    check_against_definition((md_truncation)truncation, 4.1);
    check_against_definition((md_truncation)truncation, 8.0);
  }
}

/* Who asks for what must not move an atom. */
static void test_same_bits(void **state)
{
  md_potential *pot = make(MD_FORCE_SHIFTED, 6.0);
  mtp_result out;
  PetscReal *first;
  arrays a;
  box b;

  (void)state;
  make_box(&b);
  make_arrays(&b, 6.0, &a);
  expect_ok(PetscMalloc1(3 * a.nb.nall, &first));
  out = (mtp_result){.force = first, .site_energy = a.site, .atom_virial = a.atom};
  expect_ok(md_potential_evaluate(pot, &a.nb, &out));
  for (unsigned skip = 0; skip <= (MTP_SKIP_ENERGY | MTP_SKIP_VIRIAL); skip++) {
    out = (mtp_result){.force = a.force, .skip = skip};
    expect_ok(md_potential_evaluate(pot, &a.nb, &out));
    assert_memory_equal(a.force, first, sizeof(PetscReal) * 3 * (size_t)a.nb.nall);
  }
  expect_ok(PetscFree(first));
  free_arrays(&a);
  expect_ok(md_potential_destroy(&pot));
}

static void test_mixing(void **state)
{
  PetscReal epsilon[4] = {0.04, 9.0, 9.0, 0.01}, sigma[4] = {3.0, 9.0, 9.0, 4.0};

  (void)state;
  md_lorentz_berthelot(2, epsilon, sigma);
  expect_near(epsilon[1], 0.02, 1e-15, "geometric mean");
  expect_near(sigma[1], 3.5, 1e-15, "arithmetic mean");
  expect(epsilon[2] == epsilon[1] && sigma[2] == sigma[1], "symmetric");
  expect(epsilon[0] == 0.04 && epsilon[3] == 0.01 && sigma[0] == 3.0 && sigma[3] == 4.0,
         "like pairs stay");
}

/* Of one species: u = (8/3) pi rho e s^3 ((s/rc)^9/3 - (s/rc)^3) an atom and p = (16/3) pi rho^2 e
   s^3 (2/3 (s/rc)^9 - (s/rc)^3) (Allen & Tildesley, as printed for Lennard-Jones). */
static void test_tail(void **state)
{
  const PetscReal e = 0.01, s = 3.4, rc = 8.5, volume = 5000.0;
  const md_lj_options one = {.nspecies = 1, .epsilon = &e, .sigma = &s, .cutoff = rc};
  const PetscReal e2[4] = {e, e, e, e}, s2[4] = {s, s, s, s};
  const md_lj_options two = {.nspecies = 2, .epsilon = e2, .sigma = s2, .cutoff = rc};
  const PetscInt n = 100, split[2] = {30, 70};
  const PetscReal rho = 100.0 / volume, q = pow(s / rc, 3.0), s3 = s * s * s;
  md_potential *pot, *pair, *spring;
  PetscReal u, p, v, w;

  (void)state;
  expect_ok(md_potential_create_lj_with(&one, &pot));
  expect_ok(md_potential_create_lj_with(&two, &pair));
  md_potential_tail(pot, &n, volume, &u, &p);
  expect_near(u, 100.0 * 8.0 / 3.0 * PETSC_PI * rho * e * s3 * (q * q * q / 3.0 - q), 1e-13,
              "energy");
  expect_near(p, 16.0 / 3.0 * PETSC_PI * rho * rho * e * s3 * (2.0 / 3.0 * q * q * q - q), 1e-13,
              "pressure");
  md_potential_tail(pair, split, volume, &v, &w);
  expect_near(v, u, 1e-13, "two names for one species: energy");
  expect_near(w, p, 1e-13, "and pressure");
  expect_ok(md_potential_create_harmonic(1, 1.0, 2.0, 5.0, &spring));
  md_potential_tail(spring, &n, volume, &u, &p);
  expect(u == 0.0 && p == 0.0, "springs end at their cut-off");
  expect_ok(md_potential_destroy(&pot));
  expect_ok(md_potential_destroy(&pair));
  expect_ok(md_potential_destroy(&spring));
}

static void test_refusals(void **state)
{
  const PetscReal one = 1.0;
  md_lj_options bad = {
      .nspecies = 1, .epsilon = &one, .sigma = &one, .cutoff = 3.0, .min_dist = -1.0};
  md_potential *pot;

  (void)state;
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, md_potential_create_lj_with(&bad, &pot));
  assert_null(pot);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_definition), cmocka_unit_test(test_same_bits),
      cmocka_unit_test(test_mixing), cmocka_unit_test(test_tail), cmocka_unit_test(test_refusals)};

  return expect_main(argc, argv, help, tests);
}
