/* screening/screen_grid_key.c - the content key of a state point
 *
 * SHA-256 over a text with one fact a line, numbers with 17 digits, so that it is the same on every
 * machine and can be printed when two keys differ that should not.  In it is what the trajectory of
 * a replica depends on, and nothing else:
 *
 *   counts and masses of the species, temperature, pressure, the potential's bytes, time step,
 *   ensemble parameters (kinds, shapes and schedules only where they are not the usual ones), how
 *   the start is made (densities, molecules, cell, crystal, regions: only where the file has them,
 *   so that keys of plain melts stay what they were), the seed, the signs of the charges (they
 *   decide how atoms are packed and which pairs may not come close:
 *   screen_start.h, screen_job.c), the grade at which a replica ends, where the potential has an
 *   active set, and limits of other guards where they are not the program's own.
 *
 * Of a committee, the potential is the member's.
 *
 * The last line but one is the version of the physics: it goes up when a change of this program
 * changes trajectories (integrator, packing, guards, random streams), so that old records are not
 * continued by new code.
 */
#include "screening/screen_grid_impl.h"

#include <stdio.h>
#include <stdlib.h>

#include "screening/screen_cell.h"
#include "screening/screen_sha256.h"

enum { PHYSICS_VERSION = 2 };

/* What a start has beyond atoms packed in a cube; nothing for those. */
static void print_start(FILE *out, const screen_campaign *c, const screen_point *point)
{
  for (PetscInt k = 0; k < c->ncomponent; k++) {
    const screen_component *component = &c->component[k];

    if (component->density > 0.0)
      fprintf(out, "density %" PetscInt_FMT " %.17g\n", point->units[k],
              (double)component->density);
    for (PetscInt i = 0; i < component->nmolecule; i++)
      fprintf(out, "molecule %s count %" PetscInt_FMT "\n",
              c->molecule[component->molecule[i]].sha256, point->units[k]);
  }
  if (c->cell[0] > 0.0 && !c->initial)
    fprintf(out, "cell %.17g %.17g %.17g %s\n", (double)c->cell[0], (double)c->cell[1],
            (double)c->cell[2], c->cell_is_size ? "A" : "");
  if (c->start == SCREEN_START_CRYSTAL)
    fprintf(out, "crystal %s parameter %.17g\n", c->lattice->name, (double)c->lattice_parameter);
  for (PetscInt r = 0; r < c->nregion; r++) {
    fprintf(out, "region %.17g %s", (double)c->region[r].density,
            c->region[r].lattice ? c->region[r].lattice->name : "packed");
    for (PetscInt k = 0; k < c->ncomponent; k++)
      if (screen_region_has(c, r, k)) fprintf(out, " %" PetscInt_FMT, point->units[k]);
    fprintf(out, "\n");
  }
  if (c->vacuum > 0.0) fprintf(out, "vacuum %.17g\n", (double)c->vacuum);
}

/* Ensembles other than the usual one; nothing for that. */
static void print_dynamics(FILE *out, const screen_campaign *c)
{
  if (c->npt != SCREEN_SCR || c->shape != MD_ISOTROPIC)
    fprintf(out, "ensemble %d shape %d\n", (int)c->npt, (int)c->shape);
  for (PetscInt i = 0; i < c->nanneal; i++)
    fprintf(out, "anneal %.17g to %.17g\n", (double)c->anneal[i].length, (double)c->anneal[i].to);
}

static void print_limit(FILE *out, const char *name, PetscReal value, PetscReal standard)
{
  if (value != standard) fprintf(out, "guard %s %.17g\n", name, (double)value);
}

/* Limits that are the program's own are left out: a new guard leaves old keys as they are. */
static void print_guards(FILE *out, const screen_campaign *c)
{
  const md_guard own = screen_campaign_own_guard(c), *g = &c->guard;

  /* pair potentials of charges once had a guard that trained ones have */
  if (c->has_charges && c->model != SCREEN_MTP) fprintf(out, "guard alike off\n");
  print_limit(out, "close", g->close_factor, own.close_factor);
  print_limit(out, "move", g->max_move, own.max_move);
  print_limit(out, "force", g->max_force, own.max_force);
  print_limit(out, "hot", g->hot_factor, own.hot_factor);
  print_limit(out, "pressure", g->pressure_factor, own.pressure_factor);
  print_limit(out, "low", g->volume_low, own.volume_low);
  print_limit(out, "high", g->volume_high, own.volume_high);
  print_limit(out, "drift", g->drift, own.drift);
  print_limit(out, "void", g->void_atoms, own.void_atoms);
  print_limit(out, "order", g->order, own.order);
  print_limit(out, "segregation", g->segregation, own.segregation);
  print_limit(out, "window", g->window, own.window);
  print_limit(out, "checks", (PetscReal)g->every, (PetscReal)own.every);
  print_limit(out, "structure", (PetscReal)g->every_structure, (PetscReal)own.every_structure);
}

static void print_point(FILE *out, const screen_campaign *c, const screen_point *point)
{
  fprintf(out, "liquidus point\n");
  fprintf(out, "potential %s\n",
          c->nmember ? c->member[point->member].sha256 : c->potential_sha256);
  for (PetscInt s = 0; s < c->nspecies; s++) {
    fprintf(out, "species %s mass %.17g count %" PetscInt_FMT "\n", c->species[s],
            (double)c->mass[s], point->count[s]);
  }
  fprintf(out, "temperature %.17g\n", (double)point->temperature);
  fprintf(out, "pressure %.17g\n", (double)point->pressure);
  fprintf(out, "timestep %.17g\n", (double)c->dt);
  fprintf(out, "thermostat %.17g\n", (double)c->tau_t);
  fprintf(out, "barostat %.17g compressibility %.17g\n", (double)c->tau_p,
          (double)c->compressibility);
  print_dynamics(out, c);
  fprintf(out, "seed %" PetscInt64_FMT "\n", c->seed);
  if (c->initial)
    fprintf(out, "start file %s\n", c->initial_sha256);
  else
    fprintf(out, "start packed %.17g\n", (double)c->density_guess);
  print_start(out, c, point);
  for (PetscInt s = 0; c->has_charges && s < c->nspecies; s++) {
    fprintf(out, "sign %s %d\n", c->species[s], (c->charge[s] > 0.0) - (c->charge[s] < 0.0));
  }
  if (c->nmember ? c->member[point->member].has_active_set : c->has_active_set)
    fprintf(out, "break %.17g\n", (double)c->grade_break);
  print_guards(out, c);
  fprintf(out, "physics %d\nend\n", PHYSICS_VERSION);
}

PetscErrorCode screen__point_key(const screen_campaign *c, screen_point *point)
{
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);
  int failed;

  PetscFunctionBegin;
  PetscCheck(out, PETSC_COMM_SELF, PETSC_ERR_MEM, "No memory for the key of %s", point->name);
  print_point(out, c, point);
  failed = fclose(out);
  if (!failed) screen_sha256(text, size, point->key.byte);
  free(text);
  PetscCheck(!failed, PETSC_COMM_SELF, PETSC_ERR_MEM, "No memory for the key of %s", point->name);
  PetscFunctionReturn(0);
}
