/* screening/screen_novel.c */
#include "screening/screen_novel.h"

#include <string.h>

#define APART 1000.0 /* [fs] of which the worst configuration is kept */

/* The frame that a configuration of this step and grade replaces, n for a new one; -1: it is not
   kept. */
static PetscInt place_of(const screen_novel *novel, int64_t apart, int64_t step, double grade)
{
  const screen_novel_frame *f = novel->frame;
  PetscInt least = 0;

  if (novel->n > 0 && f[novel->n - 1].step / apart == step / apart)
    return grade > f[novel->n - 1].grade ? novel->n - 1 : -1;
  if (novel->n < SCREEN_NOVEL) return novel->n;
  for (PetscInt k = 1; k < novel->n; k++) {
    if (f[k].grade < f[least].grade) least = k;
  }
  return grade > f[least].grade ? least : -1;
}

/* Makes the frame the last one, so that steps ascend; its positions are room for new ones. */
static screen_novel_frame *move_last(screen_novel *novel, PetscInt place)
{
  screen_novel_frame moved;

  if (place == novel->n) {
    novel->frame[novel->n++] = (screen_novel_frame){.x = NULL};
    return &novel->frame[place];
  }
  moved = novel->frame[place];
  for (PetscInt k = place; k + 1 < novel->n; k++) novel->frame[k] = novel->frame[k + 1];
  novel->frame[novel->n - 1] = moved;
  return &novel->frame[novel->n - 1];
}

static PetscErrorCode fill(const md_sample *sample, const md_atoms *atoms,
                           screen_novel_frame *frame)
{
  PetscFunctionBegin;
  frame->step = sample->step;
  frame->grade = sample->grade;
  memcpy(frame->h, sample->atoms->h, sizeof(frame->h));
  if (!atoms) PetscFunctionReturn(0);
  if (!frame->x) PetscCall(PetscMalloc1(3 * (size_t)atoms->n, &frame->x));
  PetscCall(PetscArraycpy(frame->x, atoms->x, 3 * (size_t)atoms->n));
  PetscFunctionReturn(0);
}

/* All ranks know the grade of the step and the grades of what is kept, and decide alike. */
static PetscErrorCode see_grade(const md_sample *sample, void *context)
{
  screen_novel *novel = (screen_novel *)context;
  const PetscReal steps = APART / md_run_protocol(sample->run)->dt;
  PetscInt place;
  md_atoms storage;
  const md_atoms *atoms;

  PetscFunctionBegin;
  if (!(sample->grade > novel->limit)) PetscFunctionReturn(0);
  place = place_of(novel, PetscMax(1, (int64_t)(steps + 0.5)), sample->step, sample->grade);
  if (place < 0) PetscFunctionReturn(0);
  PetscCall(md_sample_atoms(sample, &storage, &atoms));
  PetscCall(fill(sample, atoms, move_last(novel, place)));
  PetscCall(md_atoms_clear(&storage));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_novel_observe(screen_novel *novel, PetscInt period, PetscReal limit,
                                    md_run *run)
{
  PetscFunctionBegin;
  if (period == 0) PetscFunctionReturn(0);
  novel->limit = limit;
  PetscCall(md_run_observe_with(run, period, 0, see_grade, novel));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_novel_share(MPI_Comm comm, screen_novel *novel)
{
  double head[1 + 2 * SCREEN_NOVEL] = {(double)novel->n};

  PetscFunctionBegin;
  for (PetscInt k = 0; k < novel->n; k++) {
    head[1 + 2 * k] = (double)novel->frame[k].step;
    head[2 + 2 * k] = novel->frame[k].grade;
  }
  PetscCallMPI(MPI_Bcast(head, 1 + 2 * SCREEN_NOVEL, MPI_DOUBLE, 0, comm));
  novel->n = (PetscInt)head[0];
  for (PetscInt k = 0; k < novel->n; k++) {
    novel->frame[k].step = (int64_t)head[1 + 2 * k];
    novel->frame[k].grade = head[2 + 2 * k];
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_novel_save(const screen_novel *novel, PetscInt natoms, md_blob *blob)
{
  const int64_t n = novel->n;

  PetscFunctionBegin;
  PetscCall(md_blob_put(blob, &n, sizeof(n)));
  for (PetscInt k = 0; k < novel->n; k++) {
    const screen_novel_frame *f = &novel->frame[k];

    PetscCall(md_blob_put(blob, &f->step, sizeof(f->step)));
    PetscCall(md_blob_put(blob, &f->grade, sizeof(f->grade)));
    PetscCall(md_blob_put(blob, f->h, sizeof(f->h)));
    PetscCall(md_blob_put(blob, f->x, 3 * (size_t)natoms * sizeof(PetscReal)));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_novel_load(PetscInt natoms, md_blob *blob, screen_novel *novel)
{
  int64_t n;

  PetscFunctionBegin;
  PetscCall(md_blob_get(blob, &n, sizeof(n)));
  PetscCheck(n >= 0 && n <= SCREEN_NOVEL, PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
             "Saved state keeps %lld configurations, wanted 0..%d", (long long)n,
             (int)SCREEN_NOVEL);
  while (novel->n < n) {
    screen_novel_frame *f = &novel->frame[novel->n++];

    PetscCall(PetscMalloc1(3 * (size_t)natoms, &f->x));
    PetscCall(md_blob_get(blob, &f->step, sizeof(f->step)));
    PetscCall(md_blob_get(blob, &f->grade, sizeof(f->grade)));
    PetscCall(md_blob_get(blob, f->h, sizeof(f->h)));
    PetscCall(md_blob_get(blob, f->x, 3 * (size_t)natoms * sizeof(PetscReal)));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_novel_clear(screen_novel *novel)
{
  PetscFunctionBegin;
  for (PetscInt k = 0; k < novel->n; k++) PetscCall(PetscFree(novel->frame[k].x));
  *novel = (screen_novel){.n = 0};
  PetscFunctionReturn(0);
}
