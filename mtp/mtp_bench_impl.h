/* mtp/mtp_bench_impl.h - parts of the benchmark; for mtp/ and its tests only */
#pragma once

#include "mtp/mtp_bench.h"

#include <stdint.h>

/* A loop of nothing but multiply-adds, n times through `operations` of them: MTP_FMA_CHAINS chains
 * c = a c + b in each lane, chain k starting from k.  Returns the sum of all, so that with
 * a = b = 1 loop(n) - loop(0) is the number of multiply-adds done: n times `operations`.
 * Verified by: tests/unit/mtp/test_mtp_bench.c */
enum { MTP_FMA_CHAINS = 14 };
typedef struct {
  double (*loop)(int64_t n, double a, double b);
  PetscInt lanes, operations;
} mtp_fma;
extern const mtp_fma mtp__fma_portable, mtp__fma_avx2, mtp__fma_avx512;
/* That of a kernel by its name; the reference kernel has the portable one. */
const mtp_fma *mtp__fma_of(const char *kernel);

/* The machine (mtp_bench_machine.c) ------------------------------------------------------------ */

/* Keeps the calling thread on the core it runs on, and back to where it was allowed to run. */
typedef struct mtp_bench_pin mtp_bench_pin;
PetscErrorCode mtp__bench_pin(mtp_bench_pin **pin, PetscInt *core);
PetscErrorCode mtp__bench_unpin(mtp_bench_pin **pin);

/* Time of a core since the start of the machine, from /proc/stat; `known` tells whether it is
   there. */
typedef struct {
  PetscBool known;
  PetscReal all, stolen; /* in ticks */
} mtp_bench_ticks;
mtp_bench_ticks mtp__bench_ticks(PetscInt core);
/* The same from text: the line "cpu<core> user nice system idle iowait irq softirq steal ..." */
PetscBool mtp__bench_parse_ticks(const char *line, PetscInt core, mtp_bench_ticks *ticks);
