/* tests/verify/test_prop_sq_liquid.c - structure factor and g(r) of a Lennard-Jones liquid
 *
 * Two estimators of the same correlations, one a sum over waves, the other over pairs, which must
 * be each other's transform: S(q) = 1 + 4 pi rho int r^2 (g - 1) sin(qr)/(qr) dr.  864 atoms near
 * the triple point, half of them called another species, so that the partial ones must all be the
 * total one.
 */
#include "properties/prop_rdf.h"
#include "properties/prop_sq.h"
#include "tests/support/expect.h"
#include "tests/support/lj_liquid.h"

static const char help[] = "Structure factor of a liquid against the transform of g(r)\n";

enum { NSHELL = 50, NBIN = 260, SAMPLES = 60 };
#define QMAX (10.0 / SYSTEM_SIGMA)
#define RMAX (5.15 * SYSTEM_SIGMA) /* half the cell */

typedef struct {
  prop_rdf *rdf;
  prop_sq *sq;
} pair_of_estimators;

static PetscErrorCode see(const md_sample *sample, void *context)
{
  pair_of_estimators *e = context;
  md_atoms atoms;

  expect_ok(md_atoms_copy(sample->atoms, &atoms));
  expect_ok(prop_rdf_add(e->rdf, &atoms));
  PetscCall(md_atoms_clear(&atoms));
  expect_ok(md_atoms_create(sample->atoms->n, 2, &atoms));
  memcpy(atoms.h, sample->atoms->h, sizeof(atoms.h));
  expect_ok(PetscArraycpy(atoms.x, sample->atoms->x, 3 * atoms.n));
  for (PetscInt i = 0; i < atoms.n; i++) atoms.type[i] = i % 2;
  expect_ok(prop_sq_add(e->sq, &atoms));
  PetscCall(md_atoms_clear(&atoms));
  return 0;
}

/* The transform, bin by bin: the integral of r sin(q r) over a bin is exact. */
static PetscReal transform(const PetscReal g[], PetscReal density, PetscReal q)
{
  const PetscReal dr = RMAX / NBIN;
  PetscReal sum = 0.0;

  for (PetscInt k = 0; k < NBIN; k++) {
    const PetscReal a = q * dr * k, b = q * dr * (k + 1);

    sum += (g[k] - 1.0) * (sin(b) - b * cos(b) - sin(a) + a * cos(a));
  }
  return 1.0 + 4.0 * PETSC_PI * density * sum / (q * q * q);
}

static void test_transform(void **state)
{
  PetscReal r[NBIN], g[NBIN], n[NBIN], q[NSHELL], s[3][NSHELL], error[3][NSHELL], density;
  PetscReal peak = 0.0, at = 0.0, deviation = 0.0;
  PetscInt known = 0;
  pair_of_estimators e;
  md_potential *pot;
  md_run *run = lj_liquid(6, &pot);

  (void)state;
  lj_liquid_stage(run, MD_NVT_LANGEVIN, 3.0, NULL);
  expect_ok(prop_rdf_create(1, RMAX, NBIN, &e.rdf));
  expect_ok(prop_sq_create(2, QMAX, NSHELL, 40, &e.sq));
  expect_ok(md_run_observe_with(run, 20, 0, see, &e));
  system_advance(run, 20 * SAMPLES);
  density = (PetscReal)md_run_atoms(run)->n / md_atoms_volume(md_run_atoms(run));
  expect_ok(prop_rdf_curve(e.rdf, 0, 0, r, g, n));
  for (PetscInt p = 0; p < 3; p++) expect_ok(prop_sq_curve(e.sq, p / 2, p > 0, q, s[p], error[p]));
  for (PetscInt k = 0; k < NSHELL; k++) {
    /* total from the partial ones, c = 1/2 each */
    const PetscReal total = 0.25 * (s[0][k] + 2.0 * s[1][k] + s[2][k]);
    const PetscReal wanted = transform(g, density, q[k]);

    if (isnan(total) || q[k] < 2.0 / SYSTEM_SIGMA) continue;
    if (total > peak) {
      peak = total;
      at = q[k] * SYSTEM_SIGMA;
    }
    expect_abs(total, wanted, 0.05 + 0.04 * wanted, "structure factor and transform");
    deviation += PetscSqr(total - wanted);
    known++;
  }
  expect(sqrt(deviation / known) < 0.03, "they are one");
  expect(peak > 2.2 && peak < 3.2 && at > 6.5 && at < 7.1, "the first peak of a simple liquid");
  expect_ok(prop_rdf_destroy(&e.rdf));
  expect_ok(prop_sq_destroy(&e.sq));
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_transform)};

  return expect_main(argc, argv, help, tests);
}
