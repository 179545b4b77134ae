/* properties/prop_committee.c - random effects over the members of a committee
 *
 * A sum of squares that exceeds what sampling errors explain is put down to the potentials.  Error
 * bars from few samples are themselves uncertain and would show differences that are not there;
 * they enter widened, as in prop_combine.c.
 */
#include "properties/prop_committee.h"

#include "properties/prop_stat.h"

enum { BISECTIONS = 200 };

/* Members that count */
typedef struct {
  PetscInt n;
  PetscReal *mean, *variance; /* [n]; NaN variance: no error bar, then for all */
  PetscReal *neff;            /* [n] */
  PetscBool weighted;
} panel;

static PetscBool has_error(const prop_value *v)
{
  return (PetscBool)(v->error > 0.0 && !PetscIsInfOrNanReal(v->error));
}

static PetscBool is_there(const prop_value *v)
{
  return (PetscBool)(!(v->flags & PROP_FLAG_MISSING) && !PetscIsInfOrNanReal(v->value));
}

/* Square of an error bar, widened to the variance of Student's t for few samples behind it; an
   unknown number of samples (0) is taken to be large. */
static PetscReal widened(const prop_value *v)
{
  const PetscReal e2 = v->error * v->error;

  if (!(v->neff > 0.0)) return e2;
  return e2 * (v->neff >= 5.0 ? (v->neff - 1.0) / (v->neff - 3.0) : 2.0);
}

/* The arrays of p have room for n. */
static void panel_fill(PetscInt n, const prop_value member[], panel *p, PetscInt *flags)
{
  for (PetscInt i = 0; i < n; i++) {
    if (is_there(&member[i]) && has_error(&member[i])) p->weighted = PETSC_TRUE;
  }
  for (PetscInt i = 0; i < n; i++) {
    if (!is_there(&member[i]) || (p->weighted && !has_error(&member[i]))) continue;
    p->mean[p->n] = member[i].value;
    p->variance[p->n] = p->weighted ? widened(&member[i]) : PROP_NAN;
    p->neff[p->n] = member[i].neff;
    *flags |= member[i].flags;
    p->n++;
  }
}

/* Mean with the weights 1/(variance + tau2), and the sum of squares about it */
static PetscReal weighted_mean(const panel *p, PetscReal tau2, PetscReal *squares)
{
  PetscReal weight = 0.0, mean = 0.0;

  for (PetscInt i = 0; i < p->n; i++) weight += 1.0 / (p->variance[i] + tau2);
  for (PetscInt i = 0; i < p->n; i++) {
    mean += (p->mean[i] - p->mean[0]) / (p->variance[i] + tau2) / weight;
  }
  mean += p->mean[0];
  *squares = 0.0;
  for (PetscInt i = 0; i < p->n; i++) {
    *squares += PetscSqr(p->mean[i] - mean) / (p->variance[i] + tau2);
  }
  return mean;
}

static PetscReal between_variance(const panel *p, PetscReal squares)
{
  PetscReal sum = 0.0, sum2 = 0.0;

  for (PetscInt i = 0; i < p->n; i++) {
    sum += 1.0 / p->variance[i];
    sum2 += 1.0 / PetscSqr(p->variance[i]);
  }
  return PetscMax(0.0, (squares - (PetscReal)(p->n - 1)) / (sum - sum2 / sum));
}

/* Sum of squares at tau^2.  Members that agree better than their errors say (Q < n - 1) tell no
   more about tau than members that scatter just so: `typical` deviations, (n - 1)/n variance, are
   taken for theirs. */
static PetscReal squares_at(const panel *p, PetscReal tau2, PetscBool typical)
{
  PetscReal squares = 0.0;

  if (!typical) {
    (void)weighted_mean(p, tau2, &squares);
    return squares;
  }
  for (PetscInt i = 0; i < p->n; i++) squares += p->variance[i] / (p->variance[i] + tau2);
  return squares * (PetscReal)(p->n - 1) / (PetscReal)p->n;
}

/* tau at which the sum of squares has only 2.5 % of its distribution below it */
static PetscErrorCode upper_limit(const panel *p, PetscReal *tau)
{
  const PetscBool typical = (PetscBool)(squares_at(p, 0.0, PETSC_FALSE) < (PetscReal)(p->n - 1));
  PetscReal low = 0.0, high = 0.0, q;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < p->n; i++) {
    high = PetscMax(high, PetscSqr(p->mean[i] - p->mean[0]) + p->variance[i]);
  }
  high *= 1e5 * (PetscReal)p->n; /* chi-square at 2.5 % is at least 0.00098 */
  for (PetscInt i = 0; i < BISECTIONS; i++) {
    const PetscReal middle = 0.5 * (low + high);

    PetscCall(prop_chi2_survival((PetscReal)(p->n - 1), squares_at(p, middle, typical), &q));
    if (q < 0.975)
      low = middle;
    else
      high = middle;
  }
  *tau = PetscSqrtReal(low);
  PetscFunctionReturn(0);
}

/* Error of the mean, and the samples behind it by their share of the variance */
static void sampling_error(const panel *p, PetscReal tau2, prop_value *value)
{
  PetscReal weight = 0.0, sum = 0.0, squares = 0.0;
  PetscBool known = PETSC_TRUE;

  for (PetscInt i = 0; i < p->n; i++) weight += 1.0 / (p->variance[i] + tau2);
  for (PetscInt i = 0; i < p->n; i++) {
    const PetscReal share = p->variance[i] / PetscSqr((p->variance[i] + tau2) * weight);

    sum += share;
    if (p->neff[i] > 0.0)
      squares += share * share / p->neff[i];
    else
      known = PETSC_FALSE;
  }
  value->error = PetscSqrtReal(sum);
  value->neff = known ? sum * sum / squares : 0.0;
}

static PetscErrorCode combine_weighted(const panel *p, prop_committee *out)
{
  PetscReal squares, tau2;

  PetscFunctionBegin;
  (void)weighted_mean(p, 0.0, &squares);
  tau2 = between_variance(p, squares);
  out->model_error = PetscSqrtReal(tau2);
  PetscCall(prop_chi2_survival((PetscReal)(p->n - 1), squares, &out->heterogeneity));
  PetscCall(upper_limit(p, &out->model_error95));
  out->value.value = weighted_mean(p, tau2, &squares);
  sampling_error(p, tau2, &out->value);
  PetscFunctionReturn(0);
}

/* No sampling errors: all of the scatter */
static void combine_bare(const panel *p, prop_committee *out)
{
  PetscReal mean = 0.0, sum = 0.0;

  for (PetscInt i = 0; i < p->n; i++) mean += p->mean[i] / (PetscReal)p->n;
  for (PetscInt i = 0; i < p->n; i++) sum += PetscSqr(p->mean[i] - mean);
  out->value.value = mean;
  out->value.error = PROP_NAN;
  out->value.flags |= PROP_FLAG_FEW_SAMPLES;
  out->model_error = PetscSqrtReal(sum / (PetscReal)(p->n - 1));
}

PetscErrorCode prop_committee_combine(PetscInt n, const prop_value member[], prop_committee *out)
{
  PetscReal *store;
  PetscErrorCode ierr = 0;
  panel p;

  PetscFunctionBegin;
  PetscCheck(n >= 0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "A committee of %" PetscInt_FMT ", wanted 0 or more", n);
  *out = (prop_committee){.value = prop_value_missing,
                          .model_error = PROP_NAN,
                          .model_error95 = PROP_NAN,
                          .heterogeneity = PROP_NAN};
  PetscCall(PetscMalloc1(3 * n + 1, &store));
  out->value.flags = 0;
  p = (panel){.mean = store, .variance = store + n, .neff = store + 2 * n};
  panel_fill(n, member, &p, &out->value.flags);
  out->nmember = p.n;
  if (p.n == 0)
    out->value = prop_value_missing;
  else if (p.n == 1)
    for (PetscInt i = 0; i < n; i++) {
      if (is_there(&member[i]) && (!p.weighted || has_error(&member[i]))) out->value = member[i];
    }
  else if (p.weighted)
    ierr = combine_weighted(&p, out);
  else
    combine_bare(&p, out);
  PetscCall(PetscFree(store));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}
