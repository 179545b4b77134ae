/* properties/prop_fit_heat.c - C_p of a campaign as the derivative of its enthalpies
 *
 * The first column of the design is the free constant.  With R = (r q; 0 S) the covariance of all
 * other coefficients is (S^T S)^-1: leaving out the first row and column of R is all it takes to
 * integrate the constant out.  Integrals start at the lowest temperature, which keeps the columns
 * apart.
 */
#include "properties/prop_fit_impl.h"

/* Integral of the terms of the model from `from` to t */
static void integrals(prop_fit_model model, PetscReal from, PetscReal t, PetscReal g[])
{
  const PetscReal square = 0.5 * (t - from) * (t + from);
  const PetscReal cube = (t - from) * (t * t + t * from + from * from) / 3.0;

  g[0] = t - from;
  g[1] = square;
  g[2] = model == PROP_FIT_HEAT ? (t - from) / (t * from) : cube;
  g[3] = cube;
}

/* Design and solution with k = nparam + 1 coefficients; a [n,k], b [n], c [k], r [k,k] */
static PetscErrorCode solve(const prop__points *p, PetscReal a[], PetscReal b[], prop_fit *fit)
{
  const PetscInt m = fit->nparam, k = m + 1;
  PetscReal c[PROP_FIT_MAX_PARAM + 1], r[(PROP_FIT_MAX_PARAM + 1) * (PROP_FIT_MAX_PARAM + 1)];
  PetscReal g[PROP_FIT_MAX_PARAM];
  PetscBool degenerate;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < p->n; i++) {
    integrals(fit->model, fit->tmin, p->t[i], g);
    a[i * k] = 1.0 / p->u[i];
    for (PetscInt j = 0; j < m; j++) a[i * k + j + 1] = g[j] / p->u[i];
    b[i] = p->y[i] / p->u[i];
  }
  PetscCall(prop__lsq(p->n, k, a, b, c, r, &fit->chi2, &degenerate));
  fit->reason = degenerate ? PROP_FIT_DEGENERATE : PROP_FIT_OK;
  if (degenerate) PetscFunctionReturn(0);
  for (PetscInt i = 0; i < m; i++) {
    fit->coefficient[i] = c[i + 1];
    for (PetscInt j = 0; j < m; j++) fit->factor[i * m + j] = r[(i + 1) * k + j + 1];
  }
  fit->residual_max = 0.0;
  for (PetscInt i = 0; i < p->n; i++) {
    PetscReal f = c[0];

    integrals(fit->model, fit->tmin, p->t[i], g);
    for (PetscInt j = 0; j < m; j++) f += c[j + 1] * g[j];
    fit->residual_max = PetscMax(fit->residual_max, PetscAbsReal(p->y[i] - f) / p->u[i]);
  }
  PetscCall(prop__fit_judge(p, k, fit));
  prop__fit_finish(p, fit);
  PetscFunctionReturn(0);
}

PetscErrorCode prop_fit_heat_capacity(prop_fit_model model, PetscInt n, const PetscReal t[],
                                      const prop_value enthalpy[], prop_fit *fit)
{
  prop__points p = {0};
  PetscReal *a, *b;
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  PetscCheck((model == PROP_FIT_CONSTANT || model == PROP_FIT_LINEAR ||
              model == PROP_FIT_QUADRATIC || model == PROP_FIT_HEAT) &&
                 n >= 0,
             PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Model %d of %" PetscInt_FMT " points: wanted a polynomial, 0 points or more",
             (int)model, n);
  for (PetscInt i = 0; i < n; i++) {
    PetscCheck(t[i] > 0.0 && !PetscIsInfOrNanReal(t[i]), PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
               "Temperature %" PetscInt_FMT " is %g, wanted a positive number", i, (double)t[i]);
  }
  prop__fit_clear(model, fit);
  PetscCall(prop__fit_gather(fit, n, t, enthalpy, &p));
  if (prop__fit_distinct(&p, fit->nparam + 1) > fit->nparam) {
    PetscCall(PetscMalloc2(p.n * (fit->nparam + 1), &a, p.n, &b));
    ierr = solve(&p, a, b, fit);
    PetscCall(PetscFree2(a, b));
  }
  PetscCall(PetscFree(p.store));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}
