/* mtp/mtp_simd.h - vectors of doubles for the kernel units; included by mtp_kernel_atom.h only
 *
 * Arithmetic is that of the compilers' vector extension (+ - * on `vd`), so that kernels read like
 * formulas; multiply-adds come from -ffp-contract=fast, which the kernel units alone are compiled
 * with.  Here stands what the extension has no word for: square roots, sums across a vector,
 * transposition, and choosing the neighbours within the cut-off.  LANES is 8 with AVX-512, 4 with
 * AVX2, 2 in the portable version, which is what SSE2 and NEON have, written as plain loops.
 */
#pragma once

#include <math.h>
#include <petscsys.h>
#include <stdint.h>
#include <string.h>

#if defined(MTP_SIMD_AVX512)
#include <immintrin.h>
enum { LANES = 8, FORWARD_VECTORS = 4, BACKWARD_VECTORS = 2, PAIR = 2, STREAMS = 2 };
#define FORWARD_VECTORS_MAX 4
#elif defined(MTP_SIMD_AVX2)
#include <immintrin.h>
enum { LANES = 4, FORWARD_VECTORS = 2, BACKWARD_VECTORS = 1, PAIR = 2, STREAMS = 2 };
#define FORWARD_VECTORS_MAX 2
#else
enum { LANES = 2, FORWARD_VECTORS = 2, BACKWARD_VECTORS = 1, PAIR = 2, STREAMS = 2 };
#define FORWARD_VECTORS_MAX 2
#endif
/* Members in lanes with 1, 2 ... numbers each: SPLITS ways */
#if defined(MTP_SIMD_AVX512)
enum { SPLITS = 3 };
#elif defined(MTP_SIMD_AVX2)
enum { SPLITS = 2 };
#else
enum { SPLITS = 1 };
#endif
enum { LOW_RANK = 4 };  /* of mu = 0, level 12 */
enum { PAIR_RANK = 8 }; /* level 20 */
/* Nodes and sums that go together when members fill a vector, so that sums stay in registers */
#if defined(MTP_SIMD_AVX512)
enum { TILE_NODES = 9, TILE_SUMS = 30 };
#else
enum { TILE_NODES = 9, TILE_SUMS = 14 };
#endif

#if defined(MTP_SIMD_AVX512)
typedef double vd __attribute__((vector_size(64)));
typedef int64_t vi __attribute__((vector_size(64)));
#elif defined(MTP_SIMD_AVX2)
typedef double vd __attribute__((vector_size(32)));
typedef int64_t vi __attribute__((vector_size(32)));
#else
typedef double vd __attribute__((vector_size(16)));
typedef int64_t vi __attribute__((vector_size(16)));
#endif

#ifdef MTP_WATCHED /* by sanitizers: functions of their own compile in a fraction of the time */
#define INLINE static inline
#else
#define INLINE static inline __attribute__((always_inline))
#endif
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif
/* Loops over nodes: unrolled in units for one level, where their lengths are constants */
#ifdef MTP_LEVEL_TOP
#define LOOP UNROLL
#else
#define LOOP
#endif

INLINE vd vset(double s)
{
  return s - (vd){0};
}

INLINE vd vload(const double *p)
{
  vd v;

  memcpy(&v, p, sizeof(v));
  return v;
}

INLINE void vstore(double *p, vd v)
{
  memcpy(p, &v, sizeof(v));
}

/* a in the lanes below n, b in the others */
INLINE vd vselect(PetscInt n, vd a, vd b)
{
#if defined(MTP_SIMD_AVX512)
  const vi lane = {0, 1, 2, 3, 4, 5, 6, 7};
#elif defined(MTP_SIMD_AVX2)
  const vi lane = {0, 1, 2, 3};
#else
  const vi lane = {0, 1};
#endif
  const vi below = lane < (int64_t)n;

  return (vd)((below & (vi)a) | (~below & (vi)b));
}

INLINE vd vmax(vd a, double b)
{
  const vi above = a > b;

  return (vd)((above & (vi)a) | (~above & (vi)vset(b)));
}

/* Lanes of members ------------------------------------------------------------------------------
   A vector of LANES / S members with S numbers each, lane m S + q; S is a constant, 1, 2 or 4. */

/* S numbers, the same for each member */
INLINE vd spread(const int S, const double *p)
{
#if defined(MTP_SIMD_AVX512)
  if (S == 2) return (vd)_mm512_broadcast_f64x2(_mm_loadu_pd(p));
  if (S == 4) return (vd)_mm512_broadcast_f64x4(_mm256_loadu_pd(p));
#elif defined(MTP_SIMD_AVX2)
  if (S == 2) return (vd)_mm256_broadcast_pd((const __m128d *)(const void *)p);
#endif
  return S == LANES ? vload(p) : vset(*p);
}

/* a in the first n of each S lanes, b in the others */
INLINE vd vselect_of(const int S, PetscInt n, vd a, vd b)
{
  vi lane, below;

  for (int l = 0; l < LANES; l++) lane[l] = l % S;
  below = lane < (int64_t)n;
  return (vd)((below & (vi)a) | (~below & (vi)b));
}

/* Lanes of x and y in the order of numbers below 2 LANES */
#if defined(MTP_SIMD_AVX512)
#define VSHUFFLE(x, y, a, b, c, d, e, f, g, h)                                                     \
  (vd) __builtin_shufflevector((x), (y), a, b, c, d, e, f, g, h)
#endif

INLINE vd even_lanes(vd x, vd y)
{
#if defined(MTP_SIMD_AVX512)
  return VSHUFFLE(x, y, 0, 8, 2, 10, 4, 12, 6, 14);
#elif defined(MTP_SIMD_AVX2)
  return (vd)__builtin_shufflevector(x, y, 0, 4, 2, 6);
#else
  return (vd)__builtin_shufflevector(x, y, 0, 2);
#endif
}

INLINE vd odd_lanes(vd x, vd y)
{
#if defined(MTP_SIMD_AVX512)
  return VSHUFFLE(x, y, 1, 9, 3, 11, 5, 13, 7, 15);
#elif defined(MTP_SIMD_AVX2)
  return (vd)__builtin_shufflevector(x, y, 1, 5, 3, 7);
#else
  return (vd)__builtin_shufflevector(x, y, 1, 3);
#endif
}

#if defined(MTP_SIMD_AVX512)
/* Of each member's four lanes the first two of x and of y, and the last two */
INLINE vd first_halves(vd x, vd y)
{
  return VSHUFFLE(x, y, 0, 1, 8, 9, 4, 5, 12, 13);
}

INLINE vd last_halves(vd x, vd y)
{
  return VSHUFFLE(x, y, 2, 3, 10, 11, 6, 7, 14, 15);
}
#endif

/* Lane m S + q of the result is lane m S + atom of g. */
INLINE vd from_atom(const int S, PetscInt atom, vd g)
{
  if (S == 2) return atom ? odd_lanes(g, g) : even_lanes(g, g);
#if defined(MTP_SIMD_AVX512)
  if (S == 4) {
    const vd pair = atom % 2 ? odd_lanes(g, g) : even_lanes(g, g);

    return atom / 2 ? last_halves(pair, pair) : first_halves(pair, pair);
  }
#endif
  return g;
}

/* Lane m S + q of the result is the sum over member m's lanes of x[q stride]. */
INLINE vd sum_atoms(const int S, const vd *x, PetscInt stride)
{
  vd pair;

  if (S == 1) return x[0];
  pair = even_lanes(x[0], x[stride]) + odd_lanes(x[0], x[stride]);
#if defined(MTP_SIMD_AVX512)
  if (S == 4) {
    const vd *y = x + 2 * stride;
    const vd other = even_lanes(y[0], y[stride]) + odd_lanes(y[0], y[stride]);

    return first_halves(pair, other) + last_halves(pair, other);
  }
#endif
  return pair;
}

/* Vectors that hold the forces of all members on one atom; component k of member m is in vector
   k / S, lane m S + k % S. */
#define FORCE_ROWS(S) ((3 + (S)-1) / (S))

/* g [3] of S neighbours, turned so that what belongs to neighbour q is to[q FORCE_ROWS(S)] ... */
INLINE void turn_column(const int S, const vd g[3], vd to[])
{
  const vd zero = vset(0.0);

  if (S == 1) {
    for (int k = 0; k < 3; k++) to[k] = g[k];
  } else if (S == 2) {
    to[0] = even_lanes(g[0], g[1]);
    to[1] = even_lanes(g[2], zero);
    to[2] = odd_lanes(g[0], g[1]);
    to[3] = odd_lanes(g[2], zero);
  }
#if defined(MTP_SIMD_AVX512)
  if (S == 4) {
    const vd xy[2] = {even_lanes(g[0], g[1]), odd_lanes(g[0], g[1])};
    const vd z[2] = {even_lanes(g[2], zero), odd_lanes(g[2], zero)};

    for (int q = 0; q < 2; q++) {
      to[q] = first_halves(xy[q], z[q]);
      to[q + 2] = last_halves(xy[q], z[q]);
    }
  }
#endif
}

/* Two neighbouring numbers */
typedef double pair_of __attribute__((vector_size(16)));

INLINE pair_of load_pair(const double *p)
{
  pair_of v;

  memcpy(&v, p, sizeof(v));
  return v;
}

INLINE void store_pair(double *p, pair_of v)
{
  memcpy(p, &v, sizeof(v));
}

#if defined(MTP_SIMD_AVX512)

/* x0 y0 x1 y1 ... */
INLINE void pair_lanes(vd x, vd y, double to[])
{
  const __m512d low = _mm512_unpacklo_pd((__m512d)x, (__m512d)y);
  const __m512d high = _mm512_unpackhi_pd((__m512d)x, (__m512d)y);
  const __m512i first = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
  const __m512i second = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);

  _mm512_storeu_pd(to, _mm512_permutex2var_pd(low, first, high));
  _mm512_storeu_pd(to + 8, _mm512_permutex2var_pd(low, second, high));
}

INLINE vd vsqrt(vd a)
{
  return (vd)_mm512_sqrt_pd((__m512d)a);
}

INLINE double vsum(vd a)
{
  return _mm512_reduce_add_pd((__m512d)a);
}

/* Sums of x + y over pairs of lanes, then over pairs of halves */
INLINE __m512d add_pairs(__m512d x, __m512d y)
{
  return _mm512_add_pd(_mm512_unpacklo_pd(x, y), _mm512_unpackhi_pd(x, y));
}

INLINE __m512d add_quarters(__m512d x, __m512d y)
{
  return _mm512_add_pd(_mm512_shuffle_f64x2(x, y, 0x88), _mm512_shuffle_f64x2(x, y, 0xDD));
}

/* Lane k of the result is the sum over the lanes of a[k]. */
INLINE vd vsums(const vd a[])
{
  const __m512d *x = (const __m512d *)a;
  const __m512d t0 = add_pairs(x[0], x[1]), t1 = add_pairs(x[2], x[3]);
  const __m512d t2 = add_pairs(x[4], x[5]), t3 = add_pairs(x[6], x[7]);

  return (vd)add_quarters(add_quarters(t0, t1), add_quarters(t2, t3));
}

/* to[k to_stride + l] = from[l stride + k] for k, l < LANES */
INLINE void transpose(const double *from, PetscInt stride, double *to, PetscInt to_stride)
{
  __m512d a[8], b[8];

  UNROLL for (int l = 0; l < 8; l++) a[l] = _mm512_loadu_pd(from + l * stride);
  UNROLL for (int l = 0; l < 8; l += 2)
  {
    b[l] = _mm512_unpacklo_pd(a[l], a[l + 1]);
    b[l + 1] = _mm512_unpackhi_pd(a[l], a[l + 1]);
  }
  UNROLL for (int l = 0; l < 8; l += 4)
  {
    a[l] = _mm512_shuffle_f64x2(b[l], b[l + 2], 0x88);
    a[l + 1] = _mm512_shuffle_f64x2(b[l + 1], b[l + 3], 0x88);
    a[l + 2] = _mm512_shuffle_f64x2(b[l], b[l + 2], 0xDD);
    a[l + 3] = _mm512_shuffle_f64x2(b[l + 1], b[l + 3], 0xDD);
  }
  /* a[0]: columns 0, 4 of rows 0-3; a[1]: 1, 5; a[2]: 2, 6; a[3]: 3, 7; a[4..7] of rows 4-7 */
  UNROLL for (int k = 0; k < 4; k++)
  {
    _mm512_storeu_pd(to + k * to_stride, _mm512_shuffle_f64x2(a[k], a[k + 4], 0x88));
    _mm512_storeu_pd(to + (k + 4) * to_stride, _mm512_shuffle_f64x2(a[k], a[k + 4], 0xDD));
  }
}

INLINE __m256i load_indices(const PetscInt *j)
{
  if (sizeof(PetscInt) == 4) return _mm256_loadu_si256((const __m256i *)(const void *)j);
  return _mm512_cvtepi64_epi32(_mm512_loadu_si512(j));
}

/* Distance vectors of n <= LANES neighbours; those not beyond the cut-off go to the front of
   d[0..2] and j.  Returns which they were.  x may be read one number past an atom. */
INLINE unsigned choose_neighbours(const double *x, const PetscInt *index, PetscInt n,
                                  const double centre[3], double cutoff2, double *const d[3],
                                  int32_t *j)
{
  const __mmask8 valid = (__mmask8)(0xffu >> (8 - n));
  PetscInt tail[8];
  const PetscInt *at = index;
  __m512d z[4], a, b, g, h, dx, dy, dz, r2;
  __mmask8 mask;

  if (n < 8) {
    for (int k = 0; k < 8; k++) tail[k] = index[k < n ? k : 0];
    at = tail;
  }
  UNROLL for (int k = 0; k < 4; k++)
  { /* atoms 0 and 2, 1 and 3, 4 and 6, 5 and 7: then the shuffles below leave them in order */
    const int low = k + (k & 2);

    z[k] = _mm512_insertf64x4(_mm512_castpd256_pd512(_mm256_loadu_pd(x + 3 * (int64_t)at[low])),
                              _mm256_loadu_pd(x + 3 * (int64_t)at[low + 2]), 1);
  }
  a = _mm512_unpacklo_pd(z[0], z[1]);
  b = _mm512_unpacklo_pd(z[2], z[3]);
  h = _mm512_unpackhi_pd(z[0], z[1]);
  g = _mm512_unpackhi_pd(z[2], z[3]);
  dx = _mm512_sub_pd(_mm512_shuffle_f64x2(a, b, 0x88), _mm512_set1_pd(centre[0]));
  dy = _mm512_sub_pd(_mm512_shuffle_f64x2(h, g, 0x88), _mm512_set1_pd(centre[1]));
  dz = _mm512_sub_pd(_mm512_shuffle_f64x2(a, b, 0xDD), _mm512_set1_pd(centre[2]));
  r2 = _mm512_fmadd_pd(dx, dx, _mm512_fmadd_pd(dy, dy, _mm512_mul_pd(dz, dz)));
  mask = valid & _mm512_cmp_pd_mask(r2, _mm512_set1_pd(cutoff2), _CMP_NGE_UQ);
  _mm512_storeu_pd(d[0], _mm512_maskz_compress_pd(mask, dx));
  _mm512_storeu_pd(d[1], _mm512_maskz_compress_pd(mask, dy));
  _mm512_storeu_pd(d[2], _mm512_maskz_compress_pd(mask, dz));
  _mm256_storeu_si256((__m256i *)j, _mm256_maskz_compress_epi32(mask, load_indices(at)));
  return mask;
}

#else

INLINE void pair_lanes(vd x, vd y, double to[])
{
  for (int l = 0; l < LANES; l++) {
    to[2 * l] = x[l];
    to[2 * l + 1] = y[l];
  }
}

#if defined(MTP_SIMD_AVX2)

INLINE double vsum(vd a)
{
  return (a[0] + a[1]) + (a[2] + a[3]);
}

INLINE vd vsqrt(vd a)
{
  return (vd)_mm256_sqrt_pd((__m256d)a);
}

INLINE vd vsums(const vd a[])
{
  const __m256d *x = (const __m256d *)a;
  const __m256d s = _mm256_hadd_pd(x[0], x[1]), t = _mm256_hadd_pd(x[2], x[3]);

  return (vd)_mm256_add_pd(_mm256_permute2f128_pd(s, t, 0x20), _mm256_permute2f128_pd(s, t, 0x31));
}

INLINE void transpose(const double *from, PetscInt stride, double *to, PetscInt to_stride)
{
  const __m256d a = _mm256_loadu_pd(from), b = _mm256_loadu_pd(from + stride);
  const __m256d c = _mm256_loadu_pd(from + 2 * stride), d = _mm256_loadu_pd(from + 3 * stride);
  const __m256d ab = _mm256_unpacklo_pd(a, b), ba = _mm256_unpackhi_pd(a, b);
  const __m256d cd = _mm256_unpacklo_pd(c, d), dc = _mm256_unpackhi_pd(c, d);

  _mm256_storeu_pd(to, _mm256_permute2f128_pd(ab, cd, 0x20));
  _mm256_storeu_pd(to + to_stride, _mm256_permute2f128_pd(ba, dc, 0x20));
  _mm256_storeu_pd(to + 2 * to_stride, _mm256_permute2f128_pd(ab, cd, 0x31));
  _mm256_storeu_pd(to + 3 * to_stride, _mm256_permute2f128_pd(ba, dc, 0x31));
}

#else

INLINE double vsum(vd a)
{
  return a[0] + a[1];
}

INLINE vd vsqrt(vd a)
{
  return (vd){sqrt(a[0]), sqrt(a[1])};
}

INLINE vd vsums(const vd a[])
{
  return (vd){vsum(a[0]), vsum(a[1])};
}

INLINE void transpose(const double *from, PetscInt stride, double *to, PetscInt to_stride)
{
  for (int k = 0; k < LANES; k++) {
    for (int l = 0; l < LANES; l++) to[k * to_stride + l] = from[l * stride + k];
  }
}

#endif

#if defined(MTP_SIMD_AVX2)

/* For each of the 16 masks: which numbers come to the front; what follows them does not matter.  As
   the two halves of 64-bit numbers, because only 32-bit pieces can be permuted freely. */
#define HALVES(a, b, c, d)                                                                         \
  {                                                                                                \
    2 * (a), 2 * (a) + 1, 2 * (b), 2 * (b) + 1, 2 * (c), 2 * (c) + 1, 2 * (d), 2 * (d) + 1         \
  }
static const int32_t front_halves[16][8] = {
    HALVES(0, 1, 2, 3), HALVES(0, 1, 2, 3), HALVES(1, 0, 2, 3), HALVES(0, 1, 2, 3),
    HALVES(2, 0, 1, 3), HALVES(0, 2, 1, 3), HALVES(1, 2, 0, 3), HALVES(0, 1, 2, 3),
    HALVES(3, 0, 1, 2), HALVES(0, 3, 1, 2), HALVES(1, 3, 0, 2), HALVES(0, 1, 3, 2),
    HALVES(2, 3, 0, 1), HALVES(0, 2, 3, 1), HALVES(1, 2, 3, 0), HALVES(0, 1, 2, 3)};
static const int32_t front[16][4] = {{0, 1, 2, 3}, {0, 1, 2, 3}, {1, 0, 2, 3}, {0, 1, 2, 3},
                                     {2, 0, 1, 3}, {0, 2, 1, 3}, {1, 2, 0, 3}, {0, 1, 2, 3},
                                     {3, 0, 1, 2}, {0, 3, 1, 2}, {1, 3, 0, 2}, {0, 1, 3, 2},
                                     {2, 3, 0, 1}, {0, 2, 3, 1}, {1, 2, 3, 0}, {0, 1, 2, 3}};

INLINE __m128i load_indices(const PetscInt *j)
{
  if (sizeof(PetscInt) == 4) return _mm_loadu_si128((const __m128i *)(const void *)j);
  return _mm_setr_epi32((int)j[0], (int)j[1], (int)j[2], (int)j[3]);
}

INLINE void store_front(double *to, __m256d v, __m256i order)
{
  _mm256_storeu_pd(to, _mm256_castps_pd(_mm256_permutevar8x32_ps(_mm256_castpd_ps(v), order)));
}

/* The same as above by a table of permutations. */
INLINE unsigned choose_neighbours(const double *x, const PetscInt *index, PetscInt n,
                                  const double centre[3], double cutoff2, double *const d[3],
                                  int32_t *j)
{
  const unsigned valid = 0xfu >> (4 - n);
  PetscInt tail[4];
  const PetscInt *at = index;
  __m256d r[4], a, b, g, h, dx, dy, dz, r2;
  __m256i order;
  __m128 chosen;
  unsigned mask;

  if (n < 4) {
    for (int k = 0; k < 4; k++) tail[k] = index[k < n ? k : 0];
    at = tail;
  }
  UNROLL for (int k = 0; k < 4; k++) r[k] = _mm256_loadu_pd(x + 3 * (int64_t)at[k]);
  a = _mm256_unpacklo_pd(r[0], r[1]);
  b = _mm256_unpacklo_pd(r[2], r[3]);
  h = _mm256_unpackhi_pd(r[0], r[1]);
  g = _mm256_unpackhi_pd(r[2], r[3]);
  dx = _mm256_sub_pd(_mm256_permute2f128_pd(a, b, 0x20), _mm256_set1_pd(centre[0]));
  dy = _mm256_sub_pd(_mm256_permute2f128_pd(h, g, 0x20), _mm256_set1_pd(centre[1]));
  dz = _mm256_sub_pd(_mm256_permute2f128_pd(a, b, 0x31), _mm256_set1_pd(centre[2]));
  r2 = _mm256_fmadd_pd(dx, dx, _mm256_fmadd_pd(dy, dy, _mm256_mul_pd(dz, dz)));
  mask =
      valid & (unsigned)_mm256_movemask_pd(_mm256_cmp_pd(r2, _mm256_set1_pd(cutoff2), _CMP_NGE_UQ));
  order = _mm256_loadu_si256((const __m256i *)(const void *)front_halves[mask]);
  store_front(d[0], dx, order);
  store_front(d[1], dy, order);
  store_front(d[2], dz, order);
  chosen = _mm_permutevar_ps(_mm_castsi128_ps(load_indices(at)),
                             _mm_loadu_si128((const __m128i *)(const void *)front[mask]));
  _mm_storeu_si128((__m128i *)(void *)j, _mm_castps_si128(chosen));
  return mask;
}

#else

/* The same without a compress instruction: every neighbour is written, the place moves on only past
   those that stay. */
INLINE unsigned choose_neighbours(const double *x, const PetscInt *index, PetscInt n,
                                  const double centre[3], double cutoff2, double *const d[3],
                                  int32_t *j)
{
  unsigned mask = 0;
  PetscInt place = 0;

  for (PetscInt k = 0; k < n; k++) {
    const double *at = x + 3 * index[k];
    const double dx = at[0] - centre[0], dy = at[1] - centre[1], dz = at[2] - centre[2];
    const unsigned keep = !(dx * dx + dy * dy + dz * dz >= cutoff2);

    d[0][place] = dx;
    d[1][place] = dy;
    d[2][place] = dz;
    j[place] = (int32_t)index[k];
    mask |= keep << k;
    place += (PetscInt)keep;
  }
  return mask;
}

#endif

#endif
