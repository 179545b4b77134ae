/* screening/screen_result_names.c - words for states and reasons; where a property of the registry
   stands in a result */
#include "screening/screen_result.h"

#include <stddef.h>
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
  }
  return "unknown";
}

const char *screen_result_reason_text(PetscInt reason)
{
  if (reason == SCREEN_REASON_ERROR) return "program error";
  if (reason == SCREEN_REASON_CRASHED) return "process crashed";
  return md_reason_text((md_reason)reason);
}

/* Every property that the program computes: whether it is asked for, and its place. */
typedef struct {
  const char *name;
  size_t want;  /* offset of the switch in screen_campaign */
  size_t value; /* offset of the prop_value, or of the pointer to several, in screen_result */
  PetscBool pointer;
} property_place;

static const property_place places[] = {
    {"density", offsetof(screen_campaign, want_density), offsetof(screen_result, density),
     PETSC_FALSE},
    {"potential_energy", offsetof(screen_campaign, want_potential_energy),
     offsetof(screen_result, potential_energy), PETSC_FALSE},
    {"kinetic_temperature", offsetof(screen_campaign, want_diffusion),
     offsetof(screen_result, temperature), PETSC_FALSE},
    {"diffusion", offsetof(screen_campaign, want_diffusion), offsetof(screen_result, diffusion),
     PETSC_TRUE},
    {"coordination", offsetof(screen_campaign, want_structure),
     offsetof(screen_result, coordination), PETSC_TRUE},
    {"rdf_peak", offsetof(screen_campaign, want_structure), offsetof(screen_result, rdf_peak),
     PETSC_TRUE},
};

static const property_place *find_place(const char *property)
{
  for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
    if (strcmp(places[i].name, property) == 0) return &places[i];
  }
  return NULL;
}

PetscBool screen_result_wanted(const screen_campaign *campaign, const char *property)
{
  const property_place *place = find_place(property);
  PetscBool want = PETSC_FALSE;

  if (place) memcpy(&want, (const char *)campaign + place->want, sizeof(want));
  return want;
}

const prop_value *screen_result_values(const screen_result *result, const char *property)
{
  const property_place *place = find_place(property);
  const char *at;

  if (!place) return NULL;
  at = (const char *)result + place->value;
  if (!place->pointer) return (const prop_value *)(const void *)at;
  return *(prop_value *const *)(const void *)at;
}
