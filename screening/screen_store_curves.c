/* screening/screen_store_curves.c - /curve of results.h5: what a referee asks to see behind a
 * number
 *
 * A curve's own axis (lag time, distance) is one dimension for all points: it follows from the
 * campaign alone, so the axes of all points agree as far as they go; a run that is not finished
 * knows only the beginning, and the rest of its row is a hole.
 */
#include "screening/screen_store_impl.h"

#include <math.h>
#include <string.h>

typedef enum { AXIS_LAG, AXIS_DISTANCE } curve_axis;

/* One point's part of an axis: n values. */
static PetscInt axis_of(const screen_result *result, curve_axis axis, const PetscReal **value)
{
  *value = axis == AXIS_LAG ? result->msd_t : result->rdf_r;
  return axis == AXIS_LAG ? result->nmsd : result->nrdf;
}

/* Spreads this rank's knowledge of an axis: extreme[2 i] is the largest value i, extreme[2 i + 1]
   minus the smallest. */
static void axis_extremes(const screen_store_table *t, curve_axis axis, PetscInt n,
                          PetscReal extreme[])
{
  const PetscReal *value;

  for (PetscInt i = 0; i < 2 * n; i++) extreme[i] = -PETSC_MAX_REAL;
  for (PetscInt k = 0; k < t->nrow; k++) {
    const PetscInt nk = axis_of(&t->result[k], axis, &value);

    for (PetscInt i = 0; i < nk; i++) {
      extreme[2 * i] = PetscMax(extreme[2 * i], value[i]);
      extreme[2 * i + 1] = PetscMax(extreme[2 * i + 1], -value[i]);
    }
  }
}

/* The axis of the most advanced point, on all ranks: *n values in *value (PetscFree); none when no
   point has any. */
static PetscErrorCode agree_axis(const screen_store_table *t, curve_axis axis, PetscInt *n,
                                 PetscReal **value)
{
  PetscInt longest = 0;
  PetscReal *extreme;
  const PetscReal *mine;

  PetscFunctionBegin;
  for (PetscInt k = 0; k < t->nrow; k++)
    longest = PetscMax(longest, axis_of(&t->result[k], axis, &mine));
  PetscCallMPI(MPI_Allreduce(&longest, n, 1, MPIU_INT, MPI_MAX, t->comm));
  PetscCall(PetscMalloc1(*n, value));
  PetscCall(PetscMalloc1(2 * *n, &extreme));
  axis_extremes(t, axis, *n, extreme);
  PetscCallMPI(
      MPI_Allreduce(MPI_IN_PLACE, extreme, (PetscMPIInt)(2 * *n), MPI_DOUBLE, MPI_MAX, t->comm));
  for (PetscInt i = 0; i < *n; i++) {
    (*value)[i] = extreme[2 * i];
    PetscCheck(extreme[2 * i] == -extreme[2 * i + 1], t->comm, PETSC_ERR_PLIB,
               "Points differ in value %" PetscInt_FMT " of a common curve axis: %g and %g", i,
               (double)extreme[2 * i], (double)-extreme[2 * i + 1]);
  }
  PetscCall(PetscFree(extreme));
  PetscFunctionReturn(0);
}

/* A family of curves over one axis, and one of its variables. */
typedef struct {
  const char *group, *axis_path, *last; /* "/curve/diffusion", its axis, "/species" */
  curve_axis axis;
  PetscInt width, n; /* curves of a point, values of a curve */
} family;

typedef struct {
  const char *name, *units, *long_name;
  const PetscReal *(*values)(const screen_result *); /* [width, the point's n] */
} curve;

static const PetscReal *get_msd(const screen_result *r)
{
  return r->msd;
}

static const PetscReal *get_msd_error(const screen_result *r)
{
  return r->msd_error;
}

static const PetscReal *get_rdf(const screen_result *r)
{
  return r->rdf_g;
}

static const PetscReal *get_running(const screen_result *r)
{
  return r->rdf_n;
}

/* One curve variable [axes..., last, axis] with this rank's rows; what a point does not know is
   NaN. */
static PetscErrorCode write_curve(const screen_store_table *t, const family *f, const curve *c)
{
  const char *dimension[SCREEN_H5_MAX_RANK];
  char name[SCREEN_H5_MAX_RANK][SCREEN_STORE_NAME], path[SCREEN_STORE_NAME];
  PetscReal *data;
  PetscInt rank;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(screen_store_dimensions(t, f->last, f->axis_path, name, dimension, &rank));
  PetscCall(PetscSNPrintf(path, sizeof(path), "%s/%s", f->group, c->name));
  PetscCall(screen_h5_variable(t->h5, path, SCREEN_H5_REAL, rank, dimension));
  PetscCall(screen_store_attrs(
      t, path,
      (const screen_store_attr[]){{"units", c->units}, {"long_name", c->long_name}, {NULL, NULL}}));
  PetscCall(PetscMalloc1(t->nrow * f->width * f->n, &data));
  for (PetscInt i = 0; i < t->nrow * f->width * f->n; i++) data[i] = PROP_NAN;
  for (PetscInt k = 0; k < t->nrow; k++) {
    const PetscReal *axis, *from = c->values(&t->result[k]);
    const PetscInt n = axis_of(&t->result[k], f->axis, &axis);

    for (PetscInt w = 0; from && w < f->width; w++)
      PetscCall(PetscArraycpy(data + (k * f->width + w) * f->n, from + w * n, n));
  }
  ierr = screen_h5_write(t->h5, path, 2, t->nrow, t->row, data);
  PetscCall(PetscFree(data));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* The group of a family, its axis and its curves; nothing when no point has any. */
static PetscErrorCode write_family(const screen_store_table *t, family *f, const char *axis_units,
                                   const char *axis_name, PetscInt ncurve, const curve c[])
{
  PetscReal *value;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(agree_axis(t, f->axis, &f->n, &value));
  ierr = f->n > 0 ? screen_h5_group(t->h5, f->group) : 0;
  if (f->n > 0 && !ierr) ierr = screen_h5_axis(t->h5, f->axis_path, f->n, value);
  PetscCall(PetscFree(value));
  PetscCall(ierr);
  if (f->n == 0) PetscFunctionReturn(0);
  PetscCall(screen_store_attrs(
      t, f->axis_path,
      (const screen_store_attr[]){{"units", axis_units}, {"long_name", axis_name}, {NULL, NULL}}));
  for (PetscInt i = 0; i < ncurve; i++) PetscCall(write_curve(t, f, &c[i]));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_store_write_curves(const screen_store_table *t)
{
  static const curve diffusion[] = {
      {"msd", "m2", "mean squared displacement", get_msd},
      {"msd_error", "m2", "standard error of the mean squared displacement", get_msd_error}};
  static const curve structure[] = {{"rdf", "1", "radial distribution function", get_rdf},
                                    {"running_coordination", "1",
                                     "coordination number up to the outer edge of the bin",
                                     get_running}};
  const PetscInt ns = t->campaign->nspecies;
  family msd = {"/curve/diffusion", "/curve/diffusion/lag", "/species", AXIS_LAG, ns, 0};
  family rdf = {"/curve/structure", "/curve/structure/r", "/pair", AXIS_DISTANCE, ns * ns, 0};

  PetscFunctionBegin;
  PetscCall(screen_h5_group(t->h5, "/curve"));
  PetscCall(write_family(t, &msd, "s", "lag time", 2, diffusion));
  PetscCall(write_family(t, &rdf, "m", "distance", 2, structure));
  PetscFunctionReturn(0);
}
