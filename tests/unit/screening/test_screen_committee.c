/* tests/unit/screening/test_screen_committee.c - members of a committee by themselves and together,
 * on any number of ranks */
#include "md/md_units.h"
#include "properties/prop_committee.h"
#include "screening/screen_committee.h"
#include "tests/support/expect.h"

static const char about[] = "Several potentials: values, model errors, states, account\n";

/* Two temperatures, three members. */
enum { NPOINT = 2, NMEMBER = 3, NSPECIES = 1 };

static PetscReal t_value[NPOINT] = {1000.0, 1100.0}, p_value[1] = {0.0};
static screen_grid_axis axes[2] = {{.name = "temperature", .n = NPOINT, .value = t_value},
                                   {.name = "pressure", .n = 1, .value = p_value}};
static PetscInt count[NSPECIES] = {40}, units[1] = {40};
static screen_point points[NMEMBER * NPOINT];
static screen_grid grid = {
    .naxis = 2, .axis = axes, .npoint = NPOINT, .nmember = NMEMBER, .point = points};
static PetscReal mass[NSPECIES] = {20.0 * MD_ATOMIC_MASS};
static char species[NSPECIES][4] = {"Ar"};
static screen_member members[NMEMBER] = {{.name = "a"}, {.name = "b"}, {.name = "c"}};
static screen_campaign campaign = {.nspecies = NSPECIES,
                                   .species = species,
                                   .mass = mass,
                                   .ncomponent = 1,
                                   .nmember = NMEMBER,
                                   .member = members,
                                   .want_density = PETSC_TRUE};

/* Density of member m at a temperature: the slopes of the members are 1, 2 and 4 kg m-3 K-1. */
static PetscReal density(PetscInt m, PetscInt p)
{
  const PetscReal slope = m == 0 ? 1.0 : m == 1 ? 2.0 : 4.0;

  return 4000.0 + 10.0 * (PetscReal)m - slope * (t_value[p] - 1000.0);
}

/* Of one member; `state` of the last one. */
static void fill_member(PetscInt m, PetscInt p, screen_point_state last, screen_result *r)
{
  expect_ok(screen_result_create(NSPECIES, r));
  r->state = m == NMEMBER - 1 ? last : SCREEN_POINT_DONE;
  r->box = 1e-9 * (PetscReal)(m + 1);
  r->energy_drift = m == 1 ? -3.0 : 2.0;
  r->grade_max = m == 2 ? PROP_NAN : 1.0 + (PetscReal)m;
  r->replicas_done = 2;
  r->wall_seconds = 10.0;
  if (r->state == SCREEN_POINT_PLANNED) {
    r->replicas_done = 0;
    return;
  }
  if (r->state == SCREEN_POINT_FAILED) {
    r->reason = MD_TOO_HOT;
    r->replicas_failed = 1;
    snprintf(r->detail, sizeof(r->detail), "temperature is 9000 K");
    return;
  }
  *screen_result_at(r, PROP_ID_DENSITY) = (prop_value){density(m, p), 1.0 + (PetscReal)m, 50.0, 0};
  screen_result_truncation(r, PROP_ID_DENSITY)[0] = 1e-12 * (PetscReal)(m + 1);
  r->nmsd = 1;
  expect_ok(PetscMalloc1(1, &r->msd_t));
  r->msd_t[0] = (PetscReal)m;
}

static void fill(PetscInt p, screen_point_state last, screen_result *r)
{
  expect_ok(screen_result_create(NSPECIES, r));
  expect_ok(PetscCalloc1(NMEMBER, &r->member));
  r->nmember = NMEMBER;
  for (PetscInt m = 0; m < NMEMBER; m++) fill_member(m, p, last, &r->member[m]);
}

/* Ranks take turns; the table of all, and the results of this rank's points. */
static void make_table(screen_point_state last, PetscInt *n, PetscInt mine[], screen_result row[],
                       screen_result **all)
{
  PetscMPIInt rank, size;

  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  MPI_Comm_size(PETSC_COMM_WORLD, &size);
  *n = 0;
  for (PetscInt p = rank; p < NPOINT; p += size) {
    fill(p, last, &row[*n]);
    mine[(*n)++] = p;
  }
  expect_ok(screen_committee_table(PETSC_COMM_WORLD, &campaign, &grid, *n, mine, row, all));
}

static void clear(PetscInt n, screen_result row[], screen_result *all)
{
  for (PetscInt k = 0; k < n; k++) expect_ok(screen_result_clear(&row[k]));
  expect_ok(screen_table_free(NPOINT, &all));
}

/* What prop_committee_combine() says of one number of the members; bits of it stand in `r`. */
static void expect_combined(const screen_result *r, prop_id id)
{
  const PetscInt i = (PetscInt)(screen_result_at(r, id) - r->value);
  prop_value v[NMEMBER];
  prop_committee c;

  for (PetscInt m = 0; m < NMEMBER; m++) v[m] = r->member[m].value[i];
  expect_ok(prop_committee_combine(NMEMBER, v, &c));
  assert_memory_equal(&r->value[i].value, &c.value.value, sizeof(PetscReal));
  assert_memory_equal(&r->value[i].error, &c.value.error, sizeof(PetscReal));
  assert_memory_equal(&r->model_error[i], &c.model_error, sizeof(PetscReal));
  assert_memory_equal(&r->model_error95[i], &c.model_error95, sizeof(PetscReal));
}

static void check_done(PetscInt p, const screen_result *r)
{
  const PetscInt rho = (PetscInt)(screen_result_at(r, PROP_ID_DENSITY) - r->value);
  PetscReal model;

  expect(r->state == SCREEN_POINT_DONE && r->reason == MD_COMPLETED, "done for all");
  for (PetscInt m = 0; m < NMEMBER; m++)
    expect(r->member[m].value[rho].value == density(m, p), "members keep their values");
  expect_combined(r, PROP_ID_DENSITY);
  expect_near(r->truncation[rho], 2e-12, 1e-12, "mean of the truncations");
  expect_near(r->box, 2e-9, 1e-12, "mean of the boxes");
  /* -(slope)/density of each member, not of the mean density */
  expect_near(screen_result_at(&r->member[2], PROP_ID_THERMAL_EXPANSION)->value,
              4.0 / density(2, p), 0.1, "a slope of each member");
  expect_combined(r, PROP_ID_THERMAL_EXPANSION);
  model = r->model_error[screen_result_at(r, PROP_ID_THERMAL_EXPANSION) - r->value];
  expect(model > 0.5 / 4000.0 && model < 3.0 / 4000.0, "slopes of 1, 2 and 4");
}

static void test_done(void **state)
{
  PetscInt n, mine[NPOINT];
  screen_result row[NPOINT], *all;

  (void)state;
  make_table(SCREEN_POINT_DONE, &n, mine, row, &all);
  for (PetscInt p = 0; p < NPOINT; p++) check_done(p, &all[p]);
  for (PetscInt k = 0; k < n; k++) {
    check_done(mine[k], &row[k]);
    expect(row[k].replicas_done == 6 && row[k].replicas_failed == 0, "replicas of all");
    expect(row[k].wall_seconds == 30.0, "time of all");
    expect(row[k].energy_drift == -3.0, "the largest drift, with its sign");
    expect(row[k].grade_max == 2.0, "the largest grade of those that know one");
    expect(row[k].nmsd == 1 && row[k].msd_t[0] == 0.0, "curves of the first");
    expect(row[k].member[0].nmsd == 0 && row[k].member[1].nmsd == 1, "which it gave away");
  }
  clear(n, row, all);
}

/* A member that has not begun: the others' values, said to be partial. */
static void test_running(void **state)
{
  PetscInt n, mine[NPOINT];
  screen_result row[NPOINT], *all;

  (void)state;
  make_table(SCREEN_POINT_PLANNED, &n, mine, row, &all);
  for (PetscInt p = 0; p < NPOINT; p++) {
    const prop_value *rho = screen_result_at(&all[p], PROP_ID_DENSITY);

    assert_int_equal(all[p].state, SCREEN_POINT_RUNNING);
    expect(rho->value > density(0, p) - 150.0 && rho->value < density(0, p) + 150.0, "of two");
    expect(rho->flags & PROP_FLAG_PARTIAL, "partial");
    expect_combined(&all[p], PROP_ID_DENSITY);
  }
  clear(n, row, all);
}

/* A member that failed: no values, its reason, and what the others have is still theirs. */
static void test_failed(void **state)
{
  PetscInt n, mine[NPOINT];
  screen_result row[NPOINT], *all;

  (void)state;
  make_table(SCREEN_POINT_FAILED, &n, mine, row, &all);
  for (PetscInt p = 0; p < NPOINT; p++) {
    const PetscInt rho = (PetscInt)(screen_result_at(&all[p], PROP_ID_DENSITY) - all[p].value);

    expect(all[p].state == SCREEN_POINT_FAILED && all[p].reason == MD_TOO_HOT, "failed");
    assert_string_equal(all[p].detail, "potential c: temperature is 9000 K");
    expect(all[p].value[rho].flags == PROP_FLAG_MISSING, "no average over the survivors");
    expect(isnan(all[p].model_error[rho]) && isnan(all[p].truncation[rho]), "nothing beside it");
    expect(all[p].member[1].value[rho].value == density(1, p), "the members' own");
  }
  for (PetscInt k = 0; k < n; k++) expect(row[k].replicas_failed == 1, "counted");
  clear(n, row, all);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_done), cmocka_unit_test(test_running),
                                     cmocka_unit_test(test_failed)};

  for (PetscInt i = 0; i < NMEMBER * NPOINT; i++)
    points[i] = (screen_point){.index = i % NPOINT,
                               .member = i / NPOINT,
                               .count = count,
                               .units = units,
                               .natoms = 40,
                               .temperature = t_value[i % NPOINT]};
  return expect_main(argc, argv, about, tests);
}
