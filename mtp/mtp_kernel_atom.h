/* mtp/mtp_kernel_atom.h - one atom's passes from list to moments and from G to forces
 *
 * Part of the kernel units (mtp_kernel_body.h) and of the units for one standard level
 * (mtp_kernel_level.h), which differ in what is a constant.
 */
#include "mtp/mtp_simd.h"

#include "mtp/mtp_kernel_impl.h"

enum { MAX_K = MTP_KERNEL_MAX_K, MAX_NODES = (MTP_PLAN_RANK + 1) * (MTP_PLAN_RANK + 2) / 2 };

#include "mtp/mtp_kernel_pair.h"

/* Everything of one batch; the arrays lie in the caller's scratch. */
struct mtp_kernel_batch {
  neighbourhood atom[LANES];
  PetscInt members;
  size_t nvector;    /* room for vectors of neighbours */
  double *component; /* [members,LANES,npadded] slots of each atom, then their derivatives */
  vd *sum;           /* [PAIR,npadded] slots of one atom before the sum over its vector */
  vd *monomial;      /* [nvector,nodes] of one atom */
  double *M, *G;     /* [nmoment, LANES], [ngradient, LANES] */
  PetscInt rows;     /* 3, or 3 members and zeros up to a multiple of LANES */
  vd *gradient;      /* [nvector,rows] g_ij of one atom: the three components of each member */
  double *force;     /* [nall,rows] of all members; NULL: one potential */
  vd *virial;        /* [members,6] xx yy zz yz xz xy */
  double *site;      /* [members,LANES] */
  vd *h;             /* [nvector,K] dV_i/df_mu of the neighbours of one atom; NULL: not wanted */
  struct grades *grades;
};
typedef struct mtp_kernel_batch batch;

/* What members in lanes keep of one atom, by columns of S neighbours */
typedef struct {
  vd *monomial; /* [nvector,nnode] */
  vd *f, *df;   /* [columns,K] */
  double *u[3]; /* [neighbours] directions */
} mtp_kernel_columns;

/* Members side by side: their coefficients, each in the S lanes of its member */
struct mtp_kernel_members {
  vd *radial; /* [S,S,R,K] powers of xi */
  vd *weight; /* [ngradient] */
  vd *leaf;   /* coefficients of the leaves */
  /* moments times LANES: without a row of leaves, and with a weight */
  PetscInt nplain, nscalar;
  uint32_t *plain, *scalar;
  mtp_kernel_columns column[LANES];
  vd *sum;    /* [S,npadded] slots of each atom before the sum over lanes */
  vd *force;  /* [nall,FORCE_ROWS(S)] */
  vd *virial; /* [6] xx yy zz yz xz xy */
  PetscBool energies, virials, atom_virials; /* whether a member is asked for them */
};

/* A committee forms the monomials of an atom once in each pass and keeps them for its other
   members. For one potential with few of them it is worth having passes of their own, in which the
   monomials may stay in registers (`alone`, a constant): levels 8 and 10, and up to three radial
   functions where the ranks are read from the plan. */
INLINE PetscBool has_own_passes(const int K, const int top)
{
  return (PetscBool)(top < 0 ? K <= 3 : top <= 3);
}

/* Members that go together from `member` on.  Tables do without pairs, which would double the time
   to compile the kernels; so do levels beyond 20, where pairs save 2 % at most. */
INLINE int members_of(const int top, const mtp_kernel_job *job, PetscInt member)
{
  return top >= 0 && top <= PAIR_RANK && job->members - member >= PAIR ? PAIR : 1;
}

/* The components of one atom for P members into b->sum. */
INLINE void sum_components(const int K, const int P, const int top, const PetscBool alone,
                           const mtp_plan *p, PetscBool fresh, const neighbourhood *w, batch *b)
{
  vd own[FORWARD_VECTORS * MAX_NODES];
  PetscInt v = 0, left = w->nvector;

#define MONOMIALS (alone ? own : b->monomial + (b->members > 1 ? v * p->nnode : 0))
  if (left >= FORWARD_VECTORS) {
    forward_vectors(K, P, FORWARD_VECTORS, top, PETSC_TRUE, p, w, v, fresh, MONOMIALS, b->sum);
    v = FORWARD_VECTORS;
  } else {
    for (PetscInt s = 0; s < P * p->npadded; s++) b->sum[s] = vset(0.0);
  }
  while ((left = w->nvector - v) > 0) {
    switch (left) {
#if FORWARD_VECTORS_MAX >= 4
    default:
      forward_vectors(K, P, 3, top, PETSC_FALSE, p, w, v, fresh, MONOMIALS, b->sum);
      v += 3;
      break;
    case 2:
    case 4:
#else
    default:
#endif
      forward_vectors(K, P, 2, top, PETSC_FALSE, p, w, v, fresh, MONOMIALS, b->sum);
      v += 2;
      break;
    case 1:
      forward_vectors(K, P, 1, top, PETSC_FALSE, p, w, v, fresh, MONOMIALS, b->sum);
      v += 1;
      break;
    }
  }
#undef MONOMIALS
}

/* The radial functions of a member become those in hand. */
INLINE void take_member(PetscInt member, neighbourhood *w)
{
  w->f = w->functions + member * w->next;
  w->df = w->f + w->next / 2;
}

/* Radial functions and components of atom l of the batch for all members */
INLINE void forward_atom(const int K, const int top, const mtp_kernel_job *job, PetscInt l,
                         batch *b)
{
  const mtp_plan *p = job->plan[0];
  neighbourhood *w = &b->atom[l];

  for (PetscInt k = 0; k < w->nvector; k++) {
    distance_vector(p, k, w);
    if (job->members == 1) {
      radial_vector(K, 1, job->plan, k, w);
    } else {
      radial_vector(K, job->members, job->plan, k, w);
    }
  }
  for (PetscInt m = 0, P; m < job->members; m += P) {
    double *component = b->component + (m * LANES + l) * p->npadded;

    take_member(m, w);
    P = members_of(top, job, m);
    if (P == PAIR) {
      sum_components(K, PAIR, top, PETSC_FALSE, p, (PetscBool)(m == 0), w, b);
    } else if (has_own_passes(K, top) && job->members == 1) {
      sum_components(K, 1, top, PETSC_TRUE, p, PETSC_TRUE, w, b);
    } else {
      sum_components(K, 1, top, PETSC_FALSE, p, (PetscBool)(m == 0), w, b);
    }
    for (PetscInt q = 0; q < P; q++, component += LANES * p->npadded) {
      for (PetscInt s = 0; s < p->npadded; s += LANES)
        vstore(component + s, vsums(b->sum + q * p->npadded + s));
    }
  }
}

/* F_j -= g_ij for the n neighbours from `first` on; F_i is summed by the caller. */
INLINE void scatter_forces(const neighbourhood *w, PetscInt first, PetscInt n, const vd *gradient,
                           double *force)
{
  for (PetscInt v = 0; v * LANES < n; v++) {
    const PetscInt left = PetscMin(LANES, n - v * LANES);
    double xy[2 * LANES], z[LANES];

    pair_lanes(gradient[3 * v], gradient[3 * v + 1], xy);
    vstore(z, gradient[3 * v + 2]);
    for (PetscInt e = 0; e < left; e++) {
      double *f = force + 3 * (int64_t)w->j[first + v * LANES + e];

      store_pair(f, load_pair(f) - load_pair(xy + 2 * e));
      f[2] -= z[e];
    }
  }
}

/* The same for all members of a committee, whose forces on an atom stand together: one place in
   memory for each neighbour.  The sums over the neighbours are F_i. */
static void scatter_members(const neighbourhood *w, PetscInt i, const batch *b)
{
  for (PetscInt row = 0; row < b->rows; row += LANES) {
    const vd *gradient = b->gradient + row;
    double *own = b->force + i * b->rows + row;
    vd total[LANES];

    UNROLL for (int k = 0; k < LANES; k++) total[k] = vset(0.0);
    for (PetscInt v = 0; v < w->nvector; v++, gradient += b->rows) {
      const int32_t *j = w->j + v * LANES;
      const PetscInt left = PetscMin(LANES, w->n - v * LANES);
      double turned[LANES * LANES];

      UNROLL for (int k = 0; k < LANES; k++) total[k] += gradient[k];
      transpose((const double *)gradient, LANES, turned, LANES);
      for (PetscInt e = 0; e < left; e++) {
        double *f = b->force + (int64_t)j[e] * b->rows + row;

        vstore(f, vload(f) - vload(turned + LANES * e));
      }
    }
    vstore(own, vload(own) + vsums(total));
  }
}

/* W_j[a][b] -= r_ij,a g_ij,b: the nine products of a vector of neighbours, turned so that the first
   eight of a neighbour stand together */
static void scatter_virials(const neighbourhood *w, PetscInt first, PetscInt n, const vd *gradient,
                            PetscInt rows, double *virial)
{
  for (PetscInt v = 0; v * LANES < n; v++, gradient += rows) {
    const PetscInt left = PetscMin(LANES, n - v * LANES);
    double product[9 * LANES], turned[8 * LANES];

    for (int c = 0; c < 9; c++) {
      vstore(product + c * LANES, vload(w->d[c / 3] + first + v * LANES) * gradient[c % 3]);
    }
    for (int c = 0; c < 8; c += LANES) transpose(product + c * LANES, LANES, turned + c, 8);
    for (PetscInt e = 0; e < left; e++) {
      double *W = virial + 9 * (int64_t)w->j[first + v * LANES + e];

      for (int c = 0; c < 8; c += LANES) vstore(W + c, vload(W + c) - vload(turned + 8 * e + c));
      W[8] -= product[8 * LANES + e];
    }
  }
}

INLINE void add_virial(const int V, const neighbourhood *w, PetscInt first, const vd *gradient,
                       PetscInt rows, vd virial[6])
{
  UNROLL for (int v = 0; v < V; v++)
  {
    const vd x = vload(w->d[0] + (first + v) * LANES), y = vload(w->d[1] + (first + v) * LANES),
             z = vload(w->d[2] + (first + v) * LANES);
    const vd gx = gradient[v * rows], gy = gradient[v * rows + 1], gz = gradient[v * rows + 2];

    virial[0] -= gx * x;
    virial[1] -= gy * y;
    virial[2] -= gz * z;
    virial[3] -= gy * z;
    virial[4] -= gx * z;
    virial[5] -= gx * y;
  }
}

/* NOLINTBEGIN(readability-function-size): see mtp_kernel_pair.h */
/* V vectors for P members; total: one potential's sum over the neighbours. */
INLINE void backward_some(const int K, const int P, const int V, const int top,
                          const PetscBool alone, const mtp_kernel_job *job, PetscInt member,
                          PetscInt first, const double *G, const neighbourhood *w, batch *b,
                          vd total[3])
{
  const mtp_plan *p = job->plan[0];
  const PetscInt n = PetscMin(V * LANES, w->n - first * LANES);
  /* behind pairs, which take one vector at a time, the layout of few monomials is another */
  const PetscBool fresh = (PetscBool)(alone || member == 0 || (P < PAIR && top >= 0 && top <= 3));
  vd own[BACKWARD_VECTORS * MAX_NODES];
  vd *A = alone ? own : b->monomial + (b->members > 1 ? first * p->nnode : 0);
  vd *gradient = b->gradient + (b->members > 1 ? first * b->rows + 3 * member : 0);
  const PetscInt rows = alone ? 3 : b->rows;

  backward_vectors(K, P, V, top, p, w, G, first, fresh, A, member == 0 ? b->h : NULL, gradient,
                   rows);
  for (int q = 0; q < P; q++, gradient += 3) {
    const mtp_result *out = &job->out[member + q];

    if (!(out->skip & MTP_SKIP_VIRIAL))
      add_virial(V, w, first, gradient, rows, b->virial + 6 * (member + q));
    if (out->atom_virial) scatter_virials(w, first * LANES, n, gradient, rows, out->atom_virial);
  }
  if (b->members > 1) return;
  UNROLL for (int v = 0; v < V; v++)
  {
    UNROLL for (int a = 0; a < 3; a++) total[a] += b->gradient[3 * v + a];
  }
  if (job->out->force) scatter_forces(w, first * LANES, n, b->gradient, job->out->force);
}

INLINE void backward_all(const int K, const int top, const PetscBool alone,
                         const mtp_kernel_job *job, PetscInt member, const double *G,
                         const neighbourhood *w, batch *b, vd total[3])
{
  PetscInt v = 0;

  for (; v + BACKWARD_VECTORS <= w->nvector; v += BACKWARD_VECTORS) {
    backward_some(K, 1, BACKWARD_VECTORS, top, alone, job, member, v, G, w, b, total);
  }
  if (BACKWARD_VECTORS > 1 && v < w->nvector)
    backward_some(K, 1, 1, top, alone, job, member, v, G, w, b, total);
}

/* NOLINTEND(readability-function-size) */

/* Forces and virials of atom l of the batch, which is atom i, for all members */
INLINE void backward_atom(const int K, const int top, const mtp_kernel_job *job, PetscInt l,
                          PetscInt i, batch *b)
{
  vd total[3] = {vset(0.0), vset(0.0), vset(0.0)};
  neighbourhood *w = &b->atom[l];
  double *force = job->out->force;

  for (PetscInt m = 0, P; m < job->members; m += P) {
    const double *G = b->component + (m * LANES + l) * job->plan[0]->npadded;

    take_member(m, w);
    P = members_of(top, job, m);
    if (P == PAIR) {
      for (PetscInt v = 0; v < w->nvector; v++)
        backward_some(K, PAIR, 1, top, PETSC_FALSE, job, m, v, G, w, b, total);
    } else if (has_own_passes(K, top) && job->members == 1) {
      backward_all(K, top, PETSC_TRUE, job, m, G, w, b, total);
    } else {
      backward_all(K, top, PETSC_FALSE, job, m, G, w, b, total);
    }
  }
  if (b->force) scatter_members(w, i, b);
  for (int a = 0; a < 3 && force && job->members == 1; a++) force[3 * i + a] += vsum(total[a]);
}
