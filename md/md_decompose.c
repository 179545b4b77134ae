/* md/md_decompose.c - atoms to the ranks that own them, and back
 *
 * Who owns an atom is decided when the neighbour list is built, from its position then, and holds
 * until the next build.  On its rank atoms are sorted by their number in the whole system: so the
 * state of a run on several ranks is that of all atoms and the cuts, nothing else, and a checkpoint
 * that holds both continues to the bit on as many ranks.
 *
 * The cuts move when the heaviest rank has IMBALANCE times the mean weight.  The weight of an atom
 * is what its forces cost: a constant and its neighbours in the list.
 */
#include "md/md_run_impl.h"

#include "md/md_halo.h"

#define IMBALANCE 1.01
#define ATOM_COST 32.0 /* of an atom without neighbours, in units of one neighbour */

/* All of an atom that its rank must know. */
typedef struct {
  PetscInt id, type;
  PetscReal x[3], v[3], place[3], good[3], anchor[3];
} traveller;

PetscErrorCode md__reserve_atoms(PetscInt n, md_run *run)
{
  md_atoms *a = &run->atoms;
  const size_t want = (size_t)n + (size_t)n / 8 + 16;

  PetscFunctionBegin;
  a->n = n;
  if (n <= run->atom_capacity) PetscFunctionReturn(0);
  PetscCall(PetscRealloc(want * sizeof(*a->id), &a->id));
  PetscCall(PetscRealloc(want * sizeof(*a->type), &a->type));
  PetscCall(PetscRealloc(3 * want * sizeof(*a->x), &a->x));
  PetscCall(PetscRealloc(3 * want * sizeof(*a->v), &a->v));
  PetscCall(PetscRealloc(3 * want * sizeof(*a->f), &a->f));
  PetscCall(PetscRealloc(3 * want * sizeof(*a->x), &run->memory.good));
  PetscCall(PetscRealloc(3 * want * sizeof(*a->x), &run->memory.anchor));
  run->atom_capacity = (PetscInt)want;
  PetscFunctionReturn(0);
}

static void pack(const md_run *run, const PetscReal place[], PetscInt i, traveller *t)
{
  const md_atoms *a = &run->atoms;

  *t = (traveller){.id = a->id[i], .type = a->type[i]};
  for (size_t k = 0; k < 3; k++) {
    t->x[k] = a->x[3 * (size_t)i + k];
    t->v[k] = a->v[3 * (size_t)i + k];
    t->place[k] = place[3 * (size_t)i + k];
    t->good[k] = run->memory.good[3 * (size_t)i + k];
    t->anchor[k] = run->memory.anchor[3 * (size_t)i + k];
  }
}

/* Travellers in the order of their numbers become the atoms of this rank. */
static PetscErrorCode settle(PetscInt n, const traveller come[], PetscReal **place, md_run *run)
{
  md_atoms *a = &run->atoms;
  PetscInt *id, *order;

  PetscFunctionBegin;
  PetscCall(md__reserve_atoms(n, run));
  PetscCall(PetscMalloc2(n, &id, n, &order));
  for (PetscInt i = 0; i < n; i++) {
    id[i] = come[i].id;
    order[i] = i;
  }
  PetscCall(PetscSortIntWithArray(n, id, order));
  if (place) PetscCall(PetscRealloc((3 * (size_t)n + 1) * sizeof(**place), place));
  for (PetscInt i = 0; i < n; i++) {
    const traveller *t = &come[order[i]];

    a->id[i] = t->id;
    a->type[i] = t->type;
    for (size_t k = 0; k < 3; k++) {
      a->x[3 * (size_t)i + k] = t->x[k];
      a->v[3 * (size_t)i + k] = t->v[k];
      a->f[3 * (size_t)i + k] = 0.0;
      run->memory.good[3 * (size_t)i + k] = t->good[k];
      run->memory.anchor[3 * (size_t)i + k] = t->anchor[k];
      if (place) (*place)[3 * (size_t)i + k] = t->place[k];
    }
  }
  PetscCall(PetscFree2(id, order));
  PetscFunctionReturn(0);
}

/* go [n] sorted by rank, ngo [size] to each; come [*ncome] is allocated. */
static PetscErrorCode travel(const md_run *run, const traveller go[], const PetscMPIInt ngo[],
                             PetscInt *ncome, traveller **come)
{
  const size_t size = (size_t)run->size;
  PetscMPIInt *nin, *from, *to;
  MPI_Datatype type;

  PetscFunctionBegin;
  PetscCall(PetscMalloc3(size, &nin, size, &from, size, &to));
  PetscCallMPI(MPI_Alltoall(ngo, 1, MPI_INT, nin, 1, MPI_INT, run->comm));
  for (PetscMPIInt r = 0; r < run->size; r++) {
    from[r] = r ? from[r - 1] + nin[r - 1] : 0;
    to[r] = r ? to[r - 1] + ngo[r - 1] : 0;
  }
  *ncome = from[size - 1] + nin[size - 1];
  PetscCall(PetscMalloc1(*ncome, come));
  PetscCallMPI(MPI_Type_contiguous((PetscMPIInt)sizeof(traveller), MPI_BYTE, &type));
  PetscCallMPI(MPI_Type_commit(&type));
  PetscCallMPI(MPI_Alltoallv(go, ngo, to, type, *come, nin, from, type, run->comm));
  PetscCallMPI(MPI_Type_free(&type));
  PetscCall(PetscFree3(nin, from, to));
  PetscFunctionReturn(0);
}

/* Sorts the atoms of this rank by owner. */
static PetscErrorCode depart(const md_run *run, const PetscReal s[], const PetscReal place[],
                             traveller go[], PetscMPIInt ngo[])
{
  const md_atoms *a = &run->atoms;
  PetscMPIInt *owner, *next;

  PetscFunctionBegin;
  PetscCall(PetscMalloc2(a->n, &owner, run->size, &next));
  PetscCall(PetscArrayzero(ngo, run->size));
  for (PetscInt i = 0; i < a->n; i++) {
    owner[i] = md__domain_owner(&run->halo->domain, s + 3 * (size_t)i);
    ngo[owner[i]]++;
  }
  for (PetscMPIInt r = 0; r < run->size; r++) next[r] = r ? next[r - 1] + ngo[r - 1] : 0;
  for (PetscInt i = 0; i < a->n; i++) pack(run, place, i, &go[next[owner[i]]++]);
  PetscCall(PetscFree2(owner, next));
  PetscFunctionReturn(0);
}

/* Every atom to the rank whose brick holds its place, of fractional coordinates s. */
static PetscErrorCode migrate(md_run *run, const PetscReal s[], PetscReal **place)
{
  traveller *go, *come;
  PetscMPIInt *ngo;
  PetscInt ncome;

  PetscFunctionBegin;
  PetscCall(PetscMalloc2(run->atoms.n, &go, run->size, &ngo));
  PetscCall(depart(run, s, place ? *place : run->atoms.x, go, ngo));
  PetscCall(travel(run, go, ngo, &ncome, &come));
  PetscCall(settle(ncome, come, place, run));
  PetscCall(PetscFree2(go, ngo));
  PetscCall(PetscFree(come));
  PetscFunctionReturn(0);
}

/* weight [n] of atoms; *uneven: the cuts should move. */
static PetscErrorCode weigh(const md_run *run, PetscReal weight[], PetscBool *uneven)
{
  PetscReal mean = 0.0, top;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < run->atoms.n; i++) {
    weight[i] =
        run->listed ? ATOM_COST + (PetscReal)(run->nb.first[i + 1] - run->nb.first[i]) : 1.0;
    mean += weight[i] / (PetscReal)run->size;
  }
  top = mean * (PetscReal)run->size;
  PetscCall(md__sum(run, 1, &mean));
  PetscCall(md__max(run, 1, &top));
  *uneven = (PetscBool)(!run->listed || top > IMBALANCE * mean);
  PetscFunctionReturn(0);
}

PetscErrorCode md__decompose(md_run *run)
{
  const md_atoms *a = &run->atoms;
  PetscReal *s, *weight, edge[3];
  PetscBool uneven = PETSC_FALSE;

  PetscFunctionBegin;
  PetscCall(PetscMalloc2(3 * (size_t)a->n, &s, a->n, &weight));
  mtp_neighbors_locate(a->n, a->x, a->h, s, NULL, edge);
  PetscCall(weigh(run, weight, &uneven));
  if (uneven) {
    PetscCall(md__domain_cut(run->comm, a->n, s, weight, edge, &run->halo->domain));
  }
  PetscCall(migrate(run, s, NULL));
  PetscCall(PetscFree2(s, weight));
  PetscFunctionReturn(0);
}

PetscErrorCode md__decompose_as(md_run *run, const PetscReal h[3][3], PetscReal **place)
{
  PetscReal *s;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(3 * (size_t)run->atoms.n, &s));
  mtp_neighbors_locate(run->atoms.n, *place, h, s, NULL, NULL);
  PetscCall(migrate(run, s, place));
  PetscCall(PetscFree(s));
  PetscFunctionReturn(0);
}

PetscErrorCode md__build(md_run *run, const PetscReal x[], const PetscReal h[3][3])
{
  const md_atoms *a = &run->atoms;
  md__halo_input in = {.n = a->n,
                       .x = x,
                       .type = a->type,
                       .id = a->id,
                       .cutoff = run->pot->cutoff,
                       .skin = md__skin(run->pot->cutoff)};

  PetscFunctionBegin;
  if (run->halo) {
    PetscCall(PetscArraycpy(&in.h[0][0], &h[0][0], 9));
    PetscCall(md__halo_build(run->halo, &in, &run->nb));
  } else {
    PetscCall(mtp_neighbors_build(a->n, x, a->type, h, 3, in.cutoff, in.skin, &run->nb));
  }
  run->listed = PETSC_TRUE;
  PetscFunctionReturn(0);
}

/* counts and places [size] of what the ranks send to rank 0, `width` numbers an atom */
static PetscErrorCode shares(const md_run *run, PetscMPIInt width, PetscMPIInt count[],
                             PetscMPIInt place[])
{
  const PetscMPIInt mine = (PetscMPIInt)run->atoms.n * width;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Gather(&mine, 1, MPI_INT, count, 1, MPI_INT, 0, run->comm));
  for (PetscMPIInt r = 0; r < run->size && run->rank == 0; r++) {
    place[r] = r ? place[r - 1] + count[r - 1] : 0;
  }
  PetscFunctionReturn(0);
}

/* From the order of arrival to that of numbers. */
static void by_id(PetscInt total, PetscInt width, const PetscInt id[], const PetscReal in[],
                  PetscReal out[])
{
  for (PetscInt i = 0; i < total; i++) {
    for (PetscInt k = 0; k < width; k++) {
      out[(size_t)width * (size_t)id[i] + (size_t)k] = in[(size_t)width * (size_t)i + (size_t)k];
    }
  }
}

/* Numbers of the atoms in the order of arrival, [total] on rank 0 */
static PetscErrorCode collect_ids(const md_run *run, const PetscInt mine[], PetscInt all[])
{
  PetscMPIInt *count, *place;

  PetscFunctionBegin;
  PetscCall(PetscMalloc2(run->size, &count, run->size, &place));
  PetscCall(shares(run, 1, count, place));
  PetscCallMPI(MPI_Gatherv(mine, (PetscMPIInt)run->atoms.n, MPIU_INT, all, count, place, MPIU_INT,
                           0, run->comm));
  PetscCall(PetscFree2(count, place));
  PetscFunctionReturn(0);
}

PetscErrorCode md__collect(const md_run *run, PetscInt width, const PetscReal a[],
                           PetscReal whole[])
{
  const size_t total = run->rank == 0 ? (size_t)run->total : 0;
  PetscMPIInt *count, *place;
  PetscInt *id;
  PetscReal *all;

  PetscFunctionBegin;
  if (run->size == 1) {
    PetscCall(PetscArraycpy(whole, a, (size_t)width * total));
    PetscFunctionReturn(0);
  }
  PetscCall(
      PetscMalloc4(run->size, &count, run->size, &place, total, &id, (size_t)width * total, &all));
  PetscCall(collect_ids(run, run->atoms.id, id));
  PetscCall(shares(run, (PetscMPIInt)width, count, place));
  PetscCallMPI(MPI_Gatherv(a, (PetscMPIInt)(width * run->atoms.n), MPIU_REAL, all, count, place,
                           MPIU_REAL, 0, run->comm));
  by_id((PetscInt)total, width, id, all, whole);
  PetscCall(PetscFree4(count, place, id, all));
  PetscFunctionReturn(0);
}

PetscErrorCode md__collect_types(const md_run *run, PetscInt whole[])
{
  const size_t total = run->rank == 0 ? (size_t)run->total : 0;
  PetscInt *id, *type;

  PetscFunctionBegin;
  if (run->size == 1) {
    PetscCall(PetscArraycpy(whole, run->atoms.type, total));
    PetscFunctionReturn(0);
  }
  PetscCall(PetscMalloc2(total, &id, total, &type));
  PetscCall(collect_ids(run, run->atoms.id, id));
  PetscCall(collect_ids(run, run->atoms.type, type));
  for (size_t i = 0; i < total; i++) whole[id[i]] = type[i];
  PetscCall(PetscFree2(id, type));
  PetscFunctionReturn(0);
}

PetscErrorCode md_run_gather(const md_run *run, md_atoms *whole)
{
  const md_atoms *a = &run->atoms;

  PetscFunctionBegin;
  *whole = (md_atoms){0};
  if (run->rank == 0) {
    PetscCall(md_atoms_create(run->total, a->nspecies, whole));
    PetscCall(PetscArraycpy(whole->mass, a->mass, a->nspecies));
    PetscCall(PetscArraycpy(&whole->h[0][0], &a->h[0][0], 9));
  }
  PetscCall(md__collect_types(run, whole->type));
  PetscCall(md__collect(run, 3, a->x, whole->x));
  PetscCall(md__collect(run, 3, a->v, whole->v));
  PetscCall(md__collect(run, 3, a->f, whole->f));
  PetscFunctionReturn(0);
}

PetscErrorCode md_sample_atoms(const md_sample *sample, md_atoms *storage, const md_atoms **atoms)
{
  PetscFunctionBegin;
  *storage = (md_atoms){0};
  *atoms = sample->atoms;
  if (sample->run->size == 1) PetscFunctionReturn(0);
  PetscCall(md_run_gather(sample->run, storage));
  *atoms = sample->run->rank == 0 ? storage : NULL;
  PetscFunctionReturn(0);
}

PetscInt md_run_id(const md_run *run, PetscInt j)
{
  const mtp_neighbors *nb = &run->nb;
  const PetscInt ghost = j - nb->nlocal;

  if (ghost < 0) return run->atoms.id[j];
  if (ghost < nb->nghost) return run->atoms.id[nb->parent[ghost]];
  return run->halo->visitor[ghost - nb->nghost].id;
}
