/* screening/screen_learn_file.c - what `active_learning` asks for, and the campaign that it names
 */
#include "screening/screen_learn.h"
#include "screening/screen_schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static PetscErrorCode take_paths(const screen_yaml *root, const char *path, screen_train *t)
{
  const screen_yaml *campaign = screen_schema_node(root, "train.active_learning.campaign");
  char folder[80];

  PetscFunctionBegin;
  snprintf(folder, sizeof(folder), "%s.learn", t->name);
  PetscCall(screen_yaml_beside(path, folder, &t->loop.folder));
  if (campaign) PetscCall(screen_yaml_beside(path, campaign->text, &t->loop.campaign));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_learn_take(const screen_yaml *root, const char *path, screen_train *train,
                                 screen_notes *notes)
{
  const screen_yaml *node = screen_schema_node(root, "train.active_learning");
  screen_train_loop *loop = &train->loop;

  PetscFunctionBegin;
  if (!node) PetscFunctionReturn(0);
  loop->wanted = PETSC_TRUE;
  loop->rounds = (PetscInt)screen_schema_integer(root, "train.active_learning.rounds");
  loop->seeds = (PetscInt)screen_schema_integer(root, "train.active_learning.seeds");
  loop->labels = (PetscInt)screen_schema_integer(root, "train.active_learning.labels");
  loop->ranks = (PetscInt)screen_schema_integer(root, "train.active_learning.ranks");
  loop->nearest = screen_schema_real(root, "train.active_learning.min_distance");
  PetscCall(take_paths(root, path, train));
  PetscCall(screen_oracle_read(root, path, &loop->oracle, notes));
  node = screen_schema_node(root, "train.active_set");
  if (train->mode == MTP_SELECTION_OTHER && node)
    PetscCall(screen_notes_add(notes, node->line, node->column, node->path,
                               "got '%s' beside `active_learning`, wanted neighbourhood or "
                               "configuration: grades say what is new",
                               node->text));
  PetscFunctionReturn(0);
}

/* The folder of a file that need not be there yet, without links. */
static char *folder_of(const char *path, char real[PATH_MAX])
{
  char folder[PATH_MAX];
  const char *slash = strrchr(path, '/');

  snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
  return realpath(folder, real);
}

static const char *name_of(const char *path)
{
  const char *slash = strrchr(path, '/');

  return slash ? slash + 1 : path;
}

static PetscBool same_place(const char *a, const char *b)
{
  char one[PATH_MAX], other[PATH_MAX];

  return (PetscBool)(folder_of(a, one) && folder_of(b, other) && !strcmp(one, other) &&
                     !strcmp(name_of(a), name_of(b)));
}

static PetscErrorCode check_potential(const screen_train *t, const screen_yaml *campaign,
                                      screen_notes *notes)
{
  const screen_yaml *node = screen_schema_node(campaign, "potential.file");
  char *file = NULL;
  PetscBool same = PETSC_FALSE;

  PetscFunctionBegin;
  if (node && node->text) {
    PetscCall(screen_yaml_beside(t->loop.campaign, node->text, &file));
    same = same_place(file, t->out);
  }
  if (!same)
    PetscCall(screen_notes_add(notes, node ? node->line : 0, node ? node->column : 0,
                               "potential.file", "got %s, wanted what the fit writes, %s",
                               file ? file : "no single file", t->out));
  PetscCall(PetscFree(file));
  PetscFunctionReturn(0);
}

static PetscErrorCode check_species(const screen_train *t, const screen_yaml *campaign,
                                    screen_notes *notes)
{
  const screen_yaml *node = screen_schema_node(campaign, "potential.species");
  PetscBool same = (PetscBool)(node && node->n == t->species.n);

  PetscFunctionBegin;
  for (PetscInt s = 0; same && s < node->n; s++)
    same = (PetscBool)(node->child[s]->text && !strcmp(node->child[s]->text, t->species.name[s]));
  if (node && !same)
    PetscCall(screen_notes_add(notes, node->line, node->column, node->path,
                               "got other elements or another order, wanted those of "
                               "`train.species`"));
  PetscFunctionReturn(0);
}

static PetscErrorCode check_campaign(const screen_train *t, mtp_diag *diag)
{
  screen_notes notes = {.file = t->loop.campaign};
  screen_yaml *campaign = NULL;

  PetscFunctionBegin;
  PetscCall(screen_yaml_read(PETSC_FALSE, &campaign, &notes));
  if (campaign) PetscCall(check_potential(t, campaign, &notes));
  if (campaign) PetscCall(check_species(t, campaign, &notes));
  PetscCall(screen_notes_report(&notes, diag));
  PetscCall(screen_notes_clear(&notes));
  PetscCall(screen_yaml_destroy(&campaign));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_learn_check(const screen_train *train, mtp_diag *diag)
{
  PetscFunctionBegin;
  if (train->loop.wanted) PetscCall(check_campaign(train, diag));
  PetscFunctionReturn(0);
}
