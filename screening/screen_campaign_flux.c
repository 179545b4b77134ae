/* screening/screen_campaign_flux.c - methods with an imposed flux: in what cells, how strong */
#include "screening/screen_campaign_impl.h"

#include "screening/screen_cell.h"
#include "screening/screen_grid.h"

#include <stdio.h>
#include <string.h>

/* A property that has the method. */
typedef struct {
  const char *path;
  md_rnemd_kind kind;
  PetscReal span; /* of the stronger of two fluxes, where the file has none */
} flux_property;

static const flux_property heat = {"properties.thermal_conductivity", MD_RNEMD_HEAT, 0.2};
static const flux_property shear = {"properties.viscosity", MD_RNEMD_SHEAR, 0.4};

enum { PATH = 64 };
static const char *key_of(const flux_property *p, const char *key, char path[PATH])
{
  snprintf(path, PATH, "%s.%s", p->path, key);
  return path;
}

static const screen_yaml *setting(const screen_reader *r, const flux_property *p, const char *key)
{
  char path[PATH];

  return screen_schema_node(r->root, key_of(p, key, path));
}

PetscInt screen_campaign_fluxes(const screen_campaign *c, md_rnemd_kind kind)
{
  PetscInt n = 0;

  for (PetscInt k = 0; k < c->nflux; k++) n += c->flux[k].kind == kind;
  return n;
}

/* Whether rnemd is in the list of methods; `alone`: nothing else is. */
static PetscBool is_imposed(const screen_reader *r, const flux_property *p, PetscBool *alone)
{
  const screen_yaml *list = setting(r, p, "method");
  PetscBool found = PETSC_FALSE;

  *alone = PETSC_TRUE;
  for (PetscInt i = 0; list && i < list->n; i++) {
    if (strcmp(list->child[i]->text, "rnemd") == 0)
      found = PETSC_TRUE;
    else
      *alone = PETSC_FALSE;
  }
  return found;
}

/* So many images of the point's cell, or lengths. */
static PetscErrorCode read_slab(screen_reader *r, const flux_property *p, screen_flux *flux)
{
  const screen_yaml *node = setting(r, p, "cell");
  const PetscReal own[3] = {1.0, 1.0, 3.0};
  char problem[SCREEN_PROBLEM_MAX];

  PetscFunctionBegin;
  for (int k = 0; k < 3; k++) flux->slab[k] = own[k];
  if (!node) PetscFunctionReturn(0);
  if (!screen_cell_parse(node->text, flux->slab, &flux->is_size, problem)) {
    PetscCall(screen__note(r, node, "%s", problem));
    PetscFunctionReturn(0);
  }
  for (int k = 0; k < 3 && !flux->is_size; k++) {
    if (flux->slab[k] >= 1.0 && flux->slab[k] <= 1000.0 &&
        flux->slab[k] == PetscFloorReal(flux->slab[k]))
      continue;
    PetscCall(
        screen__note(r, node,
                     "got '%s', wanted whole numbers of the point's cells, such as 1 x 1 x 3, "
                     "or edges with a unit",
                     node->text));
    break;
  }
  PetscFunctionReturn(0);
}

/* Numbers at a key: at most `most`, rising; *n stays where the key is not there. */
static PetscErrorCode read_list(screen_reader *r, const flux_property *p, const char *key,
                                const char *what, PetscInt most, PetscInt *n, PetscReal value[])
{
  const screen_yaml *node = setting(r, p, key);
  screen_axis axis = {0};
  char path[PATH];

  PetscFunctionBegin;
  if (!node) PetscFunctionReturn(0);
  PetscCall(screen_schema_axis(r->root, key_of(p, key, path), &axis));
  if (axis.n > most)
    PetscCall(screen__note(r, node, "got %" PetscInt_FMT " %s, wanted at most %" PetscInt_FMT,
                           axis.n, what, most));
  *n = PetscMin(axis.n, most);
  PetscCall(PetscArraycpy(value, axis.value, *n));
  PetscCall(PetscFree(axis.value));
  PetscFunctionReturn(0);
}

/* Cells from the shortest to the longest; of heat alone: one otherwise. */
static PetscErrorCode read_lengths(screen_reader *r, const flux_property *p, PetscInt *n,
                                   PetscReal length[SCREEN_MAX_LENGTHS])
{
  PetscFunctionBegin;
  *n = 1;
  length[0] = 1.0;
  if (p->kind != MD_RNEMD_HEAT) PetscFunctionReturn(0);
  PetscCall(read_list(r, p, "lengths", "lengths", SCREEN_MAX_LENGTHS, n, length));
  for (PetscInt k = 0; k < *n; k++) {
    if (length[k] == PetscFloorReal(length[k])) continue;
    PetscCall(screen__note(r, setting(r, p, "lengths"), "got %g, wanted whole numbers",
                           (double)length[k]));
    break;
  }
  PetscFunctionReturn(0);
}

/* The runs of a property: in each cell two fluxes, one twice as strong as the other, or those of
 * the file. */
static PetscErrorCode read_runs(screen_reader *r, const flux_property *p)
{
  PetscReal every[SCREEN_MAX_RATES] = {0.0, 0.0}, length[SCREEN_MAX_LENGTHS] = {1.0};
  PetscInt nrate = 2, nlength;
  screen_flux one = {.kind = p->kind};
  screen_campaign *c = r->c;
  char path[PATH];

  PetscFunctionBegin;
  one.slabs = (PetscInt)screen_schema_integer(r->root, key_of(p, "slabs", path));
  PetscCall(read_slab(r, p, &one));
  PetscCall(read_list(r, p, "swap_every", "times", SCREEN_MAX_RATES, &nrate, every));
  PetscCall(read_lengths(r, p, &nlength, length));
  one.length = c->production_flux / PetscMax(1.0, (PetscReal)nrate);
  if (c->nflux + nlength * nrate > SCREEN_MAX_FLUX) {
    PetscCall(screen__note(r, setting(r, p, "method"),
                           "got %" PetscInt_FMT " runs with an imposed flux, wanted at most %d: "
                           "fewer swap_every or lengths",
                           c->nflux + nlength * nrate, (int)SCREEN_MAX_FLUX));
    PetscFunctionReturn(0);
  }
  for (PetscInt k = 0; k < nlength * nrate; k++) {
    one.along = (PetscInt)length[k / nrate];
    one.first = (PetscBool)(k % nrate == 0);
    one.every = every[k % nrate];
    one.span = one.every > 0.0 ? 0.0 : p->span / (PetscReal)(1 + k % nrate);
    c->flux[c->nflux++] = one;
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode check_slabs(screen_reader *r, const flux_property *p)
{
  const screen_yaml *node = setting(r, p, "slabs");
  char path[PATH];

  PetscFunctionBegin;
  if (node && screen_schema_integer(r->root, key_of(p, "slabs", path)) % 2 != 0)
    PetscCall(screen__note(r, node, "got '%s', wanted an even number", node->text));
  PetscFunctionReturn(0);
}

/* A note at the key of the property. */
static PetscErrorCode note_property(screen_reader *r, const flux_property *p, const char *text)
{
  const screen_yaml *node = screen_schema_node(r->root, p->path);

  PetscFunctionBegin;
  PetscCall(screen_notes_add(&r->notes, node->key_line, node->key_column, p->path, "%s", text));
  PetscFunctionReturn(0);
}

/* What the runs need of the rest of the campaign; alone: no fluctuations are looked at. */
static PetscErrorCode check_runs(screen_reader *r, const flux_property *p, PetscBool alone)
{
  const screen_campaign *c = r->c;
  const screen_yaml *target = setting(r, p, "target");

  PetscFunctionBegin;
  if (c->production_flux <= 0.0)
    PetscCall(note_property(r, p,
                            "got no run to impose a flux in, wanted simulation.production.rnemd "
                            "above 0 fs"));
  if (alone && target)
    PetscCall(screen__note(r, target,
                           "got a target without green-kubo in `method`, wanted both methods: a "
                           "target is about fluctuations"));
  if (c->initial)
    PetscCall(note_property(r, p,
                            "got method rnemd with a start from a file, wanted a start whose cell "
                            "the campaign knows"));
  if (screen_campaign_layered(c))
    PetscCall(
        note_property(r, p, "got method rnemd with a start of several phases, wanted one liquid"));
  PetscFunctionReturn(0);
}

/* Settings of a method that is not asked for are a mistake, unless the list of methods is one. */
static PetscErrorCode refuse_settings(screen_reader *r, const flux_property *p)
{
  static const char *const keys[] = {"cell", "swap_every", "slabs", "lengths"};
  const screen_yaml *map = screen_schema_node(r->root, p->path);
  const screen_yaml *method = map ? screen_yaml_get(map, "method") : NULL;

  PetscFunctionBegin;
  if (!map || (method && method->refused)) PetscFunctionReturn(0);
  for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
    const screen_yaml *node = screen_yaml_get(map, keys[k]);

    if (node && !node->refused)
      PetscCall(screen__note(r, node, "got a setting of imposed fluxes, wanted rnemd in `method`"));
  }
  PetscFunctionReturn(0);
}

/* want, only: of the campaign, whether this method is asked for, and no other. */
static PetscErrorCode read_property(screen_reader *r, const flux_property *p, PetscBool wanted,
                                    PetscBool *want, PetscBool *only)
{
  PetscBool alone;

  PetscFunctionBegin;
  if (!is_imposed(r, p, &alone)) {
    PetscCall(refuse_settings(r, p));
    PetscFunctionReturn(0);
  }
  if (!wanted) PetscFunctionReturn(0);
  *want = PETSC_TRUE;
  *only = alone;
  PetscCall(read_runs(r, p));
  PetscCall(check_slabs(r, p));
  PetscCall(check_runs(r, p, alone));
  PetscFunctionReturn(0);
}

/* Compositions once more, with the cells of the runs: only where nothing else is wrong. */
static PetscErrorCode check_images(screen_reader *r)
{
  mtp_diag diag = {.n = 0};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  if (r->c->model != SCREEN_TOSI_FUMI || r->c->nflux == 0 || r->notes.n > 0) PetscFunctionReturn(0);
  ierr = screen_grid_check(r->c, &diag);
  for (PetscInt i = 0; i < diag.n && !ierr; i++)
    ierr = screen__note(r, screen_schema_node(r->root, "properties"), "%s", diag.text[i]);
  PetscCall(mtp_diag_clear(&diag));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode screen__read_flux(screen_reader *r)
{
  static const char length[] = "simulation.production.rnemd";
  screen_campaign *c = r->c;

  PetscFunctionBegin;
  c->production_flux =
      screen_schema_node(r->root, length) ? screen_schema_real(r->root, length) : c->production_nve;
  PetscCall(read_property(r, &heat, c->want_thermal_conductivity, &c->want_rnemd_heat,
                          &c->only_rnemd_heat));
  PetscCall(
      read_property(r, &shear, c->want_viscosity, &c->want_rnemd_shear, &c->only_rnemd_shear));
  PetscCall(check_images(r));
  PetscFunctionReturn(0);
}
