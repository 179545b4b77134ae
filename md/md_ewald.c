/* md/md_ewald.c - sums over K with phases by recurrence; formulas stand in the header
 *
 * Layout.  exp(i 2 pi m s) of the fractional coordinates s along each axis are made by repeated
 * multiplication, stored [m][atom] with real and imaginary parts apart, so that every inner loop
 * runs over atoms.  The charge is a factor of the first axis.  K and -K give the same: only one of
 * each pair is in the set, with twice the weight.
 */
#include "md/md_ewald.h"

#include "md/md_units.h"
#include <math.h>

#define TAIL 10.0 /* accuracy / exp(-p^2): the terms left out are many */

/* One K of the half space */
typedef struct {
  PetscInt m[3];
  PetscReal k[3];   /* [1/Å] */
  PetscReal weight; /* [eV/e^2] 2 f(K)/V */
  PetscReal shape;  /* [Å^2] 2/K^2 (1 + K^2/4 alpha^2) */
} wave;

/* exp(i 2 pi m s): [2 top + 1][n] from m = -top */
typedef struct {
  PetscInt top;
  PetscReal *re, *im;
  size_t capacity; /* numbers allocated in each */
} phases;

struct md_ewald {
  PetscInt nspecies;
  PetscReal *charge;    /* [nspecies, e] */
  PetscReal alpha;      /* [1/Å] */
  PetscReal kmax;       /* [1/Å] */
  PetscReal h[3][3];    /* [Å] cell that the set of K belongs to; 0 before the first */
  PetscReal dual[3][3]; /* [1/Å] rows: K = 2 pi sum_i m_i dual[i], s_i = x . dual[i] */
  PetscInt nwave;
  size_t wave_capacity;
  wave *wave; /* [nwave] sorted by m[0], m[1], m[2] */
  phases axis[3];
  PetscReal row_re[MD_EWALD_MAX_IONS], row_im[MD_EWALD_MAX_IONS]; /* q exp of two axes */
  PetscReal re[MD_EWALD_MAX_IONS], im[MD_EWALD_MAX_IONS];         /* q_i exp(i K r_i) */
};

PetscErrorCode md_ewald_create(PetscInt nspecies, const PetscReal charge[], PetscReal cutoff,
                               PetscReal accuracy, md_ewald **ewald)
{
  PetscReal p;

  PetscFunctionBegin;
  *ewald = NULL;
  PetscCheck(nspecies >= 1 && cutoff > 0.0 && !PetscIsInfOrNanReal(cutoff), PETSC_COMM_SELF,
             PETSC_ERR_ARG_OUTOFRANGE,
             "Ewald sum of %" PetscInt_FMT " species within %g Å; wanted >= 1 and > 0", nspecies,
             (double)cutoff);
  PetscCheck(accuracy >= 1e-14 && accuracy <= 0.1, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Accuracy of the Ewald sum is %g, wanted 1e-14 to 0.1", (double)accuracy);
  for (PetscInt s = 0; s < nspecies; s++) {
    PetscCheck(!PetscIsInfOrNanReal(charge[s]), PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
               "Charge of species %" PetscInt_FMT " is not finite", s);
  }
  p = PetscSqrtReal(PetscLogReal(TAIL / accuracy));
  PetscCall(PetscNew(ewald));
  (*ewald)->nspecies = nspecies;
  (*ewald)->alpha = p / cutoff;
  (*ewald)->kmax = 2.0 * p * p / cutoff;
  PetscCall(PetscMalloc1(nspecies, &(*ewald)->charge));
  PetscCall(PetscArraycpy((*ewald)->charge, charge, nspecies));
  PetscFunctionReturn(0);
}

PetscErrorCode md_ewald_destroy(md_ewald **ewald)
{
  PetscFunctionBegin;
  if (!*ewald) PetscFunctionReturn(0);
  for (int k = 0; k < 3; k++) {
    PetscCall(PetscFree((*ewald)->axis[k].re));
    PetscCall(PetscFree((*ewald)->axis[k].im));
  }
  PetscCall(PetscFree((*ewald)->wave));
  PetscCall(PetscFree((*ewald)->charge));
  PetscCall(PetscFree(*ewald));
  PetscFunctionReturn(0);
}

PetscReal md_ewald_alpha(const md_ewald *ewald)
{
  return ewald->alpha;
}

void md_ewald_pair(const md_ewald *ewald, PetscInt ti, PetscInt tj, PetscReal r, PetscReal *u,
                   PetscReal *slope)
{
  const PetscReal kqq = MD_COULOMB * ewald->charge[ti] * ewald->charge[tj], ar = ewald->alpha * r;
  const PetscReal screened = kqq * erfc(ar) / r;

  *u = screened;
  *slope = -(screened + kqq * M_2_SQRTPI * ewald->alpha * PetscExpReal(-ar * ar)) / (r * r);
}

/* The set of K ------------------------------------------------------------------------------- */

static void cross(const PetscReal a[3], const PetscReal b[3], PetscReal c[3])
{
  c[0] = a[1] * b[2] - a[2] * b[1];
  c[1] = a[2] * b[0] - a[0] * b[2];
  c[2] = a[0] * b[1] - a[1] * b[0];
}

static PetscReal dot(const PetscReal a[3], const PetscReal b[3])
{
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/* Of K and -K the one whose first number that is not 0 is positive. */
static PetscBool in_half_space(const PetscInt m[3])
{
  for (int k = 0; k < 3; k++) {
    if (m[k]) return (PetscBool)(m[k] > 0);
  }
  return PETSC_FALSE;
}

static PetscErrorCode add_wave(md_ewald *e, const PetscInt m[3], PetscReal volume)
{
  const PetscReal quarter = 1.0 / (4.0 * e->alpha * e->alpha);
  wave w = {.m = {m[0], m[1], m[2]}};
  PetscReal k2;

  PetscFunctionBegin;
  for (int a = 0; a < 3; a++) {
    for (int i = 0; i < 3; i++) w.k[a] += 2.0 * PETSC_PI * (PetscReal)m[i] * e->dual[i][a];
  }
  k2 = dot(w.k, w.k);
  if (!in_half_space(m) || k2 > e->kmax * e->kmax) PetscFunctionReturn(0);
  w.weight = 8.0 * PETSC_PI * MD_COULOMB * PetscExpReal(-k2 * quarter) / (k2 * volume);
  w.shape = 2.0 / k2 * (1.0 + k2 * quarter);
  if ((size_t)e->nwave == e->wave_capacity) {
    e->wave_capacity = 256 + 2 * e->wave_capacity;
    PetscCall(PetscRealloc(e->wave_capacity * sizeof(wave), &e->wave));
  }
  e->wave[e->nwave++] = w;
  PetscFunctionReturn(0);
}

/* A lattice vector h_i has K . h_i = 2 pi m_i, so that |m_i| <= kmax |h_i|/(2 pi). */
static PetscErrorCode choose_waves(md_ewald *e, const PetscReal h[3][3])
{
  PetscInt m[3], top[3];
  PetscReal volume, normal[3];

  PetscFunctionBegin;
  cross(h[1], h[2], normal);
  volume = dot(h[0], normal);
  for (int i = 0; i < 3; i++) {
    cross(h[(i + 1) % 3], h[(i + 2) % 3], normal);
    for (int a = 0; a < 3; a++) e->dual[i][a] = normal[a] / volume;
    e->axis[i].top = top[i] =
        (PetscInt)(e->kmax * PetscSqrtReal(dot(h[i], h[i])) / (2.0 * PETSC_PI));
  }
  e->nwave = 0;
  for (m[0] = 0; m[0] <= top[0]; m[0]++) {
    for (m[1] = -top[1]; m[1] <= top[1]; m[1]++) {
      for (m[2] = -top[2]; m[2] <= top[2]; m[2]++) {
        PetscCall(add_wave(e, m, PetscAbsReal(volume)));
      }
    }
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode follow_cell(md_ewald *e, const PetscReal h[3][3])
{
  PetscBool same = PETSC_TRUE;

  PetscFunctionBegin;
  for (int k = 0; k < 9; k++) same = (PetscBool)(same && e->h[k / 3][k % 3] == h[k / 3][k % 3]);
  if (same) PetscFunctionReturn(0);
  e->h[0][0] = (PetscReal)NAN; /* of no cell, should memory end on the way */
  PetscCall(choose_waves(e, h));
  for (int k = 0; k < 9; k++) e->h[k / 3][k % 3] = h[k / 3][k % 3];
  PetscFunctionReturn(0);
}

/* Phases ------------------------------------------------------------------------------------- */

static PetscErrorCode reserve(PetscInt n, phases *axis)
{
  const size_t need = (size_t)(2 * axis->top + 1) * (size_t)n;

  PetscFunctionBegin;
  if (need <= axis->capacity) PetscFunctionReturn(0);
  PetscCall(PetscFree(axis->re));
  PetscCall(PetscFree(axis->im));
  axis->capacity = 0;
  PetscCall(PetscMalloc1(need, &axis->re));
  PetscCall(PetscMalloc1(need, &axis->im));
  axis->capacity = need;
  PetscFunctionReturn(0);
}

/* Column of atom i: 1, z, z^2 ... upwards and their conjugates downwards, all times `factor`. */
static void fill_atom(PetscInt n, PetscInt i, PetscReal s, PetscReal factor, phases *axis)
{
  const PetscReal angle = 2.0 * PETSC_PI * s, c = PetscCosReal(angle), z = PetscSinReal(angle);
  PetscReal re = factor, im = 0.0;

  for (PetscInt m = 0; m <= axis->top; m++) {
    const PetscInt up = (axis->top + m) * n + i, down = (axis->top - m) * n + i;
    const PetscReal next = re * c - im * z;

    axis->re[up] = axis->re[down] = re;
    axis->im[up] = im;
    axis->im[down] = -im;
    im = re * z + im * c;
    re = next;
  }
}

static PetscErrorCode fill_phases(md_ewald *e, const mtp_neighbors *nb)
{
  const PetscInt n = nb->nlocal;

  PetscFunctionBegin;
  for (int k = 0; k < 3; k++) {
    PetscCall(reserve(n, &e->axis[k]));
    for (PetscInt i = 0; i < n; i++) {
      fill_atom(n, i, dot(nb->x + 3 * i, e->dual[k]), k ? 1.0 : e->charge[nb->type[i]],
                &e->axis[k]);
    }
  }
  PetscFunctionReturn(0);
}

/* out = a b */
static void multiply(PetscInt n, const PetscReal ar[], const PetscReal ai[], const PetscReal br[],
                     const PetscReal bi[], PetscReal *restrict re, PetscReal *restrict im)
{
  for (PetscInt i = 0; i < n; i++) {
    re[i] = ar[i] * br[i] - ai[i] * bi[i];
    im[i] = ar[i] * bi[i] + ai[i] * br[i];
  }
}

/* In four partial sums, so that additions need not wait for each other. */
static PetscReal sum_of(PetscInt n, const PetscReal a[])
{
  PetscReal part[4] = {0.0, 0.0, 0.0, 0.0};
  PetscInt i = 0;

  for (; i + 4 <= n; i += 4) {
    for (int k = 0; k < 4; k++) part[k] += a[i + k];
  }
  for (; i < n; i++) part[0] += a[i];
  return (part[0] + part[1]) + (part[2] + part[3]);
}

/* Sums --------------------------------------------------------------------------------------- */

/* q_i exp(i K r_i) of all atoms into e->re, e->im; the product of two axes is kept for the K that
   differ in the third alone. */
static void make_wave(md_ewald *e, PetscInt n, const wave *w, const wave *before)
{
  const PetscInt at[3] = {(e->axis[0].top + w->m[0]) * n, (e->axis[1].top + w->m[1]) * n,
                          (e->axis[2].top + w->m[2]) * n};
  const phases *x = e->axis;

  if (!before || before->m[0] != w->m[0] || before->m[1] != w->m[1]) {
    multiply(n, x[0].re + at[0], x[0].im + at[0], x[1].re + at[1], x[1].im + at[1], e->row_re,
             e->row_im);
  }
  multiply(n, e->row_re, e->row_im, x[2].re + at[2], x[2].im + at[2], e->re, e->im);
}

static void add_forces(const md_ewald *e, PetscInt n, const wave *w, PetscReal s_re, PetscReal s_im,
                       PetscReal force[])
{
  for (PetscInt i = 0; i < n; i++) {
    const PetscReal f = w->weight * (e->im[i] * s_re - e->re[i] * s_im);

    for (int a = 0; a < 3; a++) force[3 * i + a] += f * w->k[a];
  }
}

static void add_sites(const md_ewald *e, PetscInt n, const wave *w, PetscReal s_re, PetscReal s_im,
                      mtp_result *out)
{
  for (PetscInt i = 0; i < n; i++) {
    const PetscReal u = 0.5 * w->weight * (e->re[i] * s_re + e->im[i] * s_im);

    if (out->site_energy) out->site_energy[i] += u;
    for (int ab = 0; ab < 9 && out->atom_virial; ab++) {
      out->atom_virial[9 * i + ab] += u * ((ab % 4 == 0) - w->shape * w->k[ab / 3] * w->k[ab % 3]);
    }
  }
}

static void add_one(md_ewald *e, PetscInt n, PetscInt which, mtp_result *out)
{
  const wave *w = &e->wave[which];
  PetscReal s_re, s_im, u;

  make_wave(e, n, w, which ? w - 1 : NULL);
  s_re = sum_of(n, e->re);
  s_im = sum_of(n, e->im);
  u = 0.5 * w->weight * (s_re * s_re + s_im * s_im);
  out->energy += u;
  for (int ab = 0; ab < 9; ab++) {
    out->virial[ab] += u * ((ab % 4 == 0) - w->shape * w->k[ab / 3] * w->k[ab % 3]);
  }
  if (out->force) add_forces(e, n, w, s_re, s_im, out->force);
  if (out->site_energy || out->atom_virial) add_sites(e, n, w, s_re, s_im, out);
}

static PetscErrorCode check_ions(const md_ewald *e, const mtp_neighbors *nb)
{
  PetscReal total = 0.0, size = 0.0;

  PetscFunctionBegin;
  PetscCheck(nb->nlocal <= MD_EWALD_MAX_IONS, PETSC_COMM_SELF, PETSC_ERR_SUP,
             "Plain Ewald sum of %" PetscInt_FMT " ions: wanted at most %d", nb->nlocal,
             MD_EWALD_MAX_IONS);
  PetscCheck(nb->nperiodic == 3, PETSC_COMM_SELF, PETSC_ERR_SUP,
             "Ewald sum of a cell with %" PetscInt_FMT " periodic directions, wanted 3",
             nb->nperiodic);
  for (PetscInt i = 0; i < nb->nlocal; i++) {
    total += e->charge[nb->type[i]];
    size += PetscAbsReal(e->charge[nb->type[i]]);
  }
  PetscCheck(PetscAbsReal(total) <= 1e-9 * size, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG,
             "Ewald sum of a cell with charge %g e, wanted 0", (double)total);
  PetscFunctionReturn(0);
}

PetscErrorCode md_ewald_add_reciprocal(md_ewald *ewald, const mtp_neighbors *nb, mtp_result *out)
{
  PetscFunctionBegin;
  PetscCall(check_ions(ewald, nb));
  if (nb->nlocal == 0) PetscFunctionReturn(0);
  PetscCall(follow_cell(ewald, (const PetscReal(*)[3])nb->h));
  PetscCall(fill_phases(ewald, nb));
  for (PetscInt k = 0; k < ewald->nwave; k++) add_one(ewald, nb->nlocal, k, out);
  for (PetscInt i = 0; i < nb->nlocal; i++) {
    const PetscReal q = ewald->charge[nb->type[i]];
    const PetscReal self = -0.5 * M_2_SQRTPI * MD_COULOMB * ewald->alpha * q * q;

    out->energy += self;
    if (out->site_energy) out->site_energy[i] += self;
  }
  PetscFunctionReturn(0);
}
