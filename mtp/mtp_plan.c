/* mtp/mtp_plan.c - radial powers, nodes, slots and the trace reduction; the header explains them */
#include "mtp/mtp_plan.h"

static PetscInt rank_of(const PetscInt basic[4])
{
  return basic[1] + basic[2] + basic[3];
}

/* Forms that the fast kernels do not know. */
static PetscBool supported(const mtp_potential *pot)
{
  if (pot->radial_size > 1000 || pot->nbasic < 1) return PETSC_FALSE;
  for (PetscInt q = 0; q < pot->nbasic; q++) {
    if (rank_of(pot->basic[q]) > MTP_PLAN_RANK) return PETSC_FALSE;
  }
  for (PetscInt t = 0; t < pot->ntimes; t++) {
    if (pot->times[t][3] < pot->nbasic) return PETSC_FALSE;
  }
  return PETSC_TRUE;
}

/* The mu by falling rank, stable, and how many reach each rank. */
static PetscErrorCode sort_radial_functions(const mtp_potential *pot, mtp_plan *plan)
{
  const PetscInt K = pot->radial_funcs;

  PetscFunctionBegin;
  plan->K = K;
  PetscCall(PetscMalloc1(K, &plan->mu));
  PetscCall(PetscCalloc1(K, &plan->kmax));
  for (PetscInt m = 0; m < K; m++) plan->kmax[m] = -1;
  for (PetscInt q = 0; q < pot->nbasic; q++) {
    PetscInt *kmax = &plan->kmax[pot->basic[q][0]];

    *kmax = PetscMax(*kmax, rank_of(pot->basic[q]));
    plan->rank = PetscMax(plan->rank, *kmax);
  }
  for (PetscInt m = 0; m < K; m++) {
    PetscInt at = m;
    const PetscInt rank = plan->kmax[m];

    for (; at > 0 && plan->kmax[at - 1] < rank; at--) {
      plan->kmax[at] = plan->kmax[at - 1];
      plan->mu[at] = plan->mu[at - 1];
    }
    plan->kmax[at] = rank;
    plan->mu[at] = m;
  }
  PetscCall(PetscCalloc1(plan->rank + 2, &plan->active));
  for (PetscInt e = 0; e <= plan->rank; e++) {
    for (PetscInt m = 0; m < K; m++) plan->active[e] += plan->kmax[m] >= e;
  }
  PetscFunctionReturn(0);
}

PetscInt mtp_plan_degree_slot(const mtp_plan *plan, PetscInt e)
{
  PetscInt slot = 0;

  for (PetscInt d = 0; d < e; d++) slot += (d + 1) * (plan->active[d] + plan->active[d + 1]);
  return slot;
}

/* Coefficients of xi^k of sum_k c_k T_k(xi), in place: T_k = 2 xi T_{k-1} - T_{k-2}. */
static PetscErrorCode powers_of_chebyshev(PetscInt R, double c[])
{
  double *t, *power;

  PetscFunctionBegin;
  PetscCall(PetscCalloc2(R * R, &t, R, &power));
  for (PetscInt k = 0; k < R; k++) {
    if (k < 2) t[k * R + k] = 1.0;
    for (PetscInt p = 0; p < R && k >= 2; p++) {
      t[k * R + p] = (p ? 2.0 * t[(k - 1) * R + p - 1] : 0.0) - t[(k - 2) * R + p];
    }
    for (PetscInt p = 0; p <= k; p++) power[p] += c[k] * t[k * R + p];
  }
  PetscCall(PetscArraycpy(c, power, R));
  PetscCall(PetscFree2(t, power));
  PetscFunctionReturn(0);
}

/* [S,S,R,K] from the file's [S,S,K,R] */
static PetscErrorCode radial_functions(const mtp_potential *pot, mtp_plan *plan)
{
  const PetscInt K = plan->K, R = pot->radial_size, pairs = pot->nspecies * pot->nspecies;
  double *c;

  PetscFunctionBegin;
  plan->R = R;
  PetscCall(PetscMalloc1((size_t)pairs * (size_t)(K * R), &plan->radial));
  PetscCall(PetscMalloc1(R, &c));
  for (PetscInt pair = 0; pair < pairs; pair++) {
    double *to = plan->radial + (size_t)pair * (size_t)(K * R);

    for (PetscInt m = 0; m < K; m++) {
      const PetscReal *from =
          pot->radial + ((size_t)pair * (size_t)K + (size_t)plan->mu[m]) * (size_t)R;

      for (PetscInt k = 0; k < R; k++) c[k] = pot->scaling * from[k];
      if (R <= MTP_PLAN_POWERS) PetscCall(powers_of_chebyshev(R, c));
      for (PetscInt k = 0; k < R; k++) to[k * K + m] = c[k];
    }
  }
  PetscCall(PetscFree(c));
  PetscFunctionReturn(0);
}

/* What a component {mu, a, b, c} is called: our mu, all ranks up to the plan's. */
typedef struct {
  const mtp_plan *plan;
  uint32_t *number; /* [K, L+1, L+1, L+1] number of the moment; MTP_PLAN_NONE: not needed */
} components;

static uint32_t *component(const components *all, PetscInt m, PetscInt a, PetscInt b, PetscInt c)
{
  const PetscInt n = all->plan->rank + 1;

  return &all->number[((m * n + a) * n + b) * n + c];
}

static PetscInt slot_of(const mtp_plan *plan, PetscInt m, PetscInt a, PetscInt b, PetscInt c)
{
  const PetscInt e = a + b, stride = plan->active[e] + plan->active[e + 1];

  return mtp_plan_degree_slot(plan, e) + b * stride + (c ? plan->active[e] : 0) + m;
}

/* Marks what a component with c >= 2 is made of; those of higher c come first. */
static void mark_needed(const components *all)
{
  const mtp_plan *plan = all->plan;

  for (PetscInt m = 0; m < plan->K; m++) {
    for (PetscInt c = plan->kmax[m]; c >= 2; c--) {
      for (PetscInt a = 0; a + c <= plan->kmax[m]; a++) {
        for (PetscInt b = 0; a + b + c <= plan->kmax[m]; b++) {
          if (*component(all, m, a, b, c) == MTP_PLAN_NONE) continue;
          *component(all, m, a, b, c - 2) = 0;
          *component(all, m, a + 2, b, c - 2) = 0;
          *component(all, m, a, b + 2, c - 2) = 0;
        }
      }
    }
  }
}

/* Numbers the needed components with c >= 2 behind the slots and writes down how they are formed.
 */
static PetscErrorCode number_traces(const components *all, mtp_plan *plan)
{
  const uint32_t lanes = (uint32_t)plan->lanes;
  PetscInt capacity = 0;

  PetscFunctionBegin;
  for (PetscInt m = 0; m < plan->K; m++) {
    capacity += (plan->kmax[m] + 1) * (plan->kmax[m] + 2) * (plan->kmax[m] + 3) / 6;
  }
  PetscCall(PetscMalloc1(capacity + 1, &plan->trace));
  for (PetscInt c = 2; c <= plan->rank; c++) {
    for (PetscInt m = 0; m < plan->K; m++) {
      for (PetscInt a = plan->kmax[m] - c; a >= 0; a--) {
        for (PetscInt b = plan->kmax[m] - c - a; b >= 0; b--) {
          uint32_t *number = component(all, m, a, b, c);

          if (*number == MTP_PLAN_NONE) continue;
          *number = lanes * (uint32_t)(plan->npadded + plan->ntrace);
          plan->trace[plan->ntrace++] =
              (mtp_trace){*number, *component(all, m, a, b, c - 2),
                          *component(all, m, a + 2, b, c - 2), *component(all, m, a, b + 2, c - 2)};
        }
      }
    }
  }
  PetscFunctionReturn(0);
}

/* Numbers of the file's basic moments. */
static PetscErrorCode number_basics(const mtp_potential *pot, mtp_plan *plan, uint32_t number[])
{
  const size_t n = (size_t)plan->rank + 1;
  const uint32_t lanes = (uint32_t)plan->lanes;
  PetscInt *ours;
  components all = {.plan = plan};

  PetscFunctionBegin;
  PetscCall(PetscMalloc2((size_t)plan->K * n * n * n, &all.number, plan->K, &ours));
  for (size_t k = 0; k < (size_t)plan->K * n * n * n; k++) all.number[k] = MTP_PLAN_NONE;
  for (PetscInt m = 0; m < plan->K; m++) ours[plan->mu[m]] = m;
  for (PetscInt q = 0; q < pot->nbasic; q++) {
    const PetscInt *basic = pot->basic[q];

    *component(&all, ours[basic[0]], basic[1], basic[2], basic[3]) = 0;
  }
  mark_needed(&all);
  for (PetscInt m = 0; m < plan->K; m++) {
    for (PetscInt a = 0; a <= plan->kmax[m]; a++) {
      for (PetscInt b = 0; a + b <= plan->kmax[m]; b++) {
        for (PetscInt c = 0; c < 2 && a + b + c <= plan->kmax[m]; c++) {
          *component(&all, m, a, b, c) = lanes * (uint32_t)slot_of(plan, m, a, b, c);
        }
      }
    }
  }
  PetscCall(number_traces(&all, plan));
  for (PetscInt q = 0; q < pot->nbasic; q++) {
    const PetscInt *basic = pot->basic[q];

    number[q] = *component(&all, ours[basic[0]], basic[1], basic[2], basic[3]);
  }
  PetscCall(PetscFree2(all.number, ours));
  PetscFunctionReturn(0);
}

static PetscErrorCode fill(const mtp_potential *pot, PetscBool prune, mtp_plan *plan)
{
  uint32_t *number;

  PetscFunctionBegin;
  plan->nspecies = pot->nspecies;
  plan->cutoff = pot->cutoff;
  plan->min_dist = pot->min_dist;
  plan->repulsive = pot->repulsive;
  PetscCall(sort_radial_functions(pot, plan));
  PetscCall(radial_functions(pot, plan));
  PetscCall(PetscMalloc1(pot->nspecies, &plan->species));
  for (PetscInt s = 0; s < pot->nspecies; s++) plan->species[s] = pot->species_coeff[s];
  plan->nnode = (plan->rank + 1) * (plan->rank + 2) / 2;
  plan->nslot = mtp_plan_degree_slot(plan, plan->rank + 1);
  plan->npadded = (plan->nslot + MTP_PLAN_ALIGN - 1) / MTP_PLAN_ALIGN * MTP_PLAN_ALIGN;
  plan->counts.nodes = (plan->rank + 1) * (plan->rank + 1);
  plan->counts.slots = plan->nslot;
  PetscCall(PetscMalloc1(pot->nmoment, &number));
  for (PetscInt q = 0; q < pot->nmoment; q++) number[q] = MTP_PLAN_NONE;
  PetscCall(number_basics(pot, plan, number));
  PetscCall(mtp__plan_graph(pot, prune, number, plan));
  PetscCall(PetscFree(number));
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_plan_create(const mtp_potential *pot, PetscInt lanes, PetscBool prune,
                               mtp_plan **plan)
{
  PetscFunctionBegin;
  *plan = NULL;
  if (!supported(pot)) PetscFunctionReturn(0);
  PetscCall(PetscNew(plan));
  (*plan)->lanes = lanes;
  PetscCall(fill(pot, prune, *plan));
  PetscFunctionReturn(0);
}

static PetscErrorCode clear_program(mtp_program *program)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(program->run));
  PetscCall(PetscFree(program->index));
  PetscCall(PetscFree(program->coeff));
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_plan_destroy(mtp_plan **plan)
{
  mtp_plan *p = *plan;

  PetscFunctionBegin;
  if (!p) PetscFunctionReturn(0);
  PetscCall(PetscFree(p->mu));
  PetscCall(PetscFree(p->kmax));
  PetscCall(PetscFree(p->active));
  PetscCall(PetscFree(p->radial));
  PetscCall(PetscFree(p->species));
  PetscCall(PetscFree(p->weight));
  PetscCall(PetscFree(p->trace));
  PetscCall(clear_program(&p->forward));
  PetscCall(clear_program(&p->leaf));
  PetscCall(clear_program(&p->backward));
  PetscCall(PetscFree(p->scalar_first));
  PetscCall(PetscFree(p->scalar_index));
  PetscCall(PetscFree(p->scalar_coeff));
  PetscCall(PetscFree(*plan));
  PetscFunctionReturn(0);
}

PetscReal mtp_plan_operations(const mtp_plan *plan, PetscReal neighbours)
{
  const mtp_plan_counts *n = &plan->counts;

  return neighbours * (PetscReal)(13 * plan->K + 45 + 4 * n->nodes + 3 * n->slots) +
         (PetscReal)(3 * n->inner + 2 * n->leaf);
}
