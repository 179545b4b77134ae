/* tests/unit/md/test_md_elements.c */
#include "tests/support/expect.h"

#include "md/md_atoms.h"
#include "md/md_units.h"

static const char help[] =
    "Atomic weights, and densities of liquids guessed from volumes of atoms\n";

static void test_masses(void **state)
{
  /* CIAAW 2021, abridged; read off the table again, not copied from the source */
  const struct {
    const char *symbol;
    double mass;
  } want[] = {{"H", 1.008},   {"Li", 6.94},   {"O", 15.999},  {"F", 18.998},  {"Na", 22.99},
              {"Mg", 24.305}, {"P", 30.974},  {"Cl", 35.45},  {"K", 39.098},  {"Ca", 40.078},
              {"Mn", 54.938}, {"Cu", 63.546}, {"Zn", 65.38},  {"Ga", 69.723}, {"In", 114.82},
              {"La", 138.91}, {"Pb", 207.2},  {"Th", 232.04}, {"U", 238.03}};

  (void)state;
  for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
    PetscReal mass = 0.0;

    assert_true(md_element_lookup(want[i].symbol, &mass, NULL));
    expect_near(mass, want[i].mass, 1e-15, want[i].symbol);
  }
}

/* Without a standard atomic weight: Tc, Pm, Po to Ac, transuranics. */
static void test_unknown(void **state)
{
  const char *unknown[] = {"Tc", "Pm", "Po", "At", "Rn", "Fr", "Ra",  "Ac", "Np",
                           "Pu", "Xx", "",   "ca", "CA", "C ", "Cl-", "Uuo"};
  PetscReal mass = -1.0, volume = -2.0;

  (void)state;
  for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
    assert_false(md_element_lookup(unknown[i], &mass, &volume));
  }
  assert_true(mass == -1.0 && volume == -2.0);
}

/* 92 elements to U less Tc, Pm, Po, At, Rn, Fr, Ra, Ac; each heavier than the one before, but for
 * the four famous inversions Ar-K, Co-Ni, Te-I, Th-Pa; each with a volume of a liquid. */
static void test_completeness(void **state)
{
  static const char all[][3] = {
      "H",  "He", "Li", "Be", "B",  "C",  "N",  "O",  "F",  "Ne", "Na", "Mg", "Al", "Si",
      "P",  "S",  "Cl", "Ar", "K",  "Ca", "Sc", "Ti", "V",  "Cr", "Mn", "Fe", "Co", "Ni",
      "Cu", "Zn", "Ga", "Ge", "As", "Se", "Br", "Kr", "Rb", "Sr", "Y",  "Zr", "Nb", "Mo",
      "Ru", "Rh", "Pd", "Ag", "Cd", "In", "Sn", "Sb", "Te", "I",  "Xe", "Cs", "Ba", "La",
      "Ce", "Pr", "Nd", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu", "Hf",
      "Ta", "W",  "Re", "Os", "Ir", "Pt", "Au", "Hg", "Tl", "Pb", "Bi", "Th", "Pa", "U"};
  PetscReal before = 0.0;
  int inversions = 0;

  (void)state;
  for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
    PetscReal mass, volume;

    assert_true(md_element_lookup(all[i], &mass, &volume));
    inversions += mass < before;
    before = mass;
    if (volume < 5.0 || volume > 80.0) fail_msg("%s takes %g cubic angstroms", all[i], volume);
  }
  assert_int_equal(inversions, 4);
}

typedef struct {
  const char *name;
  struct {
    const char *symbol;
    int count;
  } part[5];
  double density; /* [g/cm^3] measured */
  double tol;     /* relative */
} liquid;

static void check_density(const liquid *l)
{
  PetscReal mass = 0.0, volume = 0.0;

  for (int i = 0; i < 5 && l->part[i].symbol; i++) {
    PetscReal m, v;

    assert_true(md_element_lookup(l->part[i].symbol, &m, &v));
    mass += l->part[i].count * m;
    volume += l->part[i].count * v;
  }
  expect_near(mass / volume * MD_DENSITY_SI * 1e-3, l->density, l->tol, l->name);
}

/* Salts at 1100 K (LaCl3: 1200 K): Janz, NIST SRD 27.  Metals at their melting points: Iida &
 * Guthrie 1988.  Solvents: water at 298 K, carbonates at 298 to 313 K.  The tolerances are what the
 * guess is used for (packing and the start of NPT), and in metals the price of one number an
 * element. */
static void test_densities(void **state)
{
  const liquid liquids[] = {
      {"LiCl", {{"Li", 1}, {"Cl", 1}}, 1.408, 0.15},
      {"NaCl", {{"Na", 1}, {"Cl", 1}}, 1.542, 0.15},
      {"KCl", {{"K", 1}, {"Cl", 1}}, 1.499, 0.15},
      {"CaCl2", {{"Ca", 1}, {"Cl", 2}}, 2.061, 0.15},
      {"MgCl2", {{"Mg", 1}, {"Cl", 2}}, 1.644, 0.15},
      {"LaCl3", {{"La", 1}, {"Cl", 3}}, 3.158, 0.15},
      {"CaCl2-KCl 0.501", {{"Ca", 501}, {"K", 499}, {"Cl", 1501}}, 1.774, 0.15},
      {"LiF", {{"Li", 1}, {"F", 1}}, 1.81, 0.15},
      {"Li2BeF4", {{"Li", 2}, {"Be", 1}, {"F", 4}}, 1.94, 0.15},
      {"ThF4", {{"Th", 1}, {"F", 4}}, 6.05, 0.15},
      {"Cu", {{"Cu", 1}}, 8.0, 0.15},
      {"Ca", {{"Ca", 1}}, 1.365, 0.30},
      {"Ga", {{"Ga", 1}}, 6.1, 0.05},
      {"In", {{"In", 1}}, 7.03, 0.05},
      {"La", {{"La", 1}}, 5.96, 0.05},
      {"water", {{"H", 2}, {"O", 1}}, 0.997, 0.03},
      {"ethylene carbonate", {{"C", 3}, {"H", 4}, {"O", 3}}, 1.32, 0.10},
      {"ethyl methyl carbonate", {{"C", 4}, {"H", 8}, {"O", 3}}, 1.006, 0.10},
  };

  (void)state;
  for (size_t i = 0; i < sizeof(liquids) / sizeof(liquids[0]); i++) check_density(&liquids[i]);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_masses),
      cmocka_unit_test(test_unknown),
      cmocka_unit_test(test_completeness),
      cmocka_unit_test(test_densities),
  };
  return expect_main(argc, argv, help, tests);
}
