/* mtp/mtp_fma_avx2.c - the peak of multiply-adds as the kernel avx2 has them */
#define MTP_SIMD_AVX2
#include "mtp/mtp_fma_body.h"

const mtp_fma mtp__fma_avx2 = {fma_loop, LANES, MTP_FMA_CHAINS *LANES};
