/* mtp/mtp_near.h - which of a row of points are near: the inner loop of building lists
 *
 * One function for each instruction set, all in one binary.  Unlike kernels these units contract
 * nothing into fused operations: squared distances are the same to the bit everywhere, and so are
 * the lists, whatever machine builds them.
 * For mtp_neigh.c and its tests only.
 */
#pragma once

#include "mtp/mtp_kernel.h"

/* How many numbers beyond their end arrays must have, to be read or written without harm. */
enum { MTP_NEAR_PAD = 8 };

/* Points, each with a number */
typedef struct {
  PetscReal *x, *y, *z; /* [n + MTP_NEAR_PAD, Å] */
  PetscInt *number;     /* [n + MTP_NEAR_PAD] */
} mtp_near_points;

/* Those of the points begin..end-1 whose squared distance to `at` [Å] is at most reach2 [Å^2], but
 * for number `self` (one that nobody has: all).
 * Out:  found  [end - begin + MTP_NEAR_PAD] their numbers, in order; scratch behind them
 * Returns how many they are.
 * Verified by: tests/unit/mtp/test_mtp_neigh.c */
typedef PetscInt mtp_near(const mtp_near_points *points, PetscInt begin, PetscInt end,
                          const PetscReal at[3], PetscReal reach2, PetscInt self, PetscInt *found);
mtp_near mtp__near_portable, mtp__near_avx2, mtp__near_avx512;

/* That of a kernel; NULL where this binary or processor does not have it.  AUTO: the fastest. */
mtp_near *mtp__near_of(mtp_kernel_kind kind);
