static const char about[] =
    "From journals to the values of a point: numbers, units, flags, reasons\n";
/* What comes out of the journal is compared with the estimators of the same states, and with what
 * was put into failures. */
#include "properties/prop_conductivity.h"
#include "properties/prop_thermal.h"
#include "properties/prop_viscosity.h"
#include "tests/support/random.h"
#include "tests/unit/screening/result_support.h"

#include <unistd.h>

/* Tests, in this order: the journal grows ---------------------------------------------------- */

static void test_planned(void **state)
{
  screen_result r;

  (void)state;
  compute(0, &r);
  assert_int_equal(r.state, SCREEN_POINT_PLANNED);
  assert_int_equal(screen_result_at(&r, PROP_ID_DENSITY)->flags, PROP_FLAG_MISSING);
  expect(isnan(screen_result_at(&r, PROP_ID_DENSITY)->value) && isnan(r.box),
         "no number without data");
  assert_int_equal(r.nmsd + r.nrdf, 0);
  expect_ok(screen_result_clear(&r));
}

/* One replica in its NPT production: values from half of it, flagged. */
static void test_running(void **state)
{
  screen_result r;

  (void)state;
  run_replica(0, SCREEN_NPT, 500);
  compute(0, &r);
  assert_int_equal(r.state, SCREEN_POINT_RUNNING);
  assert_int_equal(r.replicas_done, 0);
  expect(screen_result_at(&r, PROP_ID_DENSITY)->flags & PROP_FLAG_PARTIAL,
         "a value of an unfinished run says so");
  expect(screen_result_at(&r, PROP_ID_DENSITY)->flags & PROP_FLAG_ONE_REPLICA,
         "one replica so far");
  expect(isfinite(screen_result_at(&r, PROP_ID_DENSITY)->value), "what is there gives a value");
  assert_int_equal(screen_result_at(&r, PROP_ID_DIFFUSION)[0].flags, PROP_FLAG_MISSING);
  assert_int_equal(r.nrdf, NBIN);
  expect_ok(screen_result_clear(&r));
}

/* Density in kg/m^3, energy in J/mol, temperature in K, from both replicas. */
static void check_scalars(const screen_result *r)
{
  prop_estimate density[NREPLICA], energy[NREPLICA], temperature[NREPLICA];
  prop_value want;

  for (PetscInt k = 0; k < NREPLICA; k++) {
    screen_job_state s;

    read_saved(k, SCREEN_NPT, &s);
    expect_ok(prop_series_estimate(&s.density, &density[k]));
    expect_ok(prop_series_estimate(&s.potential, &energy[k]));
    expect_ok(screen_job_state_clear(&s));
    read_saved(k, SCREEN_NVE, &s);
    expect_ok(prop_series_estimate(&s.temperature, &temperature[k]));
    expect_ok(screen_job_state_clear(&s));
  }
  /* 1 u/Å^3 = 1660.539 kg/m^3; 1 eV = 96485.33 J/mol; CODATA 2018 to seven digits */
  expect_ok(prop_combine(NREPLICA, density, 1.0 / MD_ATOMIC_MASS, &want));
  expect_near(screen_result_at(r, PROP_ID_DENSITY)->value, 1660.5391 * want.value, 1e-7, "density");
  expect_near(screen_result_at(r, PROP_ID_DENSITY)->error, 1660.5391 * want.error, 1e-7,
              "error of the density");
  expect_ok(prop_combine(NREPLICA, energy, 1.0, &want));
  expect_near(screen_result_at(r, PROP_ID_POTENTIAL_ENERGY)->value, 96485.332 * want.value, 1e-7,
              "potential energy");
  expect_ok(prop_combine_spread(NREPLICA, temperature, 1.0, &want));
  expect_near(screen_result_at(r, PROP_ID_KINETIC_TEMPERATURE)->value, want.value, 1e-14,
              "temperature of NVE");
  expect_near(screen_result_at(r, PROP_ID_DENSITY)->value,
              12.0 * (22.99 + 35.45) * 1.66053907e-27 / pow(r->box, 3.0), 0.01,
              "box and density belong together");
}

/* MSD: mean of the replicas at each lag, SI units. */
/* Viscosity in Pa s, its companions and curves, from the streams of both replicas as they were
   saved. */
static void check_viscosity(const screen_result *r)
{
  screen_job_state s[NREPLICA];
  prop_pressure replica[NREPLICA];
  PetscReal *block[NREPLICA];
  prop_viscosity want;

  for (PetscInt k = 0; k < NREPLICA; k++) {
    const PetscInt n = saved_blocks(k, &s[k]);
    PetscReal sum = 0.0;

    expect_ok(PetscMalloc1(7 * n, &block[k]));
    for (PetscInt c = 0; c < 6; c++) {
      expect_ok(prop_stream_channel(&s[k].nve_stream, c, block[k] + c * n));
      replica[k].pressure[c] = block[k] + c * n;
    }
    expect_ok(
        prop_stream_channel(&s[k].nve_stream, prop_nve_temperature(NSPECIES), block[k] + 6 * n));
    for (PetscInt i = 0; i < n; i++) sum += block[k][6 * n + i];
    replica[k].n = n;
    replica[k].temperature = sum / (PetscReal)n;
    replica[k].volume = s[k].volume;
  }
  expect_ok(prop_viscosity_estimate(NREPLICA, replica, 10.0, campaign.viscosity_cutoff, &want));
  /* 1 eV fs/Å^3 = 1.602e-4 Pa s */
  expect_near(screen_result_at(r, PROP_ID_VISCOSITY)->value, 1.602176634e-4 * want.primary.mean,
              1e-9, "viscosity");
  expect_near(screen_result_at(r, PROP_ID_VISCOSITY)->error, 1.602176634e-4 * want.primary.error,
              1e-9, "its error");
  expect_near(screen_result_truncation(r, PROP_ID_VISCOSITY)[0], 1e-15 / want.zero.cutoff, 1e-9,
              "period of the cut-off");
  expect(r->curve[SCREEN_CURVE_VISCOSITY].n > 0 && r->curve[SCREEN_CURVE_VISCOSITY_SPECTRUM].n > 0,
         "curves");
  for (PetscInt k = 0; k < NREPLICA; k++) {
    expect_ok(PetscFree(block[k]));
    expect_ok(screen_job_state_clear(&s[k]));
  }
}

/* All channels of the NVE streams of both replicas, as they were saved: [channel][n]. */
typedef struct {
  screen_job_state state[NREPLICA];
  PetscReal *block[NREPLICA];
  PetscReal temperature[NREPLICA];
  PetscInt n;
} saved_flows;

static void read_flows(saved_flows *f)
{
  for (PetscInt k = 0; k < NREPLICA; k++) {
    const PetscInt n = f->n = saved_blocks(k, &f->state[k]);
    const PetscReal *t;

    expect_ok(PetscMalloc1(prop_nve_channels(NSPECIES, PETSC_TRUE) * n, &f->block[k]));
    for (PetscInt c = 0; c < prop_nve_channels(NSPECIES, PETSC_TRUE); c++)
      expect_ok(prop_stream_channel(&f->state[k].nve_stream, c, f->block[k] + c * n));
    t = f->block[k] + prop_nve_temperature(NSPECIES) * n;
    f->temperature[k] = 0.0;
    for (PetscInt i = 0; i < n; i++) f->temperature[k] += t[i] / (PetscReal)n;
  }
}

static void clear_flows(saved_flows *f)
{
  for (PetscInt k = 0; k < NREPLICA; k++) {
    expect_ok(PetscFree(f->block[k]));
    expect_ok(screen_job_state_clear(&f->state[k]));
  }
}

/* Conductivity in S/m (1 e^2/(eV fs Å) = 1.602e6), transference numbers that add up to 1, Haven's
   ratio. */
static void check_ionic(const screen_result *r)
{
  const PetscReal number[NSPECIES] = {12.0, 12.0};
  const prop_ions ions = {.nspecies = NSPECIES, .charge = charge, .mass = mass, .number = number};
  const prop_value *sigma = screen_result_at(r, PROP_ID_IONIC_CONDUCTIVITY),
                   *independent = screen_result_at(r, PROP_ID_CONDUCTIVITY_NERNST_EINSTEIN),
                   *share = screen_result_at(r, PROP_ID_TRANSFERENCE);
  const PetscReal *velocity[NREPLICA][3 * NSPECIES];
  prop_ion_run run[NREPLICA];
  prop_conductivity want;
  saved_flows f;

  read_flows(&f);
  for (PetscInt k = 0; k < NREPLICA; k++) {
    for (PetscInt c = 0; c < 3 * NSPECIES; c++)
      velocity[k][c] = f.block[k] + (PROP_NVE_CURRENTS + c) * f.n;
    run[k] = (prop_ion_run){f.n, velocity[k], f.state[k].volume, f.temperature[k]};
  }
  expect_ok(
      prop_conductivity_estimate(&ions, NREPLICA, run, 10.0, campaign.conductivity_cutoff, &want));
  expect_near(sigma->value, 1.602176634e6 * want.primary.mean, 1e-9, "ionic conductivity");
  expect_near(share[0].value + share[1].value, 1.0, 1e-9, "all of the current");
  for (PetscInt a = 0; a < NSPECIES; a++)
    expect(screen_result_at(r, PROP_ID_TRANSFERENCE_SOLVENT)[a].flags & PROP_FLAG_MISSING,
           "a salt has no solvent");
  expect_near(screen_result_at(r, PROP_ID_HAVEN_RATIO)->value, independent->value / sigma->value,
              1e-9, "Haven");
  expect_near(screen_result_at(r, PROP_ID_ONSAGER)[1].value,
              screen_result_at(r, PROP_ID_ONSAGER)[2].value, 1e-9, "Onsager's symmetry");
  clear_flows(&f);
}

/* Conductivity in W/(m K) (1 eV/(fs Å K) = 1.602e6) from the heat current and those of species. */
static void check_thermal(const screen_result *r)
{
  const PetscReal *sum[NREPLICA][3 * NSPECIES];
  prop_heat_flux replica[NREPLICA];
  prop_thermal want;
  saved_flows f;

  read_flows(&f);
  for (PetscInt k = 0; k < NREPLICA; k++) {
    replica[k] = (prop_heat_flux){
        .n = f.n, .sum = sum[k], .volume = f.state[k].volume, .temperature = f.temperature[k]};
    for (PetscInt c = 0; c < 3; c++)
      replica[k].heat[c] = f.block[k] + (prop_nve_heat(NSPECIES) + c) * f.n;
    for (PetscInt c = 0; c < 3 * NSPECIES; c++)
      sum[k][c] = f.block[k] + (PROP_NVE_CURRENTS + c) * f.n;
  }
  expect_ok(prop_thermal_estimate(NREPLICA, replica, NSPECIES, 10.0, NULL, &want));
  expect_near(screen_result_at(r, PROP_ID_THERMAL_CONDUCTIVITY)->value,
              1.602176634e6 * want.estimate.mean, 1e-9, "thermal conductivity");
  clear_flows(&f);
}

/* D of the infinite liquid from that of the cell, viscosity, temperature and edge; b with the
   radius of the campaign for Na, for Cl with half its first like-pair peak. */
static void check_finite(const screen_result *r)
{
  const PetscReal boltzmann = 1.380649e-23, pi = 3.14159265358979;
  const PetscReal eta = screen_result_at(r, PROP_ID_VISCOSITY)->value,
                  t = screen_result_at(r, PROP_ID_KINETIC_TEMPERATURE)->value;
  screen_job_state s;

  read_saved(0, SCREEN_NVE, &s);
  for (PetscInt a = 0; a < NSPECIES; a++) {
    const prop_value d = screen_result_at(r, PROP_ID_DIFFUSION)[a],
                     cell = screen_result_at(r, PROP_ID_DIFFUSION_CELL)[a];
    const PetscReal edge = 1e-10 * cbrt(s.volume),
                    peak = screen_result_at(r, PROP_ID_RDF_PEAK)[a * (NSPECIES + 1)].value,
                    radius = a == 0 ? 1.2e-10 : 0.5 * peak;
    const prop_value b = screen_result_at(r, PROP_ID_STOKES_EINSTEIN)[a];

    expect_near(d.value, cell.value + 2.837297 * boltzmann * t / (6.0 * pi * eta * edge), 1e-6,
                "Yeh and Hummer");
    expect(cell.flags & PROP_FLAG_NO_SIZE_CORRECTION, "as simulated");
    expect(!(d.flags & PROP_FLAG_NO_SIZE_CORRECTION), "corrected");
    if (isnan(radius))
      assert_int_equal(b.flags & PROP_FLAG_MISSING, PROP_FLAG_MISSING);
    else
      expect_near(b.value, boltzmann * t / (pi * eta * d.value * radius), 1e-6, "b");
  }
  expect_ok(screen_job_state_clear(&s));
}

/* D from velocities is there beside that from displacements, replicas weighted alike. */
static void check_vacf(const screen_result *r)
{
  PetscReal mean = 0.0;

  for (PetscInt k = 0; k < NREPLICA; k++) {
    screen_job_state s;
    prop_estimate e;

    read_saved(k, SCREEN_NVE, &s);
    expect_ok(prop_vacf_diffusion(s.vacf, 1, &e, NULL, NULL));
    mean += e.mean / NREPLICA;
    expect_ok(screen_job_state_clear(&s));
  }
  if (isnan(mean))
    assert_int_equal(screen_result_at(r, PROP_ID_DIFFUSION_VACF)[1].flags & PROP_FLAG_MISSING,
                     PROP_FLAG_MISSING);
  else
    expect_near(screen_result_at(r, PROP_ID_DIFFUSION_VACF)[1].value, mean * 1e-5, 1e-9,
                "D from velocities");
}

/* With chlorine for a neutral molecule, sodium carries all current that is seen from it. */
static void check_solvent(void)
{
  PetscInt type = 1;
  screen_molecule molecule = {.body = {.n = 1, .type = &type}};
  screen_result r;
  const prop_value *t;

  campaign.molecule = &molecule;
  campaign.nmolecule = 1;
  compute(0, &r);
  t = screen_result_at(&r, PROP_ID_TRANSFERENCE_SOLVENT);
  expect_near(t[0].value, 1.0, 1e-9, "in the frame of the solvent");
  expect_abs(t[1].value, 0.0, 1e-12, "which rests");
  expect_ok(screen_result_clear(&r));
  molecule.charge = -1.0;
  compute(0, &r);
  expect(screen_result_at(&r, PROP_ID_TRANSFERENCE_SOLVENT)[0].flags & PROP_FLAG_MISSING,
         "a charged molecule is no solvent");
  expect_ok(screen_result_clear(&r));
  campaign.molecule = NULL;
  campaign.nmolecule = 0;
}

static void check_msd(const screen_result *r)
{
  enum { MAX = PROP_MSD_LAGS * PROP_MSD_LEVELS };
  PetscReal lag[MAX], value[NREPLICA][MAX], error[MAX];
  PetscInt n = 0;

  for (PetscInt k = 0; k < NREPLICA; k++) {
    screen_job_state s;

    read_saved(k, SCREEN_NVE, &s);
    expect_ok(prop_msd_curve(s.msd, 1, &n, lag, value[k], error));
    expect_ok(screen_job_state_clear(&s));
  }
  assert_int_equal(r->nmsd, n);
  for (PetscInt i = 0; i < n; i++) {
    const PetscReal a = value[0][i], b = value[1][i];

    expect_near(r->msd_t[i], lag[i] * 1e-15, 1e-14, "lag time");
    expect_near(r->msd[n + i], 0.5 * (a + b) * 1e-20, 1e-13, "MSD of the second species");
    expect(!(r->msd_error[n + i] < 0.5 * fabs(a - b) * 1e-20 * (1.0 - 1e-9)),
           "its error covers the spread");
  }
}

/* g(r) of both replicas together; running numbers grow; the mean of their structure factors. */
static void check_structure(const screen_result *r)
{
  prop_rdf *merged;
  PetscReal radius[NBIN], g[NBIN], number[NBIN], peak, low, shell, q[80], factor[2][80], error[80];
  PetscReal mean = 0.0, pairs[PROP_PAIRING];
  const screen_curve *factors = &r->table[SCREEN_TABLE_FACTOR];
  PetscBool found;
  screen_job_state s;

  assert_int_equal(r->nrdf, NBIN);
  expect_ok(prop_rdf_create(NSPECIES, 8.0, NBIN, &merged));
  for (PetscInt replica = 0; replica < 2; replica++) {
    read_saved(replica, SCREEN_NPT, &s);
    expect_ok(prop_rdf_merge(merged, s.rdf));
    expect_ok(prop_sq_curve(s.structure.sq, 0, 1, q, factor[replica], error));
    expect_ok(screen_job_state_clear(&s));
  }
  expect_near(factors->x[70], q[70] * 1e10, 1e-14, "wave number");
  expect_near(factors->y[150], 0.5 * (factor[0][70] + factor[1][70]), 1e-12, "structure factor");
  expect_ok(prop_rdf_curve(merged, 0, 1, radius, g, number));
  for (PetscInt i = 0; i < NBIN; i++) {
    expect_near(r->rdf_r[i], radius[i] * 1e-10, 1e-14, "distance");
    expect_near(r->rdf_g[NBIN + i], g[i], 1e-14, "g of Na-Cl");
    expect_near(r->rdf_n[NBIN + i], number[i], 1e-14, "running number of Na-Cl");
  }
  expect_ok(prop_rdf_coordination(merged, 0, 1, &peak, &low, &shell, &found));
  for (PetscInt k = 0; k < 14; k++)
    mean += PetscMin(k, 12) * r->table[SCREEN_TABLE_LIGANDS].y[14 + k];
  expect(screen_result_at(r, PROP_ID_SHELL_LIFETIME)[1].value > 2e-13 &&
             screen_result_at(r, PROP_ID_SHELL_LIFETIME)[2].value < 2e-11,
         "lifetimes, in both orders of the pair");
  for (PetscInt k = 0; k < PROP_PAIRING; k++)
    pairs[k] = screen_result_at(r, PROP_ID_PAIR_APART + (prop_id)k)[1].value;
  expect_near(pairs[0] + pairs[1] + pairs[2], 1.0, 1e-12, "all ions are in some pairing");
  expect_near(pairs[PROP_APART], r->table[SCREEN_TABLE_LIGANDS].y[14], 1e-12, "apart: no ligand");
  expect_near(pairs[PROP_CONTACT], r->table[SCREEN_TABLE_LIGANDS].y[15], 1e-12, "contact: one");
  expect(screen_result_at(r, PROP_ID_PAIR_CONTACT)[0].flags & PROP_FLAG_MISSING,
         "like ions are no pair");
  expect_near(mean, shell, 0.1, "ligands on average are the coordination number");
  expect(found, "a salt has a first shell");
  expect_near(screen_result_at(r, PROP_ID_RDF_PEAK)[1].value, peak * 1e-10, 0.05, "first maximum");
  expect_abs(screen_result_at(r, PROP_ID_COORDINATION)[1].value, shell,
             3.0 * screen_result_at(r, PROP_ID_COORDINATION)[1].error,
             "coordination number: replicas weighted by effective samples, not by counts");
  expect_ok(prop_rdf_destroy(&merged));
}

static void test_done(void **state)
{
  screen_result r;

  (void)state;
  run_replica(0, SCREEN_NVE, INT64_MAX);
  run_replica(1, SCREEN_NVE, INT64_MAX);
  compute(0, &r);
  assert_int_equal(r.state, SCREEN_POINT_DONE);
  assert_int_equal(r.reason, MD_COMPLETED);
  assert_int_equal(r.replicas_done, NREPLICA);
  assert_int_equal(screen_result_at(&r, PROP_ID_DENSITY)->flags &
                       (PROP_FLAG_PARTIAL | PROP_FLAG_MISSING | PROP_FLAG_ONE_REPLICA),
                   0);
  assert_int_equal(screen_result_at(&r, PROP_ID_KINETIC_TEMPERATURE)->flags & PROP_FLAG_DRIFT, 0);
  expect_near(r.wall_seconds, 1.5 * NREPLICA * SCREEN_FLUX, 1e-14, "wall time of all tasks");
  check_scalars(&r);
  check_viscosity(&r);
  check_finite(&r);
  check_ionic(&r);
  check_solvent();
  check_vacf(&r);
  check_thermal(&r);
  check_msd(&r);
  check_structure(&r);
  expect_ok(screen_result_clear(&r));
}

/* Gives point p the states of point 0, but an energy drift of that much of the kinetic energy and
 * this extrapolation grade in the NVE production of replica 1. Returns the drift [W/mol]. */
static double append_drifting(PetscInt p, PetscReal drift, PetscReal grade)
{
  screen_job_state s;
  md_blob blob = {0};
  double rate;

  for (PetscInt r = 0; r < NREPLICA; r++) {
    for (int stage = 0; stage < SCREEN_FLUX; stage++) {
      if (r == 1 && stage == SCREEN_NVE) continue;
      append(QUEUE_RECORD_SEGMENT, p, r, (screen_stage)stage,
             screen_stage_steps(&campaign, (screen_stage)stage), 0, saved[r][stage].data,
             saved[r][stage].size);
    }
  }
  read_saved(1, SCREEN_NVE, &s);
  s.energy_now = s.energy_begin + drift * s.kinetic_sum / (PetscReal)s.nkinetic;
  rate = 1.602176634e-19 * 6.02214076e23 * (s.energy_now - s.energy_begin) /
         ((double)s.atoms.n * (double)s.done * campaign.dt * 1e-15);
  s.grade_max = grade;
  expect_ok(screen_job_state_write(&s, &blob));
  append(QUEUE_RECORD_SEGMENT, p, 1, SCREEN_NVE, s.done, 0, blob.data, blob.size);
  expect_ok(screen_job_state_clear(&s));
  expect_ok(md_blob_clear(&blob));
  return rate;
}

/* A drift of the total energy flags what comes from NVE, and nothing else. */
static void test_drift(void **state)
{
  screen_result r;
  double want;

  (void)state;
  want = append_drifting(2, -0.011, 2.5);
  compute(2, &r);
  assert_int_equal(r.state, SCREEN_POINT_DONE);
  expect(screen_result_at(&r, PROP_ID_KINETIC_TEMPERATURE)->flags & PROP_FLAG_DRIFT,
         "drift of -1.1 %: temperature");
  expect(screen_result_at(&r, PROP_ID_DIFFUSION)[0].flags & PROP_FLAG_DRIFT,
         "drift of -1.1 %: diffusion");
  assert_int_equal(screen_result_at(&r, PROP_ID_DENSITY)->flags & PROP_FLAG_DRIFT, 0);
  expect_near(r.energy_drift, want, 1e-12, "drift of the replica that drifts");
  expect_ok(screen_result_clear(&r));
  append_drifting(3, 0.009, (PetscReal)NAN);
  compute(3, &r);
  assert_int_equal(screen_result_at(&r, PROP_ID_KINETIC_TEMPERATURE)->flags & PROP_FLAG_DRIFT, 0);
  expect_ok(screen_result_clear(&r));
}

/* Flags that every value of a point has. */
static PetscInt common_flags(const screen_result *r)
{
  PetscInt flags = screen_result_at(r, PROP_ID_DENSITY)->flags &
                   screen_result_at(r, PROP_ID_POTENTIAL_ENERGY)->flags &
                   screen_result_at(r, PROP_ID_KINETIC_TEMPERATURE)->flags;

  for (PetscInt a = 0; a < NSPECIES; a++) flags &= screen_result_at(r, PROP_ID_DIFFUSION)[a].flags;
  for (PetscInt p = 0; p < NSPECIES * NSPECIES; p++) {
    if (screen_result_at(r, PROP_ID_COORDINATION)[p].flags & PROP_FLAG_MISSING) continue;
    flags &= screen_result_at(r, PROP_ID_COORDINATION)[p].flags &
             screen_result_at(r, PROP_ID_RDF_PEAK)[p].flags;
  }
  return flags;
}

/* Of the points above: grade 2.5 in one production of one replica, one that is no number, and none
   known. */
static void test_extrapolating(void **state)
{
  const struct {
    PetscInt point;
    PetscReal save, grade;
    PetscBool flagged;
  } want[] = {{2, 2.1, 2.5, PETSC_TRUE},
              {2, 2.5, 2.5, PETSC_FALSE},
              {2, 0.0, 2.5, PETSC_FALSE},
              {3, 2.1, PETSC_INFINITY, PETSC_TRUE},
              {0, 2.1, PROP_NAN, PETSC_FALSE}};

  (void)state;
  for (size_t k = 0; k < sizeof(want) / sizeof(want[0]); k++) {
    screen_result r;

    campaign.grade_save = want[k].save;
    compute(want[k].point, &r);
    if (isnan(want[k].grade))
      assert_true(isnan(r.grade_max));
    else
      assert_true(r.grade_max == want[k].grade);
    expect(want[k].flagged
               ? common_flags(&r) & PROP_FLAG_EXTRAPOLATING
               : !(screen_result_at(&r, PROP_ID_DENSITY)->flags & PROP_FLAG_EXTRAPOLATING),
           "all values are flagged, or none");
    expect_ok(screen_result_clear(&r));
  }
  campaign.grade_save = 0.0;
}

/* The state of replica r's end of a stage goes to point p, with another walk of its atoms, `width`
 * [Å] a sample (negative: each atom about its place), or a ramp in the first scalar of the stage;
 * what is not wanted is 0. */
static void append_changed(PetscInt p, PetscInt r, screen_stage stage, PetscReal width,
                           PetscReal ramp)
{
  enum { SAMPLES = 2000 };
  random_stream stream = {77 + (uint64_t)r};
  screen_job_state s;
  md_blob blob = {0};

  read_saved(r, stage, &s);
  if (width != 0.0) {
    expect_ok(prop_msd_destroy(&s.msd));
    expect_ok(prop_msd_create(&s.atoms, s.sample_time, &s.msd));
    for (PetscInt k = 0; k < SAMPLES; k++) {
      for (PetscInt i = 0; i < 3 * s.atoms.n; i++)
        s.atoms.x[i] = (width > 0.0 ? s.atoms.x[i] : 0.0) + width * random_normal(&stream);
      expect_ok(prop_msd_add(s.msd, &s.atoms));
    }
  }
  if (ramp > 0.0) {
    prop_series *series = stage == SCREEN_NVE ? &s.temperature : &s.density;

    expect_ok(prop_series_clear(series));
    expect_ok(prop_series_create(series));
    for (PetscInt k = 0; k < SAMPLES; k++)
      expect_ok(prop_series_add(series, ramp * (PetscReal)k + random_normal(&stream)));
  }
  expect_ok(screen_job_state_write(&s, &blob));
  append(QUEUE_RECORD_SEGMENT, p, r, stage, s.done, 0, blob.data, blob.size);
  expect_ok(screen_job_state_clear(&s));
  expect_ok(md_blob_clear(&blob));
}

/* Replicas at constant energy have temperatures of their own, and walks of different speed are no
 * disagreement: their spread is the error of diffusion, known from two replicas.  D of a walk is
 * width^2/(2 dt) with samples every 20 fs. */
static void test_spread(void **state)
{
  const PetscReal slow = 0.09 / 40.0 * 1e-5, fast = 0.16 / 40.0 * 1e-5;
  screen_result r;

  (void)state;
  for (PetscInt k = 0; k < NREPLICA; k++) {
    append(QUEUE_RECORD_SEGMENT, 4, k, SCREEN_EQUILIBRATION,
           screen_stage_steps(&campaign, SCREEN_EQUILIBRATION), 0, saved[k][0].data,
           saved[k][0].size);
    append_changed(4, k, SCREEN_NPT, 0.0, 0.0);
    append_changed(4, k, SCREEN_NVE, k ? 0.4 : 0.3, 0.0);
  }
  compute(4, &r);
  for (PetscInt a = 0; a < NSPECIES; a++) {
    const prop_value d = screen_result_at(&r, PROP_ID_DIFFUSION)[a];

    expect_near(d.value, 0.5 * (slow + fast), 0.25, "mean of both walks");
    expect_near(d.error, 0.5 * (fast - slow), 0.5, "half their difference");
    assert_int_equal(d.flags & PROP_FLAG_REPLICAS_DISAGREE, 0);
    expect(d.neff < 20.0 && d.flags & PROP_FLAG_FEW_SAMPLES, "two replicas are few samples");
  }
  expect_ok(screen_result_clear(&r));
}

/* Atoms that rattle about their places are no liquid: every value of the point says so.  Replicas
   that walk are one. */
static void test_not_liquid(void **state)
{
  screen_result r;

  (void)state;
  compute(4, &r);
  expect(!(screen_result_at(&r, PROP_ID_DIFFUSION)->flags & PROP_FLAG_NOT_LIQUID), "a walk");
  expect_ok(screen_result_clear(&r));
  for (PetscInt k = 0; k < NREPLICA; k++) {
    append(QUEUE_RECORD_SEGMENT, 6, k, SCREEN_EQUILIBRATION,
           screen_stage_steps(&campaign, SCREEN_EQUILIBRATION), 0, saved[k][0].data,
           saved[k][0].size);
    append_changed(6, k, SCREEN_NPT, 0.0, 0.0);
    append_changed(6, k, SCREEN_NVE, -0.3, 0.0);
  }
  compute(6, &r);
  expect(common_flags(&r) & PROP_FLAG_NOT_LIQUID, "atoms stay where they are");
  expect_ok(screen_result_clear(&r));
}

/* Displacements and pairs cannot tell that a run still drifts; its temperature and density can. */
static void test_not_stationary(void **state)
{
  screen_result r;

  (void)state;
  for (PetscInt k = 0; k < NREPLICA; k++) {
    append(QUEUE_RECORD_SEGMENT, 5, k, SCREEN_EQUILIBRATION,
           screen_stage_steps(&campaign, SCREEN_EQUILIBRATION), 0, saved[k][0].data,
           saved[k][0].size);
    append_changed(5, k, SCREEN_NPT, 0.0, k ? 0.0 : 0.01);
    append_changed(5, k, SCREEN_NVE, 0.0, k ? 0.0 : 0.01);
  }
  compute(5, &r);
  expect(screen_result_at(&r, PROP_ID_DENSITY)->flags & PROP_FLAG_NOT_STATIONARY,
         "density of replica 0 rises");
  expect(screen_result_at(&r, PROP_ID_COORDINATION)[1].flags & PROP_FLAG_NOT_STATIONARY,
         "structure of that run");
  expect(screen_result_at(&r, PROP_ID_RDF_PEAK)[1].flags & PROP_FLAG_NOT_STATIONARY,
         "structure of that run");
  expect(screen_result_at(&r, PROP_ID_KINETIC_TEMPERATURE)->flags & PROP_FLAG_NOT_STATIONARY,
         "temperature of replica 0 rises");
  expect(screen_result_at(&r, PROP_ID_DIFFUSION)[0].flags & PROP_FLAG_NOT_STATIONARY,
         "diffusion of that run");
  expect_ok(screen_result_clear(&r));
}

/* Point 1: replica 1 fails first in time, replica 0 later; the lowest counts. Values are missing.
 * */
static void test_failed(void **state)
{
  static const char first[160] = "K 3 and K 5 are 0.4 Å apart",
                    second[160] = "temperature is 9000 K";
  screen_result r;

  (void)state;
  append(QUEUE_RECORD_FAILED, 1, 1, SCREEN_EQUILIBRATION, 20, MD_CLOSE_PAIR, first, sizeof(first));
  compute(1, &r);
  assert_int_equal(r.state, SCREEN_POINT_FAILED);
  assert_int_equal(r.reason, MD_CLOSE_PAIR);
  assert_string_equal(r.detail, first);
  assert_int_equal(r.replicas_failed, 1);
  expect_ok(screen_result_clear(&r));
  append(QUEUE_RECORD_FAILED, 1, 0, SCREEN_EQUILIBRATION, 30, MD_TOO_HOT, second, sizeof(second));
  compute(1, &r);
  assert_int_equal(r.reason, MD_TOO_HOT);
  assert_string_equal(r.detail, second);
  assert_int_equal(r.replicas_failed, 2);
  assert_int_equal(screen_result_at(&r, PROP_ID_DENSITY)->flags, PROP_FLAG_MISSING);
  assert_int_equal(screen_result_at(&r, PROP_ID_COORDINATION)[3].flags, PROP_FLAG_MISSING);
  expect_ok(screen_result_clear(&r));
}

/* A replica that fails after its NPT production is left out with it: the values are those of the
 * other, and say so. */
static void test_survivors(void **state)
{
  static const char why[160] = "an atom is lost";
  prop_estimate density;
  screen_job_state first;
  screen_result r;
  PetscInt flags;

  (void)state;
  read_saved(0, SCREEN_NPT, &first);
  expect_ok(prop_series_estimate(&first.density, &density));
  expect_ok(screen_job_state_clear(&first));
  append(QUEUE_RECORD_FAILED, 0, 1, SCREEN_NVE, screen_stage_steps(&campaign, SCREEN_NVE),
         MD_LOST_ATOM, why, sizeof(why));
  compute(0, &r);
  assert_int_equal(r.state, SCREEN_POINT_PARTIAL);
  assert_int_equal(r.reason, MD_LOST_ATOM);
  assert_string_equal(r.detail, why);
  expect(r.replicas_done == 1 && r.replicas_failed == 1, "one of each");
  expect_near(screen_result_at(&r, PROP_ID_DENSITY)->value,
              1660.5391 * density.mean / MD_ATOMIC_MASS, 1e-7, "that of the other replica");
  flags = screen_result_at(&r, PROP_ID_DENSITY)->flags;
  expect(flags & PROP_FLAG_SURVIVORS && flags & PROP_FLAG_ONE_REPLICA, "says so");
  expect(!(flags & PROP_FLAG_PARTIAL), "and is not unfinished");
  expect(screen_result_at(&r, PROP_ID_DIFFUSION)[0].flags & PROP_FLAG_SURVIVORS, "all values do");
  expect_ok(screen_result_clear(&r));
}

/* Every property of the registry has its own place, known by number and by name, missing at first;
 * it is wanted exactly where the key is that it names. */
static void test_places(void **state)
{
  const screen_campaign nothing = {.nspecies = NSPECIES};
  screen_campaign all = {.nspecies = NSPECIES, .want_potential_energy = PETSC_TRUE};
  screen_result r, empty = {0};
  PetscInt n = 0;

  (void)state;
  all.want_density = all.want_heat_capacity = all.want_viscosity = all.want_diffusion =
      all.want_ionic_conductivity = all.want_thermal_conductivity = all.want_structure =
          all.has_ion_pairs = all.has_solvent = all.want_lifetimes = all.want_rnemd_heat =
              all.want_rnemd_shear = PETSC_TRUE;
  expect_ok(screen_result_create(NSPECIES, &r));
  for (PetscInt i = 0; i < prop_count(); i++) {
    const char *name = prop_get(i)->name;
    const prop_value *value = screen_result_values(&r, name);

    assert_ptr_equal(value, screen_result_at(&r, (prop_id)i));
    assert_int_equal(value - r.value, n);
    n += prop_width(prop_get(i), NSPECIES);
    for (PetscInt k = 0; k < prop_width(prop_get(i), NSPECIES); k++) {
      assert_int_equal(value[k].flags, PROP_FLAG_MISSING);
      assert_true(isnan(screen_result_truncation(&r, (prop_id)i)[k]));
    }
    expect(screen_result_wanted(&all, name), name);
    expect(!screen_result_wanted(&nothing, name), name);
    expect(!screen_result_values(&empty, name), "a result that does not exist");
  }
  expect_ok(screen_result_clear(&r));
  expect(!screen_result_wanted(&all, "colour") && !screen_result_values(&r, "colour"),
         "what is not computed is not wanted");
}

static int begin(void **state)
{
  const PetscReal epsilon[4] = {0.02, 0.10, 0.10, 0.02}, sigma[4] = {3.2, 2.5, 2.5, 3.2};

  (void)state;
  campaign = (screen_campaign){
      .nspecies = NSPECIES,
      .species = species,
      .mass = mass,
      .charge = charge,
      .has_charges = PETSC_TRUE,
      .dt = 2.0,
      .equilibration = 3000.0,
      .production_npt = 4000.0,
      .production_nve = 1200.0,
      .replicas = NREPLICA,
      .guard = md_guard_default(),
      .tau_t = 100.0,
      .tau_p = 500.0,
      .compressibility = 20.0,
      .want_density = PETSC_TRUE,
      .want_viscosity = PETSC_TRUE,
      .want_ionic_conductivity = PETSC_TRUE,
      .want_thermal_conductivity = PETSC_TRUE,
      .conductivity_cutoff = 200.0,
      .carrier = charge,
      .has_ion_pairs = PETSC_TRUE,
      .viscosity_cutoff = 200.0,
      .radius = radius_of,
      .want_diffusion = PETSC_TRUE,
      .want_structure = PETSC_TRUE,
      .want_potential_energy = PETSC_TRUE,
      .rdf_rmax = 8.0,
      .structure_every = 100.0,
      .structure = {
          .qmax = 4.0, .reach = 6.0, .nlife = 1, .life = {{0, 1, 3.4}}, .tolerance = 200.0}};
  for (PetscInt p = 0; p < NPOINT; p++) {
    points[p] = (screen_point){.index = p, .count = count, .natoms = 24, .temperature = 400.0};
    points[p].key.byte[0] = (unsigned char)(1 + p);
  }
  if (!mkdtemp(directory)) return 1;
  if (md_potential_create_lj(NSPECIES, epsilon, sigma, 5.0, PETSC_TRUE, &pot)) return 1;
  pot->min_dist = 2.0;
  if (queue_tasks_compact(directory, "test", &generation)) return 1;
  return queue_journal_open(directory, generation, 0, &journal);
}

static int end(void **state)
{
  static const char *const name[] = {"base", "0"};
  char path[256];

  (void)state;
  for (PetscInt r = 0; r < NREPLICA; r++)
    for (int s = 0; s < SCREEN_FLUX; s++)
      if (md_blob_clear(&saved[r][s])) return 1;
  if (queue_journal_close(&journal) || md_potential_destroy(&pot)) return 1;
  for (int k = 0; k < 2; k++) {
    snprintf(path, sizeof(path), "%s/journal.%lld.%s", directory, (long long)generation, name[k]);
    unlink(path);
  }
  return rmdir(directory);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_planned),       cmocka_unit_test(test_running),
      cmocka_unit_test(test_done),          cmocka_unit_test(test_drift),
      cmocka_unit_test(test_extrapolating), cmocka_unit_test(test_spread),
      cmocka_unit_test(test_not_liquid),    cmocka_unit_test(test_not_stationary),
      cmocka_unit_test(test_failed),        cmocka_unit_test(test_survivors),
      cmocka_unit_test(test_places)};
  int failed;

  if (PetscInitialize(&argc, &argv, NULL, about)) return 99;
  failed = cmocka_run_group_tests_name("screen_result", tests, begin, end);
  if (PetscFinalize()) return 98;
  return failed;
}
