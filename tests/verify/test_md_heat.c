/* tests/verify/test_md_heat.c - the heat current against what defines it, and against wrong ones
 *
 * In a cluster without images J = d/dt sum_i r_i E_i.  The sum is formed here from site energies
 * and differenced along NVE trajectories of smaller and smaller time steps: the difference to the
 * current of the run falls as dt^2, for pairs and for many-body potentials.  Three forms in print
 * do not pass: W given to the centre, W transposed, and the symmetric six components of W given to
 * the centre; for pair potentials all are the same as the right one, which is why only many-body
 * potentials can tell.
 *
 * In periodic cells: when all atoms move together the virials' part is the total virial times the
 * velocity, whatever stands on images; a doubled cell has twice the current; a constant in the
 * energy of a species adds that times its current.  On several ranks it is the same current.
 */
#include "tests/support/expect.h"
#include "tests/support/md_systems.h"
#include "tests/support/random.h"

#include "md/md_currents.h"
#include "mtp/mtp_potential_impl.h"

static const char help[] = "Heat current: definition, wrong forms, images, gauge\n";

enum { NATOM = 8, NSPECIES = 3 };

/* Systems ------------------------------------------------------------------------------------ */

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

static md_potential *many_body(const char *name)
{
  mtp_potential *mtp = load(name);
  md_potential *pot;

  expect_ok(md_potential_create_mtp(&mtp, &pot));
  return pot;
}

/* Three kinds of Lennard-Jones atoms, smooth at a cut-off beyond the cluster */
static md_potential *mixture(void)
{
  const PetscReal epsilon[9] = {0.10, 0.14, 0.08, 0.14, 0.20, 0.11, 0.08, 0.11, 0.06};
  const PetscReal sigma[9] = {2.1, 2.2, 2.0, 2.2, 2.3, 2.1, 2.0, 2.1, 1.9};
  md_potential *pot;

  expect_ok(md_potential_create_lj(NSPECIES, epsilon, sigma, 9.0, PETSC_TRUE, &pot));
  return pot;
}

/* A cube of side `edge` that holds n[0] x n[1] x n[2] atoms, 2.4 Å apart but for some disorder.
   Within a cluster of 2 x 2 x 2 all are within 5 Å of each other and stay so. */
static md_atoms make_atoms(const PetscInt n[3], PetscReal edge, PetscInt nspecies)
{
  static const PetscReal mass[NSPECIES] = {23.0, 35.0, 9.0};
  random_stream stream = {11};
  md_atoms atoms;

  expect_ok(md_atoms_create(n[0] * n[1] * n[2], nspecies, &atoms));
  for (PetscInt s = 0; s < nspecies; s++) atoms.mass[s] = mass[s] * MD_ATOMIC_MASS;
  for (int k = 0; k < 3; k++) atoms.h[k][k] = edge;
  for (PetscInt i = 0; i < atoms.n; i++) {
    const PetscInt at[3] = {i % n[0], i / n[0] % n[1], i / n[0] / n[1]};

    atoms.type[i] = (i + i / 2) % nspecies;
    for (int a = 0; a < 3; a++) {
      atoms.x[3 * i + a] = 2.4 * ((PetscReal)at[a] + 1.0) + 0.4 * (random_uniform(&stream) - 0.5);
      atoms.v[3 * i + a] = 0.015 * random_normal(&stream);
    }
  }
  return atoms;
}

static md_atoms cluster(PetscInt nspecies)
{
  return make_atoms((const PetscInt[3]){2, 2, 2}, 60.0, nspecies);
}

/* The definition ----------------------------------------------------------------------------- */

typedef struct {
  PetscReal of[NATOM]; /* [eV] */
} sites;

static sites site_energies(const md_potential *pot, const md_atoms *atoms)
{
  sites site;
  mtp_neighbors nb = {0};
  mtp_result result = {.site_energy = site.of};

  expect_ok(mtp_neighbors_build(atoms->n, atoms->x, atoms->type, (const PetscReal(*)[3])atoms->h, 3,
                                pot->cutoff, 0.0, &nb));
  expect(nb.nlocal == NATOM && nb.nghost == 0, "a cluster has no images");
  expect_ok(md_potential_evaluate(pot, &nb, &result));
  expect_ok(mtp_neighbors_clear(&nb));
  return site;
}

/* What a run says at one step, and the sums on both sides of it */
typedef struct {
  const md_potential *pot;
  PetscInt64 centre;
  PetscReal moment[2][3]; /* [eV Å] sum_i r_i E_i a step before and after */
  md_heat heat;
  md_atoms atoms; /* at the centre */
} probe;

static PetscErrorCode look(const md_sample *sample, void *context)
{
  probe *p = context;
  const md_atoms *atoms = sample->atoms;
  sites site;
  PetscReal *moment = p->moment[sample->step > p->centre];

  if (sample->step == p->centre) {
    p->heat = sample->heat;
    expect_ok(md_atoms_copy(atoms, &p->atoms));
  }
  if (sample->step != p->centre - 1 && sample->step != p->centre + 1) return 0;
  site = site_energies(p->pot, atoms);
  for (int a = 0; a < 3; a++) moment[a] = 0.0;
  for (PetscInt i = 0; i < atoms->n; i++) {
    const PetscReal *v = &atoms->v[3 * i];
    const PetscReal kinetic =
        0.5 * atoms->mass[atoms->type[i]] * (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);

    for (int a = 0; a < 3; a++) moment[a] += atoms->x[3 * i + a] * (kinetic + site.of[i]);
  }
  return 0;
}

/* A cluster for 8 fs with `steps` steps, and one more; p->atoms is then the caller's. */
static void follow(const md_potential *pot, PetscInt steps, probe *p)
{
  const md_guard guard = system_no_guard();
  const md_protocol protocol = {.ensemble = MD_NVE, .dt = 8.0 / (PetscReal)steps};
  md_atoms atoms = cluster(pot->nspecies);
  md_run *run;

  *p = (probe){.pot = pot, .centre = steps};
  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_run_start(run, &protocol, &guard));
  expect_ok(md_run_observe_with(run, 1, MD_NEED_HEAT, look, p));
  system_advance(run, steps + 1);
  expect_ok(md_run_destroy(&run));
  expect_ok(md_atoms_clear(&atoms));
}

static PetscReal length(const PetscReal a[3])
{
  return sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2]);
}

/* |dR/dt - J| for a current, R by central difference */
static PetscReal distance(const probe *p, PetscInt steps, const PetscReal j[3])
{
  const PetscReal dt = 8.0 / (PetscReal)steps;
  PetscReal d[3];

  for (int a = 0; a < 3; a++) d[a] = (p->moment[1][a] - p->moment[0][a]) / (2.0 * dt) - j[a];
  return length(d);
}

static void sum_of(const md_heat *heat, PetscReal j[3])
{
  const md_sample sample = {.heat = *heat};

  md_current_heat(&sample, j);
}

static void check_definition(const md_potential *pot, const char *name)
{
  PetscReal error[3], j[3];

  for (int k = 0; k < 3; k++) {
    const PetscInt steps = 16 << k;
    probe p;

    follow(pot, steps, &p);
    sum_of(&p.heat, j);
    error[k] = distance(&p, steps, j);
    expect_ok(md_atoms_clear(&p.atoms));
  }
  print_message("  %s: |J| = %.3g eV Å/fs, errors %.2e %.2e %.2e of it\n", name, (double)length(j),
                (double)(error[0] / length(j)), (double)(error[1] / length(j)),
                (double)(error[2] / length(j)));
  for (int k = 0; k < 2; k++) expect_abs(log2(error[k] / error[k + 1]), 2.0, 0.1, name);
  expect(error[2] < 2e-3 * length(j), name);
}

static void test_definition(void **state)
{
  static const char *const files[] = {"rand_2sp_08.almtp", "rand_2sp_16.almtp",
                                      "rand_3sp_12.almtp"};
  md_potential *pot = mixture();

  (void)state;
  check_definition(pot, "Lennard-Jones");
  expect_ok(md_potential_destroy(&pot));
  for (int k = 0; k < 3; k++) {
    pot = many_body(files[k]);
    check_definition(pot, files[k]);
    expect_ok(md_potential_destroy(&pot));
  }
}

/* Wrong forms -------------------------------------------------------------------------------- */

/* g[i][j][b] = dU_i/dx_j,b [eV/Å] for j != i, by differences extrapolated to h^4 */
static void gradients(const md_potential *pot, const md_atoms *atoms, PetscReal g[NATOM][NATOM][3])
{
  const PetscReal h = 4e-3, weight[2] = {-1.0 / 3.0, 4.0 / 3.0};

  memset(g, 0, sizeof(PetscReal) * NATOM * NATOM * 3);
  for (PetscInt k = 0; k < 3 * NATOM; k++) {
    const PetscReal x = atoms->x[k];

    for (int m = 0; m < 4; m++) {
      const PetscReal step = (m % 2 ? -1.0 : 1.0) * h / (m < 2 ? 1.0 : 2.0);
      sites site;

      atoms->x[k] = x + step;
      site = site_energies(pot, atoms);
      for (int i = 0; i < NATOM; i++)
        g[i][k / 3][k % 3] += weight[m / 2] * site.of[i] / (2.0 * step);
    }
    atoms->x[k] = x;
  }
}

/* SIX: centre-attributed and symmetrised, the six components that codes with a stress of atoms keep
 */
enum { RIGHT, CENTRE, TRANSPOSED, SIX, NFORM };

/* The virials' part in all forms [eV Å/fs] */
static void form_parts(const md_atoms *atoms, PetscReal g[NATOM][NATOM][3],
                       PetscReal part[NFORM][3])
{
  memset(part, 0, sizeof(PetscReal) * NFORM * 3);
  for (int i = 0; i < NATOM; i++) {
    for (int j = 0; j < NATOM; j++) {
      const PetscReal *vi = &atoms->v[3 * i], *vj = &atoms->v[3 * j];

      for (int ab = 0; ab < 9 && j != i; ab++) {
        const int a = ab / 3, b = ab % 3;
        const PetscReal ra = atoms->x[3 * j + a] - atoms->x[3 * i + a];
        const PetscReal rb = atoms->x[3 * j + b] - atoms->x[3 * i + b];

        part[RIGHT][a] -= ra * g[i][j][b] * vj[b];
        part[CENTRE][a] -= ra * g[i][j][b] * vi[b];
        part[TRANSPOSED][a] -= rb * g[i][j][a] * vj[b];
        part[SIX][a] -= 0.5 * (ra * g[i][j][b] + rb * g[i][j][a]) * vi[b];
      }
    }
  }
}

/* Distances to dR/dt of the forms, in units of |J| */
static void check_forms(const md_potential *pot, PetscInt steps, PetscReal miss[NFORM])
{
  PetscReal g[NATOM][NATOM][3], part[NFORM][3], j[3];
  probe p;

  follow(pot, steps, &p);
  gradients(pot, &p.atoms, g);
  form_parts(&p.atoms, g, part);
  sum_of(&p.heat, j);
  for (int a = 0; a < 3; a++)
    expect_abs(part[RIGHT][a], p.heat.virial[a], 1e-7 * length(j), "by differences of energies");
  for (int form = 0; form < NFORM; form++) {
    md_heat heat = p.heat;
    PetscReal other[3];

    memcpy(heat.virial, part[form], sizeof(heat.virial));
    sum_of(&heat, other);
    miss[form] = distance(&p, steps, other) / length(j);
  }
  expect_ok(md_atoms_clear(&p.atoms));
}

static void check_wrong_forms(const char *name)
{
  md_potential *pot = many_body(name);
  PetscReal coarse[NFORM], fine[NFORM];

  check_forms(pot, 32, coarse);
  check_forms(pot, 64, fine);
  print_message("  %s: distance to dR/dt: right %.1e, given to the centre %.3f, transposed %.3f, "
                "centre with six components %.3f\n",
                name, (double)fine[RIGHT], (double)fine[CENTRE], (double)fine[TRANSPOSED],
                (double)fine[SIX]);
  expect_abs(coarse[RIGHT] / fine[RIGHT], 4.0, 0.3, "the right one converges");
  for (int form = CENTRE; form < NFORM; form++) {
    expect(fine[form] > 100.0 * fine[RIGHT], "a wrong form is far from the derivative");
    expect_abs(coarse[form] / fine[form], 1.0, 0.1, "and stays there");
  }
  expect_ok(md_potential_destroy(&pot));
}

static void test_wrong_forms(void **state)
{
  md_potential *pot = mixture(); /* pairs cannot tell */
  PetscReal form_of[NFORM];

  (void)state;
  check_wrong_forms("rand_2sp_12.almtp");
  check_wrong_forms("rand_3sp_12.almtp");
  check_forms(pot, 64, form_of);
  for (int form = CENTRE; form < NFORM; form++)
    expect_abs(form_of[form], form_of[RIGHT], 1e-6, "for pairs all forms are one");
  expect_ok(md_potential_destroy(&pot));
}

/* Periodic cells ----------------------------------------------------------------------------- */

typedef struct {
  md_heat heat;
  PetscReal virial[9]; /* [eV] */
  PetscReal current[NSPECIES][3], count[NSPECIES];
} state_of;

static PetscErrorCode keep(const md_sample *sample, void *context)
{
  state_of *s = context;
  PetscReal kinetic[9];

  md_atoms_kinetic_tensor(sample->atoms, kinetic);
  s->heat = sample->heat;
  for (int ab = 0; ab < 9; ab++)
    s->virial[ab] = sample->pressure[ab] * sample->volume - kinetic[ab];
  for (PetscInt t = 0; t < sample->atoms->nspecies; t++) {
    s->count[t] = sample->count[t];
    for (int a = 0; a < 3; a++) s->current[t][a] = sample->current[t][a];
  }
  return 0;
}

/* One step, so short that nothing moves. */
static state_of observe_once(const md_potential *pot, const md_atoms *atoms)
{
  const md_guard guard = system_no_guard();
  const md_protocol protocol = {.ensemble = MD_NVE, .dt = 1e-12};
  state_of s;
  md_run *run;

  expect_ok(md_run_create(atoms, pot, &run));
  expect_ok(md_run_start(run, &protocol, &guard));
  expect_ok(
      md_run_observe_with(run, 1, MD_NEED_HEAT | MD_NEED_PRESSURE | MD_NEED_CURRENTS, keep, &s));
  system_advance(run, 1);
  expect_ok(md_run_destroy(&run));
  return s;
}

/* Thinner than the cut-off: most of what an atom sees are images, also of itself. */
static md_atoms thin_cell(PetscInt nspecies)
{
  md_atoms atoms = make_atoms((const PetscInt[3]){2, 2, 2}, 4.8, nspecies);

  atoms.h[1][0] = 0.7;
  atoms.h[2][1] = -0.5;
  return atoms;
}

static void test_total_virial(void **state)
{
  static const PetscReal u[3] = {0.011, -0.007, 0.004};
  md_potential *pots[2] = {mixture(), many_body("rand_3sp_12.almtp")};

  (void)state;
  for (int p = 0; p < 2; p++) {
    md_atoms atoms = thin_cell(3);
    state_of s;

    for (PetscInt k = 0; k < 3 * atoms.n; k++) atoms.v[k] = u[k % 3];
    s = observe_once(pots[p], &atoms);
    for (int a = 0; a < 3; a++) {
      const PetscReal *w = &s.virial[3 * a], want = w[0] * u[0] + w[1] * u[1] + w[2] * u[2];

      expect_abs(s.heat.virial[a], want, 1e-9 * fabs(w[0] * u[0]), "W of all times the velocity");
    }
    expect_ok(md_atoms_clear(&atoms));
    expect_ok(md_potential_destroy(&pots[p]));
  }
}

/* The cell twice along the second lattice vector */
static md_atoms doubled(const md_atoms *one)
{
  md_atoms two;

  expect_ok(md_atoms_create(2 * one->n, one->nspecies, &two));
  memcpy(two.mass, one->mass, sizeof(PetscReal) * (size_t)one->nspecies);
  memcpy(two.h, one->h, sizeof(two.h));
  for (int a = 0; a < 3; a++) two.h[1][a] *= 2.0;
  for (PetscInt i = 0; i < two.n; i++) {
    const PetscInt from = i / 2;

    two.type[i] = one->type[from];
    for (int a = 0; a < 3; a++) {
      two.x[3 * i + a] = one->x[3 * from + a] + (i % 2 ? one->h[1][a] : 0.0);
      two.v[3 * i + a] = one->v[3 * from + a];
    }
  }
  return two;
}

static void expect_twice(const PetscReal two[3], const PetscReal one[3], const char *what)
{
  for (int a = 0; a < 3; a++) expect_abs(two[a], 2.0 * one[a], 1e-10 * length(one), what);
}

static void test_doubled_cell(void **state)
{
  md_potential *pots[2] = {mixture(), many_body("rand_3sp_12.almtp")};

  (void)state;
  for (int p = 0; p < 2; p++) {
    md_atoms atoms = thin_cell(3), more = doubled(&atoms);
    const state_of one = observe_once(pots[p], &atoms), two = observe_once(pots[p], &more);

    expect_twice(two.heat.kinetic, one.heat.kinetic, "kinetic part of two cells");
    expect_twice(two.heat.potential, one.heat.potential, "potential part of two cells");
    expect_twice(two.heat.virial, one.heat.virial, "virials' part of two cells");
    for (int s = 0; s < NSPECIES; s++)
      expect_twice(two.current[s], one.current[s], "current of a species of two cells");
    expect_ok(md_atoms_clear(&atoms));
    expect_ok(md_atoms_clear(&more));
    expect_ok(md_potential_destroy(&pots[p]));
  }
}

/* A constant in the energies of atoms of one species is no physics, but it is in the current: what
   it adds is what an estimator must not see. */
static void test_gauge(void **state)
{
  const PetscReal c = 3.7;

  (void)state;
  for (int species = 0; species < NSPECIES; species++) {
    mtp_potential *mtp[2] = {load("rand_3sp_12.almtp"), load("rand_3sp_12.almtp")};
    md_atoms atoms = thin_cell(3);
    state_of s[2];

    mtp[1]->species_coeff[species] += c;
    for (int k = 0; k < 2; k++) {
      md_potential *pot;

      expect_ok(md_potential_create_mtp(&mtp[k], &pot));
      s[k] = observe_once(pot, &atoms);
      expect_ok(md_potential_destroy(&pot));
    }
    for (int a = 0; a < 3; a++) {
      expect_abs(s[1].heat.potential[a] - s[0].heat.potential[a], c * s[0].current[species][a],
                 1e-12 * length(s[0].heat.potential), "what the constant adds");
      expect(s[1].heat.virial[a] == s[0].heat.virial[a], "to the potential part alone");
      expect(s[1].heat.kinetic[a] == s[0].heat.kinetic[a], "to the potential part alone");
    }
    expect_ok(md_atoms_clear(&atoms));
  }
}

/* Several ranks ------------------------------------------------------------------------------ */

static void expect_equal(const PetscReal a[3], const PetscReal b[3], const char *what)
{
  for (int k = 0; k < 3; k++) expect_abs(a[k], b[k], 1e-11 * length(b), what);
}

/* The same steps on all ranks and on each alone, with images of images and of atoms of other ranks.
   Every rank has the sums. */
static void test_ranks(void **state)
{
  const md_protocol protocol = {.ensemble = MD_NVE, .dt = 0.5};
  const md_guard guard = system_no_guard();
  md_potential *pots[2] = {mixture(), many_body("rand_3sp_12.almtp")};

  (void)state;
  for (int p = 0; p < 4; p++) {
    const PetscInt n[3] = {2, 2, p < 2 ? 6 : 1};
    md_atoms atoms = make_atoms(n, 4.8, 3);
    state_of s[2];

    atoms.h[2][2] = 2.4 * (PetscReal)n[2];
    atoms.h[2][0] = 0.6;
    for (int alone = 0; alone < 2; alone++) {
      md_run *run;

      expect_ok(
          md_run_create_on(alone ? PETSC_COMM_SELF : PETSC_COMM_WORLD, &atoms, pots[p % 2], &run));
      expect_ok(md_run_start(run, &protocol, &guard));
      expect_ok(md_run_observe_with(run, 1, MD_NEED_HEAT | MD_NEED_CURRENTS, keep, &s[alone]));
      system_advance(run, 3);
      expect_ok(md_run_destroy(&run));
    }
    expect_equal(s[0].heat.kinetic, s[1].heat.kinetic, "kinetic part on ranks");
    expect_equal(s[0].heat.potential, s[1].heat.potential, "potential part on ranks");
    expect_equal(s[0].heat.virial, s[1].heat.virial, "virials' part on ranks");
    for (int t = 0; t < NSPECIES; t++) {
      expect(s[0].count[t] == s[1].count[t], "atoms of a species on ranks");
      expect_equal(s[0].current[t], s[1].current[t], "current of a species on ranks");
    }
    expect_ok(md_atoms_clear(&atoms));
  }
  for (int p = 0; p < 2; p++) expect_ok(md_potential_destroy(&pots[p]));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_definition),   cmocka_unit_test(test_wrong_forms),
      cmocka_unit_test(test_total_virial), cmocka_unit_test(test_doubled_cell),
      cmocka_unit_test(test_gauge),        cmocka_unit_test(test_ranks)};

  return expect_main(argc, argv, help, tests);
}
