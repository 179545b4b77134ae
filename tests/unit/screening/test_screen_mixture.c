/* tests/unit/screening/test_screen_mixture.c */
#include "md/md_units.h"
#include "screening/screen_cell.h"
#include "screening/screen_grid_impl.h"
#include "tests/support/expect.h"

static const char about[] =
    "Compositions: ratios, fractions of volume, molarity, molality, whole units by brute force\n";

/* Water, two solvents and a salt in the species H, C, O, Na, Cl; masses in u. */
static char species[][4] = {"H", "C", "O", "Na", "Cl"};
static PetscReal mass[5], values[4][8];
static PetscInt water[] = {2, 0, 1, 0, 0}, methanol[] = {4, 1, 1, 0, 0}, salt[] = {0, 0, 0, 1, 1};
static screen_component component[3];
static screen_axis axes[3];
static screen_share shares[3];

static screen_campaign mixture(const char *const name[3], PetscReal a, PetscReal b, PetscReal c)
{
  const PetscReal u[] = {1.008, 12.011, 15.999, 22.990, 35.45}, first[3] = {a, b, c};
  PetscInt *count[3] = {water, methanol, salt};

  for (int s = 0; s < 5; s++) mass[s] = u[s] * MD_ATOMIC_MASS;
  for (int k = 0; k < 3; k++) {
    component[k] = (screen_component){.count = count[k]};
    snprintf(component[k].name, sizeof(component[k].name), "%s", name[k]);
    for (int s = 0; s < 5; s++) component[k].mass_u += u[s] * count[k][s];
    values[k][0] = first[k];
    axes[k] = (screen_axis){1, values[k]};
    shares[k] = SCREEN_SHARE_FRACTION;
  }
  return (screen_campaign){.nspecies = 5,
                           .species = species,
                           .mass = mass,
                           .ncomponent = 3,
                           .component = component,
                           .composition = axes,
                           .balance = -1,
                           .share = shares,
                           .atoms = 1000};
}

static const char *const names[3] = {"water", "methanol", "salt"};

/* Mole fractions asked for, of the one composition. */
static void asked(const screen_campaign *c, PetscReal mole[3])
{
  char problem[SCREEN_MIXTURE_PROBLEM] = "";
  screen_mixture m;

  expect_ok(screen__mixture_create(c, &m));
  for (int k = 0; k < 3; k++) m.fraction[k] = values[k][0];
  if (c->balance >= 0) m.fraction[c->balance] = 1.0;
  for (int k = 0; k < 3; k++) {
    if (c->balance >= 0 && k != c->balance && shares[k] == SCREEN_SHARE_FRACTION)
      m.fraction[c->balance] -= m.fraction[k];
  }
  expect(screen__mixture_amounts(c, &m, problem), problem);
  for (int k = 0; k < 3; k++) mole[k] = m.mole[k];
  expect_ok(screen__mixture_clear(&m));
}

static PetscReal density_of(PetscReal g_per_cm3)
{
  return g_per_cm3 * 1e3 / MD_DENSITY_SI * MD_ATOMIC_MASS;
}

/* 6 mol/kg of NaCl in water: 1000 g are 55.5093 mol of 18.015 g/mol. */
static void test_molality(void **state)
{
  screen_campaign c = mixture(names, 1.0, 0.0, 6.0);
  PetscReal x[3];

  (void)state;
  shares[2] = SCREEN_SHARE_MOLALITY;
  asked(&c, x);
  expect_near(x[2], 6.0 / (6.0 + 1000.0 / 18.015), 1e-12, "mole fraction of the salt");
  expect_near(x[0], 1.0 - x[2], 1e-12, "the rest is water");
  /* a solvent of equal masses: 500 g of each */
  c = mixture(names, 0.5, 0.5, 2.0);
  c.fraction = SCREEN_MASS_FRACTION;
  shares[2] = SCREEN_SHARE_MOLALITY;
  asked(&c, x);
  expect_near(x[2], 2.0 / (2.0 + 500.0 / 18.015 + 500.0 / 32.042), 1e-12, "in a mixed solvent");
  expect_near(x[0] / x[1], 32.042 / 18.015, 1e-12, "equal masses of the solvents");
}

/* 1 mol/L of NaCl in a solution of 1.05 g/cm^3: 1050 g hold 58.44 g of salt and 991.56 g of water.
   To 1e-9 only: a mole of u is 3.5e-10 less than a gram since 2019. */
static void test_molarity(void **state)
{
  screen_campaign c = mixture(names, 1.0, 0.0, 1.0);
  PetscReal x[3], n, v_water, v_salt;

  (void)state;
  shares[2] = SCREEN_SHARE_MOLARITY;
  c.density_guess = density_of(1.05);
  asked(&c, x);
  n = (1050.0 - 58.44) / 18.015;
  expect_near(x[2], 1.0 / (1.0 + n), 1e-9, "density of the solution is known");
  /* volumes that add up: a litre less 0.025 L of salt (2.3376 g/cm^3) is water of 0.997 g/cm^3 */
  c.density_guess = 0.0;
  component[0].density = density_of(0.997);
  component[2].density = density_of(58.44 / 25.0);
  asked(&c, x);
  expect_near(x[2], 1.0 / (1.0 + 975.0 * 0.997 / 18.015), 1e-8, "volumes add up");
  v_water = screen_component_volume(&c, 0);
  v_salt = screen_component_volume(&c, 2);
  expect_near(x[2] / (x[0] * v_water + x[2] * v_salt), 6.02214076e-4, 1e-12,
              "one mole in a litre, counted in formula units and Å^3");
}

/* Solutes of both kinds: n_b = b M, W = (M + n_b M_b) / (d - c M_c) for one mole of water. */
static void test_both(void **state)
{
  screen_campaign c = mixture(names, 1.0, 2.0, 1.5);
  PetscReal x[3], litre;

  (void)state;
  shares[1] = SCREEN_SHARE_MOLALITY;
  shares[2] = SCREEN_SHARE_MOLARITY;
  c.density_guess = density_of(1.1);
  asked(&c, x);
  /* grams of water in a litre: w + 2 w/1000 x 32.042 + 1.5 x 58.44 = 1100 */
  litre = (1100.0 - 1.5 * 58.44) / (1.0 + 2.0 * 32.042 / 1000.0);
  expect_near(x[1] / x[0], 2.0 * 18.015 / 1000.0, 1e-12, "molality counts the water only");
  expect_near(x[2] / x[0], 1.5 / (litre / 18.015), 1e-8, "molarity counts the whole solution");
}

/* 0.6 : 0.4 by volume of liquids with 18.015/0.997 and 32.042/0.787 cm^3/mol. */
static void test_volume(void **state)
{
  screen_campaign c = mixture(names, 0.6, 0.4, 0.0);
  PetscReal x[3];

  (void)state;
  c.fraction = SCREEN_VOLUME_FRACTION;
  component[0].density = density_of(0.997);
  component[1].density = density_of(0.787);
  asked(&c, x);
  expect_near(x[0] / x[1], (0.6 * 0.997 / 18.015) / (0.4 * 0.787 / 32.042), 1e-12, "volumes");
  expect(x[2] == 0.0, "no salt");
}

static void expect_problem(const screen_campaign *c, const char *part)
{
  mtp_diag diag = {0};

  expect_ok(screen_grid_check(c, &diag));
  expect(diag.n > 0 && strstr(diag.text[0], part), diag.n ? diag.text[0] : part);
  expect_ok(mtp_diag_clear(&diag));
}

static void test_impossible(void **state)
{
  screen_campaign c = mixture(names, 1.0, 0.0, 40.0);

  (void)state;
  shares[2] = SCREEN_SHARE_MOLARITY;
  c.density_guess = density_of(1.2); /* 40 mol/L are 2338 g/L of salt alone */
  expect_problem(&c, "leave no room for the solvent");
  c = mixture(names, 1.0, 1.0, 1.0);
  for (int k = 0; k < 3; k++) shares[k] = SCREEN_SHARE_MOLALITY;
  expect_problem(&c, "without a solvent");
}

/* Whole units of a ternary against every triple of numbers: no other cell within the atoms allowed
   is nearer to the composition, or as near as 0.001 and nearer to the atoms. */
static void test_units(void **state)
{
  static const PetscReal x[][3] = {{0.8, 0.15, 0.05}, {0.5, 0.3, 0.2}, {0.1, 0.45, 0.45}};
  static const PetscInt size[] = {40, 97, 150};

  (void)state;
  for (int i = 0; i < 9; i++) {
    const PetscReal *f = x[i / 3];
    screen_campaign c = mixture(names, f[0], f[1], f[2]);
    const PetscReal slack = PetscMax(0.05 * (PetscReal)size[i % 3], 6.0);
    char problem[SCREEN_MIXTURE_PROBLEM];
    PetscReal best = 1.0, nearest = 1e9, got;
    screen_mixture m;

    c.atoms = size[i % 3];
    expect_ok(screen__mixture_create(&c, &m));
    expect_ok(screen__mixture_make(&c, 0, &m, problem));
    assert_string_equal(problem, "");
    for (PetscInt w = 1; 3 * w <= c.atoms + slack; w++) {
      for (PetscInt e = 1; 3 * w + 6 * e <= c.atoms + slack; e++) {
        for (PetscInt s = 1; 3 * w + 6 * e + 2 * s <= c.atoms + slack; s++) {
          const PetscReal n = (PetscReal)(w + e + s);
          const PetscReal miss = PetscAbsReal((PetscReal)(3 * w + 6 * e + 2 * s - c.atoms));
          const PetscReal off =
              PetscMax(PetscAbsReal(w / n - f[0]),
                       PetscMax(PetscAbsReal(e / n - f[1]), PetscAbsReal(s / n - f[2])));

          if (miss > slack) continue;
          best = PetscMin(best, off);
          if (off <= 0.001 + 1e-9) nearest = PetscMin(nearest, miss);
        }
      }
    }
    got = PetscAbsReal((PetscReal)(m.natoms - c.atoms));
    if (nearest < 1e9)
      expect(m.deviation <= 0.001 + 1e-9 && got == nearest, "the nearest among the good ones");
    else
      expect_abs(m.deviation, best, 1e-9, "the best of all");
    expect_ok(screen__mixture_clear(&m));
  }
}

/* Eight units of salt whatever the size; the solvents share the other atoms. */
static void test_fixed(void **state)
{
  screen_campaign c = mixture(names, 0.5, 0.0, 8.0);
  char problem[SCREEN_MIXTURE_PROBLEM];
  screen_mixture m;

  (void)state;
  c.balance = 1;
  axes[1] = (screen_axis){0, NULL};
  shares[2] = SCREEN_SHARE_UNITS;
  c.atoms = 466; /* 16 of salt and 50 of each solvent */
  expect_ok(screen__mixture_create(&c, &m));
  expect_ok(screen__mixture_make(&c, 0, &m, problem));
  assert_string_equal(problem, "");
  assert_int_equal(m.units[2], 8);
  assert_int_equal(m.units[0], 50);
  assert_int_equal(m.units[1], 50);
  assert_int_equal(m.natoms, 466);
  expect_near(m.mole[2], 8.0 / 108.0, 1e-14, "mole fraction of all");
  expect_ok(screen__mixture_clear(&m));
}

/* water:methanol 1:3 of what 0.2 of salt leaves. */
static void test_ratio_of_rest(void **state)
{
  screen_campaign c = mixture(names, 0.25, 0.0, 0.2);
  PetscBool in_ratio[3] = {PETSC_TRUE, PETSC_TRUE, PETSC_FALSE};
  char problem[SCREEN_MIXTURE_PROBLEM];
  screen_mixture m;

  (void)state;
  c.balance = 1;
  axes[1] = (screen_axis){0, NULL};
  c.in_ratio = in_ratio;
  c.atoms = 460; /* 20 + 60 + 20 units */
  expect_ok(screen__mixture_create(&c, &m));
  expect_ok(screen__mixture_make(&c, 0, &m, problem));
  assert_string_equal(problem, "");
  expect(m.units[0] == 20 && m.units[1] == 60 && m.units[2] == 20, "1:3 and a fifth of salt");
  expect_ok(screen__mixture_clear(&m));
}

/* Lines of a composition as they are read. */
static void test_lines(void **state)
{
  char key[] = "A:B", three[] = "A:B:C", text[] = "3:7", more[] = "1:2:5", wrong[] = "3:0x7";
  screen_yaml node = {.kind = SCREEN_YAML_SCALAR, .key = key, .text = text, .path = key};
  screen_notes notes = {.file = "x"};
  screen_axis axis[SCREEN_RATIO_MAX];
  screen_range range;
  screen_share share;

  (void)state;
  expect_ok(screen_ratio_read(&node, axis, &notes));
  expect(axis[0].n == 1 && axis[1].n == 0, "the second takes the rest");
  expect_near(axis[0].value[0], 0.3, 1e-15, "3:7");
  expect_ok(PetscFree(axis[0].value));
  node.key = three;
  node.text = more;
  expect_ok(screen_ratio_read(&node, axis, &notes));
  expect_near(axis[1].value[0], 0.25, 1e-15, "1:2:5");
  expect_ok(PetscFree(axis[0].value));
  expect_ok(PetscFree(axis[1].value));
  assert_int_equal(notes.n, 0);
  node.text = wrong;
  node.key = key;
  expect_ok(screen_ratio_read(&node, axis, &notes));
  expect(notes.n == 1 && node.refused && axis[0].n == 0, "no ratio");
  expect_ok(screen_notes_clear(&notes));
  node.text = (char[]){"2 mol/L"};
  screen_share_range(&node, &share, &range);
  expect(share == SCREEN_SHARE_MOLARITY && range.dimension == SCREEN_DIM_MOLARITY, "molarity");
  node.text = (char[]){"2 mol/kg"};
  screen_share_range(&node, &share, &range);
  expect(share == SCREEN_SHARE_MOLALITY, "molality");
  node.text = (char[]){"30 %"};
  screen_share_range(&node, &share, &range);
  expect(share == SCREEN_SHARE_FRACTION, "a fraction");
}

static void test_cell_text(void **state)
{
  char problem[SCREEN_PROBLEM_MAX];
  PetscReal edge[3];
  PetscBool size;

  (void)state;
  expect(screen_cell_parse("3.6 x 3.6 x 18 nm", edge, &size, problem) && size, "lengths");
  expect(edge[0] == 36.0 && edge[1] == 36.0 && edge[2] == 180.0, "in Å");
  expect(screen_cell_parse("30 A x 30 A x 9 nm", edge, &size, problem) && size, "units of each");
  expect(edge[0] == 30.0 && edge[2] == 90.0, "in Å");
  expect(screen_cell_parse("1x1x5", edge, &size, problem) && !size && edge[2] == 5.0, "a ratio");
  expect(!screen_cell_parse("1 x 2", edge, &size, problem), "two edges");
  expect(!screen_cell_parse("1 x 2 x -3 nm", edge, &size, problem), "a negative edge");
  expect(!screen_cell_parse("1 x 2 x 3 ps", edge, &size, problem), "no length");
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_molality),   cmocka_unit_test(test_molarity),
      cmocka_unit_test(test_both),       cmocka_unit_test(test_volume),
      cmocka_unit_test(test_impossible), cmocka_unit_test(test_units),
      cmocka_unit_test(test_fixed),      cmocka_unit_test(test_ratio_of_rest),
      cmocka_unit_test(test_lines),      cmocka_unit_test(test_cell_text),
  };
  return expect_main(argc, argv, about, tests);
}
