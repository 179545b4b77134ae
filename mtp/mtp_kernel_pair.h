/* mtp/mtp_kernel_pair.h - the two passes over the neighbours of one atom; part of mtp_kernel_body.h
 *
 * Forward: radial functions, then the moments' components.  FORWARD_VECTORS vectors of neighbours
 * go together: a component's sum is loaded once, gets a multiply-add from each, and is stored once.
 *
 * Backward: with G the derivatives by the components, and for one neighbour
 *   s = sum_mu G f_mu        what falls on a monomial x^a y^b z^c
 *   h_mu = sum G (monomial)  what falls on f_mu
 * the monomials' derivatives are collected from the highest degree down: a monomial hands its share
 * to the one that it is a product of, T(a,b) = s + T(a+1,b) u_x + ... .  The component with c = 1
 * belongs to the node of its x^a y^b and needs no storage.  Then
 *   g = R u + (t - (t.u) u) / r,   R = sum_mu f'_mu h_mu,
 * with t the derivative by u.  Monomials are formed again instead of being kept from the forward
 * pass: one multiplication is cheaper than a load from beyond the first cache.
 *
 * Of a committee, P = 2 members go together: directions and monomials are loaded once for both, and
 * the two sums of products fill each other's latencies.  Backward, two members and one vector take
 * the place of one member and two vectors, so the registers suffice for both.
 *
 * K, P, the number of vectors V and the number of mu that reach a rank are constants wherever it
 * matters: the functions are always inlined into switches over them.
 */

/* Neighbours of one atom within the cut-off, sorted by type, padded with neighbours at r = R_c. */
struct mtp_kernel_neighbourhood {
  PetscInt centre;     /* type of the atom */
  PetscInt n, nvector; /* neighbours, vectors */
  PetscInt *type_end;  /* [S] end of the neighbours of each type */
  double *d[3];        /* [nvector LANES, Å] x_j - x_i */
  int32_t *j;          /* [nvector LANES] */
  vd *r, *inverse_r;   /* [nvector, Å], [nvector, 1/Å] */
  vd *f, *df;          /* [nvector,K] f_mu and f'_mu of the member in hand, or the first of two */
  vd *functions;       /* [members,2,nvector,K] those of all */
  PetscInt next;       /* from the functions of a member to those of the next */
  vd *wall;           /* [nvector, eV/Å] slope of RBChebyshev_repuls's wall; NULL: another basis */
  double wall_energy; /* [eV] */
};
typedef struct mtp_kernel_neighbourhood neighbourhood;

/* How many mu reach rank e.  The standard levels have one shape: with `top` the rank of mu = 0 each
   further mu reaches two ranks less, and an odd top has one more mu of rank 0.  A constant top >= 0
   makes everything about the shape a constant; top < 0 reads the plan. */
INLINE PetscInt active_of(const int top, const mtp_plan *p, PetscInt e)
{
  if (top < 0) return p->active[e];
  return e > top ? 0 : (top - e) / 2 + 1 + (top % 2 == 1 && e == 0);
}

INLINE PetscInt top_rank(const int top, const mtp_plan *p)
{
  return top < 0 ? p->rank : top;
}

/* Degrees as literal numbers: all that depends on them is a constant before the first optimization.
   A loop over them would be unrolled late, and a switch over the ranks that mu reach there would
   put code for all of them through every pass before: twice the time to compile a level.  Units
   without a level know the shapes of two low ones only. */
#ifdef MTP_LEVEL_TOP
#define EACH_DEGREE_UP(X)   X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10)
#define EACH_DEGREE_DOWN(X) X(10) X(9) X(8) X(7) X(6) X(5) X(4) X(3) X(2) X(1) X(0)
#else
#define EACH_DEGREE_UP(X)   X(0) X(1) X(2) X(3)
#define EACH_DEGREE_DOWN(X) X(3) X(2) X(1) X(0)
#endif

/* Where the monomial of a node and a vector stands.  Vectors of a node stand together where loops
   run over nodes and where all stays in registers; in straight code for many nodes it is faster
   when the nodes of a vector do (seen when it was written: more than a tenth at level 16). */
typedef struct {
  PetscInt node, vector;
} layout;

INLINE layout layout_of(const int V, const int top, const mtp_plan *p)
{
  if (top > 3) return (layout){1, mtp_plan_node(top_rank(top, p) + 1, 0)};
  return (layout){V, 1};
}

/* Value and derivative by xi of sum_k c_k xi^k for every mu */
INLINE void horner(const int K, const PetscInt R, const double *c, vd xi, vd value[], vd slope[])
{
  UNROLL for (int m = 0; m < K; m++)
  {
    value[m] = vset(c[(R - 1) * K + m]);
    slope[m] = vset(0.0);
  }
  UNROLL for (PetscInt k = R - 2; k >= 0; k--)
  {
    UNROLL for (int m = 0; m < K; m++)
    {
      slope[m] = slope[m] * xi + value[m];
      value[m] = value[m] * xi + vset(c[k * K + m]);
    }
  }
}

/* The same of sum_k c_k T_k(xi): b_k = c_k + 2 xi b_{k+1} - b_{k+2}, value = b_0 - xi b_1. */
INLINE void clenshaw(const int K, PetscInt R, const double *c, vd xi, vd value[], vd slope[])
{
  UNROLL for (int m = 0; m < K; m++)
  {
    vd b1 = vset(0.0), b2 = b1, d1 = b1, d2 = b1;

    for (PetscInt k = R - 1; k >= 1; k--) {
      const vd b = c[k * K + m] + 2.0 * xi * b1 - b2;
      const vd d = 2.0 * b1 + 2.0 * xi * d1 - d2;

      b2 = b1;
      b1 = b;
      d2 = d1;
      d1 = d;
    }
    value[m] = c[m] + xi * b1 - b2;
    slope[m] = b1 + xi * d1 - d2;
  }
}

INLINE void polynomials(const int K, PetscInt R, const double *c, vd xi, vd value[], vd slope[])
{
  if (R == 8) { /* usual, and unrolled */
    horner(K, 8, c, xi, value, slope);
  } else if (R <= MTP_PLAN_POWERS) {
    horner(K, R, c, xi, value, slope);
  } else {
    clenshaw(K, R, c, xi, value, slope);
  }
}

/* The wall of RBChebyshev_repuls, 1e4 exp(-10 (r - 1)) [eV, Å] less its value at min_dist, below
   that distance.  Rare, so lane by lane. */
static void wall_vector(const mtp_plan *p, PetscInt v, neighbourhood *w)
{
  w->wall[v] = vset(0.0);
  for (int l = 0; l < LANES; l++) {
    const double r = w->r[v][l], wall = 1e4 * exp(-10.0 * (r - 1.0));

    if (r >= p->min_dist) continue;
    w->wall[v][l] = -10.0 * wall;
    w->wall_energy += wall - 1e4 * exp(-10.0 * (p->min_dist - 1.0));
  }
}

/* Distances of vector v */
INLINE void distance_vector(const mtp_plan *p, PetscInt v, neighbourhood *w)
{
  const vd x = vload(w->d[0] + v * LANES), y = vload(w->d[1] + v * LANES);
  const vd z = vload(w->d[2] + v * LANES);

  w->r[v] = vsqrt(x * x + y * y + z * z);
  w->inverse_r[v] = 1.0 / w->r[v];
  if (p->repulsive) wall_vector(p, v, w);
}

/* RBChebyshev_repuls: f has no slope from min_dist down. */
static void no_slope(PetscInt K, const mtp_plan *p, PetscInt v, const neighbourhood *w, vd df[])
{
  for (int l = 0; l < LANES; l++) {
    for (PetscInt m = 0; m < K && w->r[v][l] <= p->min_dist; m++) df[m][l] = 0.0;
  }
}

/* Radial functions of vector v for each member.  A vector may hold neighbours of several types:
   each type in it is evaluated, and every lane keeps its own. */
INLINE void radial_vector(const int K, PetscInt members, const mtp_plan *const *plan, PetscInt v,
                          const neighbourhood *w)
{
  const mtp_plan *p = plan[0];
  const PetscInt R = p->R, first = v * LANES, last = PetscMin(first + LANES, w->n) - 1;
  const PetscInt centre = w->centre * p->nspecies * K * R;
  const double inverse = 1.0 / (p->cutoff - p->min_dist);
  const vd r = p->repulsive ? vmax(w->r[v], p->min_dist) : w->r[v];
  const vd xi = r * (2.0 * inverse) - (p->min_dist + p->cutoff) * inverse;
  const vd q = r - p->cutoff, qq = q * q;
  vd *f = w->functions + v * K;
  PetscInt begin = 0;

  while (w->type_end[begin] <= first) begin++;
  for (PetscInt member = 0; member < members; member++, f += w->next) {
    const double *pair = plan[member]->radial + centre;
    vd value[MAX_K], slope[MAX_K], *df = f + w->next / 2;
    PetscInt type = begin;

    polynomials(K, R, pair + type * K * R, xi, value, slope);
    while (w->type_end[type] <= last) {
      const PetscInt below = w->type_end[type++] - first;
      vd other[MAX_K], other_slope[MAX_K];

      polynomials(K, R, pair + type * K * R, xi, other, other_slope);
      UNROLL for (int m = 0; m < K; m++)
      {
        value[m] = vselect(below, value[m], other[m]);
        slope[m] = vselect(below, slope[m], other_slope[m]);
      }
    }
    UNROLL for (int m = 0; m < K; m++)
    {
      f[m] = qq * value[m];
      df[m] = q * (2.0 * value[m] + (q * (2.0 * inverse)) * slope[m]);
    }
    if (p->repulsive) no_slope(K, p, v, w, df);
  }
}

/* From here on functions have more arguments than elsewhere.  Constants and small arrays are
   arguments and not fields of a structure because compilers keep them in registers only so:
   with structures gcc 12 stored twice as many of them with AVX2, and level 16 became a quarter
   slower. */
/* NOLINTBEGIN(readability-function-size) */

/* Components of one kind (c = 0: A = x^a y^b; c = 1: times u_z) of the nodes of one degree, added
   to `sum`, or put there when these vectors are the `first`; `active` of the mu reach that rank. */
INLINE void add_components(const int K, const int P, const int V, const PetscBool first,
                           const int active, PetscInt nodes, PetscInt stride, const vd *const f[],
                           const vd *A, const layout grid, const vd *factor, vd *const sum[])
{
  vd radial[PAIR * FORWARD_VECTORS * MAX_K];

  UNROLL for (int v = 0; v < P * V; v++)
  {
    UNROLL for (int m = 0; m < active; m++) radial[v * K + m] = f[v / V][v % V * K + m];
  }
  LOOP for (PetscInt b = 0; b < nodes; b++)
  {
    vd monomial[FORWARD_VECTORS];

    UNROLL for (int v = 0; v < V; v++)
    {
      monomial[v] = factor ? A[v * grid.vector + b * grid.node] * factor[v]
                           : A[v * grid.vector + b * grid.node];
    }
    UNROLL for (int m = 0; m < P * active; m++)
    {
      const int q = m / active, k = m % active;
      vd *to = sum[q] + b * stride + k;
      vd s = first ? radial[q * V * K + k] * monomial[0] : *to;

      UNROLL for (int v = first ? 1 : 0; v < V; v++) s += radial[(q * V + v) * K + k] * monomial[v];
      *to = s;
    }
  }
}

#define ACTIVE_CASE(n)                                                                             \
  case n:                                                                                          \
    if ((n) <= K) add_components(K, P, V, first, (n), nodes, stride, f, A, grid, factor, sum);     \
    break

#ifndef MTP_LEVEL_TOP
INLINE void add_degree(const int K, const int P, const int V, const PetscBool first,
                       const PetscInt active, PetscInt nodes, PetscInt stride, const vd *const f[],
                       const vd *A, const layout grid, const vd *factor, vd *const sum[])
{
  switch (active) {
    ACTIVE_CASE(1);
    ACTIVE_CASE(2);
    ACTIVE_CASE(3);
    ACTIVE_CASE(4);
    ACTIVE_CASE(5);
    ACTIVE_CASE(6);
  default:
    break;
  }
}
#endif

/* Monomials x^a y^b of one degree from those of the degree below */
INLINE void monomials(const int V, PetscInt degree, const layout grid, const vd ux[], const vd uy[],
                      vd *A)
{
  const vd *below = A + grid.node * mtp_plan_node(degree - 1, 0);
  vd *to = A + grid.node * mtp_plan_node(degree, 0);

  UNROLL for (int v = 0; v < V; v++)
  {
    LOOP for (PetscInt b = 0; b < degree; b++)
    {
      to[v * grid.vector + b * grid.node] = below[v * grid.vector + b * grid.node] * ux[v];
    }
    to[v * grid.vector + degree * grid.node] =
        below[v * grid.vector + (degree - 1) * grid.node] * uy[v];
  }
}

/* Components of degree e; their first is number `slot` in sum [P][nslot]. */
INLINE void forward_degree(const int K, const int P, const int V, const int top,
                           const PetscBool first, const mtp_plan *p, const PetscInt e,
                           const vd *const f[], const vd *A, const layout grid, const vd *uz,
                           PetscInt slot, vd *sum)
{
  const PetscInt active = active_of(top, p, e), above = active_of(top, p, e + 1);
  const PetscInt stride = active + above;
  const vd *a = A + grid.node * mtp_plan_node(e, 0);
  vd *const low[PAIR] = {sum + slot, sum + p->npadded + slot};
  vd *const high[PAIR] = {sum + slot + active, sum + p->npadded + slot + active};

#ifndef MTP_LEVEL_TOP
  if (top < 0) {
    add_degree(K, P, V, first, active, e + 1, stride, f, a, grid, NULL, low);
    add_degree(K, P, V, first, above, e + 1, stride, f, a, grid, uz, high);
    return;
  }
#endif
  add_components(K, P, V, first, (int)active, e + 1, stride, f, a, grid, NULL, low);
  if (above) add_components(K, P, V, first, (int)above, e + 1, stride, f, a, grid, uz, high);
}

/* Components of P members and V vectors from `at` on, added to sum [P][nslot] (vectors over
   neighbours); monomials are in A, which is filled when `fresh`. */
INLINE void forward_vectors(const int K, const int P, const int V, const int top,
                            const PetscBool first, const mtp_plan *p, const neighbourhood *w,
                            PetscInt at, PetscBool fresh, vd *A, vd *sum)
{
  const layout grid = layout_of(V, top, p);
  const vd *const f[PAIR] = {w->f + at * K, P > 1 ? w->f + w->next + at * K : NULL};
  vd ux[FORWARD_VECTORS], uy[FORWARD_VECTORS], uz[FORWARD_VECTORS];
  PetscInt slot = 0;

  UNROLL for (int v = 0; v < V; v++)
  {
    const vd inverse_r = w->inverse_r[at + v];

    ux[v] = vload(w->d[0] + (at + v) * LANES) * inverse_r;
    uy[v] = vload(w->d[1] + (at + v) * LANES) * inverse_r;
    uz[v] = vload(w->d[2] + (at + v) * LANES) * inverse_r;
    A[v * grid.vector] = vset(1.0);
  }
#define FORWARD(e)                                                                                 \
  if ((e) <= top_rank(top, p)) {                                                                   \
    if ((e) > 0 && fresh) monomials(V, (e), grid, ux, uy, A);                                      \
    forward_degree(K, P, V, top, first, p, (e), f, A, grid, uz, slot, sum);                        \
    slot += ((e) + 1) * (active_of(top, p, (e)) + active_of(top, p, (e) + 1));                     \
  }
#ifndef MTP_LEVEL_TOP
  if (top < 0) {
    for (PetscInt e = 0; e <= p->rank; e++) FORWARD(e)
    return;
  }
#endif
  EACH_DEGREE_UP(FORWARD)
#undef FORWARD
}

/* One node: components (a,b,0) for `low` mu, (a,b,1) for `high` mu; children (a+1,b) and, when a =
   0, (a,b+1) in `child` (NULL at the highest degree).  What belongs to a member has the index
   q V + v, what members share v. */
INLINE void descend_node(const int K, const int P, const int V, const int low, const int high,
                         const PetscBool both, const double *const g[], PetscInt at, const vd *f,
                         const vd u[3][STREAMS], const vd *A, const layout grid, const vd *child,
                         vd *T, vd h[], vd t[3][STREAMS])
{
  UNROLL for (int x = 0; x < P * V; x++)
  {
    const int v = x % V;
    const double *from = g[x / V] + at;
    const vd a = A[v * grid.vector];
    vd s = vset(0.0), z = s;

    UNROLL for (int m = 0; m < low; m++)
    {
      s += from[m] * f[x * K + m];
      h[x * K + m] += from[m] * a;
    }
    if (high) {
      const vd az = a * u[2][v];

      UNROLL for (int m = 0; m < high; m++)
      {
        z += from[low + m] * f[x * K + m];
        h[x * K + m] += from[low + m] * az;
      }
      s += z * u[2][v];
      t[2][x] += z * a;
    }
    if (child) {
      s += child[x] * u[0][v];
      t[0][x] += child[x] * a;
      if (both) {
        s += child[P * V + x] * u[1][v];
        t[1][x] += child[P * V + x] * a;
      }
    }
    T[x] = s;
  }
}

/* All nodes of a degree */
INLINE void descend_nodes(const int K, const int P, const int V, const int low, const int high,
                          PetscInt degree, const double *const g[], const vd *f,
                          const vd u[3][STREAMS], const vd *A, const layout grid, const vd *child,
                          vd *T, vd h[], vd t[3][STREAMS])
{
  const int stride = low + high, X = P * V;

  if (high == 0) { /* the highest */
    LOOP for (PetscInt b = 0; b <= degree; b++)
    {
      descend_node(K, P, V, low, high, PETSC_FALSE, g, b * stride, f, u, A + b * grid.node, grid,
                   NULL, T + b * X, h, t);
    }
    return;
  }
  LOOP for (PetscInt b = 0; b < degree; b++)
  {
    descend_node(K, P, V, low, high, PETSC_FALSE, g, b * stride, f, u, A + b * grid.node, grid,
                 child + b * X, T + b * X, h, t);
  }
  descend_node(K, P, V, low, high, PETSC_TRUE, g, degree * stride, f, u, A + degree * grid.node,
               grid, child + degree * X, T + degree * X, h, t);
}

#ifndef MTP_LEVEL_TOP
#define DESCENT_CASE(low, high)                                                                    \
  case 8 * (low) + (high):                                                                         \
    if ((low) <= K) descend_nodes(K, P, V, (low), (high), e, g, f, u, A, grid, child, T, h, t);    \
    break

INLINE void descend_degree(const int K, const int P, const int V, PetscInt low, PetscInt high,
                           PetscInt e, const double *const g[], const vd *f, const vd u[3][STREAMS],
                           const vd *A, const layout grid, const vd *child, vd *T, vd h[],
                           vd t[3][STREAMS])
{
  switch (8 * low + high) {
    DESCENT_CASE(1, 0);
    DESCENT_CASE(1, 1);
    DESCENT_CASE(2, 0);
    DESCENT_CASE(2, 1);
    DESCENT_CASE(2, 2);
    DESCENT_CASE(3, 0);
    DESCENT_CASE(3, 1);
    DESCENT_CASE(3, 2);
    DESCENT_CASE(3, 3);
    DESCENT_CASE(4, 0);
    DESCENT_CASE(4, 1);
    DESCENT_CASE(4, 2);
    DESCENT_CASE(4, 3);
    DESCENT_CASE(4, 4);
    DESCENT_CASE(5, 0);
    DESCENT_CASE(5, 1);
    DESCENT_CASE(5, 2);
    DESCENT_CASE(5, 3);
    DESCENT_CASE(5, 4);
    DESCENT_CASE(5, 5);
    DESCENT_CASE(6, 0);
    DESCENT_CASE(6, 1);
    DESCENT_CASE(6, 2);
    DESCENT_CASE(6, 3);
    DESCENT_CASE(6, 4);
    DESCENT_CASE(6, 5);
    DESCENT_CASE(6, 6);
  default:
    break;
  }
}
#endif

/* All nodes of degree e, which has `stride` slots a node from g on */
INLINE void backward_degree(const int K, const int P, const int V, const int top, const mtp_plan *p,
                            const PetscInt e, const double *const g[], const vd *f,
                            const vd u[3][STREAMS], const vd *A, const layout grid, vd *T, vd h[],
                            vd t[3][STREAMS])
{
  const PetscInt low = active_of(top, p, e), high = active_of(top, p, e + 1);
  const PetscInt node = mtp_plan_node(e, 0);
  const vd *child = e < top_rank(top, p) ? T + P * V * mtp_plan_node(e + 1, 0) : NULL;

  A += node * grid.node;
  T += P * V * node;
#ifndef MTP_LEVEL_TOP
  if (top < 0) {
    descend_degree(K, P, V, low, high, e, g, f, u, A, grid, child, T, h, t);
    return;
  }
#endif
  descend_nodes(K, P, V, (int)low, (int)high, e, g, f, u, A, grid, child, T, h, t);
}

/* g_ij of P members and V vectors from `first` on, into gradient: the three components of member q
   and vector v from gradient[v rows + 3 q] on.  G [nslot] are this atom's; those of the next member
   stand LANES npadded further.  hs [V,K]: of the first member. */
INLINE void backward_vectors(const int K, const int P, const int V, const int top,
                             const mtp_plan *p, const neighbourhood *w, const double *G,
                             PetscInt first, PetscBool fresh, vd *A, vd *hs, vd *gradient,
                             PetscInt rows)
{
  vd u[3][STREAMS], t[3][STREAMS], h[STREAMS * MAX_K], f[STREAMS * MAX_K];
  vd T[STREAMS * MAX_NODES];
  const layout grid = layout_of(V, top, p);
  PetscInt slot = p->nslot;
  const double *g[PAIR];

  UNROLL for (int v = 0; v < V; v++)
  {
    UNROLL for (int a = 0; a < 3; a++)
    {
      u[a][v] = vload(w->d[a] + (first + v) * LANES) * w->inverse_r[first + v];
    }
    A[v * grid.vector] = vset(1.0);
  }
  UNROLL for (int x = 0; x < P * V; x++)
  {
    UNROLL for (int a = 0; a < 3; a++) t[a][x] = vset(0.0);
    UNROLL for (int m = 0; m < K; m++)
    {
      f[x * K + m] = w->f[x / V * w->next + (first + x % V) * K + m];
      h[x * K + m] = vset(0.0);
    }
  }
  if (fresh) {
#define MONOMIALS_OF(e)                                                                            \
  if ((e) > 0 && (e) <= top) monomials(V, (e), grid, u[0], u[1], A);
    EACH_DEGREE_UP(MONOMIALS_OF)
#undef MONOMIALS_OF
    for (PetscInt e = 1; top < 0 && e <= p->rank; e++) monomials(V, e, grid, u[0], u[1], A);
  }
#define BACKWARD(e)                                                                                \
  if ((e) <= top_rank(top, p)) {                                                                   \
    slot -= ((e) + 1) * (active_of(top, p, (e)) + active_of(top, p, (e) + 1));                     \
    g[0] = G + slot;                                                                               \
    g[1] = P > 1 ? g[0] + LANES * p->npadded : g[0];                                               \
    backward_degree(K, P, V, top, p, (e), g, f, (const vd(*)[STREAMS])u, A, grid, T, h, t);        \
  }
#ifdef MTP_LEVEL_TOP
  EACH_DEGREE_DOWN(BACKWARD)
#else
  if (top < 0) {
    for (PetscInt e = p->rank; e >= 0; e--) BACKWARD(e)
  } else {
    EACH_DEGREE_DOWN(BACKWARD)
  }
#endif
#undef BACKWARD
  UNROLL for (int x = 0; x < P * V; x++)
  {
    const int v = x % V, q = x / V;
    const vd *df = w->df + q * w->next + (first + v) * K;
    const vd inverse_r = w->inverse_r[first + v];
    vd along = w->wall ? w->wall[first + v] : vset(0.0), dot = vset(0.0);

    UNROLL for (int m = 0; m < K; m++)
    {
      along += df[m] * h[x * K + m];
      if (q == 0 && hs) hs[(first + v) * K + m] = h[x * K + m];
    }
    UNROLL for (int a = 0; a < 3; a++) dot += t[a][x] * u[a][v];
    along -= dot * inverse_r;
    UNROLL for (int a = 0; a < 3; a++)
    {
      gradient[v * rows + 3 * q + a] = along * u[a][v] + t[a][x] * inverse_r;
    }
  }
}

/* NOLINTEND(readability-function-size) */
