/* md/md_pot_lj.c - Lennard-Jones mixtures; epsilon 0 is the ideal gas
 *
 * Not the loop of md_pair.h, because here the loop is what takes the time.  The list is full, and
 * a pair of two local atoms would be met from both sides: it is computed from the side of the atom
 * with the smaller number, and both get their force.  A pair with a ghost has its other half in the
 * row of the ghost's atom, here or on another rank: the local atom gets the whole force and the
 * ghost nothing.  Energies, virials and virials of atoms are shared as md_potential.h says.
 * Everything is one function made twice, with sums and without, so that forces are the same to the
 * bit in both.
 */
#include "md/md_pair.h"

/* One pair of species: u = 4 epsilon (s12 - s6) - shift - force (r - cutoff) */
typedef struct {
  PetscReal epsilon4; /* [eV] */
  PetscReal sigma2;   /* [Å^2] */
  PetscReal shift;    /* [eV] energy at the cut-off, or 0 */
  PetscReal force;    /* [eV/Å] slope at the cut-off, or 0 */
} lj_pair;

typedef struct {
  PetscInt nspecies;
  PetscReal cutoff;
  lj_pair *pair; /* [nspecies,nspecies] */
} lj;

/* Unshifted energy [eV] and u'(r)/r [eV/Å^2]. */
static inline void bare(const lj_pair *p, PetscReal r2, PetscReal *u, PetscReal *slope)
{
  const PetscReal i2 = 1.0 / r2, s2 = p->sigma2 * i2, s6 = s2 * s2 * s2;

  *u = p->epsilon4 * s6 * (s6 - 1.0);
  *slope = p->epsilon4 * s6 * (6.0 - 12.0 * s6) * i2;
}

/* What is left of both when the cut-off has been dealt with. */
static inline void truncate_pair(const lj *d, const lj_pair *p, PetscReal r2, PetscReal *u,
                                 PetscReal *slope)
{
  *u -= p->shift;
  if (p->force != 0.0) {
    const PetscReal r = PetscSqrtReal(r2);

    *u -= p->force * (r - d->cutoff);
    *slope -= p->force / r;
  }
}

/* Energy and virials of a pair whose atom j is local (share 1) or a ghost (share 1/2). */
static void add_sums(PetscInt i, PetscInt j, const PetscReal r[3], PetscReal u, PetscReal slope,
                     PetscReal share, mtp_result *out)
{
  out->energy += share * u;
  if (out->site_energy) {
    out->site_energy[i] += 0.5 * u;
    if (share == 1.0) out->site_energy[j] += 0.5 * u;
  }
  for (int ab = 0; ab < 9; ab++) {
    const PetscReal w = -slope * r[ab / 3] * r[ab % 3];

    out->virial[ab] += share * w;
    if (!out->atom_virial) continue;
    out->atom_virial[9 * (size_t)j + (size_t)ab] += 0.5 * w;
    if (share == 1.0) out->atom_virial[9 * (size_t)i + (size_t)ab] += 0.5 * w;
  }
}

/* Row of local atom i; `sums`: more than forces. */
static inline void add_row(const lj *d, const mtp_neighbors *nb, PetscInt i, PetscBool sums,
                           PetscReal *restrict force, mtp_result *out)
{
  const PetscReal x = nb->x[3 * (size_t)i], y = nb->x[3 * (size_t)i + 1],
                  z = nb->x[3 * (size_t)i + 2], limit = d->cutoff * d->cutoff;
  const lj_pair *pairs = &d->pair[nb->type[i] * d->nspecies];
  PetscReal fx = 0.0, fy = 0.0, fz = 0.0;

  for (PetscInt k = nb->first[i]; k < nb->first[i + 1]; k++) {
    const PetscInt j = nb->index[k];
    const PetscReal *to = &nb->x[3 * (size_t)j], r[3] = {to[0] - x, to[1] - y, to[2] - z};
    const PetscReal r2 = r[0] * r[0] + r[1] * r[1] + r[2] * r[2];
    const lj_pair *p = &pairs[d->nspecies == 1 ? 0 : nb->type[j]];
    PetscReal u, slope;

    if (r2 >= limit || j < i || p->epsilon4 == 0.0) continue; /* of an ideal gas r2 may be 0 */
    bare(p, r2, &u, &slope);
    truncate_pair(d, p, r2, &u, &slope);
    fx += slope * r[0];
    fy += slope * r[1];
    fz += slope * r[2];
    if (j < nb->nlocal) {
      for (int a = 0; a < 3; a++) force[3 * (size_t)j + (size_t)a] -= slope * r[a];
    }
    if (sums) add_sums(i, j, r, u, slope, j < nb->nlocal ? 1.0 : 0.5, out);
  }
  force[3 * (size_t)i] += fx;
  force[3 * (size_t)i + 1] += fy;
  force[3 * (size_t)i + 2] += fz;
}

static PetscErrorCode lj_evaluate(const void *data, const mtp_neighbors *nb, mtp_result *out)
{
  const unsigned both = MTP_SKIP_ENERGY | MTP_SKIP_VIRIAL;
  const PetscBool sums =
      (PetscBool)((out->skip & both) != both || out->site_energy || out->atom_virial);
  PetscReal *force = out->force;

  PetscFunctionBegin;
  md__clear_result(nb, out);
  if (!force) PetscCall(PetscCalloc1(3 * (size_t)nb->nall + 1, &force));
  for (PetscInt i = 0; i < nb->nlocal; i++) {
    if (sums)
      add_row(data, nb, i, PETSC_TRUE, force, out);
    else
      add_row(data, nb, i, PETSC_FALSE, force, out);
  }
  if (!out->force) PetscCall(PetscFree(force));
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

/* int r^2 u dr = 4 epsilon (s12/(9 r^9) - s6/(3 r^3)) from the cut-off on, and int r^3 u' dr =
   4 epsilon (-12 s12/(9 r^9) + 6 s6/(3 r^3)) */
static void lj_tail(const void *data, const PetscInt count[], PetscReal volume, PetscReal *energy,
                    PetscReal *pressure)
{
  const lj *d = data;
  const PetscReal r3 = d->cutoff * d->cutoff * d->cutoff;

  for (PetscInt ij = 0; ij < d->nspecies * d->nspecies; ij++) {
    const lj_pair *p = &d->pair[ij];
    const PetscInt i = ij / d->nspecies, j = ij % d->nspecies;
    const PetscReal pairs = (PetscReal)count[i] * (PetscReal)count[j] / volume;
    const PetscReal s6 = p->sigma2 * p->sigma2 * p->sigma2;
    const PetscReal far12 = p->epsilon4 * s6 * s6 / (9.0 * r3 * r3 * r3),
                    far6 = p->epsilon4 * s6 / (3.0 * r3);

    *energy += 2.0 * PETSC_PI * pairs * (far12 - far6);
    *pressure += 2.0 * PETSC_PI / 3.0 * pairs / volume * (12.0 * far12 - 6.0 * far6);
  }
}

/* Creation ----------------------------------------------------------------------------------- */

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

static void set_pair(PetscReal epsilon, PetscReal sigma, const md_lj_options *options, lj_pair *p)
{
  const PetscReal cutoff = options->cutoff;
  PetscReal u, slope;

  *p = (lj_pair){.epsilon4 = 4.0 * epsilon, .sigma2 = sigma * sigma};
  bare(p, cutoff * cutoff, &u, &slope);
  if (options->truncation != MD_TRUNCATED) p->shift = u;
  if (options->truncation == MD_FORCE_SHIFTED) p->force = slope * cutoff;
}

void md_lorentz_berthelot(PetscInt n, PetscReal epsilon[], PetscReal sigma[])
{
  for (PetscInt i = 0; i < n; i++) {
    for (PetscInt j = 0; j < n; j++) {
      if (j == i) continue;
      sigma[i * n + j] = 0.5 * (sigma[i * n + i] + sigma[j * n + j]);
      epsilon[i * n + j] = PetscSqrtReal(epsilon[i * n + i] * epsilon[j * n + j]);
    }
  }
}

PetscErrorCode md_potential_create_lj_with(const md_lj_options *options, md_potential **out)
{
  const PetscInt n = options->nspecies;
  lj *d;

  PetscFunctionBegin;
  *out = NULL;
  PetscCall(check_parameters(n, options->epsilon, options->sigma));
  PetscCheck(options->min_dist >= 0.0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Shortest distance is %g Å, wanted >= 0", (double)options->min_dist);
  PetscCall(md__potential_create(&lj_ops, n, options->cutoff, out));
  PetscCall(PetscNew(&d));
  (*out)->data = d;
  (*out)->min_dist = options->min_dist;
  (*out)->tail = lj_tail;
  d->nspecies = n;
  d->cutoff = options->cutoff;
  PetscCall(PetscMalloc1(n * n, &d->pair));
  for (PetscInt ij = 0; ij < n * n; ij++) {
    set_pair(options->epsilon[ij], options->sigma[ij], options, &d->pair[ij]);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode md_potential_create_lj(PetscInt nspecies, const PetscReal epsilon[],
                                      const PetscReal sigma[], PetscReal cutoff,
                                      PetscBool force_shift, md_potential **out)
{
  const md_lj_options options = {.nspecies = nspecies,
                                 .epsilon = epsilon,
                                 .sigma = sigma,
                                 .cutoff = cutoff,
                                 .truncation = force_shift ? MD_FORCE_SHIFTED : MD_SHIFTED};

  PetscFunctionBegin;
  PetscCall(md_potential_create_lj_with(&options, out));
  PetscFunctionReturn(0);
}
