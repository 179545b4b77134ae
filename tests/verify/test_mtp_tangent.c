/* tests/verify/test_mtp_tangent.c - derivatives of mixtures of energy, forces, virial
 *
 * J = s E + sum lambda_i . F_i + sum sigma_ab W_ab from the reference kernel, differentiated by
 * every coefficient with Richardson's combination of central differences, against one call; then
 * each of the three parts alone, a second call, and what is refused.
 */
#include "mtp/mtp_tangent.h"
#include "tests/support/random.h"
#include "tests/support/small_systems.h"

static const char help[] = "dJ/dtheta against central differences in every coefficient\n";

/* J at the present coefficients */
static PetscReal mixture(const mtp_potential *pot, const mtp_neighbors *nb,
                         const mtp_tangent_weights *w)
{
  PetscReal *force = calloc(3 * (size_t)nb->nall + 1, sizeof(*force)), J;
  mtp_result result = {.force = force};

  expect_ok(mtp_potential_evaluate(pot, nb, &result));
  mtp_neighbors_fold(nb, 3, force);
  J = w->energy * result.energy;
  for (PetscInt k = 0; w->force && k < 3 * nb->nlocal; k++) J += w->force[k] * force[k];
  for (int k = 0; k < 9; k++) J += w->virial[k] * result.virial[k];
  free(force);
  return J;
}

static PetscReal central(mtp_potential *pot, const mtp_neighbors *nb, const mtp_tangent_weights *w,
                         PetscInt index, PetscReal h)
{
  PetscReal *c = coefficient(pot, index), above, below;
  const PetscReal kept = *c;

  *c = kept + h;
  above = mixture(pot, nb, w);
  *c = kept - h;
  below = mixture(pot, nb, w);
  *c = kept;
  return (above - below) / (2.0 * h);
}

/* The largest deviation over all coefficients, in units of the largest derivative. */
static PetscReal deviation(mtp_potential *pot, const mtp_neighbors *nb,
                           const mtp_tangent_weights *w)
{
  mtp_potential_info info;
  mtp_tangent *tangent;
  PetscReal *gradient, worst = 0.0, scale = 0.0;

  expect_ok(mtp_potential_get_info(pot, &info));
  gradient = calloc((size_t)info.ncoeff, sizeof(*gradient));
  expect_ok(mtp_tangent_create(pot, &tangent));
  expect_ok(mtp_tangent_add(tangent, pot, nb, w, gradient));
  for (PetscInt k = 0; k < info.ncoeff; k++) {
    const PetscReal one = central(pot, nb, w, k, 1e-2), two = central(pot, nb, w, k, 5e-3);

    worst = PetscMax(worst, fabs(gradient[k] - (4.0 * two - one) / 3.0));
    scale = PetscMax(scale, fabs(gradient[k]));
  }
  expect(scale > 0.0, "no derivative at all");
  expect_ok(mtp_tangent_destroy(&tangent));
  free(gradient);
  return worst / scale;
}

/* Weights of order one for all parts. */
static mtp_tangent_weights some_weights(PetscInt n, PetscReal force[])
{
  mtp_tangent_weights w = {.energy = 0.7, .force = force};
  random_stream dice = {7};

  for (PetscInt k = 0; k < 3 * n; k++) force[k] = 2.0 * random_uniform(&dice) - 1.0;
  for (int k = 0; k < 9; k++) w.virial[k] = random_uniform(&dice) - 0.4;
  return w;
}

static void test_all_parts(void **state)
{
  (void)state;
  for (int c = 0; c < NCASE; c++) {
    PetscReal force[3 * MAX_ATOMS];
    const mtp_tangent_weights w = some_weights(cases[c].n, force);
    mtp_potential *pot = load_random(cases[c].potential);
    mtp_neighbors nb = {0};
    PetscReal d;

    pot->repulsive = cases[c].repulsive;
    build(pot, &cases[c], &nb);
    d = deviation(pot, &nb, &w);
    print_message("  %-44s difference %.1e\n", cases[c].name, d);
    if (!(d < 1e-9)) fail_msg("%s: difference %g", cases[c].name, d);
    expect_ok(mtp_neighbors_clear(&nb));
    expect_ok(mtp_potential_destroy(&pot));
  }
}

/* Each part alone: a wrong sign of one cannot hide behind the others. */
static void test_parts_alone(void **state)
{
  mtp_potential *pot = load_random(cases[0].potential);
  mtp_neighbors nb = {0};
  PetscReal force[3 * MAX_ATOMS];
  const mtp_tangent_weights all = some_weights(cases[0].n, force);
  mtp_tangent_weights part[3] = {{.energy = all.energy}, {.force = force}, {.energy = 0.0}};

  (void)state;
  memcpy(part[2].virial, all.virial, sizeof(all.virial));
  build(pot, &cases[0], &nb);
  for (int k = 0; k < 3; k++) {
    const PetscReal d = deviation(pot, &nb, &part[k]);

    if (!(d < 1e-9)) fail_msg("part %d: difference %g", k, d);
  }
  expect_ok(mtp_neighbors_clear(&nb));
  expect_ok(mtp_potential_destroy(&pot));
}

/* A call adds to what is there; tables of one potential are no use for another. */
static void test_contract(void **state)
{
  mtp_potential *pot = load_random(cases[0].potential), *other = load_random("rand_2sp_12.almtp");
  mtp_neighbors nb = {0};
  mtp_tangent *tangent;
  const mtp_tangent_weights w = {.energy = 1.0};
  PetscReal *once = calloc(1000, sizeof(*once)), *twice = calloc(1000, sizeof(*twice));

  (void)state;
  build(pot, &cases[0], &nb);
  expect_ok(mtp_tangent_create(pot, &tangent));
  expect_ok(mtp_tangent_add(tangent, pot, &nb, &w, once));
  expect_ok(mtp_tangent_add(tangent, pot, &nb, &w, twice));
  expect_ok(mtp_tangent_add(tangent, pot, &nb, &w, twice));
  for (int k = 0; k < 1000; k++) expect_abs(twice[k], 2.0 * once[k], 1e-13, "twice");
  expect_error(PETSC_ERR_ARG_INCOMP, mtp_tangent_add(tangent, other, &nb, &w, once));
  expect_ok(mtp_tangent_destroy(&tangent));
  expect_ok(mtp_neighbors_clear(&nb));
  expect_ok(mtp_potential_destroy(&other));
  expect_ok(mtp_potential_destroy(&pot));
  free(once);
  free(twice);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_all_parts),
      cmocka_unit_test(test_parts_alone),
      cmocka_unit_test(test_contract),
  };

  return expect_main(argc, argv, help, tests);
}
