/* properties/prop_rnemd_rates.c - one value from fluxes of different strength */
#include "properties/prop_rnemd.h"

static PetscBool counts(const prop_value *v)
{
  return (PetscBool)(!(v->flags & PROP_FLAG_MISSING) && v->error > 0.0);
}

/* Without error bars nothing can be averaged or compared: the weakest flux stands alone. */
static void take_weakest(PetscInt n, const prop_value rate[], prop_value *out)
{
  for (PetscInt k = 0; k < n; k++) {
    if (!(rate[k].flags & PROP_FLAG_MISSING)) *out = rate[k];
  }
}

/* Whether any two differ by more than their error bars allow. */
static PetscBool differ(PetscInt n, const prop_value rate[])
{
  for (PetscInt a = 0; a < n; a++) {
    for (PetscInt b = 0; b < a; b++) {
      if (!counts(&rate[a]) || !counts(&rate[b])) continue;
      if (PetscAbsReal(rate[a].value - rate[b].value) >
          PROP_RNEMD_Z * PetscSqrtReal(PetscSqr(rate[a].error) + PetscSqr(rate[b].error)))
        return PETSC_TRUE;
    }
  }
  return PETSC_FALSE;
}

PetscErrorCode prop_rnemd_rates(PetscInt n, const prop_value rate[], prop_value *out)
{
  PetscReal weight = 0.0, sum = 0.0, chi2 = 0.0;
  PetscInt used = 0, last = -1;

  PetscFunctionBegin;
  PetscCheck(n >= 0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE, "%" PetscInt_FMT " fluxes", n);
  *out = prop_value_missing;
  take_weakest(n, rate, out);
  for (PetscInt k = 0; k < n; k++) {
    if (!counts(&rate[k])) continue;
    if (used++ == 0) *out = (prop_value){.flags = 0};
    weight += 1.0 / PetscSqr(rate[k].error);
    sum += rate[k].value / PetscSqr(rate[k].error);
    out->neff += rate[k].neff;
    out->flags |= rate[k].flags & ~PROP_FLAG_FEW_SAMPLES;
    last = k;
  }
  if (used == 0) PetscFunctionReturn(0);
  out->value = sum / weight;
  for (PetscInt k = 0; k < n; k++) {
    if (counts(&rate[k])) chi2 += PetscSqr((rate[k].value - out->value) / rate[k].error);
  }
  out->error = PetscSqrtReal(PetscMax(1.0, used > 1 ? chi2 / (PetscReal)(used - 1) : 1.0) / weight);
  if (differ(n, rate)) {
    out->value = rate[last].value;
    out->error = rate[last].error;
    out->neff = rate[last].neff;
    out->flags |= PROP_FLAG_NOT_LINEAR;
  }
  if (out->neff < (PetscReal)PROP_NEFF_MIN) out->flags |= PROP_FLAG_FEW_SAMPLES;
  PetscFunctionReturn(0);
}
