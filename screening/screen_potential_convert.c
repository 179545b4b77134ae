/* screening/screen_potential_convert.c - `liquidus potential convert IN OUT`
 *
 * Potentials become potentials (.mtp, .almtp), configurations become configurations (.cfg, extended
 * XYZ, LAMMPS data); the names say which.  Everything is read, checked and renumbered before OUT is
 * opened.  What OUT has no place for is said on stderr.
 *
 * Types.  A .cfg numbers them; .mtp counts species by position, .almtp by its labels; XYZ names
 * elements, and --species says which element a type is.  --type-map OLD:NEW,... changes numbers.
 * Without it a potential keeps the numbers that .cfg files use with it: an .almtp with labels 1, 0
 * becomes an .mtp whose species have changed places.
 */
#include "screening/screen_potential_convert.h"

#include "mtp/mtp_potential.h"
#include "screening/screen_cli.h"
#include "screening/screen_potential_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char verb[] = "potential convert";

enum { MAX_MAP = 100 };

typedef struct {
  const char *in, *out;
  screen_file_kind from, to;
  PetscBool binary;
  PetscInt frame; /* 1-based; 0: all */
  screen_names species;
  PetscInt nmap, old_type[MAX_MAP], new_type[MAX_MAP];
} convert_options;

/* Arguments ---------------------------------------------------------------------------------- */

/* A whole number 0 to 2^31 - 1 at *at, which moves behind it. */
static PetscBool take_number(const char **at, PetscInt *value)
{
  char *end;
  long number;

  if (**at < '0' || **at > '9') return PETSC_FALSE;
  errno = 0;
  number = strtol(*at, &end, 10);
  if (errno || number > 2147483647) return PETSC_FALSE;
  *value = (PetscInt)number;
  *at = end;
  return PETSC_TRUE;
}

/* "0:20,1:17" */
static PetscErrorCode parse_map(const char *text, convert_options *o, screen_exit *code)
{
  const char *at = text;
  PetscInt old_type, new_type;
  PetscBool good = PETSC_TRUE, more = PETSC_TRUE;

  PetscFunctionBegin;
  o->nmap = 0;
  while (good && more) {
    good = (PetscBool)(o->nmap < MAX_MAP && take_number(&at, &old_type) && *at++ == ':' &&
                       take_number(&at, &new_type) && (*at == ',' || !*at));
    for (PetscInt k = 0; good && k < o->nmap; k++)
      good = (PetscBool)(o->old_type[k] != old_type && o->new_type[k] != new_type);
    if (!good) break;
    o->old_type[o->nmap] = old_type;
    o->new_type[o->nmap++] = new_type;
    more = (PetscBool)(*at++ == ',');
  }
  if (!good)
    PetscCall(screen_cli_refuse(
        verb, code, "--type-map is '%s', wanted OLD:NEW,..., each number once a side", text));
  PetscFunctionReturn(0);
}

static PetscErrorCode parse_value(const char *option, const char *value, convert_options *o,
                                  screen_exit *code)
{
  const char *at = value;

  PetscFunctionBegin;
  if (!value) {
    PetscCall(screen_cli_refuse(verb, code, "%s wants a value", option));
  } else if (!strcmp(option, "--species")) {
    PetscCall(screen_names_parse(verb, value, &o->species, code));
  } else if (!strcmp(option, "--type-map")) {
    PetscCall(parse_map(value, o, code));
  } else if (!take_number(&at, &o->frame) || *at || o->frame < 1) {
    PetscCall(screen_cli_refuse(verb, code, "--frame is '%s', wanted 1, 2, 3 ...", value));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode parse_arguments(int argc, char **argv, convert_options *o, screen_exit *code)
{
  PetscFunctionBegin;
  memset(o, 0, sizeof(*o));
  for (int i = 0; i < argc && *code == SCREEN_EXIT_DONE; i++) {
    const char *word = argv[i];

    if (!strcmp(word, "--binary")) {
      o->binary = PETSC_TRUE;
    } else if (!strcmp(word, "--species") || !strcmp(word, "--type-map") ||
               !strcmp(word, "--frame")) {
      PetscCall(parse_value(word, i + 1 < argc ? argv[i + 1] : NULL, o, code));
      i++;
    } else if (word[0] == '-' && word[1]) {
      PetscCall(screen_cli_refuse(
          verb, code, "got option %s, wanted --species, --type-map, --frame or --binary", word));
    } else if (!o->in || !o->out) {
      *(o->in ? &o->out : &o->in) = word;
    } else {
      PetscCall(screen_cli_refuse(verb, code, "got '%s' after IN and OUT", word));
    }
  }
  if (*code == SCREEN_EXIT_DONE && !o->out)
    PetscCall(screen_cli_refuse(verb, code, "wanted IN OUT"));
  PetscFunctionReturn(0);
}

static PetscBool is_potential(screen_file_kind kind)
{
  return (PetscBool)(kind == SCREEN_FILE_MTP || kind == SCREEN_FILE_ALMTP);
}

/* What makes no sense together; NULL when all does. */
static const char *find_nonsense(const convert_options *o)
{
  const PetscBool potential = is_potential(o->from);
  const PetscBool names = (PetscBool)(o->from == SCREEN_FILE_XYZ || o->to == SCREEN_FILE_XYZ);

  if (is_potential(o->from) != is_potential(o->to))
    return "a potential and configurations cannot become each other";
  if (potential && (o->species.n > 0 || o->frame > 0 || o->binary))
    return "--species, --frame and --binary are for configurations";
  if (o->binary && o->to != SCREEN_FILE_CFG) return "--binary is for an OUT that ends in .cfg";
  if (names && o->species.n == 0) return "extended XYZ names elements, wanted --species Ca,K,...";
  if (o->nmap > 0 && !potential && o->from != SCREEN_FILE_CFG && o->to != SCREEN_FILE_CFG)
    return "--type-map needs a .cfg on one side, wanted --species alone";
  if (o->species.n > 0 && o->from == SCREEN_FILE_CFG && o->to == SCREEN_FILE_CFG)
    return ".cfg names no elements, wanted no --species";
  return NULL;
}

static PetscErrorCode check_files(convert_options *o, screen_exit *code)
{
  const char *const files[2] = {o->in, o->out};
  const char *nonsense;

  PetscFunctionBegin;
  o->from = screen_file_kind_of(o->in);
  o->to = screen_file_kind_of(o->out);
  for (int k = 0; k < 2; k++) {
    if (screen_file_kind_of(files[k]) != SCREEN_FILE_OTHER) continue;
    PetscCall(
        screen_cli_refuse(verb, code,
                          "%s: unknown kind of file, wanted a name that ends in .mtp, .almtp, "
                          ".cfg, .xyz, .extxyz, .data or .lmp",
                          files[k]));
  }
  if (*code != SCREEN_EXIT_DONE) PetscFunctionReturn(0);
  nonsense = find_nonsense(o);
  if (nonsense)
    PetscCall(screen_cli_refuse(verb, code, "%s to %s: %s", o->in, o->out, nonsense));
  else if (screen_same_file(o->in, o->out))
    PetscCall(screen_cli_refuse(verb, code, "%s would overwrite the input", o->out));
  PetscFunctionReturn(0);
}

/* The new number of a type, -1 when the map does not have it; without a map the same. */
static PetscInt mapped(const convert_options *o, PetscInt type)
{
  for (PetscInt k = 0; k < o->nmap; k++) {
    if (o->old_type[k] == type) return o->new_type[k];
  }
  return o->nmap > 0 ? -1 : type;
}

/* Potentials --------------------------------------------------------------------------------- */

static void print_note(const char *path, const char *note)
{
  fprintf(stderr, "liquidus %s: note: %s: %s\n", verb, path, note);
}

/* New numbers of the species, checked; a message for the first that cannot be. */
static PetscErrorCode new_types(const convert_options *o, const mtp_potential_info *info,
                                PetscInt type[], screen_exit *code)
{
  const PetscInt high = o->to == SCREEN_FILE_MTP ? info->nspecies : MTP_LABELS;

  PetscFunctionBegin;
  for (PetscInt s = 0; s < info->nspecies; s++) {
    const PetscInt old = info->format == MTP_FORMAT_MLIP2 ? s : info->species_label[s];

    type[s] = mapped(o, old);
    if (type[s] >= 0 && type[s] < high) continue;
    if (type[s] < 0)
      PetscCall(screen_cli_refuse(verb, code,
                                  "%s: --type-map does not say what type %" PetscInt_FMT " becomes",
                                  o->in, old));
    else
      PetscCall(screen_cli_refuse(verb, code,
                                  "%s: type %" PetscInt_FMT
                                  " cannot be in %s, wanted a --type-map %" PetscInt_FMT
                                  ":NEW,... to numbers from 0 to %" PetscInt_FMT,
                                  o->in, type[s], o->out, old, high - 1));
    PetscFunctionReturn(0);
  }
  PetscFunctionReturn(0);
}

/* Types that nobody asked to change stay; an .almtp keeps its state, an .mtp has none. */
static PetscErrorCode renumber(const convert_options *o, mtp_potential *pot, screen_exit *code)
{
  const mtp_format format = o->to == SCREEN_FILE_MTP ? MTP_FORMAT_MLIP2 : MTP_FORMAT_MLIP3;
  PetscInt type[MTP_LABELS] = {0};
  mtp_potential_info info;
  PetscBool changes = PETSC_FALSE;

  PetscFunctionBegin;
  PetscCall(mtp_potential_get_info(pot, &info));
  if (info.nspecies > MTP_LABELS) {
    PetscCall(screen_cli_refuse(verb, code, "%s: %" PetscInt_FMT " species, wanted at most %d",
                                o->in, info.nspecies, MTP_LABELS));
    PetscFunctionReturn(0);
  }
  PetscCall(new_types(o, &info, type, code));
  if (*code != SCREEN_EXIT_DONE) PetscFunctionReturn(0);
  for (PetscInt s = 0; s < info.nspecies; s++)
    changes = (PetscBool)(changes || type[s] != info.species_label[s]);
  if (changes && info.has_selection && format == MTP_FORMAT_MLIP3) {
    PetscCall(screen_cli_refuse(verb, code,
                                "%s: the selection state holds configurations with the old types, "
                                "wanted no --type-map (or a .mtp between, which has no state)",
                                o->in));
    PetscFunctionReturn(0);
  }
  if (info.has_selection && format == MTP_FORMAT_MLIP2)
    print_note(o->out, "the selection state is left out, .mtp has none");
  PetscCall(mtp_potential_renumber(pot, format, type));
  PetscFunctionReturn(0);
}

static PetscErrorCode convert_potential(const convert_options *o, screen_exit *code)
{
  mtp_potential *pot = NULL;
  mtp_diag diag = {0};

  PetscFunctionBegin;
  PetscCall(mtp_potential_read(o->in, &pot, &diag));
  PetscCall(screen_cli_report(&diag, code));
  if (pot) PetscCall(renumber(o, pot, code));
  if (*code == SCREEN_EXIT_DONE)
    PetscCall(screen_potential_write(
        verb, pot, o->to == SCREEN_FILE_MTP ? MTP_FORMAT_MLIP2 : MTP_FORMAT_MLIP3, o->out, code));
  PetscCall(mtp_potential_destroy(&pot));
  PetscCall(mtp_diag_clear(&diag));
  PetscFunctionReturn(0);
}

/* Configurations ----------------------------------------------------------------------------- */

static PetscErrorCode keep_frame(const convert_options *o, mtp_config_list *list, screen_exit *code)
{
  const PetscInt n = list->n;

  PetscFunctionBegin;
  if (o->frame > n) {
    PetscCall(screen_cli_refuse(verb, code,
                                "%s: --frame %" PetscInt_FMT ", but there are %" PetscInt_FMT,
                                o->in, o->frame, n));
  } else if (o->frame == 0 && n > 1 && o->to == SCREEN_FILE_LAMMPS) {
    PetscCall(screen_cli_refuse(
        verb, code, "%s: %" PetscInt_FMT " configurations, LAMMPS data hold one: wanted --frame N",
        o->in, n));
  } else if (o->frame > 0) {
    const mtp_config one = list->config[o->frame - 1];

    list->config[o->frame - 1] = list->config[0];
    list->config[0] = one;
    for (PetscInt c = 1; c < n; c++) PetscCall(mtp_config_clear(&list->config[c]));
    list->n = 1;
  }
  PetscFunctionReturn(0);
}

/* New types of one configuration; the first atom that cannot have one goes to `diag`. */
static PetscErrorCode renumber_atoms(const convert_options *o, PetscInt place, mtp_config *config,
                                     mtp_diag *diag)
{
  const PetscBool named = (PetscBool)(o->species.n > 0 && o->to != SCREEN_FILE_CFG);

  PetscFunctionBegin;
  for (PetscInt i = 0; i < config->n; i++) {
    const PetscInt type = mapped(o, config->type[i]);

    if (type >= 0 && !(named && type >= o->species.n)) {
      config->type[i] = type;
      continue;
    }
    if (type < 0)
      PetscCall(mtp_diag_add(diag, NULL, 0, 0,
                             "%s: configuration %" PetscInt_FMT ": atom %" PetscInt_FMT
                             ": --type-map does not say what type %" PetscInt_FMT " becomes",
                             o->in, place, i + 1, config->type[i]));
    else
      PetscCall(mtp_diag_add(diag, NULL, 0, 0,
                             "%s: configuration %" PetscInt_FMT ": atom %" PetscInt_FMT
                             ": type %" PetscInt_FMT ", but --species names %" PetscInt_FMT,
                             o->in, place, i + 1, type, o->species.n));
    break;
  }
  PetscFunctionReturn(0);
}

/* What the format has no place for is not dropped in silence. */
static void note_losses(const convert_options *o, const mtp_config_list *list)
{
  PetscBool totals = PETSC_FALSE, grades = PETSC_FALSE, turned = PETSC_FALSE;

  for (PetscInt k = 0; k < list->n; k++) {
    const mtp_config *c = &list->config[k];

    totals = (PetscBool)(totals || c->has_energy || c->has_stress || c->force || c->site_energy ||
                         c->magmom || c->en_der_m || c->nbh_grade || c->ghost || c->nfeature > 0);
    grades = (PetscBool)(grades || c->nbh_grade);
    turned = (PetscBool)(turned || c->h[0][1] != 0.0 || c->h[0][2] != 0.0 || c->h[1][2] != 0.0 ||
                         c->h[0][0] < 0.0 || c->h[1][1] < 0.0 || c->h[2][2] < 0.0);
  }
  if (o->to == SCREEN_FILE_LAMMPS && totals)
    print_note(o->out, "only cell, types, charges and positions are written, LAMMPS data hold no "
                       "energies, forces, stresses or features");
  if (o->to == SCREEN_FILE_LAMMPS && turned)
    print_note(o->out, "the structure is turned, LAMMPS wants a lower triangular cell");
  if (o->binary && grades)
    print_note(o->out, "grades per atom are left out, binary .cfg have no place for them");
}

static PetscErrorCode convert_configs(const convert_options *o, screen_exit *code)
{
  mtp_config_list list = {0};
  mtp_diag diag = {0};

  PetscFunctionBegin;
  PetscCall(screen_config_read(o->in, &o->species, &list, &diag));
  if (!diag.n) PetscCall(keep_frame(o, &list, code));
  if (!diag.n && *code == SCREEN_EXIT_DONE) {
    for (PetscInt c = 0; c < list.n; c++)
      PetscCall(renumber_atoms(o, o->frame ? o->frame : c + 1, &list.config[c], &diag));
  }
  PetscCall(screen_cli_report(&diag, code));
  if (*code == SCREEN_EXIT_DONE)
    PetscCall(screen_config_write(verb, &list, o->out, o->binary, &o->species, code));
  if (*code == SCREEN_EXIT_DONE) note_losses(o, &list);
  PetscCall(mtp_config_list_clear(&list));
  PetscCall(mtp_diag_clear(&diag));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_potential_convert(int argc, char **argv, screen_exit *code)
{
  convert_options o;

  PetscFunctionBegin;
  PetscCall(parse_arguments(argc, argv, &o, code));
  if (*code == SCREEN_EXIT_DONE) PetscCall(check_files(&o, code));
  if (*code != SCREEN_EXIT_DONE) PetscFunctionReturn(0);
  PetscCall(is_potential(o.from) ? convert_potential(&o, code) : convert_configs(&o, code));
  PetscFunctionReturn(0);
}
