/* tests/unit/screening/test_screen_start.c - from a campaign file to atoms, without a potential */
#include "md/md_units.h"
#include "screening/screen_start.h"
#include "tests/support/expect.h"

static const char about[] = "Starting cells: molecules, phases, slabs, crystals, masses\n";

/* Head and tail of a campaign; `system` stands between. */
static const char head[] = "campaign: start\n"
                           "potential: { file: none.almtp, species: [H, O, Li, Na, Cl, P, F] }\n";
static const char tail[] = "conditions: { temperature: 300 K }\n"
                           "simulation: { timestep: 1 fs, equilibration: 1 ps, "
                           "production: { npt: 1 ps } }\n"
                           "properties: { potential_energy: {} }\n";

typedef struct {
  screen_campaign *campaign;
  screen_grid *grid;
  md_atoms atoms;
  screen_start_report report;
} start;

static void read_start(const char *system, start *s)
{
  FILE *out = fopen("test_screen_start.yaml", "w");
  mtp_diag diag = {0};

  assert_non_null(out);
  fprintf(out, "%s%s%s", head, system, tail);
  assert_int_equal(fclose(out), 0);
  expect_ok(screen_campaign_plan("test_screen_start.yaml", &s->campaign, &diag));
  remove("test_screen_start.yaml");
  if (!s->campaign) fail_msg("%s", diag.text[0]);
  assert_non_null(s->campaign->potential_missing);
  expect_ok(screen_grid_create(s->campaign, &s->grid, &diag));
  assert_int_equal(diag.n, 0);
  expect_ok(screen_start_build(s->campaign, &s->grid->point[0], 2.0,
                               screen_start_rng(&s->grid->point[0], 0), &s->atoms, &s->report));
}

static void clear(start *s)
{
  expect_ok(md_atoms_clear(&s->atoms));
  expect_ok(screen_grid_destroy(&s->grid));
  expect_ok(screen_campaign_destroy(&s->campaign));
}

static PetscReal apart(const md_atoms *a, PetscInt i, PetscInt j, PetscBool nearest)
{
  PetscReal r2 = 0.0;

  for (int k = 0; k < 3; k++) {
    PetscReal d = a->x[3 * j + k] - a->x[3 * i + k];

    if (nearest) d -= a->h[k][k] * PetscFloorReal(d / a->h[k][k] + 0.5);
    r2 += d * d;
  }
  return PetscSqrtReal(r2);
}

/* Smallest distance between atoms of different molecules. */
static PetscReal closest(const start *s, const PetscInt molecule[])
{
  PetscReal least = 1e9;

  for (PetscInt i = 0; i < s->atoms.n; i++) {
    for (PetscInt j = 0; j < i; j++) {
      if (molecule[i] != molecule[j]) least = PetscMin(least, apart(&s->atoms, i, j, PETSC_TRUE));
    }
  }
  return least;
}

#define MOLECULES TEST_SOURCE "/campaigns/molecules/"

/* Brine with PF6: order of the atoms, molecules whole and apart, neutral, at the density. */
static void test_molecules(void **state)
{
  PetscInt *molecule, *kind;
  PetscReal charge = 0.0;
  start s;

  (void)state;
  read_start("system:\n"
             "  components:\n"
             "    LiPF6: { formula: LiPF6, molecule: " MOLECULES "PF6.xyz }\n"
             "    H2O: { molecule: [ " MOLECULES "H2O.xyz ] }\n"
             "  charges: { Li: 1, PF6: -1 }\n"
             "  composition: { LiPF6: 4 units, H2O: balance }\n"
             "  density: 1.1 g/cm3\n"
             "  atoms: 332\n",
             &s);
  assert_int_equal(s.atoms.n, 4 * 8 + 300);
  PetscMalloc2(s.atoms.n, &molecule, s.atoms.n, &kind);
  expect_ok(screen_start_molecules(s.campaign, &s.grid->point[0], molecule, kind));
  /* four PF6, a hundred waters, four Li */
  for (PetscInt i = 0; i < s.atoms.n; i++) {
    const PetscInt want = i < 28 ? i / 7 : i < 328 ? 4 + (i - 28) / 3 : 104 + (i - 328);

    assert_int_equal(molecule[i], want);
    assert_int_equal(kind[i], i < 28 ? 0 : i < 328 ? 1 : -1);
    if (i >= 328) assert_string_equal(s.campaign->species[s.atoms.type[i]], "Li");
    if (i >= 328) charge += s.campaign->charge[s.atoms.type[i]];
  }
  assert_string_equal(s.campaign->molecule[0].name, "PF6");
  charge += 4.0 * s.campaign->molecule[0].charge + 100.0 * s.campaign->molecule[1].charge;
  expect(charge == 0.0, "the cell is neutral");
  for (PetscInt m = 0; m < 4; m++) {
    for (PetscInt f = 1; f < 7; f++)
      expect_abs(apart(&s.atoms, 7 * m, 7 * m + f, PETSC_FALSE), 1.6, 1e-13, "P-F");
  }
  for (PetscInt m = 0; m < 100; m++)
    expect_abs(apart(&s.atoms, 28 + 3 * m, 29 + 3 * m, PETSC_FALSE), 0.9572, 1e-6, "O-H");
  expect(closest(&s, molecule) >= 2.0 * s.report.shrunk - 1e-9, "molecules are apart");
  expect_near(s.report.density * MD_DENSITY_SI / MD_ATOMIC_MASS, 1100.0, 1e-12, "density");
  expect(s.report.worst == 1.0 && s.report.shrunk > 0.7, "it packs");
  PetscFree2(molecule, kind);
  clear(&s);
}

/* Sodium below, salt above; then the same as crystals beside vacuum. */
static void test_phases(void **state)
{
  PetscReal top[2] = {0.0, 0.0};
  start s;

  (void)state;
  read_start("system:\n"
             "  components: { Na: { formula: Na, electrons: 1 }, NaCl: { formula: NaCl } }\n"
             "  charges: { Na: 1, Cl: -1 }\n"
             "  composition: { Na: 0.5, NaCl: balance }\n"
             "  cell: 1 x 1 x 2\n"
             "  start:\n"
             "    type: two-phase\n"
             "    regions:\n"
             "      metal: { components: [Na], density: 0.8 g/cm3 }\n"
             "      salt: { components: [NaCl], density: 1.5 g/cm3 }\n"
             "  atoms: 600\n",
             &s);
  assert_int_equal(s.atoms.n, 600);
  expect_near(s.report.edge[2], 2.0 * s.report.edge[0], 1e-12, "twice as high as wide");
  /* volumes by hand: 200 Na at 0.8 and 200 NaCl at 1.5 g/cm^3 */
  expect_near(s.report.edge[0] * s.report.edge[1] * s.report.edge[2],
              1.66053906660 * 200.0 * (22.990 / 0.8 + 58.440 / 1.5), 1e-10, "volume");
  for (PetscInt i = 0; i < 200; i++) {
    assert_string_equal(s.campaign->species[s.atoms.type[i]], "Na");
    const PetscReal z = s.atoms.x[3 * i + 2];

    if (z < 0.9 * s.report.edge[2])
      top[0] = PetscMax(top[0], z); /* else below the bottom, wrapped */
  }
  expect_abs(top[0], 1.66053906660 * 200.0 * 22.990 / 0.8 / PetscSqr(s.report.edge[0]), 2.0,
             "the metal ends where its volume does");
  clear(&s);
  read_start("system:\n"
             "  components: { Na: { formula: Na, electrons: 1 }, NaCl: { formula: NaCl } }\n"
             "  charges: { Na: 1, Cl: -1 }\n"
             "  composition: { Na: 0.5, NaCl: balance }\n"
             "  start:\n"
             "    type: slab\n"
             "    vacuum: 15 A\n"
             "    regions:\n"
             "      metal: { components: [Na], density: 0.8 g/cm3 }\n"
             "      salt: { components: [NaCl], density: 2.1 g/cm3, lattice: rocksalt }\n"
             "  atoms: 600\n",
             &s);
  expect_near(s.report.edge[2] - 15.0, s.report.edge[0], 1e-12, "a cube and the vacuum");
  for (PetscInt i = 0; i < 600; i++) {
    const PetscReal z = s.atoms.x[3 * i + 2];

    if (z < s.report.edge[2] - 1.0) top[1] = PetscMax(top[1], z); /* else just below the bottom */
  }
  expect(top[1] < s.report.edge[2] - 14.0, "nothing is in the vacuum");
  clear(&s);
}

/* NaCl at 2.17 g/cm^3: a = 5.6356 Å, six neighbours of the other kind at a/2. */
static void test_crystal(void **state)
{
  PetscReal a;
  start s;

  (void)state;
  read_start("system:\n"
             "  components: { NaCl: { formula: NaCl } }\n"
             "  charges: { Na: 1, Cl: -1 }\n"
             "  density: 2.17 g/cm3\n"
             "  start: { type: crystal, lattice: rocksalt }\n"
             "  atoms: 500\n",
             &s);
  assert_int_equal(s.atoms.n, 512);
  a = PetscPowReal(4.0 * 58.440 * 1.66053906660 / 2.17, 1.0 / 3.0);
  expect_near(s.report.edge[0], 4.0 * a, 1e-10, "lattice parameter");
  for (PetscInt i = 0; i < 256; i++) {
    PetscInt found = 0;

    for (PetscInt j = 256; j < 512; j++)
      found += PetscAbsReal(apart(&s.atoms, i, j, PETSC_TRUE) - a / 2.0) < 1e-9;
    assert_int_equal(found, 6);
  }
  clear(&s);
}

/* A cell of given size takes the atoms that fit at the density; heavy hydrogen weighs more. */
static void test_size_and_masses(void **state)
{
  start s;

  (void)state;
  read_start("system:\n"
             "  components: { D2O: { molecule: " MOLECULES "H2O.xyz } }\n"
             "  masses: { H: 2.014 }\n"
             "  density: 1.10 g/cm3\n"
             "  cell: 20 x 20 x 30 A\n",
             &s);
  expect_near(s.campaign->component[0].mass_u, 15.999 + 2.0 * 2.014, 1e-12, "D2O");
  /* 12000 Å^3 x 1.10 g/cm^3 are 396.9 molecules of 20.027 u */
  assert_int_equal(s.atoms.n, 3 * 397);
  expect_abs(s.report.edge[0], 20.0, 0.02, "edges");
  expect_abs(s.report.edge[2], 30.0, 0.03, "edges");
  clear(&s);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_molecules),
      cmocka_unit_test(test_phases),
      cmocka_unit_test(test_crystal),
      cmocka_unit_test(test_size_and_masses),
  };
  return expect_main(argc, argv, about, tests);
}
