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

/* The file ----------------------------------------------------------------------------------- */

static PetscBool has_frames(const queue_task *task)
{
  return (PetscBool)(task->state == QUEUE_FAILED && task->has_place &&
                     task->kind == QUEUE_RECORD_FAILED);
}

static PetscErrorCode copy_frames(const queue_tasks *tasks, const char *directory, FILE *out,
                                  PetscBool *any)
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < queue_tasks_count(tasks); i++) {
    const queue_task *task = queue_tasks_get(tasks, i);
    queue_record record;
    void *payload;

    if (!has_frames(task)) continue;
    PetscCall(queue_journal_fetch(directory, task->place, &record, &payload));
    if (record.size > SCREEN_DETAIL) {
      *any = PETSC_TRUE;
      (void)fwrite((const char *)payload + SCREEN_DETAIL, 1, (size_t)record.size - SCREEN_DETAIL,
                   out);
    }
    PetscCall(PetscFree(payload));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_frames_collect(const queue_tasks *tasks, const char *directory)
{
  char target[SCREEN_PATH_MAX], beside[SCREEN_PATH_MAX];
  PetscBool any = PETSC_FALSE;
  PetscErrorCode ierr;
  FILE *out;
  int failed;

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(target, sizeof(target), "%s/ended.xyz", directory));
  PetscCall(PetscSNPrintf(beside, sizeof(beside), "%s/ended.xyz.tmp", directory));
  out = fopen(beside, "we");
  PetscCheck(out, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: %s", beside, strerror(errno));
  ierr = copy_frames(tasks, directory, out, &any);
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
