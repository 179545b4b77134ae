/* tests/verify/test_md_cell.c */
#include "tests/support/expect.h"
#include "tests/support/md_systems.h"

static const char help[] = "Cells that change their shape: exact averages of a crystal's edges\n";

/* With e_g = ln L_g of the groups of n_g axes, both barostats sample p ~ Z exp(-P0 V / kT) V prod
 * de_g. Since d ln p / de_g = n_g + f_g / kT,  f_g = sum_(k in g) (P_kk - P0) V,  integrating
 * d/de_h over p and over e_g p gives, for a body that resists shear,
 *
 *   <f_h> = -n_h kT,   <(e_g - <e_g>) f_h> = -kT (1 if g = h, else 0).
 *
 * If fluctuations of the edges were too large by a factor r, the second would be r too large: f_h
 * answers e_g with the elastic constants of the crystal.  Errors are those of the means of blocks,
 * much longer than the edges need to relax. */

enum { BLOCKS = 40, SKIP = 8000, MAX_SERIES = 3 + 3 + 9 };
static const double sigmas = 4.5; /* of Student's t of 39 degrees: 6e-5 */

typedef struct {
  int group[3], ngroup, count[3];
} axes;

static axes axes_of(md_shape shape)
{
  static const axes all[MD_NSHAPE] = {[MD_ISOTROPIC] = {{0, 0, 0}, 1, {3, 0, 0}},
                                      [MD_SEMI_ISOTROPIC] = {{0, 0, 1}, 2, {2, 1, 0}},
                                      [MD_ANISOTROPIC] = {{0, 1, 2}, 3, {1, 1, 1}},
                                      [MD_UNIAXIAL] = {{-1, -1, 0}, 1, {1, 0, 0}}};

  return all[shape];
}

typedef struct {
  axes axes;
  double target;    /* [eV/Å^3] */
  double edge[3];   /* a guess of <e_g>; any number does, it only saves digits */
  PetscInt64 block; /* steps */
  double n[BLOCKS];
  double sum[BLOCKS][MAX_SERIES]; /* e_g, f_h, e_g f_h */
  double angle;                   /* [Å] largest component that must stay zero */
} record;

static void edges_and_forces(const md_sample *sample, const record *r, double e[3], double f[3])
{
  for (int g = 0; g < 3; g++) e[g] = f[g] = 0.0;
  for (int k = 0; k < 3; k++) {
    const int g = r->axes.group[k];

    if (g < 0 || g > 2) continue;
    e[g] += log(sample->atoms->h[k][k]) / r->axes.count[g];
    f[g] += (sample->pressure[4 * k] - r->target) * sample->volume;
  }
  for (int g = 0; g < r->axes.ngroup && g < 3; g++) e[g] -= r->edge[g];
}

static PetscErrorCode watch(const md_sample *sample, void *context)
{
  record *r = context;
  const PetscInt64 b = (sample->step - SKIP - 1) / r->block;
  double e[3], f[3];

  edges_and_forces(sample, r, e, f);
  r->n[b] += 1.0;
  for (int g = 0; g < 3; g++) {
    r->sum[b][g] += e[g];
    r->sum[b][3 + g] += f[g];
    for (int h = 0; h < 3; h++) r->sum[b][6 + 3 * g + h] += e[g] * f[h];
  }
  for (int ab = 0; ab < 9; ab++) {
    if (ab % 4) r->angle = fmax(r->angle, fabs(sample->atoms->h[ab / 3][ab % 3]));
  }
  return 0;
}

/* A mean over blocks and its standard error. */
typedef struct {
  double mean, error;
} number;

static double series_mean(const record *r, int k)
{
  double sum = 0.0;

  for (int b = 0; b < BLOCKS; b++) sum += r->sum[b][k] / r->n[b] / BLOCKS;
  return sum;
}

static number average(const double value[BLOCKS])
{
  number out = {0.0, 0.0};
  double square = 0.0;

  for (int b = 0; b < BLOCKS; b++) out.mean += value[b] / BLOCKS;
  for (int b = 0; b < BLOCKS; b++) square += pow(value[b] - out.mean, 2);
  out.error = sqrt(square / (BLOCKS * (BLOCKS - 1.0)));
  return out;
}

static number mean_force(const record *r, int h)
{
  double value[BLOCKS];

  for (int b = 0; b < BLOCKS; b++) value[b] = r->sum[b][3 + h] / r->n[b];
  return average(value);
}

static number covariance(const record *r, int g, int h)
{
  const double e = series_mean(r, g), f = series_mean(r, 3 + h);
  double value[BLOCKS];

  for (int b = 0; b < BLOCKS; b++) {
    value[b] =
        (r->sum[b][6 + 3 * g + h] - e * r->sum[b][3 + h] - f * r->sum[b][g]) / r->n[b] + e * f;
  }
  return average(value);
}

/* The time step makes edges fluctuate too much: Euler's of the rescaling by the fraction dt/(2 tau)
   (md_integrate_scr.c), tau the relaxation time; Verlet's of the barostat by (omega dt)^2/4.  With
   the times below both are under 2 %. */
#define STEP_ERROR 0.02

/* The force is no news under cell rescaling: its mean is that of the noise. */
static void check_record(const record *r, double kt, PetscBool forces, const char *what)
{
  expect_abs(r->angle, 0.0, 0.0, "angles of a brick stay right");
  for (int h = 0; h < r->axes.ngroup; h++) {
    const number f = mean_force(r, h);

    if (forces) {
      expect_abs(f.mean, -r->axes.count[h] * kt, sigmas * f.error, what);
      expect(f.error < 0.15 * r->axes.count[h] * kt, "the run is long enough to see kT");
    }
    for (int g = 0; g < r->axes.ngroup; g++) {
      const number c = covariance(r, g, h);

      expect_abs(c.mean, g == h ? -kt : 0.0, sigmas * c.error + STEP_ERROR * kt, what);
      expect(c.error < 0.1 * r->axes.count[h] * kt, "the run is long enough");
    }
  }
}

/* Solid argon of 32 atoms at reduced temperature 0.5 and pressure 4.  Its volume
   answers faster than its shape. */
static void check_crystal(md_ensemble ensemble, md_shape shape, PetscInt64 block)
{
  static const char *const name[MD_NSHAPE] = {"isotropic", "semi-isotropic", "anisotropic",
                                              "uniaxial"};
  const md_guard guard = system_no_guard();
  md_potential *pot = system_argon_potential();
  md_protocol protocol = system_protocol(ensemble);
  md_atoms atoms = system_fcc(2, 1.05);
  static record r;
  md_run *run;

  protocol.dt = 8.0;
  protocol.temperature = 0.5 * SYSTEM_LJ_TEMP;
  protocol.pressure = 4.0 * SYSTEM_EPSILON / pow(SYSTEM_SIGMA, 3);
  protocol.tau_t = 100.0;
  protocol.tau_p = ensemble == MD_NPT_MTK ? 600.0 : shape == MD_UNIAXIAL ? 1200.0 : 400.0;
  protocol.compressibility = 100.0;
  protocol.shape = shape;
  r = (record){.axes = axes_of(shape), .target = protocol.pressure, .block = block};
  for (int g = 0; g < 3; g++) r.edge[g] = log(atoms.h[0][0]);
  expect_ok(md_run_create(&atoms, pot, &run));
  expect_ok(md_run_thermalise(run, 2.0 * protocol.temperature, protocol.rng));
  expect_ok(md_run_start(run, &protocol, &guard));
  system_advance(run, SKIP);
  expect_ok(md_run_observe(run, 1, watch, &r));
  system_advance(run, BLOCKS * block);
  check_record(&r, MD_BOLTZMANN * protocol.temperature, (PetscBool)(ensemble == MD_NPT_MTK),
               name[shape]);
  expect_ok(md_run_destroy(&run));
  expect_ok(md_atoms_clear(&atoms));
  expect_ok(md_potential_destroy(&pot));
}

static void cell_rescaling_has_exact_averages(void **state)
{
  (void)state;
  check_crystal(MD_NPT_SCR, MD_ANISOTROPIC, 2000);
  check_crystal(MD_NPT_SCR_LANGEVIN, MD_SEMI_ISOTROPIC, 2000);
  check_crystal(MD_NPT_SCR, MD_UNIAXIAL, 1000);
}

static void martyna_tobias_klein_has_exact_averages(void **state)
{
  (void)state;
  check_crystal(MD_NPT_MTK, MD_ANISOTROPIC, 1000);
  check_crystal(MD_NPT_MTK, MD_SEMI_ISOTROPIC, 1000);
  check_crystal(MD_NPT_MTK, MD_UNIAXIAL, 1000);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(cell_rescaling_has_exact_averages),
                                     cmocka_unit_test(martyna_tobias_klein_has_exact_averages)};

  return expect_main(argc, argv, help, tests);
}
