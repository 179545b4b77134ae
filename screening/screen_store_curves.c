/* screening/screen_store_curves.c - /curve of results.h5: what a referee asks to see behind a
 * number
 *
 * A curve's own axis (lag time, distance) is one dimension for all points: it follows from the
 * campaign alone, so the axes of all points agree as far as they go; a run that is not finished
 * knows only the beginning, and the rest of its row is a hole.  Running integrals and spectra have
 * axes that depend on how long a point ran: there x is a variable like y.
 */
#include "screening/screen_store_impl.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/* Axes of displacements, of g(r), then those of screen_table_id */
typedef enum { AXIS_LAG, AXIS_DISTANCE, AXIS_TABLE } curve_axis;

/* One point's part of an axis: n values. */
static PetscInt axis_of(const screen_result *result, int axis, const PetscReal **value)
{
  if (axis >= AXIS_TABLE) {
    *value = result->table[axis - AXIS_TABLE].x;
    return result->table[axis - AXIS_TABLE].n;
  }
  *value = axis == AXIS_LAG ? result->msd_t : result->rdf_r;
  return axis == AXIS_LAG ? result->nmsd : result->nrdf;
}

/* Spreads this rank's knowledge of an axis: extreme[2 i] is the largest value i, extreme[2 i + 1]
   minus the smallest. */
static void axis_extremes(const screen_store_table *t, int axis, PetscInt n, PetscReal extreme[])
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
static PetscErrorCode agree_axis(const screen_store_table *t, int axis, PetscInt *n,
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
  int axis;
  PetscInt width;  /* curves of a point */
  PetscBool joins; /* the group is there already */
  PetscInt n;      /* values of a curve */
} family;

typedef struct {
  const char *name, *units, *long_name;
  size_t values; /* where [width, the point's n] is in screen_result */
} curve;

static const PetscReal *curve_values(const screen_result *result, const curve *c)
{
  const PetscReal *values;

  memcpy(&values, (const char *)result + c->values, sizeof(values));
  return values;
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
    const PetscReal *axis, *from = curve_values(&t->result[k], c);
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
  ierr = f->n > 0 && !f->joins ? screen_h5_group(t->h5, f->group) : 0;
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

/* Tables of structure ------------------------------------------------------------------------ */

/* Where the tables of screen_result.h go: /curve/structure/<y> and <y>_error over <x>. */
static const struct {
  const char *x, *x_units, *x_name;
  const char *y, *error, *y_units, *y_name;
  const char *last; /* what a row belongs to */
} tables[SCREEN_NTABLE] = {
    [SCREEN_TABLE_FACTOR] = {"q", "m-1", "wave number", "structure_factor",
                             "structure_factor_error", "1",
                             "partial structure factor of Faber and Ziman", "/pair"},
    [SCREEN_TABLE_LIGANDS] = {"ligands", "1",
                              "number of ligands in the first shell; 13: more than 12",
                              "ligand_share", "ligand_share_error", "1",
                              "share of the centres that have so many ligands", "/pair"},
    [SCREEN_TABLE_ANGLES] = {"angle", "degree", "angle ligand - centre - ligand", "angle_density",
                             "angle_density_error", "degree-1",
                             "distribution of angles between ligands of the first shell", "/pair"},
};

static PetscErrorCode write_tables(const screen_store_table *t, PetscBool joins)
{
  const PetscInt ns = t->campaign->nspecies;

  PetscFunctionBegin;
  for (int id = 0; id < SCREEN_NTABLE; id++) {
    const size_t at = offsetof(screen_result, table) + (size_t)id * sizeof(screen_curve);
    const curve c[] = {
        {tables[id].y, tables[id].y_units, tables[id].y_name, at + offsetof(screen_curve, y)},
        {tables[id].error, tables[id].y_units, "standard error of the curve",
         at + offsetof(screen_curve, error)}};
    char path[SCREEN_STORE_NAME];
    family f = {"/curve/structure",
                path,
                tables[id].last,
                AXIS_TABLE + id,
                strcmp(tables[id].last, "/pair") == 0 ? ns * ns : ns,
                joins,
                0};

    PetscCall(PetscSNPrintf(path, sizeof(path), "/curve/structure/%s", tables[id].x));
    PetscCall(write_family(t, &f, tables[id].x_units, tables[id].x_name, 2, c));
    joins = (PetscBool)(joins || f.n > 0);
  }
  PetscFunctionReturn(0);
}

/* Curves over axes of their own -------------------------------------------------------------- */

/* Temperatures under the imposed flux of heat number k, from 1. */
#define HEAT(k)                                                                                    \
  [SCREEN_CURVE_PROFILE + (k)-1] = {"thermal_conductivity_rnemd",                                  \
                                    "slab_" #k,                                                    \
                                    "height_" #k,                                                  \
                                    "m",                                                           \
                                    "middle of the slab above the bottom of the cell",             \
                                    "temperature_" #k,                                             \
                                    "K",                                                           \
                                    "temperature of the slab in run " #k                           \
                                    " with an imposed flux, of which the "                         \
                                    "first in each cell is the strongest"}
/* Velocities under that of momentum. */
#define SHEAR(k)                                                                                   \
  [SCREEN_CURVE_SHEAR + (k)-1] = {"viscosity_rnemd",                                               \
                                  "slab_" #k,                                                      \
                                  "height_" #k,                                                    \
                                  "m",                                                             \
                                  "middle of the slab above the bottom of the cell",               \
                                  "velocity_" #k,                                                  \
                                  "m s-1",                                                         \
                                  "velocity along x of the slab with imposed flux " #k             \
                                  ", of which 1 is the strongest"}

/* Where the curves of screen_result.h go: /curve/<group>/<x>, <y> and <y>_error, over the axes of
 * the table and one dimension of counted samples. */
static const struct {
  const char *group, *dimension;
  const char *x, *x_units, *x_name;
  const char *y, *y_units, *y_name;
} own_curves[SCREEN_NCURVE] = {
    [SCREEN_CURVE_VISCOSITY] = {"viscosity", "sample", "time", "s", "upper limit of the integral",
                                "running_integral", "Pa s",
                                "Green-Kubo integral of the pressure up to this time"},
    [SCREEN_CURVE_VISCOSITY_SPECTRUM] = {"viscosity", "bin", "frequency", "s-1", "frequency",
                                         "spectrum", "Pa s",
                                         "spectrum of the pressure, whose limit at frequency zero "
                                         "is the viscosity"},
    [SCREEN_CURVE_IONIC] = {"ionic_conductivity", "sample", "time", "s",
                            "upper limit of the integral", "running_integral", "S m-1",
                            "Green-Kubo integral of the charge current up to this time"},
    [SCREEN_CURVE_IONIC_SPECTRUM] = {"ionic_conductivity", "bin", "frequency", "s-1", "frequency",
                                     "spectrum", "S m-1",
                                     "spectrum of the charge current, whose limit at frequency "
                                     "zero is the conductivity"},
    [SCREEN_CURVE_THERMAL_SPECTRUM] = {"thermal_conductivity", "bin", "frequency", "s-1",
                                       "frequency", "spectrum", "W m-1 K-1",
                                       "spectrum of the heat current without what flows with "
                                       "matter, whose limit at frequency zero is the thermal "
                                       "conductivity"},
    HEAT(1),
    HEAT(2),
    HEAT(3),
    HEAT(4),
    HEAT(5),
    HEAT(6),
    HEAT(7),
    HEAT(8),
    HEAT(9),
    HEAT(10),
    HEAT(11),
    HEAT(12),
    [SCREEN_CURVE_LENGTH] = {"thermal_conductivity_rnemd", "cell", "inverse_length", "m-1",
                             "one over the length of the cell along the flux", "conductivity",
                             "W m-1 K-1", "thermal conductivity in cells of several lengths"},
    SHEAR(1),
    SHEAR(2),
    SHEAR(3),
    SHEAR(4),
};

/* Where the numbers of a variable are in screen_curve, and how many belong to a sample; several:
 * one for each species. */
typedef struct {
  size_t at;
  PetscInt width;
} own_part;

/* This rank's rows, [nrow, n, width]; what a point does not know is NaN. */
static void fill_own(const screen_store_table *t, int id, PetscInt n, const own_part *part,
                     PetscReal data[])
{
  const PetscInt row = n * part->width;

  for (PetscInt k = 0; k < t->nrow; k++) {
    const screen_curve *c = &t->result[k].curve[id];
    PetscReal *from;

    memcpy(&from, (const char *)c + part->at, sizeof(from));
    for (PetscInt i = 0; i < row; i++)
      data[k * row + i] = from && i < c->n * part->width ? from[i] : PROP_NAN;
  }
}

/* One variable of a curve. */
static PetscErrorCode write_own(const screen_store_table *t, int id, PetscInt n,
                                const own_part *part, const screen_store_attr attr[])
{
  const char *dimension[SCREEN_H5_MAX_RANK], *name = attr[0].text;
  char axes[SCREEN_H5_MAX_RANK][SCREEN_STORE_NAME], path[SCREEN_STORE_NAME],
      last[SCREEN_STORE_NAME];
  PetscReal *data;
  PetscInt rank;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(last, sizeof(last), "/curve/%s/%s", own_curves[id].group,
                          own_curves[id].dimension));
  PetscCall(PetscSNPrintf(path, sizeof(path), "/curve/%s/%s", own_curves[id].group, name));
  PetscCall(screen_store_dimensions(t, last, part->width > 1 ? "/species" : NULL, axes, dimension,
                                    &rank));
  PetscCall(screen_h5_variable(t->h5, path, SCREEN_H5_REAL, rank, dimension));
  PetscCall(screen_store_attrs(t, path, attr + 1));
  PetscCall(PetscMalloc1(t->nrow * n * part->width, &data));
  fill_own(t, id, n, part, data);
  ierr = screen_h5_write(t->h5, path, part->width > 1 ? 2 : 1, t->nrow, t->row, data);
  PetscCall(PetscFree(data));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* Samples of the longest curve of a kind, and whether any has errors; on all ranks. */
static PetscErrorCode agree_length(const screen_store_table *t, int id, PetscInt most[2])
{
  PetscFunctionBegin;
  most[0] = most[1] = 0;
  for (PetscInt k = 0; k < t->nrow; k++) {
    most[0] = PetscMax(most[0], t->result[k].curve[id].n);
    most[1] = PetscMax(most[1], t->result[k].curve[id].error ? 1 : 0);
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, most, 2, MPIU_INT, MPI_MAX, t->comm));
  PetscFunctionReturn(0);
}

/* Density and composition of the slabs under an imposed flux; of one species there is none. */
static PetscErrorCode write_slabs(const screen_store_table *t, int id, PetscInt n)
{
  const own_part density = {offsetof(screen_curve, density), 1};
  const own_part fraction = {offsetof(screen_curve, fraction), t->campaign->nspecies};
  const char *number = strrchr(own_curves[id].dimension, '_');
  char name[SCREEN_STORE_NAME];

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(name, sizeof(name), "density%s", number));
  PetscCall(write_own(t, id, n, &density,
                      (const screen_store_attr[]){{"name", name},
                                                  {"units", "kg m-3"},
                                                  {"long_name", "density of the slab"},
                                                  {NULL, NULL}}));
  if (fraction.width < 2) PetscFunctionReturn(0);
  PetscCall(PetscSNPrintf(name, sizeof(name), "mole_fraction%s", number));
  PetscCall(
      write_own(t, id, n, &fraction,
                (const screen_store_attr[]){{"name", name},
                                            {"units", "1"},
                                            {"long_name", "share of an element among the atoms of "
                                                          "the slab"},
                                            {NULL, NULL}}));
  PetscFunctionReturn(0);
}

static PetscBool is_profile(int id)
{
  return (PetscBool)((id >= SCREEN_CURVE_PROFILE && id <= SCREEN_CURVE_PROFILE_LAST) ||
                     (id >= SCREEN_CURVE_SHEAR && id <= SCREEN_CURVE_SHEAR_LAST));
}

static PetscErrorCode write_own_curve(const screen_store_table *t, int id, const PetscInt most[2],
                                      PetscBool first)
{
  const own_part x = {offsetof(screen_curve, x), 1}, y = {offsetof(screen_curve, y), 1};
  const own_part error = {offsetof(screen_curve, error), 1};
  char path[SCREEN_STORE_NAME], name[SCREEN_STORE_NAME];

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(path, sizeof(path), "/curve/%s", own_curves[id].group));
  if (first) PetscCall(screen_h5_group(t->h5, path));
  PetscCall(PetscSNPrintf(path, sizeof(path), "/curve/%s/%s", own_curves[id].group,
                          own_curves[id].dimension));
  PetscCall(screen_h5_dimension(t->h5, path, most[0]));
  PetscCall(write_own(t, id, most[0], &x,
                      (const screen_store_attr[]){{"name", own_curves[id].x},
                                                  {"units", own_curves[id].x_units},
                                                  {"long_name", own_curves[id].x_name},
                                                  {NULL, NULL}}));
  PetscCall(write_own(t, id, most[0], &y,
                      (const screen_store_attr[]){{"name", own_curves[id].y},
                                                  {"units", own_curves[id].y_units},
                                                  {"long_name", own_curves[id].y_name},
                                                  {NULL, NULL}}));
  PetscCall(PetscSNPrintf(name, sizeof(name), "%s_error", own_curves[id].y));
  if (most[1])
    PetscCall(write_own(t, id, most[0], &error,
                        (const screen_store_attr[]){{"name", name},
                                                    {"units", own_curves[id].y_units},
                                                    {"long_name", "standard error of the curve"},
                                                    {NULL, NULL}}));
  if (is_profile(id)) PetscCall(write_slabs(t, id, most[0]));
  PetscFunctionReturn(0);
}

/* Curves of one group follow each other in the list; the first that has data makes the group. */
static PetscErrorCode write_own_curves(const screen_store_table *t)
{
  const char *made = "";

  PetscFunctionBegin;
  for (int id = 0; id < SCREEN_NCURVE; id++) {
    PetscInt most[2];

    PetscCall(agree_length(t, id, most));
    if (most[0] == 0) continue;
    PetscCall(write_own_curve(t, id, most, (PetscBool)(strcmp(made, own_curves[id].group) != 0)));
    made = own_curves[id].group;
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_store_write_curves(const screen_store_table *t)
{
  static const curve diffusion[] = {
      {"msd", "m2", "mean squared displacement", offsetof(screen_result, msd)},
      {"msd_error", "m2", "standard error of the mean squared displacement",
       offsetof(screen_result, msd_error)}};
  static const curve structure[] = {
      {"rdf", "1", "radial distribution function", offsetof(screen_result, rdf_g)},
      {"running_coordination", "1", "coordination number up to the outer edge of the bin",
       offsetof(screen_result, rdf_n)}};
  const PetscInt ns = t->campaign->nspecies;
  family msd = {"/curve/diffusion", "/curve/diffusion/lag", "/species", AXIS_LAG, ns, 0, 0};
  family rdf = {"/curve/structure", "/curve/structure/r", "/pair", AXIS_DISTANCE, ns * ns, 0, 0};

  PetscFunctionBegin;
  PetscCall(screen_h5_group(t->h5, "/curve"));
  PetscCall(write_family(t, &msd, "s", "lag time", 2, diffusion));
  PetscCall(write_family(t, &rdf, "m", "distance", 2, structure));
  PetscCall(write_tables(t, (PetscBool)(rdf.n > 0)));
  PetscCall(write_own_curves(t));
  PetscFunctionReturn(0);
}
