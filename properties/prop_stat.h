/* properties/prop_stat.h - the two distributions that error bars and gates are read against
 *
 * Both are short enough to be checked by eye and against printed tables, so that no statistics
 * library is needed.
 */
#pragma once

#include <petscsys.h>

/* prop_chi2_survival - probability that chi-square with `dof` degrees of freedom exceeds x
 *
 * Not collective.
 * In:   dof > 0, x >= 0 (infinity gives 0)
 * Out:  q in [0, 1], relative error about 1e-13
 * Returns PETSC_ERR_ARG_OUTOFRANGE for other arguments and for NaN.
 * Method: regularised upper incomplete gamma function Q(dof/2, x/2); power series of P below
 * x/2 = dof/2 + 1, continued fraction of Q above.
 * Source: Abramowitz & Stegun, Handbook of Mathematical Functions (1964), 6.5.29, 6.5.31, 26.4.19.
 * Verified by: tests/unit/properties/test_prop_stat.c */
PetscErrorCode prop_chi2_survival(PetscReal dof, PetscReal x, PetscReal *q);

/* prop_student95 - two-sided 95 % quantile of Student's t: the factor from a standard error to an
 * expanded uncertainty
 *
 * Not collective.
 * In:   dof  degrees of freedom, >= 1 (replicas - 1)
 * Returns the quantile, absolute error below 1e-8; NaN for dof < 1: there is no interval.
 * Method: closed forms of the distribution for whole dof solved by bisection; above 200 degrees
 * the expansion about the normal quantile.
 * Source: Abramowitz & Stegun (1964), 26.7.3, 26.7.4, 26.7.5.
 * Verified by: tests/unit/properties/test_prop_stat.c */
PetscReal prop_student95(PetscInt dof);

/* prop_student68 - the same for 68.27 %, what one standard error covers of a normal distribution
 * Verified by: tests/unit/properties/test_prop_stat.c */
PetscReal prop_student68(PetscInt dof);

/* prop_polygamma - psi(x), and psi'(x) in *trigamma: mean and variance of the logarithm of a Gamma
 * variate of shape x
 *
 * In:   x > 0
 * Method: recurrence up to 10, then the asymptotic series; error below 1e-10.
 * Source: Abramowitz & Stegun (1964), 6.3.5, 6.3.18, 6.4.6, 6.4.12.
 * Verified by: tests/unit/properties/test_prop_stat.c */
PetscReal prop_polygamma(PetscReal x, PetscReal *trigamma);
