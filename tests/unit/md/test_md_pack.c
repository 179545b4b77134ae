/* tests/unit/md/test_md_pack.c */
#include "tests/support/expect.h"

#include "md/md_pack.h"

static const char help[] =
    "Random packing: no overlap at the density of a melt, determinism, refusals\n";

/* Ca, K, Cl: cations and anions may meet at 2.4 Å, like charges at 3.4 Å. */
static const PetscReal salt_dist[9] = {3.4, 3.4, 2.4, 3.4, 3.4, 2.4, 2.4, 2.4, 3.4};
static const PetscReal salt_mass[3] = {40.0, 39.0, 35.0};

/* Smallest r/min_dist over all pairs and images within one cell, without a neighbour list; an edge
   longer than any distance makes further images unnecessary. */
static PetscReal worst_ratio(const md_atoms *atoms, const PetscReal min_dist[])
{
  const PetscReal edge = atoms->h[0][0];
  PetscReal worst = 1e30;

  for (PetscInt i = 0; i < atoms->n; i++) {
    for (PetscInt j = 0; j <= i; j++) {
      const PetscReal d = min_dist[atoms->type[i] * atoms->nspecies + atoms->type[j]];

      for (int image = 0; image < 27; image++) {
        const int shift[3] = {image % 3 - 1, image / 3 % 3 - 1, image / 9 - 1};
        PetscReal r2 = 0.0;

        if (i == j && image == 13) continue;
        for (int a = 0; a < 3; a++) {
          const PetscReal r = atoms->x[3 * j + a] - atoms->x[3 * i + a] + edge * shift[a];

          r2 += r * r;
        }
        worst = PetscMin(worst, PetscSqrtReal(r2) / d);
      }
    }
  }
  return worst;
}

static void pack_salt(const PetscInt count[3], PetscReal volume, uint64_t key, md_atoms *atoms,
                      PetscReal *worst)
{
  const md_pack_spec spec = {.nspecies = 3,
                             .count = count,
                             .mass = salt_mass,
                             .min_dist = salt_dist,
                             .volume = volume,
                             .rng = {.key = key}};

  expect_ok(md_pack_random(&spec, atoms, worst));
}

/* What packing promises of any configuration. */
static void check_atoms(const md_atoms *atoms, const PetscInt count[3], PetscReal volume)
{
  PetscInt found[3] = {0};

  expect_near(md_atoms_volume(atoms), volume, 1e-14, "volume");
  for (int k = 0; k < 9; k++) assert_true((&atoms->h[0][0])[k] == (k % 4 ? 0.0 : atoms->h[0][0]));
  for (PetscInt i = 0; i < atoms->n; i++) found[atoms->type[i]]++;
  for (int s = 0; s < 3; s++) {
    assert_int_equal(found[s], count[s]);
    assert_true(atoms->mass[s] == salt_mass[s]);
  }
  for (PetscInt k = 0; k < 3 * atoms->n; k++) {
    assert_true(atoms->x[k] >= 0.0 && atoms->x[k] <= atoms->h[0][0]);
    assert_true(atoms->v[k] == 0.0 && atoms->f[k] == 0.0);
  }
}

/* The compositions of the quick start at Janz's densities at 1100 K, sizes of about 100 and 2000
   atoms, ten seeds each of the small ones: 1.66, 1.77 and 1.92 g/cm^3. */
static void test_melts(void **state)
{
  const struct {
    PetscInt count[3];
    PetscReal volume;
  } melt[] = {{{11, 28, 50}, 3311.0},
              {{20, 20, 60}, 3475.0},
              {{28, 8, 64}, 3206.0},
              {{280, 720, 1280}, 84700.0}};

  (void)state;
  for (size_t m = 0; m < sizeof(melt) / sizeof(melt[0]); m++) {
    for (uint64_t key = 1; key <= (m < 3 ? 10 : 1); key++) {
      md_atoms atoms;
      PetscReal worst;

      pack_salt(melt[m].count, melt[m].volume, key, &atoms, &worst);
      assert_true(worst == 1.0);
      check_atoms(&atoms, melt[m].count, melt[m].volume);
      expect(worst_ratio(&atoms, salt_dist) >= 1.0, "no pair is closer than its distance");
      expect_ok(md_atoms_clear(&atoms));
    }
  }
}

static void test_deterministic(void **state)
{
  const PetscInt count[3] = {11, 28, 50};
  md_atoms a, b, c;
  PetscReal worst;

  (void)state;
  pack_salt(count, 3311.0, 1, &a, &worst);
  pack_salt(count, 3311.0, 1, &b, &worst);
  pack_salt(count, 3311.0, 2, &c, &worst);
  assert_memory_equal(a.x, b.x, sizeof(PetscReal) * 3 * (size_t)a.n);
  expect(fabs(a.x[0] - c.x[0]) > 1e-3 && fabs(a.x[5] - c.x[5]) > 1e-3, "another key, other places");
  expect_ok(md_atoms_clear(&a));
  expect_ok(md_atoms_clear(&b));
  expect_ok(md_atoms_clear(&c));
}

/* One species of diameter 1 at packing fraction phi. */
static PetscReal pack_spheres(PetscInt n, PetscReal phi, md_atoms *atoms)
{
  const PetscReal mass = 1.0, diameter = 1.0;
  const md_pack_spec spec = {.nspecies = 1,
                             .count = &n,
                             .mass = &mass,
                             .min_dist = &diameter,
                             .volume = (PetscReal)n * PETSC_PI / 6.0 / phi,
                             .rng = {.key = 5}};
  PetscReal worst;

  expect_ok(md_pack_random(&spec, atoms, &worst));
  return worst;
}

/* Spheres pack at random up to 0.64, at all up to 0.7405 (fcc): 0.58 must succeed, 0.75 cannot. 
   The ratio that is reported is the one that is there. */
static void test_limits(void **state)
{
  const PetscReal diameter = 1.0;
  md_atoms atoms;
  PetscReal worst;

  (void)state;
  worst = pack_spheres(1000, 0.58, &atoms);
  assert_true(worst == 1.0);
  expect(worst_ratio(&atoms, &diameter) >= 1.0, "spheres do not overlap");
  expect_ok(md_atoms_clear(&atoms));
  worst = pack_spheres(1000, 0.75, &atoms);
  assert_true(worst < 0.99 && worst > 0.8); /* (0.64 / 0.75)^(1/3) = 0.95 if all were alike */
  expect_near(worst_ratio(&atoms, &diameter), worst, 1e-10, "the best configuration is handed out");
  expect_ok(md_atoms_clear(&atoms));
}

/* Two atoms, and one atom that has only its images to meet. */
static void test_few(void **state)
{
  const PetscReal diameter = 1.0;
  md_atoms atoms;

  (void)state;
  assert_true(pack_spheres(2, 0.5, &atoms) == 1.0);
  expect(worst_ratio(&atoms, &diameter) >= 1.0, "two spheres do not overlap");
  expect_ok(md_atoms_clear(&atoms));
  assert_true(pack_spheres(1, 0.5, &atoms) == 1.0);
  expect_ok(md_atoms_clear(&atoms));
  /* edge 0.9: the image is at 0.9 whatever one does */
  expect_near(pack_spheres(1, PETSC_PI / 6.0 / 0.729, &atoms), 0.9, 1e-14, "a cell too small");
  expect_ok(md_atoms_clear(&atoms));
}

/* Without distances atoms are an ideal gas: uniform in the cell.  The mean of n uniforms is within
   5 sigma = 5 / sqrt(12 n) of the middle. */
static void test_no_distances(void **state)
{
  enum { N = 3000 };
  const PetscInt n = N;
  const PetscReal mass = 1.0, zero = 0.0;
  const md_pack_spec spec = {.nspecies = 1,
                             .count = &n,
                             .mass = &mass,
                             .min_dist = &zero,
                             .volume = 8.0,
                             .rng = {.key = 1}};
  PetscReal worst, mean[3] = {0.0};
  md_atoms atoms;

  (void)state;
  expect_ok(md_pack_random(&spec, &atoms, &worst));
  assert_true(worst == 1.0);
  for (PetscInt k = 0; k < 3 * n; k++) mean[k % 3] += atoms.x[k] / 2.0 / N;
  for (int a = 0; a < 3; a++) expect_abs(mean[a], 0.5, 5.0 / sqrt(12.0 * N), "mean position");
  expect_ok(md_atoms_clear(&atoms));
}

static void test_nonsense(void **state)
{
  const PetscInt none[2] = {0, 0}, negative[2] = {1, -1}, good[2] = {1, 1};
  const PetscReal mass[2] = {1.0, 1.0}, dist[4] = {1.0, 1.0, 1.0, 1.0};
  const PetscReal skew[4] = {1.0, 2.0, 1.5, 1.0}, minus[4] = {-1.0, 1.0, 1.0, 1.0};
  const md_pack_spec spec = {
      .nspecies = 2, .count = good, .mass = mass, .min_dist = dist, .volume = 100.0};
  md_pack_spec bad[6];
  PetscReal worst;
  md_atoms atoms;

  (void)state;
  for (int k = 0; k < 6; k++) bad[k] = spec;
  bad[0].count = none;
  bad[1].count = negative;
  bad[2].min_dist = skew;
  bad[3].min_dist = minus;
  bad[4].volume = 0.0;
  bad[5].volume = (PetscReal)NAN;
  for (int k = 0; k < 6; k++) {
    expect_error(PETSC_ERR_ARG_OUTOFRANGE, md_pack_random(&bad[k], &atoms, &worst));
    expect_ok(md_atoms_clear(&atoms));
  }
  expect_ok(md_pack_random(&spec, &atoms, &worst));
  expect_ok(md_atoms_clear(&atoms));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_melts),        cmocka_unit_test(test_deterministic),
      cmocka_unit_test(test_limits),       cmocka_unit_test(test_few),
      cmocka_unit_test(test_no_distances), cmocka_unit_test(test_nonsense),
  };
  return expect_main(argc, argv, help, tests);
}
