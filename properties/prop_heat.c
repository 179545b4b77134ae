/* properties/prop_heat.c - fluctuations at constant pressure
 *
 * With the means of all replicas as origin, the mean of (H - <H>)^2 is stationary at first order in
 * <H>: an error of the mean enters it squared only.  So a quantity f(<V>, var V, var H, cov HV)
 * changes with block b by the sum of its derivatives times what the block has of each, and that is
 * an ordinary series whose mean is known to an ordinary error bar.
 *
 * Subtracting means of the same data makes variances too small by the variance of those means; it
 * is known from the same machinery, and added.
 */
#include "properties/prop_heat.h"

#include "md/md_units.h"
#include "properties/prop_series.h"

/* What quantities are functions of */
enum { MEAN_V, VAR_V, VAR_H, COV_HV, NMOMENT };

typedef struct {
  PetscReal m[NMOMENT]; /* Å^3, Å^6, eV^2, eV Å^3 */
  PetscReal mean_h;     /* [eV] */
} moments;

static PetscReal mass_kg(const prop_heat_cell *cell)
{
  return cell->mass / MD_ATOMIC_MASS * MD_ATOMIC_MASS_KG;
}

PetscReal prop_heat_per_atom(const prop_heat_cell *cell)
{
  return cell->natom > 0 ? mass_kg(cell) * MD_AVOGADRO / (PetscReal)cell->natom : PROP_NAN;
}

PetscReal prop_heat_per_formula(const prop_heat_cell *cell)
{
  return cell->nformula > 0.0 ? mass_kg(cell) * MD_AVOGADRO / cell->nformula : PROP_NAN;
}

prop_value prop_heat_scaled(const prop_value *value, PetscReal factor)
{
  prop_value out = *value;

  if (value->flags & PROP_FLAG_MISSING || PetscIsNanReal(factor)) return prop_value_missing;
  out.value *= factor;
  out.error *= PetscAbsReal(factor);
  return out;
}

/* (V - <V>)^2 and its like of one block from those about the offset of its replica */
static PetscReal central(PetscReal product, PetscReal a, PetscReal b, PetscReal shift_a,
                         PetscReal shift_b)
{
  /* a, b: block means about the offsets; shift: pooled mean minus offset */
  return product - shift_a * b - shift_b * a + shift_a * shift_b;
}

static void block_moments(const prop_heat_run *r, PetscInt i, const moments *about,
                          PetscReal c[NMOMENT])
{
  const PetscReal v = r->v[i] - r->v0, h = r->h[i] - r->h0;
  const PetscReal sv = about->m[MEAN_V] - r->v0, sh = about->mean_h - r->h0;

  c[MEAN_V] = r->v[i];
  c[VAR_V] = central(r->vv[i], v, v, sv, sv);
  c[VAR_H] = central(r->hh[i], h, h, sh, sh);
  c[COV_HV] = central(r->hv[i], h, v, sh, sv);
}

/* Means over all replicas, then second moments about them */
static void pool(PetscInt nrun, const prop_heat_run run[], moments *all)
{
  PetscReal weight = 0.0, v0 = 0.0, h0 = 0.0;

  *all = (moments){.mean_h = 0.0};
  for (PetscInt k = 0; k < nrun; k++) weight += run[k].length * (PetscReal)run[k].n;
  for (PetscInt k = 0; k < nrun; k++) {
    if (run[k].n > 0) {
      v0 = run[k].v[0];
      h0 = run[k].h[0];
    }
  }
  for (PetscInt k = 0; k < nrun; k++) {
    for (PetscInt i = 0; i < run[k].n; i++) {
      all->m[MEAN_V] += run[k].length / weight * (run[k].v[i] - v0);
      all->mean_h += run[k].length / weight * (run[k].h[i] - h0);
    }
  }
  all->m[MEAN_V] += v0;
  all->mean_h += h0;
  for (PetscInt k = 0; k < nrun; k++) {
    for (PetscInt i = 0; i < run[k].n; i++) {
      PetscReal c[NMOMENT];

      block_moments(&run[k], i, all, c);
      for (PetscInt j = VAR_V; j < NMOMENT; j++) all->m[j] += run[k].length / weight * c[j];
    }
  }
}

/* [SI] a quantity as a function of the moments */
static PetscReal quantity(const prop_heat_cell *cell, prop_heat_quantity q, const PetscReal m[])
{
  const PetscReal kt = MD_BOLTZMANN * cell->temperature, kt2 = kt * cell->temperature;
  const PetscReal to_mass = MD_ELEMENTARY_CHARGE_C / mass_kg(cell); /* eV/K a cell to J/(kg K) */
  const PetscReal cp = m[VAR_H] / kt2, cv = cp - m[COV_HV] * m[COV_HV] / (m[VAR_V] * kt2);
  const PetscReal kappa_t = m[VAR_V] / (kt * m[MEAN_V]) / MD_PRESSURE_PA;

  switch (q) {
  case PROP_HEAT_CP:
    return cp * to_mass;
  case PROP_HEAT_EXPANSION:
    return m[COV_HV] / (kt2 * m[MEAN_V]);
  case PROP_HEAT_KAPPA_T:
    return kappa_t;
  case PROP_HEAT_CV:
    return cv * to_mass;
  case PROP_HEAT_KAPPA_S:
    return kappa_t * cv / cp;
  default: /* speed of sound; the density is that of the mean volume */
    return PetscSqrtReal(m[MEAN_V] * 1e-30 / (mass_kg(cell) * kappa_t * cv / cp));
  }
}

/* Derivatives by central differences: every quantity is smooth on the scale of a thousandth of its
   moments.  For a covariance that may be zero, that scale is the product of the two deviations. */
static void derivatives(const prop_heat_cell *cell, prop_heat_quantity q, const PetscReal m[],
                        PetscReal d[NMOMENT])
{
  const PetscReal scale[NMOMENT] = {m[MEAN_V], m[VAR_V], m[VAR_H],
                                    PetscSqrtReal(m[VAR_V] * m[VAR_H])};

  for (PetscInt j = 0; j < NMOMENT; j++) {
    const PetscReal step = 1e-5 * scale[j];
    PetscReal low[NMOMENT], high[NMOMENT];

    for (PetscInt i = 0; i < NMOMENT; i++) low[i] = high[i] = m[i];
    low[j] -= step;
    high[j] += step;
    d[j] = (quantity(cell, q, high) - quantity(cell, q, low)) / (2.0 * step);
  }
}

/* Error of the mean of `a V + b H` over replicas, squared; scratch [largest n] */
static PetscErrorCode mean_variance(PetscInt nrun, const prop_heat_run run[], const PetscReal ab[2],
                                    PetscReal scratch[], prop_estimate est[], PetscReal *variance)
{
  prop_value value;

  PetscFunctionBegin;
  for (PetscInt k = 0; k < nrun; k++) {
    for (PetscInt i = 0; i < run[k].n; i++) {
      scratch[i] = ab[0] * (run[k].v[i] - run[k].v0) + ab[1] * (run[k].h[i] - run[k].h0);
    }
    PetscCall(prop_series_stationary(run[k].n, scratch, &est[k]));
    est[k].mean += ab[0] * run[k].v0 + ab[1] * run[k].h0;
  }
  PetscCall(prop_combine(nrun, est, 1.0, &value));
  *variance = value.error > 0.0 ? value.error * value.error : 0.0;
  PetscFunctionReturn(0);
}

/* Second moments as they would be about the true means */
static PetscErrorCode restore(PetscInt nrun, const prop_heat_run run[], const moments *all,
                              PetscReal scratch[], prop_estimate est[], moments *restored)
{
  const PetscReal sv = PetscSqrtReal(all->m[VAR_V]), sh = PetscSqrtReal(all->m[VAR_H]);
  const PetscReal v[2] = {1.0, 0.0}, h[2] = {0.0, 1.0}, both[2] = {1.0 / sv, 1.0 / sh};
  PetscReal uv, uh, uboth;

  PetscFunctionBegin;
  *restored = *all;
  PetscCall(mean_variance(nrun, run, v, scratch, est, &uv));
  PetscCall(mean_variance(nrun, run, h, scratch, est, &uh));
  PetscCall(mean_variance(nrun, run, both, scratch, est, &uboth));
  restored->m[VAR_V] += uv;
  restored->m[VAR_H] += uh;
  if (uv > 0.0 && uh > 0.0 && uboth > 0.0) {
    const PetscReal c = 0.5 * sv * sh * (uboth - uv / (sv * sv) - uh / (sh * sh));
    const PetscReal most = PetscSqrtReal(uv * uh);

    restored->m[COV_HV] += PetscClipInterval(c, -most, most);
  }
  PetscFunctionReturn(0);
}

/* One quantity: value from the moments, error from the series of its first-order changes */
static PetscErrorCode estimate(const prop_heat_cell *cell, prop_heat_quantity q, PetscInt nrun,
                               const prop_heat_run run[], const moments all[2], PetscReal scratch[],
                               prop_estimate est[], prop_value *out)
{
  PetscReal d[NMOMENT];
  const PetscReal value = quantity(cell, q, all[1].m);

  PetscFunctionBegin;
  *out = prop_value_missing;
  if (PetscIsInfOrNanReal(value)) PetscFunctionReturn(0);
  derivatives(cell, q, all[0].m, d);
  for (PetscInt k = 0; k < nrun; k++) {
    for (PetscInt i = 0; i < run[k].n; i++) {
      PetscReal c[NMOMENT];

      block_moments(&run[k], i, &all[0], c);
      scratch[i] = 0.0;
      for (PetscInt j = 0; j < NMOMENT; j++) scratch[i] += d[j] * (c[j] - all[0].m[j]);
    }
    PetscCall(prop_series_stationary(run[k].n, scratch, &est[k]));
  }
  PetscCall(prop_combine(nrun, est, 1.0, out));
  if (out->flags & PROP_FLAG_MISSING) PetscFunctionReturn(0);
  out->value = value;
  if (!(out->error > 0.0)) {
    out->error = PROP_NAN;
    out->flags |= PROP_FLAG_FEW_SAMPLES;
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode check(const prop_heat_cell *cell, PetscInt nrun, const prop_heat_run run[])
{
  PetscFunctionBegin;
  PetscCheck(cell->mass > 0.0 && cell->temperature > 0.0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Mass %g and temperature %g must be positive", (double)cell->mass,
             (double)cell->temperature);
  for (PetscInt k = 0; k < nrun; k++) {
    PetscCheck(run[k].length > 0.0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
               "Block length %g of replica %" PetscInt_FMT " must be positive",
               (double)run[k].length, k);
    for (PetscInt i = 0; i < run[k].n; i++) {
      const PetscReal sum = run[k].v[i] + run[k].h[i] + run[k].vv[i] + run[k].hh[i] + run[k].hv[i];

      PetscCheck(!PetscIsInfOrNanReal(sum), PETSC_COMM_SELF, PETSC_ERR_FP,
                 "Block %" PetscInt_FMT " of replica %" PetscInt_FMT " is infinity or NaN", i, k);
    }
  }
  PetscFunctionReturn(0);
}

/* Whether V and H fluctuate at all, beyond what rounding makes of equal samples */
static PetscBool fluctuates(const moments *all)
{
  const PetscReal noise = 16.0 * PETSC_MACHINE_EPSILON;

  return (PetscBool)(all->m[VAR_V] > PetscSqr(noise * all->m[MEAN_V]) &&
                     all->m[VAR_H] > PetscSqr(noise * all->mean_h) &&
                     PetscSqr(all->m[COV_HV]) < all->m[VAR_V] * all->m[VAR_H]);
}

PetscErrorCode prop_heat_fluctuation(const prop_heat_cell *cell, PetscInt nrun,
                                     const prop_heat_run run[], prop_value out[PROP_HEAT_NQUANTITY])
{
  PetscReal *scratch;
  prop_estimate *est;
  moments all[2]; /* as measured, and restored */
  PetscInt longest = 0;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(check(cell, nrun, run));
  for (PetscInt q = 0; q < PROP_HEAT_NQUANTITY; q++) out[q] = prop_value_missing;
  for (PetscInt k = 0; k < nrun; k++) longest = PetscMax(longest, run[k].n);
  if (longest == 0) PetscFunctionReturn(0);
  pool(nrun, run, &all[0]);
  if (!fluctuates(&all[0])) PetscFunctionReturn(0);

  PetscCall(PetscMalloc1(longest, &scratch));
  PetscCall(PetscMalloc1(nrun, &est));
  ierr = restore(nrun, run, &all[0], scratch, est, &all[1]);
  for (PetscInt q = 0; q < PROP_HEAT_NQUANTITY && !ierr; q++) {
    ierr = estimate(cell, (prop_heat_quantity)q, nrun, run, all, scratch, est, &out[q]);
    if (cell->classical && q != PROP_HEAT_EXPANSION && q != PROP_HEAT_KAPPA_T &&
        !(out[q].flags & PROP_FLAG_MISSING))
      out[q].flags |= PROP_FLAG_CLASSICAL;
  }
  PetscCall(PetscFree(est));
  PetscCall(PetscFree(scratch));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}
