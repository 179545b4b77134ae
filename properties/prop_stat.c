/* properties/prop_stat.c - chi-square and Student-t; the formulas are named in the header */
#include "properties/prop_stat.h"

#include "properties/prop.h"

enum { MAX_TERMS = 100000, STUDENT_EXACT = 200 };

/* Factor common to both forms: x^a e^-x / Gamma(a) */
static PetscReal gamma_factor(PetscReal a, PetscReal x)
{
  return exp(a * log(x) - x - lgamma(a));
}

/* P(a, x) = factor * sum_k x^k / (a (a+1) ... (a+k)); converges fast for x < a + 1 */
static PetscReal lower_series(PetscReal a, PetscReal x)
{
  PetscReal term = 1.0 / a, sum = term;

  for (PetscInt k = 1; k < MAX_TERMS && term > sum * PETSC_MACHINE_EPSILON; k++) {
    term *= x / (a + (PetscReal)k);
    sum += term;
  }
  return gamma_factor(a, x) * sum;
}

/* Q(a, x) = factor * 1/(x+1-a- 1(1-a)/(x+3-a- 2(2-a)/(x+5-a- ...))), evaluated forwards by the
   ratios of successive numerators and denominators (modified Lentz). */
static PetscReal upper_fraction(PetscReal a, PetscReal x)
{
  const PetscReal tiny = 1e-300;
  PetscReal b = x + 1.0 - a, c = 1.0 / tiny, d = 1.0 / b, f = d;

  for (PetscInt k = 1; k < MAX_TERMS; k++) {
    const PetscReal num = -(PetscReal)k * ((PetscReal)k - a);
    PetscReal ratio;

    b += 2.0;
    d = num * d + b;
    c = b + num / c;
    if (PetscAbsReal(d) < tiny) d = tiny;
    if (PetscAbsReal(c) < tiny) c = tiny;
    d = 1.0 / d;
    ratio = c * d;
    f *= ratio;
    if (PetscAbsReal(ratio - 1.0) < PETSC_MACHINE_EPSILON) break;
  }
  return gamma_factor(a, x) * f;
}

PetscErrorCode prop_chi2_survival(PetscReal dof, PetscReal x, PetscReal *q)
{
  const PetscReal a = 0.5 * dof, y = 0.5 * x;

  PetscFunctionBegin;
  PetscCheck(dof > 0.0 && !PetscIsInfOrNanReal(dof), PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Chi-square needs a positive number of degrees of freedom, got %g", (double)dof);
  PetscCheck(x >= 0.0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Chi-square is not negative, got %g", (double)x);
  if (y == 0.0)
    *q = 1.0;
  else if (PetscIsInfReal(y))
    *q = 0.0;
  else if (y < a + 1.0)
    *q = 1.0 - lower_series(a, y);
  else
    *q = upper_fraction(a, y);
  PetscFunctionReturn(0);
}

/* Probability of |T| <= t for whole dof: a finite sum in the cosine of atan(t / sqrt(dof)) */
static PetscReal student_central(PetscInt dof, PetscReal t)
{
  const PetscReal theta = atan(t / PetscSqrtReal((PetscReal)dof));
  const PetscReal sine = sin(theta), cosine = cos(theta);
  PetscReal term = dof % 2 ? cosine : 1.0, sum = dof > 1 ? term : 0.0;

  for (PetscInt k = dof % 2 ? 2 : 1; k + 1 < dof; k += 2) {
    term *= cosine * cosine * (PetscReal)k / (PetscReal)(k + 1);
    sum += term;
  }
  return dof % 2 ? 2.0 / PETSC_PI * (theta + sine * sum) : sine * sum;
}

/* Expansion of the quantile in 1/dof about the normal one, z */
static PetscReal student_expansion(PetscReal z, PetscReal dof)
{
  const PetscReal z2 = z * z;
  const PetscReal g1 = z * (z2 + 1.0) / 4.0;
  const PetscReal g2 = z * ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0;
  const PetscReal g3 = z * (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) / 384.0;
  const PetscReal g4 =
      z * ((((79.0 * z2 + 776.0) * z2 + 1482.0) * z2 - 1920.0) * z2 - 945.0) / 92160.0;

  return z + (g1 + (g2 + (g3 + g4 / dof) / dof) / dof) / dof;
}

/* The quantile of a two-sided probability, between low and high; z: that of the normal one. */
static PetscReal student_quantile(PetscInt dof, PetscReal probability, PetscReal z, PetscReal high)
{
  PetscReal low = 0.9 * z;

  if (dof < 1) return PROP_NAN;
  if (dof > STUDENT_EXACT) return student_expansion(z, (PetscReal)dof);
  for (PetscInt i = 0; i < 60; i++) {
    const PetscReal middle = 0.5 * (low + high);

    if (student_central(dof, middle) < probability)
      low = middle;
    else
      high = middle;
  }
  return 0.5 * (low + high);
}

PetscReal prop_student95(PetscInt dof)
{
  return student_quantile(dof, 0.95, 1.959963984540054, 13.0); /* dof = 1 has 12.706 */
}

PetscReal prop_student68(PetscInt dof)
{
  return student_quantile(dof, 0.682689492137086, 1.0, 2.0); /* dof = 1 has 1.837 */
}

PetscReal prop_polygamma(PetscReal x, PetscReal *trigamma)
{
  PetscReal psi = 0.0, r;

  *trigamma = 0.0;
  while (x < 10.0) {
    psi -= 1.0 / x;
    *trigamma += 1.0 / (x * x);
    x += 1.0;
  }
  r = 1.0 / (x * x);
  *trigamma += 1.0 / x + 0.5 * r + r / x * (1.0 / 6.0 - r * (1.0 / 30.0 - r / 42.0));
  return psi + log(x) - 0.5 / x - r * (1.0 / 12.0 - r * (1.0 / 120.0 - r / 252.0));
}
