/* md/md_rnemd.c - who exchanges velocities with whom
 *
 * For every class of equal masses each rank looks for its best giver in slab 0 and its best taker
 * in slab slabs/2.  A candidate carries its merit, the number of the atom and its velocity.  All
 * ranks get the candidates of all and pick the same pair; who owns one of its atoms sets the new
 * velocity.  One rank talks to nobody.
 *
 * Heat: merit is v^2 in slab 0 and -v^2 in slab slabs/2, and the exchange moves m/2 times the sum
 * of the two merits.  Shear: -v_x in slab 0 and v_x in slab slabs/2, and m times their sum.  The
 * same arithmetic serves both.
 */
#include "md/md_run_impl.h"

#include <math.h>

enum { COLD, HOT, NSIDE };

/* Best atom of one class on one side; all numbers are PetscReal so that ranks can send them. */
typedef struct {
  PetscReal merit; /* heat: [Å^2/fs^2], shear: [Å/fs]; -infinity: nobody */
  PetscReal id;
  PetscReal v[3]; /* [Å/fs] */
} candidate;
enum { CANDIDATE_REALS = sizeof(candidate) / sizeof(PetscReal) };

static const candidate nobody = {.merit = -(PetscReal)INFINITY};

/* Lexicographic, so that a maximum over ranks in any order is the same atom. */
static PetscBool better(const candidate *a, const candidate *b)
{
  return (PetscBool)(a->merit > b->merit || (a->merit == b->merit && a->id < b->id));
}

/* The first species of the same mass stands for all of them. */
static PetscInt class_of(const md_atoms *atoms, PetscInt type)
{
  PetscInt t = 0;

  while (atoms->mass[t] != atoms->mass[type]) t++;
  return t;
}

static PetscReal merit_of(md_rnemd_kind kind, int side, const PetscReal v[3])
{
  const PetscReal sign = side == COLD ? 1.0 : -1.0;

  return kind == MD_RNEMD_HEAT ? sign * (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]) : -sign * v[0];
}

void md__slab_axis(const PetscReal h[3][3], PetscReal axis[3])
{
  const PetscReal *a = h[0], *b = h[1], *c = h[2];
  PetscReal volume;

  axis[0] = a[1] * b[2] - a[2] * b[1];
  axis[1] = a[2] * b[0] - a[0] * b[2];
  axis[2] = a[0] * b[1] - a[1] * b[0];
  volume = c[0] * axis[0] + c[1] * axis[1] + c[2] * axis[2];
  for (int k = 0; k < 3; k++) axis[k] /= volume;
}

PetscInt md__slab_of(const PetscReal axis[3], const PetscReal x[3], PetscInt slabs)
{
  PetscReal s = axis[0] * x[0] + axis[1] * x[1] + axis[2] * x[2];

  s -= PetscFloorReal(s);
  return PetscMin((PetscInt)(s * (PetscReal)slabs), slabs - 1); /* s of -1e-20 rounds to 1 */
}

/* best [nspecies,NSIDE] of the atoms of this rank; classes are known by their first species */
static void search(const md_run *run, candidate best[])
{
  const md_atoms *atoms = &run->atoms;
  const md_rnemd *r = &run->protocol.rnemd;
  PetscReal axis[3];

  md__slab_axis((const PetscReal(*)[3])atoms->h, axis);
  for (PetscInt k = 0; k < NSIDE * atoms->nspecies; k++) best[k] = nobody;
  for (PetscInt i = 0; i < atoms->n; i++) {
    const PetscInt slab = md__slab_of(axis, &atoms->x[3 * (size_t)i], r->slabs);
    const PetscReal *v = &atoms->v[3 * (size_t)i];
    candidate one = {.id = (PetscReal)atoms->id[i], .v = {v[0], v[1], v[2]}};
    candidate *so_far;
    int side;

    if (slab != 0 && slab != r->slabs / 2) continue;
    side = slab == 0 ? COLD : HOT;
    one.merit = merit_of(r->kind, side, v);
    so_far = &best[NSIDE * class_of(atoms, atoms->type[i]) + side];
    if (better(&one, so_far)) *so_far = one;
  }
}

/* From the best of every rank [ranks,width] to the best of all [width] */
static void elect(PetscInt ranks, PetscInt width, const candidate all[], candidate best[])
{
  for (PetscInt k = 0; k < width; k++) {
    best[k] = nobody;
    for (PetscInt r = 0; r < ranks; r++) {
      if (better(&all[r * width + k], &best[k])) best[k] = all[r * width + k];
    }
  }
}

/* What the exchange of this pair would move: [eV] or [eV fs/Å] */
static PetscReal moved_by(const md_run *run, PetscInt class, const candidate pair[NSIDE])
{
  const PetscReal factor = run->protocol.rnemd.kind == MD_RNEMD_HEAT ? 0.5 : 1.0;

  return factor * run->atoms.mass[class] * (pair[COLD].merit + pair[HOT].merit);
}

static void exchange(md_run *run, const candidate pair[NSIDE])
{
  const int ncomponent = run->protocol.rnemd.kind == MD_RNEMD_HEAT ? 3 : 1;
  const md_atoms *atoms = &run->atoms;

  for (PetscInt i = 0; i < atoms->n; i++) {
    for (int side = 0; side < NSIDE; side++) {
      if ((PetscReal)atoms->id[i] != pair[side].id) continue;
      for (int a = 0; a < ncomponent; a++) atoms->v[3 * (size_t)i + a] = pair[1 - side].v[a];
    }
  }
}

/* One exchange; mine [nspecies,NSIDE] and all [ranks,nspecies,NSIDE] are room. */
static PetscErrorCode swap(md_run *run, candidate mine[], candidate all[])
{
  md_rnemd_tally *tally = &run->tally;
  const PetscInt width = NSIDE * run->atoms.nspecies;
  PetscInt chosen = 0;
  PetscReal most = 0.0;

  PetscFunctionBegin;
  search(run, mine);
  PetscCall(md__gather(run, (PetscMPIInt)(width * CANDIDATE_REALS), &mine->merit, &all->merit));
  elect(run->size, width, all, mine);
  for (PetscInt t = 0; t < run->atoms.nspecies; t++) {
    const PetscReal moved = moved_by(run, t, &mine[NSIDE * t]);

    if (moved > most) {
      most = moved;
      chosen = t;
    }
  }
  if (most > 0.0) {
    exchange(run, &mine[NSIDE * chosen]);
    tally->exchanged += most;
    tally->done++;
  } else {
    tally->missed++;
  }
  PetscFunctionReturn(0);
}

PetscErrorCode md__rnemd(md_run *run)
{
  const md_rnemd *r = &run->protocol.rnemd;
  const size_t width = NSIDE * (size_t)run->atoms.nspecies;
  candidate *mine, *all;
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  if (r->kind == MD_RNEMD_OFF || run->step % r->period != 0) PetscFunctionReturn(0);
  PetscCall(PetscMalloc2(width, &mine, width * (size_t)run->size, &all));
  for (PetscInt k = 0; k < r->swaps && !ierr; k++) ierr = swap(run, mine, all);
  PetscCall(PetscFree2(mine, all));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* value >= least */
static PetscErrorCode at_least(const char *field, PetscInt value, PetscInt least)
{
  PetscFunctionBegin;
  PetscCheck(value >= least, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "%s is %" PetscInt_FMT ", wanted >= %" PetscInt_FMT, field, value, least);
  PetscFunctionReturn(0);
}

PetscErrorCode md__check_rnemd(const md_protocol *protocol, const PetscReal h[3][3])
{
  const md_rnemd *r = &protocol->rnemd;

  PetscFunctionBegin;
  PetscCheck((int)r->kind >= 0 && (int)r->kind < (int)MD_RNEMD_NKIND, PETSC_COMM_SELF,
             PETSC_ERR_ARG_OUTOFRANGE, "protocol.rnemd.kind is %d, wanted 0..%d", (int)r->kind,
             (int)MD_RNEMD_NKIND - 1);
  if (r->kind == MD_RNEMD_OFF) PetscFunctionReturn(0);
  PetscCall(at_least("protocol.rnemd.slabs", r->slabs, 4));
  PetscCheck(r->slabs % 2 == 0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "protocol.rnemd.slabs is %" PetscInt_FMT ", wanted an even number", r->slabs);
  PetscCall(at_least("protocol.rnemd.period", r->period, 1));
  PetscCall(at_least("protocol.rnemd.swaps", r->swaps, 1));
  PetscCheck(protocol->ensemble != MD_NVT_LANGEVIN && protocol->ensemble != MD_NPT_SCR_LANGEVIN,
             PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "protocol.rnemd is set with Langevin dynamics, whose friction carries the flux away "
             "everywhere; wanted NVE or a thermostat that acts on all atoms alike");
  PetscCheck(
      h[0][2] == 0.0 && h[1][2] == 0.0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
      "protocol.rnemd is set, but lattice vectors 1 and 2 rise by %g and %g A along z; wanted "
      "slabs normal to z",
      (double)h[0][2], (double)h[1][2]);
  PetscFunctionReturn(0);
}
