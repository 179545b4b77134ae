/* md/md_pot_lj.c - truncated and shifted Lennard-Jones; epsilon 0 is the ideal gas */
#include "md/md_pair.h"

/* One pair of species: u = 4 epsilon (s12 - s6) - shift - force * (r - cutoff) */
typedef struct {
  PetscReal epsilon4; /* [eV] */
  PetscReal sigma2;   /* [Å^2] */
  PetscReal shift;    /* [eV] energy at the cut-off */
  PetscReal force;    /* [eV/Å] slope at the cut-off, or 0 */
} lj_pair;

typedef struct {
  PetscInt nspecies;
  PetscReal cutoff;
  lj_pair *pair; /* [nspecies,nspecies] */
} lj;

/* Unshifted energy [eV] and u'(r)/r [eV/Å^2]. */
static void bare(const lj_pair *p, PetscReal r2, PetscReal *u, PetscReal *slope)
{
  const PetscReal s2 = p->sigma2 / r2, s6 = s2 * s2 * s2;

  *u = p->epsilon4 * s6 * (s6 - 1.0);
  *slope = p->epsilon4 * s6 * (6.0 - 12.0 * s6) / r2;
}

static void pair_energy(const void *data, PetscInt ti, PetscInt tj, PetscReal r2, PetscReal *u,
                        PetscReal *slope)
{
  const lj *d = data;
  const lj_pair *p = &d->pair[ti * d->nspecies + tj];

  *u = *slope = 0.0;
  if (p->epsilon4 == 0.0) return; /* atoms of an ideal gas may sit on each other */
  bare(p, r2, u, slope);
  *u -= p->shift;
  if (p->force != 0.0) {
    const PetscReal r = PetscSqrtReal(r2);

    *u -= p->force * (r - d->cutoff);
    *slope -= p->force / r;
  }
}

static PetscErrorCode lj_evaluate(const void *data, const mtp_neighbors *nb, mtp_result *out)
{
  PetscFunctionBegin;
  md__pair_evaluate(pair_energy, data, ((const lj *)data)->cutoff, nb, out);
  PetscFunctionReturn(0);
}

static PetscErrorCode lj_destroy(void *data)
{
  lj *d = data;

  PetscFunctionBegin;
  PetscCall(PetscFree(d->pair));
  PetscCall(PetscFree(d));
  PetscFunctionReturn(0);
}

static const md_potential_ops lj_ops = {"lj", lj_evaluate, lj_destroy};

static PetscErrorCode check_parameters(PetscInt n, const PetscReal epsilon[],
                                       const PetscReal sigma[])
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < n; i++) {
    for (PetscInt j = 0; j < n; j++) {
      const PetscReal e = epsilon[i * n + j], s = sigma[i * n + j];

      PetscCheck(e >= 0.0 && s > 0.0 && !PetscIsInfOrNanReal(e) && !PetscIsInfOrNanReal(s),
                 PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
                 "Lennard-Jones pair %" PetscInt_FMT "-%" PetscInt_FMT
                 " has epsilon %g eV and sigma %g Å; wanted epsilon >= 0, sigma > 0",
                 i, j, (double)e, (double)s);
      PetscCheck(e == epsilon[j * n + i] && s == sigma[j * n + i], PETSC_COMM_SELF,
                 PETSC_ERR_ARG_OUTOFRANGE,
                 "Lennard-Jones pairs %" PetscInt_FMT "-%" PetscInt_FMT " and %" PetscInt_FMT
                 "-%" PetscInt_FMT " differ",
                 i, j, j, i);
    }
  }
  PetscFunctionReturn(0);
}

static void set_pair(PetscReal epsilon, PetscReal sigma, PetscReal cutoff, PetscBool force_shift,
                     lj_pair *p)
{
  PetscReal slope;

  *p = (lj_pair){.epsilon4 = 4.0 * epsilon, .sigma2 = sigma * sigma};
  bare(p, cutoff * cutoff, &p->shift, &slope);
  if (force_shift) p->force = slope * cutoff;
}

PetscErrorCode md_potential_create_lj(PetscInt nspecies, const PetscReal epsilon[],
                                      const PetscReal sigma[], PetscReal cutoff,
                                      PetscBool force_shift, md_potential **out)
{
  lj *d;

  PetscFunctionBegin;
  *out = NULL;
  PetscCall(check_parameters(nspecies, epsilon, sigma));
  PetscCall(md__potential_create(&lj_ops, nspecies, cutoff, out));
  PetscCall(PetscNew(&d));
  (*out)->data = d;
  d->nspecies = nspecies;
  d->cutoff = cutoff;
  PetscCall(PetscMalloc1(nspecies * nspecies, &d->pair));
  for (PetscInt ij = 0; ij < nspecies * nspecies; ij++) {
    set_pair(epsilon[ij], sigma[ij], cutoff, force_shift, &d->pair[ij]);
  }
  PetscFunctionReturn(0);
}
