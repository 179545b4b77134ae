/* md/md_structure.c - four questions to a configuration: is there a hole in it, has it come apart,
 * have its atoms moved, is it a crystal
 *
 * Each is answered from sums over the atoms of all ranks and costs less than one evaluation of the
 * potential; md/README.md (Guards) says what the numbers are in liquids.
 *
 * Voids.  Spheres of radius R around the points of a grid, R/3 apart: the one with the fewest
 * atoms, images counted.  Not an empty one, for a vapour has atoms as well.  In a liquid the cells
 * of the grid that lie within a sphere, half of its volume, hold enough already; atoms are counted
 * one by one only around points where they do not.
 *
 * Segregation.  Sub-cells of about 32 atoms, at least three in each direction; n atoms in one of
 * them, k of the species, x its share of all N atoms.  If the species were dealt out to the atoms
 * at random, k would be hypergeometric, and S = sum (k - n x)^2 / (n x (1 - x)) over M cells would
 * be (M - 1) N / (N - 1) in the mean, wherever the atoms are; if every cell held nothing but the
 * species or nothing of it, S would be N.  The index is (S - S_random) / (N - S_random).  Slabs in
 * small cells, whose borders run through most sub-cells, are better seen in the longest waves:
 * |sum (delta - x) exp(i k r)|^2 over all atoms, delta 1 for those of the species, is
 * N^2 sin^2(pi x) / pi^2 for a slab, and exponentially distributed with mean N x (1 - x) at random.
 * The index is the larger one.
 *
 * Bond order.  Q_l^2 = 4 pi / (2l+1) sum_m |<Y_lm>|^2 over all pairs of near atoms: Steinhardt,
 * Nelson & Ronchetti, Phys. Rev. B 28, 784 (1983), doi:10.1103/PhysRevB.28.784.
 */
#include "md/md_run_impl.h"

#include <math.h>

#define SUBCELL_ATOMS 32.0
#define WAVE_LEAST    100.0 /* N x (1 - x) from which on waves count */
#define BOND          1.35  /* of the mean distance: between the shells of fcc, of sc */
enum {
  GRID_POINTS = 1 << 18,
  DOUBTS = 100 /* points beyond which counting around all of them is as fast */
};

PetscReal md__spacing(const md_run *run)
{
  return PetscPowReal(md_atoms_volume(&run->atoms) / (PetscReal)run->total, 1.0 / 3.0);
}

/* g such that fractional coordinates are s = x g; returns the distances of the faces [Å]. */
static void invert(const PetscReal h[3][3], PetscReal g[3][3], PetscReal height[3])
{
  PetscReal det = 0.0;

  for (int a = 0; a < 3; a++) {
    const PetscReal *u = h[(a + 1) % 3], *v = h[(a + 2) % 3];

    for (int k = 0; k < 3; k++) {
      g[k][a] = u[(k + 1) % 3] * v[(k + 2) % 3] - u[(k + 2) % 3] * v[(k + 1) % 3];
    }
  }
  for (int k = 0; k < 3; k++) det += h[0][k] * g[k][0];
  for (int a = 0; a < 3; a++) {
    PetscReal square = 0.0;

    for (int k = 0; k < 3; k++) {
      g[k][a] /= det;
      square += g[k][a] * g[k][a];
    }
    height[a] = 1.0 / PetscSqrtReal(square);
  }
}

/* In [0, 1). */
static void fractional(const PetscReal x[3], const PetscReal g[3][3], PetscReal s[3])
{
  for (int a = 0; a < 3; a++) {
    const PetscReal t = x[0] * g[0][a] + x[1] * g[1][a] + x[2] * g[2][a];

    s[a] = t - PetscFloorReal(t);
    if (s[a] >= 1.0) s[a] = 0.0;
  }
}

/* Voids -------------------------------------------------------------------------------------- */

typedef struct {
  PetscInt n[3], reach[3]; /* points; how many of them the radius spans */
  PetscInt points;
  PetscReal g[3][3], step[3][3];
  PetscReal span[3];       /* radius over the distance of the faces */
  PetscReal radius2, per2; /* [Å^2], and one over the square of the third step */
  PetscReal *count;        /* [points] atoms nearer than the radius, or a lower bound */
  PetscReal *s;            /* [atoms,3] fractional coordinates */
} grid;

static PetscErrorCode grid_create(const md_atoms *atoms, PetscReal radius, grid *q)
{
  const PetscReal(*h)[3] = (const PetscReal(*)[3])atoms->h;
  PetscReal height[3], fine = radius / 3.0;

  PetscFunctionBegin;
  invert(h, q->g, height);
  fine = PetscMax(fine, PetscPowReal(height[0] * height[1] * height[2] / GRID_POINTS, 1.0 / 3.0));
  for (int a = 0; a < 3; a++) {
    q->n[a] = (PetscInt)PetscMax(1.0, PetscCeilReal(height[a] / fine));
    q->span[a] = radius / height[a];
    q->reach[a] = (PetscInt)(q->span[a] * (PetscReal)q->n[a]);
    for (int k = 0; k < 3; k++) q->step[a][k] = h[a][k] / (PetscReal)q->n[a];
  }
  q->radius2 = radius * radius;
  q->per2 = 1.0 / (q->step[2][0] * q->step[2][0] + q->step[2][1] * q->step[2][1] +
                   q->step[2][2] * q->step[2][2]);
  q->points = q->n[0] * q->n[1] * q->n[2];
  PetscCall(PetscMalloc2(q->points, &q->count, 3 * (size_t)atoms->n, &q->s));
  for (PetscInt i = 0; i < atoms->n; i++) {
    fractional(&atoms->x[3 * (size_t)i], (const PetscReal(*)[3])q->g, &q->s[3 * (size_t)i]);
  }
  PetscFunctionReturn(0);
}

/* k is near the range */
static PetscInt wrapped(PetscInt k, PetscInt n)
{
  while (k < 0) k += n;
  while (k >= n) k -= n;
  return k;
}

/* What a sphere cuts out of a row of points along the third vector e: numbers around the foot of
   its centre.  d [Å] is from the centre to the point with number 0. */
static PetscBool cut(const grid *q, const PetscReal d[3], PetscInt *first, PetscInt *last)
{
  const PetscReal *e = q->step[2];
  const PetscReal foot = -(d[0] * e[0] + d[1] * e[1] + d[2] * e[2]) * q->per2;
  const PetscReal d2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
  const PetscReal rest = (q->radius2 - d2) * q->per2 + foot * foot; /* half the chord, squared */

  if (rest <= 0.0) return PETSC_FALSE;
  *first = (PetscInt)PetscCeilReal(foot - PetscSqrtReal(rest));
  *last = (PetscInt)PetscFloorReal(foot + PetscSqrtReal(rest));
  return PETSC_TRUE;
}

/* Adds an atom to the points around it in a row; d from the atom to the point `origin`. */
static void count_row(const grid *q, PetscReal row[], PetscInt origin, const PetscReal d[3])
{
  PetscInt first, last, at;

  if (!cut(q, d, &first, &last)) return;
  at = wrapped(origin + first, q->n[2]);
  for (PetscInt k = first; k <= last; k++) {
    row[at] += 1.0;
    if (++at == q->n[2]) at = 0;
  }
}

/* Adds an atom to the points around it. */
static void count_atom(const grid *q, const PetscReal s[3])
{
  PetscReal from[3], d[3];
  PetscInt low[3];

  for (int a = 0; a < 3; a++) {
    low[a] = (PetscInt)(s[a] * (PetscReal)q->n[a]);
    from[a] = (PetscReal)low[a] - s[a] * (PetscReal)q->n[a];
  }
  for (PetscInt i = -q->reach[0]; i <= q->reach[0] + 1; i++) {
    const PetscInt plane = wrapped(low[0] + i, q->n[0]) * q->n[1];

    for (PetscInt j = -q->reach[1]; j <= q->reach[1] + 1; j++) {
      const PetscReal u = from[0] + (PetscReal)i, v = from[1] + (PetscReal)j, w = from[2];
      const PetscInt row = plane + wrapped(low[1] + j, q->n[1]);

      for (int k = 0; k < 3; k++) d[k] = u * q->step[0][k] + v * q->step[1][k] + w * q->step[2][k];
      count_row(q, q->count + row * q->n[2], low[2], d);
    }
  }
}

/* Atoms around every point, one by one. */
static PetscErrorCode count_all(const md_run *run, const grid *q)
{
  PetscFunctionBegin;
  PetscCall(PetscArrayzero(q->count, q->points));
  for (PetscInt i = 0; i < run->atoms.n; i++) count_atom(q, &q->s[3 * (size_t)i]);
  PetscCall(md__sum(run, (PetscMPIInt)q->points, q->count));
  PetscFunctionReturn(0);
}

/* Images of an atom that are nearer to a point than the radius; u its fractional coordinates seen
   from there. */
static PetscReal near_images(const md_run *run, const grid *q, const PetscReal u[3])
{
  const PetscReal(*h)[3] = (const PetscReal(*)[3])run->atoms.h;
  PetscInt low[3], high[3];
  PetscReal count = 0.0;

  for (int a = 0; a < 3; a++) {
    low[a] = (PetscInt)PetscCeilReal(-q->span[a] - u[a]);
    high[a] = (PetscInt)PetscFloorReal(q->span[a] - u[a]);
    if (low[a] > high[a]) return 0.0;
  }
  for (PetscInt i = low[0]; i <= high[0]; i++) {
    for (PetscInt j = low[1]; j <= high[1]; j++) {
      for (PetscInt k = low[2]; k <= high[2]; k++) {
        const PetscReal f[3] = {u[0] + (PetscReal)i, u[1] + (PetscReal)j, u[2] + (PetscReal)k};
        PetscReal d2 = 0.0;

        for (int c = 0; c < 3; c++)
          d2 += PetscSqr(f[0] * h[0][c] + f[1] * h[1][c] + f[2] * h[2][c]);
        if (d2 < q->radius2) count += 1.0;
      }
    }
  }
  return count;
}

/* Atoms of this rank around a point. */
static PetscReal count_at(const md_run *run, const grid *q, PetscInt point)
{
  const PetscInt at[3] = {point / q->n[2] / q->n[1], point / q->n[2] % q->n[1], point % q->n[2]};
  const PetscReal t[3] = {(PetscReal)at[0] / (PetscReal)q->n[0],
                          (PetscReal)at[1] / (PetscReal)q->n[1],
                          (PetscReal)at[2] / (PetscReal)q->n[2]};
  PetscReal count = 0.0;

  for (PetscInt i = 0; i < run->atoms.n; i++) {
    const PetscReal *s = &q->s[3 * (size_t)i], u[3] = {s[0] - t[0], s[1] - t[1], s[2] - t[2]};

    count += near_images(run, q, u);
  }
  return count;
}

/* Atoms in the cells below a number of every row, also of numbers outside of it, which stand for
   images: before [rows, width] from number -margin on.  A cell has the number of its first
   point. */
static PetscErrorCode sum_rows(const md_run *run, const grid *q, PetscInt margin, PetscInt width,
                               PetscReal before[])
{
  const PetscInt n2 = q->n[2];

  PetscFunctionBegin;
  PetscCall(PetscArrayzero(q->count, q->points));
  for (PetscInt i = 0; i < run->atoms.n; i++) {
    PetscInt cell = 0;

    for (int a = 0; a < 3; a++)
      cell = cell * q->n[a] + (PetscInt)(q->s[3 * (size_t)i + a] * (PetscReal)q->n[a]);
    q->count[cell] += 1.0;
  }
  PetscCall(md__sum(run, (PetscMPIInt)q->points, q->count));
  for (PetscInt row = 0; row < q->n[0] * q->n[1]; row++) {
    PetscReal *to = before + (size_t)row * width;
    PetscInt at = wrapped(-margin, n2);

    to[0] = 0.0;
    for (PetscInt k = 1; k < width; k++) {
      to[k] = to[k - 1] + q->count[row * n2 + at];
      if (++at == n2) at = 0;
    }
  }
  PetscFunctionReturn(0);
}

/* Cells first .. last of the column (i, j) that lie within the sphere around point 0: those all of
   whose corners do. */
static PetscBool column(const grid *q, PetscInt i, PetscInt j, PetscInt *first, PetscInt *last)
{
  *first = -q->reach[2] - 2;
  *last = q->reach[2] + 2;
  for (int corner = 0; corner < 4; corner++) {
    const PetscInt side[2] = {corner / 2, corner % 2};
    const PetscReal u = (PetscReal)(i + side[0]), v = (PetscReal)(j + side[1]);
    PetscReal d[3];
    PetscInt from, to;

    for (int k = 0; k < 3; k++) d[k] = u * q->step[0][k] + v * q->step[1][k];
    if (!cut(q, d, &from, &to)) return PETSC_FALSE;
    *first = PetscMax(*first, from);
    *last = PetscMin(*last, to - 1);
  }
  return (PetscBool)(*first <= *last);
}

/* Adds what cells first .. last of the column (i, j) from every point hold. */
static void add_column(const grid *q, PetscInt i, PetscInt j, const PetscReal before[],
                       PetscInt width, PetscInt first, PetscInt last)
{
  const PetscInt margin = (width - q->n[2] - 1) / 2;

  for (PetscInt r = 0; r < q->n[0] * q->n[1]; r++) {
    const PetscInt row =
        wrapped(r / q->n[1] + i, q->n[0]) * q->n[1] + wrapped(r % q->n[1] + j, q->n[1]);
    const PetscReal *low = before + (size_t)row * width + margin + first;
    const PetscReal *high = low + (last + 1 - first);
    PetscReal *to = q->count + r * q->n[2];

    for (PetscInt p = 0; p < q->n[2]; p++) to[p] += high[p] - low[p];
  }
}

/* At most as many atoms as there are around every point: those in cells within the sphere. */
static PetscErrorCode bound_all(const md_run *run, const grid *q)
{
  const PetscInt margin = q->reach[2] + 3, width = q->n[2] + 2 * margin + 1;
  PetscReal *before;
  PetscInt first, last;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1((size_t)(q->n[0] * q->n[1]) * width, &before));
  ierr = sum_rows(run, q, margin, width, before);
  if (!ierr) ierr = PetscArrayzero(q->count, q->points);
  for (PetscInt i = -q->reach[0] - 1; i <= q->reach[0] && !ierr; i++) {
    for (PetscInt j = -q->reach[1] - 1; j <= q->reach[1]; j++) {
      if (column(q, i, j, &first, &last)) add_column(q, i, j, before, width, first, last);
    }
  }
  PetscCall(PetscFree(before));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* Counts atoms where bounds are too low to tell. */
static PetscErrorCode count_doubtful(const md_run *run, const grid *q, PetscReal enough)
{
  PetscInt n = 0, at[DOUBTS];
  PetscReal count[DOUBTS];

  PetscFunctionBegin;
  for (PetscInt p = 0; p < q->points && n <= DOUBTS; p++) {
    if (q->count[p] >= enough) continue;
    if (n < DOUBTS) at[n] = p;
    n++;
  }
  if (n > DOUBTS) {
    PetscCall(count_all(run, q));
    PetscFunctionReturn(0);
  }
  for (PetscInt k = 0; k < n; k++) count[k] = count_at(run, q, at[k]);
  if (n > 0) PetscCall(md__sum(run, (PetscMPIInt)n, count));
  for (PetscInt k = 0; k < n; k++) q->count[at[k]] = count[k];
  PetscFunctionReturn(0);
}

PetscErrorCode md__rarest(const md_run *run, PetscReal radius, PetscReal enough, PetscReal *atoms)
{
  grid q;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  *atoms = PETSC_MAX_REAL;
  PetscCall(grid_create(&run->atoms, radius, &q));
  ierr = bound_all(run, &q);
  if (!ierr) ierr = count_doubtful(run, &q, enough);
  for (PetscInt p = 0; p < q.points && !ierr; p++) *atoms = PetscMin(*atoms, q.count[p]);
  PetscCall(PetscFree2(q.count, q.s));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* Species ------------------------------------------------------------------------------------ */

/* Sub-cells in each direction; PETSC_FALSE when there are too few atoms for them. */
static PetscBool subcells(const md_run *run, const PetscReal height[3], PetscInt m[3])
{
  const PetscReal edge = md__spacing(run) * PetscPowReal(SUBCELL_ATOMS, 1.0 / 3.0);
  PetscReal cells = 1.0;

  for (int a = 0; a < 3; a++) {
    m[a] = PetscMax(3, (PetscInt)(height[a] / edge));
    cells *= (PetscReal)m[a];
  }
  return (PetscBool)(run->atoms.nspecies > 1 && (PetscReal)run->total >= MD__SUBCELL_LEAST * cells);
}

/* count [cells,nspecies] of all ranks */
static PetscErrorCode count_subcells(const md_run *run, const PetscReal g[3][3],
                                     const PetscInt m[3], PetscReal count[])
{
  const md_atoms *atoms = &run->atoms;
  const PetscInt ns = atoms->nspecies;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < atoms->n; i++) {
    PetscInt cell = 0;
    PetscReal s[3];

    fractional(&atoms->x[3 * (size_t)i], g, s);
    for (int a = 0; a < 3; a++) cell = cell * m[a] + (PetscInt)(s[a] * (PetscReal)m[a]);
    count[cell * ns + atoms->type[i]] += 1.0;
  }
  PetscCall(md__sum(run, (PetscMPIInt)(m[0] * m[1] * m[2] * ns), count));
  PetscFunctionReturn(0);
}

/* The index of species t, the share x of all atoms, from what sub-cells hold. */
static PetscReal subcell_of(PetscInt t, PetscInt cells, PetscInt ns, PetscReal x,
                            const PetscReal count[])
{
  PetscReal all = 0.0, sum = 0.0, filled = 0.0, random;

  for (PetscInt c = 0; c < cells; c++) {
    PetscReal n = 0.0;

    for (PetscInt s = 0; s < ns; s++) n += count[c * ns + s];
    if (n == 0.0) continue;
    all += n;
    filled += 1.0;
    sum += PetscSqr(count[c * ns + t] - n * x) / (n * x * (1.0 - x));
  }
  random = (filled - 1.0) * all / (all - 1.0);
  return (sum - random) / (all - random);
}

/* Real and imaginary part for each of the 13 longest waves and their opposites. */
enum { NWAVE = 13 };

static void add_waves(const PetscReal s[3], PetscReal sum[2 * NWAVE])
{
  PetscReal c[3][3], e[3][3]; /* cosine and sine of -1, 0, 1 turns of each coordinate */
  PetscInt w = 0;

  for (int a = 0; a < 3; a++) {
    c[a][0] = c[a][2] = PetscCosReal(2.0 * PETSC_PI * s[a]);
    e[a][2] = PetscSinReal(2.0 * PETSC_PI * s[a]);
    e[a][0] = -e[a][2];
    c[a][1] = 1.0;
    e[a][1] = 0.0;
  }
  for (int code = 14; code < 27; code++) { /* in three digits; 13 is 0 0 0 */
    const int n[3] = {code / 9, code / 3 % 3, code % 3};
    const PetscReal re = c[0][n[0]] * c[1][n[1]] - e[0][n[0]] * e[1][n[1]];
    const PetscReal im = c[0][n[0]] * e[1][n[1]] + e[0][n[0]] * c[1][n[1]];

    sum[w++] += re * c[2][n[2]] - im * e[2][n[2]];
    sum[w++] += re * e[2][n[2]] + im * c[2][n[2]];
  }
}

/* wave [nspecies,2 NWAVE] of all ranks */
static PetscErrorCode sum_waves(const md_run *run, const PetscReal g[3][3], PetscReal wave[])
{
  const md_atoms *atoms = &run->atoms;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < atoms->n; i++) {
    PetscReal s[3];

    fractional(&atoms->x[3 * (size_t)i], g, s);
    add_waves(s, wave + 2 * NWAVE * atoms->type[i]);
  }
  PetscCall(md__sum(run, (PetscMPIInt)(2 * NWAVE * atoms->nspecies), wave));
  PetscFunctionReturn(0);
}

/* The largest of the waves of species t, which is the share x of n atoms; less than any index where
   they are too few to tell. */
static PetscReal wave_of(PetscInt t, PetscInt ns, PetscReal n, PetscReal x, const PetscReal wave[])
{
  const PetscReal apart = PetscSqr(n * PetscSinReal(PETSC_PI * x) / PETSC_PI);
  PetscReal most = 0.0;

  if (n * x * (1.0 - x) < WAVE_LEAST) return -1.0;
  for (PetscInt w = 0; w < 2 * NWAVE; w += 2) {
    PetscReal re = wave[2 * NWAVE * t + w], im = wave[2 * NWAVE * t + w + 1];

    for (PetscInt s = 0; s < ns; s++) {
      re -= x * wave[2 * NWAVE * s + w];
      im -= x * wave[2 * NWAVE * s + w + 1];
    }
    most = PetscMax(most, (re * re + im * im) / apart);
  }
  return most;
}

/* index [nspecies]; count and wave are room for the sums. */
static PetscErrorCode measure_segregation(const md_run *run, const PetscReal g[3][3],
                                          const PetscInt m[3], PetscReal count[], PetscReal wave[],
                                          PetscReal index[])
{
  const PetscInt ns = run->atoms.nspecies, cells = m[0] * m[1] * m[2];
  const PetscReal all = (PetscReal)run->total;

  PetscFunctionBegin;
  PetscCall(count_subcells(run, g, m, count));
  PetscCall(sum_waves(run, g, wave));
  for (PetscInt t = 0; t < ns; t++) {
    PetscReal mine = 0.0;

    for (PetscInt c = 0; c < cells; c++) mine += count[c * ns + t];
    index[t] = 0.0;
    if (mine == 0.0 || mine == all) continue;
    index[t] = PetscMax(subcell_of(t, cells, ns, mine / all, count),
                        wave_of(t, ns, all, mine / all, wave));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode md__segregation(const md_run *run, PetscReal index[], PetscBool *told)
{
  const PetscInt ns = run->atoms.nspecies;
  PetscReal g[3][3], height[3], *count, *wave;
  PetscInt m[3];
  PetscErrorCode ierr;

  PetscFunctionBegin;
  invert((const PetscReal(*)[3])run->atoms.h, g, height);
  *told = subcells(run, height, m);
  if (!*told) PetscFunctionReturn(0);
  PetscCall(PetscCalloc2(m[0] * m[1] * m[2] * ns, &count, 2 * NWAVE * ns, &wave));
  ierr = measure_segregation(run, (const PetscReal(*)[3])g, m, count, wave, index);
  PetscCall(PetscFree2(count, wave));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* Displacements ------------------------------------------------------------------------------ */

/* Atom i since the anchor, where the cell would have taken it along. */
static void displacement(const md_run *run, const PetscReal map[3][3], PetscInt i, PetscReal d[3])
{
  const PetscReal *x = &run->atoms.x[3 * (size_t)i], *x0 = &run->memory.anchor[3 * (size_t)i];

  for (int k = 0; k < 3; k++) {
    d[k] = x[k] - (x0[0] * map[0][k] + x0[1] * map[1][k] + x0[2] * map[2][k]);
  }
}

/* map = anchor_h^-1 h */
static void deformation(const md_run *run, PetscReal map[3][3])
{
  PetscReal g[3][3], height[3];

  invert((const PetscReal(*)[3])run->memory.anchor_h, g, height);
  for (int a = 0; a < 3; a++) {
    for (int k = 0; k < 3; k++) {
      map[a][k] = 0.0;
      for (int b = 0; b < 3; b++) map[a][k] += g[a][b] * run->atoms.h[b][k];
    }
  }
}

/* sum [ns,5] of one, d and d^2 */
static PetscErrorCode sum_displacements(const md_run *run, PetscReal sum[])
{
  PetscReal map[3][3];

  PetscFunctionBegin;
  deformation(run, map);
  for (PetscInt i = 0; i < run->atoms.n; i++) {
    PetscReal *mine = &sum[5 * (size_t)run->atoms.type[i]], d[3];

    displacement(run, (const PetscReal(*)[3])map, i, d);
    mine[0] += 1.0;
    for (int k = 0; k < 3; k++) {
      mine[1 + k] += d[k];
      mine[4] += d[k] * d[k];
    }
  }
  PetscCall(md__sum(run, (PetscMPIInt)(5 * run->atoms.nspecies), sum));
  PetscFunctionReturn(0);
}

PetscErrorCode md__displacement(const md_run *run, PetscReal square[])
{
  const PetscInt ns = run->atoms.nspecies;
  PetscReal *sum, mean[3] = {0.0, 0.0, 0.0};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(PetscCalloc1(5 * ns, &sum));
  ierr = sum_displacements(run, sum);
  for (PetscInt t = 0; t < ns; t++) {
    for (int k = 0; k < 3; k++) mean[k] += sum[5 * t + 1 + k] / (PetscReal)run->total;
  }
  for (PetscInt t = 0; t < ns; t++) {
    const PetscReal *mine = sum + 5 * (size_t)t, n = mine[0];

    square[t] = PETSC_MAX_REAL;
    if (n == 0.0) continue;
    square[t] = mine[4] / n;
    for (int k = 0; k < 3; k++) square[t] += mean[k] * (mean[k] - 2.0 * mine[1 + k] / n);
  }
  PetscCall(PetscFree(sum));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* Bond order --------------------------------------------------------------------------------- */

enum { L_MAX = 6, NSUM = 2 * 2 * (L_MAX + 1) + 1 };

/* p[l][m] (1 - z^2)^(m/2) exp(i m phi) are the spherical harmonics, up to a sign. */
static void legendre(PetscReal z, PetscReal p[L_MAX + 1][L_MAX + 1])
{
  p[0][0] = PetscSqrtReal(0.25 / PETSC_PI);
  for (int m = 0; m <= L_MAX; m++) {
    if (m > 0) p[m][m] = PetscSqrtReal((2.0 * m + 1.0) / (2.0 * m)) * p[m - 1][m - 1];
    if (m < L_MAX) p[m + 1][m] = z * PetscSqrtReal(2.0 * m + 3.0) * p[m][m];
    for (int l = m + 2; l <= L_MAX; l++) {
      const PetscReal l2 = (PetscReal)(l * l), m2 = (PetscReal)(m * m), k2 = PetscSqr(l - 1.0);

      p[l][m] = PetscSqrtReal((4.0 * l2 - 1.0) / (l2 - m2)) *
                (z * p[l - 1][m] - PetscSqrtReal((k2 - m2) / (4.0 * k2 - 1.0)) * p[l - 2][m]);
    }
  }
}

/* Adds the bond along d of length r: real and imaginary parts for l = 4 and 6, and their number. */
static void add_bond(const PetscReal d[3], PetscReal r, PetscReal sum[NSUM])
{
  const PetscReal x = d[0] / r, y = d[1] / r;
  PetscReal p[L_MAX + 1][L_MAX + 1], re = 1.0, im = 0.0;

  legendre(d[2] / r, p);
  for (int m = 0; m <= L_MAX; m++) {
    const PetscReal old = re;

    for (int k = 0; k < 2; k++) {
      const int l = 4 + 2 * k;
      PetscReal *to = sum + 2 * (k * (L_MAX + 1) + m);

      if (m > l) continue;
      to[0] += p[l][m] * re;
      to[1] += p[l][m] * im;
    }
    re = old * x - im * y;
    im = old * y + im * x;
  }
  sum[NSUM - 1] += 1.0;
}

static void add_bonds(const mtp_neighbors *nb, PetscReal reach, PetscInt i, PetscReal sum[NSUM])
{
  for (PetscInt k = nb->first[i]; k < nb->first[i + 1]; k++) {
    const PetscReal *x = &nb->x[3 * (size_t)i], *y = &nb->x[3 * (size_t)nb->index[k]];
    const PetscReal d[3] = {y[0] - x[0], y[1] - x[1], y[2] - x[2]};
    const PetscReal square = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];

    if (square < reach * reach && square > 0.0) add_bond(d, PetscSqrtReal(square), sum);
  }
}

PetscErrorCode md__bond_order(const md_run *run, PetscReal q[2])
{
  const PetscReal reach = PetscMin(BOND * md__spacing(run), run->pot->cutoff);
  PetscReal sum[NSUM] = {0.0};

  PetscFunctionBegin;
  for (PetscInt i = 0; i < run->atoms.n; i++) add_bonds(&run->nb, reach, i, sum);
  PetscCall(md__sum(run, NSUM, sum));
  for (int k = 0; k < 2; k++) {
    const PetscReal l = 4.0 + 2.0 * k;
    const PetscReal *s = sum + (size_t)(2 * k * (L_MAX + 1));
    PetscReal square = 0.0;

    for (int m = 0; m <= L_MAX; m++) {
      square += (m ? 2.0 : 1.0) * (s[2 * m] * s[2 * m] + s[2 * m + 1] * s[2 * m + 1]);
    }
    q[k] = PetscSqrtReal(4.0 * PETSC_PI / (2.0 * l + 1.0) * square) / PetscMax(sum[NSUM - 1], 1.0);
  }
  PetscFunctionReturn(0);
}
