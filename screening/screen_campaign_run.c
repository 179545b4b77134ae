/* screening/screen_campaign_run.c - conditions and lengths: what is run how long */
#include "screening/screen_campaign_impl.h"

#include <stdio.h>

#include "md/md_units.h"

#define LIGHT 4.0 /* [u] lighter elements vibrate too fast for the default time step */

static PetscErrorCode read_conditions(screen_reader *r)
{
  screen_campaign *c = r->c;

  PetscFunctionBegin;
  PetscCall(screen_schema_axis(r->root, "conditions.temperature", &c->temperature));
  PetscCall(screen_schema_axis(r->root, "conditions.pressure", &c->pressure));
  PetscCall(screen__read_liquidus(r));
  PetscFunctionReturn(0);
}

/* A time, or a map. */
static void read_trajectory(const screen_yaml *root, screen_campaign *c)
{
  const screen_yaml *node = screen_schema_node(root, "simulation.trajectory");

  if (!node || node->kind != SCREEN_YAML_MAP) {
    c->trajectory = screen_schema_real(root, "simulation.trajectory");
    return;
  }
  c->trajectory = screen_schema_real(root, "simulation.trajectory.every");
  c->trajectory_h5md = screen_schema_choice(root, "simulation.trajectory.format") == 1;
  c->trajectory_double = screen_schema_choice(root, "simulation.trajectory.precision") == 1;
  c->trajectory_velocities = screen_schema_switch(root, "simulation.trajectory.velocities");
}

PetscBool screen_campaign_layered(const screen_campaign *c)
{
  return (PetscBool)(c->start == SCREEN_START_TWO_PHASE || c->start == SCREEN_START_SLAB);
}

md_guard screen_campaign_own_guard(const screen_campaign *c)
{
  md_guard own = md_guard_default();

  if (screen_campaign_layered(c)) own.void_atoms = own.order = own.segregation = 0.0;
  if (c->vacuum > 0.0) own.max_move = 0.0;
  return own;
}

/* What a campaign does not set is the program's own, which depends on the start. */
static void spare_phases(screen_reader *r)
{
  const md_guard own = screen_campaign_own_guard(r->c);
  md_guard *guard = &r->c->guard;

  if (!screen_schema_node(r->root, "simulation.guards.void")) guard->void_atoms = own.void_atoms;
  if (!screen_schema_node(r->root, "simulation.guards.freezing")) guard->order = own.order;
  if (!screen_schema_node(r->root, "simulation.guards.demixing"))
    guard->segregation = own.segregation;
  if (!screen_schema_node(r->root, "simulation.guards.displacement"))
    guard->max_move = own.max_move;
}

static void read_guards(screen_reader *r)
{
  const screen_yaml *root = r->root;

  r->c->guard = (md_guard){
      .every = (PetscInt)screen_schema_integer(root, "simulation.guards.check_every"),
      .close_factor = screen_schema_real(root, "simulation.guards.minimum_distance"),
      .max_move = screen_schema_real(root, "simulation.guards.displacement"),
      .max_force = screen_schema_real(root, "simulation.guards.force"),
      .hot_factor = screen_schema_real(root, "simulation.guards.temperature"),
      .pressure_factor = screen_schema_real(root, "simulation.guards.pressure"),
      .volume_low = screen_schema_real(root, "simulation.guards.contraction"),
      .volume_high = screen_schema_real(root, "simulation.guards.expansion"),
      .drift = screen_schema_real(root, "simulation.guards.energy_drift"),
      .void_atoms = screen_schema_real(root, "simulation.guards.void"),
      .order = screen_schema_real(root, "simulation.guards.freezing"),
      .stall = md_guard_default().stall,
      .segregation = screen_schema_real(root, "simulation.guards.demixing"),
      .window = screen_schema_real(root, "simulation.guards.window"),
      .every_structure = (PetscInt)screen_schema_integer(root, "simulation.guards.every")};
}

static PetscErrorCode read_simulation(screen_reader *r)
{
  screen_campaign *c = r->c;
  const screen_yaml *root = r->root;

  PetscFunctionBegin;
  c->dt = screen_schema_real(root, "simulation.timestep");
  c->equilibration = screen_schema_real(root, "simulation.equilibration");
  c->production_npt = screen_schema_real(root, "simulation.production.npt");
  c->production_nve = screen_schema_real(root, "simulation.production.nve");
  c->replicas = (PetscInt)screen_schema_integer(root, "simulation.replicas");
  c->give_up_after = (PetscInt)screen_schema_integer(root, "simulation.give_up_after");
  c->compressibility = screen_schema_real(root, "simulation.compressibility");
  c->seed = screen_schema_integer(root, "simulation.seed");
  read_trajectory(root, c);
  c->electronic = (screen_electronic)screen_schema_choice(root, "simulation.electronic");
  read_guards(r);
  spare_phases(r);
  PetscFunctionReturn(0);
}

/* The default is for melts; hydrogen vibrates in 10 fs, whatever it is bound to. */
static PetscErrorCode check_timestep(screen_reader *r)
{
  const screen_yaml *map = screen_schema_node(r->root, "simulation");
  const screen_campaign *c = r->c;
  char wanted[128];

  PetscFunctionBegin;
  if (!map || !r->species_ok || screen_schema_node(r->root, "simulation.timestep"))
    PetscFunctionReturn(0);
  for (PetscInt s = 0; s < c->nspecies; s++) {
    if (c->mass[s] >= LIGHT * MD_ATOMIC_MASS) continue;
    (void)snprintf(wanted, sizeof(wanted), "a time step: the 1 fs of melts is long for %s",
                   c->species[s]);
    PetscCall(screen__note_missing(r, map, "timestep", wanted));
    break;
  }
  PetscFunctionReturn(0);
}

/* The thermostat and the barostat act once a step: they cannot relax faster. */
static PetscErrorCode check_times(screen_reader *r)
{
  static const char *const paths[] = {"simulation.thermostat_time", "simulation.barostat_time",
                                      "simulation.thermostat.time", "simulation.barostat.time"};

  PetscFunctionBegin;
  for (int k = 0; k < 4; k++) {
    const screen_yaml *node = screen_schema_node(r->root, paths[k]);

    if (node && screen_schema_real(r->root, paths[k]) < r->c->dt) {
      PetscCall(screen__note(r, node, "got '%s', wanted at least the time step %s", node->text,
                             screen_schema_text(r->root, "simulation.timestep")));
    }
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode check_equilibration(screen_reader *r)
{
  const screen_yaml *node = screen_schema_node(r->root, "simulation.equilibration");

  PetscFunctionBegin;
  if (node && r->c->equilibration <= 0.0 && r->c->start != SCREEN_START_FILE) {
    PetscCall(screen__note(r, node, "got '%s', wanted more than 0 fs: %s", node->text,
                           "packed atoms must relax first"));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen__read_run(screen_reader *r)
{
  PetscFunctionBegin;
  PetscCall(read_conditions(r));
  PetscCall(read_simulation(r));
  PetscCall(screen__read_dynamics(r));
  PetscCall(check_timestep(r));
  PetscCall(check_times(r));
  PetscCall(check_equilibration(r));
  PetscCall(screen__read_properties(r));
  PetscFunctionReturn(0);
}
