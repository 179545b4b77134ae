/* screening/screen_store_series.c - /series of results.h5: the block means behind all that
 * fluctuates or is transported
 *
 * One group for each production, with one time axis for all its points and replicas.  Where block
 * lengths differ, because some ran further, all get the longest; who ran less has _FillValue at the
 * end.  Numbers have 4 bytes: they are noise, whose seventh digit says nothing.  The journals keep
 * them in full, and all properties are computed from those.
 *
 * Each rank reads its points one by one, so that no more than one stream is in memory, and all
 * ranks take part in the writing of every row.
 */
#include "md/md_units.h"
#include "screening/screen_store_impl.h"

#define FEMTOSECOND 1e-15

static const PetscReal joule = MD_ELEMENTARY_CHARGE_C;            /* [J] one eV */
static const PetscReal molar = 1e-30 * MD_AVOGADRO;               /* [m^3/mol] one Å^3 an atom */
static const PetscReal watt_metre = MD_ELEMENTARY_CHARGE_C * 1e5; /* [W m] one eV Å/fs */

/* What the numbers of a variable are counted for: the cell, or a mole of atoms, as which squares
 * are no smaller than 4 bytes can hold. */
typedef enum { PER_CELL, PER_ATOM, PER_ATOM_2 } share;

/* A variable over (point, replica, outer, inner, time); outer and inner may be missing. */
typedef struct {
  const char *name, *units, *long_name;
  const char *outer, *inner; /* paths of dimensions; NULL: none */
  PetscInt channel, n;       /* first channel, how many */
  PetscReal factor;          /* to `units` */
  share share;
} series_variable;

typedef struct {
  const char *group, *time; /* "/series/nve", "/series/nve/time" */
  screen_stage stage;
  PetscInt nvariable, nchannel;
  series_variable variable[8];
  PetscInt64 length; /* samples a block */
  PetscInt n;        /* blocks */
  PetscInt nreplica; /* rows of a point */
} series_group;

/* clang-format off */
static series_group npt_group(void)
{
  const PetscReal mole = joule * MD_AVOGADRO;

  return (series_group){
    .group = "/series/npt", .time = "/series/npt/time",
    .stage = SCREEN_NPT, .nchannel = PROP_NPT_CHANNELS, .nvariable = 7,
    .variable = {
      {"volume", "m3 mol-1", "volume of a mole of atoms",
       NULL, NULL, PROP_NPT_VOLUME, 1, molar, PER_ATOM},
      {"enthalpy", "J mol-1", "enthalpy of a mole of atoms at the pressure of the barostat",
       NULL, NULL, PROP_NPT_ENTHALPY, 1, mole, PER_ATOM},
      {"potential_energy", "J mol-1", "potential energy of a mole of atoms",
       NULL, NULL, PROP_NPT_POTENTIAL, 1, mole, PER_ATOM},
      {"temperature", "K", "kinetic temperature",
       NULL, NULL, PROP_NPT_TEMPERATURE, 1, 1.0, PER_CELL},
      {"volume_square", "m6 mol-2", "square of volume less volume at the first step",
       NULL, NULL, PROP_NPT_VV, 1, molar * molar, PER_ATOM_2},
      {"enthalpy_square", "J2 mol-2", "square of enthalpy less enthalpy at the first step",
       NULL, NULL, PROP_NPT_HH, 1, mole * mole, PER_ATOM_2},
      {"enthalpy_volume", "J m3 mol-2", "product of both differences",
       NULL, NULL, PROP_NPT_HV, 1, mole * molar, PER_ATOM_2}}};
}

static series_group nve_group(PetscInt ns, PetscBool heat)
{
  return (series_group){
    .group = "/series/nve", .time = "/series/nve/time",
    .stage = SCREEN_NVE, .nchannel = prop_nve_channels(ns, heat), .nvariable = heat ? 5 : 4,
    .variable = {
      {"pressure", "Pa", "pressure tensor, kinetic part and virial",
       NULL, "/series/stress", PROP_NVE_PRESSURE, 6, MD_PRESSURE_PA, PER_CELL},
      {"current", "m s-1", "sum of the velocities of the atoms of a species",
       "/species", "/series/direction", prop_nve_current(0), 3 * ns, 1e5, PER_CELL},
      {"temperature", "K", "kinetic temperature",
       NULL, NULL, prop_nve_temperature(ns), 1, 1.0, PER_CELL},
      {"potential_energy", "J mol-1", "potential energy of a mole of atoms",
       NULL, NULL, prop_nve_potential(ns), 1, joule * MD_AVOGADRO, PER_ATOM},
      {"heat_current", "W m", "heat current, not divided by the volume",
       NULL, "/series/direction", prop_nve_heat(ns), 3, watt_metre, PER_CELL}}};
}
/* clang-format on */

/* Replicas of a member, or of the only potential, of the point that has the most; those of the
   campaign at least. */
static PetscInt used_replicas(const screen_store_table *t)
{
  const PetscInt all = screen_grid_replicas(t->campaign);
  PetscInt most = t->campaign->replicas;

  for (PetscInt k = 0; k < t->grid->npoint * screen_campaign_members(t->campaign); k++)
    for (PetscInt r = most; r < all; r++)
      for (int s = SCREEN_NPT; s < SCREEN_NSTAGE; s++)
        if (t->series->samples(t->series->context, k % t->grid->npoint,
                               k / t->grid->npoint * all + r, (screen_stage)s) > 0)
          most = r + 1;
  return most;
}

/* The replica behind a row of a point: rows are those of the first member, then of the second. */
static PetscInt replica_of(const screen_store_table *t, const series_group *g, PetscInt row)
{
  const PetscInt used = g->nreplica / screen_campaign_members(t->campaign);

  return row / used * screen_grid_replicas(t->campaign) + row % used;
}

/* Block length and blocks of the production, the same on all ranks: every rank asks for all. */
static void agree_blocks(const screen_store_table *t, series_group *g)
{
  const PetscReal limit = t->series->bytes / (4.0 * (PetscReal)g->nchannel);
  const PetscReal rows = (PetscReal)t->grid->npoint * (PetscReal)g->nreplica;
  PetscInt64 length, longest = 0;
  PetscInt nblock;

  g->length = 1;
  for (PetscInt p = 0; p < t->grid->npoint; p++)
    for (PetscInt r = 0; r < g->nreplica; r++) {
      const PetscInt64 n = t->series->samples(t->series->context, p, replica_of(t, g, r), g->stage);

      if (n == 0) continue;
      prop_stream_shape(t->campaign->dt, n, &length, &nblock);
      g->length = PetscMax(g->length, length);
      longest = PetscMax(longest, n);
    }
  for (nblock = (PetscInt)(longest / g->length); rows * (PetscReal)nblock > limit;) {
    g->length *= 2;
    nblock = (PetscInt)(longest / g->length);
  }
  g->n = nblock;
}

static PetscErrorCode write_time(const screen_store_table *t, const series_group *g)
{
  const PetscReal h = FEMTOSECOND * t->campaign->dt * (PetscReal)g->length;
  PetscReal *time;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(g->n, &time));
  for (PetscInt i = 0; i < g->n; i++) time[i] = h * ((PetscReal)i + 0.5);
  ierr = screen_h5_axis(t->h5, g->time, g->n, time);
  PetscCall(PetscFree(time));
  PetscCall(ierr);
  PetscCall(screen_store_attrs(t, g->time,
                               (const screen_store_attr[]){{"units", "s"},
                                                           {"long_name", "middle of a block"},
                                                           {NULL, NULL}}));
  PetscFunctionReturn(0);
}

static PetscErrorCode variable_path(const series_group *g, PetscInt v, char path[SCREEN_STORE_NAME])
{
  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(path, SCREEN_STORE_NAME, "%s/%s", g->group, g->variable[v].name));
  PetscFunctionReturn(0);
}

static PetscErrorCode create_variables(const screen_store_table *t, const series_group *g)
{
  char path[SCREEN_STORE_NAME];

  PetscFunctionBegin;
  for (PetscInt v = 0; v < g->nvariable; v++) {
    const series_variable *s = &g->variable[v];
    const char *dimension[5] = {"/series/point", "/series/replica"};
    PetscInt rank = 2;

    if (s->outer) dimension[rank++] = s->outer;
    if (s->inner) dimension[rank++] = s->inner;
    dimension[rank++] = g->time;
    PetscCall(variable_path(g, v, path));
    PetscCall(screen_h5_variable(t->h5, path, SCREEN_H5_FLOAT, rank, dimension));
    PetscCall(screen_store_attrs(t, path,
                                 (const screen_store_attr[]){{"units", s->units},
                                                             {"long_name", s->long_name},
                                                             {"cell_methods", "time: mean"},
                                                             {NULL, NULL}}));
  }
  PetscFunctionReturn(0);
}

static PetscReal factor_of(const series_variable *s, PetscInt natoms)
{
  const PetscReal n = (PetscReal)natoms;

  return s->factor / (s->share == PER_CELL ? 1.0 : s->share == PER_ATOM ? n : n * n);
}

/* Rows of one replica in all variables; `stream` is {0} where there is none, and then all is
 * _FillValue.  mine: whether this rank gives the row. */
static PetscErrorCode write_replica(const screen_store_table *t, const series_group *g,
                                    PetscBool mine, PetscInt row, const prop_stream *stream)
{
  const PetscInt natoms = mine ? t->grid->point[row / g->nreplica].natoms : 1;
  PetscReal *data;
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1((size_t)g->nchannel * (size_t)g->n, &data));
  for (PetscInt v = 0; v < g->nvariable && !ierr; v++) {
    const series_variable *s = &g->variable[v];
    const PetscReal factor = factor_of(s, natoms);
    char path[SCREEN_STORE_NAME];

    for (PetscInt i = 0; i < s->n * g->n; i++) data[i] = PROP_NAN;
    for (PetscInt c = 0; c < s->n && stream->nblock > 0 && !ierr; c++) {
      ierr = prop_stream_channel(stream, s->channel + c, data + c * g->n);
      for (PetscInt i = 0; i < stream->nblock; i++) data[c * g->n + i] *= factor;
    }
    if (!ierr) ierr = variable_path(g, v, path);
    if (!ierr)
      ierr = screen_h5_write(t->h5, path, 1 + (s->outer != NULL) + (s->inner != NULL), mine ? 1 : 0,
                             &row, data);
  }
  PetscCall(PetscFree(data));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* The stream of a replica with the common block length. */
static PetscErrorCode read_stream(const screen_store_table *t, const series_group *g,
                                  PetscInt point, PetscInt row, prop_stream *stream)
{
  const screen_series_source *series = t->series;
  const PetscInt replica = replica_of(t, g, row);

  PetscFunctionBegin;
  if (series->samples(series->context, point, replica, g->stage) == 0) PetscFunctionReturn(0);
  PetscCall(series->read(series->context, point, replica, g->stage, stream));
  PetscCheck(stream->nchannel == g->nchannel &&
                 stream->nblock <= g->n * (g->length / stream->length),
             PETSC_COMM_SELF, PETSC_ERR_PLIB,
             "Block means of point %" PetscInt_FMT " have %" PetscInt_FMT
             " channels, wanted %" PetscInt_FMT,
             point, stream->nchannel, g->nchannel);
  PetscCall(prop_stream_coarsen(stream, g->length));
  PetscFunctionReturn(0);
}

/* All ranks or none go on after each of them has read. */
static PetscErrorCode agree_read(const screen_store_table *t, PetscErrorCode ierr)
{
  int code = (int)ierr, worst;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Allreduce(&code, &worst, 1, MPI_INT, MPI_MAX, t->comm));
  PetscCall(ierr);
  PetscCheck(worst == 0, PETSC_COMM_SELF, (PetscErrorCode)worst,
             "Block means could not be read by another rank");
  PetscFunctionReturn(0);
}

static PetscErrorCode write_rows(const screen_store_table *t, const series_group *g)
{
  const PetscInt replicas = g->nreplica;
  PetscInt turns;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Allreduce(&t->nrow, &turns, 1, MPIU_INT, MPI_MAX, t->comm));
  for (PetscInt k = 0; k < turns; k++)
    for (PetscInt r = 0; r < replicas; r++) {
      const PetscBool mine = (PetscBool)(k < t->nrow);
      const PetscInt row = mine ? t->row[k] * replicas + r : 0;
      prop_stream stream = {0};
      PetscErrorCode ierr = mine ? read_stream(t, g, t->row[k], r, &stream) : 0;

      ierr = agree_read(t, ierr);
      if (!ierr) ierr = write_replica(t, g, mine, row, &stream);
      PetscCall(prop_stream_clear(&stream));
      PetscCall(ierr);
    }
  PetscFunctionReturn(0);
}

static PetscErrorCode write_group(const screen_store_table *t, series_group *g)
{
  PetscFunctionBegin;
  agree_blocks(t, g);
  if (g->n == 0) PetscFunctionReturn(0);
  PetscCall(screen_h5_group(t->h5, g->group));
  PetscCall(write_time(t, g));
  PetscCall(create_variables(t, g));
  PetscCall(write_rows(t, g));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_store_write_series(const screen_store_table *t)
{
  static const char *const stress[] = {"xx", "yy", "zz", "yz", "xz", "xy"};
  static const char *const direction[] = {"x", "y", "z"};
  const screen_campaign *c = t->campaign;
  series_group npt = npt_group(), nve = nve_group(c->nspecies, screen_campaign_heat(c));

  PetscFunctionBegin;
  if (!t->series || (!screen_campaign_npt_stream(c) && !screen_campaign_nve_stream(c)))
    PetscFunctionReturn(0);
  PetscCall(screen_h5_group(t->h5, "/series"));
  PetscCall(screen_h5_dimension(t->h5, "/series/point", t->grid->npoint));
  npt.nreplica = nve.nreplica = used_replicas(t) * screen_campaign_members(t->campaign);
  PetscCall(screen_h5_dimension(t->h5, "/series/replica", npt.nreplica));
  PetscCall(
      screen_store_labels(t, "/series/stress", "component of the pressure tensor", 6, stress));
  PetscCall(screen_store_labels(t, "/series/direction", "axis of space", 3, direction));
  if (screen_campaign_npt_stream(c)) PetscCall(write_group(t, &npt));
  if (screen_campaign_nve_stream(c)) PetscCall(write_group(t, &nve));
  PetscFunctionReturn(0);
}
