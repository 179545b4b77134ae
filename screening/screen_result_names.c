/* screening/screen_result_names.c - words for states and reasons; what a campaign asks for */
#include "screening/screen_result.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

const char *screen_point_state_name(screen_point_state state)
{
  switch (state) {
  case SCREEN_POINT_PLANNED:
    return "planned";
  case SCREEN_POINT_RUNNING:
    return "running";
  case SCREEN_POINT_DONE:
    return "done";
  case SCREEN_POINT_FAILED:
    return "failed";
  case SCREEN_POINT_QUARANTINED:
    return "quarantined";
  case SCREEN_POINT_EXCLUDED:
    return "excluded";
  case SCREEN_POINT_PARTIAL:
    return "partial";
  case SCREEN_POINT_NSTATE:
    break;
  }
  return "unknown";
}

PetscBool screen_point_has_values(screen_point_state state)
{
  return (PetscBool)(state == SCREEN_POINT_DONE || state == SCREEN_POINT_RUNNING ||
                     state == SCREEN_POINT_PARTIAL);
}

const char *screen_result_reason_text(PetscInt reason)
{
  if (reason == SCREEN_REASON_ERROR) return "program error";
  if (reason == SCREEN_REASON_CRASHED) return "process crashed";
  if (reason == SCREEN_REASON_EXCLUDED) return "below the liquidus";
  return md_reason_text((md_reason)reason);
}

void screen_result_excluded_text(const screen_campaign *campaign, const screen_point *point,
                                 char text[160])
{
  const char *source = campaign->liquidus_source;

  snprintf(text, 160, "%g K is below the liquidus, %.4g K%s%.100s%s", (double)point->temperature,
           (double)point->liquidus, source ? " (" : "", source ? source : "", source ? ")" : "");
}

/* The keys under which properties are asked for: groups of the registry. */
static const struct {
  const char *group;
  size_t want; /* offset of the switch in screen_campaign */
} groups[] = {
    {"density", offsetof(screen_campaign, want_density)},
    {"heat_capacity", offsetof(screen_campaign, want_heat_capacity)},
    {"viscosity", offsetof(screen_campaign, want_viscosity)},
    {"diffusion", offsetof(screen_campaign, want_diffusion)},
    {"ionic_conductivity", offsetof(screen_campaign, want_ionic_conductivity)},
    {"ion_pairs", offsetof(screen_campaign, has_ion_pairs)},
    {"solvent", offsetof(screen_campaign, has_solvent)},
    {"thermal_conductivity", offsetof(screen_campaign, want_thermal_conductivity)},
    {"rnemd_heat", offsetof(screen_campaign, want_rnemd_heat)},
    {"rnemd_shear", offsetof(screen_campaign, want_rnemd_shear)},
    {"structure", offsetof(screen_campaign, want_structure)},
    {"lifetimes", offsetof(screen_campaign, want_lifetimes)},
    {"potential_energy", offsetof(screen_campaign, want_potential_energy)},
};

/* Whether a group, `n` bytes of text, is asked for. */
static PetscBool group_wanted(const screen_campaign *campaign, const char *group, size_t n)
{
  PetscBool want = PETSC_FALSE;

  for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
    if (strlen(groups[i].group) == n && strncmp(groups[i].group, group, n) == 0)
      memcpy(&want, (const char *)campaign + groups[i].want, sizeof(want));
  }
  return want;
}

PetscBool screen_result_wanted(const screen_campaign *campaign, const char *property)
{
  const prop_definition *definition = prop_find(property);

  if (!definition) return PETSC_FALSE;
  for (const char *word = definition->group; *word;) {
    const size_t n = strcspn(word, " ");

    if (!group_wanted(campaign, word, n)) return PETSC_FALSE;
    word += n + strspn(word + n, " ");
  }
  return PETSC_TRUE;
}
