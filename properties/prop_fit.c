/* properties/prop_fit.c - correlations against temperature
 *
 * All but one of the models are linear in their coefficients once y or ln y is the target; the one
 * that is not, VFT, is in prop_fit_vft.c.  On ln y an error bar u becomes u/y at first, then u/f
 * with the fitted f, and ln y is linearised about f: see prop__linearise().  A value that is not
 * positive cannot be used.
 */
#include "properties/prop_fit.h"

#include <string.h>

#include "properties/prop_fit_impl.h"
#include "properties/prop_stat.h"

static const struct {
  const char *name, *formula;
  PetscInt nparam;
  PetscBool logarithm;
} models[PROP_FIT_NMODEL] = {
    [PROP_FIT_CONSTANT] = {"constant", "y = a", 1, PETSC_FALSE},
    [PROP_FIT_LINEAR] = {"linear", "y = a + b T", 2, PETSC_FALSE},
    [PROP_FIT_QUADRATIC] = {"quadratic", "y = a + b T + c T^2", 3, PETSC_FALSE},
    [PROP_FIT_HEAT] = {"heat", "y = a + b T + c/T^2 + d T^2", 4, PETSC_FALSE},
    [PROP_FIT_ARRHENIUS] = {"arrhenius", "ln y = a + b/T", 2, PETSC_TRUE},
    [PROP_FIT_VFT] = {"vft", "ln y = a + b/(T - c)", 3, PETSC_TRUE},
    [PROP_FIT_LOG10] = {"log10", "log10 y = a + b/T + c/T^2", 3, PETSC_TRUE},
};

/* Lists of models, simplest first, and who is fitted with them */
static const struct {
  PetscInt n;
  prop_fit_model model[4];
  const char *property[8];
} lists[] = {
    {1,
     {PROP_FIT_LINEAR},
     {"density", "number_density", "thermal_conductivity", "thermal_conductivity_rnemd",
      "thermal_diffusivity"}},
    {4,
     {PROP_FIT_CONSTANT, PROP_FIT_LINEAR, PROP_FIT_QUADRATIC, PROP_FIT_HEAT},
     {"heat_capacity", "heat_capacity_atoms", "heat_capacity_formula",
      "heat_capacity_fluctuation"}},
    {2, {PROP_FIT_LINEAR, PROP_FIT_QUADRATIC}, {"enthalpy", "potential_energy"}},
    {3,
     {PROP_FIT_ARRHENIUS, PROP_FIT_VFT, PROP_FIT_LOG10},
     {"viscosity", "viscosity_decomposition", "viscosity_einstein", "viscosity_truncated",
      "kinematic_viscosity"}},
    {2,
     {PROP_FIT_ARRHENIUS, PROP_FIT_VFT},
     {"diffusion", "diffusion_cell", "diffusion_vacf", "ionic_conductivity",
      "conductivity_einstein", "conductivity_nernst_einstein", "conductivity_truncated"}},
};

static PetscBool is_model(prop_fit_model model)
{
  return (PetscBool)((int)model >= 0 && model < PROP_FIT_NMODEL);
}

const char *prop_fit_formula(prop_fit_model model)
{
  return is_model(model) ? models[model].formula : NULL;
}

const char *prop_fit_name(prop_fit_model model)
{
  return is_model(model) ? models[model].name : NULL;
}

PetscInt prop_fit_models(const char *property, prop_fit_model model[PROP_FIT_NMODEL])
{
  for (size_t l = 0; l < sizeof(lists) / sizeof(lists[0]); l++) {
    for (size_t p = 0; p < 8 && lists[l].property[p]; p++) {
      if (strcmp(lists[l].property[p], property) != 0) continue;
      for (PetscInt i = 0; i < lists[l].n; i++) model[i] = lists[l].model[i];
      return lists[l].n;
    }
  }
  return 0;
}

/* Derivative of the target (y or ln y) by each coefficient, [PROP_FIT_MAX_PARAM]; c: the
   coefficients, for VFT */
static void gradient(prop_fit_model model, PetscReal t, const PetscReal c[], PetscReal g[])
{
  const PetscReal unit = model == PROP_FIT_LOG10 ? log(10.0) : 1.0;

  g[0] = unit;
  g[3] = 0.0;
  switch (model) {
  case PROP_FIT_LINEAR:
  case PROP_FIT_QUADRATIC:
    g[1] = t;
    g[2] = t * t;
    break;
  case PROP_FIT_HEAT:
    g[1] = t;
    g[2] = 1.0 / (t * t);
    g[3] = t * t;
    break;
  case PROP_FIT_VFT:
    g[1] = 1.0 / (t - c[2]);
    g[2] = c[1] / PetscSqr(t - c[2]);
    break;
  default:
    g[1] = unit / t;
    g[2] = unit / (t * t);
  }
}

/* The target at t: linear models are the product of coefficients and gradient. */
static PetscReal target_at(prop_fit_model model, PetscReal t, const PetscReal c[])
{
  PetscReal g[PROP_FIT_MAX_PARAM], sum = 0.0;
  const PetscInt k = model == PROP_FIT_VFT ? 2 : models[model].nparam;

  gradient(model, t, c, g);
  for (PetscInt i = 0; i < k; i++) sum += c[i] * g[i];
  return sum;
}

PetscErrorCode prop__fit_gather(prop_fit *fit, PetscInt n, const PetscReal t[],
                                const prop_value y[], prop__points *p)
{
  const PetscBool logarithm = models[fit->model].logarithm;
  PetscBool *use;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(5 * n + 1, &p->store));
  PetscCall(PetscMalloc1(n + 1, &use));
  p->n = prop__usable(n, y, logarithm, use, &p->weighted);
  p->t = p->store;
  p->y = p->store + n;
  p->u = p->store + 2 * n;
  p->value = p->store + 3 * n;
  p->error = p->store + 4 * n;
  fit->npoint = p->n;
  fit->nleft = n - p->n;
  for (PetscInt i = 0, m = 0; i < n; i++) {
    if (!use[i]) continue;
    p->t[m] = t[i];
    p->value[m] = y[i].value;
    p->error[m] = y[i].error;
    p->y[m] = logarithm ? log(y[i].value) : y[i].value;
    p->u[m] = !p->weighted ? 1.0 : logarithm ? y[i].error / y[i].value : y[i].error;
    fit->tmin = m ? PetscMin(fit->tmin, t[i]) : t[i];
    fit->tmax = m ? PetscMax(fit->tmax, t[i]) : t[i];
    fit->flags |= y[i].flags;
    m++;
  }
  PetscCall(PetscFree(use));
  PetscFunctionReturn(0);
}

PetscInt prop__fit_distinct(const prop__points *p, PetscInt limit)
{
  PetscInt n = 0;

  for (PetscInt i = 0; i < p->n && n < limit; i++) {
    PetscBool known = PETSC_FALSE;

    for (PetscInt j = 0; j < i; j++) known = (PetscBool)(known || p->t[i] == p->t[j]);
    n += !known;
  }
  return n;
}

PetscErrorCode prop__fit_design(const prop__points *p, prop_fit *fit, PetscBool jacobian)
{
  const PetscInt k = fit->nparam;
  PetscReal *a, *b, c[PROP_FIT_MAX_PARAM], chi2;
  PetscBool degenerate;

  PetscFunctionBegin;
  PetscCall(PetscMalloc2(p->n * k, &a, p->n, &b));
  for (PetscInt i = 0; i < p->n; i++) {
    PetscReal g[PROP_FIT_MAX_PARAM];

    gradient(fit->model, p->t[i], fit->coefficient, g);
    for (PetscInt j = 0; j < k; j++) a[i * k + j] = g[j] / p->u[i];
    b[i] = jacobian ? 0.0 : p->y[i] / p->u[i];
  }
  PetscCall(prop__lsq(p->n, k, a, b, c, fit->factor, &chi2, &degenerate));
  PetscCall(PetscFree2(a, b));
  fit->reason = degenerate ? PROP_FIT_DEGENERATE : PROP_FIT_OK;
  for (PetscInt j = 0; j < k && !jacobian && !degenerate; j++) fit->coefficient[j] = c[j];
  PetscFunctionReturn(0);
}

/* Chi-square and the largest residual */
static void measure(const prop__points *p, prop_fit *fit)
{
  fit->chi2 = fit->residual_max = 0.0;
  for (PetscInt i = 0; i < p->n; i++) {
    const PetscReal r = (p->y[i] - target_at(fit->model, p->t[i], fit->coefficient)) / p->u[i];

    fit->chi2 += r * r;
    fit->residual_max = PetscMax(fit->residual_max, PetscAbsReal(r));
  }
}

PetscErrorCode prop__fit_judge(const prop__points *p, PetscInt k, prop_fit *fit)
{
  const PetscReal n = (PetscReal)p->n, tiny = PETSC_MACHINE_EPSILON * PETSC_MACHINE_EPSILON;

  PetscFunctionBegin;
  fit->dof = p->n - k;
  if (!p->weighted) {
    fit->reason = PROP_FIT_UNWEIGHTED;
    fit->aicc = prop__aicc(n * log(PetscMax(fit->chi2, tiny) / n), p->n, k);
    PetscFunctionReturn(0);
  }
  fit->aicc = prop__aicc(fit->chi2, p->n, k);
  if (fit->dof > 0)
    PetscCall(prop_chi2_survival((PetscReal)fit->dof, fit->chi2, &fit->probability));
  if (fit->probability < PROP__REJECT)
    fit->widening = PetscSqrtReal(fit->chi2 / (PetscReal)fit->dof);
  PetscFunctionReturn(0);
}

void prop__fit_finish(const prop__points *p, prop_fit *fit)
{
  const PetscInt k = fit->nparam;

  if (!p->weighted) {
    const PetscReal s2 = fit->dof > 0 ? fit->chi2 / (PetscReal)fit->dof : 0.0;
    const PetscReal scale = s2 > 0.0 ? 1.0 / PetscSqrtReal(s2) : PROP_NAN;

    for (PetscInt i = 0; i < k * k; i++) fit->factor[i] *= scale;
  }
  prop__lsq_covariance(k, fit->factor, fit->covariance);
}

void prop__fit_clear(prop_fit_model model, prop_fit *fit)
{
  *fit = (prop_fit){.model = model,
                    .reason = PROP_FIT_TOO_FEW,
                    .nparam = models[model].nparam,
                    .chi2 = PROP_NAN,
                    .probability = PROP_NAN,
                    .aicc = PROP_NAN,
                    .widening = 1.0,
                    .tmin = PROP_NAN,
                    .tmax = PROP_NAN,
                    .residual_max = PROP_NAN};
  for (PetscInt i = 0; i < PROP_FIT_MAX_PARAM; i++) fit->coefficient[i] = PROP_NAN;
  for (PetscInt i = 0; i < PROP_FIT_MAX_PARAM * PROP_FIT_MAX_PARAM; i++) {
    fit->covariance[i] = fit->factor[i] = PROP_NAN;
  }
}

static PetscErrorCode solve_once(const prop__points *p, prop_fit *fit)
{
  PetscFunctionBegin;
  if (fit->model == PROP_FIT_VFT)
    PetscCall(prop__fit_vft(p, fit));
  else
    PetscCall(prop__fit_design(p, fit, PETSC_FALSE));
  PetscFunctionReturn(0);
}

/* Largest change of the target that linearising about the fit makes */
static PetscReal linearise(prop__points *p, const prop_fit *fit)
{
  PetscReal largest = 0.0;

  for (PetscInt i = 0; i < p->n; i++) {
    const PetscReal before = p->y[i];
    const PetscReal f = exp(target_at(fit->model, p->t[i], fit->coefficient));

    prop__linearise(p->value[i], p->error[i], f, &p->y[i], &p->u[i]);
    largest = PetscMax(largest, PetscAbsReal(p->y[i] - before));
  }
  return largest;
}

static PetscErrorCode solve(prop__points *p, prop_fit *fit)
{
  const PetscBool again = (PetscBool)(models[fit->model].logarithm && p->weighted);
  PetscInt pass = 0;

  PetscFunctionBegin;
  if (prop__fit_distinct(p, fit->nparam) < fit->nparam) PetscFunctionReturn(0);
  PetscCall(solve_once(p, fit));
  for (; again && fit->reason > 0 && pass < PROP__PASSES; pass++) {
    if (linearise(p, fit) < PROP__PASS_TOLERANCE) break;
    PetscCall(solve_once(p, fit));
  }
  if (pass == PROP__PASSES) fit->reason = PROP_FIT_NOT_CONVERGED;
  if (fit->reason < 0) PetscFunctionReturn(0);
  measure(p, fit);
  PetscCall(prop__fit_judge(p, fit->nparam, fit));
  prop__fit_finish(p, fit);
  PetscFunctionReturn(0);
}

PetscErrorCode prop_fit_temperature(prop_fit_model model, PetscInt n, const PetscReal t[],
                                    const prop_value y[], prop_fit *fit)
{
  prop__points p = {0};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCheck(is_model(model) && n >= 0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Model %d of %" PetscInt_FMT " points: wanted a model below %d, 0 points or more",
             (int)model, n, (int)PROP_FIT_NMODEL);
  for (PetscInt i = 0; i < n; i++) {
    PetscCheck(t[i] > 0.0 && !PetscIsInfOrNanReal(t[i]), PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
               "Temperature %" PetscInt_FMT " is %g, wanted a positive number", i, (double)t[i]);
  }
  prop__fit_clear(model, fit);
  PetscCall(prop__fit_gather(fit, n, t, y, &p));
  ierr = solve(&p, fit);
  PetscCall(PetscFree(p.store));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscInt prop_fit_choose(PetscInt n, const prop_fit fit[])
{
  prop__rival rival[PROP_FIT_NMODEL] = {{0}};

  n = PetscMin(n, PROP_FIT_NMODEL);
  for (PetscInt i = 0; i < n; i++) {
    rival[i] = (prop__rival){.usable = (PetscBool)(fit[i].reason > 0),
                             .nparam = fit[i].nparam,
                             .aicc = fit[i].aicc,
                             .probability = fit[i].probability};
  }
  return prop__choose(n, rival);
}

PetscErrorCode prop_fit_predict(const prop_fit *fit, PetscReal t, prop_value *value,
                                PetscBool *outside)
{
  PetscReal g[PROP_FIT_MAX_PARAM], f, error;

  PetscFunctionBegin;
  *value = prop_value_missing;
  if (outside) *outside = (PetscBool) !(t >= fit->tmin && t <= fit->tmax);
  if (fit->reason < 0 || !(t > 0.0)) PetscFunctionReturn(0);
  if (fit->model == PROP_FIT_VFT && t <= fit->coefficient[2]) PetscFunctionReturn(0);
  gradient(fit->model, t, fit->coefficient, g);
  f = target_at(fit->model, t, fit->coefficient);
  error = fit->widening * PetscSqrtReal(prop__lsq_variance(fit->nparam, fit->factor, g));
  if (models[fit->model].logarithm) {
    f = exp(f);
    error *= f;
  }
  *value = (prop_value){.value = f, .error = error, .flags = fit->flags};
  if (!(error > 0.0)) value->flags |= PROP_FLAG_FEW_SAMPLES;
  PetscFunctionReturn(0);
}

PetscErrorCode prop_fit_residuals(const prop_fit *fit, PetscInt n, const PetscReal t[],
                                  const prop_value y[], PetscReal residual[])
{
  const PetscBool logarithm = models[fit->model].logarithm;
  PetscBool *use, weighted;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(n + 1, &use));
  (void)prop__usable(n, y, logarithm, use, &weighted);
  for (PetscInt i = 0; i < n; i++) {
    PetscReal f;

    residual[i] = PROP_NAN;
    if (!use[i] || fit->reason < 0) continue;
    f = target_at(fit->model, t[i], fit->coefficient);
    if (weighted)
      residual[i] = (y[i].value - (logarithm ? exp(f) : f)) / y[i].error;
    else
      residual[i] = (logarithm ? log(y[i].value) : y[i].value) - f;
  }
  PetscCall(PetscFree(use));
  PetscFunctionReturn(0);
}
