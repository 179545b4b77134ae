/* screening/screen_store_fits.c - /fit of results.h5: correlations over temperature
 *
 * One group a property: /fit/density.  Its variables have the axes of the table without
 * temperature, then the species where the property has them; coefficients have one dimension more,
 * their covariance two.  Every rank knows all fits, the first one writes them.
 */
#include "screening/screen_store_impl.h"

#include <string.h>

/* Where one group goes: dimensions of a series, and of a point. */
typedef struct {
  const screen_store_table *table;
  const screen_fit *fit;
  PetscInt nseries, npoint; /* rows of this rank */
  const PetscInt *row;      /* 0, 1, 2, ... */
  const char *last;         /* "/species", or NULL */
} target;

/* Dimensions of a variable of /fit/<property>: axes (without that of temperature unless
   `pointwise`), species, then `more` and `most`. */
static PetscErrorCode dimensions_of(const target *g, PetscBool pointwise, const char *more,
                                    const char *most, char path[][SCREEN_STORE_NAME],
                                    const char *dimension[], PetscInt *n)
{
  const screen_store_table *t = g->table;

  PetscFunctionBegin;
  *n = 0;
  PetscCheck(t->grid->naxis + 3 <= SCREEN_H5_MAX_RANK, t->comm, PETSC_ERR_ARG_OUTOFRANGE,
             "A table of %" PetscInt_FMT " axes is more than an HDF5 file can hold (%d)",
             t->grid->naxis, SCREEN_H5_MAX_RANK - 3);
  for (PetscInt a = 0; a < t->grid->naxis; a++) {
    if (a == t->fits->series.axis && !pointwise) continue;
    PetscCall(PetscSNPrintf(path[*n], SCREEN_STORE_NAME, "/%s", t->axis[a]));
    dimension[*n] = path[*n];
    (*n)++;
  }
  if (g->last) dimension[(*n)++] = g->last;
  if (more) dimension[(*n)++] = more;
  if (most) dimension[(*n)++] = most;
  PetscFunctionReturn(0);
}

/* A variable of a group, with its data on the first rank. */
typedef struct {
  const char *name, *units, *long_name;
  screen_h5_type type;
  PetscBool pointwise;
  const char *more, *most; /* further dimensions */
} variable;

static PetscErrorCode write_variable(const target *g, const variable *v, const void *data)
{
  const char *dimension[SCREEN_H5_MAX_RANK];
  char name[SCREEN_H5_MAX_RANK][SCREEN_STORE_NAME], path[SCREEN_STORE_NAME];
  const PetscInt inner = (g->last ? 1 : 0) + (v->more ? 1 : 0) + (v->most ? 1 : 0);
  PetscInt rank;

  PetscFunctionBegin;
  PetscCall(dimensions_of(g, v->pointwise, v->more, v->most, name, dimension, &rank));
  PetscCall(PetscSNPrintf(path, sizeof(path), "/fit/%s/%s", prop_get((PetscInt)g->fit->id)->name,
                          v->name));
  PetscCall(screen_h5_variable(g->table->h5, path, v->type, rank, dimension));
  PetscCall(screen_store_attrs(
      g->table, path,
      (const screen_store_attr[]){{"units", v->units}, {"long_name", v->long_name}, {NULL, NULL}}));
  PetscCall(screen_h5_write(g->table->h5, path, inner, v->pointwise ? g->npoint : g->nseries,
                            g->row, data));
  PetscFunctionReturn(0);
}

/* Numbers of a fit --------------------------------------------------------------------------- */

static PetscReal get_tmin(const prop_fit *f)
{
  return f->tmin;
}

static PetscReal get_tmax(const prop_fit *f)
{
  return f->tmax;
}

static PetscReal get_chi2(const prop_fit *f)
{
  return f->chi2;
}

static PetscReal get_probability(const prop_fit *f)
{
  return f->probability;
}

static PetscReal get_aicc(const prop_fit *f)
{
  return f->aicc;
}

static PetscReal get_widening(const prop_fit *f)
{
  return f->widening;
}

static PetscErrorCode write_reals(const target *g, PetscReal data[])
{
  static const struct {
    variable v;
    PetscReal (*get)(const prop_fit *);
  } list[] = {
      {{.name = "temperature_min", .units = "K", .long_name = "lowest temperature fitted"},
       get_tmin},
      {{.name = "temperature_max", .units = "K", .long_name = "highest temperature fitted"},
       get_tmax},
      {{.name = "chi2", .units = "1", .long_name = "sum of squared residuals over errors"},
       get_chi2},
      {{.name = "probability", .units = "1", .long_name = "of a chi-square as large"},
       get_probability},
      {{.name = "aicc", .units = "1", .long_name = "corrected Akaike information criterion"},
       get_aicc},
      {{.name = "widening",
        .units = "1",
        .long_name = "factor on errors of predictions: above 1 where the form does not fit"},
       get_widening}};
  const PetscInt n = g->table->fits->series.nseries * g->fit->width;

  PetscFunctionBegin;
  for (size_t k = 0; k < sizeof(list) / sizeof(list[0]); k++) {
    for (PetscInt i = 0; i < n; i++) data[i] = list[k].get(&g->fit->fit[i]);
    PetscCall(write_variable(g, &list[k].v, data));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode write_coefficients(const target *g, PetscReal data[])
{
  enum { P = PROP_FIT_MAX_PARAM };
  const PetscInt n = g->table->fits->series.nseries * g->fit->width;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < n * P; i++) {
    const prop_fit *f = &g->fit->fit[i / P];

    data[i] = f->reason > 0 && i % P < f->nparam ? f->coefficient[i % P] : PROP_NAN;
  }
  PetscCall(write_variable(g,
                           &(variable){.name = "coefficients",
                                       .long_name = "a, b, c, d of the formula of the model",
                                       .more = "/fit/coefficient"},
                           data));
  for (PetscInt i = 0; i < n * P * P; i++) {
    const prop_fit *f = &g->fit->fit[i / (P * P)];
    const PetscInt row = i / P % P, column = i % P;

    data[i] = f->reason > 0 && row < f->nparam && column < f->nparam
                  ? f->covariance[row * f->nparam + column]
                  : PROP_NAN;
  }
  PetscCall(write_variable(g,
                           &(variable){.name = "covariance",
                                       .long_name = "covariance of the coefficients",
                                       .more = "/fit/coefficient",
                                       .most = "/fit/coefficient_column"},
                           data));
  PetscFunctionReturn(0);
}

/* Integers ------------------------------------------------------------------------------------ */

/* flag_values and flag_meanings of a variable. */
static PetscErrorCode name_values(const screen_store_table *t, const char *path, PetscInt n,
                                  const PetscInt value[], const char *const word[])
{
  char meanings[512] = "";

  PetscFunctionBegin;
  for (PetscInt i = 0; i < n; i++) {
    if (i > 0) PetscCall(PetscStrlcat(meanings, " ", sizeof(meanings)));
    PetscCall(PetscStrlcat(meanings, word[i], sizeof(meanings)));
  }
  PetscCall(screen_h5_attr_ints(t->h5, path, "flag_values", SCREEN_H5_INT, n, value));
  PetscCall(screen_h5_attr_text(t->h5, path, "flag_meanings", meanings));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_store_reason_attributes(const screen_store_table *t, const char *path)
{
  static const PetscInt reason[] = {PROP_FIT_OK,       PROP_FIT_UNWEIGHTED,
                                    PROP_FIT_TOO_FEW,  PROP_FIT_DEGENERATE,
                                    PROP_FIT_AT_BOUND, PROP_FIT_NOT_CONVERGED};
  static const char *const word[] = {"fitted",         "fitted_without_error_bars",
                                     "too_few_points", "undetermined",
                                     "at_bound",       "not_converged"};

  PetscFunctionBegin;
  PetscCall(name_values(t, path, (PetscInt)(sizeof(reason) / sizeof(reason[0])), reason, word));
  PetscFunctionReturn(0);
}

static PetscErrorCode write_model(const target *g, PetscInt data[])
{
  const PetscInt n = g->table->fits->series.nseries * g->fit->width;
  PetscInt value[PROP_FIT_NMODEL];
  const char *word[PROP_FIT_NMODEL];
  char path[SCREEN_STORE_NAME], formula[512] = "";

  PetscFunctionBegin;
  for (PetscInt k = 0; k < PROP_FIT_NMODEL; k++) {
    value[k] = k;
    word[k] = prop_fit_name((prop_fit_model)k);
    if (k > 0) PetscCall(PetscStrlcat(formula, "; ", sizeof(formula)));
    PetscCall(PetscStrlcat(formula, word[k], sizeof(formula)));
    PetscCall(PetscStrlcat(formula, ": ", sizeof(formula)));
    PetscCall(PetscStrlcat(formula, prop_fit_formula((prop_fit_model)k), sizeof(formula)));
  }
  for (PetscInt i = 0; i < n; i++) data[i] = (PetscInt)g->fit->fit[i].model;
  PetscCall(write_variable(
      g, &(variable){.name = "model", .long_name = "form that was chosen", .type = SCREEN_H5_INT},
      data));
  PetscCall(
      PetscSNPrintf(path, sizeof(path), "/fit/%s/model", prop_get((PetscInt)g->fit->id)->name));
  PetscCall(name_values(g->table, path, PROP_FIT_NMODEL, value, word));
  PetscCall(PetscStrlcat(formula, "; y in the property's units, T in K", sizeof(formula)));
  PetscCall(screen_h5_attr_text(g->table->h5, path, "comment", formula));
  PetscFunctionReturn(0);
}

static PetscErrorCode write_integers(const target *g, PetscInt data[])
{
  const PetscInt n = g->table->fits->series.nseries * g->fit->width;
  char path[SCREEN_STORE_NAME];

  PetscFunctionBegin;
  PetscCall(write_model(g, data));
  for (PetscInt i = 0; i < n; i++) data[i] = (PetscInt)g->fit->fit[i].reason;
  PetscCall(write_variable(
      g,
      &(variable){.name = "reason", .long_name = "what became of the fit", .type = SCREEN_H5_INT},
      data));
  PetscCall(
      PetscSNPrintf(path, sizeof(path), "/fit/%s/reason", prop_get((PetscInt)g->fit->id)->name));
  PetscCall(screen_store_reason_attributes(g->table, path));
  for (PetscInt i = 0; i < n; i++) data[i] = g->fit->fit[i].npoint;
  PetscCall(write_variable(
      g,
      &(variable){
          .name = "points", .units = "1", .long_name = "points fitted", .type = SCREEN_H5_INT},
      data));
  for (PetscInt i = 0; i < n; i++) data[i] = g->fit->fit[i].flags;
  PetscCall(write_variable(g,
                           &(variable){.name = "flag",
                                       .long_name = "quality flags of the points fitted",
                                       .type = SCREEN_H5_INT},
                           data));
  PetscFunctionReturn(0);
}

/* Groups --------------------------------------------------------------------------------------- */

static PetscErrorCode write_group(const target *g, PetscReal real[], PetscInt integer[])
{
  char path[SCREEN_STORE_NAME];

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(path, sizeof(path), "/fit/%s", prop_get((PetscInt)g->fit->id)->name));
  PetscCall(screen_h5_group(g->table->h5, path));
  PetscCall(write_integers(g, integer));
  PetscCall(PetscStrlcat(path, "/flag", sizeof(path)));
  PetscCall(screen_store_flag_attributes(g->table, path));
  PetscCall(write_coefficients(g, real));
  PetscCall(write_reals(g, real));
  PetscCall(write_variable(
      g,
      &(variable){.name = "residual",
                  .units = "1",
                  .long_name = "value less fit over error, of the logarithm where that is fitted",
                  .pointwise = PETSC_TRUE},
      g->fit->residual));
  PetscFunctionReturn(0);
}

static PetscErrorCode write_groups(const screen_store_table *t, const PetscInt row[],
                                   PetscReal real[], PetscInt integer[])
{
  PetscMPIInt rank;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(t->comm, &rank));
  for (PetscInt i = 0; i < t->fits->n; i++) {
    const screen_fit *fit = &t->fits->fit[i];
    const target g = {.table = t,
                      .fit = fit,
                      .nseries = rank == 0 ? t->fits->series.nseries : 0,
                      .npoint = rank == 0 ? t->grid->npoint : 0,
                      .row = row,
                      .last = prop_get((PetscInt)fit->id)->shape == PROP_PER_SPECIES ? "/species"
                                                                                     : NULL};

    PetscCall(write_group(&g, real, integer));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_store_write_fits(const screen_store_table *t)
{
  enum { P = PROP_FIT_MAX_PARAM };
  PetscInt *row, *integer, most;
  PetscReal *real;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  if (!t->fits || t->fits->n == 0) PetscFunctionReturn(0);
  most = t->fits->series.nseries * t->campaign->nspecies;
  PetscCall(screen_h5_group(t->h5, "/fit"));
  PetscCall(screen_h5_dimension(t->h5, "/fit/coefficient", P));
  PetscCall(screen_h5_dimension(t->h5, "/fit/coefficient_column", P));
  PetscCall(PetscMalloc3(t->grid->npoint, &row, most, &integer, most * P * P, &real));
  for (PetscInt p = 0; p < t->grid->npoint; p++) row[p] = p;
  ierr = write_groups(t, row, real, integer);
  PetscCall(PetscFree3(row, integer, real));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}
