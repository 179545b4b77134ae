/* screening/screen_grid_key.c - the content key of a state point
 *
 * SHA-256 over a text with one fact a line, numbers with 17 digits, so that it is the same on every
 * machine and can be printed when two keys differ that should not.  In it is what the trajectory of
 * a replica depends on, and nothing else:
 *
 *   counts and masses of the species, temperature, pressure, the potential's bytes, time step,
 *   ensemble parameters, how the start is made, the seed.
 *
 * The last line but one is the version of the physics: it goes up when a change of this program
 * changes trajectories (integrator, packing, guards, random streams), so that old records are not
 * continued by new code.
 */
#include "screening/screen_grid_impl.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "screening/screen_sha256.h"

enum { PHYSICS_VERSION = 1, LINE_MAX_SIZE = 192, FIXED_LINES = 12 };

typedef struct {
  char *text;
  size_t size, used;
} canon;

static void put(canon *k, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(canon *k, const char *format, ...)
{
  va_list list;

  va_start(list, format);
  k->used += (size_t)vsnprintf(k->text + k->used, k->size - k->used, format, list);
  va_end(list);
}

static void put_start(canon *k, const screen_campaign *c)
{
  if (c->initial)
    put(k, "start file %s\n", c->initial_sha256);
  else
    put(k, "start packed %.17g\n", (double)c->density_guess);
}

static void put_point(canon *k, const screen_campaign *c, const screen_point *point)
{
  put(k, "liquidus point\n");
  put(k, "potential %s\n", c->potential_sha256);
  for (PetscInt s = 0; s < c->nspecies; s++) {
    put(k, "species %s mass %.17g count %" PetscInt_FMT "\n", c->species[s], (double)c->mass[s],
        point->count[s]);
  }
  put(k, "temperature %.17g\n", (double)point->temperature);
  put(k, "pressure %.17g\n", (double)point->pressure);
  put(k, "timestep %.17g\n", (double)c->dt);
  put(k, "thermostat %.17g\n", (double)c->tau_t);
  put(k, "barostat %.17g compressibility %.17g\n", (double)c->tau_p, (double)c->compressibility);
  put(k, "seed %" PetscInt64_FMT "\n", c->seed);
  put_start(k, c);
  put(k, "physics %d\nend\n", PHYSICS_VERSION);
}

PetscErrorCode screen__point_key(const screen_campaign *c, screen_point *point)
{
  canon k = {.size = (size_t)(FIXED_LINES + c->nspecies) * LINE_MAX_SIZE};

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(k.size, &k.text));
  put_point(&k, c, point);
  screen_sha256(k.text, k.used, point->key.byte);
  PetscCall(PetscFree(k.text));
  PetscFunctionReturn(0);
}
