/* mtp/mtp_kernel_members.h - a committee with a lane for each member; part of mtp_kernel_atom.h
 *
 * LANES members of a committee fill a vector.  What they share, directions and monomials, are
 * numbers, put into all lanes by the instruction that multiplies with them; what is their own,
 * radial functions, moments and derivatives, stands side by side.  So a row of neighbours needs no
 * padding, a neighbour has one type, sums over neighbours are moments without a sum over lanes, and
 * nothing is turned between the passes and the graph, which takes members as it takes atoms
 * elsewhere.  The formulas are those of mtp_kernel_pair.h.
 *
 * Levels with code of their own only.  Distances and monomials are still formed in vectors of
 * neighbours: number l of such a vector belongs to neighbour v LANES + l.
 */

/* Radial functions and their slopes of every neighbour, f and df [n,K] */
INLINE void member_functions(const int K, const mtp_plan *p, const vd *radial,
                             const neighbourhood *w, vd *f, vd *df)
{
  const double inverse = 1.0 / (p->cutoff - p->min_dist), *r = (const double *)w->r;
  PetscInt e = 0;

  for (PetscInt type = 0; type < p->nspecies; type++) {
    const vd *c = radial + (w->centre * p->nspecies + type) * p->R * K;

    for (; e < w->type_end[type]; e++, f += K, df += K) {
      const vd xi = vset(r[e] * (2.0 * inverse) - (p->min_dist + p->cutoff) * inverse);
      const double q = r[e] - p->cutoff;
      const vd qq = vset(q * q), twice = vset(2.0 * q), scaled = vset(q * q * 2.0 * inverse);
      vd value[MAX_K], slope[MAX_K];

      UNROLL for (int m = 0; m < K; m++)
      {
        value[m] = c[(p->R - 1) * K + m];
        slope[m] = vset(0.0);
      }
      for (PetscInt k = p->R - 2; k >= 0; k--) {
        UNROLL for (int m = 0; m < K; m++)
        {
          slope[m] = slope[m] * xi + value[m];
          value[m] = value[m] * xi + c[k * K + m];
        }
      }
      UNROLL for (int m = 0; m < K; m++)
      {
        f[m] = qq * value[m];
        df[m] = twice * value[m] + scaled * slope[m];
      }
    }
  }
}

/* Monomials of all vectors of neighbours into A [nvector,nnode], directions in place of distances'
   third component apart: u [3][nvector LANES] */
INLINE void member_monomials(const int top, const mtp_plan *p, const neighbourhood *w, vd *A,
                             double *const u[3])
{
  const layout grid = {1, p->nnode};

  for (PetscInt v = 0; v < w->nvector; v++, A += p->nnode) {
    vd along[3];

    UNROLL for (int a = 0; a < 3; a++)
    {
      along[a] = vload(w->d[a] + v * LANES) * w->inverse_r[v];
      vstore(u[a] + v * LANES, along[a]);
    }
    A[0] = vset(1.0);
    UNROLL for (PetscInt e = 1; e <= top; e++)
    {
      monomials(1, e, grid, &along[0], &along[1], A);
    }
  }
}

/* NOLINTBEGIN(readability-function-size): see mtp_kernel_pair.h */

/* Sums over the neighbours for B nodes of a degree, which stay in registers */
INLINE void member_tile(const int K, const int B, const int low, const int high,
                        const neighbourhood *w, const vd *f, const vd *A, PetscInt nnode,
                        const double *uz, vd *sum)
{
  const int stride = low + high;
  vd total[TILE_NODES * 2 * MAX_K];

  UNROLL for (int b = 0; b < B; b++)
  {
    UNROLL for (int m = 0; m < stride; m++) total[b * stride + m] = vset(0.0);
  }
  for (PetscInt e = 0; e < w->n; e++, f += K) {
    const double *a = (const double *)(A + e / LANES * nnode) + e % LANES;
    vd high_f[MAX_K];

    UNROLL for (int m = 0; m < high; m++) high_f[m] = f[m] * vset(uz[e]);
    UNROLL for (int b = 0; b < B; b++)
    {
      const vd x = vset(a[b * LANES]);

      UNROLL for (int m = 0; m < low; m++) total[b * stride + m] += f[m] * x;
      UNROLL for (int m = 0; m < high; m++) total[b * stride + low + m] += high_f[m] * x;
    }
  }
  UNROLL for (int b = 0; b < B; b++)
  {
    UNROLL for (int m = 0; m < stride; m++) sum[b * stride + m] = total[b * stride + m];
  }
}

/* The components of degree e: tiles of as many nodes as registers hold sums */
INLINE void member_degree(const int K, const int top, const int e, const neighbourhood *w,
                          const vd *f, const vd *A, PetscInt nnode, const double *uz, vd *sum)
{
  const int low = (int)active_of(top, NULL, e), high = (int)active_of(top, NULL, e + 1);
  const int stride = low + high, room = (TILE_SUMS - stride) / stride;
  const int most = room < 1 ? 1 : (room > TILE_NODES ? TILE_NODES : room);
  const int tiles = (e + most) / most, B = (e + tiles) / tiles, rest = (e + 1) % B;
  int b = 0;

  for (; b + B <= e + 1; b += B) {
    member_tile(K, B, low, high, w, f, A + b, nnode, uz, sum + b * stride);
  }
  if (rest) member_tile(K, rest, low, high, w, f, A + b, nnode, uz, sum + b * stride);
}

/* Degrees as literal numbers: all that depends on them is then a constant. */
#define EACH_DEGREE_UP(X)   X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10)
#define EACH_DEGREE_DOWN(X) X(10) X(9) X(8) X(7) X(6) X(5) X(4) X(3) X(2) X(1) X(0)

/* One node for V neighbours; as descend_node(), with G of the members in lanes */
INLINE void member_node(const int K, const int V, const int low, const int high,
                        const PetscBool both, const vd *g, const vd *f, const vd u[3][2],
                        const double *A, const vd *child, vd *T, vd h[], vd t[3][2])
{
  UNROLL for (int x = 0; x < V; x++)
  {
    const vd a = vset(A[x]);
    vd s = vset(0.0), z = s;

    UNROLL for (int m = 0; m < low; m++)
    {
      s += g[m] * f[x * K + m];
      h[x * K + m] += g[m] * a;
    }
    if (high) {
      const vd az = a * u[2][x];

      UNROLL for (int m = 0; m < high; m++)
      {
        z += g[low + m] * f[x * K + m];
        h[x * K + m] += g[low + m] * az;
      }
      s += z * u[2][x];
      t[2][x] += z * a;
    }
    if (child) {
      s += child[x] * u[0][x];
      t[0][x] += child[x] * a;
      if (both) {
        s += child[V + x] * u[1][x];
        t[1][x] += child[V + x] * a;
      }
    }
    T[x] = s;
  }
}

INLINE void member_descent(const int K, const int V, const int top, const int e, const vd *g,
                           const vd *f, const vd u[3][2], const double *A, vd *T, vd h[],
                           vd t[3][2])
{
  const int low = (int)active_of(top, NULL, e), high = (int)active_of(top, NULL, e + 1);
  const int node = e * (e + 1) / 2;
  const vd *child = e < top ? T + V * (node + e + 1) : NULL;

  UNROLL for (int b = 0; b <= e; b++)
  {
    member_node(K, V, low, high, (PetscBool)(b == e), g + b * (low + high), f, u,
                A + (node + b) * LANES, child ? child + b * V : NULL, T + (node + b) * V, h, t);
  }
}

/* dV/dr_ij of V neighbours from e on: gradient [V,3], a lane for each member */
INLINE void member_gradients(const int K, const int V, const int top, const mtp_plan *p,
                             const neighbourhood *w, const mtp_kernel_members *s, const vd *G,
                             PetscInt e, const double *A, vd *gradient)
{
  vd h[2 * MAX_K], f[2 * MAX_K], u[3][2], t[3][2], T[2 * MAX_NODES];
  PetscInt slot = p->nslot;

  UNROLL for (int x = 0; x < V; x++)
  {
    UNROLL for (int a = 0; a < 3; a++)
    {
      u[a][x] = vset(s->u[a][e + x]);
      t[a][x] = vset(0.0);
    }
    UNROLL for (int m = 0; m < K; m++)
    {
      f[x * K + m] = s->f[(e + x) * K + m];
      h[x * K + m] = vset(0.0);
    }
  }
#define DESCEND(e)                                                                                 \
  if ((e) <= top) {                                                                                \
    slot -= ((e) + 1) * (active_of(top, p, (e)) + active_of(top, p, (e) + 1));                     \
    member_descent(K, V, top, (e), G + slot, f, (const vd(*)[2])u, A, T, h, t);                    \
  }
  EACH_DEGREE_DOWN(DESCEND)
#undef DESCEND
  UNROLL for (int x = 0; x < V; x++)
  {
    const vd inverse_r = vset(((const double *)w->inverse_r)[e + x]);
    vd along = vset(0.0), dot = vset(0.0);

    UNROLL for (int m = 0; m < K; m++) along += s->df[(e + x) * K + m] * h[x * K + m];
    UNROLL for (int a = 0; a < 3; a++) dot += t[a][x] * u[a][x];
    along -= dot * inverse_r;
    UNROLL for (int a = 0; a < 3; a++) gradient[3 * x + a] = along * u[a][x] + t[a][x] * inverse_r;
  }
}

/* NOLINTEND(readability-function-size) */

/* F_j -= g, W -= r g and, where asked for, the virial of atom j, of V neighbours from e on */
static void scatter_lanes(const mtp_kernel_job *job, const neighbourhood *w, PetscInt e, int V,
                          const vd *gradient, const mtp_kernel_members *s, vd total[3])
{
  static const int a[6] = {0, 1, 2, 1, 0, 0}, b[6] = {0, 1, 2, 2, 2, 1};

  for (int x = 0; x < V; x++, e++, gradient += 3) {
    vd *f = s->force + 3 * (int64_t)w->j[e];

    for (int k = 0; k < 3; k++) {
      f[k] -= gradient[k];
      total[k] += gradient[k];
    }
    for (int k = 0; k < 6; k++) s->virial[k] -= gradient[b[k]] * vset(w->d[a[k]][e]);
    for (int m = 0; m < LANES && s->atom_virials; m++) {
      double *W = job->out[m].atom_virial;

      for (int k = 0; W && k < 9; k++) {
        W[9 * (int64_t)w->j[e] + k] -= w->d[k / 3][e] * gradient[k % 3][m];
      }
    }
  }
}

/* From the list to the slots of the members' moments */
INLINE void members_forward(const int K, const int top, const mtp_plan *p, batch *b,
                            const mtp_kernel_members *s)
{
  neighbourhood *w = &b->atom[0];
  vd *sum = (vd *)(void *)b->M;

  for (PetscInt v = 0; v < w->nvector; v++) distance_vector(p, v, w);
  member_monomials(top, p, w, b->monomial, s->u);
  member_functions(K, p, s->radial, w, s->f, s->df);
#define SUM(e)                                                                                     \
  if ((e) <= top) {                                                                                \
    member_degree(K, top, (e), w, s->f, b->monomial + mtp_plan_node((e), 0), p->nnode, s->u[2],    \
                  sum);                                                                            \
    sum += ((e) + 1) * (active_of(top, p, (e)) + active_of(top, p, (e) + 1));                      \
  }
  EACH_DEGREE_UP(SUM)
#undef SUM
}

/* From G to the members' forces; i is the atom. */
INLINE void members_backward(const int K, const int top, const mtp_kernel_job *job, PetscInt i,
                             batch *b, const mtp_kernel_members *s)
{
  const mtp_plan *p = job->plan[0];
  const neighbourhood *w = &b->atom[0];
  const vd *G = (const vd *)(const void *)b->G;
  vd total[3] = {vset(0.0), vset(0.0), vset(0.0)}, gradient[6];
  PetscInt e = 0;

  for (; e + 2 <= w->n; e += 2) {
    const double *A = (const double *)(b->monomial + e / LANES * p->nnode) + e % LANES;

    member_gradients(K, 2, top, p, w, s, G, e, A, gradient);
    scatter_lanes(job, w, e, 2, gradient, s, total);
  }
  if (e < w->n) {
    const double *A = (const double *)(b->monomial + e / LANES * p->nnode) + e % LANES;

    member_gradients(K, 1, top, p, w, s, G, e, A, gradient);
    scatter_lanes(job, w, e, 1, gradient, s, total);
  }
  for (int k = 0; k < 3; k++) s->force[3 * (int64_t)i + k] += total[k];
}
