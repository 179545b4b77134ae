/* tests/verify/test_mtp_gradient.c - derivatives by the coefficients: central differences in each
 *
 * Every coefficient of every atom's row is compared with Richardson's combination of the central
 * differences at h and h/2, which is exact up to h^4; the site energy is a polynomial of the
 * radial coefficients and linear in the others.  Systems: a cell smaller than the cut-off (own
 * images are neighbours), a cluster of three species with an atom that has no neighbours, and
 * RBChebyshev_repuls with a pair below R_min, where the wall must not enter.
 */
#include "mtp/mtp_gradient.h"
#include "tests/support/small_systems.h"

static const char help[] = "dV_i/dtheta against central differences in every coefficient\n";

/* (V_i(theta + h) - V_i(theta - h)) / 2h of all atoms */
static void central(mtp_potential *pot, const mtp_neighbors *nb, PetscInt index, PetscReal h,
                    PetscReal out[])
{
  PetscReal *c = coefficient(pot, index), plus[MAX_ATOMS] = {0}, minus[MAX_ATOMS] = {0};
  mtp_result above = {.site_energy = plus}, below = {.site_energy = minus};
  const PetscReal kept = *c;

  *c = kept + h;
  expect_ok(mtp_potential_evaluate(pot, nb, &above));
  *c = kept - h;
  expect_ok(mtp_potential_evaluate(pot, nb, &below));
  *c = kept;
  for (PetscInt i = 0; i < nb->nlocal; i++) out[i] = (plus[i] - minus[i]) / (2.0 * h);
}

static PetscReal largest(PetscInt n, const PetscReal a[])
{
  PetscReal max = 0.0;

  for (PetscInt i = 0; i < n; i++) max = PetscMax(max, fabs(a[i]));
  return max;
}

static void check_case(const system_case *c)
{
  mtp_potential *pot = load_random(c->potential);
  mtp_potential_info info;
  mtp_neighbors nb = {0};
  PetscReal *rows, worst = 0.0;
  PetscInt nonzero = 0;

  pot->repulsive = c->repulsive;
  build(pot, c, &nb);
  expect_ok(mtp_potential_get_info(pot, &info));
  rows = malloc((size_t)c->n * (size_t)info.ncoeff * sizeof(*rows));
  expect_ok(mtp_gradient_sites(pot, &nb, 0, c->n, rows));
  for (PetscInt k = 0; k < info.ncoeff; k++) {
    PetscReal one[MAX_ATOMS] = {0}, two[MAX_ATOMS] = {0};

    central(pot, &nb, k, 1e-2, one);
    central(pot, &nb, k, 5e-3, two);
    for (PetscInt i = 0; i < c->n; i++) {
      const PetscReal *row = rows + i * info.ncoeff;
      const PetscReal scale = 1.0 + largest(info.ncoeff, row);
      const PetscReal d = fabs(row[k] - (4.0 * two[i] - one[i]) / 3.0) / scale;

      worst = PetscMax(worst, d);
      nonzero += row[k] != 0.0;
      if (!(d < 1e-10)) fail_msg("%s: atom %d, coefficient %d", c->name, (int)i, (int)k);
    }
  }
  print_message("  %-44s %4d coefficients, %5d of %5d not zero, difference %.1e\n", c->name,
                (int)info.ncoeff, (int)nonzero, (int)(info.ncoeff * c->n), worst);
  expect(2 * nonzero > info.ncoeff, "most coefficients do something somewhere");
  free(rows);
  expect_ok(mtp_neighbors_clear(&nb));
  expect_ok(mtp_potential_destroy(&pot));
}

static void test_central_differences(void **state)
{
  (void)state;
  for (int k = 0; k < NCASE; k++) check_case(&cases[k]);
}

/* V_i is linear in species_coeffs and moment_coeffs: their part of the row gives it back. */
static void test_linear_part(void **state)
{
  mtp_potential *pot = load_random("rand_2sp_16.almtp");
  mtp_neighbors nb = {0};
  mtp_potential_info info;
  PetscReal site[MAX_ATOMS] = {0}, *rows;
  mtp_result result = {.site_energy = site};

  (void)state;
  build(pot, &cases[0], &nb);
  expect_ok(mtp_potential_get_info(pot, &info));
  rows = malloc((size_t)nb.nlocal * (size_t)info.ncoeff * sizeof(*rows));
  expect_ok(mtp_gradient_sites(pot, &nb, 0, nb.nlocal, rows));
  expect_ok(mtp_potential_evaluate(pot, &nb, &result));
  for (PetscInt i = 0; i < nb.nlocal; i++) {
    PetscReal sum = 0.0, size = 0.0;

    for (PetscInt k = info.ncoeff - pot->nspecies - pot->nscalar; k < info.ncoeff; k++) {
      const PetscReal term = rows[i * info.ncoeff + k] * *coefficient(pot, k);

      sum += term;
      size += fabs(term);
    }
    expect_abs(sum, site[i], 1e-14 * size, "linear part");
  }
  free(rows);
  expect_ok(mtp_neighbors_clear(&nb));
  expect_ok(mtp_potential_destroy(&pot));
}

/* A piece of the atoms gives the same rows; wrong pieces are refused. */
static void test_pieces(void **state)
{
  mtp_potential *pot = load_random("rand_2sp_10.almtp");
  mtp_neighbors nb = {0};
  mtp_potential_info info;
  PetscReal *all, *piece;

  (void)state;
  build(pot, &cases[0], &nb);
  expect_ok(mtp_potential_get_info(pot, &info));
  all = malloc(3 * (size_t)info.ncoeff * sizeof(*all));
  piece = malloc(2 * (size_t)info.ncoeff * sizeof(*piece));
  expect_ok(mtp_gradient_sites(pot, &nb, 0, 3, all));
  expect_ok(mtp_gradient_sites(pot, &nb, 1, 2, piece));
  assert_memory_equal(piece, all + info.ncoeff, 2 * (size_t)info.ncoeff * sizeof(*all));
  expect_ok(mtp_gradient_sites(pot, &nb, 3, 0, piece));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_gradient_sites(pot, &nb, 2, 2, piece));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_gradient_sites(pot, &nb, -1, 1, piece));
  free(all);
  free(piece);
  expect_ok(mtp_neighbors_clear(&nb));
  expect_ok(mtp_potential_destroy(&pot));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_central_differences),
      cmocka_unit_test(test_linear_part),
      cmocka_unit_test(test_pieces),
  };

  return expect_main(argc, argv, help, tests);
}
