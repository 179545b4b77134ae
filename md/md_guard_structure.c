/* md/md_guard_structure.c - guards that look at the structure: evaporation, freezing, demixing
 *
 * They look rarely and speak late: a limit must be exceeded at every look of a whole window, so
 * that a fluctuation, or what a barostat is about to mend, ends nothing.  Freezing has its window
 * in the displacements: only where a species has not got away in it is the bond order asked for.
 * What is remembered between looks goes into checkpoints.
 */
#include "md/md_run_impl.h"

#define VOID_SHARE 0.25 /* of the atoms that a sphere should hold */
#define TIE        1e-6 /* two indices as near as this are one; the first species is named */
#define VOID_CELLS 3.0  /* cells hold the atoms of so many spheres at least */

void md__keep_good(md_run *run)
{
  md__memory *m = &run->memory;

  m->good_step = run->step;
  (void)PetscMemcpy(m->good_h, run->atoms.h, sizeof(m->good_h));
  (void)PetscArraycpy(m->good, run->atoms.x, 3 * (size_t)run->atoms.n);
}

static void drop_anchor(md_run *run)
{
  md__memory *m = &run->memory;

  m->anchor_step = run->step;
  (void)PetscMemcpy(m->anchor_h, run->atoms.h, sizeof(m->anchor_h));
  (void)PetscArraycpy(m->anchor, run->atoms.x, 3 * (size_t)run->atoms.n);
}

PetscErrorCode md__remember(md_run *run)
{
  PetscFunctionBegin;
  md__keep_good(run);
  drop_anchor(run);
  run->memory.void_since = run->memory.apart_since = -1;
  PetscFunctionReturn(0);
}

PetscErrorCode md_run_last_good(const md_run *run, md_atoms *atoms, PetscInt64 *step)
{
  const md__memory *m = &run->memory;

  PetscFunctionBegin;
  PetscCall(md_run_gather(run, atoms));
  PetscCall(md__collect(run, 3, m->good, atoms->x));
  PetscCall(PetscArrayzero(atoms->v, 3 * (size_t)atoms->n));
  PetscCall(PetscArrayzero(atoms->f, 3 * (size_t)atoms->n));
  PetscCall(PetscMemcpy(atoms->h, m->good_h, sizeof(atoms->h)));
  *step = m->good_step;
  PetscFunctionReturn(0);
}

/* Whether a window has passed since `since`. */
static PetscBool lasted(const md_run *run, PetscInt64 since)
{
  return (PetscBool)((PetscReal)(run->step - since) * run->protocol.dt >= run->guard.window);
}

/* Keeps the beginning of an unbroken row of looks that saw it; PETSC_TRUE when the row is long. */
static PetscBool persists(const md_run *run, PetscBool seen, PetscInt64 *since)
{
  if (!seen)
    *since = -1;
  else if (*since < 0)
    *since = run->step;
  return (PetscBool)(seen && lasted(run, *since));
}

/* A sphere that should hold void_atoms atoms and has less than a quarter of them.  In cells of few
   such spheres the volume says more. */
static PetscErrorCode check_void(md_run *run)
{
  const PetscReal wanted = run->guard.void_atoms;
  const PetscReal radius =
      md__spacing(run) * PetscPowReal(3.0 * wanted / (4.0 * PETSC_PI), 1.0 / 3.0);
  PetscReal atoms;

  PetscFunctionBegin;
  if (wanted <= 0.0 || (PetscReal)run->total < VOID_CELLS * wanted) PetscFunctionReturn(0);
  PetscCall(md__rarest(run, radius, VOID_SHARE * wanted, &atoms));
  if (persists(run, (PetscBool)(atoms < VOID_SHARE * wanted), &run->memory.void_since)) {
    md__speak(run, MD_EVAPORATING,
              "a sphere of %.1f Å has %.0f atoms at step %" PetscInt64_FMT
              " instead of %g, less than %g since step %" PetscInt64_FMT,
              (double)radius, (double)atoms, run->step, (double)wanted,
              (double)(VOID_SHARE * wanted), run->memory.void_since);
  }
  PetscFunctionReturn(0);
}

void md_guard_least(const md_guard *guard, PetscInt *voids, PetscInt *demixing)
{
  const PetscBool looks = (PetscBool)(guard->every_structure > 0);

  *voids = looks ? (PetscInt)PetscCeilReal(VOID_CELLS * guard->void_atoms) : 0;
  *demixing = looks && guard->segregation > 0.0 ? MD__SUBCELLS * MD__SUBCELL_LEAST : 0;
}

/* "Cl" or "species 2" */
static void name_species(const md_run *run, PetscInt t, char name[MD__LABEL])
{
  if (run->name)
    (void)PetscSNPrintf(name, MD__LABEL, "%s", run->name[t]);
  else
    (void)PetscSNPrintf(name, MD__LABEL, "species %" PetscInt_FMT, t);
}

static PetscErrorCode check_segregation(md_run *run, PetscReal index[])
{
  const PetscReal limit = run->guard.segregation;
  PetscInt worst = 0;
  PetscBool told;
  char name[MD__LABEL];

  PetscFunctionBegin;
  if (limit <= 0.0) PetscFunctionReturn(0);
  PetscCall(md__segregation(run, index, &told));
  if (!told) PetscFunctionReturn(0);
  for (PetscInt t = 1; t < run->atoms.nspecies; t++) {
    if (index[t] > index[worst] + TIE) worst = t;
  }
  if (persists(run, (PetscBool)(index[worst] > limit), &run->memory.apart_since)) {
    name_species(run, worst, name);
    md__speak(run, MD_DEMIXED,
              "%s is apart by %.2f (0: at random, 1: apart) at step %" PetscInt64_FMT
              ", above %g since step %" PetscInt64_FMT,
              name, (double)index[worst], run->step, (double)limit, run->memory.apart_since);
  }
  PetscFunctionReturn(0);
}

/* The species that got least far in the window; only then a look at the order. */
static PetscErrorCode check_freezing(md_run *run, PetscReal square[])
{
  const md_guard *g = &run->guard;
  const PetscReal far = g->stall * md__spacing(run);
  const PetscReal limit = PetscSqrtReal(g->order / (PetscReal)run->total);
  PetscInt worst = 0;
  PetscReal q[2];
  char name[MD__LABEL];

  PetscFunctionBegin;
  if (g->order <= 0.0 || !lasted(run, run->memory.anchor_step)) PetscFunctionReturn(0);
  PetscCall(md__displacement(run, square));
  for (PetscInt t = 1; t < run->atoms.nspecies; t++) {
    if (square[t] < square[worst]) worst = t;
  }
  if (square[worst] < far * far) {
    PetscCall(md__bond_order(run, q));
    if (PetscMax(q[0], q[1]) > limit) {
      name_species(run, worst, name);
      md__speak(run, MD_FROZEN,
                "%s moved %.2f Å since step %" PetscInt64_FMT " at step %" PetscInt64_FMT
                " (limit %.2f Å), bond order %.2f (limit %.2f)",
                name, (double)PetscSqrtReal(square[worst]), run->memory.anchor_step, run->step,
                (double)far, (double)PetscMax(q[0], q[1]), (double)limit);
    }
  }
  drop_anchor(run);
  PetscFunctionReturn(0);
}

PetscBool md__structure_due(const md_run *run)
{
  return (PetscBool)(run->guard.every_structure > 0 && run->step % run->guard.every_structure == 0);
}

PetscErrorCode md__guard_structure(md_run *run)
{
  PetscReal *by_species;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(run->atoms.nspecies, &by_species));
  ierr = check_void(run);
  if (!ierr) ierr = check_segregation(run, by_species);
  if (!ierr) ierr = check_freezing(run, by_species);
  PetscCall(PetscFree(by_species));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}
