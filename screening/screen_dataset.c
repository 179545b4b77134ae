/* screening/screen_dataset.c - results.h5 into memory; the contract is in the header */
#include "screening/screen_dataset.h"

#include "md/md_atoms.h"
#include "screening/screen_sha256.h"
#include "screening/screen_store_read.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* What the readers below share. */
typedef struct {
  screen_h5_in *in;
  screen_dataset *data;
  mtp_diag *diag;
} reader;

static PetscErrorCode refuse(const reader *r, const char *got, const char *wanted)
{
  PetscFunctionBegin;
  PetscCall(mtp_diag_add(r->diag, r->data->path, 0, 0, "got %s, wanted %s", got, wanted));
  PetscFunctionReturn(0);
}

/* A number of the file that should be a whole one. */
static PetscInt whole(PetscReal x)
{
  return fabs(x) < 1e9 ? (PetscInt)x : 0;
}

/* Head ---------------------------------------------------------------------------------------- */

/* An attribute, or "" where there is none. */
static PetscErrorCode attribute(const reader *r, const char *path, const char *name, char **text)
{
  PetscFunctionBegin;
  PetscCall(screen_h5_in_attribute(r->in, path, name, text));
  if (!*text) PetscCall(PetscStrallocpy("", text));
  PetscFunctionReturn(0);
}

static PetscErrorCode read_head(const reader *r)
{
  screen_dataset *d = r->data;
  PetscInt n;

  PetscFunctionBegin;
  PetscCall(attribute(r, "/", "campaign", &d->campaign));
  PetscCall(attribute(r, "/", "description", &d->description));
  PetscCall(attribute(r, "/", "campaign_sha256", &d->campaign_sha256));
  PetscCall(attribute(r, "/", "potential_sha256", &d->potential_sha256));
  PetscCall(attribute(r, "/", "source", &d->source));
  PetscCall(attribute(r, "/", "liquidus_version", &d->version));
  PetscCall(attribute(r, "/", "history", &d->history));
  PetscCall(screen_h5_in_labels(r->in, "/species", &d->nspecies, &d->species));
  PetscCall(screen_h5_in_labels(r->in, "/component", &d->ncomponent, &d->component));
  PetscCall(screen_h5_in_labels(r->in, "/pair", &d->npair, &d->pair));
  PetscCall(screen_h5_in_labels(r->in, "/point/name", &n, &d->point));
  if (!d->campaign[0] || d->nspecies == 0 || d->ncomponent == 0 || n == 0)
    PetscCall(refuse(r, "an HDF5 file without campaign, species, component or point/name",
                     "results.h5 of this program"));
  d->npoint = n;
  PetscFunctionReturn(0);
}

/* Axes ---------------------------------------------------------------------------------------- */

static PetscErrorCode read_axis(const reader *r, const char *name, screen_dataset_axis *axis)
{
  char path[SCREEN_DATASET_NAME + 2];
  PetscInt rank, dims[SCREEN_H5_IN_RANK];

  PetscFunctionBegin;
  snprintf(path, sizeof(path), "/%s", name);
  PetscCall(PetscStrncpy(axis->name, name, sizeof(axis->name)));
  PetscCall(attribute(r, path, "units", &axis->units));
  PetscCall(attribute(r, path, "long_name", &axis->long_name));
  PetscCall(screen_h5_in_attribute(r->in, path, "component", &axis->component));
  if (!axis->component)
    PetscCall(PetscStrallocpy(strcmp(name, "temperature") && strcmp(name, "pressure") ? name : "",
                              &axis->component));
  if (!screen_h5_in_shape(r->in, path, &rank, dims) || rank != 1 || dims[0] < 1)
    PetscFunctionReturn(0);
  PetscCall(PetscMalloc1(dims[0], &axis->value));
  if (screen_h5_in_reals(r->in, path, dims[0], axis->value)) axis->n = dims[0];
  PetscFunctionReturn(0);
}

/* The first property with one number a point has the axes as its dimensions. */
static const char *any_property(const reader *r, char path[SCREEN_DATASET_NAME + 2])
{
  for (PetscInt i = 0; i < prop_count(); i++) {
    snprintf(path, SCREEN_DATASET_NAME + 2, "/%s", prop_get(i)->name);
    if (screen_h5_in_has(r->in, path)) return path;
  }
  return NULL;
}

/* How points and axes lie. */
static PetscErrorCode order_axes(const reader *r)
{
  screen_dataset *d = r->data;
  PetscInt product = 1;

  PetscFunctionBegin;
  d->temperature = d->pressure = -1;
  for (PetscInt a = 0; a < d->naxis; a++) {
    if (strcmp(d->axis[a].name, "temperature") == 0) d->temperature = a;
    if (strcmp(d->axis[a].name, "pressure") == 0) d->pressure = a;
    product *= d->axis[a].n;
  }
  if (d->temperature < 0 || d->pressure < 0 || product != d->npoint || product == 0) {
    PetscCall(refuse(r, "axes that do not fit the list of points",
                     "axes among them temperature and pressure, whose product is the points"));
    PetscFunctionReturn(0);
  }
  d->ntemperature = d->axis[d->temperature].n;
  d->nseries = d->npoint / d->ntemperature;
  d->stride = 1;
  for (PetscInt a = d->temperature + 1; a < d->naxis; a++) d->stride *= d->axis[a].n;
  PetscFunctionReturn(0);
}

static PetscErrorCode read_axes(const reader *r)
{
  char path[SCREEN_DATASET_NAME + 2], name[SCREEN_DATASET_NAME];
  PetscInt rank = 0, dims[SCREEN_H5_IN_RANK];
  screen_dataset *d = r->data;

  PetscFunctionBegin;
  if (!any_property(r, path) || !screen_h5_in_shape(r->in, path, &rank, dims)) {
    PetscCall(refuse(r, "no property that this program knows", "results.h5 of this program"));
    PetscFunctionReturn(0);
  }
  PetscCall(PetscCalloc1(rank + 1, &d->axis));
  for (PetscInt k = 0; k < rank; k++) {
    screen_h5_in_dimension(r->in, path, k, sizeof(name), name);
    if (!name[0] || strcmp(name, "species") == 0 || strcmp(name, "pair") == 0) break;
    PetscCall(read_axis(r, name, &d->axis[d->naxis++]));
  }
  PetscCall(order_axes(r));
  PetscFunctionReturn(0);
}

/* Points -------------------------------------------------------------------------------------- */

static PetscErrorCode read_points(const reader *r)
{
  screen_dataset *d = r->data;
  const PetscInt n = d->npoint;
  PetscInt m;
  PetscBool good;

  PetscFunctionBegin;
  PetscCall(PetscCalloc1(n, &d->seconds));
  (void)screen_h5_in_reals(r->in, "/point/wall_seconds", n, d->seconds);
  PetscCall(PetscMalloc1(d->ncomponent, &d->molar_mass));
  for (PetscInt k = 0; k < d->ncomponent; k++) d->molar_mass[k] = PROP_NAN;
  (void)screen_h5_in_reals(r->in, "/molar_mass", d->ncomponent, d->molar_mass);
  PetscCall(PetscCalloc1(n, &d->state));
  PetscCall(PetscCalloc1(n, &d->reason));
  PetscCall(PetscCalloc1(n * d->nspecies, &d->atoms));
  PetscCall(PetscCalloc1(n * d->ncomponent, &d->units));
  PetscCall(PetscCalloc1(n * d->ncomponent, &d->mole));
  good = screen_h5_in_ints(r->in, "/point/state", n, d->state);
  good = (PetscBool)(good && screen_h5_in_ints(r->in, "/point/reason", n, d->reason));
  good = (PetscBool)(good && screen_h5_in_ints(r->in, "/point/atoms", n * d->nspecies, d->atoms));
  good = (PetscBool)(good &&
                     screen_h5_in_ints(r->in, "/point/formula_units", n * d->ncomponent, d->units));
  good = (PetscBool)(good &&
                     screen_h5_in_reals(r->in, "/point/mole_fraction", n * d->ncomponent, d->mole));
  PetscCall(screen_h5_in_labels(r->in, "/point/detail", &m, &d->detail));
  if (!good || m != n) PetscCall(refuse(r, "an incomplete list /point", "results.h5 as written"));
  PetscFunctionReturn(0);
}

/* Properties ---------------------------------------------------------------------------------- */

/* One companion of a property, [n]; the path is /<name><suffix>. */
static PetscBool read_part(const reader *r, const char *name, const char *suffix, PetscInt n,
                           PetscReal data[])
{
  char path[2 * SCREEN_DATASET_NAME];

  snprintf(path, sizeof(path), "/%s%s", name, suffix);
  return screen_h5_in_reals(r->in, path, n, data);
}

static PetscBool fill_values(const reader *r, screen_dataset_property *p, PetscReal part[])
{
  const PetscInt n = r->data->npoint * p->width;
  const char *name = p->definition->name;

  if (!read_part(r, name, "", n, part)) return PETSC_FALSE;
  for (PetscInt i = 0; i < n; i++) p->value[i].value = part[i];
  if (!read_part(r, name, "_error", n, part)) return PETSC_FALSE;
  for (PetscInt i = 0; i < n; i++) p->value[i].error = part[i];
  if (!read_part(r, name, "_neff", n, part)) return PETSC_FALSE;
  for (PetscInt i = 0; i < n; i++) p->value[i].neff = part[i];
  if (!read_part(r, name, "_flag", n, part)) return PETSC_FALSE;
  for (PetscInt i = 0; i < n; i++) {
    p->value[i].flags = whole(part[i]);
    if (!isfinite(p->value[i].value)) p->value[i].flags |= PROP_FLAG_MISSING;
  }
  return PETSC_TRUE;
}

/* The factor R of a covariance C = (R^T R)^-1, R upper triangular, from C = U U^T with U upper
 * triangular and R = U^-1.  PETSC_FALSE: C is not positive definite. */
static PetscBool factorise(PetscInt n, const PetscReal c[], PetscReal factor[])
{
  PetscReal u[PROP_FIT_MAX_PARAM][PROP_FIT_MAX_PARAM] = {{0}};

  for (PetscInt j = n; j-- > 0;) {
    for (PetscInt i = j + 1; i-- > 0;) {
      PetscReal sum = c[i * n + j];

      for (PetscInt k = j + 1; k < n; k++) sum -= u[i][k] * u[j][k];
      if (i == j && !(sum > 0.0)) return PETSC_FALSE;
      u[i][j] = i == j ? sqrt(sum) : sum / u[j][j];
    }
  }
  for (PetscInt j = 0; j < n; j++) {
    for (PetscInt i = n; i-- > 0;) {
      PetscReal sum = i == j ? 1.0 : 0.0;

      for (PetscInt k = i + 1; k < n; k++) sum -= u[i][k] * factor[k * n + j];
      factor[i * n + j] = i > j ? 0.0 : sum / u[i][i];
    }
  }
  return PETSC_TRUE;
}

/* Everything that /fit/<property> says, as columns. */
typedef struct {
  PetscReal *model, *reason, *points, *flag, *tmin, *tmax, *chi2, *probability, *aicc, *widening;
  PetscReal *coefficient, *covariance;
  PetscReal *store;
} fit_columns;

static PetscBool fit_part(const reader *r, const char *property, const char *name, PetscInt n,
                          PetscReal data[])
{
  char path[2 * SCREEN_DATASET_NAME];

  snprintf(path, sizeof(path), "/fit/%s/%s", property, name);
  return screen_h5_in_reals(r->in, path, n, data);
}

static PetscBool read_columns(const reader *r, const char *name, PetscInt n, fit_columns *c)
{
  enum { P = PROP_FIT_MAX_PARAM };
  const struct {
    const char *name;
    PetscReal **to;
    PetscInt width;
  } list[] = {{"model", &c->model, 1},
              {"reason", &c->reason, 1},
              {"points", &c->points, 1},
              {"flag", &c->flag, 1},
              {"temperature_min", &c->tmin, 1},
              {"temperature_max", &c->tmax, 1},
              {"chi2", &c->chi2, 1},
              {"probability", &c->probability, 1},
              {"aicc", &c->aicc, 1},
              {"widening", &c->widening, 1},
              {"coefficients", &c->coefficient, P},
              {"covariance", &c->covariance, P * P}};
  PetscReal *at = c->store;

  for (size_t k = 0; k < sizeof(list) / sizeof(list[0]); k++) {
    *list[k].to = at;
    if (!fit_part(r, name, list[k].name, n * list[k].width, at)) return PETSC_FALSE;
    at += n * list[k].width;
  }
  return PETSC_TRUE;
}

static PetscInt parameters_of(const PetscReal coefficient[])
{
  PetscInt n = 0;

  while (n < PROP_FIT_MAX_PARAM && isfinite(coefficient[n])) n++;
  return n;
}

static void fill_fit(const fit_columns *c, PetscInt i, prop_fit *f)
{
  enum { P = PROP_FIT_MAX_PARAM };
  const PetscReal *coefficient = c->coefficient + i * P, *covariance = c->covariance + i * P * P;

  *f = (prop_fit){.model = (prop_fit_model)whole(c->model[i]),
                  .reason = (prop_fit_reason)whole(c->reason[i]),
                  .nparam = parameters_of(coefficient),
                  .npoint = whole(c->points[i]),
                  .chi2 = c->chi2[i],
                  .probability = c->probability[i],
                  .aicc = c->aicc[i],
                  .widening = c->widening[i],
                  .tmin = c->tmin[i],
                  .tmax = c->tmax[i],
                  .residual_max = PROP_NAN,
                  .flags = whole(c->flag[i])};
  f->dof = f->npoint - f->nparam;
  for (PetscInt j = 0; j < f->nparam; j++) {
    f->coefficient[j] = coefficient[j];
    for (PetscInt k = 0; k < f->nparam; k++)
      f->covariance[j * f->nparam + k] = covariance[j * P + k];
  }
  if ((PetscInt)f->model < 0 || f->model >= PROP_FIT_NMODEL || f->nparam == 0 ||
      !factorise(f->nparam, f->covariance, f->factor))
    f->reason = f->reason > 0 ? PROP_FIT_DEGENERATE : f->reason;
}

static PetscErrorCode read_fit(const reader *r, screen_dataset_property *p)
{
  enum { COLUMNS = 10 + PROP_FIT_MAX_PARAM * (1 + PROP_FIT_MAX_PARAM) };
  const PetscInt n = r->data->nseries * p->width, m = r->data->npoint * p->width;
  fit_columns c = {0};
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(COLUMNS * n, &c.store));
  if (read_columns(r, p->definition->name, n, &c)) {
    ierr = PetscMalloc1(n, &p->fit);
    if (!ierr) ierr = PetscMalloc1(m, &p->residual);
    for (PetscInt i = 0; !ierr && i < n; i++) fill_fit(&c, i, &p->fit[i]);
    if (!ierr && !fit_part(r, p->definition->name, "residual", m, p->residual)) {
      for (PetscInt i = 0; i < m; i++) p->residual[i] = PROP_NAN;
    }
  }
  PetscCall(PetscFree(c.store));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

static PetscErrorCode read_property(const reader *r, const prop_definition *definition)
{
  screen_dataset *d = r->data;
  screen_dataset_property *p = &d->property[d->nproperty++];
  PetscReal *part;
  PetscBool good;

  PetscFunctionBegin;
  p->definition = definition;
  p->width = prop_width(definition, d->nspecies);
  PetscCall(PetscCalloc1(d->npoint * p->width, &p->value));
  PetscCall(PetscMalloc1(d->npoint * p->width, &part));
  good = fill_values(r, p, part);
  if (read_part(r, definition->name, "_model_error", d->npoint * p->width, part)) {
    p->model_error = part;
    part = NULL;
  }
  PetscCall(PetscFree(part));
  if (!good)
    PetscCall(refuse(r, "a property without all of value, _error, _neff and _flag of its shape",
                     definition->name));
  PetscCall(read_fit(r, p));
  PetscFunctionReturn(0);
}

static PetscErrorCode read_properties(const reader *r)
{
  char path[SCREEN_DATASET_NAME + 2];

  PetscFunctionBegin;
  PetscCall(PetscCalloc1(prop_count(), &r->data->property));
  for (PetscInt i = 0; i < prop_count(); i++) {
    snprintf(path, sizeof(path), "/%s", prop_get(i)->name);
    if (screen_h5_in_has(r->in, path)) PetscCall(read_property(r, prop_get(i)));
  }
  PetscFunctionReturn(0);
}

/* ----------------------------------------------------------------------------------------- */

static PetscErrorCode read_parts(const reader *r)
{
  PetscFunctionBegin;
  PetscCall(read_head(r));
  if (r->diag->n) PetscFunctionReturn(0);
  PetscCall(read_axes(r));
  if (r->diag->n) PetscFunctionReturn(0);
  PetscCall(read_points(r));
  PetscCall(read_properties(r));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_dataset_read(const char *path, screen_dataset *data, mtp_diag *diag)
{
  char file[SCREEN_PATH_MAX], problem[256];
  reader r = {.data = data, .diag = diag};
  struct stat about;
  int error = 0;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  *data = (screen_dataset){0};
  PetscCall(PetscStrncpy(file, path, sizeof(file)));
  if (stat(path, &about) == 0 && S_ISDIR(about.st_mode))
    PetscCall(PetscSNPrintf(file, sizeof(file), "%s/results.h5", path));
  PetscCall(PetscStrallocpy(file, &data->path));
  PetscCall(screen_h5_in_open(file, &r.in, problem));
  if (!r.in) {
    PetscCall(mtp_diag_add(diag, file, 0, 0, "%s", problem));
    PetscFunctionReturn(0);
  }
  ierr = read_parts(&r);
  PetscCall(screen_h5_in_close(&r.in));
  PetscCall(ierr);
  PetscCall(screen_sha256_file(file, data->sha256, &error));
  if (error) PetscCall(mtp_diag_add(diag, file, 0, 0, "%s", strerror(error)));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_dataset_clear(screen_dataset *d)
{
  PetscFunctionBegin;
  for (PetscInt a = 0; d->axis && a < d->naxis; a++) {
    PetscCall(PetscFree(d->axis[a].component));
    PetscCall(PetscFree(d->axis[a].units));
    PetscCall(PetscFree(d->axis[a].long_name));
    PetscCall(PetscFree(d->axis[a].value));
  }
  for (PetscInt i = 0; d->property && i < d->nproperty; i++) {
    PetscCall(PetscFree(d->property[i].value));
    PetscCall(PetscFree(d->property[i].model_error));
    PetscCall(PetscFree(d->property[i].fit));
    PetscCall(PetscFree(d->property[i].residual));
  }
  PetscCall(PetscFree(d->path));
  PetscCall(PetscFree(d->campaign));
  PetscCall(PetscFree(d->description));
  PetscCall(PetscFree(d->campaign_sha256));
  PetscCall(PetscFree(d->potential_sha256));
  PetscCall(PetscFree(d->source));
  PetscCall(PetscFree(d->version));
  PetscCall(PetscFree(d->history));
  PetscCall(PetscFree(d->axis));
  PetscCall(PetscFree(d->property));
  PetscCall(PetscFree(d->species));
  PetscCall(PetscFree(d->component));
  PetscCall(PetscFree(d->pair));
  PetscCall(PetscFree(d->point));
  PetscCall(PetscFree(d->detail));
  PetscCall(PetscFree(d->seconds));
  PetscCall(PetscFree(d->molar_mass));
  PetscCall(PetscFree(d->state));
  PetscCall(PetscFree(d->reason));
  PetscCall(PetscFree(d->atoms));
  PetscCall(PetscFree(d->units));
  PetscCall(PetscFree(d->mole));
  *d = (screen_dataset){0};
  PetscFunctionReturn(0);
}

/* Questions ----------------------------------------------------------------------------------- */

const screen_dataset_property *screen_dataset_find(const screen_dataset *data, prop_id id)
{
  for (PetscInt i = 0; i < data->nproperty; i++) {
    if (data->property[i].definition == prop_get((PetscInt)id)) return &data->property[i];
  }
  return NULL;
}

PetscInt screen_dataset_point(const screen_dataset *data, PetscInt s, PetscInt t)
{
  const PetscInt before = s / data->stride, after = s % data->stride;

  return (before * data->ntemperature + t) * data->stride + after;
}

PetscInt screen_dataset_index(const screen_dataset *data, PetscInt point, PetscInt axis)
{
  for (PetscInt a = data->naxis - 1; a > axis; a--) point /= data->axis[a].n;
  return point % data->axis[axis].n;
}

const PetscReal *screen_dataset_temperatures(const screen_dataset *data)
{
  return data->axis[data->temperature].value;
}

PetscReal screen_dataset_molar_mass(const screen_dataset *data, PetscInt point)
{
  PetscReal gram = 0.0, units = 0.0, mass;

  for (PetscInt s = 0; s < data->nspecies; s++) {
    if (!md_element_lookup(data->species[s], &mass, NULL)) return PROP_NAN;
    gram += mass * (PetscReal)data->atoms[point * data->nspecies + s];
  }
  for (PetscInt k = 0; k < data->ncomponent; k++)
    units += (PetscReal)data->units[point * data->ncomponent + k];
  return units > 0.0 && gram > 0.0 ? 1e-3 * gram / units : PROP_NAN;
}

void screen_dataset_composition(const screen_dataset *data, PetscInt point, size_t size,
                                char text[])
{
  size_t at = 0;

  text[0] = 0;
  for (PetscInt k = 0; k < data->ncomponent && at < size; k++)
    at += (size_t)snprintf(text + at, size - at, "%s%s %.4g", k ? ", " : "", data->component[k],
                           data->mole[point * data->ncomponent + k]);
  if (data->axis[data->pressure].n > 1 && at < size) {
    const PetscInt p = screen_dataset_index(data, point, data->pressure);

    snprintf(text + at, size - at, ", p = %.6g Pa", data->axis[data->pressure].value[p]);
  }
}

PetscBool screen_dataset_exportable(const prop_value *value, PetscBool flagged)
{
  const PetscInt never = PROP_FLAG_MISSING | PROP_FLAG_IONIC_ONLY | PROP_FLAG_INTERFACE;

  if (value->flags & never || !isfinite(value->value)) return PETSC_FALSE;
  return (PetscBool)(flagged || value->flags == 0);
}

void screen_dataset_flags(PetscInt flags, size_t size, char text[])
{
  size_t at = 0;

  text[0] = 0;
  for (PetscInt bit = 0; bit < PROP_NFLAG && at < size; bit++) {
    if (flags & (1 << bit))
      at += (size_t)snprintf(text + at, size - at, "%s%s", at ? " " : "", prop_flag_name(bit));
  }
}
