/* screening/screen_export_curve.c - correlations over temperature as exports need them */
#include "screening/screen_export.h"

#include <math.h>
#include <string.h>

enum { NCHEBYSHEV = 32, NCHECK = 401 };

const prop_fit *screen_export_fit(screen_export *e, prop_id id, PetscInt s)
{
  const screen_dataset_property *p = screen_dataset_find(e->data, id);
  const char *name = prop_get((PetscInt)id)->name;
  char where[256], flags[512];

  screen_dataset_composition(e->data, screen_dataset_point(e->data, s, 0), sizeof(where), where);
  if (!p || !p->fit || p->fit[s].reason <= 0) {
    fprintf(e->report, "  %s at %s: no correlation over temperature in the file\n", name, where);
    return NULL;
  }
  if (!screen_dataset_exportable(&(prop_value){.value = 1.0, .flags = p->fit[s].flags},
                                 e->flagged)) {
    screen_dataset_flags(p->fit[s].flags, sizeof(flags), flags);
    fprintf(e->report, "  %s at %s: left out, flagged %s\n", name, where, flags);
    return NULL;
  }
  return &p->fit[s];
}

PetscReal screen_export_at(const prop_fit *fit, PetscReal t, PetscReal *error)
{
  prop_value value = prop_value_missing;

  if (prop_fit_predict(fit, t, &value, NULL)) value = prop_value_missing;
  if (error) *error = value.error;
  return value.value;
}

/* Coefficients of the Chebyshev series of a correlation over its range, [NCHEBYSHEV]. */
static void chebyshev(const prop_fit *fit, PetscReal c[])
{
  const PetscReal middle = 0.5 * (fit->tmin + fit->tmax), half = 0.5 * (fit->tmax - fit->tmin);
  PetscReal y[NCHEBYSHEV];

  for (PetscInt j = 0; j < NCHEBYSHEV; j++)
    y[j] = screen_export_at(fit, middle + half * cos(PETSC_PI * ((PetscReal)j + 0.5) / NCHEBYSHEV),
                            NULL);
  for (PetscInt k = 0; k < NCHEBYSHEV; k++) {
    c[k] = 0.0;
    for (PetscInt j = 0; j < NCHEBYSHEV; j++)
      c[k] += 2.0 / NCHEBYSHEV * y[j] *
              cos(PETSC_PI * (PetscReal)k * ((PetscReal)j + 0.5) / NCHEBYSHEV);
  }
  c[0] *= 0.5;
}

/* c_0 + c_1 T + ... of a series cut behind degree n: powers of x = (T - middle)/half first, then
   the shift, by Horner's scheme. */
static void powers_of(const prop_fit *fit, const PetscReal series[], PetscInt n, PetscReal c[])
{
  const long double scale = 2.0L / ((long double)fit->tmax - (long double)fit->tmin),
                    shift = -0.5L * ((long double)fit->tmax + (long double)fit->tmin) * scale;
  long double t[SCREEN_EXPORT_NCOEFFICIENT][SCREEN_EXPORT_NCOEFFICIENT] = {{0}},
              x[SCREEN_EXPORT_NCOEFFICIENT] = {0}, out[SCREEN_EXPORT_NCOEFFICIENT + 1] = {0};

  t[0][0] = t[1][1] = 1.0L; /* T_k(x) = 2 x T_k-1 - T_k-2 */
  for (PetscInt k = 2; k <= n; k++) {
    for (PetscInt j = 0; j <= k; j++) t[k][j] = (j ? 2.0L * t[k - 1][j - 1] : 0.0L) - t[k - 2][j];
  }
  for (PetscInt k = 0; k <= n; k++) {
    for (PetscInt j = 0; j <= k; j++) x[j] += (long double)series[k] * t[k][j];
  }
  for (PetscInt k = n; k >= 0; k--) { /* out = out (scale T + shift) + x_k */
    for (PetscInt j = SCREEN_EXPORT_NCOEFFICIENT - 1; j >= 0; j--)
      out[j] = shift * out[j] + (j ? scale * out[j - 1] : x[k]);
  }
  for (PetscInt j = 0; j < SCREEN_EXPORT_NCOEFFICIENT; j++) c[j] = (PetscReal)out[j];
}

/* Largest relative deviation of a polynomial, smallest relative error of the correlation; whether
   all is positive. */
static PetscBool judge(const prop_fit *fit, const PetscReal c[], PetscReal *deviation,
                       PetscReal *error)
{
  PetscBool positive = PETSC_TRUE;

  *deviation = 0.0;
  *error = PROP_INFINITY;
  for (PetscInt i = 0; i < NCHECK; i++) {
    const PetscReal t = fit->tmin + (fit->tmax - fit->tmin) * (PetscReal)i / (NCHECK - 1);
    PetscReal u, y = screen_export_at(fit, t, &u), p = 0.0;

    for (PetscInt k = SCREEN_EXPORT_NCOEFFICIENT; k-- > 0;) p = p * t + c[k];
    if (!(p > 0.0) || !(y > 0.0)) positive = PETSC_FALSE;
    *deviation = PetscMax(*deviation, fabs(p / y - 1.0));
    if (u > 0.0) *error = PetscMin(*error, u / y);
  }
  return positive;
}

static PetscBool exact(const prop_fit *fit, PetscReal c[])
{
  if (fit->model != PROP_FIT_CONSTANT && fit->model != PROP_FIT_LINEAR &&
      fit->model != PROP_FIT_QUADRATIC)
    return PETSC_FALSE;
  for (PetscInt k = 0; k < fit->nparam; k++) c[k] = fit->coefficient[k];
  return PETSC_TRUE;
}

PetscBool screen_export_polynomial(const prop_fit *fit, PetscReal c[], PetscReal *deviation)
{
  PetscReal series[NCHEBYSHEV], error;

  for (PetscInt k = 0; k < SCREEN_EXPORT_NCOEFFICIENT; k++) c[k] = 0.0;
  if (exact(fit, c)) return judge(fit, c, deviation, &error);
  chebyshev(fit, series);
  for (PetscInt n = 1; n < SCREEN_EXPORT_NCOEFFICIENT; n++) {
    powers_of(fit, series, n, c);
    if (!judge(fit, c, deviation, &error)) continue;
    if (*deviation <= PetscMax(1e-6, 0.1 * (isfinite(error) ? error : 0.0))) return PETSC_TRUE;
  }
  return (PetscBool)(judge(fit, c, deviation, &error) && *deviation <= error);
}
