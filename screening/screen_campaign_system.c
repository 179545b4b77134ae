/* screening/screen_campaign_system.c - components, charges, composition, starting configuration */
#include "screening/screen_campaign_impl.h"

#include <stdio.h>
#include <string.h>

#include "md/md_pack.h"
#include "screening/screen_formula.h"
#include "screening/screen_grid.h"
#include "screening/screen_sha256.h"

/* Names that the results file needs for itself; those of properties are in the table of keys. */
static PetscBool is_reserved(const char *name)
{
  static const char *const own[] = {"unit", "temperature",   "pressure",      "species",
                                    "pair", "point",         "curve",         "series",
                                    "fit",  "campaign_yaml", "potential_text"};

  for (size_t k = 0; k < sizeof(own) / sizeof(own[0]); k++) {
    if (!strcmp(own[k], name)) return PETSC_TRUE;
  }
  return (PetscBool)(screen_schema_child("properties", name) != NULL);
}

/* The elements of a formula as counts of the potential's species; none where one is unknown. */
static PetscErrorCode count_species(screen_reader *r, const screen_yaml *node,
                                    const screen_formula *f, screen_component *component)
{
  PetscBool complete = PETSC_TRUE;

  PetscFunctionBegin;
  component->mass_u = f->mass_u;
  PetscCall(PetscCalloc1(r->c->nspecies, &component->count));
  for (PetscInt i = 0; i < f->n; i++) {
    const PetscInt s = screen__species(r->c, f->symbol[i]);

    if (s >= 0) {
      component->count[s] = f->count[i];
      continue;
    }
    complete = PETSC_FALSE;
    PetscCall(screen__note(r, node, "got '%s' with %s, wanted elements of potential.species",
                           node->text, f->symbol[i]));
  }
  if (!complete) PetscCall(PetscFree(component->count));
  PetscFunctionReturn(0);
}

static PetscErrorCode read_component(screen_reader *r, const screen_yaml *child,
                                     screen_component *component)
{
  const screen_yaml *node = screen_yaml_get(child, "formula");
  char problem[SCREEN_FORMULA_PROBLEM];
  screen_formula formula;

  PetscFunctionBegin;
  snprintf(component->name, sizeof(component->name), "%s", child->key);
  if (is_reserved(child->key)) {
    PetscCall(screen_notes_add(&r->notes, child->key_line, child->key_column, child->path,
                               "got a name that the results file uses itself, wanted another"));
  }
  if (!node || node->refused) PetscFunctionReturn(0);
  if (!screen_formula_parse(node->text, &formula, problem)) {
    PetscCall(screen__note(r, node, "%s", problem));
  } else if (r->species_ok) {
    PetscCall(count_species(r, node, &formula, component));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode read_components(screen_reader *r)
{
  const screen_yaml *map = screen_schema_node(r->root, "system.components");
  screen_campaign *c = r->c;

  PetscFunctionBegin;
  if (!map) PetscFunctionReturn(0);
  PetscCall(PetscCalloc1(map->n, &c->component));
  PetscCall(PetscCalloc1(map->n, &c->composition));
  for (PetscInt i = 0; i < map->n; i++) {
    if (screen_yaml_get(map, map->child[i]->key) != map->child[i]) continue;
    PetscCall(read_component(r, map->child[i], &c->component[c->ncomponent]));
    c->ncomponent++;
  }
  PetscFunctionReturn(0);
}

static PetscInt find_component(const screen_campaign *c, const char *name)
{
  for (PetscInt k = 0; k < c->ncomponent; k++) {
    if (!strcmp(c->component[k].name, name)) return k;
  }
  return -1;
}

/* Every element that a component holds needs a charge, and every formula unit must be neutral. */
static PetscErrorCode check_neutral(screen_reader *r, const screen_yaml *charges,
                                    const screen_component *component)
{
  char path[2 * SCREEN_NAME_MAX + 32];
  const screen_yaml *node;
  const screen_campaign *c = r->c;
  PetscReal sum = 0.0;

  PetscFunctionBegin;
  snprintf(path, sizeof(path), "system.components.%s.formula", component->name);
  node = screen_schema_node(r->root, path);
  if (!node || !component->count) PetscFunctionReturn(0);
  for (PetscInt s = 0; s < c->nspecies; s++) {
    if (component->count[s] && !screen_yaml_get(charges, c->species[s])) PetscFunctionReturn(0);
    sum += c->charge[s] * (PetscReal)component->count[s];
  }
  if (PetscAbsReal(sum) > 1e-9) {
    PetscCall(screen__note(r, node,
                           "got '%s' with a charge of %+g e, wanted a neutral formula unit",
                           node->text, (double)sum));
  }
  PetscFunctionReturn(0);
}

/* Elements of components that system.charges leaves out. */
static PetscErrorCode check_charged(screen_reader *r, const screen_yaml *charges)
{
  const screen_campaign *c = r->c;

  PetscFunctionBegin;
  for (PetscInt s = 0; s < c->nspecies; s++) {
    PetscBool used = PETSC_FALSE;

    for (PetscInt k = 0; k < c->ncomponent; k++) {
      if (c->component[k].count && c->component[k].count[s]) used = PETSC_TRUE;
    }
    if (!used || screen_yaml_get(charges, c->species[s])) continue;
    PetscCall(screen__note_missing(r, charges, c->species[s],
                                   "charges of all elements in the components"));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode read_charges(screen_reader *r)
{
  const screen_yaml *map = screen_schema_node(r->root, "system.charges");
  char problem[SCREEN_PROBLEM_MAX];
  screen_campaign *c = r->c;

  PetscFunctionBegin;
  if (!map || !r->species_ok) PetscFunctionReturn(0);
  c->has_charges = PETSC_TRUE;
  for (PetscInt i = 0; i < map->n; i++) {
    const screen_yaml *child = map->child[i];
    const PetscInt s = screen__species(c, child->key);

    if (child->refused) PetscFunctionReturn(0);
    if (s < 0) {
      PetscCall(screen_notes_add(&r->notes, child->key_line, child->key_column, child->path,
                                 "got '%s', wanted elements of potential.species", child->key));
      PetscFunctionReturn(0);
    }
    screen_quantity_parse(child->text, SCREEN_DIM_CHARGE, &c->charge[s], problem);
  }
  PetscCall(check_charged(r, map));
  for (PetscInt k = 0; k < c->ncomponent; k++) {
    PetscCall(check_neutral(r, map, &c->component[k]));
  }
  PetscFunctionReturn(0);
}

/* "CaCl2, KCl" */
static void list_components(const screen_campaign *c, size_t size, char out[])
{
  size_t used = 0;

  out[0] = '\0';
  for (PetscInt k = 0; k < c->ncomponent && used < size; k++) {
    used += (size_t)snprintf(out + used, size - used, "%s%s", k ? ", " : "", c->component[k].name);
  }
}

/* One line of the composition: an axis, or the balance. */
static PetscErrorCode read_share(screen_reader *r, const screen_yaml *child, PetscInt k)
{
  const screen_key *key = screen_schema_key("system.composition.*");
  const screen_range range = {key->dimension, key->min, key->max};
  screen_campaign *c = r->c;

  PetscFunctionBegin;
  if (child->refused) PetscFunctionReturn(0);
  if (child->text && !strcmp(child->text, "balance")) {
    if (c->balance >= 0) {
      PetscCall(screen__note(r, child, "got balance a second time (%s has it), wanted it once",
                             c->component[c->balance].name));
    } else {
      c->balance = k;
    }
    PetscFunctionReturn(0);
  }
  PetscCall(screen_axis_read(
      screen_yaml_get(screen_schema_node(r->root, "system.composition"), child->key), &range,
      &c->composition[k], &r->notes));
  PetscFunctionReturn(0);
}

static PetscErrorCode read_shares(screen_reader *r, const screen_yaml *map)
{
  char names[256], wanted[320];
  screen_campaign *c = r->c;

  PetscFunctionBegin;
  list_components(c, sizeof(names), names);
  for (PetscInt i = 0; i < map->n; i++) {
    const screen_yaml *child = map->child[i];
    const PetscInt k = find_component(c, child->key);

    if (screen_yaml_get(map, child->key) != child || !strcmp(child->key, "unit")) continue;
    if (k >= 0) {
      PetscCall(read_share(r, child, k));
    } else if (!child->refused) {
      PetscCall(screen_notes_add(&r->notes, child->key_line, child->key_column, child->path,
                                 "got '%s', wanted a component (%s) or unit", child->key, names));
    }
  }
  for (PetscInt k = 0; k < c->ncomponent; k++) {
    if (screen_yaml_get(map, c->component[k].name)) continue;
    snprintf(wanted, sizeof(wanted), "a fraction of each component (%s)", names);
    PetscCall(screen__note_missing(r, map, c->component[k].name, wanted));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode read_composition(screen_reader *r)
{
  const screen_yaml *system = screen_schema_node(r->root, "system");
  const screen_yaml *map = screen_yaml_get(system, "composition");
  screen_campaign *c = r->c;

  PetscFunctionBegin;
  c->fraction = (screen_fraction)screen_schema_choice(r->root, "system.composition.unit");
  if (c->ncomponent == 0 || (map && map->refused)) PetscFunctionReturn(0);
  if (map) {
    PetscCall(read_shares(r, map));
  } else if (c->ncomponent > 1) {
    PetscCall(screen__note_missing(r, system, "composition", "the fraction of each component"));
  } else {
    PetscCall(PetscMalloc1(1, &c->composition[0].value));
    c->composition[0].value[0] = 1.0;
    c->composition[0].n = 1;
  }
  PetscFunctionReturn(0);
}

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
    PetscCall(screen__note(r, atoms, "got a number beside 'initial', wanted it left out: %s",
                           "the file has its own"));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode read_atoms(screen_reader *r)
{
  const screen_yaml *system = screen_schema_node(r->root, "system");
  const screen_yaml *initial = screen_schema_node(r->root, "system.initial");
  screen_campaign *c = r->c;

  PetscFunctionBegin;
  if (!system) PetscFunctionReturn(0);
  c->density_guess = screen_schema_real(r->root, "system.density");
  c->atoms = (PetscInt)screen_schema_integer(r->root, "system.atoms");
  if (initial) {
    PetscCall(read_initial(r, initial));
  } else if (!screen_yaml_get(system, "initial") && !screen_yaml_get(system, "atoms")) {
    PetscCall(screen__note_missing(r, system, "atoms", "a whole number, such as 500"));
  }
  PetscFunctionReturn(0);
}

/* Whether the fractions of every composition sum to 1 and whole formula units can show them: only
 * when all that it needs was read. */
static PetscErrorCode check_compositions(screen_reader *r)
{
  const screen_yaml *map = screen_schema_node(r->root, "system.composition");
  const screen_campaign *c = r->c;
  mtp_diag diag = {.n = 0};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  if (!map) map = screen_schema_node(r->root, "system.components");
  if (!map || c->ncomponent == 0 || c->atoms < 1) PetscFunctionReturn(0);
  for (PetscInt k = 0; k < c->ncomponent; k++) {
    if (!c->component[k].count || (c->composition[k].n == 0 && k != c->balance)) {
      PetscFunctionReturn(0);
    }
  }
  ierr = screen_grid_check(c, &diag);
  for (PetscInt i = 0; i < diag.n && !ierr; i++) ierr = screen__note(r, map, "%s", diag.text[i]);
  PetscCall(mtp_diag_clear(&diag));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode screen__read_system(screen_reader *r)
{
  PetscFunctionBegin;
  PetscCall(read_components(r));
  PetscCall(read_charges(r));
  PetscCall(read_composition(r));
  PetscCall(read_atoms(r));
  PetscCall(check_compositions(r));
  PetscFunctionReturn(0);
}
