/* properties/prop_thermal.h - thermal conductivity from the fluctuations of heat and mass currents
 *
 * In a mixture heat is also carried along by the atoms that diffuse, and how much of it is counted
 * as heat depends on the zero of energy of each species, which is nobody's business.  What is
 * measured where no mass flows does not depend on it:
 *
 *     kappa = 1/(V k_B T^2) (L_00 - sum_ij L_0i (L^-1)_ij L_j0),
 *     L_kl  = integral_0^infinity <J_k,x(0) J_l,x(t)> dt,
 *
 * J_0 the heat current, J_1 .. J_n-1 the currents of all but one of the n species; the last is
 * given by total momentum.  Adding e_a times the current of species a to J_0 changes nothing,
 * to round-off: the second term is what a linear regression on the others takes away.
 *
 * The same with spectra: s(f) = 1/(S(f)^-1)_00, S the matrix of cross-spectra of all replicas and
 * Cartesian components together, goes to kappa as f -> 0.
 *
 * Constant energy, a fixed cell and the temperature of each replica: nothing else gives kappa.
 */
#pragma once

#include "properties/prop_rnemd.h"
#include "properties/prop_sequence.h"

/* One replica.  All replicas have the same n. */
typedef struct {
  PetscInt n;                  /* blocks */
  const PetscReal *heat[3];    /* [n, eV Å/fs] x y z, not divided by the volume; borrowed */
  const PetscReal *const *sum; /* [3 nspecies] -> [n, Å/fs] sums of v_i over a species: x y z of the
                                  first, of the second, ...; NULL for one species; borrowed */
  PetscReal volume;            /* [Å^3] > 0 */
  PetscReal temperature;       /* [K] > 0, mean of this replica */
} prop_heat_flux;

/* How the logarithm of the spectrum is smoothed.  All zero: automatic, as README.md says. */
typedef struct {
  PetscReal cutoff;  /* [1/fs] f*: bins above it are not used; 0: automatic */
  PetscInt order;    /* P: cosines; 0: averaged over P by Akaike's weights */
  PetscReal stretch; /* order = 0: P* of Akaike's criterion times this, not averaged; 0: averaged */
} prop_thermal_options;

typedef struct {
  prop_estimate estimate; /* [eV/(fs Å K)], MD_CONDUCTIVITY_SI of them are 1 W/(m K).  error is
                             `within`, or more if half or twice say so; neff (value/error)^2 */
  PetscReal within;       /* [eV/(fs Å K)] by the statistics of the spectrum */
  PetscReal cutoff;       /* [1/fs] f* */
  PetscReal time;         /* [fs] truncation: what cosines of up to P* can tell apart, P/(2 f*) */
  PetscReal half,
      twice; /* [eV/(fs Å K)] with half and twice of f*; NaN where there are no such bins */
  PetscReal coupled; /* share of the heat current's spectrum near 0 due to mass currents */
  PetscInt order;    /* P* of Akaike's criterion, or the P asked for */
  PetscInt bins;     /* up to f* */
  PetscInt currents; /* independent ones, heat included */
  PetscInt dof;      /* complex degrees of freedom of a bin: 3 replicas - currents + 1 */
} prop_thermal;

/* Gates */
enum {
  PROP_THERMAL_MIN = 64,      /* fewer blocks give no value */
  PROP_THERMAL_BINS = 24,     /* up to f*, else FEW_SAMPLES */
  PROP_THERMAL_MAX_ORDER = 64 /* P considered, at most a third of the bins; there: NO_PLATEAU */
};
#define PROP_THERMAL_Z 3.0 /* half or twice this far off in errors of the difference: NO_PLATEAU */

/* prop_thermal_estimate - conductivity of all replicas together
 *
 * Not collective.
 * In:   nreplica >= 0, replica  [nreplica]
 *       nspecies >= 1  1: heat current alone, which for a mixture is not its conductivity
 *       step     [fs] > 0, length of a block
 *       options  NULL: automatic
 * Out:  out      every field set; NaN and FEW_SAMPLES below PROP_THERMAL_MIN blocks or where
 *                currents are as many as components (3 nreplica < nspecies); NaN and MISSING
 *                without replicas
 * Returns PETSC_ERR_ARG_OUTOFRANGE for a volume, temperature, step or option that makes no sense,
 * PETSC_ERR_ARG_INCOMP for replicas of unequal length, PETSC_ERR_FP for a sample that is infinity
 * or NaN.  Whatever the data say, the function returns 0.
 * Flags: FEW_SAMPLES, NO_PLATEAU, REPLICAS_DISAGREE, ONE_REPLICA.  IONIC_ONLY is the caller's, who
 * knows the campaign.
 * Source: multi-current cepstral analysis: Ercole, Marcolongo & Baroni, Sci. Rep. 7, 15835 (2017),
 * doi:10.1038/s41598-017-15843-2; Bertossa, Grasselli, Ercole & Baroni, Phys. Rev. Lett. 122,
 * 255901 (2019), doi:10.1103/PhysRevLett.122.255901.
 * Cost: O(N log N) a sequence, (nspecies^2 + 4 nspecies) N numbers of memory.
 * Verified by: tests/verify/test_prop_thermal.c (known Onsager matrices, gauge, calibration),
 * tests/verify/test_lj_mixture.c and _long.c (Lennard-Jones mixtures: gauge, imposed flux) */
PetscErrorCode prop_thermal_estimate(PetscInt nreplica, const prop_heat_flux replica[],
                                     PetscInt nspecies, PetscReal step,
                                     const prop_thermal_options *options, prop_thermal *out);

/* The spectrum for people, bins merged to at most 2 % of their frequency */
typedef struct {
  PetscInt n;
  PetscReal *frequency; /* [n, 1/fs] ascending, > 0 */
  PetscReal *reduced;   /* [n, eV/(fs Å K)] s(f), mean over merged bins */
  PetscReal *error;     /* [n, eV/(fs Å K)] one standard error of it */
  PetscReal *single;    /* [n, eV/(fs Å K)] of the heat current alone */
  PetscReal *smooth;    /* [n, eV/(fs Å K)] the cosines of P*; NaN above f* */
} prop_thermal_curve;

/* prop_thermal_spectrum - arguments and errors as above, but nreplica >= 1, n >= PROP_THERMAL_MIN
 * and nspecies <= 3 nreplica, else PETSC_ERR_ARG_OUTOFRANGE; the caller clears the curve. */
PetscErrorCode prop_thermal_spectrum(PetscInt nreplica, const prop_heat_flux replica[],
                                     PetscInt nspecies, PetscReal step,
                                     const prop_thermal_options *options,
                                     prop_thermal_curve *curve);
PetscErrorCode prop_thermal_curve_clear(prop_thermal_curve *curve);

/* prop_thermal_z - difference of two independent estimates over its error; NaN where one of them
 * has no value or no error
 *
 * For two swap rates of an imposed flux, or an imposed flux and fluctuations.
 * Verified by: tests/verify/test_prop_thermal.c */
PetscReal prop_thermal_z(const prop_estimate *a, const prop_estimate *b);

/* prop_thermal_length - runs with an imposed flux in cells of several lengths into the conductivity
 * of an infinitely long one
 *
 * Not collective.
 * In:   n       >= 0 runs
 *       length  [n, Å] > 0, of the cell along the flux
 *       run     [n] with MD_RNEMD_HEAT; those without value or error are left out
 * Out:  out     [eV/(fs Å K)] 1/a of 1/kappa = a + b/L, by weighted least squares; error by theirs,
 *               times sqrt(chi^2/(n - 2)) where that is larger than 1; neff = (value/error)^2;
 *               flags of all runs, and REPLICAS_DISAGREE where chi^2 is improbable at 1 %.
 *               Fewer than two different lengths: NaN and FEW_SAMPLES (and MISSING without runs);
 *               a not positive: NaN and NOT_LINEAR.
 * Returns PETSC_ERR_ARG_OUTOFRANGE for n < 0 or a length that is not positive and finite.
 * Source: Schelling, Phillpot & Keblinski, Phys. Rev. B 65, 144306 (2002),
 * doi:10.1103/PhysRevB.65.144306.
 * Verified by: tests/verify/test_prop_thermal.c */
PetscErrorCode prop_thermal_length(PetscInt n, const PetscReal length[], const prop_rnemd run[],
                                   prop_estimate *out);

/* prop_thermal_cells - the same of values that stand for all runs in cells of one length each, or
 * that of the longest cell
 *
 * Not collective.
 * In:   n >= 0, length  [n] > 0 in any unit
 *       cell            [n] prop_rnemd_rates(), in any unit; missing ones are left out
 * Out:  out             the limit of prop_thermal_length() with the smallest neff and the flags of
 *                       all; or the value of the longest cell and FINITE_SIZE, where there are not
 *                       two lengths, no straight line (chi^2 improbable at 1 %), no positive limit,
 *                       one that is more than PROP_THERMAL_REACH times the value of the longest
 *                       cell, or one whose error is more than PROP_THERMAL_KNOWN of it; missing
 *                       without values
 * Returns PETSC_ERR_ARG_OUTOFRANGE as prop_thermal_length().
 * Verified by: tests/verify/test_prop_thermal.c */
#define PROP_THERMAL_REACH 2.0
#define PROP_THERMAL_KNOWN 0.33
PetscErrorCode prop_thermal_cells(PetscInt n, const PetscReal length[], const prop_value cell[],
                                  prop_value *out);
