/* md/md_integrate.c - the moves that all ensembles are made of: kick, drift, forces
 *
 * The neighbour list is built with a skin and kept until mtp_neighbors_stale() says that a pair
 * might have been missed.  When it is built depends on the trajectory alone, never on who looks,
 * and the positions of the list are always those of mtp_neighbors_update(), also just after a
 * build: so a list rebuilt from a checkpoint's reference gives the same numbers in the same order.
 */
#include "md/md_run_impl.h"

#include "md/md_halo.h"

/* [Å] Positions beyond this are lost whatever the guard says: lattice translations must stay far
   from the limits of PetscInt, and 1 mm is no place for an atom of a liquid. */
#define FAR_AWAY 1e7

PetscReal md__trace(const PetscReal a[9])
{
  return a[0] + a[4] + a[8];
}

PetscReal md__skin(PetscReal cutoff)
{
  return PetscMin(1.0, 0.25 * cutoff);
}

PetscBool md__has_barostat(md_ensemble ensemble)
{
  return (PetscBool)(ensemble == MD_NPT_SCR || ensemble == MD_NPT_MTK ||
                     ensemble == MD_NPT_SCR_LANGEVIN);
}

PetscReal md_protocol_temperature(const md_protocol *protocol, PetscInt64 step)
{
  md_knot from = {.step = 0, .temperature = protocol->temperature};

  for (PetscInt k = 0; k < protocol->nknot; k++) {
    const md_knot to = protocol->knot[k];

    if (step < to.step) {
      return from.temperature + (to.temperature - from.temperature) *
                                    (PetscReal)(step - from.step) /
                                    (PetscReal)(to.step - from.step);
    }
    from = to;
  }
  return from.temperature;
}

PetscReal md__target(const md_run *run)
{
  return md_protocol_temperature(&run->protocol, run->step);
}

/* Shortens velocities longer than `limit` [Å/fs]. */
static void clip(const md_atoms *atoms, PetscReal limit)
{
  for (PetscInt i = 0; i < atoms->n; i++) {
    PetscReal *v = &atoms->v[3 * (size_t)i];
    const PetscReal square = v[0] * v[0] + v[1] * v[1] + v[2] * v[2];

    if (square <= limit * limit) continue;
    for (int a = 0; a < 3; a++) v[a] *= limit / PetscSqrtReal(square);
  }
}

/* [Å/fs] */
static PetscReal fastest(const md_atoms *atoms)
{
  PetscReal square = 0.0;

  for (PetscInt i = 0; i < atoms->n; i++) {
    const PetscReal *v = &atoms->v[3 * (size_t)i];

    square = PetscMax(square, v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
  }
  return PetscSqrtReal(square);
}

PetscErrorCode md__limit_speed(md_run *run)
{
  md_atoms *atoms = &run->atoms;
  const PetscReal limit = run->protocol.max_step / run->protocol.dt;
  PetscReal before, after, top;

  PetscFunctionBegin;
  if (limit <= 0.0) PetscFunctionReturn(0);
  top = fastest(atoms);
  PetscCall(md__max(run, 1, &top));
  if (top <= limit) PetscFunctionReturn(0);
  PetscCall(md__kinetic(run, &before));
  clip(atoms, limit);
  if (run->total > 1) PetscCall(md__stop_drift(run));
  top = fastest(atoms);
  PetscCall(md__max(run, 1, &top));
  if (top > limit) {
    for (size_t k = 0; k < 3 * (size_t)atoms->n; k++) atoms->v[k] *= limit / top;
  }
  PetscCall(md__kinetic(run, &after));
  run->work += after - before;
  PetscFunctionReturn(0);
}

PetscErrorCode md__kick(md_run *run, PetscReal dt)
{
  const md_atoms *atoms = &run->atoms;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < atoms->n; i++) {
    const PetscReal factor = dt / atoms->mass[atoms->type[i]];

    for (size_t k = 3 * (size_t)i; k < 3 * (size_t)i + 3; k++) atoms->v[k] += factor * atoms->f[k];
  }
  PetscCall(md__limit_speed(run));
  PetscFunctionReturn(0);
}

void md__drift(md_run *run, PetscReal dt)
{
  const md_atoms *atoms = &run->atoms;

  for (size_t k = 0; k < 3 * (size_t)atoms->n; k++) atoms->x[k] += dt * atoms->v[k];
}

/* Speaks when a position is not a number or out of reach. */
static void check_positions(md_run *run)
{
  const md_atoms *atoms = &run->atoms;
  char label[MD__LABEL];

  if (md__all_within(3 * (size_t)atoms->n, atoms->x, FAR_AWAY)) return;
  for (size_t k = 0; k < 3 * (size_t)atoms->n; k++) {
    const PetscReal x = atoms->x[k];

    if (PetscAbsReal(x) <= FAR_AWAY) continue;
    md__label(run, (PetscInt)(k / 3), label);
    if (PetscIsInfOrNanReal(x)) {
      md__speak(run, MD_NOT_FINITE, "position of %s is not finite at step %" PetscInt64_FMT, label,
                run->step);
    } else {
      md__speak(run, MD_LOST_ATOM, "%s is at %.1e Å at step %" PetscInt64_FMT " (limit %.0e Å)",
                label, (double)x, run->step, FAR_AWAY);
    }
    return;
  }
}

static PetscErrorCode update_list(md_run *run)
{
  const md_atoms *atoms = &run->atoms;
  const PetscReal(*h)[3] = (const PetscReal(*)[3])atoms->h;

  PetscBool stale = (PetscBool)(!run->listed || mtp_neighbors_stale(atoms->x, h, &run->nb));

  PetscFunctionBegin;
  PetscCall(md__agree(run, &stale));
  if (run->reason != MD_RUNNING) PetscFunctionReturn(0);
  if (stale) {
    if (run->halo) PetscCall(md__decompose(run));
    PetscCall(md__build(run, atoms->x, h));
    run->builds++;
    run->built = run->step;
  }
  PetscCall(mtp_neighbors_update(atoms->x, h, &run->nb));
  if (run->halo) PetscCall(md__halo_update(run->halo, &run->nb));
  PetscFunctionReturn(0);
}

static PetscErrorCode grow_forces(md_run *run)
{
  const size_t need = 3 * (size_t)run->nb.nall;

  PetscFunctionBegin;
  if (need <= run->force_capacity) PetscFunctionReturn(0);
  PetscCall(PetscFree(run->result.force));
  run->force_capacity = need + need / 4;
  PetscCall(PetscMalloc1(run->force_capacity, &run->result.force));
  PetscFunctionReturn(0);
}

PetscBool md__watched(const md_run *run)
{
  for (PetscInt i = 0; i < run->nwatcher; i++) {
    if (run->step % run->watcher[i].every == 0) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

unsigned md__needs(const md_run *run)
{
  unsigned needs = 0;

  for (PetscInt i = 0; i < run->nwatcher; i++) {
    if (run->step % run->watcher[i].every == 0) needs |= run->watcher[i].needs;
  }
  return needs;
}

static unsigned not_needed(const md_run *run)
{
  const unsigned needs = md__needs(run);
  unsigned skip = 0;

  if (run->step == run->end || run->step % run->guard.every == 0) return 0;
  if (!(needs & (MD_NEED_ENERGY | MD_NEED_HEAT))) skip |= MTP_SKIP_ENERGY;
  if (!(needs & MD_NEED_PRESSURE) && !md__has_barostat(run->protocol.ensemble))
    skip |= MTP_SKIP_VIRIAL;
  return skip;
}

/* Room for grades where they are due. */
static PetscErrorCode ask_for_grades(md_run *run)
{
  const PetscInt period = md_potential_grade_period(run->pot);

  PetscFunctionBegin;
  run->result.grade = NULL;
  if (period == 0 || run->step == 0 || run->step % period != 0) PetscFunctionReturn(0);
  if (!run->grade || run->atoms.n > run->grade_capacity) {
    PetscCall(PetscFree(run->grade));
    PetscCall(PetscMalloc1(run->atoms.n + 1, &run->grade));
    run->grade_capacity = run->atoms.n;
  }
  run->result.grade = run->grade;
  PetscFunctionReturn(0);
}

PetscErrorCode md__complete(md_run *run)
{
  PetscFunctionBegin;
  if (!run->result.skip) PetscFunctionReturn(0);
  run->result.skip = 0;
  run->result.grade = NULL;
  md__flux_drop(run);
  PetscCall(md_potential_evaluate(run->pot, &run->nb, &run->result));
  PetscCall(md__gather_result(run));
  PetscFunctionReturn(0);
}

PetscErrorCode md__forces(md_run *run)
{
  const md__events *event;

  PetscFunctionBegin;
  md__flux_drop(run);
  check_positions(run);
  PetscCall(md__events_get(&event));
  PetscCall(PetscLogEventBegin(event->neigh, NULL, NULL, NULL, NULL));
  PetscCall(update_list(run));
  PetscCall(PetscLogEventEnd(event->neigh, NULL, NULL, NULL, NULL));
  if (run->reason != MD_RUNNING) PetscFunctionReturn(0);

  PetscCall(PetscLogEventBegin(event->force, NULL, NULL, NULL, NULL));
  PetscCall(grow_forces(run));
  run->result.skip = not_needed(run);
  PetscCall(ask_for_grades(run));
  PetscCall(md__flux_ask(run));
  PetscCall(md_potential_evaluate(run->pot, &run->nb, &run->result));
  PetscCall(PetscLogEventEnd(event->force, NULL, NULL, NULL, NULL));
  PetscCall(md__fold(run, 3, run->result.force));
  md__take_forces(run);
  PetscCall(md__gather_result(run));
  PetscFunctionReturn(0);
}
