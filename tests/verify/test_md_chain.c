/* tests/verify/test_md_chain.c */
#include "tests/support/expect.h"
#include "tests/support/md_systems.h"

static const char help[] = "Nosé-Hoover chains and the Martyna-Tobias-Klein barostat: equations, "
                           "order, conserved energy\n";

static const char *const shape_name[MD_NSHAPE] = {"isotropic", "semi-isotropic", "anisotropic",
                                                  "uniaxial"};

/* Ideal gas against its equations of motion
 *
 * Without forces the equations of motion close in the kinetic energies of the axes, the logarithms
 * of the edges, the rates of the axes and the links of both chains.  They are written down here a
 * second time and integrated by Runge and Kutta's method of order 4 in steps so small that its own
 * error does not count. */

enum { NATOM = 5, DEGREES = 3 * NATOM - 3, LINKS = 4 };

typedef struct {
  double kinetic[3], edge[3], rate[3];     /* [eV], ln L, [1/fs] of axes */
  double particles[LINKS], cell[3][LINKS]; /* of groups */
} gas;

typedef struct {
  md_protocol protocol;
  int group[3], count[3], ngroup; /* group -1: the axis does not move */
} rules;

static rules make_rules(md_ensemble ensemble, md_shape shape)
{
  static const int group[MD_NSHAPE][3] = {{0, 0, 0}, {0, 0, 1}, {0, 1, 2}, {-1, -1, 0}};
  rules r = {.protocol = system_protocol(ensemble)};

  r.protocol.shape = shape;
  r.protocol.tau_p = 150.0;
  r.protocol.pressure = 0.7 * NATOM * MD_BOLTZMANN * SYSTEM_LJ_TEMP / (20.0 * 22.0 * 25.0);
  for (int k = 0; k < 3; k++) {
    r.group[k] = group[shape][k];
    if (r.group[k] < 0) continue;
    r.count[r.group[k]]++;
    if (r.group[k] + 1 > r.ngroup) r.ngroup = r.group[k] + 1;
  }
  return r;
}

/* dw/dt of a chain on `degrees` degrees of twice the kinetic energy k2 */
static void chain_rates(const double w[LINKS], double degrees, double k2, double tau, double d[])
{
  const double kt = MD_BOLTZMANN * SYSTEM_LJ_TEMP, q = kt * tau * tau;

  for (int k = 0; k < LINKS; k++) {
    const double push = k == 0   ? (k2 - degrees * kt) / (degrees * q)
                        : k == 1 ? (degrees * q * w[0] * w[0] - kt) / q
                                 : (q * w[k - 1] * w[k - 1] - kt) / q;

    d[k] = push - (k + 1 < LINKS ? w[k + 1] * w[k] : 0.0);
  }
}

static double group_mass(const rules *r, int g)
{
  return r->count[g] / 3.0 * (DEGREES + 3) * MD_BOLTZMANN * SYSTEM_LJ_TEMP *
         pow(r->protocol.tau_p, 2);
}

static void cell_rates(const rules *r, const gas *y, gas *d)
{
  const double k2 = 2.0 * (y->kinetic[0] + y->kinetic[1] + y->kinetic[2]);
  const double pv = r->protocol.pressure * exp(y->edge[0] + y->edge[1] + y->edge[2]);
  const double sum = y->rate[0] + y->rate[1] + y->rate[2];
  double force[3] = {0.0, 0.0, 0.0};

  for (int k = 0; k < 3; k++) {
    d->kinetic[k] -= 2.0 * (y->rate[k] + sum / DEGREES) * y->kinetic[k];
    d->edge[k] = y->rate[k];
    if (r->group[k] < 0) continue;
    force[r->group[k]] += 2.0 * y->kinetic[k] - pv + k2 / DEGREES;
  }
  for (int k = 0; k < 3; k++) {
    const int g = r->group[k];

    if (g < 0) continue;
    d->rate[k] = force[g] / group_mass(r, g) - y->cell[g][0] * y->rate[k];
    chain_rates(y->cell[g], 1.0, group_mass(r, g) * y->rate[k] * y->rate[k], r->protocol.tau_p,
                d->cell[g]);
  }
}

static gas all_rates(const rules *r, const gas *y)
{
  const double k2 = 2.0 * (y->kinetic[0] + y->kinetic[1] + y->kinetic[2]);
  gas d = {.rate = {0.0}};

  for (int k = 0; k < 3; k++) d.kinetic[k] = -2.0 * y->particles[0] * y->kinetic[k];
  chain_rates(y->particles, DEGREES, k2, r->protocol.tau_t, d.particles);
  if (r->protocol.ensemble == MD_NPT_MTK) cell_rates(r, y, &d);
  return d;
}

static gas plus(const gas *y, double h, const gas *d)
{
  gas sum = *y;
  double *s = (double *)&sum;
  const double *p = (const double *)d;

  for (size_t k = 0; k < sizeof(gas) / sizeof(double); k++) s[k] += h * p[k];
  return sum;
}

static void runge_kutta(const rules *r, double h, gas *y)
{
  const gas a = all_rates(r, y), ya = plus(y, 0.5 * h, &a);
  const gas b = all_rates(r, &ya), yb = plus(y, 0.5 * h, &b);
  const gas c = all_rates(r, &yb), yc = plus(y, h, &c);
  const gas d = all_rates(r, &yc);

  *y = plus(y, h / 6.0, &a);
  *y = plus(y, h / 3.0, &b);
  *y = plus(y, h / 3.0, &c);
  *y = plus(y, h / 6.0, &d);
}

/* Hotter than the bath and not the same along the axes, in a brick. */
static md_atoms gas_atoms(void)
{
  static const double v[15] = {3, -1, 2, -1, 4, -3, -2, -3, 1, 2, 2, -5, -2, -2, 5};
  md_atoms atoms;

  expect_ok(md_atoms_create(NATOM, 1, &atoms));
  atoms.mass[0] = SYSTEM_MASS;
  atoms.h[0][0] = 20.0;
  atoms.h[1][1] = 22.0;
  atoms.h[2][2] = 25.0;
  for (int k = 0; k < 15; k++) {
    atoms.x[k] = 5.0 * k;
    atoms.v[k] = 7e-4 * v[k];
  }
  return atoms;
}

static gas gas_of(const md_atoms *atoms)
{
  double tensor[9];
  gas y = {.rate = {0.0}};

  md_atoms_kinetic_tensor(atoms, tensor);
  for (int k = 0; k < 3; k++) {
    y.kinetic[k] = 0.5 * tensor[4 * k];
    y.edge[k] = log(atoms->h[k][k]);
  }
  return y;
}

enum { TIME = 400 }; /* [fs] */

/* The largest relative difference of kinetic energies and edges after TIME. */
static double gas_error(const rules *r, const md_atoms *start, double dt, const gas *want)
{
  const md_guard guard = system_no_guard();
  md_potential *pot = system_ideal_potential(2.0);
  md_protocol protocol = r->protocol;
  double error = 0.0;
  md_run *run;
  gas got;

  protocol.dt = dt;
  expect_ok(md_run_create(start, pot, &run));
  expect_ok(md_run_start(run, &protocol, &guard));
  system_advance(run, (PetscInt64)(TIME / dt + 0.5));
  got = gas_of(md_run_atoms(run));
  for (int k = 0; k < 3; k++) {
    error = fmax(error, fabs(got.kinetic[k] / want->kinetic[k] - 1.0));
    error = fmax(error, fabs(got.edge[k] - want->edge[k]));
  }
  expect_ok(md_run_destroy(&run));
  expect_ok(md_potential_destroy(&pot));
  return error;
}

/* Errors in steps of 8, 4 and 2 fs. */
static void check_gas(md_ensemble ensemble, md_shape shape, double order, double largest)
{
  const rules r = make_rules(ensemble, shape);
  md_atoms start = gas_atoms();
  gas want = gas_of(&start);
  double error[3];

  for (int k = 0; k < 40 * TIME; k++) runge_kutta(&r, 1.0 / 40.0, &want);
  expect(fabs(want.edge[2] - gas_of(&start).edge[2]) > 1e-3 || ensemble == MD_NVT_NHC,
         "the cell has moved");
  for (int k = 0; k < 3; k++) error[k] = gas_error(&r, &start, 8.0 / (1 << k), &want);
  expect_abs(error[2], 0.0, largest, shape_name[shape]);
  /* The next term of the error is smaller by (dt/tau_t)^2 or so: a few per cent. */
  expect_abs(log2(error[0] / error[1]), order, 0.2, "order of the error, 8 and 4 fs");
  expect_abs(log2(error[1] / error[2]), order, 0.1, "order of the error, 4 and 2 fs");
  expect_ok(md_atoms_clear(&start));
}

static void chain_follows_its_equations(void **state)
{
  (void)state;
  check_gas(MD_NVT_NHC, MD_ISOTROPIC, 4.0, 1e-6);
}

static void barostat_follows_its_equations(void **state)
{
  (void)state;
  for (int s = 0; s < (int)MD_NSHAPE; s++) check_gas(MD_NPT_MTK, (md_shape)s, 2.0, 1e-3);
}

/* Liquid: the conserved energy */

typedef struct {
  double n, sum, square, first, last, kinetic_change, volume_change, first_kinetic, first_volume;
} moments;

static PetscErrorCode add_conserved(const md_sample *sample, void *context)
{
  moments *m = context;
  const double e = sample->conserved;

  if (m->n == 0.0) {
    m->first = e;
    m->first_kinetic = sample->kinetic + sample->potential;
    m->first_volume = sample->volume;
  }
  m->n += 1.0;
  m->sum += e - m->first;
  m->square += pow(e - m->first, 2);
  m->last = e;
  m->kinetic_change =
      fmax(m->kinetic_change, fabs(sample->kinetic + sample->potential - m->first_kinetic));
  m->volume_change = fmax(m->volume_change, fabs(sample->volume / m->first_volume - 1.0));
  return 0;
}

static double rms(const moments *m)
{
  return sqrt(fmax(0.0, m->square / m->n - pow(m->sum / m->n, 2)));
}

static moments watch_conserved(const md_atoms *start, const md_potential *pot,
                               const md_protocol *protocol, double time)
{
  const md_guard guard = system_no_guard();
  moments m = {.n = 0.0};
  md_run *run;

  expect_ok(md_run_create(start, pot, &run));
  expect_ok(md_run_start(run, protocol, &guard));
  expect_ok(md_run_observe(run, 1, add_conserved, &m));
  system_advance(run, (PetscInt64)(time / protocol->dt + 0.5));
  expect_ok(md_run_destroy(&run));
  return m;
}

static md_atoms melted(const md_potential *pot)
{
  md_run *melt = system_argon_liquid(2, 0.8, pot);
  md_atoms start;

  expect_ok(md_atoms_copy(md_run_atoms(melt), &start));
  expect_ok(md_run_destroy(&melt));
  return start;
}

static void check_liquid(const md_atoms *start, const md_potential *pot, md_protocol protocol)
{
  const char *name = shape_name[protocol.shape];
  moments m[3];

  for (int k = 0; k < 3; k++) {
    protocol.dt = 8.0 / (1 << k);
    m[k] = watch_conserved(start, pot, &protocol, 1000.0);
  }
  expect(m[2].kinetic_change > 1e3 * rms(&m[2]), "what is not conserved moves much more");
  expect(m[2].volume_change > 0.2 || protocol.ensemble == MD_NVT_NHC, "the liquid has expanded");
  /* Trajectories with other steps part, and the liquid expands: not exactly 2. */
  expect_abs(log2(rms(&m[0]) / rms(&m[1])), 2.0, 0.1, name);
  expect_abs(log2(rms(&m[1]) / rms(&m[2])), 2.0, 0.1, name);
}

static void conserved_energy_has_order_two(void **state)
{
  md_potential *pot = system_argon_potential();
  md_atoms start = melted(pot);
  md_protocol protocol = system_protocol(MD_NVT_NHC);

  (void)state;
  protocol.temperature = 1.2 * SYSTEM_LJ_TEMP;
  check_liquid(&start, pot, protocol);
  protocol.ensemble = MD_NPT_MTK;
  protocol.tau_p = 250.0;
  protocol.pressure = 1.0 * SYSTEM_EPSILON / pow(SYSTEM_SIGMA, 3);
  for (int s = 0; s < (int)MD_NSHAPE; s++) {
    protocol.shape = (md_shape)s;
    check_liquid(&start, pot, protocol);
  }
  expect_ok(md_atoms_clear(&start));
  expect_ok(md_potential_destroy(&pot));
}

/* 100 ps, while a schedule heats and cools: no drift in sight. */
static void conserved_energy_does_not_drift(void **state)
{
  md_potential *pot = system_argon_potential();
  md_atoms start = melted(pot);

  (void)state;
  for (int e = 0; e < 2; e++) {
    md_protocol protocol = system_protocol(e ? MD_NPT_MTK : MD_NVT_NHC);
    const moments early = watch_conserved(&start, pot, &protocol, 4000.0);
    moments late;

    protocol.nknot = 2;
    protocol.knot[0] = (md_knot){.step = 10000, .temperature = 1.5 * SYSTEM_LJ_TEMP};
    protocol.knot[1] = (md_knot){.step = 20000, .temperature = SYSTEM_LJ_TEMP};
    late = watch_conserved(&start, pot, &protocol, 100000.0);
    expect_abs(late.last, early.last, 20.0 * rms(&early), "conserved energy after 100 ps");
  }
  expect_ok(md_atoms_clear(&start));
  expect_ok(md_potential_destroy(&pot));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(chain_follows_its_equations),
                                     cmocka_unit_test(barostat_follows_its_equations),
                                     cmocka_unit_test(conserved_energy_has_order_two),
                                     cmocka_unit_test(conserved_energy_does_not_drift)};

  return expect_main(argc, argv, help, tests);
}
