/* screening/screen_campaign_flux.c - methods with an imposed flux: in what cell, how strong */
#include "screening/screen_campaign_impl.h"

#include "screening/screen_cell.h"

#include <string.h>

static const char property[] = "properties.thermal_conductivity";

/* Whether a method is in the list at `path`; `alone`: nothing else is. */
static PetscBool has_method(const screen_reader *r, const char *path, const char *method,
                            PetscBool *alone)
{
  const screen_yaml *list = screen_schema_node(r->root, path);
  PetscBool found = PETSC_FALSE;

  *alone = PETSC_TRUE;
  for (PetscInt i = 0; list && i < list->n; i++) {
    if (strcmp(list->child[i]->text, method) == 0)
      found = PETSC_TRUE;
    else
      *alone = PETSC_FALSE;
  }
  return found;
}

/* So many images of the point's cell, or lengths. */
static PetscErrorCode read_slab(screen_reader *r)
{
  const screen_yaml *node = screen_schema_node(r->root, "properties.thermal_conductivity.cell");
  const PetscReal own[3] = {1.0, 1.0, 3.0};
  screen_campaign *c = r->c;
  char problem[SCREEN_PROBLEM_MAX];

  PetscFunctionBegin;
  for (int k = 0; k < 3; k++) c->slab[k] = own[k];
  if (!node) PetscFunctionReturn(0);
  if (!screen_cell_parse(node->text, c->slab, &c->slab_is_size, problem)) {
    PetscCall(screen__note(r, node, "%s", problem));
    PetscFunctionReturn(0);
  }
  for (int k = 0; k < 3 && !c->slab_is_size; k++) {
    if (c->slab[k] >= 1.0 && c->slab[k] <= 1000.0 && c->slab[k] == PetscFloorReal(c->slab[k]))
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

/* Two fluxes, one twice as strong as the other, or those of the file. */
static PetscErrorCode read_rates(screen_reader *r)
{
  static const char path[] = "properties.thermal_conductivity.swap_every";
  const screen_yaml *node = screen_schema_node(r->root, path);
  screen_campaign *c = r->c;
  screen_axis every = {0};

  PetscFunctionBegin;
  c->nflux = 2;
  for (PetscInt k = 0; k < c->nflux; k++)
    c->flux[k] = (screen_flux){.kind = MD_RNEMD_HEAT, .span = k == 0 ? 0.2 : 0.1};
  if (!node) PetscFunctionReturn(0);
  PetscCall(screen_schema_axis(r->root, path, &every));
  if (every.n > SCREEN_MAX_FLUX)
    PetscCall(screen__note(r, node, "got %" PetscInt_FMT " times, wanted at most %d", every.n,
                           (int)SCREEN_MAX_FLUX));
  c->nflux = PetscMin(every.n, SCREEN_MAX_FLUX);
  for (PetscInt k = 0; k < c->nflux; k++) c->flux[k].every = every.value[k];
  for (PetscInt k = 0; k < c->nflux; k++) c->flux[k].kind = MD_RNEMD_HEAT;
  PetscCall(PetscFree(every.value));
  PetscFunctionReturn(0);
}

static PetscErrorCode check_slabs(screen_reader *r)
{
  static const char path[] = "properties.thermal_conductivity.slabs";
  const screen_yaml *node = screen_schema_node(r->root, path);

  PetscFunctionBegin;
  if (node && r->c->slabs % 2 != 0)
    PetscCall(screen__note(r, node, "got '%s', wanted an even number", node->text));
  PetscFunctionReturn(0);
}

/* What the runs need of the rest of the campaign. */
static PetscErrorCode check_runs(screen_reader *r)
{
  const screen_campaign *c = r->c;
  const screen_yaml *node = screen_schema_node(r->root, property);

  PetscFunctionBegin;
  if (c->production_flux <= 0.0)
    PetscCall(screen_notes_add(&r->notes, node->key_line, node->key_column, property, "%s",
                               "got no run to impose a flux in, wanted "
                               "simulation.production.rnemd above 0 fs"));
  if (c->only_rnemd_heat && screen_schema_node(r->root, "properties.thermal_conductivity.target"))
    PetscCall(screen__note(r, screen_schema_node(r->root, "properties.thermal_conductivity.target"),
                           "got a target without green-kubo in `method`, wanted both methods: a "
                           "target is about fluctuations"));
  if (c->initial)
    PetscCall(screen_notes_add(&r->notes, node->key_line, node->key_column, property, "%s",
                               "got method rnemd with a start from a file, wanted a start whose "
                               "cell the campaign knows"));
  if (screen_campaign_layered(c))
    PetscCall(screen_notes_add(&r->notes, node->key_line, node->key_column, property, "%s",
                               "got method rnemd with a start of several phases, wanted one "
                               "liquid"));
  PetscFunctionReturn(0);
}

/* Settings of a method that is not asked for are a mistake, unless the list of methods is one. */
static PetscErrorCode refuse_settings(screen_reader *r)
{
  static const char *const keys[] = {"cell", "swap_every", "slabs"};
  const screen_yaml *map = screen_schema_node(r->root, property);
  const screen_yaml *method = map ? screen_yaml_get(map, "method") : NULL;

  PetscFunctionBegin;
  if (!map || (method && method->refused)) PetscFunctionReturn(0);
  for (int k = 0; k < 3; k++) {
    const screen_yaml *node = screen_yaml_get(map, keys[k]);

    if (node && !node->refused)
      PetscCall(screen__note(r, node, "got a setting of imposed fluxes, wanted rnemd in `method`"));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen__read_flux(screen_reader *r)
{
  static const char length[] = "simulation.production.rnemd";
  screen_campaign *c = r->c;
  PetscBool alone;

  PetscFunctionBegin;
  if (!has_method(r, "properties.thermal_conductivity.method", "rnemd", &alone)) {
    PetscCall(refuse_settings(r));
    PetscFunctionReturn(0);
  }
  if (!c->want_thermal_conductivity) PetscFunctionReturn(0);
  c->want_rnemd_heat = PETSC_TRUE;
  c->only_rnemd_heat = alone;
  c->slabs = (PetscInt)screen_schema_integer(r->root, "properties.thermal_conductivity.slabs");
  c->production_flux =
      screen_schema_node(r->root, length) ? screen_schema_real(r->root, length) : c->production_nve;
  PetscCall(read_slab(r));
  PetscCall(read_rates(r));
  PetscCall(check_slabs(r));
  PetscCall(check_runs(r));
  c->production_flux /= PetscMax(1.0, (PetscReal)c->nflux);
  PetscFunctionReturn(0);
}
