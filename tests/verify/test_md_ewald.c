/* tests/verify/test_md_ewald.c */
#include "tests/support/expect.h"

#include "md/md_ewald.h"
#include "md/md_rng.h"
#include "md/md_tosi_fumi.h"
#include "md/md_units.h"

static const char help[] =
    "Ewald sum: Madelung constants, independence of alpha and cell, derivatives, LAMMPS\n";

enum { MOST = MD_EWALD_MAX_IONS + 2 };

typedef struct {
  PetscInt n;
  PetscInt type[MOST];
  PetscReal x[3 * MOST], h[3][3];
} box;

typedef struct {
  mtp_neighbors nb;
  mtp_result out;
} answer;

static void evaluate(const md_potential *pot, const box *b, answer *a)
{
  *a = (answer){0};
  expect_ok(mtp_neighbors_build(b->n, b->x, b->type, b->h, 3, pot->cutoff, 0.0, &a->nb));
  expect_ok(PetscMalloc3(b->n, &a->out.site_energy, 3 * a->nb.nall, &a->out.force, 9 * a->nb.nall,
                         &a->out.atom_virial));
  expect_ok(md_potential_evaluate(pot, &a->nb, &a->out));
  mtp_neighbors_fold(&a->nb, 3, a->out.force);
  mtp_neighbors_fold(&a->nb, 9, a->out.atom_virial);
}

static void finish(answer *a)
{
  expect_ok(PetscFree3(a->out.site_energy, a->out.force, a->out.atom_virial));
  expect_ok(mtp_neighbors_clear(&a->nb));
}

static PetscReal energy(const md_potential *pot, const box *b)
{
  answer a;
  PetscReal e;

  evaluate(pot, b, &a);
  e = a.out.energy;
  finish(&a);
  return e;
}

/* Charges +1 and -1 and nothing else. */
static md_potential *charges(PetscReal cutoff, PetscReal accuracy)
{
  const md_tosi_fumi_pair none = {.rho = 1.0};
  const md_tosi_fumi_pair pair[4] = {none, none, none, none};
  const PetscReal charge[2] = {1.0, -1.0};
  const md_tosi_fumi_options options = {.nspecies = 2,
                                        .charge = charge,
                                        .pair = pair,
                                        .cutoff = cutoff,
                                        .accuracy = accuracy,
                                        .truncation = MD_TRUNCATED};
  md_potential *pot;

  expect_ok(md_potential_create_tosi_fumi(&options, &pot));
  return pot;
}

static md_potential *sodium_chloride(PetscReal cutoff, PetscReal accuracy, md_truncation truncation)
{
  const PetscReal charge[2] = {1.0, -1.0};
  md_tosi_fumi_salt salt;
  md_tosi_fumi_pair pair[4];
  const md_tosi_fumi_options options = {.nspecies = 2,
                                        .charge = charge,
                                        .pair = pair,
                                        .cutoff = cutoff,
                                        .accuracy = accuracy,
                                        .truncation = truncation};
  md_potential *pot;

  assert_true(md_tosi_fumi_find("NaCl", &salt));
  pair[0] = salt.pair[0];
  pair[1] = pair[2] = salt.pair[1];
  pair[3] = salt.pair[2];
  expect_ok(md_potential_create_tosi_fumi(&options, &pot));
  return pot;
}

/* m x m x m ions at distance d, the signs of a chess board (m even), disturbed, in a skewed cell */
static void disturbed(PetscInt m, PetscReal d, PetscReal disturbance, box *b)
{
  const PetscReal edge = d * (PetscReal)m;
  const PetscReal h[3][3] = {{1.02 * edge, 0.0, 0.03 * edge},
                             {0.11 * edge, 0.98 * edge, 0.0},
                             {-0.07 * edge, 0.06 * edge, edge}};
  const md_rng rng = {.key = 11};

  *b = (box){.n = m * m * m};
  memcpy(b->h, h, sizeof(h));
  for (PetscInt i = 0; i < b->n; i++) {
    const PetscInt k[3] = {i % m, i / m % m, i / (m * m)};
    PetscReal g[3];

    b->type[i] = (k[0] + k[1] + k[2]) % 2;
    md_rng_normal3(rng, MD_RNG_TEST, 0, (uint32_t)i, g);
    for (int c = 0; c < 3; c++) {
      b->x[3 * i + c] = disturbance * g[c];
      for (int a = 0; a < 3; a++) b->x[3 * i + c] += (PetscReal)k[a] / (PetscReal)m * h[a][c];
    }
  }
}

/* Crystals ----------------------------------------------------------------------------------- */

/* Energy of a pair of ions is -k M/d.  M of NaCl and CsCl: Crandall, Exp. Math. 8, 367 (1999),
   doi:10.1080/10586458.1999.10504625. */
static void check_madelung(const box *b, PetscReal d, PetscReal madelung)
{
  const PetscReal want = -MD_COULOMB * madelung / d;
  md_potential *pot = charges(9.0, 1e-14);
  answer a;

  evaluate(pot, b, &a);
  expect_near(a.out.energy / (0.5 * (PetscReal)b->n), want, 2e-13, "Madelung constant");
  for (PetscInt i = 0; i < b->n; i++)
    expect_near(a.out.site_energy[i], 0.5 * want, 2e-13, "half of it is of each ion");
  for (PetscInt k = 0; k < 3 * b->n; k++) expect_abs(a.out.force[k], 0.0, 1e-12, "no force");
  /* U is of degree -1 in lengths: the trace of the virial is U */
  expect_near(a.out.virial[0] + a.out.virial[4] + a.out.virial[8], a.out.energy, 1e-12, "virial");
  finish(&a);
  expect_ok(md_potential_destroy(&pot));
}

static void test_madelung(void **state)
{
  const PetscReal d = 2.82, a = 4.12;
  box primitive = {.n = 2, .type = {0, 1}, .x = {0.3, 0.1, -0.2, 0.3 + d, 0.1, -0.2}}, cube;
  box cscl = {.n = 2, .type = {1, 0}, .x = {0, 0, 0, 0.5 * a, 0.5 * a, -0.5 * a}};

  (void)state;
  for (int k = 0; k < 3; k++) {
    for (int c = 0; c < 3; c++) primitive.h[k][c] = k == c ? 0.0 : d;
    cscl.h[k][k] = a;
  }
  check_madelung(&primitive, d, 1.747564594633182190636);
  check_madelung(&cscl, a * sqrt(0.75), 1.762674773070988539);
  disturbed(4, d, 0.0, &cube);
  for (int k = 0; k < 9; k++) cube.h[k / 3][k % 3] = k % 4 == 0 ? 4.0 * d : 0.0;
  for (PetscInt i = 0; i < cube.n; i++) {
    for (int c = 0; c < 3; c++)
      cube.x[3 * i + c] = d * (PetscReal)(c == 0 ? i % 4 : c == 1 ? i / 4 % 4 : i / 16);
  }
  check_madelung(&cube, d, 1.747564594633182190636);
}

/* Alpha and cells ---------------------------------------------------------------------------- */

/* Root mean square of a - b over n numbers, b NULL: of a */
static PetscReal rms(PetscInt n, const PetscReal a[], const PetscReal b[])
{
  PetscReal sum = 0.0;

  for (PetscInt i = 0; i < n; i++) sum += PetscSqr(a[i] - (b ? b[i] : 0.0));
  return PetscSqrtReal(sum / (PetscReal)n);
}

static void expect_same(PetscInt n, const PetscReal a[], const PetscReal b[], PetscReal tolerance,
                        const char *what)
{
  expect_abs(rms(n, a, b) / rms(n, b, NULL), 0.0, tolerance, what);
}

/* The cut-off decides how much is summed over pairs and how much over K: with 5 Å alpha is 1.1/Å
   and nearly all is in the sum over K, with 16 Å 0.34/Å.  Energies and virials of atoms are no
   observables, but have no reason to depend on it, either. */
static void test_alpha(void **state)
{
  const PetscReal cutoffs[3] = {5.0, 9.0, 16.0};
  answer a[3];
  box b;

  (void)state;
  disturbed(4, 2.9, 0.25, &b);
  for (int k = 0; k < 3; k++) {
    md_potential *pot = charges(cutoffs[k], 1e-14);

    evaluate(pot, &b, &a[k]);
    expect_ok(md_potential_destroy(&pot));
  }
  for (int k = 1; k < 3; k++) {
    expect_near(a[k].out.energy, a[0].out.energy, 1e-12, "energy");
    expect_same(3 * b.n, a[k].out.force, a[0].out.force, 1e-11, "forces");
    expect_same(9, a[k].out.virial, a[0].out.virial, 1e-11, "virial");
    expect_same(b.n, a[k].out.site_energy, a[0].out.site_energy, 1e-11, "energies of atoms");
    expect_same(9 * b.n, a[k].out.atom_virial, a[0].out.atom_virial, 1e-11, "virials of atoms");
  }
  for (int k = 0; k < 3; k++) finish(&a[k]);
}

/* What the parts are must add up to the whole. */
static void test_sums(void **state)
{
  md_potential *pot = sodium_chloride(7.0, 1e-6, MD_SHIFTED);
  PetscReal site = 0.0, virial[9] = {0.0}, force[3] = {0.0};
  answer a;
  box b;

  (void)state;
  disturbed(4, 2.9, 0.25, &b);
  evaluate(pot, &b, &a);
  for (PetscInt i = 0; i < b.n; i++) site += a.out.site_energy[i];
  for (PetscInt k = 0; k < 9 * b.n; k++) virial[k % 9] += a.out.atom_virial[k];
  for (PetscInt k = 0; k < 3 * b.n; k++) force[k % 3] += a.out.force[k];
  expect_near(site, a.out.energy, 1e-12, "energies of atoms");
  expect_same(9, virial, a.out.virial, 1e-12, "virials of atoms");
  for (int c = 0; c < 3; c++) expect_abs(force[c], 0.0, 1e-11, "no force on the whole");
  for (int ab = 0; ab < 9; ab++)
    expect_abs(a.out.virial[ab], a.out.virial[3 * (ab % 3) + ab / 3], 1e-11, "symmetric virial");
  finish(&a);
  expect_ok(md_potential_destroy(&pot));
}

/* The accuracy that is asked for is that of the forces. */
static void test_accuracy(void **state)
{
  md_potential *exact = charges(9.0, 1e-14);
  answer a, good;
  box b;

  (void)state;
  disturbed(6, 2.9, 0.25, &b);
  evaluate(exact, &b, &good);
  for (PetscReal accuracy = 1e-3; accuracy > 1e-9; accuracy *= 0.1) {
    md_potential *pot = charges(8.0, accuracy);
    PetscReal error;

    evaluate(pot, &b, &a);
    error = rms(3 * b.n, a.out.force, good.out.force) / rms(3 * b.n, good.out.force, NULL);
    print_message("  accuracy %.0e: forces %.1e, energy %.1e\n", (double)accuracy, (double)error,
                  fabs((double)(a.out.energy / good.out.energy - 1.0)));
    expect(error <= accuracy, "forces as accurate as asked");
    expect(error >= 1e-3 * accuracy, "and not much more, which would cost");
    expect_near(a.out.energy, good.out.energy, accuracy, "energy");
    finish(&a);
    expect_ok(md_potential_destroy(&pot));
  }
  finish(&good);
  expect_ok(md_potential_destroy(&exact));
}

static void test_doubled_cell(void **state)
{
  md_potential *pot = sodium_chloride(7.0, 1e-14, MD_FORCE_SHIFTED);
  answer one, two;
  box b, more;

  (void)state;
  disturbed(4, 2.9, 0.25, &b);
  more = b;
  more.n = 2 * b.n;
  for (PetscInt i = 0; i < b.n; i++) {
    more.type[b.n + i] = b.type[i];
    for (int c = 0; c < 3; c++) more.x[3 * (b.n + i) + c] = b.x[3 * i + c] + b.h[1][c];
  }
  for (int c = 0; c < 3; c++) more.h[1][c] *= 2.0;
  evaluate(pot, &b, &one);
  evaluate(pot, &more, &two);
  expect_near(two.out.energy, 2.0 * one.out.energy, 1e-12, "twice the energy");
  for (int half = 0; half < 2; half++) {
    const PetscInt at = half * b.n;

    expect_same(3 * b.n, two.out.force + 3 * at, one.out.force, 1e-11, "the same forces");
    expect_same(b.n, two.out.site_energy + at, one.out.site_energy, 1e-11, "energies of atoms");
    expect_same(9 * b.n, two.out.atom_virial + 9 * at, one.out.atom_virial, 1e-11,
                "virials of atoms");
  }
  finish(&one);
  finish(&two);
  expect_ok(md_potential_destroy(&pot));
}

/* The set of K belongs to the cell, not to what was computed before. */
static void test_cell_change(void **state)
{
  md_potential *pot = charges(7.0, 1e-6);
  PetscReal before, after;
  box b, other;

  (void)state;
  disturbed(4, 2.9, 0.25, &b);
  disturbed(4, 3.1, 0.25, &other);
  before = energy(pot, &b);
  expect(fabs(energy(pot, &other) - before) > 1.0, "another cell has another energy");
  after = energy(pot, &b);
  expect(before == after, "the same to the bit");
  expect_ok(md_potential_destroy(&pot));
}

/* Derivatives -------------------------------------------------------------------------------- */

static PetscReal force_error(const md_potential *pot, const box *b, const answer *a, PetscReal d)
{
  PetscReal worst = 0.0;

  for (PetscInt k = 0; k < 3 * b->n; k++) {
    box moved = *b;
    PetscReal up;

    moved.x[k] = b->x[k] + d;
    up = energy(pot, &moved);
    moved.x[k] = b->x[k] - d;
    worst =
        PetscMax(worst, PetscAbsReal(-(up - energy(pot, &moved)) / (2.0 * d) - a->out.force[k]));
  }
  return worst;
}

static PetscReal strained(const md_potential *pot, const box *b, int ab, PetscReal d)
{
  box moved = *b;
  const int to = ab / 3, from = ab % 3;

  for (PetscInt i = 0; i < b->n; i++) moved.x[3 * i + to] += d * b->x[3 * i + from];
  for (int k = 0; k < 3; k++) moved.h[k][to] += d * b->h[k][from];
  return energy(pot, &moved);
}

static PetscReal virial_error(const md_potential *pot, const box *b, const answer *a, PetscReal d)
{
  PetscReal worst = 0.0;

  for (int ab = 0; ab < 9; ab++) {
    const PetscReal slope = (strained(pot, b, ab, d) - strained(pot, b, ab, -d)) / (2.0 * d);

    worst = PetscMax(worst, PetscAbsReal(-slope - a->out.virial[ab]));
  }
  return worst;
}

/* Eight ions; K that enter or leave the set under strain carry 1e-14 of the energy. */
static void test_differences(void **state)
{
  md_potential *pot = sodium_chloride(6.0, 1e-14, MD_FORCE_SHIFTED);
  answer a;
  box b;

  (void)state;
  disturbed(2, 2.9, 0.2, &b);
  evaluate(pot, &b, &a);
  expect_abs(force_error(pot, &b, &a, 4e-3) / force_error(pot, &b, &a, 2e-3), 4.0, 0.1,
             "error of the force falls as h^2");
  expect_abs(virial_error(pot, &b, &a, 2e-3) / virial_error(pot, &b, &a, 1e-3), 4.0, 0.1,
             "error of the virial falls as h^2");
  finish(&a);
  expect_ok(md_potential_destroy(&pot));
}

/* Another program ---------------------------------------------------------------------------- */

typedef struct {
  box b;
  PetscReal energy, virial[6];
  PetscReal force[3 * 64], site[64], atom[6 * 64];
} reference;

static void read_numbers(FILE *in, PetscInt n, PetscReal out[])
{
  for (PetscInt k = 0; k < n; k++) assert_int_equal(fscanf(in, "%lf", &out[k]), 1);
}

static void read_reference(reference *r)
{
  FILE *in = fopen(TEST_DATA "/md/nacl_tosi_fumi.txt", "r");
  char line[256];
  long at = 0;

  assert_non_null(in);
  while (fgets(line, sizeof(line), in) && line[0] == '#') at = ftell(in);
  assert_int_equal(fseek(in, at, SEEK_SET), 0);
  *r = (reference){.b.n = 64};
  read_numbers(in, 9, r->b.h[0]);
  read_numbers(in, 1, &r->energy);
  read_numbers(in, 6, r->virial);
  for (PetscInt i = 0; i < 64; i++) {
    PetscReal type;

    read_numbers(in, 1, &type);
    r->b.type[i] = (PetscInt)type;
    read_numbers(in, 3, r->b.x + 3 * i);
    read_numbers(in, 3, r->force + 3 * i);
    read_numbers(in, 1, r->site + i);
    read_numbers(in, 6, r->atom + 6 * i);
  }
  fclose(in);
}

/* Nine components, row-major, of xx yy zz xy xz yz */
static void symmetric(const PetscReal six[6], PetscReal nine[9])
{
  static const int from[9] = {0, 3, 4, 3, 1, 5, 4, 5, 2};

  for (int ab = 0; ab < 9; ab++) nine[ab] = six[from[ab]];
}

/* To 1e-6 with the accuracy that a campaign has when it names none, and to 2e-7 with a better one:
   LAMMPS has the Coulomb constant with 8 digits. */
static void test_lammps(void **state)
{
  const PetscReal accuracy[2] = {MD_TOSI_FUMI_ACCURACY, 1e-12}, tolerance[2] = {1e-6, 2e-7};
  PetscReal nine[9 * 64];
  reference r;

  (void)state;
  read_reference(&r);
  for (int k = 0; k < 2; k++) {
    md_potential *pot = sodium_chloride(9.0, accuracy[k], MD_TRUNCATED);
    answer a;

    evaluate(pot, &r.b, &a);
    print_message("  energy %.1e, forces %.1e\n", fabs(a.out.energy / r.energy - 1.0),
                  rms(192, a.out.force, r.force) / rms(192, r.force, NULL));
    expect_near(a.out.energy, r.energy, tolerance[k], "energy");
    expect_same(192, a.out.force, r.force, tolerance[k], "forces");
    symmetric(r.virial, nine);
    expect_same(9, a.out.virial, nine, tolerance[k], "virial");
    expect_same(64, a.out.site_energy, r.site, tolerance[k], "energies of atoms");
    for (int i = 0; i < 64; i++) symmetric(r.atom + 6 * i, nine + 9 * i);
    expect_same(576, a.out.atom_virial, nine, tolerance[k], "virials of atoms");
    finish(&a);
    expect_ok(md_potential_destroy(&pot));
  }
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_madelung),     cmocka_unit_test(test_alpha),
      cmocka_unit_test(test_sums),         cmocka_unit_test(test_accuracy),
      cmocka_unit_test(test_doubled_cell), cmocka_unit_test(test_cell_change),
      cmocka_unit_test(test_differences),  cmocka_unit_test(test_lammps)};

  return expect_main(argc, argv, help, tests);
}
