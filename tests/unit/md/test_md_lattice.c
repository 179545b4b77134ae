/* tests/unit/md/test_md_lattice.c */
#include "tests/support/expect.h"

#include "md/md_lattice.h"

static const char help[] = "Crystals: nearest neighbours of every lattice, replication, filling\n";

enum { MAX_SITE = 4000 };

/* Number of atoms first..first+n-1 at `r` from atom i, images included; the margin is 1e-9. */
static PetscInt neighbours(const md_crystal *c, PetscInt n, const PetscReal x[], PetscInt i,
                           PetscInt first, PetscReal r)
{
  PetscInt found = 0;

  for (PetscInt j = first; j < first + n; j++) {
    for (int image = 0; image < 27; image++) {
      const int s[3] = {image % 3 - 1, image / 3 % 3 - 1, image / 9 - 1};
      PetscReal r2 = 0.0;

      for (int a = 0; a < 3; a++) r2 += PetscSqr(x[3 * j + a] - x[3 * i + a] + s[a] * c->edge[a]);
      if (i == j && image == 13) continue;
      if (PetscSqrtReal(r2) < r * (1.0 - 1e-9)) found += 1000; /* nearer than the nearest */
      found += PetscAbsReal(PetscSqrtReal(r2) - r) < 1e-9 * r;
    }
  }
  return found;
}

/* Distances in units of the lattice parameter a: textbook values. */
static void test_neighbours(void **state)
{
  static const struct {
    const char *name;
    PetscReal r; /* from species 0 to 0, or from 0 to 1 where there are two */
    PetscInt z01, z10;
  } known[] = {{"sc", 1.0, 6, 0},
               {"bcc", 0.8660254037844386, 8, 0},
               {"fcc", 0.7071067811865476, 12, 0},
               {"hcp", 1.0, 12, 0},
               {"diamond", 0.4330127018922193, 4, 0},
               {"rocksalt", 0.5, 6, 6},
               {"cscl", 0.8660254037844386, 8, 8},
               {"zincblende", 0.4330127018922193, 4, 4},
               {"fluorite", 0.4330127018922193, 8, 4}};
  static PetscReal x[3 * MAX_SITE];

  (void)state;
  for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++) {
    const md_lattice *l = md_lattice_find(known[k].name);
    const PetscInt two[2] = {0, 1};
    md_crystal c = {.lattice = l, .n = {3, 4, 5}, .low = {1.0, 2.0, 3.0}, .sublattice = two};
    PetscInt count[2];

    assert_non_null(l);
    assert_ptr_equal(md_lattice_get((PetscInt)k), l);
    for (int s = 0; s < 2; s++) count[s] = 60 * l->count[s];
    for (int a = 0; a < 3; a++) c.edge[a] = 4.0 * l->shape[a] * (PetscReal)c.n[a];
    c.nspecies = count[1] ? 2 : 1;
    c.count = count;
    expect_ok(md_crystal_fill(&c, x));
    for (PetscInt i = 0; i < count[0]; i++) {
      assert_int_equal(neighbours(&c, count[1] ? count[1] : count[0], x, i, count[1] ? count[0] : 0,
                                  4.0 * known[k].r),
                       known[k].z01);
    }
    for (PetscInt i = count[0]; i < count[0] + count[1]; i++) {
      assert_int_equal(neighbours(&c, count[0], x, i, 0, 4.0 * known[k].r), known[k].z10);
    }
  }
  assert_null(md_lattice_get((PetscInt)(sizeof(known) / sizeof(known[0]))));
  assert_null(md_lattice_find("wurtzite"));
}

static void test_replicate(void **state)
{
  static const struct {
    const char *name;
    PetscReal wanted, shape[3];
    PetscInt n[3];
  } known[] = {{"fcc", 500, {1, 1, 1}, {5, 5, 5}},
               {"fcc", 530, {1, 1, 1}, {5, 5, 5}},
               {"rocksalt", 1, {1, 1, 1}, {1, 1, 1}},
               {"rocksalt", 8 * 3 * 3 * 15, {3.6, 3.6, 18}, {3, 3, 15}},
               {"bcc", 2 * 16 * 16 * 4, {4, 4, 1}, {16, 16, 4}},
               {"hcp", 4 * 7 * 4 * 4, {1, 1, 1}, {7, 4, 4}}};

  (void)state;
  for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++) {
    PetscInt n[3];

    md_lattice_replicate(md_lattice_find(known[k].name), known[k].wanted, known[k].shape, n);
    for (int a = 0; a < 3; a++) assert_int_equal(n[a], known[k].n[a]);
  }
}

/* Two cations on one sublattice: each site once, shuffled by the key, anions where they belong. */
static void test_mixed(void **state)
{
  const PetscInt count[3] = {40, 68, 108}, sub[3] = {0, 0, 1};
  md_crystal c = {.lattice = md_lattice_find("rocksalt"),
                  .n = {3, 3, 3},
                  .edge = {18, 18, 18},
                  .nspecies = 3,
                  .count = count,
                  .sublattice = sub,
                  .rng = {.key = 1}};
  static PetscReal x[3 * MAX_SITE], y[3 * MAX_SITE];
  PetscReal mean = 0.0;

  (void)state;
  expect_ok(md_crystal_fill(&c, x));
  for (PetscInt i = 0; i < 216; i++) {
    /* the parity of the sum of coordinates in half edges tells the sublattice */
    const PetscReal sum = (x[3 * i] + x[3 * i + 1] + x[3 * i + 2]) / 3.0;

    expect_abs(sum - 2.0 * floor(sum / 2.0 + 0.25), i < 108 ? 0.0 : 1.0, 1e-9, "sublattice");
    for (PetscInt j = 0; j < i; j++) {
      expect(fabs(x[3 * i] - x[3 * j]) + fabs(x[3 * i + 1] - x[3 * j + 1]) +
                     fabs(x[3 * i + 2] - x[3 * j + 2]) >
                 1.0,
             "every site is used once");
    }
  }
  /* 40 of 108 sites by lot: the mean height is that of all, 7.5 Å, within 5 sigma */
  for (PetscInt i = 0; i < 40; i++) mean += x[3 * i + 2] / 40.0;
  expect_abs(mean, 7.5, 5.0 * 18.0 / sqrt(12.0 * 40.0), "species are shuffled");
  c.rng.key = 2;
  expect_ok(md_crystal_fill(&c, y));
  expect(memcmp(x, y, sizeof(PetscReal) * 3 * 108) != 0, "another key, another order");
}

/* Fewer atoms than sites: the top stays empty. */
static void test_incomplete(void **state)
{
  const PetscInt count[1] = {450}, sub[1] = {0};
  PetscInt many[1] = {501};
  md_crystal c = {.lattice = md_lattice_find("fcc"),
                  .n = {5, 5, 5},
                  .edge = {20, 20, 20},
                  .nspecies = 1,
                  .count = count,
                  .sublattice = sub,
                  .rng = {.key = 1}};
  static PetscReal x[3 * MAX_SITE];
  PetscReal top = 0.0;

  (void)state;
  expect_ok(md_crystal_fill(&c, x));
  for (PetscInt i = 0; i < 450; i++) top = PetscMax(top, x[3 * i + 2]);
  expect_abs(top, 16.0, 1e-9, "50 sites of the layer at 18 Å are left out");
  c.count = many;
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, md_crystal_fill(&c, x));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_neighbours),
      cmocka_unit_test(test_replicate),
      cmocka_unit_test(test_mixed),
      cmocka_unit_test(test_incomplete),
  };
  return expect_main(argc, argv, help, tests);
}
