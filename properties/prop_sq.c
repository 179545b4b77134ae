/* properties/prop_sq.c - sums over wave vectors
 *
 * exp(i q r) is a product of three factors, one for each lattice direction, whose powers are
 * tabulated for all atoms.  For a column k_1, k_2 the product of two is formed once, and the four
 * sums of products of its real and imaginary part with those of the third factor give both k_3 and
 * -k_3.  Atoms are sorted by species and filled up to whole lanes with atoms of amplitude zero; the
 * lanes of a sum are added in a fixed order, so that the bits do not depend on the compiler's
 * choice of instructions for sums.
 */
#include "properties/prop_sq.h"
#include "mtp/mtp_neigh.h"

#include <math.h>

static const char sq_tag[8] = "PRPSQ";
enum { SQ_VERSION = 1, LANES = 4, MIN_BLOCKS = 4 };

struct prop_sq {
  PetscInt nspecies, npair, nshell, most;
  PetscReal qmax;     /* [1/Å] */
  PetscInt64 nsample; /* samples taken */
  PetscInt64 *natom;  /* [nspecies] */
  PetscInt64 length;  /* samples a block, a power of two */
  PetscInt nblock;    /* complete blocks, < PROP_SQ_BLOCKS */
  PetscReal *sum;     /* [1 + PROP_SQ_BLOCKS, 1 + npair, nshell] of all samples, then of complete
                         blocks and the one being filled: number of vectors, sums of
                         Re rho_a rho_b* */
  /* Scratch of one sample. */
  PetscReal *keep;       /* [nshell] share of a shell's vectors that is taken */
  PetscReal *rho;        /* [2, nspecies, 2] of k_3 and -k_3: real and imaginary parts */
  PetscInt *place;       /* [atoms] where an atom stands among the sorted ones */
  PetscInt *first;       /* [nspecies + 1] lanes of a species */
  PetscReal *fractional; /* [atoms, 3] */
  PetscReal *power;      /* [3, reach + 1, 2, room] powers of the factors of the atoms */
  PetscReal *column;     /* [2, room] */
  PetscInt reach[3];
  size_t room, atom_capacity, power_capacity;
};

/* Numbers of one block */
static size_t width(const prop_sq *sq)
{
  return (size_t)(1 + sq->npair) * (size_t)sq->nshell;
}

PetscErrorCode prop_sq_create(PetscInt nspecies, PetscReal qmax, PetscInt nshell, PetscInt most,
                              prop_sq **sq)
{
  PetscFunctionBegin;
  *sq = NULL;
  PetscCheck(nspecies >= 1 && nshell >= 1 && most >= 1, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "A structure factor needs at least one species, shell and vector, got %" PetscInt_FMT
             ", %" PetscInt_FMT ", %" PetscInt_FMT,
             nspecies, nshell, most);
  PetscCheck(qmax > 0.0 && !PetscIsInfOrNanReal(qmax), PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "A structure factor needs a positive range, got %g 1/Å", (double)qmax);
  PetscCall(PetscNew(sq));
  (*sq)->nspecies = nspecies;
  (*sq)->npair = nspecies * (nspecies + 1) / 2;
  (*sq)->nshell = nshell;
  (*sq)->most = most;
  (*sq)->qmax = qmax;
  (*sq)->length = 1;
  PetscCall(PetscCalloc1(nspecies, &(*sq)->natom));
  PetscCall(PetscCalloc1((1 + PROP_SQ_BLOCKS) * width(*sq), &(*sq)->sum));
  PetscCall(PetscCalloc1(nshell, &(*sq)->keep));
  PetscCall(PetscCalloc1(4 * nspecies, &(*sq)->rho));
  PetscCall(PetscCalloc1(nspecies + 1, &(*sq)->first));
  PetscFunctionReturn(0);
}

/* The first sample says how many atoms each species has; later ones must agree. */
static PetscErrorCode check_atoms(prop_sq *sq, const md_atoms *atoms)
{
  PetscFunctionBegin;
  PetscCheck(atoms->nspecies == sq->nspecies, PETSC_COMM_SELF, PETSC_ERR_ARG_INCOMP,
             "Sample has %" PetscInt_FMT " species, the structure factor %" PetscInt_FMT,
             atoms->nspecies, sq->nspecies);
  for (PetscInt s = 0; s < sq->nspecies; s++) {
    PetscInt64 n = 0;

    for (PetscInt i = 0; i < atoms->n; i++) n += atoms->type[i] == s;
    if (sq->nsample == 0) sq->natom[s] = n;
    PetscCheck(n == sq->natom[s], PETSC_COMM_SELF, PETSC_ERR_ARG_INCOMP,
               "Sample has %" PetscInt64_FMT " atoms of species %" PetscInt_FMT
               ", earlier ones had %" PetscInt64_FMT,
               n, s, sq->natom[s]);
  }
  PetscFunctionReturn(0);
}

/* Wave vectors ------------------------------------------------------------------------------ */

/* Rows of 2 pi times the inverse of the transposed cell [1/Å] */
static void reciprocal(const PetscReal h[3][3], PetscReal b[3][3])
{
  PetscReal volume = 0.0;

  for (int i = 0; i < 3; i++) {
    const PetscReal *u = h[(i + 1) % 3], *v = h[(i + 2) % 3];

    for (int a = 0; a < 3; a++)
      b[i][a] = u[(a + 1) % 3] * v[(a + 2) % 3] - u[(a + 2) % 3] * v[(a + 1) % 3];
  }
  for (int a = 0; a < 3; a++) volume += h[0][a] * b[0][a];
  for (int i = 0; i < 3; i++)
    for (int a = 0; a < 3; a++) b[i][a] *= 2.0 * PETSC_PI / volume;
}

/* Shell of k_1 b_1 + k_2 b_2 + k_3 b_3; nshell: beyond the range */
static PetscInt shell_of(const prop_sq *sq, const PetscReal b[3][3], const PetscInt k[3])
{
  PetscReal square = 0.0, q;

  for (int a = 0; a < 3; a++)
    square +=
        PetscSqr((PetscReal)k[0] * b[0][a] + (PetscReal)k[1] * b[1][a] + (PetscReal)k[2] * b[2][a]);
  q = PetscSqrtReal(square);
  if (!(q < sq->qmax)) return sq->nshell;
  return PetscMin((PetscInt)(q / sq->qmax * (PetscReal)sq->nshell), sq->nshell - 1);
}

/* Half of the columns: of k and -k one, and 0 0, whose k_3 begins at 1 */
static PetscBool is_mine(PetscInt k1, PetscInt k2)
{
  return (PetscBool)(k1 > 0 || (k1 == 0 && k2 >= 0));
}

/* Uniform in [0, 1): a function of column and sample (mixing of splitmix64, Steele, Lea & Flood
 * 2014, doi:10.1145/2660193.2660195) */
static PetscReal column_number(PetscInt k1, PetscInt k2, PetscInt64 sample)
{
  uint64_t z = (uint64_t)sample * UINT64_C(0x9e3779b97f4a7c15);

  z += (uint64_t)(k1 + 100000) * UINT64_C(0xd1342543de82ef95);
  z += (uint64_t)(k2 + 100000) * UINT64_C(0xaf251af3b0f025b5);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return (PetscReal)((z ^ (z >> 31)) >> 12) * 0x1p-52;
}

/* The share of the vectors of each shell that is taken: there are V/(2 pi)^3 in a unit of volume,
 * and of q and -q one. */
static void share_vectors(prop_sq *sq, PetscReal volume)
{
  const PetscReal dq = sq->qmax / (PetscReal)sq->nshell;
  const PetscReal unit = volume * dq * dq * dq / (12.0 * PETSC_PI * PETSC_PI);

  for (PetscInt s = 0; s < sq->nshell; s++) {
    const PetscReal k = (PetscReal)s, count = unit * (3.0 * k * (k + 1.0) + 1.0);

    sq->keep[s] = PetscMin(1.0, (PetscReal)sq->most / count);
  }
}

/* Whether the sample may take vectors of a column: of those nearest to zero most are taken. */
static PetscBool is_taken(const prop_sq *sq, const PetscReal b[3][3], PetscInt k1, PetscInt k2)
{
  PetscReal uu = 0.0, uv = 0.0, vv = 0.0, q;

  for (int a = 0; a < 3; a++) {
    const PetscReal u = (PetscReal)k1 * b[0][a] + (PetscReal)k2 * b[1][a];

    uu += u * u;
    uv += u * b[2][a];
    vv += b[2][a] * b[2][a];
  }
  q = PetscSqrtReal(PetscMax(0.0, uu - uv * uv / vv)) * (1.0 - 1e-9);
  if (q >= sq->qmax) return PETSC_FALSE;
  return (PetscBool)(column_number(k1, k2, sq->nsample) <
                     sq->keep[(PetscInt)(q / sq->qmax * (PetscReal)sq->nshell)]);
}

/* Sums over atoms --------------------------------------------------------------------------- */

/* Room for this many atoms and powers */
static PetscErrorCode make_room(prop_sq *sq, PetscInt n)
{
  const size_t entries = 3 + (size_t)sq->reach[0] + (size_t)sq->reach[1] + (size_t)sq->reach[2];
  const size_t wanted = 2 * entries * sq->room;

  PetscFunctionBegin;
  if ((size_t)n > sq->atom_capacity) {
    PetscCall(PetscFree(sq->place));
    PetscCall(PetscFree(sq->fractional));
    PetscCall(PetscMalloc1(n, &sq->place));
    PetscCall(PetscMalloc1(3 * n, &sq->fractional));
    sq->atom_capacity = (size_t)n;
  }
  if (wanted > sq->power_capacity) {
    PetscCall(PetscFree(sq->power));
    PetscCall(PetscFree(sq->column));
    PetscCall(PetscMalloc1(wanted, &sq->power));
    PetscCall(PetscMalloc1(2 * sq->room, &sq->column));
    sq->power_capacity = wanted;
  }
  PetscFunctionReturn(0);
}

/* Places of the atoms, sorted by species, each species in whole lanes */
static void lay_out(prop_sq *sq)
{
  PetscInt at = 0;

  for (PetscInt s = 0; s < sq->nspecies; s++) {
    sq->first[s] = at;
    at += (PetscInt)((sq->natom[s] + LANES - 1) / LANES);
  }
  sq->first[sq->nspecies] = at;
  sq->room = (size_t)LANES * (size_t)at;
}

static void sort_atoms(prop_sq *sq, const md_atoms *atoms)
{
  for (PetscInt s = 0; s < sq->nspecies; s++) {
    PetscInt at = LANES * sq->first[s];

    for (PetscInt i = 0; i < atoms->n; i++) {
      if (atoms->type[i] == s) sq->place[i] = at++;
    }
  }
}

/* Real parts of power k of a direction's factors; the imaginary parts follow. */
static PetscReal *power_of(const prop_sq *sq, int direction, PetscInt k)
{
  size_t before = 0;

  for (int d = 0; d < direction; d++) before += (size_t)sq->reach[d] + 1;
  return sq->power + 2 * (before + (size_t)k) * sq->room;
}

/* Powers 0 .. reach of exp(2 pi i s) for the fractional coordinates s; zero beyond the atoms */
static PetscErrorCode tabulate(prop_sq *sq, PetscInt n)
{
  const size_t room = sq->room;

  PetscFunctionBegin;
  for (int d = 0; d < 3; d++) {
    PetscReal *zero = power_of(sq, d, 0), *one = power_of(sq, d, 1);

    PetscCall(PetscArrayzero(zero, 4 * room));
    for (PetscInt i = 0; i < n; i++) {
      const PetscReal angle = 2.0 * PETSC_PI * sq->fractional[3 * (size_t)i + (size_t)d];

      zero[sq->place[i]] = 1.0;
      one[sq->place[i]] = PetscCosReal(angle);
      one[room + (size_t)sq->place[i]] = PetscSinReal(angle);
    }
    for (PetscInt k = 2; k <= sq->reach[d]; k++) {
      const PetscReal *last = power_of(sq, d, k - 1);
      PetscReal *next = power_of(sq, d, k);

      for (size_t i = 0; i < room; i++) {
        next[i] = last[i] * one[i] - last[room + i] * one[room + i];
        next[room + i] = last[i] * one[room + i] + last[room + i] * one[i];
      }
    }
  }
  PetscFunctionReturn(0);
}

/* Product of the first two factors */
static void make_column(prop_sq *sq, PetscInt k1, PetscInt k2)
{
  const size_t room = sq->room;
  const PetscReal *u = power_of(sq, 0, k1), *v = power_of(sq, 1, PetscAbsInt(k2));
  const PetscReal sign = k2 < 0 ? -1.0 : 1.0;

  for (size_t i = 0; i < room; i++) {
    const PetscReal imaginary = sign * v[room + i];

    sq->column[i] = u[i] * v[i] - u[room + i] * imaginary;
    sq->column[room + i] = u[i] * imaginary + u[room + i] * v[i];
  }
}

/* rho of a species at k_3 and -k_3 of the column */
static void sum_species(const prop_sq *sq, PetscInt species, PetscInt k3, PetscReal plus[2],
                        PetscReal minus[2])
{
  const size_t room = sq->room;
  const PetscReal *u = sq->column, *v = power_of(sq, 2, k3);
  PetscReal rr[LANES] = {0}, ii[LANES] = {0}, ri[LANES] = {0}, ir[LANES] = {0};
  PetscReal total[4] = {0};

  for (size_t i = LANES * (size_t)sq->first[species]; i < LANES * (size_t)sq->first[species + 1];
       i += LANES) {
    for (size_t k = 0; k < LANES; k++) {
      rr[k] += u[i + k] * v[i + k];
      ii[k] += u[room + i + k] * v[room + i + k];
      ri[k] += u[i + k] * v[room + i + k];
      ir[k] += u[room + i + k] * v[i + k];
    }
  }
  for (int k = 0; k < LANES; k++) {
    total[0] += rr[k];
    total[1] += ii[k];
    total[2] += ri[k];
    total[3] += ir[k];
  }
  plus[0] = total[0] - total[1];
  plus[1] = total[2] + total[3];
  minus[0] = total[0] + total[1];
  minus[1] = total[3] - total[2];
}

/* Adds one vector to all samples and to the block being filled. */
static void add_vector(prop_sq *sq, PetscInt shell, const PetscReal rho[])
{
  PetscReal *all = sq->sum + shell, *block = all + (size_t)(1 + sq->nblock) * width(sq);
  size_t at = 0;

  all[0] += 1.0;
  block[0] += 1.0;
  for (PetscInt b = 0; b < sq->nspecies; b++) {
    for (PetscInt a = 0; a <= b; a++) {
      const PetscReal product = rho[2 * a] * rho[2 * b] + rho[2 * a + 1] * rho[2 * b + 1];

      at += (size_t)sq->nshell;
      all[at] += product;
      block[at] += product;
    }
  }
}

/* Vectors k_3 and -k_3 of the column that the sample takes */
static void add_pair(prop_sq *sq, PetscInt k3, const PetscInt shell[2])
{
  PetscReal *plus = sq->rho, *minus = sq->rho + 2 * (size_t)sq->nspecies;

  for (PetscInt s = 0; s < sq->nspecies; s++) sum_species(sq, s, k3, plus + 2 * s, minus + 2 * s);
  if (shell[0] < sq->nshell) add_vector(sq, shell[0], plus);
  if (shell[1] < sq->nshell) add_vector(sq, shell[1], minus);
}

static void add_column(prop_sq *sq, const PetscReal b[3][3], PetscInt k1, PetscInt k2)
{
  const PetscReal number = column_number(k1, k2, sq->nsample);
  const PetscBool axis = (PetscBool)(k1 == 0 && k2 == 0);
  PetscBool made = PETSC_FALSE;

  for (PetscInt k3 = axis ? 1 : 0; k3 <= sq->reach[2]; k3++) {
    PetscInt shell[2];

    for (int side = 0; side < 2; side++) {
      shell[side] = shell_of(sq, b, (const PetscInt[]){k1, k2, side ? -k3 : k3});
      if (side && (k3 == 0 || axis)) shell[side] = sq->nshell;
      if (shell[side] < sq->nshell && number >= sq->keep[shell[side]]) shell[side] = sq->nshell;
    }
    if (shell[0] == sq->nshell && shell[1] == sq->nshell) continue;
    if (!made) make_column(sq, k1, k2);
    made = PETSC_TRUE;
    add_pair(sq, k3, shell);
  }
}

/* Neighbours become one block each of twice the length; the rest is emptied. */
static PetscErrorCode merge_blocks(prop_sq *sq)
{
  const size_t size = width(sq);
  PetscReal *block = sq->sum + size;

  PetscFunctionBegin;
  sq->nblock /= 2;
  sq->length *= 2;
  for (size_t b = 0; b < (size_t)sq->nblock; b++)
    for (size_t i = 0; i < size; i++)
      block[b * size + i] = block[2 * b * size + i] + block[(2 * b + 1) * size + i];
  PetscCall(PetscArrayzero(block + (size_t)sq->nblock * size,
                           (PROP_SQ_BLOCKS - (size_t)sq->nblock) * size));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_sq_add(prop_sq *sq, const md_atoms *atoms)
{
  PetscReal b[3][3];

  PetscFunctionBegin;
  PetscCall(check_atoms(sq, atoms));
  reciprocal(atoms->h, b);
  for (int d = 0; d < 3; d++) {
    const PetscReal *v = atoms->h[d];
    const PetscReal edge = PetscSqrtReal(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);

    sq->reach[d] = PetscMax(1, (PetscInt)(sq->qmax * edge / (2.0 * PETSC_PI)));
  }
  lay_out(sq);
  PetscCall(make_room(sq, atoms->n));
  sort_atoms(sq, atoms);
  mtp_neighbors_locate(atoms->n, atoms->x, atoms->h, sq->fractional, NULL, NULL);
  PetscCall(tabulate(sq, atoms->n));
  share_vectors(sq, md_atoms_volume(atoms));
  for (PetscInt k1 = 0; k1 <= sq->reach[0]; k1++)
    for (PetscInt k2 = -sq->reach[1]; k2 <= sq->reach[1]; k2++)
      if (is_mine(k1, k2) && is_taken(sq, b, k1, k2)) add_column(sq, b, k1, k2);
  sq->nsample++;
  if (sq->nsample % sq->length == 0) sq->nblock++;
  if (sq->nblock == PROP_SQ_BLOCKS) PetscCall(merge_blocks(sq));
  PetscFunctionReturn(0);
}

/* Saved form -------------------------------------------------------------------------------- */

/* Blocks in use: that of all samples, the complete ones and the one being filled */
static size_t used(const prop_sq *sq)
{
  return ((size_t)sq->nblock + 2) * width(sq);
}

PetscErrorCode prop_sq_save(const prop_sq *sq, md_blob *blob)
{
  const PetscInt64 head[6] = {sq->nspecies, sq->nshell, sq->most,
                              sq->nsample,  sq->length, sq->nblock};

  PetscFunctionBegin;
  PetscCall(md_blob_put_tag(blob, sq_tag, SQ_VERSION));
  PetscCall(md_blob_put(blob, head, sizeof(head)));
  PetscCall(md_blob_put(blob, &sq->qmax, sizeof(sq->qmax)));
  PetscCall(md_blob_put(blob, sq->natom, (size_t)sq->nspecies * sizeof(PetscInt64)));
  PetscCall(md_blob_put(blob, sq->sum, used(sq) * sizeof(PetscReal)));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_sq_load(prop_sq *sq, md_blob *blob)
{
  PetscInt64 head[6];
  PetscReal qmax;

  PetscFunctionBegin;
  PetscCall(md_blob_expect_tag(blob, sq_tag, SQ_VERSION));
  PetscCall(md_blob_get(blob, head, sizeof(head)));
  PetscCall(md_blob_get(blob, &qmax, sizeof(qmax)));
  PetscCheck(head[0] == sq->nspecies && head[1] == sq->nshell && head[2] == sq->most &&
                 qmax == sq->qmax,
             PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
             "Saved structure factor has %" PetscInt64_FMT " species, %" PetscInt64_FMT
             " shells of %" PetscInt64_FMT " vectors, %g 1/Å, wanted others",
             head[0], head[1], head[2], (double)qmax);
  PetscCheck(head[3] >= 0 && head[4] >= 1 && head[5] >= 0 && head[5] < PROP_SQ_BLOCKS &&
                 head[3] / head[4] == head[5],
             PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
             "Saved structure factor contradicts itself: %" PetscInt64_FMT
             " samples, %" PetscInt64_FMT " blocks of %" PetscInt64_FMT,
             head[3], head[5], head[4]);
  sq->nsample = head[3];
  sq->length = head[4];
  sq->nblock = (PetscInt)head[5];
  PetscCall(md_blob_get(blob, sq->natom, (size_t)sq->nspecies * sizeof(PetscInt64)));
  PetscCall(PetscArrayzero(sq->sum, (1 + PROP_SQ_BLOCKS) * width(sq)));
  PetscCall(md_blob_get(blob, sq->sum, used(sq) * sizeof(PetscReal)));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_sq_destroy(prop_sq **sq)
{
  PetscFunctionBegin;
  if (*sq == NULL) PetscFunctionReturn(0);
  PetscCall(PetscFree((*sq)->natom));
  PetscCall(PetscFree((*sq)->sum));
  PetscCall(PetscFree((*sq)->keep));
  PetscCall(PetscFree((*sq)->rho));
  PetscCall(PetscFree((*sq)->place));
  PetscCall(PetscFree((*sq)->first));
  PetscCall(PetscFree((*sq)->fractional));
  PetscCall(PetscFree((*sq)->power));
  PetscCall(PetscFree((*sq)->column));
  PetscCall(PetscFree(*sq));
  PetscFunctionReturn(0);
}

/* Results ----------------------------------------------------------------------------------- */

PetscInt prop_sq_nshell(const prop_sq *sq)
{
  return sq->nshell;
}

PetscInt64 prop_sq_samples(const prop_sq *sq)
{
  return sq->nsample;
}

/* Variance of the mean of n independent numbers */
static PetscReal variance_of_mean(PetscInt n, const PetscReal x[])
{
  PetscReal mean = 0.0, sum = 0.0;

  for (PetscInt i = 0; i < n; i++) mean += x[i] / (PetscReal)n;
  for (PetscInt i = 0; i < n; i++) sum += PetscSqr(x[i] - mean);
  return sum / (PetscReal)(n * (n - 1));
}

PetscReal prop_block_error(PetscInt n, const PetscReal x[])
{
  PetscReal pair[PROP_SQ_BLOCKS / 2], most;

  n = PetscMin(n, PROP_SQ_BLOCKS);
  if (n < MIN_BLOCKS) return PROP_NAN;
  for (PetscInt i = 0; i < n / 2; i++) pair[i] = 0.5 * (x[2 * i] + x[2 * i + 1]);
  most = PetscMax(variance_of_mean(n, x), variance_of_mean(n / 2, pair));
  return most > 0.0 ? PetscSqrtReal(most) : PROP_NAN;
}

/* S from the sums of one block at a pair and shell; NaN without vectors or pairs */
static PetscReal factor(const prop_sq *sq, size_t block, PetscInt a, PetscInt b, PetscInt shell)
{
  const PetscInt low = PetscMin(a, b), high = PetscMax(a, b);
  const PetscReal *sum = sq->sum + block * width(sq) + shell;
  const PetscReal own = a == b ? (PetscReal)sq->natom[a] : 0.0;
  const PetscReal pairs = (PetscReal)sq->natom[a] * (PetscReal)(sq->natom[b] - (a == b ? 1 : 0));
  const size_t at = (size_t)(1 + high * (high + 1) / 2 + low) * (size_t)sq->nshell;
  PetscReal total = 0.0;

  for (PetscInt s = 0; s < sq->nspecies; s++) total += (PetscReal)sq->natom[s];
  if (!(pairs > 0.0) || !(sum[0] > 0.0)) return PROP_NAN;
  return 1.0 + total * (sum[at] / sum[0] - own) / pairs;
}

PetscErrorCode prop_sq_curve(const prop_sq *sq, PetscInt a, PetscInt b, PetscReal q[],
                             PetscReal s[], PetscReal error[])
{
  PetscReal x[PROP_SQ_BLOCKS];

  PetscFunctionBegin;
  PetscCheck(a >= 0 && b >= 0 && a < sq->nspecies && b < sq->nspecies, PETSC_COMM_SELF,
             PETSC_ERR_ARG_OUTOFRANGE,
             "Pair of species %" PetscInt_FMT " and %" PetscInt_FMT " of %" PetscInt_FMT, a, b,
             sq->nspecies);
  for (PetscInt k = 0; k < sq->nshell; k++) {
    PetscInt n = 0;

    q[k] = ((PetscReal)k + 0.5) * sq->qmax / (PetscReal)sq->nshell;
    s[k] = factor(sq, 0, a, b, k);
    for (PetscInt i = 0; i < sq->nblock; i++) {
      x[n] = factor(sq, 1 + (size_t)i, a, b, k);
      if (!PetscIsNanReal(x[n])) n++;
    }
    error[k] = prop_block_error(n, x);
  }
  PetscFunctionReturn(0);
}
