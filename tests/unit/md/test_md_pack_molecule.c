/* tests/unit/md/test_md_pack_molecule.c */
#include "tests/support/expect.h"

#include "md/md_pack.h"

static const char help[] = "Packing of rigid molecules: no overlap between molecules, geometries "
                           "kept, cells of any shape, "
                           "walls, places, files\n";

/* 0 O, 1 H, 2 P, 3 F, 4 Li */
enum { NS = 5 };
static const PetscReal mass[NS] = {16.0, 1.0, 31.0, 19.0, 7.0};
static PetscInt water_type[] = {0, 1, 1}, pf6_type[] = {2, 3, 3, 3, 3, 3, 3}, li_type[] = {4};
static PetscReal water_x[] = {5.0, 5.0, 5.0, 5.9572, 5.0, 5.0, 4.76, 5.9266, 5.0};
static PetscReal pf6_x[] = {0, 0, 0,    1.6, 0, 0, -1.6, 0, 0, 0,   1.6,
                            0, 0, -1.6, 0,   0, 0, 1.6,  0, 0, -1.6};
static PetscReal li_x[] = {0, 0, 0};
static const md_molecule water = {3, water_type, water_x}, pf6 = {7, pf6_type, pf6_x},
                         li = {1, li_type, li_x};

static void fill(PetscReal d, PetscReal dist[NS * NS])
{
  for (int k = 0; k < NS * NS; k++) dist[k] = d;
}

/* Atom i's molecule, from kinds and counts. */
static PetscInt molecule_of(const md_pack_cell *cell, PetscInt i)
{
  PetscInt m = 0;

  for (PetscInt k = 0; k < cell->nkind; k++) {
    const PetscInt n = cell->kind[k].molecule->n, all = n * cell->kind[k].count;

    if (i < all) return m + i / n;
    i -= all;
    m += cell->kind[k].count;
  }
  return -1;
}

/* Smallest r/min_dist over all pairs of different molecules and all images within two cells, own
   ones among them, without a neighbour list. */
static PetscReal worst_ratio(const md_pack_cell *cell, const md_atoms *atoms)
{
  PetscReal worst = 1e30;

  for (PetscInt i = 0; i < atoms->n; i++) {
    for (PetscInt j = 0; j <= i; j++) {
      const PetscBool same = (PetscBool)(molecule_of(cell, i) == molecule_of(cell, j));

      for (int image = 0; image < 125; image++) {
        const int s[3] = {image % 5 - 2, image / 5 % 5 - 2, image / 25 - 2};
        PetscReal r2 = 0.0;

        if (same && image == 62) continue;
        for (int a = 0; a < 3; a++) {
          PetscReal r = atoms->x[3 * j + a] - atoms->x[3 * i + a];

          for (int b = 0; b < 3; b++) r += s[b] * atoms->h[b][a];
          r2 += r * r;
        }
        worst = PetscMin(worst,
                         PetscSqrtReal(r2) / cell->min_dist[atoms->type[i] * NS + atoms->type[j]]);
      }
    }
  }
  return worst;
}

static PetscReal apart(const PetscReal x[], PetscInt i, PetscInt j)
{
  PetscReal r2 = 0.0;

  for (int a = 0; a < 3; a++) r2 += PetscSqr(x[3 * i + a] - x[3 * j + a]);
  return PetscSqrtReal(r2);
}

/* Largest difference of a distance within a molecule from that of its geometry.  Types are checked
   on the way. */
static PetscReal distortion(const md_pack_cell *cell, const md_atoms *atoms)
{
  PetscReal most = 0.0;
  PetscInt first = 0;

  for (PetscInt k = 0; k < cell->nkind; k++) {
    const md_molecule *m = cell->kind[k].molecule;

    for (PetscInt c = 0; c < cell->kind[k].count; c++, first += m->n) {
      for (PetscInt i = 0; i < m->n; i++) {
        assert_int_equal(atoms->type[first + i], m->type[i]);
        for (PetscInt j = 0; j < i; j++) {
          most = PetscMax(most,
                          PetscAbsReal(apart(atoms->x, first + i, first + j) - apart(m->x, i, j)));
        }
      }
    }
  }
  assert_int_equal(first, atoms->n);
  return most;
}

/* Water with LiPF6 at 1.0 g/cm^3 and more in a cube, a flat and a skewed cell: 2.0 Å between
   molecules, which is what one asks PACKMOL for. */
static void test_liquid(void **state)
{
  const PetscReal shape[3][3][3] = {{{17.8, 0, 0}, {0, 17.8, 0}, {0, 0, 17.8}},
                                    {{30.0, 0, 0}, {0, 30.0, 0}, {0, 0, 6.3}},
                                    {{17.8, 0, 0}, {-8.0, 17.8, 0}, {5.0, 4.0, 17.8}}};
  const md_pack_kind kind[3] = {{.count = 150, .molecule = &water},
                                {.count = 8, .molecule = &pf6},
                                {.count = 8, .molecule = &li}};
  PetscReal dist[NS * NS], worst;
  md_pack_cell cell = {.nspecies = NS, .mass = mass, .min_dist = dist, .nkind = 3, .kind = kind};
  md_atoms atoms;

  (void)state;
  fill(2.0, dist);
  for (int s = 0; s < 3; s++) {
    memcpy(cell.h, shape[s], sizeof(cell.h));
    cell.rng.key = (uint64_t)s + 1;
    expect_ok(md_pack_molecules(&cell, &atoms, &worst));
    assert_true(worst == 1.0);
    expect(worst_ratio(&cell, &atoms) >= 1.0, "no two molecules overlap");
    expect_abs(distortion(&cell, &atoms), 0.0, 1e-13, "geometries to round-off");
    expect_ok(md_atoms_clear(&atoms));
  }
}

/* A rod of 5 Å with 1.5 Å thick ends in a cube of 5.5 Å: along an edge its end meets the image of
   the other end, so it has to turn towards a diagonal. */
static void test_own_image(void **state)
{
  PetscInt type[2] = {0, 0};
  PetscReal x[6] = {0, 0, 0, 5.0, 0, 0}, dist[NS * NS], worst;
  const md_molecule rod = {2, type, x};
  const md_pack_kind kind = {.count = 1, .molecule = &rod};
  md_pack_cell cell = {.nspecies = NS,
                       .mass = mass,
                       .min_dist = dist,
                       .nkind = 1,
                       .kind = &kind,
                       .h = {{5.5, 0, 0}, {0, 5.5, 0}, {0, 0, 5.5}}};
  md_atoms atoms;

  (void)state;
  fill(1.5, dist);
  for (uint64_t key = 1; key <= 60; key++) {
    cell.rng.key = key;
    expect_ok(md_pack_molecules(&cell, &atoms, &worst));
    assert_true(worst == 1.0);
    expect(worst_ratio(&cell, &atoms) >= 1.0, "the rod does not meet itself");
    expect_abs(distortion(&cell, &atoms), 0.0, 1e-13, "the rod is 5 Å long");
    expect_ok(md_atoms_clear(&atoms));
  }
}

/* Twice the density of ice cannot be had at 2.9 Å: said, with the ratio that is there. */
static void test_too_dense(void **state)
{
  const md_pack_kind kind = {.count = 64, .molecule = &water};
  PetscReal dist[NS * NS], worst;
  md_pack_cell cell = {.nspecies = NS,
                       .mass = mass,
                       .min_dist = dist,
                       .nkind = 1,
                       .kind = &kind,
                       .h = {{10, 0, 0}, {0, 10, 0}, {0, 0, 10}},
                       .rng = {.key = 3}};
  md_atoms atoms;

  (void)state;
  fill(2.9, dist);
  expect_ok(md_pack_molecules(&cell, &atoms, &worst));
  assert_true(worst < 0.99 && worst > 0.1);
  expect_near(worst_ratio(&cell, &atoms), worst, 1e-10, "the best configuration is handed out");
  expect_abs(distortion(&cell, &atoms), 0.0, 1e-13, "geometries to round-off");
  expect_ok(md_atoms_clear(&atoms));
}

/* Orientations of a free molecule are drawn from all: <u_a> = 0, <u_a u_b> = delta_ab / 3 for the
   O-H direction, within 5 sigma; Var u_a = 1/3, Var u_a^2 = 4/45, Var u_a u_b = 1/15. */
static void test_isotropic(void **state)
{
  enum { N = 20000 };
  const md_pack_kind kind = {.count = N, .molecule = &water};
  PetscReal dist[NS * NS], worst, u1[3] = {0}, u2[3][3] = {{0}};
  md_pack_cell cell = {.nspecies = NS,
                       .mass = mass,
                       .min_dist = dist,
                       .nkind = 1,
                       .kind = &kind,
                       .h = {{10, 0, 0}, {0, 10, 0}, {0, 0, 10}},
                       .rng = {.key = 8}};
  md_atoms atoms;

  (void)state;
  fill(0.0, dist);
  expect_ok(md_pack_molecules(&cell, &atoms, &worst));
  assert_true(worst == 1.0);
  for (PetscInt m = 0; m < N; m++) {
    const PetscReal *o = &atoms.x[9 * m], *h = o + 3;

    for (int a = 0; a < 3; a++) {
      u1[a] += (h[a] - o[a]) / 0.9572 / N;
      for (int b = 0; b < 3; b++) u2[a][b] += (h[a] - o[a]) * (h[b] - o[b]) / PetscSqr(0.9572) / N;
    }
  }
  for (int a = 0; a < 3; a++) {
    expect_abs(u1[a], 0.0, 5.0 * sqrt(1.0 / 3.0 / N), "mean direction");
    for (int b = 0; b < 3; b++) {
      expect_abs(u2[a][b], a == b ? 1.0 / 3.0 : 0.0,
                 5.0 * sqrt((a == b ? 4.0 / 45.0 : 1.0 / 15.0) / N), "second moments");
    }
  }
  expect_ok(md_atoms_clear(&atoms));
}

/* A block of ions that stay below z = 8, water above up to 20, nothing from there to 30. */
static void test_walls(void **state)
{
  PetscReal place[3 * 18], dist[NS * NS], worst;
  const md_pack_kind kind[2] = {{.count = 18, .molecule = &li, .place = place},
                                {.count = 40, .molecule = &water, .low = 8.0, .high = 20.0}};
  md_pack_cell cell = {.nspecies = NS,
                       .mass = mass,
                       .min_dist = dist,
                       .nkind = 2,
                       .kind = kind,
                       .h = {{10, 0, 0}, {0, 10, 0}, {0, 0, 30}},
                       .rng = {.key = 4}};
  md_atoms atoms;

  (void)state;
  fill(2.2, dist);
  dist[4 * NS + 4] = 9.0; /* more than the places allow: not looked at between them */
  for (PetscInt i = 0; i < 18; i++) {
    place[3 * i] = (PetscReal)(i % 3) * 10.0 / 3.0;
    place[3 * i + 1] = (PetscReal)(i / 3 % 3) * 10.0 / 3.0;
    place[3 * i + 2] = i < 9 ? 1.0 : 7.0;
  }
  expect_ok(md_pack_molecules(&cell, &atoms, &worst));
  assert_true(worst == 1.0);
  assert_memory_equal(atoms.x, place, sizeof(place));
  for (PetscInt i = 18; i < atoms.n; i++) {
    expect(atoms.x[3 * i + 2] > 8.0 - 1.0 && atoms.x[3 * i + 2] < 20.0 + 1.0,
           "water is between its walls, but for what sticks out");
  }
  dist[4 * NS + 4] = 1.0;
  expect(worst_ratio(&cell, &atoms) >= 1.0, "nothing overlaps with what stays");
  expect_ok(md_atoms_clear(&atoms));
}

static void test_deterministic(void **state)
{
  const md_pack_kind kind[2] = {{.count = 30, .molecule = &water}, {.count = 2, .molecule = &pf6}};
  PetscReal dist[NS * NS], worst;
  md_pack_cell cell = {.nspecies = NS,
                       .mass = mass,
                       .min_dist = dist,
                       .nkind = 2,
                       .kind = kind,
                       .h = {{11, 0, 0}, {0, 11, 0}, {0, 0, 11}},
                       .rng = {.key = 4}};
  md_atoms a, b;

  (void)state;
  fill(2.0, dist);
  expect_ok(md_pack_molecules(&cell, &a, &worst));
  expect_ok(md_pack_molecules(&cell, &b, &worst));
  assert_memory_equal(a.x, b.x, sizeof(PetscReal) * 3 * (size_t)a.n);
  expect_ok(md_atoms_clear(&b));
  cell.rng.key = 5;
  expect_ok(md_pack_molecules(&cell, &b, &worst));
  expect(fabs(a.x[0] - b.x[0]) > 1e-3, "another key, other places");
  expect_ok(md_atoms_clear(&a));
  expect_ok(md_atoms_clear(&b));
}

static void test_nonsense(void **state)
{
  PetscInt strange[3] = {0, 1, NS};
  const md_molecule alien = {3, strange, water_x};
  const md_pack_kind good = {.count = 2, .molecule = &water};
  const md_pack_kind bad[4] = {{.count = -1, .molecule = &water},
                               {.count = 1, .molecule = &alien},
                               {.count = 1, .molecule = &water, .low = 5.0, .high = 1.0},
                               {.count = 0, .molecule = &water}};
  PetscReal dist[NS * NS], worst;
  md_pack_cell cell = {.nspecies = NS,
                       .mass = mass,
                       .min_dist = dist,
                       .nkind = 1,
                       .h = {{11, 0, 0}, {0, 11, 0}, {0, 0, 11}}};
  md_pack_cell flat = cell;
  md_pack_kind walls = good;
  md_atoms atoms;

  (void)state;
  fill(2.0, dist);
  for (int k = 0; k < 4; k++) {
    cell.kind = &bad[k];
    expect_error(PETSC_ERR_ARG_OUTOFRANGE, md_pack_molecules(&cell, &atoms, &worst));
  }
  flat.kind = &good;
  flat.h[1][0] = 11.0; /* the first two vectors are parallel */
  flat.h[1][1] = 0.0;
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, md_pack_molecules(&flat, &atoms, &worst));
  walls.high = 5.0;
  cell.kind = &walls;
  cell.h[2][0] = 1.0;
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, md_pack_molecules(&cell, &atoms, &worst));
}

static void write_text(const char *path, const char *text)
{
  FILE *out = fopen(path, "w");

  assert_non_null(out);
  fputs(text, out);
  assert_int_equal(fclose(out), 0);
}

static void test_read(void **state)
{
  static const char *const species[2] = {"H", "O"};
  const char *path = "test_md_pack_molecule.xyz";
  mtp_diag diag = {0};
  md_molecule m;

  (void)state;
  write_text(path, "3\nwater\nO 0 0 0.1\nH 0.9 0 0\nH 0 0.9 0\n");
  expect_ok(md_molecule_read(path, 2, species, &m, &diag));
  assert_int_equal(diag.n, 0);
  assert_int_equal(m.n, 3);
  assert_int_equal(m.type[0], 1);
  assert_int_equal(m.type[2], 0);
  assert_true(m.x[2] == 0.1 && m.x[7] == 0.9);
  expect_ok(md_molecule_clear(&m));
  write_text(path, "3\nwater\nO 0 0 0\nH 0.9 0 0\nF 0 0.9 0\n");
  expect_ok(md_molecule_read(path, 2, species, &m, &diag));
  assert_int_equal(m.n, 0);
  assert_int_equal(diag.n, 1);
  assert_non_null(strstr(diag.text[0], "F"));
  write_text(path, "3\nwater\nO 0 0 0\nH 0.9 0 0\nH 0.9 0.1 0\n");
  expect_ok(md_molecule_read(path, 2, species, &m, &diag));
  assert_int_equal(m.n, 0);
  assert_non_null(strstr(diag.text[1], "atoms 2 and 3 are 0.10 Å apart"));
  remove(path);
  expect_ok(md_molecule_read(path, 2, species, &m, &diag));
  assert_int_equal(diag.n, 3);
  expect_ok(mtp_diag_clear(&diag));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_liquid),    cmocka_unit_test(test_own_image),
      cmocka_unit_test(test_too_dense), cmocka_unit_test(test_isotropic),
      cmocka_unit_test(test_walls),     cmocka_unit_test(test_deterministic),
      cmocka_unit_test(test_nonsense),  cmocka_unit_test(test_read),
  };
  return expect_main(argc, argv, help, tests);
}
