/* screening/screen_campaign_properties.c - what is computed, and whether the run can give it
 *
 * A charge current is a sum over species with one charge each.  Where a molecule has a charge by
 * its own name (PF6: -1) one of its elements stands for it: one of which it has one atom, which
 * occurs nowhere else and has no charge yet (P), gets what is missing of the molecule's charge.
 * Bound atoms do not part, so the conductivity is the same whichever of them carries the charge:
 * Grasselli & Baroni, Nat. Phys. 15, 967 (2019), doi:10.1038/s41567-019-0562-0.
 */
#include "screening/screen_campaign_impl.h"

#include <stddef.h>

enum { NPT = 1, NVE = 2 };

typedef struct {
  const char *path;
  size_t want; /* place of its switch in the campaign */
  int runs;    /* productions, any of which will do */
} property_row;

static const property_row properties[] = {
    {"properties.density", offsetof(screen_campaign, want_density), NPT},
    {"properties.heat_capacity", offsetof(screen_campaign, want_heat_capacity), NPT},
    {"properties.viscosity", offsetof(screen_campaign, want_viscosity), NVE},
    {"properties.diffusion", offsetof(screen_campaign, want_diffusion), NVE},
    {"properties.ionic_conductivity", offsetof(screen_campaign, want_ionic_conductivity), NVE},
    {"properties.thermal_conductivity", offsetof(screen_campaign, want_thermal_conductivity), NVE},
    {"properties.structure", offsetof(screen_campaign, want_structure), NPT},
    {"properties.potential_energy", offsetof(screen_campaign, want_potential_energy), NPT | NVE},
};
enum { NPROPERTY = sizeof(properties) / sizeof(properties[0]) };

static const char *const targets[SCREEN_NTARGET] = {
    [SCREEN_TARGET_DENSITY] = "properties.density.target",
    [SCREEN_TARGET_HEAT_CAPACITY] = "properties.heat_capacity.target",
    [SCREEN_TARGET_VISCOSITY] = "properties.viscosity.target",
    [SCREEN_TARGET_DIFFUSION] = "properties.diffusion.target",
    [SCREEN_TARGET_IONIC_CONDUCTIVITY] = "properties.ionic_conductivity.target",
    [SCREEN_TARGET_THERMAL_CONDUCTIVITY] = "properties.thermal_conductivity.target"};

static PetscBool *want(screen_campaign *c, const property_row *row)
{
  return (PetscBool *)(void *)((char *)c + row->want);
}

PetscBool screen_campaign_npt_stream(const screen_campaign *c)
{
  return (PetscBool)(c->want_density || c->want_heat_capacity || c->want_potential_energy);
}

PetscBool screen_campaign_nve_stream(const screen_campaign *c)
{
  return (PetscBool)((c->want_viscosity && !c->only_rnemd_shear) || c->want_ionic_conductivity ||
                     screen_campaign_heat(c));
}

PetscBool screen_campaign_heat(const screen_campaign *c)
{
  return (PetscBool)(c->want_thermal_conductivity && !c->only_rnemd_heat);
}

/* A note about a property that was asked for, at its key. */
static PetscErrorCode note_property(screen_reader *r, const char *property, const char *text)
{
  const screen_yaml *node = screen_schema_node(r->root, property);

  PetscFunctionBegin;
  PetscCall(screen_notes_add(&r->notes, node->key_line, node->key_column, property, "%s", text));
  PetscFunctionReturn(0);
}

/* What is divided by the volume of the cell. */
static PetscErrorCode check_volume(screen_reader *r)
{
  static const char *const bulk[] = {"properties.density", "properties.heat_capacity",
                                     "properties.viscosity", "properties.ionic_conductivity",
                                     "properties.thermal_conductivity"};

  PetscFunctionBegin;
  for (size_t k = 0; k < sizeof(bulk) / sizeof(bulk[0]) && r->c->vacuum > 0.0; k++) {
    if (screen_schema_switch(r->root, bulk[k]))
      PetscCall(note_property(r, bulk[k],
                              "got a cell with vacuum, whose volume is not the liquid's, wanted it "
                              "left out"));
  }
  PetscFunctionReturn(0);
}

/* Every property has a production that it can be taken from. */
static PetscErrorCode check_lengths(screen_reader *r)
{
  static const char *const wanted[] = {
      "", "got no run to take it from, wanted simulation.production.npt above 0 fs",
      "got no run to take it from, wanted simulation.production.nve above 0 fs",
      "got no run to take it from, wanted simulation.production.npt or .nve above 0 fs"};
  const screen_yaml *production = screen_schema_node(r->root, "simulation.production");
  const int runs = (r->c->production_npt > 0.0 ? NPT : 0) | (r->c->production_nve > 0.0 ? NVE : 0);

  PetscFunctionBegin;
  if (!production) PetscFunctionReturn(0);
  for (PetscInt i = 0; i < production->n; i++) {
    if (production->child[i]->refused) PetscFunctionReturn(0);
  }
  for (int k = 0; k < NPROPERTY; k++) {
    const property_row *row = &properties[k];

    if (r->c->only_rnemd_heat && want(r->c, row) == &r->c->want_thermal_conductivity) continue;
    if (r->c->only_rnemd_shear && want(r->c, row) == &r->c->want_viscosity) continue;
    if (*want(r->c, row) && !(row->runs & runs))
      PetscCall(note_property(r, row->path, wanted[row->runs]));
  }
  PetscFunctionReturn(0);
}

/* Charges of the charge current ------------------------------------------------------------- */

/* Whether a species is in molecule m. */
static PetscBool is_in(const screen_campaign *c, PetscInt species, PetscInt m)
{
  for (PetscInt i = 0; i < c->molecule[m].body.n; i++)
    if (c->molecule[m].body.type[i] == species) return PETSC_TRUE;
  return PETSC_FALSE;
}

/* Whether atoms of a species are in a component without a molecule around them. */
static PetscBool is_single(const screen_campaign *c, PetscInt species)
{
  for (PetscInt k = 0; k < c->ncomponent; k++) {
    const screen_component *component = &c->component[k];
    const PetscInt *single = component->single ? component->single : component->count;

    if (single && single[species] > 0) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

/* Atoms of a species in the components outside molecule m. */
static PetscBool is_elsewhere(const screen_campaign *c, PetscInt species, PetscInt m)
{
  for (PetscInt k = 0; k < c->nmolecule; k++)
    if (k != m && is_in(c, species, k)) return PETSC_TRUE;
  return is_single(c, species);
}

void screen_campaign_solvent(const screen_campaign *c, PetscBool solvent[])
{
  for (PetscInt s = 0; s < c->nspecies; s++) {
    PetscBool neutral = PETSC_FALSE, other = is_single(c, s);

    for (PetscInt m = 0; m < c->nmolecule; m++) {
      if (!is_in(c, s, m)) continue;
      if (PetscAbsReal(c->molecule[m].charge) < 1e-9)
        neutral = PETSC_TRUE;
      else
        other = PETSC_TRUE;
    }
    solvent[s] = (PetscBool)(neutral && !other);
  }
}

static PetscErrorCode find_solvent(screen_campaign *c)
{
  PetscBool *solvent;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(c->nspecies, &solvent));
  screen_campaign_solvent(c, solvent);
  for (PetscInt s = 0; s < c->nspecies; s++)
    c->has_solvent = (PetscBool)(c->has_solvent || solvent[s]);
  PetscCall(PetscFree(solvent));
  PetscFunctionReturn(0);
}

/* The element that stands for molecule m: the heaviest of those that can; -1: none can. */
static PetscInt find_carrier(const screen_campaign *c, PetscInt m)
{
  const md_molecule *body = &c->molecule[m].body;
  PetscInt best = -1;

  for (PetscInt s = 0; s < c->nspecies; s++) {
    PetscInt n = 0;

    for (PetscInt i = 0; i < body->n; i++) n += body->type[i] == s;
    if (n != 1 || c->charge[s] != 0.0 || is_elsewhere(c, s, m)) continue;
    if (best < 0 || c->mass[s] > c->mass[best]) best = s;
  }
  return best;
}

/* Whether it matters which atom stands for an ion. */
static PetscBool wants_carriers(const screen_campaign *c)
{
  return (PetscBool)(c->has_charges && (c->want_ionic_conductivity || c->has_ion_pairs));
}

static PetscErrorCode read_carriers(screen_reader *r)
{
  screen_campaign *c = r->c;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(c->nspecies, &c->carrier));
  PetscCall(PetscArraycpy(c->carrier, c->charge, c->nspecies));
  for (PetscInt m = 0; m < c->nmolecule; m++) {
    const md_molecule *body = &c->molecule[m].body;
    PetscReal missing = c->molecule[m].charge;
    PetscInt s;

    for (PetscInt i = 0; i < body->n; i++) missing -= c->charge[body->type[i]];
    if (PetscAbsReal(missing) < 1e-9) continue;
    s = find_carrier(c, m);
    if (s >= 0) {
      c->carrier[s] = missing;
      continue;
    }
    PetscCall(screen__note(r, screen_schema_node(r->root, "system.charges"),
                           "got %g e for the molecule %s and no element in it that can stand for "
                           "it in ionic_conductivity, wanted charges of its elements",
                           (double)c->molecule[m].charge, c->molecule[m].name));
  }
  PetscFunctionReturn(0);
}

/* Settings ----------------------------------------------------------------------------------- */

static PetscErrorCode check_conductivities(screen_reader *r)
{
  const screen_campaign *c = r->c;

  PetscFunctionBegin;
  if (c->want_ionic_conductivity && !c->has_charges &&
      !screen_yaml_get(screen_schema_node(r->root, "system"), "charges"))
    PetscCall(note_property(r, "properties.ionic_conductivity",
                            "got no charges of what carries the current, wanted system.charges"));
  if (c->want_ionic_conductivity && c->electronic == SCREEN_METAL)
    PetscCall(note_property(r, "properties.ionic_conductivity",
                            "got simulation.electronic: metal, wanted it left out: in a metal "
                            "electrons carry the current"));
  if (wants_carriers(c) && r->species_ok) PetscCall(read_carriers(r));
  if (c->want_thermal_conductivity && c->rescaling > 0.0)
    PetscCall(note_property(r, "properties.thermal_conductivity",
                            "got simulation.production.rescaling, which takes heat out, wanted it "
                            "left out: constant energy"));
  PetscFunctionReturn(0);
}

/* Hydrodynamic radii of elements. */
static PetscErrorCode read_radii(screen_reader *r)
{
  const screen_yaml *map = screen_schema_node(r->root, "properties.diffusion.radius");
  char problem[SCREEN_PROBLEM_MAX];

  PetscFunctionBegin;
  if (!map || !r->species_ok) PetscFunctionReturn(0);
  PetscCall(PetscCalloc1(r->c->nspecies, &r->c->radius));
  for (PetscInt i = 0; i < map->n; i++) {
    const screen_yaml *node = map->child[i];
    const PetscInt s = screen__species(r->c, node->key);

    if (node->refused) continue;
    if (s >= 0)
      screen_quantity_parse(node->text, SCREEN_DIM_LENGTH, &r->c->radius[s], problem);
    else
      PetscCall(screen_notes_add(&r->notes, node->key_line, node->key_column, node->path,
                                 "got an element that is not in potential.species, wanted one of "
                                 "those"));
  }
  PetscFunctionReturn(0);
}

/* Pairs whose lifetimes are wanted, with their radii. */
static PetscErrorCode read_lifetimes(screen_reader *r)
{
  const screen_yaml *map = screen_schema_node(r->root, "properties.structure.lifetimes");
  screen_structure_wish *wish = &r->c->structure;
  char problem[SCREEN_PROBLEM_MAX];

  PetscFunctionBegin;
  if (!map || !r->species_ok || !r->c->want_structure) PetscFunctionReturn(0);
  wish->tolerance = screen_schema_real(r->root, "properties.structure.tolerance");
  for (PetscInt i = 0; i < map->n; i++) {
    const screen_yaml *node = map->child[i];
    PetscInt pair[2];

    if (node->refused) continue;
    if (!screen__find_pair(r->c, node->key, pair) || wish->nlife == SCREEN_LIFE_MOST) {
      PetscCall(screen_notes_add(&r->notes, node->key_line, node->key_column, node->path,
                                 "got %s, wanted up to %d pairs of elements of potential.species, "
                                 "such as %s-%s",
                                 node->key, (int)SCREEN_LIFE_MOST, r->c->species[0],
                                 r->c->species[r->c->nspecies - 1]));
      continue;
    }
    wish->life[wish->nlife].a = pair[0];
    wish->life[wish->nlife].b = pair[1];
    screen_quantity_parse(node->text, SCREEN_DIM_LENGTH, &wish->life[wish->nlife++].radius,
                          problem);
  }
  r->c->want_lifetimes = (PetscBool)(wish->nlife > 0);
  PetscFunctionReturn(0);
}

static void read_settings(screen_reader *r)
{
  static const char viscosity[] = "properties.viscosity.cutoff";
  screen_campaign *c = r->c;

  for (int k = 0; k < SCREEN_NTARGET; k++)
    if (screen_schema_node(r->root, targets[k]))
      c->target[k] = screen_schema_real(r->root, targets[k]);
  c->rdf_rmax = screen_schema_real(r->root, "properties.structure.rdf.rmax");
  c->structure_every = screen_schema_real(r->root, "properties.structure.every");
  if (c->want_structure && screen_schema_switch(r->root, "properties.structure.structure_factor"))
    c->structure.qmax = screen_schema_real(r->root, "properties.structure.structure_factor.qmax");
  if (c->want_structure && screen_schema_switch(r->root, "properties.structure.ligands"))
    c->structure.reach = SCREEN_LIGAND_REACH;
  c->has_ion_pairs = (PetscBool)(c->structure.reach > 0.0 && c->has_charges);
  c->conductivity_cutoff = screen_schema_real(r->root, "properties.ionic_conductivity.cutoff");
  if (screen_schema_node(r->root, viscosity))
    c->viscosity_cutoff = screen_schema_real(r->root, viscosity);
  else
    c->viscosity_cutoff = c->has_charges ? SCREEN_CUTOFF_SALT : SCREEN_CUTOFF_ALLOY;
}

/* How far a run may go for its targets. */
static PetscErrorCode read_limits(screen_reader *r)
{
  const screen_yaml *most = screen_schema_node(r->root, "simulation.max_replicas");
  const screen_yaml *budget = screen_schema_node(r->root, "budget");
  screen_campaign *c = r->c;
  PetscBool any = PETSC_FALSE;

  PetscFunctionBegin;
  for (int k = 0; k < SCREEN_NTARGET; k++) any = (PetscBool)(any || c->target[k] > 0.0);
  c->max_replicas = any ? PetscMax(4 * c->replicas, SCREEN_MAX_REPLICAS) : c->replicas;
  if (most && any)
    c->max_replicas = (PetscInt)screen_schema_integer(r->root, "simulation.max_replicas");
  if (most && any && c->max_replicas < c->replicas)
    PetscCall(screen__note(r, most, "got '%s', wanted at least simulation.replicas, %" PetscInt_FMT,
                           most->text, c->replicas));
  if (screen_schema_node(r->root, "budget.core_hours"))
    c->budget = 3600.0 * screen_schema_real(r->root, "budget.core_hours");
  if (budget && !any)
    PetscCall(
        screen__note(r, budget, "got no target to spend it on, wanted a `target` of a property"));
  PetscFunctionReturn(0);
}

PetscErrorCode screen__read_properties(screen_reader *r)
{
  const screen_yaml *map = screen_schema_node(r->root, "properties");
  PetscBool refused = PETSC_FALSE, any = PETSC_FALSE;
  char list[256];

  PetscFunctionBegin;
  for (int k = 0; k < NPROPERTY; k++) {
    *want(r->c, &properties[k]) = screen_schema_switch(r->root, properties[k].path);
    any = (PetscBool)(any || *want(r->c, &properties[k]));
  }
  read_settings(r);
  PetscCall(screen__read_flux(r));
  PetscCall(read_limits(r));
  if (!map) PetscFunctionReturn(0);
  for (PetscInt i = 0; i < map->n; i++) refused = (PetscBool)(refused || map->child[i]->refused);
  if (!refused && !any)
    PetscCall(screen__note(r, map, "got none that is switched on, wanted at least one of %s",
                           screen_schema_list("properties", sizeof(list), list)));
  PetscCall(read_radii(r));
  PetscCall(read_lifetimes(r));
  if (r->species_ok) PetscCall(find_solvent(r->c));
  PetscCall(check_conductivities(r));
  PetscCall(check_volume(r));
  PetscCall(check_lengths(r));
  PetscFunctionReturn(0);
}
