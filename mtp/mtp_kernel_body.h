/* mtp/mtp_kernel_body.h - the fast kernel, for whatever mtp_simd.h makes of the compiler's flags
 *
 * Atoms go in batches of LANES.  Per atom, vectors run over its neighbours (mtp_kernel_pair.h); for
 * the graph, a vector holds one moment of all atoms of the batch, so that the many small
 * contractions fill the vector unit whatever their shape.  Between the two stand transpositions of
 * LANES x LANES numbers.  All scratch belongs to one batch and stays in the second cache.
 */
#include "mtp/mtp_kernel_atom.h"
#include "mtp/mtp_kernel_grade.h"

/* Hands out pieces of the scratch; with base NULL it only counts. */
typedef struct {
  char *base;
  size_t used;
} arena;

static void *take(arena *a, size_t bytes)
{
  void *piece = a->base ? a->base + a->used : NULL;

  a->used += (bytes + 63) / 64 * 64;
  return piece;
}

static void lay_out_grades(const mtp_plan *p, const mtp_plan_grade *grade, size_t nvector, arena *a,
                           struct grades *g)
{
  const size_t S = (size_t)p->nspecies, size = (size_t)grade->radial_size;

  g->plan = grade;
  g->count = take(a, S * sizeof(PetscInt));
  g->atom = take(a, S * GROUP * sizeof(PetscInt));
  g->row = take(a, S * GROUP * (size_t)grade->row_stride * sizeof(double));
  g->scalar = take(a, (size_t)p->nscalar * sizeof(vd));
  g->basis = take(a, nvector * size * sizeof(vd));
  g->sum = take(a, ((size_t)p->K * size + LANES) * sizeof(vd));
  g->h = take(a, nvector * (size_t)p->K * sizeof(vd));
}

static void lay_out_atom(const mtp_kernel_job *job, size_t nvector, arena *a, neighbourhood *atom)
{
  const mtp_plan *p = job->plan[0];
  const size_t n = nvector * LANES;

  for (int k = 0; k < 3; k++) atom->d[k] = take(a, n * sizeof(double));
  atom->j = take(a, n * sizeof(int32_t));
  atom->type_end = take(a, (size_t)p->nspecies * sizeof(PetscInt));
  atom->r = take(a, nvector * sizeof(vd));
  atom->inverse_r = take(a, nvector * sizeof(vd));
  atom->next = 2 * p->K * (PetscInt)nvector;
  atom->functions = take(a, (size_t)(job->members * atom->next) * sizeof(vd));
  atom->wall = p->repulsive ? take(a, nvector * sizeof(vd)) : NULL;
}

static void lay_out(const mtp_kernel_job *job, arena *a, batch *w, struct grades *g)
{
  const mtp_plan *p = job->plan[0];
  const size_t members = (size_t)job->members, padded = (size_t)p->npadded;

  w->members = job->members;
  /* one vector more than needed: neighbours are stored a vector at a time */
  w->nvector = ((size_t)job->longest + LANES - 1) / LANES + 1;
  for (int l = 0; l < LANES; l++) lay_out_atom(job, w->nvector, a, &w->atom[l]);
  w->component = take(a, members * LANES * padded * sizeof(double));
  w->sum = take(a, PAIR * padded * sizeof(vd));
  w->monomial =
      take(a, PetscMax(w->nvector, (size_t)FORWARD_VECTORS) * (size_t)p->nnode * sizeof(vd));
  w->M = take(a, (size_t)p->nmoment * sizeof(vd));
  w->G = take(a, (size_t)p->ngradient * sizeof(vd));
  w->rows = members > 1 ? (3 * job->members + LANES - 1) / LANES * LANES : 3;
  w->gradient =
      take(a, (members > 1 ? w->nvector * (size_t)w->rows : 3 * BACKWARD_VECTORS) * sizeof(vd));
  w->virial = take(a, members * 6 * sizeof(vd));
  w->site = take(a, members * LANES * sizeof(double));
  w->h = NULL;
  w->grades = job->grade ? g : NULL;
  if (job->grade) {
    lay_out_grades(p, job->grade, w->nvector, a, g);
    w->h = g->h;
  }
  w->force = NULL;
  if (members > 1) {
    w->force = take(a, (size_t)job->nb->nall * (size_t)w->rows * sizeof(double));
  }
}

/* What choosing the neighbours of one atom needs.  Copies: for all the compiler knows, stores could
   change what is behind a pointer. */
typedef struct {
  const double *x;
  const PetscInt *type_of;
  double centre[3], cutoff2;
  double *d[3];
  int32_t *j;
  PetscInt *type_end;
} choice;

/* n <= LANES entries of a row, their neighbours from place `count` on; *type is that of the entry
   before.  Returns the place behind the neighbours. */
INLINE PetscInt gather_some(const choice *c, const PetscInt *index, PetscInt n, PetscInt count,
                            PetscInt *type)
{
  double *const to[3] = {c->d[0] + count, c->d[1] + count, c->d[2] + count};
  const unsigned chosen =
      choose_neighbours(c->x, index, n, c->centre, c->cutoff2, to, c->j + count);

  if (c->type_of[index[n - 1]] != *type) {
    for (PetscInt e = 0; e < n; e++) {
      while (*type < c->type_of[index[e]]) {
        c->type_end[(*type)++] = count + __builtin_popcount(chosen & ((1u << e) - 1u));
      }
    }
  }
  return count + __builtin_popcount(chosen);
}

/* Neighbours of atom i within the cut-off, by type, and padding at the cut-off, where f = f' = 0.
   Whole vectors of the row go apart from its rest: a constant count saves masks and branches.
 */
static void gather(const mtp_kernel_job *job, PetscInt i, neighbourhood *w)
{
  const mtp_neighbors *nb = job->nb;
  const double *x = nb->x + 3 * (int64_t)i, cutoff = job->plan[0]->cutoff;
  const choice c = {.x = nb->x,
                    .type_of = nb->type,
                    .centre = {x[0], x[1], x[2]},
                    .cutoff2 = cutoff * cutoff,
                    .d = {w->d[0], w->d[1], w->d[2]},
                    .j = w->j,
                    .type_end = w->type_end};
  const PetscInt *index = nb->index + nb->first[i];
  const PetscInt listed = nb->first[i + 1] - nb->first[i];
  PetscInt count = 0, type = 0, k = 0;

  w->centre = nb->type[i];
  w->wall_energy = 0.0;
  for (; k + LANES <= listed; k += LANES) count = gather_some(&c, index + k, LANES, count, &type);
  if (k < listed) count = gather_some(&c, index + k, listed - k, count, &type);
  while (type < job->plan[0]->nspecies) c.type_end[type++] = count;
  w->n = count;
  w->nvector = (count + LANES - 1) / LANES;
  for (PetscInt e = count; e < w->nvector * LANES; e++) {
    c.d[0][e] = cutoff;
    c.d[1][e] = c.d[2][e] = 0.0;
  }
}

/* The passes for each number of radial functions, whatever the ranks */
#define PASSES(K)                                                                                  \
  static void forward_##K(const mtp_kernel_job *job, PetscInt l, batch *b)                         \
  {                                                                                                \
    forward_atom(K, -1, job, l, b);                                                                \
  }                                                                                                \
  static void backward_##K(const mtp_kernel_job *job, PetscInt l, PetscInt i, batch *b)            \
  {                                                                                                \
    backward_atom(K, -1, job, l, i, b);                                                            \
  }
PASSES(1)
PASSES(2)
PASSES(3)
PASSES(4)
PASSES(5)
PASSES(6)

static const mtp_passes passes_of[MAX_K + 1] = {{NULL, NULL},
                                                {forward_1, backward_1},
                                                {forward_2, backward_2},
                                                {forward_3, backward_3},
                                                {forward_4, backward_4},
                                                {forward_5, backward_5},
                                                {forward_6, backward_6}};

/* The same with constant ranks for the shapes of levels 8 and 10, where loops over so few nodes
   cost as much as what they do */
#define PASSES_OF_TOP(K, top)                                                                      \
  static void forward_top_##top(const mtp_kernel_job *job, PetscInt l, batch *b)                   \
  {                                                                                                \
    forward_atom(K, top, job, l, b);                                                               \
  }                                                                                                \
  static void backward_top_##top(const mtp_kernel_job *job, PetscInt l, PetscInt i, batch *b)      \
  {                                                                                                \
    backward_atom(K, top, job, l, i, b);                                                           \
  }
PASSES_OF_TOP(2, 2)
PASSES_OF_TOP(3, 3)

static const mtp_passes passes_of_top[2] = {{forward_top_2, backward_top_2},
                                            {forward_top_3, backward_top_3}};

static const mtp_passes *passes_for(const mtp_kernel_job *job)
{
  const mtp_plan *p = job->plan[0];
  const int top = (int)p->rank;
  PetscBool standard = (PetscBool)((top == 2 || top == 3) && p->K == top);

  if (job->generated) return &job->generated->passes;
  for (PetscInt e = 0; e <= top && standard; e++)
    standard = (PetscBool)(p->active[e] == active_of(top, NULL, e));
  return standard ? &passes_of_top[top - 2] : &passes_of[p->K];
}

/* Runs ---------------------------------------------------------------------------------------- */

INLINE vd *at(double *v, uint32_t index)
{
  return (vd *)(void *)(v + index);
}

INLINE const vd *cat(const double *v, uint32_t index)
{
  return (const vd *)(const void *)(v + index);
}

/* sum of x[a] y[b] over a row of `length` */
INLINE vd row_sum(int length, const uint32_t *index, const double *x, const double *y)
{
  vd s = *cat(x, index[0]) * *cat(y, index[1]), t = vset(0.0);
  int k = 1;

  for (; k + 1 < length; k += 2) {
    s += *cat(x, index[2 * k]) * *cat(y, index[2 * k + 1]);
    t += *cat(x, index[2 * k + 2]) * *cat(y, index[2 * k + 3]);
  }
  if (k < length) t += *cat(x, index[2 * k]) * *cat(y, index[2 * k + 1]);
  return s + t;
}

/* Rows of one run; returns the indices behind it. */
INLINE const uint32_t *run_forward(const int length, int rows, const uint32_t *index, double *M)
{
  for (int r = 0; r < rows; r++, index += 1 + 2 * length) {
    *at(M, index[0]) = row_sum(length, index + 1, M, M);
  }
  return index;
}

INLINE const uint32_t *run_backward(const int length, int rows, const uint32_t *index,
                                    const double *M, double *G, const double *coeff)
{
  for (int r = 0; r < rows; r++, index += 1 + 2 * length) {
    const vd s = row_sum(length, index + 1, G, M);

    *at(G, index[0]) += coeff ? s * coeff[r] : s;
  }
  return index;
}

INLINE vd leaf_row(int length, const uint32_t *index, const double *coeff, const double *M)
{
  vd s = *cat(M, index[0]) * coeff[0], t = vset(0.0);
  int k = 1;

  for (; k + 1 < length; k += 2) {
    s += *cat(M, index[k]) * coeff[k];
    t += *cat(M, index[k + 1]) * coeff[k + 1];
  }
  if (k < length) t += *cat(M, index[k]) * coeff[k];
  return s + t;
}

/* Known lengths become straight code. */
#define EACH_LENGTH(call)                                                                          \
  switch (run->length) {                                                                           \
  case 1:                                                                                          \
    index = call(1);                                                                               \
    break;                                                                                         \
  case 2:                                                                                          \
    index = call(2);                                                                               \
    break;                                                                                         \
  case 3:                                                                                          \
    index = call(3);                                                                               \
    break;                                                                                         \
  case 4:                                                                                          \
    index = call(4);                                                                               \
    break;                                                                                         \
  case 6:                                                                                          \
    index = call(6);                                                                               \
    break;                                                                                         \
  case 10:                                                                                         \
    index = call(10);                                                                              \
    break;                                                                                         \
  default:                                                                                         \
    index = call(run->length);                                                                     \
    break;                                                                                         \
  }

static void table_forward(const mtp_program *program, double *M)
{
  const uint32_t *index = program->index;
  const double *coeff = program->coeff;

#define CALL(n) run_forward((n), run->rows, index, M)
  for (const mtp_run *run = program->run; run < program->run + program->nrun; run++) {
    if (run->kind == MTP_RUN_SCALE) {
      for (int r = 0; r < run->rows; r++, index += 2)
        *at(M, index[0]) = *cat(M, index[1]) * *coeff++;
    } else {
      EACH_LENGTH(CALL)
    }
  }
#undef CALL
}

static void table_backward(const mtp_program *program, double *M, double *G)
{
  const uint32_t *index = program->index;
  const double *coeff = program->coeff;

#define CALL(n)        run_backward((n), run->rows, index, M, G, NULL)
#define CALL_SCALED(n) run_backward((n), run->rows, index, M, G, coeff)
  for (const mtp_run *run = program->run; run < program->run + program->nrun; run++) {
    if (run->kind == MTP_RUN_SCALE) {
      for (int r = 0; r < run->rows; r++, index += 2)
        *at(M, index[0]) = *cat(M, index[1]) * *coeff++;
    } else if (run->kind == MTP_RUN_BACKWARD) {
      EACH_LENGTH(CALL)
    } else {
      EACH_LENGTH(CALL_SCALED)
      coeff += run->rows;
    }
  }
#undef CALL
#undef CALL_SCALED
}

/* G[d] += (H x)_d */
static void table_leaf(const mtp_program *program, const double *M, double *G)
{
  const uint32_t *index = program->index;
  const double *coeff = program->coeff;

  for (const mtp_run *run = program->run; run < program->run + program->nrun; run++) {
    for (int r = 0; r < run->rows; r++, index += 1 + run->length, coeff += run->length) {
      *at(G, index[0]) += leaf_row(run->length, index + 1, coeff, M);
    }
  }
}

/* Batches -------------------------------------------------------------------------------------- */

/* The components with c >= 2 and the products from the slots */
static void form_products(const mtp_kernel_job *job, const mtp_plan *p, batch *w)
{
  for (PetscInt t = 0; t < p->ntrace; t++) {
    const mtp_trace *trace = &p->trace[t];

    *at(w->M, trace->to) = *cat(w->M, trace->from) - *cat(w->M, trace->x) - *cat(w->M, trace->y);
  }
  if (job->generated) {
    job->generated->forward(w->M);
  } else {
    table_forward(&p->forward, w->M);
  }
}

/* Slots from atoms to lanes, then all moments; component [LANES,npadded] */
static void form_moments(const mtp_kernel_job *job, const mtp_plan *p, const double *component,
                         batch *w)
{
  for (PetscInt s = 0; s < p->npadded; s += LANES) {
    transpose(component + s, p->npadded, w->M + s * LANES, LANES);
  }
  form_products(job, p, w);
}

/* Coefficients of the scalars, and the leaves */
static void begin_gradients(const mtp_kernel_job *job, const mtp_plan *p, batch *w)
{
  for (PetscInt q = 0; q < p->ngradient; q++) {
    *at(w->G, (uint32_t)(q * LANES)) = vset(p->weight[q]);
  }
  if (job->generated) {
    job->generated->leaf(w->M, w->G, p->leaf.coeff);
  } else {
    table_leaf(&p->leaf, w->M, w->G);
  }
}

/* sum_q w_q M_q and the leaves' x' H x / 2: with G = w + H x that is half of sum M_q (w_q + G_q).
 */
static vd energies(const mtp_plan *p, const batch *w)
{
  vd energy = vset(0.0);

  for (PetscInt q = 0; q < p->ngradient; q++) {
    const uint32_t index = (uint32_t)(q * LANES);

    energy += *cat(w->M, index) * (p->weight[q] + *cat(w->G, index));
  }
  return 0.5 * energy;
}

/* G down to the slots */
static void descend_products(const mtp_kernel_job *job, const mtp_plan *p, batch *w)
{
  if (job->generated) {
    job->generated->backward(w->M, w->G);
  } else {
    table_backward(&p->backward, w->M, w->G);
  }
  for (PetscInt t = p->ntrace - 1; t >= 0; t--) {
    const mtp_trace *trace = &p->trace[t];
    const vd g = *cat(w->G, trace->to);

    *at(w->G, trace->from) += g;
    *at(w->G, trace->x) -= g;
    *at(w->G, trace->y) -= g;
  }
}

/* The same, and back from lanes to atoms */
static void end_gradients(const mtp_kernel_job *job, const mtp_plan *p, double *component, batch *w)
{
  descend_products(job, p, w);
  for (PetscInt s = 0; s < p->npadded; s += LANES) {
    transpose(w->G + s * LANES, LANES, component + s, p->npadded);
  }
}

/* Components of all atoms of a batch */
static void forward_batch(const mtp_kernel_job *job, const mtp_passes *pass, PetscInt first,
                          PetscInt n, batch *w)
{
  const PetscInt npadded = job->plan[0]->npadded;

  for (PetscInt l = 0; l < n; l++) {
    gather(job, first + l, &w->atom[l]);
    pass->forward(job, l, w);
  }
  for (PetscInt m = 0; m < job->members; m++) {
    memset(w->component + (m * LANES + n) * npadded, 0,
           (size_t)((LANES - n) * npadded) * sizeof(double));
  }
}

/* Forces of all atoms of a batch */
static void backward_batch(const mtp_kernel_job *job, const mtp_passes *pass, PetscInt first,
                           PetscInt n, batch *w)
{
  for (PetscInt l = 0; l < n; l++) {
    pass->backward(job, l, first + l, w);
    if (w->h) add_atom(job, first + l, l, &w->atom[l], w->h, w->grades);
  }
}

static void evaluate_batch(const mtp_kernel_job *job, PetscInt first, PetscInt n, batch *w)
{
  const mtp_passes *pass = passes_for(job);

  forward_batch(job, pass, first, n, w);
  for (PetscInt m = 0; m < job->members; m++) {
    const mtp_plan *p = job->plan[m];
    double *component = w->component + m * LANES * p->npadded;

    form_moments(job, p, component, w);
    if (w->grades && m == 0) form_scalars(p, w->M, w->grades);
    begin_gradients(job, p, w);
    if (!(job->out[m].skip & MTP_SKIP_ENERGY)) vstore(w->site + m * LANES, energies(p, w));
    end_gradients(job, p, component, w);
  }
  backward_batch(job, pass, first, n, w);
}

/* Energies of the atoms of a batch */
static void add_energies(const mtp_kernel_job *job, PetscInt first, PetscInt n, const batch *w)
{
  for (PetscInt m = 0; m < job->members; m++) {
    mtp_result *out = &job->out[m];

    if (out->skip & MTP_SKIP_ENERGY) continue;
    for (PetscInt l = 0; l < n; l++) {
      const double energy = w->site[m * LANES + l] + w->atom[l].wall_energy +
                            job->plan[m]->species[w->atom[l].centre];

      out->energy += energy;
      if (out->site_energy) out->site_energy[first + l] = energy;
    }
  }
}

/* Forces of a committee: zeros before the first batch, and each member's own after the last */
static void begin_forces(const mtp_kernel_job *job, batch *w)
{
  const size_t rows = (size_t)w->rows;

  if (!w->force) return;
  memset(w->force, 0, (size_t)job->nb->nall * rows * sizeof(double));
  memset((void *)w->gradient, 0, w->nvector * rows * sizeof(vd));
}

static void end_forces(const mtp_kernel_job *job, const batch *w)
{
  for (PetscInt j = 0; w->force && j < job->nb->nall; j++) {
    const double *from = w->force + j * w->rows;

    for (PetscInt m = 0; m < job->members; m++, from += 3) {
      for (int a = 0; a < 3 && job->out[m].force; a++) job->out[m].force[3 * j + a] = from[a];
    }
  }
}

static void evaluate_part(const mtp_kernel_job *job)
{
  arena a = {.base = job->scratch};
  const int entry[9] = {0, 5, 4, 5, 1, 3, 4, 3, 2};
  struct grades g;
  batch w;

  lay_out(job, &a, &w, &g);
  if (w.grades) begin_grades(job->plan[0], w.grades, job->out);
  begin_forces(job, &w);
  for (PetscInt k = 0; k < PAIR * job->plan[0]->npadded; k++) w.sum[k] = vset(0.0);
  for (PetscInt k = 0; k < 6 * job->members; k++) w.virial[k] = vset(0.0);
  for (PetscInt i = 0; i < job->nb->nlocal; i += LANES) {
    const PetscInt n = PetscMin(LANES, job->nb->nlocal - i);

    evaluate_batch(job, i, n, &w);
    add_energies(job, i, n, &w);
  }
  if (w.grades) end_grades(job, w.grades);
  end_forces(job, &w);
  for (PetscInt m = 0; m < job->members; m++) {
    for (int k = 0; k < 9; k++) job->out[m].virial[k] = vsum(w.virial[6 * m + entry[k]]);
  }
}

#include "mtp/mtp_kernel_committee.h"
