/* screening/screen_potential.c - `liquidus potential`: look into a potential, evaluate it on files
 *
 * Nothing is written before every configuration has been evaluated: bad input leaves no half of an
 * output behind.
 */
#include "mtp/mtp_eval_config.h"
#include "screening/screen_cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static void print_labels(const mtp_potential_info *info)
{
  printf("  %-16s %" PetscInt_FMT ", types in .cfg files:", "species", info->nspecies);
  for (PetscInt s = 0; s < info->nspecies; s++) {
    printf(" %" PetscInt_FMT, info->format == MTP_FORMAT_MLIP2 ? s : info->species_label[s]);
  }
  putchar('\n');
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
  printf("  %-16s %s\n", "selection state", info->has_selection ? "present" : "none");
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
    PetscCall(mtp_potential_destroy(&pot));
  }
  PetscCall(screen_cli_report(&diag, code));
  PetscCall(mtp_diag_clear(&diag));
  PetscFunctionReturn(0);
}

typedef struct {
  const char *potential, *in, *out;
} eval_files;

/* POTENTIAL IN -o OUT, the option anywhere; what is too much is refused. */
static PetscErrorCode parse_eval(int argc, char **argv, eval_files *files, screen_exit *code)
{
  PetscFunctionBegin;
  *files = (eval_files){0};
  for (int i = 0; i < argc && *code == SCREEN_EXIT_DONE; i++) {
    if (!strcmp(argv[i], "-o") || !strcmp(argv[i], "--out")) {
      if (i + 1 < argc) {
        files->out = argv[++i];
      } else {
        PetscCall(screen_cli_refuse("potential eval", code, "%s wants a file", argv[i]));
      }
    } else if (argv[i][0] == '-') {
      PetscCall(
          screen_cli_refuse("potential eval", code, "got option %s, wanted -o OUT.cfg", argv[i]));
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

/* The feature EFS_by says who computed energies, forces and stresses: now it is us. */
static PetscErrorCode sign(mtp_config *config)
{
  PetscFunctionBegin;
  for (PetscInt f = 0; f < config->nfeature; f++) {
    if (strcmp(config->feature[f].key, "EFS_by") != 0) continue;
    PetscCall(PetscFree(config->feature[f].value));
    PetscCall(PetscStrallocpy("liquidus", &config->feature[f].value));
    PetscFunctionReturn(0);
  }
  PetscCall(mtp_config_add_feature(config, "EFS_by", "liquidus"));
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
    PetscCall(sign(&list->config[c]));
  }
  PetscCall(mtp_neighbors_clear(&nb));
  PetscFunctionReturn(0);
}

/* True when both names lead to one file. */
static PetscBool same_file(const char *a, const char *b)
{
  struct stat sa, sb;

  return (PetscBool)(!stat(a, &sa) && !stat(b, &sb) && sa.st_dev == sb.st_dev &&
                     sa.st_ino == sb.st_ino);
}

/* Writes all configurations; a file that cannot be written is a matter of the environment. */
static PetscErrorCode write_all(const mtp_config_list *list, const char *path, screen_exit *code)
{
  FILE *out = fopen(path, "w");
  int trouble = out ? 0 : errno;
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  if (out) {
    PetscCall(PetscPushErrorHandler(PetscReturnErrorHandler, NULL));
    for (PetscInt c = 0; c < list->n && !ierr; c++) {
      ierr = mtp_cfg_write(&list->config[c], MTP_CFG_LOSSLESS, out);
    }
    if (ierr) trouble = errno ? errno : EIO;
    PetscCall(PetscPopErrorHandler());
    if (fclose(out) && !trouble) trouble = errno;
  }
  if (trouble) {
    fprintf(stderr, "liquidus potential eval: %s: cannot be written (%s)\n", path,
            strerror(trouble));
    *code = SCREEN_EXIT_ENVIRONMENT;
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
  if (*code != SCREEN_EXIT_DONE) PetscFunctionReturn(0);
  if (!files.potential || !files.in || !files.out) {
    PetscCall(screen_cli_refuse("potential eval", code, "wanted POTENTIAL IN.cfg -o OUT.cfg"));
    PetscFunctionReturn(0);
  }
  if (same_file(files.in, files.out) || same_file(files.potential, files.out)) {
    PetscCall(screen_cli_refuse("potential eval", code, "-o %s would overwrite an input file",
                                files.out));
    PetscFunctionReturn(0);
  }
  PetscCall(mtp_potential_read(files.potential, &pot, &diag));
  PetscCall(mtp_cfg_read(files.in, &list, &diag));
  if (!diag.n) PetscCall(evaluate_all(pot, files.in, &list, &diag));
  PetscCall(screen_cli_report(&diag, code));
  if (!diag.n) PetscCall(write_all(&list, files.out, code));
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
  } else {
    PetscCall(screen_cli_refuse("potential", code, "got '%s', wanted info or eval",
                                argc > 1 ? argv[1] : "nothing"));
  }
  PetscFunctionReturn(0);
}
