/* screening/screen_basis.c - bases of compositions; the formulas stand in the header */
#include "screening/screen_basis.h"

#include <math.h>
#include <string.h>

enum { MAX_COMPONENTS = 64, ITERATIONS = 60 };

PetscBool screen_basis_convert(const screen_measured_components *c, const screen_measurement *m,
                               const PetscReal pure[], PetscReal density, PetscReal mole[])
{
  PetscReal n[MAX_COMPONENTS], mass = 0.0, sum = 0.0, b = m->concentration;

  if (c->n > MAX_COMPONENTS) return PETSC_FALSE;
  for (PetscInt k = 0; k < c->n; k++) {
    n[k] = m->mole[k];
    if (n[k] == 0.0) continue;
    if (m->part == SCREEN_OF_VOLUME) n[k] *= pure[k];
    if (m->part != SCREEN_OF_MOLES) n[k] /= c->molar_mass[k];
    if (m->amount) mass += n[k] * c->molar_mass[k];
    sum += n[k];
  }
  if (m->amount == SCREEN_AS_MOLARITY) b /= density - b * c->molar_mass[m->solute];
  if (m->amount) sum += n[m->solute] = b * mass;
  if (!(sum > 0.0) || !(sum < PROP_INFINITY) || (m->amount && !(b >= 0.0))) return PETSC_FALSE;
  for (PetscInt k = 0; k < c->n; k++) mole[k] = n[k] / sum;
  return PETSC_TRUE;
}

/* Densities of the table -------------------------------------------------------------------- */

/* Of a series, between two temperatures; PETSC_FALSE: none there. */
static PetscBool density_of(const screen_dataset *d, PetscInt s, PetscReal kelvin, PetscReal *rho,
                            PetscReal *u)
{
  const screen_dataset_property *p = screen_dataset_find(d, PROP_ID_DENSITY);
  const PetscReal *t = screen_dataset_temperatures(d);
  PetscInt low = -1, high = -1;

  for (PetscInt i = 0; p && i < d->ntemperature; i++) {
    if (p->value[screen_dataset_point(d, s, i)].flags & PROP_FLAG_MISSING) continue;
    if (t[i] <= kelvin + SCREEN_MEASURED_DT && (low < 0 || t[i] > t[low])) low = i;
    if (t[i] >= kelvin - SCREEN_MEASURED_DT && (high < 0 || t[i] < t[high])) high = i;
  }
  if (low < 0 || high < 0) return PETSC_FALSE;
  const prop_value *a = &p->value[screen_dataset_point(d, s, low)];
  const prop_value *b = &p->value[screen_dataset_point(d, s, high)];
  const PetscReal f = t[high] > t[low] ? (kelvin - t[low]) / (t[high] - t[low]) : 0.0;

  *rho = (1.0 - f) * a->value + f * b->value;
  *u = PetscMax(a->error, b->error);
  return PETSC_TRUE;
}

/* Whether a series has the ratios of solvents of a row. */
static PetscBool same_solvents(const screen_dataset *d, const PetscReal mole[],
                               const PetscReal other[], PetscInt solute)
{
  const PetscReal a = 1.0 - mole[solute], b = 1.0 - other[solute];

  for (PetscInt k = 0; k < d->ncomponent; k++) {
    if (k != solute && PetscAbsReal(mole[k] * b - other[k] * a) > SCREEN_MEASURED_DX * a * b)
      return PETSC_FALSE;
  }
  return (PetscBool)(b > 0.0);
}

/* Of the solution of a composition, between the two of the table on either side. */
static PetscBool solution_density(const screen_dataset *d, const PetscReal mole[], PetscInt solute,
                                  PetscReal kelvin, PetscReal *rho, PetscReal *u)
{
  PetscReal x[2] = {-PROP_INFINITY, PROP_INFINITY}, y[2] = {0.0}, e[2] = {0.0}, v, w;
  const PetscReal at = mole[solute];

  for (PetscInt s = 0; s < d->nseries; s++) {
    const PetscReal *other = d->mole + screen_dataset_point(d, s, 0) * d->ncomponent;
    const PetscReal z = other[solute];

    if (!same_solvents(d, mole, other, solute) || !density_of(d, s, kelvin, &v, &w)) continue;
    for (int i = 0; i < 2; i++) {
      if (i == 0 ? z > at || z <= x[0] : z < at || z >= x[1]) continue;
      x[i] = z;
      y[i] = v;
      e[i] = w;
    }
  }
  const PetscBool low = (PetscBool)(x[0] > -1.0), high = (PetscBool)(x[1] < 2.0);
  const PetscReal f = low && high && x[1] > x[0] ? (at - x[0]) / (x[1] - x[0]) : !low ? 1.0 : 0.0;

  *rho = f > 0.0 ? (low ? (1.0 - f) * y[0] : 0.0) + f * y[1] : y[0];
  *u = PetscMax(e[0], e[1]);
  return (PetscBool)(low || high);
}

/* Of each pure component that a row needs; the first missing, or -1. */
static PetscInt pure_densities(const screen_dataset *d, const screen_measurement *m,
                               PetscReal kelvin, PetscReal pure[], PetscReal u[], PetscBool *exists)
{
  *exists = PETSC_TRUE;
  for (PetscInt k = 0; k < d->ncomponent; k++) {
    PetscBool found = PETSC_FALSE, there = PETSC_FALSE;

    if (m->mole[k] == 0.0) continue;
    for (PetscInt s = 0; s < d->nseries && !found; s++) {
      if (d->mole[screen_dataset_point(d, s, 0) * d->ncomponent + k] < 1.0 - 1e-9) continue;
      there = PETSC_TRUE;
      found = density_of(d, s, kelvin, &pure[k], &u[k]);
    }
    *exists = there;
    if (!found) return k;
  }
  return -1;
}

/* Rows --------------------------------------------------------------------------------------- */

/* The composition that has the row's molarity with the density that we have there, plus `shift`
 * times its error. */
static PetscBool solve(const screen_dataset *d, const screen_measured_components *c,
                       const screen_measurement *m, const PetscReal pure[], PetscReal shift,
                       PetscReal mole[])
{
  const PetscReal t = 0.5 * (m->t_min + m->t_max);
  PetscReal rho = 0.0, u, next, trial;

  if (m->amount != SCREEN_AS_MOLARITY) return screen_basis_convert(c, m, pure, PROP_NAN, mole);
  for (PetscInt s = 0; s < d->nseries; s++) {
    if (density_of(d, s, t, &trial, &u)) rho = PetscMax(rho, trial);
  }
  for (PetscInt i = 0; i < ITERATIONS; i++) {
    if (!screen_basis_convert(c, m, pure, rho, mole)) return PETSC_FALSE;
    if (!solution_density(d, mole, m->solute, t, &next, &u)) return PETSC_FALSE;
    next += shift * u;
    if (PetscAbsReal(next - rho) <= 1e-13 * rho) return PETSC_TRUE;
    rho = next;
  }
  return PETSC_FALSE;
}

static PetscErrorCode refuse(const screen_measurements *all, const screen_measurement *m,
                             const char *missing, mtp_diag *diag)
{
  PetscFunctionBegin;
  PetscCall(mtp_diag_add(
      diag, all->file[m->file], m->line, 0, "column basis: got %s, wanted %s%s%s",
      m->amount ? "a concentration" : "volume fractions",
      missing ? "a column or line density " : "a basis without volumes", missing ? missing : "",
      missing ? " (kg/m3): it is not pure in the table"
              : ": the table has no density to convert it with"));
  PetscFunctionReturn(0);
}

static PetscErrorCode resolve(const screen_dataset *d, const screen_measured_components *c,
                              const screen_measurements *all, screen_measurement *m, mtp_diag *diag)
{
  PetscReal pure[MAX_COMPONENTS] = {0.0}, u[MAX_COMPONENTS] = {0.0}, mole[MAX_COMPONENTS];
  PetscReal more[MAX_COMPONENTS];
  PetscBool exists = PETSC_TRUE;
  PetscInt k = -1;

  PetscFunctionBegin;
  if (!screen_dataset_find(d, PROP_ID_DENSITY)) {
    PetscCall(refuse(all, m, NULL, diag));
    PetscFunctionReturn(0);
  }
  if (m->part == SCREEN_OF_VOLUME)
    k = pure_densities(d, m, 0.5 * (m->t_min + m->t_max), pure, u, &exists);
  if (!exists) PetscCall(refuse(all, m, d->component[k], diag));
  if (k >= 0 || !solve(d, c, m, pure, 0.0, mole)) PetscFunctionReturn(0);
  PetscCall(PetscCalloc1(c->n, &m->u_mole));
  for (PetscInt i = -1; i < c->n; i++) { /* -1: the solution, else one pure component */
    if (i >= 0) pure[i] += u[i];
    if ((i < 0 || u[i] > 0.0) && solve(d, c, m, pure, i < 0, more)) {
      for (PetscInt j = 0; j < c->n; j++) m->u_mole[j] = hypot(m->u_mole[j], more[j] - mole[j]);
    }
    if (i >= 0) pure[i] -= u[i];
  }
  PetscCall(PetscArraycpy(m->mole, mole, (size_t)c->n));
  m->pending = PETSC_FALSE;
  PetscFunctionReturn(0);
}

PetscErrorCode screen_basis_resolve(const screen_dataset *data, screen_measurements *measured,
                                    mtp_diag *diag)
{
  const screen_measured_components c = {data->ncomponent, (const char *const *)data->component,
                                        data->molar_mass};

  PetscFunctionBegin;
  PetscCheck(c.n <= MAX_COMPONENTS, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "at most %d components", MAX_COMPONENTS);
  for (PetscInt i = 0; i < measured->n; i++) {
    if (measured->row[i].pending && !measured->row[i].foreign[0])
      PetscCall(resolve(data, &c, measured, &measured->row[i], diag));
  }
  PetscFunctionReturn(0);
}

PetscReal screen_basis_error(const screen_dataset *data, const screen_measurement *m,
                             PetscInt point)
{
  const screen_dataset_property *p = screen_dataset_find(data, m->id);
  const PetscReal *here = data->mole + point * data->ncomponent;
  const PetscInt t = screen_dataset_index(data, point, data->temperature);
  PetscReal nearest = PROP_INFINITY, error = 0.0;
  PetscInt w = 0;

  for (PetscInt k = 0; m->species[0] && k < data->nspecies; k++) {
    if (!strcmp(data->species[k], m->species)) w = k;
  }
  for (PetscInt s = 0; m->u_mole && p && s < data->nseries; s++) {
    const PetscInt other = screen_dataset_point(data, s, t);
    const prop_value *a = &p->value[point * p->width + w], *b = &p->value[other * p->width + w];
    PetscReal square = 0.0, along = 0.0;

    for (PetscInt k = 0; k < data->ncomponent; k++) {
      const PetscReal dx = data->mole[other * data->ncomponent + k] - here[k];

      square += dx * dx;
      along += PetscAbsReal(dx) * m->u_mole[k];
    }
    if (!(square > 1e-12) || square >= nearest || ((a->flags | b->flags) & PROP_FLAG_MISSING))
      continue;
    nearest = square;
    error = PetscAbsReal(b->value - a->value) * along / square;
  }
  return error;
}
