/* tests/unit/properties/test_prop.c */
#include "properties/prop.h"
#include "tests/support/expect.h"

static const char help[] = "The tables of flags and definitions agree with themselves\n";

/* Lower case, digits and underscores: a dataset name and a CF flag meaning */
static int is_identifier(const char *name)
{
  return name[0] && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name);
}

static void test_flags(void **state)
{
  (void)state;
  for (PetscInt bit = 0; bit < PROP_NFLAG; bit++) {
    const char *name = prop_flag_name(bit), *text = prop_flag_text(bit);

    assert_non_null(name);
    assert_non_null(text);
    expect(is_identifier(name), "a flag's name is an identifier");
    expect(text[strlen(text) - 1] == '.', "a flag's text is a sentence");
    for (PetscInt other = 0; other < bit; other++) {
      expect(strcmp(name, prop_flag_name(other)) != 0, "names of flags are unique");
    }
  }
  assert_null(prop_flag_name(-1));
  assert_null(prop_flag_name(PROP_NFLAG));
  assert_null(prop_flag_text(-1));
  assert_null(prop_flag_text(PROP_NFLAG));
}

/* The bit of each flag of the header has the name of the flag: the enum and the table agree. */
static void test_flag_order(void **state)
{
  static const struct {
    prop_flag flag;
    const char *name;
  } want[] = {{PROP_FLAG_MISSING, "missing"},
              {PROP_FLAG_FEW_SAMPLES, "few_samples"},
              {PROP_FLAG_NOT_STATIONARY, "not_stationary"},
              {PROP_FLAG_REPLICAS_DISAGREE, "replicas_disagree"},
              {PROP_FLAG_NO_PLATEAU, "no_plateau"},
              {PROP_FLAG_NOT_DIFFUSIVE, "not_diffusive"},
              {PROP_FLAG_ONE_REPLICA, "one_replica"},
              {PROP_FLAG_DRIFT, "drift"},
              {PROP_FLAG_NO_SIZE_CORRECTION, "no_size_correction"},
              {PROP_FLAG_PARTIAL, "partial"},
              {PROP_FLAG_EXTRAPOLATING, "extrapolating"},
              {PROP_FLAG_NOT_LINEAR, "not_linear"},
              {PROP_FLAG_METHODS_DISAGREE, "methods_disagree"},
              {PROP_FLAG_CLASSICAL, "classical"},
              {PROP_FLAG_NOT_LIQUID, "not_liquid"},
              {PROP_FLAG_MIXED_CONDUCTOR, "mixed_conductor"},
              {PROP_FLAG_IONIC_ONLY, "ionic_only"},
              {PROP_FLAG_INTERFACE, "interface"},
              {PROP_FLAG_FINITE_SIZE, "finite_size"},
              {PROP_FLAG_SURVIVORS, "survivors"}};

  (void)state;
  assert_int_equal(sizeof(want) / sizeof(want[0]), PROP_NFLAG);
  for (size_t i = 0; i < PROP_NFLAG; i++) {
    PetscInt bit = 0;

    while (want[i].flag >> bit != 1) bit++;
    assert_string_equal(prop_flag_name(bit), want[i].name);
  }
}

static void test_missing(void **state)
{
  (void)state;
  expect(isnan(prop_value_missing.value) && isnan(prop_value_missing.error), "missing is NaN");
  expect(prop_value_missing.neff == 0.0, "nothing stands behind a missing value");
  assert_int_equal(prop_value_missing.flags, PROP_FLAG_MISSING);
}

static void test_registry(void **state)
{
  static const struct {
    prop_id id;
    const char *name, *units, *group;
  } wanted[] = {
      {PROP_ID_DENSITY, "density", "kg m-3", "density"},
      {PROP_ID_NUMBER_DENSITY, "number_density", "m-3", "density"},
      {PROP_ID_THERMAL_EXPANSION, "thermal_expansion", "K-1", "density"},
      {PROP_ID_THERMAL_EXPANSION_FLUCTUATION, "thermal_expansion_fluctuation", "K-1", "density"},
      {PROP_ID_ISOTHERMAL_COMPRESSIBILITY, "isothermal_compressibility", "Pa-1", "density"},
      {PROP_ID_POTENTIAL_ENERGY, "potential_energy", "J mol-1", "potential_energy"},
      {PROP_ID_ENTHALPY, "enthalpy", "J mol-1", "potential_energy"},
      {PROP_ID_HEAT_CAPACITY, "heat_capacity", "J kg-1 K-1", "heat_capacity"},
      {PROP_ID_HEAT_CAPACITY_ATOMS, "heat_capacity_atoms", "J mol-1 K-1", "heat_capacity"},
      {PROP_ID_HEAT_CAPACITY_FORMULA, "heat_capacity_formula", "J mol-1 K-1", "heat_capacity"},
      {PROP_ID_HEAT_CAPACITY_FLUCTUATION, "heat_capacity_fluctuation", "J kg-1 K-1",
       "heat_capacity"},
      {PROP_ID_HEAT_CAPACITY_CV, "heat_capacity_cv", "J kg-1 K-1", "heat_capacity"},
      {PROP_ID_SPEED_OF_SOUND, "speed_of_sound", "m s-1", "heat_capacity"},
      {PROP_ID_ADIABATIC_COMPRESSIBILITY, "adiabatic_compressibility", "Pa-1", "heat_capacity"},
      {PROP_ID_VISCOSITY, "viscosity", "Pa s", "viscosity"},
      {PROP_ID_VISCOSITY_DECOMPOSITION, "viscosity_decomposition", "Pa s", "viscosity"},
      {PROP_ID_VISCOSITY_EINSTEIN, "viscosity_einstein", "Pa s", "viscosity"},
      {PROP_ID_VISCOSITY_TRUNCATED, "viscosity_truncated", "Pa s", "viscosity"},
      {PROP_ID_VISCOSITY_RNEMD, "viscosity_rnemd", "Pa s", "viscosity rnemd_shear"},
      {PROP_ID_VISCOSITY_Z, "viscosity_z", "1", "viscosity rnemd_shear"},
      {PROP_ID_KINEMATIC_VISCOSITY, "kinematic_viscosity", "m2 s-1", "viscosity density"},
      {PROP_ID_KINETIC_TEMPERATURE, "kinetic_temperature", "K", "diffusion"},
      {PROP_ID_DIFFUSION, "diffusion", "m2 s-1", "diffusion"},
      {PROP_ID_DIFFUSION_CELL, "diffusion_cell", "m2 s-1", "diffusion"},
      {PROP_ID_DIFFUSION_VACF, "diffusion_vacf", "m2 s-1", "diffusion"},
      {PROP_ID_DIFFUSION_ACTIVATION, "diffusion_activation", "J mol-1", "diffusion"},
      {PROP_ID_SCHMIDT, "schmidt", "1", "diffusion viscosity density"},
      {PROP_ID_STOKES_EINSTEIN, "stokes_einstein", "1", "diffusion viscosity"},
      {PROP_ID_IONIC_CONDUCTIVITY, "ionic_conductivity", "S m-1", "ionic_conductivity"},
      {PROP_ID_CONDUCTIVITY_EINSTEIN, "conductivity_einstein", "S m-1", "ionic_conductivity"},
      {PROP_ID_CONDUCTIVITY_NERNST_EINSTEIN, "conductivity_nernst_einstein", "S m-1",
       "ionic_conductivity diffusion"},
      {PROP_ID_CONDUCTIVITY_TRUNCATED, "conductivity_truncated", "S m-1", "ionic_conductivity"},
      {PROP_ID_HAVEN_RATIO, "haven_ratio", "1", "ionic_conductivity diffusion"},
      {PROP_ID_TRANSFERENCE, "transference", "1", "ionic_conductivity"},
      {PROP_ID_TRANSFERENCE_SOLVENT, "transference_solvent", "1", "ionic_conductivity solvent"},
      {PROP_ID_ONSAGER, "onsager", "mol2 J-1 m-1 s-1", "ionic_conductivity"},
      {PROP_ID_THERMAL_CONDUCTIVITY, "thermal_conductivity", "W m-1 K-1", "thermal_conductivity"},
      {PROP_ID_THERMAL_CONDUCTIVITY_RNEMD, "thermal_conductivity_rnemd", "W m-1 K-1",
       "thermal_conductivity rnemd_heat"},
      {PROP_ID_THERMAL_CONDUCTIVITY_Z, "thermal_conductivity_z", "1",
       "thermal_conductivity rnemd_heat"},
      {PROP_ID_THERMAL_DIFFUSIVITY, "thermal_diffusivity", "m2 s-1",
       "thermal_conductivity density heat_capacity"},
      {PROP_ID_PRANDTL, "prandtl", "1", "thermal_conductivity viscosity heat_capacity"},
      {PROP_ID_COORDINATION, "coordination", "1", "structure"},
      {PROP_ID_RDF_PEAK, "rdf_peak", "m", "structure"},
      {PROP_ID_PAIR_APART, "pair_apart", "1", "structure ion_pairs"},
      {PROP_ID_PAIR_CONTACT, "pair_contact", "1", "structure ion_pairs"},
      {PROP_ID_PAIR_AGGREGATE, "pair_aggregate", "1", "structure ion_pairs"},
      {PROP_ID_SHELL_LIFETIME, "shell_lifetime", "s", "structure lifetimes"}};
  const PetscInt n = (PetscInt)(sizeof(wanted) / sizeof(wanted[0]));

  (void)state;
  assert_int_equal(prop_count(), n);
  for (PetscInt i = 0; i < n; i++) {
    const prop_definition *def = prop_get(i);

    assert_int_equal(wanted[i].id, i);
    assert_string_equal(def->name, wanted[i].name);
    assert_string_equal(def->units, wanted[i].units);
    assert_string_equal(def->group, wanted[i].group);
    expect(is_identifier(def->name), "a property's name is a dataset name");
    expect(def->long_name[0] && def->method[0], "long name and method are there");
    assert_ptr_equal(prop_find(def->name), def);
  }
  assert_int_equal(prop_find("diffusion")->shape, PROP_PER_SPECIES);
  assert_int_equal(prop_find("coordination")->shape, PROP_PER_PAIR);
  assert_int_equal(prop_find("density")->shape, PROP_PER_POINT);
  assert_int_equal(prop_width(prop_find("density"), 3), 1);
  assert_int_equal(prop_width(prop_find("diffusion"), 3), 3);
  assert_int_equal(prop_width(prop_find("coordination"), 3), 9);
  assert_null(prop_find("colour"));
  assert_null(prop_get(-1));
  assert_null(prop_get(n));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_flags), cmocka_unit_test(test_flag_order),
      cmocka_unit_test(test_missing), cmocka_unit_test(test_registry)};

  return expect_main(argc, argv, help, tests);
}
