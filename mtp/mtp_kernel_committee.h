/* mtp/mtp_kernel_committee.h - potentials of one graph together; part of mtp_kernel_body.h
 *
 * Members fill the lanes of vectors in ways that mtp_kernel_members.h explains: of a committee, as
 * many as a vector has lanes, or half or a quarter of them with two or four lanes for each, as long
 * as there are members.  One that is left over, and all that these ways do not know, go through the
 * passes of one potential (evaluate_part()).
 */

/* Whether members may stand in lanes: of levels with code of their own, and without what only the
   passes over vectors of neighbours know. */
static PetscBool members_in_lanes(const mtp_kernel_job *job)
{
  const mtp_plan *p = job->plan[0];

  return (PetscBool)(job->generated && !job->grade && !p->repulsive && p->R <= MTP_PLAN_POWERS);
}

/* Which of mtp_generated's ways the first of n members go, -1: none.  Where one lane in four or
   eight would be idle, low levels are faster with it than with what is left over by itself. */
static int way_of(const mtp_plan *p, PetscInt n)
{
  const PetscInt idle = n > 2 && p->rank <= LOW_RANK ? 1 : 0;

  for (int way = 0; way < SPLITS; way++) {
    if (n + idle >= LANES >> way) return way;
  }
  return -1;
}

/* Of a committee, the members from `first` on that go together */
static mtp_kernel_job part_of(const mtp_kernel_job *job, PetscInt first)
{
  mtp_kernel_job part = *job;

  part.plan += first;
  part.out += first;
  part.members -= first;
  part.way = -1;
  if (!members_in_lanes(job)) return part;
  part.way = way_of(part.plan[0], part.members);
  part.members = part.way < 0 ? 1 : PetscMin(part.members, LANES >> part.way);
  return part;
}

static void lay_out_columns(const mtp_kernel_job *job, size_t nvector, arena *a,
                            mtp_kernel_columns *column)
{
  const mtp_plan *p = job->plan[0];
  const size_t n = nvector * LANES, ncolumn = n >> job->way, K = (size_t)p->K;

  column->monomial = take(a, nvector * (size_t)p->nnode * sizeof(vd));
  column->f = take(a, ncolumn * K * sizeof(vd));
  column->df = take(a, ncolumn * K * sizeof(vd));
  for (int k = 0; k < 3; k++) column->u[k] = take(a, n * sizeof(double));
}

static void lay_out_members(const mtp_kernel_job *job, arena *a, batch *w, mtp_kernel_members *s)
{
  const mtp_plan *p = job->plan[0];
  const size_t nvector = ((size_t)job->longest + LANES - 1) / LANES + 1;
  const size_t radial = (size_t)p->nspecies * (size_t)p->nspecies * (size_t)(p->R * p->K);
  const int split = 1 << job->way;

  for (int q = 0; q < split; q++) {
    lay_out_atom(job, nvector, a, &w->atom[q]);
    lay_out_columns(job, nvector, a, &s->column[q]);
  }
  w->M = take(a, (size_t)p->nmoment * sizeof(vd));
  w->G = take(a, (size_t)p->ngradient * sizeof(vd));
  s->radial = take(a, radial * sizeof(vd));
  s->weight = take(a, (size_t)p->ngradient * sizeof(vd));
  s->leaf = take(a, (size_t)p->leaf.ncoeff * sizeof(vd));
  s->plain = take(a, (size_t)p->ngradient * sizeof(uint32_t));
  s->scalar = take(a, (size_t)p->ngradient * sizeof(uint32_t));
  s->virial = take(a, 6 * sizeof(vd));
  s->sum = take(a, (size_t)(split * p->npadded) * sizeof(vd));
  s->force = take(a, (size_t)(FORCE_ROWS(split) * job->nb->nall) * sizeof(vd));
}

static size_t part_size(const mtp_kernel_job *job)
{
  arena a = {0};
  struct grades g;
  batch w;
  mtp_kernel_members s;

  if (job->way >= 0) {
    lay_out_members(job, &a, &w, &s);
  } else {
    lay_out(job, &a, &w, &g);
  }
  return a.used;
}

static size_t scratch_size(const mtp_kernel_job *job)
{
  size_t size = 0;

  for (PetscInt m = 0; m < job->members;) {
    const mtp_kernel_job part = part_of(job, m);

    size = PetscMax(size, part_size(&part));
    m += part.members;
  }
  return size;
}

/* The member that lane l belongs to; lanes without one repeat the last. */
static PetscInt member_of(const mtp_kernel_job *job, int l)
{
  return PetscMin((PetscInt)(l >> job->way), job->members - 1);
}

/* Numbers k of all members side by side; begin_members() fetches them once an evaluation. */
#define SIDE_BY_SIDE(to, n, array)                                                                 \
  for (PetscInt k = 0; k < (n); k++) {                                                             \
    for (int l = 0; l < LANES; l++) (to)[k][l] = job->plan[member_of(job, l)]->array[k];           \
  }

/* Moments without a row of leaves, and those with a weight in any member */
static void sort_moments(const mtp_plan *p, mtp_kernel_members *s)
{
  const uint32_t *index = p->leaf.index;

  for (PetscInt q = 0; q < p->ngradient; q++) s->plain[q] = (uint32_t)(q * LANES);
  for (const mtp_run *run = p->leaf.run; run < p->leaf.run + p->leaf.nrun; run++) {
    for (int r = 0; r < run->rows; r++, index += 1 + run->length)
      s->plain[*index / LANES] = MTP_PLAN_NONE;
  }
  s->nplain = s->nscalar = 0;
  for (PetscInt q = 0; q < p->ngradient; q++) {
    PetscBool weighs = PETSC_FALSE;

    if (s->plain[q] != MTP_PLAN_NONE) s->plain[s->nplain++] = s->plain[q];
    for (int l = 0; l < LANES; l++) {
      if (s->weight[q][l] != 0.0) weighs = PETSC_TRUE;
    }
    if (weighs) s->scalar[s->nscalar++] = (uint32_t)(q * LANES);
  }
}

static void begin_members(const mtp_kernel_job *job, mtp_kernel_members *s)
{
  const mtp_plan *p = job->plan[0];
  const size_t rows = FORCE_ROWS((size_t)1 << job->way);

  SIDE_BY_SIDE(s->radial, p->nspecies * p->nspecies * p->R * p->K, radial)
  SIDE_BY_SIDE(s->weight, p->ngradient, weight)
  SIDE_BY_SIDE(s->leaf, p->leaf.ncoeff, leaf.coeff)
  sort_moments(p, s);
  memset((void *)s->force, 0, rows * (size_t)job->nb->nall * sizeof(vd));
  s->energies = s->virials = s->atom_virials = PETSC_FALSE;
  for (int k = 0; k < 6; k++) s->virial[k] = vset(0.0);
  for (PetscInt m = 0; m < job->members; m++) {
    if (job->out[m].atom_virial) s->atom_virials = PETSC_TRUE;
    if (!(job->out[m].skip & MTP_SKIP_VIRIAL)) s->virials = PETSC_TRUE;
    if (!(job->out[m].skip & MTP_SKIP_ENERGY)) s->energies = PETSC_TRUE;
  }
}

/* Rows of one run, H x for moments that have one; returns the coefficients behind it. */
INLINE const vd *member_rows(int length, int rows, const uint32_t **index, const vd *coeff,
                             const double *M, double *G)
{
  for (int r = 0; r < rows; r++, *index += 1 + length, coeff += length) {
    vd sum = *cat(M, (*index)[1]) * coeff[0];

    for (int k = 1; k < length; k++) sum += *cat(M, (*index)[1 + k]) * coeff[k];
    *at(G, (*index)[0]) = sum;
  }
  return coeff;
}

/* G = w + H x.  Most moments have a row of H, or neither row nor weight: nothing is read twice. */
static void member_leaves(const mtp_plan *p, const mtp_kernel_members *s, batch *w)
{
  const mtp_program *program = &p->leaf;
  const uint32_t *index = program->index;
  const vd *coeff = s->leaf;

  for (const mtp_run *run = program->run; run < program->run + program->nrun; run++) {
    switch (run->length) {
    case 1:
      coeff = member_rows(1, run->rows, &index, coeff, w->M, w->G);
      break;
    case 2:
      coeff = member_rows(2, run->rows, &index, coeff, w->M, w->G);
      break;
    case 3:
      coeff = member_rows(3, run->rows, &index, coeff, w->M, w->G);
      break;
    default:
      coeff = member_rows(run->length, run->rows, &index, coeff, w->M, w->G);
      break;
    }
  }
  for (PetscInt k = 0; k < s->nplain; k++) *at(w->G, s->plain[k]) = vset(0.0);
  for (PetscInt k = 0; k < s->nscalar; k++)
    *at(w->G, s->scalar[k]) += s->weight[s->scalar[k] / LANES];
}

/* Energies of atoms i .. i + n - 1 */
static void add_member_energies(const mtp_kernel_job *job, PetscInt i, PetscInt n,
                                const mtp_kernel_members *s, const batch *w)
{
  vd energy = vset(0.0);

  for (PetscInt q = 0; q < job->plan[0]->ngradient; q++) {
    const uint32_t index = (uint32_t)(q * LANES);

    energy += *cat(w->M, index) * (s->weight[q] + *cat(w->G, index));
  }
  for (PetscInt m = 0; m < job->members; m++) {
    mtp_result *out = &job->out[m];

    if (out->skip & MTP_SKIP_ENERGY) continue;
    for (PetscInt q = 0; q < n; q++) {
      const double *species = job->plan[m]->species;
      const double site = 0.5 * energy[(m << job->way) + q] + species[w->atom[q].centre];

      out->energy += site;
      if (out->site_energy) out->site_energy[i + q] = site;
    }
  }
}

static void end_members(const mtp_kernel_job *job, const mtp_kernel_members *s)
{
  const int entry[9] = {0, 5, 4, 5, 1, 3, 4, 3, 2}, split = 1 << job->way;

  for (PetscInt m = 0; m < job->members; m++) {
    mtp_result *out = &job->out[m];
    const PetscInt lane = m << job->way;

    for (PetscInt j = 0; j < job->nb->nall && out->force; j++) {
      const vd *force = s->force + FORCE_ROWS(split) * j;

      for (int k = 0; k < 3; k++) out->force[3 * j + k] = force[k / split][lane + k % split];
    }
    for (int k = 0; k < 9; k++) {
      out->virial[k] = 0.0;
      for (int q = 0; q < split; q++) out->virial[k] += s->virial[entry[k]][lane + q];
    }
  }
}

/* Slots of the n atoms that go through the graph together, from neighbours in lanes to atoms */
static void gather_atoms(const int S, const mtp_plan *p, PetscInt n, const mtp_kernel_members *s,
                         batch *w)
{
  vd *M = (vd *)(void *)w->M;

  for (PetscInt q = n; q < S; q++)
    memset((void *)(s->sum + q * p->npadded), 0, sizeof(vd) * (size_t)p->nslot);
  for (PetscInt k = 0; k < p->nslot; k++) M[k] = sum_atoms(S, s->sum + k, p->npadded);
}

/* n atoms from i on */
static void evaluate_members(const mtp_kernel_job *job, PetscInt i, PetscInt n,
                             const mtp_kernel_members *s, batch *w)
{
  const mtp_member_passes *pass = &job->generated->members[job->way];
  const mtp_plan *p = job->plan[0];

  for (PetscInt q = 0; q < n; q++) {
    gather(job, i + q, &w->atom[q]);
    pass->forward(job, q, w, s);
  }
  if (job->way == 1) gather_atoms(2, p, n, s, w);
#if defined(MTP_SIMD_AVX512)
  if (job->way == 2) gather_atoms(4, p, n, s, w);
#endif
  form_products(job, p, w);
  member_leaves(p, s, w);
  if (s->energies) add_member_energies(job, i, n, s, w);
  descend_products(job, p, w);
  for (PetscInt q = 0; q < n; q++) pass->backward(job, q, i + q, w, s);
}

static void evaluate_in_lanes(const mtp_kernel_job *job)
{
  const PetscInt split = 1 << job->way;
  arena a = {.base = job->scratch};
  mtp_kernel_members s;
  batch w;

  lay_out_members(job, &a, &w, &s);
  /* moments that nobody forms, between slots and traces: parts of a committee share scratch */
  memset(w.M, 0, (size_t)job->plan[0]->nmoment * sizeof(vd));
  begin_members(job, &s);
  for (PetscInt i = 0; i < job->nb->nlocal; i += split)
    evaluate_members(job, i, PetscMin(split, job->nb->nlocal - i), &s, &w);
  end_members(job, &s);
}

static void evaluate(const mtp_kernel_job *job)
{
  for (PetscInt m = 0; m < job->members;) {
    const mtp_kernel_job part = part_of(job, m);

    if (part.way >= 0) {
      evaluate_in_lanes(&part);
    } else {
      evaluate_part(&part);
    }
    m += part.members;
  }
}
