/* md/md_domain.c - recursive bisection of the cell by weight
 *
 * All cuts of one depth are looked for together.  The place of a cut is bracketed and the bracket
 * divided into BINS parts, PASSES times over: in each pass every rank sums the weight of its atoms
 * in each part, and one reduction makes the sums of all.  Weights are whole numbers, so the sums
 * are exact and do not depend on the order of the ranks.
 */
#include "md/md_domain.h"

enum { BINS = 64, PASSES = 4 }; /* a cut is placed to 64^-4 = 6e-8 of its brick */

/* A cut that is being looked for. */
typedef struct {
  PetscMPIInt first, end, middle;
  int axis;
  PetscReal low, high; /* bracket */
  PetscReal below;     /* weight below the bracket, of the brick */
  PetscReal target;    /* weight wanted below the cut; < 0: not known yet */
} search;

PetscErrorCode md__domain_create(PetscMPIInt size, md__domain *domain)
{
  PetscFunctionBegin;
  *domain = (md__domain){.size = size};
  PetscCall(PetscCalloc1(size, &domain->axis));
  PetscCall(PetscCalloc1(size, &domain->at));
  PetscCall(PetscCalloc1(3 * (size_t)size, &domain->low));
  PetscCall(PetscCalloc1(3 * (size_t)size, &domain->high));
  PetscFunctionReturn(0);
}

PetscErrorCode md__domain_clear(md__domain *domain)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(domain->axis));
  PetscCall(PetscFree(domain->at));
  PetscCall(PetscFree(domain->low));
  PetscCall(PetscFree(domain->high));
  *domain = (md__domain){0};
  PetscFunctionReturn(0);
}

void md__domain_bricks(md__domain *domain)
{
  for (PetscMPIInt r = 0; r < domain->size; r++) {
    PetscReal *low = domain->low + 3 * (size_t)r, *high = domain->high + 3 * (size_t)r;
    PetscMPIInt first = 0, end = domain->size;

    for (int k = 0; k < 3; k++) {
      low[k] = 0.0;
      high[k] = 1.0;
    }
    while (end - first > 1) {
      const PetscMPIInt middle = first + (end - first) / 2;

      if (r < middle) {
        high[domain->axis[middle]] = domain->at[middle];
        end = middle;
      } else {
        low[domain->axis[middle]] = domain->at[middle];
        first = middle;
      }
    }
  }
}

PetscMPIInt md__domain_owner(const md__domain *domain, const PetscReal s[3])
{
  PetscMPIInt first = 0, end = domain->size;

  while (end - first > 1) {
    const PetscMPIInt middle = first + (end - first) / 2;

    if (s[domain->axis[middle]] < domain->at[middle])
      end = middle;
    else
      first = middle;
  }
  return first;
}

/* Bracket and axis of the cut of ranks first..end-1, whose brick low, high is complete. */
static search start_search(PetscMPIInt first, PetscMPIInt end, const PetscReal low[3],
                           const PetscReal high[3], const PetscReal edge[3])
{
  search c = {.first = first, .end = end, .middle = first + (end - first) / 2, .target = -1.0};

  for (int k = 1; k < 3; k++) {
    if ((high[k] - low[k]) * edge[k] > (high[c.axis] - low[c.axis]) * edge[c.axis]) c.axis = k;
  }
  c.low = low[c.axis];
  c.high = high[c.axis];
  return c;
}

/* The next cuts below those that are made: one for every group of several ranks.  `group` [size]
   is the first rank of the group that a rank is in. */
static PetscInt next_searches(const md__domain *domain, const PetscMPIInt group[],
                              const PetscReal edge[3], search out[])
{
  PetscInt n = 0;

  for (PetscMPIInt first = 0, end; first < domain->size; first = end) {
    for (end = first + 1; end < domain->size && group[end] == first;) end++;
    if (end - first > 1) {
      out[n++] = start_search(first, end, domain->low + 3 * (size_t)first,
                              domain->high + 3 * (size_t)first, edge);
    }
  }
  return n;
}

static PetscInt bin_of(const search *c, PetscReal s)
{
  const PetscReal b = PetscFloorReal((s - c->low) / (c->high - c->low) * BINS);

  return (PetscInt)PetscMax(0.0, PetscMin(b, BINS - 1.0));
}

/* [nsearch,BINS] weights of the atoms that lie in the brackets; which[i]: search of atom i or -1 */
static void fill_histogram(PetscInt n, const PetscReal s[], const PetscReal weight[],
                           const PetscInt which[], const search cuts[], PetscReal histogram[])
{
  for (PetscInt i = 0; i < n; i++) {
    const search *c = which[i] >= 0 ? &cuts[which[i]] : NULL;

    if (!c || s[3 * i + c->axis] < c->low || s[3 * i + c->axis] >= c->high) continue;
    histogram[which[i] * BINS + bin_of(c, s[3 * i + c->axis])] += weight ? weight[i] : 1.0;
  }
}

/* The part of the bracket in which the target is reached becomes the bracket. */
static void narrow(const PetscReal histogram[BINS], search *c)
{
  const PetscReal low = c->low, width = (c->high - c->low) / BINS;
  PetscReal total = 0.0;
  int b = 0;

  for (int k = 0; k < BINS; k++) total += histogram[k];
  if (c->target < 0.0) {
    c->target = total * (PetscReal)(c->middle - c->first) / (PetscReal)(c->end - c->first);
  }
  while (b < BINS - 1 && c->below + histogram[b] < c->target) c->below += histogram[b++];
  if (total == 0.0) b = BINS / 2; /* nobody is here: in the middle */
  c->low = low + width * (PetscReal)b;
  if (b < BINS - 1) c->high = low + width * (PetscReal)(b + 1);
}

/* Sorts every atom to its search, by the group of its owner in the tree so far. */
static void sort_atoms(PetscInt n, const PetscReal s[], const md__domain *domain,
                       const PetscMPIInt group[], const PetscInt search_of[], PetscInt which[])
{
  for (PetscInt i = 0; i < n; i++) {
    PetscMPIInt first = 0, end = domain->size;

    while (end - first > 1 && group[end - 1] != group[first]) {
      const PetscMPIInt middle = first + (end - first) / 2;

      if (s[3 * i + domain->axis[middle]] < domain->at[middle])
        end = middle;
      else
        first = middle;
    }
    which[i] = search_of[first];
  }
}

/* Work of md__domain_cut. */
typedef struct {
  PetscMPIInt *group;   /* [size] first rank of the group that is not cut yet */
  PetscInt *search_of;  /* [size] search of a group, or -1 */
  search *cuts;         /* [size] */
  PetscReal *histogram; /* [size,BINS] */
  PetscInt *which;      /* [n] search of an atom, or -1 */
} work;

/* One depth of the tree. */
static PetscErrorCode cut_depth(MPI_Comm comm, PetscInt n, const PetscReal s[],
                                const PetscReal weight[], PetscInt ncut, work *w)
{
  PetscFunctionBegin;
  for (int pass = 0; pass < PASSES; pass++) {
    PetscCall(PetscArrayzero(w->histogram, ncut * BINS));
    fill_histogram(n, s, weight, w->which, w->cuts, w->histogram);
    PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, w->histogram, (PetscMPIInt)(ncut * BINS), MPIU_REAL,
                               MPI_SUM, comm));
    for (PetscInt c = 0; c < ncut; c++) narrow(w->histogram + c * BINS, &w->cuts[c]);
  }
  PetscFunctionReturn(0);
}

static void take_cuts(PetscInt ncut, const work *w, md__domain *domain)
{
  for (PetscInt c = 0; c < ncut; c++) {
    const search *cut = &w->cuts[c];

    domain->axis[cut->middle] = cut->axis;
    domain->at[cut->middle] = cut->high;
    for (PetscMPIInt r = cut->middle; r < cut->end; r++) w->group[r] = cut->middle;
    for (PetscMPIInt r = cut->first; r < cut->end; r++) {
      (r < cut->middle ? domain->high : domain->low)[3 * (size_t)r + (size_t)cut->axis] = cut->high;
    }
  }
}

static PetscErrorCode cut_all(MPI_Comm comm, PetscInt n, const PetscReal s[],
                              const PetscReal weight[], const PetscReal edge[3], work *w,
                              md__domain *domain)
{
  PetscInt ncut;

  PetscFunctionBegin;
  for (PetscMPIInt r = 0; r < domain->size; r++) {
    w->group[r] = 0;
    for (int k = 0; k < 3; k++) {
      domain->low[3 * (size_t)r + (size_t)k] = 0.0;
      domain->high[3 * (size_t)r + (size_t)k] = 1.0;
    }
  }
  while ((ncut = next_searches(domain, w->group, edge, w->cuts)) > 0) {
    for (PetscMPIInt r = 0; r < domain->size; r++) w->search_of[r] = -1;
    for (PetscInt c = 0; c < ncut; c++) w->search_of[w->cuts[c].first] = c;
    sort_atoms(n, s, domain, w->group, w->search_of, w->which);
    PetscCall(cut_depth(comm, n, s, weight, ncut, w));
    take_cuts(ncut, w, domain);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode md__domain_cut(MPI_Comm comm, PetscInt n, const PetscReal s[],
                              const PetscReal weight[], const PetscReal edge[3], md__domain *domain)
{
  const size_t size = (size_t)domain->size;
  work w = {0};

  PetscFunctionBegin;
  PetscCall(PetscMalloc5(size, &w.group, size, &w.search_of, size, &w.cuts, size * BINS,
                         &w.histogram, n, &w.which));
  PetscCall(cut_all(comm, n, s, weight, edge, &w, domain));
  PetscCall(PetscFree5(w.group, w.search_of, w.cuts, w.histogram, w.which));
  PetscFunctionReturn(0);
}
