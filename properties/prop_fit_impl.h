/* properties/prop_fit_impl.h - what fits, slopes and derived numbers share inside this folder */
#pragma once

#include "properties/prop_fit.h"

/* Relative size of a diagonal element of R, columns scaled to length 1, below which a column is
   taken to be a combination of those before it */
#define PROP__LSQ_DEGENERATE 1e-10

/* Chi-square less probable than this rejects a model. */
#define PROP__REJECT 0.01

/* prop__lsq - weighted least squares: minimises |a c - b|^2
 *
 * In:   n >= k >= 1
 *       a  [n,k] design matrix, rows already divided by their errors; destroyed
 *       b  [n] likewise; destroyed
 * Out:  c     [k]
 *       r     [k,k] upper triangle, (R^T R)^-1 is the covariance
 *       chi2  |a c - b|^2
 *       degenerate  columns depend on one another: c and r are then not set
 * Method: Householder reflections on columns scaled to length 1.
 * Source: Golub & Van Loan, Matrix Computations, 4th ed. (2013), section 5.2.
 * Verified by: tests/unit/properties/test_prop_fit.c */
PetscErrorCode prop__lsq(PetscInt n, PetscInt k, PetscReal a[], PetscReal b[], PetscReal c[],
                         PetscReal r[], PetscReal *chi2, PetscBool *degenerate);

/* Variance of g.c for a gradient g [k], k <= PROP__LSQ_MAX: |R^-T g|^2, without loss of digits. */
enum { PROP__LSQ_MAX = 256 };
PetscReal prop__lsq_variance(PetscInt k, const PetscReal r[], const PetscReal g[]);

/* [k,k] (R^T R)^-1 */
void prop__lsq_covariance(PetscInt k, const PetscReal r[], PetscReal covariance[]);

/* Welch-Satterthwaite: (sum s)^2 / sum(s^2/neff) of shares s >= 0 of a variance; 0 where a share
   that counts has no neff. */
PetscReal prop__effective(PetscInt n, const PetscReal share[], const PetscReal neff[]);

/* chi2 + 2 k + 2 k (k + 1)/(n - k - 1); infinity for n <= k + 1 */
PetscReal prop__aicc(PetscReal chi2, PetscInt n, PetscInt k);

/* What prop_fit_choose() looks at, for models of any kind */
typedef struct {
  PetscBool usable;
  PetscInt nparam;
  PetscReal aicc, probability;
} prop__rival;
PetscInt prop__choose(PetscInt n, const prop__rival rival[]);

/* Which points can be used: all that are there, those without an error bar only if nobody has one.
   `logarithm`: y must be positive.  use [n]; *weighted: the used ones have error bars. */
PetscInt prop__usable(PetscInt n, const prop_value y[], PetscBool logarithm, PetscBool use[],
                      PetscBool *weighted);

/* Points of a fit: y or ln y, and its error; 1 where no point has an error bar */
typedef struct {
  PetscInt n;
  PetscReal *t, *y, *u;     /* [n] */
  PetscReal *value, *error; /* [n] as given */
  PetscReal *store;         /* owned, behind all five */
  PetscBool weighted;
} prop__points;

/* Linearises ln y about a fitted value f: target ln f + (y - f)/f, error u/f.  With what a fit gave
   for f, and fitted again until nothing changes, least squares of ln y become those of y, which
   Gaussian errors ask for: ln y itself, weighed by u/y, favours points that happen to be high. */
void prop__linearise(PetscReal value, PetscReal error, PetscReal f, PetscReal *target,
                     PetscReal *u);

enum { PROP__PASSES = 40 };       /* at most */
#define PROP__PASS_TOLERANCE 1e-9 /* change of ln f */

/* Nothing but the model: TOO_FEW, all numbers NaN */
void prop__fit_clear(prop_fit_model model, prop_fit *fit);

/* Points that are used, with target and error (1 where nobody has one), and what fit says of them;
   free p->store. */
PetscErrorCode prop__fit_gather(prop_fit *fit, PetscInt n, const PetscReal t[],
                                const prop_value y[], prop__points *p);

/* Temperatures that differ, counted up to `limit` */
PetscInt prop__fit_distinct(const prop__points *p, PetscInt limit);

/* From chi2: degrees of freedom with k coefficients, probability, AICc, widening.  Without error
   bars the residuals themselves say what errors the points have; chi2 is their sum of squares. */
PetscErrorCode prop__fit_judge(const prop__points *p, PetscInt k, prop_fit *fit);

/* Covariance from the factor; without error bars, both scaled by the scatter of the residuals
   first: NaN where there is none. */
void prop__fit_finish(const prop__points *p, prop_fit *fit);

/* Coefficients and factor of a linear model; `jacobian`: only the factor, of any model at its
   coefficients.  Sets reason to OK or DEGENERATE. */
PetscErrorCode prop__fit_design(const prop__points *p, prop_fit *fit, PetscBool jacobian);

/* Coefficients and factor of VFT; needs three different temperatures and fit->tmin.  Starts from
   coefficient c of fit where that is a number. */
PetscErrorCode prop__fit_vft(const prop__points *p, prop_fit *fit);
