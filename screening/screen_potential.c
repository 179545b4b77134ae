/* screening/screen_potential.c - `liquidus potential`: look into a potential, evaluate it on files
 *
 * Nothing is written before every configuration has been evaluated: bad input leaves no half of an
 * output behind.
 */
#include "mtp/mtp_eval_config.h"
#include "screening/screen_cli.h"
#include "screening/screen_config_file.h"
#include "screening/screen_potential_convert.h"

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

/* XYZ and LAMMPS data say the place of a species; a .cfg has the potential's own numbers. */
static PetscErrorCode number_types(const mtp_potential_info *info, const char *path,
                                   mtp_config_list *list, mtp_diag *diag)
{
  PetscFunctionBegin;
  for (PetscInt c = 0; c < list->n; c++) {
    for (PetscInt i = 0; i < list->config[c].n; i++) {
      PetscInt *type = &list->config[c].type[i];

      if (*type >= info->nspecies)
        PetscCall(mtp_diag_add(diag, NULL, 0, 0,
                               "%s: configuration %" PetscInt_FMT ": atom %" PetscInt_FMT
                               ": species %" PetscInt_FMT ", the potential has %" PetscInt_FMT,
                               path, c + 1, i + 1, *type + 1, info->nspecies));
      else if (info->format == MTP_FORMAT_MLIP3)
        *type = info->species_label[*type];
    }
  }
  PetscFunctionReturn(0);
}

/* Reads what `files` name.  --species lists the species of the potential in its order. */
static PetscErrorCode read_files(const eval_files *files, mtp_potential **pot,
                                 mtp_config_list *list, mtp_diag *diag)
{
  const screen_file_kind kind = screen_file_kind_of(files->in);
  mtp_potential_info info = {0};

  PetscFunctionBegin;
  PetscCall(mtp_potential_read(files->potential, pot, diag));
  if (*pot) PetscCall(mtp_potential_get_info(*pot, &info));
  if (*pot && files->species.n > 0 && files->species.n != info.nspecies)
    PetscCall(mtp_diag_add(diag, NULL, 0, 0,
                           "%s: the potential has %" PetscInt_FMT " species, --species names "
                           "%" PetscInt_FMT,
                           files->potential, info.nspecies, files->species.n));
  PetscCall(screen_config_read(files->in, &files->species, list, diag));
  if (!diag->n && (kind == SCREEN_FILE_XYZ || kind == SCREEN_FILE_LAMMPS))
    PetscCall(number_types(&info, files->in, list, diag));
  PetscFunctionReturn(0);
}

/* Writes .cfg, or extended XYZ, whose writer wants places of species. */
static PetscErrorCode write_all(const eval_files *files, const mtp_potential *pot,
                                mtp_config_list *list, screen_exit *code)
{
  mtp_potential_info info;

  PetscFunctionBegin;
  PetscCall(mtp_potential_get_info(pot, &info));
  for (PetscInt c = 0; c < list->n && screen_file_kind_of(files->out) == SCREEN_FILE_XYZ; c++) {
    for (PetscInt i = 0; i < list->config[c].n; i++)
      list->config[c].type[i] = mtp_eval_species(&info, list->config[c].type[i]);
  }
  PetscCall(
      screen_config_write("potential eval", list, files->out, PETSC_FALSE, &files->species, code));
  PetscFunctionReturn(0);
}

/* What can be said before anything is read. */
static PetscErrorCode check_eval(const eval_files *files, screen_exit *code)
{
  PetscFunctionBegin;
  if (!files->potential || !files->in || !files->out) {
    PetscCall(screen_cli_refuse("potential eval", code, "wanted POTENTIAL IN.cfg -o OUT.cfg"));
  } else if (screen_same_file(files->in, files->out) ||
             screen_same_file(files->potential, files->out)) {
    PetscCall(screen_cli_refuse("potential eval", code, "-o %s would overwrite an input file",
                                files->out));
  } else if (files->species.n == 0 && (screen_file_kind_of(files->in) == SCREEN_FILE_XYZ ||
                                       screen_file_kind_of(files->out) == SCREEN_FILE_XYZ)) {
    PetscCall(screen_cli_refuse("potential eval", code,
                                "extended XYZ names elements, wanted --species with those of the "
                                "potential in its order"));
  } else if (screen_file_kind_of(files->out) == SCREEN_FILE_LAMMPS) {
    PetscCall(screen_cli_refuse("potential eval", code,
                                "%s: LAMMPS data hold no forces, wanted .cfg or .xyz", files->out));
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
  PetscCall(read_files(&files, &pot, &list, &diag));
  if (!diag.n) PetscCall(evaluate_all(pot, files.in, &list, &diag));
  PetscCall(screen_cli_report(&diag, code));
  if (!diag.n) PetscCall(write_all(&files, pot, &list, code));
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
  } else {
    PetscCall(screen_cli_refuse("potential", code, "got '%s', wanted info, eval or convert",
                                argc > 1 ? argv[1] : "nothing"));
  }
  PetscFunctionReturn(0);
}
