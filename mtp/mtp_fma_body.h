/* mtp/mtp_fma_body.h - the peak of multiply-adds with one instruction set; included by mtp_fma_*.c
 *
 * Chains c = a c + b that do not depend on each other.  A processor that starts two multiply-adds
 * a cycle and takes four cycles for one needs eight of them to be always busy; fourteen, with a
 * and b, fill the sixteen registers of SSE2 and AVX2.  Chains start with different numbers: equal
 * ones a compiler would compute once.  Compiled with the flags of the kernel of that name, so that
 * what is a multiply-add there is one here: in the portable version on x86-64 a product and a sum.
 */
#pragma once

#include "mtp/mtp_bench_impl.h"

#if defined(MTP_SIMD_AVX512)
enum { LANES = 8 };
typedef double vd __attribute__((vector_size(64)));
#elif defined(MTP_SIMD_AVX2)
enum { LANES = 4 };
typedef double vd __attribute__((vector_size(32)));
#else
enum { LANES = 2 };
typedef double vd __attribute__((vector_size(16)));
#endif

#define EACH_CHAIN(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13)
#define START(k)      vd c##k = (double)(k) - (vd){0};
#define STEP(k)       c##k = c##k * va + vb;
#define ADD(k)        all += c##k;

static double fma_loop(int64_t n, double a, double b)
{
  const vd va = a - (vd){0}, vb = b - (vd){0};
  vd all = {0};
  double sum = 0.0;

  EACH_CHAIN(START)
  for (int64_t k = 0; k < n; k++) {
    EACH_CHAIN(STEP)
  }
  EACH_CHAIN(ADD)
  for (int l = 0; l < LANES; l++) sum += all[l];
  return sum;
}
