/* screening/screen_grade.c - `liquidus grade`: how far configurations are from what a potential
 * knows, by its active set and by what other potentials say about their forces
 *
 * Nothing is written before every configuration has been graded.
 */
#include "mtp/mtp_grade.h"
#include "screening/screen_cli.h"
#include "screening/screen_disagree.h"
#include "screening/screen_potential_files.h"

#include <stdio.h>
#include <string.h>

static const char verb[] = "grade";

/* Thresholds of MLIP-3: worth learning, not to be trusted. */
#define GRADE_SAVE  2.0
#define GRADE_BREAK 10.0

typedef struct {
  const char *potential, *in, *out, *state;
  PetscInt nother;
  const char *other[SCREEN_MAX_MEMBERS - 1]; /* potentials beside the first */
  screen_names species;
} grade_files;

/* What is graded, and by what */
typedef struct {
  PetscInt n; /* potentials; more than one: a committee */
  mtp_potential *pot[SCREEN_MAX_MEMBERS];
  mtp_selection *sel; /* NULL: no active set, which a committee may do without */
  mtp_config_list list;
  PetscReal *grade;              /* [list.n] */
  screen_disagreement *disagree; /* [list.n] */
} grade_work;

static PetscErrorCode parse_option(const char *option, const char *value, grade_files *files,
                                   screen_exit *code)
{
  PetscFunctionBegin;
  if (!value)
    PetscCall(screen_cli_refuse(verb, code, "%s wants a value", option));
  else if (!strcmp(option, "--species"))
    PetscCall(screen_names_parse(verb, value, &files->species, code));
  else if (!strcmp(option, "--selection"))
    files->state = value;
  else if (!strcmp(option, "--committee") && files->nother == SCREEN_MAX_MEMBERS - 1)
    PetscCall(screen_cli_refuse(verb, code, "got more than %d potentials", SCREEN_MAX_MEMBERS));
  else if (!strcmp(option, "--committee"))
    files->other[files->nother++] = value;
  else
    files->out = value;
  PetscFunctionReturn(0);
}

static PetscErrorCode parse_arguments(int argc, char **argv, grade_files *files, screen_exit *code)
{
  PetscFunctionBegin;
  memset(files, 0, sizeof(*files));
  for (int i = 0; i < argc && *code == SCREEN_EXIT_DONE; i++) {
    const char *word = argv[i];

    if (!strcmp(word, "-o") || !strcmp(word, "--out") || !strcmp(word, "--selection") ||
        !strcmp(word, "--committee") || !strcmp(word, "--species")) {
      PetscCall(parse_option(word, i + 1 < argc ? argv[i + 1] : NULL, files, code));
      i++;
    } else if (word[0] == '-') {
      PetscCall(screen_cli_refuse(
          verb, code,
          "got option %s, wanted -o OUT.cfg, --selection STATE.als, --committee POTENTIAL or "
          "--species",
          word));
    } else if (!files->potential || !files->in) {
      *(files->potential ? &files->in : &files->potential) = word;
    } else {
      PetscCall(screen_cli_refuse(verb, code, "got '%s' after POTENTIAL and IN.cfg", word));
    }
  }
  if (*code == SCREEN_EXIT_DONE && !files->in)
    PetscCall(screen_cli_refuse(verb, code, "wanted POTENTIAL IN.cfg [-o OUT.cfg]"));
  PetscFunctionReturn(0);
}

/* From the potential's own file, or from an .als beside it; a committee may have none. */
static PetscErrorCode read_selection(const grade_files *files, grade_work *w, mtp_diag *diag)
{
  const mtp_potential *pot = w->pot[0];
  mtp_potential_info info;

  PetscFunctionBegin;
  if (!pot) PetscFunctionReturn(0);
  PetscCall(mtp_potential_get_info(pot, &info));
  if (files->state)
    PetscCall(mtp_selection_read_als(pot, files->state, &w->sel, diag));
  else if (w->n == 1 || info.has_selection)
    PetscCall(mtp_selection_parse(pot, files->potential, &w->sel, diag));
  PetscFunctionReturn(0);
}

/* The potentials; all have as many species as the first. */
static PetscErrorCode read_potentials(const grade_files *files, grade_work *w, mtp_diag *diag)
{
  mtp_potential_info info, first;

  PetscFunctionBegin;
  w->n = 1 + files->nother;
  PetscCall(screen_potential_read(files->potential, &files->species, &w->pot[0], diag));
  for (PetscInt m = 1; m < w->n; m++) {
    const char *path = files->other[m - 1];

    PetscCall(mtp_potential_read(path, &w->pot[m], diag));
    if (!w->pot[0] || !w->pot[m]) continue;
    PetscCall(mtp_potential_get_info(w->pot[0], &first));
    PetscCall(mtp_potential_get_info(w->pot[m], &info));
    if (info.nspecies != first.nspecies)
      PetscCall(mtp_diag_add(diag, NULL, 0, 0,
                             "%s: the potential has %" PetscInt_FMT " species, %s has "
                             "%" PetscInt_FMT,
                             path, info.nspecies, files->potential, first.nspecies));
    else if (!info.trained)
      PetscCall(mtp_diag_add(diag, NULL, 0, 0, "%s: the potential has no coefficients (untrained)",
                             path));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode grade_all(const mtp_potential *pot, const mtp_selection *sel,
                                const char *path, mtp_config_list *list, PetscReal grade[],
                                mtp_diag *diag)
{
  mtp_neighbors nb = {0};

  PetscFunctionBegin;
  for (PetscInt c = 0; c < list->n; c++) {
    char where[PETSC_MAX_PATH_LEN];

    (void)snprintf(where, sizeof(where), "%s: configuration %" PetscInt_FMT, path, c + 1);
    PetscCall(mtp_grade_config(pot, sel, where, &nb, &list->config[c], &grade[c], diag));
  }
  PetscCall(mtp_neighbors_clear(&nb));
  PetscFunctionReturn(0);
}

/* How many are above the thresholds. */
static void count_above(PetscInt n, const PetscReal grade[], PetscInt above[2])
{
  for (PetscInt i = 0; i < n; i++) {
    above[0] += grade[i] > GRADE_SAVE ? 1 : 0;
    above[1] += grade[i] > GRADE_BREAK ? 1 : 0;
  }
}

static void print_row(const char *name, PetscInt atoms, PetscReal grade, PetscInt n,
                      const PetscInt above[2])
{
  const PetscReal percent = n > 0 ? 100.0 / (PetscReal)n : 0.0;

  printf("%13s %8" PetscInt_FMT " %16.6f", name, atoms, (double)grade);
  if (n > 0)
    printf(" %8.2f %% %8.2f %%", (double)(percent * (PetscReal)above[0]),
           (double)(percent * (PetscReal)above[1]));
  putchar('\n');
}

/* A row a configuration and one for all: shares of atoms in neighbourhood mode, of configurations
   in the other. */
static void print_table(const mtp_selection_info *info, const char *path,
                        const mtp_config_list *list, const PetscReal grade[])
{
  const PetscBool atoms = (PetscBool)(info->mode == MTP_SELECTION_NEIGHBOURHOOD);
  PetscInt natom = 0, total[2] = {0};
  PetscReal largest = 0.0;

  printf("%s: grades in %s mode, active set of %" PetscInt_FMT " rows, %" PetscInt_FMT
         " never replaced\n%13s %8s %16s %10s %10s\n",
         path, mtp_selection_mode_name(info->mode), info->n, info->nunused, "configuration",
         "atoms", "largest grade", "above 2", "above 10");
  for (PetscInt c = 0; c < list->n; c++) {
    const mtp_config *config = &list->config[c];
    PetscInt above[2] = {0};
    char name[32];

    (void)snprintf(name, sizeof(name), "%" PetscInt_FMT, c + 1);
    if (atoms)
      count_above(config->n, config->nbh_grade, above);
    else
      count_above(1, &grade[c], above);
    print_row(name, config->n, grade[c], atoms ? config->n : 0, above);
    for (int k = 0; k < 2; k++) total[k] += above[k];
    largest = PetscMax(largest, grade[c]);
    natom += config->n;
  }
  print_row("all", natom, largest, atoms ? natom : list->n, total);
}

/* Everything into the configurations of the list */
static PetscErrorCode grade_work_do(const grade_files *files, grade_work *w, mtp_diag *diag)
{
  PetscFunctionBegin;
  PetscCall(PetscMalloc2(w->list.n, &w->grade, w->list.n, &w->disagree));
  if (w->sel) PetscCall(grade_all(w->pot[0], w->sel, files->in, &w->list, w->grade, diag));
  if (w->n > 1 && !diag->n)
    PetscCall(screen_disagree(w->n, (const mtp_potential *const *)w->pot, files->in, &w->list,
                              w->disagree, diag));
  PetscFunctionReturn(0);
}

static PetscErrorCode grade_work_clear(grade_work *w)
{
  PetscFunctionBegin;
  PetscCall(PetscFree2(w->grade, w->disagree));
  PetscCall(mtp_selection_destroy(&w->sel));
  for (PetscInt m = 0; m < w->n; m++) PetscCall(mtp_potential_destroy(&w->pot[m]));
  PetscCall(mtp_config_list_clear(&w->list));
  PetscFunctionReturn(0);
}

static PetscErrorCode grade_files_run(const grade_files *files, screen_exit *code)
{
  grade_work w = {0};
  mtp_selection_info info;
  mtp_diag diag = {0};

  PetscFunctionBegin;
  PetscCall(read_potentials(files, &w, &diag));
  PetscCall(read_selection(files, &w, &diag));
  PetscCall(screen_potential_read_configs(w.pot[0], files->in, &files->species, &w.list, &diag));
  if (!diag.n) PetscCall(grade_work_do(files, &w, &diag));
  PetscCall(screen_cli_report(&diag, code));
  if (!diag.n) {
    if (w.sel) {
      PetscCall(mtp_selection_get_info(w.sel, &info));
      print_table(&info, files->in, &w.list, w.grade);
    }
    if (w.n > 1) screen_disagree_print(w.n, files->in, &w.list, w.disagree);
    if (files->out)
      PetscCall(screen_potential_write_configs(verb, w.pot[0], &w.list, files->out, &files->species,
                                               code));
  }
  PetscCall(grade_work_clear(&w));
  PetscCall(mtp_diag_clear(&diag));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_verb_grade(int argc, char **argv, screen_exit *code)
{
  grade_files files;

  PetscFunctionBegin;
  PetscCall(parse_arguments(argc - 1, argv + 1, &files, code));
  if (*code == SCREEN_EXIT_DONE) {
    const char *in[2 + SCREEN_MAX_MEMBERS] = {files.potential, files.in, files.state};
    const char *const out[1] = {files.out};

    for (PetscInt m = 0; m < files.nother; m++) in[3 + m] = files.other[m];
    PetscCall(
        screen_potential_check_files(verb, 3 + files.nother, in, 1, out, &files.species, code));
  }
  if (*code == SCREEN_EXIT_DONE) PetscCall(grade_files_run(&files, code));
  PetscFunctionReturn(0);
}
