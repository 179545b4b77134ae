/* md/md_potential.h - what pushes atoms: one interface for MTP and for exact potentials
 *
 * Every potential works on an mtp_neighbors list and fills an mtp_result (mtp/mtp_potential.h)
 * under the same conventions: forces on locals and ghosts (mtp_neighbors_fold brings the latter
 * home), W_ab = -sum g_a r_b, per-atom virial of the neighbour.  The energy of a pair is shared
 * half and half by its two atoms, so that g_ij = u'(r)/2 r_ij/r; the full list visits each pair
 * from both sides.  Lennard-Jones, harmonic and Tosi-Fumi (md_tosi_fumi.h) exist so that dynamics
 * can be tested against exact and published answers.
 *
 * Not collective.  Verified by: tests/unit/md/test_md_potential.c, test_md_pot_lj.c
 */
#pragma once

#include "mtp/mtp_kernel.h"
#include "mtp/mtp_selection.h"

typedef struct md_potential md_potential;

typedef struct {
  const char *name;
  PetscErrorCode (*evaluate)(const void *data, const mtp_neighbors *nb, mtp_result *out);
  PetscErrorCode (*destroy)(void *data);
} md_potential_ops;

enum { MD_KERNEL_TEXT = 48 };

/* Open for those who add a potential; users call the functions below. */
struct md_potential {
  const md_potential_ops *ops;
  void *data;         /* owned */
  PetscReal cutoff;   /* [Å] */
  PetscReal min_dist; /* [Å] shortest distance the potential knows; 0: any */
  PetscInt nspecies;
  PetscReal grade_cost;  /* what grades add to an evaluation, x one without; 0: it has no grades */
  PetscBool site_grades; /* they are of atoms, not of the configuration */
  PetscBool one_rank;    /* every evaluation needs all atoms: runs over several ranks refuse it */
  /* what lies beyond the cut-off, see md_potential_tail(); NULL: nothing does */
  void (*tail)(const void *data, const PetscInt count[], PetscReal volume, PetscReal *energy,
               PetscReal *pressure);
  char kernel[MD_KERNEL_TEXT]; /* what evaluates it, one word: "avx512/generated"; or "" */
};

/* Takes ownership of `pot` (set to NULL) and evaluates it with the fastest kernel of the processor.
 * Refuses an untrained potential with PETSC_ERR_ARG_WRONGSTATE; it remains the caller's then. */
PetscErrorCode md_potential_create_mtp(mtp_potential **pot, md_potential **out);

/* The same with a kernel of one's choice and an active set, which is then owned by the result, for
 * extrapolation grades.  PETSC_ERR_SUP for a kernel that the processor does not have or an active
 * set of mixed weights, PETSC_ERR_ARG_SIZ for one of another potential; everything remains the
 * caller's then.
 * Kernels agree to round-off, so trajectories are the same to the bit with one kernel only. */
typedef struct {
  mtp_kernel_kind kernel;
  mtp_selection *selection; /* NULL: none, and no grades */
} md_mtp_options;
PetscErrorCode md_potential_create_mtp_with(mtp_potential **pot, const md_mtp_options *options,
                                            md_potential **out);

/* What is done to a pair energy u(r) at its cut-off r_c, beyond which it is 0. */
typedef enum {
  MD_TRUNCATED,    /* u: the energy jumps, so it is not conserved when pairs cross r_c */
  MD_SHIFTED,      /* u - u(r_c): the energy is continuous, the force jumps; the same forces */
  MD_FORCE_SHIFTED /* u - u(r_c) - (r - r_c) u'(r_c): both are continuous; other forces */
} md_truncation;

/* 12-6 Lennard-Jones, u = 4 epsilon ((sigma/r)^12 - (sigma/r)^6), for every pair of species;
 * epsilon [nspecies,nspecies, eV] and sigma [nspecies,nspecies, Å] are copied.  Truncated and
 * shifted at `cutoff` [Å] so that the energy is continuous; `force_shift` takes (r - cutoff)
 * u'(cutoff) off too, which makes the force continuous.  epsilon 0 is an ideal gas.
 * PETSC_ERR_ARG_OUTOFRANGE for no species, a cut-off or sigma that is not positive, a negative
 * epsilon or matrices that are not symmetric. */
PetscErrorCode md_potential_create_lj(PetscInt nspecies, const PetscReal epsilon[],
                                      const PetscReal sigma[], PetscReal cutoff,
                                      PetscBool force_shift, md_potential **out);

/* The same with every truncation and a shortest distance. */
typedef struct {
  PetscInt nspecies;
  const PetscReal *epsilon; /* [nspecies,nspecies, eV] */
  const PetscReal *sigma;   /* [nspecies,nspecies, Å] */
  PetscReal cutoff;         /* [Å] */
  md_truncation truncation;
  PetscReal min_dist; /* [Å] of md_potential: what packing and guards go by; 0: any */
} md_lj_options;
PetscErrorCode md_potential_create_lj_with(const md_lj_options *options, md_potential **out);

/* md_lorentz_berthelot - pairs of unlike atoms from those of like ones
 * sigma_ij = (sigma_i + sigma_j)/2, epsilon_ij = sqrt(epsilon_i epsilon_j), written off the
 * diagonals of epsilon and sigma [n,n], whose diagonals are given.
 * Sources: Lorentz, Ann. Phys. 248, 127 (1881), doi:10.1002/andp.18812480110; Berthelot, C. R.
 * Acad. Sci. 126, 1703 (1898). */
void md_lorentz_berthelot(PetscInt n, PetscReal epsilon[], PetscReal sigma[]);

/* md_potential_tail - what pairs beyond the cut-off would add if they were spread evenly
 *
 * In:   count [nspecies]  atoms of each species in `volume` [Å^3] > 0
 * Out:  energy    [eV]      (2 pi/V) sum_st N_s N_t int r^2 u dr from r_c to infinity
 *       pressure  [eV/Å^3]  -(2 pi/3V^2) sum_st N_s N_t int r^3 u' dr
 * with the untruncated u (charges not counted).  Both are 0 for potentials that end at their
 * cut-off by definition.  Nothing adds them: dynamics are those of the truncated potential, and
 * averages of a truncated (not shifted) one become those of the full one with them, under the
 * assumption that g(r) = 1 beyond r_c.
 * Source: Allen & Tildesley, Computer Simulation of Liquids (2017), section 2.8,
 * doi:10.1093/oso/9780198803195.001.0001. */
void md_potential_tail(const md_potential *pot, const PetscInt count[], PetscReal volume,
                       PetscReal *energy, PetscReal *pressure);

/* Springs between all pairs of images within the cut-off, whatever their species:
 * k/2 (r - r0)^2 - k/2 (cutoff - r0)^2, so that U(cutoff) = 0; k [eV/Å^2], r0 and cutoff [Å].  Two
 * atoms have exactly one frequency, sqrt(k / reduced mass).  The force jumps at the cut-off: keep
 * atoms inside.  PETSC_ERR_ARG_OUTOFRANGE for no species, k or r0 < 0, cutoff <= 0. */
PetscErrorCode md_potential_create_harmonic(PetscInt nspecies, PetscReal k, PetscReal r0,
                                            PetscReal cutoff, md_potential **out);

/* md_potential_grade_period - steps between evaluations of extrapolation grades in dynamics
 * 50, or as many as it takes for grades to cost at most 5 % of the steps; counted from the tables,
 * so that it is the same on every machine.  0: the potential has no active set. */
PetscInt md_potential_grade_period(const md_potential *pot);

/* Sets every array of `out` that is not NULL, and energy and virial; what out->skip names is NaN,
 * and forces are the same to the bit whether it is skipped or not, with grades or without.
 * PETSC_ERR_ARG_OUTOFRANGE for a type the potential does not have or a list shorter than its
 * cut-off, PETSC_ERR_ARG_WRONGSTATE for grades of a potential that has none.  Numbers that are not
 * finite are not errors. */
PetscErrorCode md_potential_evaluate(const md_potential *pot, const mtp_neighbors *nb,
                                     mtp_result *out);
PetscErrorCode md_potential_destroy(md_potential **pot);
