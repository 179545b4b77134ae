/* md/md_potential.c - the interface and the pair loop; each potential has a file of its own */
#include "md/md_potential.h"

#include "md/md_pair.h"
#include <math.h>

#define GRADE_PERIOD 50   /* steps between grades, at least */
#define GRADE_SHARE  0.05 /* of the time of all steps that they may take */

PetscErrorCode md__potential_create(const md_potential_ops *ops, PetscInt nspecies,
                                    PetscReal cutoff, md_potential **out)
{
  PetscFunctionBegin;
  *out = NULL;
  PetscCheck(nspecies >= 1, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Potential %s needs at least one species, got %" PetscInt_FMT, ops->name, nspecies);
  PetscCheck(cutoff > 0.0 && !PetscIsInfOrNanReal(cutoff), PETSC_COMM_SELF,
             PETSC_ERR_ARG_OUTOFRANGE, "Potential %s needs a positive cut-off, got %g Å", ops->name,
             (double)cutoff);
  PetscCall(PetscNew(out));
  (*out)->ops = ops;
  (*out)->nspecies = nspecies;
  (*out)->cutoff = cutoff;
  PetscFunctionReturn(0);
}

PetscInt md_potential_grade_period(const md_potential *pot)
{
  if (pot->grade_cost <= 0.0) return 0;
  return PetscMax(GRADE_PERIOD, (PetscInt)PetscCeilReal(pot->grade_cost / GRADE_SHARE));
}

/* So that no number stands where a potential ignored the wish to skip it: a reader would see it. */
static void leave_out(mtp_result *out)
{
  if (out->skip & MTP_SKIP_ENERGY) out->energy = (PetscReal)NAN;
  for (int ab = 0; ab < 9 && (out->skip & MTP_SKIP_VIRIAL); ab++) out->virial[ab] = (PetscReal)NAN;
}

PetscErrorCode md_potential_evaluate(const md_potential *pot, const mtp_neighbors *nb,
                                     mtp_result *out)
{
  PetscFunctionBegin;
  PetscCheck(nb->cutoff >= pot->cutoff, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Neighbour list reaches %g Å, potential %s wants %g Å", (double)nb->cutoff,
             pot->ops->name, (double)pot->cutoff);
  PetscCheck(!out->grade || pot->grade_cost > 0.0, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONGSTATE,
             "Potential %s has no active set: no extrapolation grades", pot->ops->name);
  for (PetscInt i = 0; i < nb->nlocal; i++) {
    PetscCheck(
        nb->type[i] >= 0 && nb->type[i] < pot->nspecies, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
        "Atom %" PetscInt_FMT " has type %" PetscInt_FMT ", potential %s knows 0..%" PetscInt_FMT,
        i, nb->type[i], pot->ops->name, pot->nspecies - 1);
  }
  PetscCall(pot->ops->evaluate(pot->data, nb, out));
  leave_out(out);
  PetscFunctionReturn(0);
}

void md_potential_tail(const md_potential *pot, const PetscInt count[], PetscReal volume,
                       PetscReal *energy, PetscReal *pressure)
{
  *energy = *pressure = 0.0;
  if (pot->tail) pot->tail(pot->data, count, volume, energy, pressure);
}

PetscErrorCode md_potential_destroy(md_potential **pot)
{
  PetscFunctionBegin;
  if (!*pot) PetscFunctionReturn(0);
  if ((*pot)->data) PetscCall((*pot)->ops->destroy((*pot)->data));
  PetscCall(PetscFree(*pot));
  PetscFunctionReturn(0);
}

void md__clear_result(const mtp_neighbors *nb, mtp_result *out)
{
  const size_t nlocal = (size_t)nb->nlocal, nall = (size_t)nb->nall;

  out->energy = 0.0;
  for (int ab = 0; ab < 9; ab++) out->virial[ab] = 0.0;
  for (size_t i = 0; out->site_energy && i < nlocal; i++) out->site_energy[i] = 0.0;
  for (size_t i = 0; out->force && i < 3 * nall; i++) out->force[i] = 0.0;
  for (size_t i = 0; out->atom_virial && i < 9 * nall; i++) out->atom_virial[i] = 0.0;
}

/* Half of a pair, seen from local atom i: r = r_j - r_i, g = dU_i/dr. */
static void add_pair(PetscInt i, PetscInt j, const PetscReal r[3], PetscReal half_slope,
                     mtp_result *out)
{
  const PetscReal g[3] = {half_slope * r[0], half_slope * r[1], half_slope * r[2]};

  for (int a = 0; a < 3; a++) {
    for (int b = 0; b < 3; b++) out->virial[3 * a + b] -= g[a] * r[b];
  }
  if (out->force) {
    for (int a = 0; a < 3; a++) out->force[3 * (size_t)i + a] += g[a];
    for (int a = 0; a < 3; a++) out->force[3 * (size_t)j + a] -= g[a];
  }
  if (out->atom_virial) {
    PetscReal *w = &out->atom_virial[9 * (size_t)j];

    for (int a = 0; a < 3; a++) {
      for (int b = 0; b < 3; b++) w[3 * a + b] -= r[a] * g[b];
    }
  }
}

/* [eV] U_i: half the energies of the pairs of local atom i */
static PetscReal add_row(md__pair_function pair, const void *data, PetscReal cutoff,
                         const mtp_neighbors *nb, PetscInt i, mtp_result *out)
{
  const PetscReal *xi = &nb->x[3 * (size_t)i];
  PetscReal site = 0.0;

  for (PetscInt p = nb->first[i]; p < nb->first[i + 1]; p++) {
    const PetscInt j = nb->index[p];
    const PetscReal *xj = &nb->x[3 * (size_t)j];
    const PetscReal r[3] = {xj[0] - xi[0], xj[1] - xi[1], xj[2] - xi[2]};
    const PetscReal r2 = r[0] * r[0] + r[1] * r[1] + r[2] * r[2];
    PetscReal u, slope;

    if (r2 >= cutoff * cutoff) continue;
    pair(data, nb->type[i], nb->type[j], r2, &u, &slope);
    site += 0.5 * u;
    add_pair(i, j, r, 0.5 * slope, out);
  }
  return site;
}

void md__pair_evaluate(md__pair_function pair, const void *data, PetscReal cutoff,
                       const mtp_neighbors *nb, mtp_result *out)
{
  md__clear_result(nb, out);
  for (PetscInt i = 0; i < nb->nlocal; i++) {
    const PetscReal site = add_row(pair, data, cutoff, nb, i, out);

    out->energy += site;
    if (out->site_energy) out->site_energy[i] = site;
  }
}
