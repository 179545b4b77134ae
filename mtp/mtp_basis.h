/* mtp/mtp_basis.h - the moment basis of a level: what a potential needs instead of a template file
 *
 * What the moments are: mtp/README.md, "The moment basis".  How they are found: mtp_basis.c.
 */
#pragma once

#include <petscsys.h>

/* The last level.  Ranks stop at 10 and mu at 5, as in the templates of MLIP; that is felt from
   level 26 on. */
enum { MTP_BASIS_LEVEL_MIN = 2, MTP_BASIS_LEVEL_MAX = 28 };

/* The alpha tables of a .mtp file.  Basic moments come first, every other moment is the target o of
   at least one row of `times`; rows are sorted by target, and sources are smaller than targets. */
typedef struct {
  PetscInt level;        /* as asked for */
  PetscInt nbasic;       /* moments 0..nbasic-1 are basic */
  PetscInt ntimes;       /* products */
  PetscInt nmoment;      /* moments in all */
  PetscInt nscalar;      /* moments that enter the energy */
  PetscInt radial_funcs; /* K = 1 + largest mu */
  PetscInt (*basic)[4];  /* [nbasic] mu a b c */
  PetscInt (*times)[4];  /* [ntimes] p q m o: M_o += m M_p M_q, in this order; p <= q < o */
  PetscInt *mapping;     /* [nscalar] moment of each scalar, all different */
} mtp_basis;

/* mtp_basis_create - all scalars of a level and the shortest common way to them
 *
 * Not collective.
 * In:   level  2..28; an odd level has the basis of the even one below
 * Out:  basis  owned by the caller, to be cleared
 * Returns PETSC_ERR_ARG_OUTOFRANGE for other levels, or an allocation error; `basis` is then empty.
 * Scalars: all full contractions of products of at most four moment tensors M_{mu,nu} with
 * sum (2 + 4 mu + nu) <= level, nu <= 10, mu <= 5.  The tables are those of MLIP's templates, row
 * by row.
 * Source: Shapeev, Multiscale Model. Simul. 14, 1153 (2016), doi:10.1137/15M1054183.
 * Verified by: tests/unit/mtp/test_mtp_basis.c, tests/verify/test_mtp_basis_span.c,
 * tests/conformance/test_mtp_basis_files.c */
PetscErrorCode mtp_basis_create(PetscInt level, mtp_basis *basis);

/* Frees the tables; a basis that is all zero is allowed, and is what is left. */
PetscErrorCode mtp_basis_clear(mtp_basis *basis);
