/* tests/support/thermo_calibration.h - error bars of heat capacities and fits against known truth
 *
 * Synthetic data, many times over: the truth must lie within one (two) errors, with Student's
 * factors for the samples behind each error bar, in 68 (95) % of cases.  Two programs use
 * this: 200 repetitions in every run of the tests, 3000 and more in the long ones.
 */
#pragma once

#include "md/md_units.h"
#include "properties/prop_heat.h"
#include "properties/prop_stat.h"
#include "properties/prop_surface.h"
#include "tests/support/expect.h"
#include "tests/support/random.h"

/* Repetitions, and how far fractions may be from 68.3 and 95 % */
typedef struct {
  PetscInt repetitions;
  PetscReal one, two;
} calibration;

typedef struct {
  PetscReal n, one, two, sum, squares;
} tally;

/* Student's factor for 68.27 %: the expansion about 1 of Abramowitz & Stegun 26.7.5 */
static inline PetscReal student68(PetscReal dof)
{
  return 1.0 + 0.5 / dof + 0.25 / (dof * dof);
}

/* neff 0: an error that is known */
static inline void tally_add(tally *t, const prop_value *v, PetscReal truth)
{
  const PetscReal dof = v->neff > 0.0 ? PetscMax(1.0, floor(v->neff) - 1.0) : 1e6;
  const PetscReal z = (v->value - truth) / v->error;

  expect(v->error > 0.0 && isfinite(v->value), "a value with an error bar");
  t->n += 1.0;
  t->one += fabs(z) < student68(dof) ? 1.0 : 0.0;
  t->two += fabs(z) < prop_student95((PetscInt)dof) ? 1.0 : 0.0;
  t->sum += z;
  t->squares += z * z;
}

static inline void tally_check(const tally *t, const calibration *c, const char *what)
{
  print_message("%-34s within one %.3f two %.3f, z: mean %+.3f rms %.3f\n", what, t->one / t->n,
                t->two / t->n, t->sum / t->n, sqrt(t->squares / t->n));
  expect_abs(t->one / t->n, 0.6827, c->one, what);
  expect_abs(t->two / t->n, 0.95, c->two, what);
}

/* Blocks of one replica, ten samples each; offsets are the first sample */
enum { BLOCK = 10, NBLOCK = 1000, NREPLICA = 10 };

typedef struct {
  PetscReal v[NBLOCK], h[NBLOCK], vv[NBLOCK], hh[NBLOCK], hv[NBLOCK], v0, h0;
} blocks;

static inline void blocks_add(blocks *b, PetscInt i, PetscReal v, PetscReal h)
{
  const PetscInt k = i / BLOCK;

  if (i == 0) {
    b->v0 = v;
    b->h0 = h;
  }
  if (i % BLOCK == 0) b->v[k] = b->h[k] = b->vv[k] = b->hh[k] = b->hv[k] = 0.0;
  b->v[k] += v / BLOCK;
  b->h[k] += h / BLOCK;
  b->vv[k] += (v - b->v0) * (v - b->v0) / BLOCK;
  b->hh[k] += (h - b->h0) * (h - b->h0) / BLOCK;
  b->hv[k] += (h - b->h0) * (v - b->v0) / BLOCK;
}

static inline prop_heat_run blocks_run(const blocks *b)
{
  return (prop_heat_run){.n = NBLOCK,
                         .length = BLOCK,
                         .v = b->v,
                         .h = b->h,
                         .vv = b->vv,
                         .hh = b->hh,
                         .hv = b->hv,
                         .v0 = b->v0,
                         .h0 = b->h0};
}

/* What a replica is made of, and the six quantities it must give */
typedef struct {
  prop_heat_cell cell;
  PetscReal v, h, sv, sh, r; /* means, standard deviations, correlation */
  PetscReal truth[PROP_HEAT_NQUANTITY];
} liquid;

static inline void liquid_truth(liquid *l)
{
  const PetscReal t = l->cell.temperature, kt = MD_BOLTZMANN * t;
  const PetscReal kg = l->cell.mass / MD_ATOMIC_MASS * MD_ATOMIC_MASS_KG;
  const PetscReal cp = l->sh * l->sh / (kt * t) * MD_ELEMENTARY_CHARGE_C / kg;
  const PetscReal kappa = l->sv * l->sv / (kt * l->v) / MD_PRESSURE_PA, ratio = 1.0 - l->r * l->r;

  l->truth[PROP_HEAT_CP] = cp;
  l->truth[PROP_HEAT_EXPANSION] = l->r * l->sh * l->sv / (kt * t * l->v);
  l->truth[PROP_HEAT_KAPPA_T] = kappa;
  l->truth[PROP_HEAT_CV] = cp * ratio;
  l->truth[PROP_HEAT_KAPPA_S] = kappa * ratio;
  l->truth[PROP_HEAT_SOUND] = 1.0 / sqrt(kg / (l->v * 1e-30) * kappa * ratio);
}

/* Two AR(1) processes with memories of 50 and 10 samples; V is the slow one, H = r V + rest. */
static inline void gaussian_replica(random_stream *s, const liquid *l, blocks *b)
{
  const PetscReal slow = exp(-1.0 / 50.0), fast = exp(-1.0 / 10.0), rest = sqrt(1.0 - l->r * l->r);
  PetscReal x = random_normal(s), y = random_normal(s);

  for (PetscInt i = 0; i < NBLOCK * BLOCK; i++) {
    blocks_add(b, i, l->v + l->sv * x, l->h + l->sh * (l->r * x + rest * y));
    x = slow * x + sqrt(1.0 - slow * slow) * random_normal(s);
    y = fast * y + sqrt(1.0 - fast * fast) * random_normal(s);
  }
}

/* Gamma variate of whole shape plus half of `halves`: sums of exponentials and of a square */
static inline PetscReal gamma_variate(random_stream *s, PetscInt twice_shape)
{
  PetscReal sum = 0.0;

  for (PetscInt i = 0; i < twice_shape / 2; i++) sum -= log(random_uniform(s));
  if (twice_shape % 2) sum += 0.5 * PetscSqr(random_normal(s));
  return sum;
}

/* N atoms that do not see each other: V/(k_B T/P) is Gamma(N + 1), K/(k_B T) is Gamma(3 N/2), and
   H = K + P V. */
static inline void ideal_replica(random_stream *s, const liquid *l, PetscReal pressure, blocks *b)
{
  const PetscReal kt = MD_BOLTZMANN * l->cell.temperature;

  for (PetscInt i = 0; i < NBLOCK * BLOCK; i++) {
    const PetscReal v = kt / pressure * gamma_variate(s, 2 * (l->cell.natom + 1));
    const PetscReal k = kt * gamma_variate(s, 3 * l->cell.natom);

    blocks_add(b, i, v, k + pressure * v);
  }
}

static const char *const heat_names[] = {"C_p", "alpha",   "kappa_T",
                                         "C_v", "kappa_S", "speed of sound"};

static inline void calibrate_gaussian(const calibration *c, PetscInt nrun, uint64_t seed)
{
  static blocks b[NREPLICA];
  const PetscReal kt = MD_BOLTZMANN * 1000.0;
  liquid l = {.cell = {2e4 * MD_ATOMIC_MASS, 1000.0, 500, 250.0, PETSC_FALSE},
              .v = 1e4,
              .h = -2000.0,
              .sv = 120.0,
              .sh = sqrt(500.0 * 4.0) * kt, /* C_p = 4 k_B an atom */
              .r = 0.6};
  random_stream s = {seed};
  tally t[PROP_HEAT_NQUANTITY] = {{.n = 0.0}};

  liquid_truth(&l);
  for (PetscInt k = 0; k < c->repetitions; k++) {
    prop_heat_run run[NREPLICA];
    prop_value out[PROP_HEAT_NQUANTITY];

    for (PetscInt i = 0; i < nrun; i++) {
      gaussian_replica(&s, &l, &b[i]);
      run[i] = blocks_run(&b[i]);
    }
    expect_ok(prop_heat_fluctuation(&l.cell, nrun, run, out));
    for (PetscInt q = 0; q < PROP_HEAT_NQUANTITY; q++) tally_add(&t[q], &out[q], l.truth[q]);
  }
  print_message("%d replicas of Gaussian H and V:\n", (int)nrun);
  for (PetscInt q = 0; q < PROP_HEAT_NQUANTITY; q++) tally_check(&t[q], c, heat_names[q]);
}

/* Twenty atoms that do not see each other, with the textbook's answers */
static inline void calibrate_ideal(const calibration *c, uint64_t seed)
{
  enum { ATOMS = 20 };
  static blocks b;
  const PetscReal t0 = 300.0, kt = MD_BOLTZMANN * t0, pressure = 1e-5, n = ATOMS;
  liquid l = {.cell = {ATOMS * 40.0 * MD_ATOMIC_MASS, t0, ATOMS, ATOMS, PETSC_FALSE},
              .v = (n + 1.0) * kt / pressure,
              .sv = sqrt(n + 1.0) * kt / pressure,
              .sh = sqrt(2.5 * n + 1.0) * kt};
  random_stream s = {seed};
  tally t[PROP_HEAT_NQUANTITY] = {{.n = 0.0}};

  l.r = pressure * l.sv / l.sh;
  liquid_truth(&l);
  expect_near(l.truth[PROP_HEAT_EXPANSION], 1.0 / t0, 1e-12, "alpha of an ideal gas is 1/T");
  expect_near(l.truth[PROP_HEAT_KAPPA_T], 1.0 / (pressure * MD_PRESSURE_PA), 1e-12,
              "kappa_T is 1/P");
  expect_near(l.truth[PROP_HEAT_CV] * prop_heat_per_atom(&l.cell),
              1.5 * MD_BOLTZMANN * MD_ELEMENTARY_CHARGE_C * MD_AVOGADRO, 1e-9, "C_v is 3/2 R");
  for (PetscInt k = 0; k < c->repetitions; k++) {
    prop_value out[PROP_HEAT_NQUANTITY];
    prop_heat_run run;

    ideal_replica(&s, &l, pressure, &b);
    run = blocks_run(&b);
    expect_ok(prop_heat_fluctuation(&l.cell, 1, &run, out));
    for (PetscInt q = 0; q < PROP_HEAT_NQUANTITY; q++) tally_add(&t[q], &out[q], l.truth[q]);
  }
  print_message("ideal gas, one replica:\n");
  for (PetscInt q = 0; q < PROP_HEAT_NQUANTITY; q++) tally_check(&t[q], c, heat_names[q]);
}

/* Slopes of y = 75 T + curvature (T - 1000)^2 at the first and the fourth of seven temperatures,
   errors 80 to 120; the degree is chosen from the data. */
static inline void calibrate_slopes(const calibration *c, PetscReal curvature, uint64_t seed)
{
  enum { N = 7 };
  random_stream s = {seed};
  tally first = {0}, middle = {0};

  for (PetscInt k = 0; k < c->repetitions; k++) {
    PetscReal t[N];
    prop_value y[N];
    prop_heat_slope slope[N];

    for (PetscInt i = 0; i < N; i++) {
      t[i] = 850.0 + 50.0 * (PetscReal)i;
      y[i] = (prop_value){.error = 80.0 + 20.0 * (PetscReal)(i % 3)};
      y[i].value = 75.0 * t[i] + curvature * PetscSqr(t[i] - 1000.0);
      y[i].value += y[i].error * random_normal(&s);
    }
    expect_ok(prop_heat_slopes(N, t, y, slope));
    tally_add(&first, &slope[0].slope, 75.0 - 300.0 * curvature);
    tally_add(&middle, &slope[3].slope, 75.0);
  }
  print_message("slopes, curvature %g:\n", (double)curvature);
  tally_check(&first, c, "at the first temperature");
  tally_check(&middle, c, "in the middle");
}

/* Temperatures, values with errors of a given relative size about a truth */
enum { NT = 7 };

static inline void noisy(random_stream *s, const prop_fit *truth, PetscReal low, PetscReal high,
                         PetscReal relative, PetscReal t[NT], prop_value y[NT])
{
  for (PetscInt i = 0; i < NT; i++) {
    const PetscReal e = relative * (1.0 + 0.5 * (PetscReal)(i % 2));

    t[i] = low + (high - low) * (PetscReal)i / (PetscReal)(NT - 1);
    expect_ok(prop_fit_predict(truth, t[i], &y[i], NULL));
    y[i].flags = 0;
    y[i].error = e * fabs(y[i].value);
    y[i].value += y[i].error * random_normal(s);
  }
}

static inline prop_fit truth_of(prop_fit_model model, PetscReal a, PetscReal b, PetscReal c)
{
  return (prop_fit){
      .model = model, .reason = PROP_FIT_OK, .widening = 1.0, .coefficient = {a, b, c, 0.0}};
}

/* Fits all models of a property, predicts with the chosen one at `at`; returns the fraction in
   which the true model was chosen. */
static inline PetscReal calibrate_fit(const calibration *c, const char *property,
                                      const prop_fit *truth, const PetscReal range[3],
                                      PetscReal relative, uint64_t seed)
{
  prop_fit_model model[PROP_FIT_NMODEL];
  const PetscInt n = prop_fit_models(property, model);
  random_stream s = {seed};
  tally prediction = {0};
  PetscReal right = 0.0;
  prop_value exact, v;

  expect_ok(prop_fit_predict(truth, range[2], &exact, NULL));
  for (PetscInt k = 0; k < c->repetitions; k++) {
    prop_fit fit[PROP_FIT_NMODEL];
    PetscReal t[NT];
    prop_value y[NT];
    PetscInt best;

    noisy(&s, truth, range[0], range[1], relative, t, y);
    for (PetscInt i = 0; i < n; i++) {
      expect_ok(prop_fit_temperature(model[i], NT, t, y, &fit[i]));
    }
    best = prop_fit_choose(n, fit);
    expect(best >= 0, "one of the models can be fitted");
    right += fit[best].model == truth->model ? 1.0 / (PetscReal)c->repetitions : 0.0;
    expect_ok(prop_fit_predict(&fit[best], range[2], &v, NULL));
    tally_add(&prediction, &v, exact.value);
  }
  print_message("%s from %s: chosen in %.3f\n", property, prop_fit_formula(truth->model), right);
  tally_check(&prediction, c, property);
  return right;
}

/* Scatter of coefficients over repetitions against the covariance that a fit states: variances, and
   the correlation of the first two */
static inline void compare_covariance(const prop_fit *truth, PetscReal low, PetscReal high,
                                      PetscReal relative, PetscInt repetitions, uint64_t seed)
{
  random_stream s = {seed};
  PetscReal stated[3] = {0.0}, seen[3] = {0.0}, n = 0.0;

  for (PetscInt k = 0; k < repetitions; k++) {
    PetscReal t[NT], d[2];
    prop_value y[NT];
    prop_fit f;

    noisy(&s, truth, low, high, relative, t, y);
    expect_ok(prop_fit_temperature(truth->model, NT, t, y, &f));
    expect(f.reason == PROP_FIT_OK, "the true model can be fitted");
    for (PetscInt i = 0; i < 2; i++) d[i] = f.coefficient[i] - truth->coefficient[i];
    seen[0] += d[0] * d[0];
    seen[1] += d[1] * d[1];
    seen[2] += d[0] * d[1];
    stated[0] += f.covariance[0];
    stated[1] += f.covariance[f.nparam + 1];
    stated[2] += f.covariance[1];
    n += 1.0;
  }
  print_message("%s: scatter over stated %.3f %.3f, correlation %.5f stated %.5f\n",
                prop_fit_formula(truth->model), sqrt(seen[0] / stated[0]),
                sqrt(seen[1] / stated[1]), seen[2] / sqrt(seen[0] * seen[1]),
                stated[2] / sqrt(stated[0] * stated[1]));
  expect_abs(sqrt(seen[0] / stated[0]), 1.0, 4.0 / sqrt(2.0 * n), "scatter of a");
  expect_abs(sqrt(seen[1] / stated[1]), 1.0, 4.0 / sqrt(2.0 * n), "scatter of b");
  expect_near(1.0 - fabs(seen[2]) / sqrt(seen[0] * seen[1]),
              1.0 - fabs(stated[2]) / sqrt(stated[0] * stated[1]), 0.5, "correlation of a and b");
}

/* ln eta of a binary with a skewed excess on five compositions and four temperatures, 4 % errors;
   orders chosen from the data; predicted between the points */
static inline void calibrate_surface(const calibration *c, uint64_t seed)
{
  enum { NX = 5, NTS = 4, N = NX * NTS };
  const PetscReal at[2] = {0.4, 0.6}, ends[2] = {1.0, 0.0};
  random_stream s = {seed};
  tally inside = {0}, end = {0};
  PetscReal right = 0.0;

  for (PetscInt k = 0; k < c->repetitions; k++) {
    PetscReal x[2 * N], t[N];
    prop_value y[N], v;
    const prop_surface_points p = {.npoint = N, .ncomponent = 2, .x = x, .t = t, .y = y};
    prop_surface surface;

    for (PetscInt i = 0; i < N; i++) {
      const PetscInt row = i / NX;

      x[2 * i] = 0.25 * (PetscReal)(i % NX);
      x[2 * i + 1] = 1.0 - x[2 * i];
      t[i] = 950.0 + 50.0 * (PetscReal)row;
      y[i] = (prop_value){
          .value = exp(x[2 * i] * (-9.0 + 3500.0 / t[i]) + x[2 * i + 1] * (-9.5 + 2900.0 / t[i]) +
                       x[2 * i] * x[2 * i + 1] * (0.5 - 0.8 * (2.0 * x[2 * i] - 1.0)))};
      y[i].error = 0.04 * y[i].value;
      y[i].value += y[i].error * random_normal(&s);
    }
    expect_ok(prop_surface_best(&p, PROP_SURFACE_LOG, &surface));
    right += surface.order == 1 && surface.nideal == 2 ? 1.0 / (PetscReal)c->repetitions : 0.0;
    expect_ok(prop_surface_predict(&surface, at, 1020.0, &v, NULL));
    tally_add(&inside, &v,
              exp(0.4 * (-9.0 + 3500.0 / 1020.0) + 0.6 * (-9.5 + 2900.0 / 1020.0) +
                  0.24 * (0.5 + 0.8 * 0.2)));
    expect_ok(prop_surface_predict(&surface, ends, 950.0, &v, NULL));
    tally_add(&end, &v, exp(-9.0 + 3500.0 / 950.0));
    expect_ok(prop_surface_clear(&surface));
  }
  print_message("surface of ln y: true orders chosen in %.3f\n", right);
  tally_check(&inside, c, "between the points");
  tally_check(&end, c, "at a corner");
  expect(right > 0.85, "AICc finds the orders");
}

/* C_p = 60 + 0.02 T through enthalpies at seven temperatures, model by AICc, predicted between */
static inline void calibrate_heat_capacity(const calibration *c, uint64_t seed)
{
  prop_fit_model model[PROP_FIT_NMODEL];
  const PetscInt n = prop_fit_models("heat_capacity", model);
  random_stream s = {seed};
  tally prediction = {0};

  for (PetscInt k = 0; k < c->repetitions; k++) {
    prop_fit fit[PROP_FIT_NMODEL];
    PetscReal t[NT];
    prop_value h[NT], v;

    for (PetscInt i = 0; i < NT; i++) {
      t[i] = 900.0 + 50.0 * (PetscReal)i;
      h[i] = (prop_value){.value = 60.0 * t[i] + 0.01 * t[i] * t[i] - 5e5, .error = 30.0};
      h[i].value += h[i].error * random_normal(&s);
    }
    for (PetscInt i = 0; i < n; i++) {
      expect_ok(prop_fit_heat_capacity(model[i], NT, t, h, &fit[i]));
    }
    expect_ok(prop_fit_predict(&fit[prop_fit_choose(n, fit)], 1040.0, &v, NULL));
    tally_add(&prediction, &v, 60.0 + 0.02 * 1040.0);
  }
  tally_check(&prediction, c, "C_p through enthalpies");
}
