/* md/md_pack.c - random packing: soft repulsion, minimised until nobody overlaps
 *
 * Random sequential insertion jams far below the density of a melt, and a lattice would have to be
 * melted first.  Here atoms start anywhere and push each other with a force that falls linearly to
 * zero at d_ij = GROW * min_dist_ij.  The energy is minimised by FIRE, damped dynamics that needs
 * forces only: velocities turn towards the force while power is positive and stop when it is not.
 * A minimum of a repulsion that ends at d_ij would be approached only slowly, from inside; because
 * of GROW the true distances are reached, with a margin, long before the minimum.
 *
 * With unlike distances (ions) a minimum may hold an atom in a cage too small for it.  Some of the
 * atoms that overlap are then put at new random places, and the rest relaxes around them.
 *
 * Everything is a pure function of the specification: rows of the neighbour list have an order of
 * their own and random numbers are counted.  O(n) a step through linked cells.
 */
#include "md/md_pack.h"

#include "mtp/mtp_neigh.h"

enum {
  MAX_STEP = 600,   /* FIRE steps between replacements; a melt takes 50 to 200 */
  MAX_ROUND = 12,   /* replacements before giving up */
  MANY_ATOMS = 100, /* so few are always replaced: it costs nothing */
  FIRE_DELAY = 5
};
static const PetscReal GROW = 1.02;    /* push to a little more than is asked for */
static const PetscReal TINY = 1e-12;   /* margin for the round-off of wrapping */
static const PetscReal DT_MAX = 0.3;   /* stable up to 2 / sqrt(largest curvature), about 2 * 12 */
static const PetscReal MAX_MOVE = 0.1; /* of the largest distance, in one step */
static const PetscReal AT_REST = 1e-4; /* largest force of a minimum, of the largest distance */
static const PetscReal SKIN = 0.3;     /* of the largest distance */

typedef struct {
  const md_pack_spec *spec;
  md_atoms *atoms;
  PetscReal edge, reach; /* [Å] of the cube; largest d_ij */
  mtp_neighbors nb;
  PetscReal *best;  /* [n,3] positions of the best configuration */
  PetscReal *ratio; /* [n] smallest r/min_dist of an atom, at most 1 */
  PetscReal worst, best_worst;
  PetscReal dt, mix; /* FIRE's time step and mixing */
  PetscInt downhill; /* steps since the power was negative */
} packing;

static PetscErrorCode check_spec(const md_pack_spec *spec, PetscInt *n)
{
  const PetscInt ns = spec->nspecies;

  PetscFunctionBegin;
  *n = 0;
  for (PetscInt s = 0; s < ns; s++) {
    PetscCheck(spec->count[s] >= 0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
               "Species %" PetscInt_FMT " has %" PetscInt_FMT " atoms", s, spec->count[s]);
    *n += spec->count[s];
    for (PetscInt t = 0; t < ns; t++) {
      const PetscReal d = spec->min_dist[s * ns + t];

      PetscCheck(d >= 0.0 && !PetscIsInfOrNanReal(d) && d == spec->min_dist[t * ns + s],
                 PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
                 "Distance of species %" PetscInt_FMT " and %" PetscInt_FMT
                 " is %g Å; wanted >= 0 and the same both ways",
                 s, t, (double)d);
    }
  }
  PetscCheck(*n >= 1, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE, "No atoms to pack");
  PetscCheck(spec->volume > 0.0 && !PetscIsInfOrNanReal(spec->volume), PETSC_COMM_SELF,
             PETSC_ERR_ARG_OUTOFRANGE, "Cannot pack atoms into %g Å^3", (double)spec->volume);
  PetscFunctionReturn(0);
}

/* Random place `round` of atom i. */
static void place(packing *p, uint64_t round, PetscInt i)
{
  PetscReal u[4];

  md_rng_uniform2(p->spec->rng, MD_RNG_PACK, 2 * round, (uint32_t)i, &u[0]);
  md_rng_uniform2(p->spec->rng, MD_RNG_PACK, 2 * round + 1, (uint32_t)i, &u[2]);
  for (int a = 0; a < 3; a++) p->atoms->x[3 * (size_t)i + a] = u[a] * p->edge;
}

static void set_atoms(packing *p)
{
  PetscInt i = 0;

  for (int a = 0; a < 3; a++) p->atoms->h[a][a] = p->edge;
  for (PetscInt s = 0; s < p->spec->nspecies; s++) {
    p->atoms->mass[s] = p->spec->mass[s];
    for (PetscInt k = 0; k < p->spec->count[s]; k++) p->atoms->type[i++] = s;
  }
  for (i = 0; i < p->atoms->n; i++) place(p, 0, i);
}

static PetscErrorCode follow(packing *p)
{
  const md_atoms *a = p->atoms;

  PetscFunctionBegin;
  if (p->nb.nlocal > 0) {
    PetscCall(mtp_neighbors_update(a->x, a->h, &p->nb));
    if (!mtp_neighbors_stale(a->x, a->h, &p->nb)) PetscFunctionReturn(0);
  }
  PetscCall(mtp_neighbors_build(a->n, a->x, a->type, a->h, 3, p->reach, SKIN * p->reach, &p->nb));
  PetscFunctionReturn(0);
}

/* Force on atom i and its smallest ratio.  The full list shows every pair from both sides. */
static void push(packing *p, PetscInt i)
{
  const mtp_neighbors *nb = &p->nb;
  const PetscReal *xi = &nb->x[3 * (size_t)i];
  const PetscReal *min_dist = &p->spec->min_dist[nb->type[i] * p->spec->nspecies];
  PetscReal *f = &p->atoms->f[3 * (size_t)i];

  f[0] = f[1] = f[2] = 0.0;
  p->ratio[i] = 1.0;
  for (PetscInt k = nb->first[i]; k < nb->first[i + 1]; k++) {
    const PetscInt j = nb->index[k];
    const PetscReal *xj = &nb->x[3 * (size_t)j], d = min_dist[nb->type[j]];
    const PetscReal r[3] = {xj[0] - xi[0], xj[1] - xi[1], xj[2] - xi[2]};
    const PetscReal r2 = r[0] * r[0] + r[1] * r[1] + r[2] * r[2], far = GROW * d;
    PetscReal length;

    if (r2 >= far * far) continue;
    length = PetscSqrtReal(r2);
    if (length < d * (1.0 + TINY)) p->ratio[i] = PetscMin(p->ratio[i], length / d);
    if (length < TINY * d) continue; /* no direction: left to a new place */
    for (int a = 0; a < 3; a++) f[a] -= (far - length) * r[a] / length;
  }
}

/* Forces; the configuration is kept when it is the best so far. */
static PetscErrorCode evaluate(packing *p)
{
  PetscFunctionBegin;
  PetscCall(follow(p));
  p->worst = 1.0;
  for (PetscInt i = 0; i < p->atoms->n; i++) {
    push(p, i);
    p->worst = PetscMin(p->worst, p->ratio[i]);
  }
  if (p->worst > p->best_worst) {
    p->best_worst = p->worst;
    PetscCall(PetscArraycpy(p->best, p->atoms->x, 3 * (size_t)p->atoms->n));
  }
  PetscFunctionReturn(0);
}

static void start_fire(packing *p)
{
  for (size_t k = 0; k < 3 * (size_t)p->atoms->n; k++) p->atoms->v[k] = 0.0;
  p->dt = 0.5 * DT_MAX;
  p->mix = 0.1;
  p->downhill = 0;
}

/* FIRE's rule with the parameters of the paper, unit masses: v = (1 - mix) v + mix |v| f/|f|. */
static void steer(packing *p)
{
  const size_t n3 = 3 * (size_t)p->atoms->n;
  PetscReal *v = p->atoms->v, power = 0.0, vv = 0.0, ff = 0.0, pull;
  const PetscReal *f = p->atoms->f;

  for (size_t k = 0; k < n3; k++) {
    power += v[k] * f[k];
    vv += v[k] * v[k];
    ff += f[k] * f[k];
  }
  if (power < 0.0) {
    start_fire(p);
    return;
  }
  pull = ff > 0.0 ? p->mix * PetscSqrtReal(vv / ff) : 0.0;
  for (size_t k = 0; k < n3; k++) v[k] = (1.0 - p->mix) * v[k] + pull * f[k];
  if (++p->downhill > FIRE_DELAY) {
    p->dt = PetscMin(1.1 * p->dt, DT_MAX);
    p->mix *= 0.99;
  }
}

/* One step; returns the largest force component [Å]. */
static PetscReal move(packing *p)
{
  const PetscReal limit = MAX_MOVE * p->reach;
  PetscReal *x = p->atoms->x, *v = p->atoms->v, largest = 0.0;
  const PetscReal *f = p->atoms->f;

  steer(p);
  for (size_t k = 0; k < 3 * (size_t)p->atoms->n; k++) {
    v[k] += p->dt * f[k];
    x[k] += PetscMax(-limit, PetscMin(limit, p->dt * v[k]));
    largest = PetscMax(largest, PetscAbsReal(f[k]));
  }
  return largest;
}

/* Steps until nobody overlaps, the forces vanish or patience ends. */
static PetscErrorCode relax(packing *p)
{
  PetscFunctionBegin;
  start_fire(p);
  PetscCall(evaluate(p));
  for (PetscInt step = 0; p->worst < 1.0 && step < MAX_STEP; step++) {
    if (move(p) < AT_REST * p->reach) break;
    PetscCall(evaluate(p));
  }
  PetscFunctionReturn(0);
}

/* Replacing helps a few atoms in bad places, not a density that is too high everywhere. */
static PetscBool worth_replacing(const packing *p)
{
  PetscInt overlapping = 0;

  for (PetscInt i = 0; i < p->atoms->n; i++) overlapping += p->ratio[i] < 1.0;
  return (PetscBool)(overlapping <= PetscMax(MANY_ATOMS, p->atoms->n / 5));
}

/* Puts half of the atoms that overlap elsewhere, drawn by lot: moving both atoms of a pair would
   often be in vain.  Returns their number. */
static PetscInt replace(packing *p, uint64_t round)
{
  PetscInt moved = 0;

  for (PetscInt i = 0; i < p->atoms->n; i++) {
    PetscReal u[2];

    if (p->ratio[i] >= 1.0) continue;
    md_rng_uniform2(p->spec->rng, MD_RNG_PACK, ~round, (uint32_t)i, u);
    if (u[0] < 0.5) continue;
    place(p, round, i);
    moved++;
  }
  return moved;
}

static PetscErrorCode pack(packing *p)
{
  PetscFunctionBegin;
  PetscCall(relax(p));
  for (uint64_t round = 1; p->best_worst < 1.0 && round < MAX_ROUND; round++) {
    if (!worth_replacing(p)) break;
    if (replace(p, round) > 0) PetscCall(relax(p));
  }
  PetscCall(PetscArraycpy(p->atoms->x, p->best, 3 * (size_t)p->atoms->n));
  PetscFunctionReturn(0);
}

/* Into the cell; speeds and forces of the minimiser go. */
static void finish(packing *p)
{
  md_atoms *a = p->atoms;

  for (size_t k = 0; k < 3 * (size_t)a->n; k++) {
    a->x[k] -= p->edge * PetscFloorReal(a->x[k] / p->edge);
    a->v[k] = a->f[k] = 0.0;
  }
}

PetscErrorCode md_pack_random(const md_pack_spec *spec, md_atoms *atoms, PetscReal *worst)
{
  packing p = {.spec = spec, .atoms = atoms, .best_worst = -1.0};
  PetscInt n;

  PetscFunctionBegin;
  *atoms = (md_atoms){0};
  *worst = 1.0;
  PetscCall(check_spec(spec, &n));
  PetscCall(md_atoms_create(n, spec->nspecies, atoms));
  p.edge = PetscPowReal(spec->volume, 1.0 / 3.0);
  for (PetscInt st = 0; st < spec->nspecies * spec->nspecies; st++) {
    p.reach = PetscMax(p.reach, GROW * spec->min_dist[st]);
  }
  set_atoms(&p);
  if (p.reach == 0.0) PetscFunctionReturn(0);
  PetscCall(PetscMalloc2(3 * (size_t)n, &p.best, n, &p.ratio));
  PetscCall(pack(&p));
  finish(&p);
  *worst = p.best_worst;
  PetscCall(PetscFree2(p.best, p.ratio));
  PetscCall(mtp_neighbors_clear(&p.nb));
  PetscFunctionReturn(0);
}
