/* mtp/mtp_eval_ref.c - the reference kernel, written to be checked by eye against mtp/README.md
 *
 * Atom by atom: gather the neighbours within the cut-off; radial functions f_mu(r) and f'_mu(r);
 * powers of the components of the unit vector u = r_ij / r; basic moments; products of moments;
 * energy; then backwards the derivatives G = dV_i/dM of all moments; the derivative g_ij of V_i by
 * each r_ij; forces and virials.  One function a step, named after it.
 *
 * Everything of a neighbour is stored as arrays over neighbours, f[mu][n], power[axis][a][n], so
 * that a moment is a plain sum over n and a compiler can use the vector unit; that is all the speed
 * there is here.  Sums run in the order of the neighbour rows, which is canonical, so results do
 * not depend on how a list was made.
 */
#include "mtp/mtp_eval_ref_impl.h"

PetscErrorCode mtp__ref_create(const mtp_potential *pot, const mtp_neighbors *nb, mtp_ref_work *w)
{
  size_t stride, moments = (size_t)pot->nmoment, K = (size_t)pot->radial_funcs, powers;
  PetscReal *next;

  PetscFunctionBegin;
  *w = (mtp_ref_work){.stride = 1, .rank = 1};
  for (PetscInt i = 0; i < nb->nlocal; i++) {
    w->stride = PetscMax(w->stride, nb->first[i + 1] - nb->first[i]);
  }
  for (PetscInt q = 0; q < pot->nbasic; q++) {
    for (int a = 1; a < 4; a++) w->rank = PetscMax(w->rank, pot->basic[q][a]);
  }
  stride = (size_t)w->stride;
  powers = 3 * ((size_t)w->rank + 1);
  PetscCall(
      PetscMalloc2((8 + 2 * K + 2 * powers) * stride + 2 * moments + 2 * (size_t)pot->radial_size,
                   &w->storage, stride, &w->neighbour));
  next = w->storage;
  w->r = next;
  w->inverse_r = next += stride;
  w->vector = next += stride;
  w->gradient = next += 3 * stride;
  w->f = next += 3 * stride;
  w->df = next += K * stride;
  w->power = next += K * stride;
  w->slope = next += powers * stride;
  w->moment = next += powers * stride;
  w->adjoint = next += moments;
  w->basis = next += moments;
  w->dbasis = next + pot->radial_size;
  PetscFunctionReturn(0);
}

PetscErrorCode mtp__ref_destroy(mtp_ref_work *w)
{
  PetscFunctionBegin;
  PetscCall(PetscFree2(w->storage, w->neighbour));
  PetscFunctionReturn(0);
}

/* Neighbours of atom i with r < R_c. */
static void gather_neighbours(const mtp_potential *pot, const mtp_neighbors *nb, PetscInt i,
                              mtp_ref_work *w)
{
  const PetscReal *xi = nb->x + 3 * i;
  PetscInt n = 0;

  for (PetscInt k = nb->first[i]; k < nb->first[i + 1]; k++) {
    const PetscReal *xj = nb->x + 3 * nb->index[k];
    const PetscReal x = xj[0] - xi[0], y = xj[1] - xi[1], z = xj[2] - xi[2];
    const PetscReal r = PetscSqrtReal(x * x + y * y + z * z);

    if (r >= pot->cutoff) continue;
    w->neighbour[n] = nb->index[k];
    w->vector[n] = x;
    w->vector[w->stride + n] = y;
    w->vector[2 * w->stride + n] = z;
    w->r[n] = r;
    w->inverse_r[n] = 1.0 / r;
    n++;
  }
  w->n = n;
}

/* Q_k = s (r - R_c)^2 T_k(xi), xi = (2 r - (R_min + R_c)) / (R_c - R_min), and dQ_k/dr, by the
   recurrence T_k = 2 xi T_{k-1} - T_{k-2} and its derivative. */
static void chebyshev_basis(const mtp_potential *pot, PetscReal r, PetscReal q[], PetscReal dq[])
{
  const PetscReal width = pot->cutoff - pot->min_dist, d = r - pot->cutoff;
  const PetscReal xi = (2.0 * r - (pot->min_dist + pot->cutoff)) / width, dxi = 2.0 / width;

  q[0] = pot->scaling * d * d;
  dq[0] = pot->scaling * 2.0 * d;
  q[1] = xi * q[0];
  dq[1] = dxi * q[0] + xi * dq[0];
  for (PetscInt k = 2; k < pot->radial_size; k++) {
    q[k] = 2.0 * xi * q[k - 1] - q[k - 2];
    dq[k] = 2.0 * (dxi * q[k - 1] + xi * dq[k - 1]) - dq[k - 2];
  }
}

/* Q_k(r) and dQ_k/dr; RBChebyshev_repuls holds them at their values at R_min from there down, and
   takes the slope 0 at R_min itself */
void mtp__ref_radial_basis(const mtp_potential *pot, PetscReal r, PetscReal q[], PetscReal dq[])
{
  if (!pot->repulsive || r > pot->min_dist) {
    chebyshev_basis(pot, r, q, dq);
    return;
  }
  chebyshev_basis(pot, pot->min_dist, q, dq);
  for (PetscInt k = 0; k < pot->radial_size; k++) dq[k] = 0.0;
}

/* f_mu(r) = sum_k c[t_i][t_j][mu][k] Q_k(r) and f'_mu(r), for all neighbours */
static void radial_functions(const mtp_potential *pot, const mtp_neighbors *nb, PetscInt i,
                             mtp_ref_work *w)
{
  const PetscInt K = pot->radial_funcs, R = pot->radial_size;

  for (PetscInt n = 0; n < w->n; n++) {
    const PetscInt pair = nb->type[i] * pot->nspecies + nb->type[w->neighbour[n]];
    const PetscReal *c = pot->radial + (size_t)pair * (size_t)(K * R);

    mtp__ref_radial_basis(pot, w->r[n], w->basis, w->dbasis);
    for (PetscInt mu = 0; mu < K; mu++, c += R) {
      PetscReal f = 0.0, df = 0.0;

      for (PetscInt k = 0; k < R; k++) {
        f += c[k] * w->basis[k];
        df += c[k] * w->dbasis[k];
      }
      w->f[mu * w->stride + n] = f;
      w->df[mu * w->stride + n] = df;
    }
  }
}

/* u^a and its derivative a u^(a-1) by u, for u = x/r, y/r, z/r */
static void unit_vector_powers(mtp_ref_work *w)
{
  for (PetscInt axis = 0; axis < 3; axis++) {
    const PetscReal *v = w->vector + axis * w->stride;

    for (PetscInt a = 0; a <= w->rank; a++) {
      PetscReal *power = w->power + (axis * (w->rank + 1) + a) * w->stride;
      PetscReal *slope = w->slope + (axis * (w->rank + 1) + a) * w->stride;

      for (PetscInt n = 0; n < w->n; n++) {
        power[n] = a == 0 ? 1.0 : power[n - w->stride] * (v[n] * w->inverse_r[n]);
        slope[n] = a == 0 ? 0.0 : (PetscReal)a * power[n - w->stride];
      }
    }
  }
}

/* M_q = sum_j f_mu(r_ij) u_x^a u_y^b u_z^c for the basic moments {mu, a, b, c};
   then M_o += m M_p M_q for the products {p, q, m, o} in their order */
static void moments(const mtp_potential *pot, mtp_ref_work *w)
{
  PetscReal *M = w->moment;

  for (PetscInt q = 0; q < pot->nmoment; q++) M[q] = 0.0;
  for (PetscInt q = 0; q < pot->nbasic; q++) {
    const PetscReal *f = w->f + pot->basic[q][0] * w->stride;
    const PetscReal *x = mtp__ref_row(w, w->power, 0, pot->basic[q][1]);
    const PetscReal *y = mtp__ref_row(w, w->power, 1, pot->basic[q][2]);
    const PetscReal *z = mtp__ref_row(w, w->power, 2, pot->basic[q][3]);

    for (PetscInt n = 0; n < w->n; n++) M[q] += f[n] * x[n] * y[n] * z[n];
  }
  for (PetscInt t = 0; t < pot->ntimes; t++) {
    const PetscInt *times = pot->times[t];

    M[times[3]] += (PetscReal)times[2] * M[times[0]] * M[times[1]];
  }
}

void mtp__ref_moments(const mtp_potential *pot, const mtp_neighbors *nb, PetscInt i,
                      mtp_ref_work *w)
{
  gather_neighbours(pot, nb, i, w);
  radial_functions(pot, nb, i, w);
  unit_vector_powers(w);
  moments(pot, w);
}

/* V_i = species coefficient + sum_k moment_coeff_k M[mapping_k] [eV] */
static PetscReal site_energy(const mtp_potential *pot, PetscInt type, const mtp_ref_work *w)
{
  PetscReal energy = pot->species_coeff[type];

  for (PetscInt k = 0; k < pot->nscalar; k++) {
    energy += pot->moment_coeff[k] * w->moment[pot->mapping[k]];
  }
  return energy;
}

/* G = dV_i/dM: the scalars' coefficients, then the products backwards */
void mtp__ref_adjoints(const mtp_potential *pot, mtp_ref_work *w)
{
  PetscReal *G = w->adjoint;
  const PetscReal *M = w->moment;

  for (PetscInt q = 0; q < pot->nmoment; q++) G[q] = 0.0;
  for (PetscInt k = 0; k < pot->nscalar; k++) G[pot->mapping[k]] += pot->moment_coeff[k];
  for (PetscInt t = pot->ntimes - 1; t >= 0; t--) {
    const PetscInt p = pot->times[t][0], q = pot->times[t][1], o = pot->times[t][3];
    const PetscReal m = (PetscReal)pot->times[t][2];

    G[q] += m * G[o] * M[p];
    G[p] += m * G[o] * M[q];
  }
}

/* g_ij = sum over basic moments of G_q grad[f_mu(r) u_x^a u_y^b u_z^c].  With nu = a + b + c and
   the monomial P = x^a y^b z^c the gradient is
     (f'_mu - nu f_mu / r) P(u) u + (f_mu / r) (dP/dx, dP/dy, dP/dz)(u). */
static void pair_gradients(const mtp_potential *pot, mtp_ref_work *w)
{
  PetscReal *restrict gx = w->gradient, *restrict gy = gx + w->stride,
                      *restrict gz = gy + w->stride;
  const PetscReal *ux = mtp__ref_row(w, w->power, 0, 1), *uy = mtp__ref_row(w, w->power, 1, 1),
                  *uz = mtp__ref_row(w, w->power, 2, 1);

  for (PetscInt n = 0; n < w->n; n++) gx[n] = gy[n] = gz[n] = 0.0;
  for (PetscInt q = 0; q < pot->nbasic; q++) {
    const PetscInt *basic = pot->basic[q];
    const PetscReal nu = (PetscReal)(basic[1] + basic[2] + basic[3]), G = w->adjoint[q];
    const PetscReal *f = w->f + basic[0] * w->stride, *df = w->df + basic[0] * w->stride;
    const PetscReal *x = mtp__ref_row(w, w->power, 0, basic[1]),
                    *dx = mtp__ref_row(w, w->slope, 0, basic[1]);
    const PetscReal *y = mtp__ref_row(w, w->power, 1, basic[2]),
                    *dy = mtp__ref_row(w, w->slope, 1, basic[2]);
    const PetscReal *z = mtp__ref_row(w, w->power, 2, basic[3]),
                    *dz = mtp__ref_row(w, w->slope, 2, basic[3]);

    for (PetscInt n = 0; n < w->n; n++) {
      const PetscReal f_over_r = f[n] * w->inverse_r[n];
      const PetscReal along = G * (df[n] - nu * f_over_r) * (x[n] * y[n] * z[n]);
      const PetscReal across = G * f_over_r;

      gx[n] += along * ux[n] + across * dx[n] * y[n] * z[n];
      gy[n] += along * uy[n] + across * x[n] * dy[n] * z[n];
      gz[n] += along * uz[n] + across * x[n] * y[n] * dz[n];
    }
  }
}

/* The wall of RBChebyshev_repuls, for each neighbour with r < R_min:
     V_i += A (exp(-b (r - 1)) - exp(-b (R_min - 1))),  g_ij += -A b exp(-b (r - 1)) u
   with A = 1e4 eV, b = 10 / Å, r in Å.  Adds to g_ij, returns what V_i gains [eV]. */
static PetscReal wall(const mtp_potential *pot, mtp_ref_work *w)
{
  const PetscReal height = 1e4, steepness = 10.0;
  const PetscReal edge = PetscExpReal(-steepness * (pot->min_dist - 1.0));
  PetscReal energy = 0.0;

  for (PetscInt n = 0; n < w->n; n++) {
    if (w->r[n] >= pot->min_dist) continue;
    const PetscReal e = PetscExpReal(-steepness * (w->r[n] - 1.0));

    energy += height * (e - edge);
    for (PetscInt a = 0; a < 3; a++)
      w->gradient[a * w->stride + n] -=
          height * steepness * e * w->inverse_r[n] * w->vector[a * w->stride + n];
  }
  return energy;
}

/* F_i += g_ij, F_j -= g_ij, W[a][b] -= g_ij,a r_ij,b, W_j[a][b] -= r_ij,a g_ij,b */
static void scatter(const mtp_ref_work *w, PetscInt i, mtp_result *out)
{
  for (PetscInt n = 0; n < w->n; n++) {
    const PetscInt j = w->neighbour[n];

    for (PetscInt a = 0; a < 3; a++) {
      const PetscReal ga = w->gradient[a * w->stride + n], ra = w->vector[a * w->stride + n];

      if (out->force) {
        out->force[3 * i + a] += ga;
        out->force[3 * j + a] -= ga;
      }
      for (PetscInt b = 0; b < 3; b++) {
        out->virial[3 * a + b] -= ga * w->vector[b * w->stride + n];
        if (out->atom_virial) {
          out->atom_virial[9 * j + 3 * a + b] -= ra * w->gradient[b * w->stride + n];
        }
      }
    }
  }
}

PetscErrorCode mtp__ref_check(const mtp_potential *pot, const mtp_neighbors *nb)
{
  PetscFunctionBegin;
  PetscCheck(mtp_potential_trained(pot), PETSC_COMM_SELF, PETSC_ERR_ARG_WRONGSTATE,
             "Potential %s has no coefficients: it must be trained first", pot->name);
  PetscCheck(nb->cutoff >= pot->cutoff, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Neighbour list reaches %g Å, the potential %g Å", (double)nb->cutoff,
             (double)pot->cutoff);
  for (PetscInt i = 0; i < nb->nall; i++) {
    PetscCheck(nb->type[i] >= 0 && nb->type[i] < pot->nspecies, PETSC_COMM_SELF,
               PETSC_ERR_ARG_OUTOFRANGE,
               "Atom %" PetscInt_FMT " has type %" PetscInt_FMT
               ", the potential has types 0 to %" PetscInt_FMT,
               i, nb->type[i], pot->nspecies - 1);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_potential_evaluate(const mtp_potential *pot, const mtp_neighbors *nb,
                                      mtp_result *out)
{
  mtp_ref_work w;

  PetscFunctionBegin;
  PetscCall(mtp__ref_check(pot, nb));
  out->energy = 0.0;
  PetscCall(PetscArrayzero(out->virial, 9));
  if (out->force) PetscCall(PetscArrayzero(out->force, 3 * nb->nall));
  if (out->atom_virial) PetscCall(PetscArrayzero(out->atom_virial, 9 * nb->nall));
  PetscCall(mtp__ref_create(pot, nb, &w));
  for (PetscInt i = 0; i < nb->nlocal; i++) {
    PetscReal energy;

    mtp__ref_moments(pot, nb, i, &w);
    energy = site_energy(pot, nb->type[i], &w);
    mtp__ref_adjoints(pot, &w);
    pair_gradients(pot, &w);
    if (pot->repulsive) energy += wall(pot, &w);
    out->energy += energy;
    if (out->site_energy) out->site_energy[i] = energy;
    scatter(&w, i, out);
  }
  PetscCall(mtp__ref_destroy(&w));
  PetscFunctionReturn(0);
}
