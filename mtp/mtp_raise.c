/* mtp/mtp_raise.c - a potential of a higher level that begins where a trained lower one ended
 *
 * Every scalar is a polynomial in the basic moments.  Two scalars are the same when they have the
 * same value at moments that were drawn at random, keyed by (mu, a, b, c): which product stands
 * where in the tables of a level does not matter.
 */
#include "mtp/mtp_potential.h"
#include "mtp/mtp_potential_impl.h"

/* A number in [0.5, 1.5) of a basic moment's name, the same on every machine. */
static PetscReal value_of(const PetscInt basic[4])
{
  uint64_t x = 0x9e3779b97f4a7c15u;

  for (int k = 0; k < 4; k++) {
    x ^= (uint64_t)basic[k] + 0x632be59bd9b4e019u;
    x *= 0xbf58476d1ce4e5b9u;
    x ^= x >> 29;
    x *= 0x94d049bb133111ebu;
    x ^= x >> 32;
  }
  return 0.5 + (PetscReal)(x >> 11) * 0x1p-53;
}

/* value [nscalar] of all scalars at these moments */
static PetscErrorCode evaluate(const mtp_potential *pot, PetscReal value[])
{
  PetscReal *M;

  PetscFunctionBegin;
  PetscCall(PetscCalloc1(pot->nmoment, &M));
  for (PetscInt b = 0; b < pot->nbasic; b++) M[b] = value_of(pot->basic[b]);
  for (PetscInt t = 0; t < pot->ntimes; t++) {
    const PetscInt *p = pot->times[t];

    M[p[3]] += (PetscReal)p[2] * M[p[0]] * M[p[1]];
  }
  for (PetscInt s = 0; s < pot->nscalar; s++) value[s] = M[pot->mapping[s]];
  PetscCall(PetscFree(M));
  PetscFunctionReturn(0);
}

/* The scalar of `high` that is scalar s of `low`, and was none before; -1: there is none. */
static PetscInt find(PetscReal value, PetscInt n, const PetscReal high[], const PetscBool taken[])
{
  for (PetscInt k = 0; k < n; k++) {
    if (!taken[k] && PetscAbsReal(high[k] - value) <= 1e-10 * PetscAbsReal(value)) return k;
  }
  return -1;
}

static PetscErrorCode copy_linear(const mtp_potential *low, mtp_potential *high)
{
  PetscReal *of_low, *of_high;
  PetscBool *taken;
  PetscInt lost = 0;

  PetscFunctionBegin;
  PetscCall(PetscMalloc3(low->nscalar, &of_low, high->nscalar, &of_high, high->nscalar, &taken));
  PetscCall(PetscArrayzero(taken, high->nscalar));
  PetscCall(evaluate(low, of_low));
  PetscCall(evaluate(high, of_high));
  for (PetscInt s = 0; s < low->nscalar; s++) {
    const PetscInt k = find(of_low[s], high->nscalar, of_high, taken);

    if (k < 0) {
      lost++;
      continue;
    }
    taken[k] = PETSC_TRUE;
    high->moment_coeff[k] = low->moment_coeff[s];
  }
  PetscCall(PetscFree3(of_low, of_high, taken));
  PetscCall(PetscArraycpy(high->species_coeff, low->species_coeff, low->nspecies));
  PetscCheck(lost == 0, PETSC_COMM_SELF, PETSC_ERR_ARG_INCOMP,
             "%" PetscInt_FMT " of %" PetscInt_FMT " scalars are none of the higher level", lost,
             low->nscalar);
  PetscFunctionReturn(0);
}

/* Radial functions that the lower one has are kept; new ones stay what they were. */
static void copy_radial(const mtp_potential *low, mtp_potential *high)
{
  const PetscInt K = low->radial_funcs, R = low->radial_size, Kh = high->radial_funcs,
                 Rh = high->radial_size;

  for (PetscInt pair = 0; pair < low->nspecies * low->nspecies; pair++) {
    for (PetscInt mu = 0; mu < K; mu++) {
      for (PetscInt k = 0; k < Rh; k++)
        high->radial[(pair * Kh + mu) * Rh + k] =
            k < R ? low->radial[(pair * K + mu) * R + k] : 0.0;
    }
  }
}

PetscErrorCode mtp_potential_raise(const mtp_potential *low, mtp_potential *high)
{
  PetscFunctionBegin;
  PetscCheck(low->radial && low->moment_coeff && high->radial && high->moment_coeff,
             PETSC_COMM_SELF, PETSC_ERR_ARG_WRONGSTATE, "Both potentials have coefficients");
  PetscCheck(low->nspecies == high->nspecies && low->radial_funcs <= high->radial_funcs &&
                 low->radial_size <= high->radial_size,
             PETSC_COMM_SELF, PETSC_ERR_ARG_INCOMP,
             "Species and radial functions of the lower potential are not in the higher one");
  high->scaling = low->scaling;
  high->repulsive = low->repulsive;
  high->min_dist = low->min_dist;
  high->cutoff = low->cutoff;
  PetscCall(PetscArraycpy(high->species_label, low->species_label, low->nspecies));
  PetscCall(PetscArrayzero(high->moment_coeff, high->nscalar));
  copy_radial(low, high);
  PetscCall(copy_linear(low, high));
  PetscFunctionReturn(0);
}
