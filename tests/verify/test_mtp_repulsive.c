/* tests/verify/test_mtp_repulsive.c - RBChebyshev_repuls: numbers on paper, derivatives, R_min
 *
 * The reference kernel.  Above R_min the basis is RBChebyshev, bit for bit.  Below, radial
 * functions keep their values at R_min, so that a pair feels the wall alone, while directions
 * still matter in larger structures; forces and virials are checked there by central differences.
 */
#include "mtp/mtp_eval_config.h"
#include "mtp/mtp_potential_impl.h"
#include "tests/support/expect.h"

static const char help[] =
    "RBChebyshev_repuls: numbers by hand, derivatives, continuity at R_min\n";

enum { MAX_ATOMS = 5 };

typedef struct {
  PetscInt n;
  PetscReal x[3 * MAX_ATOMS];
  PetscInt type[MAX_ATOMS];
  PetscReal energy, virial[9], site[MAX_ATOMS], force[3 * MAX_ATOMS];
} cluster;

static mtp_potential *load(const char *name)
{
  char path[512];
  mtp_potential *pot = NULL;
  mtp_diag diag = {0};

  (void)snprintf(path, sizeof(path), "%s/mtp/random/%s", TEST_DATA, name);
  expect_ok(mtp_potential_read(path, &pot, &diag));
  if (!pot) fail_msg("%s", diag.n ? diag.text[0] : "no potential and no message");
  expect_ok(mtp_diag_clear(&diag));
  return pot;
}

static void evaluate(const mtp_potential *pot, cluster *s)
{
  const PetscReal h[3][3] = {{0}};
  mtp_neighbors nb = {0};
  mtp_result result = {.site_energy = s->site, .force = s->force};

  expect_ok(mtp_neighbors_build(s->n, s->x, s->type, h, 0, pot->cutoff, 0.0, &nb));
  expect_ok(mtp_potential_evaluate(pot, &nb, &result));
  s->energy = result.energy;
  memcpy(s->virial, result.virial, sizeof(s->virial));
  expect_ok(mtp_neighbors_clear(&nb));
}

/* Two atoms of types 0 and 1 at the distance r along (2, -1, 2) / 3 */
static cluster pair(PetscReal r)
{
  return (cluster){.n = 2,
                   .x = {1.0, 1.0, 1.0, 1.0 + r * 2.0 / 3.0, 1.0 - r / 3.0, 1.0 + r * 2.0 / 3.0},
                   .type = {0, 1}};
}

/* R = 2, f = s (r - 5)^2 (c_0 + c_1 xi), R_min = 2; V = e + 0.25 f + 2 |sum f u|^2 */
static const char tiny[] =
    "MTP\nversion = 1.1.0\nscaling = 0.5\nspecies_count = 2\n"
    "radial_basis_type = RBChebyshev_repuls\n\tmin_dist = 2\n\tmax_dist = 5\n"
    "\tradial_basis_size = 2\n\tradial_funcs_count = 1\n\tradial_coeffs\n"
    "\t\t0-0\n\t\t\t{0.3, 0.1}\n\t\t0-1\n\t\t\t{0.2, -0.4}\n"
    "\t\t1-0\n\t\t\t{0.7, 0.6}\n\t\t1-1\n\t\t\t{-0.5, 0.9}\n"
    "alpha_moments_count = 5\nalpha_index_basic_count = 4\n"
    "alpha_index_basic = {{0, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}}\n"
    "alpha_index_times_count = 3\n"
    "alpha_index_times = {{1, 1, 1, 4}, {2, 2, 1, 4}, {3, 3, 1, 4}}\n"
    "alpha_scalar_moments = 2\nalpha_moment_mapping = {0, 4}\nspecies_coeffs = {1.5, -2.5}\n"
    "moment_coeffs = {0.25, 2}\n";

static mtp_potential *load_tiny(void)
{
  mtp_potential *pot = NULL;
  mtp_diag diag = {0};

  expect_ok(mtp_potential_parse("tiny", tiny, strlen(tiny), &pot, &diag));
  if (!pot) fail_msg("%s", diag.n ? diag.text[0] : "no potential and no message");
  return pot;
}

/* At r = 1.5: xi(R_min) = -1, f = 4.5 (c_0 - c_1), wall 1e4 (e^-5 - e^-10) on each of the two. */
static void test_by_hand(void **state)
{
  const PetscReal wall = 66.925470693229830, slope = 673.79469990854670;
  const PetscReal f[2] = {4.5 * 0.6, 4.5 * 0.1}, e[2] = {1.5, -2.5};
  mtp_potential *pot = load_tiny();
  cluster s = pair(1.5);

  (void)state;
  evaluate(pot, &s);
  for (int i = 0; i < 2; i++)
    expect_near(s.site[i], e[i] + 0.25 * f[i] + 2.0 * f[i] * f[i] + wall, 1e-14, "site energy");
  expect_near(s.energy, -1.0 + 0.25 * 3.15 + 2.0 * (2.7 * 2.7 + 0.45 * 0.45) + 2.0 * wall, 1e-14,
              "energy");
  expect_near(s.force[3], 2.0 * slope * 2.0 / 3.0, 1e-14, "the neighbour is pushed away, x");
  expect_near(s.force[4], -2.0 * slope / 3.0, 1e-14, "y");
  expect_near(s.force[2], -2.0 * slope * 2.0 / 3.0, 1e-14, "force on the other, z");
  expect_near(s.virial[0], 2.0 * slope * 1.5 * 4.0 / 9.0, 1e-14, "virial, positive in compression");
  pot->repulsive = PETSC_FALSE;
  evaluate(pot, &s);
  for (int i = 0; i < 2; i++) {
    const PetscReal g = 6.125 * (i ? 0.7 - 0.8 : 0.2 + 1.6 / 3.0);

    expect_near(s.site[i], e[i] + 0.25 * g + 2.0 * g * g, 1e-13, "RBChebyshev goes on, no wall");
  }
  expect_ok(mtp_potential_destroy(&pot));
}

/* From R_min up the other basis, bit for bit, except the slope at R_min itself, which is 0; the
   energy is continuous there. */
static void test_at_the_edge(void **state)
{
  mtp_potential *pot = load_tiny(), *plain = load_tiny();
  cluster s = {.n = 2, .x = {0, 0, 0, 2, 0, 0}, .type = {0, 1}}, want = s, below = s;

  (void)state;
  plain->repulsive = PETSC_FALSE;
  evaluate(pot, &s);
  evaluate(plain, &want);
  expect_abs(s.energy, want.energy, 0.0, "the same energy at R_min");
  expect_abs(s.force[3], 0.0, 0.0, "no force exactly at R_min");
  expect(fabs(want.force[3]) > 1.0, "where RBChebyshev has one");
  s.x[3] = want.x[3] = 2.0 + 4e-16;
  expect(s.x[3] > 2.0, "just above R_min");
  evaluate(pot, &s);
  evaluate(plain, &want);
  expect_abs(s.energy, want.energy, 0.0, "above: the same energy");
  for (int a = 0; a < 6; a++) expect_abs(s.force[a], want.force[a], 0.0, "above: the same force");
  below.x[3] = 2.0 - 1e-9;
  evaluate(pot, &below);
  /* two walls of slope 1e5 e^-10 = 4.54 eV/Å */
  expect_abs(below.energy - want.energy, 2.0 * 4.5399929762484854e-9, 1e-13, "just below");
  expect_near(below.force[3], 2.0 * 4.5399929762484854, 1e-7, "the force of the wall");
  expect_ok(mtp_potential_destroy(&pot));
  expect_ok(mtp_potential_destroy(&plain));
}

static PetscReal norm(PetscInt n, const PetscReal a[])
{
  PetscReal sum = 0.0;

  for (PetscInt i = 0; i < n; i++) sum += a[i] * a[i];
  return sqrt(sum);
}

/* Forces, then the virial, by central differences with the step h */
static void differences(const mtp_potential *pot, const cluster *s, PetscReal h, PetscReal out[])
{
  const PetscInt n = 3 * s->n;

  for (PetscInt k = 0; k < n + 9; k++) {
    PetscReal energy[2];

    for (int side = 0; side < 2; side++) {
      const PetscReal e = side ? -h : h;
      cluster moved = *s;

      if (k < n) moved.x[k] += e;
      for (PetscInt i = 0; k >= n && i < s->n; i++)
        moved.x[3 * i + (k - n) % 3] += e * s->x[3 * i + (k - n) / 3];
      evaluate(pot, &moved);
      energy[side] = moved.energy;
    }
    out[k] = -(energy[0] - energy[1]) / (2.0 * h);
  }
}

/* Error of steps h and h / 2 in the ratio 4; Richardson's combination is exact but for round-off */
static void check_derivatives(const char *name, mtp_potential *pot, cluster *s)
{
  const PetscInt n = 3 * s->n + 9;
  PetscReal exact[3 * MAX_ATOMS + 9] = {0}, coarse[3 * MAX_ATOMS + 9] = {0};
  PetscReal fine[3 * MAX_ATOMS + 9] = {0}, ratio;

  evaluate(pot, s);
  memcpy(exact, s->force, 3 * (size_t)s->n * sizeof(exact[0]));
  memcpy(exact + 3 * s->n, s->virial, sizeof(s->virial));
  differences(pot, s, 2e-3, coarse);
  differences(pot, s, 1e-3, fine);
  for (PetscInt k = 0; k < n; k++) {
    coarse[k] -= exact[k];
    fine[k] -= exact[k];
  }
  ratio = norm(n, coarse) / norm(n, fine);
  print_message("  %s: |exact| %.4g eV/Å, errors %.3g %.3g, ratio %.5f\n", name, norm(n, exact),
                norm(n, coarse), norm(n, fine), ratio);
  expect_abs(ratio, 4.0, 0.002, name);
  for (PetscInt k = 0; k < n; k++) fine[k] = (4.0 * fine[k] - coarse[k]) / 3.0;
  expect_abs(norm(n, fine), 0.0, 1e-8 * norm(n, exact), name);
}

/* R_min = 1.8: with the stretch 1 pairs on both sides of it, then all above, then all below. */
static void test_derivatives(void **state)
{
  static const char *const files[] = {"rand_2sp_10.almtp", "rand_2sp_14.almtp"};
  const cluster shape = {
      .n = 5,
      .x = {0.0, 0.0, 0.0, 1.5, 0.2, -0.1, 0.3, 1.9, 0.2, -0.2, 0.4, 1.4, 1.2, 1.5, 1.3},
      .type = {0, 1, 1, 0, 1}};
  const struct {
    const char *name;
    PetscReal stretch;
    PetscInt below; /* pairs */
  } cases[] = {{"both sides", 1.0, 4}, {"all above", 1.4, 0}, {"all below", 0.63, 10}};

  (void)state;
  for (size_t f = 0; f < 2; f++) {
    mtp_potential *pot = load(files[f]);

    pot->repulsive = PETSC_TRUE;
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
      cluster s = shape;
      PetscInt below = 0;

      for (PetscInt k = 0; k < 3 * s.n; k++) s.x[k] *= cases[c].stretch;
      for (PetscInt i = 0; i < s.n; i++) {
        for (PetscInt j = 0; j < i; j++) {
          PetscReal d[3];

          for (int a = 0; a < 3; a++) d[a] = s.x[3 * i + a] - s.x[3 * j + a];
          expect(fabs(norm(3, d) - pot->min_dist) > 0.01, "no pair near R_min");
          below += norm(3, d) < pot->min_dist;
        }
      }
      expect_abs((double)below, (double)cases[c].below, 0.0, "pairs below R_min");
      check_derivatives(cases[c].name, pot, &s);
    }
    expect_ok(mtp_potential_destroy(&pot));
  }
}

/* Eight atoms in a thin cell, pairs on both sides of R_min, evaluated by MLIP-3 (commit 7fe598d)
   with rand_2sp_10.almtp whose basis was renamed.  864 atoms of the compressed liquid agreed to
   3e-13 eV an atom and 2e-15 of the largest force. */
static void test_against_mlip3(void **state)
{
  mtp_potential *pot = load("rand_2sp_10.almtp");
  mtp_config_list want = {0}, got = {0};
  mtp_neighbors nb = {0};
  mtp_diag diag = {0};
  PetscReal largest = 0.0;

  (void)state;
  pot->repulsive = PETSC_TRUE;
  expect_ok(mtp_cfg_read(TEST_DATA "/mtp/repulsive_mlip3_2sp_10.cfg", &want, &diag));
  expect_ok(mtp_cfg_read(TEST_DATA "/mtp/repulsive_mlip3_2sp_10.cfg", &got, &diag));
  if (diag.n > 0) fail_msg("%s", diag.text[0]);
  expect_ok(mtp_eval_config(pot, "got", &nb, &got.config[0], &diag));
  for (PetscInt k = 0; k < 24; k++) largest = fmax(largest, fabs(want.config[0].force[k]));
  expect(largest > 1e3, "the wall is there");
  expect_near(got.config[0].energy, want.config[0].energy, 1e-14, "energy");
  for (PetscInt k = 0; k < 24; k++)
    expect_abs(got.config[0].force[k], want.config[0].force[k], 1e-14 * largest, "force");
  for (PetscInt k = 0; k < 6; k++)
    expect_abs(got.config[0].stress[k], want.config[0].stress[k], 1e-14 * largest, "PlusStress");
  expect_ok(mtp_neighbors_clear(&nb));
  expect_ok(mtp_config_list_clear(&want));
  expect_ok(mtp_config_list_clear(&got));
  expect_ok(mtp_potential_destroy(&pot));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_by_hand),
      cmocka_unit_test(test_at_the_edge),
      cmocka_unit_test(test_derivatives),
      cmocka_unit_test(test_against_mlip3),
  };

  return expect_main(argc, argv, help, tests);
}
