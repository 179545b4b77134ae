/* mtp/mtp_basis_graph.c - contraction graphs: their one name, their halves, all scalars of a level
 *
 * All scalars are found by writing down every matrix of contractions that the level allows, for
 * every ascending list of mu, and keeping those that are canonical: of the up to 24 ways to write
 * down one scalar exactly one has the smallest key, so nothing has to be compared with anything.
 * With at most four factors there are six numbers of contractions and, at level 28, 1.4e4 matrices.
 */
#include "mtp/mtp_basis_impl.h"

#include <stdlib.h>

enum { NPAIR = MTP__FACTORS * (MTP__FACTORS - 1) / 2 };

int mtp__key_compare(const void *a, const void *b)
{
  const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

  return (x > y) - (x < y);
}

int mtp__graph_free(const mtp__graph *g, int i)
{
  int left = g->a[i][i];

  for (int j = 0; j < g->n; j++) left -= j == i ? 0 : g->a[i][j];
  return left;
}

/* The key of g with its factors in the given order. */
static uint64_t key_in_order(const mtp__graph *g, const int order[])
{
  uint64_t key = (uint64_t)g->n << 1;

  for (int i = 0; i < MTP__FACTORS; i++)
    key = key << MTP__MU_BITS | (uint64_t)(i < g->n ? g->mu[order[i]] : 0);
  for (int i = 0; i < MTP__FACTORS; i++) {
    for (int j = i; j < MTP__FACTORS; j++)
      key = key << MTP__RANK_BITS | (uint64_t)(j < g->n ? g->a[order[i]][order[j]] : 0);
  }
  return key;
}

mtp__graph mtp__graph_of_key(uint64_t key)
{
  mtp__graph g = {0};

  for (int i = MTP__FACTORS - 1; i >= 0; i--) {
    for (int j = MTP__FACTORS - 1; j >= i; j--, key >>= MTP__RANK_BITS)
      g.a[i][j] = g.a[j][i] = (int)(key & ((1u << MTP__RANK_BITS) - 1));
  }
  for (int i = MTP__FACTORS - 1; i >= 0; i--, key >>= MTP__MU_BITS)
    g.mu[i] = (int)(key & ((1u << MTP__MU_BITS) - 1));
  g.n = (int)(key >> 1);
  return g;
}

static void swap(int *a, int *b)
{
  const int keep = *a;

  *a = *b;
  *b = keep;
}

/* The next permutation of order[0..n) in lexicographic order; 0 after the last. */
static int next_order(int n, int order[])
{
  int i = n - 2, j = n - 1;

  while (i >= 0 && order[i] > order[i + 1]) i--;
  if (i < 0) return 0;
  while (order[j] < order[i]) j--;
  swap(&order[i], &order[j]);
  for (int lo = i + 1, hi = n - 1; lo < hi; lo++, hi--) swap(&order[lo], &order[hi]);
  return 1;
}

uint64_t mtp__graph_canonical(const mtp__graph *g, int order[])
{
  int trial[MTP__FACTORS] = {0, 1, 2, 3};
  uint64_t best = UINT64_MAX;

  do {
    const uint64_t key = key_in_order(g, trial);

    if (key >= best) continue;
    best = key;
    for (int k = 0; order && k < g->n; k++) order[k] = trial[k];
  } while (next_order(g->n, trial));
  return best;
}

/* Indices contracted between the factors in the set (bit i: factor i) and the others. */
static int cut(const mtp__graph *g, unsigned set)
{
  int sum = 0;

  for (int i = 0; i < g->n; i++) {
    for (int j = 0; j < g->n; j++)
      if ((set >> i & 1u) && !(set >> j & 1u)) sum += g->a[i][j];
  }
  return sum;
}

/* The factors in the set, with their contractions among each other, as a graph of its own. */
static mtp__part part_of(const mtp__graph *g, unsigned set)
{
  mtp__graph sub = {0};
  mtp__part part = {0};
  int member[MTP__FACTORS] = {0}, order[MTP__FACTORS] = {0};

  for (int i = 0; i < g->n; i++)
    if (set >> i & 1u) member[sub.n++] = i;
  for (int k = 0; k < sub.n; k++) {
    sub.mu[k] = g->mu[member[k]];
    for (int l = 0; l < sub.n; l++) sub.a[k][l] = g->a[member[k]][member[l]];
  }
  part.n = sub.n;
  part.key = mtp__graph_canonical(&sub, order);
  for (int k = 0; k < sub.n; k++) part.factor[k] = member[order[k]];
  return part;
}

void mtp__graph_split(const mtp__graph *g, mtp__part part[2])
{
  static const unsigned sets[] = {0x1, 0x2, 0x4, 0x8, 0x3, 0x5, 0x9}; /* one factor, then pairs */
  const int nset = g->n == MTP__FACTORS ? 7 : g->n;
  const unsigned all = (1u << g->n) - 1;
  unsigned best = sets[0];

  for (int k = 1; k < nset; k++)
    if (cut(g, sets[k]) < cut(g, best)) best = sets[k];
  part[0] = part_of(g, best);
  part[1] = part_of(g, all & ~best);
}

/* The scalars found so far; in the first pass only counted. */
typedef struct {
  PetscInt n;
  uint64_t *key;
} scalar_list;

/* Ranks are what is contracted; a graph that is canonical is taken. */
static void take(mtp__graph *g, scalar_list *list)
{
  const int same[MTP__FACTORS] = {0, 1, 2, 3};
  uint64_t key;

  for (int i = 0; i < g->n; i++) {
    g->a[i][i] = 0;
    g->a[i][i] = -mtp__graph_free(g, i);
    if (g->a[i][i] > MTP__RANK_MAX) return;
  }
  key = key_in_order(g, same);
  if (key != mtp__graph_canonical(g, NULL)) return;
  if (list->key) list->key[list->n] = key;
  list->n++;
}

/* All ways to contract the pairs of factors from `pair` on.  Each contraction costs two of the
   level, one for either rank. */
static void contract(mtp__graph *g, PetscInt left, int pair, scalar_list *list)
{
  static const int pairs[NPAIR][2] = {{0, 1}, {0, 2}, {1, 2}, {0, 3}, {1, 3}, {2, 3}};
  const int i = pairs[pair % NPAIR][0], j = pairs[pair % NPAIR][1];

  if (pair == g->n * (g->n - 1) / 2) {
    take(g, list);
    return;
  }
  for (int k = 0; k <= MTP__RANK_MAX && 2 * k <= left; k++) {
    g->a[i][j] = g->a[j][i] = k;
    contract(g, left - 2 * k, pair + 1, list);
  }
  g->a[i][j] = g->a[j][i] = 0;
}

/* All products that begin with the factors of g: its contractions, then one factor more. */
static void extend(mtp__graph *g, PetscInt left, scalar_list *list)
{
  if (g->n > 0) contract(g, left, 0, list);
  if (g->n == MTP__FACTORS) return;
  for (int mu = g->n ? g->mu[g->n - 1] : 0; mu <= MTP__MU_MAX && 2 + 4 * mu <= left; mu++) {
    g->mu[g->n++] = mu;
    extend(g, left - 2 - 4 * mu, list);
    g->n--;
    g->a[g->n][g->n] = 0;
  }
}

PetscErrorCode mtp__graph_scalars(PetscInt level, PetscInt *n, uint64_t **key)
{
  mtp__graph g = {0};
  scalar_list list = {0};

  PetscFunctionBegin;
  extend(&g, level, &list);
  PetscCall(PetscMalloc1((size_t)list.n, &list.key));
  list.n = 0;
  extend(&g, level, &list);
  qsort(list.key, (size_t)list.n, sizeof(list.key[0]), mtp__key_compare);
  *n = list.n;
  *key = list.key;
  PetscFunctionReturn(0);
}
