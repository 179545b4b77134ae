/* screening/screen_campaign_composition.c - shares of the components: axes, ratios, the balance */
#include "screening/screen_campaign_impl.h"

#include <stdio.h>
#include <string.h>

/* "CaCl2, KCl" */
void screen__list_components(const screen_campaign *c, size_t size, char out[])
{
  size_t used = 0;

  out[0] = '\0';
  for (PetscInt k = 0; k < c->ncomponent && used < size; k++) {
    used += (size_t)snprintf(out + used, size - used, "%s%s", k ? ", " : "", c->component[k].name);
  }
}

/* Numbers of formula units are whole. */
static PetscErrorCode check_units(screen_reader *r, const screen_yaml *child,
                                  const screen_axis *axis)
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < axis->n; i++) {
    if (axis->value[i] == PetscFloorReal(axis->value[i])) continue;
    PetscCall(screen__note(r, child, "got %g formula units, wanted whole numbers",
                           (double)axis->value[i]));
    break;
  }
  PetscFunctionReturn(0);
}

/* One line of the composition: an axis, or the balance. */
static PetscErrorCode read_share(screen_reader *r, const screen_yaml *child, PetscInt k)
{
  screen_campaign *c = r->c;
  screen_range range;

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
  screen_share_range(child, &c->share[k], &range);
  PetscCall(screen_axis_read(
      screen_yaml_get(screen_schema_node(r->root, "system.composition"), child->key), &range,
      &c->composition[k], &r->notes));
  if (c->share[k] == SCREEN_SHARE_UNITS) PetscCall(check_units(r, child, &c->composition[k]));
  PetscFunctionReturn(0);
}

/* A ratio: each component that it names, the last of them as the balance. */
static PetscErrorCode read_ratio(screen_reader *r, const screen_yaml *child)
{
  char name[SCREEN_RATIO_MAX][SCREEN_YAML_KEY_MAX + 1], names[256];
  screen_axis axis[SCREEN_RATIO_MAX];
  screen_campaign *c = r->c;
  PetscInt n = 0;

  PetscFunctionBegin;
  if (child->refused) PetscFunctionReturn(0);
  PetscCall(screen_ratio_read(
      screen_yaml_get(screen_schema_node(r->root, "system.composition"), child->key), axis,
      &r->notes));
  screen_ratio_names(child, &n, name);
  screen__list_components(c, sizeof(names), names);
  for (PetscInt i = 0; i < n; i++) {
    const PetscInt k = screen__component(c, name[i]);
    const PetscBool taken = (PetscBool)(k >= 0 && (c->composition[k].n || k == c->balance));

    if (k < 0 || taken || (i + 1 == n && c->balance >= 0)) {
      PetscCall(screen_notes_add(&r->notes, child->key_line, child->key_column, child->path,
                                 "got '%s', wanted each component (%s) in one place", child->key,
                                 names));
      for (; i < n; i++) PetscCall(PetscFree(axis[i].value));
    } else {
      c->in_ratio[k] = PETSC_TRUE;
      c->composition[k] = axis[i];
      if (i + 1 == n) c->balance = k;
    }
  }
  PetscFunctionReturn(0);
}

/* A component that no line and no ratio names. */
static PetscBool is_named(const screen_yaml *map, const char *component)
{
  char name[SCREEN_RATIO_MAX][SCREEN_YAML_KEY_MAX + 1];
  PetscInt n;

  for (PetscInt i = 0; i < map->n; i++) {
    if (!strcmp(map->child[i]->key, component)) return PETSC_TRUE;
    if (!screen_ratio_is(map->child[i])) continue;
    screen_ratio_names(map->child[i], &n, name);
    for (PetscInt k = 0; k < n; k++) {
      if (!strcmp(name[k], component)) return PETSC_TRUE;
    }
  }
  return PETSC_FALSE;
}

static PetscErrorCode read_shares(screen_reader *r, const screen_yaml *map)
{
  char names[256], wanted[320];
  screen_campaign *c = r->c;

  PetscFunctionBegin;
  screen__list_components(c, sizeof(names), names);
  for (PetscInt i = 0; i < map->n; i++) {
    const screen_yaml *child = map->child[i];
    const PetscInt k = screen__component(c, child->key);

    if (screen_yaml_get(map, child->key) != child || !strcmp(child->key, "unit")) continue;
    if (screen_ratio_is(child)) {
      PetscCall(read_ratio(r, child));
    } else if (k >= 0) {
      PetscCall(read_share(r, child, k));
    } else if (!child->refused) {
      PetscCall(screen_notes_add(&r->notes, child->key_line, child->key_column, child->path,
                                 "got '%s', wanted a component (%s) or unit", child->key, names));
    }
  }
  for (PetscInt k = 0; k < c->ncomponent; k++) {
    if (is_named(map, c->component[k].name)) continue;
    snprintf(wanted, sizeof(wanted), "a fraction of each component (%s)", names);
    PetscCall(screen__note_missing(r, map, c->component[k].name, wanted));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen__read_composition(screen_reader *r)
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
