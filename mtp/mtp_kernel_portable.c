/* mtp/mtp_kernel_portable.c - the fast kernel for any processor */
#include "mtp/mtp_kernel_body.h"

#include "mtp/mtp_levels_portable.h"

MTP_LEVELS(MTP_DECLARE_LEVEL)
static const mtp_generated *const levels[] = {MTP_LEVELS(MTP_NAME_LEVEL) NULL};

const mtp_kernel_unit mtp__kernel_portable = {"portable", LANES, levels, scratch_size, evaluate};
