/* properties/prop_derived.c - products of powers of known numbers; formulas in the header */
#include "properties/prop_derived.h"

#include "properties/prop_fit_impl.h"

static const PetscReal agreement = 3.0; /* joint errors */

static PetscErrorCode check_correlation(PetscInt n, const PetscReal correlation[])
{
  PetscFunctionBegin;
  for (PetscInt i = 0; correlation && i < n * n; i++) {
    PetscCheck(correlation[i] >= -1.0 && correlation[i] <= 1.0, PETSC_COMM_SELF,
               PETSC_ERR_ARG_OUTOFRANGE, "A correlation is %g, wanted -1 to 1",
               (double)correlation[i]);
  }
  PetscFunctionReturn(0);
}

/* Square of the relative error; NaN where an input has no error bar */
static PetscReal relative_variance(PetscInt n, const prop_value x[], const PetscReal power[],
                                   const PetscReal correlation[])
{
  PetscReal term[PROP_DERIVED_MAX], sum = 0.0;

  for (PetscInt i = 0; i < n; i++) {
    if (!(x[i].error > 0.0)) return PROP_NAN;
    term[i] = power[i] * x[i].error / x[i].value;
  }
  for (PetscInt i = 0; i < n; i++) {
    for (PetscInt j = 0; j < n; j++) {
      const PetscReal r = correlation ? correlation[i * n + j] : (PetscReal)(i == j);

      sum += r * term[i] * term[j];
    }
  }
  return sum;
}

static PetscReal effective_samples(PetscInt n, const prop_value x[], const PetscReal power[])
{
  PetscReal share[PROP_DERIVED_MAX], neff[PROP_DERIVED_MAX];

  for (PetscInt i = 0; i < n; i++) {
    share[i] = PetscSqr(power[i] * x[i].error / x[i].value);
    neff[i] = x[i].neff;
  }
  return prop__effective(n, share, neff);
}

PetscErrorCode prop_derived_product(PetscInt n, const prop_value x[], const PetscReal power[],
                                    const PetscReal correlation[], prop_value *y)
{
  prop_value out = {.value = 1.0};
  PetscReal variance;

  PetscFunctionBegin;
  PetscCheck(n >= 1 && n <= PROP_DERIVED_MAX, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "A product of %" PetscInt_FMT " values, wanted 1 to %d", n, PROP_DERIVED_MAX);
  PetscCall(check_correlation(n, correlation));
  *y = prop_value_missing;
  for (PetscInt i = 0; i < n; i++) {
    out.value *= pow(x[i].value, power[i]);
    out.flags |= x[i].flags;
  }
  if (out.flags & PROP_FLAG_MISSING || PetscIsInfOrNanReal(out.value)) PetscFunctionReturn(0);

  variance = relative_variance(n, x, power, correlation);
  out.error = variance > 0.0 ? PetscAbsReal(out.value) * PetscSqrtReal(variance) : PROP_NAN;
  if (!(out.error > 0.0)) {
    out.error = PROP_NAN;
    out.flags |= PROP_FLAG_FEW_SAMPLES;
  } else {
    out.neff = effective_samples(n, x, power);
  }
  *y = out;
  PetscFunctionReturn(0);
}

PetscErrorCode prop_derived_kinematic_viscosity(const prop_value *viscosity,
                                                const prop_value *density,
                                                const PetscReal correlation[], prop_value *nu)
{
  const prop_value x[] = {*viscosity, *density};
  const PetscReal power[] = {1.0, -1.0};

  PetscFunctionBegin;
  PetscCall(prop_derived_product(2, x, power, correlation, nu));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_derived_thermal_diffusivity(const prop_value *conductivity,
                                                const prop_value *density,
                                                const prop_value *heat_capacity,
                                                const PetscReal correlation[], prop_value *a)
{
  const prop_value x[] = {*conductivity, *density, *heat_capacity};
  const PetscReal power[] = {1.0, -1.0, -1.0};

  PetscFunctionBegin;
  PetscCall(prop_derived_product(3, x, power, correlation, a));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_derived_prandtl(const prop_value *viscosity, const prop_value *heat_capacity,
                                    const prop_value *conductivity, const PetscReal correlation[],
                                    prop_value *pr)
{
  const prop_value x[] = {*viscosity, *heat_capacity, *conductivity};
  const PetscReal power[] = {1.0, 1.0, -1.0};

  PetscFunctionBegin;
  PetscCall(prop_derived_product(3, x, power, correlation, pr));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_derived_schmidt(const prop_value *viscosity, const prop_value *density,
                                    const prop_value *diffusion, const PetscReal correlation[],
                                    prop_value *sc)
{
  const prop_value x[] = {*viscosity, *density, *diffusion};
  const PetscReal power[] = {1.0, -1.0, -1.0};

  PetscFunctionBegin;
  PetscCall(prop_derived_product(3, x, power, correlation, sc));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_derived_agreement(prop_value *value, const prop_value *other,
                                      PetscReal correlation, PetscReal *z)
{
  const PetscReal u = value->error, w = other->error;
  PetscReal variance;

  PetscFunctionBegin;
  PetscCall(check_correlation(1, &correlation));
  *z = PROP_NAN;
  if ((value->flags | other->flags) & PROP_FLAG_MISSING) PetscFunctionReturn(0);
  variance = u * u + w * w - 2.0 * correlation * u * w;
  if (!(u > 0.0 && w > 0.0 && variance > 0.0)) PetscFunctionReturn(0);
  *z = (value->value - other->value) / PetscSqrtReal(variance);
  if (PetscAbsReal(*z) > agreement) value->flags |= PROP_FLAG_METHODS_DISAGREE;
  PetscFunctionReturn(0);
}
