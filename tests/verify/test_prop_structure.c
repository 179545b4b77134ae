/* tests/verify/test_prop_structure.c - radial distributions of lattices, gases and noisy shells
 *
 * Lattices have whole numbers of neighbours at known distances; the ideal gas has g = 1 with
 * Poisson statistics; a lattice blurred by independent Gaussian displacements has shells whose
 * peaks and numbers are known.
 */
#include "properties/prop_rdf.h"
#include "tests/support/expect.h"
#include "tests/support/random.h"

static const char help[] = "Radial distributions of lattices, ideal gas and blurred lattices\n";

enum { ROOM = 1000 };

/* Basis of `nbasis` sites (fractions of the cubic cell, type) repeated m times in each direction */
typedef struct {
  PetscReal x[3];
  PetscInt type;
} site;

static const site fcc[] = {
    {{0, 0, 0}, 0}, {{0, 0.5, 0.5}, 0}, {{0.5, 0, 0.5}, 0}, {{0.5, 0.5, 0}, 0}};
static const site rock_salt[] = {{{0, 0, 0}, 0},     {{0, 0.5, 0.5}, 0},  {{0.5, 0, 0.5}, 0},
                                 {{0.5, 0.5, 0}, 0}, {{0.5, 0, 0}, 1},    {{0, 0.5, 0}, 1},
                                 {{0, 0, 0.5}, 1},   {{0.5, 0.5, 0.5}, 1}};

static void make_lattice(PetscInt nbasis, const site basis[], PetscReal edge, const PetscInt m[3],
                         md_atoms *atoms)
{
  const PetscInt n = nbasis * m[0] * m[1] * m[2];

  expect_ok(md_atoms_create(n, basis[nbasis - 1].type + 1, atoms));
  for (int a = 0; a < 3; a++) atoms->h[a][a] = edge * m[a];
  for (PetscInt i = 0; i < n; i++) {
    const PetscInt cell = i / nbasis, b = i % nbasis;
    const PetscInt at[3] = {cell % m[0], cell / m[0] % m[1], cell / (m[0] * m[1])};

    atoms->type[i] = basis[b].type;
    for (int a = 0; a < 3; a++) atoms->x[3 * i + a] = edge * (basis[b].x[a] + at[a]);
  }
}

static prop_rdf *sample_lattice(PetscInt nbasis, const site basis[], PetscReal edge,
                                const PetscInt m[3], PetscReal rmax, PetscInt nbin)
{
  prop_rdf *rdf;
  md_atoms atoms;

  make_lattice(nbasis, basis, edge, m, &atoms);
  expect_ok(prop_rdf_create(atoms.nspecies, rmax, nbin, &rdf));
  expect_ok(prop_rdf_add(rdf, &atoms));
  expect_ok(md_atoms_clear(&atoms));
  return rdf;
}

/* fcc with edge 4: 12 at 2.828, 6 at 4, 24 at 4.899, 12 at 5.657, 24 at 6.325, 8 at 6.928.  Bins of
   0.05 from 0: no shell lies on an edge except 4.0, which is 80 bins and may fall into 79 or 80. */
static void test_fcc(void **state)
{
  static const struct {
    PetscReal below;
    PetscReal number;
  } shells[] = {{2.8, 0}, {3.5, 12}, {4.5, 18}, {5.3, 42}, {6.0, 54}, {6.6, 78}, {7.0, 86}};
  const PetscInt m[3] = {3, 3, 3};
  PetscReal r[ROOM], g[ROOM], n[ROOM], peak, low, number;
  prop_rdf *rdf = sample_lattice(4, fcc, 4.0, m, 7.0, 140);
  PetscBool found;

  (void)state;
  expect_ok(prop_rdf_curve(rdf, 0, 0, r, g, n));
  for (size_t s = 0; s < sizeof(shells) / sizeof(shells[0]); s++) {
    const PetscInt k = (PetscInt)(shells[s].below / 0.05 + 0.5) - 1;

    expect_abs(n[k], shells[s].number, 0.0, "neighbours of an fcc lattice");
  }
  /* g in the bin of the first shell, 56: 12 V / (108 * 107 / 108 shell) */
  expect_near(g[56],
              12.0 * 1728.0 / 107.0 /
                  (4.0 / 3.0 * PETSC_PI * (2.85 * 2.85 * 2.85 - 2.8 * 2.8 * 2.8)),
              1e-12, "g in the first shell");
  expect_ok(prop_rdf_coordination(rdf, 0, 0, &peak, &low, &number, &found));
  expect(found, "a lattice has a first shell");
  expect_abs(peak, 2.8284, 0.05, "first shell within its bin");
  expect_abs(low, 0.5 * (2.828 + 4.0), 0.06, "minimum in the middle between the shells");
  expect_abs(number, 12.0, 0.0, "twelve nearest neighbours");
  expect_ok(prop_rdf_destroy(&rdf));
}

/* Rock salt with edge 6: unlike 6 at 3, 8 at 5.196; like 12 at 4.243, 6 at 6 */
static void test_rock_salt(void **state)
{
  const PetscInt m[3] = {2, 2, 2};
  PetscReal peak, low, number, r[ROOM], g[ROOM], n[ROOM];
  prop_rdf *rdf = sample_lattice(8, rock_salt, 6.0, m, 6.53, 150);
  PetscBool found;

  (void)state;
  for (PetscInt a = 0; a < 2; a++) {
    expect_ok(prop_rdf_coordination(rdf, a, 1 - a, &peak, &low, &number, &found));
    expect(found, "unlike shell");
    expect_abs(peak, 3.0, 0.05, "unlike distance");
    expect_abs(number, 6.0, 0.0, "six unlike neighbours");
    expect_ok(prop_rdf_coordination(rdf, a, a, &peak, &low, &number, &found));
    expect(found, "like shell");
    expect_abs(peak, 4.2426, 0.05, "like distance");
    expect_abs(number, 12.0, 0.0, "twelve like neighbours");
    expect_ok(prop_rdf_curve(rdf, a, 1 - a, r, g, n));
    expect_abs(n[149], 14.0, 0.0, "unlike neighbours in two shells");
    expect_ok(prop_rdf_curve(rdf, a, a, r, g, n));
    expect_abs(n[149], 18.0, 0.0, "like neighbours in two shells");
  }
  expect_ok(prop_rdf_destroy(&rdf));
}

/* One cell of edge 6, an atom being its own neighbour's image, against 3 x 2 x 4 cells, rmax 9.7:
   the same neighbours, the same g of unlike pairs; for like pairs N (N - 1) differs. */
static void test_thin_cell(void **state)
{
  const PetscInt one[3] = {1, 1, 1}, many[3] = {3, 2, 4};
  PetscReal r[ROOM], g[2][ROOM], n[2][ROOM];
  prop_rdf *thin = sample_lattice(8, rock_salt, 6.0, one, 9.7, 97);
  prop_rdf *thick = sample_lattice(8, rock_salt, 6.0, many, 9.7, 97);

  (void)state;
  for (PetscInt a = 0; a < 2; a++) {
    for (PetscInt b = 0; b < 2; b++) {
      const PetscReal factor = a == b ? (3.0 / 4.0) * (96.0 / 95.0) : 1.0;

      expect_ok(prop_rdf_curve(thin, a, b, r, g[0], n[0]));
      expect_ok(prop_rdf_curve(thick, a, b, r, g[1], n[1]));
      for (PetscInt k = 4; k < 97; k += 5) { /* away from shells on the edges of bins */
        expect_abs(n[0][k], n[1][k], 0.0, "neighbours do not depend on the cell");
      }
      expect_near(n[0][96], n[1][96], 0.0, "all neighbours");
      for (PetscInt k = 0; k < 97; k++) {
        expect_near(g[0][k] * factor, g[1][k], 1e-12, "g does not depend on the cell");
      }
    }
  }
  expect_ok(prop_rdf_destroy(&thin));
  expect_ok(prop_rdf_destroy(&thick));
}

/* Random atoms: g = 1 within counting statistics.  Like pairs come in twos, unlike in ones. */
static void test_ideal_gas(void **state)
{
  enum { N = 60, SAMPLES = 400, NBIN = 30 };
  PetscReal r[ROOM], g[ROOM], n[ROOM], peak, low, number;
  random_stream stream = {51};
  prop_rdf *rdf;
  md_atoms atoms;
  PetscBool found;

  (void)state;
  expect_ok(md_atoms_create(N, 2, &atoms));
  for (PetscInt i = 0; i < N; i++) atoms.type[i] = i >= 20;
  expect_ok(prop_rdf_create(2, 6.0, NBIN, &rdf));
  for (PetscInt s = 0; s < SAMPLES; s++) {
    const PetscReal edge = 9.0 + 2.0 * random_uniform(&stream); /* the volume fluctuates */

    for (int a = 0; a < 3; a++) atoms.h[a][a] = edge;
    atoms.h[1][0] = 3.0; /* and the cell is skewed */
    for (PetscInt i = 0; i < 3 * N; i++) atoms.x[i] = 0.0;
    for (PetscInt i = 0; i < N; i++) {
      for (int a = 0; a < 3; a++) {
        const PetscReal u = random_uniform(&stream);

        for (int b = 0; b < 3; b++) atoms.x[3 * i + b] += u * atoms.h[a][b];
      }
    }
    expect_ok(prop_rdf_add(rdf, &atoms));
  }
  for (PetscInt a = 0; a < 2; a++) {
    for (PetscInt b = a; b < 2; b++) {
      const PetscReal na = a ? 40.0 : 20.0, nb = (b ? 40.0 : 20.0) - (a == b);

      expect_ok(prop_rdf_curve(rdf, a, b, r, g, n));
      for (PetscInt k = 5; k < NBIN; k++) {
        const PetscReal shell = 4.0 * PETSC_PI * (r[k] * r[k] + 0.04 / 12.0) * 0.2;
        const PetscReal pairs = na * nb * SAMPLES * shell / 1000.0 / (a == b ? 2.0 : 1.0);

        expect_abs(g[k], 1.0, 5.0 / sqrt(pairs), "g of an ideal gas");
      }
      expect_ok(prop_rdf_coordination(rdf, a, b, &peak, &low, &number, &found));
      expect(!found && isnan(number) && isnan(peak), "noise makes no shell");
    }
  }
  expect_ok(prop_rdf_destroy(&rdf));
  expect_ok(md_atoms_clear(&atoms));
}

/* Samples of an fcc lattice (edge 4.2) with independent Gaussian displacements, width sigma [Å] */
static prop_rdf *sample_blurred(random_stream *stream, PetscReal sigma, PetscInt samples)
{
  const PetscInt m[3] = {2, 2, 2};
  prop_rdf *rdf;
  md_atoms ideal, atoms;

  make_lattice(4, fcc, 4.2, m, &ideal);
  make_lattice(4, fcc, 4.2, m, &atoms);
  expect_ok(prop_rdf_create(1, 6.0, 150, &rdf));
  for (PetscInt s = 0; s < samples; s++) {
    for (PetscInt i = 0; i < 3 * atoms.n; i++) {
      atoms.x[i] = ideal.x[i] + sigma * random_normal(stream);
    }
    expect_ok(prop_rdf_add(rdf, &atoms));
  }
  expect_ok(md_atoms_clear(&ideal));
  expect_ok(md_atoms_clear(&atoms));
  return rdf;
}

/* Twelve neighbours at 2.970 blurred by sqrt(2) 0.15 Å along the line between them: the second
   shell, at 4.2, is 3 blurs from the minimum, so that about 12 are counted; g = n/r^2 pulls the
   maximum inwards by 2 (0.212)^2 / 2.97 = 0.03, the perpendicular blur moves it outwards by
   (0.212)^2 / 2.97 = 0.015, to 2.955.  Few samples: the detection must stand the noise. */
static void test_blurred(void **state)
{
  static const PetscInt lengths[] = {3, 20, 200};
  random_stream stream = {52};

  (void)state;
  for (size_t k = 0; k < sizeof(lengths) / sizeof(lengths[0]); k++) {
    prop_rdf *rdf = sample_blurred(&stream, 0.15, lengths[k]);
    PetscReal peak, low, number;
    PetscBool found;

    expect_ok(prop_rdf_coordination(rdf, 0, 0, &peak, &low, &number, &found));
    print_message("%d samples: peak %.4f minimum %.4f number %.4f\n", (int)lengths[k], peak, low,
                  number);
    expect(found, "a blurred shell is a shell");
    expect_abs(peak, 2.955, 0.02 + 0.15 / sqrt((PetscReal)lengths[k]), "first maximum");
    expect_abs(low, 3.63, 0.15, "first minimum");
    expect_abs(number, 12.0, 0.1, "about twelve neighbours");
    expect_ok(prop_rdf_destroy(&rdf));
  }
}

/* A lattice blurred until its g has only ripples, which many samples resolve: no shell either. */
static void test_ripples(void **state)
{
  random_stream stream = {54};
  prop_rdf *rdf = sample_blurred(&stream, 0.7, 6000);
  PetscReal peak, low, number, r[ROOM], g[ROOM], n[ROOM], most = 0.0, least = 2.0;
  PetscBool found;

  (void)state;
  expect_ok(prop_rdf_curve(rdf, 0, 0, r, g, n));
  for (PetscInt k = 60; k < 130; k += 10) {
    PetscReal mean = 0.0;

    for (PetscInt j = 0; j < 10; j++) mean += 0.1 * g[k + j];
    most = PetscMax(most, mean);
    least = PetscMin(least, mean);
  }
  print_message("ripples between %.4f and %.4f\n", least, most);
  expect_ok(prop_rdf_coordination(rdf, 0, 0, &peak, &low, &number, &found));
  expect(!found, "ripples are no shell");
  expect_ok(prop_rdf_destroy(&rdf));
}

/* Error bars of independent samples against the scatter of 60 realisations, known to 9 %.  The
   minimum is shallow here: where it lies moves the number more than the counting does, and the
   error bar has to know.  Measured ratio of error to scatter: 1.07 and 1.33; 0.95 to 1.4 over
   blurs of 0.2 to 0.3 Å and 48 to 1000 samples. */
static void test_errors(void **state)
{
  enum { REALISATIONS = 60 };
  random_stream stream = {53};
  PetscReal sum[2] = {0}, square[2] = {0}, error2[2] = {0};

  (void)state;
  for (PetscInt k = 0; k < REALISATIONS; k++) {
    prop_rdf *rdf = sample_blurred(&stream, 0.25, 192);
    prop_estimate est[2];
    PetscBool found;

    expect_ok(prop_rdf_estimate(rdf, rdf, 0, 0, &est[0], &est[1], &found));
    expect(found, "shell");
    for (int i = 0; i < 2; i++) {
      expect(est[i].neff > 1.0 && est[i].neff <= 12.0 + 1e-9, "12 blocks of 16");
      assert_int_equal(est[i].flags, PROP_FLAG_FEW_SAMPLES);
      sum[i] += est[i].mean / REALISATIONS;
      square[i] += est[i].mean * est[i].mean / REALISATIONS;
      error2[i] += est[i].error * est[i].error / REALISATIONS;
    }
    expect_ok(prop_rdf_destroy(&rdf));
  }
  for (int i = 0; i < 2; i++) {
    const PetscReal scatter = sqrt(square[i] - sum[i] * sum[i]);

    print_message("%s %.4f scatter %.4f error %.4f\n", i ? "number" : "peak", sum[i], scatter,
                  sqrt(error2[i]));
    expect_abs(sqrt(error2[i]) / scatter, 1.2, 0.35,
               "error bar is the scatter, or a little longer");
  }
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_fcc),       cmocka_unit_test(test_rock_salt),
      cmocka_unit_test(test_thin_cell), cmocka_unit_test(test_ideal_gas),
      cmocka_unit_test(test_blurred),   cmocka_unit_test(test_errors),
      cmocka_unit_test(test_ripples),
  };

  return expect_main(argc, argv, help, tests);
}
