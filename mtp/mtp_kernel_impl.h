/* mtp/mtp_kernel_impl.h - what kernel units and the engine share; for mtp/ only
 *
 * A kernel unit is mtp_kernel_body.h compiled for one instruction set; it exports one table of
 * functions.  The engine (mtp_engine.c) chooses the unit, keeps the plans and lends the scratch.
 */
#pragma once

#include "mtp/mtp_kernel.h"
#include "mtp/mtp_plan.h"

/* What a unit keeps of one batch of atoms; defined by mtp_kernel_atom.h for each instruction set.
 */
typedef struct mtp_kernel_batch mtp_kernel_batch;
typedef struct mtp_kernel_job mtp_kernel_job;

/* What members in lanes need beside a batch; defined there, too. */
typedef struct mtp_kernel_members mtp_kernel_members;

/* The two passes over the neighbours of atom l of a batch, for all members of a committee; i is its
   number in the list. */
typedef struct {
  void (*forward)(const mtp_kernel_job *job, PetscInt l, mtp_kernel_batch *batch);
  void (*backward)(const mtp_kernel_job *job, PetscInt l, PetscInt i, mtp_kernel_batch *batch);
} mtp_passes;

/* The same with members in lanes, for atom q of those that go through the graph together */
typedef struct {
  void (*forward)(const mtp_kernel_job *job, PetscInt q, mtp_kernel_batch *batch,
                  const mtp_kernel_members *s);
  void (*backward)(const mtp_kernel_job *job, PetscInt q, PetscInt i, mtp_kernel_batch *batch,
                   const mtp_kernel_members *s);
} mtp_member_passes;

enum { MTP_KERNEL_SPLITS = 3 };

/* A standard level: passes with constant ranks, and the graph as straight-line code; M and G are
   vectors over atoms or members. */
typedef struct {
  uint64_t signature; /* of the plan that the code was written from */
  mtp_passes passes;
  mtp_member_passes members[MTP_KERNEL_SPLITS]; /* lanes of a member: 1, 2, 4 */
  void (*forward)(double *M);
  void (*leaf)(double *M, double *G, const double *coeff);
  void (*backward)(double *M, double *G);
} mtp_generated;

/* One evaluation. */
struct mtp_kernel_job {
  PetscInt members;               /* potentials evaluated together, >= 1 */
  const mtp_plan *const *plan;    /* [members] of one shape: all but their coefficients is equal */
  mtp_result *out;                /* [members] */
  const mtp_generated *generated; /* NULL: walk over the programs */
  const mtp_plan_grade *grade;    /* of member 0; NULL: grades are not asked for */
  const mtp_neighbors *nb;
  void *scratch;    /* [scratch_size(job)] aligned to 64 bytes */
  PetscInt longest; /* entries of the longest row of nb */
  int way;          /* of members in lanes: a member has 2^way of them; negative: none */
};

typedef struct {
  const char *name;
  PetscInt lanes;
  const mtp_generated *const *generated; /* ends with NULL */
  size_t (*scratch_size)(const mtp_kernel_job *job);
  void (*evaluate)(const mtp_kernel_job *job);
} mtp_kernel_unit;

enum { MTP_KERNEL_MAX_K = 6 }; /* radial functions that kernel units know */

extern const mtp_kernel_unit mtp__kernel_portable, mtp__kernel_avx2, mtp__kernel_avx512;
