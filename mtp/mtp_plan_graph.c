/* mtp/mtp_plan_graph.c - from the products of a file to programs for vectors of atoms
 *
 * A product {p, q, m, o} whose target is used by no further product is a leaf, the others are
 * inner.
 *
 * Leaves.  With w the coefficient of the scalar, sum w m M_p M_q over all leaves is a quadratic
 * form x' H x / 2 of the other moments; its derivative by M_d is row d of H x, the LEAF program,
 * and its value half of sum M_d (H x)_d.  The scalars themselves are never formed.
 *
 * Inner products.  The targets, in the order in which the file completes them, are cut into blocks
 * with the same two tensors as sources.  In a block one operand is chosen to carry the multinomial
 * factors, the one for which fewer scaled copies are needed.  Forward, a target is a plain sum of
 * products; backward, rows collect what flows to one operand, so that each G is loaded and stored
 * once a row.  Rows of equal length stand together, so that the loops over them have one trip
 * count.
 */
#include "mtp/mtp_plan.h"

#include <stdlib.h>

/* One product with our numbers of the moments, or a term of a row.  A row is what has the same `to`
   and `factor`. */
typedef struct {
  uint32_t to, a, b;
  PetscInt length; /* of the row it ends up in */
  double factor, c;
} term;

typedef struct {
  PetscInt n, capacity;
  term *v;
} terms;

/* What a graph is made from; all arrays [nmoment of the file] unless said otherwise. */
typedef struct {
  const mtp_potential *pot;
  mtp_plan *plan;
  uint32_t *number;
  PetscReal *weight; /* coefficient of the moment as a scalar */
  char *live, *used; /* needed by a scalar; source of a live product */
  PetscInt *first;   /* [nmoment+1] rows of each target in `row` */
  PetscInt *row;     /* [ntimes] rows of the file by target */
  PetscInt *order;   /* [norder] targets in the order in which they are complete */
  PetscInt norder;
  PetscInt *block;  /* tensor that a moment belongs to */
  PetscInt scratch; /* first number of scaled operands */
  PetscInt nscaled; /* largest number of them in a block */
  struct {
    PetscInt run, index, coeff;
  } capacity[3]; /* of the programs forward, leaf, backward */
} graph;

static PetscErrorCode add_term(terms *list, term t)
{
  PetscFunctionBegin;
  if (list->n == list->capacity) {
    list->capacity = 2 * list->capacity + 64;
    PetscCall(PetscRealloc((size_t)list->capacity * sizeof(term), &list->v));
  }
  list->v[list->n++] = t;
  PetscFunctionReturn(0);
}

#define GROW(array, n, capacity)                                                                   \
  do {                                                                                             \
    if (!(array) || (n) == *(capacity)) {                                                          \
      *(capacity) = 2 * *(capacity) + 256;                                                         \
      PetscCall(PetscRealloc((size_t) * (capacity) * sizeof(*(array)), &(array)));                 \
    }                                                                                              \
  } while (0)

static mtp_program *program_of(graph *g, int which)
{
  return which == 0 ? &g->plan->forward : which == 1 ? &g->plan->leaf : &g->plan->backward;
}

static PetscErrorCode put_index(graph *g, int which, uint32_t index)
{
  mtp_program *p = program_of(g, which);

  PetscFunctionBegin;
  GROW(p->index, p->nindex, &g->capacity[which].index);
  p->index[p->nindex++] = index;
  PetscFunctionReturn(0);
}

static PetscErrorCode put_coeff(graph *g, int which, double c)
{
  mtp_program *p = program_of(g, which);

  PetscFunctionBegin;
  GROW(p->coeff, p->ncoeff, &g->capacity[which].coeff);
  p->coeff[p->ncoeff++] = c;
  PetscFunctionReturn(0);
}

/* One more row; it joins the last run when kind and length are the same. */
static PetscErrorCode put_row(graph *g, int which, mtp_run_kind kind, PetscInt length)
{
  mtp_program *p = program_of(g, which);
  mtp_run *last = p->nrun ? &p->run[p->nrun - 1] : NULL;

  PetscFunctionBegin;
  if (last && last->kind == kind && last->length == (int32_t)length) {
    last->rows++;
    PetscFunctionReturn(0);
  }
  GROW(p->run, p->nrun, &g->capacity[which].run);
  p->run[p->nrun++] = (mtp_run){kind, (int32_t)length, 1};
  PetscFunctionReturn(0);
}

static int by_row(const term *s, const term *t)
{
  if (s->to != t->to) return s->to < t->to ? -1 : 1;
  return s->factor < t->factor ? -1 : s->factor > t->factor;
}

static int by_target(const void *x, const void *y)
{
  const term *s = x, *t = y;
  const int row = by_row(s, t);

  if (row) return row;
  if (s->a != t->a) return s->a < t->a ? -1 : 1;
  return s->b < t->b ? -1 : s->b > t->b;
}

static int by_length(const void *x, const void *y)
{
  const term *s = x, *t = y;

  if (s->length != t->length) return s->length > t->length ? -1 : 1;
  return by_target(x, y);
}

/* Rows together, rows of equal length together. */
static void sort_rows(terms *list)
{
  PetscInt begin = 0;

  qsort(list->v, (size_t)list->n, sizeof(term), by_target);
  for (PetscInt k = 1; k <= list->n; k++) {
    if (k < list->n && by_row(&list->v[k], &list->v[begin]) == 0) continue;
    for (PetscInt e = begin; e < k; e++) list->v[e].length = k - begin;
    begin = k;
  }
  qsort(list->v, (size_t)list->n, sizeof(term), by_length);
}

/* Writes terms as rows of a kind.  A LEAF row has a and c of its terms, the others a and b. */
static PetscErrorCode put_rows(graph *g, int which, mtp_run_kind kind, terms *list)
{
  PetscFunctionBegin;
  if (!list->n) PetscFunctionReturn(0);
  sort_rows(list);
  for (PetscInt k = 0; k < list->n; k++) {
    const term *t = &list->v[k];

    if (k == 0 || by_row(t, t - 1) != 0) {
      PetscCall(put_row(g, which, kind, t->length));
      PetscCall(put_index(g, which, t->to));
      if (kind == MTP_RUN_BACKSCALE) PetscCall(put_coeff(g, which, t->factor));
    }
    PetscCall(put_index(g, which, t->a));
    if (kind == MTP_RUN_LEAF) {
      PetscCall(put_coeff(g, which, t->c));
    } else {
      PetscCall(put_index(g, which, t->b));
    }
  }
  PetscFunctionReturn(0);
}

/* Weights, and what is live and used. */
static void mark(graph *g, PetscBool prune)
{
  const mtp_potential *pot = g->pot;

  for (PetscInt k = 0; k < pot->nscalar; k++) {
    g->weight[pot->mapping[k]] += pot->moment_coeff[k];
    if (!prune || pot->moment_coeff[k] != 0.0) g->live[pot->mapping[k]] = 1;
  }
  for (PetscInt t = pot->ntimes - 1; t >= 0; t--) {
    const PetscInt *times = pot->times[t];

    if (!g->live[times[3]]) continue;
    g->live[times[0]] = g->live[times[1]] = 1;
    g->used[times[0]] = g->used[times[1]] = 1;
  }
}

/* Rows by target, and targets by the place of their last row. */
static void sort_targets(graph *g)
{
  const mtp_potential *pot = g->pot;

  for (PetscInt t = 0; t < pot->ntimes; t++) g->first[pot->times[t][3] + 1]++;
  for (PetscInt q = 0; q < pot->nmoment; q++) g->first[q + 1] += g->first[q];
  for (PetscInt t = 0; t < pot->ntimes; t++) g->row[g->first[pot->times[t][3]]++] = t;
  for (PetscInt q = pot->nmoment; q > 0; q--) g->first[q] = g->first[q - 1];
  g->first[0] = 0;
  for (PetscInt t = 0; t < pot->ntimes; t++) {
    const PetscInt o = pot->times[t][3];

    if (g->row[g->first[o + 1] - 1] == t && g->live[o]) g->order[g->norder++] = o;
  }
}

/* Inner targets get numbers in their order. */
static void number_targets(graph *g)
{
  PetscInt next = g->plan->npadded + g->plan->ntrace;

  for (PetscInt k = 0; k < g->norder; k++) {
    const PetscInt o = g->order[k];

    if (g->used[o]) g->number[o] = (uint32_t)(g->plan->lanes * next++);
  }
  g->plan->ngradient = g->scratch = next;
}

/* The two tensors that a target is a product of. */
static void sources(const graph *g, PetscInt o, PetscInt key[2])
{
  const PetscInt *times = g->pot->times[g->row[g->first[o]]];

  key[0] = g->block[times[0]];
  key[1] = g->block[times[1]];
}

static PetscErrorCode gather_block(const graph *g, const PetscInt target[], PetscInt n, terms *list)
{
  PetscFunctionBegin;
  list->n = 0;
  for (PetscInt k = 0; k < n; k++) {
    for (PetscInt r = g->first[target[k]]; r < g->first[target[k] + 1]; r++) {
      const PetscInt *times = g->pot->times[g->row[r]];

      PetscCall(add_term(list, (term){g->number[target[k]], g->number[times[0]],
                                      g->number[times[1]], 0, 0.0, (double)times[2]}));
    }
  }
  PetscFunctionReturn(0);
}

static int by_scaled(const void *x, const void *y)
{
  const term *s = x, *t = y;

  if (s->b != t->b) return s->b < t->b ? -1 : 1;
  if (s->c != t->c) return s->c < t->c ? -1 : 1;
  return by_target(x, y);
}

static PetscBool same_scaled(const term *s, const term *t)
{
  return (PetscBool)(s->b == t->b && s->c == t->c);
}

/* Sorts by (b, c); number of different ones with c != 1 */
static PetscInt count_scaled(terms *list)
{
  PetscInt n = 0;

  if (list->n) qsort(list->v, (size_t)list->n, sizeof(term), by_scaled);
  for (PetscInt k = 0; k < list->n; k++) {
    n += list->v[k].c != 1.0 && (k == 0 || !same_scaled(&list->v[k], &list->v[k - 1]));
  }
  return n;
}

static void swap_operands(terms *list)
{
  for (PetscInt k = 0; k < list->n; k++) {
    const uint32_t a = list->v[k].a;

    list->v[k].a = list->v[k].b;
    list->v[k].b = a;
  }
}

/* Operand b of every term becomes the one to scale; sorted by (b, c). */
static void choose_scaled(terms *list)
{
  const PetscInt n = count_scaled(list);

  swap_operands(list);
  if (count_scaled(list) < n) return;
  swap_operands(list);
  (void)count_scaled(list);
}

/* The scaled copies that a block needs; scaled [n]: the number of c M[b] of each term. */
static PetscErrorCode put_scaled(graph *g, int which, const terms *list, uint32_t scaled[])
{
  PetscInt n = 0;

  PetscFunctionBegin;
  for (PetscInt k = 0; k < list->n; k++) {
    const term *t = &list->v[k];

    scaled[k] = t->b;
    if (t->c == 1.0) continue;
    if (k && same_scaled(t, t - 1)) {
      scaled[k] = scaled[k - 1];
      continue;
    }
    scaled[k] = (uint32_t)(g->plan->lanes * (g->scratch + n++));
    PetscCall(put_row(g, which, MTP_RUN_SCALE, 1));
    PetscCall(put_index(g, which, scaled[k]));
    PetscCall(put_index(g, which, t->b));
    PetscCall(put_coeff(g, which, t->c));
  }
  g->nscaled = PetscMax(g->nscaled, n);
  PetscFunctionReturn(0);
}

static PetscErrorCode put_forward(graph *g, terms *list, uint32_t scaled[])
{
  terms rows = {0};

  PetscFunctionBegin;
  PetscCall(put_scaled(g, 0, list, scaled));
  for (PetscInt k = 0; k < list->n; k++) {
    PetscCall(add_term(&rows, (term){list->v[k].to, list->v[k].a, scaled[k], 0, 0.0, 0.0}));
  }
  PetscCall(put_rows(g, 0, MTP_RUN_FORWARD, &rows));
  PetscCall(PetscFree(rows.v));
  PetscFunctionReturn(0);
}

static PetscErrorCode put_backward(graph *g, terms *list, uint32_t scaled[])
{
  terms plain = {0}, factor = {0};

  PetscFunctionBegin;
  PetscCall(put_scaled(g, 2, list, scaled));
  for (PetscInt k = 0; k < list->n; k++) {
    const term *t = &list->v[k];
    const PetscBool one = (PetscBool)(t->c == 1.0);

    PetscCall(add_term(&plain, (term){t->a, t->to, scaled[k], 0, 0.0, 0.0}));
    PetscCall(
        add_term(one ? &plain : &factor, (term){t->b, t->to, t->a, 0, one ? 0.0 : t->c, 0.0}));
  }
  PetscCall(put_rows(g, 2, MTP_RUN_BACKWARD, &plain));
  PetscCall(put_rows(g, 2, MTP_RUN_BACKSCALE, &factor));
  PetscCall(PetscFree(plain.v));
  PetscCall(PetscFree(factor.v));
  PetscFunctionReturn(0);
}

/* A target made of one of the block must not be in it: rows of a block come in any order. */
static PetscBool made_of_block(const graph *g, PetscInt o, PetscInt block)
{
  for (PetscInt r = g->first[o]; r < g->first[o + 1]; r++) {
    const PetscInt *times = g->pot->times[g->row[r]];

    if (g->block[times[0]] == block || g->block[times[1]] == block) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

/* Inner targets to the front of `order`, block after block; end [norder] of the block of each. */
static PetscInt find_blocks(graph *g, PetscInt end[])
{
  const PetscInt nbasic = g->pot->nbasic, before = g->plan->K * (MTP_PLAN_RANK + 1);
  PetscInt n = 0, nblock = 0, last[2] = {-1, -1};

  for (PetscInt q = 0; q < nbasic; q++) {
    const PetscInt *basic = g->pot->basic[q];

    g->block[q] = basic[0] * (MTP_PLAN_RANK + 1) + basic[1] + basic[2] + basic[3];
  }
  for (PetscInt k = 0; k < g->norder; k++) {
    const PetscInt o = g->order[k];
    PetscInt key[2];

    if (!g->used[o]) continue;
    sources(g, o, key);
    if (key[0] != last[0] || key[1] != last[1] || made_of_block(g, o, before + nblock)) nblock++;
    last[0] = key[0];
    last[1] = key[1];
    g->block[o] = before + nblock;
    g->order[n++] = o;
    end[nblock - 1] = n;
  }
  return nblock;
}

static PetscErrorCode put_inner(graph *g)
{
  PetscInt *end, nblock;
  terms list = {0};
  uint32_t *scaled;

  PetscFunctionBegin;
  PetscCall(PetscMalloc2(g->norder + 1, &end, g->pot->ntimes + 1, &scaled));
  nblock = find_blocks(g, end);
  for (PetscInt pass = 0; pass < 2; pass++) {
    for (PetscInt k = 0; k < nblock; k++) {
      const PetscInt block = pass == 0 ? k : nblock - 1 - k, begin = block ? end[block - 1] : 0;

      PetscCall(gather_block(g, g->order + begin, end[block] - begin, &list));
      choose_scaled(&list);
      if (pass == 0) PetscCall(put_forward(g, &list, scaled));
      if (pass == 1) PetscCall(put_backward(g, &list, scaled));
      if (pass == 0) g->plan->counts.inner += list.n;
    }
  }
  PetscCall(PetscFree(list.v));
  PetscCall(PetscFree2(end, scaled));
  PetscFunctionReturn(0);
}

/* x' H x / 2: each product gives two rows of H x, a square gives one with twice the factor. */
static PetscErrorCode put_leaves(graph *g)
{
  terms list = {0};

  PetscFunctionBegin;
  for (PetscInt k = 0; k < g->norder; k++) {
    const PetscInt o = g->order[k];

    if (g->used[o]) continue;
    for (PetscInt r = g->first[o]; r < g->first[o + 1]; r++) {
      const PetscInt *times = g->pot->times[g->row[r]];
      const uint32_t a = g->number[times[0]], b = g->number[times[1]];
      const double c = (double)times[2] * g->weight[o];

      PetscCall(add_term(&list, (term){a, b, 0, 0, 0.0, a == b ? 2.0 * c : c}));
      if (a != b) PetscCall(add_term(&list, (term){b, a, 0, 0, 0.0, c}));
      g->plan->counts.leaf++;
    }
  }
  PetscCall(put_rows(g, 1, MTP_RUN_LEAF, &list));
  PetscCall(PetscFree(list.v));
  PetscFunctionReturn(0);
}

/* Coefficients of the scalars that have a number of their own. */
static PetscErrorCode put_weights(graph *g)
{
  const PetscInt lanes = g->plan->lanes;

  PetscFunctionBegin;
  PetscCall(PetscCalloc1(g->plan->ngradient, &g->plan->weight));
  for (PetscInt q = 0; q < g->pot->nmoment; q++) {
    if (g->number[q] == MTP_PLAN_NONE) continue;
    g->plan->weight[(PetscInt)g->number[q] / lanes] += g->weight[q];
  }
  PetscFunctionReturn(0);
}

/* B_k of the file as sums of c M[a] M[b], or M[a] alone where it has a number. */
static PetscErrorCode put_scalars(graph *g)
{
  const mtp_potential *pot = g->pot;
  mtp_plan *plan = g->plan;
  PetscInt n = 0;

  PetscFunctionBegin;
  plan->nscalar = pot->nscalar;
  PetscCall(PetscMalloc1(pot->nscalar + 1, &plan->scalar_first));
  PetscCall(PetscMalloc1(2 * (pot->nscalar + pot->ntimes), &plan->scalar_index));
  PetscCall(PetscMalloc1(pot->nscalar + pot->ntimes, &plan->scalar_coeff));
  for (PetscInt k = 0; k < pot->nscalar; k++) {
    const PetscInt o = pot->mapping[k];

    plan->scalar_first[k] = n;
    if (g->number[o] != MTP_PLAN_NONE) {
      plan->scalar_index[2 * n] = g->number[o];
      plan->scalar_index[2 * n + 1] = MTP_PLAN_NONE;
      plan->scalar_coeff[n++] = 1.0;
      continue;
    }
    for (PetscInt r = g->first[o]; r < g->first[o + 1] && g->live[o]; r++) {
      const PetscInt *times = pot->times[g->row[r]];

      plan->scalar_index[2 * n] = g->number[times[0]];
      plan->scalar_index[2 * n + 1] = g->number[times[1]];
      plan->scalar_coeff[n++] = (double)times[2];
    }
  }
  plan->scalar_first[pot->nscalar] = n;
  PetscFunctionReturn(0);
}

/* Fowler-Noll-Vo hash, 64 bits, of numbers */
static uint64_t hash(uint64_t h, uint64_t value)
{
  for (int byte = 0; byte < 8; byte++) h = (h ^ (value >> (8 * byte) & 0xff)) * 0x100000001b3;
  return h;
}

static uint64_t hash_program(uint64_t h, const mtp_program *p, uint32_t lanes)
{
  for (PetscInt k = 0; k < p->nrun; k++) {
    h = hash(h, (uint64_t)p->run[k].kind);
    h = hash(h, (uint64_t)p->run[k].length);
    h = hash(h, (uint64_t)p->run[k].rows);
  }
  for (PetscInt k = 0; k < p->nindex; k++) h = hash(h, p->index[k] / lanes);
  return h;
}

/* Leaf coefficients are the potential's; the others are multinomial factors, whole numbers. */
static uint64_t signature(const mtp_plan *plan)
{
  const mtp_program *const factors[2] = {&plan->forward, &plan->backward};
  uint64_t h = hash(0xcbf29ce484222325, (uint64_t)plan->K);

  /* code is written for the ranks, too: a mu without moments changes no program */
  for (PetscInt m = 0; m < plan->K; m++) h = hash(h, (uint64_t)(int64_t)plan->kmax[m]);
  for (int which = 0; which < 2; which++) {
    h = hash_program(h, factors[which], (uint32_t)plan->lanes);
    for (PetscInt k = 0; k < factors[which]->ncoeff; k++) {
      h = hash(h, (uint64_t)(int64_t)factors[which]->coeff[k]);
    }
  }
  return hash_program(h, &plan->leaf, (uint32_t)plan->lanes);
}

PetscErrorCode mtp__plan_graph(const mtp_potential *pot, PetscBool prune, uint32_t number[],
                               mtp_plan *plan)
{
  const size_t n = (size_t)pot->nmoment;
  graph g = {.pot = pot, .plan = plan};

  PetscFunctionBegin;
  g.number = number;
  PetscCall(PetscCalloc6(n, &g.weight, n, &g.live, n, &g.used, n + 1, &g.first,
                         (size_t)pot->ntimes + 1, &g.row, n, &g.order));
  PetscCall(PetscCalloc1(n, &g.block));
  mark(&g, prune);
  sort_targets(&g);
  number_targets(&g);
  PetscCall(put_leaves(&g));
  PetscCall(put_weights(&g));
  PetscCall(put_scalars(&g));
  PetscCall(put_inner(&g)); /* last: it moves the inner targets in `order` to the front */
  plan->nmoment = plan->ngradient + g.nscaled;
  plan->signature = signature(plan);
  PetscCall(PetscFree6(g.weight, g.live, g.used, g.first, g.row, g.order));
  PetscCall(PetscFree(g.block));
  PetscFunctionReturn(0);
}
