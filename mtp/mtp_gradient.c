/* mtp/mtp_gradient.c - derivatives of site energies by the coefficients, reference quality
 *
 * V_i depends on a radial coefficient through the basic moments of one mu and the neighbours of one
 * type only.  So the adjoints G_q of the basic moments are first summed over q for each neighbour,
 *   h_mu(j) = sum_{q of mu} G_q u_x^a u_y^b u_z^c,
 * and the derivative is the sum of h_mu(j) Q_k(r_j) over the neighbours of the type: nbasic + K R
 * operations a neighbour instead of nbasic R.
 */
#include "mtp/mtp_gradient.h"

#include "mtp/mtp_eval_ref_impl.h"

/* h_mu of all neighbours: h[K][stride] */
static void weighted_harmonics(const mtp_potential *pot, const mtp_ref_work *w, PetscReal h[])
{
  for (PetscInt m = 0; m < pot->radial_funcs * w->stride; m++) h[m] = 0.0;
  for (PetscInt q = 0; q < pot->nbasic; q++) {
    const PetscReal *x = mtp__ref_row(w, w->power, 0, pot->basic[q][1]);
    const PetscReal *y = mtp__ref_row(w, w->power, 1, pot->basic[q][2]);
    const PetscReal *z = mtp__ref_row(w, w->power, 2, pot->basic[q][3]);
    PetscReal *to = h + pot->basic[q][0] * w->stride;

    for (PetscInt n = 0; n < w->n; n++) to[n] += w->adjoint[q] * x[n] * y[n] * z[n];
  }
}

/* sum_j h_mu(j) Q_k(r_j) into the block c[t_i][t_j] of each neighbour */
static void radial_derivatives(const mtp_potential *pot, const mtp_neighbors *nb, PetscInt i,
                               mtp_ref_work *w, const PetscReal h[], PetscReal out[])
{
  const PetscInt K = pot->radial_funcs, R = pot->radial_size, S = pot->nspecies;

  for (PetscInt n = 0; n < w->n; n++) {
    const PetscInt pair = nb->type[i] * S + nb->type[w->neighbour[n]];
    PetscReal *block = out + (size_t)pair * (size_t)(K * R);

    mtp__ref_radial_basis(pot, w->r[n], w->basis, w->dbasis);
    for (PetscInt mu = 0; mu < K; mu++) {
      for (PetscInt k = 0; k < R; k++) block[mu * R + k] += h[mu * w->stride + n] * w->basis[k];
    }
  }
}

static void site_row(const mtp_potential *pot, const mtp_neighbors *nb, PetscInt i, mtp_ref_work *w,
                     PetscReal h[], PetscReal row[])
{
  const PetscInt S = pot->nspecies, nradial = S * S * pot->radial_funcs * pot->radial_size;
  PetscReal *species = row + nradial, *moment = species + S;

  for (PetscInt k = 0; k < nradial + S; k++) row[k] = 0.0;
  mtp__ref_moments(pot, nb, i, w);
  mtp__ref_adjoints(pot, w);
  weighted_harmonics(pot, w, h);
  radial_derivatives(pot, nb, i, w, h, row);
  species[nb->type[i]] = 1.0;
  for (PetscInt k = 0; k < pot->nscalar; k++) moment[k] = w->moment[pot->mapping[k]];
}

PetscErrorCode mtp_gradient_sites(const mtp_potential *pot, const mtp_neighbors *nb, PetscInt first,
                                  PetscInt count, PetscReal rows[])
{
  mtp_potential_info info;
  mtp_ref_work w;
  PetscReal *h;

  PetscFunctionBegin;
  PetscCall(mtp__ref_check(pot, nb));
  PetscCheck(first >= 0 && count >= 0 && first <= nb->nlocal - count, PETSC_COMM_SELF,
             PETSC_ERR_ARG_OUTOFRANGE,
             "Atoms %" PetscInt_FMT " to %" PetscInt_FMT " of a list with %" PetscInt_FMT, first,
             first + count - 1, nb->nlocal);
  PetscCall(mtp_potential_get_info(pot, &info));
  PetscCall(mtp__ref_create(pot, nb, &w));
  PetscCall(PetscMalloc1((size_t)pot->radial_funcs * (size_t)w.stride, &h));
  for (PetscInt i = 0; i < count; i++)
    site_row(pot, nb, first + i, &w, h, rows + (size_t)i * (size_t)info.ncoeff);
  PetscCall(PetscFree(h));
  PetscCall(mtp__ref_destroy(&w));
  PetscFunctionReturn(0);
}
