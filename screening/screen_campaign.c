/* screening/screen_campaign.c - from a file to a campaign: text, tree, table, meaning
 *
 * Text -> tree (screen_yaml) -> keys, types, units, bounds (screen_schema) -> meaning (here and in
 * the two other screen_campaign_*.c).  All notes of all steps are reported together, in the order
 * of the file; what is wrong inside a potential or a starting configuration follows in the words of
 * its own reader.
 */
#include "screening/screen_campaign_impl.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "md/md_units.h"
#include "screening/screen_sha256.h"

PetscErrorCode screen__note(screen_reader *r, const screen_yaml *node, const char *format, ...)
{
  char text[768];
  va_list list;

  PetscFunctionBegin;
  va_start(list, format);
  vsnprintf(text, sizeof(text), format, list);
  va_end(list);
  PetscCall(screen_notes_add(&r->notes, node->line, node->column, node->path, "%s", text));
  PetscFunctionReturn(0);
}

PetscErrorCode screen__note_missing(screen_reader *r, const screen_yaml *map, const char *key,
                                    const char *wanted)
{
  char path[256];

  PetscFunctionBegin;
  snprintf(path, sizeof(path), "%.180s.%s", map->path, key);
  PetscCall(screen_notes_add(&r->notes, map->line, map->column, path, "got no such key, wanted %s",
                             wanted));
  PetscFunctionReturn(0);
}

PetscErrorCode screen__resolve(const screen_reader *r, const char *file, char **path)
{
  PetscFunctionBegin;
  PetscCall(screen_yaml_beside(r->c->file, file, path));
  PetscFunctionReturn(0);
}

PetscInt screen__species(const screen_campaign *c, const char *symbol)
{
  for (PetscInt s = 0; s < c->nspecies; s++) {
    if (!strcmp(c->species[s], symbol)) return s;
  }
  return -1;
}

/* The text of the file; a file that cannot be read, or is too large, is a note. */
static PetscErrorCode read_text(screen_reader *r)
{
  screen_campaign *c = r->c;
  FILE *in = fopen(c->file, "rb");

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(SCREEN_YAML_SIZE_MAX + 2, &c->text));
  errno = 0;
  if (in) c->text_size = fread(c->text, 1, SCREEN_YAML_SIZE_MAX + 1, in);
  if (!in || ferror(in)) {
    PetscCall(screen_notes_add(&r->notes, 0, 0, NULL, "got %s, wanted a campaign file",
                               in ? strerror(errno) : "no file that can be opened"));
  }
  if (in) fclose(in);
  c->text[c->text_size] = '\0';
  PetscFunctionReturn(0);
}

static PetscErrorCode read_species(screen_reader *r)
{
  const screen_yaml *list = screen_schema_node(r->root, "potential.species");
  screen_campaign *c = r->c;

  PetscFunctionBegin;
  if (!list) PetscFunctionReturn(0);
  r->species_ok = PETSC_TRUE;
  PetscCall(PetscCalloc1(list->n, &c->species));
  PetscCall(PetscCalloc1(list->n, &c->mass));
  PetscCall(PetscCalloc1(list->n, &c->charge));
  for (PetscInt i = 0; i < list->n; i++) {
    const screen_yaml *item = list->child[i];
    char shown[32];
    PetscReal mass = 0.0, volume;

    screen_shown(item->text, sizeof(shown), shown);
    if (!md_element_lookup(item->text, &mass, &volume)) {
      r->species_ok = PETSC_FALSE;
      PetscCall(screen__note(r, item, "got '%s', wanted a chemical element", shown));
    } else if (screen__species(c, item->text) >= 0) {
      r->species_ok = PETSC_FALSE;
      PetscCall(screen__note(r, item, "got '%s' a second time, wanted each element once", shown));
    }
    snprintf(c->species[i], sizeof(c->species[i]), "%.3s", item->text);
    c->mass[i] = mass * MD_ATOMIC_MASS;
    c->nspecies = i + 1;
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode read_names(screen_reader *r)
{
  screen_campaign *c = r->c;

  PetscFunctionBegin;
  snprintf(c->name, sizeof(c->name), "%s", screen_schema_text(r->root, "campaign"));
  PetscCall(PetscStrallocpy(screen_schema_text(r->root, "description"), &c->description));
  PetscFunctionReturn(0);
}

/* Files of measured values must be there now, not after a night of computing. */
static PetscErrorCode read_compare(screen_reader *r)
{
  const screen_yaml *list = screen_schema_node(r->root, "compare");
  screen_campaign *c = r->c;

  PetscFunctionBegin;
  if (!list) PetscFunctionReturn(0);
  PetscCall(PetscCalloc1(list->n, &c->compare));
  for (PetscInt i = 0; i < list->n; i++) {
    char shown[128], hex[65];
    int error;

    PetscCall(screen__resolve(r, list->child[i]->text, &c->compare[i]));
    c->ncompare = i + 1;
    PetscCall(screen_sha256_file(c->compare[i], hex, &error));
    if (error) {
      PetscCall(screen__note(r, list->child[i], "got '%s' (%s), wanted a CSV file",
                             screen_shown(list->child[i]->text, sizeof(shown), shown),
                             strerror(error)));
    }
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode read_all(screen_reader *r)
{
  PetscFunctionBegin;
  PetscCall(read_text(r));
  if (r->notes.n) PetscFunctionReturn(0);
  PetscCall(screen_yaml_parse(r->c->text, r->c->text_size, &r->root, &r->notes));
  if (!r->root) PetscFunctionReturn(0);
  PetscCall(screen_schema_check(r->root, &r->notes));
  PetscCall(read_names(r));
  PetscCall(read_species(r));
  PetscCall(screen__read_potential(r));
  PetscCall(screen__read_system(r));
  PetscCall(screen__check_pairs(r));
  PetscCall(screen__read_run(r));
  PetscCall(read_compare(r));
  PetscFunctionReturn(0);
}

/* Notes on the campaign, then what its files' readers said. */
static PetscErrorCode report(const screen_reader *r, mtp_diag *diag)
{
  PetscFunctionBegin;
  PetscCall(screen_notes_report(&r->notes, diag));
  for (PetscInt i = 0; i < r->files.n; i++) {
    PetscCall(mtp_diag_add(diag, NULL, 0, 0, "%s", r->files.text[i]));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode read_campaign(const char *file, PetscBool planning,
                                    screen_campaign **campaign, mtp_diag *diag)
{
  screen_reader r = {.notes = {.file = file}, .planning = planning};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  *campaign = NULL;
  PetscCall(PetscNew(&r.c));
  r.c->balance = -1;
  ierr = PetscStrallocpy(file, &r.c->file);
  if (!ierr) ierr = read_all(&r);
  if (!ierr) ierr = report(&r, diag);
  if (ierr || r.notes.n || r.files.n) PetscCall(screen_campaign_destroy(&r.c));
  PetscCall(screen_yaml_destroy(&r.root));
  PetscCall(screen_notes_clear(&r.notes));
  PetscCall(mtp_diag_clear(&r.files));
  PetscCall(ierr);
  *campaign = r.c;
  PetscFunctionReturn(0);
}

PetscErrorCode screen_campaign_read(const char *file, screen_campaign **campaign, mtp_diag *diag)
{
  PetscFunctionBegin;
  PetscCall(read_campaign(file, PETSC_FALSE, campaign, diag));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_campaign_plan(const char *file, screen_campaign **campaign, mtp_diag *diag)
{
  PetscFunctionBegin;
  PetscCall(read_campaign(file, PETSC_TRUE, campaign, diag));
  PetscFunctionReturn(0);
}

static PetscErrorCode destroy_system(screen_campaign *c)
{
  PetscFunctionBegin;
  for (PetscInt k = 0; k < c->ncomponent; k++) {
    if (c->component) {
      PetscCall(PetscFree(c->component[k].count));
      PetscCall(PetscFree(c->component[k].molecule));
      PetscCall(PetscFree(c->component[k].single));
    }
    if (c->composition) PetscCall(PetscFree(c->composition[k].value));
  }
  for (PetscInt k = 0; k < c->nmolecule; k++) {
    PetscCall(PetscFree(c->molecule[k].file));
    PetscCall(md_molecule_clear(&c->molecule[k].body));
  }
  PetscCall(PetscFree(c->molecule));
  for (PetscInt k = 0; k < c->nregion; k++) PetscCall(PetscFree(c->region[k].component));
  PetscCall(PetscFree(c->region));
  PetscCall(PetscFree(c->share));
  PetscCall(PetscFree(c->in_ratio));
  PetscCall(PetscFree(c->component));
  PetscCall(PetscFree(c->composition));
  PetscCall(PetscFree(c->species));
  PetscCall(PetscFree(c->mass));
  PetscCall(PetscFree(c->charge));
  PetscCall(PetscFree(c->carrier));
  PetscCall(PetscFree(c->radius));
  PetscCall(PetscFree(c->initial));
  PetscCall(PetscFree(c->initial_count));
  PetscCall(PetscFree(c->liquidus));
  PetscCall(PetscFree(c->liquidus_source));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_campaign_destroy(screen_campaign **campaign)
{
  screen_campaign *c = *campaign;

  PetscFunctionBegin;
  if (!c) PetscFunctionReturn(0);
  PetscCall(destroy_system(c));
  PetscCall(PetscFree(c->file));
  PetscCall(PetscFree(c->text));
  PetscCall(PetscFree(c->description));
  PetscCall(PetscFree(c->potential_file));
  PetscCall(PetscFree(c->potential_text));
  for (PetscInt m = 0; m < c->nmember; m++) PetscCall(PetscFree(c->member[m].file));
  PetscCall(PetscFree(c->member));
  PetscCall(PetscFree(c->pairs.epsilon));
  PetscCall(PetscFree(c->pairs.sigma));
  PetscCall(PetscFree(c->pairs.born));
  PetscCall(PetscFree(c->potential_missing));
  PetscCall(PetscFree(c->temperature.value));
  PetscCall(PetscFree(c->pressure.value));
  for (PetscInt i = 0; i < c->ncompare; i++) PetscCall(PetscFree(c->compare[i]));
  PetscCall(PetscFree(c->compare));
  PetscCall(PetscFree(*campaign));
  PetscFunctionReturn(0);
}
