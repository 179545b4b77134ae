/* md/md_pack.c - random packing: soft repulsion, minimised until nobody overlaps
 *
 * Random sequential insertion jams far below the density of a melt, and a lattice would have to be
 * melted first.  Here molecules start anywhere and push each other with a force between their atoms
 * that falls linearly to zero at d_ij = GROW * min_dist_ij.  The energy is minimised by FIRE,
 * damped dynamics that needs forces only: velocities turn towards the force while power is positive
 * and stop when it is not.  A minimum of a repulsion that ends at d_ij would be approached only
 * slowly, from inside; because of GROW the true distances are reached, with a margin, long before
 * the minimum.  Molecules are rigid bodies (md_pack_impl.h), atoms are bodies of one atom.
 *
 * With unlike distances (ions) a minimum may hold an atom in a cage too small for it.  Some of the
 * bodies that overlap are then put at new random places, and the rest relaxes around them.
 *
 * Atoms of one molecule do not push each other, but they do push its images: a pair is within a
 * molecule when its vector is that between the unwrapped positions.
 *
 * Everything is a pure function of the specification: rows of the neighbour list have an order of
 * their own and random numbers are counted.  O(n) a step through linked cells.
 */
#include "md/md_pack_impl.h"

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
static const PetscReal SAME = 1e-6;    /* [Å] two vectors are the same */

typedef struct {
  const md_pack_cell *cell;
  md_atoms *atoms;
  PetscReal reach; /* [Å] largest d_ij */
  PetscInt nbody;
  md__body *body;  /* [nbody] */
  PetscInt *owner; /* [n] body of an atom */
  PetscReal *y;    /* geometries of all kinds, from their centres */
  mtp_neighbors nb;
  PetscReal *best;  /* [n,3] positions of the best configuration */
  PetscReal *ratio; /* [n] smallest r/min_dist of an atom, at most 1 */
  PetscReal worst, best_worst;
  PetscReal dt, mix; /* FIRE's time step and mixing */
  PetscInt downhill; /* steps since the power was negative */
} packing;

/* Where a round of random numbers stands in the stream; replacements draw lots at ~round. */
static void uniform4(const packing *p, uint64_t round, PetscInt b, PetscReal u[4])
{
  md_rng_uniform2(p->cell->rng, MD_RNG_PACK, 2 * round, (uint32_t)b, &u[0]);
  md_rng_uniform2(p->cell->rng, MD_RNG_PACK, 2 * round + 1, (uint32_t)b, &u[2]);
}

/* A rotation drawn from all with equal weight: four normals, made one long. */
static void turn_anyhow(const packing *p, uint64_t round, PetscInt b, PetscReal q[4])
{
  PetscReal norm;

  md_rng_normal2(p->cell->rng, MD_RNG_PACK, 2 * round, (uint32_t)b, &q[0]);
  md_rng_normal2(p->cell->rng, MD_RNG_PACK, 2 * round + 1, (uint32_t)b, &q[2]);
  norm = PetscSqrtReal(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
  for (int k = 0; k < 4; k++) q[k] = norm > 0.0 ? q[k] / norm : (k == 0 ? 1.0 : 0.0);
}

/* Random place and orientation `round` of body b; between its walls, where it has some. */
static void place(packing *p, uint64_t round, PetscInt b)
{
  md__body *body = &p->body[b];
  const PetscReal(*h)[3] = p->cell->h;
  PetscReal u[4];

  if (body->fixed) return;
  uniform4(p, round, b, u);
  for (int a = 0; a < 3; a++) {
    body->centre[a] = u[0] * h[0][a] + u[1] * h[1][a] + u[2] * h[2][a];
  }
  if (body->high > body->low) body->centre[2] = body->low + u[2] * (body->high - body->low);
  if (body->n > 1) turn_anyhow(p, round, b, body->q);
  md__body_atoms(body, p->atoms->x);
}

/* Atoms of one kind from its centre. */
static void centre_geometry(const md_molecule *m, PetscReal y[])
{
  PetscReal c[3] = {0.0, 0.0, 0.0};

  for (PetscInt i = 0; i < m->n; i++) {
    for (int a = 0; a < 3; a++) c[a] += m->x[3 * (size_t)i + a] / (PetscReal)m->n;
  }
  for (size_t k = 0; k < 3 * (size_t)m->n; k++) y[k] = m->n > 1 ? m->x[k] - c[k % 3] : 0.0;
}

/* Body b, of a kind whose geometry is y; `copy` counts within the kind. */
static void set_body(packing *p, PetscInt b, const md_pack_kind *kind, PetscInt copy, PetscReal y[])
{
  const md_molecule *m = kind->molecule;
  md__body *body = &p->body[b];
  const size_t n3 = 3 * (size_t)m->n;

  md__body_shape(m->n, y, body);
  body->low = kind->low;
  body->high = kind->high;
  body->fixed = (PetscBool)(kind->place != NULL);
  for (PetscInt i = 0; i < m->n; i++) {
    p->atoms->type[body->first + i] = m->type[i];
    p->owner[body->first + i] = b;
  }
  for (size_t k = 0; k < n3 && body->fixed; k++) {
    const PetscReal x = kind->place[(size_t)copy * n3 + k];

    p->atoms->x[3 * (size_t)body->first + k] = x;
    body->centre[k % 3] += x / (PetscReal)m->n;
  }
}

static void set_atoms(packing *p)
{
  PetscReal *y = p->y;
  PetscInt b = 0, first = 0;

  PetscArraycpy(&p->atoms->h[0][0], &p->cell->h[0][0], 9);
  for (PetscInt s = 0; s < p->cell->nspecies; s++) p->atoms->mass[s] = p->cell->mass[s];
  for (PetscInt k = 0; k < p->cell->nkind; k++) {
    const md_pack_kind *kind = &p->cell->kind[k];

    centre_geometry(kind->molecule, y);
    for (PetscInt copy = 0; copy < kind->count; copy++, b++) {
      p->body[b].first = first;
      set_body(p, b, kind, copy, y);
      place(p, 0, b);
      first += kind->molecule->n;
    }
    y += 3 * (size_t)kind->molecule->n;
  }
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

/* A pair that does not count: within one molecule, or both where they were told to stand.  j is an
   index of the list, r its vector from i. */
static PetscBool is_bound(const packing *p, PetscInt i, PetscInt j, const PetscReal r[3])
{
  const PetscInt parent = j < p->nb.nlocal ? j : p->nb.parent[j - p->nb.nlocal];
  const PetscReal *x = &p->atoms->x[3 * (size_t)i], *y = &p->atoms->x[3 * (size_t)parent];
  const md__body *a = &p->body[p->owner[i]], *b = &p->body[p->owner[parent]];

  if (a->fixed && b->fixed) return PETSC_TRUE;
  if (a != b || a->n == 1) return PETSC_FALSE;
  for (int k = 0; k < 3; k++) {
    if (PetscAbsReal(y[k] - x[k] - r[k]) > SAME) return PETSC_FALSE;
  }
  return PETSC_TRUE;
}

/* The wall that atom i is beyond pushes it back. */
static PetscReal wall_force(const packing *p, PetscInt i)
{
  const md__body *body = &p->body[p->owner[i]];
  const PetscReal z = p->atoms->x[3 * (size_t)i + 2];

  if (!(body->high > body->low)) return 0.0;
  return z < body->low ? body->low - z : z > body->high ? body->high - z : 0.0;
}

/* Force on atom i and its smallest ratio.  The full list shows every pair from both sides. */
static void push(packing *p, PetscInt i)
{
  const mtp_neighbors *nb = &p->nb;
  const PetscReal *xi = &nb->x[3 * (size_t)i];
  const PetscReal *min_dist = &p->cell->min_dist[nb->type[i] * p->cell->nspecies];
  PetscReal *f = &p->atoms->f[3 * (size_t)i];

  f[0] = f[1] = 0.0;
  f[2] = wall_force(p, i);
  p->ratio[i] = 1.0;
  for (PetscInt k = nb->first[i]; k < nb->first[i + 1]; k++) {
    const PetscInt j = nb->index[k];
    const PetscReal *xj = &nb->x[3 * (size_t)j], d = min_dist[nb->type[j]];
    const PetscReal r[3] = {xj[0] - xi[0], xj[1] - xi[1], xj[2] - xi[2]};
    const PetscReal r2 = r[0] * r[0] + r[1] * r[1] + r[2] * r[2], far = GROW * d;
    PetscReal length;

    if (r2 >= far * far || is_bound(p, i, j, r)) continue;
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
  for (PetscInt b = 0; b < p->nbody; b++) md__body_collect(&p->body[b], p->atoms->x, p->atoms->f);
  if (p->worst > p->best_worst) {
    p->best_worst = p->worst;
    PetscCall(PetscArraycpy(p->best, p->atoms->x, 3 * (size_t)p->atoms->n));
  }
  PetscFunctionReturn(0);
}

static void start_fire(packing *p)
{
  for (PetscInt b = 0; b < p->nbody; b++) {
    for (int k = 0; k < 6; k++) p->body[b].v[k] = 0.0;
  }
  p->dt = 0.5 * DT_MAX;
  p->mix = 0.1;
  p->downhill = 0;
}

/* FIRE's rule with the parameters of the paper, unit masses: v = (1 - mix) v + mix |v| f/|f|. */
static void steer(packing *p)
{
  PetscReal power = 0.0, vv = 0.0, ff = 0.0, pull;

  for (PetscInt b = 0; b < p->nbody; b++) {
    const PetscReal *v = p->body[b].v, *f = p->body[b].f;

    for (int k = 0; k < 6; k++) {
      power += v[k] * f[k];
      vv += v[k] * v[k];
      ff += f[k] * f[k];
    }
  }
  if (power < 0.0) {
    start_fire(p);
    return;
  }
  pull = ff > 0.0 ? p->mix * PetscSqrtReal(vv / ff) : 0.0;
  for (PetscInt b = 0; b < p->nbody; b++) {
    PetscReal *v = p->body[b].v;

    for (int k = 0; k < 6; k++) v[k] = (1.0 - p->mix) * v[k] + pull * p->body[b].f[k];
  }
  if (++p->downhill > FIRE_DELAY) {
    p->dt = PetscMin(1.1 * p->dt, DT_MAX);
    p->mix *= 0.99;
  }
}

/* One step; returns the largest force component [Å]. */
static PetscReal move(packing *p)
{
  PetscReal largest = 0.0;

  steer(p);
  for (PetscInt b = 0; b < p->nbody; b++) {
    md__body *body = &p->body[b];

    if (body->fixed) continue;
    for (int k = 0; k < 6; k++) {
      body->v[k] += p->dt * body->f[k];
      largest = PetscMax(largest, PetscAbsReal(body->f[k]));
    }
    md__body_move(body, p->dt, MAX_MOVE * p->reach);
    md__body_atoms(body, p->atoms->x);
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

/* Puts half of the bodies that overlap elsewhere, drawn by lot: moving both of a pair would often
   be in vain.  Returns their number. */
static PetscInt replace(packing *p, uint64_t round)
{
  PetscInt moved = 0;

  for (PetscInt b = 0; b < p->nbody; b++) {
    const md__body *body = &p->body[b];
    PetscReal ratio = 1.0, u[2];

    for (PetscInt i = 0; i < body->n; i++) ratio = PetscMin(ratio, p->ratio[body->first + i]);
    if (ratio >= 1.0 || body->fixed) continue;
    md_rng_uniform2(p->cell->rng, MD_RNG_PACK, ~round, (uint32_t)b, u);
    if (u[0] < 0.5) continue;
    place(p, round, b);
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

/* Determinant and inverse of the cell; 0 and nothing when it has no volume. */
static PetscReal invert(const PetscReal h[3][3], PetscReal inverse[3][3])
{
  PetscReal det = 0.0;

  for (int a = 0; a < 3; a++) {
    const int b = (a + 1) % 3, c = (a + 2) % 3;

    for (int k = 0; k < 3; k++) {
      const int l = (k + 1) % 3, m = (k + 2) % 3;

      inverse[k][a] = h[b][l] * h[c][m] - h[b][m] * h[c][l];
    }
  }
  for (int k = 0; k < 3; k++) det += h[0][k] * inverse[k][0];
  for (int k = 0; k < 9 && det != 0.0; k++) inverse[k / 3][k % 3] /= det;
  return det;
}

/* Centres into the cell; speeds and forces of the minimiser go. */
static void finish(packing *p)
{
  const PetscReal(*h)[3] = p->cell->h;
  PetscReal inverse[3][3];
  md_atoms *atoms = p->atoms;

  invert(h, inverse);
  for (PetscInt b = 0; b < p->nbody; b++) {
    const md__body *body = &p->body[b];
    PetscReal centre[3] = {0.0, 0.0, 0.0};

    for (PetscInt k = 3 * body->first; k < 3 * (body->first + body->n); k++)
      centre[k % 3] += atoms->x[k] / (PetscReal)body->n;
    for (int a = 0; a < 3; a++) {
      const PetscReal s =
          centre[0] * inverse[0][a] + centre[1] * inverse[1][a] + centre[2] * inverse[2][a];
      const PetscReal cells = body->fixed ? 0.0 : PetscFloorReal(s);

      for (PetscInt k = 3 * body->first; k < 3 * (body->first + body->n); k++)
        atoms->x[k] -= cells * h[a][k % 3];
    }
  }
  for (size_t k = 0; k < 3 * (size_t)atoms->n; k++) atoms->v[k] = atoms->f[k] = 0.0;
}

/* Checks ------------------------------------------------------------------------------------- */

static PetscErrorCode check_distances(PetscInt ns, const PetscReal min_dist[])
{
  PetscFunctionBegin;
  for (PetscInt s = 0; s < ns; s++) {
    for (PetscInt t = 0; t < ns; t++) {
      const PetscReal d = min_dist[s * ns + t];

      PetscCheck(d >= 0.0 && !PetscIsInfOrNanReal(d) && d == min_dist[t * ns + s], PETSC_COMM_SELF,
                 PETSC_ERR_ARG_OUTOFRANGE,
                 "Distance of species %" PetscInt_FMT " and %" PetscInt_FMT
                 " is %g Å; wanted >= 0 and the same both ways",
                 s, t, (double)d);
    }
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode check_kind(const md_pack_cell *cell, PetscInt k)
{
  const md_pack_kind *kind = &cell->kind[k];
  const PetscReal(*h)[3] = cell->h;

  PetscFunctionBegin;
  PetscCheck(kind->count >= 0 && kind->molecule->n >= 1, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Kind %" PetscInt_FMT " has %" PetscInt_FMT " copies of %" PetscInt_FMT " atoms", k,
             kind->count, kind->molecule->n);
  for (PetscInt i = 0; i < kind->molecule->n; i++) {
    PetscCheck(kind->molecule->type[i] >= 0 && kind->molecule->type[i] < cell->nspecies,
               PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
               "Kind %" PetscInt_FMT " has an atom of species %" PetscInt_FMT, k,
               kind->molecule->type[i]);
  }
  if (kind->low == kind->high) PetscFunctionReturn(0);
  PetscCheck(kind->low < kind->high && h[0][2] == 0.0 && h[1][2] == 0.0 && h[2][0] == 0.0 &&
                 h[2][1] == 0.0,
             PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Walls of kind %" PetscInt_FMT
             " are at %g and %g Å; wanted low < high and a cell that is upright",
             k, (double)kind->low, (double)kind->high);
  PetscFunctionReturn(0);
}

/* Numbers of atoms, of bodies, and of atoms in one copy of each kind. */
static PetscErrorCode check_cell(const md_pack_cell *cell, PetscInt *n, PetscInt *nbody,
                                 PetscInt *nshape)
{
  PetscReal inverse[3][3], volume;

  PetscFunctionBegin;
  *n = *nbody = *nshape = 0;
  for (PetscInt k = 0; k < cell->nkind; k++) {
    PetscCall(check_kind(cell, k));
    *n += cell->kind[k].count * cell->kind[k].molecule->n;
    *nbody += cell->kind[k].count;
    *nshape += cell->kind[k].molecule->n;
  }
  PetscCall(check_distances(cell->nspecies, cell->min_dist));
  PetscCheck(*n >= 1, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE, "No atoms to pack");
  volume = PetscAbsReal(invert(cell->h, inverse));
  PetscCheck(volume > 0.0 && !PetscIsInfOrNanReal(volume), PETSC_COMM_SELF,
             PETSC_ERR_ARG_OUTOFRANGE, "Cannot pack atoms into %g Å^3", (double)volume);
  PetscFunctionReturn(0);
}

/* From outside ------------------------------------------------------------------------------- */

static PetscErrorCode pack_or_not(packing *p, PetscReal *worst)
{
  PetscFunctionBegin;
  set_atoms(p);
  *worst = 1.0;
  if (p->reach > 0.0) {
    PetscCall(pack(p));
    *worst = p->best_worst;
  }
  finish(p);
  PetscFunctionReturn(0);
}

PetscErrorCode md_pack_molecules(const md_pack_cell *cell, md_atoms *atoms, PetscReal *worst)
{
  packing p = {.cell = cell, .atoms = atoms, .best_worst = -1.0};
  PetscErrorCode ierr;
  PetscInt n, nshape;

  PetscFunctionBegin;
  *atoms = (md_atoms){0};
  *worst = 1.0;
  PetscCall(check_cell(cell, &n, &p.nbody, &nshape));
  PetscCall(md_atoms_create(n, cell->nspecies, atoms));
  for (PetscInt st = 0; st < cell->nspecies * cell->nspecies; st++) {
    p.reach = PetscMax(p.reach, GROW * cell->min_dist[st]);
  }
  PetscCall(
      PetscMalloc4(3 * (size_t)n, &p.best, n, &p.ratio, n, &p.owner, 3 * (size_t)nshape, &p.y));
  PetscCall(PetscCalloc1(p.nbody, &p.body));
  ierr = pack_or_not(&p, worst);
  PetscCall(PetscFree4(p.best, p.ratio, p.owner, p.y));
  PetscCall(PetscFree(p.body));
  PetscCall(mtp_neighbors_clear(&p.nb));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode md_pack_random(const md_pack_spec *spec, md_atoms *atoms, PetscReal *worst)
{
  const PetscReal edge = PetscPowReal(spec->volume, 1.0 / 3.0);
  md_pack_cell cell = {.nspecies = spec->nspecies,
                       .mass = spec->mass,
                       .min_dist = spec->min_dist,
                       .nkind = spec->nspecies,
                       .h = {{edge, 0.0, 0.0}, {0.0, edge, 0.0}, {0.0, 0.0, edge}},
                       .rng = spec->rng};
  PetscReal origin[3] = {0.0, 0.0, 0.0};
  md_molecule *single;
  md_pack_kind *kind;
  PetscErrorCode ierr;
  PetscInt *type;

  PetscFunctionBegin;
  *atoms = (md_atoms){0};
  PetscCall(PetscCalloc3(spec->nspecies, &kind, spec->nspecies, &single, spec->nspecies, &type));
  for (PetscInt s = 0; s < spec->nspecies; s++) {
    type[s] = s;
    single[s] = (md_molecule){.n = 1, .type = &type[s], .x = origin};
    kind[s] = (md_pack_kind){.count = spec->count[s], .molecule = &single[s]};
  }
  cell.kind = kind;
  ierr = md_pack_molecules(&cell, atoms, worst);
  PetscCall(PetscFree3(kind, single, type));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}
