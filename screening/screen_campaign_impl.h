/* screening/screen_campaign_impl.h - what the files that read a campaign share
 *
 * screen_campaign.c reads the file, screen_campaign_potential.c its potential or committee of
 * potentials, screen_campaign_system.c what is in the cell,
 * screen_campaign_run.c conditions and lengths, screen_campaign_properties.c what is computed.
 * Each part takes its values from the checked tree, notes what they cannot mean together, and goes
 * on: a value that was refused before is left alone, so that one mistake makes one message.
 */
#pragma once

#include "screening/screen_campaign.h"
#include "screening/screen_schema.h"

typedef struct {
  screen_campaign *c;   /* being filled */
  screen_yaml *root;    /* checked against the table */
  screen_notes notes;   /* about the campaign file */
  mtp_diag files;       /* about files that it names, in their own words */
  PetscBool species_ok; /* c->species and c->mass are complete */
  PetscBool planning;   /* the potential need not exist */
} screen_reader;

PetscErrorCode screen__read_potential(screen_reader *r);
PetscErrorCode screen__read_system(screen_reader *r);
PetscErrorCode screen__read_masses(screen_reader *r);
PetscErrorCode screen__read_components(screen_reader *r);
PetscErrorCode screen__read_charges(screen_reader *r);
PetscErrorCode screen__read_composition(screen_reader *r);
PetscErrorCode screen__read_start(screen_reader *r);
PetscErrorCode screen__read_run(screen_reader *r);
/* conditions.liquid_above; after the composition. */
PetscErrorCode screen__read_liquidus(screen_reader *r);
/* Thermostat, barostat and schedule; after times and temperatures are known. */
PetscErrorCode screen__read_dynamics(screen_reader *r);
/* What is computed, after all that it depends on. */
PetscErrorCode screen__read_properties(screen_reader *r);
/* Runs with an imposed flux, after lengths and what is wanted are known. */
PetscErrorCode screen__read_flux(screen_reader *r);
/* A potential of type lj or tosi-fumi (screen_pairs.c): parameters, before the system is read; what
 * it asks of the system, and its text and hash, after. */
PetscErrorCode screen__read_pairs(screen_reader *r);
PetscErrorCode screen__check_pairs(screen_reader *r);

/* Note at a value; the path is the node's. */
PetscErrorCode screen__note(screen_reader *r, const screen_yaml *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Note about a key that `map` lacks. */
PetscErrorCode screen__note_missing(screen_reader *r, const screen_yaml *map, const char *key,
                                    const char *wanted);
/* `file` as the campaign file means it: relative to its own folder.  Allocated. */
PetscErrorCode screen__resolve(const screen_reader *r, const char *file, char **path);
/* Index of an element in potential.species, or -1. */
PetscInt screen__species(const screen_campaign *c, const char *symbol);
/* Species of "Ar" (twice) or "Ar-Kr"; false where one is not in potential.species. */
PetscBool screen__find_pair(const screen_campaign *c, const char *name, PetscInt pair[2]);
/* Index of a component, or -1. */
PetscInt screen__component(const screen_campaign *c, const char *name);
/* "CaCl2, KCl" */
void screen__list_components(const screen_campaign *c, size_t size, char out[]);
