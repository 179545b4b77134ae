/* properties/prop_life.c - bonds that begin and end
 *
 * The bonds that are there lie in one list, sorted by their atoms.  Each sample makes a sorted list
 * of the pairs that are close, and merges the two.  A bond is over when its absence exceeds the
 * tolerance; its time up to the last sample at which it was seen counts, and what part of that
 * belongs to which block of time is told by when it is found out, not by when it happened: the
 * blocks serve the error bar alone.
 */
#include "properties/prop_life.h"
#include "mtp/mtp_neigh.h"

#include <stdlib.h>

static const char life_tag[8] = "PRPLIFE";
enum { LIFE_VERSION = 1, MIN_BLOCKS = 4 };

typedef struct {
  PetscInt64 pair;  /* number of the first atom times that of atoms, plus the second */
  PetscInt64 birth; /* sample at which it was first seen */
  PetscInt64 seen;  /* the last one */
} bond;

/* What a stretch of time tells */
typedef struct {
  PetscInt64 time;  /* samples of bonds beyond the tolerance */
  PetscInt64 ended; /* bonds that ended beyond it */
} tally;

struct prop_life {
  prop_life_settings set;
  PetscInt64 patience; /* samples of absence that a bond survives */
  PetscInt64 nsample;
  PetscInt64 length; /* samples a block, a power of two */
  PetscInt nblock;   /* complete blocks, < PROP_LIFE_BLOCKS */
  tally all, block[PROP_LIFE_BLOCKS];
  size_t nbond, capacity, nclose, close_capacity;
  bond *bonds, *next;
  PetscInt64 *close; /* pairs of this sample */
  mtp_neighbors nb;  /* scratch */
};

PetscErrorCode prop_life_create(const prop_life_settings *set, prop_life **life)
{
  PetscFunctionBegin;
  *life = NULL;
  PetscCheck(set->a >= 0 && set->b >= 0 && set->radius > 0.0 && set->radius < 1e3 &&
                 set->tolerance >= 0.0 && set->sample_time > 0.0 &&
                 set->tolerance / set->sample_time < 1e12,
             PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Lifetimes need a radius and times, got %g Å, %g fs, %g fs", (double)set->radius,
             (double)set->tolerance, (double)set->sample_time);
  PetscCall(PetscNew(life));
  (*life)->set = *set;
  (*life)->patience = (PetscInt64)(set->tolerance / set->sample_time + 1e-6);
  (*life)->length = 1;
  PetscFunctionReturn(0);
}

/* Close pairs ------------------------------------------------------------------------------- */

static PetscErrorCode put_close(prop_life *life, PetscInt64 pair)
{
  PetscFunctionBegin;
  if (life->nclose == life->close_capacity) {
    life->close_capacity = 2 * life->close_capacity + 64;
    PetscCall(PetscRealloc(life->close_capacity * sizeof(PetscInt64), &life->close));
  }
  life->close[life->nclose++] = pair;
  PetscFunctionReturn(0);
}

static int compare(const void *one, const void *two)
{
  const PetscInt64 a = *(const PetscInt64 *)one, b = *(const PetscInt64 *)two;

  return (a > b) - (a < b);
}

/* Pairs of this sample, sorted, each once: several images of an atom are one neighbour, and an atom
 * is no neighbour of itself. */
static PetscErrorCode find_close(prop_life *life, const md_atoms *atoms)
{
  const mtp_neighbors *nb = &life->nb;
  size_t kept = 0;

  PetscFunctionBegin;
  PetscCall(mtp_neighbors_build(atoms->n, atoms->x, atoms->type, atoms->h, 3, life->set.radius, 0.0,
                                &life->nb));
  life->nclose = 0;
  for (PetscInt i = 0; i < nb->nlocal; i++) {
    if (nb->type[i] != life->set.a) continue;
    for (PetscInt k = nb->first[i]; k < nb->first[i + 1]; k++) {
      const PetscInt entry = nb->index[k];
      const PetscInt j = entry < nb->nlocal ? entry : nb->parent[entry - nb->nlocal];

      if (nb->type[j] != life->set.b || j == i) continue;
      if (life->set.a == life->set.b && atoms->id[j] < atoms->id[i]) continue;
      PetscCall(put_close(life, (PetscInt64)atoms->id[i] * atoms->n + atoms->id[j]));
    }
  }
  if (life->nclose > 0) qsort(life->close, life->nclose, sizeof(PetscInt64), compare);
  for (size_t k = 0; k < life->nclose; k++) {
    if (k == 0 || life->close[k] != life->close[k - 1]) life->close[kept++] = life->close[k];
  }
  life->nclose = kept;
  PetscFunctionReturn(0);
}

/* Bonds ------------------------------------------------------------------------------------- */

/* Counts a stretch of a bond, from..to, as far as it lies beyond the tolerance. */
static void count_time(prop_life *life, const bond *b, PetscInt64 from, PetscInt64 to)
{
  const PetscInt64 start = PetscMax(from, b->birth + life->patience);
  const PetscInt64 time = PetscMax((PetscInt64)0, to - start);

  life->all.time += time;
  life->block[life->nblock].time += time;
}

/* The end of a bond, or its absence goes on: then it stays in the list. */
static PetscBool is_over(prop_life *life, const bond *b)
{
  if (life->nsample - b->seen <= life->patience) return PETSC_FALSE;
  if (b->seen - b->birth >= life->patience) {
    life->all.ended++;
    life->block[life->nblock].ended++;
  }
  return PETSC_TRUE;
}

/* The bond of pair `pair` that goes on, or a new one */
static bond meet(prop_life *life, const bond *old, PetscInt64 pair)
{
  if (!old) return (bond){pair, life->nsample, life->nsample};
  count_time(life, old, old->seen, life->nsample);
  return (bond){pair, old->birth, life->nsample};
}

static PetscErrorCode merge(prop_life *life)
{
  const size_t most = life->nbond + life->nclose;
  size_t b = 0, c = 0, n = 0;
  bond *swap;

  PetscFunctionBegin;
  if (most > life->capacity) {
    life->capacity = 2 * most;
    PetscCall(PetscRealloc(life->capacity * sizeof(bond), &life->bonds));
    PetscCall(PetscRealloc(life->capacity * sizeof(bond), &life->next));
  }
  while (b < life->nbond || c < life->nclose) {
    const PetscBool has_bond = (PetscBool)(b < life->nbond);
    const PetscBool has_pair = (PetscBool)(c < life->nclose);
    const bond old = has_bond ? life->bonds[b] : (bond){0};
    const PetscInt64 pair = has_pair ? life->close[c] : 0;
    const PetscBool met = (PetscBool)(has_bond && has_pair && old.pair == pair);

    if (has_bond && (!has_pair || old.pair < pair)) {
      if (!is_over(life, &old)) life->next[n++] = old;
      b++;
    } else {
      life->next[n++] = meet(life, met ? &old : NULL, pair);
      b += met ? 1 : 0;
      c++;
    }
  }
  swap = life->bonds;
  life->bonds = life->next;
  life->next = swap;
  life->nbond = n;
  PetscFunctionReturn(0);
}

/* Neighbours become one block each of twice the length; the rest is emptied. */
static void merge_blocks(prop_life *life)
{
  life->nblock /= 2;
  life->length *= 2;
  for (PetscInt k = 0; k < life->nblock; k++) {
    const tally one = life->block[2 * k], two = life->block[2 * k + 1];

    life->block[k] = (tally){one.time + two.time, one.ended + two.ended};
  }
  for (PetscInt k = life->nblock; k < PROP_LIFE_BLOCKS; k++) life->block[k] = (tally){0};
}

PetscErrorCode prop_life_add(prop_life *life, const md_atoms *atoms)
{
  PetscFunctionBegin;
  PetscCall(find_close(life, atoms));
  PetscCall(merge(life));
  life->nsample++;
  if (life->nsample % life->length == 0) life->nblock++;
  if (life->nblock == PROP_LIFE_BLOCKS) merge_blocks(life);
  PetscFunctionReturn(0);
}

/* Saved form -------------------------------------------------------------------------------- */

PetscErrorCode prop_life_save(const prop_life *life, md_blob *blob)
{
  const PetscInt64 head[6] = {life->set.a,  life->set.b,  life->nsample,
                              life->length, life->nblock, (PetscInt64)life->nbond};
  const PetscReal real[3] = {life->set.radius, life->set.tolerance, life->set.sample_time};

  PetscFunctionBegin;
  PetscCall(md_blob_put_tag(blob, life_tag, LIFE_VERSION));
  PetscCall(md_blob_put(blob, head, sizeof(head)));
  PetscCall(md_blob_put(blob, real, sizeof(real)));
  PetscCall(md_blob_put(blob, &life->all, sizeof(life->all)));
  PetscCall(md_blob_put(blob, life->block, sizeof(life->block)));
  PetscCall(md_blob_put(blob, life->bonds, life->nbond * sizeof(bond)));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_life_load(prop_life *life, md_blob *blob)
{
  PetscInt64 head[6];
  PetscReal real[3];

  PetscFunctionBegin;
  PetscCall(md_blob_expect_tag(blob, life_tag, LIFE_VERSION));
  PetscCall(md_blob_get(blob, head, sizeof(head)));
  PetscCall(md_blob_get(blob, real, sizeof(real)));
  PetscCheck(head[0] == life->set.a && head[1] == life->set.b && real[0] == life->set.radius &&
                 real[1] == life->set.tolerance && real[2] == life->set.sample_time,
             PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
             "Saved lifetimes are of other species, radii or times");
  PetscCheck(head[2] >= 0 && head[3] >= 1 && head[4] >= 0 && head[4] < PROP_LIFE_BLOCKS &&
                 head[2] / head[3] == head[4] && head[5] >= 0 &&
                 (size_t)head[5] <= (blob->size - blob->read) / sizeof(bond),
             PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED, "Saved lifetimes contradict themselves");
  life->nsample = head[2];
  life->length = head[3];
  life->nblock = (PetscInt)head[4];
  life->nbond = (size_t)head[5];
  life->capacity = life->nbond + 1;
  PetscCall(md_blob_get(blob, &life->all, sizeof(life->all)));
  PetscCall(md_blob_get(blob, life->block, sizeof(life->block)));
  PetscCall(PetscRealloc(life->capacity * sizeof(bond), &life->bonds));
  PetscCall(PetscRealloc(life->capacity * sizeof(bond), &life->next));
  PetscCall(md_blob_get(blob, life->bonds, life->nbond * sizeof(bond)));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_life_destroy(prop_life **life)
{
  PetscFunctionBegin;
  if (*life == NULL) PetscFunctionReturn(0);
  PetscCall(PetscFree((*life)->bonds));
  PetscCall(PetscFree((*life)->next));
  PetscCall(PetscFree((*life)->close));
  PetscCall(mtp_neighbors_clear(&(*life)->nb));
  PetscCall(PetscFree(*life));
  PetscFunctionReturn(0);
}

PetscInt64 prop_life_samples(const prop_life *life)
{
  return life->nsample;
}

/* Results ----------------------------------------------------------------------------------- */

/* Relative error of ended/time over the blocks: of the residuals ended - rate time, which add up to
 * zero; 0 with fewer than MIN_BLOCKS */
static PetscReal scatter(const prop_life *life, PetscReal rate)
{
  const PetscReal n = (PetscReal)life->nblock;
  PetscReal sum = 0.0, ended = 0.0;

  for (PetscInt k = 0; k < life->nblock; k++) {
    const tally *t = &life->block[k];

    sum += PetscSqr((PetscReal)t->ended - rate * (PetscReal)t->time);
    ended += (PetscReal)t->ended;
  }
  if (life->nblock < MIN_BLOCKS || !(ended > 0.0)) return 0.0;
  return PetscSqrtReal(sum * n / (n - 1.0)) / ended;
}

PetscErrorCode prop_life_estimate(const prop_life *life, prop_estimate *est)
{
  const PetscReal ended = (PetscReal)life->all.ended, time = (PetscReal)life->all.time;
  PetscReal relative;

  PetscFunctionBegin;
  *est = (prop_estimate){.mean = PROP_NAN, .error = PROP_NAN, .flags = PROP_FLAG_FEW_SAMPLES};
  if (!(ended > 0.0) || !(time > 0.0)) PetscFunctionReturn(0);
  relative = PetscMax(1.0 / PetscSqrtReal(ended), scatter(life, ended / time));
  est->mean = -life->set.sample_time / PetscLogReal(time / (time + ended));
  est->error = relative * est->mean;
  est->neff = 1.0 / PetscSqr(relative);
  est->variance = PetscSqr(est->mean);
  if (est->neff >= PROP_NEFF_MIN) est->flags = 0;
  PetscFunctionReturn(0);
}
