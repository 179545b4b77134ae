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
  double *component; /* [LANES, npadded] slots of each atom, then their derivatives */
  vd *sum;           /* [npadded] slots of one atom before the sum over its vector */
  double *M, *G;     /* [nmoment, LANES], [ngradient, LANES] */
  vd *gradient[3];   /* [BACKWARD_VECTORS] g_ij */
  vd virial[6];      /* xx yy zz yz xz xy */
  double site[LANES];
  vd *h; /* [nvector,K] dV_i/df_mu of the neighbours of one atom; NULL without grades */
  struct grades *grades;
};
typedef struct mtp_kernel_batch batch;

/* Radial functions and components of one atom; component [npadded]. */
INLINE void forward_atom(const int K, const int top, const mtp_plan *p, const double *pair,
                         neighbourhood *w, vd *sum, double *component)
{
  PetscInt v = 0;

  for (PetscInt k = 0; k < w->nvector; k++) radial_vector(K, p, pair, k, w);
  for (PetscInt s = 0; s < p->npadded; s++) sum[s] = vset(0.0);
  while (v < w->nvector) {
    const PetscInt left = w->nvector - v;
    const PetscInt take_now =
        left == FORWARD_VECTORS + 1 ? (left + 1) / 2 : PetscMin(left, FORWARD_VECTORS);

    switch (take_now) {
#if FORWARD_VECTORS_MAX >= 4
    case 4:
      forward_vectors(K, 4, top, p, w, v, sum);
      break;
    case 3:
      forward_vectors(K, 3, top, p, w, v, sum);
      break;
#endif
#if FORWARD_VECTORS_MAX >= 2
    case 2:
      forward_vectors(K, 2, top, p, w, v, sum);
      break;
#endif
    default:
      forward_vectors(K, 1, top, p, w, v, sum);
      break;
    }
    v += take_now;
  }
  for (PetscInt s = 0; s < p->npadded; s += LANES) vstore(component + s, vsums(sum + s));
}

/* F_j -= g_ij for the neighbours of V vectors; returns nothing: F_i is summed by the caller. */
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

/* W_j[a][b] -= r_ij,a g_ij,b */
static void scatter_virials(const neighbourhood *w, PetscInt first, PetscInt n,
                            vd *const gradient[3], double *virial)
{
  for (PetscInt e = 0; e < n; e++) {
    double *W = virial + 9 * (int64_t)w->j[first + e];

    for (int a = 0; a < 3; a++) {
      const double r = w->d[a][first + e];

      for (int b = 0; b < 3; b++) W[3 * a + b] -= r * ((const double *)gradient[b])[e];
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

INLINE void backward_some(const int K, const int V, const int top, const mtp_kernel_job *job,
                          PetscInt first, const double *G, const neighbourhood *w, batch *b,
                          vd total[3])
{
  const mtp_result *out = job->out;
  const PetscInt n = PetscMin(V * LANES, w->n - first * LANES);

  backward_vectors(K, V, top, job->plan, w, G, first, b->h, b->gradient);
  UNROLL for (int v = 0; v < V; v++)
  {
    UNROLL for (int a = 0; a < 3; a++) total[a] += b->gradient[a][v];
  }
  if (!(out->skip & MTP_SKIP_VIRIAL)) add_virial(V, w, first, b->gradient, b->virial);
  if (out->force) scatter_forces(w, first * LANES, n, b->gradient, out->force);
  if (out->atom_virial) scatter_virials(w, first * LANES, n, b->gradient, out->atom_virial);
}

INLINE void backward_atom(const int K, const int top, const mtp_kernel_job *job, PetscInt i,
                          const double *G, const neighbourhood *w, batch *b)
{
  vd total[3] = {vset(0.0), vset(0.0), vset(0.0)};
  PetscInt v = 0;

  for (; v + BACKWARD_VECTORS <= w->nvector; v += BACKWARD_VECTORS) {
    backward_some(K, BACKWARD_VECTORS, top, job, v, G, w, b, total);
  }
  if (v < w->nvector) backward_some(K, 1, top, job, v, G, w, b, total);
  for (int a = 0; a < 3 && job->out->force; a++) job->out->force[3 * i + a] += vsum(total[a]);
}
