/* mtp/mtp_kernel_avx2.c - the fast kernel for x86-64 with AVX2 and FMA */
#define MTP_SIMD_AVX2
#include "mtp/mtp_kernel_body.h"

#include "mtp/mtp_levels_avx2.h"

MTP_LEVELS(MTP_DECLARE_LEVEL)
static const mtp_generated *const levels[] = {MTP_LEVELS(MTP_NAME_LEVEL) NULL};

const mtp_kernel_unit mtp__kernel_avx2 = {"avx2", LANES, levels, scratch_size, evaluate};
