/* tests/unit/screening/test_screen_campaign.c
 *
 * Every campaign file of tests/data/campaigns with a message file beside it must give exactly those
 * messages; one without must be read.  Messages name files as they were given, so the test works in
 * that folder.  A renewed message file is the output of `liquidus plan FILE 2> FILE.err`, read by
 * its author before it is committed. */
#include <dirent.h>
#include <unistd.h>

#include "md/md_units.h"
#include "screening/screen_campaign.h"
#include "tests/support/expect.h"

static const char about[] = "Campaign files: exact messages for bad ones, exact values for good\n";

/* The whole file, or NULL. */
static char *slurp(const char *path)
{
  FILE *in = fopen(path, "rb");
  char *text = in ? calloc(1, 65536) : NULL;

  if (text && fread(text, 1, 65535, in) == 0) text[0] = '\0';
  if (in) fclose(in);
  return text;
}

/* All messages, one a line. */
static char *messages(const char *file)
{
  char *got = calloc(1, 65536);
  screen_campaign *campaign;
  mtp_diag diag = {0};

  assert_non_null(got);
  expect_ok(screen_campaign_read(file, &campaign, &diag));
  expect((campaign == NULL) == (diag.n > 0), "a campaign, or messages");
  for (PetscInt i = 0; i < diag.n; i++) {
    strncat(got, diag.text[i], 65000 - strlen(got));
    strcat(got, "\n");
  }
  expect_ok(screen_campaign_destroy(&campaign));
  expect_ok(mtp_diag_clear(&diag));
  return got;
}

static int check_file(const char *name)
{
  char path[512];
  char *got, *want;

  if (strlen(name) < 6 || strcmp(name + strlen(name) - 5, ".yaml") != 0) return 0;
  snprintf(path, sizeof(path), "%.*s.err", (int)strlen(name) - 5, name);
  want = slurp(path);
  got = messages(name);
  print_message("%s\n", name);
  assert_string_equal(got, want ? want : "");
  free(got);
  free(want);
  return 1;
}

static void test_messages(void **state)
{
  DIR *folder = opendir(".");
  int n = 0;

  (void)state;
  assert_non_null(folder);
  for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
    n += check_file(entry->d_name);
  }
  closedir(folder);
  expect(n >= 40, "the folder holds the campaigns");
}

static void test_no_file(void **state)
{
  char *got = messages("no_such_file.yaml");

  (void)state;
  assert_string_equal(got, "no_such_file.yaml: got no file that can be opened, wanted a campaign "
                           "file\n");
  free(got);
  got = messages("..");
  assert_string_equal(got, "..: got Is a directory, wanted a campaign file\n");
  free(got);
}

static screen_campaign *load(const char *file)
{
  screen_campaign *c;
  mtp_diag diag = {0};

  expect_ok(screen_campaign_read(file, &c, &diag));
  if (!c) fail_msg("%s", diag.text[0]);
  return c;
}

/* Several files: members in their order, the first of which stands for all. */
static void test_committee(void **state)
{
  screen_campaign *c = load("committee.yaml"), *one = load("good.yaml");

  (void)state;
  assert_int_equal(c->nmember, 2);
  assert_int_equal(screen_campaign_members(c), 2);
  assert_string_equal(c->member[0].name, "rand_3sp_08");
  assert_string_equal(c->member[1].name, "rand_3sp_12");
  assert_string_equal(c->member[1].file, "../mtp/random/rand_3sp_12.almtp");
  assert_string_equal(c->potential_file, c->member[0].file);
  assert_string_equal(c->potential_sha256, c->member[0].sha256);
  expect(strcmp(c->member[0].sha256, c->member[1].sha256) != 0, "a hash of each");
  expect(one->nmember == 0 && screen_campaign_members(one) == 1, "one file is no committee");
  assert_string_equal(one->potential_sha256, c->potential_sha256);
  expect_ok(screen_campaign_destroy(&c));
  expect_ok(screen_campaign_destroy(&one));
}

static void test_system(void **state)
{
  screen_campaign *c = load("good.yaml");

  (void)state;
  assert_string_equal(c->name, "melt");
  assert_string_equal(c->description, "");
  assert_string_equal(c->potential_file, "../mtp/random/rand_3sp_08.almtp");
  expect(strlen(c->potential_sha256) == 64, "the potential has a hash");
  expect(c->nspecies == 3 && !strcmp(c->species[1], "K"), "species in the order of the file");
  expect_near(c->mass[0], 40.078 * MD_ATOMIC_MASS, 1e-4, "mass of calcium");
  expect(c->has_charges && c->charge[0] == 2.0 && c->charge[2] == -1.0, "charges");
  expect(c->ncomponent == 2 && !strcmp(c->component[0].name, "CaCl2"), "components");
  expect(c->component[0].count[0] == 1 && c->component[0].count[1] == 0 &&
             c->component[0].count[2] == 2,
         "CaCl2 in the species of the potential");
  expect(c->composition[0].n == 2 && c->composition[0].value[0] == 0.282, "fractions");
  expect(c->balance == 1 && c->composition[1].n == 0, "KCl is the balance");
  expect(c->atoms == 100 && !c->initial && c->density_guess == 0.0, "cell");
  expect_ok(screen_campaign_destroy(&c));
}

/* A time alone, or a map. */
static void test_trajectory(void **state)
{
  screen_campaign *c = load("trajectory.yaml");

  (void)state;
  expect(c->trajectory == 500.0 && c->trajectory_h5md, "a map");
  expect(c->trajectory_double && c->trajectory_velocities, "its settings");
  expect_ok(screen_campaign_destroy(&c));
  c = load("trajectory_short.yaml");
  expect(c->trajectory == 100.0 && !c->trajectory_h5md, "a time alone");
  expect(!c->trajectory_double && !c->trajectory_velocities, "defaults");
  expect_ok(screen_campaign_destroy(&c));
}

static void test_run(void **state)
{
  screen_campaign *c = load("good.yaml");

  (void)state;
  expect(c->temperature.n == 3 && c->temperature.value[1] == 1150.0, "a range of temperatures");
  expect(c->pressure.n == 2 && c->pressure.value[0] == 0.0, "a list of pressures");
  expect_near(c->pressure.value[1], 1e5 / MD_PRESSURE_PA, 4e-16, "1 bar");
  expect(c->dt == 1.0 && c->equilibration == 2000.0, "lengths in fs");
  expect(c->production_npt == 5000.0 && c->production_nve == 4000.0, "production");
  expect(c->replicas == 2 && c->seed == 1, "replicas as given, seed by default");
  expect(c->tau_t == 100.0 && c->tau_p == 1000.0 && c->trajectory == 0.0, "defaults in fs");
  expect_near(c->compressibility, 2e-10 * MD_PRESSURE_PA, 4e-16, "default compressibility");
  expect(c->electronic == SCREEN_INSULATOR, "default electronic kind");
  expect(c->want_density && c->want_diffusion && c->want_structure && c->want_potential_energy,
         "properties given as {}, as nothing, as a map and as true");
  expect(c->rdf_rmax == 8.0 && c->structure_every == 200.0 && c->ncompare == 0, "settings");
  expect_ok(screen_campaign_destroy(&c));
}

/* Transport: what is asked for, and where its truncated integrals end. */
static void test_transport(void **state)
{
  screen_campaign *c = load("transport.yaml");

  (void)state;
  expect(c->want_heat_capacity && c->want_viscosity && c->want_diffusion, "properties");
  expect(c->want_ionic_conductivity && c->want_thermal_conductivity, "conductivities");
  expect(!c->want_density && !c->want_structure && !c->want_potential_energy, "and no others");
  expect(c->viscosity_cutoff == 10e3 && c->conductivity_cutoff == 25e3, "one given, one not");
  expect(c->radius && c->radius[0] == 0.0 && c->radius[1] == 0.0, "radii that are not given");
  expect_near(c->radius[2], 1.81, 1e-12, "a radius");
  expect(c->carrier && c->carrier[0] == 2.0 && c->carrier[1] == 1.0 && c->carrier[2] == -1.0,
         "elements carry their own charges");
  expect(screen_campaign_npt_stream(c) && screen_campaign_nve_stream(c) && screen_campaign_heat(c),
         "streams of both productions");
  expect_ok(screen_campaign_destroy(&c));
  c = load("good.yaml");
  expect(!c->radius && !c->carrier, "nothing of transport where it is not asked for");
  expect(screen_campaign_npt_stream(c) && !screen_campaign_nve_stream(c), "density needs one");
  expect(!screen_campaign_heat(c) && c->viscosity_cutoff == 25e3, "a salt");
  expect_ok(screen_campaign_destroy(&c));
}

/* Imposed fluxes: three of them share 30 ps, the strongest first, in a cell of 24 slabs. */
static void test_flux(void **state)
{
  screen_campaign *c = load("rnemd.yaml");

  (void)state;
  expect(c->want_rnemd_heat && c->only_rnemd_heat && !screen_campaign_heat(c), "rnemd alone");
  expect(c->nflux == 3 && c->flux[1].length == 10e3 && c->flux[2].slabs == 24, "three of 10 ps");
  expect(c->flux[0].every == 100.0 && c->flux[1].every == 200.0 && c->flux[2].every == 400.0, "");
  expect(c->flux[2].kind == MD_RNEMD_HEAT, "of heat");
  expect(c->flux[0].is_size && c->flux[0].slab[0] == 36.0 && c->flux[2].slab[2] == 180.0,
         "the cell");
  expect(c->flux[0].first && !c->flux[1].first && !c->flux[2].first, "one cell");
  expect_ok(screen_campaign_destroy(&c));
  c = load("transport.yaml");
  expect(c->nflux == 0 && !c->want_rnemd_heat && !c->only_rnemd_heat, "green-kubo");
  expect_ok(screen_campaign_destroy(&c));
}

/* Heat in cells of three lengths, two fluxes of 10 ps in each; then momentum in one, three of them.
 */
static void test_flux_cells(void **state)
{
  const PetscInt along[9] = {1, 1, 2, 2, 5, 5, 1, 1, 1};
  screen_campaign *c = load("rnemd_cells.yaml");

  (void)state;
  expect(c->want_rnemd_heat && !c->only_rnemd_heat && screen_campaign_heat(c), "both for heat");
  expect(c->want_rnemd_shear && c->only_rnemd_shear, "momentum alone");
  assert_int_equal(c->nflux, 9);
  assert_int_equal(screen_campaign_fluxes(c, MD_RNEMD_HEAT), 6);
  assert_int_equal(screen_campaign_fluxes(c, MD_RNEMD_SHEAR), 3);
  for (int k = 0; k < 9; k++) {
    const screen_flux *f = &c->flux[k];

    assert_int_equal(f->kind, k < 6 ? MD_RNEMD_HEAT : MD_RNEMD_SHEAR);
    assert_int_equal(f->along, along[k]);
    assert_int_equal(f->first, k < 6 ? k % 2 == 0 : k == 6);
    assert_int_equal(f->slabs, k < 6 ? 20 : 16);
    expect_near(f->length, k < 6 ? 10e3 : 20e3 / 3.0, 1e-14, "shared by those in one cell");
  }
  expect(c->flux[2].span == 0.2 && c->flux[3].span == 0.1 && c->flux[2].every == 0.0, "own rates");
  expect(c->flux[7].every == 200.0 && c->flux[7].span == 0.0 && c->flux[6].every == 100.0,
         "the file's");
  expect(c->flux[8].slab[0] == 2.0 && c->flux[0].slab[0] == 1.0, "a cell for each");
  expect_ok(screen_campaign_destroy(&c));
}

/* PF6 with a charge by name: phosphorus stands for it, and makes up for what fluorine has. */
static void test_carriers(void **state)
{
  const double want[] = {1.0, 5.0, -1.0};
  screen_campaign *c = load("carriers.yaml");

  (void)state;
  expect(c->dt == 1.0, "the time step where none is said");
  assert_int_equal(c->nspecies, 3);
  for (int s = 0; s < 3; s++) expect_abs(c->carrier[s], want[s], 0.0, c->species[s]);
  expect(c->charge[1] == 0.0 && c->charge[2] == -1.0, "charges of elements are as in the file");
  expect_ok(screen_campaign_destroy(&c));
}

/* A file in another folder: names in it are relative to that folder. */
static void test_other_folder(void **state)
{
  screen_campaign *c = load("../campaigns/initial.yaml");

  (void)state;
  assert_string_equal(c->potential_file, "../campaigns/../mtp/random/rand_2sp_08.almtp");
  expect(c->initial && c->atoms == c->initial_count[0] + c->initial_count[1] && c->atoms > 0,
         "a starting configuration says how many atoms there are");
  expect(strlen(c->initial_sha256) == 64, "and has a hash");
  expect(c->composition[0].value[0] == 0.5 && c->fraction == SCREEN_MOLE_FRACTION, "composition");
  expect_ok(screen_campaign_destroy(&c));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_messages),   cmocka_unit_test(test_no_file),
      cmocka_unit_test(test_system),     cmocka_unit_test(test_trajectory),
      cmocka_unit_test(test_run),        cmocka_unit_test(test_other_folder),
      cmocka_unit_test(test_transport),  cmocka_unit_test(test_flux),
      cmocka_unit_test(test_flux_cells), cmocka_unit_test(test_committee),
      cmocka_unit_test(test_carriers),
  };

  if (chdir(TEST_DATA "/campaigns")) return EXPECT_SKIP;
  return expect_main(argc, argv, about, tests);
}
