/* md/md_run.c - the loop: move, look for trouble, let observers see */
#include "md/md_run_impl.h"

static PetscErrorCode (*const step_of[MD_NENSEMBLE])(md_run *run) = {
    [MD_NVE] = md__step_nve,
    [MD_NVT_LANGEVIN] = md__step_langevin,
    [MD_NVT_BUSSI] = md__step_bussi,
    [MD_NPT_SCR] = md__step_scr,
    [MD_NVT_NHC] = md__step_nhc,
    [MD_NPT_MTK] = md__step_mtk,
    [MD_NPT_SCR_LANGEVIN] = md__step_scr};

static PetscErrorCode move(md_run *run, const md__events *event)
{
  PetscFunctionBegin;
  PetscCall(PetscLogEventBegin(event->integrate, NULL, NULL, NULL, NULL));
  run->step++;
  PetscCall(step_of[run->protocol.ensemble](run));
  if (run->reason == MD_RUNNING) PetscCall(md__rnemd(run));
  PetscCall(PetscLogEventEnd(event->integrate, NULL, NULL, NULL, NULL));
  PetscFunctionReturn(0);
}

static PetscErrorCode watch(const md_run *run, const md__events *event)
{
  md_sample sample = {.step = -1};

  PetscFunctionBegin;
  PetscCall(PetscLogEventBegin(event->observe, NULL, NULL, NULL, NULL));
  for (PetscInt i = 0; i < run->nwatcher; i++) {
    const md__watcher *w = &run->watcher[i];

    if (run->step % w->every != 0) continue;
    if (sample.step < 0) PetscCall(md_run_sample(run, &sample));
    PetscCall(w->observe(&sample, w->context));
  }
  PetscCall(PetscLogEventEnd(event->observe, NULL, NULL, NULL, NULL));
  PetscFunctionReturn(0);
}

PetscErrorCode md_run_advance(md_run *run, PetscInt64 nsteps, md_reason *reason, char detail[160])
{
  const md__events *event;

  PetscFunctionBegin;
  PetscCheck(run->started, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONGSTATE,
             "A run must be started or loaded before it can advance");
  PetscCall(md__events_get(&event));
  run->end = nsteps < INT64_MAX - run->step ? run->step + nsteps : INT64_MAX;
  while (run->step < run->end && run->reason == MD_RUNNING) {
    PetscCall(move(run, event));
    PetscCall(md__guard(run));
    if (run->reason == MD_RUNNING) PetscCall(watch(run, event));
  }
  PetscCall(md__complete(run));
  *reason = run->reason;
  if (detail) PetscCall(PetscStrncpy(detail, run->detail, sizeof(run->detail)));
  PetscFunctionReturn(0);
}
