/* properties/prop_combine.c - replicas of one state point into one number
 *
 * Two error bars are at hand.  The one from within the replicas knows about correlation in time but
 * not about what a replica never leaves (its energy in NVE, a slow mode); the one from between the
 * replicas knows everything but has few degrees of freedom.  The larger is reported: with few
 * replicas `within` is the floor, with many both agree when the replicas sample the same thing.
 *
 * Where replicas truly differ, samples within one tell nothing new about the others, and adding
 * them up would hide that an error bar rests on a handful of replicas.  If truths vary by b^2 about
 * their mean, one sample has the variance neff within^2 + b^2 and the mean of R replicas
 * between^2 = within^2 + b^2/R; the ratio is the number of samples that the error bar stands for.
 */
#include "properties/prop_series.h"

static const PetscReal agreement_level = 0.01;

/* Replicas that the mean is made of, with their weights */
typedef struct {
  PetscInt n;
  PetscReal *mean, *error, *neff, *weight; /* [n]; weights add up to 1 */
  PetscReal *store;                        /* owned, behind all four */
} pool;

static PetscBool has_error(const prop_estimate *est)
{
  return (PetscBool)(est->neff > 0.0 && !PetscIsNanReal(est->error));
}

/* Takes those with data; those without an error bar only if nobody has one. */
static PetscErrorCode pool_create(PetscInt n, const prop_estimate est[], pool *p, PetscInt *flags)
{
  PetscInt with_error = 0;

  PetscFunctionBegin;
  *p = (pool){0};
  *flags = 0;
  PetscCall(PetscMalloc1(4 * n + 1, &p->store));
  p->mean = p->store;
  p->error = p->store + n;
  p->neff = p->store + 2 * n;
  p->weight = p->store + 3 * n;
  for (PetscInt i = 0; i < n; i++) with_error += !PetscIsNanReal(est[i].mean) && has_error(&est[i]);
  for (PetscInt i = 0; i < n; i++) {
    if (PetscIsNanReal(est[i].mean) || (with_error && !has_error(&est[i]))) continue;
    p->mean[p->n] = est[i].mean;
    p->error[p->n] = est[i].error;
    p->neff[p->n] = est[i].neff;
    *flags |= est[i].flags & ~PROP_FLAG_FEW_SAMPLES;
    p->n++;
  }
  PetscFunctionReturn(0);
}

/* weight = neff / sum, or equal */
static void pool_weigh(pool *p, PetscBool equal)
{
  PetscReal total = 0.0;

  for (PetscInt i = 0; i < p->n; i++) total += p->neff[i];
  for (PetscInt i = 0; i < p->n; i++) {
    p->weight[i] = equal || total <= 0.0 ? 1.0 / (PetscReal)p->n : p->neff[i] / total;
  }
}

/* NaN when a replica has no error of its own */
static PetscReal within(const pool *p)
{
  PetscReal sum = 0.0;

  for (PetscInt i = 0; i < p->n; i++) sum += PetscSqr(p->weight[i] * p->error[i]);
  return PetscSqrtReal(sum);
}

/* NaN for a single replica */
static PetscReal between(const pool *p, PetscReal mean)
{
  PetscReal sum = 0.0;

  if (p->n < 2) return PROP_NAN;
  for (PetscInt i = 0; i < p->n; i++) sum += p->weight[i] * PetscSqr(p->mean[i] - mean);
  return PetscSqrtReal(sum / (PetscReal)(p->n - 1));
}

/* Square of an error bar, widened to the variance of Student's t for few samples behind it */
static PetscReal widened(PetscReal error, PetscReal neff)
{
  const PetscReal dof = PetscMax(4.0, prop_series_dof(neff));

  return error * error * dof / (dof - 2.0);
}

/* Chi-square of the means about their best common value; 0 when there is nothing to compare */
static PetscReal pool_chi2(const pool *p)
{
  PetscReal weight = 0.0, common = 0.0, chi2 = 0.0;

  for (PetscInt i = 0; i < p->n; i++) {
    if (!(p->error[i] > 0.0)) return 0.0;
    weight += 1.0 / widened(p->error[i], p->neff[i]);
    common += p->mean[i] / widened(p->error[i], p->neff[i]);
  }
  common /= weight;
  for (PetscInt i = 0; i < p->n; i++) {
    chi2 += PetscSqr(p->mean[i] - common) / widened(p->error[i], p->neff[i]);
  }
  return chi2;
}

/* Whether the means differ by more than their error bars allow */
static PetscErrorCode pool_disagrees(const pool *p, PetscBool *disagree)
{
  PetscReal probability;

  PetscFunctionBegin;
  *disagree = PETSC_FALSE;
  if (p->n < 2) PetscFunctionReturn(0);
  PetscCall(prop_chi2_survival((PetscReal)(p->n - 1), pool_chi2(p), &probability));
  *disagree = (PetscBool)(probability < agreement_level);
  PetscFunctionReturn(0);
}

/* The value of a weighed pool, in its own unit; `differ`: its replicas have different truths. */
static void pool_value(const pool *p, PetscBool differ, prop_value *value)
{
  PetscReal inner, outer;

  *value = (prop_value){0};
  for (PetscInt i = 0; i < p->n; i++) {
    value->value += p->weight[i] * p->mean[i];
    value->neff += p->neff[i];
  }
  inner = within(p);
  outer = between(p, value->value);
  value->error = PetscIsNanReal(inner) || outer > inner ? outer : inner;
  if (differ && outer > inner) {
    const PetscReal share = PetscSqr(inner / outer);

    value->neff = share * value->neff + (1.0 - share) * (PetscReal)p->n;
  }
  if (value->neff < PROP_NEFF_MIN) value->flags |= PROP_FLAG_FEW_SAMPLES;
  if (p->n < 2) value->flags |= PROP_FLAG_ONE_REPLICA;
}

static PetscErrorCode combine(PetscInt n, const prop_estimate est[], PetscReal scale,
                              PetscBool same_truth, prop_value *value)
{
  pool p;
  PetscInt flags;
  PetscBool disagree = PETSC_FALSE;
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  PetscCheck(n >= 0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "The number of replicas is %" PetscInt_FMT ", wanted 0 or more", n);
  PetscCheck(scale > 0.0 && !PetscIsInfOrNanReal(scale), PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "The scale to SI is %g, wanted a positive number", (double)scale);
  *value = prop_value_missing;
  PetscCall(pool_create(n, est, &p, &flags));
  if (same_truth) ierr = pool_disagrees(&p, &disagree);
  if (!ierr && p.n > 0) {
    pool_weigh(&p, (PetscBool)!same_truth);
    pool_value(&p, (PetscBool)(disagree || !same_truth), value);
    value->value *= scale;
    value->error *= scale;
    value->flags |= flags;
    if (disagree) value->flags |= PROP_FLAG_REPLICAS_DISAGREE;
  }
  PetscCall(PetscFree(p.store));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode prop_combine(PetscInt n, const prop_estimate est[], PetscReal scale,
                            prop_value *value)
{
  PetscFunctionBegin;
  PetscCall(combine(n, est, scale, PETSC_TRUE, value));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_combine_spread(PetscInt n, const prop_estimate est[], PetscReal scale,
                                   prop_value *value)
{
  PetscFunctionBegin;
  PetscCall(combine(n, est, scale, PETSC_FALSE, value));
  PetscFunctionReturn(0);
}
