/* screening/screen_start.c - where a replica begins; the rules stand in the header
 *
 * Why charges matter here: a random mixture of ions has cations beside cations, hundreds of kJ/mol
 * above the liquid, in surroundings that no potential was trained on.  Keeping equal charges
 * further apart than opposite ones is enough for the first shells to come out with the right sign,
 * and the equilibration starts from something like a melt.
 */
#include "screening/screen_start.h"

#include <stdio.h>
#include <string.h>

#define OPPOSITE 1.1 /* x shortest distance of the potential */
#define SPREAD   0.9 /* x (V/n)^(1/3) of the n atoms of one sign */
#define SHRINK   0.93
#define FLOOR    0.72 /* x first distance, for pairs with an atom of a molecule */
enum { TRIES = 12 };  /* 0.93^12 = 0.42 */
/* [Å] beside molecules */
static const PetscReal OPPOSITE_MIN = 2.2, ALIKE_MAX = 4.5;
static const PetscReal MOLECULAR[3] = {2.8, 2.2, 2.0}; /* by the number of hydrogens in the pair */

/* Copies of one molecule, or the single atoms of one species, in a region. */
typedef struct {
  PetscInt region, molecule; /* molecule: index, or -1 */
  PetscInt species, count;
} block;

/* Everything of a start while it is made. */
typedef struct {
  const screen_campaign *campaign;
  const screen_point *point;
  screen_cell cell;
  PetscInt nblock;
  block *block;                /* [nblock] in the order of the atoms */
  md_pack_kind *kind;          /* [nblock] */
  md_molecule *single;         /* [nspecies] */
  PetscInt *type;              /* [nspecies] */
  PetscReal *place;            /* [natoms,3] of crystals */
  PetscReal *distance, *floor; /* [nspecies,nspecies] */
  PetscBool *bound;            /* [nspecies] occurs in a molecule */
} builder;

/* Blocks ------------------------------------------------------------------------------------- */

static PetscInt single_atoms(const screen_component *component, PetscInt s)
{
  return component->single ? component->single[s] : component->count[s];
}

/* Single atoms of a species in a region. */
static PetscInt count_single(const builder *b, PetscInt r, PetscInt s)
{
  const screen_campaign *c = b->campaign;
  PetscInt n = 0;

  if (c->nregion == 0 && c->nmolecule == 0) return b->point->count[s];
  for (PetscInt k = 0; k < c->ncomponent; k++) {
    if (screen_region_has(c, r, k)) n += b->point->units[k] * single_atoms(&c->component[k], s);
  }
  return n;
}

/* Blocks of a region behind those that are there. */
static void add_region(builder *b, PetscInt r)
{
  const screen_campaign *c = b->campaign;

  for (PetscInt k = 0; k < c->ncomponent; k++) {
    if (!screen_region_has(c, r, k)) continue;
    for (PetscInt i = 0; i < c->component[k].nmolecule; i++)
      b->block[b->nblock++] = (block){r, c->component[k].molecule[i], -1, b->point->units[k]};
  }
  for (PetscInt s = 0; s < c->nspecies; s++)
    b->block[b->nblock++] = (block){r, -1, s, count_single(b, r, s)};
}

static PetscErrorCode list_blocks(builder *b)
{
  const screen_campaign *c = b->campaign;
  PetscInt most = 0;

  PetscFunctionBegin;
  for (PetscInt k = 0; k < c->ncomponent; k++) most += c->component[k].nmolecule;
  most += PetscMax(1, c->nregion) * c->nspecies;
  PetscCall(PetscCalloc1(most, &b->block));
  for (PetscInt r = 0; r < PetscMax(1, c->nregion); r++) add_region(b, r);
  PetscFunctionReturn(0);
}

/* Distances ---------------------------------------------------------------------------------- */

/* Sign of a species' charge; 0 for all when the campaign gives none. */
static int sign_of(const screen_campaign *campaign, PetscInt s)
{
  if (!campaign->has_charges || campaign->charge[s] == 0.0) return 0;
  return campaign->charge[s] > 0.0 ? 1 : -1;
}

/* [Å] spacing of the single atoms of one sign, in the region where it is smallest; 0 for none. */
static PetscReal spacing(const builder *b, int sign)
{
  PetscReal least = 0.0;

  for (PetscInt r = 0; r < b->cell.nregion; r++) {
    PetscInt alike = 0;
    PetscReal d;

    for (PetscInt i = 0; i < b->nblock; i++) {
      const block *one = &b->block[i];

      if (one->region != r || one->molecule >= 0) continue;
      alike += sign_of(b->campaign, one->species) == sign ? one->count : 0;
    }
    if (alike == 0) continue;
    d = SPREAD * PetscPowReal(b->cell.volume[r] / (PetscReal)alike, 1.0 / 3.0);
    least = least > 0.0 ? PetscMin(least, d) : d;
  }
  return least;
}

/* Wanted distance of species a and the one asking, both single atoms. */
static PetscReal single_distance(const builder *b, PetscInt s, PetscInt t, PetscReal shortest)
{
  const int sign = sign_of(b->campaign, s);
  const PetscBool opposite = (PetscBool)(sign * sign_of(b->campaign, t) < 0);
  const PetscBool molecules = (PetscBool)(b->campaign->nmolecule > 0);
  PetscReal d = OPPOSITE * shortest, apart;

  if (molecules) d = PetscMax(d, OPPOSITE_MIN);
  if (opposite) return d;
  apart = spacing(b, sign);
  if (molecules) apart = PetscMin(apart, ALIKE_MAX);
  return PetscMax(d, apart);
}

static PetscBool is_hydrogen(const screen_campaign *c, PetscInt s)
{
  return (PetscBool)!strcmp(c->species[s], "H");
}

/* Shortest distances wanted of all pairs, and the shortest that will do, [nspecies,nspecies, Å]. */
static void set_distances(builder *b, PetscReal shortest)
{
  const screen_campaign *c = b->campaign;
  const PetscInt n = c->nspecies;

  for (PetscInt s = 0; s < n; s++) {
    for (PetscInt t = 0; t < n; t++) {
      const PetscReal m = MOLECULAR[is_hydrogen(c, s) + is_hydrogen(c, t)];
      const PetscBool molecular = (PetscBool)(b->bound[s] || b->bound[t]);

      b->distance[s * n + t] = molecular ? m : single_distance(b, s, t, shortest);
      b->floor[s * n + t] = molecular ? FLOOR * m : shortest;
    }
  }
  for (PetscInt s = 0; s < n; s++) { /* a charged and a neutral species: the smaller of both */
    for (PetscInt t = 0; t < s; t++) {
      const PetscReal d = PetscMin(b->distance[s * n + t], b->distance[t * n + s]);

      b->distance[s * n + t] = b->distance[t * n + s] = d;
    }
  }
}

/* Crystals ----------------------------------------------------------------------------------- */

static const md_lattice *lattice_of(const screen_campaign *c, PetscInt r)
{
  if (c->start == SCREEN_START_CRYSTAL) return c->lattice;
  return c->nregion > 0 ? c->region[r].lattice : NULL;
}

/* Which sublattice each species goes on: cations on the one that has as many sites as there are
   cations, compared with anions; all on the only one. */
static PetscErrorCode choose_sublattices(const screen_campaign *c, const md_lattice *l,
                                         const PetscInt count[], PetscInt sublattice[])
{
  PetscInt cations = 0, anions = 0, first;

  PetscFunctionBegin;
  for (PetscInt s = 0; s < c->nspecies; s++) {
    sublattice[s] = 0;
    PetscCheck(l->count[1] == 0 || count[s] == 0 || sign_of(c, s) != 0, PETSC_COMM_SELF,
               PETSC_ERR_ARG_OUTOFRANGE,
               "%s has two sublattices: give system.charges, so that it is known on which %s goes",
               l->name, c->species[s]);
    if (sign_of(c, s) > 0) cations += count[s];
    if (sign_of(c, s) < 0) anions += count[s];
  }
  first = (cations > anions) == (l->count[0] > l->count[1]) || cations == anions ? 1 : -1;
  for (PetscInt s = 0; s < c->nspecies && l->count[1] > 0; s++)
    sublattice[s] = sign_of(c, s) == first ? 0 : 1;
  PetscFunctionReturn(0);
}

/* Cells of a crystal in a region: as many along x and y as fit best, then as many layers as hold
   all atoms. */
static void fit_region(const builder *b, PetscInt r, const md_lattice *l, const PetscInt on[2],
                       PetscInt n[3])
{
  const PetscReal *e = b->cell.edge, height = b->cell.high[r] - b->cell.low[r];
  const PetscReal cells = (PetscReal)(on[0] + on[1]) / (PetscReal)l->nsite;
  const PetscReal a = PetscPowReal(
      e[0] * e[1] * height / cells / (l->shape[0] * l->shape[1] * l->shape[2]), 1.0 / 3.0);

  for (int k = 0; k < 2; k++) n[k] = PetscMax(1, (PetscInt)(e[k] / (a * l->shape[k]) + 0.5));
  n[2] = 1;
  for (int sub = 0; sub < 2; sub++) {
    const PetscInt layer = n[0] * n[1] * l->count[sub];

    if (layer > 0) n[2] = PetscMax(n[2], (on[sub] + layer - 1) / layer);
  }
}

/* Places of the single atoms of region r, into x. */
static PetscErrorCode place_crystal(builder *b, PetscInt r, const md_lattice *lattice,
                                    const PetscInt count[], PetscInt sublattice[], md_rng rng,
                                    PetscReal x[])
{
  const screen_campaign *c = b->campaign;
  md_crystal crystal = {.lattice = lattice,
                        .nspecies = c->nspecies,
                        .count = count,
                        .sublattice = sublattice,
                        .edge = {b->cell.edge[0], b->cell.edge[1], b->cell.edge[2]},
                        .rng = md_rng_derive(rng, (uint64_t)r + 1)};
  PetscInt on[2] = {0, 0};

  PetscFunctionBegin;
  PetscCall(choose_sublattices(c, lattice, count, sublattice));
  for (PetscInt s = 0; s < c->nspecies; s++) on[sublattice[s]] += count[s];
  if (c->start == SCREEN_START_CRYSTAL) {
    for (int a = 0; a < 3; a++) crystal.n[a] = b->cell.repeat[a];
  } else {
    fit_region(b, r, lattice, on, crystal.n);
    crystal.low[2] = b->cell.low[r];
    crystal.edge[2] = b->cell.high[r] - b->cell.low[r];
  }
  PetscCall(md_crystal_fill(&crystal, x));
  PetscFunctionReturn(0);
}

/* All crystals; their kinds get places. */
static PetscErrorCode place_crystals(builder *b, md_rng rng)
{
  const PetscInt ns = b->campaign->nspecies;
  PetscInt *count, *sublattice;
  PetscReal *x = b->place;
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  PetscCall(PetscMalloc2(ns, &count, ns, &sublattice));
  for (PetscInt i = 0; i < b->nblock && !ierr; i++) {
    const PetscInt s = b->block[i].species, r = b->block[i].region;
    const md_lattice *lattice = lattice_of(b->campaign, r);

    if (!lattice || s != 0) continue;
    for (PetscInt t = 0; t < ns; t++) count[t] = b->block[i + t].count;
    ierr = place_crystal(b, r, lattice, count, sublattice, rng, x);
    for (PetscInt t = 0; t < ns; x += 3 * (size_t)count[t++])
      if (count[t] > 0) b->kind[i + t].place = x;
  }
  PetscCall(PetscFree2(count, sublattice));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* Packing ------------------------------------------------------------------------------------ */

/* Blocks as the packing wants them. */
static PetscErrorCode set_kinds(builder *b)
{
  const screen_campaign *c = b->campaign;
  static PetscReal origin[3] = {0.0, 0.0, 0.0};
  const PetscBool walls = (PetscBool)(c->nregion > 1 || c->vacuum > 0.0);

  PetscFunctionBegin;
  for (PetscInt s = 0; s < c->nspecies; s++) {
    b->type[s] = s;
    b->single[s] = (md_molecule){.n = 1, .type = &b->type[s], .x = origin};
  }
  for (PetscInt i = 0; i < b->nblock; i++) {
    const block *one = &b->block[i];

    PetscCheck(one->molecule < 0 || !lattice_of(c, one->region), PETSC_COMM_SELF,
               PETSC_ERR_ARG_OUTOFRANGE, "Molecules of %s cannot stand on a lattice",
               c->molecule[one->molecule].name);
    b->kind[i] = (md_pack_kind){.count = one->count,
                                .molecule = one->molecule >= 0 ? &c->molecule[one->molecule].body
                                                               : &b->single[one->species]};
    for (PetscInt k = 0; one->molecule >= 0 && k < b->kind[i].molecule->n; k++)
      b->bound[b->kind[i].molecule->type[k]] = PETSC_TRUE;
    if (!walls) continue;
    b->kind[i].low = b->cell.low[one->region];
    b->kind[i].high = b->cell.high[one->region];
  }
  PetscFunctionReturn(0);
}

/* Packs with shrinking distances, none below its floor. */
static PetscErrorCode pack(builder *b, md_rng rng, md_atoms *atoms, screen_start_report *report)
{
  const PetscInt n = b->campaign->nspecies;
  const PetscReal *e = b->cell.edge;
  const md_pack_cell cell = {.nspecies = n,
                             .mass = b->campaign->mass,
                             .min_dist = b->distance,
                             .nkind = b->nblock,
                             .kind = b->kind,
                             .h = {{e[0], 0.0, 0.0}, {0.0, e[1], 0.0}, {0.0, 0.0, e[2]}},
                             .rng = rng};

  PetscFunctionBegin;
  report->shrunk = 1.0;
  for (PetscInt k = 0; k < TRIES; k++) {
    PetscCall(md_atoms_clear(atoms));
    PetscCall(md_pack_molecules(&cell, atoms, &report->worst));
    if (report->worst >= 1.0) PetscFunctionReturn(0);
    report->shrunk *= SHRINK;
    for (PetscInt i = 0; i < n * n; i++)
      b->distance[i] = PetscMax(SHRINK * b->distance[i], b->floor[i]);
  }
  if (e[0] == e[1] && e[1] == e[2])
    SETERRQ(PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
            "Atoms do not fit into a cube of %.2f Å: a pair is at %.2f of the shortest distance",
            (double)e[0], (double)report->worst);
  SETERRQ(PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
          "Atoms do not fit into %.2f x %.2f x %.2f Å: a pair is at %.2f of the shortest distance",
          (double)e[0], (double)e[1], (double)e[2], (double)report->worst);
}

static PetscErrorCode build_in(builder *b, PetscReal shortest, md_rng rng, md_atoms *atoms,
                               screen_start_report *report)
{
  const PetscInt ns = b->campaign->nspecies;

  PetscFunctionBegin;
  PetscCall(list_blocks(b));
  PetscCall(PetscCalloc3(b->nblock, &b->kind, ns, &b->single, ns, &b->type));
  PetscCall(PetscMalloc3(3 * (size_t)b->point->natoms, &b->place, ns * ns, &b->distance, ns * ns,
                         &b->floor));
  PetscCall(PetscCalloc1(ns, &b->bound));
  PetscCall(set_kinds(b));
  PetscCall(place_crystals(b, rng));
  set_distances(b, shortest);
  PetscCall(pack(b, rng, atoms, report));
  PetscFunctionReturn(0);
}

static PetscErrorCode create_packed(const screen_campaign *campaign, const screen_point *point,
                                    PetscReal shortest, md_rng rng, md_atoms *atoms,
                                    screen_start_report *report)
{
  builder b = {.campaign = campaign, .point = point};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  screen_cell_make(campaign, point->units, point->count, &b.cell);
  ierr = build_in(&b, shortest, rng, atoms, report);
  PetscCall(PetscFree(b.block));
  PetscCall(PetscFree3(b.kind, b.single, b.type));
  PetscCall(PetscFree3(b.place, b.distance, b.floor));
  PetscCall(PetscFree(b.bound));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* Files -------------------------------------------------------------------------------------- */

/* The file's atoms must be those of the point. */
static PetscErrorCode check_counts(const screen_campaign *campaign, const screen_point *point,
                                   const md_atoms *atoms)
{
  PetscFunctionBegin;
  for (PetscInt s = 0; s < campaign->nspecies; s++) {
    PetscInt count = 0;

    for (PetscInt i = 0; i < atoms->n; i++) count += atoms->type[i] == s;
    PetscCheck(count == point->count[s], PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
               "%s: got %" PetscInt_FMT " atoms of %s, wanted %" PetscInt_FMT, campaign->initial,
               count, campaign->species[s], point->count[s]);
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode create_read(const screen_campaign *campaign, const screen_point *point,
                                  md_atoms *atoms)
{
  const PetscInt n = campaign->nspecies;
  const char **species;
  char first[512] = "";
  mtp_diag diag = {0};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(n, &species));
  for (PetscInt s = 0; s < n; s++) species[s] = campaign->species[s];
  ierr = md_atoms_read(campaign->initial, n, species, campaign->mass, atoms, &diag);
  if (!ierr && diag.n > 0) snprintf(first, sizeof(first), "%s", diag.text[0]);
  PetscCall(PetscFree(species));
  PetscCall(mtp_diag_clear(&diag));
  PetscCall(ierr);
  PetscCheck(!first[0], PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED, "%s", first);
  PetscCall(check_counts(campaign, point, atoms));
  PetscFunctionReturn(0);
}

/* From outside ------------------------------------------------------------------------------- */

static void fill_report(const md_atoms *atoms, screen_start_report *report)
{
  for (int a = 0; a < 3; a++) {
    const PetscReal *h = atoms->h[a];

    report->edge[a] = PetscSqrtReal(h[0] * h[0] + h[1] * h[1] + h[2] * h[2]);
  }
  report->density = md_atoms_total_mass(atoms) / md_atoms_volume(atoms);
}

PetscErrorCode screen_start_build(const screen_campaign *campaign, const screen_point *point,
                                  PetscReal shortest, md_rng rng, md_atoms *atoms,
                                  screen_start_report *report)
{
  screen_start_report own = {.shrunk = 1.0, .worst = 1.0};

  PetscFunctionBegin;
  *atoms = (md_atoms){0};
  if (campaign->initial)
    PetscCall(create_read(campaign, point, atoms));
  else
    PetscCall(create_packed(campaign, point, shortest, rng, atoms, &own));
  fill_report(atoms, &own);
  if (report) *report = own;
  PetscFunctionReturn(0);
}

PetscErrorCode screen_start_create(const screen_campaign *campaign, const screen_point *point,
                                   const md_potential *pot, md_rng rng, md_atoms *atoms)
{
  PetscFunctionBegin;
  PetscCall(screen_start_build(campaign, point, pot->min_dist, rng, atoms, NULL));
  PetscFunctionReturn(0);
}

md_rng screen_start_rng(const screen_point *point, PetscInt replica)
{
  md_rng rng = {0};

  memcpy(&rng.key, point->key.byte, sizeof(rng.key));
  return md_rng_derive(rng, 1 + (uint64_t)replica);
}

PetscErrorCode screen_start_molecules(const screen_campaign *campaign, const screen_point *point,
                                      PetscInt molecule[], PetscInt kind[])
{
  builder b = {.campaign = campaign, .point = point};
  PetscInt atom = 0, number = 0;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < point->natoms && campaign->initial; i++) {
    molecule[i] = i;
    if (kind) kind[i] = -1;
  }
  if (campaign->initial) PetscFunctionReturn(0);
  PetscCall(list_blocks(&b));
  for (PetscInt i = 0; i < b.nblock; i++) {
    const block *one = &b.block[i];
    const PetscInt n = one->molecule < 0 ? 1 : campaign->molecule[one->molecule].body.n;

    for (PetscInt copy = 0; copy < one->count; copy++, number++) {
      for (PetscInt k = 0; k < n; k++, atom++) {
        molecule[atom] = number;
        if (kind) kind[atom] = one->molecule;
      }
    }
  }
  PetscCall(PetscFree(b.block));
  PetscFunctionReturn(0);
}
