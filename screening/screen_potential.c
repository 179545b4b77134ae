/* screening/screen_potential.c - `liquidus potential`: look into a potential, evaluate it on files
 *
 * Nothing is written before every configuration has been evaluated: bad input leaves no half of an
 * output behind.
 */
#include "mtp/mtp_eval_config.h"
#include "mtp/mtp_selection.h"
#include "screening/screen_cli.h"
#include "screening/screen_potential_bench.h"
#include "screening/screen_potential_convert.h"
#include "screening/screen_potential_files.h"

#include <stdio.h>
#include <string.h>

static void print_labels(const mtp_potential_info *info)
{
  printf("  %-16s %" PetscInt_FMT ", types in .cfg files:", "species", info->nspecies);
  for (PetscInt s = 0; s < info->nspecies; s++) {
    printf(" %" PetscInt_FMT, info->format == MTP_FORMAT_MLIP2 ? s : info->species_label[s]);
  }
  putchar('\n');
}

/* "neighbourhood mode, 75 rows, 3 never replaced, 20 configurations" */
static PetscErrorCode print_selection(const mtp_potential *pot, const char *path, mtp_diag *diag)
{
  mtp_selection *sel;
  mtp_selection_info info;

  PetscFunctionBegin;
  PetscCall(mtp_selection_parse(pot, path, &sel, diag));
  if (sel) {
    PetscCall(mtp_selection_get_info(sel, &info));
    printf("  %-16s %s mode, %" PetscInt_FMT " rows, %" PetscInt_FMT
           " never replaced, %" PetscInt_FMT " configurations\n",
           "selection state", mtp_selection_mode_name(info.mode), info.n, info.nunused,
           info.configs->n);
  } else {
    printf("  %-16s present, but not whole\n", "selection state");
  }
  PetscCall(mtp_selection_destroy(&sel));
  PetscFunctionReturn(0);
}

static void print_info(const char *path, const mtp_potential_info *info)
{
  printf("%s\n", path);
  printf("  %-16s %s\n", "format",
         info->format == MTP_FORMAT_MLIP2 ? "MLIP-2 .mtp, version 1.1.0"
                                          : "MLIP-3 .almtp, version 1.1.0");
  if (info->name[0]) printf("  %-16s %s\n", "name", info->name);
  if (info->tag[0]) printf("  %-16s %s\n", "tag", info->tag);
  print_labels(info);
  if (info->level) {
    printf("  %-16s %" PetscInt_FMT "\n", "level", info->level);
  } else {
    printf("  %-16s of no standard template\n", "level");
  }
  printf("  %-16s %" PetscInt_FMT " basic, %" PetscInt_FMT " in all, %" PetscInt_FMT
         " products, %" PetscInt_FMT " scalars\n",
         "moments", info->nbasic, info->nmoment, info->ntimes, info->nscalar);
  printf("  %-16s %s, %" PetscInt_FMT " functions of %" PetscInt_FMT " polynomials\n",
         "radial basis", info->radial_basis_type, info->radial_funcs, info->radial_size);
  printf("  %-16s %.15g Å\n", "cut-off", (double)info->cutoff);
  printf("  %-16s %.15g Å\n", "min_dist", (double)info->min_dist);
  printf("  %-16s %.15g\n", "scaling", (double)info->scaling);
  printf("  %-16s %" PetscInt_FMT "%s\n", "coefficients", info->ncoeff,
         info->trained ? "" : ", none given: untrained");
  if (!info->has_selection) printf("  %-16s none\n", "selection state");
}

/* Says what each file is; bad files do not stop the others. */
static PetscErrorCode potential_info(int nfile, char **file, screen_exit *code)
{
  mtp_diag diag = {0};

  PetscFunctionBegin;
  if (nfile == 0) PetscCall(screen_cli_refuse("potential info", code, "wanted a file"));
  for (int f = 0; f < nfile; f++) {
    mtp_potential *pot = NULL;
    mtp_potential_info info;

    PetscCall(mtp_potential_read(file[f], &pot, &diag));
    if (!pot) continue;
    PetscCall(mtp_potential_get_info(pot, &info));
    print_info(file[f], &info);
    if (info.has_selection) PetscCall(print_selection(pot, file[f], &diag));
    PetscCall(mtp_potential_destroy(&pot));
  }
  PetscCall(screen_cli_report(&diag, code));
  PetscCall(mtp_diag_clear(&diag));
  PetscFunctionReturn(0);
}

typedef struct {
  const char *potential, *in, *out;
  screen_names species;
} eval_files;

/* POTENTIAL IN -o OUT, options anywhere; what is too much is refused. */
static PetscErrorCode parse_eval(int argc, char **argv, eval_files *files, screen_exit *code)
{
  PetscFunctionBegin;
  memset(files, 0, sizeof(*files));
  for (int i = 0; i < argc && *code == SCREEN_EXIT_DONE; i++) {
    if (!strcmp(argv[i], "-o") || !strcmp(argv[i], "--out")) {
      if (i + 1 < argc) {
        files->out = argv[++i];
      } else {
        PetscCall(screen_cli_refuse("potential eval", code, "%s wants a file", argv[i]));
      }
    } else if (!strcmp(argv[i], "--species")) {
      if (i + 1 < argc) {
        PetscCall(screen_names_parse("potential eval", argv[++i], &files->species, code));
      } else {
        PetscCall(screen_cli_refuse("potential eval", code, "--species wants element symbols"));
      }
    } else if (argv[i][0] == '-') {
      PetscCall(screen_cli_refuse("potential eval", code,
                                  "got option %s, wanted -o OUT.cfg or --species", argv[i]));
    } else if (!files->potential) {
      files->potential = argv[i];
    } else if (!files->in) {
      files->in = argv[i];
    } else {
      PetscCall(screen_cli_refuse("potential eval", code, "got '%s' after POTENTIAL and IN.cfg",
                                  argv[i]));
    }
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode evaluate_all(const mtp_potential *pot, const char *path,
                                   mtp_config_list *list, mtp_diag *diag)
{
  mtp_neighbors nb = {0};

  PetscFunctionBegin;
  for (PetscInt c = 0; c < list->n; c++) {
    char where[PETSC_MAX_PATH_LEN];

    (void)snprintf(where, sizeof(where), "%s: configuration %" PetscInt_FMT, path, c + 1);
    PetscCall(mtp_eval_config(pot, where, &nb, &list->config[c], diag));
    /* who computed energies, forces and stresses */
    PetscCall(mtp_config_set_feature(&list->config[c], "EFS_by", "liquidus"));
  }
  PetscCall(mtp_neighbors_clear(&nb));
  PetscFunctionReturn(0);
}

/* What can be said before anything is read. */
static PetscErrorCode check_eval(const eval_files *files, screen_exit *code)
{
  const char *const in[2] = {files->potential, files->in}, *const out[1] = {files->out};

  PetscFunctionBegin;
  if (!files->potential || !files->in || !files->out) {
    PetscCall(screen_cli_refuse("potential eval", code, "wanted POTENTIAL IN.cfg -o OUT.cfg"));
  } else {
    PetscCall(screen_potential_check_files("potential eval", 2, in, 1, out, &files->species, code));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode potential_eval(int argc, char **argv, screen_exit *code)
{
  eval_files files;
  mtp_potential *pot = NULL;
  mtp_config_list list = {0};
  mtp_diag diag = {0};

  PetscFunctionBegin;
  PetscCall(parse_eval(argc, argv, &files, code));
  if (*code == SCREEN_EXIT_DONE) PetscCall(check_eval(&files, code));
  if (*code != SCREEN_EXIT_DONE) PetscFunctionReturn(0);
  PetscCall(screen_potential_read(files.potential, &files.species, &pot, &diag));
  PetscCall(screen_potential_read_configs(pot, files.in, &files.species, &list, &diag));
  if (!diag.n) PetscCall(evaluate_all(pot, files.in, &list, &diag));
  PetscCall(screen_cli_report(&diag, code));
  if (!diag.n)
    PetscCall(screen_potential_write_configs("potential eval", pot, &list, files.out,
                                             &files.species, code));
  PetscCall(mtp_potential_destroy(&pot));
  PetscCall(mtp_config_list_clear(&list));
  PetscCall(mtp_diag_clear(&diag));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_verb_potential(int argc, char **argv, screen_exit *code)
{
  PetscFunctionBegin;
  if (argc > 1 && !strcmp(argv[1], "info")) {
    PetscCall(potential_info(argc - 2, argv + 2, code));
  } else if (argc > 1 && !strcmp(argv[1], "eval")) {
    PetscCall(potential_eval(argc - 2, argv + 2, code));
  } else if (argc > 1 && !strcmp(argv[1], "convert")) {
    PetscCall(screen_potential_convert(argc - 2, argv + 2, code));
  } else if (argc > 1 && !strcmp(argv[1], "bench")) {
    PetscCall(screen_potential_bench(argc - 2, argv + 2, code));
  } else {
    PetscCall(screen_cli_refuse("potential", code, "got '%s', wanted info, eval, convert or bench",
                                argc > 1 ? argv[1] : "nothing"));
  }
  PetscFunctionReturn(0);
}
