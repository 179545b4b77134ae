/* md/md_pot_harmonic.c - springs between pairs: two atoms with exactly one frequency */
#include "md/md_pair.h"

typedef struct {
  PetscReal k, r0, cutoff; /* [eV/Å^2, Å, Å] */
  PetscReal shift;         /* [eV] energy at the cut-off */
} harmonic;

static void pair_energy(const void *data, PetscInt ti, PetscInt tj, PetscReal r2, PetscReal *u,
                        PetscReal *slope)
{
  const harmonic *d = data;
  const PetscReal r = PetscSqrtReal(r2);

  (void)ti;
  (void)tj;
  *u = 0.5 * d->k * (r - d->r0) * (r - d->r0) - d->shift;
  *slope = d->r0 > 0.0 ? d->k * (1.0 - d->r0 / r) : d->k;
}

static PetscErrorCode harmonic_evaluate(const void *data, const mtp_neighbors *nb, mtp_result *out)
{
  PetscFunctionBegin;
  md__pair_evaluate(pair_energy, data, ((const harmonic *)data)->cutoff, nb, out);
  PetscFunctionReturn(0);
}

static PetscErrorCode harmonic_destroy(void *data)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(data));
  PetscFunctionReturn(0);
}

static const md_potential_ops harmonic_ops = {"harmonic", harmonic_evaluate, harmonic_destroy};

PetscErrorCode md_potential_create_harmonic(PetscInt nspecies, PetscReal k, PetscReal r0,
                                            PetscReal cutoff, md_potential **out)
{
  harmonic *d;

  PetscFunctionBegin;
  *out = NULL;
  PetscCheck(k >= 0.0 && r0 >= 0.0 && !PetscIsInfOrNanReal(k) && !PetscIsInfOrNanReal(r0),
             PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Spring has k %g eV/Å^2 and r0 %g Å; wanted k >= 0, r0 >= 0", (double)k, (double)r0);
  PetscCall(md__potential_create(&harmonic_ops, nspecies, cutoff, out));
  PetscCall(PetscNew(&d));
  (*out)->data = d;
  *d = (harmonic){.k = k, .r0 = r0, .cutoff = cutoff};
  d->shift = 0.5 * k * (cutoff - r0) * (cutoff - r0);
  PetscFunctionReturn(0);
}
