/* tests/unit/mtp/test_mtp_loss.c - the sum of squares, its gradient, and the linear coefficients
 *
 * On one, two and three ranks.  Data come from potentials of random coefficients; what is tested is
 * written out once more here from mtp_potential_evaluate().
 */
#include "mtp/mtp_loss.h"
#include "tests/support/small_systems.h"
#include "tests/support/training_set.h"

static const char help[] = "loss, gradient, linear coefficients\n";

enum { NCONFIG = 7 };

static const mtp_loss_weights weights = {.energy = 1.3,
                                         .force = 0.02,
                                         .stress = 0.003,
                                         .scaling = 1.5,
                                         .scaling_forces = 0.5,
                                         .norm = 1e-3};

static PetscReal weight_of(PetscInt k)
{
  return 1.0 + 0.5 * (PetscReal)(k % 3);
}

/* Every rank adds the configurations that it should have. */
static mtp_loss *fill(const mtp_potential *pot, const mtp_loss_weights *w, mtp_config config[])
{
  PetscMPIInt rank, size;
  mtp_diag diag = {0};
  mtp_loss *loss;

  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  MPI_Comm_size(PETSC_COMM_WORLD, &size);
  expect_ok(mtp_loss_create(PETSC_COMM_WORLD, w, &loss));
  for (PetscInt k = rank; k < NCONFIG; k += size)
    expect_ok(mtp_loss_add(loss, pot, "set", &config[k], weight_of(k), &diag));
  if (diag.n) fail_msg("%s", diag.text[0]);
  return loss;
}

/* Targets that are not what the potential gives; some configurations lack something. */
static void spoil(mtp_config config[])
{
  random_stream dice = {99};

  for (PetscInt k = 0; k < NCONFIG; k++) {
    config[k].energy += random_normal(&dice);
    for (PetscInt i = 0; i < 3 * config[k].n; i++) config[k].force[i] += random_normal(&dice);
    for (int a = 0; a < 6; a++) config[k].stress[a] += random_normal(&dice);
  }
  config[1].has_stress = config[2].has_energy = PETSC_FALSE;
  expect_ok(PetscFree(config[3].force));
}

/* The loss written out: formula of mtp_loss.h. */
static PetscReal by_hand(const mtp_potential *pot, const mtp_config config[])
{
  static const int row[6] = {0, 1, 2, 1, 0, 0}, column[6] = {0, 1, 2, 2, 2, 1};
  PetscReal sum = 0.0;

  for (PetscInt k = 0; k < NCONFIG; k++) {
    const mtp_config *c = &config[k];
    PetscReal e2 = 0.0, f2 = 0.0, s2 = 0.0;
    mtp_neighbors nb = {0};
    mtp_result r = {0};

    expect_ok(mtp_neighbors_build(c->n, c->x, c->type, (const PetscReal(*)[3])c->h, 3, pot->cutoff,
                                  0.0, &nb));
    r.force = calloc(3 * (size_t)nb.nall, sizeof(*r.force));
    expect_ok(mtp_potential_evaluate(pot, &nb, &r));
    mtp_neighbors_fold(&nb, 3, r.force);
    if (c->has_energy) e2 = pow(r.energy - c->energy, 2);
    for (PetscInt i = 0; c->force && i < 3 * c->n; i++) f2 += pow(r.force[i] - c->force[i], 2);
    for (int a = 0; c->has_stress && a < 6; a++)
      s2 += (a < 3 ? 1.0 : 2.0) * pow(r.virial[3 * row[a] + column[a]] - c->stress[a], 2);
    sum += weight_of(k) *
           (1.3 / pow(c->n, 1.5) * e2 + 0.02 / sqrt(c->n) * f2 + 0.003 / (PetscReal)c->n * s2);
    free(r.force);
    expect_ok(mtp_neighbors_clear(&nb));
  }
  return sum / NCONFIG;
}

/* w_c P written out */
static PetscReal norm_by_hand(const mtp_potential *pot)
{
  const PetscInt S2 = pot->nspecies * pot->nspecies, K = pot->radial_funcs, R = pot->radial_size;
  PetscReal P = 0.0;

  for (PetscInt a = 0; a < K; a++) {
    for (PetscInt b = a; b < K; b++) {
      PetscReal dot = 0.0;

      for (PetscInt p = 0; p < S2; p++) {
        for (PetscInt k = 0; k < R; k++)
          dot += pot->radial[(p * K + a) * R + k] * pot->radial[(p * K + b) * R + k];
      }
      P += pow(dot - (a == b ? 1.0 : 0.0), 2);
    }
  }
  return 1e-3 * P;
}

static void test_value(void **state)
{
  mtp_potential *pot = load_random("rand_2sp_10.almtp");
  mtp_config config[NCONFIG];
  mtp_loss *loss;
  mtp_loss_errors errors;
  PetscReal value, want;
  PetscInt nconfig, natom;

  (void)state;
  training_make(pot, NCONFIG, 3, config);
  loss = fill(pot, &weights, config);
  expect_ok(mtp_loss_size(loss, &nconfig, &natom));
  expect(nconfig == NCONFIG && natom == NCONFIG * TRAINING_ATOMS, "sizes");
  expect_ok(mtp_loss_evaluate(loss, pot, &value, NULL));
  expect_near(value, norm_by_hand(pot), 1e-9, "its own numbers leave the norm alone");
  expect_ok(mtp_loss_measure(loss, pot, -1, &errors, NULL));
  expect(errors.energy.n == NCONFIG && errors.energy.max < 1e-11 && errors.force.max < 1e-9,
         "no errors");
  expect_ok(mtp_loss_destroy(&loss));
  spoil(config);
  loss = fill(pot, &weights, config);
  want = by_hand(pot, config) + norm_by_hand(pot);
  expect_ok(mtp_loss_evaluate(loss, pot, &value, NULL));
  expect_near(value, want, 1e-12, "sum of squares");
  expect_ok(mtp_loss_destroy(&loss));
  training_clear(NCONFIG, config);
  expect_ok(mtp_potential_destroy(&pot));
}

/* One configuration after the other on one rank, the first two in group 1. */
static mtp_loss *fill_groups(mtp_potential *pot, const mtp_config config[])
{
  mtp_diag diag = {0};
  PetscMPIInt rank;
  mtp_loss *loss;

  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  expect_ok(mtp_loss_create(PETSC_COMM_WORLD, &weights, &loss));
  for (PetscInt k = 0; k < NCONFIG && rank == 0; k++) {
    mtp_loss_set_group(loss, k < 2 ? 1 : 0);
    expect_ok(mtp_loss_add(loss, pot, "set", &config[k], 1.0, &diag));
  }
  if (diag.n) fail_msg("%s", diag.text[0]);
  return loss;
}

/* One force and one energy that are off are found where they are. */
static void test_parts(void **state)
{
  mtp_potential *pot = load_random("rand_2sp_10.almtp");
  mtp_config config[NCONFIG];
  mtp_loss_errors all, one, zero;
  mtp_loss_error species[2];
  mtp_loss *loss;
  PetscInt atom = 0;

  (void)state;
  training_make(pot, NCONFIG, 3, config);
  while (config[1].type[atom] != 1) atom++;
  config[1].force[3 * atom + 2] += 0.5;
  config[2].energy += 0.25 * config[2].n;
  loss = fill_groups(pot, config);
  expect_ok(mtp_loss_measure(loss, pot, -1, &all, species));
  expect_near(species[1].max, 0.5, 1e-8, "the force that is off is of species 1");
  expect(species[0].max < 1e-9 && species[0].n + species[1].n == all.force.n, "and no other");
  expect_near(species[1].rmse, 0.5 / sqrt((double)species[1].n), 1e-8, "root mean square");
  expect_ok(mtp_loss_measure(loss, pot, 1, &one, species));
  expect(one.energy.n == 2 && one.energy.max < 1e-10, "two energies of group 1, both right");
  expect_near(one.force.max, 0.5, 1e-8, "its force is not");
  expect_ok(mtp_loss_measure(loss, pot, 0, &zero, NULL));
  expect(zero.energy.n == NCONFIG - 2 && zero.force.max < 1e-9, "the others");
  expect_near(zero.energy.max, 0.25, 1e-9, "an energy of theirs is off");
  expect_ok(mtp_loss_destroy(&loss));
  training_clear(NCONFIG, config);
  expect_ok(mtp_potential_destroy(&pot));
}

static PetscReal at(mtp_loss *loss, mtp_potential *pot, PetscInt index, PetscReal step)
{
  PetscReal *c = coefficient(pot, index), value;
  const PetscReal kept = *c;

  *c = kept + step;
  expect_ok(mtp_loss_evaluate(loss, pot, &value, NULL));
  *c = kept;
  return value;
}

static void test_gradient(void **state)
{
  mtp_potential *pot = load_random("rand_2sp_08.almtp");
  mtp_potential_info info;
  mtp_config config[NCONFIG];
  mtp_loss *loss;
  PetscReal value, gradient[200], worst = 0.0, scale = 0.0;

  (void)state;
  training_make(pot, NCONFIG, 5, config);
  spoil(config);
  loss = fill(pot, &weights, config);
  expect_ok(mtp_potential_get_info(pot, &info));
  expect(info.ncoeff <= 200, "room");
  expect_ok(mtp_loss_evaluate(loss, pot, &value, gradient));
  for (PetscInt k = 0; k < info.ncoeff; k++) {
    const PetscReal h = 1e-3;
    const PetscReal one = (at(loss, pot, k, h) - at(loss, pot, k, -h)) / (2.0 * h);
    const PetscReal two = (at(loss, pot, k, h / 2) - at(loss, pot, k, -h / 2)) / h;

    worst = fmax(worst, fabs(gradient[k] - (4.0 * two - one) / 3.0));
    scale = fmax(scale, fabs(gradient[k]));
  }
  print_message("  gradient against central differences: %.1e of the largest\n", worst / scale);
  expect(worst < 1e-8 * scale, "gradient");
  expect_ok(mtp_loss_destroy(&loss));
  training_clear(NCONFIG, config);
  expect_ok(mtp_potential_destroy(&pot));
}

/* L(w + T y) = L(w) + |y|^2 at the minimum. */
static void check_sphere(mtp_loss *loss, mtp_potential *pot, const mtp_loss_linear *linear,
                         PetscReal least)
{
  const PetscInt first = pot->nspecies * pot->nspecies * pot->radial_funcs * pot->radial_size;
  random_stream dice = {41};
  PetscReal square = 0.0, value;

  for (PetscInt r = 0; r < linear->rank; r++) {
    const PetscReal y = random_normal(&dice);

    square += y * y;
    for (PetscInt k = 0; k < linear->n; k++)
      *coefficient(pot, first + k) += linear->T[r * linear->n + k] * y;
  }
  expect_ok(mtp_loss_evaluate(loss, pot, &value, NULL));
  expect_near(value - least, square, 1e-8, "a sphere in y");
}

/* Linear coefficients of a known potential come back; elsewhere the gradient by them vanishes. */
static void check_linear(const char *name, PetscBool repulsive)
{
  mtp_potential *pot = load_random(name);
  mtp_potential_info info;
  mtp_config config[NCONFIG];
  mtp_loss_weights w = weights;
  mtp_loss *loss;
  PetscReal value, *truth, *theta, *gradient, scale = 0.0, worst = 0.0;
  mtp_loss_linear linear = {0};
  PetscInt nlinear;

  pot->repulsive = repulsive;
  w.norm = 0.0;
  training_make(pot, NCONFIG, 11, config);
  loss = fill(pot, &w, config);
  expect_ok(mtp_potential_get_info(pot, &info));
  nlinear = info.nspecies + info.nscalar;
  truth = calloc(3 * (size_t)info.ncoeff, sizeof(*truth));
  theta = truth + info.ncoeff;
  gradient = theta + info.ncoeff;
  expect_ok(mtp_potential_get_coefficients(pot, truth));
  memcpy(theta, truth, (size_t)info.ncoeff * sizeof(*theta));
  for (PetscInt k = info.ncoeff - nlinear; k < info.ncoeff; k++) theta[k] = 0.1 * (PetscReal)k;
  expect_ok(mtp_potential_set_coefficients(pot, theta));
  expect_ok(mtp_loss_solve_linear(loss, pot, &linear));
  expect_ok(mtp_potential_get_coefficients(pot, theta));
  for (PetscInt k = 0; k < info.ncoeff; k++) {
    worst = fmax(worst, fabs(theta[k] - truth[k]));
    if (k >= info.ncoeff - nlinear) scale = fmax(scale, fabs(truth[k]));
  }
  expect_ok(mtp_loss_evaluate(loss, pot, &value, gradient));
  print_message("  %s: rank %d of %d, coefficients off by %.1e of the largest, loss %.1e\n", name,
                (int)linear.rank, (int)nlinear, worst / scale, value);
  expect(linear.rank == nlinear && linear.n == nlinear, "all directions");
  expect(worst < 1e-8 * scale, "linear coefficients come back");
  expect(value < 1e-22, "and the loss is round-off");
  check_sphere(loss, pot, &linear, value);
  expect_ok(mtp_loss_linear_clear(&linear));
  expect_ok(mtp_loss_destroy(&loss));

  spoil(config); /* a problem with a remainder */
  loss = fill(pot, &w, config);
  expect_ok(mtp_loss_evaluate(loss, pot, &value, gradient));
  scale = 0.0;
  for (PetscInt k = info.ncoeff - nlinear; k < info.ncoeff; k++)
    scale = fmax(scale, fabs(gradient[k]));
  expect_ok(mtp_loss_solve_linear(loss, pot, NULL));
  expect_ok(mtp_loss_evaluate(loss, pot, &value, gradient));
  for (PetscInt k = info.ncoeff - nlinear; k < info.ncoeff; k++)
    expect_abs(gradient[k], 0.0, 1e-9 * scale, "gradient at the minimum");
  expect_ok(mtp_loss_destroy(&loss));
  training_clear(NCONFIG, config);
  free(truth);
  expect_ok(mtp_potential_destroy(&pot));
}

static void test_linear(void **state)
{
  (void)state;
  check_linear("rand_2sp_12.almtp", PETSC_FALSE);
  check_linear("rand_2sp_08.almtp", PETSC_TRUE);
}

static void test_bad_configurations(void **state)
{
  mtp_potential *pot = load_random("rand_2sp_08.almtp");
  mtp_config config[NCONFIG];
  mtp_diag diag = {0};
  mtp_loss *loss;
  PetscInt nconfig, natom;

  (void)state;
  training_make(pot, NCONFIG, 3, config);
  config[0].energy = PETSC_MAX_REAL * 2.0;
  config[1].type[3] = 7;
  config[2].has_energy = config[2].has_stress = PETSC_FALSE;
  expect_ok(PetscFree(config[2].force));
  expect_ok(mtp_loss_create(PETSC_COMM_SELF, &weights, &loss));
  for (int k = 0; k < 3; k++) expect_ok(mtp_loss_add(loss, pot, "bad", &config[k], 1.0, &diag));
  expect(diag.n == 3, "one message each");
  expect(strstr(diag.text[0], "energy") && strstr(diag.text[1], "type 7") &&
             strstr(diag.text[2], "neither"),
         "what is wrong");
  expect_ok(mtp_loss_size(loss, &nconfig, &natom));
  expect(nconfig == 0, "none of them is in");
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_loss_add(loss, pot, "x", &config[4], -1.0, &diag));
  expect_ok(mtp_diag_clear(&diag));
  expect_ok(mtp_loss_destroy(&loss));
  training_clear(NCONFIG, config);
  expect_ok(mtp_potential_destroy(&pot));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_value),
      cmocka_unit_test(test_parts),
      cmocka_unit_test(test_gradient),
      cmocka_unit_test(test_linear),
      cmocka_unit_test(test_bad_configurations),
  };

  return expect_main(argc, argv, help, tests);
}
