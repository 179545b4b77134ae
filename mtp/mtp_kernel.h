/* mtp/mtp_kernel.h - fast evaluation of a moment tensor potential
 *
 * One interface, several kernels: `reference` is mtp_potential_evaluate(), to be checked by eye;
 * `portable`, `avx2` and `avx512` are one algorithm (mtp_kernel_body.h) compiled for different
 * instruction sets, all in one binary.  By default the fastest that the processor has is used.
 * They agree with the reference to round-off; with each other to round-off, not to the bit, since
 * sums run over lanes of different number.  With one kernel a result depends only on positions,
 * cell and types, to the last bit, and not on how a list was made.
 *
 * Standard levels run through code written at build time, other tables through a walk over the same
 * program.  Tables that the fast kernels do not know (ranks above 15, more than six radial
 * functions) run through the reference kernel; mtp_engine_get_info() tells.
 */
#pragma once

#include "mtp/mtp_potential.h"
#include "mtp/mtp_selection.h"

typedef enum {
  MTP_KERNEL_AUTO,
  MTP_KERNEL_REFERENCE,
  MTP_KERNEL_PORTABLE,
  MTP_KERNEL_AVX2,
  MTP_KERNEL_AVX512,
  MTP_KERNEL_COUNT
} mtp_kernel_kind;

/* "auto", "reference", "portable", "avx2", "avx512" */
const char *mtp_kernel_name(mtp_kernel_kind kind);
/* The kind of that name; false when there is none. */
PetscBool mtp_kernel_find(const char *name, mtp_kernel_kind *kind);
/* Built in and supported by this processor. */
PetscBool mtp_kernel_available(mtp_kernel_kind kind);

typedef struct {
  mtp_kernel_kind kernel;
  PetscBool tables;               /* do not use generated code: for comparisons */
  const mtp_selection *selection; /* for grades; borrowed like pot; NULL: no grades */
} mtp_engine_options;

typedef struct mtp_engine mtp_engine;

/* mtp_engine_create - prepares a potential for a kernel
 *
 * Not collective.
 * In:   pot      trained; borrowed: it must outlive the engine
 *       options  NULL: the best kernel of this processor
 * Returns PETSC_ERR_ARG_WRONGSTATE for an untrained potential, PETSC_ERR_SUP for a kernel that this
 * binary or processor does not have, or an active set of mixed weights; PETSC_ERR_ARG_SIZ for one
 * of another number of coefficients.
 * Memory: read-only tables, and scratch for one batch of 2, 4 or 8 atoms; nothing that grows with
 * the number of atoms.
 * Verified by: tests/verify/test_mtp_kernel_lists.c, tests/unit/mtp/test_mtp_memory.c */
PetscErrorCode mtp_engine_create(const mtp_potential *pot, const mtp_engine_options *options,
                                 mtp_engine **engine);
/* The same for a committee: potentials of one moment graph that differ in their coefficients, for
 * example from fits with different random starts.  Neighbours, distances and monomials are formed
 * once for all that go together, and their forces on an atom stand together while they are summed:
 * scratch then holds 24 numbers at most, without code of the level's own 3 members (up to 7 more),
 * for each atom of the list, local or not.  An active set is that of pot[0].
 * PETSC_ERR_ARG_INCOMP for potentials that differ in anything else. */
PetscErrorCode mtp_engine_create_committee(PetscInt members, const mtp_potential *const pot[],
                                           const mtp_engine_options *options, mtp_engine **engine);
PetscErrorCode mtp_engine_destroy(mtp_engine **engine);

/* mtp_engine_evaluate - energy, forces, virial over a neighbour list; contract of
 * mtp_potential_evaluate(), and what `out->skip` names is left NaN.  out [members]: one potential
 * has one result.
 * With out->grade and an active set: neighbourhood mode sets grade [nlocal] and max_grade,
 * configuration mode max_grade alone; a derivative that is not finite makes the grade NaN.  Forces
 * are the same to the last bit with and without grades.  PETSC_ERR_ARG_WRONGSTATE for grades
 * without an active set.
 * The virial's xx xy xz yy yz zz are computed, the others are set to the same: it is symmetric for
 * every energy that does not change when a structure is turned.
 * Configuration mode takes the local atoms for the configuration.  Of a committee, grades are those
 * of the first member, asked for in out[0].
 * Rows of the list must be sorted by type, as mtp_neighbors_build() makes them.
 * Not to be called by two threads with one engine.
 * Source: mtp/README.md.  Verified by: tests/verify/test_mtp_kernel.c (and _tables.c, _lists.c),
 * tests/conformance/test_kernel_files.c, tests/conformance/test_conformance.c */
PetscErrorCode mtp_engine_evaluate(mtp_engine *engine, const mtp_neighbors *nb, mtp_result out[]);

/* Mean force of a committee, and how far its members disagree about each atom:
 *   deviation_i = sqrt( sum_m |F_i^m - mean_i|^2 / members )
 * a second signal of uncertainty beside the grade.  out [members] with forces folded
 * (mtp_neighbors_fold); mean [n,3, eV/Å]; deviation [n, eV/Å] or NULL.
 * Verified by: tests/verify/test_mtp_committee.c */
void mtp_committee_forces(PetscInt members, PetscInt n, const mtp_result out[], PetscReal mean[],
                          PetscReal deviation[]);

/* What runs: "avx512", ...; whether through generated code; and the multiply-adds that the
 * algorithm needs per atom with so many neighbours, 0 for the reference kernel. */
typedef struct {
  const char *kernel;
  PetscBool generated;
  PetscInt lanes;
  size_t scratch; /* [bytes] held now: grows with the longest row; a committee's with the atoms */
} mtp_engine_info;
void mtp_engine_get_info(const mtp_engine *engine, mtp_engine_info *info);
PetscReal mtp_engine_operations(const mtp_engine *engine, PetscReal neighbours);
/* What grades add to a step, in units of the step without: counted from the tables, more than
 * is measured because the product with the active set is faster than the rest (tests/bench); an
 * estimate for the reference kernel.  0 without an active set. */
PetscReal mtp_engine_grade_cost(const mtp_engine *engine, PetscReal neighbours);
