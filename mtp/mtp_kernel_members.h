/* mtp/mtp_kernel_members.h - members of a committee in lanes; part of mtp_kernel_level.h
 *
 * M = LANES / S members of a committee fill a vector, S neighbours of an atom each: lane m S + q
 * belongs to member m and neighbour q.  What members share, directions and monomials, are S numbers
 * side by side, put into the lanes of all members by the instruction that loads them; what is a
 * member's own, radial functions, moments and derivatives, is a vector.  With S = 1 sums over
 * neighbours are moments without a sum over lanes.  Otherwise S atoms go through the graph
 * together, and lane m S + q of a moment belongs to member m and atom q: nothing is idle there,
 * either.
 *
 * A neighbourhood is not padded but to whole columns of S neighbours.  The formulas are those of
 * mtp_kernel_pair.h.  Levels with code of their own only.  Distances and monomials are still formed
 * in vectors of neighbours: number l of such a vector belongs to neighbour v LANES + l.
 *
 * S, K and the ranks are constants wherever it matters.
 */

/* Values and slopes by xi of the polynomials of all members */
INLINE void member_horner(const int K, const PetscInt R, const vd *c, vd xi, vd value[], vd slope[])
{
  UNROLL for (int m = 0; m < K; m++)
  {
    value[m] = c[(R - 1) * K + m];
    slope[m] = vset(0.0);
  }
  for (PetscInt k = R - 2; k >= 0; k--) {
    UNROLL for (int m = 0; m < K; m++)
    {
      slope[m] = slope[m] * xi + value[m];
      value[m] = value[m] * xi + c[k * K + m];
    }
  }
}

/* Radial functions of S neighbours of one type, or of several: each is evaluated, and every lane
   keeps its own. */
INLINE void column_polynomials(const int K, const int S, const mtp_plan *p, const vd *radial,
                               const neighbourhood *w, PetscInt e, PetscInt begin, vd value[],
                               vd slope[])
{
  const double inverse = 1.0 / (p->cutoff - p->min_dist);
  const vd xi =
      spread(S, (const double *)w->r + e) * (2.0 * inverse) - (p->min_dist + p->cutoff) * inverse;
  const PetscInt last = PetscMin(e + S, w->n) - 1;

  member_horner(K, p->R, radial + begin * p->R * K, xi, value, slope);
  for (PetscInt type = begin; S > 1 && w->type_end[type] <= last; type++) {
    vd other[MAX_K], other_slope[MAX_K];

    member_horner(K, p->R, radial + (type + 1) * p->R * K, xi, other, other_slope);
    UNROLL for (int m = 0; m < K; m++)
    {
      value[m] = vselect_of(S, w->type_end[type] - e, value[m], other[m]);
      slope[m] = vselect_of(S, w->type_end[type] - e, slope[m], other_slope[m]);
    }
  }
}

/* Radial functions and their slopes of every column, f and df [columns,K]; 0 in the column that
   makes their number even */
INLINE void member_functions(const int K, const int S, const mtp_plan *p, const vd *radial,
                             const neighbourhood *w, vd *f, vd *df)
{
  const double inverse = 1.0 / (p->cutoff - p->min_dist);
  const vd *centre = radial + w->centre * p->nspecies * p->R * K;
  PetscInt type = 0;

  for (PetscInt e = 0; e < w->n; e += S, f += K, df += K) {
    const vd q = spread(S, (const double *)w->r + e) - p->cutoff, qq = q * q;
    vd value[MAX_K], slope[MAX_K];

    while (w->type_end[type] <= e) type++;
    column_polynomials(K, S, p, centre, w, e, type, value, slope);
    UNROLL for (int m = 0; m < K; m++)
    {
      f[m] = qq * value[m];
      df[m] = (2.0 * q) * value[m] + (qq * (2.0 * inverse)) * slope[m];
    }
  }
  UNROLL for (int m = 0; m < K; m++) f[m] = df[m] = vset(0.0);
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
INLINE void member_tile(const int K, const int S, const int B, const int low, const int high,
                        const neighbourhood *w, const vd *f, const vd *A, PetscInt nnode,
                        const double *uz, vd *sum)
{
  const int stride = low + high;
  vd total[TILE_NODES * 2 * MAX_K];

  UNROLL for (int b = 0; b < B; b++)
  {
    UNROLL for (int m = 0; m < stride; m++) total[b * stride + m] = vset(0.0);
  }
  for (PetscInt e = 0; e < w->n; e += S, f += K) {
    const double *a = (const double *)(A + e / LANES * nnode) + e % LANES;
    vd high_f[MAX_K];

    UNROLL for (int m = 0; m < high; m++) high_f[m] = f[m] * spread(S, uz + e);
    UNROLL for (int b = 0; b < B; b++)
    {
      const vd x = spread(S, a + b * LANES);

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
INLINE void member_degree(const int K, const int S, const int top, const int e,
                          const neighbourhood *w, const vd *f, const vd *A, PetscInt nnode,
                          const double *uz, vd *sum)
{
  const int low = (int)active_of(top, NULL, e), high = (int)active_of(top, NULL, e + 1);
  const int stride = low + high, room = (TILE_SUMS - stride) / stride;
  const int most = room < 1 ? 1 : (room > TILE_NODES ? TILE_NODES : room);
  const int tiles = (e + most) / most, B = (e + tiles) / tiles, rest = (e + 1) % B;
  int b = 0;

  for (; b + B <= e + 1; b += B) {
    member_tile(K, S, B, low, high, w, f, A + b, nnode, uz, sum + b * stride);
  }
  if (rest) member_tile(K, S, rest, low, high, w, f, A + b, nnode, uz, sum + b * stride);
}

/* One node for V columns; as descend_node(), with G of the members in lanes */
INLINE void member_node(const int K, const int S, const int V, const int low, const int high,
                        const PetscBool both, const vd *g, const vd *f, const vd u[3][2],
                        const double *A, const vd *child, vd *T, vd h[], vd t[3][2])
{
  UNROLL for (int x = 0; x < V; x++)
  {
    const vd a = spread(S, A + S * x);
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

INLINE void member_descent(const int K, const int S, const int V, const int top, const int e,
                           const vd *g, const vd *f, const vd u[3][2], const double *A, vd *T,
                           vd h[], vd t[3][2])
{
  const int low = (int)active_of(top, NULL, e), high = (int)active_of(top, NULL, e + 1);
  const int node = e * (e + 1) / 2;
  const vd *child = e < top ? T + V * (node + e + 1) : NULL;

  UNROLL for (int b = 0; b <= e; b++)
  {
    member_node(K, S, V, low, high, (PetscBool)(b == e), g + b * (low + high), f, u,
                A + (node + b) * LANES, child ? child + b * V : NULL, T + (node + b) * V, h, t);
  }
}

/* dV/dr_ij of V columns from neighbour e on: gradient [V,3]; G [nslot]: the atom's in all lanes of
   a member */
INLINE void member_gradients(const int K, const int S, const int V, const int top,
                             const mtp_plan *p, const neighbourhood *w, const mtp_kernel_columns *s,
                             const vd *G, PetscInt e, const double *A, vd *gradient)
{
  vd h[2 * MAX_K], f[2 * MAX_K], u[3][2], t[3][2], T[2 * MAX_NODES];
  PetscInt slot = p->nslot;

  UNROLL for (int x = 0; x < V; x++)
  {
    UNROLL for (int a = 0; a < 3; a++)
    {
      u[a][x] = spread(S, s->u[a] + e + S * x);
      t[a][x] = vset(0.0);
    }
    UNROLL for (int m = 0; m < K; m++)
    {
      f[x * K + m] = s->f[(e / S + x) * K + m];
      h[x * K + m] = vset(0.0);
    }
  }
#define DESCEND(e)                                                                                 \
  if ((e) <= top) {                                                                                \
    slot -= ((e) + 1) * (active_of(top, p, (e)) + active_of(top, p, (e) + 1));                     \
    member_descent(K, S, V, top, (e), G + slot, f, (const vd(*)[2])u, A, T, h, t);                 \
  }
  EACH_DEGREE_DOWN(DESCEND)
#undef DESCEND
  UNROLL for (int x = 0; x < V; x++)
  {
    const vd inverse_r = spread(S, (const double *)w->inverse_r + e + S * x);
    vd along = vset(0.0), dot = vset(0.0);

    UNROLL for (int m = 0; m < K; m++) along += s->df[(e / S + x) * K + m] * h[x * K + m];
    UNROLL for (int a = 0; a < 3; a++) dot += t[a][x] * u[a][x];
    along -= dot * inverse_r;
    UNROLL for (int a = 0; a < 3; a++) gradient[3 * x + a] = along * u[a][x] + t[a][x] * inverse_r;
  }
}

/* NOLINTEND(readability-function-size) */

/* F_j -= g and, where asked for, the virial of atom j, of the column that begins with neighbour e.
   Forces of an atom are FORCE_ROWS(S) vectors. */
INLINE void scatter_column(const int S, const mtp_kernel_job *job, const neighbourhood *w,
                           PetscInt e, const vd gradient[3], const mtp_kernel_members *s)
{
  vd turned[LANES * 3];

  turn_column(S, gradient, turned);
  UNROLL for (int q = 0; q < S; q++)
  {
    vd *f = s->force + FORCE_ROWS(S) * (int64_t)w->j[e + q];

    if (e + q >= w->n) break;
    for (int k = 0; k < FORCE_ROWS(S); k++) f[k] -= turned[q * FORCE_ROWS(S) + k];
    for (PetscInt m = 0; m < job->members && s->atom_virials; m++) {
      double *W = job->out[m].atom_virial;

      for (int k = 0; W && k < 9; k++) {
        W[9 * (int64_t)w->j[e + q] + k] -= w->d[k / 3][e + q] * gradient[k % 3][m * S + q];
      }
    }
  }
}

/* The same for V columns, and W -= r g where a member is asked for it; total: the sum of g */
INLINE void scatter_columns(const int S, const int V, const mtp_kernel_job *job,
                            const neighbourhood *w, PetscInt e, const vd *gradient,
                            const mtp_kernel_members *s, vd total[3])
{
  static const int a[6] = {0, 1, 2, 1, 0, 0}, b[6] = {0, 1, 2, 2, 2, 1};

  UNROLL for (int x = 0; x < V; x++, e += S, gradient += 3)
  {
    scatter_column(S, job, w, e, gradient, s);
    UNROLL for (int k = 0; k < 3; k++) total[k] += gradient[k];
    for (int k = 0; k < 6 && s->virials; k++) {
      s->virial[k] -= gradient[b[k]] * spread(S, w->d[a[k]] + e);
    }
  }
}

/* The same as a function of its own: inlined behind member_gradients() where that wants every
   register, scatter_columns() doubles what is spilled there.  Where calls cost more than that,
   members_backward() inlines it; times of both are in tests/bench. */
static __attribute__((noinline)) void
scatter_apart(const int S, const int V, const mtp_kernel_job *job, const neighbourhood *w,
              PetscInt e, const vd *gradient, const mtp_kernel_members *s, vd total[3])
{
  scatter_columns(S, V, job, w, e, gradient, s, total);
}

/* From the list to the slots of the members' moments; those of an atom among others to s->sum */
INLINE void members_forward(const int K, const int S, const int top, const mtp_plan *p, PetscInt q,
                            batch *b, const mtp_kernel_members *s)
{
  neighbourhood *w = &b->atom[q];
  const mtp_kernel_columns *column = &s->column[q];
  vd *sum = S == 1 ? (vd *)(void *)b->M : s->sum + q * p->npadded;

  for (PetscInt v = 0; v < w->nvector; v++) distance_vector(p, v, w);
  member_monomials(top, p, w, column->monomial, column->u);
  member_functions(K, S, p, s->radial, w, column->f, column->df);
#define SUM(e)                                                                                     \
  if ((e) <= top) {                                                                                \
    member_degree(K, S, top, (e), w, column->f, column->monomial + mtp_plan_node((e), 0),          \
                  p->nnode, column->u[2], sum);                                                    \
    sum += ((e) + 1) * (active_of(top, p, (e)) + active_of(top, p, (e) + 1));                      \
  }
  EACH_DEGREE_UP(SUM)
#undef SUM
}

/* From G to the members' forces; atom q of those in lanes is atom i. */
INLINE void members_backward(const int K, const int S, const int top, const mtp_kernel_job *job,
                             PetscInt q, PetscInt i, batch *b, const mtp_kernel_members *s)
{
  enum { V = 2 }; /* columns that go together; code for one alone would be read from afar */
  const PetscBool apart = (PetscBool)(top > LOW_RANK || (S == 1 && LANES < 8));
  const mtp_plan *p = job->plan[0];
  const neighbourhood *w = &b->atom[q];
  const mtp_kernel_columns *column = &s->column[q];
  const vd *G = (const vd *)(const void *)b->G;
  vd total[3] = {vset(0.0), vset(0.0), vset(0.0)}, turned[LANES * 3], gradient[3 * V];
  vd *force = s->force + FORCE_ROWS(S) * (int64_t)i;

  if (S > 1) {
    for (PetscInt k = 0; k < p->nslot; k++) s->sum[k] = from_atom(S, q, G[k]);
    G = s->sum;
  }
  for (PetscInt e = 0; e < w->n; e += V * S) {
    const double *A = (const double *)(column->monomial + e / LANES * p->nnode) + e % LANES;

    member_gradients(K, S, V, top, p, w, column, G, e, A, gradient);
    if (apart) {
      scatter_apart(S, V, job, w, e, gradient, s, total);
    } else {
      scatter_columns(S, V, job, w, e, gradient, s, total);
    }
  }
  turn_column(S, total, turned);
  for (int k = 0; k < S * FORCE_ROWS(S); k++) force[k % FORCE_ROWS(S)] += turned[k];
}
