/* mtp/mtp_basis.c - the alpha tables of a level
 *
 * A scalar is a graph: at most four moment tensors as vertices, contracted indices as edges
 * (mtp_basis_impl.h).  To compute it with few products it is cut into two parts, the parts are cut
 * again, down to single moment tensors.  Parts have free indices; they are tensors that many
 * scalars share.  So:
 *
 *   1. list all scalars of the level (mtp_basis_graph.c);
 *   2. cut them, and their parts, until nothing new appears: the set of all tensors;
 *   3. sort the tensors, parts before wholes: single factors (the basic moments), products of two,
 *      of three, of four, those of two pairs first; by key within each;
 *   4. number their components in this order and write the products of each.
 *
 * Components.  Free indices of one factor are symmetric, so a component of its group is a power
 * x^a y^b z^c, and a group of f indices has (f+1)(f+2)/2 of them: a descending, then b.  A tensor
 * has the product of that over its factors; the last factor runs fastest.  In this order the
 * place of (a, b, c) in its group depends on b and c alone, (b+c)(b+c+1)/2 + c, which is why
 * multi-indices are kept as {b, c} here: adding indices to a group needs no other bookkeeping.
 *
 * Products.  Contracting e indices between factor i of one part and j of the other sums over the
 * components gamma of a symmetric tensor of rank e, e!/(a! b! c!) times each; both parts have
 * gamma added to their group.  The sum over all cut edges multiplies these.  Products that name
 * the same two moments are one row.
 *
 * Two components with the same rows are one moment.  That happens when both parts of a product are
 * the same tensor: A_ik A_kj is symmetric in i and j.  Symmetries that go through two cuts (i and j
 * of A_ik A_kl A_lj) are not looked for, and neither are relations that hold only in three
 * dimensions, such as that of Cayley and Hamilton: the tables are then those of MLIP's templates,
 * row by row, and a potential that is fitted on them is one that MLIP could have fitted.
 */
#include "mtp/mtp_basis_impl.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  mtp__graph g;
  mtp__part part[2];     /* of more than one factor: the two sides of the products */
  PetscInt child[2];     /* tensors that they are */
  int nedge, edge[4][3]; /* cut edges: a factor of part 0, a factor of part 1, indices */
  PetscInt ncomponent;   /* over all groups of free indices */
  PetscInt nproduct;     /* of a component, before equal ones are joined */
  PetscInt first;        /* its first component in `moment` */
} tensor;

typedef struct {
  mtp_basis *basis;
  PetscInt nscalar, ntensor;
  uint64_t *scalar;       /* keys of the scalars, ascending */
  uint64_t *key;          /* keys of all tensors, ascending, MTP__KEY_PEELED set */
  tensor *tensors;        /* [ntensor] in the order of `key` */
  PetscInt *moment;       /* number of each component of each tensor */
  PetscInt (*product)[4]; /* p q m o of the component at work */
} builder;

/* Entries of a symmetric tensor of rank f. */
static int components(int f)
{
  return (f + 1) * (f + 2) / 2;
}

/* Where x^a y^b z^c stands among them: bc = {b, c}. */
static int place(const int bc[2])
{
  return components(bc[0] + bc[1] - 1) + bc[1];
}

/* The reverse; returns how often the entry stands in the full tensor: f! / (a! b! c!). */
static PetscInt monomial(int f, int at, int bc[2])
{
  PetscInt n = 1;
  int r = 0;

  while (components(r) <= at) r++;
  bc[1] = at - components(r - 1);
  bc[0] = r - bc[1];
  for (int k = 1; k <= bc[0]; k++) n = n * (f - r + k) / k;
  for (int k = 1; k <= bc[1]; k++) n = n * (f - bc[1] + k) / k;
  return n;
}

/* Sorts the keys and drops repeated ones; returns how many are left. */
static PetscInt sort_unique(PetscInt n, uint64_t key[])
{
  PetscInt kept = 0;

  qsort(key, (size_t)n, sizeof(key[0]), mtp__key_compare);
  for (PetscInt i = 0; i < n; i++)
    if (i == 0 || key[i] != key[kept - 1]) key[kept++] = key[i];
  return kept;
}

/* Scalars, their parts, the parts of these: a product of four factors is a tree of seven nodes. */
static PetscErrorCode find_tensors(builder *b)
{
  PetscInt n = b->nscalar;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1((size_t)(7 * b->nscalar), &b->key));
  memcpy(b->key, b->scalar, (size_t)n * sizeof(b->key[0]));
  for (PetscInt i = 0; i < n; i++) {
    const mtp__graph g = mtp__graph_of_key(b->key[i]);
    mtp__part part[2];

    if (g.n == 1) continue;
    mtp__graph_split(&g, part);
    if (g.n == MTP__FACTORS && part[0].n == 1) b->key[i] |= MTP__KEY_PEELED;
    for (int side = 0; side < 2; side++) b->key[n++] = part[side].key;
  }
  b->ntensor = sort_unique(n, b->key);
  PetscFunctionReturn(0);
}

/* The tensor with this key; parts have at most three factors, and so no MTP__KEY_PEELED. */
static PetscInt find(const builder *b, uint64_t key)
{
  const uint64_t *at =
      bsearch(&key, b->key, (size_t)b->ntensor, sizeof(b->key[0]), mtp__key_compare);

  return at ? (PetscInt)(at - b->key) : -1;
}

/* Everything about a tensor except the numbers of its moments. */
static PetscErrorCode describe(const builder *b, uint64_t key, tensor *t)
{
  PetscFunctionBegin;
  *t = (tensor){.g = mtp__graph_of_key(key), .ncomponent = 1, .nproduct = 1};
  for (int i = 0; i < t->g.n; i++) t->ncomponent *= components(mtp__graph_free(&t->g, i));
  if (t->g.n == 1) PetscFunctionReturn(0);
  mtp__graph_split(&t->g, t->part);
  for (int side = 0; side < 2; side++) {
    t->child[side] = find(b, t->part[side].key);
    PetscCheck(t->child[side] >= 0, PETSC_COMM_SELF, PETSC_ERR_PLIB, "A part is not listed");
  }
  for (int k = 0; k < t->part[0].n; k++) {
    for (int l = 0; l < t->part[1].n; l++) {
      const int i = t->part[0].factor[k], j = t->part[1].factor[l], rank = t->g.a[i][j];

      if (rank == 0) continue;
      memcpy(t->edge[t->nedge++], (const int[3]){i, j, rank}, sizeof(t->edge[0]));
      t->nproduct *= components(rank);
    }
  }
  PetscFunctionReturn(0);
}

/* Describes all tensors and makes room for their moments and products. */
static PetscErrorCode describe_all(builder *b)
{
  PetscInt nproduct = 0, longest = 0, ncomponent = 0;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1((size_t)b->ntensor, &b->tensors));
  for (PetscInt i = 0; i < b->ntensor; i++) {
    tensor *t = &b->tensors[i];

    PetscCall(describe(b, b->key[i], t));
    t->first = ncomponent;
    ncomponent += t->ncomponent;
    if (t->g.n == 1) {
      b->basis->nbasic = ncomponent;
      continue;
    }
    nproduct += t->ncomponent * t->nproduct;
    longest = PetscMax(longest, t->nproduct);
  }
  PetscCall(PetscMalloc1((size_t)ncomponent, &b->moment));
  PetscCall(PetscMalloc1((size_t)longest, &b->product));
  PetscCall(PetscMalloc1((size_t)b->basis->nbasic, &b->basis->basic));
  PetscCall(PetscMalloc1((size_t)nproduct, &b->basis->times));
  PetscFunctionReturn(0);
}

/* {b, c} of the groups of component `at`; the last factor runs fastest. */
static void groups_of(const mtp__graph *g, PetscInt at, int bc[][2])
{
  for (int i = g->n - 1; i >= 0; i--) {
    const int f = mtp__graph_free(g, i), n = components(f);

    (void)monomial(f, (int)(at % n), bc[i]);
    at /= n;
  }
}

/* The moment that one side contributes when the groups of the factors are bc. */
static PetscInt side_moment(const builder *b, const tensor *t, int side, int bc[][2])
{
  const tensor *child = &b->tensors[t->child[side]];
  PetscInt at = 0;

  for (int k = 0; k < child->g.n; k++)
    at = at * components(mtp__graph_free(&child->g, k)) + place(bc[t->part[side].factor[k]]);
  return b->moment[child->first + at];
}

static int compare_rows(const void *a, const void *b)
{
  const PetscInt *x = a, *y = b;

  if (x[0] != y[0]) return x[0] < y[0] ? -1 : 1;
  return (x[1] > y[1]) - (x[1] < y[1]);
}

/* Sorts b->product and adds up rows of the same two moments; returns how many are left. */
static PetscInt join(builder *b, PetscInt n)
{
  PetscInt kept = 0, (*row)[4] = b->product;

  qsort(row, (size_t)n, sizeof(row[0]), compare_rows);
  for (PetscInt i = 1; i < n; i++) {
    if (compare_rows(row[i], row[kept]) == 0)
      row[kept][2] += row[i][2];
    else
      memcpy(row[++kept], row[i], sizeof(row[0]));
  }
  return kept + 1;
}

/* The products of one component into b->product: one for each choice of components of the cut
   edges.  Returns how many. */
static PetscInt multiply(builder *b, const tensor *t, PetscInt component, PetscInt target)
{
  int base[MTP__FACTORS][2], bc[MTP__FACTORS][2];

  groups_of(&t->g, component, base);
  for (PetscInt n = 0; n < t->nproduct; n++) {
    PetscInt choice = n, weight = 1, p, q;

    memcpy(bc, base, sizeof(bc));
    for (int e = 0; e < t->nedge; e++) {
      const int rank = t->edge[e][2];
      int gamma[2];

      weight *= monomial(rank, (int)(choice % components(rank)), gamma);
      choice /= components(rank);
      for (int k = 0; k < 2; k++) {
        bc[t->edge[e][0]][k] += gamma[k];
        bc[t->edge[e][1]][k] += gamma[k];
      }
    }
    p = side_moment(b, t, 0, bc);
    q = side_moment(b, t, 1, bc);
    memcpy(b->product[n], (const PetscInt[4]){PetscMin(p, q), PetscMax(p, q), weight, target},
           sizeof(b->product[n]));
  }
  return join(b, t->nproduct);
}

/* The same products, whatever their targets? */
static PetscBool are_same(PetscInt n, PetscInt (*const rows)[4], PetscInt (*const product)[4])
{
  for (PetscInt k = 0; k < n; k++)
    if (memcmp(rows[k], product[k], 3 * sizeof(rows[k][0])) != 0) return PETSC_FALSE;
  return PETSC_TRUE;
}

/* The moment among those from row `begin` on that has the n products at hand, or -1. */
static PetscInt same_products(const builder *b, PetscInt begin, PetscInt n)
{
  PetscInt(*const times)[4] = b->basis->times;
  const PetscInt end = b->basis->ntimes;

  for (PetscInt i = begin, next; i < end; i = next) {
    next = i;
    while (next < end && times[next][3] == times[i][3]) next++;
    if (next - i == n && are_same(n, &times[i], b->product)) return times[i][3];
  }
  return -1;
}

/* Numbers the components of a product tensor and writes their rows. */
static void build_product(builder *b, const tensor *t)
{
  mtp_basis *basis = b->basis;
  const PetscInt begin = basis->ntimes;

  for (PetscInt c = 0; c < t->ncomponent; c++) {
    const PetscInt n = multiply(b, t, c, basis->nmoment), same = same_products(b, begin, n);

    b->moment[t->first + c] = same >= 0 ? same : basis->nmoment;
    if (same >= 0) continue;
    memcpy(basis->times[basis->ntimes], b->product, (size_t)n * sizeof(b->product[0]));
    basis->ntimes += n;
    basis->nmoment++;
  }
}

/* Numbers the components of a moment tensor. */
static void build_basic(builder *b, const tensor *t)
{
  mtp_basis *basis = b->basis;
  const int mu = t->g.mu[0], nu = t->g.a[0][0];

  for (PetscInt c = 0; c < t->ncomponent; c++) {
    int bc[2];

    (void)monomial(nu, (int)c, bc);
    memcpy(basis->basic[basis->nmoment], (const PetscInt[4]){mu, nu - bc[0] - bc[1], bc[0], bc[1]},
           sizeof(basis->basic[0]));
    b->moment[t->first + c] = basis->nmoment++;
  }
  basis->radial_funcs = mu + 1;
}

/* Where the scalars are, sorted by number of factors and key alone. */
static PetscErrorCode map_scalars(builder *b)
{
  PetscInt n = 0;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1((size_t)b->nscalar, &b->basis->mapping));
  for (PetscInt k = 0; k < b->nscalar; k++) {
    PetscInt i = find(b, b->scalar[k]);

    if (i < 0) i = find(b, b->scalar[k] | MTP__KEY_PEELED);
    PetscCheck(i >= 0, PETSC_COMM_SELF, PETSC_ERR_PLIB, "A scalar is not listed");
    b->basis->mapping[n++] = b->moment[b->tensors[i].first];
  }
  b->basis->nscalar = n;
  PetscFunctionReturn(0);
}

static PetscErrorCode build(builder *b)
{
  PetscFunctionBegin;
  PetscCall(mtp__graph_scalars(b->basis->level, &b->nscalar, &b->scalar));
  PetscCall(find_tensors(b));
  PetscCall(describe_all(b));
  for (PetscInt i = 0; i < b->ntensor; i++) {
    if (b->tensors[i].g.n == 1)
      build_basic(b, &b->tensors[i]);
    else
      build_product(b, &b->tensors[i]);
  }
  PetscCall(map_scalars(b));
  if (b->basis->ntimes > 0) /* joined rows have left room */
    PetscCall(
        PetscRealloc((size_t)b->basis->ntimes * sizeof(b->basis->times[0]), &b->basis->times));
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_basis_create(PetscInt level, mtp_basis *basis)
{
  builder b = {.basis = basis};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  *basis = (mtp_basis){0};
  PetscCheck(level >= MTP_BASIS_LEVEL_MIN && level <= MTP_BASIS_LEVEL_MAX, PETSC_COMM_SELF,
             PETSC_ERR_ARG_OUTOFRANGE, "Level %" PetscInt_FMT ", wanted %d to %d", level,
             (int)MTP_BASIS_LEVEL_MIN, (int)MTP_BASIS_LEVEL_MAX);
  basis->level = level;
  ierr = build(&b);
  PetscCall(PetscFree(b.scalar));
  PetscCall(PetscFree(b.key));
  PetscCall(PetscFree(b.tensors));
  PetscCall(PetscFree(b.moment));
  PetscCall(PetscFree(b.product));
  if (ierr) PetscCall(mtp_basis_clear(basis));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_basis_clear(mtp_basis *basis)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(basis->basic));
  PetscCall(PetscFree(basis->times));
  PetscCall(PetscFree(basis->mapping));
  *basis = (mtp_basis){0};
  PetscFunctionReturn(0);
}
