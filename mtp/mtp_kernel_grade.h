/* mtp/mtp_kernel_grade.h - extrapolation grades beside forces; part of mtp_kernel_body.h
 *
 * A row of derivatives by the coefficients costs little once forces are there: h_mu, what falls on
 * f_mu of a neighbour, comes out of the backward pass, and
 *   dV_i/dc[t_i][t][mu][k] = sum over neighbours of type t of h_mu Q_k
 * while the scalars are sums over the moments that are there anyway.  The grade vector is the row
 * times the inverse of the active set, a matrix of some hundred kilobytes.  Rows are therefore kept
 * until GROUP atoms of one type have come together, so that a strip of the matrix that fits the
 * first cache serves them all.
 */

enum { GROUP = 32, BLOCK_ATOMS = LANES, STRIP = 2 };

struct grades {
  const mtp_plan_grade *plan;
  PetscInt *count; /* [S] rows that wait */
  PetscInt *atom;  /* [S,GROUP] whose they are */
  double *row;     /* [S,GROUP,row_stride]; configuration mode: [S] sums, in the first of each */
  vd *scalar;      /* [nscalar rounded up] of the batch, over atoms */
  vd *basis;       /* [nvector,radial_size] Q_k / scaling */
  vd *sum;         /* [K radial_size rounded up] */
  vd *h;           /* [nvector,K] dV_i/df_mu of the neighbours of one atom */
};

INLINE vd vabs(vd a)
{
  return (vd)((vi)a & INT64_MAX);
}

INLINE vd vlarger(vd a, vd b)
{
  const vi above = a > b;

  return (vd)((above & (vi)a) | (~above & (vi)b));
}

/* (r - R_c)^2 T_k(xi) of the vectors of neighbours */
static void chebyshev_vectors(const mtp_plan *p, const neighbourhood *w, struct grades *g)
{
  const double inverse = 1.0 / (p->cutoff - p->min_dist);

  for (PetscInt v = 0; v < w->nvector; v++) {
    const vd r = p->repulsive ? vmax(w->r[v], p->min_dist) : w->r[v];
    const vd xi = r * (2.0 * inverse) - (p->min_dist + p->cutoff) * inverse;
    vd *q = g->basis + v * g->plan->radial_size;

    q[0] = (r - p->cutoff) * (r - p->cutoff);
    q[1] = xi * q[0];
    for (PetscInt k = 2; k < p->R; k++) q[k] = 2.0 * xi * q[k - 1] - q[k - 2];
    for (PetscInt k = p->R; k < g->plan->radial_size; k++) q[k] = vset(0.0);
  }
}

/* h of vector v in the lanes begin..end-1 of all neighbours, 0 elsewhere */
INLINE vd within(vd h, PetscInt v, PetscInt begin, PetscInt end)
{
  if (v * LANES < begin) h = vselect(begin - v * LANES, vset(0.0), h);
  if ((v + 1) * LANES > end) h = vselect(end - v * LANES, h, vset(0.0));
  return h;
}

/* sum h_mu Q_k over the neighbours begin..end-1, MTP_PLAN_TILE values of k together */
INLINE void radial_sums(const int K, PetscInt begin, PetscInt end, const vd *h, struct grades *g)
{
  const PetscInt size = g->plan->radial_size;

  for (PetscInt k = 0; k < size; k += MTP_PLAN_TILE) {
    vd sum[MAX_K * MTP_PLAN_TILE];

    UNROLL for (int e = 0; e < K * MTP_PLAN_TILE; e++) sum[e] = vset(0.0);
    for (PetscInt v = begin / LANES; v * LANES < end; v++) {
      UNROLL for (int m = 0; m < K; m++)
      {
        const vd hm = within(h[v * K + m], v, begin, end);

        UNROLL for (int e = 0; e < MTP_PLAN_TILE; e++)
        {
          sum[m * MTP_PLAN_TILE + e] += hm * g->basis[v * size + k + e];
        }
      }
    }
    UNROLL for (int m = 0; m < K; m++)
    {
      UNROLL for (int e = 0; e < MTP_PLAN_TILE; e++)
      {
        g->sum[m * size + k + e] = sum[m * MTP_PLAN_TILE + e];
      }
    }
  }
}

/* The radial part of a row */
INLINE void radial_row(const int K, const mtp_plan *p, const neighbourhood *w, const vd *h,
                       struct grades *g, double *row)
{
  const PetscInt n = K * g->plan->radial_size;
  PetscInt begin = 0;

  chebyshev_vectors(p, w, g);
  for (PetscInt t = 0; t < p->nspecies; t++) {
    radial_sums(K, begin, w->type_end[t], h, g);
    for (PetscInt e = 0; e < n; e += LANES) vstore(row + t * n + e, vsums(g->sum + e));
    begin = w->type_end[t];
  }
}

static void radial_row_of(const mtp_plan *p, const neighbourhood *w, const vd *h, struct grades *g,
                          double *row)
{
  switch (p->K) {
  case 1:
    radial_row(1, p, w, h, g, row);
    break;
  case 2:
    radial_row(2, p, w, h, g, row);
    break;
  case 3:
    radial_row(3, p, w, h, g, row);
    break;
  case 4:
    radial_row(4, p, w, h, g, row);
    break;
  case 5:
    radial_row(5, p, w, h, g, row);
    break;
  default:
    radial_row(6, p, w, h, g, row);
    break;
  }
}

/* B_k of all atoms of a batch */
static void form_scalars(const mtp_plan *p, const double *M, struct grades *g)
{
  for (PetscInt k = 0; k < p->nscalar; k++) {
    vd b = vset(0.0);

    for (PetscInt t = p->scalar_first[k]; t < p->scalar_first[k + 1]; t++) {
      const uint32_t *index = p->scalar_index + 2 * t;
      const vd a = *(const vd *)(const void *)(M + index[0]);

      if (index[1] == MTP_PLAN_NONE) {
        b += p->scalar_coeff[t] * a;
      } else {
        b += p->scalar_coeff[t] * a * *(const vd *)(const void *)(M + index[1]);
      }
    }
    g->scalar[k] = b;
  }
}

/* One strip of the matrix, STRIP vectors wide, against BLOCK_ATOMS rows: |gamma| into `largest`;
   0 gamma, 0 or NaN, into `check`. */
INLINE void grade_strip(const mtp_plan_grade *plan, const double *matrix, const double *row,
                        vd *largest, vd *check)
{
  vd gamma[BLOCK_ATOMS * STRIP];

  UNROLL for (int e = 0; e < BLOCK_ATOMS * STRIP; e++) gamma[e] = vset(0.0);
  for (PetscInt j = 0; j < plan->nrow; j++, matrix += MTP_PLAN_STRIP) {
    vd m[STRIP];

    UNROLL for (int s = 0; s < STRIP; s++) m[s] = vload(matrix + s * LANES);
    UNROLL for (int a = 0; a < BLOCK_ATOMS; a++)
    {
      UNROLL for (int s = 0; s < STRIP; s++)
      {
        gamma[a * STRIP + s] += row[a * plan->row_stride + j] * m[s];
      }
    }
  }
  UNROLL for (int a = 0; a < BLOCK_ATOMS; a++)
  {
    UNROLL for (int s = 0; s < STRIP; s++)
    {
      largest[a] = vlarger(vabs(gamma[a * STRIP + s]), largest[a]);
      check[a] += 0.0 * gamma[a * STRIP + s];
    }
  }
}

/* Largest lane, or NaN */
static double grade_of(vd largest, vd check)
{
  double grade = largest[0];

  for (int l = 1; l < LANES; l++) grade = largest[l] > grade ? largest[l] : grade;
  return grade + vsum(check);
}

static void larger_grade(double grade, mtp_result *out)
{
  if (grade != grade || grade > out->max_grade) out->max_grade = grade;
}

/* Grades of the rows of one type that wait. */
static void grade_rows(PetscInt type, struct grades *g, mtp_result *out)
{
  const mtp_plan_grade *plan = g->plan;
  const double *row = g->row + type * GROUP * plan->row_stride;
  const double *matrix = plan->matrix + (size_t)(type * plan->nrow) * (size_t)plan->ncolumn;
  vd largest[GROUP], check[GROUP];

  for (PetscInt a = 0; a < GROUP; a++) largest[a] = check[a] = vset(0.0);
  for (PetscInt c = 0; c < plan->ncolumn; c += STRIP * LANES) {
    const double *strip = matrix + c / MTP_PLAN_STRIP * plan->nrow * MTP_PLAN_STRIP;

    for (PetscInt a = 0; a < g->count[type]; a += BLOCK_ATOMS) {
      grade_strip(plan, strip + c % MTP_PLAN_STRIP, row + a * plan->row_stride, largest + a,
                  check + a);
    }
  }
  for (PetscInt a = 0; a < g->count[type]; a++) {
    const double grade = grade_of(largest[a], check[a]);

    out->grade[g->atom[type * GROUP + a]] = grade;
    larger_grade(grade, out);
  }
  g->count[type] = 0;
}

/* Where the row of the next atom of a type goes */
static double *next_row(PetscInt type, const struct grades *g)
{
  return g->row + (type * GROUP + g->count[type]) * g->plan->row_stride;
}

/* Configuration mode: the row is added to the sum of its type, which stands in front of it. */
static void add_row(const mtp_plan_grade *plan, const double *row, double *sum)
{
  for (PetscInt j = 0; j < plan->nrow; j++) sum[j] += row[j];
}

/* One atom: its row from its neighbours and the batch's scalars (lane l). */
static void add_atom(const mtp_kernel_job *job, PetscInt i, PetscInt l, const neighbourhood *w,
                     const vd *h, struct grades *g)
{
  const mtp_plan *p = job->plan[0];
  const PetscInt type = job->nb->type[i];
  double *row = next_row(type, g);

  radial_row_of(p, w, h, g, row);
  row[g->plan->first_scalar - 1] = 1.0;
  for (PetscInt k = 0; k < p->nscalar; k++) {
    row[g->plan->first_scalar + k] = ((const double *)g->scalar)[k * LANES + l];
  }
  if (g->plan->configuration) {
    add_row(g->plan, row, row - g->plan->row_stride);
    return;
  }
  g->atom[type * GROUP + g->count[type]++] = i;
  if (g->count[type] == GROUP) grade_rows(type, g, job->out);
}

/* Configuration mode keeps the sum in the first place of a type and forms rows in the second. */
static void begin_grades(const mtp_plan *p, struct grades *g, mtp_result *out)
{
  const size_t stride = (size_t)g->plan->row_stride;

  out->max_grade = 0.0;
  memset(g->row, 0, (size_t)p->nspecies * GROUP * stride * sizeof(double));
  for (PetscInt t = 0; t < p->nspecies; t++) g->count[t] = g->plan->configuration ? 1 : 0;
}

static void grade_configuration(const mtp_kernel_job *job, const struct grades *g)
{
  const mtp_plan_grade *plan = g->plan;
  const double n = (double)job->nb->nlocal;
  const double factor = plan->weight / pow(n, 0.5 * (double)plan->scaling);

  for (PetscInt k = 0; k < plan->n && n > 0.0; k++) {
    double gamma = 0.0;

    for (PetscInt t = 0; t < job->plan[0]->nspecies; t++) {
      const double *sum = g->row + t * GROUP * plan->row_stride;
      const double *matrix = plan->matrix + (size_t)(t * plan->nrow) * (size_t)plan->ncolumn;
      const double *column =
          matrix + k / MTP_PLAN_STRIP * plan->nrow * MTP_PLAN_STRIP + k % MTP_PLAN_STRIP;

      for (PetscInt j = 0; j < plan->nrow; j++) gamma += sum[j] * column[j * MTP_PLAN_STRIP];
    }
    larger_grade(factor * fabs(gamma), job->out);
  }
}

static void end_grades(const mtp_kernel_job *job, struct grades *g)
{
  if (g->plan->configuration) {
    grade_configuration(job, g);
    return;
  }
  for (PetscInt t = 0; t < job->plan[0]->nspecies; t++) grade_rows(t, g, job->out);
}
