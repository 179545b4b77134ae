/* mtp/mtp_kernel_avx512.c - the fast kernel for x86-64 with AVX-512 (F, VL, DQ, BW) */
#define MTP_SIMD_AVX512
#include "mtp/mtp_kernel_body.h"

#include "mtp/mtp_levels_avx512.h"

MTP_LEVELS(MTP_DECLARE_LEVEL)
static const mtp_generated *const levels[] = {MTP_LEVELS(MTP_NAME_LEVEL) NULL};

const mtp_kernel_unit mtp__kernel_avx512 = {"avx512", LANES, levels, scratch_size, evaluate};
