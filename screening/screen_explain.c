/* screening/screen_explain.c - what is behind the flags of a point, and what would cure them
 *
 * Two kinds of remedy exist: more of the same, whose amount follows from the error bar
 * (prop_plan.h) and whose price from the wall times so far, and something else (a better potential,
 * a smaller step, a look at the phase), which words have to say.
 */
#include "screening/screen_explain.h"
#include "properties/prop_plan.h"
#include "screening/screen_flux.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PICOSECOND 1000.0 /* [fs] */

/* Remedies in words -------------------------------------------------------------------------- */

static const char *const cures[PROP_NFLAG] = {
    "Nothing could be computed: see the state of the point, or run longer.",
    "Run longer, or with more replicas.",
    "Lengthen simulation.equilibration; if that does not help, the system has not found its phase.",
    "Lengthen equilibration and production so that each replica sees the slow changes by which "
    "they "
    "differ; more replicas make the error bar honest, not small.",
    "Lengthen the production: its memory is longer than the run resolves, and the error bar is a "
    "lower bound.",
    "Lengthen simulation.production.nve until atoms have moved several interatomic distances.",
    "Set simulation.replicas to 2 or more.",
    "Shorten simulation.timestep; a potential with holes drifts at any step.",
    "Ask for viscosity as well: it is what the finite-size correction needs.",
    "Wait, or start the same `liquidus run` again: the point has not reached its length.",
    "Teach the potential what it met: `liquidus select` on DIR/extrapolating.xyz and "
    "DIR/ended.xyz.",
    "Swap less often, or run longer.",
    "Look at the companions of the value: the methods differ by more than their error bars; a "
    "longer "
    "run tells which is right.",
    "None within classical dynamics; compare heat capacities of molecules only with classical "
    "ones.",
    "Raise the temperature, or leave the point out: it is a crystal or a glass.",
    "None: what electrons carry is not in the potential.",
    "None: what electrons carry is not in the potential; do not compare with measured values.",
    "Run each phase by itself for its properties; of the interface simulation.trajectory keeps "
    "what profiles are made of.",
    "Give several properties.thermal_conductivity.lengths, or longer ones; of viscosity_rnemd: run "
    "once more with a longer properties.viscosity.cell, what changes is the size.",
    "See the reason of the point: what ended the other replicas has to be cured, more of them do "
    "not "
    "help.",
};

const char *screen_explain_flag(PetscInt bit)
{
  return bit >= 0 && bit < PROP_NFLAG ? cures[bit] : NULL;
}

/* What helps when a guard ended a replica. */
static const char *cure_of(PetscInt reason)
{
  switch (reason) {
  case MD_EXTRAPOLATING:
  case MD_CLOSE_PAIR:
  case MD_LOST_ATOM:
  case MD_HIGH_FORCE:
  case MD_TOO_HOT:
  case MD_NOT_FINITE:
  case MD_HIGH_PRESSURE:
    return "the potential does not know these configurations: teach it the frames of DIR/ended.xyz "
           "(`liquidus select`); longer or repeated runs do not help";
  case MD_DENSITY_COLLAPSE:
  case MD_EVAPORATING:
    return "the liquid is not stable at this point: raise the pressure, or teach the potential "
           "densities around the liquid's";
  case MD_FROZEN:
    return "raise the temperature, or leave the point out: it is below the liquidus of this "
           "potential";
  case MD_DEMIXED:
    return "the mixture separates with this potential: a larger cell shows whether it should";
  case MD_ENERGY_DRIFT:
    return "shorten simulation.timestep";
  case SCREEN_REASON_CRASHED:
  case SCREEN_REASON_ERROR:
    return "the file `log` of the directory has the error; start `liquidus run` again when it is "
           "cured";
  default:
    return "see simulation.guards in screening/README.md";
  }
}

/* Effort -------------------------------------------------------------------------------------- */

/* What the tasks of a point say. */
typedef struct {
  double seconds[SCREEN_NSTAGE], all; /* [s] wall time so far */
  int64_t done[SCREEN_NSTAGE], total[SCREEN_NSTAGE];
  double left;       /* [s] */
  PetscInt replicas; /* that are not held */
} effort;

static effort measure(const screen_campaign *campaign, const screen_grid *grid,
                      const queue_tasks *tasks, PetscInt point)
{
  effort e = {0};

  for (PetscInt r = 0; r < screen_grid_replicas(campaign); r++)
    e.replicas += screen_grid_held(campaign, grid, tasks, point, r) ? 0 : 1;
  for (PetscInt i = 0; i < queue_tasks_count(tasks); i++) {
    const queue_task *t = queue_tasks_get(tasks, i);
    const screen_stage stage = screen_grid_stage(campaign, t->spec.stage);

    if (t->spec.point != point || stage >= SCREEN_NSTAGE || t->state == QUEUE_HELD) continue;
    e.seconds[stage] += t->seconds;
    e.all += t->seconds;
    e.done[stage] += t->done;
    e.total[stage] += t->spec.total;
    if (t->state <= QUEUE_RUNNING) e.left += t->spec.cost * (double)(t->spec.total - t->done);
  }
  return e;
}

/* [s] of a step and atom; NaN before a step */
static double step_cost(const effort *e, const screen_campaign *c, const screen_point *point)
{
  double steps = 0.0;

  for (int k = 0; k < SCREEN_NSTAGE; k++)
    steps += (double)e->done[k] * (double)screen_stage_atoms(c, point, (screen_stage)k);
  return steps > 0.0 ? e->all / steps : (double)NAN;
}

/* The same of all points together. */
static double mean_cost(const screen_session *session, const queue_tasks *tasks)
{
  double seconds = 0.0, steps = 0.0;

  for (PetscInt i = 0; i < queue_tasks_count(tasks); i++) {
    const queue_task *t = queue_tasks_get(tasks, i);

    seconds += t->seconds;
    steps += (double)t->done *
             (double)screen_stage_atoms(session->campaign, &session->grid->point[t->spec.point],
                                        screen_grid_stage(session->campaign, t->spec.stage));
  }
  return steps > 0.0 ? seconds / steps : (double)NAN;
}

/* State --------------------------------------------------------------------------------------- */

static void say_state(const screen_session *session, const queue_tasks *tasks, PetscInt point,
                      const effort *e, const screen_result *r, FILE *out)
{
  const screen_point *p = &session->grid->point[point];
  const double own = step_cost(e, session->campaign, p), mean = mean_cost(session, tasks);
  char text[32];

  fprintf(out, "%s: %s", p->name, screen_point_state_name(r->state));
  fprintf(out, "; %" PetscInt_FMT " of %" PetscInt_FMT " replicas done", r->replicas_done,
          e->replicas * screen_campaign_members(session->campaign));
  for (int k = 0; k < SCREEN_NSTAGE; k++) {
    if (e->total[k] > 0)
      fprintf(out, ", %s %.0f %%", screen_stage_name((screen_stage)k),
              100.0 * (double)e->done[k] / (double)e->total[k]);
  }
  fprintf(out, "\n  cost: %s of core time so far", screen_duration(e->all, text));
  if (e->left > 0.0) fprintf(out, ", about %s to go", screen_duration(e->left, text));
  if (isfinite(own))
    fprintf(out, "; a step takes %.2f us an atom, %.1f times the mean of the campaign", 1e6 * own,
            own / mean);
  fputc('\n', out);
  if (r->state == SCREEN_POINT_EXCLUDED)
    fprintf(out, "  reason: %s\n  cure: none is needed; conditions.liquid_above excludes it\n",
            r->detail);
  if (r->replicas_failed > 0 || r->state == SCREEN_POINT_FAILED ||
      r->state == SCREEN_POINT_QUARANTINED) {
    fprintf(out, "  reason: %s%s%s\n", screen_result_reason_text(r->reason),
            r->detail[0] ? ": " : "", r->detail);
    if (r->state == SCREEN_POINT_PARTIAL)
      fprintf(out,
              "  values are those of %" PetscInt_FMT " replicas; %" PetscInt_FMT
              " were lost and are "
              "left out\n",
              r->replicas_done, r->replicas_failed);
    if (r->state == SCREEN_POINT_QUARANTINED &&
        r->replicas_failed == session->campaign->give_up_after)
      fprintf(out,
              "  given up after %" PetscInt_FMT " failed replicas (simulation.give_up_after): the "
              "others were not run to their ends\n",
              r->replicas_failed);
    fprintf(out, "  cure: %s\n", cure_of(r->reason));
  }
}

/* Values -------------------------------------------------------------------------------------- */

/* The production that a property comes from. */
static screen_stage stage_of(const prop_definition *definition)
{
  static const char *const npt[] = {"density",   "heat_capacity",       "potential_energy",
                                    "structure", "structure lifetimes", "structure ion_pairs"};

  for (size_t k = 0; k < sizeof(npt) / sizeof(npt[0]); k++) {
    if (strcmp(npt[k], definition->group) == 0) return SCREEN_NPT;
  }
  return strstr(definition->group, "rnemd") ? SCREEN_FLUX : SCREEN_NVE;
}

/* The relative error aimed at: the campaign's target, if the property is the one it is about. */
static PetscReal target_of(const screen_campaign *c, const prop_definition *definition)
{
  for (int k = 0; k < SCREEN_NTARGET; k++) {
    const prop_id primary = screen_target_value((screen_target_id)k);

    if (c->target[k] > 0.0 && prop_get((PetscInt)primary) == definition) return c->target[k];
  }
  return SCREEN_EXPLAIN_TARGET;
}

/* "diffusion of Cl", "coordination of Ca-Cl" */
static void name_value(const screen_campaign *c, const prop_definition *definition, PetscInt w,
                       char text[96])
{
  const PetscInt n = c->nspecies;

  if (definition->shape == PROP_PER_SPECIES)
    snprintf(text, 96, "%s of %s", definition->name, c->species[w]);
  else if (definition->shape == PROP_PER_PAIR)
    snprintf(text, 96, "%s of %s-%s", definition->name, c->species[w / n], c->species[w % n]);
  else
    snprintf(text, 96, "%s", definition->name);
}

/* [fs] of a production; runs with an imposed flux share theirs. */
static PetscReal length_of(const screen_campaign *c, screen_stage stage)
{
  if (stage == SCREEN_FLUX) return c->production_flux;
  return stage == SCREEN_NPT ? c->production_npt : c->production_nve;
}

/* [s] of a production so far */
static double seconds_of(const effort *e, screen_stage stage)
{
  double sum = e->seconds[stage];

  for (int k = SCREEN_FLUX + 1; stage == SCREEN_FLUX && k < SCREEN_NSTAGE; k++)
    sum += e->seconds[k];
  return sum;
}

/* Whether a value is the difference of two methods in errors: its own is always 1. */
static PetscBool compares(const prop_definition *definition)
{
  return (PetscBool)(definition == prop_get(PROP_ID_VISCOSITY_Z) ||
                     definition == prop_get(PROP_ID_THERMAL_CONDUCTIVITY_Z));
}

/* How much more of the same reaches the wanted error, and for what price. */
static PetscErrorCode say_more(const screen_session *session, const effort *e,
                               const prop_definition *definition, const prop_value *v, FILE *out)
{
  const screen_stage stage = stage_of(definition);
  const PetscReal target = target_of(session->campaign, definition);
  const screen_campaign *c = session->campaign;
  const PetscReal length = length_of(c, stage);
  prop_plan_known known = {
      .value = *v, .time = length / PICOSECOND, .replicas = (PetscReal)e->replicas};
  prop_plan_missing need;
  char more[32], longer[32];
  PetscReal replicas, time;

  PetscFunctionBegin;
  if (!(length > 0.0) || !(v->error > 0.0) || v->value == 0.0) PetscFunctionReturn(0);
  if (compares(definition)) PetscFunctionReturn(0);
  PetscCall(prop_plan_need(&known, target, &need));
  if (need.met) PetscFunctionReturn(0);
  replicas = need.replicas;
  time = need.time;
  screen_duration(e->all * (replicas / (PetscReal)e->replicas - 1.0), more);
  screen_duration(seconds_of(e, stage) * (time / known.time - 1.0), longer);
  fprintf(out,
          "    more: for %.3g %% and %d effective samples: simulation.replicas %.0f instead "
          "of %" PetscInt_FMT " (%s more of core time)",
          100.0 * target, PROP_NEFF_MIN, replicas, e->replicas, more);
  if (!need.only_replicas && isfinite(time))
    fprintf(out, ", or production.%s %.0f ps instead of %.0f ps (%s)",
            stage == SCREEN_FLUX ? "rnemd" : screen_stage_name(stage), time, known.time, longer);
  fputc('\n', out);
  PetscFunctionReturn(0);
}

/* One value that has flags, by their names. */
static PetscErrorCode say_value(const screen_session *session, const effort *e,
                                const prop_definition *definition, PetscInt w, const prop_value *v,
                                FILE *out)
{
  char name[96];
  PetscBool first = PETSC_TRUE;

  PetscFunctionBegin;
  name_value(session->campaign, definition, w, name);
  fprintf(out, "  %s: ", name);
  if (!(v->flags & PROP_FLAG_MISSING))
    fprintf(out, "%.4g ± %.2g %s (%.1f %%), %.0f effective samples: ", v->value, v->error,
            definition->units, 100.0 * fabs(v->error / v->value), v->neff);
  for (PetscInt bit = 0; bit < PROP_NFLAG; bit++) {
    if (!(v->flags & (1 << bit))) continue;
    fprintf(out, "%s%s", first ? "" : ", ", prop_flag_name(bit));
    first = PETSC_FALSE;
  }
  fputc('\n', out);
  if (!(v->flags & PROP_FLAG_MISSING)) PetscCall(say_more(session, e, definition, v, out));
  PetscFunctionReturn(0);
}

/* What the flags mean, and what helps. */
static void say_flags(PetscInt seen, FILE *out)
{
  for (PetscInt bit = 0; bit < PROP_NFLAG; bit++) {
    if (seen & (1 << bit))
      fprintf(out, "\n%s: %s\n  cure: %s\n", prop_flag_name(bit), prop_flag_text(bit), cures[bit]);
  }
}

/* Whether two species are ions of opposite charge. */
static PetscBool attract(const screen_campaign *c, PetscInt a, PetscInt b)
{
  const PetscReal *q = c->carrier ? c->carrier : c->charge;

  return (PetscBool)(q && q[a] * q[b] < 0.0);
}

/* A value that the point can have: of species that are in it, and of pairs that are ion pairs. */
static PetscBool is_possible(const screen_campaign *c, const screen_point *point,
                             const prop_definition *definition, PetscInt w)
{
  const PetscInt n = c->nspecies;

  if (definition->shape == PROP_PER_SPECIES) return (PetscBool)(point->count[w] > 0);
  if (strstr(definition->group, "ion_pairs") && !attract(c, w / n, w % n)) return PETSC_FALSE;
  if (definition->shape == PROP_PER_PAIR)
    return (PetscBool)(point->count[w / n] > 0 && point->count[w % n] > 0);
  return PETSC_TRUE;
}

/* What a look over all values collects. */
typedef struct {
  PetscInt seen;    /* flags */
  char clean[2048]; /* names of values without any */
} summary;

/* A property that is asked for. */
static PetscErrorCode say_property(const screen_session *session, const effort *e, PetscInt point,
                                   const screen_result *r, PetscInt i, summary *sum, FILE *out)
{
  const screen_campaign *c = session->campaign;
  const prop_definition *d = prop_get(i);
  char name[96];

  PetscFunctionBegin;
  for (PetscInt w = 0; w < prop_width(d, c->nspecies); w++) {
    const prop_value *v = screen_result_at(r, (prop_id)i) + w;

    if (!is_possible(c, &session->grid->point[point], d, w)) continue;
    sum->seen |= v->flags;
    if (v->flags) {
      PetscCall(say_value(session, e, d, w, v, out));
      continue;
    }
    name_value(c, d, w, name);
    PetscCall(PetscStrlcat(sum->clean, sum->clean[0] ? ", " : "", sizeof(sum->clean)));
    PetscCall(PetscStrlcat(sum->clean, name, sizeof(sum->clean)));
  }
  PetscFunctionReturn(0);
}

/* Where the potentials of a committee differ by more than the runs are uncertain. */
static void say_models(const screen_session *session, PetscInt point, const screen_result *r,
                       FILE *out)
{
  const screen_campaign *c = session->campaign;
  PetscBool any = PETSC_FALSE;
  char name[96];

  for (PetscInt i = 0; i < prop_count() && c->nmember; i++) {
    const prop_definition *d = prop_get(i);
    const prop_value *v = screen_result_at(r, (prop_id)i);

    if (!screen_result_wanted(c, d->name)) continue;
    for (PetscInt w = 0; w < prop_width(d, c->nspecies); w++) {
      const PetscReal model = r->model_error[v - r->value + w];

      if (!is_possible(c, &session->grid->point[point], d, w) || !(model > v[w].error)) continue;
      name_value(c, d, w, name);
      fprintf(out, "  %s: potentials differ by %.2g %s (%.1f %%; below %.2g at 95 %%)\n", name,
              model, d->units, 100.0 * fabs(model / v[w].value),
              r->model_error95[v - r->value + w]);
      any = PETSC_TRUE;
    }
  }
  if (any)
    fprintf(out, "  cure: teach the potentials these states; longer runs and more replicas do not "
                 "make that smaller\n");
}

static PetscErrorCode say_values(const screen_session *session, const effort *e, PetscInt point,
                                 const screen_result *r, FILE *out)
{
  summary sum = {0};

  PetscFunctionBegin;
  for (PetscInt i = 0; i < prop_count(); i++) {
    if (screen_result_wanted(session->campaign, prop_get(i)->name))
      PetscCall(say_property(session, e, point, r, i, &sum, out));
  }
  if (sum.clean[0]) fprintf(out, "  without flags: %s\n", sum.clean);
  say_models(session, point, r, out);
  say_flags(sum.seen, out);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_explain_point(const screen_session *session, const queue_tasks *tasks,
                                    PetscInt point, const screen_result *result, FILE *out)
{
  const effort e = measure(session->campaign, session->grid, tasks, point);
  const screen_gap *gap = session->gap ? session->gap + point * SCREEN_NTARGET : NULL;

  PetscFunctionBegin;
  say_state(session, tasks, point, &e, result, out);
  if (gap) PetscCall(screen_target_say(session->campaign, gap, session->options.group, out));
  if (screen_point_has_values(result->state))
    PetscCall(say_values(session, &e, point, result, out));
  PetscFunctionReturn(0);
}

static const char *point_name(const void *grid, PetscInt i)
{
  return ((const screen_grid *)grid)->point[i].name;
}

screen_choice_names screen_explain_names(const screen_grid *grid)
{
  return (screen_choice_names){.n = grid->npoint, .name = point_name, .of = grid};
}
