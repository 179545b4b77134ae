/* mtp/mtp_tangent.c - the passes of mtp_tangent.h
 *
 * Loops over neighbours are innermost and plain, so that compilers make vectors of them; their sums
 * may be reordered (mtp/CMakeLists.txt).  Wider instruction sets gained little: one unit will do.
 *
 * Dots are derivatives in the direction h_i.  Forward, with u = r/|r|:
 *   u.  = (h - u (u.h)) / |r|,   Q_k. = Q_k' (u.h),   f. = sum_k c_k Q_k.,   P. by the product rule
 *   M_q = sum_j f P,   M_q. = sum_j f. P + f P.
 *   M_o += m M_p M_q,   M_o. += m (M_p. M_q + M_p M_q.)
 *   J_i = sum_k w_k (s M_k + M_k.) + s e
 * Backward, A = dJ_i/dM. and B = dJ_i/dM: A_k = w_k, B_k = s w_k, and for each product
 *   A_p += m A_o M_q,   B_p += m (B_o M_q + A_o M_q.)    and the same with p and q exchanged
 *   dJ_i/dc[mu][k] = sum_j Q_k sum_q (B_q P + A_q P.) + Q_k. sum_q A_q P     over q of this mu
 */
#include "mtp/mtp_tangent.h"

#include "mtp/mtp_eval_ref_impl.h"

enum { PAD = 8 }; /* neighbours are filled up to a multiple of this with zeros */

/* Monomials x^a y^b z^c of all basic moments, each from one of lower degree by one component. */
typedef struct {
  PetscInt n;
  PetscInt *parent, *axis; /* [n] monomial 0 is 1 and has none */
  PetscInt *of_basic;      /* [nbasic] which one */
} monomial_table;

/* One atom.  Arrays over neighbours have `stride` numbers, of which n + filling count. */
typedef struct {
  PetscInt stride, n; /* n: with filling */
  PetscInt *begin;    /* [S + 1] neighbours of type t are begin[t] .. begin[t+1] - 1 */
  PetscInt *neighbour;
  PetscReal *vector;               /* [3] r_ij */
  PetscReal *unit, *dunit;         /* [3] u and its derivative in the direction h */
  PetscReal *r, *along;            /* |r_ij|, u . h */
  PetscReal *basis, *dbasis;       /* [R] Q_k and its derivative in the direction h */
  PetscReal *f, *df;               /* [K] the same of f_mu */
  PetscReal *monomial, *dmonomial; /* [monomials] */
  PetscReal *value, *slope;        /* [K] what falls on f_mu and on its derivative */
  PetscReal *M, *dM;               /* [nmoment] */
  PetscReal *A, *B;                /* [nmoment] dJ/d(dM) and dJ/dM */
  void *storage;
} atom_work;

struct mtp_tangent {
  PetscInt nmoment, nbasic, ntimes, nscalar, K, R, S;
  monomial_table monomials;
  atom_work work;
};

/* Neighbours of atom i within the cut-off, type by type, and h_ij. */
static void gather(const mtp_tangent_weights *weights, const mtp_potential *pot,
                   const mtp_neighbors *nb, PetscInt i, atom_work *w)
{
  const PetscReal *xi = nb->x + 3 * (size_t)i;
  PetscInt n = 0, type = 0;

  w->begin[0] = 0;
  for (PetscInt k = nb->first[i]; k < nb->first[i + 1]; k++) {
    const PetscInt j = nb->index[k];
    const PetscReal *xj = nb->x + 3 * (size_t)j;
    const PetscReal d[3] = {xj[0] - xi[0], xj[1] - xi[1], xj[2] - xi[2]};
    const PetscReal r = PetscSqrtReal(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);

    if (r >= pot->cutoff) continue;
    while (type < nb->type[j]) w->begin[++type] = n;
    w->neighbour[n] = j < nb->nlocal ? j : nb->parent[j - nb->nlocal];
    w->r[n] = r;
    for (int a = 0; a < 3; a++) w->vector[a * w->stride + n] = d[a];
    n++;
  }
  while (type < pot->nspecies) w->begin[++type] = n;
  for (int a = 0; a < 3; a++) { /* h_ij, kept where u. will be */
    const PetscReal *sigma = weights->virial + 3 * a, *v = w->vector;

    for (PetscInt k = 0; k < n; k++) {
      const PetscReal lambda =
          weights->force ? weights->force[3 * i + a] - weights->force[3 * w->neighbour[k] + a]
                         : 0.0;

      w->dunit[a * w->stride + k] =
          lambda - sigma[0] * v[k] - sigma[1] * v[w->stride + k] - sigma[2] * v[2 * w->stride + k];
    }
  }
  w->n = (n + PAD - 1) / PAD * PAD;
  for (PetscInt k = n; k < w->n; k++) {
    w->r[k] = pot->cutoff;
    for (int a = 0; a < 3; a++) w->vector[a * w->stride + k] = w->dunit[a * w->stride + k] = 0.0;
  }
}

/* u, u . h and u. = (h - u (u . h)) / r */
static void directions(atom_work *w)
{
  const size_t s = (size_t)w->stride;
  const PetscReal *restrict v = w->vector, *restrict r = w->r;
  PetscReal *restrict u = w->unit, *restrict h = w->dunit, *restrict along = w->along;

  for (PetscInt k = 0; k < w->n; k++) {
    const PetscReal inverse = 1.0 / r[k];

    for (size_t a = 0; a < 3; a++) u[a * s + (size_t)k] = v[a * s + (size_t)k] * inverse;
    along[k] = u[k] * h[k] + u[s + (size_t)k] * h[s + (size_t)k] +
               u[2 * s + (size_t)k] * h[2 * s + (size_t)k];
    for (size_t a = 0; a < 3; a++)
      h[a * s + (size_t)k] = (h[a * s + (size_t)k] - u[a * s + (size_t)k] * along[k]) * inverse;
  }
}

/* Q_k = s (r - R_c)^2 T_k(xi) and Q_k. = Q_k' (u . h); below R_min constant with
   RBChebyshev_repuls */
static void radial_basis(const mtp_potential *pot, atom_work *w)
{
  const PetscReal width = pot->cutoff - pot->min_dist;
  const size_t s = (size_t)w->stride;
  PetscReal *restrict q = w->basis, *restrict d = w->dbasis;

  for (PetscInt k = 0; k < w->n; k++) {
    const PetscBool held = (PetscBool)(pot->repulsive && w->r[k] <= pot->min_dist);
    const PetscReal r = held ? pot->min_dist : w->r[k], slope = held ? 0.0 : w->along[k];
    const PetscReal x = r - pot->cutoff, xi = (r + r - (pot->min_dist + pot->cutoff)) / width;

    w->r[k] = xi;
    w->along[k] = slope * 2.0 / width;
    q[k] = pot->scaling * x * x;
    d[k] = pot->scaling * 2.0 * x * slope;
    q[s + (size_t)k] = xi * q[k];
    d[s + (size_t)k] = w->along[k] * q[k] + xi * d[k];
  }
  for (PetscInt m = 2; m < pot->radial_size; m++) {
    const PetscReal *restrict xi = w->r, *restrict dxi = w->along;

    q += s;
    d += s;
    for (size_t k = 0; k < (size_t)w->n; k++) {
      q[s + k] = 2.0 * xi[k] * q[k] - q[k - s];
      d[s + k] = 2.0 * (dxi[k] * q[k] + xi[k] * d[k]) - d[k - s];
    }
  }
}

/* f_mu and f_mu. of the neighbours of each type */
static void radial_functions(const mtp_tangent *t, const mtp_potential *pot, PetscInt type,
                             atom_work *w)
{
  const size_t s = (size_t)w->stride;

  for (PetscInt mu = 0; mu < t->K; mu++) {
    PetscReal *restrict f = w->f + (size_t)mu * s, *restrict df = w->df + (size_t)mu * s;

    for (PetscInt k = 0; k < w->n; k++) f[k] = df[k] = 0.0;
    for (PetscInt other = 0; other < t->S; other++) {
      const PetscReal *c =
          pot->radial +
          (((size_t)type * (size_t)t->S + (size_t)other) * (size_t)t->K + (size_t)mu) *
              (size_t)t->R;

      for (PetscInt m = 0; m < t->R; m++) {
        const PetscReal *restrict q = w->basis + (size_t)m * s, *restrict d =
                                                                    w->dbasis + (size_t)m * s;

        for (PetscInt k = w->begin[other]; k < w->begin[other + 1]; k++) {
          f[k] += c[m] * q[k];
          df[k] += c[m] * d[k];
        }
      }
    }
  }
}

static void monomials(const mtp_tangent *t, atom_work *w)
{
  const size_t s = (size_t)w->stride;

  for (PetscInt k = 0; k < w->n; k++) {
    w->monomial[k] = 1.0;
    w->dmonomial[k] = 0.0;
  }
  for (PetscInt m = 1; m < t->monomials.n; m++) {
    const size_t from = (size_t)t->monomials.parent[m] * s, axis = (size_t)t->monomials.axis[m] * s;
    const PetscReal *restrict p = w->monomial + from, *restrict d = w->dmonomial + from;
    const PetscReal *restrict u = w->unit + axis, *restrict du = w->dunit + axis;
    PetscReal *restrict to = w->monomial + (size_t)m * s, *restrict dto =
                                                              w->dmonomial + (size_t)m * s;

    for (PetscInt k = 0; k < w->n; k++) {
      to[k] = p[k] * u[k];
      dto[k] = d[k] * u[k] + p[k] * du[k];
    }
  }
}

/* M and M. */
static void moments(const mtp_tangent *t, const mtp_potential *pot, atom_work *w)
{
  const size_t s = (size_t)w->stride;

  for (PetscInt q = 0; q < t->nbasic; q++) {
    const PetscReal *restrict f = w->f + (size_t)pot->basic[q][0] * s;
    const PetscReal *restrict df = w->df + (size_t)pot->basic[q][0] * s;
    const PetscReal *restrict p = w->monomial + (size_t)t->monomials.of_basic[q] * s;
    const PetscReal *restrict d = w->dmonomial + (size_t)t->monomials.of_basic[q] * s;
    PetscReal sum = 0.0, dsum = 0.0;

    for (PetscInt k = 0; k < w->n; k++) {
      sum += f[k] * p[k];
      dsum += df[k] * p[k] + f[k] * d[k];
    }
    w->M[q] = sum;
    w->dM[q] = dsum;
  }
  for (PetscInt q = t->nbasic; q < t->nmoment; q++) w->M[q] = w->dM[q] = 0.0;
  for (PetscInt k = 0; k < t->ntimes; k++) {
    const PetscInt p = pot->times[k][0], q = pot->times[k][1], o = pot->times[k][3];
    const PetscReal m = (PetscReal)pot->times[k][2];

    w->M[o] += m * w->M[p] * w->M[q];
    w->dM[o] += m * (w->dM[p] * w->M[q] + w->M[p] * w->dM[q]);
  }
}

/* A and B */
static void adjoints(const mtp_tangent *t, const mtp_potential *pot, PetscReal energy, atom_work *w)
{
  for (PetscInt q = 0; q < t->nmoment; q++) w->A[q] = w->B[q] = 0.0;
  for (PetscInt k = 0; k < t->nscalar; k++) {
    w->A[pot->mapping[k]] += pot->moment_coeff[k];
    w->B[pot->mapping[k]] += energy * pot->moment_coeff[k];
  }
  for (PetscInt k = t->ntimes - 1; k >= 0; k--) {
    const PetscInt p = pot->times[k][0], q = pot->times[k][1], o = pot->times[k][3];
    const PetscReal a = (PetscReal)pot->times[k][2] * w->A[o];
    const PetscReal b = (PetscReal)pot->times[k][2] * w->B[o];

    w->B[p] += b * w->M[q] + a * w->dM[q];
    w->B[q] += b * w->M[p] + a * w->dM[p];
    w->A[p] += a * w->M[q];
    w->A[q] += a * w->M[p];
  }
}

/* What falls on f_mu and f_mu. of each neighbour */
static void fall_on_radial(const mtp_tangent *t, const mtp_potential *pot, atom_work *w)
{
  const size_t s = (size_t)w->stride;

  for (size_t k = 0; k < (size_t)t->K * s; k++) w->value[k] = w->slope[k] = 0.0;
  for (PetscInt q = 0; q < t->nbasic; q++) {
    const PetscReal *restrict p = w->monomial + (size_t)t->monomials.of_basic[q] * s;
    const PetscReal *restrict d = w->dmonomial + (size_t)t->monomials.of_basic[q] * s;
    PetscReal *restrict value = w->value + (size_t)pot->basic[q][0] * s;
    PetscReal *restrict slope = w->slope + (size_t)pot->basic[q][0] * s;
    const PetscReal A = w->A[q], B = w->B[q];

    for (PetscInt k = 0; k < w->n; k++) {
      value[k] += B * p[k] + A * d[k];
      slope[k] += A * p[k];
    }
  }
}

static void radial_derivatives(const mtp_tangent *t, PetscInt type, const atom_work *w,
                               PetscReal gradient[])
{
  const size_t s = (size_t)w->stride;

  for (PetscInt other = 0; other < t->S; other++) {
    PetscReal *block =
        gradient + ((size_t)type * (size_t)t->S + (size_t)other) * (size_t)t->K * (size_t)t->R;

    for (PetscInt mu = 0; mu < t->K; mu++) {
      const PetscReal *restrict value = w->value + (size_t)mu * s, *restrict slope =
                                                                       w->slope + (size_t)mu * s;

      for (PetscInt m = 0; m < t->R; m++) {
        const PetscReal *restrict q = w->basis + (size_t)m * s, *restrict d =
                                                                    w->dbasis + (size_t)m * s;
        PetscReal sum = 0.0;

        for (PetscInt k = w->begin[other]; k < w->begin[other + 1]; k++)
          sum += q[k] * value[k] + d[k] * slope[k];
        block[mu * t->R + m] += sum;
      }
    }
  }
}

/* The place of x^a y^b z^c among all monomials up to a rank, ordered by degree. */
static PetscInt place(const PetscInt e[3])
{
  const PetscInt n = e[0] + e[1] + e[2], m = e[1] + e[2];

  return n * (n + 1) * (n + 2) / 6 + m * (m + 1) / 2 + e[2];
}

static void set_parent(const PetscInt e[3], monomial_table *m)
{
  PetscInt below[3] = {e[0], e[1], e[2]};
  const PetscInt axis = e[0] > 0 ? 0 : e[1] > 0 ? 1 : 2;

  if (e[0] + e[1] + e[2] == 0) return;
  below[axis]--;
  m->parent[place(e)] = place(below);
  m->axis[place(e)] = axis;
}

static PetscErrorCode make_monomials(const mtp_potential *pot, monomial_table *m)
{
  PetscInt rank = 0;

  PetscFunctionBegin;
  for (PetscInt q = 0; q < pot->nbasic; q++)
    rank = PetscMax(rank, pot->basic[q][1] + pot->basic[q][2] + pot->basic[q][3]);
  m->n = (rank + 1) * (rank + 2) * (rank + 3) / 6;
  PetscCall(PetscCalloc3(m->n, &m->parent, m->n, &m->axis, pot->nbasic, &m->of_basic));
  for (PetscInt a = 0; a <= rank; a++) {
    for (PetscInt b = 0; a + b <= rank; b++) {
      for (PetscInt c = 0; a + b + c <= rank; c++) set_parent((const PetscInt[]){a, b, c}, m);
    }
  }
  for (PetscInt q = 0; q < pot->nbasic; q++) m->of_basic[q] = place(&pot->basic[q][1]);
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_tangent_create(const mtp_potential *pot, mtp_tangent **tangent)
{
  mtp_tangent *t;

  PetscFunctionBegin;
  PetscCall(PetscNew(&t));
  t->nmoment = pot->nmoment;
  t->nbasic = pot->nbasic;
  t->ntimes = pot->ntimes;
  t->nscalar = pot->nscalar;
  t->K = pot->radial_funcs;
  t->R = pot->radial_size;
  t->S = pot->nspecies;
  PetscCall(make_monomials(pot, &t->monomials));
  *tangent = t;
  PetscFunctionReturn(0);
}

static PetscErrorCode free_work(atom_work *w)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(w->storage));
  PetscCall(PetscFree2(w->begin, w->neighbour));
  *w = (atom_work){0};
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_tangent_destroy(mtp_tangent **tangent)
{
  mtp_tangent *t = *tangent;

  PetscFunctionBegin;
  if (!t) PetscFunctionReturn(0);
  PetscCall(free_work(&t->work));
  PetscCall(PetscFree3(t->monomials.parent, t->monomials.axis, t->monomials.of_basic));
  PetscCall(PetscFree(*tangent));
  PetscFunctionReturn(0);
}

static PetscReal *cut(PetscReal **next, size_t n)
{
  PetscReal *here = *next;

  *next += n;
  return here;
}

static PetscErrorCode make_work(const mtp_tangent *t, PetscInt longest, atom_work *w)
{
  const size_t s = (size_t)longest + PAD, moments = (size_t)t->nmoment;
  const size_t rows = 11 + 2 * (size_t)t->R + 4 * (size_t)t->K + 2 * (size_t)t->monomials.n;
  PetscReal *next;

  PetscFunctionBegin;
  PetscCall(free_work(w));
  PetscCall(PetscMalloc1(rows * s + 4 * moments, &next));
  PetscCall(PetscMalloc2(t->S + 1, &w->begin, s, &w->neighbour));
  w->storage = next;
  w->stride = (PetscInt)s;
  w->vector = cut(&next, 3 * s);
  w->unit = cut(&next, 3 * s);
  w->dunit = cut(&next, 3 * s);
  w->r = cut(&next, s);
  w->along = cut(&next, s);
  w->basis = cut(&next, (size_t)t->R * s);
  w->dbasis = cut(&next, (size_t)t->R * s);
  w->f = cut(&next, (size_t)t->K * s);
  w->df = cut(&next, (size_t)t->K * s);
  w->value = cut(&next, (size_t)t->K * s);
  w->slope = cut(&next, (size_t)t->K * s);
  w->monomial = cut(&next, (size_t)t->monomials.n * s);
  w->dmonomial = cut(&next, (size_t)t->monomials.n * s);
  w->M = cut(&next, moments);
  w->dM = cut(&next, moments);
  w->A = cut(&next, moments);
  w->B = cut(&next, moments);
  PetscFunctionReturn(0);
}

static void add_atoms(mtp_tangent *t, const mtp_potential *pot, const mtp_neighbors *nb,
                      const mtp_tangent_weights *weights, PetscReal gradient[])
{
  atom_work *w = &t->work;
  PetscReal *species = gradient + (size_t)t->S * (size_t)t->S * (size_t)t->K * (size_t)t->R;
  PetscReal *moment = species + t->S;

  for (PetscInt i = 0; i < nb->nlocal; i++) {
    gather(weights, pot, nb, i, w);
    directions(w);
    radial_basis(pot, w);
    radial_functions(t, pot, nb->type[i], w);
    monomials(t, w);
    moments(t, pot, w);
    adjoints(t, pot, weights->energy, w);
    fall_on_radial(t, pot, w);
    radial_derivatives(t, nb->type[i], w, gradient);
    species[nb->type[i]] += weights->energy;
    for (PetscInt k = 0; k < t->nscalar; k++)
      moment[k] += weights->energy * w->M[pot->mapping[k]] + w->dM[pot->mapping[k]];
  }
}

PetscErrorCode mtp_tangent_add(mtp_tangent *t, const mtp_potential *pot, const mtp_neighbors *nb,
                               const mtp_tangent_weights *weights, PetscReal gradient[])
{
  PetscInt longest = 0;

  PetscFunctionBegin;
  PetscCall(mtp__ref_check(pot, nb));
  PetscCheck(pot->nmoment == t->nmoment && pot->nspecies == t->S && pot->radial_size == t->R &&
                 pot->ntimes == t->ntimes && pot->nscalar == t->nscalar,
             PETSC_COMM_SELF, PETSC_ERR_ARG_INCOMP, "Tables of another potential");
  for (PetscInt i = 0; i < nb->nlocal; i++)
    longest = PetscMax(longest, nb->first[i + 1] - nb->first[i]);
  if (longest + PAD > t->work.stride) PetscCall(make_work(t, longest, &t->work));
  add_atoms(t, pot, nb, weights, gradient);
  PetscFunctionReturn(0);
}
