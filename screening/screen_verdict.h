/* screening/screen_verdict.h - our numbers beside others': bias, scatter, trend, and what they say
 *
 * Pure functions on arrays of pairs.  All differences are relative: d = here/there - 1.  Where a
 * source does not state its uncertainty, SCREEN_UNSTATED of the value is assumed, so that silence
 * is not taken for precision.
 */
#pragma once

#include "properties/prop.h"

#define SCREEN_UNSTATED 0.01

typedef struct {
  PetscReal t;              /* [K] */
  PetscReal x;              /* where the composition is: mole fraction of the first component */
  PetscReal here, u_here;   /* [SI] our value and its standard error */
  PetscReal there, u_there; /* [SI] theirs; u_there NaN: not stated, see below */
  PetscInt source;          /* pairs of one source share the systematic part of its error */
} screen_pair;

typedef enum {
  SCREEN_VERDICT_NOTHING,      /* no pairs */
  SCREEN_VERDICT_CONSISTENT,   /* no difference beyond the errors, which are small enough */
  SCREEN_VERDICT_BIASED,       /* the mean difference exceeds twice its error */
  SCREEN_VERDICT_TREND,        /* no difference on average, but it changes from point to point */
  SCREEN_VERDICT_SOURCES,      /* none seen, but the sources differ by more than their errors */
  SCREEN_VERDICT_INCONCLUSIVE, /* none seen, and our errors are too large to see one */
  SCREEN_NVERDICT
} screen_verdict_kind;
const char *screen_verdict_name(screen_verdict_kind kind);

typedef struct {
  PetscInt n, nsource;
  PetscReal bias, bias_u;       /* mean of the sources' means, and its standard error */
  PetscReal random, systematic; /* parts of bias_u: from our errors, from theirs */
  PetscReal mape, rmse;         /* mean of |d|, root mean of d^2 */
  PetscReal chi2;               /* mean of z^2 */
  PetscReal coverage;           /* share of |z| < 2 */
  PetscReal scatter;            /* probability of scatter about the sources' means as large by our
                                   errors alone; NaN: fewer than two pairs in every source */
  PetscReal trend_t, trend_t_u; /* change of d over 100 K, error; NaN: one temperature */
  PetscReal trend_x, trend_x_u; /* change of d over x from 0 to 1; NaN: one composition */
  PetscBool unstated;           /* a source does not state its uncertainty */
  screen_verdict_kind kind;
  PetscReal goal; /* the difference that should be seen: the sources' own error, at least 0.5 % */
  PetscReal more; /* times our sampling so far that would see it; NaN: not inconclusive */
} screen_verdict;

/* screen_pair_z - difference over the combined standard error; NaN where there is none */
PetscReal screen_pair_z(const screen_pair *pair);

/* screen_verdict_make - what n pairs of one property say
 *
 * In:   pair  [n] values other than 0, u_here > 0; others are not counted
 * Method: within a source s the mean m_s of d has weights 1/u_here^2, the variance
 * 1/sum(1/u_here^2) + u_s^2, u_s the mean relative error of the source: an error that is the same
 * for all its points does not average out.  The bias is the weighted mean of the m_s, with the
 * error widened by sqrt(chi2/dof) where the sources disagree (Birge 1932,
 * doi:10.1103/PhysRev.40.207).  Trend: least squares of d over t and x, weights 1/u_here^2, error
 * widened in the same way.
 * Biased: |bias| > 2 bias_u.  Sources: bias_u is twice what random and systematic make.
 * Trend: scatter improbable at 1 %.  Inconclusive: 2 random > goal.
 * Verified by: tests/unit/screening/test_screen_verdict.c */
PetscErrorCode screen_verdict_make(PetscInt n, const screen_pair pair[], screen_verdict *verdict);
