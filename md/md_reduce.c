/* md/md_reduce.c - what the ranks of a run must know of each other: sums, and why it ends
 *
 * The only calls of MPI in the loop besides those of the halo.  With one rank every function is the
 * plain sum over its atoms.
 */
#include "md/md_run_impl.h"
#include "md/md_units.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

/* The one reduction of the loop, in the log under its own event. */
static PetscErrorCode reduce(const md_run *run, PetscMPIInt n, void *a, MPI_Datatype type,
                             MPI_Op op)
{
  const md__events *event;

  PetscFunctionBegin;
  PetscCall(md__events_get(&event));
  PetscCall(PetscLogEventBegin(event->talk, NULL, NULL, NULL, NULL));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, a, n, type, op, run->comm));
  PetscCall(PetscLogEventEnd(event->talk, NULL, NULL, NULL, NULL));
  PetscFunctionReturn(0);
}

PetscErrorCode md__sum(const md_run *run, PetscMPIInt n, PetscReal a[])
{
  PetscFunctionBegin;
  if (run->size > 1) PetscCall(reduce(run, n, a, MPIU_REAL, MPI_SUM));
  PetscFunctionReturn(0);
}

PetscErrorCode md__max(const md_run *run, PetscMPIInt n, PetscReal a[])
{
  PetscFunctionBegin;
  if (run->size > 1) PetscCall(reduce(run, n, a, MPIU_REAL, MPI_MAX));
  PetscFunctionReturn(0);
}

PetscErrorCode md__gather(const md_run *run, PetscMPIInt n, const PetscReal mine[], PetscReal all[])
{
  PetscFunctionBegin;
  if (run->size > 1) {
    PetscCallMPI(MPI_Allgather(mine, n, MPIU_REAL, all, n, MPIU_REAL, run->comm));
  } else {
    PetscCall(PetscArraycpy(all, mine, n));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode md__kinetic(const md_run *run, PetscReal *kinetic)
{
  PetscFunctionBegin;
  *kinetic = md_atoms_kinetic(&run->atoms);
  PetscCall(md__sum(run, 1, kinetic));
  PetscFunctionReturn(0);
}

PetscErrorCode md__kinetic_tensor(const md_run *run, PetscReal k[9])
{
  PetscFunctionBegin;
  md_atoms_kinetic_tensor(&run->atoms, k);
  PetscCall(md__sum(run, 9, k));
  PetscFunctionReturn(0);
}

PetscErrorCode md__stop_drift(md_run *run)
{
  md_atoms *atoms = &run->atoms;
  PetscReal p[3] = {0.0, 0.0, 0.0};

  PetscFunctionBegin;
  for (PetscInt i = 0; i < atoms->n; i++) {
    for (int a = 0; a < 3; a++) p[a] += atoms->mass[atoms->type[i]] * atoms->v[3 * (size_t)i + a];
  }
  PetscCall(md__sum(run, 3, p));
  for (PetscInt i = 0; i < atoms->n; i++) {
    for (int a = 0; a < 3; a++) atoms->v[3 * (size_t)i + a] -= p[a] / run->total_mass;
  }
  PetscFunctionReturn(0);
}

PetscInt md__degrees(const md_run *run)
{
  return run->total > 1 ? 3 * run->total - 3 : 3;
}

PetscReal md__temperature(const md_run *run, PetscReal kinetic)
{
  return 2.0 * kinetic / ((PetscReal)md__degrees(run) * MD_BOLTZMANN);
}

PetscErrorCode md__gather_result(md_run *run)
{
  PetscReal sum[10];

  PetscFunctionBegin;
  if (run->size == 1 || run->result.skip == (MTP_SKIP_ENERGY | MTP_SKIP_VIRIAL))
    PetscFunctionReturn(0);
  sum[9] = run->result.energy;
  for (int ab = 0; ab < 9; ab++) sum[ab] = run->result.virial[ab];
  PetscCall(md__sum(run, 10, sum));
  run->result.energy = sum[9];
  for (int ab = 0; ab < 9; ab++) run->result.virial[ab] = sum[ab];
  PetscFunctionReturn(0);
}

void md__speak(md_run *run, md_reason why, const char *format, ...)
{
  va_list arguments;

  if (run->trouble != MD_RUNNING) return;
  run->trouble = why;
  va_start(arguments, format);
  (void)vsnprintf(run->detail, sizeof(run->detail), format, arguments);
  va_end(arguments);
}

/* What one atom did comes before what all of them did in consequence. */
static PetscMPIInt precedence(md_reason reason)
{
  switch (reason) {
  case MD_NOT_FINITE:
    return 0;
  case MD_EXTRAPOLATING:
    return 1;
  case MD_CLOSE_PAIR:
    return 2;
  case MD_HIGH_FORCE:
    return 3;
  case MD_LOST_ATOM:
    return 4;
  default:
    return 5;
  }
}

/* All take the reason and the words of the rank whose reason comes first. */
static PetscErrorCode spread_reason(md_run *run)
{
  struct {
    int order, rank;
  } first = {run->trouble == MD_RUNNING ? INT_MAX : precedence(run->trouble), run->rank};
  PetscMPIInt reason = (PetscMPIInt)run->trouble;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &first, 1, MPI_2INT, MPI_MINLOC, run->comm));
  PetscCallMPI(MPI_Bcast(&reason, 1, MPI_INT, first.rank, run->comm));
  PetscCallMPI(
      MPI_Bcast(run->detail, (PetscMPIInt)sizeof(run->detail), MPI_CHAR, first.rank, run->comm));
  run->trouble = run->reason = (md_reason)reason;
  PetscFunctionReturn(0);
}

PetscErrorCode md__agree(md_run *run, PetscBool *stale)
{
  PetscMPIInt worst = (stale && *stale) ? 1 : 0;

  PetscFunctionBegin;
  if (run->size == 1) {
    run->reason = run->trouble;
    PetscFunctionReturn(0);
  }
  if (run->trouble != MD_RUNNING) worst = 2;
  PetscCall(reduce(run, 1, &worst, MPI_INT, MPI_MAX));
  if (stale) *stale = worst == 1 ? PETSC_TRUE : PETSC_FALSE;
  if (worst == 2) PetscCall(spread_reason(run));
  PetscFunctionReturn(0);
}
