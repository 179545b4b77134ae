/* screening/screen_frames.c */
#include "screening/screen_frames.h"

#include "mtp/mtp_config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Frames ------------------------------------------------------------------------------------- */

static PetscErrorCode describe(const screen_frame *frame, mtp_config *config)
{
  const struct {
    const char *key, *value;
  } words[] = {{"point", frame->point},
               {"stage", frame->stage},
               {"role", frame->role},
               {"reason", frame->reason},
               {"detail", frame->detail}};
  char number[32];

  PetscFunctionBegin;
  for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++) {
    PetscCall(mtp_config_add_feature(config, words[k].key, words[k].value));
  }
  snprintf(number, sizeof(number), "%" PetscInt_FMT, frame->replica);
  PetscCall(mtp_config_add_feature(config, "replica", number));
  snprintf(number, sizeof(number), "%" PetscInt64_FMT, frame->step);
  PetscCall(mtp_config_add_feature(config, "step", number));
  if (frame->grade > 0.0) {
    snprintf(number, sizeof(number), "%.6f", frame->grade);
    PetscCall(mtp_config_add_feature(config, "grade", number));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode fill_config(const screen_frame *frame, const md_atoms *atoms,
                                  mtp_config *config)
{
  PetscFunctionBegin;
  PetscCall(mtp_config_create(atoms->n, config));
  config->nlattice = 3;
  PetscCall(PetscArraycpy(&config->h[0][0], &atoms->h[0][0], 9));
  PetscCall(PetscArraycpy(config->x, atoms->x, 3 * (size_t)atoms->n));
  PetscCall(PetscArraycpy(config->type, atoms->type, atoms->n));
  PetscCall(describe(frame, config));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_frames_put(const screen_frame *frame, const md_atoms *atoms,
                                 const char *const species[], md_blob *out)
{
  mtp_config config = {0};
  char *text = NULL;
  size_t size = 0;
  FILE *stream = open_memstream(&text, &size);
  PetscErrorCode ierr;
  int failed;

  PetscFunctionBegin;
  PetscCheck(stream, PETSC_COMM_SELF, PETSC_ERR_MEM, "No memory for a frame");
  ierr = fill_config(frame, atoms, &config);
  if (!ierr) ierr = mtp_xyz_write(&config, atoms->nspecies, species, stream);
  failed = fclose(stream);
  if (!ierr && !failed) ierr = md_blob_put(out, text, size);
  free(text);
  PetscCall(mtp_config_clear(&config));
  PetscCall(ierr);
  PetscCheck(!failed, PETSC_COMM_SELF, PETSC_ERR_MEM, "No memory for a frame");
  PetscFunctionReturn(0);
}

PetscErrorCode screen_frames_put_novel(const screen_frame *like, const screen_novel *novel,
                                       md_atoms *atoms, const char *const species[], md_blob *out)
{
  screen_frame frame = *like;

  PetscFunctionBegin;
  frame.role = "extrapolating";
  for (PetscInt k = 0; k < novel->n; k++) {
    const screen_novel_frame *f = &novel->frame[k];

    frame.step = f->step;
    frame.grade = f->grade;
    PetscCall(PetscMemcpy(atoms->h, f->h, sizeof(atoms->h)));
    PetscCall(PetscArraycpy(atoms->x, f->x, 3 * (size_t)atoms->n));
    PetscCall(screen_frames_put(&frame, atoms, species, out));
  }
  PetscFunctionReturn(0);
}

/* Files -------------------------------------------------------------------------------------- */

/* Where a guard ended the replica: the frames behind the line of a failure. */
static PetscErrorCode ended_frames(const screen_frames_source *source, const queue_task *task,
                                   md_blob *frames)
{
  queue_record record;
  void *payload;
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  if (task->state != QUEUE_FAILED || task->kind != QUEUE_RECORD_FAILED) PetscFunctionReturn(0);
  PetscCall(queue_journal_fetch(source->directory, task->place, &record, &payload));
  if (record.size > SCREEN_DETAIL)
    ierr = md_blob_put(frames, (const char *)payload + SCREEN_DETAIL,
                       (size_t)record.size - SCREEN_DETAIL);
  PetscCall(PetscFree(payload));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* Of a state the frames that it keeps. */
static PetscErrorCode put_state(const screen_frames_source *source, const queue_task *task,
                                screen_job_state *state, md_blob *frames)
{
  const screen_campaign *c = source->campaign;
  const screen_frame like = {.point = screen_grid_point(source->grid, &task->spec)->name,
                             .stage = screen_stage_name(state->stage),
                             .reason = md_reason_text(MD_EXTRAPOLATING),
                             .detail = "above potential.extrapolation.save",
                             .replica = task->spec.replica};
  const char **names;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(c->nspecies, &names));
  for (PetscInt s = 0; s < c->nspecies; s++) names[s] = c->species[s];
  ierr = screen_frames_put_novel(&like, &state->novel, &state->atoms, names, frames);
  PetscCall(PetscFree(names));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* Whether states of the campaign can keep any. */
static PetscBool is_watched(const screen_campaign *c)
{
  PetscBool any = c->has_active_set;

  for (PetscInt m = 0; m < c->nmember; m++) any = (PetscBool)(any || c->member[m].has_active_set);
  return (PetscBool)(any && c->grade_save > 0.0);
}

static PetscErrorCode novel_frames(const screen_frames_source *source, const queue_task *task,
                                   md_blob *frames)
{
  const screen_stage stage = screen_grid_stage(source->campaign, task->spec.stage);
  screen_job_state state = {0};
  md_blob blob = {0};
  queue_record record;
  void *payload;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  if (task->kind != QUEUE_RECORD_SEGMENT || stage == SCREEN_EQUILIBRATION) PetscFunctionReturn(0);
  if (!is_watched(source->campaign)) PetscFunctionReturn(0);
  if (source->novel && !source->novel[task->spec.point]) PetscFunctionReturn(0);
  PetscCall(queue_journal_fetch(source->directory, task->place, &record, &payload));
  md_blob_view(&blob, payload, (size_t)record.size);
  ierr = screen_job_state_read_front(source->campaign, screen_grid_point(source->grid, &task->spec),
                                     &blob, &state);
  if (!ierr) ierr = put_state(source, task, &state, frames);
  PetscCall(screen_job_state_clear(&state));
  PetscCall(PetscFree(payload));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

typedef PetscErrorCode (*frames_of)(const screen_frames_source *source, const queue_task *task,
                                    md_blob *frames);

static PetscErrorCode copy_frames(const screen_frames_source *source, frames_of take, FILE *out,
                                  PetscBool *any)
{
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < queue_tasks_count(source->tasks) && !ierr; i++) {
    const queue_task *task = queue_tasks_get(source->tasks, i);
    md_blob frames = {0};

    if (!task->has_place) continue;
    ierr = take(source, task, &frames);
    if (!ierr && frames.size > 0) {
      *any = PETSC_TRUE;
      (void)fwrite(frames.data, 1, frames.size, out);
    }
    PetscCall(md_blob_clear(&frames));
  }
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* Beside, then renamed; without frames there is none. */
static PetscErrorCode make_file(const screen_frames_source *source, const char *name,
                                frames_of take)
{
  char target[SCREEN_PATH_MAX], beside[SCREEN_PATH_MAX];
  PetscBool any = PETSC_FALSE;
  PetscErrorCode ierr;
  FILE *out;
  int failed;

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(target, sizeof(target), "%s/%s", source->directory, name));
  PetscCall(PetscSNPrintf(beside, sizeof(beside), "%s/%s.tmp", source->directory, name));
  out = fopen(beside, "we");
  PetscCheck(out, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: %s", beside, strerror(errno));
  ierr = copy_frames(source, take, out, &any);
  failed = ferror(out);
  failed |= fclose(out);
  if (!ierr && !failed && any) failed = rename(beside, target);
  if (ierr || failed || !any) (void)unlink(beside);
  if (!any) (void)unlink(target);
  PetscCall(ierr);
  PetscCheck(!failed, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: cannot be written: %s", target,
             strerror(errno));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_frames_collect(const screen_frames_source *source)
{
  PetscFunctionBegin;
  PetscCall(make_file(source, "ended.xyz", ended_frames));
  PetscCall(make_file(source, "extrapolating.xyz", novel_frames));
  PetscFunctionReturn(0);
}
