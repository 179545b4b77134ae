/* md/md_pot_lj.c - Lennard-Jones mixtures; epsilon 0 is the ideal gas
 *
 * Not the loop of md_pair.h, because here the loop is what takes the time.  The list is full, and
 * a pair of two local atoms would be met from both sides: it is computed from the side of the atom
 * with the smaller number, and both get their force.  A pair with a ghost has its other half in the
 * row of the ghost's atom, here or on another rank: the local atom gets the whole force and the
 * ghost nothing.  Energies, virials and virials of atoms are shared as md_potential.h says.
 * Forces are made by the same code with sums and without, and so are the same to the bit.
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
  PetscBool force_shifted;
  lj_pair *pair; /* [nspecies,nspecies] */
} lj;

/* Unshifted energy [eV] and u'(r)/r [eV/Å^2]. */
static inline void bare(const lj_pair *p, PetscReal r2, PetscReal *u, PetscReal *slope)
{
  const PetscReal i2 = 1.0 / r2, s2 = p->sigma2 * i2, s6 = s2 * s2 * s2;

  *u = p->epsilon4 * s6 * (s6 - 1.0);
  *slope = p->epsilon4 * s6 * (6.0 - 12.0 * s6) * i2;
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

/* Pairs of one atom that are within the cut-off, a few at a time: distances first, without a branch
   that cannot be foretold, then numbers in plain loops, then forces. */
enum { CHUNK = 64 };

typedef struct {
  PetscInt n;
  PetscInt j[CHUNK];
  PetscInt pair[CHUNK];                              /* into lj.pair */
  PetscReal x[CHUNK], y[CHUNK], z[CHUNK], r2[CHUNK]; /* r_j - r_i and its square */
  PetscReal epsilon4[CHUNK], sigma2[CHUNK], slope[CHUNK];
} chunk;

/* Fills a chunk from row i at *place on, which moves on; atoms of smaller numbers have the pair in
   their own rows.  Atoms of an ideal gas may sit on each other: such pairs are left out. */
static inline void collect(const lj *d, const mtp_neighbors *nb, PetscInt i, PetscInt *place,
                           chunk *c)
{
  const PetscReal *from = &nb->x[3 * (size_t)i], limit = d->cutoff * d->cutoff;
  const PetscInt row = nb->type[i] * d->nspecies, end = nb->first[i + 1];
  PetscInt k = *place, n = 0;

  for (; k < end && n < CHUNK; k++) {
    const PetscInt j = nb->index[k];
    const PetscReal *to = &nb->x[3 * (size_t)j];
    const lj_pair *p;

    if (j < i) continue;
    c->pair[n] = row + (d->nspecies == 1 ? 0 : nb->type[j]);
    p = &d->pair[c->pair[n]];
    c->j[n] = j;
    c->x[n] = to[0] - from[0];
    c->y[n] = to[1] - from[1];
    c->z[n] = to[2] - from[2];
    c->r2[n] = c->x[n] * c->x[n] + c->y[n] * c->y[n] + c->z[n] * c->z[n];
    c->epsilon4[n] = p->epsilon4;
    c->sigma2[n] = p->sigma2;
    n += (c->r2[n] < limit) & (p->epsilon4 != 0.0);
  }
  *place = k;
  c->n = n;
}

/* u'(r)/r [eV/Å^2] of all */
static inline void find_slopes(const lj *d, chunk *c)
{
  for (PetscInt k = 0; k < c->n; k++) {
    const PetscReal i2 = 1.0 / c->r2[k], s2 = c->sigma2[k] * i2, s6 = s2 * s2 * s2;

    c->slope[k] = c->epsilon4[k] * s6 * (6.0 - 12.0 * s6) * i2;
  }
  for (PetscInt k = 0; k < c->n && d->force_shifted; k++)
    c->slope[k] -= d->pair[c->pair[k]].force / PetscSqrtReal(c->r2[k]);
}

/* Adds to the force on i in `total`; ghosts get nothing. */
static inline void add_forces(const chunk *c, PetscInt nlocal, PetscReal *restrict force,
                              PetscReal total[3])
{
  for (PetscInt k = 0; k < c->n; k++) {
    const PetscReal f[3] = {c->slope[k] * c->x[k], c->slope[k] * c->y[k], c->slope[k] * c->z[k]};
    PetscReal *to = &force[3 * (size_t)c->j[k]];

    for (int a = 0; a < 3; a++) total[a] += f[a];
    if (c->j[k] >= nlocal) continue;
    for (int a = 0; a < 3; a++) to[a] -= f[a];
  }
}

static void add_all_sums(const lj *d, const chunk *c, PetscInt i, PetscInt nlocal, mtp_result *out)
{
  for (PetscInt k = 0; k < c->n; k++) {
    const PetscReal r[3] = {c->x[k], c->y[k], c->z[k]};
    PetscReal u, slope;

    bare(&d->pair[c->pair[k]], c->r2[k], &u, &slope);
    u -= d->pair[c->pair[k]].shift;
    if (d->force_shifted) u -= d->pair[c->pair[k]].force * (PetscSqrtReal(c->r2[k]) - d->cutoff);
    add_sums(i, c->j[k], r, u, c->slope[k], c->j[k] < nlocal ? 1.0 : 0.5, out);
  }
}

/* Row of local atom i; `sums`: more than forces; c is scratch. */
static void add_row(const lj *d, const mtp_neighbors *nb, PetscInt i, PetscBool sums, chunk *c,
                    mtp_result *out)
{
  PetscReal total[3] = {0.0, 0.0, 0.0};

  for (PetscInt place = nb->first[i]; place < nb->first[i + 1];) {
    collect(d, nb, i, &place, c);
    find_slopes(d, c);
    if (out->force) add_forces(c, nb->nlocal, out->force, total);
    if (sums) add_all_sums(d, c, i, nb->nlocal, out);
  }
  for (int a = 0; a < 3 && out->force; a++) out->force[3 * (size_t)i + (size_t)a] += total[a];
}

static PetscErrorCode lj_evaluate(const void *data, const mtp_neighbors *nb, mtp_result *out)
{
  const unsigned both = MTP_SKIP_ENERGY | MTP_SKIP_VIRIAL;
  const PetscBool sums =
      (PetscBool)((out->skip & both) != both || out->site_energy || out->atom_virial);
  chunk c = {.n = 0};

  PetscFunctionBegin;
  md__clear_result(nb, out);
  for (PetscInt i = 0; i < nb->nlocal; i++) add_row(data, nb, i, sums, &c, out);
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
  d->force_shifted = (PetscBool)(options->truncation == MD_FORCE_SHIFTED);
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
