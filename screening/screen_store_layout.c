/* screening/screen_store_layout.c - the head of results.h5: attributes, dimensions, long texts */
#include "screening/screen_sha256.h"
#include "screening/screen_store_impl.h"
#include "screening/screen_version.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Names that the file uses itself, at its root and in /point, where axes also appear. */
static const char *const reserved[] = {"species",
                                       "species_length",
                                       "component",
                                       "component_length",
                                       "pair",
                                       "pair_length",
                                       "campaign_yaml",
                                       "campaign_yaml_size",
                                       "potential_text",
                                       "potential_text_size",
                                       "point",
                                       "curve",
                                       "series",
                                       "member",
                                       "fit",
                                       "name",
                                       "name_length",
                                       "key",
                                       "key_length",
                                       "state",
                                       "reason",
                                       "detail",
                                       "detail_length",
                                       "mole_fraction",
                                       "composition_deviation",
                                       "formula_units",
                                       "atoms",
                                       "box",
                                       "replicas_done",
                                       "replicas_failed",
                                       "energy_drift",
                                       "grade_max",
                                       "wall_seconds",
                                       "charge",
                                       "mass",
                                       "molar_mass"};

/* PETSC_TRUE when `name` is that of a property, or of one of its companions. */
static PetscBool is_property(const char *name)
{
  static const char *const suffix[] = {
      "", "_error", "_neff", "_flag", "_truncation", "_model_error", "_model_error95"};
  char full[2 * SCREEN_STORE_NAME];

  for (PetscInt i = 0; i < prop_count(); i++) {
    for (size_t k = 0; k < sizeof(suffix) / sizeof(suffix[0]); k++) {
      snprintf(full, sizeof(full), "%s%s", prop_get(i)->name, suffix[k]);
      if (strcmp(full, name) == 0) return PETSC_TRUE;
    }
  }
  return PETSC_FALSE;
}

static PetscBool is_taken(const char *name, PetscInt n, char other[][SCREEN_STORE_NAME])
{
  for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
    if (strcmp(name, reserved[i]) == 0) return PETSC_TRUE;
  }
  for (PetscInt i = 0; i < n; i++) {
    if (strcmp(name, other[i]) == 0) return PETSC_TRUE;
  }
  return is_property(name);
}

PetscErrorCode screen_store_axis_names(const screen_grid *grid, char axis[][SCREEN_STORE_NAME])
{
  PetscFunctionBegin;
  for (PetscInt a = 0; a < grid->naxis; a++) {
    const char *from = grid->axis[a].name;
    char name[SCREEN_STORE_NAME];

    PetscCall(PetscStrncpy(name, from, SCREEN_NAME_MAX));
    for (char *c = name; *c; c++) {
      if (!isalnum((unsigned char)*c) && *c != '_') *c = '_';
    }
    if (!isalpha((unsigned char)name[0]) || is_taken(name, a, axis))
      PetscCall(PetscSNPrintf(axis[a], SCREEN_STORE_NAME, "x_%s", name));
    else
      PetscCall(PetscStrncpy(axis[a], name, SCREEN_STORE_NAME));
    for (PetscInt k = 1; is_taken(axis[a], a, axis); k++)
      PetscCall(PetscSNPrintf(axis[a], SCREEN_STORE_NAME, "x%" PetscInt_FMT "_%s", k, name));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_store_dimensions(const screen_store_table *table, const char *more,
                                       const char *most, char path[][SCREEN_STORE_NAME],
                                       const char *dimension[], PetscInt *n)
{
  PetscFunctionBegin;
  *n = table->grid->naxis;
  PetscCheck(*n + 2 <= SCREEN_H5_MAX_RANK, table->comm, PETSC_ERR_ARG_OUTOFRANGE,
             "A table of %" PetscInt_FMT " axes is more than an HDF5 file can hold (%d)", *n,
             SCREEN_H5_MAX_RANK - 2);
  for (PetscInt a = 0; a < *n; a++) {
    PetscCall(PetscSNPrintf(path[a], SCREEN_STORE_NAME, "/%s", table->axis[a]));
    dimension[a] = path[a];
  }
  if (more) dimension[(*n)++] = more;
  if (most) dimension[(*n)++] = most;
  PetscFunctionReturn(0);
}

PetscErrorCode screen_store_attrs(const screen_store_table *table, const char *path,
                                  const screen_store_attr attr[])
{
  PetscFunctionBegin;
  for (; attr->name; attr++)
    PetscCall(screen_h5_attr_text(table->h5, path, attr->name, attr->text));
  PetscFunctionReturn(0);
}

/* Versions of what made the numbers; the MPI library's first line only. */
static PetscErrorCode write_versions(const screen_store_table *t)
{
  char mpi[MPI_MAX_LIBRARY_VERSION_STRING], petsc[32], hdf5[32];
  int length;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Get_library_version(mpi, &length));
  mpi[strcspn(mpi, "\r\n")] = 0;
  for (char *c = mpi; *c; c++) *c = (char)(*c == '\t' ? ' ' : *c);
  PetscCall(PetscSNPrintf(petsc, sizeof(petsc), "%d.%d.%d", PETSC_VERSION_MAJOR,
                          PETSC_VERSION_MINOR, PETSC_VERSION_SUBMINOR));
  PetscCall(screen_h5_version(hdf5, sizeof(hdf5)));
  PetscCall(screen_store_attrs(t, "/",
                               (const screen_store_attr[]){{"liquidus_version", LIQUIDUS_VERSION},
                                                           {"petsc_version", petsc},
                                                           {"hdf5_version", hdf5},
                                                           {"mpi_version", mpi},
                                                           {"kernel", t->campaign->kernel},
                                                           {NULL, NULL}}));
  PetscFunctionReturn(0);
}

/* Of all potentials, with blanks between; PetscFree(*text). */
static PetscErrorCode list_hashes(const screen_campaign *c, char **text)
{
  const size_t each = sizeof(c->potential_sha256); /* with the zero at its end, or a blank */

  PetscFunctionBegin;
  PetscCall(PetscCalloc1((size_t)screen_campaign_members(c) * each, text));
  snprintf(*text, each, "%s", c->potential_sha256);
  for (PetscInt m = 1; m < c->nmember; m++)
    snprintf(*text + m * (PetscInt)each - 1, each + 1, " %s", c->member[m].sha256);
  PetscFunctionReturn(0);
}

static PetscErrorCode write_root_attributes(const screen_store_table *t)
{
  static const char *const sources[] = {
      [SCREEN_MTP] = "molecular dynamics with a moment tensor potential",
      [SCREEN_LJ] = "molecular dynamics with a Lennard-Jones potential",
      [SCREEN_TOSI_FUMI] = "molecular dynamics with a Tosi-Fumi potential"};
  const screen_campaign *c = t->campaign;
  unsigned char digest[SCREEN_SHA256_SIZE];
  char title[SCREEN_NAME_MAX + 64], hash[65], *potentials;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(title, sizeof(title), "Liquid properties of campaign %s", c->name));
  screen_sha256(c->text, c->text_size, digest);
  screen_sha256_hex(digest, hash);
  PetscCall(list_hashes(c, &potentials));
  ierr = screen_store_attrs(
      t, "/",
      (const screen_store_attr[]){{"Conventions", "CF-1.10"},
                                  {"title", title},
                                  {"history", t->history},
                                  {"source", sources[c->model]},
                                  {"campaign", c->name},
                                  {"description", c->description},
                                  {"campaign_sha256", hash},
                                  {"potential_sha256", potentials},
                                  {"potential_text_missing", t->potential_missing},
                                  {NULL, NULL}});
  PetscCall(PetscFree(potentials));
  PetscCall(ierr);
  PetscCall(screen_h5_attr_int64(t->h5, "/", "seed", c->seed));
  PetscCall(write_versions(t));
  PetscFunctionReturn(0);
}

/* The axes of the table as coordinate variables. */
static PetscErrorCode write_axes(const screen_store_table *t)
{
  PetscFunctionBegin;
  for (PetscInt a = 0; a < t->grid->naxis; a++) {
    const screen_grid_axis *axis = &t->grid->axis[a];
    char path[SCREEN_STORE_NAME];

    PetscCall(PetscSNPrintf(path, sizeof(path), "/%s", t->axis[a]));
    PetscCall(screen_h5_axis(t->h5, path, axis->n, axis->value));
    PetscCall(screen_store_attrs(
        t, path,
        (const screen_store_attr[]){
            {"units", axis->units},
            {"long_name", axis->long_name},
            {"component", strcmp(axis->name, t->axis[a]) != 0 ? axis->name : NULL},
            {NULL, NULL}}));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_store_labels(const screen_store_table *t, const char *path,
                                   const char *long_name, PetscInt n, const char *const text[])
{
  char length_path[SCREEN_STORE_NAME];
  size_t longest = 1;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < n; i++) longest = PetscMax(longest, strlen(text[i]));
  PetscCall(PetscSNPrintf(length_path, sizeof(length_path), "%s_length", path));
  PetscCall(screen_h5_dimension(t->h5, length_path, (PetscInt)longest));
  PetscCall(screen_h5_labels(t->h5, path, length_path, n, text));
  PetscCall(screen_h5_attr_text(t->h5, path, "long_name", long_name));
  PetscFunctionReturn(0);
}

static PetscErrorCode write_species(const screen_store_table *t)
{
  const screen_campaign *c = t->campaign;
  const PetscInt n = c->nspecies;
  const char **text;
  char(*pair)[16];
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(PetscMalloc2(n * n, &text, n * n, &pair));
  for (PetscInt i = 0; i < n; i++) text[i] = c->species[i];
  ierr = screen_store_labels(t, "/species", "chemical species", n, text);
  for (PetscInt i = 0; i < n * n; i++) {
    snprintf(pair[i], sizeof(pair[i]), "%s-%s", c->species[i / n], c->species[i % n]);
    text[i] = pair[i];
  }
  if (!ierr)
    ierr = screen_store_labels(t, "/pair", "pair of species, centre-neighbour", n * n, text);
  PetscCall(PetscFree2(text, pair));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* Of a formula unit of each component. */
static PetscErrorCode write_molar_masses(const screen_store_table *t)
{
  const screen_campaign *c = t->campaign;
  const char *dimension[] = {"/component"};
  const PetscInt zero = 0;
  PetscMPIInt rank;
  PetscReal *mass;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(t->comm, &rank));
  PetscCall(screen_h5_variable(t->h5, "/molar_mass", SCREEN_H5_REAL, 1, dimension));
  PetscCall(screen_store_attrs(
      t, "/molar_mass",
      (const screen_store_attr[]){{"units", "kg mol-1"},
                                  {"long_name", "molar mass of a formula unit of the component"},
                                  {NULL, NULL}}));
  PetscCall(PetscMalloc1(c->ncomponent, &mass));
  for (PetscInt k = 0; k < c->ncomponent; k++) mass[k] = 1e-3 * c->component[k].mass_u;
  ierr = screen_h5_write(t->h5, "/molar_mass", 1, rank == 0 ? 1 : 0, &zero, mass);
  PetscCall(PetscFree(mass));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

static PetscErrorCode write_components(const screen_store_table *t)
{
  const screen_campaign *c = t->campaign;
  const char **text;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(c->ncomponent, &text));
  for (PetscInt i = 0; i < c->ncomponent; i++) text[i] = c->component[i].name;
  ierr = screen_store_labels(t, "/component", "component of the mixture", c->ncomponent, text);
  PetscCall(PetscFree(text));
  PetscCall(ierr);
  PetscCall(write_molar_masses(t));
  PetscFunctionReturn(0);
}

/* A long text as bytes; `data` matters on rank 0. */
static PetscErrorCode write_text(const screen_store_table *t, const char *path,
                                 const char *long_name, size_t size, const void *data)
{
  const PetscInt zero = 0;
  PetscMPIInt rank;
  char dimension[SCREEN_STORE_NAME];
  const char *dimensions[] = {dimension};

  PetscFunctionBegin;
  if (size == 0) PetscFunctionReturn(0);
  PetscCallMPI(MPI_Comm_rank(t->comm, &rank));
  PetscCall(PetscSNPrintf(dimension, sizeof(dimension), "%s_size", path));
  PetscCall(screen_h5_dimension(t->h5, dimension, (PetscInt)size));
  PetscCall(screen_h5_variable(t->h5, path, SCREEN_H5_UBYTE, 1, dimensions));
  PetscCall(screen_h5_attr_text(t->h5, path, "long_name", long_name));
  PetscCall(screen_h5_write(t->h5, path, 1, rank == 0 ? 1 : 0, &zero, data));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_store_write_head(const screen_store_table *t)
{
  PetscFunctionBegin;
  PetscCall(write_root_attributes(t));
  PetscCall(write_axes(t));
  PetscCall(write_species(t));
  PetscCall(write_components(t));
  PetscCall(write_text(t, "/campaign_yaml", "campaign file, bytes", t->campaign->text_size,
                       t->campaign->text));
  PetscCall(write_text(t, "/potential_text",
                       t->campaign->nmember ? "potential files one after the other, bytes"
                                            : "potential file, bytes",
                       t->potential_size, t->potential));
  if (t->potential_size && t->campaign->nmember)
    PetscCall(screen_h5_attr_ints(t->h5, "/potential_text", "file_sizes", SCREEN_H5_INT,
                                  t->campaign->nmember, t->member_size));
  PetscFunctionReturn(0);
}
