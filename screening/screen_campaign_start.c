/* screening/screen_campaign_start.c - how many atoms, in which cell, and how they start */
#include "screening/screen_campaign_impl.h"

#include <stdio.h>
#include <string.h>

#include "md/md_pack.h"
#include "screening/screen_cell.h"
#include "screening/screen_sha256.h"

/* Species counts of the starting configuration. */
static PetscErrorCode count_initial(screen_reader *r)
{
  screen_campaign *c = r->c;
  const char **species;
  md_atoms atoms = {.n = 0};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(PetscCalloc1(c->nspecies, &c->initial_count));
  PetscCall(PetscMalloc1(c->nspecies, &species));
  for (PetscInt s = 0; s < c->nspecies; s++) species[s] = c->species[s];
  ierr = md_atoms_read(c->initial, c->nspecies, species, c->mass, &atoms, &r->files);
  PetscCall(PetscFree(species));
  PetscCall(ierr);
  for (PetscInt i = 0; i < atoms.n; i++) c->initial_count[atoms.type[i]]++;
  c->atoms = atoms.n;
  PetscCall(md_atoms_clear(&atoms));
  PetscFunctionReturn(0);
}

static PetscErrorCode read_initial(screen_reader *r, const screen_yaml *node)
{
  const screen_yaml *atoms = screen_schema_node(r->root, "system.atoms");
  screen_campaign *c = r->c;
  char shown[128];
  int error;

  PetscFunctionBegin;
  PetscCall(screen__resolve(r, node->text, &c->initial));
  PetscCall(screen_sha256_file(c->initial, c->initial_sha256, &error));
  if (error) {
    PetscCall(screen__note(r, node, "got '%s' (%s), wanted a configuration that can be read",
                           screen_shown(node->text, sizeof(shown), shown), strerror(error)));
  } else if (r->species_ok) {
    PetscCall(count_initial(r));
  }
  if (atoms) {
    PetscCall(screen__note(r, atoms, "got a number beside '%s', wanted it left out: %s",
                           strcmp(node->key, "file") ? "initial" : "start.file",
                           "the file has its own"));
  }
  PetscFunctionReturn(0);
}

/* The starting configuration: system.initial, or system.start.file for `type: file`. */
static PetscErrorCode read_file(screen_reader *r)
{
  const screen_yaml *initial = screen_schema_node(r->root, "system.initial");
  const screen_yaml *file = screen_schema_node(r->root, "system.start.file");
  const screen_yaml *start = screen_schema_node(r->root, "system.start");
  screen_campaign *c = r->c;

  PetscFunctionBegin;
  if (initial && start) {
    PetscCall(screen__note(r, start, "got it beside 'initial', wanted one of them"));
    PetscFunctionReturn(0);
  }
  if (initial) c->start = SCREEN_START_FILE;
  if (file && c->start != SCREEN_START_FILE)
    PetscCall(screen__note(r, file, "got a file, wanted it with `type: file` only"));
  if (c->start != SCREEN_START_FILE) PetscFunctionReturn(0);
  if (!initial && !file)
    PetscCall(screen__note_missing(r, start, "file", "one file name"));
  else
    PetscCall(read_initial(r, initial ? initial : file));
  PetscFunctionReturn(0);
}

/* Cell ---------------------------------------------------------------------------------------- */

static PetscErrorCode read_cell(screen_reader *r)
{
  const screen_yaml *node = screen_schema_node(r->root, "system.cell");
  const screen_yaml *atoms = screen_schema_node(r->root, "system.atoms");
  char problem[SCREEN_PROBLEM_MAX];
  screen_campaign *c = r->c;

  PetscFunctionBegin;
  if (!node) PetscFunctionReturn(0);
  if (!screen_cell_parse(node->text, c->cell, &c->cell_is_size, problem)) {
    PetscCall(screen__note(r, node, "%s", problem));
  } else if (c->start == SCREEN_START_FILE) {
    PetscCall(screen__note(r, node, "got a cell beside a file, wanted it left out: %s",
                           "the file has its own"));
  } else if (c->cell_is_size && atoms) {
    PetscCall(screen__note(r, atoms, "got a number beside the lengths of the cell, wanted one: %s",
                           "atoms follow from cell and density"));
  } else if (c->cell_is_size && c->cell[2] <= c->vacuum) {
    PetscCall(screen__note(r, node, "got '%s', wanted it higher than the vacuum", node->text));
  }
  PetscFunctionReturn(0);
}

/* Without `atoms` the size must come from somewhere else. */
static PetscErrorCode read_atoms(screen_reader *r)
{
  const screen_yaml *system = screen_schema_node(r->root, "system");
  screen_campaign *c = r->c;
  PetscBool counted = (PetscBool)(c->ncomponent > 0);

  PetscFunctionBegin;
  c->atoms = (PetscInt)screen_schema_integer(r->root, "system.atoms");
  for (PetscInt k = 0; k < c->ncomponent; k++) {
    if (c->share[k] != SCREEN_SHARE_UNITS) counted = PETSC_FALSE;
  }
  if (screen_yaml_get(system, "initial") || screen_yaml_get(system, "atoms"))
    PetscFunctionReturn(0);
  if (c->start == SCREEN_START_FILE || screen_yaml_get(system, "cell") || counted)
    PetscFunctionReturn(0);
  PetscCall(screen__note_missing(r, system, "atoms", "a whole number, such as 500"));
  PetscFunctionReturn(0);
}

/* A shape says nothing about the size. */
static PetscErrorCode check_shape(screen_reader *r)
{
  const screen_yaml *system = screen_schema_node(r->root, "system");
  const screen_yaml *cell = screen_schema_node(r->root, "system.cell");

  PetscFunctionBegin;
  if (cell && !r->c->cell_is_size && r->c->cell[0] > 0.0 && !screen_yaml_get(system, "atoms") &&
      r->c->start != SCREEN_START_FILE) {
    PetscCall(
        screen__note(r, cell, "got '%s' without `atoms`, wanted both, or lengths", cell->text));
  }
  PetscFunctionReturn(0);
}

/* Regions ------------------------------------------------------------------------------------- */

static PetscErrorCode read_region(screen_reader *r, const screen_yaml *child, PetscInt taken[],
                                  screen_region *region)
{
  const screen_yaml *list = screen_yaml_get(child, "components");
  const screen_yaml *density = screen_yaml_get(child, "density");
  const screen_yaml *lattice = screen_yaml_get(child, "lattice");
  char names[256], shown[64], problem[SCREEN_PROBLEM_MAX];
  const screen_campaign *c = r->c;

  PetscFunctionBegin;
  snprintf(region->name, sizeof(region->name), "%s", child->key);
  if (density && !density->refused)
    screen_quantity_parse(density->text, SCREEN_DIM_DENSITY, &region->density, problem);
  if (lattice && !lattice->refused) region->lattice = md_lattice_find(lattice->text);
  if (!list || list->refused) PetscFunctionReturn(0);
  PetscCall(PetscMalloc1(list->n, &region->component));
  screen__list_components(c, sizeof(names), names);
  for (PetscInt i = 0; i < list->n; i++) {
    const PetscInt k = screen__component(c, list->child[i]->text);

    if (k < 0 || taken[k]++) {
      PetscCall(screen__note(r, list->child[i], "got '%s'%s, wanted a component (%s)",
                             screen_shown(list->child[i]->text, sizeof(shown), shown),
                             k < 0 ? "" : ", which is in a region already", names));
    } else {
      region->component[region->ncomponent++] = k;
    }
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode read_regions(screen_reader *r, const screen_yaml *map)
{
  screen_campaign *c = r->c;
  const PetscInt before = r->notes.n;
  PetscErrorCode ierr = 0;
  PetscInt *taken;

  PetscFunctionBegin;
  if (map->n > SCREEN_REGION_MAX) {
    PetscCall(screen__note(r, map, "got %" PetscInt_FMT " regions, wanted at most %d", map->n,
                           SCREEN_REGION_MAX));
    PetscFunctionReturn(0);
  }
  PetscCall(PetscCalloc1(map->n, &c->region));
  PetscCall(PetscCalloc1(c->ncomponent, &taken));
  for (PetscInt i = 0; i < map->n && !ierr; i++) {
    if (map->child[i]->refused || screen_yaml_get(map, map->child[i]->key) != map->child[i])
      continue;
    ierr = read_region(r, map->child[i], taken, &c->region[c->nregion++]);
  }
  for (PetscInt k = 0; k < c->ncomponent && !ierr && r->notes.n == before; k++) {
    if (!taken[k])
      ierr = screen__note(r, map, "got no region with %s, wanted each component in one",
                          c->component[k].name);
  }
  PetscCall(PetscFree(taken));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* Start --------------------------------------------------------------------------------------- */

/* A key that belongs to other types of start. */
static PetscErrorCode refuse_key(screen_reader *r, const char *path, const char *types)
{
  const screen_yaml *node = screen_schema_node(r->root, path);

  PetscFunctionBegin;
  if (node)
    PetscCall(screen__note(r, node, "got it with `type: %s`, wanted it with %s only",
                           screen_schema_text(r->root, "system.start.type"), types));
  PetscFunctionReturn(0);
}

static PetscErrorCode read_layers(screen_reader *r)
{
  const screen_yaml *start = screen_schema_node(r->root, "system.start");
  const screen_yaml *map = screen_schema_node(r->root, "system.start.regions");
  screen_campaign *c = r->c;

  PetscFunctionBegin;
  c->vacuum = screen_schema_real(r->root, "system.start.vacuum");
  if (map && c->ncomponent > 0) PetscCall(read_regions(r, map));
  if (c->start == SCREEN_START_TWO_PHASE) {
    if (!map && !screen_yaml_get(start, "regions"))
      PetscCall(
          screen__note_missing(r, start, "regions", "two phases or more, with their components"));
    PetscCall(refuse_key(r, "system.start.vacuum", "slab"));
  } else if (c->vacuum <= 0.0 && !screen_yaml_get(start, "vacuum")) {
    PetscCall(screen__note_missing(r, start, "vacuum", "a length, such as 20 A"));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen__read_start(screen_reader *r)
{
  const PetscInt before = r->notes.n;
  screen_campaign *c = r->c;
  const PetscInt type = screen_schema_choice(r->root, "system.start.type");

  PetscFunctionBegin;
  if (!screen_schema_node(r->root, "system")) PetscFunctionReturn(0);
  c->start = type < 0 ? SCREEN_START_RANDOM : (screen_start_type)type;
  c->density_guess = screen_schema_real(r->root, "system.density");
  PetscCall(read_file(r));
  if (c->start == SCREEN_START_TWO_PHASE || c->start == SCREEN_START_SLAB) {
    PetscCall(read_layers(r));
  } else {
    PetscCall(refuse_key(r, "system.start.regions", "two-phase and slab"));
    PetscCall(refuse_key(r, "system.start.vacuum", "slab"));
  }
  if (c->start == SCREEN_START_CRYSTAL) {
    c->lattice = md_lattice_find(screen_schema_text(r->root, "system.start.lattice"));
    c->lattice_parameter = screen_schema_real(r->root, "system.start.parameter");
    if (!c->lattice && r->notes.n == before)
      PetscCall(screen__note_missing(r, screen_schema_node(r->root, "system.start"), "lattice",
                                     "a lattice, such as rocksalt"));
  } else {
    PetscCall(refuse_key(r, "system.start.lattice", "crystal"));
    PetscCall(refuse_key(r, "system.start.parameter", "crystal"));
  }
  PetscCall(read_cell(r));
  if (c->start != SCREEN_START_FILE) PetscCall(read_atoms(r));
  PetscCall(check_shape(r));
  PetscFunctionReturn(0);
}
