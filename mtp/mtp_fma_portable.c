/* mtp/mtp_fma_portable.c - the peak of multiply-adds as the kernel portable has them */
#include "mtp/mtp_fma_body.h"

const mtp_fma mtp__fma_portable = {fma_loop, LANES, MTP_FMA_CHAINS *LANES};
