/* mtp/mtp_plan.h - a potential made ready for the fast kernels; read-only, shared by all of them
 *
 * What is done once, when a potential is loaded, so that nothing of it is done per atom:
 *
 * Radial functions become powers.  f_mu(r) = (r - R_c)^2 P_mu(xi) with P_mu a polynomial of degree
 * R - 1 in xi: Horner's rule gives value and derivative without tables.  For R > MTP_PLAN_POWERS
 * the powers lose digits and Clenshaw's recurrence is used on the Chebyshev coefficients instead.
 *
 * Trace reduction.  With u a unit vector, x^2 + y^2 + z^2 = 1, so that within one mu
 *   M[a,b,c+2] = M[a,b,c] - M[a+2,b,c] - M[a,b+2,c].
 * Only components with c = 0 or 1 are summed over neighbours, (k+1)^2 of them up to rank k instead
 * of (k+1)(k+2)(k+3)/6.  All of these are summed, whether the file lists them or not, so that the
 * relation always closes.
 *
 * Nodes and slots.  A node is a monomial x^a y^b; nodes are ordered by degree e = a + b, then by b,
 * so node (a,b) is e(e+1)/2 + b.  Node (a,b) carries the components (a,b,0) and (a,b,1).  A slot is
 * one summed component; the slots of a node stand together: first c = 0 for each mu that reaches
 * rank e, then c = 1 for each mu that reaches rank e + 1.  The mu are sorted by falling rank, so
 * "each mu that reaches rank e" is 0 .. active[e] - 1.
 *
 * Moments.  Kernels keep M and G = dV/dM as vectors over atoms (one lane an atom).  Their
 * numbering: slots; the components with c >= 2 that somebody needs; products that are used in
 * further products; room for operands scaled by a multinomial factor.  Scalars that are used
 * nowhere else are never formed: their energy is a quadratic form of other moments.
 *
 * The graph.  Products come in blocks, the components of one tensor contraction.  Within a block
 * the multinomial factor depends on one operand only; that operand is scaled once and the block's
 * rows are then plain sums of products.  A program is a list of runs, rows of equal length and
 * kind:
 *   SCALE     M[to] = c M[a]
 *   FORWARD   M[to] = sum M[a] M[b]
 *   LEAF      G[to] += sum c M[a]
 *   BACKWARD  G[to] += sum G[a] M[b]         by the one operand
 *   BACKSCALE G[to] += c sum G[a] M[b]       by the scaled operand
 * A table kernel walks over it; the code generated at build time for the standard levels is the
 * same program written out (mtp_generate.c).
 */
#pragma once

#include "mtp/mtp_potential_impl.h"
#include "mtp/mtp_selection.h"

#include <stdint.h>

enum {
  MTP_PLAN_POWERS = 12,
  MTP_PLAN_ALIGN = 8,
  MTP_PLAN_RANK = 15,
  MTP_PLAN_TILE = 4,
  MTP_PLAN_STRIP = 16
};
#define MTP_PLAN_NONE UINT32_MAX

typedef enum {
  MTP_RUN_SCALE,
  MTP_RUN_FORWARD,
  MTP_RUN_LEAF,
  MTP_RUN_BACKWARD,
  MTP_RUN_BACKSCALE
} mtp_run_kind;

/* `rows` rows of `length` terms.  Stream of indices: `to`, then a (SCALE, LEAF) or a, b (others)
   for each term.  Stream of coefficients: one a row (SCALE, BACKSCALE), one a term (LEAF). */
typedef struct {
  mtp_run_kind kind;
  int32_t length, rows;
} mtp_run;

typedef struct {
  PetscInt nrun, nindex, ncoeff;
  mtp_run *run;    /* [nrun] */
  uint32_t *index; /* [nindex] moments times `stride` of the plan */
  double *coeff;   /* [ncoeff] */
} mtp_program;

/* M[to] = M[from] - M[x] - M[y]; G backwards */
typedef struct {
  uint32_t to, from, x, y;
} mtp_trace;

/* Numbers of multiply-adds, for the floor that benchmarks compare with. */
typedef struct {
  PetscInt nodes;       /* monomials with c = 0 or 1, each needing three operations a neighbour */
  PetscInt slots;       /* components summed over neighbours */
  PetscInt inner, leaf; /* entries of the products that are used further, and of the others */
} mtp_plan_counts;

typedef struct {
  PetscInt nspecies, K, R;
  PetscReal cutoff, min_dist;
  PetscBool repulsive;   /* RBChebyshev_repuls */
  PetscInt lanes;        /* atoms in a vector: the stride of all moment indices below */
  PetscInt rank;         /* L, the largest rank of a basic moment */
  PetscInt *mu;          /* [K] the file's mu of ours */
  PetscInt *kmax;        /* [K] rank of each, falling */
  PetscInt *active;      /* [L+2] number of mu that reach a rank; active[L+1] = 0 */
  PetscInt nnode, nslot; /* (L+1)(L+2)/2, components summed over neighbours */
  PetscInt npadded;      /* nslot rounded up to MTP_PLAN_ALIGN */
  PetscInt ngradient;    /* moments 0 .. ngradient-1 have a G */
  PetscInt nmoment;      /* of M, with room for scaled operands */
  double *radial;        /* [S,S,R,K] coefficients of xi^k (R > MTP_PLAN_POWERS: of T_k), with s */
  double *species;       /* [S, eV] */
  double *weight;        /* [ngradient, eV] coefficients of the scalars among them */
  PetscInt ntrace;
  mtp_trace *trace; /* [ntrace] in the order of forming */
  mtp_program forward, leaf, backward;
  PetscInt nscalar;
  PetscInt *scalar_first; /* [nscalar+1] terms of each scalar of the file: B_k = sum c M[a] M[b] */
  uint32_t *scalar_index; /* [terms,2] a, b; b = MTP_PLAN_NONE: c M[a] alone */
  double *scalar_coeff;   /* [terms] */
  mtp_plan_counts counts;
  uint64_t signature; /* hash of the programs without the potential's own numbers */
} mtp_plan;

/* mtp_plan_create - prepares a trained potential
 *
 * Not collective.
 * In:   pot    trained
 *       lanes  stride of moment indices, >= 1
 *       prune  leave out products that no scalar with a coefficient other than 0 needs; a plan for
 *              grades needs all of them
 * Out:  plan   new; NULL when the tables have a form that only the reference kernel knows: products
 *              added to basic moments, ranks above MTP_PLAN_RANK, R > 1000
 * Returns an allocation error or 0.
 * Source: trace reduction and blocks: see above; MTP: Shapeev (2016), doi:10.1137/15M1054183.
 * Verified by: tests/verify/test_mtp_kernel.c, tests/unit/mtp/test_mtp_plan.c */
PetscErrorCode mtp_plan_create(const mtp_potential *pot, PetscInt lanes, PetscBool prune,
                               mtp_plan **plan);
PetscErrorCode mtp_plan_destroy(mtp_plan **plan);

/* Multiply-adds an atom of the plan's algorithm with n neighbours:
 *   n (13 K + 45 + 4 nodes + 3 slots) + 3 inner + 2 leaf,
 * the count that published ratios refer to. */
PetscReal mtp_plan_operations(const mtp_plan *plan, PetscReal neighbours);

/* The inverse of an active set for the kernels.  The derivative of a site energy by the
 * coefficients is zero but for the radial coefficients of the centre's type, its species
 * coefficient and the scalars; in this order, and with mu and k as kernels have them, it is a row
 * of nrow numbers, and the grade vector is that row times the matrix of its type.  Radial rows
 * carry `scaling`. */
typedef struct {
  PetscBool configuration; /* mode; else neighbourhood */
  PetscReal weight;        /* of energies, and the power N^(scaling/2) they are divided by */
  PetscInt scaling;
  PetscInt n;            /* coefficients */
  PetscInt radial_size;  /* R rounded up to MTP_PLAN_TILE */
  PetscInt first_scalar; /* S K radial_size + 1, behind the species coefficient */
  PetscInt nrow;         /* first_scalar + nscalar */
  PetscInt row_stride;   /* room for a row that is written a vector at a time */
  PetscInt ncolumn;      /* n rounded up to MTP_PLAN_STRIP */
  /* [S,ncolumn/MTP_PLAN_STRIP,nrow,MTP_PLAN_STRIP]: strips of columns, so that one of them has
     its own place in the first cache whatever n is */
  double *matrix;
} mtp_plan_grade;

/* In: sel of neighbourhood or configuration mode with the potential's number of coefficients;
   copied. Verified by: tests/verify/test_mtp_kernel_grade.c */
PetscErrorCode mtp_plan_grade_create(const mtp_potential *pot, const mtp_plan *plan,
                                     const mtp_selection *sel, mtp_plan_grade **grade);
PetscErrorCode mtp_plan_grade_destroy(mtp_plan_grade **grade);
/* Multiply-adds an atom that grades cost beside forces. */
PetscReal mtp_plan_grade_operations(const mtp_plan *plan, const mtp_plan_grade *grade,
                                    PetscReal neighbours);

/* The node of x^a y^b. */
static inline PetscInt mtp_plan_node(PetscInt a, PetscInt b)
{
  return (a + b) * (a + b + 1) / 2 + b;
}

/* First slot of degree e; node b of it has active[e] + active[e+1] slots. */
PetscInt mtp_plan_degree_slot(const mtp_plan *plan, PetscInt e);

/* mtp_plan_graph.c: programs, weights and scalar terms; `number` [nmoment of the file] holds the
   numbers of the basic moments and is completed. */
PetscErrorCode mtp__plan_graph(const mtp_potential *pot, PetscBool prune, uint32_t number[],
                               mtp_plan *plan);
