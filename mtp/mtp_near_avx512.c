/* mtp/mtp_near_avx512.c - eight points at a time, packed by an instruction
 *
 * What is packed is stored whole: storing only the front of a register (vpcompressd to memory) is
 * microcode on Zen 4.
 */
#include "mtp/mtp_near.h"

#include <immintrin.h>

PetscInt mtp__near_avx512(const mtp_near_points *points, PetscInt begin, PetscInt end,
                          const PetscReal at[3], PetscReal reach2, PetscInt self, PetscInt *found)
{
  const PetscReal *x = points->x, *y = points->y, *z = points->z;
  const PetscInt *number = points->number;
  const __m512d x0 = _mm512_set1_pd(at[0]), y0 = _mm512_set1_pd(at[1]), z0 = _mm512_set1_pd(at[2]);
  const __m512d limit = _mm512_set1_pd(reach2);
  PetscInt count = 0;

  for (PetscInt k = begin; k < end; k += 8) {
    const __mmask8 valid = end - k < 8 ? (__mmask8)(0xffu >> (8 - (end - k))) : 0xff;
    const __m512d dx = _mm512_sub_pd(x0, _mm512_loadu_pd(x + k));
    const __m512d dy = _mm512_sub_pd(y0, _mm512_loadu_pd(y + k));
    const __m512d dz = _mm512_sub_pd(z0, _mm512_loadu_pd(z + k));
    const __m512d square = _mm512_add_pd(
        _mm512_add_pd(_mm512_mul_pd(dx, dx), _mm512_mul_pd(dy, dy)), _mm512_mul_pd(dz, dz));
    __mmask8 near = _mm512_mask_cmp_pd_mask(valid, square, limit, _CMP_LE_OQ);

    if (sizeof(PetscInt) == 4) {
      const __m256i who = _mm256_loadu_si256((const __m256i *)(const void *)(number + k));

      near = _mm256_mask_cmpneq_epi32_mask(near, who, _mm256_set1_epi32((int)self));
      _mm256_storeu_si256((__m256i *)(void *)(found + count),
                          _mm256_maskz_compress_epi32(near, who));
    } else {
      const __m512i who = _mm512_loadu_si512(number + k);

      near = _mm512_mask_cmpneq_epi64_mask(near, who, _mm512_set1_epi64(self));
      _mm512_storeu_si512(found + count, _mm512_maskz_compress_epi64(near, who));
    }
    count += __builtin_popcount(near);
  }
  return count;
}
