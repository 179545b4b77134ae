/* screening/screen_campaign_components.c - components, their molecules, masses and charges
 *
 * A component is a formula unit.  Molecules in it come from files; what the formula has beyond
 * them are single atoms: LiPF6 with PF6.xyz is a lithium and a molecule.  A molecule's charge is
 * given by its name, or it is the sum of its elements' charges.
 */
#include "screening/screen_campaign_impl.h"

#include <stdio.h>
#include <string.h>

#include "md/md_units.h"
#include "screening/screen_formula.h"
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

/* Masses first: everything that weighs something is read after them. */
PetscErrorCode screen__read_masses(screen_reader *r)
{
  const screen_yaml *map = screen_schema_node(r->root, "system.masses");
  char problem[SCREEN_PROBLEM_MAX];
  PetscReal mass_u;

  PetscFunctionBegin;
  for (PetscInt i = 0; map && r->species_ok && i < map->n; i++) {
    const screen_yaml *child = map->child[i];
    const PetscInt s = screen__species(r->c, child->key);

    if (child->refused) continue;
    if (s < 0) {
      PetscCall(screen_notes_add(&r->notes, child->key_line, child->key_column, child->path,
                                 "got '%s', wanted elements of potential.species", child->key));
    } else if (screen_quantity_parse(child->text, SCREEN_DIM_MASS, &mass_u, problem)) {
      r->c->mass[s] = mass_u * MD_ATOMIC_MASS;
    }
  }
  PetscFunctionReturn(0);
}

/* Molecules ---------------------------------------------------------------------------------- */

/* "PF6" of ../molecules/PF6.xyz */
static void molecule_name(const char *file, char name[SCREEN_NAME_MAX])
{
  const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file;
  const char *dot = strrchr(base, '.');

  snprintf(name, SCREEN_NAME_MAX, "%.*s", dot ? (int)(dot - base) : (int)strlen(base), base);
}

/* Reads the geometry; what is wrong inside goes to r->files. */
static PetscErrorCode read_geometry(screen_reader *r, screen_molecule *m)
{
  const screen_campaign *c = r->c;
  const char **species;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(c->nspecies, &species));
  for (PetscInt s = 0; s < c->nspecies; s++) species[s] = c->species[s];
  ierr = md_molecule_read(m->file, c->nspecies, species, &m->body, &r->files);
  PetscCall(PetscFree(species));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* The molecule of a file, read once; *index = -1 when it cannot be. */
static PetscErrorCode find_molecule(screen_reader *r, const screen_yaml *node, PetscInt *index)
{
  screen_molecule m = {.charge = 0.0};
  screen_campaign *c = r->c;
  char shown[128];
  int error;

  PetscFunctionBegin;
  *index = -1;
  molecule_name(node->text, m.name);
  for (PetscInt k = 0; k < c->nmolecule; k++) {
    if (!strcmp(c->molecule[k].name, m.name)) *index = k;
  }
  if (*index >= 0) PetscFunctionReturn(0);
  PetscCall(screen__resolve(r, node->text, &m.file));
  PetscCall(screen_sha256_file(m.file, m.sha256, &error));
  if (error) {
    PetscCall(screen__note(r, node, "got '%s' (%s), wanted an .xyz file of a molecule",
                           screen_shown(node->text, sizeof(shown), shown), strerror(error)));
    PetscCall(PetscFree(m.file));
    PetscFunctionReturn(0);
  }
  PetscCall(PetscRealloc((size_t)(c->nmolecule + 1) * sizeof(m), &c->molecule));
  c->molecule[c->nmolecule] = m;
  *index = c->nmolecule++;
  PetscCall(read_geometry(r, &c->molecule[*index]));
  PetscFunctionReturn(0);
}

static PetscErrorCode read_molecules(screen_reader *r, const screen_yaml *node,
                                     screen_component *component)
{
  const PetscInt n = node->kind == SCREEN_YAML_LIST ? node->n : 1;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(n, &component->molecule));
  for (PetscInt i = 0; i < n; i++) {
    PetscInt *index = &component->molecule[component->nmolecule];

    PetscCall(find_molecule(r, node->kind == SCREEN_YAML_LIST ? node->child[i] : node, index));
    component->nmolecule += *index >= 0;
  }
  PetscFunctionReturn(0);
}

/* Atoms of the molecules by species, added to `count`. */
static void count_molecules(const screen_campaign *c, const screen_component *component,
                            PetscInt count[])
{
  for (PetscInt k = 0; k < component->nmolecule; k++) {
    const md_molecule *body = &c->molecule[component->molecule[k]].body;

    for (PetscInt i = 0; i < body->n; i++) count[body->type[i]]++;
  }
}

/* Formulas ----------------------------------------------------------------------------------- */

static void set_mass(const screen_campaign *c, screen_component *component)
{
  component->mass_u = 0.0;
  for (PetscInt s = 0; s < c->nspecies; s++)
    component->mass_u += (PetscReal)component->count[s] * c->mass[s] / MD_ATOMIC_MASS;
}

/* The elements of a formula as counts of the potential's species; none where one is unknown. */
static PetscErrorCode count_species(screen_reader *r, const screen_yaml *node,
                                    const screen_formula *f, screen_component *component)
{
  PetscBool complete = PETSC_TRUE;

  PetscFunctionBegin;
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

/* What the formula has beyond the molecules. */
static PetscErrorCode split_formula(screen_reader *r, const screen_yaml *child,
                                    screen_component *component)
{
  const screen_campaign *c = r->c;
  PetscInt *inside;

  PetscFunctionBegin;
  PetscCall(PetscCalloc1(c->nspecies, &inside));
  count_molecules(c, component, inside);
  if (!component->count) { /* no formula: molecules only */
    component->count = inside;
    PetscCall(PetscCalloc1(c->nspecies, &component->single));
    PetscFunctionReturn(0);
  }
  component->single = inside;
  for (PetscInt s = 0; s < c->nspecies; s++) {
    component->single[s] = component->count[s] - inside[s];
    if (component->single[s] >= 0) continue;
    PetscCall(screen__note(r, screen_yaml_get(child, "formula"),
                           "got '%s' with %" PetscInt_FMT " %s, wanted %" PetscInt_FMT
                           " or more: the molecules have them",
                           screen_yaml_get(child, "formula")->text, component->count[s],
                           c->species[s], component->count[s] - component->single[s]));
    PetscCall(PetscFree(component->count));
    break;
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode read_formula(screen_reader *r, const screen_yaml *node,
                                   screen_component *component)
{
  char problem[SCREEN_FORMULA_PROBLEM];
  screen_formula formula;

  PetscFunctionBegin;
  if (!screen_formula_parse(node->text, &formula, problem)) {
    PetscCall(screen__note(r, node, "%s", problem));
  } else if (r->species_ok) {
    PetscCall(count_species(r, node, &formula, component));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode read_component(screen_reader *r, const screen_yaml *child,
                                     screen_component *component)
{
  const screen_yaml *node = screen_yaml_get(child, "formula");
  const screen_yaml *molecule = screen_yaml_get(child, "molecule");
  const screen_yaml *density = screen_yaml_get(child, "density");
  const screen_yaml *electrons = screen_yaml_get(child, "electrons");
  char problem[SCREEN_PROBLEM_MAX];
  PetscInt64 number = 0;
  const PetscInt before = r->notes.n + r->files.n;

  PetscFunctionBegin;
  snprintf(component->name, sizeof(component->name), "%s", child->key);
  if (is_reserved(child->key)) {
    PetscCall(screen_notes_add(&r->notes, child->key_line, child->key_column, child->path,
                               "got a name that the results file uses itself, wanted another"));
  }
  if (child->refused) PetscFunctionReturn(0);
  if (density && !density->refused)
    screen_quantity_parse(density->text, SCREEN_DIM_DENSITY, &component->density, problem);
  if (electrons && !electrons->refused) screen_integer_parse(electrons->text, &number, problem);
  component->electrons = (PetscInt)number;
  if (!node && !molecule)
    PetscCall(screen__note_missing(r, child, "formula", "a formula, such as CaCl2"));
  if (node && !node->refused) PetscCall(read_formula(r, node, component));
  if (molecule && !molecule->refused && r->species_ok)
    PetscCall(read_molecules(r, molecule, component));
  if (molecule && r->species_ok && (!node || component->count) && r->notes.n + r->files.n == before)
    PetscCall(split_formula(r, child, component));
  if (component->count) set_mass(r->c, component);
  PetscFunctionReturn(0);
}

PetscErrorCode screen__read_components(screen_reader *r)
{
  const screen_yaml *map = screen_schema_node(r->root, "system.components");
  screen_campaign *c = r->c;

  PetscFunctionBegin;
  if (!map) PetscFunctionReturn(0);
  PetscCall(PetscCalloc1(map->n, &c->component));
  PetscCall(PetscCalloc1(map->n, &c->composition));
  PetscCall(PetscCalloc1(map->n, &c->share));
  PetscCall(PetscCalloc1(map->n, &c->in_ratio));
  for (PetscInt i = 0; i < map->n; i++) {
    if (screen_yaml_get(map, map->child[i]->key) != map->child[i]) continue;
    PetscCall(read_component(r, map->child[i], &c->component[c->ncomponent]));
    c->ncomponent++;
  }
  PetscFunctionReturn(0);
}

PetscInt screen__component(const screen_campaign *c, const char *name)
{
  for (PetscInt k = 0; k < c->ncomponent; k++) {
    if (!strcmp(c->component[k].name, name)) return k;
  }
  return -1;
}

/* Charges ------------------------------------------------------------------------------------ */

/* The note about a component stands at its formula, or its molecules. */
static const screen_yaml *component_node(const screen_reader *r, const screen_component *component)
{
  const screen_yaml *child =
      screen_yaml_get(screen_schema_node(r->root, "system.components"), component->name);
  const screen_yaml *formula = screen_yaml_get(child, "formula");

  return formula ? formula : screen_yaml_get(child, "molecule");
}

static PetscInt find_name(const screen_campaign *c, const char *name)
{
  for (PetscInt k = 0; k < c->nmolecule; k++) {
    if (!strcmp(c->molecule[k].name, name)) return k;
  }
  return -1;
}

/* Atoms of a species in the formula unit that are in no molecule. */
static PetscInt single_atoms(const screen_component *component, PetscInt s)
{
  return component->single ? component->single[s] : component->count[s];
}

/* Every single element that a component holds needs a charge, and every formula unit must be
 * neutral. */
static PetscErrorCode check_neutral(screen_reader *r, const screen_yaml *charges,
                                    const screen_component *component)
{
  const screen_yaml *node = component_node(r, component);
  const screen_campaign *c = r->c;
  PetscReal sum = -(PetscReal)component->electrons;

  PetscFunctionBegin;
  if (!node || node->refused || !component->count) PetscFunctionReturn(0);
  for (PetscInt s = 0; s < c->nspecies; s++) {
    const PetscInt n = single_atoms(component, s);

    if (n && !screen_yaml_get(charges, c->species[s])) PetscFunctionReturn(0);
    sum += c->charge[s] * (PetscReal)n;
  }
  for (PetscInt k = 0; k < component->nmolecule; k++)
    sum += c->molecule[component->molecule[k]].charge;
  if (PetscAbsReal(sum) > 1e-9) {
    PetscCall(screen__note(r, node,
                           "got '%s' with a charge of %+g e, wanted a neutral formula unit",
                           node->text ? node->text : component->name, (double)sum));
  }
  PetscFunctionReturn(0);
}

/* Single elements of components that system.charges leaves out. */
static PetscErrorCode check_charged(screen_reader *r, const screen_yaml *charges)
{
  const screen_campaign *c = r->c;

  PetscFunctionBegin;
  for (PetscInt s = 0; s < c->nspecies; s++) {
    PetscBool used = PETSC_FALSE;

    for (PetscInt k = 0; k < c->ncomponent; k++) {
      if (c->component[k].count && single_atoms(&c->component[k], s)) used = PETSC_TRUE;
    }
    if (!used || screen_yaml_get(charges, c->species[s])) continue;
    PetscCall(screen__note_missing(r, charges, c->species[s],
                                   "charges of all elements in the components"));
  }
  PetscFunctionReturn(0);
}

/* Of molecules that have no charge by name: the sum of what their elements have. */
static void sum_charges(screen_campaign *c, const screen_yaml *charges)
{
  for (PetscInt k = 0; k < c->nmolecule; k++) {
    const md_molecule *body = &c->molecule[k].body;

    if (screen_yaml_get(charges, c->molecule[k].name)) continue;
    for (PetscInt i = 0; i < body->n; i++) c->molecule[k].charge += c->charge[body->type[i]];
  }
}

PetscErrorCode screen__read_charges(screen_reader *r)
{
  const screen_yaml *map = screen_schema_node(r->root, "system.charges");
  char problem[SCREEN_PROBLEM_MAX];
  screen_campaign *c = r->c;

  PetscFunctionBegin;
  if (!map || !r->species_ok) PetscFunctionReturn(0);
  c->has_charges = PETSC_TRUE;
  for (PetscInt i = 0; i < map->n; i++) {
    const screen_yaml *child = map->child[i];
    const PetscInt s = screen__species(c, child->key), m = find_name(c, child->key);

    if (child->refused) PetscFunctionReturn(0);
    if (s < 0 && m < 0) {
      PetscCall(screen_notes_add(&r->notes, child->key_line, child->key_column, child->path,
                                 "got '%s', wanted elements of potential.species%s", child->key,
                                 c->nmolecule ? " or names of molecules" : ""));
      PetscFunctionReturn(0);
    }
    screen_quantity_parse(child->text, SCREEN_DIM_CHARGE,
                          s >= 0 ? &c->charge[s] : &c->molecule[m].charge, problem);
  }
  sum_charges(c, map);
  PetscCall(check_charged(r, map));
  for (PetscInt k = 0; k < c->ncomponent; k++) {
    PetscCall(check_neutral(r, map, &c->component[k]));
  }
  PetscFunctionReturn(0);
}
