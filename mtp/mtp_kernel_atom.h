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
  vd *sum;           /* [npadded] slots of one atom before the sum over its vector */
  vd *monomial;      /* [nvector,nodes] of one atom */
  double *M, *G;     /* [nmoment, LANES], [ngradient, LANES] */
  vd *gradient[3];   /* [BACKWARD_VECTORS] g_ij */
  vd *virial;        /* [members,6] xx yy zz yz xz xy */
  double *site;      /* [members,LANES] */
  vd *h;             /* [nvector,K] dV_i/df_mu of the neighbours of one atom; NULL: not wanted */
  struct grades *grades;
};
typedef struct mtp_kernel_batch batch;

/* A committee forms the monomials of an atom once in each pass and keeps them for its other
   members. For one potential with few of them it is worth having passes of their own, in which the
   monomials may stay in registers (`alone`, a constant): levels 8 and 10, and up to three radial
   functions where the ranks are read from the plan. */
INLINE PetscBool has_own_passes(const int K, const int top)
{
  return (PetscBool)(top < 0 ? K <= 3 : top <= 3);
}

/* The components of one atom for one member into b->sum. */
INLINE void sum_components(const int K, const int top, const PetscBool alone, const mtp_plan *p,
                           PetscBool fresh, const neighbourhood *w, batch *b)
{
  PetscInt v = 0;

  for (PetscInt s = 0; s < p->npadded; s++) b->sum[s] = vset(0.0);
  while (v < w->nvector) {
    vd own[FORWARD_VECTORS * MAX_NODES];
    vd *A = alone ? own : b->monomial + (b->members > 1 ? v * p->nnode : 0);
    const PetscInt left = w->nvector - v;
    const PetscInt n =
        left == FORWARD_VECTORS + 1 ? (left + 1) / 2 : PetscMin(left, FORWARD_VECTORS);

    switch (n) {
#if FORWARD_VECTORS_MAX >= 4
    case 4:
      forward_vectors(K, 4, top, p, w, v, fresh, A, b->sum);
      break;
    case 3:
      forward_vectors(K, 3, top, p, w, v, fresh, A, b->sum);
      break;
#endif
#if FORWARD_VECTORS_MAX >= 2
    case 2:
      forward_vectors(K, 2, top, p, w, v, fresh, A, b->sum);
      break;
#endif
    default:
      forward_vectors(K, 1, top, p, w, v, fresh, A, b->sum);
      break;
    }
    v += n;
  }
}

/* Radial functions and components of one atom for one member; component [npadded]. */
INLINE void forward_atom(const int K, const int top, const mtp_kernel_job *job, PetscInt member,
                         neighbourhood *w, batch *b, double *component)
{
  const mtp_plan *p = job->plan[member];
  const double *pair = p->radial + (size_t)(w->centre * p->nspecies) * (size_t)(K * p->R);

  for (PetscInt k = 0; k < w->nvector; k++) {
    if (member == 0) distance_vector(p, k, w);
    radial_vector(K, p, pair, k, w);
  }
  if (has_own_passes(K, top) && job->members == 1) {
    sum_components(K, top, PETSC_TRUE, p, PETSC_TRUE, w, b);
  } else {
    sum_components(K, top, PETSC_FALSE, p, (PetscBool)(member == 0), w, b);
  }
  for (PetscInt s = 0; s < p->npadded; s += LANES) vstore(component + s, vsums(b->sum + s));
}

/* F_j -= g_ij for the n neighbours from `first` on; F_i is summed by the caller. */
INLINE void scatter_forces(const neighbourhood *w, PetscInt first, PetscInt n,
                           vd *const gradient[3], double *force)
{
  for (PetscInt v = 0; v * LANES < n; v++) {
    const PetscInt left = PetscMin(LANES, n - v * LANES);
    double xy[2 * LANES], z[LANES];

    pair_lanes(gradient[0][v], gradient[1][v], xy);
    vstore(z, gradient[2][v]);
    for (PetscInt e = 0; e < left; e++) {
      double *f = force + 3 * (int64_t)w->j[first + v * LANES + e];

      store_pair(f, load_pair(f) - load_pair(xy + 2 * e));
      f[2] -= z[e];
    }
  }
}

/* W_j[a][b] -= r_ij,a g_ij,b: the nine products of a vector of neighbours, turned so that the first
   eight of a neighbour stand together */
static void scatter_virials(const neighbourhood *w, PetscInt first, PetscInt n,
                            vd *const gradient[3], double *virial)
{
  for (PetscInt v = 0; v * LANES < n; v++) {
    const PetscInt left = PetscMin(LANES, n - v * LANES);
    double product[9 * LANES], turned[8 * LANES];

    for (int c = 0; c < 9; c++) {
      vstore(product + c * LANES, vload(w->d[c / 3] + first + v * LANES) * gradient[c % 3][v]);
    }
    for (int c = 0; c < 8; c += LANES) transpose(product + c * LANES, LANES, turned + c, 8);
    for (PetscInt e = 0; e < left; e++) {
      double *W = virial + 9 * (int64_t)w->j[first + v * LANES + e];

      for (int c = 0; c < 8; c += LANES) vstore(W + c, vload(W + c) - vload(turned + 8 * e + c));
      W[8] -= product[8 * LANES + e];
    }
  }
}

INLINE void add_virial(const int V, const neighbourhood *w, PetscInt first, vd *const gradient[3],
                       vd virial[6])
{
  UNROLL for (int v = 0; v < V; v++)
  {
    const vd x = vload(w->d[0] + (first + v) * LANES), y = vload(w->d[1] + (first + v) * LANES),
             z = vload(w->d[2] + (first + v) * LANES);
    const vd gx = gradient[0][v], gy = gradient[1][v], gz = gradient[2][v];

    virial[0] -= gx * x;
    virial[1] -= gy * y;
    virial[2] -= gz * z;
    virial[3] -= gy * z;
    virial[4] -= gx * z;
    virial[5] -= gx * y;
  }
}

/* NOLINTBEGIN(readability-function-size): see mtp_kernel_pair.h */
INLINE void backward_some(const int K, const int V, const int top, const PetscBool alone,
                          const mtp_kernel_job *job, PetscInt member, PetscInt first,
                          const double *G, const neighbourhood *w, batch *b, vd total[3])
{
  const mtp_plan *p = job->plan[member];
  const mtp_result *out = &job->out[member];
  const PetscInt n = PetscMin(V * LANES, w->n - first * LANES);
  const PetscBool fresh = (PetscBool)(alone || member == 0);
  vd own[BACKWARD_VECTORS * MAX_NODES];
  vd *A = alone ? own : b->monomial + (b->members > 1 ? first * p->nnode : 0);

  backward_vectors(K, V, top, p, w, G, first, fresh, A, b->h, b->gradient);
  UNROLL for (int v = 0; v < V; v++)
  {
    UNROLL for (int a = 0; a < 3; a++) total[a] += b->gradient[a][v];
  }
  if (!(out->skip & MTP_SKIP_VIRIAL)) add_virial(V, w, first, b->gradient, b->virial + 6 * member);
  if (out->force) scatter_forces(w, first * LANES, n, b->gradient, out->force);
  if (out->atom_virial) scatter_virials(w, first * LANES, n, b->gradient, out->atom_virial);
}

INLINE void backward_all(const int K, const int top, const PetscBool alone,
                         const mtp_kernel_job *job, PetscInt member, const double *G,
                         const neighbourhood *w, batch *b, vd total[3])
{
  PetscInt v = 0;

  for (; v + BACKWARD_VECTORS <= w->nvector; v += BACKWARD_VECTORS) {
    backward_some(K, BACKWARD_VECTORS, top, alone, job, member, v, G, w, b, total);
  }
  if (v < w->nvector) backward_some(K, 1, top, alone, job, member, v, G, w, b, total);
}

/* NOLINTEND(readability-function-size) */

/* Forces and virials of one atom for one member */
INLINE void backward_atom(const int K, const int top, const mtp_kernel_job *job, PetscInt member,
                          PetscInt i, const double *G, const neighbourhood *w, batch *b)
{
  vd total[3] = {vset(0.0), vset(0.0), vset(0.0)};
  double *force = job->out[member].force;

  if (has_own_passes(K, top) && job->members == 1) {
    backward_all(K, top, PETSC_TRUE, job, member, G, w, b, total);
  } else {
    backward_all(K, top, PETSC_FALSE, job, member, G, w, b, total);
  }
  for (int a = 0; a < 3 && force; a++) force[3 * i + a] += vsum(total[a]);
}
