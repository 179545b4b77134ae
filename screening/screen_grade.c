/* screening/screen_grade.c - `liquidus grade`: how far configurations are from what a potential
 * knows
 *
 * Nothing is written before every configuration has been graded.
 */
#include "mtp/mtp_grade.h"
#include "screening/screen_cli.h"
#include "screening/screen_potential_files.h"

#include <stdio.h>
#include <string.h>

static const char verb[] = "grade";

/* Thresholds of MLIP-3: worth learning, not to be trusted. */
#define GRADE_SAVE  2.0
#define GRADE_BREAK 10.0

typedef struct {
  const char *potential, *in, *out, *state;
  screen_names species;
} grade_files;

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
        !strcmp(word, "--species")) {
      PetscCall(parse_option(word, i + 1 < argc ? argv[i + 1] : NULL, files, code));
      i++;
    } else if (word[0] == '-') {
      PetscCall(screen_cli_refuse(
          verb, code, "got option %s, wanted -o OUT.cfg, --selection STATE.als or --species",
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

/* From the potential's own file, or from an .als beside it. */
static PetscErrorCode read_selection(const grade_files *files, const mtp_potential *pot,
                                     mtp_selection **sel, mtp_diag *diag)
{
  PetscFunctionBegin;
  *sel = NULL;
  if (!pot) PetscFunctionReturn(0);
  if (files->state)
    PetscCall(mtp_selection_read_als(pot, files->state, sel, diag));
  else
    PetscCall(mtp_selection_parse(pot, files->potential, sel, diag));
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

static PetscErrorCode grade_files_run(const grade_files *files, screen_exit *code)
{
  mtp_potential *pot = NULL;
  mtp_selection *sel = NULL;
  mtp_selection_info info;
  mtp_config_list list = {0};
  mtp_diag diag = {0};
  PetscReal *grade = NULL;

  PetscFunctionBegin;
  PetscCall(screen_potential_read(files->potential, &files->species, &pot, &diag));
  PetscCall(read_selection(files, pot, &sel, &diag));
  PetscCall(screen_potential_read_configs(pot, files->in, &files->species, &list, &diag));
  PetscCall(PetscMalloc1(list.n, &grade));
  if (!diag.n) PetscCall(grade_all(pot, sel, files->in, &list, grade, &diag));
  PetscCall(screen_cli_report(&diag, code));
  if (!diag.n) {
    PetscCall(mtp_selection_get_info(sel, &info));
    print_table(&info, files->in, &list, grade);
    if (files->out)
      PetscCall(
          screen_potential_write_configs(verb, pot, &list, files->out, &files->species, code));
  }
  PetscCall(PetscFree(grade));
  PetscCall(mtp_selection_destroy(&sel));
  PetscCall(mtp_potential_destroy(&pot));
  PetscCall(mtp_config_list_clear(&list));
  PetscCall(mtp_diag_clear(&diag));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_verb_grade(int argc, char **argv, screen_exit *code)
{
  grade_files files;

  PetscFunctionBegin;
  PetscCall(parse_arguments(argc - 1, argv + 1, &files, code));
  if (*code == SCREEN_EXIT_DONE) {
    const char *const in[3] = {files.potential, files.in, files.state}, *const out[1] = {files.out};

    PetscCall(screen_potential_check_files(verb, 3, in, 1, out, &files.species, code));
  }
  if (*code == SCREEN_EXIT_DONE) PetscCall(grade_files_run(&files, code));
  PetscFunctionReturn(0);
}
