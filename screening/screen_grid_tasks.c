/* screening/screen_grid_tasks.c - stages and the list of tasks
 *
 * Origins.  A stage starts from the end of the stage before, so its record is good only if the
 * earlier lengths are those of today; its own length may grow.  A record also holds the estimators
 * of its stage: one without the radial distribution functions cannot give them, however long it is.
 * So the origin of a stage hashes its name, the steps of the stages before it, and the estimators
 * it carries, with the version of their saved form.  Estimators of earlier stages are left out,
 * because watching does not change a trajectory: asking for g(r) later repeats the NPT production,
 * and the NVE records stay good.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "md/md_profile.h"
#include "properties/prop_channels.h"
#include "screening/screen_flux.h"
#include "screening/screen_sha256.h"

const char *screen_stage_name(screen_stage stage)
{
  static const char *const names[SCREEN_NSTAGE] = {
      "equilibration", "npt",     "nve",      "rnemd-1",  "rnemd-2",
      "rnemd-3",       "rnemd-4", "rnemd-5",  "rnemd-6",  "rnemd-7",
      "rnemd-8",       "rnemd-9", "rnemd-10", "rnemd-11", "rnemd-12"};

  return stage >= 0 && stage < SCREEN_NSTAGE ? names[stage] : "none";
}

/* The run with flux k, and before the first of a cell what that needs to settle. */
static PetscReal flux_length(const screen_campaign *c, PetscInt k)
{
  return k < c->nflux ? c->flux[k].length + screen_flux_settle(c, k) : 0.0;
}

static PetscReal stage_length(const screen_campaign *c, screen_stage stage)
{
  const PetscBool npt = (PetscBool)(screen_campaign_npt_stream(c) || c->want_structure);
  const PetscBool nve = (PetscBool)(screen_campaign_nve_stream(c) || c->want_diffusion ||
                                    (c->want_potential_energy && c->production_npt <= 0.0));

  switch (stage) {
  case SCREEN_EQUILIBRATION:
    return c->equilibration;
  case SCREEN_NPT:
    return npt ? c->production_npt : 0.0;
  case SCREEN_NVE:
    return nve ? c->production_nve : 0.0;
  default:
    return flux_length(c, (PetscInt)stage - SCREEN_FLUX);
  }
}

int64_t screen_stage_steps(const screen_campaign *c, screen_stage stage)
{
  const PetscReal length = stage_length(c, stage);
  const int64_t steps = (int64_t)(length / c->dt + 0.5);

  if (length <= 0.0) return 0;
  return steps < 1 ? 1 : steps;
}

double screen_stage_series_bytes(const screen_campaign *c, screen_stage stage, int64_t steps)
{
  PetscInt channels = 0, nblock;
  PetscInt64 length;

  if (stage == SCREEN_NPT && screen_campaign_npt_stream(c)) channels = PROP_NPT_CHANNELS;
  if (stage == SCREEN_NVE && screen_campaign_nve_stream(c))
    channels = prop_nve_channels(c->nspecies, screen_campaign_heat(c));
  if (stage >= SCREEN_FLUX)
    return 8.0 * MD_PROFILE_BLOCKS *
           (double)(c->flux[stage - SCREEN_FLUX].slabs * (2 + c->nspecies));
  prop_stream_shape(c->dt, (PetscInt64)steps, &length, &nblock);
  return 8.0 * (double)channels * (double)nblock;
}

double screen_segment_seconds(const screen_campaign *c, screen_stage stage, int64_t steps,
                              double least)
{
  return PetscMax(least, screen_stage_series_bytes(c, stage, steps) / SCREEN_JOURNAL_RATE);
}

/* A text of facts, one a line. */
typedef struct {
  char text[8192];
  size_t used;
} fact_list;

static void __attribute__((format(printf, 2, 3))) put(fact_list *facts, const char *format, ...)
{
  va_list arguments;

  va_start(arguments, format);
  facts->used += (size_t)vsnprintf(facts->text + facts->used, sizeof(facts->text) - facts->used,
                                   format, arguments);
  va_end(arguments);
}

/* The cell and the exchanges of a run with an imposed flux. */
static void put_flux(fact_list *facts, const screen_campaign *c, PetscInt run)
{
  const screen_flux *flux = &c->flux[run];

  put(facts, "cell %.17g %.17g %.17g %s along %d slabs %d first %d base\n", (double)flux->slab[0],
      (double)flux->slab[1], (double)flux->slab[2], flux->is_size ? "A" : "", (int)flux->along,
      (int)flux->slabs, (int)flux->first);
  put(facts, "flux %d every %.17g span %.17g\n", (int)flux->kind, (double)flux->every,
      (double)flux->span);
}

/* What the estimators of a stage depend on beside its trajectory; and the thermostat of the NVE
   production, where there is one: earlier stages stay good when it changes. */
static void put_estimators(fact_list *facts, const screen_campaign *c, screen_stage stage)
{
  const PetscBool npt = (PetscBool)(stage == SCREEN_NPT), nve = (PetscBool)(stage == SCREEN_NVE);

  if (npt && c->want_structure) put(facts, "rdf %.17g\n", (double)c->rdf_rmax);
  if (npt && c->want_structure && c->structure_every != SCREEN_STRUCTURE_EVERY)
    put(facts, "every %.17g\n", (double)c->structure_every);
  if (npt && c->structure.qmax > 0.0) put(facts, "factor %.17g\n", (double)c->structure.qmax);
  if (npt && c->structure.reach > 0.0) put(facts, "ligands %.17g\n", (double)c->structure.reach);
  for (PetscInt k = 0; npt && k < c->structure.nlife; k++)
    put(facts, "lifetime %d %d %.17g %.17g\n", (int)c->structure.life[k].a,
        (int)c->structure.life[k].b, (double)c->structure.life[k].radius,
        (double)c->structure.tolerance);
  if (npt && screen_campaign_npt_stream(c)) put(facts, "stream\n");
  if (nve && c->want_diffusion) put(facts, "msd\n");
  if (nve && screen_campaign_nve_stream(c)) put(facts, "stream\n");
  if (nve && screen_campaign_heat(c)) put(facts, "heat\n");
  for (int s = SCREEN_FLUX; s <= (int)stage; s++) put_flux(facts, c, (PetscInt)s - SCREEN_FLUX);
  if (nve && c->rescaling > 0.0) put(facts, "rescaling %.17g\n", (double)c->rescaling);
}

int64_t screen_stage_origin(const screen_campaign *c, screen_stage stage)
{
  unsigned char digest[SCREEN_SHA256_SIZE];
  fact_list facts = {.used = 0};
  uint64_t hash = 0;

  put(&facts, "state %d\nstage %s\n", (int)SCREEN_STATE_VERSION, screen_stage_name(stage));
  for (int s = 0; s < (int)stage; s++)
    put(&facts, "after %s %lld\n", screen_stage_name((screen_stage)s),
        (long long)screen_stage_steps(c, (screen_stage)s));
  put_estimators(&facts, c, stage);
  screen_sha256(facts.text, facts.used, digest);
  for (int i = 0; i < 8; i++) hash = hash << 8 | digest[i];
  return (int64_t)(hash >> 1); /* never negative */
}

screen_stage screen_grid_stage(const screen_campaign *c, int32_t stage)
{
  for (int s = 0; s < SCREEN_NSTAGE; s++) {
    if (screen_stage_steps(c, (screen_stage)s) > 0 && stage-- == 0) return (screen_stage)s;
  }
  return SCREEN_NSTAGE;
}

/* The stages of one replica; returns how many. */
static PetscInt replica_tasks(const screen_campaign *c, const screen_point *point, int32_t replica,
                              PetscReal seconds_per_step, queue_task_spec spec[])
{
  PetscInt n = 0;

  for (int s = 0; s < SCREEN_NSTAGE; s++) {
    const int64_t steps = screen_stage_steps(c, (screen_stage)s);

    if (steps == 0) continue;
    spec[n] = (queue_task_spec){.key = point->key,
                                .point = point->index,
                                .replica = replica,
                                .stage = (int32_t)n,
                                .origin = screen_stage_origin(c, (screen_stage)s),
                                .total = steps,
                                .cost = (double)seconds_per_step *
                                        (double)screen_stage_atoms(c, point, (screen_stage)s) /
                                        (double)point->natoms,

                                .held = (PetscBool)(replica >= c->replicas)};
    n++;
  }
  return n;
}

PetscInt screen_grid_replicas(const screen_campaign *c)
{
  return PetscMax(c->replicas, c->max_replicas);
}

PetscInt screen_grid_first_task(const screen_campaign *c, const screen_grid *grid, PetscInt point,
                                PetscInt replica, PetscInt *n)
{
  const screen_point *p = &grid->point[point];

  *n = 0;
  if (p->liquidus > 0.0) return -1;
  for (int s = 0; s < SCREEN_NSTAGE; s++) *n += screen_stage_steps(c, (screen_stage)s) > 0;
  return ((point - p->skipped) * screen_grid_replicas(c) * screen_campaign_members(c) + replica) *
         *n;
}

PetscBool screen_grid_held(const screen_campaign *c, const screen_grid *grid,
                           const queue_tasks *tasks, PetscInt point, PetscInt replica)
{
  PetscInt n;
  const queue_task *task =
      queue_tasks_get(tasks, screen_grid_first_task(c, grid, point, replica, &n));

  return (PetscBool)(task && task->state == QUEUE_HELD);
}

PetscErrorCode screen_grid_tasks(const screen_campaign *c, const screen_grid *grid,
                                 const PetscReal seconds_per_step[], PetscInt *n,
                                 queue_task_spec **spec)
{
  const PetscInt replicas = screen_grid_replicas(c), nmember = PetscMax(1, grid->nmember);
  PetscInt used = 0;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1((size_t)grid->npoint * nmember * replicas * SCREEN_NSTAGE, spec));
  for (PetscInt i = 0; i < grid->npoint; i++) {
    for (PetscInt k = 0; k < nmember * replicas && grid->point[i].liquidus == 0.0; k++) {
      const screen_point *point = &screen_grid_member(grid, k / replicas)[i];

      used += replica_tasks(c, point, (int32_t)(k % replicas), seconds_per_step[i], *spec + used);
    }
  }
  *n = used;
  PetscFunctionReturn(0);
}
