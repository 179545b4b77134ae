/* md/md_lattice.c - the table of lattices; filling sites */
#include "md/md_lattice.h"

#include <stdlib.h>
#include <string.h>

#define SQRT3 1.7320508075688772
#define HCP_C 1.6329931618554521 /* sqrt(8/3): spheres that touch */

/* hcp and its cousins stand in the orthohexagonal cell: a, a sqrt(3), c.
   Wyckoff positions as in the International Tables for Crystallography, vol. A. */
/* clang-format off */
static const md_lattice lattices[] = {
  {"sc", {1, 1, 1}, 1, {1, 0}, {{0, 0, 0}}},
  {"bcc", {1, 1, 1}, 2, {2, 0}, {{0, 0, 0}, {0.5, 0.5, 0.5}}},
  {"fcc", {1, 1, 1}, 4, {4, 0}, {{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}}},
  {"hcp", {1, SQRT3, HCP_C}, 4, {4, 0},
   {{0, 0, 0}, {0.5, 0.5, 0}, {0.5, 1.0 / 6, 0.5}, {0, 2.0 / 3, 0.5}}},
  {"diamond", {1, 1, 1}, 8, {8, 0},
   {{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0},
    {0.25, 0.25, 0.25}, {0.25, 0.75, 0.75}, {0.75, 0.25, 0.75}, {0.75, 0.75, 0.25}}},
  {"rocksalt", {1, 1, 1}, 8, {4, 4},
   {{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0},
    {0.5, 0, 0}, {0, 0.5, 0}, {0, 0, 0.5}, {0.5, 0.5, 0.5}}},
  {"cscl", {1, 1, 1}, 2, {1, 1}, {{0, 0, 0}, {0.5, 0.5, 0.5}}},
  {"zincblende", {1, 1, 1}, 8, {4, 4},
   {{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0},
    {0.25, 0.25, 0.25}, {0.25, 0.75, 0.75}, {0.75, 0.25, 0.75}, {0.75, 0.75, 0.25}}},
  {"fluorite", {1, 1, 1}, 12, {4, 8},
   {{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0},
    {0.25, 0.25, 0.25}, {0.25, 0.75, 0.75}, {0.75, 0.25, 0.75}, {0.75, 0.75, 0.25},
    {0.75, 0.75, 0.75}, {0.75, 0.25, 0.25}, {0.25, 0.75, 0.25}, {0.25, 0.25, 0.75}}},
};
/* clang-format on */
enum { NLATTICE = sizeof(lattices) / sizeof(lattices[0]) };

const md_lattice *md_lattice_get(PetscInt k)
{
  return k >= 0 && k < NLATTICE ? &lattices[k] : NULL;
}

const md_lattice *md_lattice_find(const char *name)
{
  for (size_t k = 0; k < NLATTICE; k++) {
    if (!strcmp(lattices[k].name, name)) return &lattices[k];
  }
  return NULL;
}

/* How far n is from what is wanted. */
static PetscReal miss(const md_lattice *l, PetscReal wanted, const PetscReal shape[3],
                      const PetscInt n[3])
{
  const PetscReal sites = (PetscReal)l->nsite * (PetscReal)n[0] * (PetscReal)n[1] * (PetscReal)n[2];
  PetscReal least = PETSC_MAX_REAL, most = 0.0;

  for (int a = 0; a < 3; a++) {
    const PetscReal edge = (PetscReal)n[a] * l->shape[a] / shape[a];

    least = PetscMin(least, edge);
    most = PetscMax(most, edge);
  }
  return PetscAbsReal(PetscLogReal(sites / wanted)) + 2.0 * PetscLogReal(most / least);
}

void md_lattice_replicate(const md_lattice *l, PetscReal wanted, const PetscReal shape[3],
                          PetscInt n[3])
{
  const PetscReal cells = wanted / (PetscReal)l->nsite * l->shape[0] * l->shape[1] * l->shape[2];
  const PetscReal scale = PetscPowReal(cells / (shape[0] * shape[1] * shape[2]), 1.0 / 3.0);
  PetscReal best = PETSC_MAX_REAL;
  PetscInt first[3], m[3];

  for (int a = 0; a < 3; a++) {
    first[a] = PetscMax(1, (PetscInt)(scale * shape[a] / l->shape[a]) - 1);
    n[a] = first[a];
  }
  for (PetscInt k = 0; k < 64; k++) {
    for (int a = 0; a < 3; a++) m[a] = first[a] + (k >> (2 * a)) % 4;
    if (miss(l, wanted, shape, m) >= best - 1e-12) continue;
    best = miss(l, wanted, shape, m);
    for (int a = 0; a < 3; a++) n[a] = m[a];
  }
}

typedef struct {
  PetscReal z, lot;
  size_t index; /* of the site: cell times nsite plus number in the cell */
} place;

/* Upwards along z; sites of one height in their order. */
static int by_height(const void *a, const void *b)
{
  const place *p = a, *q = b;

  if (p->z != q->z) return p->z < q->z ? -1 : 1;
  return p->index < q->index ? -1 : 1;
}

static int by_lot(const void *a, const void *b)
{
  const place *p = a, *q = b;

  if (p->lot != q->lot) return p->lot < q->lot ? -1 : 1;
  return p->index < q->index ? -1 : 1;
}

/* [Å] where a site is. */
static void position(const md_crystal *c, size_t index, PetscReal x[3])
{
  const size_t cell = index / (size_t)c->lattice->nsite;
  const PetscReal *s = c->lattice->site[index % (size_t)c->lattice->nsite];
  const size_t n0 = (size_t)c->n[0], n1 = (size_t)c->n[1];
  const size_t at[3] = {cell % n0, cell / n0 % n1, cell / (n0 * n1)};

  for (int a = 0; a < 3; a++) {
    x[a] = c->low[a] + ((PetscReal)at[a] + s[a]) / (PetscReal)c->n[a] * c->edge[a];
  }
}

/* Sites of a sublattice, lowest first. */
static void list_sites(const md_crystal *c, int sub, size_t ncell, place site[])
{
  const size_t first = sub ? (size_t)c->lattice->count[0] : 0, n = (size_t)c->lattice->count[sub];
  PetscReal x[3];

  for (size_t i = 0; i < ncell * n; i++) {
    const size_t index = i / n * (size_t)c->lattice->nsite + first + i % n;

    position(c, index, x);
    site[i] = (place){.z = x[2], .index = index};
  }
  qsort(site, ncell * n, sizeof(site[0]), by_height);
}

/* Deals `used` sites out to the species of a sublattice by lot. */
static void deal(const md_crystal *c, int sub, PetscInt used, place site[], PetscReal x[])
{
  PetscInt given = 0, row = 0;

  for (PetscInt i = 0; i < used; i++) {
    PetscReal u[2];

    /* far from the steps of packing, which share the purpose */
    md_rng_uniform2(c->rng, MD_RNG_PACK, (uint64_t)1 << 40, (uint32_t)site[i].index, u);
    site[i].lot = u[0];
  }
  qsort(site, (size_t)used, sizeof(site[0]), by_lot);
  for (PetscInt s = 0; s < c->nspecies; row += c->count[s++]) {
    if (c->sublattice[s] != sub) continue;
    for (PetscInt k = 0; k < c->count[s]; k++)
      position(c, site[given++].index, &x[3 * (size_t)(row + k)]);
  }
}

/* Atoms on a sublattice. */
static PetscInt atoms_on(const md_crystal *c, int sub)
{
  PetscInt n = 0;

  for (PetscInt s = 0; s < c->nspecies; s++) n += c->sublattice[s] == sub ? c->count[s] : 0;
  return n;
}

PetscErrorCode md_crystal_fill(const md_crystal *c, PetscReal x[])
{
  const size_t ncell = (size_t)c->n[0] * (size_t)c->n[1] * (size_t)c->n[2];
  place *site;

  PetscFunctionBegin;
  for (int sub = 0; sub < 2; sub++) {
    const PetscReal sites = (PetscReal)ncell * (PetscReal)c->lattice->count[sub];

    PetscCheck((PetscReal)atoms_on(c, sub) <= sites, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
               "%" PetscInt_FMT " atoms for %.0f sites of sublattice %d of %s", atoms_on(c, sub),
               (double)sites, sub + 1, c->lattice->name);
  }
  PetscCall(PetscMalloc1(ncell * MD_LATTICE_SITES, &site));
  for (int sub = 0; sub < 2; sub++) {
    list_sites(c, sub, ncell, site);
    deal(c, sub, atoms_on(c, sub), site, x);
  }
  PetscCall(PetscFree(site));
  PetscFunctionReturn(0);
}
