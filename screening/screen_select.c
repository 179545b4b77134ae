/* screening/screen_select.c - `liquidus select`: which configurations are worth learning
 *
 * MaxVol over a training set and candidates; selected are the candidates that own a row of the
 * active set in the end.  Nothing is written before the selection is done.
 */
#include "mtp/mtp_maxvol.h"
#include "mtp/mtp_select.h"
#include "screening/screen_cli.h"
#include "screening/screen_potential_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char verb[] = "select";

typedef struct {
  const char *potential, *candidates, *train, *out, *save;
  mtp_selection_mode mode; /* MTP_SELECTION_OTHER: not given */
  PetscBool fresh;
  PetscReal threshold;
  screen_names species;
} select_options;

/* Lists in the order in which they are offered; the candidates are the last. */
typedef struct {
  PetscInt n;
  mtp_config_list list[2];
  const mtp_config_list *pointer[2];
  const char *name[2];
} offered;

/* Arguments ---------------------------------------------------------------------------------- */

static PetscErrorCode parse_mode(const char *value, select_options *o, screen_exit *code)
{
  PetscFunctionBegin;
  for (int mode = 0; mode < MTP_SELECTION_OTHER; mode++) {
    if (strcmp(value, mtp_selection_mode_name((mtp_selection_mode)mode)) != 0) continue;
    o->mode = (mtp_selection_mode)mode;
    PetscFunctionReturn(0);
  }
  PetscCall(screen_cli_refuse(verb, code, "--mode is '%s', wanted neighbourhood or configuration",
                              value));
  PetscFunctionReturn(0);
}

static PetscErrorCode parse_threshold(const char *value, select_options *o, screen_exit *code)
{
  char *end;

  PetscFunctionBegin;
  o->threshold = strtod(value, &end);
  if (end == value || *end || !(o->threshold > 1.0) || PetscIsInfOrNanReal(o->threshold))
    PetscCall(screen_cli_refuse(verb, code, "--threshold is '%s', wanted a number above 1", value));
  PetscFunctionReturn(0);
}

static PetscErrorCode parse_value(const char *option, const char *value, select_options *o,
                                  screen_exit *code)
{
  PetscFunctionBegin;
  if (!value)
    PetscCall(screen_cli_refuse(verb, code, "%s wants a value", option));
  else if (!strcmp(option, "--mode"))
    PetscCall(parse_mode(value, o, code));
  else if (!strcmp(option, "--threshold"))
    PetscCall(parse_threshold(value, o, code));
  else if (!strcmp(option, "--species"))
    PetscCall(screen_names_parse(verb, value, &o->species, code));
  else if (!strcmp(option, "--train"))
    o->train = value;
  else if (!strcmp(option, "--save"))
    o->save = value;
  else
    o->out = value;
  PetscFunctionReturn(0);
}

static PetscBool wants_value(const char *word)
{
  const char *const names[] = {"-o",     "--out",       "--train",  "--mode",
                               "--save", "--threshold", "--species"};

  for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
    if (!strcmp(word, names[k])) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

static PetscErrorCode parse_arguments(int argc, char **argv, select_options *o, screen_exit *code)
{
  PetscFunctionBegin;
  memset(o, 0, sizeof(*o));
  o->mode = MTP_SELECTION_OTHER;
  for (int i = 0; i < argc && *code == SCREEN_EXIT_DONE; i++) {
    const char *word = argv[i];

    if (wants_value(word)) {
      PetscCall(parse_value(word, i + 1 < argc ? argv[i + 1] : NULL, o, code));
      i++;
    } else if (!strcmp(word, "--fresh")) {
      o->fresh = PETSC_TRUE;
    } else if (word[0] == '-') {
      PetscCall(screen_cli_refuse(verb, code,
                                  "got option %s, wanted -o, --train, --mode, --save, --fresh, "
                                  "--threshold or --species",
                                  word));
    } else if (!o->potential || !o->candidates) {
      *(o->potential ? &o->candidates : &o->potential) = word;
    } else {
      PetscCall(screen_cli_refuse(verb, code, "got '%s' after POTENTIAL and CANDIDATES.cfg", word));
    }
  }
  if (*code == SCREEN_EXIT_DONE && !o->candidates)
    PetscCall(screen_cli_refuse(
        verb, code, "wanted POTENTIAL CANDIDATES.cfg [-o SELECTED.cfg] [--save POTENTIAL.almtp]"));
  PetscFunctionReturn(0);
}

static PetscErrorCode check_files(const select_options *o, screen_exit *code)
{
  const char *const in[3] = {o->potential, o->candidates, o->train}, *const out[2] = {o->out,
                                                                                      o->save};

  PetscFunctionBegin;
  PetscCall(screen_potential_check_files(verb, 3, in, 2, out, &o->species, code));
  if (*code != SCREEN_EXIT_DONE) PetscFunctionReturn(0);
  if (o->save && screen_file_kind_of(o->save) != SCREEN_FILE_ALMTP)
    PetscCall(screen_cli_refuse(
        verb, code, "--save %s: only .almtp files hold an active set, wanted such a name",
        o->save));
  else if (o->save && o->out && (!strcmp(o->save, o->out) || screen_same_file(o->save, o->out)))
    PetscCall(screen_cli_refuse(verb, code, "-o and --save are both %s", o->save));
  PetscFunctionReturn(0);
}

/* The selection ------------------------------------------------------------------------------ */

/* The active set to go on from, if there is one and nobody objects. */
static PetscErrorCode read_start(const select_options *o, const mtp_potential *pot,
                                 mtp_selection **start, mtp_diag *diag)
{
  mtp_potential_info info;
  mtp_selection_mode mode;

  PetscFunctionBegin;
  PetscCall(mtp_potential_get_info(pot, &info));
  if (o->fresh || !info.has_selection) PetscFunctionReturn(0);
  PetscCall(mtp_selection_parse(pot, o->potential, start, diag));
  if (!*start) PetscFunctionReturn(0);
  mode = mtp_selection_get_mode(*start);
  if (mode == MTP_SELECTION_OTHER || (o->mode != MTP_SELECTION_OTHER && o->mode != mode))
    PetscCall(mtp_diag_add(diag, NULL, 0, 0,
                           "%s: the active set is of %s mode, wanted %s mode, or --fresh to begin "
                           "without it",
                           o->potential, mtp_selection_mode_name(mode),
                           o->mode == MTP_SELECTION_OTHER ? "neighbourhood or configuration"
                                                          : mtp_selection_mode_name(o->mode)));
  PetscFunctionReturn(0);
}

static mtp_selection_weights weights_of(const select_options *o, const mtp_selection_info *start)
{
  if (start->n > 0) return start->weights;
  if (o->mode == MTP_SELECTION_CONFIGURATION)
    return (mtp_selection_weights){.energy = 1.0, .scaling = 2};
  return (mtp_selection_weights){.site_energy = 1.0, .scaling = 2};
}

static PetscErrorCode read_lists(const select_options *o, const mtp_potential *pot, offered *lists,
                                 mtp_diag *diag)
{
  PetscFunctionBegin;
  if (o->train) lists->name[lists->n++] = o->train;
  lists->name[lists->n++] = o->candidates;
  for (PetscInt l = 0; l < lists->n; l++) {
    PetscCall(
        screen_potential_read_configs(pot, lists->name[l], &o->species, &lists->list[l], diag));
    lists->pointer[l] = &lists->list[l];
  }
  PetscFunctionReturn(0);
}

static void print_report(const select_options *o, const mtp_selection_info *info,
                         const mtp_select_report *report, PetscInt ncandidate, PetscInt nselected,
                         const PetscBool selected[])
{
  printf("%s: %s mode, active set of %" PetscInt_FMT " rows\n", o->potential,
         mtp_selection_mode_name(info->mode), info->n);
  printf("  %-16s %" PetscInt_FMT ", %" PetscInt_FMT " swaps in %" PetscInt_FMT " passes\n",
         "rows offered", report->nrow, report->nswap, report->npass);
  printf("  %-16s ln|det| = %.6f, residual of the inverse %.1e\n", "volume",
         (double)report->log_det, (double)report->residual);
  printf("  %-16s %" PetscInt_FMT " configurations, %" PetscInt_FMT " rows never replaced\n",
         "active set", info->configs->n, info->nunused);
  printf("  %-16s %" PetscInt_FMT " of %" PetscInt_FMT "%s", "selected", nselected, ncandidate,
         nselected ? ":" : "");
  for (PetscInt c = 0; c < ncandidate; c++) {
    if (selected[c]) printf(" %" PetscInt_FMT, c + 1);
  }
  putchar('\n');
}

/* The candidates among the selection's configurations are its last ones, in their order. */
static PetscErrorCode write_selected(const select_options *o, const mtp_potential *pot,
                                     const mtp_selection *sel, PetscInt nconfig, PetscInt n,
                                     screen_exit *code)
{
  mtp_config_list list = {.capacity = n};

  PetscFunctionBegin;
  PetscCall(PetscCalloc1(n, &list.config));
  for (; list.n < n; list.n++)
    PetscCall(mtp_selection_copy_config(sel, nconfig - n + list.n, &list.config[list.n]));
  PetscCall(screen_potential_write_configs(verb, pot, &list, o->out, &o->species, code));
  PetscCall(mtp_config_list_clear(&list));
  PetscFunctionReturn(0);
}

static PetscErrorCode finish(const select_options *o, mtp_potential *pot, const mtp_selection *sel,
                             const mtp_select_report *report, PetscInt ncandidate,
                             const PetscBool selected[], screen_exit *code)
{
  mtp_selection_info info;
  PetscInt n = 0;

  PetscFunctionBegin;
  PetscCall(mtp_selection_get_info(sel, &info));
  for (PetscInt c = 0; c < ncandidate; c++) n += selected[c] ? 1 : 0;
  print_report(o, &info, report, ncandidate, n, selected);
  if (o->out) PetscCall(write_selected(o, pot, sel, info.configs->n, n, code));
  if (o->save && *code == SCREEN_EXIT_DONE) {
    PetscCall(mtp_selection_attach(sel, pot));
    PetscCall(screen_potential_write(verb, pot, MTP_FORMAT_MLIP3, o->save, code));
  }
  PetscFunctionReturn(0);
}

/* Everything is read. */
static PetscErrorCode select_from(const select_options *o, mtp_potential *pot,
                                  const mtp_selection *start, const offered *lists, mtp_diag *diag,
                                  screen_exit *code)
{
  mtp_select_request request = {.start = start,
                                .nlist = lists->n,
                                .list = lists->pointer,
                                .name = lists->name,
                                .threshold = o->threshold};
  mtp_selection_info info = {0};
  mtp_selection *sel = NULL;
  mtp_select_report report;
  PetscBool *selected[2] = {NULL, NULL};

  PetscFunctionBegin;
  for (PetscInt l = 0; l < lists->n; l++) PetscCall(PetscMalloc1(lists->list[l].n, &selected[l]));
  if (start) PetscCall(mtp_selection_get_info(start, &info));
  request.weights = weights_of(o, &info);
  PetscCall(mtp_select(pot, &request, &sel, selected, &report, diag));
  PetscCall(screen_cli_report(diag, code));
  if (sel)
    PetscCall(
        finish(o, pot, sel, &report, lists->list[lists->n - 1].n, selected[lists->n - 1], code));
  PetscCall(mtp_selection_destroy(&sel));
  for (PetscInt l = 0; l < lists->n; l++) PetscCall(PetscFree(selected[l]));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_verb_select(int argc, char **argv, screen_exit *code)
{
  select_options o;
  mtp_potential *pot = NULL;
  mtp_selection *start = NULL;
  offered lists = {0};
  mtp_diag diag = {0};

  PetscFunctionBegin;
  PetscCall(parse_arguments(argc - 1, argv + 1, &o, code));
  if (*code == SCREEN_EXIT_DONE) PetscCall(check_files(&o, code));
  if (*code != SCREEN_EXIT_DONE) PetscFunctionReturn(0);
  PetscCall(screen_potential_read(o.potential, &o.species, &pot, &diag));
  if (pot) PetscCall(read_start(&o, pot, &start, &diag));
  PetscCall(read_lists(&o, pot, &lists, &diag));
  if (diag.n)
    PetscCall(screen_cli_report(&diag, code));
  else
    PetscCall(select_from(&o, pot, start, &lists, &diag, code));
  for (PetscInt l = 0; l < lists.n; l++) PetscCall(mtp_config_list_clear(&lists.list[l]));
  PetscCall(mtp_selection_destroy(&start));
  PetscCall(mtp_potential_destroy(&pot));
  PetscCall(mtp_diag_clear(&diag));
  PetscFunctionReturn(0);
}
