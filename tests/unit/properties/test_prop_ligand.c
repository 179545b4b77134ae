/* tests/unit/properties/test_prop_ligand.c */
#include "properties/prop_ligand.h"
#include "tests/support/expect.h"
#include "tests/support/random.h"

static const char help[] = "Ligands and their angles: crystals, ligands at random, states\n";

enum { LAST = PROP_LIGAND_MOST + 1 };

/* Rock salt of m^3 cells with edge 6: unlike ions at 3, like ones at 4.243, unlike at 5.196 */
static void rock_salt(PetscInt m, md_atoms *atoms)
{
  static const PetscReal basis[8][3] = {{0, 0, 0}, {0, 1, 1}, {1, 0, 1}, {1, 1, 0},
                                        {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 1, 1}};

  expect_ok(md_atoms_create(8 * m * m * m, 2, atoms));
  for (int a = 0; a < 3; a++) atoms->h[a][a] = 6.0 * m;
  for (PetscInt i = 0; i < atoms->n; i++) {
    const PetscInt cell[3] = {i / 8 % m, i / 8 / m % m, i / 8 / m / m};

    atoms->type[i] = i % 8 / 4;
    for (int a = 0; a < 3; a++) atoms->x[3 * i + a] = 3.0 * basis[i % 8][a] + 6.0 * cell[a];
  }
}

/* Two cations apart, one in a contact pair, two at one anion, one between two anions */
static void test_pairing(void **state)
{
  static const struct {
    PetscInt type;
    PetscReal x, y;
  } ion[] = {{0, 5, 5},   {0, 15, 5},  {0, 5, 25},  {1, 7, 25},  {0, 20, 25},
             {1, 22, 25}, {0, 24, 25}, {0, 35, 15}, {1, 33, 15}, {1, 37, 15}};
  const PetscInt n = sizeof(ion) / sizeof(ion[0]);
  PetscReal share[PROP_PAIRING];
  prop_ligand *l;
  md_atoms atoms;

  (void)state;
  expect_ok(md_atoms_create(n, 2, &atoms));
  for (int a = 0; a < 3; a++) atoms.h[a][a] = 40.0;
  for (PetscInt i = 0; i < n; i++) {
    atoms.type[i] = ion[i].type;
    atoms.x[3 * i] = ion[i].x;
    atoms.x[3 * i + 1] = ion[i].y;
  }
  expect_ok(prop_ligand_create(2, 6.0, &l));
  expect_ok(prop_ligand_add(l, &atoms));
  expect_ok(prop_ligand_pairing(l, 0, 1, 3.0, share));
  expect_near(share[PROP_APART], 2.0 / 6.0, 1e-14, "cations without an anion");
  expect_near(share[PROP_CONTACT], 3.0 / 6.0, 1e-14, "cations at one anion");
  expect_near(share[PROP_AGGREGATE], 1.0 / 6.0, 1e-14, "a cation between two");
  expect_ok(prop_ligand_pairing(l, 1, 0, 3.0, share));
  expect_near(share[PROP_CONTACT], 3.0 / 4.0, 1e-14, "anions at one cation");
  expect_near(share[PROP_AGGREGATE], 1.0 / 4.0, 1e-14, "an anion between two");
  expect_ok(prop_ligand_pairing(l, 0, 1, 7.0, share));
  expect(isnan(share[PROP_APART]), "beyond the reach");
  expect_ok(prop_ligand_destroy(&l));
  expect_ok(md_atoms_clear(&atoms));
}

/* Octahedra: 6 ligands, 12 right angles and 3 straight ones of 15. */
static void test_octahedra(void **state)
{
  PetscReal share[LAST + 1], angle[PROP_LIGAND_ANGLES], density[PROP_LIGAND_ANGLES];
  prop_ligand *l;
  md_atoms atoms;

  (void)state;
  rock_salt(1, &atoms); /* a thin cell: images are ligands, too */
  expect_ok(prop_ligand_create(2, 6.0, &l));
  expect_ok(prop_ligand_add(l, &atoms));
  expect_ok(prop_ligand_add(l, &atoms));
  expect(prop_ligand_samples(l) == 2, "samples");
  for (PetscInt a = 0; a < 2; a++) {
    expect_ok(prop_ligand_counts(l, a, 1 - a, 3.6, share));
    for (int n = 0; n <= LAST; n++) expect_abs(share[n], n == 6, 0.0, "six ligands");
    expect_ok(prop_ligand_counts(l, a, 1 - a, 2.5, share));
    expect_abs(share[0], 1.0, 0.0, "none so near");
    expect_ok(prop_ligand_counts(l, a, a, 4.95, share));
    expect_abs(share[12], 1.0, 0.0, "twelve of its kind");
    expect_ok(prop_ligand_counts(l, a, 1 - a, 5.5, share));
    expect_abs(share[LAST], 1.0, 0.0, "fourteen are more than twelve");
    expect_ok(prop_ligand_angles(l, a, 1 - a, 3.6, angle, density));
    for (int k = 0; k < PROP_LIGAND_ANGLES; k++) {
      expect_near(angle[k], 2.0 * k + 1.0, 1e-14, "bins of two degrees");
      if (k != 44 && k != 45 && k != 89) expect_abs(density[k], 0.0, 0.0, "no other angle");
    }
    expect_near(2.0 * (density[44] + density[45]), 0.8, 1e-12, "right angles");
    expect_near(2.0 * density[89], 0.2, 1e-12, "straight angles");
  }
  expect_ok(prop_ligand_counts(l, 0, 1, 6.2, share));
  expect_ok(prop_ligand_angles(l, 0, 1, PETSC_MAX_REAL, angle, density));
  expect(isnan(share[0]) && isnan(density[44]), "beyond the reach");
  expect_ok(prop_ligand_angles(l, 0, 1, 2.0, angle, density));
  expect(isnan(density[44]), "no ligands, no angles");
  expect_ok(prop_ligand_destroy(&l));
  expect_ok(prop_ligand_destroy(&l));
  expect_ok(md_atoms_clear(&atoms));
}

/* Atoms at random: Poisson numbers of ligands and sin(angle)/2, at a radius between two steps. */
static void test_random(void **state)
{
  const PetscReal edge = 14.0, r = 3.05,
                  mean = 80.0 / (edge * edge * edge) * 4.0 / 3.0 * PETSC_PI * r * r * r;
  PetscReal share[LAST + 1], angle[PROP_LIGAND_ANGLES], density[PROP_LIGAND_ANGLES], sum = 0.0;
  PetscReal poisson = exp(-mean);
  random_stream stream = {3};
  prop_ligand *l;
  md_atoms atoms;

  (void)state;
  expect_ok(md_atoms_create(160, 2, &atoms));
  for (int a = 0; a < 3; a++) atoms.h[a][a] = edge;
  expect_ok(prop_ligand_create(2, 5.0, &l));
  for (PetscInt s = 0; s < 100; s++) {
    for (PetscInt i = 0; i < atoms.n; i++) {
      atoms.type[i] = i % 2;
      for (int a = 0; a < 3; a++) atoms.x[3 * i + a] = edge * (3.0 * random_uniform(&stream) - 1.0);
    }
    expect_ok(prop_ligand_add(l, &atoms));
  }
  expect_ok(prop_ligand_counts(l, 1, 0, r, share));
  for (int n = 0; n <= LAST; n++) {
    if (n < 9) expect_abs(share[n], poisson, 0.012, "Poisson numbers");
    poisson *= mean / (n + 1);
    sum += share[n];
  }
  expect_near(sum, 1.0, 1e-12, "shares add up");
  expect_ok(prop_ligand_angles(l, 1, 0, r, angle, density));
  for (int k = 0; k < PROP_LIGAND_ANGLES; k++) {
    expect_abs(density[k], 0.5 * sin(angle[k] * PETSC_PI / 180.0) * PETSC_PI / 180.0, 9e-4,
               "random angles");
  }
  expect_ok(prop_ligand_destroy(&l));
  expect_ok(md_atoms_clear(&atoms));
}

/* Continued from a saved state: the same bits; other settings are refused. */
static void test_save_load(void **state)
{
  md_blob a = {0}, b = {0};
  prop_ligand *whole, *part, *other;
  md_atoms atoms;

  (void)state;
  rock_salt(2, &atoms);
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_ligand_create(2, 0.05, &other));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, prop_ligand_create(0, 5.0, &other));
  expect_ok(prop_ligand_create(2, 5.0, &whole));
  expect_ok(prop_ligand_create(2, 5.0, &part));
  expect_ok(prop_ligand_create(2, 5.2, &other));
  expect_ok(prop_ligand_add(whole, &atoms));
  expect_ok(prop_ligand_save(whole, &a));
  expect_error(PETSC_ERR_FILE_UNEXPECTED, prop_ligand_load(other, &a));
  a.read = 0;
  expect_ok(prop_ligand_load(part, &a));
  expect(a.read == a.size, "load reads what save wrote");
  expect_ok(md_blob_clear(&a));
  for (PetscInt i = 0; i < 3 * atoms.n; i++) atoms.x[i] += 0.1 * sin((double)i);
  expect_ok(prop_ligand_add(whole, &atoms));
  expect_ok(prop_ligand_add(part, &atoms));
  expect_ok(prop_ligand_save(whole, &a));
  expect_ok(prop_ligand_save(part, &b));
  expect(a.size == b.size && memcmp(a.data, b.data, a.size) == 0, "the same bits");
  atoms.nspecies = 1;
  expect_error(PETSC_ERR_ARG_INCOMP, prop_ligand_add(whole, &atoms));
  atoms.nspecies = 2;
  expect_ok(md_blob_clear(&a));
  expect_ok(md_blob_clear(&b));
  expect_ok(prop_ligand_destroy(&whole));
  expect_ok(prop_ligand_destroy(&part));
  expect_ok(prop_ligand_destroy(&other));
  expect_ok(md_atoms_clear(&atoms));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_pairing), cmocka_unit_test(test_octahedra),
      cmocka_unit_test(test_random), cmocka_unit_test(test_save_load)};

  return expect_main(argc, argv, help, tests);
}
