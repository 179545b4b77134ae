/* tests/unit/screening/test_screen_table.c - all points together, on any number of ranks */
#include "md/md_units.h"
#include "screening/screen_table.h"
#include "tests/support/expect.h"

static const char help[] = "Values of all points on every rank, series over temperature, fits\n";

/* Two compositions, three temperatures, two pressures; point = (6 c + 2 t + p). */
enum { NSPECIES = 2, NC = 2, NT = 3, NP = 2, NPOINT = NC * NT * NP };

static PetscReal x_value[NC] = {0.25, 0.75}, t_value[NT] = {1000.0, 1100.0, 1300.0},
                 p_value[NP] = {1e5, 1e8};
static screen_grid_axis axes[3] = {{.name = "CaCl2", .n = NC, .value = x_value},
                                   {.name = "temperature", .n = NT, .value = t_value},
                                   {.name = "pressure", .n = NP, .value = p_value}};
static screen_point points[NPOINT];
static screen_grid grid = {.naxis = 3, .axis = axes, .npoint = NPOINT, .point = points};
static PetscReal mass[NSPECIES] = {3.0 * MD_ATOMIC_MASS, 1.0 * MD_ATOMIC_MASS};
static PetscInt count[NSPECIES] = {30, 10}, units[2] = {5, 5}; /* 2.5 u an atom, 10 u a unit */
static char species[NSPECIES][4] = {"He", "H"};
static screen_campaign campaign = {.nspecies = NSPECIES,
                                   .species = species,
                                   .mass = mass,
                                   .ncomponent = 2,
                                   .want_density = PETSC_TRUE,
                                   .want_diffusion = PETSC_TRUE};

/* [kg m-3 K-1] at composition c and pressure q */
static PetscReal slope_of(PetscInt c, PetscInt q)
{
  return 0.1 * (PetscReal)(c + 2 * q + 1);
}

/* Density 3000 - (c + 2 p + 1) T/10; D of species s exp(-9 - 1000 (s + 1)/T). */
static void fill(PetscInt p, screen_result *r)
{
  const PetscInt c = p / (NT * NP), t = p / NP % NT, q = p % NP;
  const PetscReal slope = slope_of(c, q);

  expect_ok(screen_result_create(NSPECIES, r));
  r->state = p == 5 ? SCREEN_POINT_FAILED : SCREEN_POINT_DONE;
  r->box = 1e-9 * (PetscReal)p;
  if (p == 5) {
    r->reason = MD_TOO_HOT;
    snprintf(r->detail, sizeof(r->detail), "temperature is 9000 K");
    return;
  }
  *screen_result_at(r, PROP_ID_DENSITY) =
      (prop_value){3000.0 - slope * t_value[t], 1.0 + 0.1 * (PetscReal)p, 30.0, 1 << (p % 3 + 6)};
  for (PetscInt s = 0; s < NSPECIES; s++) {
    const PetscReal d = exp(-9.0 - 1000.0 * (PetscReal)(s + 1) / t_value[t]);

    screen_result_at(r, PROP_ID_DIFFUSION)[s] = (prop_value){d, 0.01 * d, 30.0, 0};
  }
  screen_result_truncation(r, PROP_ID_DENSITY)[0] = 1e-12 * (PetscReal)p;
}

/* Ranks take turns, the last point first. */
static void gather(screen_result **all)
{
  screen_result mine[NPOINT];
  PetscInt index[NPOINT], n = 0;
  PetscMPIInt rank, size;

  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  MPI_Comm_size(PETSC_COMM_WORLD, &size);
  for (PetscInt p = NPOINT; p-- > 0;) {
    if (p % size != rank) continue;
    fill(p, &mine[n]);
    index[n++] = p;
  }
  expect_ok(screen_table_gather(PETSC_COMM_WORLD, &campaign, &grid, n, index, mine, all));
  for (PetscInt k = 0; k < n; k++) expect_ok(screen_result_clear(&mine[k]));
}

static void clear(screen_result *all)
{
  expect_ok(screen_table_free(NPOINT, &all));
}

/* Bits are those of the owner, of holes as well. */
static void check_bits(const screen_result all[])
{
  screen_result want;

  for (PetscInt p = 0; p < NPOINT; p++) {
    PetscInt n = 0;

    fill(p, &want);
    assert_int_equal(all[p].state, want.state);
    assert_memory_equal(&all[p].box, &want.box, sizeof(want.box));
    for (PetscInt i = 0; i < prop_count(); i++) n += prop_width(prop_get(i), NSPECIES);
    assert_memory_equal(all[p].value, want.value, (size_t)n * sizeof(*want.value));
    assert_memory_equal(all[p].truncation, want.truncation, (size_t)n * sizeof(PetscReal));
    assert_int_equal(all[p].reason, want.reason);
    assert_string_equal(all[p].detail, want.detail);
    expect_ok(screen_result_clear(&want));
  }
}

static void test_gather(void **state)
{
  screen_result *all;

  (void)state;
  gather(&all);
  check_bits(all);
  clear(all);
}

/* From the last rank to the first. */
static void test_send(void **state)
{
  screen_result *all, *copy;
  PetscMPIInt rank, size;

  (void)state;
  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  MPI_Comm_size(PETSC_COMM_WORLD, &size);
  if (size == 1) return;
  gather(&all);
  if (rank == size - 1) expect_ok(screen_table_send(PETSC_COMM_WORLD, 0, 7, &grid, all));
  if (rank == 0) {
    expect_ok(screen_table_receive(PETSC_COMM_WORLD, size - 1, 7, &campaign, &grid, &copy));
    check_bits(copy);
    clear(copy);
  }
  clear(all);
}

/* Points of a series differ in temperature alone. */
static void test_series(void **state)
{
  const screen_series s = screen_series_of(&grid);

  (void)state;
  assert_int_equal(s.nseries, NC * NP);
  assert_int_equal(s.ntemperature, NT);
  for (PetscInt c = 0; c < NC; c++) {
    for (PetscInt q = 0; q < NP; q++) {
      for (PetscInt t = 0; t < NT; t++)
        assert_int_equal(screen_series_point(&s, c * NP + q, t), (c * NT + t) * NP + q);
    }
  }
}

/* Exact data give their own coefficients; the failed point is left out of its series. */
static void test_fits(void **state)
{
  screen_result *all;
  screen_fits fits;

  (void)state;
  gather(&all);
  expect_ok(screen_fits_create(&campaign, &grid, all, &fits));
  assert_int_equal(fits.n, 5);
  assert_int_equal(fits.fit[0].id, PROP_ID_DENSITY);
  assert_int_equal(fits.fit[1].id, PROP_ID_NUMBER_DENSITY);
  assert_int_equal(fits.fit[2].id, PROP_ID_DIFFUSION);
  for (PetscInt s = 0; s < fits.series.nseries; s++) {
    const prop_fit *rho = &fits.fit[0].fit[s];

    assert_int_equal(rho->model, PROP_FIT_LINEAR);
    expect_near(rho->coefficient[0], 3000.0, 1e-9, "a");
    expect_near(rho->coefficient[1], -slope_of(s / NP, s % NP), 1e-9, "b");
    assert_int_equal(rho->npoint, s == 1 ? 2 : 3);
    for (PetscInt w = 0; w < NSPECIES; w++)
      expect_near(fits.fit[2].fit[s * NSPECIES + w].coefficient[1], -1000.0 * (PetscReal)(w + 1),
                  1e-9, "activation temperature");
  }
  assert_true(isnan(fits.fit[0].residual[5]));
  expect_abs(fits.fit[0].residual[4], 0.0, 1e-6, "exact data");
  expect_ok(screen_fits_clear(&fits));
  expect_ok(screen_fits_clear(&fits));
  clear(all);
}

/* Enthalpy 30 J/(mol K) T: the slope takes the place of the fluctuation, which agrees at
 * temperature 0 and does not at 1; per mass, atom and formula unit; C_v by its formula. */
static void test_couple(void **state)
{
  const PetscReal kappa = 4e-10, cp = 30.0 / 2.5e-3;
  screen_result *all;

  (void)state;
  gather(&all);
  for (PetscInt p = 0; p < NPOINT; p++) {
    const PetscReal t = t_value[p / NP % NT];

    points[p] = (screen_point){.count = count, .units = units, .natoms = 40, .temperature = t};
    if (p == 5) continue;
    *screen_result_at(&all[p], PROP_ID_ENTHALPY) = (prop_value){30.0 * t, 20.0, 40.0, 0};
    *screen_result_at(&all[p], PROP_ID_HEAT_CAPACITY_FLUCTUATION) =
        (prop_value){p / NP % NT == 1 ? 0.5 * cp : cp, 0.02 * cp, 40.0, 0};
    *screen_result_at(&all[p], PROP_ID_ISOTHERMAL_COMPRESSIBILITY) =
        (prop_value){kappa, 0.01 * kappa, 40.0, 0};
  }
  expect_ok(screen_table_couple(&campaign, &grid, all));
  for (PetscInt p = 0; p < NPOINT; p++) {
    const screen_result *r = &all[p];
    const prop_value *value = screen_result_at(r, PROP_ID_HEAT_CAPACITY);
    const PetscReal rho = screen_result_at(r, PROP_ID_DENSITY)->value;
    const PetscReal alpha = screen_result_at(r, PROP_ID_THERMAL_EXPANSION)->value;

    if (p == 5) {
      assert_int_equal(value->flags, PROP_FLAG_MISSING);
      continue;
    }
    expect_near(value->value, cp, 1e-3, "30 J/(mol K) over 2.5 g/mol");
    assert_int_equal(!!(value->flags & PROP_FLAG_METHODS_DISAGREE), p / NP % NT == 1);
    expect(value->flags & PROP_FLAG_CLASSICAL, "there is hydrogen");
    expect_near(screen_result_at(r, PROP_ID_HEAT_CAPACITY_ATOMS)->value, 30.0, 1e-3, "an atom");
    expect_near(screen_result_at(r, PROP_ID_HEAT_CAPACITY_FORMULA)->value, 120.0, 1e-3, "a unit");
    expect_near(alpha, slope_of(p / (NT * NP), p % NP) / rho, 0.05,
                "-d ln rho/dT, of a straight line through ln rho");
    expect_near(screen_result_at(r, PROP_ID_HEAT_CAPACITY_CV)->value,
                value->value - t_value[p / NP % NT] * alpha * alpha / (rho * kappa), 1e-9, "C_v");
    for (PetscInt w = 0; w < NSPECIES; w++)
      expect_near(screen_result_at(r, PROP_ID_DIFFUSION_ACTIVATION)[w].value,
                  8.314462618 * 1000.0 * (PetscReal)(w + 1), 1e-6, "R times 1000 K, 2000 K");
    expect(screen_result_at(r, PROP_ID_SPEED_OF_SOUND)->value > 0.0, "speed of sound");
  }
  clear(all);
}

/* The fit of C_p goes through the enthalpies, whose errors are independent: a constant C_p has the
 * error of one slope through all of them, not that of a mean of slopes. */
static void test_fit_heat(void **state)
{
  screen_result *all;
  screen_fits fits;
  PetscInt found = 0;

  (void)state;
  gather(&all);
  for (PetscInt p = 0; p < NPOINT; p++) {
    const PetscReal t = t_value[p / NP % NT];

    points[p] = (screen_point){.count = count, .units = units, .natoms = 40, .temperature = t};
    if (p != 5)
      *screen_result_at(&all[p], PROP_ID_ENTHALPY) = (prop_value){30.0 * t, 20.0, 40.0, 0};
  }
  campaign.want_heat_capacity = PETSC_TRUE;
  expect_ok(screen_table_couple(&campaign, &grid, all));
  expect_ok(screen_fits_create(&campaign, &grid, all, &fits));
  campaign.want_heat_capacity = PETSC_FALSE;
  for (PetscInt i = 0; i < fits.n; i++) {
    const prop_fit *f = &fits.fit[i].fit[0];
    const PetscReal unit = fits.fit[i].id == PROP_ID_HEAT_CAPACITY_ATOMS     ? 1.0
                           : fits.fit[i].id == PROP_ID_HEAT_CAPACITY_FORMULA ? 4.0
                                                                             : 1.0 / 2.5e-3;

    if (fits.fit[i].id != PROP_ID_HEAT_CAPACITY && fits.fit[i].id != PROP_ID_HEAT_CAPACITY_ATOMS &&
        fits.fit[i].id != PROP_ID_HEAT_CAPACITY_FORMULA)
      continue;
    found++;
    assert_int_equal(f->model, PROP_FIT_CONSTANT);
    expect_near(f->coefficient[0], 30.0 * unit, 1e-3, "C_p");
    /* 1000, 1100, 1300 K: sum of (T - mean)^2 is 140000/3 */
    expect_near(f->covariance[0], 400.0 * unit * unit * 3.0 / 1.4e5, 1e-3, "variance of a slope");
  }
  assert_int_equal(found, 3);
  expect_ok(screen_fits_clear(&fits));
  clear(all);
}

/* One temperature makes no correlation. */
static void test_one_temperature(void **state)
{
  screen_grid_axis one[1] = {{.name = "temperature", .n = 1, .value = t_value}};
  const screen_grid small = {.naxis = 1, .axis = one, .npoint = 1, .point = points};
  screen_result r;
  screen_fits fits;

  (void)state;
  fill(0, &r);
  expect_ok(screen_fits_create(&campaign, &small, &r, &fits));
  assert_int_equal(fits.n, 0);
  expect_ok(screen_fits_clear(&fits));
  expect_ok(screen_result_clear(&r));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_gather),         cmocka_unit_test(test_send),
      cmocka_unit_test(test_series),         cmocka_unit_test(test_fits),
      cmocka_unit_test(test_couple),         cmocka_unit_test(test_fit_heat),
      cmocka_unit_test(test_one_temperature)};

  return expect_main(argc, argv, help, tests);
}
