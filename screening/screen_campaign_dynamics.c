/* screening/screen_campaign_dynamics.c - thermostat, barostat, schedule of a campaign
 *
 * A barostat and a thermostat are one ensemble of md: stochastic cell rescaling goes with
 * stochastic velocity rescaling or Langevin dynamics, Martyna-Tobias-Klein with Nosé-Hoover chains.
 * Whoever names one of a pair gets the other.
 */
#include "screening/screen_campaign_impl.h"

enum { RESCALING, NOSE_HOOVER, LANGEVIN }; /* choices of thermostat.type */
enum { CELL_RESCALING, MARTYNA_TOBIAS_KLEIN };

/* [fs] `path`, or the older spelling `old` of the same; not both. */
static PetscErrorCode read_time(screen_reader *r, const char *path, const char *old,
                                PetscReal *time)
{
  const screen_yaml *node = screen_schema_node(r->root, path);
  const screen_yaml *older = screen_schema_node(r->root, old);

  PetscFunctionBegin;
  *time = screen_schema_real(r->root, node ? path : old);
  if (node && older) {
    PetscCall(
        screen__note(r, older, "got '%s' beside %s, wanted one of the two", older->text, path));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode read_ensemble(screen_reader *r)
{
  const screen_yaml *t = screen_schema_node(r->root, "simulation.thermostat.type");
  const screen_yaml *b = screen_schema_node(r->root, "simulation.barostat.type");
  const PetscInt thermostat = screen_schema_choice(r->root, "simulation.thermostat.type");
  const PetscInt barostat = screen_schema_choice(r->root, "simulation.barostat.type");
  const PetscBool chains = (PetscBool)(t && thermostat == NOSE_HOOVER);
  const PetscBool mtk = (PetscBool)(b && barostat == MARTYNA_TOBIAS_KLEIN);

  PetscFunctionBegin;
  if (t && b && chains != mtk) {
    PetscCall(screen__note(r, t, "got '%s' with barostat %s, wanted %s", t->text, b->text,
                           mtk ? "nose-hoover" : "stochastic-rescaling or langevin"));
  }
  if (chains || mtk)
    r->c->npt = SCREEN_MTK;
  else
    r->c->npt = thermostat == LANGEVIN ? SCREEN_SCR_LANGEVIN : SCREEN_SCR;
  r->c->shape = (md_shape)screen_schema_choice(r->root, "simulation.barostat.shape");
  if (screen_campaign_layered(r->c) && !screen_schema_node(r->root, "simulation.barostat.shape"))
    r->c->shape = MD_UNIAXIAL;
  PetscFunctionReturn(0);
}

/* Beside vacuum the volume stays: what would keep a pressure is a misunderstanding. */
static PetscErrorCode check_vacuum(screen_reader *r)
{
  static const char *const barostats[] = {"simulation.barostat", "simulation.barostat_time"};
  const screen_yaml *pressure = screen_schema_node(r->root, "conditions.pressure");
  PetscBool any = PETSC_FALSE;

  PetscFunctionBegin;
  if (r->c->vacuum <= 0.0) PetscFunctionReturn(0);
  for (PetscInt i = 0; i < r->c->pressure.n; i++)
    any = (PetscBool)(any || r->c->pressure.value[i] != 0.0);
  if (pressure && any)
    PetscCall(screen__note(r, pressure,
                           "got a pressure beside vacuum, wanted 0 bar or none: the cell keeps "
                           "its volume"));
  for (int k = 0; k < 2; k++) {
    const screen_yaml *node = screen_schema_node(r->root, barostats[k]);

    if (node)
      PetscCall(screen__note(r, node,
                             "got a barostat beside vacuum, wanted none: constant pressure would "
                             "close it"));
  }
  PetscFunctionReturn(0);
}

/* A checked quantity in a map of a list; PETSC_FALSE where the map lacks it. */
static PetscErrorCode read_part(screen_yaml *map, const char *key, const char *path,
                                PetscReal *value, PetscBool *found)
{
  screen_yaml *node = screen_yaml_get(map, key);
  const screen_key *entry = screen_schema_key(path);
  screen_notes none = {.n = 0};

  PetscFunctionBegin;
  *found = (PetscBool)(node != NULL);
  if (!node) PetscFunctionReturn(0);
  PetscCall(screen_quantity_check(node, &(screen_range){entry->dimension, entry->min, entry->max},
                                  value, &none));
  PetscFunctionReturn(0);
}

static PetscErrorCode read_step(screen_reader *r, screen_yaml *map, screen_anneal *step)
{
  PetscBool to, over, hold;
  PetscReal length = 0.0;

  PetscFunctionBegin;
  step->to = SCREEN_POINT_TEMPERATURE;
  PetscCall(read_part(map, "to", "simulation.anneal.*.to", &step->to, &to));
  PetscCall(read_part(map, "over", "simulation.anneal.*.over", &step->length, &over));
  PetscCall(read_part(map, "hold", "simulation.anneal.*.hold", &length, &hold));
  if (hold == over || (hold && to)) {
    PetscCall(screen__note(r, map, "got %s, wanted { to: 380 K, over: 1 ns } or { hold: 1 ns }",
                           hold ? "`hold` and a ramp" : "neither `over` nor `hold`"));
  }
  if (hold) *step = (screen_anneal){.length = length, .to = SCREEN_HOLD};
  PetscFunctionReturn(0);
}

/* [K] at the end of the schedule; SCREEN_POINT_TEMPERATURE: that of the point */
static PetscReal last_temperature(const screen_campaign *c)
{
  PetscReal last = SCREEN_POINT_TEMPERATURE;

  for (PetscInt i = 0; i < c->nanneal; i++) {
    if (c->anneal[i].to != SCREEN_HOLD) last = c->anneal[i].to;
  }
  return last;
}

static PetscErrorCode check_anneal(screen_reader *r, const screen_yaml *list)
{
  const screen_campaign *c = r->c;
  const PetscReal last = last_temperature(c);
  PetscReal length = SCREEN_ANNEAL_BEGIN;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < c->nanneal; i++) length += c->anneal[i].length;
  if (screen_schema_node(r->root, "simulation.equilibration") &&
      length > c->equilibration * (1.0 + 1e-12)) {
    PetscCall(screen__note(
        r, list, "got %g ps with the 2.5 ps before it, wanted at most the %s of %s",
        (double)(1e-3 * length), screen_schema_text(r->root, "simulation.equilibration"),
        "simulation.equilibration"));
  }
  for (PetscInt i = 0; i < c->temperature.n && last != SCREEN_POINT_TEMPERATURE; i++) {
    if (PetscAbsReal(c->temperature.value[i] - last) <= 1e-9 * last) continue;
    PetscCall(screen__note(r, list,
                           "got %g K at its end, wanted the temperature of every point: %s",
                           (double)last, "a last ramp without `to`"));
    break;
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode read_anneal(screen_reader *r)
{
  const screen_yaml *list = screen_schema_node(r->root, "simulation.anneal");

  PetscFunctionBegin;
  if (!list) PetscFunctionReturn(0);
  if (list->n > MD_MAX_KNOTS) {
    PetscCall(screen__note(r, list, "got %" PetscInt_FMT " steps, wanted at most %d", list->n,
                           (int)MD_MAX_KNOTS));
    PetscFunctionReturn(0);
  }
  for (PetscInt i = 0; i < list->n; i++) {
    screen_yaml *map = list->child[i];

    if (map->refused) PetscFunctionReturn(0);
    for (PetscInt k = 0; k < map->n; k++) {
      if (map->child[k]->refused) PetscFunctionReturn(0);
    }
    PetscCall(read_step(r, map, &r->c->anneal[i]));
  }
  r->c->nanneal = list->n;
  PetscCall(check_anneal(r, list));
  PetscFunctionReturn(0);
}

PetscErrorCode screen__read_dynamics(screen_reader *r)
{
  PetscFunctionBegin;
  PetscCall(read_time(r, "simulation.thermostat.time", "simulation.thermostat_time", &r->c->tau_t));
  PetscCall(read_time(r, "simulation.barostat.time", "simulation.barostat_time", &r->c->tau_p));
  if (screen_schema_node(r->root, "simulation.production.rescaling"))
    r->c->rescaling = screen_schema_real(r->root, "simulation.production.rescaling");
  PetscCall(read_ensemble(r));
  PetscCall(check_vacuum(r));
  PetscCall(read_anneal(r));
  PetscFunctionReturn(0);
}
