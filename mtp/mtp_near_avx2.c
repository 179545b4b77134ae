/* mtp/mtp_near_avx2.c - four points at a time, packed by a table of permutations */
#include "mtp/mtp_near.h"

#include <immintrin.h>

/* front[mask]: the lanes of the mask, in order, then lanes that do not matter */
static const int32_t front[16][4] = {{0, 0, 0, 0}, {0, 0, 0, 0}, {1, 0, 0, 0}, {0, 1, 0, 0},
                                     {2, 0, 0, 0}, {0, 2, 0, 0}, {1, 2, 0, 0}, {0, 1, 2, 0},
                                     {3, 0, 0, 0}, {0, 3, 0, 0}, {1, 3, 0, 0}, {0, 1, 3, 0},
                                     {2, 3, 0, 0}, {0, 2, 3, 0}, {1, 2, 3, 0}, {0, 1, 2, 3}};

/* Packs the numbers of the lanes in `near` but for `self`; returns how many. */
static inline PetscInt pack(unsigned near, const PetscInt *number, PetscInt self, PetscInt *found)
{
  if (sizeof(PetscInt) == 4) {
    const __m128i who = _mm_loadu_si128((const __m128i *)(const void *)number);
    const __m128i same = _mm_cmpeq_epi32(who, _mm_set1_epi32((int)self));
    __m128i order;

    near &= ~(unsigned)_mm_movemask_ps(_mm_castsi128_ps(same));
    order = _mm_loadu_si128((const __m128i *)(const void *)front[near]);
    _mm_storeu_si128((__m128i *)(void *)found,
                     _mm_castps_si128(_mm_permutevar_ps(_mm_castsi128_ps(who), order)));
    return __builtin_popcount(near);
  }
  for (int l = 0; l < 4; l++) near &= ~((unsigned)(number[l] == self) << l);
  for (int l = 0; l < 4; l++) found[l] = number[front[near][l]];
  return __builtin_popcount(near);
}

PetscInt mtp__near_avx2(const mtp_near_points *points, PetscInt begin, PetscInt end,
                        const PetscReal at[3], PetscReal reach2, PetscInt self, PetscInt *found)
{
  const PetscReal *x = points->x, *y = points->y, *z = points->z;
  const PetscInt *number = points->number;
  const __m256d x0 = _mm256_set1_pd(at[0]), y0 = _mm256_set1_pd(at[1]), z0 = _mm256_set1_pd(at[2]);
  const __m256d limit = _mm256_set1_pd(reach2);
  PetscInt count = 0;

  for (PetscInt k = begin; k < end; k += 4) {
    const unsigned valid = end - k < 4 ? 0xfu >> (4 - (end - k)) : 0xfu;
    const __m256d dx = _mm256_sub_pd(x0, _mm256_loadu_pd(x + k));
    const __m256d dy = _mm256_sub_pd(y0, _mm256_loadu_pd(y + k));
    const __m256d dz = _mm256_sub_pd(z0, _mm256_loadu_pd(z + k));
    const __m256d square = _mm256_add_pd(
        _mm256_add_pd(_mm256_mul_pd(dx, dx), _mm256_mul_pd(dy, dy)), _mm256_mul_pd(dz, dz));
    const unsigned near =
        valid & (unsigned)_mm256_movemask_pd(_mm256_cmp_pd(square, limit, _CMP_LE_OQ));

    count += pack(near, number + k, self, found + count);
  }
  return count;
}
