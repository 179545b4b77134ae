/* screening/screen_train_file.c - the file of `liquidus train`, checked, and its configurations */
#include "screening/screen_learn.h"
#include "screening/screen_schema.h"

#include <stdio.h>
#include <string.h>

static void take_species(const screen_yaml *root, screen_names *names)
{
  const screen_yaml *node = screen_schema_node(root, "train.species");

  for (PetscInt k = 0; node && k < node->n && k < SCREEN_MAX_NAMES; k++) {
    snprintf(names->text[k], sizeof(names->text[k]), "%.3s", node->child[k]->text);
    names->name[k] = names->text[k];
    names->n = k + 1;
  }
}

/* Names of files at a key: one or a list. */
static PetscErrorCode take_files(const screen_yaml *root, const char *key, const char *path,
                                 screen_train_set *set)
{
  const screen_yaml *node = screen_schema_node(root, key);
  const PetscInt n = !node ? 0 : node->kind == SCREEN_YAML_LIST ? node->n : 1;

  PetscFunctionBegin;
  set->room = n + 1; /* labels of the loop */
  PetscCall(PetscCalloc2(set->room, &set->file, set->room, &set->list));
  for (PetscInt k = 0; k < n; k++) {
    const screen_yaml *each = node->kind == SCREEN_YAML_LIST ? node->child[k] : node;

    PetscCall(screen_yaml_beside(path, each->text, &set->file[k]));
    set->nfile = k + 1;
  }
  PetscFunctionReturn(0);
}

static void take_numbers(const screen_yaml *root, screen_train *t)
{
  t->level = (PetscInt)screen_schema_integer(root, "train.level");
  t->radial_size = (PetscInt)screen_schema_integer(root, "train.radial_size");
  t->starts = (PetscInt)screen_schema_integer(root, "train.starts");
  t->seed = (PetscInt)screen_schema_integer(root, "train.seed");
  t->cutoff = screen_schema_real(root, "train.cutoff");
  t->min_distance = screen_schema_real(root, "train.min_distance");
  t->weights.energy = screen_schema_real(root, "train.weights.energy");
  t->weights.force = screen_schema_real(root, "train.weights.force");
  t->weights.stress = screen_schema_real(root, "train.weights.stress");
  t->weights.scaling = screen_schema_real(root, "train.weights.scaling");
  t->weights.norm = 1e-6;
  t->fit.max_steps = (PetscInt)screen_schema_integer(root, "train.steps");
  t->fit.tolerance = screen_schema_real(root, "train.tolerance");
  t->fit.patience = (PetscInt)screen_schema_integer(root, "train.patience");
  t->mode = (mtp_selection_mode)screen_schema_choice(root, "train.active_set");
}

/* What values cannot mean together. */
static PetscErrorCode check_together(const screen_yaml *root, const screen_train *t,
                                     screen_notes *notes)
{
  static const char *const of_start[] = {"train.radial_size", "train.cutoff", "train.min_distance",
                                         "train.starts", "train.seed"};
  const screen_yaml *node = screen_schema_node(root, "train.min_distance");

  PetscFunctionBegin;
  if (node && t->min_distance >= t->cutoff)
    PetscCall(screen_notes_add(notes, node->line, node->column, node->path,
                               "got '%s', wanted less than the cutoff, %g A", node->text,
                               (double)t->cutoff));
  for (int k = 0; k < 5 && screen_schema_node(root, "train.start"); k++) {
    node = screen_schema_node(root, of_start[k]);
    if (node)
      PetscCall(screen_notes_add(notes, node->key_line, node->key_column, node->path,
                                 "got it beside `start`, wanted one of them: a fit goes on once "
                                 "from a potential, which keeps what it was made with"));
  }
  node = screen_schema_node(root, "train");
  if (t->data.nfile == 0 && t->loop.seeds == 0)
    PetscCall(screen_notes_add(notes, node->key_line, node->key_column, "train.data",
                               "got neither it nor `active_learning.seeds`, wanted a file name or "
                               "a list of them"));
  node = screen_schema_node(root, "train.patience");
  if (node && t->fit.patience > 0 && t->validation.nfile == 0)
    PetscCall(screen_notes_add(notes, node->line, node->column, node->path,
                               "got '%s' without `validation`, wanted both", node->text));
  PetscFunctionReturn(0);
}

static PetscErrorCode take_all(const screen_yaml *root, const char *path, screen_train *t,
                               screen_notes *notes)
{
  const screen_yaml *start = screen_schema_node(root, "train.start");
  char file[80];

  PetscFunctionBegin;
  PetscCall(PetscStrncpy(t->name, screen_schema_text(root, "train.name"), sizeof(t->name)));
  snprintf(file, sizeof(file), "%s.almtp", t->name);
  PetscCall(PetscStrallocpy(path, &t->file));
  PetscCall(screen_yaml_beside(path, file, &t->out));
  take_species(root, &t->species);
  take_numbers(root, t);
  PetscCall(take_files(root, "train.data", path, &t->data));
  PetscCall(take_files(root, "train.validation", path, &t->validation));
  if (start) PetscCall(screen_yaml_beside(path, start->text, &t->start));
  t->raised = (PetscBool)(start && screen_schema_node(root, "train.level"));
  PetscCall(screen_learn_take(root, path, t, notes));
  PetscCall(check_together(root, t, notes));
  PetscFunctionReturn(0);
}

static PetscInt worst_type(const mtp_config *c)
{
  PetscInt worst = 0;

  for (PetscInt i = 0; i < c->n; i++) worst = PetscMax(worst, c->type[i]);
  return worst;
}

/* Types as a potential without labels of its own has them; one message a file. */
static PetscErrorCode check_types(const screen_train *t, const char *file,
                                  const mtp_config_list *list, mtp_diag *diag)
{
  PetscInt first = -1, others = -1;

  PetscFunctionBegin;
  for (PetscInt c = 0; c < list->n; c++) {
    if (worst_type(&list->config[c]) < t->species.n) continue;
    if (first < 0) first = c;
    others++;
  }
  if (first >= 0)
    PetscCall(mtp_diag_add(
        diag, NULL, 0, 0,
        "%s: configuration %" PetscInt_FMT " and %" PetscInt_FMT " others: got type %" PetscInt_FMT
        ", wanted 0 to %" PetscInt_FMT ", one for each of train.species",
        file, first + 1, others, worst_type(&list->config[first]), t->species.n - 1));
  PetscFunctionReturn(0);
}

static PetscErrorCode read_file(const screen_train *t, screen_train_set *set, PetscInt k,
                                mtp_diag *diag)
{
  PetscFunctionBegin;
  PetscCall(screen_config_read(set->file[k], &t->species, &set->list[k], diag));
  PetscCall(check_types(t, set->file[k], &set->list[k], diag));
  for (PetscInt c = 0; c < set->list[k].n; c++) set->natom += set->list[k].config[c].n;
  set->nconfig += set->list[k].n;
  PetscFunctionReturn(0);
}

static PetscErrorCode read_set(const screen_train *t, screen_train_set *set, mtp_diag *diag)
{
  PetscFunctionBegin;
  for (PetscInt k = 0; k < set->nfile; k++) PetscCall(read_file(t, set, k, diag));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_train_read(const char *path, screen_train *train, mtp_diag *diag)
{
  screen_notes notes = {.file = path};
  screen_yaml *root = NULL;

  PetscFunctionBegin;
  *train = (screen_train){0};
  PetscCall(screen_yaml_read(PETSC_FALSE, &root, &notes));
  if (root) PetscCall(screen_schema_check_only(root, "train", &notes));
  if (root && notes.n == 0 && !screen_yaml_get(root, "train"))
    PetscCall(screen_notes_add(&notes, 0, 0, NULL, "got no `train`, wanted train: { ... }"));
  if (root && notes.n == 0) PetscCall(take_all(root, path, train, &notes));
  PetscCall(screen_notes_report(&notes, diag));
  if (notes.n == 0) {
    PetscCall(read_set(train, &train->data, diag));
    PetscCall(read_set(train, &train->validation, diag));
    PetscCall(screen_learn_check(train, diag));
  }
  PetscCall(screen_notes_clear(&notes));
  PetscCall(screen_yaml_destroy(&root));
  PetscFunctionReturn(0);
}

static PetscErrorCode clear_set(screen_train_set *set)
{
  PetscFunctionBegin;
  for (PetscInt k = 0; k < set->nfile; k++) {
    PetscCall(PetscFree(set->file[k]));
    PetscCall(mtp_config_list_clear(&set->list[k]));
  }
  PetscCall(PetscFree2(set->file, set->list));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_train_clear(screen_train *train)
{
  PetscFunctionBegin;
  PetscCall(clear_set(&train->data));
  PetscCall(clear_set(&train->validation));
  PetscCall(PetscFree(train->file));
  PetscCall(PetscFree(train->out));
  PetscCall(PetscFree(train->start));
  PetscCall(PetscFree(train->loop.campaign));
  PetscCall(PetscFree(train->loop.folder));
  PetscCall(screen_oracle_clear(&train->loop.oracle));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_train_add(screen_train *train, const char *path, mtp_diag *diag)
{
  screen_train_set *set = &train->data;
  const PetscInt k = set->nfile;

  PetscFunctionBegin;
  PetscCheck(k < set->room, PETSC_COMM_SELF, PETSC_ERR_PLIB, "No room for another file");
  PetscCall(PetscStrallocpy(path, &set->file[k]));
  set->nfile = k + 1;
  PetscCall(read_file(train, set, k, diag));
  PetscFunctionReturn(0);
}

static PetscReal nearest_of(const mtp_neighbors *nb)
{
  PetscReal least = PETSC_MAX_REAL;

  for (PetscInt i = 0; i < nb->nlocal; i++) {
    for (PetscInt k = nb->first[i]; k < nb->first[i + 1]; k++) {
      const PetscReal *a = nb->x + 3 * i, *b = nb->x + 3 * nb->index[k];

      least =
          PetscMin(least, PetscSqr(a[0] - b[0]) + PetscSqr(a[1] - b[1]) + PetscSqr(a[2] - b[2]));
    }
  }
  return PetscSqrtReal(least);
}

PetscErrorCode screen_train_closest(const mtp_config *config, PetscReal reach, PetscReal *nearest)
{
  mtp_neighbors nb = {0};

  PetscFunctionBegin;
  PetscCall(mtp_neighbors_build(config->n, config->x, config->type,
                                (const PetscReal(*)[3])config->h, config->nlattice, reach, 0.0,
                                &nb));
  *nearest = PetscMin(reach, nearest_of(&nb));
  PetscCall(mtp_neighbors_clear(&nb));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_train_nearest(const screen_train_set *set, PetscReal reach,
                                    PetscReal *nearest)
{
  PetscFunctionBegin;
  *nearest = reach;
  for (PetscInt k = 0; k < set->nfile; k++) {
    for (PetscInt c = 0; c < set->list[k].n; c++)
      PetscCall(screen_train_closest(&set->list[k].config[c], *nearest, nearest));
  }
  PetscFunctionReturn(0);
}
