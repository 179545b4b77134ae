/* mtp/mtp_fma_avx512.c - the peak of multiply-adds as the kernel avx512 has them */
#define MTP_SIMD_AVX512
#include "mtp/mtp_fma_body.h"

const mtp_fma mtp__fma_avx512 = {fma_loop, LANES, MTP_FMA_CHAINS *LANES};
