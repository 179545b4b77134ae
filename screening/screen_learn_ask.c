/* screening/screen_learn_ask.c - which frames of a campaign are worth a label */
#include "screening/screen_learn.h"

#include "mtp/mtp_grade.h"
#include "mtp/mtp_select.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Frames and the potential that met them. */
typedef struct {
  const screen_train *train;
  const char *file; /* of the potential */
  mtp_potential *pot;
  mtp_selection *sel;
  mtp_config_list frames;
  PetscReal *grade; /* [frames.n] */
} asking;

static PetscErrorCode read_frames(asking *a, const char *directory, const char *name,
                                  mtp_diag *diag)
{
  mtp_config_list list = {0};
  char path[PETSC_MAX_PATH_LEN];

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(path, sizeof(path), "%s/%s", directory, name));
  if (access(path, F_OK)) PetscFunctionReturn(0);
  PetscCall(screen_config_read(path, &a->train->species, &list, diag));
  for (PetscInt c = 0; c < list.n; c++)
    PetscCall(mtp_config_list_take(&a->frames, &list.config[c]));
  PetscCall(mtp_config_list_clear(&list));
  PetscFunctionReturn(0);
}

/* Frames in which atoms are closer than anything to be learned are left out. */
static PetscErrorCode drop_near(asking *a, screen_learn_found *found)
{
  mtp_config_list *frames = &a->frames;
  mtp_potential_info info;
  PetscReal least = a->train->loop.nearest;
  PetscInt kept = 0;

  PetscFunctionBegin;
  PetscCall(mtp_potential_get_info(a->pot, &info));
  if (least == 0.0) least = 0.75 * info.min_dist;
  found->nearest = least;
  found->frames = frames->n;
  for (PetscInt c = 0; c < frames->n; c++) {
    PetscReal nearest;

    PetscCall(screen_train_closest(&frames->config[c], least, &nearest));
    if (nearest < least)
      PetscCall(mtp_config_clear(&frames->config[c]));
    else
      frames->config[kept++] = frames->config[c];
  }
  found->near = frames->n - kept;
  frames->n = kept;
  PetscFunctionReturn(0);
}

static PetscErrorCode grade_frames(asking *a, screen_learn_found *found, mtp_diag *diag)
{
  mtp_neighbors nb = {0};

  PetscFunctionBegin;
  PetscCall(PetscCalloc1(a->frames.n, &a->grade));
  for (PetscInt c = 0; c < a->frames.n; c++) {
    PetscCall(
        mtp_grade_config(a->pot, a->sel, a->file, &nb, &a->frames.config[c], &a->grade[c], diag));
    found->grade = PetscMax(found->grade, a->grade[c]);
  }
  PetscCall(mtp_neighbors_clear(&nb));
  PetscFunctionReturn(0);
}

/* The frames that own a row of the active set once all were offered. */
static PetscErrorCode select_frames(asking *a, PetscBool selected[], mtp_diag *diag)
{
  const mtp_config_list *const list[1] = {&a->frames};
  const char *const name[1] = {a->file};
  PetscBool *const flags[1] = {selected};
  mtp_select_request request = {.start = a->sel, .nlist = 1, .list = list, .name = name};
  mtp_selection_info info;
  mtp_selection *sel = NULL;
  mtp_select_report report;

  PetscFunctionBegin;
  PetscCall(mtp_selection_get_info(a->sel, &info));
  request.weights = info.weights;
  PetscCall(mtp_select(a->pot, &request, &sel, flags, &report, diag));
  PetscCall(mtp_selection_destroy(&sel));
  PetscFunctionReturn(0);
}

/* Number of selected frames with a larger grade than frame c, earlier ones first among equals. */
static PetscInt rank_of(const asking *a, const PetscBool selected[], PetscInt c)
{
  PetscInt before = 0;

  for (PetscInt k = 0; k < a->frames.n; k++) {
    if (selected[k] && (a->grade[k] > a->grade[c] || (a->grade[k] == a->grade[c] && k < c)))
      before++;
  }
  return before;
}

void screen_learn_id(const screen_train *train, PetscInt round, PetscInt number, char id[128])
{
  char last[32] = "";

  if (number > 0) snprintf(last, sizeof(last), "%" PetscInt_FMT, number);
  if (round < 0)
    snprintf(id, 128, "%s-seed-%s", train->name, last);
  else
    snprintf(id, 128, "%s-%" PetscInt_FMT "-%s", train->name, round, last);
}

/* One question: what stands in files of labels beside energy, forces and stress. */
static PetscErrorCode put_question(const asking *a, PetscInt c, PetscInt round,
                                   mtp_config_list *ask)
{
  mtp_config *to = &ask->config[ask->n];
  char text[128];

  PetscFunctionBegin;
  PetscCall(mtp_config_copy(&a->frames.config[c], to));
  PetscCall(PetscFree(to->nbh_grade));
  PetscCall(PetscFree(to->element));
  screen_learn_id(a->train, round, ask->n + 1, text);
  PetscCall(mtp_config_set_feature(to, "ID", text));
  snprintf(text, sizeof(text), "%.3f", (double)a->grade[c]);
  PetscCall(mtp_config_set_feature(to, "MV_grade", text));
  ask->n++;
  PetscFunctionReturn(0);
}

static PetscErrorCode choose(asking *a, PetscInt round, mtp_config_list *ask,
                             screen_learn_found *found, mtp_diag *diag)
{
  PetscBool *selected;

  PetscFunctionBegin;
  PetscCall(PetscCalloc1(a->frames.n, &selected));
  PetscCall(select_frames(a, selected, diag));
  for (PetscInt c = 0; c < a->frames.n; c++) found->selected += selected[c] ? 1 : 0;
  PetscCall(PetscCalloc1(found->selected, &ask->config));
  ask->capacity = found->selected;
  for (PetscInt c = 0; c < a->frames.n && diag->n == 0; c++) {
    if (selected[c] && rank_of(a, selected, c) < a->train->loop.labels)
      PetscCall(put_question(a, c, round, ask));
  }
  PetscCall(PetscFree(selected));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_learn_ask(const screen_train *train, const char *potential,
                                const char *directory, PetscInt round, mtp_config_list *ask,
                                screen_learn_found *found, mtp_diag *diag)
{
  asking a = {.train = train, .file = potential};

  PetscFunctionBegin;
  *found = (screen_learn_found){0};
  PetscCall(screen_potential_read(potential, &train->species, &a.pot, diag));
  if (a.pot) PetscCall(mtp_selection_parse(a.pot, potential, &a.sel, diag));
  PetscCall(read_frames(&a, directory, "ended.xyz", diag));
  PetscCall(read_frames(&a, directory, "extrapolating.xyz", diag));
  if (diag->n == 0) PetscCall(drop_near(&a, found));
  if (diag->n == 0) PetscCall(grade_frames(&a, found, diag));
  if (diag->n == 0 && a.frames.n > 0) PetscCall(choose(&a, round, ask, found, diag));
  PetscCall(PetscFree(a.grade));
  PetscCall(mtp_config_list_clear(&a.frames));
  PetscCall(mtp_selection_destroy(&a.sel));
  PetscCall(mtp_potential_destroy(&a.pot));
  PetscFunctionReturn(0);
}
