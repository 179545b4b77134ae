static const char purpose[] =
    "What others have measured: rows, forms, units, bases, lookup, and what is wrong with a file\n";

#include "screening/screen_measured.h"
#include "tests/support/expect.h"

/* Two components; KCl weighs half of what CaCl2 does, to keep numbers simple. */
static const char *const names[] = {"CaCl2", "KCl"};
static const PetscReal masses[] = {0.2, 0.1};
static const screen_measured_components components = {2, names, masses};

static void parse(const char *text, screen_measurements *e, mtp_diag *diag)
{
  char copy[2048];
  FILE *in;

  *e = (screen_measurements){0};
  snprintf(copy, sizeof(copy), "%s", text);
  in = fmemopen(copy, strlen(copy), "r");
  expect(in != NULL, "fmemopen");
  expect_ok(screen_measured_parse(&components, "dir/x.csv", in, e, diag));
  fclose(in);
}

static void clear(screen_measurements *e, mtp_diag *diag)
{
  expect_ok(screen_measured_clear(e));
  expect_ok(mtp_diag_clear(diag));
}

static PetscReal find(const screen_measurements *e, prop_id id, const PetscReal mole[], PetscReal t)
{
  const screen_measurement *m = screen_measured_find(e, id, 2, mole, t);

  return m ? screen_measured_at(m, t, NULL) : PROP_NAN;
}

static void test_rows_and_lookup(void **state)
{
  const PetscReal near[] = {0.282, 0.718}, off[] = {0.29, 0.71}, half[] = {0.5, 0.5};
  mtp_diag diag = {0};
  screen_measurements e;

  (void)state;
  parse("# source\nproperty,unit,CaCl2,T_min_K,T_max_K,form,D1,D2\n"
        "density,g/cm3,0.282,1090,1170,linear,2.265,-0.00055242\r\n"
        "density,kg/m3,0.5,1000,1100,linear,2000,-0.5\n",
        &e, &diag);
  expect(diag.n == 0 && e.n == 2, "two good rows");
  assert_string_equal(e.source[e.row[0].source], "x.csv");
  expect_near(find(&e, PROP_ID_DENSITY, near, 1100.0), 1657.338, 1e-9, "NIST, 1100 K");
  expect(isnan(find(&e, PROP_ID_DENSITY, near, 1089.0)), "no extrapolation in T");
  expect(isnan(find(&e, PROP_ID_DENSITY, off, 1100.0)), "no other composition");
  expect_near(find(&e, PROP_ID_DENSITY, half, 1100.0), 1450.0, 1e-9, "upper edge of T, kg/m3");
  expect(isnan(find(&e, PROP_ID_VISCOSITY, half, 1100.0)), "another property");
  clear(&e, &diag);
}

/* Every form and unit at 1000 K, by hand. */
static void test_forms(void **state)
{
  static const struct {
    const char *row;
    PetscReal value;
  } list[] = {{"density,g/cm3,900,1100,quadratic,2,1e-3,1e-6,0", 4000.0},
              {"viscosity,mPa s,900,1100,arrhenius,0.1,8314.46261815324,0,0", 2.718281828459045e-4},
              {"viscosity,cP,900,1100,log10,-1,1000,1e6,0", 1e-2},
              {"heat_capacity,J/(g K),900,1100,heat,1,1e-3,1e6,1e-6", 4000.0},
              {"ionic_conductivity,S/cm,900,1100,cubic,1,1e-3,1e-6,1e-9", 400.0},
              {"ionic_conductivity,mS/cm,900,1100,linear,10,0,0,0", 1.0},
              {"thermal_conductivity,W/(m K),900,1100,linear,0.5,-1e-4,0,0", 0.4}};

  (void)state;
  for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
    char text[512];
    screen_measurements e;
    mtp_diag diag = {0};

    snprintf(text, sizeof(text), "property,unit,T_min_K,T_max_K,form,D1,D2,D3,D4,CaCl2\n%s,1\n",
             list[i].row);
    parse(text, &e, &diag);
    expect(diag.n == 0 && e.n == 1, "a good row");
    expect_near(screen_measured_at(&e.row[0], 1000.0, NULL), list[i].value, 1e-12 * list[i].value,
                list[i].row);
    clear(&e, &diag);
  }
}

static void test_points_and_uncertainty(void **state)
{
  const PetscReal mole[] = {0.5, 0.5};
  const screen_measurement *m;
  PetscReal u;
  mtp_diag diag = {0};
  screen_measurements e;

  (void)state;
  parse("#: source = A, B & C 1999\n#: u = 3 %\n#: confidence = 95 %\n#: kind = evaluated\n"
        "property,unit,CaCl2,KCl,T_K,value,u,confidence,source,species\n"
        "diffusion,1e-9 m2/s,0.5,0.5,1000,4,0.2,k=2,\"D, \"\"E\"\" 2000\",Ca\n"
        "diffusion,cm2/s,0.5,0.5,1100,4e-5,,,,Cl\n",
        &e, &diag);
  expect(diag.n == 0 && e.n == 2 && e.nsource == 2, "two rows of two sources");
  m = screen_measured_find(&e, PROP_ID_DIFFUSION, 2, mole, 1000.3);
  expect(m == &e.row[0], "a point holds within half a kelvin");
  expect_near(screen_measured_at(m, 1000.0, &u), 4e-9, 1e-12, "its value");
  expect_near(u, 1e-10, 1e-12, "k = 2 is halved");
  assert_string_equal(e.source[m->source], "D, \"E\" 2000");
  assert_string_equal(m->species, "Ca");
  expect(screen_measured_find(&e, PROP_ID_DIFFUSION, 2, mole, 1001.0) == NULL, "not farther away");
  m = &e.row[1];
  expect_near(screen_measured_at(m, 1100.0, &u), 4e-9, 1e-12, "cm2/s");
  expect(isnan(u), "an empty field is no number, whatever the file says for rows without it");
  expect(m->kind == SCREEN_EVALUATED, "kind of the whole file");
  clear(&e, &diag);
}

static void test_bases(void **state)
{
  mtp_diag diag = {0};
  screen_measurements e;

  (void)state;
  parse("property,unit,CaCl2,NaCl,basis,T_K,value\ndensity,kg/m3,50,0,mole percent,1000,2000\n"
        "density,kg/m3,0.5,0,mass fraction,1000,2000\ndensity,kg/m3,0.5,0.5,,1000,2000\n",
        &e, &diag);
  expect(diag.n == 0 && e.n == 3, "three rows");
  expect_near(e.row[0].mole[1], 0.5, 1e-12, "the rest of a hundred");
  expect_near(e.row[1].mole[0], 1.0 / 3.0, 1e-12, "half the mass of what weighs twice as much");
  assert_string_equal(e.row[2].foreign, "NaCl");
  expect(!screen_measured_fits(&e.row[2], 2, e.row[0].mole, 1000.0), "another liquid");
  clear(&e, &diag);
}

/* Of what weighs 0.2 and 0.1 kg/mol: 2 mol in a kg of the other, 12 mol altogether. */
static void test_amounts(void **state)
{
  mtp_diag diag = {0};
  screen_measurements e;

  (void)state;
  parse("#: solute = CaCl2\n"
        "property,unit,CaCl2,KCl,basis,solvents,T_K,value,density CaCl2,density KCl\n"
        "density,kg/m3,2,1,molality,,1000,2000,,\n"
        "density,kg/m3,2,1,molality,mole fraction,1000,2000,,\n"
        "density,kg/m3,2,1,molality,volume fraction,1000,2000,,1500\n"
        "density,kg/m3,0.5,0.5,volume fraction,,1000,2000,2000,1000\n"
        "density,kg/m3,2,1,molarity,,1000,2000,,\n",
        &e, &diag);
  expect(diag.n == 0 && e.n == 5, "five rows");
  for (PetscInt i = 0; i < 3; i++)
    expect_near(e.row[i].mole[0], 1.0 / 6.0, 1e-12, "2 mol beside 10, of whatever the fractions");
  expect_near(e.row[3].mole[0], 0.5, 1e-12, "twice as dense, twice as heavy");
  expect(e.row[4].pending && e.row[4].concentration == 2000.0, "2 mol/L waits for a density");
  expect(!screen_measured_same(&e.row[4], 2, e.row[4].mole), "and fits nothing until then");
  clear(&e, &diag);
}

static void test_calisol(void **state)
{
  mtp_diag diag = {0};
  screen_measurements e;

  (void)state;
  parse(",doi,k,T,c,salt,c units,solvent ratio type,KCl,PC\n"
        "0,10.1/x,9.5,298.15,2,CaCl2,mol/kg,w,1,0\n"
        "1,10.1/x,9.5,298.15,2,CaCl2,mol/l,v,1,0\n"
        "2,10.1/x,9.5,298.15,2,CaCl2,mol/kg,w,0.5,0.5\n"
        "3,10.1/y,9.5,298.15,2,LiPF6,mol/kg,w,1,0\n",
        &e, &diag);
  expect(diag.n == 0 && e.n == 4 && e.nsource == 2, "four rows of two papers");
  expect_near(screen_measured_at(&e.row[0], 298.15, NULL), 0.95, 1e-12, "mS/cm");
  expect_near(e.row[0].mole[0], 1.0 / 6.0, 1e-12, "molality");
  expect(e.row[1].pending && e.row[1].part == SCREEN_OF_VOLUME, "molarity, ratio of volumes");
  assert_string_equal(e.row[2].foreign, "PC");
  assert_string_equal(e.row[3].foreign, "LiPF6");
  clear(&e, &diag);
  parse("doi,k_raw,T_K,c,c_units,solvent_ratio_type,KCl\na,9.5,298.15,2,mol/kg,w,1\n", &e, &diag);
  expect(diag.n == 0 && e.n == 1, "without a salt");
  expect_near(e.row[0].mole[0], 1.0 / 6.0, 1e-12, "it is what has no column");
  clear(&e, &diag);
}

static void expect_messages(const char *text, PetscInt n, const char *const want[])
{
  mtp_diag diag = {0};
  screen_measurements e;

  parse(text, &e, &diag);
  for (PetscInt i = 0; i < n && i < diag.n; i++) assert_string_equal(diag.text[i], want[i]);
  if (diag.n != n) expect_ok(mtp_diag_print(&diag, stderr));
  expect(diag.n == n, "as many messages as problems");
  clear(&e, &diag);
}

/* Long messages */
static const char wanted_property[] =
    "dir/x.csv:2: column property: got 'colour', wanted density, thermal_expansion, "
    "heat_capacity, heat_capacity_atoms, heat_capacity_formula, speed_of_sound, viscosity, "
    "diffusion, ionic_conductivity, thermal_conductivity";
static const char wanted_form[] =
    "dir/x.csv:2: column form: got 'quartic', wanted linear, quadratic, cubic, arrhenius, log10 "
    "or heat";
static const char wanted_column[] =
    "dir/x.csv:1: got 'colour', wanted unit, u, confidence, kind, basis, species, source, "
    "property or another column";
static const char wanted_basis[] =
    "dir/x.csv:3: column basis: got 'volume', wanted mole fraction, mole percent, mass "
    "fraction, volume fraction, molality or molarity";
static const char wanted_solvents[] =
    "dir/x.csv:3: column solvents: got 'x', wanted mass fraction, mole fraction or volume "
    "fraction";
static const char wanted_points[] =
    "dir/x.csv:4: column basis: got 'molarity', wanted points (T_K, value): at one molarity the "
    "composition changes with temperature";

static void test_messages(void **state)
{
  const char *const empty[] = {"dir/x.csv: has no header, wanted property,unit,...,form,D1,D2"};
  const char *const bad[] = {
      wanted_property,
      wanted_form,
      "dir/x.csv:2: column D1: got 'two', wanted a number",
      "dir/x.csv:3: got 3 fields, wanted 8 as in the header",
      "dir/x.csv:4: column unit: got 'lb/ft3', wanted kg/m3, g/cm3",
      "dir/x.csv:5: column T_max_K: got '900', wanted a temperature not below T_min_K"};
  const char *const missing[] = {
      "dir/x.csv:2: column T_max_K: got 'no such column', wanted a number",
      "dir/x.csv:2: no columns for both CaCl2 and KCl, wanted all components but one"};
  const char *const other[] = {
      wanted_column,
      "dir/x.csv:3: column u: got '-1', wanted a positive number, or one in %",
      "dir/x.csv:3: column kind: got 'guessed', wanted measured, evaluated or estimated",
      wanted_basis,
      "dir/x.csv:4: got fractions that sum to 1.5, wanted 1",
      "dir/x.csv:5: column species: got 'no such column', wanted the element that diffuses"};

  (void)state;
  expect_messages("# only a remark\n", 1, empty);
  expect_messages("property,unit,CaCl2,T_min_K,T_max_K,form,D1,D2\n"
                  "colour,lb/ft3,0.5,1000,1100,quartic,two,3\na,b,c\n"
                  "density,lb/ft3,0.5,1000,1100,linear,2,3\n"
                  "density,g/cm3,0.5,1000,900,linear,2,3\n",
                  6, bad);
  expect_messages("property,unit,T_min_K,form,D1,D2\ndensity,kg/m3,1000,linear,1,2\n", 2, missing);
  expect_messages("#: colour = red\nproperty,unit,CaCl2,KCl,T_K,value,u,kind,basis\n"
                  "density,kg/m3,0.5,0.5,1000,1,-1,guessed,volume\n"
                  "density,kg/m3,1,0.5,1000,1,,,\ndiffusion,m2/s,1,0,1000,1,,,\n",
                  6, other);
}

static void test_messages_of_amounts(void **state)
{
  const char *const amounts[] = {
      "dir/x.csv:2: column solute: got '', wanted the component that the concentration counts",
      wanted_solvents, wanted_points, "dir/x.csv:5: got fractions that sum to 0.5, wanted 1"};
  const char *const calisol[] = {"dir/x.csv:2: column k: got 'high', wanted a number",
                                 "dir/x.csv:2: column c: got '-2', wanted an amount from 0 on"};

  (void)state;
  expect_messages("property,unit,CaCl2,KCl,basis,solvents,solute,T_min_K,T_max_K,form,D1,D2\n"
                  "density,kg/m3,2,1,molality,,,1000,1100,linear,1,0\n"
                  "density,kg/m3,2,1,molality,x,CaCl2,1000,1100,linear,1,0\n"
                  "density,kg/m3,2,1,molarity,,CaCl2,1000,1100,linear,1,0\n"
                  "density,kg/m3,2,0.5,molality,,CaCl2,1000,1100,linear,1,0\n",
                  4, amounts);
  expect_messages("doi,k,T,c,c units,solvent ratio type,KCl\na,high,298.15,-2,mol/kg,w,1\n", 2,
                  calisol);
}

static void test_shipped_file(void **state)
{
  mtp_diag diag = {0};
  screen_measurements e = {0};

  (void)state;
  expect_ok(screen_measured_read(
      &components, TEST_SOURCE "/campaigns/experiments/janz1992-cacl2-kcl.csv", &e, &diag));
  expect(diag.n == 0 && e.n >= 8, "the shipped correlations are read");
  expect_ok(screen_measured_read(&components, "no/such.csv", &e, &diag));
  assert_string_equal(diag.text[0], "no/such.csv: cannot be read: No such file or directory");
  clear(&e, &diag);
}

/* Each shipped file where a number is published: melting points of the metals' references; NIST and
 * MSTDB-TP at 1100 K as tabulated; the authors' own measurements beside Landesfeind's correlation
 * (1 mol/L, 40 C: 11.51 mS/cm); LiCl of 20 % at 20 C as its formula gives it.  Where a value is an
 * evaluation of the file's own correlation (MgCl2, NaCl-KCl, LaCl3, viscosity of Cu, LiCl) it finds
 * what is read wrongly, not a wrong source. */
static const struct {
  const char *file, *component[3];
  PetscReal mole[3];
  prop_id id;
  PetscReal t, value, tolerance; /* relative */
} shipped[] = {
    {"janz1992-cacl2-kcl", {"CaCl2", "KCl"}, {1.0, 0.0}, PROP_ID_DENSITY, 1100.0, 2061.3, 1e-4},
    {"janz1992-cacl2-nacl",
     {"NaCl", "CaCl2"},
     {1.0},
     PROP_ID_IONIC_CONDUCTIVITY,
     1100.0,
     366.0,
     0.02},
    {"janz1992-chlorides",
     {"CaCl2", "KCl"},
     {1.0},
     PROP_ID_IONIC_CONDUCTIVITY,
     1100.0,
     224.0,
     5e-3},
    {"janz1992-chlorides",
     {"KCl", "CaCl2"},
     {1.0},
     PROP_ID_IONIC_CONDUCTIVITY,
     1100.0,
     230.0,
     5e-3},
    {"janz1992-lacl3", {"LaCl3", "KCl", "NaCl"}, {1.0}, PROP_ID_DENSITY, 1200.0, 3157.0, 0.01},
    {"janz1992-mgcl2", {"MgCl2", "KCl", "NaCl"}, {1.0}, PROP_ID_DENSITY, 1050.0, 1665.2, 1e-4},
    {"janz1992-nacl-kcl", {"NaCl", "KCl"}, {1.0}, PROP_ID_DENSITY, 1100.0, 1542.0, 1e-3},
    {"mstdb-tp-chlorides", {"CaCl2", "KCl"}, {1.0}, PROP_ID_DENSITY, 1100.0, 2064.7, 1e-4},
    {"liquid-metals", {"Cu", "Ca", "Na"}, {1.0}, PROP_ID_DENSITY, 1357.77, 7997.0, 1e-6},
    {"liquid-metals", {"Cu", "Ca", "Na"}, {1.0}, PROP_ID_VISCOSITY, 1400.0, 3.74e-3, 2e-3},
    {"liquid-metals", {"Ca", "Cu", "Na"}, {1.0}, PROP_ID_DENSITY, 1115.15, 1378.0, 1e-6},
    {"liquid-metals", {"Na", "Ca", "Cu"}, {1.0}, PROP_ID_DENSITY, 370.95, 927.0, 1e-6},
    {"liquid-metals", {"K", "Ca", "Cu"}, {1.0}, PROP_ID_DENSITY, 336.53, 828.0, 1e-6},
    {"polovinkin2026-ca-cu", {"Cu", "Ca"}, {1.0}, PROP_ID_DENSITY, 1400.0, 7930.0, 1e-6},
    {"calisol23-lipf6-ec-emc",
     {"LiPF6", "EC", "EMC"},
     {0.0},
     PROP_ID_IONIC_CONDUCTIVITY,
     313.15,
     1.1513,
     1e-6},
    {"landesfeind2019-lipf6-ec-emc",
     {"LiPF6", "EC", "EMC"},
     {0.0},
     PROP_ID_IONIC_CONDUCTIVITY,
     313.15,
     1.1513,
     0.02},
    {"laliberte2009-licl",
     {"LiCl", "H2O"},
     {0.09605, 0.90395},
     PROP_ID_DENSITY,
     293.15,
     1115.37,
     1e-5}};

static void test_shipped_values(void **state)
{
  static const PetscReal mass[] = {0.042394, 0.018015, 0.1};

  (void)state;
  for (size_t i = 0; i < sizeof(shipped) / sizeof(shipped[0]); i++) {
    const PetscInt n = shipped[i].component[2] ? 3 : 2;
    const screen_measured_components c = {n, shipped[i].component, mass};
    const screen_measurement *m = NULL;
    mtp_diag diag = {0};
    screen_measurements e = {0};
    char path[256];

    snprintf(path, sizeof(path), TEST_SOURCE "/campaigns/experiments/%s.csv", shipped[i].file);
    expect_ok(screen_measured_read(&c, path, &e, &diag));
    if (diag.n) expect_ok(mtp_diag_print(&diag, stderr));
    expect(diag.n == 0 && e.n > 0, shipped[i].file);
    if (shipped[i].mole[0] > 0.0)
      m = screen_measured_find(&e, shipped[i].id, n, shipped[i].mole, shipped[i].t);
    for (PetscInt k = 0; k < e.n && !m; k++) { /* about 1 mol/L, which waits for a density */
      if (e.row[k].pending && PetscAbsReal(e.row[k].concentration - 1000.0) < 5.0 &&
          PetscAbsReal(e.row[k].t_min - shipped[i].t) < 0.1)
        m = &e.row[k];
    }
    expect(m != NULL, shipped[i].file);
    expect_near(screen_measured_at(m, shipped[i].t, NULL), shipped[i].value, shipped[i].tolerance,
                shipped[i].file);
    clear(&e, &diag);
  }
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows_and_lookup),
                                     cmocka_unit_test(test_forms),
                                     cmocka_unit_test(test_points_and_uncertainty),
                                     cmocka_unit_test(test_bases),
                                     cmocka_unit_test(test_amounts),
                                     cmocka_unit_test(test_calisol),
                                     cmocka_unit_test(test_messages_of_amounts),
                                     cmocka_unit_test(test_messages),
                                     cmocka_unit_test(test_shipped_file),
                                     cmocka_unit_test(test_shipped_values)};
  return expect_main(argc, argv, purpose, tests);
}
