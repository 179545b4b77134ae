/* properties/prop_fit_vft.c - ln y = a + b/(T - c) by TAO's bounded Gauss-Newton
 *
 * a, b and c are nearly parallel over a narrow range of T, and c may run away to 0 (the points are
 * Arrhenius) or towards the lowest T.  So TAO gets (alpha, beta, theta) with c = theta Tmin and
 *   ln y = alpha + beta (Tmin - c)/(T - c),
 * all of order one, bounds on theta, and three starts; for every start alpha and beta are the best
 * ones for its theta.  At the end alpha and beta are once more solved for exactly, and the slope of
 * chi-square along theta says whether the minimum was reached.
 */
#include <petsctao.h>

#include "properties/prop_fit_impl.h"

static const PetscReal theta_low = 0.0, theta_high = 0.999; /* bounds */
static const PetscReal theta_edge = 1e-3;                   /* this near to a bound is at it */
static const PetscReal accuracy = 0.01; /* of theta, in units of its own error */

typedef struct {
  const prop__points *p;
  PetscReal tmin;
} vft;

/* (Tmin - c)/(T - c) and its derivative by theta */
static PetscReal shape(const vft *v, PetscReal t, PetscReal theta, PetscReal *derivative)
{
  const PetscReal s = t / v->tmin, f = (1.0 - theta) / (s - theta);

  *derivative = (1.0 - s) / PetscSqr(s - theta);
  return f;
}

static PetscErrorCode residual(Tao tao, Vec x, Vec r, void *context)
{
  const vft *v = (const vft *)context;
  const PetscScalar *c;
  PetscScalar *out;
  PetscReal unused;

  PetscFunctionBegin;
  (void)tao;
  PetscCall(VecGetArrayRead(x, &c));
  PetscCall(VecGetArray(r, &out));
  for (PetscInt i = 0; i < v->p->n; i++) {
    out[i] = (c[0] + c[1] * shape(v, v->p->t[i], c[2], &unused) - v->p->y[i]) / v->p->u[i];
  }
  PetscCall(VecRestoreArray(r, &out));
  PetscCall(VecRestoreArrayRead(x, &c));
  PetscFunctionReturn(0);
}

static PetscErrorCode jacobian(Tao tao, Vec x, Mat j, Mat pre, void *context)
{
  const vft *v = (const vft *)context;
  const PetscInt n = v->p->n;
  const PetscScalar *c;
  PetscScalar *a;

  PetscFunctionBegin;
  (void)tao;
  (void)pre;
  PetscCall(VecGetArrayRead(x, &c));
  PetscCall(MatDenseGetArray(j, &a)); /* by columns */
  for (PetscInt i = 0; i < n; i++) {
    PetscReal d;

    a[i] = 1.0 / v->p->u[i];
    a[n + i] = shape(v, v->p->t[i], c[2], &d) / v->p->u[i];
    a[2 * n + i] = c[1] * d / v->p->u[i];
  }
  PetscCall(MatDenseRestoreArray(j, &a));
  PetscCall(MatAssemblyBegin(j, MAT_FINAL_ASSEMBLY));
  PetscCall(MatAssemblyEnd(j, MAT_FINAL_ASSEMBLY));
  PetscCall(VecRestoreArrayRead(x, &c));
  PetscFunctionReturn(0);
}

/* Best alpha and beta at a given theta; chi2 infinite when the points do not determine them */
static PetscErrorCode project(const vft *v, PetscReal theta, PetscReal c[3], PetscReal *chi2)
{
  const PetscInt n = v->p->n;
  PetscReal *a, *b, r[4], unused;
  PetscBool degenerate;

  PetscFunctionBegin;
  PetscCall(PetscMalloc2(2 * n, &a, n, &b));
  for (PetscInt i = 0; i < n; i++) {
    a[2 * i] = 1.0 / v->p->u[i];
    a[2 * i + 1] = shape(v, v->p->t[i], theta, &unused) / v->p->u[i];
    b[i] = v->p->y[i] / v->p->u[i];
  }
  PetscCall(prop__lsq(n, 2, a, b, c, r, chi2, &degenerate));
  if (degenerate) *chi2 = PROP_INFINITY;
  c[2] = theta;
  PetscCall(PetscFree2(a, b));
  PetscFunctionReturn(0);
}

/* What TAO works with; everything hangs here before the next call can fail. */
typedef struct {
  Tao tao;
  Vec x, r, low, high;
  Mat j;
} solver;

static PetscErrorCode solver_create(vft *v, solver *s)
{
  PetscFunctionBegin;
  PetscCall(VecCreateSeq(PETSC_COMM_SELF, 3, &s->x));
  PetscCall(VecCreateSeq(PETSC_COMM_SELF, v->p->n, &s->r));
  PetscCall(VecDuplicate(s->x, &s->low));
  PetscCall(VecDuplicate(s->x, &s->high));
  PetscCall(MatCreateSeqDense(PETSC_COMM_SELF, v->p->n, 3, NULL, &s->j));
  PetscCall(VecSet(s->low, PETSC_NINFINITY));
  PetscCall(VecSet(s->high, PETSC_INFINITY));
  PetscCall(VecSetValue(s->low, 2, theta_low, INSERT_VALUES));
  PetscCall(VecSetValue(s->high, 2, theta_high, INSERT_VALUES));
  PetscCall(VecAssemblyBegin(s->low));
  PetscCall(VecAssemblyEnd(s->low));
  PetscCall(VecAssemblyBegin(s->high));
  PetscCall(VecAssemblyEnd(s->high));
  PetscCall(TaoCreate(PETSC_COMM_SELF, &s->tao));
  PetscCall(TaoSetType(s->tao, TAOBRGN));
  PetscCall(TaoSetSolution(s->tao, s->x));
  PetscCall(TaoSetVariableBounds(s->tao, s->low, s->high));
  PetscCall(TaoSetResidualRoutine(s->tao, s->r, residual, v));
  PetscCall(TaoSetJacobianResidualRoutine(s->tao, s->j, s->j, jacobian, v));
  PetscCall(TaoBRGNSetRegularizerWeight(s->tao, 1e-12));
  PetscCall(TaoSetTolerances(s->tao, 1e-8, 1e-12, 0.0));
  PetscCall(TaoSetMaximumIterations(s->tao, 200));
  PetscFunctionReturn(0);
}

static PetscErrorCode solver_destroy(solver *s)
{
  PetscFunctionBegin;
  PetscCall(TaoDestroy(&s->tao));
  PetscCall(MatDestroy(&s->j));
  PetscCall(VecDestroy(&s->high));
  PetscCall(VecDestroy(&s->low));
  PetscCall(VecDestroy(&s->r));
  PetscCall(VecDestroy(&s->x));
  PetscFunctionReturn(0);
}

/* From one start to a minimum */
static PetscErrorCode descend(vft *v, PetscReal start, PetscReal c[3], PetscReal *chi2)
{
  solver s = {0};
  PetscScalar *x;
  PetscReal theta;

  PetscFunctionBegin;
  PetscCall(project(v, start, c, chi2));
  if (*chi2 == PROP_INFINITY) PetscFunctionReturn(0);
  PetscCall(solver_create(v, &s));
  PetscCall(VecGetArray(s.x, &x));
  for (PetscInt i = 0; i < 3; i++) x[i] = c[i];
  PetscCall(VecRestoreArray(s.x, &x));
  PetscCall(TaoSolve(s.tao));
  PetscCall(VecGetArray(s.x, &x));
  theta = PetscClipInterval(PetscRealPart(x[2]), theta_low, theta_high);
  PetscCall(VecRestoreArray(s.x, &x));
  PetscCall(solver_destroy(&s));
  PetscCall(project(v, theta, c, chi2));
  PetscFunctionReturn(0);
}

/* Distance of theta from the minimum in units of its own error: |g|/sqrt(h) of the Gauss-Newton
   model of chi-square/2 along theta with alpha and beta following */
static PetscErrorCode distance(const vft *v, const PetscReal c[3], PetscReal *steps)
{
  const PetscInt n = v->p->n;
  PetscReal *a, *b, step[3], r[9], chi2;
  PetscBool degenerate;

  PetscFunctionBegin;
  PetscCall(PetscMalloc2(3 * n, &a, n, &b));
  for (PetscInt i = 0; i < n; i++) {
    PetscReal d;

    a[3 * i] = 1.0 / v->p->u[i];
    a[3 * i + 1] = shape(v, v->p->t[i], c[2], &d) / v->p->u[i];
    a[3 * i + 2] = c[1] * d / v->p->u[i];
    b[i] = (v->p->y[i] - c[0] - c[1] * shape(v, v->p->t[i], c[2], &d)) / v->p->u[i];
  }
  PetscCall(prop__lsq(n, 3, a, b, step, r, &chi2, &degenerate));
  *steps = degenerate ? PROP_INFINITY : PetscAbsReal(step[2] * r[8]);
  PetscCall(PetscFree2(a, b));
  PetscFunctionReturn(0);
}

PetscErrorCode prop__fit_vft(const prop__points *p, prop_fit *fit)
{
  PetscReal starts[] = {0.3, 0.6, 0.85};
  PetscInt nstart = 3;
  vft v = {.p = p, .tmin = fit->tmin};
  PetscReal best[3] = {0}, chi2 = PROP_INFINITY, steps = PROP_INFINITY;

  PetscFunctionBegin;
  if (!PetscIsNanReal(fit->coefficient[2])) {
    starts[0] = fit->coefficient[2] / v.tmin;
    nstart = 1;
  }
  for (PetscInt s = 0; s < nstart; s++) {
    PetscReal c[3], trial;

    PetscCall(descend(&v, starts[s], c, &trial));
    if (trial >= chi2) continue;
    chi2 = trial;
    for (PetscInt i = 0; i < 3; i++) best[i] = c[i];
  }
  fit->reason = PROP_FIT_DEGENERATE;
  if (chi2 == PROP_INFINITY) PetscFunctionReturn(0);
  fit->coefficient[0] = best[0];
  fit->coefficient[1] = best[1] * (1.0 - best[2]) * v.tmin;
  fit->coefficient[2] = best[2] * v.tmin;
  PetscCall(prop__fit_design(p, fit, PETSC_TRUE));
  if (best[2] < theta_low + theta_edge || best[2] > theta_high - theta_edge) {
    fit->reason = PROP_FIT_AT_BOUND;
  } else if (fit->reason > 0) {
    PetscCall(distance(&v, best, &steps));
    if (!(steps < accuracy)) fit->reason = PROP_FIT_NOT_CONVERGED;
  }
  PetscFunctionReturn(0);
}
