/* properties/prop_thermal_spectrum.c - cross-spectra of heat and mass currents, and what is left of
 * the heat current's when the others are known
 *
 * Currents are ordered masses first, heat last.  For every bin, sums S_ab of conj(x_a) x_b over all
 * replicas and components; eliminating the masses one after the other (Cholesky) leaves in the last
 * place the part of the heat current that a regression on them does not explain, 1/(S^-1)_00.  With
 * l components and m currents that is a chi-square with 2 (l - m + 1) degrees of freedom.
 *
 * Before that the same is done once with real coefficients in time.  It changes nothing but
 * rounding: a zero of energy that is a thousand times larger than what fluctuates would cost six
 * digits squared.  Currents that depend on others there are dropped.
 */
#include <complex.h>
#include <math.h>

#include <fftw3.h>

#include "md/md_units.h"
#include "properties/prop_thermal_impl.h"

/* A current of which less than so much (squared) does not depend on others is none of its own. */
#define INDEPENDENT 1e-10

typedef struct {
  const prop_heat_flux *replica;
  PetscInt nreplica, n, m;
  PetscInt *mass;  /* [m - 1] species whose currents are used */
  PetscReal *mix;  /* [m, m] x_b -= mix[a m + b] x_a, in order of a */
  double *x;       /* [m, n] the currents of one component */
  fftw_complex *f; /* [m, n/2 + 1] and their transforms */
  fftw_plan plan;  /* of one current */
} currents;

/* Component a of replica r, mean taken away and scaled; all currents of a replica alike, so that a
   sum of currents is one in every replica */
static void load(currents *c, PetscInt r, PetscInt a)
{
  const prop_heat_flux *from = &c->replica[r];
  const PetscReal scale = 1.0 / (from->temperature * sqrt(MD_BOLTZMANN * from->volume));

  for (PetscInt j = 0; j < c->m; j++) {
    const PetscReal *in = j == c->m - 1 ? from->heat[a] : from->sum[3 * c->mass[j] + a];
    PetscReal mean = 0.0;

    for (PetscInt i = 0; i < c->n; i++) mean += in[i] / (PetscReal)c->n;
    for (PetscInt i = 0; i < c->n; i++) c->x[j * c->n + i] = scale * (in[i] - mean);
  }
}

/* Takes x_a out of those after it */
static void unmix(currents *c)
{
  for (PetscInt a = 0; a < c->m; a++) {
    for (PetscInt b = a + 1; b < c->m; b++) {
      const PetscReal by = c->mix[a * c->m + b];

      for (PetscInt i = 0; i < c->n; i++) c->x[b * c->n + i] -= by * c->x[a * c->n + i];
    }
  }
}

/* [m, m] sums of products over all components */
static void gram_of(currents *c, PetscReal gram[])
{
  for (PetscInt q = 0; q < 3 * c->nreplica; q++) {
    load(c, q / 3, q % 3);
    for (PetscInt a = 0; a < c->m; a++) {
      for (PetscInt b = a; b < c->m; b++) {
        PetscReal sum = 0.0;

        for (PetscInt i = 0; i < c->n; i++) sum += c->x[a * c->n + i] * c->x[b * c->n + i];
        gram[a * c->m + b] += sum;
      }
    }
  }
}

/* Coefficients of the regression in time by elimination; the number of a mass current that depends
   on others, or -1 */
static PetscInt eliminate(PetscInt m, PetscReal gram[], PetscReal mix[])
{
  PetscInt dependent = -1;

  for (PetscInt a = m - 2; a >= 0; a--) mix[a * m + a] = gram[a * m + a];
  for (PetscInt a = 0; a < m - 1 && dependent < 0; a++) {
    if (!(gram[a * m + a] > INDEPENDENT * mix[a * m + a])) dependent = a;
    for (PetscInt b = a + 1; b < m && dependent < 0; b++) {
      mix[a * m + b] = gram[a * m + b] / gram[a * m + a];
    }
    for (PetscInt b = a + 1; b < m && dependent < 0; b++) {
      for (PetscInt d = b; d < m; d++) gram[b * m + d] -= mix[a * m + b] * gram[a * m + d];
    }
  }
  return dependent;
}

/* Drops currents that depend on others until none does, and finds the coefficients */
static PetscErrorCode regress(currents *c)
{
  const PetscInt m = c->m;
  PetscInt dependent;
  PetscReal *gram;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(m * m, &gram));
  do {
    PetscCall(PetscArrayzero(gram, m * m));
    PetscCall(PetscArrayzero(c->mix, m * m));
    gram_of(c, gram);
    dependent = eliminate(c->m, gram, c->mix);
    if (dependent >= 0) {
      for (PetscInt j = dependent; j + 2 < c->m; j++) c->mass[j] = c->mass[j + 1];
      c->m--;
    }
  } while (dependent >= 0);
  PetscCall(PetscFree(gram));
  PetscFunctionReturn(0);
}

static PetscErrorCode currents_clear(currents *c)
{
  PetscFunctionBegin;
  if (c->plan) fftw_destroy_plan(c->plan);
  fftw_free(c->x);
  fftw_free(c->f);
  PetscCall(PetscFree2(c->mass, c->mix));
  *c = (currents){0};
  PetscFunctionReturn(0);
}

static PetscErrorCode currents_create(PetscInt nreplica, const prop_heat_flux replica[],
                                      PetscInt nspecies, currents *c)
{
  const PetscInt n = replica[0].n;

  PetscFunctionBegin;
  *c = (currents){.replica = replica, .nreplica = nreplica, .n = n, .m = nspecies};
  PetscCall(PetscMalloc2(nspecies, &c->mass, nspecies * nspecies, &c->mix));
  for (PetscInt s = 0; s < nspecies; s++) c->mass[s] = s;
  c->x = fftw_alloc_real((size_t)nspecies * (size_t)n);
  c->f = fftw_alloc_complex((size_t)nspecies * (size_t)(n / 2 + 1));
  if (c->x && c->f)
    c->plan = fftw_plan_dft_r2c_1d((int)n, c->x, c->f, FFTW_ESTIMATE | FFTW_UNALIGNED);
  if (!c->plan) PetscCall(currents_clear(c));
  PetscCheck(c->plan, PETSC_COMM_SELF, PETSC_ERR_MEM,
             "No memory for transforms of %" PetscInt_FMT " currents of %" PetscInt_FMT " blocks",
             nspecies, n);
  PetscCall(regress(c));
  PetscFunctionReturn(0);
}

/* Transforms of all currents of component a of replica r */
static void transform(currents *c, PetscInt r, PetscInt a)
{
  load(c, r, a);
  unmix(c);
  for (PetscInt j = 0; j < c->m; j++) {
    fftw_execute_dft_r2c(c->plan, c->x + j * c->n, c->f + j * (c->n / 2 + 1));
  }
}

/* Adds conj(x_a) x_b of bins 1 .. nbin to s [nbin, m, m], a <= b */
static void add_products(const currents *c, PetscInt nbin, double complex s[])
{
  const PetscInt m = c->m, stride = c->n / 2 + 1;

  for (PetscInt k = 1; k <= nbin; k++) {
    double complex *at = s + (k - 1) * m * m;

    for (PetscInt a = 0; a < m; a++) {
      for (PetscInt b = a; b < m; b++)
        at[a * m + b] += conj(c->f[a * stride + k]) * c->f[b * stride + k];
    }
  }
}

/* Rows of the eliminated matrix stay, for reduce(); the last element is the reduced spectrum. */
static void eliminate_bin(PetscInt m, double complex s[])
{
  for (PetscInt a = 0; a < m - 1; a++) {
    const double pivot = creal(s[a * m + a]);

    for (PetscInt b = a + 1; b < m && pivot > 0.0; b++) {
      for (PetscInt d = b; d < m; d++) s[b * m + d] -= conj(s[a * m + b]) * s[a * m + d] / pivot;
    }
  }
}

/* |heat - regression on the others|^2 of bin k, by rows that eliminate_bin() left; in place */
static PetscReal reduce(currents *c, const double complex s[], PetscInt k)
{
  const PetscInt m = c->m, stride = c->n / 2 + 1;
  double complex *x = c->f + k;

  for (PetscInt a = 0; a < m - 1; a++) {
    const double pivot = creal(s[a * m + a]);

    for (PetscInt b = a + 1; b < m && pivot > 0.0; b++)
      x[b * stride] -= s[a * m + b] / pivot * x[a * stride];
  }
  return creal(conj(x[(m - 1) * stride]) * x[(m - 1) * stride]);
}

/* Adds the power of the heat current as it came; what was taken out in time belongs to it */
static void add_single(currents *c, PetscInt r, PetscInt a, PetscInt nbin, PetscReal single[])
{
  load(c, r, a);
  fftw_execute_dft_r2c(c->plan, c->x + (c->m - 1) * c->n, c->f);
  for (PetscInt k = 1; k <= nbin; k++) single[k - 1] += creal(conj(c->f[k]) * c->f[k]);
}

PetscErrorCode prop_reduced_create(PetscInt nreplica, const prop_heat_flux replica[],
                                   PetscInt nspecies, PetscReal step, prop_reduced *out)
{
  const PetscInt n = replica[0].n, nbin = (n - 1) / 2;
  const PetscReal unit = 0.5 * step / (PetscReal)n;
  double complex *s;
  currents c;

  PetscFunctionBegin;
  PetscCall(currents_create(nreplica, replica, nspecies, &c));
  *out = (prop_reduced){.n = n, .nbin = nbin, .step = step, .currents = c.m};
  out->dof = 3 * nreplica - c.m + 1;
  PetscCall(PetscCalloc2(nbin, &out->reduced, nbin, &out->single));
  PetscCall(PetscCalloc1(nbin * c.m * c.m, &s));
  for (PetscInt q = 0; q < 3 * nreplica; q++) {
    transform(&c, q / 3, q % 3);
    add_products(&c, nbin, s);
    add_single(&c, q / 3, q % 3, nbin, out->single);
  }
  for (PetscInt k = 0; k < nbin; k++) {
    eliminate_bin(c.m, s + k * c.m * c.m);
    out->reduced[k] = unit * creal(s[(k + 1) * c.m * c.m - 1]) / (PetscReal)PetscMax(1, out->dof);
    out->single[k] *= unit / (PetscReal)(3 * nreplica);
  }
  PetscCall(PetscFree(s));
  PetscCall(currents_clear(&c));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_reduced_replicas(PetscInt nreplica, const prop_heat_flux replica[],
                                     PetscInt nspecies, PetscReal step, PetscInt nbin,
                                     PetscReal power[])
{
  const PetscReal unit = 0.5 * step / (PetscReal)(3 * nbin * replica[0].n);
  double complex *s;
  currents c;

  PetscFunctionBegin;
  PetscCall(currents_create(nreplica, replica, nspecies, &c));
  PetscCall(PetscCalloc1(nbin * c.m * c.m, &s));
  for (PetscInt q = 0; q < 3 * nreplica; q++) {
    transform(&c, q / 3, q % 3);
    add_products(&c, nbin, s);
  }
  for (PetscInt k = 0; k < nbin; k++) eliminate_bin(c.m, s + k * c.m * c.m);
  for (PetscInt q = 0; q < 3 * nreplica; q++) {
    if (q % 3 == 0) power[q / 3] = 0.0;
    transform(&c, q / 3, q % 3);
    for (PetscInt k = 1; k <= nbin; k++)
      power[q / 3] += unit * reduce(&c, s + (k - 1) * c.m * c.m, k);
  }
  PetscCall(PetscFree(s));
  PetscCall(currents_clear(&c));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_reduced_clear(prop_reduced *reduced)
{
  PetscFunctionBegin;
  PetscCall(PetscFree2(reduced->reduced, reduced->single));
  *reduced = (prop_reduced){0};
  PetscFunctionReturn(0);
}
