/* properties/prop_finite.c - first-order propagation of errors; formulas in the header */
#include "properties/prop_finite.h"

#include "md/md_units.h"
#include "properties/prop_derived.h"
#include "properties/prop_fit_impl.h"

static const PetscReal boltzmann_si = MD_BOLTZMANN * MD_ELEMENTARY_CHARGE_C; /* [J/K] */

PetscReal prop_finite_edge(const PetscReal h[3][3])
{
  PetscReal edge = 0.0;

  for (int a = 0; a < 3; a++) edge += (h[a][0] * h[a][0] + h[a][1] * h[a][1] + h[a][2] * h[a][2]);
  edge = PetscSqrtReal(edge / 3.0);
  for (int a = 0; a < 3; a++) {
    for (int b = a; b < 3; b++) {
      const PetscReal dot = h[a][0] * h[b][0] + h[a][1] * h[b][1] + h[a][2] * h[b][2];

      if (!(PetscAbsReal(dot / (edge * edge) - (a == b ? 1.0 : 0.0)) <= 2e-6)) return PROP_NAN;
    }
  }
  return edge;
}

PetscReal prop_finite_correlation(PetscInt n, const PetscReal x[], const PetscReal y[],
                                  PetscReal error_x, PetscReal error_y)
{
  PetscReal k = 0.0, mean_x = 0.0, mean_y = 0.0, sum = 0.0;

  for (PetscInt i = 0; i < n; i++) {
    const PetscReal dx = x[i] - mean_x, dy = y[i] - mean_y;

    if (PetscIsNanReal(x[i]) || PetscIsNanReal(y[i])) continue;
    k += 1.0;
    mean_x += dx / k;
    mean_y += dy / k;
    sum += dx * (y[i] - mean_y);
  }
  if (k < PROP_FINITE_REPLICAS || !(error_x > 0.0) || !(error_y > 0.0)) return 0.0;
  return PetscClipInterval(sum / (k * (k - 1.0) * error_x * error_y), -1.0, 1.0);
}

static PetscErrorCode check(PetscReal temperature, PetscReal correlation)
{
  PetscFunctionBegin;
  PetscCheck(temperature > 0.0 && !PetscIsInfOrNanReal(temperature), PETSC_COMM_SELF,
             PETSC_ERR_ARG_OUTOFRANGE, "The temperature is %g K, wanted a positive number",
             (double)temperature);
  PetscCheck(correlation >= -1.0 && correlation <= 1.0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "A correlation is %g, wanted -1 to 1", (double)correlation);
  PetscFunctionReturn(0);
}

/* Whether a viscosity can be divided by and says how well it is known */
static PetscBool is_known(const prop_value *viscosity)
{
  return (PetscBool)(!(viscosity->flags & PROP_FLAG_MISSING) && viscosity->value > 0.0 &&
                     viscosity->error > 0.0 && !PetscIsInfOrNanReal(viscosity->value) &&
                     !PetscIsInfOrNanReal(viscosity->error));
}

PetscErrorCode prop_finite_diffusion(const prop_value *diffusion, const prop_value *viscosity,
                                     PetscReal temperature, PetscReal edge, PetscReal correlation,
                                     prop_value *corrected, PetscReal *joint)
{
  PetscReal shift, u, w, error, share[2], neff[2];

  PetscFunctionBegin;
  PetscCall(check(temperature, correlation));
  PetscCheck(PetscIsNanReal(edge) || (edge > 0.0 && !PetscIsInfOrNanReal(edge)), PETSC_COMM_SELF,
             PETSC_ERR_ARG_OUTOFRANGE, "The edge of the cell is %g m, wanted a positive number",
             (double)edge);
  *corrected = *diffusion;
  if (joint) *joint = correlation;
  if (diffusion->flags & PROP_FLAG_MISSING) PetscFunctionReturn(0);
  corrected->flags |= PROP_FLAG_NO_SIZE_CORRECTION;
  if (PetscIsNanReal(edge) || !is_known(viscosity)) PetscFunctionReturn(0);

  shift = PROP_FINITE_XI * boltzmann_si * temperature / (6.0 * PETSC_PI * viscosity->value * edge);
  u = diffusion->error;
  w = shift * viscosity->error / viscosity->value;
  error = PetscSqrtReal(PetscMax(0.0, u * u + w * w - 2.0 * correlation * u * w));
  share[0] = u * u;
  share[1] = w * w;
  neff[0] = diffusion->neff;
  neff[1] = viscosity->neff;
  corrected->value += shift;
  corrected->error = error > 0.0 ? error : PROP_NAN;
  corrected->neff = prop__effective(2, share, neff);
  corrected->flags = (diffusion->flags | viscosity->flags) & ~PROP_FLAG_NO_SIZE_CORRECTION;
  if (joint && error > 0.0) *joint = PetscMax(-1.0, PetscMin(1.0, (correlation * u - w) / error));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_finite_stokes_einstein(const prop_value *diffusion, const prop_value *viscosity,
                                           const prop_value *radius, PetscReal temperature,
                                           PetscReal correlation, prop_value *b)
{
  const PetscReal factor = boltzmann_si * temperature / PETSC_PI, power[] = {-1.0, -1.0, -1.0};
  const PetscReal joint[9] = {1.0, correlation, 0.0, correlation, 1.0, 0.0, 0.0, 0.0, 1.0};
  const PetscReal pair[4] = {1.0, correlation, correlation, 1.0};
  const prop_value x[] = {*diffusion, *viscosity, *radius};
  const PetscBool exact = (PetscBool)(radius->error == 0.0);

  PetscFunctionBegin;
  PetscCall(check(temperature, correlation));
  *b = prop_value_missing;
  if (radius->flags & PROP_FLAG_MISSING || !(radius->value > 0.0)) PetscFunctionReturn(0);
  PetscCall(prop_derived_product(exact ? 2 : 3, x, power, exact ? pair : joint, b));
  b->value *= exact ? factor / radius->value : factor;
  b->error *= exact ? factor / radius->value : factor;
  PetscFunctionReturn(0);
}

prop_value prop_finite_radius(const prop_value *peak)
{
  prop_value radius = *peak;

  radius.value *= 0.5;
  radius.error *= 0.5;
  return radius;
}

PetscErrorCode prop_finite_activation(prop_activation kind, PetscInt n, const PetscReal t[],
                                      const prop_value y[], prop_value *energy)
{
  const PetscReal gas = boltzmann_si * MD_AVOGADRO;
  prop_fit fit;

  PetscFunctionBegin;
  PetscCall(prop_fit_temperature(PROP_FIT_ARRHENIUS, n, t, y, &fit));
  *energy = prop_value_missing;
  if (fit.reason < 0) PetscFunctionReturn(0);
  energy->value = (PetscReal)kind * gas * fit.coefficient[1];
  energy->error = gas * PetscSqrtReal(fit.covariance[3]) * fit.widening;
  energy->neff = (PetscReal)fit.npoint;
  energy->flags = fit.flags;
  if (!(energy->error > 0.0)) {
    energy->error = PROP_NAN;
    energy->flags |= PROP_FLAG_FEW_SAMPLES;
  }
  if (fit.dof > 0 && fit.probability < PROP__REJECT) energy->flags |= PROP_FLAG_NOT_LINEAR;
  PetscFunctionReturn(0);
}
