/* screening/screen_export_moose.c - TabulatedFluidProperties: pressure x temperature, one file a
 * composition
 *
 * Columns: pressure, temperature, density, enthalpy, internal_energy, viscosity, k, cp, entropy,
 * and where the compressibility is known cv and c.  All are functions of the same correlations
 * rho(T), c_p(T), eta(T), lambda(T) and of the compressibility kappa(T), by thermodynamics:
 *
 *   alpha = -rho'/rho,  v = 1/rho
 *   h(T,p) = int c_p dT + (p - p0) v (1 - alpha T),   e = h - p v
 *   s(T,p) = int c_p/T dT - (p - p0) alpha v
 *   c_v = c_p - T alpha^2/(rho kappa),   c^2 = c_p/(c_v rho kappa)
 *
 * h and s are zero at the lowest temperature and p0.  A campaign with one pressure p0 has a second
 * row of 10 MPa more, with the density rho (1 + kappa (p - p0)): MOOSE wants two pressures.  Where
 * kappa is not known the density is that of p0, and a comment says so.
 * Source: Callen, Thermodynamics and an Introduction to Thermostatistics, 2nd ed., chapter 7.
 */
#include "screening/screen_export.h"

#include <string.h>

#define RISE 1e7 /* [Pa] */
enum { NT = 41, NQUANTITY = 4, STEPS = 8 };

typedef struct {
  PetscInt s; /* series at this pressure */
  PetscReal p;
  const prop_fit *fit[NQUANTITY]; /* density, heat capacity, viscosity, thermal conductivity */
} isobar;

static const prop_id ids[NQUANTITY] = {PROP_ID_DENSITY, PROP_ID_HEAT_CAPACITY, PROP_ID_VISCOSITY,
                                       PROP_ID_THERMAL_CONDUCTIVITY};

/* Compressibility at a temperature: between the neighbours on the axis that have one; NaN: none. */
static PetscReal compressibility(const screen_export *e, PetscInt s, PetscReal t)
{
  const screen_dataset *d = e->data;
  const screen_dataset_property *p = screen_dataset_find(d, PROP_ID_ISOTHERMAL_COMPRESSIBILITY);
  const PetscReal *axis = screen_dataset_temperatures(d);
  PetscReal below = PROP_NAN, above = PROP_NAN, t0 = 0.0, t1 = 0.0;

  for (PetscInt k = 0; p && k < d->ntemperature; k++) {
    const prop_value *v = &p->value[screen_dataset_point(d, s, k)];

    if (!screen_dataset_exportable(v, e->flagged)) continue;
    if (axis[k] <= t) {
      below = v->value;
      t0 = axis[k];
    }
    if (axis[k] >= t && !isfinite(above)) {
      above = v->value;
      t1 = axis[k];
    }
  }
  if (!isfinite(below) || !isfinite(above)) return PROP_NAN;
  return t1 > t0 ? below + (above - below) * (t - t0) / (t1 - t0) : below;
}

/* Integral of c_p, or c_p/T, between two temperatures by Simpson's rule. */
static PetscReal integral(const prop_fit *cp, PetscReal from, PetscReal to, PetscBool over_t)
{
  const PetscReal h = (to - from) / STEPS;
  PetscReal sum = 0.0;

  for (PetscInt k = 0; k <= STEPS; k++) {
    const PetscReal t = from + h * (PetscReal)k;
    const PetscReal y = screen_export_at(cp, t, NULL) / (over_t ? t : 1.0);

    sum += y * (k == 0 || k == STEPS ? 1.0 : (k % 2 ? 4.0 : 2.0));
  }
  return sum * h / 3.0;
}

/* One row; h0, s0: integrals from the lowest temperature. dp: above the pressure of the isobar. */
static void put_row(const screen_export *e, const isobar *x, PetscReal t, PetscReal h0,
                    PetscReal s0, PetscReal dp, PetscBool complete, FILE *out)
{
  const PetscReal rho0 = screen_export_at(x->fit[0], t, NULL), step = 1e-3 * t;
  const PetscReal slope =
      (screen_export_at(x->fit[0], t + step, NULL) - screen_export_at(x->fit[0], t - step, NULL)) /
      (2.0 * step);
  const PetscReal cp = screen_export_at(x->fit[1], t, NULL);
  const PetscReal kappa = complete ? compressibility(e, x->s, t) : 0.0, alpha = -slope / rho0;
  const PetscReal rho = rho0 * (1.0 + kappa * dp), p = x->p + dp;
  const PetscReal h = h0 + dp / rho0 * (1.0 - alpha * t), s = s0 - dp * alpha / rho0;

  fprintf(out, "%.17g, %.17g, %.17g, %.17g, %.17g, %.17g, %.17g, %.17g, %.17g", p, t, rho, h,
          h - p / rho, screen_export_at(x->fit[2], t, NULL), screen_export_at(x->fit[3], t, NULL),
          cp, s);
  if (complete) {
    const PetscReal cv = cp - t * alpha * alpha / (rho * kappa);

    fprintf(out, ", %.17g, %.17g", cv, sqrt(cp / (cv * rho * kappa)));
  }
  fputc('\n', out);
}

/* Correlations of an isobar; PETSC_FALSE: one is missing. Narrows the range. */
static PetscBool prepare(screen_export *e, isobar *x, PetscReal *tmin, PetscReal *tmax)
{
  PetscBool good = PETSC_TRUE;

  for (PetscInt i = 0; i < NQUANTITY; i++) {
    x->fit[i] = screen_export_fit(e, ids[i], x->s);
    if (!x->fit[i]) {
      good = PETSC_FALSE;
      continue;
    }
    *tmin = PetscMax(*tmin, x->fit[i]->tmin);
    *tmax = PetscMin(*tmax, x->fit[i]->tmax);
  }
  return good;
}

/* Whether compressibilities are known all along, and leave c_v positive. */
static PetscBool is_complete(const screen_export *e, PetscInt n, const isobar x[], PetscReal tmin,
                             PetscReal tmax)
{
  for (PetscInt i = 0; i < n; i++) {
    for (PetscInt k = 0; k < NT; k++) {
      const PetscReal t = tmin + (tmax - tmin) * (PetscReal)k / (NT - 1);

      if (!(compressibility(e, x[i].s, t) > 0.0)) return PETSC_FALSE;
    }
  }
  return PETSC_TRUE;
}

static void put_isobar(const screen_export *e, const isobar *x, PetscReal dp, PetscReal tmin,
                       PetscReal tmax, PetscBool complete, FILE *out)
{
  PetscReal h0 = 0.0, s0 = 0.0, before = tmin;

  for (PetscInt k = 0; k < NT; k++) {
    const PetscReal t = tmin + (tmax - tmin) * (PetscReal)k / (NT - 1);

    h0 += integral(x->fit[1], before, t, PETSC_FALSE);
    s0 += integral(x->fit[1], before, t, PETSC_TRUE);
    put_row(e, x, t, h0, s0, dp, complete, out);
    before = t;
  }
}

static PetscErrorCode write_table(screen_export *e, PetscInt n, const isobar x[], PetscReal tmin,
                                  PetscReal tmax)
{
  const PetscInt point = screen_dataset_point(e->data, x[0].s, 0);
  const PetscBool complete = is_complete(e, n, x, tmin, tmax);
  char series[256], name[272], where[256];
  screen_export_file file;

  PetscFunctionBegin;
  screen_export_series_name(e->data, x[0].s, sizeof(series), series);
  screen_dataset_composition(e->data, point, sizeof(where), where);
  snprintf(name, sizeof(name), "%s.csv", series);
  PetscCall(screen_export_open(e, name, &file));
  screen_export_head(e, file.out, "# ");
  fprintf(file.out, "# %s, %.6g to %.6g K; h and s are zero at the lowest temperature%s\n", where,
          tmin, tmax, complete ? "" : "; the density does not know pressure: no compressibility");
  fputs("pressure, temperature, density, enthalpy, internal_energy, viscosity, k, cp, entropy",
        file.out);
  fputs(complete ? ", cv, c\n" : "\n", file.out);
  for (PetscInt i = 0; i < n; i++) put_isobar(e, &x[i], 0.0, tmin, tmax, complete, file.out);
  if (n == 1) put_isobar(e, &x[0], RISE, tmin, tmax, complete, file.out);
  PetscCall(screen_export_close(e, &file));
  fprintf(e->report, "  %s: %s, columns %s cv and c\n", name, where, complete ? "with" : "without");
  PetscFunctionReturn(0);
}

/* All pressures of one composition; `first` is the series at the first of them. */
static PetscErrorCode write_composition(screen_export *e, PetscInt first)
{
  const screen_dataset *d = e->data;
  const PetscInt np = d->axis[d->pressure].n;
  PetscReal tmin = 0.0, tmax = PROP_INFINITY;
  PetscInt n = 0;
  isobar *x;
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  PetscCall(PetscCalloc1(np, &x));
  for (PetscInt s = first; s < d->nseries && n < np; s++) {
    const PetscInt at = screen_dataset_index(d, screen_dataset_point(d, s, 0), d->pressure);

    if (at != n) continue; /* another composition, where pressure is not the last axis */
    x[n].s = s;
    x[n].p = d->axis[d->pressure].value[at];
    if (!prepare(e, &x[n], &tmin, &tmax)) break;
    n++;
  }
  if (n == np && tmax > tmin) ierr = write_table(e, n, x, tmin, tmax);
  PetscCall(PetscFree(x));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_export_moose(screen_export *e)
{
  const screen_dataset *d = e->data;

  PetscFunctionBegin;
  for (PetscInt s = 0; s < d->nseries; s++) {
    if (screen_dataset_index(d, screen_dataset_point(d, s, 0), d->pressure) == 0)
      PetscCall(write_composition(e, s));
  }
  PetscFunctionReturn(0);
}
