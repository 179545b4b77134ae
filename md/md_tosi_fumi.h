/* md/md_tosi_fumi.h - rigid ions: Born-Huggins-Mayer repulsion, dispersion and charges
 *
 *   u(r) = A exp((sigma - r)/rho) - C/r^6 - D/r^8 + k q_i q_j/r
 *
 * The last term is summed over all images (md_ewald.h), the others over pairs within the cut-off,
 * truncated as asked (md_truncation; the charges are not touched by that).  Repulsion is finite at
 * r = 0 and dispersion is not: pairs that are pressed over the barrier below about 1 Å fall into
 * each other, which is what `min_dist` and the guard are for.
 *
 * Sources of the form and of the parameters of the salts: Fumi & Tosi, J. Phys. Chem. Solids 25, 31
 * (1964), doi:10.1016/0022-3697(64)90159-3; Tosi & Fumi, ibid. 25, 45 (1964),
 * doi:10.1016/0022-3697(64)90160-X; C and D from Mayer, J. Chem. Phys. 1, 270 (1933),
 * doi:10.1063/1.1749283.
 * Verified by: tests/unit/md/test_md_tosi_fumi.c, tests/verify/test_md_ewald.c
 */
#pragma once

#include "md/md_potential.h"

typedef struct {
  PetscReal a;     /* [eV] >= 0 */
  PetscReal rho;   /* [Å] > 0 */
  PetscReal sigma; /* [Å] >= 0 */
  PetscReal c;     /* [eV Å^6] >= 0 */
  PetscReal d;     /* [eV Å^8] >= 0 */
} md_tosi_fumi_pair;

#define MD_TOSI_FUMI_ACCURACY 1e-7 /* of the Ewald sum where a campaign names none */

typedef struct {
  PetscInt nspecies;
  const PetscReal *charge;       /* [nspecies, e] copied */
  const md_tosi_fumi_pair *pair; /* [nspecies,nspecies] symmetric, copied */
  PetscReal cutoff;              /* [Å] of pairs and of the real part of the charges */
  md_truncation truncation;
  PetscReal accuracy; /* of the Ewald sum, see md_ewald.h */
  PetscReal min_dist; /* [Å] of md_potential; 0: 0.75 of the smallest sigma of opposite charges */
} md_tosi_fumi_options;

/* md_potential_create_tosi_fumi - rigid ions
 * At most MD_EWALD_MAX_IONS of them, all on one rank (md_potential.one_rank), in neutral cells:
 * md_potential_evaluate() refuses others as md_ewald_add_reciprocal() does.
 * PETSC_ERR_ARG_OUTOFRANGE for parameters out of range or pairs that are not symmetric. */
PetscErrorCode md_potential_create_tosi_fumi(const md_tosi_fumi_options *options,
                                             md_potential **pot);

/* A salt of the tables: elements, and pairs [cation-cation, cation-anion, anion-anion]; charges are
   +1 and -1 e. */
typedef struct {
  const char *cation, *anion;
  md_tosi_fumi_pair pair[3];
} md_tosi_fumi_salt;

/* md_tosi_fumi_find - parameters of "NaCl" and the other 16 alkali halides that crystallise like it
 * PETSC_FALSE for another name.  A = 0.338e-19 J (1 + q_i/n_i + q_j/n_j) with n the outer electrons
 * of the ion (2 for Li+, else 8), sigma the sum of two radii; rho, C and D are of the salt. */
PetscBool md_tosi_fumi_find(const char *name, md_tosi_fumi_salt *out);
const char *md_tosi_fumi_names(void); /* "LiF, LiCl, ..." */
