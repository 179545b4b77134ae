/* properties/prop_conductivity.h - ionic conductivity and the Onsager matrix from the currents of
 * species
 *
 * With C_s the sum of the velocities of species s, V the velocity of the centre of mass and
 * q_s a formal charge (of a molecule: all of it on one site, all other sites 0),
 *
 *     J_s   = C_s - N_s V,             j = sum_s q_s J_s,
 *     L_st  = 1/(3 V k_B T) integral_0^infinity <J_s(0) . J_t(t)> dt,
 *     sigma = 1/(3 V k_B T) integral_0^infinity <j(0) . j(t)> dt = sum_st q_s q_t L_st.
 *
 * Charges may be formal ones, whole numbers: the integral is the same for every charge that moves
 * with its ion (Grasselli & Baroni, Nat. Phys. 15, 967 (2019), doi:10.1038/s41567-019-0562-0).
 * The three components of a replica are pooled with those of the others, each replica with its own
 * V and T.  Constant cell and constant energy, or a thermostat that does not disturb currents.
 *
 * None of the functions is collective; whatever the data say, they return 0: read flags.
 */
#pragma once

#include "properties/prop_running.h"
#include "properties/prop_zero.h"

#define PROP_CONDUCTIVITY_SI 1.602176634e6 /* [S/m] one e^2/(eV fs Å): e * 1e25, exact */
/* [mol^2/(J m s)] one 1/(eV fs Å): 1e25/(e N_A^2) */
#define PROP_ONSAGER_SI 1.7210274666947797e-4

enum { PROP_CONDUCTIVITY_SPECIES = 32 }; /* at most */

/* What conducts.  METAL: no estimator gives a value; MIXED: flag MIXED_CONDUCTOR. */
typedef enum { PROP_IONIC_INSULATOR, PROP_IONIC_MIXED, PROP_IONIC_METAL } prop_ionic_kind;

typedef struct {
  PetscInt nspecies;       /* 1..PROP_CONDUCTIVITY_SPECIES */
  const PetscReal *charge; /* [nspecies, e] of the carrier site; the cell must be neutral */
  const PetscReal *mass;   /* [nspecies, any unit] of an atom, > 0 */
  const PetscReal *number; /* [nspecies] atoms of the species, >= 0 */
  prop_ionic_kind kind;
} prop_ions;

/* One replica.  All replicas have the same n. */
typedef struct {
  PetscInt n;                       /* blocks */
  const PetscReal *const *velocity; /* [3 nspecies][n, Å/fs] block means of C_s: x y z of the
                                       first species, then of the second ..; borrowed */
  PetscReal volume;                 /* [Å^3] > 0 */
  PetscReal temperature;            /* [K] > 0, mean of this replica */
} prop_ion_run;

/* [e^2/(eV fs Å)], times PROP_CONDUCTIVITY_SI: S/m */
typedef struct {
  prop_estimate primary;       /* zero-frequency limit: the method of prop_onsager_create() for j */
  PetscReal cutoff;            /* [1/fs] up to which frequency its spectrum was fitted */
  prop_zero pade;              /* the same limit by a Pade form, for comparison */
  prop_zero polynomial;        /* .. and by exp(b0 + b1 f + b2 f^2) */
  prop_running_value einstein; /* displacement of the collective dipole */
  prop_running_value truncated; /* running integral at the time asked for */
  PetscReal z_einstein;         /* (einstein - primary)/joint error; NaN: not known */
} prop_conductivity;

/* |z| above this sets METHODS_DISAGREE */
#define PROP_CONDUCTIVITY_Z 3.0

/* prop_conductivity_estimate - ionic conductivity of all replicas by three methods
 *
 * In:   ions
 *       nreplica >= 0, run  [nreplica]
 *       step     [fs] > 0, length of a block
 *       cutoff   [fs] > 0, where the running integral is truncated for comparison
 * Out:  out      every field set.  NaN and MISSING without replicas, for a metal, for a cell that
 *                is not neutral, and where no ion carries a charge
 * Returns PETSC_ERR_ARG_OUTOFRANGE for a number of species, mass, number, volume, temperature, step
 * or cutoff outside its range, PETSC_ERR_ARG_INCOMP for replicas of unequal length, PETSC_ERR_FP
 * for a sample that is infinity or NaN.
 * Verified by: tests/verify/test_prop_conductivity.c (Ornstein-Uhlenbeck currents with a known
 * Onsager matrix: bias, calibration of error bars, frames) */
PetscErrorCode prop_conductivity_estimate(const prop_ions *ions, PetscInt nreplica,
                                          const prop_ion_run run[], PetscReal step,
                                          PetscReal cutoff, prop_conductivity *out);

/* prop_conductivity_running, prop_conductivity_spectrum - curves for people [e^2/(eV fs Å)] with
 * errors; the caller frees them.  Arguments and errors as above, but nreplica >= 1 (and n >=
 * PROP_SPECTRUM_MIN for the spectrum). */
PetscErrorCode prop_conductivity_running(const prop_ions *ions, PetscInt nreplica,
                                         const prop_ion_run run[], PetscReal step,
                                         prop_running *curve);
PetscErrorCode prop_conductivity_spectrum(const prop_ions *ions, PetscInt nreplica,
                                          const prop_ion_run run[], PetscReal step,
                                          prop_spectrum *spectrum);

/* prop_conductivity_nernst_einstein - what independent ions would conduct
 *
 *     sigma_NE = sum_s N_s q_s^2 D_s / (V k_B T)
 *
 * In:   ions
 *       volume [Å^3] > 0, temperature [K] > 0
 *       diffusion    [nspecies, m2 s-1] D_s of the cell, D(L): the collective conductivity beside
 *                    which it stands has no finite-size correction either.  Species without charge
 *                    or without atoms are not looked at
 *       correlation  [nspecies,nspecies] of the errors of D_s; NULL: independent
 * Out:  sigma        [S m-1] flags: those of the D_s, but not NO_SIZE_CORRECTION; missing where
 *                    one that counts is missing, for a metal or a cell that is not neutral
 * Returns PETSC_ERR_ARG_OUTOFRANGE.
 * Verified by: tests/verify/test_prop_conductivity.c */
PetscErrorCode prop_conductivity_nernst_einstein(const prop_ions *ions, PetscReal volume,
                                                 PetscReal temperature,
                                                 const prop_value diffusion[],
                                                 const PetscReal correlation[], prop_value *sigma);

/* prop_conductivity_haven - H = sigma_NE/sigma: 1 for independent ions, above 1 where ions of
 * opposite charge move together; its inverse is called ionicity
 *
 * In:   both [S m-1]; correlation of their errors, -1..1
 * Verified by: tests/verify/test_prop_conductivity.c */
PetscErrorCode prop_conductivity_haven(const prop_value *nernst_einstein, const prop_value *sigma,
                                       PetscReal correlation, prop_value *haven);

/* Whose rest a flux is seen from.  Solvent: the mean velocity, by mass, of the species named. */
typedef enum { PROP_FRAME_BARYCENTRIC, PROP_FRAME_SOLVENT } prop_frame;
const char *prop_frame_name(prop_frame frame); /* "barycentric", "solvent" */

/* All pairs of species in one frame.  [1/(eV fs Å)], times PROP_ONSAGER_SI: mol^2/(J m s). */
typedef struct {
  PetscInt nspecies;
  prop_frame frame;
  PetscReal *l;            /* [nspecies,nspecies] symmetric; sum_t m_t L_st = 0 in the barycentric
                              frame (to rounding), by way of the currents; owned */
  PetscReal *error;        /* [nspecies,nspecies] one standard error; NaN where there is none */
  PetscReal *transference; /* [nspecies] t_s = q_s sum_t q_t L_st / sigma; their sum is 1; owned */
  PetscReal *transference_error; /* [nspecies] NaN where there is nothing to be uncertain of: no
                                    charge, or two species, whose t the masses decide */
  PetscReal sigma, sigma_error;  /* [e^2/(eV fs Å)] sum q_s q_t L_st: from the same bins as L */
  PetscReal cutoff;              /* [1/fs] up to which frequency the spectra are fitted */
  PetscReal neff;                /* of every element */
  PetscInt flags;                /* as prop_zero, and MIXED_CONDUCTOR */
} prop_onsager;

/* prop_onsager_create - matrix and transference numbers; freed by prop_onsager_clear()
 *
 * In:   ions, nreplica >= 0, run [nreplica], step [fs] > 0 as above
 *       frame    SOLVENT: seen from the solvent
 *       solvent  [nspecies] whether the species is part of the solvent, for that frame: all atoms
 *                of neutral molecules; else NULL
 * Out:  out      every field set; NaN and MISSING where prop_conductivity_estimate() has none, and
 *                for a solvent frame without solvent atoms
 * Returns as prop_conductivity_estimate().
 *
 * Method: with weights that are the same for all pairs, a + b f^2 is fitted by least squares to the
 * cross spectra Re X_s X_t* up to the frequency to which exp(a + b f^2) describes the spectrum
 * of every species and that of the charge, as prop_zero finds it.  Linear in the spectra: symmetry,
 * momentum constraint and change of frame hold exactly.
 * Error: var L_st = k (L_ss L_tt + L_st^2), k = sum of squared factors over degrees of freedom;
 * transference: var t_s = k L_uu/sigma with u = q_s J_s - t_s j.  Scatter of the replicas
 * where that is larger by more than its own uncertainty.  neff = 1/k.
 * Source: Fong, Self, McCloskey & Persson, Macromolecules 54, 2575 (2021),
 * doi:10.1021/acs.macromol.0c02545 (Onsager coefficients and frames); Brillinger, Time Series
 * (1981), section 7.2 (covariance of cross periodograms).
 * Verified by: tests/verify/test_prop_conductivity.c */
PetscErrorCode prop_onsager_create(const prop_ions *ions, PetscInt nreplica,
                                   const prop_ion_run run[], PetscReal step, prop_frame frame,
                                   const PetscBool solvent[], prop_onsager *out);

/* Frees the arrays and zeroes everything; harmless on {0} and when called twice. */
PetscErrorCode prop_onsager_clear(prop_onsager *onsager);
