/* properties/prop_committee.h - what potentials that should say the same disagree about
 *
 * Each member of a committee runs its own replicas, so that its mean m_i has a sampling error e_i.
 * Means scatter by more than that where the potentials differ; what is left of the scatter is the
 * model error.  It does not become smaller by running longer, and is stored beside the sampling
 * error, never mixed into it.
 */
#pragma once

#include "properties/prop.h"

typedef struct {
  prop_value value; /* mean over members; error: its sampling error; flags of all members */
  PetscInt nmember; /* members behind it */
  PetscReal
      model_error; /* tau, the standard deviation between models; 0: none seen; NaN: unknown */
  PetscReal model_error95; /* upper end of the 95 % interval of tau; NaN when unknown */
  PetscReal heterogeneity; /* probability of a scatter as large if all members were equal */
} prop_committee;

/* prop_committee_combine - members into mean, sampling error and model error
 *
 * Not collective.
 * In:   n       members, >= 0
 *       member  [n] one potential each: mean over its replicas, all in the same unit.  Missing
 *               members and, where others have one, those without an error bar are left out
 * Out:  out     one member: its own value, model_error NaN (one alone knows nothing of it).
 *               No member with an error bar: equal weights, value.error NaN, FEW_SAMPLES, and
 *               model_error is the whole scatter, an upper bound; heterogeneity NaN.
 * Returns PETSC_ERR_ARG_OUTOFRANGE for n < 0.
 *
 * Method: random effects.  With w_i = 1/e_i^2, m = sum w m/sum w, Q = sum w_i (m_i - m)^2:
 *   tau^2 = max(0, (Q - (n - 1)) / (sum w - sum w^2/sum w)).
 * The mean has the weights w*_i = 1/(e_i^2 + tau^2), and the sampling error
 * sqrt(sum w*_i^2 e_i^2)/sum w*.  e_i^2 is taken times (neff_i - 1)/(neff_i - 3), the variance of
 * Student's t, as in prop_combine().  The standard error of the mean as a statement about all
 * potentials that might have been fitted is sqrt(error^2 + tau^2/n).
 * model_error95 solves Q(tau) = sum (m_i - m)^2/(e_i^2 + tau^2) = chi-square at 2.5 % of n - 1
 * degrees of freedom: with 3 members it is several times tau.  Members that agree better than their
 * errors say (Q < n - 1) are taken to scatter just as those say: the limit is never zero.
 * Source: DerSimonian & Laird, Control. Clin. Trials 7, 177 (1986),
 * doi:10.1016/0197-2456(86)90046-2; interval: Viechtbauer, Stat. Med. 26, 37 (2007),
 * doi:10.1002/sim.2514.
 * Verified by: tests/unit/properties/test_prop_committee.c */
PetscErrorCode prop_committee_combine(PetscInt n, const prop_value member[], prop_committee *out);
